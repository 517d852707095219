//! Puts a reply into words.

use serde::{Deserialize, Serialize};

use crate::domain::channel::ChannelKind;
use crate::domain::facts::Facts;
use crate::engine::reply::Reply;

/// What a rendered reply is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// A figure or a fact that was asked for.
    Answer,
    /// A question that waits for an answer.
    Question,
    /// Something the person should know.
    Notice,
    /// An act was done.
    Confirmation,
    /// It could not be done, or was not understood.
    Error,
}

/// A key that the person may answer with, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent back (`1`, `COMIDA`).
    pub key: String,
    /// What a button shows.
    pub label: String,
}

/// A reply in words, ready to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// What it is for.
    pub kind: ReplyKind,
    /// The text, in the channel's own form (HTML for Telegram).
    pub text: String,
    /// Key of the municipality it is about.
    pub municipality: Option<String>,
    /// What may be answered with a key.
    pub choices: Vec<Choice>,
    /// For a channel with buttons: replace the keyboard's message instead of sending a new one.
    pub edit: bool,
}

/// Puts `reply` into the words of `locale` for a kind of channel.
pub fn render(_reply: &Reply, _facts: &Facts, _locale: &str, _channel: ChannelKind) -> Rendered {
    Rendered {
        kind: ReplyKind::Error,
        text: String::new(),
        municipality: None,
        choices: Vec::new(),
        edit: false,
    }
}
