//! One attempt at a message: claimed, checked, committed as `dispatched`, called, settled.

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

use super::hours;
use super::schedule::{WORTHWHILE, wait};
use crate::channels::gateway::{OutboundMessage, SendError};
use crate::config::Use;
use crate::domain::chart::Picture;
use crate::domain::time::UnixMillis;
use crate::service::Service;
use crate::store::outbox::{Claimed, Dispatch, Dispatched, Due, Settled, Spent};
use crate::store::{Error, gateways};

/// How often a commit that the database could not take is tried again.
const TRIES: u32 = 6;

/// An attempt that is committed as `dispatched`: its gateway is to be called.
#[derive(Debug)]
pub(in crate::jobs) struct Ready {
    pub(super) message: OutboundMessage,
    picture: Option<Picture>,
    gateway_id: String,
    contact_id: Uuid,
    tries: i64,
    worth_from: UnixMillis,
}

/// Puts off what nobody asked for while it is quiet where the person is; gives the rest.
pub(super) async fn sift(service: &Service, due: Vec<Due>, now: UnixMillis) -> Result<Vec<Due>, Error> {
    let facts = service.facts.load();
    let limits = &service.sending.limits;
    let mut put_off = Vec::new();
    let mut rest = Vec::with_capacity(due.len());
    for it in due {
        if it.purpose.asked_for() {
            rest.push(it);
            continue;
        }
        let zone = it
            .municipality
            .as_ref()
            .and_then(|key| facts.by_key(key))
            .map_or(facts.manifest.pack.time_zone.as_str(), |id| facts.municipality(id).time_zone.as_str());
        match hours::quiet_until(zone, limits.quiet_from_hour, limits.quiet_until_hour, now) {
            Some(until) => put_off.push((it.id, until)),
            None => rest.push(it),
        }
    }
    if !put_off.is_empty() {
        service.store.defer_outbound(put_off, now).await?;
    }
    Ok(rest)
}

/// Claims these messages, each with the gateway that is to send it, and commits those that may go as `dispatched`, all in one write; what may not
/// is settled.
pub(super) async fn prepare(service: &Service, picked: Vec<(Uuid, String)>) -> Result<Vec<Ready>, Error> {
    let now = service.now();
    let mut ready = Vec::new();
    let mut attempts = Vec::new();
    let ids = picked.iter().map(|(id, _)| *id).collect();
    let mut by: HashMap<Uuid, String> = picked.into_iter().collect();
    for claimed in service.store.claim_these(ids, now).await? {
        let (id, attempt) = (claimed.id, claimed.attempt);
        let gateway_id = by.remove(&id).unwrap_or_default();
        match check(service, claimed, gateway_id, now) {
            Ok((one, price)) => {
                let gateway_id = Some(one.gateway_id.clone());
                attempts.push(Dispatch { id, attempt, gateway_id, price });
                ready.push(one);
            }
            Err(settled) => {
                service.store.settle_outbound(id, attempt, settled, now).await?;
            }
        }
    }
    if attempts.is_empty() {
        return Ok(Vec::new());
    }
    let caps = service.sending.caps(&service.facts.load(), now);
    let mut tried = 0;
    let (ended, spent) = loop {
        match service.store.dispatch_outbounds(attempts.clone(), caps, now).await {
            // PostgreSQL broke up a knot of locks: somebody else went first.
            Err(Error::Conflict) if tried < TRIES => tried += 1,
            other => break other?,
        }
    };
    tell(&spent);
    let mut go = Vec::with_capacity(ready.len());
    for (one, ended) in ready.into_iter().zip(ended) {
        match ended {
            Dispatched::Go => go.push(one),
            Dispatched::Lost => {}
            Dispatched::Stopped | Dispatched::Enough | Dispatched::NoMoney => {
                tracing::info!(outbox_id = %one.message.id, reason = ?ended, "a message was held back");
            }
        }
    }
    Ok(go)
}

/// Says that budgets come to their end.
fn tell(spent: &[Spent]) {
    for Spent { name, used, cap, all } in spent {
        if *all {
            tracing::error!(name, used, cap, "a budget is spent: what counts for it stops");
        } else {
            tracing::warn!(name, used, cap, "four fifths of a budget are used");
        }
    }
}

/// Whether a claimed message may go, by whom and at what price; else how it ends.
fn check(
    service: &Service,
    claimed: Claimed,
    gateway_id: String,
    now: UnixMillis,
) -> Result<(Ready, i64), Settled> {
    let Claimed { id, contact_id, attempt, tries, purpose, through, content, edits, worth_from, .. } =
        claimed;
    let (contact, rendered) = content.map_err(|problem| {
        tracing::error!(outbox_id = %id, %problem, "a message can't be sent");
        Settled::Failed("unreadable".to_owned())
    })?;
    let sending = &service.sending;
    let needed = Use::of(purpose);
    let gateway_id = through.filter(|it| service.gateways.contains_key(it)).unwrap_or(gateway_id);
    if !service.gateways.contains_key(&gateway_id) {
        tracing::error!(outbox_id = %id, channel_id = contact.channel_id, "no gateway sends for this channel");
        return Err(Settled::Failed("no_gateway".to_owned()));
    }
    if contact.gone_at.is_some() {
        return Err(Settled::Gone);
    }
    if now.since(worth_from) > WORTHWHILE {
        return Err(Settled::Expired);
    }
    let rules = sending.rules(&gateway_id);
    if !rules.allows(needed) {
        return Err(Settled::Failed("use".to_owned()));
    }
    let message = OutboundMessage {
        id,
        attempt,
        address: contact.address,
        text: rendered.text,
        choices: rendered.choices,
        edits,
        picture: None,
    };
    if !rules.reaches(&message) {
        return Err(Settled::Failed("prefix".to_owned()));
    }
    let picture = rendered.picture;
    Ok((
        Ready { message, picture, gateway_id, contact_id, tries, worth_from },
        rules.price(rendered.segments),
    ))
}

/// Calls the gateway and notes what it says.
pub(super) async fn call(service: &Service, ready: Ready) -> Result<(), Error> {
    let Ready { mut message, picture, gateway_id, contact_id, tries, worth_from } = ready;
    let (id, attempt) = (message.id, message.attempt);
    let result = match service.gateways.get(&gateway_id) {
        Some(gateway) => {
            if let Some(picture) = picture.filter(|_| gateway.shows_pictures()) {
                // Without one the words go alone: that loses nothing.
                message.picture = service.draw(picture).await;
            }
            let sent = tokio::time::timeout(service.limits.send_within, gateway.send(&message)).await;
            service.metrics.refused_pictures(gateway.refused_pictures());
            sent.unwrap_or(Err(SendError::Unknown))
        }
        None => Err(SendError::Permanent { reason: "no_gateway".to_owned() }),
    };
    let now = service.now();
    if let Some((row, switch)) = service.sending.health.note(&gateway_id, &result, now) {
        match switch {
            gateways::Switch::Back => tracing::info!(gateway = gateway_id, "a gateway is well again"),
            _ => tracing::error!(gateway = gateway_id, "a gateway is down"),
        }
        if let Err(problem) = service.store.update_gateway(row, switch, now).await {
            tracing::error!(gateway = gateway_id, %problem, "the health of a gateway could not be noted");
        }
    }
    let settled = judge(service, result, &gateway_id, contact_id, (id, tries, worth_from), now);
    match &settled {
        Settled::Retry(..) | Settled::Wait(..) => service.metrics.retried(&gateway_id),
        Settled::Unknown => service.metrics.unknown(&gateway_id),
        other => service.metrics.sent(&gateway_id, told(other)),
    }
    if !matches!(settled, Settled::Accepted(_)) {
        tracing::warn!(outbox_id = %id, attempt, ended = told(&settled), "a message was not taken");
    }
    let mut tried = 0;
    loop {
        match service.store.settle_outbound(id, attempt, settled.clone(), service.now()).await {
            Ok(true) => return Ok(()),
            Ok(false) => {
                tracing::info!(outbox_id = %id, attempt, "an attempt was settled by somebody else first");
                return Ok(());
            }
            // A locked database must not turn a message that was taken into one that nobody knows of.
            Err(Error::Unavailable(_) | Error::Conflict) if tried < TRIES => {
                tokio::time::sleep(Duration::from_millis(100 << tried)).await;
                tried += 1;
            }
            Err(problem) => return Err(problem),
        }
    }
}

/// What an end is called in the log.
fn told(settled: &Settled) -> &str {
    match settled {
        Settled::Accepted(_) => "accepted",
        Settled::Retry(_, reason) | Settled::Wait(_, reason) => reason,
        Settled::Failed(reason) | Settled::Abandoned(reason) => reason,
        Settled::Expired => "too_old",
        Settled::Unknown => "unknown",
        Settled::Gone => "gone",
        Settled::Blocked => "blocked",
    }
}

/// What follows from a gateway's answer.
fn judge(
    service: &Service,
    result: Result<Option<String>, SendError>,
    gateway_id: &str,
    contact_id: Uuid,
    (id, tries, worth_from): (Uuid, i64, UnixMillis),
    now: UnixMillis,
) -> Settled {
    let by_schedule = |reason: String| {
        let seed = id.as_u128() as u64 ^ service.limits.jitter_seed;
        match wait(tries, seed) {
            Some(wait) if now.plus(wait).since(worth_from) <= WORTHWHILE => {
                Settled::Retry(now.plus(wait), reason)
            }
            _ => Settled::Failed(reason),
        }
    };
    let asked = |reason: String, after: i64, whom: Option<Uuid>| {
        let until = now.plus(after);
        service.sending.pause(gateway_id, whom, until, now);
        if until.since(worth_from) <= WORTHWHILE {
            Settled::Wait(until, reason)
        } else {
            Settled::Failed(reason)
        }
    };
    match result {
        Ok(provider_id) => Settled::Accepted(provider_id),
        Err(SendError::Permanent { reason }) => Settled::Failed(reason),
        Err(SendError::Gone) => Settled::Gone,
        Err(SendError::Blocked) => Settled::Blocked,
        Err(SendError::Unknown) => Settled::Unknown,
        Err(SendError::Retry { reason, after_ms: None } | SendError::Busy { reason, after_ms: None }) => {
            by_schedule(reason)
        }
        Err(SendError::Busy { reason, after_ms: Some(after) }) => asked(reason, after, None),
        Err(SendError::Retry { reason, after_ms: Some(after) }) => {
            let personal = service.sending.rules(gateway_id).waits_are_personal;
            asked(reason, after, personal.then_some(contact_id))
        }
    }
}
