//! Promises: what an answer became, and how far it got.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which promises are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitmentQuery {
    /// Keys of municipalities, with commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of promises, the newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommitmentList {
    /// The promises.
    #[serde(default)]
    pub items: Vec<Commitment>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
}

/// A promise that is followed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Commitment {
    /// Its id.
    pub id: Uuid,
    /// The demand that it answers.
    pub demand: Uuid,
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub municipality_name: String,
    /// What is promised.
    pub promise: Promise,
    /// What supporters say: was it kept? Each is told anew once it differs by eleven, and as 0 while it is ten or fewer.
    pub votes: PromiseVotes,
    /// Counts its changes.
    pub version: i64,
    /// When it was made, Unix ms.
    pub created_at: i64,
    /// When it changed last, Unix ms.
    pub updated_at: i64,
}

/// What is promised.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Promise {
    /// What.
    pub title: String,
    /// Who keeps it: an office or a post, no person.
    pub owner: String,
    /// By when, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<String>,
    /// `not_started`, `in_progress`, `stuck`, `finished` or `incomplete`.
    pub state: String,
    /// How much of it is done, 0 to 100.
    #[cfg_attr(feature = "openapi", schema(maximum = 100))]
    pub percent: u8,
    /// Its steps, in order.
    #[serde(default)]
    pub milestones: Vec<PromiseStep>,
}

/// A step of a promise.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseStep {
    /// What.
    pub title: String,
    /// By when, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<String>,
    /// One of the states of a promise.
    pub state: String,
}

/// What supporters say: was it kept?
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseVotes {
    /// Yes.
    pub yes: u64,
    /// No.
    pub no: u64,
    /// Half.
    pub half: u64,
}

crate::quiet!(CommitmentQuery, CommitmentList, Commitment, Promise, PromiseStep, PromiseVotes,);
