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

/// The id of something that must be there once: the same instant and seed give the same id. It sorts by the
/// instant as those of [`new_id`] do.
pub fn derived_id(at: UnixMillis, seed: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(at.0.max(0).unsigned_abs(), &seed).into_uuid()
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

    #[test]
    fn a_derived_id_is_the_same_again_and_sorts_by_its_instant() {
        let at = UnixMillis(1_700_000_000_000);
        assert_eq!(derived_id(at, [7; 10]), derived_id(at, [7; 10]));
        assert_ne!(derived_id(at, [7; 10]), derived_id(at, [8; 10]));
        assert!(derived_id(at, [255; 10]) < new_id(at.plus(1)));
        assert!(derived_id(at, [0; 10]) > new_id(at.plus(-1)));
    }
}
