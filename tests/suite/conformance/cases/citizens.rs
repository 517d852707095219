//! What a citizen's message changes.

use cabildo_bot::domain::case::clock::Dues;
use cabildo_bot::domain::case::{CaseState, Confidentiality, Priority};
use cabildo_bot::domain::time::{DAY, MINUTE};
use cabildo_bot::store::Error;
use cabildo_bot::store::cases::{Act, Change, Closing, FeedbackKind, NewCase, Snooze};
use cabildo_bot::store::media::{MediaKind, NewMedia};
use cabildo_tests::cases::{TLAPA, Town, officer};

const ANA: &str = "+525500000001";
const BEA: &str = "+525500000002";

fn resolved() -> Act {
    Act::SetState { to: CaseState::Resolved, with: Box::default() }
}

both!(a_case_is_opened_with_its_thread_its_change_and_its_event, |test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, town.case("No hay agua desde el lunes")).await;
    let case = town.full(id).await;
    assert_eq!((case.state, case.version, case.joined), (CaseState::Received, 1, 1));
    assert_eq!(case.place.as_deref(), Some("San José"));
    assert_eq!(case.location, Some((17.5, -98.5)));
    assert_eq!(case.answers, [("since".to_owned(), "lunes".to_owned())]);
    assert_eq!(case.contact_id, Some(town.contact(ANA).await));
    let thread = test.store.list_case_messages(id, None, 9, false).await.expect("a thread");
    assert_eq!(thread.len(), 1);
    assert_eq!(
        (thread[0].author.as_str(), thread[0].text.as_deref()),
        ("citizen", Some("No hay agua desde el lunes"))
    );
    let changes = test.store.list_case_changes(id, 0, 9, false).await.expect("changes");
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].kind.as_str(), changes[0].actor.as_str()), ("case_opened", "citizen"));
    let events = test.store.list_events(0, 99).await.expect("events");
    let opened = events.iter().find(|it| it.kind == "case_opened").expect("an event");
    assert_eq!(
        (opened.case_id, opened.municipality.as_deref(), opened.restricted),
        (Some(id), Some(TLAPA), false)
    );
    assert_eq!(opened.inbox_id, thread[0].inbox_id);
});

both!(a_folio_that_is_taken_is_a_conflict_and_keeps_nothing, |test| {
    let town = Town::new(&test.store);
    let first = town.case("uno");
    town.open(ANA, first.clone()).await;
    let second = NewCase { folio: first.folio, ..town.case("dos") };
    let id = second.id;
    let opened = town.write(BEA, vec![Change::Opened(Box::new(second))]).await;
    assert_eq!(opened.map(|_| ()), Err(Error::Conflict));
    assert_eq!(test.store.find_case(id, true).await, Ok(None));
    assert_eq!(test.store.find_contact("kannel", BEA).await, Ok(None));
    assert_eq!(test.number("SELECT COUNT(*) FROM cases").await, 1);
});

both!(a_second_message_joins_the_thread_and_opens_what_is_closed, |test| {
    let mut town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    let written = |text: &str| vec![Change::Written { case_id: id, text: text.to_owned() }];
    town.write(ANA, written("dos")).await.expect("written");
    town.act(officer(1), id, resolved()).await.expect("closed");
    assert!(town.full(id).await.closed_at.is_some());
    town.pass(1);
    town.write(ANA, written("tres")).await.expect("written");
    let case = town.full(id).await;
    assert_eq!((case.state, case.closed_at, case.disputes), (CaseState::InReview, None, 0));
    let thread = test.store.list_case_messages(id, None, 9, true).await.expect("a thread");
    assert_eq!(thread.iter().filter_map(|it| it.text.as_deref()).collect::<Vec<_>>(), ["uno", "dos", "tres"]);
    // Nobody else writes into it.
    assert_eq!(town.write(BEA, written("cuatro")).await, Err(Error::NotFound));
});

both!(who_joins_is_counted_once_and_many_are_heard_sooner, |test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    for number in 0..4 {
        let phone = format!("+52550000010{number}");
        let joined = Change::Joined { case_id: id, text: Some("a mi tambien".to_owned()), began_at: None };
        town.write(&phone, vec![joined.clone()]).await.expect("joined");
        town.write(&phone, vec![joined]).await.expect("joined again");
    }
    let case = town.full(id).await;
    assert_eq!((case.joined, case.priority), (5, Priority::High));
    let told = test.store.list_told(id).await.expect("told");
    assert_eq!(told.len(), 5);
    assert!(told[0].opener && told[1..].iter().all(|it| !it.opener));
    assert_eq!(told[0].locale.as_deref(), Some("es-MX"));
});

both!(a_report_is_taken_back_only_while_nobody_opened_it, |test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    let other = town.open(ANA, town.case("dos")).await;
    town.write(ANA, vec![Change::Withdrawn { case_id: id }]).await.expect("taken back");
    assert_eq!(town.full(id).await.state, CaseState::ClosedUnfixed);
    // Nobody is asked about it.
    assert!(test.store.due_followups(town.now.plus(40 * DAY), 9).await.expect("questions").is_empty());
    test.store.see_case(other, town.now).await.expect("seen");
    let taken = town.write(ANA, vec![Change::Withdrawn { case_id: other }]).await;
    assert_eq!(taken, Err(Error::Conflict));
    let (kept, there) = test.store.recount_queues().await.expect("counts");
    assert_eq!(kept, there);
});

both!(a_report_that_others_joined_is_left_to_them, |test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    let ana = town.contact(ANA).await;
    let left = || vec![Change::Left { case_id: id }];
    // Alone there is nobody whom it could be left to.
    assert_eq!(town.write(ANA, left()).await, Err(Error::Conflict));
    town.write(BEA, vec![Change::Joined { case_id: id, text: None, began_at: None }]).await.expect("joined");
    let facts = test.store.case_facts(ana, town.now).await.expect("facts");
    assert!(facts.mine[0].others && facts.mine[0].opener);
    assert_eq!(town.write(ANA, vec![Change::Withdrawn { case_id: id }]).await, Err(Error::Conflict));
    // Who only joined can't take it from the one who opened it.
    assert_eq!(town.write(BEA, left()).await, Err(Error::Conflict));
    town.write(ANA, left()).await.expect("left");
    let case = town.full(id).await;
    assert_eq!((case.state, case.joined, case.contact_id), (CaseState::Received, 1, None));
    assert!(test.store.case_facts(ana, town.now).await.expect("facts").mine.is_empty());
    let told = test.store.list_told(id).await.expect("told");
    assert_eq!(told.iter().map(|it| it.contact_id).collect::<Vec<_>>(), [town.contact(BEA).await]);
    let changes = test.store.list_case_changes(id, 0, 9, true).await.expect("changes");
    assert_eq!(changes.last().map(|it| it.kind.as_str()), Some("case_left"));
    assert_eq!(town.write(ANA, left()).await, Err(Error::Conflict), "it is hers no more");
    let (kept, there) = test.store.recount_queues().await.expect("counts");
    assert_eq!(kept, there);
    // Once somebody has opened it, it stays as it is.
    let other = town.open(ANA, town.case("dos")).await;
    town.write(BEA, vec![Change::Joined { case_id: other, text: None, began_at: None }])
        .await
        .expect("joined");
    test.store.see_case(other, town.now).await.expect("seen");
    assert_eq!(town.write(ANA, vec![Change::Left { case_id: other }]).await, Err(Error::Conflict));
});

both!(what_a_citizen_knows_says_who_waits_and_what_was_taken_back, |test| {
    let town = Town::new(&test.store);
    // Nothing is owed for it, and nobody waits for her all the same.
    let free = NewCase { dues: Dues::default(), ..town.case("uno") };
    let id = town.open(ANA, free).await;
    let ana = town.contact(ANA).await;
    let mine = || async {
        let facts = test.store.case_facts(ana, town.now).await.expect("facts");
        let it = facts.mine.into_iter().find(|it| it.id == id).expect("hers");
        (it.waits, it.withdrawn, it.others, it.next_due)
    };
    assert_eq!(mine().await, (false, false, false, None));
    town.act(officer(1), id, Act::Snooze(Snooze::UntilReply)).await.expect("waits");
    assert_eq!(mine().await, (true, false, false, None));
    let reason = Closing { reason: Some("no se puede".to_owned()), ..Closing::default() };
    let closed = Act::SetState { to: CaseState::ClosedUnfixed, with: Box::new(reason) };
    town.act(officer(1), id, closed.clone()).await.expect("closed");
    assert_eq!(mine().await, (false, false, false, None), "staff closed it");

    let id = town.open(ANA, town.case("dos")).await;
    let mine = || async {
        let facts = test.store.case_facts(ana, town.now).await.expect("facts");
        facts.mine.into_iter().find(|it| it.id == id).expect("hers").withdrawn
    };
    town.write(ANA, vec![Change::Withdrawn { case_id: id }]).await.expect("taken back");
    assert!(mine().await);
});

both!(a_correction_keeps_the_old_text_as_a_change, |test| {
    let mut town = Town::new(&test.store);
    let id = town.open(ANA, town.case("fuga en la calle Hidalgo")).await;
    let corrected = |text: &str| vec![Change::Corrected { case_id: id, text: text.to_owned() }];
    town.write(ANA, corrected("fuga en la calle Juarez")).await.expect("corrected");
    let thread = test.store.list_case_messages(id, None, 9, true).await.expect("a thread");
    assert_eq!(thread[0].text.as_deref(), Some("fuga en la calle Juarez"));
    let changes = test.store.list_case_changes(id, 1, 9, true).await.expect("changes");
    assert_eq!(changes[0].detail.as_deref(), Some("fuga en la calle Hidalgo"));
    town.now = town.now.plus(12 * MINUTE);
    assert_eq!(town.write(ANA, corrected("otra")).await, Err(Error::Conflict));
});

both!(a_no_reopens_for_another_officer_and_is_counted, |test| {
    let mut town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    let (tomas, lupe) = (officer(1), officer(2));
    town.act(tomas, id, Act::Assign { to: Some(tomas) }).await.expect("taken");
    town.act(tomas, id, resolved()).await.expect("closed");
    let due = test.store.due_followups(town.now, 9).await.expect("questions");
    assert_eq!((due.len(), due[0].ordinal, due[0].case_id), (1, 0, id));
    let asked = town.outbound(due[0].told.contact_id, "pregunta");
    assert_eq!(test.store.ask_followup(&due[0], asked.clone(), town.now).await, Ok(true));
    assert!(test.store.ask_followup(&due[0], town.outbound(asked.contact_id, "x"), town.now).await.is_err());
    let facts = test.store.case_facts(asked.contact_id, town.now).await.expect("facts");
    let question = facts.asked.expect("a question").id;
    let no = Change::Disputed { case_id: id, question };
    // Somebody else can't answer for her.
    assert_eq!(town.write(BEA, vec![no.clone()]).await, Err(Error::NotFound));
    town.pass(24);
    town.write(ANA, vec![no.clone()]).await.expect("disputed");
    let case = town.full(id).await;
    assert_eq!((case.state, case.disputes, case.disputed), (CaseState::InReview, 1, true));
    assert_eq!((case.assignee_id, case.excluded_id), (None, Some(tomas)));
    let taken = town.act(tomas, id, Act::Assign { to: Some(tomas) }).await;
    assert_eq!(taken, Err(Error::Refused("case_needs_another_officer")));
    town.act(lupe, id, Act::Assign { to: Some(lupe) }).await.expect("taken");
    // The same no does nothing twice, and the later questions are over.
    assert_eq!(town.write(ANA, vec![no]).await, Err(Error::Conflict));
    assert!(test.store.due_followups(town.now.plus(40 * DAY), 9).await.expect("questions").is_empty());
});

both!(silence_is_no_yes_and_a_late_no_opens_nothing_again, |test| {
    let mut town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    town.act(officer(1), id, resolved()).await.expect("closed");
    let contact = town.contact(ANA).await;
    let mut questions = Vec::new();
    for (days, ordinal) in [(0, 0), (7, 1), (28, 2)] {
        town.now = cabildo_tests::stores::START.plus(days * DAY);
        let due = test.store.due_followups(town.now, 9).await.expect("questions");
        assert_eq!(due.iter().map(|it| it.ordinal).collect::<Vec<_>>(), [ordinal]);
        let asked = test.store.ask_followup(&due[0], town.outbound(contact, "?"), town.now).await;
        assert_eq!(asked, Ok(true));
        questions.push(due[0].id);
        let facts = test.store.case_facts(contact, town.now).await.expect("facts");
        assert_eq!(facts.asked.map(|it| (it.id, it.ordinal)), Some((due[0].id, ordinal)));
    }
    let states = test.texts("SELECT state FROM followups ORDER BY ordinal").await;
    assert_eq!(states, ["over", "over", "asked"]);
    town.now = cabildo_tests::stores::START.plus(31 * DAY);
    let late = town.write(ANA, vec![Change::Disputed { case_id: id, question: questions[2] }]).await;
    assert_eq!(late, Err(Error::Conflict));
    let linked = NewCase { linked_to: Some(id), ..town.case("sigue igual") };
    let linked = town.open(ANA, linked).await;
    assert_eq!(town.full(linked).await.linked_to, Some(id));
    assert_eq!(town.full(id).await.state, CaseState::Resolved);
    // Sixty days after it was asked nothing waits for an answer.
    let facts = test.store.case_facts(contact, town.now.plus(60 * DAY)).await.expect("facts");
    assert_eq!(facts.asked, None);
});

both!(a_yes_and_stars_are_kept, |test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    town.act(officer(1), id, resolved()).await.expect("closed");
    let due = test.store.due_followups(town.now, 9).await.expect("questions");
    let asked = town.outbound(due[0].told.contact_id, "?");
    test.store.ask_followup(&due[0], asked, town.now).await.expect("asked");
    let yes = Change::Confirmed { case_id: id, question: due[0].id };
    town.write(ANA, vec![yes, Change::Rated { case_id: id, stars: 5 }]).await.expect("confirmed");
    let case = town.full(id).await;
    assert_eq!((case.state, case.rating), (CaseState::Resolved, Some(5)));
    assert_eq!(test.texts("SELECT state FROM followups ORDER BY ordinal LIMIT 1").await, ["yes"]);
});

both!(a_message_ends_a_wait_for_the_citizen_and_a_sleep, |test| {
    let mut town = Town::new(&test.store);
    let id = town.open(ANA, town.case("uno")).await;
    town.act(officer(1), id, Act::Snooze(Snooze::UntilReply)).await.expect("waits");
    assert_eq!(town.full(id).await.waiting_since, Some(town.now));
    let since = town.now;
    town.pass(5);
    town.write(ANA, vec![Change::Written { case_id: id, text: "dos".to_owned() }]).await.expect("written");
    assert_eq!(town.full(id).await.waiting_since, None);
    let timers = test.store.list_case_timers(town.now, 9).await.expect("timers");
    assert_eq!(timers.len(), 1);
    assert_eq!(timers[0].kind, cabildo_bot::store::cases::TimerKind::Resume { since });
    town.act(officer(1), id, Act::Snooze(Snooze::Until(town.now.plus(DAY)))).await.expect("sleeps");
    town.write(ANA, vec![Change::Written { case_id: id, text: "tres".to_owned() }]).await.expect("written");
    assert_eq!(town.full(id).await.snoozed_until, None);
});

both!(photos_of_a_report_are_kept_with_it, |test| {
    let mut town = Town::new(&test.store);
    let photo = || vec![NewMedia { kind: MediaKind::Photo, sizes: vec![("f".to_owned(), 7)], seconds: None }];
    let began = town.now;
    let early = town.write(ANA, vec![Change::Consented { version: 1 }]).await.expect("a message");
    test.store.add_media(early, "kannel", photo(), town.now).await.expect("a photo");
    let foreign = town.write(BEA, vec![Change::Consented { version: 1 }]).await.expect("a message");
    test.store.add_media(foreign, "kannel", photo(), town.now).await.expect("a photo");
    town.now = town.now.plus(MINUTE);
    let id = town.open(ANA, NewCase { began_at: Some(began), ..town.case("uno") }).await;
    let opening = test.store.list_case_messages(id, None, 1, true).await.expect("a thread")[0].inbox_id;
    // The file of the opening message itself is noted after it.
    test.store.add_media(opening.expect("a message"), "kannel", photo(), town.now).await.expect("a photo");
    let files = test.store.list_case_files(id).await.expect("files");
    assert_eq!(files.iter().map(|it| it.inbox_id).collect::<Vec<_>>(), [early, opening.expect("a message")]);
    assert_eq!(test.store.expire_media(town.now.plus(60 * DAY), 9).await, Ok(1));
    assert_eq!(test.store.list_case_files(id).await.expect("files").len(), 2);
    town.act(officer(1), id, resolved()).await.expect("closed");
    assert_eq!(test.store.expire_media(town.now.plus(91 * DAY), 9).await, Ok(2));
});

both!(consent_feedback_and_wrong_pins_are_kept, |test| {
    let town = Town::new(&test.store);
    let feedback = Change::Feedback {
        kind: FeedbackKind::Praise,
        municipality: TLAPA.to_owned(),
        text: "muy bien".to_owned(),
    };
    town.write(ANA, vec![Change::Consented { version: 2 }, feedback]).await.expect("kept");
    let facts = test.store.case_facts(town.contact(ANA).await, town.now).await.expect("facts");
    assert_eq!((facts.consent, facts.mine.len()), (2, 0));
    assert_eq!(test.texts("SELECT kind FROM feedback WHERE state = 'waiting'").await, ["praise"]);
});

both!(a_person_who_waits_for_a_person_stands_in_line, |test| {
    let town = Town::new(&test.store);
    let person = |text: &str| NewCase {
        category: "person".to_owned(),
        confidentiality: Confidentiality::Open,
        ..town.case(text)
    };
    assert_eq!(test.store.count_line(TLAPA).await, Ok(0));
    let (one, two) = (person("uno"), person("dos"));
    let first = one.id;
    town.write(ANA, vec![Change::HandedOver(Box::new(one))]).await.expect("handed over");
    town.write(BEA, vec![Change::HandedOver(Box::new(two))]).await.expect("handed over");
    assert_eq!(test.store.count_line(TLAPA).await, Ok(2));
    town.act(officer(1), first, Act::Assign { to: Some(officer(1)) }).await.expect("taken");
    assert_eq!(test.store.count_line(TLAPA).await, Ok(1));
    let closed = Act::SetState {
        to: CaseState::ClosedUnfixed,
        with: Box::new(Closing { reason: Some("nadie contesta".to_owned()), ..Closing::default() }),
    };
    town.act(officer(1), first, closed).await.expect("closed");
    assert_eq!(test.store.count_line(TLAPA).await, Ok(1));
});
