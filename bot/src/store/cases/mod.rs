//! Cases: what somebody is owed an answer to.
//!
//! A citizen's message changes cases by a [`Change`] (`change.rs`), written in one transaction with her
//! conversation and the replies; staff by an [`Act`] (`act.rs`), written in one transaction with whatever
//! the caller adds to it. Both load the row, change it, and save it together with a row in
//! `case_changes` under its new version, the lists that it stands in, exact counts and timers (`row.rs`).
//! On `PostgreSQL` each takes the feed of events first, so writers of cases come one after the other.

pub(crate) mod act;
pub(crate) mod change;
pub(crate) mod clocks;
pub(crate) mod erase;
pub(crate) mod followups;
pub(crate) mod lists;
pub(crate) mod open;
pub(crate) mod people;
pub(crate) mod read;
pub(crate) mod row;
pub(crate) mod search;
pub(crate) mod thread;
mod types;

pub use act::Acted;
pub use clocks::{DueTimer, TimerKind};
pub use followups::DueFollowUp;
pub use lists::{COUNTED, Counts, Filter, Listed, Page, Scope};
pub use people::{LookedUp, Similar};
pub use read::{Changed, FullCase};
pub use thread::{File, Message};
pub(crate) use thread::{OPEN_FILES, first_id};
pub use types::{
    Act, Acting, AskedFollowUp, CaseFacts, Change, Closing, FeedbackKind, MyCase, NewCase, Referral, Snooze,
    Told, WalkIn,
};
