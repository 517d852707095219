//! What a chart says: the words and figures of the answers, by the same functions.

use super::comparing::{absolute, of};
use super::words::{Words, grouped, number};
use super::{Setting, demands, years};
use crate::domain::benchmark::{self, AreaFigure, Benchmark};
use crate::domain::chart::{
    Among, ChartData, ChartSpec, Drawing, Mark, OfficeTime, Picture, Point, Row, Tie, Time,
};
use crate::domain::demand::{Code, DemandState};
use crate::domain::facts::Facts;
use crate::domain::figure::Figure;
use crate::domain::highlight::card::moved;
use crate::domain::indicator::Reading;
use crate::domain::municipality::MunicipalityId;
use crate::domain::pack::{Comparability, Direction, Topic};
use crate::domain::peer_group::Family;
use crate::engine::demands::DemandReply;
use crate::engine::highlights::HighlightReply;
use crate::engine::reply::Reply;

/// Most municipalities of a chart: what a small screen shows in letters that can be read.
const ROWS: usize = 7;
/// Most offices of a chart.
const OFFICES: usize = 6;

/// The chart that says more than the words of a reply alone, where there is one. Whoever asked for a
/// name only gets no picture: it costs her more than a text does.
pub(super) fn picture(reply: &Reply, words: &Words<'_>) -> Option<Picture> {
    let release = words.facts.manifest.pack.release.clone();
    let chart = match reply {
        Reply::Topic { place, topic, family } => {
            let (.., it) = of(words, place, topic, *family)?;
            // One bar compares nothing.
            (it.size() > 1).then(|| ChartSpec::Bars {
                release,
                place: place.clone(),
                topic: topic.clone(),
                family: *family,
            })
        }
        Reply::Highlight(HighlightReply::Show(card)) => {
            let (place, topic) = (card.place.clone(), card.topic.clone());
            let id = words.facts.by_key(&place)?;
            moved(words.facts, id, words.facts.topic(&topic)?).ok()?;
            Some(ChartSpec::Trend { release, place, topic })
        }
        Reply::Trend { place, topic } => {
            let points = benchmark::trend(words.facts, words.facts.by_key(place)?, words.facts.topic(topic)?);
            let having = points.iter().filter(|it| it.reading.value().is_some()).count();
            (having > 1).then(|| ChartSpec::Trend { release, place: place.clone(), topic: topic.clone() })
        }
        Reply::Peers { place, family, topic } => {
            let topic = topic.as_ref().unwrap_or(&words.facts.manifest.headline.topic);
            let (.., it) = of(words, place, topic, *family)?;
            (it.size() > 1).then(|| ChartSpec::Distribution {
                release,
                place: place.clone(),
                topic: topic.clone(),
                among: Among::Family(*family),
            })
        }
        Reply::Areas { place, topic } => {
            let (id, _, it) = of(words, place, topic, Family::default())?;
            let (state, country) = areas(words.facts, id, &it);
            (it.reading.value().is_some() && state.is_some() && country.is_some()).then(|| {
                ChartSpec::Distribution {
                    release,
                    place: place.clone(),
                    topic: topic.clone(),
                    among: Among::Country,
                }
            })
        }
        Reply::Demand(reply) => match &**reply {
            DemandReply::Show { code, place, text, total, missing, state } if state.public() => {
                Some(ChartSpec::Progress {
                    code: *code,
                    place: place.clone(),
                    text: text.0.clone(),
                    total: *total,
                    missing: *missing,
                    state: *state,
                    on: None,
                })
            }
            _ => None,
        },
        _ => None,
    }?;
    Some(Picture { chart, locale: words.locale.to_owned() })
}

/// The figures of state and country.
fn areas(facts: &Facts, id: MunicipalityId, it: &Benchmark<'_>) -> (Option<AreaFigure>, Option<AreaFigure>) {
    let state = facts.municipality(id).state;
    (
        benchmark::area_figure(facts, it.code, it.year, Some(state)),
        benchmark::area_figure(facts, it.code, it.year, None),
    )
}

/// What a chart says, in the words of `setting`; `None` where the loaded release is not the one that the
/// reply was made from, or lacks what is asked for.
pub fn chart(spec: &ChartSpec, setting: Setting<'_>) -> Option<ChartData> {
    let words = Words::new(setting);
    let loaded = |release: &str| release == words.facts.manifest.pack.release;
    match spec {
        ChartSpec::Bars { release, place, topic, family } if loaded(release) => {
            bars(&words, place, topic, *family)
        }
        ChartSpec::Trend { release, place, topic } if loaded(release) => trend(&words, place, topic),
        ChartSpec::Distribution { release, place, topic, among } if loaded(release) => {
            distribution(&words, place, topic, *among)
        }
        ChartSpec::Bars { .. } | ChartSpec::Trend { .. } | ChartSpec::Distribution { .. } => None,
        ChartSpec::Progress { code, place, text, total, missing, state, on } => {
            progress(&words, (*code, place, text), (*total, *missing, *state), on.as_deref())
        }
        ChartSpec::Times { place, between, offices } => times(&words, place, between, offices),
    }
}

/// A municipality with its state, as a title has it.
fn title(words: &Words<'_>, id: MunicipalityId) -> String {
    let name = words.facts.municipality(id).name.as_str();
    words.text("which-place", &[("place", name), ("state", words.state(id))])
}

/// The same in a list, by the short name.
fn listed(words: &Words<'_>, id: MunicipalityId) -> String {
    let name = words.facts.municipality(id).display_name();
    words.text("which-place", &[("place", name), ("state", words.state(id))])
}

fn source(words: &Words<'_>, source: &str, year: &str) -> String {
    words.text("chart-source", &[("source", source), ("year", year)])
}

/// The figure, or why there is none, and its place.
fn says(
    words: &Words<'_>,
    id: MunicipalityId,
    topic: &Topic,
    it: &Benchmark<'_>,
    family: Family,
) -> Vec<String> {
    let year = it.year.to_string();
    let Some(own) = it.reading.value() else {
        let message = match it.reading {
            Reading::Suppressed => "topic-suppressed",
            Reading::NotApplicable => "topic-not-applicable",
            Reading::NewerThanData => "chart-newer",
            _ => "topic-missing",
        };
        let name = words.facts.municipality(id).display_name();
        let args = [("place", name), ("topic", &*words.topic_word(topic)), ("year", &year)];
        return [Some(words.text(message, &args)), beside(words, it, family)].into_iter().flatten().collect();
    };
    let value = words.value(it.series, own);
    let mut said =
        vec![words.text("chart-value", &[("value", &value), ("label", words.label(topic)), ("year", &year)])];
    let (size, peers) = (it.size().to_string(), words.peers(family));
    if let Some(place) = it.place.filter(|_| it.size() > 1) {
        let message = if place.tied_with > 0 { "chart-rank-tied" } else { "chart-rank" };
        let args = [("rank", &*place.rank.to_string()), ("size", &size), ("peers", &peers)];
        let mut rank = words.text(message, &args);
        if let Some(ten) = it.out_of_ten() {
            // A good place must not hide a bad figure, in a picture least of all.
            let args =
                [("rank", rank.as_str()), ("ten", &ten.to_string()), ("absolute", absolute(words, topic))];
            rank = words.text("chart-rank-but", &args);
        }
        said.push(rank);
    } else {
        said.extend(beside(words, it, family));
    }
    said
}

/// What the peers have, where the municipality has no place among them.
fn beside(words: &Words<'_>, it: &Benchmark<'_>, family: Family) -> Option<String> {
    let median = it.median().filter(|_| it.size() > 1)?;
    let (size, peers, median) = (it.size().to_string(), words.peers(family), number(it.series, median));
    Some(words.text("topic-peers-median", &[("size", &size), ("peers", &peers), ("median", &median)]))
}

/// The middle value as a line of a drawing.
fn median(words: &Words<'_>, it: &Benchmark<'_>) -> Option<Mark> {
    let median = it.median()?;
    let label = words.text("chart-median", &[("median", &number(it.series, median))]);
    Some(Mark { value: median.to_f64(), label })
}

fn bars(words: &Words<'_>, key: &str, topic: &str, family: Family) -> Option<ChartData> {
    let (id, topic, it) = of(words, key, topic, family)?;
    let own = it.members.iter().position(|member| member.municipality == id);
    let mut rows: Vec<Row> = Vec::with_capacity(ROWS + 1);
    if own.is_none() {
        rows.push(Row {
            rank: None,
            name: listed(words, id),
            written: words.text("chart-absent", &[]),
            value: None,
            own: true,
            after_gap: false,
        });
    }
    let mut before = None;
    for at in chosen(it.size(), own) {
        let Some(member) = it.members.get(at) else { continue };
        let better = it.members.iter().take_while(|other| other.value != member.value).count();
        let ranked = it.series.direction != Direction::None;
        rows.push(Row {
            rank: ranked.then(|| (better + 1).to_string()),
            name: listed(words, member.municipality),
            written: words.value(it.series, member.value),
            value: Some(member.value.to_f64()),
            own: member.municipality == id,
            after_gap: before.is_some_and(|before| before + 1 < at),
        });
        before = Some(at);
    }
    Some(ChartData {
        title: title(words, id),
        says: says(words, id, topic, &it, family),
        notes: Vec::new(),
        source: source(words, &it.series.tag, &it.year.to_string()),
        drawing: Drawing::Bars { rows, median: if it.size() > 1 { median(words, &it) } else { None } },
    })
}

/// Which of so many members are shown: the best, the municipality itself and who stands beside it, and
/// the last; rising.
fn chosen(size: usize, own: Option<usize>) -> Vec<usize> {
    if size <= ROWS {
        return (0..size).collect();
    }
    let middle = own.unwrap_or(size / 2);
    // In the order of how much each says, as far as there is room.
    let wanted = [0, middle, size - 1, 1, 2]
        .into_iter()
        .chain([middle.saturating_sub(1), middle + 1])
        .chain([size - 2])
        .chain(3..size);
    let mut chosen: Vec<usize> = Vec::with_capacity(ROWS);
    for at in wanted {
        if chosen.len() < ROWS && at < size && !chosen.contains(&at) {
            chosen.push(at);
        }
    }
    chosen.sort_unstable();
    chosen
}

fn trend(words: &Words<'_>, key: &str, topic: &str) -> Option<ChartData> {
    let (id, _) = words.find(key)?;
    let topic = words.facts.topic(topic)?;
    let years = benchmark::trend(words.facts, id, topic);
    let newest = years.iter().rev().find(|it| it.reading.value().is_some())?;
    let series = words.facts.series(newest.code)?;
    let mut before: Option<(&str, u16)> = None;
    let points = years
        .iter()
        .filter_map(|it| {
            let of = words.facts.series(it.code)?;
            let Some(value) = it.reading.value() else {
                let written = words.text("chart-absent", &[]);
                return Some(Point { year: it.year, written, value: None, tie: Tie::Nothing });
            };
            let here = (it.code, it.year);
            let tie = match before.map(|before| benchmark::comparability(words.facts, before, here).0) {
                None | Some(Comparability::No) => Tie::Nothing,
                Some(Comparability::Warn) => Tie::Dashes,
                Some(Comparability::Yes) => Tie::Line,
            };
            before = Some(here);
            let written = words.value(of, value);
            Some(Point { year: it.year, written, value: Some(value.to_f64()), tie })
        })
        .collect();
    let (mut notes, warning) = years::changes(words, id, &years, false);
    notes.extend(warning);
    Some(ChartData {
        title: title(words, id),
        says: vec![
            words.text("chart-topic", &[("topic", &words.topic_title(topic)), ("label", words.label(topic))]),
        ],
        notes,
        source: source(words, &series.tag, &newest.year.to_string()),
        drawing: Drawing::Trend { points },
    })
}

fn distribution(words: &Words<'_>, key: &str, topic: &str, among: Among) -> Option<ChartData> {
    let family = match among {
        Among::Country => Family::default(),
        Among::Family(family) => family,
    };
    let (id, topic, it) = of(words, key, topic, family)?;
    let mark = |message: &str, name: &str, figure: Figure, unit: bool| {
        let value = if unit { words.value(it.series, figure) } else { number(it.series, figure) };
        let label = words.text(message, &[("place", name), ("value", &value)]);
        Mark { value: figure.to_f64(), label }
    };
    let name = words.facts.municipality(id).display_name();
    let own = it.reading.value().map(|own| mark("chart-mark", name, own, true));
    let mut marks = Vec::from_iter(own);
    let (values, mut said): (Vec<f64>, Vec<String>) = match among {
        Among::Family(family) => {
            marks.push(median(words, &it)?);
            (it.members.iter().map(|it| it.value.to_f64()).collect(), says(words, id, topic, &it, family))
        }
        Among::Country => {
            let (state, country) = areas(words.facts, id, &it);
            let (state, country) = (state?, country?);
            let official = matches!((state, country), (AreaFigure::Official(_), AreaFigure::Official(_)));
            let figure = |it: AreaFigure| match it {
                AreaFigure::Official(figure) | AreaFigure::MunicipalMean(figure) => figure,
            };
            // A mean of municipalities is never shown as the official figure.
            let (of_state, of_country) = if official {
                ("chart-mark", "chart-mark-country")
            } else {
                ("chart-mark-mean", "chart-mark-country-mean")
            };
            marks.push(mark(of_state, words.state(id), figure(state), false));
            marks.push(mark(of_country, "", figure(country), false));
            let readings = words.facts.readings(it.code, it.year);
            let all = words.facts.ids().filter_map(|id| readings(id).value()).map(Figure::to_f64).collect();
            let mut said = says(words, id, topic, &it, family);
            // The place is among peers, and these are all.
            said.truncate(1);
            (all, said)
        }
    };
    let count = grouped(i64::try_from(values.len()).unwrap_or(i64::MAX));
    let counted =
        words.text("chart-counted", &[("count", &count), ("municipalities", words.municipalities_word())]);
    said.retain(|it| !it.is_empty());
    Some(ChartData {
        title: title(words, id),
        says: said,
        notes: Vec::new(),
        source: source(words, &it.series.tag, &it.year.to_string()),
        drawing: Drawing::Distribution {
            values,
            marks,
            own: it.reading.value().is_some(),
            shares: it.series.unit == "%",
            counted,
        },
    })
}

fn progress(
    words: &Words<'_>,
    (code, place, text): (Code, &str, &str),
    (total, missing, state): (u64, u64, DemandState),
    on: Option<&str>,
) -> Option<ChartData> {
    let (id, _) = words.find(place)?;
    let shown = |it: u64| grouped(i64::try_from(it).unwrap_or(i64::MAX));
    let below = if missing > 0 && state == DemandState::Collecting {
        words.text("chart-missing", &[("missing", &shown(missing))])
    } else {
        words.text("chart-state", &[("state", &words.text(&format!("demand-state-{state}"), &[]))])
    };
    let source = match on {
        Some(day) => words.text("chart-support-on", &[("date", &demands::date(words, day))]),
        None => words.text("chart-support", &[]),
    };
    Some(ChartData {
        title: words.text("chart-demand", &[("code", &code.to_string()), ("place", &listed(words, id))]),
        says: vec![text.to_owned()],
        notes: Vec::new(),
        source,
        drawing: Drawing::Progress {
            have: total,
            need: total.saturating_add(missing),
            total: words.text(
                if total == 1 { "chart-total-one" } else { "chart-total" },
                &[("total", &shown(total))],
            ),
            below: vec![below],
        },
    })
}

fn times(
    words: &Words<'_>,
    place: &str,
    (from, until): &(String, String),
    offices: &[OfficeTime],
) -> Option<ChartData> {
    let (id, _) = words.find(place)?;
    let count = |it: u64| grouped(i64::try_from(it).unwrap_or(i64::MAX));
    let rows = offices
        .iter()
        .take(OFFICES)
        .map(|it| {
            let args = [("office", it.office.as_str()), ("count", &*count(it.answered))];
            let days = it.median();
            let written = match days {
                Some(days) => {
                    let key = if it.late() { "chart-days-late" } else { "chart-days" };
                    words.text(key, &[("days", &days.trimmed().to_string())])
                }
                None => words.text("chart-few", &[]),
            };
            Time {
                name: words.text("chart-office", &args),
                written,
                days: days.map(Figure::to_f64),
                limit: it.limit.map(f64::from),
                late: it.late(),
            }
        })
        .collect();
    let more = offices.len().saturating_sub(OFFICES);
    let more = (more > 0).then(|| words.text("chart-more", &[("count", &more.to_string())]));
    let mut notes = Vec::from_iter((!offices.is_empty()).then(|| words.text("chart-limit", &[])));
    notes.extend(more);
    let dates = [("from", demands::date(words, from)), ("until", demands::date(words, until))];
    let args: Vec<(&str, &str)> = dates.iter().map(|(name, it)| (*name, it.as_str())).collect();
    Some(ChartData {
        title: title(words, id),
        says: vec![words.text(if offices.is_empty() { "chart-times-none" } else { "chart-times" }, &[])],
        notes,
        source: words.text("chart-cases", &args),
        drawing: Drawing::Times { rows },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_the_own_and_the_last_are_always_shown() {
        for size in 0..600 {
            for own in (0..size).map(Some).chain([None]) {
                let shown = chosen(size, own);
                assert_eq!(shown.len(), size.min(ROWS));
                assert!(shown.windows(2).all(|pair| pair[0] < pair[1]), "{shown:?}");
                assert!(size == 0 || shown.contains(&0) && shown.contains(&(size - 1)));
                assert!(own.is_none_or(|own| shown.contains(&own)), "{own:?} of {size}: {shown:?}");
            }
        }
        assert_eq!(chosen(21, Some(16)), [0, 1, 2, 15, 16, 17, 20]);
    }
}
