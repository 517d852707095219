//! The webhook: telling Telegram which URL it calls, and reading what it sends.

use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::SetWebhookSetters as _;
use teloxide::requests::Requester as _;
use teloxide::types::Update;
use teloxide::{ApiError, RequestError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::poll::{FIRST_WAIT, introduce, one_update, pause, reason};
use super::receive::{ALLOWED, Receiver};
use super::{PollState, Status};
use crate::config::Secret;

/// How often it is looked whether Telegram still knows the webhook: another program may remove it.
const LOOK_AGAIN: Duration = Duration::from_mins(5);

/// Keeps the webhook of one bot registered.
#[derive(Debug)]
pub struct Registrar {
    /// What takes the updates.
    pub receiver: Arc<Receiver>,
    /// The URL that Telegram calls.
    pub url: reqwest::Url,
    /// What it says in every call.
    pub secret: Secret,
    /// What is said of it.
    pub status: Arc<Status>,
}

impl Registrar {
    /// Registers the webhook until Telegram takes it, then looks after it until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.keep(&tasks) => {}
        }
        self.status.set(PollState::Stopped);
    }

    async fn keep(&self, tasks: &TaskTracker) {
        let mut told = false;
        introduce(&self.receiver, tasks, |problem| self.failed(problem, &mut told)).await;
        let mut wait = FIRST_WAIT;
        let mut told = false;
        loop {
            match self.register().await {
                Ok(()) => {
                    self.status.polled(self.receiver.clock.now());
                    self.status.set(PollState::Webhook);
                    wait = FIRST_WAIT;
                    told = false;
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                Err(problem) => {
                    self.failed(&problem, &mut told);
                    tokio::time::sleep(pause(&problem, &mut wait)).await;
                }
            }
        }
    }

    /// Sets the webhook unless Telegram knows it since this process set it.
    async fn register(&self) -> Result<(), RequestError> {
        if self.status.state() == PollState::Webhook {
            let known = self.receiver.bot.get_webhook_info().await?;
            if known.url.as_ref() == Some(&self.url) {
                return Ok(());
            }
            tracing::warn!(channel = self.receiver.channel_id, "the webhook was changed; it is set again");
        }
        let bot = &self.receiver.bot;
        let request = bot.set_webhook(self.url.clone()).secret_token(self.secret.reveal());
        request.allowed_updates(ALLOWED).await.map(|_| ())
    }

    /// Shows a failure; the first of a row is logged.
    fn failed(&self, problem: &RequestError, told: &mut bool) {
        self.status.set(match problem {
            RequestError::Api(ApiError::InvalidToken) => PollState::Refused,
            _ => PollState::Unreachable,
        });
        if !std::mem::replace(told, true) {
            let why = reason(problem);
            let channel = &self.receiver.channel_id;
            tracing::warn!(channel, why, "the webhook could not be set; it is tried again");
        }
    }
}

/// The update in the body of a call; one that can't be read is kept as such. `None`: it is no update
/// at all, so that nothing is gained by sending it again.
pub fn read_update(body: &[u8]) -> Option<Update> {
    one_update(&serde_json::from_slice(body).ok()?)
}
