//! Channels: the ways a message comes in and goes out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The kind of a channel: decides how a reply is rendered, never what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// A text message of 160 septets.
    Sms,
    /// A menu session of 160 characters a screen.
    Ussd,
    /// A Telegram chat.
    Telegram,
}

impl ChannelKind {
    /// The stable code (`sms`, `ussd`, `telegram`).
    pub fn code(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Ussd => "ussd",
            Self::Telegram => "telegram",
        }
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

impl FromStr for ChannelKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "sms" => Ok(Self::Sms),
            "ussd" => Ok(Self::Ussd),
            "telegram" => Ok(Self::Telegram),
            other => Err(format!("{other} is no channel: sms, ussd or telegram")),
        }
    }
}
