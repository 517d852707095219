//! What is watched of the store: how much waits, since when, and what is known of gateways and money.
//! Read every few seconds, never by a request.

use uuid::Uuid;

use super::desk::held::REVEALS_AN_HOUR;
use super::{Error, Store};
use crate::domain::time::{HOUR, UnixMillis};

/// The state of the queues at one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Messages that wait to be handled.
    pub waiting: i64,
    /// When the oldest of them came, Unix ms.
    pub waiting_since: Option<i64>,
    /// Messages that are parked and wait for a person.
    pub parked: i64,
    /// Messages of ours by state; those that are done with are not counted.
    pub outbox: Vec<(&'static str, i64)>,
    /// Since when the oldest of those that are due waits, Unix ms.
    pub due_since: Option<i64>,
    /// Since when nobody knows of the oldest `unknown` one whether it was sent, Unix ms.
    pub unknown_since: Option<i64>,
    /// What is known of gateways.
    pub gateways: Vec<GatewayState>,
    /// What was used today of budgets, by name.
    pub budgets: Vec<(String, i64)>,
    /// Accounts that looked at [`REVEALS_AN_HOUR`] numbers or more within an hour.
    pub curious: Vec<Uuid>,
}

/// What is known of a gateway.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct GatewayState {
    /// Its channel.
    pub id: String,
    /// 0 down, 100 well.
    pub score: i64,
    /// Since when it is down, Unix ms.
    pub down_since: Option<i64>,
    /// The phone's battery in percent, where it reports it.
    pub battery: Option<i64>,
    /// What is left of its credit, where it reports it.
    pub credit: Option<i64>,
    /// When it reported, Unix ms.
    pub reported_at: Option<i64>,
}

/// The statements of this file. Each repeats the condition of a partial index.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const WAITING: Statement =
        Statement::both("SELECT COUNT(*) FROM inbox WHERE state = 'received'");
    pub(super) const WAITING_SINCE: Statement =
        Statement::both("SELECT received_at FROM inbox WHERE state = 'received' ORDER BY id LIMIT 1");
    pub(super) const PARKED: Statement = Statement::both("SELECT COUNT(*) FROM inbox WHERE state = 'parked'");
    pub(super) const QUEUED: Statement =
        Statement::both("SELECT COUNT(*) FROM outbox WHERE state = 'queued'");
    pub(super) const LEASED: Statement = Statement::both(
        "SELECT COUNT(*) FROM outbox WHERE state IN ('claimed', 'dispatched') AND lease_until > 0",
    );
    pub(super) const UNKNOWN: Statement =
        Statement::both("SELECT COUNT(*) FROM outbox WHERE state = 'unknown'");
    pub(super) const DEAD: Statement =
        Statement::both("SELECT COUNT(*) FROM outbox WHERE state IN ('failed', 'expired', 'abandoned')");
    pub(super) const DUE_SINCE: Statement =
        Statement::both("SELECT MIN(not_before) FROM outbox WHERE state = 'queued'");
    pub(super) const UNKNOWN_SINCE: Statement =
        Statement::both("SELECT MIN(updated_at) FROM outbox WHERE state = 'unknown'");
    pub(super) const GATEWAYS: Statement = Statement::both(
        "SELECT id, score, down_since, battery, credit, reported_at FROM gateways WHERE id > '' ORDER BY id",
    );
    pub(super) const BUDGETS: Statement = Statement::both(
        "SELECT name, used FROM budgets WHERE name > '' AND day = $1 ORDER BY name LIMIT 1000",
    );
    /// What is older than an hour goes when its officer looks again, so this stays short.
    pub(super) const CURIOUS: Statement = Statement::both(
        "SELECT staff_id FROM reveals WHERE at > $1 GROUP BY staff_id HAVING COUNT(*) >= $2 \
         ORDER BY staff_id LIMIT 20",
    );
    /// Asked by whoever wants to know whether the database takes writes.
    pub(super) const PROBE: Statement = Statement::both(
        "INSERT INTO cursors (name, position, updated_at) VALUES ('ready', 0, $1) \
         ON CONFLICT (name) DO UPDATE SET updated_at = excluded.updated_at",
    );
    pub(in crate::store) const ALL: &[Statement] = &[
        WAITING,
        WAITING_SINCE,
        PARKED,
        QUEUED,
        LEASED,
        UNKNOWN,
        DEAD,
        DUE_SINCE,
        UNKNOWN_SINCE,
        GATEWAYS,
        BUDGETS,
        CURIOUS,
        PROBE,
    ];
}

per_engine! {
    use {
        use super::{REVEALS_AN_HOUR, Uuid, Watched, sql};
        use crate::store::{Error, Statement};
    }

    /// Everything.
    pub(crate) async fn watch(conn: &mut Conn, day: i64, hour: i64) -> Result<Watched, Error> {
        let curious: Vec<(Uuid,)> = sqlx::query_as(sql::CURIOUS.on(ENGINE))
            .bind(hour)
            .bind(REVEALS_AN_HOUR)
            .fetch_all(&mut *conn)
            .await?;
        let mut outbox = Vec::new();
        for (state, statement) in
            [("queued", sql::QUEUED), ("sending", sql::LEASED), ("unknown", sql::UNKNOWN), ("dead", sql::DEAD)]
        {
            outbox.push((state, number(&mut *conn, statement).await?.unwrap_or(0)));
        }
        Ok(Watched {
            waiting: number(&mut *conn, sql::WAITING).await?.unwrap_or(0),
            waiting_since: number(&mut *conn, sql::WAITING_SINCE).await?,
            parked: number(&mut *conn, sql::PARKED).await?.unwrap_or(0),
            outbox,
            due_since: number(&mut *conn, sql::DUE_SINCE).await?,
            unknown_since: number(&mut *conn, sql::UNKNOWN_SINCE).await?,
            gateways: sqlx::query_as(sql::GATEWAYS.on(ENGINE)).fetch_all(&mut *conn).await?,
            budgets: sqlx::query_as(sql::BUDGETS.on(ENGINE)).bind(day).fetch_all(conn).await?,
            curious: curious.into_iter().map(|(it,)| it).collect(),
        })
    }

    async fn number(conn: &mut Conn, statement: Statement) -> Result<Option<i64>, Error> {
        let row: Option<(Option<i64>,)> = sqlx::query_as(statement.on(ENGINE)).fetch_optional(conn).await?;
        Ok(row.and_then(|(it,)| it))
    }

    /// A write that changes nothing.
    pub(crate) async fn probe(conn: &mut Conn, at: i64) -> Result<(), Error> {
        sqlx::query(sql::PROBE.on(ENGINE)).bind(at).execute(conn).await?;
        Ok(())
    }
}

impl Store {
    /// The state of the queues now, and of the budgets of a `day` (days since 1970, where the service is).
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn watch(&self, day: i64, now: UnixMillis) -> Result<Watched, Error> {
        on_pool!(self, conn => at::watched::watch(conn, day, now.0 - HOUR))
    }

    /// Commits a write that means nothing: whether the database takes writes.
    ///
    /// # Errors
    /// It does not.
    pub async fn probe(&self, now: UnixMillis) -> Result<(), Error> {
        in_write_tx!(self, conn => at::watched::probe(conn, now.0))
    }
}
