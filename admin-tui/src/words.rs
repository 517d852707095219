//! The console's own words, in the language of who uses it.

use cabildo_messages as messages;

use crate::safe::SafeText;

/// A language that the console speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    locale: &'static str,
    zone: Zone,
}

/// In which time zone instants are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// That of this machine.
    #[default]
    System,
    /// Universal time, the same on every machine.
    Utc,
}

impl Zone {
    fn zone(self) -> jiff::tz::TimeZone {
        match self {
            Self::System => jiff::tz::TimeZone::system(),
            Self::Utc => jiff::tz::TimeZone::UTC,
        }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self { locale: messages::FALLBACK, zone: Zone::default() }
    }
}

impl Words {
    /// The words for a BCP 47 tag or a POSIX locale (`es_MX.UTF-8`); Spanish where there are none.
    pub fn of(tag: &str) -> Self {
        let tag = tag.split(['.', '@']).next().unwrap_or_default().replace('_', "-");
        Self { locale: messages::best_locale(&tag).unwrap_or(messages::FALLBACK), zone: Zone::default() }
    }

    /// The same with instants in a time zone.
    #[must_use]
    pub const fn within(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        self.locale
    }

    /// A text without arguments.
    pub fn say(self, key: &str) -> SafeText {
        self.fill(key, &[])
    }

    /// A text with arguments. A key that no catalogue has shows as its name: a test finds it before.
    pub fn fill(self, key: &str, args: &[(&str, SafeText)]) -> SafeText {
        let args: Vec<(&str, &str)> = args.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let text = messages::text(self.locale, &format!("console-{key}"), &args);
        SafeText::typed(text.as_deref().unwrap_or(key))
    }

    /// The word for a code of the service, or the code itself where it is a new one.
    pub fn code(self, group: &str, code: &crate::safe::Code) -> SafeText {
        let key = format!("console-{group}-{}", code.as_str());
        messages::text(self.locale, &key, &[]).map_or_else(|| code.text(), |it| SafeText::typed(&it))
    }

    /// How long, in the two-cell form of lists (`3m`, `5h`, `2d`).
    pub fn age(self, millis: i64) -> SafeText {
        let minutes = millis.max(0) / 60_000;
        let (number, unit) = match minutes {
            0..60 => (minutes, "m"),
            60..1_440 => (minutes / 60, "h"),
            _ => (minutes / 1_440, "d"),
        };
        SafeText::number(number).with(unit)
    }

    /// How much is left until something is owed (`3h10`, `-0h12`, `2d`); no clock time looks like that.
    pub fn due(self, millis: i64) -> SafeText {
        let sign = if millis < 0 { "-" } else { "" };
        let minutes = millis.abs() / 60_000;
        let left = SafeText::own(sign);
        if minutes >= 1_440 {
            return left.with(SafeText::number(minutes / 1_440)).with("d");
        }
        let rest = SafeText::number(minutes % 60);
        let rest = if minutes % 60 < 10 { SafeText::own("0").with(rest) } else { rest };
        left.with(SafeText::number(minutes / 60)).with("h").with(rest)
    }

    /// Minutes and seconds (`0:42`).
    pub fn minutes(self, millis: i64) -> SafeText {
        let seconds = millis.max(0) / 1_000;
        let rest = SafeText::number(seconds % 60);
        let rest = if seconds % 60 < 10 { SafeText::own("0").with(rest) } else { rest };
        SafeText::number(seconds / 60).with(":").with(rest)
    }

    /// Clock time of an instant in the time zone of this machine (`09:04`).
    pub fn clock(self, at: i64) -> SafeText {
        self.written(at, "%H:%M")
    }

    /// Day and clock time of an instant (`26/11 09:04`).
    pub fn day(self, at: i64) -> SafeText {
        self.written(at, "%d/%m %H:%M")
    }

    /// Date and clock time of an instant as [`Words::read_moment`] reads them (`2026-11-26 09:04`).
    pub fn moment(self, at: i64) -> SafeText {
        self.written(at, "%Y-%m-%d %H:%M")
    }

    /// The instant of a date with its clock time, Unix ms.
    pub fn read_moment(self, text: &SafeText) -> Option<i64> {
        let at = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M", text.as_str().trim()).ok()?;
        Some(at.to_zoned(self.zone.zone()).ok()?.timestamp().as_millisecond())
    }

    /// The zone in which instants are written, as it is called at one (`CST`, `-06`).
    pub fn zone_name(self, at: i64) -> SafeText {
        self.written(at, "%Z")
    }

    fn written(self, at: i64, form: &str) -> SafeText {
        let zone = self.zone.zone();
        let text =
            jiff::Timestamp::from_millisecond(at).map(|it| it.to_zoned(zone).strftime(form).to_string());
        SafeText::line(&text.unwrap_or_default())
    }
}
