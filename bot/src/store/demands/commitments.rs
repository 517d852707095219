//! Promises: what an answer became, its steps, and what supporters say of it.

use uuid::Uuid;

use super::row::count;
use super::{Commitment, Milestone, Promise};
use crate::domain::demand::rules::{LONGEST_OWNER, LONGEST_TITLE, MOST_STEPS};
use crate::domain::demand::{Progress, Votes};
use crate::domain::small_numbers::LEAST;
use crate::domain::time::UnixMillis;
use crate::ids;
use crate::store::desk::{Page, Within};
use crate::store::{Error, Store};

/// A promise as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct CommitmentRow {
    id: Uuid,
    demand_id: Uuid,
    municipality: String,
    title: String,
    owner: String,
    due_on: Option<String>,
    state: String,
    percent: i64,
    yes: i64,
    nope: i64,
    half: i64,
    told_yes: i64,
    told_nope: i64,
    told_half: i64,
    pub(crate) version: i64,
    created_at: i64,
    updated_at: i64,
}

/// A step as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct StepRow {
    commitment_id: Uuid,
    title: String,
    due_on: Option<String>,
    state: String,
}

/// Votes that may be told: none where they are a few.
fn told(stored: i64) -> u64 {
    count(stored).checked_sub(LEAST).map_or(0, |it| it + LEAST)
}

/// A promise with its steps.
pub(crate) fn commitment(row: &CommitmentRow, steps: &[StepRow]) -> Result<Commitment, Error> {
    let damaged = |_| Error::Other(format!("the commitment {} can't be read", row.id));
    let steps = steps.iter().filter(|it| it.commitment_id == row.id).map(|it| {
        let state: Progress = it.state.parse().map_err(damaged)?;
        Ok::<_, Error>(Milestone { title: it.title.clone(), due_on: it.due_on.clone(), state })
    });
    Ok(Commitment {
        id: row.id,
        demand_id: row.demand_id,
        municipality: row.municipality.clone(),
        promise: Promise {
            title: row.title.clone(),
            owner: row.owner.clone(),
            due_on: row.due_on.clone(),
            state: row.state.parse().map_err(damaged)?,
            percent: u8::try_from(row.percent).unwrap_or(0),
            milestones: steps.collect::<Result<_, _>>()?,
        },
        votes: Votes { yes: count(row.yes), no: count(row.nope), half: count(row.half) },
        told: Votes { yes: told(row.told_yes), no: told(row.told_nope), half: told(row.told_half) },
        version: row.version,
        created_at: UnixMillis(row.created_at),
        updated_at: UnixMillis(row.updated_at),
    })
}

/// Whether a promise is whole.
pub(super) fn check(promise: &Promise) -> Result<(), Error> {
    let dated = |it: &Option<String>| it.as_ref().is_none_or(|it| it.parse::<jiff::civil::Date>().is_ok());
    let named = |it: &str| !it.trim().is_empty();
    if !named(&promise.title) || !promise.milestones.iter().all(|it| named(&it.title)) {
        return Err(Error::Refused("commitment_needs_title"));
    }
    if !named(&promise.owner) {
        return Err(Error::Refused("commitment_needs_owner"));
    }
    if !dated(&promise.due_on) || !promise.milestones.iter().all(|it| dated(&it.due_on)) {
        return Err(Error::Refused("commitment_needs_date"));
    }
    let long = |it: &str| it.chars().count() > LONGEST_TITLE;
    let too_long = long(&promise.title)
        || promise.owner.chars().count() > LONGEST_OWNER
        || promise.milestones.iter().any(|it| long(&it.title));
    if too_long || promise.percent > 100 || promise.milestones.len() > MOST_STEPS {
        return Err(Error::Refused("commitment_too_much"));
    }
    Ok(())
}

/// The steps of a promise as JSON: id, ordinal, title, date, state.
fn steps(promise: &Promise, now: i64) -> String {
    let rows = promise.milestones.iter().zip(0_i64..).map(|(it, ordinal)| {
        let id = ids::new_id(UnixMillis(now)).simple().to_string();
        serde_json::json!([id, ordinal, it.title, it.due_on, it.state.code()])
    });
    rows.collect::<serde_json::Value>().to_string()
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! promises {
        ($rest:literal) => {
            concat!(
                "SELECT c.id, c.demand_id, c.municipality, c.title, c.owner, c.due_on, c.state, c.percent, c.yes, \
                 c.nope, c.half, c.told_yes, c.told_nope, c.told_half, c.version, c.created_at, c.updated_at FROM commitments AS c WHERE ",
                $rest
            )
        };
    }
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO commitments (id, demand_id, municipality, title, owner, due_on, state, percent, version, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9)",
    );
    pub(super) const UPDATE: Statement = Statement::both(
        "UPDATE commitments SET title = $3, owner = $4, due_on = $5, state = $6, percent = $7, \
         version = version + 1, updated_at = $8 WHERE id = $1 AND version = $2",
    );
    pub(super) const DROP_STEPS: Statement =
        Statement::both("DELETE FROM commitment_milestones WHERE commitment_id = $1");
    pub(super) const ADD_STEPS: Statement = Statement::fork(
        "INSERT INTO commitment_milestones (id, commitment_id, ordinal, title, due_on, state) \
         SELECT unhex(value ->> 0), $1, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($2)",
        "INSERT INTO commitment_milestones (id, commitment_id, ordinal, title, due_on, state) \
         SELECT (a ->> 0)::uuid, $1::uuid, (a ->> 1)::bigint, a ->> 2, a ->> 3, a ->> 4 \
         FROM jsonb_array_elements($2::jsonb) AS e(a)",
    );
    pub(super) const OF: Statement = Statement::both(promises!("c.demand_id = $1"));
    pub(super) const GET: Statement = Statement::both(promises!("c.id = $1"));
    /// The newest first.
    pub(super) const LIST: Statement = Statement::fork(
        promises!(
            "c.id < $1 AND (CAST($2 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM json_each($2) AS k \
             WHERE c.municipality LIKE k.value || '%')) ORDER BY c.id DESC LIMIT $3"
        ),
        promises!(
            "c.id < $1 AND (CAST($2 AS TEXT) IS NULL OR EXISTS (SELECT 1 \
             FROM json_array_elements_text($2::json) AS k (value) WHERE c.municipality LIKE k.value || '%')) \
             ORDER BY c.id DESC LIMIT $3"
        ),
    );
    pub(super) const STEPS: Statement = Statement::both(
        "SELECT commitment_id, title, due_on, state FROM commitment_milestones WHERE commitment_id = $1 \
         ORDER BY ordinal",
    );
    /// Those of a page of promises.
    pub(super) const STEPS_OF: Statement = Statement::fork(
        "SELECT commitment_id, title, due_on, state FROM commitment_milestones \
         WHERE commitment_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY commitment_id, ordinal",
        "SELECT commitment_id, title, due_on, state FROM commitment_milestones \
         WHERE commitment_id IN (SELECT value::uuid FROM json_array_elements_text($1::json) AS e (value)) \
         ORDER BY commitment_id, ordinal",
    );
    macro_rules! tally {
        ($of:literal) => {
            concat!(
                "UPDATE commitments SET ",
                $of,
                " = ",
                $of,
                " + $2, told_",
                $of,
                " = CASE WHEN ABS(",
                $of,
                " + $2 - told_",
                $of,
                ") >= $3 THEN ",
                $of,
                " + $2 ELSE told_",
                $of,
                " END WHERE id = $1"
            )
        };
    }
    pub(super) const YES: Statement = Statement::both(tally!("yes"));
    pub(super) const NOPE: Statement = Statement::both(tally!("nope"));
    pub(super) const HALF: Statement = Statement::both(tally!("half"));
    pub(super) const VOTED: Statement =
        Statement::both("SELECT vote FROM commitment_votes WHERE commitment_id = $1 AND holder_id = $2");
    pub(super) const VOTE: Statement = Statement::both(
        "INSERT INTO commitment_votes (commitment_id, holder_id, contact_id, vote, voted_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (commitment_id, holder_id) DO UPDATE SET vote = excluded.vote, \
         contact_id = excluded.contact_id, voted_at = excluded.voted_at",
    );
    pub(in crate::store) const ALL: &[Statement] =
        &[ADD, UPDATE, DROP_STEPS, ADD_STEPS, OF, GET, LIST, STEPS, STEPS_OF, YES, NOPE, HALF, VOTED, VOTE];
}

per_engine! {
    use {
        use super::super::{Commitment, Promise};
        use super::{CommitmentRow, StepRow, check, commitment, sql, steps};
        use crate::domain::demand::rules::VOTES_TOGETHER;
        use crate::domain::time::UnixMillis;
        use crate::ids;
        use crate::store::Error;
        use crate::store::outbox::ids_json;
        use uuid::Uuid;
    }

    /// The promise of a demand, to be changed.
    pub(crate) async fn of(conn: &mut Conn, demand_id: Uuid) -> Result<Option<Commitment>, Error> {
        let row: Option<CommitmentRow> =
            sqlx::query_as(sql::OF.on(ENGINE)).bind(demand_id).fetch_optional(&mut *conn).await?;
        let Some(row) = row else { return Ok(None) };
        with_steps(conn, row).await.map(Some)
    }

    async fn with_steps(conn: &mut Conn, row: CommitmentRow) -> Result<Commitment, Error> {
        let id = row.id;
        let steps: Vec<StepRow> = sqlx::query_as(sql::STEPS.on(ENGINE)).bind(id).fetch_all(conn).await?;
        commitment(&row, &steps)
    }

    /// A promise.
    pub(crate) async fn get(conn: &mut Conn, id: Uuid) -> Result<Option<Commitment>, Error> {
        let row: Option<CommitmentRow> =
            sqlx::query_as(sql::GET.on(ENGINE)).bind(id).fetch_optional(&mut *conn).await?;
        let Some(row) = row else { return Ok(None) };
        with_steps(conn, row).await.map(Some)
    }

    /// Promises, the newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        before: Uuid,
        within: Option<String>,
        limit: i64,
    ) -> Result<Vec<Commitment>, Error> {
        let query = sqlx::query_as(sql::LIST.on(ENGINE)).bind(before).bind(within).bind(limit);
        let rows: Vec<CommitmentRow> = query.fetch_all(&mut *conn).await?;
        let ids = ids_json(rows.iter().map(|it| it.id));
        let query = sqlx::query_as(sql::STEPS_OF.on(ENGINE)).bind(ids);
        let steps: Vec<StepRow> = query.fetch_all(conn).await?;
        rows.iter().map(|it| commitment(it, &steps)).collect()
    }

    /// Makes a promise of an answer.
    pub(crate) async fn add(
        conn: &mut Conn,
        demand_id: Uuid,
        municipality: &str,
        promise: &Promise,
        now: i64,
    ) -> Result<(), Error> {
        check(promise)?;
        let id = ids::new_id(UnixMillis(now));
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(id)
            .bind(demand_id)
            .bind(municipality)
            .bind(&promise.title)
            .bind(&promise.owner)
            .bind(&promise.due_on)
            .bind(promise.state.code())
            .bind(i64::from(promise.percent))
            .bind(now)
            .execute(&mut *conn)
            .await?;
        write_steps(conn, id, promise, now).await
    }

    async fn write_steps(conn: &mut Conn, id: Uuid, promise: &Promise, now: i64) -> Result<(), Error> {
        sqlx::query(sql::DROP_STEPS.on(ENGINE)).bind(id).execute(&mut *conn).await?;
        let query = sqlx::query(sql::ADD_STEPS.on(ENGINE)).bind(id).bind(steps(promise, now));
        query.execute(conn).await?;
        Ok(())
    }

    /// Writes a promise anew.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else was first.
    pub(crate) async fn update(
        conn: &mut Conn,
        id: Uuid,
        version: i64,
        promise: &Promise,
        now: i64,
    ) -> Result<(), Error> {
        check(promise)?;
        let done = sqlx::query(sql::UPDATE.on(ENGINE))
            .bind(id)
            .bind(version)
            .bind(&promise.title)
            .bind(&promise.owner)
            .bind(&promise.due_on)
            .bind(promise.state.code())
            .bind(i64::from(promise.percent))
            .bind(now)
            .execute(&mut *conn)
            .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Conflict);
        }
        write_steps(conn, id, promise, now).await
    }

    /// Counts a vote, or counts it no more. What is told of them moves for many together.
    pub(crate) async fn tally(conn: &mut Conn, id: Uuid, vote: &str, by: i64) -> Result<(), Error> {
        let statement = match vote {
            "yes" => sql::YES,
            "no" => sql::NOPE,
            _ => sql::HALF,
        };
        sqlx::query(statement.on(ENGINE)).bind(id).bind(by).bind(VOTES_TOGETHER).execute(conn).await?;
        Ok(())
    }

    /// A person votes; her last word counts.
    pub(crate) async fn vote(
        conn: &mut Conn,
        id: Uuid,
        holder: Uuid,
        contact_id: Uuid,
        vote: &'static str,
        now: i64,
    ) -> Result<(), Error> {
        let was: Option<(String,)> =
            sqlx::query_as(sql::VOTED.on(ENGINE)).bind(id).bind(holder).fetch_optional(&mut *conn).await?;
        if let Some((was,)) = was {
            tally(&mut *conn, id, &was, -1).await?;
        }
        sqlx::query(sql::VOTE.on(ENGINE))
            .bind(id)
            .bind(holder)
            .bind(contact_id)
            .bind(vote)
            .bind(now)
            .execute(&mut *conn)
            .await?;
        tally(conn, id, vote, 1).await
    }
}

impl Store {
    /// A promise.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get_commitment(&self, id: Uuid) -> Result<Commitment, Error> {
        self.commitment(id).await?.ok_or(Error::NotFound)
    }

    async fn commitment(&self, id: Uuid) -> Result<Option<Commitment>, Error> {
        on_pool!(self, conn => at::commitments::get(conn, id))
    }

    /// Promises, the newest first, made before the one that the page begins after.
    pub async fn list_commitments(&self, within: &Within, page: Page) -> Result<Vec<Commitment>, Error> {
        let (within, before) = (within.json(), page.after.unwrap_or(Uuid::max()));
        on_pool!(self, conn => at::commitments::list(conn, before, within, i64::from(page.limit)))
    }
}
