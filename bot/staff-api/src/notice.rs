//! What waits for who is signed in.
use crate::case::{CaseRow, Count};
use crate::desk::Person;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which notices are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeQuery {
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of notices, the newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticeList {
    /// The notices.
    #[serde(default)]
    pub items: Vec<Notice>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
    /// How many wait.
    pub total: Count,
}

/// Why a case waits for who is signed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notice {
    /// Its id.
    pub id: Uuid,
    /// `assigned`, `mentioned`, `answered` (its citizen wrote) or `due`.
    pub kind: String,
    /// The case as it is now.
    pub case: CaseRow,
    /// Who led to it, where that is an officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
    /// When, Unix ms.
    pub at: i64,
}

/// Says that notices were seen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticesSeen {
    /// Which, 200 at most.
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub ids: Vec<Uuid>,
}

/// What that led to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NoticesDone {
    /// How many of them waited.
    pub seen: u64,
}

crate::quiet!(NoticeQuery, NoticeList, Notice, NoticesSeen, NoticesDone);
