//! Acts and what takes them back, without a service.

use super::*;
use crate::event::Effect;
use crate::tests::{ME, answer_row, row, shared};

fn asked(shared: &mut Shared) -> Vec<(Act, i64)> {
    let effects = shared.take_effects();
    let acts = effects.into_iter().filter_map(|it| match it {
        Effect::Ask(_, Ask::Act { act, version, .. }) => Some((act, version)),
        _ => None,
    });
    acts.collect()
}

fn keys(shared: &mut Shared) -> Vec<(Uuid, i64)> {
    let effects = shared.take_effects();
    let keys = effects.into_iter().filter_map(|it| match it {
        Effect::Ask(_, Ask::Act { key, version, .. }) => Some((key, version)),
        _ => None,
    });
    keys.collect()
}

fn reply(text: &str) -> Act {
    Act::Reply { text: SafeText::typed(text), language: None }
}

#[test]
fn an_act_is_shown_at_once_and_taken_back_when_it_is_refused() {
    let mut shared = shared();
    let case = row(1);
    shared.rows.insert(case.id, case.clone());
    start(&mut shared, case.id, SafeText::own("take"), vec![Act::Priority(Code::new("high"))]);
    assert_eq!(shared.rows[&case.id].priority.as_str(), "high");
    assert!(shared.acts.runs_on(case.id));
    answered(&mut shared, case.id, Err(Failure::new("not_allowed")));
    assert_eq!(shared.rows[&case.id], case);
    assert!(shared.status.as_ref().is_some_and(|it| it.until.is_none()), "it stays until a key");
}

#[test]
fn acts_follow_the_version_and_undo_goes_backwards() {
    let mut shared = shared();
    let case = row(1);
    shared.rows.insert(case.id, case.clone());
    let label = |it: &'static str| Act::Labels { add: vec![SafeText::own(it)], remove: Vec::new() };
    start(&mut shared, case.id, SafeText::own("two"), vec![label("a"), Act::Priority(Code::new("low"))]);
    assert_eq!(asked(&mut shared), [(label("a"), 1)]);
    answered(&mut shared, case.id, Ok(answer_row(&case, 2, |_| {})));
    assert_eq!(asked(&mut shared), [(Act::Priority(Code::new("low")), 2)]);
    let low = |it: &mut Row| it.priority = Code::new("low");
    answered(&mut shared, case.id, Ok(answer_row(&case, 3, low)));
    undo(&mut shared);
    assert_eq!(asked(&mut shared), [(Act::Priority(Code::new("normal")), 3)]);
    answered(&mut shared, case.id, Ok(answer_row(&case, 4, |_| {})));
    let off = Act::Labels { add: Vec::new(), remove: vec![SafeText::own("a")] };
    assert_eq!(asked(&mut shared), [(off, 4)]);
    answered(&mut shared, case.id, Ok(answer_row(&case, 5, |_| {})));
    redo(&mut shared);
    assert_eq!(asked(&mut shared), [(label("a"), 5)]);
}

#[test]
fn without_the_service_an_act_is_refused_with_a_sentence() {
    let mut shared = shared();
    let case = row(1);
    shared.rows.insert(case.id, case.clone());
    shared.link = crate::api::Link::Down { retry: std::time::Duration::from_secs(1) };
    assert!(!start(&mut shared, case.id, SafeText::own("take"), vec![Act::state("in_review")]));
    assert_eq!(asked(&mut shared), []);
    assert_eq!(shared.rows[&case.id], case);
    assert!(shared.status.is_some());
}

#[test]
fn a_conflict_gives_both_sides() {
    let mut shared = shared();
    let case = row(1);
    shared.rows.insert(case.id, case.clone());
    start(&mut shared, case.id, SafeText::own("x"), vec![Act::Priority(Code::new("high"))]);
    let theirs = Row { version: 9, state: Code::new("assigned"), ..case.clone() };
    let failure = Failure { current: Some(Box::new(theirs.clone())), ..Failure::new("version_conflict") };
    let after = answered(&mut shared, case.id, Err(failure));
    let After::Conflict(run, current) = after else { panic!("{after:?}") };
    assert_eq!((run.before, *current), (case.clone(), theirs.clone()));
    assert_eq!(shared.rows[&case.id], theirs);
}

#[test]
fn a_reply_that_may_have_arrived_goes_again_under_the_same_key() {
    let mut shared = shared();
    let case = row(1);
    shared.rows.insert(case.id, case.clone());
    start(&mut shared, case.id, SafeText::own("reply"), vec![reply("hola")]);
    let first = keys(&mut shared);
    let after = answered(&mut shared, case.id, Err(Failure::new("unreachable")));
    assert!(matches!(after, After::Failed(..)));
    // Meanwhile it is seen that the case went on.
    shared.learn([Row { version: 2, ..case.clone() }]);
    start(&mut shared, case.id, SafeText::own("reply"), vec![reply("hola")]);
    assert_eq!(keys(&mut shared), first);
    answered(&mut shared, case.id, Err(Failure::new("unreachable")));
    start(&mut shared, case.id, SafeText::own("reply"), vec![reply("otra cosa")]);
    let other = keys(&mut shared);
    assert!(other[0].0 != first[0].0 && other[0].1 == 2, "other words are another message");
}

#[test]
fn a_message_is_taken_back_while_it_is_held_and_not_later() {
    let mut shared = shared();
    let case = row(1);
    shared.rows.insert(case.id, case.clone());
    let send = Uuid::from_u128(77);
    let held = Held { id: send, until: shared.now + 10_000, recipients: 1, segments: 1 };
    start(&mut shared, case.id, SafeText::own("reply"), vec![reply("hola")]);
    let acted = Acted { send: Some(held), ..answer_row(&case, 2, |_| {}) };
    answered(&mut shared, case.id, Ok(acted.clone()));
    shared.take_effects();
    undo(&mut shared);
    assert_eq!(asked(&mut shared), [(Act::TakeBack(send), 2)]);
    let back = Acted { text: Some(SafeText::own("hola")), ..answer_row(&case, 3, |_| {}) };
    let after = answered(&mut shared, case.id, Ok(back));
    assert!(matches!(after, After::TakenBack(_, text) if text.as_str() == "hola"));

    start(&mut shared, case.id, SafeText::own("reply"), vec![reply("hola")]);
    answered(&mut shared, case.id, Ok(Acted { row: Some(Row { version: 4, ..case.clone() }), ..acted }));
    shared.take_effects();
    // However late it is here: the service says whether it is on its way.
    shared.now += 10_001;
    undo(&mut shared);
    assert_eq!(asked(&mut shared), [(Act::TakeBack(send), 4)]);
    let gone = || Failure { detail: SafeText::own("send_is_gone"), ..Failure::new("state_conflict") };
    let after = answered(&mut shared, case.id, Err(gone()));
    assert!(matches!(after, After::Failed(..)));
    let said = shared.status.take().expect("a sentence").text;
    assert!(said.as_str().contains("on its way"), "{said}");

    // What else the act did is taken back.
    start(&mut shared, case.id, SafeText::own("resolve"), vec![Act::state("resolved")]);
    let server = shared.now + 3_600_000;
    let later = |it: &mut Row| it.updated_at = server;
    let acted = Acted { send: Some(Held { until: server + 9_000, ..held }), ..answer_row(&case, 5, later) };
    answered(&mut shared, case.id, Ok(acted));
    let until = shared.status.as_ref().and_then(|it| it.undo_until);
    assert_eq!(until, Some(shared.now + 9_000), "it counts from now, whatever the clocks say");
    shared.take_effects();
    undo(&mut shared);
    assert_eq!(asked(&mut shared), [(Act::TakeBack(send), 5)]);
    answered(&mut shared, case.id, Err(gone()));
    assert_eq!(asked(&mut shared), [(Act::state("in_review"), 5)]);
    answered(&mut shared, case.id, Ok(answer_row(&case, 6, |_| {})));
    let said = shared.status.take().expect("a sentence").text;
    assert!(said.as_str().contains("taken back") && said.as_str().contains("on its way"), "{said}");
}

#[test]
fn an_undo_before_the_answer_means_that_act_and_no_older_one() {
    let mut shared = shared();
    let (first, second) = (row(1), row(2));
    shared.rows.extend([(first.id, first.clone()), (second.id, second.clone())]);
    let high = || vec![Act::Priority(Code::new("high"))];
    start(&mut shared, first.id, SafeText::own("first"), high());
    answered(&mut shared, first.id, Ok(answer_row(&first, 2, |_| {})));
    start(&mut shared, second.id, SafeText::own("second"), high());
    shared.take_effects();
    undo(&mut shared);
    assert_eq!(asked(&mut shared), [], "it waits");
    answered(&mut shared, second.id, Ok(answer_row(&second, 2, |_| {})));
    assert_eq!(asked(&mut shared), [(Act::Priority(Code::new("normal")), 2)]);
    assert!(shared.acts.runs_on(second.id) && !shared.acts.runs_on(first.id));
    // Where the act is refused there is nothing to take back.
    answered(&mut shared, second.id, Ok(answer_row(&second, 3, |_| {})));
    start(&mut shared, second.id, SafeText::own("third"), high());
    undo(&mut shared);
    shared.take_effects();
    answered(&mut shared, second.id, Err(Failure::new("not_allowed")));
    assert_eq!(asked(&mut shared), []);
}

#[test]
fn a_second_act_waits_for_the_first_and_falls_with_it() {
    let mut shared = shared();
    let case = row(1);
    shared.rows.insert(case.id, case.clone());
    let me = Act::Assign { to: Some(crate::tests::person(ME)), note: None };
    start(&mut shared, case.id, SafeText::own("take"), vec![me.clone()]);
    start(&mut shared, case.id, SafeText::own("high"), vec![Act::Priority(Code::new("high"))]);
    assert_eq!(asked(&mut shared), [(me, 1)]);
    answered(&mut shared, case.id, Ok(answer_row(&case, 2, |_| {})));
    assert_eq!(asked(&mut shared), [(Act::Priority(Code::new("high")), 2)]);
    start(&mut shared, case.id, SafeText::own("low"), vec![Act::Priority(Code::new("low"))]);
    answered(&mut shared, case.id, Err(Failure::new("not_allowed")));
    assert_eq!(asked(&mut shared), []);
    assert!(!shared.acts.runs_on(case.id));
}
