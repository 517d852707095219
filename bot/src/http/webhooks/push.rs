//! Messages of gateways that only want to know that a message is kept; a job answers it.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::task::JoinSet;

use crate::http::State;
use crate::service::NewInbound;

/// How long a message may take to be on disk before the gateway is asked to send it again.
const DURABLE_WITHIN: Duration = Duration::from_secs(2);

/// Keeps messages: 200 when all are on disk, else 503 within 2 s. What was kept of a call that is repeated
/// has no second effect, nor has a write that ends after the answer.
pub(super) async fn keep(state: &Arc<State>, channel: &str, messages: Vec<NewInbound>) -> StatusCode {
    let mut writes = JoinSet::new();
    for message in messages {
        let service = Arc::clone(&state.service);
        // Side by side, so that they share a commit.
        writes.spawn(async move { service.accept(message).await });
    }
    let all = async {
        while let Some(written) = writes.join_next().await {
            match written {
                Ok(Ok(_)) => {}
                Ok(Err(problem)) => {
                    tracing::error!(channel, %problem, "a message could not be stored; the gateway will repeat it");
                    return StatusCode::SERVICE_UNAVAILABLE;
                }
                Err(_) => return StatusCode::SERVICE_UNAVAILABLE,
            }
        }
        StatusCode::OK
    };
    tokio::time::timeout(DURABLE_WITHIN, all).await.unwrap_or_else(|_| {
        tracing::error!(channel, "a message was not on disk in time; the gateway will repeat it");
        StatusCode::SERVICE_UNAVAILABLE
    })
}
