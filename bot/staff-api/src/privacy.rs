//! What people asked for about their own data.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which requests are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacyQuery {
    /// `open` (the default), `done` or `refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of requests, those that are due first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrivacyRequests {
    /// The rows.
    #[serde(default)]
    pub items: Vec<PrivacyRequest>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A request. It names nobody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrivacyRequest {
    /// Its id.
    pub id: Uuid,
    /// `access`, `correction` or `erasure`.
    pub kind: String,
    /// `open`, `done` or `refused`.
    pub state: String,
    /// `sms` or `telegram`.
    pub channel: String,
    /// Official key of her home municipality; absent where none is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// When it came, Unix ms.
    pub received_at: i64,
    /// End of the term, Unix ms: the twentieth working day.
    pub due_at: i64,
    /// How far its clock is: `in_time`, `day_10`, `day_15` or `overdue`.
    pub clock: String,
    /// An erasure is done from this instant on, Unix ms, once no case of hers is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erase_at: Option<i64>,
    /// Who decided; absent: the service itself, or nobody yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Uuid>,
    /// When, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<i64>,
    /// Counts the changes.
    pub version: i64,
}

/// A request with its words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrivacyRequestInFull {
    /// The request.
    pub request: PrivacyRequest,
    /// Her words; empty where none were needed, or after they were erased.
    pub text: String,
    /// The words of who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Folios of her open cases.
    #[serde(default)]
    pub open_cases: Vec<String>,
    /// Open cases of hers that are confidential.
    pub open_confidential: u64,
}

/// Decides about a request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrivacyDecision {
    /// The version that was seen.
    pub version: i64,
    /// `done` or `refused`. An erasure that is `done` is erased within a minute.
    pub decision: String,
    /// What was done, or why it is refused: the person reads it.
    pub reason: String,
}

crate::quiet!(PrivacyQuery, PrivacyRequests, PrivacyRequest, PrivacyRequestInFull, PrivacyDecision,);
