//! The main answers: the headline, a topic, several places. Each has wordings from the fullest to the
//! shortest: name, state, value, year, rank, size, median and source are in all of them.

use std::cell::LazyCell;

use super::words::{Words, choices, choices_of, number, sentences};
use super::{Draft, ReplyKind};
use crate::domain::benchmark::{self, Benchmark};
use crate::domain::facts::Facts;
use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;
use crate::domain::municipality::MunicipalityId;
use crate::domain::pack::{Direction, Topic, localized};
use crate::domain::peer_group::Family;

pub(super) fn answer(wordings: Vec<String>) -> Draft {
    Draft::new(ReplyKind::Answer, wordings)
}

/// An answer about a place or a topic that the loaded release no longer has.
pub(super) fn gone(words: &Words<'_>) -> Draft {
    super::fixed::say(words, crate::engine::reply::Say::NoSuchTopic)
}

pub(super) fn of<'a>(
    words: &Words<'a>,
    place: &str,
    topic: &str,
    family: Family,
) -> Option<(MunicipalityId, &'a Topic, Benchmark<'a>)> {
    let facts: &'a Facts = words.facts;
    let id = facts.by_key(place)?;
    let topic = facts.topic(topic)?;
    Some((id, topic, benchmark::benchmark(facts, id, topic, family)?))
}

fn median_text(it: &Benchmark<'_>) -> String {
    it.median().map(|median| number(it.series, median)).unwrap_or_default()
}

/// The answer to a bare name. Shortened in the published order: the second option, the short name,
/// the third option, the word for the median.
pub(super) fn headline(words: &Words<'_>, key: &str, family: Family) -> Draft {
    let rules = &words.facts.manifest.headline;
    let Some((id, topic, it)) = of(words, key, &rules.topic, family) else { return gone(words) };
    let municipality = words.facts.municipality(id);
    let names = [municipality.name.as_str(), municipality.display_name()];
    let topic_word = words.topic_word(topic);
    let year = it.year.to_string();
    let source = it.series.tag.as_str();
    let state = words.state(id);
    let Some(value) = it.reading.value() else {
        return headline_absent(words, key, family, &topic_word, &year, source);
    };
    let value = words.value(it.series, value);
    let Some(place) = it.place.filter(|_| it.size() > 1) else {
        let wording = |name: &str| {
            let args = [
                ("place", name),
                ("state", state),
                ("topic", &*topic_word),
                ("value", &*value),
                ("year", &*year),
            ];
            sentences(&[&words.text("headline-alone", &args), &words.text("options-absent", &[]), source])
        };
        return answer(names.map(wording).to_vec()).about(key);
    };
    let (rank, size, median) = (place.rank.to_string(), it.size().to_string(), median_text(&it));
    let group = words.peers(family);
    let core = |message: &str, name: &str| {
        words.text(
            message,
            &[
                ("place", name),
                ("state", state),
                ("topic", &topic_word),
                ("value", &value),
                ("year", &year),
                ("rank", &rank),
                ("size", &size),
                ("peers", &group),
                ("median", &median),
            ],
        )
    };
    let extremes = benchmark::extremes(words.facts, id, family);
    let (extremes_text, worst) = match extremes {
        Some(it) if it.best.1 == it.worst.1 && it.ranked > 1 => {
            let args = [("count", it.ranked.to_string()), ("rank", it.best.1.to_string())];
            let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let message = if it.ranked == 7 { "extremes-same-seven" } else { "extremes-same" };
            (words.text(message, &args), Some(it.worst.0))
        }
        Some(it) => (
            words.text(
                "extremes",
                &[
                    ("best", &words.topic_word(it.best.0)),
                    ("bestrank", &it.best.1.to_string()),
                    ("worst", &words.topic_word(it.worst.0)),
                    ("worstrank", &it.worst.1.to_string()),
                ],
            ),
            Some(it.worst.0),
        ),
        None => (String::new(), None),
    };
    let other = words.facts.topic(&rules.offered).map(|it| words.keyword(it)).unwrap_or_default();
    let worst = worst.map_or(other, |topic| words.keyword(topic));
    let options = |message: &str| words.text(message, &[("worst", worst), ("other", other)]);
    let (two, one, least) = (
        options("options-headline"),
        options("options-headline-short"),
        options("options-headline-shortest"),
    );
    let two = if worst == other { one.clone() } else { two };
    let [full, short] = names;
    let (full, short) = (core("headline", full), LazyCell::new(|| core("headline", short)));
    let least_core = LazyCell::new(|| core("headline-short", names[1]));
    let wordings = words.wordings(&[
        &|| sentences(&[&full, &extremes_text, &two, source]),
        &|| sentences(&[&full, &extremes_text, &one, source]),
        &|| sentences(&[&short, &extremes_text, &one, source]),
        &|| sentences(&[&short, &extremes_text, &least, source]),
        &|| sentences(&[&least_core, &extremes_text, &least, source]),
        // A screen with a menu shows its options there.
        &|| sentences(&[&least_core, &extremes_text, source]),
        &|| sentences(&[&least_core, source]),
    ]);
    answer(wordings).about(key).offering(choices_of(&two))
}

/// The headline of a place whose main figure the source does not publish: what it does have.
fn headline_absent(
    words: &Words<'_>,
    key: &str,
    family: Family,
    topic: &str,
    year: &str,
    source: &str,
) -> Draft {
    let Some((id, municipality)) = words.find(key) else { return gone(words) };
    let having: Vec<&str> = words
        .facts
        .manifest
        .topics
        .iter()
        .filter(|topic| topic.main)
        .filter(|topic| {
            benchmark::benchmark(words.facts, id, topic, family)
                .is_some_and(|it| it.reading.value().is_some())
        })
        .map(|topic| words.keyword(topic))
        .collect();
    let options = words.text("options-absent", &[]);
    let mut offered = choices(&having);
    offered.extend(choices_of(&options));
    let having = joined(words, &having, "list-two");
    let has =
        if having.is_empty() { String::new() } else { words.text("headline-has", &[("topics", &having)]) };
    let wording = |name: &str| {
        let args = [("place", name), ("state", words.state(id)), ("topic", topic), ("year", year)];
        sentences(&[&words.text("headline-absent", &args), &has, &options, source])
    };
    answer(vec![wording(&municipality.name), wording(municipality.display_name())])
        .about(key)
        .offering(offered)
}

/// `a, b y c`.
pub(super) fn joined(words: &Words<'_>, items: &[&str], last: &str) -> String {
    match items {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [head @ .., tail] => words.text(last, &[("first", &head.join(", ")), ("second", tail)]),
    }
}

/// One topic. Shortened in the published order: the short name from the start, fewer options, the best
/// value without its name.
pub(super) fn topic(words: &Words<'_>, key: &str, topic: &str, family: Family) -> Draft {
    let Some((id, topic, it)) = of(words, key, topic, family) else { return gone(words) };
    let name = words.facts.municipality(id).display_name();
    let year = it.year.to_string();
    let source = it.series.tag.as_str();
    let (size, median, group) = (it.size().to_string(), median_text(&it), words.peers(family));
    let Some(own) = it.reading.value() else {
        let message = match it.reading {
            Reading::Suppressed => "topic-suppressed",
            Reading::NotApplicable => "topic-not-applicable",
            _ => "topic-missing",
        };
        let absent =
            words.text(message, &[("place", name), ("topic", &words.topic_word(topic)), ("year", &year)]);
        let peers = if it.size() > 0 {
            words.text("topic-peers-median", &[("size", &size), ("peers", &group), ("median", &median)])
        } else {
            String::new()
        };
        let options = words.text("options-missing", &[]);
        let wordings =
            vec![sentences(&[&absent, &peers, &options, source]), sentences(&[&absent, &options, source])];
        return answer(wordings).about(key).offering(choices_of(&options));
    };
    let value = words.value(it.series, own);
    let text = |message: &str, rank: &str, ten: &str| {
        words.text(
            message,
            &[
                ("place", name),
                ("value", &value),
                ("label", words.label(topic)),
                ("year", &year),
                ("rank", rank),
                ("size", &size),
                ("peers", &group),
                ("median", &median),
                ("ten", ten),
                ("absolute", absolute(words, topic)),
            ],
        )
    };
    let all = words.text("options-topic", &[]);
    let few = words.text("options-topic-short", &[]);
    let Some(place) = it.place.filter(|_| it.size() > 1) else {
        let core = if it.size() > 1 { text("topic-described", "", "") } else { text("topic-alone", "", "") };
        return answer(vec![sentences(&[&core, &few, source])]).about(key).offering(choices_of(&few));
    };
    let rank = place.rank.to_string();
    if let Some(ten) = it.out_of_ten() {
        let core = text("topic-but", &rank, &ten.to_string());
        let wordings = vec![sentences(&[&core, &few, source]), sentences(&[&core, source])];
        return answer(wordings).about(key).offering(choices_of(&few));
    }
    let core = text("topic", &rank, "");
    let (best, best_value) = match it.best() {
        Some(best) if best.municipality == id => {
            let own = words.text("topic-is-best", &[]);
            (own.clone(), own)
        }
        Some(best) => {
            let value = number(it.series, best.value);
            let args = [
                ("best", words.facts.municipality(best.municipality).display_name()),
                ("state", words.state(best.municipality)),
                ("value", value.as_str()),
            ];
            (words.text("topic-best", &args), words.text("topic-best-value", &[("value", &value)]))
        }
        None => (String::new(), String::new()),
    };
    let tied = || sentences(&[&text("topic-tied", &rank, ""), &best, &all, source]);
    let ways: [&dyn Fn() -> String; 6] = [
        &tied,
        &|| sentences(&[&core, &best, &all, source]),
        &|| sentences(&[&core, &best, &few, source]),
        &|| sentences(&[&core, &best_value, &few, source]),
        &|| sentences(&[&core, &best_value, source]),
        &|| sentences(&[&core, source]),
    ];
    let wordings = words.wordings(&ways[usize::from(place.tied_with == 0)..]);
    answer(wordings).about(key).offering(choices_of(&all))
}

/// What completes "N of every 10".
pub(super) fn absolute<'a>(words: &Words<'a>, topic: &'a Topic) -> &'a str {
    if topic.absolute.is_empty() { words.label(topic) } else { localized(&topic.absolute, words.locale) }
}

/// Two or three municipalities on one topic.
pub(super) fn several(words: &Words<'_>, keys: &[String], topic: &str) -> Draft {
    let Some(topic) = words.facts.topic(topic) else { return gone(words) };
    let Some((code, series, year)) = benchmark::newest(words.facts, topic) else { return gone(words) };
    let year = year.to_string();
    let places: Vec<(MunicipalityId, Option<Figure>)> = keys
        .iter()
        .filter_map(|key| words.facts.by_key(key))
        .map(|id| (id, words.facts.reading(code, year.parse().unwrap_or_default(), id).value()))
        .collect();
    let best = places.iter().filter_map(|(id, value)| value.map(|it| (*id, it))).fold(
        None,
        |best: Option<(MunicipalityId, Figure)>, it| match (best, series.direction) {
            (Some(best), Direction::Lower) if best.1 <= it.1 => Some(best),
            (Some(best), Direction::Higher) if best.1 >= it.1 => Some(best),
            (_, Direction::None) => None,
            _ => Some(it),
        },
    );
    let tied =
        best.is_some_and(|(_, top)| places.iter().filter(|(_, value)| *value == Some(top)).count() > 1);
    let wording = |short: bool, with_best: bool| {
        let name = |id: MunicipalityId| {
            let it = words.facts.municipality(id);
            if short { it.display_name() } else { it.name.as_str() }
        };
        let items: Vec<String> = places
            .iter()
            .map(|(id, value)| match value {
                Some(value) => words.text(
                    "several-item",
                    &[
                        ("place", name(*id)),
                        ("state", words.state(*id)),
                        ("value", &words.value(series, *value)),
                    ],
                ),
                None => {
                    words.text("several-item-absent", &[("place", name(*id)), ("state", words.state(*id))])
                }
            })
            .collect();
        let title = words.topic_title(topic);
        let list = words.text("several", &[("topic", &title), ("year", &year), ("list", &items.join("; "))]);
        let best = match best {
            Some((id, _)) if with_best && !tied => {
                words.text("several-best", &[("place", name(id)), ("state", words.state(id))])
            }
            _ => String::new(),
        };
        sentences(&[&list, &best, &series.tag])
    };
    let wordings = vec![wording(false, true), wording(true, true), wording(true, false)];
    match keys.first() {
        Some(key) => answer(wordings).about(key),
        None => gone(words),
    }
}
