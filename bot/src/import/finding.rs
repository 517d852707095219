//! What a check finds: a stable name, a place in the file, a sentence.

use std::fmt;

/// Kinds of findings. The names are stable: `--accept` takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The file has no rows.
    Empty,
    /// The bytes are not text in the encoding of the layout.
    Encoding,
    /// The file is not what its layout says: cut short, no workbook, an unreadable cell.
    Malformed,
    /// The file, or what it unpacks to, is beyond the limits.
    Oversized,
    /// A column (or sheet) of the layout is not there.
    MissingColumn,
    /// The header is there but not where the layout has it.
    ShiftedHeader,
    /// The year is not in the file, or the file contradicts the year that was given.
    Year,
    /// A municipality's figure stands twice.
    DuplicateKey,
    /// A key that the loaded pack does not list.
    UnknownKey,
    /// A series that the manifest does not define.
    UnknownSeries,
    /// A figure outside the range of its series.
    OutOfRange,
    /// Figures of one row that contradict each other.
    Inconsistent,
    /// Not as many figures as are loaded.
    RowCount,
    /// A sum or an average that departs from the official figure of the larger area.
    Total,
}

impl Kind {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty-file",
            Self::Encoding => "encoding",
            Self::Malformed => "malformed",
            Self::Oversized => "oversized",
            Self::MissingColumn => "missing-column",
            Self::ShiftedHeader => "shifted-header",
            Self::Year => "year",
            Self::DuplicateKey => "duplicate-key",
            Self::UnknownKey => "unknown-key",
            Self::UnknownSeries => "unknown-series",
            Self::OutOfRange => "out-of-range",
            Self::Inconsistent => "inconsistent",
            Self::RowCount => "row-count",
            Self::Total => "total",
        }
    }

    /// Kinds that a person may accept with `--accept`; the others leave nothing that could be
    /// loaded.
    pub const ACCEPTABLE: [Self; 6] = [
        Self::UnknownKey,
        Self::UnknownSeries,
        Self::OutOfRange,
        Self::Inconsistent,
        Self::RowCount,
        Self::Total,
    ];

    /// The acceptable kind with this name.
    pub fn acceptable(name: &str) -> Option<Self> {
        Self::ACCEPTABLE.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something wrong, or at least remarkable, in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub kind: Kind,
    /// Name of the file, without its folder.
    pub file: String,
    /// Row, counted from 1 as a spreadsheet does.
    pub row: u32,
    /// Column: its header where there is one, else its letter.
    pub column: String,
    /// What is wrong, as the end of a sentence.
    pub message: String,
}

impl Finding {
    /// A finding at a cell.
    pub fn at(
        kind: Kind,
        file: &str,
        row: u32,
        column: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { kind, file: file.to_owned(), row, column: column.into(), message: message.into() }
    }

    /// A finding about a file of which nothing can be read.
    pub fn whole(kind: Kind, file: &str, message: impl Into<String>) -> Self {
        Self::at(kind, file, 1, "A", message)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, file, row, column, message } = self;
        write!(out, "{file}, row {row}, column {column}: {message} [{}]", kind.name())
    }
}
