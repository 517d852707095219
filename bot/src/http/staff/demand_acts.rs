//! What staff do to a demand. Each act names the version that it was decided on; act, entry of the audit
//! trail, event and answer are one transaction. What people are told of it is written there, too.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::demand_act as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::{self, may_read};
use super::commitments::{date, read as read_promise};
use super::compose::channel;
use super::demand_open::office;
use super::demands::{find, row};
use super::desk_act::{answer as answer_of, audit, text};
use super::extract::{Body, Id};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::Route;
use super::told::{with_setting, zone};
use crate::channels::render::{self, Rendered};
use crate::domain::channel::ChannelKind;
use crate::domain::demand::flags::Flags;
use crate::domain::demand::rules::{ANSWER_DAYS, LONGEST_REASON};
use crate::domain::demand::{Demand, Verdict};
use crate::domain::pack::localized;
use crate::domain::staff::Act as Allowed;
use crate::store;
use crate::store::demands::{Act, Acted, Acting, NewActa};
use crate::store::staff::Attempt;

/// The longest words that a citizen reads, and the longest reason for the trail, characters.
const LONGEST: usize = 110;
const REASON: usize = 400;
/// The longest folio and place of a list, characters.
const FOLIO: usize = 40;
const PLACE: usize = 120;
/// The highest cost, thousandths of the currency's unit: what JSON readers hold exactly.
const COST: u64 = 1 << 53;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let post = Method::POST;
    let refused = &[Code::StateConflict];
    macro_rules! act {
        ($allowed:ident, $path:literal, $name:literal, $summary:literal, $handler:ident, $body:ident) => {
            Route::new(
                post.clone(),
                concat!("/staff/v1/demands/{id}/", $path),
                Rule::May(Allowed::$allowed),
                $name,
                $summary,
                $handler,
            )
            .takes::<wire::$body>()
            .gives::<wire::DemandDone>(200)
            .fails(refused)
        };
    }
    vec![
        act!(ModerateDemands, "publish", "publishDemand", "Lets a demand be public", publish, DemandPublish),
        act!(
            ModerateDemands,
            "reject",
            "rejectDemand",
            "Refuses a demand; its author reads why",
            reject,
            DemandReject
        ),
        act!(
            AnswerDemands,
            "hand-over",
            "handOverDemand",
            "Hands a demand over; the term of the answer begins",
            hand_over,
            DemandHandOver
        ),
        act!(
            AnswerDemands,
            "answer",
            "answerDemand",
            "Enters the authority's answer; every supporter reads it",
            answer,
            DemandAnswerRequest
        ),
        Route::new(
            post.clone(),
            "/staff/v1/demands/{id}/answer/preview",
            Rule::May(Allowed::AnswerDemands),
            "previewDemandAnswer",
            "What an answer would be and cost, by channel",
            preview,
        )
        .again()
        .takes::<wire::DemandAnswerDraft>()
        .gives::<wire::DemandAnswerPreview>(200),
        act!(
            AnswerDemands,
            "promise",
            "promiseDemand",
            "The answer becomes a promise that is followed",
            promise,
            PromiseOpening
        ),
        act!(
            AnswerDemands,
            "update-promise",
            "updatePromise",
            "Writes a promise anew; supporters read it where its state changed",
            update_promise,
            PromiseUpdate
        ),
        act!(
            ModerateDemands,
            "merge",
            "mergeDemand",
            "Asks the author whether a demand may go on in another one",
            merge,
            DemandMergeRequest
        ),
        act!(ModerateDemands, "unmerge", "unmergeDemand", "Takes a merge back", unmerge, DemandUnmerge),
        act!(
            ModerateDemands,
            "clear-flags",
            "clearFlags",
            "Counts flagged support after somebody looked",
            clear_flags,
            FlagsClearing
        ),
        act!(WorkDemands, "add-acta", "addActa", "Enters a list of an assembly", add_acta, ActaEntry),
        act!(WorkDemands, "void-acta", "voidActa", "A list was entered by mistake", void_acta, ActaVoid),
        act!(WorkDemands, "call-acta", "callActa", "People on a list were called back", call_acta, ActaCall),
        act!(
            ModerateDemands,
            "decide-message",
            "decideAuthorMessage",
            "Lets a message of the author go to the supporters, or refuses it",
            decide_message,
            AuthorMessageDecision
        ),
        act!(
            ModerateDemands,
            "endorse",
            "endorseDemand",
            "An organisation signs in public",
            endorse,
            Endorsement
        ),
        act!(
            ModerateDemands,
            "unendorse",
            "unendorseDemand",
            "An organisation signs no more",
            unendorse,
            Endorsement
        ),
    ]
}

/// A write on a demand, as its guard let it through.
pub(super) struct Doing<'a> {
    pub(super) state: &'a Arc<StaffState>,
    pub(super) caller: &'a Caller,
    pub(super) once: Attempt,
    /// What belongs to it in the audit trail.
    pub(super) detail: serde_json::Value,
}

/// A demand to which the caller may do something.
pub(super) async fn workable(
    state: &StaffState,
    caller: &Caller,
    act: Allowed,
    id: Uuid,
) -> Result<Demand, Problem> {
    let demand = find(state, caller, id).await?;
    caller.must(act, &demand.municipality)?;
    Ok(demand)
}

/// What an act led to.
pub(super) fn done(id: Uuid, it: &Acted) -> wire::DemandDone {
    wire::DemandDone {
        id,
        version: it.version,
        state: it.state.code().to_owned(),
        mark: it.state.mark().to_string(),
    }
}

/// What is in the way of an act besides a newer version of the demand.
const fn in_the_way(act: &Act) -> Option<&'static str> {
    match act {
        Act::AddActa(_) => Some("acta_folio_is_taken"),
        Act::Merge { .. } => Some("merge_is_asked"),
        Act::DecideMessage { .. } => Some("author_message_is_decided"),
        Act::UpdatePromise { .. } => Some("commitment_is_newer"),
        _ => None,
    }
}

impl Doing<'_> {
    /// Does it.
    pub(super) async fn run(self, id: Uuid, version: i64, act: Act) -> Result<Response, Problem> {
        let store = &self.state.service.store;
        let (kind, obstacle) = (act.code(), in_the_way(&act));
        let entry = audit(self.state, self.caller, kind, "demand", &id.to_string(), self.detail);
        let shown = move |it: &Acted| answer_of(200, &done(id, it));
        let write = store.staff_write(Some(self.once), entry, shown);
        let at = self.state.clock.now();
        let acting = Acting { demand_id: id, version, staff_id: self.caller.staff.id, act, at };
        match store.work_on_demand(acting, write).await {
            Ok(acted) => Ok(json_response(shown(&acted))),
            Err(store::Error::Conflict) => {
                let there = find(self.state, self.caller, id).await?;
                match obstacle {
                    Some(code) if there.version == version => Err(Problem::new(Code::StateConflict, code)),
                    _ => Err(Problem::conflict(&row(self.state, &there))),
                }
            }
            Err(problem) => Err(problem.into()),
        }
    }
}

async fn publish(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::DemandPublish>,
) -> Result<Response, Problem> {
    let demand = workable(&state, &caller, Allowed::ModerateDemands, id).await?;
    if let Some(code) = &new.office {
        office(&state, &demand.municipality, code)?;
    }
    let detail = json!({ "office": new.office });
    let act = Act::Publish { office: new.office };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn reject(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::DemandReject>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::ModerateDemands, id).await?;
    text("reason", &new.reason, LONGEST)?;
    let act = Act::Reject { reason: new.reason };
    Doing { state: &state, caller: &caller, once, detail: json!({}) }.run(id, new.version, act).await
}

async fn hand_over(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::DemandHandOver>,
) -> Result<Response, Problem> {
    let demand = workable(&state, &caller, Allowed::AnswerDemands, id).await?;
    office(&state, &demand.municipality, &new.office)?;
    let (desk, facts) = (state.service.desk.load_full(), state.service.facts.load_full());
    let place = &demand.municipality;
    let name = desk.office(place, &new.office).map(|it| localized(&it.name, &facts.manifest.pack.locale));
    let now = state.clock.now();
    let answer_due = desk.working_days(place, &zone(&state, place), now).after_days(now, ANSWER_DAYS);
    let detail = json!({ "office": new.office });
    let office_name = name.unwrap_or(&new.office).to_owned();
    let act = Act::HandOver { office: new.office, office_name, answer_due };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

/// What the authority says.
struct Said {
    verdict: Verdict,
    reason: String,
    cost: Option<u64>,
    due_on: Option<String>,
}

fn said(new: wire::DemandAnswerDraft) -> Result<Said, Problem> {
    let verdict =
        new.verdict.parse().map_err(|_| Problem::invalid("verdict", "accepted, partly or rejected"))?;
    text("reason", &new.reason, LONGEST_REASON)?;
    date("due_on", new.due_on.as_ref())?;
    if new.cost.is_some_and(|it| it > COST) {
        return Err(Problem::invalid("cost", "it is too much"));
    }
    Ok(Said { verdict, reason: new.reason.trim().to_owned(), cost: new.cost, due_on: new.due_on })
}

/// An answer as it is read on a kind of channel.
fn rendered(
    state: &StaffState,
    demand: &Demand,
    said: &Said,
    channel: ChannelKind,
    locale: Option<&str>,
) -> Result<Rendered, Problem> {
    let due = said.due_on.as_deref();
    let rendered = with_setting(state, channel, locale, |setting| {
        render::demand_answer(demand.code, said.verdict, &said.reason, said.cost, due, setting)
    });
    rendered.ok_or_else(|| Problem::invalid("reason", "the answer takes more than two segments"))
}

async fn answer(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::DemandAnswerRequest>,
) -> Result<Response, Problem> {
    let demand = workable(&state, &caller, Allowed::AnswerDemands, id).await?;
    let wire::DemandAnswerRequest { version, verdict, reason, cost, due_on } = new;
    let said = said(wire::DemandAnswerDraft { verdict, reason, cost, due_on })?;
    // Supporters read it in their languages.
    for language in cabildo_messages::languages() {
        rendered(&state, &demand, &said, ChannelKind::Sms, Some(language.tag))?;
    }
    let detail = json!({ "verdict": said.verdict.code() });
    let Said { verdict, reason, cost, due_on } = said;
    let act = Act::Answer { verdict, reason, cost, due_on };
    Doing { state: &state, caller: &caller, once, detail }.run(id, version, act).await
}

async fn preview(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Body(new): Body<wire::DemandAnswerDraft>,
) -> Result<Json<wire::DemandAnswerPreview>, Problem> {
    let demand = workable(&state, &caller, Allowed::AnswerDemands, id).await?;
    let said = said(new)?;
    let mut ways: Vec<(String, ChannelKind)> =
        state.service.gateways.iter().map(|(id, it)| (id.clone(), it.kind())).collect();
    ways.sort_unstable_by(|one, two| one.0.cmp(&two.0));
    let mut channels = Vec::with_capacity(ways.len());
    for (name, kind) in ways {
        let text = rendered(&state, &demand, &said, kind, None)?.text;
        // How many are on which channel is told to nobody.
        channels.push(channel(&state, name, kind, 0, text));
    }
    let people = demand.told.people();
    let dearest = channels.iter().map(|it| it.price).max().unwrap_or(0);
    let price = dearest.saturating_mul(i64::try_from(people).unwrap_or(i64::MAX));
    Ok(Json(wire::DemandAnswerPreview { channels, people, price }))
}

async fn promise(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::PromiseOpening>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::AnswerDemands, id).await?;
    let promise = read_promise(new.promise)?;
    let detail = json!({ "state": promise.state.code(), "percent": promise.percent });
    let act = Act::Promise(promise);
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn update_promise(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::PromiseUpdate>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::AnswerDemands, id).await?;
    let promise = read_promise(new.promise)?;
    let detail = json!({ "state": promise.state.code(), "percent": promise.percent });
    let act = Act::UpdatePromise { version: new.promise_version, promise };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn merge(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::DemandMergeRequest>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::ModerateDemands, id).await?;
    // Hers must be in reach, too: its supporters are told, and its total grows.
    workable(&state, &caller, Allowed::ModerateDemands, new.into).await?;
    text("reason", &new.reason, REASON)?;
    let detail = json!({ "into": new.into.to_string(), "reason": new.reason });
    let merge_id = state.service.ids.id(state.clock.now());
    let act = Act::Merge { parent_id: new.into, merge_id, reason: new.reason };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn unmerge(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::DemandUnmerge>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::ModerateDemands, id).await?;
    text("reason", &new.reason, REASON)?;
    let detail = json!({ "reason": new.reason });
    let act = Act::Unmerge { reason: new.reason };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn clear_flags(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::FlagsClearing>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::ModerateDemands, id).await?;
    text("reason", &new.reason, REASON)?;
    let mut flags = Flags::default();
    for it in &new.flags {
        match it.as_str() {
            "velocity" => flags.velocity = true,
            "range" => flags.range = true,
            "new_senders" => flags.new_senders = true,
            _ => return Err(Problem::invalid("flags", "velocity, range or new_senders")),
        }
    }
    if !flags.any() || new.flags.len() > 3 {
        return Err(Problem::invalid("flags", "name 1 to 3 of them"));
    }
    let detail = json!({ "flags": new.flags, "reason": new.reason });
    let act = Act::ClearFlags { flags, reason: new.reason };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

/// Refuses a picture that is not there, that was sent for another demand, or of a case that the caller may not see.
async fn may_use(state: &StaffState, caller: &Caller, demand: Uuid, picture: Uuid) -> Result<(), Problem> {
    let gone = || Problem::invalid("picture", "there is no such photo");
    let store = &state.service.store;
    let (inbox_id, case) = store.find_file(picture).await?.ok_or_else(gone)?;
    if store.find_pictured_demand(inbox_id).await?.is_some_and(|it| it != demand) {
        return Err(gone());
    }
    let Some(id) = case else { return Ok(()) };
    let case = cases::find(state, caller, id).await.map_err(|_| gone())?;
    if may_read(caller, &case) { Ok(()) } else { Err(gone()) }
}

async fn add_acta(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::ActaEntry>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::WorkDemands, id).await?;
    text("folio", &new.folio, FOLIO)?;
    if !(1..=100_000).contains(&new.heads) {
        return Err(Problem::invalid("heads", "1 to 100,000"));
    }
    date("held_on", Some(&new.held_on))?;
    if let Some(place) = &new.place {
        text("place", place, PLACE)?;
    }
    if let Some(picture) = new.picture {
        may_use(&state, &caller, id, picture).await?;
    }
    let acta = NewActa {
        id: state.service.ids.id(state.clock.now()),
        folio: new.folio.trim().to_owned(),
        heads: new.heads,
        held_on: new.held_on,
        place: new.place,
        media_id: new.picture,
    };
    let detail = json!({ "acta": acta.id.to_string(), "heads": acta.heads });
    let act = Act::AddActa(acta);
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn void_acta(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::ActaVoid>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::WorkDemands, id).await?;
    text("reason", &new.reason, REASON)?;
    let detail = json!({ "acta": new.acta.to_string(), "reason": new.reason });
    let act = Act::VoidActa { acta_id: new.acta, reason: new.reason };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn call_acta(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::ActaCall>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::WorkDemands, id).await?;
    if new.confirmed > new.called {
        return Err(Problem::invalid("confirmed", "no more than were called"));
    }
    let detail = json!({ "acta": new.acta.to_string(), "called": new.called, "confirmed": new.confirmed });
    let act = Act::CallActa { acta_id: new.acta, called: new.called, confirmed: new.confirmed };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn decide_message(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::AuthorMessageDecision>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::ModerateDemands, id).await?;
    let refused = match (new.decision.as_str(), new.reason) {
        ("sent", None) => None,
        ("sent", Some(_)) => return Err(Problem::invalid("reason", "only a refusal has one")),
        ("refused", reason) => {
            let reason = reason.unwrap_or_default();
            text("reason", &reason, LONGEST)?;
            Some(reason)
        }
        _ => return Err(Problem::invalid("decision", "sent or refused")),
    };
    let detail = json!({ "message": new.message.to_string(), "decision": new.decision });
    let act = Act::DecideMessage { message_id: new.message, version: new.message_version, refused };
    Doing { state: &state, caller: &caller, once, detail }.run(id, new.version, act).await
}

async fn endorse(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::Endorsement>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::ModerateDemands, id).await?;
    text("organisation", &new.organisation, LONGEST)?;
    let act = Act::Endorse { organisation: new.organisation.trim().to_owned() };
    Doing { state: &state, caller: &caller, once, detail: json!({}) }.run(id, new.version, act).await
}

async fn unendorse(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::Endorsement>,
) -> Result<Response, Problem> {
    workable(&state, &caller, Allowed::ModerateDemands, id).await?;
    text("organisation", &new.organisation, LONGEST)?;
    let act = Act::Unendorse { organisation: new.organisation.trim().to_owned() };
    Doing { state: &state, caller: &caller, once, detail: json!({}) }.run(id, new.version, act).await
}
