//! `[limits]`: what one contact may cost, and all of them together.

use serde::Deserialize;

use super::ConfigError;
use super::server::number;

/// What one contact may cost, and all of them together.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SendingLimits {
    /// Answers to one contact in an hour; then one note, and silence until the hour ends.
    #[serde(deserialize_with = "number")]
    pub answers_per_hour: u32,
    /// Answers to one contact in a day.
    #[serde(deserialize_with = "number")]
    pub answers_per_day: u32,
    /// Messages of one contact in a minute that are answered one by one; more are folded.
    #[serde(deserialize_with = "number")]
    pub fold_after_per_minute: u32,
    /// Messages a day to one contact that it did not ask for.
    #[serde(deserialize_with = "number")]
    pub unasked_per_day: u32,
    /// What all messages of a day may cost, in thousandths of the currency's unit; 0: no cap.
    #[serde(deserialize_with = "number")]
    pub money_per_day: u64,
    /// What messages that nobody asked for may cost in a day; 0: no cap of their own.
    #[serde(deserialize_with = "number")]
    pub unasked_money_per_day: u64,
    /// What the messages of one campaign may cost in all; 0: no cap of their own.
    #[serde(deserialize_with = "number")]
    pub money_per_campaign: u64,
    /// Nothing that was not asked for is sent from this hour on, in the municipality's time.
    #[serde(deserialize_with = "number")]
    pub quiet_from_hour: u8,
    /// Until this hour.
    #[serde(deserialize_with = "number")]
    pub quiet_until_hour: u8,
}

impl Default for SendingLimits {
    fn default() -> Self {
        Self {
            answers_per_hour: 60,
            answers_per_day: 200,
            fold_after_per_minute: 30,
            unasked_per_day: 3,
            money_per_day: 0,
            unasked_money_per_day: 0,
            money_per_campaign: 0,
            quiet_from_hour: 21,
            quiet_until_hour: 9,
        }
    }
}

impl SendingLimits {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        for (name, hour) in
            [("quiet_from_hour", self.quiet_from_hour), ("quiet_until_hour", self.quiet_until_hour)]
        {
            if hour > 23 {
                return Err(ConfigError::key(&format!("limits.{name}"), "write an hour from 0 to 23."));
            }
        }
        for (name, value) in [
            ("answers_per_hour", self.answers_per_hour),
            ("answers_per_day", self.answers_per_day),
            ("fold_after_per_minute", self.fold_after_per_minute),
        ] {
            if value == 0 {
                return Err(ConfigError::key(&format!("limits.{name}"), "it must be 1 or more."));
            }
        }
        Ok(())
    }
}
