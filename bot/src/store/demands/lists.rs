//! Lists of demands for staff: by state and place, with exact counts; a page is one look-up.

use uuid::Uuid;

use super::Demand;
use super::row::{FLAGGED, Row, SILENT, list};
use crate::domain::demand::DemandState;
use crate::store::cases::Scope;
use crate::store::{Error, Store};

/// A list of demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Those in a state.
    State(DemandState),
    /// Those that an authority has and did not answer in time.
    Silent,
    /// Those with support that somebody must look at.
    Flagged,
}

impl Queue {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        DemandState::ALL.iter().map(|it| Self::State(*it)).chain([Self::Silent, Self::Flagged])
    }

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::State(state) => state.code(),
            Self::Silent => SILENT,
            Self::Flagged => FLAGGED,
        }
    }

    fn lists(self, scope: &Scope) -> Vec<String> {
        scope.own().into_iter().map(|place| list(self.code(), place)).collect()
    }
}

/// In which order, and after which demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The newest first, those opened before this one.
    Newest(Option<Uuid>),
    /// The oldest first, those opened after this one: who wrote first is read first.
    Oldest(Option<Uuid>),
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use super::super::row::demand_columns;
    use crate::store::Statement;

    macro_rules! page {
        ($than:literal, $order:literal) => {
            concat!(
                "SELECT ",
                demand_columns!(),
                " FROM demand_lists AS l JOIN demands AS d ON d.id = l.demand_id WHERE l.list = $1 AND l.demand_id ",
                $than,
                " $2 ORDER BY l.demand_id ",
                $order,
                " LIMIT $3"
            )
        };
    }
    pub(super) const NEWEST: Statement = Statement::both(page!("<", "DESC"));
    pub(super) const OLDEST: Statement = Statement::both(page!(">", "ASC"));
    pub(super) const COUNTS: Statement = Statement::fork(
        "SELECT list, demands FROM demand_counts WHERE list IN (SELECT value FROM json_each($1))",
        "SELECT list, demands FROM demand_counts \
         WHERE list IN (SELECT it FROM jsonb_array_elements_text($1::jsonb) AS e(it))",
    );
    pub(super) const KEPT: Statement =
        Statement::both("SELECT list, demands FROM demand_counts WHERE demands <> 0 ORDER BY list");
    /// What the lists hold, counted anew: for a check.
    pub(super) const RECOUNT: Statement =
        Statement::both("SELECT list, COUNT(*) FROM demand_lists GROUP BY list ORDER BY list");
    /// Demands whose totals are not what is counted of them: for a check.
    pub(super) const WRONG: Statement = Statement::both(
        "SELECT d.id FROM demands AS d WHERE d.merged_into IS NULL AND (d.phone + d.flagged + d.verified <> \
         (SELECT COUNT(*) FROM demand_supports AS s WHERE s.root_id = d.id AND s.counted IS NOT NULL) \
         OR (d.phone, d.flagged, d.verified) <> \
         (SELECT COUNT(CASE WHEN s.counted = 'phone' THEN 1 END), COUNT(CASE WHEN s.counted = 'flagged' THEN 1 END), \
         COUNT(CASE WHEN s.counted = 'verified' THEN 1 END) FROM demand_supports AS s WHERE s.root_id = d.id)) \
         OR EXISTS (SELECT 1 FROM demand_supports AS s WHERE s.root_id = d.id AND NOT EXISTS (SELECT 1 \
         FROM demand_supports AS o WHERE o.root_id = s.root_id AND o.holder_id = s.holder_id \
         AND o.counted IS NOT NULL)) ORDER BY d.id",
    );
    pub(in crate::store) const ALL: &[Statement] = &[NEWEST, OLDEST, COUNTS, KEPT, RECOUNT, WRONG];
}

per_engine! {
    use {
        use super::{Order, Row, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// The first demands of each list.
    pub(crate) async fn page(
        conn: &mut Conn,
        lists: Vec<String>,
        order: Order,
        limit: i64,
    ) -> Result<Vec<Row>, Error> {
        let mut rows: Vec<Row> = Vec::new();
        for list in lists {
            let query = match order {
                Order::Newest(before) => {
                    sqlx::query_as(sql::NEWEST.on(ENGINE)).bind(list).bind(before.unwrap_or(Uuid::max()))
                }
                Order::Oldest(after) => {
                    sqlx::query_as(sql::OLDEST.on(ENGINE)).bind(list).bind(after.unwrap_or(Uuid::nil()))
                }
            };
            rows.extend(query.bind(limit).fetch_all(&mut *conn).await?);
        }
        Ok(rows)
    }

    /// How many demands stand in lists.
    pub(crate) async fn counts(conn: &mut Conn, lists: String) -> Result<Vec<(String, i64)>, Error> {
        Ok(sqlx::query_as(sql::COUNTS.on(ENGINE)).bind(lists).fetch_all(conn).await?)
    }

    /// Lists whose count is wrong, and demands whose totals are.
    pub(crate) async fn wrong(conn: &mut Conn) -> Result<(Vec<String>, Vec<Uuid>), Error> {
        let kept: Vec<(String, i64)> = sqlx::query_as(sql::KEPT.on(ENGINE)).fetch_all(&mut *conn).await?;
        let there: Vec<(String, i64)> = sqlx::query_as(sql::RECOUNT.on(ENGINE)).fetch_all(&mut *conn).await?;
        let differ = |one: &[(String, i64)], two: &[(String, i64)]| {
            one.iter().filter(|it| !two.contains(it)).map(|it| it.0.clone()).collect::<Vec<_>>()
        };
        let lists = [differ(&kept, &there), differ(&there, &kept)].concat();
        let demands: Vec<(Uuid,)> = sqlx::query_as(sql::WRONG.on(ENGINE)).fetch_all(conn).await?;
        Ok((lists, demands.into_iter().map(|it| it.0).collect()))
    }
}

impl Store {
    /// A page of a list of demands. `Scope::restricted` means nothing here.
    pub async fn list_demands(
        &self,
        queue: Queue,
        scope: &Scope,
        order: Order,
        limit: u32,
    ) -> Result<Vec<Demand>, Error> {
        let rows = self.listed_demand_rows(queue.lists(scope), order, limit).await?;
        let mut demands = rows.iter().map(Row::demand).collect::<Result<Vec<_>, _>>()?;
        match order {
            Order::Newest(_) => demands.sort_by_key(|it| std::cmp::Reverse(it.id)),
            Order::Oldest(_) => demands.sort_by_key(|it| it.id),
        }
        demands.truncate(limit as usize);
        Ok(demands)
    }

    async fn listed_demand_rows(
        &self,
        lists: Vec<String>,
        order: Order,
        limit: u32,
    ) -> Result<Vec<Row>, Error> {
        on_pool!(self, conn => at::demand_lists::page(conn, lists, order, i64::from(limit)))
    }

    /// How many demands stand in each list of a scope, exactly; lists without any are left out.
    pub async fn count_demands(&self, scope: &Scope) -> Result<Vec<(Queue, u64)>, Error> {
        let all: Vec<(Queue, Vec<String>)> = Queue::all().map(|it| (it, it.lists(scope))).collect();
        let names: Vec<&String> = all.iter().flat_map(|it| &it.1).collect();
        let counts = self.demand_counts(serde_json::json!(names).to_string()).await?;
        let sum = |lists: &[String]| {
            let here = counts.iter().filter(|(list, _)| lists.contains(list));
            here.map(|it| super::row::count(it.1)).sum::<u64>()
        };
        Ok(all.into_iter().map(|(queue, lists)| (queue, sum(&lists))).filter(|it| it.1 > 0).collect())
    }

    async fn demand_counts(&self, lists: String) -> Result<Vec<(String, i64)>, Error> {
        on_pool!(self, conn => at::demand_lists::counts(conn, lists))
    }

    /// Lists whose count is not what stands in them, and demands whose totals are not what is counted of their
    /// supports, or of somebody twice or not at all: empty, unless a count was lost. It goes through all of
    /// them, for a check.
    pub async fn check_demands(&self) -> Result<(Vec<String>, Vec<Uuid>), Error> {
        on_pool!(self, conn => at::demand_lists::wrong(conn))
    }
}
