//! The service on both engines: accepted and answered once, in order, across restarts.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use cabildo_bot::channels::gateway::{Gateway, OutboundMessage, SendError};
use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::clock::Clock;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::time::{DAY, MINUTE};
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::engine::{self, Effect};
use cabildo_bot::jobs;
use cabildo_bot::jobs::sending::ChannelRules;
use cabildo_bot::service::{NewInbound, Service, Worked};
use cabildo_bot::store::Store;
use cabildo_bot::store::inbox::{Change, Outcome};
use cabildo_bot::store::outbox::NewReply;
use cabildo_tests::stores::{START, inbound};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

fn facts() -> Arc<Facts> {
    static FACTS: OnceLock<Arc<Facts>> = OnceLock::new();
    Arc::clone(FACTS.get_or_init(|| Arc::new(cabildo_bot::embedded::facts().expect("the embedded pack"))))
}

/// A dialogue that shows what went through it: `dos` gives two replies, `nada` none, others echo.
fn echo(conversation: &Conversation, message: &engine::Inbound, _facts: &Facts, _: &str) -> Worked {
    let text = message.text.as_str();
    let reply = |text: &str| Rendered {
        kind: ReplyKind::Answer,
        text: text.to_owned(),
        municipality: None,
        choices: vec![],
        edit: false,
        segments: 1,
        picture: None,
    };
    assert!(text != "poison", "this message can't be handled");
    let (replies, effects) = match text {
        "dos" => (vec![reply("dos 1"), reply("dos 2")], vec![Effect::Notice { version: 7 }]),
        "nada" => (vec![], vec![Effect::Unknown]),
        "baja" => (vec![reply("baja")], vec![Effect::OptOut]),
        other => (vec![reply(other)], vec![]),
    };
    Worked { next: conversation.clone(), replies, effects }
}

fn scripted(answers: Vec<Result<Option<String>, SendError>>) -> Gateway {
    Gateway::Scripted {
        sent: Mutex::default(),
        answers: Mutex::new(VecDeque::from(answers)),
        listed: Mutex::default(),
    }
}

fn service_with(store: &Store, answers: Vec<Result<Option<String>, SendError>>) -> Service {
    let gateways = HashMap::from([("kannel".to_owned(), scripted(answers))]);
    let mut service = Service::new(store.clone(), facts(), Clock::fixed(START), gateways);
    service.dialogue = echo;
    // Writing down where a message made it panic may take seconds in a test's binary.
    service.limits.durable_within = Duration::from_mins(1);
    service
}

fn service(store: &Store) -> Arc<Service> {
    Arc::new(service_with(store, Vec::new()))
}

fn messages(service: &Service) -> Vec<OutboundMessage> {
    let Gateway::Scripted { sent, .. } = &service.gateways["kannel"] else { panic!("a scripted gateway") };
    sent.lock().expect("not poisoned").clone()
}

/// What was sent to an address, in order.
fn sent_to(service: &Service, address: &str) -> Vec<String> {
    messages(service).into_iter().filter(|it| it.address == address).map(|it| it.text).collect()
}

fn states(counts: &[(String, i64)]) -> Vec<(&str, i64)> {
    counts.iter().map(|(state, count)| (state.as_str(), *count)).collect()
}

async fn outbox(service: &Service) -> Vec<(String, i64)> {
    service.store.count_outbound().await.expect("states")
}

both!(an_accepted_message_is_answered_once_however_often_it_comes, |test| {
    let service = service(&test.store);
    for round in 0..3 {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let service = Arc::clone(&service);
            tasks.spawn(async move { service.accept(inbound("+5255", "same", "hola")).await });
        }
        let fresh = tasks.join_all().await.into_iter().filter(|it| it.as_ref().expect("kept").fresh).count();
        assert_eq!(fresh, usize::from(round == 0));
        jobs::process_all_jobs(&service).await.expect("processed");
        service.clock.advance(30 * DAY);
    }
    assert_eq!(sent_to(&service, "+5255"), ["hola"]);
    assert_eq!(states(&outbox(&service).await), [("accepted", 1)]);
});

both!(answers_stop_at_the_days_money_and_intake_goes_on, |test| {
    let mut service = service_with(&test.store, Vec::new());
    let rules = ChannelRules { segment_price: 300, ..ChannelRules::default() };
    service.sending.rules.insert("kannel".to_owned(), rules);
    service.sending.limits.money_per_day = 1_000;
    let service = Arc::new(service);
    let mut said = Vec::new();
    for (number, text) in ["uno", "dos", "tres", "cuatro"].into_iter().enumerate() {
        // `dos` has two replies.
        let answer = service.answer(inbound("+5255", &number.to_string(), text)).await.expect("kept");
        service.answer_written(&answer).await.expect("noted");
        said.push(answer.replies.len());
    }
    assert_eq!(said, [1, 2, 0, 0]);
    assert_eq!(service.store.count_inbound("handled").await, Ok(4));
    let day = service.sending.caps(&facts(), START).day;
    assert_eq!(service.store.used_budget("money", day).await, Ok(900));
    // A repeat is not charged again.
    service.answer(inbound("+5255", "1", "dos")).await.expect("kept");
    assert_eq!(service.store.used_budget("money", day).await, Ok(900));
    // The next day has its own money, once the keeper has looked.
    service.clock.advance(DAY);
    jobs::process_all_jobs(&service).await.expect("processed");
    let answer = service.answer(inbound("+5255", "next", "uno")).await.expect("kept");
    assert_eq!(answer.replies.len(), 1);
    assert_eq!(service.store.used_budget("money", day + 1).await, Ok(300));
});

both!(two_contacts_interleaved_each_keep_their_order, |test| {
    let service = service(&test.store);
    for number in 0..20 {
        for address in ["+5251", "+5252"] {
            let id = format!("{address}-{number}");
            service.accept(inbound(address, &id, &format!("{address} {number}"))).await.expect("kept");
        }
    }
    jobs::process_all_jobs(&service).await.expect("processed");
    for address in ["+5251", "+5252"] {
        let expected: Vec<String> = (0..20).map(|number| format!("{address} {number}")).collect();
        assert_eq!(sent_to(&service, address), expected);
        let contact = service.store.find_contact("kannel", address).await.expect("found").expect("a contact");
        assert_eq!(service.store.find_conversation(contact).await.expect("stored").version, 20);
    }
});

both!(two_processes_answer_each_message_once, |test| {
    let other_store = Store::open(&test.location, &test.key_file(), START).await.expect("a second store");
    let (one, other) = (service(&test.store), service(&other_store));
    for number in 0..30 {
        let address = format!("+525{}", number % 5);
        one.accept(inbound(&address, &number.to_string(), &number.to_string())).await.expect("kept");
    }
    // A conflict that outlasts its tries is left for the next round.
    let drain = async |service: &Arc<Service>| while jobs::process_all_jobs(service).await.is_err() {};
    tokio::join!(drain(&one), drain(&other));
    let mut all: Vec<u32> = messages(&one)
        .into_iter()
        .chain(messages(&other))
        .map(|it| it.text.parse().expect("a number"))
        .collect();
    all.sort_unstable();
    assert_eq!(all, (0..30).collect::<Vec<u32>>());
    other_store.close().await;
});

both!(poison_is_parked_and_holds_up_nobody, |test| {
    let service = service(&test.store);
    for (id, (address, text)) in
        [("+5251", "poison"), ("+5251", "after"), ("+5252", "hola"), ("+5253", "poison")].iter().enumerate()
    {
        service.accept(inbound(address, &id.to_string(), text)).await.expect("kept");
    }
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(sent_to(&service, "+5251"), ["after"]);
    assert_eq!(sent_to(&service, "+5252"), ["hola"]);
    assert_eq!(service.store.count_inbound("parked").await, Ok(2));
    assert_eq!(service.store.count_inbound("handled").await, Ok(2));
    assert_eq!(service.store.count_inbound("received").await, Ok(0));
});

both!(poison_in_the_answer_is_kept_and_answered_with_nothing, |test| {
    let service = service(&test.store);
    let answer = service.answer(inbound("+5251", "a", "poison")).await.expect("kept");
    assert!(answer.fresh && answer.replies.is_empty());
    assert_eq!(service.store.count_inbound("received").await, Ok(1));
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(service.store.count_inbound("parked").await, Ok(1));
});

both!(a_process_may_stop_between_any_two_steps, |mut test| {
    // How far the first process gets: accepted, handled, claimed, dispatched.
    for (round, step) in ["accepted", "handled", "claimed", "dispatched"].into_iter().enumerate() {
        let address = format!("+525{round}");
        let first = service(&test.store);
        let accepted = first.accept(inbound(&address, step, step)).await.expect("kept");
        if step != "accepted" {
            let contact =
                test.store.find_contact("kannel", &address).await.expect("found").expect("a contact");
            let rendered = Rendered {
                kind: ReplyKind::Answer,
                text: step.to_owned(),
                municipality: None,
                choices: vec![],
                edit: false,
                segments: 1,
                picture: None,
            };
            let outcome = Outcome {
                state: "{}".to_owned(),
                version: 0,
                changes: vec![],
                replies: vec![NewReply { id: Uuid::from_u128(round as u128), rendered }],
                at: START,
                counters: None,
                folded_into: None,
            };
            assert_eq!(test.store.handle_inbound(accepted.inbox_id, contact, outcome).await, Ok(true));
        }
        if step == "claimed" || step == "dispatched" {
            let claimed = test.store.claim_outbound("kannel", START, 10).await.expect("claimed");
            assert_eq!(claimed.len(), 1);
            if step == "dispatched" {
                let id = claimed[0].id;
                assert_eq!(test.store.dispatch_outbound(id, 1, START).await, Ok(true));
            }
        }
        drop(first);
        test.reopen().await;

        let second = service(&test.store);
        jobs::process_all_jobs(&second).await.expect("processed");
        second.clock.advance(2 * MINUTE);
        jobs::process_all_jobs(&second).await.expect("processed");
        // Dispatched: the gateway may have it, so it is not sent again blindly.
        let expected: &[&str] = if step == "dispatched" { &[] } else { &[step] };
        assert_eq!(sent_to(&second, &address), expected);
    }
    assert_eq!(test.store.count_inbound("handled").await, Ok(4));
    let counts = test.store.count_outbound().await.expect("states");
    assert_eq!(states(&counts), [("accepted", 3), ("unknown", 1)]);
});

both!(a_gateway_that_never_answers_leaves_the_message_unknown, |test| {
    let service = Arc::new(service_with(&test.store, vec![Err(SendError::Unknown)]));
    service.accept(inbound("+5251", "a", "uno")).await.expect("kept");
    jobs::process_all_jobs(&service).await.expect("processed");
    service.clock.advance(DAY);
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(messages(&service).len(), 1);
    assert_eq!(states(&outbox(&service).await), [("unknown", 1)]);
});

both!(a_gateway_that_is_busy_gets_the_message_again_by_the_schedule, |test| {
    let busy = || Err(SendError::Retry { reason: "busy".to_owned(), after_ms: None });
    let service = Arc::new(service_with(&test.store, (0..3).map(|_| busy()).collect()));
    service.accept(inbound("+5251", "a", "hola")).await.expect("kept");
    jobs::process_all_jobs(&service).await.expect("processed");
    let mut attempts = vec![messages(&service).len()];
    for minutes in [1, 3, 13] {
        service.clock.advance(minutes * MINUTE);
        jobs::process_all_jobs(&service).await.expect("processed");
        attempts.push(messages(&service).len());
    }
    assert_eq!(attempts, [1, 2, 3, 4]);
    // One id through all attempts: the gateway may use it to recognise a repeat.
    assert!(messages(&service).iter().all(|it| it.id == messages(&service)[0].id));
    assert_eq!(states(&outbox(&service).await), [("accepted", 1)]);
});

both!(after_the_last_repeat_a_message_has_failed, |test| {
    let busy = || Err(SendError::Retry { reason: "busy".to_owned(), after_ms: None });
    let service = Arc::new(service_with(&test.store, (0..9).map(|_| busy()).collect()));
    service.accept(inbound("+5251", "a", "hola")).await.expect("kept");
    for minutes in [0, 1, 3, 13, 73, 440, 1_000] {
        service.clock.advance(minutes * MINUTE);
        jobs::process_all_jobs(&service).await.expect("processed");
    }
    assert_eq!(messages(&service).len(), 6);
    assert_eq!(states(&outbox(&service).await), [("failed", 1)]);
});

both!(a_person_who_left_is_marked_and_gets_nothing_more, |test| {
    let service = Arc::new(service_with(&test.store, vec![Err(SendError::Gone)]));
    service.accept(inbound("+5251", "a", "dos")).await.expect("kept");
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(messages(&service).len(), 1);
    assert_eq!(states(&outbox(&service).await), [("cancelled", 1), ("failed", 1)]);
});

both!(a_channel_without_a_gateway_fails_its_replies, |test| {
    let mut service = service_with(&test.store, vec![]);
    service.gateways.clear();
    let service = Arc::new(service);
    service.accept(inbound("+5251", "a", "hola")).await.expect("kept");
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(states(&outbox(&service).await), [("failed", 1)]);
});

both!(an_answer_comes_again_until_it_was_written, |mut test| {
    let first = service(&test.store);
    let new = || inbound("+5251", "a", "dos");
    let answer = first.answer(new()).await.expect("answered");
    let texts: Vec<&str> = answer.replies.iter().map(|it| it.rendered.text.as_str()).collect();
    assert!(answer.fresh);
    assert_eq!(texts, ["dos 1", "dos 2"]);
    drop(first);
    test.reopen().await;
    let service = service(&test.store);
    for _ in 0..2 {
        let again = service.answer(new()).await.expect("answered");
        assert!(!again.fresh);
        assert_eq!((again.inbox_id, &again.replies), (answer.inbox_id, &answer.replies));
    }
    service.answer_written(&answer).await.expect("noted");
    let later = service.answer(new()).await.expect("answered");
    assert!(!later.fresh && later.replies.is_empty());
    jobs::process_all_jobs(&service).await.expect("processed");
    assert!(messages(&service).is_empty());
    assert_eq!(states(&outbox(&service).await), [("accepted", 2)]);
    let contact = service.store.find_contact("kannel", "+5251").await.expect("found").expect("a contact");
    assert_eq!(service.store.get_contact(contact).await.expect("contact").noticed_version, Some(7));
    assert_eq!(service.store.find_conversation(contact).await.expect("stored").version, 1);
});

both!(what_does_not_fit_the_answer_is_pushed, |test| {
    let service = service(&test.store);
    let answer = service.answer(inbound("+5251", "a", "dos")).await.expect("answered");
    service.answer_written_in_part(&answer, 1).await.expect("noted");
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(sent_to(&service, "+5251"), ["dos 2"]);
    assert_eq!(states(&outbox(&service).await), [("accepted", 2)]);
});

both!(an_answer_that_took_too_long_is_empty_and_pushed, |test| {
    let mut slow = service_with(&test.store, vec![]);
    slow.limits.answer_within = Duration::ZERO;
    let slow = Arc::new(slow);
    let answer = slow.answer(inbound("+5251", "a", "hola")).await.expect("kept");
    assert!(answer.fresh && answer.replies.is_empty());
    assert!(slow.answer(inbound("+5251", "a", "hola")).await.expect("kept").replies.is_empty());
    jobs::process_all_jobs(&slow).await.expect("processed");
    assert_eq!(sent_to(&slow, "+5251"), ["hola"]);
});

both!(fifty_answers_at_once_are_one_message, |test| {
    let service = service(&test.store);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let service = Arc::clone(&service);
        tasks.spawn(async move { service.answer(inbound("+5251", "same", "hola")).await.expect("answered") });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|it| it.fresh).count(), 1);
    // Each delivery may be the one whose answer is read: all say the same.
    assert!(answers.iter().all(|it| it.replies == answers[0].replies && it.replies.len() == 1));
    assert_eq!(states(&outbox(&service).await), [("dispatched", 1)]);
});

both!(messages_of_one_contact_at_once_are_all_answered, |test| {
    let service = service(&test.store);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12 {
        let service = Arc::clone(&service);
        let text = number.to_string();
        tasks.spawn(async move { service.answer(inbound("+5251", &text, &text)).await.expect("kept") });
    }
    let answered = tasks.join_all().await.iter().map(|it| it.replies.len()).sum::<usize>();
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(answered + messages(&service).len(), 12);
    assert_eq!(service.store.count_inbound("handled").await, Ok(12));
});

both!(a_conversation_that_can_not_be_read_is_begun_afresh, |test| {
    let service = service(&test.store);
    service.accept(inbound("+5251", "a", "uno")).await.expect("kept");
    let pending = test.store.list_pending(1).await.expect("pending");
    let outcome = Outcome {
        state: "no JSON".to_owned(),
        version: 0,
        changes: vec![],
        replies: vec![],
        at: START,
        counters: None,
        folded_into: None,
    };
    test.store.handle_inbound(pending[0].id, pending[0].contact_id, outcome).await.expect("handled");
    service.accept(inbound("+5251", "b", "otra")).await.expect("kept");
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(sent_to(&service, "+5251"), ["otra"]);
    let events = test.store.list_events(0, 9).await.expect("events");
    assert!(events.iter().any(|it| it.kind == "conversation_reset"));
});

/// A dialogue that tells what it was given of the contact's wishes.
fn wishes(conversation: &Conversation, _: &engine::Inbound, _: &Facts, _: &str) -> Worked {
    let text = format!("stopped {}, notice {}", conversation.stopped, conversation.notice);
    let rendered = Rendered {
        kind: ReplyKind::Answer,
        text,
        municipality: None,
        choices: vec![],
        edit: false,
        segments: 1,
        picture: None,
    };
    Worked { next: conversation.clone(), replies: vec![rendered], effects: vec![] }
}

both!(a_conversation_begun_afresh_keeps_what_the_contact_wished, |test| {
    let mut service = service_with(&test.store, vec![]);
    service.dialogue = wishes;
    let service = Arc::new(service);
    service.accept(inbound("+5251", "a", "baja")).await.expect("kept");
    let pending = test.store.list_pending(1).await.expect("pending");
    let changes = vec![Change::Stopped, Change::Noticed(7)];
    let outcome = Outcome {
        state: "no JSON".to_owned(),
        version: 0,
        changes,
        replies: vec![],
        at: START,
        counters: None,
        folded_into: None,
    };
    test.store.handle_inbound(pending[0].id, pending[0].contact_id, outcome).await.expect("handled");
    service.accept(inbound("+5251", "b", "alta")).await.expect("kept");
    jobs::process_all_jobs(&service).await.expect("processed");
    // Else a start word would say that nothing was stopped, and the contact would stay stopped.
    assert_eq!(sent_to(&service, "+5251"), ["stopped true, notice 7"]);
});

both!(messages_at_once_are_all_answered_where_nothing_can_be_pushed, |test| {
    let mut service = Service::new(test.store.clone(), facts(), Clock::fixed(START), HashMap::new());
    service.dialogue = echo;
    let service = Arc::new(service);
    let mut tasks = tokio::task::JoinSet::new();
    // No more than a person may write in a minute: the others would be folded.
    for number in 0..30 {
        let service = Arc::clone(&service);
        let text = number.to_string();
        tasks.spawn(async move { service.answer(inbound("+5251", &text, &text)).await });
    }
    // One that was not kept is repeated by its gateway; one that was kept has its answer.
    for answer in tasks.join_all().await.into_iter().flatten() {
        assert_eq!(answer.replies.len(), 1);
    }
    assert_eq!(service.store.count_inbound("received").await, Ok(0));
});

both!(the_runner_drains_before_it_ends, |test| {
    let service = service(&test.store);
    let shutdown = CancellationToken::new();
    let runner = tokio::spawn(jobs::run(Arc::clone(&service), shutdown.clone()));
    for number in 0..10 {
        let id = number.to_string();
        service.accept(inbound(&format!("+525{number}"), &id, "hola")).await.expect("kept");
    }
    shutdown.cancel();
    runner.await.expect("ended");
    assert_eq!(messages(&service).len(), 10);
    assert_eq!(states(&outbox(&service).await), [("accepted", 10)]);
});

both!(effects_reach_the_contact, |test| {
    let service = service(&test.store);
    service.accept(inbound("+5251", "a", "baja")).await.expect("kept");
    service.accept(inbound("+5251", "b", "nada")).await.expect("kept");
    jobs::process_all_jobs(&service).await.expect("processed");
    let contact = service.store.find_contact("kannel", "+5251").await.expect("found").expect("a contact");
    assert_eq!(service.store.get_contact(contact).await.expect("contact").stopped_at, Some(START));
    let kinds: Vec<String> =
        test.store.list_events(0, 9).await.expect("events").into_iter().map(|it| it.kind).collect();
    assert_eq!(kinds, ["message_handled", "contact_stopped", "message_handled", "text_not_understood"]);
});

#[test]
fn nothing_of_a_message_is_shown_by_debug() {
    let new: NewInbound = inbound("+525512345678", "id", "me van a matar");
    let shown = format!("{new:?}");
    assert!(!shown.contains("5512345678") && !shown.contains("matar"), "{shown}");
}

/// A dialogue that is slow on a text that it hears for the first time.
fn slow_once(conversation: &Conversation, message: &engine::Inbound, facts: &Facts, name: &str) -> Worked {
    static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let first = {
        let mut heard = HEARD.lock().expect("not poisoned");
        let first = !heard.contains(&message.text);
        heard.push(message.text.clone());
        first
    };
    if first {
        std::thread::sleep(Duration::from_millis(100));
    }
    echo(conversation, message, facts, name)
}

both!(a_repeat_during_a_slow_first_answer_is_not_answered_twice, |test| {
    let mut slow = service_with(&test.store, vec![]);
    slow.dialogue = slow_once;
    slow.limits.answer_within = Duration::from_millis(50);
    let slow = Arc::new(slow);
    // The dialogue is one for both engines.
    let text = format!("{:?}", test.store.engine());
    let (first, repeat) =
        tokio::join!(slow.answer(inbound("+5251", "a", &text)), slow.answer(inbound("+5251", "a", &text)));
    let said = first.expect("kept").replies.len() + repeat.expect("kept").replies.len();
    jobs::process_all_jobs(&slow).await.expect("processed");
    assert_eq!(said + messages(&slow).len(), 1);
});

both!(an_answer_that_was_not_taken_is_pushed_once, |test| {
    let service = service(&test.store);
    let ended = async |answer, taken| {
        let tasks = TaskTracker::new();
        Arc::clone(&service).answer_ended(answer, 1, taken, &tasks);
        tasks.close();
        tasks.wait().await;
    };
    let new = || inbound("+5251", "a", "hola");
    let first = service.answer(new()).await.expect("answered");
    let second = service.answer(new()).await.expect("answered");
    assert_eq!((first.replies.len(), second.replies.len()), (1, 1));
    // While the same body is on its way on another connection, nothing else is done.
    ended(first, false).await;
    jobs::process_all_jobs(&service).await.expect("processed");
    assert!(messages(&service).is_empty());
    ended(second, false).await;
    assert!(service.answer(new()).await.expect("answered").replies.is_empty());
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(sent_to(&service, "+5251"), ["hola"]);

    let other = service.answer(inbound("+5251", "b", "otra")).await.expect("answered");
    ended(other, true).await;
    // The note of it goes before the repeat.
    assert!(service.answer(inbound("+5251", "b", "otra")).await.expect("answered").replies.is_empty());
    jobs::process_all_jobs(&service).await.expect("processed");
    assert_eq!(messages(&service).len(), 1);
});
