//! Cases as staff read them: queues, lists, one whole, its thread, changes, photos and voices.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use cabildo_staff_api::case as wire;
use cabildo_staff_api::desk::Person;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::desk_act::audit;
use super::extract::{Id, Params, page_size};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use super::views::read_filter;
use crate::domain::case::rules::{HOLD, Queue, may_follow};
use crate::domain::case::{CaseState, Confidentiality};
use crate::domain::staff::{Act, Grant, Staff};
use crate::domain::time::UnixMillis;
use crate::store::cases::{COUNTED, Filter, FullCase, Listed, Message, Page, Scope};
use crate::store::desk::entries::Kind as EntryKind;

/// How long ago somebody's draft still says that she writes now, ms.
const WRITES: i64 = 60_000;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::ReadCases);
    let get = Method::GET;
    vec![
        Route::new(
            get.clone(),
            "/staff/v1/queues",
            rule,
            "listQueues",
            "Counts of queues and saved views",
            queues,
        )
        .gives::<wire::Queues>(200),
        Route::new(
            get.clone(),
            "/staff/v1/cases",
            rule,
            "listCases",
            "Cases of a queue, a view or a filter",
            list,
        )
        .asks("queue", Kind::Word(&["unassigned", "mine", "due", "waiting", "disputed"]), "A fixed queue.")
        .asks("view", Kind::Id, "A saved view of who asks.")
        .asks("state", Kind::Text(200), "Codes of states, with commas; `open` and `closed` are several.")
        .asks("municipality", Kind::Text(400), "Official keys, with commas.")
        .asks("category", Kind::Text(400), "Codes, with commas.")
        .asks("office", Kind::Text(400), "Codes, with commas.")
        .asks("priority", Kind::Text(40), "Codes, with commas.")
        .asks("label", Kind::Text(40), "A label.")
        .asks("assignee", Kind::Text(36), "`me`, or the id of an account.")
        .asks("search", Kind::Text(200), "Words of the text or the place, or a folio.")
        .asks("from", Kind::Number(0, i64::MAX), "Opened from this instant on, Unix ms.")
        .asks("until", Kind::Number(0, i64::MAX), "Opened before this instant, Unix ms.")
        .asks("sort", Kind::Word(&["newest", "due"]), "`due` is for queues: what is owed first.")
        .asks("after", Kind::Text(80), "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::CaseList>(200),
        Route::new(get.clone(), "/staff/v1/cases/{id}", rule, "getCase", "One case", one)
            .gives::<wire::Case>(200),
        Route::new(
            get.clone(),
            "/staff/v1/cases/{id}/thread",
            rule,
            "getThread",
            "Its thread, the oldest first",
            thread,
        )
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::Thread>(200),
        Route::new(
            get.clone(),
            "/staff/v1/cases/{id}/changes",
            rule,
            "getChanges",
            "Its changes, the oldest first",
            changes,
        )
        .asks("after", Kind::Number(0, i64::MAX), "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::Changes>(200),
        Route::new(
            get.clone(),
            "/staff/v1/cases/{id}/media/{media}",
            rule,
            "getMedia",
            "A photo or voice of it; each look is kept in the audit trail",
            media,
        )
        .gives_bytes("image/jpeg")
        .gives_bytes("audio/ogg")
        .gives_bytes("application/octet-stream"),
        Route::new(
            get,
            "/staff/v1/labels",
            rule,
            "listLabels",
            "Labels of open cases of a municipality",
            labels,
        )
        .asks("municipality", Kind::Text(16), "Official key.")
        .fails(&[Code::NotFound])
        .gives::<cabildo_staff_api::desk::Labels>(200),
    ]
}

/// What the caller may see of the cases.
pub(super) fn scope(caller: &Caller) -> Scope {
    scope_of(&caller.staff)
}

fn scope_of(staff: &Staff) -> Scope {
    let reach = staff.reach(Act::ReadCases);
    let places = reach.states.into_iter().chain(reach.municipalities).collect();
    Scope { places: (!reach.country).then_some(places), restricted: staff.has(Grant::Restricted) }
}

/// Whether somebody may see a case at all.
pub(super) fn seen_by(staff: &Staff, place: &str, confidentiality: Confidentiality, office: &str) -> bool {
    scope_of(staff).holds(place, confidentiality)
        && (!staff.own_office_only(Act::ReadCases) || staff.office.as_deref() == Some(office))
}

/// Whether the caller may see a case at all.
pub(super) fn may_see(caller: &Caller, place: &str, confidentiality: Confidentiality, office: &str) -> bool {
    seen_by(&caller.staff, place, confidentiality, office)
}

/// Whether the caller may read the text of a case that it may see: a confidential one's is for those who
/// work on it and those with the grant.
pub(super) fn may_read(caller: &Caller, case: &FullCase) -> bool {
    match case.confidentiality {
        Confidentiality::Open => true,
        Confidentiality::Confidential => {
            caller.staff.has(Grant::Restricted) || caller.staff.may_in(Act::WorkCases, &case.municipality)
        }
        Confidentiality::Restricted => caller.staff.has(Grant::Restricted),
    }
}

/// A case that the caller may see; one that it may not is as one that is not there.
pub(super) async fn find(state: &StaffState, caller: &Caller, id: Uuid) -> Result<FullCase, Problem> {
    let found = state.service.store.find_case(id, false).await?.ok_or(Code::NotFound)?;
    if may_see(caller, &found.municipality, found.confidentiality, &found.office) {
        Ok(found)
    } else {
        Err(Code::NotFound.into())
    }
}

/// The texts of a case, where the caller may read them; a look at a sealed one is kept.
async fn open(
    state: &StaffState,
    caller: &Caller,
    case: FullCase,
    act: &'static str,
) -> Result<(FullCase, bool), Problem> {
    let readable = may_read(caller, &case);
    if !case.confidentiality.sealed() || !readable {
        return Ok((case, readable));
    }
    let store = &state.service.store;
    let detail = json!({ "confidentiality": case.confidentiality.code() });
    // Before the text is given out.
    store.add_audit(audit(state, caller, act, "case", &case.id.to_string(), detail)).await?;
    let opened = store.find_case(case.id, true).await?.ok_or(Code::NotFound)?;
    Ok((opened, true))
}

/// Accounts by their shown names.
pub(super) type Names = HashMap<Uuid, String>;

/// An account by its shown name.
pub(super) fn person(names: &Names, id: Option<Uuid>) -> Option<Person> {
    id.map(|id| Person { id, name: names.get(&id).cloned().unwrap_or_default() })
}

/// The name of a municipality.
pub(super) fn place_name(state: &StaffState, key: &str) -> String {
    let facts = state.service.facts.load();
    facts.by_key(key).map(|id| facts.municipality(id).display_name().to_owned()).unwrap_or_default()
}

/// A case as a list shows it.
pub(super) fn row(case: &Listed, place: String, names: &Names, now: UnixMillis) -> wire::CaseRow {
    wire::CaseRow {
        id: case.id,
        folio: case.folio.to_string(),
        kind: case.kind.code().to_owned(),
        state: case.state.code().to_owned(),
        mark: case.state.mark().to_string(),
        version: case.version,
        municipality: case.municipality.clone(),
        municipality_name: place,
        category: case.category.clone(),
        office: case.office.clone(),
        urgent: case.urgent,
        disputed: case.disputed,
        place: case.place.clone(),
        preview: case.preview.clone(),
        priority: case.priority.code().to_owned(),
        confidentiality: case.confidentiality.code().to_owned(),
        assignee: person(names, case.assignee_id),
        opened_at: case.opened_at.0,
        updated_at: case.updated_at.0,
        due_at: case.next_due.map(|it| it.0),
        overdue: case.next_due.is_some_and(|it| it <= now),
        waiting_since: case.waiting_since.map(|it| it.0),
        snoozed_until: case.snoozed_until.map(|it| it.0),
        joined: case.joined,
        disputes: case.disputes,
    }
}

/// Cases as a list shows them.
pub(super) async fn rows(state: &StaffState, cases: &[Listed]) -> Result<Vec<wire::CaseRow>, Problem> {
    let names = state.service.store.staff_names(cases.iter().filter_map(|it| it.assignee_id)).await?;
    let now = state.clock.now();
    Ok(cases.iter().map(|it| row(it, place_name(state, &it.municipality), &names, now)).collect())
}

/// The parts of a parameter with commas.
fn codes<T: std::str::FromStr>(name: &str, text: Option<&str>) -> Result<Vec<T>, Problem> {
    let parts = text.unwrap_or_default().split(',').map(str::trim).filter(|it| !it.is_empty());
    let read =
        parts.take(100).map(|it| it.parse().map_err(|_| Problem::parameter(name, "there is no such code")));
    read.collect()
}

/// A filter as the store takes it, within what the caller may see.
fn read_query(caller: &Caller, asked: &wire::CaseQuery) -> Result<(Scope, Filter), Problem> {
    let mut scope = scope(caller);
    let wanted: Vec<String> = codes("municipality", asked.municipality.as_deref())?;
    if !wanted.is_empty() {
        // Only those that the caller may see at all.
        let seen = wanted.into_iter().filter(|it| scope.holds(it, Confidentiality::Open));
        scope.places = Some(seen.collect());
    }
    let mut states = Vec::new();
    for it in codes::<String>("state", asked.state.as_deref())? {
        match it.as_str() {
            "open" => states.extend(CaseState::ALL.iter().filter(|it| it.open())),
            "closed" => states.extend(CaseState::ALL.iter().filter(|it| !it.open())),
            other => {
                states
                    .push(other.parse().map_err(|_| Problem::parameter("state", "there is no such state"))?);
            }
        }
    }
    let assignee = match asked.assignee.as_deref() {
        None | Some("") => None,
        Some("me") => Some(caller.staff.id),
        Some(id) => Some(
            Uuid::try_parse(id)
                .map_err(|_| Problem::parameter("assignee", "`me`, or the id of an account"))?,
        ),
    };
    let mut offices = codes("office", asked.office.as_deref())?;
    if caller.staff.own_office_only(Act::ReadCases) {
        // Without an office of its own it sees none.
        offices = vec![caller.staff.office.clone().unwrap_or_else(|| "-".to_owned())];
    }
    let filter = Filter {
        states,
        categories: codes("category", asked.category.as_deref())?,
        offices,
        priorities: codes("priority", asked.priority.as_deref())?,
        label: asked.label.clone().filter(|it| !it.is_empty()),
        assignee,
        text: asked.search.clone().filter(|it| !it.trim().is_empty()),
        from: asked.from.map(UnixMillis),
        until: asked.until.map(UnixMillis),
    };
    Ok((scope, filter))
}

fn count(found: i64) -> wire::Count {
    wire::Count { count: found.clamp(0, COUNTED) as u64, more: found > COUNTED }
}

async fn queues(State(state): State<Arc<StaffState>>, caller: Caller) -> Result<Json<wire::Queues>, Problem> {
    let store = &state.service.store;
    let own_office = caller.staff.own_office_only(Act::ReadCases);
    // Queues are of all offices: who sees one office's cases has saved views.
    let counts = if own_office {
        crate::store::cases::Counts::default()
    } else {
        store.count_queues(&scope(&caller), caller.staff.id).await?
    };
    let numbers = [counts.unassigned, counts.mine, counts.due, counts.waiting, counts.disputed];
    let queues = Queue::ALL.iter().zip(numbers);
    let mut views = Vec::new();
    for view in store.list_entries_owned(EntryKind::View, caller.staff.id).await? {
        let Some(query) = read_filter(&view.body) else { continue };
        let (scope, filter) = read_query(&caller, &query)?;
        let found = store.count_cases(&scope, &filter).await?;
        views.push(wire::ViewCount { view: view.id, name: view.code, count: count(found) });
    }
    Ok(Json(wire::Queues {
        queues: queues
            .map(|(queue, count)| wire::QueueCount {
                queue: queue.code().to_owned(),
                count: count.max(0) as u64,
            })
            .collect(),
        views,
        changed_at: state.clock.now().0,
    }))
}

/// A cursor of a list by what is owed.
fn due_cursor(text: &str) -> Option<(i64, Uuid)> {
    let (at, id) = text.split_once('.')?;
    Some((at.parse().ok()?, Uuid::try_parse(id).ok()?))
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(mut asked): Params<wire::CaseQuery>,
) -> Result<Json<wire::CaseList>, Problem> {
    let store = &state.service.store;
    let limit = page_size(asked.limit)?;
    if let Some(view) = asked.view.take() {
        let found = store.find_entry(EntryKind::View, view).await?;
        let found = found.filter(|it| it.owner_id == caller.staff.id);
        let filter = found.and_then(|it| read_filter(&it.body));
        let filter = filter.ok_or_else(|| Problem::parameter("view", "there is no such view of yours"))?;
        asked = wire::CaseQuery { after: asked.after, limit: asked.limit, ..filter };
    }
    let wrong = || Problem::parameter("after", "it is no cursor of this list");
    let (scope, filter) = read_query(&caller, &asked)?;
    let by_due = match asked.sort.as_deref() {
        None | Some("newest") => false,
        Some("due") => true,
        Some(_) => return Err(Problem::parameter("sort", "`newest` or `due`")),
    };
    let (mut found, total) = if let Some(queue) = asked.queue.as_deref() {
        let queue: Queue =
            queue.parse().map_err(|_| Problem::parameter("queue", "there is no such queue"))?;
        if filter != Filter::default() {
            return Err(Problem::parameter("queue", "a queue takes no filter but `municipality`"));
        }
        let page = match (by_due, asked.after.as_deref()) {
            (true, after) => Page::Due(after.map(|it| due_cursor(it).ok_or_else(wrong)).transpose()?),
            (false, after) => {
                Page::Newest(after.map(|it| Uuid::try_parse(it).map_err(|_| wrong())).transpose()?)
            }
        };
        let found = store.list_queue(queue, &scope, caller.staff.id, page, limit + 1).await?;
        let counts = store.count_queues(&scope, caller.staff.id).await?;
        let number = match queue {
            Queue::Unassigned => counts.unassigned,
            Queue::Mine => counts.mine,
            Queue::Due => counts.due,
            Queue::Waiting => counts.waiting,
            Queue::Disputed => counts.disputed,
        };
        (found, wire::Count { count: number.max(0) as u64, more: false })
    } else {
        if by_due {
            return Err(Problem::parameter("sort", "`due` is for a queue"));
        }
        let after = asked.after.as_deref().map(|it| Uuid::try_parse(it).map_err(|_| wrong())).transpose()?;
        let found = store.list_cases(&scope, &filter, after, limit + 1).await?;
        (found, count(store.count_cases(&scope, &filter).await?))
    };
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|it| {
        if by_due {
            let (at, id) = it.due_cursor();
            format!("{at}.{id}")
        } else {
            it.id.to_string()
        }
    });
    Ok(Json(wire::CaseList { items: rows(&state, &found).await?, next, total }))
}

/// A number that shows who it is to nobody: its last two digits.
pub(super) fn masked(address: &str) -> String {
    let digits: Vec<char> = address.chars().filter(char::is_ascii_digit).collect();
    let tail: String = digits.iter().rev().take(2).rev().collect();
    if address.starts_with('+') { format!("+***-**-{tail}") } else { format!("***{tail}") }
}

async fn people(state: &StaffState, case: &FullCase, hidden: bool) -> Result<Vec<wire::CasePerson>, Problem> {
    let store = &state.service.store;
    let mut people = Vec::new();
    for (index, told) in store.list_told(case.id).await?.into_iter().take(50).enumerate() {
        let contact = store.get_contact(told.contact_id).await?;
        people.push(wire::CasePerson {
            contact: told.contact_id,
            role: if told.opener { "opener" } else { "joined" }.to_owned(),
            // The office sees an alias where she is hidden from all.
            shown: if hidden { format!("{}-{}", case.folio, index + 1) } else { masked(&contact.address) },
            channel: contact.channel_id,
            locale: told.locale,
            reachable: contact.gone_at.is_none(),
        });
    }
    Ok(people)
}

async fn one(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<wire::Case>, Problem> {
    let case = find(&state, &caller, id).await?;
    let (case, _) = open(&state, &caller, case, "case_read").await?;
    let store = &state.service.store;
    let now = state.clock.now();
    if caller.staff.may_in(Act::WorkCases, &case.municipality) {
        store.see_case(id, now).await?;
    }
    store.see_case_notices(caller.staff.id, id, now).await?;
    let listed = store.find_listed(id).await?.ok_or(Code::NotFound)?;
    let writers = store.list_other_writers(id, caller.staff.id, UnixMillis(now.0 - WRITES)).await?;
    let names = store.staff_names(writers.iter().map(|it| it.0).chain(case.assignee_id)).await?;
    let (anonymity, topic) = store.find_case_extra(id).await?.ok_or(Code::NotFound)?;
    let micro = |degrees: f64| (degrees * 1e6).round() as i64;
    let next = CaseState::ALL.iter().filter(|to| may_follow(case.state, **to));
    Ok(Json(wire::Case {
        row: wire::CaseRow {
            place: case.place.clone(),
            ..row(&listed, place_name(&state, &listed.municipality), &names, now)
        },
        topic,
        labels: case.labels.clone(),
        scheduled_for: case.scheduled_for.clone(),
        referral: case.referral.as_ref().map(|it| wire::Referral {
            office: it.office.clone(),
            name: it.name.clone(),
            phone: it.phone.clone(),
        }),
        rating: case.rating,
        excluded: case.excluded_id,
        location: case.location.map(|(latitude, longitude)| wire::CaseLocation {
            latitude: micro(latitude),
            longitude: micro(longitude),
        }),
        anonymity: listed.anonymity.code().to_owned(),
        answers: case
            .answers
            .iter()
            .map(|(question, answer)| wire::CaseAnswer { question: question.clone(), answer: answer.clone() })
            .collect(),
        people: people(&state, &case, anonymity == 2).await?,
        clocks: wire::CaseClocks {
            first_answer_due: case.dues.first_answer.map(|it| it.0),
            first_answer_at: case.first_answer_at.map(|it| it.0),
            update_due: case.dues.update.map(|it| it.0),
            solution_due: case.dues.solution.map(|it| it.0),
        },
        linked_to: case.linked_to,
        merged_into: case.merged_into,
        closed_at: case.closed_at.map(|it| it.0),
        writers: writers
            .into_iter()
            .filter_map(|(id, at)| Some(wire::Writer { person: person(&names, Some(id))?, wrote_at: at }))
            .collect(),
        next_states: next.map(|it| it.code().to_owned()).collect(),
        sealed: case.confidentiality.sealed(),
    }))
}

/// How far a message of staff got.
fn send_state(it: &Message, now: UnixMillis) -> Option<wire::SendState> {
    it.outbox_id?;
    let until = it.held_until.map_or(it.created_at.0 + HOLD, |it| it.0);
    let state = match it.outbox_state.as_deref() {
        _ if it.taken_back_at.is_some() => "taken_back",
        Some("queued") if until > now.0 => "held",
        Some("queued" | "claimed") => "waiting",
        Some("dispatched" | "accepted") => "sent",
        Some("delivered") => "delivered",
        Some("unknown") => "not_known",
        _ => "failed",
    };
    Some(wire::SendState { id: it.id, state: state.to_owned(), until_at: until })
}

async fn thread(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Params(asked): Params<wire::ThreadQuery>,
) -> Result<Json<wire::Thread>, Problem> {
    let limit = page_size(asked.limit)?;
    let after = asked.after.as_deref().map(Uuid::try_parse).transpose();
    let after = after.map_err(|_| Problem::parameter("after", "it is no cursor of this list"))?;
    let case = find(&state, &caller, id).await?;
    let (_, readable) = open(&state, &caller, case, "thread_read").await?;
    let store = &state.service.store;
    let mut found = store.list_case_messages(id, after, limit + 1, readable).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let names = store.staff_names(found.iter().filter_map(|it| it.staff_id)).await?;
    let files = if readable { store.list_case_files(id).await? } else { Vec::new() };
    let now = state.clock.now();
    let next = found.last().filter(|_| more).map(|it| it.id.to_string());
    let entry = |it: Message| wire::ThreadEntry {
        id: it.id,
        send: send_state(&it, now),
        author: person(&names, it.staff_id),
        media: files
            .iter()
            .filter(|file| Some(file.inbox_id) == it.inbox_id)
            .map(|file| wire::Media {
                id: file.id,
                kind: file.kind.clone(),
                state: file.state.clone(),
                mime: file.mime.clone(),
                size: file.size,
            })
            .collect(),
        from: it.author,
        text: it.text.filter(|_| readable),
        at: it.created_at.0,
    };
    Ok(Json(wire::Thread { items: found.into_iter().map(entry).collect(), next }))
}

/// The version after which changes are listed.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    after: Option<i64>,
    limit: Option<u32>,
}

async fn changes(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Params(asked): Params<After>,
) -> Result<Json<wire::Changes>, Problem> {
    let limit = page_size(asked.limit)?;
    let case = find(&state, &caller, id).await?;
    let (_, readable) = open(&state, &caller, case, "changes_read").await?;
    let store = &state.service.store;
    let mut found = store.list_case_changes(id, asked.after.unwrap_or(0), limit + 1, readable).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let names = store.staff_names(found.iter().filter_map(|it| it.staff_id)).await?;
    let next = found.last().filter(|_| more).map(|it| it.version.to_string());
    let change = |it: crate::store::cases::Changed| wire::Change {
        version: it.version,
        kind: it.kind,
        at: it.at.0,
        by: it.actor,
        author: person(&names, it.staff_id),
        was: it.was,
        became: it.became,
        detail: it.detail.filter(|_| readable),
    };
    Ok(Json(wire::Changes { items: found.into_iter().map(change).collect(), next }))
}

async fn media(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path((id, media)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let read = |text: &str| Uuid::try_parse(text).map_err(|_| Problem::parameter("id", "it is no UUID"));
    let (id, media) = (read(&id)?, read(&media)?);
    let case = find(&state, &caller, id).await?;
    let works = caller.staff.may_in(Act::WorkCases, &case.municipality);
    if !works || !may_read(&caller, &case) {
        return Err(Code::NotAllowed.into());
    }
    let store = &state.service.store;
    let (inbox_id, of) = store.find_file(media).await?.ok_or(Code::NotFound)?;
    if of != Some(id) {
        return Err(Code::NotFound.into());
    }
    let detail = json!({ "case": id.to_string() });
    store.add_audit(audit(&state, &caller, "media_read", "media", &media.to_string(), detail)).await?;
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

/// The municipality whose labels are listed.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    municipality: Option<String>,
}

async fn labels(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<Place>,
) -> Result<Json<cabildo_staff_api::desk::Labels>, Problem> {
    use cabildo_staff_api::desk::{Label, Labels};
    let place = asked.municipality.ok_or_else(|| Problem::parameter("municipality", "name one"))?;
    caller.must(Act::ReadCases, &place)?;
    let found = state.service.store.list_labels(&place).await?;
    let items = found.into_iter().map(|(label, cases)| Label { label, cases });
    Ok(Json(Labels { items: items.collect() }))
}

#[cfg(test)]
mod tests {
    use super::{count, masked};

    #[test]
    fn what_is_more_than_is_counted_is_said_to_be_more() {
        let shown = |found| (count(found).count, count(found).more);
        assert_eq!([shown(0), shown(10_000)], [(0, false), (10_000, false)]);
        assert_eq!(shown(10_001), (10_000, true));
    }

    #[test]
    fn a_number_is_masked() {
        assert_eq!(masked("+525512345641"), "+***-**-41");
        assert_eq!(masked("714004001"), "***01");
        assert_eq!(masked("Banco"), "***");
    }
}
