//! Canned replies: written once, with place-holders, in several languages.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::desk as wire;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::desk_act::{answer, audit, put_entry, remove_entry, text, texts};
use super::extract::{Body, Id, IfMatch, Params};
use super::idempotency::Once;
use super::problem::{Code, Problem};
use super::routes::{Kind as Parameter, Route};
use crate::channels::sms::segments;
use crate::domain::placeholders;
use crate::domain::staff::Act;
use crate::ids;
use crate::store::desk::entries::{Entry, Kind, Write};

/// The longest text, characters: what a reply may have.
const LONGEST: usize = 1_000;

/// The document of a canned reply.
#[derive(Clone, Serialize, Deserialize)]
struct Canned {
    title: String,
    texts: std::collections::BTreeMap<String, String>,
}

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let path = "/staff/v1/canned-replies";
    let one = "/staff/v1/canned-replies/{id}";
    let editing = Rule::May(Act::EditReplies);
    vec![
        Route::new(
            Method::GET,
            path,
            Rule::May(Act::ReadDesk),
            "listCannedReplies",
            "Replies by letter",
            list,
        )
        .asks("municipality", Parameter::Text(16), "Those of this municipality, and those of all.")
        .gives::<wire::CannedReplies>(200),
        Route::new(Method::POST, path, editing, "addCannedReply", "Writes a new reply", add)
            .takes::<wire::CannedWrite>()
            .gives::<wire::CannedReply>(201)
            .fails(&[Code::NotFound]),
        Route::new(Method::PUT, one, editing, "putCannedReply", "Writes a reply anew", change)
            .takes::<wire::CannedWrite>()
            .gives::<wire::CannedReply>(200),
        Route::new(Method::DELETE, one, editing, "removeCannedReply", "Removes a reply", remove)
            .heeds("If-Match", Parameter::Text(24), "The version that was seen, in quotation marks.")
            .gives::<wire::Removed>(200),
    ]
}

/// The municipality that a list is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    municipality: Option<String>,
}

fn write(it: &Entry) -> Option<wire::CannedReply> {
    let canned: Canned = serde_json::from_str(&it.body).ok()?;
    let names: BTreeSet<&str> =
        canned.texts.values().filter_map(|it| placeholders::names(it).ok()).flatten().collect();
    let sizes = canned.texts.iter();
    let sizes = sizes.map(|(language, text)| {
        let plain = segments::transliterate(text);
        (language.clone(), segments::segment(&plain).segments as u64)
    });
    Some(wire::CannedReply {
        id: it.id,
        municipality: it.municipality.clone(),
        letter: it.code.clone(),
        title: canned.title.clone(),
        placeholders: names.into_iter().map(str::to_owned).collect(),
        segments: sizes.collect(),
        texts: canned.texts,
        version: it.version,
    })
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> Result<Json<wire::CannedReplies>, Problem> {
    let store = &state.service.store;
    let mut found = store.list_entries_of(Kind::Canned, "").await?;
    if let Some(key) = asked.municipality.filter(|it| !it.is_empty()) {
        caller.must(Act::ReadDesk, &key)?;
        // The municipality's own reply of a letter stands in the place of the general one.
        let own = store.list_entries_of(Kind::Canned, &key).await?;
        found.retain(|general| own.iter().all(|it| it.code != general.code));
        found.extend(own);
        found.sort_by(|one, two| one.code.cmp(&two.code));
    }
    let names = placeholders::NAMES.iter().map(|it| (*it).to_owned());
    Ok(Json(wire::CannedReplies {
        items: found.iter().filter_map(write).collect(),
        placeholders: names.collect(),
    }))
}

/// Refuses who may not write replies for a municipality; those of all are for who may everywhere.
fn check_place(state: &StaffState, caller: &Caller, key: &str) -> Result<(), Problem> {
    if key.is_empty() {
        let everywhere = caller.staff.reach(Act::EditReplies).country;
        return if everywhere { Ok(()) } else { Err(Code::NotAllowed.into()) };
    }
    state.service.facts.load().by_key(key).ok_or(Code::NotFound)?;
    caller.must(Act::EditReplies, key)
}

fn check(new: &wire::CannedWrite) -> Result<(), Problem> {
    let mut letters = new.letter.chars();
    let fits = letters.next().is_some_and(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    if !fits || letters.next().is_some() {
        return Err(Problem::invalid("letter", "one small letter or digit"));
    }
    text("title", &new.title, 60)?;
    texts("texts", &new.texts, LONGEST)?;
    for it in new.texts.values() {
        placeholders::names(it).map_err(|wrong| Problem::invalid("texts", wrong.to_string()))?;
    }
    Ok(())
}

async fn put(
    state: &Arc<StaffState>,
    caller: &Caller,
    once: crate::store::staff::Attempt,
    status: u16,
    new: wire::CannedWrite,
) -> Result<Response, Problem> {
    let at = state.clock.now();
    let canned = Canned { title: new.title, texts: new.texts };
    let put = Write {
        id: ids::new_id(at),
        kind: Kind::Canned,
        municipality: new.municipality.clone(),
        owner_id: Uuid::nil(),
        code: new.letter.clone(),
        body: serde_json::to_string(&canned).map_err(|_| Code::Internal)?,
        by: caller.staff.id,
        version: new.version,
        at,
    };
    let target = format!("{}/{}", new.municipality, new.letter);
    let audit = audit(state, caller, "canned_reply_written", "canned_reply", &target, json!({}));
    put_entry(state, once, put, audit, move |it| answer(status, &write(it))).await
}

async fn add(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Once(once): Once,
    Body(new): Body<wire::CannedWrite>,
) -> Result<Response, Problem> {
    check_place(&state, &caller, &new.municipality)?;
    check(&new)?;
    if new.version != 0 {
        return Err(Problem::invalid("version", "0 for a new one"));
    }
    put(&state, &caller, once, 201, new).await
}

/// A reply that the caller may change.
async fn find(state: &StaffState, caller: &Caller, id: Uuid) -> Result<Entry, Problem> {
    let found = state.service.store.find_entry(Kind::Canned, id).await?.ok_or(Code::NotFound)?;
    check_place(state, caller, &found.municipality)?;
    Ok(found)
}

async fn change(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::CannedWrite>,
) -> Result<Response, Problem> {
    let there = find(&state, &caller, id).await?;
    check(&new)?;
    if (new.municipality.as_str(), new.letter.as_str()) != (there.municipality.as_str(), there.code.as_str())
    {
        return Err(Problem::invalid("letter", "letter and municipality stay: write a new reply"));
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
    let target = format!("{}/{}", there.municipality, there.code);
    let audit = audit(&state, &caller, "canned_reply_removed", "canned_reply", &target, json!({}));
    remove_entry(&state, once, Kind::Canned, &there, version, audit).await
}
