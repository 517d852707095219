//! Demands of a test, over the staff API: citizens who write and sign them, staff who act on them.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use cabildo_bot::domain::demand::Code;
use cabildo_bot::domain::time::{HOUR, UnixMillis};
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::store::demands::{Change, NewDemand};
use cabildo_bot::store::inbox::{self, NewInbound, Outcome};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::serving::{PATIENCE, Serving};
use crate::staff::{Person, get, person, write};
use crate::stores::inbound;

/// The municipality of most demands.
pub const TLAPA: &str = "12066";
/// Another one.
pub const OTHER: &str = "20570";

/// Settings with a channel that can send.
pub const SMS: &str = r#"
[channels.kannel]
type = "kannel"
key = "0123456789abcdef0123456789abcdef"
sendsms_url = "http://127.0.0.1:9/cgi-bin/sendsms"
username = "cabildo"
password = "a-long-enough-password"
from = "5550"
"#;

/// Makes a test of a case for each engine, with a channel that can send.
#[macro_export]
macro_rules! demands_on_both {
    ($name:ident, |$serving:ident| $case:block) => {
        mod $name {
            use super::*;

            async fn case($serving: &$crate::serving::Serving) {
                $case
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let serving = $crate::serving::Serving::start($crate::demands::SMS).await;
                case(&serving).await;
                serving.app.shutdown().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(database) = $crate::postgres::database().await else { return };
                let url = &database.url;
                let settings = format!("{}\n[database]\nurl = \"{url}\"\n", $crate::demands::SMS);
                let serving = $crate::serving::Serving::start(&settings).await;
                case(&serving).await;
                serving.app.shutdown().await;
                database.drop().await;
            }
        }
    };
}

/// A number that stands in no row with another one.
pub fn phone(number: u64) -> String {
    format!("+52757{:07}", 1_000_000 + number * 1_000)
}

/// What a message of a phone changes; gives the message's id and the contact.
pub async fn says(serving: &Serving, address: &str, change: Change) -> (Uuid, Uuid) {
    says_at(serving, address, change, serving.clock.now()).await
}

/// The same, at an instant.
pub async fn says_at(serving: &Serving, address: &str, change: Change, now: UnixMillis) -> (Uuid, Uuid) {
    let store = &serving.app.service().store;
    let found = store.find_contact("kannel", address).await.expect("a store");
    let version = match found {
        Some(contact) => store.find_conversation(contact).await.expect("a conversation").version,
        None => 0,
    };
    let outcome = Outcome {
        state: serde_json::to_string(&Conversation::default()).expect("JSON"),
        version,
        changes: vec![inbox::Change::Demand(Box::new(change))],
        replies: Vec::new(),
        counters: None,
        folded_into: None,
        at: now,
    };
    let fresh = || Uuid::from_bytes(cabildo_bot::ids::random_bytes().expect("random bytes"));
    let id = fresh();
    let message = NewInbound { received_at: now, ..inbound(address, &id.to_string(), "x") };
    store.answer_inbound(message, id, found.unwrap_or_else(fresh), outcome).await.expect("written");
    (id, store.find_contact("kannel", address).await.expect("a store").expect("a contact"))
}

/// A demand that two others confirmed: it waits for a moderator. The author is `phone(code * 10)`.
pub async fn written(serving: &Serving, place: &str, code: u16, threshold: u64, text: &str) -> Uuid {
    let id = cabildo_bot::ids::new_id(serving.clock.now());
    let new = NewDemand {
        id,
        code: Code::new(code).expect("a code"),
        municipality: place.to_owned(),
        topic: "agua".to_owned(),
        office: None,
        text: text.to_owned(),
        threshold,
    };
    let number = u64::from(code) * 10;
    says(serving, &phone(number), Change::Opened(Box::new(new), None)).await;
    for other in 1..=2 {
        let home = Some(place.to_owned());
        says(serving, &phone(number + other), Change::Confirmed { demand_id: id, home }).await;
    }
    id
}

/// A phone supports a demand.
pub async fn signs(serving: &Serving, address: &str, demand_id: Uuid) {
    let home = Some(TLAPA.to_owned());
    says(serving, address, Change::Signed { demand_id, home, for_code: None }).await;
}

/// Totals are told as they are now: as if nobody had signed for hours.
pub async fn told(serving: &Serving) {
    static HOURS: AtomicI64 = AtomicI64::new(0);
    let hours = HOURS.fetch_add(2, Ordering::Relaxed) + 2;
    let at = serving.clock.now().plus(hours * HOUR);
    serving.app.service().store.tell_demand_totals(at, 500).await.expect("told");
}

/// A demand as somebody reads it.
pub async fn read(serving: &Serving, who: &Person, id: Uuid) -> Value {
    let (status, demand) = get(serving, &format!("/staff/v1/demands/{id}"), who).await;
    assert_eq!(status, 200, "{demand}");
    demand
}

/// An act on a demand as it is now, unless the body names a version.
pub async fn act(serving: &Serving, who: &Person, id: Uuid, name: &str, mut body: Value) -> (u16, Value) {
    if body.get("version").is_none() {
        let demand = serving.app.service().store.get_demand(id).await.expect("a demand");
        body["version"] = json!(demand.version);
    }
    write(serving, Method::POST, &format!("/staff/v1/demands/{id}/{name}"), who, &body).await
}

/// An act that must succeed; gives the state that it led to.
pub async fn done(serving: &Serving, who: &Person, id: Uuid, name: &str, body: Value) -> String {
    let (status, answer) = act(serving, who, id, name, body).await;
    assert_eq!(status, 200, "{name}: {answer}");
    assert_eq!(answer["id"], json!(id));
    answer["state"].as_str().expect("a state").to_owned()
}

/// Status and code of a problem.
pub fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

/// The code of a rule that refused an act.
pub fn refusal(answer: &(u16, Value)) -> &str {
    assert_eq!(code(answer), (409, "state_conflict"), "{}", answer.1);
    answer.1["detail"].as_str().unwrap_or_default()
}

/// Somebody who may do everything with the demands of a municipality.
pub async fn both(serving: &Serving, place: &str) -> Person {
    let place = format!("municipality:{place}");
    person(serving, &[("caseworker", &place), ("moderator", &place)]).await
}

/// How many stand in a queue, which its list says, too.
pub async fn count(serving: &Serving, who: &Person, queue: &str) -> u64 {
    let (_, counts) = get(serving, "/staff/v1/demand-counts", who).await;
    let queues = counts["queues"].as_array().expect("queues");
    let found = queues.iter().find(|it| it["queue"] == queue).unwrap_or_else(|| panic!("{queue}: {counts}"));
    let (_, list) = get(serving, &format!("/staff/v1/demands?queue={queue}"), who).await;
    assert_eq!(list["total"], found["count"], "{queue}");
    assert_eq!(list["items"].as_array().map(|it| it.len() as u64), found["count"].as_u64(), "{queue}");
    found["count"].as_u64().expect("a number")
}

/// A public demand that three people stand behind.
pub async fn public(serving: &Serving, who: &Person, number: u16, threshold: u64) -> Uuid {
    let id = written(serving, TLAPA, number, threshold, &format!("Pozo para la colonia {number}")).await;
    done(serving, who, id, "publish", json!({})).await;
    id
}

/// A promise.
pub fn promise(state: &str, percent: u8) -> Value {
    json!({ "title": "Pozo nuevo", "owner": "Agua potable", "due_on": "2027-06-30", "state": state,
        "percent": percent, "milestones": [{ "title": "Proyecto", "due_on": "2027-01-31", "state": state }] })
}

/// A field of each of a list.
pub fn fields(kinds: &Value, field: &str) -> Vec<String> {
    let all = kinds.as_array().expect("a list").iter();
    all.map(|it| it[field].as_str().expect("a text").to_owned()).collect()
}

/// A complaint at the desk.
pub fn walk_in(place: &str, number: u64, anonymity: &str) -> Value {
    json!({ "municipality": place, "kind": "complaint", "category": "water", "text": "No hay agua en la colonia",
        "place": "Col. San Jose", "phone": phone(number), "anonymity": anonymity, "consent": true })
}

/// Opens a case; gives its id.
pub async fn complains(serving: &Serving, who: &Person, new: Value) -> Value {
    let (status, made) = write(serving, Method::POST, "/staff/v1/cases", who, &new).await;
    assert_eq!(status, 201, "{made}");
    made["case"]["id"].clone()
}

/// Waits until a demand is as it should be.
///
/// # Panics
/// It is not so in time.
pub async fn until(
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
