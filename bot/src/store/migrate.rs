//! The embedded migrations, and how they are applied.

use std::str::FromStr as _;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, PgPool, SqlitePool};

use super::{Engine, Error, OpenError};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Connections to `PostgreSQL`.
const CONNECTIONS: u32 = 8;

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

/// Connects to a `PostgreSQL` database and brings it up to date; processes that start together wait
/// for each other.
pub(super) async fn connect_postgres(url: &str) -> Result<PgPool, OpenError> {
    // The error quotes the URL, which may hold a password.
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| OpenError::Refused("the URL of the PostgreSQL database is malformed.".to_owned()))?
        .application_name("cabildo")
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(std::time::Duration::from_secs(5))
        .connect_with(options)
        .await
        .map_err(Error::from)?;
    POSTGRES.run(&pool).await.map_err(failed)?;
    Ok(pool)
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
