//! Cards and broadcasts at the console, in a real terminal on a real service over HTTP: a card goes from a candidate to
//! its publication by two people; a broadcast is written, read on each channel with bytes and segments, handed in,
//! approved by somebody else, and stopped while it runs.

use std::time::{Duration, Instant};

use cabildo_bot::domain::demand::SubscriptionKind;
use cabildo_bot::store::demands::Change;
use cabildo_tests::console::Console;
use cabildo_tests::demands::{SMS, TLAPA, phone, says};
use cabildo_tests::serving::{PATIENCE, Serving};
use cabildo_tests::staff::{Person, get, person};
use serde_json::Value;

const SETTINGS: &str = "language = \"en\"\n";
/// Between two looks at the service.
const LOOK: Duration = Duration::from_millis(20);
/// Longer than a broadcast waits after its last approval.
const OVER: i64 = 61_000;

/// The first of a list in a state, once there is one.
async fn first(serving: &Serving, who: &Person, list: &str, state: &str) -> Value {
    let end = Instant::now() + 3 * PATIENCE;
    loop {
        let (status, found) = get(serving, &format!("/staff/v1/{list}?state={state}"), who).await;
        assert_eq!(status, 200, "{found}");
        if let Some(row) = found["items"].as_array().and_then(|it| it.first()) {
            return row.clone();
        }
        assert!(Instant::now() < end, "nothing of {list} is {state}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Fills lines of a form in; the last one takes it.
fn fills(console: &mut Console, lines: &[&str]) {
    for (at, line) in lines.iter().enumerate() {
        if !line.is_empty() {
            console.types(line);
        }
        console.keys(if at + 1 < lines.len() { "Tab" } else { "Enter" });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_goes_from_a_candidate_to_its_publication_by_two_people() {
    let serving = Serving::start(SMS).await;
    let url = format!("http://{}", serving.app.staff_address().expect("a listener"));
    let ana = person(&serving, &[("editor", "country")]).await;
    let bea = person(&serving, &[("approver", "country")]).await;
    let Some(mut console) = Console::open(&url, SETTINGS, Some(&ana.token)) else { return };
    // Who sits there is known.
    console.sees(" live ");
    console.keys("g h");
    console.sees("Highlights");
    console.keys("n");
    console.until("the candidates", |it| it.contains("Candidates for a card") && it.contains("->"));
    console.presses("n", "Under which theme?");
    console.presses("f", "A card about");
    let done = "412 pisos con tequio y material del municipio";
    fills(&mut console, &["Piso firme por faenas", done, "Obras Publicas", "4.1 mdp", "", "", "11"]);
    // What it is on each channel, in bytes and segments.
    let seen =
        console.until("the card", |it| it.contains("Piso firme por faenas") && it.contains(" bytes, "));
    assert!(seen.contains("GSM-7") && seen.contains(" SMS, $"), "{seen}");
    console.presses_until("s", "a card in review", |it| it.contains("handed in") || it.contains("in review"));
    let row = first(&serving, &ana, "highlights", "in_review").await;
    // Who wrote it does not approve it.
    console.presses("a", "does not allow this");
    drop(console);

    let Some(mut console) = Console::open(&url, SETTINGS, Some(&bea.token)) else { return };
    // Who sits there is known.
    console.sees(" live ");
    console.keys("g h");
    console.until("the card to review", |it| it.contains("Piso firme por faenas"));
    console.keys("Enter");
    console.until("the card", |it| it.contains(" bytes, ") && it.contains("412 pisos"));
    let question = console.presses("a", "is published as it was seen");
    assert!(question.contains("Hash ") && question.contains(" bytes, "), "{question}");
    console.says_yes("is published as it was seen");
    let published = first(&serving, &bea, "highlights", "published").await;
    assert_eq!((&published["id"], &published["code"]), (&row["id"], &row["code"]));
    serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcast_is_written_approved_by_somebody_else_and_stopped_while_it_runs() {
    // It is early in the morning there: in the quiet hours nothing goes out, so that it runs until it is stopped.
    let serving = Serving::start(SMS).await;
    let url = format!("http://{}", serving.app.staff_address().expect("a listener"));
    let ana = person(&serving, &[("editor", "country")]).await;
    let bea = person(&serving, &[("approver", "country")]).await;
    for number in 0..40 {
        let news = Change::Subscribed {
            kind: SubscriptionKind::Topic,
            topic: "agua".to_owned(),
            municipality: TLAPA.to_owned(),
            consent: 1,
        };
        says(&serving, &phone(5_000 + number), news).await;
    }
    let Some(mut console) = Console::open(&url, SETTINGS, Some(&ana.token)) else { return };
    // Who sits there is known.
    console.sees(" live ");
    console.keys("g r");
    console.sees("Broadcasts");
    console.keys("n");
    console.sees("Channels by their ids");
    let text = "El lunes no hay agua de 9 a 14 h";
    fills(&mut console, &["Corte del lunes", text, TLAPA, "agua", "kannel", "", ""]);
    let seen = console.until("the draft", |it| {
        it.contains("Broadcast: Corte del lunes") && it.contains(" bytes, ") && it.contains("about 40")
    });
    assert!(seen.contains("GSM-7") && seen.contains("1 SMS"), "{seen}");
    assert!(seen.contains("ALTO") && seen.contains("Quiet hours"), "the way out and the hours: {seen}");
    console
        .presses_until("s", "what was handed in", |it| it.contains("handed in") || it.contains("submitted"));
    first(&serving, &ana, "broadcasts", "submitted").await;
    console.presses("a", "does not allow this");
    drop(console);

    let Some(mut console) = Console::open(&url, SETTINGS, Some(&bea.token)) else { return };
    // Who sits there is known.
    console.sees(" live ");
    console.keys("g r");
    console.until("the one to approve", |it| it.contains("Corte del lunes"));
    console.keys("Enter");
    console.until("the broadcast", |it| it.contains(" bytes, "));
    let question = console.presses("a", "people as it was seen");
    assert!(question.contains("Hash ") && question.contains(" bytes, "), "{question}");
    console.says_yes("people as it was seen");
    // Its people are written down, and a minute is left to hold it.
    first(&serving, &bea, "broadcasts", "approved").await;
    serving.clock.advance(OVER);
    console.until("it runs", |it| it.contains("sending") && it.contains(" of 40"));
    console.presses("X", "Why (it is kept)");
    console.keys("Enter");
    console.sees("nobody else gets it");
    console.says_yes("nobody else gets it");
    let stopped = first(&serving, &bea, "broadcasts", "stopped").await;
    console.until("that it is stopped", |it| it.contains("STOPPED") && it.contains("Stopped at the console"));
    assert_eq!(stopped["title"], "Corte del lunes", "{stopped}");
    // What was queued is taken back, and nothing went out.
    let states = serving.app.service().store.count_outbound().await.expect("states");
    assert!(states.iter().all(|it| it.0 == "cancelled"), "{states:?}");
    serving.app.shutdown().await;
}
