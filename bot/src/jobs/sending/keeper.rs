//! The keeper: leases that are over, attempts that nobody knows the end of, channels that nobody sends
//! for, and what is remembered of gateways.

use std::sync::Arc;
use std::time::Duration;

use super::channel;
use super::schedule::{WORTHWHILE, ask_again, wait};
use crate::channels::gateway::Listed;
use crate::service::Service;
use crate::store::outbox::{Settled, UnsettledAttempt};
use crate::store::{Error, budgets, gateways};

/// How many unknown attempts are looked up in one round.
const LOOKED_UP: u32 = 20;

/// How long a gateway may take to look an attempt up.
const LOOK_WITHIN: Duration = Duration::from_secs(20);

/// Takes up what was known of the gateways before a restart.
pub(in crate::jobs) async fn start(service: &Service) -> Result<(), Error> {
    service.sending.health.load(service.store.list_gateways().await?);
    Ok(())
}

/// Does once what is to be done now and then; gives how many messages it moved.
pub(in crate::jobs) async fn round(service: &Arc<Service>) -> Result<usize, Error> {
    let now = service.now();
    let lapsed = service.store.lapse_outbound(now).await?;
    if lapsed > 0 {
        tracing::warn!(lapsed, "messages were handed over by a process that stopped: not known if sent");
    }
    let mut moved = settle(service).await?;
    for id in service.store.alarm_unsettled(now).await? {
        tracing::error!(outbox_id = %id, "nobody knows for a day whether a message was sent: see `cabildo outbox`");
    }
    for row in service.sending.health.unwritten() {
        service.store.update_gateway(row, gateways::Switch::None, now).await?;
    }
    let day = service.sending.caps(&service.facts.load(), now).day;
    service.sending.set_money(service.store.used_budget(budgets::MONEY, day).await?);
    service.sending.tidy(now);
    for channel_id in service.store.list_queued_channels().await? {
        if !service.gateways.contains_key(&channel_id) {
            moved += channel::batch(service, &channel_id).await?;
        }
    }
    Ok(moved)
}

/// Looks up attempts whose end nobody knows in the lists of their gateways; gives how many it settled.
async fn settle(service: &Service) -> Result<usize, Error> {
    let mut settled = 0;
    for it in service.store.list_unsettled(service.now(), LOOKED_UP).await? {
        let listed = match (&it.unsettled, service.gateways.get(&it.gateway_id)) {
            (Ok(unsettled), Some(gateway)) => {
                tokio::time::timeout(LOOK_WITHIN, gateway.find(unsettled)).await.unwrap_or(Listed::NotKnown)
            }
            _ => Listed::NotKnown,
        };
        settled += usize::from(decide(service, &it, listed).await?);
    }
    Ok(settled)
}

/// Notes what a list says of an attempt; whether that settles it.
async fn decide(service: &Service, it: &UnsettledAttempt, listed: Listed) -> Result<bool, Error> {
    let now = service.now();
    let token = it.token;
    let settled = match listed {
        Listed::Taken(provider_id) => Settled::Accepted(provider_id),
        // At most once is the promise for what goes to many: better none than two.
        Listed::NotTaken if !it.purpose.asked_for() => Settled::Abandoned("not_taken".to_owned()),
        Listed::NotTaken if now.since(it.dispatched_at) > WORTHWHILE => Settled::Expired,
        Listed::NotTaken => match wait(token.attempt - 1, token.message.as_u128() as u64) {
            Some(_) => Settled::Retry(now, "not_taken".to_owned()),
            None => Settled::Failed("not_taken".to_owned()),
        },
        Listed::NotKnown => {
            let again = ask_again(now.since(it.dispatched_at)).map(|wait| now.plus(wait));
            service.store.ask_later(token, again).await?;
            return Ok(false);
        }
    };
    tracing::info!(outbox_id = %token.message, attempt = token.attempt, "an unknown attempt is settled");
    let done = service.store.settle_outbound(token.message, token.attempt, settled, now).await?;
    service.wake_senders();
    Ok(done)
}
