//! A text that is never shown.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

use super::ConfigError;

/// The largest file that is read as a secret, in bytes.
const LARGEST_FILE: u64 = 4_096;

/// A token, password or key; `Debug` shows that there is one and nothing of it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that sends or checks it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Reads a secret from a file: at most 4 KiB, without the blanks and line ends around it.
    pub fn from_file(key: &str, path: &Path) -> Result<Self, ConfigError> {
        use std::io::Read as _;
        let fail = |problem: &dyn fmt::Display| {
            ConfigError::key(key, format!("{} can't be read as a secret: {problem}.", path.display()))
        };
        let file = std::fs::File::open(path).map_err(|problem| fail(&problem))?;
        let mut text = String::new();
        file.take(LARGEST_FILE + 1).read_to_string(&mut text).map_err(|problem| fail(&problem))?;
        if text.len() as u64 > LARGEST_FILE {
            return Err(fail(&"it holds more than 4 KiB"));
        }
        let text = text.trim();
        if text.is_empty() {
            return Err(fail(&"it is empty"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

/// Fills `secret` from `file` where a file is named; both at once is an error.
pub(super) fn resolve(
    section: &str,
    name: &str,
    secret: &mut Option<Secret>,
    file: Option<&Path>,
) -> Result<(), ConfigError> {
    let key = format!("{section}.{name}_file");
    match (secret.is_some(), file) {
        (true, Some(_)) => Err(ConfigError::key(&key, format!("`{section}.{name}` is set too; keep one."))),
        (false, Some(path)) => {
            *secret = Some(Secret::from_file(&key, path)?);
            Ok(())
        }
        (_, None) => {
            let Some(it) = secret else { return Ok(()) };
            // A variable filled by a command often ends with the command's line break.
            it.0 = it.0.trim().to_owned();
            if it.0.is_empty() {
                Err(ConfigError::key(&format!("{section}.{name}"), "it is empty."))
            } else {
                Ok(())
            }
        }
    }
}
