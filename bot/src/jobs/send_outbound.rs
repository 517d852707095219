//! Sends the messages that are due.

use std::sync::Arc;

use super::by_contact;
use crate::channels::gateway::{OutboundMessage, SendError};
use crate::domain::time::{DAY, HOUR, MINUTE};
use crate::service::Service;
use crate::store::Error;
use crate::store::outbox::{Claimed, Settled};

/// Waits before the first to the last repeat, ms.
const WAITS: [i64; 5] = [30_000, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];

/// After this a message is no longer worth sending, ms.
const WORTHWHILE: i64 = DAY;

/// Sends messages that are due; gives how many.
pub(super) async fn batch(service: &Arc<Service>) -> Result<usize, Error> {
    let now = service.now();
    let lapsed = service.store.lapse_outbound(now).await?;
    if lapsed > 0 {
        tracing::warn!(lapsed, "messages were handed over by a process that stopped: not known if sent");
    }
    let claimed = service.store.claim_outbound(now, service.limits.send_batch).await?;
    by_contact(claimed.into_iter().map(|it| (it.contact_id, it)).collect(), |messages| {
        let service = Arc::clone(service);
        async move {
            for message in messages {
                send(&service, message).await?;
            }
            Ok(())
        }
    })
    .await
}

/// One attempt at one message. `dispatched` is committed before the gateway is called, so a crash in
/// between can lose the knowledge whether it was sent, but never sends it twice unnoticed.
async fn send(service: &Service, claimed: Claimed) -> Result<(), Error> {
    let Claimed { id, attempt, edits, created_at, content, .. } = claimed;
    let settle = async |settled| {
        let known = service.store.settle_outbound(id, attempt, settled, service.now()).await?;
        if !known {
            tracing::warn!(outbox_id = %id, attempt, "an attempt ended after its lease: another one has begun");
        }
        Ok(())
    };
    let (contact, rendered) = match content {
        Ok(content) => content,
        Err(problem) => {
            tracing::error!(outbox_id = %id, %problem, "a message can't be sent");
            return settle(Settled::Failed("unreadable".to_owned())).await;
        }
    };
    let Some(gateway) = service.gateways.get(&contact.channel_id) else {
        tracing::error!(outbox_id = %id, channel_id = contact.channel_id, "no gateway sends for this channel");
        return settle(Settled::Failed("no_gateway".to_owned())).await;
    };
    if contact.gone_at.is_some() {
        return settle(Settled::Gone).await;
    }
    if service.now().since(created_at) > WORTHWHILE {
        return settle(Settled::Failed("too_old".to_owned())).await;
    }
    if !service.store.dispatch_outbound(id, attempt, service.now()).await? {
        return Ok(());
    }
    let message = OutboundMessage {
        id,
        attempt,
        address: contact.address,
        text: rendered.text,
        choices: rendered.choices,
        edits,
    };
    let sent = tokio::time::timeout(service.limits.send_within, gateway.send(&message)).await;
    let settled = match sent.unwrap_or(Err(SendError::Unknown)) {
        Ok(provider_id) => Settled::Accepted(provider_id),
        Err(SendError::Permanent { reason }) => Settled::Failed(reason),
        Err(SendError::Gone) => Settled::Gone,
        Err(SendError::Blocked) => Settled::Failed("blocked".to_owned()),
        Err(SendError::Unknown) => Settled::Unknown,
        Err(SendError::Retry { reason, after_ms }) => {
            let now = service.now();
            match wait(attempt, after_ms, id.as_u128() as u64 ^ service.limits.jitter_seed) {
                Some(wait) if now.plus(wait).since(created_at) <= WORTHWHILE => {
                    Settled::Retry(now.plus(wait), reason)
                }
                _ => Settled::Failed(reason),
            }
        }
    };
    match &settled {
        Settled::Accepted(_) => service.metrics.sent(&contact.channel_id, "accepted"),
        Settled::Retry(..) => service.metrics.retried(&contact.channel_id),
        Settled::Unknown => service.metrics.unknown(&contact.channel_id),
        Settled::Failed(reason) => service.metrics.sent(&contact.channel_id, reason),
        Settled::Gone => service.metrics.sent(&contact.channel_id, "gone"),
    }
    if !matches!(settled, Settled::Accepted(_)) {
        let (state, reason) = match &settled {
            Settled::Retry(_, reason) => ("queued", reason.as_str()),
            Settled::Failed(reason) => ("failed", reason.as_str()),
            Settled::Gone => ("failed", "gone"),
            Settled::Unknown | Settled::Accepted(_) => ("unknown", "no_answer"),
        };
        tracing::warn!(outbox_id = %id, attempt, state, reason, "a message was not taken");
    }
    settle(settled).await
}

/// How long to wait after attempt number `attempt` (from 1): the schedule with 20 % jitter drawn from
/// `seed`, or what the gateway asked for if that is longer. `None` after the last repeat.
fn wait(attempt: i64, asked: Option<i64>, seed: u64) -> Option<i64> {
    let base = *WAITS.get(usize::try_from(attempt - 1).ok()?)?;
    let share = mix(seed.wrapping_add(attempt as u64)) % 401;
    let jittered = base * 800 / 1_000 + base * share as i64 / 1_000;
    Some(jittered.max(asked.unwrap_or(0)))
}

/// `SplitMix64` (Steele, Lea, Flood 2014): spreads neighbouring seeds.
fn mix(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_by_the_schedule_with_a_fifth_of_jitter() {
        for (place, base) in WAITS.iter().enumerate() {
            let waits: Vec<i64> =
                (0..500).filter_map(|seed| wait(place as i64 + 1, None, seed * 7_919)).collect();
            assert_eq!(waits.len(), 500);
            assert!(waits.iter().all(|it| (base * 8 / 10..=base * 12 / 10).contains(it)));
            // Drawn from the whole range.
            assert!(waits.iter().any(|it| *it < base * 85 / 100));
            assert!(waits.iter().any(|it| *it > base * 115 / 100));
        }
        assert_eq!(wait(6, None, 1), None);
        assert_eq!(wait(6, Some(1), 1), None);
    }

    #[test]
    fn a_gateway_that_asks_for_longer_gets_it() {
        assert_eq!(wait(1, Some(HOUR), 1), Some(HOUR));
        assert_eq!(wait(2, Some(1), 1), wait(2, None, 1));
        assert_eq!(wait(1, Some(i64::MAX), 1), Some(i64::MAX));
    }

    #[test]
    fn the_same_seed_waits_the_same() {
        assert_eq!(wait(3, None, 42), wait(3, None, 42));
        assert_ne!(wait(3, None, 42), wait(3, None, 43));
    }
}
