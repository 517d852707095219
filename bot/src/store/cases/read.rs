//! A case in full, as staff reads it.

use uuid::Uuid;

use super::Referral;
use super::row::Row;
use super::thread::opened;
use crate::domain::case::clock::Dues;
use crate::domain::case::{CaseKind, CaseState, Confidentiality, Folio, Priority};
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// A case in full. Texts are `None` where the reader may not know them. `Debug` shows no text.
#[derive(Clone, PartialEq)]
pub struct FullCase {
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
    /// Key of the municipality.
    pub municipality: String,
    /// Code of its category.
    pub category: String,
    /// Code of its office.
    pub office: String,
    /// The contact that opened it.
    pub contact_id: Option<Uuid>,
    /// Who has it.
    pub assignee_id: Option<Uuid>,
    /// Who may not have it, since a no opened it again.
    pub excluded_id: Option<Uuid>,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it changed last.
    pub updated_at: UnixMillis,
    /// When it was closed.
    pub closed_at: Option<UnixMillis>,
    /// Since when it waits for the citizen.
    pub waiting_since: Option<UnixMillis>,
    /// Until when it sleeps.
    pub snoozed_until: Option<UnixMillis>,
    /// What is owed.
    pub dues: Dues,
    /// When a person answered first.
    pub first_answer_at: Option<UnixMillis>,
    /// Whether a no opened it and nobody closed it since.
    pub disputed: bool,
    /// How often a no opened it again.
    pub disputes: i64,
    /// People behind it.
    pub joined: i64,
    /// An older case that it follows.
    pub linked_to: Option<Uuid>,
    /// The case that it is a duplicate of.
    pub merged_into: Option<Uuid>,
    /// The date of the work.
    pub scheduled_for: Option<String>,
    /// What it cost, in thousandths of the currency's unit.
    pub cost: Option<i64>,
    /// Where it is passed on to.
    pub referral: Option<Referral>,
    /// What its citizen gave it, 1 to 5.
    pub rating: Option<i64>,
    /// Colonia and reference.
    pub place: Option<String>,
    /// Latitude and longitude in degrees.
    pub location: Option<(f64, f64)>,
    /// Questions of the category with what was answered.
    pub answers: Vec<(String, String)>,
    /// Name and telephone of a person who came by.
    pub reporter: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
}

impl std::fmt::Debug for FullCase {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "FullCase {{ {}, {}, version: {} }}", self.folio, self.state, self.version)
    }
}

/// A change of a case. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub struct Changed {
    /// The case's version after it.
    pub version: i64,
    /// What happened: a stable code.
    pub kind: String,
    /// `citizen`, `staff` or `service`.
    pub actor: String,
    /// The officer.
    pub staff_id: Option<Uuid>,
    /// What it was, as a code.
    pub was: Option<String>,
    /// What it is, as a code.
    pub became: Option<String>,
    /// Words: a reason, the text before a correction; `None` where the reader may not know them.
    pub detail: Option<String>,
    /// When.
    pub at: UnixMillis,
}

impl std::fmt::Debug for Changed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Changed {{ version: {}, kind: {:?} }}", self.version, self.kind)
    }
}

/// A row of a change.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct ChangeRow {
    version: i64,
    kind: String,
    actor: String,
    staff_id: Option<Uuid>,
    was: Option<String>,
    became: Option<String>,
    detail: Option<String>,
    at: i64,
}

/// What lies beside the answers of a case.
#[derive(Default, serde::Deserialize)]
struct Answers {
    answers: Vec<(String, String)>,
    location: Option<(f64, f64)>,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const KIND: Statement = Statement::both("SELECT kind FROM cases WHERE id = $1");
    pub(super) const LABELS: Statement =
        Statement::both("SELECT label FROM case_labels WHERE case_id = $1 ORDER BY label");
    pub(super) const CHANGES: Statement = Statement::both(
        "SELECT version, kind, actor, staff_id, was, became, detail, at FROM case_changes \
         WHERE case_id = $1 AND version > $2 ORDER BY version LIMIT $3",
    );
    pub(super) const BY_FOLIO: Statement = Statement::both("SELECT id FROM cases WHERE folio = $1");
    pub(in crate::store) const ALL: &[Statement] = &[KIND, LABELS, CHANGES, BY_FOLIO];
}

per_engine! {
    with at;
    use {
        use super::{ChangeRow, Row, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// A case with its kind and labels.
    pub(crate) async fn full(
        conn: &mut Conn,
        id: Uuid,
    ) -> Result<Option<(Row, String, Vec<String>)>, Error> {
        let Some(row) = at::case_rows::read(conn, id).await? else { return Ok(None) };
        let (kind,) = sqlx::query_as(sql::KIND.on(ENGINE)).bind(id).fetch_one(&mut *conn).await?;
        let labels: Vec<(String,)> = sqlx::query_as(sql::LABELS.on(ENGINE)).bind(id).fetch_all(conn).await?;
        Ok(Some((row, kind, labels.into_iter().map(|it| it.0).collect())))
    }

    /// Changes of a case after a version.
    pub(crate) async fn changes(
        conn: &mut Conn,
        id: Uuid,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ChangeRow>, Error> {
        Ok(sqlx::query_as(sql::CHANGES.on(ENGINE)).bind(id).bind(after).bind(limit).fetch_all(conn).await?)
    }

    /// The case with a folio.
    pub(crate) async fn by_folio(conn: &mut Conn, folio: String) -> Result<Option<Uuid>, Error> {
        let found: Option<(Uuid,)> =
            sqlx::query_as(sql::BY_FOLIO.on(ENGINE)).bind(folio).fetch_optional(conn).await?;
        Ok(found.map(|it| it.0))
    }
}

impl Store {
    /// The row of a case.
    pub(crate) async fn read_case(&self, id: Uuid) -> Result<Option<Row>, Error> {
        on_pool!(self, conn => at::case_rows::read(conn, id))
    }

    /// The case with a folio.
    pub async fn find_case_id(&self, folio: Folio) -> Result<Option<Uuid>, Error> {
        on_pool!(self, conn => at::case_reading::by_folio(conn, folio.into()))
    }

    /// A case in full; the texts of a confidential one only where `open` says that the reader may know
    /// them.
    pub async fn find_case(&self, id: Uuid, open: bool) -> Result<Option<FullCase>, Error> {
        let Some((row, kind, labels)) = self.full_row(id).await? else { return Ok(None) };
        let damaged = || Error::Other(format!("the case {id} can't be read"));
        let key = if open { row.key(&self.keys())? } else { None };
        let text = |it: &Option<String>| match it {
            Some(text) => opened(key.as_ref(), id, text),
            None => Ok(None),
        };
        let answers = text(&row.answers)?.and_then(|it| serde_json::from_str::<Answers>(&it).ok());
        let answers = answers.unwrap_or_default();
        let priority = usize::try_from(row.priority).ok().and_then(|it| Priority::ALL.get(it).copied());
        Ok(Some(FullCase {
            id,
            folio: row.folio.parse().map_err(|_| damaged())?,
            version: row.version,
            kind: kind.parse().map_err(|_| damaged())?,
            state: row.state(),
            priority: priority.unwrap_or_default(),
            confidentiality: row.confidentiality(),
            contact_id: row.contact_id,
            assignee_id: row.assignee_id,
            excluded_id: row.excluded_id,
            opened_at: UnixMillis(row.opened_at),
            updated_at: UnixMillis(row.updated_at),
            closed_at: row.closed_at.map(UnixMillis),
            waiting_since: row.waiting_since.map(UnixMillis),
            snoozed_until: row.snoozed_until.map(UnixMillis),
            dues: row.dues(),
            first_answer_at: row.first_answer_at.map(UnixMillis),
            disputed: row.disputed,
            disputes: row.disputes,
            joined: row.joined,
            linked_to: row.linked_to,
            merged_into: row.merged_into,
            cost: row.cost,
            referral: row.referral.as_deref().and_then(|it| serde_json::from_str(it).ok()),
            rating: row.rating,
            place: text(&row.place)?,
            location: answers.location,
            answers: answers.answers,
            reporter: text(&row.reporter)?,
            labels,
            municipality: row.municipality,
            category: row.category,
            office: row.office,
            scheduled_for: row.scheduled_for,
        }))
    }

    async fn full_row(&self, id: Uuid) -> Result<Option<(Row, String, Vec<String>)>, Error> {
        on_pool!(self, conn => at::case_reading::full(conn, id))
    }

    /// At most `limit` changes of a case after a version, the oldest first.
    pub async fn list_case_changes(
        &self,
        id: Uuid,
        after: i64,
        limit: u32,
        open: bool,
    ) -> Result<Vec<Changed>, Error> {
        let Some(row) = self.read_case(id).await? else { return Err(Error::NotFound) };
        let key = if open { row.key(&self.keys())? } else { None };
        let rows = self.change_rows(id, after, limit).await?;
        rows.into_iter()
            .map(|it| {
                let detail = match &it.detail {
                    Some(text) => opened(key.as_ref(), id, text)?,
                    None => None,
                };
                Ok(Changed {
                    version: it.version,
                    kind: it.kind,
                    actor: it.actor,
                    staff_id: it.staff_id,
                    was: it.was,
                    became: it.became,
                    detail,
                    at: UnixMillis(it.at),
                })
            })
            .collect()
    }

    async fn change_rows(&self, id: Uuid, after: i64, limit: u32) -> Result<Vec<ChangeRow>, Error> {
        on_pool!(self, conn => at::case_reading::changes(conn, id, after, i64::from(limit)))
    }
}
