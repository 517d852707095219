//! `GET /health`: whether messages can be taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::State;
use crate::telegram::PollState;

/// What a Telegram channel says.
#[derive(Serialize)]
struct Channel {
    state: PollState,
    /// Milliseconds since the last poll that succeeded; absent before the first.
    last_poll_ms_ago: Option<i64>,
}

/// The answer: `ok` decides the status, 200 or 503. A gateway that can't be reached is shown and is
/// no reason to restart the service.
#[derive(Serialize)]
struct Health<'it> {
    ok: bool,
    channels: BTreeMap<&'it str, Channel>,
}

/// Answers `/health`.
pub(super) async fn health(extract::State(state): extract::State<Arc<State>>) -> Response {
    let ok = state.service.health().await.ok;
    let now = state.clock.now();
    let channels = state
        .telegram
        .iter()
        .map(|(id, status)| {
            let last_poll_ms_ago = status.last_poll().map(|it| now.since(it).max(0));
            (id.as_str(), Channel { state: status.state(), last_poll_ms_ago })
        })
        .collect();
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Health { ok, channels })).into_response()
}
