//! Feedback and texts that the dialogue did not understand.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which feedback is listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedbackQuery {
    /// `waiting` (the default), `shown`, `hidden` or `asked`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of feedback, the oldest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedbackList {
    /// The rows.
    #[serde(default)]
    pub items: Vec<Feedback>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A suggestion, praise or story.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Feedback {
    /// Its id.
    pub id: Uuid,
    /// `suggestion`, `praise` or `story`.
    pub kind: String,
    /// Official key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// What it says.
    pub text: String,
    /// `waiting`, `shown`, `hidden` or `asked`.
    pub state: String,
    /// Code of why it is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Uuid>,
    /// When, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<i64>,
    /// Counts the changes.
    pub version: i64,
    /// When it was written, Unix ms.
    pub created_at: i64,
}

/// Decides about a piece of feedback.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedbackDecision {
    /// The version that was seen.
    pub version: i64,
    /// `shown`, `hidden`, `asked`, or `waiting` to take a decision back.
    pub decision: String,
    /// Code of why it is hidden: `insult`, `names_people`, `advertising`, `not_about_here`, `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What its author is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Whether those of the same words that wait in the same municipality go with it.
    #[serde(default)]
    pub same: bool,
}

/// What a decision led to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeedbackDecided {
    /// The piece as it is now.
    pub feedback: Feedback,
    /// How many others went with it.
    pub same: u64,
}

/// Which texts are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnknownQuery {
    /// `waiting` (the default), `answered`, `opened` or `dismissed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of texts that were not understood, the newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnknownList {
    /// The rows.
    #[serde(default)]
    pub items: Vec<UnknownGroup>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Messages that say the same.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnknownGroup {
    /// Its id.
    pub id: Uuid,
    /// Home municipality of who wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// What the newest says; absent where it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How many say it.
    pub messages: i64,
    /// `waiting`, `answered`, `opened` or `dismissed`.
    pub state: String,
    /// Counts the changes.
    pub version: i64,
    /// When the first came, Unix ms.
    pub first_at: i64,
    /// When the last came, Unix ms.
    pub last_at: i64,
}

/// Decides about a group.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnknownAct {
    /// The version that was seen.
    pub version: i64,
    /// `answer`, `opened` where a case was opened for it, `dismiss`, or `wait` to take a decision back.
    pub act: String,
    /// The answer, for `answer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Official key, for `open_case`; the group's unless said. A case is opened for each who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// Code of the category, for `open_case`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Kind of the case, for `open_case`; `question` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// What a decision led to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnknownDone {
    /// The group as it is now.
    pub group: UnknownGroup,
    /// How many get the answer or a receipt.
    pub recipients: u64,
    /// The send, which can be taken back for some seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<Uuid>,
    /// The case that was opened; of several, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Uuid>,
}

crate::quiet!(
    FeedbackQuery,
    FeedbackList,
    Feedback,
    FeedbackDecision,
    FeedbackDecided,
    UnknownQuery,
    UnknownList,
    UnknownGroup,
    UnknownAct,
    UnknownDone
);
