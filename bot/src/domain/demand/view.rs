//! Demands as readers see them. Nothing here tells who supports what, but whether the one who asks does.

use uuid::Uuid;

use super::{Code, DemandState, Leadership, Progress, Support, Verdict, Votes};
use crate::domain::time::UnixMillis;

/// A step of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// What.
    pub title: String,
    /// By when: an ISO date.
    pub due_on: Option<String>,
    /// How far it got.
    pub state: Progress,
}

/// What a promise is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// What is promised.
    pub title: String,
    /// Who keeps it: an office or a post, no person.
    pub owner: String,
    /// By when: an ISO date.
    pub due_on: Option<String>,
    /// How far it got.
    pub state: Progress,
    /// How much of it is done, 0 to 100.
    pub percent: u8,
    /// Its steps, in order.
    pub milestones: Vec<Milestone>,
}

/// A demand as lists and readers see it. Nothing in it tells who supports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: Code,
    /// Its version.
    pub version: i64,
    /// How far it got.
    pub state: DemandState,
    /// Key of the municipality.
    pub municipality: String,
    /// Topic.
    pub topic: String,
    /// Code of the office that owes the answer.
    pub office: Option<String>,
    /// Its name, once it was handed over.
    pub office_name: Option<String>,
    /// What is asked for.
    pub text: String,
    /// Whether its author was a verified leader when it was published.
    pub by_leader: bool,
    /// How much support it needs.
    pub threshold: u64,
    /// Its support, exactly: for rules alone. Of a merged one what it had then.
    pub support: Support,
    /// Its support as people are told it: as it was when it was told last.
    pub told: Support,
    /// The one that it goes on in.
    pub merged_into: Option<Uuid>,
    /// When it was opened.
    pub created_at: UnixMillis,
    /// When it changed last, support apart.
    pub updated_at: UnixMillis,
    /// When it became public.
    pub published_at: Option<UnixMillis>,
    /// Until when it collects.
    pub collect_until: Option<UnixMillis>,
    /// When it had enough support.
    pub reached_at: Option<UnixMillis>,
    /// When the authority got it.
    pub handed_at: Option<UnixMillis>,
    /// By when the answer is owed.
    pub answer_due: Option<UnixMillis>,
    /// When the term was over without one.
    pub silent_at: Option<UnixMillis>,
    /// When it was answered.
    pub answered_at: Option<UnixMillis>,
    /// When it will be archived.
    pub archive_at: Option<UnixMillis>,
    /// Since when nothing follows any more.
    pub over_at: Option<UnixMillis>,
    /// Why a moderator refused it.
    pub reason: Option<String>,
}

/// The answer of the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// What it costs, in thousandths of the currency's unit.
    pub cost: Option<u64>,
    /// By when it is done: an ISO date.
    pub due_on: Option<String>,
    /// Who entered it.
    pub staff_id: Uuid,
    /// When.
    pub answered_at: UnixMillis,
}

/// A promise, as it is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Its id.
    pub id: Uuid,
    /// The demand that it answers.
    pub demand_id: Uuid,
    /// Key of the municipality.
    pub municipality: String,
    /// What is promised.
    pub promise: Promise,
    /// What supporters say, exactly: for rules alone.
    pub votes: Votes,
    /// What supporters say as people are told it: of each answer as many as there were when it was told last, and
    /// none while they are ten or fewer.
    pub told: Votes,
    /// Its version.
    pub version: i64,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it changed last.
    pub updated_at: UnixMillis,
}

/// What the dialogue must know of a demand that a message names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The one whose code was written.
    pub demand: Demand,
    /// The one it goes on in, where it was merged.
    pub root: Option<Demand>,
    /// Whether the person wrote it.
    pub own: bool,
    /// The answer of the root.
    pub answer: Option<Answer>,
    /// The promise of the root.
    pub commitment: Option<Commitment>,
    /// Whether a message of the author waits, and when the last one that was not refused was written.
    pub written: (bool, Option<UnixMillis>),
}

/// What the dialogue must know of a person's demands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mine {
    /// Those that she wrote and that are not over, or were over within 60 days; the newest first, at most 20.
    pub demands: Vec<Demand>,
    /// What is known of her as a leader.
    pub leadership: Option<Leadership>,
    /// A merge that she is asked about: its id, the code of hers, the code and the text of the other.
    pub asked: Option<AskedMerge>,
    /// Topics that she has news of.
    pub topics: Vec<String>,
    /// Whether she has the weekly digest.
    pub weekly: bool,
    /// Wrong codes within the hour.
    pub tries: i64,
    /// The last version of the privacy notice that the contact agreed to; 0: none.
    pub consent: u16,
}

/// A merge that an author is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedMerge {
    /// Its id.
    pub id: Uuid,
    /// The code of hers.
    pub child: Code,
    /// The code of the other.
    pub parent: Code,
    /// When a gateway took the message that asks; `None`: it waits still.
    pub read_at: Option<UnixMillis>,
    /// Whether it can be done still.
    pub open: bool,
}
