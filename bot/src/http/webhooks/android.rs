//! The webhooks of SMS Gateway for Android: messages in, delivery reports and the phone's health, all at
//! one address and signed with one key.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::receipts::{self, Arrived, Receipt};
use super::{json, push, read_body};
use crate::channels::android::{Event, clock_difference, in_window, signature_fits};
use crate::config::{Android, Secret};
use crate::domain::channel::ChannelKind;
use crate::domain::phone;
use crate::http::State;
use crate::service::NewInbound;
use crate::store::gateways::GatewayReport;

/// The one header of this name.
fn one_header<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers [u8]> {
    let mut found = headers.get_all(name).iter();
    match (found.next(), found.next()) {
        (Some(value), None) => Some(HeaderValue::as_bytes(value)),
        _ => None,
    }
}

/// A webhook, whatever it tells.
pub(super) async fn webhook(
    state: &Arc<State>,
    channel: &str,
    config: &Android,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let refuse = || {
        tracing::warn!(channel, "a webhook with a wrong signature was refused");
        StatusCode::FORBIDDEN.into_response()
    };
    // A request without exactly one signature and one time is refused before its body is read.
    let (Some(signature), Some(timestamp)) =
        (one_header(headers, "x-signature"), one_header(headers, "x-timestamp"))
    else {
        return refuse();
    };
    let Some(difference) = clock_difference(timestamp, state.clock.now()) else { return refuse() };
    let body = match read_body(state, body).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    let keys: Vec<&Secret> = config.signing_key.iter().chain(&config.secondary_signing_key).collect();
    if !signature_fits(&keys, &body, timestamp, signature) {
        return refuse();
    }
    if !in_window(difference) {
        // The app signs each try anew, so nothing is lost once the clocks agree.
        let seconds = difference / 1_000;
        tracing::warn!(channel, seconds, "a webhook was refused: an old one, or the phone's clock is wrong");
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(event) = json::parse::<Event>(&body) else {
        tracing::warn!(channel, "a signed webhook that is no event was refused");
        return StatusCode::BAD_REQUEST.into_response();
    };
    match event.event.as_str() {
        "sms:received" => received(state, channel, event).await,
        "sms:sent" => report(state, channel, &event, Arrived::Accepted).await,
        "sms:delivered" => report(state, channel, &event, Arrived::Delivered).await,
        "sms:failed" | "sms:cancelled" => report(state, channel, &event, Arrived::Failed).await,
        "system:ping" => ping(state, channel, config, &event).await,
        _ => {
            tracing::debug!(channel, "an event that is not asked for was ignored");
            StatusCode::OK.into_response()
        }
    }
}

async fn received(state: &Arc<State>, channel: &str, event: Event) -> Response {
    let Some(address) = event.sender().and_then(|it| phone::normalise(&it, &state.country)) else {
        tracing::warn!(channel, "a message without a sender was dropped: nobody could be answered");
        return StatusCode::OK.into_response();
    };
    let id = event.id.trim();
    let inbound = NewInbound {
        channel_id: channel.to_owned(),
        kind: ChannelKind::Sms,
        external_id: (!id.is_empty()).then(|| id.to_owned()),
        address,
        text: event.message(),
        location: None,
        payload: None,
        pressed: None,
        provider_at: event.received_at(),
        received_at: state.clock.now(),
    };
    push::keep(state, channel, vec![inbound]).await.into_response()
}

async fn report(state: &State, channel: &str, event: &Event, arrived: Arrived) -> Response {
    // Other programs may send by the same phone: their messages have ids of another form.
    let Some(token) = event.text("messageId").and_then(|it| it.parse().ok()) else {
        return StatusCode::OK.into_response();
    };
    let reason = event.text("reason").filter(|_| arrived == Arrived::Failed).map(|it| code(&it));
    receipts::note(state, channel, Receipt { token, arrived, provider_id: None, reason }).await
}

/// The reason of a failure as a code: the app writes Android's name of it, such as
/// `RESULT_ERROR_LIMIT_EXCEEDED`, sometimes within a sentence.
fn code(reason: &str) -> String {
    let name = reason
        .split(|it: char| !(it.is_ascii_uppercase() || it == '_'))
        .find(|it| it.starts_with("RESULT_") && it.len() <= 60);
    name.map_or_else(|| "phone".to_owned(), str::to_ascii_lowercase)
}

async fn ping(state: &State, channel: &str, config: &Android, event: &Event) -> Response {
    let ping = event.ping();
    let report = GatewayReport { battery: ping.battery, credit: None, reported_at: state.clock.now() };
    let before = match state.service.store.update_gateway_report(channel, report).await {
        Ok(before) => before,
        Err(problem) => {
            tracing::error!(channel, %problem, "what a phone says of itself could not be kept");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let alarm = i64::from(config.battery_alarm);
    // Once on the way down, not at every ping.
    if let Some(battery) = ping.battery.filter(|it| *it < alarm && before.is_none_or(|it| it >= alarm)) {
        tracing::error!(channel, battery, "the battery of the phone is low: plug it in");
    }
    if ping.failing {
        tracing::error!(
            channel,
            "every message of the last hour failed on the phone: look at its credit and SIM"
        );
    }
    StatusCode::OK.into_response()
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn a_reason_is_a_code_and_never_a_text() {
        assert_eq!(code("RESULT_ERROR_LIMIT_EXCEEDED"), "result_error_limit_exceeded");
        assert_eq!(code("Send result: RESULT_ERROR_NO_SERVICE (4)"), "result_error_no_service");
        assert_eq!(code("to +525512345678: no credit"), "phone");
        assert_eq!(code(&format!("RESULT_{}", "A".repeat(100))), "phone");
    }
}
