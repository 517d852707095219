//! Texts about the peer group: its rule, the ranks in it, its best, who is furthest behind, and the
//! larger areas beside it.

use super::Draft;
use super::comparing::{answer, gone, joined, of};
use super::highlights::sees;
use super::words::{Words, choices_of, number, sentences};
use crate::domain::benchmark::{self, AreaFigure, Benchmark, Member};
use crate::domain::indicator::Reading;
use crate::domain::pack::{Direction, Topic, localized};
use crate::domain::peer_group::Family;
use crate::engine::reply::Practice;

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
        let few = words.labels().and_then(|it| it.few.as_deref());
        words.text("peers-far", &[("few", few.unwrap_or_else(|| words.municipalities_word()))])
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
    let wordings = words.wordings(&[
        &|| sentences(&[&rule, &nearest(3), &far, &options]),
        &|| sentences(&[&rule, &nearest(2), &far, &options]),
        &|| sentences(&[&rule, &nearest(1), &far, &options]),
        &|| sentences(&[&rule, &nearest(1), &far]),
        &|| sentences(&[&rule, &far]),
    ]);
    answer(wordings).about(key).offering(choices_of(&options))
}

/// The choice of peer rules.
pub(super) fn families(words: &Words<'_>) -> Draft {
    let options: Vec<String> = words
        .facts
        .peer_groups
        .offered()
        .iter()
        .map(|family| {
            words.text(&format!("family-{}", family.number()), &[("stateword", words.state_word())])
        })
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

/// The best of the peer group, and the card that tells how one of them did it.
pub(super) fn best(
    words: &Words<'_>,
    (key, topic, family): (&str, &str, Family),
    practice: Option<&Practice>,
) -> Draft {
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
        (text, own.clone(), it.series.tag.as_str())
    };
    let plain = |count: usize| {
        let (text, own, tag) = wording(count);
        sentences(&[&text, &own, tag])
    };
    let Some(practice) = practice else {
        return answer(vec![plain(3), plain(2), plain(1)]).about(key);
    };
    let code = practice.code.to_string();
    let name = words.find(&practice.place).map_or("", |(_, it)| it.display_name());
    let hint = words.text("best-practice", &[("place", name), ("code", &code)]);
    let short = words.text("best-practice-short", &[("code", &code)]);
    let with = |count: usize, own: bool, hint: &str| {
        let (text, rank, tag) = wording(count);
        sentences(&[&text, if own { &rank } else { "" }, hint, tag])
    };
    let wordings = words.wordings(&[
        &|| with(3, true, &hint),
        &|| with(2, true, &hint),
        &|| with(1, true, &hint),
        &|| with(1, true, &short),
        &|| with(1, false, &short),
        &|| plain(1),
    ]);
    answer(wordings).about(key).offering(vec![sees(words, practice.code)])
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
    let ways: [&dyn Fn() -> String; 5] = [
        &|| wording("behind-places-short", 1, true),
        &|| wording("behind-places", 3, false),
        &|| wording("behind-places-short", 3, false),
        &|| wording("behind-places-short", 2, false),
        &|| wording("behind-places-short", 1, false),
    ];
    let wordings = words.wordings(&ways[usize::from(suppressed.is_empty())..]);
    answer(wordings).about(key)
}
