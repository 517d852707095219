//! The hours of the place: when nothing goes out that was not asked for, and which day counts.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use crate::domain::time::{DAY, HOUR, UnixMillis};

/// The instant in a zone (IANA name); an unknown name is read as UTC.
fn local(zone: &str, now: UnixMillis) -> Option<Zoned> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    Some(Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone))
}

fn millis(zoned: &Zoned) -> UnixMillis {
    UnixMillis(zoned.timestamp().as_millisecond())
}

/// When the quiet hours end that it is now; `None` where it is not quiet. Quiet is from the hour `from`
/// until the hour `until`, over midnight where it must; two equal hours are none.
pub(super) fn quiet_until(zone: &str, from: u8, until: u8, now: UnixMillis) -> Option<UnixMillis> {
    let here = local(zone, now)?;
    let hour = u8::try_from(here.hour()).ok()?;
    let quiet = if from <= until { (from..until).contains(&hour) } else { hour >= from || hour < until };
    if !quiet {
        return None;
    }
    let date = if hour < until { here.date() } else { here.date().checked_add(Span::new().days(1)).ok()? };
    let end = date.at(i8::try_from(until).ok()?, 0, 0, 0).to_zoned(here.time_zone().clone()).ok()?;
    // An hour that a change of the clocks skips or repeats still ends.
    Some(millis(&end).max(now.plus(1)))
}

/// The local day, in days since 1970, and when the next one begins.
pub(super) fn day(zone: &str, now: UnixMillis) -> (i64, UnixMillis) {
    let utc = (now.0.div_euclid(DAY), UnixMillis((now.0.div_euclid(DAY) + 1) * DAY));
    let Some(here) = local(zone, now) else { return utc };
    let since = here.date().since(Date::constant(1970, 1, 1)).map(|it| i64::from(it.get_days()));
    let next = here.tomorrow().and_then(|it| it.start_of_day());
    match (since, next) {
        (Ok(since), Ok(next)) => (since, millis(&next)),
        _ => (utc.0, now.plus(HOUR)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEXICO: &str = "America/Mexico_City";
    const TIJUANA: &str = "America/Tijuana";

    fn at(text: &str) -> UnixMillis {
        UnixMillis(text.parse::<Timestamp>().expect("an instant").as_millisecond())
    }

    #[test]
    fn it_is_quiet_from_nine_to_nine_where_the_person_is() {
        for (zone, now, until) in [
            // Mexico is six hours behind all year.
            (MEXICO, "2026-07-05T03:00:00Z", Some("2026-07-05T15:00:00Z")),
            (MEXICO, "2026-07-05T02:59:59Z", None),
            (MEXICO, "2026-07-05T14:59:59Z", Some("2026-07-05T15:00:00Z")),
            (MEXICO, "2026-07-05T15:00:00Z", None),
            // The border changes its clocks: seven hours in summer, eight in winter.
            (TIJUANA, "2026-07-05T15:00:00Z", Some("2026-07-05T16:00:00Z")),
            (TIJUANA, "2026-12-05T16:30:00Z", Some("2026-12-05T17:00:00Z")),
            // The night in which the clocks go forward.
            (TIJUANA, "2026-03-08T06:00:00Z", Some("2026-03-08T16:00:00Z")),
            ("nowhere", "2026-07-05T22:00:00Z", Some("2026-07-06T09:00:00Z")),
        ] {
            assert_eq!(quiet_until(zone, 21, 9, at(now)), until.map(at), "{zone} {now}");
        }
        assert_eq!(quiet_until(MEXICO, 9, 9, at("2026-07-05T03:00:00Z")), None);
        assert_eq!(quiet_until("UTC", 13, 15, at("2026-07-05T14:30:00Z")), Some(at("2026-07-05T15:00:00Z")));
    }

    #[test]
    fn the_day_that_counts_is_the_local_one() {
        let evening = day(MEXICO, at("2026-07-06T05:59:59Z"));
        assert_eq!(evening, (20_639, at("2026-07-06T06:00:00Z")));
        assert_eq!(day(MEXICO, at("2026-07-06T06:00:00Z")).0, 20_640);
    }
}
