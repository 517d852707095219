//! How cards about what worked are written, on one line and in full.

use super::broadcast_draw::{previews, short};
use super::detail::Full;
use super::table::Cell;
use crate::highlight_data::{Candidate, CardAudience, Finding, Highlight, HighlightRow, Moved, Sign};
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;
use crate::words::Words;

const fn narrow(shared: &Shared) -> bool {
    shared.size.0 < 80
}

fn plain(text: SafeText, width: u16) -> Cell {
    (text, Role::Plain, width)
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
pub fn second_line(it: &Highlight, shared: &Shared) -> (Full, SafeText) {
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

/// A card on one line.
pub fn row(it: &HighlightRow, shared: &Shared) -> Vec<Cell> {
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
pub fn row_full(it: &HighlightRow, shared: &Shared) -> Full {
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
pub fn whole(it: &Highlight, shown: usize, shared: &Shared) -> Full {
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
