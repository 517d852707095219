//! Delivery reports of all gateways, on their way to the outbox.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::channels::gateway::AttemptToken;
use crate::http::State;
use crate::store::outbox::Arrival;

/// What a gateway reports of a message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrived {
    /// It took it; it is on its way.
    Accepted,
    /// It is on the person's phone.
    Delivered,
    /// It will not arrive.
    Failed,
    /// It was not delivered in time.
    Expired,
}

/// A report of one attempt.
#[derive(Clone, Debug)]
pub(super) struct Receipt {
    /// Which attempt.
    pub(super) token: AttemptToken,
    /// What became of it.
    pub(super) arrived: Arrived,
    /// The gateway's id of it.
    pub(super) provider_id: Option<String>,
    /// A code of the reason; never text or address.
    pub(super) reason: Option<String>,
}

/// Notes a report: 200, and 503 where it could not be kept, for gateways that then repeat it. A doubled
/// or late one changes nothing.
pub(super) async fn note(state: &State, channel: &str, receipt: Receipt) -> Response {
    let Receipt { token, arrived, provider_id, reason } = receipt;
    let arrival = match arrived {
        Arrived::Delivered => Arrival::Delivered,
        Arrived::Failed | Arrived::Expired => Arrival::Failed,
        Arrived::Accepted => {
            tracing::debug!(channel, %token, "a message is on its way");
            return StatusCode::OK.into_response();
        }
    };
    let known = provider_id.is_some();
    match state.service.store.report_outbound(token.message, channel, arrival, state.clock.now()).await {
        Ok(changed) => {
            tracing::info!(channel, %token, ?arrived, ?reason, known, changed, "delivery report");
            StatusCode::OK.into_response()
        }
        Err(problem) => {
            tracing::error!(channel, %token, %problem, "a delivery report could not be noted");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
