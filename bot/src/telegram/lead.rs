//! Who polls, where several processes share a database: Telegram hands updates to one caller only.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::receive::Receiver;
use super::{PollState, Status};
use crate::ids;
use crate::store::Engine;
use crate::store::leaders::LEASE;

/// How often the leader says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often the others look whether it is.
const LOOK: Duration = Duration::from_secs(1);

/// The lead of one bot. A `SQLite` file belongs to one process, which leads without asking.
pub(super) struct Lead<'it> {
    receiver: &'it Receiver,
    name: String,
    holder: Uuid,
    alone: bool,
}

impl<'it> Lead<'it> {
    /// Not taken yet.
    pub(super) fn new(receiver: &'it Receiver) -> Self {
        Self {
            receiver,
            name: format!("poll:{}", receiver.channel_id),
            holder: ids::new_id(receiver.clock.now()),
            alone: receiver.service.store.engine() == Engine::Sqlite,
        }
    }

    /// Returns when the lead is taken.
    pub(super) async fn take(&self, status: &Status) {
        if self.alone {
            return;
        }
        loop {
            match self.receiver.service.store.lead(&self.name, self.holder, self.receiver.clock.now()).await {
                Ok(Some(fence)) => {
                    tracing::info!(channel = self.receiver.channel_id, fence, "this process polls the bot");
                    return;
                }
                Ok(None) => status.set(PollState::Standby),
                Err(problem) => {
                    status.set(PollState::StoreDown);
                    tracing::debug!(%problem, "it is not known who polls the bot");
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Keeps the lead; returns when it is lost: to another process, or since it could not be prolonged.
    pub(super) async fn keep(&self) {
        if self.alone {
            return std::future::pending().await;
        }
        let mut kept_at = self.receiver.clock.now();
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let now = self.receiver.clock.now();
            match self.receiver.service.store.lead(&self.name, self.holder, now).await {
                Ok(Some(_)) => kept_at = now,
                Ok(None) => break,
                Err(_) if now.since(kept_at) < LEASE - HEARTBEAT.as_millis() as i64 => {}
                Err(_) => break,
            }
        }
        tracing::warn!(channel = self.receiver.channel_id, "this process does not poll the bot any more");
    }

    /// Hands it over, where the process ends in order.
    pub(super) async fn resign(&self, stop: &CancellationToken) {
        if self.alone || !stop.is_cancelled() {
            return;
        }
        if let Err(problem) = self.receiver.service.store.resign(&self.name, self.holder).await {
            tracing::debug!(%problem, "the lead was not handed over; its lease ends by itself");
        }
    }
}
