//! What the hostile service says of demands, leaders, promises and groups of like cases.

use serde_json::{Value, json};

use super::hostile_service::{AT, id, person, row};

/// A demand in a state.
fn demand(number: u128, state: &str) -> Value {
    json!({
        "id": id(number), "code": "", "state": state, "mark": "", "version": 3, "municipality": "#12066",
        "municipality_name": "", "topic": "#agua", "office": "#agua", "office_name": "", "text": "", "by_leader": true,
        "support": { "total": 41, "phone": 40, "verified": 1, "paper": 30, "flagged": 12, "new_senders": 12 },
        "threshold": 214, "missing": 173, "created_at": AT, "updated_at": AT, "collect_until": AT, "answer_due": AT,
        "silent_at": AT, "reason": "",
    })
}

fn promise() -> Value {
    let step = |state: &str| json!({ "title": "", "due_on": "", "state": state });
    json!({
        "id": id(3_401), "demand": id(3_101), "municipality": "#12066", "municipality_name": "",
        "promise": { "title": "", "owner": "", "due_on": "", "state": "#in_progress", "percent": 40,
            "milestones": [step("#finished"), step("")] },
        "votes": { "yes": 12, "no": 3, "half": 4 }, "version": 2, "created_at": AT, "updated_at": AT,
    })
}

fn message(number: u128, state: &str) -> Value {
    json!({ "id": id(number), "demand": id(3_101), "municipality": "#12066", "text": "", "state": state, "reason": "",
        "version": 1, "written_at": AT })
}

fn whole() -> Value {
    let change = |kind: &str, by: &str| {
        json!({ "version": 1, "kind": kind, "at": AT, "by": by, "author": person(2_000), "was": "", "became": "",
            "detail": "" })
    };
    let acta = |number: u128| {
        json!({ "id": id(number), "folio": "", "heads": 30, "held_on": "", "place": "", "picture": true, "called": 5,
            "confirmed": 4, "by": person(2_000), "entered_at": AT })
    };
    json!({
        "row": demand(3_101, "#collecting"),
        "author": { "contact": id(9), "shown": "", "channel": "", "reachable": true, "verified": true,
            "leadership": "#verified" },
        "flags": { "velocity": 12, "range": 12, "new_senders": 4 },
        "answer": { "verdict": "#partly", "reason": "", "cost": 1_200_000_000, "due_on": "", "by": person(2_000),
            "at": AT },
        "commitment": promise(),
        "days": [{ "date": "", "signed": 3, "taken_back": 1 }, { "date": "", "signed": 9, "taken_back": 0 }],
        "regions": { "items": [{ "municipality": "#12066", "municipality_name": "", "at_least": 15 }], "others": true },
        "cases": [row(1), row(2)], "linked": 2,
        "changes": [change("#demand_published", "#staff"), change("", "")],
        "actas": [acta(3_601), acta(3_602)],
        "pictures": [{ "id": id(3_701), "at": AT }],
        "messages": [message(3_301, "#waiting")],
        "merges": [{ "id": id(3_801), "child": id(3_199), "parent": id(3_101), "state": "#undone", "reason": "",
            "asked_at": AT, "until_at": AT }],
        "endorsements": ["", ""],
        "notices": [{ "kind": "#published", "sent": 3 }, { "kind": "", "sent": 1 }],
    })
}

fn leader(number: u128) -> Value {
    json!({ "id": id(number), "contact": id(9), "municipality": "#12066", "municipality_name": "", "state": "#asked",
        "words": "", "reason": "", "version": 1, "asked_at": AT })
}

/// Status and document of a call about demands; `None`: it is about something else.
pub fn answer(method: &str, parts: &[&str]) -> Option<(u16, Value)> {
    let list = |items: Vec<Value>| json!({ "items": items });
    let likeness =
        || json!({ "score": 0.9, "text": 0.8, "category": 1.0, "place": 0.7, "metres": 40.0, "time": 1.0 });
    let done = match (method, parts) {
        ("get", ["demands"]) => {
            let rows = [
                demand(3_101, "#collecting"),
                demand(3_102, "#with_authority"),
                demand(3_103, "#moderation"),
            ];
            json!({ "items": rows, "total": 3 })
        }
        ("get", ["demand-counts"]) => {
            json!({ "queues": [{ "queue": "#collecting", "count": 3 }, { "queue": "", "count": 1 }] })
        }
        ("get", ["demands", _]) => whole(),
        ("get", ["cases", _, "demands"]) => list(vec![demand(3_101, "#collecting")]),
        ("get", ["author-messages"]) => list(vec![message(3_301, "#waiting"), message(3_302, "#waiting")]),
        ("get", ["leaders"]) => list(vec![leader(3_201), leader(3_202)]),
        ("post", ["leaders", _, "reveal"]) => json!({ "address": "", "in_hour": 1 }),
        ("get", ["commitments"]) => list(vec![promise(), promise()]),
        ("get", ["demand-offices"]) => {
            list(vec![json!({ "office": "", "office_name": "", "answered": 4, "in_time": 3, "silent": 1 })])
        }
        ("post", ["demands", _, "answer", "preview"]) => json!({
            "channels": [{ "channel": "", "kind": "#sms", "text": "", "encoding": "#ucs2", "units": 3, "left": 67,
                "segments": 1, "first_offending": "", "recipients": 0, "price": 350 }],
            "people": 230, "price": 80_500,
        }),
        ("get", ["cases", _, "similar"]) => {
            list(vec![json!({ "case": row(2), "likeness": likeness(), "likely": true })])
        }
        ("get", ["clusters"]) => {
            list(vec![json!({ "municipality": "#12066", "category": "#water", "topic": "#agua",
            "joined": 4, "likeness": likeness(), "cases": [row(1), row(2)] })])
        }
        // Somebody else was first.
        ("post", ["demands", _, "publish"]) => {
            let mut current = demand(3_103, "#rejected");
            current["version"] = json!(4);
            let problem = json!({ "type": "", "title": "", "status": 409, "code": "#version_conflict", "detail": "",
                "current": current });
            return Some((409, problem));
        }
        // A rule with a name that nobody knows.
        ("post", ["demands", _, "merge" | "endorse" | "call-acta"]) => {
            let problem =
                json!({ "type": "", "title": "", "status": 409, "code": "#state_conflict", "detail": "" });
            return Some((409, problem));
        }
        _ => return None,
    };
    Some((200, done))
}
