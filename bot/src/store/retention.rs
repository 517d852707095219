//! What ends by itself: contacts that were silent for long, old messages, the words of cases that were
//! closed long ago, old entries of the audit trail.
//!
//! Each is looked for a page at a time, by keys that only grow, and emptied a page at a time; what a run
//! did stays done. Messages are gone through once for all contacts, and a mark keeps up to where nothing
//! is left to do.

use std::path::Path;

use uuid::Uuid;

use super::cases::erase::Depth;
use super::{Error, Store};
use crate::domain::redact::redact;
use crate::domain::time::UnixMillis;

pub use super::cases::erase::Closed;

/// Rows that are looked at, and written, at once.
const PAGE: i64 = 500;

/// Where the messages in are empty up to, as a place of `cursors`.
const IN_MARK: &str = "retention/inbox";
/// The same of the messages out.
const OUT_MARK: &str = "retention/outbox";
/// The same of suggestions, thanks and stories.
const FEEDBACK_MARK: &str = "retention/feedback";

/// Instants up to which things are kept no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Now.
    pub now: UnixMillis,
    /// A contact that wrote last before this, and has no case that is open or was not closed before `closed`,
    /// no demand that is not over, and no news that it asked for.
    pub silent: UnixMillis,
    /// A case that was closed before this.
    pub closed: UnixMillis,
    /// A confidential case that was closed before this.
    pub confidential: UnixMillis,
    /// An entry of the audit trail of before this.
    pub audit: UnixMillis,
}

/// How much of each kind is kept no longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Contacts: number, dialogue, what was said.
    pub contacts: u64,
    /// Messages in that still have words.
    pub messages_in: u64,
    /// Messages out that still have words.
    pub messages_out: u64,
    /// Cases that still have numbers and exact places.
    pub cases: u64,
    /// Confidential cases that still have words.
    pub confidential_cases: u64,
    /// Decided requests about personal data that still have words.
    pub requests: u64,
    /// Demands that are over and still tell who supported them, or hold words that never were public.
    pub demands: u64,
    /// Suggestions, thanks and stories that still have numbers.
    pub feedback: u64,
    /// Entries of the audit trail.
    pub audit_entries: u64,
}

impl Report {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A message that was looked at.
#[derive(Clone, Copy, sqlx::FromRow)]
pub(crate) struct Message {
    id: Uuid,
    /// Whether it has words.
    filled: bool,
    /// Whether its contact has a case that keeps it.
    held: bool,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// A case of the contact, or of another one of the same person, that is open or was not closed before `$n`.
    macro_rules! has_case {
        ($contact:literal, $closed:literal) => {
            concat!(
                "(EXISTS (SELECT 1 FROM case_people AS p JOIN cases AS c ON c.id = p.case_id \
                 WHERE p.contact_id = ",
                $contact,
                " AND (c.closed_at IS NULL OR c.closed_at >= ",
                $closed,
                ")) OR EXISTS (SELECT 1 FROM contacts AS s JOIN contacts AS o ON o.person_id = s.person_id \
                 JOIN case_people AS p ON p.contact_id = o.id JOIN cases AS c ON c.id = p.case_id \
                 WHERE s.id = ",
                $contact,
                " AND s.person_id IS NOT NULL AND (c.closed_at IS NULL OR c.closed_at >= ",
                $closed,
                ")))"
            )
        };
    }
    pub(in crate::store) use has_case;

    /// A demand that is not over which a contact wrote or supports, or news that it asked for.
    macro_rules! own_demand {
        ($contact:literal) => {
            concat!(
                "(EXISTS (SELECT 1 FROM demand_supports AS g JOIN demands AS d ON d.id = g.root_id \
                 WHERE g.contact_id = ",
                $contact,
                " AND d.over_at IS NULL) OR EXISTS (SELECT 1 FROM demands AS d WHERE d.contact_id = ",
                $contact,
                " AND d.over_at IS NULL) OR EXISTS (SELECT 1 FROM subscriptions AS n WHERE n.contact_id = ",
                $contact,
                "))"
            )
        };
    }
    pub(in crate::store) use own_demand;

    /// The same of the contact, or of another one of the same person.
    macro_rules! has_demand {
        ($contact:literal) => {
            concat!(
                "(",
                own_demand!($contact),
                " OR EXISTS (SELECT 1 FROM contacts AS s JOIN contacts AS o ON o.person_id = s.person_id \
                 WHERE s.id = ",
                $contact,
                " AND s.person_id IS NOT NULL AND ",
                own_demand!("o.id"),
                "))"
            )
        };
    }
    pub(in crate::store) use has_demand;

    pub(super) const CONTACTS: Statement = Statement::both(concat!(
        "SELECT k.id FROM contacts AS k WHERE k.id > $1 AND k.key_version > 0 AND k.last_message_at < $2 AND NOT ",
        has_case!("k.id", "$3"),
        " AND NOT ",
        has_demand!("k.id"),
        " AND NOT EXISTS (SELECT 1 FROM contacts AS o WHERE o.person_id = k.person_id \
         AND k.person_id IS NOT NULL AND o.key_version > 0 AND o.last_message_at >= $2) \
         AND NOT EXISTS (SELECT 1 FROM privacy_requests AS r WHERE r.contact_id = k.id AND r.state = 'open') \
         AND NOT EXISTS (SELECT 1 FROM contacts AS o JOIN privacy_requests AS r ON r.contact_id = o.id \
         WHERE o.person_id = k.person_id AND k.person_id IS NOT NULL AND r.state = 'open') \
         ORDER BY k.id LIMIT $4"
    ));
    pub(super) const IN: Statement = Statement::both(concat!(
        "SELECT i.id, (i.text <> '' OR i.payload IS NOT NULL OR i.latitude IS NOT NULL) AS filled, ",
        has_case!("i.contact_id", "$3"),
        " AS held FROM inbox AS i WHERE i.id > $1 AND i.id < $2 ORDER BY i.id LIMIT $4"
    ));
    pub(super) const OUT: Statement = Statement::both(concat!(
        "SELECT m.id, (m.body <> '') AS filled, ",
        has_case!("m.contact_id", "$3"),
        " AS held FROM outbox AS m WHERE m.id > $1 AND m.id < $2 ORDER BY m.id LIMIT $4"
    ));
    /// Of who was erased it points at nobody, too.
    pub(super) const EMPTY_IN: Statement = Statement::both(
        "UPDATE inbox SET text = '', latitude = NULL, longitude = NULL, payload = NULL, pressed = NULL, \
         state = 'handled', lease_until = NULL, contact_id = CASE WHEN EXISTS (SELECT 1 FROM contacts AS k \
         WHERE k.id = inbox.contact_id AND k.key_version = 0) THEN NULL ELSE contact_id END WHERE id = $1",
    );
    pub(super) const FILES: Statement = Statement::both(
        "DELETE FROM media WHERE inbox_id = $1 AND case_id IS NULL AND NOT EXISTS (SELECT 1 \
         FROM demand_actas AS a WHERE a.media_id = media.id AND a.voided_at IS NULL)",
    );
    pub(super) const NOT_UNDERSTOOD: Statement =
        Statement::both("DELETE FROM unknown_texts WHERE inbox_id = $1");
    pub(super) const EMPTY_OUT: Statement = Statement::both(
        "UPDATE outbox SET body = '', choices = '[]', provider_id = NULL, \
         state = CASE WHEN state IN ('queued', 'claimed') THEN 'cancelled' ELSE state END WHERE id = $1",
    );
    pub(super) const ATTEMPTS: Statement =
        Statement::both("UPDATE attempts SET provider_id = NULL, failure = NULL WHERE outbox_id = $1");
    pub(super) const MARK: Statement = Statement::both("SELECT position FROM cursors WHERE name = $1");
    pub(super) const SET_MARK: Statement = Statement::both(
        "INSERT INTO cursors (name, position, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at",
    );
    pub(super) const REQUESTS: Statement = Statement::both(
        "SELECT COUNT(*) FROM privacy_requests WHERE state <> 'open' AND (text <> '' OR reason IS NOT NULL) \
         AND decided_at < $1",
    );
    pub(super) const EMPTY_REQUESTS: Statement = Statement::both(
        "UPDATE privacy_requests SET text = '', reason = NULL, version = version + 1 \
         WHERE state <> 'open' AND (text <> '' OR reason IS NOT NULL) AND decided_at < $1",
    );
    pub(super) const FEEDBACK: Statement =
        Statement::both("SELECT id, text FROM feedback WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3");
    pub(super) const MASK_FEEDBACK: Statement =
        Statement::both("UPDATE feedback SET text = $2, version = version + 1 WHERE id = $1");
    /// It may take longer than the statements of the service.
    pub(super) const PATIENT: Statement =
        Statement::fork("SELECT 1", "SELECT set_config('statement_timeout', '600000', true)");
    pub(in crate::store) const ALL: &[Statement] = &[
        CONTACTS,
        IN,
        OUT,
        EMPTY_IN,
        FILES,
        NOT_UNDERSTOOD,
        EMPTY_OUT,
        ATTEMPTS,
        MARK,
        SET_MARK,
        REQUESTS,
        EMPTY_REQUESTS,
        FEEDBACK,
        MASK_FEEDBACK,
        PATIENT,
    ];
}

per_engine! {
    with at;
    use {
        use super::{Closed, Depth, Limits, Message, sql};
        use crate::store::Error;
        use sqlx::Connection as _;
        use uuid::Uuid;
    }

    /// Contacts that were silent for long.
    pub(crate) async fn contacts(
        conn: &mut Conn,
        after: Uuid,
        silent: i64,
        closed: i64,
        limit: i64,
    ) -> Result<Vec<(Uuid,)>, Error> {
        let mut transaction = conn.begin().await?;
        sqlx::query(sql::PATIENT.on(ENGINE)).execute(&mut *transaction).await?;
        let query = sqlx::query_as(sql::CONTACTS.on(ENGINE)).bind(after).bind(silent).bind(closed);
        let found = query.bind(limit).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// Messages between two places.
    pub(crate) async fn messages(
        conn: &mut Conn,
        coming: bool,
        after: Uuid,
        before: Uuid,
        closed: i64,
        limit: i64,
    ) -> Result<Vec<Message>, Error> {
        let statement = if coming { sql::IN } else { sql::OUT };
        let query = sqlx::query_as(statement.on(ENGINE)).bind(after).bind(before).bind(closed);
        Ok(query.bind(limit).fetch_all(conn).await?)
    }

    /// Empties messages.
    pub(crate) async fn empty(conn: &mut Conn, coming: bool, ids: &[Uuid]) -> Result<(), Error> {
        let statements: &[_] = if coming {
            &[sql::FILES, sql::NOT_UNDERSTOOD, sql::EMPTY_IN]
        } else {
            &[sql::ATTEMPTS, sql::EMPTY_OUT]
        };
        for id in ids {
            for statement in statements {
                sqlx::query(statement.on(ENGINE)).bind(id).execute(&mut *conn).await?;
            }
        }
        Ok(())
    }

    /// Empties cases, unless one was opened again since it was found; gives how many were.
    pub(crate) async fn reduce(conn: &mut Conn, cases: &[Closed], limits: Limits) -> Result<u64, Error> {
        let mut count = 0;
        for it in cases {
            let row = at::case_rows::load(&mut *conn, it.id).await?;
            if row.closed_at != Some(it.closed_at) || row.confidentiality().sealed() != it.sealed {
                continue;
            }
            let depth = if it.sealed { Depth::All } else { Depth::Numbers };
            at::case_erasing::empty(&mut *conn, it.id, depth, limits.now.0).await?;
            count += 1;
        }
        Ok(count)
    }

    /// Words of requests that were decided before an instant.
    pub(crate) async fn requests(conn: &mut Conn, closed: i64) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::REQUESTS.on(ENGINE)).bind(closed).fetch_one(conn).await?;
        Ok(count)
    }

    /// Empties them.
    pub(crate) async fn empty_requests(conn: &mut Conn, closed: i64) -> Result<(), Error> {
        sqlx::query(sql::EMPTY_REQUESTS.on(ENGINE)).bind(closed).execute(conn).await?;
        Ok(())
    }

    /// Suggestions, thanks and stories between two places: id and text.
    pub(crate) async fn feedback(
        conn: &mut Conn,
        after: Uuid,
        before: Uuid,
        limit: i64,
    ) -> Result<Vec<(Uuid, String)>, Error> {
        let query = sqlx::query_as(sql::FEEDBACK.on(ENGINE)).bind(after).bind(before);
        Ok(query.bind(limit).fetch_all(conn).await?)
    }

    /// Writes texts without numbers.
    pub(crate) async fn mask_feedback(conn: &mut Conn, texts: &[(Uuid, String)]) -> Result<(), Error> {
        for (id, text) in texts {
            sqlx::query(sql::MASK_FEEDBACK.on(ENGINE)).bind(id).bind(text).execute(&mut *conn).await?;
        }
        Ok(())
    }

    /// Up to which instant nothing is left to do, Unix ms.
    pub(crate) async fn mark(conn: &mut Conn, name: &'static str) -> Result<i64, Error> {
        let row: Option<(i64,)> =
            sqlx::query_as(sql::MARK.on(ENGINE)).bind(name).fetch_optional(conn).await?;
        Ok(row.map_or(0, |it| it.0))
    }

    /// Notes it.
    pub(crate) async fn set_mark(
        conn: &mut Conn,
        name: &'static str,
        position: i64,
        now: i64,
    ) -> Result<(), Error> {
        let query = sqlx::query(sql::SET_MARK.on(ENGINE)).bind(name).bind(position).bind(now);
        query.execute(conn).await?;
        Ok(())
    }
}

/// The instant at which an id was made, Unix ms.
fn made_at(id: Uuid) -> i64 {
    i64::try_from(id.as_u128() >> 80).unwrap_or(0)
}

fn place(at: i64) -> Uuid {
    super::cases::first_id(UnixMillis(at))
}

impl Store {
    /// Counts what is kept no longer, and ends it where `end` says so, with the list of erasures that it is
    /// appended to. A run that breaks off is gone on with by the next one.
    ///
    /// # Errors
    /// The database or the list can't be read or written; what was done stays done.
    pub async fn retain(&self, limits: &Limits, end: bool, list: Option<&Path>) -> Result<Report, Error> {
        let mut report =
            Report { contacts: self.end_contacts(limits, end, list).await?, ..Report::default() };
        report.messages_in = self.end_messages(limits, end, true).await?;
        report.messages_out = self.end_messages(limits, end, false).await?;
        (report.cases, report.confidential_cases) = self.end_cases(limits, end).await?;
        report.requests = self.end_requests(limits, end).await?;
        report.feedback = self.end_feedback(limits, end).await?;
        report.demands = self.end_demands(limits, end).await?;
        report.audit_entries = self.cut_audit(limits.audit, limits.now, end).await?;
        Ok(report)
    }

    async fn end_contacts(&self, limits: &Limits, end: bool, list: Option<&Path>) -> Result<u64, Error> {
        let (mut after, mut count) = (Uuid::nil(), 0);
        loop {
            let (silent, closed) = (limits.silent.0, limits.closed.0);
            let page: Vec<(Uuid,)> =
                on_pool!(self, conn => at::retention::contacts(conn, after, silent, closed, PAGE))?;
            let Some(last) = page.last() else { return Ok(count) };
            after = last.0;
            let ids: Vec<Uuid> = page.iter().map(|it| it.0).collect();
            if end {
                for some in ids.chunks(100) {
                    count += self.erase_silent(some, limits, list).await? as u64;
                }
            } else {
                count += ids.len() as u64;
            }
        }
    }

    async fn end_messages(&self, limits: &Limits, end: bool, coming: bool) -> Result<u64, Error> {
        let name = if coming { IN_MARK } else { OUT_MARK };
        let begin: i64 = on_pool!(self, conn => at::retention::mark(conn, name))?;
        let (before, closed) = (place(limits.silent.0), limits.closed.0);
        // What a case keeps holds the mark back.
        let (mut after, mut count, mut mark) = (place(begin), 0, None);
        loop {
            let page: Vec<Message> =
                on_pool!(self, conn => at::retention::messages(conn, coming, after, before, closed, PAGE))?;
            let Some(last) = page.last() else { break };
            after = last.id;
            mark = mark.or(page.iter().find(|it| it.filled && it.held).map(|it| made_at(it.id)));
            let ids: Vec<Uuid> = page.iter().filter(|it| it.filled && !it.held).map(|it| it.id).collect();
            count += ids.len() as u64;
            if end {
                for some in ids.chunks(100) {
                    let some = some.to_vec();
                    in_write_tx!(self, conn => async move { at::retention::empty(conn, coming, &some).await })?;
                }
            }
        }
        if end {
            let (mark, now) = (mark.unwrap_or(limits.silent.0).min(limits.silent.0), limits.now.0);
            in_write_tx!(self, conn => at::retention::set_mark(conn, name, mark, now))?;
        }
        Ok(count)
    }

    /// Cases, and confidential ones among them apart.
    async fn end_cases(&self, limits: &Limits, end: bool) -> Result<(u64, u64), Error> {
        let (mut after, mut open, mut sealed) = ((i64::MIN, Uuid::nil()), 0, 0);
        loop {
            let page = self.closed_cases(limits, after).await?;
            let Some(last) = page.last() else { return Ok((open, sealed)) };
            after = (last.closed_at, last.id);
            for (all, of_sealed) in [(&mut open, false), (&mut sealed, true)] {
                let due: Vec<Closed> =
                    page.iter().filter(|it| it.sealed == of_sealed && it.over(limits)).copied().collect();
                if end {
                    for some in due.chunks(50) {
                        *all += self.reduce_cases(some, limits).await?;
                    }
                } else {
                    *all += due.len() as u64;
                }
            }
        }
    }

    /// Cases that were closed long enough ago and hold their words still, a page from behind `after`: when
    /// it was closed, and its id. A confidential one may be over sooner than others, or later.
    pub async fn closed_cases(&self, limits: &Limits, after: (i64, Uuid)) -> Result<Vec<Closed>, Error> {
        let until = limits.closed.0.max(limits.confidential.0);
        on_pool!(self, conn => at::case_erasing::due(conn, until, after, PAGE))
    }

    /// Frees closed cases of what leads to people, and confidential ones of all words; gives how many. One
    /// that is open again is left.
    pub async fn reduce_cases(&self, cases: &[Closed], limits: &Limits) -> Result<u64, Error> {
        let (some, limits) = (cases.to_vec(), *limits);
        in_write_tx!(self, conn => async move { at::retention::reduce(conn, &some, limits).await })
    }

    async fn end_requests(&self, limits: &Limits, end: bool) -> Result<u64, Error> {
        let closed = limits.closed.0;
        let count: i64 = on_pool!(self, conn => at::retention::requests(conn, closed))?;
        if end && count > 0 {
            in_write_tx!(self, conn => at::retention::empty_requests(conn, closed))?;
        }
        Ok(count.unsigned_abs())
    }

    /// Who supported and judged a demand that was over before the end of closed cases is nobody any more; what never
    /// was public has no words.
    async fn end_demands(&self, limits: &Limits, end: bool) -> Result<u64, Error> {
        let (mut after, before, mut count) = (Uuid::nil(), limits.closed.0, 0);
        loop {
            let page: Vec<(Uuid,)> =
                on_pool!(self, conn => at::demand_people::past(conn, after, before, PAGE))?;
            let Some(last) = page.last() else { return Ok(count) };
            after = last.0;
            count += page.len() as u64;
            if end {
                for some in page.chunks(50) {
                    let some: Vec<Uuid> = some.iter().map(|it| it.0).collect();
                    in_write_tx!(self, conn => async move { at::demand_people::forget(conn, &some).await })?;
                }
            }
        }
    }

    async fn end_feedback(&self, limits: &Limits, end: bool) -> Result<u64, Error> {
        let begin: i64 = on_pool!(self, conn => at::retention::mark(conn, FEEDBACK_MARK))?;
        let (mut after, before, mut count) = (place(begin), place(limits.silent.0), 0);
        loop {
            let page: Vec<(Uuid, String)> =
                on_pool!(self, conn => at::retention::feedback(conn, after, before, PAGE))?;
            let Some(last) = page.last() else { break };
            after = last.0;
            let masked = page.into_iter().filter_map(|(id, text)| {
                let left = redact(&text);
                (left != text).then_some((id, left))
            });
            let masked: Vec<(Uuid, String)> = masked.collect();
            count += masked.len() as u64;
            if end && !masked.is_empty() {
                in_write_tx!(self, conn => async move { at::retention::mask_feedback(conn, &masked).await })?;
            }
        }
        if end {
            let (mark, now) = (limits.silent.0, limits.now.0);
            in_write_tx!(self, conn => at::retention::set_mark(conn, FEEDBACK_MARK, mark, now))?;
        }
        Ok(count)
    }

    /// The day (days since 1970) of the last run that went to its end; 0: none yet.
    pub async fn last_retention(&self) -> Result<i64, Error> {
        on_pool!(self, conn => at::retention::mark(conn, "retention/day"))
    }

    /// Notes that the run of a day went to its end.
    pub async fn note_retention(&self, day: i64, now: UnixMillis) -> Result<(), Error> {
        in_write_tx!(self, conn => at::retention::set_mark(conn, "retention/day", day, now.0))
    }
}
