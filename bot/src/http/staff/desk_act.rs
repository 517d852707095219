//! What the resources of the desk share: entries of the audit trail, answers, documents that are written
//! and removed.

use std::sync::Arc;

use axum::response::Response;
use cabildo_staff_api::desk as wire;
use serde::Serialize;
use uuid::Uuid;

use super::StaffState;
use super::auth::Caller;
use super::idempotency::json as json_response;
use super::problem::{Code, Problem};
use crate::domain::staff::{Act as Allowed, Reach};
use crate::store;
use crate::store::audit::New as Audit;
use crate::store::desk::Within;
use crate::store::desk::acts::{Act, Done};
use crate::store::desk::entries::{Entry, Kind, Write};
use crate::store::staff::{Answer, Attempt};

/// An answer with this document.
pub(super) fn answer(status: u16, document: &impl Serialize) -> Answer {
    Answer { status, body: serde_json::to_string(document).unwrap_or_default() }
}

/// An entry of the audit trail about something that the caller does.
pub(super) fn audit(
    state: &StaffState,
    caller: &Caller,
    act: &'static str,
    target_kind: &'static str,
    target_id: &str,
    detail: serde_json::Value,
) -> Audit {
    Audit {
        actor_id: Some(caller.staff.id),
        act,
        target_kind,
        target_id: target_id.to_owned(),
        detail,
        at: state.clock.now(),
    }
}

/// Where the caller may do something, as the store reads it.
pub(super) fn within(caller: &Caller, act: Allowed) -> Within {
    let Reach { country, states, municipalities } = caller.staff.reach(act);
    Within { country, keys: states.into_iter().chain(municipalities).collect() }
}

/// Writes a document; what `shown` makes of it is answered.
pub(super) async fn put_entry(
    state: &Arc<StaffState>,
    once: Attempt,
    put: Write,
    audit: Audit,
    shown: impl Fn(&Entry) -> Answer + Clone + Send + Sync + 'static,
) -> Result<Response, Problem> {
    let store = &state.service.store;
    let answering = shown.clone();
    let write = store.staff_write(Some(once), audit, move |done: &Done| match done {
        Done::Entry(it) => answering(it),
        _ => Answer { status: 200, body: String::new() },
    });
    let (kind, place, owner, code) = (put.kind, put.municipality.clone(), put.owner_id, put.code.clone());
    match store.act_on_desk(Act::Put(put), write).await {
        Ok(Done::Entry(it)) => Ok(json_response(shown(&it))),
        Ok(_) => Err(Code::Internal.into()),
        Err(store::Error::Conflict) => {
            let there = if owner.is_nil() {
                store.list_entries_of(kind, &place).await?
            } else {
                store.list_entries_owned(kind, owner).await?
            };
            let there = there.into_iter().find(|it| it.code == code && it.owner_id == owner);
            Err(there.map_or_else(
                || Code::VersionConflict.into(),
                |it| Problem::conflict(&serde_json::from_str::<serde_json::Value>(&shown(&it).body).ok()),
            ))
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Removes a document.
pub(super) async fn remove_entry(
    state: &Arc<StaffState>,
    once: Attempt,
    kind: Kind,
    entry: &Entry,
    version: Option<i64>,
    audit: Audit,
) -> Result<Response, Problem> {
    let id: Uuid = entry.id;
    let version = version.ok_or_else(|| Problem::parameter("If-Match", "give the version that you saw"))?;
    let store = &state.service.store;
    let gone = move || answer(200, &wire::Removed { id });
    let write = store.staff_write(Some(once), audit, move |_: &Done| gone());
    store.act_on_desk(Act::Remove { kind, id, version }, write).await?;
    Ok(json_response(gone()))
}

/// Refuses what is no code.
pub(super) fn code(field: &str, text: &str) -> Result<(), Problem> {
    let fits = (1..=64).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"_-".contains(&it));
    if fits {
        Ok(())
    } else {
        Err(Problem::invalid(field, "small letters, digits, _ and - only, 64 at most"))
    }
}

/// Refuses a text that is empty, too long, or holds what nobody can read.
pub(super) fn text(field: &str, text: &str, most: usize) -> Result<(), Problem> {
    let fits = !text.trim().is_empty()
        && text.chars().count() <= most
        && !text.chars().any(|it| it.is_control() && it != '\n');
    if fits { Ok(()) } else { Err(Problem::invalid(field, format!("write 1 to {most} characters"))) }
}

/// Refuses texts by language that don't hold.
pub(super) fn texts<'a>(
    field: &str,
    all: impl IntoIterator<Item = (&'a String, &'a String)>,
    most: usize,
) -> Result<(), Problem> {
    let mut count = 0;
    for (language, it) in all {
        let fits = (2..=16).contains(&language.len())
            && language.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        if !fits {
            return Err(Problem::invalid(field, "a language is a tag such as es-MX"));
        }
        text(field, it, most)?;
        count += 1;
    }
    if (1..=40).contains(&count) {
        Ok(())
    } else {
        Err(Problem::invalid(field, "write it in 1 to 40 languages"))
    }
}
