//! Sheets of an XLSX workbook, read within limits.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};

use super::finding::{Finding, Kind};
use super::grid::{Cell, Grid, MAX_CELLS, MAX_COLUMNS, MAX_FILE, MAX_ROWS, Row, letter, too_large, too_many};

/// The most bytes that a workbook may unpack to.
pub const MAX_UNPACKED: u64 = 128 << 20;
/// The most files inside a workbook.
pub const MAX_ENTRIES: usize = 500;

/// Reads the sheets of a workbook, in its order.
///
/// A workbook is a ZIP archive: before it is opened, its files are counted and unpacked into
/// nothing, since the sizes that an archive declares may lie. Cells are then read one by one: a
/// sheet's own claim about its extent allocates nothing.
pub fn read_xlsx(file: &str, bytes: &[u8]) -> Result<Vec<Grid>, Finding> {
    refuse_bombs(file, bytes, MAX_UNPACKED)?;
    let mut workbook: Xlsx<_> =
        Xlsx::new(Cursor::new(bytes)).map_err(|problem| unreadable(file, "", &problem))?;
    let mut cells_read = 0;
    let mut grids = Vec::new();
    for sheet in workbook.sheet_names() {
        // A chart sheet has no cells.
        let Ok(mut reader) = workbook.worksheet_cells_reader(&sheet) else { continue };
        let mut rows: Vec<Row> = Vec::new();
        loop {
            let cell = match reader.next_cell() {
                Ok(Some(cell)) => cell,
                Ok(None) => break,
                Err(problem) => return Err(unreadable(file, &sheet, &problem)),
            };
            let (row, column) = cell.get_position();
            let value = match cell.get_value() {
                DataRef::Empty => continue,
                DataRef::String(text) => Cell::Text(text.clone()),
                DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
                DataRef::Float(number) => Cell::Number(*number),
                DataRef::Int(number) => Cell::Number(*number as f64),
                // Dates, truth values and error marks: no layout has them, a reader will say so.
                other => Cell::Text(format!("{other:?}")),
            };
            let column = column as usize;
            cells_read += 1;
            let number = row.saturating_add(1);
            if rows.last().is_none_or(|last| last.number != number) {
                if rows.last().is_some_and(|last| last.number > number) {
                    let message = "the rows of the sheet are out of order";
                    return Err(Finding::at(Kind::Malformed, file, number, letter(column), message));
                }
                rows.push(Row { number, cells: Vec::new() });
            }
            if column >= MAX_COLUMNS || rows.len() > MAX_ROWS || cells_read > MAX_CELLS {
                return Err(Finding::at(Kind::Oversized, file, number, letter(column), too_many()));
            }
            if let Some(last) = rows.last_mut() {
                if last.cells.len() <= column {
                    last.cells.resize(column + 1, Cell::Empty);
                }
                if let Some(slot) = last.cells.get_mut(column) {
                    *slot = value;
                }
            }
        }
        grids.push(Grid { file: file.to_owned(), sheet, rows });
    }
    Ok(grids)
}

fn unreadable(file: &str, sheet: &str, problem: &XlsxError) -> Finding {
    let place = if sheet.is_empty() { String::new() } else { format!("sheet {sheet}: ") };
    Finding::whole(
        Kind::Malformed,
        file,
        format!("{place}the workbook can't be read ({problem}): it is damaged or cut short"),
    )
}

/// Refuses an archive that unpacks to more than `limit` bytes, whatever it declares.
pub fn refuse_bombs(file: &str, bytes: &[u8], limit: u64) -> Result<(), Finding> {
    if bytes.is_empty() {
        return Err(Finding::whole(Kind::Empty, file, "the file is empty"));
    }
    if bytes.len() as u64 > MAX_FILE {
        return Err(Finding::whole(Kind::Oversized, file, too_large()));
    }
    let damaged = |problem: String| {
        let message = format!("this is no whole XLSX workbook ({problem}): it is damaged or cut short");
        Finding::whole(Kind::Malformed, file, message)
    };
    let bomb = || {
        let message = format!("the workbook unpacks to more than {} MB or {MAX_ENTRIES} files", limit >> 20);
        Finding::whole(Kind::Oversized, file, message)
    };
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|problem| damaged(problem.to_string()))?;
    if archive.len() > MAX_ENTRIES {
        return Err(bomb());
    }
    let mut left = limit;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|problem| damaged(problem.to_string()))?;
        if entry.size() > left {
            return Err(bomb());
        }
        let unpacked = std::io::copy(&mut entry.take(left + 1), &mut std::io::sink())
            .map_err(|problem| damaged(problem.to_string()))?;
        left = left.checked_sub(unpacked).ok_or_else(bomb)?;
    }
    Ok(())
}
