//! A person's rights over her own data: what is kept of her, codes that prove her number, and what she
//! asked for, with the clock of the law.

mod codes;
mod requests;

use uuid::Uuid;

use super::outbox::NewReply;
use super::{Error, Store};
use crate::domain::privacy::{Deadlines, Right};
use crate::domain::time::UnixMillis;

pub use codes::{DemandStanding, Standing};
pub(super) use requests::part;
pub use requests::{Decide, DueErasure, Request, RequestState, Waiting};

/// A request that a person makes. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// Its id.
    pub id: Uuid,
    /// What she asks for.
    pub right: Right,
    /// Code of the kind of channel that she asks on.
    pub channel: &'static str,
    /// Key of her home municipality; empty where none is known.
    pub municipality: String,
    /// Locale that she reads.
    pub locale: Option<String>,
    /// Her words; empty where none are needed.
    pub text: String,
    /// Whether it was answered at once.
    pub answered: bool,
    /// Until when what is owed.
    pub deadlines: Deadlines,
    /// An erasure is done from this instant on.
    pub erase_at: Option<UnixMillis>,
}

/// What a message changes of a person's rights. `Debug` shows no text and no hash.
#[derive(Clone)]
pub enum Change {
    /// A code goes to the number.
    CodeSent {
        /// What it is for.
        right: Right,
        /// Its keyed hash.
        key: Vec<u8>,
        /// The message that brings it.
        told: NewReply,
    },
    /// A code that ends or merges a demand goes to the number.
    DemandCodeSent {
        /// Its keyed hash.
        key: Vec<u8>,
        /// The message that brings it.
        told: NewReply,
    },
    /// A code was wrong.
    CodeWrong,
    /// The right code came: nobody can use it again.
    CodeUsed,
    /// Something is asked for.
    Asked(NewRequest),
}

impl std::fmt::Debug for Change {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CodeSent { right, .. } => write!(out, "CodeSent({})", right.code()),
            Self::DemandCodeSent { .. } => out.write_str("DemandCodeSent"),
            Self::CodeWrong => out.write_str("CodeWrong"),
            Self::CodeUsed => out.write_str("CodeUsed"),
            Self::Asked(new) => write!(out, "Asked({})", new.right.code()),
        }
    }
}

impl PartialEq for Change {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::CodeSent { right, key, told }, Self::CodeSent { right: r, key: k, told: t }) => {
                (right, key, told.id, &told.rendered) == (r, k, t.id, &t.rendered)
            }
            (Self::DemandCodeSent { key, told }, Self::DemandCodeSent { key: k, told: t }) => {
                (key, told.id, &told.rendered) == (k, t.id, &t.rendered)
            }
            (Self::CodeWrong, Self::CodeWrong) | (Self::CodeUsed, Self::CodeUsed) => true,
            (Self::Asked(one), Self::Asked(two)) => one == two,
            _ => false,
        }
    }
}

impl Eq for Change {}

/// What is kept of a person, as kinds and counts. Of a person with several contacts it is all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    /// Since when, Unix ms.
    pub since: i64,
    /// Contacts joined as this person.
    pub contacts: i64,
    /// Messages of ours to her that lie here.
    pub answers: i64,
    /// Cases that she opened or joined.
    pub cases: i64,
    /// How many of them are open.
    pub open: i64,
    /// Whether one of them is open, or was closed lately, so that all of her messages are kept.
    pub held: bool,
    /// Suggestions, thanks and stories of hers.
    pub feedback: i64,
    /// Demands that she wrote.
    pub demands: i64,
    /// Demands that she supports.
    pub signed: i64,
    /// News that she asked for.
    pub alerts: i64,
    /// Version of the notice that she agreed to; 0: none.
    pub consent: i64,
    /// When she agreed, Unix ms.
    pub consent_at: Option<i64>,
    /// Since when she gets nothing that she did not ask for, Unix ms; `None` where one of her contacts does.
    pub stopped_at: Option<i64>,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// The contacts of a person.
    macro_rules! hers {
        ($id:literal) => {
            concat!(
                "SELECT k.id FROM contacts AS k WHERE k.id = ",
                $id,
                " UNION SELECT o.id FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id \
                 WHERE k.id = ",
                $id,
                " AND k.person_id IS NOT NULL"
            )
        };
    }
    pub(in crate::store) use hers;

    pub(super) const KEPT: Statement = Statement::both(concat!(
        "SELECT (SELECT MIN(created_at) FROM contacts WHERE id IN (",
        hers!("$1"),
        ")) AS since, (SELECT COUNT(*) FROM contacts WHERE id IN (",
        hers!("$1"),
        ")) AS contacts, (SELECT COUNT(*) FROM outbox WHERE body <> '' AND contact_id IN (",
        hers!("$1"),
        ")) AS answers, (SELECT COUNT(DISTINCT p.case_id) FROM case_people AS p WHERE p.contact_id IN (",
        hers!("$1"),
        ")) AS cases, (SELECT COUNT(DISTINCT p.case_id) FROM case_people AS p JOIN cases AS c \
         ON c.id = p.case_id WHERE c.closed_at IS NULL AND p.contact_id IN (",
        hers!("$1"),
        ")) AS open, EXISTS (SELECT 1 FROM case_people AS p JOIN cases AS c ON c.id = p.case_id \
         WHERE (c.closed_at IS NULL OR c.closed_at >= $2) AND p.contact_id IN (",
        hers!("$1"),
        ")) AS held, (SELECT COUNT(*) FROM feedback WHERE contact_id IN (",
        hers!("$1"),
        ")) + (SELECT COUNT(*) FROM highlight_feedback WHERE contact_id IN (",
        hers!("$1"),
        ")) AS feedback, (SELECT COUNT(*) FROM demands WHERE contact_id IN (",
        hers!("$1"),
        ")) AS demands, (SELECT COUNT(DISTINCT root_id) FROM demand_supports WHERE contact_id IN (",
        hers!("$1"),
        ")) AS signed, (SELECT COUNT(*) FROM subscriptions WHERE contact_id IN (",
        hers!("$1"),
        ")) AS alerts, COALESCE((SELECT MAX(version) FROM consents WHERE contact_id IN (",
        hers!("$1"),
        ")), 0) AS consent, (SELECT MAX(at) FROM consents WHERE contact_id IN (",
        hers!("$1"),
        ")) AS consent_at, (SELECT CASE WHEN COUNT(*) = COUNT(stopped_at) THEN MAX(stopped_at) END \
         FROM contacts WHERE id IN (",
        hers!("$1"),
        ")) AS stopped_at"
    ));
    /// Folios of open cases; of a confidential one nothing is shown.
    pub(super) const OPEN: Statement = Statement::both(concat!(
        "SELECT DISTINCT c.folio, c.confidentiality, c.id FROM case_people AS p JOIN cases AS c ON c.id = p.case_id \
         WHERE c.closed_at IS NULL AND p.contact_id IN (",
        hers!("$1"),
        ") ORDER BY c.id DESC LIMIT 100"
    ));
    /// All contacts of the person: what nobody asked for ends at once.
    pub(super) const STOP: Statement = Statement::both(concat!(
        "UPDATE contacts SET stopped_at = $2 WHERE stopped_at IS NULL AND id IN (",
        hers!("$1"),
        ")"
    ));
    pub(super) const HERS: Statement = Statement::both(hers!("$1"));
    /// It says what no message of the number asked for in its own answer.
    pub(in crate::store) const ALL: &[Statement] = &[KEPT, OPEN, STOP, HERS];
}

/// All statements of the folder.
pub(super) fn statements() -> impl Iterator<Item = &'static crate::store::Statement> {
    [sql::ALL, codes::sql::ALL, requests::sql::ALL].into_iter().flatten()
}

/// The per-engine functions, for `SQLite`.
pub(crate) mod on_sqlite {
    pub(crate) use super::codes::sqlite as codes;
    pub(crate) use super::requests::sqlite as requests;
    pub(crate) use super::sqlite as privacy;
}

/// The per-engine functions, for `PostgreSQL`.
pub(crate) mod on_postgres {
    pub(crate) use super::codes::postgres as codes;
    pub(crate) use super::postgres as privacy;
    pub(crate) use super::requests::postgres as requests;
}

per_engine! {
    with at;
    use {
        use super::{Change, Kept, codes, sql};
        use crate::domain::privacy::Right;
        use crate::store::{Error, Store, events};
        use uuid::Uuid;
    }

    /// What is kept of a person.
    pub(crate) async fn kept(conn: &mut Conn, contact_id: Uuid, closed: i64) -> Result<Kept, Error> {
        Ok(sqlx::query_as(sql::KEPT.on(ENGINE)).bind(contact_id).bind(closed).fetch_one(conn).await?)
    }

    /// Open cases of a person: folio and confidentiality.
    pub(crate) async fn open_cases(
        conn: &mut Conn,
        contact_id: Uuid,
    ) -> Result<Vec<(String, String, Uuid)>, Error> {
        Ok(sqlx::query_as(sql::OPEN.on(ENGINE)).bind(contact_id).fetch_all(conn).await?)
    }

    /// The contacts of a person.
    pub(crate) async fn contacts(conn: &mut Conn, contact_id: Uuid) -> Result<Vec<(Uuid,)>, Error> {
        Ok(sqlx::query_as(sql::HERS.on(ENGINE)).bind(contact_id).fetch_all(conn).await?)
    }

    /// Writes what a message changes; gives the event.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the code was used before.
    pub(crate) async fn apply(
        conn: &mut Conn,
        store: &Store,
        inbox_id: Uuid,
        contact_id: Uuid,
        change: &Change,
        now: i64,
    ) -> Result<events::New, Error> {
        let event = match change {
            Change::CodeSent { right, key, told } => {
                at::codes::give(conn, contact_id, right.code(), key, now).await?;
                at::outbox::tell(conn, contact_id, told, now).await?;
                events::New { kind: "privacy_code_sent", ..events::New::default() }
            }
            Change::DemandCodeSent { key, told } => {
                at::codes::give(conn, contact_id, codes::DEMAND, key, now).await?;
                at::outbox::tell(conn, contact_id, told, now).await?;
                events::New { kind: "privacy_code_sent", ..events::New::default() }
            }
            Change::CodeWrong => {
                at::codes::wrong(conn, contact_id, now).await?;
                events::New { kind: "privacy_code_wrong", ..events::New::default() }
            }
            Change::CodeUsed => {
                at::codes::spend(conn, contact_id).await?;
                events::New { kind: "privacy_code_used", ..events::New::default() }
            }
            Change::Asked(new) => {
                at::requests::add(conn, store, inbox_id, contact_id, new, now).await?;
                if new.right == Right::Erasure {
                    sqlx::query(sql::STOP.on(ENGINE)).bind(contact_id).bind(now).execute(&mut *conn).await?;
                    for (id,) in contacts(conn, contact_id).await? {
                        at::outbox::cancel_unasked(conn, id, now).await?;
                    }
                }
                let municipality = Some(new.municipality.clone()).filter(|it| !it.is_empty());
                events::New { kind: "privacy_requested", municipality, ..events::New::default() }
            }
        };
        Ok(events::New { contact_id: Some(contact_id), inbox_id: Some(inbox_id), at: now, ..event })
    }
}

impl Store {
    /// What is kept of a person, one of whose contacts is this. A case that is open, or was not closed before
    /// `closed`, keeps all of it.
    pub async fn kept_of(&self, contact_id: Uuid, closed: UnixMillis) -> Result<Kept, Error> {
        on_pool!(self, conn => at::privacy::kept(conn, contact_id, closed.0))
    }

    /// Folios of the open cases of a person, the newest first, and how many more there are that are
    /// confidential.
    pub async fn open_folios(&self, contact_id: Uuid) -> Result<(Vec<String>, usize), Error> {
        let rows = self.open_case_rows(contact_id).await?;
        let (shown, closed): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, how, _)| how == "open");
        Ok((shown.into_iter().map(|it| it.0).collect(), closed.len()))
    }

    async fn open_case_rows(&self, contact_id: Uuid) -> Result<Vec<(String, String, Uuid)>, Error> {
        on_pool!(self, conn => at::privacy::open_cases(conn, contact_id))
    }

    /// The contacts of a person, this one among them; empty where it is not there.
    pub async fn contacts_of(&self, contact_id: Uuid) -> Result<Vec<Uuid>, Error> {
        let rows: Vec<(Uuid,)> = on_pool!(self, conn => at::privacy::contacts(conn, contact_id))?;
        Ok(rows.into_iter().map(|it| it.0).collect())
    }
}
