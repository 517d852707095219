//! Makers of ids: the only place that draws them.

use uuid::Uuid;

use crate::domain::time::UnixMillis;

/// A new id that sorts by the instant it was made (`UUIDv7`).
pub fn new_id(at: UnixMillis) -> Uuid {
    let seconds = at.0.div_euclid(1_000).max(0) as u64;
    let nanos = at.0.rem_euclid(1_000) as u32 * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
}
