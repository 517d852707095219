//! Instants. Where they come from is `clock.rs`'s business.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

/// A minute, in ms.
pub const MINUTE: i64 = 60_000;
/// An hour, in ms.
pub const HOUR: i64 = 60 * MINUTE;
/// A day, in ms.
pub const DAY: i64 = 24 * HOUR;

impl UnixMillis {
    /// Milliseconds from `earlier` to this instant; negative if it is later.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This instant moved by `millis`.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}
