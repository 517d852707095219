//! Opening a case: its row, its thread, who is told, and where it stands.

use uuid::Uuid;

use super::row::{Kept, Row};
use super::{NewCase, WalkIn};
use crate::domain::case::{Anonymity, CaseState, Confidentiality, Priority};
use crate::store::outbox::add::document;
use crate::store::sealed::CaseKey;
use crate::store::{Error, Store};

/// Who opens a case.
#[derive(Clone, Default)]
pub(crate) struct Opener {
    pub(crate) contact_id: Option<Uuid>,
    pub(crate) inbox_id: Option<Uuid>,
    pub(crate) staff_id: Option<Uuid>,
    /// Name and telephone of a person who came by.
    pub(crate) reporter: Option<String>,
}

impl NewCase {
    /// How closed its text is: who hides from all has a confidential case.
    fn closed(&self) -> Confidentiality {
        let least = if self.anonymity == Anonymity::HiddenFromAll {
            Confidentiality::Confidential
        } else {
            Confidentiality::Open
        };
        self.confidentiality.max(least)
    }
}

/// The row of a new case, its texts sealed where they must be, and the key of its texts.
pub(crate) fn row(
    store: &Store,
    new: &NewCase,
    opener: &Opener,
    number: i64,
    now: i64,
) -> Result<(Row, Option<CaseKey>), Error> {
    let sealed = new.closed().sealed();
    let (key, wrapped) = if sealed || opener.reporter.is_some() {
        let (key, wrapped) = store.keys().make_case_key(new.id)?;
        (Some(key), Some(wrapped))
    } else {
        (None, None)
    };
    let text_key = key.clone().filter(|_| sealed);
    let stored = |text: &str| super::thread::stored(text_key.as_ref(), new.id, text);
    let reporter = match (&key, &opener.reporter) {
        (Some(key), Some(text)) => Some(key.seal(new.id, text)?),
        _ => None,
    };
    // Of a sealed case the location lies with the answers.
    let location = new.location.filter(|(latitude, longitude)| latitude.is_finite() && longitude.is_finite());
    let answers = serde_json::json!({ "answers": new.answers, "location": location }).to_string();
    let plain = location.filter(|_| !sealed);
    let priority = if new.urgent { Priority::Urgent } else { Priority::Normal };
    let mut row = Row {
        id: new.id,
        number,
        folio: new.folio.as_str().to_owned(),
        state: CaseState::Received.code().to_owned(),
        version: 1,
        municipality: new.municipality.clone(),
        category: new.category.clone(),
        office: new.office.clone(),
        contact_id: opener.contact_id,
        assignee_id: None,
        excluded_id: None,
        confidentiality: new.closed().code().to_owned(),
        priority: priority as i64,
        opened_at: now,
        updated_at: now,
        closed_at: None,
        closings: 0,
        seen_at: opener.staff_id.map(|_| now),
        waiting_since: None,
        snoozed_until: None,
        first_answer_due: None,
        first_answer_at: None,
        update_due: None,
        solution_due: None,
        due: false,
        disputed: false,
        disputes: 0,
        joined: 1,
        linked_to: new.linked_to,
        merged_into: None,
        scheduled_for: None,
        cost: None,
        referral: None,
        rating: None,
        key_sealed: wrapped,
        place: new.place.as_deref().map(stored).transpose()?,
        latitude: plain.map(|it| it.0),
        longitude: plain.map(|it| it.1),
        answers: Some(stored(&answers)?),
        reporter,
        preview: Some(stored(&super::thread::preview(&new.text))?),
    };
    row.set_dues(new.dues);
    row.settle(now);
    Ok((row, text_key))
}

/// The change that an opening is.
pub(crate) fn kept(opener: &Opener, row: &Row) -> Kept {
    Kept {
        kind: "case_opened",
        staff_id: opener.staff_id,
        inbox_id: opener.inbox_id,
        became: Some(row.state.clone()),
        ..Kept::default()
    }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const NUMBER: Statement = Statement::both("SELECT COALESCE(MAX(number), 0) + 1 FROM cases");
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO cases (id, number, folio, pin_key, kind, state, version, municipality, category, office, \
         topic, contact_id, inbox_id, anonymity, confidentiality, priority, urgent, opened_at, updated_at, \
         seen_at, first_answer_due, update_due, solution_due, due, linked_to, key_sealed, place, latitude, \
         longitude, answers, reporter, preview) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15, $16, $17, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30) \
         ON CONFLICT (folio) DO NOTHING",
    );
    /// Who came with a duplicate and joins by herself stays when that is parted.
    pub(super) const JOIN: Statement = Statement::both(
        "INSERT INTO case_people (case_id, contact_id, role, channel_kind, inbox_id, joined_at) \
         VALUES ($1, $2, $3, COALESCE((SELECT channel_kind FROM inbox WHERE id = $4), \
         (SELECT channel_kind FROM case_people WHERE contact_id = $2 LIMIT 1), 'sms'), $4, $5) \
         ON CONFLICT (case_id, contact_id) DO UPDATE SET inbox_id = excluded.inbox_id \
         WHERE case_people.role = 'joiner' AND case_people.inbox_id IS NULL AND excluded.inbox_id IS NOT NULL",
    );
    pub(in crate::store) const ALL: &[Statement] = &[NUMBER, ADD, JOIN];
}

per_engine! {
    with at;
    use {
        use super::super::thread::{NewMessage, stored};
        use super::{NewCase, Opener, document, kept, row, sql};
        use crate::store::{Error, Store, events};
        use uuid::Uuid;
    }

    /// Opens a case; gives its event.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the folio is taken.
    pub(crate) async fn open(
        conn: &mut Conn,
        store: &Store,
        new: &NewCase,
        opener: &Opener,
        now: i64,
    ) -> Result<events::New, Error> {
        at::events::lock(conn).await?;
        let (number,): (i64,) = sqlx::query_as(sql::NUMBER.on(ENGINE)).fetch_one(&mut *conn).await?;
        let (row, key) = row(store, new, opener, number, now)?;
        let added = sqlx::query(sql::ADD.on(ENGINE))
            .bind(row.id)
            .bind(row.number)
            .bind(&row.folio)
            .bind(&new.pin_key)
            .bind(new.kind.code())
            .bind(&row.state)
            .bind(&row.municipality)
            .bind(&row.category)
            .bind(&row.office)
            .bind(&new.topic)
            .bind(row.contact_id)
            .bind(opener.inbox_id)
            .bind(i64::from(new.anonymity.digit()))
            .bind(&row.confidentiality)
            .bind(row.priority)
            .bind(new.urgent)
            .bind(now)
            .bind(row.seen_at)
            .bind(row.first_answer_due)
            .bind(row.update_due)
            .bind(row.solution_due)
            .bind(row.due)
            .bind(row.linked_to)
            .bind(&row.key_sealed)
            .bind(&row.place)
            .bind(row.latitude)
            .bind(row.longitude)
            .bind(&row.answers)
            .bind(&row.reporter)
            .bind(&row.preview)
            .execute(&mut *conn)
            .await?;
        if added.rows_affected() == 0 {
            return Err(Error::Conflict);
        }
        if let Some(contact_id) = row.contact_id {
            join(conn, row.id, contact_id, "opener", opener.inbox_id, now).await?;
        }
        // A thread is read by its ids, and so in the order in which messages came.
        let id = opener.inbox_id.unwrap_or(row.id);
        let body = stored(key.as_ref(), id, &new.text)?;
        let message = NewMessage {
            id,
            case_id: row.id,
            author: "citizen",
            contact_id: row.contact_id,
            // What she wrote herself nobody wrote down for her.
            staff_id: opener.staff_id.filter(|_| opener.inbox_id.is_none()),
            inbox_id: opener.inbox_id,
            outbox_id: None,
            body: &body,
        };
        at::case_thread::add(conn, message, now).await?;
        if let Some(inbox_id) = opener.inbox_id {
            let since = row.contact_id.zip(new.began_at.map(|it| it.0));
            at::case_thread::keep_files(conn, row.id, inbox_id, since).await?;
        }
        at::case_search::index(conn, &row).await?;
        at::case_rows::follow(conn, None, &row, kept(opener, &row), now).await
    }

    /// Lets a contact be told about a case; `false` where she is already.
    pub(crate) async fn join(
        conn: &mut Conn,
        case_id: Uuid,
        contact_id: Uuid,
        role: &'static str,
        inbox_id: Option<Uuid>,
        now: i64,
    ) -> Result<bool, Error> {
        let joined = sqlx::query(sql::JOIN.on(ENGINE))
            .bind(case_id)
            .bind(contact_id)
            .bind(role)
            .bind(inbox_id)
            .bind(now)
            .execute(conn)
            .await?;
        Ok(joined.rows_affected() == 1)
    }

    /// Opens a case for a person who came by, called, or wrote what nobody understood; and what she is
    /// told of it, where that can go out.
    ///
    /// # Errors
    /// As [`open`]; [`Error::Conflict`] too where she wrote meanwhile.
    pub(crate) async fn walk_in(conn: &mut Conn, store: Store, new: super::WalkIn) -> Result<bool, Error> {
        let opener = Opener {
            contact_id: new.contact_id,
            inbox_id: new.inbox_id,
            staff_id: Some(new.staff_id),
            reporter: new.reporter,
        };
        let event = open(conn, &store, &new.case, &opener, new.at.0).await?;
        if let Some(contact_id) = new.contact_id {
            at::conversations::note_case(conn, &store, contact_id, new.at.0).await?;
        }
        let mut told = false;
        if let Some(receipt) = new.receipt {
            let document = document(&store, std::slice::from_ref(&receipt))?;
            told = at::outbox::add_many(conn, document).await? > 0;
            at::case_thread::link(conn, &[receipt.id], new.case.id).await?;
        }
        at::events::add(conn, &[event]).await?;
        Ok(told)
    }
}

impl Store {
    /// Opens a case for a person who came by or called.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the folio is taken, and another is drawn.
    pub async fn add_walk_in(&self, new: WalkIn) -> Result<(), Error> {
        let store = self.clone();
        let told: Result<bool, Error> =
            in_write_tx!(self, conn => at::case_opening::walk_in(conn, store, new));
        told.map(|_| ())
    }
}
