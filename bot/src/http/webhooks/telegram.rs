//! Telegram's webhook, `/webhooks/telegram/{channel}`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, Method, StatusCode};

use super::read_body;
use crate::config::Secret;
use crate::http::{State, same_secret};
use crate::telegram::{Receiver, Taken, read_update};

/// The header that holds the secret.
const SECRET: &str = "x-telegram-bot-api-secret-token";

/// A bot whose updates come by a webhook.
#[derive(Debug)]
pub struct TelegramHook {
    /// What takes the updates.
    pub receiver: Arc<Receiver>,
    /// What Telegram says in every call.
    pub secret: Secret,
}

/// An update. Telegram repeats what is not answered by 2xx, for as long as it likes, so only what a
/// repeat can mend gets another answer: a store that is down. What can't be read is logged and done.
pub(in crate::http) async fn update(
    extract::State(state): extract::State<Arc<State>>,
    Path(channel): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    let Some(hook) = state.telegram_hooks.get(&channel) else { return StatusCode::NOT_FOUND };
    if method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    let mut secrets = headers.get_all(SECRET).iter();
    let authentic = match (secrets.next(), secrets.next()) {
        (Some(secret), None) => same_secret(secret.as_bytes(), &hook.secret),
        _ => false,
    };
    if !authentic {
        tracing::warn!(channel, code = "telegram_webhook_refused", "a call without the secret was refused");
        return StatusCode::UNAUTHORIZED;
    }
    let body = match read_body(&state, body).await {
        Ok(body) => body,
        Err(StatusCode::PAYLOAD_TOO_LARGE) => {
            tracing::error!(channel, code = "telegram_update_too_large", "an update was left out: too large");
            return StatusCode::OK;
        }
        Err(status) => return status,
    };
    let Some(update) = read_update(&body) else {
        tracing::warn!(
            channel,
            code = "telegram_update_unreadable",
            "a call that holds no update was left out"
        );
        return StatusCode::OK;
    };
    match hook.receiver.take(&update, &state.tasks).await {
        Taken::Done | Taken::LeftOut => StatusCode::OK,
        Taken::Refused | Taken::StoreDown => StatusCode::SERVICE_UNAVAILABLE,
    }
}
