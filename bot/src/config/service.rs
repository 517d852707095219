//! `[service]`: who answers.

use serde::Deserialize;

use super::ConfigError;

/// What people are told about who answers them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceIdentity {
    /// Name of the operator in the privacy notice; it must fit an SMS beside the notice.
    pub name: String,
    /// Number that help texts name for a person to talk to.
    pub helpline: Option<String>,
    /// Where the whole privacy notice can be read.
    pub privacy_url: Option<String>,
}

impl Default for ServiceIdentity {
    fn default() -> Self {
        Self { name: "Cabildo".to_owned(), helpline: None, privacy_url: None }
    }
}

impl ServiceIdentity {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let length = self.name.chars().count();
        if length == 0 || length > 40 || self.name.chars().any(char::is_control) {
            return Err(ConfigError::key(
                "service.name",
                "write the operator's name in 1 to 40 characters, since it must fit the privacy notice.",
            ));
        }
        for (key, text, most) in
            [("service.helpline", &self.helpline, 20), ("service.privacy_url", &self.privacy_url, 60)]
        {
            let fits = text.as_ref().is_none_or(|it| {
                !it.is_empty() && it.chars().count() <= most && !it.chars().any(char::is_control)
            });
            if !fits {
                return Err(ConfigError::key(key, format!("write it in 1 to {most} characters.")));
            }
        }
        Ok(())
    }
}
