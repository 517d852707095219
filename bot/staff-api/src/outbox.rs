//! What staff sent and how far it got.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which messages are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboxQuery {
    /// `held` (the default), `sent` or `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of messages, the newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboxList {
    /// The rows.
    #[serde(default)]
    pub items: Vec<OutboxMessage>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A message of staff to one person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboxMessage {
    /// Its id.
    pub id: Uuid,
    /// The send that it belongs to.
    pub send: Uuid,
    /// The case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Uuid>,
    /// Who sent it.
    pub staff: Uuid,
    /// Its channel.
    pub channel: String,
    /// How far it got: `queued`, `claimed`, `dispatched`, `unknown`, `accepted`, `delivered`, `failed`, `expired`, `cancelled` or `abandoned`.
    pub state: String,
    /// Code of why it did not go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// SMS segments.
    pub segments: i64,
    /// Number of the last attempt.
    pub attempt: i64,
    /// Until when it can be taken back, Unix ms.
    pub until_at: i64,
    /// When it was written, Unix ms.
    pub created_at: i64,
    /// When it last changed, Unix ms.
    pub updated_at: i64,
}

/// Sends a message again that did not go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetryRequest {
    /// Another gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
}

/// Says what became of a message of which nobody knew.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettleRequest {
    /// Whether the citizen has it; else it is given up.
    #[serde(default)]
    pub arrived: bool,
}

/// What was done.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboxDone {
    /// The message as it is now.
    pub message: OutboxMessage,
}

crate::quiet!(OutboxQuery, OutboxList, OutboxMessage, RetryRequest, SettleRequest, OutboxDone);
