//! A person's rights over her own data, and the terms of the law.

use std::str::FromStr;

use super::calendar::Calendar;
use super::time::{DAY, MINUTE, UnixMillis};

/// How long a code that was sent to a number can be used, ms.
pub const CODE_LASTS: i64 = 10 * MINUTE;
/// Wrong codes in [`CODE_LASTS`].
pub const TRIES: i64 = 3;
/// Codes that are sent to a number in a day: who only claims to be it must not make it ring all day.
pub const CODES_A_DAY: i64 = 5;
/// How long what follows a right code, or a yes, may take, ms.
pub const ANSWER_LASTS: i64 = 30 * MINUTE;
/// Working days in which a request is answered.
pub const TERM: u32 = 20;
/// Working days after which somebody is reminded, and reminded again.
pub const ALARMS: [u32; 2] = [10, 15];
/// An erasure is done this long after it was asked for, ms: what was said about it is delivered by then.
pub const ERASE_AFTER: i64 = DAY;
/// At the latest an erasure is done this long after it was asked for, or after the last case was closed, ms.
pub const ERASE_WITHIN: i64 = 15 * DAY;

/// What a person may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// To know what is kept.
    Access,
    /// To have it put right.
    Correction,
    /// To have it erased.
    Erasure,
}

impl Right {
    /// All.
    pub const ALL: [Self; 3] = [Self::Access, Self::Correction, Self::Erasure];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Correction => "correction",
            Self::Erasure => "erasure",
        }
    }
}

impl FromStr for Right {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|it| it.code() == text).ok_or(())
    }
}

/// Until when a request is to be answered, and when somebody is reminded: ends of working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// The first reminder.
    pub first_alarm: UnixMillis,
    /// The second one.
    pub second_alarm: UnixMillis,
    /// The end of the term.
    pub due: UnixMillis,
}

impl Deadlines {
    /// Those of a request of this instant, in a calendar whose working days have 24 hours. The day of the
    /// request does not count.
    pub fn new(calendar: &Calendar, at: UnixMillis) -> Self {
        Self {
            first_alarm: calendar.after_days(at, ALARMS[0]),
            second_alarm: calendar.after_days(at, ALARMS[1]),
            due: calendar.after_days(at, TERM),
        }
    }
}
