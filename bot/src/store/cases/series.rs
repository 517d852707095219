//! How many people reported something in a municipality, by category, office or day, how many first answers that
//! were owed came in time, and how many of those people disputed a closing. Read by the place and time of the cases,
//! never by all of them, and nothing of those that are confidential or restricted.

use super::first_id;
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// By what cases are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesGroup {
    /// By category.
    Topic,
    /// By the office that answers.
    Office,
    /// By day of 24 hours since the begin.
    Day,
}

/// A group of cases: people are counted, since who reported ten things is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesPoint {
    /// Code of the category or office, or the number of the day from 0.
    pub key: String,
    /// People who reported something.
    pub people: u64,
    /// First answers that were owed by now.
    pub owed: u64,
    /// Those of them that came in time.
    pub kept: u64,
    /// People to whom one was owed.
    pub owed_to: u64,
    /// People who disputed a closing.
    pub disputed: u64,
}

/// A row of a group.
pub(crate) type PointRow = (String, i64, i64, i64, i64, i64);

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    /// Cases of a place since an id; who is not known is told apart by the case.
    macro_rules! of_place {
        () => {
            " FROM cases WHERE municipality = $1 AND id >= $2 AND confidentiality = 'open' AND state <> 'duplicate'"
        };
    }
    macro_rules! grouped {
        ($by:literal) => {
            concat!(
                "SELECT ",
                $by,
                ", COUNT(DISTINCT COALESCE(contact_id, id)), \
                 COUNT(CASE WHEN first_answer_due < $3 OR first_answer_due IS NOT NULL AND first_answer_at IS NOT NULL \
                 THEN 1 END), \
                 COUNT(CASE WHEN first_answer_at <= first_answer_due THEN 1 END), \
                 COUNT(DISTINCT CASE WHEN first_answer_due < $3 OR first_answer_due IS NOT NULL \
                 AND first_answer_at IS NOT NULL THEN COALESCE(contact_id, id) END), \
                 COUNT(DISTINCT CASE WHEN disputes > 0 THEN COALESCE(contact_id, id) END)",
                of_place!(),
                " GROUP BY 1 ORDER BY 1"
            )
        };
    }

    pub(super) const BY_TOPIC: Statement = Statement::both(grouped!("category"));
    pub(super) const BY_OFFICE: Statement = Statement::both(grouped!("office"));
    pub(super) const BY_DAY: Statement =
        Statement::both(grouped!("CAST((opened_at - $4) / 86400000 AS TEXT)"));
    pub(super) const PEOPLE: Statement =
        Statement::both(concat!("SELECT COUNT(DISTINCT COALESCE(contact_id, id))", of_place!()));
    pub(in crate::store) const ALL: &[Statement] = &[BY_TOPIC, BY_OFFICE, BY_DAY, PEOPLE];
}

per_engine! {
    use {
        use super::{PointRow, SeriesGroup, first_id, sql};
        use crate::domain::time::UnixMillis;
        use crate::store::Error;
    }

    /// The people of all groups, and the groups.
    pub(crate) async fn points(
        conn: &mut Conn,
        municipality: String,
        group: SeriesGroup,
        since: i64,
        now: i64,
    ) -> Result<(i64, Vec<PointRow>), Error> {
        let first = first_id(UnixMillis(since));
        let people = sqlx::query_scalar(sql::PEOPLE.on(ENGINE)).bind(municipality.clone()).bind(first);
        let people = people.fetch_one(&mut *conn).await?;
        let statement = match group {
            SeriesGroup::Topic => sql::BY_TOPIC,
            SeriesGroup::Office => sql::BY_OFFICE,
            SeriesGroup::Day => sql::BY_DAY,
        };
        let rows = sqlx::query_as(statement.on(ENGINE)).bind(municipality).bind(first).bind(now);
        let rows = if group == SeriesGroup::Day { rows.bind(since) } else { rows };
        Ok((people, rows.fetch_all(conn).await?))
    }
}

impl Store {
    /// The people who reported something in a municipality since an instant, and their groups in the order of their
    /// keys. Both are exact: [`crate::domain::small_numbers`] says what of them may be shown.
    ///
    /// # Errors
    /// The database.
    pub async fn case_series(
        &self,
        municipality: &str,
        group: SeriesGroup,
        since: UnixMillis,
        now: UnixMillis,
    ) -> Result<(u64, Vec<SeriesPoint>), Error> {
        let (people, rows) = self.case_series_rows(municipality.to_owned(), group, since, now).await?;
        let count = |it: i64| u64::try_from(it).unwrap_or(0);
        let points = rows.into_iter().map(|(key, people, owed, kept, owed_to, disputed)| SeriesPoint {
            key,
            people: count(people),
            owed: count(owed),
            kept: count(kept),
            owed_to: count(owed_to),
            disputed: count(disputed),
        });
        Ok((count(people), points.collect()))
    }

    async fn case_series_rows(
        &self,
        municipality: String,
        group: SeriesGroup,
        since: UnixMillis,
        now: UnixMillis,
    ) -> Result<(i64, Vec<PointRow>), Error> {
        on_pool!(self, conn => at::case_series::points(conn, municipality, group, since.0, now.0))
    }
}
