//! Whose a case is: who is told, what a citizen may know, and finding it by folio and PIN.

use std::collections::HashMap;

use uuid::Uuid;

use super::row::line;
use super::{AskedFollowUp, CaseFacts, MyCase, Told};
use crate::domain::case::rules::{ASKED, CORRECT, TRIES, TRIES_WITHIN};
use crate::domain::case::{Folio, Pin};
use crate::domain::time::{DAY, UnixMillis};
use crate::store::{AddressKeys, Error, Store};

/// How long a closed case stays among those of its citizen.
const SHOWN: i64 = 60 * DAY;
/// The most cases of a citizen that are given.
const MOST: i64 = 20;

/// What a folio leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookedUp {
    /// Too many wrong PINs, of the contact or for the folio: nothing is said for an hour.
    TooMany,
    /// There is no such case.
    Unknown,
    /// There is.
    Found {
        /// The case.
        case: Box<MyCase>,
        /// Whether the contact, or another one of the same person, opened or joined it.
        own: bool,
        /// Whether the PIN is right; `None`: none was given.
        pin_right: Option<bool>,
    },
}

/// A case that looks like what a citizen reports.
#[derive(Clone, PartialEq, sqlx::FromRow)]
pub struct Similar {
    /// Its id.
    pub id: Uuid,
    /// Its public number.
    pub folio: String,
    /// How far it got.
    pub state: String,
    /// Key of the municipality.
    pub municipality: String,
    /// Code of its category.
    pub category: String,
    /// What was written when it was opened.
    pub text: Option<String>,
    /// Colonia and reference.
    pub place: Option<String>,
    /// Degrees.
    pub latitude: Option<f64>,
    /// Degrees.
    pub longitude: Option<f64>,
    /// How many stand behind it.
    pub joined: i64,
    /// When it was opened, Unix ms.
    pub opened_at: i64,
}

impl std::fmt::Debug for Similar {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Similar({})", self.folio)
    }
}

/// The locale of a stored conversation; `None`: the pack's, or one that can't be read.
pub(crate) fn locale(keys: &AddressKeys, contact_id: Uuid, state: Option<&str>) -> Option<String> {
    let state = keys.open_part("state", contact_id, state?).ok()?;
    let state: serde_json::Value = serde_json::from_str(&state).ok()?;
    state.get("locale")?.as_str().map(str::to_owned)
}

/// A row of somebody who is told.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct ToldRow {
    contact_id: Uuid,
    holder_id: Uuid,
    wrote_at: i64,
    role: String,
    channel_kind: String,
    state: Option<String>,
}

/// A row of a citizen's case.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct MyRow {
    id: Uuid,
    folio: String,
    kind: String,
    state: String,
    municipality: String,
    category: String,
    office: String,
    confidentiality: String,
    role: String,
    seen_at: Option<i64>,
    joined: i64,
    withdrawn_at: i64,
    opened_at: i64,
    closed_at: Option<i64>,
    waiting_since: Option<i64>,
    first_answer_due: Option<i64>,
    first_answer_at: Option<i64>,
    update_due: Option<i64>,
    solution_due: Option<i64>,
    scheduled_for: Option<String>,
    referral: Option<String>,
    pin_key: Vec<u8>,
}

impl MyRow {
    fn mine(self) -> Result<MyCase, Error> {
        let damaged = || Error::Other(format!("the case {} can't be read", self.id));
        let state: crate::domain::case::CaseState = self.state.parse().map_err(|_| damaged())?;
        let first = self.first_answer_due.filter(|_| self.first_answer_at.is_none());
        let next = [first, self.update_due, self.solution_due].into_iter().flatten().min();
        Ok(MyCase {
            folio: self.folio.parse().map_err(|_| damaged())?,
            kind: self.kind.parse().map_err(|_| damaged())?,
            confidentiality: self.confidentiality.parse().map_err(|_| damaged())?,
            id: self.id,
            state,
            // Opened again and closed by somebody else, it is not any more.
            withdrawn: self.closed_at == Some(self.withdrawn_at),
            waits: state.open() && self.waiting_since.is_some(),
            others: self.joined > 1,
            municipality: self.municipality,
            category: self.category,
            office: self.office,
            opener: self.role == "opener",
            seen: self.seen_at.is_some(),
            opened_at: UnixMillis(self.opened_at),
            closed_at: self.closed_at.map(UnixMillis),
            next_due: next.filter(|_| state.open() && self.waiting_since.is_none()).map(UnixMillis),
            scheduled_for: self.scheduled_for,
            referral: self.referral.and_then(|it| serde_json::from_str(&it).ok()),
        })
    }
}

/// A question that waits: id, case, folio, ordinal, asked, closed.
type AskedRow = (Uuid, Uuid, String, i64, i64, i64);

/// What is read of a contact's cases.
pub(crate) struct FactRows {
    mine: Vec<MyRow>,
    asked: Option<AskedRow>,
    written: Option<(Uuid, i64)>,
    consent: i64,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const TOLD: Statement = Statement::both(
        "SELECT p.contact_id, COALESCE(k.person_id, k.id) AS holder_id, k.last_message_at AS wrote_at, \
         p.role, p.channel_kind, v.state FROM case_people AS p \
         JOIN contacts AS k ON k.id = p.contact_id LEFT JOIN conversations AS v ON v.contact_id = p.contact_id \
         WHERE p.case_id = $1 AND k.gone_at IS NULL ORDER BY CASE p.role WHEN 'opener' THEN 0 ELSE 1 END, \
         p.joined_at, p.contact_id",
    );
    macro_rules! mine {
        () => {
            "c.id, c.folio, c.kind, c.state, c.municipality, c.category, c.office, c.confidentiality, \
             c.joined, COALESCE((SELECT MAX(x.at) FROM case_changes AS x WHERE x.case_id = c.id \
             AND x.kind = 'case_withdrawn'), 0) AS withdrawn_at, c.seen_at, c.opened_at, c.closed_at, \
             c.waiting_since, c.first_answer_due, c.first_answer_at, c.update_due, c.solution_due, c.scheduled_for, c.referral, c.pin_key"
        };
    }
    /// A case of two contacts of one person comes once.
    pub(super) const MINE: Statement = Statement::both(concat!(
        "SELECT ",
        mine!(),
        ", MAX(p.role) AS role FROM case_people AS p JOIN cases AS c ON c.id = p.case_id \
         WHERE p.contact_id IN (SELECT k.id FROM contacts AS k WHERE k.id = $1 UNION SELECT o.id \
         FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id WHERE k.id = $1 \
         AND k.person_id IS NOT NULL) AND (c.closed_at IS NULL OR c.closed_at > $2) \
         GROUP BY c.id ORDER BY c.id DESC LIMIT $3"
    ));
    pub(super) const BY_FOLIO: Statement = Statement::both(concat!(
        "SELECT ",
        mine!(),
        ", COALESCE((SELECT MAX(p.role) FROM case_people AS p WHERE p.case_id = c.id AND p.contact_id IN \
         (SELECT k.id FROM contacts AS k WHERE k.id = $2 UNION SELECT o.id FROM contacts AS k \
         JOIN contacts AS o ON o.person_id = k.person_id WHERE k.id = $2 AND k.person_id IS NOT NULL)), '') AS role \
         FROM cases AS c WHERE c.folio = $1"
    ));
    pub(super) const ASKED: Statement = Statement::both(
        "SELECT f.id, f.case_id, c.folio, f.ordinal, f.asked_at, c.closed_at FROM followups AS f \
         JOIN cases AS c ON c.id = f.case_id WHERE f.contact_id = $1 AND f.state IN ('waiting', 'asked') \
         AND f.state = 'asked' AND f.asked_at > $2 AND c.closed_at IS NOT NULL \
         ORDER BY f.asked_at DESC LIMIT 1",
    );
    pub(super) const WRITTEN: Statement = Statement::both(
        "SELECT m.case_id, m.created_at FROM case_people AS p JOIN case_messages AS m ON m.case_id = p.case_id \
         AND m.contact_id = p.contact_id WHERE p.contact_id IN (SELECT k.id FROM contacts AS k WHERE k.id = $1 \
         UNION SELECT o.id FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id WHERE k.id = $1 \
         AND k.person_id IS NOT NULL) AND m.author = 'citizen' AND m.created_at > $2 \
         ORDER BY m.id DESC LIMIT 1",
    );
    pub(super) const CONSENT: Statement =
        Statement::both("SELECT COALESCE(MAX(version), 0) FROM consents WHERE contact_id = $1");
    pub(super) const TRIES: Statement = Statement::both(
        "SELECT COALESCE(MAX(tries), 0) FROM case_tries WHERE key IN ($1, $2) AND began_at > $3",
    );
    pub(super) const LINE: Statement = Statement::both("SELECT cases FROM case_counts WHERE list = $1");
    /// The message that opened a case has the id of what came in, or of the case that staff opened.
    macro_rules! similar {
        () => {
            "SELECT c.id, c.folio, c.state, c.municipality, c.category, m.body AS text, c.place, c.latitude, \
             c.longitude, c.joined, c.opened_at FROM cases AS c \
             LEFT JOIN case_messages AS m ON m.id = COALESCE(c.inbox_id, c.id) \
             WHERE c.confidentiality = 'open' AND c.closed_at IS NULL AND NOT c.urgent \
             AND c.kind = 'complaint' AND "
        };
    }
    pub(super) const SIMILAR: Statement = Statement::both(concat!(
        similar!(),
        "c.municipality = $1 AND c.category = $3 AND c.id >= $2 ORDER BY c.id DESC LIMIT $4"
    ));
    pub(super) const OFFERED: Statement = Statement::both(concat!(similar!(), "c.id = $1"));
    pub(in crate::store) const ALL: &[Statement] =
        &[TOLD, MINE, BY_FOLIO, ASKED, WRITTEN, CONSENT, TRIES, LINE, SIMILAR, OFFERED];
}

per_engine! {
    use {
        use super::{ASKED, CORRECT, FactRows, MOST, MyRow, SHOWN, Similar, TRIES_WITHIN, ToldRow, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Who is told about a case.
    pub(crate) async fn told(conn: &mut Conn, case_id: Uuid) -> Result<Vec<ToldRow>, Error> {
        Ok(sqlx::query_as(sql::TOLD.on(ENGINE)).bind(case_id).fetch_all(conn).await?)
    }

    /// What is known of a contact's cases.
    pub(crate) async fn facts(conn: &mut Conn, contact_id: Uuid, now: i64) -> Result<FactRows, Error> {
        let mine = sqlx::query_as(sql::MINE.on(ENGINE)).bind(contact_id).bind(now - SHOWN).bind(MOST);
        let mine = mine.fetch_all(&mut *conn).await?;
        let asked = sqlx::query_as(sql::ASKED.on(ENGINE)).bind(contact_id).bind(now - ASKED);
        let asked = asked.fetch_optional(&mut *conn).await?;
        let written = sqlx::query_as(sql::WRITTEN.on(ENGINE)).bind(contact_id).bind(now - CORRECT);
        let written = written.fetch_optional(&mut *conn).await?;
        let (consent,) = sqlx::query_as(sql::CONSENT.on(ENGINE)).bind(contact_id).fetch_one(conn).await?;
        Ok(FactRows { mine, asked, written, consent })
    }

    /// The most wrong PINs of a contact and of a folio.
    pub(crate) async fn tries(
        conn: &mut Conn,
        folio: Vec<u8>,
        contact: Option<Uuid>,
        now: i64,
    ) -> Result<i64, Error> {
        let contact = contact.map_or_else(|| folio.clone(), |it| it.as_bytes().to_vec());
        let tries = sqlx::query_as(sql::TRIES.on(ENGINE)).bind(folio).bind(contact).bind(now - TRIES_WITHIN);
        let (tries,) = tries.fetch_one(conn).await?;
        Ok(tries)
    }

    /// A case by its folio.
    pub(crate) async fn by_folio(
        conn: &mut Conn,
        folio: String,
        contact: Option<Uuid>,
    ) -> Result<Option<MyRow>, Error> {
        let found = sqlx::query_as(sql::BY_FOLIO.on(ENGINE)).bind(folio).bind(contact);
        Ok(found.fetch_optional(conn).await?)
    }

    /// How many stand in a list.
    pub(crate) async fn in_line(conn: &mut Conn, list: String) -> Result<i64, Error> {
        let count: Option<(i64,)> =
            sqlx::query_as(sql::LINE.on(ENGINE)).bind(list).fetch_optional(conn).await?;
        Ok(count.map_or(0, |it| it.0))
    }

    /// Open cases of a category in a municipality, the newest first.
    pub(crate) async fn similar(
        conn: &mut Conn,
        municipality: String,
        category: String,
        since: Uuid,
        limit: i64,
    ) -> Result<Vec<Similar>, Error> {
        let found = sqlx::query_as(sql::SIMILAR.on(ENGINE)).bind(municipality).bind(since).bind(category);
        Ok(found.bind(limit).fetch_all(conn).await?)
    }

    /// An open case that may be joined.
    pub(crate) async fn offered(conn: &mut Conn, case_id: Uuid) -> Result<Option<Similar>, Error> {
        Ok(sqlx::query_as(sql::OFFERED.on(ENGINE)).bind(case_id).fetch_optional(conn).await?)
    }
}

impl Store {
    /// The keyed hash of a case's folio and PIN.
    pub fn pin_key(&self, folio: Folio, pin: &Pin) -> Result<Vec<u8>, Error> {
        self.keys().code_hash(&format!("case {folio} {}", pin.as_str()))
    }

    /// The keyed hash of a folio, by which tries at its PIN are counted.
    pub fn folio_key(&self, folio: Folio) -> Result<Vec<u8>, Error> {
        self.keys().code_hash(&format!("folio {folio}"))
    }

    /// Who is told about a case: who opened it first, without those that left their channel. Who has a part in it
    /// on two channels stands there twice, and is reached on one.
    pub async fn list_told(&self, case_id: Uuid) -> Result<Vec<Told>, Error> {
        let keys = self.keys();
        let rows = self.told_rows(case_id).await?;
        let mut last: HashMap<Uuid, (i64, Uuid)> = HashMap::new();
        for it in &rows {
            let wrote = (it.wrote_at, it.contact_id);
            let known = last.entry(it.holder_id).or_insert(wrote);
            *known = wrote.max(*known);
        }
        rows.into_iter()
            .map(|it| {
                let damaged = |_| Error::Other(format!("a person of the case {case_id} can't be read"));
                Ok(Told {
                    holder_id: it.holder_id,
                    reached: last.get(&it.holder_id).is_none_or(|last| last.1 == it.contact_id),
                    locale: locale(&keys, it.contact_id, it.state.as_deref()),
                    contact_id: it.contact_id,
                    channel: it.channel_kind.parse().map_err(damaged)?,
                    opener: it.role == "opener",
                })
            })
            .collect()
    }

    async fn told_rows(&self, case_id: Uuid) -> Result<Vec<ToldRow>, Error> {
        on_pool!(self, conn => at::case_people::told(conn, case_id))
    }

    /// What the dialogue must know of a contact's cases.
    pub async fn case_facts(&self, contact_id: Uuid, now: UnixMillis) -> Result<CaseFacts, Error> {
        let rows = self.fact_rows(contact_id, now).await?;
        let asked = rows.asked.map(|(id, case_id, folio, ordinal, asked_at, closed_at)| {
            let damaged = || Error::Other(format!("the question {id} can't be read"));
            Ok::<_, Error>(AskedFollowUp {
                id,
                case_id,
                folio: folio.parse().map_err(|_| damaged())?,
                ordinal: u8::try_from(ordinal).map_err(|_| damaged())?,
                asked_at: UnixMillis(asked_at),
                closed_at: UnixMillis(closed_at),
            })
        });
        Ok(CaseFacts {
            mine: rows.mine.into_iter().map(MyRow::mine).collect::<Result<_, _>>()?,
            asked: asked.transpose()?,
            last_written: rows.written.map(|(case_id, at)| (case_id, UnixMillis(at))),
            consent: u16::try_from(rows.consent).unwrap_or(u16::MAX),
        })
    }

    async fn fact_rows(&self, contact_id: Uuid, now: UnixMillis) -> Result<FactRows, Error> {
        on_pool!(self, conn => at::case_people::facts(conn, contact_id, now.0))
    }

    /// What a folio leads to for a contact (`None`: one that never wrote), with a PIN or without. Wrong
    /// PINs are counted by the change `Tried`.
    pub async fn find_case_by_folio(
        &self,
        folio: Folio,
        pin: Option<&Pin>,
        contact: Option<Uuid>,
        now: UnixMillis,
    ) -> Result<LookedUp, Error> {
        let folio_key = self.folio_key(folio)?;
        if pin.is_some() && self.pin_tries(folio_key, contact, now).await? >= TRIES {
            return Ok(LookedUp::TooMany);
        }
        let Some(row) = self.folio_row(folio, contact).await? else { return Ok(LookedUp::Unknown) };
        let pin_right = match pin {
            Some(pin) => {
                let key = self.pin_key(folio, pin)?;
                Some(bool::from(subtle::ConstantTimeEq::ct_eq(key.as_slice(), row.pin_key.as_slice())))
            }
            None => None,
        };
        let own = !row.role.is_empty();
        Ok(LookedUp::Found { case: Box::new(row.mine()?), own, pin_right })
    }

    async fn pin_tries(&self, folio: Vec<u8>, contact: Option<Uuid>, now: UnixMillis) -> Result<i64, Error> {
        on_pool!(self, conn => at::case_people::tries(conn, folio, contact, now.0))
    }

    async fn folio_row(&self, folio: Folio, contact: Option<Uuid>) -> Result<Option<MyRow>, Error> {
        on_pool!(self, conn => at::case_people::by_folio(conn, folio.into(), contact))
    }

    /// How many wait for a person in a municipality.
    pub async fn count_line(&self, municipality: &str) -> Result<i64, Error> {
        let list = line(municipality);
        on_pool!(self, conn => at::case_people::in_line(conn, list))
    }

    /// A complaint that a citizen may join: open, neither sealed nor urgent.
    pub async fn find_similar(&self, case_id: Uuid) -> Result<Option<Similar>, Error> {
        on_pool!(self, conn => at::case_people::offered(conn, case_id))
    }

    /// At most `limit` open complaints of a category in a municipality that were opened since, the newest
    /// first: what a new one may be a duplicate of. None of them is sealed or urgent.
    pub async fn list_similar(
        &self,
        municipality: &str,
        category: &str,
        since: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Similar>, Error> {
        let (municipality, category) = (municipality.to_owned(), category.to_owned());
        let since = super::thread::first_id(since);
        on_pool!(self, conn => at::case_people::similar(conn, municipality, category, since, i64::from(limit)))
    }
}
