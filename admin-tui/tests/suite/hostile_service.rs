//! A service over HTTP on a port of its own that gives hostile text in every field.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{hostile_demands, hostile_highlights};

/// What every hostile text begins with, so that it can be seen that it arrived; its last letter is the same with a mark.
pub const MARK: &str = "HOSTIX";
/// The instant of everything, Unix ms.
pub const AT: i64 = 1_794_992_760_000;
/// Letters of the longest message.
const LONG: usize = 1_000_000;

/// What people send to break things.
pub fn texts() -> Vec<String> {
    [
        "\u{1b}]52;c;aGFjaw==\u{7}\u{1b}[3J\u{1b}[2J\u{1b}[5;41m\u{1b}]0;pwn\u{7}",
        "\u{9b}5m\u{9d}0;pwn\u{9c}\u{90}q\u{9c}\u{85}\u{2028}fin",
        "\u{202e}txet\u{202c}\u{2066}x\u{2069}\u{61c}\u{200f}",
        "\u{e0041}\u{e007f}a\u{200b}b\u{200d}c\u{feff}d\u{2060}",
        "\u{1b}P+q544e\u{1b}\\\u{1b}_x\u{1b}\\\u{1b}c\u{e}\u{8}\u{7f}\0\r\nsegunda",
        "\u{1b}[999;999H\u{1b}[?1049l\u{1b}[?2004l\u{1b}[6n\u{1b}#8",
    ]
    .iter()
    .map(|it| format!("{MARK}{it}"))
    .chain([format!("{MARK}{}", "\u{301}\u{489}".repeat(200))])
    .collect()
}

/// Which fields are hostile. In the documents below `=` stands before what the console could not work without, and
/// `#` before a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// The texts: the codes are those of the service.
    Texts,
    /// Texts and codes.
    Everywhere,
}

/// Starts it; gives its address. It ends with the process.
pub fn start(hostile: Where) -> String {
    Service::start(hostile).url
}

/// One that can be gone before the process ends.
pub struct Service {
    pub url: String,
    address: SocketAddr,
    gone: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Service {
    pub fn start(hostile: Where) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (gone, open) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let service = Self {
            url: format!("http://{address}"),
            address,
            gone: Arc::clone(&gone),
            open: Arc::clone(&open),
        };
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                if gone.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                open.lock().expect("the streams").extend(stream.try_clone());
                std::thread::spawn(move || serve(stream, hostile, number));
            }
        });
        service
    }

    /// From now on nobody is there; what was open is cut.
    pub fn stop(&self) {
        self.gone.store(true, Ordering::SeqCst);
        // It looks when somebody comes.
        drop(TcpStream::connect(self.address));
        for stream in self.open.lock().expect("the streams").drain(..) {
            // One that has ended already is what is wanted.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// One call on one connection; a console that left meanwhile is nobody's failure.
fn serve(mut stream: TcpStream, hostile: Where, number: usize) {
    let Some((method, path)) = request(&mut stream) else { return };
    let mut turn = number;
    if path == "events" {
        let mut event = json!({ "seq": 1, "kind": "#case_opened", "case_id": id(1), "municipality": "#12066",
            "created_at": AT });
        poison(&mut event, hostile, &mut turn);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
        let _ = write!(stream, "{head}id: 1\ndata: {event}\n\n");
        // It stays open until the console closes it.
        let _ = stream.read(&mut [0; 1]);
        return;
    }
    let (status, mut body) = answer(&method, &path);
    poison(&mut body, hostile, &mut turn);
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

/// Method and path behind `/staff/v1/`, without the query; the body is read and dropped.
fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut read = Vec::new();
    let mut piece = [0; 4_096];
    let end = loop {
        if let Some(at) = read.windows(4).position(|it| it == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut piece) {
            Ok(count @ 1..) => read.extend(&piece[..count]),
            _ => return None,
        }
    };
    let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
    let length = head.split("content-length:").nth(1).and_then(|it| it.split("\r\n").next());
    let mut left = length.and_then(|it| it.trim().parse::<usize>().ok()).unwrap_or_default();
    left = left.saturating_sub(read.len() - end);
    while left > 0 {
        match stream.read(&mut piece) {
            Ok(count @ 1..) => left = left.saturating_sub(count),
            _ => return None,
        }
    }
    let mut words = head.split(' ');
    let method = words.next()?.to_owned();
    let path = words.next()?.split('?').next()?.strip_prefix("/staff/v1/")?.to_owned();
    Some((method, path))
}

/// Puts hostile text in the place of every text that has no sign before it.
fn poison(value: &mut Value, hostile: Where, turn: &mut usize) {
    match value {
        Value::String(text) => {
            if let Some(kept) = text.strip_prefix('=') {
                *text = kept.to_owned();
            } else if let Some(code) = text.strip_prefix('#').filter(|_| hostile == Where::Texts) {
                *text = code.to_owned();
            } else if text == "long" {
                *text = format!("{}{}", texts()[0], "ñ".repeat(LONG));
            } else {
                let all = texts();
                text.clone_from(&all[*turn % all.len()]);
                *turn += 1;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| poison(it, hostile, turn)),
        Value::Object(fields) => fields.values_mut().for_each(|it| poison(it, hostile, turn)),
        _ => {}
    }
}

pub fn id(number: u128) -> String {
    format!("={}", uuid::Uuid::from_u128(number))
}

pub fn person(number: u128) -> Value {
    json!({ "id": id(number), "name": "" })
}

pub fn row(number: u128) -> Value {
    json!({
        "id": id(number), "folio": "", "kind": "#complaint", "state": "#received", "mark": "", "version": 1,
        "municipality": "#12066", "municipality_name": "", "category": "#water", "office": "#agua",
        "place": "", "preview": "", "priority": "#normal", "confidentiality": "#open",
        "assignee": person(2_000), "opened_at": AT, "updated_at": AT, "due_at": AT, "joined": 2, "disputes": 0,
    })
}

fn case() -> Value {
    json!({
        "row": row(1), "topic": "", "labels": ["", ""], "scheduled_for": "",
        "referral": { "office": "#cfe", "name": "", "phone": "" }, "rating": 3, "anonymity": "#hidden_from_public",
        "answers": [{ "question": "", "answer": "" }],
        "people": [{ "contact": id(9), "role": "#opener", "channel": "", "shown": "", "locale": "=es-MX", "reachable": true }],
        "clocks": { "first_answer_due": AT, "solution_due": AT },
        "writers": [{ "person": person(2_000), "wrote_at": AT }],
        "next_states": ["#in_progress", "#resolved", ""],
    })
}

fn thread() -> Value {
    let entry = |number: u128, from: &str, text: &str| {
        json!({
            "id": id(number), "from": from, "author": person(2_000), "text": text, "at": AT,
            "media": [{ "id": id(700), "kind": "#photo", "state": "#kept", "mime": "", "size": 2_048 }],
            "send": { "id": id(701), "state": "#delivered", "until_at": AT },
        })
    };
    let mut items = vec![entry(1, "#citizen", "")];
    items.extend((2..9).map(|it| entry(it, "#bot", "")));
    items.extend([
        entry(10, "#staff", ""),
        entry(11, "#note", ""),
        entry(12, "", ""),
        entry(13, "#citizen", "long"),
    ]);
    json!({ "items": items })
}

fn user() -> Value {
    json!({
        "id": id(1_000), "name": "", "shown_name": "", "state": "=active", "office": "#agua",
        "roles": [{ "role": "=caseworker", "scope": "" }], "grants": ["#restricted", ""],
        "second_factor": true, "signed_in_at": AT, "created_at": AT, "version": 1,
    })
}

fn me() -> Value {
    let acts =
        ["read_cases", "work_cases", "read_events", "read_desk", "moderate", "read_unknown", "read_health"];
    let acts = acts.iter().chain(&["read_audit", "verify_audit", "read_accounts"]);
    let demands = ["read_demands", "work_demands", "moderate_demands", "answer_demands", "verify_people"];
    let acts = acts.chain(&demands).chain(&["write", "approve", "read_reports"]);
    let mut acts: Vec<String> = acts.map(|it| format!("={it}")).collect();
    acts.push(String::new());
    let session = json!({ "id": id(5), "user_id": id(1_000), "created_at": AT, "seen_at": AT, "expires_at": AT + 1,
        "current": true });
    json!({ "user": user(), "session": session, "acts": acts, "recovery_codes_left": 3 })
}

fn health() -> Value {
    let queue = json!({ "count": 41, "oldest_ms": 660_000 });
    json!({
        "ok": true, "version": "", "at": AT, "database": true, "waiting": queue, "queued": queue, "unknown": queue,
        "parked": 1, "failed_percent": 3, "gateways": [{ "id": "", "score": 10, "down_since": AT }, { "id": "", "score": 99 }],
        "budgets": [{ "name": "", "used": 1_234, "cap": 5_000 }], "disk_free_percent": 63, "backup_at": AT,
        "spooled": 0, "alarms": [{ "code": "#gateway_down", "subject": "" }, { "code": "", "subject": "" }],
    })
}

fn benchmarks() -> Value {
    let peer = || json!({ "municipality": "#12066", "name": "", "value": "" });
    let indicator = |verdict: &str| {
        json!({
            "topic": "", "series": "", "label": "", "unit": "", "year": 2020, "value": "", "missing": "", "rank": 2,
            "size": 3, "median": "", "verdict": verdict, "best": peer(), "peers": [peer(), peer()],
            "trend": [{ "year": 2010, "value": "=1.0" }, { "year": 2020, "value": "" }],
        })
    };
    json!({ "municipality": "#12066", "name": "", "state": "", "family": 1, "indicators": [indicator("#good"), indicator("")] })
}

/// Status and document of a call.
fn answer(method: &str, path: &str) -> (u16, Value) {
    let parts: Vec<&str> = path.split('/').collect();
    if let Some(told) =
        hostile_demands::answer(method, &parts).or_else(|| hostile_highlights::answer(method, &parts))
    {
        return told;
    }
    let list = |items: Vec<Value>| json!({ "items": items });
    let total = json!({ "count": 3 });
    let done = match (method, &parts[..]) {
        ("get", ["me"]) => me(),
        ("get", ["queues"]) => json!({
            "queues": [{ "queue": "#unassigned", "count": 3 }, { "queue": "", "count": 1 }],
            "views": [{ "view": id(70), "name": "", "count": total }], "changed_at": AT,
        }),
        ("get", ["cases"]) => json!({ "items": [row(1), row(2), row(3)], "total": total }),
        ("get", ["cases", _]) => case(),
        ("get", ["cases", _, "thread"]) => thread(),
        ("post", ["preview"]) => json!({
            "channels": [{ "channel": "", "kind": "#sms", "text": "", "encoding": "#ucs2", "units": 3, "left": 67,
                "segments": 1, "first_offending": "", "recipients": 1, "price": 350 }],
            "missing": [],
        }),
        ("get", ["canned-replies"]) => list(vec![
            json!({ "id": id(80), "municipality": "#12066", "letter": "=A", "title": "",
                "texts": { "es-MX": "", "en": "" }, "placeholders": [""], "version": 1 }),
            json!({ "id": id(81), "municipality": "", "letter": "", "title": "", "texts": { "es-MX": "" },
                "version": 1 }),
        ]),
        ("get", ["labels"]) => {
            list(vec![json!({ "label": "", "cases": 3 }), json!({ "label": "", "cases": 1 })])
        }
        ("get", ["municipalities", _, "offices"]) => list(vec![
            json!({ "municipality": "#12066", "code": "#agua", "name": { "en": "" }, "phone": "", "level": "",
                "hours": [""], "answers": "", "version": 1 }),
            json!({ "municipality": "", "code": "", "name": { "en": "" }, "level": "", "version": 1 }),
        ]),
        ("get", ["municipalities", _, "benchmarks"]) => benchmarks(),
        ("get", ["colleagues"]) => list(vec![person(2_000), person(2_001)]),
        ("get", ["users"]) => list(vec![user()]),
        ("get", ["feedback"]) => list(vec![
            json!({ "id": id(301), "kind": "#suggestion", "municipality": "#12066", "text": "", "state": "#waiting",
                "reason": "", "version": 1, "created_at": AT, "decided_at": AT }),
        ]),
        ("get", ["unknown-texts"]) => list(vec![
            json!({ "id": id(401), "municipality": "#12066", "text": "", "messages": 77, "state": "#waiting",
                "version": 1, "first_at": AT, "last_at": AT }),
        ]),
        ("get", ["notices"]) => json!({
            "items": [{ "id": id(601), "kind": "#assigned", "case": row(1), "by": person(2_000), "at": AT },
                { "id": id(602), "kind": "", "case": row(2), "at": AT }],
            "total": total,
        }),
        ("get", ["outbox"]) => list(vec![
            json!({ "id": id(501), "send": id(502), "case": id(1), "staff": id(2_000), "channel": "", "state": "#failed",
                "failure": "#rejected", "segments": 1, "attempt": 5, "until_at": AT, "created_at": AT, "updated_at": AT }),
            json!({ "id": id(503), "send": id(502), "staff": id(2_000), "channel": "", "state": "", "failure": "",
                "segments": 1, "attempt": 1, "until_at": AT, "created_at": AT, "updated_at": AT }),
        ]),
        ("get", ["audit"]) => list(vec![
            json!({ "seq": 4_211, "at": AT, "actor_id": id(1_000), "act": "", "target_kind": "", "target_id": "",
                "detail": { "text": "" } }),
        ]),
        ("post", ["audit", "verify"]) => json!({
            "sound": false, "entries": 4_211, "heads": 1, "problem": { "seq": 17, "code": "" },
            "head": { "seq": 1, "mac": "" },
        }),
        ("get", ["health"]) => health(),
        ("post", ["set-up"]) => json!({ "totp_secret": "", "otpauth_url": "", "recovery_codes": ["", ""] }),
        ("put", ["cases", _, "drafts", _]) => json!({}),
        ("post", ["cases", _, "state"]) => {
            let mut current = row(1);
            current["version"] = json!(2);
            current["state"] = json!("#in_progress");
            return (
                409,
                json!({ "type": "", "title": "", "status": 409, "code": "#version_conflict", "detail": "",
                "current": current }),
            );
        }
        _ => {
            return (
                422,
                json!({ "type": "", "title": "", "status": 422, "code": "#invalid", "detail": "", "field": "" }),
            );
        }
    };
    (200, done)
}
