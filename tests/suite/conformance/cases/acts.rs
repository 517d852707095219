//! What officers do to a case.

use cabildo_bot::domain::case::clock::Dues;
use cabildo_bot::domain::case::{CaseState, Priority};
use cabildo_bot::domain::time::{DAY, HOUR};
use cabildo_bot::store::cases::{Act, Acting, Change, Closing, NewCase, Referral, Snooze, TimerKind, WalkIn};
use cabildo_bot::store::{Error, Location};
use cabildo_tests::cases::{TLAPA, Town, officer};
use cabildo_tests::serving::PATIENCE;
use cabildo_tests::stores::TestStore;
use sqlx::{Connection as _, PgConnection};

const ANA: &str = "+525500000001";
const BEA: &str = "+525500000002";

fn state(to: CaseState, with: Closing) -> Act {
    Act::SetState { to, with: Box::new(with) }
}

both!(an_act_names_the_version_that_it_saw, |test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    let (tomas, lupe) = (officer(1), officer(2));
    let taken = town.act_at(tomas, id, 1, Act::Assign { to: Some(tomas) }).await.expect("taken");
    assert_eq!((taken.version, taken.state), (2, CaseState::Assigned));
    let late = town.act_at(lupe, id, 1, Act::Assign { to: Some(lupe) }).await;
    assert_eq!(late, Err(Error::Conflict));
    assert_eq!(town.full(id).await.assignee_id, Some(tomas));
    let events = test.store.list_events(0, 99).await.expect("events");
    assert_eq!(events.iter().filter(|it| it.kind == "case_assigned").count(), 1);
    let changes = test.store.list_case_changes(id, 1, 9, true).await.expect("changes");
    assert_eq!((changes.len(), changes[0].staff_id), (1, Some(tomas)));
    let back = town.act(tomas, id, Act::Assign { to: None }).await.expect("given back");
    assert_eq!(back.state, CaseState::InReview);
    assert_eq!(town.act_at(tomas, uuid::Uuid::from_u128(9), 1, Act::Part).await, Err(Error::NotFound));
});

both!(states_follow_the_rules_and_need_what_they_need, |test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    let tomas = officer(1);
    let none = Closing::default;
    for (to, code) in [
        (CaseState::Received, "case_transition"),
        (CaseState::Assigned, "case_needs_officer"),
        (CaseState::Scheduled, "case_needs_date"),
        (CaseState::ClosedUnfixed, "case_needs_reason"),
        (CaseState::NotOurs, "case_needs_referral"),
        (CaseState::Duplicate, "case_needs_original"),
    ] {
        assert_eq!(town.act(tomas, id, state(to, none())).await, Err(Error::Refused(code)), "{to}");
    }
    let dated = |date: &str| state(CaseState::Scheduled, Closing { date: Some(date.to_owned()), ..none() });
    assert_eq!(town.act(tomas, id, dated("mañana")).await, Err(Error::Refused("case_needs_date")));
    town.act(tomas, id, dated("2026-02-01")).await.expect("scheduled");
    assert_eq!(town.full(id).await.scheduled_for.as_deref(), Some("2026-02-01"));
    let referral = Referral { office: None, name: "CFE".to_owned(), phone: "071".to_owned() };
    let elsewhere = Closing { referral: Some(referral.clone()), ..none() };
    town.act(tomas, id, state(CaseState::NotOurs, elsewhere)).await.expect("passed on");
    let case = town.full(id).await;
    assert_eq!((case.state, case.referral.clone()), (CaseState::NotOurs, Some(referral.clone())));
    // It stays alive: its citizen sees where to go, and is asked later.
    let facts = test.store.case_facts(town.contact(ANA).await, town.now).await.expect("facts");
    assert_eq!(facts.mine[0].referral, Some(referral));
    assert_eq!(test.store.due_followups(town.now, 9).await.expect("questions").len(), 1);
    let closed = town.act(tomas, id, state(CaseState::Resolved, none())).await;
    assert_eq!(closed, Err(Error::Refused("case_transition")));
    town.act(tomas, id, state(CaseState::InReview, none())).await.expect("opened again");
    assert!(test.store.due_followups(town.now, 9).await.expect("questions").is_empty());
    let cost = Closing { cost: Some(1_500_000), ..none() };
    town.act(tomas, id, state(CaseState::Resolved, cost)).await.expect("closed");
    assert_eq!(town.full(id).await.cost, Some(1_500_000));
});

both!(an_answer_is_held_and_can_be_taken_back, |test| {
    let mut town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    let contact = town.contact(ANA).await;
    let (message, reply) = town.reply(contact, "Vamos mañana", false);
    let acted = town.act(officer(1), id, reply).await.expect("kept");
    assert_eq!(acted.told, 1);
    assert_eq!(town.full(id).await.first_answer_at, Some(town.now));
    // Nothing is sent while it is held.
    let due = town.due_texts().await;
    assert!(due.is_empty());
    town.act(officer(1), id, Act::TakeBack { message_id: message }).await.expect("taken back");
    let case = town.full(id).await;
    assert_eq!(case.first_answer_at, None);
    let thread = test.store.list_case_messages(id, None, 9, true).await.expect("a thread");
    let taken = thread.iter().find(|it| it.id == message).expect("the reply");
    assert_eq!(taken.taken_back_at, Some(town.now));
    assert_eq!(taken.outbox_state.as_deref(), Some("cancelled"));
    let again = town.act(officer(1), id, Act::TakeBack { message_id: message }).await;
    assert_eq!(again, Err(Error::Conflict));
    let (_, reply) = town.reply(contact, "Vamos el lunes", true);
    town.act(officer(1), id, reply).await.expect("kept");
    assert_eq!(town.full(id).await.waiting_since, Some(town.now));
    town.pass(1);
    let due = town.due_texts().await;
    assert_eq!(due, ["Vamos el lunes"]);
    // Whom the case is not told to gets nothing of it.
    let (_, foreign) = {
        town.open(BEA, town.case("dos")).await;
        town.reply(town.contact(BEA).await, "x", false)
    };
    let refused = town.act(officer(1), id, foreign).await;
    assert_eq!(refused, Err(Error::Refused("case_has_no_such_contact")));
});

both!(news_goes_to_everybody_who_joined, |test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    town.write(BEA, vec![Change::Joined { case_id: id, text: None, began_at: None }]).await.expect("joined");
    let told = test.store.list_told(id).await.expect("told");
    let news = told.iter().map(|it| town.outbound(it.contact_id, "en proceso")).collect();
    let acting = Acting {
        case_id: id,
        version: 2,
        staff_id: officer(1),
        act: state(CaseState::InProgress, Closing::default()),
        update_due: Some(town.now.plus(3 * DAY)),
        news,
        at: town.now,
    };
    assert_eq!(test.store.act_on_case(acting).await.expect("done").told, 2);
    assert_eq!(town.full(id).await.dues.update, Some(town.now.plus(3 * DAY)));
    assert_eq!(
        test.number("SELECT COUNT(*) FROM outbox WHERE case_id IS NOT NULL AND purpose = 'news'").await,
        2
    );
});

both!(notes_labels_priorities_and_offices_are_changes, |test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    let tomas = officer(1);
    let note = Act::Note { message_id: uuid::Uuid::from_u128(77), text: "llamar al pozo 3".to_owned() };
    town.act(tomas, id, note).await.expect("noted");
    let labels = |add: &[&str], remove: &[&str]| Act::Label {
        add: add.iter().map(|it| (*it).to_owned()).collect(),
        remove: remove.iter().map(|it| (*it).to_owned()).collect(),
    };
    town.act(tomas, id, labels(&["pozo", "norte"], &[])).await.expect("labelled");
    town.act(tomas, id, labels(&["pozo"], &["norte", "sur"])).await.expect("labelled");
    town.act(tomas, id, Act::Prioritise(Priority::Urgent)).await.expect("urgent");
    let route = Act::Route { category: "roads".to_owned(), office: "works".to_owned() };
    town.act(tomas, id, route).await.expect("passed on");
    town.act(tomas, id, Act::Reveal { reason: "la cita de hoy".to_owned() }).await.expect("seen");
    let case = town.full(id).await;
    assert_eq!((case.labels.as_slice(), case.priority), (["pozo".to_owned()].as_slice(), Priority::Urgent));
    assert_eq!((case.category.as_str(), case.office.as_str(), case.version), ("roads", "works", 7));
    let changes = test.store.list_case_changes(id, 0, 99, true).await.expect("changes");
    let kinds: Vec<&str> = changes.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "case_opened",
            "case_noted",
            "case_labelled",
            "case_labelled",
            "case_prioritised",
            "case_routed",
            "case_revealed",
        ]
    );
    assert_eq!(changes[6].detail.as_deref(), Some("la cita de hoy"));
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE case_id IS NOT NULL").await, 7);
});

both!(a_duplicate_brings_its_people_to_the_original_and_takes_them_back, |test| {
    let town = Town::new(&test.store);
    let original = town.open(ANA, town.case("uno")).await;
    let double = town.open(BEA, town.case("dos")).await;
    let tomas = officer(1);
    let itself = town.act(tomas, double, Act::Merge { into: double }).await;
    assert_eq!(itself, Err(Error::Refused("case_is_itself")));
    town.act(tomas, double, Act::Merge { into: original }).await.expect("merged");
    let case = town.full(double).await;
    assert_eq!((case.state, case.merged_into), (CaseState::Duplicate, Some(original)));
    assert_eq!((town.full(original).await.joined, town.full(original).await.version), (2, 2));
    assert_eq!(test.store.list_told(original).await.expect("told").len(), 2);
    // Asked about by the original, not twice.
    assert!(test.store.due_followups(town.now.plus(DAY), 9).await.expect("questions").is_empty());
    let third = town.open("+525500000003", town.case("tres")).await;
    let chain = town.act(tomas, third, Act::Merge { into: double }).await;
    assert_eq!(chain, Err(Error::Refused("case_is_no_original")));
    town.act(tomas, double, Act::Part).await.expect("parted");
    let case = town.full(double).await;
    assert_eq!((case.state, case.merged_into), (CaseState::InReview, None));
    assert_eq!(town.full(original).await.joined, 1);
    assert_eq!(test.store.list_told(original).await.expect("told").len(), 1);
    town.act(tomas, third, Act::Link { to: Some(original) }).await.expect("linked");
    assert_eq!(town.full(third).await.linked_to, Some(original));
    let (kept, there) = test.store.recount_queues().await.expect("counts");
    assert_eq!(kept, there);
});

both!(a_walk_in_has_no_contact_and_its_name_is_sealed, |test| {
    let town = Town::new(&test.store);
    let case = town.case("vino a la ventanilla");
    let id = case.id;
    let walk_in = WalkIn {
        inbox_id: None,
        receipt: None,
        case,
        contact_id: None,
        reporter: Some("Canaria Perez 7571234567".to_owned()),
        staff_id: officer(1),
        at: town.now,
    };
    test.store.add_walk_in(walk_in.clone()).await.expect("opened");
    assert_eq!(test.store.add_walk_in(walk_in).await, Err(Error::Conflict));
    let case = town.full(id).await;
    assert_eq!(case.reporter.as_deref(), Some("Canaria Perez 7571234567"));
    assert_eq!(test.store.find_case(id, false).await.expect("read").expect("a case").reporter, None);
    assert_eq!(test.number("SELECT COUNT(*) FROM cases WHERE reporter LIKE '%Canaria%'").await, 0);
    let closed = state(CaseState::Resolved, Closing::default());
    town.act(officer(1), id, closed).await.expect("closed");
    assert!(test.store.list_told(id).await.expect("told").is_empty());
});

both!(clocks_ring_wake_and_begin_anew, |test| {
    let mut town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    let timers = async |at| test.store.list_case_timers(at, 9).await.expect("timers");
    // The first answer is owed in a day, and comes within reach four hours before.
    assert!(timers(town.now.plus(20 * HOUR - 1)).await.is_empty());
    town.pass(20);
    let due = timers(town.now).await;
    assert_eq!((due.len(), due[0].kind, due[0].municipality.as_str()), (1, TimerKind::Due, TLAPA));
    test.store.ring_case_timer(&due[0], None, town.now).await.expect("rung");
    assert_eq!(test.store.ring_case_timer(&due[0], None, town.now).await, Err(Error::Conflict));
    assert!(timers(town.now).await.is_empty());
    // An answer takes it out of the queue until the next news is owed.
    let (_, reply) = town.reply(town.contact(ANA).await, "ya vamos", false);
    town.act(officer(1), id, reply).await.expect("answered");
    assert!(timers(town.now).await.is_empty());
    let next = timers(town.now.plus(100 * HOUR)).await;
    assert_eq!(next[0].kind, TimerKind::Due);
    town.act(officer(1), id, Act::Snooze(Snooze::Until(town.now.plus(HOUR)))).await.expect("sleeps");
    let past = town.act(officer(1), id, Act::Snooze(Snooze::Until(town.now))).await;
    assert_eq!(past, Err(Error::Refused("case_snooze_is_over")));
    town.pass(1);
    let wake = timers(town.now).await;
    assert_eq!(wake[0].kind, TimerKind::Wake);
    test.store.ring_case_timer(&wake[0], None, town.now).await.expect("rung");
    assert_eq!(town.full(id).await.snoozed_until, None);
    // A case that is opened again begins its clocks anew.
    town.act(officer(1), id, state(CaseState::Resolved, Closing::default())).await.expect("closed");
    assert!(timers(town.now.plus(1_000 * HOUR)).await.is_empty());
    town.act(officer(1), id, state(CaseState::InReview, Closing::default())).await.expect("opened");
    assert_eq!(town.full(id).await.dues, Dues::default());
    let restart = timers(town.now).await;
    assert_eq!(restart[0].kind, TimerKind::Restart);
    let dues = Dues { first_answer: Some(town.now.plus(DAY)), ..Dues::default() };
    test.store.ring_case_timer(&restart[0], Some(dues), town.now).await.expect("rung");
    assert_eq!(town.full(id).await.dues, dues);
});

both!(cases_of_two_places_know_nothing_of_each_other, |test| {
    let town = Town::new(&test.store);
    let here = town.open(ANA, town.case("uno")).await;
    let there = town.open(BEA, NewCase { municipality: "09002".to_owned(), ..town.case("dos") }).await;
    let merged = town.act(officer(1), here, Act::Merge { into: there }).await;
    assert_eq!(merged, Err(Error::Refused("case_is_no_original")));
});

/// Who acts has the feed, which the batch of a person's message locks last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_opens_a_case_for_somebody_who_writes_waits_for_no_message_on_postgres() {
    let Some(test) = TestStore::postgres().await else { return };
    let town = Town::new(&test.store);
    town.write(ANA, Vec::new()).await.expect("written");
    let contact_id = Some(town.contact(ANA).await);
    let Location::Postgres(url) = &test.location else { panic!("a URL") };
    let mut other = PgConnection::connect(url).await.expect("a connection");
    let mut message = other.begin().await.expect("a transaction");
    sqlx::query("SELECT 1 FROM conversations FOR UPDATE").execute(&mut *message).await.expect("locked");
    let walk_in = || WalkIn {
        case: town.case("no hay agua"),
        contact_id,
        inbox_id: None,
        receipt: None,
        reporter: None,
        staff_id: officer(1),
        at: town.now,
    };
    let opened = tokio::time::timeout(PATIENCE, test.store.add_walk_in(walk_in())).await;
    assert_eq!(opened.expect("it does not wait"), Err(Error::Conflict));
    message.rollback().await.expect("over");
    assert_eq!(test.store.add_walk_in(walk_in()).await, Ok(()));
    drop(other);
    test.finish().await;
}
