//! Offices, categories, calendars, canned replies and saved views: documents that staff keep.

use uuid::Uuid;

use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An office, laid over the pack's of the same code.
    Office,
    /// A category, laid over the pack's of the same code.
    Category,
    /// Days on which a municipality does not work, or does although the pack says that it does not.
    Calendar,
    /// A reply that is written once.
    Canned,
    /// A filter with a name.
    View,
}

impl Kind {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Category => "category",
            Self::Calendar => "calendar",
            Self::Canned => "canned",
            Self::View => "view",
        }
    }
}

/// A document as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// Key of the municipality; empty: of all.
    pub municipality: String,
    /// Whose it is; nil: everybody's.
    pub owner_id: Uuid,
    /// Its code or name.
    pub code: String,
    /// The document, JSON.
    pub body: String,
    /// Counts the writes, from 1.
    pub version: i64,
    /// Who wrote it last.
    pub updated_by: Uuid,
    /// When it was first written, Unix ms.
    pub created_at: i64,
    /// When it was last written, Unix ms.
    pub updated_at: i64,
}

/// A document to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Its id, where it is new.
    pub id: Uuid,
    /// What it is.
    pub kind: Kind,
    /// Key of the municipality; empty: of all.
    pub municipality: String,
    /// Whose it is; nil: everybody's.
    pub owner_id: Uuid,
    /// Its code or name.
    pub code: String,
    /// The document, JSON.
    pub body: String,
    /// Who writes.
    pub by: Uuid,
    /// The version that it follows; 0: there is none yet.
    pub version: i64,
    /// When.
    pub at: UnixMillis,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    macro_rules! columns {
        () => {
            "id, municipality, owner_id, code, body, version, updated_by, created_at, updated_at"
        };
    }
    pub(crate) const LIST: Statement = Statement::both(concat!(
        "SELECT ",
        columns!(),
        " FROM desk_entries WHERE kind = $1 ORDER BY municipality, owner_id, code LIMIT $2"
    ));
    pub(crate) const OF: Statement = Statement::both(concat!(
        "SELECT ",
        columns!(),
        " FROM desk_entries WHERE kind = $1 AND municipality = $2 ORDER BY owner_id, code LIMIT $3"
    ));
    pub(crate) const OWNED: Statement = Statement::both(concat!(
        "SELECT ",
        columns!(),
        " FROM desk_entries WHERE kind = $1 AND owner_id = $2 ORDER BY code, municipality LIMIT $3"
    ));
    pub(crate) const FIND: Statement =
        Statement::both(concat!("SELECT ", columns!(), " FROM desk_entries WHERE id = $1 AND kind = $2"));
    pub(crate) const AT: Statement = Statement::both(concat!(
        "SELECT ",
        columns!(),
        " FROM desk_entries WHERE kind = $1 AND municipality = $2 AND owner_id = $3 AND code = $4"
    ));
    pub(crate) const ADD: Statement = Statement::both(
        "INSERT INTO desk_entries (id, kind, municipality, owner_id, code, body, version, updated_by, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $8)",
    );
    pub(crate) const UPDATE: Statement = Statement::both(
        "UPDATE desk_entries SET body = $6, version = version + 1, updated_by = $7, updated_at = $8 \
         WHERE kind = $1 AND municipality = $2 AND owner_id = $3 AND code = $4 AND version = $5",
    );
    pub(crate) const DELETE: Statement =
        Statement::both("DELETE FROM desk_entries WHERE id = $1 AND kind = $2 AND version = $3");
    /// Changes with every write and every deletion.
    pub(crate) const STAMP: Statement = Statement::both(
        "SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT), COALESCE(MAX(updated_at), 0), COUNT(*) \
         FROM desk_entries WHERE kind IN ('office', 'category', 'calendar')",
    );
    pub(crate) const ALL: &[Statement] = &[LIST, OF, OWNED, FIND, AT, ADD, UPDATE, DELETE, STAMP];
}

/// The most documents of one kind that are read.
const MOST: i64 = 20_000;

per_engine! {
    use {
        use super::{Entry, MOST, Write, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// All of a kind.
    pub(crate) async fn list(conn: &mut Conn, kind: &'static str) -> Result<Vec<Entry>, Error> {
        Ok(sqlx::query_as(sql::LIST.on(ENGINE)).bind(kind).bind(MOST).fetch_all(conn).await?)
    }

    /// Those of a municipality.
    pub(crate) async fn of(
        conn: &mut Conn,
        kind: &'static str,
        municipality: String,
    ) -> Result<Vec<Entry>, Error> {
        let query = sqlx::query_as(sql::OF.on(ENGINE)).bind(kind).bind(municipality).bind(MOST);
        Ok(query.fetch_all(conn).await?)
    }

    /// Those of one person.
    pub(crate) async fn owned(
        conn: &mut Conn,
        kind: &'static str,
        owner_id: Uuid,
    ) -> Result<Vec<Entry>, Error> {
        let query = sqlx::query_as(sql::OWNED.on(ENGINE)).bind(kind).bind(owner_id).bind(MOST);
        Ok(query.fetch_all(conn).await?)
    }

    /// One.
    pub(crate) async fn find(conn: &mut Conn, kind: &'static str, id: Uuid) -> Result<Option<Entry>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).bind(id).bind(kind).fetch_optional(conn).await?)
    }

    /// Writes one; gives what is there now.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else wrote first.
    pub(crate) async fn put(conn: &mut Conn, write: &Write) -> Result<Entry, Error> {
        if write.version == 0 {
            sqlx::query(sql::ADD.on(ENGINE))
                .bind(write.id)
                .bind(write.kind.code())
                .bind(&write.municipality)
                .bind(write.owner_id)
                .bind(&write.code)
                .bind(&write.body)
                .bind(write.by)
                .bind(write.at.0)
                .execute(&mut *conn)
                .await?;
        } else {
            let done = sqlx::query(sql::UPDATE.on(ENGINE))
                .bind(write.kind.code())
                .bind(&write.municipality)
                .bind(write.owner_id)
                .bind(&write.code)
                .bind(write.version)
                .bind(&write.body)
                .bind(write.by)
                .bind(write.at.0)
                .execute(&mut *conn)
                .await?;
            if done.rows_affected() == 0 {
                return Err(Error::Conflict);
            }
        }
        let there = sqlx::query_as(sql::AT.on(ENGINE))
            .bind(write.kind.code())
            .bind(&write.municipality)
            .bind(write.owner_id)
            .bind(&write.code)
            .fetch_one(conn)
            .await?;
        Ok(there)
    }

    /// Deletes one.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else wrote first, or it is not there.
    pub(crate) async fn delete(
        conn: &mut Conn,
        kind: &'static str,
        id: Uuid,
        version: i64,
    ) -> Result<(), Error> {
        let done =
            sqlx::query(sql::DELETE.on(ENGINE)).bind(id).bind(kind).bind(version).execute(conn).await?;
        if done.rows_affected() == 0 { Err(Error::Conflict) } else { Ok(()) }
    }

    /// What changes with every write of an office, category or calendar.
    pub(crate) async fn stamp(conn: &mut Conn) -> Result<(i64, i64, i64), Error> {
        Ok(sqlx::query_as(sql::STAMP.on(ENGINE)).fetch_one(conn).await?)
    }
}

impl Store {
    /// All documents of a kind, by municipality, owner and code.
    pub async fn list_entries(&self, kind: Kind) -> Result<Vec<Entry>, Error> {
        on_pool!(self, conn => at::desk_entries::list(conn, kind.code()))
    }

    /// The documents of a municipality (empty: those of all).
    pub async fn list_entries_of(&self, kind: Kind, municipality: &str) -> Result<Vec<Entry>, Error> {
        let municipality = municipality.to_owned();
        on_pool!(self, conn => at::desk_entries::of(conn, kind.code(), municipality))
    }

    /// The documents of one person.
    pub async fn list_entries_owned(&self, kind: Kind, owner_id: Uuid) -> Result<Vec<Entry>, Error> {
        on_pool!(self, conn => at::desk_entries::owned(conn, kind.code(), owner_id))
    }

    /// One document.
    pub async fn find_entry(&self, kind: Kind, id: Uuid) -> Result<Option<Entry>, Error> {
        on_pool!(self, conn => at::desk_entries::find(conn, kind.code(), id))
    }

    /// Writes a document.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else wrote first.
    pub async fn put_entry(&self, write: Write) -> Result<Entry, Error> {
        in_write_tx!(self, conn => async move { at::desk_entries::put(conn, &write).await })
    }

    /// Deletes a document that has this version.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it has another, or is gone.
    pub async fn delete_entry(&self, kind: Kind, id: Uuid, version: i64) -> Result<(), Error> {
        in_write_tx!(self, conn => at::desk_entries::delete(conn, kind.code(), id, version))
    }

    /// A value that changes with every write of an office, category or calendar, by whichever process.
    pub async fn desk_stamp(&self) -> Result<(i64, i64, i64), Error> {
        on_pool!(self, conn => at::desk_entries::stamp(conn))
    }
}
