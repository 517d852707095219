//! The webhooks of a gateway that the configuration describes.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::receipts::{self, Receipt};
use super::{answer_whole, json, push, read_body, respond};
use crate::channels::generic::{Content, Inbound, Report, Shown, Unreadable, answer_json, authentic};
use crate::config::Generic;
use crate::config::generic::{AnswerStyle, Method, Receipts, Receive};
use crate::domain::channel::ChannelKind;
use crate::domain::phone;
use crate::http::State;
use crate::service::NewInbound;
use crate::store::outbox::Arrival;

const PLAIN: &[(&str, &str)] = &[("content-type", "text/plain; charset=utf-8")];
const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// A request that is not known yet to be the gateway's.
pub(super) struct Request<'request> {
    /// Method.
    pub(super) method: &'request str,
    /// Last part of the path, where it has one more than the channel's own.
    pub(super) key: Option<&'request str>,
    /// The query, as it came.
    pub(super) query: &'request str,
    /// The headers.
    pub(super) headers: &'request HeaderMap,
    /// The body.
    pub(super) body: Body,
}

/// Reads a request that shows the secret.
async fn content(
    state: &State,
    channel: &str,
    config: &Generic,
    url: &str,
    request: Request<'_>,
    (method, is_json): (Method, bool),
) -> Result<Content, Response> {
    let Request { method: given, key, query, headers, body } = request;
    if given != method.name() {
        return Err(StatusCode::METHOD_NOT_ALLOWED.into_response());
    }
    let body = read_body(state, body).await.map_err(IntoResponse::into_response)?;
    let shown = Shown { key, query, headers, body: &body, url };
    if !authentic(config, shown, state.clock.now()) {
        tracing::warn!(channel, "a webhook without the right secret was refused");
        return Err(StatusCode::FORBIDDEN.into_response());
    }
    Content::read(method, query, &body, is_json, json::parse).map_err(|it| unreadable(channel, it))
}

fn unreadable(channel: &str, problem: Unreadable) -> Response {
    tracing::warn!(channel, ?problem, "a webhook that can't be read was refused");
    match problem {
        Unreadable::TooMany => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Unreadable::NoJson => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Messages in.
pub(super) async fn inbound(
    state: &Arc<State>,
    channel: &str,
    config: &Generic,
    url: &str,
    request: Request<'_>,
) -> Response {
    let Some(receive) = &config.receive else { return StatusCode::NOT_FOUND.into_response() };
    let form = (receive.method, receive.is_json());
    let content = match content(state, channel, config, url, request, form).await {
        Ok(content) => content,
        Err(refusal) => return refusal,
    };
    let messages = match content.messages(receive) {
        Ok(messages) => messages,
        Err(problem) => return unreadable(channel, problem),
    };
    let messages: Vec<(String, NewInbound)> = messages
        .into_iter()
        .filter_map(|Inbound { sender, text, id, at }| {
            let address = phone::normalise(&sender, &state.country)?;
            let inbound = NewInbound {
                channel_id: channel.to_owned(),
                kind: ChannelKind::Sms,
                external_id: id,
                address,
                text,
                location: None,
                payload: None,
                pressed: None,
                provider_at: at,
                received_at: state.clock.now(),
            };
            Some((sender, inbound))
        })
        .collect();
    match receive.answer {
        AnswerStyle::Fixed => {
            let messages = messages.into_iter().map(|(_, it)| it).collect();
            match push::keep(state, channel, messages).await {
                StatusCode::OK => fixed(config, receive),
                status => status.into_response(),
            }
        }
        AnswerStyle::Reply => reply(state, channel, config, receive, messages.into_iter().next()).await,
    }
}

fn fixed(config: &Generic, receive: &Receive) -> Response {
    if let Some(template) = &receive.answer_json {
        let body = answer_json(config, receive, template, "", &[]).to_string();
        return ([JSON[0]], body).into_response();
    }
    match &receive.answer_text {
        Some(text) => ([PLAIN[0]], text.clone()).into_response(),
        None => StatusCode::OK.into_response(),
    }
}

/// Answers with the replies in the body.
async fn reply(
    state: &Arc<State>,
    channel: &str,
    config: &Generic,
    receive: &Receive,
    message: Option<(String, NewInbound)>,
) -> Response {
    let Some((sender, inbound)) = message else { return fixed_or_silent(config, receive) };
    let answer = match answer_whole(state, inbound).await {
        Ok(answer) => answer,
        Err(problem) => {
            tracing::error!(channel, %problem, "a message could not be stored; the gateway will repeat it");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let replies: Vec<(String, String)> =
        answer.replies.iter().map(|it| (format!("{}-1", it.id.simple()), it.rendered.text.clone())).collect();
    let written = replies.len();
    let Some(template) = &receive.answer_json else {
        let texts: Vec<&str> = replies.iter().map(|(_, text)| text.as_str()).collect();
        return respond(state, answer, written, texts.join("\n"), PLAIN);
    };
    if replies.is_empty() && receive.answer_messages.is_none() {
        return fixed_or_silent(config, receive);
    }
    let body = answer_json(config, receive, template, &sender, &replies).to_string();
    respond(state, answer, written, body, JSON)
}

/// The answer that says nothing to anybody: a list without messages, or an empty body.
fn fixed_or_silent(config: &Generic, receive: &Receive) -> Response {
    match (&receive.answer_json, &receive.answer_messages) {
        (Some(_), Some(_)) => fixed(config, receive),
        _ => ([PLAIN[0]], String::new()).into_response(),
    }
}

/// Delivery reports.
pub(super) async fn report(
    state: &Arc<State>,
    channel: &str,
    config: &Generic,
    url: &str,
    request: Request<'_>,
) -> Response {
    let Some(receipts) = &config.receipts else { return StatusCode::NOT_FOUND.into_response() };
    let form = (receipts.method, receipts.is_json());
    let url = format!("{url}/dlr");
    let content = match content(state, channel, config, &url, request, form).await {
        Ok(content) => content,
        Err(refusal) => return refusal,
    };
    let reports = match content.reports(receipts) {
        Ok(reports) => reports,
        Err(problem) => return unreadable(channel, problem),
    };
    for report in reports {
        let noted = note(state, channel, receipts, report).await;
        if !noted.status().is_success() {
            return noted;
        }
    }
    StatusCode::OK.into_response()
}

async fn note(state: &State, channel: &str, receipts: &Receipts, report: Report) -> Response {
    let means = |states: &[String]| states.contains(&report.state);
    let arrived = if means(&receipts.delivered) {
        Arrival::Delivered
    } else if means(&receipts.failed) {
        Arrival::Failed
    } else if means(&receipts.expired) {
        Arrival::Expired
    } else if means(&receipts.accepted) {
        Arrival::Accepted
    } else {
        tracing::debug!(channel, "a report whose state the configuration does not name was ignored");
        return StatusCode::OK.into_response();
    };
    let mut token = report.token.as_deref().and_then(|it| it.parse().ok());
    if let (None, Some(id), Some(to)) = (token, &report.id, &report.to)
        && let Some(address) = phone::normalise(to, &state.country)
    {
        token = match state.service.store.find_by_provider_id(channel, &address, id).await {
            Ok(found) => found,
            Err(problem) => {
                tracing::error!(channel, %problem, "a delivery report could not be noted");
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        };
    }
    let Some(token) = token else {
        tracing::warn!(channel, "a delivery report of no message of ours was dropped");
        return StatusCode::OK.into_response();
    };
    let reason = (arrived == Arrival::Failed).then(|| "reported".to_owned());
    receipts::note(state, channel, Receipt { token, arrived, provider_id: report.id, reason }).await
}
