//! Conversations: what is remembered of a contact between two messages.

use uuid::Uuid;

use super::{Error, Loaded, Store};

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
    pub(super) const LOAD: Statement = Statement::both(
        "SELECT k.id, c.state, COALESCE(c.version, 0), k.stopped_at, k.noticed_version, k.answers_hour, \
         k.answers_in_hour, k.answers_day, k.answers_in_day FROM contacts AS k \
         LEFT JOIN conversations AS c ON c.contact_id = k.id WHERE k.id = $1",
    );
    macro_rules! held {
        ($lock:literal) => {
            concat!("SELECT state, version FROM conversations WHERE contact_id = $1", $lock)
        };
    }
    /// Its caller has the feed already, which a batch locks last: whoever waited here would wait for a batch
    /// that waits for it.
    pub(super) const HELD: Statement = Statement::fork(held!(""), held!(" FOR UPDATE NOWAIT"));
    pub(super) const WRITE: Statement = Statement::both(
        "INSERT INTO conversations (contact_id, state, version, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (contact_id) DO UPDATE SET state = excluded.state, version = excluded.version, \
         updated_at = excluded.updated_at WHERE conversations.version = excluded.version - 1",
    );
    pub(in crate::store) const ALL: &[Statement] = &[FIND, LOAD, HELD, WRITE];
}

/// The state with the note that its person has a case; `None`: it says so already.
fn noted(state: &str) -> Option<String> {
    let mut state: serde_json::Value = serde_json::from_str(state).unwrap_or_default();
    if !state.is_object() {
        state = serde_json::json!({});
    }
    if state["has_cases"] == true {
        return None;
    }
    state["has_cases"] = true.into();
    Some(state.to_string())
}

per_engine! {
    use {
        use super::{Stored, noted, sql};
        use crate::store::batch::lookup::{self, Loaded};
        use crate::store::texts::part;
        use crate::store::{Error, Store};
        use uuid::Uuid;
    }

    /// Notes in a contact's dialogue that staff opened a case of hers, so that what she writes of it is
    /// looked for there.
    ///
    /// # Errors
    /// [`Error::Conflict`]: she wrote at the same time.
    pub(crate) async fn note_case(
        conn: &mut Conn,
        store: &Store,
        contact_id: Uuid,
        now: i64,
    ) -> Result<(), Error> {
        let held: Option<(String, i64)> =
            sqlx::query_as(sql::HELD.on(ENGINE)).bind(contact_id).fetch_optional(&mut *conn).await?;
        let (state, version) = match held {
            Some((state, version)) => (store.open_state(contact_id, &state), version),
            None => (String::new(), 0),
        };
        let Some(state) = noted(&state) else { return Ok(()) };
        let written = sqlx::query(sql::WRITE.on(ENGINE))
            .bind(contact_id)
            .bind(store.keys().seal_part(part::STATE, contact_id, &state)?)
            .bind(version + 1)
            .bind(now)
            .execute(conn)
            .await?;
        if written.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict) }
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

    /// The contact with its conversation and counters.
    pub(crate) async fn load(conn: &mut Conn, contact_id: Uuid) -> Result<Loaded, Error> {
        let found: Option<lookup::Row> =
            sqlx::query_as(sql::LOAD.on(ENGINE)).bind(contact_id).fetch_optional(conn).await?;
        Ok(found.map(lookup::loaded).unwrap_or_default())
    }
}

impl Store {
    /// The state of a contact's dialogue; the empty one for a contact without.
    pub async fn find_conversation(&self, contact_id: Uuid) -> Result<Stored, Error> {
        let mut stored = self.conversation_row(contact_id).await?;
        stored.state = stored.state.map(|it| self.open_state(contact_id, &it));
        Ok(stored)
    }

    async fn conversation_row(&self, contact_id: Uuid) -> Result<Stored, Error> {
        on_pool!(self, conn => at::conversations::find(conn, contact_id))
    }

    /// What answering a message needs to know of this contact, as it is now.
    pub async fn load_contact_by_id(&self, contact_id: Uuid) -> Result<Loaded, Error> {
        Ok(self.open_loaded(self.contact_row(contact_id).await?))
    }

    async fn contact_row(&self, contact_id: Uuid) -> Result<Loaded, Error> {
        on_pool!(self, conn => at::conversations::load(conn, contact_id))
    }
}
