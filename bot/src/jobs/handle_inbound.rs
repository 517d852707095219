//! Handles messages that were accepted: the dialogue's step, and all that follows from it in one
//! transaction.

use std::sync::Arc;

use super::by_contact;
use crate::domain::channel::ChannelKind;
use crate::domain::time::UnixMillis;
use crate::engine;
use crate::service::{CONFLICTS, Service};
use crate::store::Error;
use crate::store::inbox::Pending;

/// Handles the oldest messages that wait; gives how many.
pub(super) async fn batch(service: &Arc<Service>) -> Result<usize, Error> {
    let pending = service.store.list_pending(service.limits.handle_batch).await?;
    by_contact(pending.into_iter().map(|it| (it.contact_id, it)).collect(), |messages| {
        let service = Arc::clone(service);
        async move {
            for message in messages {
                handle(&service, message).await?;
            }
            Ok(())
        }
    })
    .await
}

/// Handles one message: after it, the message is handled or parked. An error of the store that may
/// pass leaves it as it was.
async fn handle(service: &Service, pending: Pending) -> Result<(), Error> {
    let Pending { id, contact_id, .. } = pending;
    let Ok(channel) = pending.channel_kind.parse::<ChannelKind>() else {
        // A row of a newer release: it can't be rendered here.
        return give_up(service, &pending).await;
    };
    let link = service.link_facts(Some(contact_id), channel, &pending.text).await?;
    let mut message = engine::Inbound {
        channel,
        text: pending.text.clone(),
        location: pending.latitude.zip(pending.longitude),
        payload: pending.payload.clone(),
        at: UnixMillis(pending.received_at),
        link,
    };
    for tries in 0..CONFLICTS {
        if tries > 0 && message.link.is_some() {
            // Somebody else may have used the code.
            message.link = service.link_facts(Some(contact_id), channel, &pending.text).await?;
        }
        let stored = service.store.find_conversation(contact_id).await?;
        let failed = match service.work_out(id, &stored, &message, pending.pressed.is_some()) {
            Err(_) => true,
            Ok(outcome) => match service.store.handle_inbound(id, contact_id, outcome).await {
                Ok(_) => {
                    service.metrics.handled(1);
                    service.outbound_waits.notify_one();
                    return Ok(());
                }
                // Another message of the contact came first: work it out on what that one left.
                Err(Error::Conflict) => false,
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
async fn give_up(service: &Service, pending: &Pending) -> Result<(), Error> {
    while !service.store.fail_inbound(pending.id, service.now()).await? {}
    tracing::error!(inbox_id = %pending.id, "a message is parked: its kind of channel is not known");
    Ok(())
}
