//! The clock of broadcasts: writes their people down, waits for their time, queues them page by page, and notes what
//! became of each.
//!
//! Everything it does is a transaction that looks at the broadcast again, so a crash or a second process costs time
//! and nothing else. No more is queued than goes out in a moment: a stop, a hold and an electoral silence take that
//! back, and replies, which go first anyway, find short queues.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::domain::broadcast::State;
use crate::domain::broadcast::audience::municipalities;
use crate::domain::purpose::Purpose;
use crate::domain::time::{HOUR, UnixMillis};
use crate::ids;
use crate::service::Service;
use crate::store::broadcasts::{Broadcast, Candidate, Frozen, Open, Queued, Way, campaign};
use crate::store::leaders::LEASE;
use crate::store::outbox::NewOutbound;
use crate::store::{Engine, Error};

/// People who are written down, and queued, in one transaction.
const FREEZE: u32 = 500;
const PAGE: u64 = 200;
/// Pages that are written down before other broadcasts have their turn.
const PAGES: usize = 20;
/// Messages that wait at a channel: those that may go now, and all, which quiet hours put off.
const DUE: u64 = 400;
const ALL: u64 = 2_000;
/// Municipalities without anybody that are looked at before the mark is moved.
const PLACES: usize = 250;
/// How long it waits while something goes out, and while nothing does.
const BUSY: Duration = Duration::from_millis(200);
const IDLE: Duration = Duration::from_secs(1);
/// Who does it, where several processes share a database.
const LEAD: &str = "broadcasts";

/// Runs until it is told to end: one process alone, where several share a database.
pub async fn run(service: Arc<Service>, stop: CancellationToken) {
    let holder = ids::new_id(service.clock.now());
    let alone = service.store.engine() == Engine::Sqlite;
    let mut leads_until = UnixMillis(i64::MIN);
    let mut forgot_at = UnixMillis(i64::MIN);
    while !stop.is_cancelled() {
        let now = service.clock.now();
        let mut wait = IDLE;
        let leads = alone || leads_until > now || {
            match service.store.lead(LEAD, holder, now).await {
                Ok(Some(_)) => {
                    // It is asked for again long before others may take it.
                    leads_until = now.plus(LEASE / 4);
                    true
                }
                Ok(None) => false,
                Err(problem) => {
                    tracing::debug!(%problem, "it is not known who looks after broadcasts");
                    false
                }
            }
        };
        if leads {
            match round(&service).await {
                Ok(0) => {}
                Ok(_) => {
                    service.wake_senders();
                    wait = BUSY;
                }
                Err(problem) => tracing::error!(%problem, "broadcasts stand still; trying again"),
            }
            if now.since(forgot_at) > HOUR {
                forgot_at = now;
                if let Err(problem) = forget(&service).await {
                    tracing::warn!(%problem, "people of old broadcasts could not be forgotten; trying again");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = service.broadcast_waits.notified() => {}
            () = stop.cancelled() => {}
        }
    }
    if !alone && let Err(problem) = service.store.resign(LEAD, holder).await {
        tracing::debug!(%problem, "the lead of broadcasts was not handed over; its lease ends by itself");
    }
}

async fn forget(service: &Service) -> Result<(), Error> {
    while service.store.forget_broadcast_people(1_000, service.clock.now()).await? > 0 {}
    Ok(())
}

/// Does what is due now; gives how much was done.
///
/// # Errors
/// The first error of the store that is about more than one broadcast.
pub(super) async fn round(service: &Service) -> Result<usize, Error> {
    let mut done = 0;
    for it in service.store.list_busy_broadcasts().await? {
        match step(service, &it).await {
            Ok(count) => done += count,
            // Somebody held or stopped it, or another process was first: the next round sees it as it is.
            Err(Error::Conflict) => {}
            Err(problem @ Error::Unavailable(_)) => return Err(problem),
            Err(problem) => tracing::error!(broadcast = %it.id, %problem, "a broadcast stands still"),
        }
    }
    Ok(done)
}

async fn step(service: &Service, it: &Broadcast) -> Result<usize, Error> {
    let now = service.clock.now();
    match it.state {
        State::Preparing => prepare(service, it).await,
        State::Approved if it.begins_at.is_none_or(|begins| begins > now) => Ok(0),
        State::Approved | State::Sending if service.silent(&it.areas, now) => {
            if it.progress.queued > 0 {
                service.store.pause_broadcast(it.id, now).await?;
            }
            settle(service, it, now).await?;
            Ok(0)
        }
        State::Approved => {
            let valid = service.valid_approvers(it).await?;
            Ok(usize::from(service.store.advance_broadcast(it, valid, now).await?))
        }
        State::Sending => send(service, it, now).await,
        _ => {
            if it.progress.queued > 0 {
                service.store.pause_broadcast(it.id, now).await?;
            }
            Ok(settle(service, it, now).await?.1)
        }
    }
}

/// Notes what ended; gives what is open by channel, and how many ended.
async fn settle(
    service: &Service,
    it: &Broadcast,
    now: UnixMillis,
) -> Result<(BTreeMap<String, Open>, usize), Error> {
    if it.progress.queued == 0 {
        return Ok((BTreeMap::new(), 0));
    }
    let open = service.store.count_broadcast_open(it.id, now).await?;
    let all: u64 = open.values().map(|it| it.all).sum();
    let ended = if all < it.progress.queued { service.store.settle_broadcast(it.id, now).await? } else { 0 };
    Ok((open, usize::try_from(ended).unwrap_or(0)))
}

/// Queues what may be, by channel.
async fn send(service: &Service, it: &Broadcast, now: UnixMillis) -> Result<usize, Error> {
    let (open, mut done) = settle(service, it, now).await?;
    // That it is published is asked with each page.
    if let Some(card_id) = it.draft.highlight_id
        && service.outdated(card_id)
    {
        service.store.bar_broadcast(it.id, "highlight", now).await?;
        return Ok(done + 1);
    }
    let spent = open.values().any(|it| it.short > 0) && service.broadcast_spent(it.id).await?;
    let (mut asked, mut goes_on) = (false, false);
    for channel_id in &it.draft.channels {
        let there = open.get(channel_id).copied().unwrap_or_default();
        if spent && there.short > 0 {
            continue;
        }
        goes_on |= there.all > 0;
        let room = DUE.saturating_sub(there.due).min(ALL.saturating_sub(there.all)).min(PAGE);
        if room == 0 || it.progress.waiting() == 0 {
            continue;
        }
        let limit = u32::try_from(room).unwrap_or(u32::MAX);
        let people = service.store.list_broadcast_waiting(it.id, channel_id, limit).await?;
        if people.is_empty() {
            continue;
        }
        let mut page = Vec::with_capacity(people.len());
        for one in people {
            let words = service.broadcast_words(&it.draft, channel_id, one.locale.as_deref(), false);
            let Some(mut rendered) = words else {
                service.store.bar_broadcast(it.id, "text", now).await?;
                return Ok(done + 1);
            };
            rendered.municipality = Some(one.municipality);
            let (id, campaign) = (service.ids.id(now), Some(campaign(it.id)));
            let (contact_id, purpose) = (one.contact_id, Purpose::Broadcast);
            let message =
                NewOutbound { id, contact_id, purpose, campaign, rendered, not_before: now, at: now };
            page.push((one.holder_id, message));
        }
        let count = page.len();
        asked = true;
        match service.store.queue_broadcast(it.id, page, now).await? {
            Queued::Page(_) => done += count,
            Queued::Ended => return Ok(done),
            Queued::Barred(reason) => {
                service.store.bar_broadcast(it.id, reason, now).await?;
                return Ok(done + 1);
            }
        }
    }
    // The day's money comes back by itself; its own only by who raises the cap, so staff must see why it stands, once
    // nothing goes out where that costs nothing, either.
    if spent && !asked && !goes_on {
        service.store.bar_broadcast(it.id, "budget", now).await?;
        return Ok(done + 1);
    }
    // What is queued may wait for hours while nothing more is: the barrier is asked all the same.
    if !asked
        && it.progress.queued > 0
        && let Queued::Barred(reason) = service.store.queue_broadcast(it.id, Vec::new(), now).await?
    {
        service.store.bar_broadcast(it.id, reason, now).await?;
        return Ok(done + 1);
    }
    if done == 0 && it.progress.waiting() == 0 && it.progress.queued == 0 {
        done += usize::from(service.store.advance_broadcast(it, Vec::new(), now).await?);
    }
    Ok(done)
}

/// Writes some pages of people down.
async fn prepare(service: &Service, it: &Broadcast) -> Result<usize, Error> {
    let mut it = it.clone();
    for done in 0..PAGES {
        if it.state != State::Preparing {
            return Ok(done);
        }
        freeze(service, &it, service.clock.now()).await?;
        it = service.store.get_broadcast(it.id).await?;
    }
    Ok(PAGES)
}

/// Writes a page of people down.
async fn freeze(service: &Service, it: &Broadcast, now: UnixMillis) -> Result<(), Error> {
    let (found, to) = candidates(service, it).await?;
    let last = to.is_none();
    let to = to.unwrap_or_else(|| (it.cursor_area.clone(), it.cursor_contact));
    let holders: Vec<Uuid> = found.iter().map(|one| one.holder_id).collect();
    let ways = service.store.list_ways(&holders).await?;
    let default = service.facts.load().manifest.pack.locale.clone();
    let page = found.into_iter().filter_map(|one| {
        let way = best(it, ways.get(&one.holder_id)?, &default)?;
        Some(Frozen {
            holder_id: one.holder_id,
            contact_id: way.contact_id,
            channel_id: way.channel_id.clone(),
            source_id: one.source_id,
            municipality: one.municipality,
        })
    });
    service.store.freeze_broadcast(it, to, page.collect(), last, now).await
}

/// The way to somebody: where she wrote last among the channels that are allowed. None to who stopped on any of
/// them, or speaks another language than is asked for.
fn best<'a>(it: &Broadcast, ways: &'a [Way], default: &str) -> Option<&'a Way> {
    if ways.iter().any(|way| way.stopped) {
        return None;
    }
    let allowed = ways.iter().filter(|way| it.draft.channels.contains(&way.channel_id));
    let way = allowed.max_by_key(|way| (way.wrote_at, way.contact_id))?;
    let speaks = way.locale.as_deref().unwrap_or(default);
    it.draft.audience.language.as_deref().is_none_or(|asked| asked == speaks).then_some(way)
}

/// Where the mark goes.
type Mark = (String, Option<Uuid>);

/// Some whom it is for, and the mark behind them; no mark: these are the last.
async fn candidates(service: &Service, it: &Broadcast) -> Result<(Vec<Candidate>, Option<Mark>), Error> {
    let store = &service.store;
    let behind = |found: &[Candidate]| -> Option<Mark> {
        let full = found.len() == FREEZE as usize;
        found.last().filter(|_| full).map(|one| (String::new(), Some(one.mark)))
    };
    if let Some(id) = it.draft.correction_of {
        let found = store.list_who_got(id, it.cursor_contact, FREEZE).await?;
        let mark = behind(&found);
        return Ok((found, mark));
    }
    if let Some(id) = it.draft.audience.demand {
        let found = store.list_reachable_supporters(id, it.cursor_contact, FREEZE).await?;
        let mark = behind(&found);
        return Ok((found, mark));
    }
    let keys = municipalities(&service.facts.load(), &it.areas);
    let topic = it.draft.audience.topic.as_deref();
    let first = keys.partition_point(|key| *key < it.cursor_area);
    let mut all = Vec::new();
    for key in keys.iter().skip(first).take(PLACES) {
        let after = it.cursor_contact.filter(|_| *key == it.cursor_area);
        let room = FREEZE - u32::try_from(all.len()).unwrap_or(FREEZE);
        let found = store.list_askers(key, topic, after, room).await?;
        let full = found.len() == room as usize;
        all.extend(found);
        if full {
            let mark = all.last().map(|one: &Candidate| (key.clone(), Some(one.mark)));
            return Ok((all, mark));
        }
    }
    Ok((all, keys.get(first + PLACES).map(|next| (next.clone(), None))))
}
