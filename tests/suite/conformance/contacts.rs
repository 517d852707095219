//! Contacts, conversations, events and cursors.

use cabildo_bot::store::Error;
use cabildo_bot::store::inbox::{Change, Outcome};
use cabildo_tests::stores::{START, inbound};
use uuid::Uuid;

/// What a message without replies leads to.
fn outcome(state: &str, version: i64, changes: Vec<Change>) -> Outcome {
    Outcome {
        state: state.to_owned(),
        version,
        changes,
        replies: Vec::new(),
        at: START,
        counters: None,
        folded_into: None,
    }
}

both!(a_contact_is_found_by_its_address_on_its_channel, |test| {
    let store = &test.store;
    assert_eq!(store.find_contact("kannel", "+525512345678").await, Ok(None));
    let id = Uuid::from_u128(2);
    store.accept_inbound(inbound("+525512345678", "a", "x"), Uuid::from_u128(1), id).await.expect("kept");
    assert_eq!(store.find_contact("kannel", "+525512345678").await, Ok(Some(id)));
    assert_eq!(store.find_contact("twilio", "+525512345678").await, Ok(None));
    assert_eq!(store.find_contact("kannel", "+525512345679").await, Ok(None));
    let contact = store.get_contact(id).await.expect("the contact");
    assert_eq!((contact.address.as_str(), contact.channel_id.as_str()), ("+525512345678", "kannel"));
    assert_eq!((contact.stopped_at, contact.gone_at, contact.noticed_version), (None, None, None));
    assert_eq!(contact.last_message_at, START);
    assert_eq!(store.get_contact(Uuid::from_u128(9)).await, Err(Error::NotFound));
});

both!(a_second_message_keeps_the_contact, |test| {
    let store = &test.store;
    let (first, second) = (Uuid::from_u128(2), Uuid::from_u128(4));
    store.accept_inbound(inbound("+5255", "a", "x"), Uuid::from_u128(1), first).await.expect("kept");
    let mut later = inbound("+5255", "b", "y");
    later.received_at = START.plus(5);
    store.accept_inbound(later, Uuid::from_u128(3), second).await.expect("kept");
    assert_eq!(store.find_contact("kannel", "+5255").await, Ok(Some(first)));
    assert_eq!(store.get_contact(first).await.expect("the contact").last_message_at, START.plus(5));
});

both!(the_conversation_is_written_on_the_version_that_was_read, |test| {
    let store = &test.store;
    let contact = Uuid::from_u128(100);
    for number in 1..=3_u128 {
        let new = inbound("+5255", &number.to_string(), "x");
        store.accept_inbound(new, Uuid::from_u128(number), contact).await.expect("kept");
    }
    let stored = store.find_conversation(contact).await.expect("none yet");
    assert_eq!((stored.state, stored.version), (None, 0));
    let id = Uuid::from_u128;
    assert_eq!(store.handle_inbound(id(1), contact, outcome("{}", 0, vec![])).await, Ok(true));
    // Somebody read version 0 and comes too late: nothing of it is kept.
    let late = outcome(r#"{"late":1}"#, 0, vec![Change::Stopped]);
    assert_eq!(store.handle_inbound(id(2), contact, late).await, Err(Error::Conflict));
    assert_eq!(store.get_contact(contact).await.expect("the contact").stopped_at, None);
    assert_eq!(store.count_inbound("received").await, Ok(2));
    assert_eq!(store.handle_inbound(id(2), contact, outcome("[1]", 1, vec![])).await, Ok(true));
    assert_eq!(store.handle_inbound(id(3), contact, outcome("[2]", 1, vec![])).await, Err(Error::Conflict));
    let stored = store.find_conversation(contact).await.expect("stored");
    assert_eq!((stored.state.as_deref(), stored.version), (Some("[1]"), 2));
});

both!(changes_reach_the_contact_and_the_feed, |test| {
    let store = &test.store;
    let contact = Uuid::from_u128(100);
    for number in 1..=3_u128 {
        let new = inbound("+5255", &number.to_string(), "x");
        store.accept_inbound(new, Uuid::from_u128(number), contact).await.expect("kept");
    }
    let id = Uuid::from_u128;
    let changes = vec![Change::Stopped, Change::Noticed(3), Change::NotUnderstood, Change::Muted];
    store.handle_inbound(id(1), contact, outcome("{}", 0, changes)).await.expect("handled");
    let row = store.get_contact(contact).await.expect("the contact");
    assert_eq!((row.stopped_at, row.noticed_version), (Some(START), Some(3)));
    // Stopping again keeps the first instant.
    let mut again = outcome("{}", 1, vec![Change::Stopped]);
    again.at = START.plus(60_000);
    store.handle_inbound(id(2), contact, again).await.expect("handled");
    assert_eq!(store.get_contact(contact).await.expect("the contact").stopped_at, Some(START));
    store.handle_inbound(id(3), contact, outcome("{}", 2, vec![Change::Started])).await.expect("handled");
    assert_eq!(store.get_contact(contact).await.expect("the contact").stopped_at, None);

    let events = store.list_events(0, 100).await.expect("events");
    let seen: Vec<(i64, &str)> = events.iter().map(|it| (it.seq, it.kind.as_str())).collect();
    let expected = [
        (1, "message_handled"),
        (2, "contact_stopped"),
        (3, "text_not_understood"),
        (4, "thread_muted"),
        (5, "message_handled"),
        (6, "contact_stopped"),
        (7, "message_handled"),
        (8, "contact_started"),
    ];
    assert_eq!(seen, expected);
    assert!(events.iter().all(|it| it.contact_id == Some(contact) && it.inbox_id.is_some()));
    let tail: Vec<i64> = store.list_events(6, 1).await.expect("events").iter().map(|it| it.seq).collect();
    assert_eq!(tail, [7]);
});

both!(the_feed_has_no_gaps_under_parallel_writers, |test| {
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=40_u128 {
        let store = test.store.clone();
        tasks.spawn(async move {
            let (id, contact) = (Uuid::from_u128(number), Uuid::from_u128(1_000 + number));
            let new = inbound(&format!("+52{number}"), &number.to_string(), "x");
            store.accept_inbound(new, id, contact).await.expect("kept");
            store.handle_inbound(id, contact, outcome("{}", 0, vec![])).await.expect("handled");
        });
    }
    tasks.join_all().await;
    let events = test.store.list_events(0, 1_000).await.expect("events");
    let places: Vec<i64> = events.iter().map(|it| it.seq).collect();
    assert_eq!(places, (1..=40).collect::<Vec<i64>>());
});

both!(a_cursor_only_moves_forward, |test| {
    let store = &test.store;
    assert_eq!(store.find_cursor("telegram").await, Ok(None));
    for (position, expected) in [(10, 10), (12, 12), (11, 12), (12, 12), (13, 13)] {
        store.update_cursor("telegram", position, START).await.expect("moved");
        assert_eq!(store.find_cursor("telegram").await, Ok(Some(expected)));
    }
    assert_eq!(store.find_cursor("other").await, Ok(None));
});
