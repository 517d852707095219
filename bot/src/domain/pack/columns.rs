//! The figures of a pack and their compact form, `values.bin`.

use std::collections::BTreeMap;

use super::PackError;
use crate::domain::figure::{Figure, MAX_SCALE};
use crate::domain::indicator::Reading;

/// The figures of a pack: a column for each series and year, a row for each municipality.
///
/// In `values.bin`: the magic `CABILDO1`, then for each column a line
/// `series,year,scale,width,rows\n` followed by `rows` little-endian integers of `width` bytes (2 or
/// 4), which are mantissas. The four lowest values of the width stand for what is absent:
/// lowest = missing, +1 = suppressed, +2 = not applicable, +3 = newer than the data.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    columns: BTreeMap<String, BTreeMap<u16, Column>>,
}

/// One series in one year, in the order of `municipalities.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Decimals of every figure of the column.
    pub scale: u8,
    /// Mantissas, or one of the absence marks.
    pub cells: Vec<i32>,
}

const MISSING: i32 = i32::MIN;
const SUPPRESSED: i32 = i32::MIN + 1;
const NOT_APPLICABLE: i32 = i32::MIN + 2;
const NEWER: i32 = i32::MIN + 3;
const MAGIC: &[u8] = b"CABILDO1";

impl Column {
    /// A column of `rows` missing readings.
    pub fn missing(scale: u8, rows: usize) -> Self {
        Self { scale, cells: vec![MISSING; rows] }
    }

    /// The reading in `row`.
    pub fn get(&self, row: usize) -> Reading {
        match self.cells.get(row).copied().unwrap_or(MISSING) {
            MISSING => Reading::Missing,
            SUPPRESSED => Reading::Suppressed,
            NOT_APPLICABLE => Reading::NotApplicable,
            NEWER => Reading::NewerThanData,
            mantissa => Reading::Value(Figure::new(i64::from(mantissa), self.scale)),
        }
    }

    /// Writes the reading in `row`; a figure is rounded to the column's decimals. Returns `false`
    /// when the figure does not fit 32 bits or the row is not there.
    pub fn set(&mut self, row: usize, reading: Reading) -> bool {
        let cell = match reading {
            Reading::Missing => MISSING,
            Reading::Suppressed => SUPPRESSED,
            Reading::NotApplicable => NOT_APPLICABLE,
            Reading::NewerThanData => NEWER,
            Reading::Value(figure) => match i32::try_from(figure.round(self.scale).mantissa()) {
                Ok(mantissa) if mantissa > NEWER => mantissa,
                _ => return false,
            },
        };
        match self.cells.get_mut(row) {
            Some(slot) => {
                *slot = cell;
                true
            }
            None => false,
        }
    }

    /// Number of published figures.
    pub fn values(&self) -> usize {
        self.cells.iter().filter(|cell| **cell > NEWER).count()
    }
}

impl Columns {
    /// The column of `series` in `year`.
    pub fn get(&self, series: &str, year: u16) -> Option<&Column> {
        self.columns.get(series)?.get(&year)
    }

    /// Puts a column in place of the one that was there.
    pub fn insert(&mut self, series: &str, year: u16, column: Column) {
        self.columns.entry(series.to_owned()).or_default().insert(year, column);
    }

    /// Takes a column out.
    pub fn remove(&mut self, series: &str, year: u16) -> Option<Column> {
        self.columns.get_mut(series)?.remove(&year)
    }

    /// Every column, by series and year.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u16, &Column)> {
        self.columns.iter().flat_map(|(series, years)| {
            years.iter().map(move |(year, column)| (series.as_str(), *year, column))
        })
    }

    /// The bytes of `values.bin`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for (series, year, column) in self.iter() {
            let narrow = column
                .cells
                .iter()
                .all(|cell| *cell <= NEWER || i16::try_from(*cell).is_ok_and(|it| it > i16::MIN + 3));
            let width = if narrow { 2 } else { 4 };
            let head = format!("{series},{year},{},{width},{}\n", column.scale, column.cells.len());
            out.extend_from_slice(head.as_bytes());
            for cell in &column.cells {
                if narrow {
                    let short = match i16::try_from(*cell) {
                        Ok(short) => short,
                        // An absence mark: the same distance from the lowest value.
                        Err(_) => i16::MIN + (*cell - i32::MIN) as i16,
                    };
                    out.extend_from_slice(&short.to_le_bytes());
                } else {
                    out.extend_from_slice(&cell.to_le_bytes());
                }
            }
        }
        out
    }

    /// Reads `values.bin`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PackError> {
        let file = "values.bin";
        let mut rest = bytes
            .strip_prefix(MAGIC)
            .ok_or_else(|| PackError::malformed(file, "byte 0", "not a column file"))?;
        let mut columns = Self::default();
        while !rest.is_empty() {
            let at = bytes.len() - rest.len();
            let bad = |problem: &str| PackError::malformed(file, format!("byte {at}"), problem);
            let end =
                rest.iter().take(200).position(|byte| *byte == b'\n').ok_or_else(|| bad("no column head"))?;
            let head = std::str::from_utf8(&rest[..end]).map_err(|_| bad("the head is no text"))?;
            let fields: Vec<&str> = head.split(',').collect();
            let [series, year, scale, width, rows] = fields[..] else {
                return Err(bad("the head has not five fields"));
            };
            let year: u16 = year.parse().map_err(|_| bad("the year is no number"))?;
            let scale: u8 = scale.parse().map_err(|_| bad("the scale is no number"))?;
            let rows: usize = rows.parse().map_err(|_| bad("the row count is no number"))?;
            let width: usize = match width {
                "2" => 2,
                "4" => 4,
                _ => return Err(bad("the width is neither 2 nor 4")),
            };
            rest = &rest[end + 1..];
            let size = rows
                .checked_mul(width)
                .filter(|size| *size <= rest.len())
                .ok_or_else(|| bad("the column is cut short"))?;
            let (cells, after) = rest.split_at(size);
            rest = after;
            let cells = cells
                .chunks_exact(width)
                .map(|cell| match *cell {
                    [low, high] => {
                        let short = i16::from_le_bytes([low, high]);
                        if short <= i16::MIN + 3 {
                            i32::MIN + (i32::from(short) - i32::from(i16::MIN))
                        } else {
                            i32::from(short)
                        }
                    }
                    [a, b, c, d] => i32::from_le_bytes([a, b, c, d]),
                    _ => MISSING,
                })
                .collect();
            if scale > MAX_SCALE {
                return Err(bad("the scale is over nine"));
            }
            columns.insert(series, year, Column { scale, cells });
        }
        Ok(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_survive_a_round_trip() {
        let mut columns = Columns::default();
        let mut narrow = Column::missing(1, 5);
        assert!(narrow.set(0, Reading::Value(Figure::new(718, 1))));
        assert!(narrow.set(1, Reading::Suppressed));
        assert!(narrow.set(2, Reading::NotApplicable));
        assert!(narrow.set(3, Reading::NewerThanData));
        columns.insert("a", 2020, narrow.clone());
        let mut wide = Column::missing(0, 5);
        assert!(wide.set(4, Reading::Value(Figure::new(1_922_523, 0))));
        assert!(wide.set(3, Reading::Value(Figure::new(-40_000, 0))));
        columns.insert("b", 2015, wide.clone());
        let back = Columns::from_bytes(&columns.to_bytes()).expect("our own bytes");
        assert_eq!(back.get("a", 2020), Some(&narrow));
        assert_eq!(back.get("b", 2015), Some(&wide));
        assert_eq!(back.get("a", 2020).map(Column::values), Some(1));
    }

    #[test]
    fn a_cut_or_foreign_file_is_an_error_not_a_panic() {
        let mut columns = Columns::default();
        columns.insert("a", 2020, Column::missing(1, 9));
        let bytes = columns.to_bytes();
        for cut in 0..bytes.len() {
            if cut == MAGIC.len() {
                continue; // A file without columns is whole.
            }
            assert!(Columns::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Columns::from_bytes(b"PK\x03\x04").is_err());
    }
}
