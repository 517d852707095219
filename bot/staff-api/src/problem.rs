//! Problem details (RFC 9457).

use serde::{Deserialize, Serialize};

/// Why a call was refused or failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URN that names the kind of problem: `urn:cabildo:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few English words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code; consoles put it into the language of their people.
    pub code: String,
    /// What is wrong with this call, in plain English; never a value of somebody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The field or parameter that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds after which the same call may succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// With `version_conflict`: the resource as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub current: Option<serde_json::Value>,
}
