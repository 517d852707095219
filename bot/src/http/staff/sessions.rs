//! Signing in and out, and sessions.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, body::Body as HttpBody};
use cabildo_staff_api as wire;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::auth::{Caller, Rule};
use super::extract::{Body, Id, Params, page_size};
use super::idempotency::Once;
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use super::sign_in::{self, write_session};
use super::{StaffState, openapi, users};
use crate::domain::staff::Act;
use crate::http::listener::Peer;
use crate::store::audit::New as Audit;
use crate::store::staff::{Answer, Attempt};

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let (get, post, delete) = (Method::GET, Method::POST, Method::DELETE);
    vec![
        Route::new(
            get.clone(),
            "/staff/v1/openapi.json",
            Rule::Open,
            "describeApi",
            "This document",
            describe,
        )
        .gives_document(),
        Route::new(post.clone(), "/staff/v1/sessions", Rule::Open, "signIn", "Signs in", add)
            .again()
            .takes::<wire::NewSession>()
            .gives::<wire::SignedIn>(201)
            .fails(&[Code::SignInFailed, Code::SignInLocked, Code::SignInBlocked, Code::TooBusy]),
        Route::new(
            post,
            "/staff/v1/set-up",
            Rule::Open,
            "setUp",
            "Chooses a password with a one-time set-up code; shows the second factor once",
            set_up,
        )
        .again()
        .takes::<wire::NewPassword>()
        .gives::<wire::SecondFactor>(201)
        .fails(&[Code::SignInFailed, Code::SignInLocked, Code::SignInBlocked, Code::TooBusy]),
        Route::new(get.clone(), "/staff/v1/me", Rule::SignedIn, "me", "Who is signed in", me)
            .gives::<wire::Me>(200),
        Route::new(
            get.clone(),
            "/staff/v1/sessions",
            Rule::SignedIn,
            "listSessions",
            "One's own sessions, the newest first",
            list,
        )
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::SessionPage>(200),
        Route::new(
            delete.clone(),
            "/staff/v1/sessions/current",
            Rule::SignedIn,
            "signOut",
            "Signs out",
            sign_out,
        )
        .again()
        .gives::<wire::Done>(200),
        Route::new(
            delete,
            "/staff/v1/sessions/{id}",
            Rule::SignedIn,
            "endSession",
            "Ends a session: one's own, or with the right to it somebody else's",
            end,
        )
        .gives::<wire::Done>(200),
        Route::new(
            get,
            "/staff/v1/users/{id}/sessions",
            Rule::May(Act::EndSessions),
            "listUserSessions",
            "Somebody's sessions, the newest first",
            list_of,
        )
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::SessionPage>(200),
    ]
}

async fn describe() -> Result<Response, Problem> {
    let text = openapi::document_json().map_err(|problem| {
        tracing::error!(%problem, "the API's document can't be written");
        Code::Internal
    })?;
    let mut response = Response::new(HttpBody::from(text));
    let kind = axum::http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
    Ok(response)
}

async fn add(
    State(state): State<Arc<StaffState>>,
    Extension(Peer(peer)): Extension<Peer>,
    Body(with): Body<wire::NewSession>,
) -> Result<Response, Problem> {
    let signed = sign_in::sign_in(&state, ip(peer), with).await?;
    Ok((StatusCode::CREATED, Json(signed)).into_response())
}

fn ip(peer: SocketAddr) -> std::net::IpAddr {
    peer.ip()
}

async fn set_up(
    State(state): State<Arc<StaffState>>,
    Extension(Peer(peer)): Extension<Peer>,
    Body(new): Body<wire::NewPassword>,
) -> Result<Response, Problem> {
    let shown = sign_in::set_up(&state, ip(peer), new).await?;
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

async fn me(State(state): State<Arc<StaffState>>, caller: Caller) -> Result<Json<wire::Me>, Problem> {
    let left = state.service.store.count_recovery_codes(caller.staff.id).await?;
    let acts = Act::ALL.into_iter().filter(|it| caller.staff.may(*it)).map(|it| it.code().to_owned());
    Ok(Json(wire::Me {
        user: users::write(&caller.signed.account),
        session: write_session(&caller.signed.session, caller.signed.session.id),
        acts: acts.collect(),
        recovery_codes_left: u32::try_from(left).unwrap_or_default(),
    }))
}

#[derive(Deserialize)]
struct Page {
    after: Option<Uuid>,
    limit: Option<u32>,
}

async fn page(
    state: &StaffState,
    of: Uuid,
    current: Uuid,
    page: Page,
) -> Result<Json<wire::SessionPage>, Problem> {
    let limit = page_size(page.limit)?;
    let now = state.clock.now();
    let found = state.service.store.list_sessions(of, page.after, limit + 1, now).await?;
    let more = found.len() > limit as usize;
    let items: Vec<wire::Session> =
        found.iter().take(limit as usize).map(|it| write_session(it, current)).collect();
    let next = if more { items.last().map(|it| it.id) } else { None };
    Ok(Json(wire::SessionPage { items, next }))
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<Page>,
) -> Result<Json<wire::SessionPage>, Problem> {
    page(&state, caller.staff.id, caller.signed.session.id, asked).await
}

async fn list_of(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Params(asked): Params<Page>,
) -> Result<Json<wire::SessionPage>, Problem> {
    state.service.store.find_account(id).await?.ok_or(Code::NotFound)?;
    page(&state, id, caller.signed.session.id, asked).await
}

async fn finish(
    state: &StaffState,
    caller: &Caller,
    id: Uuid,
    owner: Uuid,
    once: Option<Attempt>,
) -> Result<Json<wire::Done>, Problem> {
    let audit = Audit {
        actor_id: Some(caller.staff.id),
        act: if id == caller.signed.session.id { "signed_out" } else { "session_ended" },
        target_kind: "session",
        target_id: id.to_string(),
        detail: json!({ "user": owner }),
        at: state.clock.now(),
    };
    let store = &state.service.store;
    let write =
        store.staff_write(once, audit, |(): &()| Answer { status: 200, body: r#"{"done":true}"#.to_owned() });
    store.end_session(id, write).await?;
    Ok(Json(wire::Done { done: true }))
}

async fn sign_out(State(state): State<Arc<StaffState>>, caller: Caller) -> Result<Json<wire::Done>, Problem> {
    finish(&state, &caller, caller.signed.session.id, caller.staff.id, None).await
}

async fn end(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
) -> Result<Json<wire::Done>, Problem> {
    let owner = state.service.store.find_session_owner(id).await?;
    // Whose it is that one may not see is not said.
    let owner = owner
        .filter(|it| *it == caller.staff.id || caller.staff.may(Act::EndSessions))
        .ok_or(Code::NotFound)?;
    finish(&state, &caller, id, owner, Some(once)).await
}
