//! What one message costs in a database with few and with many stored messages, on either engine.
//!
//! `cargo run --release -p cabildo-benches --bin grow -- [--database postgres://...] [--sizes 10000,2000000]`

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cabildo_bot::channels::gateway::Gateways;
use cabildo_bot::clock::Clock;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::service::{NewInbound, Service};
use cabildo_bot::store::{Location, Store};
use clap::Parser as _;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Messages that are filled in by one statement.
const CHUNK: u64 = 100_000;
/// Messages of one contact among those that are filled in.
const EACH: u64 = 20;
/// Messages under way at once while it is measured.
const CALLERS: u64 = 32;

/// Measures what a message costs by how many there are.
#[derive(Debug, clap::Parser)]
struct Arguments {
    /// URL of an empty `PostgreSQL` database; default: a `SQLite` file in a folder that is removed.
    #[arg(long)]
    database: Option<String>,
    /// Stored messages at which it is measured, rising.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 2_000_000])]
    sizes: Vec<u64>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Folder for the file of `SQLite`.
    #[arg(long, default_value = "target")]
    folder: PathBuf,
}

/// Statements that add the messages from `first` to before `end`, each with contact, conversation,
/// reply and event, as an SMS that was answered in the answer leaves them.
fn filling(sqlite: bool, first: u64, end: u64) -> Vec<String> {
    let numbers = |from: u64, to: u64| {
        if sqlite {
            format!(
                "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to}) "
            )
        } else {
            format!("WITH n AS (SELECT generate_series({from}::bigint, {to}::bigint - 1) AS i) ")
        }
    };
    // Ids that rise with time, as ours do; the kind of row stands in their middle.
    let id = |kind: u8, i: &str| {
        if sqlite {
            format!("unhex(printf('%012x7{kind:03x}8000%012x', 1600000000000 + {i}, {i}))")
        } else {
            format!(
                "(lpad(to_hex(1600000000000 + {i}), 12, '0') || '7{kind:03x}8000' || lpad(to_hex({i}), 12, '0'))::uuid"
            )
        }
    };
    let bytes = |length: u8, i: &str| {
        if sqlite {
            format!("unhex(printf('%0{}x', {i} * 7919))", length * 2)
        } else {
            format!("decode(lpad(to_hex({i} * 7919), {}, '0'), 'hex')", length * 2)
        }
    };
    let (contacts_from, contacts_to) = (first.div_ceil(EACH), end.div_ceil(EACH));
    let (contact, message, reply) = (id(1, "i"), id(2, "i"), id(3, "i"));
    let owner = id(1, &format!("(i / {EACH})"));
    let (key, value) = (bytes(32, "i"), bytes(53, "i"));
    let at = "1600000000000 + i";
    vec![
        format!(
            "{} INSERT INTO contacts (id, channel_id, address_key, address_value, key_version, created_at, \
             last_message_at) SELECT {contact}, 'telco', {key}, {value}, 1, {at}, {at} FROM n",
            numbers(contacts_from, contacts_to)
        ),
        format!(
            "{} INSERT INTO conversations (contact_id, state, version, updated_at) \
             SELECT {contact}, '{{\"notice\":1}}', {EACH}, {at} FROM n",
            numbers(contacts_from, contacts_to)
        ),
        format!(
            "{} INSERT INTO inbox (id, channel_id, channel_kind, external_id, external_id_origin, contact_id, text, \
             received_at, state, tries, handled_at) SELECT {message}, 'telco', 'sms', 'old-' || i, 'provider', \
             {owner}, 'tlapa', {at}, 'handled', 0, {at} FROM n",
            numbers(first, end)
        ),
        format!(
            "{} INSERT INTO outbox (id, inbox_id, contact_id, ordinal, way, kind, body, choices, edit, state, \
             attempt, not_before, created_at, updated_at, channel_id) SELECT {reply}, {message}, {owner}, 0, \
             'answer', 'answer', '{}', '[]', {}, 'accepted', 1, {at}, {at}, {at}, 'telco' FROM n",
            numbers(first, end),
            "x".repeat(150),
            if sqlite { "0" } else { "FALSE" }
        ),
        format!(
            "{} INSERT INTO events (seq, kind, contact_id, inbox_id, created_at) SELECT i + 1 + \
             (SELECT COALESCE(MAX(seq), 0) FROM events) - {first}, 'message_handled', {owner}, {message}, {at} FROM n",
            numbers(first, end)
        ),
    ]
}

async fn fill(location: &Location, first: u64, end: u64) -> Result<(), Problem> {
    let mut from = first;
    while from < end {
        let to = end.min(from + CHUNK);
        match location {
            Location::File(path) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                let mut conn = options.connect().await?;
                conn.execute("PRAGMA foreign_keys = OFF").await?;
                let mut transaction = conn.begin().await?;
                for sql in filling(true, from, to) {
                    transaction.execute(AssertSqlSafe(sql)).await?;
                }
                transaction.commit().await?;
                conn.close().await?;
            }
            Location::Postgres(url) => {
                let mut conn = url.parse::<sqlx::postgres::PgConnectOptions>()?.connect().await?;
                let mut transaction = conn.begin().await?;
                for sql in filling(false, from, to) {
                    transaction.execute(AssertSqlSafe(sql)).await?;
                }
                transaction.commit().await?;
                conn.close().await?;
            }
            Location::Memory => return Err("a database in memory is not measured".into()),
        }
        from = to;
    }
    if let Location::Postgres(url) = location {
        let mut conn = url.parse::<sqlx::postgres::PgConnectOptions>()?.connect().await?;
        // Events are numbered from here on.
        conn.execute(
            "UPDATE cursors SET position = (SELECT COALESCE(MAX(seq), 0) FROM events) WHERE name = 'events'",
        )
        .await?;
        conn.execute("VACUUM ANALYZE").await?;
        conn.close().await?;
    }
    Ok(())
}

/// Messages that were answered in this time, and the µs of our own processor time for each.
async fn measure(service: &Arc<Service>, run: u64, span: Duration) -> Result<(u64, f64), Problem> {
    let answered = Arc::new(AtomicU64::new(0));
    let (before, _) = cabildo_benches::process(std::process::id())?;
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let (service, answered) = (Arc::clone(service), Arc::clone(&answered));
        tasks.spawn(async move {
            let mut number = 0_u64;
            while began.elapsed() < span {
                let phone = 10_000_000 + caller * 1_000 + number % 500;
                let inbound = NewInbound {
                    channel_id: "telco".to_owned(),
                    kind: ChannelKind::Sms,
                    external_id: Some(format!("{run}-{caller}-{number}")),
                    address: format!("+5255{phone}"),
                    text: ["tlapa", "ometepec", "neza", "merida"][number as usize % 4].to_owned(),
                    location: None,
                    payload: None,
                    pressed: None,
                    provider_at: None,
                    received_at: service.clock.now(),
                };
                let answer = service.answer(inbound).await.map_err(|it| it.to_string())?;
                service.answer_written(&answer).await.map_err(|it| it.to_string())?;
                answered.fetch_add(1, Ordering::Relaxed);
                number += 1;
            }
            Ok::<(), String>(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let count = answered.load(Ordering::Relaxed);
    let (after, _) = cabildo_benches::process(std::process::id())?;
    Ok((count, (after - before) as f64 / count.max(1) as f64))
}

#[tokio::main]
async fn main() -> Result<(), Problem> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = tempfile::tempdir_in(&arguments.folder)?;
    let location = match &arguments.database {
        Some(url) => Location::Postgres(url.clone()),
        None => Location::File(folder.path().join("grow.db")),
    };
    let keys = folder.path().join("address-keys.toml");
    let facts = Arc::new(cabildo_benches::facts());
    let mut out = std::io::stdout();
    let span = Duration::from_secs(arguments.seconds);
    let mut stored = 0;
    let mut first: Option<(f64, f64)> = None;
    writeln!(
        out,
        "{:>10} {:>12} {:>12} {:>14} {:>8}",
        "stored", "messages/s", "µs each", "processor µs", "ratio"
    )?;
    for (run, size) in (0_u64..).zip(&arguments.sizes) {
        let store = Store::open(&location, &keys, Clock::System.now()).await?;
        fill(&location, stored, *size).await?;
        stored = *size;
        let mut service = Service::new(store, Arc::clone(&facts), Clock::System, Gateways::new());
        // A machine that does other things as well may be slow for a while.
        service.limits.durable_within = Duration::from_mins(1);
        let service = Arc::new(service);
        measure(&service, run * 2, Duration::from_secs(2)).await?;
        let syncs = cabildo_benches::raw_syncs(folder.path(), Duration::from_secs(1))?;
        let began = Instant::now();
        let (count, processor) = measure(&service, run * 2 + 1, span).await?;
        let each = began.elapsed().as_secs_f64() * 1e6 / count.max(1) as f64;
        let (time, cpu) = *first.get_or_insert((each, processor));
        writeln!(
            out,
            "{size:>10} {:>12.0} {each:>12.0} {processor:>14.0}   time {:.2}, processor {:.2}; {syncs:.0} raw \
             fdatasync/s, load average {}",
            1e6 / each,
            each / time,
            processor / cpu,
            cabildo_benches::load_average()
        )?;
        service.store.close().await;
    }
    Ok(())
}
