//! Lists of assemblies: a leader sends a photo by Telegram, staff looks at it, enters it and calls some back.

use std::io::Cursor;

use cabildo_bot::domain::time::DAY;
use cabildo_bot::store::audit::Filter;
use cabildo_tests::phones::Phones;
use cabildo_tests::serving::PATIENCE;
use cabildo_tests::staff::{Person, call, get, person, write};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};

const TLAPA: &str = "12066";
const BEA: &str = "+525570000001";
const LUZ: &str = "+525570002002";
/// Who writes the demand, who leads and who does neither.
const AUTHOR: i64 = 714_004_001;
const LEADER: i64 = 714_004_002;
const STRANGER: i64 = 714_004_003;

fn jpeg() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = DynamicImage::from(RgbImage::from_pixel(24, 24, Rgb([200, 40, 40])));
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg).expect("a picture");
    bytes
}

/// What a chat reads after it wrote.
async fn chat(town: &Phones, chat: i64, text: &str, replies: usize) -> String {
    let before = town.api.sent(chat).len();
    town.api.write(chat, text);
    let sent = town.api.wait_sent(chat, before + replies).await.split_off(before);
    sent.into_iter().map(|it| it.text).collect::<Vec<_>>().join("\n")
}

/// What a chat reads after it sent a photo with this caption.
async fn photo(town: &Phones, chat: i64, caption: &str) -> String {
    let before = town.api.sent(chat).len();
    let bytes = jpeg();
    let sizes = json!([{ "file_id": "list", "file_unique_id": "list", "width": 24, "height": 24,
        "file_size": bytes.len() }]);
    town.api.keep_file("list", bytes);
    let update = town.api.content_update(chat, &json!({ "photo": sizes, "caption": caption }));
    town.api.inject(update);
    town.api.wait_sent(chat, before + 1).await[before].text.clone()
}

async fn act(town: &Phones, who: &Person, id: &str, name: &str, mut body: Value) -> (u16, Value) {
    let (_, demand) = get(&town.serving, &format!("/staff/v1/demands/{id}"), who).await;
    body["version"] = demand["row"]["version"].clone();
    write(&town.serving, Method::POST, &format!("/staff/v1/demands/{id}/{name}"), who, &body).await
}

/// A demand once it is as it should be.
async fn until(town: &Phones, who: &Person, id: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let read = async {
        loop {
            let (status, demand) = get(&town.serving, &format!("/staff/v1/demands/{id}"), who).await;
            assert_eq!(status, 200, "{demand}");
            if fits(&demand) {
                return demand;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, read).await.expect("in time")
}

async fn bytes(town: &Phones, who: &Person, path: &str) -> (u16, String, Vec<u8>) {
    let response = call(&town.serving, Method::GET, path, Some(&who.token)).send().await.expect("an answer");
    let kind =
        response.headers().get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    (response.status().as_u16(), kind, response.bytes().await.expect("bytes").to_vec())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_of_a_list_is_sent_looked_at_entered_and_called_back() {
    let town = Phones::start("").await;
    let place = format!("municipality:{TLAPA}");
    let ana = person(&town.serving, &[("caseworker", &place), ("moderator", &place)]).await;
    for it in [AUTHOR, LEADER, STRANGER] {
        chat(&town, it, "tlapa", 2).await;
    }
    for it in [BEA, LUZ] {
        town.sms("telco", it, "tlapa").await;
    }
    // The demand, by its author's chat and two phones.
    chat(&town, AUTHOR, "DEMANDA agua potable para la colonia Centro", 1).await;
    chat(&town, AUTHOR, "1", 1).await;
    let opened = chat(&town, AUTHOR, "1", 1).await;
    let code =
        opened.split("CONFIRMO ").nth(1).and_then(|it| it.split(|it: char| !it.is_ascii_digit()).next());
    let code = code.unwrap_or_else(|| panic!("{opened}")).to_owned();
    let caption = format!("ACTA {code}");
    assert!(
        photo(&town, STRANGER, &caption).await.contains("No hay una demanda"),
        "a draft is there for nobody"
    );
    for it in [BEA, LUZ] {
        town.sms("telco", it, &format!("CONFIRMO {code}")).await;
    }
    let (_, list) = get(&town.serving, "/staff/v1/demands?queue=moderation", &ana).await;
    let id = list["items"][0]["id"].as_str().expect("a demand").to_owned();
    assert_eq!(act(&town, &ana, &id, "publish", json!({})).await.0, 200);

    // Who only supports it sends no list of people, and staff sees none.
    let told = photo(&town, STRANGER, &caption).await;
    assert!(told.contains("quien escribió la demanda o un líder verificado"), "{told}");
    assert!(town.sms("telco", BEA, &caption).await.contains("lider verificado"));
    chat(&town, LEADER, "LIDER", 1).await;
    chat(&town, LEADER, "Rosa, comité del agua", 1).await;
    assert!(photo(&town, LEADER, &caption).await.contains("líder verificado"), "nobody called her yet");
    let (_, leaders) = get(&town.serving, "/staff/v1/leaders", &ana).await;
    let path = format!("/staff/v1/leaders/{}/decide", leaders["items"][0]["id"].as_str().expect("a leader"));
    let yes = json!({ "version": 1, "decision": "verified" });
    assert_eq!(write(&town.serving, Method::POST, &path, &ana, &yes).await.0, 200);
    let (_, demand) = get(&town.serving, &format!("/staff/v1/demands/{id}"), &ana).await;
    assert_eq!(demand["pictures"], json!([]), "{demand}");

    // The verified leader's photo and the author's reach staff.
    for it in [LEADER, AUTHOR] {
        let told = photo(&town, it, &caption.to_lowercase()).await;
        assert!(told.contains("Una persona revisa la foto del acta"), "{told}");
    }
    let both = |it: &Value| it["pictures"].as_array().is_some_and(|it| it.len() == 2);
    let demand = until(&town, &ana, &id, both).await;
    let kinds: Vec<&str> =
        demand["changes"].as_array().expect("changes").iter().filter_map(|it| it["kind"].as_str()).collect();
    assert_eq!(kinds.iter().filter(|it| **it == "demand_acta_sent").count(), 2, "{kinds:?}");
    assert_eq!(demand["row"]["support"]["paper"], 0, "nothing is counted before somebody looked");
    let picture = demand["pictures"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/staff/v1/demands/{id}/pictures/{picture}");
    let (status, kind, content) = bytes(&town, &ana, &path).await;
    assert_eq!((status, kind.as_str()), (200, "image/jpeg"));
    assert!(image::load_from_memory(&content).is_ok());
    let store = &town.serving.app.service().store;
    let trail = store.list_audit(&Filter::default(), 50).await.expect("the trail");
    assert!(
        trail
            .iter()
            .any(|it| it.act == "media_read" && it.actor_id == Some(ana.id) && it.target_id == picture)
    );
    let away = person(&town.serving, &[("caseworker", "municipality:20570")]).await;
    assert_eq!(bytes(&town, &away, &path).await.0, 404);
    let other = format!("/staff/v1/demands/{id}/pictures/{id}");
    assert_eq!(bytes(&town, &ana, &other).await.0, 404);

    // It waits longer than other photos.
    town.serving.clock.advance(20 * DAY);
    store.expire_media(town.serving.clock.now(), 100).await.expect("a store");
    // Her session ended long ago.
    let ana = person(&town.serving, &[("caseworker", &place), ("moderator", &place)]).await;
    let entry = json!({ "folio": "A-9", "heads": 64, "held_on": "2026-09-13", "place": "Cancha", "picture": picture });
    assert_eq!(act(&town, &ana, &id, "add-acta", entry).await.0, 200);
    let (_, demand) = get(&town.serving, &format!("/staff/v1/demands/{id}"), &ana).await;
    assert_eq!(demand["pictures"].as_array().map(Vec::len), Some(1), "the other one waits: {demand}");
    let support = &demand["row"]["support"];
    assert_eq!((&support["paper"], &support["total"]), (&json!(64), &json!(3)), "{support}");
    let acta = &demand["actas"][0];
    assert_eq!((&acta["folio"], &acta["picture"]), (&json!("A-9"), &json!(true)), "{acta}");
    let acta_id = acta["id"].as_str().expect("an id").to_owned();
    // Ten of the list were called.
    let called = json!({ "acta": acta_id, "called": 10, "confirmed": 9 });
    assert_eq!(act(&town, &ana, &id, "call-acta", called).await.0, 200);
    town.serving.clock.advance(40 * DAY);
    store.expire_media(town.serving.clock.now(), 100).await.expect("a store");
    let ana = person(&town.serving, &[("caseworker", &place), ("moderator", &place)]).await;
    let (_, demand) = get(&town.serving, &format!("/staff/v1/demands/{id}"), &ana).await;
    assert_eq!(demand["pictures"], json!([]), "what nobody entered is gone");
    let acta = &demand["actas"][0];
    assert_eq!((&acta["called"], &acta["confirmed"]), (&json!(10), &json!(9)), "{acta}");
    let kept = bytes(&town, &ana, &format!("/staff/v1/demands/{id}/actas/{acta_id}/picture")).await;
    assert_eq!((kept.0, kept.2), (200, content), "the entered one stays");
    town.serving.app.shutdown().await;
}
