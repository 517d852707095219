//! A new catalogue of municipalities into a pack that is there.

use std::collections::{BTreeMap, HashMap};

use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;
use crate::domain::municipality::{Municipality, State};

use super::areas::Area;
use super::draft::Draft;
use super::finding::{Finding, Kind};
use super::short_names;
use super::source::{Entry, Extract};

/// The figures in INEGI's catalogue: population and inhabited dwellings of the census `year`.
pub fn figures(file: &str, areas: &[Area], year: u16) -> Extract {
    let mut out = Extract { file: file.to_owned(), ..Extract::default() };
    for area in areas {
        let counts = [
            ("inegi_poblacion", "population", area.population),
            ("inegi_viviendas", "dwellings", area.dwellings),
        ];
        for (series, column, count) in counts {
            let Some(count) = count else { continue };
            out.entries.push(Entry {
                key: area.key.clone(),
                series: series.to_owned(),
                year,
                reading: Reading::Value(Figure::new(i64::from(count), 0)),
                row: area.row,
                column: format!("{column}_{year}"),
            });
        }
    }
    out
}

/// States and municipalities of a catalogue. `abbreviation`, `aliases` and `zone` are asked by the
/// key of a state, or of a municipality.
pub fn lay_out(
    areas: &[Area],
    abbreviation: impl Fn(&Area) -> String,
    aliases: impl Fn(&str) -> Vec<String>,
    zone: impl Fn(&Area) -> String,
) -> (Vec<State>, Vec<Municipality>) {
    let mut by_key: BTreeMap<&str, &Area> = BTreeMap::new();
    for area in areas {
        by_key.entry(&area.state_key).or_insert(area);
    }
    let states: Vec<State> = by_key
        .iter()
        .map(|(key, area)| State {
            key: (*key).to_owned(),
            name: area.state_name.clone(),
            abbreviation: abbreviation(area),
            aliases: aliases(key),
        })
        .collect();
    let places: HashMap<&str, u16> =
        by_key.keys().enumerate().map(|(index, key)| (*key, index as u16)).collect();
    let municipalities = areas
        .iter()
        .map(|area| Municipality {
            key: area.key.clone(),
            state: places.get(area.state_key.as_str()).copied().unwrap_or_default(),
            name: area.name.clone(),
            short_name: None,
            head_town: area.head_town.clone(),
            population: area.population,
            position: area.position,
            newer_than_data: area.newer,
            counted_in: Vec::new(),
            time_zone: zone(area),
            told_apart_by: None,
        })
        .collect();
    (states, municipalities)
}

/// Puts a catalogue into a pack. What editors have said of a municipality stays: short name where it
/// is not the computed one, time zone, where its people were counted, what tells it apart. A
/// municipality that the catalogue no longer has is a finding.
pub fn apply(draft: &mut Draft, file: &str, areas: &[Area], usual_zone: &str) -> Vec<Finding> {
    let before = draft.municipalities.clone();
    let old: HashMap<&str, &Municipality> = before.iter().map(|it| (it.key.as_str(), it)).collect();
    let computed_before = short_names::compute(&before, &draft.states);
    let corrected: HashMap<&str, Option<String>> = before
        .iter()
        .filter(|it| it.short_name.as_ref() != computed_before.names.get(&it.key))
        .map(|it| (it.key.as_str(), it.short_name.clone()))
        .collect();
    let states = draft.states.clone();
    let zone_of_state: HashMap<&str, &str> = before
        .iter()
        .filter_map(|it| Some((states.get(usize::from(it.state))?.key.as_str(), it.time_zone.as_str())))
        .collect();
    let known = |key: &str| states.iter().find(|it| it.key == key);
    let (new_states, mut municipalities) = lay_out(
        areas,
        |area| {
            known(&area.state_key)
                .map_or_else(|| area.state_abbreviation.clone(), |it| it.abbreviation.clone())
        },
        |key| known(key).map(|it| it.aliases.clone()).unwrap_or_default(),
        |area| {
            old.get(area.key.as_str())
                .map(|it| it.time_zone.as_str())
                .or_else(|| zone_of_state.get(area.state_key.as_str()).copied())
                .unwrap_or(usual_zone)
                .to_owned()
        },
    );
    for it in &mut municipalities {
        if let Some(was) = old.get(it.key.as_str()) {
            it.counted_in.clone_from(&was.counted_in);
            it.told_apart_by.clone_from(&was.told_apart_by);
        }
    }
    let computed = short_names::compute(&municipalities, &new_states);
    for it in &mut municipalities {
        it.short_name = match corrected.get(it.key.as_str()) {
            Some(name) => name.clone(),
            None => computed.names.get(&it.key).cloned(),
        };
    }
    let gone: Vec<&Municipality> =
        before.iter().filter(|was| !municipalities.iter().any(|it| it.key == was.key)).collect();
    let finding = gone.first().map(|first| {
        let message = format!(
            "the catalogue does not list {} {} (and {} more), which is loaded",
            first.key,
            first.name,
            gone.len() - 1
        );
        Finding::at(Kind::RowCount, file, areas.len() as u32 + 1, "cvegeo", message)
    });
    draft.put_municipalities(new_states, municipalities);
    finding.into_iter().collect()
}
