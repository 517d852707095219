//! Cases that are like another one, and groups of like cases: what they are compared by and how like they
//! are. Sealed and urgent cases are never compared.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api::case as wire;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::{find, may_see, rows};
use super::extract::{Id, Params};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::domain::case::Confidentiality;
use crate::domain::similar::{Likeness, Told, WINDOW, clusters, likeness};
use crate::domain::staff::Act;
use crate::domain::time::{DAY, UnixMillis};
use crate::service::told_of;
use crate::store::cases::Similar;

/// The most open cases that one is compared with.
const COMPARED: u32 = 200;
/// Those that are shown.
const SHOWN: usize = 10;
/// The least likeness that is shown.
const LEAST: f32 = 0.3;
/// The most open cases of a category that are grouped.
const GROUPED: u32 = 120;
/// How long ago a case of a group was opened at most, ms.
const GROUPED_SINCE: i64 = 90 * DAY;
/// The most groups that are listed.
const GROUPS: usize = 50;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::ReadCases);
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/cases/{id}/similar",
            rule,
            "listSimilarCases",
            "Open cases that may be about the same, the likest first, and why",
            similar,
        )
        .gives::<wire::SimilarCases>(200),
        Route::new(
            Method::GET,
            "/staff/v1/clusters",
            rule,
            "listClusters",
            "Groups of open cases of a municipality that are about the same",
            groups,
        )
        .asks("municipality", Kind::Text(16), "Official key; it must be given.")
        .asks("category", Kind::Text(40), "Code; all categories unless it is said.")
        .asks("least", Kind::Number(2, 100), "The fewest cases of a group; 3 unless it is said.")
        .gives::<wire::Clusters>(200),
    ]
}

fn shown(it: &Likeness) -> wire::Likeness {
    let part = |it: f32| (f64::from(it) * 100.0).round() / 100.0;
    wire::Likeness {
        score: part(it.score),
        text: part(it.text),
        category: part(it.category),
        place: part(it.place),
        metres: it.metres.map(f64::round),
        time: part(it.time),
    }
}

fn seen(caller: &Caller, case: &wire::CaseRow) -> bool {
    may_see(caller, &case.municipality, Confidentiality::Open, &case.office)
}

async fn similar(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<wire::SimilarCases>, Problem> {
    let case = find(&state, &caller, id).await?;
    let store = &state.service.store;
    let none = || Json(wire::SimilarCases { items: Vec::new() });
    if case.confidentiality.sealed() {
        return Ok(none());
    }
    // One that is closed, urgent or no complaint is nobody's duplicate either.
    let Some(own) = store.find_similar(id).await? else { return Ok(none()) };
    let since = UnixMillis(case.opened_at.0.min(state.clock.now().0)).plus(-WINDOW);
    let found = store.list_similar(&case.municipality, &case.category, since, COMPARED).await?;
    let desk = state.service.desk.load_full();
    let mut alike = off_the_loop(move || {
        let told = told_of(&own, &desk);
        let others = found.iter().filter(|it| it.id != own.id);
        others.map(|it| (it.id, likeness(&told, &told_of(it, &desk)))).collect::<Vec<_>>()
    })
    .await?;
    alike.retain(|it| it.1.score >= LEAST);
    alike.sort_by(|one, other| other.1.score.total_cmp(&one.1.score).then(one.0.cmp(&other.0)));
    // Some of them may be of offices whose cases the caller does not see.
    let listed = store.list_listed(alike.iter().map(|it| it.0).collect()).await?;
    let mut items = Vec::new();
    for case in rows(&state, &listed).await?.into_iter().filter(|it| seen(&caller, it)).take(SHOWN) {
        if let Some((_, it)) = alike.iter().find(|it| it.0 == case.id) {
            items.push(wire::SimilarCase { case, likeness: shown(it), likely: it.likely() });
        }
    }
    Ok(Json(wire::SimilarCases { items }))
}

/// Which groups are listed.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    municipality: Option<String>,
    category: Option<String>,
    least: Option<i64>,
}

async fn groups(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<Query>,
) -> Result<Json<wire::Clusters>, Problem> {
    let place = asked.municipality.ok_or_else(|| Problem::parameter("municipality", "name one"))?;
    caller.must(Act::ReadCases, &place)?;
    let least = match asked.least.unwrap_or(3) {
        it @ 2..=100 => it as usize,
        _ => return Err(Problem::parameter("least", "2 to 100")),
    };
    let desk = state.service.desk.load_full();
    let open = desk.menu(&place).filter(|it| !it.confidentiality.sealed());
    let wanted = |code: &str| asked.category.as_deref().is_none_or(|it| it == code);
    let categories: Vec<String> = open.map(|it| it.code.clone()).filter(|it| wanted(it)).collect();
    if categories.is_empty() && asked.category.is_some() {
        return Err(Problem::parameter("category", "there is no such category here"));
    }
    let store = &state.service.store;
    let since = state.clock.now().plus(-GROUPED_SINCE);
    let mut found = Vec::new();
    for category in categories {
        // A query a category, of which the desk has a few dozen, and each reads its own part of an index.
        let cases = store.list_similar(&place, &category, since, GROUPED).await?;
        if cases.len() >= least {
            found.push((category, cases));
        }
    }
    let mut items = off_the_loop(move || {
        let group = |(category, cases): (String, Vec<Similar>)| {
            let told: Vec<Told> = cases.iter().map(|it| told_of(it, &desk)).collect();
            clusters(&told)
                .into_iter()
                .filter(|it| it.members.len() >= least)
                .map(move |it| {
                    let mut ids: Vec<Uuid> = it.members.iter().map(|at| cases[*at].id).collect();
                    ids.sort_unstable();
                    (category.clone(), ids, it.likeness)
                })
                .collect::<Vec<_>>()
        };
        found.into_iter().flat_map(group).collect::<Vec<_>>()
    })
    .await?;
    items.sort_by_key(|it| (std::cmp::Reverse(it.1.len()), it.1[0]));
    items.truncate(GROUPS);
    let topics = state.service.desk.load_full();
    let ids = items.iter().flat_map(|it| it.1.iter().copied()).collect();
    let listed = rows(&state, &store.list_listed(ids).await?).await?;
    let grouped = items.into_iter().map(|(category, ids, alike)| {
        let own = |it: &&wire::CaseRow| ids.contains(&it.id) && seen(&caller, it);
        let cases: Vec<wire::CaseRow> = listed.iter().filter(own).cloned().collect();
        wire::Cluster {
            municipality: place.clone(),
            topic: topics.category(&place, &category).and_then(|it| it.topics.first().cloned()),
            category,
            joined: cases.iter().map(|it| it.joined.max(0) as u64).sum(),
            likeness: shown(&alike),
            cases,
        }
    });
    Ok(Json(wire::Clusters { items: grouped.filter(|it| it.cases.len() >= least).collect() }))
}

/// Comparing many cases holds up nobody else's request.
async fn off_the_loop<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Code::Internal.into())
}
