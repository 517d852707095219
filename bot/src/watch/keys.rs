//! Takes in a key file that was changed beside the running service, and seals what is old anew.

use std::time::Duration;

use super::Watch;
use crate::store::AddressKeys;
use crate::store::rotation::TextPlace;

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// How long both versions are known before the new one writes. What was sealed with the old keys
/// alone has ended by then: a message that is not on disk within 10 s is refused.
const GRACE: Duration = Duration::from_secs(30);

/// Addresses sealed anew in one transaction, and the pause after it, so that messages go first.
const BATCH: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// How long after all texts were found to be sealed anew they are looked at again: another process may have
/// written with the old keys until then.
const TEXTS_AGAIN: Duration = Duration::from_hours(1);

/// Runs for ever.
pub(super) async fn run(watch: &Watch) {
    // To find that no text is old all keys of cases are read.
    let mut texts: Option<(i64, tokio::time::Instant)> = None;
    loop {
        reload(watch).await;
        reseal(watch).await;
        let current = watch.service.store.current_keys();
        if texts.is_none_or(|(version, at)| version != current || at.elapsed() >= TEXTS_AGAIN)
            && reseal_texts(watch).await
        {
            texts = Some((current, tokio::time::Instant::now()));
        }
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

/// Seals keys of cases, drafts and requests anew until none is old; whether it got that far.
async fn reseal_texts(watch: &Watch) -> bool {
    let (mut done, mut place) = (0, TextPlace::default());
    loop {
        match watch.service.store.reseal_texts(BATCH, &mut place).await {
            Ok(None) => {
                if done > 0 {
                    tracing::info!(
                        done,
                        "keys of cases, drafts and requests are sealed with the current keys"
                    );
                }
                return true;
            }
            Ok(Some(count)) => done += count,
            Err(problem) => {
                tracing::error!(%problem, done, "keys of cases can't be sealed anew; trying again");
                return false;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
