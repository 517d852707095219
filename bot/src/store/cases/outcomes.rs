//! What became of the cases of a municipality, for its report: nothing of what is said in them, and
//! nothing of those that are confidential or restricted.

use uuid::Uuid;

use super::first_id;
use crate::domain::case::CaseState;
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// How far a case got, and how long its first answer took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseOutcome {
    /// The case; the next page begins before it.
    pub id: Uuid,
    /// How far it got.
    pub state: CaseState,
    /// Code of its category.
    pub category: String,
    /// Code of its office.
    pub office: String,
    /// Who opened it, so that people can be counted; `None` for somebody who came by.
    pub contact_id: Option<Uuid>,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When a person answered it for the first time.
    pub first_answer_at: Option<UnixMillis>,
    /// By when that was owed.
    pub first_answer_due: Option<UnixMillis>,
}

/// A row of a case.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct OutcomeRow {
    id: Uuid,
    state: String,
    category: String,
    office: String,
    contact_id: Option<Uuid>,
    opened_at: i64,
    first_answer_at: Option<i64>,
    first_answer_due: Option<i64>,
}

impl OutcomeRow {
    fn outcome(self) -> Result<CaseOutcome, Error> {
        Ok(CaseOutcome {
            id: self.id,
            state: self
                .state
                .parse()
                .map_err(|_| Error::Other("the state of a case can't be read".to_owned()))?,
            category: self.category,
            office: self.office,
            contact_id: self.contact_id,
            opened_at: UnixMillis(self.opened_at),
            first_answer_at: self.first_answer_at.map(UnixMillis),
            first_answer_due: self.first_answer_due.map(UnixMillis),
        })
    }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const OUTCOMES: Statement = Statement::both(
        "SELECT id, state, category, office, contact_id, opened_at, first_answer_at, first_answer_due \
         FROM cases WHERE municipality = $1 AND id >= $2 AND id < $3 AND confidentiality = 'open' ORDER BY id DESC LIMIT $4",
    );
    pub(in crate::store) const ALL: &[Statement] = &[OUTCOMES];
}

per_engine! {
    use {
        use super::{OutcomeRow, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// A page of outcomes.
    pub(crate) async fn page(
        conn: &mut Conn,
        municipality: String,
        (since, before): (Uuid, Uuid),
        limit: i64,
    ) -> Result<Vec<OutcomeRow>, Error> {
        let rows = sqlx::query_as(sql::OUTCOMES.on(ENGINE)).bind(municipality).bind(since).bind(before);
        Ok(rows.bind(limit).fetch_all(conn).await?)
    }
}

impl Store {
    /// What became of the open cases of a municipality that were opened since an instant, the newest first,
    /// opened before the case `before`. Those that are confidential or restricted are in no page.
    pub async fn list_case_outcomes(
        &self,
        municipality: &str,
        since: UnixMillis,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<CaseOutcome>, Error> {
        let municipality = municipality.to_owned();
        let range = (first_id(since), before.unwrap_or(Uuid::max()));
        let rows = self.case_outcome_rows(municipality, range, limit).await?;
        rows.into_iter().map(OutcomeRow::outcome).collect()
    }

    async fn case_outcome_rows(
        &self,
        municipality: String,
        range: (Uuid, Uuid),
        limit: u32,
    ) -> Result<Vec<OutcomeRow>, Error> {
        on_pool!(self, conn => at::case_outcomes::page(conn, municipality, range, i64::from(limit)))
    }
}
