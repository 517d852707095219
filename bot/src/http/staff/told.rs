//! What citizens are told of what staff did: who answers, in which words, held for some seconds.

use std::collections::BTreeMap;

use cabildo_staff_api::act as wire;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::acts::LONGEST;
use super::auth::Caller;
use super::cases::place_name;
use super::desk_act::text;
use super::problem::Problem;
use crate::channels::render::{self, Rendered};
use crate::domain::case::CaseState;
use crate::domain::case::rules::HOLD;
use crate::domain::channel::ChannelKind;
use crate::domain::placeholders;
use crate::domain::purpose::Purpose;
use crate::domain::time::UnixMillis;
use crate::store::cases::{Closing, FullCase, Told};
use crate::store::desk::held::Send;
use crate::store::outbox::NewOutbound;

/// The time zone of a municipality.
pub(super) fn zone(state: &StaffState, key: &str) -> String {
    let facts = state.service.facts.load();
    let own = facts.by_key(key).map(|id| facts.municipality(id).time_zone.clone());
    own.unwrap_or_else(|| facts.manifest.pack.time_zone.clone())
}

/// Who answers and in which words, for somebody who is told.
pub(super) fn with_setting<T>(
    state: &StaffState,
    channel: ChannelKind,
    locale: Option<&str>,
    make: impl FnOnce(render::Setting<'_>) -> T,
) -> T {
    let facts = state.service.facts.load();
    let locale = locale.unwrap_or(&facts.manifest.pack.locale);
    make(render::Setting { facts: &facts, locale, channel, service: &state.service.name })
}

/// A message to somebody who is told, held.
pub(super) fn outbound(state: &StaffState, told: &Told, rendered: Rendered) -> NewOutbound {
    let now = state.clock.now();
    NewOutbound {
        id: state.service.ids.id(now),
        contact_id: told.contact_id,
        purpose: Purpose::News,
        campaign: None,
        rendered,
        not_before: now.plus(HOLD),
        at: now,
    }
}

/// The send that messages of a case belong to.
pub(super) fn send(
    state: &StaffState,
    caller: &Caller,
    case: &FullCase,
    message_id: Option<Uuid>,
    messages: Vec<NewOutbound>,
) -> Option<Box<Send>> {
    let now = state.clock.now();
    (!messages.is_empty()).then(|| {
        Box::new(Send {
            id: message_id.unwrap_or_else(|| state.service.ids.id(now)),
            case_id: Some(case.id),
            municipality: case.municipality.clone(),
            staff_id: caller.staff.id,
            message_id,
            undo: json!({ "state": case.state.code() }).to_string(),
            version: case.version,
            messages,
            until: now.plus(HOLD),
            at: now,
        })
    })
}

/// What the answer says of a send.
pub(super) fn held(send: &Send) -> wire::HeldSend {
    wire::HeldSend {
        id: send.id,
        until_at: send.until.0,
        recipients: send.messages.len() as u64,
        segments: send.messages.iter().map(|it| i64::from(it.rendered.segments)).sum(),
    }
}

/// A change whose news nobody got.
pub(super) struct Unheard {
    /// The state before it, which is the one that its people know.
    pub(super) known: CaseState,
    /// The send of the news, where it is held still: to be taken back.
    pub(super) held: Option<Uuid>,
}

/// The last change of a case, where nobody heard of it: its news is held still, or was taken back. Who undoes it
/// has nothing to tell.
pub(super) async fn unheard(state: &StaffState, case: &FullCase) -> Result<Option<Unheard>, Problem> {
    let sends = state.service.store.list_held_of_case(case.id, 1).await?;
    // A send names the version that its change began on. What went with a reply is no change alone.
    let last = sends.into_iter().find(|it| it.message_id.is_none() && it.version + 1 == case.version);
    let Some(last) = last else { return Ok(None) };
    let held = last.until_at > state.clock.now().0;
    if last.state != "taken_back" && !held {
        return Ok(None);
    }
    let before: serde_json::Value = serde_json::from_str(&last.undo).unwrap_or_default();
    let known = before["state"].as_str().and_then(|it| it.parse().ok());
    Ok(known.map(|known| Unheard { known, held: (last.state != "taken_back").then_some(last.id) }))
}

/// News of a state for everybody who joined but `without`: once each, on the channel where she wrote last.
pub(super) async fn news(
    state: &StaffState,
    case: &FullCase,
    to: CaseState,
    with: &Closing,
    without: Option<Uuid>,
) -> Result<Vec<NewOutbound>, Problem> {
    let told = state.service.store.list_told(case.id).await?;
    let closed = case.confidentiality.sealed();
    let referral = with.referral.as_ref().map(|it| (it.name.clone(), it.phone.clone()));
    let date = with.date.as_deref().and_then(day_of);
    // Of a state that is not the end the sentence itself says more: on which day.
    let reason = with.reason.as_deref().filter(|_| !closed && !to.open() && referral.is_none());
    // Under which number news come from now on.
    let original = match with.original.filter(|_| to == CaseState::Duplicate && !closed) {
        Some(original) => state.service.store.find_listed(original).await?.map(|it| it.folio),
        None => None,
    };
    let mut messages = Vec::with_capacity(told.len());
    let without = without.and_then(|id| told.iter().find(|it| it.contact_id == id)).map(|it| it.holder_id);
    for it in told.iter().filter(|it| it.reached && Some(it.holder_id) != without) {
        let rendered =
            with_setting(state, it.channel, it.locale.as_deref(), |setting| match (original, reason) {
                (Some(original), None) => Some(render::case_merged(case.folio, original, setting)),
                // What staff give as the reason of a closing is written for her.
                (_, Some(reason)) => render::case_news_why(case.folio, to, reason, setting),
                (None, None) => {
                    Some(render::case_news(case.folio, to, closed, referral.clone(), date, setting))
                }
            });
        let rendered =
            rendered.ok_or_else(|| Problem::invalid("reason", "it takes more than three segments"))?;
        messages.push(outbound(state, it, rendered));
    }
    Ok(messages)
}

/// Month and day of a date.
fn day_of(date: &str) -> Option<(u8, u8)> {
    let date: jiff::civil::Date = date.parse().ok()?;
    Some((u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?))
}

/// What place-holders stand for in texts about a case.
pub(super) fn known(
    state: &StaffState,
    case: &FullCase,
    locale: Option<&str>,
) -> BTreeMap<&'static str, String> {
    let facts = state.service.facts.load();
    let desk = state.service.desk.load();
    let locale = locale.unwrap_or(&facts.manifest.pack.locale);
    let office = desk.office(&case.municipality, &case.office);
    let zone = zone(state, &case.municipality);
    let day = |at: UnixMillis| {
        let zone = jiff::tz::TimeZone::get(&zone).unwrap_or(jiff::tz::TimeZone::UTC);
        jiff::Timestamp::from_millisecond(at.0)
            .map(|it| it.to_zoned(zone).strftime("%d/%m/%Y").to_string())
            .unwrap_or_default()
    };
    let mut known = BTreeMap::from([
        ("folio", case.folio.to_string()),
        ("municipality", place_name(state, &case.municipality)),
        ("date", day(state.clock.now())),
    ]);
    if let Some(office) = office {
        let name = office.name.get(locale).or_else(|| office.name.get(&facts.manifest.pack.locale));
        known.extend(name.map(|it| ("office", it.clone())));
        known.extend(office.phone.clone().map(|it| ("phone", it)));
    }
    known.extend(case.dues.solution.map(|it| ("due", day(it))));
    known.extend(case.place.clone().filter(|_| !case.confidentiality.sealed()).map(|it| ("place", it)));
    known
}

/// A text of staff with its place-holders filled in.
pub(super) fn filled(
    state: &StaffState,
    case: &FullCase,
    locale: Option<&str>,
    written: &str,
) -> Result<String, Problem> {
    text("text", written, LONGEST)?;
    let known = known(state, case, locale);
    let filled =
        placeholders::fill(written, &known).map_err(|wrong| Problem::invalid("text", wrong.to_string()))?;
    if filled.missing.is_empty() {
        return Ok(filled.text);
    }
    Err(Problem::invalid("text", format!("nothing is known for {{{}}}", filled.missing.join("}, {"))))
}
