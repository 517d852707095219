//! Texts that the dialogue did not understand, those that say the same together.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::inbox as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::acts::LONGEST;
use super::auth::{Caller, Rule};
use super::desk_act::{answer, audit, code, text, within};
use super::extract::{Body, Id, Params, page_size};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use super::told::{with_setting, zone};
use crate::channels::render;
use crate::domain::case::rules::HOLD;
use crate::domain::case::{Anonymity, Folio, Pin};
use crate::domain::desk::civil_day;
use crate::domain::purpose::Purpose;
use crate::domain::staff::Act;
use crate::domain::time::{DAY, UnixMillis};
use crate::ids;
use crate::store;
use crate::store::cases::{NewCase, WalkIn};
use crate::store::desk::acts::{Act as DeskAct, Done};
use crate::store::desk::held::Send;
use crate::store::desk::unknown::{Group, Outcome};
use crate::store::outbox::NewOutbound;

/// How old a message may be that is still answered, ms.
const ANSWERED_WITHIN: i64 = 7 * DAY;
/// The most people that one answer goes to.
const MOST: u32 = 200;
/// The most cases that are opened at once; what more people write alike is answered.
const MOST_CASES: u32 = 20;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::ReadUnknown);
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/unknown-texts",
            rule,
            "listUnknown",
            "Texts that were not understood, the newest first",
            list,
        )
        .asks(
            "state",
            Kind::Word(&["waiting", "answered", "opened", "dismissed"]),
            "`waiting` unless it is said.",
        )
        .asks("after", Kind::Text(80), "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::UnknownList>(200),
        Route::new(
            Method::POST,
            "/staff/v1/unknown-texts/{id}/decide",
            rule,
            "decideUnknown",
            "Answers those who wrote it, opens a case for each of them, or dismisses it; an answer is held for 10 s",
            decide,
        )
        .takes::<wire::UnknownAct>()
        .gives::<wire::UnknownDone>(200)
        .fails(&[Code::StateConflict]),
    ]
}

fn write(it: Group) -> wire::UnknownGroup {
    wire::UnknownGroup {
        id: it.id,
        municipality: Some(it.municipality).filter(|it| !it.is_empty()),
        text: it.text,
        messages: it.messages,
        state: it.state,
        version: it.version,
        first_at: it.first_at,
        last_at: it.last_at,
    }
}

fn read_state(text: Option<&str>) -> Result<Outcome, Problem> {
    let all = [Outcome::Waiting, Outcome::Answered, Outcome::Opened, Outcome::Dismissed];
    let text = text.unwrap_or("waiting");
    let found = all.into_iter().find(|it| it.code() == text);
    found.ok_or_else(|| Problem::parameter("state", "there is no such state"))
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::UnknownQuery>,
) -> Result<Json<wire::UnknownList>, Problem> {
    let limit = page_size(asked.limit)?;
    let which = read_state(asked.state.as_deref())?;
    let cursor = |text: &str| {
        let (at, id) = text.split_once('.')?;
        Some((at.parse().ok()?, Uuid::try_parse(id).ok()?))
    };
    let before = match asked.after.as_deref() {
        None => None,
        Some(text) => {
            Some(cursor(text).ok_or_else(|| Problem::parameter("after", "it is no cursor of this list"))?)
        }
    };
    let store = &state.service.store;
    store.group_unknown().await?;
    let mut found = store.list_unknown(which, &within(&caller, Act::ReadUnknown), before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|it| format!("{}.{}", it.last_at, it.id));
    Ok(Json(wire::UnknownList { items: found.into_iter().map(write).collect(), next }))
}

/// A group that the caller may see.
async fn find(state: &StaffState, caller: &Caller, id: Uuid) -> Result<Group, Problem> {
    let found = state.service.store.find_unknown(id).await?.ok_or(Code::NotFound)?;
    if within(caller, Act::ReadUnknown).holds(&found.municipality) {
        Ok(found)
    } else {
        Err(Code::NotFound.into())
    }
}

/// The answer to everybody who wrote what is in a group lately, held.
async fn answers(
    state: &StaffState,
    caller: &Caller,
    group: &Group,
    words: &str,
) -> Result<Option<Box<Send>>, Problem> {
    let now = state.clock.now();
    let store = &state.service.store;
    let since = UnixMillis(now.0 - ANSWERED_WITHIN);
    let mut messages = Vec::new();
    for (contact_id, _) in store.list_unknown_writers(group.id, since, MOST).await? {
        let contact = store.get_contact(contact_id).await?;
        let Some(gateway) = state.service.gateways.get(&contact.channel_id) else { continue };
        let locale = store.contact_locale(contact_id).await?;
        let rendered = with_setting(state, gateway.kind(), locale.as_deref(), |setting| {
            render::staff_text(words, None, setting)
        });
        let rendered =
            rendered.ok_or_else(|| Problem::invalid("text", "it takes more than three segments"))?;
        messages.push(NewOutbound {
            id: ids::new_id(now),
            contact_id,
            purpose: Purpose::Reply,
            campaign: None,
            rendered,
            not_before: now.plus(HOLD),
            at: now,
        });
    }
    Ok((!messages.is_empty()).then(|| {
        Box::new(Send {
            id: ids::new_id(now),
            case_id: None,
            municipality: group.municipality.clone(),
            staff_id: caller.staff.id,
            message_id: None,
            undo: json!({ "unknown": group.id.to_string() }).to_string(),
            version: group.version + 1,
            messages,
            until: now.plus(HOLD),
            at: now,
        })
    }))
}

/// Cases for those who wrote what is in a group lately: each gets a folio and a PIN.
async fn openings(
    state: &StaffState,
    caller: &Caller,
    group: &Group,
    new: &wire::UnknownAct,
) -> Result<Vec<WalkIn>, Problem> {
    let place = new.municipality.as_deref().unwrap_or(&group.municipality);
    if state.service.facts.load().by_key(place).is_none() {
        return Err(Problem::invalid("municipality", "name the one that it is about"));
    }
    caller.must(Act::OpenCases, place)?;
    let kind = new.kind.as_deref().unwrap_or("question").parse();
    let kind = kind.map_err(|_| Problem::invalid("kind", "complaint, question or suggestion"))?;
    let named = new.category.as_deref().unwrap_or_default();
    code("category", named)?;
    let desk = state.service.desk.load_full();
    // Somebody in danger may be found here: whoever reads it may pass it on into the restricted queue.
    let category = desk.category(place, named);
    let category = category.ok_or_else(|| Problem::invalid("category", "there is no such category here"))?;
    let now = state.clock.now();
    let store = &state.service.store;
    let since = UnixMillis(now.0 - ANSWERED_WITHIN);
    let writers = store.list_unknown_words(group.id, since, MOST_CASES + 1).await?;
    if writers.is_empty() {
        return Err(Problem::new(Code::StateConflict, "nobody_to_tell"));
    }
    if writers.len() > MOST_CASES as usize {
        return Err(Problem::new(Code::StateConflict, "too_many_to_open"));
    }
    let zone = zone(state, place);
    let dues = desk.dues(place, category, &zone, now);
    let office = desk.answering(place, &category.office).map_or(&category.office, |it| &it.code);
    let by = dues.first_answer.and_then(|it| civil_day(it, &zone));
    let mut cases = Vec::with_capacity(writers.len());
    for (contact_id, inbox_id, text) in writers {
        let folio = Folio::from_random(ids::random_bytes().map_err(|_| Code::Internal)?);
        let pin = Pin::from_random(ids::random_bytes().map_err(|_| Code::Internal)?);
        let contact = store.get_contact(contact_id).await?;
        let locale = store.contact_locale(contact_id).await?;
        let receipt = state.service.gateways.get(&contact.channel_id).map(|gateway| NewOutbound {
            id: state.service.ids.id(now),
            contact_id,
            purpose: Purpose::News,
            campaign: None,
            rendered: with_setting(state, gateway.kind(), locale.as_deref(), |setting| {
                render::opened_for(folio, pin.clone(), by, setting)
            }),
            not_before: now,
            at: now,
        });
        let case = NewCase {
            id: state.service.ids.id(now),
            folio,
            pin_key: store.pin_key(folio, &pin)?,
            kind,
            municipality: place.to_owned(),
            category: category.code.clone(),
            office: office.clone(),
            topic: None,
            text,
            place: None,
            location: None,
            anonymity: Anonymity::HiddenFromPublic,
            confidentiality: category.confidentiality,
            answers: Vec::new(),
            dues,
            linked_to: None,
            urgent: false,
            began_at: None,
        };
        cases.push(WalkIn {
            case,
            contact_id: Some(contact_id),
            inbox_id: Some(inbox_id),
            receipt,
            reporter: None,
            staff_id: caller.staff.id,
            at: now,
        });
    }
    Ok(cases)
}

async fn decide(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::UnknownAct>,
) -> Result<Response, Problem> {
    let group = find(&state, &caller, id).await?;
    let mut send = None;
    let mut cases = Vec::new();
    let outcome = match new.act.as_str() {
        "answer" => {
            let words = new.text.as_deref().unwrap_or_default();
            text("text", words, LONGEST)?;
            send = answers(&state, &caller, &group, words).await?;
            if send.is_none() {
                return Err(Problem::new(Code::StateConflict, "nobody_to_tell"));
            }
            Outcome::Answered
        }
        "dismiss" => Outcome::Dismissed,
        "open_case" => {
            cases = openings(&state, &caller, &group, &new).await?;
            Outcome::Opened
        }
        "wait" => Outcome::Waiting,
        _ => return Err(Problem::invalid("act", "answer, open_case, dismiss or wait")),
    };
    let store = &state.service.store;
    let opened: Vec<String> = cases.iter().map(|it| it.case.id.to_string()).collect();
    let detail = json!({ "act": new.act, "cases": opened });
    let entry = audit(&state, &caller, "unknown_decided", "unknown_text", &id.to_string(), detail);
    let send_id = send.as_ref().map(|it| it.id);
    let case = cases.first().map(|it| it.case.id);
    let hidden = cases.iter().any(|it| it.case.confidentiality.sealed());
    let text = group.text.clone().filter(|_| !hidden);
    let after = Group { version: group.version + 1, state: outcome.code().to_owned(), text, ..group };
    let shown = move |done: &Done| {
        let recipients = if let Done::Unknown(count) = done { *count } else { 0 };
        answer(200, &wire::UnknownDone { group: write(after.clone()), recipients, send: send_id, case })
    };
    let answering = shown.clone();
    let write = store.staff_write(Some(once), entry, move |done: &Done| answering(done));
    let act = DeskAct::Unknown { id, version: new.version, outcome, by: caller.staff.id, send, cases };
    match store.act_on_desk(act, write).await {
        Ok(done) => {
            state.service.wake_senders();
            Ok(json_response(shown(&done)))
        }
        Err(store::Error::Conflict) => {
            let there = find(&state, &caller, id).await?;
            Err(Problem::conflict(&self::write(there)))
        }
        Err(problem) => Err(problem.into()),
    }
}
