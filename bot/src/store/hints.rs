//! Hints between processes that share a `PostgreSQL`: there may be work. A hint says nothing more, is sent
//! outside every transaction of the work itself, and may be lost: everybody looks each second.

use std::convert::Infallible;

use sqlx::postgres::PgListener;

use super::{Error, Store};

/// Name of the channel, which belongs to one database.
const CHANNEL: &str = "cabildo";
/// A transaction of its own: one that holds work and notifies would wait for all others that do.
const HINT: &str = "SELECT pg_notify('cabildo', '')";

impl Store {
    /// Tells the other processes that there may be work; nobody is told on `SQLite`, which one process
    /// has to itself.
    ///
    /// # Errors
    /// The database can't be reached; nothing is lost by that but a second.
    pub async fn hint(&self) -> Result<(), Error> {
        if let Self::Postgres(postgres) = self {
            sqlx::query(HINT).execute(&postgres.pool).await?;
        }
        Ok(())
    }

    /// Calls `heard` for each hint, those of this process too, and once before the first, since some may
    /// have been missed. Listening takes a connection for itself; on `SQLite` it never ends.
    ///
    /// # Errors
    /// The connection is lost or none can be had, or the store was closed.
    pub async fn listen(&self, heard: impl Fn()) -> Result<Infallible, Error> {
        let Self::Postgres(postgres) = self else { return std::future::pending().await };
        let mut listener = PgListener::connect_with(&postgres.pool).await?;
        listener.listen(CHANNEL).await?;
        loop {
            heard();
            // `None` is a connection that was lost and made anew: what came meanwhile was missed.
            listener.try_recv().await?;
        }
    }
}
