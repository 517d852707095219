//! Handles messages that were accepted: the dialogue's step, and all that follows from it in one
//! transaction.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::by_contact;
use crate::domain::channel::ChannelKind;
use crate::domain::time::UnixMillis;
use crate::engine;
use crate::flood::Flow;
use crate::service::{CONFLICTS, Conflicts, Opened, Service};
use crate::store::Error;
use crate::store::inbox::{Handled, Pending};

/// How often a worker says that it still works on what it claimed.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Handles the oldest messages that wait; gives how many.
pub(super) async fn batch(service: &Arc<Service>) -> Result<usize, Error> {
    let claimed = service.store.claim_inbound(service.now(), service.limits.handle_batch).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let claims: Vec<(Uuid, i64)> = claimed.iter().map(|it| (it.id, it.fence)).collect();
    let work = by_contact(claimed.into_iter().map(|it| (it.contact_id, it)).collect(), |messages| {
        let service = Arc::clone(service);
        async move {
            let mut messages = messages.into_iter();
            while let Some(message) = messages.next() {
                let claim = (message.id, message.fence);
                if let Err(problem) = handle(&service, message).await {
                    // The contact's other messages keep their place behind this one.
                    let claims = std::iter::once(claim).chain(messages.map(|it| (it.id, it.fence))).collect();
                    // If this fails too, the lease ends it.
                    let _ = service.store.release_claims(claims).await;
                    return Err(problem);
                }
            }
            Ok(())
        }
    });
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            ended = work.as_mut() => return ended,
            () = tokio::time::sleep(HEARTBEAT) => {
                if let Err(problem) = service.store.extend_claims(claims.clone(), service.now()).await {
                    tracing::warn!(%problem, "the claim of messages at work could not be prolonged");
                }
            }
        }
    }
}

/// Handles one message: after it, the message is handled or parked. An error of the store that may
/// pass leaves it as it was.
async fn handle(service: &Service, pending: Pending) -> Result<(), Error> {
    let Pending { id, contact_id, fence, .. } = pending;
    let Ok(channel) = pending.channel_kind.parse::<ChannelKind>() else {
        // A row of a newer release: it can't be rendered here.
        return give_up(service, &pending, "its kind of channel is not known").await;
    };
    if pending.damaged {
        return give_up(service, &pending, "its text does not open").await;
    }
    let link = service.link_facts(Some(contact_id), channel, &pending.text).await?;
    let mut message = engine::Inbound {
        channel,
        text: pending.text.clone(),
        location: pending.latitude.zip(pending.longitude),
        payload: pending.payload.clone(),
        at: UnixMillis(pending.received_at),
        link,
        cases: None,
        demands: engine::demands::Known::default(),
        cards: service.cards.load_full(),
        privacy: None,
    };
    let _turn = service.turns.take(contact_id.as_bytes()).await;
    let flow = service.flow(Some(contact_id), id, &pending.text);
    let mut conflicts = Conflicts::default();
    for tries in 0..CONFLICTS {
        if tries > 0 && message.link.is_some() {
            // Somebody else may have used the code.
            message.link = service.link_facts(Some(contact_id), channel, &pending.text).await?;
        }
        let loaded = service.store.load_contact_by_id(contact_id).await?;
        let opened = if flow == Flow::Answer { Service::open(id, &loaded) } else { Opened::default() };
        if flow == Flow::Answer {
            let pinned = message.location.is_some();
            message.cases = service.case_facts(Some(contact_id), &opened, &pending.text, pinned).await?;
            let payload = pending.payload.as_deref();
            message.demands =
                service.known_demands(Some(contact_id), &opened, &pending.text, payload).await?;
            message.privacy = service.privacy_facts(Some(contact_id), None, &opened, &pending.text).await?;
        }
        let pressed = pending.pressed.is_some();
        let worked = service.work_out_known(id, &loaded, opened, &mut message, flow, pressed).await?;
        // A dialogue alone only ever waits for another message of its contact.
        let changes = worked.as_ref().is_ok_and(|it| !it.changes.is_empty());
        let failed = match worked {
            Err(_) => true,
            Ok(outcome) => match service.store.handle_claimed(id, contact_id, fence, outcome).await {
                Ok(Handled::Done) => {
                    service.metrics.handled(1);
                    service.wake_senders();
                    return Ok(());
                }
                Ok(Handled::Before) => return Ok(()),
                Ok(Handled::Fenced) => {
                    tracing::warn!(inbox_id = %id, "a worker was away too long: another one has its message");
                    return Ok(());
                }
                // Another message of the contact came first: work it out on what that one left.
                Err(Error::Conflict) => changes && conflicts.last(loaded.stored.version),
                Err(problem @ Error::Unavailable(_)) => return Err(problem),
                Err(problem) => {
                    tracing::error!(inbox_id = %id, %problem, "what a message leads to can't be stored");
                    true
                }
            },
        };
        if failed && service.store.fail_inbound(id, service.now()).await? {
            service.metrics.parked();
            tracing::error!(inbox_id = %id, "a message is parked: it could not be handled");
            return Ok(());
        }
    }
    Err(Error::Conflict)
}

/// Parks a message that no try will change.
async fn give_up(service: &Service, pending: &Pending, why: &'static str) -> Result<(), Error> {
    while !service.store.fail_inbound(pending.id, service.now()).await? {}
    tracing::error!(inbox_id = %pending.id, why, "a message is parked");
    Ok(())
}
