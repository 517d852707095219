//! Tells those who follow the feed that there is something new: woken by commits of this process, and by
//! looking every second for those of others.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::store::Store;

/// How often it looks without being woken.
const FLOOR: Duration = Duration::from_secs(1);
/// The least time between two looks, so that a flood of commits costs little.
const PAUSE: Duration = Duration::from_millis(25);

/// The number of the newest event.
#[derive(Debug)]
pub struct Feed(watch::Sender<i64>);

impl Default for Feed {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Feed {
    /// Follows the newest number.
    pub fn follow(&self) -> watch::Receiver<i64> {
        self.0.subscribe()
    }

    /// Looks until the service stops.
    pub async fn run(&self, store: &Store, stop: &CancellationToken) {
        loop {
            let woken = store.woken();
            // Before the look, so that a commit during it is not missed.
            let woken = woken.notified();
            match store.get_last_event().await {
                Ok(last) => {
                    self.0.send_if_modified(|it| std::mem::replace(it, last) < last);
                }
                Err(problem) => tracing::debug!(%problem, "the feed could not be read"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = woken => {}
                () = tokio::time::sleep(FLOOR) => {}
            }
        }
    }
}
