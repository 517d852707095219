//! The audit trail: who did what to what, as ids and codes, in a chain that shows tampering.
//!
//! The code of an entry is HMAC-SHA256 over the code of the one before and its own fields, with a key
//! that lies outside the database (`key.rs`). Whoever can write the database and has no key can't change,
//! remove, swap or add an entry unseen. Cutting the end, or putting an old copy in the place of the
//! database, shows against a head that was written down elsewhere (`heads.rs`).

pub(in crate::store) mod cut;
mod heads;
mod key;

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::{Error, OpenError, Store};
use crate::domain::time::UnixMillis;

pub use heads::{FILE_NAME as HEADS_FILE_NAME, append_head, read_heads};
pub use key::{AuditKey, KEY_FILE_NAME};

/// Entries that a check reads at once.
const CHUNK: i64 = 5_000;

fn no_key() -> Error {
    Error::Other("this database was opened without the key of its audit trail".to_owned())
}

/// An entry to be added.
#[derive(Clone, Debug)]
pub struct New {
    /// The account that did it; `None`: the system, or the command line.
    pub actor_id: Option<Uuid>,
    /// What was done (`case_read`).
    pub act: &'static str,
    /// To what kind of thing (`case`).
    pub target_kind: &'static str,
    /// To which one: an id or a code, never a name, number or text of a person.
    pub target_id: String,
    /// Codes and counts that belong to it, as a JSON object.
    pub detail: serde_json::Value,
    /// When.
    pub at: UnixMillis,
}

/// An entry with the key that chains it: what `append` takes.
#[derive(Clone, Debug)]
pub struct Prepared {
    key: Option<Arc<AuditKey>>,
    new: New,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    /// Its place in the trail, from 1, without gaps.
    pub seq: i64,
    /// When, Unix ms.
    pub at: i64,
    /// The account that did it.
    pub actor_id: Option<Uuid>,
    /// What was done.
    pub act: String,
    /// To what kind of thing.
    pub target_kind: String,
    /// To which one.
    pub target_id: String,
    /// Codes and counts, as JSON.
    pub detail: String,
    /// Its code.
    pub mac: Vec<u8>,
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    /// Number of the last entry; 0: none yet.
    pub seq: i64,
    /// Its code.
    pub mac: Vec<u8>,
}

/// What a list of entries is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only entries before this number.
    pub before: Option<i64>,
    /// Only those of an account.
    pub actor_id: Option<Uuid>,
    /// Only those about one thing: its kind and id.
    pub target: Option<(String, String)>,
    /// Only those with this code.
    pub act: Option<String>,
}

/// What is wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// An entry is missing.
    Gap,
    /// An entry does not fit its code: it was changed, moved or added.
    Changed,
    /// Entries at the end are missing.
    Cut,
    /// An exported head has another entry: this is not the database that it was exported from, or an
    /// older copy of it that went on.
    OtherHistory,
}

impl Flaw {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Changed => "changed",
            Self::Cut => "cut",
            Self::OtherHistory => "other_history",
        }
    }
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Entries that were read.
    pub entries: i64,
    /// Exported heads that were compared.
    pub heads: i64,
    /// The first flaw and the entry where it shows.
    pub flaw: Option<(i64, Flaw)>,
    /// The end of the chain as it was read.
    pub head: Head,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// Locked on `PostgreSQL`, so that two writers don't follow the same entry; `SQLite` has one.
    pub(super) const LOCK: Statement = Statement::fork(
        "SELECT seq, mac FROM audit_head WHERE name = 'head'",
        "SELECT seq, mac FROM audit_head WHERE name = 'head' FOR UPDATE",
    );
    pub(super) const HEAD: Statement = Statement::both("SELECT seq, mac FROM audit_head WHERE name = 'head'");
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO audit (seq, at, actor_id, act, target_kind, target_id, detail, mac) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    pub(super) const MOVE: Statement =
        Statement::both("UPDATE audit_head SET seq = $1, mac = $2 WHERE name = 'head'");
    pub(super) const FINGERPRINT: Statement =
        Statement::both("SELECT key_fingerprint FROM audit_head WHERE name = 'head'");
    pub(super) const NOTE: Statement = Statement::both(
        "UPDATE audit_head SET key_fingerprint = $1 WHERE name = 'head' AND (key_fingerprint = $2 OR seq = 0)",
    );
    pub(super) const NEXT: Statement = Statement::both(
        "SELECT seq, at, actor_id, act, target_kind, target_id, detail, mac FROM audit WHERE seq > $1 \
         ORDER BY seq LIMIT $2",
    );
    pub(super) const LIST: Statement = Statement::both(
        "SELECT seq, at, actor_id, act, target_kind, target_id, detail, mac FROM audit WHERE seq < $1 \
         ORDER BY seq DESC LIMIT $2",
    );
    pub(super) const LIST_ACT: Statement = Statement::both(
        "SELECT seq, at, actor_id, act, target_kind, target_id, detail, mac FROM audit \
         WHERE act = $3 AND seq < $1 ORDER BY seq DESC LIMIT $2",
    );
    pub(super) const LIST_ACTOR: Statement = Statement::both(
        "SELECT seq, at, actor_id, act, target_kind, target_id, detail, mac FROM audit \
         WHERE actor_id = $3 AND seq < $1 AND ($4 = '' OR act = $4) ORDER BY seq DESC LIMIT $2",
    );
    pub(super) const LIST_TARGET: Statement = Statement::both(
        "SELECT seq, at, actor_id, act, target_kind, target_id, detail, mac FROM audit \
         WHERE target_kind = $3 AND target_id = $4 AND seq < $1 AND ($5 = '' OR act = $5) \
         ORDER BY seq DESC LIMIT $2",
    );
    pub(in crate::store) const ALL: &[Statement] =
        &[LOCK, HEAD, ADD, MOVE, FINGERPRINT, NOTE, NEXT, LIST, LIST_ACT, LIST_ACTOR, LIST_TARGET];
}

per_engine! {
    with at;
    use {
        use super::{Entry, Filter, Head, Prepared, sql};
        use crate::store::Error;
    }

    /// Adds an entry in the caller's transaction: the act and its entry are kept together or not at
    /// all. Call it after the act and before events are added. On `PostgreSQL` others who add an entry
    /// wait from here to the commit.
    pub(crate) async fn append(conn: &mut Conn, it: &Prepared) -> Result<i64, Error> {
        // Who acts on a case holds the feed already: all take it before the trail.
        at::events::lock(&mut *conn).await?;
        let head: Head = sqlx::query_as(sql::LOCK.on(ENGINE)).fetch_one(&mut *conn).await?;
        let entry = it.chain(&head)?;
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(entry.seq)
            .bind(entry.at)
            .bind(entry.actor_id)
            .bind(&entry.act)
            .bind(&entry.target_kind)
            .bind(&entry.target_id)
            .bind(&entry.detail)
            .bind(&entry.mac)
            .execute(&mut *conn)
            .await?;
        sqlx::query(sql::MOVE.on(ENGINE)).bind(entry.seq).bind(&entry.mac).execute(conn).await?;
        Ok(entry.seq)
    }

    /// The end of the chain.
    pub(crate) async fn head(conn: &mut Conn) -> Result<Head, Error> {
        Ok(sqlx::query_as(sql::HEAD.on(ENGINE)).fetch_one(conn).await?)
    }

    /// Which key the chain is made with; empty: none yet.
    pub(crate) async fn fingerprint(conn: &mut Conn) -> Result<Vec<u8>, Error> {
        let (found,) = sqlx::query_as(sql::FINGERPRINT.on(ENGINE)).fetch_one(conn).await?;
        Ok(found)
    }

    /// Notes the key where there is no entry yet; gives the one that is noted then.
    pub(crate) async fn note_key(conn: &mut Conn, fingerprint: Vec<u8>) -> Result<Vec<u8>, Error> {
        sqlx::query(sql::NOTE.on(ENGINE)).bind(fingerprint).bind(Vec::<u8>::new()).execute(&mut *conn).await?;
        self::fingerprint(conn).await
    }

    /// Some entries behind `after`, oldest first.
    pub(crate) async fn next(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Entry>, Error> {
        Ok(sqlx::query_as(sql::NEXT.on(ENGINE)).bind(after).bind(limit).fetch_all(conn).await?)
    }

    /// Some entries, newest first.
    pub(crate) async fn list(conn: &mut Conn, filter: Filter, limit: i64) -> Result<Vec<Entry>, Error> {
        let before = filter.before.unwrap_or(i64::MAX);
        let act = filter.act.unwrap_or_default();
        let found = match (filter.target, filter.actor_id) {
            (Some((kind, id)), _) => {
                sqlx::query_as(sql::LIST_TARGET.on(ENGINE))
                    .bind(before)
                    .bind(limit)
                    .bind(kind)
                    .bind(id)
                    .bind(act)
                    .fetch_all(conn)
                    .await?
            }
            (None, Some(actor)) => {
                sqlx::query_as(sql::LIST_ACTOR.on(ENGINE))
                    .bind(before)
                    .bind(limit)
                    .bind(actor)
                    .bind(act)
                    .fetch_all(conn)
                    .await?
            }
            (None, None) if act.is_empty() => {
                sqlx::query_as(sql::LIST.on(ENGINE)).bind(before).bind(limit).fetch_all(conn).await?
            }
            (None, None) => {
                sqlx::query_as(sql::LIST_ACT.on(ENGINE))
                    .bind(before)
                    .bind(limit)
                    .bind(act)
                    .fetch_all(conn)
                    .await?
            }
        };
        Ok(found)
    }
}

impl Prepared {
    /// When it happens, Unix ms.
    pub(crate) fn at(&self) -> i64 {
        self.new.at.0
    }

    /// The account that acts.
    pub(crate) fn actor_id(&self) -> Option<Uuid> {
        self.new.actor_id
    }

    /// The same about another target: one that is known only after the act.
    #[must_use]
    pub fn about(mut self, target_id: impl Into<String>) -> Self {
        self.new.target_id = target_id.into();
        self
    }

    /// The entry that follows `head`.
    fn chain(&self, head: &Head) -> Result<Entry, Error> {
        let key = self.key.as_ref().ok_or_else(no_key)?;
        let new = &self.new;
        let mut entry = Entry {
            seq: head.seq + 1,
            at: new.at.0,
            actor_id: new.actor_id,
            act: new.act.to_owned(),
            target_kind: new.target_kind.to_owned(),
            target_id: new.target_id.clone(),
            detail: new.detail.to_string(),
            mac: Vec::new(),
        };
        entry.mac = key.mac(&head.mac, &entry)?;
        Ok(entry)
    }
}

impl Store {
    /// An entry that can be added in a transaction.
    pub fn prepare_audit(&self, new: New) -> Prepared {
        Prepared { key: self.audit_key(), new }
    }

    /// Adds an entry alone: an act that changes nothing else, such as a look. Gives its number.
    ///
    /// # Errors
    /// The database can't be written: then what is to be logged must not happen.
    pub async fn add_audit(&self, new: New) -> Result<i64, Error> {
        let prepared = self.prepare_audit(new);
        in_write_tx!(self, conn => at::audit::append(conn, &prepared))
    }

    /// Entries, newest first.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_audit(&self, filter: &Filter, limit: u32) -> Result<Vec<Entry>, Error> {
        let filter = filter.clone();
        on_pool!(self, conn => at::audit::list(conn, filter, i64::from(limit)))
    }

    /// The end of the chain.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn get_audit_head(&self) -> Result<Head, Error> {
        on_pool!(self, conn => at::audit::head(conn))
    }

    /// Reads the whole chain and compares it with its key and with heads that were exported.
    ///
    /// # Errors
    /// The database can't be read, or was opened without the key.
    pub async fn verify_audit(&self, heads: &[Head]) -> Result<Check, Error> {
        let key = self.audit_key().ok_or_else(no_key)?;
        // First, so that what is added meanwhile is no flaw.
        let end = self.get_audit_head().await?;
        // One number may have been exported twice with another entry: before and after an old copy.
        let mut exported: BTreeMap<i64, Vec<&Head>> = BTreeMap::new();
        for head in heads {
            exported.entry(head.seq).or_default().push(head);
        }
        let mut check = Check { entries: 0, heads: 0, flaw: None, head: Head { seq: 0, mac: Vec::new() } };
        // Old entries may have been removed for their age.
        match self.beginning(&key).await? {
            Some(head) => check.head = head,
            None => {
                check.flaw = Some((1, Flaw::Gap));
                return Ok(check);
            }
        }
        loop {
            let after = check.head.seq;
            let entries = on_pool!(self, conn => at::audit::next(conn, after, CHUNK))?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                let expected = check.head.seq + 1;
                if entry.seq != expected {
                    check.flaw = Some((expected, Flaw::Gap));
                } else if key.mac(&check.head.mac, &entry)? != entry.mac
                    || (entry.seq == end.seq && entry.mac != end.mac)
                {
                    check.flaw = Some((expected, Flaw::Changed));
                } else if let Some(heads) = exported.get(&entry.seq) {
                    check.heads += heads.len() as i64;
                    if heads.iter().any(|it| it.mac != entry.mac) {
                        check.flaw = Some((expected, Flaw::OtherHistory));
                    }
                }
                if check.flaw.is_some() {
                    return Ok(check);
                }
                check.entries += 1;
                check.head = Head { seq: entry.seq, mac: entry.mac };
            }
        }
        let last = exported.keys().next_back().copied().unwrap_or(0).max(end.seq);
        if last > check.head.seq {
            check.flaw = Some((check.head.seq + 1, Flaw::Cut));
        }
        Ok(check)
    }

    /// Makes sure that the chain of this database is made with this key, and notes it in a new one.
    pub(super) async fn check_audit_key(&self, key: &AuditKey) -> Result<(), OpenError> {
        let own = key.fingerprint()?;
        if self.note_audit_key(own.clone()).await? == own {
            return Ok(());
        }
        Err(OpenError::Keys(
            "the audit trail of this database was made with another key. Put back the file that belongs to it."
                .to_owned(),
        ))
    }

    async fn note_audit_key(&self, fingerprint: Vec<u8>) -> Result<Vec<u8>, Error> {
        in_write_tx!(self, conn => at::audit::note_key(conn, fingerprint))
    }

    /// Whether this database has a trail already, so that its key can't be made anew.
    pub(super) async fn has_audit(&self) -> Result<bool, Error> {
        Ok(self.get_audit_head().await?.seq > 0)
    }
}
