//! Saved views: filters with a name, each of one person.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{Method, Uri};
use axum::response::Response;
use cabildo_staff_api::case::CaseQuery;
use cabildo_staff_api::desk as wire;
use serde_json::json;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::desk_act::{answer, audit, put_entry, remove_entry, text};
use super::extract::{Body, Id, IfMatch};
use super::idempotency::Once;
use super::problem::{Code, Problem};
use super::routes::{Kind as Parameter, Route};
use crate::domain::staff::Act;
use crate::ids;
use crate::store::desk::entries::{Entry, Kind, Write};

/// The most views of one person: each is counted when the queues are shown.
const MOST: usize = 20;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let (path, one) = ("/staff/v1/views", "/staff/v1/views/{id}");
    let rule = Rule::May(Act::ReadCases);
    vec![
        Route::new(Method::GET, path, rule, "listViews", "Saved views of who asks", list)
            .gives::<wire::Views>(200),
        Route::new(Method::POST, path, rule, "addView", "Saves a view", add)
            .takes::<wire::ViewWrite>()
            .gives::<wire::View>(201),
        Route::new(Method::PUT, one, rule, "putView", "Writes a view's filter anew", change)
            .takes::<wire::ViewWrite>()
            .gives::<wire::View>(200),
        Route::new(Method::DELETE, one, rule, "removeView", "Removes a view", remove)
            .heeds("If-Match", Parameter::Text(24), "The version that was seen, in quotation marks.")
            .gives::<wire::Removed>(200),
    ]
}

fn write(it: &Entry) -> wire::View {
    wire::View { id: it.id, name: it.code.clone(), filter: it.body.clone(), version: it.version }
}

/// Reads a filter as the query of a list.
pub(super) fn read_filter(filter: &str) -> Option<CaseQuery> {
    let uri: Uri = format!("/?{filter}").parse().ok()?;
    Query::<CaseQuery>::try_from_uri(&uri).ok().map(|Query(it)| it)
}

fn check(new: &wire::ViewWrite) -> Result<(), Problem> {
    text("name", &new.name, 40)?;
    let wrong = || Problem::invalid("filter", "write it as the query of the list of cases");
    let query = Some(&new.filter).filter(|it| it.len() <= 1_000).and_then(|it| read_filter(it));
    let query = query.ok_or_else(wrong)?;
    // A view in a view, or a page of one, means nothing.
    if query.view.is_some() || query.after.is_some() || query.limit.is_some() {
        return Err(wrong());
    }
    Ok(())
}

async fn list(State(state): State<Arc<StaffState>>, caller: Caller) -> Result<Json<wire::Views>, Problem> {
    let found = state.service.store.list_entries_owned(Kind::View, caller.staff.id).await?;
    Ok(Json(wire::Views { items: found.iter().map(write).collect() }))
}

async fn put(
    state: &Arc<StaffState>,
    caller: &Caller,
    once: crate::store::staff::Attempt,
    status: u16,
    new: wire::ViewWrite,
) -> Result<Response, Problem> {
    let at = state.clock.now();
    let put = Write {
        id: ids::new_id(at),
        kind: Kind::View,
        municipality: String::new(),
        owner_id: caller.staff.id,
        code: new.name,
        body: new.filter,
        by: caller.staff.id,
        version: new.version,
        at,
    };
    let audit = audit(state, caller, "view_written", "view", &put.id.to_string(), json!({}));
    put_entry(state, once, put, audit, move |it| answer(status, &write(it))).await
}

async fn add(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Once(once): Once,
    Body(new): Body<wire::ViewWrite>,
) -> Result<Response, Problem> {
    check(&new)?;
    if new.version != 0 {
        return Err(Problem::invalid("version", "0 for a new one"));
    }
    let there = state.service.store.list_entries_owned(Kind::View, caller.staff.id).await?;
    if there.len() >= MOST {
        return Err(Problem::invalid("name", "at most 20 views: remove one first"));
    }
    put(&state, &caller, once, 201, new).await
}

/// A view of the caller.
async fn find(state: &StaffState, caller: &Caller, id: uuid::Uuid) -> Result<Entry, Problem> {
    let found = state.service.store.find_entry(Kind::View, id).await?;
    found.filter(|it| it.owner_id == caller.staff.id).ok_or(Code::NotFound.into())
}

async fn change(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::ViewWrite>,
) -> Result<Response, Problem> {
    let there = find(&state, &caller, id).await?;
    check(&new)?;
    if new.name != there.code {
        return Err(Problem::invalid("name", "the name stays: save another view"));
    }
    put(&state, &caller, once, 200, new).await
}

async fn remove(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Once(once): Once,
) -> Result<Response, Problem> {
    let there = find(&state, &caller, id).await?;
    let audit = audit(&state, &caller, "view_removed", "view", &id.to_string(), json!({}));
    remove_entry(&state, once, Kind::View, &there, version, audit).await
}
