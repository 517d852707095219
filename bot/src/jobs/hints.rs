//! Hints between processes that share a database: who accepts work tells the others, once a second at
//! most, and wakes as soon as it is told. What a hint says is never more than what looking each second finds.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::Service;
use crate::store::Engine;

/// The least time between two hints of this process.
const PAUSE: Duration = Duration::from_secs(1);
/// How long it waits before it listens again on a new connection.
const AGAIN: Duration = Duration::from_secs(2);

/// Tells and listens until `stop`; on `SQLite`, which one process has to itself, there is nobody to tell.
pub async fn run(service: &Service, stop: &CancellationToken) {
    if service.store.engine() == Engine::Sqlite {
        return;
    }
    let both = async { tokio::join!(tell(service), listen(service)) };
    // A hint that is cut off is one that is lost.
    tokio::select! {
        _ = both => {}
        () = stop.cancelled() => {}
    }
}

async fn tell(service: &Service) {
    loop {
        service.hints.notified().await;
        if let Err(problem) = service.store.hint().await {
            tracing::debug!(%problem, "a hint to other processes could not be sent");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(service: &Service) {
    loop {
        let Err(problem) = service.store.listen(|| service.hear()).await;
        tracing::debug!(%problem, "hints of other processes are not heard; listening again");
        tokio::time::sleep(AGAIN).await;
    }
}
