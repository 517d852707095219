//! The dialogue: a pure function of the conversation, one inbound message and the facts.

pub mod conversation;
pub mod reply;

use crate::domain::channel::ChannelKind;
use crate::domain::facts::Facts;
use crate::domain::time::UnixMillis;
use conversation::Conversation;
use reply::Reply;

/// One message of a person, as the dialogue sees it.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// Kind of the channel it came by.
    pub channel: ChannelKind,
    /// What was written; empty for a location alone.
    pub text: String,
    /// A shared location: latitude and longitude in degrees.
    pub location: Option<(f64, f64)>,
    /// The parameter of a deep link (`mun_12066`) where the message opened the dialogue by one.
    pub payload: Option<String>,
    /// When it was received.
    pub at: UnixMillis,
}

/// What one message leads to.
#[derive(Clone, Debug)]
pub struct Step {
    /// The conversation after it.
    pub next: Conversation,
    /// What is answered, in order; empty for silence.
    pub replies: Vec<Reply>,
    /// What is to be stored besides.
    pub effects: Vec<Effect>,
}

/// Something to be stored besides the conversation and the replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The contact stopped broadcasts and prompts.
    OptOut,
    /// The contact wants them again.
    OptIn,
    /// The privacy notice of this version was given.
    Notice {
        /// Version of its wording.
        version: u16,
    },
    /// Nobody understood the text: it goes to the queue of a person.
    Unknown,
    /// The thread was muted since it looks like an automatic answer.
    Muted,
}

/// Answers one message: no clock, no database, no network.
pub fn step(conversation: &Conversation, _inbound: &Inbound, _facts: &Facts) -> Step {
    Step { next: conversation.clone(), replies: Vec::new(), effects: Vec::new() }
}
