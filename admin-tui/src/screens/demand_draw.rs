//! How demands, leaders, promises and groups of like cases are written.

use super::table::Cell;
use crate::data::Row;
use crate::demand_data::{Acta, AuthorMessage, Cluster, Commitment, Demand, DemandRow, Leader};
use crate::overlays::similar;
use crate::safe::{Code, SafeText};
use crate::shared::Shared;
use crate::theme::Role;
use crate::widgets;

type Full = Vec<(SafeText, Role)>;

const DAY: i64 = 86_400_000;
/// Lines of the bars.
const BARS: usize = 3;

/// A part of a demand in full.
#[derive(Debug)]
pub enum Piece {
    /// A text over as many lines as it takes.
    Text(SafeText, Role),
    /// Figures by day, the newest last.
    Bars(Vec<u64>),
}

impl Piece {
    /// Lines that it takes.
    pub fn height(&self, width: usize) -> usize {
        match self {
            Self::Text(text, _) => text.wrap(width).len(),
            Self::Bars(_) => BARS,
        }
    }
}

const fn narrow(shared: &Shared) -> bool {
    shared.size.0 < 80
}

fn plain(text: SafeText, width: u16) -> Cell {
    (text, Role::Plain, width)
}

/// The count to the goal (`177/214, 37 missing`).
pub fn goal(it: &DemandRow, shared: &Shared) -> SafeText {
    let args = [
        ("total", SafeText::number(it.support.total)),
        ("threshold", SafeText::number(it.threshold)),
        ("missing", SafeText::number(it.missing)),
    ];
    shared.words.fill(if it.missing == 0 { "demand-goal-reached" } else { "demand-goal" }, &args)
}

/// Its kinds apart.
fn apart(it: &DemandRow, shared: &Shared) -> SafeText {
    let args = [
        ("phone", SafeText::number(it.support.phone)),
        ("verified", SafeText::number(it.support.verified)),
        ("paper", SafeText::number(it.support.paper)),
    ];
    shared.words.fill("demand-apart", &args)
}

/// How long it has: to collect, or the authority to answer.
pub fn left(it: &DemandRow, shared: &Shared) -> (SafeText, Role) {
    let words = shared.words;
    if it.silent_at.is_some() {
        return (words.say("demand-silent"), Role::Breach);
    }
    let until = match it.state.as_str() {
        "collecting" => it.collect_until,
        "with_authority" => it.answer_due,
        _ => None,
    };
    let Some(until) = until else { return (SafeText::default(), Role::Plain) };
    let days = (until - shared.now).div_euclid(DAY);
    let role = match days {
        ..0 => Role::Breach,
        0..3 => Role::Soon,
        _ => Role::Plain,
    };
    (words.fill("demand-left", &[("days", SafeText::number(days))]), role)
}

/// A demand on one line.
pub fn row(it: &DemandRow, shared: &Shared) -> Vec<Cell> {
    let support = &it.support;
    let (left, role) = left(it, shared);
    let apart = [support.phone, support.verified, support.paper].map(SafeText::number);
    let flagged = match support.flagged {
        0 => SafeText::default(),
        count => SafeText::own("!").with(SafeText::number(count)),
    };
    let small = narrow(shared);
    let wide = shared.size.0 >= 120;
    // On the smallest window the count alone: what is missing stands under the list, or behind Enter.
    let goal = if small {
        SafeText::number(support.total).with("/").with(SafeText::number(it.threshold))
    } else {
        goal(it, shared)
    };
    vec![
        (it.mark.clone(), Role::Title, 2),
        plain(it.code.clone(), 5),
        plain(
            it.municipality_name.clone(),
            if small {
                0
            } else if wide {
                22
            } else {
                10
            },
        ),
        plain(goal, if small { 9 } else { 21 }),
        plain(SafeText::join(&apart, "/"), if small { 0 } else { 10 }),
        (
            left,
            role,
            if small {
                0
            } else if wide {
                14
            } else {
                6
            },
        ),
        (flagged, Role::Breach, 5),
        plain(it.text.clone(), 0),
    ]
}

/// A demand under the list.
pub fn row_full(it: &DemandRow, shared: &Shared) -> Full {
    let words = shared.words;
    let mut head = it.code.clone().with("  ").with(words.code("demand", &it.state));
    head = head.with("  ").with(&it.municipality_name).with("  ");
    head = head.with(shared.category(&it.municipality, &it.topic));
    if it.by_leader {
        head = head.with("  ").with(words.say("demand-by-leader"));
    }
    let mut full = vec![(head, Role::Title), (it.text.clone(), Role::Plain)];
    full.push((goal(it, shared).with("  ").with(apart(it, shared)), Role::Plain));
    if it.support.flagged > 0 {
        let args = [("flagged", SafeText::number(it.support.flagged))];
        full.push((words.fill("demand-flagged-support", &args), Role::Breach));
    }
    let (left, role) = left(it, shared);
    if !left.is_empty() {
        let office = it.office_name.clone().unwrap_or_else(|| shared.office(&it.municipality, &it.office));
        full.push((left.with("  ").with(office), role));
    }
    if let Some(reason) = &it.reason {
        full.push((words.fill("demand-reason", &[("reason", reason.clone())]), Role::Quiet));
    }
    full
}

/// A list of an assembly.
pub fn acta(it: &Acta, shared: &Shared) -> SafeText {
    let words = shared.words;
    let args = [
        ("folio", it.folio.clone()),
        ("heads", SafeText::number(it.heads)),
        ("day", it.held_on.clone()),
        ("called", SafeText::number(it.called)),
        ("confirmed", SafeText::number(it.confirmed)),
    ];
    let mut line = words.fill("acta-line", &args);
    if let Some(place) = &it.place {
        line = line.with("  ").with(place);
    }
    if it.picture {
        line = line.with("  ").with(words.say("media-photo"));
    }
    if it.voided { line.with("  ").with(words.say("acta-voided")) } else { line }
}

/// A linked case.
pub fn case(it: &Row, shared: &Shared) -> SafeText {
    let line = it.folio.clone().with("  ").with(shared.words.code("state", &it.state)).with("  ");
    match &it.preview {
        Some(text) => line.with(text.clone().one_line()),
        None => line.with(shared.words.code("confidentiality", &it.confidentiality)),
    }
}

/// A step of a promise.
pub fn step((title, by, state): &(SafeText, Option<SafeText>, Code), shared: &Shared) -> SafeText {
    let line = title.clone().with("  ").with(shared.words.code("promise", state));
    match by {
        Some(by) => line.with("  ").with(by),
        None => line,
    }
}

fn promise_lines(it: &Commitment, shared: &Shared) -> Full {
    let words = shared.words;
    let by = it.due_on.clone().unwrap_or_else(|| SafeText::own("-"));
    let args = [
        ("state", words.code("promise", &it.state)),
        ("percent", SafeText::number(it.percent)),
        ("owner", it.owner.clone()),
        ("day", by),
    ];
    let mut full = vec![(it.title.clone(), Role::Plain), (words.fill("promise-line", &args), Role::Plain)];
    full.extend(it.steps.iter().map(|it| (SafeText::own("- ").with(step(it, shared)), Role::Plain)));
    let (yes, no, half) = it.votes;
    let votes =
        [("yes", SafeText::number(yes)), ("no", SafeText::number(no)), ("half", SafeText::number(half))];
    full.push((words.fill("promise-votes", &votes), Role::Quiet));
    full
}

/// A demand in full.
pub fn whole(it: &Demand, shared: &Shared) -> Vec<Piece> {
    let words = shared.words;
    let mut pieces: Vec<Piece> =
        row_full(&it.row, shared).into_iter().skip(1).map(|it| Piece::Text(it.0, it.1)).collect();
    let mut say = |text: SafeText, role: Role| pieces.push(Piece::Text(text, role));
    let number = |it: u64| SafeText::number(it);
    let (velocity, range, new) = it.flags;
    if velocity + range + new > 0 {
        let args = [("velocity", number(velocity)), ("range", number(range)), ("new", number(new))];
        say(words.fill("demand-flags", &args), Role::Breach);
    }
    let new = [("new", number(it.row.support.new_senders))];
    say(words.fill("demand-new-senders", &new), Role::Quiet);
    if let Some(author) = &it.author {
        let mut line = words.fill("demand-author", &[("shown", author.shown.clone())]);
        if author.verified {
            line = line.with("  ").with(words.say("demand-verified"));
        }
        if !author.leadership.as_str().is_empty() {
            line = line.with("  ").with(words.code("leader", &author.leadership));
        }
        say(line, Role::Quiet);
    }
    for message in it.messages.iter().filter(|it| it.state == "waiting") {
        say(words.fill("message-waits", &[("text", message.text.clone())]), Role::Soon);
    }
    if let Some((_, newest)) = it.pictures.first() {
        let args = [("count", number(it.pictures.len() as u64)), ("day", words.day(*newest))];
        say(words.fill("demand-pictures", &args), Role::Soon);
    }
    if let Some((day, signed, taken)) = it.days.first() {
        let args = [("day", day.clone()), ("signed", number(*signed)), ("taken", number(*taken))];
        say(words.fill("demand-days", &args), Role::Quiet);
        pieces.push(Piece::Bars(it.days.iter().rev().map(|it| it.1).collect()));
    }
    let mut say = |text: SafeText, role: Role| pieces.push(Piece::Text(text, role));
    let mut regions: Vec<SafeText> =
        it.regions.iter().map(|(name, at_least)| name.clone().with(" >=").with(number(*at_least))).collect();
    if it.others {
        regions.push(words.say("demand-others"));
    }
    if !regions.is_empty() {
        say(words.fill("demand-regions", &[("regions", SafeText::join(&regions, ", "))]), Role::Plain);
    }
    if let Some(answer) = &it.answer {
        let mut head = words.code("demand-verdict", &answer.verdict).with("  ").with(words.day(answer.at));
        if let Some(by) = &answer.by {
            head = head.with("  ").with(by.name.clone());
        }
        if let Some(cost) = answer.cost {
            head = head.with("  $").with(widgets::money(i64::try_from(cost).unwrap_or(i64::MAX)));
        }
        if let Some(day) = &answer.due_on {
            head = head.with("  ").with(day);
        }
        say(words.say("demand-answer"), Role::Title);
        say(head, Role::Plain);
        say(answer.reason.clone(), Role::Plain);
    }
    if let Some(promise) = &it.commitment {
        say(words.say("demand-promise"), Role::Title);
        for (line, role) in promise_lines(promise, shared) {
            say(line, role);
        }
    }
    if !it.actas.is_empty() {
        say(words.say("demand-actas"), Role::Title);
        it.actas.iter().for_each(|it| say(acta(it, shared), Role::Plain));
    }
    if !it.endorsements.is_empty() {
        let who = [("who", SafeText::join(&it.endorsements, ", "))];
        say(words.fill("demand-endorsed", &who), Role::Plain);
    }
    for merge in &it.merges {
        let key = if merge.child == it.row.id { "merge-away" } else { "merge-in" };
        let args = [("state", words.code("merge", &merge.state)), ("at", words.day(merge.asked_at))];
        say(words.fill(key, &args).with(" ").with(&merge.reason), Role::Plain);
    }
    if !it.cases.is_empty() {
        say(words.fill("demand-cases", &[("count", number(it.linked))]), Role::Title);
        it.cases.iter().for_each(|it| say(case(it, shared), Role::Plain));
    }
    if !it.changes.is_empty() {
        say(words.say("demand-timeline"), Role::Title);
    }
    for change in it.changes.iter().rev() {
        let mut line = words.day(change.at).with("  ").with(words.code("change", &change.kind));
        let by = match &change.author {
            Some(author) => author.name.clone(),
            None => words.code("change-by", &change.by),
        };
        line = line.with("  ").with(by);
        for (at, part) in [&change.was, &change.became].into_iter().enumerate() {
            if let Some(part) = part {
                let shown = words.code("demand", &Code::new(part.as_str()));
                let shown = if shown.is_empty() { part.clone() } else { shown };
                line = line.with(if at == 0 { "  " } else { " -> " }).with(shown);
            }
        }
        if let Some(detail) = &change.detail {
            line = line.with("  ").with(detail.clone().one_line());
        }
        say(line, Role::Quiet);
    }
    for (kind, sent) in &it.notices {
        let args = [("kind", words.code("demand-notice", kind)), ("count", number(*sent))];
        say(words.fill("demand-told", &args), Role::Quiet);
    }
    pieces
}

/// A leader on one line.
pub fn leader(it: &Leader, shared: &Shared) -> Vec<Cell> {
    vec![
        plain(shared.words.age(shared.now - it.asked_at), 6),
        plain(it.municipality_name.clone(), if narrow(shared) { 14 } else { 24 }),
        plain(it.words.clone(), 0),
    ]
}

/// A leader in full.
pub fn leader_full(it: &Leader, shared: &Shared) -> Full {
    let words = shared.words;
    let head = words.code("leader", &it.state).with("  ").with(words.day(it.asked_at));
    let mut full = vec![(head, Role::Quiet), (it.words.clone(), Role::Title)];
    if let Some(reason) = &it.reason {
        full.push((words.fill("demand-reason", &[("reason", reason.clone())]), Role::Quiet));
    }
    full.push((words.say("leader-how"), Role::Plain));
    full
}

/// Like cases on one line.
pub fn cluster(it: &Cluster, shared: &Shared) -> Vec<Cell> {
    let first = it.cases.first().and_then(|it| it.preview.clone()).unwrap_or_default();
    vec![
        plain(SafeText::number(it.cases.len() as u64).with("x"), 5),
        plain(shared.words.fill("people", &[("count", SafeText::number(it.joined))]), 13),
        plain(it.category.text(), if narrow(shared) { 10 } else { 16 }),
        plain(SafeText::number(it.likeness.score).with(" %"), 7),
        plain(first.one_line(), 0),
    ]
}

/// Like cases in full.
pub fn cluster_full(it: &Cluster, shared: &Shared) -> Full {
    let mut full = vec![(similar::why(shared.words, &it.likeness), Role::Quiet)];
    full.extend(it.cases.iter().map(|it| (case(it, shared), Role::Plain)));
    full
}

/// A message of an author on one line.
pub fn message(it: &AuthorMessage, shared: &Shared) -> Vec<Cell> {
    vec![
        plain(shared.words.age(shared.now - it.written_at), 6),
        plain(shared.place(&it.municipality), if narrow(shared) { 10 } else { 20 }),
        plain(it.text.clone().one_line(), 0),
    ]
}

/// A message of an author in full.
pub fn message_full(it: &AuthorMessage, shared: &Shared) -> Full {
    let words = shared.words;
    vec![
        (words.day(it.written_at), Role::Quiet),
        (it.text.clone(), Role::Plain),
        (words.say("message-how"), Role::Quiet),
    ]
}

/// A promise on one line.
pub fn promise(it: &Commitment, shared: &Shared) -> Vec<Cell> {
    let words = shared.words;
    let role = if it.state == "stuck" { Role::Breach } else { Role::Plain };
    vec![
        (words.code("promise", &it.state), role, 14),
        plain(SafeText::number(it.percent).with(" %"), 7),
        plain(it.due_on.clone().unwrap_or_default(), 12),
        plain(it.municipality_name.clone(), if narrow(shared) { 0 } else { 18 }),
        plain(it.title.clone(), 0),
    ]
}

/// A promise in full.
pub fn promise_full(it: &Commitment, shared: &Shared) -> Full {
    promise_lines(it, shared)
}
