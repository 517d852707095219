//! The feed of what happened, and how far sources were read.

use uuid::Uuid;

use super::{Error, Store};
use crate::domain::time::UnixMillis;

/// Something that happened, in commit order and without gaps.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Event {
    /// Its place in the feed, from 1.
    pub seq: i64,
    /// What happened: a stable code (`message_handled`).
    pub kind: String,
    /// The contact it happened to.
    pub contact_id: Option<Uuid>,
    /// The message that led to it.
    pub inbox_id: Option<Uuid>,
    /// The message of ours that it is about.
    pub outbox_id: Option<Uuid>,
    /// The case that it is about.
    pub case_id: Option<Uuid>,
    /// The demand that it is about. Such an event names no contact.
    pub demand_id: Option<Uuid>,
    /// The card that it is about. Such an event names no contact.
    pub highlight_id: Option<Uuid>,
    /// The broadcast that it is about. Such an event names no contact.
    pub broadcast_id: Option<Uuid>,
    /// Key of the municipality where it happened.
    pub municipality: Option<String>,
    /// Whether only staff with a grant may know of it.
    pub restricted: bool,
    /// When, Unix ms.
    pub created_at: i64,
}

/// An event to be added.
#[derive(Clone, Debug, Default)]
pub(crate) struct New {
    pub(crate) kind: &'static str,
    pub(crate) contact_id: Option<Uuid>,
    pub(crate) inbox_id: Option<Uuid>,
    pub(crate) outbox_id: Option<Uuid>,
    pub(crate) case_id: Option<Uuid>,
    pub(crate) demand_id: Option<Uuid>,
    pub(crate) highlight_id: Option<Uuid>,
    pub(crate) broadcast_id: Option<Uuid>,
    pub(crate) municipality: Option<String>,
    pub(crate) restricted: bool,
    pub(crate) at: i64,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// On `PostgreSQL` the row of `cursors` named `events` numbers the feed and is locked from here to
    /// the commit: without that a reader could pass a row whose transaction commits later. `SQLite` has
    /// one writer.
    pub(super) const ADD: Statement = Statement::fork(
        "INSERT INTO events (seq, kind, contact_id, inbox_id, outbox_id, created_at, case_id, municipality, \
         restricted, demand_id, broadcast_id, highlight_id) \
         VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM events), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        "WITH counted AS (UPDATE cursors SET position = position + 1 WHERE name = 'events' RETURNING position) \
         INSERT INTO events (seq, kind, contact_id, inbox_id, outbox_id, created_at, case_id, municipality, \
         restricted, demand_id, broadcast_id, highlight_id) \
         SELECT position, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM counted",
    );
    /// Nobody else adds an event until the commit; `SQLite` has one writer anyway.
    pub(super) const LOCK: Statement = Statement::fork(
        "SELECT position FROM cursors WHERE name = 'events'",
        "SELECT position FROM cursors WHERE name = 'events' FOR UPDATE",
    );
    pub(super) const LIST: Statement = Statement::both(
        "SELECT seq, kind, contact_id, inbox_id, outbox_id, case_id, demand_id, broadcast_id, highlight_id, municipality, \
         restricted, created_at FROM events WHERE seq > $1 ORDER BY seq LIMIT $2",
    );
    pub(super) const LAST: Statement =
        Statement::both("SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) FROM events");
    pub(super) const CURSOR: Statement = Statement::both("SELECT position FROM cursors WHERE name = $1");
    /// A cursor only moves forward.
    pub(super) const MOVE: Statement = Statement::both(
        "INSERT INTO cursors (name, position, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at \
         WHERE cursors.position < excluded.position",
    );
    pub(in crate::store) const ALL: &[Statement] = &[ADD, LOCK, LIST, LAST, CURSOR, MOVE];
}

per_engine! {
    use {
        use super::{Event, New, sql};
        use crate::store::{Engine, Error};
    }

    /// Adds events, in order. Call it last in a transaction: on `PostgreSQL` others wait from here on.
    pub(crate) async fn add(conn: &mut Conn, events: &[New]) -> Result<(), Error> {
        for event in events {
            sqlx::query(sql::ADD.on(ENGINE))
                .bind(event.kind)
                .bind(event.contact_id)
                .bind(event.inbox_id)
                .bind(event.outbox_id)
                .bind(event.at)
                .bind(event.case_id)
                .bind(&event.municipality)
                .bind(event.restricted)
                .bind(event.demand_id)
                .bind(event.broadcast_id)
                .bind(event.highlight_id)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }

    /// Takes the feed before anything else is locked, where a transaction locks more rows than its own:
    /// all that do so take it first, so that no two wait for each other.
    pub(crate) async fn lock(conn: &mut Conn) -> Result<(), Error> {
        if ENGINE == Engine::Postgres {
            sqlx::query(sql::LOCK.on(ENGINE)).fetch_optional(conn).await?;
        }
        Ok(())
    }

    /// The events after `seq`.
    pub(crate) async fn list(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Event>, Error> {
        Ok(sqlx::query_as(sql::LIST.on(ENGINE)).bind(after).bind(limit).fetch_all(conn).await?)
    }

    /// The number of the newest event; 0: there is none.
    pub(crate) async fn last(conn: &mut Conn) -> Result<i64, Error> {
        let (last,) = sqlx::query_as(sql::LAST.on(ENGINE)).fetch_one(conn).await?;
        Ok(last)
    }

    /// How far a source was read.
    pub(crate) async fn cursor(conn: &mut Conn, name: String) -> Result<Option<i64>, Error> {
        let found: Option<(i64,)> =
            sqlx::query_as(sql::CURSOR.on(ENGINE)).bind(name).fetch_optional(conn).await?;
        Ok(found.map(|(position,)| position))
    }

    /// Moves a cursor forward.
    pub(crate) async fn move_cursor(
        conn: &mut Conn,
        name: String,
        position: i64,
        at: i64,
    ) -> Result<(), Error> {
        sqlx::query(sql::MOVE.on(ENGINE)).bind(name).bind(position).bind(at).execute(conn).await?;
        Ok(())
    }
}

impl Store {
    /// At most `limit` events after the place `after` (0: from the first).
    pub async fn list_events(&self, after: i64, limit: u32) -> Result<Vec<Event>, Error> {
        on_pool!(self, conn => at::events::list(conn, after, i64::from(limit)))
    }

    /// The number of the newest event; 0: there is none.
    pub async fn get_last_event(&self) -> Result<i64, Error> {
        on_pool!(self, conn => at::events::last(conn))
    }

    /// How far the source `name` was read.
    pub async fn find_cursor(&self, name: &str) -> Result<Option<i64>, Error> {
        let name = name.to_owned();
        on_pool!(self, conn => at::events::cursor(conn, name))
    }

    /// Notes how far the source `name` was read; a smaller position changes nothing.
    pub async fn update_cursor(&self, name: &str, position: i64, now: UnixMillis) -> Result<(), Error> {
        let name = name.to_owned();
        in_write_tx!(self, conn => at::events::move_cursor(conn, name, position, now.0))
    }
}
