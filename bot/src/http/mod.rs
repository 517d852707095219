//! HTTP: the webhooks of gateways and a bare `/health` for everybody; metrics, the detailed state and
//! readiness on the technician's own listener.

mod answer;
mod counted;
mod health;
mod listener;
pub mod staff;
mod webhooks;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{any, get};
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::config::{Android, Generic, Kannel, Secret, Twilio};
use crate::service::Service;
use crate::watch::Watch;

pub use listener::{Limits, Peer, serve};
pub use webhooks::telegram::TelegramHook;

/// An SMS channel with webhooks.
#[derive(Debug)]
pub enum SmsChannel {
    /// Kannel's `get-url`.
    Kannel(Kannel),
    /// Twilio's webhook, and the URL that Twilio signs.
    Twilio(Twilio, String),
    /// Webhooks of a phone with the app SMS Gateway for Android.
    Android(Box<Android>),
    /// Webhooks that the configuration describes, and the URL that the gateway calls.
    Http(Box<Generic>, String),
}

/// What the handlers share.
#[derive(Debug)]
pub struct State {
    /// The service.
    pub service: Arc<Service>,
    /// The SMS channels by id.
    pub sms: HashMap<String, SmsChannel>,
    /// What is watched.
    pub watch: Arc<Watch>,
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

/// The routes for everybody.
pub fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/webhooks/sms/{channel}", any(webhooks::inbound))
        .route("/webhooks/sms/{channel}/dlr", any(webhooks::report))
        .route("/webhooks/sms/{channel}/dlr/{key}", any(webhooks::report))
        .route("/webhooks/sms/{channel}/status", any(webhooks::status))
        .route("/webhooks/sms/{channel}/{key}", any(webhooks::inbound))
        .route("/webhooks/telegram/{channel}", any(webhooks::telegram::update))
        .route_layer(axum::middleware::from_fn_with_state(Arc::clone(&state), counted::webhook))
        .route("/health", get(health::health))
        .with_state(state)
}

/// The routes for the technician.
pub fn inner_router(state: Arc<State>) -> Router {
    Router::new()
        .route("/health", get(health::detailed))
        .route("/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .with_state(state)
}

/// Compares a given secret with the right one in a time that tells nothing of either.
fn same_secret(given: &[u8], right: &Secret) -> bool {
    use sha2::{Digest as _, Sha256};
    use subtle::ConstantTimeEq as _;
    // Hashing makes both the same length, so that the length leaks nothing either.
    Sha256::digest(given).ct_eq(&Sha256::digest(right.reveal().as_bytes())).into()
}
