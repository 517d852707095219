//! Cases: rows of a list, one whole, its thread and its changes.
use crate::desk::Person;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many there are; exact up to a limit.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Count {
    /// The number, or the limit.
    pub count: u64,
    /// Whether there are more than that (`10,000+`).
    #[serde(default)]
    pub more: bool,
}

/// How many cases stand in a queue.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueCount {
    /// Code of the queue: `unassigned`, `mine`, `due`, `waiting`, `disputed`.
    pub queue: String,
    /// How many, exactly.
    pub count: u64,
}

/// How many cases a saved view finds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewCount {
    /// The view.
    pub view: Uuid,
    /// Its name.
    pub name: String,
    /// How many.
    pub count: Count,
}

/// The queues and views of who asks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Queues {
    /// The five fixed ones.
    #[serde(default)]
    pub queues: Vec<QueueCount>,
    /// The saved ones.
    #[serde(default)]
    pub views: Vec<ViewCount>,
    /// When this was true, Unix ms.
    pub changed_at: i64,
}

/// Which cases are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseQuery {
    /// One of the fixed queues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// A saved view; its filter holds together with the others here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<Uuid>,
    /// Codes of states, with commas; `open` and `closed` stand for several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Keys of municipalities, with commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// Codes of categories, with commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Codes of offices, with commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// A label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// `me` or the id of an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Codes of priorities, with commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Words of the text or the place, or a folio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Opened from this instant on, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Opened before this instant, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// `newest` (the default); in a queue also `due`, what is owed first, and `oldest`, from its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of cases.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseList {
    /// The rows. A free filter looks through 100,000 cases at once: where few of them fit, there are fewer rows than
    /// were asked for, or none, and still a next page.
    #[serde(default)]
    pub items: Vec<CaseRow>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many the filter finds.
    pub total: Count,
}

/// A case as a list shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseRow {
    /// Its id.
    pub id: Uuid,
    /// Its public number.
    pub folio: String,
    /// `complaint`, `question` or `suggestion`.
    pub kind: String,
    /// Code of the state.
    pub state: String,
    /// The letter of the state.
    pub mark: String,
    /// Counts the changes.
    pub version: i64,
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub municipality_name: String,
    /// Code of the category.
    pub category: String,
    /// Code of the office that answers.
    pub office: String,
    /// Emergency or violence.
    #[serde(default)]
    pub urgent: bool,
    /// A no opened it and nobody closed it since.
    #[serde(default)]
    pub disputed: bool,
    /// Where, in the citizen's words; absent where it is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Begin of the last message; absent where it is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    /// Code of the priority.
    pub priority: String,
    /// `open`, `confidential` or `restricted`.
    pub confidentiality: String,
    /// Who has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Person>,
    /// When it was opened, Unix ms.
    pub opened_at: i64,
    /// When it last changed, Unix ms.
    pub updated_at: i64,
    /// When the next thing is owed, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    /// Whether that is past.
    #[serde(default)]
    pub overdue: bool,
    /// Since when it waits for the citizen, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<i64>,
    /// Until when it sleeps, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<i64>,
    /// People behind it.
    pub joined: i64,
    /// How often a closing was disputed.
    pub disputes: i64,
}

/// One case whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Case {
    /// What the list shows.
    pub row: CaseRow,
    /// Topic of the comparison that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The date of the work, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_for: Option<String>,
    /// The office that it is passed on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// What its citizen gave it, 1 to 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<i64>,
    /// Who may not have it, since a no opened it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<Uuid>,
    /// Where, as a point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<CaseLocation>,
    /// `hidden_from_public`, `hidden_from_all` or `named`.
    pub anonymity: String,
    /// Answers to the questions of the category.
    #[serde(default)]
    pub answers: Vec<CaseAnswer>,
    /// Who opened it and who joined.
    #[serde(default)]
    pub people: Vec<CasePerson>,
    /// What is owed, and when.
    pub clocks: CaseClocks,
    /// The case that this one goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked_to: Option<Uuid>,
    /// The case that this one was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<Uuid>,
    /// When it was closed, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<i64>,
    /// Who else wrote a draft for it lately.
    #[serde(default)]
    pub writers: Vec<Writer>,
    /// Codes of the states that it may go to.
    #[serde(default)]
    pub next_states: Vec<String>,
    /// Whether its text is sealed and this reading was logged.
    #[serde(default)]
    pub sealed: bool,
}

/// The office that a case is passed on to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Referral {
    /// Its code, where it is one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Its name.
    pub name: String,
    /// Its telephone.
    pub phone: String,
}

/// A point, in millionths of a degree.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseLocation {
    /// North of the equator.
    pub latitude: i64,
    /// East of Greenwich.
    pub longitude: i64,
}

/// The answer to a question of the category.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseAnswer {
    /// The question, in its code.
    pub question: String,
    /// The answer.
    pub answer: String,
}

/// Somebody behind a case, masked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CasePerson {
    /// Id of the contact.
    pub contact: Uuid,
    /// `opener` or `joined`.
    pub role: String,
    /// Channel that she writes on.
    pub channel: String,
    /// Masked number (`+***-**-41`), or an alias.
    pub shown: String,
    /// Language that she reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Whether a message reaches her.
    #[serde(default)]
    pub reachable: bool,
}

/// The instants of a case, Unix ms.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseClocks {
    /// When a person's first answer is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_answer_due: Option<i64>,
    /// When it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_answer_at: Option<i64>,
    /// When the next update is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_due: Option<i64>,
    /// When the solution is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solution_due: Option<i64>,
}

/// Somebody who has a draft for the case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Writer {
    /// Who.
    pub person: Person,
    /// When it was last written, Unix ms.
    pub wrote_at: i64,
}

/// Which part of a thread is listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThreadQuery {
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Entries, 1 to 200; 100 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of a thread, the oldest entry first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Thread {
    /// The entries.
    #[serde(default)]
    pub items: Vec<ThreadEntry>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One message or note in a thread.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThreadEntry {
    /// Its id.
    pub id: Uuid,
    /// `citizen`, `bot`, `staff` or `note`.
    pub from: String,
    /// Which officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// What it says; absent where it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When, Unix ms.
    pub at: i64,
    /// Photos and voices.
    #[serde(default)]
    pub media: Vec<Media>,
    /// How far a message to the citizen got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<SendState>,
}

/// A photo or voice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Media {
    /// Its id.
    pub id: Uuid,
    /// `photo` or `voice`.
    pub kind: String,
    /// `wanted`, `kept`, `refused` or `failed`.
    pub state: String,
    /// Its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Its size, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
}

/// How far a message of staff got.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SendState {
    /// Id of the send.
    pub id: Uuid,
    /// `held`, `taken_back`, `waiting`, `sent`, `delivered`, `failed` or `not_known`.
    pub state: String,
    /// Until when it can be taken back, Unix ms.
    pub until_at: i64,
}

/// A page of the changes of a case, the oldest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Changes {
    /// The changes.
    #[serde(default)]
    pub items: Vec<Change>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One change of a case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// The case's version after it.
    pub version: i64,
    /// What happened: a stable code.
    pub kind: String,
    /// When, Unix ms.
    pub at: i64,
    /// `citizen`, `staff` or `service`.
    pub by: String,
    /// Which officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// What it was, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// What it is, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became: Option<String>,
    /// Words: a reason, a text before its correction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

crate::quiet!(
    Count,
    QueueCount,
    ViewCount,
    Queues,
    CaseQuery,
    CaseList,
    CaseRow,
    Case,
    CaseLocation,
    Referral,
    CaseAnswer,
    CasePerson,
    CaseClocks,
    Writer,
    ThreadQuery,
    Thread,
    ThreadEntry,
    Media,
    SendState,
    Changes,
    Change
);

/// How like two cases are, and why: all parts are from 0 to 1.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Likeness {
    /// Everything together.
    pub score: f64,
    /// What it is, by the words that people use for it.
    pub text: f64,
    /// Its category.
    pub category: f64,
    /// Where, in words.
    pub place: f64,
    /// Metres between the shared locations, where both have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metres: Option<f64>,
    /// When.
    pub time: f64,
}

/// A case that is like another one.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimilarCase {
    /// The case.
    pub case: CaseRow,
    /// How like it is.
    pub likeness: Likeness,
    /// Whether they are likely the same.
    pub likely: bool,
}

/// Cases that are like one, the likest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimilarCases {
    /// The cases.
    #[serde(default)]
    pub items: Vec<SimilarCase>,
}

/// Open cases of a municipality and category that are about the same.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cluster {
    /// Key of the municipality.
    pub municipality: String,
    /// Code of the category.
    pub category: String,
    /// Topic of the pack that the category stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Those who stand behind its cases; who stands behind two counts twice.
    pub joined: u64,
    /// The likeness of each two of them, on average.
    pub likeness: Likeness,
    /// Its cases, the oldest first.
    #[serde(default)]
    pub cases: Vec<CaseRow>,
}

/// Groups of cases, the largest first.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Clusters {
    /// The groups.
    #[serde(default)]
    pub items: Vec<Cluster>,
}
