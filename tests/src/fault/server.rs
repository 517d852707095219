//! The service as a process of its own that can be killed, and inside of the test's process.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cabildo_bot::app::App;
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::service::Dialogue;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::chained;
use crate::serving::facts;

/// The longest that a start may take, on a machine that does much else.
const READY: Duration = Duration::from_mins(2);

/// Set in the process that serves.
pub const CHILD: &str = "CABILDO_TESTS_SERVER";

/// How a service is started; the settings of a child go over its standard input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Start {
    /// The configuration.
    pub toml: String,
    /// The folder of its data and keys.
    pub folder: PathBuf,
    /// The port on the loopback.
    pub port: u16,
    /// How far its clock is ahead of the system's, ms.
    pub ahead: i64,
}

/// A clock that runs as the system's does, `ahead` of it.
fn clock(ahead: i64) -> Clock {
    if ahead == 0 {
        return Clock::System;
    }
    let clock = Clock::fixed(Clock::System.now().plus(ahead));
    let (moved, began) = (clock.clone(), Clock::System.now());
    tokio::spawn(async move {
        let mut passed = 0;
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let now = Clock::System.now().since(began);
            moved.advance(now - passed);
            passed = now;
        }
    });
    clock
}

async fn serve(start: &Start, dialogue: Dialogue) -> App {
    let mut config = Config::from_toml(&start.toml).expect("a configuration");
    config.data.dir = Some(start.folder.join("data"));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, start.port));
    let mut tries = 0;
    let listener = loop {
        match TcpListener::bind(address).await {
            Ok(listener) => break listener,
            // Connections of a killed process may hold the port for a moment.
            Err(problem) if tries == 500 => panic!("the port is taken: {problem}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        tries += 1;
    };
    App::start_with(&config, facts(), clock(start.ahead), listener, |it| it.dialogue = dialogue)
        .await
        .expect("a start")
}

/// The service in the test's own process.
#[derive(Debug)]
pub struct Inside {
    /// The service.
    pub app: App,
}

impl Inside {
    /// Starts it with the marking dialogue.
    pub async fn start(start: &Start) -> Self {
        Self { app: serve(start, chained).await }
    }
}

/// What the process that is to be killed does: reads its settings, serves, and ends with its parent.
///
/// The caller is a test of its own that is ignored unless [`CHILD`] is set.
pub fn child() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("settings");
    let start: Start = serde_json::from_str(&line).expect("settings");
    let config = Config::from_toml(&start.toml).expect("a configuration");
    cabildo_bot::telemetry::start(&config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("threads").block_on(async {
        let app = serve(&start, chained).await;
        cabildo_bot::telemetry::hide_panic_messages();
        let mut out = std::io::stdout();
        writeln!(out, "\nready {}", app.address().port()).and_then(|()| out.flush()).expect("told");
        tokio::task::spawn_blocking(|| {
            let mut rest = String::new();
            // An end of the parent closes the pipe.
            let _ = std::io::stdin().read_line(&mut rest);
        })
        .await
        .expect("a thread");
        app.shutdown().await;
    });
}

/// A service that runs as a process of its own; it is killed with its owner.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts this same binary once more with the test `name` alone, which calls [`child`], and waits
    /// until it is ready. Its log is appended to `server.log` in its folder.
    pub fn start(name: &str, start: &Start) -> Self {
        Self::start_under(&[], name, start)
    }

    /// The same under a program that runs another one, such as `strace` with its options.
    pub fn start_under(runner: &[String], name: &str, start: &Start) -> Self {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(start.folder.join("server.log"))
            .expect("a log");
        let this = std::env::current_exe().expect("this binary").into_os_string();
        let mut line = runner.iter().map(OsString::from).chain([this]);
        let mut child = Command::new(line.next().expect("a program"))
            .args(line)
            .args(["--exact", name, "--ignored", "--nocapture"])
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary runs");
        let settings = serde_json::to_string(start).expect("settings");
        writeln!(child.stdin.as_mut().expect("a pipe"), "{settings}").expect("told");
        let out = child.stdout.take().expect("a pipe");
        let (tell, told) = std::sync::mpsc::channel();
        // Read to its end: the harness in the child fails where it can't print how its test went.
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if line.starts_with("ready ") {
                    // Nobody waits any more.
                    let _ = tell.send(());
                }
            }
        });
        let process = Self { child };
        let ready = told.recv_timeout(READY);
        assert!(ready.is_ok(), "the server was not ready in time, or ended: {}", last_lines(&start.folder));
        process
    }

    /// Kills it at once, as a power switch would.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Lets it finish what it is at.
    pub fn stop(mut self) {
        drop(self.child.stdin.take());
        let ended = self.child.wait().expect("ended");
        assert!(ended.success(), "the server did not end well");
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The end of a server's log, for a failure.
fn last_lines(folder: &Path) -> String {
    let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
