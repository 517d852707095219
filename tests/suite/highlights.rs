//! A card about what worked, from its suggestion to a phone and a chat of a municipality like its own: through a real
//! Kannel and the Bot API server of the test tree.

use std::time::{Duration, Instant};

use cabildo_bot::charts::{self, ChartSpec};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::demand::SubscriptionKind;
use cabildo_bot::domain::peer_group::Family;
use cabildo_bot::domain::time::MINUTE;
use cabildo_bot::store::demands::Change;
use cabildo_tests::bot_api::{BotApi, TOKEN, check_html};
use cabildo_tests::broadcasts::changes;
use cabildo_tests::demands::{code, refusal};
use cabildo_tests::kannel::{KannelStack, SENDSMS_PASSWORD, SENDSMS_USER};
use cabildo_tests::serving::{PATIENCE, Serving, facts};
use cabildo_tests::skip_or_fail;
use cabildo_tests::staff::{Person, get, write};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::staff_highlights::{act, done, propose, text, two};

const HUIXTAN: &str = "07038";
const CITIZEN: &str = "+525500000001";
const CHAT: i64 = 714_004_001;
const KEY: &str = "k0123456789abcdef";

/// A municipality that has Huixtán among those like it, by its key.
pub(crate) fn peer() -> String {
    let facts = facts();
    let own = facts.by_key(HUIXTAN).expect("Huixtán");
    let near = |id| facts.peer_groups.peers(id, Family::NEAREST);
    let found =
        near(own).into_iter().find(|it| near(it.municipality).iter().any(|it| it.municipality == own));
    facts.municipality(found.expect("a municipality like it").municipality).key.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suggested_card_reaches_a_phone_and_a_chat_of_a_municipality_like_its_own() {
    if !KannelStack::installed() {
        skip_or_fail("kannel");
        return;
    }
    let api = BotApi::start().await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let service = listener.local_addr().expect("its address");
    let service = format!("http://{service}/webhooks/sms/telco?key={KEY}");
    let kannel = tokio::task::block_in_place(|| KannelStack::start(&service)).expect("a gateway");
    let toml = format!(
        "[limits]\nquiet_from_hour = 0\nquiet_until_hour = 0\nunasked_per_day = 10\n[channels.telco]\ntype = \"kannel\"\nkey = \"{KEY}\"\nsendsms_url = \"{}\"\n\
         username = \"{SENDSMS_USER}\"\npassword = \"{SENDSMS_PASSWORD}\"\n\
         [channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n\
         poll_timeout_seconds = 1\n",
        kannel.sendsms(),
        api.url()
    );
    let serving = Serving::start_on(listener, &toml).await;
    let exchange = |text: &str, expected| {
        let delivered = tokio::task::block_in_place(|| kannel.exchange(CITIZEN, text, expected));
        let delivered = delivered.expect("an exchange");
        assert!(delivered.iter().all(|it| !it.ucs2), "GSM-7: {delivered:?}");
        delivered.into_iter().map(|it| it.text).collect::<Vec<_>>()
    };
    // The answer to a name and the notice.
    assert_eq!(exchange(&peer(), 2).len(), 2);
    assert!(exchange("VER", 1)[0].starts_with("Aun no hay practicas"));

    // The system suggests, somebody writes, somebody else publishes.
    let (ana, bea) = two(&serving).await;
    let (_, candidates) = get(&serving, "/staff/v1/highlight-candidates", &ana).await;
    let suggested = candidates["items"].as_array().expect("a list").iter();
    assert!(suggested.clone().any(|it| it["municipality"] == HUIXTAN && it["topic"] == "casa"));
    let id = propose(&serving, &ana, &text()).await;
    done(&serving, &ana, id, "submit", json!({})).await;
    assert!(exchange("VER 10", 1)[0].starts_with("No hay una practica"), "nobody read it yet");
    done(&serving, &bea, id, "approve", json!({})).await;

    let best = exchange("MEJORES casa", 1);
    assert!(best[0].contains("VER 10"), "{best:?}");
    let list = exchange("VER", 1);
    assert!(list[0].contains("VER 10 Huixtan, Chis (casa)"), "{list:?}");
    // Two segments at most, and the question.
    let parts = exchange("VER 10", 3);
    let card = parts.iter().filter(|it| !it.starts_with('¿')).map(String::as_str).collect::<String>();
    for words in
        ["Huixtan, Chis, practica 10: Piso firme por faenas. 412 pisos", "De 39.3 a 17.7%", "CONEVAL"]
    {
        assert!(card.contains(words), "{words}: {parts:?}");
    }
    assert!(parts.iter().any(|it| it == "¿Te sirvio? 1 Si 2 Mas o menos 3 No"), "{parts:?}");
    assert!(exchange("1", 1)[0].starts_with("Gracias"));
    let full = serving.app.service().store.get_full_highlight(id).await.expect("it");
    assert_eq!(full.helped, [1, 0, 0]);

    // The same on Telegram, with the picture of the figure and with what there is room for.
    api.write(CHAT, &peer());
    api.wait_sent(CHAT, 2).await;
    api.write(CHAT, "ver 10");
    let sent = api.wait_sent(CHAT, 4).await;
    let shown = check_html(&sent[2].text).expect("HTML that Telegram takes");
    for words in ["De 39.3 a 17.7%", "La lluvia atrasa las faenas", "https://huixtan.gob.mx/pisos"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let (place, topic) = (HUIXTAN.to_owned(), "casa".to_owned());
    let trend = ChartSpec::Trend { release: facts().manifest.pack.release.clone(), place, topic };
    let png = charts::draw(&trend, &facts(), "es-MX").expect("a picture");
    assert!(sent[2].picture.as_ref() == Some(&png), "another picture");
    assert_eq!(sent[3].buttons.concat().len(), 3, "{:?}", sent[3].buttons);

    // To who waits for news of the topic in municipalities like it, by four eyes once more.
    assert!(exchange("AVISOS casa", 1)[0].contains("1 Si"));
    assert_eq!(exchange("1", 1).len(), 1);
    let store = &serving.app.service().store;
    for chat in CHAT..CHAT + 12 {
        let news = Change::Subscribed {
            kind: SubscriptionKind::Topic,
            topic: "casa".to_owned(),
            municipality: peer(),
            consent: 1,
        };
        let now = serving.clock.now();
        changes(store, ("telegram", ChannelKind::Telegram), &chat.to_string(), news, now).await;
    }
    let (_, audience) = get(&serving, &format!("/staff/v1/highlights/{id}/audience"), &bea).await;
    assert_eq!(audience["subscribers"], "15", "thirteen, rounded");
    let begin = async || {
        let body = json!({ "channels": ["telco", "telegram"] });
        let (status, begun) = act(&serving, &ana, id, "broadcasts", body).await;
        assert_eq!((status, &begun["state"]), (201, &json!("draft")), "{begun}");
        begun["id"].as_str().expect("an id").to_owned()
    };
    let stale = act(&serving, &ana, id, "broadcasts", json!({ "version": 1, "channels": ["telco"] })).await;
    assert_eq!(code(&stale), (409, "version_conflict"));
    let post = async |who: &Person, path: &str, body: Value| {
        write(&serving, Method::POST, &format!("/staff/v1/broadcasts/{path}"), who, &body).await
    };
    let read = async |path: &str| get(&serving, &format!("/staff/v1/broadcasts/{path}"), &bea).await.1;
    let broadcast = begin().await;
    let whole = read(&broadcast).await;
    assert_eq!(whole["draft"]["audience"], json!({ "places": [], "peers_of": HUIXTAN, "topic": "casa" }));
    let submit = async |it: &str| {
        let version = read(it).await["row"]["version"].clone();
        let (status, done) = post(&ana, &format!("{it}/submit"), json!({ "version": version })).await;
        assert_eq!(status, 200, "{done}");
        done["hash"].clone()
    };
    let seen = submit(&broadcast).await;
    // It was seen for other people than it is for now.
    let mut wider = whole["draft"].clone();
    wider["audience"]["places"] = json!(["municipality:12066"]);
    let version = read(&broadcast).await["row"]["version"].clone();
    let edit = json!({ "version": version, "draft": wider });
    assert_eq!(post(&ana, &format!("{broadcast}/edit"), edit).await.0, 200);
    let hash = submit(&broadcast).await;
    let replayed = post(&bea, &format!("{broadcast}/approve"), json!({ "hash": seen })).await;
    assert_eq!(code(&replayed), (409, "version_conflict"), "{}", replayed.1);
    let own = post(&ana, &format!("{broadcast}/approve"), json!({ "hash": hash })).await;
    assert_eq!(own.0, 403, "{}", own.1);
    let (status, approved) = post(&bea, &format!("{broadcast}/approve"), json!({ "hash": hash })).await;
    assert_eq!(status, 200, "{approved}");
    let until = async |it: &str, state: &str| {
        let end = Instant::now() + PATIENCE;
        loop {
            let whole = read(it).await;
            if whole["row"]["state"] == state {
                return whole;
            }
            assert!(Instant::now() < end, "{state}: {whole}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    until(&broadcast, "approved").await;
    serving.clock.advance(MINUTE);
    let before = api.sent(CHAT).len();
    let ended = until(&broadcast, "done").await;
    assert_eq!(ended["progress"]["sent"], 13, "{ended}");
    let told = api.wait_sent(CHAT, before + 1).await;
    let told = told.last().expect("a message");
    assert!(told.text.contains("412 pisos") && told.text.contains("ALTO"), "{told:?}");
    assert!(told.picture.as_ref() == Some(&png), "the figure that moved");
    let previews = ended["previews"].as_array().expect("previews").iter();
    let sms = previews.clone().find(|it| it["channel"] == "telco" && it["language"] == "es-MX");
    let segments = sms.expect("a preview")["segments"].as_u64().expect("a number");
    // A push waits in the gateway until the phone is there.
    let parts = exchange("AYUDA", 1 + segments as usize);
    let text = parts.concat();
    assert!(text.contains("412 pisos con tequio") && text.contains("ALTO para no recibir"), "{parts:?}");

    // A card that is withdrawn after the approval goes to nobody.
    let late = begin().await;
    let hash = submit(&late).await;
    let (status, approved) = post(&bea, &format!("{late}/approve"), json!({ "hash": hash })).await;
    assert_eq!(status, 200, "{approved}");
    until(&late, "approved").await;
    done(&serving, &ana, id, "withdraw", json!({ "reason": "Hay un error en la cifra" })).await;
    let before = api.shown().len();
    serving.clock.advance(MINUTE);
    let held = until(&late, "held").await;
    assert_eq!((&held["reason"], &held["progress"]["sent"]), (&json!("highlight"), &json!(0)), "{held}");
    assert_eq!(api.shown().len(), before);
    assert!(exchange("VER 10", 1)[0].starts_with("No hay una practica"));
    let gone = act(&serving, &ana, id, "broadcasts", json!({ "channels": ["telco"] })).await;
    assert_eq!(refusal(&gone), "highlight_state");
    serving.app.shutdown().await;
}
