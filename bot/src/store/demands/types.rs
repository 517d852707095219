//! What is handed to the store about demands, and what it gives back.

use uuid::Uuid;

use crate::domain::demand::flags::Flags;
pub use crate::domain::demand::{Answer, AskedMerge, Commitment, Demand, Milestone, Mine, Named, Promise};
use crate::domain::demand::{Code, Leadership, SubscriptionKind, Verdict, Vote};
use crate::domain::time::UnixMillis;

/// A demand that is opened. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub struct NewDemand {
    /// Its id.
    pub id: Uuid,
    /// Its code; one that is taken is a conflict, and another is drawn.
    pub code: Code,
    /// Key of the municipality.
    pub municipality: String,
    /// Topic of the pack.
    pub topic: String,
    /// Code of the office that will owe the answer.
    pub office: Option<String>,
    /// What is asked for.
    pub text: String,
    /// How much support it needs.
    pub threshold: u64,
}

impl std::fmt::Debug for NewDemand {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "NewDemand {{ id: {}, topic: {:?}, .. }}", self.id, self.topic)
    }
}

/// What a citizen's message changes. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// She opens a demand, and supports it; or somebody for whom she has the code does: its keyed hash.
    Opened(Box<NewDemand>, Option<Vec<u8>>),
    /// She confirms a demand of somebody else, and supports it.
    Confirmed {
        /// Which.
        demand_id: Uuid,
        /// Key of her municipality.
        home: Option<String>,
    },
    /// She supports a demand; a second time changes nothing.
    Signed {
        /// Which.
        demand_id: Uuid,
        /// Key of her municipality.
        home: Option<String>,
        /// For whom, by the code that this contact gave: its keyed hash.
        for_code: Option<Vec<u8>>,
    },
    /// She takes her support back; where there is none, nothing changes.
    Retired {
        /// Which.
        demand_id: Uuid,
    },
    /// Its author takes a whole demand back.
    Withdrawn {
        /// Which.
        demand_id: Uuid,
    },
    /// Its author writes to the supporters; a moderator reads it first.
    Written {
        /// Which.
        demand_id: Uuid,
        /// What.
        text: String,
    },
    /// Its author answers whether it may go on in another one.
    MergeAnswered {
        /// The merge.
        merge_id: Uuid,
        /// Whether.
        yes: bool,
    },
    /// What its author was asked can't be done any more, and she was told so.
    MergeDropped {
        /// The merge.
        merge_id: Uuid,
    },
    /// A supporter says whether the promise was kept; the last word counts.
    Voted {
        /// Of which demand.
        demand_id: Uuid,
        /// What.
        vote: Vote,
    },
    /// She wants no news of a demand any more.
    Muted {
        /// Which.
        demand_id: Uuid,
    },
    /// The photo that comes with her message is one of a list of an assembly.
    Pictured {
        /// For which demand.
        demand_id: Uuid,
    },
    /// She asks to be known as a leader.
    Leading {
        /// Key of her municipality.
        municipality: String,
        /// Name and group, as she wrote them.
        words: String,
    },
    /// She wants news.
    Subscribed {
        /// Of what kind.
        kind: SubscriptionKind,
        /// Topic; empty for the week.
        topic: String,
        /// Key of the municipality.
        municipality: String,
        /// Version of the wording that she agreed to.
        consent: u16,
    },
    /// She wants that no more.
    Unsubscribed {
        /// Of what kind.
        kind: SubscriptionKind,
        /// Topic; empty for the week.
        topic: String,
    },
    /// A code led to nothing.
    Tried,
    /// She wants to write for who has this number: a code goes there.
    RelayAsked(Box<RelayAsk>),
    /// The case that this message opened was reported for whom this code is: its keyed hash.
    RelayedReport {
        /// The keyed hash.
        key: Vec<u8>,
        /// The case of somebody else that it joined; `None`: it is a case of its own.
        joined: Option<Uuid>,
    },
}

/// A code that goes to the number of somebody for whom another wants to write. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayAsk {
    /// Id of the code, and of the contact where the number is new, and of the message.
    pub ids: [Uuid; 3],
    /// Keyed hash of the code.
    pub key: Vec<u8>,
    /// Channel by which the number is reached.
    pub channel_id: String,
    /// The number.
    pub address: String,
    /// What it reads.
    pub rendered: crate::channels::render::Rendered,
}

impl Change {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Opened(..) => "demand_opened",
            Self::Confirmed { .. } => "demand_confirmed",
            Self::Signed { .. } => "demand_signed",
            Self::Retired { .. } => "demand_retired",
            Self::Withdrawn { .. } => "demand_withdrawn",
            Self::Written { .. } => "demand_message_written",
            Self::MergeAnswered { .. } => "demand_merge_answered",
            Self::Voted { .. } => "commitment_voted",
            Self::Muted { .. } => "demand_muted",
            Self::Pictured { .. } => "demand_acta_sent",
            Self::Leading { .. } => "leader_asked",
            Self::Subscribed { .. } => "subscribed",
            Self::Unsubscribed { .. } => "unsubscribed",
            Self::Tried => "demand_code_wrong",
            Self::RelayAsked(_) => "relay_asked",
            Self::RelayedReport { .. } => "case_relayed",
            Self::MergeDropped { .. } => "merge_dropped",
        }
    }
}

impl std::fmt::Debug for Change {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.code())
    }
}

/// A list of an assembly that is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewActa {
    /// Its id.
    pub id: Uuid,
    /// The number that stands on it.
    pub folio: String,
    /// Heads on it, 1 to 100,000.
    pub heads: u32,
    /// The day of the assembly: an ISO date.
    pub held_on: String,
    /// Where it was.
    pub place: Option<String>,
    /// The picture of it: a kept photo of a message.
    pub media_id: Option<Uuid>,
}

/// What staff does to a demand. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// A moderator lets it be public (`moderation` to `collecting`).
    Publish {
        /// Code of the office that will owe the answer; `None` leaves it.
        office: Option<String>,
    },
    /// A moderator refuses it (`moderation` to `rejected`); the author reads the reason.
    Reject {
        /// Why, at most 110 characters.
        reason: String,
    },
    /// It is handed over by staff before the clock does it (`reached` to `with_authority`).
    HandOver {
        /// Code of the office.
        office: String,
        /// Its name, with which silence is counted.
        office_name: String,
        /// By when it owes the answer (`Desk::working_days`, `rules::ANSWER_DAYS`).
        answer_due: UnixMillis,
    },
    /// The authority answers (`reached` or `with_authority` to `answered`); all supporters read it.
    Answer {
        /// Its verdict.
        verdict: Verdict,
        /// Why, at most `rules::LONGEST_REASON` characters.
        reason: String,
        /// What it costs, in thousandths of the currency's unit.
        cost: Option<u64>,
        /// By when it is done: an ISO date.
        due_on: Option<String>,
    },
    /// The answer becomes a promise (`answered` to `followed`).
    Promise(Promise),
    /// The promise is written anew: supporters read it where its state or a step's changed.
    UpdatePromise {
        /// The version of the promise that was seen.
        version: i64,
        /// As it is now.
        promise: Promise,
    },
    /// It is to go on in another one: its author is asked; without an author it is done at once.
    Merge {
        /// The other one.
        parent_id: Uuid,
        /// The merge's id.
        merge_id: Uuid,
        /// Why, for the trail.
        reason: String,
    },
    /// A merge is taken back: it stands for itself again, each support where it was given.
    Unmerge {
        /// Why, for the trail.
        reason: String,
    },
    /// Flagged supports count, after somebody looked: all that were flagged by these rules only.
    ClearFlags {
        /// Which rules.
        flags: Flags,
        /// Why, for the trail.
        reason: String,
    },
    /// Support on paper is entered.
    AddActa(NewActa),
    /// A list was entered by mistake.
    VoidActa {
        /// Which.
        acta_id: Uuid,
        /// Why, for the trail.
        reason: String,
    },
    /// People on a list were called back.
    CallActa {
        /// Which.
        acta_id: Uuid,
        /// How many were called in all.
        called: u32,
        /// How many of them confirmed it.
        confirmed: u32,
    },
    /// A moderator lets a message of the author go, or not; a refusal has a reason that she reads.
    DecideMessage {
        /// Which.
        message_id: Uuid,
        /// Its version.
        version: i64,
        /// `None`: it goes.
        refused: Option<String>,
    },
    /// An organisation signs in public.
    Endorse {
        /// Its name.
        organisation: String,
    },
    /// It signs no more.
    Unendorse {
        /// Its name.
        organisation: String,
    },
    /// Cases that ask for the same; their people are asked whether they sign.
    LinkCases {
        /// Which; confidential ones are refused.
        case_ids: Vec<Uuid>,
        /// Whether their people are asked.
        invite: bool,
    },
    /// A case has nothing to do with it.
    UnlinkCase {
        /// Which.
        case_id: Uuid,
    },
}

impl Act {
    /// The stable code, which changes and events carry.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Publish { .. } => "demand_published",
            Self::Reject { .. } => "demand_rejected",
            Self::HandOver { .. } => "demand_handed_over",
            Self::Answer { .. } => "demand_answered",
            Self::Promise(_) => "commitment_opened",
            Self::UpdatePromise { .. } => "commitment_updated",
            Self::Merge { .. } => "demand_merge_asked",
            Self::Unmerge { .. } => "demand_unmerged",
            Self::ClearFlags { .. } => "demand_flags_cleared",
            Self::AddActa(_) => "demand_acta_added",
            Self::VoidActa { .. } => "demand_acta_voided",
            Self::CallActa { .. } => "demand_acta_called",
            Self::DecideMessage { .. } => "demand_message_decided",
            Self::Endorse { .. } => "demand_endorsed",
            Self::Unendorse { .. } => "demand_unendorsed",
            Self::LinkCases { .. } => "demand_cases_linked",
            Self::UnlinkCase { .. } => "demand_case_unlinked",
        }
    }
}

impl std::fmt::Debug for Act {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.code())
    }
}

/// An act of staff on a demand, as it was when it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// The demand.
    pub demand_id: Uuid,
    /// Its version then; another one is a conflict. Support does not change it.
    pub version: i64,
    /// Who acts.
    pub staff_id: Uuid,
    /// What is done.
    pub act: Act,
    /// When.
    pub at: UnixMillis,
}

/// A demand that staff opens out of cases: it is public at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The demand.
    pub new: NewDemand,
    /// The cases whose people are asked whether they sign.
    pub case_ids: Vec<Uuid>,
    /// Who opens it.
    pub staff_id: Uuid,
    /// When.
    pub at: UnixMillis,
}

/// A list of an assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acta {
    /// What was entered.
    pub acta: NewActa,
    /// How many were called back.
    pub called: u32,
    /// How many of them confirmed it.
    pub confirmed: u32,
    /// Who entered it.
    pub staff_id: Uuid,
    /// When.
    pub entered_at: UnixMillis,
    /// When it was found to be a mistake.
    pub voided_at: Option<UnixMillis>,
}

/// A message of an author to the supporters. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorMessage {
    /// Its id.
    pub id: Uuid,
    /// The demand.
    pub demand_id: Uuid,
    /// Key of the municipality.
    pub municipality: String,
    /// What it says.
    pub text: String,
    /// `waiting`, `sent` or `refused`.
    pub state: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Its version.
    pub version: i64,
    /// When it was written.
    pub written_at: UnixMillis,
    /// When somebody decided.
    pub decided_at: Option<UnixMillis>,
}

impl std::fmt::Debug for AuthorMessage {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "AuthorMessage {{ id: {}, state: {}, .. }}", self.id, self.state)
    }
}

/// A merge that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Its id.
    pub id: Uuid,
    /// The demand that goes.
    pub child_id: Uuid,
    /// The one it goes on in.
    pub parent_id: Uuid,
    /// `asked`, `done`, `refused`, `lapsed` or `undone`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// When.
    pub asked_at: UnixMillis,
    /// Until when the author may answer.
    pub until: UnixMillis,
    /// When that ended.
    pub ended_at: Option<UnixMillis>,
}

/// A change of a demand. None is a support.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The demand's version after it.
    pub version: i64,
    /// What: the code of an act, of a citizen's change or of a clock.
    pub kind: String,
    /// `citizen`, `staff` or `service`.
    pub actor: String,
    /// Who of staff.
    pub staff_id: Option<Uuid>,
    /// What it was.
    pub was: Option<String>,
    /// What it is.
    pub became: Option<String>,
    /// Words of staff.
    pub detail: Option<String>,
    /// When.
    pub at: UnixMillis,
}

/// Everything about a demand that staff may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullDemand {
    /// The demand.
    pub demand: Demand,
    /// The answer.
    pub answer: Option<Answer>,
    /// The promise.
    pub commitment: Option<Commitment>,
    /// Lists of assemblies, the oldest first, at most 200.
    pub actas: Vec<Acta>,
    /// Photos of lists that were sent for it and that nobody entered yet, and when; the newest first, at most 50.
    pub pictures: Vec<(Uuid, UnixMillis)>,
    /// Messages of the author, the newest first, at most 50.
    pub messages: Vec<AuthorMessage>,
    /// The merges that it goes on by, and those into it, the newest first, at most 50.
    pub merges: Vec<Merge>,
    /// Changes, the oldest first, at most 500.
    pub changes: Vec<Changed>,
    /// Supports a day: days since 1970 (UTC), signed, taken back; at most 120, the newest first.
    pub days: Vec<(i64, u64, u64)>,
    /// Where the supporters of the total live. To be shown by the rules for small numbers only.
    pub regions: Vec<(String, u64)>,
    /// Organisations that sign in public.
    pub endorsements: Vec<String>,
    /// Linked cases, at most 200.
    pub cases: Vec<Uuid>,
    /// How its author is reached, for a call or a message of staff; `None`: staff opened it, or the author was
    /// erased.
    pub author: Option<Uuid>,
    /// What is known of the author as a leader.
    pub leadership: Option<Leadership>,
    /// How many flagged supports each rule has: velocity, range, new senders. One may have several.
    pub flagged: [u64; 3],
}

/// Somebody who asked to be known as a leader. `Debug` shows no name.
#[derive(Clone, PartialEq, Eq)]
pub struct Leader {
    /// Id of the request.
    pub id: Uuid,
    /// The contact.
    pub contact_id: Uuid,
    /// Key of her municipality.
    pub municipality: String,
    /// What was decided.
    pub state: Leadership,
    /// Name and group, as she wrote them.
    pub words: String,
    /// Why she was refused.
    pub reason: Option<String>,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When she asked.
    pub asked_at: UnixMillis,
    /// When somebody decided.
    pub decided_at: Option<UnixMillis>,
}

impl std::fmt::Debug for Leader {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Leader {{ id: {}, state: {}, version: {}, .. }}", self.id, self.state, self.version)
    }
}

/// A decision about a leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecideLeader {
    /// The request.
    pub id: Uuid,
    /// The version that was seen.
    pub version: i64,
    /// Why she is refused; `None`: she is verified.
    pub refused: Option<String>,
    /// Who decides.
    pub staff_id: Uuid,
    /// When.
    pub at: UnixMillis,
}

/// How an office answers demands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OfficeRecord {
    /// Key of the municipality.
    pub municipality: String,
    /// Code of the office.
    pub office: String,
    /// Its name.
    pub office_name: String,
    /// How many it answered.
    pub answered: i64,
    /// How many of them within the term.
    pub in_time: i64,
    /// Terms that were over without an answer.
    pub silent: i64,
}

/// Who of a notice's many comes next. Only the sender of notices asks for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// What is marked: the support, the subscription's contact, or the contact itself.
    pub(crate) mark: Uuid,
    /// To whom.
    pub contact_id: Uuid,
    /// Its channel.
    pub channel_id: String,
    /// Locale that it reads; `None`: the pack's.
    pub locale: Option<String>,
    /// Whether she wants no news of this demand: she is passed over.
    pub muted: bool,
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Recipient(..)")
    }
}
