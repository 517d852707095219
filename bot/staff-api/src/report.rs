//! The report of a day, the state of the service, and benchmarks.
use serde::{Deserialize, Serialize};

/// Which day, and how it is written.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayQuery {
    /// The day in the municipality's time, ISO 8601; today unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Official key; all in reach unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// `json` (the default), `markdown` or `csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// What came in and what was done on a day.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayReport {
    /// The day, ISO 8601.
    pub date: String,
    /// By municipality.
    #[serde(default)]
    pub rows: Vec<DayRow>,
    /// All of them.
    pub total: DayRow,
}

/// One line of the report.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayRow {
    /// Official key; empty in the total.
    pub municipality: String,
    /// Name of the municipality.
    pub name: String,
    /// Cases that came in.
    pub received: i64,
    /// Cases that a person answered for the first time.
    pub answered: i64,
    /// Cases that were closed.
    pub closed: i64,
    /// Open cases of which something is overdue now.
    pub overdue: i64,
    /// Closings that were disputed.
    pub disputed: i64,
    /// SMS segments that were sent to people of its cases.
    pub segments: i64,
    /// What they cost, in thousandths of the currency's unit.
    pub cost: i64,
}

/// Which people who reported something, and how they are grouped.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseSeriesQuery {
    /// Official key.
    pub municipality: String,
    /// `topic` (the category), `office` or `day`; `topic` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Days, today counted: 7, 30 or 90; 30 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// People who reported something in a municipality, in groups that point at nobody: a number is told in steps of
/// fifteen, and none of ten or fewer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CaseSeries {
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub name: String,
    /// The first day in its time, ISO 8601.
    pub from: String,
    /// How they are grouped.
    pub group: String,
    /// Days, the last one not over yet.
    pub days: u32,
    /// People in all, at least; absent: too few to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<u64>,
    /// The groups: by day all of them in order, else those that may be told, the most first.
    #[serde(default)]
    pub points: Vec<CasePoint>,
    /// Whether there are people in groups that are not told.
    #[serde(default)]
    pub others: bool,
}

/// A group.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CasePoint {
    /// Code of the category or office, or the day, ISO 8601.
    pub key: String,
    /// People, at least; absent: none, or too few to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<u64>,
    /// The part of the first answers that came in time, of those that were owed, whole per cent; absent: too few
    /// people were owed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_percent: Option<u64>,
    /// People who disputed a closing, at least; absent: none, or too few to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disputed: Option<u64>,
}

/// The state of the service.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// Whether messages can be taken.
    #[serde(default)]
    pub ok: bool,
    /// Version of the service.
    pub version: String,
    /// When it was looked at, Unix ms.
    pub at: i64,
    /// Whether the database can be read.
    #[serde(default)]
    pub database: bool,
    /// Messages that wait to be handled.
    pub waiting: HealthQueue,
    /// Messages of ours that are due.
    pub queued: HealthQueue,
    /// Attempts of which nobody knows the end.
    pub unknown: HealthQueue,
    /// Messages that wait for a technician.
    pub parked: i64,
    /// Part of the attempts to send that failed since the start.
    pub failed_percent: u64,
    /// Gateways.
    #[serde(default)]
    pub gateways: Vec<HealthGateway>,
    /// Today's budgets.
    #[serde(default)]
    pub budgets: Vec<HealthBudget>,
    /// Free part of the disk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_free_percent: Option<u64>,
    /// When the newest backup was taken, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup_at: Option<i64>,
    /// Messages that wait for the database.
    pub spooled: u64,
    /// Alarms that stand.
    #[serde(default)]
    pub alarms: Vec<HealthAlarm>,
}

/// A queue.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthQueue {
    /// How many.
    pub count: i64,
    /// How long the oldest has waited, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_ms: Option<i64>,
}

/// A gateway.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthGateway {
    /// Its id.
    pub id: String,
    /// From 0 (down) to 100 (well).
    pub score: i64,
    /// Since when it is down, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_since: Option<i64>,
    /// Battery of a phone in percent, where it reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery: Option<i64>,
    /// What is left of its credit, where it reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<i64>,
}

/// A budget of today.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthBudget {
    /// Its name.
    pub name: String,
    /// Used, in thousandths of the currency's unit or as a count.
    pub used: i64,
    /// The cap; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<u64>,
}

/// An alarm.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthAlarm {
    /// Its code.
    pub code: String,
    /// What it is about: a channel or a gateway; empty where there is one only.
    pub subject: String,
}

/// Which comparison.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkQuery {
    /// Peer rule, 1 to 5; 1 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<u8>,
    /// Language of the words; the country pack's unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// Which chart of a municipality.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartQuery {
    /// `bars` among its peers (unless said), `trend` of all years, `family` and `country` for how often values are
    /// had there, `times` for how long its offices take to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Id of the topic; answer times have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Peer rule, 1 to 5; 1 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<u8>,
    /// Language of the words; the country pack's unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// The indicators of a municipality beside its peers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Benchmarks {
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub name: String,
    /// Name of its state.
    pub state: String,
    /// The peer rule.
    pub family: u8,
    /// By topic.
    #[serde(default)]
    pub indicators: Vec<Benchmark>,
}

/// One indicator beside its peers. Figures are decimals in texts, as published.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Benchmark {
    /// Id of the topic.
    pub topic: String,
    /// Code of the series.
    pub series: String,
    /// What it measures.
    pub label: String,
    /// Its unit.
    pub unit: String,
    /// Whether less is better.
    #[serde(default)]
    pub lower_is_better: bool,
    /// Year of the figure.
    pub year: i32,
    /// The figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why there is none: `missing`, `suppressed`, `not_applicable` or `newer_than_data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Its rank among the peers; 1 is the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// How many the peers with it are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// Their median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median: Option<String>,
    /// `good`, `mid` or `poor`, by thirds; never `good` where most people lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// The best of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<Peer>,
    /// All of them, the best first.
    #[serde(default)]
    pub peers: Vec<Peer>,
    /// Its figures by year.
    #[serde(default)]
    pub trend: Vec<YearValue>,
}

/// One municipality of a group.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Peer {
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub name: String,
    /// Its figure.
    pub value: String,
}

/// A figure of a year.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct YearValue {
    /// The year.
    pub year: i32,
    /// The figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

crate::quiet!(
    DayQuery,
    DayReport,
    DayRow,
    CaseSeriesQuery,
    CaseSeries,
    CasePoint,
    Health,
    HealthQueue,
    HealthGateway,
    HealthBudget,
    HealthAlarm,
    BenchmarkQuery,
    ChartQuery,
    Benchmarks,
    Benchmark,
    Peer,
    YearValue
);
