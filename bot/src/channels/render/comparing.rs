//! Texts with figures. Each has wordings from the fullest to the shortest: name, state, value, year,
//! rank, size, median and source are in all of them.

use super::words::{Words, choices, choices_of, number, sentences};
use super::{Draft, ReplyKind};
use crate::domain::benchmark::{self, AreaFigure, Benchmark, Change, Member, TrendPoint};
use crate::domain::facts::Facts;
use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;
use crate::domain::municipality::MunicipalityId;
use crate::domain::pack::{Comparability, Direction, Topic, localized};
use crate::domain::peer_group::Family;

fn answer(wordings: Vec<String>) -> Draft {
    Draft::new(ReplyKind::Answer, wordings)
}

/// An answer about a place or a topic that the loaded release no longer has.
fn gone(words: &Words<'_>) -> Draft {
    super::fixed::say(words, crate::engine::reply::Say::NoSuchTopic)
}

fn of<'a>(
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
    let wordings = vec![
        sentences(&[&core("headline", full), &extremes_text, &two, source]),
        sentences(&[&core("headline", full), &extremes_text, &one, source]),
        sentences(&[&core("headline", short), &extremes_text, &one, source]),
        sentences(&[&core("headline", short), &extremes_text, &least, source]),
        sentences(&[&core("headline-short", short), &extremes_text, &least, source]),
        // A screen with a menu shows its options there.
        sentences(&[&core("headline-short", short), &extremes_text, source]),
        sentences(&[&core("headline-short", short), source]),
    ];
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
fn joined(words: &Words<'_>, items: &[&str], last: &str) -> String {
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
    let mut wordings = Vec::new();
    if place.tied_with > 0 {
        wordings.push(sentences(&[&text("topic-tied", &rank, ""), &best, &all, source]));
    }
    wordings.extend([
        sentences(&[&core, &best, &all, source]),
        sentences(&[&core, &best, &few, source]),
        sentences(&[&core, &best_value, &few, source]),
        sentences(&[&core, &best_value, source]),
        sentences(&[&core, source]),
    ]);
    answer(wordings).about(key).offering(choices_of(&all))
}

/// What completes "N of every 10".
fn absolute<'a>(words: &Words<'a>, topic: &'a Topic) -> &'a str {
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

/// The rule of the peer group and the nearest of its members.
pub(super) fn peers(words: &Words<'_>, key: &str, family: Family) -> Draft {
    let Some((id, municipality)) = words.find(key) else { return gone(words) };
    let rules = &words.facts.manifest.peers;
    let peers = words.facts.peer_groups.peers(id, family);
    if peers.is_empty() {
        let args = [("municipalities", words.municipalities_word()), ("place", municipality.display_name())];
        return answer(vec![words.text("peers-none", &args)]).about(key);
    }
    let traits: Vec<&str> = rules.traits.iter().map(|it| localized(&it.name, words.locale)).collect();
    let traits = joined(words, &traits, "list-two");
    let rule = words.text(
        &format!("peers-{}", family.number()),
        &[
            ("version", &rules.version),
            ("count", &peers.len().to_string()),
            ("traits", &traits),
            ("municipalities", words.municipalities_word()),
            ("state", &words.facts.state_of(id).name),
        ],
    );
    let far = family == Family::NEAREST && peers.last().is_some_and(|it| it.distance > rules.far);
    let far = if far {
        words.text("peers-far", &[("municipalities", words.municipalities_word())])
    } else {
        String::new()
    };
    let offered = words.facts.peer_groups.offered();
    let at = offered.iter().position(|it| *it == family).map_or(0, |it| it + 1);
    let next = offered.get(at).or(offered.first()).map_or(1, |it| it.number());
    let options = words.text("options-peers", &[("next", &next.to_string())]);
    let nearest = |count: usize| {
        if family == Family::STATE || count == 0 {
            return String::new();
        }
        let names: Vec<String> = peers
            .iter()
            .take(count)
            .map(|peer| {
                let name = words.facts.municipality(peer.municipality).display_name();
                words.text("which-place", &[("place", name), ("state", words.state(peer.municipality))])
            })
            .collect();
        words.text("peers-nearest", &[("nearest", &names.join("; "))])
    };
    let wordings = vec![
        sentences(&[&rule, &nearest(3), &far, &options]),
        sentences(&[&rule, &nearest(2), &far, &options]),
        sentences(&[&rule, &nearest(1), &far, &options]),
        sentences(&[&rule, &nearest(1), &far]),
        sentences(&[&rule, &far]),
    ];
    answer(wordings).about(key).offering(choices_of(&options))
}

/// The choice of peer rules.
pub(super) fn families(words: &Words<'_>) -> Draft {
    let options: Vec<String> = words
        .facts
        .peer_groups
        .offered()
        .iter()
        .map(|family| words.text(&format!("family-{}", family.number()), &[]))
        .collect();
    answer(vec![words.text("families", &[("options", &options.join(", "))])])
}

/// The ranks of the topics: those of the headline first, then the other main ones.
pub(super) fn ranks(words: &Words<'_>, key: &str, family: Family, page: usize) -> Draft {
    let Some((id, municipality)) = words.find(key) else { return gone(words) };
    let compared = &words.facts.manifest.headline.compared;
    let on_page = |topic: &&Topic| match page {
        0 => compared.contains(&topic.id),
        _ => topic.main && !compared.contains(&topic.id),
    };
    let ranked: Vec<(String, String, String)> = words
        .facts
        .manifest
        .topics
        .iter()
        .filter(on_page)
        .filter_map(|topic| {
            let it = benchmark::benchmark(words.facts, id, topic, family)?;
            Some((words.topic_word(topic), it.place?.rank.to_string(), it.size().to_string()))
        })
        .collect();
    let wording = |message: &str| {
        let items: Vec<String> = ranked
            .iter()
            .map(|(topic, rank, size)| {
                words.text(message, &[("topic", topic), ("rank", rank), ("size", size)])
            })
            .collect();
        let list = if items.is_empty() { words.text("ranks-none", &[]) } else { items.join(", ") };
        words.text("ranks", &[("place", municipality.display_name()), ("list", &list)])
    };
    answer(vec![wording("ranks-item"), wording("ranks-item-short")]).about(key)
}

/// The figure beside those of the state and the country: official where the pack has them, else
/// means of the municipalities, and named so.
pub(super) fn areas(words: &Words<'_>, key: &str, topic: &str) -> Draft {
    let Some((id, topic, it)) = of(words, key, topic, Family::default()) else { return gone(words) };
    let municipality = words.facts.municipality(id);
    let state = benchmark::area_figure(words.facts, it.code, it.year, Some(municipality.state));
    let country = benchmark::area_figure(words.facts, it.code, it.year, None);
    let (Some(own), Some(state), Some(country)) = (it.reading.value(), state, country) else {
        let none = words.text("areas-none", &[("topic", &words.topic_word(topic))]);
        return answer(vec![sentences(&[&none, &it.series.tag])]).about(key);
    };
    let official = matches!((state, country), (AreaFigure::Official(_), AreaFigure::Official(_)));
    let figure = |it: AreaFigure| match it {
        AreaFigure::Official(figure) | AreaFigure::MunicipalMean(figure) => figure,
    };
    let text = words.text(
        if official { "areas-official" } else { "areas-mean" },
        &[
            ("place", municipality.display_name()),
            ("value", &words.value(it.series, own)),
            ("label", words.label(topic)),
            ("year", &it.year.to_string()),
            ("state", words.state(id)),
            ("statevalue", &number(it.series, figure(state))),
            ("countryvalue", &number(it.series, figure(country))),
        ],
    );
    answer(vec![sentences(&[&text, &it.series.tag])]).about(key)
}

/// All years, with what may be said of the change between them.
pub(super) fn trend(words: &Words<'_>, key: &str, topic: &str) -> Draft {
    let (Some((id, municipality)), Some(topic)) = (words.find(key), words.facts.topic(topic)) else {
        return gone(words);
    };
    let points = benchmark::trend(words.facts, id, topic);
    let having: Vec<(&TrendPoint<'_>, Figure)> =
        points.iter().filter_map(|it| it.reading.value().map(|value| (it, value))).collect();
    let tag = having.last().and_then(|(it, _)| words.facts.series(it.code)).map_or("", |it| it.tag.as_str());
    let Some((newest, _)) = having.last() else {
        let args = [("place", municipality.display_name()), ("topic", &words.topic_word(topic))];
        return answer(vec![words.text("trend-no-data", &args)]).about(key);
    };
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
        if having.len() == 1 {
            said.push(words.text("trend-one-year", &[("year", &newest.year.to_string())]));
        }
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

/// The best of the peer group.
pub(super) fn best(words: &Words<'_>, key: &str, topic: &str, family: Family) -> Draft {
    let Some((id, topic, it)) = of(words, key, topic, family) else { return gone(words) };
    if it.series.direction == Direction::None {
        let text = words.text("not-judged", &[("topic", words.keyword(topic))]);
        return answer(vec![text]).about(key);
    }
    let own = match it.place {
        Some(place) => words.text(
            "best-own",
            &[("place", words.facts.municipality(id).display_name()), ("rank", &place.rank.to_string())],
        ),
        None => String::new(),
    };
    let wording = |count: usize| {
        let top: Vec<Member> = it.members.iter().take(count).copied().collect();
        let list = member_list(words, &it, &top);
        let text = words.text(
            "best",
            &[
                ("size", &it.size().to_string()),
                ("peers", &words.peers(family)),
                ("topic", &words.topic_word(topic)),
                ("year", &it.year.to_string()),
                ("list", &list),
            ],
        );
        sentences(&[&text, &own, &it.series.tag])
    };
    answer(vec![wording(3), wording(2), wording(1)]).about(key)
}

fn member_list(words: &Words<'_>, it: &Benchmark<'_>, members: &[Member]) -> String {
    let items: Vec<String> = members
        .iter()
        .map(|member| {
            words.text(
                "best-item",
                &[
                    ("place", words.facts.municipality(member.municipality).display_name()),
                    ("state", words.state(member.municipality)),
                    ("value", &words.value(it.series, member.value)),
                ],
            )
        })
        .collect();
    items.join("; ")
}

/// Who is furthest behind: women or men where published, else three municipalities of the family.
pub(super) fn behind(words: &Words<'_>, key: &str, topic: &str, family: Family) -> Draft {
    let Some((id, topic, it)) = of(words, key, topic, family) else { return gone(words) };
    let name = words.facts.municipality(id).display_name();
    let mut suppressed = String::new();
    if let Some(by_sex) = &topic.by_sex
        && let Some(year) = words.facts.years(&by_sex.women).last()
    {
        let women = words.facts.reading(&by_sex.women, year, id);
        let men = words.facts.reading(&by_sex.men, year, id);
        if let (Reading::Value(women), Reading::Value(men)) = (women, men) {
            let gap = women.minus(men);
            let women_worse = (gap.mantissa() > 0) == (it.series.direction != Direction::Higher);
            let message = match gap.mantissa() {
                0 => "behind-equal",
                _ if women_worse => "behind-women",
                _ => "behind-men",
            };
            let text = words.text(
                message,
                &[
                    ("place", name),
                    ("topic", &words.topic_word(topic)),
                    ("year", &year.to_string()),
                    ("women", &words.value(it.series, women)),
                    ("men", &words.value(it.series, men)),
                    ("gap", &number(it.series, gap.abs())),
                ],
            );
            let tag = words.facts.series(&by_sex.women).map_or("", |it| it.tag.as_str());
            return answer(vec![sentences(&[&text, tag])]).about(key);
        }
        if women == Reading::Suppressed || men == Reading::Suppressed {
            suppressed = words.text("behind-suppressed", &[("place", name)]);
        }
    }
    if it.series.direction == Direction::None {
        return answer(vec![words.text("not-judged", &[("topic", words.keyword(topic))])]).about(key);
    }
    let wording = |message: &str, count: usize, with_note: bool| {
        let list = member_list(words, &it, &it.worst(count));
        let text = words.text(
            message,
            &[
                ("size", &it.size().to_string()),
                ("peers", &words.peers(family)),
                ("topic", &words.topic_word(topic)),
                ("year", &it.year.to_string()),
                ("list", &list),
            ],
        );
        sentences(&[if with_note { &suppressed } else { "" }, &text, &it.series.tag])
    };
    let mut wordings = Vec::new();
    if !suppressed.is_empty() {
        wordings.push(wording("behind-places-short", 1, true));
    }
    wordings.extend([
        wording("behind-places", 3, false),
        wording("behind-places-short", 3, false),
        wording("behind-places-short", 2, false),
        wording("behind-places-short", 1, false),
    ]);
    answer(wordings).about(key)
}

/// A plain definition.
pub(super) fn definition(words: &Words<'_>, topic: &str) -> Draft {
    let Some(topic) = words.facts.topic(topic) else { return gone(words) };
    answer(vec![words.text("definition", &[("definition", localized(&topic.definition, words.locale))])])
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
