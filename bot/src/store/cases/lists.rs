//! Lists of cases: the five queues with exact counts; rows as all lists show them.

use uuid::Uuid;

use super::row::{list, mine};
use crate::domain::case::rules::Queue;
use crate::domain::case::{Anonymity, CaseKind, CaseState, Confidentiality, Folio, Priority};
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// Which cases an officer may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Municipalities (five digits) and states (two); `None`: the whole country.
    pub places: Option<Vec<String>>,
    /// Whether restricted cases are seen, too: a grant.
    pub restricted: bool,
}

impl Scope {
    /// The places without those that lie in another one; `""` is the country.
    pub(in crate::store) fn own(&self) -> Vec<&str> {
        let Some(places) = &self.places else { return vec![""] };
        let inside = |it: &&String| it.len() > 2 && places.iter().any(|state| *state == it[..2]);
        let mut own: Vec<&str> =
            places.iter().filter(|it| it.is_ascii()).filter(|it| !inside(it)).map(String::as_str).collect();
        own.sort_unstable();
        own.dedup();
        own
    }

    /// Whether a case of a municipality is in it.
    pub fn holds(&self, municipality: &str, confidentiality: Confidentiality) -> bool {
        let place = |it: &String| it == municipality || Some(it.as_str()) == municipality.get(..2);
        (self.restricted || confidentiality != Confidentiality::Restricted)
            && self.places.as_ref().is_none_or(|places| places.iter().any(place))
    }

    /// The lists of a queue.
    fn lists(&self, queue: Queue, officer: Uuid) -> Vec<String> {
        let mut lists = Vec::new();
        for closed in [false, true].into_iter().filter(|closed| self.restricted || !closed) {
            if queue == Queue::Mine {
                lists.push(mine(closed, officer));
                continue;
            }
            let mark = if closed { "!" } else { "" };
            lists.extend(self.own().into_iter().map(|place| list(mark, queue.code(), place)));
        }
        lists
    }
}

/// How many cases stand in each queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nobody has them.
    pub unassigned: i64,
    /// The officer has them.
    pub mine: i64,
    /// Something is owed within reach, or overdue.
    pub due: i64,
    /// They wait for the citizen.
    pub waiting: i64,
    /// A no opened them again.
    pub disputed: i64,
}

/// In which order, and after which case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The newest first, those opened before this case.
    Newest(Option<Uuid>),
    /// The oldest first, those opened after this case: the end of a long queue.
    Oldest(Option<Uuid>),
    /// What is owed first, after this instant and case.
    Due(Option<(i64, Uuid)>),
}

/// A case in a list. What is confidential has neither place nor preview. `Debug` shows no text.
#[derive(Clone, PartialEq)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// Its public number.
    pub folio: Folio,
    /// Its version.
    pub version: i64,
    /// What it is.
    pub kind: CaseKind,
    /// How far it got.
    pub state: CaseState,
    /// How soon it wants a person.
    pub priority: Priority,
    /// How closed its text is.
    pub confidentiality: Confidentiality,
    /// Who may see who reported it.
    pub anonymity: Anonymity,
    /// Emergency or violence.
    pub urgent: bool,
    /// Key of the municipality.
    pub municipality: String,
    /// Code of its category.
    pub category: String,
    /// Code of its office.
    pub office: String,
    /// Who has it.
    pub assignee_id: Option<Uuid>,
    /// Colonia and reference.
    pub place: Option<String>,
    /// The beginning of the last message of a citizen.
    pub preview: Option<String>,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it changed last.
    pub updated_at: UnixMillis,
    /// When it was closed.
    pub closed_at: Option<UnixMillis>,
    /// When something is owed next.
    pub next_due: Option<UnixMillis>,
    /// Since when it waits for the citizen.
    pub waiting_since: Option<UnixMillis>,
    /// Until when it sleeps.
    pub snoozed_until: Option<UnixMillis>,
    /// How often a no opened it again.
    pub disputes: i64,
    /// Whether a no opened it and nobody closed it since.
    pub disputed: bool,
    /// People behind it.
    pub joined: i64,
}

impl std::fmt::Debug for Listed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Listed {{ {}, {}, version: {} }}", self.folio, self.state, self.version)
    }
}

impl Listed {
    /// The place after it, in a list by what is owed.
    pub fn due_cursor(&self) -> (i64, Uuid) {
        (self.next_due.map_or(super::row::NEVER, |it| it.0), self.id)
    }
}

/// A row of a list.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct ListRow {
    id: Uuid,
    folio: String,
    version: i64,
    kind: String,
    state: String,
    priority: i64,
    confidentiality: String,
    anonymity: i64,
    urgent: bool,
    municipality: String,
    category: String,
    office: String,
    assignee_id: Option<Uuid>,
    place: Option<String>,
    preview: Option<String>,
    opened_at: i64,
    updated_at: i64,
    closed_at: Option<i64>,
    waiting_since: Option<i64>,
    snoozed_until: Option<i64>,
    first_answer_due: Option<i64>,
    first_answer_at: Option<i64>,
    update_due: Option<i64>,
    solution_due: Option<i64>,
    disputed: bool,
    disputes: i64,
    joined: i64,
}

impl ListRow {
    pub(crate) fn listed(self) -> Result<Listed, Error> {
        let damaged = || Error::Other(format!("the case {} can't be read", self.id));
        let state: CaseState = self.state.parse().map_err(|_| damaged())?;
        let confidentiality = self.confidentiality.parse().unwrap_or(Confidentiality::Restricted);
        let plain = !confidentiality.sealed();
        let first = self.first_answer_due.filter(|_| self.first_answer_at.is_none());
        let running = state.open() && self.waiting_since.is_none();
        let next = [first, self.update_due, self.solution_due].into_iter().flatten().min();
        let priority = usize::try_from(self.priority).ok().and_then(|it| Priority::ALL.get(it).copied());
        let anonymity = u8::try_from(self.anonymity).ok().and_then(Anonymity::from_digit);
        Ok(Listed {
            folio: self.folio.parse().map_err(|_| damaged())?,
            kind: self.kind.parse().map_err(|_| damaged())?,
            priority: priority.unwrap_or_default(),
            anonymity: anonymity.unwrap_or(Anonymity::HiddenFromAll),
            id: self.id,
            version: self.version,
            state,
            confidentiality,
            urgent: self.urgent,
            municipality: self.municipality,
            category: self.category,
            office: self.office,
            assignee_id: self.assignee_id,
            place: self.place.filter(|_| plain),
            preview: self.preview.filter(|_| plain),
            opened_at: UnixMillis(self.opened_at),
            updated_at: UnixMillis(self.updated_at),
            closed_at: self.closed_at.map(UnixMillis),
            next_due: next.filter(|_| running).map(UnixMillis),
            waiting_since: self.waiting_since.map(UnixMillis),
            snoozed_until: self.snoozed_until.map(UnixMillis),
            disputes: self.disputes,
            disputed: self.disputed,
            joined: self.joined,
        })
    }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const NEWEST: Statement = Statement::both(concat!(
        "SELECT ",
        listed_columns!(),
        " FROM case_lists AS l JOIN cases AS c ON c.id = l.case_id WHERE l.list = $1 AND l.case_id < $2 \
         ORDER BY l.case_id DESC LIMIT $3"
    ));
    pub(super) const OLDEST: Statement = Statement::both(concat!(
        "SELECT ",
        listed_columns!(),
        " FROM case_lists AS l JOIN cases AS c ON c.id = l.case_id WHERE l.list = $1 AND l.case_id > $2 \
         ORDER BY l.case_id LIMIT $3"
    ));
    pub(super) const DUE: Statement = Statement::both(concat!(
        "SELECT ",
        listed_columns!(),
        " FROM case_lists AS l JOIN cases AS c ON c.id = l.case_id \
         WHERE l.list = $1 AND (l.due_at, l.case_id) > ($2, $3) ORDER BY l.due_at, l.case_id LIMIT $4"
    ));
    pub(super) const COUNTS: Statement = Statement::fork(
        "SELECT list, cases FROM case_counts WHERE list IN (SELECT value FROM json_each($1))",
        "SELECT list, cases FROM case_counts \
         WHERE list IN (SELECT it FROM jsonb_array_elements_text($1::jsonb) AS e(it))",
    );
    /// What the lists hold, counted anew: for a check.
    pub(super) const RECOUNT: Statement =
        Statement::both("SELECT list, COUNT(*) FROM case_lists GROUP BY list ORDER BY list");
    pub(super) const ALL_COUNTS: Statement =
        Statement::both("SELECT list, cases FROM case_counts WHERE cases <> 0 ORDER BY list");

    pub(super) const ONE: Statement =
        Statement::both(concat!("SELECT ", listed_columns!(), " FROM cases AS c WHERE c.id = $1"));
    pub(super) const MANY: Statement = Statement::fork(
        concat!(
            "SELECT ",
            listed_columns!(),
            " FROM cases AS c WHERE c.id IN (SELECT unhex(value) FROM json_each($1))"
        ),
        concat!(
            "SELECT ",
            listed_columns!(),
            " FROM cases AS c WHERE c.id IN (SELECT value::uuid FROM json_array_elements_text($1::json) AS e (value))"
        ),
    );
    pub(in crate::store) const ALL: &[Statement] =
        &[NEWEST, OLDEST, DUE, COUNTS, RECOUNT, ALL_COUNTS, ONE, MANY];
}

per_engine! {
    use {
        use super::{ListRow, Listed, Page, sql};
        use crate::store::outbox::ids_json;
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// The first cases of each list, in the order of the page.
    pub(crate) async fn page(
        conn: &mut Conn,
        lists: Vec<String>,
        page: Page,
        limit: i64,
    ) -> Result<Vec<ListRow>, Error> {
        let mut rows: Vec<ListRow> = Vec::new();
        for list in lists {
            let query = match page {
                Page::Newest(before) => {
                    let query = sqlx::query_as(sql::NEWEST.on(ENGINE)).bind(list);
                    query.bind(before.unwrap_or(Uuid::max())).bind(limit)
                }
                Page::Oldest(after) => {
                    let query = sqlx::query_as(sql::OLDEST.on(ENGINE)).bind(list);
                    query.bind(after.unwrap_or(Uuid::nil())).bind(limit)
                }
                Page::Due(after) => {
                    let (due, id) = after.unwrap_or((i64::MIN, Uuid::nil()));
                    sqlx::query_as(sql::DUE.on(ENGINE)).bind(list).bind(due).bind(id).bind(limit)
                }
            };
            rows.extend(query.fetch_all(&mut *conn).await?);
        }
        Ok(rows)
    }

    /// One case as a list shows it.
    pub(crate) async fn one(conn: &mut Conn, id: Uuid) -> Result<Option<Listed>, Error> {
        let row: Option<ListRow> =
            sqlx::query_as(sql::ONE.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        row.map(ListRow::listed).transpose()
    }

    /// Cases as a list shows them, in no order.
    pub(crate) async fn many(conn: &mut Conn, ids: Vec<Uuid>) -> Result<Vec<Listed>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = ids_json(ids.into_iter());
        let rows: Vec<ListRow> = sqlx::query_as(sql::MANY.on(ENGINE)).bind(ids).fetch_all(conn).await?;
        rows.into_iter().map(ListRow::listed).collect()
    }

    /// How many cases stand in lists.
    pub(crate) async fn counts(conn: &mut Conn, lists: String) -> Result<Vec<(String, i64)>, Error> {
        Ok(sqlx::query_as(sql::COUNTS.on(ENGINE)).bind(lists).fetch_all(conn).await?)
    }

    /// What is counted and what is there, list by list.
    pub(crate) async fn recount(
        conn: &mut Conn,
    ) -> Result<(Vec<(String, i64)>, Vec<(String, i64)>), Error> {
        let kept = sqlx::query_as(sql::ALL_COUNTS.on(ENGINE)).fetch_all(&mut *conn).await?;
        let there = sqlx::query_as(sql::RECOUNT.on(ENGINE)).fetch_all(conn).await?;
        Ok((kept, there))
    }
}

impl Store {
    /// How many cases stand in each queue for an officer, exactly.
    pub async fn count_queues(&self, scope: &Scope, officer: Uuid) -> Result<Counts, Error> {
        let lists = Queue::ALL.map(|queue| scope.lists(queue, officer));
        let counts = self.list_counts(serde_json::json!(lists.concat()).to_string()).await?;
        let sum = |lists: &[String]| {
            counts.iter().filter(|(list, _)| lists.contains(list)).map(|(_, count)| *count).sum::<i64>()
        };
        let [unassigned, mine, due, waiting, disputed] = lists.each_ref().map(|it| sum(it));
        Ok(Counts { unassigned, mine, due, waiting, disputed })
    }

    async fn list_counts(&self, lists: String) -> Result<Vec<(String, i64)>, Error> {
        on_pool!(self, conn => at::case_lists::counts(conn, lists))
    }

    /// What is counted of each list and what stands in it: equal, unless a count was lost.
    pub async fn recount_queues(&self) -> Result<(Vec<(String, i64)>, Vec<(String, i64)>), Error> {
        on_pool!(self, conn => at::case_lists::recount(conn))
    }

    /// A page of a queue.
    pub async fn list_queue(
        &self,
        queue: Queue,
        scope: &Scope,
        officer: Uuid,
        page: Page,
        limit: u32,
    ) -> Result<Vec<Listed>, Error> {
        let rows = self.queue_rows(scope.lists(queue, officer), page, limit).await?;
        let mut cases = rows.into_iter().map(ListRow::listed).collect::<Result<Vec<_>, _>>()?;
        match page {
            Page::Newest(_) => cases.sort_by_key(|it| std::cmp::Reverse(it.id)),
            Page::Oldest(_) => cases.sort_by_key(|it| it.id),
            Page::Due(_) => cases.sort_by_key(Listed::due_cursor),
        }
        cases.truncate(limit as usize);
        Ok(cases)
    }

    /// Cases as a list shows them, in the order of their ids; those that are not there are left out.
    pub async fn list_listed(&self, ids: Vec<Uuid>) -> Result<Vec<Listed>, Error> {
        let place: std::collections::HashMap<Uuid, usize> =
            ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut cases = self.many_listed(ids).await?;
        cases.sort_by_key(|it| place.get(&it.id).copied());
        Ok(cases)
    }

    async fn many_listed(&self, ids: Vec<Uuid>) -> Result<Vec<Listed>, Error> {
        on_pool!(self, conn => at::case_lists::many(conn, ids))
    }

    async fn queue_rows(&self, lists: Vec<String>, page: Page, limit: u32) -> Result<Vec<ListRow>, Error> {
        on_pool!(self, conn => at::case_lists::page(conn, lists, page, i64::from(limit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(places: &[&str], restricted: bool) -> Scope {
        Scope { places: Some(places.iter().map(|it| (*it).to_owned()).collect()), restricted }
    }

    #[test]
    fn a_scope_counts_no_place_twice() {
        let it = scope(&["12066", "12", "09002", "12066"], false);
        assert_eq!(it.own(), ["09002", "12"]);
        assert_eq!(it.lists(Queue::Due, Uuid::nil()), ["due/09002", "due/12"]);
        let all = Scope { places: None, restricted: true };
        assert_eq!(all.lists(Queue::Waiting, Uuid::nil()), ["waiting", "!waiting"]);
        assert_eq!(all.lists(Queue::Mine, Uuid::nil()).len(), 2);
        assert!(it.holds("12001", Confidentiality::Open) && !it.holds("09003", Confidentiality::Open));
        assert!(!it.holds("12001", Confidentiality::Restricted));
        assert!(all.holds("09003", Confidentiality::Restricted));
        assert!(!scope(&[], true).holds("12066", Confidentiality::Open));
        assert!(scope(&[], false).lists(Queue::Due, Uuid::nil()).is_empty());
    }
}
