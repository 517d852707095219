//! A benchmark: an indicator's value beside the peer group.
//!
//! | figure | formula |
//! | --- | --- |
//! | rank | 1 + members strictly better, on the published decimals; 1 is the best whatever the direction; ties share it |
//! | size | members with a figure, the municipality included |
//! | median | middle value of the same members; the mean of the two middle ones when they are even |
//! | percentile | 100 x (size - rank) / (size - 1), absent for size 1 |
//! | best | the best value; named on a tie: the municipality itself, then the lowest key |
//! | gap | value - median, in the indicator's unit |
//!
//! Members without the figure are left out and `size` says so.

use std::cmp::Ordering;

use super::facts::Facts;
use super::figure::Figure;
use super::indicator::Reading;
use super::municipality::MunicipalityId;
use super::pack::{Comparability, Direction, Localized, Series, Topic};
use super::peer_group::{Family, Peer};

/// A member of the group that has the figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// The municipality.
    pub municipality: MunicipalityId,
    /// See [`super::peer_group::Peer::distance`]; 0 for the municipality itself.
    pub distance: f64,
    /// Its published figure.
    pub value: Figure,
}

/// A municipality's place among its peers; only where it has a figure and the indicator judges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// 1 is the best.
    pub rank: u32,
    /// Other members with the same value.
    pub tied_with: u32,
    /// 0 to 100, 100 is the best; absent for a group of one.
    pub percentile: Option<f64>,
}

/// One topic of one municipality beside its peers.
#[derive(Clone, Debug)]
pub struct Benchmark<'a> {
    /// The municipality.
    pub municipality: MunicipalityId,
    /// The topic.
    pub topic: &'a Topic,
    /// Code of the series that answers.
    pub code: &'a str,
    /// The series.
    pub series: &'a Series,
    /// Year of every figure here.
    pub year: u16,
    /// The municipality's own figure, or why there is none.
    pub reading: Reading,
    /// Its place; absent without a figure or where the indicator only describes.
    pub place: Option<Place>,
    /// Members with a figure, from the best to the worst (from low to high where it only describes);
    /// among equals the municipality itself first, then by key.
    pub members: Vec<Member>,
}

impl Benchmark<'_> {
    /// Members with a figure, the municipality included.
    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// The middle value; absent in an empty group.
    pub fn median(&self) -> Option<Figure> {
        median(self.members.iter().map(|it| it.value).collect())
    }

    /// The best member; absent where the indicator only describes.
    pub fn best(&self) -> Option<Member> {
        if self.series.direction == Direction::None { None } else { self.members.first().copied() }
    }

    /// The members furthest behind, the worst first; among equals the lowest key.
    pub fn worst(&self, count: usize) -> Vec<Member> {
        let mut members = self.members.clone();
        let direction = self.series.direction;
        members.sort_by(|a, b| order(direction, b.value, a.value).then(a.municipality.cmp(&b.municipality)));
        members.truncate(count);
        members
    }

    /// Value minus median, in the indicator's unit.
    pub fn gap(&self) -> Option<Figure> {
        Some(self.reading.value()?.minus(self.median()?))
    }

    /// "N of every 10" where a good rank must not hide a bad figure: a share of 60 % or more with
    /// a rank in the better half. Rounded half up.
    pub fn out_of_ten(&self) -> Option<i64> {
        let value = self.reading.value()?;
        let place = self.place?;
        let bad = self.series.unit == "%"
            && self.series.direction == Direction::Lower
            && value >= Figure::new(60, 0)
            && 2 * place.rank as usize <= self.size() + 1;
        bad.then(|| Figure::new(value.mantissa(), value.scale() + 1).round(0).mantissa())
    }
}

/// The better of two values first.
pub(super) fn order(direction: Direction, left: Figure, right: Figure) -> Ordering {
    match direction {
        Direction::Lower | Direction::None => left.cmp(&right),
        Direction::Higher => right.cmp(&left),
    }
}

/// The middle value, or the exact mean of the two middle ones.
pub(super) fn median(mut values: Vec<Figure>) -> Option<Figure> {
    values.sort_unstable();
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values.get(middle).copied()
    } else {
        Some(values.get(middle.checked_sub(1)?)?.mean(*values.get(middle)?))
    }
}

/// The series of a topic with the newest figures, and their year.
pub fn newest<'a>(facts: &'a Facts, topic: &'a Topic) -> Option<(&'a str, &'a Series, u16)> {
    topic
        .series
        .iter()
        .filter_map(|code| {
            let year = facts.years(code).next_back()?;
            Some((code.as_str(), facts.series(code)?, year))
        })
        .max_by_key(|(_, _, year)| *year)
}

/// Compares a municipality with its peers on a topic, in the newest year of the topic.
///
/// `None` only when the pack has no figures of the topic at all.
pub fn benchmark<'a>(
    facts: &'a Facts,
    municipality: MunicipalityId,
    topic: &'a Topic,
    family: Family,
) -> Option<Benchmark<'a>> {
    let (code, series, year) = newest(facts, topic)?;
    let readings = facts.readings(code, year);
    let reading = readings(municipality);
    let peers = facts.peer_groups.peers(municipality, family);
    let mut members: Vec<Member> = std::iter::once((municipality, 0.0))
        .chain(peers.iter().map(|peer| (peer.municipality, peer.distance)))
        .filter_map(|(id, distance)| {
            let value = readings(id).value()?;
            Some(Member { municipality: id, distance, value })
        })
        .collect();
    members.sort_by(|a, b| {
        order(series.direction, a.value, b.value)
            .then((a.municipality != municipality).cmp(&(b.municipality != municipality)))
            .then(a.municipality.cmp(&b.municipality))
    });
    let place = reading.value().filter(|_| series.direction != Direction::None).map(|own| {
        let better =
            members.iter().filter(|it| order(series.direction, it.value, own) == Ordering::Less).count();
        let equal = members.iter().filter(|it| it.value == own).count();
        let (rank, size) = (better as u32 + 1, members.len() as u32);
        Place {
            rank,
            tied_with: (equal as u32).saturating_sub(1),
            percentile: (size > 1).then(|| 100.0 * f64::from(size - rank) / f64::from(size - 1)),
        }
    });
    Some(Benchmark { municipality, topic, code, series, year, reading, place, members })
}

/// The best and the worst topic of a headline, with the ranks.
#[derive(Clone, Copy, Debug)]
pub struct Extremes<'a> {
    /// Topic with the best rank; on a tie the first in the pack's order.
    pub best: (&'a Topic, u32),
    /// Topic with the worst rank; on a tie the first in the pack's order.
    pub worst: (&'a Topic, u32),
    /// Topics that have a rank.
    pub ranked: usize,
}

/// Finds the best and the worst of the topics that the headline compares; `None` where none has a
/// rank.
pub fn extremes(facts: &Facts, municipality: MunicipalityId, family: Family) -> Option<Extremes<'_>> {
    let peers = facts.peer_groups.peers(municipality, family);
    let ranked: Vec<(&Topic, u32)> = facts
        .manifest
        .headline
        .compared
        .iter()
        .filter_map(|id| {
            let topic = facts.topic(id)?;
            Some((topic, rank(facts, municipality, topic, &peers)?))
        })
        .collect();
    let best = *ranked.iter().min_by_key(|(_, rank)| *rank)?;
    let worst = *ranked.iter().rev().max_by_key(|(_, rank)| *rank)?;
    Some(Extremes { best, worst, ranked: ranked.len() })
}

/// The rank alone of a municipality among `peers` on a topic, as [`benchmark`] gives it.
fn rank(facts: &Facts, municipality: MunicipalityId, topic: &Topic, peers: &[Peer]) -> Option<u32> {
    let (code, series, year) = newest(facts, topic)?;
    if series.direction == Direction::None {
        return None;
    }
    let readings = facts.readings(code, year);
    let own = readings(municipality).value()?;
    let better = |it: &&Peer| {
        readings(it.municipality)
            .value()
            .is_some_and(|value| order(series.direction, value, own) == Ordering::Less)
    };
    Some(peers.iter().filter(better).count() as u32 + 1)
}

/// One year of a trend.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendPoint<'a> {
    /// The year.
    pub year: u16,
    /// Code of the series; an older year may have another one.
    pub code: &'a str,
    /// The figure, or why there is none.
    pub reading: Reading,
    /// Whether it may be compared with the newest year.
    pub comparable: Comparability,
    /// What changed between this year and the next one of the trend.
    pub note: Option<&'a Localized>,
}

/// Every year that the topic's series have, oldest first.
pub fn trend<'a>(facts: &'a Facts, municipality: MunicipalityId, topic: &'a Topic) -> Vec<TrendPoint<'a>> {
    let mut points: Vec<TrendPoint<'a>> = topic
        .series
        .iter()
        .flat_map(|code| facts.years(code).map(move |year| (code.as_str(), year)))
        .map(|(code, year)| TrendPoint {
            year,
            code,
            reading: facts.reading(code, year, municipality),
            comparable: Comparability::Yes,
            note: None,
        })
        .collect();
    points.sort_by_key(|point| point.year);
    let Some((newest_code, newest_year)) = points.last().map(|it| (it.code, it.year)) else { return points };
    for index in 0..points.len() {
        let (code, year) = (points[index].code, points[index].year);
        points[index].comparable = comparability(facts, (code, year), (newest_code, newest_year)).0;
        if let Some((next_code, next_year)) = points.get(index + 1).map(|it| (it.code, it.year)) {
            points[index].note = comparability(facts, (code, year), (next_code, next_year)).1;
        }
    }
    points
}

/// Whether two readings may be compared, and the note of the method break between them.
pub fn comparability<'a>(
    facts: &'a Facts,
    earlier: (&str, u16),
    later: (&str, u16),
) -> (Comparability, Option<&'a Localized>) {
    if earlier.0 != later.0 {
        return (Comparability::No, None);
    }
    let Some(series) = facts.series(earlier.0) else { return (Comparability::No, None) };
    series
        .breaks
        .iter()
        .filter(|it| earlier.1 <= it.before && later.1 >= it.after)
        .map(|it| (it.compare, Some(&it.note)))
        .max_by_key(|(compare, _)| match compare {
            Comparability::Yes => 0,
            Comparability::Warn => 1,
            Comparability::No => 2,
        })
        .unwrap_or((Comparability::Yes, None))
}

/// What happened between two comparable years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Better by the series' `min_change` or more.
    Better,
    /// Worse by as much.
    Worse,
    /// Less than that: no clear change.
    Unclear,
    /// It rose, and the indicator does not judge.
    Rose,
    /// It fell, and the indicator does not judge.
    Fell,
}

/// Names the change of a municipality's figure from `earlier` to `later`.
pub fn change(
    facts: &Facts,
    municipality: MunicipalityId,
    series: &Series,
    earlier: Figure,
    later: Figure,
) -> Change {
    let small = facts.municipality(municipality).population.is_some_and(|it| it < series.small_population);
    let threshold = if small { series.min_change_small } else { series.min_change };
    let difference = later.minus(earlier);
    // Figures have few decimals: the comparison below is exact for any threshold with as few.
    if difference.abs().to_f64() + 1e-9 < threshold {
        return Change::Unclear;
    }
    let rose = difference.mantissa() > 0;
    match (series.direction, rose) {
        (Direction::Lower, false) | (Direction::Higher, true) => Change::Better,
        (Direction::Lower, true) | (Direction::Higher, false) => Change::Worse,
        (Direction::None, true) => Change::Rose,
        (Direction::None, false) => Change::Fell,
    }
}

/// A larger area's figure to hold a municipality's against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AreaFigure {
    /// Published by the institution for that area.
    Official(Figure),
    /// Mean of the municipal figures, weighted with population: no official figure, and to be
    /// named so.
    MunicipalMean(Figure),
}

/// The figure of the country (`state` absent) or of a state: the official one where the pack has
/// it, else the population-weighted mean of the municipalities, to one decimal.
pub fn area_figure(facts: &Facts, code: &str, year: u16, state: Option<u16>) -> Option<AreaFigure> {
    let area = state.map_or("00", |it| facts.states[it as usize].key.as_str());
    if let Some(figure) = facts.reference.get(&(area.to_owned(), code.to_owned(), year)) {
        return Some(AreaFigure::Official(*figure));
    }
    if facts.series(code)?.unit != "%" {
        return None;
    }
    facts.mean(code, year, state).map(AreaFigure::MunicipalMean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    fn of<'a>(facts: &'a Facts, key: &str, topic: &str) -> Benchmark<'a> {
        let id = facts.by_key(key).expect("a municipality");
        let topic = facts.topic(topic).expect("a topic");
        benchmark(facts, id, topic, Family::default()).expect("figures")
    }

    #[test]
    fn tlapa_among_its_peers() {
        let facts = embedded::facts().expect("the embedded pack");
        let poverty = of(&facts, "12066", "pobreza");
        assert_eq!(poverty.reading.value().map(|it| it.to_string()).as_deref(), Some("71.8"));
        assert_eq!(poverty.place.map(|it| it.rank), Some(7));
        assert_eq!(poverty.size(), 21);
        assert_eq!(poverty.median().map(|it| it.to_string()).as_deref(), Some("78.3"));
        assert_eq!(poverty.out_of_ten(), Some(7));
        let food = of(&facts, "12066", "comida");
        assert_eq!(food.place.map(|it| it.rank), Some(17));
        assert_eq!(food.median().map(|it| it.to_string()).as_deref(), Some("31.3"));
        let best = food.best().expect("a best member");
        assert_eq!(facts.municipality(best.municipality).name, "Yajalón");
        assert_eq!(best.value.to_string(), "7.2");
        assert_eq!(food.out_of_ten(), None);
    }

    #[test]
    fn absences_are_told_apart() {
        let facts = embedded::facts().expect("the embedded pack");
        assert_eq!(of(&facts, "12085", "pobreza").reading, Reading::NewerThanData);
        assert_eq!(of(&facts, "12085", "pobreza").size(), 0);
        let without = of(&facts, "04012", "pobreza");
        assert_eq!(without.reading, Reading::Missing);
        assert!(without.place.is_none() && without.size() >= 19);
        assert!(of(&facts, "04012", "agua").place.is_some());
        let id = facts.by_key("08010").expect("a municipality");
        assert_eq!(facts.reading("coneval_ic_rezedu_hombres", 2015, id), Reading::Suppressed);
    }

    #[test]
    fn every_place_agrees_with_a_plain_count() {
        let facts = embedded::facts().expect("the embedded pack");
        let topic = facts.topic("luz").expect("a topic");
        for id in facts.ids().step_by(7) {
            let Some(it) = benchmark(&facts, id, topic, Family::default()) else { continue };
            let alone = rank(&facts, id, topic, &facts.peer_groups.peers(id, Family::default()));
            assert_eq!(it.place.map(|it| it.rank), alone);
            let Some(place) = it.place else { continue };
            let own = it.reading.value().expect("a place has a figure");
            let better = it.members.iter().filter(|member| member.value < own).count() as u32;
            assert_eq!(place.rank, better + 1);
            assert_eq!(it.best().map(|best| best.municipality == id), Some(better == 0));
            let mut values: Vec<Figure> = it.members.iter().map(|member| member.value).collect();
            values.sort();
            assert!(it.median() >= values.first().copied() && it.median() <= values.last().copied());
        }
    }

    #[test]
    fn a_higher_is_better_indicator_ranks_from_the_top() {
        let facts = embedded::facts().expect("the embedded pack");
        let mut topic = facts.topic("pobreza").expect("a topic").clone();
        topic.series = vec!["conapo_imn".to_owned()];
        let id = facts.by_key("12066").expect("a municipality");
        let it = benchmark(&facts, id, &topic, Family::STATE).expect("figures");
        assert!(it.members.windows(2).all(|pair| pair[0].value >= pair[1].value));
        assert_eq!(it.size(), 81);
    }

    #[test]
    fn families_count_as_published() {
        let facts = embedded::facts().expect("the embedded pack");
        let id = facts.by_key("12066").expect("a municipality");
        for family in Family::ALL {
            let peers = facts.peer_groups.peers(id, family);
            let expected = if family == Family::STATE { 80 } else { 20 };
            assert_eq!(peers.len(), expected, "family {}", family.number());
            assert!(peers.iter().all(|peer| peer.municipality != id));
        }
        let oaxaca = facts.by_key("20067").expect("a municipality");
        assert_eq!(facts.peer_groups.peers(oaxaca, Family::STATE).len(), 569);
    }

    #[test]
    fn years_across_a_break_are_not_compared_silently() {
        let facts = embedded::facts().expect("the embedded pack");
        let id = facts.by_key("12066").expect("a municipality");
        let points = trend(&facts, id, facts.topic("comida").expect("a topic"));
        let comparable: Vec<_> = points.iter().map(|it| (it.year, it.comparable)).collect();
        assert_eq!(
            comparable,
            [(2010, Comparability::No), (2015, Comparability::No), (2020, Comparability::Yes)]
        );
        let money = trend(&facts, id, facts.topic("dinero").expect("a topic"));
        assert_eq!(
            money.iter().map(|it| it.code).collect::<Vec<_>>(),
            ["coneval_plb", "coneval_plb", "coneval_plp"]
        );
        assert_eq!(money[0].comparable, Comparability::No);
    }
}
