//! Cases: what somebody is owed an answer to.
//!
//! A citizen's message changes cases by a [`Change`] (`change.rs`), written in one transaction with her
//! conversation and the replies; staff by an [`Act`] (`act.rs`), written in one transaction with whatever
//! the caller adds to it. Both load the row, change it, and save it together with a row in
//! `case_changes` under its new version, the lists that it stands in, exact counts and timers (`row.rs`).
//! On `PostgreSQL` each takes the feed of events first, so writers of cases come one after the other.

/// The columns of a case `c` in a list, as a `ListRow` takes them.
macro_rules! listed_columns {
    () => {
        "c.id, c.folio, c.version, c.kind, c.state, c.priority, c.confidentiality, c.anonymity, c.urgent, \
         c.municipality, c.category, c.office, c.assignee_id, c.place, c.preview, c.opened_at, \
         c.updated_at, c.closed_at, c.waiting_since, c.snoozed_until, c.first_answer_due, \
         c.first_answer_at, c.update_due, c.solution_due, c.disputed, c.disputes, c.joined"
    };
}

pub(crate) mod act;
pub(crate) mod change;
pub(crate) mod clocks;
pub(crate) mod erase;
pub(crate) mod filters;
pub(crate) mod followups;
pub(crate) mod lists;
pub(crate) mod open;
pub(crate) mod outcomes;
pub(crate) mod people;
pub(crate) mod read;
pub(crate) mod row;
pub(crate) mod search;
pub(crate) mod series;
pub(crate) mod thread;
mod types;

pub use act::Acted;
pub use clocks::{DueTimer, TimerKind};
pub use filters::{COUNTED, Counted, Filter, REACH};
pub use followups::DueFollowUp;
pub use lists::{Counts, Listed, Page, Scope};
pub use outcomes::CaseOutcome;
pub(crate) use people::locale;
pub use people::{LookedUp, Similar};
pub use read::{Changed, FullCase};
pub use series::{SeriesGroup, SeriesPoint};
pub use thread::{File, Message};
pub(crate) use thread::{OPEN_FILES, first_id};
pub use types::{
    Act, Acting, AskedFollowUp, CaseFacts, Change, Closing, FeedbackKind, MyCase, NewCase, Referral, Snooze,
    Told, WalkIn,
};
