//! Broadcasts: what goes to many, who let it go, and how far it is. Numbers of people are rounded until it is on
//! its way, and never by channel or language.
use crate::desk::Person;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which broadcasts are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BroadcastQuery {
    /// Code of a state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of broadcasts, the newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastList {
    /// The rows.
    #[serde(default)]
    pub items: Vec<BroadcastRow>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
}

/// A broadcast as a list shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastRow {
    /// Its id.
    pub id: Uuid,
    /// What staff calls it; nobody else reads that.
    pub title: String,
    /// `draft`, `submitted`, `preparing` (approved; its people are written down), `approved` (it waits for its
    /// time, a minute at least), `sending`, `held`, `stopped`, `done` or `withdrawn`.
    pub state: String,
    /// Counts the changes.
    pub version: i64,
    /// Who began it.
    pub author: Person,
    /// The card that it tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highlight_id: Option<Uuid>,
    /// The broadcast that it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction_of: Option<Uuid>,
    /// Not before this, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<i64>,
    /// Approvals of what it says now.
    pub approvals: u64,
    /// Approvals that it needs.
    pub approvals_needed: u64,
    /// How many it is for.
    pub people: BroadcastPeople,
    /// When it was begun, Unix ms.
    pub created_at: i64,
    /// When it changed last, Unix ms.
    pub updated_at: i64,
}

/// How many people. Exact once it is on its way; before that a multiple of five, and nothing below 11. A few of a
/// larger whole, who can be reached of a demand or for a correction, are never told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastPeople {
    /// The number; 0 where there are fewer than 11 and it is not exact.
    pub count: u64,
    /// Whether it is the very number.
    pub exact: bool,
    /// Whether there are fewer than 11 (`<11`), nobody perhaps.
    pub few: bool,
}

/// A text in one language.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastText {
    /// The language (`es-MX`).
    pub language: String,
    /// The text without the way out, which is put behind it.
    pub text: String,
}

/// Whom it is for: people who asked for news (`AVISOS`) of these places, or who support a demand.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastAudience {
    /// `country`, `state:12` or `municipality:12066`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub places: Vec<String>,
    /// The municipalities that are like this one (official key), without itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers_of: Option<String>,
    /// Only who asked for news of this topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Only who uses this language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Supporters of this demand; then neither places nor a topic are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Uuid>,
}

/// What is written of a broadcast.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastDraft {
    /// What staff calls it, at most 80 characters.
    pub title: String,
    /// One text a language; that of the country has to be there.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 10))]
    pub texts: Vec<BroadcastText>,
    /// Whom it is for. Of a correction it is not read: who got the first one.
    #[serde(default)]
    pub audience: BroadcastAudience,
    /// Ids of the channels it may take.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 20))]
    pub channels: Vec<String>,
    /// Not before this, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<i64>,
    /// What makes it sensitive: `elections`, `violence`, `health`, `money`, `minors`. Any needs two approvals.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 5))]
    pub tags: Vec<String>,
    /// The card that it tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highlight_id: Option<Uuid>,
}

/// A broadcast whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Broadcast {
    /// As in the list.
    pub row: BroadcastRow,
    /// What is written of it.
    pub draft: BroadcastDraft,
    /// What an approval names: of text, audience, channels and time.
    pub hash: String,
    /// Who changed it after its author began it.
    #[serde(default)]
    pub editors: Vec<Person>,
    /// Who let what it says now go.
    #[serde(default)]
    pub approvals: Vec<BroadcastApproved>,
    /// Whether an approval must name the number of people.
    pub type_people: bool,
    /// The municipalities that it reaches; empty: all, or those of a demand.
    #[serde(default)]
    pub municipalities: Vec<String>,
    /// What each message is, by language and channel.
    #[serde(default)]
    pub previews: Vec<BroadcastPreview>,
    /// At most so much is spent, in thousandths of the currency's unit: as if all were on the dearest channel.
    pub price: i64,
    /// The quiet hours, local: nothing goes out from this hour until that one. Equal: none.
    pub quiet: (u8, u8),
    /// What to look at: `long` (more than a segment), `ucs2`, `personal_data`, `few` (too few to be let go),
    /// `second_approval`, `budget` (the day's money is spent: the rest goes out on the next one) or `veda` (nothing
    /// goes out until it is over).
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Why it was held or stopped: what staff wrote, or a code: `highlight` or `demand` (it is not what was
    /// approved any more), `few`, `many` (more people than the approvals are for), `approval` (who let it go no longer
    /// may), `text` (it has no words that a channel takes) or `budget` (all is spent that one broadcast may cost).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When sending may begin, Unix ms: 60 s after the last approval, or its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_at: Option<i64>,
    /// How far it is, once it goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<BroadcastProgress>,
}

/// An approval.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastApproved {
    /// Whose.
    pub by: Person,
    /// When, Unix ms.
    pub at: i64,
}

/// What a message is on one channel in one language.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastPreview {
    /// The language.
    pub language: String,
    /// Id of the channel.
    pub channel: String,
    /// `sms`, `telegram` or `ussd`.
    pub kind: String,
    /// The text as it is sent, with the way out.
    pub text: String,
    /// `gsm7`, `ucs2`, or `utf8` where there are no segments.
    pub encoding: String,
    /// Its length in units of that encoding.
    pub units: u64,
    /// Its length in bytes as it is sent.
    pub bytes: u64,
    /// Units that still fit into the last segment.
    pub left: u64,
    /// SMS segments; 1 elsewhere.
    pub segments: u64,
    /// The first character that makes it dearer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_offending: Option<String>,
    /// What one message costs, in thousandths of the currency's unit.
    pub price: i64,
}

/// How far a broadcast is. The numbers sum to those who were written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastProgress {
    /// Who was written down, all of them.
    pub people: u64,
    /// Nothing is queued for them yet.
    pub waiting: u64,
    /// Queued and not sent.
    pub queued: u64,
    /// A gateway took it, or may have.
    pub sent: u64,
    /// It could not be sent.
    pub failed: u64,
    /// Nothing goes to them: they stopped, left, or got it on another channel.
    pub passed_over: u64,
    /// It was stopped before them.
    pub cancelled: u64,
}

/// What an act on a broadcast led to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastDone {
    /// The broadcast.
    pub id: Uuid,
    /// Its version now.
    pub version: i64,
    /// Code of its state now.
    pub state: String,
    /// Its hash now.
    pub hash: String,
}

/// Writes it anew: it is a draft again, and approvals are gone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastEdit {
    /// The version that was seen.
    pub version: i64,
    /// As it is now.
    pub draft: BroadcastDraft,
}

/// Submits it, withdraws it, or makes a correction of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastAct {
    /// The version that was seen.
    pub version: i64,
}

/// Lets it go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastApproval {
    /// The hash that was seen; another one is refused by 409.
    pub hash: String,
    /// The number of people, typed by who approves: asked for above 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<u64>,
}

/// Holds or stops it. Whatever version was seen: this has to work at once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastHalt {
    /// Why: it is kept with the broadcast.
    pub reason: String,
}

/// Sends it, marked as a test, to the addresses that the configuration names for that, and to nobody else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastTest {
    /// The version that was seen.
    pub version: i64,
    /// Which text.
    pub language: String,
}

/// What a test led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroadcastTested {
    /// Messages that were queued.
    pub queued: u64,
    /// Test addresses that got none: they never wrote, stopped, or are on another channel.
    pub passed_over: u64,
}

crate::quiet!(
    BroadcastQuery,
    BroadcastList,
    BroadcastRow,
    BroadcastText,
    BroadcastAudience,
    BroadcastDraft,
    Broadcast,
    BroadcastApproved,
    BroadcastPreview,
    BroadcastDone,
    BroadcastEdit,
    BroadcastAct,
    BroadcastApproval,
    BroadcastHalt,
    BroadcastTest,
);
