//! What the outbox lets through: stops, days, purses; and what people do to it.

use std::collections::BTreeSet;

use cabildo_bot::channels::gateway::AttemptToken;
use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::time::DAY;
use cabildo_bot::store::Store;
use cabildo_bot::store::gateways::{GatewayRow, Switch};
use cabildo_bot::store::inbox::{Change, Outcome};
use cabildo_bot::store::outbox::{
    Arrival, Caps, Dispatch, Dispatched, LEASE, Listing, NewOutbound, Resent, Settled, Spent,
};
use cabildo_tests::stores::{START, inbound};
use uuid::Uuid;

fn contact(number: u128) -> Uuid {
    Uuid::from_u128(1_000 + number)
}

async fn add_contact(store: &Store, number: u128) {
    let message = inbound(&format!("+5255{number}"), &format!("first-{number}"), "x");
    store.accept_inbound(message, Uuid::from_u128(5_000_000 + number), contact(number)).await.expect("kept");
}

fn message(id: u128, to: Uuid, purpose: Purpose) -> NewOutbound {
    let rendered = Rendered {
        kind: ReplyKind::Answer,
        text: format!("á {id}"),
        municipality: Some("12066".to_owned()),
        choices: vec![],
        edit: false,
        segments: 2,
        picture: None,
    };
    let id = Uuid::from_u128(id);
    NewOutbound { id, contact_id: to, purpose, campaign: None, rendered, not_before: START, at: START }
}

async fn stop(store: &Store, number: u128) {
    // Before the first one, which nobody handles: messages of a contact are handled in their order.
    let id = Uuid::from_u128(4_000_000 + number);
    let text = inbound(&format!("+5255{number}"), &format!("stop-{number}"), "baja");
    store.accept_inbound(text, id, contact(number)).await.expect("kept");
    let version = store.find_conversation(contact(number)).await.expect("stored").version;
    let outcome = Outcome {
        state: "{}".to_owned(),
        version,
        changes: vec![Change::Stopped],
        replies: vec![],
        at: START,
        counters: None,
        folded_into: None,
    };
    assert_eq!(store.handle_inbound(id, contact(number), outcome).await, Ok(true));
}

/// Claims what is due and lets it to the gate, at this price each.
async fn gate(store: &Store, caps: Caps, price: i64) -> (Vec<(u128, Dispatched)>, Vec<Spent>) {
    let claimed = store.claim_outbound("kannel", START, 100).await.expect("claimed");
    let ids: Vec<u128> = claimed.iter().map(|it| it.id.as_u128()).collect();
    let attempts = claimed
        .iter()
        .map(|it| Dispatch { id: it.id, attempt: it.attempt, gateway_id: None, price })
        .collect();
    let (ended, spent) = store.dispatch_outbounds(attempts, caps, START).await.expect("a gate");
    (ids.into_iter().zip(ended).collect(), spent)
}

async fn state(store: &Store, id: u128) -> (String, Option<String>) {
    let (shown, _) = store.show_outbound(Uuid::from_u128(id)).await.expect("read").expect("a message");
    (shown.state, shown.failure)
}

fn is(state: &str, failure: &str) -> (String, Option<String>) {
    (state.to_owned(), Some(failure.to_owned()))
}

async fn kinds(store: &Store) -> Vec<String> {
    store.list_events(0, 100).await.expect("events").into_iter().map(|it| it.kind).collect()
}

both!(messages_that_nobody_caused_are_kept_once_and_replies_go_first, |test| {
    let store = &test.store;
    for number in 0..3 {
        add_contact(store, number).await;
    }
    let many = [
        message(10, contact(0), Purpose::Broadcast),
        message(11, contact(1), Purpose::News),
        message(12, contact(2), Purpose::Reply),
    ];
    assert_eq!(store.add_outbounds(&many).await, Ok(3));
    assert_eq!(store.add_outbounds(&many).await, Ok(0));
    assert_eq!(store.add_outbound(message(13, Uuid::from_u128(7), Purpose::Reply)).await, Ok(false));
    let due = store.list_due("kannel", START, 9).await.expect("due");
    assert_eq!(due.iter().map(|it| it.id.as_u128()).collect::<Vec<_>>(), [12, 11, 10]);
    let claimed = store.claim_outbound("kannel", START, 9).await.expect("claimed");
    let (to, rendered) = claimed[2].content.as_ref().expect("readable");
    assert_eq!((to.address.as_str(), rendered), ("+52550", &many[0].rendered));
    assert_eq!((claimed[2].purpose, claimed[2].worth_from), (Purpose::Broadcast, START));
    assert_eq!(store.list_due("other", START, 9).await.map(|it| it.len()), Ok(0));
});

both!(what_a_contact_that_stopped_did_not_ask_for_is_cancelled_at_the_gate, |test| {
    let store = &test.store;
    add_contact(store, 0).await;
    let purposes = [Purpose::Reply, Purpose::News, Purpose::Reminder, Purpose::Survey, Purpose::Broadcast];
    for (id, purpose) in (10..).zip(purposes) {
        store.add_outbound(message(id, contact(0), purpose)).await.expect("kept");
    }
    // Claimed before the stop, at the gate after it.
    let claimed = store.claim_outbound("kannel", START, 9).await.expect("claimed");
    assert_eq!(claimed.len(), 3);
    stop(store, 0).await;
    let attempts: Vec<_> = claimed
        .iter()
        .map(|it| Dispatch { id: it.id, attempt: it.attempt, gateway_id: None, price: 0 })
        .collect();
    let (ended, _) = store.dispatch_outbounds(attempts, Caps::NONE, START).await.expect("a gate");
    assert_eq!(ended[..2], [Dispatched::Go, Dispatched::Go]);
    assert!(matches!(ended[2], Dispatched::Stopped | Dispatched::Lost));
    for id in 12..15 {
        while state(store, id).await.0 != "cancelled" {
            assert!(gate(store, Caps::NONE, 0).await.0.iter().all(|it| it.1 == Dispatched::Stopped));
        }
    }
    // And none is taken up any more.
    assert_eq!(store.add_outbound(message(20, contact(0), Purpose::Reminder)).await, Ok(false));
    assert_eq!(store.add_outbound(message(21, contact(0), Purpose::News)).await, Ok(true));
});

/// How many messages to each contact got past the gate.
async fn through(store: &Store) -> Vec<usize> {
    // In the order in which they go, so that one that moves between the two lists is in one at least.
    let mut seen = BTreeSet::new();
    for state in ["dispatched", "accepted"] {
        let listing = Listing { state: Some(state.to_owned()), channel: None, limit: 20_000 };
        let listed = store.list_outbound(listing).await.expect("a list");
        seen.extend(listed.into_iter().map(|it| (it.contact_id, it.id)));
    }
    let mut counts = vec![0; CONTACTS as usize];
    for (contact_id, _) in seen {
        counts[(contact_id.as_u128() - 1_000) as usize] += 1;
    }
    counts
}

const CONTACTS: u128 = 20;
const REMINDERS: u128 = 10_000;

both!(nothing_unasked_is_dispatched_after_a_stop, |test| {
    let store = &test.store;
    for number in 0..CONTACTS {
        add_contact(store, number).await;
    }
    let all: Vec<_> =
        (0..REMINDERS).map(|it| message(100_000 + it, contact(it % CONTACTS), Purpose::Reminder)).collect();
    for part in all.chunks(1_000) {
        store.add_outbounds(part).await.expect("kept");
    }
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let store = store.clone();
        workers.spawn(async move {
            loop {
                let Ok(claimed) = store.claim_outbound("kannel", START, 100).await else { continue };
                if claimed.is_empty() {
                    if store.next_outbound().await == Ok(None) {
                        return;
                    }
                    continue;
                }
                let attempts: Vec<_> = claimed
                    .iter()
                    .map(|it| Dispatch { id: it.id, attempt: it.attempt, gateway_id: None, price: 0 })
                    .collect();
                let ended = loop {
                    if let Ok(ended) = store.dispatch_outbounds(attempts.clone(), Caps::NONE, START).await {
                        break ended.0;
                    }
                };
                for (it, ended) in claimed.iter().zip(ended) {
                    if ended == Dispatched::Go {
                        let settled = Settled::Accepted(None);
                        store.settle_outbound(it.id, it.attempt, settled, START).await.expect("settled");
                    }
                }
            }
        });
    }
    while through(store).await.iter().sum::<usize>() < 200 {
        tokio::task::yield_now().await;
    }
    let mut at_the_stop = Vec::new();
    for number in 0..CONTACTS {
        stop(store, number).await;
        at_the_stop.push(through(store).await[number as usize]);
    }
    workers.join_all().await;
    assert_eq!(through(store).await, at_the_stop);
    let sent: usize = at_the_stop.iter().sum();
    assert!((200..9_000).contains(&sent), "{sent}");
    let counts = store.count_outbound().await.expect("states");
    assert_eq!(
        counts,
        [("accepted".to_owned(), sent as i64), ("cancelled".to_owned(), 10_000 - sent as i64)]
    );
});

both!(a_day_has_room_for_so_many_that_nobody_asked_for, |test| {
    let store = &test.store;
    add_contact(store, 0).await;
    for id in 10..14 {
        store.add_outbound(message(id, contact(0), Purpose::Reminder)).await.expect("kept");
    }
    let caps = Caps { day: 5, next_day: START.plus(DAY), unasked_per_day: 2, ..Caps::NONE };
    for id in [10, 11] {
        assert_eq!(gate(store, caps, 0).await.0, [(id, Dispatched::Go)]);
        store.settle_outbound(Uuid::from_u128(id), 1, Settled::Accepted(None), START).await.expect("settled");
    }
    assert_eq!(gate(store, caps, 0).await.0, [(12, Dispatched::Enough)]);
    assert_eq!(store.list_due("kannel", START.plus(DAY), 9).await.map(|it| it.len()), Ok(1));
    // A reply is not counted, and the next day has room again.
    store.add_outbound(message(15, contact(0), Purpose::Reply)).await.expect("kept");
    assert_eq!(gate(store, caps, 0).await.0, [(15, Dispatched::Go)]);
    let tomorrow = Caps { day: 6, ..caps };
    let claimed = store.claim_outbound("kannel", START.plus(DAY), 9).await.expect("claimed");
    let it = Dispatch { id: claimed[0].id, attempt: claimed[0].attempt, gateway_id: None, price: 0 };
    let (ended, _) = store.dispatch_outbounds(vec![it], tomorrow, START.plus(DAY)).await.expect("a gate");
    assert_eq!(ended, [Dispatched::Go]);
});

both!(a_purse_holds_across_a_restart_and_is_never_overdrawn, |mut test| {
    for number in 0..12 {
        add_contact(&test.store, number).await;
        let purpose = if number < 9 { Purpose::Reminder } else { Purpose::Reply };
        test.store.add_outbound(message(100 + number, contact(number), purpose)).await.expect("kept");
    }
    let caps = Caps { day: 5, next_day: START.plus(DAY), money: 100, unasked_money: 50, ..Caps::NONE };
    let (ended, spent) = gate(&test.store, caps, 10).await;
    let count = |wanted| ended.iter().filter(|it| it.1 == wanted).count();
    // Three replies and as many reminders as their own cap allows.
    assert_eq!((count(Dispatched::Go), count(Dispatched::NoMoney)), (8, 4));
    assert!(ended.iter().filter(|it| it.0 >= 109).all(|it| it.1 == Dispatched::Go));
    let told: Vec<_> = spent.iter().map(|it| (it.name.as_str(), it.all)).collect();
    assert_eq!(told, [("money", false), ("unasked", true)]);
    test.reopen().await;
    let store = &test.store;
    assert_eq!(store.used_budget("money", 5).await, Ok(80));
    assert_eq!(store.used_budget("unasked", 5).await, Ok(50));
    for number in 20..24 {
        add_contact(store, number).await;
        store.add_outbound(message(200 + number, contact(number), Purpose::Reply)).await.expect("kept");
    }
    let (ended, spent) = gate(store, caps, 10).await;
    assert_eq!(ended.iter().filter(|it| it.1 == Dispatched::Go).count(), 2);
    assert_eq!(spent.iter().map(|it| (it.name.as_str(), it.all)).collect::<Vec<_>>(), [("money", true)]);
    // A reply that the purse stops has failed, and is shown; the rest of the day nothing is told again.
    assert_eq!(
        store.list_outbound(Listing { limit: 9, ..Listing::default() }).await.map(|it| it.len()),
        Ok(2)
    );
    assert_eq!(store.used_budget("money", 5).await, Ok(100));
    let happened = kinds(store).await;
    let budgets: Vec<_> = happened.iter().filter(|it| it.starts_with("budget")).collect();
    assert_eq!(budgets, ["budget_low", "budget_spent", "budget_spent"]);
});

both!(a_campaign_has_a_cap_of_its_own, |test| {
    let store = &test.store;
    for number in 0..4 {
        add_contact(store, number).await;
        let campaign = (number < 3).then(|| "feria".to_owned());
        let it = NewOutbound { campaign, ..message(10 + number, contact(number), Purpose::Broadcast) };
        store.add_outbound(it).await.expect("kept");
    }
    let caps = Caps { day: 5, next_day: START.plus(DAY), campaign_money: 25, ..Caps::NONE };
    let (ended, _) = gate(store, caps, 10).await;
    assert_eq!(
        ended.iter().map(|it| it.1).collect::<Vec<_>>(),
        [Dispatched::Go, Dispatched::Go, Dispatched::NoMoney, Dispatched::Go]
    );
    assert_eq!(store.used_budget("money", 5).await, Ok(30));
});

both!(a_stop_that_the_gateway_took_is_mirrored, |test| {
    let store = &test.store;
    add_contact(store, 0).await;
    for (id, purpose) in [(10, Purpose::Reply), (11, Purpose::Reminder), (12, Purpose::News)] {
        store.add_outbound(message(id, contact(0), purpose)).await.expect("kept");
    }
    let claimed = store.claim_these(vec![Uuid::from_u128(10)], START).await.expect("claimed");
    assert_eq!(claimed.len(), 1);
    assert_eq!(store.dispatch_outbound(claimed[0].id, 1, START).await, Ok(true));
    assert_eq!(store.settle_outbound(claimed[0].id, 1, Settled::Blocked, START).await, Ok(true));
    assert_eq!(state(store, 10).await, is("failed", "blocked"));
    assert_eq!(state(store, 11).await.0, "cancelled");
    assert_eq!(state(store, 12).await.0, "queued");
    let marked = store.get_contact(contact(0)).await.expect("a contact");
    assert_eq!((marked.stopped_at, marked.gone_at), (Some(START), None));
    assert_eq!(kinds(store).await, ["send_failed", "contact_stopped"]);
});

both!(leases_are_kept_while_a_call_runs_and_a_zombie_changes_nothing, |test| {
    let store = &test.store;
    add_contact(store, 0).await;
    store.add_outbound(message(10, contact(0), Purpose::Reply)).await.expect("kept");
    let id = Uuid::from_u128(10);
    store.claim_these(vec![id], START).await.expect("claimed");
    store.extend_outbound(vec![(id, 1)], START.plus(LEASE / 2)).await.expect("kept");
    assert_eq!(store.claim_outbound("kannel", START.plus(LEASE), 9).await.map(|it| it.len()), Ok(0));
    // Away too long: the next worker has attempt 2, and what the first does counts for nothing.
    let later = START.plus(2 * LEASE);
    assert_eq!(store.lapse_outbound(later).await, Ok(0));
    let claimed = store.claim_these(vec![id], later).await.expect("claimed");
    assert_eq!(claimed[0].attempt, 2);
    assert_eq!(store.dispatch_outbound(id, 1, later).await, Ok(false));
    store.extend_outbound(vec![(id, 1)], later.plus(LEASE * 9)).await.expect("nothing");
    assert_eq!(store.dispatch_outbound(id, 2, later).await, Ok(true));
    assert_eq!(store.settle_outbound(id, 1, Settled::Failed("no".to_owned()), later).await, Ok(false));
    assert_eq!(store.lapse_outbound(later.plus(LEASE)).await, Ok(1));
    let (shown, attempts) = store.show_outbound(id).await.expect("read").expect("a message");
    assert_eq!((shown.state.as_str(), attempts.len()), ("unknown", 1));
    assert_eq!((attempts[0].number, attempts[0].state.as_str()), (2, "unknown"));
});

both!(what_is_put_off_waits_and_is_worth_a_day_from_then, |test| {
    let store = &test.store;
    add_contact(store, 0).await;
    store.add_outbound(message(10, contact(0), Purpose::Reminder)).await.expect("kept");
    let morning = START.plus(DAY / 2);
    store.defer_outbound(vec![(Uuid::from_u128(10), morning)], START).await.expect("put off");
    assert_eq!(store.list_due("kannel", morning.plus(-1), 9).await.map(|it| it.len()), Ok(0));
    let claimed = store.claim_outbound("kannel", morning, 9).await.expect("claimed");
    assert_eq!(claimed[0].worth_from, morning);
    store.release_outbound(claimed[0].id, 1, morning.plus(5), morning).await.expect("given back");
    assert_eq!(store.next_outbound().await, Ok(Some(morning.plus(5))));
    assert_eq!(store.list_queued_channels().await, Ok(vec!["kannel".to_owned()]));
});

both!(a_person_sends_again_and_drops, |test| {
    let store = &test.store;
    add_contact(store, 0).await;
    let id = Uuid::from_u128(10);
    store.add_outbound(message(10, contact(0), Purpose::Reply)).await.expect("kept");
    assert_eq!(store.resend_outbound(id, None, START).await, Ok(Resent::NotNow));
    assert_eq!(store.drop_outbound(Uuid::from_u128(9), START).await, Ok(Resent::NotThere));
    gate(store, Caps::NONE, 7).await;
    store.settle_outbound(id, 1, Settled::Unknown, START).await.expect("settled");
    let listed = store.list_outbound(Listing { limit: 9, ..Listing::default() }).await.expect("a list");
    assert_eq!((listed.len(), listed[0].id, listed[0].state.as_str()), (1, id, "unknown"));
    let later = START.plus(3 * DAY);
    assert_eq!(store.resend_outbound(id, Some("second".to_owned()), later).await, Ok(Resent::Done));
    let claimed = store.claim_outbound("kannel", later, 9).await.expect("claimed");
    assert_eq!((claimed[0].attempt, claimed[0].through.as_deref()), (2, Some("second")));
    assert_eq!((claimed[0].tries, claimed[0].worth_from), (0, later));
    let it = Dispatch { id, attempt: 2, gateway_id: Some("second".to_owned()), price: 9 };
    store.dispatch_outbounds(vec![it], Caps::NONE, later).await.expect("a gate");
    let (shown, attempts) = store.show_outbound(id).await.expect("read").expect("a message");
    assert_eq!((shown.state.as_str(), shown.gateway_id.as_deref()), ("dispatched", Some("second")));
    let told: Vec<_> =
        attempts.iter().map(|it| (it.number, it.gateway_id.as_str(), it.state.as_str(), it.price)).collect();
    assert_eq!(told, [(1, "kannel", "abandoned", 7), (2, "second", "dispatched", 9)]);
    // Receipts of each gateway count for its own attempt only.
    let second = AttemptToken { message: id, attempt: 2 };
    assert_eq!(store.report_outbound(second, "kannel", Arrival::Failed, later).await, Ok(false));
    assert_eq!(store.report_outbound(second, "second", Arrival::Failed, later).await, Ok(true));
    assert_eq!(store.drop_outbound(id, later).await, Ok(Resent::NotNow));
    store.add_outbound(message(11, contact(0), Purpose::Reply)).await.expect("kept");
    assert_eq!(store.drop_outbound(Uuid::from_u128(11), later).await, Ok(Resent::Done));
    assert_eq!(state(store, 11).await, is("cancelled", "person"));
    assert_eq!(kinds(store).await, ["send_unknown", "outbox_resent", "send_failed", "outbox_dropped"]);
});

both!(what_nobody_knows_for_a_day_is_told_once, |test| {
    let store = &test.store;
    add_contact(store, 0).await;
    store.add_outbound(message(10, contact(0), Purpose::Reply)).await.expect("kept");
    gate(store, Caps::NONE, 0).await;
    let id = Uuid::from_u128(10);
    store.settle_outbound(id, 1, Settled::Unknown, START).await.expect("settled");
    assert_eq!(store.list_unsettled(START.plus(29_999), 9).await.map(|it| it.len()), Ok(0));
    let unsettled = store.list_unsettled(START.plus(30_000), 9).await.expect("a list");
    let found = unsettled[0].unsettled.as_ref().expect("readable");
    assert_eq!((found.address.as_str(), found.dispatched_at), ("+52550", START));
    assert_eq!((unsettled[0].gateway_id.as_str(), unsettled[0].purpose), ("kannel", Purpose::Reply));
    store.ask_later(unsettled[0].token, None).await.expect("noted");
    assert_eq!(store.list_unsettled(START.plus(DAY), 9).await.map(|it| it.len()), Ok(0));
    assert_eq!(store.alarm_unsettled(START.plus(DAY - 1)).await, Ok(vec![]));
    assert_eq!(store.alarm_unsettled(START.plus(DAY)).await, Ok(vec![id]));
    assert_eq!(store.alarm_unsettled(START.plus(2 * DAY)).await, Ok(vec![]));
    assert_eq!(kinds(store).await, ["send_unknown", "send_unsettled"]);
});

both!(the_health_of_a_gateway_is_remembered, |mut test| {
    let down = GatewayRow { id: "a".to_owned(), score: 31, down_since: Some(START.0) };
    test.store.update_gateway(down.clone(), Switch::Away, START).await.expect("noted");
    test.reopen().await;
    assert_eq!(test.store.list_gateways().await, Ok(vec![down.clone()]));
    let well = GatewayRow { score: 90, down_since: None, ..down };
    test.store.update_gateway(well.clone(), Switch::Back, START).await.expect("noted");
    test.store.update_gateway(GatewayRow { score: 95, ..well }, Switch::None, START).await.expect("noted");
    assert_eq!(test.store.add_budget("money", 1, 3).await, Ok(3));
    assert_eq!(test.store.add_budget("money", 1, 4).await, Ok(7));
    assert_eq!(kinds(&test.store).await, ["gateway_switched", "gateway_returned"]);
});
