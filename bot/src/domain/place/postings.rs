//! A compact map from a hash to the numbers under it.

/// 64-bit FNV-1a.
pub fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let mut it = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        it = (it ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // FNV's low bits are better than its high ones; the fold spreads them to both.
    it ^ (it >> 29)
}

/// Numbers by hash; different texts may share one, so whoever reads must check.
#[derive(Debug, Default)]
pub struct Postings {
    bits: u32,
    offsets: Vec<u32>,
    entries: Vec<(u32, u32)>,
}

impl Postings {
    /// Makes the map of (hash, number) pairs.
    pub fn new(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let bits = (pairs.len() / 4).max(2).ilog2().clamp(4, 20);
        let mut offsets = vec![0_u32; (1 << bits) + 1];
        for (hash, _) in &pairs {
            offsets[(hash >> (64 - bits)) as usize + 1] += 1;
        }
        for index in 1..offsets.len() {
            offsets[index] += offsets[index - 1];
        }
        let entries = pairs.into_iter().map(|(hash, number)| (hash as u32, number)).collect();
        Self { bits, offsets, entries }
    }

    /// The numbers under `hash`.
    pub fn get(&self, hash: u64) -> impl Iterator<Item = u32> + '_ {
        let range = if self.offsets.is_empty() {
            0..0
        } else {
            let bucket = (hash >> (64 - self.bits)) as usize;
            self.offsets[bucket] as usize..self.offsets[bucket + 1] as usize
        };
        self.entries[range].iter().filter(move |(low, _)| *low == hash as u32).map(|(_, number)| *number)
    }
}

/// Calls `each` with the hash of `text` and of every text that is left when up to `depth` (at most
/// two) of its letters are taken away.
pub fn deletes(text: &[u8], depth: u8, mut each: impl FnMut(u64)) {
    each(hash(text.iter().copied()));
    if depth == 0 {
        return;
    }
    for first in 0..text.len() {
        let kept = text.iter().enumerate().filter(move |(index, _)| *index != first).map(|(_, it)| *it);
        each(hash(kept));
        if depth > 1 {
            for second in first + 1..text.len() {
                let kept = text
                    .iter()
                    .enumerate()
                    .filter(move |(index, _)| *index != first && *index != second)
                    .map(|(_, it)| *it);
                each(hash(kept));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in() {
        let map = Postings::new((0..1_000_u32).map(|it| (hash(it.to_le_bytes()), it)).collect());
        for it in 0..1_000_u32 {
            assert!(map.get(hash(it.to_le_bytes())).any(|found| found == it));
        }
        assert_eq!(map.get(hash([1, 2, 3])).count(), 0);
        assert_eq!(Postings::default().get(7).count(), 0);
    }

    #[test]
    fn deletes_up_to_two_letters() {
        let mut count = 0;
        deletes(b"abcd", 2, |_| count += 1);
        assert_eq!(count, 1 + 4 + 6);
        let mut found = false;
        deletes(b"tlapa", 1, |it| found |= it == hash(*b"tlpa"));
        assert!(found);
    }
}
