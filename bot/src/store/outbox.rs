//! The outbox: every message to a contact, and how far it got.
//!
//! `queued -> claimed -> dispatched -> accepted -> delivered`; `unknown` where the gateway's answer
//! was lost; a retry opens the next attempt. An update names the attempt it belongs to, so a worker
//! whose lease lapsed changes nothing any more.

use uuid::Uuid;

use super::batch::Op;
use super::{Error, Store, contacts};
use crate::channels::render::{Choice, Rendered, ReplyKind};
use crate::domain::time::UnixMillis;

/// How long a claimed or dispatched message belongs to its worker, ms.
pub const LEASE: i64 = 60_000;

/// A reply to be kept.
#[derive(Clone)]
pub struct NewReply {
    /// Its id.
    pub id: Uuid,
    /// What it says.
    pub rendered: Rendered,
}

/// A reply that was kept for the answer to a request.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredReply {
    /// Its id.
    pub id: Uuid,
    /// What it says.
    pub rendered: Rendered,
}

impl std::fmt::Debug for StoredReply {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "StoredReply {{ id: {}, .. }}", self.id)
    }
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
    /// To which address and what; an error where the row was damaged or tampered with.
    pub content: Result<(contacts::Contact, Rendered), Error>,
    /// The gateway's id of the message that this one replaces, where it replaces one.
    pub edits: Option<String>,
    /// When it was written.
    pub created_at: UnixMillis,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The gateway took it; its id, where it gives one.
    Accepted(Option<String>),
    /// To be tried again at this instant.
    Retry(UnixMillis, String),
    /// It will not be sent; the reason's code.
    Failed(String),
    /// Nobody knows whether the gateway took it.
    Unknown,
    /// The person left the channel: nothing more is sent there.
    Gone,
}

/// What a gateway reports of a message that it had taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is on the person's phone.
    Delivered,
    /// It will not arrive.
    Failed,
}

/// A row of `outbox`.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Row {
    id: Uuid,
    contact_id: Uuid,
    kind: String,
    body: String,
    choices: String,
    municipality: Option<String>,
    edit: bool,
    segments: i64,
    attempt: i64,
    created_at: i64,
}

/// A claimed row and what belongs to it.
pub(crate) type ClaimedRow = (Row, contacts::Row, Option<String>);

impl Row {
    fn rendered(&self) -> Result<Rendered, Error> {
        let damaged = |what| Error::Other(format!("the {what} of message {} can't be read", self.id));
        let kind: ReplyKind = serde_json::from_value(serde_json::Value::String(self.kind.clone()))
            .map_err(|_| damaged("kind"))?;
        let choices: Vec<Choice> = serde_json::from_str(&self.choices).map_err(|_| damaged("choices"))?;
        Ok(Rendered {
            kind,
            text: self.body.clone(),
            municipality: self.municipality.clone(),
            choices,
            edit: self.edit,
            segments: u32::try_from(self.segments).unwrap_or(1),
        })
    }
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    // The replies to one message go out in their order: a later one waits for the earlier ones.
    // SQLite uses a partial index only where the statement repeats its condition word by word.
    macro_rules! claim {
        ($lock:literal) => {
            concat!(
                "UPDATE outbox SET state = 'claimed', attempt = attempt + 1, lease_until = $2, updated_at = $1 ",
                "WHERE id IN (SELECT o.id FROM outbox AS o WHERE o.state = 'queued' AND o.not_before <= $1 ",
                "AND NOT EXISTS (SELECT 1 FROM outbox AS e WHERE e.inbox_id = o.inbox_id ",
                "AND e.ordinal < o.ordinal AND e.state IN ('queued', 'claimed', 'dispatched')) ",
                "ORDER BY o.id LIMIT $3",
                $lock,
                ") RETURNING id, contact_id, kind, body, choices, municipality, edit, segments, attempt, created_at"
            )
        };
    }
    pub(super) const CLAIM: Statement = Statement::fork(claim!(""), claim!(" FOR UPDATE OF o SKIP LOCKED"));
    /// A claim whose worker never called the gateway goes back to the queue.
    pub(super) const RECLAIM: Statement = Statement::both(
        "UPDATE outbox SET state = 'queued', not_before = $1, lease_until = NULL, updated_at = $1 \
         WHERE state IN ('claimed', 'dispatched') AND state = 'claimed' AND lease_until <= $1",
    );
    /// The question of ours whose button was pressed to get this reply. A pressed answer stays as it
    /// is: its figures would be lost.
    pub(super) const EDITS: Statement = Statement::both(
        "SELECT asked.provider_id FROM outbox AS reply JOIN inbox ON inbox.id = reply.inbox_id \
         JOIN outbox AS asked ON asked.contact_id = $1 AND asked.provider_id = inbox.pressed \
         AND asked.kind = 'question' WHERE reply.id = $2 LIMIT 1",
    );
    pub(super) const DISPATCH: Statement = Statement::both(
        "UPDATE outbox SET state = 'dispatched', lease_until = $3, updated_at = $4 \
         WHERE id = $1 AND attempt = $2 AND state = 'claimed'",
    );
    pub(super) const SETTLE: Statement = Statement::both(
        "UPDATE outbox SET state = $3, provider_id = COALESCE($4, provider_id), failure = $5, \
         not_before = COALESCE($6, not_before), lease_until = NULL, updated_at = $7 \
         WHERE id = $1 AND attempt = $2 AND state IN ('claimed', 'dispatched', 'unknown') \
         RETURNING contact_id, inbox_id",
    );
    /// Being on the phone is the end: it wins over whatever we believed, and stops a repeat.
    pub(super) const DELIVERED: Statement = Statement::both(
        "UPDATE outbox SET state = 'delivered', failure = NULL, lease_until = NULL, updated_at = $3 \
         WHERE id = $1 AND way = 'push' AND attempt > 0 AND state <> 'delivered' \
         AND contact_id IN (SELECT id FROM contacts WHERE channel_id = $2) RETURNING contact_id, inbox_id",
    );
    pub(super) const UNDELIVERED: Statement = Statement::both(
        "UPDATE outbox SET state = 'failed', failure = 'reported', lease_until = NULL, updated_at = $3 \
         WHERE id = $1 AND way = 'push' AND state IN ('dispatched', 'unknown', 'accepted') \
         AND contact_id IN (SELECT id FROM contacts WHERE channel_id = $2) RETURNING contact_id, inbox_id",
    );
    pub(super) const CANCEL: Statement = Statement::both(
        "UPDATE outbox SET state = 'cancelled', lease_until = NULL, updated_at = $2 \
         WHERE contact_id = $1 AND state IN ('queued', 'claimed')",
    );
    pub(super) const LAPSE: Statement = Statement::both(
        "UPDATE outbox SET state = 'unknown', lease_until = NULL, updated_at = $1 \
         WHERE state IN ('claimed', 'dispatched') AND state = 'dispatched' AND lease_until <= $1 \
         RETURNING id, contact_id, inbox_id",
    );
    pub(super) const UNWRITTEN: Statement = Statement::both(
        "SELECT id, contact_id, kind, body, choices, municipality, edit, segments, attempt, created_at FROM outbox \
         WHERE inbox_id = $1 AND way = 'answer' AND state IN ('dispatched', 'unknown') ORDER BY ordinal",
    );
    pub(super) const STATES: Statement =
        Statement::both("SELECT state, COUNT(*) FROM outbox GROUP BY state ORDER BY state");
    pub(super) const NEXT: Statement =
        Statement::both("SELECT CAST(MIN(not_before) AS BIGINT) FROM outbox WHERE state = 'queued'");
    pub(in crate::store) const ALL: &[Statement] = &[
        CLAIM,
        RECLAIM,
        EDITS,
        DISPATCH,
        SETTLE,
        DELIVERED,
        UNDELIVERED,
        CANCEL,
        LAPSE,
        UNWRITTEN,
        STATES,
        NEXT,
    ];
}

per_engine! {
    with at;
    use {
        use super::{Arrival, ClaimedRow, LEASE, Row, Settled, sql};
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// Claims messages that are due, oldest first.
    pub(crate) async fn claim(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<ClaimedRow>, Error> {
        sqlx::query(sql::RECLAIM.on(ENGINE)).bind(now).execute(&mut *conn).await?;
        let mut rows: Vec<Row> = sqlx::query_as(sql::CLAIM.on(ENGINE))
            .bind(now)
            .bind(now + LEASE)
            .bind(limit)
            .fetch_all(&mut *conn)
            .await?;
        // RETURNING has no order.
        rows.sort_by_key(|row| row.id);
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            let contact = at::contacts::get(conn, row.contact_id).await?;
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

    /// Notes that the gateway is about to be called; `false` if the claim was lost.
    pub(crate) async fn dispatch(conn: &mut Conn, id: Uuid, attempt: i64, now: i64) -> Result<bool, Error> {
        let done = sqlx::query(sql::DISPATCH.on(ENGINE))
            .bind(id)
            .bind(attempt)
            .bind(now + LEASE)
            .bind(now)
            .execute(conn)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes how an attempt ended; `false` if it is no longer the message's attempt.
    pub(crate) async fn settle(
        conn: &mut Conn,
        id: Uuid,
        attempt: i64,
        settled: Settled,
        now: i64,
    ) -> Result<bool, Error> {
        let (state, provider_id, failure, not_before) = match &settled {
            Settled::Accepted(provider_id) => ("accepted", provider_id.clone(), None, None),
            Settled::Retry(at, reason) => ("queued", None, Some(reason.clone()), Some(at.0)),
            Settled::Failed(reason) => ("failed", None, Some(reason.clone()), None),
            Settled::Unknown => ("unknown", None, Some("no_answer".to_owned()), None),
            Settled::Gone => ("failed", None, Some("gone".to_owned()), None),
        };
        let row: Option<(Uuid, Option<Uuid>)> = sqlx::query_as(sql::SETTLE.on(ENGINE))
            .bind(id)
            .bind(attempt)
            .bind(state)
            .bind(provider_id)
            .bind(failure)
            .bind(not_before)
            .bind(now)
            .fetch_optional(&mut *conn)
            .await?;
        let Some((contact_id, inbox_id)) = row else { return Ok(false) };
        let kind = match settled {
            Settled::Accepted(_) | Settled::Retry(..) => return Ok(true),
            Settled::Failed(_) => "send_failed",
            Settled::Unknown => "send_unknown",
            Settled::Gone => {
                at::contacts::gone(conn, contact_id, now).await?;
                sqlx::query(sql::CANCEL.on(ENGINE)).bind(contact_id).bind(now).execute(&mut *conn).await?;
                "contact_gone"
            }
        };
        let event =
            events::New { kind, contact_id: Some(contact_id), inbox_id, outbox_id: Some(id), at: now };
        at::events::add(conn, &[event]).await?;
        Ok(true)
    }

    /// Notes what a gateway of this channel reports; `false` if that changes nothing.
    pub(crate) async fn report(
        conn: &mut Conn,
        id: Uuid,
        channel_id: String,
        arrival: Arrival,
        now: i64,
    ) -> Result<bool, Error> {
        let (statement, kind) = match arrival {
            Arrival::Delivered => (sql::DELIVERED, "delivered"),
            Arrival::Failed => (sql::UNDELIVERED, "send_failed"),
        };
        let row: Option<(Uuid, Option<Uuid>)> = sqlx::query_as(statement.on(ENGINE))
            .bind(id)
            .bind(channel_id)
            .bind(now)
            .fetch_optional(&mut *conn)
            .await?;
        let Some((contact_id, inbox_id)) = row else { return Ok(false) };
        let event =
            events::New { kind, contact_id: Some(contact_id), inbox_id, outbox_id: Some(id), at: now };
        at::events::add(conn, &[event]).await?;
        Ok(true)
    }

    /// Dispatched messages whose worker never came back become unknown; gives how many.
    pub(crate) async fn lapse(conn: &mut Conn, now: i64) -> Result<usize, Error> {
        let rows: Vec<(Uuid, Uuid, Option<Uuid>)> =
            sqlx::query_as(sql::LAPSE.on(ENGINE)).bind(now).fetch_all(&mut *conn).await?;
        let happened: Vec<_> = rows
            .iter()
            .map(|(id, contact_id, inbox_id)| events::New {
                kind: "send_unknown",
                contact_id: Some(*contact_id),
                inbox_id: *inbox_id,
                outbox_id: Some(*id),
                at: now,
            })
            .collect();
        at::events::add(conn, &happened).await?;
        Ok(rows.len())
    }

    /// Replies kept for the answer to a request that were not written yet.
    pub(crate) async fn unwritten(conn: &mut Conn, inbox_id: Uuid) -> Result<Vec<Row>, Error> {
        Ok(sqlx::query_as(sql::UNWRITTEN.on(ENGINE)).bind(inbox_id).fetch_all(conn).await?)
    }

    /// How many messages are in each state.
    pub(crate) async fn states(conn: &mut Conn) -> Result<Vec<(String, i64)>, Error> {
        Ok(sqlx::query_as(sql::STATES.on(ENGINE)).fetch_all(conn).await?)
    }

    /// When the next queued message is due.
    pub(crate) async fn next(conn: &mut Conn) -> Result<Option<i64>, Error> {
        let (next,) = sqlx::query_as(sql::NEXT.on(ENGINE)).fetch_one(conn).await?;
        Ok(next)
    }
}

impl Store {
    /// Claims at most `limit` messages that are due, oldest first, for [`LEASE`].
    pub async fn claim_outbound(&self, now: UnixMillis, limit: u32) -> Result<Vec<Claimed>, Error> {
        let rows = self.claim_rows(now, limit).await?;
        let claimed = rows.into_iter().map(|(row, contact, edits)| Claimed {
            id: row.id,
            contact_id: row.contact_id,
            attempt: row.attempt,
            content: self.open_contact(contact).and_then(|contact| Ok((contact, row.rendered()?))),
            edits,
            created_at: UnixMillis(row.created_at),
        });
        Ok(claimed.collect())
    }

    async fn claim_rows(&self, now: UnixMillis, limit: u32) -> Result<Vec<ClaimedRow>, Error> {
        in_write_tx!(self, conn => at::outbox::claim(conn, now.0, i64::from(limit)))
    }

    /// Notes that the gateway is about to be called: committed before the call. `false`: the claim
    /// was lost, and the message must not be sent by this worker.
    pub async fn dispatch_outbound(&self, id: Uuid, attempt: i64, now: UnixMillis) -> Result<bool, Error> {
        in_write_tx!(self, conn => at::outbox::dispatch(conn, id, attempt, now.0))
    }

    /// Notes how an attempt ended; `false` (and no change) if another attempt has begun.
    pub async fn settle_outbound(
        &self,
        id: Uuid,
        attempt: i64,
        settled: Settled,
        now: UnixMillis,
    ) -> Result<bool, Error> {
        in_write_tx!(self, conn => at::outbox::settle(conn, id, attempt, settled, now.0))
    }

    /// Notes what the gateway of a channel reports of a message of ours that it had taken. `false`:
    /// nothing changed, since it is known already, or is no message that was sent on this channel.
    /// Reports come late, twice and in disorder, so `delivered` is final, whatever comes after it.
    pub async fn report_outbound(
        &self,
        id: Uuid,
        channel_id: &str,
        arrival: Arrival,
        now: UnixMillis,
    ) -> Result<bool, Error> {
        let channel_id = channel_id.to_owned();
        in_write_tx!(self, conn => at::outbox::report(conn, id, channel_id, arrival, now.0))
    }

    /// Dispatched messages whose worker did not come back in time become `unknown`: they may have
    /// been sent, so they are not sent again blindly. Gives how many.
    pub async fn lapse_outbound(&self, now: UnixMillis) -> Result<usize, Error> {
        in_write_tx!(self, conn => at::outbox::lapse(conn, now.0))
    }

    /// The replies to an in-the-answer message that were not written yet, in order.
    pub async fn list_unwritten(&self, inbox_id: Uuid) -> Result<Vec<StoredReply>, Error> {
        let rows = self.unwritten_rows(inbox_id).await?;
        rows.iter().map(|row| Ok(StoredReply { id: row.id, rendered: row.rendered()? })).collect()
    }

    async fn unwritten_rows(&self, inbox_id: Uuid) -> Result<Vec<Row>, Error> {
        on_pool!(self, conn => at::outbox::unwritten(conn, inbox_id))
    }

    /// Notes that the first `written` of these replies stand in an answer that was written whole
    /// (`accepted`); the rest is queued for a job.
    /// What is done for one `route` keeps its order.
    pub async fn update_written(
        &self,
        ids: Vec<Uuid>,
        written: usize,
        now: UnixMillis,
        route: &[u8],
    ) -> Result<(), Error> {
        self.run(Op::Written { ids, written, at: now }, route).await.map(|_| ())
    }

    /// [`Store::update_written`] in the next batch, without waiting for it: before a later operation of
    /// the same `route`. `false`: too much waits already, and nothing was noted.
    pub(crate) fn note_written(&self, ids: Vec<Uuid>, now: UnixMillis, route: &[u8]) -> bool {
        let written = ids.len();
        self.note(Op::Written { ids, written, at: now }, route).is_none()
    }

    /// How many messages are in each state that has any, by its name.
    pub async fn count_outbound(&self) -> Result<Vec<(String, i64)>, Error> {
        on_pool!(self, conn => at::outbox::states(conn))
    }

    /// When the next queued message is due.
    pub async fn next_outbound(&self) -> Result<Option<UnixMillis>, Error> {
        let next = self.next_row().await?;
        Ok(next.map(UnixMillis))
    }

    async fn next_row(&self) -> Result<Option<i64>, Error> {
        on_pool!(self, conn => at::outbox::next(conn))
    }
}
