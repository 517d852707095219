//! Cases as staff list them: queues, views, filters, labels; who may see which.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api::case as wire;
use cabildo_staff_api::desk::Person;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::desk_act::audit;
use super::extract::{Params, page_size};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use super::views::read_filter;
use crate::domain::case::rules::Queue;
use crate::domain::case::{CaseState, Confidentiality};
use crate::domain::staff::{Act, Grant, Staff};
use crate::domain::time::UnixMillis;
use crate::store;
use crate::store::cases::{Counted, Counts, Filter, FullCase, Listed, Page, Scope};
use crate::store::desk::entries::Kind as EntryKind;

/// The most colleagues that are listed.
const COLLEAGUES: u32 = 500;

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
        .asks("view", Kind::Id, "A saved view of who asks; what else is asked for narrows it.")
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
        .asks(
            "sort",
            Kind::Word(&["newest", "oldest", "due"]),
            "`due` (what is owed first) and `oldest` are for queues.",
        )
        .asks("after", Kind::Text(80), "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::CaseList>(200),
        Route::new(
            get.clone(),
            "/staff/v1/labels",
            rule,
            "listLabels",
            "Labels of the newest open cases of a municipality",
            labels,
        )
        .asks("municipality", Kind::Text(16), "Official key.")
        .fails(&[Code::NotFound])
        .gives::<cabildo_staff_api::desk::Labels>(200),
        Route::new(
            get,
            "/staff/v1/colleagues",
            Rule::May(Act::WorkCases),
            "listColleagues",
            "Those a case of a municipality can be given to: shown names alone, by name, 500 at most",
            colleagues,
        )
        .asks("municipality", Kind::Text(16), "Official key.")
        .gives::<cabildo_staff_api::desk::Colleagues>(200),
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
pub(super) async fn open(
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

/// The official keys of a parameter with commas.
pub(super) fn keys(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or_default().split(',').map(str::trim).filter(|it| !it.is_empty());
    parts.take(100).map(str::to_owned).collect()
}

/// A filter as the store takes it, within a scope: what the caller may see, or what a view of theirs leaves of that.
fn read_query(
    caller: &Caller,
    mut scope: Scope,
    asked: &wire::CaseQuery,
) -> Result<(Scope, Filter), Problem> {
    let wanted = keys(asked.municipality.as_deref());
    if !wanted.is_empty() {
        // Only those that are in the scope at all.
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
        labels: asked.label.clone().filter(|it| !it.is_empty()).into_iter().collect(),
        assignee,
        texts: asked.search.clone().filter(|it| !it.trim().is_empty()).into_iter().collect(),
        from: asked.from.map(UnixMillis),
        until: asked.until.map(UnixMillis),
        reach: None,
    };
    Ok((scope, filter))
}

fn count(found: Counted) -> wire::Count {
    wire::Count { count: found.cases.max(0) as u64, more: found.more }
}

async fn queues(State(state): State<Arc<StaffState>>, caller: Caller) -> Result<Json<wire::Queues>, Problem> {
    let store = &state.service.store;
    let own_office = caller.staff.own_office_only(Act::ReadCases);
    // Queues are of all offices: who sees one office's cases has saved views.
    let counts = if own_office {
        Counts::default()
    } else {
        store.count_queues(&scope(&caller), caller.staff.id).await?
    };
    let numbers = [counts.unassigned, counts.mine, counts.due, counts.waiting, counts.disputed];
    let queues = Queue::ALL.iter().zip(numbers);
    let mut views = Vec::new();
    for view in store.list_entries_owned(EntryKind::View, caller.staff.id).await? {
        let Some(query) = read_filter(&view.body) else { continue };
        let (scope, filter) = read_query(&caller, scope(&caller), &query)?;
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

/// The filter of a view of the caller.
async fn of_view(state: &StaffState, caller: &Caller, view: Uuid) -> Result<wire::CaseQuery, Problem> {
    let found = state.service.store.find_entry(EntryKind::View, view).await?;
    let found = found.filter(|it| it.owner_id == caller.staff.id);
    let filter = found.and_then(|it| read_filter(&it.body));
    filter.ok_or_else(|| Problem::parameter("view", "there is no such view of yours"))
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(mut asked): Params<wire::CaseQuery>,
) -> Result<Json<wire::CaseList>, Problem> {
    let store = &state.service.store;
    let limit = page_size(asked.limit)?;
    let wrong = || Problem::parameter("after", "it is no cursor of this list");
    let (scope, filter) = match asked.view {
        Some(view) => {
            let view = of_view(&state, &caller, view).await?;
            if asked.queue.is_some() && view.queue.is_some() && asked.queue != view.queue {
                return Err(Problem::parameter("queue", "the view is of another queue"));
            }
            let (scope, of_view) = read_query(&caller, scope(&caller), &view)?;
            let (scope, further) = read_query(&caller, scope, &asked)?;
            asked.queue = asked.queue.or(view.queue);
            asked.sort = asked.sort.or(view.sort);
            // What no case can be.
            let Some(both) = of_view.and(further) else {
                return Ok(Json(wire::CaseList {
                    items: Vec::new(),
                    next: None,
                    total: count(Counted { cases: 0, more: false }),
                }));
            };
            (scope, both)
        }
        None => read_query(&caller, scope(&caller), &asked)?,
    };
    let (by_due, from_end) = match asked.sort.as_deref() {
        None | Some("newest") => (false, false),
        Some("oldest") => (false, true),
        Some("due") => (true, false),
        Some(_) => return Err(Problem::parameter("sort", "`newest`, `oldest` or `due`")),
    };
    let (mut found, edge, total) = if let Some(queue) = asked.queue.as_deref() {
        let queue: Queue =
            queue.parse().map_err(|_| Problem::parameter("queue", "there is no such queue"))?;
        if filter != Filter::default() {
            return Err(Problem::parameter("queue", "a queue takes no filter but `municipality`"));
        }
        let page = match (by_due, asked.after.as_deref()) {
            (true, after) => Page::Due(after.map(|it| due_cursor(it).ok_or_else(wrong)).transpose()?),
            (false, after) => {
                let after = after.map(|it| Uuid::try_parse(it).map_err(|_| wrong())).transpose()?;
                if from_end { Page::Oldest(after) } else { Page::Newest(after) }
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
        (found, None, wire::Count { count: number.max(0) as u64, more: false })
    } else {
        if by_due || from_end {
            return Err(Problem::parameter("sort", "`due` and `oldest` are for a queue"));
        }
        let after = asked.after.as_deref().map(|it| Uuid::try_parse(it).map_err(|_| wrong())).transpose()?;
        let (found, edge) = match store.list_cases(&scope, &filter, after, limit + 1).await {
            Err(store::Error::NotFound) => return Err(wrong()),
            found => found?,
        };
        (found, edge, count(store.count_cases(&scope, &filter).await?))
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
    // What was looked through had fewer; the list goes on behind it.
    let next = next.or_else(|| edge.map(|it| it.to_string()));
    Ok(Json(wire::CaseList { items: rows(&state, &found).await?, next, total }))
}

/// The municipality that something is listed of.
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

async fn colleagues(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<Place>,
) -> Result<Json<cabildo_staff_api::desk::Colleagues>, Problem> {
    use cabildo_staff_api::desk::Colleagues;
    let place = asked.municipality.ok_or_else(|| Problem::parameter("municipality", "name one"))?;
    caller.must(Act::WorkCases, &place)?;
    let found = state.service.store.list_colleagues(Act::WorkCases, &place, COLLEAGUES).await?;
    let items = found.into_iter().map(|(id, name)| Person { id, name });
    Ok(Json(Colleagues { items: items.collect() }))
}
