//! Texts about which place is meant.

use super::words::{Words, choices, choices_of, grouped};
use super::{Choice, Draft, ReplyKind};

/// Numbers to choose from.
fn numbered(labels: &[String], first: usize) -> Vec<Choice> {
    labels
        .iter()
        .enumerate()
        .map(|(index, label)| Choice { key: (first + index).to_string(), label: label.clone() })
        .collect()
}

/// Which of these places? Those that bear the shared name are told apart by their state alone.
pub(super) fn which(
    words: &Words<'_>,
    name: Option<(&str, usize)>,
    places: &[String],
    first: usize,
    total: usize,
) -> Draft {
    let wording = |short: bool| -> (Vec<String>, String) {
        let labels: Vec<String> =
            places.iter().filter_map(|key| label(words, key, name.map(|it| it.0), places, short)).collect();
        let items: Vec<String> = labels
            .iter()
            .enumerate()
            .map(|(index, label)| {
                words.text("which-item", &[("number", &(first + index).to_string()), ("label", label)])
            })
            .collect();
        let mut list = items.join(" ");
        if first - 1 + places.len() < total {
            list = words.text("which-more", &[("list", &list)]);
        }
        let text = match name {
            Some((name, same)) => {
                words.text("which-same", &[("total", &same.to_string()), ("name", name), ("list", &list)])
            }
            None => words.text("which-other", &[("list", &list)]),
        };
        (labels, text)
    };
    let (labels, full) = wording(false);
    let (_, short) = wording(true);
    let mut choices = numbered(&labels, first);
    if first - 1 + places.len() < total {
        choices.extend(choices_of(&words.text("which-more", &[("list", "")])));
    }
    Draft::new(ReplyKind::Question, vec![full, short]).offering(choices)
}

/// What tells a candidate from the others: the state, and where two share it what the pack says.
fn label(words: &Words<'_>, key: &str, name: Option<&str>, all: &[String], short: bool) -> Option<String> {
    let (id, municipality) = words.find(key)?;
    let state = words.state(id);
    if name != Some(municipality.name.as_str()) {
        let place = if short { municipality.display_name() } else { municipality.name.as_str() };
        return Some(words.text("which-place", &[("place", place), ("state", state)]));
    }
    let twins = all
        .iter()
        .filter_map(|other| words.find(other))
        .filter(|(_, other)| other.state == municipality.state && other.name == municipality.name)
        .count();
    match &municipality.told_apart_by {
        Some(detail) if twins > 1 => Some(match municipality.population {
            Some(people) if !short => words.text(
                "which-told-apart",
                &[("state", state), ("detail", detail), ("people", &grouped(i64::from(people)))],
            ),
            _ => words.text("which-told-apart-plain", &[("state", state), ("detail", detail)]),
        }),
        _ => Some(state.to_owned()),
    }
}

/// Which municipality?
pub(super) fn ask(words: &Words<'_>) -> Draft {
    let args = [("municipality", words.municipality_word()), ("stateword", words.state_word())];
    Draft::new(ReplyKind::Question, vec![words.text("ask-place", &args)])
}

/// A municipality newer than the data: where its people were counted.
pub(super) fn newer(words: &Words<'_>, key: &str) -> Draft {
    let Some((id, municipality)) = words.find(key) else { return ask(words) };
    let kind = words.labels().and_then(|it| it.newer.as_deref()).unwrap_or_else(|| words.municipality_word());
    let place = [("place", municipality.name.as_str()), ("state", words.state(id)), ("kind", kind)];
    let parents: Vec<&str> = municipality
        .counted_in
        .iter()
        .filter_map(|key| words.find(key))
        .map(|(_, parent)| parent.display_name())
        .collect();
    let Some((first, rest)) = parents.split_first() else {
        return Draft::new(ReplyKind::Answer, vec![words.text("newer-alone", &place)]).about(key);
    };
    let counted = rest.iter().fold((*first).to_owned(), |list, parent| {
        words.text("list-two", &[("first", &list), ("second", parent)])
    });
    let labels: Vec<String> = parents
        .iter()
        .enumerate()
        .map(|(index, parent)| {
            words.text("newer-choice", &[("number", &(index + 1).to_string()), ("place", parent)])
        })
        .collect();
    let choices = labels.join(" ");
    let args = [place[0], place[1], place[2], ("parents", counted.as_str()), ("choices", choices.as_str())];
    let buttons = parents
        .iter()
        .enumerate()
        .map(|(index, parent)| Choice { key: (index + 1).to_string(), label: (*parent).to_owned() })
        .collect();
    Draft::new(ReplyKind::Answer, vec![words.text("newer", &args), words.text("newer-short", &args)])
        .about(key)
        .offering(buttons)
}

/// The head town nearest to a shared location.
pub(super) fn nearest(words: &Words<'_>, key: &str, km: u32) -> Draft {
    let Some((id, municipality)) = words.find(key) else { return ask(words) };
    let km = km.to_string();
    let wording = |name: &str| {
        let args = [("place", name), ("state", words.state(id)), ("km", km.as_str())];
        words.text(if km == "0" { "nearest-here" } else { "nearest" }, &args)
    };
    Draft::new(ReplyKind::Question, vec![wording(&municipality.name), wording(municipality.display_name())])
        .about(key)
        .offering(choices(&["1", "2"]))
}

/// The home municipality is now this one.
pub(super) fn home_set(words: &Words<'_>, key: &str) -> Draft {
    let Some((id, municipality)) = words.find(key) else { return ask(words) };
    let topics = super::fixed::suggested(words);
    let wording = |name: &str| {
        words.text(
            "home-set",
            &[
                ("municipality", words.municipality_word()),
                ("place", name),
                ("state", words.state(id)),
                ("topics", &topics),
            ],
        )
    };
    Draft::new(
        ReplyKind::Confirmation,
        vec![wording(&municipality.name), wording(municipality.display_name())],
    )
    .about(key)
}
