//! Receipts: what a gateway reports of an attempt, in whatever order and however often it does.

use crate::channels::gateway::AttemptToken;
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// What a gateway reports of a message that it had taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The gateway, or the centre behind it, has it.
    Accepted,
    /// It is on the person's phone.
    Delivered,
    /// It will not arrive.
    Failed,
    /// It was kept too long and given up.
    Expired,
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it says.
    pub arrival: Arrival,
    /// The gateway's id of the message, where the receipt has it.
    pub provider_id: Option<String>,
    /// Stable code of why it did not arrive; never text or address.
    pub reason: Option<String>,
}

impl From<Arrival> for Report {
    fn from(arrival: Arrival) -> Self {
        Self { arrival, provider_id: None, reason: None }
    }
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    // An attempt only moves forward; being on the phone wins over whatever was believed.
    macro_rules! attempt {
        ($from:literal) => {
            concat!(
                "UPDATE attempts SET state = $4, provider_id = COALESCE(provider_id, $5), failure = $6, ",
                "updated_at = $7 WHERE outbox_id = $1 AND number = $2 AND gateway_id = $3 AND ",
                $from
            )
        };
    }
    pub(crate) const ATTEMPT_ACCEPTED: Statement =
        Statement::both(attempt!("state IN ('dispatched', 'unknown')"));
    pub(crate) const ATTEMPT_ENDED: Statement =
        Statement::both(attempt!("state IN ('dispatched', 'unknown', 'accepted')"));
    pub(crate) const ATTEMPT_DELIVERED: Statement = Statement::both(attempt!("state <> 'delivered'"));

    /// The message before its attempt: the order of locks in which attempts are settled.
    pub(crate) const HOLD: Statement = Statement::fork(
        "SELECT contact_id FROM outbox WHERE id = $1",
        "SELECT contact_id FROM outbox WHERE id = $1 FOR UPDATE",
    );
    pub(crate) const ACCEPTED: Statement = Statement::both(
        "UPDATE outbox SET state = 'accepted', provider_id = COALESCE(provider_id, $3), failure = NULL, \
         lease_until = NULL, ask_at = NULL, updated_at = $4 WHERE id = $1 AND attempt = $2 \
         AND way = 'push' AND state IN ('dispatched', 'unknown') RETURNING contact_id, inbox_id",
    );
    pub(crate) const ENDED: Statement = Statement::both(
        "UPDATE outbox SET state = $3, failure = $4, lease_until = NULL, ask_at = NULL, updated_at = $5 \
         WHERE id = $1 AND attempt = $2 AND way = 'push' \
         AND state IN ('dispatched', 'unknown', 'accepted') RETURNING contact_id, inbox_id",
    );
    /// Of whatever attempt: the person has the message, so a repeat that waits is stopped.
    pub(crate) const DELIVERED: Statement = Statement::both(
        "UPDATE outbox SET state = 'delivered', failure = NULL, lease_until = NULL, ask_at = NULL, \
         updated_at = $2 WHERE id = $1 AND way = 'push' AND state <> 'delivered' \
         RETURNING contact_id, inbox_id",
    );
    pub(crate) const ALL: &[Statement] =
        &[HOLD, ATTEMPT_ACCEPTED, ATTEMPT_ENDED, ATTEMPT_DELIVERED, ACCEPTED, ENDED, DELIVERED];
}

per_engine! {
    with at;
    use {
        use super::{Arrival, Report, sql};
        use crate::channels::gateway::AttemptToken;
        use crate::store::outbox::Owner;
        use crate::store::{Error, events};
    }

    /// Notes what the gateway of an attempt reports; `false` if that changes nothing.
    pub(crate) async fn report(
        conn: &mut Conn,
        token: AttemptToken,
        gateway_id: String,
        report: Report,
        now: i64,
    ) -> Result<bool, Error> {
        let Report { arrival, provider_id, reason } = report;
        let reason = match arrival {
            Arrival::Accepted | Arrival::Delivered => None,
            Arrival::Failed => Some(reason.unwrap_or_else(|| "reported".to_owned())),
            Arrival::Expired => Some(reason.unwrap_or_else(|| "expired".to_owned())),
        };
        let (statement, state) = match arrival {
            Arrival::Accepted => (sql::ATTEMPT_ACCEPTED, "accepted"),
            Arrival::Delivered => (sql::ATTEMPT_DELIVERED, "delivered"),
            Arrival::Failed => (sql::ATTEMPT_ENDED, "failed"),
            Arrival::Expired => (sql::ATTEMPT_ENDED, "expired"),
        };
        let AttemptToken { message: id, attempt } = token;
        sqlx::query(sql::HOLD.on(ENGINE)).bind(id).fetch_optional(&mut *conn).await?;
        let known = sqlx::query(statement.on(ENGINE))
            .bind(id)
            .bind(attempt)
            .bind(gateway_id)
            .bind(state)
            .bind(&provider_id)
            .bind(&reason)
            .bind(now)
            .execute(&mut *conn)
            .await?;
        if known.rows_affected() == 0 {
            return Ok(false);
        }
        let row: Option<Owner> = match arrival {
            Arrival::Accepted => {
                sqlx::query_as(sql::ACCEPTED.on(ENGINE))
                    .bind(id)
                    .bind(attempt)
                    .bind(&provider_id)
                    .bind(now)
                    .fetch_optional(&mut *conn)
                    .await?
            }
            Arrival::Delivered => {
                sqlx::query_as(sql::DELIVERED.on(ENGINE)).bind(id).bind(now).fetch_optional(&mut *conn).await?
            }
            Arrival::Failed | Arrival::Expired => {
                sqlx::query_as(sql::ENDED.on(ENGINE))
                    .bind(id)
                    .bind(attempt)
                    .bind(state)
                    .bind(&reason)
                    .bind(now)
                    .fetch_optional(&mut *conn)
                    .await?
            }
        };
        let Some((contact_id, inbox_id)) = row else { return Ok(true) };
        let kind = match arrival {
            Arrival::Accepted => return Ok(true),
            Arrival::Delivered => "delivered",
            Arrival::Failed | Arrival::Expired => "send_failed",
        };
        let event =
            events::New { kind, contact_id: Some(contact_id), inbox_id, outbox_id: Some(id), at: now, ..events::New::default() };
        at::events::add(conn, &[event]).await?;
        Ok(true)
    }
}

impl Store {
    /// Notes what a gateway (a channel's id) reports of an attempt that it was called for. `false`:
    /// nothing changed, since it is known already, or that gateway was not called for this attempt.
    ///
    /// Reports come late, twice and in disorder, and of attempts that others followed: each attempt only
    /// moves forward, `delivered` is final, and a message that is on the phone is not sent again.
    pub async fn report_outbound(
        &self,
        token: AttemptToken,
        gateway_id: &str,
        report: impl Into<Report>,
        now: UnixMillis,
    ) -> Result<bool, Error> {
        let (gateway_id, report) = (gateway_id.to_owned(), report.into());
        in_write_tx!(self, conn => at::reports::report(conn, token, gateway_id, report, now.0))
    }
}
