//! What staff do to a case: the acts, the sends that they lead to, the entry of the audit trail and the
//! answer are one transaction.

use std::collections::HashMap;

use uuid::Uuid;

use super::held::Send;
use crate::store::cases::{Acting, Listed, WalkIn};
use crate::store::staff::Write;
use crate::store::{Error, Store};

/// Acts on one case, in order. `Debug` shows no text.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// A case that is opened first.
    pub walk_in: Option<Box<WalkIn>>,
    /// The acts; each names the version that the one before leads to.
    pub acts: Vec<Acting>,
    /// The messages that they lead to, so that they can be listed and taken back.
    pub send: Option<Box<Send>>,
    /// A send that is taken back.
    pub take_back: Option<Uuid>,
    /// Somebody looks at a number: id of the look, and who.
    pub look: Option<(Uuid, Uuid)>,
    /// Officers whom a note names.
    pub named: Vec<Uuid>,
}

/// What acts led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Worked {
    /// The case as it is now.
    pub case: Listed,
    /// How many get the messages.
    pub told: u64,
    /// Looks at numbers in the hour that ends now.
    pub looks: i64,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    pub(crate) const NAMES: Statement = Statement::fork(
        "SELECT id, shown_name FROM staff WHERE id IN (SELECT unhex(value) FROM json_each($1))",
        "SELECT id, shown_name FROM staff \
         WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json) AS e (value))",
    );
    pub(crate) const EXTRA: Statement = Statement::both("SELECT anonymity, topic FROM cases WHERE id = $1");
    /// Labels of the newest cases of a municipality, of those that are open: what it costs does not grow with all cases
    /// that there ever were.
    pub(crate) const LABELS: Statement = Statement::both(
        "SELECT l.label, COUNT(*) FROM \
         (SELECT id, closed_at FROM cases WHERE municipality = $1 ORDER BY id DESC LIMIT 2000) AS c \
         JOIN case_labels AS l ON l.case_id = c.id WHERE c.closed_at IS NULL GROUP BY l.label \
         ORDER BY COUNT(*) DESC, l.label LIMIT 200",
    );
    pub(crate) const OF_CONTACT: Statement = Statement::both(
        "SELECT case_id FROM case_people WHERE contact_id = $1 ORDER BY case_id DESC LIMIT $2",
    );
    pub(crate) const FILE: Statement =
        Statement::both("SELECT inbox_id, case_id FROM media WHERE id = $1 AND state = 'kept'");
    pub(crate) const ALL: &[Statement] = &[NAMES, EXTRA, LABELS, OF_CONTACT, FILE];
}

per_engine! {
    with at;
    use {
        use super::{Work, Worked, Write, sql};
        use crate::domain::time::HOUR;
        use crate::store::desk::held::TakenBack;
        use crate::store::desk::notices::{New as Notice, NoticeKind};
        use crate::store::{Error, Store};
        use uuid::Uuid;
    }

    /// Does acts on a case and writes what belongs to them.
    ///
    /// # Errors
    /// As `at::case_acts::act`; [`Error::Refused`] where a send can't be taken back any more.
    pub(crate) async fn run(
        conn: &mut Conn,
        store: Store,
        work: Work,
        write: &Write<Worked>,
    ) -> Result<Worked, Error> {
        let now = write.audit.at();
        at::events::lock(&mut *conn).await?;
        let mut id = None;
        if let Some(new) = work.walk_in {
            id = Some(new.case.id);
            at::case_opening::walk_in(&mut *conn, store.clone(), *new).await?;
        }
        for acting in work.acts {
            id = Some(acting.case_id);
            at::case_acts::act(&mut *conn, store.clone(), acting).await?;
        }
        let mut told = 0;
        if let Some(send) = &work.send {
            told = at::held::add(&mut *conn, &store, send).await?;
        }
        if let Some(held) = work.take_back {
            match at::held::take_back(&mut *conn, held, now).await? {
                TakenBack::Done(held) => id = id.or(held.case_id),
                TakenBack::NotThere => return Err(Error::NotFound),
                TakenBack::TooLate | TakenBack::Before => return Err(Error::Refused("send_is_gone")),
            }
        }
        let mut looks = 0;
        if let Some((look, by)) = work.look {
            looks = at::held::reveal(&mut *conn, look, by, now, now - HOUR).await?;
        }
        let id = id.ok_or(Error::NotFound)?;
        for staff_id in work.named {
            let (kind, by_id) = (NoticeKind::Mentioned, write.audit.actor_id());
            at::notices::add(&mut *conn, Notice { staff_id, kind, case_id: id, by_id, at: now }).await?;
        }
        let case = at::case_lists::one(&mut *conn, id).await?.ok_or(Error::NotFound)?;
        let worked = Worked { case, told, looks };
        at::answers::keep(&mut *conn, write.sealed(&worked)?).await?;
        at::audit::append(conn, &write.audit).await?;
        Ok(worked)
    }

    /// Shown names of accounts.
    pub(crate) async fn names(conn: &mut Conn, ids: String) -> Result<Vec<(Uuid, String)>, Error> {
        Ok(sqlx::query_as(sql::NAMES.on(ENGINE)).bind(ids).fetch_all(conn).await?)
    }

    /// Level of anonymity and topic of a case.
    pub(crate) async fn extra(conn: &mut Conn, id: Uuid) -> Result<Option<(i64, Option<String>)>, Error> {
        Ok(sqlx::query_as(sql::EXTRA.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// Labels of the newest open cases of a municipality, each with how many carry it.
    pub(crate) async fn labels(conn: &mut Conn, place: String) -> Result<Vec<(String, i64)>, Error> {
        Ok(sqlx::query_as(sql::LABELS.on(ENGINE)).bind(place).fetch_all(conn).await?)
    }

    /// The cases that a contact opened or joined, the newest first.
    pub(crate) async fn of_contact(conn: &mut Conn, id: Uuid, limit: i64) -> Result<Vec<Uuid>, Error> {
        let rows: Vec<(Uuid,)> =
            sqlx::query_as(sql::OF_CONTACT.on(ENGINE)).bind(id).bind(limit).fetch_all(conn).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The message that a kept file came with, and its case.
    pub(crate) async fn file(conn: &mut Conn, id: Uuid) -> Result<Option<(Uuid, Option<Uuid>)>, Error> {
        Ok(sqlx::query_as(sql::FILE.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

}

impl Store {
    /// Does acts of staff on a case, with the entry of the audit trail and the answer.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: the case has another version, or the answer is there;
    /// [`Error::Refused`] with a code: the rules don't allow it.
    pub async fn work_on_case(&self, work: Work, write: Write<Worked>) -> Result<Worked, Error> {
        let store = self.clone();
        in_write_tx!(self, conn => async move { at::case_work::run(conn, store, work, &write).await })
    }

    /// Shown names of accounts.
    pub async fn staff_names(
        &self,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, String>, Error> {
        let ids: std::collections::BTreeSet<Uuid> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = crate::store::outbox::ids_json(ids.into_iter());
        let found: Result<Vec<(Uuid, String)>, Error> = self.name_rows(ids).await;
        Ok(found?.into_iter().collect())
    }

    async fn name_rows(&self, ids: String) -> Result<Vec<(Uuid, String)>, Error> {
        on_pool!(self, conn => at::case_work::names(conn, ids))
    }

    /// Level of anonymity (1 to 3) and topic of a case.
    pub async fn find_case_extra(&self, id: Uuid) -> Result<Option<(i64, Option<String>)>, Error> {
        on_pool!(self, conn => at::case_work::extra(conn, id))
    }

    /// Labels of the open ones among the newest 2,000 cases of a municipality, each with how many carry it, the most
    /// used first.
    pub async fn list_labels(&self, municipality: &str) -> Result<Vec<(String, i64)>, Error> {
        let place = municipality.to_owned();
        on_pool!(self, conn => at::case_work::labels(conn, place))
    }

    /// The cases that a contact opened or joined, as a list shows them, the newest first.
    pub async fn list_cases_of(&self, contact_id: Uuid, limit: u32) -> Result<Vec<Listed>, Error> {
        let ids = self.case_ids_of(contact_id, limit).await?;
        let mut cases = self.listed_cases(ids).await?;
        cases.sort_by_key(|it| std::cmp::Reverse(it.id));
        Ok(cases)
    }

    /// Cases as a list shows them, in no order; those that are not there are left out.
    pub(crate) async fn listed_cases(&self, ids: Vec<Uuid>) -> Result<Vec<Listed>, Error> {
        on_pool!(self, conn => at::case_lists::many(conn, ids))
    }

    async fn case_ids_of(&self, contact_id: Uuid, limit: u32) -> Result<Vec<Uuid>, Error> {
        on_pool!(self, conn => at::case_work::of_contact(conn, contact_id, i64::from(limit)))
    }

    /// A case as a list shows it.
    pub async fn find_listed(&self, id: Uuid) -> Result<Option<Listed>, Error> {
        on_pool!(self, conn => at::case_lists::one(conn, id))
    }

    /// The message that a kept photo or voice came with, and its case.
    pub async fn find_file(&self, id: Uuid) -> Result<Option<(Uuid, Option<Uuid>)>, Error> {
        on_pool!(self, conn => at::case_work::file(conn, id))
    }

    /// The language that a contact reads; `None`: the country pack's.
    pub async fn contact_locale(&self, id: Uuid) -> Result<Option<String>, Error> {
        let stored = self.find_conversation(id).await?;
        Ok(crate::store::cases::people::locale(&self.keys(), id, stored.state.as_deref()))
    }

    /// The contact of a number that somebody gave at the desk, made where it is not known.
    pub async fn settle_walk_in(
        &self,
        channel_id: &str,
        address: &str,
        id: Uuid,
        now: crate::domain::time::UnixMillis,
    ) -> Result<Uuid, Error> {
        if let Some(known) = self.find_contact(channel_id, address).await? {
            return Ok(known);
        }
        let sealed = self.keys().seal(id, channel_id, address)?;
        let new = crate::store::contacts::New { id, channel_id: channel_id.to_owned(), sealed, at: now.0 };
        in_write_tx!(self, conn => async move { at::contacts::add(conn, &new).await })
    }
}
