//! Taking messages that are due: what may go next, and whose it is.

use uuid::Uuid;

use super::{ClaimedRow, Row};
use crate::channels::render::Rendered;
use crate::domain::purpose::Purpose;
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store, contacts};

/// A message that may be claimed: what the pace and the quiet hours ask of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub contact_id: Uuid,
    /// What it is for.
    pub purpose: Purpose,
    /// Key of the municipality that it is about.
    pub municipality: Option<String>,
}

/// A row of [`Due`].
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct DueRow {
    pub(crate) id: Uuid,
    contact_id: Uuid,
    purpose: String,
    municipality: Option<String>,
}

/// A message that a worker has claimed.
#[derive(Clone)]
pub struct Claimed {
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub contact_id: Uuid,
    /// Number of this attempt, from 1.
    pub attempt: i64,
    /// How many earlier attempts the gateway turned down.
    pub tries: i64,
    /// What it is for.
    pub purpose: Purpose,
    /// The gateway that a person chose.
    pub through: Option<String>,
    /// To which address and what; an error where the row was damaged or tampered with.
    pub content: Result<(contacts::Contact, Rendered), Error>,
    /// The gateway's id of the message that this one replaces, where it replaces one.
    pub edits: Option<String>,
    /// When it was written.
    pub created_at: UnixMillis,
    /// From when on it is worth sending for a day.
    pub worth_from: UnixMillis,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;
    use crate::store::outbox::columns;

    /// Lanes before each other. Within one, a contact's messages keep their order: one waits for an
    /// earlier one that is due or under way, and for one that is retried until it waited long enough
    /// itself (`$3`). `SQLite` uses a partial index only where the statement repeats its condition word
    /// by word. `PostgreSQL` would turn the inner question into a join, which without fresh statistics
    /// compares every two messages; `OFFSET` keeps it a look into the index for each message.
    pub(crate) const DUE: Statement = Statement::both(
        "SELECT o.id, o.contact_id, o.purpose, o.municipality FROM outbox AS o \
         WHERE o.state = 'queued' AND o.channel_id = $1 AND o.not_before <= $2 \
         AND NOT EXISTS (SELECT 1 FROM outbox AS e WHERE e.contact_id = o.contact_id AND e.id < o.id \
         AND e.way = 'push' AND e.state IN ('queued', 'claimed', 'dispatched') AND e.lane = o.lane \
         AND (e.state <> 'queued' OR e.not_before <= $2 OR (e.attempt > 0 AND o.not_before > $3)) \
         LIMIT 1 OFFSET 0) ORDER BY o.lane, o.not_before, o.id LIMIT $4",
    );
    /// `$1` is an array of ids in hexadecimal. What another worker holds is left to it.
    pub(crate) const CLAIM: Statement = Statement::fork(
        concat!(
            "UPDATE outbox SET state = 'claimed', attempt = attempt + 1, lease_until = $3, updated_at = $2 \
             WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND state = 'queued' AND not_before <= $2 \
             RETURNING ",
            columns!()
        ),
        concat!(
            "WITH picked AS MATERIALIZED (SELECT id AS one FROM outbox WHERE id IN \
             (SELECT it::uuid FROM jsonb_array_elements_text($1::jsonb) AS e(it)) AND state = 'queued' \
             AND not_before <= $2 ORDER BY id FOR UPDATE SKIP LOCKED) \
             UPDATE outbox SET state = 'claimed', attempt = attempt + 1, lease_until = $3, updated_at = $2 \
             FROM picked WHERE outbox.id = picked.one RETURNING ",
            columns!()
        ),
    );
    /// The contacts of claimed messages; `$1` as above.
    pub(crate) const CONTACTS: Statement = Statement::fork(
        "SELECT id, channel_id, address_value, key_version, stopped_at, gone_at, noticed_version, \
         last_message_at FROM contacts WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        "SELECT id, channel_id, address_value, key_version, stopped_at, gone_at, noticed_version, \
         last_message_at FROM contacts WHERE id IN \
         (SELECT it::uuid FROM jsonb_array_elements_text($1::jsonb) AS e(it))",
    );
    /// A claim whose worker never called the gateway goes back to the queue.
    pub(crate) const RECLAIM: Statement = Statement::both(
        "UPDATE outbox SET state = 'queued', lease_until = NULL, updated_at = $1 \
         WHERE state IN ('claimed', 'dispatched') AND state = 'claimed' AND lease_until <= $1",
    );
    /// The question of ours whose button was pressed to get this reply. A pressed answer stays as it
    /// is: its figures would be lost.
    pub(crate) const EDITS: Statement = Statement::both(
        "SELECT asked.provider_id FROM outbox AS reply JOIN inbox ON inbox.id = reply.inbox_id \
         JOIN outbox AS asked ON asked.contact_id = $1 AND asked.provider_id = inbox.pressed \
         AND asked.kind = 'question' WHERE reply.id = $2 LIMIT 1",
    );
    /// `$1` is an array of `[id in hexadecimal, attempt]`.
    pub(crate) const EXTEND: Statement = Statement::fork(
        "UPDATE outbox SET lease_until = $2 FROM json_each($1) AS j WHERE outbox.id = unhex(j.value ->> 0) \
         AND outbox.attempt = j.value ->> 1 AND outbox.state IN ('claimed', 'dispatched')",
        "UPDATE outbox SET lease_until = $2 FROM jsonb_array_elements($1::jsonb) AS e(j) \
         WHERE outbox.id = (j ->> 0)::uuid AND outbox.attempt = (j ->> 1)::bigint \
         AND outbox.state IN ('claimed', 'dispatched')",
    );
    /// `$1` is an array of `[id in hexadecimal, instant]`.
    pub(crate) const DEFER: Statement = Statement::fork(
        "UPDATE outbox SET not_before = j.value ->> 1, due_at = j.value ->> 1, updated_at = $2 \
         FROM json_each($1) AS j WHERE outbox.id = unhex(j.value ->> 0) AND outbox.state = 'queued'",
        "UPDATE outbox SET not_before = (j ->> 1)::bigint, due_at = (j ->> 1)::bigint, updated_at = $2 \
         FROM jsonb_array_elements($1::jsonb) AS e(j) WHERE outbox.id = (j ->> 0)::uuid \
         AND outbox.state = 'queued'",
    );
    /// Gives a claim back: the next attempt begins at `$3`.
    pub(crate) const RELEASE: Statement = Statement::both(
        "UPDATE outbox SET state = 'queued', not_before = $3, lease_until = NULL, updated_at = $4 \
         WHERE id = $1 AND attempt = $2 AND state = 'claimed'",
    );
    pub(crate) const NEXT: Statement =
        Statement::both("SELECT CAST(MIN(not_before) AS BIGINT) FROM outbox WHERE state = 'queued'");
    pub(crate) const CHANNELS: Statement =
        Statement::both("SELECT DISTINCT channel_id FROM outbox WHERE state = 'queued'");
    pub(crate) const ALL: &[Statement] =
        &[DUE, CLAIM, CONTACTS, RECLAIM, EDITS, EXTEND, DEFER, RELEASE, NEXT, CHANNELS];
}

per_engine! {
    use {
        use super::{DueRow, sql};
        use crate::store::outbox::{ClaimedRow, LEASE, Row, WAITS_FOR_RETRY, ids_json, pairs_json};
        use crate::store::{Error, contacts};
        use std::collections::HashMap;
        use uuid::Uuid;
    }

    /// Messages of a channel that may go now, in the order in which they should.
    pub(crate) async fn due(
        conn: &mut Conn,
        channel_id: String,
        now: i64,
        limit: i64,
    ) -> Result<Vec<DueRow>, Error> {
        Ok(sqlx::query_as(sql::DUE.on(ENGINE))
            .bind(channel_id)
            .bind(now)
            .bind(now - WAITS_FOR_RETRY)
            .bind(limit)
            .fetch_all(conn)
            .await?)
    }

    /// Claims these messages as far as they still wait; in the order given.
    pub(crate) async fn claim(conn: &mut Conn, ids: Vec<Uuid>, now: i64) -> Result<Vec<ClaimedRow>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let places: HashMap<Uuid, usize> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        let mut rows: Vec<Row> = sqlx::query_as(sql::CLAIM.on(ENGINE))
            .bind(ids_json(ids.iter().copied()))
            .bind(now)
            .bind(now + LEASE)
            .fetch_all(&mut *conn)
            .await?;
        rows.sort_by_key(|row| places.get(&row.id).copied());
        let found: Vec<contacts::Row> = sqlx::query_as(sql::CONTACTS.on(ENGINE))
            .bind(ids_json(rows.iter().map(|row| row.contact_id)))
            .fetch_all(&mut *conn)
            .await?;
        let contacts: HashMap<Uuid, contacts::Row> = found.into_iter().map(|it| (it.id, it)).collect();
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            let contact = contacts.get(&row.contact_id).cloned().ok_or(Error::NotFound)?;
            let edits: Option<(Option<String>,)> = if row.edit {
                sqlx::query_as(sql::EDITS.on(ENGINE))
                    .bind(row.contact_id)
                    .bind(row.id)
                    .fetch_optional(&mut *conn)
                    .await?
            } else {
                None
            };
            claimed.push((row, contact, edits.and_then(|(id,)| id)));
        }
        Ok(claimed)
    }

    /// Claims what is due on a channel, after claims that lapsed were put back.
    pub(crate) async fn claim_due(
        conn: &mut Conn,
        channel_id: String,
        now: i64,
        limit: i64,
    ) -> Result<Vec<ClaimedRow>, Error> {
        reclaim(conn, now).await?;
        let ids = due(conn, channel_id, now, limit).await?.into_iter().map(|it| it.id).collect();
        claim(conn, ids, now).await
    }

    /// Puts claims back whose worker did not come back in time.
    pub(crate) async fn reclaim(conn: &mut Conn, now: i64) -> Result<u64, Error> {
        Ok(sqlx::query(sql::RECLAIM.on(ENGINE)).bind(now).execute(conn).await?.rows_affected())
    }

    /// Keeps the leases of attempts that are under way.
    pub(crate) async fn extend(conn: &mut Conn, held: Vec<(Uuid, i64)>, now: i64) -> Result<(), Error> {
        let held = pairs_json(&held);
        sqlx::query(sql::EXTEND.on(ENGINE)).bind(held).bind(now + LEASE).execute(conn).await?;
        Ok(())
    }

    /// Puts off what waits.
    pub(crate) async fn defer(conn: &mut Conn, put_off: Vec<(Uuid, i64)>, now: i64) -> Result<(), Error> {
        let put_off = pairs_json(&put_off);
        sqlx::query(sql::DEFER.on(ENGINE)).bind(put_off).bind(now).execute(conn).await?;
        Ok(())
    }

    /// Gives a claim back.
    pub(crate) async fn release(
        conn: &mut Conn,
        id: Uuid,
        attempt: i64,
        until: i64,
        now: i64,
    ) -> Result<(), Error> {
        sqlx::query(sql::RELEASE.on(ENGINE))
            .bind(id)
            .bind(attempt)
            .bind(until)
            .bind(now)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// When the next queued message is due.
    pub(crate) async fn next(conn: &mut Conn) -> Result<Option<i64>, Error> {
        let (next,) = sqlx::query_as(sql::NEXT.on(ENGINE)).fetch_one(conn).await?;
        Ok(next)
    }

    /// The channels that have anything queued.
    pub(crate) async fn channels(conn: &mut Conn) -> Result<Vec<String>, Error> {
        let rows: Vec<(String,)> = sqlx::query_as(sql::CHANNELS.on(ENGINE)).fetch_all(conn).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}

impl Store {
    /// At most `limit` messages of a channel that may go now, in the order in which they should:
    /// replies, news, the rest; each contact's in order.
    pub async fn list_due(&self, channel_id: &str, now: UnixMillis, limit: u32) -> Result<Vec<Due>, Error> {
        let rows = self.due_rows(channel_id.to_owned(), now, limit).await?;
        let due = rows.into_iter().map(|row| Due {
            id: row.id,
            contact_id: row.contact_id,
            purpose: row.purpose.parse().unwrap_or(Purpose::Broadcast),
            municipality: row.municipality,
        });
        Ok(due.collect())
    }

    async fn due_rows(&self, channel_id: String, now: UnixMillis, limit: u32) -> Result<Vec<DueRow>, Error> {
        on_pool!(self, conn => at::claims::due(conn, channel_id, now.0, i64::from(limit)))
    }

    /// Claims those of these messages that still wait, for [`super::LEASE`].
    pub async fn claim_these(&self, ids: Vec<Uuid>, now: UnixMillis) -> Result<Vec<Claimed>, Error> {
        let rows = self.claim_rows(ids, now).await?;
        Ok(rows.into_iter().map(|row| self.open_claimed(row)).collect())
    }

    async fn claim_rows(&self, ids: Vec<Uuid>, now: UnixMillis) -> Result<Vec<ClaimedRow>, Error> {
        in_write_tx!(self, conn => at::claims::claim(conn, ids, now.0))
    }

    /// Claims at most `limit` messages of a channel that are due, whatever the pace.
    pub async fn claim_outbound(
        &self,
        channel_id: &str,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Claimed>, Error> {
        let rows = self.claim_due_rows(channel_id.to_owned(), now, limit).await?;
        Ok(rows.into_iter().map(|row| self.open_claimed(row)).collect())
    }

    async fn claim_due_rows(
        &self,
        channel_id: String,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<ClaimedRow>, Error> {
        in_write_tx!(self, conn => at::claims::claim_due(conn, channel_id, now.0, i64::from(limit)))
    }

    fn open_claimed(&self, (row, contact, edits): ClaimedRow) -> Claimed {
        let Row { id, contact_id, attempt, tries, .. } = row;
        Claimed {
            id,
            contact_id,
            attempt,
            tries,
            purpose: row.purpose(),
            through: row.through.clone(),
            content: self.open_contact(contact).and_then(|contact| Ok((contact, row.rendered(self)?))),
            edits,
            created_at: UnixMillis(row.created_at),
            worth_from: row.worth_from(),
        }
    }

    /// Keeps the leases of attempts (message and number) that are under way.
    pub async fn extend_outbound(&self, held: Vec<(Uuid, i64)>, now: UnixMillis) -> Result<(), Error> {
        in_write_tx!(self, conn => at::claims::extend(conn, held, now.0))
    }

    /// Puts queued messages off until these instants; a day of being worth it begins there.
    pub async fn defer_outbound(
        &self,
        put_off: Vec<(Uuid, UnixMillis)>,
        now: UnixMillis,
    ) -> Result<(), Error> {
        let put_off = put_off.into_iter().map(|(id, until)| (id, until.0)).collect();
        in_write_tx!(self, conn => at::claims::defer(conn, put_off, now.0))
    }

    /// Gives a claim back that can't be used now; the next attempt begins at `until`.
    pub async fn release_outbound(
        &self,
        id: Uuid,
        attempt: i64,
        until: UnixMillis,
        now: UnixMillis,
    ) -> Result<(), Error> {
        in_write_tx!(self, conn => at::claims::release(conn, id, attempt, until.0, now.0))
    }

    /// When the next queued message is due.
    pub async fn next_outbound(&self) -> Result<Option<UnixMillis>, Error> {
        let next = self.next_row().await?;
        Ok(next.map(UnixMillis))
    }

    async fn next_row(&self) -> Result<Option<i64>, Error> {
        on_pool!(self, conn => at::claims::next(conn))
    }

    /// The channels that have anything queued.
    pub async fn list_queued_channels(&self) -> Result<Vec<String>, Error> {
        on_pool!(self, conn => at::claims::channels(conn))
    }
}
