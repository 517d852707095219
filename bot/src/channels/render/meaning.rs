//! Texts about what is measured: definitions, sources, the list of topics.

use super::Draft;
use super::comparing::{answer, gone};
use super::words::{Words, choices, sentences};
use crate::domain::benchmark::{self};
use crate::domain::pack::localized;

/// A plain definition.
pub(super) fn definition(words: &Words<'_>, topic: &str) -> Draft {
    let Some(topic) = words.facts.topic(topic) else { return gone(words) };
    answer(vec![words.text("definition", &[("definition", localized(&topic.definition, words.locale))])])
}

/// What a word of the answers means.
pub(super) fn term(words: &Words<'_>, id: &str) -> Draft {
    let term = words.facts.manifest.terms.iter().find(|it| it.id == id);
    let definition = term.map_or("", |it| localized(&it.definition, words.locale));
    answer(vec![words.text("definition", &[("definition", definition)])])
}

/// The official name of a series that no topic answers.
pub(super) fn series_definition(words: &Words<'_>, code: &str) -> Draft {
    let Some(series) = words.facts.series(code) else { return gone(words) };
    let years: Vec<&str> = series.years.keys().map(String::as_str).collect();
    let text = words.text(
        "series-definition",
        &[
            ("name", localized(&series.name, words.locale)),
            ("unit", &series.unit),
            ("source", &series.tag),
            ("years", &years.join(", ")),
        ],
    );
    answer(vec![text])
}

/// Where a figure comes from: who and licence, title, release and rule.
pub(super) fn source(words: &Words<'_>, topic: &str, page: usize) -> Draft {
    let Some(topic) = words.facts.topic(topic) else { return gone(words) };
    let Some((_, series, year)) = benchmark::newest(words.facts, topic) else { return gone(words) };
    let before_bracket = |text: &str| text.split(" (").next().unwrap_or(text).to_owned();
    let year = year.to_string();
    match page {
        0 => {
            let wording = |institution: &str| {
                words.text(
                    "source-who",
                    &[
                        ("topic", &words.topic_title(topic)),
                        ("institution", institution),
                        ("year", &year),
                        ("licence", &series.licence),
                    ],
                )
            };
            answer(vec![
                wording(&series.institution),
                wording(&before_bracket(&series.institution)),
                wording(&series.tag),
            ])
        }
        1 => {
            let wording = |publication: &str| words.text("source-title", &[("publication", publication)]);
            answer(vec![wording(&series.publication), wording(&before_bracket(&series.publication))])
        }
        _ => {
            let checksum = series.years.get(&year).map_or("", |it| it.checksum.as_str());
            let checksum: String = checksum.chars().take(8).collect();
            let release = words.facts.manifest.pack.release.as_str();
            let args = [
                ("release", release),
                ("checksum", checksum.as_str()),
                ("points", &*series.min_change.to_string()),
                ("small", &*series.min_change_small.to_string()),
                ("people", &*super::words::grouped(i64::from(series.small_population))),
            ];
            answer(vec![words.text("source-release", &args), words.text("source-release-plain", &args[..2])])
        }
    }
}

/// The topics one can ask about, a page of them.
pub(super) fn topics(words: &Words<'_>, page: usize) -> Draft {
    let pages = crate::engine::topics::pages(words.facts, words.channel);
    let list: Vec<&str> = pages.get(page).into_iter().flatten().map(|topic| words.keyword(topic)).collect();
    let text = words.text(if page == 0 { "topics" } else { "topics-more" }, &[("list", &list.join(", "))]);
    let mut offered = choices(&list);
    if page + 1 >= pages.len() {
        return answer(vec![text]).offering(offered);
    }
    let more = words.text("more-word", &[]);
    offered.extend(choices(&[&more]));
    answer(vec![sentences(&[&text, &format!("{more}.")])]).offering(offered)
}
