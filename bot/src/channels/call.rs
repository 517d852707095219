//! Calls to gateways: bounded reading, and what a failed call means.

use super::gateway::SendError;

/// The largest answer of a gateway that is read, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// An answer of a gateway.
pub(super) struct Answer {
    /// Status.
    pub(super) status: u16,
    /// Wait that it asks for, in ms.
    pub(super) after_ms: Option<i64>,
    /// The whole body; `None` where it was cut or is too large.
    pub(super) body: Option<Vec<u8>>,
}

/// Sends a request and reads its answer, at most 64 KiB of it.
pub(super) async fn call(request: reqwest::RequestBuilder) -> Result<Answer, SendError> {
    call_up_to(request, LARGEST_ANSWER).await
}

/// Sends a request and reads its answer, at most `most` bytes of it.
pub(super) async fn call_up_to(request: reqwest::RequestBuilder, most: usize) -> Result<Answer, SendError> {
    let response = request.send().await.map_err(|it| call_failed(&it))?;
    let (status, after_ms) = (response.status().as_u16(), retry_after(&response));
    Ok(Answer { status, after_ms, body: read_bounded(response, most).await })
}

async fn read_bounded(mut response: reqwest::Response, most: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > most {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

impl Answer {
    /// Whether the status is one of success and the answer came whole.
    pub(super) fn is_success(&self) -> bool {
        (200..=299).contains(&self.status) && self.body.is_some()
    }

    /// The body as JSON of this shape; `None` where it is not that.
    pub(super) fn json<J: serde::de::DeserializeOwned>(&self) -> Option<J> {
        serde_json::from_slice(self.body.as_deref()?).ok()
    }

    /// What an answer means that is no success: `Retry` and `Permanent` only where the gateway refused
    /// by a status of its own; whatever may hide that the message was taken is `Unknown`.
    pub(super) fn refusal(&self) -> SendError {
        let after_ms = self.after_ms;
        match self.status {
            401 | 403 => SendError::Retry { reason: "credentials".to_owned(), after_ms },
            429 | 503 => SendError::Retry { reason: format!("http_{}", self.status), after_ms },
            // The gateway, or a proxy, waited for the request and may have had all of it.
            408 => SendError::Unknown,
            400..=499 if self.body.is_some() => {
                SendError::Permanent { reason: format!("http_{}", self.status) }
            }
            _ => SendError::Unknown,
        }
    }
}

/// What a failed call means: where no connection came about nothing was sent, else nobody knows.
/// The error itself holds the URL with its secrets, so nothing of it is kept.
fn call_failed(problem: &reqwest::Error) -> SendError {
    if problem.is_connect() || problem.is_builder() {
        SendError::Retry { reason: "unreachable".to_owned(), after_ms: None }
    } else {
        SendError::Unknown
    }
}

/// `Retry-After` in ms, where it is given in seconds.
fn retry_after(response: &reqwest::Response) -> Option<i64> {
    let seconds: i64 =
        response.headers().get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    (0..=86_400).contains(&seconds).then_some(seconds * 1_000)
}
