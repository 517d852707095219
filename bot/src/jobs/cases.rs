//! The clocks of cases, and the questions after a closing.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::channels::render;
use crate::domain::purpose::Purpose;
use crate::domain::time::UnixMillis;
use crate::service::Service;
use crate::store::Error;
use crate::store::cases::{DueFollowUp, DueTimer, TimerKind};
use crate::store::outbox::NewOutbound;

/// How many of each are done in one round.
const ROUND: u32 = 200;
/// How many clocks ring at once: they share commits, and leave connections to those who wait for an answer.
const AT_ONCE: usize = 8;

/// Does what is due now; gives how much was done.
pub(super) async fn round(service: &Service) -> Result<usize, Error> {
    Ok(clocks(service).await? + follow_ups(service).await?)
}

/// Moves cases into the queue of what is due, wakes them, and lets clocks go on.
async fn clocks(service: &Service) -> Result<usize, Error> {
    let now = service.clock.now();
    let timers = service.store.list_case_timers(now, ROUND).await?;
    stream::iter(timers)
        .map(async |timer| {
            let dues = owed(service, &timer, now);
            match service.store.ring_case_timer(&timer, dues, now).await {
                Ok(()) => Ok(1),
                // It was changed meanwhile: the next round sees it as it is then.
                Err(Error::Conflict | Error::NotFound) => Ok(0),
                Err(problem) => Err(problem),
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_fold(0, async |done, rung| Ok(done + rung))
        .await
}

/// What a case owes after its clocks stood still or began anew; `None` where nothing changes.
fn owed(service: &Service, timer: &DueTimer, now: UnixMillis) -> Option<crate::domain::case::clock::Dues> {
    let (desk, facts) = (service.desk.load(), service.facts.load());
    let place = timer.municipality.as_str();
    let zone = facts
        .by_key(place)
        .map_or(facts.manifest.pack.time_zone.as_str(), |id| facts.municipality(id).time_zone.as_str());
    match timer.kind {
        TimerKind::Due | TimerKind::Wake => None,
        TimerKind::Resume { since } => {
            let calendar = desk.calendar(place, &timer.office, zone, now);
            Some(timer.dues.after_pause(&calendar, since, timer.at))
        }
        TimerKind::Restart => {
            let category = desk.category(place, &timer.category)?;
            let calendar = desk.calendar(place, &timer.office, zone, now);
            Some(desk.clocks(place, category).dues(&calendar, timer.at))
        }
    }
}

/// Asks whether it was put right.
async fn follow_ups(service: &Service) -> Result<usize, Error> {
    let now = service.clock.now();
    let due = service.store.due_followups(now, ROUND).await?;
    let count = due.len();
    for it in due {
        let message = question(service, &it, now);
        match service.store.ask_followup(&it, message, now).await {
            // Nobody is asked who stopped what she does not ask for.
            Ok(_) => {}
            Err(Error::Conflict) => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(count)
}

fn question(service: &Service, due: &DueFollowUp, now: UnixMillis) -> NewOutbound {
    let facts = service.facts.load();
    let locale = due.told.locale.as_deref().unwrap_or(&facts.manifest.pack.locale);
    let setting =
        render::Setting { facts: &facts, locale, channel: due.told.channel, service: &service.name };
    let mut rendered = render::follow_up(due.folio, setting);
    rendered.municipality = Some(due.municipality.clone());
    NewOutbound {
        id: service.ids.id(now),
        contact_id: due.told.contact_id,
        purpose: Purpose::Reminder,
        campaign: None,
        rendered,
        not_before: now,
        at: now,
    }
}
