//! The check of a history: a pure function, so that planted faults show that it sees them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use uuid::Uuid;

use super::{Marker, Seen, Snapshot, State};

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// An acknowledged message is not in the database at the end.
    Lost(String),
    /// A message has more than one row.
    TwoRows(String),
    /// A row that was there is gone.
    Vanished(Uuid),
    /// A message waits or is parked at the end.
    NotHandled(String),
    /// A handled message has not its one event.
    Events(String, i64),
    /// Two replies were worked out for one message.
    TwoEffects(u64),
    /// Two messages were worked out on the same state of a conversation: one step was lost.
    Forked(Marker),
    /// A conversation and its replies are not of the same instant: what the conversation saw last,
    /// and what the replies say.
    Apart(Uuid, Option<u64>, Option<u64>),
    /// A handled message has neither a reply with its mark nor is it folded; told where the
    /// conversation went past it.
    NoEffect(u64),
    /// One attempt was made twice.
    AttemptTwice(Uuid, i64),
    /// A message was sent twice, and the database does not know of it.
    SentTwice(Uuid, usize),
    /// A message's state moved backwards: attempt and state before and after.
    Backwards(Uuid, (i64, State), (i64, State)),
    /// Something that nobody asked for was dispatched after its contact's stop was committed.
    AfterStop(Uuid),
    /// The same answer was written whole twice.
    BodyTwice(String),
}

/// Reads a history from its beginning to its end; what is lost and what was not handled is decided by
/// the last snapshot.
pub fn check(history: &[Seen]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut last: Option<&Snapshot> = None;
    let mut barred: HashMap<Uuid, i64> = HashMap::new();
    let mut bodies: HashMap<&str, usize> = HashMap::new();
    let mut attempts: HashSet<(Uuid, i64)> = HashSet::new();
    for seen in history {
        match seen {
            Seen::Database(snapshot) => {
                one(snapshot, &mut violations);
                if let Some(before) = last {
                    between(before, snapshot, &mut violations);
                }
                stops(snapshot, &mut barred, &mut violations);
                last = Some(snapshot);
            }
            Seen::Body(id, _) => *bodies.entry(id).or_default() += 1,
            Seen::Called { message, attempt, .. } => {
                if let Some(attempt) = attempt
                    && !attempts.insert((*message, *attempt))
                {
                    violations.push(Violation::AttemptTwice(*message, *attempt));
                }
                if barred.get(message).is_some_and(|made| attempt.is_none_or(|it| it > *made)) {
                    violations.push(Violation::AfterStop(*message));
                }
            }
            Seen::Sent(_) | Seen::Acknowledged(_) | Seen::Shown(_) | Seen::Receipt(..) | Seen::Killed => {}
        }
    }
    for (id, times) in bodies {
        if times > 1 {
            violations.push(Violation::BodyTwice(id.to_owned()));
        }
    }
    let nothing = Snapshot::default();
    at_the_end(history, last.unwrap_or(&nothing), &mut violations);
    violations
}

/// How many messages reached their gateway more often than once with the database knowing of it: an
/// attempt for each of them.
pub fn recorded_doubles(history: &[Seen]) -> usize {
    let Some(last) = last_snapshot(history) else { return 0 };
    let deliveries = deliveries(history, last);
    last.outbox
        .iter()
        .filter(|it| deliveries.get(&it.id).is_some_and(|times| *times > 1 && it.attempt >= *times as i64))
        .count()
}

fn last_snapshot(history: &[Seen]) -> Option<&Snapshot> {
    history.iter().rev().find_map(|it| if let Seen::Database(snapshot) = it { Some(snapshot) } else { None })
}

/// How often each message reached its gateway: bodies that were read whole, calls that were taken,
/// and messages that chats show.
fn deliveries(history: &[Seen], last: &Snapshot) -> HashMap<Uuid, usize> {
    let by_marker: HashMap<u64, Uuid> =
        last.outbox.iter().filter_map(|it| Some((it.marker?.number, it.id))).collect();
    let mut times: HashMap<Uuid, usize> = HashMap::new();
    for seen in history {
        let message = match seen {
            Seen::Body(_, marker) | Seen::Shown(marker) => by_marker.get(&marker.number).copied(),
            Seen::Called { message, taken: true, .. } => Some(*message),
            _ => None,
        };
        if let Some(message) = message {
            *times.entry(message).or_default() += 1;
        }
    }
    times
}

fn at_the_end(history: &[Seen], last: &Snapshot, violations: &mut Vec<Violation>) {
    let kept: HashSet<&str> = last.inbox.iter().map(|it| it.external_id.as_str()).collect();
    for seen in history {
        if let Seen::Acknowledged(id) = seen
            && !kept.contains(id.as_str())
        {
            violations.push(Violation::Lost(id.clone()));
        }
    }
    for row in &last.inbox {
        if row.handled != Some(true) {
            violations.push(Violation::NotHandled(row.external_id.clone()));
        }
    }
    let deliveries = deliveries(history, last);
    for row in &last.outbox {
        let times = deliveries.get(&row.id).copied().unwrap_or(0);
        if times > 1 && row.attempt < times as i64 {
            violations.push(Violation::SentTwice(row.id, times));
        }
    }
}

/// What must hold in every snapshot by itself.
fn one(snapshot: &Snapshot, violations: &mut Vec<Violation>) {
    let mut ids = HashSet::new();
    for row in &snapshot.inbox {
        if !ids.insert(row.external_id.as_str()) {
            violations.push(Violation::TwoRows(row.external_id.clone()));
        }
        let right = match row.handled {
            Some(true) if row.folded => row.events <= 1,
            Some(true) => row.events == 1,
            Some(false) | None => row.events == 0,
        };
        if !right {
            violations.push(Violation::Events(row.external_id.clone(), row.events));
        }
    }
    chains(snapshot, violations);
}

/// Each contact's replies say which message the conversation had seen before: they must make one
/// chain that ends at what the conversation saw last.
fn chains(snapshot: &Snapshot, violations: &mut Vec<Violation>) {
    let mut replies: HashMap<Uuid, Vec<Marker>> = HashMap::new();
    for row in &snapshot.outbox {
        if let Some(marker) = row.marker {
            replies.entry(row.contact).or_default().push(marker);
        }
    }
    for contact in &snapshot.contacts {
        let marks = replies.remove(&contact.id).unwrap_or_default();
        let mut numbers = BTreeSet::new();
        let mut next = BTreeMap::new();
        for mark in &marks {
            if !numbers.insert(mark.number) {
                violations.push(Violation::TwoEffects(mark.number));
            } else if next.insert(mark.after, mark.number).is_some() {
                violations.push(Violation::Forked(*mark));
            }
        }
        let (mut end, mut length) = (0, 0);
        while let Some(number) = next.get(&end) {
            end = *number;
            length += 1;
            if length > next.len() {
                break;
            }
        }
        let told = (end != 0).then_some(end);
        if told != contact.last {
            violations.push(Violation::Apart(contact.id, contact.last, told));
        }
        // A gap in the chain: the conversation saw a message whose reply is not there.
        for mark in &marks {
            if mark.after != 0 && !numbers.contains(&mark.after) {
                violations.push(Violation::NoEffect(mark.after));
            }
        }
    }
}

/// What must hold from one snapshot to the next.
fn between(before: &Snapshot, after: &Snapshot, violations: &mut Vec<Violation>) {
    let inbox: HashMap<Uuid, Option<bool>> = after.inbox.iter().map(|it| (it.id, it.handled)).collect();
    for row in &before.inbox {
        match inbox.get(&row.id) {
            None => violations.push(Violation::Vanished(row.id)),
            Some(now) if row.handled == Some(true) && *now != Some(true) => {
                violations.push(Violation::Backwards(row.id, (0, State::Ended), (0, State::Queued)));
            }
            Some(_) => {}
        }
    }
    let outbox: HashMap<Uuid, (i64, State)> =
        after.outbox.iter().map(|it| (it.id, (it.attempt, it.state))).collect();
    for row in &before.outbox {
        let was = (row.attempt, row.state);
        match outbox.get(&row.id) {
            None => violations.push(Violation::Vanished(row.id)),
            Some(now) if !forward(was, *now) => violations.push(Violation::Backwards(row.id, was, *now)),
            Some(_) => {}
        }
    }
    let attempts: HashMap<(Uuid, i64), State> =
        after.attempts.iter().map(|it| ((it.message, it.number), it.state)).collect();
    for attempt in &before.attempts {
        let was = (attempt.number, attempt.state);
        match attempts.get(&(attempt.message, attempt.number)) {
            None => violations.push(Violation::Vanished(attempt.message)),
            Some(now) if *now < attempt.state => {
                violations.push(Violation::Backwards(attempt.message, was, (attempt.number, *now)));
            }
            Some(_) => {}
        }
    }
}

/// Whether a message may go from one attempt and state to another. A message that is queued again
/// shows the number of the attempt before, which then had ended without being taken.
fn forward((attempt, state): (i64, State), (next_attempt, next): (i64, State)) -> bool {
    if next_attempt != attempt {
        return next_attempt > attempt && state < State::Accepted;
    }
    next >= state || (next == State::Queued && state < State::Accepted)
}

/// Notes what may not be dispatched any more, and finds what was.
fn stops(snapshot: &Snapshot, barred: &mut HashMap<Uuid, i64>, violations: &mut Vec<Violation>) {
    let stopped: HashMap<Uuid, bool> = snapshot.contacts.iter().map(|it| (it.id, it.stopped)).collect();
    for row in snapshot.outbox.iter().filter(|it| it.unasked) {
        let waits = matches!(row.state, State::Queued | State::Claimed);
        let made = if waits { row.attempt - i64::from(row.state == State::Claimed) } else { row.attempt };
        if let Some(barrier) = barred.get(&row.id)
            && made > *barrier
            && row.state < State::Ended
        {
            violations.push(Violation::AfterStop(row.id));
        }
        if stopped.get(&row.contact) == Some(&true) {
            barred.entry(row.id).or_insert(made);
        } else {
            barred.remove(&row.id);
        }
    }
}

#[cfg(test)]
mod tests;
