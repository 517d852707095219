//! Telegram: real teloxide against the Bot API server of the test tree.

use cabildo_bot::app::App;
use cabildo_bot::channels::gateway::{Gateways, OutboundMessage, SendError};
use cabildo_bot::channels::http_client;
use cabildo_bot::channels::render::Choice;
use cabildo_bot::channels::telegram::Sender;
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::service::{NewInbound, Service};
use cabildo_bot::store::{Location, Store};
use cabildo_tests::bot_api::{BotApi, Fault, TOKEN, check_html};
use cabildo_tests::serving::{Serving, facts};
use serde_json::{Value, json};

const ANA: i64 = 714_004_001;
const EVA: i64 = 4_002;

async fn start(api: &BotApi) -> Serving {
    Serving::start(&format!(
        "[channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\npoll_timeout_seconds = 1\n",
        api.url()
    ))
    .await
}

fn said(sent: &[cabildo_tests::bot_api::Sent]) -> String {
    sent.iter().map(|it| it.text.to_lowercase()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_text_is_answered_with_buttons() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write(ANA, "tlapa");
    let sent = api.wait_sent(ANA, 1).await;
    assert!(said(&sent).contains("tlapa"), "{sent:?}");
    assert_eq!(sent[0].parse_mode.as_deref(), Some("HTML"));
    assert!(check_html(&sent[0].text).is_ok());
    api.wait_confirmed().await;
    assert!(api.methods().iter().any(|it| it == "getme"));
    serving.app.shutdown().await;
}

#[tokio::test]
async fn deep_links_commands_and_locations_are_read() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write(ANA, "/start mun_12066");
    let sent = api.wait_sent(ANA, 1).await;
    assert!(!said(&sent).is_empty());
    api.write(EVA, "/ayuda@cabildo_bot");
    assert!(!said(&api.wait_sent(EVA, 1).await).contains("@cabildo_bot"));
    api.share_location(EVA, 17.546, -98.576);
    assert!(!api.wait_sent(EVA, 2).await.is_empty());
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_pressed_button_is_released_and_answered() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write(ANA, "tlapa");
    let sent = api.wait_sent(ANA, 1).await;
    api.press(ANA, sent[0].message_id, "COMIDA");
    let released = api.wait_calls("answerCallbackQuery", 1).await;
    assert!(released[0]["callback_query_id"].as_str().is_some_and(|it| it.starts_with("callback-")));
    api.wait_sent(ANA, 2).await;
    serving.app.shutdown().await;
}

#[tokio::test]
async fn commands_are_set_for_every_language() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    let calls = api.wait_calls("setMyCommands", 2).await;
    assert_eq!(calls[0]["language_code"], Value::Null);
    assert_eq!(calls[0]["commands"][0]["command"], "ayuda");
    assert_eq!(calls[1]["language_code"], "en");
    assert_eq!(calls[1]["commands"][0]["command"], "help");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn duplicates_disorder_and_poison_lose_and_double_nothing() {
    let api = BotApi::start().await;
    // Injected before the start, so that they come in one batch.
    let third = api.text_update(2_003, 5_003, "tlapa");
    api.inject(third.clone());
    api.inject(json!({"update_id": 2_002, "message": {"some": "fields are missing"}}));
    api.inject(json!({"update_id": "not a number", "message": 3}));
    api.inject(json!({"update_id": 2_001, "something": "unknown"}));
    api.inject(api.text_update(2_000, 5_000, "tlapa"));
    api.inject(third);
    api.inject(json!({"update_id": 2_004, "message": null}));
    let serving = start(&api).await;
    let first = api.wait_sent(5_000, 1).await.len();
    api.wait_sent(5_003, 1).await;
    api.wait_confirmed().await;
    // The duplicate comes once more, in a later batch; the text behind it shows that it was read.
    api.inject(api.text_update(2_003, 5_003, "tlapa"));
    api.inject(api.text_update(2_010, 5_010, "tlapa"));
    api.wait_sent(5_010, 1).await;
    api.wait_confirmed().await;
    serving.app.shutdown().await;
    let all = [5_000, 5_003, 5_010].map(|chat| api.sent(chat).len());
    // Every chat wrote once, so every chat shows the same.
    assert_eq!(all, [api.sent(5_000).len(); 3]);
    assert!(all[0] >= first);
}

#[tokio::test]
async fn an_update_is_confirmed_only_after_it_was_stored() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    let update = api.write(ANA, "tlapa");
    let id = update["update_id"].as_i64().expect("an id");
    api.wait_sent(ANA, 1).await;
    api.wait_confirmed().await;
    let offsets: Vec<i64> = api.calls("getUpdates").iter().filter_map(|it| it["offset"].as_i64()).collect();
    assert!(offsets.iter().all(|it| *it == id + 1), "{offsets:?}");
    // The first poll has no offset: what was not confirmed before a crash comes again.
    assert_eq!(api.calls("getUpdates")[0]["offset"], Value::Null);
    assert_eq!(
        api.calls("getUpdates")[0]["allowed_updates"],
        json!(["message", "callback_query", "my_chat_member"])
    );
    serving.app.shutdown().await;
}

#[tokio::test]
async fn groups_are_left_alone() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write_in_group(-100, "tlapa");
    api.write(ANA, "tlapa");
    api.wait_sent(ANA, 1).await;
    api.wait_confirmed().await;
    serving.app.shutdown().await;
    assert_eq!(api.sent(-100), []);
}

#[tokio::test]
async fn a_refused_token_and_a_broken_answer_are_survived_and_shown() {
    let api = BotApi::start().await;
    api.fail_next("getMe", None, Fault::Unauthorised);
    api.fail_next("getMe", None, Fault::NoJson);
    api.fail_next("getUpdates", None, Fault::TooManyRequests(0));
    api.fail_next("getUpdates", None, Fault::NoJson);
    let serving = start(&api).await;
    let (status, body) = serving.inner("/health").await;
    assert_eq!(status, 200);
    let health: Value = serde_json::from_str(&body).expect("JSON");
    assert!(health["telegram"]["telegram"]["state"].is_string(), "{health}");
    api.write(ANA, "tlapa");
    api.wait_sent(ANA, 1).await;
    api.wait_confirmed().await;
    let (_, body) = serving.inner("/health").await;
    let health: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(health["telegram"]["telegram"]["state"], "polling", "{health}");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_webhook_of_another_program_is_removed() {
    let api = BotApi::start().await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let set = client
        .post(format!("{}/bot{TOKEN}/setWebhook", api.url()))
        .json(&json!({"url": "https://other.example"}))
        .send()
        .await
        .expect("an answer");
    assert!(set.status().is_success());
    api.write(ANA, "tlapa");
    let serving = start(&api).await;
    api.wait_calls("deleteWebhook", 1).await;
    api.wait_sent(ANA, 1).await;
    serving.app.shutdown().await;
}

fn sender(api: &BotApi) -> Sender {
    let client = http_client(std::time::Duration::from_secs(10)).expect("a client");
    let url = reqwest::Url::parse(api.url()).expect("a URL");
    Sender::new(teloxide::Bot::with_client(TOKEN, client).set_api_url(url))
}

fn outbound(chat: i64, text: &str) -> OutboundMessage {
    OutboundMessage {
        id: cabildo_bot::ids::new_id(UnixMillis(1)),
        attempt: 1,
        address: chat.to_string(),
        text: text.to_owned(),
        choices: vec![
            Choice { key: "1".to_owned(), label: "Q. Roo".to_owned() },
            Choice { key: "ñ".repeat(40), label: "too long".to_owned() },
        ],
        edits: None,
        picture: None,
    }
}

#[tokio::test]
async fn what_goes_wrong_with_one_chat_is_told_at_once_and_holds_up_no_other() {
    let api = BotApi::start().await;
    let sender = sender(&api);
    api.fail_next("sendMessage", Some(ANA), Fault::TooManyRequests(3_600));
    let limited = sender.send(&outbound(ANA, "a")).await;
    assert!(matches!(limited, Err(SendError::Retry { after_ms: Some(3_600_000), .. })), "{limited:?}");
    assert!(sender.send(&outbound(EVA, "a")).await.is_ok());
    api.fail_next("sendMessage", Some(ANA), Fault::Blocked);
    assert!(matches!(sender.send(&outbound(ANA, "a")).await, Err(SendError::Gone)));
    api.fail_next("sendMessage", None, Fault::Unauthorised);
    assert!(matches!(sender.send(&outbound(ANA, "a")).await, Err(SendError::Retry { .. })));
    api.fail_next("sendMessage", None, Fault::NoJson);
    assert!(matches!(sender.send(&outbound(ANA, "a")).await, Err(SendError::Unknown)));
    let nobody = OutboundMessage { address: "no chat".to_owned(), ..outbound(ANA, "a") };
    assert!(matches!(sender.send(&nobody).await, Err(SendError::Permanent { .. })));
}

#[tokio::test]
async fn markup_that_cannot_be_parsed_is_sent_as_plain_text() {
    let api = BotApi::start().await;
    let sender = sender(&api);
    for (index, text) in
        ["<b>Tlapa: 71.8 &lt; 78.3", "a & b", "</i>x", "<script>x</script>", "2 < 3", "&nbsp;"]
            .iter()
            .enumerate()
    {
        assert!(check_html(text).is_err(), "{text}");
        sender.send(&outbound(ANA, text)).await.expect("sent");
        let sent = api.sent(ANA);
        assert_eq!(sent.len(), index + 1);
        assert_eq!(sent[index].parse_mode, None);
        assert!(
            !sent[index].text.contains("<b>") && !sent[index].text.contains("&lt;"),
            "{}",
            sent[index].text
        );
    }
    let long = format!("<b>{}</b>", "é".repeat(5_000));
    sender.send(&outbound(EVA, &long)).await.expect("sent");
    assert_eq!(api.sent(EVA)[0].text.chars().count(), 4_096);
}

#[tokio::test]
async fn a_keyboard_is_edited_in_place_and_anew_where_it_is_gone() {
    let api = BotApi::start().await;
    let sender = sender(&api);
    let id = sender.send(&outbound(ANA, "one")).await.expect("sent").expect("an id");
    assert_eq!(api.sent(ANA)[0].buttons, [[("Q. Roo".to_owned(), "1".to_owned())]]);
    let edit = OutboundMessage { edits: Some(id.clone()), choices: Vec::new(), ..outbound(ANA, "two") };
    assert_eq!(sender.send(&edit).await.expect("edited").as_deref(), Some(id.as_str()));
    // The same once more changes nothing, which is no failure.
    assert_eq!(sender.send(&edit).await.expect("edited").as_deref(), Some(id.as_str()));
    let sent = api.sent(ANA);
    assert_eq!((sent.len(), sent[0].text.as_str(), sent[0].edits, sent[0].buttons.len()), (1, "two", 1, 0));
    let gone = OutboundMessage { edits: Some("99999".to_owned()), ..outbound(ANA, "three") };
    assert_ne!(sender.send(&gone).await.expect("sent").as_deref(), Some("99999"));
    assert_eq!(api.sent(ANA).len(), 2);
}

/// The text that a chat shows, without marks.
fn shown(sent: &cabildo_tests::bot_api::Sent) -> String {
    check_html(&sent.text).expect("HTML that Telegram takes")
}

fn numbers(text: &str) -> Vec<&str> {
    text.split(|it: char| !it.is_ascii_digit() && it != '.')
        .map(|it| it.trim_matches('.'))
        .filter(|it| !it.is_empty())
        .collect()
}

#[tokio::test]
async fn the_figures_are_those_of_the_sms() {
    let api = BotApi::start().await;
    let serving = Serving::start(&format!(
        "[channels.sms]\ntype = \"kannel\"\n[channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\n\
         api_url = \"{}\"\npoll_timeout_seconds = 1\n",
        api.url()
    ))
    .await;
    // After the first answer comes the notice.
    for (place, (word, expected)) in [
        ("tlapa", "71.8 2020 7 21 78.3 4 17"),
        ("comida", "38.3 2020 17 21 31.3 7.2"),
        ("mejores", "21 2020 7.2 20.4 22.9 17"),
    ]
    .into_iter()
    .enumerate()
    {
        let query = format!("from=%2B525512345678&text={word}&id=f-{place}");
        let sms = serving.get(&format!("/webhooks/sms/sms?{query}")).await.2;
        // Without sendsms the notice stands in the body, on a line of its own.
        let sms = sms.lines().next().expect("an answer");
        api.write(ANA, word);
        let sent = api.wait_sent(ANA, place + 1 + usize::from(place > 0)).await;
        let telegram = shown(&sent[if place == 0 { 0 } else { place + 1 }]);
        assert_eq!(numbers(sms).join(" "), expected, "{sms}");
        assert_eq!(numbers(&telegram).join(" "), expected, "{telegram}");
        // The next word only after the notice, so that the messages keep their places.
        api.wait_sent(ANA, place + 2).await;
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_choice_is_made_by_buttons() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write(ANA, "benito juarez");
    let asked = api.wait_sent(ANA, 2).await.remove(0);
    assert!(shown(&asked).starts_with("Hay 7 Benito Juárez. ¿Cuál?"), "{asked:?}");
    let buttons: Vec<_> = asked.buttons.concat();
    let keys: Vec<&str> = buttons.iter().map(|it| it.1.as_str()).collect();
    assert_eq!(keys, ["1", "2", "3", "4", "5", "MAS"]);
    let (_, key) = buttons.iter().find(|it| it.0.contains("CDMX")).expect("the capital's");
    api.press(ANA, asked.message_id, key);
    api.wait_calls("answerCallbackQuery", 1).await;
    api.wait_confirmed().await;
    // The drain sends what is left.
    serving.app.shutdown().await;
    let sent = api.sent(ANA);
    let answers = sent.iter().filter(|it| shown(it).starts_with("Benito Juárez, CDMX: pobreza 7.9%")).count();
    assert_eq!(answers, 1, "{sent:?}");
}

#[tokio::test]
async fn a_choice_that_was_pressed_is_edited_in_place() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write(ANA, "benito juarez");
    let asked = api.wait_sent(ANA, 2).await.remove(0);
    api.press(ANA, asked.message_id, "1");
    api.wait_calls("editMessageText", 1).await;
    serving.app.shutdown().await;
    let sent = api.sent(ANA);
    assert_eq!((sent.len(), sent[0].message_id, sent[0].edits), (2, asked.message_id, 1), "{sent:?}");
}

#[tokio::test]
async fn a_link_and_a_location_lead_to_the_municipality() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.write(ANA, "/start mun_12066");
    let sent = api.wait_sent(ANA, 2).await;
    assert!(
        shown(&sent[0]).starts_with("Tlapa de Comonfort, Gro: pobreza 71.8% (2020), 7 de 21"),
        "{sent:?}"
    );
    api.share_location(EVA, 17.546, -98.576);
    let sent = api.wait_sent(EVA, 2).await;
    assert!(shown(&sent[0]).contains("Tlapa de Comonfort, Gro (a 1 km)"), "{sent:?}");
    let (_, yes) = sent[0].buttons.concat()[0].clone();
    api.press(EVA, sent[0].message_id, &yes);
    api.wait_calls("answerCallbackQuery", 1).await;
    api.wait_confirmed().await;
    serving.app.shutdown().await;
    let sent = api.sent(EVA);
    assert!(sent.iter().any(|it| shown(it).contains("Tlapa de Comonfort, Gro: pobreza 71.8%")), "{sent:?}");
}

#[tokio::test]
async fn what_a_person_writes_is_never_markup() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    let texts =
        ["<b>a & b</b>", "compara <i>tlapa con ometepec", "&lt;script&gt; <", "que es <a href=\"x\">"];
    for (chat, text) in (6_000..).zip(texts) {
        api.write(chat, text);
        let sent = api.wait_sent(chat, 1).await;
        assert_eq!(sent[0].parse_mode.as_deref(), Some("HTML"), "{text}: {sent:?}");
        assert!(check_html(&sent[0].text).is_ok(), "{text}: {sent:?}");
        assert!(!sent[0].text.contains("<i>") && !sent[0].text.contains("href"), "{text}: {sent:?}");
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn what_was_stored_before_a_stop_is_answered_once_after_the_start() {
    let api = BotApi::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::from_toml(&format!(
        "[channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\npoll_timeout_seconds = 1\n",
        api.url()
    ))
    .expect("a configuration");
    config.data.dir = Some(folder.path().to_owned());
    let clock = Clock::fixed(UnixMillis(1_790_000_000_000));
    // A process that ended between keeping the update and answering it.
    let location = Location::File(folder.path().join("cabildo.db"));
    let key_file = location.default_key_file().expect("a key file");
    let store = Store::open(&location, &key_file, clock.now()).await.expect("a store");
    let update = api.text_update(2_000, ANA, "tlapa");
    let kept = NewInbound {
        channel_id: "telegram".to_owned(),
        kind: ChannelKind::Telegram,
        // As an update is known again: its id and when it was sent.
        external_id: Some(format!("2000-{}", update["message"]["date"])),
        address: ANA.to_string(),
        text: "tlapa".to_owned(),
        location: None,
        payload: None,
        pressed: None,
        provider_at: None,
        received_at: clock.now(),
    };
    let stopped = Service::new(store, facts(), clock.clone(), Gateways::new());
    assert!(stopped.accept(kept).await.expect("kept").fresh);
    stopped.store.close().await;
    drop(stopped);
    // It was not confirmed either, so Telegram gives it once more.
    api.inject(update);
    for start in 0..2 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let app = App::start(&config, facts(), clock.clone(), listener).await.expect("a start");
        api.wait_sent(ANA, 2).await;
        // Another person's answer shows that the service is past what was there.
        api.write(EVA + start, "comida");
        api.wait_sent(EVA + start, 1).await;
        api.wait_confirmed().await;
        app.shutdown().await;
        let sent = api.sent(ANA);
        assert_eq!(sent.len(), 2, "the answer and the notice: {sent:?}");
        assert!(shown(&sent[0]).contains("71.8%"), "{sent:?}");
    }
}

#[tokio::test]
async fn an_update_id_of_old_is_another_message_at_another_time() {
    let api = BotApi::start().await;
    let serving = start(&api).await;
    api.inject(api.text_update(3_000, ANA, "tlapa"));
    api.wait_sent(ANA, 1).await;
    api.wait_confirmed().await;
    // After a silent week Telegram counts from a random id, which may have been seen before.
    let mut later = api.text_update(3_000, EVA, "tlapa");
    later["message"]["date"] = json!(1_790_900_000);
    api.inject(later);
    api.wait_sent(EVA, 1).await;
    serving.app.shutdown().await;
}

#[tokio::test]
async fn neither_the_token_nor_a_message_is_shown_by_debug() {
    let api = BotApi::start().await;
    let gateway = cabildo_bot::channels::gateway::Gateway::Telegram(sender(&api));
    let message = outbound(ANA, "hunter2");
    let serving = start(&api).await;
    let shown = format!("{gateway:?} {message:?} {:?}", serving.app);
    serving.app.shutdown().await;
    let secret = TOKEN.split_once(':').map_or(TOKEN, |it| it.1);
    for hidden in [secret, "hunter2", "714004001"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
}
