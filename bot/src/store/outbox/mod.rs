//! The outbox: every message to a contact, and how far it got.
//!
//! `queued -> claimed -> dispatched -> accepted -> delivered`; `unknown` where the gateway's answer
//! was lost. Each attempt that gets as far as the gateway's door has a row in `attempts`; a retry, a
//! requeue or a lapsed claim opens the next one, and the message shows its last. An update names the
//! attempt it belongs to, so a worker whose lease lapsed changes nothing any more.

pub(crate) mod add;
pub(crate) mod answers;
pub(crate) mod claim;
pub(crate) mod dispatch;
pub(crate) mod people;
pub(crate) mod report;
pub(crate) mod settle;

use uuid::Uuid;

use super::texts::open_body;
use super::{Error, Store, contacts};
use crate::channels::render::{Choice, Rendered, ReplyKind};
use crate::domain::purpose::Purpose;
use crate::domain::time::UnixMillis;

pub use add::NewOutbound;
pub use answers::SentAnswer;
pub use claim::{Claimed, Due};
pub use dispatch::{Caps, Dispatch, Dispatched, Spent};
pub use people::{Attempt, Listing, Resent, Shown};
pub use report::{Arrival, Report};
pub use settle::{Settled, UnsettledAttempt};

/// How long a claimed or dispatched message belongs to its worker, ms.
pub const LEASE: i64 = 60_000;

/// How long a message waits for an earlier one to the same contact that is being retried, ms.
pub const WAITS_FOR_RETRY: i64 = 120_000;

/// A reply to be kept.
#[derive(Clone)]
pub struct NewReply {
    /// Its id.
    pub id: Uuid,
    /// What it says.
    pub rendered: Rendered,
}

/// A reply that was kept for the answer to a request.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredReply {
    /// Its id.
    pub id: Uuid,
    /// What it says.
    pub rendered: Rendered,
}

impl std::fmt::Debug for StoredReply {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "StoredReply {{ id: {}, .. }}", self.id)
    }
}

/// A row of `outbox`.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Row {
    id: Uuid,
    contact_id: Uuid,
    kind: String,
    body: String,
    choices: String,
    municipality: Option<String>,
    edit: bool,
    segments: i64,
    attempt: i64,
    created_at: i64,
    tries: i64,
    due_at: Option<i64>,
    purpose: String,
    through: Option<String>,
}

/// The columns of a [`Row`].
macro_rules! columns {
    () => {
        "id, contact_id, kind, body, choices, municipality, edit, segments, attempt, created_at, tries, \
         due_at, purpose, through"
    };
}
pub(crate) use columns;

/// Ids as a JSON array of hexadecimal texts, which both engines take apart.
pub(crate) fn ids_json(ids: impl Iterator<Item = Uuid>) -> String {
    ids.map(|id| id.simple().to_string()).collect::<serde_json::Value>().to_string()
}

/// Ids, each with a number, as a JSON array of arrays; in the order of the ids, in which rows are
/// locked by all.
pub(crate) fn pairs_json(pairs: &[(Uuid, i64)]) -> String {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    sorted
        .iter()
        .map(|(id, number)| serde_json::json!([id.simple().to_string(), number]))
        .collect::<serde_json::Value>()
        .to_string()
}

/// A claimed row and what belongs to it.
pub(crate) type ClaimedRow = (Row, contacts::Row, Option<String>);

/// The contact of a message, and the message that led to it.
pub(crate) type Owner = (Uuid, Option<Uuid>);

impl Row {
    fn rendered(&self, store: &Store) -> Result<Rendered, Error> {
        let damaged = |what| Error::Other(format!("the {what} of message {} can't be read", self.id));
        let kind: ReplyKind = serde_json::from_value(serde_json::Value::String(self.kind.clone()))
            .map_err(|_| damaged("kind"))?;
        let body = open_body(store, self.id, &self.body)?;
        let choices: Vec<Choice> = match body.choices {
            Some(choices) => choices,
            None => serde_json::from_str(&self.choices).map_err(|_| damaged("choices"))?,
        };
        Ok(Rendered {
            kind,
            text: body.text,
            municipality: self.municipality.clone(),
            choices,
            edit: self.edit,
            segments: u32::try_from(self.segments).unwrap_or(1),
            picture: body.picture,
        })
    }

    /// What it is for; a purpose of a newer release counts as not asked for.
    fn purpose(&self) -> Purpose {
        self.purpose.parse().unwrap_or(Purpose::Broadcast)
    }

    /// From when on a day counts.
    fn worth_from(&self) -> UnixMillis {
        UnixMillis(self.due_at.unwrap_or(self.created_at))
    }
}
