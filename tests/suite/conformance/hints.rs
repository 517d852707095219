//! Hints between processes: on `PostgreSQL` one is heard, on `SQLite` nobody is there to hear it.

use std::time::Duration;

use cabildo_bot::store::Location;
use tokio::sync::mpsc;

/// Until a hint must have been heard, and how long it is listened where none can come.
const PATIENCE: Duration = Duration::from_secs(30);
const SILENCE: Duration = Duration::from_millis(200);

both!(a_hint_is_heard_by_those_who_listen, |test| {
    let (heard, mut hints) = mpsc::unbounded_channel();
    let store = test.store.clone();
    let listening = tokio::spawn(async move {
        store
            .listen(|| {
                let _ = heard.send(());
            })
            .await
            .map(|never| match never {})
    });
    if matches!(test.location, Location::File(_)) {
        test.store.hint().await.expect("nobody is told");
        assert!(tokio::time::timeout(SILENCE, hints.recv()).await.is_err(), "nothing to be heard");
    } else {
        // The first is that it listens at all.
        for what in ["listening", "the hint"] {
            let heard = tokio::time::timeout(PATIENCE, hints.recv()).await;
            assert_eq!(heard, Ok(Some(())), "{what}");
            if what == "listening" {
                test.store.hint().await.expect("told");
            }
        }
    }
    listening.abort();
    assert!(listening.await.is_err_and(|it| it.is_cancelled()), "it listens until it is ended");
});
