//! The hot path: what every message in causes is a value, and a batch of them is one call.
//!
//! Each call of the database is a trip to another thread (`SQLite`) or over a socket (`PostgreSQL`),
//! so the number of calls counts, not the number of rows. A batch is a handful of arrays that the
//! database takes apart itself, JSON for `SQLite` (`encode.rs`), columns for `PostgreSQL` (`arrays.rs`);
//! `sql.rs` has the statements.

mod arrays;
pub(crate) mod cache;
mod encode;
pub(crate) mod lookup;
pub(crate) mod postgres;
mod sql;
pub(crate) mod sqlite;

use std::collections::HashSet;

use tokio::sync::oneshot;
use uuid::Uuid;

use super::Error;
use super::inbox::{NewRow, Outcome};
use crate::domain::time::UnixMillis;

pub use sql::{POSTGRES, POSTGRES_SETTINGS, POSTGRES_SETUP, SQLITE_SETUP, SQLITE_STEPS};

/// The most operations in one call.
pub(crate) const BATCH: usize = 256;
/// How often a batch that met another process's write is run again before it is divided.
const AGAIN: usize = 4;

/// An operation of the hot path.
pub(crate) enum Op {
    /// Keep a message to be handled later.
    Accept(NewRow),
    /// Keep a message together with what it leads to.
    Answer(NewRow, Outcome),
    /// Write what an accepted message leads to; with a fence only if it is still the message's.
    Handle { id: Uuid, contact_id: Uuid, fence: Option<i64>, outcome: Outcome },
    /// The first `written` of these replies stand in an answer that was written; the rest is queued.
    Written { ids: Vec<Uuid>, written: usize, at: UnixMillis },
}

impl Op {
    /// Whether it changes what contacts are joined, cases, or a person's rights, which is written beside the batch.
    pub(crate) fn beside(&self) -> bool {
        use super::inbox::Change;
        let beside = |it: &Change| {
            matches!(
                it,
                Change::Link(_)
                    | Change::Case(_)
                    | Change::Demand(_)
                    | Change::Highlight(_)
                    | Change::Privacy(_)
            )
        };
        self.consequence().is_some_and(|(.., outcome)| outcome.changes.iter().any(beside))
    }

    /// The message, the contact and what the message leads to.
    pub(crate) fn consequence(&self) -> Option<(Uuid, Uuid, &Outcome)> {
        match self {
            Self::Answer(new, outcome) => Some((new.id, new.contact_id, outcome)),
            Self::Handle { id, contact_id, outcome, .. } => Some((*id, *contact_id, outcome)),
            Self::Accept(_) | Self::Written { .. } => None,
        }
    }
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It was done.
    Done,
    /// The message is a repeat of this one; nothing was changed.
    Repeat(Uuid),
    /// It had been done before; nothing was changed.
    Before,
    /// Another worker has claimed the message since; nothing was changed.
    Fenced,
}

/// An operation and who wants to know.
pub(crate) struct Item {
    pub(crate) op: Op,
    /// `None` for a note that nobody waits for.
    pub(crate) told: Option<oneshot::Sender<Result<Fate, Error>>>,
}

impl Item {
    /// Tells the caller, who may be gone.
    fn tell(self, result: Result<Fate, Error>) {
        match self.told {
            Some(told) => drop(told.send(result)),
            None => {
                if let Err(problem) = result {
                    // A repeat may get the same answer once more, or a report settles it.
                    tracing::error!(%problem, "it could not be noted that an answer was written");
                }
            }
        }
    }
}

/// Which operations may stand in one call: one outcome for each contact, each message once.
#[derive(Default)]
struct Wave {
    contacts: HashSet<Uuid>,
    addresses: HashSet<Vec<u8>>,
    messages: HashSet<(String, String)>,
}

impl Wave {
    /// Whether `op` fits beside those that were admitted before it; it then is one of them.
    fn admits(&mut self, op: &Op) -> bool {
        let (new, outcome) = match op {
            Op::Accept(new) => (new, false),
            Op::Answer(new, _) => (new, true),
            Op::Handle { contact_id, .. } => return self.contacts.insert(*contact_id),
            Op::Written { .. } => return true,
        };
        let message = (new.inbound.channel_id.clone(), new.external_id.clone());
        if self.messages.contains(&message) {
            return false;
        }
        let fits = match &new.sealed {
            Some(sealed) => self.addresses.insert(sealed.key.clone()),
            None => !outcome || self.contacts.insert(new.contact_id),
        };
        if fits {
            self.messages.insert(message);
        }
        fits
    }
}

/// Takes from the front of `waiting` what fits into one call; the order of what clashes is kept.
pub(crate) fn take_wave(waiting: &mut Vec<Item>) -> Vec<Item> {
    if waiting.len() == 1 {
        return std::mem::take(waiting);
    }
    let mut wave = Wave::default();
    let mut taken = Vec::with_capacity(waiting.len().min(BATCH));
    let mut left = Vec::new();
    for item in waiting.drain(..) {
        if taken.len() < BATCH && wave.admits(&item.op) {
            taken.push(item);
        } else {
            left.push(item);
        }
    }
    *waiting = left;
    taken
}

/// Why a call failed.
enum Failure {
    /// Another process wrote in between: the same call may succeed.
    Raced,
    /// The database is away or full: no item is at fault.
    Away(Error),
    /// A statement refused a value.
    Refused(Error),
}

impl From<sqlx::Error> for Failure {
    fn from(problem: sqlx::Error) -> Self {
        if let sqlx::Error::Database(database) = &problem
            && (database.is_foreign_key_violation()
                || database.is_unique_violation()
                // The guard of the statement on `PostgreSQL`.
                || database.code().is_some_and(|it| it == "22012"))
        {
            return Self::Raced;
        }
        match Error::from(problem) {
            Error::Conflict => Self::Raced,
            problem @ Error::Unavailable(_) => Self::Away(problem),
            problem => Self::Refused(problem),
        }
    }
}

/// A row that a call gives back: number of an operation that was not done, first delivery, why.
type NotDone = (i64, Option<Uuid>, i64);

/// What became of the one operation of a call.
fn fate_of_one(not_done: &[NotDone]) -> Result<Fate, Error> {
    // The guard of the statement on `PostgreSQL` has a row of its own, numbered -1.
    match not_done.iter().find(|it| it.0 >= 0) {
        None => Ok(Fate::Done),
        Some((_, Some(first), 0)) => Ok(Fate::Repeat(*first)),
        Some((_, _, 1)) => Ok(Fate::Before),
        Some((_, _, 2)) => Ok(Fate::Fenced),
        Some(_) => Err(Error::Conflict),
    }
}

/// Tells each caller of a call that was committed.
fn tell_all(items: Vec<Item>, not_done: &[NotDone]) {
    let mut fates: Vec<Result<Fate, Error>> = vec![Ok(Fate::Done); items.len()];
    for (item, first, status) in not_done {
        let Some(fate) = usize::try_from(*item).ok().and_then(|it| fates.get_mut(it)) else { continue };
        *fate = match (status, first) {
            (0, Some(first)) => Ok(Fate::Repeat(*first)),
            (1, _) => Ok(Fate::Before),
            (2, _) => Ok(Fate::Fenced),
            _ => Err(Error::Conflict),
        };
    }
    for (item, fate) in items.into_iter().zip(fates) {
        item.tell(fate);
    }
}

/// What to do with the items of a call that failed.
enum Next {
    /// Run them again.
    Again(Vec<Item>),
    /// Run each part for itself.
    Halves(Vec<Item>, Vec<Item>),
    /// All were told.
    Over,
}

/// Divides a batch that failed until the item that is at fault is alone, which fails alone.
fn after_failure(mut items: Vec<Item>, failure: Failure, tried: usize) -> Next {
    let problem = match failure {
        Failure::Raced if tried < AGAIN => return Next::Again(items),
        Failure::Raced => Error::Conflict,
        Failure::Away(problem) => {
            tracing::error!(%problem, "a batch of messages could not be stored");
            for item in items {
                item.tell(Err(problem.clone()));
            }
            return Next::Over;
        }
        Failure::Refused(problem) => problem,
    };
    if items.len() > 1 {
        let second = items.split_off(items.len() / 2);
        return Next::Halves(items, second);
    }
    if let Some(item) = items.pop() {
        if !matches!(problem, Error::Conflict) {
            tracing::error!(%problem, "a message can't be stored");
        }
        item.tell(Err(problem));
    }
    Next::Over
}
