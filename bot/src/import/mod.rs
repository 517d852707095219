//! `cabildo import`: official files, as they are published, into a data pack.
//!
//! One reader for each layout ([`coneval_poverty`], [`coneval_rezago`], [`conapo`], [`areas`],
//! [`long_csv`], [`postcodes`]) gives an [`source::Extract`]; [`check`] compares it with the loaded
//! pack and with official totals, [`draft`] puts it into a pack, [`diff`] says what that changes,
//! [`release`] writes it beside the earlier ones and points to it. [`compile`] makes the embedded
//! pack of Mexico with the same readers, [`country`] the pack of any other country from a manifest
//! and plain tables.
//!
//! A reader takes bytes and gives values: it touches no file system, and its limits
//! ([`grid::MAX_FILE`] and the others) hold for whatever it is given.

pub mod areas;
pub mod catalogue;
pub mod check;
pub mod compile;
pub mod conapo;
pub mod coneval_poverty;
pub mod coneval_rezago;
pub mod country;
pub mod diff;
pub mod draft;
pub mod editorial;
pub mod finding;
pub mod grid;
pub mod long_csv;
pub mod number;
pub mod postcodes;
pub mod propose;
pub mod release;
pub mod short_names;
pub mod source;
pub mod workbook;

#[cfg(test)]
mod tests;

use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;

/// The degrees of backwardness and marginalization, from 1.
const DEGREES: [&str; 5] = ["Muy bajo", "Bajo", "Medio", "Alto", "Muy alto"];

/// A degree in words as 1 (very low) to 5 (very high).
fn degree(cell: &grid::Cell) -> Result<Reading, String> {
    let text = cell.plain();
    match DEGREES.iter().position(|it| *it == text) {
        Some(place) => Ok(Reading::Value(Figure::new(place as i64 + 1, 0))),
        None => match number::reading(cell, None) {
            Ok(Reading::Missing) => Ok(Reading::Missing),
            _ => Err(format!("`{}` is none of the degrees {}", number::shown(&text), DEGREES.join(", "))),
        },
    }
}

/// Whether a file is a workbook: by its first bytes, or by its name where the bytes are damaged.
fn is_workbook(file: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || file.to_lowercase().ends_with(".xlsx")
}
