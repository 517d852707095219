//! Contacts: one address on one channel.

use uuid::Uuid;

use super::{Error, Store};
use crate::domain::time::UnixMillis;

/// A contact, as a sender needs it. `Debug` does not show the address.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: Uuid,
    /// Channel that its address is on.
    pub channel_id: String,
    /// Phone number with `+`, or chat id.
    pub address: String,
    /// Since when broadcasts and prompts are stopped.
    pub stopped_at: Option<UnixMillis>,
    /// Since when the channel says that the person left it.
    pub gone_at: Option<UnixMillis>,
    /// Version of the privacy notice that was given.
    pub noticed_version: Option<u16>,
    /// When it wrote last.
    pub last_message_at: UnixMillis,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Contact {{ id: {}, channel_id: {:?}, .. }}", self.id, self.channel_id)
    }
}

/// A row of `contacts`, address sealed.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) channel_id: String,
    pub(crate) address_value: Vec<u8>,
    pub(crate) key_version: i64,
    pub(crate) stopped_at: Option<i64>,
    pub(crate) gone_at: Option<i64>,
    pub(crate) noticed_version: Option<i64>,
    pub(crate) last_message_at: i64,
}

/// A contact to be added unless its address is known.
#[derive(Clone)]
pub(crate) struct New {
    pub(crate) id: Uuid,
    pub(crate) channel_id: String,
    pub(crate) sealed: super::address::Sealed,
    pub(crate) at: i64,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// A contact that writes again has not left.
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO contacts (id, channel_id, address_key, address_value, key_version, created_at, \
         last_message_at, stopped_at) VALUES ($1, $2, $3, $4, $5, $6, $6, (SELECT e.stopped_at \
         FROM erasures AS e WHERE e.channel_id = $2 AND e.refusal_key IN ($7, $3) \
         ORDER BY e.erased_at DESC LIMIT 1)) \
         ON CONFLICT (channel_id, address_key) DO UPDATE \
         SET last_message_at = excluded.last_message_at, gone_at = NULL \
         RETURNING id",
    );
    /// A contact that stands under an older key while the keys are being replaced.
    pub(super) const WROTE: Statement = Statement::both(
        "UPDATE contacts SET last_message_at = $3, gone_at = NULL WHERE channel_id = $1 AND address_key = $2 \
         RETURNING id",
    );
    /// While the keys are being replaced one address has two keys, so the unique index alone can't
    /// keep two first messages apart on `PostgreSQL`. `SQLite` has one writer.
    pub(super) const LOCK: Statement = Statement::fork(
        "SELECT $1",
        "SELECT 1 FROM (SELECT pg_advisory_xact_lock(4305513, hashtext(encode($1, 'hex')))) AS locked",
    );
    pub(super) const FIND: Statement =
        Statement::both("SELECT id FROM contacts WHERE channel_id = $1 AND address_key = $2");
    pub(super) const GET: Statement = Statement::both(
        "SELECT id, channel_id, address_value, key_version, stopped_at, gone_at, noticed_version, \
         last_message_at FROM contacts WHERE id = $1",
    );
    /// Stopping twice keeps the first instant.
    pub(super) const STOP: Statement =
        Statement::both("UPDATE contacts SET stopped_at = $2 WHERE id = $1 AND stopped_at IS NULL");
    /// Unless the person wrote or came back after the attempt was begun that was turned away: that answer
    /// is older news. The channel's own clock tells whole seconds. One that was never begun knew it.
    pub(super) const GONE: Statement = Statement::both(
        "UPDATE contacts SET gone_at = $2 WHERE id = $1 AND (gone_at IS NOT NULL OR EXISTS \
         (SELECT 1 FROM attempts WHERE outbox_id = $3 AND number = $4 \
         AND dispatched_at >= contacts.last_message_at \
         AND dispatched_at >= COALESCE(contacts.member_at, 0) + 1000))",
    );
    pub(in crate::store) const ALL: &[Statement] = &[ADD, WROTE, LOCK, FIND, GET, STOP, GONE];
}

per_engine! {
    use {
        use super::{New, Row, sql};
        use crate::store::{Engine, Error};
        use uuid::Uuid;
    }

    /// The contact of this address under an older version of the keys, noted as having written.
    /// `None`: there is none. Outside a rotation this asks nothing.
    pub(crate) async fn wrote_under_older(conn: &mut Conn, new: &New) -> Result<Option<Uuid>, Error> {
        let Some(least) = new.sealed.older.iter().min() else { return Ok(None) };
        if ENGINE == Engine::Postgres {
            // Any choice will do that all who know of the rotation agree on.
            let least = least.min(&new.sealed.key);
            sqlx::query(sql::LOCK.on(ENGINE)).bind(least).execute(&mut *conn).await?;
        }
        // The current key once more at the end: a contact may be sealed anew in between.
        for key in new.sealed.older.iter().chain(std::iter::once(&new.sealed.key)) {
            let found: Option<(Uuid,)> = sqlx::query_as(sql::WROTE.on(ENGINE))
                .bind(&new.channel_id)
                .bind(key)
                .bind(new.at)
                .fetch_optional(&mut *conn)
                .await?;
            if let Some((id,)) = found {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Adds the contact or notes that a known one wrote; gives its id.
    pub(crate) async fn add(conn: &mut Conn, new: &New) -> Result<Uuid, Error> {
        if let Some(id) = wrote_under_older(&mut *conn, new).await? {
            return Ok(id);
        }
        let (id,) = sqlx::query_as(sql::ADD.on(ENGINE))
            .bind(new.id)
            .bind(&new.channel_id)
            .bind(&new.sealed.key)
            .bind(&new.sealed.value)
            .bind(new.sealed.version)
            .bind(new.at)
            .bind(&new.sealed.refusal_key)
            .fetch_one(conn)
            .await?;
        Ok(id)
    }

    /// The contact of an address, by its lookup key.
    pub(crate) async fn find(
        conn: &mut Conn,
        channel_id: String,
        address_key: Vec<u8>,
    ) -> Result<Option<Uuid>, Error> {
        let found: Option<(Uuid,)> =
            sqlx::query_as(sql::FIND.on(ENGINE)).bind(channel_id).bind(address_key).fetch_optional(conn).await?;
        Ok(found.map(|(id,)| id))
    }

    /// The row of a contact.
    pub(crate) async fn get(conn: &mut Conn, id: Uuid) -> Result<Row, Error> {
        Ok(sqlx::query_as(sql::GET.on(ENGINE)).bind(id).fetch_one(conn).await?)
    }

    /// Stops broadcasts and prompts.
    pub(crate) async fn stop(conn: &mut Conn, id: Uuid, at: i64) -> Result<(), Error> {
        sqlx::query(sql::STOP.on(ENGINE)).bind(id).bind(at).execute(conn).await?;
        Ok(())
    }

    /// Notes that the person left the channel, as the end of an attempt (message and number) tells;
    /// `false` if she came back since.
    pub(crate) async fn gone(
        conn: &mut Conn,
        id: Uuid,
        (outbox_id, attempt): (Uuid, i64),
        at: i64,
    ) -> Result<bool, Error> {
        let done = sqlx::query(sql::GONE.on(ENGINE))
            .bind(id)
            .bind(at)
            .bind(outbox_id)
            .bind(attempt)
            .execute(conn)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

impl Store {
    /// The id of the contact with this address on a channel.
    pub async fn find_contact(&self, channel_id: &str, address: &str) -> Result<Option<Uuid>, Error> {
        let keys = self.keys().lookups(channel_id, address)?;
        let current = keys.first().cloned().filter(|_| keys.len() > 1);
        // The current key once more at the end: a contact may be sealed anew in between.
        for key in keys.into_iter().chain(current) {
            let channel_id = channel_id.to_owned();
            let found: Option<Uuid> = on_pool!(self, conn => at::contacts::find(conn, channel_id, key))?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// A contact with its address opened.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Other`] where the address was tampered with.
    pub async fn get_contact(&self, id: Uuid) -> Result<Contact, Error> {
        let row = self.get_contact_row(id).await?;
        self.open_contact(row)
    }

    pub(super) async fn get_contact_row(&self, id: Uuid) -> Result<Row, Error> {
        on_pool!(self, conn => at::contacts::get(conn, id))
    }

    /// Opens the sealed address of a row.
    pub(super) fn open_contact(&self, row: Row) -> Result<Contact, Error> {
        let address = self.keys().open(row.id, &row.address_value, row.key_version)?;
        Ok(Contact {
            id: row.id,
            channel_id: row.channel_id,
            address,
            stopped_at: row.stopped_at.map(UnixMillis),
            gone_at: row.gone_at.map(UnixMillis),
            noticed_version: row.noticed_version.and_then(|it| u16::try_from(it).ok()),
            last_message_at: UnixMillis(row.last_message_at),
        })
    }
}
