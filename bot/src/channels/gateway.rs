//! Sending: one adapter for each kind of gateway.

use std::collections::HashMap;

use super::render::Choice;
use super::{kannel, telegram, twilio};

/// A message on its way out. `Debug` shows neither address nor text.
#[derive(Clone)]
pub struct OutboundMessage {
    /// Our id; also the idempotency key where the gateway takes one.
    pub id: uuid::Uuid,
    /// Address on the channel: a phone number with `+`, or a chat id.
    pub address: String,
    /// Text in the channel's own form.
    pub text: String,
    /// Buttons, where the channel has them.
    pub choices: Vec<Choice>,
    /// Message of ours that this one replaces, where the channel can edit.
    pub edits: Option<String>,
}

impl std::fmt::Debug for OutboundMessage {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "OutboundMessage {{ id: {}, .. }}", self.id)
    }
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Try again, not before `after_ms` from now where the gateway says so.
    #[error("the gateway did not take the message now: {reason}")]
    Retry {
        /// Stable code of the reason; never text or address.
        reason: String,
        /// Wait that the gateway asked for, in ms.
        after_ms: Option<i64>,
    },
    /// It will never be taken.
    #[error("the gateway refuses the message: {reason}")]
    Permanent {
        /// Stable code of the reason.
        reason: String,
    },
    /// The person left or blocked us: mark the contact, never try again.
    #[error("the person has left this channel")]
    Gone,
    /// The call was cut: nobody knows whether it was taken.
    #[error("no answer from the gateway")]
    Unknown,
}

/// An adapter that sends.
#[derive(Debug)]
pub enum Gateway {
    /// Keeps what it is given, for tests and the terminal phone.
    Memory(std::sync::Mutex<Vec<OutboundMessage>>),
    /// Keeps what it is given and answers as it was told, for tests of what follows.
    Scripted {
        /// What it was given.
        sent: std::sync::Mutex<Vec<OutboundMessage>>,
        /// What it answers, in order; afterwards it takes everything.
        answers: std::sync::Mutex<std::collections::VecDeque<Result<Option<String>, SendError>>>,
    },
    /// Kannel's `sendsms`.
    Kannel(kannel::Sender),
    /// Twilio's REST API.
    Twilio(twilio::Sender),
    /// A Telegram bot.
    Telegram(telegram::Sender),
}

impl Gateway {
    /// Sends one message; the answer is the gateway's id for it, where it gives one.
    pub async fn send(&self, message: &OutboundMessage) -> Result<Option<String>, SendError> {
        match self {
            Self::Memory(sent) => {
                if let Ok(mut sent) = sent.lock() {
                    sent.push(message.clone());
                }
                Ok(None)
            }
            Self::Scripted { sent, answers } => {
                if let Ok(mut sent) = sent.lock() {
                    sent.push(message.clone());
                }
                answers.lock().ok().and_then(|mut it| it.pop_front()).unwrap_or(Ok(None))
            }
            Self::Kannel(sender) => sender.send(message).await,
            Self::Twilio(sender) => sender.send(message).await,
            Self::Telegram(sender) => sender.send(message).await,
        }
    }
}

/// The gateways of a service, by channel id (`kannel`, `telegram`).
pub type Gateways = HashMap<String, Gateway>;
