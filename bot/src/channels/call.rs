//! Calls to gateways: bounded reading, and what a failed call means.

use super::gateway::SendError;

/// The largest answer of a gateway that is read, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

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
