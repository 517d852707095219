//! Texts that officers have not sent yet: one for each officer, case and kind, sealed.

use uuid::Uuid;

use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// What a draft becomes. Kept apart, so that a note is never sent by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftKind {
    /// A message to the citizen.
    Reply,
    /// A note among staff.
    Note,
}

impl DraftKind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Note => "note",
        }
    }
}

/// A draft as it is read. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Draft {
    /// Its id.
    pub id: Uuid,
    /// Whose case it is about.
    pub case_id: Uuid,
    /// `reply` or `note`.
    pub kind: String,
    /// The text.
    pub text: String,
    /// Counts the writes, from 1.
    pub version: i64,
    /// When it was last written, Unix ms.
    pub updated_at: i64,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Draft {{ id: {}, kind: {}, version: {}, .. }}", self.id, self.kind, self.version)
    }
}

/// A draft to be written; its text is sealed already.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) staff_id: Uuid,
    pub(crate) case_id: Uuid,
    pub(crate) kind: &'static str,
    pub(crate) sealed: String,
    pub(crate) at: i64,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    pub(crate) const LIST: Statement = Statement::both(
        "SELECT id, case_id, kind, text, version, updated_at FROM drafts WHERE staff_id = $1 \
         ORDER BY case_id, kind LIMIT $2",
    );
    pub(crate) const OF: Statement = Statement::both(
        "SELECT id, case_id, kind, text, version, updated_at FROM drafts \
         WHERE staff_id = $1 AND case_id = $2 ORDER BY kind",
    );
    pub(crate) const ID: Statement =
        Statement::both("SELECT id FROM drafts WHERE staff_id = $1 AND case_id = $2 AND kind = $3");
    pub(crate) const ADD: Statement = Statement::both(
        "INSERT INTO drafts (id, staff_id, case_id, kind, text, version, updated_at) \
         VALUES ($1, $2, $3, $4, $5, 1, $6)",
    );
    /// The last writer wins: a draft is one person's, and what she typed last is what she means.
    pub(crate) const UPDATE: Statement = Statement::both(
        "UPDATE drafts SET text = $2, version = version + 1, updated_at = $3 WHERE id = $1 \
         AND updated_at <= $3",
    );
    pub(crate) const DELETE: Statement =
        Statement::both("DELETE FROM drafts WHERE staff_id = $1 AND case_id = $2 AND kind = $3");
    /// Who else writes an answer to the case.
    pub(crate) const OTHERS: Statement = Statement::both(
        "SELECT staff_id, updated_at FROM drafts WHERE case_id = $1 AND staff_id <> $2 AND updated_at >= $3 \
         ORDER BY updated_at DESC LIMIT 10",
    );
    pub(crate) const ALL: &[Statement] = &[LIST, OF, ID, ADD, UPDATE, DELETE, OTHERS];
}

/// The most drafts of one officer that are read.
const MOST: i64 = 500;

per_engine! {
    use {
        use super::{Draft, MOST, Row, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// The drafts of an officer.
    pub(crate) async fn list(conn: &mut Conn, staff_id: Uuid) -> Result<Vec<Draft>, Error> {
        Ok(sqlx::query_as(sql::LIST.on(ENGINE)).bind(staff_id).bind(MOST).fetch_all(conn).await?)
    }

    /// The drafts of an officer for a case.
    pub(crate) async fn of(conn: &mut Conn, staff_id: Uuid, case_id: Uuid) -> Result<Vec<Draft>, Error> {
        Ok(sqlx::query_as(sql::OF.on(ENGINE)).bind(staff_id).bind(case_id).fetch_all(conn).await?)
    }

    /// Id of a draft.
    pub(crate) async fn id(
        conn: &mut Conn,
        staff_id: Uuid,
        case_id: Uuid,
        kind: &'static str,
    ) -> Result<Option<Uuid>, Error> {
        let row: Option<(Uuid,)> = sqlx::query_as(sql::ID.on(ENGINE))
            .bind(staff_id)
            .bind(case_id)
            .bind(kind)
            .fetch_optional(conn)
            .await?;
        Ok(row.map(|(id,)| id))
    }

    /// Writes a draft whose id is known.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the text was sealed for a row that is not there, or there is one already.
    pub(crate) async fn put(conn: &mut Conn, row: &Row, there: bool) -> Result<(), Error> {
        if there {
            let done = sqlx::query(sql::UPDATE.on(ENGINE))
                .bind(row.id)
                .bind(&row.sealed)
                .bind(row.at)
                .execute(conn)
                .await?;
            return if done.rows_affected() == 0 { Err(Error::Conflict) } else { Ok(()) };
        }
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(row.id)
            .bind(row.staff_id)
            .bind(row.case_id)
            .bind(row.kind)
            .bind(&row.sealed)
            .bind(row.at)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Deletes a draft, if it is there.
    pub(crate) async fn delete(
        conn: &mut Conn,
        staff_id: Uuid,
        case_id: Uuid,
        kind: &'static str,
    ) -> Result<(), Error> {
        let query = sqlx::query(sql::DELETE.on(ENGINE)).bind(staff_id).bind(case_id).bind(kind);
        query.execute(conn).await?;
        Ok(())
    }

    /// Who else wrote a draft for a case since an instant, and when.
    pub(crate) async fn others(
        conn: &mut Conn,
        case_id: Uuid,
        staff_id: Uuid,
        since: i64,
    ) -> Result<Vec<(Uuid, i64)>, Error> {
        let query = sqlx::query_as(sql::OTHERS.on(ENGINE)).bind(case_id).bind(staff_id).bind(since);
        Ok(query.fetch_all(conn).await?)
    }
}

impl Store {
    /// The drafts of an officer, opened.
    pub async fn list_drafts(&self, staff_id: Uuid) -> Result<Vec<Draft>, Error> {
        let rows = self.draft_rows(staff_id).await?;
        self.open_drafts(rows)
    }

    async fn draft_rows(&self, staff_id: Uuid) -> Result<Vec<Draft>, Error> {
        on_pool!(self, conn => at::drafts::list(conn, staff_id))
    }

    /// The drafts of an officer for one case, opened.
    pub async fn list_drafts_of(&self, staff_id: Uuid, case_id: Uuid) -> Result<Vec<Draft>, Error> {
        let rows = self.draft_rows_of(staff_id, case_id).await?;
        self.open_drafts(rows)
    }

    async fn draft_rows_of(&self, staff_id: Uuid, case_id: Uuid) -> Result<Vec<Draft>, Error> {
        on_pool!(self, conn => at::drafts::of(conn, staff_id, case_id))
    }

    fn open_drafts(&self, mut rows: Vec<Draft>) -> Result<Vec<Draft>, Error> {
        let keys = self.keys();
        for row in &mut rows {
            row.text = keys.open_part("draft", row.id, &row.text)?;
        }
        Ok(rows)
    }

    /// Writes an officer's draft, sealed; an older writing of the same changes nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`]: a newer one is there.
    pub async fn put_draft(
        &self,
        id: Uuid,
        staff_id: Uuid,
        case_id: Uuid,
        kind: DraftKind,
        text: &str,
        now: UnixMillis,
    ) -> Result<(), Error> {
        let there = self.draft_id(staff_id, case_id, kind).await?;
        let id = there.unwrap_or(id);
        let sealed = self.keys().seal_part("draft", id, text)?;
        let row = Row { id, staff_id, case_id, kind: kind.code(), sealed, at: now.0 };
        self.write_draft(row, there.is_some()).await
    }

    async fn draft_id(&self, staff_id: Uuid, case_id: Uuid, kind: DraftKind) -> Result<Option<Uuid>, Error> {
        on_pool!(self, conn => at::drafts::id(conn, staff_id, case_id, kind.code()))
    }

    async fn write_draft(&self, row: Row, there: bool) -> Result<(), Error> {
        in_write_tx!(self, conn => async move { at::drafts::put(conn, &row, there).await })
    }

    /// Deletes an officer's draft, if it is there.
    pub async fn delete_draft(&self, staff_id: Uuid, case_id: Uuid, kind: DraftKind) -> Result<(), Error> {
        in_write_tx!(self, conn => at::drafts::delete(conn, staff_id, case_id, kind.code()))
    }

    /// Who else wrote a draft for a case since an instant, and when, the newest first.
    pub async fn list_other_writers(
        &self,
        case_id: Uuid,
        staff_id: Uuid,
        since: UnixMillis,
    ) -> Result<Vec<(Uuid, i64)>, Error> {
        on_pool!(self, conn => at::drafts::others(conn, case_id, staff_id, since.0))
    }
}
