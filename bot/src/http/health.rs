//! `/health` for everybody says whether messages can be taken, and nothing else. `/health`, `/ready`
//! and `/metrics` of the technician's own listener say the rest; no request of theirs reads a table.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::State;
use crate::domain::time::MINUTE;
use crate::watch::{Seen, WAL_ALARM};

/// Time in which the database must take a write.
const WRITABLE_WITHIN: Duration = Duration::from_secs(1);

/// 2026-01-01: a clock before it was never set, Unix ms.
const EARLIEST: i64 = 1_767_225_600_000;

/// The answer for everybody.
#[derive(Serialize)]
struct Bare {
    ok: bool,
}

/// Answers the public `/health`.
pub(super) async fn health(extract::State(state): extract::State<Arc<State>>) -> Response {
    let ok = state.service.health().await.ok;
    (status(ok), Json(Bare { ok })).into_response()
}

/// The answer for the technician. A gateway that can't be reached is shown and is no reason to
/// restart the service, so `ok` does not hang on it.
#[derive(Serialize)]
struct Detailed<'it> {
    ok: bool,
    version: &'static str,
    #[serde(flatten)]
    seen: &'it Seen,
}

/// Answers the technician's `/health`.
pub(super) async fn detailed(extract::State(state): extract::State<Arc<State>>) -> Response {
    let ok = state.service.health().await.ok;
    let mut seen = state.watch.seen().as_ref().clone();
    seen.telegram = state.watch.polls(state.clock.now());
    (status(ok), Json(Detailed { ok, version: env!("CARGO_PKG_VERSION"), seen: &seen })).into_response()
}

/// Whether each thing that is needed is there.
#[derive(Serialize)]
struct Ready {
    ready: bool,
    checks: BTreeMap<&'static str, bool>,
}

/// Answers `/ready`: 200 where messages can be taken and answered, 503 otherwise.
pub(super) async fn ready(extract::State(state): extract::State<Arc<State>>) -> Response {
    let now = state.clock.now();
    let seen = state.watch.seen();
    let written = tokio::time::timeout(WRITABLE_WITHIN, state.service.store.probe(now)).await;
    let checks = BTreeMap::from([
        ("database_writable", matches!(written, Ok(Ok(())))),
        // Nothing is served before they are.
        ("migrations", true),
        ("spool", state.service.spool.as_ref().is_none_or(|it| it.kept() == 0) || seen.spool_draining),
        ("wal", seen.wal_bytes <= 2 * WAL_ALARM),
        ("disk", !seen.disk_full),
        ("clock", now.0 >= EARLIEST && now.0 + MINUTE >= seen.at),
    ]);
    let ready = checks.values().all(|it| *it);
    (status(ready), Json(Ready { ready, checks })).into_response()
}

/// Answers `/metrics`.
pub(super) async fn metrics(extract::State(state): extract::State<Arc<State>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], state.service.metrics.text()).into_response()
}

fn status(ok: bool) -> StatusCode {
    if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
