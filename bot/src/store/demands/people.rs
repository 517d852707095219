//! Who a support belongs to when contacts are joined, parted or erased; whose number was checked.

use uuid::Uuid;

use crate::store::staff::Write;
use crate::store::{Error, Store};

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const CONTACTS: Statement =
        Statement::both("SELECT id FROM contacts WHERE person_id = $1 AND person_id IS NOT NULL ORDER BY id");
    pub(super) const HOLD: Statement =
        Statement::both("UPDATE demand_supports SET holder_id = $2 WHERE contact_id = $1");
    pub(super) const HOLD_IN: Statement =
        Statement::both("UPDATE demand_supports SET holder_id = $2 WHERE contact_id = $1 AND root_id = $3");
    pub(super) const VERIFY: Statement = Statement::both(
        "UPDATE demand_supports SET kind = 'verified', rank = 0 WHERE contact_id = $1 AND kind <> 'verified'",
    );
    /// What is not counted of a holder, nor is another one of hers in its total: the other contact's was.
    pub(super) const ORPHANS: Statement = Statement::both(
        "DELETE FROM demand_supports WHERE holder_id = $1 AND counted IS NULL AND NOT EXISTS (SELECT 1 \
         FROM demand_supports AS o WHERE o.root_id = demand_supports.root_id \
         AND o.holder_id = demand_supports.holder_id AND o.counted IS NOT NULL)",
    );
    /// Votes of a contact that another one of the holder gave, too.
    pub(super) const SAME_VOTES: Statement = Statement::both(
        "DELETE FROM commitment_votes WHERE contact_id = $1 AND holder_id <> $2 AND EXISTS (SELECT 1 \
         FROM commitment_votes AS o WHERE o.commitment_id = commitment_votes.commitment_id AND o.holder_id = $2) \
         RETURNING commitment_id, vote",
    );
    pub(super) const VOTES: Statement =
        Statement::both("DELETE FROM commitment_votes WHERE contact_id = $1 RETURNING commitment_id, vote");
    pub(super) const HOLD_VOTES: Statement =
        Statement::both("UPDATE commitment_votes SET holder_id = $2 WHERE contact_id = $1");
    pub(super) const CHECKED: Statement = Statement::both(
        "INSERT INTO verified_contacts (contact_id, how, staff_id, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (contact_id) DO NOTHING",
    );
    pub(super) const IS_CHECKED: Statement =
        Statement::both("SELECT contact_id FROM verified_contacts WHERE contact_id = $1");
    pub(super) const REMOVE: Statement =
        Statement::both("DELETE FROM demand_supports WHERE contact_id = $1 AND root_id = $2");
    /// Of several of hers the one that is counted stays.
    pub(super) const DROP_UNCOUNTED: Statement = Statement::both(
        "DELETE FROM demand_supports WHERE contact_id = $1 AND root_id = $2 AND counted IS NULL",
    );
    pub(super) const FORGET: Statement = Statement::both(
        "UPDATE demand_supports SET contact_id = NULL, holder_id = id, municipality = NULL, range_a = NULL, \
         range_b = NULL, relay_id = NULL WHERE contact_id = $1 AND root_id = $2",
    );
    /// Demands that were over before an instant and still tell who supported or judged them, or hold words that
    /// nobody but their author and a moderator read.
    pub(super) const PAST: Statement = Statement::both(
        "SELECT d.id FROM demands AS d WHERE d.id > $1 AND d.over_at < $2 AND (EXISTS (SELECT 1 \
         FROM demand_supports AS s WHERE s.root_id = d.id AND s.contact_id IS NOT NULL) OR EXISTS (SELECT 1 \
         FROM commitments AS c JOIN commitment_votes AS v ON v.commitment_id = c.id WHERE c.demand_id = d.id) \
         OR (d.published_at IS NULL AND d.text <> '')) ORDER BY d.id LIMIT $3",
    );
    pub(super) const FORGET_ALL: Statement = Statement::both(
        "UPDATE demand_supports SET contact_id = NULL, holder_id = id, municipality = NULL, range_a = NULL, \
         range_b = NULL, relay_id = NULL WHERE root_id = $1 AND contact_id IS NOT NULL",
    );
    pub(super) const DROP_ALL_UNCOUNTED: Statement =
        Statement::both("DELETE FROM demand_supports WHERE root_id = $1 AND counted IS NULL");
    /// What was said stays as a count.
    pub(super) const FORGET_VOTES: Statement = Statement::both(
        "DELETE FROM commitment_votes WHERE commitment_id IN (SELECT id FROM commitments WHERE demand_id = $1)",
    );
    pub(super) const FORGET_WORDS: Statement = Statement::both(
        "UPDATE demands SET text = '' WHERE id = $1 AND published_at IS NULL AND over_at IS NOT NULL",
    );
    pub(super) const FORGET_RELAY: Statement =
        Statement::both("UPDATE demand_supports SET relay_id = NULL WHERE relay_id = $1");
    pub(super) const AUTHORED: Statement =
        Statement::both("SELECT id FROM demands WHERE contact_id = $1 ORDER BY id");
    pub(super) const RELAYED: Statement =
        Statement::both("UPDATE demands SET relay_id = NULL WHERE relay_id = $1");
    pub(super) const WORDS: Statement = Statement::both(
        "UPDATE demand_messages SET text = '', \
         state = CASE state WHEN 'waiting' THEN 'refused' ELSE state END WHERE demand_id = $1",
    );
    /// What she wrote goes to nobody any more, and is kept nowhere.
    pub(super) const NEWS: Statement = Statement::both(
        "UPDATE demand_notices SET detail = '{}', done_at = COALESCE(done_at, $2) \
         WHERE demand_id = $1 AND kind = 'message'",
    );
    pub(super) const INVITED: Statement = Statement::both("DELETE FROM demand_invited WHERE contact_id = $1");
    pub(super) const LEADER: Statement =
        Statement::both("DELETE FROM community_leaders WHERE contact_id = $1");
    pub(super) const UNCHECK: Statement =
        Statement::both("DELETE FROM verified_contacts WHERE contact_id = $1");
    pub(super) const CODES: Statement =
        Statement::both("DELETE FROM relay_codes WHERE contact_id = $1 OR relay_id = $1");
    pub(super) const CASES: Statement =
        Statement::both("DELETE FROM case_relays WHERE contact_id = $1 OR relay_id = $1");
    pub(super) const TRIES: Statement = Statement::both("DELETE FROM case_tries WHERE key = $1");
    pub(super) const SUBSCRIPTIONS: Statement =
        Statement::both("DELETE FROM subscriptions WHERE contact_id = $1");
    pub(in crate::store) const ALL: &[Statement] = &[
        CONTACTS,
        HOLD,
        HOLD_IN,
        VERIFY,
        ORPHANS,
        SAME_VOTES,
        VOTES,
        HOLD_VOTES,
        CHECKED,
        IS_CHECKED,
        REMOVE,
        DROP_UNCOUNTED,
        FORGET,
        PAST,
        DROP_ALL_UNCOUNTED,
        FORGET_ALL,
        FORGET_VOTES,
        FORGET_WORDS,
        FORGET_RELAY,
        AUTHORED,
        RELAYED,
        WORDS,
        NEWS,
        INVITED,
        LEADER,
        UNCHECK,
        CODES,
        CASES,
        TRIES,
        SUBSCRIPTIONS,
    ];
}

per_engine! {
    with at;
    use {
        use super::super::row::Kept;
        use super::{Write, sql};
        use crate::domain::demand::{DemandState, flags};
        use crate::store::{Error, Store, events};
        use uuid::Uuid;
    }

    /// Contacts were joined as `person`, `before` tells to whom each belonged: what several of them support
    /// is counted once, and each number was checked by the code.
    pub(crate) async fn joined(
        conn: &mut Conn,
        store: &Store,
        person: Uuid,
        before: &[(Uuid, Option<Uuid>)],
        now: i64,
    ) -> Result<Vec<events::New>, Error> {
        at::events::lock(&mut *conn).await?;
        for (contact_id, was) in before {
            // Who leaves somebody else for this one takes along what is her own.
            if let Some(was) = was.filter(|it| *it != person) {
                parted(&mut *conn, *contact_id, was, now).await?;
            }
        }
        let contacts: Vec<(Uuid,)> =
            sqlx::query_as(sql::CONTACTS.on(ENGINE)).bind(person).fetch_all(&mut *conn).await?;
        let mut happened = Vec::new();
        for (contact_id,) in contacts {
            // A chat has no number. It is as good as the phone that it is joined with, while it is.
            let signer = at::supports::signer(&mut *conn, contact_id).await?;
            let address = store.keys().open(contact_id, &signer.address_value, signer.key_version)?;
            if flags::ranges(&address).is_some() {
                checked(&mut *conn, contact_id, "code", None, now).await?;
            }
            happened.extend(join(conn, contact_id, person, now).await?);
        }
        Ok(happened)
    }

    /// The supports and votes of a contact become those of a person, whose they may be already.
    async fn join(
        conn: &mut Conn,
        contact_id: Uuid,
        person: Uuid,
        now: i64,
    ) -> Result<Vec<events::New>, Error> {
        sqlx::query(sql::VERIFY.on(ENGINE)).bind(contact_id).execute(&mut *conn).await?;
        let given = at::supports::of_contact(&mut *conn, contact_id).await?;
        let mut roots: Vec<Uuid> = given.iter().map(|it| it.root_id).collect();
        roots.sort_unstable();
        roots.dedup();
        let mut happened = Vec::new();
        for root_id in roots {
            let before = at::demand_rows::load(&mut *conn, root_id).await?;
            let mut after = before.clone();
            for it in given.iter().filter(|it| it.root_id == root_id) {
                at::supports::uncount(&mut *conn, &mut after, it).await?;
            }
            let hold = sqlx::query(sql::HOLD_IN.on(ENGINE)).bind(contact_id).bind(person).bind(root_id);
            hold.execute(&mut *conn).await?;
            at::supports::settle(&mut *conn, &mut after, person).await?;
            happened.extend(at::supports::finish(&mut *conn, &before, after, now).await?.1);
        }
        let same = sqlx::query_as(sql::SAME_VOTES.on(ENGINE)).bind(contact_id).bind(person);
        let same: Vec<(Uuid, String)> = same.fetch_all(&mut *conn).await?;
        for (commitment_id, vote) in same {
            at::commitments::tally(&mut *conn, commitment_id, &vote, -1).await?;
        }
        sqlx::query(sql::HOLD_VOTES.on(ENGINE)).bind(contact_id).bind(person).execute(conn).await?;
        Ok(happened)
    }

    /// A contact left `person`: what is counted as its own stays with it. Parting raises no total: what was
    /// counted once for both stays with the one whose it was, and the other may sign again.
    /// A chat that was verified by the phone that it was joined with is not any more.
    pub(crate) async fn parted(conn: &mut Conn, contact_id: Uuid, person: Uuid, now: i64) -> Result<(), Error> {
        at::events::lock(&mut *conn).await?;
        sqlx::query(sql::HOLD.on(ENGINE)).bind(contact_id).bind(contact_id).execute(&mut *conn).await?;
        for holder in [contact_id, person] {
            sqlx::query(sql::ORPHANS.on(ENGINE)).bind(holder).execute(&mut *conn).await?;
        }
        sqlx::query(sql::HOLD_VOTES.on(ENGINE)).bind(contact_id).bind(contact_id).execute(&mut *conn).await?;
        let left: Vec<(Uuid,)> =
            sqlx::query_as(sql::CONTACTS.on(ENGINE)).bind(person).fetch_all(&mut *conn).await?;
        for id in std::iter::once(contact_id).chain(left.into_iter().map(|it| it.0)) {
            if !at::supports::signer(&mut *conn, id).await?.checked {
                at::supports::unverify(&mut *conn, id, now).await?;
            }
        }
        Ok(())
    }

    /// A contact's number was checked.
    pub(crate) async fn checked(
        conn: &mut Conn,
        contact_id: Uuid,
        how: &'static str,
        staff_id: Option<Uuid>,
        now: i64,
    ) -> Result<bool, Error> {
        let query = sqlx::query(sql::CHECKED.on(ENGINE)).bind(contact_id).bind(how).bind(staff_id).bind(now);
        Ok(query.execute(conn).await?.rows_affected() == 1)
    }

    /// Staff checked a contact's number: what it signs from now on is verified. What it signed before stays as it
    /// is: staff may have any number checked, and would read from the totals what it supports.
    pub(crate) async fn check(
        conn: &mut Conn,
        contact_id: Uuid,
        staff_id: Uuid,
        write: &Write<bool>,
    ) -> Result<bool, Error> {
        let now = write.audit.at();
        at::events::lock(&mut *conn).await?;
        let fresh = checked(conn, contact_id, "staff", Some(staff_id), now).await?;
        at::answers::keep(&mut *conn, write.sealed(&fresh)?).await?;
        at::audit::append(conn, &write.audit).await?;
        Ok(fresh)
    }

    /// Whether a contact's number was checked.
    pub(crate) async fn is_checked(conn: &mut Conn, contact_id: Uuid) -> Result<bool, Error> {
        let found: Option<(Uuid,)> =
            sqlx::query_as(sql::IS_CHECKED.on(ENGINE)).bind(contact_id).fetch_optional(conn).await?;
        Ok(found.is_some())
    }

    /// Takes what leads to a person who is erased out of demands. A support that can be taken back is: she
    /// could give it again under a new contact, and would be counted twice. After the answer it stays, and is
    /// nobody's.
    pub(crate) async fn erase(conn: &mut Conn, contact_id: Uuid, now: i64) -> Result<(), Error> {
        let given = at::supports::of_contact(&mut *conn, contact_id).await?;
        let mut roots: Vec<Uuid> = given.iter().map(|it| it.root_id).collect();
        roots.sort_unstable();
        roots.dedup();
        for root_id in roots {
            let before = at::demand_rows::load(&mut *conn, root_id).await?;
            let mut after = before.clone();
            let holder = at::supports::holder(&mut *conn, contact_id).await?;
            let all = at::supports::of_holder(&mut *conn, root_id, holder).await?;
            // Of a person who stays, by another contact, one is counted still.
            let stays = all.iter().any(|it| given.iter().all(|hers| hers.id != it.id));
            let open = stays
                || before.state().signable()
                || matches!(before.state(), DemandState::Confirming | DemandState::Moderation);
            let statement = if open { sql::REMOVE } else { sql::FORGET };
            if !open {
                let drop = sqlx::query(sql::DROP_UNCOUNTED.on(ENGINE)).bind(contact_id).bind(root_id);
                drop.execute(&mut *conn).await?;
            }
            if open {
                for it in given.iter().filter(|it| it.root_id == root_id) {
                    at::supports::uncount(&mut *conn, &mut after, it).await?;
                }
            }
            sqlx::query(statement.on(ENGINE)).bind(contact_id).bind(root_id).execute(&mut *conn).await?;
            if open {
                at::supports::settle(&mut *conn, &mut after, holder).await?;
                at::supports::finish(&mut *conn, &before, after, now).await?;
            }
        }
        let votes: Vec<(Uuid, String)> =
            sqlx::query_as(sql::VOTES.on(ENGINE)).bind(contact_id).fetch_all(&mut *conn).await?;
        for (commitment_id, vote) in votes {
            at::commitments::tally(&mut *conn, commitment_id, &vote, -1).await?;
        }
        let tries = super::super::change::tries_key(contact_id);
        sqlx::query(sql::TRIES.on(ENGINE)).bind(tries).execute(&mut *conn).await?;
        author_gone(conn, contact_id, now).await?;
        for statement in
            [sql::FORGET_RELAY, sql::RELAYED, sql::LEADER, sql::UNCHECK, sql::CODES, sql::CASES, sql::SUBSCRIPTIONS, sql::INVITED]
        {
            sqlx::query(statement.on(ENGINE)).bind(contact_id).execute(&mut *conn).await?;
        }
        Ok(())
    }

    /// Demands that were over before an instant and still lead to people.
    pub(crate) async fn past(
        conn: &mut Conn,
        after: Uuid,
        before: i64,
        limit: i64,
    ) -> Result<Vec<(Uuid,)>, Error> {
        Ok(sqlx::query_as(sql::PAST.on(ENGINE)).bind(after).bind(before).bind(limit).fetch_all(conn).await?)
    }

    /// Takes out of them what leads to people; the totals stay.
    pub(crate) async fn forget(conn: &mut Conn, ids: &[Uuid]) -> Result<(), Error> {
        for id in ids {
            for statement in [sql::DROP_ALL_UNCOUNTED, sql::FORGET_ALL, sql::FORGET_VOTES, sql::FORGET_WORDS] {
                sqlx::query(statement.on(ENGINE)).bind(id).execute(&mut *conn).await?;
            }
        }
        Ok(())
    }

    /// A demand that is public stays, without its author; one that is not goes with its words.
    async fn author_gone(conn: &mut Conn, contact_id: Uuid, now: i64) -> Result<(), Error> {
        let authored: Vec<(Uuid,)> =
            sqlx::query_as(sql::AUTHORED.on(ENGINE)).bind(contact_id).fetch_all(&mut *conn).await?;
        for (id,) in authored {
            let before = at::demand_rows::load(&mut *conn, id).await?;
            let mut after = before.clone();
            after.contact_id = None;
            if before.published_at.is_none() {
                after.text = String::new();
                if !before.state().over() {
                    after.set_state(DemandState::Withdrawn);
                    (after.over_at, after.next_at) = (Some(now), None);
                }
            }
            let kept = Kept {
                kind: "demand_author_gone",
                was: Some(before.state.clone()),
                became: Some(after.state.clone()),
                ..Kept::default()
            };
            at::demand_rows::save(&mut *conn, &before, after, kept, now).await?;
            sqlx::query(sql::WORDS.on(ENGINE)).bind(id).execute(&mut *conn).await?;
            sqlx::query(sql::NEWS.on(ENGINE)).bind(id).bind(now).execute(&mut *conn).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Staff checked a contact's number by a call: what it signs from now on is verified; `false`: it was checked
    /// before.
    ///
    /// # Errors
    /// [`Error::NotFound`]: it was erased.
    pub async fn verify_contact(
        &self,
        contact_id: Uuid,
        staff_id: Uuid,
        write: Write<bool>,
    ) -> Result<bool, Error> {
        in_write_tx!(self, conn => async move {
            at::demand_people::check(conn, contact_id, staff_id, &write).await
        })
    }

    /// Whether a contact's number was checked, by a code that came back or by staff.
    pub async fn is_verified_contact(&self, contact_id: Uuid) -> Result<bool, Error> {
        on_pool!(self, conn => at::demand_people::is_checked(conn, contact_id))
    }
}
