//! What staff do: acts on cases and on the desk with their trail and answer, feedback, the report of a day,
//! and the reads beside them.

use cabildo_bot::domain::case::CaseState;
use cabildo_bot::domain::time::{DAY, HOUR};
use cabildo_bot::store::Error;
use cabildo_bot::store::audit::{Filter, New as Audit};
use cabildo_bot::store::cases::{Act, Acting, Change, Closing, FeedbackKind};
use cabildo_bot::store::desk::acts::{Act as DeskAct, Done};
use cabildo_bot::store::desk::case_work::{Work, Worked};
use cabildo_bot::store::desk::entries::{Kind, Write as Put};
use cabildo_bot::store::desk::feedback::{Decide, Decision};
use cabildo_bot::store::desk::held::Send;
use cabildo_bot::store::desk::{Page, Within};
use cabildo_bot::store::media::{Fetched, MediaKind, NewMedia};
use cabildo_bot::store::outbox::NewOutbound;
use cabildo_bot::store::staff::{Answer, Attempt, Write};
use cabildo_tests::cases::{TLAPA, Town, officer};
use cabildo_tests::staff::hire;
use cabildo_tests::stores::START;
use serde_json::json;
use uuid::Uuid;

const ANA: &str = "+525511110001";
const BEA: &str = "+525511110002";

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn attempt(key: &str) -> Attempt {
    Attempt::new(officer(1), key.to_owned(), vec![1; 32])
}

/// What belongs to an act called `name`; its answer is what it led to.
fn write<T: std::fmt::Debug>(town: &Town<'_>, name: &'static str, key: &str) -> Write<T> {
    let audit = Audit {
        actor_id: Some(officer(1)),
        act: name,
        target_kind: "test",
        target_id: key.to_owned(),
        detail: json!({}),
        at: town.now,
    };
    let answer = |it: &T| Answer { status: 200, body: format!("{it:?}").len().to_string() };
    town.store.staff_write(Some(attempt(key)), audit, answer)
}

fn acting(town: &Town<'_>, case_id: Uuid, version: i64, act: Act) -> Acting {
    let (staff_id, at) = (officer(1), town.now);
    Acting { case_id, version, staff_id, act, update_due: None, news: Vec::new(), at }
}

fn send(town: &Town<'_>, number: u128, case_id: Option<Uuid>, message: NewOutbound) -> Box<Send> {
    Box::new(Send {
        id: id(number),
        case_id,
        municipality: TLAPA.to_owned(),
        staff_id: officer(1),
        message_id: None,
        undo: "{}".to_owned(),
        version: 2,
        until: message.not_before,
        messages: vec![message],
        at: town.now,
    })
}

/// How often the trail names an act.
async fn named(town: &Town<'_>, act: &str) -> usize {
    let filter = Filter { act: Some(act.to_owned()), ..Filter::default() };
    town.store.list_audit(&filter, 50).await.expect("the trail").len()
}

both!(acts_on_a_case_are_one_with_their_send_their_trail_and_their_answer, |test| {
    let town = Town::new(&test.store);
    let case = town.open(ANA, town.case("Fuga")).await;
    let contact = town.contact(ANA).await;
    let (_, act) = town.reply(contact, "Va la cuadrilla", false);
    let Act::Reply { message_id, outbound, .. } = &act else { panic!("a reply") };
    let (message_id, message) = (*message_id, (**outbound).clone());
    let line = message.id;
    let work = Work {
        acts: vec![acting(&town, case, 1, act)],
        send: Some(send(&town, 900, Some(case), message)),
        look: Some((id(901), officer(1))),
        ..Work::default()
    };
    let done: Worked = town.store.work_on_case(work, write(&town, "case_replied", "a")).await.expect("done");
    assert_eq!((done.case.id, done.case.version, done.told, done.looks), (case, 2, 1, 1));
    assert_eq!(town.store.find_listed(case).await, Ok(Some(done.case.clone())));
    assert_eq!(town.store.find_listed(id(1)).await, Ok(None));
    assert!(town.store.find_answer(&attempt("a")).await.expect("a store").is_some());
    assert_eq!(named(&town, "case_replied").await, 1);
    let queued = town.store.find_outbox_line(line).await.expect("a store").expect("a line");
    assert_eq!((queued.state.as_str(), queued.case_id, queued.held_id), ("queued", Some(case), id(900)));
    assert_eq!(town.store.find_outbox_line(id(1)).await, Ok(None));

    // Who saw an old version changes nothing: no act, no entry, no answer.
    let note = || Act::Note { message_id: id(902), text: "tarde".to_owned() };
    let work = |version| Work { acts: vec![acting(&town, case, version, note())], ..Work::default() };
    let late = town.store.work_on_case(work(1), write(&town, "case_noted", "b")).await;
    assert_eq!(late, Err(Error::Conflict));
    assert_eq!(named(&town, "case_noted").await, 0);
    assert_eq!(town.store.find_answer(&attempt("b")).await, Ok(None));
    // Nor does the second of two acts leave the first where it fails.
    let acts = vec![acting(&town, case, 2, note()), acting(&town, case, 2, note())];
    let torn =
        town.store.work_on_case(Work { acts, ..Work::default() }, write(&town, "case_noted", "c")).await;
    assert_eq!(torn, Err(Error::Conflict));
    assert_eq!(town.full(case).await.version, 2);
    // A repeat of a write whose answer is there changes nothing either.
    let again = town.store.work_on_case(work(2), write(&town, "case_noted", "a")).await;
    assert_eq!(again, Err(Error::Conflict));
    assert_eq!(town.full(case).await.version, 2);

    let back = |version| Work {
        acts: vec![acting(&town, case, version, Act::TakeBack { message_id })],
        take_back: Some(id(900)),
        ..Work::default()
    };
    let taken = town.store.work_on_case(back(2), write(&town, "send_taken_back", "d")).await;
    assert_eq!(taken.expect("taken back").case.version, 3);
    let line = town.store.find_outbox_line(line).await.expect("a store").expect("a line");
    assert_eq!(line.state, "cancelled");
    let twice = town.store.work_on_case(back(3), write(&town, "send_taken_back", "e")).await;
    assert_eq!(twice, Err(Error::Conflict), "it is taken back already");
});

both!(reads_beside_a_case_see_what_is_there, |test| {
    let mut town = Town::new(&test.store);
    let first = town.open(ANA, town.case("Fuga")).await;
    town.pass(1);
    let second = town.open(ANA, town.case("Bache")).await;
    let (store, contact) = (&test.store, town.contact(ANA).await);
    assert_eq!(store.find_case_extra(first).await, Ok(Some((1, None))));
    assert_eq!(store.find_case_extra(id(1)).await, Ok(None));
    for (case, add) in [(first, vec!["fuga", "bache"]), (second, vec!["fuga"])] {
        let add = add.into_iter().map(str::to_owned).collect();
        town.act(officer(1), case, Act::Label { add, remove: Vec::new() }).await.expect("labelled");
    }
    let labels = async || store.list_labels(TLAPA).await.expect("labels");
    assert_eq!(labels().await, [("fuga".to_owned(), 2), ("bache".to_owned(), 1)]);
    assert_eq!(store.list_labels("20570").await, Ok(Vec::new()));
    let closed = Act::SetState {
        to: CaseState::Resolved,
        with: Box::new(Closing { reason: Some("ya".to_owned()), ..Closing::default() }),
    };
    town.act(officer(1), second, closed).await.expect("closed");
    assert_eq!(labels().await, [("bache".to_owned(), 1), ("fuga".to_owned(), 1)], "of open cases");
    let ids =
        |found: Vec<cabildo_bot::store::cases::Listed>| found.iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!(ids(store.list_cases_of(contact, 10).await.expect("cases")), [second, first]);
    assert_eq!(ids(store.list_cases_of(contact, 1).await.expect("cases")), [second]);
    assert!(store.list_cases_of(id(1), 10).await.expect("none").is_empty());
    assert_eq!(store.contact_locale(contact).await, Ok(Some("es-MX".to_owned())));

    let account = hire(store, &[("caseworker", "country")], &[], START).await;
    let names = store.staff_names([account.id, id(1), account.id]).await.expect("names");
    assert_eq!(names.into_iter().collect::<Vec<_>>(), [(account.id, "Somebody".to_owned())]);
    assert!(store.staff_names([]).await.expect("none").is_empty());

    // A number that is known stays who it is; another one is somebody new, once.
    let settle = async |phone: &str, id| store.settle_walk_in("kannel", phone, id, START).await;
    assert_eq!(settle(ANA, id(7)).await, Ok(contact));
    assert_eq!(settle(BEA, id(8)).await, Ok(id(8)));
    assert_eq!(settle(BEA, id(9)).await, Ok(id(8)));

    let opening = store.list_case_messages(first, None, 1, true).await.expect("a thread")[0].inbox_id;
    let opening = opening.expect("a message");
    let photo = NewMedia { kind: MediaKind::Photo, sizes: vec![("f".to_owned(), 7)], seconds: None };
    store.add_media(opening, "kannel", vec![photo], town.now).await.expect("noted");
    let file = store.claim_media(town.now, 1).await.expect("claimed").remove(0);
    assert_eq!(store.find_file(file.id).await, Ok(None), "it is not there yet");
    let kept = Fetched::Kept { mime: "image/jpeg", sha256: vec![1; 32], content: b"picture".to_vec() };
    assert_eq!(store.settle_media(file.id, file.tries, kept, town.now).await, Ok(true));
    assert_eq!(store.find_file(file.id).await, Ok(Some((opening, Some(first)))));
});

both!(what_waits_for_an_officer_is_told_once_and_ends, |test| {
    let mut town = Town::new(&test.store);
    let store = &test.store;
    let (ana, eva) = (officer(1), officer(2));
    let waits = async |who| {
        let page = Page { after: None, limit: 10 };
        let found = store.list_notices(who, page).await.expect("a list");
        assert_eq!(store.count_notices(who).await, Ok(found.len() as i64));
        found.into_iter().map(|(it, case)| (it.kind, case.id, it.by_id)).collect::<Vec<_>>()
    };
    let case = town.open(ANA, town.case("Fuga")).await;
    // Who takes a case knows of it; who is given one is told by whom, once.
    town.act(ana, case, Act::Assign { to: Some(ana) }).await.expect("taken");
    assert!(waits(ana).await.is_empty());
    town.act(ana, case, Act::Assign { to: Some(eva) }).await.expect("given");
    assert_eq!(waits(eva).await, [("assigned".to_owned(), case, Some(ana))]);
    town.pass(1);
    for _ in 0..2 {
        let written = vec![Change::Written { case_id: case, text: "sigue igual".to_owned() }];
        town.write(ANA, written).await.expect("written");
    }
    assert_eq!(waits(eva).await[0], ("answered".to_owned(), case, None));
    town.pass(24);
    for timer in store.list_case_timers(town.now, 9).await.expect("timers") {
        store.ring_case_timer(&timer, None, town.now).await.expect("rung");
    }
    let all = waits(eva).await;
    assert_eq!(all.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["due", "answered", "assigned"]);
    let first = store.list_notices(eva, Page { after: None, limit: 1 }).await.expect("a page");
    let page = Page { after: Some(first[0].0.id), limit: 10 };
    let rest = store.list_notices(eva, page).await.expect("a page");
    assert_eq!(rest.len(), 2);
    // A note names somebody who has not the case.
    let version = town.full(case).await.version;
    let note = Act::Note { message_id: id(902), text: "@ana".to_owned() };
    let work = Work { acts: vec![acting(&town, case, version, note)], named: vec![ana], ..Work::default() };
    town.store.work_on_case(work, write::<Worked>(&town, "case_noted", "a")).await.expect("noted");
    assert_eq!(waits(ana).await, [("mentioned".to_owned(), case, Some(ana))]);
    // Seen by its id, and only one's own.
    assert_eq!(store.see_notices(ana, &[first[0].0.id], town.now).await, Ok(0), "not hers");
    assert_eq!(store.see_notices(eva, &[first[0].0.id, id(1)], town.now).await, Ok(1));
    assert_eq!(store.see_notices(eva, &[first[0].0.id], town.now).await, Ok(0));
    assert_eq!(waits(eva).await.len(), 2);
    // A look at the case ends all of it.
    store.see_case_notices(ana, case, town.now).await.expect("seen");
    assert!(waits(ana).await.is_empty());
    // What is hers no more waits for her no more; what is closed waits for nobody.
    town.act(ana, case, Act::Assign { to: Some(ana) }).await.expect("taken");
    assert!(waits(eva).await.is_empty());
    town.act(eva, case, Act::Assign { to: Some(ana) }).await.ok();
    let written = vec![Change::Written { case_id: case, text: "gracias".to_owned() }];
    town.write(ANA, written).await.expect("written");
    assert_eq!(waits(ana).await.len(), 1);
    let closed = Act::SetState {
        to: CaseState::Resolved,
        with: Box::new(Closing { reason: Some("ya".to_owned()), ..Closing::default() }),
    };
    town.act(ana, case, closed).await.expect("closed");
    assert!(waits(ana).await.is_empty());
    assert_eq!(store.remove_notices(town.now).await, Ok(0));
    assert!(store.remove_notices(town.now.plus(30 * DAY)).await.expect("removed") >= 5);
});

both!(a_day_is_reported_by_place, |test| {
    let mut town = Town::new(&test.store);
    let one = town.open(ANA, town.case("Fuga")).await;
    let mut other = town.case("Bache");
    "20570".clone_into(&mut other.municipality);
    town.open(BEA, other).await;
    let second = town.open(BEA, town.case("Otra fuga")).await;
    let (_, reply) = town.reply(town.contact(ANA).await, "Vamos", false);
    town.act(officer(1), one, reply).await.expect("answered");
    let closed = Act::SetState {
        to: CaseState::Resolved,
        with: Box::new(Closing { reason: Some("ya".to_owned()), ..Closing::default() }),
    };
    town.act(officer(1), one, closed).await.expect("closed");
    let day = async |within: &Within, from: i64, now: i64| {
        let (from, until) = (START.plus(from), START.plus(from + DAY));
        let found = test.store.report_day(within, from, until, START.plus(now)).await.expect("a report");
        let figures =
            |it: &cabildo_bot::store::desk::day::Day| (it.received, it.answered, it.closed, it.overdue);
        found.iter().map(|it| (it.municipality.clone(), figures(it))).collect::<Vec<_>>()
    };
    let tlapa = (TLAPA.to_owned(), (2, 1, 1, 0));
    let everywhere = day(&Within::country(), 0, 0).await;
    assert_eq!(everywhere, [tlapa.clone(), ("20570".to_owned(), (1, 0, 0, 0))]);
    assert_eq!(day(&Within::municipality(TLAPA), 0, 0).await, std::slice::from_ref(&tlapa));
    // A state is the beginning of the keys of its municipalities.
    assert_eq!(day(&Within::municipality("12"), 0, 0).await, [tlapa]);
    assert!(day(&Within::country(), DAY, 0).await.is_empty(), "another day");
    // What is overdue is so now, whatever day is asked for.
    town.pass(30);
    for timer in test.store.list_case_timers(town.now, 9).await.expect("timers") {
        test.store.ring_case_timer(&timer, None, town.now).await.expect("rung");
    }
    let late = day(&Within::municipality(TLAPA), 5 * DAY, 30 * HOUR).await;
    assert_eq!(late, [(TLAPA.to_owned(), (0, 0, 0, 1))], "{second}");
});

both!(feedback_is_read_in_order_and_decided_once, |test| {
    let mut town = Town::new(&test.store);
    for (number, text) in ["botes", "otra cosa", "botes"].into_iter().enumerate() {
        let piece = Change::Feedback {
            kind: FeedbackKind::Suggestion,
            municipality: TLAPA.to_owned(),
            text: text.to_owned(),
        };
        town.pass(1);
        town.write(&format!("+52551111100{number}"), vec![piece]).await.expect("kept");
    }
    let store = &test.store;
    let list = async |state, within: &Within, after, limit| {
        store.list_feedback(state, within, Page { after, limit }).await.expect("a list")
    };
    let all = list(Decision::Waiting, &Within::country(), None, 10).await;
    assert_eq!(all.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["botes", "otra cosa", "botes"]);
    assert_eq!(list(Decision::Waiting, &Within::municipality("12"), Some(all[0].id), 1).await, all[1..2]);
    assert!(list(Decision::Waiting, &Within::municipality("20570"), None, 10).await.is_empty());
    assert_eq!(store.find_feedback(all[1].id).await, Ok(Some(all[1].clone())));
    assert_eq!(store.find_feedback(id(1)).await, Ok(None));
    let same = store.list_same_feedback(all[0].id, 10).await.expect("a list");
    assert_eq!(same, [(all[2].id, 1)], "of the same words");

    let decide = |id, version| Decide {
        id,
        version,
        decision: Decision::Hidden,
        reason: Some("other".to_owned()),
        by: officer(1),
        at: town.now,
    };
    // One that somebody else decided meanwhile is left as it is.
    let act = DeskAct::Feedback(vec![decide(all[0].id, 1), decide(all[2].id, 1), decide(all[1].id, 9)], None);
    let done = store.act_on_desk(act, write(&town, "feedback_decided", "a")).await.expect("decided");
    let Done::Feedback(piece, others) = done else { panic!("{done:?}") };
    assert_eq!(
        (piece.state.as_str(), piece.version, piece.decided_by, others),
        ("hidden", 2, Some(officer(1)), 1)
    );
    assert_eq!(list(Decision::Hidden, &Within::country(), None, 10).await.len(), 2);
    assert_eq!(list(Decision::Waiting, &Within::country(), None, 10).await, all[1..2]);
    let late = DeskAct::Feedback(vec![decide(all[0].id, 1)], None);
    assert_eq!(store.act_on_desk(late, write(&town, "feedback_decided", "b")).await, Err(Error::Conflict));
    let absent = DeskAct::Feedback(vec![decide(id(1), 1)], None);
    assert_eq!(store.act_on_desk(absent, write(&town, "feedback_decided", "c")).await, Err(Error::NotFound));
    assert_eq!(named(&town, "feedback_decided").await, 1);
});

both!(acts_on_the_desk_are_one_with_their_trail_and_their_answer, |test| {
    let town = Town::new(&test.store);
    let store = &test.store;
    let put = |version| {
        DeskAct::Put(Put {
            id: id(1),
            kind: Kind::Office,
            municipality: TLAPA.to_owned(),
            owner_id: Uuid::nil(),
            code: "water".to_owned(),
            body: "{}".to_owned(),
            by: officer(1),
            version,
            at: town.now,
        })
    };
    let before = store.get_last_event().await.expect("a number");
    let done = store.act_on_desk(put(0), write(&town, "office_written", "a")).await.expect("written");
    let Done::Entry(entry) = done else { panic!("{done:?}") };
    assert_eq!(entry.version, 1);
    assert_eq!(store.get_last_event().await, Ok(before + 1), "it is told once");
    assert_eq!(store.act_on_desk(put(0), write(&town, "office_written", "b")).await, Err(Error::Conflict));
    // A repeat that was not found before it came: the answer is there, so nothing is written.
    assert_eq!(store.act_on_desk(put(1), write(&town, "office_written", "a")).await, Err(Error::Conflict));
    assert_eq!((named(&town, "office_written").await, store.get_last_event().await), (1, Ok(before + 1)));
    let remove = |version| DeskAct::Remove { kind: Kind::Office, id: entry.id, version };
    assert_eq!(store.act_on_desk(remove(9), write(&town, "office_removed", "c")).await, Err(Error::Conflict));
    assert_eq!(store.act_on_desk(remove(1), write(&town, "office_removed", "d")).await, Ok(Done::Removed));

    // Messages of staff: taken back while held; sent again; said to have arrived.
    town.open(ANA, town.case("Fuga")).await;
    let contact = town.contact(ANA).await;
    let mut lines = Vec::new();
    for number in [700, 701, 702] {
        let message = town.outbound(contact, "hola");
        lines.push(message.id);
        store.add_held(*send(&town, number, None, message)).await.expect("held");
    }
    let back = |number| DeskAct::TakeBack { id: id(number) };
    let taken = store.act_on_desk(back(700), write(&town, "send_taken_back", "e")).await;
    assert!(matches!(taken, Ok(Done::TakenBack(_))), "{taken:?}");
    assert_eq!(store.act_on_desk(back(700), write(&town, "send_taken_back", "f")).await, Ok(Done::NotNow));
    assert_eq!(
        store.act_on_desk(back(799), write(&town, "send_taken_back", "g")).await,
        Err(Error::NotFound)
    );
    // What was asked waits again when the question is taken back, unless somebody decided since.
    let piece = Change::Feedback {
        kind: FeedbackKind::Praise,
        municipality: TLAPA.to_owned(),
        text: "gracias".to_owned(),
    };
    town.write(BEA, vec![piece]).await.expect("kept");
    let page = Page { after: None, limit: 9 };
    let piece =
        store.list_feedback(Decision::Waiting, &Within::country(), page).await.expect("a list").remove(0);
    for (number, key, decided_since) in [(710, "l", false), (711, "m", true)] {
        let piece = store.find_feedback(piece.id).await.expect("a store").expect("a piece");
        let decide = |version, decision| Decide {
            id: piece.id,
            version,
            decision,
            reason: None,
            by: officer(1),
            at: town.now,
        };
        let mut question = send(&town, number, None, town.outbound(contact, "¿dónde?"));
        question.undo = json!({ "feedback": piece.id.to_string() }).to_string();
        question.version = piece.version + 1;
        let ask = DeskAct::Feedback(vec![decide(piece.version, Decision::Asked)], Some(question));
        store.act_on_desk(ask, write(&town, "feedback_decided", key)).await.expect("asked");
        if decided_since {
            let shown = DeskAct::Feedback(vec![decide(piece.version + 1, Decision::Shown)], None);
            store.act_on_desk(shown, write(&town, "feedback_decided", "n")).await.expect("shown");
        }
        let taken = store.act_on_desk(back(number), write(&town, "send_taken_back", &key.repeat(2))).await;
        assert!(matches!(taken, Ok(Done::TakenBack(_))), "{taken:?}");
        let now = store.find_feedback(piece.id).await.expect("a store").expect("a piece");
        assert_eq!(now.state, if decided_since { "shown" } else { "waiting" });
    }
    for (line, state) in [(lines[1], "failed"), (lines[2], "unknown")] {
        let hex = line.simple();
        let column = match test.location {
            cabildo_bot::store::Location::Postgres(_) => format!("'{line}'"),
            _ => format!("X'{hex}'"),
        };
        let sql = format!("UPDATE outbox SET state = '{state}' WHERE id = {column} RETURNING state");
        assert_eq!(test.texts(&sql).await, [state]);
    }
    let resend = |id| DeskAct::Resend { id, through: None };
    let sent = store.act_on_desk(resend(lines[1]), write(&town, "message_retried", "h")).await;
    let Ok(Done::Line(line)) = sent else { panic!("{sent:?}") };
    assert_eq!(line.state, "queued");
    assert_eq!(
        store.act_on_desk(resend(lines[1]), write(&town, "message_retried", "i")).await,
        Ok(Done::NotNow),
        "it goes already"
    );
    let settle = |id| DeskAct::Settle { id, arrived: true };
    let settled = store.act_on_desk(settle(lines[2]), write(&town, "message_settled", "j")).await;
    let Ok(Done::Line(line)) = settled else { panic!("{settled:?}") };
    assert_eq!(line.state, "delivered");
    assert_eq!(
        store.act_on_desk(settle(lines[2]), write(&town, "message_settled", "k")).await,
        Ok(Done::NotNow)
    );
    assert_eq!(named(&town, "message_settled").await, 1, "what did not happen is not in the trail");
});

both!(the_demos_replies_are_there_once_and_fit_a_message, |test| {
    use cabildo_bot::channels::sms::segments;
    use cabildo_bot::domain::placeholders;
    use cabildo_bot::seed::write_replies;
    let store = &test.store;
    let by = Uuid::from_u128(1);
    let write = || write_replies(store, "12066", by, START);
    assert_eq!(write().await, Ok(2));
    assert_eq!(write().await, Ok(0), "none in the place of one that is there");
    let found = store.list_entries_of(Kind::Canned, "12066").await.expect("read");
    assert_eq!(found.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["a", "d"]);
    for entry in found {
        let body: serde_json::Value = serde_json::from_str(&entry.body).expect("a document");
        assert!(body["title"].as_str().is_some_and(|it| !it.is_empty()), "{body}");
        for language in ["es-MX", "en"] {
            let text = body["texts"][language].as_str().expect("a text");
            placeholders::names(text).expect("known place-holders");
            assert_eq!(segments::segment(&segments::transliterate(text)).segments, 1, "{text}");
        }
    }
});
