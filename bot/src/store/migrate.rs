//! The embedded migrations, and how they are applied.

use std::str::FromStr as _;

use sqlx::migrate::{MigrateError, Migrator};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool, SqlitePool};
use tokio::time::Instant;

use super::batch::POSTGRES_SETTINGS;
use super::batch::postgres::WRITERS;
use super::{Engine, Error, OpenError};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Connections to `PostgreSQL`; one of them listens for hints.
const CONNECTIONS: u32 = 9;

/// The migrations of an engine: number and name.
pub fn list(engine: Engine) -> Vec<(i64, String)> {
    let migrator = match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
    };
    migrator.iter().map(|it| (it.version, it.description.to_string())).collect()
}

/// Brings a `SQLite` database up to date.
pub(super) async fn run_sqlite(pool: &SqlitePool) -> Result<(), OpenError> {
    SQLITE.run(pool).await.map_err(failed)
}

/// How long a call waits for a connection: a gateway hears within two seconds that it must try again.
const ACQUIRE: Duration = Duration::from_millis(1_500);
/// How long a start waits for a server that starts beside it.
const START: Duration = Duration::from_secs(30);
/// A connection that was idle for this long is tried before it is used.
const IDLE: Duration = Duration::from_secs(1);
/// No statement of the service takes longer, ms; one that meets a lock for longer fails and is tried again.
const STATEMENT: &str = "5000";

/// Connects to a `PostgreSQL` database and brings it up to date; processes that start together wait
/// for each other. A server that does not answer yet is waited for, for half a minute.
pub(super) async fn connect_postgres(url: &str) -> Result<PgPool, OpenError> {
    let options = postgres_options(url)?;
    // A migration may take its time.
    let mut first = patiently(&options).await?;
    POSTGRES.run(&mut first).await.map_err(failed)?;
    first.close().await.map_err(Error::from)?;
    let pool = pool_options(CONNECTIONS).connect_with(bounded(options)).await.map_err(Error::from)?;
    Ok(pool)
}

/// The pool of the batches of messages and of reading contacts, for a database that was brought up to
/// date: its connections plan each statement once.
pub(super) fn connect_writers(url: &str) -> Result<PgPool, OpenError> {
    let options = bounded(postgres_options(url)?).options(POSTGRES_SETTINGS);
    // Each writer holds one; one more reads.
    let connections = u32::try_from(WRITERS + 1).unwrap_or(u32::MAX);
    Ok(pool_options(connections).connect_lazy_with(options))
}

fn postgres_options(url: &str) -> Result<PgConnectOptions, OpenError> {
    // The error quotes the URL, which may hold a password.
    Ok(PgConnectOptions::from_str(url)
        .map_err(|_| OpenError::Refused("the URL of the PostgreSQL database is malformed.".to_owned()))?
        .application_name("cabildo")
        .disable_statement_logging())
}

/// Options of connections that no statement may hold for long.
fn bounded(options: PgConnectOptions) -> PgConnectOptions {
    options.options([("statement_timeout", STATEMENT), ("idle_in_transaction_session_timeout", "15000")])
}

fn pool_options(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(Duration::from_mins(10))
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move { Ok(meta.idle_for < IDLE || connection.ping().await.is_ok()) })
        })
}

/// A connection, as soon as the server takes one.
async fn patiently(options: &PgConnectOptions) -> Result<PgConnection, Error> {
    let began = Instant::now();
    let mut told = false;
    loop {
        let connecting = tokio::time::timeout(Duration::from_secs(5), options.connect());
        let problem = match connecting.await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(problem)) => Error::from(problem),
            Err(_) => Error::Unavailable("no answer within 5 s".to_owned()),
        };
        if !matches!(problem, Error::Unavailable(_)) || began.elapsed() > START {
            return Err(problem);
        }
        if !std::mem::replace(&mut told, true) {
            tracing::warn!(%problem, "the database does not answer yet; it is tried for 30 s");
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Settings of the server by which a power cut could lose what was acknowledged.
pub(super) async fn unsafe_settings(pool: &PgPool) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') \
         AND setting = 'off' ORDER BY name",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

fn failed(problem: MigrateError) -> OpenError {
    match problem {
        MigrateError::Execute(problem) => OpenError::Store(problem.into()),
        MigrateError::VersionMissing(version) => OpenError::Migration(format!(
            "it has migration {version}, which this program does not know: it was made by a newer release"
        )),
        MigrateError::VersionMismatch(version) => OpenError::Migration(format!(
            "its migration {version} is not the one of this program: a released file was changed"
        )),
        other => OpenError::Migration(other.to_string()),
    }
}
