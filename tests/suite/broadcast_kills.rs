//! A broadcast through the real service, which is killed again and again meanwhile: nobody gets it twice, no limit
//! of Telegram is met, the people sum up to those who were written down, who stops meanwhile gets nothing of it,
//! who asks meanwhile is answered, and the memory that it takes does not grow with what was sent.
//!
//! Short: 10,000 people and ten kills, with Telegram's limits and the service's pace a hundred times as fast.
//! `CABILDO_LONG=1`: 100,000 and fifty (20,000 and ten on PostgreSQL), and 300 people at Telegram's own limits without
//! a kill.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::store::{Location, Store};
use cabildo_tests::bot_api::{BotApi, Sent, TOKEN};
use cabildo_tests::broadcasts::{CHAT, WORDS, crowd, draft, let_go};
use cabildo_tests::fault::{CHILD, Process, Start, child, configuration, database_file};
use cabildo_tests::{free_ports, postgres};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// The first chat of those who ask something meanwhile.
const ASKER: i64 = CHAT + 10_000_000;

/// The longest that 19 of 20 answers may take meanwhile.
const ANSWERED: Duration = Duration::from_secs(5);

/// How far the clock jumps at each start: past every lease, so that what a kill cut is settled.
const JUMP: i64 = 75_000;

#[test]
#[ignore = "the service that the tests of this file kill; it runs as a process of its own"]
fn server_child() {
    if std::env::var_os(CHILD).is_some() {
        child();
    }
}

fn long() -> bool {
    std::env::var("CABILDO_LONG").is_ok_and(|it| it == "1")
}

/// How fast the limits and the pace are, how many people there are, and how often the service is killed.
#[derive(Clone, Copy)]
struct Run {
    speed: u32,
    people: i64,
    kills: u32,
}

async fn open(start: &Start, now: cabildo_bot::domain::time::UnixMillis) -> Store {
    let mut config = Config::from_toml(&start.toml).expect("a configuration");
    config.data.dir = Some(start.folder.join("data"));
    let (location, keys) = (config.location().expect("a place"), config.key_file().expect("a place"));
    Store::open(&location, &keys, now).await.expect("a store")
}

async fn started(start: &Start) -> Process {
    let settings = start.clone();
    tokio::task::spawn_blocking(move || Process::start("broadcast_kills::server_child", &settings))
        .await
        .expect("a start")
}

/// Resident memory of a process, KiB.
fn memory(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|it| it.parse().ok()).unwrap_or(0)
}

async fn broadcast_under_kills(location: Location, folder: &Path, run: Run) {
    let Run { speed, people, kills } = run;
    let api = BotApi::start().await;
    api.limit_at(speed);
    // Telegram's pace as the product keeps it, so many times as fast.
    let (per_minute, burst) = (1_500 * speed, 5 * speed.min(10));
    let more = format!(
        "[limits]\nquiet_from_hour = 0\nquiet_until_hour = 0\n[channels.tg]\ntype = \"telegram\"\n\
         token = \"{TOKEN}\"\napi_url = \"{}\"\n[channels.tg.sending]\nper_minute = {per_minute}\nburst = {burst}\n",
        api.url()
    );
    let [port] = free_ports().expect("a port");
    let toml = configuration(&location, "http://127.0.0.1:9/sendsms", port, &more);
    let mut start = Start { toml, folder: folder.to_owned(), port, ahead: 0 };
    std::fs::create_dir_all(folder.join("data")).expect("a folder");
    let now = Clock::System.now();
    let store = open(&start, now).await;
    crowd(&store, people, now).await;
    let (draft, areas) = draft(&["tg"]);
    let id = let_go(&store, draft, areas, people as u64, now).await;
    store.close().await;

    let began = Instant::now();
    let patience = Duration::from_secs(if long() { 7_200 } else { 600 });
    let pause = Duration::from_millis(if long() { 500 } else { 50 });
    let mut process = started(&start).await;
    let askers = Askers::start(&api);
    let mut stops = Vec::new();
    for _ in kills..3 {
        stops.push(stop(&api, people, &stops));
    }
    for kill in 1..=kills {
        // Somewhere between this kill and the next one's share of it; the last fifth is one process's.
        let share = people as usize * kill as usize * 4 / (kills as usize * 5);
        while api.count_shown(WORDS) < share {
            assert!(began.elapsed() < patience, "kill {kill}: {share} are not shown");
            tokio::time::sleep(pause).await;
        }
        // Her stop may be cut as well.
        stops.push(stop(&api, people, &stops));
        tokio::task::spawn_blocking(move || process.kill()).await.expect("killed");
        start.ahead += JUMP;
        process = started(&start).await;
    }
    let (sums, memory) = finished(&start, id, &process, || {
        assert!(began.elapsed() < patience, "it does not end");
    })
    .await;
    let waits = askers.finish(&api).await;
    tokio::task::spawn_blocking(move || process.stop()).await.expect("stopped");
    let shown: Vec<Sent> = api.shown().into_iter().filter(|it| it.text.contains(WORDS)).collect();
    eprintln!(
        "{people} people, {kills} kills: {:.0} s, {} shown, {sums:?}, {} answers meanwhile in {} ms (median) and {} ms \
         (p95), {} to {} KiB in the last process",
        began.elapsed().as_secs_f64(),
        shown.len(),
        waits.len(),
        quantile(&waits, 50).as_millis(),
        quantile(&waits, 95).as_millis(),
        memory.first().unwrap_or(&0),
        memory.iter().max().unwrap_or(&0),
    );
    let mut times: BTreeMap<i64, u32> = BTreeMap::new();
    for it in &shown {
        *times.entry(it.chat).or_default() += 1;
    }
    assert_eq!(times.values().filter(|it| **it > 1).count(), 0, "doubles");
    assert_eq!(api.refused_by_limits(), 0, "self-made 429");
    assert_eq!(sums.values().sum::<i64>(), people, "{sums:?}");
    let count = |state: &str| sums.get(state).copied().unwrap_or(0);
    assert_eq!(count("sent") + count("passed"), people, "{sums:?}");
    for chat in &stops {
        let confirmed =
            api.sent(*chat).into_iter().find(|it| !it.text.contains(WORDS)).expect("confirmed").at;
        assert!(!shown.iter().any(|it| it.chat == *chat && it.at > confirmed), "after her stop word");
    }
    // Who stopped while hers was under way may have it; not all of them.
    assert!((1..=stops.len() as i64).contains(&count("passed")), "{sums:?}");
    // What a kill cut may or may not have arrived; it is at most what was under way.
    let lost = count("sent") as usize - times.len();
    assert!(lost <= 16 * kills as usize, "{lost} did not arrive");
    assert!(quantile(&waits, 95) <= ANSWERED, "{waits:?}");
    let (first, most) = (memory.first().unwrap_or(&0), memory.iter().max().unwrap_or(&0));
    assert!(most - first < first / 2, "memory grew from {first} to {most} KiB");
}

/// Somebody who has got nothing yet writes the stop word; her chat.
fn stop(api: &BotApi, people: i64, before: &[i64]) -> i64 {
    let seen: HashSet<i64> = api.shown().iter().map(|it| it.chat).collect();
    let fresh = |it: &i64| !seen.contains(it) && !before.contains(it);
    let chat = (CHAT..CHAT + people).find(fresh).expect("somebody who waits");
    api.write(chat, "ALTO");
    chat
}

/// The wait that so many of 100 do not exceed; of rising ones.
fn quantile(waits: &[Duration], percent: usize) -> Duration {
    waits.get((waits.len() * percent / 100).min(waits.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// People who ask something while a broadcast runs, one after the other and whether or not those before them were
/// answered.
struct Askers {
    asking: JoinHandle<()>,
    asked: Arc<Mutex<Vec<Instant>>>,
}

impl Askers {
    fn start(api: &BotApi) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (api, noting) = (api.clone(), Arc::clone(&asked));
        let asking = tokio::spawn(async move {
            let mut turns = tokio::time::interval(Duration::from_millis(500));
            for asker in 0.. {
                turns.tick().await;
                noting.lock().expect("a list").push(Instant::now());
                api.write(ASKER + asker, "tlapa");
            }
        });
        Self { asking, asked }
    }

    /// How long each waited for her answer; rising.
    async fn finish(self, api: &BotApi) -> Vec<Duration> {
        self.asking.abort();
        let asked = self.asked.lock().expect("a list").clone();
        api.wait_confirmed().await;
        let mut waits = Vec::new();
        for (chat, at) in (ASKER..).zip(asked) {
            waits.push(api.wait_sent(chat, 1).await[0].at.saturating_duration_since(at));
        }
        waits.sort_unstable();
        waits
    }
}

/// Waits for its end; how many people are in each state then, and the memory of the process meanwhile, KiB.
async fn finished(
    start: &Start,
    id: Uuid,
    process: &Process,
    patient: impl Fn(),
) -> (BTreeMap<String, i64>, Vec<u64>) {
    let location = Config::from_toml(&start.toml).expect("a configuration").location().expect("a place");
    let mut used = Vec::new();
    loop {
        let state = match &location {
            Location::Postgres(url) => cabildo_tests::broadcasts::states_on_postgres(url, id).await,
            _ => cabildo_tests::broadcasts::states_on_sqlite(&database_file(&start.folder), id).await,
        };
        if let Some((state, sums)) = state {
            if state == "done" {
                return (sums, used);
            }
            // What it loads at its start is not growth.
            if state == "sending" && sums.get("sent") > Some(&0) {
                used.push(memory(process));
            }
        }
        patient();
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_under_kills_on_sqlite_reaches_each_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (people, kills) = if long() { (100_000, 50) } else { (10_000, 10) };
    let run = Run { speed: 100, people, kills };
    broadcast_under_kills(Location::File(database_file(folder.path())), folder.path(), run).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_under_kills_on_postgres_reaches_each_once() {
    let Some(database) = postgres::database().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (people, kills) = if long() { (20_000, 10) } else { (1_000, 3) };
    let run = Run { speed: 100, people, kills };
    broadcast_under_kills(Location::Postgres(database.url.clone()), folder.path(), run).await;
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_at_telegrams_own_limits_meet_none_of_them() {
    if !long() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let run = Run { speed: 1, people: 300, kills: 0 };
    broadcast_under_kills(Location::File(database_file(folder.path())), folder.path(), run).await;
}
