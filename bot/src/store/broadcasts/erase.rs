//! What an erasure forgets of the people of broadcasts: where she lives, and that another contact was hers.

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! recipient {
        ($random:literal) => {
            concat!(
                "UPDATE broadcast_recipients SET municipality = '', source_id = contact_id, \
                 holder_id = CASE WHEN holder_id = contact_id OR (EXISTS (SELECT 1 FROM contacts AS k \
                 WHERE k.person_id = broadcast_recipients.holder_id) AND EXISTS (SELECT 1 FROM broadcasts AS b \
                 WHERE b.id = broadcast_recipients.broadcast_id AND 'preparing' IN (b.state, b.held_in))) \
                 THEN holder_id ELSE ",
                $random,
                " END WHERE contact_id = $1"
            )
        };
    }
    /// That somebody got it is kept; where she lives, and which other contacts were hers, is not. What waits for her
    /// is passed over. While people are written down still, one who has another contact keeps her place by her name
    /// there: else she would be written down by that one, too.
    pub(super) const RECIPIENT: Statement =
        Statement::fork(recipient!("randomblob(16)"), recipient!("gen_random_uuid()"));
    pub(super) const OTHERS: Statement = Statement::both(
        "SELECT o.id FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id \
         WHERE k.id = $1 AND o.id <> k.id",
    );
    /// Of contacts, `$1` an array of ids in hexadecimal: what they got or get since `$2` asked for it.
    pub(super) const SOURCE: Statement = Statement::fork(
        "UPDATE broadcast_recipients SET source_id = contact_id WHERE source_id = $2 \
         AND contact_id IN (SELECT unhex(value) FROM json_each($1))",
        "UPDATE broadcast_recipients SET source_id = contact_id WHERE source_id = $2 \
         AND contact_id IN (SELECT it::uuid FROM jsonb_array_elements_text($1::jsonb) AS e(it))",
    );
    pub(in crate::store) const ALL: &[Statement] = &[RECIPIENT, OTHERS, SOURCE];
}

per_engine! {
    use {
        use super::sql;
        use crate::store::Error;
        use crate::store::outbox::ids_json;
        use uuid::Uuid;
    }

    /// The other contacts of a person.
    pub(crate) async fn others(conn: &mut Conn, id: Uuid) -> Result<Vec<Uuid>, Error> {
        let found: Vec<(Uuid,)> = sqlx::query_as(sql::OTHERS.on(ENGINE)).bind(id).fetch_all(conn).await?;
        Ok(found.into_iter().map(|(id,)| id).collect())
    }

    /// Forgets what went or goes to her.
    pub(crate) async fn forget(conn: &mut Conn, id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::RECIPIENT.on(ENGINE)).bind(id).execute(conn).await?;
        Ok(())
    }

    /// Forgets that she asked for what goes to others of hers; what waits there is passed over, as she asks for nothing
    /// any more.
    pub(crate) async fn forget_source(conn: &mut Conn, id: Uuid, others: &[Uuid]) -> Result<(), Error> {
        if others.is_empty() {
            return Ok(());
        }
        let query = sqlx::query(sql::SOURCE.on(ENGINE)).bind(ids_json(others.iter().copied())).bind(id);
        query.execute(conn).await?;
        Ok(())
    }
}
