//! What looks unlike people: many at once, numbers in a row, senders that nobody knew.
//!
//! A flag never drops a support: it is counted apart until staff clears it. Each rule sees a bounded window
//! only. They are our own, set so that an assembly or a radio programme raises none: a flag is for a machine.

use serde::{Deserialize, Serialize};

use crate::domain::time::{DAY, HOUR, MINUTE};

/// A sender is new until this long after its first message, in ms.
pub const NEW_FOR: i64 = DAY;
/// The window of [`VELOCITY`], in ms.
pub const VELOCITY_WITHIN: i64 = 10 * MINUTE;
/// Supports of one demand in [`VELOCITY_WITHIN`] after which those of new senders are flagged: one each
/// second.
pub const VELOCITY: u32 = 600;
/// Numbers of a range: those that differ in their last two digits only.
pub const RANGE: u64 = 100;
/// The window of [`RANGE_FULL`], in ms.
pub const RANGE_WITHIN: i64 = DAY;
/// Supports of new senders in one range from which on all of them are flagged. Where one person in a
/// hundred signs, as the threshold asks, chance fills a range so far once in a million.
pub const RANGE_FULL: u32 = 9;
/// The window of [`NEW_MANY`], in ms.
pub const NEW_WITHIN: i64 = HOUR;
/// Supports in [`NEW_WITHIN`] from which on the share of new senders says something.
pub const NEW_MANY: u32 = 1_000;
/// New senders of a hundred above which those of the window are flagged.
pub const NEW_SHARE: u32 = 95;

/// Why a support is looked at by a person before it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Flags {
    /// Too many at once.
    pub velocity: bool,
    /// Its number stands in a row with others.
    pub range: bool,
    /// Nearly all that came with it were new senders.
    pub new_senders: bool,
}

impl Flags {
    /// As a number for the store: 1 velocity, 2 range, 4 new senders.
    pub const fn bits(self) -> i64 {
        self.velocity as i64 + 2 * self.range as i64 + 4 * self.new_senders as i64
    }

    /// What a number of the store says.
    pub const fn from_bits(bits: i64) -> Self {
        Self { velocity: bits & 1 != 0, range: bits & 2 != 0, new_senders: bits & 4 != 0 }
    }

    /// Whether there is one.
    pub const fn any(self) -> bool {
        self.bits() != 0
    }
}

/// What came before a support of the same demand, itself counted. A count may stop at the limit that it is
/// compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Supports in [`VELOCITY_WITHIN`].
    pub lately: u32,
    /// Supports of new senders in [`RANGE_WITHIN`] from the fuller of the two ranges of its number.
    pub in_range: u32,
    /// Supports in [`NEW_WITHIN`].
    pub hour: u32,
    /// Those of new senders among them.
    pub hour_new: u32,
}

/// The flags of a support. Who wrote to the service before is no machine that was made for this demand, and
/// is never flagged.
pub const fn flags(window: Window, new_sender: bool) -> Flags {
    let share = window.hour >= NEW_MANY && window.hour_new * 100 > window.hour * NEW_SHARE;
    Flags {
        velocity: new_sender && window.lately > VELOCITY,
        range: new_sender && window.in_range >= RANGE_FULL,
        new_senders: new_sender && share,
    }
}

/// The two ranges that a number lies in, each named by what its numbers share. They overlap by half, so
/// that whole rows of up to fifty lie in one of them wherever they begin. `None`: the address is no
/// telephone number (a chat, a short code), which has no neighbours.
pub fn ranges(address: &str) -> Option<[String; 2]> {
    let digits = address.strip_prefix('+')?;
    let number: u64 = digits.parse().ok().filter(|_| (8..=15).contains(&digits.len()))?;
    Some([format!("a{}", number / RANGE), format!("b{}", (number + RANGE / 2) / RANGE)])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bits_are_read_again() {
        for bits in 0..8 {
            let flags = Flags::from_bits(bits);
            assert_eq!((flags.bits(), flags.any()), (bits, bits != 0));
        }
    }

    #[test]
    fn an_assembly_is_no_machine() {
        // Three hundred people within ten minutes, all of them new.
        let window = Window { lately: 300, in_range: 4, hour: 300, hour_new: 300 };
        assert!(!flags(window, true).any());
    }

    #[test]
    fn each_rule_flags_new_senders_only() {
        let window =
            Window { lately: VELOCITY + 1, in_range: RANGE_FULL, hour: NEW_MANY, hour_new: NEW_MANY };
        assert_eq!(flags(window, true), Flags { velocity: true, range: true, new_senders: true });
        assert!(!flags(window, false).any());
        let mixed = Window { hour: 1_000, hour_new: 950, ..Window::default() };
        assert!(!flags(mixed, true).any());
    }

    #[test]
    fn only_a_telephone_number_has_neighbours() {
        for address in ["", "48291", "777000", "+123", "INFONAVIT", "-100123456789"] {
            assert_eq!(ranges(address), None, "{address}");
        }
        assert_eq!(
            ranges("+527571112233").map(|it| it[0].clone()),
            ranges("+527571112299").map(|it| it[0].clone())
        );
    }

    proptest! {
        #[test]
        fn a_row_of_fifty_lies_in_one_range(first in 520_000_000_000_u64..529_999_999_000) {
            let one = ranges(&format!("+{first}")).expect("a number");
            let last = ranges(&format!("+{}", first + 49)).expect("a number");
            prop_assert!(one[0] == last[0] || one[1] == last[1]);
        }
    }
}
