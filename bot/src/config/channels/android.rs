//! `type = "android"`: a phone with the app SMS Gateway for Android.

use std::path::PathBuf;

use serde::Deserialize;

use super::super::server::number;
use super::super::{ConfigError, Secret, Sending, secret};
use super::http_url;

/// SMS through a phone: signed webhooks in, the app's API (on the phone or on a server) for sending.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Android {
    /// Signing key of the webhooks (app: Settings, Webhooks, Signing Key).
    #[serde(default)]
    pub signing_key: Option<Secret>,
    /// File that holds the key.
    #[serde(default)]
    pub signing_key_file: Option<PathBuf>,
    /// The other valid key while one is being replaced, or the key of a second phone.
    #[serde(default)]
    pub secondary_signing_key: Option<Secret>,
    /// File that holds the other key.
    #[serde(default)]
    pub secondary_signing_key_file: Option<PathBuf>,
    /// Base of the API: the cloud server's, a private server's (`https://HOST/3rdparty/v1`), or the
    /// phone's own (`http://192.0.2.10:8080`).
    #[serde(default = "cloud")]
    pub api_url: String,
    /// User of the API, as the app shows it.
    pub username: String,
    /// Password of the API.
    #[serde(default)]
    pub password: Option<Secret>,
    /// File that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Which SIM sends, from 1; default: the phone's own choice.
    #[serde(default, deserialize_with = "some_number")]
    pub sim: Option<u32>,
    /// Id of the phone that sends, where an account has several.
    #[serde(default)]
    pub device: Option<String>,
    /// Seconds after which the phone no longer sends a message that waits.
    #[serde(default = "a_day", deserialize_with = "number")]
    pub expires_after_seconds: u32,
    /// Battery in percent below which there is an alarm.
    #[serde(default = "a_fifth", deserialize_with = "number")]
    pub battery_alarm: u32,
    /// What it may send, and how fast.
    #[serde(default)]
    pub sending: Sending,
}

fn cloud() -> String {
    "https://api.sms-gate.app/3rdparty/v1".to_owned()
}

fn a_day() -> u32 {
    86_400
}

fn a_fifth() -> u32 {
    20
}

fn some_number<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<u32>, D::Error> {
    number(input).map(Some)
}

impl Android {
    pub(super) fn read_secrets(&mut self, section: &str) -> Result<(), ConfigError> {
        secret::resolve(section, "signing_key", &mut self.signing_key, self.signing_key_file.as_deref())?;
        let file = self.secondary_signing_key_file.as_deref();
        secret::resolve(section, "secondary_signing_key", &mut self.secondary_signing_key, file)?;
        secret::resolve(section, "password", &mut self.password, self.password_file.as_deref())
    }

    pub(super) fn validate(&self, section: &str) -> Result<(), ConfigError> {
        let missing = |name: &str, why: &str| Err(ConfigError::key(&format!("{section}.{name}"), why));
        if self.signing_key.is_none() {
            return missing("signing_key", "it is missing; without it no webhook can be checked.");
        }
        for key in self.signing_key.iter().chain(&self.secondary_signing_key) {
            if key.reveal().len() < 8 {
                return missing("signing_key", "it is too short: use 8 characters or more.");
            }
        }
        if self.username.trim().is_empty() || self.username.contains(':') {
            return missing("username", "write the user that the app shows.");
        }
        if self.password.is_none() {
            return missing("password", "it is missing; without it nothing can be sent.");
        }
        if self.sim.is_some_and(|it| !(1..=3).contains(&it)) {
            return missing("sim", "it must be from 1 to 3.");
        }
        if !(60..=604_800).contains(&self.expires_after_seconds) {
            return missing("expires_after_seconds", "it must be from 60 to 604800.");
        }
        if self.battery_alarm > 100 {
            return missing("battery_alarm", "it is a percentage: 0 to 100.");
        }
        http_url(&format!("{section}.api_url"), &self.api_url)
    }
}
