//! A pack in the making: read whole, changed, written with its manifest filled in.

use std::collections::{BTreeMap, HashMap};

use toml_edit::{DocumentMut, Item, Table, value};

use crate::domain::facts::{Facts, MUNICIPALITY_COLUMNS, sha256_hex};
use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;
use crate::domain::municipality::{Municipality, State};
use crate::domain::pack::{Column, Columns, Manifest, PackError};
use crate::domain::place::AliasKind;

use super::source::{AreaFigure, Entry};

/// A pack's files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Names of the files of a pack besides its manifest.
pub const FILES: [&str; 5] =
    ["states.csv", "municipalities.csv", "aliases.csv", "values.bin", "reference.csv"];
/// The postcodes, where the pack has them.
pub const POSTCODES: &str = "postcodes.csv";

/// A pack in the making.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The manifest with its comments.
    pub document: DocumentMut,
    /// States, by key.
    pub states: Vec<State>,
    /// Municipalities, by key.
    pub municipalities: Vec<Municipality>,
    /// Key, alias and kind, in the order of the file.
    pub aliases: Vec<(String, String, String)>,
    /// The figures.
    pub columns: Columns,
    /// Official figures of larger areas, by series, year and area.
    pub reference: BTreeMap<(String, u16, String), Figure>,
    /// Postcode to key.
    pub postcodes: Option<BTreeMap<String, String>>,
}

impl Draft {
    /// Reads a pack, with the same checks as the service.
    pub fn read(file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Self, PackError> {
        let postcodes = file(POSTCODES);
        let facts = Facts::load(&file, postcodes.as_deref())?;
        let manifest = file("manifest.toml").ok_or_else(|| PackError::NoFile("manifest.toml".to_owned()))?;
        let manifest = String::from_utf8(manifest)
            .map_err(|_| PackError::malformed("manifest.toml", "the file", "is not UTF-8"))?;
        let aliases = facts
            .aliases
            .iter()
            .map(|it| {
                (
                    facts.municipality(it.municipality).key.clone(),
                    it.alias.clone(),
                    kind_code(it.kind).to_owned(),
                )
            })
            .collect();
        Ok(Self {
            document: parse(&manifest)?,
            aliases,
            columns: facts.columns().clone(),
            reference: facts
                .reference
                .iter()
                .map(|((area, series, year), figure)| ((series.clone(), *year, area.clone()), *figure))
                .collect(),
            postcodes: postcodes.as_deref().map(postcode_table).transpose()?,
            states: facts.states,
            municipalities: facts.municipalities,
        })
    }

    /// The manifest as the service reads it.
    pub fn manifest(&self) -> Result<Manifest, PackError> {
        toml::from_str(&self.document.to_string())
            .map_err(|problem| PackError::malformed("manifest.toml", "the file", problem))
    }

    /// Row of a municipality by its key.
    pub fn rows(&self) -> HashMap<String, usize> {
        self.municipalities.iter().enumerate().map(|(row, it)| (it.key.clone(), row)).collect()
    }

    /// Puts figures in: a file is the whole of each series and year that it names, so their columns
    /// are replaced. Entries of unknown municipalities and series are left out; the checks have
    /// named them.
    pub fn put(&mut self, entries: &[Entry], manifest: &Manifest) -> Result<(), PackError> {
        let rows = self.rows();
        let mut groups: BTreeMap<(&str, u16), Vec<(usize, Reading)>> = BTreeMap::new();
        for entry in entries {
            if let Some(row) = rows.get(&entry.key)
                && manifest.series.contains_key(&entry.series)
            {
                groups.entry((&entry.series, entry.year)).or_default().push((*row, entry.reading));
            }
        }
        for ((series, year), cells) in groups {
            let before = self.columns.iter().filter(|(it, ..)| *it == series).map(|(.., it)| it.scale);
            let scale = cells.iter().filter_map(|(_, it)| it.value()).map(Figure::scale).chain(before).max();
            let mut column = Column::missing(scale.unwrap_or(0), self.municipalities.len());
            mark_newer(&mut column, &self.municipalities);
            for (row, reading) in cells {
                if !column.set(row, reading) {
                    let key = &self.municipalities[row].key;
                    let problem = format!("the figure of {key} does not fit 32 bits");
                    return Err(PackError::malformed("values.bin", format!("{series} {year}"), problem));
                }
            }
            self.columns.insert(series, year, column);
        }
        Ok(())
    }

    /// Puts official figures of larger areas in, those of unknown series left out.
    pub fn put_areas(&mut self, areas: &[AreaFigure], manifest: &Manifest) {
        for it in areas.iter().filter(|it| manifest.series.contains_key(&it.series)) {
            self.reference.insert((it.series.clone(), it.year, it.area.clone()), it.value);
        }
    }

    /// Puts another list of municipalities in place; figures follow their keys, and what belonged
    /// to a municipality that is gone goes with it.
    pub fn put_municipalities(&mut self, states: Vec<State>, municipalities: Vec<Municipality>) {
        let before = self.rows();
        let mut columns = Columns::default();
        for (series, year, old) in self.columns.iter() {
            let mut column = Column::missing(old.scale, municipalities.len());
            mark_newer(&mut column, &municipalities);
            for (row, it) in municipalities.iter().enumerate() {
                if let (Some(from), Some(cell)) = (before.get(&it.key), column.cells.get_mut(row)) {
                    *cell = old.cells.get(*from).copied().unwrap_or(*cell);
                }
            }
            columns.insert(series, year, column);
        }
        self.columns = columns;
        self.states = states;
        self.municipalities = municipalities;
        let keys = self.rows();
        self.aliases.retain(|(key, ..)| keys.contains_key(key));
        if let Some(postcodes) = &mut self.postcodes {
            postcodes.retain(|_, key| keys.contains_key(key));
        }
    }

    /// The pack's files as release `release`, the manifest with its checksums and counts among them.
    pub fn files(&self, release: &str) -> Result<Files, PackError> {
        let mut files = Files::new();
        files.insert("states.csv".to_owned(), self.states_csv()?);
        files.insert("municipalities.csv".to_owned(), self.municipalities_csv()?);
        let aliases = self.aliases.iter().map(|(key, alias, kind)| [key.as_str(), alias, kind]);
        files.insert("aliases.csv".to_owned(), csv_bytes(["key", "alias", "kind"], aliases)?);
        files.insert("values.bin".to_owned(), self.columns.to_bytes());
        let reference = self.reference.iter().map(|((series, year, area), it)| {
            [area.clone(), series.clone(), year.to_string(), it.to_string()]
        });
        files.insert("reference.csv".to_owned(), csv_bytes(["area", "series", "year", "value"], reference)?);
        if let Some(postcodes) = &self.postcodes {
            files.insert(
                POSTCODES.to_owned(),
                csv_bytes(["postcode", "key"], postcodes.iter().map(|(a, b)| [a, b]))?,
            );
        }
        let manifest = self.filled(release, &files)?;
        files.insert("manifest.toml".to_owned(), manifest.into_bytes());
        Ok(files)
    }

    fn states_csv(&self) -> Result<Vec<u8>, PackError> {
        let rows = self
            .states
            .iter()
            .map(|it| [it.key.clone(), it.name.clone(), it.abbreviation.clone(), it.aliases.join("|")]);
        csv_bytes(["key", "name", "abbreviation", "aliases"], rows)
    }

    fn municipalities_csv(&self) -> Result<Vec<u8>, PackError> {
        let usual = self.manifest()?.pack.time_zone;
        let text = |it: Option<&String>| it.cloned().unwrap_or_default();
        let rows = self.municipalities.iter().map(|it| {
            let degrees = |degrees: Option<f64>| degrees.map(|it| it.to_string()).unwrap_or_default();
            [
                it.key.clone(),
                self.states.get(usize::from(it.state)).map(|it| it.key.clone()).unwrap_or_default(),
                it.name.clone(),
                text(it.short_name.as_ref()),
                text(it.head_town.as_ref()),
                it.population.map(|it| it.to_string()).unwrap_or_default(),
                degrees(it.position.map(|it| it.0)),
                degrees(it.position.map(|it| it.1)),
                if it.newer_than_data { "1" } else { "0" }.to_owned(),
                it.counted_in.join("|"),
                if it.time_zone == usual { String::new() } else { it.time_zone.clone() },
                text(it.told_apart_by.as_ref()),
            ]
        });
        csv_bytes(MUNICIPALITY_COLUMNS, rows)
    }

    /// The manifest's text: what people wrote stays, release, counts and checksums are filled in.
    fn filled(&self, release: &str, files: &Files) -> Result<String, PackError> {
        let mut document = self.document.clone();
        let no_table = |name: &str| PackError::malformed("manifest.toml", name, "is no table");
        let pack = document.get_mut("pack").and_then(Item::as_table_mut).ok_or_else(|| no_table("pack"))?;
        set(pack, "release", release.into());
        set(pack, "municipalities", (self.municipalities.len() as i64).into());
        if !pack.contains_key("checksums") {
            pack.insert("checksums", Item::Table(Table::new()));
        }
        let sums = pack
            .get_mut("checksums")
            .and_then(Item::as_table_mut)
            .ok_or_else(|| no_table("pack.checksums"))?;
        let gone: Vec<String> =
            sums.iter().map(|(name, _)| name.to_owned()).filter(|name| !files.contains_key(name)).collect();
        for name in gone {
            sums.remove(&name);
        }
        for (name, bytes) in files {
            set(sums, name, sha256_hex(bytes).into());
        }
        let series =
            document.get_mut("series").and_then(Item::as_table_like_mut).ok_or_else(|| no_table("series"))?;
        let codes: Vec<String> = series.iter().map(|(code, _)| code.to_owned()).collect();
        for code in codes {
            let entry = series
                .get_mut(&code)
                .and_then(Item::as_table_mut)
                .ok_or_else(|| no_table(&format!("series.{code}")))?;
            self.fill_years(&code, entry)?;
        }
        Ok(document.to_string())
    }

    fn fill_years(&self, code: &str, entry: &mut Table) -> Result<(), PackError> {
        let columns: BTreeMap<String, &Column> = self
            .columns
            .iter()
            .filter(|(series, ..)| *series == code)
            .map(|(_, year, column)| (year.to_string(), column))
            .collect();
        if columns.is_empty() {
            entry.remove("years");
            return Ok(());
        }
        if entry.get("years").and_then(Item::as_table).is_none() {
            let mut years = Table::new();
            years.set_implicit(true);
            entry.insert("years", Item::Table(years));
        }
        let years = entry.get_mut("years").and_then(Item::as_table_mut).ok_or_else(|| {
            PackError::malformed("manifest.toml", format!("series.{code}.years"), "is no table")
        })?;
        let gone: Vec<String> = years
            .iter()
            .map(|(year, _)| year.to_owned())
            .filter(|year| !columns.contains_key(year))
            .collect();
        for year in gone {
            years.remove(&year);
        }
        for (year, column) in columns {
            if years.get(&year).and_then(Item::as_table).is_none() {
                years.insert(&year, Item::Table(Table::new()));
            }
            if let Some(info) = years.get_mut(&year).and_then(Item::as_table_mut) {
                set(info, "rows", (column.values() as i64).into());
                set(info, "checksum", self.column_checksum(column).into());
            }
        }
        Ok(())
    }

    /// SHA-256 over the lines `key,value` of a column's published figures, in the order of keys.
    fn column_checksum(&self, column: &Column) -> String {
        let mut lines = String::new();
        for (row, it) in self.municipalities.iter().enumerate() {
            if let Some(figure) = column.get(row).value() {
                lines.push_str(&it.key);
                lines.push(',');
                lines.push_str(&figure.to_string());
                lines.push('\n');
            }
        }
        sha256_hex(lines.as_bytes())
    }
}

/// Marks the municipalities that are newer than the data.
fn mark_newer(column: &mut Column, municipalities: &[Municipality]) {
    for (row, _) in municipalities.iter().enumerate().filter(|(_, it)| it.newer_than_data) {
        // An absence mark fits every column, and the row is there.
        let _ = column.set(row, Reading::NewerThanData);
    }
}

/// Parses a manifest, keeping its comments.
pub fn parse(manifest: &str) -> Result<DocumentMut, PackError> {
    manifest.parse().map_err(|problem| PackError::malformed("manifest.toml", "the file", problem))
}

/// Sets a value, keeping the comment beside the one that was there.
fn set(table: &mut Table, name: &str, new: toml_edit::Value) {
    if let Some(old) = table.get_mut(name).and_then(Item::as_value_mut) {
        let decor = old.decor().clone();
        *old = new;
        *old.decor_mut() = decor;
    } else {
        table.insert(name, value(new));
    }
}

/// The bytes of a CSV file with LF line ends.
pub fn csv_bytes<const N: usize, T: AsRef<str>>(
    head: [&str; N],
    rows: impl Iterator<Item = [T; N]>,
) -> Result<Vec<u8>, PackError> {
    let bad = |problem: String| PackError::malformed("a CSV file", "a row", problem);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head).map_err(|problem| bad(problem.to_string()))?;
    for row in rows {
        writer
            .write_record(row.iter().map(|cell| cell.as_ref().as_bytes()))
            .map_err(|problem| bad(problem.to_string()))?;
    }
    writer.into_inner().map_err(|problem| bad(problem.to_string()))
}

/// Reads a pack's own `postcodes.csv`.
fn postcode_table(bytes: &[u8]) -> Result<BTreeMap<String, String>, PackError> {
    let mut reader = csv::Reader::from_reader(bytes);
    reader
        .records()
        .map(|record| {
            let record = record.map_err(|problem| PackError::malformed(POSTCODES, "a row", problem))?;
            Ok((record[0].to_owned(), record[1].to_owned()))
        })
        .collect()
}

/// The code of a kind of alias in `aliases.csv`.
pub fn kind_code(kind: AliasKind) -> &'static str {
    match kind {
        AliasKind::Nickname => "nickname",
        AliasKind::OldName => "old_name",
        AliasKind::Town => "town",
        AliasKind::Short => "short",
    }
}
