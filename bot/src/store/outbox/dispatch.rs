//! The last gate before a gateway is called, in one commit: who stopped gets nothing unasked, who left
//! what a broadcast went to gets nothing of it, nobody gets more of that than a day allows, and the
//! purse is not overdrawn.

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
    /// `cancelled`: the contact stopped what it does not ask for, or does not want this news any more.
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
    pub(crate) id: Uuid,
    pub(crate) contact_id: Uuid,
    pub(crate) inbox_id: Option<Uuid>,
    pub(crate) purpose: String,
    pub(crate) campaign: Option<String>,
    pub(crate) channel_id: String,
}

impl GateRow {
    /// The broadcast that it belongs to.
    pub(crate) fn broadcast(&self) -> Option<Uuid> {
        self.campaign.as_deref()?.strip_prefix("broadcast:")?.parse().ok()
    }
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    /// `$1` is an array of `[id in hexadecimal, attempt]`.
    pub(crate) const GATE: Statement = Statement::fork(
        "SELECT o.id, o.contact_id, o.inbox_id, o.purpose, o.campaign, o.channel_id FROM json_each($1) AS j \
         CROSS JOIN outbox AS o WHERE o.id = unhex(j.value ->> 0) AND o.attempt = j.value ->> 1 \
         AND o.state = 'claimed'",
        "SELECT o.id, o.contact_id, o.inbox_id, o.purpose, o.campaign, o.channel_id \
         FROM jsonb_array_elements($1::jsonb) AS e(j) JOIN outbox AS o ON o.id = (j ->> 0)::uuid \
         AND o.attempt = (j ->> 1)::bigint AND o.state = 'claimed'",
    );
    /// Of contacts, `$1` an array of ids in hexadecimal. On `PostgreSQL` a stop and a dispatch of the same person come
    /// one after the other, on whichever of her contacts she stops.
    pub(crate) const WISHES: Statement = Statement::fork(
        "SELECT id, stopped_at, unasked_day, unasked_in_day FROM contacts \
         WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        "SELECT id, stopped_at, unasked_day, unasked_in_day FROM contacts WHERE id IN \
         (SELECT it::uuid FROM jsonb_array_elements_text($1::jsonb) AS e(it) UNION SELECT o.id \
         FROM jsonb_array_elements_text($1::jsonb) AS e(it) JOIN contacts AS k ON k.id = it::uuid \
         JOIN contacts AS o ON o.person_id = k.person_id) ORDER BY id FOR UPDATE",
    );
    /// `$1` is an array of `[contact in hexadecimal, count]`.
    pub(crate) const COUNTED: Statement = Statement::fork(
        "UPDATE contacts SET unasked_day = $2, unasked_in_day = j.value ->> 1 FROM json_each($1) AS j \
         WHERE contacts.id = unhex(j.value ->> 0)",
        "UPDATE contacts SET unasked_day = $2, unasked_in_day = (j ->> 1)::bigint \
         FROM jsonb_array_elements($1::jsonb) AS e(j) WHERE contacts.id = (j ->> 0)::uuid",
    );
    /// `$1` is an array of `[id in hexadecimal, attempt, gateway, price]`.
    pub(crate) const DISPATCH: Statement = Statement::fork(
        "UPDATE outbox SET state = 'dispatched', gateway_id = j.value ->> 2, lease_until = $2, updated_at = $3 \
         FROM json_each($1) AS j WHERE outbox.id = unhex(j.value ->> 0) AND outbox.attempt = j.value ->> 1 \
         AND outbox.state = 'claimed' RETURNING id",
        "UPDATE outbox SET state = 'dispatched', gateway_id = j ->> 2, lease_until = $2, updated_at = $3 \
         FROM jsonb_array_elements($1::jsonb) AS e(j) WHERE outbox.id = (j ->> 0)::uuid \
         AND outbox.attempt = (j ->> 1)::bigint AND outbox.state = 'claimed' RETURNING outbox.id",
    );
    pub(crate) const ATTEMPT: Statement = Statement::fork(
        "INSERT INTO attempts (outbox_id, number, gateway_id, state, price, dispatched_at, updated_at) \
         SELECT unhex(j.value ->> 0), j.value ->> 1, j.value ->> 2, 'dispatched', j.value ->> 3, $2, $2 \
         FROM json_each($1) AS j",
        "INSERT INTO attempts (outbox_id, number, gateway_id, state, price, dispatched_at, updated_at) \
         SELECT (j ->> 0)::uuid, (j ->> 1)::bigint, j ->> 2, 'dispatched', (j ->> 3)::bigint, $2, $2 \
         FROM jsonb_array_elements($1::jsonb) AS e(j)",
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
        use crate::store::broadcasts::gate::AtGate;
        use crate::store::outbox::{LEASE, ids_json, pairs_json};
        use crate::store::{Error, budgets, events};
        use std::collections::{BTreeMap, BTreeSet, HashMap};
        use uuid::Uuid;
    }

    /// Lets attempts through or refuses them; gives what became of each, in their order, and which
    /// budgets came to an end.
    pub(crate) async fn dispatch(
        conn: &mut Conn,
        attempts: Vec<Dispatch>,
        caps: Caps,
        now: i64,
    ) -> Result<(Vec<Dispatched>, Vec<Spent>), Error> {
        let claims: Vec<(Uuid, i64)> = attempts.iter().map(|it| (it.id, it.attempt)).collect();
        let found: Vec<GateRow> =
            sqlx::query_as(sql::GATE.on(ENGINE)).bind(pairs_json(&claims)).fetch_all(&mut *conn).await?;
        let mut gates: HashMap<Uuid, GateRow> = found.into_iter().map(|row| (row.id, row)).collect();
        let mut ended = vec![Dispatched::Lost; attempts.len()];
        let mut rows: Vec<(usize, &Dispatch, GateRow, bool)> = Vec::with_capacity(attempts.len());
        for (place, it) in attempts.iter().enumerate() {
            let Some(row) = gates.remove(&it.id) else { continue };
            let asked = row.purpose.parse::<Purpose>().is_ok_and(Purpose::asked_for);
            rows.push((place, it, row, asked));
        }
        // One order of locks for all: contacts, then budgets, then messages.
        let unasked: BTreeSet<Uuid> =
            rows.iter().filter(|(.., asked)| !asked).map(|(_, _, row, _)| row.contact_id).collect();
        let mut wishes: BTreeMap<Uuid, (bool, i64)> = BTreeMap::new();
        if !unasked.is_empty() {
            let found: Vec<(Uuid, Option<i64>, i64, i64)> = sqlx::query_as(sql::WISHES.on(ENGINE))
                .bind(ids_json(unasked.iter().copied()))
                .fetch_all(&mut *conn)
                .await?;
            wishes.extend(found.into_iter().map(|(id, stopped, day, had)| {
                (id, (stopped.is_some(), if day == caps.day { had } else { 0 }))
            }));
        }
        let of_broadcasts: Vec<AtGate> = rows
            .iter()
            .filter_map(|(_, _, row, _)| {
                let broadcast_id = row.broadcast()?;
                Some(AtGate { message_id: row.id, contact_id: row.contact_id, broadcast_id })
            })
            .collect();
        let gate = at::broadcast_gate::look(&mut *conn, &of_broadcasts).await?;
        rows.sort_by_key(|(_, _, row, _)| row.contact_id);
        let mut open = Vec::with_capacity(rows.len());
        for (place, it, row, asked) in rows {
            let mut counted = false;
            ended[place] = match wishes.get_mut(&row.contact_id) {
                _ if asked => Dispatched::Go,
                _ if gate.refuses(row.id) => Dispatched::Stopped,
                // The clock of broadcasts takes it back.
                _ if gate.halts(row.id) => Dispatched::Enough,
                Some((false, had)) if *had < caps.unasked_per_day => {
                    *had += 1;
                    counted = true;
                    Dispatched::Go
                }
                Some((false, _)) => Dispatched::Enough,
                Some((true, _)) | None => Dispatched::Stopped,
            };
            open.push((place, it, row, asked, counted));
        }
        let mut purse = at::budgets::Purse::new(caps);
        for (place, it, row, asked, counted) in &open {
            if ended[*place] == Dispatched::Go
                && !purse.take(conn, it.price, *asked, row.campaign.as_deref(), now).await?
            {
                ended[*place] = Dispatched::NoMoney;
                if *counted && let Some((_, had)) = wishes.get_mut(&row.contact_id) {
                    *had -= 1;
                }
            }
        }
        let counts: Vec<(Uuid, i64)> = open
            .iter()
            .filter(|(.., counted)| *counted)
            .filter_map(|(_, _, row, ..)| Some((row.contact_id, wishes.get(&row.contact_id)?.1)))
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect();
        if !counts.is_empty() {
            sqlx::query(sql::COUNTED.on(ENGINE))
                .bind(pairs_json(&counts))
                .bind(caps.day)
                .execute(&mut *conn)
                .await?;
        }
        let spent = purse.close(conn, now).await?;
        let mut let_through: Vec<(Uuid, serde_json::Value)> = open
            .iter()
            .filter(|(place, ..)| ended[*place] == Dispatched::Go)
            .map(|(_, it, row, ..)| {
                let gateway_id = it.gateway_id.as_ref().unwrap_or(&row.channel_id);
                (it.id, serde_json::json!([it.id.simple().to_string(), it.attempt, gateway_id, it.price]))
            })
            .collect();
        if !let_through.is_empty() {
            let_through.sort_by_key(|(id, _)| *id);
            let document = |of: &[(Uuid, serde_json::Value)]| {
                of.iter().map(|(_, row)| row.clone()).collect::<serde_json::Value>().to_string()
            };
            let done: Vec<(Uuid,)> = sqlx::query_as(sql::DISPATCH.on(ENGINE))
                .bind(document(&let_through))
                .bind(now + LEASE)
                .bind(now)
                .fetch_all(&mut *conn)
                .await?;
            let done: BTreeSet<Uuid> = done.into_iter().map(|(id,)| id).collect();
            // One that was cancelled since it was looked at is not called.
            for (place, it, ..) in open.iter().filter(|(_, it, ..)| !done.contains(&it.id)) {
                if ended[*place] == Dispatched::Go {
                    tracing::debug!(outbox_id = %it.id, "a message ended at the gate");
                    ended[*place] = Dispatched::Lost;
                }
            }
            let_through.retain(|(id, _)| done.contains(id));
            sqlx::query(sql::ATTEMPT.on(ENGINE))
                .bind(document(&let_through))
                .bind(now)
                .execute(&mut *conn)
                .await?;
        }
        let mut happened = Vec::new();
        for (place, it, row, asked, _) in &open {
            let (state, failure, until) = match ended[*place] {
                Dispatched::Go | Dispatched::Lost => continue,
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
                    ..events::New::default()
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
