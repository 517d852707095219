//! Turns: what one contact's messages do happens one after the other inside a process, so that they
//! don't fight for the version of its conversation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

/// Independent parts of the table, so that threads seldom wait for each other.
const PARTS: usize = 16;

/// Who is at work for whom.
#[derive(Debug)]
pub(crate) struct Turns(Vec<Mutex<HashMap<u64, Arc<tokio::sync::Mutex<()>>>>>);

/// A turn; the next one begins when it is dropped.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    number: u64,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }
}

impl Turns {
    fn part(&self, number: u64) -> &Mutex<HashMap<u64, Arc<tokio::sync::Mutex<()>>>> {
        &self.0[number as usize % PARTS]
    }

    /// Waits for the turn of what is named by `key` (evenly spread bytes: a keyed hash or an id). Two
    /// keys may share a turn, so nobody takes a second one while holding one.
    pub(crate) async fn take(&self, key: &[u8]) -> Turn<'_> {
        let number = key.iter().rev().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        let lock = {
            let mut part = self.part(number).lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            Arc::clone(part.entry(number).or_default())
        };
        // From here on the entry goes with the turn, also if the wait is given up.
        let mut turn = Turn { turns: self, number, guard: None };
        turn.guard = Some(lock.lock_owned().await);
        turn
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.guard = None;
        let mut part = self.turns.part(self.number).lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Whoever waits holds a copy of its own, taken under the lock of this part.
        if part.get(&self.number).is_some_and(|it| Arc::strong_count(it) == 1) {
            part.remove(&self.number);
        }
    }
}

/// Answers whose bodies are on their way to a connection, by message: while one is, no other one of
/// the same message is given up.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<Uuid, u32>>);

impl Flights {
    fn table(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, u32>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// One more body is on its way.
    pub(crate) fn begin(&self, inbox_id: Uuid) {
        *self.table().entry(inbox_id).or_default() += 1;
    }

    /// One has ended, however.
    pub(crate) fn end(&self, inbox_id: Uuid) {
        let mut table = self.table();
        if let Some(count) = table.get_mut(&inbox_id) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                table.remove(&inbox_id);
            }
        }
    }

    /// Whether one is on its way.
    pub(crate) fn any(&self, inbox_id: Uuid) -> bool {
        self.table().contains_key(&inbox_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_of_one_key_follow_each_other_and_leave_nothing_behind() {
        let turns = Arc::new(Turns::default());
        let inside = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let (turns, inside) = (Arc::clone(&turns), Arc::clone(&inside));
            tasks.spawn(async move {
                let _turn = turns.take(&[1, 2, 3]).await;
                let before = inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                before
            });
        }
        let other = turns.take(&[1, 2, 4]).await;
        assert!(tasks.join_all().await.iter().all(|it| *it == 0));
        drop(other);
        assert!(turns.0.iter().all(|part| part.lock().expect("a part").is_empty()));
    }
}
