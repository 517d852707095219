//! The server without a database: the same listener, parameters, dialogue and words, with the
//! conversations in memory. What it answers a second is what HTTP and dialogue alone would allow.
//!
//! `cargo run --release -p cabildo-benches --bin answerer -- 8090`

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use cabildo_bot::channels::kannel::Parameters;
use cabildo_bot::channels::sms::segments::is_gsm7;
use cabildo_bot::clock::Clock;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::phone;
use cabildo_bot::engine;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::http::{Limits, serve};
use cabildo_bot::service::speak;
use tokio_util::sync::CancellationToken;

/// As the service has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Conversations by number, as JSON: reading and writing them is a part of the work.
type Conversations = Mutex<HashMap<String, String>>;

fn answer(facts: &Facts, conversations: &Conversations, query: &str) -> Response {
    let Some(parameters) = Parameters::parse(query) else { return StatusCode::BAD_REQUEST.into_response() };
    let Some(from) = parameters.text("from").and_then(|it| phone::normalise(&it, "MX")) else {
        return StatusCode::OK.into_response();
    };
    let stored = conversations.lock().unwrap_or_else(PoisonError::into_inner).get(&from).cloned();
    let conversation: Conversation = stored.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
    let message = engine::Inbound {
        channel: ChannelKind::Sms,
        text: parameters.message(),
        location: None,
        payload: None,
        at: Clock::System.now(),
        link: None,
        cases: None,
        demands: engine::demands::Known::default(),
        cards: Arc::default(),
        privacy: None,
    };
    let worked = speak(&conversation, &message, facts, "Cabildo");
    let Ok(state) = serde_json::to_string(&worked.next) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    conversations.lock().unwrap_or_else(PoisonError::into_inner).insert(from, state);
    let texts: Vec<&str> = worked.replies.iter().map(|it| it.text.as_str()).collect();
    let text = texts.join("\n");
    let mut response = Response::new(text.clone().into());
    let kind = axum::http::HeaderValue::from_static("text/plain; charset=UTF-8");
    response.headers_mut().insert("content-type", kind);
    if !is_gsm7(&text) {
        response.headers_mut().insert("x-kannel-coding", axum::http::HeaderValue::from_static("2"));
    }
    response
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(8_090);
    let facts = Arc::new(cabildo_benches::facts());
    let conversations = Arc::new(Conversations::default());
    let handle = move |RawQuery(query): RawQuery| {
        let (facts, conversations) = (Arc::clone(&facts), Arc::clone(&conversations));
        async move { answer(&facts, &conversations, &query.unwrap_or_default()) }
    };
    let router =
        Router::new().route("/health", get(|| async { "" })).route("/webhooks/sms/{channel}", get(handle));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let limits = Limits { connections: 1_024, read_timeout: Duration::from_secs(10) };
    serve(listener, router, limits, CancellationToken::new()).await;
    Ok(())
}
