//! The feed over real HTTP: followers that are cut off at random, and a service that is started anew, end
//! with every event once and in order. `CABILDO_LONG=1` for the long form.

use std::net::SocketAddr;
use std::time::Duration;

use cabildo_bot::app::{App, Listeners};
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::store::Location;
use cabildo_tests::serving::{Serving, facts};
use cabildo_tests::staff::{Person, call, hire, person, sign_in, write};
use cabildo_tests::stores::{START, TestStore};
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Longest time of one run.
const PATIENCE: Duration = Duration::from_mins(10);

/// A service on the data of a test that can be started again.
struct Site {
    config: Config,
    clock: Clock,
}

impl Site {
    fn new(test: &TestStore) -> Self {
        let database = match &test.location {
            Location::Postgres(url) => format!("[database]\nurl = \"{url}\"\n"),
            _ => String::new(),
        };
        let mut config =
            Config::from_toml(&format!("{database}[channels.telco]\ntype = \"kannel\"\n")).expect("one");
        let folder = match &test.location {
            Location::Postgres(_) => test.folder().join("keys"),
            _ => test.folder().join("data"),
        };
        // Beside the database, where the service looks for them.
        for name in ["address-keys.toml", "audit-key.toml"] {
            let kept = test.key_file().with_file_name(name);
            let wanted = folder.join(name);
            if kept != wanted {
                std::fs::copy(kept, wanted).expect("the keys");
            }
        }
        config.data.dir = Some(folder);
        Self { config, clock: Clock::fixed(START) }
    }

    async fn start(&self) -> App {
        let bind = || TcpListener::bind("127.0.0.1:0");
        let listeners = Listeners {
            webhooks: bind().await.expect("a port"),
            inner: None,
            staff: Some(bind().await.expect("a port")),
        };
        App::start(&self.config, facts(), self.clock.clone(), listeners).await.expect("a start")
    }
}

/// An event as a follower reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Read {
    seq: i64,
    kind: String,
}

/// Follows until the event `last` was read; is cut off after a random number of events.
async fn follow(
    client: Client,
    token: String,
    address: watch::Receiver<SocketAddr>,
    last: watch::Receiver<Option<i64>>,
    seed: u64,
) -> Vec<Read> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut all: Vec<Read> = Vec::new();
    loop {
        let cursor = all.last().map_or(0, |it| it.seq);
        if last.borrow().is_some_and(|it| it <= cursor) {
            return all;
        }
        let url = format!("http://{}/staff/v1/events", *address.borrow());
        let request = client.get(url).bearer_auth(&token);
        let request = if random.bool() {
            request.query(&[("after", cursor)])
        } else {
            request.header("Last-Event-ID", cursor)
        };
        let Ok(mut response) = request.send().await else {
            tokio::task::yield_now().await;
            continue;
        };
        if response.status() != 200 {
            continue;
        }
        let patience = random.usize(1..120);
        let (mut text, mut count) = (String::new(), 0);
        'line: while let Ok(Some(chunk)) = response.chunk().await {
            text.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((block, rest)) = text.split_once("\n\n") {
                let field = |name: &str| {
                    block.lines().find_map(|it| it.strip_prefix(name)).map(|it| it.trim_start().to_owned())
                };
                if let Some(data) = field("data:") {
                    let event: Value = serde_json::from_str(&data).expect("JSON");
                    let seq = event["seq"].as_i64().expect("a number");
                    assert_eq!(field("id:"), Some(seq.to_string()));
                    assert_eq!(field("event:").as_deref(), event["kind"].as_str());
                    all.push(Read { seq, kind: event["kind"].as_str().unwrap_or_default().to_owned() });
                    count += 1;
                }
                text = rest.to_owned();
                if count >= patience
                    || last.borrow().is_some_and(|it| Some(it) <= all.last().map(|it| it.seq))
                {
                    break 'line;
                }
            }
        }
    }
}

async fn every_event_once(mut test: TestStore) {
    let wanted: i64 = if std::env::var_os("CABILDO_LONG").is_some() { 20_000 } else { 2_000 };
    let site = Site::new(&test);
    let who: Person = {
        let account = hire(&test.store, &[("caseworker", "country")], &[], START).await;
        sign_in(&test.store, account.id, START).await
    };
    test.store.close().await;
    let mut app = site.start().await;
    let client = Client::builder().no_proxy().build().expect("a client");
    let (address_told, address) = watch::channel(app.staff_address().expect("a listener"));
    let (last_told, last) = watch::channel(None);
    let mut followers = tokio::task::JoinSet::new();
    for seed in 0..3 {
        let (token, address, last) = (who.token.clone(), address.clone(), last.clone());
        followers.spawn(follow(client.clone(), token, address, last, seed));
    }
    let (mut sent, mut starts) = (0, 1);
    loop {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..20 {
            sent += 1;
            let url = format!(
                "http://{}/webhooks/sms/telco?from=%2B5255{:08}&text=tlapa&id=e{sent}",
                app.address(),
                sent % 997
            );
            calls.spawn(client.get(url).send());
        }
        for answer in calls.join_all().await {
            assert_eq!(answer.expect("an answer").status(), 200);
        }
        let written = app.service().store.get_last_event().await.expect("a number");
        if written >= wanted {
            break;
        }
        if written >= wanted * starts / 3 {
            app.shutdown().await;
            app = site.start().await;
            address_told.send_replace(app.staff_address().expect("a listener"));
            starts += 1;
        }
    }
    let store = &app.service().store;
    let mut expected = Vec::new();
    let mut after = 0;
    loop {
        let some = store.list_events(after, 1_000).await.expect("events");
        let Some(end) = some.last() else { break };
        after = end.seq;
        expected.extend(some.into_iter().map(|it| Read { seq: it.seq, kind: it.kind }));
    }
    assert!(expected.iter().zip(1..).all(|(it, seq)| it.seq == seq), "the feed has gaps");
    // What belongs to accounts is for those who look after them.
    expected.retain(|it| !it.kind.starts_with("staff_"));
    last_told.send_replace(expected.last().map(|it| it.seq));
    let read = tokio::time::timeout(PATIENCE, followers.join_all()).await.expect("all followed");
    let end = expected.last().map(|it| it.seq);
    for mut read in read {
        // What was written since may have been told as well.
        read.retain(|it| Some(it.seq) <= end);
        assert_eq!(read.len(), expected.len());
        assert_eq!(read, expected);
    }
    assert!(starts >= 2, "the service was not started anew");
    app.shutdown().await;
    test.reopen().await;
    test.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_once_on_sqlite() {
    every_event_once(TestStore::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_once_on_postgres() {
    if let Some(test) = TestStore::postgres().await {
        every_event_once(test).await;
    }
}

#[tokio::test]
async fn a_follower_is_cut_off_when_its_session_ends_and_hears_what_it_may_hear() {
    let serving = Serving::start("").await;
    let admin = person(&serving, &[("administrator", "country")]).await;
    let who = person(&serving, &[("auditor", "country")]).await;
    let begin = || call(&serving, Method::GET, "/staff/v1/events?after=0", Some(&who.token)).send();
    let mut response = begin().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    // An auditor reads accounts, so what happened to them is heard.
    let heard = response.chunk().await.expect("a chunk").expect("some bytes");
    assert!(String::from_utf8_lossy(&heard).contains("staff_added"), "{heard:?}");
    let path = format!("/staff/v1/sessions/{}", who.session);
    assert_eq!(write(&serving, Method::DELETE, &path, &admin, &Value::Null).await.0, 200);
    let began = std::time::Instant::now();
    while let Ok(Some(_)) = response.chunk().await {}
    assert!(began.elapsed() < Duration::from_secs(10), "reported: {:?}", began.elapsed());
    assert_eq!(begin().await.expect("an answer").status(), 401);
    let bad = call(&serving, Method::GET, "/staff/v1/events?after=-1", Some(&admin.token));
    assert_eq!(bad.send().await.expect("an answer").status(), 400);
    // A service that stops does not wait for those who follow.
    let open = call(&serving, Method::GET, "/staff/v1/events", Some(&admin.token)).send().await;
    let began = std::time::Instant::now();
    serving.app.shutdown().await;
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    drop(open);
}
