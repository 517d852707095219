//! The published cards, remembered.

use std::sync::Arc;

use uuid::Uuid;

use super::Service;
use crate::domain::highlight::card::State;
use crate::domain::time::{MINUTE, UnixMillis};
use crate::store::Error;

/// Cards that are read again at once.
const PAGE: u32 = 200;
/// How far back it is read again what changed, since commits of other processes may come late.
const OVERLAP: i64 = MINUTE;

impl Service {
    /// Reads the cards again that changed since they were read last.
    pub async fn refresh_highlights(&self) -> Result<(), Error> {
        let mut last = self.cards_read.lock().await;
        let mut after = (last.map_or(UnixMillis(i64::MIN), |it| it.plus(-OVERLAP)), Uuid::nil());
        loop {
            let changed = self.store.list_changed_highlights(after, PAGE).await?;
            let Some((at, id, _)) = changed.last() else { return Ok(()) };
            after = (*at, *id);
            *last = Some(last.map_or(after.0, |it| it.max(after.0)));
            let full = changed.len() < PAGE as usize;
            let known = self.cards.load_full();
            // Of what is read again most did not change.
            let differs = changed.iter().any(|(_, id, card)| {
                let shown = card.as_ref().filter(|it| it.state == State::Published);
                known.by_id(*id) != shown
            });
            if differs {
                self.cards.store(Arc::new(known.with(changed.into_iter().map(|(_, id, card)| (id, card)))));
            }
            if full {
                return Ok(());
            }
        }
    }
}
