//! Takes in a key file that was changed beside the running service, and seals what is old anew.

use std::time::Duration;

use super::Watch;
use crate::store::AddressKeys;

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// How long both versions are known before the new one writes. What was sealed with the old keys
/// alone has ended by then: a message that is not on disk within 10 s is refused.
const GRACE: Duration = Duration::from_secs(30);

/// Addresses sealed anew in one transaction, and the pause after it, so that messages go first.
const BATCH: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// Runs for ever.
pub(super) async fn run(watch: &Watch) {
    loop {
        reload(watch).await;
        reseal(watch).await;
        tokio::time::sleep(LOOK).await;
    }
}

/// Takes in the file, if it is another one.
async fn reload(watch: &Watch) {
    let store = &watch.service.store;
    // A file that is just being replaced is read at the next look.
    let Ok(newer) = AddressKeys::load_or_make(&watch.places.key_file, false) else { return };
    if store.has_keys(&newer) {
        return;
    }
    if let Err(problem) = store.learn_keys(&newer, watch.clock.now()).await {
        tracing::error!(%problem, "the changed key file is not used");
        return;
    }
    tracing::info!(version = newer.current(), "new address keys are known; they are used in 30 s");
    tokio::time::sleep(GRACE).await;
    store.adopt_keys(&newer);
}

/// Seals old addresses anew until there are none.
async fn reseal(watch: &Watch) {
    let mut done = 0;
    loop {
        match watch.service.store.reseal_addresses(BATCH).await {
            Ok(0) if done == 0 => return,
            Ok(0) => {
                tracing::info!(done, "all addresses are sealed with the current keys");
                return;
            }
            Ok(count) => done += count,
            Err(problem) => {
                tracing::error!(%problem, done, "addresses can't be sealed anew; trying again");
                return;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
