//! Charts: what is to be drawn, and what a drawing shows in words and figures.
//!
//! A [`ChartSpec`] lies with a reply until it is sent. It names municipality, topic and release, so that
//! the figures are read again from the facts when it is drawn, by the functions that the words of the reply
//! came from.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::demand::{Code, DemandState};
use super::figure::Figure;
use super::peer_group::Family;

/// What is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "chart", rename_all = "snake_case")]
pub enum ChartSpec {
    /// A municipality among its peers, from the best to the worst.
    Bars {
        /// The data release whose figures the words have.
        release: String,
        /// Key of the municipality.
        place: String,
        /// Topic.
        topic: String,
        /// Peer rule.
        family: Family,
    },
    /// A municipality's figures of all years.
    Trend {
        /// The data release whose figures the words have.
        release: String,
        /// Key of the municipality.
        place: String,
        /// Topic.
        topic: String,
    },
    /// How often values are had, with the municipality marked.
    Distribution {
        /// The data release whose figures the words have.
        release: String,
        /// Key of the municipality.
        place: String,
        /// Topic.
        topic: String,
        /// Whose values.
        among: Among,
    },
    /// How much support a demand has.
    Progress {
        /// Its code.
        code: Code,
        /// Key of its municipality.
        place: String,
        /// What is asked for.
        text: String,
        /// Its total.
        total: u64,
        /// How many are missing.
        missing: u64,
        /// How far it got.
        state: DemandState,
        /// The day of these counts: an ISO date.
        on: Option<String>,
    },
    /// How long the answers of a municipality's offices take.
    Times {
        /// Key of the municipality.
        place: String,
        /// First and last day of the cases that are counted: ISO dates.
        between: (String, String),
        /// One for each office, in the order in which they are shown.
        offices: Vec<OfficeTime>,
    },
}

/// Whose values a distribution shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Among {
    /// All municipalities, beside the figures of state and country.
    Country,
    /// The members of a peer group, beside their median.
    Family(Family),
}

/// How long the answers of an office take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeTime {
    /// What it is called.
    pub office: String,
    /// People who were answered, at least.
    pub answered: u64,
    /// Working days until the answer, the middle one of all, in tenths; absent: too few to tell.
    pub median_tenths: Option<u32>,
    /// Working days that it may take.
    pub limit: Option<u32>,
}

impl OfficeTime {
    /// The middle time, in working days.
    pub fn median(&self) -> Option<Figure> {
        self.median_tenths.map(|it| Figure::new(i64::from(it), 1))
    }

    /// Whether the middle answer comes after its time.
    pub fn late(&self) -> bool {
        self.median().zip(self.limit).is_some_and(|(days, limit)| days > Figure::new(i64::from(limit), 0))
    }
}

/// A chart and the language of its words. `Debug` shows nothing of what people wrote.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// What is to be drawn.
    pub chart: ChartSpec,
    /// BCP 47 tag.
    pub locale: String,
}

impl fmt::Debug for Picture {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Picture { .. }")
    }
}

impl Picture {
    /// Dates what changes from day to day.
    pub fn date(&mut self, day: &str) {
        if let ChartSpec::Progress { on, .. } = &mut self.chart {
            *on = Some(day.to_owned());
        }
    }
}

/// A chart. Every text in it is written as the answers write it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartData {
    /// What it is about, first of all: a municipality, a demand.
    pub title: String,
    /// What it says in words and figures, a line each.
    pub says: Vec<String>,
    /// What a reader must know of it, below the drawing.
    pub notes: Vec<String>,
    /// Source and year.
    pub source: String,
    /// The drawing.
    pub drawing: Drawing,
}

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Drawing {
    /// Municipalities from the best to the worst.
    Bars {
        /// Rows, in order.
        rows: Vec<Row>,
        /// The middle value.
        median: Option<Mark>,
    },
    /// Years.
    Trend {
        /// The years, rising.
        points: Vec<Point>,
    },
    /// How often values are had.
    Distribution {
        /// Every value.
        values: Vec<f64>,
        /// Values that stand out.
        marks: Vec<Mark>,
        /// Whether the first of them is the municipality's own.
        own: bool,
        /// Whether values are shares from 0 to 100.
        shares: bool,
        /// What is counted (`municipios`).
        counted: String,
    },
    /// How much of the support that is needed is there.
    Progress {
        /// Support.
        have: u64,
        /// What is needed.
        need: u64,
        /// What is written in the middle of it.
        total: String,
        /// What is written below it.
        below: Vec<String>,
    },
    /// How long answers take, one row an office.
    Times {
        /// Rows, in order.
        rows: Vec<Time>,
    },
}

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its place; absent where there is no better and worse.
    pub rank: Option<String>,
    /// Whose it is.
    pub name: String,
    /// The value, as written.
    pub written: String,
    /// The value; absent where there is none, which is written.
    pub value: Option<f64>,
    /// Whether it is the municipality that the chart is about.
    pub own: bool,
    /// Whether others stand between the row before and this one.
    pub after_gap: bool,
}

/// A year.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The year.
    pub year: u16,
    /// The value, as written, or that there is none.
    pub written: String,
    /// The value.
    pub value: Option<f64>,
    /// How it is tied to the value before it.
    pub tie: Tie,
}

/// How a year is tied to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// By a line.
    Line,
    /// By a broken line: compared with care.
    Dashes,
    /// By nothing: not comparable, or the first.
    Nothing,
}

/// A value that stands out.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where.
    pub value: f64,
    /// Its label.
    pub label: String,
}

/// How long the answers of an office take.
#[derive(Clone, Debug, PartialEq)]
pub struct Time {
    /// Whose they are.
    pub name: String,
    /// What is written beside it.
    pub written: String,
    /// Days; absent where there are too few to be told.
    pub days: Option<f64>,
    /// Days that it may take.
    pub limit: Option<f64>,
    /// Whether they come after it.
    pub late: bool,
}

impl ChartData {
    /// Every text of the picture, from the top to the foot.
    pub fn texts(&self) -> Vec<String> {
        let mut all = vec![self.title.clone()];
        all.extend(self.says.iter().cloned());
        match &self.drawing {
            Drawing::Bars { rows, median } => {
                for row in rows {
                    all.extend(row.rank.clone());
                    all.extend([row.name.clone(), row.written.clone()]);
                }
                all.extend(median.iter().map(|it| it.label.clone()));
            }
            Drawing::Trend { points } => {
                all.extend(points.iter().flat_map(|it| [it.written.clone(), it.year.to_string()]));
            }
            Drawing::Distribution { marks, counted, .. } => {
                all.extend(marks.iter().map(|it| it.label.clone()));
                all.push(counted.clone());
            }
            Drawing::Progress { total, below, .. } => {
                all.push(total.clone());
                all.extend(below.iter().cloned());
            }
            Drawing::Times { rows } => {
                all.extend(rows.iter().flat_map(|it| [it.name.clone(), it.written.clone()]));
            }
        }
        all.extend(self.notes.iter().cloned());
        all.push(self.source.clone());
        all
    }
}
