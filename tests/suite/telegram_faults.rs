//! Telegram when things go wrong: the webhook, updates that can't be stored, pollers that are cut,
//! Telegram's limits, hostile texts.

use std::sync::Arc;

use cabildo_bot::channels::gateway::{Gateways, OutboundMessage, SendError};
use cabildo_bot::channels::http_client;
use cabildo_bot::channels::telegram::Sender;
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::engine::Inbound;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::service::{Service, speak};
use cabildo_bot::store::Store;
use cabildo_bot::telegram::{PollState, Poller, Receiver, Status};
use cabildo_tests::bot_api::{BotApi, Fault, TOKEN, check_html};
use cabildo_tests::serving::{PATIENCE, RawClient, Serving, facts};
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _};
use tokio_util::sync::CancellationToken;

const ANA: i64 = 714_004_001;
const SECRET: &str = "0123456789abcdef0123456789ABCDEF_-";

fn webhook_toml(api: &BotApi) -> String {
    format!(
        "[server]\npublic_url = \"https://cabildo.example.org/base\"\n[channels.tg]\ntype = \"telegram\"\n\
         mode = \"webhook\"\nwebhook_secret = \"{SECRET}\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n",
        api.url()
    )
}

async fn post(serving: &Serving, secrets: &[&str], body: impl Into<reqwest::Body>) -> u16 {
    let mut request = serving.client.post(format!("http://{}/webhooks/telegram/tg", serving.address()));
    for secret in secrets {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", *secret);
    }
    request.body(body).send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn the_webhook_is_set_and_its_updates_are_answered_once() {
    let api = BotApi::start().await;
    api.fail_next("getMe", None, Fault::Broken);
    api.fail_next("setWebhook", None, Fault::NoJson);
    let serving = Serving::start(&webhook_toml(&api)).await;
    let calls = api.wait_calls("setWebhook", 2).await;
    assert_eq!(calls[1]["url"], "https://cabildo.example.org/base/webhooks/telegram/tg");
    assert_eq!(calls[1]["secret_token"], SECRET);
    assert_eq!(calls[1]["allowed_updates"], json!(["message", "callback_query", "my_chat_member"]));
    let update = api.text_update(7_001, ANA, "tlapa").to_string();
    for _ in 0..5 {
        assert_eq!(post(&serving, &[SECRET], update.clone()).await, 200);
    }
    let sent = api.wait_sent(ANA, 2).await;
    assert!(sent[0].text.contains("71.8%"), "{sent:?}");
    // Fifty at once, as Telegram may repeat what it got no answer for.
    let update = api.text_update(7_002, ANA + 1, "tlapa").to_string();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let request = serving.client.post(format!("http://{}/webhooks/telegram/tg", serving.address()));
        let request = request.header("X-Telegram-Bot-Api-Secret-Token", SECRET).body(update.clone());
        tasks.spawn(async move { request.send().await.expect("an answer").status().as_u16() });
    }
    assert_eq!(tasks.join_all().await, [200; 50]);
    api.wait_sent(ANA + 1, 2).await;
    assert!(!api.methods().iter().any(|it| it == "getupdates"), "it does not poll");
    let (_, body) = serving.inner("/health").await;
    let health: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(health["telegram"]["tg"]["state"], "webhook", "{health}");
    serving.app.shutdown().await;
    assert_eq!([ANA, ANA + 1].map(|it| api.sent(it).len()), [2, 2]);
}

#[tokio::test]
async fn a_call_without_the_one_right_secret_is_refused_before_its_body_is_read() {
    let api = BotApi::start().await;
    let serving = Serving::start(&webhook_toml(&api)).await;
    let update = api.text_update(7_001, ANA, "tlapa").to_string();
    let mut wrong: Vec<Vec<String>> =
        vec![vec![], vec![String::new()], vec![SECRET.to_owned(), SECRET.to_owned()]];
    wrong.push(vec![SECRET.to_owned(), "other".to_owned()]);
    wrong.push(vec![SECRET.to_lowercase()]);
    wrong.push(vec![format!("{SECRET}x")]);
    // Every change of a single byte.
    for at in 0..SECRET.len() {
        let mut bytes = SECRET.as_bytes().to_vec();
        bytes[at] ^= 1;
        wrong.push(vec![String::from_utf8_lossy(&bytes).into_owned()]);
        wrong.push(vec![[&SECRET[..at], &SECRET[at + 1..]].concat()]);
    }
    for secrets in &wrong {
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        assert_eq!(post(&serving, &secrets, update.clone()).await, 401, "{secrets:?}");
    }
    // The refusal does not wait for the body.
    let mut raw = RawClient::connect(serving.address()).await;
    raw.write(b"POST /webhooks/telegram/tg HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n").await;
    assert_eq!(raw.read().await.map(|it| it.0), Some(401));
    let get = serving.client.get(format!("http://{}/webhooks/telegram/tg", serving.address()));
    assert_eq!(get.send().await.expect("an answer").status(), 405);
    let other = serving.client.post(format!("http://{}/webhooks/telegram/other", serving.address()));
    assert_eq!(other.send().await.expect("an answer").status(), 404);
    assert_eq!(serving.app.service().store.count_inbound("received").await, Ok(0));
    assert_eq!(serving.app.service().store.count_inbound("handled").await, Ok(0));
    serving.app.shutdown().await;
}

#[tokio::test]
async fn poison_is_done_with_and_a_store_that_is_down_is_not() {
    let api = BotApi::start().await;
    let serving = Serving::start(&webhook_toml(&api)).await;
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for body in [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        deep,
        "\u{0}".to_owned(),
        json!({"update_id": "x"}).to_string(),
        json!({"update_id": -1}).to_string(),
        json!({"update_id": 5, "message": 3}).to_string(),
        json!({"update_id": 6, "message": {"date": 1}}).to_string(),
        json!({"update_id": 7, "something": {"new": true}}).to_string(),
        format!("{{\"update_id\": 8, \"x\": \"{}\"}}", "a".repeat(100_000)),
    ] {
        let start: String = body.chars().take(40).collect();
        assert_eq!(post(&serving, &[SECRET], body).await, 200, "{start}");
    }
    assert_eq!(post(&serving, &[SECRET], api.text_update(9, ANA, "tlapa").to_string()).await, 200);
    api.wait_sent(ANA, 2).await;
    serving.app.service().store.close().await;
    let update = api.text_update(10, ANA, "comida").to_string();
    assert_eq!(post(&serving, &[SECRET], update).await, 503);
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_weak_or_missing_secret_does_not_start() {
    let config = |lines: &str| {
        Config::from_toml(&format!(
            "[server]\npublic_url = \"https://a.example\"\n[channels.tg]\ntype = \"telegram\"\ntoken = \"1:a\"\n{lines}"
        ))
    };
    let with = |secret: &str| config(&format!("mode = \"webhook\"\nwebhook_secret = \"{secret}\""));
    for wrong in [
        "short",
        &"a".repeat(40),
        &"0123456789abcdef".repeat(17),
        "0123456789abcdef0123456789 abcde",
        "ñ123456789abcdef0123456789abcdef",
    ] {
        assert!(with(wrong).is_err(), "{wrong}");
    }
    assert!(config("mode = \"webhook\"").is_err());
    assert!(config("mode = \"other\"").is_err());
    assert!(with(SECRET).is_ok());
    assert!(with(&"0123456789abcdef".repeat(16)).is_ok());
    let error = format!("{:?} {:?}", with(SECRET), with("short"));
    assert!(!error.contains(SECRET) && !error.contains("short\""), "{error}");
    let private = "[channels.tg]\ntype = \"telegram\"\ntoken = \"1:a\"\nmode = \"webhook\"\n";
    assert!(Config::from_toml(&format!("{private}webhook_secret = \"{SECRET}\"")).is_err());
}

/// A service and a poller on it, with what stops it.
fn poller(api: &BotApi, store: Store) -> (Arc<Service>, Poller) {
    let clock = Clock::fixed(UnixMillis(1_790_000_000_000));
    let service = Arc::new(Service::new(store, facts(), clock.clone(), Gateways::new()));
    let poller = poller_of(api, &service);
    (service, poller)
}

fn poller_of(api: &BotApi, service: &Arc<Service>) -> Poller {
    let client = http_client(PATIENCE).expect("a client");
    let url = reqwest::Url::parse(api.url()).expect("a URL");
    let bot = teloxide::Bot::with_client(TOKEN, client).set_api_url(url);
    let receiver =
        Receiver::new(bot, "telegram".to_owned(), Arc::clone(service), service.clock.clone(), Arc::default());
    Poller { receiver, timeout_seconds: 1, status: Arc::new(Status::default()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_pollers_on_one_database_one_polls_and_the_other_takes_over() {
    let api = BotApi::start().await;
    let Some(test) = cabildo_tests::stores::TestStore::postgres().await else { return };
    let clock = Clock::fixed(UnixMillis(1_790_000_000_000));
    let process = || {
        let service = Service::new(test.store.clone(), facts(), clock.clone(), Gateways::new());
        let poller = poller_of(&api, &Arc::new(service));
        (Arc::clone(&poller.status), poller)
    };
    let until = async |status: &Status, state: PollState| {
        tokio::time::timeout(PATIENCE, async {
            while status.state() != state {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap_or_else(|_| panic!("{state:?}"));
    };
    let stop = CancellationToken::new();
    let (first_status, first) = process();
    let first = tokio::spawn(first.run(stop.clone()));
    until(&first_status, PollState::Polling).await;
    let (second_status, second) = process();
    let second = tokio::spawn(second.run(stop.clone()));
    until(&second_status, PollState::Standby).await;
    api.write(ANA, "tlapa");
    api.wait_confirmed().await;
    // Cut, as by a kill: the other one waits for the end of the lease.
    first.abort();
    assert!(first.await.is_err_and(|it| it.is_cancelled()));
    api.write(ANA, "comida");
    clock.advance(59_999);
    assert_eq!(test.store.count_inbound("received").await, Ok(1));
    assert_eq!(second_status.state(), PollState::Standby);
    clock.advance(1);
    until(&second_status, PollState::Polling).await;
    api.wait_confirmed().await;
    assert_eq!(test.store.count_inbound("received").await, Ok(2));
    // One that stops in order hands over at once.
    stop.cancel();
    second.await.expect("an end");
    let third_stop = CancellationToken::new();
    let (third_status, third) = process();
    let third = tokio::spawn(third.run(third_stop.clone()));
    until(&third_status, PollState::Polling).await;
    third_stop.cancel();
    third.await.expect("an end");
    test.finish().await;
}

/// The next number of a sequence that spreads (`SplitMix64`).
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut value = *state;
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poller_that_is_cut_again_and_again_loses_and_doubles_nothing() {
    let cuts: u64 = std::env::var("CABILDO_POLL_CUTS").ok().and_then(|it| it.parse().ok()).unwrap_or(120);
    let api = BotApi::start().await;
    let test = cabildo_tests::stores::TestStore::sqlite().await;
    let (service, _) = poller(&api, test.store.clone());
    let mut seed = 7_u64;
    let mut written = 0_i64;
    for round in 0..cuts {
        // Disorder, a duplicate and poison in every round.
        let base = 10_000 + i64::try_from(round).expect("small") * 10;
        for id in [base + 3, base + 1, base + 2] {
            api.inject(api.text_update(id, 20_000 + id % 7, "tlapa"));
            written += 1;
        }
        api.inject(api.text_update(base + 1, 20_000 + (base + 1) % 7, "tlapa"));
        api.inject(json!({"update_id": base + 4, "message": {"date": "poison"}}));
        let stop = CancellationToken::new();
        let task = tokio::spawn(poller_of(&api, &service).run(stop));
        // Cut at any point between fetch, store and confirmation: after so many yields.
        let before = api.methods().len();
        let spins = draw(&mut seed) % 60;
        if round % 3 == 0 {
            api.wait_calls("getUpdates", 1).await;
        }
        for _ in 0..spins {
            tokio::task::yield_now().await;
        }
        if round % 5 == 0 {
            // Some get as far as the first poll of their own.
            while api.methods().len() < before + 2 {
                tokio::task::yield_now().await;
            }
        }
        task.abort();
        let _ = task.await;
    }
    let stop = CancellationToken::new();
    let task = tokio::spawn(poller_of(&api, &service).run(stop.clone()));
    api.wait_confirmed().await;
    stop.cancel();
    task.await.expect("an end");
    assert_eq!(service.store.count_inbound("received").await, Ok(written));
    test.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_cannot_be_stored_holds_up_no_other() {
    let api = BotApi::start().await;
    let test = cabildo_tests::stores::TestStore::sqlite().await;
    let cabildo_bot::store::Location::File(path) = &test.location else { panic!("a file") };
    let mut connection =
        sqlx::SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.expect("a connection");
    connection
        .execute(
            "CREATE TRIGGER poison BEFORE INSERT ON inbox WHEN length(NEW.text) > 80 \
             BEGIN SELECT RAISE(ABORT, 'it can not be stored'); END",
        )
        .await
        .expect("a trigger");
    let (service, poller) = poller(&api, test.store.clone());
    let stop = CancellationToken::new();
    let task = tokio::spawn(poller.run(stop.clone()));
    // It is sealed, so it is known by its length.
    api.write(ANA, &"poison ".repeat(12));
    let mut slowest = std::time::Duration::ZERO;
    for number in 0..8 {
        api.write(ANA + 1, "tlapa");
        let began = tokio::time::Instant::now();
        let stored = async {
            while service.store.count_inbound("received").await != Ok(number + 1) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, stored).await.expect("the others are stored");
        slowest = slowest.max(began.elapsed());
    }
    api.wait_confirmed().await;
    // Three tries, a quarter of a second apart; the bound is generous for a busy machine.
    assert!(slowest < std::time::Duration::from_secs(5), "{slowest:?}");
    stop.cancel();
    task.await.expect("an end");
    assert_eq!(service.store.count_inbound("received").await, Ok(8));
    connection.close().await.expect("closed");
    test.finish().await;
}

#[tokio::test]
async fn who_blocks_the_bot_has_left_until_she_lets_it_in_again() {
    let api = BotApi::start().await;
    let serving = Serving::start(&webhook_toml(&api)).await;
    let store = &serving.app.service().store;
    let send = |update: Value| post(&serving, &[SECRET], update.to_string());
    assert_eq!(send(api.text_update(1, ANA, "tlapa")).await, 200);
    // What is still queued for somebody who left would mark her as gone once more.
    api.wait_sent(ANA, 2).await;
    let id = store.find_contact("tg", &ANA.to_string()).await.expect("a store").expect("a contact");
    let gone = async || store.get_contact(id).await.expect("a contact").gone_at.is_some();
    assert!(!gone().await);
    let blocked = api.membership_update(ANA, true, 1_790_000_100);
    let back = api.membership_update(ANA, false, 1_790_000_200);
    assert_eq!(send(blocked.clone()).await, 200);
    assert!(gone().await);
    assert_eq!(send(back).await, 200);
    assert!(!gone().await);
    // A repeat of old news changes nothing.
    assert_eq!(send(blocked).await, 200);
    assert!(!gone().await);
    // A stranger's is no error.
    assert_eq!(send(api.membership_update(ANA + 9, true, 1_790_000_300)).await, 200);
    serving.app.shutdown().await;
}

fn sender(api: &BotApi) -> Sender {
    let client = http_client(PATIENCE).expect("a client");
    let url = reqwest::Url::parse(api.url()).expect("a URL");
    Sender::new(teloxide::Bot::with_client(TOKEN, client).set_api_url(url))
}

fn outbound(chat: i64, text: &str) -> OutboundMessage {
    OutboundMessage {
        id: cabildo_bot::ids::new_id(UnixMillis(1)),
        attempt: 1,
        address: chat.to_string(),
        text: text.to_owned(),
        choices: Vec::new(),
        edits: None,
        picture: None,
    }
}

#[tokio::test]
async fn the_limits_of_telegram_are_told_by_chat() {
    let api = BotApi::start().await;
    api.limit();
    let sender = sender(&api);
    for _ in 0..3 {
        assert!(sender.send(&outbound(ANA, "a")).await.is_ok());
    }
    let limited = sender.send(&outbound(ANA, "a")).await;
    assert!(matches!(limited, Err(SendError::Retry { after_ms: Some(1_000), .. })), "{limited:?}");
    assert!(sender.send(&outbound(ANA + 1, "a")).await.is_ok(), "another chat goes on");
    assert_eq!(api.refused_by_limits(), 1);
    // 150 in 5 s for the whole bot.
    let mut taken = 4;
    for chat in 1..200 {
        taken += i32::from(sender.send(&outbound(ANA + 10 + chat, "a")).await.is_ok());
    }
    assert!((150..200).contains(&taken), "{taken}");
    assert!(api.refused_by_limits() > 1);
}

#[tokio::test]
async fn hostile_texts_never_break_a_message() {
    let api = BotApi::start().await;
    let sender = sender(&api);
    let facts = facts();
    let texts: Vec<String> = cabildo_tests::hostile::texts().into_iter().map(|it| it.1).collect();
    assert!(texts.len() > 20, "a corpus");
    let mut sent = 0;
    for (chat, text) in (50_000..).zip(&texts) {
        let message = Inbound {
            channel: cabildo_bot::domain::channel::ChannelKind::Telegram,
            text: text.clone(),
            location: None,
            payload: None,
            at: UnixMillis(1_790_000_000_000),
            link: None,
            cases: None,
            demands: cabildo_bot::engine::demands::Known::default(),
            cards: Arc::default(),
            privacy: None,
        };
        // A name that is markup as well.
        let worked = speak(&Conversation::default(), &message, &facts, "<b>Cabildo & \"Co\"");
        for reply in worked.replies {
            sender.send(&outbound(chat, &reply.text)).await.expect("no text is an error");
            sent += 1;
        }
        for shown in api.sent(chat) {
            assert_eq!(shown.parse_mode.as_deref(), Some("HTML"), "a fallback: {text:?}");
            assert!(check_html(&shown.text).is_ok(), "{text:?}");
        }
    }
    assert!(sent > texts.len());
}
