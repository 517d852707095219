//! The audit trail.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api as wire;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::extract::{Params, page_size};
use super::idempotency::Once;
use super::keeper::export_head;
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::domain::staff::Act;
use crate::store::audit::{Entry, Filter, Head, New as Audit, read_heads};

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/audit",
            Rule::May(Act::ReadAudit),
            "listAudit",
            "The trail, the newest first",
            list,
        )
        .asks("before", Kind::Number(1, i64::MAX), "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .asks("actor_id", Kind::Id, "Only what this account did.")
        .asks("act", Kind::Text(40), "Only entries with this code.")
        .asks("target_kind", Kind::Text(40), "Together with `target_id`: only what was done to it.")
        .asks("target_id", Kind::Text(80), "Which one.")
        .gives::<wire::AuditPage>(200),
        Route::new(
            Method::GET,
            "/staff/v1/audit/head",
            Rule::MayAny(&[Act::ReadAudit, Act::VerifyAudit]),
            "getAuditHead",
            "The end of the chain, to be written down; exported to the file of heads, too",
            head,
        )
        .gives::<wire::AuditHead>(200),
        Route::new(
            Method::POST,
            "/staff/v1/audit/verify",
            Rule::May(Act::VerifyAudit),
            "verifyAudit",
            "Checks the whole chain, also against the exported heads",
            verify,
        )
        .gives::<wire::AuditCheck>(200)
        .fails(&[Code::TooBusy]),
    ]
}

fn write(entry: Entry) -> wire::AuditEntry {
    wire::AuditEntry {
        seq: entry.seq,
        at: entry.at,
        actor_id: entry.actor_id,
        act: entry.act,
        target_kind: entry.target_kind,
        target_id: entry.target_id,
        detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
    }
}

fn write_head(head: &Head) -> wire::AuditHead {
    wire::AuditHead { seq: head.seq, mac: hex::encode(&head.mac) }
}

#[derive(Deserialize)]
struct Asked {
    before: Option<i64>,
    limit: Option<u32>,
    actor_id: Option<Uuid>,
    act: Option<String>,
    target_kind: Option<String>,
    target_id: Option<String>,
}

async fn list(
    State(state): State<Arc<StaffState>>,
    Params(asked): Params<Asked>,
) -> Result<Json<wire::AuditPage>, Problem> {
    let limit = page_size(asked.limit)?;
    if asked.before.is_some_and(|it| it < 1) {
        return Err(Problem::parameter("before", "it must be 1 or more"));
    }
    let target = match (asked.target_kind, asked.target_id) {
        (Some(kind), Some(id)) => Some((kind, id)),
        (None, None) => None,
        _ => return Err(Problem::parameter("target_id", "give target_kind and target_id together")),
    };
    let filter = Filter { before: asked.before, actor_id: asked.actor_id, target, act: asked.act };
    let mut found = state.service.store.list_audit(&filter, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = if more { found.last().map(|it| it.seq) } else { None };
    Ok(Json(wire::AuditPage { items: found.into_iter().map(write).collect(), next }))
}

async fn head(State(state): State<Arc<StaffState>>) -> Result<Json<wire::AuditHead>, Problem> {
    Ok(Json(write_head(&export_head(&state).await?)))
}

async fn verify(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Once(_): Once,
) -> Result<Json<wire::AuditCheck>, Problem> {
    let _alone = state.verifying.try_lock().map_err(|_| Problem::wait(Code::TooBusy, 30))?;
    let path = state.heads.clone();
    let heads = tokio::task::spawn_blocking(move || read_heads(&path)).await;
    let heads = heads.ok().and_then(Result::ok).ok_or_else(|| {
        tracing::error!("the file of heads can't be read");
        Code::Internal
    })?;
    let check = state.service.store.verify_audit(&heads).await?;
    let problem = check.flaw.map(|(seq, flaw)| wire::AuditProblem { seq, code: flaw.code().to_owned() });
    if let Some(problem) = &problem {
        tracing::error!(seq = problem.seq, code = problem.code, "the audit trail was tampered with");
    }
    let entry = Audit {
        actor_id: Some(caller.staff.id),
        act: "audit_verified",
        target_kind: "audit",
        target_id: check.head.seq.to_string(),
        detail: json!({ "sound": problem.is_none() }),
        at: state.clock.now(),
    };
    state.service.store.add_audit(entry).await?;
    Ok(Json(wire::AuditCheck {
        sound: problem.is_none(),
        entries: check.entries,
        heads: check.heads,
        problem,
        head: write_head(&check.head),
    }))
}
