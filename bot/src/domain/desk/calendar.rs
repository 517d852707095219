//! Hours of an office as they are written, and the days on which it does not work.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::Block;
use crate::domain::time::UnixMillis;

/// Days of a week as they are written, from Monday.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Years for which holidays are worked out beside the one asked about.
const YEARS: i16 = 2;

/// When an office works in a week: lines such as `mon-fri 09:00-14:00 16:00-18:00`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Hours {
    lines: Vec<String>,
    week: [Vec<Block>; 7],
}

impl Hours {
    /// The blocks of each day, from Monday.
    pub fn week(&self) -> [Vec<Block>; 7] {
        self.week.clone()
    }

    /// The lines as they are written.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Minutes of work of a working day, the mean; a whole day for an office that never works.
    pub fn minutes_a_day(&self) -> u32 {
        let days = self.week.iter().filter(|it| !it.is_empty()).count();
        let minutes: u32 = self.week.iter().flatten().map(|it| u32::from(it.to - it.from)).sum();
        u32::try_from(days).ok().and_then(|days| minutes.checked_div(days)).unwrap_or(1_440)
    }

    /// The first and last working day (0: Monday) and the hours from opening to closing of that first
    /// one, in minutes; `None` for an office that never works.
    pub fn span(&self) -> Option<(usize, usize, u16, u16)> {
        let first = self.week.iter().position(|it| !it.is_empty())?;
        let last = self.week.iter().rposition(|it| !it.is_empty())?;
        let blocks = &self.week[first];
        Some((first, last, blocks.first()?.from, blocks.last()?.to))
    }
}

impl TryFrom<Vec<String>> for Hours {
    type Error = String;

    fn try_from(lines: Vec<String>) -> Result<Self, String> {
        let mut week: [Vec<Block>; 7] = Default::default();
        for line in &lines {
            let wrong = || format!("{line:?} is no line of hours, such as \"mon-fri 09:00-15:00\"");
            let mut words = line.split_whitespace();
            let days = words.next().ok_or_else(wrong)?;
            let (from, to) = days.split_once('-').unwrap_or((days, days));
            let day = |name: &str| DAYS.iter().position(|it| *it == name).ok_or_else(wrong);
            let (from, to) = (day(from)?, day(to)?);
            let blocks = words
                .map(|block| {
                    let (from, to) = block.split_once('-')?;
                    Some(Block { from: minute(from)?, to: minute(to)? }).filter(|it| it.from < it.to)
                })
                .collect::<Option<Vec<Block>>>()
                .filter(|it| !it.is_empty() && from <= to)
                .ok_or_else(wrong)?;
            for day in &mut week[from..=to] {
                day.extend(&blocks);
                day.sort_unstable();
                if day.windows(2).any(|two| two[0].to > two[1].from) {
                    return Err(format!("{line:?} overlaps other hours of a day"));
                }
            }
        }
        Ok(Self { lines, week })
    }
}

impl From<Hours> for Vec<String> {
    fn from(hours: Hours) -> Self {
        hours.lines
    }
}

/// `09:30` in minutes since midnight; `24:00` is the end of a day.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let sum = hour * 60 + minute;
    (hour <= 24 && minute < 60 && sum <= 1_440).then_some(sum)
}

/// A day on which no office of an area works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// What it is.
    pub name: String,
    /// Key of the state or municipality; `None` for the whole country.
    pub area: Option<String>,
    /// When.
    pub day: HolidayDay,
    /// Only every so many years from a first one: (years, first).
    pub every: Option<(i16, i16)>,
}

/// When a holiday is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayDay {
    /// The same date each year: month and day.
    Fixed(i8, i8),
    /// The n-th weekday (0: Monday) of a month: month, weekday, n.
    Nth(i8, i8, i8),
    /// One date: year, month and day.
    Once(i16, i8, i8),
}

impl Holiday {
    fn applies(&self, cvegeo: &str) -> bool {
        self.area.as_deref().is_none_or(|area| cvegeo.starts_with(area))
    }

    /// Its date in a year, where it has one.
    pub fn date(&self, year: i16) -> Option<Date> {
        if self.every.is_some_and(|(every, first)| year < first || (year - first) % every.max(1) != 0) {
            return None;
        }
        match self.day {
            HolidayDay::Fixed(month, day) => Date::new(year, month, day).ok(),
            HolidayDay::Nth(month, weekday, nth) => {
                let weekday = Weekday::from_monday_zero_offset(weekday).ok()?;
                Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()
            }
            HolidayDay::Once(only, month, day) => Date::new(only, month, day).ok().filter(|_| only == year),
        }
    }

    /// Whether it has a date in some year.
    pub(super) fn possible(&self) -> bool {
        match self.day {
            HolidayDay::Once(year, ..) => self.date(year).is_some(),
            // A leap year has every date.
            _ => Self { every: None, ..self.clone() }.date(2_024).is_some(),
        }
    }
}

/// The days without work of a municipality in the years around `at`.
pub(super) fn days(holidays: &[Holiday], cvegeo: &str, at: UnixMillis) -> Vec<Date> {
    let year =
        Timestamp::from_millisecond(at.0).map_or(1_970, |it| it.to_zoned(jiff::tz::TimeZone::UTC).year());
    holidays
        .iter()
        .filter(|it| it.applies(cvegeo))
        .flat_map(|it| (year - YEARS..=year + YEARS).filter_map(|year| it.date(year)))
        .collect()
}

/// The number of a weekday as it is written (`mon`), from 0.
pub(super) fn weekday(name: &str) -> Option<i8> {
    DAYS.iter().position(|it| *it == name).and_then(|it| i8::try_from(it).ok())
}

/// The month and day, from 1, of an instant in a time zone; `None` where the zone is not known.
pub fn civil_day(at: UnixMillis, zone: &str) -> Option<(u8, u8)> {
    let zone = jiff::tz::TimeZone::get(zone).ok()?;
    let date = Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone).date();
    Some((date.month().unsigned_abs(), date.day().unsigned_abs()))
}
