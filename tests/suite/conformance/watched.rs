//! What a technician is told of the store, and what it says of its keys and of codes.

use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::{HOUR, MINUTE};
use cabildo_bot::engine::link::{Checked, LASTS};
use cabildo_bot::store::inbox::{Change, Outcome};
use cabildo_bot::store::links::{self, Given};
use cabildo_bot::store::outbox::NewReply;
use cabildo_bot::store::{AddressKeys, Error};
use cabildo_tests::stores::{START, inbound};
use uuid::Uuid;

fn outcome(version: i64, changes: Vec<Change>, replies: Vec<NewReply>) -> Outcome {
    let state = "{}".to_owned();
    Outcome { state, version, changes, replies, at: START, counters: None, folded_into: None }
}

fn reply(id: u128, text: &str) -> NewReply {
    let rendered = Rendered {
        kind: ReplyKind::Answer,
        text: text.to_owned(),
        municipality: None,
        choices: Vec::new(),
        edit: false,
        segments: 1,
        picture: None,
    };
    NewReply { id: Uuid::from_u128(id), rendered }
}

both!(what_waits_is_seen_and_what_is_done_is_not, |test| {
    let (store, day) = (&test.store, 20_458);
    let seen = async || store.watch(day, START).await.expect("a look");
    let of = |it: &cabildo_bot::store::watched::Watched, state: &str| {
        it.outbox.iter().find(|(name, _)| *name == state).map_or(0, |(_, count)| *count)
    };
    let nothing = seen().await;
    assert_eq!(
        (nothing.waiting, nothing.waiting_since, nothing.parked, nothing.due_since),
        (0, None, 0, None)
    );
    let (message, contact) = (Uuid::from_u128(1), Uuid::from_u128(2));
    store.accept_inbound(inbound("+5255", "a", "x"), message, contact).await.expect("kept");
    let waiting = seen().await;
    assert_eq!((waiting.waiting, waiting.waiting_since), (1, Some(START.0)));
    let handled = outcome(0, Vec::new(), vec![reply(10, "uno")]);
    assert_eq!(store.handle_inbound(message, contact, handled).await, Ok(true));
    let queued = seen().await;
    assert_eq!((queued.waiting, of(&queued, "queued"), queued.due_since), (0, 1, Some(START.0)));
    // A write that means nothing says whether there can be one, and is no news.
    let before = store.get_last_event().await.expect("a number");
    assert_eq!(store.probe(START).await, Ok(()));
    assert_eq!(store.probe(START.plus(1)).await, Ok(()));
    assert_eq!(store.get_last_event().await, Ok(before));
    assert_eq!(before, store.list_events(0, 9).await.expect("events").last().map_or(0, |it| it.seq));
});

both!(whoever_looks_at_many_numbers_within_an_hour_is_named, |test| {
    let (store, one, other) = (&test.store, Uuid::from_u128(1), Uuid::from_u128(2));
    let curious = async |later: i64| store.watch(0, START.plus(later)).await.expect("a look").curious;
    for look in 0..49_i64 {
        store.note_reveal(Uuid::from_u128(100 + look as u128), one, START.plus(look)).await.expect("kept");
        store
            .note_reveal(Uuid::from_u128(200 + look as u128), other, START.plus(look * MINUTE))
            .await
            .expect("kept");
    }
    assert!(curious(MINUTE).await.is_empty());
    store.note_reveal(Uuid::from_u128(300), one, START.plus(MINUTE)).await.expect("kept");
    assert_eq!(curious(MINUTE).await, [one]);
    assert!(curious(HOUR).await.is_empty(), "the hour is over");
});

both!(replies_that_an_answer_held_are_not_written_again, |test| {
    let store = &test.store;
    let (message, contact) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let replies = vec![reply(10, "uno"), reply(11, "dos"), reply(12, "tres")];
    let kept = outcome(0, Vec::new(), replies);
    store.answer_inbound(inbound("+5255", "a", "x"), message, contact, kept).await.expect("kept");
    let unwritten = async || {
        let found = store.list_unwritten(message).await.expect("replies");
        found.into_iter().map(|it| (it.id.as_u128(), it.rendered.text)).collect::<Vec<_>>()
    };
    let all = [(10, "uno".to_owned()), (11, "dos".to_owned()), (12, "tres".to_owned())];
    assert_eq!(unwritten().await, all);
    assert!(store.list_unwritten(Uuid::from_u128(9)).await.expect("none").is_empty());
    // The first stood in the answer; the others had no room there and are pushed.
    let ids = vec![Uuid::from_u128(10), Uuid::from_u128(11), Uuid::from_u128(12)];
    store.update_written(ids.clone(), 1, START, b"route").await.expect("noted");
    assert!(unwritten().await.is_empty());
    let states = test.texts("SELECT way || ' ' || state FROM outbox ORDER BY id").await;
    assert_eq!(states, ["answer accepted", "push queued", "push queued"]);
    // A late word of the same changes nothing.
    store.update_written(ids, 3, START, b"route").await.expect("noted");
    assert_eq!(test.texts("SELECT way || ' ' || state FROM outbox ORDER BY id").await, states);
});

both!(a_code_is_worth_what_its_channel_proves, |test| {
    let store = &test.store;
    let keys = AddressKeys::load_or_make(&test.key_file(), false).expect("the keys");
    let check = async |who: Option<Uuid>, channel, code: &str, later: i64| {
        store.check_link(who, channel, code, START.plus(later)).await.expect("a word")
    };
    let (asker, other) = (Uuid::from_u128(2), Uuid::from_u128(3));
    let given = |channel| {
        let given = Given {
            id: Uuid::from_u128(20),
            key: keys.code_hash("123456").expect("a hash"),
            channel,
            locale: Some("es-MX".to_owned()),
        };
        Change::Link(Box::new(links::Change::Given(given)))
    };
    assert_eq!(check(None, ChannelKind::Telegram, "123456", 0).await, Checked::Wrong);
    let kept = outcome(0, vec![given(ChannelKind::Sms)], Vec::new());
    store.answer_inbound(inbound("+5255", "a", "x"), Uuid::from_u128(1), asker, kept).await.expect("kept");
    assert_eq!(store.linked(asker).await, Ok(false), "a code alone joins nobody");
    let right = Checked::Right { from: ChannelKind::Sms, locale: Some("es-MX".to_owned()) };
    assert_eq!(check(Some(other), ChannelKind::Telegram, "123456", LASTS - 1).await, right);
    assert_eq!(check(Some(other), ChannelKind::Telegram, "123457", 0).await, Checked::Wrong);
    assert_eq!(check(Some(asker), ChannelKind::Telegram, "123456", 0).await, Checked::Own);
    assert_eq!(check(Some(other), ChannelKind::Telegram, "123456", LASTS).await, Checked::Wrong, "over");
});

both!(a_version_of_the_keys_is_dated_when_it_is_met, |test| {
    assert_eq!(test.store.find_key_version(1).await, Ok(Some(START.0)));
    assert_eq!(test.store.find_key_version(2).await, Ok(None::<i64>) as Result<_, Error>);
});
