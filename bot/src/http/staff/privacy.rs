//! What people asked for about their own data: to be done or refused, within the term of the law.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::privacy as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::acts::LONGEST;
use super::auth::{Caller, Rule};
use super::desk_act::{answer, audit, text, within};
use super::extract::{Body, Id, Params, page_size};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use super::told::with_setting;
use crate::channels::render;
use crate::domain::purpose::Purpose;
use crate::domain::staff::Act;
use crate::domain::time::UnixMillis;
use crate::ids;
use crate::store;
use crate::store::outbox::NewOutbound;
use crate::store::privacy::{Decide, Request, RequestState};

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::HandlePrivacy);
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/privacy-requests",
            rule,
            "listPrivacyRequests",
            "What people asked for about their data, those that are due first",
            list,
        )
        .asks("state", Kind::Word(&["open", "done", "refused"]), "`open` unless it is said.")
        .asks("after", Kind::Text(80), "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::PrivacyRequests>(200),
        Route::new(
            Method::GET,
            "/staff/v1/privacy-requests/{id}",
            rule,
            "getPrivacyRequest",
            "One request with its words; the look is logged",
            one,
        )
        .gives::<wire::PrivacyRequestInFull>(200),
        Route::new(
            Method::POST,
            "/staff/v1/privacy-requests/{id}/decide",
            rule,
            "decidePrivacyRequest",
            "Says that it was done, or refuses it; the person is told why",
            decide,
        )
        .takes::<wire::PrivacyDecision>()
        .gives::<wire::PrivacyRequestInFull>(200)
        .fails(&[Code::StateConflict]),
    ]
}

fn write(it: &Request, now: UnixMillis) -> wire::PrivacyRequest {
    let clock = match () {
        () if it.state != RequestState::Open.code() || now.0 < it.first_alarm_at => "in_time",
        () if now.0 < it.second_alarm_at => "day_10",
        () if now.0 < it.due_at => "day_15",
        () => "overdue",
    };
    wire::PrivacyRequest {
        id: it.id,
        kind: it.kind.clone(),
        state: it.state.clone(),
        channel: it.channel_kind.clone(),
        municipality: Some(it.municipality.clone()).filter(|it| !it.is_empty()),
        received_at: it.received_at,
        due_at: it.due_at,
        clock: clock.to_owned(),
        erase_at: it.erase_at,
        decided_by: it.decided_by,
        decided_at: it.decided_at,
        version: it.version,
    }
}

/// A request with its words, and her open cases.
fn in_full(it: &Request, open: &(Vec<String>, usize), now: UnixMillis) -> wire::PrivacyRequestInFull {
    wire::PrivacyRequestInFull {
        request: write(it, now),
        text: it.text.clone(),
        reason: it.reason.clone(),
        open_cases: open.0.clone(),
        open_confidential: open.1 as u64,
    }
}

fn state_of(text: &str) -> Option<RequestState> {
    RequestState::ALL.into_iter().find(|it| it.code() == text)
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::PrivacyQuery>,
) -> Result<Json<wire::PrivacyRequests>, Problem> {
    let limit = page_size(asked.limit)?;
    let which = state_of(asked.state.as_deref().unwrap_or("open"))
        .ok_or_else(|| Problem::parameter("state", "there is no such state"))?;
    let cursor = |text: &str| {
        let (due, id) = text.split_once('_')?;
        Some((due.parse().ok()?, Uuid::try_parse(id).ok()?))
    };
    let after = match asked.after.as_deref() {
        Some(text) => {
            Some(cursor(text).ok_or_else(|| Problem::parameter("after", "it is no cursor of this list"))?)
        }
        None => None,
    };
    let within = within(&caller, Act::HandlePrivacy);
    let mut found = state.service.store.list_requests(which, &within, after, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|it| format!("{}_{}", it.due_at, it.id));
    let now = state.clock.now();
    Ok(Json(wire::PrivacyRequests { items: found.iter().map(|it| write(it, now)).collect(), next }))
}

async fn find(state: &StaffState, caller: &Caller, id: Uuid) -> Result<Request, Problem> {
    let found = state.service.store.find_request(id).await?.ok_or(Code::NotFound)?;
    let within = within(caller, Act::HandlePrivacy);
    if within.holds(&found.municipality) { Ok(found) } else { Err(Code::NotFound.into()) }
}

async fn one(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<wire::PrivacyRequestInFull>, Problem> {
    let found = find(&state, &caller, id).await?;
    let store = &state.service.store;
    // Before the words are given out.
    let entry = audit(&state, &caller, "privacy_read", "privacy_request", &id.to_string(), json!({}));
    store.add_audit(entry).await?;
    let open = store.open_folios(found.contact_id).await?;
    Ok(Json(in_full(&found, &open, state.clock.now())))
}

/// What the person is told; `None` where nothing can reach her.
async fn told(
    state: &StaffState,
    request: &Request,
    done: bool,
    reason: &str,
) -> Result<Option<Box<NewOutbound>>, Problem> {
    let contact = match state.service.store.get_contact(request.contact_id).await {
        Ok(contact) => contact,
        // She is erased already.
        Err(store::Error::NotFound | store::Error::Other(_)) => return Ok(None),
        Err(problem) => return Err(problem.into()),
    };
    let Some(gateway) = state.service.gateways.get(&contact.channel_id) else { return Ok(None) };
    let rendered = with_setting(state, gateway.kind(), request.locale.as_deref(), |setting| {
        render::privacy_decided(done, reason, setting)
    });
    let rendered = rendered.ok_or_else(|| Problem::invalid("reason", "it takes more than three segments"))?;
    let now = state.clock.now();
    Ok(Some(Box::new(NewOutbound {
        id: ids::new_id(now),
        contact_id: contact.id,
        purpose: Purpose::Reply,
        campaign: None,
        rendered,
        not_before: now,
        at: now,
    })))
}

async fn decide(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::PrivacyDecision>,
) -> Result<Response, Problem> {
    let request = find(&state, &caller, id).await?;
    let to = state_of(&new.decision)
        .filter(|it| *it != RequestState::Open)
        .ok_or_else(|| Problem::invalid("decision", "done or refused"))?;
    text("reason", &new.reason, LONGEST)?;
    if request.state != RequestState::Open.code() && request.version == new.version {
        return Err(Problem::new(Code::StateConflict, "privacy_request_is_decided"));
    }
    let store = &state.service.store;
    let open = store.open_folios(request.contact_id).await?;
    let done = to == RequestState::Done;
    let erasure = request.kind == "erasure";
    if done && erasure && (!open.0.is_empty() || open.1 > 0) {
        return Err(Problem::new(Code::StateConflict, "a_case_is_open"));
    }
    // Of an erasure she was told when it is done; nothing is sent to who is being erased.
    let told = if done && erasure { None } else { told(&state, &request, done, &new.reason).await? };
    let now = state.clock.now();
    let decision = Decide {
        id,
        version: new.version,
        state: to,
        reason: new.reason.trim().to_owned(),
        by: caller.staff.id,
        told,
        at: now,
    };
    let detail = json!({ "decision": to.code(), "kind": request.kind });
    let entry = audit(&state, &caller, "privacy_decided", "privacy_request", &id.to_string(), detail);
    let shown = move |it: &Request| answer(200, &in_full(it, &open, now));
    let write = store.staff_write(Some(once), entry, shown.clone());
    match store.decide_request(decision, write).await {
        Ok(request) => {
            state.service.wake_senders();
            Ok(json_response(shown(&request)))
        }
        Err(store::Error::Conflict) => {
            let there = find(&state, &caller, id).await?;
            Err(Problem::conflict(&self::write(&there, now)))
        }
        Err(problem) => Err(problem.into()),
    }
}
