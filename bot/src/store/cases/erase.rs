//! Emptying cases: of who was erased, and of those that were closed long ago. Rows, states, dates and
//! counts stay.

use uuid::Uuid;

use super::row::Row;

/// How much of a case goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// All words, places and files; the key of a confidential case.
    All,
    /// What leads to a person: numbers, the exact place, answers, who came by.
    Numbers,
}

/// A case that was closed long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Closed {
    /// Its id.
    pub id: Uuid,
    /// Whether it is confidential.
    pub sealed: bool,
    /// When it was closed, Unix ms.
    pub closed_at: i64,
}

impl Closed {
    /// Whether it is kept no longer.
    pub(crate) fn over(&self, limits: &crate::store::retention::Limits) -> bool {
        self.closed_at < if self.sealed { limits.confidential.0 } else { limits.closed.0 }
    }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;
    use crate::store::privacy::sql::hers;

    /// Cases that hold something of a person, also those that she left; whether this contact opened it, and
    /// whether somebody else who is not erased has a part in it. The message that opened it tells who did,
    /// where she left.
    pub(super) const OF: Statement = Statement::both(concat!(
        "SELECT c.id, (EXISTS (SELECT 1 FROM case_people AS p WHERE p.case_id = c.id AND p.contact_id = $1 \
         AND p.role = 'opener') OR EXISTS (SELECT 1 FROM case_messages AS m WHERE m.case_id = c.id \
         AND m.inbox_id = c.inbox_id AND m.contact_id = $1)) AS opener, EXISTS (SELECT 1 FROM case_people AS p \
         JOIN contacts AS s ON s.id = p.contact_id WHERE p.case_id = c.id AND s.key_version > 0 \
         AND s.id NOT IN (",
        hers!("$1"),
        ")) AS shared FROM cases AS c WHERE c.id IN (SELECT case_id FROM case_people WHERE contact_id IN (",
        hers!("$1"),
        ") UNION SELECT case_id FROM case_messages WHERE contact_id IN (",
        hers!("$1"),
        ")) ORDER BY c.id"
    ));
    /// What she said of herself when she opened it; others go on with the rest.
    pub(super) const OPENING: Statement = Statement::both(
        "UPDATE cases SET contact_id = NULL, place = $2, latitude = NULL, longitude = NULL, answers = NULL, \
         reporter = NULL WHERE id = $1",
    );
    pub(super) const EMPTY: Statement = Statement::both(
        "UPDATE cases SET place = NULL, latitude = NULL, longitude = NULL, answers = NULL, reporter = NULL, \
         preview = NULL, key_sealed = NULL, redacted_at = $2 WHERE id = $1",
    );
    pub(super) const REDUCE: Statement = Statement::both(
        "UPDATE cases SET place = $3, preview = $4, latitude = NULL, longitude = NULL, answers = NULL, \
         reporter = NULL, key_sealed = NULL, redacted_at = $2 WHERE id = $1",
    );
    pub(super) const BODIES: Statement =
        Statement::both("UPDATE case_messages SET body = '' WHERE case_id = $1 AND body <> ''");
    pub(super) const HER_BODIES: Statement = Statement::both(
        "UPDATE case_messages SET body = '' WHERE case_id = $1 AND contact_id = $2 AND body <> ''",
    );
    pub(super) const PREVIEW: Statement = Statement::both("UPDATE cases SET preview = NULL WHERE id = $1");
    pub(super) const DETAILS: Statement = Statement::both(
        "UPDATE case_changes SET detail = NULL WHERE case_id = $1 AND detail IS NOT NULL \
         AND kind <> 'case_disputed'",
    );
    /// Words that she corrected: the change came by a message of hers, from whichever of her contacts.
    pub(super) const HER_DETAILS: Statement = Statement::both(concat!(
        "UPDATE case_changes SET detail = NULL WHERE case_id = $1 AND kind = 'case_corrected' \
         AND inbox_id IN (SELECT i.id FROM inbox AS i WHERE i.id IN (SELECT h.inbox_id FROM case_changes AS h \
         WHERE h.case_id = $1 AND h.kind = 'case_corrected') AND i.contact_id IN (",
        hers!("$2"),
        "))"
    ));
    pub(super) const DRAFTS: Statement = Statement::both("DELETE FROM drafts WHERE case_id = $1");
    pub(super) const MEDIA: Statement = Statement::both("DELETE FROM media WHERE case_id = $1");
    /// News of the case to those who joined it repeats its words.
    pub(super) const NEWS: Statement = Statement::both(
        "UPDATE outbox SET body = '', choices = '[]' WHERE case_id = $1 AND body <> '' \
         AND state NOT IN ('queued', 'claimed', 'dispatched')",
    );
    pub(super) const TEXTS: Statement =
        Statement::both("SELECT id, body FROM case_messages WHERE case_id = $1 AND body <> '' ORDER BY id");
    pub(super) const KEPT_DETAILS: Statement = Statement::both(
        "SELECT version, detail FROM case_changes WHERE case_id = $1 AND detail IS NOT NULL ORDER BY version",
    );
    pub(super) const SET_DETAIL: Statement =
        Statement::both("UPDATE case_changes SET detail = $3 WHERE case_id = $1 AND version = $2");
    /// Those that were closed before $1 and were not emptied since, from behind a place in their order.
    pub(super) const DUE: Statement = Statement::both(
        "SELECT id, confidentiality <> 'open' AS sealed, closed_at FROM cases WHERE closed_at IS NOT NULL \
         AND (redacted_at IS NULL OR redacted_at < updated_at) AND closed_at < $1 \
         AND closed_at >= $2 AND (closed_at > $2 OR id > $3) ORDER BY closed_at, id LIMIT $4",
    );
    pub(super) const FEEDBACK: Statement = Statement::both(
        "UPDATE feedback SET text = '', contact_id = NULL, \
         state = CASE WHEN state = 'shown' THEN 'shown' ELSE 'hidden' END, \
         version = version + 1 WHERE contact_id = $1",
    );
    pub(super) const FEEDBACK_LEFT: Statement =
        Statement::both("UPDATE feedback SET contact_id = NULL WHERE contact_id = $1");
    pub(super) const CONSENTS: Statement = Statement::both("DELETE FROM consents WHERE contact_id = $1");
    pub(super) const TRIES: Statement = Statement::both("DELETE FROM case_tries WHERE key = $1");
    pub(super) const QUESTIONS: Statement = Statement::both(
        "UPDATE followups SET state = 'over' WHERE contact_id = $1 AND state IN ('waiting', 'asked')",
    );
    pub(in crate::store) const ALL: &[Statement] = &[
        OF,
        OPENING,
        EMPTY,
        REDUCE,
        BODIES,
        HER_BODIES,
        PREVIEW,
        DETAILS,
        HER_DETAILS,
        DRAFTS,
        MEDIA,
        NEWS,
        TEXTS,
        KEPT_DETAILS,
        SET_DETAIL,
        DUE,
        FEEDBACK,
        FEEDBACK_LEFT,
        CONSENTS,
        TRIES,
        QUESTIONS,
    ];
}

/// A text of a case, with numbers masked; one that is sealed is not kept.
fn masked(text: &str) -> String {
    if text.starts_with(crate::store::sealed::MARK) {
        String::new()
    } else {
        crate::domain::redact::redact(text)
    }
}

per_engine! {
    with at;
    use {
        use super::{Closed, Depth, Row, masked, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// What a person's cases hold of her is emptied: all of those that she opened and that nobody else has a
    /// part in, her own words in the others; and what else belongs to her beside the messages. It is called
    /// while the contact and its messages still know whose they are.
    pub(crate) async fn of_contact(conn: &mut Conn, contact_id: Uuid, now: i64) -> Result<(), Error> {
        let cases: Vec<(Uuid, bool, bool)> =
            sqlx::query_as(sql::OF.on(ENGINE)).bind(contact_id).fetch_all(&mut *conn).await?;
        for (case_id, opener, shared) in cases {
            if opener && !shared {
                empty(conn, case_id, Depth::All, now).await?;
            } else {
                leave(conn, case_id, contact_id, opener).await?;
            }
        }
        sqlx::query(sql::FEEDBACK.on(ENGINE)).bind(contact_id).execute(conn).await?;
        Ok(())
    }

    /// What belongs to a contact beside cases and messages.
    pub(crate) async fn beside(conn: &mut Conn, contact_id: Uuid) -> Result<(), Error> {
        for statement in [sql::FEEDBACK_LEFT, sql::CONSENTS, sql::QUESTIONS] {
            sqlx::query(statement.on(ENGINE)).bind(contact_id).execute(&mut *conn).await?;
        }
        let key = contact_id.as_bytes().to_vec();
        sqlx::query(sql::TRIES.on(ENGINE)).bind(key).execute(conn).await?;
        Ok(())
    }

    /// Empties a case.
    pub(crate) async fn empty(
        conn: &mut Conn,
        case_id: Uuid,
        depth: Depth,
        now: i64,
    ) -> Result<(), Error> {
        let row = at::case_rows::load(conn, case_id).await?;
        match depth {
            Depth::All => {
                for statement in [sql::BODIES, sql::DETAILS, sql::NEWS] {
                    sqlx::query(statement.on(ENGINE)).bind(case_id).execute(&mut *conn).await?;
                }
                sqlx::query(sql::EMPTY.on(ENGINE)).bind(case_id).bind(now).execute(&mut *conn).await?;
            }
            Depth::Numbers => reduce(conn, &row, now).await?,
        }
        for statement in [sql::DRAFTS, sql::MEDIA] {
            sqlx::query(statement.on(ENGINE)).bind(case_id).execute(&mut *conn).await?;
        }
        let row = at::case_rows::load(conn, case_id).await?;
        at::case_search::index(conn, &row).await
    }

    async fn reduce(conn: &mut Conn, row: &Row, now: i64) -> Result<(), Error> {
        let bodies: Vec<(Uuid, String)> =
            sqlx::query_as(sql::TEXTS.on(ENGINE)).bind(row.id).fetch_all(&mut *conn).await?;
        for (id, body) in bodies {
            let left = masked(&body);
            if left != body {
                at::case_thread::set_body(conn, id, &left).await?;
            }
        }
        let details: Vec<(i64, String)> =
            sqlx::query_as(sql::KEPT_DETAILS.on(ENGINE)).bind(row.id).fetch_all(&mut *conn).await?;
        for (version, detail) in details {
            let left = masked(&detail);
            if left != detail {
                sqlx::query(sql::SET_DETAIL.on(ENGINE))
                    .bind(row.id)
                    .bind(version)
                    .bind(left)
                    .execute(&mut *conn)
                    .await?;
            }
        }
        sqlx::query(sql::REDUCE.on(ENGINE))
            .bind(row.id)
            .bind(now)
            .bind(row.place.as_deref().map(masked))
            .bind(row.preview.as_deref().map(masked))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// A person's own words in a case that others have a part in are emptied, and what she said of herself
    /// where she opened it.
    async fn leave(conn: &mut Conn, case_id: Uuid, contact_id: Uuid, opener: bool) -> Result<(), Error> {
        let row = at::case_rows::load(conn, case_id).await?;
        for statement in [sql::HER_DETAILS, sql::HER_BODIES] {
            let query = sqlx::query(statement.on(ENGINE)).bind(case_id).bind(contact_id);
            query.execute(&mut *conn).await?;
        }
        // It may be the beginning of hers.
        sqlx::query(sql::PREVIEW.on(ENGINE)).bind(case_id).execute(&mut *conn).await?;
        if opener {
            // Where it is the others need to be told still; a number in it is hers.
            let place = row.place.as_deref().map(masked).filter(|it| !it.is_empty());
            sqlx::query(sql::OPENING.on(ENGINE)).bind(case_id).bind(place).execute(&mut *conn).await?;
        }
        let row = at::case_rows::load(conn, case_id).await?;
        at::case_search::index(conn, &row).await
    }

    /// Cases that were closed until an instant and hold their words still.
    pub(crate) async fn due(
        conn: &mut Conn,
        until: i64,
        after: (i64, Uuid),
        limit: i64,
    ) -> Result<Vec<Closed>, Error> {
        let query = sqlx::query_as(sql::DUE.on(ENGINE)).bind(until).bind(after.0).bind(after.1);
        Ok(query.bind(limit).fetch_all(conn).await?)
    }
}
