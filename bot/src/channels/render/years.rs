//! Texts about the years: a trend, and what keeps its years from being compared.

use super::Draft;
use super::comparing::{answer, gone};
use super::words::{Words, sentences};
use crate::domain::benchmark::{self, Change, TrendPoint};
use crate::domain::figure::Figure;
use crate::domain::municipality::MunicipalityId;
use crate::domain::pack::{Comparability, localized};

/// All years, with what may be said of the change between them.
pub(super) fn trend(words: &Words<'_>, key: &str, topic: &str) -> Draft {
    let (Some((id, municipality)), Some(topic)) = (words.find(key), words.facts.topic(topic)) else {
        return gone(words);
    };
    let points = benchmark::trend(words.facts, id, topic);
    let having: Vec<(&TrendPoint<'_>, Figure)> =
        points.iter().filter_map(|it| it.reading.value().map(|value| (it, value))).collect();
    let tag = having.last().and_then(|(it, _)| words.facts.series(it.code)).map_or("", |it| it.tag.as_str());
    if having.is_empty() {
        let args = [("place", municipality.display_name()), ("topic", &words.topic_word(topic))];
        return answer(vec![words.text("trend-no-data", &args)]).about(key);
    }
    let list: Vec<String> = points
        .iter()
        .filter_map(|it| {
            let series = words.facts.series(it.code)?;
            let year = it.year.to_string();
            Some(match it.reading.value() {
                Some(value) => {
                    words.text("trend-point", &[("year", &year), ("value", &words.value(series, value))])
                }
                None => words.text("trend-point-absent", &[("year", &year)]),
            })
        })
        .collect();
    let word = words.topic_word(topic);
    let head = words.text(
        "trend",
        &[("place", municipality.display_name()), ("topic", &word), ("points", &list.join(", "))],
    );
    let wording = |short: bool, careful: bool| {
        let (mut said, warning) = changes(words, id, &points, short);
        // The reason itself where it fits, else that the next page has it.
        if let Some(warning) = warning
            && careful
        {
            said.push(if short { words.text("trend-warned", &[]) } else { warning });
        }
        let mut all = vec![head.as_str()];
        all.extend(said.iter().map(String::as_str));
        all.push(tag);
        sentences(&all)
    };
    // The warning is dropped only where the note on the next page says it in full.
    answer(vec![wording(false, true), wording(true, true), wording(true, false)]).about(key)
}

/// What may be said of the change from each year with a figure to the next, and the reason for care
/// where there is one.
pub(super) fn changes(
    words: &Words<'_>,
    id: MunicipalityId,
    points: &[TrendPoint<'_>],
    short: bool,
) -> (Vec<String>, Option<String>) {
    let having: Vec<(&TrendPoint<'_>, Figure)> =
        points.iter().filter_map(|it| it.reading.value().map(|value| (it, value))).collect();
    let mut said = Vec::new();
    let mut warning: Option<String> = None;
    for pair in having.windows(2) {
        let [(from, before), (to, after)] = pair else { continue };
        let years = [("from", from.year.to_string()), ("to", to.year.to_string())];
        let args: Vec<(&str, &str)> = years.iter().map(|(name, it)| (*name, it.as_str())).collect();
        let (compare, note) =
            benchmark::comparability(words.facts, (from.code, from.year), (to.code, to.year));
        let message = match (compare, words.facts.series(to.code)) {
            (Comparability::No, _) | (_, None) if short => "trend-broken-short",
            (Comparability::No, _) | (_, None) => "trend-broken",
            (compare, Some(series)) => {
                if compare == Comparability::Warn {
                    warning = note.map(|it| localized(it, words.locale).to_owned());
                }
                match benchmark::change(words.facts, id, series, *before, *after) {
                    Change::Better => "trend-better",
                    Change::Worse => "trend-worse",
                    Change::Rose => "trend-rose",
                    Change::Fell => "trend-fell",
                    Change::Unclear => "trend-unclear",
                }
            }
        };
        said.push(words.text(message, &args));
    }
    if let [(only, _)] = having[..] {
        said.push(words.text("trend-one-year", &[("year", &only.year.to_string())]));
    }
    (said, warning)
}

/// What changed in the method between two years.
pub(super) fn trend_note(words: &Words<'_>, key: &str, topic: &str) -> Draft {
    let (Some((id, _)), Some(topic)) = (words.find(key), words.facts.topic(topic)) else {
        return gone(words);
    };
    let points = benchmark::trend(words.facts, id, topic);
    let notes: Vec<String> = points
        .windows(2)
        .filter_map(|pair| {
            let [from, to] = pair else { return None };
            let note = localized(from.note?, words.locale);
            Some(words.text(
                "trend-note",
                &[
                    ("topic", &words.topic_title(topic)),
                    ("from", &from.year.to_string()),
                    ("to", &to.year.to_string()),
                    ("note", note),
                ],
            ))
        })
        .collect();
    let last = notes.last().cloned().unwrap_or_default();
    answer(vec![notes.join(" "), last]).about(key)
}
