//! Cards, broadcasts and charts in the console's line mode on a real service: proposed, read on each channel, approved by
//! somebody else, stopped, one sentence after the other and without a byte that drives a terminal.

use std::time::{Duration, Instant};

use cabildo_bot::domain::demand::SubscriptionKind;
use cabildo_bot::store::demands::Change;
use cabildo_tests::demands::{SMS, TLAPA, phone, says};
use cabildo_tests::plain::Plain;
use cabildo_tests::serving::{PATIENCE, Serving};
use cabildo_tests::staff::{Person, get, person};
use serde_json::Value;

const CASES: &str = "q leaves";
const CHOICES: &str = "q goes to the cases";
const NUMBER: &str = "A number, or Enter to go back:";
const SURE: &str = "y does it";
/// Between two looks at the service.
const LOOK: Duration = Duration::from_millis(20);
/// Longer than a broadcast waits after its last approval.
const OVER: i64 = 61_000;

fn called(command: &str) -> String {
    cabildo_messages::text("en", &format!("console-do-{command}"), &[]).expect("a name")
}

/// A line for each field, once it was asked for.
fn fills(console: &mut Plain, lines: &[(&str, &str)]) {
    for (field, line) in lines {
        console.sees(field);
        console.writes(line);
    }
}

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

fn clean(console: &Plain) {
    let controls: Vec<u8> = console.all().iter().copied().filter(|it| *it < 0x20 && *it != b'\n').collect();
    assert!(controls.is_empty(), "{controls:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_and_a_broadcast_go_their_way_line_by_line() {
    let serving = Serving::start(SMS).await;
    let url = format!("http://{}", serving.app.staff_address().expect("a listener"));
    let ana = person(&serving, &[("editor", "country")]).await;
    let bea = person(&serving, &[("approver", "country")]).await;
    for number in 0..30 {
        let news = Change::Subscribed {
            kind: SubscriptionKind::Topic,
            topic: "agua".to_owned(),
            municipality: TLAPA.to_owned(),
            consent: 1,
        };
        says(&serving, &phone(5_000 + number), news).await;
    }
    let mut console = Plain::open(&url, &ana.token);
    console.sees(CASES);
    console.writes("h");
    console.sees(CHOICES);
    console.writes("c");
    console.chooses(" -> ", NUMBER);
    console.chooses("housing", NUMBER);
    fills(
        &mut console,
        &[
            ("What it is called", "Piso firme por faenas"),
            ("What was done", "412 pisos con tequio y material del municipio"),
            ("The office that can be asked", "Obras Publicas"),
            ("What it cost", ""),
            ("What went wrong", ""),
            ("Links to evidence", ""),
            ("Goal of sustainable", "11"),
        ],
    );
    console.sees("proposed");
    console.writes("v");
    console.chooses("draft", NUMBER);
    console.chooses("Piso firme por faenas", CHOICES);
    let read = console.sees(NUMBER);
    assert!(read.contains(" bytes, ") && read.contains("412 pisos"), "{read}");
    console.chooses(&called("submit-card"), NUMBER);
    console.sees("handed in");
    first(&serving, &ana, "highlights", "in_review").await;
    console.sees(NUMBER);
    console.writes("");
    console.sees(CHOICES);
    console.writes("q");
    // A broadcast, and whom it is for.
    console.sees(CASES);
    console.writes("b");
    console.sees(CHOICES);
    console.writes("w");
    fills(
        &mut console,
        &[
            ("What staff calls it", "Corte del lunes"),
            ("The text", "El lunes no hay agua de 9 a 14 h"),
            ("Places", TLAPA),
            ("With news", "agua"),
            ("Channels by their ids", "kannel"),
            ("Not before", ""),
            ("Sensitive", ""),
            ("Language of the text", ""),
        ],
    );
    console.sees("begun");
    console.writes("v");
    console.chooses("draft", NUMBER);
    console.chooses("Corte del lunes", CHOICES);
    console.chooses(&called("broadcast-audience"), NUMBER);
    // What is there already stays.
    fills(&mut console, &[("Places", ""), ("Those like", ""), ("With news", ""), ("Who uses", "")]);
    console.sees("audience set");
    console.chooses(&called("submit-broadcast"), NUMBER);
    console.sees("handed in");
    console.sees(NUMBER);
    console.writes("");
    console.sees(CHOICES);
    console.writes("q");
    console.sees(CASES);
    console.writes("c");
    fills(&mut console, &[("Official key", TLAPA)]);
    let charts = console.sees(CHOICES);
    assert!(charts.contains("Charts of Tlapa"), "{charts}");
    clean(&console);
    drop(console);

    let mut console = Plain::open(&url, &bea.token);
    console.sees("q leaves");
    console.writes("h");
    console.chooses("Piso firme por faenas", CHOICES);
    console.chooses(&called("approve-card"), NUMBER);
    let asked = console.sees(SURE);
    assert!(asked.contains("Hash ") && asked.contains(" bytes, "), "{asked}");
    console.writes("y");
    console.sees("approved");
    first(&serving, &bea, "highlights", "published").await;
    console.sees(NUMBER);
    console.writes("");
    console.sees(CHOICES);
    console.writes("q");
    console.sees(CASES);
    console.writes("b");
    console.chooses("Corte del lunes", CHOICES);
    let read = console.sees(NUMBER);
    assert!(read.contains("ALTO"), "{read}");
    console.chooses(&called("approve-broadcast"), NUMBER);
    let asked = console.sees(SURE);
    assert!(asked.contains("Hash ") && asked.contains(" bytes, "), "{asked}");
    console.writes("y");
    console.sees("approved");
    first(&serving, &bea, "broadcasts", "approved").await;
    serving.clock.advance(OVER);
    first(&serving, &bea, "broadcasts", "sending").await;
    console.chooses(&called("stop-broadcast"), NUMBER);
    fills(&mut console, &[("Why", "")]);
    console.sees(SURE);
    console.writes("y");
    console.sees("stopped");
    first(&serving, &bea, "broadcasts", "stopped").await;
    clean(&console);
    drop(console);
    serving.app.shutdown().await;
}
