//! Texts that the dialogue did not understand, those that say the same in one group.
//!
//! Messages are put into groups when somebody looks, so that the way of a message is no longer for it.

use serde::Deserialize;
use uuid::Uuid;

use super::Within;
use crate::domain::fold::fold;
use crate::domain::time::UnixMillis;
use crate::ids;
use crate::store::{Error, Store};

/// Messages that are put into groups at once.
const AT_ONCE: i64 = 500;

/// What became of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits again.
    Waiting,
    /// Its people were answered.
    Answered,
    /// A case was opened.
    Opened,
    /// Nothing is to be done.
    Dismissed,
}

impl Outcome {
    /// The state that it leads to.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Answered => "answered",
            Self::Opened => "opened",
            Self::Dismissed => "dismissed",
        }
    }
}

/// A group. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Group {
    /// Its id.
    pub id: Uuid,
    /// Home municipality of who wrote; empty where none is known.
    pub municipality: String,
    /// The newest message that says it.
    pub inbox_id: Option<Uuid>,
    /// What that one says; `None`: it was erased.
    pub text: Option<String>,
    /// How many messages say it.
    pub messages: i64,
    /// `waiting`, `answered`, `opened` or `dismissed`.
    pub state: String,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When the first came, Unix ms.
    pub first_at: i64,
    /// When the last came, Unix ms.
    pub last_at: i64,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Group {{ id: {}, messages: {}, state: {}, .. }}", self.id, self.messages, self.state)
    }
}

/// A message that is in no group yet.
#[derive(sqlx::FromRow)]
pub(crate) struct Loose {
    inbox_id: Uuid,
    text: String,
    received_at: i64,
    contact_id: Option<Uuid>,
    conversation: Option<String>,
}

/// A message and its group.
pub(crate) struct Grouped {
    inbox_id: Uuid,
    fresh: Uuid,
    municipality: String,
    key: Vec<u8>,
    at: i64,
}

/// What of a conversation tells where somebody lives.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Home {
    home: Option<String>,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    pub(crate) const LOOSE: Statement = Statement::both(
        "SELECT u.inbox_id, i.text, i.received_at, i.contact_id, c.state AS conversation \
         FROM unknown_texts AS u JOIN inbox AS i ON i.id = u.inbox_id \
         LEFT JOIN conversations AS c ON c.contact_id = i.contact_id \
         WHERE u.group_id IS NULL ORDER BY u.inbox_id LIMIT $1",
    );
    pub(crate) const IS_LOOSE: Statement =
        Statement::both("SELECT inbox_id FROM unknown_texts WHERE inbox_id = $1 AND group_id IS NULL");
    /// What was answered and comes again waits again; what was dismissed stays so.
    pub(crate) const GROUP: Statement = Statement::both(
        "INSERT INTO unknown_groups (id, municipality, text_key, inbox_id, messages, state, version, \
         first_at, last_at) VALUES ($1, $2, $3, $4, 1, 'waiting', 1, $5, $5) \
         ON CONFLICT (municipality, text_key) DO UPDATE SET inbox_id = excluded.inbox_id, \
         messages = unknown_groups.messages + 1, version = unknown_groups.version + 1, \
         last_at = excluded.last_at, state = CASE unknown_groups.state WHEN 'dismissed' THEN 'dismissed' \
         ELSE 'waiting' END RETURNING id",
    );
    pub(crate) const JOIN: Statement =
        Statement::both("UPDATE unknown_texts SET group_id = $2 WHERE inbox_id = $1 AND group_id IS NULL");
    macro_rules! columns {
        () => {
            "g.id, g.municipality, g.inbox_id, i.text, g.messages, g.state, g.decided_by, g.version, \
             g.first_at, g.last_at"
        };
    }
    /// The newest first.
    macro_rules! list {
        ($within:literal) => {
            concat!(
                "SELECT ",
                columns!(),
                " FROM unknown_groups AS g LEFT JOIN inbox AS i ON i.id = g.inbox_id WHERE g.state = $1 ",
                "AND g.last_at <= $2 AND (g.last_at < $2 OR g.id < $5) ",
                "AND (CAST($3 AS TEXT) IS NULL OR EXISTS (",
                $within,
                ")) ORDER BY g.last_at DESC, g.id DESC LIMIT $4"
            )
        };
    }
    pub(crate) const LIST: Statement = Statement::fork(
        list!("SELECT 1 FROM json_each($3) AS k WHERE g.municipality LIKE k.value || '%'"),
        list!(
            "SELECT 1 FROM json_array_elements_text($3::json) AS k (value) WHERE g.municipality LIKE k.value || '%'"
        ),
    );
    pub(crate) const FIND: Statement = Statement::both(concat!(
        "SELECT ",
        columns!(),
        " FROM unknown_groups AS g LEFT JOIN inbox AS i ON i.id = g.inbox_id WHERE g.id = $1"
    ));
    pub(crate) const DECIDE: Statement = Statement::both(
        "UPDATE unknown_groups SET state = $3, decided_by = $4, version = version + 1 \
         WHERE id = $1 AND version = $2",
    );
    /// What a confidential case was opened for is shown here no more.
    pub(crate) const HIDE: Statement =
        Statement::both("UPDATE unknown_groups SET inbox_id = NULL WHERE id = $1");
    /// The contacts that wrote what is in a group since an instant, each with its newest message.
    pub(crate) const WRITERS: Statement = Statement::fork(
        "SELECT i.contact_id, MAX(i.id), i.text FROM unknown_texts AS u JOIN inbox AS i ON i.id = u.inbox_id \
         WHERE u.group_id = $1 AND i.received_at >= $2 AND i.contact_id IS NOT NULL \
         GROUP BY i.contact_id LIMIT $3",
        "SELECT DISTINCT ON (i.contact_id) i.contact_id, i.id, i.text FROM unknown_texts AS u \
         JOIN inbox AS i ON i.id = u.inbox_id WHERE u.group_id = $1 AND i.received_at >= $2 \
         AND i.contact_id IS NOT NULL ORDER BY i.contact_id, i.id DESC LIMIT $3",
    );
    pub(crate) const IN_THREAD: Statement =
        Statement::both("SELECT inbox_id FROM case_messages WHERE inbox_id = $1");
    pub(crate) const ALL: &[Statement] =
        &[LOOSE, IS_LOOSE, GROUP, JOIN, LIST, FIND, DECIDE, HIDE, WRITERS, IN_THREAD];
}

per_engine! {
    use {
        use super::{AT_ONCE, Group, Grouped, Loose, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Messages that are in no group yet, the oldest first.
    pub(crate) async fn loose(conn: &mut Conn) -> Result<Vec<Loose>, Error> {
        Ok(sqlx::query_as(sql::LOOSE.on(ENGINE)).bind(AT_ONCE).fetch_all(conn).await?)
    }

    /// Puts messages into their groups.
    pub(crate) async fn group(conn: &mut Conn, messages: Vec<Grouped>) -> Result<(), Error> {
        for it in messages {
            let loose: Option<(Uuid,)> = sqlx::query_as(sql::IS_LOOSE.on(ENGINE))
                .bind(it.inbox_id)
                .fetch_optional(&mut *conn)
                .await?;
            // Somebody else looked at the same time.
            if loose.is_none() {
                continue;
            }
            let (group_id,): (Uuid,) = sqlx::query_as(sql::GROUP.on(ENGINE))
                .bind(it.fresh)
                .bind(it.municipality)
                .bind(it.key)
                .bind(it.inbox_id)
                .bind(it.at)
                .fetch_one(&mut *conn)
                .await?;
            sqlx::query(sql::JOIN.on(ENGINE)).bind(it.inbox_id).bind(group_id).execute(&mut *conn).await?;
        }
        Ok(())
    }

    /// Groups in a state.
    pub(crate) async fn list(
        conn: &mut Conn,
        state: &'static str,
        within: Option<String>,
        before: (i64, Uuid),
        limit: i64,
    ) -> Result<Vec<Group>, Error> {
        let query = sqlx::query_as(sql::LIST.on(ENGINE))
            .bind(state)
            .bind(before.0)
            .bind(within)
            .bind(limit)
            .bind(before.1);
        Ok(query.fetch_all(conn).await?)
    }

    /// One group.
    pub(crate) async fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Group>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// Notes what became of a group.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else decided first, or another message came.
    pub(crate) async fn decide(
        conn: &mut Conn,
        id: Uuid,
        version: i64,
        outcome: &'static str,
        by: Uuid,
    ) -> Result<(), Error> {
        let done = sqlx::query(sql::DECIDE.on(ENGINE))
            .bind(id)
            .bind(version)
            .bind(outcome)
            .bind(by)
            .execute(&mut *conn)
            .await?;
        if done.rows_affected() == 0 {
            return Err(if find(conn, id).await?.is_some() { Error::Conflict } else { Error::NotFound });
        }
        Ok(())
    }

    /// What a group says is shown no more.
    pub(crate) async fn hide(conn: &mut Conn, id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::HIDE.on(ENGINE)).bind(id).execute(conn).await?;
        Ok(())
    }

    /// Who wrote what is in a group since an instant, each with the newest message and its stored text.
    pub(crate) async fn writers(
        conn: &mut Conn,
        id: Uuid,
        since: i64,
        limit: i64,
    ) -> Result<Vec<(Uuid, Uuid, String)>, Error> {
        let query = sqlx::query_as(sql::WRITERS.on(ENGINE)).bind(id).bind(since).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// Whether a message is in the thread of a case.
    pub(crate) async fn in_thread(conn: &mut Conn, inbox_id: Uuid) -> Result<bool, Error> {
        let found: Option<(Uuid,)> =
            sqlx::query_as(sql::IN_THREAD.on(ENGINE)).bind(inbox_id).fetch_optional(conn).await?;
        Ok(found.is_some())
    }
}

impl Store {
    /// Puts messages that nobody understood into groups, as many as are looked at in one go.
    pub async fn group_unknown(&self) -> Result<(), Error> {
        let loose = self.loose_texts().await?;
        if loose.is_empty() {
            return Ok(());
        }
        let keys = self.keys();
        let mut messages = Vec::with_capacity(loose.len());
        for it in loose {
            // A text that does not open any more stands alone, and is shown as erased.
            let text = keys.open_text(it.inbox_id, &it.text).unwrap_or_else(|_| it.inbox_id.to_string());
            let state = it.conversation.unwrap_or_default();
            let state = it.contact_id.map_or_else(String::new, |id| self.open_state(id, &state));
            let home: Home = serde_json::from_str(&state).unwrap_or_default();
            messages.push(Grouped {
                inbox_id: it.inbox_id,
                fresh: ids::new_id(UnixMillis(it.received_at)),
                municipality: home.home.unwrap_or_default(),
                key: keys.code_hash(&format!("unknown\0{}", fold(&text)))?,
                at: it.received_at,
            });
        }
        self.group_texts(messages).await
    }

    async fn loose_texts(&self) -> Result<Vec<Loose>, Error> {
        on_pool!(self, conn => at::unknown::loose(conn))
    }

    async fn group_texts(&self, messages: Vec<Grouped>) -> Result<(), Error> {
        in_write_tx!(self, conn => at::unknown::group(conn, messages))
    }

    /// Groups in a state, the newest first; `before`: the last one of the page before.
    pub async fn list_unknown(
        &self,
        state: Outcome,
        within: &Within,
        before: Option<(i64, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Group>, Error> {
        let (within, before) = (within.json(), before.unwrap_or((i64::MAX, Uuid::max())));
        let groups = self.unknown_rows(state, within, before, limit).await?;
        Ok(groups.into_iter().map(|it| self.open_group(it)).collect())
    }

    async fn unknown_rows(
        &self,
        state: Outcome,
        within: Option<String>,
        before: (i64, Uuid),
        limit: u32,
    ) -> Result<Vec<Group>, Error> {
        on_pool!(self, conn => at::unknown::list(conn, state.code(), within, before, i64::from(limit)))
    }

    fn open_group(&self, mut group: Group) -> Group {
        group.text = group
            .inbox_id
            .zip(group.text.take())
            .and_then(|(id, text)| self.keys().open_text(id, &text).ok())
            .filter(|it| !it.is_empty());
        group
    }

    /// One group.
    pub async fn find_unknown(&self, id: Uuid) -> Result<Option<Group>, Error> {
        let found = self.unknown_row(id).await?;
        Ok(found.map(|it| self.open_group(it)))
    }

    async fn unknown_row(&self, id: Uuid) -> Result<Option<Group>, Error> {
        on_pool!(self, conn => at::unknown::find(conn, id))
    }

    /// Notes what became of a group.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else decided first, or another message came.
    /// [`Error::NotFound`]: it is not there.
    pub async fn decide_unknown(
        &self,
        id: Uuid,
        version: i64,
        outcome: Outcome,
        by: Uuid,
    ) -> Result<(), Error> {
        in_write_tx!(self, conn => at::unknown::decide(conn, id, version, outcome.code(), by))
    }

    /// Who wrote what is in a group since an instant, each with the newest message.
    pub async fn list_unknown_writers(
        &self,
        id: Uuid,
        since: UnixMillis,
        limit: u32,
    ) -> Result<Vec<(Uuid, Uuid)>, Error> {
        let rows = self.writer_rows(id, since, limit).await?;
        Ok(rows.into_iter().map(|(contact_id, inbox_id, _)| (contact_id, inbox_id)).collect())
    }

    async fn writer_rows(
        &self,
        id: Uuid,
        since: UnixMillis,
        limit: u32,
    ) -> Result<Vec<(Uuid, Uuid, String)>, Error> {
        on_pool!(self, conn => at::unknown::writers(conn, id, since.0, i64::from(limit)))
    }

    /// Who wrote what is in a group since an instant: contact, newest message and what it says. Without
    /// those whose message is in the thread of a case already, or was erased.
    pub async fn list_unknown_words(
        &self,
        id: Uuid,
        since: UnixMillis,
        limit: u32,
    ) -> Result<Vec<(Uuid, Uuid, String)>, Error> {
        let mut words = Vec::new();
        for (contact_id, inbox_id, text) in self.writer_rows(id, since, limit).await? {
            let text = self.keys().open_text(inbox_id, &text).unwrap_or_default();
            if !text.is_empty() && !self.is_in_thread(inbox_id).await? {
                words.push((contact_id, inbox_id, text));
            }
        }
        Ok(words)
    }

    async fn is_in_thread(&self, inbox_id: Uuid) -> Result<bool, Error> {
        on_pool!(self, conn => at::unknown::in_thread(conn, inbox_id))
    }
}
