//! CONEVAL, municipal poverty: `indicadores de pobreza municipal_AAAA.csv`.
//!
//! Windows-1252 with CRLF, numbers with thousands commas inside quotes, keys without their leading
//! zero, `n.d` for what was not measured. The years 2010 and 2015 end in the welfare lines (`plb`,
//! `plbm`), 2020 in the poverty lines of the 2018 guidelines (`plp`, `plp_e`): different series.

use super::finding::{Finding, Kind};
use super::grid::{Encoding, Grid, Row, read_csv};
use super::number;
use super::source::{Entry, Extract, decide_year, expect_header};
use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;

/// The 33 columns that every edition has.
const COMMON: [&str; 33] = [
    "clave_entidad",
    "entidad_federativa",
    "clave_municipio",
    "municipio",
    "poblacion",
    "pobreza",
    "pobreza_pob",
    "pobreza_e",
    "pobreza_e_pob",
    "pobreza_m",
    "pobreza_m_pob",
    "vul_car",
    "vul_car_pob",
    "vul_ing",
    "vul_ing_pob",
    "npnv",
    "npnv_pob",
    "ic_rezedu",
    "ic_rezedu_pob",
    "ic_asalud",
    "ic_asalud_pob",
    "ic_segsoc",
    "ic_segsoc_pob",
    "ic_cv",
    "ic_cv_pob",
    "ic_sbv",
    "ic_sbv_pob",
    "ic_ali",
    "ic_ali_pob",
    "carencias",
    "carencias_pob",
    "carencias3",
    "carencias3_pob",
];
/// The last four columns up to 2015.
const WELFARE_LINES: [&str; 4] = ["plb", "plb_pob", "plbm", "plbm_pob"];
/// The last four columns since 2020.
const POVERTY_LINES: [&str; 4] = ["plp", "plp_pob", "plp_e", "plp_e_pob"];
/// First year of the 2018 guidelines.
const GUIDELINES_2018: u16 = 2018;
/// Counts of people that become series; those of the deprivations follow from the shares.
const COUNTS: [&str; 3] = ["poblacion", "pobreza_pob", "pobreza_e_pob"];

/// Reads the file. `year` is that of `--year`.
pub fn read(file: &str, bytes: &[u8], year: Option<u16>) -> Result<Extract, Finding> {
    let grid = read_csv(file, bytes, Encoding::Windows1252)?;
    let year = decide_year(file, None, year)?;
    let last = grid.row(1).map(|row| row.cells.iter().map(super::grid::Cell::plain).collect::<Vec<_>>());
    let has = |name: &str| last.as_ref().is_some_and(|cells| cells.iter().any(|cell| cell == name));
    let newer = has("plp") || (!has("plb") && year >= GUIDELINES_2018);
    let lines = if newer { POVERTY_LINES } else { WELFARE_LINES };
    let header: Vec<&str> = COMMON.into_iter().chain(lines).collect();
    expect_header(&grid, 1, &header)?;
    if newer != (year >= GUIDELINES_2018) {
        let message = format!(
            "the columns {} belong to the years {} 2018, but the year is {year}",
            lines.join(", "),
            if newer { "since" } else { "before" }
        );
        return Err(grid.finding(Kind::Year, 1, lines[0], message));
    }
    let mut out = Extract { file: file.to_owned(), ..Extract::default() };
    for row in grid.rows.iter().skip(1).filter(|row| !row.is_blank()) {
        read_row(&grid, row, &header, year, &mut out)?;
    }
    if out.entries.is_empty() {
        return Err(grid.finding(Kind::Empty, 2, header[0], "there is no row under the header"));
    }
    Ok(out)
}

fn read_row(grid: &Grid, row: &Row, header: &[&str], year: u16, out: &mut Extract) -> Result<(), Finding> {
    let malformed =
        |column: &str, message: String| grid.finding(Kind::Malformed, row.number, column, message);
    if row.cells.len() != header.len() {
        let at = header.get(row.cells.len()).or(header.last()).copied().unwrap_or_default();
        let message = format!("the row has {} cells, {} are expected", row.cells.len(), header.len());
        return Err(malformed(at, message));
    }
    let unreadable = |index: usize| {
        let found = number::shown(&row.cell(index).plain());
        malformed(header[index], format!("`{found}` is no key of a state or municipality"))
    };
    let state = number::key(row.cell(0), 2).ok_or_else(|| unreadable(0))?;
    let key = number::key(row.cell(2), 5).ok_or_else(|| unreadable(2))?;
    if !key.starts_with(&state) {
        return Err(malformed(header[2], format!("{key} is not a municipality of state {state}")));
    }
    let mut figures: Vec<(&str, Figure)> = Vec::new();
    for (index, name) in header.iter().enumerate().skip(4) {
        let reading = number::reading(row.cell(index), None).map_err(|message| malformed(name, message))?;
        if name.ends_with("_pob") && !COUNTS.contains(name) {
            continue;
        }
        if let Some(figure) = reading.value() {
            figures.push((name, figure));
        }
        out.entries.push(Entry {
            key: key.clone(),
            series: format!("coneval_{name}"),
            year,
            reading,
            row: row.number,
            column: (*name).to_owned(),
        });
    }
    out.findings.extend(contradiction(grid, row, &figures));
    Ok(())
}

/// Everybody is poor, vulnerable by deprivation, vulnerable by income, or neither: the four shares
/// make 100, but for their rounding.
fn contradiction(grid: &Grid, row: &Row, figures: &[(&str, Figure)]) -> Option<Finding> {
    let tenths = |name: &str| {
        let figure = figures.iter().find(|(it, _)| *it == name).map(|(_, figure)| *figure)?;
        let tenths = figure.round(1).mantissa();
        // What is out of range is said once, by the check of ranges.
        (0..=1_000).contains(&tenths).then_some(tenths)
    };
    let sum = tenths("pobreza")? + tenths("vul_car")? + tenths("vul_ing")? + tenths("npnv")?;
    ((sum - 1_000).abs() > 3).then(|| {
        let sum = Figure::new(sum, 1);
        let message = format!("pobreza, vul_car, vul_ing and npnv make {sum} % together, 100 is expected");
        grid.finding(Kind::Inconsistent, row.number, "pobreza", message)
    })
}

/// The reading of a municipality's series, for tests and comparisons of routes.
pub fn find<'a>(extract: &'a Extract, key: &str, series: &str) -> Option<&'a Reading> {
    extract.entries.iter().find(|it| it.key == key && it.series == series).map(|it| &it.reading)
}
