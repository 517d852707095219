//! `SQLite`: one writer task with group commit, readers beside it.
//!
//! A durable commit is the dearest thing that the service does, so it is shared: the writer takes
//! all the jobs that wait (up to [`BATCH`], no timer), runs them in one immediate transaction,
//! commits once and then answers all. Operations of the hot path are values and run in one call
//! (`batch/`); other work is closures, each in a savepoint of its own so that a failing one fails
//! alone.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePoolOptions};
use sqlx::{Sqlite, SqlitePool};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::batch::cache::Cache;
use super::batch::lookup::{self, Question, Reader};
use super::batch::{self, BATCH, Item};
use super::{AddressKeys, Error, OpenError, Shared, guard, migrate};

/// The most jobs that wait; more wait outside, in their callers.
const WAITING: usize = 1_024;
/// Connections for reading.
const READERS: u32 = 4;

/// A future that borrows the writer's connection.
type Borrowed<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// Work for the writer.
#[expect(clippy::large_enum_variant, reason = "nearly all of it is of the large kind")]
enum Job {
    /// An operation of the hot path.
    Hot(Item),
    /// Anything else.
    Other(Work),
}

/// Runs on the connection and leaves what is to be told after the commit.
type Work = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> Borrowed<'c, Done> + Send>;

/// A job that has run.
struct Done {
    /// Whether its changes are kept.
    keep: bool,
    /// Tells its caller, given how the commit went.
    tell: Box<dyn FnOnce(Result<(), Error>) + Send>,
}

/// The store on `SQLite`.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    /// `None` in memory, where there is one connection for all.
    readers: Option<SqlitePool>,
    jobs: mpsc::Sender<Job>,
    stop: CancellationToken,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
    keys: Arc<AddressKeys>,
    pub(super) cache: Arc<Cache>,
    pub(super) shared: Arc<Shared>,
    /// `None` in memory.
    pub(super) questions: Option<mpsc::Sender<Question>>,
}

impl SqliteStore {
    /// Opens or makes the file at `path`, migrates it, and starts the writer.
    pub(super) async fn open_file(path: &Path, keys: Arc<AddressKeys>) -> Result<Self, OpenError> {
        guard::prepare_file(path)?;
        let options = guard::options(SqliteConnectOptions::new().filename(path).create_if_missing(true));
        let writer = one_connection(options.clone()).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        Self::start(writer, Some(readers), keys, false).await
    }

    /// Makes a database in memory and starts the writer.
    pub(super) async fn open_memory(keys: Arc<AddressKeys>) -> Result<Self, OpenError> {
        let writer = one_connection(guard::options(SqliteConnectOptions::new().in_memory(true))).await?;
        Self::start(writer, None, keys, true).await
    }

    async fn start(
        writer: SqlitePool,
        readers: Option<SqlitePool>,
        keys: Arc<AddressKeys>,
        in_memory: bool,
    ) -> Result<Self, OpenError> {
        let mut connection = writer.acquire().await.map_err(Error::from)?;
        guard::check(&mut connection, in_memory).await?;
        drop(connection);
        migrate::run_sqlite(&writer).await?;
        let questions = readers.clone().map(|it| lookup::start(Reader::Sqlite(it)));
        let (jobs, waiting) = mpsc::channel(WAITING);
        let stop = CancellationToken::new();
        let task = tokio::spawn(write_batches(writer, waiting, stop.clone()));
        let task = Arc::new(Mutex::new(Some(task)));
        Ok(Self { readers, jobs, stop, task, keys, cache: Arc::default(), shared: Arc::default(), questions })
    }

    /// The keys of addresses.
    pub(super) fn keys(&self) -> Arc<AddressKeys> {
        Arc::clone(&self.keys)
    }

    /// Runs `work` in the next batch's transaction; returns after its commit.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Borrowed<'c, Result<T, Error>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Work = Box::new(move |conn| {
            Box::pin(async move {
                let result = work(conn).await;
                let keep = result.is_ok();
                let tell = Box::new(move |committed: Result<(), Error>| {
                    // The caller may be gone: then nobody wants to know.
                    let _ = answer.send(committed.and(result));
                });
                Done { keep, tell: tell as Box<dyn FnOnce(Result<(), Error>) + Send> }
            })
        });
        self.jobs.send(Job::Other(job)).await.map_err(|_| Error::closed())?;
        // A job that is dropped unrun or whose transaction broke has changed nothing.
        answered.await.map_err(|_| Error::Unavailable("the transaction could not be run".to_owned()))?
    }

    /// Hands an operation of the hot path to the next batch.
    pub(super) async fn send(&self, item: Item) -> Result<(), Error> {
        self.jobs.send(Job::Hot(item)).await.map_err(|_| Error::closed())
    }

    /// The same without waiting; gives the operation back where too much waits already.
    pub(super) fn try_send(&self, item: Item) -> Option<Item> {
        match self.jobs.try_send(Job::Hot(item)) {
            Err(mpsc::error::TrySendError::Full(Job::Hot(item))) => Some(item),
            _ => None,
        }
    }

    /// Runs `work` on a connection for reading.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Borrowed<'c, Result<T, Error>> + Send + 'static,
    {
        match &self.readers {
            Some(readers) => {
                let mut connection = readers.acquire().await?;
                work(&mut connection).await
            }
            None => self.write(work).await,
        }
    }

    /// Writes what waits, then closes all connections.
    pub(super) async fn close(&self) {
        self.stop.cancel();
        if let Some(task) = self.task.lock().await.take()
            && let Err(problem) = task.await
        {
            tracing::error!(%problem, "the writer of the database did not end well");
        }
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
    }
}

/// A pool of exactly one connection, which is never given back for age or idleness: in memory it is
/// the database.
async fn one_connection(options: SqliteConnectOptions) -> Result<SqlitePool, OpenError> {
    let pool = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(std::time::Duration::from_secs(2))
        .test_before_acquire(false)
        .connect_with(options)
        .await;
    Ok(pool.map_err(Error::from)?)
}

/// The writer task.
async fn write_batches(writer: SqlitePool, mut waiting: mpsc::Receiver<Job>, stop: CancellationToken) {
    let mut held: Option<PoolConnection<Sqlite>> = None;
    let mut jobs = Vec::with_capacity(BATCH);
    // Operations that clashed with one of the last batch go first into the next.
    let mut hot: Vec<Item> = Vec::new();
    loop {
        if hot.is_empty() {
            let taken = tokio::select! {
                biased;
                taken = waiting.recv_many(&mut jobs, BATCH) => taken,
                () = stop.cancelled() => {
                    waiting.close();
                    waiting.recv_many(&mut jobs, BATCH).await
                }
            };
            if taken == 0 {
                break;
            }
        } else {
            while jobs.len() < BATCH
                && let Ok(job) = waiting.try_recv()
            {
                jobs.push(job);
            }
        }
        let mut others = Vec::new();
        for job in jobs.drain(..) {
            match job {
                Job::Hot(item) => hot.push(item),
                Job::Other(work) => others.push(work),
            }
        }
        let wave = batch::take_wave(&mut hot);
        let mut connection = match held.take() {
            Some(connection) => connection,
            None => match prepared(&writer).await {
                Ok(connection) => connection,
                Err(problem) => {
                    // Callers find out by their dropped channels.
                    tracing::error!(%problem, "no connection for writing");
                    continue;
                }
            },
        };
        if others.is_empty() {
            batch::sqlite::run(&mut connection, wave).await;
            held = Some(connection);
        } else {
            // A task of its own, so that a panic costs one batch and not the writer.
            match tokio::spawn(write_batch(connection, wave, others)).await {
                Ok(connection) => held = Some(connection),
                Err(problem) => {
                    tracing::error!(%problem, "a batch of database writes broke off; none of it was kept");
                }
            }
        }
    }
    drop(held);
    writer.close().await;
}

async fn prepared(writer: &SqlitePool) -> Result<PoolConnection<Sqlite>, Error> {
    let mut connection = writer.acquire().await?;
    // A job that panicked may have left its transaction open.
    end(&mut connection).await;
    batch::sqlite::prepare(&mut connection).await?;
    Ok(connection)
}

/// Ends a transaction that failed. `SQLite` may have ended it by itself (a full disk), so the error of
/// this statement says nothing. Written out, since sqlx counts a transaction as open that it could not
/// roll back, and the connection could never begin another one.
async fn end(connection: &mut SqliteConnection) {
    let ended = sqlx::query("ROLLBACK").execute(connection).await;
    tracing::debug!(open = ended.is_ok(), "a transaction was rolled back");
}

/// Runs one batch; gives the connection back. Jobs that are not told anything find out by their dropped
/// channel.
async fn write_batch(
    mut connection: PoolConnection<Sqlite>,
    wave: Vec<Item>,
    others: Vec<Work>,
) -> PoolConnection<Sqlite> {
    let conn = &mut *connection;
    if let Err(problem) = sqlx::query("BEGIN IMMEDIATE").execute(&mut *conn).await {
        tracing::error!(problem = %Error::from(problem), "no write transaction could be begun");
        end(conn).await;
        return connection;
    }
    let alone = others.len() == 1 && wave.is_empty();
    match in_transaction(conn, wave, others, alone).await {
        Err(problem) => {
            tracing::error!(%problem, "a batch of database writes failed; none of it was kept");
            end(conn).await;
        }
        Ok((ran, done)) => {
            let ended = if alone && done.iter().any(|it| !it.keep) {
                end(conn).await;
                Ok(())
            } else {
                sqlx::query("COMMIT").execute(&mut *conn).await.map(|_| ()).map_err(Error::from)
            };
            if let Err(problem) = &ended {
                tracing::error!(%problem, "a batch of database writes could not be committed");
                end(conn).await;
            }
            for ran in ran {
                ran.tell(&ended);
            }
            for job in done {
                (job.tell)(ended.clone());
            }
        }
    }
    connection
}

/// The work of a batch between begin and commit.
async fn in_transaction(
    conn: &mut SqliteConnection,
    wave: Vec<Item>,
    others: Vec<Work>,
    alone: bool,
) -> Result<(Vec<batch::sqlite::Ran>, Vec<Done>), Error> {
    let ran = if wave.is_empty() { Vec::new() } else { batch::sqlite::run_inside(conn, wave).await? };
    let mut done = Vec::with_capacity(others.len());
    for job in others {
        // A job alone needs no savepoint: the transaction is its own.
        done.push(if alone { job(conn).await } else { in_savepoint(conn, job).await? });
    }
    Ok((ran, done))
}

/// Runs one job of many: what it did is undone if it fails, the others stay.
async fn in_savepoint(conn: &mut SqliteConnection, job: Work) -> Result<Done, Error> {
    sqlx::query("SAVEPOINT job").execute(&mut *conn).await?;
    let done = job(&mut *conn).await;
    if !done.keep {
        sqlx::query("ROLLBACK TO job").execute(&mut *conn).await?;
    }
    sqlx::query("RELEASE job").execute(conn).await?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::UnixMillis;
    use crate::store::Store;

    async fn store() -> (Store, SqliteStore) {
        let store = Store::open_in_memory(UnixMillis(0)).await.expect("a store");
        let Store::Sqlite(sqlite) = store.clone() else { panic!("SQLite") };
        (store, sqlite)
    }

    /// Writes a cursor, then fails or panics if it was told to.
    async fn write(sqlite: SqliteStore, number: i64, end: &'static str) -> Result<i64, Error> {
        sqlite
            .write(move |conn| {
                Box::pin(async move {
                    let sql = "INSERT INTO cursors (name, position, updated_at) VALUES ($1, $2, 0)";
                    sqlx::query(sql).bind(number.to_string()).bind(number).execute(&mut *conn).await?;
                    assert!(end != "panic", "a job that panics");
                    if end == "fail" {
                        // Fails in the database, too, as a poisonous value would.
                        sqlx::query("INSERT INTO cursors (name) VALUES (NULL)").execute(conn).await?;
                    }
                    Ok(number)
                })
            })
            .await
    }

    #[tokio::test]
    async fn a_failing_job_fails_alone() {
        let (store, sqlite) = store().await;
        let mut tasks = tokio::task::JoinSet::new();
        // One thread: all of them wait before the writer sees the first, so they share a batch.
        for number in 0..600 {
            tasks.spawn(write(sqlite.clone(), number, if number % 3 == 0 { "fail" } else { "keep" }));
        }
        let results = tasks.join_all().await;
        assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 400);
        for number in 0..600 {
            let kept = store.find_cursor(&number.to_string()).await.expect("read");
            assert_eq!(kept, (number % 3 != 0).then_some(number));
        }
    }

    #[tokio::test]
    async fn a_panicking_job_costs_its_batch_and_not_the_writer() {
        let (store, sqlite) = store().await;
        let (lost, panicked) =
            tokio::join!(write(sqlite.clone(), 1, "keep"), write(sqlite.clone(), 2, "panic"));
        // Told that it was not kept, and it was not.
        assert!(matches!(lost, Err(Error::Unavailable(_))) && matches!(panicked, Err(Error::Unavailable(_))));
        assert_eq!(store.find_cursor("1").await, Ok(None));
        assert_eq!(write(sqlite, 3, "keep").await, Ok(3));
        assert_eq!(store.find_cursor("3").await, Ok(Some(3)));
    }

    #[tokio::test]
    async fn closing_writes_what_waits() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cabildo.db");
        let keys = Arc::new(AddressKeys::make().expect("keys"));
        let sqlite = SqliteStore::open_file(&path, Arc::clone(&keys)).await.expect("a store");
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..50 {
            tasks.spawn(write(sqlite.clone(), number, "keep"));
        }
        tokio::task::yield_now().await;
        sqlite.close().await;
        let kept = tasks.join_all().await.into_iter().flatten().count();
        assert!(kept > 0);
        let again = Store::Sqlite(SqliteStore::open_file(&path, keys).await.expect("a store"));
        let mut found = 0;
        for number in 0..50 {
            found += usize::from(again.find_cursor(&number.to_string()).await.expect("read").is_some());
        }
        assert_eq!(found, kept);
    }
}
