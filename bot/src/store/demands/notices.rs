//! News to many, on its way: one notice after the other, to everybody whom it is for once.
//!
//! A notice has a number. A support, or a subscription, remembers the number of the last one that was for it,
//! in the transaction that queues the message; so a sender that was cut off goes on where it was, two beside
//! each other send nothing twice, and who signs after a notice was written does not get it. Contacts of one
//! person remember together.

use std::str::FromStr as _;

use uuid::Uuid;

use super::row::Row;
use super::{Demand, Recipient};
use crate::domain::codes::codes;
use crate::domain::time::UnixMillis;
use crate::store::cases::locale;
use crate::store::outbox::NewOutbound;
use crate::store::{Error, Store};

/// The campaign of the weekly digest.
pub const WEEK_CAMPAIGN: &str = "week";

/// The campaign of news of a demand to its supporters.
pub fn campaign(demand_id: Uuid) -> String {
    format!("demand-{}", demand_id.simple())
}

/// The campaign of news of a topic.
pub fn topic_campaign(topic: &str) -> String {
    format!("topic-{topic}")
}

/// Whom a notice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Its author.
    Author,
    /// Who signed this demand.
    Own,
    /// Who is in its total.
    Tree,
    /// Who subscribed to its topic in its municipality.
    Topic,
    /// Whose cases it grew out of.
    Cases,
}

codes!(Scope, "scope of a notice", {
    Author => "author",
    Own => "own",
    Tree => "tree",
    Topic => "topic",
    Cases => "cases",
});

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// To the author: two confirmed it, a moderator reads it.
    Confirmed,
    /// To the author: it is public.
    Published,
    /// To the author: it was refused; `reason`.
    Rejected,
    /// To the author: may it go on in another one? `parent`, `text`.
    MergeAsked,
    /// To the author: her message was refused; `reason`.
    MessageRefused,
    /// It goes on in another one; `parent`.
    Merged,
    /// It stands for itself again; `parent`.
    Unmerged,
    /// It has enough support, and the authority has it.
    HandedOver,
    /// The term is over without an answer.
    Silent,
    /// The answer.
    Answered,
    /// A message of the author; `text`.
    Message,
    /// News of the promise; `state`.
    Progress,
    /// It did not find enough support in time.
    Expired,
    /// Its author took it back.
    Withdrawn,
    /// To subscribers: there is a new one.
    New,
    /// To whose cases it grew out of: do they sign?
    Invited,
}

codes!(NoticeKind, "kind of a notice", {
    Confirmed => "confirmed",
    Published => "published",
    Rejected => "rejected",
    MergeAsked => "merge_asked",
    MessageRefused => "message_refused",
    Merged => "merged",
    Unmerged => "unmerged",
    HandedOver => "handed_over",
    Silent => "silent",
    Answered => "answered",
    Message => "message",
    Progress => "progress",
    Expired => "expired",
    Withdrawn => "withdrawn",
    New => "new",
    Invited => "invited",
});

/// A notice that is on its way. `Debug` shows no text.
#[derive(Clone, PartialEq)]
pub struct Notice {
    /// Its number.
    pub number: i64,
    /// The demand.
    pub demand: Demand,
    /// Whom it is for.
    pub scope: Scope,
    /// What it says.
    pub kind: NoticeKind,
    /// What it says besides.
    pub detail: serde_json::Value,
    /// When it was written.
    pub at: UnixMillis,
    /// How many got it.
    pub sent: i64,
}

impl std::fmt::Debug for Notice {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Notice {{ number: {}, kind: {}, scope: {}, .. }}", self.number, self.kind, self.scope)
    }
}

/// A notice as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct NoticeRow {
    number: i64,
    demand_id: Uuid,
    scope: String,
    kind: String,
    detail: String,
    at: i64,
    sent: i64,
}

/// Somebody whom a notice is for, as she is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct RecipientRow {
    mark: Uuid,
    contact_id: Uuid,
    channel_id: String,
    state: Option<String>,
    muted: bool,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO demand_notices (number, demand_id, scope, kind, detail, at) \
         VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM demand_notices), $1, $2, $3, $4, $5)",
    );
    pub(super) const NEXT: Statement = Statement::both(
        "SELECT number, demand_id, scope, kind, detail, at, sent FROM demand_notices WHERE done_at IS NULL \
         ORDER BY number LIMIT 1",
    );
    pub(super) const OF: Statement = Statement::both(
        "SELECT number, demand_id, scope, kind, detail, at, sent FROM demand_notices WHERE demand_id = $1 \
         ORDER BY number",
    );
    pub(super) const DONE: Statement =
        Statement::both("UPDATE demand_notices SET done_at = $2 WHERE number = $1 AND done_at IS NULL");
    pub(super) const SENT: Statement =
        Statement::both("UPDATE demand_notices SET sent = sent + $2 WHERE number = $1 AND done_at IS NULL");
    macro_rules! supporters {
        ($where:literal) => {
            concat!(
                "SELECT s.id AS mark, s.contact_id, k.channel_id, v.state, s.muted FROM demand_supports AS s \
                 JOIN contacts AS k ON k.id = s.contact_id \
                 LEFT JOIN conversations AS v ON v.contact_id = s.contact_id WHERE ",
                $where,
                " AND s.noticed < $2 ORDER BY s.noticed, s.id LIMIT $3"
            )
        };
    }
    pub(super) const TREE: Statement =
        Statement::both(supporters!("s.root_id = $1 AND s.counted IS NOT NULL"));
    /// Of several contacts of one person that signed it, the first.
    pub(super) const OWN: Statement = Statement::both(supporters!(
        "s.demand_id = $1 AND NOT EXISTS (SELECT 1 FROM demand_supports AS o WHERE o.holder_id = s.holder_id \
         AND o.root_id = s.root_id AND o.demand_id = s.demand_id AND o.id < s.id)"
    ));
    pub(super) const TOPIC: Statement = Statement::both(
        "SELECT s.contact_id AS mark, s.contact_id, k.channel_id, v.state, (d.id IS NULL) AS muted \
         FROM demands AS d JOIN subscriptions AS s ON s.municipality = d.municipality AND s.topic = d.topic \
         AND s.kind = 'topic' JOIN contacts AS k ON k.id = s.contact_id \
         LEFT JOIN conversations AS v ON v.contact_id = s.contact_id \
         WHERE d.id = $1 AND s.noticed < $2 ORDER BY s.noticed, s.contact_id LIMIT $3",
    );
    pub(super) const AUTHOR: Statement = Statement::both(
        "SELECT d.contact_id AS mark, d.contact_id, k.channel_id, v.state, ($2 < 0 OR $3 < 0) AS muted \
         FROM demands AS d JOIN contacts AS k ON k.id = d.contact_id \
         LEFT JOIN conversations AS v ON v.contact_id = d.contact_id WHERE d.id = $1",
    );
    /// Everybody of the linked cases that all may know of once, who did not sign and was not asked before.
    pub(super) const CASES: Statement = Statement::both(
        "SELECT p.contact_id AS mark, p.contact_id, k.channel_id, v.state, ($2 < 0) AS muted \
         FROM demand_cases AS c JOIN cases AS f ON f.id = c.case_id AND f.confidentiality = 'open' \
         JOIN case_people AS p ON p.case_id = c.case_id JOIN contacts AS k ON k.id = p.contact_id LEFT JOIN conversations AS v ON v.contact_id = p.contact_id \
         WHERE c.demand_id = $1 AND NOT EXISTS (SELECT 1 FROM demand_supports AS s WHERE s.root_id = $1 \
         AND s.holder_id = COALESCE(k.person_id, k.id)) AND NOT EXISTS (SELECT 1 FROM demand_invited AS i \
         JOIN contacts AS h ON h.id = i.contact_id WHERE i.demand_id = $1 \
         AND COALESCE(h.person_id, h.id) = COALESCE(k.person_id, k.id)) \
         AND NOT EXISTS (SELECT 1 FROM demand_cases AS e \
         JOIN cases AS y ON y.id = e.case_id AND y.confidentiality = 'open' JOIN case_people AS q ON q.case_id = e.case_id JOIN contacts AS o ON o.id = q.contact_id \
         WHERE e.demand_id = $1 AND COALESCE(o.person_id, o.id) = COALESCE(k.person_id, k.id) \
         AND (q.contact_id, e.case_id) < (p.contact_id, c.case_id)) ORDER BY p.contact_id LIMIT $3",
    );
    pub(super) const MARK: Statement = Statement::both(
        "UPDATE demand_supports SET noticed = $2 WHERE noticed < $2 AND (root_id, holder_id) IN \
         (SELECT o.root_id, o.holder_id FROM demand_supports AS o WHERE o.id = $1)",
    );
    pub(super) const INVITE: Statement = Statement::both(
        "INSERT INTO demand_invited (demand_id, contact_id, at) VALUES ($1, $2, $3) \
         ON CONFLICT (demand_id, contact_id) DO NOTHING",
    );
    pub(super) const MARK_TOPIC: Statement = Statement::both(
        "UPDATE subscriptions SET noticed = $2 WHERE contact_id = $1 AND noticed < $2 AND kind = 'topic' \
         AND topic = (SELECT d.topic FROM demands AS d WHERE d.id = $3)",
    );
    pub(in crate::store) const ALL: &[Statement] =
        &[ADD, NEXT, OF, DONE, SENT, TREE, OWN, TOPIC, AUTHOR, CASES, MARK, INVITE, MARK_TOPIC];
}

per_engine! {
    with at;
    use {
        use super::super::row::Row;
        use super::{NoticeKind, NoticeRow, RecipientRow, Scope, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Writes a notice; the feed is locked already.
    pub(crate) async fn add(
        conn: &mut Conn,
        demand_id: Uuid,
        scope: Scope,
        kind: NoticeKind,
        detail: &serde_json::Value,
        now: i64,
    ) -> Result<(), Error> {
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(demand_id)
            .bind(scope.code())
            .bind(kind.code())
            .bind(detail.to_string())
            .bind(now)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// The first notice that is not done, and its demand.
    pub(crate) async fn next(conn: &mut Conn) -> Result<Option<(NoticeRow, Row)>, Error> {
        let notice: Option<NoticeRow> = sqlx::query_as(sql::NEXT.on(ENGINE)).fetch_optional(&mut *conn).await?;
        let Some(notice) = notice else { return Ok(None) };
        let row = at::demand_rows::read(conn, notice.demand_id).await?.ok_or(Error::NotFound)?;
        Ok(Some((notice, row)))
    }

    /// All notices of a demand.
    pub(crate) async fn of(conn: &mut Conn, demand_id: Uuid) -> Result<Vec<NoticeRow>, Error> {
        Ok(sqlx::query_as(sql::OF.on(ENGINE)).bind(demand_id).fetch_all(conn).await?)
    }

    /// Some whom a notice is for and who did not get it.
    pub(crate) async fn recipients(
        conn: &mut Conn,
        number: i64,
        demand_id: Uuid,
        scope: Scope,
        limit: i64,
    ) -> Result<Vec<RecipientRow>, Error> {
        let statement = match scope {
            Scope::Author => sql::AUTHOR,
            Scope::Own => sql::OWN,
            Scope::Tree => sql::TREE,
            Scope::Topic => sql::TOPIC,
            Scope::Cases => sql::CASES,
        };
        let query = sqlx::query_as(statement.on(ENGINE)).bind(demand_id).bind(number).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// Queues messages of a notice; each names what is marked, and has one unless she is passed over. Who was
    /// marked by another one meanwhile gets none. `true`: the notice is done.
    pub(crate) async fn send(
        conn: &mut Conn,
        (number, demand_id, scope, merge): (i64, Uuid, Scope, Option<Uuid>),
        batch: Vec<(Uuid, Option<(Uuid, String)>)>,
        now: i64,
    ) -> Result<bool, Error> {
        at::events::lock(&mut *conn).await?;
        let once = scope == Scope::Author;
        let empty = batch.is_empty();
        if once || empty {
            let done = sqlx::query(sql::DONE.on(ENGINE)).bind(number).bind(now).execute(&mut *conn).await?;
            // Another process was first.
            if done.rows_affected() == 0 {
                return Ok(true);
            }
        }
        let mut sent = 0_i64;
        for (mark, document) in batch {
            let marked = match scope {
                Scope::Author => 1,
                Scope::Cases => {
                    let query = sqlx::query(sql::INVITE.on(ENGINE)).bind(demand_id).bind(mark).bind(now);
                    query.execute(&mut *conn).await?.rows_affected()
                }
                Scope::Topic => {
                    let query = sqlx::query(sql::MARK_TOPIC.on(ENGINE)).bind(mark).bind(number);
                    query.bind(demand_id).execute(&mut *conn).await?.rows_affected()
                }
                Scope::Own | Scope::Tree => {
                    let query = sqlx::query(sql::MARK.on(ENGINE)).bind(mark).bind(number);
                    query.execute(&mut *conn).await?.rows_affected()
                }
            };
            if let Some((id, document)) = document.filter(|_| marked > 0) {
                sent += i64::try_from(at::outbox::add_many(&mut *conn, document).await?).unwrap_or(0);
                if let Some(merge) = merge {
                    at::demand_merges::sent_by(&mut *conn, merge, id).await?;
                }
            }
        }
        // Of the people of a case the number alone would tell whether one of them had signed.
        if sent > 0 && scope != Scope::Cases {
            sqlx::query(sql::SENT.on(ENGINE)).bind(number).bind(sent).execute(conn).await?;
        }
        Ok(once || empty)
    }
}

fn notice((row, demand): (NoticeRow, Row)) -> Result<Notice, Error> {
    let damaged = |_| Error::Other(format!("the notice {} can't be read", row.number));
    Ok(Notice {
        number: row.number,
        demand: demand.demand()?,
        scope: Scope::from_str(&row.scope).map_err(damaged)?,
        kind: NoticeKind::from_str(&row.kind).map_err(damaged)?,
        detail: serde_json::from_str(&row.detail).unwrap_or_default(),
        at: UnixMillis(row.at),
        sent: row.sent,
    })
}

impl Store {
    /// The first notice that is not with everybody whom it is for. Only the job that sends them asks.
    pub async fn next_demand_notice(&self) -> Result<Option<Notice>, Error> {
        self.next_notice_row().await?.map(notice).transpose()
    }

    async fn next_notice_row(&self) -> Result<Option<(NoticeRow, Row)>, Error> {
        on_pool!(self, conn => at::demand_notices::next(conn))
    }

    /// How many got each notice of a demand so far: number, kind, messages.
    pub async fn list_demand_notices(&self, demand_id: Uuid) -> Result<Vec<(i64, NoticeKind, i64)>, Error> {
        let rows = self.notice_rows(demand_id).await?;
        let damaged = |_| Error::Other("a notice can't be read".to_owned());
        rows.into_iter()
            .map(|it| Ok((it.number, NoticeKind::from_str(&it.kind).map_err(damaged)?, it.sent)))
            .collect()
    }

    async fn notice_rows(&self, demand_id: Uuid) -> Result<Vec<NoticeRow>, Error> {
        on_pool!(self, conn => at::demand_notices::of(conn, demand_id))
    }

    /// At most `limit` people whom a notice is for and who did not get it; empty: all have it. Nobody but the
    /// sender of notices sees who supports a demand.
    pub async fn list_notice_recipients(&self, it: &Notice, limit: u32) -> Result<Vec<Recipient>, Error> {
        let rows = self.recipient_rows(it, limit).await?;
        let keys = self.keys();
        let recipient = |it: RecipientRow| Recipient {
            locale: locale(&keys, it.contact_id, it.state.as_deref()),
            mark: it.mark,
            contact_id: it.contact_id,
            channel_id: it.channel_id,
            muted: it.muted,
        };
        Ok(rows.into_iter().map(recipient).collect())
    }

    async fn recipient_rows(&self, it: &Notice, limit: u32) -> Result<Vec<RecipientRow>, Error> {
        let (number, demand_id, scope) = (it.number, it.demand.id, it.scope);
        on_pool!(self, conn => at::demand_notices::recipients(conn, number, demand_id, scope, i64::from(limit)))
    }

    /// Queues the messages of a notice to these recipients, each with its own or with none where she is
    /// passed over; nobody gets a notice twice, whoever sends it. With no recipients the notice is done.
    /// Gives whether it is.
    pub async fn send_demand_notice(
        &self,
        it: &Notice,
        batch: Vec<(Recipient, Option<NewOutbound>)>,
        now: UnixMillis,
    ) -> Result<bool, Error> {
        let mut sealed = Vec::with_capacity(batch.len());
        for (recipient, message) in batch {
            let document = message
                .map(|it| Ok::<_, Error>((it.id, self.outbound_document(std::slice::from_ref(&it))?)))
                .transpose()?;
            sealed.push((recipient.mark, document));
        }
        let merge = it.detail["merge"].as_str().and_then(|it| it.parse().ok());
        let which = (it.number, it.demand.id, it.scope, merge);
        in_write_tx!(self, conn => at::demand_notices::send(conn, which, sealed, now.0))
    }
}
