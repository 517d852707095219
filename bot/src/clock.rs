//! The clock: the only place that reads the system's time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::time::UnixMillis;

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A clock that stands still until a test moves it.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `at` until it is moved.
    pub fn fixed(at: UnixMillis) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    /// The present instant.
    pub fn now(&self) -> UnixMillis {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is where the system's clock is read")]
            Self::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                UnixMillis(since.map_or(0, |it| it.as_millis() as i64))
            }
            Self::Fixed(at) => UnixMillis(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock forward by `millis`; the system's clock stays as it is.
    pub fn advance(&self, millis: i64) {
        if let Self::Fixed(at) = self {
            at.fetch_add(millis, Ordering::SeqCst);
        }
    }
}
