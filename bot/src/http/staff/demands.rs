//! Demands as staff read them: lists, counts, one whole. Who supports a demand is told to nobody.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use cabildo_staff_api::demand as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::case::masked;
use super::cases::{self, Names, may_see, person, place_name};
use super::commitments;
use super::desk_act::{audit, within};
use super::extract::{Id, Params, page_size};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::domain::case::Confidentiality;
use crate::domain::demand::rules::missing;
use crate::domain::demand::{Demand, DemandState, Support};
use crate::domain::small_numbers;
use crate::domain::staff::Act;
use crate::domain::time::DAY;
use crate::store;
use crate::store::cases::Scope;
use crate::store::demands::{AuthorMessage, Changed, FullDemand, Merge, Order, Queue};
use crate::store::desk::Page;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::ReadDemands);
    let get = Method::GET;
    vec![
        Route::new(get.clone(), "/staff/v1/demands", rule, "listDemands", "Demands of a queue", list)
            .asks(
                "queue",
                Kind::Word(QUEUES),
                "A state, `silent` or `flagged`; `moderation` unless it is said.",
            )
            .asks("municipality", Kind::Text(400), "Official keys, with commas.")
            .asks("sort", Kind::Word(&["newest", "oldest"]), "`newest` unless it is said.")
            .asks("after", Kind::Id, "The `next` of the page before.")
            .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
            .gives::<wire::DemandList>(200),
        Route::new(
            get.clone(),
            "/staff/v1/demand-counts",
            rule,
            "countDemands",
            "How many demands stand in each queue",
            counts,
        )
        .asks("municipality", Kind::Text(400), "Official keys, with commas.")
        .gives::<wire::DemandCounts>(200),
        Route::new(get.clone(), "/staff/v1/demands/{id}", rule, "getDemand", "One demand, whole", one)
            .gives::<wire::Demand>(200),
        Route::new(
            get.clone(),
            "/staff/v1/demands/{id}/actas/{acta}/picture",
            Rule::May(Act::WorkDemands),
            "getActaPicture",
            "The picture of a list of an assembly; each look is kept in the audit trail",
            picture,
        )
        .gives_bytes("image/jpeg")
        .gives_bytes("application/octet-stream"),
        Route::new(
            get.clone(),
            "/staff/v1/demands/{id}/pictures/{picture}",
            Rule::May(Act::WorkDemands),
            "getSentPicture",
            "A photo of a list that nobody entered yet; each look is kept in the audit trail",
            sent_picture,
        )
        .gives_bytes("image/jpeg")
        .gives_bytes("application/octet-stream"),
        Route::new(
            get.clone(),
            "/staff/v1/cases/{id}/demands",
            rule,
            "listCaseDemands",
            "Demands that a case is linked to",
            of_case,
        )
        .gives::<wire::CaseDemands>(200),
        Route::new(
            get.clone(),
            "/staff/v1/author-messages",
            Rule::May(Act::ModerateDemands),
            "listAuthorMessages",
            "Messages of authors that wait for a moderator, the oldest first",
            messages,
        )
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::AuthorMessageList>(200),
        Route::new(
            get,
            "/staff/v1/demand-offices",
            Rule::May(Act::ReadReports),
            "listOfficeRecords",
            "How the offices of a municipality answer demands",
            offices,
        )
        .asks("municipality", Kind::Text(16), "Official key.")
        .gives::<wire::OfficeRecords>(200),
    ]
}

/// Codes of all queues.
const QUEUES: &[&str] = &[
    "confirming",
    "moderation",
    "collecting",
    "reached",
    "with_authority",
    "answered",
    "followed",
    "archived",
    "rejected",
    "withdrawn",
    "expired",
    "merged",
    "silent",
    "flagged",
];

/// A demand that the caller may read; one that it may not is as one that is not there.
pub(super) async fn find(state: &StaffState, caller: &Caller, id: Uuid) -> Result<Demand, Problem> {
    let found = state.service.store.get_demand(id).await?;
    if caller.staff.may_in(Act::ReadDemands, &found.municipality) {
        Ok(found)
    } else {
        Err(Code::NotFound.into())
    }
}

fn support(it: &Support) -> wire::DemandSupport {
    wire::DemandSupport {
        total: it.total(),
        phone: it.phone,
        verified: it.verified,
        paper: it.paper,
        flagged: it.flagged,
        new_senders: it.new_senders,
    }
}

/// A demand as a list shows it.
pub(super) fn row(state: &StaffState, it: &Demand) -> wire::DemandRow {
    wire::DemandRow {
        id: it.id,
        code: it.code.to_string(),
        state: it.state.code().to_owned(),
        mark: it.state.mark().to_string(),
        version: it.version,
        municipality: it.municipality.clone(),
        municipality_name: place_name(state, &it.municipality),
        topic: it.topic.clone(),
        office: it.office.clone(),
        office_name: it.office_name.clone(),
        text: it.text.clone(),
        by_leader: it.by_leader,
        support: support(&it.told),
        threshold: it.threshold,
        missing: missing(it.threshold, &it.told),
        merged_into: it.merged_into,
        created_at: it.created_at.0,
        updated_at: it.updated_at.0,
        published_at: it.published_at.map(|it| it.0),
        collect_until: it.collect_until.map(|it| it.0),
        reached_at: it.reached_at.map(|it| it.0),
        handed_at: it.handed_at.map(|it| it.0),
        answer_due: it.answer_due.map(|it| it.0),
        silent_at: it.silent_at.map(|it| it.0),
        answered_at: it.answered_at.map(|it| it.0),
        archive_at: it.archive_at.map(|it| it.0),
        reason: it.reason.clone(),
    }
}

/// What the caller may see of the demands, of the municipalities that are asked for.
fn scope(caller: &Caller, wanted: Option<&str>) -> Scope {
    let reach = caller.staff.reach(Act::ReadDemands);
    let places = reach.states.into_iter().chain(reach.municipalities).collect();
    let mut scope = Scope { places: (!reach.country).then_some(places), restricted: false };
    let wanted: Vec<String> = cases::keys(wanted);
    if !wanted.is_empty() {
        let seen = wanted.into_iter().filter(|it| scope.holds(it, Confidentiality::Open));
        scope.places = Some(seen.collect());
    }
    scope
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::DemandQuery>,
) -> Result<Json<wire::DemandList>, Problem> {
    let limit = page_size(asked.limit)?;
    let wanted = asked.queue.as_deref().unwrap_or(DemandState::Moderation.code());
    let queue = Queue::all()
        .find(|it| it.code() == wanted)
        .ok_or_else(|| Problem::parameter("queue", "there is no such queue"))?;
    let order = match asked.sort.as_deref() {
        None | Some("newest") => Order::Newest(asked.after),
        Some("oldest") => Order::Oldest(asked.after),
        Some(_) => return Err(Problem::parameter("sort", "`newest` or `oldest`")),
    };
    let scope = scope(&caller, asked.municipality.as_deref());
    let store = &state.service.store;
    let mut found = store.list_demands(queue, &scope, order, limit + 1).await?;
    let counts = store.count_demands(&scope).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    Ok(Json(wire::DemandList {
        next: found.last().filter(|_| more).map(|it| it.id),
        items: found.iter().map(|it| row(&state, it)).collect(),
        total: counts.into_iter().find(|it| it.0 == queue).map_or(0, |it| it.1),
    }))
}

/// The municipalities whose demands are counted.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Places {
    municipality: Option<String>,
}

async fn counts(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<Places>,
) -> Result<Json<wire::DemandCounts>, Problem> {
    let scope = scope(&caller, asked.municipality.as_deref());
    let found: HashMap<Queue, u64> = state.service.store.count_demands(&scope).await?.into_iter().collect();
    let queues = Queue::all().map(|it| wire::DemandCount {
        queue: it.code().to_owned(),
        count: found.get(&it).copied().unwrap_or(0),
    });
    Ok(Json(wire::DemandCounts { queues: queues.collect() }))
}

/// A message of an author.
fn message(it: AuthorMessage) -> wire::AuthorMessage {
    wire::AuthorMessage {
        id: it.id,
        demand: it.demand_id,
        municipality: it.municipality,
        text: it.text,
        state: it.state,
        reason: it.reason,
        version: it.version,
        written_at: it.written_at.0,
        decided_at: it.decided_at.map(|it| it.0),
    }
}

fn change(it: Changed, names: &Names) -> wire::DemandChange {
    wire::DemandChange {
        version: it.version,
        kind: it.kind,
        at: it.at.0,
        by: it.actor,
        author: person(names, it.staff_id),
        was: it.was,
        became: it.became,
        detail: it.detail,
    }
}

fn merge(it: Merge) -> wire::DemandMerge {
    wire::DemandMerge {
        id: it.id,
        child: it.child_id,
        parent: it.parent_id,
        state: it.state,
        reason: it.reason,
        asked_at: it.asked_at.0,
        until_at: it.until.0,
        ended_at: it.ended_at.map(|it| it.0),
    }
}

/// A day since 1970 as an ISO date.
fn date(day: i64) -> String {
    let at = jiff::Timestamp::from_second(day.saturating_mul(86_400)).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

fn regions(state: &StaffState, it: &FullDemand) -> wire::DemandRegions {
    let shown = small_numbers::shown(it.demand.support.total(), &it.regions);
    let region = |(key, at_least): (String, u64)| wire::DemandRegion {
        municipality_name: place_name(state, &key),
        municipality: key,
        at_least,
    };
    wire::DemandRegions { items: shown.groups.into_iter().map(region).collect(), others: shown.others }
}

async fn author(state: &StaffState, it: &FullDemand) -> Result<Option<wire::DemandAuthor>, Problem> {
    let store = &state.service.store;
    let Some(id) = it.author else { return Ok(None) };
    let contact = match store.get_contact(id).await {
        Ok(contact) => contact,
        // She is erased in this very moment.
        Err(store::Error::NotFound) => return Ok(None),
        Err(problem) => return Err(problem.into()),
    };
    Ok(Some(wire::DemandAuthor {
        contact: id,
        shown: masked(&contact.address),
        channel: contact.channel_id,
        reachable: contact.gone_at.is_none(),
        verified: store.is_verified_contact(id).await?,
        leadership: it.leadership.map(|it| it.code().to_owned()),
    }))
}

async fn one(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<wire::Demand>, Problem> {
    find(&state, &caller, id).await?;
    let store = &state.service.store;
    let it = store.get_full_demand(id).await?;
    let officers = it.changes.iter().filter_map(|it| it.staff_id);
    let officers = officers.chain(it.actas.iter().map(|it| it.staff_id));
    let names = store.staff_names(officers.chain(it.answer.as_ref().map(|it| it.staff_id))).await?;
    let mut linked = store.listed_cases(it.cases.clone()).await?;
    linked.retain(|it| may_see(&caller, &it.municipality, it.confidentiality, &it.office));
    linked.sort_by_key(|it| std::cmp::Reverse(it.id));
    let notices = store.list_demand_notices(id).await?;
    // Of a day that goes on each look would count who signed since the last one.
    let today = state.clock.now().0.div_euclid(DAY);
    let step = |count: u64| count / small_numbers::STEP * small_numbers::STEP;
    Ok(Json(wire::Demand {
        row: row(&state, &it.demand),
        author: author(&state, &it).await?,
        flags: wire::DemandFlags {
            velocity: step(it.flagged[0]),
            range: step(it.flagged[1]),
            new_senders: step(it.flagged[2]),
        },
        days: it
            .days
            .iter()
            .filter(|it| it.0 < today)
            .map(|(day, signed, taken_back)| wire::DemandDay {
                date: date(*day),
                signed: *signed,
                taken_back: *taken_back,
            })
            .collect(),
        regions: regions(&state, &it),
        cases: cases::rows(&state, &linked).await?,
        linked: it.cases.len() as u64,
        answer: it.answer.map(|it| wire::DemandAnswer {
            verdict: it.verdict.code().to_owned(),
            reason: it.reason,
            cost: it.cost,
            due_on: it.due_on,
            by: person(&names, Some(it.staff_id)),
            at: it.answered_at.0,
        }),
        commitment: it.commitment.map(|it| commitments::write(&state, it)),
        changes: it.changes.into_iter().map(|it| change(it, &names)).collect(),
        actas: it
            .actas
            .into_iter()
            .map(|it| wire::DemandActa {
                id: it.acta.id,
                folio: it.acta.folio,
                heads: it.acta.heads,
                held_on: it.acta.held_on,
                place: it.acta.place,
                picture: it.acta.media_id.is_some(),
                called: it.called,
                confirmed: it.confirmed,
                by: person(&names, Some(it.staff_id)),
                entered_at: it.entered_at.0,
                voided_at: it.voided_at.map(|it| it.0),
            })
            .collect(),
        pictures: it.pictures.into_iter().map(|(id, at)| wire::ActaPicture { id, at: at.0 }).collect(),
        messages: it.messages.into_iter().map(message).collect(),
        merges: it.merges.into_iter().map(merge).collect(),
        endorsements: it.endorsements,
        notices: notices
            .into_iter()
            .map(|(_, kind, sent)| wire::DemandNotice {
                kind: kind.code().to_owned(),
                sent: sent.max(0) as u64,
            })
            .collect(),
    }))
}

async fn picture(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path((id, acta)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (id, acta) = (read(&id)?, read(&acta)?);
    let demand = find(&state, &caller, id).await?;
    caller.must(Act::WorkDemands, &demand.municipality)?;
    let full = state.service.store.get_full_demand(id).await?;
    let found = full.actas.into_iter().find(|it| it.acta.id == acta);
    let media = found.and_then(|it| it.acta.media_id).ok_or(Code::NotFound)?;
    shown(&state, &caller, id, media).await
}

async fn sent_picture(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path((id, picture)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (id, picture) = (read(&id)?, read(&picture)?);
    let demand = find(&state, &caller, id).await?;
    caller.must(Act::WorkDemands, &demand.municipality)?;
    let full = state.service.store.get_full_demand(id).await?;
    if full.pictures.iter().all(|it| it.0 != picture) {
        return Err(Code::NotFound.into());
    }
    shown(&state, &caller, id, picture).await
}

fn read(text: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(text).map_err(|_| Problem::parameter("id", "it is no UUID"))
}

/// The bytes of a photo of a list, after the look at it is noted.
async fn shown(state: &StaffState, caller: &Caller, id: Uuid, media: Uuid) -> Result<Response, Problem> {
    let store = &state.service.store;
    let (inbox_id, _) = store.find_file(media).await?.ok_or(Code::NotFound)?;
    let detail = json!({ "demand": id.to_string() });
    // Before the picture is given out.
    store.add_audit(audit(state, caller, "media_read", "media", &media.to_string(), detail)).await?;
    let files = store.list_media(inbox_id).await?;
    let file = files.into_iter().find(|it| it.id == media).ok_or(Code::NotFound)?;
    let content = file.content.ok_or(Code::NotFound)?;
    // The type was told from its bytes; a browser must not make another of it.
    let mime = file.mime.as_deref().unwrap_or("application/octet-stream");
    let mime = HeaderValue::from_str(mime).map_err(|_| Code::Internal)?;
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
    ];
    Ok((headers, content).into_response())
}

async fn of_case(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<wire::CaseDemands>, Problem> {
    cases::find(&state, &caller, id).await?;
    let mut found = state.service.store.list_demands_of_case(id).await?;
    found.retain(|it| caller.staff.may_in(Act::ReadDemands, &it.municipality));
    Ok(Json(wire::CaseDemands { items: found.iter().map(|it| row(&state, it)).collect() }))
}

async fn messages(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::AuthorMessageQuery>,
) -> Result<Json<wire::AuthorMessageList>, Problem> {
    let limit = page_size(asked.limit)?;
    let page = Page { after: asked.after, limit: limit + 1 };
    let within = within(&caller, Act::ModerateDemands);
    let mut found = state.service.store.list_waiting_messages(&within, page).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|it| it.id);
    Ok(Json(wire::AuthorMessageList { items: found.into_iter().map(message).collect(), next }))
}

async fn offices(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<Places>,
) -> Result<Json<wire::OfficeRecords>, Problem> {
    let place = asked.municipality.ok_or_else(|| Problem::parameter("municipality", "name one"))?;
    caller.must(Act::ReadReports, &place)?;
    let found = state.service.store.list_demand_offices(&place).await?;
    let count = |it: i64| it.max(0) as u64;
    let items = found.into_iter().map(|it| wire::OfficeRecord {
        office: it.office,
        office_name: it.office_name,
        answered: count(it.answered),
        in_time: count(it.in_time),
        silent: count(it.silent),
    });
    Ok(Json(wire::OfficeRecords { items: items.collect() }))
}

#[cfg(test)]
mod tests {
    use super::{QUEUES, Queue, date};

    #[test]
    fn every_queue_can_be_asked_for() {
        assert_eq!(QUEUES, Queue::all().map(Queue::code).collect::<Vec<_>>());
    }

    #[test]
    fn a_day_is_a_date() {
        assert_eq!((date(0), date(20_718)), ("1970-01-01".to_owned(), "2026-09-22".to_owned()));
    }
}
