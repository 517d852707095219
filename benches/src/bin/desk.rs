//! What the staff console waits for, over HTTP, in a database with few and with many cases: the pages of
//! every queue, a deep page, the first page of a search, counts, a case with its thread; and what one more
//! case costs.
//!
//! `cargo run --release -p cabildo-benches --bin desk -- [--database postgres://...] [--sizes 1000,100000]`

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cabildo_bot::app::{App, Listeners};
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::{embedded, ids, seed};
use clap::Parser as _;
use hdrhistogram::Histogram;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;

type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Municipalities that the cases go to.
const PLACES: usize = 20;
/// Officers besides the one who asks, who have some of them.
const OFFICERS: usize = 9;
/// The queues.
const QUEUES: [&str; 5] = ["unassigned", "mine", "due", "waiting", "disputed"];
/// What is searched for: a word of many cases, of few, two words, a beginning, none.
const WORDS: [&str; 5] = ["agua", "caltitlan", "fuga+calle", "alum", "zanahoria"];
/// Rows of the pages on the way to a deep one.
const STRIDE: u64 = 200;

/// Measures what staff wait for.
#[derive(Debug, clap::Parser)]
struct Arguments {
    /// URL of an empty `PostgreSQL` database; default: a `SQLite` file in a folder that is removed.
    #[arg(long)]
    database: Option<String>,
    /// Cases at which it is measured, rising.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 100_000])]
    sizes: Vec<u64>,
    /// Calls of each kind.
    #[arg(long, default_value_t = 200)]
    calls: u32,
    /// Cases before the deep page of the longest queue, where there are so many.
    #[arg(long, default_value_t = 20_000)]
    depth: u64,
    /// Folder for the file of `SQLite`.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
}

/// The service, and somebody who is signed in.
struct Desk {
    app: App,
    client: Client,
    base: String,
    token: String,
    places: Vec<String>,
}

impl Desk {
    async fn open(config: &Config, facts: Arc<Facts>) -> Result<Self, Problem> {
        let bind = || TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)));
        let listeners = Listeners { webhooks: bind().await?, inner: None, staff: Some(bind().await?) };
        let places = facts.municipalities.iter().take(PLACES).map(|it| it.key.clone()).collect();
        let app = App::start(config, facts, Clock::System, listeners).await?;
        let address = app.staff_address().ok_or("no listener of the staff API")?;
        let client = Client::builder().no_proxy().timeout(Duration::from_mins(2)).build()?;
        let base = format!("http://{address}/staff/v1");
        let mut desk = Self { app, client, base, token: String::new(), places };
        let code = desk.app.staff().open_demo().await?;
        let body = json!({ "with": "demo_code", "code": code });
        let signed = desk.call(Method::POST, "/sessions", Some(&body)).await?.1;
        signed["token"].as_str().ok_or("no token")?.clone_into(&mut desk.token);
        Ok(desk)
    }

    /// A call that must succeed: how long it took to its last byte, and its document.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(Duration, Value), Problem> {
        let request = self.client.request(method, format!("{}{path}", self.base));
        let key = ids::new_id(Clock::System.now()).to_string();
        let request = request.bearer_auth(&self.token).header("Idempotency-Key", key);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let began = Instant::now();
        let response = request.send().await?;
        let status = response.status();
        let bytes = response.bytes().await?;
        let took = began.elapsed();
        if !status.is_success() {
            return Err(format!("{path}: {status}: {}", String::from_utf8_lossy(&bytes)).into());
        }
        Ok((took, serde_json::from_slice(&bytes)?))
    }

    async fn get(&self, path: &str) -> Result<(Duration, Value), Problem> {
        self.call(Method::GET, path, None).await
    }

    /// Calls each of these paths in turn and tells how long they take.
    async fn time(&self, name: &str, paths: &[String], calls: u32) -> Result<(), Problem> {
        if paths.is_empty() {
            return Ok(());
        }
        let mut took = Histogram::<u64>::new_with_bounds(1, 600_000_000, 3)?;
        let mut rows = 0;
        for path in paths {
            rows = self.get(path).await?.1["items"].as_array().map_or(rows, Vec::len);
        }
        for path in paths.iter().cycle().take(calls as usize) {
            took.saturating_record((self.get(path).await?.0.as_micros() as u64).max(1));
        }
        let at = |quantile: f64| took.value_at_quantile(quantile) as f64 / 1_000.0;
        writeln!(
            std::io::stdout(),
            "  {name:<28} {rows:>5} rows  p50 {:>8.2}  p95 {:>8.2}  p99 {:>8.2} ms",
            at(0.5),
            at(0.95),
            at(0.99)
        )?;
        Ok(())
    }

    /// The path of the page of a queue behind `depth` cases; how many are before it.
    async fn deep(&self, queue: &str, depth: u64) -> Result<(u64, String), Problem> {
        let (mut before, mut cursor) = (0, String::new());
        while before < depth {
            let path = format!("/cases?queue={queue}&limit={STRIDE}{cursor}");
            let page = self.get(&path).await?.1;
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&after={next}");
            before += STRIDE;
        }
        Ok((before, format!("/cases?queue={queue}{cursor}")))
    }

    /// What one more case costs: the middle of the times, and our own processor time for each, in µs.
    async fn one_more(&self, count: u32) -> Result<(f64, f64), Problem> {
        let mut took = Vec::new();
        let (before, _) = cabildo_benches::process(std::process::id())?;
        for number in 0..count as usize {
            let place = &self.places[number % self.places.len()];
            let body = json!({ "municipality": place, "kind": "complaint", "category": "water",
                "text": "No cae agua desde el lunes y la pipa no viene", "place": "Centro; frente al mercado",
                "anonymity": "hidden_from_public" });
            took.push(self.call(Method::POST, "/cases", Some(&body)).await?.0.as_secs_f64() * 1e6);
        }
        let (after, _) = cabildo_benches::process(std::process::id())?;
        took.sort_by(f64::total_cmp);
        Ok((took[took.len() / 2], (after - before) as f64 / f64::from(count.max(1))))
    }

    /// Everything that staff wait for.
    async fn measure(&self, arguments: &Arguments) -> Result<(), Problem> {
        let calls = arguments.calls;
        let counts = self.get("/queues").await?.1;
        for queue in QUEUES {
            self.time(&format!("{queue}, newest"), &[format!("/cases?queue={queue}")], calls).await?;
            let due = format!("/cases?queue={queue}&sort=due");
            self.time(&format!("{queue}, what is owed first"), &[due], calls).await?;
        }
        let place = &self.places[0];
        let own = [format!("/cases?queue=unassigned&municipality={place}")];
        self.time("unassigned, of one place", &own, calls).await?;
        let longest =
            counts["queues"].as_array().and_then(|it| it.iter().max_by_key(|it| it["count"].as_u64()));
        let longest = longest.and_then(|it| it["queue"].as_str()).ok_or("no queue")?.to_owned();
        let (before, deep) = self.deep(&longest, arguments.depth).await?;
        self.time(&format!("{longest}, behind {before}"), &[deep], calls).await?;
        let searches: Vec<String> = WORDS.iter().map(|it| format!("/cases?search={it}")).collect();
        for (word, search) in WORDS.iter().zip(&searches) {
            self.time(&format!("search {word}"), std::slice::from_ref(search), calls).await?;
        }
        let local: Vec<String> = searches.iter().map(|it| format!("{it}&municipality={place}")).collect();
        self.time("searches, of one place", &local, calls).await?;
        let some = self.get("/cases?state=open&limit=50").await?.1;
        let some = some["items"].as_array().cloned().unwrap_or_default();
        let folios = some.iter().filter_map(|it| it["folio"].as_str());
        let folios: Vec<String> = folios.map(|it| format!("/cases?search={it}")).collect();
        self.time("search of a folio", &folios, calls).await?;
        for (name, filter) in [
            ("free filter: open", "state=open".to_owned()),
            ("free filter: category", "category=water,streets".to_owned()),
            ("free filter: one place", format!("state=open&municipality={place}")),
            ("free filter: label", "label=demo".to_owned()),
            ("free filter: rare", "priority=urgent".to_owned()),
        ] {
            self.time(name, &[format!("/cases?{filter}")], calls).await?;
        }
        self.time("counts of the queues", &["/queues".to_owned()], calls).await?;
        let ids: Vec<&str> = some.iter().filter_map(|it| it["id"].as_str()).collect();
        let each = |end: &str| ids.iter().map(|id| format!("/cases/{id}{end}")).collect::<Vec<_>>();
        self.time("a case", &each(""), calls).await?;
        self.time("its thread", &each("/thread"), calls).await?;
        self.time("its changes", &each("/changes"), calls).await?;
        self.time("report of the day", &["/reports/day".to_owned()], calls.min(20)).await?;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Problem> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let database =
        arguments.database.as_ref().map_or_else(String::new, |it| format!("[database]\nurl = \"{it}\"\n"));
    let mut config = Config::from_toml(&database)?;
    config.data.dir = Some(folder.path().to_owned());
    let facts = Arc::new(cabildo_benches::facts());
    let desk_of = Arc::new(embedded::desk()?);
    let desk = Desk::open(&config, Arc::clone(&facts)).await?;
    let store = desk.app.service().store.clone();
    let now = Clock::System.now();
    let mut officers: Vec<_> = store.list_accounts("", 1).await?.into_iter().map(|it| it.id).collect();
    officers.extend((0..OFFICERS).map(|_| ids::new_id(now)));
    let mut out = std::io::stdout();
    let (mut made, mut first) = (0, None);
    for size in &arguments.sizes {
        let plan = seed::Plan {
            municipalities: desk.places.clone(),
            cases: size.saturating_sub(made),
            first: made,
            officers: officers.clone(),
            days: 60,
            now,
        };
        let began = Instant::now();
        made += seed::make(&store, &facts, &desk_of, &plan).await?;
        let seconds = began.elapsed().as_secs_f64();
        writeln!(
            out,
            "{size} cases ({seconds:.1} s to make), load average {}",
            cabildo_benches::load_average()
        )?;
        desk.measure(&arguments).await?;
        // Once to warm up; what is counted comes after it.
        desk.one_more(20).await?;
        let (time, processor) = desk.one_more(arguments.calls).await?;
        let (time_first, processor_first) = *first.get_or_insert((time, processor));
        writeln!(
            out,
            "  one more case: {time:.0} µs, {processor:.0} µs of processor; ratio to the first size: time {:.2}, \
             processor {:.2}",
            time / time_first,
            processor / processor_first
        )?;
    }
    desk.app.shutdown().await;
    Ok(())
}
