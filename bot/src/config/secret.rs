//! A text that is never shown.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;

/// The largest file that is read as a secret, in bytes.
const LARGEST_FILE: u64 = 4_096;

/// What stands before the name of a credential that systemd hands over (`LoadCredential=`).
const CREDENTIAL: &str = "credential:";

/// Variable that names the folder of those credentials.
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

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
    /// `credential:NAME` is the file NAME that systemd's `LoadCredential=` hands over.
    pub fn from_file(key: &str, path: &Path) -> Result<Self, ConfigError> {
        use std::io::Read as _;
        let fail = |problem: &dyn fmt::Display| {
            ConfigError::key(key, format!("{} can't be read as a secret: {problem}.", path.display()))
        };
        let path = &credential(key, path)?;
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

/// The path that is meant: itself, or that of a credential.
fn credential(key: &str, path: &Path) -> Result<PathBuf, ConfigError> {
    let Some(name) = path.to_str().and_then(|it| it.strip_prefix(CREDENTIAL)) else {
        return Ok(path.to_owned());
    };
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        return Err(ConfigError::key(
            key,
            "write credential:NAME with the name that LoadCredential= gives it.",
        ));
    }
    let folder = std::env::var_os(CREDENTIALS_DIRECTORY).ok_or_else(|| {
        ConfigError::key(
            key,
            "it names a credential, and systemd handed none over: add LoadCredential= to the unit, or write \
             the path of a file.",
        )
    })?;
    Ok(PathBuf::from(folder).join(name))
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
