//! What came in and what was done on a day, by municipality.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Within;
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// The figures of a municipality on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Its key.
    pub municipality: String,
    /// Cases that came in.
    pub received: i64,
    /// Cases that a person answered for the first time.
    pub answered: i64,
    /// Cases that were closed.
    pub closed: i64,
    /// Open cases of which something is overdue now.
    pub overdue: i64,
    /// Closings that were disputed.
    pub disputed: i64,
    /// SMS segments that went to people of its cases.
    pub segments: i64,
    /// What they cost, in thousandths of the currency's unit.
    pub cost: i64,
}

/// Cases of a municipality: received, answered, closed, disputed.
pub(crate) type Happened = (String, i64, i64, i64, i64);

/// Messages to people of its cases: segments and cost.
pub(crate) type Spent = (String, i64, i64);

/// The statements of this file. A day is read by what happened then, not by all cases, and an answer or a
/// closing counts though the case was opened again since; what is overdue by the lists of what is due.
pub(crate) mod sql {
    use crate::store::Statement;

    pub(crate) const HAPPENED: Statement = Statement::both(
        "SELECT c.municipality, COUNT(DISTINCT CASE WHEN x.version = 1 THEN c.id END), \
         COUNT(DISTINCT CASE WHEN c.first_answer_at = x.at OR x.kind = 'case_replied' AND EXISTS \
         (SELECT 1 FROM case_messages AS m WHERE m.case_id = c.id AND m.author = 'staff' \
         AND m.taken_back_at IS NULL AND m.created_at = x.at) AND NOT EXISTS \
         (SELECT 1 FROM case_messages AS m WHERE m.case_id = c.id AND m.author = 'staff' \
         AND m.taken_back_at IS NULL AND m.created_at < x.at) THEN c.id END), \
         COUNT(DISTINCT CASE WHEN c.closed_at = x.at OR x.kind = 'case_state' AND x.became IN \
         ('resolved', 'closed_unfixed', 'not_ours', 'duplicate') THEN c.id END), \
         COUNT(CASE WHEN x.kind = 'case_disputed' THEN 1 END) \
         FROM case_changes AS x JOIN cases AS c ON c.id = x.case_id \
         WHERE x.at >= $1 AND x.at < $2 GROUP BY c.municipality",
    );
    pub(crate) const OVERDUE: Statement = Statement::both(
        "SELECT c.municipality, COUNT(*) FROM case_lists AS l JOIN cases AS c ON c.id = l.case_id \
         WHERE l.list IN ('due', '!due') AND l.due_at <= $1 GROUP BY c.municipality",
    );
    /// Ids of messages sort by when they were made.
    pub(crate) const SPENT: Statement = Statement::both(
        "SELECT c.municipality, CAST(COALESCE(SUM(CASE WHEN a.number = o.attempt THEN o.segments ELSE 0 END), 0) \
         AS BIGINT), CAST(COALESCE(SUM(a.price), 0) AS BIGINT) FROM outbox AS o \
         JOIN attempts AS a ON a.outbox_id = o.id JOIN cases AS c ON c.id = o.case_id \
         WHERE o.id >= $1 AND o.id < $2 AND o.case_id IS NOT NULL GROUP BY c.municipality",
    );
    pub(crate) const ALL: &[Statement] = &[HAPPENED, OVERDUE, SPENT];
}

/// The figures of a day as they are read.
pub(crate) type Counts = (Vec<Happened>, Vec<(String, i64)>, Vec<Spent>);

/// The least id of an instant.
fn least_id(at: i64) -> Uuid {
    Uuid::from_u128((at.max(0) as u128) << 80)
}

per_engine! {
    use {
        use super::{Counts, least_id, sql};
        use crate::store::Error;
    }

    /// The figures of a day.
    pub(crate) async fn counts(conn: &mut Conn, from: i64, until: i64, now: i64) -> Result<Counts, Error> {
        let happened = sqlx::query_as(sql::HAPPENED.on(ENGINE)).bind(from).bind(until);
        let happened = happened.fetch_all(&mut *conn).await?;
        let overdue = sqlx::query_as(sql::OVERDUE.on(ENGINE)).bind(now).fetch_all(&mut *conn).await?;
        let spent = sqlx::query_as(sql::SPENT.on(ENGINE)).bind(least_id(from)).bind(least_id(until));
        Ok((happened, overdue, spent.fetch_all(conn).await?))
    }
}

impl Store {
    /// What came in and what was done from one instant to another, by municipality within reach; what is
    /// overdue is so now.
    pub async fn report_day(
        &self,
        within: &Within,
        from: UnixMillis,
        until: UnixMillis,
        now: UnixMillis,
    ) -> Result<Vec<Day>, Error> {
        let (happened, overdue, spent) = self.day_counts(from, until, now).await?;
        let mut days: BTreeMap<String, Day> = BTreeMap::new();
        let mut day = |place: String, change: &dyn Fn(&mut Day)| {
            if within.holds(&place) {
                change(days.entry(place).or_default());
            }
        };
        for (place, received, answered, closed, disputed) in happened {
            day(place, &|it| {
                (it.received, it.answered, it.closed, it.disputed) = (received, answered, closed, disputed);
            });
        }
        for (place, count) in overdue {
            day(place, &|it| it.overdue = count);
        }
        for (place, segments, cost) in spent {
            day(place, &|it| (it.segments, it.cost) = (segments, cost));
        }
        Ok(days.into_iter().map(|(municipality, it)| Day { municipality, ..it }).collect())
    }

    async fn day_counts(
        &self,
        from: UnixMillis,
        until: UnixMillis,
        now: UnixMillis,
    ) -> Result<Counts, Error> {
        on_pool!(self, conn => at::day::counts(conn, from.0, until.0, now.0))
    }
}
