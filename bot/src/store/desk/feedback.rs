//! Suggestions, praise and stories: they wait until a person decides whether the public sees them.

use uuid::Uuid;

use super::{Page, Within};
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It waits again: a decision was taken back.
    Waiting,
    /// The public sees it.
    Shown,
    /// Nobody sees it but staff; it is never deleted.
    Hidden,
    /// Its author was asked.
    Asked,
}

impl Decision {
    /// The state that it leads to.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Shown => "shown",
            Self::Hidden => "hidden",
            Self::Asked => "asked",
        }
    }
}

/// A piece of feedback. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Feedback {
    /// Its id.
    pub id: Uuid,
    /// `suggestion`, `praise` or `story`.
    pub kind: String,
    /// Key of the municipality that it is about.
    pub municipality: Option<String>,
    /// Who wrote it.
    pub contact_id: Option<Uuid>,
    /// What it says.
    pub text: String,
    /// `waiting`, `shown`, `hidden` or `asked`.
    pub state: String,
    /// Code of why it is hidden.
    pub reason: Option<String>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When, Unix ms.
    pub decided_at: Option<i64>,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When it was written, Unix ms.
    pub created_at: i64,
}

impl std::fmt::Debug for Feedback {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Feedback {{ id: {}, state: {}, version: {}, .. }}", self.id, self.state, self.version)
    }
}

/// A decision about a piece of feedback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decide {
    /// Which.
    pub id: Uuid,
    /// The version that was decided on.
    pub version: i64,
    /// What.
    pub decision: Decision,
    /// Code of the reason.
    pub reason: Option<String>,
    /// Who.
    pub by: Uuid,
    /// When.
    pub at: UnixMillis,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    macro_rules! columns {
        () => {
            "f.id, f.kind, f.municipality, f.contact_id, f.text, f.state, f.reason, f.decided_by, \
             f.decided_at, f.version, f.created_at"
        };
    }
    /// The oldest first: who wrote first is read first. The nil id stands before all.
    macro_rules! list {
        ($within:literal) => {
            concat!(
                "SELECT ",
                columns!(),
                " FROM feedback AS f WHERE f.state = $1 AND f.id > $2 AND (CAST($3 AS TEXT) IS NULL OR EXISTS (",
                $within,
                ")) ORDER BY f.id LIMIT $4"
            )
        };
    }
    pub(crate) const LIST: Statement = Statement::fork(
        list!("SELECT 1 FROM json_each($3) AS k WHERE f.municipality LIKE k.value || '%'"),
        list!(
            "SELECT 1 FROM json_array_elements_text($3::json) AS k (value) WHERE f.municipality LIKE k.value || '%'"
        ),
    );
    pub(crate) const FIND: Statement =
        Statement::both(concat!("SELECT ", columns!(), " FROM feedback AS f WHERE f.id = $1"));
    pub(crate) const DECIDE: Statement = Statement::both(
        "UPDATE feedback SET state = $3, reason = $4, decided_by = $5, decided_at = $6, \
         version = version + 1 WHERE id = $1 AND version = $2",
    );
    /// Others of the same words that wait in the same municipality.
    pub(crate) const SAME: Statement = Statement::both(
        "SELECT o.id, o.version FROM feedback AS f JOIN feedback AS o ON o.state = 'waiting' \
         AND o.text = f.text AND COALESCE(o.municipality, '') = COALESCE(f.municipality, '') AND o.id <> f.id \
         WHERE f.id = $1 LIMIT $2",
    );
    pub(crate) const ALL: &[Statement] = &[LIST, FIND, DECIDE, SAME];
}

per_engine! {
    use {
        use super::{Decide, Feedback, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Feedback in a state.
    pub(crate) async fn list(
        conn: &mut Conn,
        state: &'static str,
        within: Option<String>,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<Feedback>, Error> {
        let query = sqlx::query_as(sql::LIST.on(ENGINE)).bind(state).bind(after).bind(within).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// One piece.
    pub(crate) async fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Feedback>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// Notes a decision; gives the piece as it is then.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else decided first.
    pub(crate) async fn decide(conn: &mut Conn, it: &Decide) -> Result<Feedback, Error> {
        let done = sqlx::query(sql::DECIDE.on(ENGINE))
            .bind(it.id)
            .bind(it.version)
            .bind(it.decision.code())
            .bind(&it.reason)
            .bind(it.by)
            .bind(it.at.0)
            .execute(&mut *conn)
            .await?;
        if done.rows_affected() == 0 {
            return Err(if find(conn, it.id).await?.is_some() { Error::Conflict } else { Error::NotFound });
        }
        find(conn, it.id).await?.ok_or(Error::NotFound)
    }

    /// Others of the same words that wait, each with its version.
    pub(crate) async fn same(conn: &mut Conn, id: Uuid, limit: i64) -> Result<Vec<(Uuid, i64)>, Error> {
        Ok(sqlx::query_as(sql::SAME.on(ENGINE)).bind(id).bind(limit).fetch_all(conn).await?)
    }
}

impl Store {
    /// Feedback in a state, the oldest first.
    pub async fn list_feedback(
        &self,
        state: Decision,
        within: &Within,
        page: Page,
    ) -> Result<Vec<Feedback>, Error> {
        let (within, after) = (within.json(), page.after.unwrap_or_default());
        on_pool!(self, conn => at::feedback::list(conn, state.code(), within, after, i64::from(page.limit)))
    }

    /// One piece of feedback.
    pub async fn find_feedback(&self, id: Uuid) -> Result<Option<Feedback>, Error> {
        on_pool!(self, conn => at::feedback::find(conn, id))
    }

    /// Others of the same words that wait in the same municipality, each with its version.
    pub async fn list_same_feedback(&self, id: Uuid, limit: u32) -> Result<Vec<(Uuid, i64)>, Error> {
        on_pool!(self, conn => at::feedback::same(conn, id, i64::from(limit)))
    }
}
