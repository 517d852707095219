//! What the SMS gateways share: the alphabet's check, bounded reading, what a failed call means.

use super::gateway::SendError;

/// The characters of the GSM 7-bit default alphabet and its extension table (3GPP TS 23.038,
/// sections 6.2.1 and 6.2.1.1), but for the escape.
const GSM7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ\
                    ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\u{c}^{}\\[~]|€";

/// The largest answer of a gateway that is read, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Whether the text can be sent in GSM 7-bit; what can't goes as UCS-2.
pub fn is_gsm7(text: &str) -> bool {
    text.chars().all(|it| GSM7.contains(it))
}

/// Reads an answer of a gateway, at most 64 KiB of it.
pub(super) async fn read_bounded(mut response: reqwest::Response) -> Result<Vec<u8>, SendError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|it| call_failed(&it))? {
        let room = LARGEST_ANSWER - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == LARGEST_ANSWER {
            break;
        }
    }
    Ok(body)
}

/// What a failed call means: where no connection came about nothing was sent, else nobody knows.
/// The error itself holds the URL with its secrets, so nothing of it is kept.
pub(super) fn call_failed(problem: &reqwest::Error) -> SendError {
    if problem.is_connect() || problem.is_builder() {
        SendError::Retry { reason: "unreachable".to_owned(), after_ms: None }
    } else {
        SendError::Unknown
    }
}

/// `Retry-After` in ms, where it is given in seconds.
pub(super) fn retry_after(response: &reqwest::Response) -> Option<i64> {
    let seconds: i64 =
        response.headers().get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    (0..=86_400).contains(&seconds).then_some(seconds * 1_000)
}

#[cfg(test)]
mod tests {
    use super::is_gsm7;

    #[test]
    fn the_alphabet_has_what_spanish_keeps_and_not_what_it_loses() {
        assert!(is_gsm7("¿Año? ¡Sí no, es así: ñ Ñ é É ü Ü à {}[]€".replace('í', "i").as_str()));
        for letter in ["á", "í", "ó", "ú", "Á", "“", "—", "…", "\u{1b}"] {
            assert!(!is_gsm7(letter), "{letter}");
        }
    }
}
