//! What people asked for about their data, by the clock of the law.

use uuid::Uuid;

use crate::domain::privacy::Right;
use crate::domain::time::UnixMillis;
use crate::store::audit::Prepared;
use crate::store::desk::Within;
use crate::store::outbox::NewOutbound;
use crate::store::staff::Write;
use crate::store::{AddressKeys, Error, Store};

/// What the sealed texts of a request are told apart by.
pub(in crate::store) mod part {
    /// `privacy_requests.text`.
    pub(in crate::store) const TEXT: &str = "privacy request";
    /// `privacy_requests.reason`.
    pub(in crate::store) const REASON: &str = "privacy reason";
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Somebody owes an answer, or it waits for its erasure.
    Open,
    /// It was done.
    Done,
    /// It was refused, with a reason.
    Refused,
}

impl RequestState {
    /// All.
    pub const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Refused];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// A request. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Request {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub contact_id: Uuid,
    /// `sms` or `telegram`.
    pub channel_kind: String,
    /// `access`, `correction` or `erasure`.
    pub kind: String,
    /// `open`, `done` or `refused`.
    pub state: String,
    /// Key of her home municipality; empty where none is known.
    pub municipality: String,
    /// Locale that she reads.
    pub locale: Option<String>,
    /// Her words, opened by [`Store::find_request`] only; empty in a list.
    pub text: String,
    /// The words of who decided; absent in a list.
    pub reason: Option<String>,
    /// When it came, Unix ms.
    pub received_at: i64,
    /// End of the tenth working day, Unix ms.
    pub first_alarm_at: i64,
    /// End of the fifteenth.
    pub second_alarm_at: i64,
    /// End of the term.
    pub due_at: i64,
    /// An erasure is done from this instant on.
    pub erase_at: Option<i64>,
    /// Who decided; `None`: the service itself.
    pub decided_by: Option<Uuid>,
    /// When, Unix ms.
    pub decided_at: Option<i64>,
    /// Counts the changes, from 1.
    pub version: i64,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Request {{ id: {}, kind: {:?}, state: {:?}, .. }}", self.id, self.kind, self.state)
    }
}

/// How many open requests are past which instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow, serde::Serialize)]
pub struct Waiting {
    /// Past the tenth working day.
    pub first: i64,
    /// Past the fifteenth.
    pub second: i64,
    /// Past the term.
    pub overdue: i64,
}

/// An erasure that is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DueErasure {
    /// The request.
    pub id: Uuid,
    /// Whose.
    pub contact_id: Uuid,
}

/// A decision about a request. `Debug` shows no text.
#[derive(Clone)]
pub struct Decide {
    /// Which.
    pub id: Uuid,
    /// The version that was decided on.
    pub version: i64,
    /// Done or refused. An erasure that is to be done now stays open until it is done.
    pub state: RequestState,
    /// Why, or what was done.
    pub reason: String,
    /// Who.
    pub by: Uuid,
    /// What she is told.
    pub told: Option<Box<NewOutbound>>,
    /// When.
    pub at: UnixMillis,
}

impl std::fmt::Debug for Decide {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Decide {{ id: {}, state: {:?}, .. }}", self.id, self.state)
    }
}

fn opened(keys: &AddressKeys, mut it: Request) -> Result<Request, Error> {
    it.text = keys.open_part(part::TEXT, it.id, &it.text)?;
    it.reason = it.reason.as_deref().map(|text| keys.open_part(part::REASON, it.id, text)).transpose()?;
    Ok(it)
}

/// The statements of this file.
pub(super) mod sql {
    use super::super::sql::hers;
    use crate::store::Statement;
    use crate::store::retention::sql::has_case;

    macro_rules! columns {
        ($text:literal) => {
            concat!(
                "r.id, r.contact_id, r.channel_kind, r.kind, r.state, r.municipality, r.locale, ",
                $text,
                ", r.received_at, r.first_alarm_at, r.second_alarm_at, r.due_at, r.erase_at, r.decided_by, \
                 r.decided_at, r.version"
            )
        };
    }
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO privacy_requests (id, contact_id, channel_kind, kind, state, municipality, locale, text, \
         inbox_id, received_at, first_alarm_at, second_alarm_at, due_at, erase_at, decided_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)",
    );
    macro_rules! list {
        ($within:literal) => {
            concat!(
                "SELECT ",
                columns!("'' AS text, NULL AS reason"),
                " FROM privacy_requests AS r WHERE r.state = $1 AND (r.due_at > $2 OR (r.due_at = $2 AND r.id > $3)) \
                 AND r.due_at >= $2 AND (CAST($4 AS TEXT) IS NULL OR EXISTS (",
                $within,
                ")) ORDER BY r.due_at, r.id LIMIT $5"
            )
        };
    }
    pub(super) const LIST: Statement = Statement::fork(
        list!("SELECT 1 FROM json_each($4) AS k WHERE r.municipality LIKE k.value || '%'"),
        list!(
            "SELECT 1 FROM json_array_elements_text($4::json) AS k (value) WHERE r.municipality LIKE k.value || '%'"
        ),
    );
    pub(super) const FIND: Statement = Statement::both(concat!(
        "SELECT ",
        columns!("r.text, r.reason"),
        " FROM privacy_requests AS r WHERE r.id = $1"
    ));
    /// The open request of a person for a right, of whichever contact.
    pub(super) const OPEN: Statement = Statement::both(concat!(
        "SELECT ",
        columns!("'' AS text, NULL AS reason"),
        " FROM privacy_requests AS r WHERE r.contact_id IN (",
        hers!("$1"),
        ") AND r.state = 'open' AND r.kind = $2 ORDER BY r.id LIMIT 1"
    ));
    pub(super) const DECIDE: Statement = Statement::both(
        "UPDATE privacy_requests SET state = $3, reason = $4, decided_by = $5, decided_at = $6, \
         version = version + 1 WHERE id = $1 AND version = $2 AND state = 'open'",
    );
    pub(super) const HASTEN: Statement = Statement::both(
        "UPDATE privacy_requests SET erase_at = $6, reason = $4, decided_by = $5, version = version + 1 \
         WHERE id = $1 AND version = $2 AND state = 'open' AND $3 = 'done'",
    );
    /// Not while a case of the person, whichever of her contacts opened or joined it, is open or was closed
    /// a moment ago: she reads first what became of it.
    pub(super) const DUE: Statement = Statement::both(concat!(
        "SELECT r.id, r.contact_id FROM privacy_requests AS r WHERE r.state = 'open' AND r.erase_at IS NOT NULL \
         AND r.erase_at <= $1 AND NOT ",
        has_case!("r.contact_id", "$3"),
        " ORDER BY r.erase_at, r.id LIMIT $2"
    ));
    /// It is done, and forgets its words.
    pub(super) const DONE: Statement = Statement::both(
        "UPDATE privacy_requests SET state = 'done', text = '', reason = NULL, decided_at = $2, \
         version = version + 1 WHERE id = $1 AND state = 'open'",
    );
    pub(super) const FORGET: Statement = Statement::both(
        "UPDATE privacy_requests SET text = '', reason = NULL, locale = NULL, \
         state = CASE WHEN state = 'open' AND kind <> 'erasure' THEN 'done' ELSE state END, \
         decided_at = COALESCE(decided_at, $2) WHERE contact_id = $1",
    );
    pub(super) const WAITING: Statement = Statement::both(
        "SELECT COUNT(CASE WHEN first_alarm_at <= $1 THEN 1 END) AS first, \
         COUNT(CASE WHEN second_alarm_at <= $1 THEN 1 END) AS second, \
         COUNT(CASE WHEN due_at <= $1 THEN 1 END) AS overdue FROM privacy_requests WHERE state = 'open'",
    );
    pub(in crate::store) const ALL: &[Statement] =
        &[ADD, LIST, FIND, OPEN, DECIDE, HASTEN, DUE, DONE, FORGET, WAITING];
}

per_engine! {
    with at;
    use {
        use super::super::NewRequest;
        use crate::domain::privacy::ERASE_AFTER;
        use super::{Decide, DueErasure, Prepared, Request, RequestState, Waiting, Write, part, sql};
        use crate::store::{Error, Store, events};
        use uuid::Uuid;
    }

    /// Keeps a request.
    pub(crate) async fn add(
        conn: &mut Conn,
        store: &Store,
        inbox_id: Uuid,
        contact_id: Uuid,
        new: &NewRequest,
        now: i64,
    ) -> Result<(), Error> {
        let text = store.keys().seal_part(part::TEXT, new.id, &new.text)?;
        let state = if new.answered { RequestState::Done } else { RequestState::Open };
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(new.id)
            .bind(contact_id)
            .bind(new.channel)
            .bind(new.right.code())
            .bind(state.code())
            .bind(&new.municipality)
            .bind(&new.locale)
            .bind(text)
            .bind(inbox_id)
            .bind(now)
            .bind(new.deadlines.first_alarm.0)
            .bind(new.deadlines.second_alarm.0)
            .bind(new.deadlines.due.0)
            .bind(new.erase_at.map(|it| it.0))
            .bind(new.answered.then_some(now))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Requests in a state, those that are due first.
    pub(crate) async fn list(
        conn: &mut Conn,
        state: &'static str,
        within: Option<String>,
        after: (i64, Uuid),
        limit: i64,
    ) -> Result<Vec<Request>, Error> {
        let query = sqlx::query_as(sql::LIST.on(ENGINE)).bind(state).bind(after.0).bind(after.1);
        Ok(query.bind(within).bind(limit).fetch_all(conn).await?)
    }

    /// One request, its texts sealed.
    pub(crate) async fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Request>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// The open request of a person for a right.
    pub(crate) async fn open(
        conn: &mut Conn,
        contact_id: Uuid,
        kind: &'static str,
    ) -> Result<Option<Request>, Error> {
        Ok(sqlx::query_as(sql::OPEN.on(ENGINE)).bind(contact_id).bind(kind).fetch_optional(conn).await?)
    }

    /// Notes a decision with its entry of the audit trail, its event and its answer.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else decided first. [`Error::NotFound`]: it is not there.
    pub(crate) async fn decide(
        conn: &mut Conn,
        store: &Store,
        it: &Decide,
        write: &Write<Request>,
    ) -> Result<Request, Error> {
        at::events::lock(&mut *conn).await?;
        let before = find(&mut *conn, it.id).await?.ok_or(Error::NotFound)?;
        let keys = store.keys();
        let erasing = before.kind == "erasure" && it.state == RequestState::Done;
        let statement = if erasing { sql::HASTEN } else { sql::DECIDE };
        let done = sqlx::query(statement.on(ENGINE))
            .bind(it.id)
            .bind(it.version)
            .bind(it.state.code())
            .bind(keys.seal_part(part::REASON, it.id, &it.reason)?)
            .bind(it.by)
            .bind(it.at.0)
            .execute(&mut *conn)
            .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Conflict);
        }
        if let Some(told) = &it.told {
            let document = store.outbound_document(std::slice::from_ref(told.as_ref()))?;
            at::outbox::add_many(&mut *conn, document).await?;
        }
        let after = find(&mut *conn, it.id).await?.ok_or(Error::NotFound)?;
        let after = super::opened(&keys, after)?;
        at::answers::keep(&mut *conn, write.sealed(&after)?).await?;
        at::audit::append(&mut *conn, &write.audit).await?;
        let municipality = Some(after.municipality.clone()).filter(|it| !it.is_empty());
        let event =
            events::New { kind: "privacy_decided", municipality, at: it.at.0, ..events::New::default() };
        at::events::add(conn, &[event]).await?;
        Ok(after)
    }

    /// Erasures that are to be done, without those of people with a case that is open or just was.
    pub(crate) async fn due(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<DueErasure>, Error> {
        let query = sqlx::query_as(sql::DUE.on(ENGINE)).bind(now).bind(limit);
        Ok(query.bind(now - ERASE_AFTER + 1).fetch_all(conn).await?)
    }

    /// A request was done.
    pub(crate) async fn done(
        conn: &mut Conn,
        id: Uuid,
        audit: Option<&Prepared>,
        now: i64,
    ) -> Result<(), Error> {
        let done = sqlx::query(sql::DONE.on(ENGINE)).bind(id).bind(now).execute(&mut *conn).await?;
        if let Some(audit) = audit.filter(|_| done.rows_affected() > 0) {
            at::audit::append(conn, audit).await?;
        }
        Ok(())
    }

    /// The words of a person's requests are forgotten.
    pub(crate) async fn forget(conn: &mut Conn, contact_id: Uuid, now: i64) -> Result<(), Error> {
        sqlx::query(sql::FORGET.on(ENGINE)).bind(contact_id).bind(now).execute(conn).await?;
        Ok(())
    }

    /// How many open ones are past their alarms.
    pub(crate) async fn waiting(conn: &mut Conn, now: i64) -> Result<Waiting, Error> {
        Ok(sqlx::query_as(sql::WAITING.on(ENGINE)).bind(now).fetch_one(conn).await?)
    }
}

impl Store {
    /// Requests in a state, those that are due first; texts are left out. `after` is the term and the id of
    /// the last one of the page before.
    pub async fn list_requests(
        &self,
        state: RequestState,
        within: &Within,
        after: Option<(i64, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Request>, Error> {
        let (within, after) = (within.json(), after.unwrap_or((i64::MIN, Uuid::nil())));
        on_pool!(self, conn => at::requests::list(conn, state.code(), within, after, i64::from(limit)))
    }

    /// One request with its texts.
    pub async fn find_request(&self, id: Uuid) -> Result<Option<Request>, Error> {
        let found = self.request_row(id).await?;
        found.map(|it| opened(&self.keys(), it)).transpose()
    }

    async fn request_row(&self, id: Uuid) -> Result<Option<Request>, Error> {
        on_pool!(self, conn => at::requests::find(conn, id))
    }

    /// The open request of a person for a right, without its text.
    pub async fn find_open_request(&self, contact_id: Uuid, right: Right) -> Result<Option<Request>, Error> {
        on_pool!(self, conn => at::requests::open(conn, contact_id, right.code()))
    }

    /// Notes a decision. An erasure that is decided as done is due at once, and stays open until it is done.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else decided first. [`Error::NotFound`]: it is not there.
    pub async fn decide_request(&self, it: Decide, write: Write<Request>) -> Result<Request, Error> {
        let store = self.clone();
        in_write_tx!(self, conn => async move { at::requests::decide(conn, &store, &it, &write).await })
    }

    /// Erasures that are to be done now, at most `limit`. Those of people with a case that is open, or
    /// was closed less than [`ERASE_AFTER`](crate::domain::privacy::ERASE_AFTER) ago, wait.
    pub async fn due_erasures(&self, now: UnixMillis, limit: u32) -> Result<Vec<DueErasure>, Error> {
        on_pool!(self, conn => at::requests::due(conn, now.0, i64::from(limit)))
    }

    /// A request was done by the service itself; `audit` is its entry of the trail.
    pub async fn finish_request(
        &self,
        id: Uuid,
        audit: Option<Prepared>,
        now: UnixMillis,
    ) -> Result<(), Error> {
        in_write_tx!(self, conn => async move { at::requests::done(conn, id, audit.as_ref(), now.0).await })
    }

    /// How many open requests are past their alarms and their term.
    pub async fn count_waiting_requests(&self, now: UnixMillis) -> Result<Waiting, Error> {
        on_pool!(self, conn => at::requests::waiting(conn, now.0))
    }
}
