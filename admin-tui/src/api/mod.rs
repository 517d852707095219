//! The typed client of the staff API: what is asked, what comes back, and why something failed.

pub mod broadcasts;
mod client;
pub mod demands;
mod feed;
pub mod highlights;
mod sse;

pub use client::{Api, Insecure};
pub use feed::{Link, follow};

use cabildo_staff_api as wire;
use uuid::Uuid;

use crate::chart_data::{Chart, Series};
use crate::data::{
    Acted, Canned, Case, CasePage, Category, Me, Office, Person, Preview, Queues, Row, SecondFactor, Thread,
};
use crate::demand_data::DemandRow;
use crate::desk_data::{Audit, Chain, Feedback, Figures, Notice, Part, Sent, Unknown, User};
use crate::safe::{Code, SafeText};
use crate::screens::table::Page;

/// Something that is asked of the service.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    /// Signs in; the token stays with the client.
    SignIn(wire::NewSession),
    /// Chooses a password with a set-up code.
    SetUp(wire::NewPassword),
    /// Ends the session.
    SignOut,
    /// Who is signed in.
    Me,
    /// Counts of queues and views.
    Queues,
    /// A page of cases.
    Cases(Box<wire::case::CaseQuery>),
    /// One case.
    Case(Uuid),
    /// A page of its thread.
    Thread(Uuid, Option<String>),
    /// An act on a case, as JSON for its path, with the key under which it happens once.
    Act {
        /// The case.
        case: Uuid,
        /// What is done.
        act: Act,
        /// The version that it was decided on.
        version: i64,
        /// Under which it happens once.
        key: Uuid,
    },
    /// What a text would be and cost.
    Preview(wire::act::PreviewRequest),
    /// Canned replies of a municipality.
    Canned(Code),
    /// Labels in use in a municipality.
    Labels(Code),
    /// Offices of a municipality.
    Offices(Code),
    /// Categories of a municipality.
    Categories(Code),
    /// Accounts.
    Colleagues(Code),
    /// A page of feedback in a state.
    Feedback(Code, Option<String>),
    /// A page of texts that were not understood, in a state.
    Unknown(Code, Option<String>),
    /// A page of a part of the outbox.
    Outbox(Code, Option<String>),
    /// A page of what waits for who is signed in.
    Notices(Option<String>),
    /// A page of the audit trail.
    Audit(Option<String>),
    /// Checks the whole audit chain.
    Verify,
    /// A page of accounts.
    Users(Option<String>),
    /// The state of the service.
    Health,
    /// The indicators of a municipality.
    Figures(Code, &'static str),
    /// A chart of a municipality as a picture, with its words in this language.
    Chart(Chart, &'static str),
    /// What is decided besides cases.
    Deed {
        /// What.
        deed: Deed,
        /// The version that it was decided on.
        version: i64,
        /// Under which it happens once.
        key: Uuid,
    },
    /// Something about demands, promises or leaders.
    Demands(Box<demands::Ask>),
    /// Something about cards.
    Highlights(Box<highlights::Ask>),
    /// Something about broadcasts.
    Broadcasts(Box<broadcasts::Ask>),
    /// People who reported something: municipality, group, days.
    Series(Code, Code, u32),
    /// Keeps a draft with the service; an empty text removes it.
    Draft {
        /// The case.
        case: Uuid,
        /// Whether it is a note.
        note: bool,
        /// The text.
        text: SafeText,
        /// Under which it happens once.
        key: Uuid,
    },
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Ask")
    }
}

/// What is decided besides cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// About a piece of feedback.
    Feedback {
        /// Which.
        id: Uuid,
        /// `shown`, `hidden`, `asked`, or `waiting` to take it back.
        decision: Code,
        /// Why it is hidden.
        reason: Option<Code>,
        /// What its author is asked.
        question: Option<SafeText>,
        /// Whether those of the same words go with it.
        same: bool,
    },
    /// About texts that were not understood.
    Unknown {
        /// Which.
        id: Uuid,
        /// `answer`, `open_case`, `dismiss`, or `wait` to take it back.
        act: Code,
        /// The answer.
        text: Option<SafeText>,
        /// The category of the case.
        category: Option<Code>,
    },
    /// Says that notices were seen.
    Seen(Vec<Uuid>),
    /// Sends a message again that did not go.
    Retry(Uuid),
    /// Says whether a message arrived of which nobody knew.
    Settle(Uuid, bool),
    /// Something about a demand.
    Demand {
        /// Which.
        id: Uuid,
        /// What.
        act: Box<demands::Act>,
    },
    /// About a leader.
    Leader {
        /// Which.
        id: Uuid,
        /// Why she is refused; `None`: she is verified.
        refused: Option<SafeText>,
    },
    /// Opens a demand out of cases.
    OpenDemand(Box<wire::demand_act::DemandOpening>),
    /// Something about a card.
    Highlight(Box<highlights::Act>),
    /// Something about a broadcast.
    Broadcast(Box<broadcasts::Act>),
}

/// The office that answers where it is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// Its code.
    pub office: Code,
    /// Its name.
    pub name: SafeText,
    /// Its telephone.
    pub phone: SafeText,
}

/// An act on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Gives it to somebody, or to nobody.
    Assign {
        /// Who.
        to: Option<Person>,
        /// Why.
        note: Option<SafeText>,
    },
    /// Moves it.
    State {
        /// The state.
        to: Code,
        /// Why, in words that the citizen may read.
        reason: Option<SafeText>,
        /// The case that is about the same.
        original: Option<Uuid>,
        /// The office that answers.
        referral: Option<Box<Referral>>,
        /// The date of the work, ISO 8601.
        date: Option<SafeText>,
    },
    /// Parts it from the case that it was closed as a duplicate of.
    Part,
    /// How soon it wants a person.
    Priority(Code),
    /// Labels.
    Labels {
        /// To put on.
        add: Vec<SafeText>,
        /// To take off.
        remove: Vec<SafeText>,
    },
    /// Lets it sleep.
    Snooze {
        /// Until when, Unix ms.
        until: Option<i64>,
        /// Until the citizen writes.
        reply: bool,
    },
    /// Another office.
    Office {
        /// Its code.
        to: Code,
        /// What it must know.
        note: SafeText,
    },
    /// Writes to the citizen.
    Reply {
        /// The text.
        text: SafeText,
        /// Its language.
        language: Option<String>,
    },
    /// A note among staff.
    Note(SafeText),
    /// Takes a send back while it is held.
    TakeBack(Uuid),
}

impl Act {
    /// A state that needs nothing else.
    pub fn state(to: &str) -> Self {
        Self::State { to: Code::new(to), reason: None, original: None, referral: None, date: None }
    }

    /// What was typed for it and has no draft: reasons and the like.
    pub const fn typed(&self) -> Option<&SafeText> {
        match self {
            Self::State { reason: Some(text), .. }
            | Self::Assign { note: Some(text), .. }
            | Self::Office { note: text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether something goes to a citizen with it.
    pub fn tells(&self) -> bool {
        matches!(self, Self::Reply { .. } | Self::State { .. } | Self::Part)
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Signed in, or who is.
    Me(Box<Me>),
    /// The second factor of a new account.
    SetUp(SecondFactor),
    /// Nothing but that it is done.
    Done,
    /// Counts.
    Queues(Queues),
    /// Cases.
    Cases(CasePage),
    /// A case.
    Case(Box<Case>),
    /// A thread.
    Thread(Thread),
    /// What an act led to.
    Acted(Box<Acted>),
    /// What a text costs.
    Preview(Preview),
    /// Canned replies.
    Canned(Vec<Canned>),
    /// Labels.
    Labels(Vec<SafeText>),
    /// Offices.
    Offices(Vec<Office>),
    /// Categories.
    Categories(Vec<Category>),
    /// Accounts.
    Colleagues(Vec<Person>),
    /// Feedback.
    Feedback(Page<Feedback>),
    /// Texts that were not understood.
    Unknown(Page<Unknown>),
    /// Messages of staff.
    Outbox(Page<Sent>),
    /// What waits for who is signed in, and how much in all.
    Notices(Page<Notice>, u64),
    /// Entries of the audit trail.
    Audit(Page<Audit>),
    /// What a check of the chain found.
    Chain(Chain),
    /// Accounts in full.
    Users(Page<User>),
    /// The state of the service.
    Health(Vec<Part>),
    /// Indicators.
    Figures(Box<Figures>),
    /// What came back about demands.
    Demands(Box<demands::Answer>),
    /// What came back about cards.
    Highlights(Box<highlights::Answer>),
    /// What came back about broadcasts.
    Broadcasts(Box<broadcasts::Answer>),
    /// People who reported something.
    Series(Box<Series>),
    /// A chart.
    Chart(demands::Picture),
    /// It is decided; the version that it led to, where there is one.
    Deed(i64),
}

/// Why something failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The stable code of the service; `unreachable` where it was not reached, `not_understood` where its answer
    /// made no sense.
    pub code: Code,
    /// What is wrong with this call, in plain English or as a code.
    pub detail: SafeText,
    /// The field that it is about.
    pub field: Code,
    /// Seconds after which it may succeed.
    pub retry_after: Option<u32>,
    /// With a conflict: the case as it is now.
    pub current: Option<Box<Row>>,
    /// With a conflict about a demand: the demand as it is now.
    pub demand: Option<Box<DemandRow>>,
}

impl Failure {
    /// A failure that has a code only.
    pub fn new(code: &'static str) -> Self {
        Self {
            code: Code::new(code),
            detail: SafeText::default(),
            field: Code::default(),
            retry_after: None,
            current: None,
            demand: None,
        }
    }

    /// Whether the service was not reached.
    pub fn unreachable(&self) -> bool {
        self.code == "unreachable"
    }
}

impl From<wire::Problem> for Failure {
    fn from(it: wire::Problem) -> Self {
        let current = it.current.unwrap_or_default();
        let demand = serde_json::from_value::<wire::demand::DemandRow>(current.clone()).ok();
        let row = serde_json::from_value::<wire::case::CaseRow>(current).ok();
        Self {
            code: Code::new(&it.code),
            detail: it.detail.as_deref().map(SafeText::line).unwrap_or_default(),
            field: it.field.as_deref().map(Code::new).unwrap_or_default(),
            retry_after: it.retry_after_seconds.map(|it| u32::try_from(it).unwrap_or(u32::MAX)),
            current: row.map(|it| Box::new(it.into())),
            demand: demand.map(|it| Box::new(it.into())),
        }
    }
}
