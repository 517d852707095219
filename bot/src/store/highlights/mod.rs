//! Cards about what worked: written by staff, looked at by somebody else, read by everybody.
//!
//! Text, signs and state change by an [`Act`], each on the version that was seen, in one transaction with its event
//! and its entry of the audit trail. What people say of a card and who took it over are no version of it.

pub(crate) mod act;
pub(crate) mod people;
pub(crate) mod row;

use uuid::Uuid;

pub use crate::domain::highlight::card::{Card, Helped, State, Text};
use crate::domain::time::UnixMillis;
pub use row::{ChangedCard, Wanted};

/// A card that is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHighlight {
    /// Its id.
    pub id: Uuid,
    /// Key of the municipality.
    pub municipality: String,
    /// Topic of the pack whose figure moved.
    pub topic: String,
    /// What is written.
    pub text: Text,
    /// Who proposes it.
    pub staff_id: Uuid,
    /// When.
    pub at: UnixMillis,
}

/// A municipality that took a practice over.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Adoption {
    /// Key of the municipality.
    pub municipality: String,
    /// The one that it learned it from.
    pub learned_from: String,
    /// Since when: an ISO date.
    pub adopted_on: String,
    /// Who reported it.
    pub staff_id: Uuid,
    /// When, Unix ms.
    pub at: i64,
}

/// What staff does to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Writes it anew: it is a draft, and what was cleared or approved is not any more.
    Edit(Text),
    /// Hands it in. Personal data that the check finds must have been cleared.
    Submit,
    /// Somebody who did not write it found what the check found harmless.
    Clear {
        /// The hash that was seen.
        hash: String,
    },
    /// Somebody who did not write it publishes it.
    Approve {
        /// The hash that was seen.
        hash: String,
    },
    /// It goes back to its author.
    Reject {
        /// Why.
        reason: String,
    },
    /// Nobody is shown it any more.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// A municipality took it over.
    Adopt {
        /// Key of the municipality.
        municipality: String,
        /// The one that it learned it from.
        learned_from: String,
        /// Since when: an ISO date.
        adopted_on: String,
    },
}

impl Act {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Edit(_) => "highlight_edited",
            Self::Submit => "highlight_submitted",
            Self::Clear { .. } => "highlight_cleared",
            Self::Approve { .. } => "highlight_approved",
            Self::Reject { .. } => "highlight_rejected",
            Self::Withdraw { .. } => "highlight_withdrawn",
            Self::Adopt { .. } => "highlight_adopted",
        }
    }
}

/// An act on a card, and who does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// The card.
    pub highlight_id: Uuid,
    /// Its version, as it was seen.
    pub version: i64,
    /// Who.
    pub staff_id: Uuid,
    /// What.
    pub act: Act,
    /// When.
    pub at: UnixMillis,
}

/// What an act led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The number by which people read it.
    pub code: u32,
    /// The card's version after it.
    pub version: i64,
    /// Its state after it.
    pub state: State,
}

/// What somebody did to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignKind {
    /// Wrote it anew.
    Edited,
    /// Found its personal data harmless.
    Cleared,
    /// Published it.
    Approved,
}

impl SignKind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Cleared => "cleared",
            Self::Approved => "approved",
        }
    }
}

/// Who did something to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// What.
    pub kind: SignKind,
    /// Who.
    pub staff_id: Uuid,
    /// When.
    pub at: UnixMillis,
}

/// A card with all that staff sees of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullHighlight {
    /// The card.
    pub card: Card,
    /// Who edited, cleared and approved it, the first first.
    pub signs: Vec<Sign>,
    /// Municipalities that took it over, the first first.
    pub adoptions: Vec<Adoption>,
    /// How many people said that it helped: yes, a little, no. Exactly: for rules alone.
    pub helped: [u64; 3],
}

impl FullHighlight {
    /// Whether somebody wrote a part of it.
    pub fn wrote(&self, staff_id: Uuid) -> bool {
        let edited = |it: &Sign| it.kind == SignKind::Edited && it.staff_id == staff_id;
        self.card.author_id == staff_id || self.signs.iter().any(edited)
    }
}

/// What a citizen's message changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// She says whether a card helped; the last word counts.
    Judged {
        /// Which.
        highlight_id: Uuid,
        /// What.
        helped: Helped,
    },
}
