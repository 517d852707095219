//! What citizens write and what staff do to it, over HTTP on both sides.

use cabildo_tests::phones::{Phones, receipt};
use cabildo_tests::serving::PATIENCE;
use cabildo_tests::staff::{Person, get, person, write};
use reqwest::Method;
use serde_json::{Value, json};

const TLAPA: &str = "12066";
const ANA: &str = "+525500000001";
const BEA: &str = "+525500000002";
const CHAT: i64 = 714_004_001;

async fn worker(town: &Phones) -> Person {
    let place = format!("municipality:{TLAPA}");
    person(&town.serving, &[("caseworker", &place), ("moderator", &place)]).await
}

/// A complaint of a phone in as few messages as it takes; its folio and PIN.
async fn complains(town: &Phones, phone: &str, text: &str) -> (String, String) {
    town.sms("telco", phone, "tlapa").await;
    let asked = town.sms("telco", phone, &format!("QUEJA {text}")).await;
    let told = if asked.contains("Recibido") { asked } else { town.sms("telco", phone, "1").await };
    // It is none of those that are there.
    let told = if told.contains("¿Es este mismo?") { town.sms("telco", phone, "2").await } else { told };
    receipt(&told)
}

async fn find(town: &Phones, who: &Person, folio: &str) -> Value {
    let page = get(&town.serving, "/staff/v1/cases?limit=50", who).await.1;
    let items = page["items"].as_array().expect("cases");
    items.iter().find(|it| it["folio"] == folio).unwrap_or_else(|| panic!("{folio}: {page}")).clone()
}

async fn act(town: &Phones, who: &Person, case: &Value, act: &str, mut body: Value) -> Value {
    body["version"] = case["version"].clone();
    let path = format!("/staff/v1/cases/{}/{act}", case["id"].as_str().expect("an id"));
    let (status, answer) = write(&town.serving, Method::POST, &path, who, &body).await;
    assert_eq!(status, 200, "{act}: {answer}");
    answer["case"].clone()
}

async fn thread(town: &Phones, who: &Person, case: &Value) -> Vec<String> {
    let path = format!("/staff/v1/cases/{}/thread", case["id"].as_str().expect("an id"));
    let page = get(&town.serving, &path, who).await.1;
    let entries = page["items"].as_array().expect("entries").iter();
    entries.filter_map(|it| it["text"].as_str().map(str::to_owned)).collect()
}

/// Nothing that a citizen wrote is parked.
async fn nothing_is_parked(town: &Phones) {
    let store = &town.serving.app.service().store;
    for state in ["parked", "received"] {
        assert_eq!(store.count_inbound(state).await, Ok(0), "{state}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_others_joined_is_left_to_them() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    let (hers, _) = complains(&town, ANA, "no hay agua en la calle Hidalgo desde el lunes").await;
    let (other, _) = complains(&town, BEA, "no hay agua en la calle Hidalgo tampoco").await;
    let (case, twin) = (find(&town, &staff, &hers).await, find(&town, &staff, &other).await);
    act(&town, &staff, &twin, "state", json!({ "state": "duplicate", "original": case["id"] })).await;
    town.pushed().await;
    let asked = town.sms("telco", ANA, "CANCELA").await;
    let expected = "¿Te retiras del reporte F? Sigue abierto, porque otras personas se sumaron. 1 Si 2 No";
    assert_eq!(asked, expected.replace('F', &hers));
    let told = town.sms("telco", ANA, "1").await;
    let expected = "Listo: ya no te llegan noticias del reporte F. Sigue abierto para quienes se sumaron, \
                    con lo que contaste y sin tu numero.";
    assert_eq!(told, expected.replace('F', &hers));
    nothing_is_parked(&town).await;
    assert!(town.sms("telco", ANA, "MIS CASOS").await.contains("No tengo reportes"));
    // It is true: the case goes on, the other one gets its news, and she gets none.
    let case = find(&town, &staff, &hers).await;
    assert_eq!(case["state"], "received");
    let path = format!("/staff/v1/cases/{}", case["id"].as_str().expect("an id"));
    let whole = get(&town.serving, &path, &staff).await.1;
    assert_eq!(whole["people"].as_array().map(Vec::len), Some(1), "{whole}");
    let before = town.pushed().await.len();
    act(&town, &staff, &case, "assign", json!({ "assignee": staff.id })).await;
    let pushed = town.pushed().await.split_off(before);
    let news = format!("Tu reporte {hers}: ya tiene quien lo atienda.");
    assert_eq!(pushed, [(BEA.to_owned(), news)]);
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_opened_meanwhile_is_not_taken_back() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    let (folio, _) = complains(&town, ANA, "no hay agua en la calle Hidalgo desde el lunes").await;
    assert!(town.sms("telco", ANA, "CANCELA").await.starts_with("¿Retiras el reporte"));
    let case = find(&town, &staff, &folio).await;
    let path = format!("/staff/v1/cases/{}", case["id"].as_str().expect("an id"));
    assert_eq!(get(&town.serving, &path, &staff).await.0, 200);
    let told = town.sms("telco", ANA, "1").await;
    assert!(told.starts_with(&format!("El reporte {folio} ya no se puede retirar")), "{told}");
    assert_eq!(find(&town, &staff, &folio).await["state"], "received");
    // The same when the day is over before she says yes.
    let (folio, _) = complains(&town, BEA, "no hay agua en la calle Juarez desde el lunes").await;
    town.serving.clock.advance(23 * 3_600_000);
    assert!(town.sms("telco", BEA, "CANCELA").await.starts_with("¿Retiras el reporte"));
    town.serving.clock.advance(2 * 3_600_000);
    let told = town.sms("telco", BEA, "1").await;
    assert!(told.starts_with(&format!("El reporte {folio} ya no se puede retirar")), "{told}");
    nothing_is_parked(&town).await;
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn her_chat_takes_back_and_corrects_what_her_phone_opened() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    let asked = town.sms("telco", ANA, "VINCULA").await;
    let code = asked.split(|it: char| !it.is_ascii_digit()).find(|it| it.len() == 6).expect("a code");
    town.api.write(CHAT, &format!("VINCULA {code}"));
    let question = town.api.wait_sent(CHAT, 2).await;
    let question = question.iter().find(|it| !it.buttons.is_empty()).expect("a question");
    town.api.press(CHAT, question.message_id, "1");
    let store = &town.serving.app.service().store;
    let phone = store.find_contact("telco", ANA).await.expect("read").expect("a contact");
    let joined = async {
        while store.find_person(phone).await.expect("read").is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, joined).await.expect("joined");
    let (folio, _) = complains(&town, ANA, "no hay agua en la calle Hidalgo desde el lunes").await;
    let chat = async |text: &str| {
        let before = town.api.sent(CHAT).len();
        town.api.write(CHAT, text);
        town.api.wait_sent(CHAT, before + 1).await[before].text.clone()
    };
    assert!(chat("CORRIGE no hay agua en la calle Juarez").await.contains("lo corregimos"));
    assert!(chat("CANCELA").await.contains(&format!("¿Retiras el reporte {folio}")));
    assert!(chat("1").await.contains(&format!("retiraste el reporte {folio}")));
    assert_eq!(
        town.sms("telco", ANA, "MIS CASOS").await,
        format!("Tus reportes: {folio} retirado por ti. Para saber mas: ESTADO y el folio.")
    );
    let page = get(&town.serving, "/staff/v1/cases?state=closed_unfixed", &staff).await.1;
    assert_eq!(page["items"][0]["folio"], json!(folio), "{page}");
    assert_eq!(thread(&town, &staff, &page["items"][0]).await, ["no hay agua en la calle Juarez"]);
    nothing_is_parked(&town).await;
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_nobody_understood_becomes_a_case_of_its_citizen() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    let words = "se nos fue la biznaga del molcajete";
    for phone in [ANA, BEA] {
        town.sms("telco", phone, "tlapa").await;
        for text in ["zxcv qwer uiop", "zxcv qwer uiop asdf", words] {
            town.sms("telco", phone, text).await;
        }
    }
    let before = town.pushed().await.len();
    let unknown = get(&town.serving, "/staff/v1/unknown-texts", &staff).await.1;
    let items = unknown["items"].as_array().expect("groups");
    let group = items.iter().find(|it| it["text"] == words).unwrap_or_else(|| panic!("{unknown}")).clone();
    assert_eq!((&group["messages"], &group["municipality"]), (&json!(2), &json!(TLAPA)), "{group}");
    let path = format!("/staff/v1/unknown-texts/{}/decide", group["id"].as_str().expect("an id"));
    for (wrong, status) in [
        (json!({ "version": group["version"], "act": "open_case" }), 422),
        (json!({ "version": group["version"], "act": "open_case", "category": "nothing" }), 422),
        (json!({ "version": group["version"], "act": "opened" }), 422),
        (
            json!({ "version": group["version"], "act": "open_case", "category": "water", "municipality": "20570" }),
            403,
        ),
        (json!({ "version": 99, "act": "open_case", "category": "water" }), 409),
    ] {
        let answer = write(&town.serving, Method::POST, &path, &staff, &wrong).await;
        assert_eq!(answer.0, status, "{wrong}: {}", answer.1);
    }
    assert_eq!(town.pushed().await.len(), before, "what was refused told nobody");
    let open =
        json!({ "version": group["version"], "act": "open_case", "category": "water", "kind": "complaint" });
    let (status, done) = write(&town.serving, Method::POST, &path, &staff, &open).await;
    assert_eq!(status, 200, "{done}");
    assert_eq!((&done["recipients"], &done["group"]["state"]), (&json!(2), &json!("opened")), "{done}");
    assert!(done["case"].is_string(), "{done}");

    // Each has a case with her own words and gets her own receipt.
    let pushed = town.pushed().await.split_off(before);
    assert_eq!(pushed.len(), 2, "{pushed:?}");
    let mut folios = Vec::new();
    for phone in [ANA, BEA] {
        let told = &pushed.iter().find(|it| it.0 == phone).expect("a receipt").1;
        assert!(told.starts_with("Abrimos un reporte con lo que escribiste. Folio "), "{told}");
        let (folio, pin) = receipt(told);
        assert!(told.ends_with(&format!("Para saber: ESTADO {folio} {pin}")), "{told}");
        let case = find(&town, &staff, &folio).await;
        assert_eq!((&case["category"], &case["state"]), (&json!("water"), &json!("received")));
        assert_eq!(thread(&town, &staff, &case).await, [words]);
        let state = town.sms("telco", phone, &format!("ESTADO {folio}")).await;
        assert!(state.starts_with(&format!("Tu reporte {folio}: ")), "{state}");
        let elsewhere = town.sms("other", "+525500000009", &format!("ESTADO {folio} {pin}")).await;
        assert!(elsewhere.starts_with(&format!("Tu reporte {folio}: ")), "{elsewhere}");
        // What she writes next joins it.
        let joined = town.sms("telco", phone, "ya van tres dias y nadie viene a verlo").await;
        assert!(joined.contains(&folio), "{joined}");
        folios.push(folio);
    }
    folios.dedup();
    assert_eq!(folios.len(), 2);
    // It is done once.
    let again = write(&town.serving, Method::POST, &path, &staff, &open).await;
    assert_eq!(again.0, 409, "{}", again.1);
    let version = &done["group"]["version"];
    let wait = json!({ "version": version, "act": "wait" });
    let (_, waits) = write(&town.serving, Method::POST, &path, &staff, &wait).await;
    let mut twice = open.clone();
    twice["version"] = waits["group"]["version"].clone();
    let again = write(&town.serving, Method::POST, &path, &staff, &twice).await;
    assert_eq!((again.0, &again.1["detail"]), (409, &json!("nobody_to_tell")), "{}", again.1);

    // Of a confidential category nothing is told but that it is there, and its words are shown here no more.
    let words = "la biznaga del molcajete anda sola";
    for text in ["tlapa", "zxcv qwer uiop", "zxcv qwer uiop asdf", words] {
        town.sms("telco", "+525500000003", text).await;
    }
    let before = town.pushed().await.len();
    let unknown = get(&town.serving, "/staff/v1/unknown-texts", &staff).await.1;
    let group = unknown["items"].as_array().and_then(|it| it.iter().find(|it| it["text"] == words));
    let group = group.unwrap_or_else(|| panic!("{unknown}")).clone();
    let path = format!("/staff/v1/unknown-texts/{}/decide", group["id"].as_str().expect("an id"));
    let open = json!({ "version": group["version"], "act": "open_case", "category": "violence",
        "kind": "complaint", "municipality": TLAPA });
    let (status, done) = write(&town.serving, Method::POST, &path, &staff, &open).await;
    assert_eq!((status, &done["group"]["text"]), (200, &Value::Null), "{done}");
    let pushed = town.pushed().await.split_off(before);
    assert_eq!(pushed.len(), 1);
    receipt(&pushed[0].1);
    let opened = get(&town.serving, "/staff/v1/unknown-texts?state=opened", &staff).await.1;
    assert!(!opened.to_string().contains("anda sola"), "{opened}");
    let page = get(&town.serving, "/staff/v1/cases?limit=50", &staff).await.1;
    assert!(!page.to_string().contains("anda sola"), "{page}");
    nothing_is_parked(&town).await;
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_writes_who_came_by_joins_her_case() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    let new = json!({ "municipality": TLAPA, "kind": "complaint", "category": "water", "text": "Sin agua",
        "phone": ANA, "channel": "telco", "anonymity": "named", "consent": true });
    let (status, opened) = write(&town.serving, Method::POST, "/staff/v1/cases", &staff, &new).await;
    assert_eq!(status, 201, "{opened}");
    let answer = json!({ "text": "¿En que calle es?", "wait": true });
    let case = act(&town, &staff, &opened["case"], "reply", answer).await;
    let folio = case["folio"].as_str().expect("a folio");
    assert_eq!(town.pushed().await, [(ANA.to_owned(), format!("{folio}: ¿En que calle es?"))]);
    let told = town.sms("telco", ANA, "junto al molino viejo").await;
    assert_eq!(told, format!("Lo sumé a tu reporte {folio}."));
    assert_eq!(
        thread(&town, &staff, &case).await,
        ["Sin agua", "¿En que calle es?", "junto al molino viejo"]
    );
    town.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reported_reads_why_it_was_closed() {
    let town = Phones::start("").await;
    let staff = worker(&town).await;
    let (folio, _) = complains(&town, ANA, "no hay agua en la calle Hidalgo desde el lunes").await;
    let case = find(&town, &staff, &folio).await;
    let path = format!("/staff/v1/cases/{}/state", case["id"].as_str().expect("an id"));
    let long = json!({ "version": case["version"], "state": "closed_unfixed", "reason": "a ".repeat(300) });
    let (status, problem) = write(&town.serving, Method::POST, &path, &staff, &long).await;
    assert_eq!((status, &problem["field"]), (422, &json!("reason")), "{problem}");
    let reason = json!({ "state": "closed_unfixed", "reason": "La toma es privada: <le> toca al dueño." });
    let before = town.pushed().await.len();
    act(&town, &staff, &case, "state", reason).await;
    let pushed = town.pushed().await.split_off(before);
    let news = format!(
        "Tu reporte {folio}: se cerro sin arreglarse. Motivo: La toma es privada: <le> toca al dueño."
    );
    assert!(pushed.contains(&(ANA.to_owned(), news)), "{pushed:?}");
    // A day that is set is told, whatever staff noted beside it.
    let (folio, _) = complains(&town, ANA, "no pasa la basura en la calle Hidalgo desde el lunes").await;
    let case = find(&town, &staff, &folio).await;
    act(&town, &staff, &case, "assign", json!({ "assignee": staff.id })).await;
    let case = find(&town, &staff, &folio).await;
    let before = town.pushed().await.len();
    let scheduled = json!({ "state": "scheduled", "date": "2026-12-02", "reason": "falta el camion" });
    act(&town, &staff, &case, "state", scheduled).await;
    let pushed = town.pushed().await.split_off(before);
    let told = |it: &&(String, String)| it.0 == ANA && it.1.contains(&folio);
    let told: Vec<_> = pushed.iter().filter(told).collect();
    assert!(told.iter().any(|it| it.1.contains("2 dic")), "{pushed:?}");
    town.serving.app.shutdown().await;
}
