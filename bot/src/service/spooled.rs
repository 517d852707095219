//! What happens while the database can't take messages: those of in-the-answer channels go to the
//! spool, and from there into the database when it is back.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Answer, NewInbound, Service};
use crate::spool::SpoolError;
use crate::store;

/// How long nobody waits for a database that failed: the spool is asked at once.
const TRUST_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// How often it is tried to empty the spool.
const DRAIN_EVERY: Duration = Duration::from_secs(1);

/// Why the spool was not emptied.
#[derive(Debug, thiserror::Error)]
enum DrainError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

impl Service {
    /// Whether the database failed a moment ago.
    pub(super) fn store_is_down(&self) -> bool {
        let at = self.store_failed.lock().unwrap_or_else(PoisonError::into_inner);
        at.is_some_and(|it| it.elapsed() < TRUST_AGAIN_AFTER)
    }

    /// Notes that the database failed, or that it works.
    pub(super) fn store_answered(&self, works: bool) {
        let mut at = self.store_failed.lock().unwrap_or_else(PoisonError::into_inner);
        *at = (!works).then(Instant::now);
    }

    /// Keeps a message in the spool, to be answered by a job: the answer is empty.
    ///
    /// # Errors
    /// `why`, where there is no spool or it can't take the message either: it was not kept.
    pub(super) async fn spool(
        &self,
        inbound: &NewInbound,
        why: store::Error,
    ) -> Result<Answer, store::Error> {
        let Some(spool) = &self.spool else { return Err(why) };
        match spool.add(inbound).await {
            Ok(()) => {
                self.spool_waits.notify_one();
                Ok(Answer::spooled())
            }
            Err(problem) => {
                tracing::error!(%problem, "a message could be kept neither in the database nor in the spool");
                Err(why)
            }
        }
    }

    /// Empties the spool into the database whenever there is something in it, until `stop`.
    pub async fn run_spool(self: Arc<Self>, stop: CancellationToken) {
        let mut told = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.spool_waits.notified() => {}
                () = tokio::time::sleep(DRAIN_EVERY) => {}
            }
            match self.drain_spool().await {
                Ok(0) => {}
                Ok(messages) => {
                    told = false;
                    tracing::info!(messages, "messages of the spool are in the database");
                }
                Err(problem) => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::error!(%problem, "messages wait in the spool; it is tried again every second");
                    }
                    // Woken by the next message it would only fail again.
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(DRAIN_EVERY) => {}
                    }
                }
            }
        }
    }

    /// Puts all messages of the spool into the database; gives how many.
    async fn drain_spool(&self) -> Result<usize, DrainError> {
        let Some(spool) = self.spool.as_ref().filter(|it| it.kept() > 0) else { return Ok(0) };
        spool.drain(|inbounds| self.take_back(inbounds)).await
    }

    /// Accepts messages of the spool, in their order. One that got into the database after all, its
    /// answer unsaid, is answered by a push.
    async fn take_back(&self, inbounds: Vec<NewInbound>) -> Result<(), DrainError> {
        let accepting: Vec<_> = inbounds.into_iter().map(|it| self.take_back_one(it)).collect();
        // Begun in their order, so that they are written in it, and many of them in one commit.
        for ended in futures_util::future::join_all(accepting).await {
            ended?;
        }
        Ok(())
    }

    async fn take_back_one(&self, inbound: NewInbound) -> Result<(), DrainError> {
        let route = self.store.keys().lookup(&inbound.channel_id, &inbound.address)?;
        let can_push = self.gateways.contains_key(&inbound.channel_id);
        let accepted = self.accept(inbound).await?;
        if accepted.fresh || !can_push {
            return Ok(());
        }
        let replies = self.store.list_unwritten(accepted.inbox_id).await?;
        let answer = Answer { inbox_id: accepted.inbox_id, fresh: false, replies, route, can_push };
        self.answer_given_up(&answer).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::clock::Clock;
    use crate::domain::channel::ChannelKind;
    use crate::domain::time::UnixMillis;
    use crate::spool::Spool;
    use crate::store::Store;

    const START: UnixMillis = UnixMillis(1_790_000_000_000);

    #[tokio::test]
    async fn one_who_waits_behind_her_own_messages_does_not_make_the_database_look_down() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open_in_memory(START).await.expect("a store");
        let facts = Arc::new(crate::embedded::facts().expect("the pack"));
        let mut service = Service::new(store, facts, Clock::fixed(START), HashMap::new());
        let file = folder.path().join(crate::spool::FILE_NAME);
        let spool = Spool::open(&file, 64 * 1024, service.store.keys()).await.expect("a spool");
        service.spool = Some(spool);
        service.limits.durable_within = Duration::from_millis(20);
        let inbound = NewInbound {
            channel_id: "telco".to_owned(),
            kind: ChannelKind::Sms,
            external_id: Some("1".to_owned()),
            address: "+525512345678".to_owned(),
            text: "tlapa".to_owned(),
            location: None,
            payload: None,
            pressed: None,
            provider_at: None,
            received_at: START,
        };
        let route = service.store.keys().lookup(&inbound.channel_id, &inbound.address).expect("a key");
        let turn = service.turns.take(&route).await;
        // It is kept all the same.
        let answer = service.answer(inbound.clone()).await.expect("spooled");
        assert_eq!((answer.replies.len(), service.spool.as_ref().map(Spool::kept)), (0, Some(1)));
        assert!(!service.store_is_down());
        drop(turn);
        service.limits.durable_within = Duration::from_mins(1);
        assert_eq!(service.drain_spool().await.expect("drained"), 1);
        assert_eq!(service.store.count_inbound("received").await, Ok(1));
        // A database that fails is another matter.
        service.store.close().await;
        assert!(service.answer(NewInbound { external_id: Some("2".to_owned()), ..inbound }).await.is_ok());
        assert!(service.store_is_down());
    }
}
