//! How the entries of the list screens are written, on one line and in full.

use super::table::Cell;
use crate::desk_data::{Audit, Feedback, Indicator, Notice, Part, Sent, Unknown, User};
use crate::safe::{Code, SafeText};
use crate::shared::Shared;
use crate::theme::Role;
use crate::widgets;

type Full = Vec<(SafeText, Role)>;

/// Whether there is room for the most needed only.
const fn narrow(shared: &Shared) -> bool {
    shared.size.0 < 80
}

fn plain(text: SafeText, width: u16) -> Cell {
    (text, Role::Plain, width)
}

/// A piece of feedback on one line.
pub fn feedback(it: &Feedback, shared: &Shared) -> Vec<Cell> {
    vec![
        plain(shared.words.age(shared.now - it.created_at), 6),
        plain(shared.words.code("feedback", &it.kind), 13),
        plain(shared.place(&it.municipality), if narrow(shared) { 10 } else { 20 }),
        plain(it.text.clone().one_line(), 0),
    ]
}

/// A piece of feedback in full.
pub fn feedback_full(it: &Feedback, shared: &Shared) -> Full {
    let words = shared.words;
    let mut head = words.code("part", &it.state).with("  ").with(words.day(it.created_at));
    if !it.reason.as_str().is_empty() {
        head = head.with("  ").with(words.code("reason", &it.reason));
    }
    if let Some(at) = it.decided_at {
        head = head.with("  ").with(words.fill("decided-at", &[("at", words.day(at))]));
    }
    vec![(head, Role::Quiet), (it.text.clone(), Role::Plain)]
}

/// Texts that were not understood, on one line.
pub fn unknown(it: &Unknown, shared: &Shared) -> Vec<Cell> {
    let text = it.text.clone().unwrap_or_else(|| shared.words.say("erased"));
    vec![
        plain(SafeText::number(it.messages).with("x"), 7),
        plain(shared.words.age(shared.now - it.last_at), 6),
        plain(shared.place(&it.municipality), if narrow(shared) { 10 } else { 20 }),
        plain(text.one_line(), 0),
    ]
}

/// Texts that were not understood, in full.
pub fn unknown_full(it: &Unknown, shared: &Shared) -> Full {
    let words = shared.words;
    let args = [
        ("count", SafeText::number(it.messages)),
        ("first", words.day(it.first_at)),
        ("last", words.day(it.last_at)),
    ];
    let head = words.code("part", &it.state).with("  ").with(words.fill("unknown-head", &args));
    let text = it.text.clone().unwrap_or_else(|| words.say("erased"));
    vec![(head, Role::Quiet), (text, Role::Plain)]
}

/// Something that waits, on one line.
pub fn notice(it: &Notice, shared: &Shared) -> Vec<Cell> {
    let words = shared.words;
    let row = &it.row;
    let (urgency, urgent) = widgets::urgency(shared, row);
    vec![
        plain(words.age(shared.now - it.at), 6),
        (words.code("notice", &it.kind), if it.kind == "due" { Role::Soon } else { Role::Title }, 16),
        (urgency, urgent, 3),
        plain(row.folio.clone(), 9),
        plain(words.code("state", &row.state), if narrow(shared) { 0 } else { 14 }),
        row.preview.clone().map_or_else(
            || (words.code("confidentiality", &row.confidentiality), Role::Quiet, 0),
            |text| plain(text, 0),
        ),
    ]
}

/// Something that waits, in full.
pub fn notice_full(it: &Notice, shared: &Shared) -> Full {
    let words = shared.words;
    let row = &it.row;
    let mut head = words.code("notice", &it.kind).with("  ").with(words.day(it.at));
    if let Some(by) = &it.by {
        head = head.with("  ").with(words.fill("notice-by", &[("name", by.name.clone())]));
    }
    let mut place = vec![row.folio.clone(), words.code("state", &row.state), row.municipality_name.clone()];
    place.extend(row.place.clone());
    place.push(shared.office(&row.municipality, &row.office));
    let due = widgets::due(shared, row);
    let mut full =
        vec![(head, Role::Title), (SafeText::join(&place, "  ").with("  ").with(due.0), Role::Plain)];
    full.extend(row.preview.clone().map(|it| (it, Role::Plain)));
    full
}

fn sent_role(state: &Code) -> Role {
    match state.as_str() {
        "failed" | "expired" | "abandoned" => Role::Breach,
        "unknown" => Role::Soon,
        _ => Role::Plain,
    }
}

/// A message of staff on one line.
pub fn sent(it: &Sent, shared: &Shared) -> Vec<Cell> {
    let words = shared.words;
    let row = it.case.and_then(|it| shared.rows.get(&it));
    let folio = row.map(|it| it.folio.clone()).unwrap_or_default();
    let left = (it.until_at - shared.now).max(0);
    let held = if left > 0 { words.minutes(left) } else { SafeText::default() };
    vec![
        plain(words.day(it.created_at), 13),
        (words.code("outbox", &it.state), sent_role(&it.state), 16),
        plain(held, 6),
        plain(folio, 9),
        plain(it.channel.clone(), 14),
        (words.code("failure", &it.failure), Role::Quiet, 0),
    ]
}

/// A message of staff in full.
pub fn sent_full(it: &Sent, shared: &Shared) -> Full {
    let words = shared.words;
    let mine = shared.me.as_ref().is_some_and(|me| me.person.id == it.staff);
    let known = shared.name_of(it.staff).unwrap_or_else(|| words.say("somebody-else"));
    let who = if mine { words.say("me") } else { known };
    let args = [
        ("who", who),
        ("channel", it.channel.clone()),
        ("segments", SafeText::number(it.segments)),
        ("attempt", SafeText::number(it.attempt)),
    ];
    let mut full = vec![
        (words.code("outbox", &it.state), sent_role(&it.state)),
        (words.fill("outbox-head", &args), Role::Plain),
    ];
    if !it.failure.as_str().is_empty() {
        full.push((words.code("failure", &it.failure), Role::Breach));
    }
    full
}

/// A part of the service on one line.
pub fn part(it: &Part, shared: &Shared) -> Vec<Cell> {
    let words = shared.words;
    let role = if it.bad { Role::Breach } else { Role::Plain };
    let mark = SafeText::own(if it.bad { "!!" } else { "ok" });
    let name = match it.group.as_str() {
        // An alarm about the whole service has its own code for a name.
        "alarm" if it.name.as_str() == it.code.as_str() => words.code("alarm", &it.code),
        "alarm" => words.code("alarm", &it.code).with(" ").with(&it.name),
        "gateway" => words.say("health-gateway").with(" ").with(&it.name),
        "budget" => words.say("health-budget").with(" ").with(&it.name),
        "backup" => words.say("health-backup"),
        _ => words.code("health", &it.code),
    };
    let value = match it.group.as_str() {
        "alarm" => words.say("health-stands"),
        "fact" => words.say(if it.count == 1 { "yes" } else { "no" }),
        "gateway" => match it.more {
            Some(since) => words.fill("health-down", &[("since", words.day(since))]),
            None => SafeText::number(it.count).with("/100"),
        },
        "percent" => SafeText::number(it.count).with(" %"),
        "budget" => match it.more {
            Some(cap) => SafeText::number(it.count).with(" / ").with(SafeText::number(cap)),
            None => SafeText::number(it.count),
        },
        "queue" => match it.more {
            Some(oldest) => SafeText::number(it.count)
                .with("  ")
                .with(words.fill("health-oldest", &[("age", words.minutes(oldest))])),
            None => SafeText::number(it.count),
        },
        "backup" => words.day(it.count),
        _ => SafeText::number(it.count),
    };
    vec![(mark, role, 4), (name, role, if narrow(shared) { 28 } else { 40 }), (value, role, 0)]
}

/// A part of the service in full: the same, since it fits.
pub fn part_full(it: &Part, shared: &Shared) -> Full {
    let role = if it.bad { Role::Breach } else { Role::Plain };
    let cells = part(it, shared).into_iter().map(|it| it.0).collect::<Vec<_>>();
    vec![(SafeText::join(&cells, "  "), role)]
}

/// An entry of the audit trail on one line.
pub fn audit(it: &Audit, shared: &Shared) -> Vec<Cell> {
    vec![
        plain(SafeText::number(it.seq), 9),
        plain(shared.words.day(it.at), 13),
        plain(actor(it, shared), 20),
        plain(it.act.text(), 24),
        plain(it.target_kind.text(), 12),
        plain(it.target_id.clone(), 0),
    ]
}

fn actor(it: &Audit, shared: &Shared) -> SafeText {
    let Some(id) = it.actor else { return shared.words.say("the-system") };
    shared.name_of(id).unwrap_or_else(|| SafeText::line(&id.to_string()))
}

/// An entry of the audit trail in full.
pub fn audit_full(it: &Audit, shared: &Shared) -> Full {
    let head = it.act.text().with("  ").with(actor(it, shared)).with("  ").with(shared.words.day(it.at));
    let target = it.target_kind.text().with(" ").with(&it.target_id);
    vec![(head, Role::Title), (target, Role::Plain), (it.detail.clone(), Role::Plain)]
}

/// An account on one line.
pub fn user(it: &User, shared: &Shared) -> Vec<Cell> {
    let words = shared.words;
    let roles: Vec<SafeText> = it.roles.iter().map(|it| words.code("role", &it.0)).collect();
    let role = if it.state == "active" { Role::Plain } else { Role::Quiet };
    vec![
        (it.name.clone(), role, if narrow(shared) { 12 } else { 18 }),
        (it.shown_name.clone(), role, if narrow(shared) { 20 } else { 24 }),
        (words.code("user", &it.state), role, if narrow(shared) { 10 } else { 14 }),
        (SafeText::join(&roles, ", "), role, 0),
    ]
}

/// Where a role holds: `country`, `state:KEY` or `municipality:KEY`, in words.
fn reach(scope: &SafeText, shared: &Shared) -> SafeText {
    match scope.as_str().split_once(':') {
        Some(("municipality", key)) => shared.place(&Code::new(key)),
        Some(("state", key)) => shared.words.fill("reach-state", &[("key", SafeText::line(key))]),
        _ if scope.as_str() == "country" => shared.words.say("reach-country"),
        _ => scope.clone(),
    }
}

/// An account in full.
pub fn user_full(it: &User, shared: &Shared) -> Full {
    let words = shared.words;
    let mut full = vec![(it.shown_name.clone().with("  ").with(&it.name), Role::Title)];
    for (role, scope) in &it.roles {
        full.push((words.code("role", role).with("  ").with(reach(scope, shared)), Role::Plain));
    }
    let signed = it.signed_in_at.map_or_else(|| words.say("never"), |at| words.day(at));
    full.push((words.fill("user-signed-in", &[("at", signed)]), Role::Plain));
    let factor = words.say(if it.second_factor { "user-factor" } else { "user-no-factor" });
    full.push((factor, if it.second_factor { Role::Plain } else { Role::Soon }));
    if !it.office.as_str().is_empty() {
        full.push((
            words.say("field-office").with(": ").with(shared.office(&Code::default(), &it.office)),
            Role::Plain,
        ));
    }
    if !it.grants.is_empty() {
        let grants: Vec<SafeText> = it.grants.iter().map(Code::text).collect();
        full.push((words.fill("user-grants", &[("grants", SafeText::join(&grants, ", "))]), Role::Plain));
    }
    full
}

/// GOOD, mid or POOR: a word, since colour alone tells nothing.
fn verdict(it: &Indicator, shared: &Shared) -> Cell {
    let role = match it.verdict.as_str() {
        "good" => Role::Title,
        "poor" => Role::Breach,
        _ => Role::Plain,
    };
    let text = if it.verdict.as_str().is_empty() {
        SafeText::own("-")
    } else {
        shared.words.code("verdict", &it.verdict)
    };
    (text, role, 8)
}

/// An indicator on one line.
pub fn indicator(it: &Indicator, shared: &Shared) -> Vec<Cell> {
    let words = shared.words;
    let value = match &it.value {
        Ok(value) => value.clone().with(" ").with(&it.unit),
        Err(why) => words.code("missing", why),
    };
    let rank = it.rank.map_or_else(
        || SafeText::own("-"),
        |(rank, size)| SafeText::number(rank).with("/").with(SafeText::number(size)),
    );
    vec![
        verdict(it, shared),
        plain(rank, if narrow(shared) { 6 } else { 9 }),
        plain(value, if narrow(shared) { 11 } else { 22 }),
        plain(sparkline(it), if narrow(shared) { 0 } else { 12 }),
        plain(it.label.clone(), 0),
    ]
}

/// The figures of the years, the lowest at the bottom.
fn sparkline(it: &Indicator) -> SafeText {
    const STEPS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let values: Vec<Option<f64>> = it.trend.iter().map(|it| it.1.as_ref().and_then(number)).collect();
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    if known.len() < 2 {
        return SafeText::default();
    }
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut line = SafeText::default();
    for value in values.iter().rev().take(10).rev() {
        line = line.with(match value {
            Some(value) if high > low => STEPS[(((value - low) / (high - low)) * 7.0).round() as usize % 8],
            Some(_) => STEPS[3],
            None => " ",
        });
    }
    line
}

fn number(text: &SafeText) -> Option<f64> {
    text.as_str().parse::<f64>().ok().filter(|it| it.is_finite())
}

/// An indicator in full: its group as bars with numbers.
pub fn indicator_full(it: &Indicator, shared: &Shared) -> Full {
    let words = shared.words;
    let mut head = it.label.clone().with("  ").with(SafeText::number(i64::from(it.year)));
    if let Some(median) = &it.median {
        head = head.with("  ").with(words.fill("median", &[("value", median.clone())]));
    }
    head =
        head.with("  ").with(words.say(if it.lower_is_better { "less-is-better" } else { "more-is-better" }));
    let mut full = vec![(head, Role::Title)];
    let trend: Vec<SafeText> = it
        .trend
        .iter()
        .map(|(year, value)| {
            let value = value.clone().unwrap_or_else(|| SafeText::own("-"));
            SafeText::number(i64::from(*year)).with(": ").with(value)
        })
        .collect();
    if !trend.is_empty() {
        full.push((SafeText::join(&trend, "  "), Role::Quiet));
    }
    let most = it.peers.iter().filter_map(|it| number(&it.2)).fold(0.0, f64::max);
    let room = f64::from(shared.size.0.saturating_sub(50).clamp(8, 60));
    for (_, name, value) in &it.peers {
        let cells = number(value)
            .filter(|_| most > 0.0)
            .map_or(0, |it| ((it / most) * room).round().max(0.0) as usize);
        let bar = SafeText::line(&"#".repeat(cells));
        let mut name = name.cut(26);
        while name.width() < 27 {
            name = name.with(" ");
        }
        full.push((name.with(value).with(" ").with(bar), Role::Plain));
    }
    full
}
