//! Working hours of an office: several blocks a day, holidays, a time zone.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::time::{MINUTE, UnixMillis};

/// The days that are looked through for working hours before giving up: ten years.
const HORIZON: usize = 3_660;

/// Hours of a day in which an office works, in minutes since midnight: `from` until `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    /// The minute it begins at, 0 to 1439.
    pub from: u16,
    /// The minute it ends before, at most 1440.
    pub to: u16,
}

/// The day of an instant in a time zone (IANA name), as an ISO date; an unknown zone is read as UTC.
pub fn iso_day(zone: &str, at: UnixMillis) -> Option<String> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Some(Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone).date().to_string())
}

/// When an office works.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    week: [Vec<Block>; 7],
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// A calendar of an IANA time zone, the blocks of a week from Monday, and the days on which nobody
    /// works.
    ///
    /// # Errors
    /// The zone is not known, or a block ends before it begins, lies beyond the day or overlaps another.
    pub fn new(
        zone: &str,
        mut week: [Vec<Block>; 7],
        holidays: impl IntoIterator<Item = Date>,
    ) -> Result<Self, String> {
        let zone = TimeZone::get(zone).map_err(|_| format!("{zone} is no time zone"))?;
        for blocks in &mut week {
            blocks.sort_unstable();
            let wrong = |it: &Block| it.from >= it.to || it.to > 1_440;
            if blocks.iter().any(wrong) || blocks.windows(2).any(|two| two[0].to > two[1].from) {
                return Err("hours of work end before they begin, or overlap".to_owned());
            }
        }
        Ok(Self { zone, week, holidays: holidays.into_iter().collect() })
    }

    /// One that works round the clock, where nothing is known of an office.
    pub fn always() -> Self {
        Self {
            zone: TimeZone::UTC,
            week: std::array::from_fn(|_| vec![Block { from: 0, to: 1_440 }]),
            holidays: BTreeSet::new(),
        }
    }

    /// The instant at which `minutes` of work have passed since `from`. An office that never works has
    /// no hours to count, and the clock on the wall counts.
    pub fn add_working(&self, from: UnixMillis, minutes: u32) -> UnixMillis {
        let mut left = i64::from(minutes) * MINUTE;
        let mut last = None;
        for (begin, end) in self.spans(from) {
            let begin = begin.max(from.0);
            if end <= begin {
                continue;
            }
            if left <= end - begin {
                return UnixMillis(begin + left);
            }
            left -= end - begin;
            last = Some(end);
        }
        last.map_or_else(|| from.plus(left), UnixMillis)
    }

    /// The end of the `days`-th working day after the day of `from`, which itself does not count. An office
    /// that never works counts all days.
    pub fn after_days(&self, from: UnixMillis, days: u32) -> UnixMillis {
        let first = Timestamp::from_millisecond(from.0).ok().map(|it| it.to_zoned(self.zone.clone()).date());
        let works = |day: &Date| {
            let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
            !self.week[weekday].is_empty() && !self.holidays.contains(day)
        };
        let nth = usize::try_from(days).unwrap_or(usize::MAX).saturating_sub(1);
        let days_after = std::iter::successors(first, |day| day.tomorrow().ok()).skip(1).take(HORIZON);
        let end = days_after.filter(works).nth(nth).and_then(|day| self.instant(day, 1_440));
        end.map_or_else(|| from.plus(i64::from(days) * super::time::DAY), UnixMillis)
    }

    /// Minutes of work between two instants, rounded down; 0 where `to` is not later.
    pub fn working_between(&self, from: UnixMillis, to: UnixMillis) -> u32 {
        let mut sum = 0;
        for (begin, end) in self.spans(from) {
            if begin >= to.0 {
                break;
            }
            sum += (end.min(to.0) - begin.max(from.0)).max(0);
        }
        u32::try_from(sum / MINUTE).unwrap_or(u32::MAX)
    }

    /// Whether the office works at this instant.
    pub fn works_at(&self, at: UnixMillis) -> bool {
        self.spans(at).next().is_some_and(|(begin, _)| begin <= at.0)
    }

    /// When the office works next: `at` itself inside its hours.
    pub fn opens(&self, at: UnixMillis) -> UnixMillis {
        self.add_working(at, 0)
    }

    /// Spans of work that end after `from`, in order, as instants.
    fn spans(&self, from: UnixMillis) -> impl Iterator<Item = (i64, i64)> + '_ {
        let first = Timestamp::from_millisecond(from.0).ok().map(|it| it.to_zoned(self.zone.clone()).date());
        let days = std::iter::successors(first, |day| day.tomorrow().ok()).take(HORIZON);
        days.filter(|day| !self.holidays.contains(day))
            .flat_map(move |day| {
                let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
                self.week[weekday]
                    .iter()
                    .filter_map(move |it| Some((self.instant(day, it.from)?, self.instant(day, it.to)?)))
            })
            .filter(move |(_, end)| *end > from.0)
    }

    /// The instant of a minute of a day; one that a change of the clocks skips is taken after it, one
    /// that comes twice the first time.
    fn instant(&self, day: Date, minute: u16) -> Option<i64> {
        let (day, minute) = if minute >= 1_440 { (day.tomorrow().ok()?, 0) } else { (day, minute) };
        let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
        let zoned = self.zone.to_zoned(day.at(hour, minute, 0, 0)).ok()?;
        Some(zoned.timestamp().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> UnixMillis {
        UnixMillis(text.parse::<Timestamp>().expect("an instant").as_millisecond())
    }

    fn office(zone: &str, holidays: &[&str]) -> Calendar {
        let day = vec![Block { from: 540, to: 840 }, Block { from: 960, to: 1_080 }];
        let none = Vec::new;
        let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, none(), none()];
        Calendar::new(zone, week, holidays.iter().map(|it| it.parse().expect("a date"))).expect("a calendar")
    }

    #[test]
    fn working_days_are_counted_from_the_day_after() {
        let it = office("America/Mexico_City", &["2026-11-16", "2026-12-25"]);
        // Wednesday the 11th: 12, 13, then Tuesday the 17th, since the 16th is no working day.
        for (days, end) in [
            (1, "2026-11-13T06:00:00Z"),
            (2, "2026-11-14T06:00:00Z"),
            (3, "2026-11-18T06:00:00Z"),
            (10, "2026-11-27T06:00:00Z"),
            (15, "2026-12-04T06:00:00Z"),
            (20, "2026-12-11T06:00:00Z"),
        ] {
            for from in ["2026-11-11T06:00:00Z", "2026-11-11T16:00:00Z", "2026-11-12T05:59:59Z"] {
                assert_eq!(it.after_days(at(from), days), at(end), "{days} days after {from}");
            }
        }
        // What comes on a day without work begins to count with the next working day.
        assert_eq!(it.after_days(at("2026-11-14T18:00:00Z"), 1), at("2026-11-18T06:00:00Z"));
        let never = Calendar::new("America/Mexico_City", Default::default(), []).expect("a calendar");
        assert_eq!(never.after_days(at("2026-11-11T16:00:00Z"), 2), at("2026-11-13T16:00:00Z"));
    }

    #[test]
    fn hours_are_counted_over_breaks_nights_week_ends_and_holidays() {
        // 9 to 14 and 16 to 18, six hours behind UTC: seven hours a day.
        let it = office("America/Mexico_City", &["2026-02-02"]);
        for (from, minutes, due) in [
            ("2026-01-28T15:00:00Z", 60, "2026-01-28T16:00:00Z"),
            ("2026-01-28T15:00:00Z", 300, "2026-01-28T20:00:00Z"),
            ("2026-01-28T15:00:00Z", 301, "2026-01-28T22:01:00Z"),
            // Before the doors open, in the break and after they close.
            ("2026-01-28T08:00:00Z", 60, "2026-01-28T16:00:00Z"),
            ("2026-01-28T21:00:00Z", 30, "2026-01-28T22:30:00Z"),
            ("2026-01-29T02:00:00Z", 30, "2026-01-29T15:30:00Z"),
            // Friday's last hour, Saturday, Sunday and a Monday that is a holiday.
            ("2026-01-30T23:00:00Z", 120, "2026-02-03T16:00:00Z"),
            ("2026-01-31T23:00:00Z", 0, "2026-02-03T15:00:00Z"),
        ] {
            assert_eq!(it.add_working(at(from), minutes), at(due), "{from} {minutes}");
        }
        assert_eq!(it.working_between(at("2026-01-30T23:00:00Z"), at("2026-02-03T16:00:00Z")), 120);
        assert_eq!(it.working_between(at("2026-01-31T00:00:00Z"), at("2026-02-03T14:00:00Z")), 0);
        assert_eq!(it.working_between(at("2026-02-03T16:00:00Z"), at("2026-01-30T23:00:00Z")), 0);
        assert!(it.works_at(at("2026-01-28T15:00:00Z")) && !it.works_at(at("2026-01-28T20:00:00Z")));
        assert_eq!(it.opens(at("2026-01-28T20:00:00Z")), at("2026-01-28T22:00:00Z"));
    }

    #[test]
    fn a_change_of_the_clocks_makes_a_day_shorter_or_longer() {
        // Tijuana follows the United States: 2026-03-08 has no hour from 2 to 3, 2026-11-01 has it twice.
        let week = std::array::from_fn(|_| vec![Block { from: 0, to: 1_440 }]);
        let it = Calendar::new("America/Tijuana", week, []).expect("a calendar");
        assert_eq!(it.working_between(at("2026-03-08T08:00:00Z"), at("2026-03-09T07:00:00Z")), 23 * 60);
        assert_eq!(it.working_between(at("2026-11-01T07:00:00Z"), at("2026-11-02T08:00:00Z")), 25 * 60);
        // Nine in the morning stays nine in the morning.
        let it = office("America/Tijuana", &[]);
        assert_eq!(it.add_working(at("2026-03-06T16:00:00Z"), 420), at("2026-03-07T02:00:00Z"));
        assert_eq!(it.add_working(at("2026-03-06T16:00:00Z"), 421), at("2026-03-09T16:01:00Z"));
    }

    #[test]
    fn an_office_that_never_works_counts_the_clock_on_the_wall() {
        let it = Calendar::new("UTC", Default::default(), []).expect("a calendar");
        assert_eq!(it.add_working(UnixMillis(0), 5), UnixMillis(5 * MINUTE));
        assert_eq!(Calendar::always().add_working(UnixMillis(7), 3_000), UnixMillis(7 + 3_000 * MINUTE));
        assert!(!it.works_at(UnixMillis(0)));
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        let with = |blocks: Vec<Block>| {
            let mut week: [Vec<Block>; 7] = Default::default();
            week[0] = blocks;
            Calendar::new("America/Mexico_City", week, [])
        };
        assert!(with(vec![Block { from: 600, to: 600 }]).is_err());
        assert!(with(vec![Block { from: 600, to: 1_441 }]).is_err());
        assert!(with(vec![Block { from: 600, to: 700 }, Block { from: 699, to: 800 }]).is_err());
        assert!(with(vec![Block { from: 700, to: 800 }, Block { from: 600, to: 700 }]).is_ok());
        assert!(Calendar::new("America/Atlantis", Default::default(), []).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn adding_and_counting_agree(start in 1_767_000_000_000_i64..1_830_000_000_000, minutes in 0_u32..20_000) {
            let it = office("America/Tijuana", &["2026-03-16", "2026-12-25", "2027-01-01"]);
            let from = UnixMillis(start);
            let due = it.add_working(from, minutes);
            prop_assert!(due >= from);
            prop_assert_eq!(it.working_between(from, due), minutes);
            prop_assert!(it.add_working(from, minutes + 1) > due);
        }

        #[test]
        fn time_that_is_divided_adds_up(
            start in 1_767_000_000_000_i64..1_790_000_000_000,
            first in 0_i64..40_000,
            second in 0_i64..40_000,
        ) {
            let it = office("America/Mexico_City", &["2026-05-01"]);
            // Whole minutes, so that nothing is rounded away.
            let from = UnixMillis(start - start % MINUTE);
            let (middle, end) = (from.plus(first * MINUTE), from.plus((first + second) * MINUTE));
            let parts = it.working_between(from, middle) + it.working_between(middle, end);
            prop_assert_eq!(parts, it.working_between(from, end));
        }
    }
}
