//! Who asked to be known as a leader, and what staff decided.

use uuid::Uuid;

use super::{DecideLeader, Leader};
use crate::domain::demand::Leadership;
use crate::domain::time::UnixMillis;
use crate::store::desk::{Page, Within};
use crate::store::staff::Write;
use crate::store::{AddressKeys, Error, Store};

/// What the words of a leader are told apart by.
pub(crate) const WORDS: &str = "leader";

/// A leader as she is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct LeaderRow {
    id: Uuid,
    contact_id: Uuid,
    municipality: String,
    state: String,
    words: String,
    reason: Option<String>,
    version: i64,
    asked_at: i64,
    decided_at: Option<i64>,
}

impl LeaderRow {
    fn leader(self, keys: &AddressKeys) -> Result<Leader, Error> {
        let damaged = |_| Error::Other(format!("the leader {} can't be read", self.id));
        Ok(Leader {
            state: self.state.parse::<Leadership>().map_err(damaged)?,
            words: keys.open_part(WORDS, self.contact_id, &self.words)?,
            id: self.id,
            contact_id: self.contact_id,
            municipality: self.municipality,
            reason: self.reason,
            version: self.version,
            asked_at: UnixMillis(self.asked_at),
            decided_at: self.decided_at.map(UnixMillis),
        })
    }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! leaders {
        ($rest:literal) => {
            concat!(
                "SELECT l.id, l.contact_id, l.municipality, l.state, l.words, l.reason, l.version, l.asked_at, \
                 l.decided_at FROM community_leaders AS l WHERE ",
                $rest
            )
        };
    }
    /// The oldest first.
    pub(super) const LIST: Statement = Statement::fork(
        leaders!(
            "l.state = $1 AND l.id > $2 AND (CAST($3 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM json_each($3) AS k \
             WHERE l.municipality LIKE k.value || '%')) ORDER BY l.id LIMIT $4"
        ),
        leaders!(
            "l.state = $1 AND l.id > $2 AND (CAST($3 AS TEXT) IS NULL OR EXISTS (SELECT 1 \
             FROM json_array_elements_text($3::json) AS k (value) WHERE l.municipality LIKE k.value || '%')) \
             ORDER BY l.id LIMIT $4"
        ),
    );
    pub(super) const FIND: Statement = Statement::both(leaders!("l.id = $1"));
    pub(super) const DECIDE: Statement = Statement::both(
        "UPDATE community_leaders SET state = $3, reason = $4, decided_by = $5, decided_at = $6, \
         version = version + 1 WHERE id = $1 AND version = $2",
    );
    pub(in crate::store) const ALL: &[Statement] = &[LIST, FIND, DECIDE];
}

per_engine! {
    with at;
    use {
        use super::super::{DecideLeader, Leader};
        use super::{LeaderRow, Write, sql};
        use crate::domain::demand::Leadership;
        use crate::store::{AddressKeys, Error, events};
        use uuid::Uuid;
    }

    /// Leaders in a state.
    pub(crate) async fn list(
        conn: &mut Conn,
        state: &'static str,
        after: Uuid,
        within: Option<String>,
        limit: i64,
    ) -> Result<Vec<LeaderRow>, Error> {
        let query = sqlx::query_as(sql::LIST.on(ENGINE)).bind(state).bind(after).bind(within).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// A leader.
    pub(crate) async fn find(conn: &mut Conn, id: Uuid) -> Result<Option<LeaderRow>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// Notes a decision: who is verified was called, so her number is, too.
    pub(crate) async fn decide(
        conn: &mut Conn,
        keys: &AddressKeys,
        it: &DecideLeader,
        write: Option<&Write<Leader>>,
    ) -> Result<Leader, Error> {
        at::events::lock(&mut *conn).await?;
        let state = if it.refused.is_some() { Leadership::Refused } else { Leadership::Verified };
        let done = sqlx::query(sql::DECIDE.on(ENGINE))
            .bind(it.id)
            .bind(it.version)
            .bind(state.code())
            .bind(&it.refused)
            .bind(it.staff_id)
            .bind(it.at.0)
            .execute(&mut *conn)
            .await?;
        let row = find(&mut *conn, it.id).await?.ok_or(Error::NotFound)?;
        if done.rows_affected() == 0 {
            return Err(Error::Conflict);
        }
        let leader = row.leader(keys)?;
        if state == Leadership::Verified {
            let (contact, by) = (leader.contact_id, Some(it.staff_id));
            at::demand_people::checked(&mut *conn, contact, "staff", by, it.at.0).await?;
        }
        if let Some(write) = write {
            at::answers::keep(&mut *conn, write.sealed(&leader)?).await?;
            at::audit::append(&mut *conn, &write.audit).await?;
        }
        let event = events::New {
            kind: "leader_decided",
            municipality: Some(leader.municipality.clone()),
            at: it.at.0,
            ..events::New::default()
        };
        at::events::add(conn, &[event]).await?;
        Ok(leader)
    }
}

impl Store {
    /// Leaders in a state, who asked first first.
    pub async fn list_leaders(
        &self,
        state: Leadership,
        within: &Within,
        page: Page,
    ) -> Result<Vec<Leader>, Error> {
        let rows = self.leader_rows(state, within.json(), page).await?;
        let keys = self.keys();
        rows.into_iter().map(|it| it.leader(&keys)).collect()
    }

    async fn leader_rows(
        &self,
        state: Leadership,
        within: Option<String>,
        page: Page,
    ) -> Result<Vec<LeaderRow>, Error> {
        let after = page.after.unwrap_or_default();
        on_pool!(self, conn => at::leading::list(conn, state.code(), after, within, i64::from(page.limit)))
    }

    /// A leader, by the id of her request.
    pub async fn find_leader(&self, id: Uuid) -> Result<Option<Leader>, Error> {
        let keys = self.keys();
        self.leader_row(id).await?.map(|it| it.leader(&keys)).transpose()
    }

    async fn leader_row(&self, id: Uuid) -> Result<Option<LeaderRow>, Error> {
        on_pool!(self, conn => at::leading::find(conn, id))
    }

    /// Verifies a leader, or refuses her; she reads it with `LIDER`.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: somebody else was first, or she asked anew.
    pub async fn decide_leader(
        &self,
        it: DecideLeader,
        write: Option<Write<Leader>>,
    ) -> Result<Leader, Error> {
        let keys = self.keys();
        in_write_tx!(self, conn => async move {
            at::leading::decide(conn, &keys, &it, write.as_ref()).await
        })
    }
}
