//! The real service on a port of the loopback interface, and a client that writes raw bytes.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cabildo_bot::app::{App, Listeners};
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::time::UnixMillis;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The longest that a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The embedded data, loaded once for all tests.
pub fn facts() -> Arc<Facts> {
    static FACTS: LazyLock<Arc<Facts>> =
        LazyLock::new(|| Arc::new(cabildo_bot::embedded::facts().expect("the embedded pack")));
    Arc::clone(&FACTS)
}

/// A started service with a data folder of its own and a clock that stands still.
#[derive(Debug)]
pub struct Serving {
    /// The service.
    pub app: App,
    /// A client.
    pub client: reqwest::Client,
    /// The clock.
    pub clock: Clock,
    folder: tempfile::TempDir,
}

impl Serving {
    /// Starts the service with this configuration on a free port.
    pub async fn start(toml: &str) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await.expect("a port"), toml).await
    }

    /// Starts the service on a port that others know already.
    pub async fn start_on(listener: TcpListener, toml: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::from_toml(toml).expect("a configuration");
        config.data.dir = Some(folder.path().to_owned());
        let clock = Clock::fixed(UnixMillis(1_790_000_000_000));
        let inner = Some(TcpListener::bind("127.0.0.1:0").await.expect("a port"));
        let staff = Some(TcpListener::bind("127.0.0.1:0").await.expect("a port"));
        let listeners = Listeners { webhooks: listener, inner, staff };
        let app = App::start(&config, facts(), clock.clone(), listeners).await.expect("a start");
        let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().expect("a client");
        Self { app, client, clock, folder }
    }

    /// Its data folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.app.address()
    }

    /// GET of a path of the technician's listener: status and text.
    pub async fn inner(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.app.inner_address().expect("a listener"));
        let response = self.client.get(url).send().await.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("a text"))
    }

    /// GET of a path with a query that is already encoded: status, headers and text.
    pub async fn get(&self, path: &str) -> (u16, reqwest::header::HeaderMap, String) {
        let url = format!("http://{}{path}", self.address());
        let response = self.client.get(url).send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.text().await.expect("a text"))
    }
}

/// Writes requests byte for byte and reads the answers.
#[derive(Debug)]
pub struct RawClient(TcpStream);

impl RawClient {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    /// Writes these bytes.
    pub async fn write(&mut self, bytes: &[u8]) {
        // The server may have closed before everything was written; what it said then counts.
        let _ = self.0.write_all(bytes).await;
    }

    /// Reads one answer: its status and body. `None`: closed without one.
    pub async fn read(&mut self) -> Option<(u16, String)> {
        tokio::time::timeout(PATIENCE, self.read_answer()).await.expect("an answer in time")
    }

    async fn read_answer(&mut self) -> Option<(u16, String)> {
        let mut bytes = Vec::new();
        let head_end = loop {
            if let Some(at) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
                break at + 4;
            }
            if self.0.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return None;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..head_end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length: usize = head
            .lines()
            .find_map(|it| it.strip_prefix("content-length:"))
            .and_then(|it| it.trim().parse().ok())
            .unwrap_or(0);
        while bytes.len() < head_end + length {
            if self.0.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                break;
            }
        }
        Some((status, String::from_utf8_lossy(&bytes[head_end..]).into_owned()))
    }

    /// Waits until the server closes the connection.
    pub async fn closed(&mut self) {
        let mut rest = Vec::new();
        // A reset is an end as well.
        let _ = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("the end in time");
    }
}
