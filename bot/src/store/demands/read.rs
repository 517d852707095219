//! Reading one demand, by code for the dialogue and whole for staff, and a person's own.

use uuid::Uuid;

use super::merge::MergeRow;
use super::row::{Row, count};
use super::{Acta, Answer, AskedMerge, AuthorMessage, Changed, Demand, FullDemand, Mine, Named, NewActa};
use crate::domain::demand::{Code, Leadership};
use crate::domain::time::{DAY, UnixMillis};
use crate::store::{Error, Store};

/// How long a demand that is over stays among those of its author.
const SHOWN: i64 = 60 * DAY;

/// An answer as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct AnswerRow {
    verdict: String,
    reason: String,
    cost: Option<i64>,
    due_on: Option<String>,
    staff_id: Uuid,
    answered_at: i64,
}

impl AnswerRow {
    fn answer(self) -> Result<Answer, Error> {
        let damaged = |_| Error::Other("an answer can't be read".to_owned());
        Ok(Answer {
            verdict: self.verdict.parse().map_err(damaged)?,
            reason: self.reason,
            cost: self.cost.map(count),
            due_on: self.due_on,
            staff_id: self.staff_id,
            answered_at: UnixMillis(self.answered_at),
        })
    }
}

/// A list of an assembly as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct ActaRow {
    id: Uuid,
    folio: String,
    heads: i64,
    held_on: String,
    place: Option<String>,
    media_id: Option<Uuid>,
    called: i64,
    confirmed: i64,
    staff_id: Uuid,
    entered_at: i64,
    voided_at: Option<i64>,
}

impl From<ActaRow> for Acta {
    fn from(it: ActaRow) -> Self {
        let number = |it: i64| u32::try_from(it).unwrap_or(0);
        Self {
            acta: NewActa {
                id: it.id,
                folio: it.folio,
                heads: number(it.heads),
                held_on: it.held_on,
                place: it.place,
                media_id: it.media_id,
            },
            called: number(it.called),
            confirmed: number(it.confirmed),
            staff_id: it.staff_id,
            entered_at: UnixMillis(it.entered_at),
            voided_at: it.voided_at.map(UnixMillis),
        }
    }
}

/// A message of an author as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct MessageRow {
    id: Uuid,
    demand_id: Uuid,
    municipality: String,
    text: String,
    state: String,
    reason: Option<String>,
    version: i64,
    written_at: i64,
    decided_at: Option<i64>,
}

impl From<MessageRow> for AuthorMessage {
    fn from(it: MessageRow) -> Self {
        Self {
            id: it.id,
            demand_id: it.demand_id,
            municipality: it.municipality,
            text: it.text,
            state: it.state,
            reason: it.reason,
            version: it.version,
            written_at: UnixMillis(it.written_at),
            decided_at: it.decided_at.map(UnixMillis),
        }
    }
}

/// A change as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct ChangedRow {
    version: i64,
    kind: String,
    actor: String,
    staff_id: Option<Uuid>,
    was: Option<String>,
    became: Option<String>,
    detail: Option<String>,
    at: i64,
}

impl From<ChangedRow> for Changed {
    fn from(it: ChangedRow) -> Self {
        Self {
            version: it.version,
            kind: it.kind,
            actor: it.actor,
            staff_id: it.staff_id,
            was: it.was,
            became: it.became,
            detail: it.detail,
            at: UnixMillis(it.at),
        }
    }
}

/// Everything about a demand, as it is stored.
pub(crate) struct FullRows {
    row: Row,
    answer: Option<Answer>,
    commitment: Option<super::Commitment>,
    actas: Vec<ActaRow>,
    pictures: Vec<(Uuid, i64)>,
    messages: Vec<MessageRow>,
    merges: Vec<MergeRow>,
    changes: Vec<ChangedRow>,
    days: Vec<(i64, i64, i64)>,
    regions: Vec<(String, i64)>,
    endorsements: Vec<(String,)>,
    cases: Vec<(Uuid,)>,
    leadership: Option<String>,
    flagged: (i64, i64, i64),
}

/// What a message names, as it is stored.
pub(crate) struct NamedRows {
    demand: Row,
    root: Option<Row>,
    own: bool,
    answer: Option<Answer>,
    commitment: Option<super::Commitment>,
    written: (bool, Option<i64>),
}

/// A merge that an author is asked about, as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct AskedRow {
    id: Uuid,
    child: i64,
    parent: i64,
    read_at: Option<i64>,
    open: bool,
}

impl AskedRow {
    fn asked(self) -> Result<AskedMerge, Error> {
        let damaged = || Error::Other("a demand can't be read".to_owned());
        let code = |it: i64| u16::try_from(it).ok().and_then(|it| Code::new(it).ok()).ok_or_else(damaged);
        Ok(AskedMerge {
            id: self.id,
            child: code(self.child)?,
            parent: code(self.parent)?,
            read_at: self.read_at.map(UnixMillis),
            open: self.open,
        })
    }
}

/// A person's demands, as they are stored.
#[derive(Default)]
pub(crate) struct MineRows {
    demands: Vec<Row>,
    leadership: Option<String>,
    asked: Option<AskedRow>,
    subscriptions: Vec<(String, String)>,
    tries: i64,
    consent: i64,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use super::super::row::demand_columns;
    use crate::store::Statement;
    use crate::store::privacy::sql::hers;

    macro_rules! demands {
        ($rest:expr) => {
            concat!("SELECT ", demand_columns!(), " FROM demands AS d WHERE ", $rest)
        };
    }
    /// The one that goes on; else the one that was over last.
    pub(super) const BY_CODE: Statement = Statement::both(demands!(
        "d.code = $1 ORDER BY CASE WHEN d.over_at IS NULL THEN 0 ELSE 1 END, d.over_at DESC LIMIT 1"
    ));
    pub(super) const CODE_RESTS: Statement = Statement::both(
        "SELECT id FROM demands WHERE code = $1 AND (over_at IS NULL OR over_at > $2) LIMIT 1",
    );
    /// Codes that are in use, up to a limit.
    pub(super) const IN_USE: Statement =
        Statement::both("SELECT COUNT(*) FROM (SELECT 1 FROM demands WHERE over_at IS NULL LIMIT $1) AS n");
    pub(super) const MINE: Statement = Statement::both(demands!(concat!(
        "d.contact_id IN (",
        hers!("$1"),
        ") AND (d.over_at IS NULL OR d.over_at > $2) ORDER BY d.id DESC LIMIT 20"
    )));
    pub(super) const IS_HERS: Statement = Statement::both(concat!(
        "SELECT k.id FROM contacts AS k WHERE k.id = $2 AND k.id IN (",
        hers!("$1"),
        ")"
    ));
    pub(super) const LEADERSHIP: Statement = Statement::both(concat!(
        "SELECT state FROM community_leaders WHERE contact_id IN (",
        hers!("$1"),
        ") ORDER BY CASE state WHEN 'verified' THEN 0 WHEN 'asked' THEN 1 ELSE 2 END LIMIT 1"
    ));
    /// Who has the message in her hands may answer it; one that may still come was taken, too.
    pub(super) const ASKED: Statement = Statement::both(concat!(
        "SELECT m.id, c.code AS child, p.code AS parent, (SELECT o.updated_at FROM outbox AS o \
         WHERE o.id = m.outbox_id AND o.state IN ('accepted', 'delivered', 'unknown')) AS read_at, \
         (c.state IN ('collecting', 'reached', 'with_authority') \
         AND p.state IN ('collecting', 'reached', 'with_authority') \
         AND NOT EXISTS (SELECT 1 FROM demands AS h WHERE h.merged_into = c.id)) AS open \
         FROM demands AS c JOIN demand_merges AS m ON m.child_id = c.id AND m.state = 'asked' \
         AND m.agreed_at IS NULL JOIN demands AS p ON p.id = m.parent_id WHERE c.contact_id IN (",
        hers!("$1"),
        ") AND m.until_at > $2 ORDER BY m.asked_at DESC LIMIT 1"
    ));
    pub(super) const SUBSCRIPTIONS: Statement = Statement::both(concat!(
        "SELECT DISTINCT kind, topic FROM subscriptions WHERE contact_id IN (",
        hers!("$1"),
        ") ORDER BY kind, topic"
    ));
    pub(super) const TRIES: Statement =
        Statement::both("SELECT COALESCE(MAX(tries), 0) FROM case_tries WHERE key = $1 AND began_at > $2");
    pub(super) const CONSENT: Statement =
        Statement::both("SELECT COALESCE(MAX(version), 0) FROM consents WHERE contact_id = $1");
    pub(super) const ANSWER: Statement = Statement::both(
        "SELECT verdict, reason, cost, due_on, staff_id, answered_at FROM demand_answers WHERE demand_id = $1",
    );
    pub(super) const PICTURES: Statement = Statement::both(
        "SELECT m.id, p.at FROM demand_pictures AS p JOIN media AS m ON m.inbox_id = p.inbox_id \
         WHERE p.demand_id = $1 AND m.kind = 'photo' AND m.state = 'kept' AND NOT EXISTS (SELECT 1 \
         FROM demand_actas AS a WHERE a.media_id = m.id AND a.voided_at IS NULL) \
         ORDER BY p.inbox_id DESC, m.id DESC LIMIT 50",
    );
    /// For which demand the photo of a message was sent.
    pub(super) const PICTURE_OF: Statement =
        Statement::both("SELECT demand_id FROM demand_pictures WHERE inbox_id = $1");
    pub(super) const ACTAS: Statement = Statement::both(
        "SELECT id, folio, heads, held_on, place, media_id, called, confirmed, staff_id, entered_at, voided_at \
         FROM demand_actas WHERE demand_id = $1 ORDER BY id LIMIT 200",
    );
    macro_rules! messages {
        ($rest:literal) => {
            concat!(
                "SELECT m.id, m.demand_id, m.municipality, m.text, m.state, m.reason, m.version, m.written_at, \
                 m.decided_at FROM demand_messages AS m WHERE ",
                $rest
            )
        };
    }
    pub(in crate::store::demands) use messages;
    pub(super) const MESSAGES: Statement =
        Statement::both(messages!("m.demand_id = $1 ORDER BY m.id DESC LIMIT 50"));
    pub(super) const CHANGES: Statement = Statement::both(
        "SELECT version, kind, actor, staff_id, was, became, detail, at FROM demand_changes \
         WHERE demand_id = $1 ORDER BY version LIMIT 500",
    );
    pub(super) const DAYS: Statement = Statement::both(
        "SELECT day, signed, withdrawn FROM demand_days WHERE demand_id = $1 ORDER BY day DESC LIMIT 120",
    );
    pub(super) const REGIONS: Statement = Statement::both(
        "SELECT municipality, supports FROM demand_regions WHERE demand_id = $1 AND supports > 0 \
         ORDER BY supports DESC, municipality LIMIT 100",
    );
    pub(super) const ENDORSEMENTS: Statement = Statement::both(
        "SELECT organisation FROM demand_endorsements WHERE demand_id = $1 ORDER BY organisation LIMIT 100",
    );
    pub(super) const CASES: Statement = Statement::both(
        "SELECT case_id FROM demand_cases WHERE demand_id = $1 ORDER BY case_id DESC LIMIT 200",
    );
    pub(super) const FLAGGED: Statement = Statement::both(
        "SELECT COUNT(CASE WHEN (flags & 1) <> 0 THEN 1 END), COUNT(CASE WHEN (flags & 2) <> 0 THEN 1 END), \
         COUNT(CASE WHEN (flags & 4) <> 0 THEN 1 END) FROM demand_supports \
         WHERE root_id = $1 AND counted = 'flagged'",
    );
    pub(in crate::store) const ALL: &[Statement] = &[
        BY_CODE,
        CODE_RESTS,
        IN_USE,
        MINE,
        IS_HERS,
        LEADERSHIP,
        ASKED,
        SUBSCRIPTIONS,
        TRIES,
        CONSENT,
        ANSWER,
        ACTAS,
        PICTURES,
        PICTURE_OF,
        MESSAGES,
        CHANGES,
        DAYS,
        REGIONS,
        ENDORSEMENTS,
        CASES,
        FLAGGED,
    ];
}

/// Codes in use that are counted: from there on four digits are drawn anyway.
const COUNTED: i64 = 1_000;

per_engine! {
    with at;
    use {
        use super::super::change::tries_key;
        use super::super::Answer;
        use super::{AnswerRow, AskedRow, COUNTED, FullRows, MineRows, NamedRows, Row, sql};
        use crate::domain::case::rules::TRIES_WITHIN;
        use crate::domain::demand::DemandState;
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// The answer to a demand.
    pub(crate) async fn answer(conn: &mut Conn, id: Uuid) -> Result<Option<Answer>, Error> {
        let row: Option<AnswerRow> =
            sqlx::query_as(sql::ANSWER.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        row.map(AnswerRow::answer).transpose()
    }

    /// The demand of a code.
    pub(crate) async fn by_code(conn: &mut Conn, code: i64) -> Result<Option<Row>, Error> {
        Ok(sqlx::query_as(sql::BY_CODE.on(ENGINE)).bind(code).fetch_optional(conn).await?)
    }

    /// What the dialogue must know of the demand of a code.
    pub(crate) async fn named(
        conn: &mut Conn,
        code: i64,
        contact: Option<Uuid>,
    ) -> Result<Option<NamedRows>, Error> {
        let Some(demand) = by_code(&mut *conn, code).await? else { return Ok(None) };
        let root = match demand.merged_into {
            Some(id) => at::demand_rows::read(&mut *conn, id).await?,
            None => None,
        };
        let of = root.as_ref().unwrap_or(&demand).id;
        let mut own = false;
        if let Some(contact) = contact {
            let query = sqlx::query_as(sql::IS_HERS.on(ENGINE)).bind(contact).bind(demand.contact_id);
            let found: Option<(Uuid,)> = query.fetch_optional(&mut *conn).await?;
            own = found.is_some();
        }
        let answer = answer(&mut *conn, of).await?;
        let commitment = at::commitments::of(&mut *conn, of).await?;
        let written = at::demand_changes::last_written(conn, demand.id).await?;
        Ok(Some(NamedRows { demand, root, own, answer, commitment, written }))
    }

    /// The merge that an author is asked about.
    pub(crate) async fn asked(conn: &mut Conn, contact: Uuid, now: i64) -> Result<Option<AskedRow>, Error> {
        Ok(sqlx::query_as(sql::ASKED.on(ENGINE)).bind(contact).bind(now).fetch_optional(conn).await?)
    }

    /// What the dialogue must know of a person's demands.
    pub(crate) async fn mine(conn: &mut Conn, contact: Uuid, since: i64, now: i64) -> Result<MineRows, Error> {
        let demands = sqlx::query_as(sql::MINE.on(ENGINE)).bind(contact).bind(since);
        let demands = demands.fetch_all(&mut *conn).await?;
        let leadership: Option<(String,)> =
            sqlx::query_as(sql::LEADERSHIP.on(ENGINE)).bind(contact).fetch_optional(&mut *conn).await?;
        let asked = asked(&mut *conn, contact, now).await?;
        let subscriptions =
            sqlx::query_as(sql::SUBSCRIPTIONS.on(ENGINE)).bind(contact).fetch_all(&mut *conn).await?;
        let tries = sqlx::query_as(sql::TRIES.on(ENGINE)).bind(tries_key(contact)).bind(now - TRIES_WITHIN);
        let (tries,) = tries.fetch_one(&mut *conn).await?;
        let (consent,) = sqlx::query_as(sql::CONSENT.on(ENGINE)).bind(contact).fetch_one(conn).await?;
        let leadership = leadership.map(|it| it.0);
        Ok(MineRows { demands, leadership, asked, subscriptions, tries, consent })
    }

    /// Whether a code rests or is in use, and how many are in use.
    pub(crate) async fn code(conn: &mut Conn, code: i64, since: i64) -> Result<bool, Error> {
        let query = sqlx::query_as(sql::CODE_RESTS.on(ENGINE)).bind(code).bind(since);
        let found: Option<(Uuid,)> = query.fetch_optional(conn).await?;
        Ok(found.is_some())
    }

    /// How many codes are in use.
    pub(crate) async fn in_use(conn: &mut Conn) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::IN_USE.on(ENGINE)).bind(COUNTED).fetch_one(conn).await?;
        Ok(count)
    }

    /// Everything about a demand.
    pub(crate) async fn full(conn: &mut Conn, id: Uuid) -> Result<Option<FullRows>, Error> {
        let Some(row) = at::demand_rows::read(&mut *conn, id).await? else { return Ok(None) };
        let leadership: Option<(String,)> = match row.contact_id {
            Some(author) => {
                let query = sqlx::query_as(sql::LEADERSHIP.on(ENGINE)).bind(author);
                query.fetch_optional(&mut *conn).await?
            }
            None => None,
        };
        // Flags are looked at while it collects.
        let flagged = if row.state() == DemandState::Merged || row.flagged == 0 {
            (0, 0, 0)
        } else {
            sqlx::query_as(sql::FLAGGED.on(ENGINE)).bind(id).fetch_one(&mut *conn).await?
        };
        Ok(Some(FullRows {
            row,
            answer: answer(&mut *conn, id).await?,
            commitment: at::commitments::of(&mut *conn, id).await?,
            actas: sqlx::query_as(sql::ACTAS.on(ENGINE)).bind(id).fetch_all(&mut *conn).await?,
            pictures: sqlx::query_as(sql::PICTURES.on(ENGINE)).bind(id).fetch_all(&mut *conn).await?,
            messages: sqlx::query_as(sql::MESSAGES.on(ENGINE)).bind(id).fetch_all(&mut *conn).await?,
            merges: at::demand_merges::of(&mut *conn, id).await?,
            changes: sqlx::query_as(sql::CHANGES.on(ENGINE)).bind(id).fetch_all(&mut *conn).await?,
            days: sqlx::query_as(sql::DAYS.on(ENGINE)).bind(id).fetch_all(&mut *conn).await?,
            regions: sqlx::query_as(sql::REGIONS.on(ENGINE)).bind(id).fetch_all(&mut *conn).await?,
            endorsements: sqlx::query_as(sql::ENDORSEMENTS.on(ENGINE)).bind(id).fetch_all(&mut *conn).await?,
            cases: sqlx::query_as(sql::CASES.on(ENGINE)).bind(id).fetch_all(conn).await?,
            leadership: leadership.map(|it| it.0),
            flagged,
        }))
    }

    /// For which demand the photo of a message was sent.
    pub(crate) async fn pictured(conn: &mut Conn, inbox_id: Uuid) -> Result<Option<Uuid>, Error> {
        let found: Option<(Uuid,)> =
            sqlx::query_as(sql::PICTURE_OF.on(ENGINE)).bind(inbox_id).fetch_optional(conn).await?;
        Ok(found.map(|it| it.0))
    }
}

impl Store {
    /// A demand.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get_demand(&self, id: Uuid) -> Result<Demand, Error> {
        self.demand_row(id).await?.ok_or(Error::NotFound)?.demand()
    }

    async fn demand_row(&self, id: Uuid) -> Result<Option<Row>, Error> {
        on_pool!(self, conn => at::demand_rows::read(conn, id))
    }

    /// The demand of a code, in whatever state; of several the one that is not over.
    pub async fn find_demand_by_code(&self, code: Code) -> Result<Option<Demand>, Error> {
        self.code_row(code).await?.map(|it| it.demand()).transpose()
    }

    async fn code_row(&self, code: Code) -> Result<Option<Row>, Error> {
        on_pool!(self, conn => at::demand_reading::by_code(conn, i64::from(code.number())))
    }

    /// A code that is free now, drawn by `random`; `None`: that one is not, draw again.
    pub async fn draw_demand_code(&self, random: [u8; 8], now: UnixMillis) -> Result<Option<Code>, Error> {
        let code = Code::from_random(random, count(self.codes_in_use().await?));
        let since = now.0 - crate::domain::demand::rules::CODE_RESTS;
        Ok((!self.code_is_taken(code, since).await?).then_some(code))
    }

    async fn codes_in_use(&self) -> Result<i64, Error> {
        on_pool!(self, conn => at::demand_reading::in_use(conn))
    }

    async fn code_is_taken(&self, code: Code, since: i64) -> Result<bool, Error> {
        on_pool!(self, conn => at::demand_reading::code(conn, i64::from(code.number()), since))
    }

    /// What the dialogue must know of the demand that a contact (`None`: one that never wrote) names by code.
    pub async fn find_named_demand(&self, code: Code, contact: Option<Uuid>) -> Result<Option<Named>, Error> {
        let Some(rows) = self.named_rows(code, contact).await? else { return Ok(None) };
        Ok(Some(Named {
            demand: rows.demand.demand()?,
            root: rows.root.map(|it| it.demand()).transpose()?,
            own: rows.own,
            answer: rows.answer,
            commitment: rows.commitment,
            written: (rows.written.0, rows.written.1.map(UnixMillis)),
        }))
    }

    async fn named_rows(&self, code: Code, contact: Option<Uuid>) -> Result<Option<NamedRows>, Error> {
        on_pool!(self, conn => at::demand_reading::named(conn, i64::from(code.number()), contact))
    }

    /// What the dialogue must know of a contact's own demands; never what she signed.
    pub async fn demand_facts(&self, contact_id: Uuid, now: UnixMillis) -> Result<Mine, Error> {
        let rows = self.mine_rows(contact_id, now).await?;
        let damaged = || Error::Other("a demand can't be read".to_owned());
        let weekly = rows.subscriptions.iter().any(|(kind, _)| kind == "week");
        let topics = rows.subscriptions.into_iter().filter(|(kind, _)| kind == "topic").map(|it| it.1);
        Ok(Mine {
            demands: rows.demands.iter().map(Row::demand).collect::<Result<_, _>>()?,
            leadership: rows.leadership.map(|it| it.parse()).transpose().map_err(|_| damaged())?,
            asked: rows.asked.map(AskedRow::asked).transpose()?,
            topics: topics.collect(),
            weekly,
            tries: rows.tries,
            consent: u16::try_from(rows.consent).unwrap_or(u16::MAX),
        })
    }

    /// The merge that a contact is asked about, as the author of the demand or by another contact of hers.
    pub async fn find_asked_merge(
        &self,
        contact_id: Uuid,
        now: UnixMillis,
    ) -> Result<Option<AskedMerge>, Error> {
        self.asked_row(contact_id, now).await?.map(AskedRow::asked).transpose()
    }

    async fn asked_row(&self, contact_id: Uuid, now: UnixMillis) -> Result<Option<AskedRow>, Error> {
        on_pool!(self, conn => at::demand_reading::asked(conn, contact_id, now.0))
    }

    async fn mine_rows(&self, contact_id: Uuid, now: UnixMillis) -> Result<MineRows, Error> {
        on_pool!(self, conn => at::demand_reading::mine(conn, contact_id, now.0 - SHOWN, now.0))
    }

    /// Everything about a demand that staff may read.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get_full_demand(&self, id: Uuid) -> Result<FullDemand, Error> {
        let rows = self.full_rows(id).await?.ok_or(Error::NotFound)?;
        let leadership: Option<Result<Leadership, _>> = rows.leadership.map(|it| it.parse());
        Ok(FullDemand {
            demand: rows.row.demand()?,
            answer: rows.answer,
            commitment: rows.commitment,
            actas: rows.actas.into_iter().map(Acta::from).collect(),
            pictures: rows.pictures.into_iter().map(|(id, at)| (id, UnixMillis(at))).collect(),
            messages: rows.messages.into_iter().map(AuthorMessage::from).collect(),
            merges: rows.merges.into_iter().map(MergeRow::merge).collect(),
            changes: rows.changes.into_iter().map(Changed::from).collect(),
            days: rows
                .days
                .into_iter()
                .map(|(day, signed, back)| (day, count(signed), count(back)))
                .collect(),
            regions: rows.regions.into_iter().map(|(place, it)| (place, count(it))).collect(),
            endorsements: rows.endorsements.into_iter().map(|it| it.0).collect(),
            cases: rows.cases.into_iter().map(|it| it.0).collect(),
            author: rows.row.contact_id,
            leadership: leadership
                .transpose()
                .map_err(|_| Error::Other("a leader can't be read".to_owned()))?,
            flagged: [count(rows.flagged.0), count(rows.flagged.1), count(rows.flagged.2)],
        })
    }

    async fn full_rows(&self, id: Uuid) -> Result<Option<FullRows>, Error> {
        on_pool!(self, conn => at::demand_reading::full(conn, id))
    }

    /// For which demand the photo of a message was sent, as one of a list of an assembly; `None`: for none.
    pub async fn find_pictured_demand(&self, inbox_id: Uuid) -> Result<Option<Uuid>, Error> {
        on_pool!(self, conn => at::demand_reading::pictured(conn, inbox_id))
    }
}
