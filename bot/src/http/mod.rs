//! HTTP: the webhooks of gateways and `/health`.

mod answer;
mod health;
mod listener;
mod webhooks;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{any, get};
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::{Kannel, Secret, Twilio};
use crate::service::Service;
use crate::telegram::Status;

pub use listener::{Limits, serve};
pub use webhooks::telegram::TelegramHook;

/// An SMS channel with webhooks.
#[derive(Debug)]
pub enum SmsChannel {
    /// Kannel's `get-url`.
    Kannel(Kannel),
    /// Twilio's webhook, and the URL that Twilio signs.
    Twilio(Twilio, String),
}

/// What the handlers share.
#[derive(Debug)]
pub struct State {
    /// The service.
    pub service: Arc<Service>,
    /// The SMS channels by id.
    pub sms: HashMap<String, SmsChannel>,
    /// What the pollers of Telegram channels say of themselves, by channel id.
    pub telegram: HashMap<String, Arc<Status>>,
    /// The Telegram channels whose updates come by a webhook, by id.
    pub telegram_hooks: HashMap<String, TelegramHook>,
    /// Country whose national numbers are read, as ISO 3166 alpha-2.
    pub country: String,
    /// The clock.
    pub clock: Clock,
    /// Largest body of a webhook, in bytes.
    pub body_limit: usize,
    /// Time in which a body must have been read.
    pub read_timeout: Duration,
    /// Work that goes on after an answer; the drain waits for it.
    pub tasks: TaskTracker,
}

/// All routes.
pub fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/webhooks/sms/{channel}", any(webhooks::inbound))
        .route("/webhooks/sms/{channel}/dlr", any(webhooks::report))
        .route("/webhooks/sms/{channel}/{key}", any(webhooks::inbound_with_key))
        .route("/webhooks/telegram/{channel}", any(webhooks::telegram::update))
        .with_state(state)
}

/// Compares a given secret with the right one in a time that tells nothing of either.
fn same_secret(given: &[u8], right: &Secret) -> bool {
    use sha2::{Digest as _, Sha256};
    use subtle::ConstantTimeEq as _;
    // Hashing makes both the same length, so that the length leaks nothing either.
    Sha256::digest(given).ct_eq(&Sha256::digest(right.reveal().as_bytes())).into()
}
