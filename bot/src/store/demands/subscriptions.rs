//! The weekly digest: whose is due, and that it was sent.

use uuid::Uuid;

use crate::domain::time::{DAY, UnixMillis};
use crate::store::cases::locale;
use crate::store::outbox::NewOutbound;
use crate::store::{Error, Store};

/// A digest that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDigest {
    /// To whom.
    pub contact_id: Uuid,
    /// Its channel.
    pub channel_id: String,
    /// Locale that it reads; `None`: the pack's.
    pub locale: Option<String>,
    /// Of which municipality.
    pub municipality: String,
    /// When it was due, which tells it from the others.
    pub due: UnixMillis,
}

/// A digest as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct DigestRow {
    contact_id: Uuid,
    channel_id: String,
    state: Option<String>,
    municipality: String,
    next_at: i64,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const DUE: Statement = Statement::both(
        "SELECT s.contact_id, k.channel_id, v.state, s.municipality, s.next_at FROM subscriptions AS s \
         JOIN contacts AS k ON k.id = s.contact_id LEFT JOIN conversations AS v ON v.contact_id = s.contact_id \
         WHERE s.next_at <= $1 ORDER BY s.next_at, s.contact_id LIMIT $2",
    );
    pub(super) const SENT: Statement = Statement::both(
        "UPDATE subscriptions SET next_at = $3 WHERE contact_id = $1 AND kind = 'week' AND next_at = $2",
    );
    pub(in crate::store) const ALL: &[Statement] = &[DUE, SENT];
}

/// When the digest after the one that was due is: weeks that were missed are not made up for.
fn next(due: i64, now: i64) -> i64 {
    let weeks = (now - due).max(0) / (7 * DAY) + 1;
    due + weeks * 7 * DAY
}

per_engine! {
    with at;
    use {
        use super::{DigestRow, next, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Digests that are due.
    pub(crate) async fn due(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<DigestRow>, Error> {
        Ok(sqlx::query_as(sql::DUE.on(ENGINE)).bind(now).bind(limit).fetch_all(conn).await?)
    }

    /// Queues a digest, unless another process did.
    pub(crate) async fn send(
        conn: &mut Conn,
        contact_id: Uuid,
        due: i64,
        document: Option<String>,
        now: i64,
    ) -> Result<bool, Error> {
        let moved = sqlx::query(sql::SENT.on(ENGINE)).bind(contact_id).bind(due).bind(next(due, now));
        if moved.execute(&mut *conn).await?.rows_affected() == 0 {
            return Ok(false);
        }
        match document {
            Some(document) => Ok(at::outbox::add_many(conn, document).await? > 0),
            None => Ok(false),
        }
    }
}

impl Store {
    /// At most `limit` weekly digests that are due.
    pub async fn list_due_digests(&self, now: UnixMillis, limit: u32) -> Result<Vec<DueDigest>, Error> {
        let keys = self.keys();
        let digest = |it: DigestRow| DueDigest {
            locale: locale(&keys, it.contact_id, it.state.as_deref()),
            contact_id: it.contact_id,
            channel_id: it.channel_id,
            municipality: it.municipality,
            due: UnixMillis(it.next_at),
        };
        Ok(self.digest_rows(now, limit).await?.into_iter().map(digest).collect())
    }

    async fn digest_rows(&self, now: UnixMillis, limit: u32) -> Result<Vec<DigestRow>, Error> {
        on_pool!(self, conn => at::subscriptions::due(conn, now.0, i64::from(limit)))
    }

    /// Queues a digest that is due, once, and sets when the next is; `None`: there is nothing to tell. Gives
    /// whether a message was queued.
    pub async fn send_digest(
        &self,
        it: &DueDigest,
        message: Option<NewOutbound>,
        now: UnixMillis,
    ) -> Result<bool, Error> {
        let (contact_id, due) = (it.contact_id, it.due.0);
        let document = message.map(|it| self.outbound_document(std::slice::from_ref(&it))).transpose()?;
        in_write_tx!(self, conn => at::subscriptions::send(conn, contact_id, due, document, now.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_weeks_are_not_made_up_for() {
        assert_eq!(next(0, 0), 7 * DAY);
        assert_eq!(next(0, 7 * DAY - 1), 7 * DAY);
        assert_eq!(next(0, 30 * DAY), 35 * DAY);
    }
}
