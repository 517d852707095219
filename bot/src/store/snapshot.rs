//! Copies of a whole `SQLite` database: one taken while it is written to, and the check of one that
//! comes back from a backup.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::{Error, guard};

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Contents {
    /// Number of the last migration.
    pub schema: i64,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
    /// Place of the last event.
    pub last_event: i64,
}

/// Writes a copy of the database at `from` to `to`, which must be an empty file: a consistent state
/// of one instant. Writers go on beside it.
///
/// # Errors
/// One of the two can't be used.
pub async fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let options = SqliteConnectOptions::new().filename(from).create_if_missing(false);
    let mut connection = guard::reading(options).connect().await?;
    let target = to.to_str().ok_or_else(|| Error::Other("the path of the copy is no UTF-8".to_owned()))?;
    let copied = sqlx::query("VACUUM INTO $1").bind(target).execute(&mut connection).await;
    connection.close().await?;
    copied?;
    Ok(())
}

/// Counts what the database at `path` holds.
///
/// # Errors
/// It can't be read.
pub async fn contents(path: &Path) -> Result<Contents, Error> {
    let mut connection = read(path).await?;
    let found = count(&mut connection).await;
    connection.close().await?;
    found
}

async fn read(path: &Path) -> Result<SqliteConnection, Error> {
    // A copy has no other user, and reading it must leave no files beside it.
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false).immutable(true);
    Ok(guard::reading(options).connect().await?)
}

async fn count(connection: &mut SqliteConnection) -> Result<Contents, Error> {
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut rows = BTreeMap::new();
    for (table,) in tables {
        // The name comes from the schema and is quoted.
        let sql = format!("SELECT COUNT(*) FROM \"{}\"", table.replace('"', "\"\""));
        let (count,) = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
        rows.insert(table, count);
    }
    let (last_event,) =
        sqlx::query_as("SELECT COALESCE(MAX(seq), 0) FROM events").fetch_one(&mut *connection).await?;
    let (schema,) = sqlx::query_as("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations")
        .fetch_one(&mut *connection)
        .await?;
    Ok(Contents { schema, rows, last_event })
}

/// What is wrong with the database at `path`, which nobody uses: damaged pages, rows that point at
/// rows that are not there. Empty: nothing.
///
/// # Errors
/// It is no database.
pub async fn check(path: &Path) -> Result<Vec<String>, Error> {
    let mut connection = read(path).await?;
    let found = complaints(&mut connection).await;
    connection.close().await?;
    found
}

async fn complaints(connection: &mut SqliteConnection) -> Result<Vec<String>, Error> {
    let lines: Vec<(String,)> = sqlx::query_as("PRAGMA integrity_check").fetch_all(&mut *connection).await?;
    let mut complaints: Vec<String> = lines.into_iter().map(|(it,)| it).filter(|it| it != "ok").collect();
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *connection).await?;
    if !broken.is_empty() {
        complaints.push(format!("{} rows point at rows that are not there", broken.len()));
    }
    Ok(complaints)
}

/// Cuts the log of a database that is in use, as far as its readers allow; gives whether it could.
///
/// # Errors
/// The database can't be reached.
pub async fn checkpoint(path: &Path) -> Result<bool, Error> {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
    let mut connection = guard::reading(options).busy_timeout(std::time::Duration::ZERO).connect().await?;
    let (busy, _, _): (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(busy == 0)
}
