//! Configuration: defaults, then the TOML file, then `CABILDO_*` variables; later wins.
//!
//! A variable names a key with two underscores for each step down: `CABILDO_SERVER__LISTEN` is
//! `listen` of `[server]`, `CABILDO_CHANNELS__TELCO__KEY` is `key` of `[channels.telco]`. Its text
//! is taken as it is, so a secret of digits keeps its zeros. A key that nobody reads is an error,
//! in the file as in the environment.

mod backup;
mod broadcasts;
mod channels;
mod data;
mod database;
mod limits;
mod log;
mod metrics;
mod retention;
mod secret;
mod sending;
mod server;
mod service;
mod staff;
mod template;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::providers::Format as _;
use serde::Deserialize;

pub use backup::Backup;
pub use broadcasts::{Broadcasts, Veda};
pub use channels::{
    Android, ChannelConfig, Generic, Kannel, MediaLimits, Telegram, TelegramMode, Twilio, generic,
};
pub use data::{Data, platform_data_folder};
pub use database::Database;
pub use limits::SendingLimits;
pub use log::{Log, LogFormat};
pub use metrics::MetricsListener;
pub use retention::Retention;
pub use secret::Secret;
pub use sending::{Sending, Use};
pub use server::Server;
pub use service::ServiceIdentity;
pub use staff::StaffListener;
pub use template::{Field, JsonTemplate, Place, Pointer, Template};

use crate::store::Location;
use crate::store::address::KEY_FILE_NAME;

/// The commented example that `cabildo config example` prints.
pub const EXAMPLE: &str = include_str!("config/example.toml");

/// Variables that are read elsewhere and name no key of the configuration: the pack folder
/// (`--pack`), the configuration file (`--config`) and the switch of the test suite that turns
/// skipped parts into failures.
const OTHER_VARIABLES: [&str; 3] = ["CABILDO_PACK", "CABILDO_CONFIG", "CABILDO_REQUIRE_ALL"];

/// Short name of `data.dir` in the environment, the same as `--data-dir` of `cabildo demo`.
const DATA_DIR_VARIABLE: &str = "CABILDO_DATA_DIR";

/// The whole configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who answers.
    pub service: ServiceIdentity,
    /// The HTTP server.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// Where files lie.
    pub data: Data,
    /// What is logged.
    pub log: Log,
    /// What one contact may cost, and all of them together.
    pub limits: SendingLimits,
    /// The listener for the technician.
    pub metrics: MetricsListener,
    /// The listener of the staff API.
    pub staff: StaffListener,
    /// Encrypted copies of the database.
    pub backup: Backup,
    /// How long things are kept.
    pub retention: Retention,
    /// Who gets tests of broadcasts, and when nothing may go to many.
    pub broadcasts: Broadcasts,
    /// The channels by id; the id is the last part of a webhook's path.
    pub channels: BTreeMap<String, ChannelConfig>,
}

/// Why a configuration can't be used: where, which key, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// A problem with one key.
    pub fn key(key: &str, problem: impl AsRef<str>) -> Self {
        Self(format!("The configuration key `{key}` can't be used: {}", problem.as_ref()))
    }

    /// A problem with the place that the configuration comes from.
    pub fn source(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

impl Config {
    /// Reads the configuration from `file`, where there is one, and the given variables of the
    /// environment, reads the secrets that lie in files, and checks everything.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut figment = figment::Figment::new();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|problem| {
                ConfigError::source(format!(
                    "The configuration file {} can't be read: {problem}. Name another with --config.",
                    path.display()
                ))
            })?;
            check_toml(&text, path)?;
            figment = figment.merge(figment::providers::Toml::string(&text));
        }
        figment = figment.merge(Variables::collect(variables)?);
        let mut config: Self = figment.extract().map_err(|problem| explain(&problem, file))?;
        config.read_secrets()?;
        config.validate()?;
        config.refuse_placeholders()?;
        Ok(config)
    }

    /// Refuses the secret that stands in the example: everybody knows it.
    fn refuse_placeholders(&self) -> Result<(), ConfigError> {
        for (id, channel) in &self.channels {
            if channel.secrets().any(|it| it.reveal().starts_with("change-me")) {
                return Err(ConfigError::source(format!(
                    "The channel `{id}` of the configuration has the example's placeholder as a secret: write \
                     32 random characters in its place (openssl rand -hex 16)."
                )));
            }
        }
        Ok(())
    }

    /// Reads the configuration from a text in TOML alone, for tests and the embedded example.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let figment = figment::Figment::from(figment::providers::Toml::string(text));
        let mut config: Self = figment.extract().map_err(|problem| explain(&problem, None))?;
        config.read_secrets()?;
        config.validate()?;
        Ok(config)
    }

    /// The configuration of `cabildo demo`: everything at its default, one Kannel-style channel
    /// called `demo`, which a server on the loopback interface may have without a key, and which sends
    /// to numbers that no country has.
    pub fn demo(listen: &str, data_dir: PathBuf) -> Self {
        let mut config = Self::default();
        config.metrics.listen = Some("off".to_owned());
        listen.clone_into(&mut config.server.listen);
        config.data.dir = Some(data_dir);
        let sending = Sending { prefixes: Some(Vec::new()), ..Sending::default() };
        let demo = Kannel { sending, ..Kannel::default() };
        config.channels.insert("demo".to_owned(), ChannelConfig::Kannel(demo));
        config
    }

    /// Checks what types can't say; one section after the other.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.service.validate()?;
        self.server.validate()?;
        self.database.validate()?;
        self.log.validate()?;
        self.limits.validate()?;
        self.metrics.validate()?;
        self.staff.validate()?;
        self.backup.validate()?;
        self.retention.validate()?;
        self.broadcasts.validate(|id| self.channels.contains_key(id))?;
        if self.data.dir.as_ref().is_some_and(|it| it.as_os_str().is_empty()) {
            return Err(ConfigError::key(
                "data.dir",
                "it is empty; name a folder, or leave out data.dir and CABILDO_DATA_DIR.",
            ));
        }
        for (id, channel) in &self.channels {
            channels::validate_id(id)?;
            channel.validate(&format!("channels.{id}"), &self.server)?;
            self.validate_fallback(id, channel)?;
        }
        Ok(())
    }

    fn validate_fallback(&self, id: &str, channel: &ChannelConfig) -> Result<(), ConfigError> {
        let Some(other) = &channel.sending().fallback else { return Ok(()) };
        let fits = other != id && self.channels.get(other).is_some_and(|it| it.kind() == channel.kind());
        if fits {
            return Ok(());
        }
        Err(ConfigError::key(
            &format!("channels.{id}.sending.fallback"),
            "name another channel of the same kind: SMS stands in for SMS.",
        ))
    }

    /// The database as the store names it: `:memory:`, a `postgres://` URL, or the path of a SQLite
    /// file, which by default lies in the data folder.
    pub fn database_location(&self) -> Result<Secret, ConfigError> {
        let Some(url) = &self.database.url else {
            let file = self.data.folder()?.join("cabildo.db");
            return Ok(Secret::new(file.to_string_lossy()));
        };
        let text = url.reveal();
        let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
        Ok(Secret::new(path.unwrap_or(text)))
    }

    /// Where the database is.
    pub fn location(&self) -> Result<Location, ConfigError> {
        Ok(Location::parse(self.database_location()?.reveal()))
    }

    /// Where its address keys lie: beside a `SQLite` file, else in the data folder.
    pub fn key_file(&self) -> Result<PathBuf, ConfigError> {
        match self.location()?.default_key_file() {
            Some(file) => Ok(file),
            None => Ok(self.data.folder()?.join(KEY_FILE_NAME)),
        }
    }

    /// The folder of the copies of the database.
    pub fn backup_folder(&self) -> Result<PathBuf, ConfigError> {
        match &self.backup.folder {
            Some(folder) => Ok(folder.clone()),
            None => Ok(self.data.folder()?.join("backups")),
        }
    }

    fn read_secrets(&mut self) -> Result<(), ConfigError> {
        self.database.read_secrets()?;
        for (id, channel) in &mut self.channels {
            channel.read_secrets(&format!("channels.{id}"))?;
        }
        Ok(())
    }
}

/// Refuses what is no TOML by the line where it ends to be that. The reader's own sentence quotes
/// the line, which may hold a secret.
fn check_toml(text: &str, path: &Path) -> Result<(), ConfigError> {
    let Err(problem) = toml::from_str::<toml::Table>(text) else { return Ok(()) };
    let before = problem.span().and_then(|it| text.get(..it.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    Err(ConfigError::source(format!(
        "The configuration file {} can't be read: line {line} is no TOML (a quotation mark or a bracket \
         is missing, or a key is written twice).",
        path.display()
    )))
}

/// A figment error as one sentence that names the place and the key, never a value: a value may be
/// a secret in the wrong place.
fn explain(problem: &figment::Error, file: Option<&Path>) -> ConfigError {
    use figment::error::Kind;
    let from_environment = problem.metadata.as_ref().is_some_and(|it| it.name == Variables::NAME);
    let place = match (from_environment, file) {
        (true, _) => "the environment (CABILDO_* variables)".to_owned(),
        (false, Some(path)) => path.display().to_string(),
        (false, None) => "the configuration".to_owned(),
    };
    let mut path = problem.path.clone();
    let what = match &problem.kind {
        Kind::UnknownField(name, known) => {
            if path.last() != Some(name) {
                path.push(name.clone());
            }
            format!("nothing reads it; known here: {}", known.join(", "))
        }
        Kind::UnknownVariant(_, known) => format!("it is one of {}", known.join(", ")),
        Kind::MissingField(name) => {
            path.push(name.to_string());
            "it is missing".to_owned()
        }
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            format!("it must be {expected}")
        }
        Kind::Message(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    if path.is_empty() {
        ConfigError(format!("The configuration of {place} can't be read: {what}."))
    } else {
        ConfigError(format!("The key `{}` of {place} can't be used: {what}.", path.join(".")))
    }
}

/// The `CABILDO_*` variables as a figment provider that keeps every text as it is.
struct Variables(figment::value::Dict);

impl Variables {
    const NAME: &str = "CABILDO_* variables";

    fn collect(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut keys = figment::value::Dict::new();
        for (name, value) in variables {
            if !name.starts_with("CABILDO_") || OTHER_VARIABLES.contains(&name.as_str()) {
                continue;
            }
            let key = if name == DATA_DIR_VARIABLE {
                "data__dir".to_owned()
            } else {
                name["CABILDO_".len()..].to_ascii_lowercase()
            };
            let parts: Vec<&str> = key.split("__").collect();
            if parts.len() > 3 || parts.iter().any(|it| it.is_empty()) {
                return Err(ConfigError::source(format!(
                    "The variable {name} names no key of the configuration: write CABILDO_SECTION__KEY or \
                     CABILDO_CHANNELS__ID__KEY."
                )));
            }
            insert(&mut keys, &parts, value).map_err(|()| {
                ConfigError::source(format!("The variable {name} names a section and a key at once."))
            })?;
        }
        Ok(Self(keys))
    }
}

/// Puts `value` at the end of `path`, making the sections on the way.
fn insert(keys: &mut figment::value::Dict, path: &[&str], value: String) -> Result<(), ()> {
    match path {
        [] => Err(()),
        [last] => match keys.insert((*last).to_owned(), value.into()) {
            None => Ok(()),
            Some(_) => Err(()),
        },
        [first, rest @ ..] => {
            let section =
                keys.entry((*first).to_owned()).or_insert_with(|| figment::value::Dict::new().into());
            match section {
                figment::value::Value::Dict(_, inner) => insert(inner, rest, value),
                _ => Err(()),
            }
        }
    }
}

impl figment::Provider for Variables {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::named(Self::NAME)
    }

    fn data(&self) -> Result<figment::value::Map<figment::Profile, figment::value::Dict>, figment::Error> {
        Ok(figment::value::Map::from([(figment::Profile::Default, self.0.clone())]))
    }
}
