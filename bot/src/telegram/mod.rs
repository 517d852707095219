//! Telegram: receiving by long polling or a webhook, and fetching files. Sending is in
//! `channels::telegram`.

mod commands;
mod lead;
pub mod media;
mod poll;
mod receive;
mod updates;
mod webhook;

use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use serde::Serialize;

use crate::domain::time::UnixMillis;

pub use media::Fetcher;
pub use poll::Poller;
pub use receive::{Receiver, Taken};
pub use webhook::{Registrar, read_update};

/// How a poller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PollState {
    /// It has not reached Telegram yet.
    Starting,
    /// The last call succeeded.
    Polling,
    /// The last call failed; it tries again.
    Unreachable,
    /// Telegram refuses the token; it tries again, since a token can be made valid.
    Refused,
    /// Updates can't be stored; they wait at Telegram.
    StoreDown,
    /// It was stopped.
    Stopped,
    /// Telegram knows the webhook and calls it.
    Webhook,
    /// Another process that shares the database polls.
    Standby,
}

/// What a poller says of itself.
#[derive(Debug)]
pub struct Status {
    state: AtomicU8,
    last_poll: AtomicI64,
}

impl Default for Status {
    fn default() -> Self {
        Self { state: AtomicU8::new(0), last_poll: AtomicI64::new(i64::MIN) }
    }
}

impl Status {
    const STATES: [PollState; 8] = [
        PollState::Starting,
        PollState::Polling,
        PollState::Unreachable,
        PollState::Refused,
        PollState::StoreDown,
        PollState::Stopped,
        PollState::Webhook,
        PollState::Standby,
    ];

    /// How it is now.
    pub fn state(&self) -> PollState {
        let at = usize::from(self.state.load(Ordering::Relaxed));
        Self::STATES.get(at).copied().unwrap_or(PollState::Starting)
    }

    /// When a poll succeeded last.
    pub fn last_poll(&self) -> Option<UnixMillis> {
        let at = self.last_poll.load(Ordering::Relaxed);
        (at != i64::MIN).then_some(UnixMillis(at))
    }

    fn set(&self, state: PollState) {
        let at = Self::STATES.iter().position(|it| *it == state).unwrap_or(0);
        self.state.store(at as u8, Ordering::Relaxed);
    }

    fn polled(&self, at: UnixMillis) {
        self.last_poll.store(at.0, Ordering::Relaxed);
        self.set(PollState::Polling);
    }
}
