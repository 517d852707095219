//! What one process alone does while several share a database: a lease with a fence, as for messages.

use uuid::Uuid;

use super::{Error, Store};
use crate::domain::time::UnixMillis;

/// How long a leader leads unless it says that it is still there, ms.
pub const LEASE: i64 = 60_000;

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// Takes a lease that is free or over, or prolongs one's own; the fence counts the holders.
    pub(super) const LEAD: Statement = Statement::both(
        "INSERT INTO leaders (name, holder, fence, lease_until) VALUES ($1, $2, 1, $4) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until, \
         fence = leaders.fence + CASE WHEN leaders.holder = excluded.holder THEN 0 ELSE 1 END \
         WHERE leaders.holder = excluded.holder OR leaders.lease_until <= $3 RETURNING fence",
    );
    pub(super) const RESIGN: Statement =
        Statement::both("UPDATE leaders SET lease_until = 0 WHERE name = $1 AND holder = $2");
    pub(in crate::store) const ALL: &[Statement] = &[LEAD, RESIGN];
}

per_engine! {
    use {
        use super::{LEASE, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Takes or prolongs a lease; its fence, `None` where somebody else leads.
    pub(crate) async fn lead(
        conn: &mut Conn,
        name: String,
        holder: Uuid,
        now: i64,
    ) -> Result<Option<i64>, Error> {
        let row: Option<(i64,)> = sqlx::query_as(sql::LEAD.on(ENGINE))
            .bind(name)
            .bind(holder)
            .bind(now)
            .bind(now + LEASE)
            .fetch_optional(conn)
            .await?;
        Ok(row.map(|(fence,)| fence))
    }

    /// Ends one's own lease.
    pub(crate) async fn resign(conn: &mut Conn, name: String, holder: Uuid) -> Result<(), Error> {
        sqlx::query(sql::RESIGN.on(ENGINE)).bind(name).bind(holder).execute(conn).await?;
        Ok(())
    }
}

impl Store {
    /// Takes the lead of `name` for [`LEASE`] where nobody has it, or keeps it; gives its fence, which
    /// is higher with every holder. `None`: somebody else leads.
    pub async fn lead(&self, name: &str, holder: Uuid, now: UnixMillis) -> Result<Option<i64>, Error> {
        let name = name.to_owned();
        in_write_tx!(self, conn => at::leaders::lead(conn, name, holder, now.0))
    }

    /// Gives up the lead of `name`, so that the next one takes it at once.
    pub async fn resign(&self, name: &str, holder: Uuid) -> Result<(), Error> {
        let name = name.to_owned();
        in_write_tx!(self, conn => at::leaders::resign(conn, name, holder))
    }
}
