//! What people say of a card: of each person, on however many channels she writes, the last word counts.

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const JUDGE: Statement = Statement::both(
        "INSERT INTO highlight_feedback (highlight_id, holder_id, contact_id, answer, at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (highlight_id, holder_id) DO UPDATE SET \
         contact_id = excluded.contact_id, answer = excluded.answer, at = excluded.at",
    );
    /// What a contact said before another one of the person said something, and what that one said before it: the
    /// last word stays.
    pub(super) const EARLIER: Statement = Statement::both(
        "DELETE FROM highlight_feedback WHERE contact_id = $1 AND holder_id <> $2 AND EXISTS (SELECT 1 \
         FROM highlight_feedback AS o WHERE o.highlight_id = highlight_feedback.highlight_id AND o.holder_id = $2 \
         AND o.at >= highlight_feedback.at)",
    );
    pub(super) const OTHERS_EARLIER: Statement = Statement::both(
        "DELETE FROM highlight_feedback WHERE highlight_id IN (SELECT o.highlight_id FROM highlight_feedback AS o \
         WHERE o.contact_id = $1 AND o.holder_id <> $2) AND holder_id = $2 AND contact_id <> $1",
    );
    pub(super) const HOLD: Statement =
        Statement::both("UPDATE highlight_feedback SET holder_id = $2 WHERE contact_id = $1");
    pub(super) const FORGET: Statement =
        Statement::both("DELETE FROM highlight_feedback WHERE contact_id = $1");
    pub(in crate::store) const ALL: &[Statement] = &[JUDGE, EARLIER, OTHERS_EARLIER, HOLD, FORGET];
}

per_engine! {
    with at;
    use {
        use super::super::Change;
        use super::sql;
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Writes what a message of a citizen changes; of a card that is not published any more nothing is kept.
    pub(crate) async fn apply(
        conn: &mut Conn,
        contact_id: Uuid,
        change: &Change,
        now: i64,
    ) -> Result<(), Error> {
        let Change::Judged { highlight_id, helped } = change;
        let row = at::highlight_rows::read(&mut *conn, *highlight_id).await?;
        if row.is_none_or(|it| it.published_version().is_none()) {
            return Ok(());
        }
        let holder = at::links::person(&mut *conn, contact_id).await?.unwrap_or(contact_id);
        let query = sqlx::query(sql::JUDGE.on(ENGINE)).bind(highlight_id).bind(holder).bind(contact_id);
        query.bind(helped.code()).bind(now).execute(conn).await?;
        Ok(())
    }

    /// Contacts became those of a person: what several of them said is said once.
    pub(crate) async fn joined(conn: &mut Conn, person: Uuid, contacts: &[Uuid]) -> Result<(), Error> {
        for contact_id in contacts {
            for statement in [sql::EARLIER, sql::OTHERS_EARLIER, sql::HOLD] {
                sqlx::query(statement.on(ENGINE)).bind(contact_id).bind(person).execute(&mut *conn).await?;
            }
        }
        Ok(())
    }

    /// A contact left its person: what it said itself stays its own.
    pub(crate) async fn parted(conn: &mut Conn, contact_id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::HOLD.on(ENGINE)).bind(contact_id).bind(contact_id).execute(conn).await?;
        Ok(())
    }

    /// Takes out what a contact said that is erased.
    pub(crate) async fn erase(conn: &mut Conn, contact_id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::FORGET.on(ENGINE)).bind(contact_id).execute(conn).await?;
        Ok(())
    }
}
