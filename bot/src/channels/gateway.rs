//! Sending: one adapter for each kind of gateway.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::render::Choice;
use super::{android, generic, kannel, telegram, twilio};
use crate::domain::channel::ChannelKind;
use crate::domain::time::UnixMillis;

/// One attempt at one message, as receipts name it: `0190...-1`. A receipt settles the attempt even
/// when the gateway's first answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptToken {
    /// Our id of the message.
    pub message: uuid::Uuid,
    /// Number of the attempt, from 1.
    pub attempt: i64,
}

impl fmt::Display for AttemptToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.message.simple(), self.attempt)
    }
}

impl FromStr for AttemptToken {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (message, attempt) = text.split_once('-').ok_or(())?;
        let digits = attempt.bytes().all(|it| it.is_ascii_digit()) && !attempt.starts_with('0');
        let attempt = attempt.parse().ok().filter(|_| digits).ok_or(())?;
        let message = uuid::Uuid::try_parse(message).ok().filter(|_| message.len() == 32).ok_or(())?;
        Ok(Self { message, attempt })
    }
}

/// A message on its way out. `Debug` shows neither address nor text.
#[derive(Clone)]
pub struct OutboundMessage {
    /// Our id; with the attempt also the idempotency key where the gateway takes one.
    pub id: uuid::Uuid,
    /// Number of this attempt, from 1.
    pub attempt: i64,
    /// Address on the channel: a phone number with `+`, or a chat id.
    pub address: String,
    /// Text in the channel's own form.
    pub text: String,
    /// Buttons, where the channel has them.
    pub choices: Vec<Choice>,
    /// Message of ours that this one replaces, where the channel can edit.
    pub edits: Option<String>,
    /// A PNG above the text, where the channel shows pictures.
    pub picture: Option<Arc<[u8]>>,
}

impl OutboundMessage {
    /// What receipts of this attempt name.
    pub fn token(&self) -> AttemptToken {
        AttemptToken { message: self.id, attempt: self.attempt }
    }
}

impl fmt::Debug for OutboundMessage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    /// As `Retry`, and it says so of everything that is sent to it, not of this person only.
    #[error("the gateway takes nothing now: {reason}")]
    Busy {
        /// Stable code of the reason.
        reason: String,
        /// Wait that the gateway asked for, in ms.
        after_ms: Option<i64>,
    },
    /// The person left or blocked us: mark the contact, never try again.
    #[error("the person has left this channel")]
    Gone,
    /// The gateway itself took the person's stop word and sends her nothing more: never try again.
    #[error("the person stopped messages at the gateway")]
    Blocked,
    /// The call was cut: nobody knows whether it was taken.
    #[error("no answer from the gateway")]
    Unknown,
}

/// An attempt whose end nobody knows, as it is looked for in a gateway's list. `Debug` shows neither
/// address nor text.
#[derive(Clone)]
pub struct Unsettled {
    /// Which attempt.
    pub token: AttemptToken,
    /// Address on the channel.
    pub address: String,
    /// Text in the channel's own form.
    pub text: String,
    /// When the call was begun.
    pub dispatched_at: UnixMillis,
}

impl fmt::Debug for Unsettled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Unsettled {{ token: {}, .. }}", self.token)
    }
}

/// What a gateway's own list says of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    /// It took the message; its id for it.
    Taken(Option<String>),
    /// It never got the message.
    NotTaken,
    /// It has no list, could not be asked, or more than one message fits.
    NotKnown,
}

/// An adapter that sends.
#[derive(Debug)]
pub enum Gateway {
    /// Keeps what it is given, for tests.
    Memory(std::sync::Mutex<Vec<OutboundMessage>>),
    /// Keeps what it is given and answers as it was told, for tests of what follows.
    Scripted {
        /// What it was given.
        sent: std::sync::Mutex<Vec<OutboundMessage>>,
        /// What it answers, in order; afterwards it takes everything.
        answers: std::sync::Mutex<std::collections::VecDeque<Result<Option<String>, SendError>>>,
        /// What its list says, in order; afterwards it knows nothing.
        listed: std::sync::Mutex<std::collections::VecDeque<Listed>>,
    },
    /// The terminal phone of the demo, which shows what it is given.
    Terminal(tokio::sync::mpsc::UnboundedSender<OutboundMessage>),
    /// Takes everything and brings it to nobody, for the people of the demo who are not there.
    Nobody,
    /// Kannel's `sendsms`.
    Kannel(kannel::Sender),
    /// Twilio's REST API.
    Twilio(twilio::Sender),
    /// A Telegram bot.
    Telegram(telegram::Sender),
    /// A phone with the app SMS Gateway for Android.
    Android(android::Sender),
    /// Any gateway that speaks HTTP.
    Http(generic::Sender),
}

impl Gateway {
    /// The kind of channel that it sends on; one that only keeps what it is given stands for SMS.
    pub fn kind(&self) -> ChannelKind {
        if matches!(self, Self::Telegram(_)) { ChannelKind::Telegram } else { ChannelKind::Sms }
    }

    /// Whether it shows pictures.
    pub fn shows_pictures(&self) -> bool {
        matches!(self, Self::Telegram(_))
    }

    /// Pictures that it refused since it was asked last, so that their words went alone.
    pub fn refused_pictures(&self) -> u64 {
        if let Self::Telegram(sender) = self { sender.refused_pictures() } else { 0 }
    }

    /// Sends one message; the answer is the gateway's id for it, where it gives one.
    pub async fn send(&self, message: &OutboundMessage) -> Result<Option<String>, SendError> {
        match self {
            Self::Memory(sent) => {
                if let Ok(mut sent) = sent.lock() {
                    sent.push(message.clone());
                }
                Ok(None)
            }
            Self::Scripted { sent, answers, .. } => {
                if let Ok(mut sent) = sent.lock() {
                    sent.push(message.clone());
                }
                answers.lock().ok().and_then(|mut it| it.pop_front()).unwrap_or(Ok(None))
            }
            Self::Terminal(phone) => match phone.send(message.clone()) {
                Ok(()) => Ok(None),
                // It was hung up, and nobody will take it up again.
                Err(_) => Err(SendError::Permanent { reason: "phone_off".to_owned() }),
            },
            Self::Nobody => Ok(None),
            Self::Kannel(sender) => sender.send(message).await,
            Self::Twilio(sender) => sender.send(message).await,
            Self::Telegram(sender) => sender.send(message).await,
            Self::Android(sender) => sender.send(message).await,
            Self::Http(sender) => sender.send(message).await,
        }
    }
}

impl Gateway {
    /// Looks an attempt up in the gateway's own list of messages, where it has one.
    pub async fn find(&self, unsettled: &Unsettled) -> Listed {
        match self {
            Self::Twilio(sender) => sender.find(unsettled).await,
            Self::Android(sender) => sender.find(unsettled).await,
            Self::Scripted { listed, .. } => {
                let next = listed.lock().ok().and_then(|mut it| it.pop_front());
                std::future::ready(next.unwrap_or(Listed::NotKnown)).await
            }
            Self::Memory(_)
            | Self::Terminal(_)
            | Self::Nobody
            | Self::Kannel(_)
            | Self::Telegram(_)
            | Self::Http(_) => Listed::NotKnown,
        }
    }
}

/// The gateways of a service, by channel id (`kannel`, `telegram`).
pub type Gateways = HashMap<String, Gateway>;

#[cfg(test)]
mod tests {
    use super::AttemptToken;

    #[test]
    fn a_token_is_read_only_as_it_was_written() {
        let token = AttemptToken {
            message: uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007),
            attempt: 12,
        };
        assert_eq!(token.to_string().parse(), Ok(token));
        for wrong in [
            "",
            "-",
            "1-1",
            "01900000000070008000000000000007",
            "01900000000070008000000000000007-",
            "01900000000070008000000000000007-01",
            "01900000000070008000000000000007-+1",
            "01900000-0000-7000-8000-000000000007-1",
        ] {
            assert_eq!(wrong.parse::<AttemptToken>(), Err(()), "{wrong}");
        }
    }
}
