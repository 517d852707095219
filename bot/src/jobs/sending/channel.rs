//! The task of one channel: fills its calls as far as the pace allows, and nothing is claimed that can't
//! go at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::attempt::{self, Ready};
use super::pace::Later;
use crate::config::Use;
use crate::service::Service;
use crate::store::Error;

/// How many messages are looked at to find those that may go.
const LOOK: u32 = 256;
/// How often the leases of attempts under way are kept.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The shortest wait for the pace: what flows in meanwhile shares its commits.
const GATHER: Duration = Duration::from_millis(100);

/// What a task of a channel is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::jobs) enum Phase {
    /// Send.
    Run,
    /// Send what people wait for, then end.
    Drain,
    /// Finish the calls that are under way, then end.
    Stop,
}

/// What was begun, and when more may.
struct Filled {
    ready: Vec<Ready>,
    /// When the pace allows the next one; `None` where nothing waits for it.
    wait: Option<Duration>,
}

/// Runs until it is told to end.
pub(in crate::jobs) async fn run(
    service: Arc<Service>,
    channel_id: String,
    mut phase: watch::Receiver<Phase>,
) {
    let calls_at_once = service.sending.rules(&channel_id).calls.max(1);
    let mut woken = service.outbound_waits.subscribe();
    let mut calls: JoinSet<Uuid> = JoinSet::new();
    let mut held: HashMap<Uuid, i64> = HashMap::new();
    let mut looked_again = false;
    let mut beat = tokio::time::interval(HEARTBEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let now = *phase.borrow_and_update();
        woken.mark_unchanged();
        let mut wait = service.limits.poll;
        let mut idle = true;
        if now < Phase::Stop && calls.len() < calls_at_once {
            match fill(&service, &channel_id, calls_at_once - calls.len(), true, now == Phase::Drain).await {
                Ok(filled) => {
                    idle = filled.ready.is_empty() && filled.wait.is_none();
                    wait = filled.wait.map_or(wait, |it| it.max(GATHER)).min(wait);
                    for ready in filled.ready {
                        let (id, attempt) = (ready.message.id, ready.message.attempt);
                        held.insert(id, attempt);
                        let service = Arc::clone(&service);
                        calls.spawn(async move {
                            if let Err(problem) = attempt::call(&service, ready).await {
                                tracing::error!(outbox_id = %id, %problem, "an attempt could not be settled");
                            }
                            id
                        });
                    }
                }
                Err(problem) => {
                    tracing::error!(channel_id, %problem, "messages could not be sent; trying again");
                }
            }
        }
        if calls.is_empty() && now == Phase::Stop {
            return;
        }
        if calls.is_empty() && now == Phase::Drain && idle {
            if looked_again {
                return;
            }
            // What is on its way to the disk may be for this channel: an empty write waits for it.
            looked_again = true;
            if let Err(problem) = service.store.extend_outbound(Vec::new(), service.now()).await {
                tracing::warn!(channel_id, %problem, "the last messages could not be looked for");
            }
            continue;
        }
        tokio::select! {
            Some(ended) = calls.join_next() => {
                forget(&mut held, ended);
                while let Some(ended) = calls.try_join_next() {
                    forget(&mut held, ended);
                }
            }
            _ = woken.changed() => {}
            _ = phase.changed() => {}
            () = tokio::time::sleep(wait) => {}
            _ = beat.tick() => {
                let under_way: Vec<_> = held.iter().map(|(id, attempt)| (*id, *attempt)).collect();
                if !under_way.is_empty()
                    && let Err(problem) = service.store.extend_outbound(under_way, service.now()).await
                {
                    tracing::warn!(channel_id, %problem, "leases could not be kept");
                }
            }
        }
    }
}

fn forget(held: &mut HashMap<Uuid, i64>, ended: Result<Uuid, tokio::task::JoinError>) {
    match ended {
        Ok(id) => {
            held.remove(&id);
        }
        // Its lease lapses, and it becomes unknown.
        Err(problem) => tracing::error!(panicked = problem.is_panic(), "an attempt broke off"),
    }
}

/// Commits as `dispatched` what may go now, at most `room` messages.
async fn fill(
    service: &Service,
    channel_id: &str,
    room: usize,
    paced: bool,
    asked_only: bool,
) -> Result<Filled, Error> {
    let now = service.now();
    let due = service.store.list_due(channel_id, now, LOOK).await?;
    let due = attempt::sift(service, due, now).await?;
    let mut wait: Option<Duration> = None;
    let mut picked = Vec::new();
    let mut rest_is_over = false;
    for it in due {
        let asked = it.purpose.asked_for();
        if picked.len() == room {
            // A call that ends makes room.
            break;
        }
        if !asked && (asked_only || rest_is_over) {
            continue;
        }
        let gateway_id = service.sending.gateway_for(channel_id, Use::of(it.purpose), now);
        if let Some(until) = service.sending.paused_until(&gateway_id, it.contact_id).filter(|it| *it > now) {
            let left = Duration::from_millis(u64::try_from(until.since(now)).unwrap_or(0));
            wait = Some(wait.map_or(left, |it| it.min(left)));
            continue;
        }
        if paced {
            match service.sending.pacer(&gateway_id).take(asked, it.contact_id) {
                Ok(()) => {}
                Err(Later::Contact(left)) => {
                    wait = Some(wait.map_or(left, |it| it.min(left)));
                    continue;
                }
                Err(Later::Gateway(left)) => {
                    wait = Some(wait.map_or(left, |it| it.min(left)));
                    // Lanes follow each other, so what comes after a reply waits as long.
                    if asked {
                        break;
                    }
                    rest_is_over = true;
                    continue;
                }
            }
        }
        picked.push((it.id, gateway_id));
    }
    let ready = if picked.is_empty() { Vec::new() } else { attempt::prepare(service, picked).await? };
    Ok(Filled { ready, wait })
}

/// Sends what is due on a channel whatever its pace, and waits for the end of it; gives how many.
pub(in crate::jobs) async fn batch(service: &Arc<Service>, channel_id: &str) -> Result<usize, Error> {
    let room = usize::try_from(service.limits.send_batch).unwrap_or(1);
    let ready = fill(service, channel_id, room, false, false).await?.ready;
    let count = ready.len();
    let mut calls = JoinSet::new();
    for one in ready {
        let service = Arc::clone(service);
        calls.spawn(async move { attempt::call(&service, one).await });
    }
    let mut first = None;
    while let Some(ended) = calls.join_next().await {
        let result = ended.unwrap_or_else(|problem| Err(Error::Other(format!("a job broke off: {problem}"))));
        if let Err(problem) = result {
            first.get_or_insert(problem);
        }
    }
    first.map_or(Ok(count), Err)
}
