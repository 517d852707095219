//! Free filters over cases and the search: lists that no queue is, counted up to a limit.

use uuid::Uuid;

use super::lists::{ListRow, Listed, Scope};
use super::search::Query;
use crate::domain::case::{CaseState, Folio, Priority};
use crate::domain::time::UnixMillis;
use crate::store::{Engine, Error, Store};

/// The most cases that a free filter counts; more are `10,000+`.
pub const COUNTED: i64 = 10_000;

/// What cases a free filter wants; all that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Any of these states; none: every one.
    pub states: Vec<CaseState>,
    /// Any of these categories.
    pub categories: Vec<String>,
    /// Any of these offices.
    pub offices: Vec<String>,
    /// Any of these priorities.
    pub priorities: Vec<Priority>,
    /// All of these labels.
    pub labels: Vec<String>,
    /// This officer has it.
    pub assignee: Option<Uuid>,
    /// Each: words that begin words of the case or of its place, or its folio.
    pub texts: Vec<String>,
    /// Opened from this instant on.
    pub from: Option<UnixMillis>,
    /// Opened before this instant.
    pub until: Option<UnixMillis>,
}

impl Filter {
    /// What both want; `None`: no case can be so.
    pub fn and(self, other: Self) -> Option<Self> {
        let assignee = match (self.assignee, other.assignee) {
            (Some(one), Some(other)) if one != other => return None,
            (one, other) => one.or(other),
        };
        let all = |mut one: Vec<String>, other: Vec<String>| {
            one.extend(other);
            one.sort();
            one.dedup();
            one
        };
        Some(Self {
            states: any_of_both(self.states, other.states)?,
            categories: any_of_both(self.categories, other.categories)?,
            offices: any_of_both(self.offices, other.offices)?,
            priorities: any_of_both(self.priorities, other.priorities)?,
            labels: all(self.labels, other.labels),
            assignee,
            texts: all(self.texts, other.texts),
            from: self.from.max(other.from),
            until: match (self.until, other.until) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        })
    }
}

/// What is in both, where nothing stands for everything; `None`: nothing is.
fn any_of_both<T: PartialEq>(one: Vec<T>, other: Vec<T>) -> Option<Vec<T>> {
    if one.is_empty() || other.is_empty() {
        return Some(if one.is_empty() { other } else { one });
    }
    let both: Vec<T> = one.into_iter().filter(|it| other.contains(it)).collect();
    (!both.is_empty()).then_some(both)
}

/// A filter as the statements take it: JSON arrays, or nothing.
#[derive(Clone, Default)]
pub(crate) struct Bound {
    places: Option<String>,
    municipality: Option<String>,
    restricted: bool,
    states: Option<String>,
    categories: Option<String>,
    offices: Option<String>,
    priorities: Option<String>,
    assignee: Option<Uuid>,
    labels: Option<String>,
    /// One of them, which leads.
    label: Option<String>,
    query: Option<String>,
    folio: Option<String>,
    from: i64,
    until: i64,
    before: i64,
}

fn array<T: serde::Serialize>(values: &[T]) -> Option<String> {
    (!values.is_empty()).then(|| serde_json::json!(values).to_string())
}

fn bound(engine: Engine, scope: &Scope, filter: &Filter) -> Option<Bound> {
    let places = scope.places.as_ref().map(|_| scope.own());
    let municipality = match places.as_deref() {
        Some([one]) if one.len() > 2 => Some((*one).to_owned()),
        _ => None,
    };
    let (mut folio, mut words) = (None, Vec::new());
    for text in &filter.texts {
        match Folio::parse(text) {
            // No case has two.
            Ok(it) if folio.is_some_and(|known| known != it) => return None,
            Ok(it) => folio = Some(it),
            Err(_) => words.push(text.as_str()),
        }
    }
    let query = if words.is_empty() {
        None
    } else {
        let own: Vec<String> = places.iter().flatten().map(|it| (*it).to_owned()).collect();
        let query = Query::new(&words.join(" "), &own)?;
        Some(if engine == Engine::Sqlite { query.sqlite() } else { query.postgres() })
    };
    Some(Bound {
        places: places.map(|it| serde_json::json!(it).to_string()),
        municipality,
        restricted: scope.restricted,
        states: array(&filter.states),
        categories: array(&filter.categories),
        offices: array(&filter.offices),
        priorities: array(&filter.priorities.iter().map(|it| (*it as i64).to_string()).collect::<Vec<_>>()),
        assignee: filter.assignee,
        labels: array(&filter.labels),
        label: filter.labels.first().cloned(),
        query,
        folio: folio.map(String::from),
        from: filter.from.map_or(i64::MIN, |it| it.0),
        until: filter.until.map_or(i64::MAX, |it| it.0),
        before: i64::MAX,
    })
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! sqlite_filter {
        () => {
            " c.number < $1 AND c.opened_at >= $2 AND c.opened_at < $3 \
             AND ($4 IS NULL OR c.municipality IN (SELECT value FROM json_each($4)) \
             OR substr(c.municipality, 1, 2) IN (SELECT value FROM json_each($4))) \
             AND ($5 OR c.confidentiality <> 'restricted') \
             AND ($6 IS NULL OR c.state IN (SELECT value FROM json_each($6))) \
             AND ($7 IS NULL OR c.category IN (SELECT value FROM json_each($7))) \
             AND ($8 IS NULL OR c.office IN (SELECT value FROM json_each($8))) \
             AND ($9 IS NULL OR CAST(c.priority AS TEXT) IN (SELECT value FROM json_each($9))) \
             AND ($10 IS NULL OR c.assignee_id = $10) AND ($11 IS NULL OR c.folio = $11) \
             AND ($12 IS NULL OR NOT EXISTS (SELECT 1 FROM json_each($12) AS w WHERE NOT EXISTS \
             (SELECT 1 FROM case_labels AS b WHERE b.label = w.value AND b.case_id = c.id))) "
        };
    }
    macro_rules! postgres_filter {
        () => {
            " c.number < $1 AND c.opened_at >= $2 AND c.opened_at < $3 \
             AND ($4::text IS NULL OR c.municipality IN (SELECT jsonb_array_elements_text($4::jsonb)) \
             OR left(c.municipality, 2) IN (SELECT jsonb_array_elements_text($4::jsonb))) \
             AND ($5 OR c.confidentiality <> 'restricted') \
             AND ($6::text IS NULL OR c.state IN (SELECT jsonb_array_elements_text($6::jsonb))) \
             AND ($7::text IS NULL OR c.category IN (SELECT jsonb_array_elements_text($7::jsonb))) \
             AND ($8::text IS NULL OR c.office IN (SELECT jsonb_array_elements_text($8::jsonb))) \
             AND ($9::text IS NULL OR c.priority::text IN (SELECT jsonb_array_elements_text($9::jsonb))) \
             AND ($10::uuid IS NULL OR c.assignee_id = $10) AND ($11::text IS NULL OR c.folio = $11) \
             AND ($12::text IS NULL OR NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text($12::jsonb) AS w(label) \
             WHERE NOT EXISTS (SELECT 1 FROM case_labels AS b WHERE b.label = w.label AND b.case_id = c.id))) "
        };
    }
    // By number, which counts as the ids do; of one municipality by its index; by words by theirs; by a
    // label by its.
    macro_rules! wide {
        ($filter:ident) => {
            concat!(" FROM cases AS c WHERE $13 IS NULL AND", $filter!(), "ORDER BY c.number DESC LIMIT $14")
        };
        ($filter:ident, typed) => {
            concat!(
                " FROM cases AS c WHERE $13::text IS NULL AND",
                $filter!(),
                "ORDER BY c.number DESC LIMIT $14"
            )
        };
    }
    macro_rules! local {
        ($filter:ident) => {
            concat!(
                " FROM cases AS c WHERE c.municipality = $13 AND",
                $filter!(),
                "ORDER BY c.id DESC LIMIT $14"
            )
        };
    }
    macro_rules! labelled {
        ($filter:ident) => {
            concat!(
                " FROM case_labels AS t CROSS JOIN cases AS c WHERE t.label = $13 AND c.id = t.case_id AND",
                $filter!(),
                "ORDER BY t.case_id DESC LIMIT $14"
            )
        };
    }
    macro_rules! worded_sqlite {
        () => {
            concat!(
                " FROM case_search AS s CROSS JOIN cases AS c WHERE case_search MATCH $13 AND c.number = s.rowid AND",
                sqlite_filter!(),
                "ORDER BY s.rowid DESC LIMIT $14"
            )
        };
    }
    macro_rules! worded_postgres {
        () => {
            concat!(
                " FROM case_texts AS s JOIN cases AS c ON c.number = s.number \
                 WHERE to_tsvector('simple'::regconfig, s.body) @@ to_tsquery('simple'::regconfig, $13) AND",
                postgres_filter!(),
                "ORDER BY s.number DESC LIMIT $14"
            )
        };
    }
    macro_rules! rows {
        ($rest:expr) => {
            concat!("SELECT ", listed_columns!(), $rest)
        };
    }
    macro_rules! count {
        ($rest:expr) => {
            concat!("SELECT COUNT(*) FROM (SELECT 1", $rest, ") AS n")
        };
    }
    pub(super) const WIDE: Statement =
        Statement::fork(rows!(wide!(sqlite_filter)), rows!(wide!(postgres_filter, typed)));
    pub(super) const COUNT_WIDE: Statement =
        Statement::fork(count!(wide!(sqlite_filter)), count!(wide!(postgres_filter, typed)));
    pub(super) const LOCAL: Statement =
        Statement::fork(rows!(local!(sqlite_filter)), rows!(local!(postgres_filter)));
    pub(super) const COUNT_LOCAL: Statement =
        Statement::fork(count!(local!(sqlite_filter)), count!(local!(postgres_filter)));
    pub(super) const LABELLED: Statement =
        Statement::fork(rows!(labelled!(sqlite_filter)), rows!(labelled!(postgres_filter)));
    pub(super) const COUNT_LABELLED: Statement =
        Statement::fork(count!(labelled!(sqlite_filter)), count!(labelled!(postgres_filter)));
    pub(super) const WORDED: Statement = Statement::fork(rows!(worded_sqlite!()), rows!(worded_postgres!()));
    pub(super) const COUNT_WORDED: Statement =
        Statement::fork(count!(worded_sqlite!()), count!(worded_postgres!()));
    pub(super) const NUMBER: Statement = Statement::both("SELECT number FROM cases WHERE id = $1");
    pub(in crate::store) const ALL: &[Statement] =
        &[WIDE, COUNT_WIDE, LOCAL, COUNT_LOCAL, LABELLED, COUNT_LABELLED, WORDED, COUNT_WORDED, NUMBER];
}

per_engine! {
    use {
        use super::{Bound, COUNTED, ListRow, sql};
        use crate::store::{Error, Statement};
        use uuid::Uuid;
    }

    /// Which statement serves a filter, and what leads it.
    fn chosen(bound: &Bound, rows: bool) -> (Statement, Option<String>) {
        let (statement, count, lead) = if bound.query.is_some() {
            (sql::WORDED, sql::COUNT_WORDED, &bound.query)
        } else if bound.label.is_some() {
            (sql::LABELLED, sql::COUNT_LABELLED, &bound.label)
        } else if bound.municipality.is_some() {
            (sql::LOCAL, sql::COUNT_LOCAL, &bound.municipality)
        } else {
            (sql::WIDE, sql::COUNT_WIDE, &None)
        };
        (if rows { statement } else { count }, lead.clone())
    }

    /// The cases of a free filter, the newest first, opened before `before`.
    pub(crate) async fn filtered(
        conn: &mut Conn,
        mut bound: Bound,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<ListRow>, Error> {
        if let Some(before) = before {
            let number: Option<(i64,)> =
                sqlx::query_as(sql::NUMBER.on(ENGINE)).bind(before).fetch_optional(&mut *conn).await?;
            bound.before = number.ok_or(Error::NotFound)?.0;
        }
        let (statement, lead) = chosen(&bound, true);
        let query = sqlx::query_as(statement.on(ENGINE)).bind(bound.before).bind(bound.from).bind(bound.until);
        let query = query.bind(bound.places).bind(bound.restricted).bind(bound.states).bind(bound.categories);
        let query = query.bind(bound.offices).bind(bound.priorities).bind(bound.assignee).bind(bound.folio);
        Ok(query.bind(bound.labels).bind(lead).bind(limit).fetch_all(conn).await?)
    }

    /// How many cases a free filter has, up to one more than [`COUNTED`].
    pub(crate) async fn counted(conn: &mut Conn, bound: Bound) -> Result<i64, Error> {
        let (statement, lead) = chosen(&bound, false);
        let query = sqlx::query_as(statement.on(ENGINE)).bind(bound.before).bind(bound.from).bind(bound.until);
        let query = query.bind(bound.places).bind(bound.restricted).bind(bound.states).bind(bound.categories);
        let query = query.bind(bound.offices).bind(bound.priorities).bind(bound.assignee).bind(bound.folio);
        let (count,) = query.bind(bound.labels).bind(lead).bind(COUNTED + 1).fetch_one(conn).await?;
        Ok(count)
    }
}

impl Store {
    /// The cases of a free filter, the newest first, opened before the case `before`.
    pub async fn list_cases(
        &self,
        scope: &Scope,
        filter: &Filter,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Listed>, Error> {
        let Some(bound) = bound(self.engine(), scope, filter) else { return Ok(Vec::new()) };
        self.filtered_rows(bound, before, limit).await?.into_iter().map(ListRow::listed).collect()
    }

    async fn filtered_rows(
        &self,
        bound: Bound,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<ListRow>, Error> {
        on_pool!(self, conn => at::case_filters::filtered(conn, bound, before, i64::from(limit)))
    }

    /// How many cases a free filter has; more than [`COUNTED`] means that there are more.
    pub async fn count_cases(&self, scope: &Scope, filter: &Filter) -> Result<i64, Error> {
        let Some(bound) = bound(self.engine(), scope, filter) else { return Ok(0) };
        on_pool!(self, conn => at::case_filters::counted(conn, bound))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_filters_together_want_what_both_want() {
        let one = Filter {
            states: vec![CaseState::Received, CaseState::Assigned],
            labels: vec!["pozo".to_owned()],
            texts: vec!["fuga".to_owned()],
            from: Some(UnixMillis(5)),
            until: Some(UnixMillis(9)),
            ..Filter::default()
        };
        let other = Filter {
            states: vec![CaseState::Assigned, CaseState::Resolved],
            categories: vec!["water".to_owned()],
            labels: vec!["escuela".to_owned(), "pozo".to_owned()],
            texts: vec!["centro".to_owned()],
            assignee: Some(Uuid::from_u128(1)),
            from: Some(UnixMillis(3)),
            until: Some(UnixMillis(8)),
            ..Filter::default()
        };
        let both = one.clone().and(other.clone()).expect("something");
        assert_eq!(both.states, [CaseState::Assigned]);
        assert_eq!(both.categories, ["water"]);
        assert_eq!(both.labels, ["escuela", "pozo"]);
        assert_eq!(both.texts, ["centro", "fuga"]);
        assert_eq!((both.from, both.until), (Some(UnixMillis(5)), Some(UnixMillis(8))));
        assert_eq!(both.assignee, Some(Uuid::from_u128(1)));
        assert_eq!(one.clone().and(Filter::default()), Some(one.clone()));
        // What no case can be.
        let nobody = Filter { assignee: Some(Uuid::from_u128(2)), ..Filter::default() };
        assert_eq!(other.clone().and(nobody), None);
        let closed = Filter { states: vec![CaseState::Resolved], ..Filter::default() };
        assert_eq!(one.and(closed), None);
    }
}
