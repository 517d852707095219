//! What waits for who is signed in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api::case::Count;
use cabildo_staff_api::notice as wire;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::{may_see, person, place_name, row};
use super::extract::{Body, Params, page_size};
use super::idempotency::Once;
use super::problem::Problem;
use super::routes::{Kind, Route};
use crate::domain::staff::Act;
use crate::store::desk::Page;

/// The most notices that one call says were seen.
const MOST: usize = 200;
/// The most officers that a note names.
const NAMED: usize = 10;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::ReadCases);
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/notices",
            rule,
            "listNotices",
            "What waits for who asks, the newest first; a look at its case ends a notice",
            list,
        )
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::NoticeList>(200),
        Route::new(
            Method::POST,
            "/staff/v1/notices/seen",
            rule,
            "seeNotices",
            "Says that notices of who asks were seen",
            see,
        )
        .takes::<wire::NoticesSeen>()
        .gives::<wire::NoticesDone>(200),
    ]
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::NoticeQuery>,
) -> Result<Json<wire::NoticeList>, Problem> {
    let limit = page_size(asked.limit)?;
    let store = &state.service.store;
    let page = Page { after: asked.after, limit: limit + 1 };
    let mut found = store.list_notices(caller.staff.id, page).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|(it, _)| it.id);
    // What she may not see any more is not shown, though it waits.
    found.retain(|(_, case)| may_see(&caller, &case.municipality, case.confidentiality, &case.office));
    let people: Vec<Uuid> =
        found.iter().flat_map(|(it, case)| [it.by_id, case.assignee_id]).flatten().collect();
    let names = store.staff_names(people).await?;
    let now = state.clock.now();
    let items = found.iter().map(|(it, case)| wire::Notice {
        id: it.id,
        kind: it.kind.clone(),
        case: row(case, place_name(&state, &case.municipality), &names, now),
        by: person(&names, it.by_id),
        at: it.at,
    });
    let total = store.count_notices(caller.staff.id).await?;
    let total = Count { count: total.max(0) as u64, more: false };
    Ok(Json(wire::NoticeList { items: items.collect(), next, total }))
}

async fn see(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Once(_): Once,
    Body(new): Body<wire::NoticesSeen>,
) -> Result<Json<wire::NoticesDone>, Problem> {
    if new.ids.len() > MOST {
        return Err(Problem::invalid("ids", "at most 200 at once"));
    }
    let seen = state.service.store.see_notices(caller.staff.id, &new.ids, state.clock.now()).await?;
    Ok(Json(wire::NoticesDone { seen }))
}

/// The sign-in names that a note names with an `@`.
fn names_in(note: &str) -> Vec<&str> {
    let words = note.split(|it: char| it.is_whitespace() || ",;:!?()¡¿\"".contains(it));
    let names = words.filter_map(|it| it.strip_prefix('@')).map(|it| it.trim_end_matches('.'));
    names.filter(|it| !it.is_empty()).take(NAMED).collect()
}

/// The officers that a note names who may see its case; an own name and an unknown one are mere words.
pub(super) async fn mentioned(
    state: &StaffState,
    caller: &Caller,
    case: &crate::store::cases::FullCase,
    note: &str,
) -> Result<Vec<Uuid>, Problem> {
    let mut named = Vec::new();
    for name in names_in(note) {
        let Some(name) = crate::domain::staff::fold_name(name) else { continue };
        let Some(account) = state.service.store.find_account_by_name(&name).await? else { continue };
        let staff = account.staff();
        let sees = super::cases::seen_by(&staff, &case.municipality, case.confidentiality, &case.office);
        if sees && staff.id != caller.staff.id && !named.contains(&staff.id) {
            named.push(staff.id);
        }
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::names_in;

    #[test]
    fn a_note_names_officers_with_a_sign() {
        assert_eq!(
            names_in("@ana, ¿puedes? (@luis.p) y a@b.mx no; @ tampoco, @eva."),
            ["ana", "luis.p", "eva"]
        );
        assert_eq!(names_in(&"@a ".repeat(50)).len(), 10);
    }
}
