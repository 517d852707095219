//! Batches on `PostgreSQL`: four writers, each with the contacts that fall to it, one statement a
//! batch.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use sqlx::{PgConnection, PgPool};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::encode::encode;
use super::{
    BATCH, Failure, Fate, Item, Next, NotDone, Op, after_failure, fate_of_one, sql, take_wave, tell_all,
};
use crate::store::Error;

/// Writers at once.
const WRITERS: usize = 4;
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
    /// Starts the writers.
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

async fn write(pool: PgPool, mut waiting: mpsc::Receiver<Item>) {
    let mut held: Vec<Item> = Vec::new();
    loop {
        if held.is_empty() && waiting.recv_many(&mut held, BATCH).await == 0 {
            return;
        }
        while held.len() < BATCH
            && let Ok(item) = waiting.try_recv()
        {
            held.push(item);
        }
        let wave = take_wave(&mut held);
        run(&pool, wave).await;
    }
}

/// Runs one operation inside a transaction that is there.
pub(crate) async fn run_one(conn: &mut PgConnection, op: &Op) -> Result<Fate, Error> {
    let all = encode(std::iter::once(op));
    let called: Result<Vec<NotDone>, sqlx::Error> = sqlx::query_as(sql::POSTGRES)
        .bind(all.operations)
        .bind(all.replies)
        .bind(all.events)
        .bind(all.written)
        .fetch_all(conn)
        .await;
    match called.map_err(Failure::from) {
        Ok(not_done) => fate_of_one(&not_done),
        // Whoever asked works it out again.
        Err(Failure::Raced) => Err(Error::Conflict),
        Err(Failure::Away(problem) | Failure::Refused(problem)) => Err(problem),
    }
}

async fn run(pool: &PgPool, items: Vec<Item>) {
    let mut rest = vec![(items, 0)];
    while let Some((items, tried)) = rest.pop() {
        let all = encode(items.iter().map(|it| &it.op));
        let called: Result<Vec<NotDone>, sqlx::Error> = sqlx::query_as(sql::POSTGRES)
            .bind(all.operations)
            .bind(all.replies)
            .bind(all.events)
            .bind(all.written)
            .fetch_all(pool)
            .await;
        match called {
            Ok(not_done) => tell_all(items, &not_done),
            Err(problem) => match after_failure(items, Failure::from(problem), tried) {
                Next::Again(items) => rest.push((items, tried + 1)),
                Next::Halves(first, second) => rest.extend([(second, 0), (first, 0)]),
                Next::Over => {}
            },
        }
    }
}
