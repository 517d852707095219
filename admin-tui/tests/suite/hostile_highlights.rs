//! What the hostile service says of cards, broadcasts and charts.

use serde_json::{Value, json};

use super::hostile_service::{AT, id, person};

fn sign() -> Value {
    json!({ "by": person(2_000), "at": AT })
}

fn card(number: u128, state: &str) -> Value {
    json!({
        "id": id(number), "code": 12, "state": state, "version": 2, "municipality": "#12066", "municipality_name": "",
        "theme": "#housing", "topic": "#casa", "title": "", "created_at": AT, "updated_at": AT, "published_at": AT,
    })
}

fn indicator() -> Value {
    json!({ "series": "#CASA", "label": "", "unit": "", "lower_is_better": true, "before_year": 2010, "before": "",
        "after_year": 2020, "after": "", "source": "" })
}

fn whole_card() -> Value {
    let channel = |kind: &str, encoding: &str| {
        json!({ "channel": "", "kind": kind, "text": "", "encoding": encoding, "units": 143, "left": 17, "segments": 1,
            "first_offending": "", "recipients": 0, "price": 350 })
    };
    json!({
        "row": card(4_101, "#in_review"), "indicator": indicator(),
        "text": { "theme": "#housing", "title": "", "done": "", "cost": "", "contact": "", "learned": "",
            "evidence": ["", ""], "sdg": 11 },
        "editable": true, "approvable": true, "hash": "", "author": sign(), "editors": [sign()], "approvals": [sign()],
        "findings": [{ "field": "=done", "kind": "#phone", "start": 0, "end": 12 },
            { "field": "", "kind": "", "start": 9_999, "end": 2 }],
        "reason": "",
        "previews": [{ "language": "", "channels": [channel("#sms", "#gsm7"), channel("#telegram", "#utf8"),
            channel("", "")] }],
        "feedback": { "yes": 40 },
        "adoptions": [{ "municipality": "#12041", "municipality_name": "", "learned_from": "#12066",
            "learned_from_name": "", "adopted_on": "", "reported": sign() }],
    })
}

fn broadcast(number: u128, state: &str) -> Value {
    json!({
        "id": id(number), "title": "", "state": state, "version": 4, "author": person(2_000), "correction_of": id(9),
        "send_at": AT, "approvals": 1, "approvals_needed": 2, "people": { "count": 240, "exact": false, "few": false },
        "created_at": AT, "updated_at": AT,
    })
}

fn whole_broadcast() -> Value {
    let preview = |kind: &str| {
        json!({ "language": "", "channel": "", "kind": kind, "text": "", "encoding": "#ucs2", "units": 70, "bytes": 140,
            "left": 0, "segments": 1, "first_offending": "", "price": 350 })
    };
    let mut row = broadcast(4_201, "#submitted");
    row["correction_of"] = Value::Null;
    json!({
        "row": row,
        "draft": { "title": "", "texts": [{ "language": "", "text": "" }],
            "audience": { "places": ["", ""], "peers_of": "", "topic": "", "language": "" }, "channels": ["", ""],
            "send_at": AT, "tags": ["#health", ""] },
        "hash": "", "editors": [person(2_001)], "approvals": [{ "by": person(2_002), "at": AT }], "type_people": true,
        "municipalities": ["#12066"], "previews": [preview("#sms"), preview("")], "price": 84_000, "quiet": [21, 8],
        "warnings": ["#ucs2", ""], "reason": "", "begins_at": AT,
        "progress": { "people": 240, "waiting": 200, "queued": 20, "sent": 15, "failed": 0, "passed_over": 5,
            "cancelled": 0 },
    })
}

/// Status and document of a call about them; `None`: it is about something else.
pub fn answer(method: &str, parts: &[&str]) -> Option<(u16, Value)> {
    let list = |items: Vec<Value>| json!({ "items": items });
    let done = match (method, parts) {
        ("get", ["highlights"]) => list(vec![card(4_101, "#in_review"), card(4_102, "")]),
        ("get", ["highlights", _]) => whole_card(),
        ("get", ["highlights", _, "audience"]) => {
            let place = json!({ "municipality": "#12041", "municipality_name": "", "state_name": "" });
            json!({ "rule": "", "municipalities": [place], "subscribers": "" })
        }
        ("get", ["highlight-candidates"]) => json!({ "rule": "", "items": [{
            "municipality": "#12066", "municipality_name": "", "topic": "#casa", "indicator": indicator(),
            "group_change": "", "rank": 2, "size": 14,
        }] }),
        ("get", ["broadcasts"]) => list(vec![broadcast(4_201, "#submitted"), broadcast(4_202, "")]),
        ("get", ["broadcasts", _]) => whole_broadcast(),
        ("get", ["reports", "cases"]) => {
            let point = |key: &str| json!({ "key": key, "people": 60, "kept_percent": 88, "disputed": 15 });
            json!({ "municipality": "#12066", "name": "", "from": "", "group": "", "days": 30, "people": 90,
                "points": [point("#water"), point("")], "others": true })
        }
        ("post", ["highlights", "check"]) => json!({
            "indicator": indicator(), "findings": [{ "field": "=done", "kind": "", "start": 0, "end": 12 }],
            "previews": [], "fits": true,
        }),
        // A rule with a name that nobody knows.
        ("post", ["highlights" | "broadcasts", ..]) => {
            let problem =
                json!({ "type": "", "title": "", "status": 409, "code": "#state_conflict", "detail": "" });
            return Some((409, problem));
        }
        _ => return None,
    };
    Some((200, done))
}
