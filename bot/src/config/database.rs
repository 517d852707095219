//! `[database]`: where messages are kept.

use std::path::PathBuf;

use serde::Deserialize;

use super::{ConfigError, Secret, secret};

/// The database.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite://PATH` or `postgres://…`; it may hold a password. Default: a file in the data folder.
    pub url: Option<Secret>,
    /// File that holds the URL.
    pub url_file: Option<PathBuf>,
}

impl Database {
    pub(super) fn read_secrets(&mut self) -> Result<(), ConfigError> {
        secret::resolve("database", "url", &mut self.url, self.url_file.as_deref())
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let Some(url) = &self.url else { return Ok(()) };
        let url = url.reveal();
        let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|it| url.starts_with(it));
        if known && !matches!(url, "sqlite:" | "sqlite://") {
            return Ok(());
        }
        // The scheme alone is shown: the rest may hold a password.
        let advice = match url.split_once("://").map(|(scheme, _)| scheme) {
            Some("mysql" | "mariadb") => "MySQL and MariaDB are not supported.".to_owned(),
            Some(scheme) if scheme.chars().all(|it| it.is_ascii_alphanumeric()) => {
                format!("`{scheme}` is no known scheme.")
            }
            _ => "it has no scheme; a file is written sqlite:///var/lib/cabildo/cabildo.db.".to_owned(),
        };
        Err(ConfigError::key(
            "database.url",
            format!("{advice} Use sqlite://PATH or postgres://USER@HOST/DATABASE."),
        ))
    }
}
