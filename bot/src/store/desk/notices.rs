//! What waits for one officer: a case that she was given, a note that names her, a citizen who answered,
//! something that is owed soon. A notice is written in the transaction of the change that it tells of,
//! and holds no words.

use uuid::Uuid;

use super::Page;
use crate::domain::time::{DAY, UnixMillis};
use crate::store::cases::Listed;
use crate::store::outbox::ids_json;
use crate::store::{Error, Store};

/// How long what was seen is kept, ms.
const KEPT: i64 = 30 * DAY;
/// Notices that are removed in one transaction.
const REMOVED: i64 = 500;

/// Why a case waits for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Somebody else gave it to her.
    Assigned,
    /// A note names her.
    Mentioned,
    /// Its citizen wrote.
    Answered,
    /// Something is owed soon.
    Due,
}

impl NoticeKind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Mentioned => "mentioned",
            Self::Answered => "answered",
            Self::Due => "due",
        }
    }
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Notice {
    /// Its id.
    pub id: Uuid,
    /// `assigned`, `mentioned`, `answered` or `due`.
    pub kind: String,
    /// The case.
    pub case_id: Uuid,
    /// Who led to it, where that is an officer.
    pub by_id: Option<Uuid>,
    /// When, Unix ms.
    pub at: i64,
}

/// A notice that is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct New {
    pub(crate) staff_id: Uuid,
    pub(crate) kind: NoticeKind,
    pub(crate) case_id: Uuid,
    pub(crate) by_id: Option<Uuid>,
    pub(crate) at: i64,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    pub(crate) const ADD: Statement = Statement::both(
        "INSERT INTO notices (id, staff_id, kind, case_id, by_id, at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (staff_id, case_id, kind) WHERE seen_at IS NULL DO NOTHING",
    );
    pub(crate) const LIST: Statement = Statement::both(
        "SELECT id, kind, case_id, by_id, at FROM notices \
         WHERE staff_id = $1 AND seen_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3",
    );
    pub(crate) const COUNT: Statement =
        Statement::both("SELECT COUNT(*) FROM notices WHERE staff_id = $1 AND seen_at IS NULL");
    pub(crate) const SEE: Statement = Statement::fork(
        "UPDATE notices SET seen_at = $3 WHERE staff_id = $1 AND seen_at IS NULL \
         AND id IN (SELECT unhex(value) FROM json_each($2))",
        "UPDATE notices SET seen_at = $3 WHERE staff_id = $1 AND seen_at IS NULL \
         AND id IN (SELECT value::uuid FROM json_array_elements_text($2::json) AS e (value))",
    );
    pub(crate) const SEE_CASE: Statement = Statement::both(
        "UPDATE notices SET seen_at = $3 WHERE staff_id = $1 AND case_id = $2 AND seen_at IS NULL",
    );
    /// A mention is for the one who is named, whoever has the case.
    pub(crate) const END: Statement = Statement::both(
        "UPDATE notices SET seen_at = $3 WHERE staff_id = $1 AND case_id = $2 AND seen_at IS NULL \
         AND kind <> 'mentioned'",
    );
    pub(crate) const REMOVE: Statement = Statement::both(
        "DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE seen_at IS NOT NULL AND seen_at <= $1 \
         ORDER BY seen_at LIMIT $2)",
    );
    pub(crate) const ALL: &[Statement] = &[ADD, LIST, COUNT, SEE, SEE_CASE, END, REMOVE];
}

per_engine! {
    with at;
    use {
        use super::{New, Notice, sql};
        use crate::domain::time::UnixMillis;
        use crate::ids;
        use crate::store::Error;
        use crate::store::cases::Listed;
        use uuid::Uuid;
    }

    /// Writes a notice, unless one of the kind waits already.
    pub(crate) async fn add(conn: &mut Conn, it: New) -> Result<(), Error> {
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(ids::new_id(UnixMillis(it.at)))
            .bind(it.staff_id)
            .bind(it.kind.code())
            .bind(it.case_id)
            .bind(it.by_id)
            .bind(it.at)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Ends those of a case that is hers no more, or is closed.
    pub(crate) async fn end(conn: &mut Conn, staff_id: Uuid, case_id: Uuid, at: i64) -> Result<(), Error> {
        sqlx::query(sql::END.on(ENGINE)).bind(staff_id).bind(case_id).bind(at).execute(conn).await?;
        Ok(())
    }

    /// What waits, the newest first, each with its case.
    pub(crate) async fn list(
        conn: &mut Conn,
        staff_id: Uuid,
        before: Uuid,
        limit: i64,
    ) -> Result<Vec<(Notice, Listed)>, Error> {
        let query = sqlx::query_as(sql::LIST.on(ENGINE)).bind(staff_id).bind(before).bind(limit);
        let found: Vec<Notice> = query.fetch_all(&mut *conn).await?;
        let cases = at::case_lists::many(conn, found.iter().map(|it| it.case_id).collect()).await?;
        let of = |id: Uuid| cases.iter().find(|it| it.id == id).cloned();
        Ok(found.into_iter().filter_map(|it| of(it.case_id).map(|case| (it, case))).collect())
    }

    /// How many wait.
    pub(crate) async fn count(conn: &mut Conn, staff_id: Uuid) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::COUNT.on(ENGINE)).bind(staff_id).fetch_one(conn).await?;
        Ok(count)
    }

    /// Notes that some were seen; gives how many waited.
    pub(crate) async fn see(conn: &mut Conn, staff_id: Uuid, ids: String, at: i64) -> Result<u64, Error> {
        let done = sqlx::query(sql::SEE.on(ENGINE)).bind(staff_id).bind(ids).bind(at);
        Ok(done.execute(conn).await?.rows_affected())
    }

    /// Notes that she looked at a case.
    pub(crate) async fn see_case(conn: &mut Conn, staff_id: Uuid, case_id: Uuid, at: i64) -> Result<(), Error> {
        sqlx::query(sql::SEE_CASE.on(ENGINE)).bind(staff_id).bind(case_id).bind(at).execute(conn).await?;
        Ok(())
    }

    /// Removes what was seen long ago.
    pub(crate) async fn remove(conn: &mut Conn, until: i64, limit: i64) -> Result<u64, Error> {
        let done = sqlx::query(sql::REMOVE.on(ENGINE)).bind(until).bind(limit).execute(conn).await?;
        Ok(done.rows_affected())
    }
}

impl Store {
    /// What waits for an officer, the newest first, each with its case as a list shows it; a page goes on
    /// after its last notice.
    pub async fn list_notices(&self, staff_id: Uuid, page: Page) -> Result<Vec<(Notice, Listed)>, Error> {
        let before = page.after.unwrap_or(Uuid::max());
        on_pool!(self, conn => at::notices::list(conn, staff_id, before, i64::from(page.limit)))
    }

    /// How much waits for an officer.
    pub async fn count_notices(&self, staff_id: Uuid) -> Result<i64, Error> {
        on_pool!(self, conn => at::notices::count(conn, staff_id))
    }

    /// Notes that an officer saw some of hers; gives how many of them waited.
    pub async fn see_notices(&self, staff_id: Uuid, ids: &[Uuid], now: UnixMillis) -> Result<u64, Error> {
        let ids = ids_json(ids.iter().copied());
        in_write_tx!(self, conn => at::notices::see(conn, staff_id, ids, now.0))
    }

    /// Notes that an officer looked at a case: nothing of it waits for her any more.
    pub async fn see_case_notices(
        &self,
        staff_id: Uuid,
        case_id: Uuid,
        now: UnixMillis,
    ) -> Result<(), Error> {
        in_write_tx!(self, conn => at::notices::see_case(conn, staff_id, case_id, now.0))
    }

    /// Removes some of what was seen long ago; gives how many.
    pub async fn remove_notices(&self, now: UnixMillis) -> Result<u64, Error> {
        in_write_tx!(self, conn => at::notices::remove(conn, now.0 - KEPT, REMOVED))
    }
}
