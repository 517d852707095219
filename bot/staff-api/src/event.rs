//! The feed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something that happened: what the `data` of a server-sent event holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Its place in the feed, from 1; also the `id` of the server-sent event.
    pub seq: i64,
    /// What happened: a stable code (`case_opened`), also its `event`.
    pub kind: String,
    /// The contact it happened to; as the two below, in an event of a case alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<Uuid>,
    /// The message that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox_id: Option<Uuid>,
    /// The message of ours that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbox_id: Option<Uuid>,
    /// The case it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_id: Option<Uuid>,
    /// The demand it is about; such an event names no contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand_id: Option<Uuid>,
    /// The card it is about; such an event names no contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highlight_id: Option<Uuid>,
    /// The broadcast it is about; such an event names no contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broadcast_id: Option<Uuid>,
    /// Official key of the municipality it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// When, Unix ms.
    pub created_at: i64,
}
