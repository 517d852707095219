//! The webhooks of SMS gateways, `/webhooks/sms/{channel}`.

mod android;
mod generic;
mod json;
mod kannel;
mod push;
mod receipts;
pub(super) mod telegram;
mod twilio;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{self, Path, RawQuery};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::oneshot;

use super::{SmsChannel, State, answer};
use crate::service::{Answer, NewInbound};
use crate::store;

/// The parts of a webhook's path.
#[derive(serde::Deserialize)]
pub(super) struct Way {
    channel: String,
    /// A secret as the last part.
    key: Option<String>,
}

/// A message in.
pub(super) async fn inbound(
    extract::State(state): extract::State<Arc<State>>,
    Path(Way { channel, key }): Path<Way>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (channel, key, headers) = (channel.as_str(), key.as_deref(), &headers);
    let query = query.unwrap_or_default();
    match (state.sms.get(channel), method.as_str(), key) {
        (Some(SmsChannel::Kannel(config)), "GET", key) => {
            kannel::inbound(&state, channel, config, key, &query).await
        }
        (Some(SmsChannel::Twilio(config, url)), "POST", None) => {
            let request = twilio::Request { query: &query, headers, body };
            twilio::inbound(&state, channel, config, url, request).await
        }
        (Some(SmsChannel::Android(config)), "POST", None) => {
            android::webhook(&state, channel, config, headers, body).await
        }
        (Some(SmsChannel::Http(config, url)), method, key) => {
            let request = generic::Request { method, key, query: &query, headers, body };
            generic::inbound(&state, channel, config, url, request).await
        }
        (Some(SmsChannel::Twilio(..) | SmsChannel::Android(_)), _, Some(_)) | (None, ..) => {
            StatusCode::NOT_FOUND.into_response()
        }
        (Some(_), ..) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// A delivery report.
pub(super) async fn report(
    extract::State(state): extract::State<Arc<State>>,
    Path(Way { channel, key }): Path<Way>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (channel, key, headers) = (channel.as_str(), key.as_deref(), &headers);
    let query = query.unwrap_or_default();
    match (state.sms.get(channel), method.as_str(), key) {
        (Some(SmsChannel::Kannel(config)), "GET", None) => {
            kannel::report(&state, channel, config, &query).await
        }
        (Some(SmsChannel::Http(config, url)), method, key) => {
            let request = generic::Request { method, key, query: &query, headers, body };
            generic::report(&state, channel, config, url, request).await
        }
        (Some(SmsChannel::Kannel(_)), _, None) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Twilio's status callback.
pub(super) async fn status(
    extract::State(state): extract::State<Arc<State>>,
    Path(channel): Path<String>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let query = query.unwrap_or_default();
    match (state.sms.get(&channel), method.as_str()) {
        (Some(SmsChannel::Twilio(config, url)), "POST") => {
            let request = twilio::Request { query: &query, headers: &headers, body };
            twilio::status(&state, &channel, config, url, request).await
        }
        (Some(SmsChannel::Twilio(..)), _) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Reads a body within the limits of size and time.
async fn read_body(state: &State, body: Body) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(state.read_timeout, axum::body::to_bytes(body, state.body_limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// Hands a message to the service. A gateway that hangs up meanwhile does not stop it: the answer is
/// then pushed where there is a way.
async fn answer_whole(state: &Arc<State>, inbound: NewInbound) -> Result<Answer, store::Error> {
    let (told, answer) = oneshot::channel();
    let (service, tasks) = (Arc::clone(&state.service), state.tasks.clone());
    state.tasks.spawn(async move {
        if let Err(Ok(answer)) = told.send(service.answer(inbound).await) {
            service.answer_ended(answer, 0, false, &tasks);
        }
    });
    let broken = || store::Error::Unavailable("the message's task broke off".to_owned());
    answer.await.map_err(|_| broken())?
}

/// An answer of the service as a response of 200 that says its first `written` replies; once the
/// body was taken, the service hears that these are said, and pushes the others. A body that was not
/// taken is pushed whole.
fn respond(
    state: &Arc<State>,
    given: Answer,
    written: usize,
    text: String,
    headers: &[(&'static str, &'static str)],
) -> Response {
    let body = if given.replies.is_empty() {
        Body::from(text)
    } else {
        let (service, tasks) = (Arc::clone(&state.service), state.tasks.clone());
        answer::watched(text, move |taken| service.answer_ended(given, written, taken, &tasks))
    };
    let mut response = Response::new(body);
    for (name, value) in headers {
        response.headers_mut().insert(*name, axum::http::HeaderValue::from_static(value));
    }
    response
}
