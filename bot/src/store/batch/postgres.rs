//! Batches on `PostgreSQL`: a few writers, each with the contacts that fall to it and a connection of its
//! own, one statement a batch.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::arrays::arrange;
use super::{BATCH, Failure, Fate, Item, Next, NotDone, Op, after_failure, fate_of_one, take_wave, tell_all};
use crate::store::Error;

/// Writers at once: while one waits for its commit, the others work. More of them only make smaller
/// batches.
pub(crate) const WRITERS: usize = 2;
/// A connection that was idle for this long is given back.
const IDLE: Duration = Duration::from_secs(1);
/// The most operations that wait for a writer; more wait outside, in their callers.
const WAITING: usize = 512;

/// The writers' ends.
#[derive(Clone, Debug)]
pub(crate) struct Writers {
    /// Emptied when the store is closed.
    ways: Arc<std::sync::RwLock<Vec<mpsc::Sender<Item>>>>,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

impl Writers {
    /// Starts the writers; `pool` is theirs (`migrate::connect_writers`).
    pub(crate) fn start(pool: &PgPool) -> Self {
        let mut tasks = JoinSet::new();
        let mut ways = Vec::with_capacity(WRITERS);
        for _ in 0..WRITERS {
            let (way, waiting) = mpsc::channel(WAITING);
            ways.push(way);
            tasks.spawn(write(pool.clone(), waiting));
        }
        Self { ways: Arc::new(std::sync::RwLock::new(ways)), tasks: Arc::new(Mutex::new(tasks)) }
    }

    /// The writer of what belongs together by `route`.
    pub(crate) fn way(&self, route: &[u8]) -> Result<mpsc::Sender<Item>, Error> {
        let mut hasher = DefaultHasher::new();
        route.hash(&mut hasher);
        let ways = self.ways.read().map_err(|_| Error::closed())?;
        let place = hasher.finish() as usize % ways.len().max(1);
        ways.get(place).cloned().ok_or_else(Error::closed)
    }

    /// Writes what waits and ends.
    pub(crate) async fn close(&self) {
        if let Ok(mut ways) = self.ways.write() {
            ways.clear();
        }
        let mut tasks = self.tasks.lock().await;
        while tasks.join_next().await.is_some() {}
    }
}

/// A writer's connection. It is kept from one batch to the next, since a pool tries each connection that
/// it gets back; one that was idle goes back and is tried before its next use.
struct Held {
    pool: PgPool,
    connection: Option<(PoolConnection<Postgres>, Instant)>,
}

impl Held {
    /// Runs one call.
    async fn call(&mut self, items: &[Item]) -> Result<Vec<NotDone>, sqlx::Error> {
        let kept = self.connection.take().filter(|(_, used)| used.elapsed() < IDLE);
        let mut connection = match kept {
            Some((connection, _)) => connection,
            None => self.pool.acquire().await?,
        };
        let called = arrange(items.iter().map(|it| &it.op)).query().fetch_all(&mut *connection).await;
        // After any other failure nobody knows what the connection is good for.
        if matches!(called, Ok(_) | Err(sqlx::Error::Database(_))) {
            self.connection = Some((connection, Instant::now()));
        } else {
            drop(connection.detach());
        }
        called
    }
}

async fn write(pool: PgPool, mut waiting: mpsc::Receiver<Item>) {
    let mut held = Held { pool, connection: None };
    let mut items: Vec<Item> = Vec::new();
    loop {
        if items.is_empty() && waiting.recv_many(&mut items, BATCH).await == 0 {
            return;
        }
        while items.len() < BATCH
            && let Ok(item) = waiting.try_recv()
        {
            items.push(item);
        }
        let wave = take_wave(&mut items);
        run(&mut held, wave).await;
    }
}

/// Runs one operation inside a transaction that is there.
pub(crate) async fn run_one(conn: &mut PgConnection, op: &Op) -> Result<Fate, Error> {
    let called = arrange(std::iter::once(op)).query().fetch_all(conn).await;
    match called.map_err(Failure::from) {
        Ok(not_done) => fate_of_one(&not_done),
        // Whoever asked works it out again.
        Err(Failure::Raced) => Err(Error::Conflict),
        Err(Failure::Away(problem) | Failure::Refused(problem)) => Err(problem),
    }
}

async fn run(held: &mut Held, items: Vec<Item>) {
    let mut rest = vec![(items, 0)];
    while let Some((items, tried)) = rest.pop() {
        match held.call(&items).await {
            Ok(not_done) => tell_all(items, &not_done),
            Err(problem) => match after_failure(items, Failure::from(problem), tried) {
                Next::Again(items) => rest.push((items, tried + 1)),
                Next::Halves(first, second) => rest.extend([(second, 0), (first, 0)]),
                Next::Over => {}
            },
        }
    }
}
