//! The code of a demand: three or four digits that can be read out.
//!
//! Codes are drawn and never counted up, so none tells how many demands there are or what the next one is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Codes of three digits that may be in use before four are drawn: half, so that a draw is free within a
/// few tries.
const SHORT: u64 = 450;

/// A code: 100 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(u16);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code has three or four digits and begins with none that is 0")]
pub struct NoCode;

impl Code {
    /// The code that random bytes make where so many are in use. The remainder of 64 bits favours none.
    pub fn from_random(bytes: [u8; 8], in_use: u64) -> Self {
        let number = u64::from_be_bytes(bytes);
        let code = if in_use < SHORT { 100 + number % 900 } else { 1_000 + number % 9_000 };
        Self(u16::try_from(code).unwrap_or(100))
    }

    /// The code of a number.
    ///
    /// # Errors
    /// It has fewer than three digits or more than four.
    pub fn new(number: u16) -> Result<Self, NoCode> {
        if (100..=9_999).contains(&number) { Ok(Self(number)) } else { Err(NoCode) }
    }

    /// Its number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl FromStr for Code {
    type Err = NoCode;

    fn from_str(text: &str) -> Result<Self, NoCode> {
        let digits = matches!(text.len(), 3 | 4) && text.bytes().all(|it| it.is_ascii_digit());
        let plain = digits && !text.starts_with('0');
        let number = text.parse().ok().filter(|_| plain).ok_or(NoCode)?;
        Self::new(number)
    }
}

impl TryFrom<String> for Code {
    type Error = NoCode;

    fn try_from(text: String) -> Result<Self, NoCode> {
        text.parse()
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.to_string()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_three_digits_or_four() {
        for text in ["100", "317", "999", "1000", "9999"] {
            assert_eq!(text.parse::<Code>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "0", "12", "012", "0123", "99999", "+317", "3 7", "３１７", "31a"] {
            assert_eq!(text.parse::<Code>(), Err(NoCode), "{text}");
        }
    }

    #[test]
    fn draws_are_short_while_there_is_room() {
        for number in [0_u64, 899, 900, u64::MAX] {
            assert!(Code::from_random(number.to_be_bytes(), 0).number() < 1_000);
            assert!(Code::from_random(number.to_be_bytes(), SHORT).number() >= 1_000);
        }
    }
}
