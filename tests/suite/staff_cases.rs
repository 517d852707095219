//! The staff API's cases over real HTTP, on both engines: acts, conflicts, repeats, held messages, what
//! each may see, and hostile text that comes back as data.

use cabildo_bot::domain::staff::Grant;
use cabildo_bot::store::audit::Filter;
use cabildo_tests::postgres;
use cabildo_tests::serving::Serving;
use cabildo_tests::staff::{Person, call, get, hire, key, person, send, sign_in, write};
use reqwest::Method;
use serde_json::{Value, json};

const TLAPA: &str = "12066";
const OTHER: &str = "20570";
const PHONE: &str = "+525512345678";

/// Settings with a channel that can send.
const SMS: &str = r#"
[channels.telco]
type = "kannel"
key = "0123456789abcdef0123456789abcdef"
sendsms_url = "http://127.0.0.1:9/cgi-bin/sendsms"
username = "cabildo"
password = "a-long-enough-password"
from = "5550"
"#;

/// Makes a test of a case for each engine.
macro_rules! on_both {
    ($name:ident, |$serving:ident| $case:block) => {
        mod $name {
            use super::*;

            async fn case($serving: &Serving) {
                $case
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let serving = Serving::start(SMS).await;
                case(&serving).await;
                serving.app.shutdown().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(database) = postgres::database().await else { return };
                let serving =
                    Serving::start(&format!("{SMS}\n[database]\nurl = \"{}\"\n", database.url)).await;
                case(&serving).await;
                serving.app.shutdown().await;
                database.drop().await;
            }
        }
    };
}

fn walk_in(place: &str, text: &str) -> Value {
    json!({ "municipality": place, "kind": "complaint", "category": "water", "text": text,
        "place": "Col. San Jose", "phone": PHONE, "anonymity": "named", "consent": true })
}

async fn opened(serving: &Serving, who: &Person, new: &Value) -> Value {
    let (status, body) = write(serving, Method::POST, "/staff/v1/cases", who, new).await;
    assert_eq!(status, 201, "{body}");
    body
}

async fn act(serving: &Serving, who: &Person, case: &Value, act: &str, mut body: Value) -> (u16, Value) {
    if body.get("version").is_none() {
        body["version"] = case["version"].clone();
    }
    let path = format!("/staff/v1/cases/{}/{act}", case["id"].as_str().expect("an id"));
    write(serving, Method::POST, &path, who, &body).await
}

/// An act that must succeed; the case after it.
async fn done(serving: &Serving, who: &Person, case: &Value, name: &str, body: Value) -> Value {
    let (status, answer) = act(serving, who, case, name, body).await;
    assert_eq!(status, 200, "{name}: {answer}");
    answer
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

async fn worker(serving: &Serving, place: &str) -> Person {
    person(serving, &[("caseworker", &format!("municipality:{place}"))]).await
}

async fn granted(serving: &Serving, place: &str) -> Person {
    let (store, now) = (&serving.app.service().store, serving.clock.now());
    let role = format!("municipality:{place}");
    let account = hire(store, &[("caseworker", &role)], &[Grant::Restricted], now).await;
    sign_in(store, account.id, now).await
}

on_both!(who_works_on_cases_knows_to_whom_they_can_be_given, |serving| {
    let ana = worker(serving, TLAPA).await;
    let path = "/staff/v1/colleagues";
    let (status, found) = get(serving, &format!("{path}?municipality=12066"), &ana).await;
    assert_eq!(status, 200, "{found}");
    for it in found["items"].as_array().expect("a list") {
        let fields: Vec<&String> = it.as_object().expect("a person").keys().collect();
        assert_eq!(fields, ["id", "name"], "shown names alone");
    }
    assert_eq!(get(serving, &format!("{path}?municipality=20570"), &ana).await.0, 403, "not her place");
    assert_eq!(get(serving, path, &ana).await.0, 400);
});

on_both!(each_act_changes_the_case_once_and_is_kept, |serving| {
    let ana = worker(serving, TLAPA).await;
    let new = opened(serving, &ana, &walk_in(TLAPA, "Fuga en la calle Hidalgo")).await;
    assert_eq!(new["pin"].as_str().map(str::len), Some(4));
    let case = &new["case"];
    assert_eq!((case["state"].as_str(), case["mark"].as_str()), (Some("received"), Some("R")));
    let counts = get(serving, "/staff/v1/queues", &ana).await.1;
    assert_eq!(counts["queues"][0], json!({ "queue": "unassigned", "count": 1 }));

    let taken = done(serving, &ana, case, "assign", json!({ "assignee": ana.id })).await;
    assert_eq!(taken["case"]["state"], "assigned");
    assert_eq!(taken["case"]["assignee"]["id"], json!(ana.id));
    assert!(taken["send"]["id"].is_string(), "everybody who joined is told: {taken}");
    let mine = get(serving, "/staff/v1/cases?queue=mine", &ana).await.1;
    assert_eq!((mine["items"].as_array().map(Vec::len), &mine["total"]["count"]), (Some(1), &json!(1)));

    let noted = done(serving, &ana, &taken["case"], "note", json!({ "text": "hablar con Obras" })).await;
    let labelled =
        done(serving, &ana, &noted["case"], "labels", json!({ "add": ["fuga"], "remove": [] })).await;
    let urgent = done(serving, &ana, &labelled["case"], "priority", json!({ "priority": "high" })).await;
    assert_eq!(urgent["case"]["priority"], "high");
    let asleep = serving.clock.now().0 + 3_600_000;
    let snoozed = done(serving, &ana, &urgent["case"], "snooze", json!({ "until": asleep })).await;
    assert_eq!(snoozed["case"]["snoozed_until"], json!(asleep));
    let awake = done(serving, &ana, &snoozed["case"], "snooze", json!({})).await;
    let moved = done(serving, &ana, &awake["case"], "category", json!({ "category": "streets" })).await;
    assert_eq!(moved["case"]["office"], "public_works");
    let handed =
        done(serving, &ana, &moved["case"], "office", json!({ "office": "water", "note": "es de ustedes" }))
            .await;
    let work = done(serving, &ana, &handed["case"], "state", json!({ "state": "in_progress" })).await;
    let reason = act(serving, &ana, &work["case"], "state", json!({ "state": "closed_unfixed" })).await;
    assert_eq!(code(&reason), (409, "state_conflict"), "{}", reason.1);
    assert_eq!(reason.1["detail"], "case_needs_reason");
    let closed = done(serving, &ana, &work["case"], "state", json!({ "state": "resolved" })).await;

    let id = closed["case"]["id"].as_str().expect("an id");
    let changes = get(serving, &format!("/staff/v1/cases/{id}/changes"), &ana).await.1;
    let kinds: Vec<&str> =
        changes["items"].as_array().expect("changes").iter().filter_map(|it| it["kind"].as_str()).collect();
    assert_eq!(kinds.len() as i64, closed["case"]["version"].as_i64().expect("a version"), "{kinds:?}");
    let trail = serving.app.service().store.list_audit(&Filter::default(), 100).await.expect("the trail");
    for name in [
        "case_opened",
        "case_assigned",
        "case_noted",
        "case_labelled",
        "case_prioritised",
        "case_snoozed",
        "case_categorised",
        "case_handed_over",
        "case_moved",
    ] {
        assert!(trail.iter().any(|it| it.act == name && it.actor_id == Some(ana.id)), "{name}");
    }
    let report = get(serving, "/staff/v1/reports/day", &ana).await.1;
    assert_eq!(
        (&report["total"]["received"], &report["total"]["closed"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
});

on_both!(who_saw_an_old_version_gets_the_case_as_it_is, |serving| {
    let (ana, eva) = (worker(serving, TLAPA).await, worker(serving, TLAPA).await);
    let new = opened(serving, &ana, &walk_in(TLAPA, "Sin agua")).await;
    done(serving, &ana, &new["case"], "priority", json!({ "priority": "urgent" })).await;
    let late = act(serving, &eva, &new["case"], "assign", json!({ "assignee": eva.id })).await;
    assert_eq!(code(&late), (409, "version_conflict"));
    assert_eq!(late.1["current"]["priority"], "urgent");
    assert!(late.1["current"]["assignee"].is_null());

    // The same write twice happens once.
    let path = format!("/staff/v1/cases/{}/note", new["case"]["id"].as_str().expect("an id"));
    let body = json!({ "version": late.1["current"]["version"], "text": "una sola vez" });
    let same = key();
    let post =
        || call(serving, Method::POST, &path, Some(&eva.token)).header("Idempotency-Key", &same).json(&body);
    let (one, two) = tokio::join!(send(post()), send(post()));
    assert_eq!(one.0, 200, "{}", one.1);
    assert_eq!(one, two);
    assert_eq!(send(post()).await, one);
    let thread = path.replace("/note", "/thread");
    let entries = get(serving, &thread, &eva).await.1;
    let notes =
        entries["items"].as_array().expect("entries").iter().filter(|it| it["from"] == "note").count();
    assert_eq!(notes, 1, "{entries}");
});

on_both!(a_reply_is_held_and_can_be_taken_back, |serving| {
    let ana = worker(serving, TLAPA).await;
    let new = opened(serving, &ana, &walk_in(TLAPA, "Sin agua")).await;
    let reply = json!({ "text": "Va la cuadrilla hoy. Folio {folio}", "wait": false });
    let sent = done(serving, &ana, &new["case"], "reply", reply.clone()).await;
    assert_eq!(sent["send"]["recipients"], 1, "{sent}");
    let held = get(serving, "/staff/v1/outbox", &ana).await.1;
    assert_eq!(held["items"].as_array().map(Vec::len), Some(1), "{held}");
    let back = format!("/staff/v1/sends/{}/take-back", sent["send"]["id"].as_str().expect("an id"));
    serving.clock.advance(9_999);
    let body = json!({ "version": sent["case"]["version"] });
    let eva = worker(serving, TLAPA).await;
    assert_eq!(write(serving, Method::POST, &back, &eva, &body).await.0, 404, "not hers");
    let taken = write(serving, Method::POST, &back, &ana, &body).await;
    assert_eq!(taken.0, 200, "{}", taken.1);
    assert!(taken.1["text"].as_str().is_some_and(|it| it.starts_with("Va la cuadrilla hoy. Folio ")));
    let thread = format!("/staff/v1/cases/{}/thread", new["case"]["id"].as_str().expect("an id"));
    let entries = get(serving, &thread, &ana).await.1;
    let last = entries["items"].as_array().and_then(|it| it.last()).expect("an entry").clone();
    assert_eq!(last["send"]["state"], "taken_back", "{entries}");
    assert!(get(serving, "/staff/v1/outbox", &ana).await.1["items"].as_array().is_some_and(Vec::is_empty));

    let sent = done(serving, &ana, &taken.1["case"], "reply", reply).await;
    let back = format!("/staff/v1/sends/{}/take-back", sent["send"]["id"].as_str().expect("an id"));
    serving.clock.advance(10_000);
    let late =
        write(serving, Method::POST, &back, &ana, &json!({ "version": sent["case"]["version"] })).await;
    assert_eq!(late.0, 409, "{}", late.1);

    let unknown = json!({ "text": "Hola {nombre}", "wait": false });
    let wrong = act(serving, &ana, &sent["case"], "reply", unknown).await;
    assert_eq!((code(&wrong), &wrong.1["field"]), ((422, "invalid"), &json!("text")));
    let long =
        act(serving, &ana, &sent["case"], "reply", json!({ "text": "á".repeat(600), "wait": false })).await;
    assert_eq!(code(&long), (422, "invalid"), "more than three segments");
});

on_both!(staff_of_one_municipality_never_sees_another, |serving| {
    let (ana, eva) = (worker(serving, TLAPA).await, worker(serving, OTHER).await);
    let new = opened(serving, &ana, &walk_in(TLAPA, "Bache enorme")).await;
    let id = new["case"]["id"].as_str().expect("an id");
    for path in ["", "/thread", "/changes"] {
        let answer = get(serving, &format!("/staff/v1/cases/{id}{path}"), &eva).await;
        assert_eq!(code(&answer), (404, "not_found"), "{path}");
    }
    for query in ["", "?search=bache", &format!("?municipality={TLAPA}"), "?queue=unassigned", "?state=open"]
    {
        let found = get(serving, &format!("/staff/v1/cases{query}"), &eva).await.1;
        assert_eq!(
            (found["items"].as_array().map(Vec::len), &found["total"]["count"]),
            (Some(0), &json!(0)),
            "{query}"
        );
        let found = get(serving, &format!("/staff/v1/cases{query}"), &ana).await.1;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{query}: {found}");
    }
    for name in ["note", "reply", "assign"] {
        let answer = act(serving, &eva, &new["case"], name, json!({ "text": "x", "wait": false })).await;
        assert!(matches!(answer.0, 404 | 422), "{name}: {}", answer.1);
    }
    let taken = write(serving, Method::POST, "/staff/v1/cases", &eva, &walk_in(TLAPA, "x")).await;
    assert_eq!(code(&taken), (403, "not_allowed"));
    let path = format!("/staff/v1/municipalities/{TLAPA}/offices");
    assert_eq!(code(&get(serving, &path, &eva).await), (403, "not_allowed"));
    let search = json!({ "phone": PHONE, "reason": "llama por su caso" });
    let request =
        |who: &Person| call(serving, Method::POST, "/staff/v1/numbers/find", Some(&who.token)).json(&search);
    assert_eq!(send(request(&eva)).await.1["items"].as_array().map(Vec::len), Some(0));
    assert_eq!(send(request(&ana)).await.1["items"].as_array().map(Vec::len), Some(1));
});

on_both!(a_restricted_case_needs_the_grant_and_each_look_is_kept, |serving| {
    let (ana, eva) = (granted(serving, TLAPA).await, worker(serving, TLAPA).await);
    let new = opened(serving, &ana, &walk_in(TLAPA, "canario secreto")).await;
    let closed = done(
        serving,
        &ana,
        &new["case"],
        "confidentiality",
        json!({ "confidentiality": "restricted", "reason": "amenazas" }),
    )
    .await;
    let id = closed["case"]["id"].as_str().expect("an id");
    assert!(closed["case"]["preview"].is_null() && closed["case"]["place"].is_null(), "{closed}");
    assert_eq!(code(&get(serving, &format!("/staff/v1/cases/{id}"), &eva).await), (404, "not_found"));
    for query in ["", "?search=canario", "?queue=unassigned"] {
        let found = get(serving, &format!("/staff/v1/cases{query}"), &eva).await.1;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(0), "{query}");
    }
    let store = &serving.app.service().store;
    let looks = || async {
        let filter = Filter { target: Some(("case".to_owned(), id.to_owned())), ..Filter::default() };
        let trail = store.list_audit(&filter, 100).await.expect("the trail");
        trail.iter().filter(|it| it.act.ends_with("_read")).count()
    };
    assert_eq!(looks().await, 0);
    let whole = get(serving, &format!("/staff/v1/cases/{id}"), &ana).await.1;
    assert_eq!(
        (&whole["sealed"], &whole["row"]["place"]),
        (&json!(true), &json!("Col. San Jose")),
        "{whole}"
    );
    let thread = get(serving, &format!("/staff/v1/cases/{id}/thread"), &ana).await.1;
    assert!(thread.to_string().contains("canario secreto"), "{thread}");
    assert_eq!(looks().await, 2);
    let found = get(serving, "/staff/v1/cases?search=canario", &ana).await.1;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(0), "no search finds it");
});

on_both!(what_waits_for_somebody_is_listed_until_she_looks, |serving| {
    let (ana, eva) = (worker(serving, TLAPA).await, worker(serving, TLAPA).await);
    let elsewhere = worker(serving, OTHER).await;
    let store = &serving.app.service().store;
    let name = async |who: &Person| store.find_account(who.id).await.expect("a store").expect("one").name;
    let new = opened(serving, &ana, &walk_in(TLAPA, "Sin agua")).await;
    let given = done(serving, &ana, &new["case"], "assign", json!({ "assignee": eva.id })).await;
    let waits = async |who: &Person| get(serving, "/staff/v1/notices", who).await.1;
    let list = waits(&eva).await;
    assert_eq!(list["total"], json!({ "count": 1, "more": false }), "{list}");
    let notice = &list["items"][0];
    assert_eq!((&notice["kind"], &notice["case"]["id"]), (&json!("assigned"), &new["case"]["id"]));
    assert_eq!(notice["by"]["id"], json!(ana.id));
    assert!(waits(&ana).await["items"].as_array().is_some_and(Vec::is_empty));
    // A note names who is told; somebody who may not see the case is not, nor is who writes it.
    let text =
        format!("@{} mira, @{} y @{} y @nadie", name(&eva).await, name(&elsewhere).await, name(&ana).await);
    serving.clock.advance(1);
    done(serving, &ana, &given["case"], "note", json!({ "text": text })).await;
    assert_eq!(waits(&eva).await["items"][0]["kind"], "mentioned");
    for nobody in [&elsewhere, &ana] {
        assert_eq!(waits(nobody).await["total"]["count"], 0);
    }
    let ids = json!({ "ids": [notice["id"]] });
    let seen = write(serving, Method::POST, "/staff/v1/notices/seen", &eva, &ids).await;
    assert_eq!(seen, (200, json!({ "seen": 1 })));
    assert_eq!(waits(&eva).await["total"]["count"], 1);
    let path = format!("/staff/v1/cases/{}", new["case"]["id"].as_str().expect("an id"));
    assert_eq!(get(serving, &path, &eva).await.0, 200);
    assert_eq!(waits(&eva).await["total"]["count"], 0, "she looked at it");
    let many: Vec<uuid::Uuid> = (0..201).map(uuid::Uuid::from_u128).collect();
    let many = write(serving, Method::POST, "/staff/v1/notices/seen", &eva, &json!({ "ids": many })).await;
    assert_eq!(code(&many), (422, "invalid"));
});

on_both!(whoever_looks_at_fifty_numbers_in_an_hour_raises_an_alarm, |serving| {
    let ana = worker(serving, TLAPA).await;
    let new = opened(serving, &ana, &walk_in(TLAPA, "Sin agua")).await;
    let id = new["case"]["id"].as_str().expect("an id");
    let path = format!("/staff/v1/cases/{id}");
    let whole = get(serving, &path, &ana).await.1;
    let mut case = whole["row"].clone();
    let alarms = async || {
        serving.app.watch().look().await;
        let seen = serving.app.watch().seen();
        seen.alarms.iter().filter(|it| it.code == "numbers_revealed").cloned().collect::<Vec<_>>()
    };
    for look in 1..=50 {
        assert!(alarms().await.is_empty(), "before the look {look}");
        let body = json!({ "contact": whole["people"][0]["contact"], "reason": "pide que le llamen" });
        let (status, told) = act(serving, &ana, &case, "reveal", body).await;
        assert_eq!((status, &told["in_hour"]), (200, &json!(look)), "{told}");
        case = get(serving, &path, &ana).await.1["row"].clone();
    }
    let standing = alarms().await;
    assert_eq!(standing.iter().map(|it| it.about.clone()).collect::<Vec<_>>(), [ana.id.to_string()]);
    serving.clock.advance(3_600_001);
    assert!(alarms().await.is_empty(), "the hour is over");
});

on_both!(numbers_are_masked_until_somebody_says_why, |serving| {
    let ana = worker(serving, TLAPA).await;
    let new = opened(serving, &ana, &walk_in(TLAPA, "Sin agua")).await;
    let id = new["case"]["id"].as_str().expect("an id");
    let whole = get(serving, &format!("/staff/v1/cases/{id}"), &ana).await.1;
    assert_eq!(whole["people"][0]["shown"], "+***-**-78", "{whole}");
    assert!(!whole.to_string().contains("5512345678"));
    let contact = whole["people"][0]["contact"].clone();
    let row = &whole["row"];
    let silent = act(serving, &ana, row, "reveal", json!({ "contact": contact, "reason": " " })).await;
    assert_eq!(code(&silent), (422, "invalid"));
    let told =
        act(serving, &ana, row, "reveal", json!({ "contact": contact, "reason": "pide que le llamen" }))
            .await;
    assert_eq!(
        (told.0, &told.1["address"], &told.1["in_hour"]),
        (200, &json!(PHONE), &json!(1)),
        "{}",
        told.1
    );
    let mut hidden = walk_in(TLAPA, "Sin agua otra vez");
    hidden["anonymity"] = json!("hidden_from_all");
    let hidden = opened(serving, &ana, &hidden).await;
    let id = hidden["case"]["id"].as_str().expect("an id");
    let whole = get(serving, &format!("/staff/v1/cases/{id}"), &ana).await.1;
    let alias = format!("{}-1", hidden["case"]["folio"].as_str().expect("a folio"));
    assert_eq!(whole["people"][0]["shown"], json!(alias));
    let body = json!({ "contact": whole["people"][0]["contact"], "reason": "por favor" });
    assert_eq!(code(&act(serving, &ana, &whole["row"], "reveal", body).await), (403, "not_allowed"));
});

on_both!(hostile_text_comes_back_as_data, |serving| {
    let ana = worker(serving, TLAPA).await;
    for text in [
        "=HYPERLINK(\"http://x\")",
        "<script>alert(1)</script>",
        "'; DROP TABLE cases; --",
        "\u{202e}abc",
        "🙂",
    ] {
        let new = opened(serving, &ana, &walk_in(TLAPA, text)).await;
        let id = new["case"]["id"].as_str().expect("an id");
        let thread = get(serving, &format!("/staff/v1/cases/{id}/thread"), &ana).await.1;
        assert_eq!(thread["items"][0]["text"], json!(text), "{thread}");
        let url = format!("/staff/v1/cases?search={}", "%27%22%20OR%20*%20NEAR(");
        assert_eq!(get(serving, &url, &ana).await.0, 200);
    }
    for (path, status) in [
        ("/staff/v1/cases?after=x", 400),
        ("/staff/v1/cases?after=00000000-0000-0000-0000-000000000001", 400),
        ("/staff/v1/cases?state=nowhere", 400),
        ("/staff/v1/cases?limit=0", 400),
        ("/staff/v1/cases?unknown=1", 400),
        ("/staff/v1/cases?queue=due&sort=due&after=1.x", 400),
        ("/staff/v1/reports/day?date=2026-13-01", 400),
        ("/staff/v1/reports/day?format=xml", 400),
    ] {
        assert_eq!(get(serving, path, &ana).await.0, status, "{path}");
    }
});

on_both!(what_a_municipality_sets_up_holds_at_once, |serving| {
    let editor = person(serving, &[("editor", &format!("municipality:{TLAPA}"))]).await;
    let offices = format!("/staff/v1/municipalities/{TLAPA}/offices");
    let before = get(serving, &offices, &editor).await.1;
    let water =
        before["items"].as_array().expect("offices").iter().find(|it| it["code"] == "water").expect("one");
    assert_eq!(water["version"], 0);
    let new = json!({ "version": 0, "name": { "es-MX": "CAPAT" }, "phone": "7570000000", "level": "municipal",
        "hours": ["mon-fri 08:00-14:00 16:00-18:00"] });
    let path = format!("{offices}/water");
    let put = write(serving, Method::PUT, &path, &editor, &new).await;
    assert_eq!((put.0, &put.1["version"]), (200, &json!(1)), "{}", put.1);
    let late = write(serving, Method::PUT, &path, &editor, &new).await;
    assert_eq!((code(&late), &late.1["current"]["version"]), ((409, "version_conflict"), &json!(1)));
    let wrong = json!({ "version": 1, "name": { "es-MX": "X" }, "level": "municipal", "hours": ["lunes"] });
    assert_eq!(code(&write(serving, Method::PUT, &path, &editor, &wrong).await), (422, "invalid"));

    let ana = worker(serving, TLAPA).await;
    let canned = json!({ "version": 0, "municipality": TLAPA, "letter": "a", "title": "Acuse",
        "texts": { "es-MX": "Su reporte {folio} va a {office}, tel {phone}." } });
    let added = write(serving, Method::POST, "/staff/v1/canned-replies", &editor, &canned).await;
    assert_eq!(added.0, 201, "{}", added.1);
    assert_eq!(added.1["placeholders"], json!(["folio", "office", "phone"]));
    let mut slip = canned.clone();
    slip["letter"] = json!("b");
    slip["texts"]["es-MX"] = json!("Hola {nombre}");
    assert_eq!(
        code(&write(serving, Method::POST, "/staff/v1/canned-replies", &editor, &slip).await),
        (422, "invalid")
    );
    let case = opened(serving, &ana, &walk_in(TLAPA, "Sin agua")).await["case"].clone();
    let ask = json!({ "text": canned["texts"]["es-MX"], "case": case["id"] });
    let preview = send(call(serving, Method::POST, "/staff/v1/preview", Some(&ana.token)).json(&ask)).await.1;
    let shown = preview["channels"][0]["text"].as_str().expect("a text");
    assert!(shown.contains("CAPAT, tel 7570000000."), "{preview}");
    assert_eq!(
        (&preview["channels"][0]["encoding"], &preview["channels"][0]["segments"]),
        (&json!("gsm7"), &json!(1))
    );
    let drafts = format!("/staff/v1/cases/{}/drafts/reply", case["id"].as_str().expect("an id"));
    let put = call(serving, Method::PUT, &drafts, Some(&ana.token)).json(&json!({ "text": "borrador" }));
    assert_eq!(send(put).await.1["items"][0]["text"], "borrador");
    let view = json!({ "version": 0, "name": "abiertos", "filter": "state=open" });
    let saved = write(serving, Method::POST, "/staff/v1/views", &ana, &view).await;
    assert_eq!(saved.0, 201, "{}", saved.1);
    let counts = get(serving, "/staff/v1/queues", &ana).await.1;
    assert_eq!(counts["views"][0]["count"], json!({ "count": 1, "more": false }), "{counts}");
});

on_both!(a_view_is_narrowed_by_what_else_is_asked_for, |serving| {
    let ana = worker(serving, TLAPA).await;
    let mut cases = Vec::new();
    for (text, label) in [
        ("Fuga en la calle Hidalgo", Some("pozo")),
        ("Fuga junto a la escuela", Some("pozo")),
        ("Sin agua en la escuela", None),
        ("Fuga en el mercado", Some("pozo")),
    ] {
        let case = opened(serving, &ana, &walk_in(TLAPA, text)).await["case"].clone();
        let case = match label {
            Some(label) => done(serving, &ana, &case, "labels", json!({ "add": [label], "remove": [] }))
                .await["case"]
                .clone(),
            None => case,
        };
        cases.push(case);
    }
    done(serving, &ana, &cases[1], "labels", json!({ "add": ["urgente"], "remove": [] })).await;
    done(serving, &ana, &cases[3], "assign", json!({ "assignee": ana.id })).await;
    let save = async |name: &str, filter: &str| {
        let view = json!({ "version": 0, "name": name, "filter": filter });
        let saved = write(serving, Method::POST, "/staff/v1/views", &ana, &view).await;
        assert_eq!(saved.0, 201, "{}", saved.1);
        saved.1["id"].as_str().expect("an id").to_owned()
    };
    let find = async |view: &str, further: &str| {
        let (status, found) = get(serving, &format!("/staff/v1/cases?view={view}{further}"), &ana).await;
        assert_eq!(status, 200, "{further}: {found}");
        let rows = found["items"].as_array().expect("a list");
        assert_eq!(found["total"]["count"], json!(rows.len()), "{further}: {found}");
        let number = |it: &Value| cases.iter().position(|case| case["id"] == it["id"]).expect("a case");
        rows.iter().map(number).collect::<Vec<_>>()
    };
    let view = save("fugas", "label=pozo&state=received,assigned&municipality=12066").await;
    assert_eq!(find(&view, "").await, [3, 1, 0]);
    for (further, wanted) in [
        ("&search=escuela", &[1][..]),
        ("&search=fuga&state=received", &[1, 0]),
        ("&state=assigned,resolved", &[3]),
        ("&state=resolved", &[]),
        ("&label=urgente", &[1]),
        ("&label=bache", &[]),
        ("&assignee=me", &[3]),
        ("&municipality=12066", &[3, 1, 0]),
        ("&municipality=20570", &[]),
        ("&category=lighting", &[]),
        ("&priority=urgent", &[]),
        ("&until=1", &[]),
    ] {
        assert_eq!(find(&view, further).await, wanted, "{further}");
    }
    let folio = cases[1]["folio"].as_str().expect("a folio");
    let words = save("escuela", "search=escuela").await;
    assert_eq!(find(&words, "&search=fuga").await, [1]);
    assert_eq!(find(&words, &format!("&search={folio}")).await, [1]);
    let other = cases[0]["folio"].as_str().expect("a folio");
    assert_eq!(find(&words, &format!("&search={other}")).await, [0_usize; 0]);
    // Page by page it is narrowed as well.
    let first = get(serving, &format!("/staff/v1/cases?view={view}&search=fuga&limit=2"), &ana).await.1;
    let next = first["next"].as_str().expect("more");
    assert_eq!(first["total"]["count"], json!(3));
    let rest =
        get(serving, &format!("/staff/v1/cases?view={view}&search=fuga&limit=2&after={next}"), &ana).await.1;
    assert_eq!(rest["items"][0]["id"], cases[0]["id"], "{rest}");
    // What does not go together is refused.
    let queue = save("cola", "queue=unassigned").await;
    assert_eq!(find(&queue, "").await, [2, 1, 0]);
    assert_eq!(find(&queue, "&queue=unassigned").await, [2, 1, 0]);
    for further in ["&queue=mine", "&search=fuga"] {
        let refused = get(serving, &format!("/staff/v1/cases?view={queue}{further}"), &ana).await;
        assert_eq!(code(&refused), (400, "invalid_parameter"), "{further}: {}", refused.1);
        assert_eq!(refused.1["field"], "queue", "{}", refused.1);
    }
});
