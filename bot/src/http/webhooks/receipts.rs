//! Delivery reports of all gateways, on their way to the outbox.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::channels::gateway::AttemptToken;
use crate::http::State;
use crate::store::outbox::{Arrival, Report};

/// A report of one attempt.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    /// Which attempt.
    pub(super) token: AttemptToken,
    /// What became of it.
    pub(super) arrived: Arrival,
    /// The gateway's id of it.
    pub(super) provider_id: Option<String>,
    /// A code of the reason; never text or address.
    pub(super) reason: Option<String>,
}

/// Notes a report: 200, and 503 where it could not be kept, for gateways that then repeat it. A doubled
/// or late one changes nothing.
pub(super) async fn note(state: &State, channel: &str, receipt: Receipt) -> Response {
    let Receipt { token, arrived, provider_id, reason } = receipt;
    let report = Report { arrival: arrived, provider_id, reason };
    match state.service.store.report_outbound(token, channel, report, state.clock.now()).await {
        Ok(changed) => {
            tracing::info!(channel, %token, ?arrived, changed, "delivery report");
            StatusCode::OK.into_response()
        }
        Err(problem) => {
            tracing::error!(channel, %token, %problem, "a delivery report could not be noted");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
