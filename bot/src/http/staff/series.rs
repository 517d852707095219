//! People who reported something, by topic, office and day, for the charts of the console: told as small numbers may
//! be ([`small_numbers`]), and for three fixed stretches of time, so that no two of them differ by a day.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api::report as wire;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::place_name;
use super::extract::Params;
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use super::told::zone;
use crate::domain::small_numbers::{self, LEAST, STEP};
use crate::domain::staff::Act;
use crate::domain::time::UnixMillis;
use crate::store::cases::{SeriesGroup, SeriesPoint};

/// The stretches of time, days.
const DAYS: [u32; 3] = [7, 30, 90];

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/reports/cases",
            Rule::May(Act::ReadReports),
            "getCaseSeries",
            "People who reported something, by topic, office or day, where they are enough to be told",
            series,
        )
        .asks("municipality", Kind::Text(16), "Official key.")
        .asks("group", Kind::Word(&["topic", "office", "day"]), "`topic` unless it is said.")
        .asks("days", Kind::Number(7, 90), "7, 30 or 90, today counted; 30 unless it is said.")
        .fails(&[Code::NotAllowed, Code::NotFound])
        .gives::<wire::CaseSeries>(200),
    ]
}

/// A group of so many people, as far as it may be told.
fn point(key: String, people: Option<u64>, it: Option<&SeriesPoint>) -> wire::CasePoint {
    // What is said of a group points at somebody where the group itself would.
    let told = it.filter(|_| people.is_some());
    let owed = told.filter(|it| it.owed_to >= LEAST);
    wire::CasePoint {
        key,
        people,
        kept_percent: owed.and_then(|it| (100 * it.kept).checked_div(it.owed)),
        disputed: told.map(|it| it.disputed / STEP * STEP).filter(|it| *it > 0),
    }
}

async fn series(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::CaseSeriesQuery>,
) -> Result<Json<wire::CaseSeries>, Problem> {
    state.service.facts.load().by_key(&asked.municipality).ok_or(Code::NotFound)?;
    caller.must(Act::ReadReports, &asked.municipality)?;
    let group = match asked.group.as_deref() {
        None | Some("topic") => SeriesGroup::Topic,
        Some("office") => SeriesGroup::Office,
        Some("day") => SeriesGroup::Day,
        Some(_) => return Err(Problem::parameter("group", "topic, office or day")),
    };
    let days = asked.days.unwrap_or(30);
    if !DAYS.contains(&days) {
        return Err(Problem::parameter("days", "7, 30 or 90"));
    }
    let now = state.clock.now();
    let zone = jiff::tz::TimeZone::get(&zone(&state, &asked.municipality)).unwrap_or(jiff::tz::TimeZone::UTC);
    let today = jiff::Timestamp::from_millisecond(now.0).map_err(|_| Code::Internal)?.to_zoned(zone.clone());
    let day = |back: u32| today.date().checked_sub(jiff::Span::new().days(i64::from(back)));
    let from = day(days - 1).map_err(|_| Code::Internal)?;
    let begin = from.to_zoned(zone).map_err(|_| Code::Internal)?.timestamp().as_millisecond();
    let store = &state.service.store;
    let (people, found) = store.case_series(&asked.municipality, group, UnixMillis(begin), now).await?;
    let sizes: Vec<(String, u64)> = found.iter().map(|it| (it.key.clone(), it.people)).collect();
    let shown = small_numbers::shown(people, &sizes);
    let of = |key: &str| found.iter().find(|it| it.key == key);
    let points = if group == SeriesGroup::Day {
        let each = (0..days).map(|number| {
            let key = number.to_string();
            let at_least = shown.groups.iter().find(|it| it.0 == key).map(|it| it.1);
            let date = day(days - 1 - number).map_err(|_| Code::Internal)?;
            Ok(point(date.to_string(), at_least, of(&key)))
        });
        each.collect::<Result<Vec<_>, Problem>>()?
    } else {
        shown.groups.iter().map(|(key, at_least)| point(key.clone(), Some(*at_least), of(key))).collect()
    };
    Ok(Json(wire::CaseSeries {
        name: place_name(&state, &asked.municipality),
        municipality: asked.municipality,
        from: from.to_string(),
        group: asked.group.unwrap_or_else(|| "topic".to_owned()),
        days,
        people: Some(people / STEP * STEP).filter(|it| *it > 0),
        points,
        others: shown.others,
    }))
}
