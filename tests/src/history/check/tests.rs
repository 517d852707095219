use super::super::{Attempt, Contact, History, Inbound, Outbound};
use super::*;

const ANA: Uuid = Uuid::from_u128(1);

fn message(number: u64) -> Inbound {
    Inbound {
        id: Uuid::from_u128(100 + u128::from(number)),
        external_id: format!("m-{number}"),
        handled: Some(true),
        folded: false,
        events: 1,
    }
}

fn reply(number: u64, after: u64, state: State, attempt: i64) -> Outbound {
    Outbound {
        id: Uuid::from_u128(200 + u128::from(number)),
        inbox: Some(message(number).id),
        contact: ANA,
        unasked: false,
        state,
        attempt,
        marker: Some(Marker { number, after }),
    }
}

/// Two messages of Ana, both answered.
fn two() -> Snapshot {
    Snapshot {
        inbox: vec![message(1), message(2)],
        outbox: vec![reply(1, 0, State::Accepted, 1), reply(2, 1, State::Dispatched, 1)],
        attempts: vec![Attempt {
            message: reply(2, 1, State::Queued, 1).id,
            number: 1,
            state: State::Dispatched,
        }],
        contacts: vec![Contact { id: ANA, stopped: false, last: Some(2) }],
    }
}

fn sent(number: u64, attempt: i64, taken: bool) -> Seen {
    Seen::Called { message: reply(number, 0, State::Queued, 0).id, attempt: Some(attempt), taken }
}

/// A history without a fault: a snapshot in the middle, a kill, a retry, an end.
fn clean() -> History {
    let mut end = two();
    end.outbox[1].state = State::Delivered;
    end.attempts[0].state = State::Delivered;
    vec![
        Seen::Sent("m-1".into()),
        Seen::Acknowledged("m-1".into()),
        Seen::Body("m-1".into(), Marker { number: 1, after: 0 }),
        Seen::Sent("m-2".into()),
        Seen::Acknowledged("m-2".into()),
        sent(2, 1, true),
        Seen::Database(two()),
        Seen::Killed,
        Seen::Receipt(reply(2, 1, State::Queued, 0).id, 1),
        Seen::Database(end),
    ]
}

/// The clean history with its last snapshot changed.
fn ending(change: impl FnOnce(&mut Snapshot)) -> History {
    let mut history = clean();
    let Some(Seen::Database(last)) = history.last_mut() else { panic!("it ends with a snapshot") };
    change(last);
    history
}

#[test]
fn a_clean_history_passes() {
    assert_eq!(check(&clean()), []);
    assert_eq!(recorded_doubles(&clean()), 0);
}

#[test]
fn a_planted_loss_is_found() {
    let mut history = clean();
    history.insert(3, Seen::Acknowledged("m-9".into()));
    assert_eq!(check(&history), [Violation::Lost("m-9".into())]);
    // Nothing was kept at all.
    let nothing = vec![Seen::Acknowledged("m-1".into())];
    assert_eq!(check(&nothing), [Violation::Lost("m-1".into())]);
    // A row that was there once.
    let history = ending(|it| {
        it.inbox.pop();
        it.outbox.pop();
        it.attempts.clear();
        it.contacts[0].last = Some(1);
    });
    let found = check(&history);
    assert!(found.contains(&Violation::Vanished(message(2).id)), "{found:?}");
    assert!(found.contains(&Violation::Lost("m-2".into())), "{found:?}");
}

#[test]
fn a_planted_double_effect_is_found() {
    // Two rows of one message.
    let history = ending(|it| it.inbox.push(Inbound { id: Uuid::from_u128(999), ..message(1) }));
    assert_eq!(check(&history), [Violation::TwoRows("m-1".into())]);
    // Two replies to one message.
    let history = ending(|it| {
        it.outbox.push(Outbound { id: Uuid::from_u128(998), ..reply(2, 1, State::Queued, 0) });
    });
    assert_eq!(check(&history), [Violation::TwoEffects(2)]);
    // Two events of one message, or none.
    for events in [0, 2] {
        let history = ending(|it| it.inbox[0].events = events);
        assert_eq!(check(&history), [Violation::Events("m-1".into(), events)]);
    }
    // Two messages on one state: the step of one is lost.
    let history = ending(|it| it.outbox[1].marker = Some(Marker { number: 2, after: 0 }));
    assert!(check(&history).contains(&Violation::Forked(Marker { number: 2, after: 0 })));
}

#[test]
fn a_planted_double_send_is_found() {
    let mut history = clean();
    history.insert(6, sent(2, 1, true));
    let found = check(&history);
    let id = reply(2, 1, State::Queued, 0).id;
    assert_eq!(found, [Violation::AttemptTwice(id, 1), Violation::SentTwice(id, 2)]);
    // Of another attempt that the database does not know.
    let mut history = clean();
    history.insert(6, sent(2, 2, true));
    assert_eq!(check(&history), [Violation::SentTwice(id, 2)]);
    // A pushed reply whose body had been read, too.
    let mut history = clean();
    history.insert(6, sent(1, 2, true));
    assert_eq!(check(&history), [Violation::SentTwice(reply(1, 0, State::Queued, 0).id, 2)]);
    // A chat shows it twice.
    let mut history = clean();
    history.insert(6, Seen::Shown(Marker { number: 2, after: 1 }));
    assert_eq!(check(&history), [Violation::SentTwice(id, 2)]);
    // An answer that was written twice.
    let mut history = clean();
    history.insert(6, Seen::Body("m-1".into(), Marker { number: 1, after: 0 }));
    assert!(check(&history).contains(&Violation::BodyTwice("m-1".into())));
    // A call that the gateway refused is no message.
    let mut history = clean();
    history.insert(5, sent(2, 2, false));
    assert_eq!(check(&history), []);
}

#[test]
fn a_double_that_is_recorded_is_counted() {
    let mut history = ending(|it| {
        it.outbox[1].attempt = 2;
        it.attempts[0].state = State::Unknown;
        it.attempts.push(Attempt { number: 2, state: State::Delivered, ..it.attempts[0] });
    });
    history.insert(8, sent(2, 2, true));
    assert_eq!(check(&history), []);
    assert_eq!(recorded_doubles(&history), 1);
}

#[test]
fn a_planted_backward_move_is_found() {
    let id = reply(2, 1, State::Queued, 0).id;
    // The attempt's number went back.
    let history = ending(|it| (it.outbox[1].attempt, it.outbox[1].state) = (0, State::Queued));
    assert_eq!(check(&history), [Violation::Backwards(id, (1, State::Dispatched), (0, State::Queued))]);
    // An accepted message waits again, is unknown again, is tried again.
    let first = reply(1, 0, State::Queued, 0).id;
    for next in [(1, State::Queued), (1, State::Unknown), (1, State::Dispatched), (2, State::Claimed)] {
        let history = ending(|it| (it.outbox[0].attempt, it.outbox[0].state) = next);
        assert_eq!(check(&history), [Violation::Backwards(first, (1, State::Accepted), next)]);
    }
    // A row of attempts went back.
    let mut history = ending(|it| it.attempts[0].state = State::Dispatched);
    let Seen::Database(middle) = &mut history[6] else { panic!("a snapshot") };
    middle.attempts[0].state = State::Accepted;
    assert_eq!(check(&history), [Violation::Backwards(id, (1, State::Accepted), (1, State::Dispatched))]);
    // A retry is none.
    let history = ending(|it| it.outbox[1].state = State::Queued);
    assert_eq!(check(&history), []);
}

#[test]
fn a_planted_dispatch_after_a_stop_is_found() {
    let reminder = Outbound { unasked: true, inbox: None, marker: None, ..reply(7, 0, State::Queued, 0) };
    let stopped = |state, attempt| {
        let mut snapshot = two();
        snapshot.contacts[0].stopped = true;
        snapshot.outbox.push(Outbound { state, attempt, ..reminder.clone() });
        Seen::Database(snapshot)
    };
    // Cancelled, or under way before the stop: right.
    for state in [State::Queued, State::Ended] {
        assert_eq!(check(&[stopped(State::Queued, 0), stopped(state, 0)]), []);
    }
    assert_eq!(check(&[stopped(State::Dispatched, 1), sent(7, 1, true), stopped(State::Accepted, 1)]), []);
    // Dispatched later, seen in the database.
    let found = check(&[stopped(State::Queued, 0), stopped(State::Dispatched, 1)]);
    assert_eq!(found, [Violation::AfterStop(reminder.id)]);
    // Seen at the gateway.
    let found = check(&[stopped(State::Queued, 0), sent(7, 1, true)]);
    assert_eq!(found, [Violation::AfterStop(reminder.id)]);
    // A reply may go.
    assert_eq!(check(&[stopped(State::Queued, 0), sent(2, 1, true)]), []);
}

#[test]
fn a_planted_state_without_its_reply_is_found() {
    let history = ending(|it| it.contacts[0].last = Some(3));
    assert_eq!(check(&history), [Violation::Apart(ANA, Some(3), Some(2))]);
    // A reply whose state was not kept.
    let history = ending(|it| it.contacts[0].last = Some(1));
    assert_eq!(check(&history), [Violation::Apart(ANA, Some(1), Some(2))]);
    // A reply in the middle is missing.
    let history = ending(|it| it.outbox[0].marker = None);
    assert!(check(&history).contains(&Violation::NoEffect(1)));
}

#[test]
fn a_message_that_waits_or_is_parked_at_the_end_is_told() {
    for handled in [None, Some(false)] {
        let mut history = clean();
        let mut last = two();
        last.outbox[1].state = State::Delivered;
        last.attempts[0].state = State::Delivered;
        last.inbox.push(Inbound { handled, events: 0, ..message(3) });
        history.push(Seen::Database(last));
        assert_eq!(check(&history), [Violation::NotHandled("m-3".into())]);
    }
}

#[test]
fn marks_are_read() {
    let mark = Marker { number: 7, after: 3 };
    assert_eq!(Marker::find(&format!("Tlapa [a] {mark}")), Some(mark));
    assert_eq!(Marker::find("Tlapa [a]"), None);
    assert_eq!(Marker::find(""), None);
}
