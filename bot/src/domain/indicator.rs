//! Indicators: what is measured, and one reading of it.

use super::figure::Figure;

/// One reading of an indicator for a municipality and a year.
///
/// The four absences are different facts and have different texts; none of them is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A published figure.
    Value(Figure),
    /// The source has no figure (`n.d`).
    Missing,
    /// The source has one and withholds it, as for too few observations.
    Suppressed,
    /// The indicator makes no sense there.
    NotApplicable,
    /// The municipality was created after the data were collected.
    NewerThanData,
}

impl Reading {
    /// The figure, if there is one.
    pub fn value(self) -> Option<Figure> {
        match self {
            Self::Value(figure) => Some(figure),
            _ => None,
        }
    }

    /// The stable code of this reading's status (`ok`, `missing`, ...).
    pub fn status(self) -> &'static str {
        match self {
            Self::Value(_) => "ok",
            Self::Missing => "missing",
            Self::Suppressed => "suppressed",
            Self::NotApplicable => "not_applicable",
            Self::NewerThanData => "newer_than_data",
        }
    }
}
