//! Marked names, numbers and texts go through the whole service: none is in its output, even where it
//! fails on them, or in its metrics.

use std::sync::Arc;
use std::time::Duration;

use cabildo_bot::store::Location;
use cabildo_tests::bot_api::{BotApi, Fault, TOKEN};
use cabildo_tests::fault::{
    CHILD, FakeGateway, Faults, KEY, Process, Start, child, configuration, database_file, snapshot_when,
};
use cabildo_tests::free_ports;
use cabildo_tests::history::Recorder;
use cabildo_tests::serving::{PATIENCE, Serving};
use serde_json::{Value, json};

/// A chat, and how the person calls herself.
const CHAT: i64 = 714_555_333_111;
const NAMES: [&str; 3] = ["Xochicanaria", "Tlacanario", "usuariacanaria"];
const NUMBER: &str = "5512345678";
/// What is written, of which no word may be anywhere.
const WORDS: [&str; 5] = ["canariotexto", "canariopie", "canariovecino", "canarioboton", "canariosms"];

/// All that must be nowhere.
fn canaries() -> Vec<String> {
    let chat = CHAT.to_string();
    let others = [NUMBER, KEY, TOKEN, chat.as_str()];
    NAMES.iter().chain(&WORDS).chain(&others).map(|it| it.to_lowercase()).collect()
}

fn assert_clean(what: &str, text: &str) {
    let text = text.to_lowercase();
    for canary in canaries() {
        assert!(!text.contains(&canary), "{canary} in {what}: {text}");
    }
}

/// The update with the person's names wherever Telegram tells them.
fn named(mut update: Value) -> Value {
    let kind = if update["message"].is_null() { "callback_query" } else { "message" };
    for person in [format!("/{kind}/from"), format!("/{kind}/chat"), format!("/{kind}/message/chat")] {
        if let Some(Value::Object(it)) = update.pointer_mut(&person) {
            for (key, name) in ["first_name", "last_name", "username"].into_iter().zip(NAMES) {
                it.insert(key.to_owned(), json!(name));
            }
        }
    }
    update
}

/// Everything that a person can do on Telegram, with marks.
fn updates(api: &BotApi) -> Vec<Value> {
    let text = |text: &str| api.text_update(api.next_update_id(), CHAT, text);
    let mut all =
        vec![
        text("tlapa"),
        text(&format!("bomba {}", WORDS[0])),
        text(&format!("/start {}", WORDS[0])),
        text(&format!("QUEJA {}", WORDS[2])),
        text(WORDS[0]),
        api.content_update(CHAT, &json!({"caption": WORDS[1], "photo": [
            {"file_id": "canariofoto", "file_unique_id": "u", "width": 1, "height": 1, "file_size": 9},
        ]})),
        api.content_update(CHAT, &json!({"contact": {"phone_number": NUMBER, "first_name": NAMES[0]}})),
        api.content_update(CHAT, &json!({"location": {"latitude": 17.54, "longitude": -98.57}})),
    ];
    let id = api.next_update_id();
    all.push(json!({"update_id": id, "callback_query": {
        "id": format!("callback-{id}"), "from": {"id": CHAT, "is_bot": false, "first_name": "x"},
        "chat_instance": "1", "data": WORDS[3],
        "message": {"message_id": 3, "date": 1_790_000_000, "text": WORDS[0],
            "chat": {"id": CHAT, "type": "private", "first_name": "x"}},
    }}));
    // One that no field of which can be read.
    all.push(json!({"update_id": api.next_update_id(), "message": {"text": WORDS[0], "chat": CHAT}}));
    all.into_iter().map(named).collect()
}

fn telegram(api: &BotApi) -> String {
    format!("[channels.tg]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n", api.url())
}

#[test]
#[ignore = "the service whose output is read; it runs as a process of its own"]
fn server_child() {
    if std::env::var_os(CHILD).is_some() {
        child();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_person_is_in_the_output_of_a_service_that_fails_on_her() {
    let folder = tempfile::tempdir().expect("a folder");
    let api = BotApi::start().await;
    for fault in [Fault::CantParse, Fault::TooManyRequests(1), Fault::NoJson, Fault::Broken, Fault::Blocked] {
        api.fail_next("sendMessage", None, fault);
    }
    api.fail_next("getUpdates", None, Fault::NoJson);
    let recorder = Arc::new(Recorder::new(folder.path()));
    let gateway = FakeGateway::start(recorder, Faults::default(), 1).await;
    let [port] = free_ports().expect("a port");
    let location = Location::File(database_file(folder.path()));
    // All that our own code can say.
    let more = format!("{}[log]\nfilter = \"info,cabildo_bot=trace\"\nformat = \"json\"\n", telegram(&api));
    let toml = configuration(&location, gateway.url(), port, &more);
    let start = Start { toml, folder: folder.path().to_owned(), port, ahead: 0 };
    let process = tokio::task::spawn_blocking(move || Process::start("canary::server_child", &start));
    let process = process.await.expect("a start");

    let updates = updates(&api);
    for update in updates {
        api.inject(update);
    }
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().expect("a client");
    let mut statuses = Vec::new();
    for (key, text, id) in [
        (KEY, "tlapa".to_owned(), "1"),
        (KEY, format!("bomba {}", WORDS[4]), "2"),
        (KEY, format!("QUEJA {}", WORDS[4]), "3"),
        ("wrong", WORDS[4].to_owned(), "4"),
    ] {
        let from = format!("+52{NUMBER}");
        let parameters = [("key", key), ("from", &from), ("to", "55555"), ("id", id), ("text", &text)];
        let url = format!("http://127.0.0.1:{port}/webhooks/sms/telco");
        let url = reqwest::Url::parse_with_params(&url, parameters).expect("a URL");
        statuses.push(client.get(url).send().await.expect("an answer").status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 200, 403]);
    api.wait_confirmed().await;
    // Both bombs are parked, all else is handled.
    let end = snapshot_when(&location, folder.path(), PATIENCE, |it| {
        it.inbox.len() >= 10 && it.inbox.iter().all(|it| it.handled.is_some())
    })
    .await;
    let parked = end.inbox.iter().filter(|it| it.handled == Some(false)).count();
    assert_eq!((parked, end.inbox.len() >= 10), (2, true), "{:?}", end.inbox);
    api.wait_calls("sendMessage", 3).await;
    tokio::task::spawn_blocking(move || process.stop()).await.expect("stopped");

    let log = std::fs::read_to_string(folder.path().join("server.log")).expect("a log");
    // It is the right file, and it tells of the failures.
    for line in ["a part of the program failed", "the dialogue failed on a message", "a message is parked"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(
        log.contains("\"level\":\"DEBUG\"") || log.contains("\"level\":\"TRACE\""),
        "little is told: {log}"
    );
    assert_clean("the log", &log);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_chat_is_in_a_metric_or_in_what_the_technician_sees() {
    let api = BotApi::start().await;
    api.fail_next("sendMessage", None, Fault::CantParse);
    let serving = Serving::start(&telegram(&api)).await;
    // The product's dialogue takes the word for a place that it does not know.
    for update in updates(&api) {
        api.inject(update);
    }
    api.wait_confirmed().await;
    let handled = async {
        let store = &serving.app.service().store;
        while store.count_inbound("received").await != Ok(0) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(store.count_inbound("handled").await.expect("a count") >= 8);
    };
    tokio::time::timeout(PATIENCE, handled).await.expect("all are handled");
    api.wait_calls("sendMessage", 3).await;
    serving.app.watch().look().await;
    for path in ["/metrics", "/health", "/ready"] {
        let (_, text) = serving.inner(path).await;
        assert!(path != "/metrics" || text.contains("cabildo_accepted_total{channel=\"tg\"}"), "{text}");
        assert_clean(path, &text);
    }
    serving.app.shutdown().await;
}
