//! Demands at the console, in a real terminal on a real service over HTTP: one is moderated, one is merged and parted
//! again, a leader is verified, an acta is entered, the authority's answer goes out, and like cases become a demand.

use std::time::Instant;

use cabildo_bot::domain::time::HOUR;
use cabildo_bot::store::demands::Change;
use cabildo_tests::console::Console;
use cabildo_tests::demands::{
    SMS, TLAPA, both, complains, done, phone, public, read, says, says_at, walk_in, written,
};
use cabildo_tests::serving::{PATIENCE, Serving};
use cabildo_tests::staff::{Person, get};
use serde_json::{Value, json};
use uuid::Uuid;

const SETTINGS: &str = "language = \"en\"\n";

/// Waits until a demand is as it should be.
async fn until(
    serving: &Serving,
    who: &Person,
    id: Uuid,
    what: &str,
    fits: impl Fn(&Value) -> bool,
) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let demand = read(serving, who, id).await;
        if fits(&demand) {
            return demand;
        }
        assert!(Instant::now() < end, "{what} did not come: {demand}");
        tokio::task::yield_now().await;
    }
}

fn state(demand: &Value) -> &str {
    demand["row"]["state"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demands_are_moderated_merged_parted_counted_and_answered_by_key() {
    let serving = Serving::start(SMS).await;
    let ana = both(&serving, TLAPA).await;
    let url = format!("http://{}", serving.app.staff_address().expect("a listener"));
    let owed = written(&serving, TLAPA, 301, 4, "Que pase la basura dos veces").await;
    done(&serving, &ana, owed, "publish", json!({ "office": "public_works" })).await;
    // An hour ahead of the clock that hands over what is reached.
    let signed = Change::Signed { demand_id: owed, home: Some(TLAPA.to_owned()), for_code: None };
    says_at(&serving, &phone(50), signed, serving.clock.now().plus(HOUR)).await;
    done(&serving, &ana, owed, "hand-over", json!({ "office": "public_works" })).await;
    serving.clock.advance(1);
    let fresh = written(&serving, TLAPA, 316, 900, "Agua potable en San José").await;
    serving.clock.advance(1);
    public(&serving, &ana, 317, 900).await;
    serving.clock.advance(1);
    let child = public(&serving, &ana, 318, 900).await;
    let leading =
        Change::Leading { municipality: TLAPA.to_owned(), words: "Lupe, comité del agua".to_owned() };
    says(&serving, &phone(3_180), leading).await;

    let Some(mut console) = Console::open(&url, SETTINGS, Some(&ana.token)) else { return };
    console.sees("Queue");
    console.keys("g d");
    console.stands_on("316");
    console.rests();
    console.keys("p");
    console.sees("becomes public");
    console.keys("y");
    until(&serving, &ana, fresh, "a public demand", |it| state(it) == "collecting").await;

    console.keys("Tab");
    console.stands_on("318");
    console.rests();
    console.keys("m");
    console.sees("Code of the other demand");
    console.types("317");
    console.keys("Enter");
    console.types("Es lo mismo");
    console.keys("Enter");
    console.sees("its author is asked");
    console.rests();
    console.keys("y");
    let asked = |it: &Value| it["merges"][0]["state"] == "asked";
    let demand = until(&serving, &ana, child, "a merge that is asked for", asked).await;
    let merge_id = demand["merges"][0]["id"].as_str().and_then(|it| Uuid::try_parse(it).ok()).expect("an id");
    says(&serving, &phone(3_180), Change::MergeAnswered { merge_id, yes: true }).await;
    until(&serving, &ana, child, "a merged demand", |it| state(it) == "merged").await;
    console.keys("Tab Tab Tab Tab Tab Tab Tab");
    console.sees("[merged");
    console.stands_on("318");
    console.rests();
    console.keys("M");
    console.sees("318 is parted again");
    console.types("Eran dos pozos");
    console.keys("Enter");
    let parted = |it: &Value| state(it) == "collecting" && it["merges"][0]["state"] == "undone";
    until(&serving, &ana, child, "a parted demand", parted).await;

    console.keys("g v");
    console.sees("Lupe, comité del agua");
    console.rests();
    console.keys("3");
    console.sees("The whole number");
    console.types("Para llamarle");
    console.keys("Enter");
    console.until("her number", |it| it.contains(&phone(3_180)));
    console.keys("1");
    console.sees("You called her");
    assert!(!console.screen().contains(&phone(3_180)), "a key hides the number");
    console.rests();
    console.keys("y");
    console.sees("leader verified");
    let (_, leaders) = get(&serving, "/staff/v1/leaders?state=verified", &ana).await;
    assert_eq!(leaders["items"].as_array().map(Vec::len), Some(1), "{leaders}");

    console.keys("g d Tab Tab Tab Tab Tab");
    console.sees("[collecting");
    console.stands_on("318");
    console.rests();
    console.keys("a");
    console.sees("Folio of the acta");
    console.types("A-18");
    console.keys("Enter");
    console.types("64");
    console.keys("Enter");
    console.types("2026-09-13");
    console.keys("Enter Enter");
    let demand = until(&serving, &ana, child, "an acta", |it| it["row"]["support"]["paper"] == 64).await;
    assert_eq!(demand["row"]["support"]["total"], 3, "paper is counted apart: {demand}");

    console.keys("Tab Tab");
    console.stands_on("301");
    console.rests();
    console.keys("r");
    console.sees("What does the authority say?");
    console.keys("a");
    console.sees("The authority's answer to 301");
    console.types("Hay camion desde enero");
    console.keys("Enter Enter");
    console.types("2027-01-05");
    console.keys("Enter");
    console.until("what goes out", |it| {
        it.contains("This goes out") && it.contains("Hay camion desde enero") && it.contains("SMS")
    });
    assert_eq!(state(&read(&serving, &ana, owed).await), "with_authority", "it is read before it goes");
    console.rests();
    console.keys("y");
    let demand = until(&serving, &ana, owed, "an answer", |it| state(it) == "answered").await;
    assert_eq!(demand["answer"]["due_on"], "2027-01-05", "{demand}");
    serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn like_cases_become_a_demand_with_five_keys() {
    let serving = Serving::start(SMS).await;
    let ana = both(&serving, TLAPA).await;
    let url = format!("http://{}", serving.app.staff_address().expect("a listener"));
    for number in 60..64 {
        complains(&serving, &ana, walk_in(TLAPA, number, "hidden_from_public")).await;
    }
    let Some(mut console) = Console::open(&url, SETTINGS, Some(&ana.token)) else { return };
    console.sees("No hay agua en la colonia");
    console.rests();
    console.pressed = 0;
    console.keys("g l");
    console.until("the group", |it| it.contains("Like cases") && it.contains("4x"));
    console.rests();
    console.keys("o");
    console.sees("A demand out of these cases");
    console.keys("Enter");
    console.sees("The demand is public at once");
    console.keys("y");
    console.sees("demand opened");
    assert!(console.pressed <= 5, "{} keys", console.pressed);
    let (_, list) = get(&serving, "/staff/v1/demands?queue=collecting", &ana).await;
    assert_eq!(list["items"][0]["text"], "No hay agua en la colonia", "{list}");
    let id = list["items"][0]["id"].as_str().and_then(|it| Uuid::try_parse(it).ok()).expect("an id");
    let demand = read(&serving, &ana, id).await;
    assert_eq!((&demand["linked"], &demand["row"]["support"]["total"]), (&json!(4), &json!(0)), "{demand}");
    serving.app.shutdown().await;
}
