//! The outbox: states only move forward, an attempt belongs to one worker.

use cabildo_bot::channels::gateway::AttemptToken;
use cabildo_bot::channels::render::{Choice, Rendered, ReplyKind};
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::store::Store;
use cabildo_bot::store::inbox::{NewInbound, Outcome};
use cabildo_bot::store::outbox::{Arrival, LEASE, NewReply, Settled};
use cabildo_tests::stores::{START, inbound};
use uuid::Uuid;

const CONTACT: Uuid = Uuid::from_u128(1_000);

fn rendered(text: &str) -> Rendered {
    Rendered {
        kind: ReplyKind::Question,
        text: text.to_owned(),
        municipality: Some("12066".to_owned()),
        choices: vec![Choice { key: "1".to_owned(), label: "Tlapa".to_owned() }],
        edit: false,
        segments: 1,
        picture: None,
    }
}

/// Handles message `number` with these replies; their ids are 10 x number, 10 x number + 1, ...
async fn replies(store: &Store, number: u128, texts: &[&str]) {
    replies_to(store, "+5255", CONTACT, number, texts).await;
}

/// As [`replies`], to a contact.
async fn replies_to(store: &Store, address: &str, contact: Uuid, number: u128, texts: &[&str]) {
    let id = Uuid::from_u128(number);
    store.accept_inbound(inbound(address, &number.to_string(), "x"), id, contact).await.expect("kept");
    let version = store.find_conversation(contact).await.expect("stored").version;
    let replies = (number * 10..)
        .zip(texts)
        .map(|(id, text)| NewReply { id: Uuid::from_u128(id), rendered: rendered(text) })
        .collect();
    let outcome = Outcome {
        state: "{}".to_owned(),
        version,
        changes: vec![],
        replies,
        at: START,
        counters: None,
        folded_into: None,
    };
    assert_eq!(store.handle_inbound(id, contact, outcome).await, Ok(true));
}

async fn claim(store: &Store, now: UnixMillis) -> Vec<(u128, i64)> {
    let claimed = store.claim_outbound("kannel", now, 100).await.expect("claimed");
    claimed.iter().map(|it| (it.id.as_u128(), it.attempt)).collect()
}

fn token(id: u128, attempt: i64) -> AttemptToken {
    AttemptToken { message: Uuid::from_u128(id), attempt }
}

async fn states(store: &Store) -> Vec<(String, i64)> {
    store.count_outbound().await.expect("states")
}

fn one(state: &str) -> Vec<(String, i64)> {
    vec![(state.to_owned(), 1)]
}

both!(a_reply_comes_out_as_it_went_in, |test| {
    replies(&test.store, 1, &["¿Cuál? á\u{1f642}"]).await;
    let claimed = test.store.claim_outbound("kannel", START, 10).await.expect("claimed");
    assert_eq!((claimed.len(), claimed[0].contact_id, claimed[0].attempt), (1, CONTACT, 1));
    let (contact, content) = claimed[0].content.as_ref().expect("readable");
    assert_eq!(contact.address, "+5255");
    assert_eq!(*content, rendered("¿Cuál? á\u{1f642}"));
    assert_eq!((claimed[0].created_at, claimed[0].edits.as_deref()), (START, None));
});

both!(messages_to_one_contact_go_out_in_their_order, |test| {
    let store = &test.store;
    replies(store, 1, &["answer", "notice"]).await;
    replies(store, 2, &["later"]).await;
    replies_to(store, "+5256", Uuid::from_u128(1_001), 3, &["other"]).await;
    assert_eq!(claim(store, START).await, [(10, 1), (30, 1)]);
    assert_eq!(claim(store, START).await, []);
    for id in [10, 11, 20] {
        let message = Uuid::from_u128(id);
        assert_eq!(store.dispatch_outbound(message, 1, START).await, Ok(true));
        assert_eq!(claim(store, START).await, []);
        assert_eq!(store.settle_outbound(message, 1, Settled::Accepted(None), START).await, Ok(true));
        let next: &[(u128, i64)] = match id {
            10 => &[(11, 1)],
            11 => &[(20, 1)],
            _ => &[],
        };
        assert_eq!(claim(store, START).await, next);
    }
});

both!(a_message_waits_for_an_earlier_one_that_is_retried_but_not_for_long, |test| {
    let store = &test.store;
    replies(store, 1, &["first", "second"]).await;
    claim(store, START).await;
    store.dispatch_outbound(Uuid::from_u128(10), 1, START).await.expect("dispatched");
    let retry = Settled::Retry(START.plus(600_000), "busy".to_owned());
    store.settle_outbound(Uuid::from_u128(10), 1, retry, START).await.expect("settled");
    assert_eq!(claim(store, START.plus(119_999)).await, []);
    assert_eq!(claim(store, START.plus(120_000)).await, [(11, 1)]);
});

both!(a_message_is_claimed_by_one_of_many_workers, |test| {
    for number in 1..=30 {
        let contact = Uuid::from_u128(1_000 + number);
        replies_to(&test.store, &format!("+52{number}"), contact, number, &["x"]).await;
    }
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = test.store.clone();
        tasks.spawn(async move {
            let mut mine = Vec::new();
            // Beside each other they may look at the same messages, of which each gets some.
            while store.next_outbound().await.expect("read").is_some() {
                let claimed = store.claim_outbound("kannel", START, 3).await.expect("claimed");
                mine.extend(claimed.into_iter().map(|it| it.id.as_u128() / 10));
            }
            mine
        });
    }
    let mut all: Vec<u128> = tasks.join_all().await.into_iter().flatten().collect();
    all.sort_unstable();
    assert_eq!(all, (1..=30).collect::<Vec<_>>());
});

both!(a_lapsed_claim_is_taken_over_and_the_first_worker_is_fenced_off, |test| {
    let store = &test.store;
    replies(store, 1, &["x"]).await;
    let id = Uuid::from_u128(10);
    assert_eq!(claim(store, START).await, [(10, 1)]);
    assert_eq!(claim(store, START.plus(LEASE - 1)).await, []);
    assert_eq!(claim(store, START.plus(LEASE)).await, [(10, 2)]);
    assert_eq!(store.dispatch_outbound(id, 1, START.plus(LEASE)).await, Ok(false));
    assert_eq!(store.settle_outbound(id, 1, Settled::Accepted(None), START).await, Ok(false));
    assert_eq!(store.dispatch_outbound(id, 2, START.plus(LEASE)).await, Ok(true));
    assert_eq!(states(store).await, one("dispatched"));
});

both!(a_dispatched_message_whose_worker_died_is_unknown_and_not_sent_again, |test| {
    let store = &test.store;
    replies(store, 1, &["x"]).await;
    let id = Uuid::from_u128(10);
    claim(store, START).await;
    assert_eq!(store.dispatch_outbound(id, 1, START).await, Ok(true));
    assert_eq!(store.lapse_outbound(START.plus(LEASE - 1)).await, Ok(0));
    assert_eq!(store.lapse_outbound(START.plus(LEASE)).await, Ok(1));
    assert_eq!(states(store).await, one("unknown"));
    assert_eq!(claim(store, START.plus(100 * LEASE)).await, []);
    let last = store.list_events(1, 9).await.expect("events");
    assert_eq!((last.len(), last[0].kind.as_str(), last[0].outbox_id), (1, "send_unknown", Some(id)));
    // Its answer comes late after all.
    let accepted = Settled::Accepted(Some("gw-1".to_owned()));
    assert_eq!(store.settle_outbound(id, 1, accepted, START.plus(2 * LEASE)).await, Ok(true));
    assert_eq!(states(store).await, one("accepted"));
    // And nothing moves it back.
    assert_eq!(store.settle_outbound(id, 1, Settled::Unknown, START).await, Ok(false));
    assert_eq!(states(store).await, one("accepted"));
});

both!(a_retry_waits_for_its_instant_and_opens_the_next_attempt, |test| {
    let store = &test.store;
    replies(store, 1, &["x"]).await;
    let id = Uuid::from_u128(10);
    claim(store, START).await;
    store.dispatch_outbound(id, 1, START).await.expect("dispatched");
    let due = START.plus(30_000);
    let retry = Settled::Retry(due, "busy".to_owned());
    assert_eq!(store.settle_outbound(id, 1, retry, START).await, Ok(true));
    assert_eq!(store.next_outbound().await, Ok(Some(due)));
    assert_eq!(claim(store, due.plus(-1)).await, []);
    assert_eq!(claim(store, due).await, [(10, 2)]);
    let failed = Settled::Failed("bad_number".to_owned());
    store.dispatch_outbound(id, 2, due).await.expect("dispatched");
    assert_eq!(store.settle_outbound(id, 2, failed, due).await, Ok(true));
    assert_eq!(states(store).await, one("failed"));
    assert_eq!(store.next_outbound().await, Ok(None));
});

both!(who_came_back_while_the_gateway_turned_a_message_away_has_not_left, |test| {
    let store = &test.store;
    for number in 1..=3 {
        replies(store, number, &["x"]).await;
    }
    for (id, fate) in [(10, "wrote"), (20, "member"), (30, "gone")] {
        let id = Uuid::from_u128(id);
        assert_eq!(claim(store, START.plus(5_000)).await, [(id.as_u128(), 1)]);
        store.dispatch_outbound(id, 1, START.plus(5_000)).await.expect("dispatched");
        match fate {
            "wrote" => {
                let mut message = inbound("+5255", "later", "x");
                message.received_at = START.plus(5_001);
                let ids = (Uuid::from_u128(900), Uuid::from_u128(901));
                store.accept_inbound(message, ids.0, ids.1).await.expect("kept");
            }
            "member" => {
                let sql = format!(
                    "UPDATE contacts SET last_message_at = 0, member_at = {} RETURNING channel_id",
                    START.0 + 4_001
                );
                assert_eq!(test.texts(&sql).await.len(), 1);
            }
            _ => {
                let sql = format!("UPDATE contacts SET member_at = {} RETURNING channel_id", START.0 + 4_000);
                assert_eq!(test.texts(&sql).await.len(), 1);
            }
        }
        assert_eq!(store.settle_outbound(id, 1, Settled::Gone, START.plus(5_002)).await, Ok(true));
        let gone = (fate == "gone").then(|| START.plus(5_002));
        assert_eq!(store.get_contact(CONTACT).await.expect("contact").gone_at, gone, "{fate}");
    }
    assert_eq!(states(store).await, [("failed".to_owned(), 3)]);
});

both!(a_person_who_left_gets_nothing_more_until_she_writes, |test| {
    let store = &test.store;
    for number in 1..=3 {
        replies(store, number, &["x"]).await;
    }
    assert_eq!(store.claim_outbound("kannel", START, 1).await.expect("claimed").len(), 1);
    let id = Uuid::from_u128(10);
    store.dispatch_outbound(id, 1, START).await.expect("dispatched");
    assert_eq!(store.settle_outbound(id, 1, Settled::Gone, START).await, Ok(true));
    assert_eq!(states(store).await, [("cancelled".to_owned(), 2), ("failed".to_owned(), 1)]);
    assert_eq!(store.get_contact(CONTACT).await.expect("contact").gone_at, Some(START));
    assert_eq!(claim(store, START).await, []);
    replies(store, 4, &["back"]).await;
    assert_eq!(store.get_contact(CONTACT).await.expect("contact").gone_at, None);
    assert_eq!(claim(store, START).await, [(40, 1)]);
});

both!(an_edit_names_the_question_whose_button_was_pressed, |test| {
    let store = &test.store;
    let asked = Rendered { kind: ReplyKind::Question, ..rendered("menu") };
    let id = Uuid::from_u128(1);
    store.accept_inbound(inbound("+5255", "1", "menu"), id, CONTACT).await.expect("kept");
    let outcome = Outcome {
        state: "{}".to_owned(),
        version: 0,
        changes: vec![],
        replies: vec![NewReply { id: Uuid::from_u128(10), rendered: asked }],
        at: START,
        counters: None,
        folded_into: None,
    };
    store.handle_inbound(id, CONTACT, outcome).await.expect("handled");
    claim(store, START).await;
    store.dispatch_outbound(Uuid::from_u128(10), 1, START).await.expect("dispatched");
    let accepted = Settled::Accepted(Some("tg-77".to_owned()));
    store.settle_outbound(Uuid::from_u128(10), 1, accepted, START).await.expect("settled");
    let id = Uuid::from_u128(2);
    let pressed = NewInbound { pressed: Some("tg-77".to_owned()), ..inbound("+5255", "2", "1") };
    store.accept_inbound(pressed, id, CONTACT).await.expect("kept");
    let reply = Rendered { edit: true, ..rendered("page 2") };
    let outcome = Outcome {
        state: "{}".to_owned(),
        version: 1,
        changes: vec![],
        replies: vec![NewReply { id: Uuid::from_u128(20), rendered: reply }],
        at: START,
        counters: None,
        folded_into: None,
    };
    store.handle_inbound(id, CONTACT, outcome).await.expect("handled");
    let claimed = store.claim_outbound("kannel", START, 10).await.expect("claimed");
    assert_eq!(claimed[0].edits.as_deref(), Some("tg-77"));
});

both!(what_a_gateway_reports_moves_only_forward, |test| {
    let store = &test.store;
    replies(store, 1, &["x"]).await;
    let id = Uuid::from_u128(10);
    let report = async |arrival: Arrival| store.report_outbound(token(10, 1), "kannel", arrival, START).await;
    // Nobody has it yet, so nobody can say anything of it.
    assert_eq!(report(Arrival::Failed).await, Ok(false));
    assert_eq!(report(Arrival::Delivered).await, Ok(false));
    claim(store, START).await;
    store.dispatch_outbound(id, 1, START).await.expect("dispatched");
    store.settle_outbound(id, 1, Settled::Accepted(None), START).await.expect("settled");
    // Another channel's gateway says nothing of it, and nobody of a message that is not there.
    assert_eq!(store.report_outbound(token(10, 1), "other", Arrival::Failed, START).await, Ok(false));
    assert_eq!(store.report_outbound(token(99, 1), "kannel", Arrival::Delivered, START).await, Ok(false));
    assert_eq!(states(store).await, one("accepted"));
    assert_eq!(report(Arrival::Failed).await, Ok(true));
    assert_eq!(report(Arrival::Failed).await, Ok(false));
    assert_eq!(states(store).await, one("failed"));
    assert_eq!(report(Arrival::Delivered).await, Ok(true));
    assert_eq!(report(Arrival::Delivered).await, Ok(false));
    assert_eq!(report(Arrival::Failed).await, Ok(false));
    assert_eq!(states(store).await, one("delivered"));
    let events = store.list_events(1, 9).await.expect("events");
    let kinds: Vec<_> = events.iter().map(|it| (it.kind.as_str(), it.outbox_id)).collect();
    assert_eq!(kinds, [("send_failed", Some(id)), ("delivered", Some(id))]);
});

both!(a_message_that_arrived_is_neither_settled_nor_sent_again, |test| {
    let store = &test.store;
    replies(store, 1, &["x"]).await;
    let id = Uuid::from_u128(10);
    claim(store, START).await;
    store.dispatch_outbound(id, 1, START).await.expect("dispatched");
    // The gateway's answer was "later", yet the phone has it.
    let retry = Settled::Retry(START.plus(30_000), "busy".to_owned());
    store.settle_outbound(id, 1, retry, START).await.expect("settled");
    assert_eq!(store.report_outbound(token(10, 1), "kannel", Arrival::Failed, START).await, Ok(false));
    assert_eq!(store.report_outbound(token(10, 1), "kannel", Arrival::Delivered, START).await, Ok(true));
    assert_eq!(claim(store, START.plus(60_000)).await, []);
    assert_eq!(store.settle_outbound(id, 1, Settled::Unknown, START).await, Ok(false));
    assert_eq!(states(store).await, one("delivered"));
});
