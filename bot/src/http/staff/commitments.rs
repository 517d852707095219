//! Promises: what answers to demands became.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api::commitment as wire;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::{keys, place_name};
use super::desk_act::{text, within};
use super::extract::{Params, page_size};
use super::problem::Problem;
use super::routes::{Kind, Route};
use crate::domain::demand::rules::{LONGEST_OWNER, LONGEST_TITLE, MOST_STEPS};
use crate::domain::demand::{Commitment, Milestone, Progress, Promise};
use crate::domain::staff::Act;
use crate::store::desk::{Page, Within};

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/commitments",
            Rule::May(Act::ReadReports),
            "listCommitments",
            "Promises, the newest first",
            list,
        )
        .asks("municipality", Kind::Text(400), "Official keys, with commas.")
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::CommitmentList>(200),
    ]
}

/// A promise as it is shown.
pub(super) fn write(state: &StaffState, it: Commitment) -> wire::Commitment {
    let step = |it: Milestone| wire::PromiseStep {
        title: it.title,
        due_on: it.due_on,
        state: it.state.code().to_owned(),
    };
    wire::Commitment {
        id: it.id,
        demand: it.demand_id,
        municipality_name: place_name(state, &it.municipality),
        municipality: it.municipality,
        promise: wire::Promise {
            title: it.promise.title,
            owner: it.promise.owner,
            due_on: it.promise.due_on,
            state: it.promise.state.code().to_owned(),
            percent: it.promise.percent,
            milestones: it.promise.milestones.into_iter().map(step).collect(),
        },
        votes: wire::PromiseVotes { yes: it.told.yes, no: it.told.no, half: it.told.half },
        version: it.version,
        created_at: it.created_at.0,
        updated_at: it.updated_at.0,
    }
}

/// Refuses what is no date.
pub(super) fn date(field: &str, given: Option<&String>) -> Result<(), Problem> {
    // Ten characters: a longer form names a time, which nobody reads.
    let right = |it: &String| it.len() == 10 && it.parse::<jiff::civil::Date>().is_ok();
    if given.is_none_or(right) { Ok(()) } else { Err(Problem::invalid(field, "write it as 2027-03-31")) }
}

fn progress(field: &str, given: &str) -> Result<Progress, Problem> {
    given
        .parse()
        .map_err(|_| Problem::invalid(field, "not_started, in_progress, stuck, finished or incomplete"))
}

/// A promise as staff wrote it.
pub(super) fn read(given: wire::Promise) -> Result<Promise, Problem> {
    text("title", &given.title, LONGEST_TITLE)?;
    text("owner", &given.owner, LONGEST_OWNER)?;
    date("due_on", given.due_on.as_ref())?;
    if given.percent > 100 {
        return Err(Problem::invalid("percent", "0 to 100"));
    }
    if given.milestones.len() > MOST_STEPS {
        return Err(Problem::invalid("milestones", "at most 20"));
    }
    let step = |it: wire::PromiseStep| {
        text("milestones", &it.title, LONGEST_TITLE)?;
        date("milestones", it.due_on.as_ref())?;
        let state = progress("milestones", &it.state)?;
        Ok(Milestone { title: it.title.trim().to_owned(), due_on: it.due_on, state })
    };
    Ok(Promise {
        title: given.title.trim().to_owned(),
        owner: given.owner.trim().to_owned(),
        due_on: given.due_on,
        state: progress("state", &given.state)?,
        percent: given.percent,
        milestones: given.milestones.into_iter().map(step).collect::<Result<_, Problem>>()?,
    })
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::CommitmentQuery>,
) -> Result<Json<wire::CommitmentList>, Problem> {
    let limit = page_size(asked.limit)?;
    let mut within = within(&caller, Act::ReadReports);
    let wanted = keys(asked.municipality.as_deref());
    if !wanted.is_empty() {
        let seen = wanted.into_iter().filter(|it| within.holds(it));
        within = Within { country: false, keys: seen.collect() };
    }
    let page = Page { after: asked.after, limit: limit + 1 };
    let mut found = state.service.store.list_commitments(&within, page).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|it| it.id);
    let items = found.into_iter().map(|it| write(&state, it)).collect();
    Ok(Json(wire::CommitmentList { items, next }))
}
