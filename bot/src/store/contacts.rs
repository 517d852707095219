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

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const FIND: Statement =
        Statement::both("SELECT id FROM contacts WHERE channel_id = $1 AND address_key = $2");
    pub(super) const GET: Statement = Statement::both(
        "SELECT id, channel_id, address_value, key_version, stopped_at, gone_at, noticed_version, \
         last_message_at FROM contacts WHERE id = $1",
    );
    /// Stopping twice keeps the first instant.
    pub(super) const STOP: Statement =
        Statement::both("UPDATE contacts SET stopped_at = $2 WHERE id = $1 AND stopped_at IS NULL");
    pub(super) const GONE: Statement = Statement::both("UPDATE contacts SET gone_at = $2 WHERE id = $1");
    pub(in crate::store) const ALL: &[Statement] = &[FIND, GET, STOP, GONE];
}

per_engine! {
    use {
        use super::{Row, sql};
        use crate::store::Error;
        use uuid::Uuid;
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

    /// Notes that the person left the channel.
    pub(crate) async fn gone(conn: &mut Conn, id: Uuid, at: i64) -> Result<(), Error> {
        sqlx::query(sql::GONE.on(ENGINE)).bind(id).bind(at).execute(conn).await?;
        Ok(())
    }
}

impl Store {
    /// The id of the contact with this address on a channel.
    pub async fn find_contact(&self, channel_id: &str, address: &str) -> Result<Option<Uuid>, Error> {
        let key = self.keys().lookup(channel_id, address)?;
        let channel_id = channel_id.to_owned();
        on_pool!(self, conn => at::contacts::find(conn, channel_id, key))
    }

    /// A contact with its address opened.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Other`] where the address was tampered with.
    pub async fn get_contact(&self, id: Uuid) -> Result<Contact, Error> {
        let row = self.get_contact_row(id).await?;
        self.open_contact(row)
    }

    async fn get_contact_row(&self, id: Uuid) -> Result<Row, Error> {
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

    /// Stops broadcasts and prompts of a contact for a reason outside the dialogue, such as a stop word
    /// that its gateway took. Stopping twice keeps the first instant.
    pub async fn stop_contact(&self, id: Uuid, now: UnixMillis) -> Result<(), Error> {
        in_write_tx!(self, conn => at::contacts::stop(conn, id, now.0))
    }
}
