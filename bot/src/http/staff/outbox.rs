//! What staff sent: held, sent, failed; sending again, and saying what became of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::outbox as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::desk_act::{answer, audit, within};
use super::extract::{Body, Id, Params, page_size};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::domain::staff::Act;
use crate::store::desk::acts::{Act as DeskAct, Done};
use crate::store::desk::held::{Line, Part};

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::WorkCases);
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/outbox",
            rule,
            "listOutbox",
            "Messages of staff, the newest first",
            list,
        )
        .asks("part", Kind::Word(&["held", "sent", "failed"]), "`held` unless it is said.")
        .asks("after", Kind::Text(80), "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::OutboxList>(200),
        Route::new(
            Method::POST,
            "/staff/v1/outbox/{id}/retry",
            rule,
            "retryMessage",
            "Sends a message again that did not go",
            retry,
        )
        .takes::<wire::RetryRequest>()
        .gives::<wire::OutboxDone>(200)
        .fails(&[Code::StateConflict]),
        Route::new(
            Method::POST,
            "/staff/v1/outbox/{id}/settle",
            rule,
            "settleMessage",
            "Says that a message arrived of which nobody knew, or gives it up",
            settle,
        )
        .takes::<wire::SettleRequest>()
        .gives::<wire::OutboxDone>(200)
        .fails(&[Code::StateConflict]),
    ]
}

fn write(it: Line) -> wire::OutboxMessage {
    wire::OutboxMessage {
        id: it.id,
        send: it.held_id,
        case: it.case_id,
        staff: it.staff_id,
        channel: it.channel_id,
        state: it.state,
        failure: it.failure,
        segments: it.segments,
        attempt: it.attempt,
        until_at: it.until_at,
        created_at: it.created_at,
        updated_at: it.updated_at,
    }
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::OutboxQuery>,
) -> Result<Json<wire::OutboxList>, Problem> {
    let limit = page_size(asked.limit)?;
    let part = match asked.part.as_deref() {
        None | Some("held") => Part::Held,
        Some("sent") => Part::Sent,
        Some("failed") => Part::Failed,
        Some(_) => return Err(Problem::parameter("part", "held, sent or failed")),
    };
    let cursor = |text: &str| {
        let (send, message) = text.split_once('.')?;
        Some((Uuid::try_parse(send).ok()?, Uuid::try_parse(message).ok()?))
    };
    let before = match asked.after.as_deref() {
        None => None,
        Some(text) => {
            Some(cursor(text).ok_or_else(|| Problem::parameter("after", "it is no cursor of this list"))?)
        }
    };
    let (now, within) = (state.clock.now(), within(&caller, Act::WorkCases));
    let mut found = state.service.store.list_outbox(part, &within, before, limit + 1, now).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|it| format!("{}.{}", it.held_id, it.id));
    Ok(Json(wire::OutboxList { items: found.into_iter().map(write).collect(), next }))
}

/// Does something to a message of staff that the caller may see.
async fn act(
    state: &Arc<StaffState>,
    caller: &Caller,
    id: Uuid,
    once: crate::store::staff::Attempt,
    (name, act): (&'static str, DeskAct),
    detail: serde_json::Value,
) -> Result<Response, Problem> {
    let store = &state.service.store;
    let line = store.find_outbox_line(id).await?.ok_or(Code::NotFound)?;
    if !within(caller, Act::WorkCases).holds(&line.municipality) {
        return Err(Code::NotFound.into());
    }
    let entry = audit(state, caller, name, "message", &id.to_string(), detail);
    let shown = |done: &Done| match done {
        Done::Line(line) => answer(200, &wire::OutboxDone { message: write(line.as_ref().clone()) }),
        _ => answer(200, &json!({})),
    };
    let write = store.staff_write(Some(once), entry, shown);
    match store.act_on_desk(act, write).await? {
        Done::NotNow => Err(Problem::new(Code::StateConflict, "message_is_elsewhere")),
        done => {
            state.service.wake_senders();
            Ok(json_response(shown(&done)))
        }
    }
}

async fn retry(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::RetryRequest>,
) -> Result<Response, Problem> {
    if let Some(through) = &new.through
        && !state.service.gateways.contains_key(through)
    {
        return Err(Problem::invalid("through", "there is no such gateway"));
    }
    let detail = json!({ "through": new.through });
    let doing = ("message_retried", DeskAct::Resend { id, through: new.through });
    act(&state, &caller, id, once, doing, detail).await
}

async fn settle(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::SettleRequest>,
) -> Result<Response, Problem> {
    let detail = json!({ "arrived": new.arrived });
    let doing = ("message_settled", DeskAct::Settle { id, arrived: new.arrived });
    act(&state, &caller, id, once, doing, detail).await
}
