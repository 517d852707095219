//! Twilio's webhook for a message in: a signed form, answered in TwiML.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::{answer_whole, read_body, respond};
use crate::channels::twilio::{Message, body_hash_fits, form_pairs, signature_fits, twiml};
use crate::config::{Secret, Twilio};
use crate::domain::channel::ChannelKind;
use crate::domain::phone;
use crate::http::State;
use crate::service::NewInbound;

const XML: &[(&str, &str)] = &[("content-type", "text/xml; charset=utf-8")];

/// JSON may be nested this deep.
const DEEPEST_JSON: usize = 64;

/// A message in. `url` is the public URL of this webhook, from the configuration: what the request
/// says of its host is never believed.
pub(super) async fn inbound(
    state: &Arc<State>,
    channel: &str,
    config: &Twilio,
    url: &str,
    query: &str,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    // A request without exactly one signature is refused before its body is read.
    let mut signatures = headers.get_all("x-twilio-signature").iter();
    let (Some(signature), None) = (signatures.next(), signatures.next()) else {
        return refuse(channel);
    };
    let body = match read_body(state, body).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.trim_start().to_ascii_lowercase().starts_with("application/json"));
    // Splitting the form is a part of the signature; it is bounded, and nothing is read from it yet.
    let pairs = if json { Some(Vec::new()) } else { form_pairs(&body) };
    let Some(pairs) = pairs else {
        tracing::warn!(channel, "a webhook with too many keys was refused");
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let signed = if query.is_empty() { url.to_owned() } else { format!("{url}?{query}") };
    let tokens: Vec<&Secret> = config.auth_token.iter().chain(config.secondary_auth_token.iter()).collect();
    let fits = signature_fits(&tokens, &signed, &pairs, signature.as_bytes());
    if !fits || (json && !body_hash_fits(query, &body)) {
        return refuse(channel);
    }
    let message = if json {
        if deeper_than(&body, DEEPEST_JSON) {
            return StatusCode::BAD_REQUEST.into_response();
        }
        match serde_json::from_slice(&body) {
            Ok(message) => message,
            Err(_) => return StatusCode::BAD_REQUEST.into_response(),
        }
    } else {
        Message::from_pairs(&pairs)
    };
    let Some(address) = phone::normalise(&message.from, &state.country) else {
        tracing::warn!(channel, "a message without a sender was dropped: nobody could be answered");
        return ([XML[0]], twiml([])).into_response();
    };
    let sid = message.sid.trim();
    let inbound = NewInbound {
        channel_id: channel.to_owned(),
        kind: ChannelKind::Sms,
        external_id: (!sid.is_empty()).then(|| sid.to_owned()),
        address,
        text: message.body,
        location: None,
        payload: None,
        pressed: None,
        provider_at: None,
        received_at: state.clock.now(),
    };
    match answer_whole(state, inbound).await {
        Ok(answer) => {
            let text = twiml(answer.replies.iter().map(|it| it.rendered.text.as_str()));
            let written = answer.replies.len();
            respond(state, answer, written, text, XML)
        }
        Err(problem) => {
            tracing::error!(channel, %problem, "a message could not be stored");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn refuse(channel: &str) -> Response {
    tracing::warn!(channel, "a webhook with a wrong signature was refused");
    StatusCode::FORBIDDEN.into_response()
}

/// Whether JSON is nested deeper than `most`, without parsing it.
fn deeper_than(json: &[u8], most: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::deeper_than;

    #[test]
    fn depth_is_counted_outside_texts() {
        assert!(deeper_than("[".repeat(65).as_bytes(), 64));
        assert!(!deeper_than("[".repeat(64).as_bytes(), 64));
        assert!(!deeper_than(br#"{"a":"[[[[\"[[[["}"#, 1));
    }
}
