//! People behind numbers: a case for somebody who came or called, the cases of a number, a whole number,
//! and taking back what was sent. What shows somebody is kept in the audit trail.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api::act as wire;
use serde_json::json;

use super::StaffState;
use super::acts::{Doing, LONGEST, names, workable};
use super::auth::{Caller, Rule};
use super::cases::{may_see, place_name, row, rows};
use super::desk_act::{answer, audit, code, text};
use super::extract::{Body, Id};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::Route;
use super::told::zone;
use crate::domain::case::{Anonymity, Confidentiality, Folio, Pin};
use crate::domain::phone;
use crate::domain::staff::{Act as Allowed, Grant};
use crate::ids;
use crate::store;
use crate::store::cases::{Act, NewCase, WalkIn};
use crate::store::desk::acts::{Act as DeskAct, Done};
use crate::store::desk::case_work::{Work, Worked};
use crate::store::staff::Answer;

/// How often a folio is drawn again that is taken.
const DRAWS: usize = 8;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let post = Method::POST;
    vec![
        Route::new(
            post.clone(),
            "/staff/v1/cases",
            Rule::May(Allowed::OpenCases),
            "openCase",
            "Opens a case for somebody who came or called",
            walk_in,
        )
        .takes::<wire::WalkInRequest>()
        .gives::<wire::WalkInResult>(201)
        .fails(&[Code::NotFound, Code::StateConflict]),
        Route::new(
            post.clone(),
            "/staff/v1/numbers/find",
            Rule::May(Allowed::FindNumber),
            "findNumber",
            "The cases of a whole number; kept in the audit trail",
            find_number,
        )
        .again()
        .takes::<wire::FindNumberRequest>()
        .gives::<wire::FoundNumber>(200),
        Route::new(
            post.clone(),
            "/staff/v1/cases/{id}/reveal",
            Rule::May(Allowed::RevealNumber),
            "revealNumber",
            "A whole number, with a reason; kept in the audit trail",
            reveal,
        )
        .takes::<wire::RevealRequest>()
        .gives::<wire::Revealed>(200)
        .fails(&[Code::StateConflict]),
        Route::new(
            post,
            "/staff/v1/sends/{id}/take-back",
            Rule::MayAny(&[Allowed::WorkCases, Allowed::Moderate, Allowed::ReadUnknown]),
            "takeBack",
            "Takes a message back while it is held",
            take_back,
        )
        .takes::<wire::TakeBackRequest>()
        .gives::<wire::TakeBackResult>(200)
        .fails(&[Code::StateConflict]),
    ]
}

/// The channel that reaches a number: the one that is named, else the first that sends SMS.
fn sms_channel(state: &StaffState, named: Option<&str>) -> Result<String, Problem> {
    let sms = |id: &str| {
        state.service.gateways.get(id).is_some_and(|it| it.kind() == crate::domain::channel::ChannelKind::Sms)
    };
    let found = match named {
        Some(id) => Some(id.to_owned()).filter(|it| sms(it)),
        None => {
            let mut ids: Vec<&String> = state.service.gateways.keys().filter(|it| sms(it)).collect();
            ids.sort_unstable();
            ids.first().map(|it| (*it).clone())
        }
    };
    found.ok_or_else(|| Problem::invalid("channel", "there is no such channel that sends SMS"))
}

/// A number in its one form.
fn read_phone(state: &StaffState, given: &str) -> Result<String, Problem> {
    let country = state.service.facts.load().manifest.pack.country.clone();
    phone::normalise(given, &country)
        .filter(|it| it.starts_with('+'))
        .ok_or_else(|| Problem::invalid("phone", "it is no whole number"))
}

async fn walk_in(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Once(once): Once,
    Body(new): Body<wire::WalkInRequest>,
) -> Result<Response, Problem> {
    state.service.facts.load().by_key(&new.municipality).ok_or(Code::NotFound)?;
    caller.must(Allowed::OpenCases, &new.municipality)?;
    code("category", &new.category)?;
    text("text", &new.text, 4 * LONGEST)?;
    if let Some(place) = &new.place {
        text("place", place, 200)?;
    }
    let kind = new.kind.parse().map_err(|_| Problem::invalid("kind", "complaint, question or suggestion"))?;
    let anonymity: Anonymity = new
        .anonymity
        .parse()
        .map_err(|_| Problem::invalid("anonymity", "hidden_from_public, hidden_from_all or named"))?;
    let desk = state.service.desk.load_full();
    let category = desk.category(&new.municipality, &new.category);
    let category = category.ok_or_else(|| Problem::invalid("category", "there is no such category here"))?;
    let hidden = if anonymity == Anonymity::HiddenFromAll {
        Confidentiality::Confidential
    } else {
        Confidentiality::Open
    };
    let confidentiality = category.confidentiality.max(hidden);
    if confidentiality == Confidentiality::Restricted && !caller.staff.has(Grant::Restricted) {
        return Err(Code::NotAllowed.into());
    }
    let now = state.clock.now();
    let store = &state.service.store;
    let contact_id = match &new.phone {
        None => None,
        Some(given) => {
            if !new.consent {
                return Err(Problem::invalid("consent", "a number is kept only with her consent"));
            }
            let channel = sms_channel(&state, new.channel.as_deref())?;
            let address = read_phone(&state, given)?;
            Some(store.settle_walk_in(&channel, &address, ids::new_id(now), now).await?)
        }
    };
    let dues = desk.dues(&new.municipality, category, &zone(&state, &new.municipality), now);
    let place = place_name(&state, &new.municipality);
    let names = names(&state, None).await?;
    for _ in 0..DRAWS {
        let folio = Folio::from_random(ids::random_bytes().map_err(|_| Code::Internal)?);
        let pin = Pin::from_random(ids::random_bytes().map_err(|_| Code::Internal)?);
        let id = state.service.ids.id(now);
        let case = NewCase {
            id,
            folio,
            pin_key: store.pin_key(folio, &pin)?,
            kind,
            municipality: new.municipality.clone(),
            category: category.code.clone(),
            office: category.office.clone(),
            topic: None,
            text: new.text.clone(),
            place: new.place.clone(),
            location: None,
            anonymity,
            confidentiality,
            answers: Vec::new(),
            dues,
            linked_to: None,
            urgent: false,
            began_at: None,
        };
        let walk_in = WalkIn {
            case,
            contact_id,
            inbox_id: None,
            receipt: None,
            reporter: None,
            staff_id: caller.staff.id,
            at: now,
        };
        let detail =
            json!({ "category": category.code, "number": contact_id.is_some(), "consent": new.consent });
        let entry = audit(&state, &caller, "case_opened", "case", &id.to_string(), detail);
        let (place, names, pin) = (place.clone(), names.clone(), pin.as_str().to_owned());
        let shown = move |it: &Worked| {
            let case = row(&it.case, place.clone(), &names, now);
            answer(201, &wire::WalkInResult { case, pin: pin.clone() })
        };
        let answering = shown.clone();
        let write = store.staff_write(Some(once.clone()), entry, move |it: &Worked| answering(it));
        let work = Work { walk_in: Some(Box::new(walk_in)), ..Work::default() };
        match store.work_on_case(work, write).await {
            Ok(worked) => return Ok(json_response(shown(&worked))),
            // The folio is taken, or the same call came twice at once: the answer of the first is there.
            Err(store::Error::Conflict) if store.find_answer(&once).await?.is_some() => {
                return Err(Code::VersionConflict.into());
            }
            Err(store::Error::Conflict) => {}
            Err(problem) => return Err(super::acts::refused(problem)),
        }
    }
    Err(Problem::wait(Code::Unavailable, 2))
}

async fn find_number(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Body(new): Body<wire::FindNumberRequest>,
) -> Result<Json<wire::FoundNumber>, Problem> {
    text("reason", &new.reason, 200)?;
    let address = read_phone(&state, &new.phone)?;
    let store = &state.service.store;
    let mut found = Vec::new();
    for channel in state.service.gateways.keys() {
        if let Some(contact) = store.find_contact(channel, &address).await? {
            found.extend(store.list_cases_of(contact, 100).await?);
        }
    }
    // Who is hidden from everybody is found by nobody's number.
    found.retain(|it| {
        caller.staff.may_in(Allowed::FindNumber, &it.municipality)
            && may_see(&caller, &it.municipality, it.confidentiality, &it.office)
            && it.anonymity != Anonymity::HiddenFromAll
    });
    found.sort_by_key(|it| std::cmp::Reverse(it.id));
    found.dedup_by_key(|it| it.id);
    // The entry holds no number: its keyed hash would be one for who has the key.
    let detail = json!({ "reason": new.reason, "found": found.len() });
    store.add_audit(audit(&state, &caller, "number_searched", "number", "", detail)).await?;
    Ok(Json(wire::FoundNumber { items: rows(&state, &found).await? }))
}

async fn reveal(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::RevealRequest>,
) -> Result<Response, Problem> {
    let case = workable(&state, &caller, id).await?;
    caller.must(Allowed::RevealNumber, &case.municipality)?;
    text("reason", &new.reason, 200)?;
    let store = &state.service.store;
    let (anonymity, _) = store.find_case_extra(id).await?.ok_or(Code::NotFound)?;
    if anonymity == i64::from(Anonymity::HiddenFromAll.digit()) {
        return Err(Code::NotAllowed.into());
    }
    let told = store.list_told(id).await?;
    if told.iter().all(|it| it.contact_id != new.contact) {
        return Err(Code::NotFound.into());
    }
    let address = store.get_contact(new.contact).await?.address;
    let detail = json!({ "contact": new.contact.to_string(), "reason": new.reason });
    let doing = Doing { state: &state, caller: &caller, once, name: "number_revealed", detail };
    let look = Some((ids::new_id(state.clock.now()), caller.staff.id));
    let acts = vec![doing.acting(&case, new.version, Act::Reveal { reason: new.reason.clone() })];
    let shape = move |worked: &Worked, _| -> Answer {
        answer(200, &wire::Revealed { address: address.clone(), in_hour: worked.looks })
    };
    let place = place_name(&state, &case.municipality);
    doing.run(id, place, super::cases::Names::new(), Work { acts, look, ..Work::default() }, shape).await
}

async fn take_back(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
    Body(new): Body<wire::TakeBackRequest>,
) -> Result<Response, Problem> {
    let store = &state.service.store;
    let held = store.find_held(id).await?.ok_or(Code::NotFound)?;
    // Who sent it, and nobody else.
    if held.staff_id != caller.staff.id {
        return Err(Code::NotFound.into());
    }
    let Some(case_id) = held.case_id else {
        let entry = audit(&state, &caller, "send_taken_back", "send", &id.to_string(), json!({}));
        let done = || answer(200, &wire::TakeBackResult { case: None, text: None });
        let write = store.staff_write(Some(once), entry, move |_: &Done| done());
        return match store.act_on_desk(DeskAct::TakeBack { id }, write).await? {
            Done::NotNow => Err(Problem::new(Code::StateConflict, "send_is_gone")),
            _ => Ok(json_response(done())),
        };
    };
    let case = workable(&state, &caller, case_id).await?;
    let version = new.version.unwrap_or(case.version);
    let doing = Doing {
        state: &state,
        caller: &caller,
        once,
        name: "send_taken_back",
        detail: json!({ "send": id.to_string() }),
    };
    let mut acts = Vec::new();
    let mut words = None;
    if let Some(message_id) = held.message_id {
        acts.push(doing.acting(&case, version, Act::TakeBack { message_id }));
        let readable = super::cases::may_read(&caller, &case);
        // The list begins after an id: the one before it.
        let before = uuid::Uuid::from_u128(message_id.as_u128().saturating_sub(1));
        let found = store.list_case_messages(case_id, Some(before), 1, readable).await?;
        words = found.into_iter().find(|it| it.id == message_id).and_then(|it| it.text);
    }
    let shape =
        move |_: &Worked, case| answer(200, &wire::TakeBackResult { case: Some(case), text: words.clone() });
    let place = place_name(&state, &case.municipality);
    let names = names(&state, case.assignee_id).await?;
    doing.run(case_id, place, names, Work { acts, take_back: Some(id), ..Work::default() }, shape).await
}
