//! `[server]`: the HTTP server.

use std::net::{SocketAddr, ToSocketAddrs as _};

use serde::Deserialize;

use super::ConfigError;

/// The HTTP server.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: String,
    /// What gateways call us by, where one signs its URL: scheme, host, port, path in front.
    pub public_url: Option<String>,
    /// Largest body of a webhook, in bytes.
    #[serde(deserialize_with = "number")]
    pub webhook_body_limit: usize,
    /// Connections served at once.
    #[serde(deserialize_with = "number")]
    pub max_connections: usize,
    /// Seconds in which a request's head, and then its body, must have been read.
    #[serde(deserialize_with = "number")]
    pub read_timeout_seconds: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: None,
            webhook_body_limit: 64 * 1024,
            max_connections: 256,
            read_timeout_seconds: 10,
        }
    }
}

impl Server {
    /// The address to listen on.
    pub fn address(&self) -> Result<SocketAddr, ConfigError> {
        let fail = || ConfigError::key("server.listen", "write it as ADDRESS:PORT, such as 127.0.0.1:8080.");
        self.listen.to_socket_addrs().map_err(|_| fail())?.next().ok_or_else(fail)
    }

    /// Whether only this machine can reach the server.
    pub fn is_loopback(&self) -> bool {
        self.address().is_ok_and(|it| it.ip().is_loopback())
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.address()?;
        if let Some(url) = &self.public_url {
            let parsed = reqwest::Url::parse(url).ok().filter(|it| {
                matches!(it.scheme(), "http" | "https")
                    && it.host_str().is_some()
                    && it.query().is_none()
                    && it.fragment().is_none()
                    && it.username().is_empty()
                    && it.password().is_none()
            });
            if parsed.is_none() {
                return Err(ConfigError::key(
                    "server.public_url",
                    "write what gateways call, such as https://cabildo.example.org, without query or password.",
                ));
            }
        }
        within("server.webhook_body_limit", self.webhook_body_limit, 1_024, 1_048_576)?;
        within("server.max_connections", self.max_connections, 1, 4_096)?;
        within("server.read_timeout_seconds", self.read_timeout_seconds as usize, 1, 60)
    }
}

/// Refuses a number outside its bounds.
fn within(key: &str, value: usize, least: usize, most: usize) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(ConfigError::key(key, format!("it must be from {least} to {most}.")))
    }
}

/// A whole number, also as the text that an environment variable holds.
pub(super) fn number<'de, D, N>(input: D) -> Result<N, D::Error>
where
    D: serde::Deserializer<'de>,
    N: TryFrom<u64> + std::str::FromStr,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u64),
        Text(String),
    }
    let wrong = || serde::de::Error::custom("it must be a whole number");
    match Written::deserialize(input).map_err(|_| wrong())? {
        Written::Number(value) => N::try_from(value).map_err(|_| wrong()),
        Written::Text(text) => text.trim().parse().map_err(|_| wrong()),
    }
}
