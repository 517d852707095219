//! Broadcasts as staff read them: lists and one whole. Numbers of people are rounded until it goes out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api::broadcast as wire;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::cases::{Names, person};
use super::compose::channel;
use super::extract::{Id, Params, page_size};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::channels::gateway::Gateway;
use crate::channels::sms::segments::Encoding;
use crate::domain::broadcast::audience::municipalities;
use crate::domain::broadcast::{State as Stage, TYPED, reaches, rounded};
use crate::domain::channel::ChannelKind;
use crate::domain::highlight::personal_data::find_personal_data;
use crate::domain::small_numbers::LEAST;
use crate::domain::staff::{Act, Scope};
use crate::domain::time::UnixMillis;
use crate::store::broadcasts::Broadcast;

/// Who reads broadcasts: who writes and who approves them.
pub(super) const READS: Rule = Rule::MayAny(&[Act::Write, Act::Approve]);

/// Codes of all states.
const STATES: &[&str] =
    &["draft", "submitted", "preparing", "approved", "sending", "held", "stopped", "done", "withdrawn"];

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let get = Method::GET;
    vec![
        Route::new(
            get.clone(),
            "/staff/v1/broadcasts",
            READS,
            "listBroadcasts",
            "Broadcasts of places that one may write or approve for, the newest first; a page may be short",
            list,
        )
        .asks("state", Kind::Word(STATES), "Only of this state.")
        .asks("after", Kind::Id, "The `next` of the page before.")
        .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
        .gives::<wire::BroadcastList>(200),
        Route::new(get, "/staff/v1/broadcasts/{id}", READS, "getBroadcast", "One broadcast, whole", one)
            .gives::<wire::Broadcast>(200),
    ]
}

fn sees(caller: &Caller, it: &Broadcast) -> bool {
    [Act::Write, Act::Approve].into_iter().any(|act| reaches(&caller.staff, act, &it.areas))
}

/// A broadcast that the caller may read; one that it may not is as one that is not there.
pub(super) async fn find(state: &StaffState, caller: &Caller, id: Uuid) -> Result<Broadcast, Problem> {
    let found = state.service.store.get_broadcast(id).await?;
    if sees(caller, &found) { Ok(found) } else { Err(Code::NotFound.into()) }
}

/// Whether numbers of it are told exactly: it goes out, and they are no small part of a whole that is known. Of who
/// supports a demand, or got what is corrected, a few may be reached, and who chose the channel would learn from
/// their number who of the others is on it.
fn public(it: &Broadcast) -> bool {
    let people = it.progress.people;
    if people < LEAST && people < it.people_seen {
        return false;
    }
    match it.state {
        Stage::Sending | Stage::Done => true,
        Stage::Held => it.held_in == Some(Stage::Sending),
        // It had begun: its numbers were shown already.
        Stage::Stopped => it.progress.waiting() < it.progress.people,
        _ => false,
    }
}

/// How many it is for, as it may be told now.
pub(super) fn people(it: &Broadcast) -> wire::BroadcastPeople {
    if public(it) {
        return wire::BroadcastPeople {
            count: it.progress.people,
            exact: true,
            few: it.progress.people < LEAST,
        };
    }
    about(bound_for(it))
}

/// How many it is for: those who are written down, once all of them are, else as many as it was counted for.
pub(super) fn bound_for(it: &Broadcast) -> u64 {
    let writing = [Some(it.state), it.held_in].contains(&Some(Stage::Preparing));
    if it.progress.people > 0 && !writing { it.progress.people } else { it.people_seen }
}

/// A number of people before it is public.
fn about(count: u64) -> wire::BroadcastPeople {
    let shown = rounded(count);
    wire::BroadcastPeople { count: shown.unwrap_or(0), exact: false, few: shown.is_none() }
}

fn row(it: &Broadcast, approvals: u64, names: &Names) -> wire::BroadcastRow {
    wire::BroadcastRow {
        id: it.id,
        title: it.draft.title.clone(),
        state: it.state.code().to_owned(),
        version: it.version,
        author: person(names, Some(it.author_id))
            .unwrap_or_else(|| cabildo_staff_api::desk::Person { id: it.author_id, name: String::new() }),
        highlight_id: it.draft.highlight_id,
        correction_of: it.draft.correction_of,
        send_at: it.draft.send_at.map(|at| at.0),
        approvals,
        approvals_needed: it.approvals_needed,
        people: people(it),
        created_at: it.created_at.0,
        updated_at: it.updated_at.0,
    }
}

async fn list(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Params(asked): Params<wire::BroadcastQuery>,
) -> Result<Json<wire::BroadcastList>, Problem> {
    let limit = page_size(asked.limit)?;
    let stage = asked.state.as_deref().map(str::parse::<Stage>).transpose();
    let stage = stage.map_err(|_| Problem::parameter("state", "it is no state of a broadcast"))?;
    let store = &state.service.store;
    let mut found = store.list_broadcasts(asked.after, stage, limit).await?;
    let next = found.last().filter(|_| found.len() == limit as usize).map(|it| it.id);
    found.retain(|it| sees(&caller, it));
    let names = store.staff_names(found.iter().map(|it| it.author_id)).await?;
    let ids: Vec<Uuid> = found.iter().map(|it| it.id).collect();
    let given = store.count_broadcast_approvals(&ids).await?;
    let items = found.iter().map(|it| {
        let given = given.get(&(it.id, it.hash.clone())).copied().unwrap_or(0);
        row(it, given, &names)
    });
    Ok(Json(wire::BroadcastList { items: items.collect(), next }))
}

async fn one(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<wire::Broadcast>, Problem> {
    let it = find(&state, &caller, id).await?;
    Ok(Json(whole(&state, &it).await?))
}

/// A broadcast with everything about it.
pub(super) async fn whole(state: &StaffState, it: &Broadcast) -> Result<wire::Broadcast, Problem> {
    let store = &state.service.store;
    let editors = store.list_broadcast_editors(it.id).await?;
    let mut approvals = store.list_broadcast_approvals(it.id).await?;
    approvals.retain(|one| one.hash == it.hash);
    let known = approvals.iter().map(|one| one.staff_id).chain(editors.iter().copied());
    let names = store.staff_names(known.chain([it.author_id])).await?;
    let facts = state.service.facts.load();
    let now = state.clock.now();
    let previews = previews(state, it);
    let dearest = previews.iter().map(|one| one.price).max().unwrap_or(0);
    // Who approves reads the number of now, and types it where it is large.
    let bound_for = match it.state {
        Stage::Submitted => state.service.count_audience(&it.draft, &it.areas).await?,
        _ => bound_for(it),
    };
    let row = wire::BroadcastRow {
        people: if it.state == Stage::Submitted { about(bound_for) } else { people(it) },
        ..row(it, approvals.len() as u64, &names)
    };
    // What is told of the price tells no more of the number than what is told of that.
    let told = row.people;
    let most = if told.exact { told.count } else { told.count.max(8) + 2 };
    let bound = i64::try_from(most).unwrap_or(i64::MAX);
    let limits = &state.service.sending.limits;
    let short = it.state == Stage::Sending
        && store.count_broadcast_open(it.id, now).await?.values().any(|open| open.short > 0);
    let everywhere = it.areas.contains(&Scope::Country);
    Ok(wire::Broadcast {
        row,
        draft: draft(it),
        hash: it.hash.clone(),
        editors: editors.into_iter().filter_map(|id| person(&names, Some(id))).collect(),
        approvals: approvals
            .into_iter()
            .filter_map(|one| {
                Some(wire::BroadcastApproved { by: person(&names, Some(one.staff_id))?, at: one.at })
            })
            .collect(),
        type_people: bound_for > TYPED,
        municipalities: if everywhere { Vec::new() } else { municipalities(&facts, &it.areas) },
        price: dearest.saturating_mul(bound),
        quiet: (limits.quiet_from_hour, limits.quiet_until_hour),
        warnings: warnings(state, it, &previews, short, now),
        previews,
        reason: it.reason.clone(),
        begins_at: it.begins_at.map(|at| at.0),
        progress: public(it).then(|| progress(it)),
    })
}

fn progress(it: &Broadcast) -> wire::BroadcastProgress {
    let (so_far, stopped) = (it.progress, it.state == Stage::Stopped);
    let waiting = so_far.waiting();
    wire::BroadcastProgress {
        people: so_far.people,
        waiting: if stopped { 0 } else { waiting },
        queued: so_far.queued,
        sent: so_far.sent,
        failed: so_far.failed,
        passed_over: so_far.passed,
        cancelled: so_far.cancelled + if stopped { waiting } else { 0 },
    }
}

fn draft(it: &Broadcast) -> wire::BroadcastDraft {
    let (written, audience) = (&it.draft, &it.draft.audience);
    let text = |(language, text): (&String, &String)| wire::BroadcastText {
        language: language.clone(),
        text: text.clone(),
    };
    wire::BroadcastDraft {
        title: written.title.clone(),
        texts: written.texts.iter().map(text).collect(),
        audience: wire::BroadcastAudience {
            places: audience.places.iter().map(ToString::to_string).collect(),
            peers_of: audience.peers_of.clone(),
            topic: audience.topic.clone(),
            language: audience.language.clone(),
            demand: audience.demand,
        },
        channels: written.channels.iter().cloned().collect(),
        send_at: written.send_at.map(|at| at.0),
        tags: written.tags.iter().map(|tag| tag.code().to_owned()).collect(),
        highlight_id: written.highlight_id,
    }
}

/// What each message is, by language and channel.
fn previews(state: &StaffState, it: &Broadcast) -> Vec<wire::BroadcastPreview> {
    let mut all = Vec::new();
    for language in it.draft.texts.keys() {
        for id in &it.draft.channels {
            let words = state.service.broadcast_words(&it.draft, id, Some(language), false);
            let Some(words) = words else { continue };
            let kind = state.service.gateways.get(id).map_or(ChannelKind::Sms, Gateway::kind);
            let one = channel(state, id.clone(), kind, 1, words.text);
            let bytes = match one.encoding.as_str() {
                it if it == Encoding::Gsm7.code() => (one.units * 7).div_ceil(8),
                it if it == Encoding::Ucs2.code() => one.units * 2,
                _ => one.text.len() as u64,
            };
            all.push(wire::BroadcastPreview {
                language: language.clone(),
                channel: one.channel,
                kind: one.kind,
                text: one.text,
                encoding: one.encoding,
                units: one.units,
                bytes,
                left: one.left,
                segments: one.segments,
                first_offending: one.first_offending,
                price: one.price,
            });
        }
    }
    all
}

fn warnings(
    state: &StaffState,
    it: &Broadcast,
    previews: &[wire::BroadcastPreview],
    short: bool,
    now: UnixMillis,
) -> Vec<String> {
    let begins = it.begins_at.or(it.draft.send_at).map_or(now, |at| at.max(now));
    let over = matches!(it.state, Stage::Done | Stage::Stopped | Stage::Withdrawn);
    let said = [
        ("long", previews.iter().any(|one| one.segments > 1)),
        ("ucs2", previews.iter().any(|one| one.encoding == Encoding::Ucs2.code())),
        ("personal_data", it.draft.texts.values().any(|text| !find_personal_data(text).is_empty())),
        ("few", !it.draft.may_reach(it.progress.people.max(it.people_seen))),
        ("second_approval", it.approvals_needed > 1),
        ("budget", short),
        ("veda", !over && state.service.silent(&it.areas, begins)),
    ];
    said.into_iter().filter(|(_, so)| *so).map(|(code, _)| code.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::broadcast::Draft;
    use crate::store::broadcasts::Progress;

    fn gone_out(seen: u64, reached: u64) -> Broadcast {
        Broadcast {
            id: Uuid::nil(),
            state: Stage::Done,
            version: 5,
            hash: String::new(),
            draft: Draft {
                title: String::new(),
                texts: std::collections::BTreeMap::new(),
                audience: crate::domain::broadcast::audience::Audience::default(),
                channels: std::collections::BTreeSet::new(),
                send_at: None,
                tags: std::collections::BTreeSet::new(),
                highlight_id: None,
                highlight_version: None,
                correction_of: Some(Uuid::max()),
            },
            areas: Vec::new(),
            author_id: Uuid::nil(),
            people_seen: seen,
            approvals_needed: 1,
            reason: None,
            held_in: None,
            begins_at: None,
            cursor_area: String::new(),
            cursor_contact: None,
            progress: Progress { people: reached, sent: reached, ..Progress::default() },
            forget_at: None,
            created_at: UnixMillis(0),
            updated_at: UnixMillis(0),
        }
    }

    #[test]
    fn a_few_of_a_known_whole_are_not_told_exactly() {
        for (seen, reached, exact) in
            [(15, 15, true), (15, 11, true), (15, 10, false), (15, 1, false), (3, 3, true)]
        {
            let it = gone_out(seen, reached);
            let told = people(&it);
            assert_eq!((told.exact, told.few), (exact, reached < 11), "{reached} of {seen}");
            assert_eq!(told.count, if exact { reached } else { 0 });
            assert_eq!(public(&it), exact);
        }
    }
}
