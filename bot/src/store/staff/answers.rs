//! Answers to writes of the staff API: a repeat gets the first one's, also after a crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use uuid::Uuid;

use crate::domain::time::{DAY, UnixMillis};
use crate::store::audit::{New as NewAudit, Prepared};
use crate::store::{AddressKeys, Error, Store};

/// How long an answer is kept, ms.
const KEPT: i64 = 2 * DAY;
/// Answers that are removed in one transaction.
const REMOVED: i64 = 500;

/// A write that must happen once: whose it is, its key, and what was asked.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The account.
    pub staff_id: Uuid,
    /// The idempotency key that the caller chose.
    pub key: String,
    /// SHA-256 over method, path, query and body.
    pub request_hash: Vec<u8>,
    /// Whether the answer was kept in the transaction of the write.
    kept: Arc<AtomicBool>,
}

impl Attempt {
    /// An attempt whose answer is not kept yet.
    pub fn new(staff_id: Uuid, key: String, request_hash: Vec<u8>) -> Self {
        Self { staff_id, key, request_hash, kept: Arc::default() }
    }

    /// Whether the answer was kept in the transaction of the write.
    pub fn is_kept(&self) -> bool {
        self.kept.load(Ordering::SeqCst)
    }
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, JSON.
    pub body: String,
}

/// Makes the answer to a write from what it led to.
pub type AnswerMaker<T> = Box<dyn Fn(&T) -> Answer + Send + Sync>;

/// What belongs to a write of the staff API beside the change itself; all of it is one transaction.
/// `T` is what the change leads to, which the answer shows.
pub struct Write<T> {
    /// The attempt; `None`: from the command line.
    pub attempt: Option<Attempt>,
    /// Makes the answer.
    pub answer: AnswerMaker<T>,
    /// The entry of the audit trail.
    pub audit: Prepared,
    pub(super) keys: Arc<AddressKeys>,
}

impl<T> Write<T> {
    /// What [`keep`](sqlite::keep) writes.
    ///
    /// # Errors
    /// The answer can't be sealed.
    pub(crate) fn sealed(&self, made: &T) -> Result<Option<Sealed>, Error> {
        let Some(attempt) = self.attempt.clone() else { return Ok(None) };
        let answer = (self.answer)(made);
        let body = self.keys.seal_bytes(&context(&attempt), answer.body.as_bytes())?;
        Ok(Some(Sealed { attempt, status: i64::from(answer.status), body, at: self.audit.at() }))
    }
}

/// An answer, sealed.
pub(crate) struct Sealed {
    attempt: Attempt,
    status: i64,
    body: Vec<u8>,
    at: i64,
}

/// An answer can't be moved to the key of another one.
fn context(attempt: &Attempt) -> Vec<u8> {
    [b"staff answer".as_slice(), attempt.staff_id.as_bytes(), attempt.key.as_bytes()].concat()
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const KEEP: Statement = Statement::both(
        "INSERT INTO staff_answers (staff_id, answer_key, request_hash, status, body_sealed, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    );
    pub(super) const FIND: Statement = Statement::both(
        "SELECT request_hash, status, body_sealed FROM staff_answers WHERE staff_id = $1 AND answer_key = $2",
    );
    pub(super) const REMOVE: Statement = Statement::both(
        "DELETE FROM staff_answers WHERE (staff_id, answer_key) IN \
         (SELECT staff_id, answer_key FROM staff_answers WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
    );
    pub(in crate::store) const ALL: &[Statement] = &[KEEP, FIND, REMOVE];
}

/// A row.
pub(crate) type Row = (Vec<u8>, i64, Vec<u8>);

per_engine! {
    use {
        use super::{Row, Sealed, sql};
        use crate::store::Error;
        use std::sync::atomic::Ordering;
        use uuid::Uuid;
    }

    /// Keeps an answer in the transaction of its write. An answer of the same key that somebody else
    /// kept meanwhile is a conflict, which undoes the write.
    pub(crate) async fn keep(conn: &mut Conn, sealed: Option<Sealed>) -> Result<(), Error> {
        let Some(it) = sealed else { return Ok(()) };
        sqlx::query(sql::KEEP.on(ENGINE))
            .bind(it.attempt.staff_id)
            .bind(&it.attempt.key)
            .bind(&it.attempt.request_hash)
            .bind(it.status)
            .bind(it.body)
            .bind(it.at)
            .execute(conn)
            .await?;
        it.attempt.kept.store(true, Ordering::SeqCst);
        Ok(())
    }

    /// The answer that was kept under a key.
    pub(crate) async fn find(conn: &mut Conn, staff_id: Uuid, key: String) -> Result<Option<Row>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).bind(staff_id).bind(key).fetch_optional(conn).await?)
    }

    /// Removes some old answers; how many.
    pub(crate) async fn remove(conn: &mut Conn, before: i64, limit: i64) -> Result<u64, Error> {
        let removed = sqlx::query(sql::REMOVE.on(ENGINE)).bind(before).bind(limit).execute(conn).await?;
        Ok(removed.rows_affected())
    }
}

impl Store {
    /// What a write carries with it.
    pub fn staff_write<T>(
        &self,
        attempt: Option<Attempt>,
        audit: NewAudit,
        answer: impl Fn(&T) -> Answer + Send + Sync + 'static,
    ) -> Write<T> {
        Write { attempt, answer: Box::new(answer), audit: self.prepare_audit(audit), keys: self.keys() }
    }

    /// The answer that an earlier write with the same key got.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the key was used for something else.
    pub async fn find_answer(&self, attempt: &Attempt) -> Result<Option<Answer>, Error> {
        let (staff_id, key) = (attempt.staff_id, attempt.key.clone());
        let row = on_pool!(self, conn => at::answers::find(conn, staff_id, key))?;
        let Some((request_hash, status, body_sealed)) = row else { return Ok(None) };
        if request_hash != attempt.request_hash {
            return Err(Error::Conflict);
        }
        let body = self.keys().open_bytes(&context(attempt), &body_sealed)?;
        let body = String::from_utf8(body).map_err(|_| Error::Other("an answer is no text".to_owned()))?;
        Ok(Some(Answer { status: status as u16, body }))
    }

    /// Keeps an answer after its write, where that has no transaction of ours.
    ///
    /// # Errors
    /// The database can't be written, or there is one already.
    pub async fn keep_answer(
        &self,
        attempt: &Attempt,
        answer: &Answer,
        now: UnixMillis,
    ) -> Result<(), Error> {
        let sealed = Sealed {
            attempt: attempt.clone(),
            status: i64::from(answer.status),
            body: self.keys().seal_bytes(&context(attempt), answer.body.as_bytes())?,
            at: now.0,
        };
        in_write_tx!(self, conn => at::answers::keep(conn, Some(sealed)))
    }

    /// Removes answers that nobody asks for any more; gives how many, at most 500 a call.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn remove_answers(&self, now: UnixMillis) -> Result<u64, Error> {
        in_write_tx!(self, conn => at::answers::remove(conn, now.0 - KEPT, REMOVED))
    }
}
