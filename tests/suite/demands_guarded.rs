//! What demands must not do, from outside: stop a line, tell who signed, end by a claimed number, send what was
//! ended.

use std::sync::Arc;

use cabildo_bot::channels::gateway::Gateways;
use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::channels::sms::segments::is_gsm7;
use cabildo_bot::clock::Clock;
use cabildo_bot::domain::demand::{DemandState, Leadership, Progress, Verdict};
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::time::{DAY, HOUR, MINUTE};
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::engine::demands::DemandEffect;
use cabildo_bot::engine::privacy::PrivacyEffect;
use cabildo_bot::engine::{self, Effect};
use cabildo_bot::jobs;
use cabildo_bot::service::{Service, Worked};
use cabildo_bot::store::demands::{Act, DecideLeader, Promise};
use cabildo_bot::store::desk::{Page, Within};
use cabildo_bot::store::{Location, Store};
use cabildo_tests::serving::facts;
use cabildo_tests::stores::{START, inbound};
use uuid::Uuid;

use crate::demands::{ME, Town, phone, place};

const TEXT: &str = "Agua potable para la colonia Centro";

/// Makes a town of a test, with a demand that three stand behind.
macro_rules! town {
    ($town:ident, $code:ident) => {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::File(folder.path().join("data").join("cabildo.db"));
        let (place, _) = place();
        let $town = Town::new(&location, folder.path()).await;
        let $code = $town.draft([0, 1, 2], &place, TEXT).await;
    };
}

fn answer() -> Act {
    let reason = "Se perfora un pozo.".to_owned();
    Act::Answer { verdict: Verdict::Accepted, reason, cost: None, due_on: None }
}

/// As many sign as are needed.
async fn reached(town: &Town<'_>, code: &str) {
    let mut number = 1_000;
    while town.demand(code).await.state == DemandState::Collecting {
        town.sign(&phone(number), code).await;
        number += 1;
    }
    // The clock that hands it over comes now.
    town.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vote_on_a_promise_that_was_archived_is_answered_and_stops_nobody() {
    town!(town, code);
    reached(&town, &code).await;
    town.act(&code, answer()).await;
    let promise = Promise {
        title: "Pozo en la colonia".to_owned(),
        owner: "Agua potable".to_owned(),
        due_on: None,
        state: Progress::InProgress,
        percent: 30,
        milestones: Vec::new(),
    };
    town.act(&code, Act::Promise(promise)).await;
    let asked = town.sms(&phone(1_001), &format!("CUMPLE {code}")).await;
    assert!(asked.contains("3 A medias"), "{asked}");
    town.clock.advance(400 * DAY);
    town.settle().await;
    assert_eq!(town.demand(&code).await.state, DemandState::Archived);
    for number in [1_002, 1] {
        let reply = town.sms(&phone(number), &format!("CUMPLE {code} si")).await;
        assert!(reply.contains("Pozo en la colonia") && !reply.contains("Gracias"), "{reply}");
        // Nothing is in the way of what she writes next.
        let next = town.sms(&phone(number), "tlapa").await;
        assert!(next.contains("Tlapa"), "{next}");
    }
    town.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_author_is_asked_and_can_not_be_done_any_more_is_said_so() {
    town!(town, code);
    let asked = town.sms(&phone(0), &format!("RETIRO {code}")).await;
    assert!(asked.contains("2 Toda la demanda"), "{asked}");
    reached(&town, &code).await;
    let late = town.sms(&phone(0), "2").await;
    assert!(late.contains("ya no se puede retirar"), "{late}");
    assert!(town.sms(&phone(0), "tlapa").await.contains("Tlapa"));
    // A merge that the answer to one of them overtook.
    let (place, _) = place();
    let other = town.draft([3, 4, 5], &place, "Agua de pozo para la colonia Centro").await;
    let parent_id = town.demand(&code).await.id;
    let merge = Act::Merge { parent_id, merge_id: Uuid::from_u128(99), reason: "lo mismo".to_owned() };
    town.act(&other, merge).await;
    assert_eq!(town.pushed("Nadie pierde su firma").await.len(), 1);
    town.act(&code, answer()).await;
    let over = town.sms(&phone(3), "SI").await;
    assert!(over.contains("ya no se pueden unir"), "{over}");
    assert!(town.sms(&phone(3), "tlapa").await.contains("Tlapa"));
    assert_eq!(town.demand(&other).await.state, DemandState::Collecting);
    town.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_demand_ends_by_the_code_of_its_authors_number_alone() {
    town!(town, code);
    let author = phone(0);
    town.sms(&author, &format!("RETIRO {code}")).await;
    let proof = town.sms(&author, "2").await;
    assert!(proof.contains("clave de 6"), "{proof}");
    assert_eq!(town.demand(&code).await.state, DemandState::Collecting, "a word alone ends nothing");
    let digits = town.code(&author, "Tu clave para retirar toda la demanda").await;
    let wrong = if digits == "000000" { "000001" } else { "000000" };
    let no = town.sms(&author, wrong).await;
    assert!(no.contains("Esa clave no sirve"), "{no}");
    assert_eq!(town.demand(&code).await.state, DemandState::Collecting);
    let done = town.sms(&author, &digits).await;
    assert!(done.contains(&format!("retiraste la demanda {code}")), "{done}");
    assert_eq!(town.demand(&code).await.state, DemandState::Withdrawn);
    // It is used up, and nobody else's.
    assert!(!town.sms(&author, &digits).await.contains("retiraste"));
    town.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_reply_differs_by_whether_a_number_signed() {
    town!(town, code);
    let (signer, stranger, other) = (phone(20), phone(21), phone(23));
    for it in [&signer, &stranger, &other] {
        let (place, _) = place();
        town.sms(it, &place).await;
    }
    town.sms(&signer, &format!("FIRMO {code}")).await;
    for text in ["DEMANDA", "COMPROMISO", "BAJA", "CUMPLE", "CONFIRMO", "FIRMO"] {
        let text = format!("{text} {code}");
        assert_eq!(town.sms(&signer, &text).await, town.sms(&stranger, &text).await, "{text}");
    }
    let text = format!("RETIRO {code}");
    let retired = town.sms(&signer, &text).await;
    assert_eq!(retired, town.sms(&other, &text).await);
    assert_eq!(retired, town.sms(&stranger, &text).await);
    // Nor does a total that is read before and after.
    let before = town.sms(&phone(22), &format!("DEMANDA {code}")).await;
    town.sms(&signer, &format!("FIRMO {code}")).await;
    town.settle().await;
    assert_eq!(town.sms(&phone(22), &format!("DEMANDA {code}")).await, before);
    town.told().await;
    assert!(town.sms(&phone(22), &format!("DEMANDA {code}")).await.contains("Van 4"));
    // Of a draft neither.
    let (place, _) = place();
    let author = phone(30);
    town.sms(&author, &place).await;
    town.sms(&author, "DEMANDA Alumbrado para la calle Hidalgo norte").await;
    let mut opened = town.sms(&author, "1").await;
    for _ in 0..3 {
        if opened.starts_with("Tu demanda es la ") {
            break;
        }
        opened = town.sms(&author, "1").await;
    }
    let draft = opened.strip_prefix("Tu demanda es la ").and_then(|it| it.split('.').next()).expect("a code");
    town.sms(&phone(31), &format!("CONFIRMO {draft}")).await;
    town.sms(&phone(32), &format!("CONFIRMO {draft}")).await;
    for text in ["CONFIRMO", "FIRMO", "RETIRO", "CONFIRMO"] {
        let text = format!("{text} {draft}");
        assert_eq!(town.sms(&phone(31), &text).await, town.sms(&phone(33), &text).await, "{text}");
    }
    assert_eq!(town.demand(draft).await.support.people(), 2, "who confirmed it took that back by then");
    town.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_that_waits_goes_to_nobody_who_ended_it() {
    town!(town, code);
    town.settle().await;
    for number in [10, 11, 12] {
        town.sign(&phone(number), &code).await;
    }
    // At eleven at night nothing is sent that nobody asked for.
    town.clock.advance(12 * HOUR + 30 * MINUTE);
    town.sms(&phone(0), &format!("DEMANDA {code} Nos vemos el domingo en la plaza")).await;
    let store = &town.app.service().store;
    let page = Page { after: None, limit: 5 };
    let waiting = store.list_waiting_messages(&Within::country(), page).await.expect("messages");
    let decide = Act::DecideMessage { message_id: waiting[0].id, version: 1, refused: None };
    town.act(&code, decide).await;
    assert!(town.pushed("Nos vemos el domingo").await.is_empty(), "it is night");
    town.sms(&phone(10), &format!("BAJA {code}")).await;
    town.sms(&phone(11), &format!("RETIRO {code}")).await;
    town.clock.advance(11 * HOUR);
    let told = town.pushed("Nos vemos el domingo").await;
    assert!(told.contains_key(&phone(12)), "{told:?}");
    assert!(!told.contains_key(&phone(10)) && !told.contains_key(&phone(11)), "{told:?}");
    town.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emoji_and_marks_that_nobody_sees_make_no_public_text_dear() {
    town!(town, code);
    assert!(town.demand(&code).await.state.public());
    let author = phone(30);
    let (place, _) = place();
    town.sms(&author, &place).await;
    town.sms(&author, "DEMANDA Agua\u{200b} para \u{202e}la Ñuu Savi {ya} \u{1f62d}\u{1f6b0}\u{fe0f}").await;
    let check = town.sms(&author, "1").await;
    assert!(check.contains("Agua para la Ñuu Savi ya"), "{check}");
    assert!(is_gsm7(&check), "{check}");
    // Nothing is left of what has no words.
    town.sms(&phone(31), &place).await;
    town.sms(&phone(31), "DEMANDA").await;
    town.sms(&phone(31), "1").await;
    let short = town.sms(&phone(31), &"\u{1f62d}".repeat(30)).await;
    assert!(short.contains("con palabras"), "{short}");
    town.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_signs_and_writes_for_others_whatever_she_wrote_herself() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::File(folder.path().join("data").join("cabildo.db"));
    let (place, _) = place();
    let town = Town::new(&location, folder.path()).await;
    let leader = phone(40);
    let code = town.draft([40, 100, 101], &place, TEXT).await;
    for text in ["DEMANDA Agua limpia para la escuela", "DEMANDA Agua diario para el mercado"] {
        // She said yes to what is kept before.
        let check = town.sms(&leader, text).await;
        assert!(check.contains("1 Si 2 No"), "{check}");
        let opened = town.sms(&leader, "1").await;
        assert!(opened.contains("Tu demanda es la"), "{opened}");
    }
    let fourth = town.sms(&leader, "DEMANDA Agua en la clinica de la colonia").await;
    assert!(fourth.contains('3'), "{fourth}");
    verify(&town, &leader).await;
    let for_whom = |number: u64| phone(number).trim_start_matches("+52").to_owned();
    let use_code = async |number: u64| {
        town.sms(&leader, &format!("POR {}", for_whom(number))).await;
        let digits = town.code(&phone(number), "escribir por ti").await;
        let ready = town.sms(&leader, &format!("POR {digits}")).await;
        assert!(ready.contains("a nombre de esa persona"), "{ready}");
    };
    use_code(41).await;
    let signed = town.sign(&leader, &code).await;
    assert!(signed.contains("su firma") && !signed.contains("tu firma"), "{signed}");
    use_code(42).await;
    let check = town.sms(&leader, "DEMANDA Agua en la clinica de la colonia").await;
    assert!(check.contains("Agua en la clinica de la colonia"), "{check}");
    town.app.shutdown().await;
}

/// Where a leader's name is asked for, a command is answered and files nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_no_leaders_name() {
    town!(town, code);
    let (place, _) = place();
    let leader = phone(50);
    town.sms(&leader, &place).await;
    for (text, expected) in [
        ("comida", "sin buena alimentacion"),
        ("TENDENCIA comida", "2020"),
        ("neza", "Nezahual"),
        ("AVISOS agua", "BAJA AGUA"),
        ("ver 10", "numero 10"),
    ] {
        let asked = town.sms(&leader, "LIDER").await;
        assert!(asked.contains("grupo o comunidad"), "before {text}: {asked}");
        let reply = town.sms(&leader, text).await;
        assert!(reply.contains(expected), "{text}: {reply}");
    }
    // A keyword leaves the question waiting.
    assert!(town.sms(&leader, "Rosa del comite del agua").await.contains("te llama"));
    let signer = phone(51);
    town.sms(&signer, &place).await;
    town.sms(&signer, "LIDER").await;
    town.sign(&signer, &code).await;
    assert_eq!(town.demand(&code).await.support.total(), 4);
    assert!(town.sms(&signer, "LIDER").await.contains("grupo o comunidad"), "she asked for nothing yet");
    // Several words are a name, whatever town has it, and so is one that many places have.
    for (number, name) in (52..).zip([
        "Guadalupe",
        "Emiliano Zapata",
        "Rosa Zapata, de Tlapa",
        "Mejor Tlapa, grupo de Rosa",
        "Historia Viva",
        "Familia Lopez",
    ]) {
        town.sms(&phone(number), &place).await;
        town.sms(&phone(number), "LIDER").await;
        let kept = town.sms(&phone(number), name).await;
        assert!(kept.contains("te llama"), "{name}: {kept}");
    }
    let english = phone(60);
    for text in [&place, "english", "LEADER"] {
        town.sms(&english, text).await;
    }
    for text in ["see 10", "food"] {
        let reply = town.sms(&english, text).await;
        assert!(!reply.contains("calls you") && !reply.is_empty(), "{text}: {reply}");
    }
    assert!(town.sms(&english, "LEADER").await.contains("group or community"));
    assert!(town.sms(&english, "Rosa Zapata").await.contains("calls you"));
    town.app.shutdown().await;
}

/// Somebody asks to be known as a leader, and staff verifies her.
async fn verify(town: &Town<'_>, leader: &str) {
    town.sms(leader, "LIDER").await;
    town.sms(leader, "Rosa del comite del agua").await;
    let store = &town.app.service().store;
    let page = Page { after: None, limit: 5 };
    let asked = store.list_leaders(Leadership::Asked, &Within::country(), page).await.expect("leaders");
    let at = town.clock.now();
    let decide = DecideLeader { id: asked[0].id, version: asked[0].version, refused: None, staff_id: ME, at };
    store.decide_leader(decide, None).await.expect("verified");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_writes_for_somebody_never_signs_for_herself_instead() {
    town!(town, code);
    let (leader, other) = (phone(40), phone(41));
    let (place, _) = place();
    town.sms(&leader, &place).await;
    verify(&town, &leader).await;
    town.sms(&leader, &format!("POR {}", other.trim_start_matches("+52"))).await;
    let digits = town.code(&other, "escribir por ti").await;
    // Half an hour before the code is over it is taken; then it is.
    town.clock.advance(24 * HOUR - 30 * MINUTE);
    let ready = town.sms(&leader, &format!("POR {digits}")).await;
    assert!(ready.contains("a nombre de esa persona"), "{ready}");
    town.clock.advance(40 * MINUTE);
    let before = town.demand(&code).await.support;
    let over = town.sign(&leader, &code).await;
    assert!(over.contains("Ese código no es") || over.contains("Ese codigo no es"), "{over}");
    assert_eq!(town.demand(&code).await.support, before, "nobody signed");
    assert!(town.sms(&leader, "tlapa").await.contains("Tlapa"), "and nothing is in the way");
    town.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_of_a_topic_that_waits_goes_to_nobody_who_left_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::File(folder.path().join("data").join("cabildo.db"));
    let (place, _) = place();
    let town = Town::new(&location, folder.path()).await;
    for number in [60, 61] {
        town.sms(&phone(number), &place).await;
        town.sms(&phone(number), "AVISOS agua").await;
        assert!(town.sms(&phone(number), "1").await.contains("te aviso"));
    }
    // What is published at eleven at night waits for the morning.
    town.clock.advance(12 * HOUR + 30 * MINUTE);
    let code = town.draft([0, 1, 2], &place, TEXT).await;
    let news = format!("FIRMO {code}");
    town.settle().await;
    let told = async |number: u64| town.pushed(&news).await.contains_key(&phone(number));
    assert!(!told(60).await && !told(61).await, "it is night");
    let left = town.sms(&phone(60), "BAJA agua").await;
    assert!(left.contains("no te aviso de agua"), "{left}");
    town.clock.advance(11 * HOUR);
    town.settle().await;
    assert!(told(61).await && !told(60).await);
    town.app.shutdown().await;
}

/// A dialogue one of whose effects no store will ever take.
fn stuck(_: &Conversation, message: &engine::Inbound, _: &Facts, _: &str) -> Worked {
    let rendered = Rendered {
        kind: ReplyKind::Notice,
        text: message.text.clone(),
        municipality: None,
        choices: Vec::new(),
        edit: false,
        segments: 1,
        picture: None,
    };
    let effects = match message.text.as_str() {
        "conflict" => vec![Effect::Privacy(PrivacyEffect::CodeUsed)],
        "refused" => vec![Effect::Demand(DemandEffect::Withdrawn { demand_id: Uuid::from_u128(1) })],
        _ => Vec::new(),
    };
    Worked { next: Conversation::default(), replies: vec![rendered], effects }
}

/// Whether the channel can push or not, a message that can't be stored ends where any failed one does, and what its
/// contact writes after it is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_effect_that_no_store_takes_is_parked_and_never_tried_for_ever() {
    let store = Store::open_in_memory(START).await.expect("a store");
    let mut service = Service::new(store, facts(), Clock::fixed(START), Gateways::new());
    service.dialogue = stuck;
    let service = Arc::new(service);
    for (number, text) in ["conflict", "refused"].into_iter().enumerate() {
        let address = format!("+52551234567{number}");
        let answer = service.answer(inbound(&address, text, text)).await.expect("it is kept");
        assert!(answer.fresh && answer.replies.is_empty(), "{text}");
        jobs::process_all_jobs(&service).await.expect("jobs come to an end");
        let next = service.answer(inbound(&address, "next", "hola")).await.expect("an answer");
        assert_eq!(next.replies.len(), 1, "{text} stands in nobody's way");
    }
}
