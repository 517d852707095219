//! A gateway's `sendsms` on the loopback that refuses, cuts and forgets on purpose, and reports on what
//! it took.

use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cabildo_bot::channels::gateway::AttemptToken;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::history::{Recorder, Seen};

/// How often the gateway fails, in percent of the calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// Refuses: 503, nothing was taken.
    pub refuse: u32,
    /// Takes the message and cuts the connection before its answer.
    pub cut: u32,
    /// Takes the message and never reports on it.
    pub silent: u32,
}

#[derive(Debug)]
struct Shared {
    recorder: Arc<Recorder>,
    faults: [AtomicU32; 3],
    random: Mutex<fastrand::Rng>,
    client: reqwest::Client,
}

/// The gateway.
#[derive(Clone, Debug)]
pub struct FakeGateway {
    shared: Arc<Shared>,
    url: String,
}

impl FakeGateway {
    /// Starts it; its faults are drawn from `seed`.
    pub async fn start(recorder: Arc<Recorder>, faults: Faults, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/cgi-bin/sendsms", listener.local_addr().expect("an address"));
        let client =
            reqwest::Client::builder().timeout(Duration::from_secs(10)).no_proxy().build().expect("a client");
        let shared = Arc::new(Shared {
            recorder,
            faults: Default::default(),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            client,
        });
        let gateway = Self { shared: Arc::clone(&shared), url };
        gateway.set(faults);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(Arc::clone(&shared), stream));
            }
        });
        gateway
    }

    /// URL of its `sendsms`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Changes how often it fails.
    pub fn set(&self, faults: Faults) {
        for (place, value) in self.shared.faults.iter().zip([faults.refuse, faults.cut, faults.silent]) {
            place.store(value, Ordering::SeqCst);
        }
    }
}

impl Shared {
    /// Whether this fault happens now.
    fn draw(&self, fault: usize) -> bool {
        let percent = self.faults[fault].load(Ordering::SeqCst);
        let mut random = self.random.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        random.u32(0..100) < percent
    }
}

async fn connection(shared: Arc<Shared>, mut stream: TcpStream) {
    let mut head = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = head.windows(4).position(|it| it == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let request = String::from_utf8_lossy(&head[..end]).into_owned();
        head.drain(..end);
        let target = request.split(' ').nth(1).unwrap_or_default();
        let url = reqwest::Url::parse(&format!("http://127.0.0.1{target}")).expect("a URL");
        let report = url.query_pairs().find(|it| it.0 == "dlr-url").map(|it| it.1.into_owned());
        let Some((message, attempt)) = report.as_deref().and_then(named) else {
            panic!("a call that names no message in its dlr-url");
        };
        let refused = shared.draw(0);
        shared.recorder.note(Seen::Called { message, attempt, taken: !refused });
        let answer = if refused {
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
        } else {
            "HTTP/1.1 202 Accepted\r\ncontent-length: 26\r\n\r\n0: Accepted for delivery\r\n"
        };
        if let Some(report) = report.filter(|_| !refused && !shared.draw(2)) {
            tokio::spawn(tell(Arc::clone(&shared), report, message));
        }
        if (!refused && shared.draw(1)) || stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The message, and the attempt where it is told, that a report's URL names.
fn named(report: &str) -> Option<(Uuid, Option<i64>)> {
    let url = reqwest::Url::parse(report).ok()?;
    let values = || url.query_pairs().map(|it| it.1).collect::<Vec<_>>();
    let parts = || url.path().split('/').map(str::to_owned).collect::<Vec<_>>();
    let token = values()
        .iter()
        .map(|it| it.as_ref().to_owned())
        .chain(parts())
        .find_map(|it| AttemptToken::from_str(&it).ok());
    if let Some(token) = token {
        return Some((token.message, Some(token.attempt)));
    }
    values().iter().find_map(|it| Some((it.parse().ok()?, None)))
}

/// Reports that a message was taken by the centre and then that it is on the phone, until the service
/// has heard both.
async fn tell(shared: Arc<Shared>, report: String, message: Uuid) {
    for state in [8, 1] {
        shared.recorder.note(Seen::Receipt(message, state));
        let url = report.replace("%d", &state.to_string());
        // A service that is down is told again; one that never comes back has nothing to learn.
        for _ in 0..200 {
            match shared.client.get(&url).send().await {
                Ok(response) if response.status().is_success() => break,
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}
