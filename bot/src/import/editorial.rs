//! Tables that people edit beside the pack of Mexico, in `data/mx/editorial/`.

use std::collections::BTreeMap;

use super::finding::{Finding, Kind};
use super::grid::{Encoding, read_csv};
use super::long_csv::places;

/// Names of the tables.
pub const FILES: [&str; 6] =
    ["aliases.csv", "states.csv", "short_names.csv", "counted_in.csv", "time_zones.csv", "told_apart.csv"];

/// What the tables say.
#[derive(Clone, Debug, Default)]
pub struct Editorial {
    /// `aliases.csv` (`key,alias,kind`); absent where there is no such file.
    pub aliases: Option<Vec<(String, String, String)>>,
    /// `states.csv` (`key,abbreviation,aliases`): abbreviation and aliases by key.
    pub states: BTreeMap<String, (String, Vec<String>)>,
    /// `short_names.csv` (`key,short_name`): an empty name means that there is none.
    pub short_names: BTreeMap<String, String>,
    /// `counted_in.csv` (`key,counted_in`): keys separated by `|`, the main one first.
    pub counted_in: BTreeMap<String, String>,
    /// `time_zones.csv` (`key,time_zone`), by key of a state or municipality.
    pub time_zones: BTreeMap<String, String>,
    /// `told_apart.csv` (`key,told_apart_by`).
    pub told_apart: BTreeMap<String, String>,
}

/// Reads the tables that are there; `file` gives a table's bytes.
pub fn read(file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Editorial, Finding> {
    let table = |name: &str, columns: [&str; 2]| match file(name) {
        Some(bytes) => pairs(name, &bytes, columns),
        None => Ok(BTreeMap::new()),
    };
    let mut out = Editorial {
        short_names: table("short_names.csv", ["key", "short_name"])?,
        counted_in: table("counted_in.csv", ["key", "counted_in"])?,
        time_zones: table("time_zones.csv", ["key", "time_zone"])?,
        told_apart: table("told_apart.csv", ["key", "told_apart_by"])?,
        ..Editorial::default()
    };
    if let Some(bytes) = file("aliases.csv") {
        let rows = records("aliases.csv", &bytes, ["key", "alias", "kind"])?;
        out.aliases = Some(rows.into_iter().map(|[key, alias, kind]| (key, alias, kind)).collect());
    }
    if let Some(bytes) = file("states.csv") {
        for [key, abbreviation, aliases] in records("states.csv", &bytes, ["key", "abbreviation", "aliases"])?
        {
            let aliases = aliases.split('|').filter(|it| !it.is_empty()).map(str::to_owned).collect();
            out.states.insert(key, (abbreviation, aliases));
        }
    }
    Ok(out)
}

fn pairs(name: &str, bytes: &[u8], columns: [&str; 2]) -> Result<BTreeMap<String, String>, Finding> {
    let mut out = BTreeMap::new();
    for (index, [key, value]) in records(name, bytes, columns)?.into_iter().enumerate() {
        if out.insert(key.clone(), value).is_some() {
            let message = format!("the key {key} stands there twice");
            return Err(Finding::at(Kind::DuplicateKey, name, index as u32 + 2, columns[0], message));
        }
    }
    Ok(out)
}

fn records<const N: usize>(
    name: &str,
    bytes: &[u8],
    columns: [&str; N],
) -> Result<Vec<[String; N]>, Finding> {
    let grid = read_csv(name, bytes, Encoding::Utf8)?;
    let at = places(&grid, columns)?;
    let rows = grid.rows.iter().skip(1).filter(|row| !row.is_blank());
    Ok(rows.map(|row| at.map(|index| row.cell(index).plain())).collect())
}
