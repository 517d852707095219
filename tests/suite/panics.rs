//! What the log says of a panic: its place, never the words that led to it.

use std::process::Command;
use std::sync::Arc;

use cabildo_bot::channels::gateway::Gateways;
use cabildo_bot::clock::Clock;
use cabildo_bot::config::{Log, LogFormat};
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::engine;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::service::{Service, Worked};
use cabildo_bot::store::Store;
use cabildo_bot::telemetry;
use cabildo_tests::serving::facts;
use cabildo_tests::stores::{START, inbound};

/// Set in the process that panics: the hook is one of the whole process, so it gets its own.
const CHILD: &str = "PANICS_ON_A_MESSAGE";
const SAID: &str = "mi secreto 5512345678";

fn broken(_: &Conversation, message: &engine::Inbound, _: &Facts, _: &str) -> Worked {
    assert!(message.text.is_empty(), "no answer to {}", message.text);
    Worked { next: Conversation::default(), replies: Vec::new(), effects: Vec::new() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_logged_by_its_place_and_quotes_nobody() {
    if std::env::var_os(CHILD).is_some() {
        telemetry::start(&Log { filter: "info".to_owned(), format: LogFormat::Json });
        telemetry::hide_panic_messages();
        let store = Store::open_in_memory(START).await.expect("a store");
        let mut service = Service::new(store, facts(), Clock::fixed(START), Gateways::new());
        service.dialogue = broken;
        let answer = Arc::new(service).answer(inbound("+525512345678", "1", SAID)).await.expect("kept");
        assert!(answer.fresh && answer.replies.is_empty());
        return;
    }
    let output = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "panics::a_panic_is_logged_by_its_place_and_quotes_nobody", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .expect("the binary runs");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let line = log.lines().find(|it| it.contains("a part of the program failed")).expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let place = line["place"].as_str().expect("a place");
    assert!(place.contains("panics.rs:"), "{place}");
    assert!(log.contains("the dialogue failed on a message"), "{log}");
    for word in ["secreto", "5512345678", "no answer to"] {
        assert!(!log.contains(word), "{word} in the log: {log}");
    }
}
