//! What is done with an update, whichever way it came: stored, then its button released.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use teloxide::Bot;
use teloxide::requests::Requester as _;
use teloxide::types::{AllowedUpdate, CallbackQueryId, Update, UpdateKind};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use super::updates::{Asked, read};
use crate::clock::Clock;
use crate::service::Service;
use crate::store::Error;

/// An update that can't be stored this many times through its own fault is left out.
const MOST_TRIES: u32 = 3;

/// The kinds of updates that are asked for.
pub(super) const ALLOWED: [AllowedUpdate; 3] =
    [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember];

/// What became of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is on disk, or there is nothing to keep of it: Telegram may forget it.
    Done,
    /// It can't be stored, through its own fault, and is left out after several tries.
    LeftOut,
    /// It can't be stored, perhaps through its own fault: to be tried again.
    Refused,
    /// The store can't be used now: to be tried again.
    StoreDown,
}

/// Takes the updates of one bot. `Debug` does not show the bot, which holds the token.
pub struct Receiver {
    /// The bot.
    pub bot: Bot,
    /// Id of the channel in the configuration.
    pub channel_id: String,
    /// Where updates are stored.
    pub service: Arc<Service>,
    /// The clock.
    pub clock: Clock,
    /// Wakes who fetches the files.
    pub media_waits: Arc<Notify>,
    tries: Mutex<HashMap<u32, u32>>,
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Receiver {{ channel_id: {:?}, .. }}", self.channel_id)
    }
}

impl Receiver {
    /// A receiver that has met no trouble yet.
    pub fn new(
        bot: Bot,
        channel_id: String,
        service: Arc<Service>,
        clock: Clock,
        media_waits: Arc<Notify>,
    ) -> Self {
        Self { bot, channel_id, service, clock, media_waits, tries: Mutex::default() }
    }

    /// Stores an update. A button is released beside it, in `tasks`.
    pub async fn take(&self, update: &Update, tasks: &TaskTracker) -> Taken {
        let id = update.id.0;
        if let UpdateKind::Error(_) = update.kind {
            tracing::warn!(
                channel = self.channel_id,
                update = id,
                code = "telegram_update_unreadable",
                "an update that can't be read was left out"
            );
            return Taken::Done;
        }
        let (stored, button) = self.store(update).await;
        if let Err(problem) = stored {
            tracing::error!(channel = self.channel_id, update = id, %problem, "an update was not stored");
            return match problem {
                Error::Unavailable(_) => Taken::StoreDown,
                _ => self.count(id),
            };
        }
        self.lock().remove(&id);
        if let Some(button) = button {
            let bot = self.bot.clone();
            tasks.spawn(async move {
                // The button then turns for a few seconds more; the answer comes all the same.
                if bot.answer_callback_query(button).await.is_err() {
                    tracing::debug!("a button was not released");
                }
            });
        }
        Taken::Done
    }

    /// Counts a failure that may be the update's own fault.
    pub(super) fn count(&self, id: u32) -> Taken {
        let mut tries = self.lock();
        let times = tries.entry(id).or_insert(0);
        *times += 1;
        if *times < MOST_TRIES {
            return Taken::Refused;
        }
        tries.remove(&id);
        tracing::error!(
            channel = self.channel_id,
            update = id,
            code = "telegram_update_left_out",
            "an update was left out after {MOST_TRIES} tries"
        );
        Taken::LeftOut
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u32, u32>> {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is on disk when this succeeds: message first, then the files that came with it, so that
    /// a crash in between only repeats the update.
    async fn store(&self, update: &Update) -> (Result<(), Error>, Option<CallbackQueryId>) {
        let now = self.clock.now();
        match read(update, &self.channel_id, now) {
            Asked::Store { inbound, media, button } => {
                let stored = match self.service.accept(*inbound).await {
                    Ok(_) if media.is_empty() => Ok(()),
                    Ok(accepted) => self
                        .service
                        .store
                        .add_media(accepted.inbox_id, &self.channel_id, media, now)
                        .await
                        .map(|()| self.media_waits.notify_one()),
                    Err(problem) => Err(problem),
                };
                (stored, button)
            }
            Asked::Membership { address, left, at } => {
                let noted = self.service.store.note_membership(&self.channel_id, &address, left, at).await;
                (noted.map(|_| ()), None)
            }
            Asked::Release(button) => (Ok(()), Some(button)),
            Asked::Nothing => (Ok(()), None),
        }
    }
}
