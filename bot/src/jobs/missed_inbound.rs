//! Asks gateways that give up after one try (Twilio) for what they received and we never saw.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::channels::gateway::Gateway;
use crate::channels::twilio;
use crate::domain::channel::ChannelKind;
use crate::domain::phone;
use crate::domain::time::{DAY, MINUTE, UnixMillis};
use crate::service::{NewInbound, Service};
use crate::store::Error;

/// How often they are asked.
const EVERY: Duration = Duration::from_mins(3);
/// A message younger than this may still come by itself, ms.
const SETTLED: i64 = 2 * MINUTE;
/// How far back a list is read beyond where it was read to, ms: entries may appear late.
const OVERLAP: i64 = 10 * MINUTE;
/// How far back a list is read at most, ms.
const FURTHEST: i64 = 7 * DAY;

/// Asks until `stop`.
pub async fn run(service: Arc<Service>, country: String, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(problem) = ask(&service, &country).await {
            tracing::error!(%problem, "missed messages could not be kept; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Asks every gateway that has a list once; gives how many messages had been missed.
///
/// # Errors
/// What was found could not be kept; it is found again the next time.
pub async fn ask(service: &Service, country: &str) -> Result<usize, Error> {
    let mut missed = 0;
    for (channel_id, gateway) in &service.gateways {
        if let Gateway::Twilio(sender) = gateway {
            missed += ask_one(service, country, channel_id, sender).await?;
        }
    }
    Ok(missed)
}

async fn ask_one(
    service: &Service,
    country: &str,
    channel_id: &str,
    sender: &twilio::Sender,
) -> Result<usize, Error> {
    let now = service.clock.now();
    let cursor = format!("missed:{channel_id}");
    let Some(read_to) = service.store.find_cursor(&cursor).await? else {
        // What came before the first start was written to somebody else.
        service.store.update_cursor(&cursor, now.0 + OVERLAP, now).await?;
        return Ok(0);
    };
    let from = UnixMillis((read_to - OVERLAP).max(now.0 - FURTHEST));
    let Some(received) = sender.received_since(from).await else {
        tracing::warn!(channel_id, "the gateway's list of messages could not be read; trying again");
        return Ok(0);
    };
    let mut missed = 0;
    for message in received.into_iter().filter(|it| it.at.0 <= now.0 - SETTLED) {
        let Some(address) = phone::normalise(&message.from, country) else { continue };
        let accepted = service
            .accept(NewInbound {
                channel_id: channel_id.to_owned(),
                kind: ChannelKind::Sms,
                external_id: Some(message.sid),
                address,
                text: message.body.replace('\0', ""),
                location: None,
                payload: None,
                pressed: None,
                provider_at: None,
                received_at: now,
            })
            .await?;
        missed += usize::from(accepted.fresh);
    }
    if missed > 0 {
        tracing::warn!(channel_id, missed, "messages that the gateway could not hand over were fetched");
    }
    service.store.update_cursor(&cursor, read_to.max(now.0 - SETTLED), now).await?;
    Ok(missed)
}
