//! Demands out of cases: many people with the same complaint become one demand, and cases are linked to one.
//! Nobody is joined: each of their people is asked.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::demand_act as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::may_see;
use super::demand_acts::{Doing, done, workable};
use super::desk_act::{answer, audit, text};
use super::extract::{Body, Id};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::Route;
use crate::domain::case::Confidentiality;
use crate::domain::demand::rules::{LONGEST_TEXT, SHORTEST_TEXT};
use crate::domain::public_text::public_text;
use crate::domain::redact::redact;
use crate::domain::staff::Act as Allowed;
use crate::ids;
use crate::store;
use crate::store::demands::{Act, Acted, NewDemand, Opening};

/// How often a code is drawn again that is taken.
const DRAWS: usize = 32;
/// Cases that are linked at once.
const CASES: usize = 100;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Allowed::WorkDemands);
    let post = Method::POST;
    vec![
        Route::new(
            post.clone(),
            "/staff/v1/demands",
            rule,
            "openDemand",
            "Opens a demand out of cases; their people are asked whether they sign",
            open,
        )
        .takes::<wire::DemandOpening>()
        .gives::<wire::DemandDone>(201)
        .fails(&[Code::NotFound, Code::StateConflict]),
        Route::new(
            post.clone(),
            "/staff/v1/demands/{id}/link-cases",
            rule,
            "linkCases",
            "Links cases that ask for the same",
            link,
        )
        .takes::<wire::CaseLinks>()
        .gives::<wire::DemandDone>(200)
        .fails(&[Code::StateConflict]),
        Route::new(
            post,
            "/staff/v1/demands/{id}/unlink-case",
            rule,
            "unlinkCase",
            "A case has nothing to do with it",
            unlink,
        )
        .takes::<wire::CaseUnlink>()
        .gives::<wire::DemandDone>(200)
        .fails(&[Code::StateConflict]),
    ]
}

/// Refuses cases that can't be linked to a demand of a municipality: those that the caller may not see, of
/// elsewhere, and those whose people must not be written to about it.
async fn linkable(
    state: &StaffState,
    caller: &Caller,
    municipality: &str,
    mut wanted: Vec<Uuid>,
) -> Result<Vec<Uuid>, Problem> {
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() || wanted.len() > CASES {
        return Err(Problem::invalid("cases", "1 to 100 of them"));
    }
    let found = state.service.store.listed_cases(wanted.clone()).await?;
    let seen = |it: &&store::cases::Listed| may_see(caller, &it.municipality, it.confidentiality, &it.office);
    if found.iter().filter(seen).count() != wanted.len() {
        return Err(Problem::invalid("cases", "one of them is not there"));
    }
    if found.iter().any(|it| it.municipality != municipality) {
        return Err(Problem::invalid("cases", "one of them is of another municipality"));
    }
    if found.iter().any(|it| it.confidentiality != Confidentiality::Open) {
        return Err(Problem::invalid("cases", "one of them is confidential"));
    }
    Ok(wanted)
}

/// Refuses an office that the municipality does not have.
pub(super) fn office(state: &StaffState, municipality: &str, code: &str) -> Result<(), Problem> {
    let desk = state.service.desk.load();
    let there = desk.office(municipality, code).is_some();
    if there { Ok(()) } else { Err(Problem::invalid("office", "there is no such office here")) }
}

async fn open(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Once(once): Once,
    Body(new): Body<wire::DemandOpening>,
) -> Result<Response, Problem> {
    let (place, facts) = (&new.municipality, state.service.facts.load_full());
    let municipality = facts.municipality(facts.by_key(place).ok_or(Code::NotFound)?);
    caller.must(Allowed::WorkDemands, place)?;
    facts.topic(&new.topic).ok_or_else(|| Problem::invalid("topic", "there is no such topic"))?;
    text("text", &new.text, LONGEST_TEXT)?;
    let words = new.text.split(' ').filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    // An SMS shows it in one line, in the signs that it has.
    if words.chars().count() < SHORTEST_TEXT || public_text(&words) != words {
        let wanted = format!("one line of {SHORTEST_TEXT} to {LONGEST_TEXT} characters, without emoji");
        return Err(Problem::invalid("text", wanted));
    }
    // Everybody will read it, and it was made from what people wrote.
    if redact(&words) != words {
        return Err(Problem::invalid("text", "it has a phone number or an address of the net"));
    }
    if let Some(code) = &new.office {
        office(&state, place, code)?;
    }
    let cases = linkable(&state, &caller, place, new.cases).await?;
    let threshold = facts.manifest.demands.of(municipality.population);
    let (store, now) = (&state.service.store, state.clock.now());
    for _ in 0..DRAWS {
        let random = ids::random_bytes().map_err(|_| Code::Internal)?;
        let Some(code) = state.service.free_code(random, now).await? else { continue };
        let id = state.service.ids.id(now);
        let opening = Opening {
            new: NewDemand {
                id,
                code,
                municipality: place.clone(),
                topic: new.topic.clone(),
                office: new.office.clone(),
                text: words.clone(),
                threshold,
            },
            case_ids: cases.clone(),
            staff_id: caller.staff.id,
            at: now,
        };
        let detail = json!({ "topic": new.topic, "cases": cases.len() });
        let entry = audit(&state, &caller, "demand_opened", "demand", &id.to_string(), detail);
        let shown = move |it: &Acted| answer(201, &done(id, it));
        let write = store.staff_write(Some(once.clone()), entry, shown);
        match store.open_demand(opening, Some(write)).await {
            Ok(acted) => return Ok(json_response(shown(&acted))),
            // The code is taken, or the same call came twice at once: the answer of the first is there.
            Err(store::Error::Conflict) if store.find_answer(&once).await?.is_some() => {
                return Err(Code::VersionConflict.into());
            }
            Err(store::Error::Conflict) => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    Err(Problem::wait(Code::Unavailable, 2))
}

async fn link(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::CaseLinks>,
) -> Result<Response, Problem> {
    let demand = workable(&state, &caller, Allowed::WorkDemands, id).await?;
    let case_ids = linkable(&state, &caller, &demand.municipality, new.cases).await?;
    let detail = json!({ "cases": case_ids.len(), "invite": new.invite });
    let act = Act::LinkCases { case_ids, invite: new.invite };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn unlink(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::CaseUnlink>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::WorkDemands, id).await?;
    // Of a case that she may not see she does not even know that it is linked.
    super::cases::find(&state, &caller, new.case).await?;
    let detail = json!({ "case": new.case.to_string() });
    let act = Act::UnlinkCase { case_id: new.case };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}
