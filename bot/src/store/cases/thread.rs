//! The thread of a case: its messages, sealed where the case is, and its photos and voices.

use uuid::Uuid;

use crate::domain::time::{DAY, UnixMillis};
use crate::store::sealed::CaseKey;
use crate::store::{Error, Store};

/// Until when a file of an open case is kept: for ever, in effect.
pub(crate) const OPEN_FILES: i64 = 253_402_300_799_000;
/// How long a file is kept after its case was closed.
const CLOSED_FILES: i64 = 90 * DAY;
/// Characters of the beginning of a message that a list shows.
const PREVIEW: usize = 160;

/// A message of a thread, as staff reads it. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: Uuid,
    /// `citizen`, `bot`, `staff` or `note`.
    pub author: String,
    /// Who wrote, where a citizen did.
    pub contact_id: Option<Uuid>,
    /// Who wrote, where staff did.
    pub staff_id: Option<Uuid>,
    /// The message it came by.
    pub inbox_id: Option<Uuid>,
    /// The message it went out by.
    pub outbox_id: Option<Uuid>,
    /// How far that got, a state of the outbox.
    pub outbox_state: Option<String>,
    /// It is not sent before this instant.
    pub held_until: Option<UnixMillis>,
    /// The words; `None` where the reader may not know them.
    pub text: Option<String>,
    /// When it was written.
    pub created_at: UnixMillis,
    /// When it was taken back before it was sent.
    pub taken_back_at: Option<UnixMillis>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Message {{ id: {}, author: {:?}, .. }}", self.id, self.author)
    }
}

/// A photo or a voice of a case.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct File {
    /// Its id.
    pub id: Uuid,
    /// The message it came with.
    pub inbox_id: Uuid,
    /// `photo` or `voice`.
    pub kind: String,
    /// `wanted`, `kept`, `refused` or `failed`.
    pub state: String,
    /// Its type.
    pub mime: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
}

/// A row of the thread.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct MessageRow {
    id: Uuid,
    author: String,
    contact_id: Option<Uuid>,
    staff_id: Option<Uuid>,
    inbox_id: Option<Uuid>,
    outbox_id: Option<Uuid>,
    outbox_state: Option<String>,
    not_before: Option<i64>,
    body: String,
    created_at: i64,
    taken_back_at: Option<i64>,
}

/// A message to be added; its body is sealed already where the case is.
#[derive(Clone)]
pub(crate) struct NewMessage<'a> {
    pub(crate) id: Uuid,
    pub(crate) case_id: Uuid,
    pub(crate) author: &'static str,
    pub(crate) contact_id: Option<Uuid>,
    pub(crate) staff_id: Option<Uuid>,
    pub(crate) inbox_id: Option<Uuid>,
    pub(crate) outbox_id: Option<Uuid>,
    pub(crate) body: &'a str,
}

/// A text as it is stored: sealed with the case's key where there is one.
pub(crate) fn stored(key: Option<&CaseKey>, id: Uuid, text: &str) -> Result<String, Error> {
    // PostgreSQL keeps no NUL in a text, and what looks sealed to us would never open.
    let text: String =
        text.chars().map(|it| if matches!(it, '\0' | '\u{1}') { '\u{fffd}' } else { it }).collect();
    key.map_or(Ok(text.clone()), |key| key.seal(id, &text))
}

/// A stored text, opened; `None` where it is sealed and the key is not at hand.
pub(crate) fn opened(key: Option<&CaseKey>, id: Uuid, stored: &str) -> Result<Option<String>, Error> {
    match key {
        Some(key) => key.open(id, stored).map(Some),
        None if stored.starts_with(crate::store::sealed::MARK) => Ok(None),
        None => Ok(Some(stored.to_owned())),
    }
}

/// The beginning of a message, for a list.
pub(crate) fn preview(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(PREVIEW).collect()
}

/// Until when the files of a case are kept.
pub(crate) fn files_until(closed_at: Option<i64>) -> i64 {
    closed_at.map_or(OPEN_FILES, |it| it.saturating_add(CLOSED_FILES))
}

/// The least id of an instant.
pub(crate) fn first_id(at: UnixMillis) -> Uuid {
    Uuid::from_u128(u128::from(at.0.max(0).unsigned_abs()) << 80)
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO case_messages (id, case_id, author, contact_id, staff_id, inbox_id, outbox_id, body, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    pub(super) const LIST: Statement = Statement::both(
        "SELECT m.id, m.author, m.contact_id, m.staff_id, m.inbox_id, m.outbox_id, o.state AS outbox_state, \
         o.not_before, m.body, m.created_at, m.taken_back_at FROM case_messages AS m \
         LEFT JOIN outbox AS o ON o.id = m.outbox_id WHERE m.case_id = $1 AND m.id > $2 ORDER BY m.id LIMIT $3",
    );
    pub(super) const BODIES: Statement =
        Statement::both("SELECT id, body FROM case_messages WHERE case_id = $1 ORDER BY id");
    pub(super) const SET_BODY: Statement =
        Statement::both("UPDATE case_messages SET body = $2 WHERE id = $1");
    pub(super) const DETAILS: Statement = Statement::both(
        "SELECT version, detail FROM case_changes WHERE case_id = $1 AND detail IS NOT NULL ORDER BY version",
    );
    pub(super) const SET_DETAIL: Statement =
        Statement::both("UPDATE case_changes SET detail = $3 WHERE case_id = $1 AND version = $2");
    pub(super) const LAST: Statement = Statement::both(
        "SELECT id, body, created_at FROM case_messages WHERE case_id = $1 AND author = 'citizen' \
         AND contact_id IN (SELECT k.id FROM contacts AS k WHERE k.id = $2 UNION SELECT o.id \
         FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id WHERE k.id = $2 \
         AND k.person_id IS NOT NULL) ORDER BY id DESC LIMIT 1",
    );
    pub(super) const STAFFED: Statement = Statement::both(
        "SELECT MIN(created_at) FROM case_messages WHERE case_id = $1 AND author = 'staff' \
         AND taken_back_at IS NULL",
    );
    pub(super) const TAKE_BACK: Statement = Statement::both(
        "UPDATE case_messages SET taken_back_at = $3 WHERE id = $1 AND case_id = $2 AND author = 'staff' \
         AND taken_back_at IS NULL AND outbox_id IS NOT NULL RETURNING outbox_id",
    );
    pub(super) const CANCEL: Statement = Statement::both(
        "UPDATE outbox SET state = 'cancelled', lease_until = NULL, updated_at = $2 \
         WHERE id = $1 AND state = 'queued' AND attempt = 0",
    );
    pub(super) const LINK: Statement = Statement::fork(
        "UPDATE outbox SET case_id = $2 WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        "UPDATE outbox SET case_id = $2 \
         WHERE id IN (SELECT it::uuid FROM jsonb_array_elements_text($1::jsonb) AS e(it))",
    );
    /// The files of a message, and of those of its contact since the dialogue began.
    pub(super) const KEEP_OF: Statement = Statement::both(
        "UPDATE media SET case_id = $1, expires_at = $3 WHERE inbox_id = $2 AND case_id IS NULL",
    );
    pub(super) const KEEP_SINCE: Statement = Statement::both(
        "UPDATE media SET case_id = $1, expires_at = $4 WHERE case_id IS NULL AND id IN (SELECT m.id \
         FROM media AS m JOIN inbox AS i ON i.id = m.inbox_id WHERE m.id >= $3 AND i.contact_id = $2)",
    );
    pub(super) const EXPIRE: Statement =
        Statement::both("UPDATE media SET expires_at = $2 WHERE case_id = $1");
    pub(super) const FILES: Statement = Statement::both(
        "SELECT id, inbox_id, kind, state, mime, size FROM media WHERE case_id = $1 ORDER BY id",
    );
    pub(in crate::store) const ALL: &[Statement] = &[
        ADD, LIST, BODIES, SET_BODY, DETAILS, SET_DETAIL, LAST, STAFFED, TAKE_BACK, CANCEL, LINK, KEEP_OF,
        KEEP_SINCE, EXPIRE, FILES,
    ];
}

per_engine! {
    use {
        use super::super::row::Row;
        use super::{File, MessageRow, NewMessage, files_until, first_id, sql};
        use crate::domain::time::UnixMillis;
        use crate::store::sealed::CaseKey;
        use crate::store::Error;
        use crate::store::outbox::ids_json;
        use uuid::Uuid;
    }

    /// Adds a message to a thread.
    pub(crate) async fn add(conn: &mut Conn, new: NewMessage<'_>, now: i64) -> Result<(), Error> {
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(new.id)
            .bind(new.case_id)
            .bind(new.author)
            .bind(new.contact_id)
            .bind(new.staff_id)
            .bind(new.inbox_id)
            .bind(new.outbox_id)
            .bind(new.body)
            .bind(now)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// The messages of a thread after one of them, the oldest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        case_id: Uuid,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<MessageRow>, Error> {
        Ok(sqlx::query_as(sql::LIST.on(ENGINE)).bind(case_id).bind(after).bind(limit).fetch_all(conn).await?)
    }

    /// The last message of a contact, or another one of the same person, in a thread: id, stored text, when.
    pub(crate) async fn last(
        conn: &mut Conn,
        case_id: Uuid,
        contact_id: Uuid,
    ) -> Result<Option<(Uuid, String, i64)>, Error> {
        let last = sqlx::query_as(sql::LAST.on(ENGINE)).bind(case_id).bind(contact_id);
        Ok(last.fetch_optional(conn).await?)
    }

    /// Writes another text into a message.
    pub(crate) async fn set_body(conn: &mut Conn, id: Uuid, body: &str) -> Result<(), Error> {
        sqlx::query(sql::SET_BODY.on(ENGINE)).bind(id).bind(body).execute(conn).await?;
        Ok(())
    }

    /// When staff answered first.
    pub(crate) async fn staffed(conn: &mut Conn, case_id: Uuid) -> Result<Option<i64>, Error> {
        let (first,) = sqlx::query_as(sql::STAFFED.on(ENGINE)).bind(case_id).fetch_one(conn).await?;
        Ok(first)
    }

    /// Takes a message back that is held.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it is on its way, or was taken back before.
    pub(crate) async fn take_back(
        conn: &mut Conn,
        case_id: Uuid,
        message_id: Uuid,
        now: i64,
    ) -> Result<(), Error> {
        let row: Option<(Uuid,)> = sqlx::query_as(sql::TAKE_BACK.on(ENGINE))
            .bind(message_id)
            .bind(case_id)
            .bind(now)
            .fetch_optional(&mut *conn)
            .await?;
        let (outbox_id,) = row.ok_or(Error::Conflict)?;
        let cancelled = sqlx::query(sql::CANCEL.on(ENGINE)).bind(outbox_id).bind(now).execute(conn).await?;
        if cancelled.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict) }
    }

    /// Notes to which case messages of ours belong.
    pub(crate) async fn link(conn: &mut Conn, outbox: &[Uuid], case_id: Uuid) -> Result<(), Error> {
        if !outbox.is_empty() {
            let ids = ids_json(outbox.iter().copied());
            sqlx::query(sql::LINK.on(ENGINE)).bind(ids).bind(case_id).execute(conn).await?;
        }
        Ok(())
    }

    /// Seals the texts of a case with `new` that were sealed with `old`; `None`: plain.
    pub(crate) async fn reseal(
        conn: &mut Conn,
        row: &mut Row,
        old: Option<&CaseKey>,
        new: Option<&CaseKey>,
    ) -> Result<(), Error> {
        let again = |id: Uuid, text: &str| {
            let plain = old.map_or_else(|| Ok(text.to_owned()), |key| key.open(id, text))?;
            new.map_or_else(|| Ok(plain.clone()), |key| key.seal(id, &plain))
        };
        let bodies: Vec<(Uuid, String)> =
            sqlx::query_as(sql::BODIES.on(ENGINE)).bind(row.id).fetch_all(&mut *conn).await?;
        for (id, body) in bodies {
            set_body(conn, id, &again(id, &body)?).await?;
        }
        let details: Vec<(i64, String)> =
            sqlx::query_as(sql::DETAILS.on(ENGINE)).bind(row.id).fetch_all(&mut *conn).await?;
        for (version, detail) in details {
            sqlx::query(sql::SET_DETAIL.on(ENGINE))
                .bind(row.id)
                .bind(version)
                .bind(again(row.id, &detail)?)
                .execute(&mut *conn)
                .await?;
        }
        for text in [&mut row.place, &mut row.answers, &mut row.preview].into_iter().flatten() {
            *text = again(row.id, text)?;
        }
        Ok(())
    }

    /// Files of a message, and those that its contact sent `since`, are kept with the case.
    pub(crate) async fn keep_files(
        conn: &mut Conn,
        case_id: Uuid,
        inbox_id: Uuid,
        since: Option<(Uuid, i64)>,
    ) -> Result<(), Error> {
        let until = files_until(None);
        sqlx::query(sql::KEEP_OF.on(ENGINE))
            .bind(case_id)
            .bind(inbox_id)
            .bind(until)
            .execute(&mut *conn)
            .await?;
        if let Some((contact_id, began)) = since {
            sqlx::query(sql::KEEP_SINCE.on(ENGINE))
                .bind(case_id)
                .bind(contact_id)
                .bind(first_id(UnixMillis(began)))
                .bind(until)
                .execute(conn)
                .await?;
        }
        Ok(())
    }

    /// Files of a case are kept until its retention is over.
    pub(crate) async fn expire_files(conn: &mut Conn, row: &Row) -> Result<(), Error> {
        let until = files_until(row.closed_at);
        sqlx::query(sql::EXPIRE.on(ENGINE)).bind(row.id).bind(until).execute(conn).await?;
        Ok(())
    }

    /// The files of a case.
    pub(crate) async fn files(conn: &mut Conn, case_id: Uuid) -> Result<Vec<File>, Error> {
        Ok(sqlx::query_as(sql::FILES.on(ENGINE)).bind(case_id).fetch_all(conn).await?)
    }
}

impl Store {
    /// At most `limit` messages of a case's thread after the message `after`, the oldest first. The texts
    /// of a confidential case are opened only where `open` says that the reader may know them.
    pub async fn list_case_messages(
        &self,
        case_id: Uuid,
        after: Option<Uuid>,
        limit: u32,
        open: bool,
    ) -> Result<Vec<Message>, Error> {
        let Some(row) = self.read_case(case_id).await? else { return Err(Error::NotFound) };
        let key = if open { row.key(&self.keys())? } else { None };
        let rows = self.message_rows(case_id, after.unwrap_or(Uuid::nil()), limit).await?;
        rows.into_iter()
            .map(|it| {
                Ok(Message {
                    text: opened(key.as_ref(), it.id, &it.body)?,
                    id: it.id,
                    author: it.author,
                    contact_id: it.contact_id,
                    staff_id: it.staff_id,
                    inbox_id: it.inbox_id,
                    outbox_id: it.outbox_id,
                    outbox_state: it.outbox_state,
                    held_until: it.not_before.map(UnixMillis),
                    created_at: UnixMillis(it.created_at),
                    taken_back_at: it.taken_back_at.map(UnixMillis),
                })
            })
            .collect()
    }

    async fn message_rows(&self, case_id: Uuid, after: Uuid, limit: u32) -> Result<Vec<MessageRow>, Error> {
        on_pool!(self, conn => at::case_thread::list(conn, case_id, after, i64::from(limit)))
    }

    /// The photos and voices of a case.
    pub async fn list_case_files(&self, case_id: Uuid) -> Result<Vec<File>, Error> {
        on_pool!(self, conn => at::case_thread::files(conn, case_id))
    }
}
