//! `[data]`: where files lie.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use serde::Deserialize;

use super::ConfigError;

/// Where files lie.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    /// Folder of the database and the keys; default: `cabildo` in the platform's data folder.
    pub dir: Option<PathBuf>,
    /// Folder of a data pack to use instead of the embedded one.
    pub pack: Option<PathBuf>,
}

impl Data {
    /// The data folder: the configured one or the platform's (`~/.local/share/cabildo` on Linux).
    pub fn folder(&self) -> Result<PathBuf, ConfigError> {
        if let Some(folder) = &self.dir {
            return Ok(folder.clone());
        }
        platform_data_folder().ok_or_else(|| {
            ConfigError::key("data.dir", "this account has no home folder: set data.dir or CABILDO_DATA_DIR.")
        })
    }
}

/// The platform's folder for our data (`~/.local/share/cabildo` on Linux); none for an account
/// without a home folder.
pub fn platform_data_folder() -> Option<PathBuf> {
    etcetera::choose_base_strategy().ok().map(|it| it.data_dir().join("cabildo"))
}
