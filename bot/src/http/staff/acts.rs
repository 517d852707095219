//! What staff do to a case. Each act names the version that it was decided on; act, entry of the audit
//! trail, event and answer are one transaction.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::act as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::{self, Names, place_name};
use super::desk_act::{answer, audit, code, text};
use super::extract::{Body, Id};
use super::idempotency::{Once, json as json_response};
use super::notices;
use super::problem::{Code, Problem};
use super::routes::Route;
use super::told::{filled, held, news, outbound, send, unheard, with_setting, zone};
use crate::channels::render;
use crate::domain::case::{CaseState, Confidentiality};
use crate::domain::staff::{Act as Allowed, Grant};
use crate::domain::time::UnixMillis;
use crate::store;
use crate::store::cases::{Act, Acting, Closing, FullCase, Referral, Snooze};
use crate::store::desk::case_work::{Work, Worked};
use crate::store::staff::{Answer, Attempt};

/// The longest text, characters.
pub(super) const LONGEST: usize = 1_000;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Allowed::WorkCases);
    let post = Method::POST;
    let refused = &[Code::StateConflict];
    macro_rules! act {
        ($path:literal, $name:literal, $summary:literal, $handler:ident, $body:ident) => {
            Route::new(post.clone(), concat!("/staff/v1/cases/{id}/", $path), rule, $name, $summary, $handler)
                .takes::<wire::$body>()
                .gives::<wire::ActResult>(200)
                .fails(refused)
        };
    }
    vec![
        act!("reply", "replyToCase", "Writes to the citizen; held for 10 s", reply, ReplyRequest),
        act!("note", "noteCase", "A note among staff", note, NoteRequest),
        act!("assign", "assignCase", "Gives a case to somebody, or to nobody", assign, AssignRequest),
        act!(
            "state",
            "moveCase",
            "Moves a case to another state; everybody who joined is told",
            set_state,
            StateRequest
        ),
        act!("labels", "labelCase", "Puts labels on and takes labels off", labels, LabelsRequest),
        act!("priority", "prioritiseCase", "Sets how soon a case wants a person", priority, PriorityRequest),
        act!("snooze", "snoozeCase", "Lets a case sleep, or wakes it", snooze, SnoozeRequest),
        act!(
            "category",
            "categoriseCase",
            "Puts a case into another category and its office",
            category,
            CategoryRequest
        ),
        act!("office", "handOverCase", "Hands a case to another office, with a note", office, OfficeRequest),
        act!(
            "confidentiality",
            "closeText",
            "Closes or opens a case's text",
            confidentiality,
            ConfidentialityRequest
        ),
        act!(
            "merge",
            "mergeCase",
            "Closes a case as a duplicate of another, or takes that back",
            merge,
            MergeRequest
        ),
    ]
}

/// A write on a case, as its guard let it through.
pub(super) struct Doing<'a> {
    pub(super) state: &'a Arc<StaffState>,
    pub(super) caller: &'a Caller,
    pub(super) once: Attempt,
    /// What it is called in the audit trail.
    pub(super) name: &'static str,
    /// Codes that belong to it there.
    pub(super) detail: serde_json::Value,
}

/// A case that the caller may work on.
pub(super) async fn workable(state: &StaffState, caller: &Caller, id: Uuid) -> Result<FullCase, Problem> {
    let case = cases::find(state, caller, id).await?;
    caller.must(Allowed::WorkCases, &case.municipality)?;
    Ok(case)
}

impl Doing<'_> {
    /// An act of the caller on a case as it was seen.
    pub(super) fn acting(&self, case: &FullCase, version: i64, act: Act) -> Acting {
        Acting {
            case_id: case.id,
            version,
            staff_id: self.caller.staff.id,
            act,
            update_due: None,
            news: Vec::new(),
            at: self.state.clock.now(),
        }
    }

    /// Does it; `shape` makes the answer of what it led to.
    pub(super) async fn run(
        self,
        case_id: Uuid,
        place: String,
        names: Names,
        work: Work,
        shape: impl Fn(&Worked, cabildo_staff_api::case::CaseRow) -> Answer + Clone + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let store = &self.state.service.store;
        let now = self.state.clock.now();
        let shown = move |it: &Worked| shape(it, cases::row(&it.case, place.clone(), &names, now));
        let answering = shown.clone();
        let entry = audit(self.state, self.caller, self.name, "case", &case_id.to_string(), self.detail);
        let write = store.staff_write(Some(self.once), entry, move |it: &Worked| answering(it));
        match store.work_on_case(work, write).await {
            Ok(worked) => {
                self.state.service.wake_senders();
                Ok(json_response(shown(&worked)))
            }
            Err(store::Error::Conflict) => {
                let there = store.find_listed(case_id).await?.ok_or(Code::NotFound)?;
                let row = cases::rows(self.state, std::slice::from_ref(&there)).await?;
                Err(row.first().map_or_else(|| Code::VersionConflict.into(), Problem::conflict))
            }
            Err(problem) => Err(refused(problem)),
        }
    }
}

/// What the rules of cases refuse, with their code.
pub(super) fn refused(problem: store::Error) -> Problem {
    match problem {
        store::Error::Refused(code) => Problem::new(Code::StateConflict, code),
        other => other.into(),
    }
}

/// The names that the answer to an act may show.
pub(super) async fn names(state: &StaffState, ids: impl IntoIterator<Item = Uuid>) -> Result<Names, Problem> {
    Ok(state.service.store.staff_names(ids).await?)
}

/// The answer to an act.
fn result(
    entry: Option<Uuid>,
    send: Option<wire::HeldSend>,
) -> impl Fn(&Worked, cabildo_staff_api::case::CaseRow) -> Answer + Clone {
    move |worked: &Worked, case| {
        let send = send.clone().map(|it| wire::HeldSend { recipients: worked.told, ..it });
        answer(200, &wire::ActResult { case, entry, send })
    }
}

/// By when the next news is owed after there was some now.
fn next_update(state: &StaffState, case: &FullCase) -> Option<UnixMillis> {
    let desk = state.service.desk.load();
    let category = desk.category(&case.municipality, &case.category)?;
    let now = state.clock.now();
    let calendar = desk.calendar(&case.municipality, &case.office, &zone(state, &case.municipality), now);
    Some(desk.clocks(&case.municipality, category).next_update(&calendar, now))
}

fn read_state(text: &str) -> Result<CaseState, Problem> {
    text.parse().map_err(|_| Problem::invalid("state", "there is no such state"))
}

async fn reply(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::ReplyRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    if !cases::may_read(&caller, &case) {
        return Err(Code::NotAllowed.into());
    }
    let told = state.service.store.list_told(id).await?;
    let to = told.first().ok_or_else(|| Problem::new(Code::StateConflict, "nobody_to_tell"))?;
    let locale = new.language.clone().or_else(|| to.locale.clone());
    let words = filled(&state, &case, locale.as_deref(), &new.text)?;
    // The number of a confidential case tells nothing to who finds the phone.
    let folio = (!case.confidentiality.sealed()).then_some(case.folio);
    let rendered = with_setting(&state, to.channel, locale.as_deref(), |setting| {
        render::staff_text(&words, folio, setting)
    });
    let rendered = rendered.ok_or_else(|| Problem::invalid("text", "it takes more than three segments"))?;
    let now = state.clock.now();
    let message_id = state.service.ids.id(now);
    let outbound = outbound(&state, to, rendered);
    let next = new.state.as_deref().map(read_state).transpose()?;
    let detail = json!({ "message": message_id.to_string(), "state": next.map(CaseState::code) });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_replied", detail };
    let mut messages = vec![outbound.clone()];
    let act = Act::Reply { message_id, text: words, outbound: Box::new(outbound), wait: new.wait };
    let update_due = next_update(&state, &case);
    let mut acts = vec![Acting { update_due, ..doing.acting(&case, new.version, act) }];
    if let Some(next) = next.filter(|it| *it != case.state) {
        let with = Closing::default();
        let news = news(&state, &case, next, &with, Some(to.contact_id)).await?;
        messages.extend(news.iter().cloned());
        let act = Act::SetState { to: next, with: Box::new(with) };
        acts.push(Acting { news, ..doing.acting(&case, new.version.saturating_add(1), act) });
    }
    let send = send(&state, &caller, &case, Some(message_id), messages);
    let shape = result(Some(message_id), send.as_deref().map(held));
    let place = place_name(&state, &case.municipality);
    let names = names(&state, case.assignee_id).await?;
    doing.run(id, place, names, Work { acts, send, ..Work::default() }, shape).await
}

/// Does one act without messages.
async fn plain(
    doing: Doing<'_>,
    case: &FullCase,
    version: i64,
    act: Act,
    entry: Option<Uuid>,
    also: Option<Uuid>,
) -> Result<Response, Problem> {
    let place = place_name(doing.state, &case.municipality);
    let names = names(doing.state, case.assignee_id.into_iter().chain(also)).await?;
    let acts = vec![doing.acting(case, version, act)];
    doing.run(case.id, place, names, Work { acts, ..Work::default() }, result(entry, None)).await
}

async fn note(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::NoteRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    text("text", &new.text, 4 * LONGEST)?;
    let message_id = state.service.ids.id(state.clock.now());
    let detail = json!({ "message": message_id.to_string() });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_noted", detail };
    let named = notices::mentioned(&state, &caller, &case, &new.text).await?;
    let acts = vec![doing.acting(&case, new.version, Act::Note { message_id, text: new.text })];
    let place = place_name(&state, &case.municipality);
    let names = names(&state, case.assignee_id).await?;
    let work = Work { acts, named, ..Work::default() };
    doing.run(id, place, names, work, result(Some(message_id), None)).await
}

async fn assign(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::AssignRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    if let Some(to) = new.assignee.filter(|it| *it != caller.staff.id) {
        let account = state.service.store.find_account(to).await?;
        let officer = account
            .map(|it| it.staff())
            .ok_or_else(|| Problem::invalid("assignee", "there is no such account"))?;
        let sees = officer.may_in(Allowed::WorkCases, &case.municipality)
            && (case.confidentiality != Confidentiality::Restricted || officer.has(Grant::Restricted));
        if !sees {
            return Err(Problem::invalid("assignee", "this account may not work on the case"));
        }
    }
    let detail = json!({ "assignee": new.assignee.map(|it| it.to_string()) });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_assigned", detail };
    let mut acts = Vec::new();
    let mut version = new.version;
    let mut entry = None;
    if let Some(note) = new.note.filter(|it| !it.trim().is_empty()) {
        text("note", &note, 4 * LONGEST)?;
        let message_id = state.service.ids.id(state.clock.now());
        acts.push(doing.acting(&case, version, Act::Note { message_id, text: note }));
        entry = Some(message_id);
        version = version.saturating_add(1);
    }
    let mut acting = doing.acting(&case, version, Act::Assign { to: new.assignee });
    // An assignment moves a new case, and that is news.
    if new.assignee.is_some() && matches!(case.state, CaseState::Received | CaseState::InReview) {
        acting.news = news(&state, &case, CaseState::Assigned, &Closing::default(), None).await?;
    }
    let send = send(&state, &caller, &case, None, acting.news.clone());
    acts.push(acting);
    let place = place_name(&state, &case.municipality);
    let names = names(&state, new.assignee.into_iter().chain(case.assignee_id)).await?;
    let shape = result(entry, send.as_deref().map(held));
    doing.run(id, place, names, Work { acts, send, ..Work::default() }, shape).await
}

async fn set_state(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::StateRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    let to = read_state(&new.state)?;
    if let Some(reason) = &new.reason {
        text("reason", reason, LONGEST)?;
    }
    if let Some(referral) = &new.referral {
        text("referral", &referral.name, 80)?;
        text("referral", &referral.phone, 24)?;
    }
    if let Some(original) = new.original {
        // Its people and its count change, too.
        workable(&state, &caller, original).await?;
    }
    let referral = new.referral.map(|it| Referral { office: it.office, name: it.name, phone: it.phone });
    let with =
        Closing { reason: new.reason, referral, original: new.original, date: new.date, cost: new.cost };
    let detail = json!({ "from": case.state.code(), "to": to.code() });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_moved", detail };
    // Who goes back to what her people know tells them nothing. Nothing goes back to `received`, and what was closed
    // is looked at again.
    let undone = unheard(&state, &case).await?.filter(|it| {
        to == it.known || to == CaseState::InReview && (it.known == CaseState::Received || !case.state.open())
    });
    let news = match undone {
        Some(_) => Vec::new(),
        None => news(&state, &case, to, &with, None).await?,
    };
    let take_back = undone.and_then(|it| it.held);
    let send = send(&state, &caller, &case, None, news.clone());
    let act = Act::SetState { to, with: Box::new(with) };
    let update_due = next_update(&state, &case);
    let acts = vec![Acting { update_due, news, ..doing.acting(&case, new.version, act) }];
    let place = place_name(&state, &case.municipality);
    let names = names(&state, case.assignee_id).await?;
    let shape = result(None, send.as_deref().map(held));
    doing.run(id, place, names, Work { acts, send, take_back, ..Work::default() }, shape).await
}

async fn labels(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::LabelsRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    if new.add.len() + new.remove.len() > 20 {
        return Err(Problem::invalid("add", "at most 20 at once"));
    }
    for label in new.add.iter().chain(&new.remove) {
        text("add", label, 40)?;
        if label.contains([',', '\n']) || label.trim() != label {
            return Err(Problem::invalid("add", "no commas, and no blanks around it"));
        }
    }
    let detail = json!({ "added": new.add.len(), "removed": new.remove.len() });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_labelled", detail };
    plain(doing, &case, new.version, Act::Label { add: new.add, remove: new.remove }, None, None).await
}

async fn priority(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::PriorityRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    let to = new.priority.parse().map_err(|_| Problem::invalid("priority", "low, normal, high or urgent"))?;
    let detail = json!({ "to": new.priority });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_prioritised", detail };
    plain(doing, &case, new.version, Act::Prioritise(to), None, None).await
}

async fn snooze(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::SnoozeRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    let to = match (new.until, new.reply) {
        (Some(_), true) => return Err(Problem::invalid("reply", "until an instant or until a reply")),
        (Some(at), false) if at > state.clock.now().0.saturating_add(366 * crate::domain::time::DAY) => {
            return Err(Problem::invalid("until", "at most a year"));
        }
        (Some(at), false) => Snooze::Until(UnixMillis(at)),
        (None, true) => Snooze::UntilReply,
        (None, false) => Snooze::Not,
    };
    let detail = json!({ "until": new.until, "reply": new.reply });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_snoozed", detail };
    plain(doing, &case, new.version, Act::Snooze(to), None, None).await
}

async fn category(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::CategoryRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    code("category", &new.category)?;
    let desk = state.service.desk.load_full();
    let category = desk.category(&case.municipality, &new.category);
    let category = category.ok_or_else(|| Problem::invalid("category", "there is no such category here"))?;
    let detail = json!({ "from": case.category, "to": category.code });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_categorised", detail };
    let act = Act::Route { category: category.code.clone(), office: category.office.clone() };
    plain(doing, &case, new.version, act, None, None).await
}

async fn office(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::OfficeRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    code("office", &new.office)?;
    text("note", &new.note, 4 * LONGEST)?;
    if state.service.desk.load().office(&case.municipality, &new.office).is_none() {
        return Err(Problem::invalid("office", "there is no such office here"));
    }
    let detail = json!({ "from": case.office, "to": new.office });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_handed_over", detail };
    let message_id = state.service.ids.id(state.clock.now());
    let act = Act::Route { category: case.category.clone(), office: new.office };
    let acts = vec![
        doing.acting(&case, new.version, Act::Note { message_id, text: new.note }),
        doing.acting(&case, new.version.saturating_add(1), act),
    ];
    let place = place_name(&state, &case.municipality);
    let names = names(&state, case.assignee_id).await?;
    doing.run(id, place, names, Work { acts, ..Work::default() }, result(Some(message_id), None)).await
}

async fn confidentiality(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::ConfidentialityRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    text("reason", &new.reason, LONGEST)?;
    let to: Confidentiality = new
        .confidentiality
        .parse()
        .map_err(|_| Problem::invalid("confidentiality", "open, confidential or restricted"))?;
    // To close is for who works on it; to open again, and what is restricted, is for who has the grant.
    let opens = to < case.confidentiality;
    if (opens || to == Confidentiality::Restricted) && !caller.staff.has(Grant::Restricted) {
        return Err(Code::NotAllowed.into());
    }
    let detail = json!({ "from": case.confidentiality.code(), "to": to.code() });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_confidentiality", detail };
    let message_id = state.service.ids.id(state.clock.now());
    // The reason is a note of the case, sealed as its other texts.
    let acts = vec![
        doing.acting(&case, new.version, Act::Close(to)),
        doing.acting(&case, new.version.saturating_add(1), Act::Note { message_id, text: new.reason }),
    ];
    let place = place_name(&state, &case.municipality);
    let names = names(&state, case.assignee_id).await?;
    doing.run(id, place, names, Work { acts, ..Work::default() }, result(Some(message_id), None)).await
}

async fn merge(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::MergeRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    if let Some(into) = new.into {
        workable(&state, &caller, into).await?;
    }
    let detail = json!({ "into": new.into.map(|it| it.to_string()) });
    let doing = Doing { state: &state, caller: &caller, once, name: "case_merged", detail };
    // Its people are told either way: that it goes with another one, or that it is looked at by itself. Where they
    // did not hear yet that it went with another one, they hear of neither.
    let (act, to, undone) = match new.into {
        Some(into) => (Act::Merge { into }, CaseState::Duplicate, None),
        None => (Act::Part, CaseState::InReview, unheard(&state, &case).await?),
    };
    let with = Closing { original: new.into, ..Closing::default() };
    let news = match undone {
        Some(_) => Vec::new(),
        None => news(&state, &case, to, &with, None).await?,
    };
    let take_back = undone.and_then(|it| it.held);
    let send = send(&state, &caller, &case, None, news.clone());
    let acts = vec![Acting { news, ..doing.acting(&case, new.version, act) }];
    let place = place_name(&state, &case.municipality);
    let names = names(&state, case.assignee_id).await?;
    let shape = result(None, send.as_deref().map(held));
    doing.run(id, place, names, Work { acts, send, take_back, ..Work::default() }, shape).await
}
