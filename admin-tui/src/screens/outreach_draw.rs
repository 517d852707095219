//! How cards and broadcasts are written, on one line and in full.

use super::table::Cell;
use crate::outreach_data::{
    Broadcast, BroadcastRow, Candidate, CardAudience, Finding, Highlight, HighlightRow, Moved, People,
    Preview, Sign,
};
use crate::safe::{Code, SafeText};
use crate::shared::Shared;
use crate::theme::Role;
use crate::widgets;
use crate::words::Words;

type Full = Vec<(SafeText, Role)>;

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
fn short(hash: &SafeText) -> SafeText {
    let letters: String = hash.as_str().chars().take(HASH).collect();
    SafeText::line(&letters)
}

fn previews(full: &mut Full, previews: &[Preview], shown: usize, words: Words) {
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

/// The figure that moved, with both years and its source.
pub fn moved(it: &Moved, words: Words) -> SafeText {
    let args = [
        ("label", it.label.clone()),
        ("before", it.before.1.clone()),
        ("from", SafeText::number(it.before.0)),
        ("after", it.after.1.clone()),
        ("to", SafeText::number(it.after.0)),
        ("unit", it.unit.clone()),
        ("source", it.source.clone()),
    ];
    words.fill("card-figure", &args)
}

fn signs(list: &[Sign], words: Words) -> SafeText {
    let one = |(by, at): &Sign| {
        let name = by.as_ref().map_or_else(|| words.say("somebody-else"), |it| it.name.clone());
        name.with(" ").with(words.day(*at))
    };
    SafeText::join(&list.iter().map(one).collect::<Vec<_>>(), ", ")
}

/// The second line of a card.
pub fn card_line(it: &Highlight, shared: &Shared) -> (Full, SafeText) {
    let words = shared.words;
    let state = SafeText::own(" ").with(words.code("card-state", &it.row.state)).with("  ");
    let place = it.row.municipality_name.clone().with("  ");
    let parts = vec![
        (state, Role::Title),
        (place, Role::Plain),
        (words.code("theme", &it.row.theme).with("  "), Role::Quiet),
    ];
    (parts, short(&it.hash))
}

/// The second line of a broadcast.
pub fn cast_line(it: &Broadcast, shared: &Shared) -> (Full, SafeText) {
    let words = shared.words;
    let state = SafeText::own(" ").with(words.code("cast-state", &it.row.state)).with("  ");
    let (role, left) = match it.progress {
        Some(progress) => {
            let args =
                [("sent", SafeText::number(progress.sent)), ("people", SafeText::number(progress.people))];
            (Role::Plain, words.fill("cast-sent", &args))
        }
        None => (Role::Quiet, approvals(&it.row, words)),
    };
    (vec![(state, Role::Title), (left, role)], short(&it.hash))
}

fn approvals(it: &BroadcastRow, words: Words) -> SafeText {
    let (given, needed) = it.approvals;
    let args = [("given", SafeText::number(given)), ("needed", SafeText::number(needed))];
    words.fill("cast-approvals", &args)
}

/// A card on one line.
pub fn highlight(it: &HighlightRow, shared: &Shared) -> Vec<Cell> {
    let words = shared.words;
    let small = narrow(shared);
    vec![
        (it.code.clone(), Role::Title, 5),
        plain(words.code("card-state", &it.state), 12),
        plain(it.municipality_name.clone(), if small { 14 } else { 24 }),
        plain(words.code("theme", &it.theme), if small { 0 } else { 18 }),
        plain(it.title.clone(), 0),
    ]
}

/// A card under the list.
pub fn highlight_full(it: &HighlightRow, shared: &Shared) -> Full {
    let words = shared.words;
    let head = it.code.clone().with("  ").with(words.code("card-state", &it.state)).with("  ");
    let about = words.code("theme", &it.theme).with("  ").with(it.topic.text());
    vec![
        (head.with(&it.municipality_name), Role::Title),
        (it.title.clone(), Role::Plain),
        (about.with("  ").with(words.day(it.updated_at)), Role::Quiet),
    ]
}

/// A candidate on one line.
pub fn candidate(it: &Candidate, shared: &Shared) -> Vec<Cell> {
    let figure = &it.figure;
    let change = figure.before.1.clone().with(" -> ").with(&figure.after.1);
    let (rank, size) = it.rank;
    vec![
        plain(it.municipality_name.clone(), if narrow(shared) { 18 } else { 26 }),
        plain(it.topic.text(), 14),
        (change, Role::Title, 18),
        plain(SafeText::number(rank).with("/").with(SafeText::number(size)), 8),
        plain(figure.label.clone(), 0),
    ]
}

/// A candidate under the list.
pub fn candidate_full(it: &Candidate, shared: &Shared) -> Full {
    let words = shared.words;
    let (rank, size) = it.rank;
    let args = [
        ("change", it.group_change.clone()),
        ("rank", SafeText::number(rank)),
        ("size", SafeText::number(size)),
    ];
    vec![
        (it.municipality_name.clone().with("  ").with(it.topic.text()), Role::Title),
        (moved(&it.figure, words), Role::Plain),
        (words.fill("candidate-group", &args), Role::Plain),
        (words.say("candidate-how"), Role::Quiet),
    ]
}

/// Whom a card is for.
pub fn audience(it: &CardAudience, words: Words) -> SafeText {
    let args = [("count", SafeText::number(it.places.len() as u64)), ("subscribers", it.subscribers.clone())];
    let head = words.fill("card-audience", &args);
    it.places.iter().fold(head, |text, place| text.with("\n").with(place))
}

/// Personal data that was found.
pub fn finding((place, kind, piece): &Finding, words: Words) -> SafeText {
    let args = [
        ("field", words.code("card-field", place)),
        ("kind", words.code("personal", kind)),
        ("text", piece.clone()),
    ];
    words.fill("card-finding", &args)
}

/// A card in full, with one of its channels.
pub fn card(it: &Highlight, shown: usize, shared: &Shared) -> Full {
    let words = shared.words;
    let text = &it.text;
    let mut full = vec![(text.title.clone(), Role::Title)];
    full.push(match &it.figure {
        Some(figure) => (moved(figure, words), Role::Plain),
        None => (words.say("card-no-figure"), Role::Breach),
    });
    for found in &it.findings {
        let role = if it.cleared.is_some() { Role::Quiet } else { Role::Breach };
        full.push((finding(found, words), role));
    }
    if let Some(by) = &it.cleared {
        full.push((
            words.fill("card-cleared", &[("who", signs(std::slice::from_ref(by), words))]),
            Role::Quiet,
        ));
    }
    if let Some(reason) = &it.reason {
        full.push((words.fill("card-reason", &[("reason", reason.clone())]), Role::Soon));
    }
    // As it is read comes first: that is what is approved.
    previews(&mut full, &it.previews, shown, words);
    let mut field = |key: &str, value: &SafeText| {
        if !value.is_empty() {
            full.push((words.fill(key, &[("text", value.clone())]), Role::Plain));
        }
    };
    field("card-done", &text.done);
    field("card-contact", &text.contact);
    field("card-cost", &text.cost);
    field("card-learned", &text.learned);
    field("card-evidence", &SafeText::join(&text.evidence, "  "));
    field("card-sdg", &text.sdg.map(SafeText::number).unwrap_or_default());
    let mut who = |key: &str, list: &[Sign]| {
        if !list.is_empty() {
            full.push((words.fill(key, &[("who", signs(list, words))]), Role::Quiet));
        }
    };
    who("card-author", std::slice::from_ref(&it.author));
    who("card-editors", &it.editors);
    who("card-approved", &it.approvals);
    if it.row.state == "published" {
        let least = |it: u64| SafeText::own(">=").with(SafeText::number(it));
        let told = |it: Option<u64>| it.map_or_else(|| SafeText::own("<15"), least);
        let [yes, half, no] = it.feedback.map(told);
        full.push((words.fill("card-feedback", &[("yes", yes), ("half", half), ("no", no)]), Role::Plain));
    }
    if !it.adoptions.is_empty() {
        full.push((words.say("card-adoptions"), Role::Title));
    }
    for adoption in &it.adoptions {
        let args = [
            ("name", adoption.name.clone()),
            ("from", adoption.from.clone()),
            ("since", adoption.since.clone()),
        ];
        full.push((words.fill("card-adoption", &args), Role::Plain));
    }
    full
}

/// A broadcast on one line.
pub fn broadcast(it: &BroadcastRow, shared: &Shared) -> Vec<Cell> {
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
        (words.code("cast-state", &it.state), role, 14),
        plain(people(it.people, words), 13),
        plain(signed, if small { 0 } else { 5 }),
        plain(words.day(it.updated_at), if small { 0 } else { 13 }),
        plain(it.title.clone(), 0),
    ]
}

/// A broadcast under the list.
pub fn broadcast_full(it: &BroadcastRow, shared: &Shared) -> Full {
    let words = shared.words;
    let mut full = vec![(it.title.clone(), Role::Title)];
    let mut line = words.code("cast-state", &it.state).with("  ");
    line = line.with(words.fill("cast-people", &[("people", people(it.people, words))]));
    full.push((line.with("  ").with(approvals(it, words)), Role::Plain));
    full.push((words.fill("cast-author", &[("who", it.author.name.clone())]), Role::Quiet));
    if it.correction {
        full.push((words.say("cast-correction"), Role::Soon));
    }
    if let Some(at) = it.send_at {
        full.push((words.fill("cast-not-before", &[("at", words.moment(at))]), Role::Plain));
    }
    full
}

/// Whom a broadcast is for, in words.
fn whom(it: &Broadcast, words: Words) -> SafeText {
    let audience = &it.draft.audience;
    if audience.demand.is_some() {
        return words.say("cast-of-demand");
    }
    if it.row.correction {
        return words.say("cast-of-correction");
    }
    let mut parts = Vec::new();
    let mut part = |key: &str, value: SafeText| {
        if !value.is_empty() {
            parts.push(words.fill(key, &[("text", value)]));
        }
    };
    part("cast-places", SafeText::join(&audience.places, ", "));
    part("cast-peers", audience.peers_of.clone().unwrap_or_default());
    part("cast-topic", audience.topic.clone().unwrap_or_default());
    part("cast-language", audience.language.clone().unwrap_or_default());
    if parts.is_empty() { words.say("cast-nobody") } else { SafeText::join(&parts, "; ") }
}

/// A broadcast in full, with one of its channels.
pub fn cast(it: &Broadcast, shown: usize, shared: &Shared) -> Full {
    let words = shared.words;
    let number = |it: u64| SafeText::number(it);
    let mut full: Full = Vec::new();
    if let Some(reason) = &it.reason {
        let known = match reason.as_str() {
            code @ ("highlight" | "demand" | "few" | "many" | "approval" | "text") => {
                words.code("cast-reason", &Code::new(code))
            }
            _ => reason.clone(),
        };
        full.push((words.fill("cast-halted", &[("reason", known)]), Role::Breach));
    }
    for warning in &it.warnings {
        full.push((SafeText::own("! ").with(words.code("cast-warning", warning)), Role::Soon));
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
        full.push((words.fill("cast-progress", &args), Role::Title));
        let room = u64::from(shared.size.0.saturating_sub(12).clamp(20, 80));
        let settled = progress.sent + progress.failed + progress.passed_over + progress.cancelled;
        let filled = (settled * room).checked_div(progress.people).unwrap_or(0).min(room) as usize;
        let bar = "#".repeat(filled) + &".".repeat(room as usize - filled);
        let percent = (100 * settled).checked_div(progress.people).unwrap_or(0);
        full.push((SafeText::line(&bar).with(" ").with(number(percent)).with(" %"), Role::Plain));
    }
    full.push((words.fill("cast-for", &[("whom", whom(it, words))]), Role::Plain));
    let reach = it.municipalities.len() as u64;
    let mut line = words.fill("cast-people", &[("people", people(it.row.people, words))]);
    if reach > 0 {
        line = line.with("  ").with(words.fill("cast-reach", &[("count", number(reach))]));
    }
    line = line.with("  ").with(words.fill("cast-price", &[("price", widgets::money(it.price))]));
    full.push((line, Role::Plain));
    let channels = SafeText::join(&it.draft.channels, ", ");
    full.push((words.fill("cast-channels", &[("channels", channels)]), Role::Plain));
    let quiet = if it.quiet.0 == it.quiet.1 {
        words.say("cast-no-quiet")
    } else {
        let hour = |it: u8| SafeText::number(it);
        words.fill("cast-quiet", &[("from", hour(it.quiet.0)), ("until", hour(it.quiet.1))])
    };
    full.push((quiet, Role::Quiet));
    let at = it.begins_at.map(|at| ("cast-begins", at));
    if let Some((key, at)) = at.or_else(|| it.row.send_at.map(|at| ("cast-not-before", at))) {
        full.push((words.fill(key, &[("at", words.moment(at))]), Role::Plain));
    }
    if !it.draft.tags.is_empty() {
        let tags: Vec<SafeText> = it.draft.tags.iter().map(|it| words.code("cast-tag", it)).collect();
        full.push((words.fill("cast-tags", &[("tags", SafeText::join(&tags, ", "))]), Role::Soon));
    }
    previews(&mut full, &it.previews, shown, words);
    full.push((words.fill("cast-author", &[("who", it.row.author.name.clone())]), Role::Quiet));
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
        full.push((words.say("cast-type-people"), Role::Quiet));
    }
    full
}
