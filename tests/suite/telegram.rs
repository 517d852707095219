//! Telegram: real teloxide against the Bot API server of the test tree.

use cabildo_bot::channels::gateway::{OutboundMessage, SendError};
use cabildo_bot::channels::http_client;
use cabildo_bot::channels::render::Choice;
use cabildo_bot::channels::telegram::Sender;
use cabildo_tests::bot_api::{BotApi, Fault, TOKEN, check_html};
use cabildo_tests::serving::Serving;
use serde_json::{Value, json};

const ANA: i64 = 4_001;
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
    assert_eq!(api.calls("getUpdates")[0]["allowed_updates"], json!(["message", "callback_query"]));
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
    let (status, _, body) = serving.get("/health").await;
    assert_eq!(status, 200);
    let health: Value = serde_json::from_str(&body).expect("JSON");
    assert!(health["channels"]["telegram"]["state"].is_string(), "{health}");
    api.write(ANA, "tlapa");
    api.wait_sent(ANA, 1).await;
    api.wait_confirmed().await;
    let (_, _, body) = serving.get("/health").await;
    let health: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(health["channels"]["telegram"]["state"], "polling", "{health}");
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
        id: cabildo_bot::ids::new_id(cabildo_bot::domain::time::UnixMillis(1)),
        address: chat.to_string(),
        text: text.to_owned(),
        choices: vec![
            Choice { key: "1".to_owned(), label: "Q. Roo".to_owned() },
            Choice { key: "ñ".repeat(40), label: "too long".to_owned() },
        ],
        edits: None,
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
    for hidden in [secret, "hunter2", "4001"] {
        assert!(!shown.contains(hidden), "{hidden}: {shown}");
    }
}
