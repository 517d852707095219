//! The same delivery again and again: one row, one effect, the body once.

use std::path::Path;

use cabildo_bot::app::App;
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::domain::time::{DAY, UnixMillis};
use cabildo_bot::store::Location;
use cabildo_tests::fault::{KEY, at_rest, configuration, database_file, snapshot_when};
use cabildo_tests::history::Snapshot;
use cabildo_tests::postgres;
use cabildo_tests::serving::{PATIENCE, RawClient, facts};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Starts the service on this database.
async fn start(location: &Location, folder: &Path, clock: &Clock) -> App {
    // Nobody answers at this sendsms: what can't be said in the answer waits.
    let toml = configuration(location, "http://127.0.0.1:1/cgi-bin/sendsms", 1, "");
    let mut config = Config::from_toml(&toml).expect("a configuration");
    config.data.dir = Some(folder.join("data"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    App::start(&config, facts(), clock.clone(), listener).await.expect("a start")
}

fn request(id: &str) -> String {
    format!(
        "GET /webhooks/sms/telco?key={KEY}&from=%2B525512345678&text=tlapa&id={id} HTTP/1.1\r\nhost: a\r\n\r\n"
    )
}

/// The bodies that `times` deliveries of a message get, one after the other on one connection.
async fn in_series(app: &App, id: &str, times: usize) -> Vec<String> {
    let mut client = RawClient::connect(app.address()).await;
    let mut bodies = Vec::with_capacity(times);
    for _ in 0..times {
        client.write(request(id).as_bytes()).await;
        let (status, body) = client.read().await.expect("an answer");
        assert_eq!(status, 200);
        bodies.push(body);
    }
    bodies
}

/// The bodies that `times` deliveries of a message get, each on a connection of its own.
async fn in_parallel(app: &App, id: &str, times: usize) -> Vec<String> {
    let mut tasks = JoinSet::new();
    for _ in 0..times {
        let (address, request) = (app.address(), request(id));
        tasks.spawn(async move {
            let mut client = RawClient::connect(address).await;
            client.write(request.as_bytes()).await;
            let (status, body) = client.read().await.expect("an answer");
            assert_eq!(status, 200);
            body
        });
    }
    tasks.join_all().await
}

/// What the database says once nothing of it is under way.
async fn rows(location: &Location, folder: &Path) -> Snapshot {
    snapshot_when(location, folder, PATIENCE, |it| it.inbox.iter().all(|row| row.handled.is_some())).await
}

/// Checks that a message has one row, one event, and replies of one step.
fn one_effect(snapshot: &Snapshot, id: &str) {
    let rows: Vec<_> = snapshot.inbox.iter().filter(|it| it.external_id == id).collect();
    assert_eq!((rows.len(), rows[0].events), (1, 1), "{id}");
    let replies = snapshot.outbox.iter().filter(|it| it.inbox == Some(rows[0].id)).count();
    // A contact's first message is answered and then told of the notice.
    assert_eq!(replies, if id == "series" { 2 } else { 1 }, "{id}");
}

fn said(bodies: &[String]) -> usize {
    bodies.iter().filter(|it| !it.is_empty()).count()
}

async fn repeated_for_ever(location: Location, folder: &Path) {
    let clock = Clock::fixed(UnixMillis(1_790_000_000_000));
    let app = start(&location, folder, &clock).await;
    // On one whole connection an answer was written before the next request is read.
    let series = in_series(&app, "series", 100).await;
    assert!(!series[0].is_empty());
    assert!(said(&series) <= 1, "the body came {} times on a whole connection", said(&series));
    let parallel = in_parallel(&app, "parallel", 50).await;
    let mut texts: Vec<_> = parallel.iter().filter(|it| !it.is_empty()).collect();
    texts.dedup();
    assert_eq!(texts.len(), 1, "one answer: {texts:?}");
    let before = rows(&location, folder).await;
    for id in ["series", "parallel"] {
        one_effect(&before, id);
    }
    app.shutdown().await;

    // Another process, then a month later.
    for wait in [0, 30 * DAY] {
        clock.advance(wait);
        let app = start(&location, folder, &clock).await;
        assert_eq!(said(&in_series(&app, "series", 100).await), 0);
        assert_eq!(said(&in_parallel(&app, "parallel", 50).await), 0);
        // A message that was never seen is told apart.
        let fresh = format!("fresh-{wait}");
        assert_eq!(said(&in_series(&app, &fresh, 3).await), 1);
        app.shutdown().await;
        let after = rows(&location, folder).await;
        for id in ["series", "parallel", &fresh] {
            one_effect(&after, id);
        }
    }
    let end = rows(&location, folder).await;
    assert_eq!(end.inbox.len(), 4);
    // What waits is the notice alone, for which there is no gateway here.
    assert!(end.outbox.iter().filter(|it| it.state < cabildo_tests::history::State::Accepted).count() <= 1);
    assert!(at_rest(&end) || end.outbox.len() == 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_is_repeated_has_one_effect_for_ever_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    repeated_for_ever(Location::File(database_file(folder.path())), folder.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_is_repeated_has_one_effect_for_ever_on_postgres() {
    let Some(database) = postgres::database().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    repeated_for_ever(Location::Postgres(database.url.clone()), folder.path()).await;
    database.drop().await;
}
