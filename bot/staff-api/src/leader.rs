//! People who asked to be known as leaders, and numbers that staff checked.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which leaders are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaderQuery {
    /// `asked` (the default), `verified` or `refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of leaders; who asked first comes first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeaderList {
    /// The leaders.
    #[serde(default)]
    pub items: Vec<Leader>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
}

/// Somebody who asked to be known as a leader.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Leader {
    /// Id of the request.
    pub id: Uuid,
    /// The contact.
    pub contact: Uuid,
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub municipality_name: String,
    /// `asked`, `verified` or `refused`.
    pub state: String,
    /// Name and group, as she wrote them.
    pub words: String,
    /// Why she was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Counts the changes.
    pub version: i64,
    /// When she asked, Unix ms.
    pub asked_at: i64,
    /// When somebody decided, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<i64>,
}

/// Decides about a leader.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeaderDecision {
    /// The version that was seen.
    pub version: i64,
    /// `verified`, after a call, which verifies her number, too; or `refused`.
    pub decision: String,
    /// Why she is refused: she reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Asks for the whole number of a leader, to call her.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeaderReveal {
    /// Why; it is kept in the audit trail.
    pub reason: String,
}

/// Says that a contact's number was checked by a call. It is known from one of these.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberVerification {
    /// The case whose person it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Uuid>,
    /// The demand whose author it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Uuid>,
    /// How it was checked; it is kept in the audit trail.
    pub reason: String,
}

/// A number that was checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NumberVerified {
    /// The contact.
    pub contact: Uuid,
    /// Whether it was not before.
    pub fresh: bool,
}

crate::quiet!(
    LeaderQuery,
    LeaderList,
    Leader,
    LeaderDecision,
    LeaderReveal,
    NumberVerification,
    NumberVerified,
);
