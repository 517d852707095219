//! Broadcasts: what is written, who let it go, whom it is for and how far it is.
//!
//! Staff write by an [`Act`] (`act.rs`), in one transaction with its entry of the audit trail. After the last
//! approval people are written down a page at a time (`freeze.rs`): that audience is what goes out, each person
//! once. They are queued in pages, too (`queue.rs`): a page marks its people and adds their messages in one
//! transaction, so a crash leaves each of them either waiting or queued, and there is never more queued than a stop
//! can take back at once. The gate before a gateway looks once more whether each still wants it (`gate.rs`).
//!
//! On `PostgreSQL` every writer locks the row of the broadcast; who adds an event takes the feed before it.

pub(crate) mod act;
pub(crate) mod erase;
pub(crate) mod freeze;
pub(crate) mod gate;
pub(crate) mod queue;
pub(crate) mod row;

use uuid::Uuid;

use crate::domain::broadcast::{Draft, State};
use crate::domain::staff::Scope;
use crate::domain::time::UnixMillis;

pub use act::Acted;
pub use freeze::{Candidate, Frozen, Way};
pub use queue::{Open, Queued, Waiting};

/// The campaign of a broadcast's messages.
pub fn campaign(id: Uuid) -> String {
    format!("broadcast:{id}")
}

/// The campaign of its tests.
pub fn test_campaign(id: Uuid) -> String {
    format!("broadcast_test:{id}")
}

/// A broadcast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// Its id.
    pub id: Uuid,
    /// How far it is.
    pub state: State,
    /// Counts the changes.
    pub version: i64,
    /// What an approval names.
    pub hash: String,
    /// What is written.
    pub draft: Draft,
    /// Where it goes.
    pub areas: Vec<Scope>,
    /// Who began it.
    pub author_id: Uuid,
    /// How many it was for when that was asked last, at most.
    pub people_seen: u64,
    /// How many approvals it needs.
    pub approvals_needed: u64,
    /// Why it was held or stopped.
    pub reason: Option<String>,
    /// The state that it was held in.
    pub held_in: Option<State>,
    /// When it may go out.
    pub begins_at: Option<UnixMillis>,
    /// The municipality up to which people were written down.
    pub cursor_area: String,
    /// The contact, or of a correction the person, up to whom people of it were.
    pub cursor_contact: Option<Uuid>,
    /// How far it is, in people.
    pub progress: Progress,
    /// When its people are forgotten, once it is over.
    pub forget_at: Option<UnixMillis>,
    /// When it was begun.
    pub created_at: UnixMillis,
    /// When it changed last.
    pub updated_at: UnixMillis,
}

/// How far a broadcast is, in people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Who was written down.
    pub people: u64,
    /// Queued and not sent.
    pub queued: u64,
    /// A gateway took it, or may have.
    pub sent: u64,
    /// It could not be sent.
    pub failed: u64,
    /// Nothing goes to them any more.
    pub passed: u64,
    /// It was stopped before them.
    pub cancelled: u64,
}

impl Progress {
    /// Nothing is queued for them yet.
    pub fn waiting(&self) -> u64 {
        let over = self.queued + self.sent + self.failed + self.passed + self.cancelled;
        self.people.saturating_sub(over)
    }
}

/// Who let a broadcast go.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Approval {
    /// The account.
    pub staff_id: Uuid,
    /// What it said then.
    pub hash: String,
    /// When, Unix ms.
    pub at: i64,
}

/// A new broadcast.
#[derive(Clone, Debug)]
pub struct NewBroadcast {
    /// Its id.
    pub id: Uuid,
    /// What is written.
    pub draft: Draft,
    /// Where it goes.
    pub areas: Vec<Scope>,
    /// How many it is for, at most.
    pub people: u64,
    /// Who begins it.
    pub staff_id: Uuid,
    /// When.
    pub at: UnixMillis,
}

/// What staff does to a broadcast.
#[derive(Clone, Debug)]
pub enum Act {
    /// Writes it anew: approvals are gone.
    Edit {
        /// What is written now.
        draft: Box<Draft>,
        /// Where it goes now.
        areas: Vec<Scope>,
        /// How many it is for now, at most.
        people: u64,
    },
    /// Asks for approvals.
    Submit {
        /// How many it is for now, at most.
        people: u64,
    },
    /// Lets it go as the hash says.
    Approve {
        /// What was seen.
        hash: String,
        /// How many it is for now, at most.
        people: u64,
        /// Who may still approve it, of those who did.
        valid: Vec<Uuid>,
    },
    /// Nothing goes out until it is released.
    Hold {
        /// Why.
        reason: String,
    },
    /// Lets it go on; it counts as an approval.
    Release {
        /// What was seen.
        hash: String,
        /// Who may still approve it, of those who did.
        valid: Vec<Uuid>,
    },
    /// Ends it.
    Stop {
        /// Why.
        reason: String,
    },
    /// Gives it up before it is approved.
    Withdraw,
}

impl Act {
    /// The code in the audit trail, which is also the kind of its event.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Edit { .. } => "broadcast_edited",
            Self::Submit { .. } => "broadcast_submitted",
            Self::Approve { .. } => "broadcast_approved",
            Self::Hold { .. } => "broadcast_held",
            Self::Release { .. } => "broadcast_released",
            Self::Stop { .. } => "broadcast_stopped",
            Self::Withdraw => "broadcast_withdrawn",
        }
    }
}

/// An act, by whom and on what.
#[derive(Clone, Debug)]
pub struct Acting {
    /// The broadcast.
    pub broadcast_id: Uuid,
    /// The version that was seen; `None`: whichever it is.
    pub version: Option<i64>,
    /// Who does it.
    pub staff_id: Uuid,
    /// What.
    pub act: Act,
    /// When.
    pub at: UnixMillis,
}
