//! What staff send: held for some seconds, during which it can be taken back, and what became of it.

use uuid::Uuid;

use super::Within;
use crate::domain::time::{HOUR, UnixMillis};
use crate::store::outbox::NewOutbound;
use crate::store::outbox::add::document;
use crate::store::{Error, Store};

/// How long a message of staff is held, ms.
pub const HELD_FOR: i64 = 10_000;

/// Numbers that one person may look at in an hour before an alarm is raised.
pub const REVEALS_AN_HOUR: i64 = 50;

/// A message of staff and the messages of the outbox that it became, one for each who gets it.
#[derive(Clone, Debug)]
pub struct Send {
    /// Its id.
    pub id: Uuid,
    /// The case that it belongs to; `None`: it answers a text that is no case.
    pub case_id: Option<Uuid>,
    /// Key of the municipality; empty: none.
    pub municipality: String,
    /// Who sends.
    pub staff_id: Uuid,
    /// The message of the case's thread.
    pub message_id: Option<Uuid>,
    /// How the case was before, opaque here.
    pub undo: String,
    /// Version of the case that its first act began on.
    pub version: i64,
    /// What goes out; none goes before [`Send::until`].
    pub messages: Vec<NewOutbound>,
    /// Until when it can be taken back.
    pub until: UnixMillis,
    /// When.
    pub at: UnixMillis,
}

/// A send as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Held {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_id: Option<Uuid>,
    /// Key of the municipality; empty: none.
    pub municipality: String,
    /// Who sends.
    pub staff_id: Uuid,
    /// The message of the thread.
    pub message_id: Option<Uuid>,
    /// `sent` (held until `until_at`) or `taken_back`.
    pub state: String,
    /// How the case was before.
    pub undo: String,
    /// Version of the case that its first act began on.
    pub version: i64,
    /// Until when it can be taken back, Unix ms.
    pub until_at: i64,
    /// When it was written, Unix ms.
    pub created_at: i64,
}

/// What became of a wish to take a send back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenBack {
    /// Nobody gets it.
    Done(Box<Held>),
    /// It is on its way.
    TooLate,
    /// It was taken back before.
    Before,
    /// There is no such send.
    NotThere,
}

/// A line of the outbox: one message to one person.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    /// Id of the message.
    pub id: Uuid,
    /// Id of the send.
    pub held_id: Uuid,
    /// The case.
    pub case_id: Option<Uuid>,
    /// Key of the municipality; empty: none.
    pub municipality: String,
    /// Who sent it.
    pub staff_id: Uuid,
    /// Its channel.
    pub channel_id: String,
    /// How far it got.
    pub state: String,
    /// Why it did not go.
    pub failure: Option<String>,
    /// SMS segments.
    pub segments: i64,
    /// Number of the last attempt.
    pub attempt: i64,
    /// Until when it can be taken back, Unix ms.
    pub until_at: i64,
    /// When it was written, Unix ms.
    pub created_at: i64,
    /// When it last changed, Unix ms.
    pub updated_at: i64,
}

/// Which part of the outbox is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What can still be taken back.
    Held,
    /// What went, or goes.
    Sent,
    /// What did not go, or nobody knows.
    Failed,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    pub(crate) const ADD: Statement = Statement::both(
        "INSERT INTO held_sends (id, case_id, municipality, staff_id, message_id, state, undo, version, \
         until_at, created_at) VALUES ($1, $2, $3, $4, $5, 'sent', $6, $7, $8, $9)",
    );
    /// What the outbox took: nobody who left gets anything.
    pub(crate) const JOIN: Statement = Statement::both(
        "INSERT INTO held_messages (held_id, outbox_id) SELECT $1, id FROM outbox WHERE id = $2",
    );
    macro_rules! columns {
        () => {
            "h.id, h.case_id, h.municipality, h.staff_id, h.message_id, h.state, h.undo, h.version, \
             h.until_at, h.created_at"
        };
    }
    pub(crate) const FIND: Statement =
        Statement::both(concat!("SELECT ", columns!(), " FROM held_sends AS h WHERE h.id = $1"));
    pub(crate) const TAKE_BACK: Statement = Statement::both(
        "UPDATE held_sends SET state = 'taken_back' WHERE id = $1 AND state = 'sent' AND until_at > $2",
    );
    pub(crate) const CANCEL: Statement = Statement::both(
        "UPDATE outbox SET state = 'cancelled', failure = 'person', updated_at = $2 \
         WHERE id IN (SELECT outbox_id FROM held_messages WHERE held_id = $1) AND state = 'queued'",
    );
    pub(crate) const GOING: Statement = Statement::both(
        "SELECT m.outbox_id FROM held_messages AS m JOIN outbox AS o ON o.id = m.outbox_id \
         WHERE m.held_id = $1 AND o.state NOT IN ('queued', 'cancelled') LIMIT 1",
    );
    pub(crate) const OF_CASE: Statement = Statement::both(concat!(
        "SELECT ",
        columns!(),
        " FROM held_sends AS h WHERE h.case_id = $1 ORDER BY h.id DESC LIMIT $2"
    ));
    macro_rules! lines {
        ($within:literal, $which:literal) => {
            concat!(
                "SELECT o.id, h.id AS held_id, h.case_id, h.municipality, h.staff_id, o.channel_id, o.state, ",
                "o.failure, o.segments, o.attempt, h.until_at, o.created_at, o.updated_at ",
                "FROM held_sends AS h JOIN held_messages AS m ON m.held_id = h.id ",
                "JOIN outbox AS o ON o.id = m.outbox_id WHERE h.id <= $1 AND (h.id < $1 OR o.id < $5) ",
                "AND h.state = 'sent' AND ",
                $which,
                " AND (CAST($2 AS TEXT) IS NULL OR EXISTS (",
                $within,
                ")) ORDER BY h.id DESC, o.id DESC LIMIT $3"
            )
        };
    }
    macro_rules! forked {
        ($which:literal) => {
            Statement::fork(
                lines!("SELECT 1 FROM json_each($2) AS k WHERE h.municipality LIKE k.value || '%'", $which),
                lines!(
                    "SELECT 1 FROM json_array_elements_text($2::json) AS k (value) WHERE h.municipality LIKE k.value || '%'",
                    $which
                ),
            )
        };
    }
    pub(crate) const HELD: Statement = forked!("h.until_at > $4 AND o.state = 'queued'");
    pub(crate) const SENT: Statement = forked!(
        "h.until_at <= $4 AND o.state NOT IN ('failed', 'expired', 'abandoned', 'unknown', 'cancelled')"
    );
    pub(crate) const FAILED: Statement =
        forked!("h.until_at <= $4 AND o.state IN ('failed', 'expired', 'abandoned', 'unknown')");
    pub(crate) const OF_MESSAGE: Statement = Statement::both(concat!(
        "SELECT ",
        columns!(),
        " FROM held_sends AS h JOIN held_messages AS m ON m.held_id = h.id WHERE m.outbox_id = $1"
    ));
    pub(crate) const LINE: Statement = Statement::both(
        "SELECT o.id, h.id AS held_id, h.case_id, h.municipality, h.staff_id, o.channel_id, o.state, o.failure, \
         o.segments, o.attempt, h.until_at, o.created_at, o.updated_at FROM held_messages AS m \
         JOIN held_sends AS h ON h.id = m.held_id JOIN outbox AS o ON o.id = m.outbox_id WHERE m.outbox_id = $1",
    );
    /// Somebody knows that it arrived.
    pub(crate) const ARRIVED: Statement = Statement::both(
        "UPDATE outbox SET state = 'delivered', failure = NULL, ask_at = NULL, updated_at = $2 \
         WHERE id = $1 AND state = 'unknown'",
    );
    pub(crate) const ATTEMPT_ARRIVED: Statement = Statement::both(
        "UPDATE attempts SET state = 'delivered', failure = NULL, updated_at = $2 WHERE outbox_id = $1 \
         AND number = (SELECT attempt FROM outbox WHERE id = $1) AND state = 'unknown'",
    );
    pub(crate) const REVEAL: Statement =
        Statement::both("INSERT INTO reveals (id, staff_id, at) VALUES ($1, $2, $3)");
    pub(crate) const REVEALS: Statement =
        Statement::both("SELECT COUNT(*) FROM reveals WHERE staff_id = $1 AND at > $2");
    pub(crate) const FORGET: Statement =
        Statement::both("DELETE FROM reveals WHERE staff_id = $1 AND at <= $2");
    pub(crate) const ALL: &[Statement] = &[
        ADD,
        JOIN,
        FIND,
        TAKE_BACK,
        CANCEL,
        GOING,
        OF_CASE,
        HELD,
        SENT,
        FAILED,
        OF_MESSAGE,
        LINE,
        ARRIVED,
        ATTEMPT_ARRIVED,
        REVEAL,
        REVEALS,
        FORGET,
    ];
}

per_engine! {
    with at;
    use {
        use super::{Held, Line, Part, Send, TakenBack, document, sql};
        use crate::store::{Error, Store};
        use uuid::Uuid;
    }

    /// Keeps a send and its messages; gives how many go out.
    pub(crate) async fn add(conn: &mut Conn, store: &Store, send: &Send) -> Result<u64, Error> {
        let document = document(store, &send.messages)?;
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(send.id)
            .bind(send.case_id)
            .bind(&send.municipality)
            .bind(send.staff_id)
            .bind(send.message_id)
            .bind(&send.undo)
            .bind(send.version)
            .bind(send.until.0)
            .bind(send.at.0)
            .execute(&mut *conn)
            .await?;
        at::outbox::add_many(&mut *conn, document).await?;
        let mut going = 0;
        for message in &send.messages {
            let joined = sqlx::query(sql::JOIN.on(ENGINE)).bind(send.id).bind(message.id);
            going += joined.execute(&mut *conn).await?.rows_affected();
        }
        Ok(going)
    }

    /// One send.
    pub(crate) async fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Held>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// The send that a message belongs to.
    pub(crate) async fn of_message(conn: &mut Conn, outbox_id: Uuid) -> Result<Option<Held>, Error> {
        Ok(sqlx::query_as(sql::OF_MESSAGE.on(ENGINE)).bind(outbox_id).fetch_optional(conn).await?)
    }

    /// Takes a send back, unless its time is over.
    pub(crate) async fn take_back(conn: &mut Conn, id: Uuid, now: i64) -> Result<TakenBack, Error> {
        let Some(held) = find(conn, id).await? else { return Ok(TakenBack::NotThere) };
        if held.state == "taken_back" {
            return Ok(TakenBack::Before);
        }
        let done = sqlx::query(sql::TAKE_BACK.on(ENGINE)).bind(id).bind(now).execute(&mut *conn).await?;
        if done.rows_affected() == 0 {
            return Ok(TakenBack::TooLate);
        }
        sqlx::query(sql::CANCEL.on(ENGINE)).bind(id).bind(now).execute(&mut *conn).await?;
        let going: Option<(Uuid,)> =
            sqlx::query_as(sql::GOING.on(ENGINE)).bind(id).fetch_optional(&mut *conn).await?;
        // The caller undoes what was written so far.
        if going.is_some() {
            return Err(Error::Conflict);
        }
        Ok(TakenBack::Done(Box::new(held)))
    }

    /// The sends of a case, the newest first.
    pub(crate) async fn of_case(conn: &mut Conn, case_id: Uuid, limit: i64) -> Result<Vec<Held>, Error> {
        Ok(sqlx::query_as(sql::OF_CASE.on(ENGINE)).bind(case_id).bind(limit).fetch_all(conn).await?)
    }

    /// Lines of a part of the outbox, the newest first.
    pub(crate) async fn lines(
        conn: &mut Conn,
        part: Part,
        within: Option<String>,
        before: (Uuid, Uuid),
        limit: i64,
        now: i64,
    ) -> Result<Vec<Line>, Error> {
        let statement = match part {
            Part::Held => sql::HELD,
            Part::Sent => sql::SENT,
            Part::Failed => sql::FAILED,
        };
        let query = sqlx::query_as(statement.on(ENGINE))
            .bind(before.0)
            .bind(within)
            .bind(limit)
            .bind(now)
            .bind(before.1);
        Ok(query.fetch_all(conn).await?)
    }

    /// One line of the outbox.
    pub(crate) async fn line(conn: &mut Conn, outbox_id: Uuid) -> Result<Option<Line>, Error> {
        Ok(sqlx::query_as(sql::LINE.on(ENGINE)).bind(outbox_id).fetch_optional(conn).await?)
    }

    /// Notes that a message arrived of which nobody knew; `false` where that is not so.
    pub(crate) async fn arrived(conn: &mut Conn, outbox_id: Uuid, now: i64) -> Result<bool, Error> {
        let done = sqlx::query(sql::ARRIVED.on(ENGINE)).bind(outbox_id).bind(now).execute(&mut *conn).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(sql::ATTEMPT_ARRIVED.on(ENGINE)).bind(outbox_id).bind(now).execute(conn).await?;
        Ok(true)
    }

    /// Notes that somebody looked at a number; gives how many in the hour that ends now.
    pub(crate) async fn reveal(
        conn: &mut Conn,
        id: Uuid,
        staff_id: Uuid,
        now: i64,
        since: i64,
    ) -> Result<i64, Error> {
        sqlx::query(sql::FORGET.on(ENGINE)).bind(staff_id).bind(since).execute(&mut *conn).await?;
        sqlx::query(sql::REVEAL.on(ENGINE)).bind(id).bind(staff_id).bind(now).execute(&mut *conn).await?;
        let (count,) =
            sqlx::query_as(sql::REVEALS.on(ENGINE)).bind(staff_id).bind(since).fetch_one(conn).await?;
        Ok(count)
    }
}

impl Store {
    /// Keeps a send and its messages; gives how many go out: who left the channel gets nothing.
    pub async fn add_held(&self, send: Send) -> Result<u64, Error> {
        let store = self.clone();
        in_write_tx!(self, conn => async move { at::held::add(conn, &store, &send).await })
    }

    /// Somebody looks at a whole number that belongs to no case; gives how many within the hour.
    pub(crate) async fn look_at_number(
        &self,
        look: Uuid,
        staff_id: Uuid,
        entry: crate::store::audit::New,
    ) -> Result<i64, Error> {
        let (now, entry) = (entry.at.0, self.prepare_audit(entry));
        in_write_tx!(self, conn => async move {
            let looks = at::held::reveal(&mut *conn, look, staff_id, now, now - HOUR).await?;
            at::audit::append(conn, &entry).await?;
            Ok(looks)
        })
    }

    /// One send.
    pub async fn find_held(&self, id: Uuid) -> Result<Option<Held>, Error> {
        on_pool!(self, conn => at::held::find(conn, id))
    }

    /// The send that a message of the outbox belongs to.
    pub async fn find_held_of(&self, outbox_id: Uuid) -> Result<Option<Held>, Error> {
        on_pool!(self, conn => at::held::of_message(conn, outbox_id))
    }

    /// Takes a send back while it is held.
    ///
    /// # Errors
    /// [`Error::Conflict`]: a part of it is on its way; nothing was changed.
    pub async fn take_back_held(&self, id: Uuid, now: UnixMillis) -> Result<TakenBack, Error> {
        in_write_tx!(self, conn => at::held::take_back(conn, id, now.0))
    }

    /// The sends of a case, the newest first.
    pub async fn list_held_of_case(&self, case_id: Uuid, limit: u32) -> Result<Vec<Held>, Error> {
        on_pool!(self, conn => at::held::of_case(conn, case_id, i64::from(limit)))
    }

    /// Lines of a part of the outbox, the newest first; `before`: send and message of the last line of
    /// the page before.
    pub async fn list_outbox(
        &self,
        part: Part,
        within: &Within,
        before: Option<(Uuid, Uuid)>,
        limit: u32,
        now: UnixMillis,
    ) -> Result<Vec<Line>, Error> {
        let (within, before) = (within.json(), before.unwrap_or((Uuid::max(), Uuid::max())));
        on_pool!(self, conn => at::held::lines(conn, part, within, before, i64::from(limit), now.0))
    }

    /// One line of the outbox: a message of staff.
    pub async fn find_outbox_line(&self, outbox_id: Uuid) -> Result<Option<Line>, Error> {
        on_pool!(self, conn => at::held::line(conn, outbox_id))
    }

    /// Notes that somebody looked at a number in full; gives how many in the hour that ends now.
    pub async fn note_reveal(&self, id: Uuid, staff_id: Uuid, now: UnixMillis) -> Result<i64, Error> {
        in_write_tx!(self, conn => at::held::reveal(conn, id, staff_id, now.0, now.0 - HOUR))
    }
}
