//! What a database says of messages, read in one transaction without the service's own code.

use std::path::Path;
use std::str::FromStr as _;

use cabildo_bot::store::{AddressKeys, Location};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use uuid::Uuid;

/// How far a message or an attempt got; in the order of the sending state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Waits.
    Queued,
    /// A worker has it.
    Claimed,
    /// The gateway may have been called.
    Dispatched,
    /// Nobody knows.
    Unknown,
    /// The gateway has it.
    Accepted,
    /// Ended without arriving: failed, expired, cancelled, abandoned.
    Ended,
    /// It arrived: the end whatever was believed before.
    Delivered,
}

impl State {
    /// Reads the word of a row.
    pub fn parse(word: &str) -> Self {
        match word {
            "queued" => Self::Queued,
            "claimed" => Self::Claimed,
            "dispatched" => Self::Dispatched,
            "unknown" => Self::Unknown,
            "accepted" => Self::Accepted,
            "delivered" => Self::Delivered,
            "failed" | "expired" | "cancelled" | "abandoned" => Self::Ended,
            other => panic!("a state that nobody knows: {other}"),
        }
    }
}

/// The mark that the tests' dialogue puts into its first reply, `[7 after 3]`: the number of the
/// message, and of the one that the contact's conversation had seen before (0: none).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marker {
    /// Number of the message.
    pub number: u64,
    /// Number of the message before it in the conversation.
    pub after: u64,
}

impl Marker {
    /// Reads the last mark in a text.
    pub fn find(text: &str) -> Option<Self> {
        let start = text.rfind('[')?;
        let (number, after) = text[start + 1..].split_once(']')?.0.split_once(" after ")?;
        Some(Self { number: number.parse().ok()?, after: after.parse().ok()? })
    }
}

impl std::fmt::Display for Marker {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "[{} after {}]", self.number, self.after)
    }
}

/// A row of `inbox`.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// Its id.
    pub id: Uuid,
    /// The gateway's id.
    pub external_id: String,
    /// `received`, `handled` or `parked`.
    pub handled: Option<bool>,
    /// Whether another message's reply answers it.
    pub folded: bool,
    /// How many events say that it was handled.
    pub events: i64,
}

/// A row of `outbox`.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// Its id.
    pub id: Uuid,
    /// The message that it answers.
    pub inbox: Option<Uuid>,
    /// To whom.
    pub contact: Uuid,
    /// Whether nobody asked for it: reminders, surveys, broadcasts.
    pub unasked: bool,
    /// How far it got.
    pub state: State,
    /// Number of its last attempt.
    pub attempt: i64,
    /// The mark in its text.
    pub marker: Option<Marker>,
}

/// A row of `attempts`.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// The message.
    pub message: Uuid,
    /// Number, from 1.
    pub number: i64,
    /// How far it got.
    pub state: State,
}

/// A row of `contacts` with its conversation.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    /// Its id.
    pub id: Uuid,
    /// Whether it wants nothing that it did not ask for.
    pub stopped: bool,
    /// Number of the message that its conversation saw last, by the mark in it.
    pub last: Option<u64>,
}

/// What a database said at one instant.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Messages in.
    pub inbox: Vec<Inbound>,
    /// Messages out.
    pub outbox: Vec<Outbound>,
    /// Their attempts.
    pub attempts: Vec<Attempt>,
    /// Contacts.
    pub contacts: Vec<Contact>,
}

const INBOX: &str = "SELECT id, external_id, state, folded_into FROM inbox";
const EVENTS: &str = "SELECT inbox_id, COUNT(*) FROM events WHERE kind = 'message_handled' \
                      AND inbox_id IS NOT NULL GROUP BY inbox_id";
const OUTBOX: &str = "SELECT id, inbox_id, contact_id, purpose, state, attempt, body FROM outbox";
const ATTEMPTS: &str = "SELECT outbox_id, number, state FROM attempts";
const CONTACTS: &str = "SELECT id, stopped_at, state FROM contacts \
                        LEFT JOIN conversations ON contact_id = id";

/// Reads everything on a connection on which a transaction is open.
macro_rules! read_on {
    ($conn:ident, $keys:ident) => {{
        // The choices lie behind the words, apart from them by a separator.
        let body = |id: Uuid, text: &str| {
            let body = $keys.open_part("body", id, text).expect("a body of this row");
            body.split('\u{1f}').next().unwrap_or_default().to_owned()
        };
        let dialogue =
            |id: Uuid, text: &str| $keys.open_part("state", id, text).expect("a state of this row");
        let inbox: Vec<(Uuid, String, String, Option<Uuid>)> =
            sqlx::query_as(INBOX).fetch_all(&mut $conn).await?;
        let events: Vec<(Uuid, i64)> = sqlx::query_as(EVENTS).fetch_all(&mut $conn).await?;
        let outbox: Vec<(Uuid, Option<Uuid>, Uuid, String, String, i64, String)> =
            sqlx::query_as(OUTBOX).fetch_all(&mut $conn).await?;
        let attempts: Vec<(Uuid, i64, String)> = sqlx::query_as(ATTEMPTS).fetch_all(&mut $conn).await?;
        let contacts: Vec<(Uuid, Option<i64>, Option<String>)> =
            sqlx::query_as(CONTACTS).fetch_all(&mut $conn).await?;
        let events: std::collections::HashMap<Uuid, i64> = events.into_iter().collect();
        Snapshot {
            inbox: inbox
                .into_iter()
                .map(|(id, external_id, state, folded)| Inbound {
                    id,
                    external_id,
                    handled: match state.as_str() {
                        "received" => None,
                        other => Some(other == "handled"),
                    },
                    folded: folded.is_some(),
                    events: events.get(&id).copied().unwrap_or(0),
                })
                .collect(),
            outbox: outbox
                .into_iter()
                .map(|(id, inbox, contact, purpose, state, attempt, text)| Outbound {
                    id,
                    inbox,
                    contact,
                    unasked: !matches!(purpose.as_str(), "reply" | "news"),
                    state: State::parse(&state),
                    attempt,
                    marker: Marker::find(&body(id, &text)),
                })
                .collect(),
            attempts: attempts
                .into_iter()
                .map(|(message, number, state)| Attempt { message, number, state: State::parse(&state) })
                .collect(),
            contacts: contacts
                .into_iter()
                .map(|(id, stopped, state)| Contact {
                    id,
                    stopped: stopped.is_some(),
                    last: state.as_deref().and_then(|it| last_number(&dialogue(id, it))),
                })
                .collect(),
        }
    }};
}

impl Snapshot {
    /// Reads the database at `location`; a `SQLite` file is copied with its WAL and the copy is read,
    /// so that looking changes nothing of what a killed process left.
    pub async fn take(location: &Location, keys: &AddressKeys) -> Result<Self, sqlx::Error> {
        match location {
            Location::File(path) => Self::copy_and_take(path, keys).await,
            Location::Postgres(url) => {
                let mut conn = PgConnectOptions::from_str(url)?.connect().await?;
                conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                let snapshot = read_on!(conn, keys);
                conn.close().await?;
                Ok(snapshot)
            }
            Location::Memory => panic!("a database in memory is seen by its own process only"),
        }
    }

    /// Reads a `SQLite` file that others are writing to.
    pub async fn take_live(path: &Path, keys: &AddressKeys) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let mut conn = options.connect().await?;
        conn.execute("BEGIN").await?;
        let snapshot = read_on!(conn, keys);
        conn.close().await?;
        Ok(snapshot)
    }

    async fn copy_and_take(path: &Path, keys: &AddressKeys) -> Result<Self, sqlx::Error> {
        let folder = tempfile::tempdir().expect("a folder");
        for ending in ["", "-wal"] {
            let from = format!("{}{ending}", path.display());
            if Path::new(&from).exists() {
                std::fs::copy(&from, folder.path().join(format!("copy.db{ending}"))).expect("copied");
            }
        }
        let copy = folder.path().join("copy.db");
        let mut conn = SqliteConnectOptions::new().filename(&copy).connect().await?;
        let (sound,): (String,) = sqlx::query_as("PRAGMA integrity_check").fetch_one(&mut conn).await?;
        assert_eq!(sound, "ok", "the database is damaged");
        conn.execute("BEGIN").await?;
        let snapshot = read_on!(conn, keys);
        conn.close().await?;
        Ok(snapshot)
    }
}

/// The number that the tests' dialogue left in a conversation.
fn last_number(state: &str) -> Option<u64> {
    let state: serde_json::Value = serde_json::from_str(state).ok()?;
    let offered = state.get("offered")?.as_array()?;
    offered.iter().find_map(|it| it.as_str()?.strip_prefix('#')?.parse().ok())
}
