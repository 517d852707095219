//! Queueing a broadcast in pages, taking back what is queued, and noting what became of it.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Broadcast, campaign};
use crate::domain::broadcast::State;
use crate::domain::time::UnixMillis;
use crate::store::cases::people::locale;
use crate::store::outbox::NewOutbound;
use crate::store::outbox::add::document_row;
use crate::store::{Error, Store};

/// Somebody for whom nothing is queued yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The person, or the contact where no other belongs to her.
    pub holder_id: Uuid,
    /// Where it goes.
    pub contact_id: Uuid,
    /// The municipality whose news she asked for.
    pub municipality: String,
    /// The language in which she writes; `None`: that of the country.
    pub locale: Option<String>,
}

/// A [`Waiting`] as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct WaitingRow {
    holder_id: Uuid,
    contact_id: Uuid,
    municipality: String,
    state: Option<String>,
}

/// What of a broadcast is on its way on a channel, in messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// All of them.
    pub all: u64,
    /// What may go now.
    pub due: u64,
    /// What was put off since a budget is spent.
    pub short: u64,
}

/// The people of a page, each with her message: its id, and what the outbox takes.
pub(crate) type Page = Vec<(Uuid, Uuid, serde_json::Value)>;

/// What became of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// So many are queued; the others of the page are passed over.
    Page(u64),
    /// The broadcast is not sent any more: nothing was queued.
    Ended,
    /// It must not go out as it was approved, for this reason: nothing was queued.
    Barred(&'static str),
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const WAITING: Statement = Statement::both(
        "SELECT r.holder_id, r.contact_id, r.municipality, v.state FROM broadcast_recipients AS r \
         LEFT JOIN conversations AS v ON v.contact_id = r.contact_id WHERE r.broadcast_id = $1 \
         AND r.state = 'waiting' AND r.channel_id = $2 ORDER BY r.holder_id LIMIT $3",
    );
    /// By channel; `$2`: only what is due by then; what the gate put off to later since money was short.
    pub(super) const OPEN: Statement = Statement::both(
        "SELECT channel_id, COUNT(*), COALESCE(SUM(CASE WHEN not_before <= $2 THEN 1 ELSE 0 END), 0), \
         COALESCE(SUM(CASE WHEN state = 'queued' AND failure = 'budget' AND not_before > $2 THEN 1 ELSE 0 END), 0) \
         FROM outbox \
         WHERE campaign = $1 AND campaign IS NOT NULL AND state IN ('queued', 'claimed', 'dispatched') \
         GROUP BY channel_id",
    );
    // `SQLite` would rather go through all who wait, and through the page for each of them: `+` keeps it from the
    // index of states, so that the people of a page are looked up by their key.
    macro_rules! of_page {
        ($condition:literal) => {
            Statement::fork(
                concat!(
                    "UPDATE broadcast_recipients SET state = 'passed' WHERE broadcast_id = $1 AND +state = 'waiting' \
                     AND holder_id IN (SELECT unhex(value) FROM json_each($2)) AND ",
                    $condition,
                    " RETURNING holder_id"
                ),
                concat!(
                    "UPDATE broadcast_recipients SET state = 'passed' WHERE broadcast_id = $1 AND state = 'waiting' \
                     AND holder_id IN (SELECT it::uuid FROM jsonb_array_elements_text($2::jsonb) AS e(it)) AND ",
                    $condition,
                    " RETURNING holder_id"
                ),
            )
        };
    }
    /// Who stopped on one of her channels, and who was joined with somebody else of it since: the first of them
    /// gets it, or has it.
    pub(super) const PASS: Statement = of_page!(
        "EXISTS (SELECT 1 FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id \
         WHERE k.id = broadcast_recipients.contact_id AND (o.stopped_at IS NOT NULL OR EXISTS (SELECT 1 \
         FROM broadcast_recipients AS x WHERE x.contact_id = o.id AND o.id <> k.id \
         AND x.broadcast_id = broadcast_recipients.broadcast_id AND (x.state IN ('queued', 'sent', 'failed') \
         OR (x.state = 'waiting' AND x.holder_id < broadcast_recipients.holder_id)))))"
    );
    /// Who does not want this news any more; `$3` is the topic.
    pub(super) const PASS_ASKERS: Statement = of_page!(
        "NOT EXISTS (SELECT 1 FROM subscriptions AS s WHERE s.contact_id = broadcast_recipients.source_id \
         AND s.municipality = broadcast_recipients.municipality \
         AND ($3 = '' OR (s.kind = 'topic' AND s.topic = $3)))"
    );
    /// `$3` is the demand.
    pub(super) const PASS_SUPPORTERS: Statement = of_page!(
        "NOT EXISTS (SELECT 1 FROM demand_supports AS s WHERE s.contact_id = broadcast_recipients.source_id \
         AND s.root_id = $3 AND NOT s.muted)"
    );
    /// `$2` is an array of `[holder, message]` in hexadecimal.
    pub(super) const MARK: Statement = Statement::fork(
        "WITH j AS MATERIALIZED (SELECT unhex(value ->> 0) AS holder_id, unhex(value ->> 1) AS outbox_id \
         FROM json_each($2)) UPDATE broadcast_recipients SET state = 'queued', outbox_id = j.outbox_id FROM j \
         WHERE broadcast_id = $1 AND broadcast_recipients.holder_id = j.holder_id AND +state = 'waiting'",
        "UPDATE broadcast_recipients SET state = 'queued', outbox_id = (j ->> 1)::uuid \
         FROM jsonb_array_elements($2::jsonb) AS e(j) WHERE broadcast_id = $1 AND holder_id = (j ->> 0)::uuid \
         AND state = 'waiting'",
    );
    /// A demand that is still one of its own.
    pub(super) const DEMAND: Statement = Statement::both(
        "SELECT id FROM demands WHERE id = $1 AND published_at IS NOT NULL \
         AND state NOT IN ('rejected', 'withdrawn', 'merged')",
    );
    /// Those of a page that have no message: they stopped, or left.
    pub(super) const UNMARK: Statement = Statement::fork(
        "UPDATE broadcast_recipients SET state = 'passed', outbox_id = NULL WHERE broadcast_id = $1 \
         AND holder_id IN (SELECT unhex(value) FROM json_each($2)) AND +state = 'queued' \
         AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.id = broadcast_recipients.outbox_id)",
        "UPDATE broadcast_recipients SET state = 'passed', outbox_id = NULL WHERE broadcast_id = $1 \
         AND holder_id IN (SELECT it::uuid FROM jsonb_array_elements_text($2::jsonb) AS e(it)) \
         AND state = 'queued' AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.id = broadcast_recipients.outbox_id)",
    );
    /// What is not at a gateway's door; in the order in which rows are locked by all.
    pub(super) const CANCEL: Statement = Statement::fork(
        "UPDATE outbox SET state = 'cancelled', failure = 'stopped', lease_until = NULL, updated_at = $2 \
         WHERE campaign = $1 AND campaign IS NOT NULL AND state IN ('queued', 'claimed', 'dispatched') \
         AND state <> 'dispatched' RETURNING id",
        "WITH picked AS MATERIALIZED (SELECT id AS one FROM outbox WHERE campaign = $1 AND campaign IS NOT NULL \
         AND state IN ('queued', 'claimed', 'dispatched') AND state <> 'dispatched' ORDER BY id FOR UPDATE) \
         UPDATE outbox SET state = 'cancelled', failure = 'stopped', lease_until = NULL, updated_at = $2 \
         FROM picked WHERE outbox.id = picked.one RETURNING outbox.id",
    );
    macro_rules! cancelled {
        ($ids:literal, $set:literal) => {
            concat!(
                "UPDATE broadcast_recipients SET ",
                $set,
                " WHERE broadcast_id = $1 AND state = 'queued' AND outbox_id IN (",
                $ids,
                ")"
            )
        };
    }
    pub(super) const TAKE_BACK: Statement = Statement::fork(
        cancelled!("SELECT unhex(value) FROM json_each($2)", "state = 'waiting', outbox_id = NULL"),
        cancelled!(
            "SELECT it::uuid FROM jsonb_array_elements_text($2::jsonb) AS e(it)",
            "state = 'waiting', outbox_id = NULL"
        ),
    );
    pub(super) const CANCELLED: Statement = Statement::fork(
        cancelled!("SELECT unhex(value) FROM json_each($2)", "state = 'cancelled'"),
        cancelled!(
            "SELECT it::uuid FROM jsonb_array_elements_text($2::jsonb) AS e(it)",
            "state = 'cancelled'"
        ),
    );
    /// What ended since it was queued.
    pub(super) const SETTLE: Statement = Statement::both(
        "UPDATE broadcast_recipients SET state = CASE WHEN o.state IN ('failed', 'expired') THEN 'failed' \
         WHEN o.state = 'cancelled' THEN 'passed' ELSE 'sent' END FROM outbox AS o \
         WHERE broadcast_recipients.broadcast_id = $1 AND broadcast_recipients.state = 'queued' \
         AND o.id = broadcast_recipients.outbox_id AND o.state NOT IN ('queued', 'claimed', 'dispatched') \
         RETURNING broadcast_recipients.state",
    );
    pub(super) const FORGETTABLE: Statement = Statement::both(
        "SELECT id FROM broadcasts WHERE forget_at IS NOT NULL AND forget_at <= $1 ORDER BY forget_at LIMIT 1",
    );
    pub(super) const FORGET: Statement = Statement::both(
        "DELETE FROM broadcast_recipients WHERE broadcast_id = $1 AND holder_id IN (SELECT x.holder_id \
         FROM broadcast_recipients AS x WHERE x.broadcast_id = $1 ORDER BY x.holder_id LIMIT $2)",
    );
    pub(super) const FORGOT: Statement =
        Statement::both("UPDATE broadcasts SET forget_at = NULL WHERE id = $1");
    pub(super) const SUMS: Statement = Statement::both(
        "SELECT state, COUNT(*) FROM broadcast_recipients WHERE broadcast_id = $1 GROUP BY state ORDER BY state",
    );
    pub(in crate::store) const ALL: &[Statement] = &[
        WAITING,
        OPEN,
        PASS,
        PASS_ASKERS,
        PASS_SUPPORTERS,
        DEMAND,
        MARK,
        UNMARK,
        CANCEL,
        TAKE_BACK,
        CANCELLED,
        SETTLE,
        FORGETTABLE,
        FORGET,
        FORGOT,
        SUMS,
    ];
}

per_engine! {
    with at;
    use {
        use super::super::row::Row;
        use super::{Page, Queued, State, WaitingRow, campaign, sql};
        use crate::domain::broadcast::Draft;
        use crate::store::outbox::ids_json;
        use crate::store::Error;
        use std::collections::BTreeSet;
        use uuid::Uuid;
    }

    /// Some for whom nothing is queued yet, on a channel.
    pub(crate) async fn waiting(
        conn: &mut Conn,
        id: Uuid,
        channel_id: String,
        limit: i64,
    ) -> Result<Vec<WaitingRow>, Error> {
        let query = sqlx::query_as(sql::WAITING.on(ENGINE)).bind(id).bind(channel_id).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// What of it is on its way by channel, how much of that is due, and how much money is too short for.
    pub(crate) async fn open(conn: &mut Conn, id: Uuid, now: i64) -> Result<Vec<(String, i64, i64, i64)>, Error> {
        Ok(sqlx::query_as(sql::OPEN.on(ENGINE)).bind(campaign(id)).bind(now).fetch_all(conn).await?)
    }

    /// Why it must not go out as it was approved; `None`: it may. The barrier: asked in the transaction of every
    /// page, so that what was taken back meanwhile reaches nobody else.
    async fn barred(conn: &mut Conn, draft: &Draft) -> Result<Option<&'static str>, Error> {
        if let Some(id) = draft.highlight_id {
            // Locked: it is withdrawn before this page or after it.
            let there = match at::highlight_rows::load(&mut *conn, id).await {
                Ok(row) => row.published_version(),
                Err(Error::NotFound) => None,
                Err(problem) => return Err(problem),
            };
            if there.is_none() || there != draft.highlight_version {
                return Ok(Some("highlight"));
            }
        }
        let Some(demand_id) = draft.audience.demand else { return Ok(None) };
        let query = sqlx::query_as(sql::DEMAND.on(ENGINE)).bind(demand_id);
        let public: Option<(Uuid,)> = query.fetch_optional(conn).await?;
        Ok(if public.is_some() { None } else { Some("demand") })
    }

    /// Passes people of a page over; gives whom.
    async fn pass(
        conn: &mut Conn,
        id: Uuid,
        holders: &str,
        draft: &Draft,
    ) -> Result<BTreeSet<Uuid>, Error> {
        let mut passed = BTreeSet::new();
        // Who got what is corrected gets the correction.
        let audience = &draft.audience;
        let found: Vec<(Uuid,)> = match audience.demand {
            _ if draft.correction_of.is_some() => Vec::new(),
            Some(demand_id) => {
                let query = sqlx::query_as(sql::PASS_SUPPORTERS.on(ENGINE)).bind(id).bind(holders);
                query.bind(demand_id).fetch_all(&mut *conn).await?
            }
            None => {
                let query = sqlx::query_as(sql::PASS_ASKERS.on(ENGINE)).bind(id).bind(holders);
                query.bind(audience.topic.clone().unwrap_or_default()).fetch_all(&mut *conn).await?
            }
        };
        passed.extend(found.into_iter().map(|(it,)| it));
        // After that: of two who were joined the one who still wants it gets it.
        let found: Vec<(Uuid,)> =
            sqlx::query_as(sql::PASS.on(ENGINE)).bind(id).bind(holders).fetch_all(conn).await?;
        passed.extend(found.into_iter().map(|(it,)| it));
        Ok(passed)
    }

    /// Queues a page: marks its people and adds their messages.
    pub(crate) async fn queue(conn: &mut Conn, id: Uuid, page: Page, now: i64) -> Result<Queued, Error> {
        let mut row = at::broadcasts::load(&mut *conn, id).await?;
        let it = row.broadcast()?;
        if it.state != State::Sending {
            return Ok(Queued::Ended);
        }
        if let Some(reason) = barred(&mut *conn, &it.draft).await? {
            return Ok(Queued::Barred(reason));
        }
        if page.is_empty() {
            return Ok(Queued::Page(0));
        }
        let all = ids_json(page.iter().map(|(holder_id, ..)| *holder_id));
        let passed = pass(&mut *conn, id, &all, &it.draft).await?;
        let (mut pairs, mut messages) = (Vec::new(), Vec::new());
        for (holder_id, message_id, message) in page {
            if !passed.contains(&holder_id) {
                pairs.push(serde_json::json!([holder_id.simple().to_string(), message_id.simple().to_string()]));
                messages.push(message);
            }
        }
        let pages = serde_json::Value::from(pairs.clone()).to_string();
        let marked = sqlx::query(sql::MARK.on(ENGINE)).bind(id).bind(pages).execute(&mut *conn).await?;
        if marked.rows_affected() != pairs.len() as u64 {
            // Another process queued some of them.
            return Err(Error::Conflict);
        }
        at::outbox::add_many(&mut *conn, serde_json::Value::from(messages).to_string()).await?;
        let unmarked = sqlx::query(sql::UNMARK.on(ENGINE)).bind(id).bind(all).execute(&mut *conn).await?;
        let count = |it: u64| i64::try_from(it).unwrap_or(0);
        let queued = marked.rows_affected() - unmarked.rows_affected();
        row.queued += count(queued);
        row.passed += count(unmarked.rows_affected() + passed.len() as u64);
        row.updated_at = now;
        at::broadcasts::save(conn, &row).await?;
        Ok(Queued::Page(queued))
    }

    /// Takes back what is queued and not at a gateway's door: its people wait again, or it ended before them. The
    /// row is locked, and saved by the caller.
    pub(crate) async fn take_back(conn: &mut Conn, row: &mut Row, for_good: bool, now: i64) -> Result<(), Error> {
        let query = sqlx::query_as(sql::CANCEL.on(ENGINE)).bind(campaign(row.id)).bind(now);
        let taken: Vec<(Uuid,)> = query.fetch_all(&mut *conn).await?;
        let statement = if for_good { sql::CANCELLED } else { sql::TAKE_BACK };
        let query = sqlx::query(statement.on(ENGINE)).bind(row.id);
        let query = query.bind(ids_json(taken.into_iter().map(|(id,)| id)));
        let back = i64::try_from(query.execute(conn).await?.rows_affected()).unwrap_or(0);
        row.queued -= back;
        if for_good {
            row.cancelled += back;
        }
        Ok(())
    }

    /// Takes back what is queued while nothing may go out.
    pub(crate) async fn pause(conn: &mut Conn, id: Uuid, now: i64) -> Result<(), Error> {
        let mut row = at::broadcasts::load(&mut *conn, id).await?;
        let state = row.broadcast()?.state;
        // What was at a gateway's door when it was stopped or held is queued again where that asked to wait.
        if matches!(state, State::Sending | State::Held | State::Stopped) {
            take_back(&mut *conn, &mut row, state == State::Stopped, now).await?;
            at::broadcasts::save(conn, &row).await?;
        }
        Ok(())
    }

    /// Notes what became of what was queued; gives how many that were.
    pub(crate) async fn settle(conn: &mut Conn, id: Uuid, now: i64) -> Result<u64, Error> {
        let mut row = at::broadcasts::load(&mut *conn, id).await?;
        let query = sqlx::query_as(sql::SETTLE.on(ENGINE)).bind(id);
        let ended: Vec<(String,)> = query.fetch_all(&mut *conn).await?;
        for (state,) in &ended {
            row.queued -= 1;
            match state.as_str() {
                "failed" => row.failed += 1,
                "passed" => row.passed += 1,
                _ => row.sent += 1,
            }
        }
        if !ended.is_empty() {
            row.updated_at = now;
            at::broadcasts::save(conn, &row).await?;
        }
        Ok(ended.len() as u64)
    }

    /// Moves it on by the clock: to `sending` when its time came and enough of those who let it go still may, to
    /// `done` when nobody waits. Gives whether it moved.
    pub(crate) async fn advance(conn: &mut Conn, id: Uuid, valid: Vec<Uuid>, now: i64) -> Result<bool, Error> {
        at::events::lock(&mut *conn).await?;
        let mut row = at::broadcasts::load(&mut *conn, id).await?;
        let it = row.broadcast()?;
        let kind = match it.state {
            State::Approved if it.begins_at.is_some_and(|begins| begins.0 <= now) => {
                let approvals = at::broadcasts::approvals(&mut *conn, id).await?;
                let given = approvals
                    .iter()
                    .filter(|one| one.hash == it.hash && valid.contains(&one.staff_id))
                    .count() as u64;
                if given >= it.approvals_needed {
                    State::Sending.code().clone_into(&mut row.state);
                    "broadcast_began"
                } else {
                    at::broadcast_acts::hold(&mut row, Some("approval".to_owned()));
                    "broadcast_held"
                }
            }
            State::Sending if it.progress.waiting() == 0 && it.progress.queued == 0 => {
                State::Done.code().clone_into(&mut row.state);
                row.forget_at = Some(now + super::super::act::KEPT);
                "broadcast_done"
            }
            _ => return Ok(false),
        };
        row.version += 1;
        row.updated_at = now;
        at::broadcasts::save(&mut *conn, &row).await?;
        at::events::add(conn, &[at::broadcast_acts::event(kind, id, now)]).await?;
        Ok(true)
    }

    /// Holds it for a reason that the clock met.
    pub(crate) async fn bar(conn: &mut Conn, id: Uuid, reason: &'static str, now: i64) -> Result<(), Error> {
        at::events::lock(&mut *conn).await?;
        let mut row = at::broadcasts::load(&mut *conn, id).await?;
        if row.state != State::Sending.code() {
            return Ok(());
        }
        take_back(&mut *conn, &mut row, false, now).await?;
        at::broadcast_acts::hold(&mut row, Some(reason.to_owned()));
        row.version += 1;
        row.updated_at = now;
        at::broadcasts::save(&mut *conn, &row).await?;
        at::events::add(conn, &[at::broadcast_acts::event("broadcast_held", id, now)]).await
    }

    /// Forgets some people of a broadcast that is over for long; gives how many.
    pub(crate) async fn forget(conn: &mut Conn, limit: i64, now: i64) -> Result<u64, Error> {
        let query = sqlx::query_as(sql::FORGETTABLE.on(ENGINE)).bind(now);
        let found: Option<(Uuid,)> = query.fetch_optional(&mut *conn).await?;
        let Some((id,)) = found else { return Ok(0) };
        let query = sqlx::query(sql::FORGET.on(ENGINE)).bind(id).bind(limit);
        let gone = query.execute(&mut *conn).await?.rows_affected();
        if gone == 0 {
            sqlx::query(sql::FORGOT.on(ENGINE)).bind(id).execute(conn).await?;
        }
        Ok(gone)
    }

    /// How many people are in each state.
    pub(crate) async fn sums(conn: &mut Conn, id: Uuid) -> Result<Vec<(String, i64)>, Error> {
        Ok(sqlx::query_as(sql::SUMS.on(ENGINE)).bind(id).fetch_all(conn).await?)
    }
}

impl Store {
    /// At most `limit` people of a broadcast on a channel for whom nothing is queued yet.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_broadcast_waiting(
        &self,
        id: Uuid,
        channel_id: &str,
        limit: u32,
    ) -> Result<Vec<Waiting>, Error> {
        let channel = channel_id.to_owned();
        let rows = on_pool!(self, conn => at::broadcast_queue::waiting(conn, id, channel, i64::from(limit)))?;
        let keys = self.keys();
        let waiting = rows.into_iter().map(|it| Waiting {
            locale: locale(&keys, it.contact_id, it.state.as_deref()),
            holder_id: it.holder_id,
            contact_id: it.contact_id,
            municipality: it.municipality,
        });
        Ok(waiting.collect())
    }

    /// What of a broadcast is on its way, by channel.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn count_broadcast_open(
        &self,
        id: Uuid,
        now: UnixMillis,
    ) -> Result<BTreeMap<String, Open>, Error> {
        let rows = on_pool!(self, conn => at::broadcast_queue::open(conn, id, now.0))?;
        let count = |it: i64| u64::try_from(it).unwrap_or(0);
        let open = |all, due, short| Open { all: count(all), due: count(due), short: count(short) };
        Ok(rows.into_iter().map(|(channel, all, due, short)| (channel, open(all, due, short))).collect())
    }

    /// Queues messages of a broadcast for these people, in one transaction with the mark of each: nobody is queued
    /// twice. With nobody it only asks whether the broadcast may go out still. Who stopped on one of her channels,
    /// left, wants no such news any more, or has it on another channel is passed over.
    ///
    /// # Errors
    /// [`Error::Conflict`]: another process queued some of them.
    pub async fn queue_broadcast(
        &self,
        id: Uuid,
        page: Vec<(Uuid, NewOutbound)>,
        now: UnixMillis,
    ) -> Result<Queued, Error> {
        let rows = page.iter().map(|(holder_id, it)| Ok((*holder_id, it.id, document_row(self, it)?)));
        let rows = rows.collect::<Result<Vec<_>, Error>>()?;
        in_write_tx!(self, conn => at::broadcast_queue::queue(conn, id, rows, now.0))
    }

    /// Takes back what of a broadcast is queued and not at a gateway's door; its people wait again.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn pause_broadcast(&self, id: Uuid, now: UnixMillis) -> Result<(), Error> {
        in_write_tx!(self, conn => at::broadcast_queue::pause(conn, id, now.0))
    }

    /// Notes what became of what was queued; gives how many that were.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn settle_broadcast(&self, id: Uuid, now: UnixMillis) -> Result<u64, Error> {
        in_write_tx!(self, conn => at::broadcast_queue::settle(conn, id, now.0))
    }

    /// Moves a broadcast on by the clock: it begins when its time came, and is held where too few of those who let
    /// it go are still `valid`; it is done when nobody waits. Gives whether it moved.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn advance_broadcast(
        &self,
        it: &Broadcast,
        valid: Vec<Uuid>,
        now: UnixMillis,
    ) -> Result<bool, Error> {
        let id = it.id;
        in_write_tx!(self, conn => at::broadcast_queue::advance(conn, id, valid, now.0))
    }

    /// Holds a broadcast that is being sent, for a reason that the clock met.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn bar_broadcast(&self, id: Uuid, reason: &'static str, now: UnixMillis) -> Result<(), Error> {
        in_write_tx!(self, conn => at::broadcast_queue::bar(conn, id, reason, now.0))
    }

    /// Forgets at most `limit` people of a broadcast that ended a month ago; gives how many.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn forget_broadcast_people(&self, limit: u32, now: UnixMillis) -> Result<u64, Error> {
        in_write_tx!(self, conn => at::broadcast_queue::forget(conn, i64::from(limit), now.0))
    }

    /// How many people of a broadcast are in each state, counted one by one.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn count_broadcast_people(&self, id: Uuid) -> Result<Vec<(String, i64)>, Error> {
        on_pool!(self, conn => at::broadcast_queue::sums(conn, id))
    }
}
