//! Long tables: one figure a row, by default with the header `cvegeo,indicator,year,value`.
//!
//! UTF-8. A figure that the source does not publish has no row; -999 and -888, which stand in
//! tables made from spreadsheets, are read as missing and suppressed.

use crate::domain::pack::ValueColumns;

use super::finding::{Finding, Kind};
use super::grid::{Encoding, Grid, read_csv};
use super::number;
use super::source::{AreaFigure, Entry, Extract};
use crate::domain::indicator::Reading;

/// The columns of a pack that names none.
pub fn default_columns() -> ValueColumns {
    ValueColumns {
        key: "cvegeo".to_owned(),
        series: "indicator".to_owned(),
        year: "year".to_owned(),
        value: "value".to_owned(),
    }
}

/// Places of named columns in a header that stands in row 1; other columns are left alone.
pub fn places<const N: usize>(grid: &Grid, names: [&str; N]) -> Result<[usize; N], Finding> {
    let header: Vec<String> = grid
        .rows
        .first()
        .map(|row| row.cells.iter().map(super::grid::Cell::plain).collect())
        .unwrap_or_default();
    let mut out = [0; N];
    for (place, name) in out.iter_mut().zip(names) {
        let Some(at) = header.iter().position(|it| it == name) else {
            let elsewhere =
                grid.rows.iter().take(30).find(|row| row.cells.iter().any(|cell| cell.plain() == name));
            return Err(match elsewhere {
                Some(row) => {
                    let message =
                        format!("the header is expected in this row and stands in row {}", row.number);
                    grid.finding(Kind::ShiftedHeader, 1, "A", message)
                }
                None => grid.finding(Kind::MissingColumn, 1, name, format!("the column `{name}` is missing")),
            });
        };
        *place = at;
    }
    Ok(out)
}

/// Reads a table of municipal figures; keys have `digits` digits.
pub fn read(file: &str, bytes: &[u8], columns: &ValueColumns, digits: usize) -> Result<Extract, Finding> {
    let grid = read_csv(file, bytes, Encoding::Utf8)?;
    let mut out = Extract { file: file.to_owned(), ..Extract::default() };
    each(&grid, columns, |area, series, year, reading, row| {
        let key = number::key(area, digits).ok_or_else(|| {
            let found = number::shown(&area.plain());
            grid.finding(
                Kind::Malformed,
                row,
                &columns.key,
                format!("`{found}` is no key of {digits} digits"),
            )
        })?;
        out.entries.push(Entry { key, series, year, reading, row, column: columns.value.clone() });
        Ok(())
    })?;
    if out.entries.is_empty() {
        return Err(grid.finding(Kind::Empty, 2, "A", "there is no row under the header"));
    }
    Ok(out)
}

/// Reads a table of official figures of larger areas: the same columns, with the key of an area.
pub fn read_areas(file: &str, bytes: &[u8], columns: &ValueColumns) -> Result<Vec<AreaFigure>, Finding> {
    let grid = read_csv(file, bytes, Encoding::Utf8)?;
    let mut out = Vec::new();
    each(&grid, columns, |area, series, year, reading, row| {
        if let Some(value) = reading.value() {
            let column = columns.value.clone();
            out.push(AreaFigure { area: area.plain(), series, year, value, row, column });
        }
        Ok(())
    })?;
    Ok(out)
}

fn each(
    grid: &Grid,
    columns: &ValueColumns,
    mut take: impl FnMut(&super::grid::Cell, String, u16, Reading, u32) -> Result<(), Finding>,
) -> Result<(), Finding> {
    let [key, series, year, value] =
        places(grid, [&columns.key, &columns.series, &columns.year, &columns.value])?;
    let width = grid.rows.first().map_or(0, |row| row.cells.len());
    for row in grid.rows.iter().skip(1).filter(|row| !row.is_blank()) {
        let wrong =
            |column: &str, message: String| grid.finding(Kind::Malformed, row.number, column, message);
        if row.cells.len() != width {
            let message = format!("the row has {} cells, the header has {width}", row.cells.len());
            return Err(wrong(&super::grid::letter(row.cells.len().min(width)), message));
        }
        let when = row.cell(year).plain();
        let when: u16 = when
            .parse()
            .ok()
            .filter(|it| (1900..2200).contains(it))
            .ok_or_else(|| wrong(&columns.year, format!("`{}` is no year", number::shown(&when))))?;
        let code = row.cell(series).plain();
        if code.is_empty()
            || code.len() > 60
            || !code.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
        {
            return Err(wrong(&columns.series, format!("`{}` is no code of a series", number::shown(&code))));
        }
        let reading =
            number::reading(row.cell(value), None).map_err(|message| wrong(&columns.value, message))?;
        take(row.cell(key), code, when, reading, row.number)?;
    }
    Ok(())
}
