//! Small things that several screens draw.

use crate::data::{Preview, PreviewChannel, Row};
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;
use crate::words::Words;

/// What a message is and costs (`GSM-7 143/160, 1 SMS, $0.35`).
pub fn cost_line(words: Words, preview: &Preview) -> SafeText {
    if !preview.missing.is_empty() {
        return words.fill("cost-missing", &[("names", SafeText::join(&preview.missing, ", "))]);
    }
    let parts: Vec<SafeText> = preview.channels.iter().map(|it| channel_cost(words, it)).collect();
    SafeText::join(&parts, "; ")
}

/// What a message is and costs on one channel.
pub fn channel_cost(words: Words, it: &PreviewChannel) -> SafeText {
    let price = money(it.price);
    if it.kind != "sms" {
        let args = [
            ("kind", words.code("channel", &it.kind)),
            ("units", SafeText::number(it.units)),
            ("price", price),
        ];
        return words.fill("cost-other", &args);
    }
    let args = [
        ("encoding", words.code("encoding", &it.encoding)),
        ("units", SafeText::number(it.units)),
        ("left", SafeText::number(it.left)),
        ("segments", SafeText::number(it.segments)),
        ("price", price),
    ];
    let line = words.fill("cost-sms", &args);
    match &it.offending {
        Some(letter) => line.with(" ").with(words.fill("cost-dear", &[("letter", letter.clone())])),
        None => line,
    }
}

/// Thousandths of the currency's unit (`0.350`).
pub fn money(thousandths: i64) -> SafeText {
    let (whole, rest) = (thousandths / 1_000, (thousandths % 1_000).abs());
    SafeText::line(&format!("{whole}.{rest:03}"))
}

/// When the next thing is owed, and how urgent that looks.
pub fn due(shared: &Shared, row: &Row) -> (SafeText, Role) {
    if row.waiting_since.is_some() {
        return (SafeText::own("W"), Role::Waiting);
    }
    let Some(at) = row.due_at.filter(|_| row.open()) else { return (SafeText::default(), Role::Plain) };
    let left = at - shared.now;
    let role = match left {
        ..0 => Role::Breach,
        0..7_200_000 => Role::Soon,
        _ => Role::Plain,
    };
    (shared.words.due(left), role)
}

/// The mark of how soon a case wants a person.
pub fn urgency(shared: &Shared, row: &Row) -> (SafeText, Role) {
    let late = row.open() && row.due_at.is_some_and(|it| it < shared.now);
    if row.urgent || row.priority == "urgent" || late {
        (SafeText::own("!!"), Role::Breach)
    } else if row.priority == "high" {
        (SafeText::own("!"), Role::Soon)
    } else if row.priority == "low" {
        (SafeText::own("v"), Role::Quiet)
    } else {
        (SafeText::default(), Role::Plain)
    }
}

/// Who has a case: `me`, initials, or `-`.
pub fn who(shared: &Shared, row: &Row) -> (SafeText, Role) {
    match &row.assignee {
        None => (SafeText::own("-"), Role::Quiet),
        Some(it) if shared.me.as_ref().is_some_and(|me| me.person.id == it.id) => {
            (shared.words.say("me"), Role::Mine)
        }
        Some(it) => (it.initials(), Role::Others),
    }
}
