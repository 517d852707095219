//! Whether it was put right: asked at a closing, 7 and 28 days later. Silence is no yes.

use uuid::Uuid;

use super::Told;
use crate::domain::case::Folio;
use crate::domain::case::rules::{ASKED, FOLLOW_UPS};
use crate::domain::time::UnixMillis;
use crate::ids;
use crate::store::outbox::NewOutbound;
use crate::store::{Error, Store};

/// A question that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueFollowUp {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// The case's public number.
    pub folio: Folio,
    /// Key of the municipality.
    pub municipality: String,
    /// Which of the three: 0, 1, 2.
    pub ordinal: u8,
    /// Who is asked.
    pub told: Told,
}

/// A row of a question that is due.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct DueRow {
    id: Uuid,
    case_id: Uuid,
    folio: String,
    municipality: String,
    ordinal: i64,
    contact_id: Uuid,
    channel_kind: String,
    role: String,
    state: Option<String>,
}

/// Ids and instants of the questions of a closing, as JSON: one for each person and ordinal.
pub(crate) fn questions(people: &[Uuid], now: i64) -> String {
    let mut rows = Vec::with_capacity(people.len() * FOLLOW_UPS.len());
    for contact_id in people {
        for (ordinal, after) in (0_i64..).zip(FOLLOW_UPS) {
            let id = ids::new_id(UnixMillis(now)).simple().to_string();
            rows.push(serde_json::json!([id, contact_id.simple().to_string(), ordinal, now + after]));
        }
    }
    serde_json::Value::Array(rows).to_string()
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const PLAN: Statement = Statement::fork(
        "INSERT INTO followups (id, case_id, contact_id, closing, ordinal, state, due_at) \
         SELECT unhex(value ->> 0), $2, unhex(value ->> 1), $3, value ->> 2, 'waiting', value ->> 3 \
         FROM json_each($1)",
        "INSERT INTO followups (id, case_id, contact_id, closing, ordinal, state, due_at) \
         SELECT (a ->> 0)::uuid, $2::uuid, (a ->> 1)::uuid, $3::bigint, (a ->> 2)::bigint, 'waiting', (a ->> 3)::bigint \
         FROM jsonb_array_elements($1::jsonb) AS e(a)",
    );
    /// Of several contacts of one person the one that wrote last and did not leave.
    pub(super) const PEOPLE: Statement = Statement::both(
        "SELECT p.contact_id FROM case_people AS p JOIN contacts AS k ON k.id = p.contact_id \
         WHERE p.case_id = $1 AND NOT EXISTS (SELECT 1 FROM case_people AS q \
         JOIN contacts AS o ON o.id = q.contact_id WHERE q.case_id = $1 AND o.person_id = k.person_id \
         AND o.gone_at IS NULL AND (k.gone_at IS NOT NULL \
         OR (o.last_message_at, o.id) > (k.last_message_at, k.id))) ORDER BY p.contact_id",
    );
    pub(super) const END: Statement = Statement::both(
        "UPDATE followups SET state = 'over' WHERE case_id = $1 AND state IN ('waiting', 'asked')",
    );
    pub(super) const DUE: Statement = Statement::both(
        "SELECT f.id, f.case_id, c.folio, c.municipality, f.ordinal, f.contact_id, p.channel_kind, p.role, \
         v.state FROM followups AS f JOIN cases AS c ON c.id = f.case_id \
         JOIN case_people AS p ON p.case_id = f.case_id AND p.contact_id = f.contact_id \
         LEFT JOIN conversations AS v ON v.contact_id = f.contact_id \
         WHERE f.state = 'waiting' AND f.due_at <= $1 ORDER BY f.due_at LIMIT $2",
    );
    pub(super) const ASK: Statement = Statement::both(
        "UPDATE followups SET state = 'asked', asked_at = $2, outbox_id = $3 \
         WHERE id = $1 AND state = 'waiting'",
    );
    /// A question that could not be asked is over; so are the ones before it once the next is asked.
    pub(super) const SKIP: Statement =
        Statement::both("UPDATE followups SET state = 'over' WHERE id = $1 AND state = 'waiting'");
    pub(super) const BEFORE: Statement = Statement::both(
        "UPDATE followups SET state = 'over' WHERE case_id = $1 AND contact_id = $2 AND id <> $3 \
         AND state = 'asked'",
    );
    pub(super) const ANSWER: Statement = Statement::both(
        "UPDATE followups SET state = $4, answered_at = $5 WHERE id = $1 AND case_id = $2 AND contact_id = $3 \
         AND state = 'asked' AND asked_at > $6 RETURNING ordinal",
    );
    pub(in crate::store) const ALL: &[Statement] = &[PLAN, PEOPLE, END, DUE, ASK, SKIP, BEFORE, ANSWER];
}

per_engine! {
    with at;
    use {
        use super::{ASKED, DueRow, questions, sql};
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// Plans the questions of a closing.
    pub(crate) async fn plan(conn: &mut Conn, case_id: Uuid, closing: i64, now: i64) -> Result<(), Error> {
        let people: Vec<(Uuid,)> =
            sqlx::query_as(sql::PEOPLE.on(ENGINE)).bind(case_id).fetch_all(&mut *conn).await?;
        let people: Vec<Uuid> = people.into_iter().map(|it| it.0).collect();
        if !people.is_empty() {
            sqlx::query(sql::PLAN.on(ENGINE))
                .bind(questions(&people, now))
                .bind(case_id)
                .bind(closing)
                .execute(conn)
                .await?;
        }
        Ok(())
    }

    /// Ends the questions of a case that was opened again.
    pub(crate) async fn end(conn: &mut Conn, case_id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::END.on(ENGINE)).bind(case_id).execute(conn).await?;
        Ok(())
    }

    /// Questions that are due, the longest waiting first.
    pub(crate) async fn due(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<DueRow>, Error> {
        Ok(sqlx::query_as(sql::DUE.on(ENGINE)).bind(now).bind(limit).fetch_all(conn).await?)
    }

    /// Asks a question: its message and its state in one; `false` where it no longer waits, or the
    /// contact gets nothing.
    pub(crate) async fn ask(
        conn: &mut Conn,
        id: Uuid,
        case_id: Uuid,
        contact_id: Uuid,
        message: (Uuid, String),
        now: i64,
    ) -> Result<bool, Error> {
        at::events::lock(conn).await?;
        let (outbox_id, document) = message;
        if at::outbox::add_many(conn, document).await? == 0 {
            sqlx::query(sql::SKIP.on(ENGINE)).bind(id).execute(conn).await?;
            return Ok(false);
        }
        let asked =
            sqlx::query(sql::ASK.on(ENGINE)).bind(id).bind(now).bind(outbox_id).execute(&mut *conn).await?;
        if asked.rows_affected() == 0 {
            // Another process asked it: the message of this one is undone with the transaction.
            return Err(Error::Conflict);
        }
        at::case_thread::link(conn, &[outbox_id], case_id).await?;
        sqlx::query(sql::BEFORE.on(ENGINE))
            .bind(case_id)
            .bind(contact_id)
            .bind(id)
            .execute(&mut *conn)
            .await?;
        let event = events::New {
            kind: "case_asked",
            contact_id: Some(contact_id),
            outbox_id: Some(outbox_id),
            case_id: Some(case_id),
            at: now,
            ..events::New::default()
        };
        at::events::add(conn, &[event]).await?;
        Ok(true)
    }

    /// Notes an answer; gives which question it was.
    ///
    /// # Errors
    /// [`Error::Conflict`]: nobody asks that any more.
    pub(crate) async fn answer(
        conn: &mut Conn,
        id: Uuid,
        case_id: Uuid,
        contact_id: Uuid,
        yes: bool,
        now: i64,
    ) -> Result<i64, Error> {
        let row: Option<(i64,)> = sqlx::query_as(sql::ANSWER.on(ENGINE))
            .bind(id)
            .bind(case_id)
            .bind(contact_id)
            .bind(if yes { "yes" } else { "no" })
            .bind(now)
            .bind(now - ASKED)
            .fetch_optional(conn)
            .await?;
        row.map(|it| it.0).ok_or(Error::Conflict)
    }

}

impl Store {
    /// At most `limit` questions that are due.
    pub async fn due_followups(&self, now: UnixMillis, limit: u32) -> Result<Vec<DueFollowUp>, Error> {
        let rows = self.due_followup_rows(now, limit).await?;
        let keys = self.keys();
        let mut due = Vec::with_capacity(rows.len());
        for row in rows {
            let damaged = || Error::Other(format!("the question {} can't be read", row.id));
            let locale = super::people::locale(&keys, row.contact_id, row.state.as_deref());
            due.push(DueFollowUp {
                id: row.id,
                case_id: row.case_id,
                folio: row.folio.parse().map_err(|_| damaged())?,
                municipality: row.municipality.clone(),
                ordinal: u8::try_from(row.ordinal).map_err(|_| damaged())?,
                told: Told {
                    contact_id: row.contact_id,
                    holder_id: row.contact_id,
                    reached: true,
                    channel: row.channel_kind.parse().map_err(|_| damaged())?,
                    locale,
                    opener: row.role == "opener",
                },
            });
        }
        Ok(due)
    }

    async fn due_followup_rows(&self, now: UnixMillis, limit: u32) -> Result<Vec<DueRow>, Error> {
        on_pool!(self, conn => at::followups::due(conn, now.0, i64::from(limit)))
    }

    /// Asks a question that is due, in these words; `false` where the contact gets nothing any more: the
    /// question is over then. One that another process asked meanwhile is a conflict.
    pub async fn ask_followup(
        &self,
        due: &DueFollowUp,
        message: NewOutbound,
        now: UnixMillis,
    ) -> Result<bool, Error> {
        let (id, case_id, contact_id) = (due.id, due.case_id, due.told.contact_id);
        let message = (message.id, self.outbound_document(std::slice::from_ref(&message))?);
        in_write_tx!(self, conn => at::followups::ask(conn, id, case_id, contact_id, message, now.0))
    }
}
