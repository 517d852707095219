//! CONEVAL, social backwardness index: `IRS_entidades_mpios_AAAA.xlsx`, sheets `Estados` and
//! `Municipios`, or the sheet `Municipios` saved as CSV (UTF-8).
//!
//! The header has two levels in rows 5 and 6 (merged: the cells that a merge covers are empty), row
//! 7 is the country in `Estados` and empty in `Municipios`, notes stand under the table. Shares are
//! printed with six decimals and kept with two, the index with five (see [`number::reading`]).

use super::finding::{Finding, Kind};
use super::grid::{Cell, Encoding, Grid, Row, read_csv};
use super::number;
use super::source::{AreaFigure, Entry, Extract, People, decide_year, expect_header, year_in};
use super::workbook::read_xlsx;

/// Row of the upper level of the header; the lower one follows.
const HEADER: u32 = 5;
/// Columns of the lower level: the eleven shares.
const SHARES: [(&str, &str); 11] = [
    ("Población de 15 años o más analfabeta", "irs_analf15"),
    ("Población de 6 a 14 años que no asiste a la escuela", "irs_no_asiste6_14"),
    ("Población de 15 años y más con educación básica incompleta", "irs_edbas_incompleta"),
    ("Población sin derechohabiencia a servicios de salud", "irs_sin_derechohabiencia"),
    ("Viviendas con piso de tierra", "irs_piso_tierra"),
    ("Viviendas que no disponen de excusado o sanitario", "irs_sin_excusado"),
    ("Viviendas que no disponen de agua entubada de la red pública", "irs_sin_agua"),
    ("Viviendas que no disponen de drenaje", "irs_sin_drenaje"),
    ("Viviendas que no disponen de energía eléctrica", "irs_sin_electricidad"),
    ("Viviendas que no disponen de lavadora", "irs_sin_lavadora"),
    ("Viviendas que no disponen de refrigerador", "irs_sin_refrigerador"),
];
/// Columns of the upper level before the shares, in `Municipios`.
const MUNICIPALITY_HEAD: [&str; 5] =
    ["Clave entidad", "Entidad federativa", "Clave municipio", "Municipio", "Población total"];
/// The same in `Estados`.
const STATE_HEAD: [&str; 3] = ["Clave entidad", "Entidad federativa", "Población total"];
/// The upper level over the shares.
const OVER_SHARES: &str = "Indicadores de rezago social (porcentaje)";
/// Columns of the upper level after the shares.
const TAIL: [&str; 3] =
    ["Índice de rezago social", "Grado de rezago social", "Lugar que ocupa en el contexto nacional"];

/// Reads the file. `year` is that of `--year`.
pub fn read(file: &str, bytes: &[u8], year: Option<u16>) -> Result<Extract, Finding> {
    let sheets = if super::is_workbook(file, bytes) {
        read_xlsx(file, bytes)?
    } else {
        vec![Grid { sheet: "Municipios".to_owned(), ..read_csv(file, bytes, Encoding::Utf8)? }]
    };
    let Some(municipalities) = sheets.iter().find(|it| it.sheet == "Municipios") else {
        return Err(Finding::whole(Kind::MissingColumn, file, "the workbook has no sheet `Municipios`"));
    };
    let mut out = Extract { file: file.to_owned(), ..Extract::default() };
    let year = decide_year(file, title_year(municipalities), year)?;
    check_header(municipalities, &MUNICIPALITY_HEAD)?;
    for row in municipalities.rows.iter().filter(|row| row.number > HEADER + 1) {
        if is_note(row, MUNICIPALITY_HEAD.len() - 1) {
            continue;
        }
        read_municipality(municipalities, row, year, &mut out)?;
    }
    if out.entries.is_empty() {
        return Err(municipalities.finding(Kind::Empty, HEADER + 3, "A", "there is no row under the header"));
    }
    if let Some(states) = sheets.iter().find(|it| it.sheet == "Estados") {
        check_header(states, &STATE_HEAD)?;
        for row in states.rows.iter().filter(|row| row.number > HEADER + 1) {
            if !is_note(row, STATE_HEAD.len() - 1) {
                read_state(states, row, year, &mut out)?;
            }
        }
    }
    Ok(out)
}

/// The year in the title, which stands in the first row.
fn title_year(grid: &Grid) -> Option<u16> {
    grid.row(1).and_then(|row| row.cells.iter().find_map(|cell| year_in(&cell.plain())))
}

fn check_header(grid: &Grid, head: &[&str]) -> Result<(), Finding> {
    let mut upper: Vec<&str> = head.to_vec();
    upper.push(OVER_SHARES);
    upper.resize(head.len() + SHARES.len(), "");
    upper.extend(TAIL);
    expect_header(grid, HEADER, &upper)?;
    let mut lower = vec![""; head.len()];
    lower.extend(SHARES.map(|(title, _)| title));
    expect_header(grid, HEADER + 1, &lower)
}

/// A blank row or a note under the table: nothing but text in the first column.
fn is_note(row: &Row, population: usize) -> bool {
    let text = matches!(row.cell(0), Cell::Text(text) if text.trim().len() > 2);
    row.is_blank() || (text && (1..=population).all(|index| row.cell(index).is_blank()))
}

/// Names a column by its title.
fn column_name(index: usize, head: &[&'static str]) -> &'static str {
    head.get(index)
        .or_else(|| SHARES.get(index - head.len()).map(|(title, _)| title))
        .or_else(|| TAIL.get(index.saturating_sub(head.len() + SHARES.len())))
        .copied()
        .unwrap_or_default()
}

fn read_municipality(grid: &Grid, row: &Row, year: u16, out: &mut Extract) -> Result<(), Finding> {
    let head = &MUNICIPALITY_HEAD;
    let wrong = |index: usize, message: String| {
        grid.finding(Kind::Malformed, row.number, column_name(index, head), message)
    };
    let unreadable = |index: usize| {
        let found = number::shown(&row.cell(index).plain());
        wrong(index, format!("`{found}` is no key of a state or municipality"))
    };
    let state = number::key(row.cell(0), 2).ok_or_else(|| unreadable(0))?;
    let key = number::key(row.cell(2), 5).ok_or_else(|| unreadable(2))?;
    if !key.starts_with(&state) {
        return Err(wrong(2, format!("{key} is not a municipality of state {state}")));
    }
    let population = number::reading(row.cell(4), None).map_err(|message| wrong(4, message))?;
    if let Some(count) = population.value() {
        out.people.push(People { key: key.clone(), count, row: row.number });
    }
    for (index, series, reading) in figures(grid, row, head)? {
        out.entries.push(Entry {
            key: key.clone(),
            series: series.to_owned(),
            year,
            reading,
            row: row.number,
            column: column_name(index, head).to_owned(),
        });
    }
    Ok(())
}

fn read_state(grid: &Grid, row: &Row, year: u16, out: &mut Extract) -> Result<(), Finding> {
    let head = &STATE_HEAD;
    let wrong = |index: usize, message: String| {
        grid.finding(Kind::Malformed, row.number, column_name(index, head), message)
    };
    let area = number::key(row.cell(0), 2)
        .ok_or_else(|| wrong(0, format!("`{}` is no key of a state", number::shown(&row.cell(0).plain()))))?;
    let population = number::reading(row.cell(2), None).map_err(|message| wrong(2, message))?;
    if let Some(count) = population.value() {
        out.area_people.push(People { key: area.clone(), count, row: row.number });
    }
    for (index, series, reading) in figures(grid, row, head)? {
        // The place of a state among states is no figure of its municipalities' kind.
        let Some(value) = reading.value().filter(|_| series != "irs_lugar") else { continue };
        out.areas.push(AreaFigure {
            area: area.clone(),
            series: series.to_owned(),
            year,
            value,
            row: row.number,
            column: column_name(index, head).to_owned(),
        });
    }
    Ok(())
}

type Figures = Vec<(usize, &'static str, crate::domain::indicator::Reading)>;

fn figures(grid: &Grid, row: &Row, head: &[&'static str]) -> Result<Figures, Finding> {
    let wrong = |index: usize, message: String| {
        grid.finding(Kind::Malformed, row.number, column_name(index, head), message)
    };
    let mut out = Vec::with_capacity(SHARES.len() + TAIL.len());
    for (offset, (_, series)) in SHARES.iter().enumerate() {
        let index = head.len() + offset;
        let reading = number::reading(row.cell(index), Some(2)).map_err(|message| wrong(index, message))?;
        out.push((index, *series, reading));
    }
    let index = head.len() + SHARES.len();
    // The country has shares but neither index, degree nor place.
    if (index..index + TAIL.len()).all(|index| row.cell(index).is_blank()) {
        return Ok(out);
    }
    let reading = number::reading(row.cell(index), Some(5)).map_err(|message| wrong(index, message))?;
    out.push((index, "irs_indice", reading));
    let degree = super::degree(row.cell(index + 1)).map_err(|message| wrong(index + 1, message))?;
    out.push((index + 1, "irs_grado", degree));
    let place = number::reading(row.cell(index + 2), Some(0)).map_err(|message| wrong(index + 2, message))?;
    out.push((index + 2, "irs_lugar", place));
    Ok(out)
}
