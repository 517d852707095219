//! `[broadcasts]`: who gets tests, and when nothing may go to many.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::ConfigError;
use crate::domain::broadcast::veda;
use crate::domain::staff::Scope;
use crate::domain::time::UnixMillis;

/// Who gets tests, and when nothing may go to many.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Broadcasts {
    /// Who gets tests: each a channel's id, a colon, and the number or chat there (`telco:+525555550101`).
    pub test_addresses: Vec<String>,
    /// Times in which nothing goes to many: electoral silence.
    pub veda: Vec<Veda>,
}

/// A time in which nothing goes to many.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Veda {
    /// Where: `country`, `state:12`, `municipality:12066`.
    pub places: Vec<String>,
    /// Its first day, ISO 8601.
    pub from: String,
    /// Its last day.
    pub until: String,
}

impl Broadcasts {
    /// The test addresses: channel, number or chat.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &str)> {
        self.test_addresses.iter().filter_map(|it| it.split_once(':'))
    }

    /// The times in which nothing goes to many, by the days of a time zone.
    pub fn vedas(&self, zone: &str) -> Vec<veda::Veda> {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        self.veda.iter().filter_map(|it| it.read(&zone)).collect()
    }

    pub(super) fn validate(&self, has_channel: impl Fn(&str) -> bool) -> Result<(), ConfigError> {
        for it in &self.test_addresses {
            let fits = it.split_once(':').is_some_and(|(channel, to)| has_channel(channel) && !to.is_empty());
            if !fits {
                return Err(ConfigError::key(
                    "broadcasts.test_addresses",
                    "write each as the id of a channel, a colon, and the number or chat there.",
                ));
            }
        }
        if self.veda.iter().any(|it| it.read(&TimeZone::UTC).is_none()) {
            return Err(ConfigError::key(
                "broadcasts.veda",
                "each has places (country, state:12, municipality:12066), and the days from and until, such as \
                 2027-04-04, in this order.",
            ));
        }
        Ok(())
    }
}

impl Veda {
    fn read(&self, zone: &TimeZone) -> Option<veda::Veda> {
        let places: Option<Vec<Scope>> = self.places.iter().map(|it| it.parse().ok()).collect();
        let begin = |day: Date| -> Option<UnixMillis> {
            let begins = day.to_zoned(zone.clone()).ok()?;
            Some(UnixMillis(begins.timestamp().as_millisecond()))
        };
        let from = begin(self.from.parse().ok()?)?;
        let until = begin(self.until.parse::<Date>().ok()?.tomorrow().ok()?)?;
        let places = places.filter(|it| !it.is_empty())?;
        (from < until).then_some(veda::Veda { places, from, until })
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    const CHANNEL: &str = "[channels.telco]\ntype = \"kannel\"\nkey = \"0123456789abcdef\"\n";

    #[test]
    fn days_are_those_of_the_country_and_the_last_one_counts() {
        let text =
            "[[broadcasts.veda]]\nplaces = [\"country\"]\nfrom = \"2027-04-04\"\nuntil = \"2027-06-06\"\n";
        let config = Config::from_toml(text).expect("a configuration");
        let [veda] = &config.broadcasts.vedas("America/Mexico_City")[..] else { panic!("one") };
        let at = |it: &str| it.parse::<jiff::Timestamp>().expect("an instant").as_millisecond();
        assert_eq!(veda.from.0, at("2027-04-04T06:00:00Z"));
        assert_eq!(veda.until.0, at("2027-06-07T06:00:00Z"));
    }

    #[test]
    fn what_nobody_could_mean_is_refused() {
        let address = |it: &str| format!("[broadcasts]\ntest_addresses = [\"{it}\"]\n{CHANNEL}");
        assert!(Config::from_toml(&address("telco:+525555550101")).is_ok());
        let veda = |places: &str, from: &str, until: &str| {
            format!("[[broadcasts.veda]]\nplaces = [{places}]\nfrom = \"{from}\"\nuntil = \"{until}\"\n")
        };
        for text in [
            address("telco"),
            address("other:+525555550101"),
            address("telco:"),
            veda("", "2027-04-04", "2027-06-06"),
            veda("\"12\"", "2027-04-04", "2027-06-06"),
            veda("\"country\"", "2027-06-06", "2027-04-04"),
            veda("\"country\"", "4 de abril", "2027-06-06"),
        ] {
            let problem = Config::from_toml(&text).expect_err(&text).to_string();
            assert!(problem.contains("broadcasts."), "{problem}");
        }
    }
}
