//! How attempts end: by the gateway's answer, by its silence, by its list.

use uuid::Uuid;

use crate::channels::gateway::{AttemptToken, Unsettled};
use crate::domain::purpose::Purpose;
use crate::domain::time::{DAY, UnixMillis};
use crate::store::{Error, Store, contacts};

/// How long after a call was cut the gateway's list is asked for the first time, ms.
pub(crate) const FIRST_ASK: i64 = 30_000;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The gateway took it; its id, where it gives one.
    Accepted(Option<String>),
    /// To be tried again at this instant; it counts as a try.
    Retry(UnixMillis, String),
    /// The gateway asked to wait until this instant; that is no try.
    Wait(UnixMillis, String),
    /// It will not be sent; the reason's code.
    Failed(String),
    /// It is too old to be sent.
    Expired,
    /// Nobody knows whether the gateway took it.
    Unknown,
    /// Nobody knows, and it must not be sent again.
    Abandoned(String),
    /// The person left the channel: nothing more is sent there.
    Gone,
    /// The gateway itself took a stop word: the contact is stopped, and this message not tried again.
    Blocked,
}

/// An attempt whose end nobody knows, ready to be looked for.
#[derive(Clone, Debug)]
pub struct UnsettledAttempt {
    /// Whose list to ask.
    pub gateway_id: String,
    /// What to look for; an error where the row was damaged.
    pub unsettled: Result<Unsettled, Error>,
    /// Which attempt.
    pub token: AttemptToken,
    /// What the message is for.
    pub purpose: Purpose,
    /// When the call was begun.
    pub dispatched_at: UnixMillis,
}

/// A row of [`UnsettledAttempt`].
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct UnsettledRow {
    id: Uuid,
    pub(crate) contact_id: Uuid,
    attempt: i64,
    body: String,
    purpose: String,
    gateway_id: String,
    dispatched_at: i64,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    pub(crate) const OWNER: Statement = Statement::both(
        "SELECT contact_id, inbox_id FROM outbox WHERE id = $1 AND attempt = $2 \
         AND state IN ('claimed', 'dispatched', 'unknown')",
    );
    pub(crate) const SETTLE: Statement = Statement::both(
        "UPDATE outbox SET state = $3, provider_id = COALESCE($4, provider_id), failure = $5, \
         not_before = COALESCE($6, not_before), tries = tries + $7, ask_at = $8, lease_until = NULL, \
         updated_at = $9 WHERE id = $1 AND attempt = $2 AND state IN ('claimed', 'dispatched', 'unknown') \
         RETURNING contact_id, inbox_id",
    );
    /// A receipt came before the gateway's answer: what is left of the answer is its id.
    pub(crate) const NAME: Statement = Statement::both(
        "UPDATE outbox SET provider_id = COALESCE(provider_id, $3) WHERE id = $1 AND attempt = $2 \
         AND state IN ('accepted', 'delivered')",
    );
    /// An attempt of which a receipt said more only takes the gateway's id.
    pub(crate) const ATTEMPT: Statement = Statement::both(
        "UPDATE attempts SET provider_id = COALESCE(provider_id, $6), \
         state = CASE WHEN state IN ('dispatched', 'unknown') THEN $3 ELSE state END, \
         failure = CASE WHEN state IN ('dispatched', 'unknown') THEN $4 ELSE failure END, \
         updated_at = CASE WHEN state IN ('dispatched', 'unknown') THEN $5 ELSE updated_at END \
         WHERE outbox_id = $1 AND number = $2",
    );
    pub(crate) const LAPSE: Statement = Statement::both(
        "UPDATE outbox SET state = 'unknown', failure = 'no_answer', lease_until = NULL, ask_at = $2, \
         updated_at = $1 WHERE state IN ('claimed', 'dispatched') AND state = 'dispatched' \
         AND lease_until <= $1 RETURNING id, contact_id, inbox_id, attempt",
    );
    pub(crate) const LAPSED: Statement = Statement::both(
        "SELECT 1 FROM outbox WHERE state IN ('claimed', 'dispatched') AND lease_until <= $1 LIMIT 1",
    );
    pub(crate) const UNSETTLED: Statement = Statement::both(
        "SELECT o.id, o.contact_id, o.attempt, o.body, o.purpose, a.gateway_id, a.dispatched_at \
         FROM outbox AS o JOIN attempts AS a ON a.outbox_id = o.id AND a.number = o.attempt \
         WHERE o.state = 'unknown' AND o.ask_at <= $1 ORDER BY o.ask_at LIMIT $2",
    );
    pub(crate) const ASK: Statement =
        Statement::both("UPDATE outbox SET ask_at = $3 WHERE id = $1 AND attempt = $2 AND state = 'unknown'");
    /// What nobody settled within a day is told once.
    pub(crate) const ALARM: Statement = Statement::both(
        "UPDATE outbox SET alarmed_at = $1 WHERE state = 'unknown' AND updated_at <= $2 \
         AND alarmed_at IS NULL RETURNING id, contact_id, inbox_id",
    );
    pub(crate) const ALL: &[Statement] =
        &[OWNER, SETTLE, NAME, ATTEMPT, LAPSE, LAPSED, UNSETTLED, ASK, ALARM];
}

per_engine! {
    with at;
    use {
        use super::{FIRST_ASK, Settled, UnsettledRow, sql};
        use crate::store::outbox::Owner;
        use crate::store::{Error, contacts, events};
        use uuid::Uuid;
    }

    /// Notes how an attempt ended; `false` if it is no longer the message's attempt.
    pub(crate) async fn settle(
        conn: &mut Conn,
        id: Uuid,
        attempt: i64,
        settled: Settled,
        now: i64,
    ) -> Result<bool, Error> {
        // The contact before the message, in the order of a stop and a dispatch.
        let mut left = false;
        if matches!(settled, Settled::Gone | Settled::Blocked) {
            let owner: Option<Owner> = sqlx::query_as(sql::OWNER.on(ENGINE))
                .bind(id)
                .bind(attempt)
                .fetch_optional(&mut *conn)
                .await?;
            match owner {
                Some((contact_id, _)) if settled == Settled::Gone => {
                    left = at::contacts::gone(conn, contact_id, (id, attempt), now).await?;
                }
                Some((contact_id, _)) => at::contacts::stop(conn, contact_id, now).await?,
                None => {}
            }
        }
        let (state, of_attempt) = match &settled {
            Settled::Accepted(_) => ("accepted", "accepted"),
            Settled::Retry(..) | Settled::Wait(..) => ("queued", "failed"),
            Settled::Failed(_) | Settled::Gone | Settled::Blocked => ("failed", "failed"),
            Settled::Expired => ("expired", "expired"),
            Settled::Unknown => ("unknown", "unknown"),
            Settled::Abandoned(_) => ("abandoned", "abandoned"),
        };
        let failure = match &settled {
            Settled::Accepted(_) => None,
            Settled::Retry(_, reason)
            | Settled::Wait(_, reason)
            | Settled::Failed(reason)
            | Settled::Abandoned(reason) => Some(reason.as_str()),
            Settled::Expired => Some("too_old"),
            Settled::Unknown => Some("no_answer"),
            Settled::Gone => Some("gone"),
            Settled::Blocked => Some("blocked"),
        };
        let provider_id = if let Settled::Accepted(it) = &settled { it.clone() } else { None };
        let not_before = match &settled {
            Settled::Retry(until, _) | Settled::Wait(until, _) => Some(until.0),
            _ => None,
        };
        let row: Option<Owner> = sqlx::query_as(sql::SETTLE.on(ENGINE))
            .bind(id)
            .bind(attempt)
            .bind(state)
            .bind(&provider_id)
            .bind(failure)
            .bind(not_before)
            .bind(i64::from(matches!(settled, Settled::Retry(..))))
            .bind((settled == Settled::Unknown).then_some(now + FIRST_ASK))
            .bind(now)
            .fetch_optional(&mut *conn)
            .await?;
        sqlx::query(sql::ATTEMPT.on(ENGINE))
            .bind(id)
            .bind(attempt)
            .bind(of_attempt)
            .bind(failure)
            .bind(now)
            .bind(&provider_id)
            .execute(&mut *conn)
            .await?;
        let mut named = false;
        if row.is_none() && matches!(settled, Settled::Accepted(_)) {
            let done = sqlx::query(sql::NAME.on(ENGINE))
                .bind(id)
                .bind(attempt)
                .bind(&provider_id)
                .execute(&mut *conn)
                .await?;
            named = done.rows_affected() == 1;
        }
        let Some((contact_id, inbox_id)) = row else { return Ok(named) };
        let event = |kind| events::New {
            kind,
            contact_id: Some(contact_id),
            inbox_id,
            outbox_id: Some(id),
            at: now,
            ..events::New::default()
        };
        let kinds: &[&'static str] = match settled {
            Settled::Accepted(_) | Settled::Retry(..) | Settled::Wait(..) => &[],
            Settled::Failed(_) | Settled::Expired | Settled::Abandoned(_) => &["send_failed"],
            Settled::Unknown => &["send_unknown"],
            Settled::Gone if left => {
                at::outbox::cancel(conn, contact_id, now).await?;
                &["contact_gone"]
            }
            // Back since: this message did not reach her, the next ones will.
            Settled::Gone => &["send_failed"],
            Settled::Blocked => {
                at::outbox::cancel_unasked(conn, contact_id, now).await?;
                &["send_failed", "contact_stopped"]
            }
        };
        let happened: Vec<_> = kinds.iter().map(|kind| event(kind)).collect();
        at::events::add(conn, &happened).await?;
        Ok(true)
    }

    /// Whether any lease is over.
    pub(crate) async fn lapsed(conn: &mut Conn, now: i64) -> Result<bool, Error> {
        // `SQLite` gives a 64-bit number for the literal, `PostgreSQL` a 32-bit one: neither is read.
        Ok(sqlx::query(sql::LAPSED.on(ENGINE)).bind(now).fetch_optional(conn).await?.is_some())
    }

    /// Claims whose worker never came back are queued again, dispatched messages become unknown; gives
    /// how many of the latter.
    pub(crate) async fn lapse(conn: &mut Conn, now: i64) -> Result<usize, Error> {
        at::claims::reclaim(conn, now).await?;
        let rows: Vec<(Uuid, Uuid, Option<Uuid>, i64)> = sqlx::query_as(sql::LAPSE.on(ENGINE))
            .bind(now)
            .bind(now + FIRST_ASK)
            .fetch_all(&mut *conn)
            .await?;
        for (id, _, _, attempt) in &rows {
            sqlx::query(sql::ATTEMPT.on(ENGINE))
                .bind(id)
                .bind(attempt)
                .bind("unknown")
                .bind("no_answer")
                .bind(now)
                .bind(None::<String>)
                .execute(&mut *conn)
                .await?;
        }
        let happened: Vec<_> = rows
            .iter()
            .map(|(id, contact_id, inbox_id, _)| events::New {
                kind: "send_unknown",
                contact_id: Some(*contact_id),
                inbox_id: *inbox_id,
                outbox_id: Some(*id),
                at: now,
                ..events::New::default()
            })
            .collect();
        at::events::add(conn, &happened).await?;
        Ok(rows.len())
    }

    /// Unknown attempts whose gateway is to be asked now, with their contacts.
    pub(crate) async fn unsettled(
        conn: &mut Conn,
        now: i64,
        limit: i64,
    ) -> Result<Vec<(UnsettledRow, contacts::Row)>, Error> {
        let rows: Vec<UnsettledRow> =
            sqlx::query_as(sql::UNSETTLED.on(ENGINE)).bind(now).bind(limit).fetch_all(&mut *conn).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let contact = at::contacts::get(conn, row.contact_id).await?;
            found.push((row, contact));
        }
        Ok(found)
    }

    /// When the list is asked again; never, where there is no instant.
    pub(crate) async fn ask(
        conn: &mut Conn,
        id: Uuid,
        attempt: i64,
        until: Option<i64>,
    ) -> Result<(), Error> {
        sqlx::query(sql::ASK.on(ENGINE)).bind(id).bind(attempt).bind(until).execute(conn).await?;
        Ok(())
    }

    /// Marks what is unknown since before `since` and was not told yet.
    pub(crate) async fn alarm(conn: &mut Conn, since: i64, now: i64) -> Result<Vec<Uuid>, Error> {
        let rows: Vec<(Uuid, Uuid, Option<Uuid>)> =
            sqlx::query_as(sql::ALARM.on(ENGINE)).bind(now).bind(since).fetch_all(&mut *conn).await?;
        let happened: Vec<_> = rows
            .iter()
            .map(|(id, contact_id, inbox_id)| events::New {
                kind: "send_unsettled",
                contact_id: Some(*contact_id),
                inbox_id: *inbox_id,
                outbox_id: Some(*id),
                at: now,
                ..events::New::default()
            })
            .collect();
        at::events::add(conn, &happened).await?;
        Ok(rows.into_iter().map(|(id, ..)| id).collect())
    }
}

impl Store {
    /// Notes how an attempt ended; `false` (and no change of the message) if another attempt has begun
    /// or a receipt has said more.
    pub async fn settle_outbound(
        &self,
        id: Uuid,
        attempt: i64,
        settled: Settled,
        now: UnixMillis,
    ) -> Result<bool, Error> {
        in_write_tx!(self, conn => at::settling::settle(conn, id, attempt, settled, now.0))
    }

    /// Claims whose lease is over go back to the queue. Dispatched messages whose worker did not come
    /// back in time become `unknown`: they may have been sent, so they are not sent again blindly. Gives
    /// how many of the latter.
    pub async fn lapse_outbound(&self, now: UnixMillis) -> Result<usize, Error> {
        if !self.any_lapsed(now).await? {
            return Ok(0);
        }
        in_write_tx!(self, conn => at::settling::lapse(conn, now.0))
    }

    async fn any_lapsed(&self, now: UnixMillis) -> Result<bool, Error> {
        on_pool!(self, conn => at::settling::lapsed(conn, now.0))
    }

    /// Pushed messages that are `unknown` and whose gateway's list is to be asked now.
    pub async fn list_unsettled(&self, now: UnixMillis, limit: u32) -> Result<Vec<UnsettledAttempt>, Error> {
        let rows = self.unsettled_rows(now, limit).await?;
        let found = rows.into_iter().map(|(row, contact)| {
            let token = AttemptToken { message: row.id, attempt: row.attempt };
            let dispatched_at = UnixMillis(row.dispatched_at);
            let unsettled = self.open_contact(contact).and_then(|contact| {
                let text = self.open_outbound_text(row.id, &row.body)?;
                Ok(Unsettled { token, address: contact.address, text, dispatched_at })
            });
            let purpose = row.purpose.parse().unwrap_or(Purpose::Broadcast);
            UnsettledAttempt { gateway_id: row.gateway_id, unsettled, token, purpose, dispatched_at }
        });
        Ok(found.collect())
    }

    async fn unsettled_rows(
        &self,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<(UnsettledRow, contacts::Row)>, Error> {
        on_pool!(self, conn => at::settling::unsettled(conn, now.0, i64::from(limit)))
    }

    /// When the gateway's list is asked again for an unknown attempt; `None`: not any more.
    pub async fn ask_later(&self, token: AttemptToken, at: Option<UnixMillis>) -> Result<(), Error> {
        let until = at.map(|it| it.0);
        in_write_tx!(self, conn => at::settling::ask(conn, token.message, token.attempt, until))
    }

    /// The messages that are `unknown` for more than a day and were not told of before; now they are,
    /// and each has an event.
    pub async fn alarm_unsettled(&self, now: UnixMillis) -> Result<Vec<Uuid>, Error> {
        in_write_tx!(self, conn => at::settling::alarm(conn, now.0 - DAY, now.0))
    }
}
