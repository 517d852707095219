//! Free filters over cases and the search: lists that no queue is, counted up to a limit.

use uuid::Uuid;

use super::lists::{ListRow, Listed, Scope};
use super::search::Query;
use crate::domain::case::{CaseState, Folio, Priority};
use crate::domain::time::UnixMillis;
use crate::store::{Engine, Error, Statement, Store};

/// The most cases that a free filter counts; more are `10,000+`.
pub const COUNTED: i64 = 10_000;
/// Cases that a free filter looks through at once: what one page costs does not grow with all cases.
pub const REACH: u32 = 100_000;

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
    /// How many cases are looked through at most at once, where nothing but their fields is asked; default
    /// [`REACH`].
    pub reach: Option<u32>,
}

/// What leads a filter: the index by which cases are found.
#[derive(Clone)]
pub(crate) enum Lead {
    /// A folio.
    Folio(String),
    /// Words, as the engine's search takes them.
    Words(String),
    /// A label.
    Label(String),
    /// Who has the case.
    Officer(Uuid),
    /// The key of a municipality.
    Place(String),
    /// None: all cases are looked through.
    All,
}

impl Lead {
    /// What it is, as the statements take it; of an officer it is an id.
    fn text(&self) -> Option<&str> {
        match self {
            Self::Folio(it) | Self::Words(it) | Self::Label(it) | Self::Place(it) => Some(it),
            Self::Officer(_) | Self::All => None,
        }
    }

    /// Whether it leads to so many cases that they are looked through a part at a time.
    fn bounded(&self) -> bool {
        matches!(self, Self::Place(_) | Self::All)
    }

    /// Which statement finds the cases, or counts them.
    fn statement(&self, rows: bool) -> Statement {
        let (found, counted) = match self {
            Self::Folio(_) => (sql::FOLIO, sql::COUNT_FOLIO),
            Self::Words(_) => (sql::WORDED, sql::COUNT_WORDED),
            Self::Label(_) => (sql::LABELLED, sql::COUNT_LABELLED),
            Self::Officer(_) => (sql::ASSIGNED, sql::COUNT_ASSIGNED),
            Self::Place(_) => (sql::LOCAL, sql::COUNT_LOCAL),
            Self::All => (sql::WIDE, sql::COUNT_WIDE),
        };
        if rows { found } else { counted }
    }
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
            reach: self.reach.or(other.reach),
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
#[derive(Clone)]
pub(crate) struct Bound {
    lead: Lead,
    /// Whether words are all that is asked.
    words_alone: bool,
    places: Option<String>,
    restricted: bool,
    states: Option<String>,
    categories: Option<String>,
    offices: Option<String>,
    priorities: Option<String>,
    assignee: Option<Uuid>,
    labels: Option<String>,
    from: i64,
    until: i64,
    before: i64,
    reach: i64,
}

fn array<T: serde::Serialize>(values: &[T]) -> Option<String> {
    (!values.is_empty()).then(|| serde_json::json!(values).to_string())
}

/// What leads a filter: what finds the fewest cases goes first. `None` where the text has no word.
fn lead(engine: Engine, places: Option<&[&str]>, filter: &Filter) -> Option<Lead> {
    let (mut folio, mut words) = (None, Vec::new());
    for text in &filter.texts {
        match Folio::parse(text) {
            // No case has two.
            Ok(it) if folio.is_some_and(|known| known != it) => return None,
            Ok(it) => folio = Some(it),
            Err(_) => words.push(text.clone()),
        }
    }
    if !words.is_empty() {
        // A folio is one of the words of its case.
        words.extend(folio.map(String::from));
        let own: Vec<String> = places.into_iter().flatten().map(|it| (*it).to_owned()).collect();
        let query = Query::new(&words.join(" "), &own)?;
        return Some(Lead::Words(if engine == Engine::Sqlite { query.sqlite() } else { query.postgres() }));
    }
    if let Some(folio) = folio {
        return Some(Lead::Folio(folio.into()));
    }
    Some(match (filter.labels.first(), filter.assignee, places) {
        (Some(label), ..) => Lead::Label(label.clone()),
        (None, Some(officer), _) => Lead::Officer(officer),
        (None, None, Some([one])) if one.len() > 2 => Lead::Place((*one).to_owned()),
        _ => Lead::All,
    })
}

fn bound(engine: Engine, scope: &Scope, filter: &Filter) -> Option<Bound> {
    let places = scope.places.as_ref().map(|_| scope.own());
    let known = |it: &Vec<&str>| {
        !it.is_empty() && it.iter().all(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let words = Filter { texts: filter.texts.clone(), reach: filter.reach, ..Filter::default() };
    Some(Bound {
        lead: lead(engine, places.as_deref(), filter)?,
        words_alone: *filter == words && places.as_ref().is_none_or(known),
        places: places.map(|it| serde_json::json!(it).to_string()),
        restricted: scope.restricted,
        states: array(&filter.states),
        categories: array(&filter.categories),
        offices: array(&filter.offices),
        priorities: array(&filter.priorities.iter().map(|it| (*it as i64).to_string()).collect::<Vec<_>>()),
        assignee: filter.assignee,
        labels: array(&filter.labels),
        from: filter.from.map_or(i64::MIN, |it| it.0),
        until: filter.until.map_or(i64::MAX, |it| it.0),
        before: i64::MAX,
        reach: i64::from(filter.reach.unwrap_or(REACH).max(1)),
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
             AND ($10 IS NULL OR c.assignee_id = $10) \
             AND ($11 IS NULL OR NOT EXISTS (SELECT 1 FROM json_each($11) AS w WHERE NOT EXISTS \
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
             AND ($10::uuid IS NULL OR c.assignee_id = $10) \
             AND ($11::text IS NULL OR NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text($11::jsonb) AS w(label) \
             WHERE NOT EXISTS (SELECT 1 FROM case_labels AS b WHERE b.label = w.label AND b.case_id = c.id))) "
        };
    }
    // What leads a filter is `$12`: a folio, words, a label, an officer or a municipality by its index; where nothing
    // does, all cases by number, which counts as the ids do. `$13` are the most rows. The last two look through no
    // more than `$14` cases.
    macro_rules! all {
        ($filter:ident, $unled:literal) => {
            concat!(
                " FROM (SELECT number, opened_at, municipality, confidentiality, state, category, office, priority, \
                 assignee_id, id FROM cases WHERE number < $1 ORDER BY number DESC LIMIT $14) AS c WHERE ",
                $unled,
                " IS NULL AND",
                $filter!(),
                "ORDER BY c.number DESC LIMIT $13"
            )
        };
    }
    macro_rules! local {
        ($filter:ident) => {
            concat!(
                " FROM (SELECT * FROM cases WHERE municipality = $12 AND number < $1 ORDER BY id DESC LIMIT $14) \
                 AS c WHERE",
                $filter!(),
                "ORDER BY c.id DESC LIMIT $13"
            )
        };
    }
    macro_rules! led {
        ($from:literal, $filter:ident, $by:literal) => {
            concat!(" FROM ", $from, " AND", $filter!(), "ORDER BY ", $by, " DESC LIMIT $13")
        };
    }
    macro_rules! assigned {
        ($filter:ident) => {
            led!("cases AS c WHERE c.assignee_id = $12", $filter, "c.number")
        };
    }
    macro_rules! folio {
        ($filter:ident) => {
            led!("cases AS c WHERE c.folio = $12", $filter, "c.number")
        };
    }
    macro_rules! labelled {
        ($filter:ident) => {
            led!(
                "case_labels AS t CROSS JOIN cases AS c WHERE t.label = $12 AND c.id = t.case_id",
                $filter,
                "t.case_id"
            )
        };
    }
    macro_rules! worded_sqlite {
        () => {
            led!(
                "case_search AS s CROSS JOIN cases AS c WHERE case_search MATCH $12 AND c.number = s.rowid",
                sqlite_filter,
                "s.rowid"
            )
        };
    }
    macro_rules! worded_postgres {
        () => {
            led!(
                "case_texts AS s JOIN cases AS c ON c.number = s.number \
                 WHERE to_tsvector('simple'::regconfig, s.body) @@ to_tsquery('simple'::regconfig, $12)",
                postgres_filter,
                "s.number"
            )
        };
    }
    macro_rules! rows {
        ($rest:expr) => {
            concat!("SELECT ", listed_columns!(), $rest)
        };
    }
    // Found in the index alone, then fetched.
    macro_rules! fetched {
        ($rest:expr) => {
            concat!(
                "SELECT ",
                listed_columns!(),
                " FROM (SELECT c.number",
                $rest,
                ") AS f CROSS JOIN cases AS c WHERE c.number = f.number ORDER BY f.number DESC"
            )
        };
    }
    macro_rules! count {
        ($rest:expr) => {
            concat!("SELECT COUNT(*) FROM (SELECT 1", $rest, ") AS n")
        };
    }
    pub(super) const WIDE: Statement =
        Statement::fork(fetched!(all!(sqlite_filter, "$12")), fetched!(all!(postgres_filter, "$12::text")));
    pub(super) const COUNT_WIDE: Statement =
        Statement::fork(count!(all!(sqlite_filter, "$12")), count!(all!(postgres_filter, "$12::text")));
    pub(super) const LOCAL: Statement =
        Statement::fork(rows!(local!(sqlite_filter)), rows!(local!(postgres_filter)));
    pub(super) const COUNT_LOCAL: Statement =
        Statement::fork(count!(local!(sqlite_filter)), count!(local!(postgres_filter)));
    pub(super) const ASSIGNED: Statement =
        Statement::fork(rows!(assigned!(sqlite_filter)), rows!(assigned!(postgres_filter)));
    pub(super) const COUNT_ASSIGNED: Statement =
        Statement::fork(count!(assigned!(sqlite_filter)), count!(assigned!(postgres_filter)));
    pub(super) const LABELLED: Statement =
        Statement::fork(rows!(labelled!(sqlite_filter)), rows!(labelled!(postgres_filter)));
    pub(super) const COUNT_LABELLED: Statement =
        Statement::fork(count!(labelled!(sqlite_filter)), count!(labelled!(postgres_filter)));
    pub(super) const FOLIO: Statement =
        Statement::fork(rows!(folio!(sqlite_filter)), rows!(folio!(postgres_filter)));
    pub(super) const COUNT_FOLIO: Statement =
        Statement::fork(count!(folio!(sqlite_filter)), count!(folio!(postgres_filter)));
    pub(super) const WORDED: Statement = Statement::fork(rows!(worded_sqlite!()), rows!(worded_postgres!()));
    pub(super) const COUNT_WORDED: Statement =
        Statement::fork(count!(worded_sqlite!()), count!(worded_postgres!()));
    /// Where words are all that is asked, the index of the words knows it: the place is among them, and what is
    /// restricted is not in it.
    pub(super) const COUNT_WORDS: Statement = Statement::fork(
        "SELECT COUNT(*) FROM (SELECT 1 FROM case_search WHERE case_search MATCH $1 LIMIT $2) AS n",
        "SELECT COUNT(*) FROM (SELECT 1 FROM case_texts AS s \
         WHERE to_tsvector('simple'::regconfig, s.body) @@ to_tsquery('simple'::regconfig, $1) LIMIT $2) AS n",
    );
    /// The last case that is looked through, where there are so many.
    pub(super) const EDGE: Statement = Statement::fork(
        "SELECT id FROM cases WHERE $2 IS NULL AND number < $1 ORDER BY number DESC LIMIT 1 OFFSET $3",
        "SELECT id FROM cases WHERE $2::text IS NULL AND number < $1 ORDER BY number DESC LIMIT 1 OFFSET $3",
    );
    pub(super) const LOCAL_EDGE: Statement = Statement::both(
        "SELECT id FROM cases WHERE municipality = $2 AND number < $1 ORDER BY id DESC LIMIT 1 OFFSET $3",
    );
    pub(super) const NUMBER: Statement = Statement::both("SELECT number FROM cases WHERE id = $1");
    pub(in crate::store) const ALL: &[Statement] = &[
        WIDE,
        COUNT_WIDE,
        LOCAL,
        COUNT_LOCAL,
        ASSIGNED,
        COUNT_ASSIGNED,
        LABELLED,
        COUNT_LABELLED,
        FOLIO,
        COUNT_FOLIO,
        WORDED,
        COUNT_WORDED,
        COUNT_WORDS,
        EDGE,
        LOCAL_EDGE,
        NUMBER,
    ];
}

per_engine! {
    use {
        use super::{Bound, COUNTED, Lead, ListRow, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// The number of the case before which a page begins.
    async fn number(conn: &mut Conn, before: Uuid) -> Result<i64, Error> {
        let number: Option<(i64,)> =
            sqlx::query_as(sql::NUMBER.on(ENGINE)).bind(before).fetch_optional(conn).await?;
        Ok(number.ok_or(Error::NotFound)?.0)
    }

    /// The last case that a filter looks through, where there may be more behind it.
    async fn edge(conn: &mut Conn, bound: &Bound) -> Result<Option<Uuid>, Error> {
        let statement = match &bound.lead {
            Lead::All => sql::EDGE,
            Lead::Place(_) => sql::LOCAL_EDGE,
            _ => return Ok(None),
        };
        let query = sqlx::query_as(statement.on(ENGINE)).bind(bound.before).bind(bound.lead.text());
        let found: Option<(Uuid,)> = query.bind(bound.reach - 1).fetch_optional(conn).await?;
        Ok(found.map(|(it,)| it))
    }

    /// The cases of a free filter, the newest first, opened before `before`; and where the look-through ended before
    /// the cases did, the last that was looked at.
    pub(crate) async fn filtered(
        conn: &mut Conn,
        mut bound: Bound,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<(Vec<ListRow>, Option<Uuid>), Error> {
        if let Some(before) = before {
            bound.before = number(conn, before).await?;
        }
        let it = bound.clone();
        let query = sqlx::query_as(it.lead.statement(true).on(ENGINE)).bind(it.before).bind(it.from).bind(it.until);
        let query = query.bind(it.places).bind(it.restricted).bind(it.states).bind(it.categories);
        let query = query.bind(it.offices).bind(it.priorities).bind(it.assignee).bind(it.labels);
        let query = match it.lead {
            Lead::Officer(id) => query.bind(id),
            ref lead => query.bind(lead.text()),
        };
        let query = query.bind(limit);
        let query = if it.lead.bounded() { query.bind(it.reach) } else { query };
        let rows: Vec<ListRow> = query.fetch_all(&mut *conn).await?;
        let edge = if (rows.len() as i64) < limit { edge(conn, &bound).await? } else { None };
        Ok((rows, edge))
    }

    /// How many cases a free filter has, up to one more than [`COUNTED`], and whether it ended before the cases did.
    pub(crate) async fn counted(conn: &mut Conn, bound: Bound) -> Result<(i64, bool), Error> {
        if let (Lead::Words(words), true) = (&bound.lead, bound.words_alone) {
            let query = sqlx::query_as(sql::COUNT_WORDS.on(ENGINE)).bind(words);
            let (count,) = query.bind(COUNTED + 1).fetch_one(conn).await?;
            return Ok((count, false));
        }
        let it = bound.clone();
        let query = sqlx::query_as(it.lead.statement(false).on(ENGINE)).bind(it.before).bind(it.from).bind(it.until);
        let query = query.bind(it.places).bind(it.restricted).bind(it.states).bind(it.categories);
        let query = query.bind(it.offices).bind(it.priorities).bind(it.assignee).bind(it.labels);
        let query = match it.lead {
            Lead::Officer(id) => query.bind(id),
            ref lead => query.bind(lead.text()),
        };
        let query = query.bind(COUNTED + 1);
        let query = if it.lead.bounded() { query.bind(it.reach) } else { query };
        let (count,) = query.fetch_one(&mut *conn).await?;
        let ended = count <= COUNTED && edge(conn, &bound).await?.is_some();
        Ok((count, ended))
    }
}

/// How many cases a free filter has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// As many were counted, at most [`COUNTED`].
    pub cases: i64,
    /// Whether there may be more.
    pub more: bool,
}

impl Store {
    /// The cases of a free filter, the newest first, opened before the case `before`. Where fewer than `limit` were
    /// found among the cases that are looked through at once ([`Filter::reach`]) and there are others, the last that
    /// was looked at comes with them: a list goes on before it.
    pub async fn list_cases(
        &self,
        scope: &Scope,
        filter: &Filter,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<(Vec<Listed>, Option<Uuid>), Error> {
        let Some(bound) = bound(self.engine(), scope, filter) else { return Ok((Vec::new(), None)) };
        let (rows, edge) = self.filtered_rows(bound, before, limit).await?;
        Ok((rows.into_iter().map(ListRow::listed).collect::<Result<_, _>>()?, edge))
    }

    async fn filtered_rows(
        &self,
        bound: Bound,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<(Vec<ListRow>, Option<Uuid>), Error> {
        on_pool!(self, conn => at::case_filters::filtered(conn, bound, before, i64::from(limit)))
    }

    /// How many cases a free filter has.
    pub async fn count_cases(&self, scope: &Scope, filter: &Filter) -> Result<Counted, Error> {
        let Some(bound) = bound(self.engine(), scope, filter) else {
            return Ok(Counted { cases: 0, more: false });
        };
        let (cases, ended) = self.counted_cases(bound).await?;
        Ok(Counted { cases: cases.min(COUNTED), more: ended || cases > COUNTED })
    }

    async fn counted_cases(&self, bound: Bound) -> Result<(i64, bool), Error> {
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
