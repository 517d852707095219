//! The last gate before a gateway is called, in one commit: who stopped gets nothing unasked, nobody
//! gets more of that than a day allows, and the purse is not overdrawn.

use uuid::Uuid;

use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// An attempt whose gateway is about to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The message.
    pub id: Uuid,
    /// Number of the attempt.
    pub attempt: i64,
    /// Who is called; `None`: the message's own channel.
    pub gateway_id: Option<String>,
    /// What it costs, in thousandths of the currency's unit.
    pub price: i64,
}

/// What a day allows. Amounts are thousandths of the currency's unit; 0 is no cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// The day that counts, in days since 1970 where the service is.
    pub day: i64,
    /// When the next day begins: what is over a limit waits until then.
    pub next_day: UnixMillis,
    /// Messages to one contact that it did not ask for.
    pub unasked_per_day: i64,
    /// All messages of the day.
    pub money: i64,
    /// Those of the day that nobody asked for.
    pub unasked_money: i64,
    /// Those of one campaign, over all days.
    pub campaign_money: i64,
}

impl Caps {
    /// No limits.
    pub const NONE: Self = Self {
        day: 0,
        next_day: UnixMillis(i64::MAX),
        unasked_per_day: i64::MAX,
        money: 0,
        unasked_money: 0,
        campaign_money: 0,
    };
}

/// What became of an attempt at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispatched {
    /// `dispatched`: call the gateway.
    Go,
    /// The claim was lost: somebody else has the message, or it ended.
    Lost,
    /// `cancelled`: the contact stopped what it does not ask for.
    Stopped,
    /// Back in the queue until the next day: the contact has had its share of today.
    Enough,
    /// The purse is empty: back in the queue until the next day if nobody asked for it, else `failed`.
    NoMoney,
}

/// A budget of which this commit used up four fifths, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Which one: `money`, `unasked`, `campaign:ID`.
    pub name: String,
    /// What was used, in thousandths.
    pub used: i64,
    /// Its cap.
    pub cap: i64,
    /// Whether nothing is left of it.
    pub all: bool,
}

/// What the gate needs of a message.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct GateRow {
    pub(crate) contact_id: Uuid,
    pub(crate) inbox_id: Option<Uuid>,
    pub(crate) purpose: String,
    pub(crate) campaign: Option<String>,
    pub(crate) channel_id: String,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    pub(crate) const GATE: Statement = Statement::both(
        "SELECT contact_id, inbox_id, purpose, campaign, channel_id FROM outbox \
         WHERE id = $1 AND attempt = $2 AND state = 'claimed'",
    );
    /// On `PostgreSQL` a stop and a dispatch of the same contact come one after the other.
    pub(crate) const WISHES: Statement = Statement::fork(
        "SELECT stopped_at, unasked_day, unasked_in_day FROM contacts WHERE id = $1",
        "SELECT stopped_at, unasked_day, unasked_in_day FROM contacts WHERE id = $1 FOR UPDATE",
    );
    pub(crate) const COUNTED: Statement =
        Statement::both("UPDATE contacts SET unasked_day = $2, unasked_in_day = $3 WHERE id = $1");
    pub(crate) const DISPATCH: Statement = Statement::both(
        "UPDATE outbox SET state = 'dispatched', gateway_id = $3, lease_until = $4, updated_at = $5 \
         WHERE id = $1 AND attempt = $2 AND state = 'claimed'",
    );
    pub(crate) const ATTEMPT: Statement = Statement::both(
        "INSERT INTO attempts (outbox_id, number, gateway_id, state, price, dispatched_at, updated_at) \
         VALUES ($1, $2, $3, 'dispatched', $4, $5, $5)",
    );
    pub(crate) const REFUSE: Statement = Statement::both(
        "UPDATE outbox SET state = $3, failure = $4, lease_until = NULL, updated_at = $5, \
         not_before = COALESCE($6, not_before), due_at = COALESCE($6, due_at) \
         WHERE id = $1 AND attempt = $2 AND state = 'claimed'",
    );
    pub(crate) const ALL: &[Statement] = &[GATE, WISHES, COUNTED, DISPATCH, ATTEMPT, REFUSE];
}

per_engine! {
    with at;
    use {
        use super::{Caps, Dispatch, Dispatched, GateRow, Spent, sql};
        use crate::domain::purpose::Purpose;
        use crate::store::outbox::LEASE;
        use crate::store::{Error, budgets, events};
    }

    /// Lets attempts through or refuses them; gives what became of each, in their order, and which
    /// budgets came to an end.
    pub(crate) async fn dispatch(
        conn: &mut Conn,
        attempts: Vec<Dispatch>,
        caps: Caps,
        now: i64,
    ) -> Result<(Vec<Dispatched>, Vec<Spent>), Error> {
        let mut rows: Vec<(usize, &Dispatch, GateRow)> = Vec::with_capacity(attempts.len());
        let mut ended = vec![Dispatched::Lost; attempts.len()];
        for (place, it) in attempts.iter().enumerate() {
            let row: Option<GateRow> = sqlx::query_as(sql::GATE.on(ENGINE))
                .bind(it.id)
                .bind(it.attempt)
                .fetch_optional(&mut *conn)
                .await?;
            rows.extend(row.map(|row| (place, it, row)));
        }
        // One order of locks for all: contacts, then budgets, then messages.
        rows.sort_by_key(|(_, _, row)| row.contact_id);
        let mut open = Vec::with_capacity(rows.len());
        for (place, it, row) in rows {
            let asked = row.purpose.parse::<Purpose>().is_ok_and(Purpose::asked_for);
            let mut count = None;
            if asked {
                ended[place] = Dispatched::Go;
            } else {
                let (stopped, day, had): (Option<i64>, i64, i64) = sqlx::query_as(sql::WISHES.on(ENGINE))
                    .bind(row.contact_id)
                    .fetch_one(&mut *conn)
                    .await?;
                let had = if day == caps.day { had } else { 0 };
                if stopped.is_some() {
                    ended[place] = Dispatched::Stopped;
                } else if had >= caps.unasked_per_day {
                    ended[place] = Dispatched::Enough;
                } else {
                    count = Some(had + 1);
                    ended[place] = Dispatched::Go;
                    sqlx::query(sql::COUNTED.on(ENGINE))
                        .bind(row.contact_id)
                        .bind(caps.day)
                        .bind(had + 1)
                        .execute(&mut *conn)
                        .await?;
                }
            }
            open.push((place, it, row, asked, count));
        }
        let mut purse = at::budgets::Purse::new(caps);
        for (place, it, row, asked, count) in &open {
            if ended[*place] == Dispatched::Go
                && !purse.take(conn, it.price, *asked, row.campaign.as_deref(), now).await?
            {
                ended[*place] = Dispatched::NoMoney;
                if let Some(count) = count {
                    sqlx::query(sql::COUNTED.on(ENGINE))
                        .bind(row.contact_id)
                        .bind(caps.day)
                        .bind(count - 1)
                        .execute(&mut *conn)
                        .await?;
                }
            }
        }
        let spent = purse.close(conn, now).await?;
        let mut happened = Vec::new();
        for (place, it, row, asked, _) in &open {
            let (state, failure, until) = match ended[*place] {
                Dispatched::Go => {
                    let gateway_id = it.gateway_id.as_ref().unwrap_or(&row.channel_id);
                    sqlx::query(sql::DISPATCH.on(ENGINE))
                        .bind(it.id)
                        .bind(it.attempt)
                        .bind(gateway_id)
                        .bind(now + LEASE)
                        .bind(now)
                        .execute(&mut *conn)
                        .await?;
                    sqlx::query(sql::ATTEMPT.on(ENGINE))
                        .bind(it.id)
                        .bind(it.attempt)
                        .bind(gateway_id)
                        .bind(it.price)
                        .bind(now)
                        .execute(&mut *conn)
                        .await?;
                    continue;
                }
                Dispatched::Lost => continue,
                Dispatched::Stopped => ("cancelled", "stopped", None),
                Dispatched::Enough => ("queued", "day_limit", Some(caps.next_day.0)),
                Dispatched::NoMoney if *asked => ("failed", "budget", None),
                Dispatched::NoMoney => ("queued", "budget", Some(caps.next_day.0)),
            };
            sqlx::query(sql::REFUSE.on(ENGINE))
                .bind(it.id)
                .bind(it.attempt)
                .bind(state)
                .bind(failure)
                .bind(now)
                .bind(until)
                .execute(&mut *conn)
                .await?;
            if state == "failed" {
                happened.push(events::New {
                    kind: "send_failed",
                    contact_id: Some(row.contact_id),
                    inbox_id: row.inbox_id,
                    outbox_id: Some(it.id),
                    at: now,
                });
            }
        }
        happened.extend(spent.iter().map(|it| budgets::event(it, now)));
        at::events::add(conn, &happened).await?;
        Ok((ended, spent))
    }
}

impl Store {
    /// Lets claimed attempts through to their gateways: what is `Go` is committed as `dispatched` when
    /// this returns. What a contact that stopped did not ask for never passes: a stop that is committed
    /// before is seen, and one that comes later waits for this commit.
    ///
    /// # Errors
    /// [`Error::Conflict`] where `PostgreSQL` broke up a knot of locks: nothing was changed, call again.
    pub async fn dispatch_outbounds(
        &self,
        attempts: Vec<Dispatch>,
        caps: Caps,
        now: UnixMillis,
    ) -> Result<(Vec<Dispatched>, Vec<Spent>), Error> {
        in_write_tx!(self, conn => at::dispatching::dispatch(conn, attempts, caps, now.0))
    }

    /// Notes that the channel's own gateway is about to be called, without limits: committed before the
    /// call. `false`: the claim was lost or the message refused, and it must not be sent.
    pub async fn dispatch_outbound(&self, id: Uuid, attempt: i64, now: UnixMillis) -> Result<bool, Error> {
        let it = Dispatch { id, attempt, gateway_id: None, price: 0 };
        let (ended, _) = self.dispatch_outbounds(vec![it], Caps::NONE, now).await?;
        Ok(ended == [Dispatched::Go])
    }
}
