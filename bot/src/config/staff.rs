//! `[staff]`: the listener of the staff API.

use std::net::{SocketAddr, ToSocketAddrs as _};

use serde::Deserialize;

use super::ConfigError;

/// Where the listener is unless the configuration says otherwise.
const DEFAULT: &str = "127.0.0.1:8090";

/// The listener of the staff API.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StaffListener {
    /// Address and port; `off` for none. Default: `127.0.0.1:8090`, where it is free.
    pub listen: Option<String>,
    /// Whether it may listen beyond this machine: passwords and cases then go over the network, so a
    /// proxy with TLS must stand in front of it.
    #[serde(deserialize_with = "super::metrics::switch")]
    pub public: bool,
}

impl StaffListener {
    /// The address to listen on; `None`: none.
    pub fn address(&self) -> Result<Option<SocketAddr>, ConfigError> {
        let text = self.listen.as_deref().unwrap_or(DEFAULT);
        if text == "off" {
            return Ok(None);
        }
        let fail =
            || ConfigError::key("staff.listen", "write it as ADDRESS:PORT, such as 127.0.0.1:8090, or off.");
        text.to_socket_addrs().map_err(|_| fail())?.next().ok_or_else(fail).map(Some)
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        match self.address()? {
            Some(address) if !address.ip().is_loopback() && !self.public => Err(ConfigError::key(
                "staff.listen",
                "it would be reachable beyond this machine. Listen on 127.0.0.1, or set staff.public = true \
                 where a proxy with TLS stands in front of it.",
            )),
            _ => Ok(()),
        }
    }
}
