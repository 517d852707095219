//! Areas: INEGI's catalogue of municipalities, and the areas' table of any other country.

use crate::domain::pack::AreaColumns;

use super::finding::{Finding, Kind};
use super::grid::{Encoding, Grid, Row, read_csv};
use super::long_csv::places;
use super::number;

/// One municipality of a catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// Its key.
    pub key: String,
    /// Its state's key.
    pub state_key: String,
    /// Its state's name.
    pub state_name: String,
    /// Its state's abbreviation, without final dot; empty where the catalogue has none.
    pub state_abbreviation: String,
    /// Its name.
    pub name: String,
    /// Its head town.
    pub head_town: Option<String>,
    /// People.
    pub population: Option<u32>,
    /// Inhabited dwellings.
    pub dwellings: Option<u32>,
    /// Latitude and longitude of the head town, in degrees.
    pub position: Option<(f64, f64)>,
    /// Whether it was created after the data were collected.
    pub newer: bool,
    /// Its row in the file.
    pub row: u32,
}

/// Names of the columns of INEGI's catalogue (`cvegeo`, `cve_ent`, `state`, ...), whose population
/// and dwellings carry the census year: `population_2020`.
pub fn catalogue_columns(year: u16) -> AreaColumns {
    AreaColumns {
        key: "cvegeo".to_owned(),
        name: "municipality".to_owned(),
        state_key: "cve_ent".to_owned(),
        state_name: "state".to_owned(),
        state_abbreviation: Some("state_abbr".to_owned()),
        head_town: Some("cabecera".to_owned()),
        population: Some(format!("population_{year}")),
        dwellings: Some(format!("dwellings_{year}")),
        lat: Some("lat".to_owned()),
        lon: Some("lon".to_owned()),
        newer: Some(format!("created_after_{year}")),
    }
}

/// Reads INEGI's catalogue; also gives the census year that its columns name.
pub fn read_catalogue(file: &str, bytes: &[u8]) -> Result<(Vec<Area>, u16), Finding> {
    let grid = read_csv(file, bytes, Encoding::Utf8)?;
    let year = grid.rows.first().and_then(|row| {
        row.cells
            .iter()
            .find_map(|cell| cell.plain().strip_prefix("population_").and_then(|it| it.parse().ok()))
    });
    let Some(year) = year else {
        places(&grid, ["cvegeo"])?;
        let message = "the column `population_AAAA`, with the census year, is missing";
        return Err(grid.finding(Kind::MissingColumn, 1, "population_AAAA", message));
    };
    Ok((read(&grid, &catalogue_columns(year), 5)?, year))
}

/// Reads an areas' table with these columns.
pub fn read_areas(
    file: &str,
    bytes: &[u8],
    columns: &AreaColumns,
    digits: usize,
) -> Result<Vec<Area>, Finding> {
    read(&read_csv(file, bytes, Encoding::Utf8)?, columns, digits)
}

fn read(grid: &Grid, columns: &AreaColumns, digits: usize) -> Result<Vec<Area>, Finding> {
    let [key, name, state_key, state_name] =
        places(grid, [&columns.key, &columns.name, &columns.state_key, &columns.state_name])?;
    let optional = |column: &Option<String>| match column {
        Some(column) => places(grid, [column.as_str()]).map(|[place]| Some((place, column.clone()))),
        None => Ok(None),
    };
    let abbreviation = optional(&columns.state_abbreviation)?;
    let head_town = optional(&columns.head_town)?;
    let population = optional(&columns.population)?;
    let dwellings = optional(&columns.dwellings)?;
    let (lat, lon) = (optional(&columns.lat)?, optional(&columns.lon)?);
    let newer = optional(&columns.newer)?;
    let width = grid.rows.first().map_or(0, |row| row.cells.len());
    let mut out: Vec<Area> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    for row in grid.rows.iter().skip(1).filter(|row| !row.is_blank()) {
        let wrong =
            |kind: Kind, column: &str, message: String| grid.finding(kind, row.number, column, message);
        if row.cells.len() != width {
            let message = format!("the row has {} cells, the header has {width}", row.cells.len());
            return Err(wrong(Kind::Malformed, &super::grid::letter(row.cells.len().min(width)), message));
        }
        let required = |index: usize, column: &str| {
            let text = row.cell(index).plain();
            if text.is_empty() {
                Err(wrong(Kind::Malformed, column, "the cell is empty".to_owned()))
            } else {
                Ok(text)
            }
        };
        let area_key = number::key(row.cell(key), digits).ok_or_else(|| {
            let found = number::shown(&row.cell(key).plain());
            wrong(Kind::Malformed, &columns.key, format!("`{found}` is no key of {digits} digits"))
        })?;
        if let Some(first) = seen.insert(area_key.clone(), row.number) {
            let message = format!("the key {area_key} stands in row {first} too");
            return Err(wrong(Kind::DuplicateKey, &columns.key, message));
        }
        let abbreviation = text(row, abbreviation.as_ref()).unwrap_or_default();
        let lat = coordinate(grid, row, lat.as_ref(), 90.0)?;
        let lon = coordinate(grid, row, lon.as_ref(), 180.0)?;
        out.push(Area {
            key: area_key,
            state_key: required(state_key, &columns.state_key)?,
            state_name: required(state_name, &columns.state_name)?,
            state_abbreviation: abbreviation.trim_end_matches('.').to_owned(),
            name: required(name, &columns.name)?,
            head_town: text(row, head_town.as_ref()),
            population: count(grid, row, population.as_ref())?,
            dwellings: count(grid, row, dwellings.as_ref())?,
            position: lat.zip(lon),
            newer: text(row, newer.as_ref()).is_some_and(|it| it == "1"),
            row: row.number,
        });
    }
    if out.is_empty() {
        return Err(grid.finding(Kind::Empty, 2, "A", "there is no row under the header"));
    }
    out.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(out)
}

type Place = (usize, String);

/// The text of a column; white space, no-break spaces among it, is collapsed.
fn text(row: &Row, place: Option<&Place>) -> Option<String> {
    place.map(|(index, _)| row.cell(*index).plain()).filter(|it| !it.is_empty())
}

fn count(grid: &Grid, row: &Row, place: Option<&Place>) -> Result<Option<u32>, Finding> {
    let (Some(found), Some((_, column))) = (text(row, place), place) else { return Ok(None) };
    let count = number::decimal(&found)
        .filter(|it| it.scale() == 0)
        .and_then(|it| u32::try_from(it.mantissa()).ok())
        .ok_or_else(|| {
            let message = format!("`{}` is no count", number::shown(&found));
            grid.finding(Kind::Malformed, row.number, column, message)
        })?;
    Ok(Some(count))
}

fn coordinate(grid: &Grid, row: &Row, place: Option<&Place>, limit: f64) -> Result<Option<f64>, Finding> {
    let (Some(found), Some((_, column))) = (text(row, place), place) else { return Ok(None) };
    match found.parse::<f64>() {
        Ok(degrees) if degrees.abs() <= limit => Ok(Some(degrees)),
        _ => {
            let message = format!("`{}` is no angle of at most {limit} degrees", number::shown(&found));
            Err(grid.finding(Kind::Malformed, row.number, column, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "cvegeo,cve_ent,state,state_abbr,cve_mun,municipality,cabecera_loc,cabecera,population_2020,male_2020,female_2020,dwellings_2020,lat,lon,created_after_2020\n";

    #[test]
    fn reads_the_catalogue() {
        let rows = "05009,05,Coahuila de Zaragoza,Coah.,009,Frontera,0001,Frontera\u{a0}\u{a0},82409,1,1,23000,26.9,-101.4,0\n\
                    02007,02,Baja California,BC,007,San Felipe,0001,San Felipe,,,,,,,1\n";
        let (areas, year) = read_catalogue("c.csv", format!("{HEAD}{rows}").as_bytes()).expect("a catalogue");
        assert_eq!(year, 2020);
        assert_eq!(areas[0].key, "02007");
        assert!(areas[0].newer && areas[0].population.is_none() && areas[0].position.is_none());
        assert_eq!(areas[1].head_town.as_deref(), Some("Frontera"));
        assert_eq!(areas[1].state_abbreviation, "Coah");
        assert_eq!(areas[1].dwellings, Some(23_000));
    }

    #[test]
    fn a_repeated_key_is_found() {
        let row =
            "01001,01,Aguascalientes,Ags.,001,Aguascalientes,0001,Aguascalientes,1,1,1,1,21.8,-102.2,0\n";
        let finding =
            read_catalogue("c.csv", format!("{HEAD}{row}{row}").as_bytes()).expect_err("a duplicate");
        assert_eq!((finding.kind, finding.row), (Kind::DuplicateKey, 3));
    }
}
