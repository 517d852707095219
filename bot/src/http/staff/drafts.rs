//! Drafts: what an officer typed and did not send. They are kept while somebody types, so a repeat is no
//! harm, and they are one's own: no entry of the audit trail is made of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use cabildo_staff_api::desk as wire;
use uuid::Uuid;

use super::StaffState;
use super::acts::workable;
use super::auth::{Caller, Rule};
use super::cases::may_read;
use super::extract::{Body, Id};
use super::problem::{Code, Problem};
use super::routes::Route;
use crate::domain::staff::Act;
use crate::ids;
use crate::store;
use crate::store::desk::drafts::{Draft, DraftKind};

/// The longest draft, characters.
const LONGEST: usize = 20_000;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::WorkCases);
    let (get, put) = (Method::GET, Method::PUT);
    vec![
        Route::new(get.clone(), "/staff/v1/drafts", rule, "listDrafts", "Drafts of who asks", list)
            .gives::<wire::Drafts>(200),
        Route::new(
            get,
            "/staff/v1/cases/{id}/drafts",
            rule,
            "listCaseDrafts",
            "Drafts of who asks for a case",
            of_case,
        )
        .gives::<wire::Drafts>(200),
        Route::new(
            put,
            "/staff/v1/cases/{id}/drafts/{kind}",
            rule,
            "putDraft",
            "Keeps a draft (`reply` or `note`); an empty text removes it",
            keep,
        )
        .again()
        .takes::<wire::DraftWrite>()
        .gives::<wire::Drafts>(200),
    ]
}

fn write(it: Draft) -> wire::Draft {
    wire::Draft {
        case: it.case_id,
        kind: it.kind,
        text: it.text,
        version: it.version,
        updated_at: it.updated_at,
    }
}

fn written(found: Vec<Draft>) -> Json<wire::Drafts> {
    Json(wire::Drafts { items: found.into_iter().map(write).collect() })
}

async fn list(State(state): State<Arc<StaffState>>, caller: Caller) -> Result<Json<wire::Drafts>, Problem> {
    Ok(written(state.service.store.list_drafts(caller.staff.id).await?))
}

async fn of_case(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<wire::Drafts>, Problem> {
    workable(&state, &caller, id).await?;
    Ok(written(state.service.store.list_drafts_of(caller.staff.id, id).await?))
}

async fn keep(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path((id, kind)): Path<(String, String)>,
    Body(new): Body<wire::DraftWrite>,
) -> Result<Json<wire::Drafts>, Problem> {
    let id = Uuid::try_parse(&id).map_err(|_| Problem::parameter("id", "it is no UUID"))?;
    let kind = match kind.as_str() {
        "reply" => DraftKind::Reply,
        "note" => DraftKind::Note,
        _ => return Err(Problem::parameter("kind", "reply or note")),
    };
    let case = workable(&state, &caller, id).await?;
    if !may_read(&caller, &case) {
        return Err(Code::NotAllowed.into());
    }
    if new.text.chars().count() > LONGEST {
        return Err(Problem::invalid("text", "at most 20,000 characters"));
    }
    let (store, now, me) = (&state.service.store, state.clock.now(), caller.staff.id);
    if new.text.is_empty() {
        store.delete_draft(me, id, kind).await?;
    } else {
        match store.put_draft(ids::new_id(now), me, id, kind, &new.text, now).await {
            // Another window was faster: what is there is answered.
            Ok(()) | Err(store::Error::Conflict) => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    Ok(written(store.list_drafts_of(me, id).await?))
}
