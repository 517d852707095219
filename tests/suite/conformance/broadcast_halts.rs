//! What ends or pauses a broadcast also reaches what is queued, and what comes back from a gateway.

use std::collections::BTreeMap;
use std::sync::Arc;

use cabildo_bot::domain::broadcast::audience::Audience;
use cabildo_bot::domain::broadcast::{State, Tag};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::demand::SubscriptionKind;
use cabildo_bot::domain::time::{DAY, HOUR, MINUTE};
use cabildo_bot::jobs::sending::ChannelRules;
use cabildo_bot::service::Service;
use cabildo_bot::store::Store;
use cabildo_bot::store::broadcasts::{Act, Queued};
use cabildo_bot::store::demands::Change;
use cabildo_bot::store::outbox::Settled;
use cabildo_bot::store::staff::{AccountChange, AccountState, Answer};
use cabildo_tests::broadcasts::{WORDS, act, asks, changes, draft, let_go};
use cabildo_tests::demands::{TLAPA, phone};
use cabildo_tests::staff::{audit, hire};
use cabildo_tests::stores::START;
use uuid::Uuid;

use super::broadcasts::{
    begun, crowd, got, join, once, queues, read, runs, service, service_with, stops, sums,
};
use super::demands::World;

both!(what_a_gateway_puts_off_at_the_stop_is_never_sent, |test| {
    let service = service(&test.store);
    crowd(&service, 20).await;
    let (store, now) = (&test.store, service.clock.now());
    let id = begun(&service).await;
    assert_eq!(queues(&service, id, 1).await, Ok(Queued::Page(1)));
    let due = store.list_due("kannel", now, 1).await.expect("due")[0].id;
    let attempt = store.claim_these(vec![due], now).await.expect("claimed")[0].attempt;
    assert!(store.dispatch_outbound(due, attempt, now).await.expect("dispatched"));
    act(store, id, Uuid::from_u128(9), Act::Stop { reason: "Ya no".to_owned() }, now).await.expect("stopped");
    let later = Settled::Retry(now.plus(MINUTE / 2), "busy".to_owned());
    store.settle_outbound(due, attempt, later, now).await.expect("settled");
    service.clock.advance(HOUR);
    // Even before the clock takes it back no gateway is called for it.
    let claimed = store.claim_these(vec![due], service.clock.now()).await.expect("claimed");
    assert!(!store.dispatch_outbound(due, claimed[0].attempt, service.clock.now()).await.expect("asked"));
    runs(&service).await;
    let it = read(&service, id).await.progress;
    assert_eq!((it.sent, it.queued, it.cancelled), (0, 0, 1), "{it:?}");
    assert_eq!(got(&service, "kannel", WORDS), BTreeMap::new());
    sums(&service, id).await;
});

both!(a_stop_on_another_of_her_channels_holds_for_what_is_queued, |test| {
    let service = service(&test.store);
    let contacts = crowd(&service, 20).await;
    let id = begun(&service).await;
    assert_eq!(queues(&service, id, 20).await, Ok(Queued::Page(20)));
    let on = ("other", ChannelKind::Sms);
    let second = asks(&test.store, on, &phone(92), TLAPA, service.clock.now()).await;
    join(&test, [contacts[0], second]).await;
    stops(&service, "other", &phone(92)).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent, it.progress.passed), (State::Done, 19, 1), "{:?}", it.progress);
    assert_eq!(got(&service, "kannel", WORDS), once(1..20));
    sums(&service, id).await;
});

both!(who_was_erased_gets_nothing_and_where_she_lives_is_forgotten, |test| {
    let service = service(&test.store);
    let contacts = crowd(&service, 20).await;
    let id = begun(&service).await;
    assert_eq!(queues(&service, id, 10).await, Ok(Queued::Page(10)));
    for contact in [contacts[0], contacts[19]] {
        test.store.erase_contact(contact, None, service.clock.now()).await.expect("erased");
    }
    let places = "SELECT municipality FROM broadcast_recipients WHERE municipality <> ''";
    assert_eq!(test.texts(places).await.len(), 18);
    runs(&service).await;
    assert_eq!(got(&service, "kannel", WORDS), once(1..19));
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent, it.progress.passed), (State::Done, 18, 2), "{:?}", it.progress);
    sums(&service, id).await;
});

both!(two_who_release_are_enough_where_two_are_needed, |test| {
    let service = service(&test.store);
    crowd(&service, 12).await;
    let (store, now) = (&test.store, service.clock.now());
    let (mut draft, areas) = draft(&["kannel"]);
    draft.tags.insert(Tag::Money);
    let id = let_go(store, draft, areas, 12, now).await;
    let approvals = store.list_broadcast_approvals(id).await.expect("approvals");
    assert_eq!(approvals.len(), 2);
    for it in approvals {
        let account = store.find_account(it.staff_id).await.expect("read").expect("an account");
        let change = AccountChange { state: Some(AccountState::Disabled), ..AccountChange::default() };
        let write = store
            .staff_write(None, audit("user_changed", START), |_| Answer { status: 200, body: String::new() });
        store.update_account(account.id, account.version, change, write).await.expect("changed");
    }
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref()), (State::Held, Some("approval")));
    let mut valid = Vec::new();
    for state in [State::Held, State::Approved] {
        let who = hire(store, &[("approver", "country")], &[], now).await.id;
        let release = Act::Release { hash: it.hash.clone(), valid: valid.clone() };
        assert_eq!(act(store, id, who, release, now).await.map(|it| it.state), Ok(state));
        valid.push(who);
    }
    runs(&service).await;
    assert_eq!(got(&service, "kannel", WORDS), once(0..12));
});

both!(a_demand_that_is_taken_back_overnight_bars_what_is_queued, |test| {
    let service = service(&test.store);
    let mut world = World::new(&test.store);
    let demand = world.public(317, 900).await;
    let (mut draft, areas) = draft(&["kannel"]);
    draft.audience = Audience { demand: Some(demand), ..Audience::default() };
    let people = test.store.count_reachable_supporters(demand).await.expect("counted");
    // Midnight where they are: it is queued, and waits for the morning.
    service.clock.advance(12 * HOUR);
    let id = let_go(&test.store, draft, areas, people, service.clock.now()).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.queued, it.progress.waiting()), (State::Sending, people, 0));
    let gone = test.texts("UPDATE demands SET state = 'withdrawn' RETURNING state").await;
    assert_eq!(gone, ["withdrawn"]);
    runs(&service).await;
    service.clock.advance(10 * HOUR);
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref()), (State::Held, Some("demand")));
    assert_eq!(got(&service, "kannel", WORDS), BTreeMap::new());
    sums(&service, id).await;
});

const SMS: (&str, ChannelKind) = ("kannel", ChannelKind::Sms);
const OTHER: (&str, ChannelKind) = ("other", ChannelKind::Sms);

fn leaves() -> Change {
    Change::Unsubscribed { kind: SubscriptionKind::Topic, topic: "agua".to_owned() }
}

both!(who_leaves_a_topic_overnight_gets_nothing_that_was_queued_before, |test| {
    let service = service(&test.store);
    let contacts = crowd(&service, 20).await;
    let store = &test.store;
    let id = begun(&service).await;
    assert_eq!(queues(&service, id, 20).await, Ok(Queued::Page(20)));
    // Midnight where they are: it waits for the morning.
    service.clock.advance(12 * HOUR);
    runs(&service).await;
    assert_eq!(read(&service, id).await.progress.queued, 20);
    changes(store, SMS, &phone(3), leaves(), service.clock.now()).await;
    // 4 leaves on another phone of hers; 6 moved away: this is no news of her place.
    let second = asks(store, OTHER, &phone(91), TLAPA, service.clock.now()).await;
    join(&test, [contacts[4], second]).await;
    changes(store, OTHER, &phone(91), leaves(), service.clock.now()).await;
    asks(store, SMS, &phone(6), cabildo_tests::demands::OTHER, service.clock.now()).await;
    service.clock.advance(10 * HOUR);
    // Of 5 it is claimed before she leaves: no gateway is called for it after that.
    let now = service.clock.now();
    let due = store.list_due("kannel", now, 50).await.expect("due");
    let of = due.iter().find(|it| it.contact_id == contacts[5]).expect("hers").id;
    let claimed = store.claim_these(vec![of], now).await.expect("claimed");
    changes(store, SMS, &phone(5), leaves(), now).await;
    assert!(!store.dispatch_outbound(of, claimed[0].attempt, now).await.expect("asked"), "after she left");
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent, it.progress.passed), (State::Done, 16, 4), "{:?}", it.progress);
    assert_eq!(got(&service, "kannel", WORDS), once((0..20).filter(|it| !(3..=6).contains(it))));
    sums(&service, id).await;
});

both!(who_leaves_a_demand_overnight_gets_nothing_that_was_queued_before, |test| {
    let service = service(&test.store);
    let mut world = World::new(&test.store);
    let demand = world.public(317, 900).await;
    let (mut draft, areas) = draft(&["kannel"]);
    draft.audience = Audience { demand: Some(demand), ..Audience::default() };
    service.clock.advance(12 * HOUR);
    let id = let_go(&test.store, draft, areas, 3, service.clock.now()).await;
    runs(&service).await;
    assert_eq!(read(&service, id).await.progress.queued, 3);
    let supporter = |number: u64| crate::conformance::demands::phone(31_700_000 + number * 1_000);
    world.says(&supporter(1), Change::Retired { demand_id: demand }).await;
    world.says(&supporter(2), Change::Muted { demand_id: demand }).await;
    service.clock.advance(10 * HOUR);
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.progress.sent, it.progress.passed), (State::Done, 1, 2), "{:?}", it.progress);
    assert_eq!(got(&service, "kannel", WORDS), BTreeMap::from([(supporter(0), 1)]));
    sums(&service, id).await;
});

/// Each message of a phone costs something, of which a broadcast and a day have so much.
fn priced(store: &Store, campaign: u64, day: u64) -> Arc<Service> {
    service_with(store, |it| {
        let rules = ChannelRules { segment_price: 1_000, ..ChannelRules::default() };
        it.sending.rules.insert("kannel".to_owned(), rules);
        it.sending.limits.money_per_campaign = campaign;
        it.sending.limits.unasked_money_per_day = day;
    })
}

both!(a_broadcast_that_spent_all_that_it_may_cost_is_held_and_goes_on_with_more, |test| {
    let service = priced(&test.store, 10_000, 0);
    crowd(&service, 20).await;
    let id = begun(&service).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref()), (State::Held, Some("budget")), "{:?}", it.progress);
    let sent = it.progress.sent;
    assert!((1..20).contains(&sent) && it.progress.waiting() == 20 - sent, "{:?}", it.progress);
    sums(&service, id).await;
    // Whoever releases it without more money sees the same again.
    let (store, now) = (&test.store, service.clock.now());
    let who = hire(store, &[("approver", "country")], &[], now).await.id;
    let release = Act::Release { hash: it.hash, valid: Vec::new() };
    assert_eq!(act(store, id, who, release.clone(), now).await.map(|it| it.state), Ok(State::Sending));
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.reason.as_deref(), it.progress.sent), (Some("budget"), sent));
    // With a higher cap the others get it, and nobody has it twice.
    let richer = priced(store, 1_000_000, 0);
    act(store, id, who, release, now).await.expect("released");
    runs(&richer).await;
    assert_eq!(read(&richer, id).await.state, State::Done);
    let mut all = got(&service, "kannel", WORDS);
    assert_eq!(all.len() as u64, sent);
    all.extend(got(&richer, "kannel", WORDS));
    assert_eq!((all, got(&richer, "kannel", WORDS).len() as u64), (once(0..20), 20 - sent));
    sums(&richer, id).await;
});

both!(money_that_is_spent_holds_up_no_channel_that_costs_nothing, |test| {
    let service = priced(&test.store, 5_000, 0);
    crowd(&service, 20).await;
    let (store, now) = (&test.store, service.clock.now());
    for number in 30..60 {
        asks(store, OTHER, &phone(number), TLAPA, now).await;
    }
    let (draft, areas) = draft(&["kannel", "other"]);
    let id = let_go(store, draft, areas, 50, now).await;
    runs(&service).await;
    service.clock.advance(MINUTE);
    runs(&service).await;
    assert_eq!(got(&service, "other", WORDS), once(30..60), "all who cost nothing");
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref()), (State::Held, Some("budget")), "{:?}", it.progress);
    let paid = got(&service, "kannel", WORDS).len() as u64;
    assert!((1..20).contains(&paid) && it.progress.sent == 30 + paid, "{paid} {:?}", it.progress);
    sums(&service, id).await;
});

both!(the_money_of_a_day_puts_the_rest_off_until_the_next_one, |test| {
    let service = priced(&test.store, 0, 10_000);
    crowd(&service, 20).await;
    let id = begun(&service).await;
    runs(&service).await;
    let it = read(&service, id).await;
    assert_eq!((it.state, it.reason.as_deref()), (State::Sending, None), "it comes back by itself");
    let open = test.store.count_broadcast_open(id, service.clock.now()).await.expect("counted");
    let short = open.get("kannel").map_or(0, |it| it.short);
    assert!(it.progress.sent > 0 && short > 0 && short == it.progress.queued, "{:?}", it.progress);
    for _ in 0..8 {
        service.clock.advance(DAY);
        runs(&service).await;
    }
    assert_eq!(read(&service, id).await.state, State::Done);
    assert_eq!(got(&service, "kannel", WORDS), once(0..20));
    sums(&service, id).await;
});
