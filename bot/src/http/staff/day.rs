//! The report of a day: received, answered, closed, overdue, disputed, and what the messages cost.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use cabildo_staff_api::report as wire;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::place_name;
use super::desk_act::within;
use super::extract::Params;
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::domain::csv_guard::guarded;
use crate::domain::staff::Act;
use crate::domain::time::UnixMillis;
use crate::store::desk::Within;
use crate::store::desk::day::Day;

/// The columns, by their codes: a table program shows them as they are.
const COLUMNS: [&str; 9] =
    ["municipality", "name", "received", "answered", "closed", "overdue", "disputed", "segments", "cost"];

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let summary = "What came in and what was done on a day, as JSON, Markdown or CSV";
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/reports/day",
            Rule::May(Act::ReadReports),
            "getDayReport",
            summary,
            report,
        )
        .asks("date", Kind::Text(10), "The day, ISO 8601; today unless it is said.")
        .asks("municipality", Kind::Text(16), "Official key; all in reach unless it is said.")
        .asks("format", Kind::Word(&["json", "markdown", "csv"]), "`json` unless it is said.")
        .fails(&[Code::NotAllowed])
        .gives::<wire::DayReport>(200)
        .gives_text("text/markdown")
        .gives_text("text/csv"),
    ]
}

fn write(it: &Day, name: String) -> wire::DayRow {
    wire::DayRow {
        municipality: it.municipality.clone(),
        name,
        received: it.received,
        answered: it.answered,
        closed: it.closed,
        overdue: it.overdue,
        disputed: it.disputed,
        segments: it.segments,
        cost: it.cost,
    }
}

fn total(rows: &[wire::DayRow]) -> wire::DayRow {
    let sum = |of: fn(&wire::DayRow) -> i64| rows.iter().map(of).sum();
    wire::DayRow {
        municipality: String::new(),
        name: String::new(),
        received: sum(|it| it.received),
        answered: sum(|it| it.answered),
        closed: sum(|it| it.closed),
        overdue: sum(|it| it.overdue),
        disputed: sum(|it| it.disputed),
        segments: sum(|it| it.segments),
        cost: sum(|it| it.cost),
    }
}

/// The cells of a row.
fn cells(it: &wire::DayRow) -> [String; 9] {
    let numbers = [it.received, it.answered, it.closed, it.overdue, it.disputed, it.segments, it.cost];
    let mut cells = [const { String::new() }; 9];
    cells[0].clone_from(&it.municipality);
    cells[1].clone_from(&it.name);
    for (cell, number) in cells[2..].iter_mut().zip(numbers) {
        *cell = number.to_string();
    }
    cells
}

async fn report(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::DayQuery>,
) -> Result<Response, Problem> {
    let facts = state.service.facts.load_full();
    let reach = match &asked.municipality {
        Some(key) => {
            caller.must(Act::ReadReports, key)?;
            Within::municipality(key)
        }
        None => within(&caller, Act::ReadReports),
    };
    let zone = asked.municipality.as_deref().and_then(|key| facts.by_key(key));
    let zone = zone.map_or(&facts.manifest.pack.time_zone, |id| &facts.municipality(id).time_zone);
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let now = state.clock.now();
    let wrong = || Problem::parameter("date", "write it as 2026-02-02");
    let date: jiff::civil::Date = match asked.date.as_deref() {
        Some(text) => text.parse().map_err(|_| wrong())?,
        None => jiff::Timestamp::from_millisecond(now.0).map_err(|_| wrong())?.to_zoned(zone.clone()).date(),
    };
    let begin = |date: jiff::civil::Date| {
        let begin = date.to_zoned(zone.clone()).map_err(|_| wrong())?;
        Ok::<_, Problem>(UnixMillis(begin.timestamp().as_millisecond()))
    };
    let (from, until) = (begin(date)?, begin(date.tomorrow().map_err(|_| wrong())?)?);
    let found = state.service.store.report_day(&reach, from, until, now).await?;
    let rows: Vec<wire::DayRow> =
        found.iter().map(|it| write(it, place_name(&state, &it.municipality))).collect();
    let total = total(&rows);
    let text = |kind: &'static str, text: String| {
        ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], text).into_response()
    };
    match asked.format.as_deref() {
        None | Some("json") => {
            Ok(Json(wire::DayReport { date: date.to_string(), rows, total }).into_response())
        }
        Some("csv") => {
            let mut csv = csv::Writer::from_writer(Vec::new());
            let mut lines = vec![COLUMNS.map(str::to_owned)];
            lines.extend(rows.iter().map(cells));
            for line in lines {
                csv.write_record(line.iter().map(|it| guarded(it))).map_err(|_| Code::Internal)?;
            }
            let bytes = csv.into_inner().map_err(|_| Code::Internal)?;
            Ok(text("text/csv; charset=utf-8", String::from_utf8(bytes).map_err(|_| Code::Internal)?))
        }
        Some("markdown") => {
            let mut out = String::new();
            let mut line = |cells: &[String]| {
                // A bar would end a cell.
                let cells: Vec<String> =
                    cells.iter().map(|it| it.replace('|', "\\|").replace('\n', " ")).collect();
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            };
            line(&COLUMNS.map(str::to_owned));
            line(&COLUMNS.map(|_| "---".to_owned()));
            for row in rows.iter().chain(std::iter::once(&total)) {
                line(&cells(row));
            }
            Ok(text("text/markdown; charset=utf-8", format!("# {date}\n\n{out}")))
        }
        Some(_) => Err(Problem::parameter("format", "json, markdown or csv")),
    }
}
