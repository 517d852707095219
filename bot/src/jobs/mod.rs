//! The runner of jobs: wakes when there is work, looks for it as a fallback, drains on shutdown.

mod handle_inbound;
pub mod missed_inbound;
mod send_outbound;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::service::Service;
use crate::store::Error;

/// Runs the jobs until `shutdown`, then finishes the work that is there, for a bounded time.
pub async fn run(service: Arc<Service>, shutdown: CancellationToken) {
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
    let outbound = async {
        while !shutdown.is_cancelled() {
            match send_outbound::batch(&service).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(problem) => tracing::error!(%problem, "messages could not be sent; trying again"),
            }
            wait(&service, &service.outbound_waits, &shutdown).await;
        }
    };
    tokio::join!(inbound, outbound);
    match tokio::time::timeout(service.limits.drain, process_all_jobs(&service)).await {
        Ok(Ok(())) => {}
        Ok(Err(problem)) => tracing::error!(%problem, "the jobs did not drain; they go on at the next start"),
        Err(_) => tracing::warn!("the jobs did not drain in time; they go on at the next start"),
    }
}

async fn wait(service: &Service, work: &tokio::sync::Notify, shutdown: &CancellationToken) {
    tokio::select! {
        () = work.notified() => {}
        () = tokio::time::sleep(service.limits.poll) => {}
        () = shutdown.cancelled() => {}
    }
}

/// Does all the work that is due now, and what follows from it.
///
/// # Errors
/// The first error of the store; the work that met it is still there.
pub async fn process_all_jobs(service: &Arc<Service>) -> Result<(), Error> {
    loop {
        let handled = handle_inbound::batch(service).await?;
        let sent = send_outbound::batch(service).await?;
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
