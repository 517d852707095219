//! Broadcasts at the edges: a time that has passed, tests in an electoral silence, what can't be read, and what is
//! left of who was erased.

use std::collections::BTreeMap;

use cabildo_bot::config::{Broadcasts, Veda};
use cabildo_bot::domain::broadcast::{HOLD, State};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::time::{HOUR, MINUTE};
use cabildo_bot::store::Error;
use cabildo_bot::store::broadcasts::{Act, Frozen, test_campaign};
use cabildo_bot::store::outbox::NewOutbound;
use cabildo_bot::store::staff::Answer;
use cabildo_tests::broadcasts::{WORDS, act, asks, draft, let_go};
use cabildo_tests::demands::{TLAPA, code, phone, refusal};
use cabildo_tests::serving::Serving;
use cabildo_tests::staff::{audit, get, hire, person, write};
use cabildo_tests::stores::START;
use reqwest::Method;
use serde_json::json;

use super::broadcasts::{crowd, got, join, once, opened, read, rendered, runs, service, service_with, sums};

both!(one_that_cannot_be_read_is_left_out_of_a_list, |test| {
    let service = service(&test.store);
    let (draft, areas) = draft(&["kannel"]);
    let mut ids = Vec::new();
    for people in [21, 22, 23, 24] {
        ids.push(opened(&service, draft.clone(), areas.clone(), people).await.0);
    }
    let sql = "UPDATE broadcasts SET draft = '{' WHERE people_seen IN (22, 23) RETURNING state";
    assert_eq!(test.texts(sql).await.len(), 2);
    let (damaged, mut whole) = ([ids[1], ids[2]], vec![ids[0], ids[3]]);
    whole.sort_unstable_by(|one, two| two.cmp(one));
    let store = &test.store;
    // Whichever the damaged ones are between: pages are full as long as there is more.
    let mut pages = Vec::new();
    let mut before = None;
    while let [it] = &store.list_broadcasts(before, None, 1).await.expect("listed")[..] {
        pages.push(it.id);
        before = Some(it.id);
    }
    assert_eq!(pages, whole);
    let all = store.list_broadcasts(None, Some(State::Draft), 10).await.expect("listed");
    assert_eq!(all.iter().map(|it| it.id).collect::<Vec<_>>(), whole);
    assert!(store.list_broadcasts(None, None, 0).await.expect("listed").is_empty());
    for id in damaged {
        assert!(matches!(store.get_broadcast(id).await, Err(Error::Other(_))), "alone it says so");
    }
});

/// Rows by which an erased contact leads to another one.
const LEADS: &str = "SELECT 'x' FROM broadcast_recipients AS r JOIN contacts AS k \
                     ON k.id IN (r.holder_id, r.source_id) WHERE k.id <> r.contact_id";

both!(nothing_leads_from_who_was_erased_to_another_contact_of_hers, |test| {
    let service = service(&test.store);
    let contacts = crowd(&service, 20).await;
    let (store, now) = (&test.store, service.clock.now());
    // 1 wrote on another channel later: it goes there.
    let second = asks(store, ("other", ChannelKind::Sms), &phone(91), TLAPA, now.plus(1)).await;
    join(&test, [contacts[1], second]).await;
    let (draft, areas) = draft(&["kannel", "other"]);
    let id = let_go(store, draft, areas, 20, now.plus(MINUTE)).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.people), (State::Approved, 20));
    assert_eq!(test.texts(LEADS).await.len(), 1);
    store.erase_contact(second, None, now).await.expect("erased");
    assert!(test.texts(LEADS).await.is_empty());
    service.clock.advance(MINUTE);
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent, it.progress.passed), (State::Done, 19, 1), "{:?}", it.progress);
    assert_eq!(got(&service, "kannel", WORDS), once((0..20).filter(|it| *it != 1)));
    assert_eq!(got(&service, "other", WORDS), BTreeMap::new());
    sums(&service, id).await;
});

both!(who_is_erased_on_one_contact_is_written_down_by_no_other, |test| {
    let service = service(&test.store);
    let contacts = crowd(&service, 12).await;
    let (store, now) = (&test.store, service.clock.now());
    let second = asks(store, ("other", ChannelKind::Sms), &phone(91), TLAPA, now).await;
    join(&test, [contacts[1], second]).await;
    let (draft, areas) = draft(&["kannel", "other"]);
    let id = let_go(store, draft, areas, 12, now).await;
    // The person has the id of her first contact.
    let by = |contact_id, channel: &str| Frozen {
        holder_id: contacts[1],
        contact_id,
        channel_id: channel.to_owned(),
        source_id: contacts[1],
        municipality: TLAPA.to_owned(),
    };
    let mark = |it| (TLAPA.to_owned(), Some(it));
    let it = read(&service, id).await;
    let page = vec![by(second, "other")];
    store.freeze_broadcast(&it, mark(second), page, false, now).await.expect("frozen");
    store.erase_contact(second, None, now).await.expect("erased");
    let it = read(&service, id).await;
    let page = vec![by(contacts[1], "kannel")];
    store.freeze_broadcast(&it, mark(contacts[1]), page, false, now).await.expect("frozen");
    assert_eq!(read(&service, id).await.progress.people, 1, "her place is taken");
    sums(&service, id).await;
});
