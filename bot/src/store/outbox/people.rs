//! What a technician sees of the outbox, and does to it. No address and no text is read here.

use uuid::Uuid;

use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// Which messages are listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// State; `None`: those that ended badly or are not known (`failed`, `expired`, `abandoned`, `unknown`).
    pub state: Option<String>,
    /// Channel.
    pub channel: Option<String>,
    /// How many at most, the newest first.
    pub limit: u32,
}

/// A message as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Shown {
    /// Its id.
    pub id: Uuid,
    /// To whom: our id, which tells nobody who it is.
    pub contact_id: Uuid,
    /// Its channel.
    pub channel_id: String,
    /// The gateway of the last attempt.
    pub gateway_id: Option<String>,
    /// What it is for.
    pub purpose: String,
    /// How far it got.
    pub state: String,
    /// Number of the last attempt.
    pub attempt: i64,
    /// Why it did not go.
    pub failure: Option<String>,
    /// SMS segments.
    pub segments: i64,
    /// When it is sent next, where it waits.
    pub not_before: i64,
    /// When it was written, Unix ms.
    pub created_at: i64,
    /// When it last changed, Unix ms.
    pub updated_at: i64,
}

/// An attempt as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: i64,
    /// Who was called.
    pub gateway_id: String,
    /// How it ended.
    pub state: String,
    /// The gateway's id of the message.
    pub provider_id: Option<String>,
    /// Why it did not go.
    pub failure: Option<String>,
    /// What it cost, in thousandths of the currency's unit.
    pub price: i64,
    /// When the gateway was called, Unix ms.
    pub dispatched_at: i64,
    /// When it last changed, Unix ms.
    pub updated_at: i64,
}

/// What became of a wish to send again or to drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resent {
    /// Done.
    Done,
    /// There is no such message.
    NotThere,
    /// It is in a state in which that makes no sense.
    NotNow,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    macro_rules! shown {
        ($where:literal) => {
            concat!(
                "SELECT id, contact_id, channel_id, gateway_id, purpose, state, attempt, failure, segments, ",
                "not_before, created_at, updated_at FROM outbox WHERE ",
                $where
            )
        };
    }
    pub(crate) const DEAD: Statement = Statement::both(shown!(
        "(state IN ('failed', 'expired', 'abandoned') OR state = 'unknown') \
         AND ($1 = '' OR channel_id = $1) ORDER BY id DESC LIMIT $2"
    ));
    pub(crate) const LIST: Statement =
        Statement::both(shown!("state = $3 AND ($1 = '' OR channel_id = $1) ORDER BY id DESC LIMIT $2"));
    pub(crate) const GET: Statement = Statement::both(shown!("id = $1"));
    pub(crate) const ATTEMPTS: Statement = Statement::both(
        "SELECT number, gateway_id, state, provider_id, failure, price, dispatched_at, updated_at \
         FROM attempts WHERE outbox_id = $1 ORDER BY number",
    );
    /// What went to many goes once: not again where it may have arrived, and of a broadcast never by hand, since it
    /// may have been stopped.
    pub(crate) const RESEND: Statement = Statement::both(
        "UPDATE outbox SET state = 'queued', way = 'push', not_before = $2, due_at = $2, tries = 0, \
         through = $3, failure = NULL, lease_until = NULL, ask_at = NULL, alarmed_at = NULL, updated_at = $2 \
         WHERE id = $1 AND state IN ('failed', 'expired', 'abandoned', 'unknown') \
         AND (purpose <> 'broadcast' OR (state IN ('failed', 'expired') \
         AND (campaign IS NULL OR campaign NOT LIKE 'broadcast:%'))) RETURNING contact_id, inbox_id, attempt",
    );
    /// An attempt that nobody settled is over when a person decides.
    pub(crate) const GIVE_UP: Statement = Statement::both(
        "UPDATE attempts SET state = 'abandoned', failure = 'person', updated_at = $3 \
         WHERE outbox_id = $1 AND number = $2 AND state = 'unknown'",
    );
    pub(crate) const DROP: Statement = Statement::both(
        "UPDATE outbox SET state = CASE state WHEN 'queued' THEN 'cancelled' ELSE 'abandoned' END, \
         failure = 'person', ask_at = NULL, updated_at = $2 \
         WHERE id = $1 AND state IN ('queued', 'unknown') RETURNING contact_id, inbox_id, attempt",
    );
    pub(crate) const ALL: &[Statement] = &[DEAD, LIST, GET, ATTEMPTS, RESEND, GIVE_UP, DROP];
}

per_engine! {
    with at;
    use {
        use super::{Attempt, Listing, Resent, Shown, sql};
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// Messages, the newest first.
    pub(crate) async fn list(conn: &mut Conn, listing: Listing) -> Result<Vec<Shown>, Error> {
        let statement = if listing.state.is_some() { sql::LIST } else { sql::DEAD };
        let mut query = sqlx::query_as(statement.on(ENGINE))
            .bind(listing.channel.unwrap_or_default())
            .bind(i64::from(listing.limit));
        if let Some(state) = listing.state {
            query = query.bind(state);
        }
        Ok(query.fetch_all(conn).await?)
    }

    /// One message and its attempts.
    pub(crate) async fn show(conn: &mut Conn, id: Uuid) -> Result<Option<(Shown, Vec<Attempt>)>, Error> {
        let shown: Option<Shown> =
            sqlx::query_as(sql::GET.on(ENGINE)).bind(id).fetch_optional(&mut *conn).await?;
        let Some(shown) = shown else { return Ok(None) };
        let attempts = sqlx::query_as(sql::ATTEMPTS.on(ENGINE)).bind(id).fetch_all(conn).await?;
        Ok(Some((shown, attempts)))
    }

    /// Queues a message that ended anew (`through` a gateway), or drops one that waits.
    pub(crate) async fn decide(
        conn: &mut Conn,
        id: Uuid,
        resend: bool,
        through: Option<String>,
        now: i64,
    ) -> Result<Resent, Error> {
        let row: Option<(Uuid, Option<Uuid>, i64)> = if resend {
            sqlx::query_as(sql::RESEND.on(ENGINE))
                .bind(id)
                .bind(now)
                .bind(through)
                .fetch_optional(&mut *conn)
                .await?
        } else {
            sqlx::query_as(sql::DROP.on(ENGINE)).bind(id).bind(now).fetch_optional(&mut *conn).await?
        };
        let Some((contact_id, inbox_id, attempt)) = row else {
            let there = show(conn, id).await?.is_some();
            return Ok(if there { Resent::NotNow } else { Resent::NotThere });
        };
        sqlx::query(sql::GIVE_UP.on(ENGINE)).bind(id).bind(attempt).bind(now).execute(&mut *conn).await?;
        let event = events::New {
            kind: if resend { "outbox_resent" } else { "outbox_dropped" },
            contact_id: Some(contact_id),
            inbox_id,
            outbox_id: Some(id),
            at: now,
            ..events::New::default()
        };
        at::events::add(conn, &[event]).await?;
        Ok(Resent::Done)
    }
}

impl Store {
    /// Messages, the newest first.
    pub async fn list_outbound(&self, listing: Listing) -> Result<Vec<Shown>, Error> {
        on_pool!(self, conn => at::people::list(conn, listing))
    }

    /// One message and its attempts, the first first.
    pub async fn show_outbound(&self, id: Uuid) -> Result<Option<(Shown, Vec<Attempt>)>, Error> {
        on_pool!(self, conn => at::people::show(conn, id))
    }

    /// Sends a message again that ended badly or is not known, `through` another gateway if one is
    /// named; the next attempt begins at once.
    pub async fn resend_outbound(
        &self,
        id: Uuid,
        through: Option<String>,
        now: UnixMillis,
    ) -> Result<Resent, Error> {
        in_write_tx!(self, conn => at::people::decide(conn, id, true, through, now.0))
    }

    /// Gives a message up: one that waits is `cancelled`, one that is not known `abandoned`.
    pub async fn drop_outbound(&self, id: Uuid, now: UnixMillis) -> Result<Resent, Error> {
        in_write_tx!(self, conn => at::people::decide(conn, id, false, None, now.0))
    }
}
