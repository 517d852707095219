//! Demands in the store: how one lives, from its draft to a promise; each method means the same on both engines.

use std::collections::BTreeSet;

use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::domain::demand::{
    Code, DemandState, Progress, SubscriptionKind, Support, Verdict, Vote, Votes,
};
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::time::{DAY, HOUR, UnixMillis};
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::store::audit::New as Audit;
use cabildo_bot::store::cases::Scope as Places;
use cabildo_bot::store::demands::{
    Act, Acting, Change, Handing, Milestone, NewDemand, NoticeKind, Opening, Order, Promise, Queue,
};
use cabildo_bot::store::desk::{Page, Within};
use cabildo_bot::store::inbox::{self, NewInbound, Outcome};
use cabildo_bot::store::links;
use cabildo_bot::store::outbox::{NewOutbound, NewReply};
use cabildo_bot::store::staff::{Answer, Attempt, Write};
use cabildo_bot::store::{Error, Store};
use cabildo_tests::stores::{START, inbound};
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

pub(super) fn country() -> Places {
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

both!(no_demand_is_called_like_a_number_to_call_in_need, |test| {
    let service = crate::conformance::broadcasts::service(&test.store);
    let now = service.clock.now();
    let drawn = async |number: u64| {
        let code = service.free_code((number - 100).to_be_bytes(), now).await.expect("drawn");
        code.map(Code::number)
    };
    assert_eq!((drawn(910).await, drawn(911).await, drawn(912).await), (Some(910), None, Some(912)));
});
