//! Counts the calls of webhooks: how long each took, and those that were not authentic.

use std::sync::Arc;

use axum::extract::{self, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use super::State;

/// Around every webhook.
pub(super) async fn webhook(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    // `/webhooks/KIND/CHANNEL/...`; only what is configured becomes a label.
    let named = request.uri().path().split('/').nth(3).unwrap_or_default();
    let known = &state.watch.places().channels;
    let channel = known.iter().find(|it| *it == named).map_or("none", String::as_str).to_owned();
    let began = tokio::time::Instant::now();
    let response = next.run(request).await;
    let metrics = &state.service.metrics;
    match response.status() {
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => metrics.refused(&channel),
        status if status.is_success() => metrics.webhook(&channel, began.elapsed()),
        _ => {}
    }
    response
}
