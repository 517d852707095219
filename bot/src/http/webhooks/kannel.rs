//! Kannel's `get-url`.
//!
//! ```text
//! get-url = "http://127.0.0.1:8080/webhooks/sms/ID?key=KEY&from=%p&to=%P&text=%a&id=%I&smsc=%i&time=%T&charset=%C&coding=%c&udh=%u&binary=%b"
//! ```
//!
//! The body of the answer is the SMS; an empty one is silence. Kannel repeats a call that gets any
//! other status than 200 and at last sends the citizen an English sentence, so everything that a
//! citizen can cause is a 200. Only a wrong key (403: not Kannel) and a message that could not be
//! stored (503: Kannel repeats it) are not.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::receipts::{self, Receipt};
use super::{answer_whole, respond};
use crate::channels::kannel::{Parameters, Report};
use crate::channels::sms::segments::is_gsm7;
use crate::config::Kannel;
use crate::domain::channel::ChannelKind;
use crate::domain::phone;
use crate::domain::time::UnixMillis;
use crate::http::{State, same_secret};
use crate::service::NewInbound;
use crate::store::outbox::Arrival;

const PLAIN: &[(&str, &str)] = &[("content-type", "text/plain; charset=UTF-8")];
/// Kannel takes these headers with `accept-x-kannel-headers = true`.
const PLAIN_UCS2: &[(&str, &str)] =
    &[("content-type", "text/plain; charset=UTF-8"), ("x-kannel-coding", "2")];

/// Whether the call carries the channel's key, in the path or as `key` of the query.
fn authentic(config: &Kannel, in_path: Option<&str>, parameters: &Parameters) -> bool {
    let given = in_path.map_or_else(|| parameters.bytes("key"), str::as_bytes);
    let keys: Vec<_> = config.key.iter().chain(&config.secondary_key).collect();
    // Without a key only a server on the loopback interface starts; a path has no key then.
    // Both keys are always compared, so that the time tells nothing of which one is right.
    (keys.is_empty() && in_path.is_none())
        || keys.into_iter().fold(false, |fits, it| fits | same_secret(given, it))
}

/// A message in.
pub(super) async fn inbound(
    state: &Arc<State>,
    channel: &str,
    config: &Kannel,
    key: Option<&str>,
    query: &str,
) -> Response {
    let Some(parameters) = Parameters::parse(query) else {
        tracing::warn!(channel, "a call with too many parameters was refused");
        return StatusCode::BAD_REQUEST.into_response();
    };
    if !authentic(config, key, &parameters) {
        tracing::warn!(channel, "a call with a wrong key was refused");
        return StatusCode::FORBIDDEN.into_response();
    }
    let address = parameters.text("from").and_then(|it| phone::normalise(&it, &state.country));
    let Some(address) = address else {
        tracing::warn!(channel, "a message without a sender was dropped: nobody could be answered");
        return StatusCode::OK.into_response();
    };
    let inbound = NewInbound {
        channel_id: channel.to_owned(),
        kind: ChannelKind::Sms,
        external_id: parameters.text("id"),
        address,
        text: parameters.message(),
        location: None,
        payload: None,
        pressed: None,
        provider_at: provider_time(&parameters),
        received_at: state.clock.now(),
    };
    let answer = match answer_whole(state, inbound).await {
        Ok(answer) => answer,
        Err(problem) => {
            tracing::error!(channel, %problem, "a message could not be stored; the gateway will repeat it");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    // The body holds one message; the others are pushed where there is a way, else said at once.
    let written = if state.service.gateways.contains_key(channel) { 1 } else { answer.replies.len() };
    let texts: Vec<&str> = answer.replies.iter().take(written).map(|it| it.rendered.text.as_str()).collect();
    let text = texts.join("\n");
    let headers = if is_gsm7(&text) { PLAIN } else { PLAIN_UCS2 };
    respond(state, answer, written, text, headers)
}

/// `%T`: seconds since 1970.
fn provider_time(parameters: &Parameters) -> Option<UnixMillis> {
    let seconds: i64 = parameters.text("time")?.parse().ok()?;
    (seconds > 0).then(|| seconds.checked_mul(1_000)).flatten().map(UnixMillis)
}

/// A delivery report: `?message=TOKEN&state=%d`.
pub(super) async fn report(state: &State, channel: &str, config: &Kannel, query: &str) -> Response {
    let Some(parameters) = Parameters::parse(query) else { return StatusCode::BAD_REQUEST.into_response() };
    if !authentic(config, None, &parameters) {
        tracing::warn!(channel, "a delivery report with a wrong key was refused");
        return StatusCode::FORBIDDEN.into_response();
    }
    let token = parameters.text("message").and_then(|it| it.parse().ok());
    let report = parameters.text("state").and_then(|it| Report::parse(&it));
    let (Some(token), Some(report)) = (token, report) else {
        tracing::warn!(channel, "a delivery report that can't be read was dropped");
        return StatusCode::OK.into_response();
    };
    let (arrived, reason) = match report {
        Report::Delivered => (Arrival::Delivered, None),
        Report::Failed => (Arrival::Failed, Some("dlr_2")),
        Report::Rejected => (Arrival::Failed, Some("dlr_16")),
        Report::Buffered | Report::Accepted => (Arrival::Accepted, None),
    };
    let reason = reason.map(ToOwned::to_owned);
    let noted = receipts::note(state, channel, Receipt { token, arrived, provider_id: None, reason }).await;
    // Kannel does not repeat a report, so nothing is asked of it.
    drop(noted);
    StatusCode::OK.into_response()
}
