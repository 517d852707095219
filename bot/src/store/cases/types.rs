//! What is handed to the store about cases, and what it gives back.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::case::clock::Dues;
use crate::domain::case::{Anonymity, CaseKind, CaseState, Confidentiality, Folio, Priority};
use crate::domain::channel::ChannelKind;
use crate::domain::time::UnixMillis;
use crate::store::outbox::NewOutbound;

/// A case that a citizen opens. `Debug` shows no text.
#[derive(Clone, PartialEq)]
pub struct NewCase {
    /// Its id.
    pub id: Uuid,
    /// Its public number; one that is taken is a conflict, and another is drawn.
    pub folio: Folio,
    /// Keyed hash of folio and PIN (`Store::pin_key`).
    pub pin_key: Vec<u8>,
    /// What it is.
    pub kind: CaseKind,
    /// Key of the municipality.
    pub municipality: String,
    /// Code of its category.
    pub category: String,
    /// Code of the office that answers.
    pub office: String,
    /// Topic of the indicator it came from.
    pub topic: Option<String>,
    /// What happens, in the citizen's words.
    pub text: String,
    /// Colonia and reference.
    pub place: Option<String>,
    /// Latitude and longitude in degrees.
    pub location: Option<(f64, f64)>,
    /// Who may see who reported it; level 2 makes it confidential.
    pub anonymity: Anonymity,
    /// How closed its text is.
    pub confidentiality: Confidentiality,
    /// Questions of the category (codes) with what was answered.
    pub answers: Vec<(String, String)>,
    /// What is owed.
    pub dues: Dues,
    /// An older case that this one follows.
    pub linked_to: Option<Uuid>,
    /// Emergency or violence: its priority is urgent.
    pub urgent: bool,
    /// When its dialogue began: photos and voices of the contact since then belong to it.
    pub began_at: Option<UnixMillis>,
}

impl Eq for NewCase {}

impl std::fmt::Debug for NewCase {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "NewCase {{ id: {}, kind: {}, category: {:?}, .. }}", self.id, self.kind, self.category)
    }
}

/// What a citizen says about the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackKind {
    /// Something is proposed.
    Suggestion,
    /// Thanks, with words.
    Praise,
    /// How something went.
    Story,
}

impl FeedbackKind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Suggestion => "suggestion",
            Self::Praise => "praise",
            Self::Story => "story",
        }
    }
}

/// What a message of a citizen changes. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub enum Change {
    /// A case is opened.
    Opened(Box<NewCase>),
    /// She joins somebody else's case.
    Joined {
        /// The case.
        case_id: Uuid,
        /// What she adds.
        text: Option<String>,
        /// When her dialogue began: photos and voices of the contact since then belong to the case.
        began_at: Option<UnixMillis>,
    },
    /// A further message joins the thread of a case of hers. It ends a wait for her, and opens a case
    /// that is closed.
    Written {
        /// The case.
        case_id: Uuid,
        /// What she writes.
        text: String,
    },
    /// She takes back a case that no staff has opened and nobody joined.
    Withdrawn {
        /// The case.
        case_id: Uuid,
    },
    /// She opened a case that others joined, no staff has opened it, and she is told of it no more: it
    /// stays for the others, with what she told.
    Left {
        /// The case.
        case_id: Uuid,
    },
    /// Her last message in the thread of a case reads this instead; the old text is kept as a change.
    Corrected {
        /// The case.
        case_id: Uuid,
        /// The new text.
        text: String,
    },
    /// It was not put right: the case is opened again for another officer. Later than 30 days after the
    /// closing it is a conflict, and a linked case is opened instead.
    Disputed {
        /// The case.
        case_id: Uuid,
        /// The question that is answered.
        question: Uuid,
    },
    /// It was put right.
    Confirmed {
        /// The case.
        case_id: Uuid,
        /// The question that is answered.
        question: Uuid,
    },
    /// How it was dealt with.
    Rated {
        /// The case.
        case_id: Uuid,
        /// 1 to 5.
        stars: u8,
    },
    /// She wants to talk to a person: a case of the category `person`.
    HandedOver(Box<NewCase>),
    /// Something for the queue of feedback.
    Feedback {
        /// What it is.
        kind: FeedbackKind,
        /// Key of the municipality.
        municipality: String,
        /// Her words.
        text: String,
    },
    /// She agreed to the privacy notice of this version.
    Consented {
        /// Version of its wording.
        version: u16,
    },
    /// She tried the PIN of a folio.
    Tried {
        /// Keyed hash of the folio (`Store::folio_key`).
        folio_hash: Vec<u8>,
        /// Whether it was right.
        right: bool,
    },
}

impl std::fmt::Debug for Change {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Opened(case) => write!(out, "Opened({case:?})"),
            Self::HandedOver(case) => write!(out, "HandedOver({case:?})"),
            Self::Joined { case_id, .. } => write!(out, "Joined({case_id})"),
            Self::Written { case_id, .. } => write!(out, "Written({case_id})"),
            Self::Withdrawn { case_id } => write!(out, "Withdrawn({case_id})"),
            Self::Left { case_id } => write!(out, "Left({case_id})"),
            Self::Corrected { case_id, .. } => write!(out, "Corrected({case_id})"),
            Self::Disputed { case_id, .. } => write!(out, "Disputed({case_id})"),
            Self::Confirmed { case_id, .. } => write!(out, "Confirmed({case_id})"),
            Self::Rated { case_id, stars } => write!(out, "Rated({case_id}, {stars})"),
            Self::Feedback { kind, .. } => write!(out, "Feedback({})", kind.code()),
            Self::Consented { version } => write!(out, "Consented({version})"),
            Self::Tried { right, .. } => write!(out, "Tried({right})"),
        }
    }
}

/// A case that staff opens for a person who came by or called, or for what she wrote and nobody
/// understood. `Debug` shows no text.
#[derive(Clone)]
pub struct WalkIn {
    /// The case; its `began_at` says nothing.
    pub case: NewCase,
    /// The contact of the person, where she has one.
    pub contact_id: Option<Uuid>,
    /// The message that it is opened for, where she wrote one.
    pub inbox_id: Option<Uuid>,
    /// What she is told of it.
    pub receipt: Option<NewOutbound>,
    /// Her name and telephone as they were said; always sealed.
    pub reporter: Option<String>,
    /// Who opens it.
    pub staff_id: Uuid,
    /// When.
    pub at: UnixMillis,
}

impl std::fmt::Debug for WalkIn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "WalkIn {{ {:?}, staff_id: {} }}", self.case, self.staff_id)
    }
}

/// The office that a case is passed on to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// Its code, where it is one of ours.
    pub office: Option<String>,
    /// Its name.
    pub name: String,
    /// Its telephone.
    pub phone: String,
}

/// What a state says besides its name; `domain::case::rules::needs` says what it must.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// Why, in words that the citizen may read.
    pub reason: Option<String>,
    /// Where it is passed on to.
    pub referral: Option<Referral>,
    /// The case that is about the same.
    pub original: Option<Uuid>,
    /// The date of the work (`2026-12-01`).
    pub date: Option<String>,
    /// What it cost, in thousandths of the currency's unit.
    pub cost: Option<i64>,
}

/// Until when a case sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snooze {
    /// Until this instant; a message of the citizen wakes it before.
    Until(UnixMillis),
    /// Until the citizen writes: it waits for her, and its clocks stand still.
    UntilReply,
    /// It is awake.
    Not,
}

/// What staff does to a case. `Debug` shows no text.
#[derive(Clone)]
pub enum Act {
    /// An officer takes it or is given it; `None`: nobody has it any more.
    Assign {
        /// The officer.
        to: Option<Uuid>,
    },
    /// It goes to another state.
    SetState {
        /// The state.
        to: CaseState,
        /// What the state needs.
        with: Box<Closing>,
    },
    /// A message to the citizen, held so that it can be taken back.
    Reply {
        /// Id of its row in the thread.
        message_id: Uuid,
        /// The words, as the thread shows them.
        text: String,
        /// The same as the citizen's channel shows them: `news`, not sent before
        /// [`crate::domain::case::rules::HOLD`] from now, or later.
        outbound: Box<NewOutbound>,
        /// Whether the citizen must answer: the case waits for her.
        wait: bool,
    },
    /// A message to the citizen is taken back while it is held; a conflict where it is not any more.
    TakeBack {
        /// Its row in the thread.
        message_id: Uuid,
    },
    /// A note that only staff reads.
    Note {
        /// Id of its row in the thread.
        message_id: Uuid,
        /// The words.
        text: String,
    },
    /// Labels are put on and taken off.
    Label {
        /// Those that are put on.
        add: Vec<String>,
        /// Those that are taken off.
        remove: Vec<String>,
    },
    /// How soon it wants a person.
    Prioritise(Priority),
    /// It sleeps or wakes.
    Snooze(Snooze),
    /// Another category and office.
    Route {
        /// Code of the category.
        category: String,
        /// Code of the office.
        office: String,
    },
    /// How closed its text is: sealed or opened wherever it lies, and out of the search or in it.
    Close(Confidentiality),
    /// It is about the same as another one: closed as a duplicate, its people join that one.
    Merge {
        /// The other one.
        into: Uuid,
    },
    /// A merge is taken back: it is looked at again.
    Part,
    /// It is linked to an older one, and stays open.
    Link {
        /// The older one; `None`: to none.
        to: Option<Uuid>,
    },
    /// Somebody looked at what is masked, and said why.
    Reveal {
        /// Why.
        reason: String,
    },
}

impl Act {
    /// The stable code, which changes and events carry.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Assign { .. } => "case_assigned",
            Self::SetState { .. } => "case_state",
            Self::Reply { .. } => "case_replied",
            Self::TakeBack { .. } => "case_reply_taken_back",
            Self::Note { .. } => "case_noted",
            Self::Label { .. } => "case_labelled",
            Self::Prioritise(_) => "case_prioritised",
            Self::Snooze(_) => "case_snoozed",
            Self::Route { .. } => "case_routed",
            Self::Close(_) => "case_confidentiality",
            Self::Merge { .. } => "case_merged",
            Self::Part => "case_parted",
            Self::Link { .. } => "case_linked",
            Self::Reveal { .. } => "case_revealed",
        }
    }
}

impl std::fmt::Debug for Act {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.code())
    }
}

/// An act of an officer on a case, as it was when she saw it.
#[derive(Clone, Debug)]
pub struct Acting {
    /// The case.
    pub case_id: Uuid,
    /// Its version then; another one is a conflict.
    pub version: i64,
    /// Who acts.
    pub staff_id: Uuid,
    /// What is done.
    pub act: Act,
    /// By when the next news is owed, where this is news; `None` leaves what was owed.
    pub update_due: Option<UnixMillis>,
    /// What everybody who joined is told, in words; the messages are `news` of this case.
    pub news: Vec<NewOutbound>,
    /// When.
    pub at: UnixMillis,
}

/// Somebody who is told about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The contact.
    pub contact_id: Uuid,
    /// Her person, or the contact where it belongs to none: who is the same, has the same.
    pub holder_id: Uuid,
    /// Whether news reach her here: of several contacts of one person, the one that wrote last.
    pub reached: bool,
    /// Kind of its channel.
    pub channel: ChannelKind,
    /// Locale that the contact reads; `None`: the pack's.
    pub locale: Option<String>,
    /// Whether the contact opened the case.
    pub opener: bool,
}

/// A case as the one who opened or joined it may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyCase {
    /// Its id.
    pub id: Uuid,
    /// Its public number.
    pub folio: Folio,
    /// What it is.
    pub kind: CaseKind,
    /// How far it got.
    pub state: CaseState,
    /// Whether who opened it took it back.
    pub withdrawn: bool,
    /// Key of the municipality.
    pub municipality: String,
    /// Code of its category.
    pub category: String,
    /// Code of the office that answers.
    pub office: String,
    /// How closed its text is.
    pub confidentiality: Confidentiality,
    /// Whether this contact, or another of the same person, opened it; else joined.
    pub opener: bool,
    /// Whether other persons joined it.
    pub others: bool,
    /// Whether staff has opened it.
    pub seen: bool,
    /// Whether staff waits for an answer of the person.
    pub waits: bool,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it was closed.
    pub closed_at: Option<UnixMillis>,
    /// When something is owed next.
    pub next_due: Option<UnixMillis>,
    /// The date of the work.
    pub scheduled_for: Option<String>,
    /// Where it is passed on to.
    pub referral: Option<Referral>,
}

/// A question after a closing that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedFollowUp {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// The case's public number.
    pub folio: Folio,
    /// Which of the three: 0, 1, 2.
    pub ordinal: u8,
    /// When it was asked.
    pub asked_at: UnixMillis,
    /// When the case was closed.
    pub closed_at: UnixMillis,
}

/// What the dialogue must know of a contact's cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFacts {
    /// Cases that the contact (or another of the same person) opened or joined, the newest first: open
    /// ones, and those closed within 60 days.
    pub mine: Vec<MyCase>,
    /// The question that waits for an answer.
    pub asked: Option<AskedFollowUp>,
    /// The contact's last message in a thread: its case, and when.
    pub last_written: Option<(Uuid, UnixMillis)>,
    /// The last version of the privacy notice that the contact agreed to; 0: none.
    pub consent: u16,
}
