//! The inbox: kept once, for ever, and tried a bounded number of times.

use cabildo_bot::domain::answer_limits::Counters;
use cabildo_bot::domain::time::DAY;
use cabildo_bot::store::Error;
use cabildo_bot::store::inbox::{Accepted, Answered, Charge, Handled, LEASE, Outcome, TRIES};
use cabildo_tests::stores::{START, inbound};
use uuid::Uuid;

both!(a_hundred_deliveries_in_a_row_are_one_message, |mut test| {
    let first = Uuid::from_u128(1);
    for number in 0..100_u128 {
        let mut new = inbound("+5255", "same", "hola");
        // Also a month later.
        new.received_at = START.plus(number as i64 * DAY);
        let accepted =
            test.store.accept_inbound(new, Uuid::from_u128(number + 1), Uuid::from_u128(1_000)).await;
        assert_eq!(accepted, Ok(Accepted { inbox_id: first, fresh: number == 0 }));
        if number == 50 {
            test.reopen().await;
        }
    }
    assert_eq!(test.store.count_inbound("received").await, Ok(1));
    // A repeat changes nothing of the contact either.
    let contact = test.store.get_contact(Uuid::from_u128(1_000)).await.expect("the contact");
    assert_eq!(contact.last_message_at, START);
});

both!(fifty_deliveries_at_once_are_one_message, |test| {
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50_u128 {
        let store = test.store.clone();
        tasks.spawn(async move {
            let (id, contact) = (Uuid::from_u128(1 + number), Uuid::from_u128(1_000 + number));
            store.accept_inbound(inbound("+5255", "same", "hola"), id, contact).await.expect("accepted")
        });
    }
    let all = tasks.join_all().await;
    assert_eq!(all.iter().filter(|it| it.fresh).count(), 1);
    assert!(all.iter().all(|it| it.inbox_id == all[0].inbox_id));
    assert_eq!(test.store.count_inbound("received").await, Ok(1));
});

both!(the_same_id_on_another_channel_is_another_message, |test| {
    let mut other = inbound("+5255", "same", "hola");
    other.channel_id = "twilio".into();
    let id = Uuid::from_u128;
    let one = test.store.accept_inbound(inbound("+5255", "same", "hola"), id(1), id(10)).await;
    let two = test.store.accept_inbound(other, id(2), id(20)).await;
    assert!(one.expect("kept").fresh && two.expect("kept").fresh);
});

both!(without_an_id_sender_text_and_time_make_one, |test| {
    let new = |text: &str, at: i64| {
        let mut new = inbound("+5255", "", text);
        new.external_id = None;
        new.provider_at = Some(START.plus(at));
        new
    };
    let mut fresh = Vec::new();
    for (number, message) in
        (1..).zip([new("hola", 0), new("hola", 0), new("hola", 1), new("adios", 0), new("hola", 0)])
    {
        let accepted = test.store.accept_inbound(message, Uuid::from_u128(number), Uuid::from_u128(9)).await;
        fresh.push(accepted.expect("kept").fresh);
    }
    assert_eq!(fresh, [true, false, true, true, false]);
});

both!(a_message_comes_back_as_it_was_given, |test| {
    let mut new = inbound("+5255", "a", "¿Qué tal? 🙂 \u{202e}x\0y");
    new.location = Some((17.5, -98.576));
    new.payload = Some("mun_12066".to_owned());
    let id = Uuid::from_u128(1);
    test.store.accept_inbound(new, id, Uuid::from_u128(2)).await.expect("kept");
    let pending = test.store.list_pending(10).await.expect("pending");
    assert_eq!(pending.len(), 1);
    // PostgreSQL stores no NUL: it is replaced on both.
    assert_eq!(pending[0].text, "¿Qué tal? 🙂 \u{202e}x\u{fffd}y");
    assert_eq!(pending[0].latitude.zip(pending[0].longitude), Some((17.5, -98.576)));
    assert_eq!(pending[0].payload.as_deref(), Some("mun_12066"));
    assert_eq!((pending[0].id, pending[0].contact_id, pending[0].tries), (id, Uuid::from_u128(2), 0));
    assert_eq!((pending[0].channel_kind.as_str(), pending[0].received_at), ("sms", START.0));
});

both!(pending_messages_come_oldest_first_and_bounded, |test| {
    for number in [3_u128, 1, 2] {
        let new = inbound("+5255", &number.to_string(), "x");
        test.store.accept_inbound(new, Uuid::from_u128(number), Uuid::from_u128(9)).await.expect("kept");
    }
    let ids: Vec<u128> =
        test.store.list_pending(2).await.expect("pending").iter().map(|it| it.id.as_u128()).collect();
    assert_eq!(ids, [1, 2]);
});

both!(handling_twice_changes_nothing, |test| {
    let (id, contact) = (Uuid::from_u128(1), Uuid::from_u128(2));
    test.store.accept_inbound(inbound("+5255", "a", "x"), id, contact).await.expect("kept");
    let outcome = |version| Outcome {
        state: "{}".to_owned(),
        version,
        changes: vec![],
        replies: vec![],
        at: START,
        counters: None,
        folded_into: None,
    };
    assert_eq!(test.store.handle_inbound(id, contact, outcome(0)).await, Ok(true));
    assert_eq!(test.store.handle_inbound(id, contact, outcome(1)).await, Ok(false));
    assert_eq!(test.store.find_conversation(contact).await.expect("stored").version, 1);
    assert_eq!(test.store.list_events(0, 9).await.expect("events").len(), 1);
});

both!(a_message_that_fails_is_parked_after_its_tries, |test| {
    let id = Uuid::from_u128(1);
    test.store.accept_inbound(inbound("+5255", "a", "x"), id, Uuid::from_u128(2)).await.expect("kept");
    for number in 1..=TRIES {
        assert_eq!(test.store.fail_inbound(id, START).await, Ok(number == TRIES));
    }
    // No longer waiting: a worker that comes late is told so and counts nothing.
    assert_eq!(test.store.fail_inbound(id, START).await, Ok(true));
    assert_eq!(test.store.count_inbound("parked").await, Ok(1));
    assert!(test.store.list_pending(9).await.expect("pending").is_empty());
    let events = test.store.list_events(0, 9).await.expect("events");
    assert_eq!(events.iter().map(|it| it.kind.as_str()).collect::<Vec<_>>(), ["message_parked"]);
});

both!(an_answer_that_conflicts_keeps_nothing, |test| {
    let id = Uuid::from_u128;
    let outcome = Outcome {
        state: "{}".into(),
        version: 4,
        changes: vec![],
        replies: vec![],
        at: START,
        counters: None,
        folded_into: None,
    };
    let answered = test.store.answer_inbound(inbound("+5255", "a", "x"), id(1), id(2), outcome.clone()).await;
    assert_eq!(answered, Err(Error::Conflict));
    assert_eq!(test.store.count_inbound("handled").await, Ok(0));
    assert_eq!(test.store.find_contact("kannel", "+5255").await, Ok(None));
    let outcome = Outcome { version: 0, ..outcome };
    let answered = test.store.answer_inbound(inbound("+5255", "a", "x"), id(1), id(2), outcome.clone()).await;
    assert_eq!(answered, Ok(Answered::Fresh));
    let answered = test.store.answer_inbound(inbound("+5255", "a", "x"), id(3), id(4), outcome).await;
    assert_eq!(answered, Ok(Answered::Repeat(id(1))));
});

both!(what_answers_cost_is_charged_with_their_commit_and_only_then, |mut test| {
    let id = Uuid::from_u128;
    // Many at once: some of them share a call, and each is charged to its own day.
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..60_u128 {
        let store = test.store.clone();
        tasks.spawn(async move {
            let charge = Charge { day: if number < 40 { 7 } else { 8 }, amount: 250 };
            let (address, external) = (format!("+5255{number}"), format!("a{number}"));
            let new = inbound(&address, &external, "x");
            store.answer_charged(new, id(100 + number), id(1_000 + number), silent(0), charge).await
        });
    }
    assert!(tasks.join_all().await.into_iter().all(|it| it == Ok(Answered::Fresh)));
    let used = async |test: &cabildo_tests::stores::TestStore, day| {
        test.store.used_budget("money", day).await.expect("read")
    };
    assert_eq!((used(&test, 7).await, used(&test, 8).await), (10_000, 5_000));
    // A repeat and a conflict cost nothing.
    let charge = Charge { day: 7, amount: 250 };
    let again = inbound("+52550", "a0", "x");
    let answered = test.store.answer_charged(again, id(1), id(2), silent(1), charge).await;
    assert_eq!(answered, Ok(Answered::Repeat(id(100))));
    let late = inbound("+52551", "b", "x");
    let answered = test.store.answer_charged(late, id(3), id(4), silent(9), charge).await;
    assert_eq!(answered, Err(Error::Conflict));
    test.reopen().await;
    assert_eq!((used(&test, 7).await, used(&test, 8).await), (10_000, 5_000));
});

both!(without_an_id_and_a_time_nothing_is_taken_for_a_repeat, |test| {
    // "mas" twice in a minute is what a person writes; a lost one would never be answered.
    let mut fresh = Vec::new();
    for (number, later) in (1..).zip([0, 20_000, 30 * DAY]) {
        let mut new = inbound("+5255", "", "mas");
        new.external_id = None;
        new.received_at = START.plus(later);
        let accepted = test.store.accept_inbound(new, Uuid::from_u128(number), Uuid::from_u128(9)).await;
        fresh.push(accepted.expect("kept").fresh);
    }
    assert_eq!(fresh, [true, true, true]);
});

both!(an_id_of_any_length_is_kept_and_known_again, |test| {
    // Not compressible, since PostgreSQL's indexes hold long keys that are.
    let pieces: Vec<String> =
        (0..4_000_u64).map(|it| format!("{:x}", it.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let long = pieces.concat();
    let mut fresh = Vec::new();
    for (number, id) in (1..).zip([long.clone(), long.clone(), format!("{long}x")]) {
        let new = inbound("+5255", &id, "hola");
        let accepted = test.store.accept_inbound(new, Uuid::from_u128(number), Uuid::from_u128(9)).await;
        fresh.push(accepted.expect("kept").fresh);
    }
    assert_eq!(fresh, [true, false, true]);
});

/// What a message without replies leads to.
fn silent(version: i64) -> Outcome {
    Outcome {
        state: "{}".to_owned(),
        version,
        changes: vec![],
        replies: vec![],
        at: START,
        counters: None,
        folded_into: None,
    }
}

both!(a_lapsed_claim_is_taken_over_and_the_zombie_changes_nothing, |test| {
    let store = &test.store;
    let (id, contact) = (Uuid::from_u128(1), Uuid::from_u128(2));
    store.accept_inbound(inbound("+5255", "a", "x"), id, contact).await.expect("kept");
    let first = store.claim_inbound(START, 10).await.expect("claimed");
    assert_eq!((first.len(), first[0].fence), (1, 1));
    assert!(store.claim_inbound(START.plus(LEASE - 1), 10).await.expect("claimed").is_empty());
    store.extend_claims(vec![(id, 1)], START.plus(15_000)).await.expect("prolonged");
    assert!(store.claim_inbound(START.plus(LEASE), 10).await.expect("claimed").is_empty());

    let later = START.plus(15_000 + LEASE);
    let second = store.claim_inbound(later, 10).await.expect("claimed");
    assert_eq!((second.len(), second[0].fence), (1, 2));
    // The first worker wakes up: neither its sign of life nor its result counts.
    store.extend_claims(vec![(id, 1)], later.plus(LEASE)).await.expect("asked");
    store.release_claims(vec![(id, 1)]).await.expect("asked");
    assert_eq!(store.handle_claimed(id, contact, 1, silent(0)).await, Ok(Handled::Fenced));
    assert_eq!(store.count_inbound("handled").await, Ok(0));
    assert!(store.list_events(0, 9).await.expect("events").is_empty());
    assert!(store.claim_inbound(later, 10).await.expect("claimed").is_empty());

    assert_eq!(store.handle_claimed(id, contact, 2, silent(0)).await, Ok(Handled::Done));
    assert_eq!(store.handle_claimed(id, contact, 2, silent(1)).await, Ok(Handled::Before));
    assert_eq!(store.list_events(0, 9).await.expect("events").len(), 1);
});

both!(a_contact_belongs_to_one_worker_and_keeps_its_order, |test| {
    let store = &test.store;
    let id = Uuid::from_u128;
    for (number, address) in [(1, "+5251"), (2, "+5251"), (3, "+5252")] {
        let new = inbound(address, &number.to_string(), "x");
        store.accept_inbound(new, id(number), id(10 + number)).await.expect("kept");
    }
    let one = store.claim_inbound(START, 1).await.expect("claimed");
    assert_eq!(one.iter().map(|it| it.id).collect::<Vec<_>>(), [id(1)]);
    let other = store.claim_inbound(START, 9).await.expect("claimed");
    assert_eq!(other.iter().map(|it| it.id).collect::<Vec<_>>(), [id(3)]);
    // Whoever asks: the second message waits for the first.
    let contact = one[0].contact_id;
    assert_eq!(store.handle_inbound(id(2), contact, silent(0)).await, Err(Error::Conflict));
    assert_eq!(store.handle_claimed(id(1), contact, 1, silent(0)).await, Ok(Handled::Done));
    let next = store.claim_inbound(START, 9).await.expect("claimed");
    assert_eq!(next.iter().map(|it| (it.id, it.fence)).collect::<Vec<_>>(), [(id(2), 1)]);
    store.release_claims(vec![(id(2), 1)]).await.expect("given back");
    assert_eq!(store.claim_inbound(START, 9).await.expect("claimed").len(), 1);
});

both!(counters_are_kept_and_a_folded_message_leaves_the_conversation, |test| {
    let store = &test.store;
    let id = Uuid::from_u128;
    assert_eq!(store.load_contact("kannel", "+5255").await.expect("loaded").contact_id, None);
    let counters = Counters { answers_hour: 9, answers_in_hour: 1, answers_day: 3, answers_in_day: 2 };
    let outcome = Outcome { counters: Some(counters), ..silent(0) };
    let answered = store.answer_inbound(inbound("+5255", "a", "x"), id(1), id(10), outcome).await;
    assert_eq!(answered, Ok(Answered::Fresh));
    for number in 2..=3 {
        let folded = Outcome { folded_into: Some(id(2)), ..silent(7) };
        let new = inbound("+5255", &number.to_string(), "x");
        assert_eq!(store.answer_inbound(new, id(number), id(10), folded).await, Ok(Answered::Fresh));
    }
    let loaded = store.load_contact("kannel", "+5255").await.expect("loaded");
    assert_eq!((loaded.contact_id, loaded.counters), (Some(id(10)), counters));
    assert_eq!(loaded.stored.version, 1);
    // What is remembered is what is stored.
    assert_eq!(store.load_contact_by_id(id(10)).await, Ok(loaded));
    assert_eq!(store.count_inbound("handled").await, Ok(3));
});
