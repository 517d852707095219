//! The audit trail.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something that somebody did: ids and codes only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Its place in the trail, from 1, without gaps.
    pub seq: i64,
    /// When, Unix ms.
    pub at: i64,
    /// The account that did it; absent: the system, or the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<Uuid>,
    /// What was done (`case_read`).
    pub act: String,
    /// To what kind of thing (`case`).
    pub target_kind: String,
    /// To which one.
    pub target_id: String,
    /// Codes and counts that belong to it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub detail: serde_json::Value,
}

/// A part of the trail, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The entries.
    pub items: Vec<AuditEntry>,
    /// What to give as `before` for the next page; absent: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// The end of the chain. Whoever writes it down can later show that nothing before it was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditHead {
    /// Number of the last entry; 0: none yet.
    pub seq: i64,
    /// Its code, in hexadecimal.
    pub mac: String,
}

/// Something wrong with the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditProblem {
    /// Number of the entry where it shows.
    pub seq: i64,
    /// `gap`, `changed`, `cut` or `other_history`.
    pub code: String,
}

/// What a check of the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditCheck {
    /// Whether all is well.
    pub sound: bool,
    /// Entries that were read.
    pub entries: i64,
    /// Exported heads that were compared.
    pub heads: i64,
    /// The first problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<AuditProblem>,
    /// The end of the chain as it was read.
    pub head: AuditHead,
}
