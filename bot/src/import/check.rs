//! Checks of what was read against what is loaded, in two stages: rows, then the whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::figure::Figure;
use crate::domain::pack::Manifest;

use super::draft::Draft;
use super::finding::{Finding, Kind};
use super::source::{Entry, Extract};

/// How far a mean of municipal shares, weighted with the population, may lie from the official share
/// of the larger area, in points. The official ones are weighted with their own denominators
/// (people of 15 and over, dwellings): with the figures of 2020 the two differ by up to 2.8.
pub const TOLERANCE: f64 = 3.0;

/// How far the number of figures of a new year may lie from that of the latest year, in %.
const NEW_YEAR_TOLERANCE: usize = 5;

/// Checks each figure: known municipality and series, no repetition, within its range. A figure that
/// stands twice can't be accepted and is the error.
pub fn rows(extract: &Extract, draft: &Draft, manifest: &Manifest) -> Result<Vec<Finding>, Finding> {
    let known = draft.rows();
    let mut findings = Vec::new();
    let mut seen: HashMap<(&str, &str, u16), u32> = HashMap::with_capacity(extract.entries.len());
    let mut unknown_keys = BTreeSet::new();
    let mut unknown_series = BTreeSet::new();
    for it in &extract.entries {
        let at = |kind: Kind, column: &str, message: String| {
            Finding::at(kind, &extract.file, it.row, column, message)
        };
        if let Some(first) = seen.insert((&it.key, &it.series, it.year), it.row) {
            let message = format!("{} of {} in {} stands in row {first} too", it.series, it.key, it.year);
            return Err(at(Kind::DuplicateKey, "key", message));
        }
        if !known.contains_key(&it.key) {
            if unknown_keys.insert(it.key.as_str()) {
                let message = format!("{} is no municipality of the loaded pack", it.key);
                findings.push(at(Kind::UnknownKey, "key", message));
            }
            continue;
        }
        let Some(series) = manifest.series.get(&it.series) else {
            if unknown_series.insert(it.series.as_str()) {
                let message = format!("the manifest defines no series {}", it.series);
                findings.push(at(Kind::UnknownSeries, &it.column, message));
            }
            continue;
        };
        if let (Some((low, high)), Some(figure)) = (series.range, it.reading.value()) {
            let number = figure.to_f64();
            if number < low || number > high {
                let message = format!("{figure} of {} in {} lies outside {low} to {high}", it.series, it.key);
                findings.push(at(Kind::OutOfRange, &it.column, message));
            }
        }
    }
    findings.extend(extract.findings.iter().cloned());
    findings.sort_by(|a, b| (a.row, &a.column).cmp(&(b.row, &b.column)));
    Ok(findings)
}

/// A series, its year and its column in the file.
type Counted<'a> = (&'a str, u16, &'a str);

/// Checks the number of figures of each series against what is loaded.
pub fn counts(extract: &Extract, draft: &Draft, manifest: &Manifest) -> Vec<Finding> {
    let mut groups: BTreeMap<(usize, usize, u32), Vec<Counted<'_>>> = BTreeMap::new();
    for ((series, year), entries) in by_series(&extract.entries, manifest, draft) {
        let count = entries.iter().filter(|it| it.reading.value().is_some()).count();
        let (expected, slack) = if let Some(column) = draft.columns.get(series, year) {
            (column.values(), 0)
        } else {
            let years = draft.columns.iter().filter(|(it, ..)| *it == series);
            let all = draft.municipalities.iter().filter(|it| !it.newer_than_data).count();
            let expected = years.map(|(.., it)| it.values()).last().unwrap_or(all);
            (expected, expected * NEW_YEAR_TOLERANCE / 100)
        };
        if count.abs_diff(expected) > slack {
            let last = entries.iter().max_by_key(|it| it.row);
            let (row, column) = last.map_or((1, "A"), |it| (it.row, it.column.as_str()));
            groups.entry((count, expected, row)).or_default().push((series, year, column));
        }
    }
    groups
        .into_iter()
        .filter_map(|((count, expected, row), series)| {
            let (first, year, column) = series.first()?;
            let others = match series.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more series)"),
            };
            let message =
                format!("{first} {year}{others} has {count} figures up to here, {expected} are expected");
            Some(Finding::at(Kind::RowCount, &extract.file, row, *column, message))
        })
        .collect()
}

/// Checks sums and means of the municipalities against official figures of their areas: those in the
/// file itself, else those of the loaded pack.
pub fn totals(extract: &Extract, draft: &Draft, manifest: &Manifest) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut people: HashMap<&str, Figure> = draft
        .municipalities
        .iter()
        .filter_map(|it| Some((it.key.as_str(), Figure::new(i64::from(it.population?), 0))))
        .collect();
    people.extend(extract.people.iter().map(|it| (it.key.as_str(), it.count)));
    for area in &extract.area_people {
        let own = extract.people.iter().filter(|it| belongs(&it.key, &area.key));
        let sum: i64 = own.map(|it| it.count.round(0).mantissa()).sum();
        if sum != area.count.round(0).mantissa() {
            let message = format!(
                "the municipalities of area {} have {sum} people, officially {}",
                area.key, area.count
            );
            findings.push(Finding::at(Kind::Total, &extract.file, area.row, "population", message));
        }
    }
    for ((series, year), entries) in by_series(&extract.entries, manifest, draft) {
        let Some(definition) = manifest.series.get(series) else { continue };
        let mut official: BTreeMap<&str, (Figure, u32)> = draft
            .reference
            .iter()
            .filter(|((code, when, _), _)| code == series && *when == year)
            .map(|((.., area), figure)| (area.as_str(), (*figure, 1)))
            .collect();
        let own = extract.areas.iter().filter(|it| it.series == series && it.year == year);
        official.extend(own.map(|it| (it.area.as_str(), (it.value, it.row))));
        for (area, (figure, row)) in official {
            let members = entries.iter().filter(|it| belongs(&it.key, area));
            let message = if definition.unit == "%" {
                weighted_mean(members, &people)
                    .filter(|mean| (mean - figure.to_f64()).abs() > TOLERANCE)
                    .map(|mean| {
                        format!(
                            "{series} {year}: the municipalities of area {area} make {mean:.2} % (weighted with \
                             their people), officially it is {figure} %, more than {TOLERANCE} points apart"
                        )
                    })
            } else if COUNTED.contains(&definition.unit.as_str()) {
                let sum: i64 =
                    members.filter_map(|it| it.reading.value()).map(|it| it.round(0).mantissa()).sum();
                (sum != figure.round(0).mantissa()).then(|| {
                    format!(
                        "{series} {year}: the municipalities of area {area} sum to {sum}, officially {figure}"
                    )
                })
            } else {
                None
            };
            if let Some(message) = message {
                let column = entries.first().map_or("A", |it| it.column.as_str());
                findings.push(Finding::at(Kind::Total, &extract.file, row, column, message));
            }
        }
    }
    findings
}

/// Units that add up.
const COUNTED: [&str; 2] = ["personas", "viviendas"];

/// Whether a municipality lies in an area: `00` is the country, else the area's key begins the
/// municipality's.
fn belongs(key: &str, area: &str) -> bool {
    area == "00" || key.starts_with(area)
}

fn weighted_mean<'a>(
    members: impl Iterator<Item = &'a &'a Entry>,
    people: &HashMap<&str, Figure>,
) -> Option<f64> {
    let (mut sum, mut weight) = (0.0, 0.0);
    for it in members {
        if let (Some(figure), Some(people)) = (it.reading.value(), people.get(it.key.as_str())) {
            sum += figure.to_f64() * people.to_f64();
            weight += people.to_f64();
        }
    }
    (weight > 0.0).then(|| sum / weight)
}

fn by_series<'a>(
    entries: &'a [Entry],
    manifest: &Manifest,
    draft: &Draft,
) -> BTreeMap<(&'a str, u16), Vec<&'a Entry>> {
    let known = draft.rows();
    let mut groups: BTreeMap<(&str, u16), Vec<&Entry>> = BTreeMap::new();
    for it in
        entries.iter().filter(|it| manifest.series.contains_key(&it.series) && known.contains_key(&it.key))
    {
        groups.entry((&it.series, it.year)).or_default().push(it);
    }
    groups
}
