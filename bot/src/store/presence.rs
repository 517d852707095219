//! Who left a channel and came back, as the channel tells by itself.

use uuid::Uuid;

use super::{Error, Store};
use crate::domain::time::UnixMillis;

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// News of old (a repeat, or what was overtaken) changes nothing.
    pub(super) const LEFT: Statement = Statement::both(
        "UPDATE contacts SET gone_at = $2, member_at = $2 \
         WHERE id = $1 AND (member_at IS NULL OR member_at < $2)",
    );
    pub(super) const CAME_BACK: Statement = Statement::both(
        "UPDATE contacts SET gone_at = NULL, member_at = $2 \
         WHERE id = $1 AND (member_at IS NULL OR member_at < $2)",
    );
    pub(in crate::store) const ALL: &[Statement] = &[LEFT, CAME_BACK];
}

per_engine! {
    with at;
    use {
        use super::sql;
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// Notes that a contact left or came back; `false` if that is known or overtaken.
    pub(crate) async fn note(conn: &mut Conn, id: Uuid, left: bool, at_ms: i64) -> Result<bool, Error> {
        let (statement, kind) = if left { (sql::LEFT, "contact_gone") } else { (sql::CAME_BACK, "contact_back") };
        let done = sqlx::query(statement.on(ENGINE)).bind(id).bind(at_ms).execute(&mut *conn).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let event =
            events::New { kind, contact_id: Some(id), at: at_ms, ..events::New::default() };
        at::events::add(conn, &[event]).await?;
        Ok(true)
    }
}

impl Store {
    /// Notes that the contact with this address left its channel or came back, at an instant of the
    /// channel's clock. `false` (and no change): nobody is known there, or newer news is.
    pub async fn note_membership(
        &self,
        channel_id: &str,
        address: &str,
        left: bool,
        at: UnixMillis,
    ) -> Result<bool, Error> {
        match self.find_contact(channel_id, address).await? {
            Some(id) => self.note_presence(id, left, at).await,
            None => Ok(false),
        }
    }

    async fn note_presence(&self, id: Uuid, left: bool, at: UnixMillis) -> Result<bool, Error> {
        in_write_tx!(self, conn => at::presence::note(conn, id, left, at.0))
    }
}
