//! Rows and cells, from CSV text in a known encoding.

use super::finding::{Finding, Kind};

/// The largest file that is read.
pub const MAX_FILE: u64 = 64 << 20;
/// The most rows of a table.
pub const MAX_ROWS: usize = 1_000_000;
/// The most columns of a table.
pub const MAX_COLUMNS: usize = 256;
/// The most cells of a table.
pub const MAX_CELLS: usize = 8_000_000;

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, as it stands.
    Text(String),
    /// A number of a spreadsheet.
    Number(f64),
}

impl Cell {
    /// The text with white space collapsed; numbers as a decimal.
    pub fn plain(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::Number(number) => number.to_string(),
        }
    }

    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) => false,
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number, from 1.
    pub number: u32,
    /// Its cells, from column A.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell in column `index`; beyond the last one there is nothing.
    pub fn cell(&self, index: usize) -> &Cell {
        self.cells.get(index).unwrap_or(&Cell::Empty)
    }

    /// Whether the whole row is blank.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

/// A table: a CSV file or a sheet of a workbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Name of the file, without its folder.
    pub file: String,
    /// Name of the sheet; empty for CSV.
    pub sheet: String,
    /// Rows that hold anything, with rising numbers.
    pub rows: Vec<Row>,
}

impl Grid {
    /// The row with this number, if it holds anything.
    pub fn row(&self, number: u32) -> Option<&Row> {
        self.rows.binary_search_by_key(&number, |row| row.number).ok().and_then(|at| self.rows.get(at))
    }

    /// The file's name, with the sheet's where there is one.
    pub fn name(&self) -> String {
        if self.sheet.is_empty() { self.file.clone() } else { format!("{}, sheet {}", self.file, self.sheet) }
    }

    /// A finding in this table.
    pub fn finding(&self, kind: Kind, row: u32, column: &str, message: impl Into<String>) -> Finding {
        Finding::at(kind, &self.name(), row, column, message)
    }
}

/// The letter of a spreadsheet column (0 is `A`, 26 is `AA`).
pub fn letter(index: usize) -> String {
    let mut out = Vec::new();
    let mut left = index + 1;
    while left > 0 {
        left -= 1;
        out.push(char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    out.iter().rev().collect()
}

/// Encodings of the official CSV files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1252, as spreadsheets in Mexico write CSV.
    Windows1252,
}

/// Reads CSV bytes. Rows are counted as records, so that a line break inside quotes does not shift
/// them against a spreadsheet.
pub fn read_csv(file: &str, bytes: &[u8], encoding: Encoding) -> Result<Grid, Finding> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(Finding::whole(Kind::Oversized, file, too_large()));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Finding::whole(Kind::Empty, file, "the file is empty"));
    }
    let text = decode(file, bytes, encoding)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut cells_read = 0;
    for (index, record) in reader.records().enumerate() {
        let number = index as u32 + 1;
        let record =
            record.map_err(|problem| Finding::at(Kind::Malformed, file, number, "A", problem.to_string()))?;
        cells_read += record.len();
        if rows.len() >= MAX_ROWS || record.len() > MAX_COLUMNS || cells_read > MAX_CELLS {
            return Err(Finding::at(Kind::Oversized, file, number, letter(record.len()), too_many()));
        }
        let cells = record
            .iter()
            .map(|cell| if cell.is_empty() { Cell::Empty } else { Cell::Text(cell.to_owned()) })
            .collect();
        rows.push(Row { number, cells });
    }
    Ok(Grid { file: file.to_owned(), sheet: String::new(), rows })
}

/// The end of a sentence about a file over [`MAX_FILE`].
pub fn too_large() -> String {
    format!("the file is larger than {} MB", MAX_FILE >> 20)
}

/// The end of a sentence about a table over [`MAX_ROWS`], [`MAX_COLUMNS`] or [`MAX_CELLS`].
pub fn too_many() -> String {
    format!("the table goes beyond {MAX_ROWS} rows, {MAX_COLUMNS} columns or {MAX_CELLS} cells")
}

fn decode(file: &str, bytes: &[u8], encoding: Encoding) -> Result<String, Finding> {
    let wrong = |offset: usize, message: &str| {
        let (row, column) = position(bytes, offset);
        Finding::at(Kind::Encoding, file, row, letter(column), message)
    };
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Finding::whole(Kind::Malformed, file, "this is a ZIP or XLSX file, CSV is expected"));
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(wrong(at, "a zero byte: this is UTF-16 or no text at all"));
    }
    match encoding {
        Encoding::Utf8 => {
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            match std::str::from_utf8(text) {
                Ok(text) => Ok(text.to_owned()),
                Err(problem) => Err(wrong(
                    bytes.len() - text.len() + problem.valid_up_to(),
                    "the text is not UTF-8, which this layout has",
                )),
            }
        }
        Encoding::Windows1252 => {
            if let Some(first) = bytes.iter().position(|byte| !byte.is_ascii())
                && std::str::from_utf8(bytes).is_ok()
            {
                return Err(wrong(first, "the text is UTF-8, but this layout is published in Windows-1252"));
            }
            let undefined = |byte: &u8| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
            if let Some(at) = bytes.iter().position(undefined) {
                return Err(wrong(at, "a byte that Windows-1252, which this layout has, does not know"));
            }
            Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned())
        }
    }
}

/// Row (from 1) and column (from 0) of a byte of a CSV file.
fn position(bytes: &[u8], offset: usize) -> (u32, usize) {
    let (mut row, mut column, mut quoted) = (1, 0, false);
    for byte in bytes.iter().take(offset) {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => column += 1,
            b'\n' if !quoted => {
                row += 1;
                column = 0;
            }
            _ => {}
        }
    }
    (row, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_1252_is_read_and_utf_8_is_refused_in_its_place() {
        let grid = read_csv("a.csv", b"a,b\r\nJes\xfas,\"1,234\"\r\n", Encoding::Windows1252).expect("text");
        assert_eq!(grid.rows[1].cells, [Cell::Text("Jesús".to_owned()), Cell::Text("1,234".to_owned())]);
        let finding = read_csv("a.csv", "a,b\n1,Jesús\n".as_bytes(), Encoding::Windows1252)
            .expect_err("the wrong encoding");
        assert_eq!((finding.kind, finding.row, finding.column.as_str()), (Kind::Encoding, 2, "B"));
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_located() {
        let finding =
            read_csv("a.csv", b"a,b\n\"x\ny\",2\n1,Jes\xfas\n", Encoding::Utf8).expect_err("no UTF-8");
        assert_eq!((finding.kind, finding.row, finding.column.as_str()), (Kind::Encoding, 3, "B"));
        let utf16: Vec<u8> = "a,b".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read_csv("a.csv", &utf16, Encoding::Utf8).expect_err("UTF-16").kind, Kind::Encoding);
    }

    #[test]
    fn an_empty_file_says_so() {
        assert_eq!(read_csv("a.csv", b"", Encoding::Utf8).expect_err("empty").kind, Kind::Empty);
        assert_eq!(read_csv("a.csv", b"\r\n \n", Encoding::Utf8).expect_err("blank").kind, Kind::Empty);
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([letter(0), letter(25), letter(26), letter(701)], ["A", "Z", "AA", "ZZ"]);
    }
}
