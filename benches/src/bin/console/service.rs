//! The service that the console is measured against: the binary itself on a folder of its own, with many cases and
//! somebody who is signed in; and what happens there meanwhile.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::Problem;

/// Municipalities that the cases go to.
const PLACES: &str = "12066,12001,12002,12003,12012,12028,12029,12035,12043,12075";
const KEY: &str = "k0123456789abcdef";
const NAME: &str = "medida";
/// Of an account of a folder that holds nothing real.
const PASSWORD: &str = "once upon a measured time";
/// Calls under way at once in a burst.
const AT_ONCE: u64 = 64;

/// The service, and somebody who is signed in.
pub struct Service {
    child: Child,
    client: Client,
    /// Where its staff API is.
    pub staff: String,
    hooks: String,
    token: String,
    sent: Arc<AtomicU64>,
    heard: Arc<AtomicU64>,
}

impl Service {
    /// Makes the cases where they are not there yet, and starts it.
    ///
    /// # Errors
    /// The binary refuses.
    pub async fn start(binary: &Path, folder: &Path, cases: u64) -> Result<Self, Problem> {
        let ports = (0..2)
            .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .collect::<Result<Vec<_>, _>>()?
            .iter()
            .map(|it| it.local_addr().map(|it| it.port()))
            .collect::<Result<Vec<_>, _>>()?;
        let config = folder.join("cabildo.toml");
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{}\"\nmax_connections = 256\n[staff]\nlisten = \"127.0.0.1:{}\"\n\
             [metrics]\nlisten = \"off\"\n[data]\ndir = '{}'\n[log]\nfilter = \"error\"\n[limits]\n\
             answers_per_hour = 1000000\nanswers_per_day = 1000000\nfold_after_per_minute = 1000000\n\
             [channels.telco]\ntype = \"kannel\"\nkey = \"{KEY}\"\n",
            ports[0],
            ports[1],
            folder.join("data").display()
        );
        fs::write(&config, text)?;
        let code = sign_up(binary, &config)?;
        let made = folder.join(format!("made-{cases}"));
        if !made.exists() {
            let mut seed = command(binary, &config, &["seed"]);
            seed.args(["--cases", &cases.to_string(), "--municipalities", PLACES]);
            if !seed.stdout(Stdio::null()).status()?.success() {
                return Err("the cases were not made".into());
            }
            fs::write(made, "")?;
        }
        let child = command(binary, &config, &["serve"]).stdout(Stdio::null()).spawn()?;
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let staff = format!("http://127.0.0.1:{}", ports[1]);
        let mut service = Self {
            child,
            client,
            staff,
            hooks: format!("http://127.0.0.1:{}/webhooks/sms/telco?key={KEY}", ports[0]),
            token: String::new(),
            sent: Arc::default(),
            heard: Arc::default(),
        };
        let url = format!("{}/staff/v1/sessions", service.staff);
        let body =
            json!({ "with": "recovery_code", "name": NAME, "password": PASSWORD, "recovery_code": code });
        let end = Instant::now() + Duration::from_mins(1);
        let answer = loop {
            match service.client.post(&url).json(&body).send().await {
                Ok(answer) => break answer,
                Err(problem) if Instant::now() > end => return Err(problem.into()),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        };
        let answer: Value = answer.json().await?;
        let token = answer["token"].as_str().ok_or_else(|| format!("no token: {answer}"))?;
        token.clone_into(&mut service.token);
        Ok(service)
    }

    /// What a console keeps of somebody who signed in: the file of the token in this home.
    ///
    /// # Errors
    /// It can't be written.
    pub fn sign_in(&self, home: &Path) -> Result<(), Problem> {
        let state = home.join(".local/state/cabildo-admin/default");
        fs::create_dir_all(&state)?;
        fs::write(state.join("token"), format!("{}\n{}\n", self.staff, self.token))?;
        Ok(())
    }

    /// Processor time so far, in µs.
    ///
    /// # Errors
    /// It has ended.
    pub fn processor(&self) -> Result<u64, Problem> {
        Ok(cabildo_benches::process(self.child.id())?.0)
    }

    /// Counts the events of the feed from now on.
    pub fn listen(&self) -> Heard {
        let (client, heard) = (Client::builder().no_proxy().build(), Arc::clone(&self.heard));
        let (url, token) = (format!("{}/staff/v1/events", self.staff), self.token.clone());
        let task = tokio::spawn(async move {
            let Ok(client) = client else { return };
            let Ok(mut response) = client.get(url).bearer_auth(token).send().await else { return };
            while let Ok(Some(piece)) = response.chunk().await {
                let count = piece.windows(6).filter(|it| it == b"\ndata:").count();
                heard.fetch_add(count as u64, Ordering::Relaxed);
            }
        });
        Heard { heard: Arc::clone(&self.heard), task }
    }

    /// Phones that write, so many messages a second, until it is dropped; a twentieth of the calls open a case.
    pub fn phones(&self, rate: f64) -> Busy {
        let tasks = (0..AT_ONCE).map(|_| {
            let (client, hooks, sent) = (self.client.clone(), self.hooks.clone(), Arc::clone(&self.sent));
            let (staff, token) = (self.staff.clone(), self.token.clone());
            tokio::spawn(async move {
                let mut pace = tokio::time::interval(Duration::from_secs_f64(AT_ONCE as f64 / rate));
                pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
                loop {
                    pace.tick().await;
                    let number = sent.fetch_add(1, Ordering::Relaxed);
                    let done = if number.is_multiple_of(20) {
                        open_case(&client, &staff, &token).await
                    } else {
                        let url = format!("{hooks}&from=%2B5255{number:08}&id=c{number}&text=tlapa");
                        client.get(url).send().await.map(|_| ())
                    };
                    // A service that is overrun answers later or not at all: the feed tells what was reached.
                    drop(done);
                }
            })
        });
        Busy(tasks.collect())
    }

    /// Cases that are opened at a desk, so many a second, until it is dropped.
    pub fn desk(&self, rate: f64) -> Busy {
        let (client, staff, token) = (self.client.clone(), self.staff.clone(), self.token.clone());
        Busy(vec![tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / rate));
            loop {
                pace.tick().await;
                // What was reached is counted in the feed.
                drop(open_case(&client, &staff, &token).await);
            }
        })])
    }

    /// Waits until hardly anything happens by itself, for `limit` at most; gives how many events a second still do. In
    /// a fresh folder the clocks of all its cases ring, one after the other.
    pub async fn settle(&self, limit: Duration) -> f64 {
        const LOOK: Duration = Duration::from_secs(3);
        // The clocks are looked at a batch at a time, with pauses between.
        const QUIET: u32 = 6;
        let mut quiet = 0;
        let (heard, end) = (self.listen(), Instant::now() + limit);
        loop {
            let before = heard.count();
            tokio::time::sleep(LOOK).await;
            let rate = (heard.count() - before) as f64 / LOOK.as_secs_f64();
            quiet = if rate < 1.0 { quiet + 1 } else { 0 };
            if quiet == QUIET || Instant::now() > end {
                return rate;
            }
        }
    }

    /// How many events one message and one new case lead to.
    ///
    /// # Errors
    /// The service does not answer.
    pub async fn events_of_each(&self) -> Result<(f64, f64), Problem> {
        let heard = self.listen();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let rest = Duration::from_millis(1_500);
        let quiet = heard.count();
        tokio::time::sleep(rest).await;
        let alone = (heard.count() - quiet) as f64 / rest.as_secs_f64();
        let settled = async |before: u64, began: Instant| {
            tokio::time::sleep(rest).await;
            let others = alone * began.elapsed().as_secs_f64();
            (((heard.count() - before) as f64 - others) / 10.0).max(1.0)
        };
        let (before, began) = (heard.count(), Instant::now());
        for number in 0..10 {
            let url = format!("{}&from=%2B5256{number:08}&id=e{number}&text=tlapa", self.hooks);
            self.client.get(url).send().await?;
        }
        let message = settled(before, began).await;
        let (before, began) = (heard.count(), Instant::now());
        for _ in 0..10 {
            open_case(&self.client, &self.staff, &self.token).await?;
        }
        Ok((message, settled(before, began).await))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Events that are counted.
pub struct Heard {
    heard: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Heard {
    /// How many so far.
    pub fn count(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Calls that go on until it is dropped.
pub struct Busy(Vec<JoinHandle<()>>);

impl Drop for Busy {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

async fn open_case(client: &Client, staff: &str, token: &str) -> Result<(), reqwest::Error> {
    let body = json!({ "municipality": "12066", "kind": "complaint", "category": "water",
        "text": "No cae agua desde el lunes y la pipa no viene", "place": "Centro; frente al mercado",
        "anonymity": "hidden_from_public" });
    let key = cabildo_bot::ids::new_id(cabildo_bot::clock::Clock::System.now()).to_string();
    let request = client.post(format!("{staff}/staff/v1/cases")).bearer_auth(token);
    request.header("Idempotency-Key", key).json(&body).send().await?.error_for_status()?;
    Ok(())
}

fn command(binary: &Path, config: &PathBuf, words: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(words).arg("--config").arg(config);
    command
}

/// The account, made or made anew; gives one of its recovery codes.
fn sign_up(binary: &Path, config: &PathBuf) -> Result<String, Problem> {
    let add: &[&str] = &["staff", "add", NAME, "--role", "caseworker", "--finish"];
    let reset: &[&str] = &["staff", "reset", NAME, "--finish"];
    for words in [add, reset] {
        let mut child =
            command(binary, config, words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // Where the name is there already it ends without reading.
            let _ = writeln!(stdin, "{PASSWORD}");
        }
        let output = child.wait_with_output()?;
        if output.status.success() {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let code = said.lines().filter_map(|it| it.strip_prefix("  ")).next_back();
            return Ok(code.ok_or("no recovery code was printed")?.trim().to_owned());
        }
    }
    Err("the account was not made".into())
}
