//! People who asked to be known as leaders, and numbers that staff checks by a call.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::act::Revealed;
use cabildo_staff_api::leader as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::{self, may_read, place_name};
use super::demands;
use super::desk_act::{answer, audit, text, within};
use super::extract::{Body, Id, Params, page_size};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::domain::case::Anonymity;
use crate::domain::demand::Leadership;
use crate::domain::staff::Act;
use crate::ids;
use crate::store;
use crate::store::demands::{DecideLeader, Leader};
use crate::store::desk::Page;

/// The longest reason, characters.
const REASON: usize = 110;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::VerifyPeople);
    let (get, post) = (Method::GET, Method::POST);
    vec![
        Route::new(
            get,
            "/staff/v1/leaders",
            rule,
            "listLeaders",
            "Leaders; who asked first comes first",
            list,
        )
        .asks("state", Kind::Word(&["asked", "verified", "refused"]), "`asked` unless it is said.")
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::LeaderList>(200),
        Route::new(
            post.clone(),
            "/staff/v1/leaders/{id}/decide",
            rule,
            "decideLeader",
            "Verifies a leader and her number, or refuses her",
            decide,
        )
        .takes::<wire::LeaderDecision>()
        .gives::<wire::Leader>(200)
        .fails(&[Code::StateConflict]),
        Route::new(
            post.clone(),
            "/staff/v1/leaders/{id}/reveal",
            Rule::May(Act::RevealNumber),
            "revealLeader",
            "The whole number of a leader, with a reason; kept in the audit trail",
            reveal,
        )
        .again()
        .takes::<wire::LeaderReveal>()
        .gives::<Revealed>(200),
        Route::new(
            post,
            "/staff/v1/contacts/{id}/verify",
            rule,
            "verifyNumber",
            "Says that a number was checked by a call: what it supports is verified from then on",
            verify,
        )
        .takes::<wire::NumberVerification>()
        .gives::<wire::NumberVerified>(200),
    ]
}

fn write(it: &Leader, place: String) -> wire::Leader {
    wire::Leader {
        id: it.id,
        contact: it.contact_id,
        municipality: it.municipality.clone(),
        municipality_name: place,
        state: it.state.code().to_owned(),
        words: it.words.clone(),
        reason: it.reason.clone(),
        version: it.version,
        asked_at: it.asked_at.0,
        decided_at: it.decided_at.map(|it| it.0),
    }
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::LeaderQuery>,
) -> Result<Json<wire::LeaderList>, Problem> {
    let limit = page_size(asked.limit)?;
    let which: Leadership = asked
        .state
        .as_deref()
        .unwrap_or(Leadership::Asked.code())
        .parse()
        .map_err(|_| Problem::parameter("state", "there is no such state"))?;
    let page = Page { after: asked.after, limit: limit + 1 };
    let within = within(&caller, Act::VerifyPeople);
    let mut found = state.service.store.list_leaders(which, &within, page).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|it| it.id);
    let items = found.iter().map(|it| write(it, place_name(&state, &it.municipality))).collect();
    Ok(Json(wire::LeaderList { items, next }))
}

async fn find(state: &StaffState, caller: &Caller, act: Act, id: Uuid) -> Result<Leader, Problem> {
    let found = state.service.store.find_leader(id).await?.ok_or(Code::NotFound)?;
    if within(caller, act).holds(&found.municipality) { Ok(found) } else { Err(Code::NotFound.into()) }
}

async fn decide(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::LeaderDecision>,
) -> Result<Response, Problem> {
    let leader = find(&state, &caller, Act::VerifyPeople, id).await?;
    let refused = match (new.decision.as_str(), new.reason) {
        ("verified", None) => None,
        ("verified", Some(_)) => return Err(Problem::invalid("reason", "only a refusal has one")),
        ("refused", reason) => {
            let reason = reason.unwrap_or_default();
            text("reason", &reason, REASON)?;
            Some(reason.trim().to_owned())
        }
        _ => return Err(Problem::invalid("decision", "verified or refused")),
    };
    let store = &state.service.store;
    let detail = json!({ "decision": new.decision, "contact": leader.contact_id.to_string() });
    let entry = audit(&state, &caller, "leader_decided", "leader", &id.to_string(), detail);
    let place = place_name(&state, &leader.municipality);
    let shown = move |it: &Leader| answer(200, &write(it, place.clone()));
    let writing = store.staff_write(Some(once), entry, shown.clone());
    let decision =
        DecideLeader { id, version: new.version, refused, staff_id: caller.staff.id, at: state.clock.now() };
    match store.decide_leader(decision, Some(writing)).await {
        Ok(leader) => Ok(json_response(shown(&leader))),
        Err(store::Error::Conflict) => {
            let there = find(&state, &caller, Act::VerifyPeople, id).await?;
            Err(Problem::conflict(&write(&there, place_name(&state, &there.municipality))))
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn reveal(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Body(new): Body<wire::LeaderReveal>,
) -> Result<Json<Revealed>, Problem> {
    let leader = find(&state, &caller, Act::RevealNumber, id).await?;
    text("reason", &new.reason, 200)?;
    let store = &state.service.store;
    let address = store.get_contact(leader.contact_id).await?.address;
    let detail = json!({ "contact": leader.contact_id.to_string(), "reason": new.reason });
    let entry = audit(&state, &caller, "number_revealed", "leader", &id.to_string(), detail);
    // Before the number is given out.
    let in_hour = store.look_at_number(ids::new_id(state.clock.now()), caller.staff.id, entry).await?;
    Ok(Json(Revealed { address, in_hour }))
}

/// Whether the caller knows a contact from a case or a demand in which it may verify numbers.
async fn known(
    state: &StaffState,
    caller: &Caller,
    contact: Uuid,
    from: &wire::NumberVerification,
) -> Result<bool, Problem> {
    let store = &state.service.store;
    let (place, hers) = match (from.case, from.demand) {
        (Some(id), None) => {
            let case = cases::find(state, caller, id).await?;
            let told = store.list_told(id).await?;
            let (anonymity, _) = store.find_case_extra(id).await?.ok_or(Code::NotFound)?;
            // Nobody sees, hence nobody calls, the number of who is hidden from all.
            let reached = may_read(caller, &case) && anonymity != i64::from(Anonymity::HiddenFromAll.digit());
            (case.municipality, reached && told.iter().any(|it| it.contact_id == contact))
        }
        (None, Some(id)) => {
            let demand = demands::find(state, caller, id).await?;
            (demand.municipality, store.get_full_demand(id).await?.author == Some(contact))
        }
        _ => return Err(Problem::invalid("case", "name the case or the demand")),
    };
    caller.must(Act::VerifyPeople, &place)?;
    Ok(hers)
}

async fn verify(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(contact): Id,
    Once(once): Once,
    Body(new): Body<wire::NumberVerification>,
) -> Result<Response, Problem> {
    text("reason", &new.reason, 200)?;
    if !known(&state, &caller, contact, &new).await? {
        return Err(Code::NotFound.into());
    }
    let store = &state.service.store;
    let detail = json!({ "reason": new.reason, "case": new.case, "demand": new.demand });
    let entry = audit(&state, &caller, "number_verified", "contact", &contact.to_string(), detail);
    let shown = move |fresh: &bool| answer(200, &wire::NumberVerified { contact, fresh: *fresh });
    let writing = store.staff_write(Some(once), entry, shown);
    let fresh = store.verify_contact(contact, caller.staff.id, writing).await?;
    Ok(json_response(shown(&fresh)))
}
