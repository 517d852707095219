//! A case's public number, which a person copies by hand, and the PIN that goes with it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// Characters of a folio. None looks like another, and they are a prime number (23), which the check
/// digit needs.
pub const ALPHABET: &[u8; 23] = b"23456789ACDFHKMNPQRTVWX";
/// Characters of a folio, the check digit last.
pub const LENGTH: usize = 6;
/// How many folios there are.
pub const COUNT: u64 = 23_u64.pow(5);
/// Digits of a PIN.
pub const PIN_LENGTH: usize = 4;

/// Weights of the check sum. They are not 0 and differ from each other, also modulo 23: so a wrong
/// character and two swapped ones always change the sum.
const WEIGHTS: [usize; LENGTH] = [6, 2, 4, 3, 5, 1];

/// The public number of a case (`4F7K2X`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Folio([u8; LENGTH]);

/// A text that is no folio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFolio {
    /// It has not six characters of the alphabet.
    #[error("a folio has six letters and digits")]
    Form,
    /// Its check digit is another: somebody slipped.
    #[error("the check digit of the folio is wrong")]
    Check,
}

fn value(character: u8) -> Option<usize> {
    ALPHABET.iter().position(|it| *it == character)
}

impl Folio {
    /// The folio that random bytes make.
    pub fn from_random(bytes: [u8; 8]) -> Self {
        let mut rest = u64::from_be_bytes(bytes) % COUNT;
        let mut characters = [ALPHABET[0]; LENGTH];
        let mut sum = 0;
        for (place, weight) in WEIGHTS.iter().enumerate().take(LENGTH - 1) {
            let digit = (rest % 23) as usize;
            rest /= 23;
            characters[place] = ALPHABET[digit];
            sum += digit * weight;
        }
        characters[LENGTH - 1] = ALPHABET[(23 - sum % 23) % 23];
        Self(characters)
    }

    /// Reads a folio as people write it: full-width letters, small letters, blanks and dashes are
    /// forgiven, and so is what looks like a character of the alphabet (`B` for 8, `S` for 5).
    pub fn parse(text: &str) -> Result<Self, NoFolio> {
        let mut characters = [0; LENGTH];
        let mut count = 0;
        for character in text.nfkc().flat_map(char::to_uppercase) {
            if character.is_whitespace() || matches!(character, '-' | '.' | '\u{2010}'..='\u{2015}') {
                continue;
            }
            let plain = match character {
                'B' => '8',
                'G' => '6',
                'S' => '5',
                'U' => 'V',
                'Z' => '2',
                other => other,
            };
            let byte = u8::try_from(plain).ok().filter(|it| value(*it).is_some()).ok_or(NoFolio::Form)?;
            *characters.get_mut(count).ok_or(NoFolio::Form)? = byte;
            count += 1;
        }
        if count != LENGTH {
            return Err(NoFolio::Form);
        }
        let sum: usize =
            characters.iter().zip(WEIGHTS).map(|(it, weight)| value(*it).unwrap_or(0) * weight).sum();
        if sum.is_multiple_of(23) { Ok(Self(characters)) } else { Err(NoFolio::Check) }
    }

    /// The six characters.
    pub fn as_str(&self) -> &str {
        // The alphabet is ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Folio {
    type Err = NoFolio;

    fn from_str(text: &str) -> Result<Self, NoFolio> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Folio {
    type Error = NoFolio;

    fn try_from(text: String) -> Result<Self, NoFolio> {
        Self::parse(&text)
    }
}

impl From<Folio> for String {
    fn from(folio: Folio) -> Self {
        folio.as_str().to_owned()
    }
}

impl fmt::Display for Folio {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for Folio {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Folio({})", self.as_str())
    }
}

/// Four digits that, with the folio, open a case's state from any phone. `Debug` does not show them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pin(String);

impl Pin {
    /// The PIN that random bytes make. The remainder of 64 bits favours none.
    pub fn from_random(bytes: [u8; 8]) -> Self {
        Self(format!("{:0width$}", u64::from_be_bytes(bytes) % 10_000, width = PIN_LENGTH))
    }

    /// Reads a PIN; blanks and full-width digits are forgiven.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.nfkc().filter(|it| !it.is_whitespace()).collect();
        let right = digits.len() == PIN_LENGTH && digits.bytes().all(|it| it.is_ascii_digit());
        right.then_some(Self(digits))
    }

    /// The four digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Pin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| "a PIN has four digits".to_owned())
    }
}

impl From<Pin> for String {
    fn from(pin: Pin) -> Self {
        pin.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Pin(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_folio_is_read_as_people_write_it() {
        let folio = Folio::parse("4F7K2X").expect("a folio");
        for text in ["4f7k2x", " 4F7-K2X ", "4 f 7 k 2 x", "４Ｆ７Ｋ２Ｘ", "4F7KZX", "4f7k.2x"] {
            assert_eq!(Folio::parse(text), Ok(folio), "{text}");
        }
        for text in ["", "4F7K2", "4F7K2XX", "4F7K2!", "ñF7K2X", "0F7K2X", "4F7K2X 1234", "4F7K1X"] {
            assert_eq!(Folio::parse(text), Err(NoFolio::Form), "{text}");
        }
        assert_eq!(Folio::parse("4F7K2W"), Err(NoFolio::Check));
        assert_eq!(serde_json::to_value(folio).expect("a text"), "4F7K2X");
        assert!(serde_json::from_str::<Folio>("\"4F7K2W\"").is_err());
    }

    #[test]
    fn a_pin_is_four_digits_and_is_not_shown() {
        assert_eq!(Pin::from_random([0; 8]).as_str(), "0000");
        assert_eq!(Pin::from_random(12_347_u64.to_be_bytes()).as_str(), "2347");
        assert_eq!(Pin::parse(" 0 0 4２").map(String::from).as_deref(), Some("0042"));
        for text in ["", "123", "12345", "12a4", "１２３"] {
            assert_eq!(Pin::parse(text), None, "{text}");
        }
        assert!(!format!("{:?}", Pin::from_random(1_u64.to_be_bytes())).contains('1'));
    }

    proptest! {
        #[test]
        fn what_is_made_is_read_again(bytes: [u8; 8]) {
            let folio = Folio::from_random(bytes);
            prop_assert_eq!(Folio::parse(folio.as_str()), Ok(folio));
            prop_assert_eq!(Folio::parse(&folio.as_str().to_lowercase()), Ok(folio));
        }

        #[test]
        fn every_slip_of_one_character_and_every_swap_of_neighbours_is_found(bytes: [u8; 8]) {
            let folio = Folio::from_random(bytes);
            for place in 0..LENGTH {
                for other in ALPHABET {
                    let mut slip = folio.0;
                    if slip[place] == *other { continue; }
                    slip[place] = *other;
                    let text = str::from_utf8(&slip).expect("ASCII").to_owned();
                    prop_assert_eq!(Folio::parse(&text), Err(NoFolio::Check));
                }
            }
            for (one, two) in (0..LENGTH).flat_map(|one| (0..one).map(move |two| (one, two))) {
                let mut swapped = folio.0;
                if swapped[one] == swapped[two] { continue; }
                swapped.swap(one, two);
                let text = str::from_utf8(&swapped).expect("ASCII").to_owned();
                prop_assert_eq!(Folio::parse(&text), Err(NoFolio::Check));
            }
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = (Folio::parse(&text), Pin::parse(&text));
        }
    }
}
