//! Any gateway that speaks HTTP, described by the configuration (`type = "http"`).

mod auth;
mod read;
mod send;

pub use auth::{Shown, authentic};
pub use read::{Content, Inbound, Report, Unreadable, answer_json};
pub use send::Sender;
