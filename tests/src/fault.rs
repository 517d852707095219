//! What the tests of faults share: a service that can be killed, a gateway that fails on purpose, and
//! phones that write through it.

mod chats;
mod gateway;
mod phones;
mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use cabildo_bot::domain::facts::Facts;
use cabildo_bot::engine;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::service::{Worked, speak};
use cabildo_bot::store::address::KEY_FILE_NAME;
use cabildo_bot::store::{AddressKeys, Location};

pub use chats::Chats;
pub use gateway::{FakeGateway, Faults};
pub use phones::{Counts, Load, Phones};
pub use server::{CHILD, Inside, Process, Start, child};

use crate::history::{Marker, Snapshot, State};

/// The secret of the channel `telco`.
pub const KEY: &str = "k0123456789abcdef";

/// Limits that no test of faults may meet: they are tested elsewhere.
const LIMITS: &str = "[limits]\nanswers_per_hour = 1000000\nanswers_per_day = 1000000\n\
                      fold_after_per_minute = 1000000\n";

/// What a process that is killed often logs.
const LOG: &str = "[log]\nfilter = \"warn\"\nformat = \"json\"\n";

/// A configuration with one Kannel-style channel, `telco`, that pushes by the gateway at `sendsms` and
/// gets its reports at `port`; `more` comes behind it.
pub fn configuration(location: &Location, sendsms: &str, port: u16, more: &str) -> String {
    let database = match location {
        Location::Postgres(url) => format!("[database]\nurl = \"{url}\"\n"),
        Location::File(path) => format!("[database]\nurl = \"sqlite://{}\"\n", path.display()),
        Location::Memory => String::new(),
    };
    let limits = if more.contains("[limits]") { "" } else { LIMITS };
    let log = if more.contains("[log]") { "" } else { LOG };
    format!(
        "{database}{limits}{log}[channels.telco]\ntype = \"kannel\"\nkey = \"{KEY}\"\nsendsms_url = \"{sendsms}\"\n\
         username = \"u\"\npassword = \"p\"\nreport_url = \"http://127.0.0.1:{port}\"\n{more}"
    )
}

/// The product's dialogue with a mark in its first reply and in the conversation: which message this
/// is, by the `#7` behind its text, and which one the conversation saw before. Lost and doubled steps
/// show as breaks of that chain. The word `veneno` is poison;
/// `bomba` is a panic that quotes its message.
pub fn chained(
    conversation: &Conversation,
    message: &engine::Inbound,
    facts: &Facts,
    service: &str,
) -> Worked {
    let (text, number) = match message.text.rsplit_once(" #") {
        Some((text, number)) => (text, number.parse().unwrap_or(0)),
        None => (message.text.as_str(), 0_u64),
    };
    if text == "veneno" {
        // A panic that the hook does not print: there are hundreds of them.
        std::panic::resume_unwind(Box::new("poison"));
    }
    assert!(!text.starts_with("bomba"), "no answer to {text}");
    let mut conversation = conversation.clone();
    let place = conversation.offered.iter().position(|it| it.starts_with('#'));
    let before = place.map(|it| conversation.offered.remove(it));
    let message = engine::Inbound { text: text.to_owned(), ..message.clone() };
    let mut worked = speak(&conversation, &message, facts, service);
    let after = before.as_deref().and_then(|it| it[1..].parse().ok()).unwrap_or(0);
    match worked.replies.first_mut() {
        Some(reply) if number > 0 => {
            reply.text = format!("{} {}", reply.text, Marker { number, after });
            worked.next.offered.push(format!("#{number}"));
        }
        // Silence leaves no mark, so the chain goes on from the message before.
        _ => worked.next.offered.extend(before),
    }
    worked
}

/// The file of a database in `folder`.
pub fn database_file(folder: &Path) -> PathBuf {
    folder.join("data").join("cabildo.db")
}

/// The keys of the database of a server that was started in `folder`.
pub fn keys(location: &Location, folder: &Path) -> AddressKeys {
    let beside = location.default_key_file();
    let path = beside.unwrap_or_else(|| folder.join("data").join(KEY_FILE_NAME));
    AddressKeys::load_or_make(&path, false).expect("the keys")
}

/// Takes snapshots until one fits, for `patience` at most; gives the last one. The server was started in
/// `folder`.
pub async fn snapshot_when(
    location: &Location,
    folder: &Path,
    patience: Duration,
    fits: impl Fn(&Snapshot) -> bool,
) -> Snapshot {
    let deadline = tokio::time::Instant::now() + patience;
    let keys = keys(location, folder);
    loop {
        let taken = match location {
            // Somebody writes: a copy of two files would not be of one instant.
            Location::File(path) => Snapshot::take_live(path, &keys).await,
            _ => Snapshot::take(location, &keys).await,
        };
        match taken {
            Ok(snapshot) if fits(&snapshot) => return snapshot,
            Ok(snapshot) if tokio::time::Instant::now() >= deadline => return snapshot,
            Err(problem) => assert!(tokio::time::Instant::now() < deadline, "no snapshot: {problem}"),
            Ok(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Whether nothing waits: every message is handled, every reply is with its gateway or has ended.
pub fn at_rest(snapshot: &Snapshot) -> bool {
    snapshot.inbox.iter().all(|it| it.handled.is_some())
        && snapshot.outbox.iter().all(|it| it.state >= State::Unknown)
}
