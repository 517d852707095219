//! Demands in the store: what tells of a person, loops or gets lost, on both engines.

use std::collections::BTreeSet;

use cabildo_bot::domain::demand::{DemandState, Progress, Verdict, Vote, Votes};
use cabildo_bot::domain::time::{DAY, MINUTE};
use cabildo_bot::store::Error;
use cabildo_bot::store::demands::{Act, Change, NewActa, NoticeKind, Opening, Promise, RelayAsk};
use cabildo_bot::store::privacy;
use cabildo_bot::store::retention::Limits;
use cabildo_bot::store::{cases, inbox, outbox};
use cabildo_tests::cases::Town;
use uuid::Uuid;

use super::demands::{ME, World, phone, rendered, scattered};

fn answer() -> Act {
    let reason = "Se hace.".to_owned();
    Act::Answer { verdict: Verdict::Accepted, reason, cost: None, due_on: None }
}

fn promise() -> Promise {
    Promise {
        title: "Pozo".to_owned(),
        owner: "Agua".to_owned(),
        due_on: None,
        state: Progress::InProgress,
        percent: 0,
        milestones: Vec::new(),
    }
}

/// The author of a demand that `World::public` made.
fn author(code: u64) -> String {
    phone(code * 100_000)
}

both!(votes_are_told_for_many_together, |test| {
    let mut world = World::new(&test.store);
    let id = world.public(317, 4).await;
    for number in 0..60 {
        world.sign(&scattered(number), id).await;
    }
    world.act(id, answer()).await.expect("answered");
    world.act(id, Act::Promise(promise())).await.expect("promised");
    let told = async || test.store.get_full_demand(id).await.expect("it").commitment.expect("one").told;
    for number in 0..10 {
        world.says(&scattered(number), Change::Voted { demand_id: id, vote: Vote::Yes }).await;
    }
    assert_eq!(told().await, Votes::default());
    world.says(&scattered(10), Change::Voted { demand_id: id, vote: Vote::Yes }).await;
    assert_eq!(told().await, Votes { yes: 11, no: 0, half: 0 });
    // Ten more, and some who change their minds, move nothing that is told.
    for number in 11..21 {
        world.says(&scattered(number), Change::Voted { demand_id: id, vote: Vote::Yes }).await;
        world.says(&scattered(number), Change::Voted { demand_id: id, vote: Vote::No }).await;
        world.says(&scattered(number), Change::Voted { demand_id: id, vote: Vote::Yes }).await;
        assert_eq!(told().await.yes, 11);
    }
    // Eleven who say something else are told there, and not yet where they are missing.
    for number in 0..11 {
        world.says(&scattered(number), Change::Voted { demand_id: id, vote: Vote::Half }).await;
    }
    assert_eq!(told().await, Votes { yes: 11, no: 0, half: 11 });
});

both!(a_chat_is_verified_as_long_as_a_phone_is_hers, |test| {
    let mut world = World::new(&test.store);
    let id = world.public(317, 900).await;
    let (number, chats) = ("+525511110000", ["714004001", "714004002"]);
    world.sign(chats[0], id).await;
    world.link(number, chats[0]).await;
    assert_eq!(world.support(id).await.verified, 1, "a phone stands behind the chat");
    world.part(chats[0]).await;
    assert_eq!((world.support(id).await.verified, world.support(id).await.total()), (0, 4));
    // The next chat of the same phone is worth as much as any.
    world.link(number, chats[1]).await;
    world.sign(chats[1], id).await;
    assert_eq!(world.support(id).await.verified, 1);
    world.part(number).await;
    assert_eq!((world.support(id).await.verified, world.support(id).await.total()), (0, 5));
    world.sign(chats[1], id).await;
    for (address, checked) in [(number, true), (chats[0], false), (chats[1], false)] {
        let contact = test.store.find_contact("kannel", address).await.expect("it").expect("one");
        assert_eq!(test.store.is_verified_contact(contact).await, Ok(checked), "{address}");
    }
    world.sound().await;
});

/// The author of 456 lets it go on in 317.
async fn merged(world: &mut World<'_>, child: Uuid, parent_id: Uuid) -> Uuid {
    world.notices().await;
    let merge_id = world.id();
    let merge = Act::Merge { parent_id, merge_id, reason: "lo mismo".to_owned() };
    world.act(child, merge).await.expect("asked");
    world.says(&author(456), Change::MergeAnswered { merge_id, yes: true }).await;
    merge_id
}

both!(what_went_on_in_a_demand_neither_ends_by_its_author_nor_outlives_it, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let (one, two) = (world.public(317, 900).await, world.public(456, 900).await);
    merged(&mut world, two, one).await;
    world.notices().await;
    assert_eq!(world.support(one).await.total(), 6);
    world.says(&author(317), Change::Withdrawn { demand_id: one }).await;
    let state = async |id| store.get_demand(id).await.expect("it").state;
    assert_eq!((state(one).await, state(two).await), (DemandState::Withdrawn, DemandState::Collecting));
    assert_eq!(world.support(two).await.total(), 3, "nobody lost hers by a word of somebody else");
    let told = world.notices().await;
    assert_eq!(told.iter().filter(|it| it.0 == NoticeKind::Unmerged).count(), 3);
    assert_eq!(told.iter().filter(|it| it.0 == NoticeKind::Withdrawn).count(), 3);
    // Nor by its time.
    let three = world.public(789, 900).await;
    world.notices().await;
    merged(&mut world, two, three).await;
    world.now = world.now.plus(61 * DAY);
    let due = store.list_due_demands(world.now, 10).await.expect("due");
    let it = due.iter().find(|it| it.id == three).expect("it");
    store.ring_demand(three, it.version, None, world.now).await.expect("over");
    assert_eq!((state(three).await, state(two).await), (DemandState::Expired, DemandState::Collecting));
    world.sound().await;
    // What was answered with another one is over when that is archived.
    let four = world.public(791, 4).await;
    world.notices().await;
    merged(&mut world, two, four).await;
    world.notices().await;
    world.act(four, answer()).await.expect("answered");
    world.notices().await;
    world.now = world.now.plus(400 * DAY);
    let it = store.get_demand(four).await.expect("it");
    store.ring_demand(four, it.version, None, world.now).await.expect("archived");
    let child = store.get_demand(two).await.expect("it");
    assert_eq!((child.state, child.over_at), (DemandState::Merged, Some(world.now)));
    world.sound().await;
});

both!(a_merge_waits_for_news_and_gives_back_all_the_time, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let (one, two) = (world.public(317, 900).await, world.public(456, 900).await);
    world.notices().await;
    let merge_id = world.id();
    let merge = Act::Merge { parent_id: one, merge_id, reason: "lo mismo".to_owned() };
    world.act(two, merge).await.expect("asked");
    world.notices().await;
    // A message to the supporters of the one is on its way when the author of the other says yes.
    let text = "Nos vemos el domingo en la plaza".to_owned();
    world.says(&author(317), Change::Written { demand_id: one, text }).await;
    let full = store.get_full_demand(one).await.expect("it");
    let decide = Act::DecideMessage { message_id: full.messages[0].id, version: 1, refused: None };
    world.act(one, decide).await.expect("sent");
    world.says(&author(456), Change::MergeAnswered { merge_id, yes: true }).await;
    assert_eq!(store.get_demand(two).await.expect("it").state, DemandState::Collecting);
    assert_eq!(store.finish_merges(world.now, 10).await, Ok(0));
    let contact = store.find_contact("kannel", &author(456)).await.expect("it").expect("one");
    assert_eq!(store.find_asked_merge(contact, world.now).await, Ok(None), "she is not asked again");
    let told = world.notices().await;
    assert_eq!(told.iter().filter(|it| it.0 == NoticeKind::Message).count(), 3);
    assert_eq!(store.finish_merges(world.now, 10).await, Ok(1));
    assert_eq!(store.get_demand(two).await.expect("it").state, DemandState::Merged);
    world.sound().await;
    world.notices().await;
    // What staff writes down meanwhile takes none of the time that it was away.
    let until = store.get_demand(two).await.expect("it").collect_until.expect("a term");
    let began = world.now;
    world.now = world.now.plus(20 * DAY);
    world.act(two, Act::Endorse { organisation: "Comité".to_owned() }).await.expect("endorsed");
    world.now = world.now.plus(5 * DAY);
    assert_eq!(world.act(two, Act::Unmerge { reason: "x".to_owned() }).await, Ok(DemandState::Collecting));
    let back = store.get_demand(two).await.expect("it").collect_until.expect("a term");
    assert_eq!(back.since(until), world.now.since(began));
});

both!(heads_on_a_voided_list_are_in_no_total, |test| {
    let mut world = World::new(&test.store);
    let (one, two) = (world.public(317, 900).await, world.public(456, 900).await);
    let acta = NewActa {
        id: Uuid::from_u128(1),
        folio: "A-1".to_owned(),
        heads: 80,
        held_on: "2026-01-04".to_owned(),
        place: None,
        media_id: None,
    };
    world.act(two, Act::AddActa(acta)).await.expect("entered");
    merged(&mut world, two, one).await;
    assert_eq!(world.support(one).await.paper, 80);
    let void = Act::VoidActa { acta_id: Uuid::from_u128(1), reason: "doble".to_owned() };
    world.act(two, void).await.expect("void");
    assert_eq!(world.support(one).await.paper, 0);
});

both!(news_on_its_way_reaches_who_becomes_one_person_meanwhile, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let id = world.public(317, 4).await;
    let (early, late) = ("+525511110000", "+525522220000");
    world.sign(early, id).await;
    world.notices().await;
    let first = store.find_contact("kannel", early).await.expect("it").expect("one");
    let text = "Nos vemos el domingo en la plaza".to_owned();
    world.says(&author(317), Change::Written { demand_id: id, text }).await;
    let full = store.get_full_demand(id).await.expect("it");
    world.now = world.now.plus(MINUTE);
    let decide = Act::DecideMessage { message_id: full.messages[0].id, version: 1, refused: None };
    world.act(id, decide).await.expect("sent");
    // The second number signs after it was written, and is the same person before it is sent.
    world.now = world.now.plus(MINUTE);
    world.sign(late, id).await;
    world.link(early, late).await;
    let second = store.find_contact("kannel", late).await.expect("it").expect("one");
    let told = world.notices().await;
    let hers: Vec<_> =
        told.iter().filter(|it| it.0 == NoticeKind::Message && (it.1 == first || it.1 == second)).collect();
    assert_eq!(hers.len(), 1, "{told:?}");
    world.sound().await;
});

both!(who_reported_is_asked_once_and_never_because_of_a_sealed_case, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let town = Town::new(store);
    let mut cases = Vec::new();
    let mut people = BTreeSet::new();
    for number in 0..3 {
        let phone = format!("+5255444400{number:02}");
        cases.push(town.open(&phone, town.case("No hay agua")).await);
        people.insert(town.contact(&phone).await);
    }
    let new = world.demand(317, 900);
    let id = new.id;
    let opening = Opening { new, case_ids: cases[..2].to_vec(), staff_id: ME, at: world.now };
    store.open_demand(opening, None).await.expect("open");
    let invited = |told: Vec<(NoticeKind, Uuid)>| -> Vec<Uuid> {
        told.into_iter().filter(|it| it.0 == NoticeKind::Invited).map(|it| it.1).collect()
    };
    assert_eq!(invited(world.notices().await).len(), 2);
    let link = |case: Uuid| Act::LinkCases { case_ids: vec![case], invite: true };
    world.act(id, link(cases[2])).await.expect("linked");
    let third = invited(world.notices().await);
    assert_eq!(third, [town.contact("+525544440002").await], "the others were asked");
    assert!(
        store
            .list_demand_notices(id)
            .await
            .expect("notices")
            .iter()
            .all(|it| { it.1 != NoticeKind::Invited || it.2 == 0 }),
        "a number of one would tell whether she signed"
    );
    // One that is sealed after it was linked.
    let sealed = town.open("+525544440009", town.case("Me golpea")).await;
    world.act(id, Act::LinkCases { case_ids: vec![sealed], invite: false }).await.expect("linked");
    test.texts("UPDATE cases SET confidentiality = 'confidential' WHERE folio IS NOT NULL RETURNING 'x'")
        .await;
    world.act(id, Act::Endorse { organisation: "x".to_owned() }).await.expect("endorsed");
    let before = store.get_demand(id).await.expect("it");
    assert_eq!(before.state, DemandState::Collecting);
    let again = Act::LinkCases { case_ids: Vec::new(), invite: true };
    world.act(id, again).await.expect("asked");
    assert!(invited(world.notices().await).is_empty());
    // Nobody is asked to sign what no moderator read.
    let draft = world.demand(456, 900);
    let draft_id = draft.id;
    world.says("+525511110000", Change::Opened(Box::new(draft), None)).await;
    let invite = Act::LinkCases { case_ids: Vec::new(), invite: true };
    assert_eq!(world.act(draft_id, invite).await, Err(Error::Refused("demand_transition")));
});

both!(a_message_of_an_author_goes_with_her_and_to_nobody_once_it_is_over, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let id = world.public(317, 900).await;
    world.notices().await;
    let text = "Nos vemos el domingo en la plaza".to_owned();
    world.says(&author(317), Change::Written { demand_id: id, text }).await;
    let message_id = store.get_full_demand(id).await.expect("it").messages[0].id;
    let decide = || Act::DecideMessage { message_id, version: 1, refused: None };
    world.act(id, decide()).await.expect("sent");
    let contact = store.find_contact("kannel", &author(317)).await.expect("it").expect("one");
    assert_eq!(store.erase_contact(contact, None, world.now).await, Ok(true));
    assert_eq!(test.number("SELECT COUNT(*) FROM demand_notices WHERE detail LIKE '%domingo%'").await, 0);
    assert!(world.notices().await.iter().all(|it| it.0 != NoticeKind::Message), "nor does it go");
    // One that waits when its demand is taken back.
    let other = world.public(456, 900).await;
    let text = "Nos vemos el lunes en la plaza".to_owned();
    world.says(&author(456), Change::Written { demand_id: other, text }).await;
    let message_id = store.get_full_demand(other).await.expect("it").messages[0].id;
    world.says(&author(456), Change::Withdrawn { demand_id: other }).await;
    let decide = Act::DecideMessage { message_id, version: 1, refused: None };
    assert_eq!(world.act(other, decide).await, Err(Error::Refused("demand_transition")));
});

both!(what_is_long_over_leads_to_nobody_after_a_night, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let (going_on, over) = (world.public(317, 900).await, world.public(456, 900).await);
    for number in 0..3 {
        world.sign(&scattered(number), going_on).await;
        world.sign(&scattered(number), over).await;
    }
    world.says(&author(456), Change::Withdrawn { demand_id: over }).await;
    let new = world.demand(789, 900);
    let refused = new.id;
    world.says(&author(789), Change::Opened(Box::new(new), None)).await;
    for number in [10, 11] {
        world.says(&scattered(number), Change::Confirmed { demand_id: refused, home: None }).await;
    }
    world.act(refused, Act::Reject { reason: "Nombra a una persona".to_owned() }).await.expect("refused");
    world.notices().await;
    let counted = store.get_demand(over).await.expect("it").support;
    let limits = |days: i64| {
        let now = world.now.plus(days * DAY);
        let closed = now.plus(-90 * DAY);
        // Who wrote stays, so that nothing but the end of the demand takes her out of it.
        Limits { now, silent: world.now.plus(-DAY), closed, confidential: closed, audit: world.now }
    };
    let known = "SELECT COUNT(*) FROM demand_supports WHERE contact_id IS NOT NULL";
    let all = test.number(known).await;
    assert_eq!(store.retain(&limits(89), true, None).await.expect("early").demands, 0);
    assert_eq!(test.number(known).await, all);
    assert_eq!(store.retain(&limits(91), false, None).await.expect("counted").demands, 2);
    assert_eq!(test.number(known).await, all, "counting ends nothing");
    assert_eq!(store.retain(&limits(91), true, None).await.expect("ended").demands, 2);
    let left = store.get_demand(going_on).await.expect("it").support.people();
    assert_eq!(test.number(known).await, i64::try_from(left).expect("a few"), "those of what goes on");
    assert_eq!(store.get_demand(over).await.expect("it").support, counted, "the total stays");
    assert_eq!(store.get_demand(refused).await.expect("it").text, "", "it never was public");
    assert!(!store.get_demand(over).await.expect("it").text.is_empty(), "everybody read it");
    assert_eq!(store.retain(&limits(91), false, None).await.expect("again").demands, 0);
    world.sound().await;
});

both!(a_code_ends_one_demand_and_proves_nothing_else, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let author = "+525511110000";
    let key = store.demand_code_hash("withdraw 317 482913").expect("a key");
    let told = outbox::NewReply { id: world.id(), rendered: rendered() };
    let sent = inbox::Change::Privacy(Box::new(privacy::Change::DemandCodeSent { key, told }));
    let contact = world.change(author, sent).await.expect("sent");
    let stands = async |code: Option<&str>| {
        let it = store.check_demand_code(contact, code, world.now).await.expect("a store");
        (it.waits, it.right)
    };
    assert_eq!(stands(None).await, (true, None));
    assert_eq!(stands(Some("withdraw 317 482913")).await, (true, Some(true)));
    for wrong in ["withdraw 317 482914", "withdraw 456 482913", "merge 317 482913"] {
        assert_eq!(stands(Some(wrong)).await, (true, Some(false)), "{wrong}");
    }
    let rights = store.check_privacy_code(Some(contact), Some("482913"), world.now).await.expect("a store");
    assert_eq!((rights.waits, rights.right), (None, Some(false)), "it opens nothing of her data");
});

both!(what_is_reported_for_somebody_is_hers_alone, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let town = Town::new(store);
    let case_id = town.open("+525544440000", town.case("No hay agua")).await;
    let (leader, number) = ("+525511110000", "+525522220000");
    let mut codes = 0;
    let mut ask = async |world: &mut World<'_>| {
        codes += 1;
        let digits = format!("48291{codes}");
        let ask = RelayAsk {
            ids: [world.id(), world.id(), world.id()],
            key: store.relay_key(&digits).expect("a key"),
            channel_id: "kannel".to_owned(),
            address: number.to_owned(),
            rendered: rendered(),
        };
        world.says(leader, Change::RelayAsked(Box::new(ask))).await;
        store.relay_key(&digits).expect("a key")
    };
    let join = |key: Vec<u8>| {
        let text = Some("Tampoco aqui".to_owned());
        let joined = cases::Change::Joined { case_id, text, began_at: None };
        let relayed = Change::RelayedReport { key, joined: Some(case_id) };
        vec![inbox::Change::Case(Box::new(joined)), inbox::Change::Demand(Box::new(relayed))]
    };
    let key = ask(&mut world).await;
    world.changes(leader, join(key)).await.expect("joined");
    let hers = "SELECT COUNT(*) FROM case_people AS p JOIN case_relays AS r ON r.contact_id = p.contact_id";
    let leaders = "SELECT COUNT(*) FROM case_people AS p JOIN case_relays AS r ON r.relay_id = p.contact_id";
    let joined = "SELECT CAST(SUM(joined) AS BIGINT) FROM cases";
    assert_eq!((test.number(hers).await, test.number(leaders).await, test.number(joined).await), (1, 0, 2));
    // A second time she is one of them already.
    let key = ask(&mut world).await;
    world.changes(leader, join(key)).await.expect("joined");
    assert_eq!((test.number(hers).await, test.number(leaders).await, test.number(joined).await), (1, 0, 2));
});
