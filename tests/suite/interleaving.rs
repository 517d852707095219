//! Dialogues of several people at once, through the service and its store: each reads what she would read
//! alone, whatever the others write in between, wherever she asks for help in the middle, and wherever
//! the service starts anew.

use std::collections::{HashMap, VecDeque};

use cabildo_bot::clock::Clock;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::service::{NewInbound, Service};
use cabildo_tests::serving::facts;
use cabildo_tests::stores::{START, TestStore};
use proptest::prelude::{Strategy as _, any};
use proptest::test_runner::{Config, TestRunner};

/// What only one of them knows.
const SECRETS: [&str; 3] = ["zorrilloverde", "tecoloteazul", "cacomixtlerojo"];
const HOMES: [&str; 3] = ["tlapa", "ometepec", "acapulco"];
const KINDS: [ChannelKind; 3] = [ChannelKind::Sms, ChannelKind::Telegram, ChannelKind::Sms];
/// A dialogue is left with one of these, and goes on with the next answer.
const ASIDE: [&str; 4] = ["AYUDA", "PRIVACIDAD", "QUIEN ERES", "ayuda por favor"];

/// The dialogues; `S` stands for the secret.
const DIALOGUES: [&[&str]; 12] = [
    &["QUEJA", "1", "no cae agua, dice S", "colonia Centro, casa de S", "1"],
    &["QUEJA", "5", "un hoyo enorme, dice S", "calle S", "2"],
    &["QUEJA hay un bache junto a S en la calle Hidalgo", "1"],
    &["SUGERENCIA", "mas arboles para S"],
    &["PREGUNTA", "cuando viene la pipa con S"],
    &["ESTADO", "MIS CASOS"],
    &["CORRIGE", "no hay agua donde S ni hubo"],
    &["CANCELA", "2"],
    &["CANCELA", "1", "ALTA"],
    &["IDIOMA", "english"],
    &["IDIOMA", "español"],
    &["VINCULA", "VINCULA 000000"],
];

/// A message that is written, and whether it only interrupts.
#[derive(Clone, Debug)]
struct Line {
    text: String,
    aside: bool,
}

/// Dialogues with interruptions: each line may come after a call for help.
fn lines(who: usize, picks: &[(usize, Vec<Option<usize>>)]) -> Vec<Line> {
    // Home and notice come first, so that help is never the first word.
    // Each lives elsewhere: a likely duplicate of a neighbour's is offered, and that is no mixing.
    let mut lines = vec![Line { text: HOMES[who].to_owned(), aside: false }];
    for (dialogue, asides) in picks {
        for (step, text) in DIALOGUES[*dialogue].iter().enumerate() {
            // Who asks for something else is asked no more whether she wants to stop: a digit that comes
            // afterwards must not do it.
            let asides = if DIALOGUES[*dialogue][0] == "CANCELA" { &[][..] } else { asides };
            if let Some(Some(aside)) = asides.get(step) {
                lines.push(Line { text: ASIDE[*aside].to_owned(), aside: true });
            }
            let words: Vec<&str> =
                text.split(' ').map(|it| if it == "S" { SECRETS[who] } else { it }).collect();
            lines.push(Line { text: words.join(" "), aside: false });
        }
    }
    lines
}

struct Phones {
    service: Service,
    next: u32,
}

impl Phones {
    fn new(test: &TestStore, at: UnixMillis, next: u32) -> Self {
        let service = Service::new(test.store.clone(), facts(), Clock::fixed(at), HashMap::new());
        Self { service, next }
    }

    async fn writes(&mut self, who: usize, address: &str, text: &str) -> String {
        self.service.clock.advance(5_000);
        self.next += 1;
        let message = NewInbound {
            channel_id: format!("channel{who}"),
            kind: KINDS[who],
            external_id: Some(format!("m{}", self.next)),
            address: address.to_owned(),
            text: text.to_owned(),
            location: None,
            payload: None,
            pressed: None,
            provider_at: None,
            received_at: self.service.clock.now(),
        };
        let answer = self.service.answer(message).await.expect("kept");
        self.service.answer_written(&answer).await.expect("noted");
        answer.replies.iter().map(|it| it.rendered.text.as_str()).collect::<Vec<_>>().join(" | ")
    }
}

/// Closes what was reported before, so that none of it is offered as a likely duplicate.
async fn forget(test: &TestStore) {
    test.texts("UPDATE cases SET closed_at = 1 WHERE closed_at IS NULL RETURNING folio").await;
}

/// A reply with its folios, PINs and codes by the order in which they came, and the folios that it gave.
fn plain(reply: &str, folios: &mut Vec<String>) -> String {
    for (at, sign) in reply.match_indices("Folio ") {
        let rest = &reply[at + sign.len()..];
        let told = rest.get(6..).is_some_and(|it| it.starts_with(", clave ") || it.starts_with(", PIN "));
        if told && !folios.iter().any(|it| rest.starts_with(it.as_str())) {
            folios.push(rest[..6].to_owned());
        }
    }
    let mut out = reply.to_owned();
    for (index, folio) in folios.iter().enumerate() {
        out = out.replace(folio.as_str(), &format!("<{index}>"));
    }
    let mut text = String::new();
    let mut digits = String::new();
    for letter in out.chars().chain([' ']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        // PINs have four digits and codes six; years stay.
        let code = digits.len() == 6
            || digits.len() == 4 && ["clave ", "PIN ", "> "].iter().any(|it| text.ends_with(it));
        text.push_str(if code { "#" } else { &digits });
        digits.clear();
        text.push(letter);
    }
    text
}

/// What each of them reads, line by line, without what answers an interruption.
struct Read {
    replies: Vec<String>,
    folios: Vec<String>,
}

#[test]
fn each_reads_what_she_would_read_alone() {
    let long = std::env::var_os("CABILDO_LONG").is_some();
    let cases = if long { 2_000 } else { 24 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let test = std::cell::RefCell::new(runtime.block_on(TestStore::sqlite()));
    let drawn = std::cell::Cell::new(0_u32);
    let receipts = std::cell::Cell::new(0);
    let number = || {
        drawn.set(drawn.get() + 1);
        drawn.get()
    };
    let aside = proptest::option::weighted(0.25, 0..ASIDE.len());
    let dialogue = (0..DIALOGUES.len(), proptest::collection::vec(aside, 5));
    let script = proptest::collection::vec(dialogue, 1..5);
    let scripts = [script.clone(), script.clone(), script];
    let order = proptest::collection::vec((any::<u8>(), proptest::bool::weighted(0.08)), 90);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&(scripts, order).boxed(), |(scripts, order)| {
        let mut test = test.borrow_mut();
        runtime.block_on(async {
            let all: Vec<Vec<Line>> = scripts.iter().enumerate().map(|(who, it)| lines(who, it)).collect();
            // Alone, without a break.
            let mut alone = Vec::new();
            for (who, lines) in all.iter().enumerate() {
                forget(&test).await;
                let mut phones = Phones::new(&test, START, number() * 1_000);
                let address = format!("+5255{:08}", number());
                let mut read = Read { replies: Vec::new(), folios: Vec::new() };
                for line in lines.iter().filter(|it| !it.aside) {
                    let reply = phones.writes(who, &address, &line.text).await;
                    read.replies.push(plain(&reply, &mut read.folios));
                }
                alone.push(read);
            }
            // All at once.
            forget(&test).await;
            let mut queues: Vec<VecDeque<Line>> = all.iter().map(|it| it.iter().cloned().collect()).collect();
            let addresses: Vec<String> = (0..3).map(|_| format!("+5255{:08}", number())).collect();
            let mut read: Vec<Read> =
                (0..3).map(|_| Read { replies: Vec::new(), folios: Vec::new() }).collect();
            let mut raw: Vec<Vec<String>> = vec![Vec::new(); 3];
            let mut phones = Phones::new(&test, START, number() * 1_000);
            let mut order = order.into_iter();
            while queues.iter().any(|it| !it.is_empty()) {
                let (pick, restart) = order.next().unwrap_or_default();
                if restart {
                    let (at, next) = (phones.service.clock.now(), phones.next);
                    drop(phones);
                    test.reopen().await;
                    phones = Phones::new(&test, at, next);
                }
                let left: Vec<usize> = (0..3).filter(|it| !queues[*it].is_empty()).collect();
                let who = left[usize::from(pick) % left.len()];
                let Some(line) = queues[who].pop_front() else { continue };
                let reply = phones.writes(who, &addresses[who], &line.text).await;
                raw[who].push(reply.clone());
                if !line.aside {
                    let plain = plain(&reply, &mut read[who].folios);
                    read[who].replies.push(plain);
                }
            }
            receipts.set(receipts.get() + read.iter().map(|it| it.folios.len()).sum::<usize>());
            for who in 0..3 {
                assert_eq!(read[who].replies, alone[who].replies, "{:?}", all[who]);
                for other in (0..3).filter(|it| *it != who) {
                    for reply in &raw[who] {
                        assert!(!reply.contains(SECRETS[other]), "{reply}");
                        assert!(read[other].folios.iter().all(|it| !reply.contains(it)), "{reply}");
                    }
                }
                // Words that nobody asks for don't come back either.
                assert!(raw[who].iter().all(|it| !it.contains(SECRETS[who])), "{:?}", raw[who]);
                let store = &test.store;
                let channel = format!("channel{who}");
                let contact = store.find_contact(&channel, &addresses[who]).await.expect("read");
                let contact = contact.expect("a contact");
                for case in store.list_cases_of(contact, 50).await.expect("cases") {
                    let thread = store.list_case_messages(case.id, None, 50, true).await.expect("a thread");
                    assert!(!thread.is_empty());
                    for text in thread.iter().filter_map(|it| it.text.as_deref()) {
                        for other in (0..3).filter(|it| *it != who) {
                            assert!(!text.contains(SECRETS[other]), "{text}");
                        }
                    }
                }
            }
        });
        Ok(())
    });
    outcome.unwrap_or_else(|problem| panic!("{problem}"));
    assert!(receipts.get() >= cases as usize / 2, "only {} receipts", receipts.get());
    runtime.block_on(test.into_inner().finish());
}
