//! `[retention]`: how long things are kept.

use serde::Deserialize;

use super::ConfigError;
use super::server::number;
use crate::domain::time::{DAY, UnixMillis};
use crate::store::retention::Limits;

/// How long things are kept. Nothing of who has an open case is touched.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days after a contact's last message, without a case, after which it is erased, and after which old
    /// messages are emptied.
    #[serde(deserialize_with = "number")]
    pub silent_days: u32,
    /// Days after the close of the last case.
    #[serde(deserialize_with = "number")]
    pub case_days: u32,
    /// Days after its close for which a confidential case keeps its words.
    #[serde(deserialize_with = "number")]
    pub confidential_days: u32,
    /// Years for which the audit trail is kept.
    #[serde(deserialize_with = "number")]
    pub audit_years: u32,
    /// Hour of the night, in the country's time, from which the service does it by itself.
    #[serde(deserialize_with = "number")]
    pub hour: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { silent_days: 90, case_days: 90, confidential_days: 90, audit_years: 5, hour: 3 }
    }
}

impl Retention {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        for (key, days) in [
            ("silent_days", self.silent_days),
            ("case_days", self.case_days),
            ("confidential_days", self.confidential_days),
        ] {
            // Questions are asked until 28 days after a close, and a no counts until 30.
            if !(31..=3_650).contains(&days) {
                return Err(ConfigError::key(
                    &format!("retention.{key}"),
                    "it must be from 31 to 3650: a person may say for 30 days that it was not put right.",
                ));
            }
        }
        if !(1..=50).contains(&self.audit_years) {
            return Err(ConfigError::key("retention.audit_years", "it must be from 1 to 50."));
        }
        if self.hour > 23 {
            return Err(ConfigError::key("retention.hour", "it must be from 0 to 23."));
        }
        Ok(())
    }

    /// The instants up to which things are kept no longer.
    pub fn limits(&self, now: UnixMillis) -> Limits {
        let before = |days: i64| now.plus(-days.saturating_mul(DAY));
        Limits {
            now,
            silent: before(i64::from(self.silent_days)),
            closed: before(i64::from(self.case_days)),
            confidential: before(i64::from(self.confidential_days)),
            audit: before(i64::from(self.audit_years) * 366),
        }
    }
}
