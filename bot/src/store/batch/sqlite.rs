//! A batch on `SQLite`: one text of many statements, one trip to the database's thread.

use std::sync::{Arc, LazyLock};

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::encode::{Encoded, encode};
use super::{Failure, Fate, Item, Next, NotDone, Op, after_failure, fate_of_one, sql, tell_all};
use crate::store::Error;

/// The steps as one text, inside a transaction of its own.
static ALONE: LazyLock<Arc<str>> =
    LazyLock::new(|| format!("BEGIN IMMEDIATE; {}; COMMIT", sql::SQLITE_STEPS.join("; ")).into());
/// The steps as one text, inside a transaction that is there.
static INSIDE: LazyLock<Arc<str>> = LazyLock::new(|| sql::SQLITE_STEPS.join("; ").into());

/// Prepares a connection for batches.
pub(crate) async fn prepare(conn: &mut SqliteConnection) -> Result<(), Error> {
    sqlx::query(sql::SQLITE_SETUP).execute(conn).await?;
    Ok(())
}

async fn call(
    conn: &mut SqliteConnection,
    text: &Arc<str>,
    all: Encoded,
) -> Result<Vec<NotDone>, sqlx::Error> {
    sqlx::query_as(AssertSqlSafe(Arc::clone(text)))
        .bind(all.operations)
        .bind(all.replies)
        .bind(all.events)
        .bind(all.written)
        .bind(all.charges)
        .fetch_all(conn)
        .await
}

/// Runs and commits a batch by itself and tells each caller.
pub(crate) async fn run(conn: &mut SqliteConnection, items: Vec<Item>) {
    let mut rest = vec![(items, 0)];
    while let Some((items, tried)) = rest.pop() {
        let all = encode(items.iter().map(|it| &it.op));
        match call(conn, &ALONE, all).await {
            Ok(not_done) => tell_all(items, &not_done),
            Err(problem) => {
                // Ends the transaction where the text got so far as to begin one.
                let ended = sqlx::query("ROLLBACK").execute(&mut *conn).await;
                tracing::debug!(open = ended.is_ok(), "a batch was rolled back");
                // There is one writer: nobody races, so a broken reference is the item's own.
                match after_failure(items, Failure::from(problem), usize::MAX) {
                    Next::Halves(first, second) => rest.extend([(second, tried), (first, tried)]),
                    Next::Again(items) => rest.push((items, tried + 1)),
                    Next::Over => {}
                }
            }
        }
    }
}

/// Runs one operation inside a transaction that is there.
pub(crate) async fn run_one(conn: &mut SqliteConnection, op: &Op) -> Result<Fate, Error> {
    let not_done = call(conn, &INSIDE, encode(std::iter::once(op))).await?;
    fate_of_one(&not_done)
}

/// A batch that ran inside a transaction and waits for its commit.
pub(crate) struct Ran {
    items: Vec<Item>,
    not_done: Vec<NotDone>,
}

impl Ran {
    /// Tells each caller how the commit went.
    pub(crate) fn tell(self, committed: &Result<(), Error>) {
        match committed {
            Ok(()) => tell_all(self.items, &self.not_done),
            Err(problem) => {
                for item in self.items {
                    item.tell(Err(problem.clone()));
                }
            }
        }
    }
}

/// Runs a batch inside a transaction, beside other work; what fails is undone and told at once.
pub(crate) async fn run_inside(conn: &mut SqliteConnection, items: Vec<Item>) -> Result<Vec<Ran>, Error> {
    let mut ran = Vec::new();
    let mut rest = vec![items];
    while let Some(items) = rest.pop() {
        let all = encode(items.iter().map(|it| &it.op));
        sqlx::query("SAVEPOINT wave").execute(&mut *conn).await?;
        match call(conn, &INSIDE, all).await {
            Ok(not_done) => {
                sqlx::query("RELEASE wave").execute(&mut *conn).await?;
                ran.push(Ran { items, not_done });
            }
            Err(problem) => {
                sqlx::query("ROLLBACK TO wave").execute(&mut *conn).await?;
                sqlx::query("RELEASE wave").execute(&mut *conn).await?;
                match after_failure(items, Failure::from(problem), usize::MAX) {
                    Next::Halves(first, second) => rest.extend([second, first]),
                    Next::Again(items) => rest.push(items),
                    Next::Over => {}
                }
            }
        }
    }
    Ok(ran)
}
