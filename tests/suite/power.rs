//! Power cuts: the calls of a real server are recorded, and the disk is cut at its syncs. Whatever the
//! disk made of what was not synced, the database is sound and holds every acknowledged message.
//!
//! 20 cuts; `CABILDO_LONG=1` for 200. `CABILDO_SEED` repeats the draws on a new recording.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::store::address::KEY_FILE_NAME;
use cabildo_bot::store::guard::make_private_folder;
use cabildo_bot::store::{AddressKeys, Location, Store};
use cabildo_tests::fault::{
    CHILD, FakeGateway, Faults, Load, Phones, Process, Start, child, configuration, database_file,
};
use cabildo_tests::history::{Recorder, Seen, Snapshot, Violation, check};
use cabildo_tests::power::{Act, Disk, Event, Files, Tape, Unsynced, read_files};
use cabildo_tests::serving::PATIENCE;
use cabildo_tests::{free_ports, skip_or_fail};

/// The files that must outlive a cut. The index beside them (`-shm`) is made anew from them.
const FILES: [&str; 2] = ["cabildo.db", "cabildo.db-wal"];

#[test]
#[ignore = "the service that is recorded; it runs as a process of its own"]
fn server_child() {
    if std::env::var_os(CHILD).is_some() {
        child();
    }
}

/// What was recorded: the calls, and when each message was acknowledged.
struct Recorded {
    tape: Tape,
    acknowledged: Vec<(String, UnixMillis)>,
}

/// Runs a server under `strace` until so many messages are acknowledged.
async fn record(folder: &Path, messages: usize, seed: u64) -> Recorded {
    let recorder = Arc::new(Recorder::new(folder));
    let gateway = FakeGateway::start(Arc::clone(&recorder), Faults::default(), seed).await;
    let [port] = free_ports().expect("a port");
    let location = Location::File(database_file(folder));
    let toml = configuration(&location, gateway.url(), port, "");
    let start = Start { toml, folder: folder.to_owned(), port, ahead: 0 };
    let data = folder.join("data");
    // The recording begins with a database that is there.
    let settings = start.clone();
    tokio::task::spawn_blocking(move || Process::start("power::server_child", &settings).stop())
        .await
        .expect("a first start");
    let before = read_files(&data, &FILES);
    let log = folder.join("calls.log");
    let under = Tape::options(&data, &FILES, &log);
    let starting =
        tokio::task::spawn_blocking(move || Process::start_under(&under, "power::server_child", &start));
    let process = starting.await.expect("a start");
    let load = Load {
        url: format!("http://127.0.0.1:{port}"),
        phones: 4,
        patience: Duration::from_secs(10),
        pause: Duration::ZERO,
        again: Duration::from_millis(50),
        seed,
    };
    let phones = Phones::start(&load, &recorder, 1);
    let enough = async {
        while recorder.acknowledged() < messages {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE * 12, enough).await.expect("a load");
    phones.finish(PATIENCE).await;
    tokio::task::spawn_blocking(move || process.stop()).await.expect("stopped");
    Recorded { tape: Tape::read(&log, &data, &FILES, before), acknowledged: recorder.acknowledged_at() }
}

/// Where the power goes: before the event of this number. Half of the places lie in a checkpoint, where
/// the database itself is written, the others at a sync.
fn places(events: &[Event], count: usize, random: &mut fastrand::Rng) -> BTreeSet<usize> {
    let beside = |fits: &dyn Fn(&Event) -> bool| -> Vec<usize> {
        (1..events.len()).filter(|it| fits(&events[*it]) || fits(&events[*it - 1])).collect()
    };
    let syncs = beside(&|it| it.act == Act::Sync);
    let checkpoints = beside(&|it| it.file.as_deref() == Some(FILES[0]));
    assert!(!checkpoints.is_empty(), "no checkpoint was recorded: write more");
    let mut places = BTreeSet::new();
    while places.len() < count.min(usize::midpoint(syncs.len(), checkpoints.len())) {
        let from = if random.bool() { &syncs } else { &checkpoints };
        places.insert(from[random.usize(0..from.len())]);
    }
    places
}

/// Opens an image with the store and says what is wrong with it, given what was acknowledged.
async fn look(image: &Files, data: &Path, acknowledged: Vec<Seen>) -> Vec<Violation> {
    let folder = tempfile::tempdir().expect("a folder");
    let there = folder.path().join("data");
    make_private_folder(&there).expect("a folder");
    for entry in std::fs::read_dir(data).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|it| it.to_str()).expect("a name").to_owned();
        if path.is_file() && !name.starts_with(FILES[0]) {
            std::fs::copy(&path, there.join(name)).expect("copied");
        }
    }
    for (name, bytes) in image {
        std::fs::write(there.join(name), bytes).expect("written");
    }
    let location = Location::File(there.join(FILES[0]));
    let keys = there.join(KEY_FILE_NAME);
    let now = cabildo_bot::clock::Clock::System.now();
    Store::open(&location, &keys, now).await.expect("it opens").close().await;
    let keys = AddressKeys::load_or_make(&keys, false).expect("the keys");
    // It also asks whether the database is sound.
    let snapshot = Snapshot::take(&location, &keys).await.expect("it is read");
    let mut history = acknowledged;
    history.push(Seen::Database(snapshot));
    check(&history)
}

/// What was acknowledged before a call was begun.
fn acknowledged_before(recorded: &Recorded, at: i64) -> Vec<Seen> {
    // A time of milliseconds may be up to one too early.
    let before = recorded.acknowledged.iter().filter(|(_, it)| (it.0 + 1) * 1_000 < at);
    before.map(|(id, _)| Seen::Acknowledged(id.clone())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_cuts_lose_nothing_that_was_acknowledged() {
    // Some containers forbid to trace.
    if !Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=none", "true"])
        .status()
        .is_ok_and(|it| it.success())
    {
        return skip_or_fail("strace");
    }
    let long = std::env::var("CABILDO_LONG").is_ok_and(|it| it == "1");
    let (messages, cuts) = if long { (1_500, 200) } else { (300, 20) };
    let seed = std::env::var("CABILDO_SEED")
        .ok()
        .and_then(|it| it.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a folder");
    let recorded = record(&root, messages, seed).await;
    let events = &recorded.tape.events;
    let data = root.join("data");

    let mut disk = Disk::new(recorded.tape.before.clone());
    let mut done = 0;
    let places = places(events, cuts, &mut random);
    let mut most = 0;
    for place in &places {
        for event in &events[done..*place] {
            disk.run(event);
        }
        done = *place;
        let unsynced = Unsynced::draw(&mut random);
        let image = disk.cut(unsynced, &mut random);
        let acknowledged = acknowledged_before(&recorded, events[*place].at);
        most = most.max(acknowledged.len());
        let violations = look(&image, &data, acknowledged).await;
        assert_eq!(violations, [], "seed {seed}, cut before call {place} of {}, {unsynced:?}", events.len());
    }
    let syncs = events.iter().filter(|it| it.act == Act::Sync).count();
    eprintln!(
        "{} cuts in {} calls with {syncs} syncs, {} acknowledged, seed {seed}",
        places.len(),
        events.len(),
        recorded.acknowledged.len()
    );
    assert!(most > 0, "seed {seed}: every cut came before the first acknowledgement");

    // A disk that does not sync loses them, and the check says so.
    let mut lying = Disk::lying(recorded.tape.before.clone());
    for event in events {
        lying.run(event);
    }
    let image = lying.cut(Unsynced::Dropped, &mut random);
    let violations = look(&image, &data, acknowledged_before(&recorded, i64::MAX)).await;
    let lost = violations.iter().filter(|it| matches!(it, Violation::Lost(_))).count();
    assert_eq!(lost, recorded.acknowledged.len(), "seed {seed}: {violations:?}");
}
