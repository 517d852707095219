//! Demands: rows of a list and one whole. Nothing here tells who supports a demand.
use crate::case::CaseRow;
use crate::commitment::Commitment;
use crate::desk::Person;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which demands are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemandQuery {
    /// Code of a state, `silent` or `flagged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Keys of municipalities, with commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// `newest` (the default) or `oldest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of demands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandList {
    /// The rows.
    #[serde(default)]
    pub items: Vec<DemandRow>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
    /// How many stand in the queue, exactly.
    pub total: u64,
}

/// How many demands stand in each queue.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandCounts {
    /// Every queue, those without any, too.
    pub queues: Vec<DemandCount>,
}

/// How many demands stand in a queue.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandCount {
    /// Code of a state, `silent` (the term was over without an answer) or `flagged` (support that somebody
    /// must look at).
    pub queue: String,
    /// How many, exactly.
    pub count: u64,
}

/// The support of a demand, as it was when five or more had changed it, or an hour ago. Its kinds are counted apart
/// and never mixed; one person is in at most one of `phone`, `verified` and `flagged`. Paper is told as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandSupport {
    /// What counts for the threshold: `phone` and `verified`.
    pub total: u64,
    /// By phone or chat, without an open flag.
    pub phone: u64,
    /// The number was checked.
    pub verified: u64,
    /// Heads on lists of assemblies.
    pub paper: u64,
    /// With an open flag: not counted until it is cleared.
    pub flagged: u64,
    /// Of `phone`, `verified` and `flagged`: senders that were new to the service.
    pub new_senders: u64,
}

/// A demand as a list shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandRow {
    /// Its id.
    pub id: Uuid,
    /// Its code of three or four digits.
    pub code: String,
    /// Code of the state.
    pub state: String,
    /// The letter of the state.
    pub mark: String,
    /// Counts the changes; a support is none.
    pub version: i64,
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub municipality_name: String,
    /// Topic of the pack.
    pub topic: String,
    /// Code of the office that owes the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Its name, once it was handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office_name: Option<String>,
    /// What is asked for.
    pub text: String,
    /// Whether its author was a verified leader when it was published.
    pub by_leader: bool,
    /// Its support; of a merged one what it had then.
    pub support: DemandSupport,
    /// How much it needs.
    pub threshold: u64,
    /// How many are missing.
    pub missing: u64,
    /// The one that it goes on in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<Uuid>,
    /// When it was opened, Unix ms.
    pub created_at: i64,
    /// When it changed last, support apart, Unix ms.
    pub updated_at: i64,
    /// When it became public, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<i64>,
    /// Until when it collects support, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect_until: Option<i64>,
    /// When it had enough, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached_at: Option<i64>,
    /// When the authority got it, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_at: Option<i64>,
    /// By when the answer is owed, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_due: Option<i64>,
    /// When the term was over without one, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_at: Option<i64>,
    /// When it was answered, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<i64>,
    /// When it will be archived, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_at: Option<i64>,
    /// Why a moderator refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A demand whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Demand {
    /// What a list shows of it.
    pub row: DemandRow,
    /// Who wrote it; absent where staff opened it, or its author was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<DemandAuthor>,
    /// Support with an open flag, by rule; one may have several.
    pub flags: DemandFlags,
    /// The answer of the authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<DemandAnswer>,
    /// The promise that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Commitment>,
    /// Supports a day, the newest first.
    #[serde(default)]
    pub days: Vec<DemandDay>,
    /// Where those in the total live.
    pub regions: DemandRegions,
    /// Linked cases that who asks may see, the newest first.
    #[serde(default)]
    pub cases: Vec<CaseRow>,
    /// How many cases are linked in all, at most 200.
    pub linked: u64,
    /// Changes, the oldest first.
    #[serde(default)]
    pub changes: Vec<DemandChange>,
    /// Lists of assemblies, the oldest first.
    #[serde(default)]
    pub actas: Vec<DemandActa>,
    /// Photos of lists that were sent for it and that nobody entered yet, the newest first.
    #[serde(default)]
    pub pictures: Vec<ActaPicture>,
    /// Messages of the author to the supporters, the newest first.
    #[serde(default)]
    pub messages: Vec<AuthorMessage>,
    /// Merges that it went on by, and those into it, the newest first.
    #[serde(default)]
    pub merges: Vec<DemandMerge>,
    /// Organisations that sign in public.
    #[serde(default)]
    pub endorsements: Vec<String>,
    /// How many got each notice about it, the oldest first.
    #[serde(default)]
    pub notices: Vec<DemandNotice>,
}

/// Who wrote a demand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandAuthor {
    /// The contact.
    pub contact: Uuid,
    /// The number with all but its last digits hidden.
    pub shown: String,
    /// Id of the channel.
    pub channel: String,
    /// Whether messages reach her.
    pub reachable: bool,
    /// Whether her number was checked.
    pub verified: bool,
    /// `asked`, `verified` or `refused`; absent: she never asked to be known as a leader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leadership: Option<String>,
}

/// Support with an open flag, by rule; in steps of fifteen, so that no look counts one person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandFlags {
    /// Too many at once.
    pub velocity: u64,
    /// Numbers in a row.
    pub range: u64,
    /// Nearly all were new senders.
    pub new_senders: u64,
}

/// The answer of the authority.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandAnswer {
    /// `accepted`, `partly` or `rejected`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// What it costs, in thousandths of the currency's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// By when it is done, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<String>,
    /// Who entered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
    /// When, Unix ms.
    pub at: i64,
}

/// Supports of a day that is over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandDay {
    /// The day (UTC), ISO 8601.
    pub date: String,
    /// Given.
    pub signed: u64,
    /// Taken back.
    pub taken_back: u64,
}

/// Where those in the total live, as far as it points at nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandRegions {
    /// Regions with many, the most first.
    #[serde(default)]
    pub items: Vec<DemandRegion>,
    /// Whether some of the total are in none of them.
    pub others: bool,
}

/// A municipality with many of the total.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandRegion {
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub municipality_name: String,
    /// At least so many: a multiple of 15.
    pub at_least: u64,
}

/// A change of a demand. None is a support.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandChange {
    /// The version after it.
    pub version: i64,
    /// What was done, by code.
    pub kind: String,
    /// When, Unix ms.
    pub at: i64,
    /// `citizen`, `staff` or `service`.
    pub by: String,
    /// Who of staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// What it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub became: Option<String>,
    /// Words of staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A list of an assembly.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandActa {
    /// Its id.
    pub id: Uuid,
    /// The number that stands on it.
    pub folio: String,
    /// Heads on it.
    pub heads: u32,
    /// The day of the assembly, ISO 8601.
    pub held_on: String,
    /// Where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether there is a picture of it.
    pub picture: bool,
    /// How many were called back.
    pub called: u32,
    /// How many of them confirmed it.
    pub confirmed: u32,
    /// Who entered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
    /// When, Unix ms.
    pub entered_at: i64,
    /// When it was found to be a mistake, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided_at: Option<i64>,
}

/// A photo of a list of an assembly that waits to be entered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActaPicture {
    /// Its id, which the entry names.
    pub id: Uuid,
    /// When it was sent, Unix ms.
    pub at: i64,
}

/// Which messages of authors are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorMessageQuery {
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Messages of authors that wait for a moderator, the oldest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorMessageList {
    /// The messages.
    #[serde(default)]
    pub items: Vec<AuthorMessage>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
}

/// A message of an author to the supporters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorMessage {
    /// Its id.
    pub id: Uuid,
    /// The demand.
    pub demand: Uuid,
    /// Official key.
    pub municipality: String,
    /// What it says.
    pub text: String,
    /// `waiting`, `sent` or `refused`.
    pub state: String,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its own version.
    pub version: i64,
    /// When it was written, Unix ms.
    pub written_at: i64,
    /// When somebody decided, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<i64>,
}

/// A merge that was asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandMerge {
    /// Its id.
    pub id: Uuid,
    /// The demand that goes.
    pub child: Uuid,
    /// The one that it goes on in.
    pub parent: Uuid,
    /// `asked` (its author has not answered), `done`, `refused`, `lapsed` or `undone`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// When it was asked, Unix ms.
    pub asked_at: i64,
    /// Until when the author may answer, Unix ms.
    pub until_at: i64,
    /// When that ended, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
}

/// A notice about a demand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandNotice {
    /// What it says, by code.
    pub kind: String,
    /// How many got it so far; of those whose cases led to it, nobody counts them.
    pub sent: u64,
}

/// Demands that a case is linked to, the newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseDemands {
    /// The demands.
    #[serde(default)]
    pub items: Vec<DemandRow>,
}

/// How the offices of a municipality answer demands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfficeRecords {
    /// The offices that had one to answer.
    #[serde(default)]
    pub items: Vec<OfficeRecord>,
}

/// How an office answers demands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfficeRecord {
    /// Code of the office.
    pub office: String,
    /// Its name.
    pub office_name: String,
    /// How many it answered.
    pub answered: u64,
    /// How many of them within the term.
    pub in_time: u64,
    /// Terms that were over without an answer.
    pub silent: u64,
}

crate::quiet!(
    DemandQuery,
    DemandList,
    DemandCounts,
    DemandCount,
    DemandSupport,
    DemandRow,
    Demand,
    DemandAuthor,
    DemandFlags,
    DemandAnswer,
    DemandDay,
    DemandRegions,
    DemandRegion,
    DemandChange,
    DemandActa,
    ActaPicture,
    AuthorMessageQuery,
    AuthorMessageList,
    AuthorMessage,
    DemandMerge,
    DemandNotice,
    CaseDemands,
    OfficeRecords,
    OfficeRecord,
);
