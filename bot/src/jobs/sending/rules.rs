//! What a channel may send, how fast and for how much: the configuration with the defaults of each
//! kind of gateway.

use std::time::Duration;

use crate::channels::gateway::OutboundMessage;
use crate::config::{ChannelConfig, Use};
use crate::domain::channel::ChannelKind;

/// Messages a minute, and how many of them may go at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Messages a minute.
    pub per_minute: u32,
    /// Messages that may go at once after a pause.
    pub burst: u32,
}

/// How fast messages to one contact follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactPace {
    /// Time between two of them.
    pub pause: Duration,
    /// How many may go at once after a silence.
    pub burst: u32,
}

/// What a kind of gateway bears.
#[derive(Clone, Copy, Debug)]
pub struct Defaults {
    /// Pace over all contacts.
    pub rate: Rate,
    /// Pace for each contact.
    pub contact: Option<ContactPace>,
    /// Calls at once.
    pub calls: usize,
}

impl Defaults {
    /// A bot may send about 30 messages a second, and one a second to a chat with short bursts. A full
    /// bucket and what flows into it within a second are 30 together. A burst is one message shorter than
    /// what chats bear: a call that is late and one behind it that is not come closer than they were sent.
    pub const TELEGRAM: Self = Self {
        rate: Rate { per_minute: 1_500, burst: 5 },
        contact: Some(ContactPace { pause: Duration::from_secs(1), burst: 2 }),
        calls: 16,
    };
    /// What centres usually take.
    pub const KANNEL: Self = Self { rate: Rate { per_minute: 600, burst: 10 }, contact: None, calls: 8 };
    /// One segment a second from a long number.
    pub const TWILIO: Self = Self { rate: Rate { per_minute: 60, burst: 1 }, contact: None, calls: 4 };
    /// Android lets an app send about 30 SMS within 30 minutes before it asks the phone's owner.
    pub const ANDROID: Self = Self { rate: Rate { per_minute: 1, burst: 30 }, contact: None, calls: 1 };
    /// What hardly any gateway refuses.
    pub const GENERIC: Self = Self { rate: Rate { per_minute: 300, burst: 5 }, contact: None, calls: 4 };

    fn of(channel: &ChannelConfig) -> Self {
        match channel {
            ChannelConfig::Telegram(_) => Self::TELEGRAM,
            ChannelConfig::Kannel(_) => Self::KANNEL,
            ChannelConfig::Twilio(_) => Self::TWILIO,
            ChannelConfig::Android(_) => Self::ANDROID,
            ChannelConfig::Http(_) => Self::GENERIC,
        }
    }
}

/// What a channel may send, how fast and for how much. The default has no limits.
#[derive(Clone, Debug)]
pub struct ChannelRules {
    /// What it may be used for; `None`: everything.
    pub uses: Option<Vec<Use>>,
    /// Beginnings of the numbers that may be sent to; empty: all.
    pub prefixes: Vec<String>,
    /// Price of a segment, in thousandths of the currency's unit.
    pub segment_price: u32,
    /// Another channel whose gateway sends while this one's is down.
    pub fallback: Option<String>,
    /// Pace over all contacts.
    pub rate: Option<Rate>,
    /// Pace for each contact.
    pub contact_pace: Option<ContactPace>,
    /// Calls at once.
    pub calls: usize,
    /// Whether a gateway that asks for a wait speaks of this person only.
    pub waits_are_personal: bool,
}

impl Default for ChannelRules {
    fn default() -> Self {
        Self {
            uses: None,
            prefixes: Vec::new(),
            segment_price: 0,
            fallback: None,
            rate: None,
            contact_pace: None,
            calls: 32,
            waits_are_personal: true,
        }
    }
}

impl ChannelRules {
    /// The rules of a configured channel in a country (ISO 3166 alpha-2).
    pub fn of(channel: &ChannelConfig, country: &str) -> Self {
        let (sending, defaults) = (channel.sending(), Defaults::of(channel));
        let rate = match sending.per_minute {
            None => Rate { burst: sending.burst.unwrap_or(defaults.rate.burst), ..defaults.rate },
            Some(per_minute) => {
                Rate { per_minute, burst: sending.burst.unwrap_or_else(|| per_minute.div_ceil(60)).max(1) }
            }
        };
        let contact_pace = match sending.contact_pause_seconds {
            None => defaults.contact,
            Some(0) => None,
            Some(seconds) => Some(ContactPace { pause: Duration::from_secs(u64::from(seconds)), burst: 1 }),
        };
        // Twilio: numbers of Mexico must not carry messages that nobody asked for.
        let replies_only = matches!(channel, ChannelConfig::Twilio(_)) && country == "MX";
        let prefixes = match (&sending.prefixes, channel.kind()) {
            (_, ChannelKind::Telegram) => Vec::new(),
            (Some(given), _) => given.clone(),
            (None, _) => calling_code(country).into_iter().collect(),
        };
        Self {
            uses: sending.allowed_uses.clone().or_else(|| replies_only.then(|| vec![Use::Replies])),
            prefixes,
            segment_price: sending.price,
            fallback: sending.fallback.clone(),
            rate: Some(rate),
            contact_pace,
            calls: defaults.calls,
            waits_are_personal: channel.kind() == ChannelKind::Telegram,
        }
    }

    /// Whether it may be used for this.
    pub fn allows(&self, needed: Use) -> bool {
        self.uses.as_ref().is_none_or(|it| it.contains(&needed))
    }

    /// Whether this address may be sent to: short codes have no country.
    pub fn reaches(&self, message: &OutboundMessage) -> bool {
        let address = &message.address;
        self.prefixes.is_empty()
            || (address.len() <= 6 && address.bytes().all(|it| it.is_ascii_digit()))
            || self.prefixes.iter().any(|it| address.starts_with(it.as_str()))
    }

    /// What so many segments cost.
    pub fn price(&self, segments: u32) -> i64 {
        i64::from(self.segment_price) * i64::from(segments.max(1))
    }
}

/// The calling code of a country with its plus; `None` for one that has none.
fn calling_code(country: &str) -> Option<String> {
    let code = phonenumber::metadata::DATABASE.by_id(country)?.country_code();
    Some(format!("+{code}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn rules(toml: &str, country: &str) -> ChannelRules {
        let config = Config::from_toml(toml).expect("a configuration");
        ChannelRules::of(&config.channels["x"], country)
    }

    const TWILIO: &str = "[server]\npublic_url = \"https://a.example\"\n[channels.x]\ntype = \"twilio\"\n\
                          account_sid = \"AC1\"\nauth_token = \"t\"\n";

    #[test]
    fn each_kind_has_its_defaults() {
        let kannel = rules("[channels.x]\ntype = \"kannel\"\n", "MX");
        assert_eq!(kannel.prefixes, ["+52"]);
        assert!(Use::of(crate::domain::purpose::Purpose::Broadcast) == Use::Broadcasts);
        assert!(kannel.allows(Use::Broadcasts));
        let twilio = rules(TWILIO, "MX");
        assert!(twilio.allows(Use::Replies) && !twilio.allows(Use::Reminders));
        let chile = rules(TWILIO, "CL");
        assert!(chile.allows(Use::Reminders));
        assert_eq!(chile.prefixes, ["+56"]);
        let telegram = rules("[channels.x]\ntype = \"telegram\"\ntoken = \"1:a\"\n", "MX");
        assert!(telegram.prefixes.is_empty() && telegram.contact_pace.is_some());
    }

    #[test]
    fn the_configuration_wins() {
        let text = format!(
            "{TWILIO}[channels.x.sending]\nallowed_uses = [\"replies\", \"surveys\"]\nper_minute = 120\n\
             contact_pause_seconds = 5\nprice = 900\nprefixes = []\n"
        );
        let rules = rules(&text, "MX");
        assert!(rules.allows(Use::Surveys) && !rules.allows(Use::Broadcasts));
        assert_eq!(rules.rate, Some(Rate { per_minute: 120, burst: 2 }));
        assert_eq!(rules.contact_pace, Some(ContactPace { pause: Duration::from_secs(5), burst: 1 }));
        assert_eq!((rules.price(2), rules.prefixes.len()), (1_800, 0));
    }
}
