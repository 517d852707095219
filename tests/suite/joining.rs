//! One matter, one case: a likely duplicate is offered before the receipt, and staff join and part cases.

use std::collections::BTreeSet;

use cabildo_bot::channels::sms::segments::segment;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::{DAY, HOUR};
use cabildo_bot::engine::Effect;
use cabildo_bot::engine::cases::CaseEffect;
use cabildo_tests::phones::{Phones, receipt};
use cabildo_tests::staff::{Person, get, person, write};
use cabildo_tests::town::{Phone, Town};
use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};

const TLAPA: &str = "12066";
const ANA: &str = "+525500000001";
const BEA: &str = "+525500000002";
const LUZ: &str = "+525500000003";
const EVA: &str = "+525500000004";
const CHAT: i64 = 714_004_001;

/// A phone at home in Tlapa whose owner agreed to the notice: complaints in one go get their receipt at once.
async fn at_home(town: &Phones, phone: &str) {
    town.sms("telco", phone, "tlapa").await;
    // The notice is the answer, and the question is pushed.
    let asked = town.sms("telco", phone, "QUEJA hay un bache en la calle Rosales").await;
    assert!(asked.contains("Si sigues, aceptas"), "{asked}");
    // This one only makes her known.
    let (folio, _) = receipt(&town.sms("telco", phone, "1").await);
    assert!(town.sms("telco", phone, "CANCELA").await.contains(&folio));
    assert!(town.sms("telco", phone, "1").await.contains("retiraste"));
}

async fn worker(town: &Phones) -> Person {
    let place = format!("municipality:{TLAPA}");
    person(&town.serving, &[("caseworker", &place), ("moderator", &place)]).await
}

async fn cases(town: &Phones, who: &Person, filter: &str) -> Vec<Value> {
    let (status, page) = get(&town.serving, &format!("/staff/v1/cases?limit=50&{filter}"), who).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().expect("cases").clone()
}

async fn find(town: &Phones, who: &Person, folio: &str) -> Value {
    let all = cases(town, who, "").await;
    all.into_iter().find(|it| it["folio"] == folio).unwrap_or_else(|| panic!("{folio}"))
}

fn id(case: &Value) -> &str {
    case["id"].as_str().expect("an id")
}

async fn act(town: &Phones, who: &Person, case: &Value, act: &str, mut body: Value) -> (u16, Value) {
    body["version"] = case["version"].clone();
    let path = format!("/staff/v1/cases/{}/{act}", id(case));
    write(&town.serving, Method::POST, &path, who, &body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_joins_is_told_counted_once_and_gets_all_news() {
    let town = Phones::start("").await;
    for phone in [ANA, BEA] {
        at_home(&town, phone).await;
    }
    let told = town.sms("telco", ANA, "QUEJA no cae agua en la col. Mirasol junto a doña Cuca").await;
    let (folio, pin) = receipt(&told);
    town.serving.clock.advance(2 * DAY);
    let staff = worker(&town).await;
    let asked = town.sms("telco", BEA, "QUEJA sin agua en la mirasol, llevamos 3 dias").await;
    let asked =
        if asked.contains("¿Donde es?") { town.sms("telco", BEA, "col Mirasol").await } else { asked };
    let asked = if asked.contains("1 Solo la oficina") { town.sms("telco", BEA, "1").await } else { asked };
    // The colonia is said, since she names it herself; doña Cuca is not, since she does not.
    let expected = "Ya hay un reporte parecido en Mirasol, Tlapa: Agua, de hace 2 dias, recibido, de 1 persona. \
                    ¿Es este mismo? 1 Si, sumame 2 No";
    assert_eq!(asked, expected);
    assert_eq!(segment(&asked).segments, 1);
    let joined = town.sms("telco", BEA, "1").await;
    let expected = format!(
        "Listo, te sumé: con tu voz ya son 2 personas en el reporte {folio}. Te avisamos de cada cambio. \
         Para saber: ESTADO {folio}"
    );
    assert_eq!(joined, expected);
    assert!(!joined.contains(&pin) && !asked.contains("Cuca") && !asked.contains(&folio));
    assert_eq!(town.sms("telco", BEA, "MIS CASOS").await.matches(&folio).count(), 1);
    assert!(town.sms("telco", BEA, &format!("ESTADO {folio}")).await.contains("falta que alguien lo lea"));
    // The same again is about what is hers now, and counts no second time.
    let again = town.sms("telco", BEA, "QUEJA sigue sin agua la col. Mirasol").await;
    assert_eq!(again, format!("¿Es sobre tu reporte {folio}? 1 Si, sumalo 2 No"));
    assert_eq!(town.sms("telco", BEA, "1").await, format!("Lo sumé a tu reporte {folio}."));
    let case = find(&town, &staff, &folio).await;
    assert_eq!(case["joined"], 2);
    let thread = get(&town.serving, &format!("/staff/v1/cases/{}/thread", id(&case)), &staff).await.1;
    let said: Vec<&str> =
        thread["items"].as_array().expect("entries").iter().filter_map(|it| it["text"].as_str()).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[1].starts_with("sin agua en la mirasol"), "{said:?}");
    let before = town.pushed().await.len();
    let (status, answer) = act(&town, &staff, &case, "assign", json!({ "assignee": staff.id })).await;
    assert_eq!(status, 200, "{answer}");
    let mut news = town.pushed().await.split_off(before);
    news.sort();
    let line = format!("Tu reporte {folio}: ya tiene quien lo atienda.");
    assert_eq!(news, [(ANA.to_owned(), line.clone()), (BEA.to_owned(), line)]);
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_likely_case_is_is_said_in_the_words_of_who_asks_only() {
    let town = Phones::start("").await;
    for phone in [ANA, BEA, LUZ, EVA] {
        at_home(&town, phone).await;
    }
    receipt(
        &town
            .sms("telco", ANA, "QUEJA no cae agua en la calle Morelos, col. Mirasol, casa de Cuca Perez")
            .await,
    );
    let asks = async |phone: &str, text: &str| {
        let asked = town.sms("telco", phone, text).await;
        let asked = if asked.contains("¿Donde es?") {
            town.sms("telco", phone, "calle Morelos").await
        } else {
            asked
        };
        assert!(asked.contains("¿Es este mismo?") && segment(&asked).segments == 1, "{asked}");
        asked
    };
    // She tells of the street only: the colonia is not hers to know.
    let street = asks(BEA, "QUEJA no cae agua en la calle Morelos").await;
    assert!(street.starts_with("Ya hay un reporte parecido en Tlapa: Agua"), "{street}");
    let again = town.sms("telco", BEA, "7").await;
    assert!(again.contains("parecido en Tlapa: Agua"), "{again}");
    let both = asks(LUZ, "QUEJA no cae agua en la calle Morelos, colonia MIRASOL").await;
    assert!(both.starts_with("Ya hay un reporte parecido en MIRASOL, Tlapa: Agua"), "{both}");
    // The question is the same where it is asked again.
    let again = town.sms("telco", LUZ, "7").await;
    assert!(again.contains("parecido en MIRASOL, Tlapa: Agua"), "{again}");
    let guessed = asks(EVA, "QUEJA no cae agua en la calle Morelos con Cuca Perez").await;
    assert!(guessed.starts_with("Ya hay un reporte parecido en Tlapa: Agua"), "{guessed}");
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_no_opens_a_case_of_its_own_and_what_is_closed_meanwhile_is_not_joined() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    for phone in [ANA, BEA, LUZ] {
        at_home(&town, phone).await;
    }
    let text = "QUEJA no cae agua en la col. Mirasol";
    let (folio, _) = receipt(&town.sms("telco", ANA, text).await);
    assert!(town.sms("telco", BEA, text).await.contains("¿Es este mismo?"));
    // Anything else is answered by the same question.
    let again = town.sms("telco", BEA, "7").await;
    assert!(again.contains("1 Si, sumame 2 No") && !again.contains("MENU"), "{again}");
    assert!(town.sms("telco", BEA, "AYUDA").await.contains("QUEJA"));
    let (own, _) = receipt(&town.sms("telco", BEA, "2").await);
    assert_ne!(own, folio);
    assert_eq!(find(&town, &staff, &folio).await["joined"], 1);
    // Of two that are as like, the older one is offered; it is closed before she answers.
    assert!(town.sms("telco", LUZ, text).await.contains("¿Es este mismo?"));
    for it in [&folio, &own] {
        let case = find(&town, &staff, it).await;
        assert_eq!(act(&town, &staff, &case, "state", json!({ "state": "resolved" })).await.0, 200);
    }
    let (late, _) = receipt(&town.sms("telco", LUZ, "1").await);
    assert_eq!(find(&town, &staff, &late).await["joined"], 1);
    assert_eq!(find(&town, &staff, &folio).await["joined"], 1);
    // A month later it is another matter.
    town.serving.clock.advance(31 * DAY);
    receipt(&town.sms("telco", ANA, text).await);
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_closed_to_others_is_neither_offered_nor_counted_nor_compared() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    at_home(&town, BEA).await;
    town.sms("telco", ANA, "tlapa").await;
    let text = "QUEJA no cae agua en la col. Mirasol";
    // Ana hides from everybody.
    town.sms("telco", ANA, text).await;
    let (hidden, _) = receipt(&town.sms("telco", ANA, "2").await);
    let (open, _) = receipt(&town.sms("telco", BEA, text).await);
    // Nor is it offered to who hides that there is an open one.
    town.sms("telco", LUZ, "tlapa").await;
    town.sms("telco", LUZ, text).await;
    receipt(&town.sms("telco", LUZ, "2").await);
    let urgent = town.sms("telco", EVA, "QUEJA me van a matar en la col. Mirasol, no hay agua").await;
    assert!(urgent.contains("911"), "{urgent}");
    for folio in [&hidden, &open] {
        let path = format!("/staff/v1/cases/{}/similar", id(&find(&town, &staff, folio).await));
        let (status, found) = get(&town.serving, &path, &staff).await;
        assert_eq!((status, &found["items"]), (200, &json!([])), "{found}");
    }
    let path = "/staff/v1/clusters?municipality=12066&least=2";
    assert_eq!(get(&town.serving, path, &staff).await.1["items"], json!([]));
    // Somebody else's town sees nothing of it, nor may one ask without naming one.
    let other = person(&town.serving, &[("caseworker", "municipality:20570")]).await;
    let path = format!("/staff/v1/cases/{}/similar", id(&find(&town, &staff, &open).await));
    assert_eq!(get(&town.serving, &path, &other).await.0, 404);
    assert_eq!(get(&town.serving, "/staff/v1/clusters?municipality=12066", &other).await.0, 403);
    for wrong in ["", "?municipality=12066&category=nothing", "?municipality=12066&least=1"] {
        assert_eq!(get(&town.serving, &format!("/staff/v1/clusters{wrong}"), &staff).await.0, 400, "{wrong}");
    }
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_see_why_cases_are_alike_join_them_and_part_them() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    for phone in [ANA, BEA, LUZ] {
        at_home(&town, phone).await;
    }
    let mut folios = Vec::new();
    for (phone, text) in [
        (ANA, "no cae agua en la col. Mirasol"),
        (BEA, "sin agua en la colonia mirasol desde el lunes"),
        (LUZ, "no ay agua, col mirasol"),
    ] {
        let told = town.sms("telco", phone, &format!("QUEJA {text}")).await;
        let told = if told.contains("¿Es este mismo?") { town.sms("telco", phone, "2").await } else { told };
        folios.push(receipt(&told).0);
    }
    town.sms("telco", ANA, "QUEJA hay una fuga en la calle Morelos").await;
    let case = find(&town, &staff, &folios[0]).await;
    let twin = find(&town, &staff, &folios[1]).await;
    let path = format!("/staff/v1/cases/{}/similar", id(&case));
    let found = get(&town.serving, &path, &staff).await.1;
    let items = found["items"].as_array().expect("cases");
    let alike: BTreeSet<&str> = items.iter().filter_map(|it| it["case"]["folio"].as_str()).collect();
    assert_eq!(alike, BTreeSet::from([folios[1].as_str(), folios[2].as_str()]), "{found}");
    assert!(items.iter().all(|it| it["likely"] == true), "{found}");
    let parts = &items[0]["likeness"];
    for part in ["score", "text", "category", "place", "time"] {
        assert!(parts[part].as_f64().is_some_and(|it| (0.5..=1.0).contains(&it)), "{part}: {parts}");
    }
    let groups = get(&town.serving, "/staff/v1/clusters?municipality=12066", &staff).await.1;
    let group = &groups["items"][0];
    assert_eq!(groups["items"].as_array().map(Vec::len), Some(1), "{groups}");
    assert_eq!((group["category"].as_str(), group["joined"].as_i64()), (Some("water"), Some(3)));
    assert_eq!(group["cases"].as_array().map(Vec::len), Some(3));
    assert!(group["likeness"]["text"].as_f64().is_some_and(|it| it > 0.5), "{group}");

    let before = town.pushed().await.len();
    let stale = json!({ "into": case["id"], "version": 99 });
    let stale =
        write(&town.serving, Method::POST, &format!("/staff/v1/cases/{}/merge", id(&twin)), &staff, &stale)
            .await;
    assert_eq!((stale.0, stale.1["code"].as_str()), (409, Some("version_conflict")));
    let (status, merged) = act(&town, &staff, &twin, "merge", json!({ "into": case["id"] })).await;
    assert_eq!((status, &merged["case"]["state"]), (200, &json!("duplicate")), "{merged}");
    let told = town.pushed().await.split_off(before);
    let line = format!(
        "Tu reporte {} es el mismo que el {original} y va junto con ese: las noticias te llegan con el folio \
         {original}.",
        folios[1],
        original = folios[0]
    );
    assert_eq!(told, [(BEA.to_owned(), line)]);
    assert_eq!(find(&town, &staff, &folios[0]).await["joined"], 2);
    // Where people of it are told, each is told once.
    let before = town.pushed().await.len();
    let case = find(&town, &staff, &folios[0]).await;
    act(&town, &staff, &case, "state", json!({ "state": "in_progress" })).await;
    let mut told: Vec<String> = town.pushed().await.split_off(before).into_iter().map(|it| it.0).collect();
    told.sort();
    assert_eq!(told, [ANA, BEA]);
    let before = town.pushed().await.len();
    let twin = find(&town, &staff, &folios[1]).await;
    let (status, parted) = act(&town, &staff, &twin, "merge", json!({ "into": null })).await;
    assert_eq!((status, &parted["case"]["state"]), (200, &json!("in_review")), "{parted}");
    assert_eq!(find(&town, &staff, &folios[0]).await["joined"], 1);
    let told = town.pushed().await.split_off(before);
    assert_eq!(told, [(BEA.to_owned(), format!("Tu reporte {}: alguien lo esta revisando.", folios[1]))]);
    let trail = get(&town.serving, &format!("/staff/v1/cases/{}/changes", id(&case)), &staff).await.1;
    let kinds: Vec<&str> =
        trail["items"].as_array().expect("changes").iter().filter_map(|it| it["kind"].as_str()).collect();
    assert!(kinds.contains(&"case_absorbed") && kinds.contains(&"case_released"), "{kinds:?}");
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_joined_by_mistake_and_parted_within_ten_seconds_hears_nothing() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    for phone in [ANA, BEA] {
        at_home(&town, phone).await;
    }
    let (folio, _) = receipt(&town.sms("telco", ANA, "QUEJA no cae agua en la col. Mirasol").await);
    let (other, _) = receipt(&town.sms("telco", BEA, "QUEJA hay una fuga de agua en la calle Morelos").await);
    let before = town.pushed().await.len();
    let merge = async || {
        let (case, twin) = (find(&town, &staff, &folio).await, find(&town, &staff, &other).await);
        let (status, merged) = act(&town, &staff, &twin, "merge", json!({ "into": case["id"] })).await;
        assert_eq!((status, &merged["case"]["state"]), (200, &json!("duplicate")), "{merged}");
        assert_eq!(merged["send"]["recipients"], 1, "{merged}");
        merged["send"]["id"].as_str().expect("a send").to_owned()
    };
    let part = async || {
        let twin = find(&town, &staff, &other).await;
        let (status, parted) = act(&town, &staff, &twin, "merge", json!({ "into": null })).await;
        assert_eq!((status, &parted["case"]["state"]), (200, &json!("in_review")), "{parted}");
        parted
    };
    // Parted while the message is held: neither goes.
    merge().await;
    town.serving.clock.advance(9_000);
    assert!(part().await["send"].is_null());
    assert_eq!(town.pushed().await.len(), before);
    // The message is taken back first, as the console does it.
    let send = merge().await;
    let path = format!("/staff/v1/sends/{send}/take-back");
    let (status, back) = write(&town.serving, Method::POST, &path, &staff, &json!({})).await;
    assert_eq!(status, 200, "{back}");
    town.serving.clock.advance(60_000);
    part().await;
    assert_eq!(town.pushed().await.len(), before, "who heard of no merge hears of no parting");
    // A closing is undone in the same way.
    for state in ["resolved", "in_progress"] {
        let case = find(&town, &staff, &folio).await;
        assert_eq!(act(&town, &staff, &case, "state", json!({ "state": state })).await.0, 200);
        let case = find(&town, &staff, &folio).await;
        assert_eq!(act(&town, &staff, &case, "state", json!({ "state": "in_review" })).await.0, 200);
        assert_eq!(find(&town, &staff, &folio).await["state"], "in_review");
        assert_eq!(town.pushed().await.len(), before, "{state}");
    }
    // Once it went out, the parting is told.
    merge().await;
    assert_eq!(town.pushed().await.len(), before + 1);
    part().await;
    let told = town.pushed().await.split_off(before + 1);
    assert_eq!(told, [(BEA.to_owned(), format!("Tu reporte {other}: alguien lo esta revisando."))]);
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_on_two_channels_is_told_once_where_she_wrote_last() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    at_home(&town, ANA).await;
    let chat = async |text: &str, replies: usize| {
        let before = town.api.sent(CHAT).len();
        town.api.write(CHAT, text);
        town.api.wait_sent(CHAT, before + replies).await.split_off(before)
    };
    // Both have a part in the case before she says that she is one person.
    let (folio, _) = receipt(&town.sms("telco", ANA, "QUEJA no cae agua en la col. Mirasol").await);
    chat("tlapa", 2).await;
    chat("QUEJA no cae agua en la colonia mirasol", 2).await;
    assert!(chat("1", 1).await[0].text.contains("¿Es este mismo?"));
    chat("1", 1).await;
    assert_eq!(find(&town, &staff, &folio).await["joined"], 2);
    let code = town.sms("telco", ANA, "VINCULA").await;
    let code =
        code.split(|it: char| !it.is_ascii_digit()).find(|it| it.len() == 6).expect("a code").to_owned();
    town.serving.clock.advance(1_000);
    chat(&format!("VINCULA {code}"), 1).await;
    chat("1", 1).await;
    let store = &town.serving.app.service().store;
    let contact = store.find_contact("telegram", &CHAT.to_string()).await.expect("a store").expect("a chat");
    assert!(store.find_person(contact).await.expect("a store").is_some());
    town.pushed().await;
    let heard = async || {
        let (phone, chat) = (town.pushed().await.len(), town.api.sent(CHAT).len());
        (phone, chat)
    };
    let before = heard().await;
    let case = find(&town, &staff, &folio).await;
    assert_eq!(act(&town, &staff, &case, "state", json!({ "state": "in_progress" })).await.0, 200);
    let after = heard().await;
    assert_eq!((after.0 - before.0, after.1 - before.1), (0, 1), "she wrote last in the chat");
    town.serving.clock.advance(1_000);
    town.sms("telco", ANA, "MIS CASOS").await;
    let before = heard().await;
    let case = find(&town, &staff, &folio).await;
    assert_eq!(act(&town, &staff, &case, "state", json!({ "state": "in_review" })).await.0, 200);
    let after = heard().await;
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 0), "she wrote last by phone");
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_joins_by_its_button() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    at_home(&town, ANA).await;
    let (folio, _) = receipt(&town.sms("telco", ANA, "QUEJA no cae agua en la col. Mirasol").await);
    let chat = async |text: &str, replies: usize| {
        let before = town.api.sent(CHAT).len();
        town.api.write(CHAT, text);
        town.api.wait_sent(CHAT, before + replies).await.split_off(before)
    };
    chat("tlapa", 2).await;
    chat("QUEJA no cae agua en la colonia mirasol", 2).await;
    let asked = chat("1", 1).await.remove(0);
    assert!(
        asked.text.contains("Ya hay un reporte parecido en mirasol, Tlapa") && asked.text.contains("súmame")
    );
    assert_eq!(asked.buttons.concat().len(), 2, "{asked:?}");
    let before = town.api.sent(CHAT).len();
    town.api.press(CHAT, asked.message_id, "1");
    let service = town.serving.app.service();
    let joined = async {
        while service.store.count_inbound("received").await.expect("a count") > 0
            || find(&town, &staff, &folio).await["joined"] != 2
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(cabildo_tests::serving::PATIENCE, joined).await.expect("joined");
    assert!(town.api.sent(CHAT).len() <= before + 1);
    town.serving.app.shutdown().await;
}

#[test]
fn the_question_is_one_segment_in_both_languages_and_waits_for_its_answer() {
    let mut town = Town::offering();
    let (mut ana, mut bea) = (Phone::at_home(0), Phone::at_home(1));
    let text = "QUEJA no cae agua en la col. Mirasol";
    ana.talk(&mut town, &[(text, "Recibido. Folio")]);
    bea.conversation.locale = Some("en".to_owned());
    let asked = "Water, from today, received, by 1 person. Is it the same? 1 Yes, add me 2 No";
    bea.talk(&mut town, &[(text, asked)]);
    // A comparison in between leaves the draft, which is offered again; so does a day.
    assert!(bea.says(&mut town, "ometepec").contains("Ometepec, Gro"));
    assert!(town.kept.len() == 1 && bea.conversation.intake.is_some());
    bea.later(25 * HOUR);
    let asked = bea.says(&mut town, "queja");
    assert!(asked.contains("1 Yes 2 No"), "{asked}");
    bea.talk(&mut town, &[("1", "Is it the same?"), ("yes", "2 people now stand behind report")]);
    assert_eq!((town.kept.len(), &town.kept[0].joiners[..]), (1, &[1][..]));
    assert!(bea.conversation.intake.is_none() && bea.conversation.has_cases);
    // Who leaves the draft at this question opens and joins nothing.
    let mut luz = Phone::at_home(2).on(ChannelKind::Ussd);
    luz.talk(&mut town, &[(text, "Es este mismo?")]);
    luz.says(&mut town, "CANCELA");
    assert!(luz.effects.iter().all(|it| !matches!(it, Effect::Case(CaseEffect::Joined { .. }))));
    assert_eq!(town.kept.len(), 1);
}

#[test]
fn a_draft_of_a_release_before_goes_on() {
    let mut town = Town::default();
    let mut ana = Phone::at_home(0);
    ana.says(&mut town, "QUEJA no cae agua");
    let mut stored = serde_json::to_value(&ana.conversation).expect("JSON");
    assert!(stored["intake"].as_object_mut().expect("a draft").remove("apart").is_some());
    ana.conversation = serde_json::from_value(stored).expect("an older draft");
    ana.talk(&mut town, &[("col. Mirasol", "1 Solo la oficina"), ("1", "Recibido")]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever four people write in whatever order: nobody reads a word or a PIN of another one, nobody is
    /// twice in a case, and what each told is in one thread.
    #[test]
    fn two_people_are_never_mixed(acts in prop::collection::vec((0_usize..4, 0_usize..9), 1..40)) {
        const NAMES: [&str; 4] = ["zorzal", "quetzal", "gorrion", "tecolote"];
        let mut town = Town::offering();
        let mut phones: Vec<Phone> = (0..4).map(Phone::at_home).collect();
        for (who, act) in acts {
            let text = match act {
                0 | 1 => format!("QUEJA no cae agua en la col. Mirasol {}", NAMES[who]),
                2 => format!("QUEJA bache enorme en la calle Rosales {}", NAMES[who]),
                3 | 4 => "1".to_owned(),
                5 => "2".to_owned(),
                6 => "MIS CASOS".to_owned(),
                7 => "CANCELA".to_owned(),
                _ => NAMES[who].to_owned(),
            };
            let known: Vec<(usize, String)> =
                town.kept.iter().map(|it| (it.owner, it.opening.pin.as_str().to_owned())).collect();
            // The others do not withdraw what somebody joined.
            for it in &mut town.kept {
                it.case.others = !it.joiners.is_empty();
            }
            let read = phones[who].says(&mut town, &text);
            for (other, name) in NAMES.iter().enumerate().filter(|it| it.0 != who) {
                prop_assert!(!read.contains(name), "{who} reads of {other}: {read}");
            }
            for (owner, pin) in &known {
                prop_assert!(*owner == who || !read.contains(&format!("clave {pin}")), "{read}");
            }
            for it in &town.kept {
                let people: BTreeSet<usize> = it.joiners.iter().copied().collect();
                prop_assert_eq!(people.len(), it.joiners.len());
                prop_assert!(!people.contains(&it.owner));
            }
        }
    }
}
