//! Old entries of the trail are removed after some years. What is left begins behind the last one that was
//! removed, whose number and code are kept with a proof by the trail's key: whoever has no key can't move
//! the beginning.

use super::{AuditKey, Head, New};
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// Entries that are removed in one transaction.
const CHUNK: i64 = 1_000;

/// Where the trail begins, and the proof of it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Cut {
    pub(crate) seq: i64,
    pub(crate) mac: Vec<u8>,
    pub(crate) proof: Vec<u8>,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const FIND: Statement =
        Statement::both("SELECT seq, mac, proof FROM audit_cut WHERE name = 'cut'");
    pub(super) const SET: Statement = Statement::both(
        "INSERT INTO audit_cut (name, seq, mac, proof) VALUES ('cut', $1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, proof = excluded.proof",
    );
    /// The last of the oldest entries that is old enough; the newest one always stays.
    pub(super) const LAST: Statement = Statement::both(
        "SELECT seq, mac FROM (SELECT seq, mac, at FROM audit WHERE seq > $2 ORDER BY seq LIMIT $3) AS v \
         WHERE v.at < $1 AND v.seq < (SELECT seq FROM audit_head WHERE name = 'head') \
         ORDER BY v.seq DESC LIMIT 1",
    );
    pub(super) const DROP: Statement = Statement::both("DELETE FROM audit WHERE seq <= $1");
    pub(super) const COUNT: Statement = Statement::both(
        "SELECT COUNT(*) FROM audit WHERE at < $1 AND seq < (SELECT seq FROM audit_head WHERE name = 'head')",
    );
    pub(in crate::store) const ALL: &[Statement] = &[FIND, SET, LAST, DROP, COUNT];
}

per_engine! {
    with at;
    use {
        use super::super::Prepared;
        use super::{AuditKey, CHUNK, Cut, sql};
        use crate::store::Error;
    }

    /// Where the trail begins.
    pub(crate) async fn find(conn: &mut Conn) -> Result<Option<Cut>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).fetch_optional(conn).await?)
    }

    /// Removes some old entries and notes it in the trail; gives how many.
    pub(crate) async fn cut(
        conn: &mut Conn,
        key: &AuditKey,
        before: i64,
        note: Prepared,
    ) -> Result<i64, Error> {
        // Another process may cut at the same time: where it begins is read once nobody else can move it.
        at::events::lock(&mut *conn).await?;
        let from = find(&mut *conn).await?.map_or(0, |it| it.seq);
        let last: Option<(i64, Vec<u8>)> = sqlx::query_as(sql::LAST.on(ENGINE))
            .bind(before)
            .bind(from)
            .bind(CHUNK)
            .fetch_optional(&mut *conn)
            .await?;
        let Some((seq, mac)) = last else { return Ok(0) };
        let proof = key.proof(seq, &mac)?;
        at::audit::append(&mut *conn, &note.about(seq.to_string())).await?;
        let set = sqlx::query(sql::SET.on(ENGINE)).bind(seq).bind(mac).bind(proof);
        set.execute(&mut *conn).await?;
        sqlx::query(sql::DROP.on(ENGINE)).bind(seq).execute(conn).await?;
        Ok(seq - from)
    }

    /// How many entries are older.
    pub(crate) async fn count(conn: &mut Conn, before: i64) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::COUNT.on(ENGINE)).bind(before).fetch_one(conn).await?;
        Ok(count)
    }
}

impl Store {
    /// Counts entries of before an instant, and removes them where `end` says so.
    pub(in crate::store) async fn cut_audit(
        &self,
        before: UnixMillis,
        now: UnixMillis,
        end: bool,
    ) -> Result<u64, Error> {
        if !end {
            let count: i64 = on_pool!(self, conn => at::audit_cuts::count(conn, before.0))?;
            return Ok(count.unsigned_abs());
        }
        let mut removed = 0;
        loop {
            let key = self.audit_key().ok_or_else(super::no_key)?;
            let note = self.prepare_audit(New {
                actor_id: None,
                act: "audit_cut",
                target_kind: "audit",
                target_id: String::new(),
                detail: serde_json::json!({}),
                at: now,
            });
            let cut: i64 = in_write_tx!(self, conn => async move {
                at::audit_cuts::cut(conn, &key, before.0, note).await
            })?;
            if cut == 0 {
                return Ok(removed);
            }
            removed += cut.unsigned_abs();
        }
    }

    /// The entry behind which the trail begins; `None`: a proof does not fit.
    pub(super) async fn beginning(&self, key: &AuditKey) -> Result<Option<Head>, Error> {
        let cut: Option<Cut> = on_pool!(self, conn => at::audit_cuts::find(conn))?;
        let Some(cut) = cut else { return Ok(Some(Head { seq: 0, mac: Vec::new() })) };
        let fits = key.proof(cut.seq, &cut.mac)? == cut.proof;
        Ok(fits.then_some(Head { seq: cut.seq, mac: cut.mac }))
    }
}
