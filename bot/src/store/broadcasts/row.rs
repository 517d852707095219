//! The row of a broadcast: reading, saving, listing.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Approval, Broadcast, Progress};
use crate::domain::broadcast::State;
use crate::domain::time::UnixMillis;
use crate::store::outbox::ids_json;
use crate::store::{Error, Store};

/// A broadcast as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(super) id: Uuid,
    pub(super) state: String,
    pub(super) version: i64,
    pub(super) hash: String,
    pub(super) draft: String,
    pub(super) areas: String,
    pub(super) author_id: Uuid,
    pub(super) people_seen: i64,
    pub(super) approvals_needed: i64,
    pub(super) reason: Option<String>,
    pub(super) held_in: Option<String>,
    pub(super) begins_at: Option<i64>,
    pub(super) cursor_area: String,
    pub(super) cursor_contact: Option<Uuid>,
    pub(super) people: i64,
    pub(super) queued: i64,
    pub(super) sent: i64,
    pub(super) failed: i64,
    pub(super) passed: i64,
    pub(super) cancelled: i64,
    pub(super) forget_at: Option<i64>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

impl Row {
    /// As the rest of the service knows it.
    pub(super) fn broadcast(&self) -> Result<Broadcast, Error> {
        let damaged = |what| Error::Other(format!("the {what} of broadcast {} can't be read", self.id));
        let areas: Vec<String> = serde_json::from_str(&self.areas).map_err(|_| damaged("areas"))?;
        let state = |text: &str| text.parse::<State>().map_err(|_| damaged("state"));
        let count = |it: i64| u64::try_from(it).unwrap_or(0);
        Ok(Broadcast {
            id: self.id,
            state: state(&self.state)?,
            version: self.version,
            hash: self.hash.clone(),
            draft: serde_json::from_str(&self.draft).map_err(|_| damaged("draft"))?,
            areas: areas
                .iter()
                .map(|it| it.parse().map_err(|()| damaged("areas")))
                .collect::<Result<_, _>>()?,
            author_id: self.author_id,
            people_seen: count(self.people_seen),
            approvals_needed: count(self.approvals_needed),
            reason: self.reason.clone(),
            held_in: self.held_in.as_deref().map(state).transpose()?,
            begins_at: self.begins_at.map(UnixMillis),
            cursor_area: self.cursor_area.clone(),
            cursor_contact: self.cursor_contact,
            progress: Progress {
                people: count(self.people),
                queued: count(self.queued),
                sent: count(self.sent),
                failed: count(self.failed),
                passed: count(self.passed),
                cancelled: count(self.cancelled),
            },
            forget_at: self.forget_at.map(UnixMillis),
            created_at: UnixMillis(self.created_at),
            updated_at: UnixMillis(self.updated_at),
        })
    }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! rows {
        ($rest:literal) => {
            concat!(
                "SELECT id, state, version, hash, draft, areas, author_id, people_seen, approvals_needed, reason, \
                 held_in, begins_at, cursor_area, cursor_contact, people, queued, sent, failed, passed, cancelled, \
                 forget_at, created_at, updated_at FROM broadcasts WHERE ",
                $rest
            )
        };
    }
    pub(super) const GET: Statement = Statement::both(rows!("id = $1"));
    pub(super) const LOAD: Statement = Statement::fork(rows!("id = $1"), rows!("id = $1 FOR UPDATE"));
    /// The newest first.
    pub(super) const LIST: Statement = Statement::both(rows!("id < $1 ORDER BY id DESC LIMIT $2"));
    pub(super) const LIST_STATE: Statement =
        Statement::both(rows!("id < $1 AND state = $3 ORDER BY id DESC LIMIT $2"));
    /// What the clock looks after.
    pub(super) const BUSY: Statement = Statement::both(rows!(
        "state IN ('preparing', 'approved', 'sending', 'held') OR (state = 'stopped' AND queued > 0) ORDER BY id"
    ));
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO broadcasts (id, state, version, hash, draft, areas, author_id, correction_of, people_seen, \
         approvals_needed, created_at, updated_at) VALUES ($1, 'draft', 1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
    );
    pub(super) const SAVE: Statement = Statement::both(
        "UPDATE broadcasts SET state = $2, version = $3, hash = $4, draft = $5, areas = $6, people_seen = $7, \
         approvals_needed = $8, reason = $9, held_in = $10, begins_at = $11, cursor_area = $12, \
         cursor_contact = $13, people = $14, queued = $15, sent = $16, failed = $17, passed = $18, \
         cancelled = $19, forget_at = $20, updated_at = $21 WHERE id = $1",
    );
    pub(super) const EDITOR: Statement = Statement::both(
        "INSERT INTO broadcast_editors (broadcast_id, staff_id, at) VALUES ($1, $2, $3) \
         ON CONFLICT (broadcast_id, staff_id) DO NOTHING",
    );
    pub(super) const EDITORS: Statement = Statement::both(
        "SELECT staff_id FROM broadcast_editors WHERE broadcast_id = $1 ORDER BY at, staff_id",
    );
    pub(super) const APPROVE: Statement = Statement::both(
        "INSERT INTO broadcast_approvals (broadcast_id, staff_id, hash, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (broadcast_id, staff_id) DO UPDATE SET hash = excluded.hash, at = excluded.at",
    );
    pub(super) const APPROVALS: Statement = Statement::both(
        "SELECT staff_id, hash, at FROM broadcast_approvals WHERE broadcast_id = $1 ORDER BY at, staff_id",
    );
    /// Of several, `$1` an array of ids in hexadecimal.
    pub(super) const GIVEN: Statement = Statement::fork(
        "SELECT broadcast_id, hash, COUNT(*) FROM broadcast_approvals WHERE broadcast_id IN (SELECT unhex(value) \
         FROM json_each($1)) GROUP BY broadcast_id, hash",
        "SELECT broadcast_id, hash, COUNT(*) FROM broadcast_approvals WHERE broadcast_id IN (SELECT it::uuid \
         FROM jsonb_array_elements_text($1::jsonb) AS e(it)) GROUP BY broadcast_id, hash",
    );
    pub(super) const UNAPPROVE: Statement =
        Statement::both("DELETE FROM broadcast_approvals WHERE broadcast_id = $1");
    pub(in crate::store) const ALL: &[Statement] = &[
        GET, LOAD, LIST, LIST_STATE, BUSY, ADD, SAVE, EDITOR, EDITORS, APPROVE, APPROVALS, GIVEN, UNAPPROVE,
    ];
}

per_engine! {
    use {
        use super::super::{Approval, NewBroadcast};
        use super::{Row, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// One for reading.
    pub(crate) async fn get(conn: &mut Conn, id: Uuid) -> Result<Row, Error> {
        let found: Option<Row> = sqlx::query_as(sql::GET.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        found.ok_or(Error::NotFound)
    }

    /// One that is to be changed: locked until the end of the transaction.
    pub(crate) async fn load(conn: &mut Conn, id: Uuid) -> Result<Row, Error> {
        let found: Option<Row> = sqlx::query_as(sql::LOAD.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        found.ok_or(Error::NotFound)
    }

    /// A page, the newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        before: Uuid,
        state: Option<&'static str>,
        limit: i64,
    ) -> Result<Vec<Row>, Error> {
        let statement = if state.is_some() { sql::LIST_STATE } else { sql::LIST };
        let mut query = sqlx::query_as(statement.on(ENGINE)).bind(before).bind(limit);
        if let Some(state) = state {
            query = query.bind(state);
        }
        Ok(query.fetch_all(conn).await?)
    }

    /// All that the clock looks after.
    pub(crate) async fn busy(conn: &mut Conn) -> Result<Vec<Row>, Error> {
        Ok(sqlx::query_as(sql::BUSY.on(ENGINE)).fetch_all(conn).await?)
    }

    /// Adds a draft.
    pub(crate) async fn add(conn: &mut Conn, new: &NewBroadcast) -> Result<(), Error> {
        let (draft, areas) = super::documents(&new.draft, &new.areas)?;
        let needed = new.draft.approvals_needed(new.people);
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(new.id)
            .bind(new.draft.hash(&new.areas))
            .bind(draft)
            .bind(areas)
            .bind(new.staff_id)
            .bind(new.draft.correction_of)
            .bind(super::number(new.people))
            .bind(super::number(needed))
            .bind(new.at.0)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Writes what changed; nothing else writes the row while it is locked.
    pub(crate) async fn save(conn: &mut Conn, row: &Row) -> Result<(), Error> {
        sqlx::query(sql::SAVE.on(ENGINE))
            .bind(row.id)
            .bind(&row.state)
            .bind(row.version)
            .bind(&row.hash)
            .bind(&row.draft)
            .bind(&row.areas)
            .bind(row.people_seen)
            .bind(row.approvals_needed)
            .bind(&row.reason)
            .bind(&row.held_in)
            .bind(row.begins_at)
            .bind(&row.cursor_area)
            .bind(row.cursor_contact)
            .bind(row.people)
            .bind(row.queued)
            .bind(row.sent)
            .bind(row.failed)
            .bind(row.passed)
            .bind(row.cancelled)
            .bind(row.forget_at)
            .bind(row.updated_at)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Who wrote on it besides its author.
    pub(crate) async fn editors(conn: &mut Conn, id: Uuid) -> Result<Vec<Uuid>, Error> {
        let rows: Vec<(Uuid,)> = sqlx::query_as(sql::EDITORS.on(ENGINE)).bind(id).fetch_all(conn).await?;
        Ok(rows.into_iter().map(|(it,)| it).collect())
    }

    /// Notes who wrote on it.
    pub(crate) async fn edited(conn: &mut Conn, id: Uuid, staff_id: Uuid, now: i64) -> Result<(), Error> {
        sqlx::query(sql::EDITOR.on(ENGINE)).bind(id).bind(staff_id).bind(now).execute(conn).await?;
        Ok(())
    }

    /// Who let it go.
    pub(crate) async fn approvals(conn: &mut Conn, id: Uuid) -> Result<Vec<Approval>, Error> {
        Ok(sqlx::query_as(sql::APPROVALS.on(ENGINE)).bind(id).fetch_all(conn).await?)
    }

    /// How many approvals several have, by what they say.
    pub(crate) async fn given(conn: &mut Conn, ids: String) -> Result<Vec<(Uuid, String, i64)>, Error> {
        Ok(sqlx::query_as(sql::GIVEN.on(ENGINE)).bind(ids).fetch_all(conn).await?)
    }

    /// Takes all approvals away.
    pub(crate) async fn unapprove(conn: &mut Conn, id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::UNAPPROVE.on(ENGINE)).bind(id).execute(conn).await?;
        Ok(())
    }

    /// Keeps those approvals of the hash whose people are `valid`, and adds one; gives how many there are.
    pub(crate) async fn approve(
        conn: &mut Conn,
        row: &Row,
        staff_id: Uuid,
        valid: &[Uuid],
        now: i64,
    ) -> Result<i64, Error> {
        let mut kept = approvals(&mut *conn, row.id).await?;
        kept.retain(|it| it.hash == row.hash && it.staff_id != staff_id && valid.contains(&it.staff_id));
        kept.push(Approval { staff_id, hash: row.hash.clone(), at: now });
        unapprove(&mut *conn, row.id).await?;
        for it in &kept {
            sqlx::query(sql::APPROVE.on(ENGINE))
                .bind(row.id)
                .bind(it.staff_id)
                .bind(&it.hash)
                .bind(it.at)
                .execute(&mut *conn)
                .await?;
        }
        Ok(super::number(kept.len() as u64))
    }
}

/// What is written, and where it goes, as documents.
pub(super) fn documents(
    draft: &crate::domain::broadcast::Draft,
    areas: &[crate::domain::staff::Scope],
) -> Result<(String, String), Error> {
    let draft = serde_json::to_string(draft)
        .map_err(|_| Error::Other("a broadcast can't be written as JSON".to_owned()))?;
    let areas: serde_json::Value = areas.iter().map(ToString::to_string).collect();
    Ok((draft, areas.to_string()))
}

/// A count as a column has it.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Store {
    /// A broadcast.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get_broadcast(&self, id: Uuid) -> Result<Broadcast, Error> {
        self.broadcast_row(id).await?.broadcast()
    }

    async fn broadcast_row(&self, id: Uuid) -> Result<Row, Error> {
        on_pool!(self, conn => at::broadcasts::get(conn, id))
    }

    /// At most `limit` broadcasts before the id `before` (`None`: from the newest), the newest first, where a state
    /// is named of that one. One that can't be read is left out, and others follow in its place.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_broadcasts(
        &self,
        before: Option<Uuid>,
        state: Option<State>,
        limit: u32,
    ) -> Result<Vec<Broadcast>, Error> {
        let (mut before, state) = (before.unwrap_or(Uuid::max()), state.map(State::code));
        let mut listed = Vec::new();
        loop {
            let room = limit.saturating_sub(u32::try_from(listed.len()).unwrap_or(limit));
            let rows = self.broadcast_rows(before, state, room).await?;
            let last = rows.last().filter(|_| rows.len() == room as usize).map(|it| it.id);
            listed.extend(rows.iter().filter_map(|row| {
                let opened = row.broadcast();
                opened
                    .inspect_err(|problem| {
                        tracing::error!(broadcast = %row.id, %problem, "a broadcast is shown to nobody");
                    })
                    .ok()
            }));
            // A short page is the end of the list for who turns the pages, so it is filled.
            match last {
                Some(last) if listed.len() < limit as usize => before = last,
                _ => return Ok(listed),
            }
        }
    }

    async fn broadcast_rows(
        &self,
        before: Uuid,
        state: Option<&'static str>,
        limit: u32,
    ) -> Result<Vec<Row>, Error> {
        on_pool!(self, conn => at::broadcasts::list(conn, before, state, i64::from(limit)))
    }

    /// All broadcasts that the clock looks after, the oldest first.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_busy_broadcasts(&self) -> Result<Vec<Broadcast>, Error> {
        let mut busy = Vec::new();
        for row in self.busy_rows().await? {
            match row.broadcast() {
                Ok(it) => busy.push(it),
                // One that can't be read must not hold up the others.
                Err(problem) => tracing::error!(broadcast = %row.id, %problem, "a broadcast stands still"),
            }
        }
        Ok(busy)
    }

    async fn busy_rows(&self) -> Result<Vec<Row>, Error> {
        on_pool!(self, conn => at::broadcasts::busy(conn))
    }

    /// Who wrote on a broadcast besides its author, the first first.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_broadcast_editors(&self, id: Uuid) -> Result<Vec<Uuid>, Error> {
        on_pool!(self, conn => at::broadcasts::editors(conn, id))
    }

    /// Who let a broadcast go, the first first.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_broadcast_approvals(&self, id: Uuid) -> Result<Vec<Approval>, Error> {
        on_pool!(self, conn => at::broadcasts::approvals(conn, id))
    }

    /// How many approvals broadcasts have, by id and hash.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn count_broadcast_approvals(
        &self,
        ids: &[Uuid],
    ) -> Result<HashMap<(Uuid, String), u64>, Error> {
        let document = ids_json(ids.iter().copied());
        let rows = on_pool!(self, conn => at::broadcasts::given(conn, document))?;
        let count = |it: i64| u64::try_from(it).unwrap_or(0);
        Ok(rows.into_iter().map(|(id, hash, given)| ((id, hash), count(given))).collect())
    }
}
