//! Broadcasts on both engines: who lets them go, whom they reach, how they are stopped.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use cabildo_bot::channels::gateway::{Gateway, SendError};
use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::clock::Clock;
use cabildo_bot::config::{Broadcasts, Veda};
use cabildo_bot::domain::broadcast::{Draft, State};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::demand::SubscriptionKind;
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::staff::Scope;
use cabildo_bot::domain::time::{DAY, HOUR, MINUTE};
use cabildo_bot::jobs;
use cabildo_bot::service::Service;
use cabildo_bot::store::broadcasts::{Act, Acting, Broadcast, Frozen, NewBroadcast, Open, Queued, Way};
use cabildo_bot::store::demands::Change;
use cabildo_bot::store::inbox::NewInbound;
use cabildo_bot::store::outbox::{Listing, NewOutbound, Resent, Settled};
use cabildo_bot::store::staff::{AccountChange, AccountState, Answer};
use cabildo_bot::store::{Error, Location, Store};
use cabildo_tests::broadcasts::{WORDS, act, asks, changes, draft, let_go};
use cabildo_tests::demands::{OTHER, TLAPA, phone};
use cabildo_tests::staff::hire;
use cabildo_tests::stores::{START, TestStore, inbound};
use uuid::Uuid;

const SMS: (&str, ChannelKind) = ("kannel", ChannelKind::Sms);

pub(super) fn service_with(store: &Store, change: impl FnOnce(&mut Service)) -> Arc<Service> {
    let facts = Arc::new(cabildo_bot::embedded::facts().expect("the embedded pack"));
    let gateway = || Gateway::Scripted {
        sent: Mutex::default(),
        answers: Mutex::new(VecDeque::new()),
        listed: Mutex::default(),
    };
    let gateways = HashMap::from([("kannel".to_owned(), gateway()), ("other".to_owned(), gateway())]);
    let clock = Clock::fixed(START);
    // Noon where they are.
    clock.advance(6 * HOUR);
    let mut service = Service::new(store.clone(), facts, clock, gateways);
    service.sending.limits.unasked_per_day = 100;
    change(&mut service);
    Arc::new(service)
}

pub(super) fn service(store: &Store) -> Arc<Service> {
    service_with(store, |_| {})
}

/// So many phones ask for news of Tlapa; their contacts.
pub(super) async fn crowd(service: &Service, count: u64) -> Vec<Uuid> {
    let mut contacts = Vec::new();
    for number in 0..count {
        contacts.push(asks(&service.store, SMS, &phone(number), TLAPA, service.clock.now()).await);
    }
    contacts
}

/// Who got a text that holds these words on a channel, and how often.
pub(super) fn got(service: &Service, channel: &str, words: &str) -> BTreeMap<String, usize> {
    let Gateway::Scripted { sent, .. } = &service.gateways[channel] else { panic!("a scripted gateway") };
    let mut got = BTreeMap::new();
    for it in sent.lock().expect("not poisoned").iter().filter(|it| it.text.contains(words)) {
        *got.entry(it.address.clone()).or_default() += 1;
    }
    got
}

pub(super) fn once(numbers: impl Iterator<Item = u64>) -> BTreeMap<String, usize> {
    numbers.map(|it| (phone(it), 1)).collect()
}

/// A phone writes the stop word.
pub(super) async fn stops(service: &Service, channel: &str, phone: &str) {
    let message = NewInbound {
        channel_id: channel.to_owned(),
        received_at: service.clock.now(),
        ..inbound(phone, &format!("stop-{phone}"), "ALTO")
    };
    let answer = service.answer(message).await.expect("kept");
    service.answer_written(&answer).await.expect("noted");
}

pub(super) async fn runs(service: &Arc<Service>) {
    jobs::process_all_jobs(service).await.expect("processed");
}

pub(super) async fn read(service: &Service, id: Uuid) -> Broadcast {
    service.store.get_broadcast(id).await.expect("a broadcast")
}

/// The counters are those of the people, and these are all that were written down.
pub(super) async fn sums(service: &Service, id: Uuid) {
    let it = read(service, id).await.progress;
    let counted = service.store.count_broadcast_people(id).await.expect("counted");
    let of = |state: &str| counted.iter().find(|it| it.0 == state).map_or(0, |it| it.1 as u64);
    assert_eq!(counted.iter().map(|it| it.1 as u64).sum::<u64>(), it.people);
    let kept = [it.waiting(), it.queued, it.sent, it.failed, it.passed, it.cancelled];
    assert_eq!(kept, ["waiting", "queued", "sent", "failed", "passed", "cancelled"].map(of), "{it:?}");
}

/// Both contacts belong to one person.
pub(super) async fn join(test: &TestStore, contacts: [Uuid; 2]) {
    let quoted = |id: Uuid| match &test.location {
        Location::Postgres(_) => format!("'{id}'"),
        _ => format!("x'{}'", id.simple()),
    };
    let person = quoted(contacts[0]);
    test.texts(&format!("INSERT INTO people (id, created_at) VALUES ({person}, 0) RETURNING 'x'")).await;
    for it in contacts.map(quoted) {
        let sql = format!("UPDATE contacts SET person_id = {person} WHERE id = {it} RETURNING channel_id");
        assert_eq!(test.texts(&sql).await.len(), 1);
    }
}

pub(super) async fn opened(
    service: &Service,
    draft: Draft,
    areas: Vec<Scope>,
    people: u64,
) -> (Uuid, Uuid, String) {
    let at = service.clock.now();
    let author = hire(&service.store, &[("editor", "country")], &[], at).await.id;
    let id = cabildo_bot::ids::new_id(at);
    let new = NewBroadcast { id, draft, areas, people, staff_id: author, at };
    let acted = service.store.open_broadcast(new, None).await.expect("opened");
    (id, author, acted.hash)
}

both!(nobody_lets_go_what_she_wrote_on_and_an_edit_takes_approvals_away, |test| {
    let service = service(&test.store);
    let (store, now) = (&test.store, service.clock.now());
    let (draft, areas) = draft(&["kannel"]);
    let (id, author, hash) = opened(&service, draft.clone(), areas.clone(), 20).await;
    let people = 2_000;
    let mut staff = Vec::new();
    for _ in 0..3 {
        staff.push(hire(store, &[("approver", "country"), ("editor", "country")], &[], now).await.id);
    }
    let [editor, one, two] = staff[..] else { panic!("three") };
    let approve =
        |hash: &str, valid: &[Uuid]| Act::Approve { hash: hash.to_owned(), people, valid: valid.into() };
    let not_yet = act(store, id, one, approve(&hash, &[]), now).await;
    assert_eq!(not_yet, Err(Error::Refused("broadcast_state")));
    let mut other = draft.clone();
    other.texts.insert("en".to_owned(), "Meeting on Friday.".to_owned());
    let edit = Act::Edit { draft: Box::new(other), areas: areas.clone(), people };
    let edited = act(store, id, editor, edit.clone(), now).await.expect("edited");
    act(store, id, author, Act::Submit { people }, now).await.expect("submitted");
    assert_eq!(
        act(store, id, one, approve(&hash, &[]), now).await,
        Err(Error::Conflict),
        "what was seen before"
    );
    let hash = edited.hash;
    for own in [author, editor] {
        let refused = act(store, id, own, approve(&hash, &[]), now).await;
        assert_eq!(refused, Err(Error::Refused("broadcast_is_own")));
    }
    let first = act(store, id, one, approve(&hash, &[]), now).await.expect("approved");
    assert_eq!(first.state, State::Submitted, "so many need two");
    assert_eq!(
        act(store, id, one, approve(&hash, &[one]), now).await.map(|it| it.state),
        Ok(State::Submitted)
    );
    // An edit takes the approval away, a new hash is needed even where it says the same in the end.
    act(store, id, editor, edit, now).await.expect("edited");
    assert_eq!(store.list_broadcast_approvals(id).await, Ok(Vec::new()));
    act(store, id, author, Act::Submit { people }, now).await.expect("submitted");
    act(store, id, one, approve(&hash, &[]), now).await.expect("approved");
    // Who may approve no more does not count.
    assert_eq!(act(store, id, two, approve(&hash, &[]), now).await.map(|it| it.state), Ok(State::Submitted));
    let last = act(store, id, one, approve(&hash, &[two]), now).await.expect("approved");
    assert_eq!(last.state, State::Preparing);
    let it = read(&service, id).await;
    assert_eq!(it.begins_at, Some(now.plus(MINUTE)), "a minute to hold it");
    let late = Act::Edit { draft: Box::new(draft), areas, people };
    assert_eq!(act(store, id, author, late, now).await, Err(Error::Refused("broadcast_state")));
    assert_eq!(act(store, id, author, Act::Withdraw, now).await, Err(Error::Refused("broadcast_state")));
});

both!(everybody_who_asked_gets_it_once_where_she_wrote_last, |test| {
    let service = service(&test.store);
    let contacts = crowd(&service, 15).await;
    let at = service.clock.now();
    asks(&test.store, SMS, &phone(90), OTHER, at).await;
    // 1 writes on another phone later; 2 stopped on one of hers; 3 joined hers with 4's after it was let go.
    let second = asks(&test.store, SMS, &phone(91), TLAPA, at.plus(1)).await;
    join(&test, [contacts[1], second]).await;
    let stopped = asks(&test.store, ("other", ChannelKind::Sms), &phone(92), TLAPA, at).await;
    join(&test, [contacts[2], stopped]).await;
    stops(&service, "other", &phone(92)).await;
    assert_eq!(service.store.count_askers(&[TLAPA.to_owned()], None).await, Ok(15));
    let (draft, areas) = draft(&["kannel", "other"]);
    let id = let_go(&test.store, draft, areas, 15, at.plus(MINUTE)).await;
    runs(&service).await;
    assert_eq!(read(&service, id).await.state, State::Approved);
    assert_eq!(read(&service, id).await.progress.people, 14);
    assert_eq!(got(&service, "kannel", WORDS), BTreeMap::new(), "it waits a minute");
    join(&test, [contacts[3], contacts[4]]).await;
    // 5 and 6 want no news any more.
    let stop = Change::Unsubscribed { kind: SubscriptionKind::Topic, topic: "agua".to_owned() };
    changes(&test.store, SMS, &phone(5), stop, at).await;
    stops(&service, "kannel", &phone(6)).await;
    service.clock.advance(MINUTE);
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent, it.progress.passed), (State::Done, 11, 3), "{:?}", it.progress);
    let mut expected = once((0..15).filter(|it| ![1, 2, 5, 6].contains(it)));
    expected.insert(phone(91), 1);
    let mut sent = got(&service, "kannel", WORDS);
    let joined = [sent.remove(&phone(3)), sent.remove(&phone(4))];
    assert_eq!(joined.into_iter().flatten().sum::<usize>(), 1, "one person");
    expected.retain(|it, _| *it != phone(3) && *it != phone(4));
    assert_eq!(sent, expected);
    assert_eq!(got(&service, "other", WORDS), BTreeMap::new());
    let texts = got(&service, "kannel", "ALTO para no recibir");
    assert_eq!(texts.len(), 11, "each names the way out");
    sums(&service, id).await;
    // Its people are forgotten a month later.
    assert_eq!(test.store.forget_broadcast_people(1_000, service.clock.now()).await, Ok(0));
    let later = service.clock.now().plus(31 * DAY);
    assert_eq!(test.store.forget_broadcast_people(1_000, later).await, Ok(14));
    assert_eq!(test.store.forget_broadcast_people(1_000, later).await, Ok(0));
    assert_eq!(test.store.count_broadcast_people(id).await, Ok(Vec::new()));
});

/// A broadcast of 20 that is being sent, nothing of it queued yet.
pub(super) async fn begun(service: &Arc<Service>) -> Uuid {
    let (draft, areas) = draft(&["kannel"]);
    let id = let_go(&service.store, draft, areas, 20, service.clock.now()).await;
    let it = read(service, id).await;
    let mut page = Vec::new();
    for one in service.store.list_askers(TLAPA, Some("agua"), None, 100).await.expect("askers") {
        let ways = service.store.list_ways(&[one.holder_id]).await.expect("ways");
        let [Way { contact_id, channel_id, .. }] = &ways[&one.holder_id][..] else { panic!("one way") };
        page.push(Frozen {
            holder_id: one.holder_id,
            contact_id: *contact_id,
            channel_id: channel_id.clone(),
            source_id: one.source_id,
            municipality: one.municipality,
        });
    }
    let now = service.clock.now();
    let to = (TLAPA.to_owned(), page.last().map(|it| it.source_id));
    let (first, rest) = page.split_at(12);
    let mark = (TLAPA.to_owned(), first.last().map(|it| it.source_id));
    service.store.freeze_broadcast(&it, mark.clone(), first.to_vec(), false, now).await.expect("frozen");
    // The same page again, by a process that is behind.
    let again = service.store.freeze_broadcast(&it, mark, first.to_vec(), false, now).await;
    assert_eq!(again, Err(Error::Conflict));
    let it = read(service, id).await;
    // Who is there already is not written down twice.
    service.store.freeze_broadcast(&it, to, [rest, &first[..3]].concat(), true, now).await.expect("frozen");
    let it = read(service, id).await;
    assert_eq!((it.state, it.progress.people), (State::Approved, 20));
    let valid = service.store.list_broadcast_approvals(id).await.expect("approvals");
    let valid = valid.into_iter().map(|it| it.staff_id).collect();
    assert_eq!(service.store.advance_broadcast(&it, valid, now).await, Ok(true));
    assert_eq!(read(service, id).await.state, State::Sending);
    id
}

pub(super) fn rendered(text: &str, municipality: &str) -> Rendered {
    Rendered {
        kind: ReplyKind::Notice,
        text: text.to_owned(),
        municipality: Some(municipality.to_owned()),
        choices: Vec::new(),
        edit: false,
        segments: 1,
        picture: None,
    }
}

/// Queues so many of a broadcast.
pub(super) async fn queues(service: &Service, id: Uuid, count: u32) -> Result<Queued, Error> {
    let (now, it) = (service.clock.now(), read(service, id).await);
    let waiting = service.store.list_broadcast_waiting(id, "kannel", count).await.expect("waiting");
    let page = waiting.into_iter().map(|one| {
        let message = NewOutbound {
            id: cabildo_bot::ids::new_id(now),
            contact_id: one.contact_id,
            purpose: Purpose::Broadcast,
            campaign: Some(cabildo_bot::store::broadcasts::campaign(id)),
            rendered: rendered(&it.draft.texts["es-MX"], &one.municipality),
            not_before: now,
            at: now,
        };
        (one.holder_id, message)
    });
    service.store.queue_broadcast(id, page.collect(), now).await
}

both!(a_stop_takes_back_what_is_queued_and_a_hold_gives_it_to_nobody_twice, |test| {
    let service = service(&test.store);
    crowd(&service, 20).await;
    let (store, now) = (&test.store, service.clock.now());
    let id = begun(&service).await;
    assert_eq!(queues(&service, id, 5).await, Ok(Queued::Page(5)));
    // One of them is at the gateway's door when it is held.
    let due = store.list_due("kannel", now, 1).await.expect("due");
    let claimed = store.claim_these(vec![due[0].id], now).await.expect("claimed");
    assert!(store.dispatch_outbound(due[0].id, claimed[0].attempt, now).await.expect("dispatched"));
    let who = Uuid::from_u128(9);
    act(store, id, who, Act::Hold { reason: "Una errata".to_owned() }, now).await.expect("held");
    assert_eq!(queues(&service, id, 5).await, Ok(Queued::Ended));
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.queued, it.progress.waiting()), (State::Held, 1, 19));
    sums(&service, id).await;
    // Its author can't release it, nor who saw something else.
    let author = it.author_id;
    let release = |hash: &str| Act::Release { hash: hash.to_owned(), valid: Vec::new() };
    assert_eq!(act(store, id, author, release(&it.hash), now).await, Err(Error::Refused("broadcast_is_own")));
    assert_eq!(act(store, id, who, release("other"), now).await, Err(Error::Conflict));
    let released = act(store, id, who, release(&it.hash), now).await.expect("released");
    assert_eq!(released.state, State::Sending);
    assert_eq!(queues(&service, id, 10).await, Ok(Queued::Page(10)));
    // Two more are claimed, and no gateway was called: a stop still takes them back.
    let due: Vec<Uuid> =
        store.list_due("kannel", now, 2).await.expect("due").iter().map(|it| it.id).collect();
    let claimed = store.claim_these(due.clone(), now).await.expect("claimed");
    act(store, id, who, Act::Stop { reason: "Ya no".to_owned() }, now).await.expect("stopped");
    for it in &claimed {
        assert!(!store.dispatch_outbound(it.id, it.attempt, now).await.expect("asked"), "after the stop");
    }
    assert!(store.list_due("kannel", now, 10).await.expect("due").is_empty());
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.queued, it.progress.cancelled), (State::Stopped, 1, 10));
    // The call that was under way is never made again: nobody knows whether it arrived.
    service.clock.advance(2 * MINUTE);
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.progress.sent, it.progress.queued), (1, 0), "{:?}", it.progress);
    assert_eq!(got(&service, "kannel", WORDS), BTreeMap::new());
    sums(&service, id).await;
    for again in [Act::Stop { reason: "x".to_owned() }, release(&it.hash)] {
        assert_eq!(act(store, id, who, again, now).await, Err(Error::Refused("broadcast_state")));
    }
});

both!(what_may_have_arrived_is_never_sent_again, |test| {
    let service = service(&test.store);
    crowd(&service, 12).await;
    let Gateway::Scripted { answers, .. } = &service.gateways["kannel"] else { panic!("a scripted gateway") };
    answers.lock().expect("not poisoned").extend([Err(SendError::Unknown), Err(SendError::Unknown)]);
    let (draft, areas) = draft(&["kannel"]);
    let id = let_go(&test.store, draft, areas, 12, service.clock.now()).await;
    runs(&service).await;
    for _ in 0..4 {
        service.clock.advance(2 * HOUR);
        runs(&service).await;
    }
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent), (State::Done, 12), "{:?}", it.progress);
    assert!(got(&service, "kannel", WORDS).values().all(|it| *it == 1));
    // Nor by hand.
    let ended = test.store.list_outbound(Listing { state: None, channel: None, limit: 10 });
    let ended = ended.await.expect("listed");
    assert!(!ended.is_empty());
    for it in ended {
        let again = test.store.resend_outbound(it.id, None, service.clock.now()).await;
        assert_eq!(again, Ok(Resent::NotNow), "{}", it.state);
    }
});

both!(an_electoral_silence_takes_back_what_waits_and_loses_nothing, |test| {
    // From the day after tomorrow for a day, where they are.
    let veda = |place: &str| Veda {
        places: vec![place.to_owned()],
        from: "2026-01-07".to_owned(),
        until: "2026-01-07".to_owned(),
    };
    let service = service_with(&test.store, |it| {
        it.broadcasts =
            Broadcasts { test_addresses: Vec::new(), veda: vec![veda("state:12"), veda("state:20")] };
    });
    crowd(&service, 20).await;
    let id = begun(&service).await;
    assert_eq!(queues(&service, id, 5).await, Ok(Queued::Page(5)));
    service.clock.advance(2 * DAY);
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.queued, it.progress.waiting()), (State::Sending, 0, 20));
    assert_eq!(got(&service, "kannel", WORDS), BTreeMap::new());
    service.clock.advance(DAY);
    runs(&service).await;
    assert_eq!(read(&service, id).await.state, State::Done);
    assert_eq!(got(&service, "kannel", WORDS), once(0..20));
    sums(&service, id).await;
});

both!(who_let_it_go_must_still_be_allowed_to_when_it_begins, |test| {
    let service = service(&test.store);
    crowd(&service, 12).await;
    let (draft, areas) = draft(&["kannel"]);
    let id = let_go(&test.store, draft, areas, 12, service.clock.now()).await;
    let approver = test.store.list_broadcast_approvals(id).await.expect("approvals")[0].staff_id;
    let account = test.store.find_account(approver).await.expect("read").expect("an account");
    let change = AccountChange { state: Some(AccountState::Disabled), ..AccountChange::default() };
    let write = test.store.staff_write(None, cabildo_tests::staff::audit("user_changed", START), |_| {
        Answer { status: 200, body: String::new() }
    });
    test.store.update_account(approver, account.version, change, write).await.expect("changed");
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref()), (State::Held, Some("approval")));
    assert_eq!(got(&service, "kannel", WORDS), BTreeMap::new());
    let other = hire(&test.store, &[("approver", "state:12")], &[], START).await.id;
    let release = Act::Release { hash: it.hash, valid: vec![] };
    act(&test.store, id, other, release, service.clock.now()).await.expect("released");
    runs(&service).await;
    assert_eq!(got(&service, "kannel", WORDS), once(0..12));
});

both!(few_people_get_nothing_unless_they_are_all_of_a_demand, |test| {
    let service = service(&test.store);
    crowd(&service, 10).await;
    let (draft, areas) = draft(&["kannel"]);
    let (id, author, _) = opened(&service, draft.clone(), areas.clone(), 10).await;
    let now = service.clock.now();
    let few = act(&test.store, id, author, Act::Submit { people: 10 }, now).await;
    assert_eq!(few, Err(Error::Refused("broadcast_few")));
    // There were more when it was approved than when they were written down.
    let id = let_go(&test.store, draft.clone(), areas.clone(), 11, now).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref(), it.progress.people), (State::Stopped, Some("few"), 10));
    let mut world = crate::conformance::demands::World::new(&test.store);
    let demand = world.public(317, 900).await;
    let mut all = draft;
    all.audience =
        cabildo_bot::domain::broadcast::audience::Audience { demand: Some(demand), ..Default::default() };
    let people = test.store.count_reachable_supporters(demand).await.expect("counted");
    assert!((1..11).contains(&people), "{people}");
    let id = let_go(&test.store, all, areas, people, now).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent), (State::Done, people), "{:?}", it.progress);
});

both!(a_correction_and_a_demand_reach_whoever_can_be_reached, |test| {
    let service = service(&test.store);
    crowd(&service, 12).await;
    let now = service.clock.now();
    let (first, areas) = draft(&["kannel"]);
    let id = let_go(&test.store, first.clone(), areas.clone(), 12, now).await;
    runs(&service).await;
    assert_eq!(read(&service, id).await.progress.sent, 12);
    // Two stopped since: ten are left of those who read what was wrong.
    for number in [0, 1] {
        stops(&service, "kannel", &phone(number)).await;
    }
    let mut second = Draft { correction_of: Some(id), ..first.clone() };
    second.texts.insert("es-MX".to_owned(), "El lunes.".to_owned());
    let id = let_go(&test.store, second, areas.clone(), 12, now).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.people, it.progress.sent), (State::Done, 10, 10), "{:?}", it.reason);
    assert_eq!(got(&service, "kannel", "El lunes."), once(2..12));
    // Three support a demand, and one of them stopped between the approval and the list.
    let mut world = crate::conformance::demands::World::new(&test.store);
    let demand = world.public(317, 900).await;
    let mut third = Draft { correction_of: None, ..first };
    third.audience =
        cabildo_bot::domain::broadcast::audience::Audience { demand: Some(demand), ..Default::default() };
    third.texts.insert("es-MX".to_owned(), "El pozo se hace.".to_owned());
    let id = let_go(&test.store, third.clone(), areas.clone(), 3, now).await;
    stops(&service, "kannel", &crate::conformance::demands::phone(31_700_000)).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent), (State::Done, 2), "{:?}", it.reason);
    // Those of one language are a part of it: few of them could be told apart.
    third.audience.language = Some("es-MX".to_owned());
    let id = let_go(&test.store, third, areas, 11, now).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref()), (State::Stopped, Some("few")));
});

both!(a_correction_goes_to_those_who_got_it, |test| {
    let service = service(&test.store);
    crowd(&service, 12).await;
    let (draft, areas) = draft(&["kannel"]);
    let id = let_go(&test.store, draft.clone(), areas.clone(), 12, service.clock.now()).await;
    runs(&service).await;
    // Who came later did not read what was wrong; who unsubscribed since did.
    asks(&test.store, SMS, &phone(50), TLAPA, service.clock.now()).await;
    let stop = Change::Unsubscribed { kind: SubscriptionKind::Topic, topic: "agua".to_owned() };
    changes(&test.store, SMS, &phone(5), stop, service.clock.now()).await;
    let mut other = Draft { correction_of: Some(id), ..draft };
    other.texts.insert("es-MX".to_owned(), "El lunes.".to_owned());
    let id = let_go(&test.store, other, areas, 12, service.clock.now()).await;
    runs(&service).await;
    assert_eq!(read(&service, id).await.state, State::Done);
    assert_eq!(got(&service, "kannel", "El lunes."), once(0..12));
});

both!(lists_are_the_newest_first_and_a_version_that_was_not_seen_changes_nothing, |test| {
    let service = service(&test.store);
    let (store, now) = (&test.store, service.clock.now());
    let (draft, areas) = draft(&["kannel"]);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(opened(&service, draft.clone(), areas.clone(), 20).await);
    }
    let list = |before, state| async move {
        let found = store.list_broadcasts(before, state, 2).await.expect("listed");
        found.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    ids.sort_unstable();
    assert_eq!(list(None, None).await, [ids[2].0, ids[1].0]);
    assert_eq!(list(Some(ids[1].0), None).await, [ids[0].0]);
    let (id, author, hash) = ids[0].clone();
    let acting = |version, act| Acting { broadcast_id: id, version, staff_id: author, act, at: now };
    let submit = Act::Submit { people: 20 };
    let stale = store.act_on_broadcast(acting(Some(2), submit.clone()), None).await;
    assert_eq!(stale, Err(Error::Conflict));
    let gone = Acting { broadcast_id: Uuid::from_u128(1), ..acting(None, Act::Withdraw) };
    assert_eq!(store.act_on_broadcast(gone, None).await, Err(Error::NotFound));
    let done = store.act_on_broadcast(acting(Some(1), submit), None).await.expect("submitted");
    assert_eq!((done.version, done.state), (2, State::Submitted));
    assert_eq!(list(None, Some(State::Submitted)).await, [id]);
    let (one, two) = (Uuid::from_u128(11), Uuid::from_u128(12));
    let edit = Act::Edit { draft: Box::new(draft.clone()), areas: areas.clone(), people: 2_000 };
    act(store, id, two, edit, now).await.expect("edited");
    assert_eq!(store.list_broadcast_editors(id).await, Ok(vec![two]));
    act(store, id, author, Act::Submit { people: 2_000 }, now).await.expect("submitted");
    let approve = Act::Approve { hash: hash.clone(), people: 2_000, valid: Vec::new() };
    act(store, id, one, approve, now).await.expect("approved");
    let given = store.count_broadcast_approvals(&[id, ids[1].0]).await.expect("counted");
    assert_eq!(given, HashMap::from([((id, hash), 1)]));
    assert!(store.list_busy_broadcasts().await.expect("listed").is_empty());
    // A test is one transaction with its entry of the trail, on the version that was seen.
    let contact = crowd(&service, 1).await[0];
    let message = || NewOutbound {
        id: cabildo_bot::ids::new_id(now),
        contact_id: contact,
        purpose: Purpose::Broadcast,
        campaign: Some(cabildo_bot::store::broadcasts::test_campaign(id)),
        rendered: rendered("PRUEBA", TLAPA),
        not_before: now,
        at: now,
    };
    let tests = |version| {
        let entry = cabildo_tests::staff::audit("broadcast_tested", START);
        let write = store.staff_write(None, entry, |_: &u64| Answer { status: 200, body: String::new() });
        let message = message();
        async move { store.test_broadcast(id, version, &[message], write, now).await }
    };
    let version = read(&service, id).await.version;
    assert_eq!(tests(version - 1).await, Err(Error::Conflict));
    assert_eq!(tests(version).await, Ok(1));
});

both!(what_is_on_its_way_is_counted_paused_and_barred, |test| {
    let service = service(&test.store);
    crowd(&service, 20).await;
    let (store, now) = (&test.store, service.clock.now());
    let id = begun(&service).await;
    let busy = store.list_busy_broadcasts().await.expect("listed");
    assert_eq!(busy.iter().map(|it| it.id).collect::<Vec<_>>(), [id]);
    assert_eq!(queues(&service, id, 5).await, Ok(Queued::Page(5)));
    let open = |at| async move { store.count_broadcast_open(id, at).await.expect("counted") };
    let five = |due| BTreeMap::from([("kannel".to_owned(), Open { all: 5, due, short: 0 })]);
    assert_eq!(open(now).await, five(5));
    assert_eq!(open(now.plus(-1)).await, five(0));
    store.pause_broadcast(id, now).await.expect("paused");
    assert_eq!((open(now).await, read(&service, id).await.progress.waiting()), (BTreeMap::new(), 20));
    assert_eq!(queues(&service, id, 3).await, Ok(Queued::Page(3)));
    let due = store.list_due("kannel", now, 1).await.expect("due")[0].id;
    let attempt = store.claim_these(vec![due], now).await.expect("claimed")[0].attempt;
    assert!(store.dispatch_outbound(due, attempt, now).await.expect("dispatched"));
    assert_eq!(store.settle_broadcast(id, now).await, Ok(0), "under way");
    store.settle_outbound(due, attempt, Settled::Accepted(None), now).await.expect("settled");
    assert_eq!(store.settle_broadcast(id, now).await, Ok(1));
    assert_eq!(store.settle_broadcast(id, now).await, Ok(0), "once");
    let got = store.list_who_got(id, None, 10).await.expect("listed");
    assert_eq!(got.len(), 1);
    assert!(store.list_who_got(id, Some(got[0].mark), 10).await.expect("listed").is_empty());
    store.bar_broadcast(id, "highlight", now).await.expect("barred");
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref()), (State::Held, Some("highlight")));
    assert_eq!((it.progress.sent, it.progress.queued, it.progress.waiting()), (1, 0, 19));
    sums(&service, id).await;
    // A card that can't be looked up bars what tells of it, a demand that was taken back what goes to its people.
    let mut world = crate::conformance::demands::World::new(store);
    let demand = world.public(317, 900).await;
    let all = store.list_reachable_supporters(demand, None, 10).await.expect("listed");
    let first = store.list_reachable_supporters(demand, None, 1).await.expect("listed");
    assert_eq!(first, all[..1]);
    let rest = store.list_reachable_supporters(demand, Some(first[0].mark), 10).await.expect("listed");
    assert_eq!(rest, all[1..]);
    let (mut card, areas) = draft(&["kannel"]);
    card.highlight_id = Some(Uuid::from_u128(5));
    let id = let_go(store, card, areas, 20, now).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref(), it.progress.queued), (State::Held, Some("highlight"), 0));
});
