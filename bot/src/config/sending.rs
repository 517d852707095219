//! `[channels.ID.sending]`: what a channel may send, how fast, and what it costs.

use serde::Deserialize;

use super::ConfigError;
use super::server::number;
use crate::domain::purpose::Purpose;

/// What a channel may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Replies to what people write, and news of their own cases.
    Replies,
    /// Reminders.
    Reminders,
    /// Surveys and scorecards.
    Surveys,
    /// Broadcasts.
    Broadcasts,
}

impl Use {
    /// The use that a message of this purpose needs.
    pub fn of(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Reply | Purpose::News => Self::Replies,
            Purpose::Reminder => Self::Reminders,
            Purpose::Survey => Self::Surveys,
            Purpose::Broadcast => Self::Broadcasts,
        }
    }
}

/// How a channel sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sending {
    /// What it may be used for; absent: what the kind of gateway allows (Twilio: replies only).
    pub allowed_uses: Option<Vec<Use>>,
    /// Messages a minute at most; absent: what the kind of gateway bears.
    #[serde(deserialize_with = "some_number")]
    pub per_minute: Option<u32>,
    /// Messages that may go at once after a pause; absent: those of one second.
    #[serde(deserialize_with = "some_number")]
    pub burst: Option<u32>,
    /// Seconds between two messages to one contact; absent: what the kind of gateway asks for.
    #[serde(deserialize_with = "some_number")]
    pub contact_pause_seconds: Option<u32>,
    /// Price of one segment, in thousandths of the currency's unit.
    #[serde(deserialize_with = "number")]
    pub price: u32,
    /// Beginnings of the numbers that may be sent to; absent: the pack's country (`+52`). An empty
    /// list allows all.
    pub prefixes: Option<Vec<String>>,
    /// Another channel of the same kind, whose gateway sends while this one's is down.
    pub fallback: Option<String>,
}

fn some_number<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<u32>, D::Error> {
    number(input).map(Some)
}

impl Sending {
    pub(super) fn validate(&self, section: &str) -> Result<(), ConfigError> {
        for (name, value) in [("per_minute", self.per_minute), ("burst", self.burst)] {
            if value == Some(0) {
                return Err(ConfigError::key(&format!("{section}.{name}"), "it must be 1 or more."));
            }
        }
        let wrong = |it: &String| {
            !it.starts_with('+') || it.len() < 2 || !it[1..].bytes().all(|b| b.is_ascii_digit())
        };
        if self.prefixes.iter().flatten().any(wrong) {
            return Err(ConfigError::key(
                &format!("{section}.prefixes"),
                "write each as the beginning of an international number, such as +52.",
            ));
        }
        Ok(())
    }
}
