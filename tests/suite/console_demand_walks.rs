//! Demands at the console, in a real terminal on a real service over HTTP: one is moderated, one is merged and parted
//! again, a leader is verified, an acta is entered, the authority's answer goes out, and like cases become a demand.

use std::time::Instant;

use cabildo_bot::domain::time::HOUR;
use cabildo_bot::store::demands::Change;
use cabildo_tests::console::Console;
use cabildo_tests::demands::{
    SMS, TLAPA, both, complains, done, phone, promise, public, read, says, says_at, until, walk_in, written,
};
use cabildo_tests::serving::{PATIENCE, Serving};
use cabildo_tests::staff::get;
use serde_json::{Value, json};
use uuid::Uuid;

const SETTINGS: &str = "language = \"en\"\n";

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
    console.presses("p", "becomes public");
    console.says_yes("becomes public");
    until(&serving, &ana, fresh, "a public demand", |it| state(it) == "collecting").await;

    console.keys("Tab");
    console.stands_on("318");
    console.presses("m", "Code of the other demand");
    console.types("317");
    console.keys("Enter");
    console.types("Es lo mismo");
    console.keys("Enter");
    console.sees("its author is asked");
    console.says_yes("its author is asked");
    let asked = |it: &Value| it["merges"][0]["state"] == "asked";
    let demand = until(&serving, &ana, child, "a merge that is asked for", asked).await;
    let merge_id = demand["merges"][0]["id"].as_str().and_then(|it| Uuid::try_parse(it).ok()).expect("an id");
    says(&serving, &phone(3_180), Change::MergeAnswered { merge_id, yes: true }).await;
    until(&serving, &ana, child, "a merged demand", |it| state(it) == "merged").await;
    console.keys("Tab Tab Tab Tab Tab Tab Tab");
    console.sees("[merged");
    console.stands_on("318");
    console.presses("M", "318 is parted again");
    console.types("Eran dos pozos");
    console.keys("Enter");
    let parted = |it: &Value| state(it) == "collecting" && it["merges"][0]["state"] == "undone";
    until(&serving, &ana, child, "a parted demand", parted).await;

    console.keys("g v");
    console.sees("Lupe, comité del agua");
    console.presses("3", "The whole number");
    console.types("Para llamarle");
    console.keys("Enter");
    console.until("her number", |it| it.contains(&phone(3_180)));
    console.keys("1");
    console.sees("You called her");
    assert!(!console.screen().contains(&phone(3_180)), "a key hides the number");
    console.presses("y", "leader verified");
    let (_, leaders) = get(&serving, "/staff/v1/leaders?state=verified", &ana).await;
    assert_eq!(leaders["items"].as_array().map(Vec::len), Some(1), "{leaders}");

    console.keys("g d Tab Tab Tab Tab Tab");
    console.sees("[collecting");
    console.stands_on("318");
    console.presses("a", "Folio of the acta");
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
    console.presses("r", "What does the authority say?");
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
    console.says_yes("This goes out");
    let demand = until(&serving, &ana, owed, "an answer", |it| state(it) == "answered").await;
    assert_eq!(demand["answer"]["due_on"], "2027-01-05", "{demand}");
    serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn milestones_of_a_promise_are_added_changed_and_marked_by_key() {
    let serving = Serving::start(SMS).await;
    let ana = both(&serving, TLAPA).await;
    let url = format!("http://{}", serving.app.staff_address().expect("a listener"));
    let id = written(&serving, TLAPA, 301, 4, "Que pase la basura dos veces").await;
    done(&serving, &ana, id, "publish", json!({ "office": "public_works" })).await;
    let signed = Change::Signed { demand_id: id, home: Some(TLAPA.to_owned()), for_code: None };
    says_at(&serving, &phone(50), signed, serving.clock.now().plus(HOUR)).await;
    done(&serving, &ana, id, "hand-over", json!({ "office": "public_works" })).await;
    let said = json!({ "verdict": "accepted", "reason": "Hay camión", "due_on": "2027-01-05" });
    done(&serving, &ana, id, "answer", said).await;
    done(&serving, &ana, id, "promise", json!({ "promise": promise("in_progress", 10) })).await;
    let steps = |it: &Value| -> Vec<String> {
        let steps = it["commitment"]["promise"]["milestones"].as_array().cloned().unwrap_or_default();
        let text = |it: &Value, field: &str| it[field].as_str().unwrap_or("-").to_owned();
        steps
            .iter()
            .map(|it| format!("{} {} {}", text(it, "title"), text(it, "due_on"), text(it, "state")))
            .collect()
    };
    assert_eq!(steps(&read(&serving, &ana, id).await), ["Proyecto 2027-01-31 in_progress"]);

    let Some(mut console) = Console::open(&url, SETTINGS, Some(&ana.token)) else { return };
    console.sees("Queue");
    console.keys("g k");
    console.sees("Pozo nuevo");
    console.presses("e", "A new milestone");
    console.presses("s", "Which milestone");
    console.types("Comprar el camion");
    console.keys("Enter");
    console.types("2026-12-01");
    console.keys("Enter");
    let two = |it: &Value| steps(it).len() == 2;
    let demand = until(&serving, &ana, id, "a new milestone", two).await;
    assert_eq!(steps(&demand)[1], "Comprar el camion 2026-12-01 not_started", "{demand}");
    console.sees("milestone added");
    console.presses("e", "A new milestone");
    console.presses("s", "Change its words");
    console.presses_until("f", "what is done", |it| !it.contains("Change its words"));
    until(&serving, &ana, id, "a finished one", |it| steps(it)[1].ends_with("finished")).await;
    console.sees("milestone \"Comprar el camion\"");
    console.presses("e", "A new milestone");
    console.presses("a", "Change its words");
    console.presses("h", "Which milestone");
    console.types(" firmado");
    console.keys("Enter");
    let changed = |it: &Value| steps(it)[0].starts_with("Proyecto firmado 2027-01-31");
    until(&serving, &ana, id, "other words", changed).await;
    serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_joined_to_a_like_one_and_parted_with_undo() {
    let serving = Serving::start(SMS).await;
    let ana = both(&serving, TLAPA).await;
    let url = format!("http://{}", serving.app.staff_address().expect("a listener"));
    for number in 60..62 {
        complains(&serving, &ana, walk_in(TLAPA, number, "hidden_from_public")).await;
        serving.clock.advance(1);
    }
    let cases = async || get(&serving, "/staff/v1/cases?limit=5", &ana).await.1["items"].clone();
    let states = async || -> Vec<String> {
        let all = cases().await;
        let mut states: Vec<String> = all
            .as_array()
            .expect("cases")
            .iter()
            .filter_map(|it| it["state"].as_str().map(str::to_owned))
            .collect();
        states.sort();
        states
    };
    let Some(mut console) = Console::open(&url, SETTINGS, Some(&ana.token)) else { return };
    console.sees("No hay agua en la colonia");
    console.presses("=", "LIKELY THE SAME");
    console.presses("m", "duplicate of");
    let end = Instant::now() + PATIENCE;
    while !states().await.contains(&"duplicate".to_owned()) {
        assert!(Instant::now() < end, "{:?}", states().await);
    }
    console.rests();
    console.keys("u");
    while states().await != ["in_review", "received"] {
        assert!(Instant::now() < end, "{:?}", states().await);
    }
    let joined: Vec<Value> =
        cases().await.as_array().expect("cases").iter().map(|it| it["joined"].clone()).collect();
    assert_eq!(joined, [json!(1), json!(1)]);
    // Neither the joining nor the parting goes to anybody.
    let states = serving.app.service().store.count_outbound().await.expect("states");
    let cancelled = states.iter().filter(|it| it.0 == "cancelled").map(|it| it.1).sum::<i64>();
    assert_eq!(cancelled, 1, "{states:?}");
    let (_, sends) = get(&serving, "/staff/v1/outbox?part=held", &ana).await;
    assert_eq!(sends["items"], json!([]), "{sends}");
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
    console.presses("o", "A demand out of these cases");
    console.keys("Enter");
    console.sees("The demand is public at once");
    console.says_yes("The demand is public at once");
    console.sees("demand opened");
    assert!(console.pressed <= 5, "{} keys", console.pressed);
    let (_, list) = get(&serving, "/staff/v1/demands?queue=collecting", &ana).await;
    assert_eq!(list["items"][0]["text"], "No hay agua en la colonia", "{list}");
    let id = list["items"][0]["id"].as_str().and_then(|it| Uuid::try_parse(it).ok()).expect("an id");
    let demand = read(&serving, &ana, id).await;
    assert_eq!((&demand["linked"], &demand["row"]["support"]["total"]), (&json!(4), &json!(0)), "{demand}");
    serving.app.shutdown().await;
}
