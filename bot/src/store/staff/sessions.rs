//! Sessions: a stolen database gives none, since of a token only its SHA-256 is kept.

use std::time::Duration;

use uuid::Uuid;

use super::accounts::Account;
use super::answers::Write;
use crate::domain::time::{DAY, HOUR, MINUTE, UnixMillis};
use crate::store::{Error, Store};

/// A session that was not used for so long is over, ms.
pub const IDLE: i64 = 30 * MINUTE;
/// A session is over after so long, ms.
pub const ABSOLUTE: i64 = 12 * HOUR;
/// How exactly the last use is noted, ms.
const SEEN: i64 = MINUTE;
/// How long a call waits until its use is noted.
const NOTED: Duration = Duration::from_millis(50);
/// How long a session that is over is kept, to know a place again, ms.
const KEPT: i64 = 90 * DAY;

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: Uuid,
    /// SHA-256 of its token.
    pub token_hash: Vec<u8>,
    /// Keyed hash of the place it comes from.
    pub source_key: Vec<u8>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub staff_id: Uuid,
    /// When it began, Unix ms.
    pub created_at: i64,
    /// When it was last used, Unix ms, to the minute.
    pub seen_at: i64,
}

/// A session with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The session.
    pub session: Session,
    /// The account.
    pub account: Account,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO staff_sessions (id, token_hash, staff_id, source_key, created_at, seen_at) \
         VALUES ($1, $2, $3, $4, $5, $5)",
    );
    pub(super) const KNOWN_PLACE: Statement =
        Statement::both("SELECT id FROM staff_sessions WHERE staff_id = $1 AND source_key = $2 LIMIT 1");
    pub(super) const FIND: Statement = Statement::both(
        "SELECT id, staff_id, created_at, seen_at FROM staff_sessions \
         WHERE token_hash = $1 AND ended_at IS NULL AND created_at > $2 AND seen_at > $3",
    );
    pub(super) const ALIVE: Statement = Statement::both(
        "SELECT s.id FROM staff_sessions AS s JOIN staff AS a ON a.id = s.staff_id \
         WHERE s.id = $1 AND s.ended_at IS NULL AND s.created_at > $2 AND s.seen_at > $3 \
         AND a.state = 'active'",
    );
    pub(super) const SEEN: Statement =
        Statement::both("UPDATE staff_sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2");
    pub(super) const LIST: Statement = Statement::both(
        "SELECT id, staff_id, created_at, seen_at FROM staff_sessions \
         WHERE staff_id = $1 AND id < $2 AND ended_at IS NULL AND created_at > $3 AND seen_at > $4 \
         ORDER BY id DESC LIMIT $5",
    );
    pub(super) const END: Statement = Statement::both(
        "UPDATE staff_sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING staff_id",
    );
    pub(super) const OWNER: Statement =
        Statement::both("SELECT staff_id FROM staff_sessions WHERE id = $1 AND ended_at IS NULL");
    pub(super) const END_ALL: Statement =
        Statement::both("UPDATE staff_sessions SET ended_at = $2 WHERE staff_id = $1 AND ended_at IS NULL");
    pub(super) const REMOVE: Statement = Statement::both(
        "DELETE FROM staff_sessions WHERE id IN \
         (SELECT id FROM staff_sessions WHERE created_at < $1 ORDER BY created_at LIMIT 500)",
    );
    pub(in crate::store) const ALL: &[Statement] =
        &[ADD, KNOWN_PLACE, FIND, ALIVE, SEEN, LIST, END, OWNER, END_ALL, REMOVE];
}

per_engine! {
    with at;
    use {
        use super::{ABSOLUTE, IDLE, NewSession, Session, Signed, sql};
        use crate::store::staff::accounts::AccountState;
        use crate::store::staff::answers::Write;
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// Begins a session; whether the account never had one from this place.
    pub(crate) async fn add(
        conn: &mut Conn,
        new: &NewSession,
        staff_id: Uuid,
        now: i64,
    ) -> Result<bool, Error> {
        let known: Option<(Uuid,)> = sqlx::query_as(sql::KNOWN_PLACE.on(ENGINE))
            .bind(staff_id)
            .bind(&new.source_key)
            .fetch_optional(&mut *conn)
            .await?;
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(new.id)
            .bind(&new.token_hash)
            .bind(staff_id)
            .bind(&new.source_key)
            .bind(now)
            .execute(conn)
            .await?;
        Ok(known.is_none())
    }

    /// The session of a token, if it is alive, with its account.
    pub(crate) async fn find(
        conn: &mut Conn,
        token_hash: Vec<u8>,
        now: i64,
    ) -> Result<Option<Signed>, Error> {
        let session: Option<Session> = sqlx::query_as(sql::FIND.on(ENGINE))
            .bind(token_hash)
            .bind(now - ABSOLUTE)
            .bind(now - IDLE)
            .fetch_optional(&mut *conn)
            .await?;
        let Some(session) = session else { return Ok(None) };
        let account = at::staff::get(conn, session.staff_id).await?;
        Ok(account
            .filter(|it| it.state == AccountState::Active)
            .map(|account| Signed { session, account }))
    }

    /// Whether a session is alive.
    pub(crate) async fn alive(conn: &mut Conn, id: Uuid, now: i64) -> Result<bool, Error> {
        let found: Option<(Uuid,)> = sqlx::query_as(sql::ALIVE.on(ENGINE))
            .bind(id)
            .bind(now - ABSOLUTE)
            .bind(now - IDLE)
            .fetch_optional(conn)
            .await?;
        Ok(found.is_some())
    }

    /// Notes a use.
    pub(crate) async fn seen(conn: &mut Conn, id: Uuid, now: i64) -> Result<(), Error> {
        sqlx::query(sql::SEEN.on(ENGINE)).bind(id).bind(now).execute(conn).await?;
        Ok(())
    }

    /// Living sessions of an account, the newest first, before the id `before`.
    pub(crate) async fn list(
        conn: &mut Conn,
        staff_id: Uuid,
        before: Uuid,
        now: i64,
        limit: i64,
    ) -> Result<Vec<Session>, Error> {
        Ok(sqlx::query_as(sql::LIST.on(ENGINE))
            .bind(staff_id)
            .bind(before)
            .bind(now - ABSOLUTE)
            .bind(now - IDLE)
            .bind(limit)
            .fetch_all(conn)
            .await?)
    }

    /// Whose session it is.
    pub(crate) async fn owner(conn: &mut Conn, id: Uuid) -> Result<Option<Uuid>, Error> {
        let found: Option<(Uuid,)> =
            sqlx::query_as(sql::OWNER.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        Ok(found.map(|(it,)| it))
    }

    /// Ends a session.
    pub(crate) async fn end(conn: &mut Conn, id: Uuid, write: &Write<()>) -> Result<(), Error> {
        let now = write.audit.at();
        let ended: Option<(Uuid,)> =
            sqlx::query_as(sql::END.on(ENGINE)).bind(id).bind(now).fetch_optional(&mut *conn).await?;
        if ended.is_none() {
            return Err(Error::NotFound);
        }
        at::answers::keep(conn, write.sealed(&())?).await?;
        at::audit::append(conn, &write.audit).await?;
        let event = events::New { kind: "staff_session_ended", at: now, ..events::New::default() };
        at::events::add(conn, &[event]).await
    }

    /// Ends all sessions of an account.
    pub(crate) async fn end_all(conn: &mut Conn, staff_id: Uuid, now: i64) -> Result<(), Error> {
        sqlx::query(sql::END_ALL.on(ENGINE)).bind(staff_id).bind(now).execute(conn).await?;
        Ok(())
    }

    /// Removes some old sessions; how many.
    pub(crate) async fn remove(conn: &mut Conn, before: i64) -> Result<u64, Error> {
        Ok(sqlx::query(sql::REMOVE.on(ENGINE)).bind(before).execute(conn).await?.rows_affected())
    }
}

impl Store {
    /// The living session of a token, by the token's SHA-256, with its account; notes the use.
    ///
    /// # Errors
    /// The database can't be used.
    pub async fn find_session(&self, token_hash: &[u8], now: UnixMillis) -> Result<Option<Signed>, Error> {
        let hash = token_hash.to_vec();
        let found = on_pool!(self, conn => at::sessions::find(conn, hash, now.0))?;
        if let Some(signed) = &found
            && now.0 - signed.session.seen_at >= SEEN
        {
            let (store, id) = (self.clone(), signed.session.id);
            let noted = tokio::spawn(async move { store.note_use(id, now).await });
            // Who asks does not wait for it behind many writes: after a while it goes on by itself, and where it fails
            // then the next call notes its own.
            if let Ok(Ok(noted)) = tokio::time::timeout(NOTED, noted).await {
                noted?;
            }
        }
        Ok(found)
    }

    async fn note_use(&self, id: Uuid, now: UnixMillis) -> Result<(), Error> {
        in_write_tx!(self, conn => at::sessions::seen(conn, id, now.0))
    }

    /// Whether a session is alive; no use of it.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn session_lives(&self, id: Uuid, now: UnixMillis) -> Result<bool, Error> {
        on_pool!(self, conn => at::sessions::alive(conn, id, now.0))
    }

    /// Living sessions of an account, the newest first, those before the id `before`.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_sessions(
        &self,
        staff_id: Uuid,
        before: Option<Uuid>,
        limit: u32,
        now: UnixMillis,
    ) -> Result<Vec<Session>, Error> {
        let before = before.unwrap_or(Uuid::max());
        on_pool!(self, conn => at::sessions::list(conn, staff_id, before, now.0, i64::from(limit)))
    }

    /// Whose session it is that did not end.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn find_session_owner(&self, id: Uuid) -> Result<Option<Uuid>, Error> {
        on_pool!(self, conn => at::sessions::owner(conn, id))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Error::NotFound`]: there is none, or it ended before.
    pub async fn end_session(&self, id: Uuid, write: Write<()>) -> Result<(), Error> {
        in_write_tx!(self, conn => at::sessions::end(conn, id, &write))
    }

    /// Removes sessions that ended long ago; gives how many, at most 500 a call.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn remove_sessions(&self, now: UnixMillis) -> Result<u64, Error> {
        in_write_tx!(self, conn => at::sessions::remove(conn, now.0 - KEPT))
    }
}
