//! `[metrics]`: the listener for the technician: metrics, the detailed state, readiness.

use std::net::{SocketAddr, ToSocketAddrs as _};

use serde::Deserialize;

use super::ConfigError;

/// Where the listener is unless the configuration says otherwise.
const DEFAULT: &str = "127.0.0.1:9464";

/// The listener for the technician.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsListener {
    /// Address and port; `off` for none. Default: `127.0.0.1:9464`, where it is free.
    pub listen: Option<String>,
    /// Whether it may listen beyond this machine; nothing it says is secret, and nothing is meant for
    /// everybody.
    #[serde(deserialize_with = "switch")]
    pub public: bool,
}

impl MetricsListener {
    /// The address to listen on; `None`: none.
    pub fn address(&self) -> Result<Option<SocketAddr>, ConfigError> {
        let text = self.listen.as_deref().unwrap_or(DEFAULT);
        if text == "off" {
            return Ok(None);
        }
        let fail = || {
            ConfigError::key("metrics.listen", "write it as ADDRESS:PORT, such as 127.0.0.1:9464, or off.")
        };
        text.to_socket_addrs().map_err(|_| fail())?.next().ok_or_else(fail).map(Some)
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        match self.address()? {
            Some(address) if !address.ip().is_loopback() && !self.public => Err(ConfigError::key(
                "metrics.listen",
                "it would be reachable beyond this machine. Listen on 127.0.0.1, or set metrics.public = true \
                 where a firewall keeps others out.",
            )),
            _ => Ok(()),
        }
    }
}

/// Yes or no, also as the text that an environment variable holds.
pub(super) fn switch<'de, D: serde::Deserializer<'de>>(input: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Switch(bool),
        Text(String),
    }
    let wrong = || serde::de::Error::custom("it must be true or false");
    match Written::deserialize(input).map_err(|_| wrong())? {
        Written::Switch(value) => Ok(value),
        Written::Text(text) => text.trim().parse().map_err(|_| wrong()),
    }
}
