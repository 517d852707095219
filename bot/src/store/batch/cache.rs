//! What is known of the contacts that wrote lately, so that a dialogue under way reads no database.
//!
//! An entry may be old: another process may have written since. That does no harm, since a write names
//! the version that it follows; on a conflict the entry is dropped and read again.

use std::collections::HashMap;
use std::sync::Mutex;

use super::lookup::Loaded;

/// Entries of the young generation; twice as many are held at most, about 1 kB each.
const YOUNG: usize = 8_192;
/// Independent parts, so that threads seldom wait for each other.
const PARTS: usize = 16;

/// A cache by lookup key that forgets what was not used for long.
#[derive(Debug)]
pub(crate) struct Cache(Vec<Mutex<Part>>);

#[derive(Debug, Default)]
struct Part {
    young: HashMap<Vec<u8>, Loaded>,
    old: HashMap<Vec<u8>, Loaded>,
}

impl Default for Cache {
    fn default() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }
}

impl Cache {
    /// Runs `work` on the part of a key, unless a panic broke it: then it stays unused.
    fn part<T>(&self, key: &[u8], work: impl FnOnce(&mut Part) -> Option<T>) -> Option<T> {
        // Keys are keyed hashes, so their last byte is spread evenly.
        let place = usize::from(key.last().copied().unwrap_or_default()) % PARTS;
        work(&mut *self.0.get(place)?.lock().ok()?)
    }

    /// What is held of a contact.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Loaded> {
        self.part(key, |part| {
            if let Some(found) = part.young.get(key) {
                return Some(found.clone());
            }
            let (key, found) = part.old.remove_entry(key)?;
            part.put(key, found.clone());
            Some(found)
        })
    }

    /// Holds what was read or written.
    pub(crate) fn put(&self, key: &[u8], loaded: Loaded) {
        self.part(key, |part| {
            part.put(key.to_vec(), loaded);
            Some(())
        });
    }

    /// Forgets a contact.
    pub(crate) fn drop(&self, key: &[u8]) {
        self.part(key, |part| {
            part.old.remove(key);
            part.young.remove(key)
        });
    }
}

impl Part {
    fn put(&mut self, key: Vec<u8>, loaded: Loaded) {
        if self.young.len() >= YOUNG / PARTS && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, loaded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> Vec<u8> {
        number.to_be_bytes().to_vec()
    }

    #[test]
    fn what_is_used_stays_and_the_size_is_bounded() {
        let cache = Cache::default();
        let mut one = Loaded::default();
        one.stored.version = 7;
        cache.put(&key(0), one.clone());
        for number in 1..50_000 {
            cache.put(&key(number), Loaded::default());
            if number % 100 == 0 {
                assert_eq!(cache.get(&key(0)), Some(one.clone()), "{number}");
            }
        }
        let held: usize = cache
            .0
            .iter()
            .map(|part| {
                let part = part.lock().expect("a part");
                part.young.len() + part.old.len()
            })
            .sum();
        assert!(held <= 2 * YOUNG, "{held}");
        assert_eq!(cache.get(&key(1)), None);
        cache.drop(&key(0));
        assert_eq!(cache.get(&key(0)), None);
    }
}
