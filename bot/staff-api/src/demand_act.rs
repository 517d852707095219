//! Acts on a demand. Each names the version of the demand that it was decided on; a support does not change
//! that.
use crate::act::PreviewChannel;
use crate::commitment::Promise;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an act on a demand led to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandDone {
    /// The demand.
    pub id: Uuid,
    /// Its version now.
    pub version: i64,
    /// Code of its state now.
    pub state: String,
    /// The letter of the state.
    pub mark: String,
}

/// Opens a demand out of cases that ask for the same. It is public at once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandOpening {
    /// Official key.
    pub municipality: String,
    /// Topic of the pack.
    pub topic: String,
    /// Code of the office that will owe the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// What is asked for, 10 to 80 characters.
    pub text: String,
    /// The cases; each of their people is asked whether she signs, and nobody is joined.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub cases: Vec<Uuid>,
}

/// Lets a demand be public.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandPublish {
    /// The version of the demand that was seen.
    pub version: i64,
    /// Code of the office that will owe the answer; absent: it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
}

/// Refuses a demand; its author reads why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandReject {
    /// The version of the demand that was seen.
    pub version: i64,
    /// Why, at most 110 characters.
    pub reason: String,
}

/// Hands a demand over to the authority; its term begins.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandHandOver {
    /// The version of the demand that was seen.
    pub version: i64,
    /// Code of the office that owes the answer.
    pub office: String,
}

/// Enters the authority's answer; every supporter reads it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandAnswerRequest {
    /// The version of the demand that was seen.
    pub version: i64,
    /// `accepted`, `partly` or `rejected`.
    pub verdict: String,
    /// Why, at most 180 characters.
    pub reason: String,
    /// What it costs, in thousandths of the currency's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// By when it is done, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<String>,
}

/// An answer of the authority that nobody has sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandAnswerDraft {
    /// `accepted`, `partly` or `rejected`.
    pub verdict: String,
    /// Why, at most 180 characters.
    pub reason: String,
    /// What it costs, in thousandths of the currency's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// By when it is done, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<String>,
}

/// What an answer would be and cost.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandAnswerPreview {
    /// By channel: the text, and what one message of it costs.
    #[serde(default)]
    pub channels: Vec<PreviewChannel>,
    /// At most so many get it: those who want no news are passed over.
    pub people: u64,
    /// At most so much is spent, in thousandths of the currency's unit: as if all were on the dearest channel.
    pub price: i64,
}

/// The answer becomes a promise that is followed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseOpening {
    /// The version of the demand that was seen.
    pub version: i64,
    /// What is promised.
    pub promise: Promise,
}

/// Writes a promise anew.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseUpdate {
    /// The version of the demand that was seen.
    pub version: i64,
    /// The version of the promise that was seen.
    pub promise_version: i64,
    /// As it is now.
    pub promise: Promise,
}

/// Asks the author whether a demand may go on in another one; without an author it is done at once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandMergeRequest {
    /// The version of the demand that was seen.
    pub version: i64,
    /// The other one.
    pub into: Uuid,
    /// Why: it is kept with the demand.
    pub reason: String,
}

/// Takes a merge back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemandUnmerge {
    /// The version of the demand that was seen.
    pub version: i64,
    /// Why: it is kept with the demand.
    pub reason: String,
}

/// Counts flagged support, after somebody looked: all that was flagged by these rules only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagsClearing {
    /// The version of the demand that was seen.
    pub version: i64,
    /// `velocity`, `range` or `new_senders`.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 3))]
    pub flags: Vec<String>,
    /// Why: it is kept with the demand.
    pub reason: String,
}

/// Enters a list of an assembly.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActaEntry {
    /// The version of the demand that was seen.
    pub version: i64,
    /// The number that stands on it, at most 40 characters.
    pub folio: String,
    /// Heads on it, 1 to 100,000.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000))]
    pub heads: u32,
    /// The day of the assembly, ISO 8601.
    pub held_on: String,
    /// Where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The picture of it: a kept photo; of a case only one that who enters it may see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Uuid>,
}

/// A list was entered by mistake.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActaVoid {
    /// The version of the demand that was seen.
    pub version: i64,
    /// The list.
    pub acta: Uuid,
    /// Why: it is kept with the demand.
    pub reason: String,
}

/// People on a list were called back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActaCall {
    /// The version of the demand that was seen.
    pub version: i64,
    /// The list.
    pub acta: Uuid,
    /// How many were called in all.
    pub called: u32,
    /// How many of them confirmed it.
    pub confirmed: u32,
}

/// Lets a message of the author go to the supporters, or refuses it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorMessageDecision {
    /// The version of the demand that was seen.
    pub version: i64,
    /// The message.
    pub message: Uuid,
    /// The version of the message that was seen.
    pub message_version: i64,
    /// `sent` or `refused`.
    pub decision: String,
    /// Why it is refused, at most 110 characters: the author reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An organisation signs in public, or no more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Endorsement {
    /// The version of the demand that was seen.
    pub version: i64,
    /// Its name.
    pub organisation: String,
}

/// Links cases that ask for the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseLinks {
    /// The version of the demand that was seen.
    pub version: i64,
    /// The cases.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub cases: Vec<Uuid>,
    /// Whether their people are asked to sign.
    #[serde(default)]
    pub invite: bool,
}

/// A case has nothing to do with it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseUnlink {
    /// The version of the demand that was seen.
    pub version: i64,
    /// The case.
    pub case: Uuid,
}

crate::quiet!(
    DemandDone,
    DemandOpening,
    DemandPublish,
    DemandReject,
    DemandHandOver,
    DemandAnswerRequest,
    DemandAnswerDraft,
    DemandAnswerPreview,
    PromiseOpening,
    PromiseUpdate,
    DemandMergeRequest,
    DemandUnmerge,
    FlagsClearing,
    ActaEntry,
    ActaVoid,
    ActaCall,
    AuthorMessageDecision,
    Endorsement,
    CaseLinks,
    CaseUnlink,
);
