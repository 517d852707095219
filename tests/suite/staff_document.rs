//! The staff API beside its OpenAPI document: schemathesis calls a service that holds cases, with signed-in
//! people, and finds no 5xx, no answer that the document does not name and none of another shape.
//!
//! A minute on each engine; `CABILDO_LONG=1` for a quarter of an hour. `CABILDO_SCHEMATHESIS` names
//! the program where it is not on the path; `CABILDO_SEED` repeats a run's draws.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use cabildo_bot::domain::broadcast::State;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::demand::Code;
use cabildo_bot::domain::staff::Grant;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::http::staff::routes::routes;
use cabildo_bot::store::Store;
use cabildo_bot::store::cases::{Change, FeedbackKind};
use cabildo_bot::store::demands;
use cabildo_bot::store::inbox::{self, Outcome};
use cabildo_bot::store::media::{Fetched, MediaKind, NewMedia};
use cabildo_tests::cases::{TLAPA, Town};
use cabildo_tests::serving::{PATIENCE, Serving};
use cabildo_tests::staff::{Person, call, get, hire, send, sign_in, write};
use cabildo_tests::stores::inbound;
use cabildo_tests::{broadcasts, postgres};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::matchers::{method, query_param_contains};
use wiremock::{Mock, MockServer, ResponseTemplate};

const PASSWORD: &str = "tortilla azul 1821";
const PHONE: &str = "+525512345678";

/// Demands that there are: each is used up by an act.
const DEMANDS: u16 = 250;

/// What is looked at besides 5xx.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance,missing_required_header,\
                      unsupported_method,ignored_auth";
/// The feed has no end, so no call of it is answered whole; `staff_events.rs` follows it.
const ENDLESS: &str = "followEvents";
/// What schemathesis reads to begin with, and calls no more.
const ITSELF: &str = "describeApi";
/// How often, and for how many seconds each, operations without a success are called once more.
const ROUNDS: u32 = 4;
const MORE_SECONDS: u32 = 10;

fn settings(gateway: &str) -> String {
    format!(
        "[limits]\nquiet_from_hour = 0\nquiet_until_hour = 0\n[channels.kannel]\ntype = \"kannel\"\nkey = \"0123456789abcdef0123456789abcdef\"\n\
         sendsms_url = \"{gateway}/cgi-bin/sendsms\"\nusername = \"cabildo\"\n\
         password = \"a-long-enough-password\"\nfrom = \"5550\"\n"
    )
}

/// A gateway that refuses what holds `rechaza` and leaves the end of all else open.
async fn gateway() -> MockServer {
    let server = MockServer::start().await;
    let refused = Mock::given(method("GET")).and(query_param_contains("text", "rechaza"));
    refused.respond_with(ResponseTemplate::new(400)).with_priority(1).mount(&server).await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    server
}

fn walk_in(text: &str) -> Value {
    json!({ "municipality": TLAPA, "kind": "complaint", "category": "water", "text": text,
        "place": "Col. San Jose", "phone": PHONE, "anonymity": "named", "consent": true })
}

/// A photo that came with a message and was fetched; gives its id.
async fn keep_photo(store: &Store, message: Uuid, now: UnixMillis) -> Uuid {
    let photo = NewMedia { kind: MediaKind::Photo, sizes: vec![("file".to_owned(), 7)], seconds: None };
    store.add_media(message, "kannel", vec![photo], now).await.expect("noted");
    let media = store.claim_media(now, 1).await.expect("claimed").remove(0);
    let content = Fetched::Kept { mime: "image/jpeg", sha256: vec![1; 32], content: b"picture".to_vec() };
    assert_eq!(store.settle_media(media.id, media.tries, content, now).await, Ok(true));
    media.id
}

/// What the people of a town wrote and what staff began: what there is to read and to decide.
async fn fill(serving: &Serving, worker: &Person) -> Value {
    let store = &serving.app.service().store;
    let mut cases = Vec::new();
    let mut folio = Value::Null;
    for number in 0..12 {
        let new = walk_in(&format!("Fuga de agua {number}"));
        let (status, made) = write(serving, Method::POST, "/staff/v1/cases", worker, &new).await;
        assert_eq!(status, 201, "{made}");
        folio = made["case"]["folio"].clone();
        cases.push(made["case"].clone());
    }
    // Half of the answers are refused by the gateway, of the others nobody knows.
    for (case, text) in cases.iter().zip(["rechaza", "incierto"].into_iter().cycle()) {
        let path = format!("/staff/v1/cases/{}/reply", case["id"].as_str().expect("an id"));
        let body = json!({ "version": case["version"], "text": text, "wait": false });
        let (status, answer) = write(serving, Method::POST, &path, worker, &body).await;
        assert_eq!(status, 200, "{answer}");
    }
    serving.clock.advance(11_000);
    serving.app.service().wake_senders();
    let gone = async {
        loop {
            let (_, failed) = get(serving, "/staff/v1/outbox?part=failed", worker).await;
            if failed["items"].as_array().map(Vec::len) == Some(cases.len()) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("all went");

    let mut town = Town::new(store);
    town.now = serving.clock.now();
    for number in 0..20 {
        let text = format!("Pongan botes en el parque {number}");
        let new = Change::Feedback { kind: FeedbackKind::Suggestion, municipality: TLAPA.to_owned(), text };
        town.write(&format!("+52551300{number:04}"), vec![new]).await.expect("written");
        let conversation = Conversation { home: Some(TLAPA.to_owned()), ..Conversation::default() };
        let outcome = Outcome {
            state: serde_json::to_string(&conversation).expect("JSON"),
            version: 0,
            changes: vec![inbox::Change::NotUnderstood],
            replies: Vec::new(),
            at: town.now,
            counters: None,
            folded_into: None,
        };
        let phone = format!("+52551400{number:04}");
        let text = format!("a que hora abren {number}");
        let message =
            inbox::NewInbound { received_at: town.now, ..inbound(&phone, &format!("u{number}"), &text) };
        let (message_id, contact) = (Uuid::from_u128(7_000 + number), Uuid::from_u128(8_000 + number));
        store.answer_inbound(message, message_id, contact, outcome).await.expect("handled");
    }
    for number in 0..12 {
        town.ask(&format!("+52551500{number:04}"), "mi colonia es otra").await;
    }
    let case = town.case("Mire la foto");
    let with_photo = case.id;
    let message = town.write("+525515000000", vec![Change::Opened(Box::new(case))]).await.expect("opened");
    let photo = keep_photo(store, message, town.now).await;
    json!({
        "cases": cases.iter().map(|it| it["id"].clone()).collect::<Vec<_>>(),
        "folio": folio, "media": [with_photo, photo], "walk_in": walk_in("Sin agua"),
        "municipality": TLAPA, "now": town.now.0,
    })
}

/// What a message of a phone changes about demands; gives the message's id.
async fn says(serving: &Serving, phone: &str, change: demands::Change) -> Uuid {
    let (store, now) = (&serving.app.service().store, serving.clock.now());
    let found = store.find_contact("kannel", phone).await.expect("a store");
    let version = match found {
        Some(contact) => store.find_conversation(contact).await.expect("a conversation").version,
        None => 0,
    };
    let outcome = Outcome {
        state: serde_json::to_string(&Conversation::default()).expect("JSON"),
        version,
        changes: vec![inbox::Change::Demand(Box::new(change))],
        replies: Vec::new(),
        at: now,
        counters: None,
        folded_into: None,
    };
    let fresh = || Uuid::from_bytes(cabildo_bot::ids::random_bytes().expect("random bytes"));
    let id = fresh();
    let message = inbox::NewInbound { received_at: now, ..inbound(phone, &id.to_string(), "x") };
    store.answer_inbound(message, id, found.unwrap_or_else(fresh), outcome).await.expect("written");
    id
}

/// Demands that wait for a moderator, and have enough support once they are public; some are, and their
/// authors wrote to the supporters. Half of the authors asked to be known as leaders. Also a demand and the
/// photo of a list that its author sent.
async fn demand(serving: &Serving, worker: &Person) -> (Vec<Uuid>, Value) {
    let mut waiting = Vec::new();
    let mut pictured = Value::Null;
    for number in 0..DEMANDS {
        let id = cabildo_bot::ids::new_id(serving.clock.now());
        let new = demands::NewDemand {
            id,
            code: Code::new(100 + number).expect("a code"),
            municipality: TLAPA.to_owned(),
            topic: "agua".to_owned(),
            office: None,
            text: format!("Pozo para la colonia {number}"),
            threshold: 3,
        };
        let phone =
            |other: u16| format!("+52757{:07}", 10_000 * u32::from(number) + 1_000 * u32::from(other));
        says(serving, &phone(0), demands::Change::Opened(Box::new(new), None)).await;
        for other in 1..=2 {
            let confirmed = demands::Change::Confirmed { demand_id: id, home: Some(TLAPA.to_owned()) };
            says(serving, &phone(other), confirmed).await;
        }
        if number % 2 == 0 {
            let words = format!("Lupe {number}, comité");
            says(serving, &phone(0), demands::Change::Leading { municipality: TLAPA.to_owned(), words })
                .await;
        }
        if number % 5 == 0 {
            let version = serving.app.service().store.get_demand(id).await.expect("a demand").version;
            let path = format!("/staff/v1/demands/{id}/publish");
            let (status, answer) =
                write(serving, Method::POST, &path, worker, &json!({ "version": version })).await;
            assert_eq!(status, 200, "{answer}");
            let text = "Nos vemos el lunes".to_owned();
            says(serving, &phone(0), demands::Change::Written { demand_id: id, text }).await;
            if pictured.is_null() {
                let sent = says(serving, &phone(0), demands::Change::Pictured { demand_id: id }).await;
                let photo = keep_photo(&serving.app.service().store, sent, serving.clock.now()).await;
                pictured = json!([id, photo]);
            }
        } else {
            waiting.push(id);
        }
    }
    (waiting, pictured)
}

/// A broadcast that went out to some who asked for news.
async fn broadcast(serving: &Serving) -> Uuid {
    let (store, now) = (&serving.app.service().store, serving.clock.now());
    for number in 0..12 {
        let phone = format!("+52551600{number:04}");
        broadcasts::asks(store, ("kannel", ChannelKind::Sms), &phone, TLAPA, now).await;
    }
    let (draft, areas) = broadcasts::draft(&["kannel"]);
    let id = broadcasts::let_go(store, draft, areas, 12, now).await;
    let sent = async {
        while store.get_broadcast(id).await.expect("a broadcast").state != State::Done {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, sent).await.expect("all went");
    id
}

/// What the hooks are told.
async fn seeds(serving: &Serving) -> Value {
    let (store, now) = (&serving.app.service().store, serving.clock.now());
    let mut people = BTreeMap::new();
    for (name, roles, grants) in [
        ("worker", &[("caseworker", "country"), ("moderator", "country")][..], &[Grant::Restricted][..]),
        ("administrator", &[("administrator", "country")], &[]),
        ("auditor", &[("auditor", "country")], &[]),
        ("editor", &[("editor", "country")], &[]),
        ("writer", &[("editor", "country")], &[]),
        ("approver", &[("approver", "country")], &[]),
    ] {
        let account = hire(store, roles, grants, now).await;
        people.insert(name, sign_in(store, account.id, now).await);
    }
    let mut given = fill(serving, &people["worker"]).await;
    let (demands, pictured) = demand(serving, &people["worker"]).await;
    given["demands"] = json!(demands);
    given["pictured"] = pictured;
    given["broadcast"] = json!(broadcast(serving).await);
    let now = serving.clock.now();
    let spare = hire(store, &[("caseworker", "country")], &[], now).await;
    let mut sessions = Vec::new();
    let mut tokens = Vec::new();
    for _ in 0..200 {
        sessions.push(sign_in(store, spare.id, now).await.session);
        tokens.push(sign_in(store, spare.id, now).await.token);
    }
    let mut users = Vec::new();
    for _ in 0..20 {
        users.push(hire(store, &[("caseworker", "country")], &[], now).await.id);
    }
    let admin = &people["administrator"];
    let new = json!({ "name": "ana", "shown_name": "Ana", "roles": [{ "role": "caseworker", "scope": "country" }] });
    let (_, added) = write(serving, Method::POST, "/staff/v1/users", admin, &new).await;
    let chosen = json!({ "name": "ana", "setup_code": added["setup_code"], "password": PASSWORD });
    let (status, shown) = send(call(serving, Method::POST, "/staff/v1/set-up", None).json(&chosen)).await;
    assert_eq!(status, 201, "{shown}");
    let more = json!({
        "url": format!("http://{}", serving.app.staff_address().expect("a listener")),
        "people": people.iter().map(|(name, it)| {
            (*name, json!({ "id": it.id, "token": it.token, "session": it.session }))
        }).collect::<BTreeMap<_, _>>(),
        "sessions": sessions, "spare": spare.id, "tokens": tokens, "users": users, "name": "ana", "password": PASSWORD,
        "recovery_codes": shown["recovery_codes"],
    });
    for (name, value) in more.as_object().expect("fields") {
        given[name] = value.clone();
    }
    given
}

/// The program; `None` where it is not installed.
fn program() -> Option<String> {
    let named = std::env::var("CABILDO_SCHEMATHESIS").unwrap_or_else(|_| "schemathesis".to_owned());
    let found = Command::new(&named).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    found.is_ok_and(|it| it.success()).then_some(named)
}

/// Runs it for so many seconds in a folder, with calls that are meant to hold (`positive`) or with all,
/// of these operations or, where none is named, of every one: whether it found nothing, and what it said.
fn run(program: &str, url: &str, folder: &Path, mode: &str, seconds: u32, only: &[&str]) -> (bool, String) {
    let seed = std::env::var("CABILDO_SEED").unwrap_or_else(|_| "1821".to_owned());
    let seconds = seconds.to_string();
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemathesis");
    let output = Command::new("timeout")
        .args(["1200", program, "run", &format!("{url}/staff/v1/openapi.json"), "--url", url, "--no-color"])
        .args(["--max-time", &seconds, "--seed", &seed, "--checks", CHECKS, "--workers", "1"])
        .args(["--exclude-operation-id", ENDLESS, "--generation-database", "none", "--no-shrink"])
        .args(["--request-timeout", "30", "--continue-on-failure", "--suppress-health-check", "all"])
        .args(["--warnings", "off", "--mode", mode])
        .args(only.iter().flat_map(|it| ["--include-operation-id", it]))
        .env("SCHEMATHESIS_HOOKS", "cabildo_hooks")
        .env("PYTHONPATH", hooks)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CABILDO_SEEDS", folder.join("seeds.json"))
        .env("CABILDO_REACH", folder.join("reach.json"))
        .current_dir(folder)
        .output()
        .expect("a run");
    // What it complains of; the standard error has the advice of its libraries.
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// How often each operation gave which status.
type Reach = BTreeMap<String, BTreeMap<String, u64>>;

/// What was reached so far; nothing where no call was made.
fn reach(folder: &Path) -> Reach {
    let written = std::fs::read_to_string(folder.join("reach.json")).unwrap_or_default();
    serde_json::from_str(&written).unwrap_or_default()
}

/// The operations that are called.
fn operations() -> Vec<&'static str> {
    routes().iter().map(|it| it.name).filter(|it| ![ENDLESS, ITSELF].contains(it)).collect()
}

/// Those of which no call succeeded.
fn missed(reach: &Reach) -> Vec<&'static str> {
    let succeeded = |name: &str| {
        let counts = reach.get(name).into_iter().flatten();
        counts.into_iter().any(|(status, count)| status.starts_with('2') && *count > 0)
    };
    operations().into_iter().filter(|it| !succeeded(it)).collect()
}

async fn nothing_but_what_the_document_says(engine: &str, database: &str) {
    let Some(program) = program() else {
        cabildo_tests::skip_or_fail("schemathesis");
        return;
    };
    let gateway = gateway().await;
    let serving = Serving::start(&format!("{}{database}", settings(&gateway.uri()))).await;
    let folder = tempfile::tempdir().expect("a folder");
    let given = seeds(&serving).await;
    std::fs::write(folder.path().join("seeds.json"), given.to_string()).expect("written");
    let seconds = if std::env::var_os("CABILDO_LONG").is_some() { 900 } else { 60 };
    let url = given["url"].as_str().expect("a URL").to_owned();
    let place = folder.path().to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        // First what is meant to hold, so that every operation is reached in a short run, too.
        let (mut sound, mut said) = run(&program, &url, &place, "positive", seconds / 2, &[]);
        let mut go_on = |mode, seconds, only: &[&str]| {
            let (found_nothing, more) = run(&program, &url, &place, mode, seconds, only);
            sound &= found_nothing;
            said.push_str(&more);
        };
        go_on("all", seconds - seconds / 2, &[]);
        // What a call needs is drawn, so that a short run may leave an operation without luck: these get more.
        for _ in 0..ROUNDS {
            let missed = missed(&reach(&place));
            if missed.is_empty() {
                break;
            }
            go_on("positive", MORE_SECONDS, &missed);
        }
        (sound, said)
    });
    let (sound, said) = ran.await.expect("a run");
    let reach = reach(folder.path());
    let calls: u64 = reach.values().flat_map(BTreeMap::values).sum();
    let (all, missed) = (operations().len(), missed(&reach));
    eprintln!(
        "{engine}: {calls} calls in {seconds} s; {} of {all} operations succeeded at least once; not: {missed:?}",
        all - missed.len(),
    );
    assert!(sound, "{said}");
    assert!(missed.is_empty(), "never succeeded: {missed:?}: {reach:?}");
    serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_what_the_document_says_on_sqlite() {
    nothing_but_what_the_document_says("SQLite", "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_but_what_the_document_says_on_postgres() {
    if let Some(database) = postgres::database().await {
        let setting = format!("\n[database]\nurl = \"{}\"\n", database.url);
        nothing_but_what_the_document_says("PostgreSQL", &setting).await;
        database.drop().await;
    }
}
