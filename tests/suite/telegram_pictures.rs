//! Pictures on Telegram: real teloxide against the Bot API server of the test tree, which takes only what
//! can be shown.

use std::sync::Arc;
use std::time::Duration;

use cabildo_bot::channels::gateway::{OutboundMessage, SendError};
use cabildo_bot::channels::http_client;
use cabildo_bot::channels::render::{Choice, Rendered, ReplyKind};
use cabildo_bot::channels::telegram::Sender;
use cabildo_bot::charts::{self, ChartSpec};
use cabildo_bot::domain::chart::Picture;
use cabildo_bot::domain::peer_group::Family;
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::ids;
use cabildo_bot::store::outbox::NewOutbound;
use cabildo_tests::bot_api::{BotApi, Fault, Sent, TOKEN, check_html};
use cabildo_tests::demands;
use cabildo_tests::serving::{Serving, facts};

const ANA: i64 = 714_004_001;

async fn start(api: &BotApi) -> Serving {
    Serving::start(&format!(
        "{}\n[channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n\
         poll_timeout_seconds = 1\n",
        demands::SMS,
        api.url()
    ))
    .await
}

fn spec(release: &str) -> ChartSpec {
    let (place, topic) = ("12066".to_owned(), "comida".to_owned());
    ChartSpec::Bars { release: release.to_owned(), place, topic, family: Family::NEAREST }
}

fn shown(sent: &Sent) -> String {
    check_html(&sent.text).expect("HTML that Telegram takes")
}

#[tokio::test]
async fn a_topic_is_answered_by_a_picture_with_its_figures_and_buttons() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write(ANA, "tlapa");
    let sent = api.wait_sent(ANA, 2).await;
    // The answer to a name is what most people ask for: it costs them a text.
    assert_eq!(sent[0].picture, None);
    for (word, said, button) in [
        ("comida", "Tlapa: 38.3% sin buena alimentación (2020), 17 de 21 similares, mediana 31.3", true),
        ("tendencia", "Tlapa, comida: 2010 ", false),
        ("familia", "Familia 1 (", true),
        ("familia 2", "Familia 2 (", true),
    ] {
        let before = api.sent(ANA).len();
        api.write(ANA, word);
        let sent = api.wait_sent(ANA, before + 1).await;
        let last = sent.last().expect("an answer");
        assert!(shown(last).starts_with(said), "{word}: {}", last.text);
        assert_eq!(last.parse_mode.as_deref(), Some("HTML"));
        assert_eq!(last.buttons.is_empty(), !button, "{word}: {:?}", last.buttons);
        assert!(last.picture.is_some(), "{word}");
    }
    let (_, metrics) = serving.inner("/metrics").await;
    assert!(metrics.contains("cabildo_pictures_total{outcome=\"drawn\"} 4"), "{metrics}");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn the_picture_is_the_one_of_its_caption() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write(ANA, "tlapa comida");
    let sent = api.wait_sent(ANA, 1).await;
    let release = facts().manifest.pack.release.clone();
    let png = charts::draw(&spec(&release), &facts(), "es-MX").expect("a picture");
    assert!(sent[0].picture.as_ref() == Some(&png), "another picture");
    assert!(shown(&sent[0]).contains("38.3%"), "{sent:?}");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_public_demand_is_shown_with_how_far_it_is() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    let moderator = demands::both(&serving, demands::TLAPA).await;
    demands::public(&serving, &moderator, 317, 30).await;
    api.write(ANA, "demanda 317");
    let sent = api.wait_sent(ANA, 1).await;
    assert!(shown(&sent[0]).contains("317 en Tlapa: Pozo para la colonia 317"), "{sent:?}");
    assert!(sent[0].picture.is_some());
    assert_eq!(sent[0].buttons.concat()[0].1, "FIRMO 317");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_picture_that_cannot_be_drawn_costs_no_words_and_is_counted() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write(ANA, "tlapa");
    api.wait_sent(ANA, 2).await;
    let store = &serving.app.service().store;
    let contact =
        store.find_contact("telegram", &ANA.to_string()).await.expect("a store").expect("a contact");
    let now = serving.clock.now();
    let rendered = Rendered {
        kind: ReplyKind::Answer,
        text: "<b>Tlapa</b>: 38.3%".to_owned(),
        municipality: None,
        choices: vec![Choice { key: "MAS".to_owned(), label: "MAS".to_owned() }],
        edit: false,
        segments: 1,
        picture: Some(Picture { chart: spec("a release that is gone"), locale: "es-MX".to_owned() }),
    };
    let reply = NewOutbound {
        id: ids::new_id(now),
        contact_id: contact,
        purpose: Purpose::Reply,
        campaign: None,
        rendered,
        not_before: now,
        at: now,
    };
    store.add_outbounds(&[reply]).await.expect("kept");
    serving.app.service().wake_senders();
    let sent = api.wait_sent(ANA, 3).await;
    assert_eq!((sent[2].text.as_str(), &sent[2].picture), ("<b>Tlapa</b>: 38.3%", &None));
    assert_eq!(sent[2].buttons.concat().len(), 1);
    let (_, metrics) = serving.inner("/metrics").await;
    assert!(metrics.contains("cabildo_pictures_total{outcome=\"gone\"} 1"), "{metrics}");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_wait_that_telegram_asks_for_holds_for_pictures_and_none_comes_twice() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.fail_next("sendPhoto", Some(ANA), Fault::TooManyRequests(60));
    api.write(ANA, "tlapa comida");
    api.wait_calls("sendPhoto", 1).await;
    // Another person is not held up, which shows that the wait was noted.
    api.write(ANA + 1, "tlapa comida");
    api.wait_sent(ANA + 1, 1).await;
    assert!(api.sent(ANA).iter().all(|it| it.picture.is_none()), "{:?}", api.sent(ANA));
    serving.clock.advance(61_000);
    serving.app.service().wake_senders();
    let sent = api.wait_sent(ANA, 2).await;
    assert_eq!(sent.iter().filter(|it| it.picture.is_some()).count(), 1, "{sent:?}");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_picture_that_telegram_refuses_costs_no_words_and_is_counted() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.fail_next("sendPhoto", Some(ANA), Fault::NoPicture);
    api.write(ANA, "tlapa comida");
    let sent = api.wait_sent(ANA, 2).await;
    assert!(sent.iter().all(|it| it.picture.is_none()), "{sent:?}");
    assert!(sent.iter().any(|it| shown(it).contains("38.3%")), "{sent:?}");
    api.wait_confirmed().await;
    let (_, metrics) = serving.inner("/metrics").await;
    serving.app.shutdown().await;
    assert_eq!(api.calls("sendPhoto").len(), 1);
    assert!(metrics.contains("cabildo_pictures_total{outcome=\"refused\"} 1"), "{metrics}");
}

fn sender(api: &BotApi) -> Sender {
    let client = http_client(Duration::from_secs(10)).expect("a client");
    let url = reqwest::Url::parse(api.url()).expect("a URL");
    Sender::new(teloxide::Bot::with_client(TOKEN, client).set_api_url(url))
}

fn outbound(text: &str) -> OutboundMessage {
    let release = facts().manifest.pack.release.clone();
    let png = charts::draw(&spec(&release), &facts(), "es-MX").expect("a picture");
    OutboundMessage {
        id: ids::new_id(UnixMillis(1)),
        attempt: 1,
        address: ANA.to_string(),
        text: text.to_owned(),
        choices: vec![Choice { key: "MAS".to_owned(), label: "MAS".to_owned() }],
        edits: None,
        picture: Some(Arc::from(png)),
    }
}

#[tokio::test]
async fn what_goes_wrong_with_a_picture_is_told_as_with_a_text() {
    let api = BotApi::start().await;
    let sender = sender(&api);
    api.fail_next("sendPhoto", None, Fault::TooManyRequests(7));
    let limited = sender.send(&outbound("a")).await;
    assert!(matches!(limited, Err(SendError::Retry { after_ms: Some(7_000), .. })), "{limited:?}");
    api.fail_next("sendPhoto", None, Fault::Blocked);
    assert!(matches!(sender.send(&outbound("a")).await, Err(SendError::Gone)));
    api.fail_next("sendPhoto", None, Fault::Unauthorised);
    assert!(matches!(sender.send(&outbound("a")).await, Err(SendError::Retry { .. })));
    // Nobody knows whether it was taken, so nothing else is sent in its place.
    api.fail_next("sendPhoto", None, Fault::NoJson);
    assert!(matches!(sender.send(&outbound("a")).await, Err(SendError::Unknown)));
    assert!(api.sent(ANA).is_empty() && api.calls("sendMessage").is_empty());
    assert_eq!(sender.refused_pictures(), 0);
    let damaged = OutboundMessage { picture: Some(Arc::from(&b"no PNG"[..])), ..outbound("a") };
    assert!(sender.send(&damaged).await.is_ok());
    assert_eq!((sender.refused_pictures(), sender.refused_pictures()), (1, 0));
    assert_eq!(api.sent(ANA).len(), 1);
}

#[tokio::test]
async fn a_long_text_follows_its_picture_which_never_comes_twice() {
    let api = BotApi::start().await;
    let sender = sender(&api);
    // Exactly what a caption takes, with marks and entities that are not counted.
    let full = format!("<b>T</b>&lt;{}", "é".repeat(1_022));
    sender.send(&outbound(&full)).await.expect("sent");
    assert_eq!((api.sent(ANA).len(), api.sent(ANA)[0].text.as_str()), (1, full.as_str()));
    let long = format!("{full}é");
    sender.send(&outbound(&long)).await.expect("sent");
    let sent = api.sent(ANA);
    assert_eq!(sent.len(), 3);
    assert_eq!((sent[1].text.as_str(), sent[1].picture.is_some(), sent[1].buttons.len()), ("", true, 0));
    assert_eq!((sent[2].text.as_str(), sent[2].picture.is_some(), sent[2].buttons.len()), (&*long, false, 1));
    // The text has to wait: the attempt after that shows the picture no second time.
    api.fail_next("sendMessage", None, Fault::TooManyRequests(1));
    let first = outbound(&long);
    assert!(matches!(sender.send(&first).await, Err(SendError::Retry { .. })));
    sender.send(&OutboundMessage { attempt: 2, ..first }).await.expect("sent");
    let sent = api.sent(ANA);
    assert_eq!(sent.iter().filter(|it| it.picture.is_some()).count(), 3, "{}", sent.len());
    assert_eq!(sent.last().map(|it| it.text.as_str()), Some(&*long));
}

#[tokio::test]
async fn markup_that_cannot_be_parsed_is_a_plain_caption() {
    let api = BotApi::start().await;
    let sender = sender(&api);
    for (index, text) in ["<b>Tlapa: 71.8 &lt; 78.3", "a & b", "<script>x</script>"].iter().enumerate() {
        sender.send(&outbound(text)).await.expect("sent");
        let sent = api.sent(ANA);
        assert_eq!((sent.len(), sent[index].parse_mode.as_ref()), (index + 1, None));
        assert!(sent[index].picture.is_some() && !sent[index].text.contains("<b>"), "{:?}", sent[index].text);
    }
}

#[tokio::test]
async fn a_question_that_was_pressed_loses_its_buttons_to_a_picture() {
    let api = BotApi::start().await;
    let sender = sender(&api);
    let asked = OutboundMessage { picture: None, ..outbound("¿Cuál?") };
    let id = sender.send(&asked).await.expect("sent");
    let answer = OutboundMessage { edits: id, ..outbound("Tlapa: 38.3%") };
    sender.send(&answer).await.expect("sent");
    let sent = api.sent(ANA);
    assert_eq!((sent[0].text.as_str(), sent[0].buttons.len()), ("¿Cuál?", 0));
    assert_eq!((sent[1].text.as_str(), sent[1].buttons.len()), ("Tlapa: 38.3%", 1));
    // A picture can't become a text: what replaces it is said anew.
    let id = Some(sent[1].message_id.to_string());
    let later = OutboundMessage { edits: id, picture: None, ..outbound("otro") };
    sender.send(&later).await.expect("sent");
    assert_eq!(api.sent(ANA).len(), 3);
}
