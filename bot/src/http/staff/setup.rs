//! What a municipality sets up: offices, categories, its calendar.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::desk as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::desk_act::{answer, audit, code, put_entry, remove_entry, text, texts};
use super::extract::{Body, IfMatch};
use super::idempotency::Once;
use super::problem::{Code, Problem};
use super::routes::{Kind as Parameter, Route};
use crate::domain::desk::{self, ClockDays, Extra, Holiday, HolidayDay, Level};
use crate::domain::staff::Act;
use crate::ids;
use crate::service::desk::{CALENDAR, read_holidays};
use crate::store::desk::entries::{Entry, Kind, Write};

/// The longest text of a document, characters.
const LONGEST: usize = 400;
/// The most days of a calendar, keywords of a language, and lines of hours.
const MOST: usize = 400;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let (get, put, delete) = (Method::GET, Method::PUT, Method::DELETE);
    let (reading, editing) = (Rule::May(Act::ReadDesk), Rule::May(Act::EditDesk));
    let version = "The version that this follows, in quotation marks.";
    let offices = "/staff/v1/municipalities/{municipality}/offices";
    let office = "/staff/v1/municipalities/{municipality}/offices/{code}";
    let categories = "/staff/v1/municipalities/{municipality}/categories";
    let category = "/staff/v1/municipalities/{municipality}/categories/{code}";
    let calendar = "/staff/v1/municipalities/{municipality}/calendar";
    vec![
        Route::new(get.clone(), offices, reading, "listOffices", "Offices of a municipality", list_offices)
            .gives::<wire::Offices>(200),
        Route::new(put.clone(), office, editing, "putOffice", "Writes an office", put_office)
            .takes::<wire::OfficeWrite>()
            .gives::<wire::Office>(200),
        Route::new(
            delete.clone(),
            office,
            editing,
            "removeOffice",
            "Removes an office of the municipality's own; the country pack's of the same code is back",
            remove_office,
        )
        .heeds("If-Match", Parameter::Text(24), version)
        .gives::<wire::Removed>(200),
        Route::new(
            get.clone(),
            categories,
            reading,
            "listCategories",
            "Categories of a municipality, in the order of the menu",
            list_categories,
        )
        .gives::<wire::Categories>(200),
        Route::new(put.clone(), category, editing, "putCategory", "Writes a category", put_category)
            .takes::<wire::CategoryWrite>()
            .gives::<wire::Category>(200),
        Route::new(
            delete,
            category,
            editing,
            "removeCategory",
            "Removes a category of the municipality's own; the country pack's of the same code is back",
            remove_category,
        )
        .heeds("If-Match", Parameter::Text(24), version)
        .gives::<wire::Removed>(200),
        Route::new(
            get,
            calendar,
            reading,
            "getCalendar",
            "Days on which a municipality does not work",
            calendar_of,
        )
        .gives::<wire::Calendar>(200),
        Route::new(put, calendar, editing, "putCalendar", "Writes a municipality's calendar", put_calendar)
            .takes::<wire::CalendarWrite>()
            .gives::<wire::Calendar>(200),
    ]
}

/// Refuses a municipality that there is not, or where the act is not allowed.
pub(super) fn place(state: &StaffState, caller: &Caller, act: Act, key: &str) -> Result<(), Problem> {
    state.service.facts.load().by_key(key).ok_or(Code::NotFound)?;
    caller.must(act, key)
}

fn level_code(level: Level) -> &'static str {
    match level {
        Level::Municipal => "municipal",
        Level::State => "state",
        Level::Federal => "federal",
    }
}

fn write_office(key: &str, office: &desk::Office, entry: Option<&Entry>) -> wire::Office {
    wire::Office {
        id: entry.map(|it| it.id),
        municipality: key.to_owned(),
        code: office.code.clone(),
        name: office.name.clone(),
        phone: office.phone.clone(),
        level: level_code(office.level).to_owned(),
        hours: office.hours.lines().to_vec(),
        answers: office.answers.clone(),
        version: entry.map_or(0, |it| it.version),
    }
}

async fn entries(state: &StaffState, kind: Kind, key: &str) -> Result<Vec<Entry>, Problem> {
    Ok(state.service.store.list_entries_of(kind, key).await?)
}

fn of<'a>(entries: &'a [Entry], code: &str) -> Option<&'a Entry> {
    entries.iter().find(|it| it.code == code)
}

async fn list_offices(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Json<wire::Offices>, Problem> {
    place(&state, &caller, Act::ReadDesk, &key)?;
    let own = entries(&state, Kind::Office, &key).await?;
    state.service.lay_desk().await?;
    let desk = state.service.desk.load();
    let items = desk.offices(&key).iter().map(|it| write_office(&key, it, of(&own, &it.code))).collect();
    Ok(Json(wire::Offices { items }))
}

fn unwritable(_: serde_json::Error) -> Problem {
    Code::Internal.into()
}

/// A document of a municipality that this call writes.
fn document(
    state: &StaffState,
    caller: &Caller,
    kind: Kind,
    (key, code): (&str, &str),
    version: i64,
    body: String,
) -> Write {
    let at = state.clock.now();
    Write {
        id: ids::new_id(at),
        kind,
        municipality: key.to_owned(),
        owner_id: Uuid::nil(),
        code: code.to_owned(),
        body,
        by: caller.staff.id,
        version,
        at,
    }
}

async fn put_office(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path((key, office_code)): Path<(String, String)>,
    Once(once): Once,
    Body(new): Body<wire::OfficeWrite>,
) -> Result<Response, Problem> {
    place(&state, &caller, Act::EditDesk, &key)?;
    code("code", &office_code)?;
    texts("name", &new.name, 36)?;
    if let Some(phone) = &new.phone {
        text("phone", phone, 24)?;
    }
    if let Some(answers) = &new.answers {
        code("answers", answers)?;
    }
    if new.hours.len() > 14 {
        return Err(Problem::invalid("hours", "at most 14 lines"));
    }
    let level = [Level::Municipal, Level::State, Level::Federal]
        .into_iter()
        .find(|it| level_code(*it) == new.level)
        .ok_or_else(|| Problem::invalid("level", "municipal, state or federal"))?;
    let wrong = |_| Problem::invalid("hours", "a line of hours is such as \"mon-fri 09:00-15:00\"");
    let office = desk::Office {
        code: office_code.clone(),
        name: new.name,
        phone: new.phone,
        level,
        hours: new.hours.try_into().map_err(wrong)?,
        answers: new.answers,
    };
    let body = serde_json::to_string(&office).map_err(unwritable)?;
    let put = document(&state, &caller, Kind::Office, (&key, &office_code), new.version, body);
    let audit =
        audit(&state, &caller, "office_written", "office", &format!("{key}/{office_code}"), json!({}));
    let shown = move |it: &Entry| answer(200, &write_office(&key, &office, Some(it)));
    let response = put_entry(&state, once, put, audit, shown).await?;
    state.service.lay_desk().await?;
    Ok(response)
}

/// Removes a document of a municipality by its code.
async fn remove(
    state: &Arc<StaffState>,
    caller: &Caller,
    once: crate::store::staff::Attempt,
    kind: Kind,
    (key, code): (&str, &str),
    version: Option<i64>,
) -> Result<Response, Problem> {
    place(state, caller, Act::EditDesk, key)?;
    let own = entries(state, kind, key).await?;
    let entry = of(&own, code).ok_or(Code::NotFound)?;
    let name = kind.code();
    let act = if kind == Kind::Office { "office_removed" } else { "category_removed" };
    let audit = audit(state, caller, act, name, &format!("{key}/{code}"), json!({}));
    let response = remove_entry(state, once, kind, entry, version, audit).await?;
    state.service.lay_desk().await?;
    Ok(response)
}

async fn remove_office(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path((key, code)): Path<(String, String)>,
    IfMatch(version): IfMatch,
    Once(once): Once,
) -> Result<Response, Problem> {
    remove(&state, &caller, once, Kind::Office, (&key, &code), version).await
}

fn write_category(key: &str, it: &desk::Category, entry: Option<&Entry>) -> wire::Category {
    let questions = it.questions.iter();
    wire::Category {
        id: entry.map(|it| it.id),
        municipality: key.to_owned(),
        code: it.code.clone(),
        name: it.name.clone(),
        keywords: it.keywords.clone(),
        questions: questions
            .map(|it| wire::CategoryQuestion { code: it.code.clone(), text: it.text.clone() })
            .collect(),
        office: it.office.clone(),
        receipt_days: it.clocks.receipt,
        first_answer_days: it.clocks.first_answer,
        update_days: it.clocks.update,
        solution_days: it.clocks.solution,
        confidentiality: it.confidentiality.code().to_owned(),
        topics: it.topics.clone(),
        sdg: it.sdg.clone(),
        order: it.order,
        hidden: it.hidden,
        asks_where: it.asks_where,
        version: entry.map_or(0, |it| it.version),
    }
}

async fn list_categories(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Json<wire::Categories>, Problem> {
    place(&state, &caller, Act::ReadDesk, &key)?;
    let own = entries(&state, Kind::Category, &key).await?;
    state.service.lay_desk().await?;
    let desk = state.service.desk.load();
    let items = desk.categories(&key).iter().map(|it| write_category(&key, it, of(&own, &it.code))).collect();
    Ok(Json(wire::Categories { items }))
}

async fn put_category(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path((key, category_code)): Path<(String, String)>,
    Once(once): Once,
    Body(new): Body<wire::CategoryWrite>,
) -> Result<Response, Problem> {
    place(&state, &caller, Act::EditDesk, &key)?;
    code("code", &category_code)?;
    texts("name", &new.name, 24)?;
    if new.questions.len() > desk::QUESTIONS {
        return Err(Problem::invalid("questions", "at most three"));
    }
    for question in &new.questions {
        code("questions", &question.code)?;
        texts("questions", &question.text, 160)?;
    }
    let codes: std::collections::BTreeSet<&str> = new.questions.iter().map(|it| it.code.as_str()).collect();
    if codes.len() != new.questions.len() {
        return Err(Problem::invalid("questions", "two have the same code"));
    }
    if new.keywords.len() > 40 || new.keywords.values().any(|it| it.len() > MOST) {
        return Err(Problem::invalid("keywords", "at most 400 in a language"));
    }
    for word in new.keywords.values().flatten() {
        text("keywords", word, 60)?;
    }
    for topic in &new.topics {
        text("topics", topic, 60)?;
    }
    if let Some(sdg) = &new.sdg {
        text("sdg", sdg, 8)?;
    }
    let days = [new.receipt_days, new.first_answer_days, new.update_days, new.solution_days];
    if days.iter().any(|it| *it > 730) {
        return Err(Problem::invalid("solution_days", "at most 730 working days"));
    }
    if state.service.desk.load().office(&key, &new.office).is_none() {
        return Err(Problem::invalid("office", "there is no such office here"));
    }
    let confidentiality = new
        .confidentiality
        .parse()
        .map_err(|_| Problem::invalid("confidentiality", "open, confidential or restricted"))?;
    let questions = new.questions.into_iter().map(|it| Extra { code: it.code, text: it.text });
    let category = desk::Category {
        code: category_code.clone(),
        name: new.name,
        keywords: new.keywords,
        questions: questions.collect(),
        office: new.office,
        clocks: ClockDays {
            receipt: new.receipt_days,
            first_answer: new.first_answer_days,
            update: new.update_days,
            solution: new.solution_days,
        },
        confidentiality,
        topics: new.topics,
        sdg: new.sdg,
        order: new.order,
        hidden: new.hidden,
        asks_where: new.asks_where,
        phrases: Vec::new(),
    };
    let body = serde_json::to_string(&category).map_err(unwritable)?;
    let put = document(&state, &caller, Kind::Category, (&key, &category_code), new.version, body);
    let target = format!("{key}/{category_code}");
    let audit = audit(&state, &caller, "category_written", "category", &target, json!({}));
    let shown = move |it: &Entry| answer(200, &write_category(&key, &category, Some(it)));
    let response = put_entry(&state, once, put, audit, shown).await?;
    state.service.lay_desk().await?;
    Ok(response)
}

async fn remove_category(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path((key, code)): Path<(String, String)>,
    IfMatch(version): IfMatch,
    Once(once): Once,
) -> Result<Response, Problem> {
    remove(&state, &caller, once, Kind::Category, (&key, &code), version).await
}

fn write_calendar(key: &str, days: &[Holiday], version: i64) -> wire::Calendar {
    let days = days.iter().filter_map(|it| {
        let HolidayDay::Once(year, month, day) = it.day else { return None };
        Some(wire::CalendarDay { date: format!("{year:04}-{month:02}-{day:02}"), name: it.name.clone() })
    });
    wire::Calendar { municipality: key.to_owned(), days: days.collect(), version }
}

async fn calendar_of(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Json<wire::Calendar>, Problem> {
    place(&state, &caller, Act::ReadDesk, &key)?;
    let own = entries(&state, Kind::Calendar, &key).await?;
    let entry = own.first();
    let days = entry.map(|it| read_holidays(&it.body)).unwrap_or_default();
    Ok(Json(write_calendar(&key, &days, entry.map_or(0, |it| it.version))))
}

async fn put_calendar(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path(key): Path<String>,
    Once(once): Once,
    Body(new): Body<wire::CalendarWrite>,
) -> Result<Response, Problem> {
    place(&state, &caller, Act::EditDesk, &key)?;
    if new.days.len() > MOST {
        return Err(Problem::invalid("days", "at most 400"));
    }
    let mut days = Vec::with_capacity(new.days.len());
    for it in new.days {
        text("name", &it.name, LONGEST)?;
        let date: jiff::civil::Date =
            it.date.parse().map_err(|_| Problem::invalid("date", "write it as 2026-02-02"))?;
        days.push(Holiday {
            name: it.name,
            area: Some(key.clone()),
            day: HolidayDay::Once(date.year(), date.month(), date.day()),
            every: None,
        });
    }
    let body = serde_json::to_string(&days).map_err(unwritable)?;
    let put = document(&state, &caller, Kind::Calendar, (&key, CALENDAR), new.version, body);
    let audit = audit(&state, &caller, "calendar_written", "calendar", &key, json!({ "days": days.len() }));
    let shown = move |it: &Entry| answer(200, &write_calendar(&key, &days, it.version));
    let response = put_entry(&state, once, put, audit, shown).await?;
    state.service.lay_desk().await?;
    Ok(response)
}
