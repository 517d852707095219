//! What was seen of a service, from outside and in its database, and whether it kept its promises.
//!
//! A [`Recorder`] notes what happens in the order in which it is seen; [`check`] reads the whole
//! history afterwards and knows nothing of the service's code. An acknowledgement counts only after
//! its id is on disk in a file of the recorder's own, as a gateway would keep it.

mod check;
mod snapshot;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cabildo_bot::clock::Clock;
use cabildo_bot::domain::time::UnixMillis;
use uuid::Uuid;

pub use check::{Violation, check, recorded_doubles};
pub use snapshot::{Attempt, Contact, Inbound, Marker, Outbound, Snapshot, State};

/// Something that was seen.
#[derive(Clone, Debug)]
pub enum Seen {
    /// A delivery of this message to the service was begun.
    Sent(String),
    /// The service acknowledged this message, and the id is on our disk.
    Acknowledged(String),
    /// An answer to this message reached its gateway whole; the mark of the reply in it.
    Body(String, Marker),
    /// The service called the gateway with a message.
    Called {
        /// The service's id of the message.
        message: Uuid,
        /// The attempt, where the call names it.
        attempt: Option<i64>,
        /// Whether the gateway took the message, be its answer lost or not.
        taken: bool,
    },
    /// A chat shows a reply: the mark in it. Nothing else of such a call says which message it is.
    Shown(Marker),
    /// The gateway began to report on a message: Kannel's state.
    Receipt(Uuid, u8),
    /// The service was killed.
    Killed,
    /// What the database said in one transaction.
    Database(Snapshot),
}

/// All that was seen, in order.
pub type History = Vec<Seen>;

/// Writes a history down as it happens; shared by all that see something.
#[derive(Debug)]
pub struct Recorder {
    seen: Mutex<History>,
    acknowledged: Mutex<File>,
    times: Mutex<Vec<(String, UnixMillis)>>,
}

impl Recorder {
    /// A recorder whose file of acknowledged ids lies in `folder`.
    pub fn new(folder: &Path) -> Self {
        let file = File::create(folder.join("acknowledged.log")).expect("a file of acknowledged ids");
        Self { seen: Mutex::default(), acknowledged: Mutex::new(file), times: Mutex::default() }
    }

    /// Notes what was seen.
    pub fn note(&self, seen: Seen) {
        lock(&self.seen).push(seen);
    }

    /// Notes an acknowledgement: first on disk, then here. It blocks for the disk.
    pub fn acknowledge(&self, id: &str) {
        lock(&self.times).push((id.to_owned(), Clock::System.now()));
        {
            let mut file = lock(&self.acknowledged);
            writeln!(file, "{id}").expect("written");
            file.sync_data().expect("on disk");
        }
        self.note(Seen::Acknowledged(id.to_owned()));
    }

    /// How many messages were acknowledged.
    pub fn acknowledged(&self) -> usize {
        lock(&self.seen).iter().filter(|it| matches!(it, Seen::Acknowledged(_))).count()
    }

    /// The acknowledged messages, and when they were.
    pub fn acknowledged_at(&self) -> Vec<(String, UnixMillis)> {
        lock(&self.times).clone()
    }

    /// How often the gateway took each message.
    pub fn taken(&self) -> BTreeMap<Uuid, usize> {
        let mut taken = BTreeMap::new();
        for seen in lock(&self.seen).iter() {
            if let Seen::Called { message, taken: true, .. } = seen {
                *taken.entry(*message).or_default() += 1;
            }
        }
        taken
    }

    /// The history so far.
    pub fn history(&self) -> History {
        lock(&self.seen).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
