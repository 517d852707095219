//! The yearly list of those that improved most in their family.
//!
//! A municipality is on the list of a series and a year when all of this holds:
//!
//! - the year and the one before it in the series may be compared: as they stand, or with a note, which is
//!   then shown with the list; never across a break;
//! - its own change between the two is better by the series' `min_change` or more (`min_change_small`
//!   where few people live), else nobody knows whether it changed;
//! - it is the best change of its own family (a tie with another does not harm), better than the
//!   family's median change by as much and by two robust deviations ([`super::progress`]);
//! - where the series has one more comparable year, the figure got better from that one on, too: else
//!   many only fall back from a year that stood out;
//! - 5,000 people or more live there: smaller ones jump by chance.
//!
//! How good the figure is now does not count: who comes from far behind is recognised as well. That is
//! all that sets it apart from the rule of [`super::highlight::candidates`]. The list says nothing of why.
//!
//! It is ordered by how much better the change is than the family's, then by the own change, then by
//! key; all in exact decimals.

use std::cmp::Reverse;
use std::num::NonZeroUsize;

use super::benchmark::{comparability, newest};
use super::facts::Facts;
use super::figure::Figure;
use super::highlight::candidates::{DEVIATIONS, LEAST_PEOPLE, got_better};
use super::municipality::MunicipalityId;
use super::pack::{Comparability, Direction, Localized, Series};
use super::peer_group::Family;
use super::progress::{Progress, progress, reaches, toward};

/// Version of the rule, printed with every list.
pub const RULE: &str = "recognition-1";

/// A series and the years that are judged.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// Code of the series.
    pub code: &'a str,
    /// The series.
    pub series: &'a Series,
    /// The years, rising: the last two are those whose change is judged; one before them where the series
    /// has it and it may be compared.
    pub years: Vec<u16>,
    /// Whether the years may be compared only with the note.
    pub warned: bool,
    /// What a reader must know of the years.
    pub notes: Vec<&'a Localized>,
}

impl Judged<'_> {
    /// The two years whose change is judged.
    pub fn pair(&self) -> (u16, u16) {
        match self.years.as_slice() {
            [.., before, year] => (*before, *year),
            // There are two at least.
            _ => (0, 0),
        }
    }

    /// Whether an earlier year shows that the figure did not only fall back.
    pub fn has_earlier(&self) -> bool {
        self.years.len() > 2
    }
}

/// Why a series has no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotJudged<'a> {
    /// The pack has no such series.
    NoSeries,
    /// It only describes: no value is better than another.
    Describes,
    /// It has no figures of that year, or none of a year before.
    NoYears,
    /// The two years are not the same thing.
    Break(Option<&'a Localized>),
}

/// Looks whether a series can be judged, in a year or in its newest one.
pub fn judged<'a>(facts: &'a Facts, code: &str, year: Option<u16>) -> Result<Judged<'a>, NotJudged<'a>> {
    let (code, series) = facts.manifest.series.get_key_value(code).ok_or(NotJudged::NoSeries)?;
    let code = code.as_str();
    if series.direction == Direction::None {
        return Err(NotJudged::Describes);
    }
    let years: Vec<u16> = facts.years(code).filter(|it| year.is_none_or(|year| *it <= year)).collect();
    let (earlier, before, last) = match years.as_slice() {
        [.., earlier, before, last] => (Some(*earlier), *before, *last),
        [before, last] => (None, *before, *last),
        _ => return Err(NotJudged::NoYears),
    };
    if year.is_some_and(|it| it != last) {
        return Err(NotJudged::NoYears);
    }
    let compared = |earlier: u16, later: u16| comparability(facts, (code, earlier), (code, later));
    let (may, note) = compared(before, last);
    if may == Comparability::No {
        return Err(NotJudged::Break(note));
    }
    let mut judged = Judged {
        code,
        series,
        years: vec![before, last],
        warned: may == Comparability::Warn,
        notes: note.into_iter().collect(),
    };
    if let Some(earlier) = earlier {
        let (may, note) = compared(earlier, before);
        if may != Comparability::No && compared(earlier, last).0 != Comparability::No {
            judged.years.insert(0, earlier);
            judged.notes.extend(note);
        }
    }
    Ok(judged)
}

/// The series of the main topics that may be judged without a warning, in the pack's order.
pub fn usual(facts: &Facts, year: Option<u16>) -> Vec<Judged<'_>> {
    let topics = facts.manifest.topics.iter().filter(|topic| topic.main);
    let codes = topics.flat_map(|topic| match year {
        None => newest(facts, topic).map(|it| it.0).into_iter().collect::<Vec<_>>(),
        Some(_) => topic.series.iter().map(String::as_str).collect(),
    });
    codes.filter_map(|code| judged(facts, code, year).ok()).filter(|it| !it.warned).collect()
}

/// One that is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The municipality.
    pub municipality: MunicipalityId,
    /// Its figures in the judged years.
    pub values: Vec<(u16, Figure)>,
    /// Its change beside its family's.
    pub progress: Progress,
}

/// The list; see the module for its rule and order. `threads` look at once.
pub fn recognised(
    facts: &Facts,
    judged: &Judged<'_>,
    family: Family,
    threads: NonZeroUsize,
) -> Vec<Recognised> {
    let ids: Vec<MunicipalityId> = facts.ids().collect();
    let part = ids.len().div_ceil(threads.get()).max(1);
    let look = |ids: &[MunicipalityId]| -> Vec<Recognised> {
        ids.iter().filter_map(|id| one(facts, judged, family, *id)).collect()
    };
    let mut found: Vec<Recognised> = std::thread::scope(|scope| {
        let mut parts = ids.chunks(part);
        let own = parts.next().unwrap_or_default();
        let running: Vec<_> = parts.map(|ids| scope.spawn(move || look(ids))).collect();
        let mut found = look(own);
        for it in running {
            match it.join() {
                Ok(list) => found.extend(list),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        found
    });
    let direction = judged.series.direction;
    found.sort_by_key(|it| {
        (Reverse(it.progress.advantage()), Reverse(toward(direction, it.progress.own)), it.municipality)
    });
    found
}

/// What is cheap to look at comes before the peers.
fn one(facts: &Facts, judged: &Judged<'_>, family: Family, id: MunicipalityId) -> Option<Recognised> {
    let series = (judged.code, judged.series);
    let people = facts.municipality(id).population?;
    if people < LEAST_PEOPLE || !got_better(facts, series, &judged.years, id) {
        return None;
    }
    let small = people < judged.series.small_population;
    let least = if small { judged.series.min_change_small } else { judged.series.min_change };
    let value = |year: u16| facts.reading(judged.code, year, id).value();
    let (before, year) = judged.pair();
    let own = value(year)?.minus(value(before)?);
    if !reaches(toward(judged.series.direction, own), least) {
        return None;
    }
    let peers = facts.peer_groups.peers(id, family);
    let progress = progress(facts, series, (before, year), id, &peers)?;
    // Alone nobody is the best of anything.
    if progress.size < 2 || progress.rank != 1 || !progress.stands_out(least, DEVIATIONS) {
        return None;
    }
    let values = judged.years.iter().filter_map(|year| Some((*year, value(*year)?))).collect();
    Some(Recognised { municipality: id, values, progress })
}

#[cfg(test)]
mod tests {
    use super::super::highlight::candidates::candidates;
    use super::*;
    use crate::embedded;

    const ONE: NonZeroUsize = NonZeroUsize::MIN;

    fn keys(facts: &Facts, list: &[Recognised]) -> Vec<String> {
        list.iter().map(|it| facts.municipality(it.municipality).key.clone()).collect()
    }

    #[test]
    fn the_list_holds_every_candidate_and_those_that_come_from_far_behind() {
        let facts = embedded::facts().expect("the embedded pack");
        for code in ["coneval_ic_cv", "coneval_ic_sbv"] {
            let judged = judged(&facts, code, None).expect("a series that is judged");
            assert_eq!(judged.years, [2010, 2015, 2020]);
            let list = keys(&facts, &recognised(&facts, &judged, Family::NEAREST, ONE));
            let stories = candidates(&facts, code);
            assert!(list.len() > stories.len());
            for it in stories {
                assert!(list.contains(&facts.municipality(it.municipality).key));
            }
        }
    }

    #[test]
    fn it_is_the_same_with_any_number_of_threads_and_in_order() {
        let facts = embedded::facts().expect("the embedded pack");
        let judged = judged(&facts, "coneval_ic_cv", None).expect("a series that is judged");
        let alone = recognised(&facts, &judged, Family::NEAREST, ONE);
        assert!(alone.windows(2).all(|it| it[0].progress.advantage() >= it[1].progress.advantage()));
        for threads in [2, 7, 5_000] {
            let fresh = embedded::facts().expect("the embedded pack");
            let threads = NonZeroUsize::new(threads).expect("some");
            assert_eq!(recognised(&fresh, &judged, Family::NEAREST, threads), alone);
        }
    }

    #[test]
    fn every_one_is_the_best_of_its_family_by_a_plain_count() {
        let facts = embedded::facts().expect("the embedded pack");
        let judged = judged(&facts, "coneval_ic_asalud", None).expect("a series that is judged");
        assert!(judged.warned && !judged.notes.is_empty());
        let (before, year) = judged.pair();
        let change = |id: MunicipalityId| {
            let value = |year| facts.reading(judged.code, year, id).value().map(Figure::to_f64);
            Some(value(year)? - value(before)?)
        };
        for it in recognised(&facts, &judged, Family::STATE, ONE) {
            let own = change(it.municipality).expect("both figures");
            let peers = facts.peer_groups.peers(it.municipality, Family::STATE);
            assert!(peers.iter().filter_map(|it| change(it.municipality)).all(|it| it > own - 1e-6));
            assert!(own <= -5.0 + 1e-9);
            assert!(facts.municipality(it.municipality).population >= Some(5_000));
        }
    }

    #[test]
    fn what_cannot_be_compared_has_no_list() {
        let facts = embedded::facts().expect("the embedded pack");
        assert_eq!(judged(&facts, "none", None).err(), Some(NotJudged::NoSeries));
        assert_eq!(judged(&facts, "inegi_poblacion", None).err(), Some(NotJudged::Describes));
        assert_eq!(judged(&facts, "irs_sin_agua", None).err(), Some(NotJudged::NoYears));
        assert_eq!(judged(&facts, "coneval_ic_cv", Some(2012)).err(), Some(NotJudged::NoYears));
        assert_eq!(judged(&facts, "coneval_ic_cv", Some(2010)).err(), Some(NotJudged::NoYears));
        assert!(matches!(judged(&facts, "coneval_pobreza", None), Err(NotJudged::Break(Some(_)))));
        let before = judged(&facts, "coneval_pobreza", Some(2015)).expect("2010 and 2015");
        assert_eq!((before.pair(), before.has_earlier()), ((2010, 2015), false));
        let usual: Vec<&str> = usual(&facts, None).iter().map(|it| it.code).collect();
        assert_eq!(usual, ["coneval_ic_cv", "coneval_ic_sbv"]);
    }
}
