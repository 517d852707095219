//! How broadcasts are written, on one line and in full, and what a message is on each channel.

use super::detail::Full;
use super::table::Cell;
use crate::broadcast_data::{Broadcast, BroadcastRow, People, Preview};
use crate::safe::{Code, SafeText};
use crate::shared::Shared;
use crate::theme::Role;
use crate::widgets;
use crate::words::Words;

/// Letters of a hash that are shown.
const HASH: usize = 12;

const fn narrow(shared: &Shared) -> bool {
    shared.size.0 < 80
}

fn plain(text: SafeText, width: u16) -> Cell {
    (text, Role::Plain, width)
}

/// How many people, as far as it may be told.
pub fn people(it: People, words: Words) -> SafeText {
    if it.few {
        return SafeText::own("<11");
    }
    let count = SafeText::number(it.count);
    if it.exact { count } else { words.fill("people-about", &[("count", count)]) }
}

/// What a message is on one channel: bytes, segments, price.
pub fn preview_line(words: Words, it: &Preview) -> SafeText {
    let args = [
        ("language", it.language.clone()),
        ("channel", it.channel.clone()),
        ("encoding", words.code("encoding", &it.encoding)),
        ("units", SafeText::number(it.units)),
        ("bytes", SafeText::number(it.bytes)),
        ("segments", SafeText::number(it.segments)),
        ("price", widgets::money(it.price)),
    ];
    let line = words.fill(if it.kind == "sms" { "preview-sms" } else { "preview-other" }, &args);
    match &it.offending {
        Some(letter) => line.with(" ").with(words.fill("cost-dear", &[("letter", letter.clone())])),
        None => line,
    }
}

/// A question with all that is agreed to: the hash that an approval names, each channel with its bytes and segments, and
/// the text as it goes there. Channels with the same text stand together over it.
pub fn seen(question: SafeText, previews: &[Preview], hash: &SafeText, words: Words) -> SafeText {
    let mut all = question.with("\n").with(words.fill("seen-hash", &[("hash", short(hash))]));
    for (at, it) in previews.iter().enumerate() {
        all = all.with("\n").with(preview_line(words, it));
        if previews.get(at + 1).is_some_and(|next| next.text == it.text) {
            continue;
        }
        // No line of a text looks like one of ours.
        for line in it.text.wrap(usize::MAX) {
            all = all.with("\n| ").with(it.text.slice(line));
        }
    }
    all
}

/// As much of a hash as tells it from others.
pub fn short(hash: &SafeText) -> SafeText {
    let letters: String = hash.as_str().chars().take(HASH).collect();
    SafeText::line(&letters)
}

/// What it is on each channel, and the text of one of them.
pub fn previews(full: &mut Full, previews: &[Preview], shown: usize, words: Words) {
    let Some(it) = previews.get(shown).or_else(|| previews.first()) else { return };
    let args = [
        ("at", SafeText::number(shown.min(previews.len() - 1) as u64 + 1)),
        ("count", SafeText::number(previews.len() as u64)),
    ];
    full.push((words.fill("preview-head", &args), Role::Title));
    for (at, one) in previews.iter().enumerate() {
        let role = if at == shown { Role::Plain } else { Role::Quiet };
        let mark = if at == shown { "> " } else { "  " };
        full.push((SafeText::own(mark).with(preview_line(words, one)), role));
    }
    full.push((it.text.clone(), Role::Plain));
}

/// The second line of a broadcast.
pub fn second_line(it: &Broadcast, shared: &Shared) -> (Full, SafeText) {
    let words = shared.words;
    let state = SafeText::own(" ").with(words.code("broadcast-state", &it.row.state)).with("  ");
    let (role, left) = match it.progress {
        Some(progress) => {
            let args =
                [("sent", SafeText::number(progress.sent)), ("people", SafeText::number(progress.people))];
            (Role::Plain, words.fill("broadcast-sent", &args))
        }
        None => (Role::Quiet, approvals(&it.row, words)),
    };
    (vec![(state, Role::Title), (left, role)], short(&it.hash))
}

fn approvals(it: &BroadcastRow, words: Words) -> SafeText {
    let (given, needed) = it.approvals;
    let args = [("given", SafeText::number(given)), ("needed", SafeText::number(needed))];
    words.fill("broadcast-approvals", &args)
}

/// A broadcast on one line.
pub fn row(it: &BroadcastRow, shared: &Shared) -> Vec<Cell> {
    let words = shared.words;
    let small = narrow(shared);
    let role = match it.state.as_str() {
        "held" | "stopped" => Role::Breach,
        "sending" | "preparing" | "submitted" => Role::Soon,
        _ => Role::Plain,
    };
    let (given, needed) = it.approvals;
    let signed = SafeText::number(given).with("/").with(SafeText::number(needed));
    vec![
        (words.code("broadcast-state", &it.state), role, 14),
        plain(people(it.people, words), 13),
        plain(signed, if small { 0 } else { 5 }),
        plain(words.day(it.updated_at), if small { 0 } else { 13 }),
        plain(it.title.clone(), 0),
    ]
}

/// A broadcast under the list.
pub fn row_full(it: &BroadcastRow, shared: &Shared) -> Full {
    let words = shared.words;
    let mut full = vec![(it.title.clone(), Role::Title)];
    let mut line = words.code("broadcast-state", &it.state).with("  ");
    line = line.with(words.fill("broadcast-people", &[("people", people(it.people, words))]));
    full.push((line.with("  ").with(approvals(it, words)), Role::Plain));
    full.push((words.fill("broadcast-author", &[("who", it.author.name.clone())]), Role::Quiet));
    if it.correction {
        full.push((words.say("broadcast-correction"), Role::Soon));
    }
    if let Some(at) = it.send_at {
        full.push((words.fill("broadcast-not-before", &[("at", words.moment(at))]), Role::Plain));
    }
    full
}

/// Whom a broadcast is for, in words.
fn whom(it: &Broadcast, words: Words) -> SafeText {
    let audience = &it.draft.audience;
    if audience.demand.is_some() {
        return words.say("broadcast-of-demand");
    }
    if it.row.correction {
        return words.say("broadcast-of-correction");
    }
    let mut parts = Vec::new();
    let mut part = |key: &str, value: SafeText| {
        if !value.is_empty() {
            parts.push(words.fill(key, &[("text", value)]));
        }
    };
    part("broadcast-places", SafeText::join(&audience.places, ", "));
    part("broadcast-peers", audience.peers_of.clone().unwrap_or_default());
    part("broadcast-topic", audience.topic.clone().unwrap_or_default());
    part("broadcast-language", audience.language.clone().unwrap_or_default());
    if parts.is_empty() { words.say("broadcast-nobody") } else { SafeText::join(&parts, "; ") }
}

/// A broadcast in full, with one of its channels.
pub fn whole(it: &Broadcast, shown: usize, shared: &Shared) -> Full {
    let words = shared.words;
    let number = |it: u64| SafeText::number(it);
    let mut full: Full = Vec::new();
    if let Some(reason) = &it.reason {
        let known = match reason.as_str() {
            code @ ("highlight" | "demand" | "few" | "many" | "approval" | "text" | "budget") => {
                words.code("broadcast-reason", &Code::new(code))
            }
            _ => reason.clone(),
        };
        full.push((words.fill("broadcast-halted", &[("reason", known)]), Role::Breach));
    }
    for warning in &it.warnings {
        full.push((SafeText::own("! ").with(words.code("broadcast-warning", warning)), Role::Soon));
    }
    if let Some(progress) = it.progress {
        let args = [
            ("people", number(progress.people)),
            ("sent", number(progress.sent)),
            ("failed", number(progress.failed)),
            ("queued", number(progress.queued)),
            ("waiting", number(progress.waiting)),
            ("passed", number(progress.passed_over)),
            ("cancelled", number(progress.cancelled)),
        ];
        full.push((words.fill("broadcast-progress", &args), Role::Title));
        let room = u64::from(shared.size.0.saturating_sub(12).clamp(20, 80));
        let settled = progress.sent + progress.failed + progress.passed_over + progress.cancelled;
        let filled = (settled * room).checked_div(progress.people).unwrap_or(0).min(room) as usize;
        let bar = "#".repeat(filled) + &".".repeat(room as usize - filled);
        let percent = (100 * settled).checked_div(progress.people).unwrap_or(0);
        full.push((SafeText::line(&bar).with(" ").with(number(percent)).with(" %"), Role::Plain));
    }
    full.push((words.fill("broadcast-for", &[("whom", whom(it, words))]), Role::Plain));
    let reach = it.municipalities.len() as u64;
    let mut line = words.fill("broadcast-people", &[("people", people(it.row.people, words))]);
    if reach > 0 {
        line = line.with("  ").with(words.fill("broadcast-reach", &[("count", number(reach))]));
    }
    line = line.with("  ").with(words.fill("broadcast-price", &[("price", widgets::money(it.price))]));
    full.push((line, Role::Plain));
    let channels = SafeText::join(&it.draft.channels, ", ");
    full.push((words.fill("broadcast-channels", &[("channels", channels)]), Role::Plain));
    let quiet = if it.quiet.0 == it.quiet.1 {
        words.say("broadcast-no-quiet")
    } else {
        let hour = |it: u8| SafeText::number(it);
        words.fill("broadcast-quiet", &[("from", hour(it.quiet.0)), ("until", hour(it.quiet.1))])
    };
    full.push((quiet, Role::Quiet));
    let at = it.begins_at.map(|at| ("broadcast-begins", at));
    if let Some((key, at)) = at.or_else(|| it.row.send_at.map(|at| ("broadcast-not-before", at))) {
        full.push((words.fill(key, &[("at", words.moment(at))]), Role::Plain));
    }
    if !it.draft.tags.is_empty() {
        let tags: Vec<SafeText> = it.draft.tags.iter().map(|it| words.code("broadcast-tag", it)).collect();
        full.push((words.fill("broadcast-tags", &[("tags", SafeText::join(&tags, ", "))]), Role::Soon));
    }
    previews(&mut full, &it.previews, shown, words);
    full.push((words.fill("broadcast-author", &[("who", it.row.author.name.clone())]), Role::Quiet));
    if !it.editors.is_empty() {
        let names: Vec<SafeText> = it.editors.iter().map(|it| it.name.clone()).collect();
        full.push((words.fill("card-editors", &[("who", SafeText::join(&names, ", "))]), Role::Quiet));
    }
    let mut line = approvals(&it.row, words);
    for (by, at) in &it.approvals {
        line = line.with("  ").with(&by.name).with(" ").with(words.day(*at));
    }
    full.push((line, Role::Quiet));
    if it.type_people {
        full.push((words.say("broadcast-type-people"), Role::Quiet));
    }
    full
}
