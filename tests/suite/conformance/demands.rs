//! Demands in the store: each method means the same on both engines, and nobody is counted twice.

use std::collections::{BTreeMap, BTreeSet};

use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::domain::demand::flags::Flags;
use cabildo_bot::domain::demand::{
    Code, DemandState, Leadership, Progress, SubscriptionKind, Support, Verdict, Vote, Votes,
};
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::time::{DAY, HOUR, MINUTE, UnixMillis};
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::store::audit::New as Audit;
use cabildo_bot::store::cases::Scope as Places;
use cabildo_bot::store::demands::{
    Act, Acting, Change, DecideLeader, Handing, Milestone, NewActa, NewDemand, NoticeKind, Opening, Order,
    Promise, Queue, RelayAsk,
};
use cabildo_bot::store::desk::{Page, Within};
use cabildo_bot::store::inbox::{self, NewInbound, Outcome};
use cabildo_bot::store::links;
use cabildo_bot::store::outbox::{NewOutbound, NewReply};
use cabildo_bot::store::staff::{Answer, Attempt, Write};
use cabildo_bot::store::{Error, Location, Store};
use cabildo_tests::stores::{START, TestStore, inbound};
use uuid::Uuid;

pub(super) const ME: Uuid = Uuid::from_u128(7);
pub(super) const TLAPA: &str = "12066";

/// People who write to a store.
pub(super) struct World<'a> {
    pub(super) store: &'a Store,
    pub(super) now: UnixMillis,
    count: u128,
}

impl<'a> World<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store, now: START, count: 0 }
    }

    pub(super) fn id(&mut self) -> Uuid {
        self.count += 1;
        Uuid::from_u128(1_000_000 + self.count)
    }

    /// What a message of an address changes; its contact.
    pub(super) async fn change(&mut self, address: &str, change: inbox::Change) -> Result<Uuid, Error> {
        self.changes(address, vec![change]).await
    }

    pub(super) async fn changes(
        &mut self,
        address: &str,
        changes: Vec<inbox::Change>,
    ) -> Result<Uuid, Error> {
        let found = self.store.find_contact("kannel", address).await.expect("a store");
        let version = match found {
            Some(contact) => self.store.find_conversation(contact).await.expect("a conversation").version,
            None => 0,
        };
        let outcome = Outcome {
            state: serde_json::to_string(&Conversation::default()).expect("JSON"),
            version,
            changes,
            replies: Vec::new(),
            counters: None,
            folded_into: None,
            at: self.now,
        };
        let (id, contact) = (self.id(), self.id());
        let message = NewInbound { received_at: self.now, ..inbound(address, &id.to_string(), "x") };
        self.store.answer_inbound(message, id, found.unwrap_or(contact), outcome).await?;
        Ok(self.store.find_contact("kannel", address).await.expect("a store").expect("a contact"))
    }

    pub(super) async fn says(&mut self, address: &str, change: Change) -> Uuid {
        self.change(address, inbox::Change::Demand(Box::new(change))).await.expect("written")
    }

    pub(super) async fn tries(&mut self, address: &str, change: Change) -> Result<Uuid, Error> {
        self.change(address, inbox::Change::Demand(Box::new(change))).await
    }

    pub(super) fn demand(&mut self, code: u16, threshold: u64) -> NewDemand {
        NewDemand {
            id: self.id(),
            code: Code::new(code).expect("a code"),
            municipality: TLAPA.to_owned(),
            topic: "agua".to_owned(),
            office: Some("water".to_owned()),
            text: format!("Pozo para la colonia {code}"),
            threshold,
        }
    }

    /// A public demand that three people stand behind.
    pub(super) async fn public(&mut self, code: u16, threshold: u64) -> Uuid {
        let new = self.demand(code, threshold);
        let id = new.id;
        self.says(&phone(u64::from(code) * 100_000), Change::Opened(Box::new(new), None)).await;
        for number in 1..=2 {
            let other = phone(u64::from(code) * 100_000 + number * 1_000);
            self.says(&other, Change::Confirmed { demand_id: id, home: None }).await;
        }
        self.act(id, Act::Publish { office: None }).await.expect("published");
        id
    }

    pub(super) async fn act(&mut self, demand_id: Uuid, act: Act) -> Result<DemandState, Error> {
        let version = self.store.get_demand(demand_id).await.expect("a demand").version;
        let acting = Acting { demand_id, version, staff_id: ME, act, at: self.now };
        Ok(self.store.act_on_demand(acting).await?.state)
    }

    pub(super) async fn sign(&mut self, address: &str, demand_id: Uuid) {
        self.says(address, Change::Signed { demand_id, home: Some(TLAPA.to_owned()), for_code: None }).await;
    }

    pub(super) async fn support(&self, id: Uuid) -> Support {
        self.store.get_demand(id).await.expect("a demand").support
    }

    /// A phone and a chat become one person, or are parted again.
    pub(super) async fn link(&mut self, one: &str, other: &str) {
        let key = self.id().as_bytes().to_vec();
        let given = links::Given {
            id: self.id(),
            key: key.clone(),
            channel: cabildo_bot::domain::channel::ChannelKind::Sms,
            locale: None,
        };
        let link = |it| inbox::Change::Link(Box::new(it));
        self.change(one, link(links::Change::Given(given))).await.expect("given");
        self.change(other, link(links::Change::Used(key))).await.expect("used");
        let told = NewReply { id: self.id(), rendered: rendered() };
        let person = self.id();
        self.change(other, link(links::Change::Confirmed { person, told })).await.expect("joined");
    }

    pub(super) async fn part(&mut self, address: &str) {
        self.change(address, inbox::Change::Link(Box::new(links::Change::Parted))).await.expect("parted");
    }

    pub(super) async fn sound(&self) {
        let wrong = self.store.check_demands().await.expect("a store");
        assert!(wrong.0.is_empty() && wrong.1.is_empty(), "{wrong:?}");
    }

    pub(super) fn write<T: std::fmt::Debug>(&self, act: &'static str, key: &str) -> Write<T> {
        let audit = Audit {
            actor_id: Some(ME),
            act,
            target_kind: "test",
            target_id: key.to_owned(),
            detail: serde_json::json!({}),
            at: self.now,
        };
        let attempt = Attempt::new(ME, key.to_owned(), vec![1; 32]);
        let answer = |it: &T| Answer { status: 200, body: format!("{it:?}").len().to_string() };
        self.store.staff_write(Some(attempt), audit, answer)
    }

    /// Sends every notice that waits, a few at a time; who got which.
    pub(super) async fn notices(&mut self) -> Vec<(NoticeKind, Uuid)> {
        let mut told = Vec::new();
        while let Some(notice) = self.store.next_demand_notice().await.expect("a store") {
            let batch = self.store.list_notice_recipients(&notice, 2).await.expect("recipients");
            let mut messages = Vec::new();
            for it in batch {
                let message = NewOutbound {
                    id: self.id(),
                    contact_id: it.contact_id,
                    purpose: Purpose::Broadcast,
                    campaign: None,
                    rendered: rendered(),
                    not_before: self.now,
                    at: self.now,
                };
                if !it.muted {
                    told.push((notice.kind, it.contact_id));
                }
                let message = (!it.muted).then_some(message);
                messages.push((it, message));
            }
            self.store.send_demand_notice(&notice, messages, self.now).await.expect("sent");
        }
        told
    }
}

pub(super) fn rendered() -> Rendered {
    Rendered {
        kind: ReplyKind::Notice,
        text: "x".to_owned(),
        municipality: None,
        choices: Vec::new(),
        edit: false,
        segments: 1,
        picture: None,
    }
}

/// A number; those of different thousands stand in no row.
pub(super) fn phone(number: u64) -> String {
    format!("+5275{number:08}")
}

/// Numbers that stand in no row with each other.
pub(super) fn scattered(number: u64) -> String {
    phone(10_000_000 + number * 997)
}

fn country() -> Places {
    Places { places: None, restricted: false }
}

both!(a_demand_lives_from_its_draft_to_a_promise_that_is_followed, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let new = world.demand(317, 25);
    let id = new.id;
    let author = world.says("+525511110000", Change::Opened(Box::new(new), None)).await;
    // Her other support would be a second one; others must confirm.
    world.says("+525511110000", Change::Confirmed { demand_id: id, home: None }).await;
    assert_eq!(store.get_demand(id).await.expect("it").state, DemandState::Confirming);
    assert_eq!(
        world.tries("+525522220000", Change::Signed { demand_id: id, home: None, for_code: None }).await,
        Err(Error::Conflict),
        "a draft is supported by confirming it"
    );
    for other in ["+525522220000", "+525533330000"] {
        world.says(other, Change::Confirmed { demand_id: id, home: None }).await;
    }
    let state = store.get_demand(id).await.expect("it");
    assert_eq!((state.state, state.support.people()), (DemandState::Moderation, 3));
    assert_eq!(world.notices().await, [(NoticeKind::Confirmed, author)]);
    assert_eq!(
        world
            .act(id, Act::HandOver { office: "a".to_owned(), office_name: "A".to_owned(), answer_due: START })
            .await,
        Err(Error::Refused("demand_transition"))
    );
    world.act(id, Act::Publish { office: None }).await.expect("public");
    assert_eq!(world.notices().await, [(NoticeKind::Published, author)]);
    for number in 0..22 {
        world.sign(&scattered(number), id).await;
        world.sign(&scattered(number), id).await;
    }
    let it = store.get_demand(id).await.expect("it");
    assert_eq!((it.state, it.support.total(), it.threshold), (DemandState::Reached, 25, 25));
    assert_eq!(store.list_due_demands(world.now, 10).await.expect("due").len(), 1);
    let answer_due = world.now.plus(28 * DAY);
    let handing = Handing { office: "water".to_owned(), office_name: "Agua".to_owned(), answer_due };
    store.ring_demand(id, it.version, Some(handing), world.now).await.expect("handed over");
    assert_eq!(store.ring_demand(id, it.version, None, world.now).await, Err(Error::Conflict), "once");
    let told = world.notices().await;
    assert_eq!(
        (told.len(), told.iter().map(|it| it.1).collect::<BTreeSet<_>>().len()),
        (25, 25),
        "each once"
    );
    // Silence is counted with the office's name, and it can still be answered.
    world.now = answer_due;
    let it = store.get_demand(id).await.expect("it");
    store.ring_demand(id, it.version, None, world.now).await.expect("silent");
    let offices = store.list_demand_offices(TLAPA).await.expect("offices");
    assert_eq!((offices[0].office_name.as_str(), offices[0].silent, offices[0].answered), ("Agua", 1, 0));
    assert_eq!(
        store.count_demands(&country()).await.expect("counts"),
        [(Queue::State(DemandState::WithAuthority), 1), (Queue::Silent, 1)]
    );
    assert_eq!(world.notices().await.len(), 25);
    let answer = Act::Answer {
        verdict: Verdict::Partly,
        reason: "Un pozo este año y otro el que sigue.".to_owned(),
        cost: Some(1_200_000_000),
        due_on: Some("2026-12-02".to_owned()),
    };
    assert_eq!(world.act(id, answer).await, Ok(DemandState::Answered));
    assert_eq!(world.tries("+525511110000", Change::Retired { demand_id: id }).await, Err(Error::Conflict));
    assert_eq!(world.notices().await.len(), 25);
    let mut promise = Promise {
        title: "Dos pozos".to_owned(),
        owner: "Agua".to_owned(),
        due_on: None,
        state: Progress::NotStarted,
        percent: 0,
        milestones: vec![Milestone {
            title: "Proyecto".to_owned(),
            due_on: None,
            state: Progress::NotStarted,
        }],
    };
    assert_eq!(world.act(id, Act::Promise(promise.clone())).await, Ok(DemandState::Followed));
    let kept =
        store.list_commitments(&Within::country(), Page { after: None, limit: 5 }).await.expect("promises");
    assert_eq!(store.get_commitment(kept[0].id).await.expect("it"), kept[0]);
    (promise.state, promise.percent) = (Progress::InProgress, 40);
    let update = |version, promise: &Promise| Act::UpdatePromise { version, promise: promise.clone() };
    world.act(id, update(1, &promise)).await.expect("updated");
    assert_eq!(world.act(id, update(1, &promise)).await, Err(Error::Conflict));
    // Only supporters judge, each once, and the last word counts.
    for (who, vote) in [
        (scattered(1), Vote::Yes),
        (scattered(2), Vote::Half),
        (scattered(1), Vote::No),
        ("+525599990000".to_owned(), Vote::Yes),
    ] {
        world.says(&who, Change::Voted { demand_id: id, vote }).await;
    }
    assert_eq!(store.get_commitment(kept[0].id).await.expect("it").votes, Votes { yes: 0, no: 1, half: 1 });
    let full = store.get_full_demand(id).await.expect("it");
    assert_eq!(full.answer.as_ref().map(|it| it.verdict), Some(Verdict::Partly));
    assert_eq!((full.author, full.days.iter().map(|it| it.1).sum::<u64>()), (Some(author), 25));
    let kinds: Vec<&str> = full.changes.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "demand_opened",
            "demand_confirmed",
            "demand_published",
            "demand_reached",
            "demand_handed_over",
            "demand_silent",
            "demand_answered",
            "commitment_opened",
            "commitment_updated"
        ]
    );
    world.now = world.now.plus(400 * DAY);
    let it = store.list_due_demands(world.now, 10).await.expect("due").remove(0);
    store.ring_demand(id, it.version, None, world.now).await.expect("archived");
    assert_eq!(store.get_demand(id).await.expect("it").state, DemandState::Archived);
    assert!(
        store
            .list_demand_notices(id)
            .await
            .expect("notices")
            .iter()
            .any(|it| it.1 == NoticeKind::Answered && it.2 == 25)
    );
    world.sound().await;
});

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

both!(an_author_writes_through_a_moderator_once_in_three_days, |test| {
    let mut world = World::new(&test.store);
    let id = world.public(317, 900).await;
    world.notices().await;
    let author = phone(31_700_000);
    let write = |text: &str| Change::Written { demand_id: id, text: text.to_owned() };
    world.says(&author, write("Nos vemos el domingo en la plaza")).await;
    assert_eq!(world.tries(&author, write("Otra vez")).await, Err(Error::Conflict));
    let page = Page { after: None, limit: 5 };
    let waiting =
        test.store.list_waiting_messages(&Within::municipality(TLAPA), page).await.expect("messages");
    assert!(
        test.store.list_waiting_messages(&Within::municipality("09"), page).await.expect("none").is_empty()
    );
    world.says(&phone(31_701_000), Change::Muted { demand_id: id }).await;
    let decide = Act::DecideMessage { message_id: waiting[0].id, version: 1, refused: None };
    world.act(id, decide).await.expect("sent");
    let told = world.notices().await;
    assert_eq!(told.len(), 2, "the author and the one who did not opt out");
    world.now = world.now.plus(3 * DAY - HOUR);
    assert_eq!(world.tries(&author, write("Demasiado pronto")).await, Err(Error::Conflict));
    world.now = world.now.plus(HOUR);
    world.says(&author, write("Ya somos muchos, gracias")).await;
    let again = test.store.list_waiting_messages(&Within::country(), page).await.expect("messages");
    let refuse = Act::DecideMessage {
        message_id: again[0].id,
        version: 1,
        refused: Some("nombra a alguien".to_owned()),
    };
    world.act(id, refuse).await.expect("refused");
    assert_eq!(world.notices().await.len(), 1, "the author alone");
});

both!(staff_opens_a_demand_out_of_cases_and_reads_lists, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let code =
        store.draw_demand_code([0, 0, 0, 0, 0, 0, 0, 217], world.now).await.expect("a store").expect("free");
    assert_eq!(code.number(), 317);
    let mut new = world.demand(317, 25);
    new.code = code;
    let id = new.id;
    let opening = Opening { new, case_ids: Vec::new(), staff_id: ME, at: world.now };
    let write = Some(world.write("demand_open", "one"));
    assert_eq!(store.open_demand(opening, write).await.expect("open").state, DemandState::Collecting);
    assert_eq!(store.draw_demand_code([0, 0, 0, 0, 0, 0, 0, 217], world.now).await, Ok(None));
    let mut taken = world.demand(317, 25);
    taken.code = code;
    assert_eq!(
        world.tries("+525511110000", Change::Opened(Box::new(taken), None)).await,
        Err(Error::Conflict)
    );
    assert_eq!(store.find_demand_by_code(code).await.expect("it").map(|it| it.id), Some(id));
    let other = world.public(456, 25).await;
    let queue = Queue::State(DemandState::Collecting);
    let ids = |demands: Vec<cabildo_bot::store::demands::Demand>| {
        demands.iter().map(|it| it.id).collect::<Vec<_>>()
    };
    let here = Places { places: Some(vec!["12".to_owned()]), restricted: false };
    assert_eq!(
        ids(store.list_demands(queue, &here, Order::Newest(None), 5).await.expect("a list")),
        [other, id]
    );
    assert_eq!(
        ids(store.list_demands(queue, &here, Order::Oldest(Some(id)), 5).await.expect("a list")),
        [other]
    );
    let away = Places { places: Some(vec!["09".to_owned()]), restricted: false };
    assert!(store.list_demands(queue, &away, Order::Newest(None), 5).await.expect("a list").is_empty());
    assert!(store.list_demands_of_case(Uuid::from_u128(1)).await.expect("none").is_empty());
    let missing = Act::LinkCases { case_ids: vec![Uuid::from_u128(1)], invite: true };
    assert_eq!(world.act(id, missing).await, Err(Error::Refused("case_is_closed")));
    // An act with its entry in the trail and its answer; the version that was seen counts.
    let acting = |version| Acting {
        demand_id: id,
        version,
        staff_id: ME,
        act: Act::Endorse { organisation: "Comité de Agua".to_owned() },
        at: START,
    };
    let acted = store.work_on_demand(acting(1), world.write("demand_endorse", "two")).await.expect("done");
    assert_eq!(acted.version, 2);
    assert_eq!(
        store.work_on_demand(acting(1), world.write("demand_endorse", "three")).await,
        Err(Error::Conflict)
    );
    assert_eq!(store.get_full_demand(id).await.expect("it").endorsements, ["Comité de Agua"]);
    // Those who remember demands read what changed; the feed is told of totals once.
    let touched = store.list_touched_demands((UnixMillis(0), Uuid::nil()), 10).await.expect("touched");
    assert_eq!(touched.len(), 2);
    assert_eq!(store.tell_demand_totals(world.now, 10).await, Ok(0), "saved with a change of its own");
    world.sign("+525511110000", id).await;
    // One alone is told of to nobody for an hour; five together are.
    let told = async |now| {
        let count = store.tell_demand_totals(now, 10).await;
        (count, store.get_demand(id).await.expect("it").told.total())
    };
    assert_eq!(told(world.now).await, (Ok(0), 0));
    assert_eq!(told(world.now.plus(HOUR)).await, (Ok(1), 1));
    assert_eq!(told(world.now.plus(HOUR)).await, (Ok(0), 1));
    for number in 1..=4 {
        world.sign(&scattered(number), id).await;
    }
    assert_eq!(told(world.now.plus(HOUR)).await, (Ok(0), 1));
    world.sign(&scattered(5), id).await;
    assert_eq!(told(world.now.plus(HOUR)).await, (Ok(1), 6));
    // A demand of staff has no author to ask.
    let merge = Act::Merge { parent_id: other, merge_id: world.id(), reason: "x".to_owned() };
    assert_eq!(world.act(id, merge).await, Ok(DemandState::Merged));
    // One that is asked about lapses.
    let third = world.public(789, 25).await;
    let merge = Act::Merge { parent_id: other, merge_id: world.id(), reason: "x".to_owned() };
    world.act(third, merge).await.expect("asked");
    assert_eq!(store.lapse_merges(world.now, 10).await, Ok(0));
    assert_eq!(store.lapse_merges(world.now.plus(8 * DAY), 10).await, Ok(1));
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

both!(news_that_is_asked_for_comes_once_and_ends_by_a_word, |test| {
    let mut world = World::new(&test.store);
    let store = &test.store;
    let week = |kind, topic: &str| Change::Subscribed {
        kind,
        topic: topic.to_owned(),
        municipality: TLAPA.to_owned(),
        consent: 1,
    };
    let contact = world.says("+525511110000", week(SubscriptionKind::Week, "")).await;
    world.says("+525511110000", week(SubscriptionKind::Topic, "agua")).await;
    let mine = store.demand_facts(contact, world.now).await.expect("facts");
    assert_eq!((mine.topics, mine.weekly), (vec!["agua".to_owned()], true));
    let id = world.public(317, 900).await;
    let told = world.notices().await;
    assert_eq!(
        told.iter().filter(|it| it.0 == NoticeKind::New).collect::<Vec<_>>(),
        [&(NoticeKind::New, contact)]
    );
    world
        .says(
            "+525511110000",
            Change::Unsubscribed { kind: SubscriptionKind::Topic, topic: "agua".to_owned() },
        )
        .await;
    world.public(456, 900).await;
    assert!(world.notices().await.iter().all(|it| it.0 != NoticeKind::New));
    assert!(store.list_due_digests(world.now, 10).await.expect("due").is_empty());
    world.now = world.now.plus(7 * DAY);
    let due = store.list_due_digests(world.now, 10).await.expect("due");
    let message = NewOutbound {
        id: world.id(),
        contact_id: contact,
        purpose: Purpose::Broadcast,
        campaign: None,
        rendered: rendered(),
        not_before: world.now,
        at: world.now,
    };
    assert_eq!(store.send_digest(&due[0], Some(message.clone()), world.now).await, Ok(true));
    assert_eq!(store.send_digest(&due[0], Some(message), world.now).await, Ok(false), "once");
    assert!(store.list_due_digests(world.now, 10).await.expect("due").is_empty());
    let _ = id;
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
