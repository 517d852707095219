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

both!(a_time_that_has_passed_when_it_is_approved_binds_nobody, |test| {
    let service = service(&test.store);
    crowd(&service, 12).await;
    let (mut draft, areas) = draft(&["kannel"]);
    draft.send_at = Some(service.clock.now().plus(HOUR));
    let (id, author, hash) = opened(&service, draft, areas, 12).await;
    let store = &test.store;
    act(store, id, author, Act::Submit { people: 12 }, service.clock.now()).await.expect("submitted");
    // "Not before" that hour: who approves later lets it go at once, after the minute in which it can be held.
    service.clock.advance(3 * HOUR);
    let now = service.clock.now();
    let approver = hire(store, &[("approver", "country")], &[], now).await.id;
    let approve = Act::Approve { hash, people: 12, valid: Vec::new() };
    act(store, id, approver, approve, now).await.expect("approved");
    assert_eq!(read(&service, id).await.begins_at, Some(now.plus(HOLD)));
    runs(&service).await;
    assert_eq!(got(&service, "kannel", WORDS), BTreeMap::new(), "it waits a minute");
    service.clock.advance(MINUTE);
    runs(&service).await;
    assert_eq!(got(&service, "kannel", WORDS), once(0..12));
});

both!(a_test_goes_out_in_an_electoral_silence_and_its_broadcast_does_not, |test| {
    let days = ("2026-01-01".to_owned(), "2026-12-31".to_owned());
    let veda = Veda { places: vec!["state:12".to_owned()], from: days.0, until: days.1 };
    let service = service_with(&test.store, |it| {
        it.broadcasts = Broadcasts { veda: vec![veda], ..Broadcasts::default() }
    });
    let contacts = crowd(&service, 12).await;
    let (store, now) = (&test.store, service.clock.now());
    let (draft, areas) = draft(&["kannel"]);
    let id = let_go(store, draft, areas, 12, now).await;
    let message = NewOutbound {
        id: cabildo_bot::ids::new_id(now),
        contact_id: contacts[3],
        purpose: Purpose::Broadcast,
        campaign: Some(test_campaign(id)),
        rendered: rendered("PRUEBA", TLAPA),
        not_before: now,
        at: now,
    };
    let version = read(&service, id).await.version;
    let entry = audit("broadcast_tested", START);
    let write = store.staff_write(None, entry, |_: &u64| Answer { status: 200, body: String::new() });
    assert_eq!(store.test_broadcast(id, version, &[message], write, now).await, Ok(1));
    runs(&service).await;
    assert_eq!(got(&service, "kannel", "PRUEBA"), once(3..4));
    assert_eq!(got(&service, "kannel", WORDS), BTreeMap::new());
    assert_eq!(read(&service, id).await.state, State::Approved);
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_tests_in_an_electoral_silence_what_it_may_not_submit() {
    let toml = format!(
        "[channels.telco]\ntype = \"kannel\"\nkey = \"0123456789abcdef0123456789abcdef\"\n\
         sendsms_url = \"http://127.0.0.1:9/sendsms\"\nusername = \"u\"\npassword = \"p\"\n\
         [broadcasts]\ntest_addresses = [\"telco:{}\"]\n[[broadcasts.veda]]\nplaces = [\"state:12\"]\n\
         from = \"2026-01-01\"\nuntil = \"2027-01-01\"\n",
        phone(0)
    );
    let serving = Serving::start(&toml).await;
    let (store, now) = (serving.app.service().store.clone(), serving.clock.now());
    for number in 0..12 {
        asks(&store, ("telco", ChannelKind::Sms), &phone(number), TLAPA, now).await;
    }
    let editor = person(&serving, &[("editor", "country")]).await;
    let path = "/staff/v1/broadcasts";
    let draft = json!({
        "title": "Junta",
        "texts": [{ "language": "es-MX", "text": WORDS }],
        "audience": { "places": [format!("municipality:{TLAPA}")], "topic": "agua" },
        "channels": ["telco"],
    });
    let (status, it) = write(&serving, Method::POST, path, &editor, &draft).await;
    assert_eq!(status, 201, "{it}");
    let id = it["id"].as_str().expect("an id");
    let body = json!({ "version": 1 });
    let silent = write(&serving, Method::POST, &format!("{path}/{id}/submit"), &editor, &body).await;
    assert_eq!((code(&silent), refusal(&silent)), ((409, "state_conflict"), "broadcast_veda"));
    // It goes to the addresses of the configuration alone, which are no public.
    let body = json!({ "version": 1, "language": "es-MX" });
    let tested = write(&serving, Method::POST, &format!("{path}/{id}/test"), &editor, &body).await;
    assert_eq!(tested, (200, json!({ "queued": 1, "passed_over": 0 })));
    let (_, it) = get(&serving, &format!("{path}/{id}"), &editor).await;
    assert!(it["warnings"].as_array().expect("warnings").contains(&json!("veda")), "{it}");
    serving.app.shutdown().await;
}

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

both!(nothing_leads_from_what_she_gets_to_the_erased_contact_that_asked_for_it, |test| {
    let service = service(&test.store);
    let contacts = crowd(&service, 20).await;
    let (store, now) = (&test.store, service.clock.now());
    // 1 asked by phone alone, and wrote elsewhere later: it goes there.
    let on = ("other", ChannelKind::Sms);
    let second = asks(store, on, &phone(91), cabildo_tests::demands::OTHER, now.plus(1)).await;
    join(&test, [contacts[1], second]).await;
    let (draft, areas) = draft(&["kannel", "other"]);
    let id = let_go(store, draft, areas, 20, now.plus(MINUTE)).await;
    runs(&service).await;
    assert_eq!(read(&service, id).await.progress.people, 20);
    let leads = "SELECT 'x' FROM broadcast_recipients WHERE source_id <> contact_id";
    assert_eq!(test.texts(leads).await.len(), 1);
    store.erase_contact(contacts[1], None, now).await.expect("erased");
    assert!(test.texts(leads).await.is_empty());
    service.clock.advance(MINUTE);
    runs(&service).await;
    // Who asked is not there any more, so nobody asks.
    assert_eq!(got(&service, "other", WORDS), BTreeMap::new());
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent, it.progress.passed), (State::Done, 19, 1), "{:?}", it.progress);
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
