//! Twilio's webhooks: a message in, a signed form that is answered in TwiML; and what became of ours.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::receipts::{self, Receipt};
use super::{answer_whole, json, read_body, respond};
use crate::channels::twilio::{Message, Scheme, Status, body_hash_fits, form_pairs, signature_fits, twiml};
use crate::config::Twilio;
use crate::domain::channel::ChannelKind;
use crate::domain::phone;
use crate::http::State;
use crate::service::NewInbound;
use crate::store::outbox::Arrival;

/// Says by which algorithm a webhook is signed; absent where it is the older one.
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
const XML: &[(&str, &str)] = &[("content-type", "text/xml; charset=utf-8")];

/// What of a request is read before it is known to be Twilio's.
pub(super) struct Request<'request> {
    /// The query, as it came.
    pub(super) query: &'request str,
    /// The headers.
    pub(super) headers: &'request HeaderMap,
    /// The body.
    pub(super) body: Body,
}

/// A signed request: its body, whether that is JSON, and the pairs of its form.
struct Signed {
    body: Bytes,
    is_json: bool,
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Reads a request whose signature is right. `url` is the public URL of this webhook, from the
/// configuration: what the request says of its host is never believed.
async fn signed(
    state: &State,
    channel: &str,
    config: &Twilio,
    url: &str,
    request: Request<'_>,
) -> Result<Signed, Response> {
    let Request { query, headers, body } = request;
    // A request without exactly one signature is refused before its body is read.
    let (Ok(Some(signature)), Ok(settings)) =
        (one_header(headers, "x-twilio-signature"), one_header(headers, SETTINGS))
    else {
        return Err(refuse(channel));
    };
    let Some(scheme) = Scheme::of(&String::from_utf8_lossy(settings.unwrap_or_default())) else {
        return Err(refuse(channel));
    };
    let body = read_body(state, body).await.map_err(IntoResponse::into_response)?;
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.trim_start().to_ascii_lowercase().starts_with("application/json"));
    // Splitting the form is a part of the signature; it is bounded, and nothing is read from it yet.
    let pairs = if is_json { Some(Vec::new()) } else { form_pairs(&body) };
    let Some(pairs) = pairs else {
        tracing::warn!(channel, "a webhook with too many keys was refused");
        return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    let signed = if query.is_empty() { url.to_owned() } else { format!("{url}?{query}") };
    let fits = signature_fits(scheme, &config.signing_keys(scheme), &signed, &pairs, signature);
    if !fits || (is_json && !body_hash_fits(query, &body)) {
        return Err(refuse(channel));
    }
    Ok(Signed { body, is_json, pairs })
}

/// A message in. `url` is the public URL of this webhook.
pub(super) async fn inbound(
    state: &Arc<State>,
    channel: &str,
    config: &Twilio,
    url: &str,
    request: Request<'_>,
) -> Response {
    let Signed { body, is_json, pairs } = match signed(state, channel, config, url, request).await {
        Ok(signed) => signed,
        Err(refusal) => return refusal,
    };
    let message = if is_json {
        match json::parse(&body) {
            Some(message) => message,
            None => return StatusCode::BAD_REQUEST.into_response(),
        }
    } else {
        Message::from_pairs(&pairs)
    };
    let Some(address) = phone::normalise(&message.from, &state.country) else {
        tracing::warn!(channel, "a message without a sender was dropped: nobody could be answered");
        return ([XML[0]], twiml([])).into_response();
    };
    let sid = message.sid.trim();
    let own_word = message.taken_by_twilio();
    let inbound = NewInbound {
        channel_id: channel.to_owned(),
        kind: ChannelKind::Sms,
        external_id: (!sid.is_empty()).then(|| sid.to_owned()),
        address,
        text: own_word.map_or(message.body, str::to_owned),
        location: None,
        payload: None,
        pressed: None,
        provider_at: None,
        received_at: state.clock.now(),
    };
    match answer_whole(state, inbound).await {
        Ok(answer) => {
            let written = answer.replies.len();
            // Twilio answers its own stop and start words, and takes nothing for somebody who stopped: the
            // dialogue knows of it, and what it would say counts as said.
            let spoken = if own_word.is_some() { 0 } else { written };
            let text = twiml(answer.replies.iter().take(spoken).map(|it| it.rendered.text.as_str()));
            respond(state, answer, written, text, XML)
        }
        Err(problem) => {
            tracing::error!(channel, %problem, "a message could not be stored");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The one header of this name, where there is one; an error where there are several.
fn one_header<'headers>(headers: &'headers HeaderMap, name: &str) -> Result<Option<&'headers [u8]>, ()> {
    let mut found = headers.get_all(name).iter();
    match (found.next(), found.next()) {
        (value, None) => Ok(value.map(axum::http::HeaderValue::as_bytes)),
        _ => Err(()),
    }
}

/// A status callback, `/webhooks/sms/ID/status?message=TOKEN`: what became of a message of ours. `url` is
/// the public URL of the channel's webhook.
pub(super) async fn status(
    state: &State,
    channel: &str,
    config: &Twilio,
    url: &str,
    request: Request<'_>,
) -> Response {
    let query = request.query.to_owned();
    let Signed { body, is_json, pairs } =
        match signed(state, channel, config, &format!("{url}/status"), request).await {
            Ok(signed) => signed,
            Err(refusal) => return refusal,
        };
    let status: Status = if is_json {
        match json::parse(&body) {
            Some(status) => status,
            None => return StatusCode::BAD_REQUEST.into_response(),
        }
    } else {
        Status::from_pairs(&pairs)
    };
    let token = form_pairs(query.as_bytes()).unwrap_or_default().into_iter().find(|it| it.0 == b"message");
    let token = token.and_then(|(_, it)| String::from_utf8(it).ok()).and_then(|it| it.parse().ok());
    let arrival = match status.status.to_ascii_lowercase().as_str() {
        "queued" | "accepted" | "scheduled" | "sending" | "sent" => Some(Arrival::Accepted),
        "delivered" | "read" => Some(Arrival::Delivered),
        "undelivered" | "failed" | "canceled" => Some(Arrival::Failed),
        _ => None,
    };
    let (Some(token), Some(arrived)) = (token, arrival) else {
        tracing::warn!(channel, "a status callback that can't be read was dropped");
        return StatusCode::OK.into_response();
    };
    let digits = |it: &str| (1..=6).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    let reason = Some(status.error_code).filter(|it| digits(it)).map(|it| format!("twilio_{it}"));
    let sid = Some(status.sid).filter(|it| !it.is_empty());
    receipts::note(state, channel, Receipt { token, arrived, provider_id: sid, reason }).await
}

fn refuse(channel: &str) -> Response {
    tracing::warn!(channel, "a webhook with a wrong signature was refused");
    StatusCode::FORBIDDEN.into_response()
}
