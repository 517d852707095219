//! Sending by the jobs: schedule, waits, lists, fallback, and one channel beside the other.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cabildo_bot::channels::gateway::{Gateway, Gateways, Listed, OutboundMessage, SendError};
use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::channels::{http_client, kannel};
use cabildo_bot::clock::Clock;
use cabildo_bot::config::{Kannel, Secret, Use};
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::time::{DAY, HOUR, MINUTE};
use cabildo_bot::jobs;
use cabildo_bot::jobs::sending::{ChannelRules, ContactPace, Rate};
use cabildo_bot::service::Service;
use cabildo_bot::store::Store;
use cabildo_bot::store::inbox::NewInbound;
use cabildo_bot::store::outbox::NewOutbound;
use cabildo_tests::serving::{PATIENCE, facts};
use cabildo_tests::stores::{START, inbound};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

type Answers = Vec<Result<Option<String>, SendError>>;

fn gateway(answers: Answers, listed: Vec<Listed>) -> Gateway {
    Gateway::Scripted {
        sent: Mutex::default(),
        answers: Mutex::new(VecDeque::from(answers)),
        listed: Mutex::new(VecDeque::from(listed)),
    }
}

fn service(store: &Store, gateways: Vec<(&str, Gateway)>) -> Service {
    let gateways: Gateways = gateways.into_iter().map(|(id, it)| (id.to_owned(), it)).collect();
    let mut service = Service::new(store.clone(), facts(), Clock::fixed(START), gateways);
    // Not quiet at any hour, but where a test says so.
    (service.sending.limits.quiet_from_hour, service.sending.limits.quiet_until_hour) = (0, 0);
    service.sending.limits.unasked_per_day = 100;
    service
}

fn sent(service: &Service, id: &str) -> Vec<OutboundMessage> {
    let Gateway::Scripted { sent, .. } = &service.gateways[id] else { panic!("a scripted gateway") };
    sent.lock().expect("not poisoned").clone()
}

async fn add_contact(store: &Store, channel: &str, number: u128) -> Uuid {
    let id = Uuid::from_u128(1_000 + number);
    let new = NewInbound {
        channel_id: channel.to_owned(),
        ..inbound(&format!("+5255{number}"), &number.to_string(), "x")
    };
    store.accept_inbound(new, Uuid::from_u128(5_000_000 + number), id).await.expect("kept");
    while !store.fail_inbound(Uuid::from_u128(5_000_000 + number), START).await.expect("parked") {}
    id
}

fn message(id: u128, to: Uuid, purpose: Purpose) -> NewOutbound {
    let rendered = Rendered {
        kind: ReplyKind::Answer,
        text: id.to_string(),
        municipality: None,
        choices: vec![],
        edit: false,
        segments: 1,
        picture: None,
    };
    let id = Uuid::from_u128(id);
    NewOutbound { id, contact_id: to, purpose, campaign: None, rendered, not_before: START, at: START }
}

async fn state(service: &Service, id: u128) -> (String, Option<String>) {
    let found = service.store.show_outbound(Uuid::from_u128(id)).await.expect("read");
    let (shown, _) = found.expect("a message");
    (shown.state, shown.failure)
}

fn is(state: &str, failure: &str) -> (String, Option<String>) {
    (state.to_owned(), Some(failure.to_owned()))
}

async fn process(service: &Arc<Service>) {
    jobs::process_all_jobs(service).await.expect("processed");
}

fn busy(after_ms: Option<i64>) -> Result<Option<String>, SendError> {
    Err(SendError::Retry { reason: "http_429".to_owned(), after_ms })
}

both!(a_wait_that_the_gateway_asks_for_is_kept_exactly_and_by_that_contact_only, |test| {
    let service = Arc::new(service(&test.store, vec![("kannel", gateway(vec![busy(Some(1_000))], vec![]))]));
    let (one, other) =
        (add_contact(&test.store, "kannel", 1).await, add_contact(&test.store, "kannel", 2).await);
    test.store.add_outbound(message(10, one, Purpose::Reply)).await.expect("kept");
    process(&service).await;
    assert_eq!(state(&service, 10).await, is("queued", "http_429"));
    assert_eq!(test.store.next_outbound().await, Ok(Some(START.plus(1_000))));
    test.store.add_outbound(message(11, one, Purpose::News)).await.expect("kept");
    test.store.add_outbound(message(12, other, Purpose::News)).await.expect("kept");
    process(&service).await;
    assert_eq!(sent(&service, "kannel").iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["10", "12"]);
    service.clock.advance(999);
    process(&service).await;
    assert_eq!(sent(&service, "kannel").len(), 2);
    service.clock.advance(1);
    process(&service).await;
    assert_eq!(sent(&service, "kannel").len(), 4);
});

both!(a_gateway_that_is_busy_for_all_gets_nothing_meanwhile, |test| {
    let all = SendError::Busy { reason: "http_503".to_owned(), after_ms: Some(5_000) };
    let service = Arc::new(service(&test.store, vec![("kannel", gateway(vec![Err(all)], vec![]))]));
    let (one, other) =
        (add_contact(&test.store, "kannel", 1).await, add_contact(&test.store, "kannel", 2).await);
    test.store.add_outbound(message(10, one, Purpose::Reply)).await.expect("kept");
    process(&service).await;
    test.store.add_outbound(message(11, other, Purpose::Reply)).await.expect("kept");
    process(&service).await;
    assert_eq!(sent(&service, "kannel").len(), 1);
    service.clock.advance(5_000);
    process(&service).await;
    assert_eq!(sent(&service, "kannel").len(), 3);
});

both!(waits_are_no_tries_but_end_with_the_day, |test| {
    let answers = (0..200).map(|_| busy(Some(HOUR))).collect();
    let service = Arc::new(service(&test.store, vec![("kannel", gateway(answers, vec![]))]));
    let one = add_contact(&test.store, "kannel", 1).await;
    test.store.add_outbound(message(10, one, Purpose::Reply)).await.expect("kept");
    for _ in 0..30 {
        process(&service).await;
        service.clock.advance(HOUR);
    }
    assert_eq!(state(&service, 10).await, is("failed", "http_429"));
    assert_eq!(sent(&service, "kannel").len(), 25);
});

both!(what_is_too_old_is_not_sent, |test| {
    let service = Arc::new(service(&test.store, vec![("kannel", gateway(vec![], vec![]))]));
    let one = add_contact(&test.store, "kannel", 1).await;
    test.store.add_outbound(message(10, one, Purpose::Reply)).await.expect("kept");
    service.clock.advance(DAY + 1);
    process(&service).await;
    assert_eq!(state(&service, 10).await, is("expired", "too_old"));
    assert!(sent(&service, "kannel").is_empty());
});

both!(the_list_of_a_gateway_settles_what_nobody_knows, |test| {
    let cut = || Err(SendError::Unknown);
    let listed =
        vec![Listed::NotKnown, Listed::NotTaken, Listed::NotTaken, Listed::Taken(Some("gw-3".to_owned()))];
    let service =
        Arc::new(service(&test.store, vec![("kannel", gateway(vec![cut(), cut(), cut()], listed))]));
    let one = add_contact(&test.store, "kannel", 1).await;
    test.store.add_outbound(message(10, one, Purpose::Reply)).await.expect("kept");
    process(&service).await;
    assert_eq!(state(&service, 10).await, is("unknown", "no_answer"));
    service.clock.advance(30_000);
    process(&service).await;
    assert_eq!(state(&service, 10).await.0, "unknown");
    // Not taken: a reply goes again, as the next attempt.
    test.store.add_outbound(message(11, one, Purpose::Reminder)).await.expect("kept");
    service.clock.advance(MINUTE);
    process(&service).await;
    let (_, attempts) = test.store.show_outbound(Uuid::from_u128(10)).await.expect("read").expect("there");
    assert_eq!(attempts.iter().map(|it| it.state.as_str()).collect::<Vec<_>>(), ["failed", "unknown"]);
    assert_eq!(sent(&service, "kannel").len(), 3);
    service.clock.advance(MINUTE);
    process(&service).await;
    let ended = [state(&service, 10).await, state(&service, 11).await];
    // Of the two one is not taken, the other is: the reminder is never sent again.
    if ended[1].0 == "abandoned" {
        assert_eq!(ended[0].0, "accepted");
    } else {
        assert_eq!(ended[1].0, "accepted");
    }
    let again = sent(&service, "kannel").iter().filter(|it| it.text == "11").count();
    assert_eq!(again, 1);
});

both!(numbers_of_other_countries_and_uses_that_are_not_allowed_are_refused, |test| {
    let mut service = service(&test.store, vec![("kannel", gateway(vec![], vec![]))]);
    let rules = ChannelRules {
        prefixes: vec!["+1".to_owned()],
        uses: Some(vec![Use::Replies]),
        ..ChannelRules::default()
    };
    service.sending.rules.insert("kannel".to_owned(), rules);
    let service = Arc::new(service);
    let one = add_contact(&test.store, "kannel", 1).await;
    test.store.add_outbound(message(10, one, Purpose::Reply)).await.expect("kept");
    test.store.add_outbound(message(11, one, Purpose::Reminder)).await.expect("kept");
    process(&service).await;
    assert_eq!(state(&service, 10).await, is("failed", "prefix"));
    assert_eq!(state(&service, 11).await, is("failed", "use"));
    assert!(sent(&service, "kannel").is_empty());
});

both!(what_nobody_asked_for_waits_until_the_quiet_hours_end, |test| {
    let mut service = service(&test.store, vec![("kannel", gateway(vec![], vec![]))]);
    (service.sending.limits.quiet_from_hour, service.sending.limits.quiet_until_hour) = (21, 9);
    let service = Arc::new(service);
    let one = add_contact(&test.store, "kannel", 1).await;
    test.store.add_outbound(message(10, one, Purpose::Reminder)).await.expect("kept");
    test.store.add_outbound(message(11, one, Purpose::News)).await.expect("kept");
    process(&service).await;
    // It is six in the morning in Mexico.
    assert_eq!(sent(&service, "kannel").iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["11"]);
    assert_eq!(test.store.next_outbound().await, Ok(Some(START.plus(3 * HOUR))));
    service.clock.advance(3 * HOUR);
    process(&service).await;
    assert_eq!(sent(&service, "kannel").len(), 2);
});

both!(another_gateway_sends_while_one_is_down_and_gives_back, |test| {
    let down = || Err(SendError::Retry { reason: "unreachable".to_owned(), after_ms: None });
    let answers = (0..5).map(|_| down()).collect();
    let mut service =
        service(&test.store, vec![("kannel", gateway(answers, vec![])), ("second", gateway(vec![], vec![]))]);
    let rules = ChannelRules { fallback: Some("second".to_owned()), ..ChannelRules::default() };
    service.sending.rules.insert("kannel".to_owned(), rules);
    let service = Arc::new(service);
    for number in 0..40 {
        let to = add_contact(&test.store, "kannel", number).await;
        test.store.add_outbound(message(10 + number, to, Purpose::Reply)).await.expect("kept");
        process(&service).await;
        service.clock.advance(10_000);
    }
    process(&service).await;
    service.clock.advance(10 * MINUTE);
    process(&service).await;
    assert_eq!(test.store.count_outbound().await, Ok(vec![("accepted".to_owned(), 40)]));
    // Each once: what the first did not take, it or the other did.
    let (first, second) = (sent(&service, "kannel"), sent(&service, "second"));
    assert_eq!(first.len() + second.len(), 45);
    assert!(second.len() > 5, "{}", second.len());
    assert!(first.iter().any(|it| it.text == "49"));
    let kinds: Vec<_> =
        test.store.list_events(0, 99).await.expect("events").into_iter().map(|it| it.kind).collect();
    let switches: Vec<_> = kinds.iter().filter(|it| it.starts_with("gateway")).collect();
    assert_eq!(switches, ["gateway_switched", "gateway_returned"]);
    let id = second[0].id;
    let (shown, _) = test.store.show_outbound(id).await.expect("read").expect("a message");
    assert_eq!((shown.channel_id.as_str(), shown.gateway_id.as_deref()), ("kannel", Some("second")));
});

/// A gateway that takes a call and never answers.
async fn mute() -> Gateway {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/send", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    let config = Kannel {
        sendsms_url: Some(url),
        username: Some("u".to_owned()),
        password: Some(Secret::new("p")),
        ..Kannel::default()
    };
    let client = http_client(Duration::from_mins(10)).expect("a client");
    Gateway::Kannel(kannel::Sender::new(client, "mute", &config).expect("a sender"))
}

both!(a_gateway_that_does_not_answer_holds_up_nobody_else, |test| {
    let mut service = service(&test.store, vec![("kannel", gateway(vec![], vec![])), ("mute", mute().await)]);
    service.limits.drain = Duration::ZERO;
    service.limits.send_within = Duration::from_secs(5);
    let service = Arc::new(service);
    for number in 0..40 {
        let to = add_contact(&test.store, "mute", number).await;
        test.store.add_outbound(message(10 + number, to, Purpose::Reply)).await.expect("kept");
    }
    let mut contacts = Vec::new();
    for number in 100..120 {
        contacts.push((number, add_contact(&test.store, "kannel", number).await));
    }
    let shutdown = CancellationToken::new();
    let runner = tokio::spawn(jobs::run(Arc::clone(&service), shutdown.clone()));
    for (number, to) in contacts {
        test.store.add_outbound(message(number, to, Purpose::Reply)).await.expect("kept");
    }
    tokio::time::timeout(PATIENCE, async {
        while sent(&service, "kannel").len() < 20 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("sent beside the one that is dead");
    shutdown.cancel();
    runner.await.expect("ended");
    let counts: HashMap<String, i64> =
        test.store.count_outbound().await.expect("states").into_iter().collect();
    assert_eq!(counts["accepted"], 20);
    // What was under way is not known; the rest waits for the next start.
    assert!(counts["unknown"] >= 1 && !counts.contains_key("dispatched"), "{counts:?}");
});

both!(replies_overtake_a_broadcast_and_the_pace_is_kept, |test| {
    let mut service = service(&test.store, vec![("kannel", gateway(vec![], vec![]))]);
    let rate = Rate { per_minute: 6_000, burst: 20 };
    let each = ContactPace { pause: Duration::from_millis(1), burst: 3 };
    let rules =
        ChannelRules { rate: Some(rate), contact_pace: Some(each), calls: 8, ..ChannelRules::default() };
    service.sending.rules.insert("kannel".to_owned(), rules);
    service.limits.drain = Duration::ZERO;
    let service = Arc::new(service);
    let mut contacts = Vec::new();
    for number in 0..50 {
        contacts.push(add_contact(&test.store, "kannel", number).await);
    }
    let many: Vec<_> =
        (0..2_000).map(|it| message(10_000 + it, contacts[it as usize % 50], Purpose::Broadcast)).collect();
    test.store.add_outbounds(&many).await.expect("kept");
    let began = tokio::time::Instant::now();
    let shutdown = CancellationToken::new();
    let runner = tokio::spawn(jobs::run(Arc::clone(&service), shutdown.clone()));
    let until = async |count: usize| {
        while sent(&service, "kannel").len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let mut behind = Vec::new();
    for round in 0..10_u128 {
        tokio::time::timeout(PATIENCE, until(20 * (round as usize + 1)))
            .await
            .expect("a broadcast that goes on");
        let before = sent(&service, "kannel").len();
        let id = 100 + round;
        let reply = NewOutbound {
            at: START.plus(round as i64),
            ..message(id, contacts[round as usize], Purpose::Reply)
        };
        test.store.add_outbound(reply).await.expect("kept");
        let place = tokio::time::timeout(PATIENCE, async {
            loop {
                let place = sent(&service, "kannel").iter().position(|it| it.text == id.to_string());
                if let Some(place) = place {
                    return place;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        behind.push(place.await.expect("a reply in time").saturating_sub(before));
    }
    let (elapsed, count) = (began.elapsed(), sent(&service, "kannel").len());
    shutdown.cancel();
    runner.await.expect("ended");
    // Behind what was under way and what the pace lets through in one look, not behind 2,000.
    assert!(behind.iter().all(|it| *it <= 150), "{behind:?}");
    // Never faster than the bucket allows.
    let most = 20.0 + elapsed.as_secs_f64() * 100.0 + 1.0;
    assert!(count as f64 <= most, "{count} in {elapsed:?}");
    let counts: HashMap<String, i64> =
        test.store.count_outbound().await.expect("states").into_iter().collect();
    // Nothing sits claimed.
    assert!(!counts.contains_key("claimed") && !counts.contains_key("dispatched"), "{counts:?}");
});
