//! A country's data pack: its manifest and the files beside it.
//!
//! A pack is a folder:
//!
//! | file | holds |
//! | --- | --- |
//! | `manifest.toml` | names, labels, topics, series with their sources, checksums ([`Manifest`]) |
//! | `states.csv` | `key,name,abbreviation,aliases` (aliases separated by `\|`) |
//! | `municipalities.csv` | `key,state,name,short_name,head_town,population,lat,lon,newer,counted_in,time_zone,told_apart_by` |
//! | `aliases.csv` | `key,alias,kind` with kind `nickname`, `old_name`, `town`, `short` |
//! | `values.bin` | the figures, a column for each series and year (see [`Columns`]) |
//! | `reference.csv` | `area,series,year,value`: official national (`00`) and state figures |
//!
//! Postcodes lie in a pack of their own (`postcodes.csv`: `postcode,key`), because their licence
//! is another.
//!
//! Reading a pack is a pure function of its bytes; who fetches the bytes (the binary itself, a
//! folder) is somebody else's business.

mod columns;
mod manifest;

pub use columns::{Column, Columns};
pub use manifest::*;

/// Why a pack can't be read.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file of the pack is not there.
    #[error("the data pack has no file {0}")]
    NoFile(String),
    /// A file is not what it should be.
    #[error("{file}, {place}: {problem}")]
    Malformed {
        /// Name of the file.
        file: String,
        /// Row and column, or byte.
        place: String,
        /// What is wrong.
        problem: String,
    },
}

impl PackError {
    /// A malformed file.
    #[expect(clippy::needless_pass_by_value, reason = "callers pass texts and errors made on the spot")]
    pub fn malformed(file: &str, place: impl ToString, problem: impl ToString) -> Self {
        Self::Malformed { file: file.to_owned(), place: place.to_string(), problem: problem.to_string() }
    }
}
