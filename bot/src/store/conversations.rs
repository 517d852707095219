//! Conversations: what is remembered of a contact between two messages.

use uuid::Uuid;

use super::{Error, Store};

/// The stored state of a dialogue: opaque JSON here, and how often it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The conversation as JSON; `None` before the first message.
    pub state: Option<String>,
    /// How often it was written; 0 before the first message. A write names the version it read.
    pub version: i64,
    /// Whether the contact stopped broadcasts and prompts.
    pub stopped: bool,
    /// Version of the privacy notice that the contact was given; 0: none.
    pub notice: u16,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const FIND: Statement = Statement::both(
        "SELECT state, version, stopped_at, noticed_version FROM conversations \
         JOIN contacts ON contacts.id = conversations.contact_id WHERE contact_id = $1",
    );
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO conversations (contact_id, state, version, updated_at) VALUES ($1, $2, 1, $3) \
         ON CONFLICT (contact_id) DO NOTHING",
    );
    pub(super) const UPDATE: Statement = Statement::both(
        "UPDATE conversations SET state = $2, version = version + 1, updated_at = $3 \
         WHERE contact_id = $1 AND version = $4",
    );
    pub(in crate::store) const ALL: &[Statement] = &[FIND, ADD, UPDATE];
}

per_engine! {
    use {
        use super::{Stored, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// The state of a contact's dialogue.
    pub(crate) async fn find(conn: &mut Conn, contact_id: Uuid) -> Result<Stored, Error> {
        let found: Option<(String, i64, Option<i64>, Option<i64>)> =
            sqlx::query_as(sql::FIND.on(ENGINE)).bind(contact_id).fetch_optional(conn).await?;
        Ok(found.map_or_else(Stored::default, |(state, version, stopped_at, noticed)| Stored {
            state: Some(state),
            version,
            stopped: stopped_at.is_some(),
            notice: noticed.and_then(|it| u16::try_from(it).ok()).unwrap_or(0),
        }))
    }

    /// Writes the state that follows `version`; a conflict if somebody else wrote first.
    pub(crate) async fn update(
        conn: &mut Conn,
        contact_id: Uuid,
        state: &str,
        version: i64,
        at: i64,
    ) -> Result<(), Error> {
        let done = if version == 0 {
            sqlx::query(sql::ADD.on(ENGINE)).bind(contact_id).bind(state).bind(at).execute(conn).await?
        } else {
            sqlx::query(sql::UPDATE.on(ENGINE))
                .bind(contact_id)
                .bind(state)
                .bind(at)
                .bind(version)
                .execute(conn)
                .await?
        };
        if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict) }
    }
}

impl Store {
    /// The state of a contact's dialogue; the empty one for a contact without.
    pub async fn find_conversation(&self, contact_id: Uuid) -> Result<Stored, Error> {
        on_pool!(self, conn => at::conversations::find(conn, contact_id))
    }
}
