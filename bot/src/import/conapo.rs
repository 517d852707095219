//! CONAPO, marginalization index by municipality: `IMM_AAAA.xlsx`.
//!
//! Sheet `Base de marginación AAAA`: a title, words for people in row 4, codes in row 6, the country
//! in row 8, municipalities from row 9. Sheet `IMM_AAAA`: the codes in row 1, then the
//! municipalities; where it is there, both must say the same. A third sheet is the dictionary.
//! Percentages and the index are kept with two decimals, the normalised index with six, the degree
//! as 1 (very low) to 5 (very high).

use std::collections::HashMap;

use super::finding::{Finding, Kind};
use super::grid::{Grid, Row};
use super::number;
use super::source::{AreaFigure, Entry, Extract, People, decide_year, expect_header, year_in};
use super::workbook::read_xlsx;
use crate::domain::indicator::Reading;

/// Row of the codes in the sheet `Base de marginación`.
const CODES: u32 = 6;
/// Codes before the year's.
const HEAD: [&str; 14] = [
    "CVE_ENT", "NOM_ENT", "CVE_MUN", "NOM_MUN", "POB_TOT", "ANALF", "SBASC", "OVSDE", "OVSEE", "OVSAE",
    "OVPT", "VHAC", "PL.5000", "PO2SM",
];
/// Series of the columns from `ANALF` on, with their decimals.
const SERIES: [(&str, u8); 12] = [
    ("conapo_analf", 2),
    ("conapo_sbasc", 2),
    ("conapo_ovsde", 2),
    ("conapo_ovsee", 2),
    ("conapo_ovsae", 2),
    ("conapo_ovpt", 2),
    ("conapo_vhac", 2),
    ("conapo_pl5000", 2),
    ("conapo_po2sm", 2),
    ("conapo_im", 2),
    ("conapo_gm", 0),
    ("conapo_imn", 6),
];
/// Place of `POB_TOT`.
const PEOPLE: usize = 4;

/// Reads the file. `year` is that of `--year`.
pub fn read(file: &str, bytes: &[u8], year: Option<u16>) -> Result<Extract, Finding> {
    let sheets = read_xlsx(file, bytes)?;
    let Some(base) = sheets.iter().find(|it| it.sheet.starts_with("Base de marginación")) else {
        let message = "the workbook has no sheet `Base de marginación AAAA`";
        return Err(Finding::whole(Kind::MissingColumn, file, message));
    };
    let year = decide_year(file, year_in(&base.sheet), year)?;
    let mut out = read_sheet(base, CODES, year)?;
    file.clone_into(&mut out.file);
    if let Some(plain) = sheets.iter().find(|it| it.sheet == format!("IMM_{year}")) {
        let second = read_sheet(plain, 1, year)?;
        out.findings.extend(differences(plain, &out, &second));
    }
    Ok(out)
}

fn read_sheet(grid: &Grid, codes: u32, year: u16) -> Result<Extract, Finding> {
    let own = [format!("IM_{year}"), format!("GM_{year}"), format!("IMN_{year}")];
    let header: Vec<&str> = HEAD.into_iter().chain(own.iter().map(String::as_str)).collect();
    expect_header(grid, codes, &header)?;
    let mut out = Extract::default();
    for row in grid.rows.iter().filter(|row| row.number > codes && !row.is_blank()) {
        // Notes under the table stand alone in the first column.
        if row.cells.iter().skip(1).all(super::grid::Cell::is_blank) {
            continue;
        }
        read_row(grid, row, &header, year, &mut out)?;
    }
    if out.entries.is_empty() {
        return Err(grid.finding(Kind::Empty, codes + 1, "A", "there is no row under the header"));
    }
    Ok(out)
}

fn read_row(grid: &Grid, row: &Row, header: &[&str], year: u16, out: &mut Extract) -> Result<(), Finding> {
    let wrong =
        |index: usize, message: String| grid.finding(Kind::Malformed, row.number, header[index], message);
    let unreadable = |index: usize| {
        let found = number::shown(&row.cell(index).plain());
        wrong(index, format!("`{found}` is no key of a state or municipality"))
    };
    let country = row.cell(0).is_blank() && row.cell(1).plain() == "Nacional";
    let key = if country {
        "00".to_owned()
    } else {
        let state = number::key(row.cell(0), 2).ok_or_else(|| unreadable(0))?;
        let key = number::key(row.cell(2), 5).ok_or_else(|| unreadable(2))?;
        if !key.starts_with(&state) {
            return Err(wrong(2, format!("{key} is not a municipality of state {state}")));
        }
        key
    };
    let people = number::reading(row.cell(PEOPLE), None).map_err(|message| wrong(PEOPLE, message))?;
    if let Some(count) = people.value() {
        let people = People { key: key.clone(), count, row: row.number };
        if country { out.area_people.push(people) } else { out.people.push(people) }
    }
    for (offset, (series, decimals)) in SERIES.iter().enumerate() {
        let index = PEOPLE + 1 + offset;
        let cell = row.cell(index);
        let reading =
            if *series == "conapo_gm" { super::degree(cell) } else { number::reading(cell, Some(*decimals)) }
                .map_err(|message| wrong(index, message))?;
        let (series, column) = ((*series).to_owned(), header[index].to_owned());
        if !country {
            out.entries.push(Entry { key: key.clone(), series, year, reading, row: row.number, column });
        } else if let Reading::Value(value) = reading {
            out.areas.push(AreaFigure { area: key.clone(), series, year, value, row: row.number, column });
        }
    }
    Ok(())
}

/// Where the second sheet contradicts the first: the first place only.
fn differences(grid: &Grid, first: &Extract, second: &Extract) -> Option<Finding> {
    let known: HashMap<(&str, &str), Reading> =
        first.entries.iter().map(|it| ((it.key.as_str(), it.series.as_str()), it.reading)).collect();
    let differs = |it: &&Entry| known.get(&(it.key.as_str(), it.series.as_str())) != Some(&it.reading);
    if let Some(it) = second.entries.iter().find(differs) {
        let message = format!("the figure of {} is not that of the first sheet", it.key);
        return Some(grid.finding(Kind::Inconsistent, it.row, &it.column, message));
    }
    (first.entries.len() != second.entries.len()).then(|| {
        grid.finding(
            Kind::Inconsistent,
            1,
            "A",
            "the sheet does not have the municipalities of the first one",
        )
    })
}
