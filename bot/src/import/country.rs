//! The pack of any country, from a manifest that people write and plain tables.
//!
//! See `docs/new-country.md` for the format.

use std::collections::BTreeMap;

use toml_edit::{Array, InlineTable, Item, Table, Value};

use crate::domain::pack::{Columns, IndicatorColumns, Manifest, PackError, SourceLayout};

use super::areas::read_areas;
use super::catalogue::lay_out;
use super::draft::{Draft, parse};
use super::finding::{Finding, Kind};
use super::grid::{Encoding, read_csv};
use super::long_csv;
use super::number;
use super::source::{Entry, Extract};

/// Why a country's pack can't be made.
#[derive(Debug, thiserror::Error)]
pub enum CountryError {
    /// A table is wrong.
    #[error("{0}")]
    Finding(Finding),
    /// The manifest is wrong.
    #[error("{0}")]
    Pack(#[from] PackError),
    /// A table that the manifest names is not there.
    #[error("the manifest names the file {0}, which is not in the folder")]
    NoFile(String),
}

impl From<Finding> for CountryError {
    fn from(finding: Finding) -> Self {
        Self::Finding(finding)
    }
}

/// A pack without figures, and the figures that are to be checked and put into it, a table each.
pub struct Country {
    /// Definitions, states and municipalities.
    pub draft: Draft,
    /// The values' tables.
    pub extracts: Vec<Extract>,
}

/// Reads a manifest and the tables that its `[source]` names; `file` gives a table's bytes.
pub fn read(manifest: &str, file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Country, CountryError> {
    let mut document = parse(manifest)?;
    let source = source_layout(&document)?;
    let bytes = |name: &str| {
        if name.contains(['/', '\\']) || name.starts_with('.') {
            let problem = format!("`{name}` is no plain file name");
            return Err(CountryError::Pack(PackError::malformed("manifest.toml", "source", problem)));
        }
        file(name).ok_or_else(|| CountryError::NoFile(name.to_owned()))
    };
    let mut years = BTreeMap::new();
    if let Some(name) = &source.indicators {
        let columns = source.indicator_columns.as_ref().ok_or_else(|| {
            PackError::malformed(
                "manifest.toml",
                "source.indicator_columns",
                "is missing beside `indicators`",
            )
        })?;
        years = define_series(&mut document, name, &bytes(name)?, columns, &source)?;
    }
    let manifest: Manifest = toml::from_str(&document.to_string())
        .map_err(|problem| PackError::malformed("manifest.toml", "the file", problem))?;
    let digits = usize::from(manifest.pack.key_digits);
    let areas = read_areas(&source.areas, &bytes(&source.areas)?, &source.area_columns, digits)?;
    let (states, municipalities) = lay_out(
        &areas,
        |area| match source.state_abbreviations.get(&area.state_key) {
            Some(abbreviation) => abbreviation.clone(),
            None if area.state_abbreviation.is_empty() => area.state_name.clone(),
            None => area.state_abbreviation.clone(),
        },
        |key| source.state_aliases.get(key).cloned().unwrap_or_default(),
        |area| {
            let zone = source.time_zones.get(&area.key).or_else(|| source.time_zones.get(&area.state_key));
            zone.unwrap_or(&manifest.pack.time_zone).clone()
        },
    );
    let mut draft = Draft {
        document,
        states,
        municipalities,
        aliases: Vec::new(),
        columns: Columns::default(),
        reference: BTreeMap::new(),
        postcodes: None,
    };
    let mut extracts = Vec::new();
    for name in &source.values {
        extracts.push(long_csv::read(name, &bytes(name)?, &source.value_columns, digits)?);
    }
    for (code, (expected, row)) in years {
        let there = |year: &u16| {
            extracts.iter().any(|it| it.entries.iter().any(|it| it.series == code && it.year == *year))
        };
        if let (Some(missing), Some(file)) = (expected.iter().find(|year| !there(year)), &source.indicators) {
            let message = format!("the values hold no figure of {code} in {missing}");
            return Err(Finding::at(Kind::Malformed, file, row, "years", message).into());
        }
    }
    if let Some(name) = &source.reference {
        let areas = long_csv::read_areas(name, &bytes(name)?, &source.value_columns)?;
        draft.put_areas(&areas, &manifest);
    }
    unique(&extracts)?;
    Ok(Country { draft, extracts })
}

/// Together the tables are one long table: what stands in two of them is a duplicate.
fn unique(extracts: &[Extract]) -> Result<(), Finding> {
    let mut seen: std::collections::HashMap<(&str, &str, u16), &str> = std::collections::HashMap::new();
    for extract in extracts {
        for Entry { key, series, year, row, .. } in &extract.entries {
            if let Some(first) = seen.insert((key, series, *year), &extract.file)
                && first != extract.file
            {
                let message = format!("{series} of {key} in {year} stands in {first} too");
                return Err(Finding::at(Kind::DuplicateKey, &extract.file, *row, "key", message));
            }
        }
    }
    Ok(())
}

fn source_layout(document: &toml_edit::DocumentMut) -> Result<SourceLayout, PackError> {
    #[derive(serde::Deserialize)]
    struct Only {
        source: Option<SourceLayout>,
    }
    let only: Only = toml::from_str(&document.to_string())
        .map_err(|problem| PackError::malformed("manifest.toml", "source", problem))?;
    only.source.ok_or_else(|| {
        PackError::malformed("manifest.toml", "source", "is missing: it names the tables and their columns")
    })
}

type Years = BTreeMap<String, (Vec<u16>, u32)>;

/// Adds the definitions of the indicators' file to the manifest; what the manifest says itself stays.
/// Gives the years that each series must have.
fn define_series(
    document: &mut toml_edit::DocumentMut,
    file: &str,
    bytes: &[u8],
    columns: &IndicatorColumns,
    source: &SourceLayout,
) -> Result<Years, CountryError> {
    let grid = read_csv(file, bytes, Encoding::Utf8)?;
    let [code, unit, direction, domain, institution, publication, licence] = long_csv::places(
        &grid,
        [
            &columns.code,
            &columns.unit,
            &columns.direction,
            &columns.domain,
            &columns.institution,
            &columns.publication,
            &columns.licence,
        ],
    )?;
    let one = |column: &Option<String>| match column {
        Some(column) => long_csv::places(&grid, [column.as_str()]).map(|[at]| Some(at)),
        None => Ok(None),
    };
    let (url, note, years) = (one(&columns.url)?, one(&columns.note)?, one(&columns.years)?);
    let mut names = Vec::new();
    for (locale, column) in &columns.name {
        names.push((locale.clone(), long_csv::places(&grid, [column.as_str()])?[0]));
    }
    if !document.contains_key("series") {
        let mut table = Table::new();
        table.set_implicit(true);
        document.insert("series", Item::Table(table));
    }
    let series = document
        .get_mut("series")
        .and_then(Item::as_table_mut)
        .ok_or_else(|| PackError::malformed("manifest.toml", "series", "is no table"))?;
    let mut out = BTreeMap::new();
    for row in grid.rows.iter().skip(1).filter(|row| !row.is_blank()) {
        let text = |at: usize| row.cell(at).plain();
        let id = text(code);
        let entry = series.entry(&id).or_insert_with(|| Item::Table(Table::new()));
        let entry = entry
            .as_table_mut()
            .ok_or_else(|| PackError::malformed("manifest.toml", format!("series.{id}"), "is no table"))?;
        let mut name = InlineTable::new();
        for (locale, at) in &names {
            name.insert(locale, text(*at).into());
        }
        let publisher = text(institution);
        let tag = source.tags.get(&publisher).cloned();
        let fields: [(&str, Option<Value>); 10] = [
            ("name", Some(name.into())),
            ("unit", Some(text(unit).into())),
            ("direction", Some(text(direction).into())),
            ("domain", Some(text(domain).into())),
            ("tag", tag.map(Value::from)),
            ("institution", Some(publisher.clone().into())),
            ("publication", Some(text(publication).into())),
            ("url", url.map(|at| text(at).into())),
            ("licence", Some(text(licence).into())),
            ("note", note.map(|at| text(at).into())),
        ];
        for (field, value) in fields {
            if let Some(value) = value
                && !entry.contains_key(field)
            {
                entry.insert(field, Item::Value(value));
            }
        }
        if !entry.contains_key("tag") {
            let message =
                format!("neither source.tags of the manifest nor series.{id} gives a tag for `{publisher}`");
            return Err(grid.finding(Kind::Malformed, row.number, &columns.institution, message).into());
        }
        // A share lies between 0 and 100 wherever it comes from.
        if !entry.contains_key("range") && text(unit) == "%" {
            entry.insert("range", Item::Value(Value::Array(Array::from_iter([0.0, 100.0]))));
        }
        if let Some(at) = years {
            let mut expected = Vec::new();
            for year in text(at).split(';').filter(|it| !it.is_empty()) {
                let year = year.trim().parse().map_err(|_| {
                    let message = format!("`{}` is no year", number::shown(year));
                    grid.finding(
                        Kind::Malformed,
                        row.number,
                        columns.years.as_deref().unwrap_or("years"),
                        message,
                    )
                })?;
                expected.push(year);
            }
            out.insert(id, (expected, row.number));
        }
    }
    Ok(out)
}
