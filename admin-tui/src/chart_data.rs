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

/// How the figures of one topic are drawn as a picture.
pub const KINDS: [&str; 4] = ["bars", "trend", "family", "country"];

/// How long its offices take to answer, drawn as a picture.
pub const TIMES: &str = "times";

/// A chart that the service draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Of which municipality.
    pub municipality: Code,
    /// One of [`KINDS`], or [`TIMES`].
    pub kind: &'static str,
    /// Id of the topic; answer times have none.
    pub topic: Option<Code>,
}

impl Chart {
    /// The name of its file: letters, digits and dashes only, whatever the service said.
    pub fn file_name(&self) -> String {
        let topic = self.topic.as_ref().map_or("", Code::as_str);
        let parts = ["cabildo", self.municipality.as_str(), topic, self.kind];
        let plain = |it: &str| it.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let parts: Vec<String> = parts.iter().map(|it| plain(it)).filter(|it| !it.is_empty()).collect();
        parts.join("-")
    }
}
