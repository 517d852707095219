//! Suggestions, praise and stories: shown to the public, hidden, or asked about.

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
use super::desk_act::{answer, audit, text, within};
use super::extract::{Body, Id, Params, page_size};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use super::told::with_setting;
use crate::channels::render;
use crate::domain::case::rules::HOLD;
use crate::domain::purpose::Purpose;
use crate::domain::staff::Act;
use crate::ids;
use crate::store;
use crate::store::desk::Page;
use crate::store::desk::acts::{Act as DeskAct, Done};
use crate::store::desk::feedback::{Decide, Decision, Feedback};
use crate::store::desk::held::Send;
use crate::store::outbox::NewOutbound;

/// Why a piece is hidden.
const REASONS: [&str; 5] = ["insult", "names_people", "advertising", "not_about_here", "other"];
/// The most pieces of the same words that go with one.
const MOST: u32 = 200;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::Moderate);
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/feedback",
            rule,
            "listFeedback",
            "Feedback, the oldest first",
            list,
        )
        .asks("state", Kind::Word(&["waiting", "shown", "hidden", "asked"]), "`waiting` unless it is said.")
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::FeedbackList>(200),
        Route::new(
            Method::POST,
            "/staff/v1/feedback/{id}/decide",
            rule,
            "decideFeedback",
            "Shows or hides it, or asks its author; a question is held for 10 s",
            decide,
        )
        .takes::<wire::FeedbackDecision>()
        .gives::<wire::FeedbackDecided>(200)
        .fails(&[Code::StateConflict]),
    ]
}

fn write(it: Feedback) -> wire::Feedback {
    wire::Feedback {
        id: it.id,
        kind: it.kind,
        municipality: it.municipality,
        text: it.text,
        state: it.state,
        reason: it.reason,
        decided_by: it.decided_by,
        decided_at: it.decided_at,
        version: it.version,
        created_at: it.created_at,
    }
}

fn decision(text: &str) -> Option<Decision> {
    let all = [Decision::Waiting, Decision::Shown, Decision::Hidden, Decision::Asked];
    all.into_iter().find(|it| it.code() == text)
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::FeedbackQuery>,
) -> Result<Json<wire::FeedbackList>, Problem> {
    let limit = page_size(asked.limit)?;
    let which = decision(asked.state.as_deref().unwrap_or("waiting"))
        .ok_or_else(|| Problem::parameter("state", "there is no such state"))?;
    let after = asked.after.as_deref().map(Uuid::try_parse).transpose();
    let after = after.map_err(|_| Problem::parameter("after", "it is no cursor of this list"))?;
    let page = Page { after, limit: limit + 1 };
    let mut found = state.service.store.list_feedback(which, &within(&caller, Act::Moderate), page).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|it| it.id.to_string());
    Ok(Json(wire::FeedbackList { items: found.into_iter().map(write).collect(), next }))
}

async fn find(state: &StaffState, caller: &Caller, id: Uuid) -> Result<Feedback, Problem> {
    let found = state.service.store.find_feedback(id).await?.ok_or(Code::NotFound)?;
    let place = found.municipality.as_deref().unwrap_or_default();
    if within(caller, Act::Moderate).holds(place) { Ok(found) } else { Err(Code::NotFound.into()) }
}

/// The question to an author, held.
async fn question(
    state: &StaffState,
    caller: &Caller,
    piece: &Feedback,
    words: &str,
) -> Result<Box<Send>, Problem> {
    let store = &state.service.store;
    let nobody = || Problem::new(Code::StateConflict, "nobody_to_tell");
    let contact = store.get_contact(piece.contact_id.ok_or_else(nobody)?).await?;
    let gateway = state.service.gateways.get(&contact.channel_id).ok_or_else(nobody)?;
    let locale = store.contact_locale(contact.id).await?;
    let rendered = with_setting(state, gateway.kind(), locale.as_deref(), |setting| {
        render::staff_text(words, None, setting)
    });
    let rendered =
        rendered.ok_or_else(|| Problem::invalid("question", "it takes more than three segments"))?;
    let now = state.clock.now();
    let message = NewOutbound {
        id: ids::new_id(now),
        contact_id: contact.id,
        purpose: Purpose::Reply,
        campaign: None,
        rendered,
        not_before: now.plus(HOLD),
        at: now,
    };
    Ok(Box::new(Send {
        id: ids::new_id(now),
        case_id: None,
        municipality: piece.municipality.clone().unwrap_or_default(),
        staff_id: caller.staff.id,
        message_id: None,
        undo: json!({ "feedback": piece.id.to_string() }).to_string(),
        version: piece.version + 1,
        messages: vec![message],
        until: now.plus(HOLD),
        at: now,
    }))
}

async fn decide(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::FeedbackDecision>,
) -> Result<Response, Problem> {
    let piece = find(&state, &caller, id).await?;
    let to = decision(&new.decision)
        .ok_or_else(|| Problem::invalid("decision", "shown, hidden, asked or waiting"))?;
    let reason = match (to, new.reason) {
        (Decision::Hidden, Some(reason)) if REASONS.contains(&reason.as_str()) => Some(reason),
        (Decision::Hidden, _) => return Err(Problem::invalid("reason", REASONS.join(", "))),
        _ => None,
    };
    let store = &state.service.store;
    let mut send = None;
    if to == Decision::Asked {
        let words = new.question.as_deref().unwrap_or_default();
        text("question", words, LONGEST)?;
        send = Some(question(&state, &caller, &piece, words).await?);
    }
    let now = state.clock.now();
    let one = |id, version| Decide {
        id,
        version,
        decision: to,
        reason: reason.clone(),
        by: caller.staff.id,
        at: now,
    };
    let mut all = vec![one(id, new.version)];
    if new.same && to != Decision::Asked {
        all.extend(
            store.list_same_feedback(id, MOST).await?.into_iter().map(|(id, version)| one(id, version)),
        );
    }
    let detail = json!({ "decision": to.code(), "reason": reason, "same": all.len() - 1 });
    let entry = audit(&state, &caller, "feedback_decided", "feedback", &id.to_string(), detail);
    let shown = |done: &Done| match done {
        Done::Feedback(piece, same) => {
            answer(200, &wire::FeedbackDecided { feedback: write(piece.as_ref().clone()), same: *same })
        }
        _ => answer(200, &json!({})),
    };
    let write = store.staff_write(Some(once), entry, shown);
    match store.act_on_desk(DeskAct::Feedback(all, send), write).await {
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
