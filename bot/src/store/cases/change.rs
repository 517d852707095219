//! What a citizen's message changes of her cases.

use super::row::Kept;
use crate::domain::case::Priority;

/// How soon a case wants a person behind which so many stand.
pub(super) fn priority_of(joined: i64) -> i64 {
    match joined {
        20.. => Priority::Urgent as i64,
        5.. => Priority::High as i64,
        _ => Priority::Low as i64,
    }
}

/// A change of a citizen, before what it was.
fn by(inbox_id: uuid::Uuid, kind: &'static str) -> Kept {
    Kept { kind, inbox_id: Some(inbox_id), ..Kept::default() }
}

/// The answers of a case without the name of who gave them.
fn nameless(answers: &str) -> String {
    let Ok(mut document) = serde_json::from_str::<serde_json::Value>(answers) else {
        return String::from("{}");
    };
    if let Some(pairs) = document["answers"].as_array_mut() {
        pairs.retain(|it| it[0] != "name");
    }
    document.to_string()
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    /// Whether a contact, or another one of the same person, is told about a case.
    pub(super) const HERS: Statement = Statement::both(
        "SELECT p.contact_id FROM case_people AS p WHERE p.case_id = $1 AND (p.contact_id = $2 \
         OR p.contact_id IN (SELECT o.id FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id \
         WHERE k.id = $2 AND k.person_id IS NOT NULL)) LIMIT 1",
    );
    /// Whether a contact, or another one of the same person, opened a case.
    pub(super) const OPENER: Statement = Statement::both(
        "SELECT p.contact_id FROM case_people AS p WHERE p.case_id = $1 AND p.role = 'opener' \
         AND (p.contact_id = $2 OR p.contact_id IN (SELECT o.id FROM contacts AS k JOIN contacts AS o \
         ON o.person_id = k.person_id WHERE k.id = $2 AND k.person_id IS NOT NULL)) LIMIT 1",
    );
    /// A contact, and the others of the same person, are told of a case no more.
    pub(super) const LEAVE: Statement = Statement::both(
        "DELETE FROM case_people WHERE case_id = $1 AND (contact_id = $2 OR contact_id IN (SELECT o.id \
         FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id WHERE k.id = $2 \
         AND k.person_id IS NOT NULL))",
    );
    pub(super) const NOBODYS: Statement = Statement::both("UPDATE cases SET contact_id = NULL WHERE id = $1");
    pub(super) const CLOSER: Statement = Statement::both(
        "SELECT staff_id FROM case_changes WHERE case_id = $1 AND kind = 'case_state' AND staff_id IS NOT NULL \
         ORDER BY version DESC LIMIT 1",
    );
    pub(super) const CONSENT: Statement = Statement::both(
        "INSERT INTO consents (contact_id, version, inbox_id, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (contact_id, version) DO NOTHING",
    );
    pub(super) const FEEDBACK: Statement = Statement::both(
        "INSERT INTO feedback (id, kind, municipality, contact_id, inbox_id, text, state, version, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 'waiting', 1, $7)",
    );
    pub(super) const TRIED: Statement = Statement::both(
        "INSERT INTO case_tries (key, began_at, tries) VALUES ($1, $2, 1) \
         ON CONFLICT (key) DO UPDATE SET \
         tries = CASE WHEN case_tries.began_at <= $3 THEN 1 ELSE case_tries.tries + 1 END, \
         began_at = CASE WHEN case_tries.began_at <= $3 THEN $2 ELSE case_tries.began_at END",
    );
    pub(super) const FORGET: Statement = Statement::both("DELETE FROM case_tries WHERE began_at <= $1");
    pub(in crate::store) const ALL: &[Statement] =
        &[HERS, OPENER, LEAVE, NOBODYS, CLOSER, CONSENT, FEEDBACK, TRIED, FORGET];
}

per_engine! {
    with at;
    use {
        use super::super::open::Opener;
        use super::super::row::{Kept, Row};
        use super::super::thread::{NewMessage, opened, preview, stored};
        use super::super::Change;
        use super::{by, nameless, priority_of, sql};
        use crate::domain::case::CaseState;
        use crate::domain::case::rules::{self, CORRECT, Dispute, TRIES_WITHIN, WITHDRAW};
        use crate::domain::time::{MINUTE, UnixMillis};
        use crate::ids;
        use crate::store::{Error, Store, events};
        use uuid::Uuid;
    }

    /// The message of a citizen that changes something.
    #[derive(Clone, Copy)]
    struct Message {
        inbox_id: Uuid,
        contact_id: Uuid,
        now: i64,
    }

    /// Writes what a message of a citizen changes; gives its events.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the folio is taken, or the case is not any more as the dialogue saw it.
    pub(crate) async fn apply(
        conn: &mut Conn,
        store: &Store,
        inbox_id: Uuid,
        contact_id: Uuid,
        change: &Change,
        now: i64,
    ) -> Result<Vec<events::New>, Error> {
        let it = Message { inbox_id, contact_id, now };
        let event = match change {
            Change::Opened(new) | Change::HandedOver(new) => {
                let opener =
                    Opener { contact_id: Some(contact_id), inbox_id: Some(inbox_id), ..Opener::default() };
                at::case_opening::open(conn, store, new, &opener, now).await?
            }
            Change::Joined { case_id, text, began_at } => {
                joined(conn, store, it, *case_id, text.as_deref(), *began_at).await?
            }
            Change::Written { case_id, text } => written(conn, store, it, *case_id, text).await?,
            Change::Withdrawn { case_id } => withdrawn(conn, it, *case_id).await?,
            Change::Left { case_id } => left(conn, store, it, *case_id).await?,
            Change::Corrected { case_id, text } => corrected(conn, store, it, *case_id, text).await?,
            Change::Disputed { case_id, question } => disputed(conn, it, *case_id, *question).await?,
            Change::Confirmed { case_id, question } => {
                let before = hers(conn, it, *case_id).await?;
                at::followups::answer(conn, *question, *case_id, contact_id, true, now).await?;
                saved(conn, &before, before.clone(), by(inbox_id, "case_confirmed"), now).await?
            }
            Change::Rated { case_id, stars } => {
                let before = hers(conn, it, *case_id).await?;
                let after = Row { rating: Some(i64::from(*stars)), ..before.clone() };
                let kept = Kept { became: Some(stars.to_string()), ..by(inbox_id, "case_rated") };
                saved(conn, &before, after, kept, now).await?
            }
            Change::Feedback { kind, municipality, text } => {
                sqlx::query(sql::FEEDBACK.on(ENGINE))
                    .bind(ids::new_id(UnixMillis(now)))
                    .bind(kind.code())
                    .bind(municipality)
                    .bind(contact_id)
                    .bind(inbox_id)
                    .bind(stored(None, inbox_id, text)?)
                    .bind(now)
                    .execute(conn)
                    .await?;
                let municipality = Some(municipality.clone());
                events::New { kind: "feedback_received", municipality, at: now, ..events::New::default() }
            }
            Change::Consented { version } => {
                sqlx::query(sql::CONSENT.on(ENGINE))
                    .bind(contact_id)
                    .bind(i64::from(*version))
                    .bind(inbox_id)
                    .bind(now)
                    .execute(conn)
                    .await?;
                events::New { kind: "consent_given", at: now, ..events::New::default() }
            }
            Change::Tried { folio_hash, right } => {
                if *right {
                    return Ok(Vec::new());
                }
                sqlx::query(sql::FORGET.on(ENGINE)).bind(now - TRIES_WITHIN).execute(&mut *conn).await?;
                for key in [folio_hash.as_slice(), contact_id.as_bytes()] {
                    sqlx::query(sql::TRIED.on(ENGINE))
                        .bind(key)
                        .bind(now)
                        .bind(now - TRIES_WITHIN)
                        .execute(&mut *conn)
                        .await?;
                }
                events::New { kind: "case_pin_wrong", at: now, ..events::New::default() }
            }
        };
        Ok(vec![events::New { contact_id: Some(contact_id), inbox_id: Some(inbox_id), ..event }])
    }

    async fn saved(
        conn: &mut Conn,
        before: &Row,
        after: Row,
        kept: Kept,
        now: i64,
    ) -> Result<events::New, Error> {
        Ok(at::case_rows::save(conn, before, after, kept, now).await?.1)
    }

    /// A case of the one who writes.
    async fn hers(conn: &mut Conn, it: Message, case_id: Uuid) -> Result<Row, Error> {
        let row = at::case_rows::load(conn, case_id).await?;
        let hers: Option<(Uuid,)> = sqlx::query_as(sql::HERS.on(ENGINE))
            .bind(case_id)
            .bind(it.contact_id)
            .fetch_optional(conn)
            .await?;
        if hers.is_none() { Err(Error::NotFound) } else { Ok(row) }
    }

    /// Adds a message to the thread and shows its beginning in the lists.
    async fn say(
        conn: &mut Conn,
        store: &Store,
        it: Message,
        row: &mut Row,
        text: &str,
    ) -> Result<(), Error> {
        let key = row.write_key(&store.keys())?;
        let id = it.inbox_id;
        let body = stored(key.as_ref(), id, text)?;
        let message = NewMessage {
            id,
            case_id: row.id,
            author: "citizen",
            contact_id: Some(it.contact_id),
            staff_id: None,
            inbox_id: Some(it.inbox_id),
            outbox_id: None,
            body: &body,
        };
        at::case_thread::add(conn, message, it.now).await?;
        at::case_thread::keep_files(conn, row.id, it.inbox_id, None).await?;
        row.preview = Some(stored(key.as_ref(), row.id, &preview(text))?);
        at::case_search::index(conn, row).await
    }

    /// The citizen wrote: a wait for her and a sleep are over, and a closed case is looked at again.
    pub(crate) async fn wake(conn: &mut Conn, row: &mut Row, now: i64) -> Result<(), Error> {
        row.snoozed_until = None;
        if let Some(since) = row.waiting_since.take() {
            at::case_rows::set_timer(conn, row.id, "resume", now, Some(since)).await?;
        }
        if !row.state().open() {
            reopen(conn, row, now).await?;
        }
        Ok(())
    }

    /// Opens a closed case again: its questions are over, and its clocks begin anew.
    pub(crate) async fn reopen(conn: &mut Conn, row: &mut Row, now: i64) -> Result<(), Error> {
        CaseState::InReview.code().clone_into(&mut row.state);
        row.closed_at = None;
        row.merged_into = None;
        (row.first_answer_at, row.first_answer_due, row.update_due, row.solution_due) =
            (None, None, None, None);
        at::followups::end(conn, row.id).await?;
        at::case_rows::set_timer(conn, row.id, "restart", now, None).await?;
        at::case_thread::expire_files(conn, row).await
    }

    async fn joined(
        conn: &mut Conn,
        store: &Store,
        it: Message,
        case_id: Uuid,
        text: Option<&str>,
        began_at: Option<UnixMillis>,
    ) -> Result<events::New, Error> {
        let before = at::case_rows::load(conn, case_id).await?;
        // It was closed or sealed meanwhile.
        if !before.state().open() || before.confidentiality().sealed() {
            return Err(Error::Conflict);
        }
        let mut after = before.clone();
        let known: Option<(Uuid,)> = sqlx::query_as(sql::HERS.on(ENGINE))
            .bind(case_id)
            .bind(it.contact_id)
            .fetch_optional(&mut *conn)
            .await?;
        let inbox = Some(it.inbox_id);
        let fresh = at::case_opening::join(conn, case_id, it.contact_id, "joiner", inbox, it.now).await?;
        if fresh && known.is_none() {
            after.joined += 1;
            after.priority = after.priority.max(priority_of(after.joined));
        }
        if let Some(text) = text {
            say(conn, store, it, &mut after, text).await?;
        }
        if let Some(began_at) = began_at {
            let since = Some((it.contact_id, began_at.0));
            at::case_thread::keep_files(conn, case_id, it.inbox_id, since).await?;
        }
        let kept = Kept { became: Some(after.joined.to_string()), ..by(it.inbox_id, "case_joined") };
        saved(conn, &before, after, kept, it.now).await
    }

    async fn written(
        conn: &mut Conn,
        store: &Store,
        it: Message,
        case_id: Uuid,
        text: &str,
    ) -> Result<events::New, Error> {
        let mut before = hers(conn, it, case_id).await?;
        // What is said of a duplicate is about its original, where the people are.
        while let Some(original) = before.merged_into {
            before = at::case_rows::load(conn, original).await?;
        }
        let mut after = before.clone();
        wake(conn, &mut after, it.now).await?;
        say(conn, store, it, &mut after, text).await?;
        let mut kept = by(it.inbox_id, "case_written");
        if before.state != after.state {
            (kept.was, kept.became) = (Some(before.state.clone()), Some(after.state.clone()));
        }
        saved(conn, &before, after, kept, it.now).await
    }

    /// A case that the one who writes opened, and that no staff has opened yet.
    async fn withdrawable(conn: &mut Conn, it: Message, case_id: Uuid) -> Result<Row, Error> {
        let row = at::case_rows::load(conn, case_id).await?;
        let opener: Option<(Uuid,)> = sqlx::query_as(sql::OPENER.on(ENGINE))
            .bind(case_id)
            .bind(it.contact_id)
            .fetch_optional(conn)
            .await?;
        let fresh = row.seen_at.is_none() && it.now - row.opened_at <= WITHDRAW + MINUTE;
        if opener.is_some() && fresh && row.state().open() { Ok(row) } else { Err(Error::Conflict) }
    }

    /// She goes, and her name with her; the case stays for those who joined it.
    async fn left(conn: &mut Conn, store: &Store, it: Message, case_id: Uuid) -> Result<events::New, Error> {
        let before = withdrawable(conn, it, case_id).await?;
        // The others went meanwhile: it is hers alone, and is taken back.
        if before.joined == 1 {
            return Err(Error::Conflict);
        }
        sqlx::query(sql::LEAVE.on(ENGINE)).bind(case_id).bind(it.contact_id).execute(&mut *conn).await?;
        sqlx::query(sql::NOBODYS.on(ENGINE)).bind(case_id).execute(&mut *conn).await?;
        let key = before.text_key(&store.keys())?;
        let answers = before.answers.as_deref().map(|it| opened(key.as_ref(), case_id, it)).transpose()?.flatten();
        let answers = answers.map(|it| stored(key.as_ref(), case_id, &nameless(&it))).transpose()?;
        let after = Row { contact_id: None, joined: before.joined - 1, answers, ..before.clone() };
        let kept = Kept { became: Some(after.joined.to_string()), ..by(it.inbox_id, "case_left") };
        saved(conn, &before, after, kept, it.now).await
    }

    async fn withdrawn(conn: &mut Conn, it: Message, case_id: Uuid) -> Result<events::New, Error> {
        let before = withdrawable(conn, it, case_id).await?;
        // Somebody joined a moment ago: it is hers alone no more.
        if before.joined > 1 {
            return Err(Error::Conflict);
        }
        let mut after = before.clone();
        CaseState::ClosedUnfixed.code().clone_into(&mut after.state);
        after.closed_at = Some(it.now);
        at::case_thread::expire_files(conn, &after).await?;
        let kept = Kept {
            was: Some(before.state.clone()),
            became: Some(after.state.clone()),
            ..by(it.inbox_id, "case_withdrawn")
        };
        saved(conn, &before, after, kept, it.now).await
    }

    async fn corrected(
        conn: &mut Conn,
        store: &Store,
        it: Message,
        case_id: Uuid,
        text: &str,
    ) -> Result<events::New, Error> {
        let before = hers(conn, it, case_id).await?;
        let last = at::case_thread::last(conn, case_id, it.contact_id).await?;
        // The dialogue looked a moment ago.
        let (id, old, _) =
            last.filter(|(.., at)| it.now - at <= CORRECT + MINUTE).ok_or(Error::Conflict)?;
        let mut after = before.clone();
        let key = after.write_key(&store.keys())?;
        at::case_thread::set_body(conn, id, &stored(key.as_ref(), id, text)?).await?;
        after.preview = Some(stored(key.as_ref(), case_id, &preview(text))?);
        at::case_search::index(conn, &after).await?;
        // The old text is sealed for its message; the change belongs to the case.
        let old = key.as_ref().map_or_else(|| Ok(old.clone()), |key| key.open(id, &old))?;
        let detail = Some(stored(key.as_ref(), case_id, &old)?);
        saved(conn, &before, after, Kept { detail, ..by(it.inbox_id, "case_corrected") }, it.now).await
    }

    async fn disputed(
        conn: &mut Conn,
        it: Message,
        case_id: Uuid,
        question: Uuid,
    ) -> Result<events::New, Error> {
        let before = hers(conn, it, case_id).await?;
        let ordinal = at::followups::answer(conn, question, case_id, it.contact_id, false, it.now).await?;
        let kept = |after: &Row| Kept {
            was: Some(before.state.clone()),
            became: Some(after.state.clone()),
            detail: Some(ordinal.to_string()),
            ..by(it.inbox_id, "case_disputed")
        };
        let Some(closed_at) = before.closed_at else {
            // Another one's no was first: it is open again already.
            return saved(conn, &before, before.clone(), kept(&before), it.now).await;
        };
        if rules::dispute(UnixMillis(closed_at), UnixMillis(it.now)) == Dispute::OpensLinked {
            return Err(Error::Conflict);
        }
        let closer: Option<(Uuid,)> =
            sqlx::query_as(sql::CLOSER.on(ENGINE)).bind(case_id).fetch_optional(&mut *conn).await?;
        let mut after = before.clone();
        reopen(conn, &mut after, it.now).await?;
        after.excluded_id = before.assignee_id.or(closer.map(|it| it.0));
        after.assignee_id = None;
        after.disputed = true;
        after.disputes += 1;
        let kept = kept(&after);
        saved(conn, &before, after, kept, it.now).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_voices_are_heard_sooner() {
        assert_eq!([1, 4, 5, 19, 20, 500].map(priority_of), [0, 0, 2, 2, 3, 3]);
    }
}
