//! `[backup]`: encrypted copies of the database.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use super::server::number;

/// Encrypted copies of the database.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// Who can read them: public keys of age (`age1…`). Without any nothing is copied.
    pub recipients: Vec<String>,
    /// Folder of the copies; default: `backups` in the data folder.
    pub folder: Option<PathBuf>,
    /// Hours between two copies that the service makes by itself; 0: none.
    #[serde(deserialize_with = "number")]
    pub every_hours: u32,
    /// Days after which a copy is deleted, so that what was erased is gone at last.
    #[serde(deserialize_with = "number")]
    pub keep_days: u32,
}

impl Default for Backup {
    fn default() -> Self {
        Self { recipients: Vec::new(), folder: None, every_hours: 1, keep_days: 35 }
    }
}

impl Backup {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        for it in &self.recipients {
            if it.parse::<age::x25519::Recipient>().is_err() {
                return Err(ConfigError::key(
                    "backup.recipients",
                    "write public keys of age, age1…; `cabildo backup --new-identity FILE` makes one.",
                ));
            }
        }
        if !(1..=35).contains(&self.keep_days) {
            return Err(ConfigError::key(
                "backup.keep_days",
                "it must be from 1 to 35: an older copy would keep what a person had erased.",
            ));
        }
        Ok(())
    }
}
