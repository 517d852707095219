//! `[channels.ID]`: one table for each channel.

use std::path::PathBuf;

use serde::Deserialize;

use super::server::number;
use super::{ConfigError, Secret, Sending, Server, secret};
use crate::domain::channel::ChannelKind;

/// One channel; `type` says which.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChannelConfig {
    /// SMS through Kannel's smsbox.
    Kannel(Kannel),
    /// SMS through Twilio.
    Twilio(Twilio),
    /// A Telegram bot.
    Telegram(Telegram),
}

/// SMS through Kannel: `get-url` in, the answer in the body, `sendsms` for the rest.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kannel {
    /// Secret that Kannel puts into the URL that it calls; without one only a server that listens
    /// on the loopback interface starts.
    pub key: Option<Secret>,
    /// File that holds the key.
    pub key_file: Option<PathBuf>,
    /// URL of `sendsms` (`http://127.0.0.1:13013/cgi-bin/sendsms`); without it nothing is pushed.
    pub sendsms_url: Option<String>,
    /// User of `sendsms`.
    pub username: Option<String>,
    /// Password of `sendsms`.
    pub password: Option<Secret>,
    /// File that holds the password.
    pub password_file: Option<PathBuf>,
    /// Our number, the sender of what is pushed; default: the `sendsms` user's own.
    pub from: Option<String>,
    /// Where Kannel reaches us for delivery reports (`http://127.0.0.1:8080`); none: no reports.
    pub report_url: Option<String>,
    /// What it may send, and how fast.
    pub sending: Sending,
}

/// SMS through Twilio: signed webhook in, TwiML in the answer, REST for the rest.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twilio {
    /// The account's id (`AC…`).
    pub account_sid: String,
    /// The account's token, which signs the webhooks and opens the REST API.
    #[serde(default)]
    pub auth_token: Option<Secret>,
    /// File that holds the token.
    #[serde(default)]
    pub auth_token_file: Option<PathBuf>,
    /// The other valid token while one is being replaced.
    #[serde(default)]
    pub secondary_auth_token: Option<Secret>,
    /// File that holds the other token.
    #[serde(default)]
    pub secondary_auth_token_file: Option<PathBuf>,
    /// Our number in E.164, or a messaging service (`MG…`): the sender of what is pushed.
    #[serde(default)]
    pub from: Option<String>,
    /// Base of the REST API.
    #[serde(default = "twilio_api")]
    pub api_url: String,
    /// What it may send, and how fast.
    #[serde(default)]
    pub sending: Sending,
}

/// How updates of Telegram come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TelegramMode {
    /// We ask: no open port is needed.
    #[default]
    Poll,
    /// Telegram calls `/webhooks/telegram/ID` below `server.public_url`.
    Webhook,
}

/// What is fetched of photos and voices; larger ones are refused.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediaLimits {
    /// Largest photo, in bytes.
    #[serde(deserialize_with = "number")]
    pub photo_bytes: u32,
    /// Largest voice, in bytes.
    #[serde(deserialize_with = "number")]
    pub voice_bytes: u32,
    /// Longest voice, in seconds.
    #[serde(deserialize_with = "number")]
    pub voice_seconds: u32,
}

impl Default for MediaLimits {
    fn default() -> Self {
        Self { photo_bytes: 5 * 1024 * 1024, voice_bytes: 2 * 1024 * 1024, voice_seconds: 60 }
    }
}

/// A Telegram bot, by long polling or a webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    /// The token that `@BotFather` gave.
    #[serde(default)]
    pub token: Option<Secret>,
    /// File that holds the token.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// How updates come in.
    #[serde(default)]
    pub mode: TelegramMode,
    /// What Telegram says in every call of the webhook, so that nobody else can call it.
    #[serde(default)]
    pub webhook_secret: Option<Secret>,
    /// File that holds it.
    #[serde(default)]
    pub webhook_secret_file: Option<PathBuf>,
    /// What is fetched of photos and voices.
    #[serde(default)]
    pub media: MediaLimits,
    /// Base of the Bot API.
    #[serde(default = "telegram_api")]
    pub api_url: String,
    /// Seconds that one poll waits for an update.
    #[serde(default = "poll_seconds", deserialize_with = "number")]
    pub poll_timeout_seconds: u32,
    /// What it may send, and how fast.
    #[serde(default)]
    pub sending: Sending,
}

fn twilio_api() -> String {
    "https://api.twilio.com".to_owned()
}

fn telegram_api() -> String {
    "https://api.telegram.org".to_owned()
}

fn poll_seconds() -> u32 {
    25
}

/// An id is a part of a path: lower case letters, digits, `-` and `_`, at most 32.
pub(super) fn validate_id(id: &str) -> Result<(), ConfigError> {
    let fits = (1..=32).contains(&id.len())
        && id.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-' || it == b'_');
    if fits {
        Ok(())
    } else {
        Err(ConfigError::source(
            "The configuration has a channel whose id can't be used: an id has 1 to 32 lower case letters, \
             digits, - or _.",
        ))
    }
}

/// Refuses what is no HTTP URL.
fn http_url(key: &str, url: &str) -> Result<(), ConfigError> {
    match reqwest::Url::parse(url) {
        Ok(it) if matches!(it.scheme(), "http" | "https") && it.host_str().is_some() => Ok(()),
        _ => Err(ConfigError::key(key, "write a whole URL that starts with http:// or https://.")),
    }
}

impl ChannelConfig {
    /// The kind of the channel.
    pub fn kind(&self) -> ChannelKind {
        match self {
            Self::Kannel(_) | Self::Twilio(_) => ChannelKind::Sms,
            Self::Telegram(_) => ChannelKind::Telegram,
        }
    }

    /// What it may send, and how fast.
    pub fn sending(&self) -> &Sending {
        match self {
            Self::Kannel(it) => &it.sending,
            Self::Twilio(it) => &it.sending,
            Self::Telegram(it) => &it.sending,
        }
    }

    pub(super) fn read_secrets(&mut self, section: &str) -> Result<(), ConfigError> {
        match self {
            Self::Kannel(it) => {
                secret::resolve(section, "key", &mut it.key, it.key_file.as_deref())?;
                secret::resolve(section, "password", &mut it.password, it.password_file.as_deref())
            }
            Self::Twilio(it) => {
                secret::resolve(section, "auth_token", &mut it.auth_token, it.auth_token_file.as_deref())?;
                let file = it.secondary_auth_token_file.as_deref();
                secret::resolve(section, "secondary_auth_token", &mut it.secondary_auth_token, file)
            }
            Self::Telegram(it) => {
                secret::resolve(section, "token", &mut it.token, it.token_file.as_deref())?;
                let file = it.webhook_secret_file.as_deref();
                secret::resolve(section, "webhook_secret", &mut it.webhook_secret, file)
            }
        }
    }

    pub(super) fn validate(&self, section: &str, server: &Server) -> Result<(), ConfigError> {
        self.sending().validate(&format!("{section}.sending"))?;
        match self {
            Self::Kannel(it) => it.validate(section, server),
            Self::Twilio(it) => it.validate(section, server),
            Self::Telegram(it) => it.validate(section, server),
        }
    }
}

impl Kannel {
    fn validate(&self, section: &str, server: &Server) -> Result<(), ConfigError> {
        match &self.key {
            Some(key) if key.reveal().len() < 16 || key.reveal().len() > 128 => {
                return Err(ConfigError::key(&format!("{section}.key"), "use 16 to 128 characters."));
            }
            Some(key)
                if !key.reveal().bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.~".contains(&it)) =>
            {
                return Err(ConfigError::key(
                    &format!("{section}.key"),
                    "use letters, digits, and - _ . ~ only: it is a part of a URL.",
                ));
            }
            None if !server.is_loopback() => {
                return Err(ConfigError::key(
                    &format!("{section}.key"),
                    "it is missing, and the server listens beyond this machine: anybody could send messages. \
                     Set a key, or listen on 127.0.0.1.",
                ));
            }
            _ => {}
        }
        if let Some(url) = &self.sendsms_url {
            http_url(&format!("{section}.sendsms_url"), url)?;
            for (name, there) in
                [("username", self.username.is_some()), ("password", self.password.is_some())]
            {
                if !there {
                    return Err(ConfigError::key(
                        &format!("{section}.{name}"),
                        "it is missing; sendsms asks for it.",
                    ));
                }
            }
        }
        self.report_url.as_ref().map_or(Ok(()), |it| http_url(&format!("{section}.report_url"), it))
    }
}

impl Twilio {
    fn validate(&self, section: &str, server: &Server) -> Result<(), ConfigError> {
        let sid = &self.account_sid;
        if sid.is_empty() || !sid.bytes().all(|it| it.is_ascii_alphanumeric()) {
            return Err(ConfigError::key(
                &format!("{section}.account_sid"),
                "write the id that starts with AC.",
            ));
        }
        if self.auth_token.is_none() {
            return Err(ConfigError::key(
                &format!("{section}.auth_token"),
                "it is missing; without it no webhook can be checked.",
            ));
        }
        if server.public_url.is_none() {
            return Err(ConfigError::key(
                "server.public_url",
                "it is missing; Twilio signs the URL that it calls, so it must be known.",
            ));
        }
        http_url(&format!("{section}.api_url"), &self.api_url)
    }
}

impl Telegram {
    fn validate(&self, section: &str, server: &Server) -> Result<(), ConfigError> {
        let fits = self.token.as_ref().is_some_and(|it| {
            it.reveal().bytes().all(|it| it.is_ascii_alphanumeric() || b":-_".contains(&it))
        });
        if !fits {
            return Err(ConfigError::key(
                &format!("{section}.token"),
                "write the token that @BotFather gave, 123456:ABC….",
            ));
        }
        if !(1..=50).contains(&self.poll_timeout_seconds) {
            return Err(ConfigError::key(
                &format!("{section}.poll_timeout_seconds"),
                "it must be from 1 to 50.",
            ));
        }
        if self.mode == TelegramMode::Webhook {
            self.validate_webhook(section, server)?;
        }
        http_url(&format!("{section}.api_url"), &self.api_url)
    }

    fn validate_webhook(&self, section: &str, server: &Server) -> Result<(), ConfigError> {
        if server.public_url.is_none() {
            return Err(ConfigError::key(
                "server.public_url",
                "it is missing; Telegram must be told which URL it calls.",
            ));
        }
        let key = format!("{section}.webhook_secret");
        let Some(secret) = &self.webhook_secret else {
            return Err(ConfigError::key(&key, "it is missing; without it anybody could send messages."));
        };
        let secret = secret.reveal();
        if secret.len() > 256 || !secret.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it)) {
            return Err(ConfigError::key(&key, "use at most 256 letters, digits, _ and -."));
        }
        // 128 bits: 32 digits of base 16, or 22 of base 64.
        let least = if secret.bytes().all(|it| it.is_ascii_hexdigit()) { 32 } else { 22 };
        let mut letters: Vec<u8> = secret.bytes().collect();
        letters.sort_unstable();
        letters.dedup();
        if secret.len() < least || letters.len() < 8 {
            return Err(ConfigError::key(
                &key,
                "use 128 random bits: 32 or more characters, such as `openssl rand -hex 32` gives.",
            ));
        }
        Ok(())
    }
}
