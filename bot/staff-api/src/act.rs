//! Acts on a case. Each names the version of the case that it was decided on.
use crate::case::CaseRow;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A message to the citizen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplyRequest {
    /// The version that was seen.
    pub version: i64,
    /// What it says; place-holders of canned replies are filled in.
    pub text: String,
    /// Language of the text; the citizen's unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Code of the state that the case goes to with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether the case waits for the citizen from then on.
    #[serde(default)]
    pub wait: bool,
}

/// A note among staff, which nobody else reads.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoteRequest {
    /// The version that was seen.
    pub version: i64,
    /// What it says.
    pub text: String,
}

/// Gives a case to somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssignRequest {
    /// The version that was seen.
    pub version: i64,
    /// The account; absent: nobody has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Uuid>,
    /// Why, for who gets it; required between offices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Moves a case to another state.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StateRequest {
    /// The version that was seen.
    pub version: i64,
    /// Code of the state.
    pub state: String,
    /// Why, in words that the citizen may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The case that is about the same, for a duplicate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Uuid>,
    /// Code of the office that answers, where it is not ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// The date of the work, Unix ms, where it is scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<i64>,
}

/// Puts labels on and takes labels off.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LabelsRequest {
    /// The version that was seen.
    pub version: i64,
    /// Labels to put on.
    #[serde(default)]
    pub add: Vec<String>,
    /// Labels to take off.
    #[serde(default)]
    pub remove: Vec<String>,
}

/// Sets how soon a case wants a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriorityRequest {
    /// The version that was seen.
    pub version: i64,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: String,
}

/// Lets a case sleep.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnoozeRequest {
    /// The version that was seen.
    pub version: i64,
    /// Until when, Unix ms; absent: it wakes now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

/// Puts a case into another category.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CategoryRequest {
    /// The version that was seen.
    pub version: i64,
    /// Code of the category.
    pub category: String,
}

/// Hands a case to another office.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfficeRequest {
    /// The version that was seen.
    pub version: i64,
    /// Code of the office.
    pub office: String,
    /// What that office must know.
    pub note: String,
}

/// Closes or opens a case's text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfidentialityRequest {
    /// The version that was seen.
    pub version: i64,
    /// `open`, `confidential` or `restricted`.
    pub confidentiality: String,
    /// Why.
    pub reason: String,
}

/// Opens a case for somebody who came or called.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WalkInRequest {
    /// Official key.
    pub municipality: String,
    /// `complaint`, `question` or `suggestion`.
    pub kind: String,
    /// Code of the category.
    pub category: String,
    /// What is wrong or asked.
    pub text: String,
    /// Where, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What helps to find the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The number that gets the news, with her consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The channel that reaches the number; the first that sends SMS unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// `hidden_from_public`, `hidden_from_all` or `named`.
    pub anonymity: String,
    /// Whether the privacy notice was read to her and she agreed: needed with a number.
    #[serde(default)]
    pub consent: bool,
}

/// A case that was opened, with what the person takes home.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WalkInResult {
    /// The case.
    pub case: CaseRow,
    /// The PIN, shown this once.
    pub pin: String,
}

/// Looks for the cases of a number; only the whole number finds anything.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindNumberRequest {
    /// The number, national or with `+`.
    pub phone: String,
    /// Why; it is kept in the audit.
    pub reason: String,
}

/// The cases of a number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundNumber {
    /// The cases that who asks may see, the newest first.
    #[serde(default)]
    pub items: Vec<CaseRow>,
}

/// Asks for a whole number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevealRequest {
    /// Whose.
    pub contact: Uuid,
    /// Why; it is kept in the audit.
    pub reason: String,
}

/// A whole number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revealed {
    /// The number or chat id.
    pub address: String,
    /// How many this person looked at in the last hour.
    pub in_hour: i64,
}

/// What an act led to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActResult {
    /// The case as it is now.
    pub case: CaseRow,
    /// The entry of the thread that it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Uuid>,
    /// What goes out, where something does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<HeldSend>,
}

/// A message that is held and can be taken back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldSend {
    /// Id of the send.
    pub id: Uuid,
    /// Until when, Unix ms.
    pub until_at: i64,
    /// How many get it.
    pub recipients: u64,
    /// SMS segments of all.
    pub segments: i64,
}

/// What taking back led to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TakeBackResult {
    /// The case as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseRow>,
    /// The text, to go on writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Asks what a text would cost.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewRequest {
    /// The text.
    pub text: String,
    /// The case that it would go to, whose place-holders are filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Uuid>,
    /// Language of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// What a text would cost.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// By channel of who gets it.
    #[serde(default)]
    pub channels: Vec<PreviewChannel>,
    /// Place-holders that nothing is known for: it can't be sent.
    #[serde(default)]
    pub missing: Vec<String>,
}

/// What a text is on one channel.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewChannel {
    /// Id of the channel.
    pub channel: String,
    /// `sms`, `telegram` or `ussd`.
    pub kind: String,
    /// The text as it is sent.
    pub text: String,
    /// `gsm7`, `ucs2`, or `utf8` where there are no segments.
    pub encoding: String,
    /// Its length in units of that encoding.
    pub units: u64,
    /// Units that still fit into the last segment.
    pub left: u64,
    /// SMS segments; 1 elsewhere.
    pub segments: u64,
    /// The first character that makes it dearer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_offending: Option<String>,
    /// How many get it on this channel.
    pub recipients: u64,
    /// What it costs for all of them, in thousandths of the currency's unit.
    pub price: i64,
}

crate::quiet!(
    ReplyRequest,
    NoteRequest,
    AssignRequest,
    StateRequest,
    LabelsRequest,
    PriorityRequest,
    SnoozeRequest,
    CategoryRequest,
    OfficeRequest,
    ConfidentialityRequest,
    WalkInRequest,
    WalkInResult,
    FindNumberRequest,
    FoundNumber,
    RevealRequest,
    Revealed,
    ActResult,
    HeldSend,
    TakeBackResult,
    PreviewRequest,
    Preview,
    PreviewChannel
);
