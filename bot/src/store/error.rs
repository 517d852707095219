//! What can go wrong in the store.

/// Why a call of the store failed. None of the sentences holds a value of a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The row is not there.
    #[error("there is no such row in the database")]
    NotFound,
    /// Somebody else changed the row first: read again and repeat.
    #[error("the row was changed by somebody else first")]
    Conflict,
    /// The rules of what is stored don't allow it; a stable code.
    #[error("it is not allowed: {0}")]
    Refused(&'static str),
    /// The database can't be used now; the same call may succeed later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Something else: a wrong statement, a damaged row.
    #[error("the database call failed: {0}")]
    Other(String),
}

impl Error {
    /// The writer or the pool was closed under the caller.
    pub(crate) fn closed() -> Self {
        Self::Unavailable("it was closed".to_owned())
    }
}

impl From<sqlx::Error> for Error {
    fn from(problem: sqlx::Error) -> Self {
        match problem {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(database) => from_database(database.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(problem.to_string()),
            // The source may show the value.
            sqlx::Error::ColumnDecode { index, .. } => Self::Other(format!("column {index} can't be read")),
            sqlx::Error::Decode(_) => Self::Other("a value can't be read".to_owned()),
            sqlx::Error::Encode(_) => Self::Other("a value can't be written".to_owned()),
            other => Self::Other(other.to_string()),
        }
    }
}

/// `PostgreSQL`'s messages may show values, so only its code is kept; the codes of `SQLite` are
/// numbers (<https://www.sqlite.org/rescode.html>, the extended ones hold the primary one in their
/// low byte), those of `PostgreSQL` five characters
/// (<https://www.postgresql.org/docs/15/errcodes-appendix.html>).
fn from_database(problem: &dyn sqlx::error::DatabaseError) -> Error {
    if problem.is_unique_violation() {
        return Error::Conflict;
    }
    let code = problem.code().unwrap_or_default().into_owned();
    if code.len() == 5 {
        return match &code[..2] {
            "40" => Error::Conflict,
            // Somebody else has the row, and the statement does not wait for it.
            _ if code == "55P03" => Error::Conflict,
            "08" | "53" | "55" | "57" | "58" => Error::Unavailable(format!("PostgreSQL code {code}")),
            _ => Error::Other(format!("PostgreSQL code {code}")),
        };
    }
    match code.parse::<i64>().map(|it| it & 0xff) {
        // Busy, locked, out of memory, input or output, full, can't open.
        Ok(5 | 6 | 7 | 10 | 13 | 14) => Error::Unavailable(format!("SQLite code {code}")),
        _ => Error::Other(format!("SQLite code {code}: {}", problem.message())),
    }
}

/// Why the store did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The start-up guard refuses this database or this build.
    #[error("Cabildo does not start on this database: {0}")]
    Refused(String),
    /// The address keys can't be used.
    #[error("Cabildo does not start with these address keys: {0}")]
    Keys(String),
    /// The migrations can't be applied.
    #[error("The database could not be brought up to date: {0}. Nothing was served.")]
    Migration(String),
    /// The database can't be used.
    #[error("The database could not be opened: {0}.")]
    Store(#[from] Error),
}

impl OpenError {
    /// The exit code of `sysexits.h`: 78 where the operator must change something, 69 where the
    /// database is away.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::Keys(_) | Self::Migration(_) => 78,
            Self::Store(_) => 69,
        }
    }
}
