//! Keeping messages: replies, and what no message of a person caused.

use uuid::Uuid;

use super::{Row, StoredReply};
use crate::channels::render::Rendered;
use crate::domain::purpose::Purpose;
use crate::domain::time::UnixMillis;
use crate::store::batch::Op;
use crate::store::{Error, Store};

/// A message that no message of a person caused. `Debug` shows no text.
#[derive(Clone)]
pub struct NewOutbound {
    /// Its id.
    pub id: Uuid,
    /// To whom.
    pub contact_id: Uuid,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose money cap it counts for besides the day's.
    pub campaign: Option<String>,
    /// What it says.
    pub rendered: Rendered,
    /// It is not sent before.
    pub not_before: UnixMillis,
    /// When it was written.
    pub at: UnixMillis,
}

impl std::fmt::Debug for NewOutbound {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "NewOutbound {{ id: {}, purpose: {:?}, .. }}", self.id, self.purpose)
    }
}

/// A message as a row of the document that [`add_many`](sqlite::add_many) takes, sealed.
pub(crate) fn document_row(store: &Store, it: &NewOutbound) -> Result<serde_json::Value, Error> {
    let kind = serde_json::to_value(it.rendered.kind).map_err(unwritable)?;
    Ok(serde_json::json!({
        "id": it.id.simple().to_string(),
        "contact_id": it.contact_id.simple().to_string(),
        "kind": kind,
        "body": store.seal_body(it.id, &it.rendered)?,
        "choices": "[]",
        "municipality": it.rendered.municipality,
        "segments": it.rendered.segments,
        "purpose": it.purpose.code(),
        "lane": it.purpose.lane(),
        "campaign": it.campaign,
        "not_before": it.not_before.0,
        "at": it.at.0,
    }))
}

fn unwritable(_: serde_json::Error) -> Error {
    Error::Other("a message can't be written as JSON".to_owned())
}

/// Messages as one JSON document, sealed: one statement adds them all.
pub(crate) fn document(store: &Store, messages: &[NewOutbound]) -> Result<String, Error> {
    let rows = messages.iter().map(|it| document_row(store, it)).collect::<Result<Vec<_>, Error>>()?;
    serde_json::to_string(&rows).map_err(unwritable)
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;
    use crate::store::outbox::columns;

    /// Contacts that left get nothing; those that stopped get what they asked for.
    pub(crate) const ADD_MANY: Statement = Statement::fork(
        "INSERT INTO outbox (id, contact_id, ordinal, way, kind, body, choices, municipality, edit, state, \
         attempt, not_before, created_at, updated_at, segments, channel_id, purpose, lane, campaign, due_at) \
         SELECT unhex(j.value ->> 'id'), c.id, 0, 'push', j.value ->> 'kind', j.value ->> 'body', \
         j.value ->> 'choices', j.value ->> 'municipality', 0, 'queued', 0, j.value ->> 'not_before', \
         j.value ->> 'at', j.value ->> 'at', j.value ->> 'segments', c.channel_id, j.value ->> 'purpose', \
         j.value ->> 'lane', j.value ->> 'campaign', j.value ->> 'not_before' \
         FROM json_each($1) AS j CROSS JOIN contacts AS c ON c.id = unhex(j.value ->> 'contact_id') \
         WHERE c.gone_at IS NULL AND (c.stopped_at IS NULL OR j.value ->> 'purpose' IN ('reply', 'news')) \
         ON CONFLICT (id) DO NOTHING",
        "INSERT INTO outbox (id, contact_id, ordinal, way, kind, body, choices, municipality, edit, state, \
         attempt, not_before, created_at, updated_at, segments, channel_id, purpose, lane, campaign, due_at) \
         SELECT j.id, c.id, 0, 'push', j.kind, j.body, j.choices, j.municipality, FALSE, 'queued', 0, \
         j.not_before, j.at, j.at, j.segments, c.channel_id, j.purpose, j.lane, j.campaign, j.not_before \
         FROM json_to_recordset($1::json) AS j (id UUID, contact_id UUID, kind TEXT, body TEXT, choices TEXT, \
         municipality TEXT, segments BIGINT, purpose TEXT, lane BIGINT, campaign TEXT, not_before BIGINT, \
         at BIGINT) JOIN contacts AS c ON c.id = j.contact_id \
         WHERE c.gone_at IS NULL AND (c.stopped_at IS NULL OR j.purpose IN ('reply', 'news')) \
         ON CONFLICT (id) DO NOTHING",
    );
    pub(crate) const CANCEL: Statement = Statement::both(
        "UPDATE outbox SET state = 'cancelled', lease_until = NULL, updated_at = $2 \
         WHERE contact_id = $1 AND way = 'push' AND state IN ('queued', 'claimed', 'dispatched') \
         AND state <> 'dispatched'",
    );
    pub(crate) const CANCEL_UNASKED: Statement = Statement::both(
        "UPDATE outbox SET state = 'cancelled', lease_until = NULL, updated_at = $2 \
         WHERE contact_id = $1 AND way = 'push' AND state IN ('queued', 'claimed', 'dispatched') \
         AND state <> 'dispatched' AND purpose IN ('reminder', 'survey', 'broadcast')",
    );
    pub(crate) const UNWRITTEN: Statement = Statement::both(concat!(
        "SELECT ",
        columns!(),
        " FROM outbox WHERE inbox_id = $1 AND way = 'answer' AND state IN ('dispatched', 'unknown') \
         ORDER BY ordinal"
    ));
    pub(crate) const STATES: Statement =
        Statement::both("SELECT state, COUNT(*) FROM outbox GROUP BY state ORDER BY state");
    /// What a message of one contact has another told, or the same one apart from its answer.
    pub(super) const TELL: Statement = Statement::both(
        "INSERT INTO outbox (id, contact_id, ordinal, way, kind, body, choices, edit, state, attempt, \
         not_before, created_at, updated_at, segments, channel_id) \
         VALUES ($1, $2, 0, 'push', $3, $4, '[]', $5, 'queued', 0, $6, $6, $6, $7, \
         (SELECT channel_id FROM contacts WHERE id = $2))",
    );
    pub(crate) const ALL: &[Statement] = &[ADD_MANY, TELL, CANCEL, CANCEL_UNASKED, UNWRITTEN, STATES];
}

per_engine! {
    use {
        use super::sql;
        use crate::store::Error;
        use crate::store::outbox::{NewReply, Row};
        use uuid::Uuid;
    }

    /// Adds messages from a JSON document; gives how many.
    pub(crate) async fn add_many(conn: &mut Conn, document: String) -> Result<u64, Error> {
        Ok(sqlx::query(sql::ADD_MANY.on(ENGINE)).bind(document).execute(conn).await?.rows_affected())
    }

    /// Queues a reply of its own for a contact, in the transaction of the message that led to it.
    pub(crate) async fn tell(
        conn: &mut Conn,
        contact_id: Uuid,
        told: &NewReply,
        now: i64,
    ) -> Result<(), Error> {
        let kind = serde_json::to_value(told.rendered.kind)
            .map_err(|_| Error::Other("a reply can't be written as JSON".to_owned()))?;
        sqlx::query(sql::TELL.on(ENGINE))
            .bind(told.id)
            .bind(contact_id)
            .bind(kind.as_str().unwrap_or_default().to_owned())
            .bind(&told.rendered.text)
            .bind(false)
            .bind(now)
            .bind(i64::from(told.rendered.segments))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Cancels what waits for a contact.
    pub(crate) async fn cancel(conn: &mut Conn, contact_id: Uuid, now: i64) -> Result<(), Error> {
        sqlx::query(sql::CANCEL.on(ENGINE)).bind(contact_id).bind(now).execute(conn).await?;
        Ok(())
    }

    /// Cancels what waits for a contact and was not asked for: in the transaction that stops it.
    pub(crate) async fn cancel_unasked(conn: &mut Conn, contact_id: Uuid, now: i64) -> Result<(), Error> {
        sqlx::query(sql::CANCEL_UNASKED.on(ENGINE)).bind(contact_id).bind(now).execute(conn).await?;
        Ok(())
    }

    /// Replies kept for the answer to a request that were not written yet.
    pub(crate) async fn unwritten(conn: &mut Conn, inbox_id: Uuid) -> Result<Vec<Row>, Error> {
        Ok(sqlx::query_as(sql::UNWRITTEN.on(ENGINE)).bind(inbox_id).fetch_all(conn).await?)
    }

    /// How many messages are in each state.
    pub(crate) async fn states(conn: &mut Conn) -> Result<Vec<(String, i64)>, Error> {
        Ok(sqlx::query_as(sql::STATES.on(ENGINE)).fetch_all(conn).await?)
    }
}

impl Store {
    /// Keeps a message that no message of a person caused; `false` where nothing was kept: the contact
    /// left, it stopped what it does not ask for, or the message is there already.
    pub async fn add_outbound(&self, message: NewOutbound) -> Result<bool, Error> {
        Ok(self.add_outbounds(std::slice::from_ref(&message)).await? == 1)
    }

    /// Messages as the document that `at::outbox::add_many` takes.
    pub(crate) fn outbound_document(&self, messages: &[NewOutbound]) -> Result<String, Error> {
        document(self, messages)
    }

    /// As [`Store::add_outbound`] for many in one statement; gives how many were kept.
    pub async fn add_outbounds(&self, messages: &[NewOutbound]) -> Result<u64, Error> {
        let document = self.outbound_document(messages)?;
        in_write_tx!(self, conn => at::outbox::add_many(conn, document))
    }

    /// The replies to an in-the-answer message that were not written yet, in order.
    pub async fn list_unwritten(&self, inbox_id: Uuid) -> Result<Vec<StoredReply>, Error> {
        let rows = self.unwritten_rows(inbox_id).await?;
        rows.iter().map(|row| Ok(StoredReply { id: row.id, rendered: row.rendered(self)? })).collect()
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
}
