//! Acts on cases: shown at once, confirmed by the service, taken back when it refuses; undo and redo.
//!
//! Acts on one case run one after the other, each on the version that the one before led to.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use crate::api::{Act, Ask, Deed, Failure};
use crate::data::{Acted, Held, Row};
use crate::ids;
use crate::safe::{Code, SafeText};
use crate::shared::{Owner, Shared, Status};
use crate::theme::Role;

/// Acts that can be taken back.
const KEPT: usize = 50;

/// Why a run is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody decided it.
    Fresh,
    /// It takes something back.
    Undo,
    /// It does again what was taken back.
    Redo,
}

/// Acts on one case under one name.
#[derive(Clone, Debug)]
pub struct Run {
    /// The case.
    pub case: Uuid,
    /// What it is called, in words.
    pub name: SafeText,
    /// All its acts.
    pub acts: Vec<Act>,
    /// How the case was when it was decided.
    pub before: Row,
    kind: Kind,
    done: usize,
    /// The version that it began on.
    from: i64,
    confirmed: Row,
    backs: Vec<Vec<Act>>,
    held: Option<Held>,
    /// Whether its message was on its way already and could not be taken back.
    late: bool,
    key: Uuid,
}

/// What can be taken back, or done again.
#[derive(Clone, Debug)]
enum Entry {
    /// On a case.
    Case(CaseEntry),
    /// Besides cases: the name, what takes it back, and on which version.
    Deed(SafeText, Deed, i64),
}

#[derive(Clone, Debug)]
struct CaseEntry {
    case: Uuid,
    name: SafeText,
    acts: Vec<Act>,
    backs: Vec<Act>,
    /// The version that our own acts led to: where somebody else was there since, taking back asks first.
    version: i64,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Acts {
    running: HashMap<Uuid, Run>,
    waiting: HashMap<Uuid, VecDeque<Run>>,
    undo: Vec<Entry>,
    redo: Vec<CaseEntry>,
    last: Option<(SafeText, Vec<Act>)>,
    /// Whether `u` was pressed before the act that it means was confirmed.
    undo_wanted: bool,
    /// Replies of which nobody knows whether they arrived: the same words go again under the same key.
    unsent: HashMap<Uuid, (SafeText, i64, Uuid)>,
}

/// What the answer to an act leads to besides.
#[derive(Debug)]
pub enum After {
    /// Nothing.
    Nothing,
    /// All of it is done on the case.
    Done(Uuid, Kind, Vec<Act>),
    /// Somebody else was first.
    Conflict(Box<Run>, Box<Row>),
    /// It was refused or did not arrive: what was written goes on as a draft.
    Failed(Uuid, Vec<Act>),
    /// A text was taken back and can be written on.
    TakenBack(Uuid, SafeText),
}

impl Acts {
    /// Whether an act on the case is not confirmed yet.
    pub fn runs_on(&self, case: Uuid) -> bool {
        self.running.contains_key(&case)
    }

    /// Whether a reply of these words is on its way on the case.
    fn sends(&self, case: Uuid, text: &SafeText) -> bool {
        let waiting = self.waiting.get(&case).into_iter().flatten();
        let mut acts = self.running.get(&case).into_iter().chain(waiting).flat_map(|it| &it.acts);
        acts.any(|it| matches!(it, Act::Reply { text: other, .. } if other == text))
    }

    /// How many acts are not confirmed yet.
    pub fn unconfirmed(&self) -> usize {
        self.running.len() + self.waiting.values().map(VecDeque::len).sum::<usize>()
    }

    /// What was done last.
    pub fn last(&self) -> Option<(SafeText, Vec<Act>)> {
        self.last.clone()
    }
}

/// Does acts on a case, all or up to the first that is refused; gives whether they were begun.
pub fn start(shared: &mut Shared, case: Uuid, name: SafeText, acts: Vec<Act>) -> bool {
    start_on(shared, case, name, acts, None)
}

/// The same, on the version that was seen when it was chosen, where that is known.
pub fn start_on(
    shared: &mut Shared,
    case: Uuid,
    name: SafeText,
    acts: Vec<Act>,
    version: Option<i64>,
) -> bool {
    begin(shared, case, name, acts, Kind::Fresh, version)
}

fn begin(
    shared: &mut Shared,
    case: Uuid,
    name: SafeText,
    acts: Vec<Act>,
    kind: Kind,
    version: Option<i64>,
) -> bool {
    if !shared.may("work_cases") {
        let said = shared.words.say("refused-role");
        shared.complain(said);
        return false;
    }
    if shared.offline() {
        let said = shared.words.fill("refused-offline", &[("act", name)]);
        shared.complain(said);
        return false;
    }
    let Some(row) = shared.rows.get(&case).cloned() else { return false };
    if acts.is_empty() {
        return false;
    }
    if acts.iter().any(|it| matches!(it, Act::Reply { text, .. } if shared.acts.sends(case, text))) {
        let said = shared.words.say("reply-same");
        shared.complain(said);
        return false;
    }
    if kind == Kind::Fresh {
        shared.acts.redo.clear();
        let again = acts.iter().any(|it| matches!(it, Act::Reply { .. } | Act::Note(_)));
        if !again {
            shared.acts.last = Some((name.clone(), acts.clone()));
        }
    }
    let mut confirmed = row.clone();
    if !shared.acts.runs_on(case) {
        confirmed.version = version.unwrap_or(row.version);
    }
    let run = Run {
        case,
        name,
        acts,
        kind,
        done: 0,
        from: confirmed.version,
        before: row,
        confirmed,
        backs: Vec::new(),
        held: None,
        late: false,
        key: ids::key(),
    };
    if shared.acts.runs_on(case) {
        shared.acts.waiting.entry(case).or_default().push_back(run);
    } else {
        launch(shared, run);
    }
    true
}

/// Shows what a run makes of its case and asks for its next act.
fn launch(shared: &mut Shared, mut run: Run) {
    let mut shown = run.confirmed.clone();
    for act in &run.acts[run.done..] {
        foresee(act, &mut shown, shared.now);
    }
    shared.rows.insert(run.case, shown);
    let act = run.acts[run.done].clone();
    let mut version = run.confirmed.version;
    run.key = ids::key();
    if let Act::Reply { text, .. } = &act
        && let Some((words, seen, key)) = shared.acts.unsent.get(&run.case)
        && words == text
    {
        (version, run.key) = (*seen, *key);
    }
    let ask = Ask::Act { case: run.case, act, version, key: run.key };
    shared.ask(Owner::Act(run.case), ask);
    shared.acts.running.insert(run.case, run);
}

/// What an act will make of a case, before the service says so.
fn foresee(act: &Act, row: &mut Row, now: i64) {
    match act {
        Act::Assign { to, .. } => {
            row.assignee.clone_from(to);
            if to.is_some() && matches!(row.state.as_str(), "received" | "in_review") {
                row.state = Code::new("assigned");
            }
        }
        Act::State { to, .. } => row.state = to.clone(),
        Act::Part => row.state = Code::new("in_review"),
        Act::Priority(to) => row.priority = to.clone(),
        Act::Snooze { until, reply } => {
            row.snoozed_until = *until;
            row.waiting_since = reply.then_some(now);
        }
        Act::Office { to, .. } => row.office = to.clone(),
        Act::Reply { text, .. } if !row.sealed() => row.preview = Some(text.clone().one_line()),
        Act::Reply { .. } | Act::Labels { .. } | Act::Note(_) | Act::TakeBack(_) => {}
    }
}

/// What takes an act back.
fn inverse(shared: &Shared, act: &Act, before: &Row) -> Option<Act> {
    match act {
        Act::Assign { .. } => Some(Act::Assign { to: before.assignee.clone(), note: None }),
        Act::State { original: Some(_), .. } => Some(Act::Part),
        // A closed case is looked at again; nothing goes back to `received`.
        Act::State { to, .. } => {
            let closed = matches!(to.as_str(), "resolved" | "closed_unfixed" | "not_ours" | "duplicate");
            let back = if closed || before.state == "received" { "in_review" } else { before.state.as_str() };
            Some(Act::state(back))
        }
        Act::Priority(_) => Some(Act::Priority(before.priority.clone())),
        Act::Labels { add, remove } => Some(Act::Labels { add: remove.clone(), remove: add.clone() }),
        Act::Snooze { .. } => {
            let reply = before.waiting_since.is_some();
            Some(Act::Snooze { until: before.snoozed_until.filter(|_| !reply), reply })
        }
        Act::Office { .. } => {
            Some(Act::Office { to: before.office.clone(), note: shared.words.say("undo-note") })
        }
        Act::Reply { .. } | Act::Note(_) | Act::Part | Act::TakeBack(_) => None,
    }
}

/// Takes the answer to the act that runs on a case.
pub fn answered(shared: &mut Shared, case: Uuid, answer: Result<Acted, Failure>) -> After {
    let Some(mut run) = shared.acts.running.remove(&case) else { return After::Nothing };
    let act = run.acts[run.done].clone();
    let after = match answer {
        Ok(acted) => {
            if matches!(act, Act::Reply { .. }) {
                shared.acts.unsent.remove(&case);
            }
            let before = run.confirmed.clone();
            if let Some(row) = acted.row {
                run.confirmed = row;
            }
            let mut back: Vec<Act> = Vec::new();
            if let Some(mut held) = acted.send {
                // The clocks need not agree: how long it is held counts from now.
                held.until = shared.now + (held.until - run.confirmed.updated_at).max(0);
                back.push(Act::TakeBack(held.id));
                run.held = Some(held);
            }
            back.extend(inverse(shared, &act, &before));
            run.backs.push(back);
            run.done += 1;
            if run.done < run.acts.len() {
                launch(shared, run);
                return After::Nothing;
            }
            shared.rows.insert(case, run.confirmed.clone());
            let taken = acted.text.filter(|_| run.kind == Kind::Undo);
            finish(shared, run, taken)
        }
        // The message is on its way; what else the act did is taken back all the same.
        Err(failure)
            if matches!(act, Act::TakeBack(_))
                && failure.code == "state_conflict"
                && run.done + 1 < run.acts.len() =>
        {
            run.late = true;
            run.backs.push(Vec::new());
            run.done += 1;
            launch(shared, run);
            return After::Nothing;
        }
        Err(failure) => {
            // What was confirmed so far can be taken back.
            let rest = run.acts[run.done..].to_vec();
            shared.rows.insert(case, run.confirmed.clone());
            shared.changed_at = shared.now;
            if failure.unreachable()
                && let Act::Reply { text, .. } = &act
            {
                let seen = shared.acts.unsent.get(&case).filter(|it| it.0 == *text).map(|it| it.1);
                let version = seen.unwrap_or(run.confirmed.version);
                shared.acts.unsent.insert(case, (text.clone(), version, run.key));
            } else {
                shared.acts.unsent.remove(&case);
            }
            let current = failure.current.clone();
            if let (true, Some(current)) = (failure.code == "version_conflict", current) {
                shared.rows.insert(case, (*current).clone());
                let mut left = run.clone();
                left.acts = rest;
                keep(shared, run);
                After::Conflict(Box::new(left), current)
            } else {
                let why = shared.explain(&failure);
                let said = shared.words.fill("act-failed", &[("act", run.name.clone()), ("why", why)]);
                shared.complain(said);
                keep(shared, run);
                After::Failed(case, rest)
            }
        }
    };
    let next = shared.acts.waiting.get_mut(&case).and_then(VecDeque::pop_front);
    shared.acts.waiting.retain(|_, it| !it.is_empty());
    if let Some(mut next) = next {
        if matches!(after, After::Done(..) | After::TakenBack(..)) {
            let row = shared.rows.get(&case).cloned();
            next.confirmed = row.unwrap_or(next.confirmed);
            next.before = next.confirmed.clone();
            next.from = next.confirmed.version;
            launch(shared, next);
        } else {
            // What was decided on top of something that did not happen is decided anew.
            shared.acts.waiting.remove(&case);
        }
    }
    if shared.acts.undo_wanted && shared.acts.unconfirmed() == 0 {
        shared.acts.undo_wanted = false;
        if matches!(after, After::Done(..) | After::TakenBack(..)) {
            undo(shared);
        }
    }
    after
}

/// Keeps what a run did so far, to be taken back.
fn keep(shared: &mut Shared, run: Run) {
    let (from, version) = (run.from, run.confirmed.version);
    for entry in &mut shared.acts.undo {
        if let Entry::Case(it) = entry
            && (it.case, it.version) == (run.case, from)
        {
            it.version = version;
        }
    }
    let backs: Vec<Act> = run.backs.into_iter().rev().flatten().collect();
    if backs.is_empty() {
        return;
    }
    let acts = run.acts[..run.done].to_vec();
    let entry = CaseEntry { case: run.case, name: run.name, acts, backs, version };
    if run.kind != Kind::Undo {
        remember(shared, Entry::Case(entry));
    }
}

fn remember(shared: &mut Shared, entry: Entry) {
    if shared.acts.undo.len() == KEPT {
        shared.acts.undo.remove(0);
    }
    shared.acts.undo.push(entry);
}

/// Decides something besides cases; `back` takes it back.
pub fn decide(shared: &mut Shared, name: SafeText, deed: Deed, version: i64, back: Option<Deed>) {
    let text = match &deed {
        Deed::Feedback { question: text, .. } | Deed::Unknown { text, .. } => text.clone(),
        _ => None,
    };
    if shared.offline() {
        if let Some(text) = text {
            shared.note(text);
        }
        let said = shared.words.fill("refused-offline", &[("act", name)]);
        return shared.complain(said);
    }
    let owner = Owner::Deed(name, back.map(Box::new), text);
    shared.ask(owner, Ask::Deed { deed, version, key: ids::key() });
}

/// Takes the answer to something that was decided; what was typed for it stays in the log where it failed.
pub fn decided(
    shared: &mut Shared,
    name: SafeText,
    back: Option<Deed>,
    text: Option<SafeText>,
    answer: Result<i64, Failure>,
) {
    match answer {
        Ok(version) => {
            if let Some(back) = back {
                remember(shared, Entry::Deed(name.clone(), back, version));
            }
            let said = shared.words.fill("deed-done", &[("act", name)]);
            shared.note(said.clone());
            shared.say(said);
        }
        Err(failure) => {
            if let Some(text) = text {
                shared.note(text);
            }
            let why = shared.explain(&failure);
            let said = shared.words.fill("act-failed", &[("act", name), ("why", why)]);
            shared.complain(said);
        }
    }
}

/// What came of a test of a broadcast.
pub fn tested(shared: &Shared, queued: u64, passed_over: u64) -> SafeText {
    let args = [("queued", SafeText::number(queued)), ("passed", SafeText::number(passed_over))];
    shared.words.fill("broadcast-tested", &args)
}

fn finish(shared: &mut Shared, run: Run, taken: Option<SafeText>) -> After {
    let (case, kind, acts) = (run.case, run.kind, run.acts.clone());
    let folio = run.confirmed.folio.clone();
    let key = match kind {
        Kind::Undo => "act-undone",
        Kind::Fresh | Kind::Redo => "act-done",
    };
    let mut text = shared.words.fill(key, &[("act", run.name.clone()), ("folio", folio)]);
    let held = run.held;
    if let (Some(held), true) = (held, kind != Kind::Undo) {
        let people = SafeText::number(held.recipients);
        let args = [("people", people), ("segments", SafeText::number(held.segments))];
        text = text.with(" ").with(shared.words.fill("act-held", &args));
    }
    if run.late {
        text = text.with(" ").with(shared.words.say("undo-message-gone"));
    }
    let undo_until = held.filter(|_| kind != Kind::Undo).map(|it| it.until);
    shared.note(text.clone());
    let until = undo_until.unwrap_or_default().max(shared.now + 8_000);
    shared.status = Some(Status { text, role: Role::Done, until: Some(until), undo_until });
    shared.wake_at(shared.now + 1_000);
    keep(shared, run);
    match taken {
        Some(text) => After::TakenBack(case, text),
        None => After::Done(case, kind, acts),
    }
}

/// Takes the last act back.
pub fn undo(shared: &mut Shared) {
    // The last act is the one that is not confirmed yet, and never an older one.
    if shared.acts.unconfirmed() > 0 {
        shared.acts.undo_wanted = true;
        let said = shared.words.say("undo-wait");
        return shared.say(said);
    }
    let entry = match shared.acts.undo.last().cloned() {
        None => {
            let said = shared.words.say("undo-nothing");
            return shared.say(said);
        }
        Some(Entry::Deed(name, back, version)) => {
            shared.acts.undo.pop();
            let name = shared.words.fill("deed-undo", &[("act", name)]);
            return decide(shared, name, back, version, None);
        }
        Some(Entry::Case(entry)) => entry,
    };
    if begin(shared, entry.case, entry.name.clone(), entry.backs.clone(), Kind::Undo, Some(entry.version)) {
        shared.acts.undo.pop();
        // What is taken back is done again with the same acts; a message that was taken back is a draft.
        let again = entry.acts.iter().all(|it| !matches!(it, Act::Reply { .. } | Act::Note(_)));
        if again {
            shared.acts.redo.push(entry);
        }
    }
}

/// Does again what was taken back last.
pub fn redo(shared: &mut Shared) {
    let Some(entry) = shared.acts.redo.last().cloned() else {
        let said = shared.words.say("redo-nothing");
        return shared.say(said);
    };
    if begin(shared, entry.case, entry.name, entry.acts, Kind::Redo, None) {
        shared.acts.redo.pop();
    }
}

#[cfg(test)]
mod tests;
