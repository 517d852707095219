//! Support in the store: nobody is counted twice, whoever joins, parts, merges, is verified or erased.

use std::collections::{BTreeMap, BTreeSet};

use cabildo_bot::domain::demand::flags::Flags;
use cabildo_bot::domain::demand::{Code, DemandState, Leadership, Progress, Verdict, Vote};
use cabildo_bot::domain::time::MINUTE;
use cabildo_bot::store::demands::{Act, Change, DecideLeader, NewActa, Promise, Queue, RelayAsk};
use cabildo_bot::store::desk::{Page, Within};
use cabildo_bot::store::{Error, Location};
use cabildo_tests::stores::{START, TestStore};
use uuid::Uuid;

use super::demands::{ME, TLAPA, World, country, phone, rendered, scattered};

both!(one_person_counts_once_across_contacts_and_merges, |test| {
    let mut world = World::new(&test.store);
    let (one, two) = (world.public(317, 900).await, world.public(456, 900).await);
    let author = phone(45_600_000);
    let (phone, chat, other) = ("+525511110000", "+525522220000", "+525533330000");
    for who in [phone, chat, other] {
        world.sign(who, one).await;
    }
    world.sign(chat, two).await;
    world.sign(other, two).await;
    assert_eq!((world.support(one).await.total(), world.support(two).await.total()), (6, 5));
    world.link(phone, chat).await;
    let support = world.support(one).await;
    assert_eq!((support.total(), support.verified), (5, 1), "joined, they count once, and are verified");
    assert!(
        test.store
            .is_verified_contact(test.store.find_contact("kannel", phone).await.expect("it").expect("one"))
            .await
            .expect("a store")
    );
    world.sound().await;
    // A merge: the author is asked, and says yes.
    let merge_id = world.id();
    let merge = Act::Merge { parent_id: one, merge_id, reason: "piden lo mismo".to_owned() };
    assert_eq!(world.act(two, merge).await, Ok(DemandState::Collecting));
    let contact = test.store.find_contact("kannel", &author).await.expect("it").expect("one");
    let asked = test.store.demand_facts(contact, world.now).await.expect("facts").asked.expect("asked");
    assert_eq!((asked.id, asked.child.number(), asked.parent.number()), (merge_id, 456, 317));
    assert_eq!(world.tries(phone, Change::MergeAnswered { merge_id, yes: true }).await, Err(Error::Conflict));
    world.notices().await;
    world.says(&author, Change::MergeAnswered { merge_id, yes: true }).await;
    // 317 had two authors' promoters, its author, the person and the other; 456 brings its own three.
    assert_eq!(world.support(one).await.total(), 8);
    let told: Vec<_> = world.notices().await;
    assert_eq!((told.len(), told.iter().map(|it| it.1).collect::<BTreeSet<_>>().len()), (5, 5), "each once");
    world.sound().await;
    let named =
        test.store.find_named_demand(Code::new(456).expect("a code"), None).await.expect("it").expect("it");
    assert_eq!(named.root.map(|it| it.code.number()), Some(317));
    // Who signs under the old code signs the new one, and keeps that where she signed.
    world.sign("+525544440000", two).await;
    assert_eq!(world.support(one).await.total(), 9);
    world.says(chat, Change::Retired { demand_id: two }).await;
    assert_eq!(world.support(one).await.total(), 8, "it was hers under both codes");
    assert_eq!(
        world.act(two, Act::Unmerge { reason: "son dos cosas".to_owned() }).await,
        Ok(DemandState::Collecting)
    );
    assert_eq!((world.support(one).await.total(), world.support(two).await.total()), (4, 5));
    world.sound().await;
    // Parting raises no total.
    world.sign(phone, one).await;
    world.sign(chat, one).await;
    assert_eq!(world.support(one).await.total(), 5);
    world.part(chat).await;
    assert_eq!(world.support(one).await.total(), 5);
    world.sign(chat, one).await;
    assert_eq!(world.support(one).await.total(), 6, "somebody else has the chat now, and signs herself");
    world.sound().await;
});

/// Who is counted in which total: what the table holds.
async fn counted(test: &TestStore) -> BTreeSet<(Uuid, Uuid)> {
    let ids = match &test.location {
        Location::Postgres(_) => "REPLACE(CAST(root_id AS TEXT) || CAST(contact_id AS TEXT), '-', '')",
        _ => "HEX(root_id) || HEX(contact_id)",
    };
    let sql =
        format!("SELECT {ids} FROM demand_supports WHERE counted IS NOT NULL AND contact_id IS NOT NULL");
    let id = |text: &str| Uuid::try_parse(text).expect("an id");
    test.texts(&sql).await.iter().map(|it| (id(&it[..32]), id(&it[32..]))).collect()
}

/// A generator of numbers that is the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Two citizens with two contacts each sign, withdraw, link, part and are erased while two demands are merged
/// and parted, in any order: never counted twice, and exactly as somebody counts who knows them all.
async fn in_any_order(test: &TestStore, seed: u64, steps: usize) {
    let store = &test.store;
    let mut world = World::new(store);
    let (one, two) = (world.public(317, 900).await, world.public(456, 900).await);
    world.act(two, Act::Endorse { organisation: "Comité".to_owned() }).await.expect("endorsed");
    let base = 3;
    let people = [["+525511110000", "+525511170000"], ["+525522220000", "+525522280000"]];
    let all: Vec<&str> = people.concat();
    // A promise that all of them judge.
    let three = world.public(789, 4).await;
    for address in &all {
        world.sign(address, three).await;
    }
    let reason = "Se hace.".to_owned();
    let answer = Act::Answer { verdict: Verdict::Accepted, reason, cost: None, due_on: None };
    world.act(three, answer).await.expect("answered");
    let promise = Promise {
        title: "Pozo".to_owned(),
        owner: "Agua".to_owned(),
        due_on: None,
        state: Progress::InProgress,
        percent: 0,
        milestones: Vec::new(),
    };
    world.act(three, Act::Promise(promise)).await.expect("promised");
    let mut dice = Dice(seed);
    // Which contacts signed which demand, as far as a person who parted kept it; whether the pairs are joined.
    let mut signed: BTreeMap<Uuid, BTreeSet<&str>> =
        BTreeMap::from([(one, BTreeSet::new()), (two, BTreeSet::new())]);
    let (mut joined, mut merged) = ([false, false], false);
    for step in 0..steps {
        world.now = world.now.plus(MINUTE);
        let who = dice.roll(4) as usize;
        let (pair, address) = (who / 2, all[who]);
        let holds = |joined: &[bool; 2]| -> Vec<&str> {
            if joined[pair] { people[pair].to_vec() } else { vec![address] }
        };
        let on = if dice.roll(2) == 0 { one } else { two };
        match dice.roll(10) {
            0..=2 => {
                world.sign(address, on).await;
                let hers = holds(&joined);
                let set = signed.get_mut(&on).expect("a demand");
                if !hers.iter().any(|it| set.contains(it)) {
                    set.insert(address);
                }
            }
            3 => {
                world.says(address, Change::Retired { demand_id: on }).await;
                for demand in if merged { vec![one, two] } else { vec![on] } {
                    let set = signed.get_mut(&demand).expect("a demand");
                    for it in holds(&joined) {
                        set.remove(it);
                    }
                }
            }
            4 if !joined[pair] => {
                world.link(people[pair][0], people[pair][1]).await;
                joined[pair] = true;
            }
            4 => {
                world.part(people[pair][1]).await;
                joined[pair] = false;
                // What was counted once for both stays one's: which of them the store says.
                let counted = counted(test).await;
                for demand in [one, two] {
                    let root = if merged { one } else { demand };
                    let set = signed.get_mut(&demand).expect("a demand");
                    for it in people[pair] {
                        let contact = store.find_contact("kannel", it).await.expect("a store").expect("one");
                        if !counted.contains(&(root, contact)) {
                            set.remove(it);
                        }
                    }
                }
            }
            5 if !merged => {
                world.notices().await;
                let merge_id = world.id();
                let merge = Act::Merge { parent_id: one, merge_id, reason: "x".to_owned() };
                world.act(two, merge).await.expect("asked");
                world.says(&phone(45_600_000), Change::MergeAnswered { merge_id, yes: true }).await;
                merged = true;
            }
            5 => {
                world.act(two, Act::Unmerge { reason: "x".to_owned() }).await.expect("parted");
                merged = false;
            }
            6 => {
                if let Some(contact) = store.find_contact("kannel", address).await.expect("a store") {
                    let key = world.id().to_string();
                    store
                        .verify_contact(contact, ME, world.write("contact_verify", &key))
                        .await
                        .expect("checked");
                }
            }
            7 => {
                let vote = [Vote::Yes, Vote::No, Vote::Half][dice.roll(3) as usize];
                world.says(address, Change::Voted { demand_id: three, vote }).await;
            }
            8 if dice.roll(3) == 0 => {
                if let Some(contact) = store.find_contact("kannel", address).await.expect("a store") {
                    assert_eq!(store.erase_contact(contact, None, world.now).await, Ok(true));
                    joined[pair] = false;
                    for set in signed.values_mut() {
                        set.remove(address);
                    }
                }
            }
            _ => {
                world.notices().await;
            }
        }
        world.sound().await;
        let votes = store.get_full_demand(three).await.expect("it").commitment.expect("a promise").votes;
        let kept = test.number("SELECT COUNT(*) FROM commitment_votes").await;
        assert_eq!(votes.all(), kept.unsigned_abs(), "seed {seed}, step {step}");
        let twice = "SELECT COUNT(*) FROM commitment_votes AS v JOIN contacts AS a ON a.id = v.contact_id \
             JOIN commitment_votes AS w ON w.contact_id <> v.contact_id JOIN contacts AS b ON b.id = w.contact_id \
             WHERE a.person_id = b.person_id";
        assert_eq!(test.number(twice).await, 0, "seed {seed}, step {step}: nobody judges twice");
        let persons = |sets: &[&BTreeSet<&str>], joined: &[bool; 2]| -> u64 {
            let mut count = 0;
            for (pair, contacts) in people.iter().enumerate() {
                let has: Vec<bool> =
                    contacts.iter().map(|it| sets.iter().any(|set| set.contains(it))).collect();
                let here = has.iter().filter(|it| **it).count() as u64;
                count += if joined[pair] { here.min(1) } else { here };
            }
            count
        };
        let (a, b) = (&signed[&one], &signed[&two]);
        let expected = if merged {
            vec![(one, 2 * base + persons(&[a, b], &joined))]
        } else {
            vec![(one, base + persons(&[a], &joined)), (two, base + persons(&[b], &joined))]
        };
        for (id, total) in expected {
            assert_eq!(world.support(id).await.people(), total, "seed {seed}, step {step}, merged {merged}");
        }
    }
    // Nothing that staff reads says who signed.
    for id in [one, two] {
        let full = format!("{:?}", store.get_full_demand(id).await.expect("it"));
        for address in &all {
            let contact = store.find_contact("kannel", address).await.expect("a store");
            if let Some(contact) = contact {
                assert!(!full.contains(&contact.to_string()), "seed {seed}");
            }
        }
    }
    for event in store.list_events(0, 10_000).await.expect("events") {
        assert!(
            event.demand_id.is_none() || event.contact_id.is_none() && event.inbox_id.is_none(),
            "{event:?}"
        );
    }
}

both!(two_citizens_are_never_counted_twice_whatever_comes_first, |test| {
    let long = std::env::var_os("CABILDO_LONG").is_some();
    in_any_order(&test, 1, if long { 2_000 } else { 120 }).await;
});

#[tokio::test]
async fn many_orders_end_alike() {
    let seeds = if std::env::var_os("CABILDO_LONG").is_some() { 200 } else { 12 };
    for seed in 2..2 + seeds {
        let test = TestStore::sqlite().await;
        in_any_order(&test, seed, 60).await;
        test.finish().await;
    }
}

both!(an_attack_of_numbers_in_a_row_is_shown_apart, |test| {
    let mut world = World::new(&test.store);
    let id = world.public(317, 900).await;
    for number in 0..20 {
        world.sign(&scattered(number), id).await;
    }
    let honest = world.support(id).await;
    assert_eq!((honest.total(), honest.flagged), (23, 0));
    // Begins in the middle of a hundred.
    let attackers = if std::env::var_os("CABILDO_LONG").is_some() { 10_000 } else { 150 };
    for number in 0..attackers {
        world.now = world.now.plus(300);
        world.sign(&phone(90_000_093 + number), id).await;
    }
    let support = world.support(id).await;
    assert_eq!((support.total(), support.flagged), (23, attackers), "honest totals are unchanged");
    let full = test.store.get_full_demand(id).await.expect("it");
    assert_eq!(full.flagged[1], attackers);
    assert!(test.store.count_demands(&country()).await.expect("counts").contains(&(Queue::Flagged, 1)));
    // Somebody looked, and clears what the row alone flagged.
    let flags = Flags { velocity: true, range: true, new_senders: true };
    world.act(id, Act::ClearFlags { flags, reason: "asamblea".to_owned() }).await.expect("cleared");
    assert_eq!(world.support(id).await.total(), 23 + attackers);
    world.sound().await;
});

both!(paper_is_counted_apart_and_never_in_the_total, |test| {
    let mut world = World::new(&test.store);
    let id = world.public(317, 25).await;
    let acta = |id: u128, folio: &str, heads| NewActa {
        id: Uuid::from_u128(id),
        folio: folio.to_owned(),
        heads,
        held_on: "2026-01-04".to_owned(),
        place: None,
        media_id: None,
    };
    world.act(id, Act::AddActa(acta(1, "A-1", 80))).await.expect("entered");
    world.act(id, Act::AddActa(acta(2, "A-2", 20))).await.expect("entered");
    assert_eq!(world.act(id, Act::AddActa(acta(3, "A-1", 10))).await, Err(Error::Conflict), "the same list");
    assert_eq!(world.act(id, Act::AddActa(acta(4, "A-3", 0))).await, Err(Error::Refused("acta_form")));
    let support = world.support(id).await;
    assert_eq!((support.paper, support.total()), (100, 3));
    assert_eq!(test.store.get_demand(id).await.expect("it").state, DemandState::Collecting);
    world
        .act(id, Act::CallActa { acta_id: Uuid::from_u128(1), called: 8, confirmed: 7 })
        .await
        .expect("called");
    world
        .act(id, Act::VoidActa { acta_id: Uuid::from_u128(2), reason: "doble".to_owned() })
        .await
        .expect("void");
    assert_eq!(world.support(id).await.paper, 80);
    let full = test.store.get_full_demand(id).await.expect("it");
    assert_eq!(
        (full.actas[0].called, full.actas[0].confirmed, full.actas[1].voided_at),
        (8, 7, Some(world.now))
    );
});

both!(who_is_verified_is_so_in_what_she_signs_from_then_on, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let id = world.public(317, 900).await;
    world.sign("+525511110000", id).await;
    let lead =
        || Change::Leading { municipality: TLAPA.to_owned(), words: "Rosa, comité del agua".to_owned() };
    let contact = world.says("+525511110000", lead()).await;
    let page = Page { after: None, limit: 5 };
    let asked =
        store.list_leaders(Leadership::Asked, &Within::municipality("12"), page).await.expect("leaders");
    assert_eq!((asked[0].words.as_str(), asked[0].contact_id), ("Rosa, comité del agua", contact));
    let decide = |version, refused: Option<&str>| DecideLeader {
        id: asked[0].id,
        version,
        refused: refused.map(str::to_owned),
        staff_id: ME,
        at: START,
    };
    store.decide_leader(decide(1, Some("no contesta")), None).await.expect("refused");
    world.says("+525511110000", lead()).await;
    assert_eq!(store.decide_leader(decide(1, None), None).await, Err(Error::Conflict), "she asked anew");
    store.decide_leader(decide(3, None), Some(world.write("leader_verify", "k"))).await.expect("verified");
    assert_eq!(
        store.find_leader(asked[0].id).await.expect("it").map(|it| it.state),
        Some(Leadership::Verified)
    );
    assert_eq!(
        store.demand_facts(contact, world.now).await.expect("facts").leadership,
        Some(Leadership::Verified)
    );
    // What she had signed is told to no officer by that.
    assert_eq!((world.support(id).await.verified, world.support(id).await.total()), (0, 4));
    let other =
        world.says("+525522220000", Change::Signed { demand_id: id, home: None, for_code: None }).await;
    assert_eq!(store.verify_contact(other, ME, world.write("contact_verify", "v")).await, Ok(true));
    assert_eq!((world.support(id).await.verified, world.support(id).await.total()), (0, 5));
    let later = world.public(456, 900).await;
    world.sign("+525511110000", later).await;
    world.sign("+525522220000", later).await;
    assert_eq!((world.support(later).await.verified, world.support(later).await.total()), (2, 5));
    world.sound().await;
});

both!(who_is_erased_leaves_no_trace_and_honest_totals, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let (open, answered) = (world.public(317, 900).await, world.public(456, 4).await);
    let contact =
        world.says("+525511110000", Change::Signed { demand_id: open, home: None, for_code: None }).await;
    world.sign("+525511110000", answered).await;
    let answer = Act::Answer {
        verdict: Verdict::Rejected,
        reason: "No hay dinero.".to_owned(),
        cost: None,
        due_on: None,
    };
    world.act(answered, answer).await.expect("answered");
    assert_eq!(store.erase_contact(contact, None, world.now).await, Ok(true));
    assert_eq!(world.support(open).await.total(), 3, "she may sign again under another contact");
    assert_eq!(world.support(answered).await.total(), 4, "what was answered stays as it was");
    let left = test.texts(
        "SELECT 'x' FROM demand_supports AS s JOIN contacts AS k ON k.id = s.contact_id WHERE k.key_version = 0",
    ).await;
    assert!(left.is_empty());
    // The author goes: what is public stays, a draft goes with its words.
    let author = store.find_contact("kannel", &phone(31_700_000)).await.expect("it").expect("one");
    let draft = world.demand(789, 25);
    let draft_id = draft.id;
    world.says(&phone(31_700_000), Change::Opened(Box::new(draft), None)).await;
    assert_eq!(store.erase_contact(author, None, world.now).await, Ok(true));
    let full = store.get_full_demand(open).await.expect("it");
    assert_eq!(
        (full.author, full.demand.state, full.demand.text.is_empty()),
        (None, DemandState::Collecting, false)
    );
    let draft = store.get_demand(draft_id).await.expect("it");
    assert_eq!((draft.state, draft.text.as_str()), (DemandState::Withdrawn, ""));
    world.sound().await;
});

both!(somebody_writes_for_another_with_her_code_only, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let id = world.public(317, 900).await;
    let ask = RelayAsk {
        ids: [world.id(), world.id(), world.id()],
        key: store.relay_key("482913").expect("a key"),
        channel_id: "kannel".to_owned(),
        address: "+525522220000".to_owned(),
        rendered: rendered(),
    };
    let leader = world.says("+525511110000", Change::RelayAsked(Box::new(ask))).await;
    let represented = store.find_contact("kannel", "+525522220000").await.expect("it").expect("a contact");
    assert_eq!(store.check_relay(leader, Some("482913"), world.now).await, Ok((true, 1)));
    assert_eq!(store.check_relay(leader, Some("482914"), world.now).await, Ok((false, 1)));
    assert_eq!(
        store.check_relay(represented, Some("482913"), world.now).await,
        Ok((false, 0)),
        "the leader's alone"
    );
    let key = store.relay_key("482913").expect("a key");
    let sign = || Change::Signed { demand_id: id, home: None, for_code: Some(key.clone()) };
    assert_eq!(world.tries("+525533330000", sign()).await, Err(Error::Conflict));
    world.says("+525511110000", sign()).await;
    let support = world.support(id).await;
    assert_eq!((support.verified, support.total()), (1, 4), "hers, and verified: the code came back");
    assert_eq!(world.tries("+525511110000", sign()).await, Err(Error::Conflict), "once");
    // It is hers: she takes it back, and the leader has none.
    world.says("+525511110000", Change::Retired { demand_id: id }).await;
    assert_eq!(world.support(id).await.total(), 4);
    world.says("+525522220000", Change::Retired { demand_id: id }).await;
    assert_eq!(world.support(id).await.total(), 3);
    world.sound().await;
});
