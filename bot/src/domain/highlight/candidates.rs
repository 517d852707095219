//! Municipalities that a best-practice story could be asked of, found by a published rule.
//!
//! A municipality is a candidate on a series when all of this holds:
//!
//! - the three newest years of the series may be compared with each other as they stand, with neither a
//!   break nor a warning, and it is a share (%) that judges: CASA and SERVICIOS in the pack of Mexico;
//! - its figure got better from the first of these years to the second and from there to the third:
//!   else many only fall back from a year that stood out;
//! - its change between the last two is the best of its group (`FAMILIA 1`, a tie with another does not
//!   harm), better than the group's by the series' `min_change` (5 points) and by two robust deviations
//!   ([`crate::domain::progress`]);
//! - 5,000 people or more live there: smaller ones jump by chance;
//! - in the newest year it is in the better half of its group: 2 x rank <= members + 1.
//!
//! So nothing is known of what was done, nor that it was the municipality's doing: that is what the
//! story is asked for.

use crate::domain::benchmark::{comparability, order};
use crate::domain::facts::Facts;
use crate::domain::figure::Figure;
use crate::domain::municipality::MunicipalityId;
use crate::domain::pack::{Comparability, Direction, Series};
use crate::domain::peer_group::{Family, Peer};
use crate::domain::progress::{Progress, progress, reaches, toward};

/// Version of the rule, printed wherever its results are.
pub const RULE: &str = "candidates-1";
/// People that must live in a municipality.
pub const LEAST_PEOPLE: u32 = 5_000;
/// Robust deviations by which a change must be better than the group's.
pub const DEVIATIONS: u32 = 2;

/// A municipality whose figure moved as few do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The municipality.
    pub municipality: MunicipalityId,
    /// Code of the series that moved.
    pub series: String,
    /// Its figures, oldest year first: the last two are those whose change is judged.
    pub values: Vec<(u16, Figure)>,
    /// Its change between the last two years beside its group's, with the robust deviations.
    pub progress: Progress,
    /// Its rank in its group by the newest figure; 1 is the best.
    pub rank: u32,
    /// Members of the group with that figure, the municipality included.
    pub size: u32,
}

impl Candidate {
    /// Its own change between the last two years, in the series' unit: later minus earlier.
    pub fn own_change(&self) -> Figure {
        self.progress.own
    }

    /// The median change of its group, exact; the median of an even group may have one more decimal.
    pub fn group_change(&self) -> Figure {
        self.progress.group
    }
}

/// The series on which a story may be suggested, by code.
pub fn series(facts: &Facts) -> Vec<&str> {
    let codes = facts.manifest.series.keys().map(String::as_str);
    codes.filter(|code| judged_years(facts, code).is_some()).collect()
}

/// The candidates of a series by its code, in the order of keys; none where the series can't be judged.
pub fn candidates(facts: &Facts, series: &str) -> Vec<Candidate> {
    let Some((definition, years)) = judged_years(facts, series) else { return Vec::new() };
    facts.ids().filter_map(|id| candidate(facts, (series, definition), years, id)).collect()
}

/// The series and its three newest years, where all the rule's demands on a series hold.
fn judged_years<'a>(facts: &'a Facts, code: &str) -> Option<(&'a Series, [u16; 3])> {
    let series = facts.series(code)?;
    if series.unit != "%" || series.direction == Direction::None {
        return None;
    }
    let mut newest = facts.years(code).rev();
    let (last, middle, first) = (newest.next()?, newest.next()?, newest.next()?);
    let as_they_stand = |earlier, later| comparability(facts, (code, earlier), (code, later)).0;
    [(first, middle), (middle, last), (first, last)]
        .into_iter()
        .all(|(earlier, later)| as_they_stand(earlier, later) == Comparability::Yes)
        .then_some((series, [first, middle, last]))
}

/// What is cheap to look at comes before the peers.
fn candidate(
    facts: &Facts,
    (code, series): (&str, &Series),
    years: [u16; 3],
    id: MunicipalityId,
) -> Option<Candidate> {
    let enough = facts.municipality(id).population.is_some_and(|it| it >= LEAST_PEOPLE);
    if !enough || !got_better(facts, (code, series), &years, id) {
        return None;
    }
    let peers = facts.peer_groups.peers(id, Family::NEAREST);
    let progress = progress(facts, (code, series), (years[1], years[2]), id, &peers)?;
    let own_is_clear = reaches(toward(series.direction, progress.own), series.min_change);
    if !own_is_clear || progress.rank != 1 || !progress.stands_out(series.min_change, DEVIATIONS) {
        return None;
    }
    let (rank, size) = place(facts, (code, series), years[2], id, &peers)?;
    if 2 * rank > size + 1 {
        return None;
    }
    let values = years.into_iter().filter_map(|year| Some((year, facts.reading(code, year, id).value()?)));
    let values = values.collect();
    Some(Candidate { municipality: id, series: code.to_owned(), values, progress, rank, size })
}

/// Whether the figure got strictly better from each of the years to the next; not where one is absent.
pub fn got_better(facts: &Facts, (code, series): (&str, &Series), years: &[u16], id: MunicipalityId) -> bool {
    let value = |year: u16| facts.reading(code, year, id).value();
    years.windows(2).all(|pair| match (value(pair[0]), value(pair[1])) {
        (Some(earlier), Some(later)) => order(series.direction, later, earlier).is_lt(),
        _ => false,
    })
}

/// Rank and size of the group by the figure of a year; `None` without the figure.
fn place(
    facts: &Facts,
    (code, series): (&str, &Series),
    year: u16,
    id: MunicipalityId,
    peers: &[Peer],
) -> Option<(u32, u32)> {
    let readings = facts.readings(code, year);
    let own = readings(id).value()?;
    let others: Vec<Figure> = peers.iter().filter_map(|peer| readings(peer.municipality).value()).collect();
    let better = others.iter().filter(|it| order(series.direction, **it, own).is_lt()).count();
    Some((better as u32 + 1, others.len() as u32 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    /// Each as the published table has it: key, the three figures, own change, group's change, rank, size.
    const HOUSING: [&str; 7] = [
        "07010 46.8 37.8 18.0 -19.8 -5.2 8/20",
        "07038 63.5 39.3 17.7 -21.6 -5.9 1/21",
        "07073 43.5 38.1 17.9 -20.2 -7.9 11/21",
        "07097 32.0 28.4 10.8 -17.6 -3.8 10/21",
        "21128 31.5 16.3 7.3 -9.0 -3.0 7/21",
        "21193 26.6 26.4 12.8 -13.6 -1.8 11/21",
        "24014 62.4 46.8 23.0 -23.8 -8.5 10/21",
    ];
    const SERVICES: [&str; 10] = [
        "07023 95.4 91.2 72.7 -18.5 -1.7 2/21",
        "07036 76.0 47.6 15.1 -32.5 -10.5 3/20",
        "07038 95.2 85.7 74.1 -11.6 -1.4 2/21",
        // Twenty of the group have both figures: the middle is between two.
        "13006 52.6 52.5 33.7 -18.8 -1.05 2/21",
        "16108 20.7 18.8 5.4 -13.4 -1.9 10/21",
        "19045 44.6 18.6 2.9 -15.7 -1.6 6/21",
        "20348 74.7 70.2 55.7 -14.5 -1.2 7/21",
        "21204 53.6 46.4 24.0 -22.4 -4.4 1/21",
        "30109 54.6 50.2 31.1 -19.1 -7.8 8/21",
        "30132 57.6 45.7 16.6 -29.1 -6.9 7/21",
    ];

    fn told(facts: &Facts, code: &str) -> Vec<String> {
        let line = |it: &Candidate| {
            let values: Vec<String> = it.values.iter().map(|(_, value)| value.to_string()).collect();
            let key = &facts.municipality(it.municipality).key;
            let (own, group) = (it.own_change(), it.group_change());
            format!("{key} {} {own} {group} {}/{}", values.join(" "), it.rank, it.size)
        };
        candidates(facts, code).iter().map(line).collect()
    }

    #[test]
    fn the_published_candidates_are_found() {
        let facts = embedded::facts().expect("the embedded pack");
        assert_eq!(told(&facts, "coneval_ic_cv"), HOUSING);
        assert_eq!(told(&facts, "coneval_ic_sbv"), SERVICES);
        let names = [("07038", "Huixtán"), ("07023", "Chamula"), ("13006", "Alfajayucan")];
        for (key, name) in names {
            let id = facts.by_key(key).expect("a municipality");
            assert_eq!(facts.municipality(id).name, name);
        }
    }

    #[test]
    fn only_series_whose_years_are_the_same_thing_are_judged() {
        let facts = embedded::facts().expect("the embedded pack");
        assert_eq!(series(&facts), ["coneval_ic_cv", "coneval_ic_sbv"]);
        for code in ["coneval_pobreza", "coneval_ic_asalud", "coneval_ic_rezedu", "irs_sin_agua", "none"] {
            assert_eq!(candidates(&facts, code), Vec::new(), "{code}");
        }
    }

    #[test]
    fn without_the_gate_those_that_fall_back_would_win() {
        let facts = embedded::facts().expect("the embedded pack");
        let code = "coneval_ic_sbv";
        let definition = facts.series(code).expect("a series");
        let fell_back = facts.ids().filter(|id| {
            got_better(&facts, (code, definition), &[2015, 2020], *id)
                && !got_better(&facts, (code, definition), &[2010, 2015, 2020], *id)
        });
        assert!(fell_back.count() > 500);
        let found = candidates(&facts, code);
        assert!(found.iter().all(|it| got_better(
            &facts,
            (code, definition),
            &[2010, 2015, 2020],
            it.municipality
        )));
    }

    #[test]
    fn any_number_of_threads_finds_the_same() {
        let facts = embedded::facts().expect("the embedded pack");
        let alone = candidates(&facts, "coneval_ic_cv");
        let fresh = embedded::facts().expect("the embedded pack");
        let together: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> =
                (0..2).map(|_| scope.spawn(|| candidates(&fresh, "coneval_ic_cv"))).collect();
            running.into_iter().map(|it| it.join().expect("a list")).collect()
        });
        assert!(together.iter().all(|it| *it == alone));
    }
}
