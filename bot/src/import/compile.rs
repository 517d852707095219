//! The embedded pack of Mexico, from the official files where they are there and the long tables
//! for the rest.

use std::collections::{BTreeMap, HashMap};

use crate::domain::indicator::Reading;
use crate::domain::pack::{Columns, Manifest, PackError};

use super::areas::read_catalogue;
use super::catalogue;
use super::check;
use super::draft::{Draft, parse};
use super::editorial::Editorial;
use super::finding::{Finding, Kind};
use super::long_csv;
use super::postcodes;
use super::short_names;
use super::source::{AreaFigure, Entry, Extract};
use super::{conapo, coneval_poverty, coneval_rezago};

/// A file's name and bytes.
pub type Named = (String, Vec<u8>);

/// What a pack is compiled from.
pub struct Sources {
    /// The manifest with its definitions.
    pub manifest: String,
    /// Tables that people edit.
    pub editorial: Editorial,
    /// INEGI's catalogue.
    pub catalogue: Named,
    /// Long tables of figures.
    pub tables: Vec<Named>,
    /// Long table of official figures of larger areas.
    pub reference: Named,
    /// Postcodes.
    pub postcodes: Named,
    /// Official files, told apart by their names; none where only the long tables are to be used.
    pub official: Vec<Named>,
}

/// What came out.
pub struct Compiled {
    /// The pack; its postcodes belong into a folder of their own.
    pub draft: Draft,
    /// Findings of the checks; the pack is not to be written with any.
    pub findings: Vec<Finding>,
    /// What was read, for a person: a line each.
    pub report: Vec<String>,
}

/// Why nothing came out.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// A table is wrong.
    #[error("{0}")]
    Finding(Finding),
    /// The manifest is wrong.
    #[error("{0}")]
    Pack(#[from] PackError),
}

impl From<Finding> for CompileError {
    fn from(finding: Finding) -> Self {
        Self::Finding(finding)
    }
}

/// Reads an official file by the layout that its name tells; none for another file.
pub fn read_official(name: &str, bytes: &[u8]) -> Option<Result<Extract, Finding>> {
    let lower = name.to_lowercase();
    if lower.starts_with("indicadores de pobreza municipal") {
        Some(coneval_poverty::read(name, bytes, None))
    } else if lower.starts_with("irs_") {
        Some(coneval_rezago::read(name, bytes, None))
    } else if lower.starts_with("imm_") {
        Some(conapo::read(name, bytes, None))
    } else {
        None
    }
}

/// Compiles the pack. Figures that an official file and a long table both have must be the same.
pub fn compile(sources: &Sources) -> Result<Compiled, CompileError> {
    let mut report = Vec::new();
    let document = parse(&sources.manifest)?;
    let manifest: Manifest = toml::from_str(&sources.manifest)
        .map_err(|problem| PackError::malformed("manifest.toml", "the file", problem))?;
    let (name, bytes) = &sources.catalogue;
    let (areas, census) = read_catalogue(name, bytes)?;
    let editorial = &sources.editorial;
    let (states, mut municipalities) = catalogue::lay_out(
        &areas,
        |area| match editorial.states.get(&area.state_key) {
            Some((abbreviation, _)) if !abbreviation.is_empty() => abbreviation.clone(),
            _ => area.state_abbreviation.clone(),
        },
        |key| editorial.states.get(key).map(|(_, aliases)| aliases.clone()).unwrap_or_default(),
        |area| {
            let zone =
                editorial.time_zones.get(&area.key).or_else(|| editorial.time_zones.get(&area.state_key));
            zone.unwrap_or(&manifest.pack.time_zone).clone()
        },
    );
    let computed = short_names::compute(&municipalities, &states);
    report.push(format!(
        "{} municipalities, {} computed short names",
        municipalities.len(),
        computed.names.len()
    ));
    for it in &mut municipalities {
        it.short_name = match editorial.short_names.get(&it.key) {
            Some(name) => Some(name.clone()).filter(|it| !it.is_empty()),
            None => computed.names.get(&it.key).cloned(),
        };
        if let Some(keys) = editorial.counted_in.get(&it.key) {
            it.counted_in = keys.split('|').map(str::to_owned).collect();
        }
        it.told_apart_by = editorial.told_apart.get(&it.key).cloned();
    }
    let mut draft = Draft {
        document,
        states,
        municipalities,
        aliases: editorial.aliases.clone().unwrap_or_default(),
        columns: Columns::default(),
        reference: BTreeMap::new(),
        postcodes: None,
    };
    let columns =
        crate::domain::pack::ValueColumns { key: "area_code".to_owned(), ..long_csv::default_columns() };
    let reference = long_csv::read_areas(&sources.reference.0, &sources.reference.1, &columns)?;
    draft.put_areas(&reference, &manifest);
    unknown_keys(&draft, editorial)?;

    // The official files first: what they hold is not read from a long table, only compared.
    let mut official: HashMap<(String, String, u16), Reading> = HashMap::new();
    let mut findings = Vec::new();
    let mut extracts = vec![catalogue::figures(name, &areas, census)];
    for (name, bytes) in &sources.official {
        if let Some(extract) = read_official(name, bytes) {
            extracts.push(extract?);
        }
    }
    for extract in &extracts {
        let file = extract.file.clone();
        report.push(format!("{} figures from {file}", extract.entries.len()));
        findings.extend(check::rows(extract, &draft, &manifest)?);
        findings.extend(check::totals(extract, &draft, &manifest));
        same_reference(extract, &draft, &reference)?;
        for it in &extract.entries {
            official.insert((it.key.clone(), it.series.clone(), it.year), it.reading);
        }
        draft.put(&extract.entries, &manifest)?;
    }
    let taken: std::collections::HashSet<(String, u16)> =
        official.keys().map(|(_, series, year)| (series.clone(), *year)).collect();
    let mut compared = 0;
    let mut seen = HashMap::new();
    for (name, bytes) in &sources.tables {
        let columns = long_csv::default_columns();
        let mut extract = long_csv::read(name, bytes, &columns, usize::from(manifest.pack.key_digits))?;
        for it in &extract.entries {
            if let Some(first) = seen.insert((it.key.clone(), it.series.clone(), it.year), name.clone()) {
                let message = format!("{} of {} in {} stands in {first} too", it.series, it.key, it.year);
                return Err(Finding::at(Kind::DuplicateKey, name, it.row, "cvegeo", message).into());
            }
        }
        findings.extend(check::rows(&extract, &draft, &manifest)?);
        findings.extend(check::totals(&extract, &draft, &manifest));
        for it in extract.entries.iter().filter(|it| taken.contains(&(it.series.clone(), it.year))) {
            same(name, it, &official)?;
            compared += 1;
        }
        extract.entries.retain(|it| !taken.contains(&(it.series.clone(), it.year)));
        report.push(format!("{} figures from {name}", extract.entries.len()));
        draft.put(&extract.entries, &manifest)?;
    }
    let published = |it: &&(String, String, u16)| {
        official.get(*it).is_some_and(|reading| reading.value().is_some()) && !seen.contains_key(*it)
    };
    let only_official = official.keys().filter(published).filter(|it| it.1 != "inegi_viviendas").min();
    if let Some((key, series, year)) = only_official {
        let message = format!("{series} of {key} in {year} is in an official file and in no long table");
        return Err(Finding::whole(Kind::RowCount, "the long tables", message).into());
    }
    report.push(format!("{compared} figures are the same in official files and long tables"));
    let (name, bytes) = &sources.postcodes;
    let table = postcodes::read(
        name,
        bytes,
        usize::from(manifest.pack.postcode_digits),
        usize::from(manifest.pack.key_digits),
    )?;
    let keys = draft.rows();
    if let Some((_, (key, row))) = table.iter().find(|(_, (key, _))| !keys.contains_key(key)) {
        let message = format!("{key} is no municipality of the catalogue");
        return Err(Finding::at(Kind::UnknownKey, name, *row, "cvegeo", message).into());
    }
    report.push(format!("{} postcodes from {name}", table.len()));
    draft.postcodes = Some(table.into_iter().map(|(postcode, (key, _))| (postcode, key)).collect());
    Ok(Compiled { draft, findings, report })
}

/// A figure of a long table must be that of the official file.
fn same(table: &str, it: &Entry, official: &HashMap<(String, String, u16), Reading>) -> Result<(), Finding> {
    let other = official.get(&(it.key.clone(), it.series.clone(), it.year));
    if other == Some(&it.reading) {
        return Ok(());
    }
    let shown = |reading: Option<&Reading>| match reading {
        Some(Reading::Value(figure)) => figure.to_string(),
        Some(reading) => reading.status().to_owned(),
        None => "absent".to_owned(),
    };
    let message = format!(
        "{} of {} is {} here and {} in the official file",
        it.series,
        it.key,
        shown(Some(&it.reading)),
        shown(other)
    );
    Err(Finding::at(Kind::Inconsistent, table, it.row, &it.column, message))
}

/// The official file's figures of states must be those of the reference table, where it has them.
fn same_reference(extract: &Extract, draft: &Draft, table: &[AreaFigure]) -> Result<(), Finding> {
    for it in &extract.areas {
        let known = table.iter().any(|other| other.series == it.series && other.year == it.year);
        let other = draft.reference.get(&(it.series.clone(), it.year, it.area.clone()));
        if known && other != Some(&it.value) {
            let there = other.map_or_else(|| "absent".to_owned(), ToString::to_string);
            let message = format!(
                "{} of area {} is {} here and {there} in the reference table",
                it.series, it.area, it.value
            );
            return Err(Finding::at(Kind::Inconsistent, &extract.file, it.row, &it.column, message));
        }
    }
    Ok(())
}

/// Every key that an editor names must be in the catalogue.
fn unknown_keys(draft: &Draft, editorial: &Editorial) -> Result<(), Finding> {
    let keys = draft.rows();
    let states: Vec<&str> = draft.states.iter().map(|it| it.key.as_str()).collect();
    let known = |key: &str| keys.contains_key(key);
    let tables: [(&str, Vec<&String>); 4] = [
        ("short_names.csv", editorial.short_names.keys().collect()),
        ("counted_in.csv", editorial.counted_in.keys().collect()),
        ("told_apart.csv", editorial.told_apart.keys().collect()),
        ("aliases.csv", editorial.aliases.iter().flatten().map(|(key, ..)| key).collect()),
    ];
    for (file, named) in tables {
        if let Some(key) = named.into_iter().find(|key| !known(key)) {
            let message = format!("{key} is no municipality of the catalogue");
            return Err(Finding::whole(Kind::UnknownKey, file, message));
        }
    }
    let parents = editorial.counted_in.values().flat_map(|it| it.split('|'));
    if let Some(key) = parents.into_iter().find(|key| !known(key)) {
        let message = format!("{key} is no municipality of the catalogue");
        return Err(Finding::whole(Kind::UnknownKey, "counted_in.csv", message));
    }
    let zones = editorial.time_zones.keys().find(|key| !known(key) && !states.contains(&key.as_str()));
    match zones {
        Some(key) => {
            let message = format!("{key} is no state or municipality of the catalogue");
            Err(Finding::whole(Kind::UnknownKey, "time_zones.csv", message))
        }
        None => Ok(()),
    }
}

/// Whether a file's name is that of an official file in a layout that [`compile`] reads.
pub fn is_official(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["indicadores de pobreza municipal", "irs_", "imm_"].iter().any(|start| lower.starts_with(start))
        && !lower.contains("excerpt")
}

/// Reads an `aliases.csv`: key, alias and kind.
pub fn aliases(bytes: &[u8]) -> Result<Vec<(String, String, String)>, Finding> {
    let table = super::editorial::read(|name| (name == "aliases.csv").then(|| bytes.to_vec()))?;
    Ok(table.aliases.unwrap_or_default())
}
