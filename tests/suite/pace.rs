//! A long queue against Telegram's limits: the service makes no 429 by itself, and who writes is answered
//! before the queue is through.
//!
//! Short: 2,000 messages on a time that runs eight times as fast, at both ends. `CABILDO_LONG=1`: 10,000
//! at Telegram's own pace.

use std::time::Duration;

use cabildo_bot::app::App;
use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::jobs::sending::{ContactPace, Defaults, Rate};
use cabildo_bot::store::Store;
use cabildo_bot::store::inbox::NewInbound;
use cabildo_bot::store::outbox::NewOutbound;
use cabildo_tests::bot_api::{BotApi, TOKEN};
use cabildo_tests::serving::facts;
use cabildo_tests::stores::inbound;
use sqlx::{Connection as _, SqliteConnection};
use tokio::net::TcpListener;
use uuid::Uuid;

const CHAT: i64 = 720_000_000;
/// The most messages that may go between a question and its answer: those of 5 s at 30 a second.
const BEHIND: usize = 150;
/// Messages to the one chat that has many.
const SERIES: usize = 20;

/// Makes `chats` contacts, as if each had written once; their ids.
async fn contacts(store: &Store, path: &std::path::Path, chats: usize) -> Vec<Uuid> {
    let mut writing = tokio::task::JoinSet::new();
    for chat in 0..chats {
        let (store, id) = (store.clone(), Uuid::from_u128(1_000_000 + chat as u128));
        let message = NewInbound {
            channel_id: "tg".to_owned(),
            kind: ChannelKind::Telegram,
            ..inbound(&(CHAT + chat as i64).to_string(), &format!("before-{chat}"), "hola")
        };
        writing.spawn(async move {
            store.accept_inbound(message, Uuid::from_u128(2_000_000 + chat as u128), id).await.expect("kept");
            (chat, id)
        });
    }
    let mut ids: Vec<(usize, Uuid)> = writing.join_all().await;
    ids.sort_unstable();
    let mut beside =
        SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.expect("opened");
    sqlx::query("UPDATE inbox SET state = 'handled'").execute(&mut beside).await.expect("handled");
    beside.close().await.expect("closed");
    ids.into_iter().map(|(_, id)| id).collect()
}

fn broadcast(number: usize, to: Uuid, at: cabildo_bot::domain::time::UnixMillis) -> NewOutbound {
    let rendered = Rendered {
        kind: ReplyKind::Answer,
        text: format!("aviso {number}"),
        municipality: None,
        choices: vec![],
        edit: false,
        segments: 1,
        picture: None,
    };
    let id = Uuid::from_u128(10_000_000 + number as u128);
    NewOutbound {
        id,
        contact_id: to,
        purpose: Purpose::Broadcast,
        campaign: None,
        rendered,
        not_before: at,
        at,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_queue_meets_no_limit_of_telegram_and_replies_overtake_it() {
    let long = std::env::var("CABILDO_LONG").is_ok_and(|it| it == "1");
    let (speed, queued, chats) = if long { (1, 10_000, 2_000) } else { (8, 2_000, 250) };
    let api = BotApi::start().await;
    api.limit_at(speed);
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::from_toml(&format!(
        "[limits]\nquiet_from_hour = 0\nquiet_until_hour = 0\nunasked_per_day = 100000\n\
         [channels.tg]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n",
        api.url()
    ))
    .expect("a configuration");
    config.data.dir = Some(folder.path().join("data"));
    let (location, keys) = (config.location().expect("a place"), config.key_file().expect("a place"));
    let now = Clock::System.now();
    let store = Store::open(&location, &keys, now).await.expect("a store");
    let ids = contacts(&store, &folder.path().join("data/cabildo.db"), chats).await;
    // Many to all, and to one a series that its own pace must stretch.
    let mut all: Vec<NewOutbound> = (0..SERIES).map(|it| broadcast(it, ids[0], now)).collect();
    all.extend((SERIES..queued).map(|it| broadcast(it, ids[it % chats], now)));
    store.add_outbounds(&all).await.expect("kept");
    store.close().await;

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let app = App::start_with(&config, facts(), Clock::System, listener, |service| {
        // Telegram's pace as the product keeps it, on the faster time.
        let rules = service.sending.rules.get_mut("tg").expect("its rules");
        let usual = Defaults::TELEGRAM;
        rules.rate = Some(Rate { per_minute: usual.rate.per_minute * speed, ..usual.rate });
        rules.contact_pace = usual.contact.map(|it| ContactPace { pause: it.pause / speed, ..it });
    });
    let app = app.await.expect("a start");
    let patience = Duration::from_mins(if long { 15 } else { 2 });
    let until = async |what: &str, fits: &dyn Fn() -> bool| {
        let fitting = async {
            while !fits() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(patience, fitting).await.unwrap_or_else(|_| {
            panic!("no {what}: {} shown, {} refused", api.shown().len(), api.refused_by_limits())
        });
    };
    let mut behind = Vec::new();
    for round in 1..=10_usize {
        until("progress", &|| api.shown().len() >= round * queued / 12).await;
        let (before, asker) = (api.shown().len(), CHAT + 1_000_000 + round as i64);
        api.write(asker, "tlapa");
        until("reply", &|| !api.sent(asker).is_empty()).await;
        let place = api.shown().iter().position(|it| it.chat == asker).expect("a reply");
        behind.push(place.saturating_sub(before));
    }
    let notices = |it: &cabildo_tests::bot_api::Sent| it.text.starts_with("aviso ");
    until("end", &|| api.shown().iter().filter(|it| notices(it)).count() >= queued).await;
    app.shutdown().await;
    eprintln!("messages between question and answer: {behind:?}; {} calls refused", api.refused_by_limits());
    assert_eq!(api.refused_by_limits(), 0, "self-made 429");
    assert!(behind.iter().all(|it| *it <= BEHIND), "{behind:?}");
    let mut texts: Vec<String> = api.shown().into_iter().filter(|it| notices(it)).map(|it| it.text).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), queued, "each once");
    assert_eq!(api.shown().iter().filter(|it| notices(it)).count(), queued, "each once");
}
