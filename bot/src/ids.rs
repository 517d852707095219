//! Makers of ids: the only place that draws them.

use std::sync::Mutex;

use chacha20poly1305::aead::OsRng;
use chacha20poly1305::aead::rand_core::RngCore as _;
use uuid::{ContextV7, Uuid};

use crate::domain::time::UnixMillis;

/// A new id that sorts by the instant it was made (`UUIDv7`).
pub fn new_id(at: UnixMillis) -> Uuid {
    let seconds = at.0.div_euclid(1_000).max(0) as u64;
    let nanos = at.0.rem_euclid(1_000) as u32 * 1_000_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
}

/// Makes ids that sort in the order in which they were asked for, also inside one millisecond: the
/// order of a contact's messages hangs on it.
#[derive(Debug, Default)]
pub struct IdMaker(Mutex<ContextV7>);

impl IdMaker {
    /// A maker that gave no id yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new `UUIDv7`, greater than every one of this maker before it.
    pub fn id(&self, at: UnixMillis) -> Uuid {
        let seconds = at.0.div_euclid(1_000).max(0) as u64;
        let nanos = at.0.rem_euclid(1_000) as u32 * 1_000_000;
        Uuid::new_v7(uuid::Timestamp::from_unix(&self.0, seconds, nanos))
    }
}

/// `N` bytes of the system's random source, for keys and nonces.
///
/// # Errors
/// The system gives none, which no program can mend.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], std::io::Error> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(|problem| std::io::Error::other(problem.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_millisecond_keep_their_order() {
        let maker = IdMaker::new();
        let ids: Vec<Uuid> = (0..1_000).map(|_| maker.id(UnixMillis(1_700_000_000_000))).collect();
        assert!(ids.is_sorted());
    }
}
