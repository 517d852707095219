//! Lists: demands for staff by state and place, with exact counts, a page being one look-up; those of a case and
//! those that changed; authors' messages that wait; how offices answer.

use uuid::Uuid;

use super::read::MessageRow;
use super::row::{FLAGGED, Row, SILENT, list};
use super::{AuthorMessage, Demand};
use crate::domain::demand::DemandState;
use crate::domain::time::UnixMillis;
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

/// A demand that changed, and when.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct TouchedRow {
    #[sqlx(flatten)]
    row: Row,
    touched_at: i64,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use super::super::read::sql::messages;
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
    pub(super) const TOUCHED: Statement = Statement::both(concat!(
        "SELECT ",
        demand_columns!(),
        ", d.touched_at FROM demands AS d WHERE (d.touched_at, d.id) > ($1, $2) ORDER BY d.touched_at, d.id LIMIT $3"
    ));
    pub(super) const OF_CASE: Statement = Statement::both(concat!(
        "SELECT ",
        demand_columns!(),
        " FROM demands AS d WHERE d.id IN (SELECT c.demand_id FROM demand_cases AS c WHERE c.case_id = $1) \
         ORDER BY d.id DESC LIMIT 20"
    ));
    /// The oldest first.
    pub(super) const WAITING: Statement = Statement::fork(
        messages!(
            "m.state = 'waiting' AND m.id > $1 AND (CAST($2 AS TEXT) IS NULL OR EXISTS (SELECT 1 \
             FROM json_each($2) AS k WHERE m.municipality LIKE k.value || '%')) ORDER BY m.id LIMIT $3"
        ),
        messages!(
            "m.state = 'waiting' AND m.id > $1 AND (CAST($2 AS TEXT) IS NULL OR EXISTS (SELECT 1 \
             FROM json_array_elements_text($2::json) AS k (value) WHERE m.municipality LIKE k.value || '%')) \
             ORDER BY m.id LIMIT $3"
        ),
    );
    pub(super) const OFFICES: Statement = Statement::both(
        "SELECT municipality, office, office_name, answered, in_time, silent FROM demand_offices \
         WHERE municipality = $1 ORDER BY office LIMIT 200",
    );
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
    pub(in crate::store) const ALL: &[Statement] =
        &[TOUCHED, OF_CASE, WAITING, OFFICES, NEWEST, OLDEST, COUNTS, KEPT, RECOUNT, WRONG];
}

per_engine! {
    use {
        use super::super::OfficeRecord;
        use super::super::read::MessageRow;
        use super::{Order, Row, TouchedRow, sql};
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

    /// Demands that changed after an instant and a demand.
    pub(crate) async fn touched(
        conn: &mut Conn,
        after: (i64, Uuid),
        limit: i64,
    ) -> Result<Vec<TouchedRow>, Error> {
        let query = sqlx::query_as(sql::TOUCHED.on(ENGINE)).bind(after.0).bind(after.1).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// The demands that a case is linked to.
    pub(crate) async fn of_case(conn: &mut Conn, case_id: Uuid) -> Result<Vec<Row>, Error> {
        Ok(sqlx::query_as(sql::OF_CASE.on(ENGINE)).bind(case_id).fetch_all(conn).await?)
    }

    /// Messages of authors that wait for a moderator.
    pub(crate) async fn waiting(
        conn: &mut Conn,
        after: Uuid,
        within: Option<String>,
        limit: i64,
    ) -> Result<Vec<MessageRow>, Error> {
        let query = sqlx::query_as(sql::WAITING.on(ENGINE)).bind(after).bind(within).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// How the offices of a municipality answer.
    pub(crate) async fn offices(conn: &mut Conn, place: String) -> Result<Vec<OfficeRecord>, Error> {
        Ok(sqlx::query_as(sql::OFFICES.on(ENGINE)).bind(place).fetch_all(conn).await?)
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

    /// At most `limit` demands that changed after an instant and, of that instant, after a demand; each with
    /// when it did. Those who remember the public ones read the rest again by it.
    pub async fn list_touched_demands(
        &self,
        after: (UnixMillis, Uuid),
        limit: u32,
    ) -> Result<Vec<(UnixMillis, Demand)>, Error> {
        let rows = self.touched_rows(after, limit).await?;
        rows.iter().map(|it| Ok((UnixMillis(it.touched_at), it.row.demand()?))).collect()
    }

    async fn touched_rows(&self, after: (UnixMillis, Uuid), limit: u32) -> Result<Vec<TouchedRow>, Error> {
        on_pool!(self, conn => at::demand_lists::touched(conn, (after.0.0, after.1), i64::from(limit)))
    }

    /// The demands that a case is linked to, the newest first, at most 20.
    pub async fn list_demands_of_case(&self, case_id: Uuid) -> Result<Vec<Demand>, Error> {
        self.of_case_rows(case_id).await?.iter().map(Row::demand).collect()
    }

    async fn of_case_rows(&self, case_id: Uuid) -> Result<Vec<Row>, Error> {
        on_pool!(self, conn => at::demand_lists::of_case(conn, case_id))
    }

    /// Messages of authors that wait for a moderator, the oldest first.
    pub async fn list_waiting_messages(
        &self,
        within: &crate::store::desk::Within,
        page: crate::store::desk::Page,
    ) -> Result<Vec<AuthorMessage>, Error> {
        let rows = self.waiting_rows(within.json(), page.after.unwrap_or_default(), page.limit).await?;
        Ok(rows.into_iter().map(AuthorMessage::from).collect())
    }

    async fn waiting_rows(
        &self,
        within: Option<String>,
        after: Uuid,
        limit: u32,
    ) -> Result<Vec<MessageRow>, Error> {
        on_pool!(self, conn => at::demand_lists::waiting(conn, after, within, i64::from(limit)))
    }

    /// How the offices of a municipality answer demands, at most 200.
    pub async fn list_demand_offices(&self, municipality: &str) -> Result<Vec<super::OfficeRecord>, Error> {
        let place = municipality.to_owned();
        on_pool!(self, conn => at::demand_lists::offices(conn, place))
    }
}
