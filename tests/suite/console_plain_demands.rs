//! Demands in the console's line mode on a real service: published, refused, merged, counted on paper, answered, and a
//! leader verified, one sentence after the other and without a byte that drives a terminal.

use cabildo_bot::domain::time::HOUR;
use cabildo_bot::store::demands::Change;
use cabildo_tests::demands::{SMS, TLAPA, both, done, phone, public, read, says, says_at, until, written};
use cabildo_tests::plain::Plain;
use cabildo_tests::serving::Serving;
use cabildo_tests::staff::get;
use serde_json::{Value, json};

const CHOICES: &str = "q goes to the cases";
const NUMBER: &str = "A number, or Enter to go back:";
const SURE: &str = "y does it";

fn state(demand: &Value) -> &str {
    demand["row"]["state"].as_str().unwrap_or_default()
}

/// What a deed is called in the list.
fn called(command: &str) -> String {
    cabildo_messages::text("en", &format!("console-do-{command}"), &[]).expect("a name")
}

/// From the list of a queue to one demand of it, and to a deed.
fn deed(console: &mut Plain, queue: &str, code: &str, command: &str) {
    console.writes("");
    console.sees(CHOICES);
    console.writes("v");
    console.chooses(queue, NUMBER);
    console.chooses(&format!("{code}, "), CHOICES);
    console.chooses(&called(command), NUMBER);
}

/// Back to the queues.
fn back(console: &mut Plain) {
    console.sees(NUMBER);
    console.writes("");
    console.sees(CHOICES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demands_are_moderated_merged_counted_and_answered_line_by_line() {
    let serving = Serving::start(SMS).await;
    let ana = both(&serving, TLAPA).await;
    let url = format!("http://{}", serving.app.staff_address().expect("a listener"));
    let owed = written(&serving, TLAPA, 301, 4, "Que pase la basura dos veces").await;
    done(&serving, &ana, owed, "publish", json!({ "office": "public_works" })).await;
    // An hour ahead of the clock that hands over what is reached.
    let signed = Change::Signed { demand_id: owed, home: Some(TLAPA.to_owned()), for_code: None };
    says_at(&serving, &phone(50), signed, serving.clock.now().plus(HOUR)).await;
    done(&serving, &ana, owed, "hand-over", json!({ "office": "public_works" })).await;
    let fresh = written(&serving, TLAPA, 316, 900, "Agua potable en San José").await;
    let bad = written(&serving, TLAPA, 321, 900, "Fuera el comisario Juan").await;
    let root = public(&serving, &ana, 317, 900).await;
    let child = public(&serving, &ana, 318, 900).await;
    let leading =
        Change::Leading { municipality: TLAPA.to_owned(), words: "Lupe, comité del agua".to_owned() };
    says(&serving, &phone(3_180), leading).await;

    let mut console = Plain::open(&url, &ana.token);
    console.sees("d demands");
    console.writes("d");
    let said = console.sees(CHOICES);
    assert!(said.contains("Agua potable en San José") && said.contains("Fuera el comisario Juan"), "{said}");
    deed(&mut console, "to moderate", "316", "publish-demand");
    console.sees(SURE);
    console.writes("y");
    console.sees("316 published");
    until(&serving, &ana, fresh, "a public demand", |it| state(it) == "collecting").await;
    back(&mut console);

    deed(&mut console, "to moderate", "321", "reject-demand");
    console.sees("Why");
    console.writes("Nombra a una persona");
    console.sees(SURE);
    // Anything else does not do it.
    console.writes("no");
    console.chooses(&called("reject-demand"), NUMBER);
    console.sees("Why");
    console.writes("Nombra a una persona");
    console.sees(SURE);
    console.writes("y");
    console.sees("321 refused");
    until(&serving, &ana, bad, "a refused demand", |it| state(it) == "rejected").await;
    back(&mut console);

    deed(&mut console, "collecting", "318", "merge-demand");
    console.sees("Code of the other demand");
    console.writes("317");
    console.writes("Es lo mismo");
    console.sees(SURE);
    console.writes("y");
    let asked = |it: &Value| it["merges"][0]["state"] == "asked";
    until(&serving, &ana, child, "a merge that is asked for", asked).await;
    back(&mut console);

    deed(&mut console, "collecting", "317", "enter-acta");
    console.sees("Folio of the acta");
    for line in ["A-18", "64", "2026-09-13", "Cancha"] {
        console.writes(line);
    }
    let demand = until(&serving, &ana, root, "an acta", |it| it["row"]["support"]["paper"] == 64).await;
    assert_eq!(demand["actas"][0]["place"], "Cancha", "{demand}");
    // The folio is taken: it is said in words.
    console.chooses(&called("enter-acta"), NUMBER);
    console.sees("Folio of the acta");
    for line in ["A-18", "10", "2026-09-13", ""] {
        console.writes(line);
    }
    console.sees("an acta with that folio is there already");
    back(&mut console);

    deed(&mut console, "with the authority", "301", "answer-demand");
    console.chooses("accepted", NUMBER);
    console.sees("Why");
    for line in ["Hay camion desde enero", "", "2027-01-05"] {
        console.writes(line);
    }
    let said = console.sees(SURE);
    assert!(said.contains("This goes out") && said.contains("Hay camion desde enero"), "{said}");
    assert_eq!(state(&read(&serving, &ana, owed).await), "with_authority", "it is read before it goes");
    console.writes("y");
    until(&serving, &ana, owed, "an answer", |it| state(it) == "answered").await;
    back(&mut console);

    console.writes("l");
    console.chooses("Lupe, comité del agua", NUMBER);
    console.chooses(&called("verify-leader"), NUMBER);
    console.sees(SURE);
    console.writes("y");
    console.sees("leader verified");
    let (_, leaders) = get(&serving, "/staff/v1/leaders?state=verified", &ana).await;
    assert_eq!(leaders["items"].as_array().map(Vec::len), Some(1), "{leaders}");
    let wrong: Vec<u8> = console.all().iter().copied().filter(|it| *it < b' ' && *it != b'\n').collect();
    assert!(wrong.is_empty(), "a byte that drives a terminal: {wrong:?}");
    serving.app.shutdown().await;
}
