//! What a database says of itself, read beside the service that uses it. Nothing is changed, not even
//! the migrations.

use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

use super::{Error, Location, guard};

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// Version of the engine, and the settings that promises hang on, with their values.
    pub settings: Vec<(String, String)>,
    /// What its own check complains of, and settings that break a promise.
    pub complaints: Vec<String>,
    /// Number of its last migration; 0: none was applied.
    pub schema: i64,
    /// Fingerprints of the address keys it was written with, by version.
    pub fingerprints: Vec<(i64, Vec<u8>)>,
    /// When its newest message was received, Unix ms.
    pub newest: Option<i64>,
    /// What was spent on the last day on which anything was: budget, thousandths of the currency's unit,
    /// day since 1970.
    pub spent: Vec<(String, i64, i64)>,
}

/// What both engines are asked for.
const SCHEMA: &str = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations";
const KEYS: &str = "SELECT version, fingerprint FROM address_keys ORDER BY version";
const SPENT: &str = "SELECT name, used, day FROM budgets WHERE day > 0 \
                     AND day = (SELECT MAX(day) FROM budgets) ORDER BY name LIMIT 10";
/// Number of the migration that made the budgets.
const WITH_BUDGETS: i64 = 4;
const NEWEST: &str = "SELECT received_at FROM inbox ORDER BY id DESC LIMIT 1";

/// Examines the database at `location`. `None`: there is none yet.
///
/// # Errors
/// It can't be reached or read.
pub async fn examine(location: &Location) -> Result<Option<Examined>, Error> {
    match location {
        Location::Memory => Ok(None),
        Location::File(path) if !path.exists() => Ok(None),
        Location::File(path) => {
            let options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
            let mut connection = guard::options(options).connect().await?;
            let found = sqlite(&mut connection).await;
            connection.close().await?;
            found.map(Some)
        }
        Location::Postgres(url) => {
            // The error quotes the URL, which may hold a password.
            let options = PgConnectOptions::from_str(url)
                .map_err(|_| Error::Other("the URL of the database is malformed".to_owned()))?
                .application_name("cabildo doctor")
                .disable_statement_logging();
            let connecting = tokio::time::timeout(std::time::Duration::from_secs(5), options.connect());
            let mut connection =
                connecting.await.map_err(|_| Error::Unavailable("no answer within 5 s".to_owned()))??;
            let found = postgres(&mut connection).await;
            connection.close().await?;
            found.map(Some)
        }
    }
}

async fn sqlite(connection: &mut SqliteConnection) -> Result<Examined, Error> {
    let mut found = Examined::default();
    let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()").fetch_one(&mut *connection).await?;
    found.settings.push(("sqlite".to_owned(), version));
    for name in [
        "journal_mode",
        "synchronous",
        "foreign_keys",
        "secure_delete",
        "trusted_schema",
        "mmap_size",
        "busy_timeout",
    ] {
        let row =
            sqlx::query(AssertSqlSafe(format!("PRAGMA {name}"))).fetch_optional(&mut *connection).await?;
        let value = row.map_or_else(String::new, |row| {
            row.try_get::<i64, _>(0).map_or_else(|_| row.get::<String, _>(0), |it| it.to_string())
        });
        found.settings.push((name.to_owned(), value));
    }
    if let Err(problem) = guard::check(connection, false).await {
        found.complaints.push(problem.to_string());
    }
    let lines: Vec<(String,)> = sqlx::query_as("PRAGMA quick_check").fetch_all(&mut *connection).await?;
    found.complaints.extend(lines.into_iter().map(|(it,)| it).filter(|it| it != "ok"));
    let tables: (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM sqlite_schema WHERE name IN ('_sqlx_migrations', 'inbox')")
            .fetch_one(&mut *connection)
            .await?;
    if tables.0 == 2 {
        found.schema = sqlx::query_as(SCHEMA).fetch_one(&mut *connection).await.map(|(it,)| it)?;
        found.fingerprints = sqlx::query_as(KEYS).fetch_all(&mut *connection).await?;
        let newest: Option<(i64,)> = sqlx::query_as(NEWEST).fetch_optional(&mut *connection).await?;
        found.newest = newest.map(|(it,)| it);
        if found.schema >= WITH_BUDGETS {
            found.spent = sqlx::query_as(SPENT).fetch_all(connection).await?;
        }
    }
    Ok(found)
}

async fn postgres(connection: &mut PgConnection) -> Result<Examined, Error> {
    let mut found = Examined::default();
    for (name, sql) in [
        ("server_version", "SHOW server_version"),
        ("fsync", "SHOW fsync"),
        ("synchronous_commit", "SHOW synchronous_commit"),
        ("full_page_writes", "SHOW full_page_writes"),
    ] {
        let (value,): (String,) = sqlx::query_as(sql).fetch_one(&mut *connection).await?;
        if name != "server_version" && value == "off" {
            found.complaints.push(format!("{name} is off, so a power cut can lose what was acknowledged"));
        }
        found.settings.push((name.to_owned(), value));
    }
    let (tables,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() \
         AND table_name IN ('_sqlx_migrations', 'inbox')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if tables == 2 {
        found.schema = sqlx::query_as(SCHEMA).fetch_one(&mut *connection).await.map(|(it,)| it)?;
        found.fingerprints = sqlx::query_as(KEYS).fetch_all(&mut *connection).await?;
        let newest: Option<(i64,)> = sqlx::query_as(NEWEST).fetch_optional(&mut *connection).await?;
        found.newest = newest.map(|(it,)| it);
        if found.schema >= WITH_BUDGETS {
            found.spent = sqlx::query_as(SPENT).fetch_all(connection).await?;
        }
    }
    Ok(found)
}
