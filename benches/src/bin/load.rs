//! Many phones with real dialogues over real HTTP.
//!
//! Open loop: each message is due at an instant of its own, whether the ones before it are answered or
//! not, and its latency counts from that instant; a server that stalls is charged for all that it
//! kept waiting. `--closed N` instead keeps N messages under way and measures throughput.
//!
//! `cargo run --release -p cabildo-benches --bin load -- --url http://127.0.0.1:8080/webhooks/sms/telco --key KEY`

use std::collections::HashMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Parser as _;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;

type Problem = Box<dyn std::error::Error + Send + Sync>;

/// What one person writes, in order; the dialogue goes round.
const DIALOGUE: [&str; 12] = [
    "tlapa",
    "comida",
    "mejores",
    "quien",
    "tendencia",
    "mas",
    "ometepec",
    "familia+2",
    "fuente",
    "guadalajra",
    "agua",
    "ayuda",
];

/// Measures a server with many phones.
#[derive(Debug, clap::Parser)]
struct Arguments {
    /// URL of the webhook, Kannel's way.
    #[arg(long)]
    url: String,
    /// Key of the channel.
    #[arg(long, default_value = "")]
    key: String,
    /// Messages a second (open loop).
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// Messages under way at once, instead of a rate.
    #[arg(long)]
    closed: Option<usize>,
    /// Connections that are kept open.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Seconds to measure, after two that are not.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Phones; each talks on where it was.
    #[arg(long, default_value_t = 5_000)]
    phones: u64,
    /// Process id of the server, for its memory and processor time.
    #[arg(long)]
    pid: Option<u32>,
    /// Folder on the server's disk, to measure what the disk gives.
    #[arg(long)]
    disk: Option<PathBuf>,
}

/// A message that is due.
struct Due {
    at: Instant,
    number: u64,
}

/// What was measured.
#[derive(Default)]
struct Measured {
    /// µs from due to answered.
    latencies: Option<Histogram<u64>>,
    errors: HashMap<String, u64>,
}

struct Target {
    authority: String,
    path: String,
    run: u128,
    phones: u64,
    /// Messages before this instant are not counted.
    counted_from: Instant,
    measured: Mutex<Measured>,
    answered: AtomicU64,
    /// Numbers that were given out without a schedule.
    taken: AtomicU64,
}

impl Target {
    async fn connect(&self) -> Result<SendRequest<Empty<Bytes>>, Problem> {
        let stream = TcpStream::connect(&self.authority).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Its end shows as the error of the next request.
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn ask(&self, connection: &mut SendRequest<Empty<Bytes>>, number: u64) -> Result<(), Problem> {
        let (phone, turn) = (number % self.phones, number / self.phones);
        let text = DIALOGUE[(turn as usize + phone as usize) % DIALOGUE.len()];
        let uri = format!(
            "{}&from=%2B5255{:08}&to=55555&id={:x}-{number}&text={text}",
            self.path,
            10_000_000 + phone,
            self.run
        );
        let request = Request::get(uri).header("host", &self.authority).body(Empty::new())?;
        connection.ready().await?;
        let response = connection.send_request(request).await?;
        let status = response.status();
        response.into_body().collect().await?;
        if status.is_success() { Ok(()) } else { Err(format!("status {}", status.as_u16()).into()) }
    }

    /// Sends what is due on a connection of its own; without a schedule the next message is due when
    /// the one before is answered.
    async fn worker(&self, due: Option<&tokio::sync::Mutex<mpsc::UnboundedReceiver<Due>>>, end: Instant) {
        let mut connection = None;
        loop {
            let next = match due {
                Some(due) => due.lock().await.recv().await,
                None => (Instant::now() < end)
                    .then(|| Due { at: Instant::now(), number: self.taken.fetch_add(1, Ordering::Relaxed) }),
            };
            let Some(Due { at, number }) = next else { return };
            let result = async {
                let mut open = match connection.take() {
                    Some(open) => open,
                    None => self.connect().await?,
                };
                self.ask(&mut open, number).await?;
                connection = Some(open);
                Ok::<(), Problem>(())
            }
            .await;
            if at < self.counted_from {
                continue;
            }
            let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
            match result {
                Ok(()) => {
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    if let Some(latencies) = &mut measured.latencies {
                        latencies.saturating_record((at.elapsed().as_micros() as u64).max(1));
                    }
                }
                Err(problem) => *measured.errors.entry(problem.to_string()).or_default() += 1,
            }
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Problem> {
    let arguments = Arguments::parse();
    let address = arguments.url.strip_prefix("http://").ok_or("write the URL with http://")?;
    let (authority, path) = address.split_once('/').ok_or("write the URL with a path")?;
    let syncs = match &arguments.disk {
        Some(folder) => Some(cabildo_benches::raw_syncs(folder, Duration::from_secs(1))?),
        None => None,
    };
    let began = Instant::now();
    let target = Arc::new(Target {
        authority: authority.to_owned(),
        path: format!("/{path}?key={}", arguments.key),
        run: cabildo_bot::ids::new_id(cabildo_bot::clock::Clock::System.now()).as_u128(),
        phones: arguments.phones.max(1),
        counted_from: began + Duration::from_secs(2),
        // From 1 µs to 10 minutes, three digits.
        measured: Mutex::new(Measured {
            latencies: Some(Histogram::new_with_bounds(1, 600_000_000, 3)?),
            errors: HashMap::new(),
        }),
        answered: AtomicU64::new(0),
        taken: AtomicU64::new(0),
    });
    let (send, receive) = mpsc::unbounded_channel();
    let due = Arc::new(tokio::sync::Mutex::new(receive));
    let end = target.counted_from + Duration::from_secs(arguments.seconds);
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..arguments.closed.unwrap_or(arguments.connections) {
        let (target, due) = (Arc::clone(&target), Arc::clone(&due));
        let closed = arguments.closed.is_some();
        workers.spawn(async move { target.worker(if closed { None } else { Some(&due) }, end).await });
    }
    let used = |pid: Option<u32>| pid.and_then(|it| cabildo_benches::process(it).ok());
    let mut before = None;
    let mut number = 0_u64;
    while Instant::now() < end {
        if before.is_none() && Instant::now() >= target.counted_from {
            before = Some((used(arguments.pid), target.answered.load(Ordering::Relaxed)));
        }
        if arguments.closed.is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        }
        let next = began + Duration::from_secs_f64(number as f64 / arguments.rate);
        tokio::time::sleep_until(next).await;
        send.send(Due { at: next, number })?;
        number += 1;
    }
    let after = used(arguments.pid);
    let answered = target.answered.load(Ordering::Relaxed);
    drop(send);
    // What is still under way is waited for: leaving it out would flatter the far end.
    while workers.join_next().await.is_some() {}
    let measured = std::mem::take(&mut *target.measured.lock().unwrap_or_else(PoisonError::into_inner));
    let latencies = measured.latencies.ok_or("nothing was measured")?;
    let mut out = std::io::stdout().lock();
    let at = |quantile: f64| latencies.value_at_quantile(quantile) as f64 / 1_000.0;
    writeln!(
        out,
        "{:.0}/s answered, p50 {:.1} ms, p90 {:.1}, p99 {:.1}, p99.9 {:.1}, longest {:.1}; {} in all",
        answered as f64 / arguments.seconds as f64,
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
        latencies.max() as f64 / 1_000.0,
        latencies.len()
    )?;
    for (problem, count) in &measured.errors {
        writeln!(out, "errors: {count} x {problem}")?;
    }
    if let (Some((Some((cpu_before, _)), _)), Some((cpu, memory))) = (before, after) {
        let each = (cpu - cpu_before) as f64 / answered.max(1) as f64;
        writeln!(
            out,
            "server: {each:.0} µs of processor a message, {:.0} MiB resident",
            memory as f64 / 1_024.0
        )?;
    }
    if let Some(syncs) = syncs {
        writeln!(out, "disk: {syncs:.0} raw fdatasync of 4 KiB a second before the run")?;
    }
    writeln!(out, "machine: load average {}", cabildo_benches::load_average())?;
    Ok(())
}
