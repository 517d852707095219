//! The figures of charts as the console works with them, made safe straight after they were read.

use cabildo_staff_api as wire;

use crate::safe::{Code, SafeText};

/// A group of people who reported something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesPoint {
    /// Code of a category or office, or a day.
    pub key: Code,
    /// People, at least; `None`: too few to be told.
    pub people: Option<u64>,
    /// First answers that came in time, per cent of those that were owed.
    pub kept: Option<u64>,
    /// People who disputed a closing, at least.
    pub disputed: Option<u64>,
}

/// People who reported something in a municipality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Official key.
    pub municipality: Code,
    /// Its name.
    pub name: SafeText,
    /// People in all, at least.
    pub people: Option<u64>,
    /// The groups.
    pub points: Vec<SeriesPoint>,
    /// Whether there are people in groups that are not told.
    pub others: bool,
}

impl From<wire::report::CaseSeries> for Series {
    fn from(it: wire::report::CaseSeries) -> Self {
        let point = |it: wire::report::CasePoint| SeriesPoint {
            key: Code::new(&it.key),
            people: it.people,
            kept: it.kept_percent,
            disputed: it.disputed,
        };
        Self {
            municipality: Code::new(&it.municipality),
            name: SafeText::line(&it.name),
            people: it.people,
            points: it.points.into_iter().map(point).collect(),
            others: it.others,
        }
    }
}
