//! What is remembered of a contact between two messages.

use serde::{Deserialize, Serialize};

/// The state of one contact's dialogue; stored as JSON, so every field has a default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conversation {
    /// Key of the remembered home municipality.
    pub home: Option<String>,
    /// Locale that the person chose; `None`: the pack's.
    pub locale: Option<String>,
    /// Whether broadcasts and prompts are stopped.
    pub stopped: bool,
}
