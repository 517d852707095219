//! One phone that floods, and one message that is poison: the others hardly notice.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cabildo_bot::store::Location;
use cabildo_tests::bot_api::{BotApi, TOKEN};
use cabildo_tests::fault::{
    FakeGateway, Faults, Inside, KEY, Start, at_rest, configuration, database_file, snapshot_when,
};
use cabildo_tests::free_ports;
use cabildo_tests::history::{Recorder, Snapshot};
use cabildo_tests::serving::PATIENCE;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The others' replies come within this time, at the 95th percentile; the most that poison delays. It is looked
/// at where somebody asked for a long run on a machine that does nothing else, and told otherwise.
const PROMPT: Duration = Duration::from_secs(1);
/// How long the flood lasts.
const FLOOD: Duration = Duration::from_secs(10);
/// Messages a second of the one who floods.
const FLOODED: u32 = 200;
const ORDINARY: u32 = 50;

/// A service on `SQLite` with the usual limits.
async fn start(folder: &Path, more: &str) -> (Inside, String, Location) {
    let recorder = Arc::new(Recorder::new(folder));
    let gateway = FakeGateway::start(recorder, Faults::default(), 1).await;
    let [port] = free_ports().expect("a port");
    let location = Location::File(database_file(folder));
    let toml = configuration(&location, gateway.url(), port, more);
    let inside = Inside::start(&Start { toml, folder: folder.to_owned(), port, ahead: 0 }).await;
    (inside, format!("http://127.0.0.1:{port}"), location)
}

/// One delivery: the body of its answer, and how long it took.
async fn deliver(
    client: &reqwest::Client,
    url: &str,
    from: &str,
    id: &str,
    text: &str,
) -> (String, Duration) {
    let url = reqwest::Url::parse_with_params(
        &format!("{url}/webhooks/sms/telco"),
        [("key", KEY), ("from", from), ("to", "55555"), ("id", id), ("text", text)],
    )
    .expect("a URL");
    let began = Instant::now();
    let response = client.get(url).send().await.expect("an answer");
    assert_eq!(response.status(), 200, "{id}");
    (response.text().await.expect("a body"), began.elapsed())
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().expect("a client")
}

fn p95(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * 95 / 100]
}

/// Tells how long something took, and looks at it in a long run.
fn look_at(what: &str, took: Duration) {
    eprintln!("{what}: {took:?}");
    assert!(took <= PROMPT || std::env::var_os("CABILDO_LONG").is_none(), "{what} is {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_kept_and_folded_and_delays_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    // The limits of the product.
    let (inside, url, location) = start(folder.path(), "[limits]\nfold_after_per_minute = 30\n").await;
    let client = client();
    let began = Instant::now();
    let total = FLOODED * FLOOD.as_secs() as u32;
    let mut flood = JoinSet::new();
    let mut others = JoinSet::new();
    for phone in 0..ORDINARY {
        let (client, url) = (client.clone(), url.clone());
        others.spawn(async move {
            let mut times = Vec::new();
            // Each writes every two seconds, at another moment.
            for turn in 0..5_u32 {
                let due = Duration::from_millis(u64::from(turn * 2_000 + phone * 40));
                tokio::time::sleep_until(began + due).await;
                let (from, id) = (format!("+5255100000{phone:02}"), format!("o-{phone}-{turn}"));
                let text = ["tlapa", "agua", "mejores", "neza", "luz"][turn as usize];
                // From the moment at which it was due: a late start counts as late.
                deliver(&client, &url, &from, &id, text).await;
                times.push((began + due).elapsed());
            }
            times
        });
    }
    for number in 0..total {
        tokio::time::sleep_until(began + Duration::from_millis(u64::from(number * 1_000 / FLOODED))).await;
        let (client, url) = (client.clone(), url.clone());
        flood.spawn(async move {
            deliver(&client, &url, "+525599999999", &format!("f-{number}"), "tlapa").await.0
        });
    }
    let bodies = flood.join_all().await;
    let lasted = began.elapsed();
    let times: Vec<Duration> = others.join_all().await.into_iter().flatten().collect();
    let snapshot = snapshot_when(&location, folder.path(), PATIENCE, at_rest).await;
    let in_folds = snapshot.inbox.iter().filter(|it| it.folded).count();
    let answers = of_flood(&snapshot);
    let late = p95(times);
    // Whether in the body of the answer or, where the machine is slow, pushed after it.
    let answered: HashSet<_> = snapshot.outbox.iter().filter_map(|it| it.inbox).collect();
    let ordinary: Vec<_> = snapshot.inbox.iter().filter(|it| it.external_id.starts_with("o-")).collect();
    assert_eq!(ordinary.len(), 5 * ORDINARY as usize);
    for it in ordinary {
        assert!(answered.contains(&it.id), "{} has no reply", it.external_id);
    }
    eprintln!(
        "p95 of {ORDINARY} phones beside a flood of {FLOODED}/s: {late:?}; {in_folds} of {total} folded, {answers} \
         replies, {} bodies",
        bodies.iter().filter(|it| !it.is_empty()).count()
    );
    look_at("p95", late);
    let kept = snapshot.inbox.iter().filter(|it| it.external_id.starts_with("f-")).count();
    assert_eq!(kept, total as usize, "messages of the flood were dropped");
    // Thirty a minute are answered one by one, the first two of them twice (notice), the rest by one
    // reply for each fold; a flood of 10 s touches two windows of a minute, more where the machine is slow.
    let windows = 2 + usize::try_from(lasted.as_secs() / 60).expect("minutes");
    assert!(in_folds >= total as usize - 31 * windows, "{in_folds} are folded in {lasted:?}");
    assert!(answers <= 33 * windows, "{answers} replies to a flood of {lasted:?}");
    inside.app.shutdown().await;
}

/// How many replies the one who floods got.
fn of_flood(snapshot: &Snapshot) -> usize {
    let flood: HashSet<_> =
        snapshot.inbox.iter().filter(|it| it.external_id.starts_with("f-")).map(|it| it.id).collect();
    snapshot.outbox.iter().filter(|it| it.inbox.is_some_and(|id| flood.contains(&id))).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poison_message_is_parked_and_delays_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let (inside, url, location) = start(folder.path(), "").await;
    let client = client();
    // Five phones write poison again and again while the others talk.
    let mut tasks = JoinSet::new();
    for phone in 0..25_u32 {
        let (client, url) = (client.clone(), url.clone());
        tasks.spawn(async move {
            let poison = phone % 5 == 0;
            let mut times = Vec::new();
            for turn in 0..10 {
                let id = format!("{}-{phone}-{turn}", if poison { "p" } else { "o" });
                let number = phone * 100 + turn + 1;
                let text = if poison { format!("veneno #{number}") } else { format!("tlapa #{number}") };
                let (body, took) =
                    deliver(&client, &url, &format!("+5255100000{phone:02}"), &id, &text).await;
                if !poison {
                    times.push(took);
                    // The same text ten times in a row is muted after five.
                    assert!(turn > 3 || !body.is_empty(), "{id} has no reply");
                }
            }
            times
        });
    }
    let times: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
    let end = snapshot_when(&location, folder.path(), PATIENCE, |it| {
        it.inbox.iter().all(|row| row.handled.is_some())
    })
    .await;
    for row in &end.inbox {
        assert_eq!(row.handled, Some(!row.external_id.starts_with("p-")), "{}", row.external_id);
    }
    assert_eq!(end.inbox.len(), 250);
    let slowest = times.iter().max().expect("times");
    look_at("the slowest beside poison", *slowest);
    inside.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poison_update_delays_no_other_chat() {
    let folder = tempfile::tempdir().expect("a folder");
    let api = BotApi::start().await;
    let telegram = format!(
        "[channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\npoll_timeout_seconds = 1\n",
        api.url()
    );
    let (inside, _, location) = start(folder.path(), &telegram).await;
    // One round without poison tells what is usual here.
    let mut rounds = Vec::new();
    // What else the machine does may hold up one pair of rounds, poison would hold up all of them.
    let mut pairs = 0;
    for attempt in 0..3_i64 {
        rounds.clear();
        pairs += 1;
        for (round, poison) in [(0_i64, false), (1, true)] {
            let began = Instant::now();
            let first = 6_000 + (attempt * 2 + round) * 100;
            for chat in 0..20_i64 {
                if poison {
                    api.write(9_000 + attempt * 100 + chat, "veneno");
                }
                api.write(first + chat, "tlapa");
            }
            for chat in 0..20_i64 {
                api.wait_sent(first + chat, 1).await;
            }
            rounds.push(began.elapsed());
        }
        eprintln!("20 chats are answered in {:?}, beside 20 of poison in {:?}", rounds[0], rounds[1]);
        if rounds[1] <= rounds[0] + PROMPT {
            break;
        }
    }
    assert!(rounds[1] <= rounds[0] + PROMPT, "{rounds:?}");
    api.wait_confirmed().await;
    let end = snapshot_when(&location, folder.path(), PATIENCE, |it| {
        it.inbox.iter().all(|row| row.handled.is_some())
    })
    .await;
    assert_eq!(
        end.inbox.iter().filter(|it| it.handled == Some(false)).count(),
        20 * pairs,
        "poison is parked"
    );
    assert_eq!(end.inbox.len(), 60 * pairs);
    inside.app.shutdown().await;
}
