//! The service killed under load, again and again: nothing that was acknowledged is lost, each
//! message has its effect once, no reply goes out twice unnoticed, no state moves backwards. Phones write
//! through a gateway and chats to a bot.
//!
//! `CABILDO_KILLS=1000 cargo test -p cabildo-tests --test suite -- kill::` for the long form (an
//! engine gets them all); `CABILDO_SEED` repeats a run's draws, though not the machine's timing.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cabildo_bot::store::Location;
use cabildo_tests::bot_api::{BotApi, TOKEN};
use cabildo_tests::fault::{
    CHILD, Chats, FakeGateway, Faults, Load, Phones, Process, Start, at_rest, child, configuration,
    database_file, keys, snapshot_when,
};
use cabildo_tests::history::{Recorder, Seen, Snapshot, check, recorded_doubles};
use cabildo_tests::{free_ports, postgres};

/// The most snapshots of a run: they are kept until its end.
const SNAPSHOTS: u32 = 60;
/// How long the last service may take to finish what is left, and how much more for each kill: what comes
/// between two of them is handled only in part.
const DRAIN: Duration = Duration::from_mins(1);
const DRAIN_EACH: Duration = Duration::from_millis(600);
/// Chats at once, and the number of their first message.
const CHATS: (u32, u64) = (8, 50_000_000);
/// How far the clock jumps at one start in four: past every lease.
const JUMP: i64 = 75_000;

#[test]
#[ignore = "the service that the tests of this file kill; it runs as a process of its own"]
fn server_child() {
    if std::env::var_os(CHILD).is_some() {
        child();
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Kills the service `kills` times under load and checks what is left.
async fn killed_under_load(location: Location, folder: &Path, kills: u32) {
    let kills = number("CABILDO_KILLS").map_or(kills, |it| it as u32);
    let seed = number("CABILDO_SEED").unwrap_or_else(|| fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let recorder = Arc::new(Recorder::new(folder));
    let faults = Faults { refuse: 5, cut: 5, silent: 2 };
    let gateway = FakeGateway::start(Arc::clone(&recorder), faults, seed).await;
    let api = BotApi::start().await;
    let bot =
        format!("[channels.tg]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n", api.url());
    let [port] = free_ports().expect("a port");
    let mut start = Start {
        toml: configuration(&location, gateway.url(), port, &bot),
        folder: folder.to_owned(),
        port,
        ahead: 0,
    };
    let load = Load {
        url: format!("http://127.0.0.1:{port}"),
        phones: 24,
        patience: Duration::from_secs(10),
        pause: Duration::from_millis(5),
        again: Duration::from_millis(50),
        seed,
    };
    let began = Instant::now();
    let phones = Phones::start(&load, &recorder, 1);
    let mut chats = Chats::start(&api, &recorder, CHATS.0, CHATS.1, seed);
    let mut starting = Duration::ZERO;
    for kill in 0..kills {
        let (began, settings) = (Instant::now(), start.clone());
        let started = tokio::task::spawn_blocking(move || Process::start("kill::server_child", &settings));
        let process = started.await.unwrap_or_else(|problem| panic!("seed {seed}, kill {kill}: {problem}"));
        starting += began.elapsed();
        // The instant of the kill is what is tested, so here the clock is waited for.
        tokio::time::sleep(Duration::from_millis(random.u64(1..=500))).await;
        tokio::task::spawn_blocking(move || process.kill()).await.expect("killed");
        recorder.note(Seen::Killed);
        if kill.is_multiple_of(kills.div_ceil(SNAPSHOTS)) {
            let snapshot = Snapshot::take(&location, &keys(&location, folder)).await.expect("a snapshot");
            recorder.note(Seen::Database(snapshot));
        }
        if random.u32(0..4) == 0 {
            start.ahead += JUMP;
        }
    }
    // The last start, with a gateway that is well and past every wait of the retry schedule.
    gateway.set(Faults::default());
    start.ahead += 12 * 3_600_000;
    let settings = start.clone();
    let process = tokio::task::spawn_blocking(move || Process::start("kill::server_child", &settings));
    let process = process.await.unwrap_or_else(|problem| panic!("seed {seed}, last start: {problem}"));
    let drain = DRAIN + DRAIN_EACH * kills;
    let counts = phones.finish(drain).await;
    let confirmed = chats.finish(drain).await;
    let end = snapshot_when(&location, folder, drain, at_rest).await;
    let rest = at_rest(&end);
    tokio::task::spawn_blocking(move || process.stop()).await.expect("stopped");
    let shown = chats.note_shown();
    recorder
        .note(Seen::Database(Snapshot::take(&location, &keys(&location, folder)).await.expect("a snapshot")));

    let history = recorder.history();
    let (violations, doubles) = (check(&history), recorded_doubles(&history));
    eprintln!(
        "{kills} kills in {:.0} s (a start takes {:.0} ms), seed {seed}: {} acknowledged, {confirmed} of them \
         updates with {shown} replies shown, {:?}; {} in the inbox, {} in the outbox, {doubles} recorded doubles",
        began.elapsed().as_secs_f64(),
        starting.as_secs_f64() * 1_000.0 / f64::from(kills),
        recorder.acknowledged(),
        counts,
        end.inbox.len(),
        end.outbox.len(),
    );
    assert!(rest, "seed {seed}: something waits for ever");
    assert_eq!(violations, [], "seed {seed}");
    assert!(doubles <= kills.div_ceil(1_000) as usize, "seed {seed}: {doubles} recorded doubles");
    // The load was one: the service answered between the kills, and was cut by them.
    assert!(recorder.acknowledged() as u32 > kills, "seed {seed}: hardly anything was asked");
    assert!(confirmed >= u64::from(CHATS.0) && shown > 0, "seed {seed}: the bot was hardly asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_kills_on_sqlite_lose_and_double_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    killed_under_load(Location::File(database_file(folder.path())), folder.path(), 30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_on_postgres_lose_and_double_nothing() {
    let Some(database) = postgres::database().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    killed_under_load(Location::Postgres(database.url.clone()), folder.path(), 20).await;
    database.drop().await;
}
