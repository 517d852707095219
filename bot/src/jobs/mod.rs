//! The runner of jobs: wakes when there is work, looks for it as a fallback, drains on shutdown.

pub mod broadcasts;
mod cases;
pub mod corrections;
mod demands;
mod handle_inbound;
pub mod hints;
pub mod missed_inbound;
pub mod sending;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::sending::channel::{self, Phase};
use self::sending::keeper;
use crate::service::Service;
use crate::store::Error;

/// How often the keeper looks after leases, unknown attempts and gateways.
const KEEP: Duration = Duration::from_secs(5);

/// Runs the jobs until `shutdown`, then finishes the work that is there, for a bounded time. Each channel
/// has a task of its own.
pub async fn run(service: Arc<Service>, shutdown: CancellationToken) {
    if let Err(problem) = keeper::start(&service).await {
        tracing::error!(%problem, "what is known of the gateways could not be read");
    }
    let phase = watch::Sender::new(Phase::Run);
    let mut channels = JoinSet::new();
    for channel_id in service.gateways.keys() {
        channels.spawn(channel::run(Arc::clone(&service), channel_id.clone(), phase.subscribe()));
    }
    let inbound = async {
        while !shutdown.is_cancelled() {
            match handle_inbound::batch(&service).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(problem) => tracing::error!(%problem, "messages could not be handled; trying again"),
            }
            wait(&service, &service.inbound_waits, &shutdown).await;
        }
    };
    let keeper = async {
        while !shutdown.is_cancelled() {
            if let Err(problem) = keeper::round(&service).await {
                tracing::error!(%problem, "the outbox could not be looked after; trying again");
            }
            match cases::round(&service).await {
                Ok(0) => {}
                Ok(_) => service.wake_senders(),
                Err(problem) => tracing::error!(%problem, "the clocks of cases stand; trying again"),
            }
            if let Err(problem) = service.refresh_highlights().await {
                tracing::error!(%problem, "the cards could not be read; trying again");
            }
            match demands::round(&service).await {
                Ok(0) => {}
                Ok(_) => service.wake_senders(),
                Err(problem) => tracing::error!(%problem, "the clocks of demands stand; trying again"),
            }
            tokio::select! {
                () = tokio::time::sleep(KEEP) => {}
                () = shutdown.cancelled() => {}
            }
        }
    };
    tokio::join!(inbound, keeper);
    let drained = tokio::time::timeout(service.limits.drain, async {
        while handle_inbound::batch(&service).await? > 0 {}
        phase.send_replace(Phase::Drain);
        while channels.join_next().await.is_some() {}
        Ok::<(), Error>(())
    });
    match drained.await {
        Ok(Ok(())) => {}
        Ok(Err(problem)) => tracing::error!(%problem, "the jobs did not drain; they go on at the next start"),
        Err(_) => tracing::warn!("the jobs did not drain in time; they go on at the next start"),
    }
    // Calls that are under way are waited for: what they answer would be lost else.
    phase.send_replace(Phase::Stop);
    while channels.join_next().await.is_some() {}
}

async fn wait(service: &Service, work: &tokio::sync::Notify, shutdown: &CancellationToken) {
    tokio::select! {
        () = work.notified() => {}
        () = tokio::time::sleep(service.limits.poll) => {}
        () = shutdown.cancelled() => {}
    }
}

/// Does all the work that is due now, and what follows from it, whatever the pace of the channels.
///
/// # Errors
/// The first error of the store; the work that met it is still there.
pub async fn process_all_jobs(service: &Arc<Service>) -> Result<(), Error> {
    loop {
        service.refresh_highlights().await?;
        let handled = handle_inbound::batch(service).await?;
        let mut sent = keeper::round(service).await? + demands::round(service).await?;
        sent += broadcasts::round(service).await?;
        for channel_id in service.gateways.keys() {
            sent += channel::batch(service, channel_id).await?;
        }
        if handled + sent == 0 {
            return Ok(());
        }
    }
}

/// Runs `work` on the items of each contact in their order, contacts beside each other, so that one
/// contact's failure or slowness holds up nobody else.
async fn by_contact<I, F>(items: Vec<(Uuid, I)>, work: impl Fn(Vec<I>) -> F) -> Result<usize, Error>
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let count = items.len();
    let mut groups: HashMap<Uuid, Vec<I>> = HashMap::new();
    for (contact_id, item) in items {
        groups.entry(contact_id).or_default().push(item);
    }
    let mut tasks = JoinSet::new();
    for group in groups.into_values() {
        tasks.spawn(work(group));
    }
    let mut first = None;
    while let Some(ended) = tasks.join_next().await {
        let result = ended.unwrap_or_else(|problem| Err(Error::Other(format!("a job broke off: {problem}"))));
        if let Err(problem) = result {
            first.get_or_insert(problem);
        }
    }
    first.map_or(Ok(count), Err)
}
