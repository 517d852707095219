//! One case as staff read it: whole, its thread, changes, photos and voices.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use cabildo_staff_api::case as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::{find, may_read, open, person, place_name, row};
use super::desk_act::audit;
use super::extract::{Id, Params, page_size};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::domain::case::CaseState;
use crate::domain::case::rules::{HOLD, may_follow};
use crate::domain::staff::Act;
use crate::domain::time::UnixMillis;
use crate::store::cases::{FullCase, Message};

/// How long ago somebody's draft still says that she writes now, ms.
const WRITES: i64 = 60_000;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let rule = Rule::May(Act::ReadCases);
    let get = Method::GET;
    vec![
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
    ]
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

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_number_is_masked() {
        assert_eq!(masked("+525512345641"), "+***-**-41");
        assert_eq!(masked("714004001"), "***01");
        assert_eq!(masked("Banco"), "***");
    }
}
