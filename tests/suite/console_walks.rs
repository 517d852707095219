//! Days at the console, in a real terminal on a real service over HTTP: a morning's messages by key, a message that
//! is taken back, somebody else who was first, a service that is gone for a while, and answers that get lost.
//! `CABILDO_LONG=1` for two hundred messages and a minute without the service.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use cabildo_tests::console::Console;
use cabildo_tests::town_hall::{Site, folio, id};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How the two canned replies begin.
const ACK: &str = "Gracias, ya lo vemos.";
const WHERE: &str = "¿En que calle es?";
/// The canned replies, by letter.
const CANNED: [(&str, &str); 2] = [("a", "Gracias, ya lo vemos. Folio {folio}"), ("c", WHERE)];
/// Who gets one, before it goes.
const TO: &str = "Canned reply to +";

/// What the officer of these tests has on keys 1 to 9.
const MACROS: &str = r#"language = "en"
[macros.1]
title = "Water"
do = [{ assign = "me" }, { canned = "A" }]
[macros.2]
title = "Drains"
do = [{ assign = "me" }, { priority = "high" }, { canned = "A" }]
[macros.3]
title = "Lights"
do = [{ assign = "me" }, { state = "in_progress" }]
[macros.4]
title = "Rubbish"
do = [{ label = "basura" }, { assign = "me" }, { canned = "A" }]
[macros.5]
title = "Streets"
do = [{ assign = "me" }, { note = "Visto por la mañana" }, { state = "in_progress" }]
[macros.6]
title = "Works"
do = [{ assign = "me" }, { office = "public_works", note = "Del parque o del mercado" }]
[macros.7]
title = "Question"
do = [{ assign = "me" }, { canned = "A" }, { state = "answered" }]
[macros.8]
title = "Ask"
do = [{ assign = "me" }, { canned = "C" }]
[macros.9]
title = "Mine"
do = [{ priority = "high" }, { assign = "me" }]
"#;

fn long() -> bool {
    std::env::var_os("CABILDO_LONG").is_some()
}

/// What an officer presses for a case, and what becomes of it: its state, and what its citizen reads.
fn decided(case: &Value) -> (&'static str, &'static str, Option<&'static str>) {
    match case["category"].as_str().expect("a category") {
        _ if case["kind"] == "question" => ("7", "answered", Some(ACK)),
        "water" => ("1", "assigned", Some(ACK)),
        "drainage" => ("2", "assigned", Some(ACK)),
        "lighting" => ("3", "in_progress", None),
        "rubbish" => ("4", "assigned", Some(ACK)),
        "streets" => ("5", "in_progress", None),
        "parks" | "market" => ("6", "assigned", None),
        "transport" | "schools" => ("8", "assigned", Some(WHERE)),
        // Confidential: only who opens it answers. Nothing goes out, so the next case does not come up by itself.
        "officials" | "public_safety" | "registry" => ("9 j", "assigned", None),
        // What no macro is for: the canned reply by hand, or until the citizen writes again.
        "animals" => ("c a Enter", "received", Some(ACK)),
        _ => ("w 4", "received", None),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_morning_is_triaged_with_at_most_three_keys_a_case() {
    let count = if long() { 200 } else { 40 };
    let site = Site::open().await;
    let code = site.app.staff().open_demo().await.expect("a code");
    let Some(mut console) = Console::open(&site.url(), MACROS, None) else { return };
    let account = site.app.service().store.find_account_by_name("demo").await.expect("read");
    let officer = site.officer_of(account.expect("an account").id).await;
    officer.canned(&CANNED).await;
    site.seed(0, count).await;
    let morning = officer.unassigned().await;
    assert_eq!(morning.len(), count as usize);

    console.sees("Ctrl-N");
    console.keys("Enter Enter");
    console.types(&code);
    console.keys("Enter");
    console.stands_on(folio(&morning[0]));
    // What is set up in the town is read with the first case.
    console.rests();
    console.pressed = 0;
    let began = Instant::now();
    for (at, case) in morning.iter().enumerate() {
        console.stands_on(folio(case));
        let (keys, ..) = decided(case);
        match keys.split_once(" Enter") {
            // What goes out is read before it goes.
            Some((keys, _)) => {
                console.keys(keys);
                console.until("text and recipient", |it| it.contains(ACK) && it.contains(TO));
                console.keys("Enter");
            }
            None => console.keys(keys),
        }
        if let Some(next) = morning.get(at + 1) {
            console.stands_on(folio(next));
        }
    }
    let (pressed, took) = (console.pressed, began.elapsed());
    let mean = f64::from(pressed) / count as f64;
    eprintln!("{count} cases, {pressed} keys, {mean:.2} a case, {:.0} s", took.as_secs_f64());
    assert!(mean <= 3.0, "{mean} keys a case");

    let mut told = 0;
    for case in &morning {
        let (keys, state, reads) = decided(case);
        let mine = !matches!(keys, "c a Enter" | "w 4");
        let what = format!("{} ({}) after {keys}", folio(case), case["category"]);
        officer
            .until(&what, async || {
                let row = officer.row(case).await;
                let written = officer.written(case).await;
                let right = row["state"] == state
                    && (row["assignee"]["id"] == json!(officer.id)) == mine
                    && (keys == "w 4") != row["waiting_since"].is_null()
                    && written.len() == usize::from(reads.is_some())
                    && written.iter().all(|it| reads.is_some_and(|text| it.0.contains(text)));
                right.then_some(())
            })
            .await;
        told += usize::from(reads.is_some());
    }
    // Each person got it once.
    let acks = morning.iter().filter(|it| decided(it).2 == Some(ACK)).count();
    let mut pushed = site.pushes(ACK, acks).await;
    pushed.extend(site.pushes(WHERE, told - acks).await);
    let mut people: Vec<&String> = pushed.iter().map(|it| &it.0).collect();
    people.sort();
    people.dedup();
    assert_eq!((pushed.len(), people.len()), (told, told), "{pushed:?}");
    site.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_was_taken_back_never_goes_and_the_next_one_goes_once() {
    let site = Site::open().await;
    let officer = site.officer().await;
    officer.canned(&CANNED).await;
    site.seed(0, 2).await;
    let cases = officer.unassigned().await;
    let Some(mut console) = Console::open(&site.url(), MACROS, Some(&officer.token)) else { return };
    console.stands_on(folio(&cases[0]));
    console.sees("+***");
    console.rests();
    console.keys("c a");
    console.until("text and recipient", |it| it.contains(ACK) && it.contains(TO));
    console.keys("Enter");
    console.sees("u undo (");
    console.stands_on(folio(&cases[1]));
    console.keys("u");
    // It can be written on.
    let screen = console.sees("MESSAGE to");
    assert!(screen.contains(folio(&cases[0])), "{screen}");
    officer
        .until("taken back", async || {
            (officer.written(&cases[0]).await.first()?.1 == "taken_back").then_some(())
        })
        .await;
    console.keys("Escape");
    // A key right behind Esc would be one with Alt.
    console.until("the composer gone", |it| !it.contains("MESSAGE to"));
    console.keys("J");
    console.until("the next case", |it| it.contains(folio(&cases[1])));
    console.keys("c c");
    console.until("text and recipient", |it| it.contains(WHERE) && it.contains(TO));
    console.rests();
    console.keys("Enter");
    console.sees("u undo (");
    // Held later than the first: once it has gone, that one would have gone as well.
    assert_eq!(site.pushes(WHERE, 1).await.len(), 1);
    assert_eq!(site.pushed(ACK).await, []);
    let held = officer.get("/outbox?part=held").await;
    assert_eq!(held["items"].as_array().map(Vec::len), Some(0), "{held}");
    site.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_second_sees_both_changes_and_decides() {
    let site = Site::open().await;
    let (officer, other) = (site.officer().await, site.officer().await);
    site.seed(0, 3).await;
    let cases = officer.unassigned().await;
    let Some(mut console) = Console::open(&site.url(), MACROS, Some(&officer.token)) else { return };
    for (case, key) in cases.iter().zip(["k", "m"]) {
        console.stands_on(folio(case));
        console.rests();
        // Its screen stands still while the other one is at work, as on a slow line.
        console.hold(true);
        let take = json!({ "version": officer.row(case).await["version"], "assignee": other.id });
        other.post(&format!("/cases/{}/assign", id(case)), &take).await;
        console.keys("3");
        console.hold(false);
        let screen = console.sees("changed");
        for text in [folio(case), "What changed:", "Somebody", "Lights", "k keep theirs"] {
            assert!(screen.contains(text), "{text}: {screen}");
        }
        // It came up by itself, and takes no key that was on its way.
        console.rests();
        console.keys(key);
        console.until("the view gone", |it| !it.contains("k keep theirs"));
        let mine = key == "m";
        officer
            .until(key, async || {
                let row = officer.row(case).await;
                let holder = if mine { officer.id } else { other.id };
                let state = if mine { "in_progress" } else { "assigned" };
                (row["assignee"]["id"] == json!(holder) && row["state"] == state).then_some(())
            })
            .await;
        if console.screen().lines().skip(2).any(|it| it.starts_with('>') && it.contains(folio(case))) {
            console.keys("j");
        }
    }
    site.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_was_away_finds_nothing_lost_and_nothing_twice() {
    let site = Site::open().await;
    let officer = site.officer().await;
    site.seed(0, 3).await;
    let cases = officer.unassigned().await;
    let Some(mut console) = Console::open(&site.url(), MACROS, Some(&officer.token)) else { return };
    console.stands_on(folio(&cases[0]));
    console.sees(" live ");
    console.rests();
    // Something that is there before the service goes.
    console.keys("a");
    console.sees("you took it");
    let assigned =
        async || (officer.row(&cases[0]).await["assignee"]["id"] == json!(officer.id)).then_some(());
    officer.until("taken", assigned).await;
    console.keys("j");
    console.stands_on(folio(&cases[1]));
    let gone = Duration::from_secs(if long() { 60 } else { 3 });
    let screen = &mut console;
    let next = folio(&cases[1]);
    let site = site
        .away(async move || {
            screen.sees("OFFLINE");
            screen.keys("a");
            screen.sees("was not done");
            screen.keys("r");
            screen.sees("MESSAGE to");
            screen.types("Manana va la pipa");
            screen.sees("Manana va la pipa");
            screen.keys("C-s");
            let shown = screen.sees("was not done");
            assert!(shown.contains("Manana va la pipa") && shown.contains(next), "{shown}");
            // How long it is away is what is tested.
            tokio::time::sleep(gone).await;
        })
        .await;
    site.seed(10, 1).await;
    console.sees(" live ");
    // Nothing went by itself.
    assert_eq!(officer.written(&cases[1]).await, []);
    assert_eq!(officer.row(&cases[1]).await["assignee"], Value::Null);
    assert_eq!(officer.row(&cases[0]).await["assignee"]["id"], json!(officer.id));
    assert!(console.screen().contains("Manana va la pipa"), "{}", console.screen());
    console.rests();
    console.keys("C-s");
    console.sees("u undo (");
    // What came in meanwhile is there as well, behind a key.
    let fresh = officer.unassigned().await;
    let fresh = fresh.iter().find(|it| cases.iter().all(|case| case["id"] != it["id"])).expect("it").clone();
    console.keys("g q");
    console.sees(folio(&fresh));
    assert_eq!(site.pushes("Manana va la pipa", 1).await.len(), 1);
    let written = officer.written(&cases[1]).await;
    assert_eq!(written.len(), 1, "{written:?}");
    site.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_long_queue_is_one_key_away() {
    let site = Site::open().await;
    let officer = site.officer().await;
    site.seed(0, 450).await;
    let mut cases = officer.unassigned().await;
    while cases.len() < 450 {
        let last = id(&cases[cases.len() - 1]).to_owned();
        let page = officer.get(&format!("/cases?queue=unassigned&limit=200&after={last}")).await;
        cases.extend(page["items"].as_array().expect("cases").clone());
    }
    let Some(mut console) = Console::open(&site.url(), MACROS, Some(&officer.token)) else { return };
    console.stands_on(folio(&cases[0]));
    let stands = |console: &Console, row: usize| {
        let number = format!("row {row}/450");
        console.until(&number, |it| it.contains(&number));
        console.stands_on(folio(&cases[row - 1]));
    };
    console.keys("G");
    stands(&console, 450);
    // Up from there, over what was not read yet.
    let mut row = 450;
    while row > 13 {
        console.keys("k C-u");
        row -= 1 + 6;
        if row < 40 {
            console.keys("k");
            row -= 1;
        }
        stands(&console, row);
    }
    console.keys("g g");
    stands(&console, 1);
    console.keys("j");
    stands(&console, 2);
    site.app.shutdown().await;
}

/// A line between console and service that loses answers to messages.
struct Line {
    address: SocketAddr,
    lost: Arc<AtomicU32>,
}

impl Line {
    async fn to(service: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let lost = Arc::new(AtomicU32::new(0));
        let losing = Arc::clone(&lost);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(service).await else { continue };
                tokio::spawn(carry(near, far, Arc::clone(&losing)));
            }
        });
        Self { address, lost }
    }
}

/// Carries both ways; the answer to a message is dropped with its connection while some are to be lost.
async fn carry(mut near: TcpStream, mut far: TcpStream, lost: Arc<AtomicU32>) {
    let (mut there, mut back) = (vec![0; 65_536], vec![0; 65_536]);
    let mut message = false;
    loop {
        tokio::select! {
            read = near.read(&mut there) => {
                let Ok(count @ 1..) = read else { return };
                let head = String::from_utf8_lossy(&there[..count]);
                if let Some(first) = head.lines().next().filter(|it| it.contains(" /staff/v1/")) {
                    message = first.starts_with("POST") && first.contains("/reply");
                }
                if far.write_all(&there[..count]).await.is_err() {
                    return;
                }
            }
            read = far.read(&mut back) => {
                let Ok(count @ 1..) = read else { return };
                let left = lost.load(Ordering::SeqCst);
                if message && left > 0 {
                    lost.store(left - 1, Ordering::SeqCst);
                    return;
                }
                if near.write_all(&back[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_answers_were_lost_is_sent_once() {
    let site = Site::open().await;
    let officer = site.officer().await;
    site.seed(0, 3).await;
    let cases = officer.unassigned().await;
    let line = Line::to(site.address()).await;
    let server = format!("http://{}", line.address);
    let Some(mut console) = Console::open(&server, MACROS, Some(&officer.token)) else { return };
    // One answer is lost: the console tries again by itself. Then all of its tries: the officer does.
    for (case, text, losses) in [(&cases[0], "primera vez", 1), (&cases[1], "segunda vez", 3)] {
        console.stands_on(folio(case));
        console.sees(" live ");
        console.rests();
        console.keys("r");
        console.sees("MESSAGE to");
        console.types(text);
        console.sees(text);
        line.lost.store(losses, Ordering::SeqCst);
        console.keys("C-s");
        if losses > 1 {
            console.sees("reached: it is down");
            assert_eq!(officer.written(case).await.len(), 1, "it arrived");
            // Back to its case: the words are still there.
            console.keys("K r");
            console.until("the draft", |it| it.contains("MESSAGE to") && it.contains(text));
            console.rests();
            console.keys("C-s");
        }
        console.sees("u undo (");
        assert_eq!(line.lost.load(Ordering::SeqCst), 0, "that many answers were lost");
        console.keys("q");
        if console.screen().lines().skip(2).any(|it| it.starts_with('>') && it.contains(folio(case))) {
            console.keys("j");
        }
    }
    for (case, text) in [(&cases[0], "primera vez"), (&cases[1], "segunda vez")] {
        assert_eq!(site.pushes(text, 1).await.len(), 1);
        let written = officer.written(case).await;
        assert_eq!(written.len(), 1, "{written:?}");
    }
    site.app.shutdown().await;
}
