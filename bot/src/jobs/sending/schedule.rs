//! When a message is tried again.

use crate::domain::time::{DAY, HOUR, MINUTE};

/// Waits before the first to the last repeat, ms.
const WAITS: [i64; 5] = [30_000, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];

/// After this a message is no longer worth sending, ms.
pub(super) const WORTHWHILE: i64 = DAY;

/// How long to wait after so many tries before this one: the schedule with 20 % jitter drawn from
/// `seed`. `None` after the last repeat.
pub(super) fn wait(tries: i64, seed: u64) -> Option<i64> {
    let base = *WAITS.get(usize::try_from(tries).ok()?)?;
    let share = mix(seed.wrapping_add(tries as u64)) % 401;
    Some(base * 800 / 1_000 + base * share as i64 / 1_000)
}

/// When the gateway's list is asked again for an attempt of this age, ms; `None`: a person must.
pub(super) fn ask_again(age: i64) -> Option<i64> {
    match age {
        it if it < 5 * MINUTE => Some(MINUTE),
        it if it < HOUR => Some(10 * MINUTE),
        it if it < DAY => Some(HOUR),
        _ => None,
    }
}

/// `SplitMix64` (Steele, Lea, Flood 2014): spreads neighbouring seeds.
fn mix(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_by_the_schedule_with_a_fifth_of_jitter() {
        for (place, base) in WAITS.iter().enumerate() {
            let waits: Vec<i64> = (0..500).filter_map(|seed| wait(place as i64, seed * 7_919)).collect();
            assert_eq!(waits.len(), 500);
            assert!(waits.iter().all(|it| (base * 8 / 10..=base * 12 / 10).contains(it)));
            // Drawn from the whole range.
            assert!(waits.iter().any(|it| *it < base * 85 / 100));
            assert!(waits.iter().any(|it| *it > base * 115 / 100));
        }
        assert_eq!(wait(5, 1), None);
    }

    #[test]
    fn the_same_seed_waits_the_same() {
        assert_eq!(wait(3, 42), wait(3, 42));
        assert_ne!(wait(3, 42), wait(3, 43));
    }
}
