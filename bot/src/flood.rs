//! Floods: more messages of one contact than a person writes are kept, not answered one by one.
//!
//! The first message beyond the rate begins a fold: it gets the one reply of the fold, and those
//! after it are counted with it, so that staff see one row and others are not held up. The rate is
//! that of the moment; what it decided is in the database.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::time::{MINUTE, UnixMillis};

/// A fold ends when this long nothing was added to it, ms.
const OPEN: i64 = 10 * MINUTE;

/// Contacts that are remembered before those that are at rest are forgotten.
const REMEMBERED: usize = 10_000;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The dialogue answers it.
    Answer,
    /// It begins a fold and gets the fold's reply.
    Begin,
    /// It is counted with the fold that this message began.
    Join(Uuid),
}

/// The service's clock as the rate limiter reads it.
#[derive(Clone, Debug)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from((self.0.now().0.max(0) as u64).saturating_mul(1_000_000))
    }
}

/// The message that began a fold, and when the last one was added.
#[derive(Clone, Copy, Debug)]
struct Fold {
    first: Uuid,
    last_at: UnixMillis,
}

/// Tells a flood from a person who writes much.
#[derive(Debug)]
pub struct FloodGate {
    rate: RateLimiter<Uuid, HashMapStateStore<Uuid>, Ticks, NoOpMiddleware<Nanos>>,
    folds: Mutex<HashMap<Uuid, Fold>>,
    clock: Clock,
}

impl FloodGate {
    /// A gate that lets `per_minute` messages of a contact through, so many at once and then at that
    /// rate.
    pub fn new(per_minute: NonZeroU32, clock: Clock) -> Self {
        let rate = RateLimiter::new(
            Quota::per_minute(per_minute),
            HashMapStateStore::default(),
            Ticks(clock.clone()),
        );
        Self { rate, folds: Mutex::default(), clock }
    }

    /// What becomes of the message `inbox_id` of a contact.
    pub fn pass(&self, contact_id: Uuid, inbox_id: Uuid) -> Flow {
        if self.rate.check_key(&contact_id).is_ok() {
            if self.rate.len() > REMEMBERED {
                self.rate.retain_recent();
            }
            return Flow::Answer;
        }
        let at = self.clock.now();
        // A panic while it was held left a map that is still right.
        let mut folds = self.folds.lock().unwrap_or_else(PoisonError::into_inner);
        if folds.len() > REMEMBERED {
            folds.retain(|_, fold| at.since(fold.last_at) <= OPEN);
        }
        match folds.get_mut(&contact_id) {
            Some(fold) if at.since(fold.last_at) <= OPEN => {
                fold.last_at = at;
                Flow::Join(fold.first)
            }
            _ => {
                folds.insert(contact_id, Fold { first: inbox_id, last_at: at });
                Flow::Begin
            }
        }
    }

    /// Takes back that `inbox_id` began a fold: it could not be kept.
    pub fn undo(&self, contact_id: Uuid, inbox_id: Uuid) {
        let mut folds = self.folds.lock().unwrap_or_else(PoisonError::into_inner);
        if folds.get(&contact_id).is_some_and(|fold| fold.first == inbox_id) {
            folds.remove(&contact_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: Uuid = Uuid::from_u128(1);
    const EVA: Uuid = Uuid::from_u128(2);

    fn message(number: u128) -> Uuid {
        Uuid::from_u128(100 + number)
    }

    #[test]
    fn a_flood_is_one_fold_and_nobody_else_is_in_it() {
        let clock = Clock::fixed(UnixMillis(1_790_000_000_000));
        let gate = FloodGate::new(NonZeroU32::new(30).expect("not 0"), clock.clone());
        let flows: Vec<Flow> = (0..100).map(|it| gate.pass(ANA, message(it))).collect();
        assert!(flows[..30].iter().all(|it| *it == Flow::Answer));
        assert_eq!(flows[30], Flow::Begin);
        assert!(flows[31..].iter().all(|it| *it == Flow::Join(message(30))));
        assert_eq!(gate.pass(EVA, message(0)), Flow::Answer);
        // She is answered again at the rate, and what is too much goes to the same fold.
        clock.advance(2_000);
        assert_eq!(gate.pass(ANA, message(200)), Flow::Answer);
        assert_eq!(gate.pass(ANA, message(201)), Flow::Join(message(30)));
        clock.advance(OPEN + 1);
        assert!((0..30).all(|it| gate.pass(ANA, message(300 + it)) == Flow::Answer));
        assert_eq!(gate.pass(ANA, message(400)), Flow::Begin);
    }

    #[test]
    fn a_fold_whose_first_message_was_not_kept_begins_again() {
        let clock = Clock::fixed(UnixMillis(1_790_000_000_000));
        let gate = FloodGate::new(NonZeroU32::MIN, clock);
        assert_eq!(gate.pass(ANA, message(0)), Flow::Answer);
        assert_eq!(gate.pass(ANA, message(1)), Flow::Begin);
        gate.undo(ANA, message(1));
        assert_eq!(gate.pass(ANA, message(2)), Flow::Begin);
        gate.undo(ANA, message(1));
        assert_eq!(gate.pass(ANA, message(3)), Flow::Join(message(2)));
    }
}
