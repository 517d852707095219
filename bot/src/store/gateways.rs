//! What is known of gateways across restarts, and the gateway's id of a message.

use uuid::Uuid;

use super::{Error, Store};
use crate::channels::gateway::AttemptToken;
use crate::domain::time::UnixMillis;

/// What a gateway last said of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewayReport {
    /// A phone's battery in percent.
    pub battery: Option<i64>,
    /// What is left of its credit or plan, where it tells.
    pub credit: Option<i64>,
    /// When it said so.
    pub reported_at: UnixMillis,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// An older report than the stored one changes nothing.
    pub(super) const REPORT: Statement = Statement::both(
        "INSERT INTO gateways (id, score, battery, credit, reported_at, updated_at) \
         VALUES ($1, 100, $2, $3, $4, $4) ON CONFLICT (id) DO UPDATE SET \
         battery = COALESCE(excluded.battery, gateways.battery), \
         credit = COALESCE(excluded.credit, gateways.credit), \
         reported_at = excluded.reported_at, updated_at = excluded.updated_at \
         WHERE gateways.reported_at IS NULL OR gateways.reported_at <= excluded.reported_at",
    );
    pub(super) const FIND: Statement = Statement::both(
        "SELECT battery, credit, reported_at FROM gateways WHERE id = $1 AND reported_at IS NOT NULL",
    );
    pub(super) const BY_PROVIDER: Statement = Statement::both(
        "SELECT id, attempt FROM outbox WHERE contact_id = $1 AND provider_id = $2 ORDER BY id DESC LIMIT 1",
    );
    pub(in crate::store) const ALL: &[Statement] = &[REPORT, FIND, BY_PROVIDER];
}

per_engine! {
    use {
        use super::{GatewayReport, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// What a gateway last said.
    pub(crate) async fn find(conn: &mut Conn, id: String) -> Result<Option<(Option<i64>, Option<i64>, i64)>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// Keeps what a gateway says; gives its battery before.
    pub(crate) async fn report(conn: &mut Conn, id: String, report: GatewayReport) -> Result<Option<i64>, Error> {
        let before = find(&mut *conn, id.clone()).await?;
        sqlx::query(sql::REPORT.on(ENGINE))
            .bind(id)
            .bind(report.battery)
            .bind(report.credit)
            .bind(report.reported_at.0)
            .execute(conn)
            .await?;
        Ok(before.and_then(|(battery, ..)| battery))
    }

    /// The last attempt at a message to a contact that the gateway knows by this id.
    pub(crate) async fn by_provider(
        conn: &mut Conn,
        contact_id: Uuid,
        provider_id: String,
    ) -> Result<Option<(Uuid, i64)>, Error> {
        let query = sqlx::query_as(sql::BY_PROVIDER.on(ENGINE)).bind(contact_id).bind(provider_id);
        Ok(query.fetch_optional(conn).await?)
    }
}

impl Store {
    /// Keeps what a gateway says of itself; gives the battery of its report before. An older report than
    /// the stored one changes nothing.
    pub async fn update_gateway_report(&self, id: &str, report: GatewayReport) -> Result<Option<i64>, Error> {
        let id = id.to_owned();
        in_write_tx!(self, conn => at::gateways::report(conn, id, report))
    }

    /// What a gateway last said of itself.
    pub async fn find_gateway_report(&self, id: &str) -> Result<Option<GatewayReport>, Error> {
        let row = self.gateway_row(id.to_owned()).await?;
        Ok(row.map(|(battery, credit, at)| GatewayReport { battery, credit, reported_at: UnixMillis(at) }))
    }

    async fn gateway_row(&self, id: String) -> Result<Option<(Option<i64>, Option<i64>, i64)>, Error> {
        on_pool!(self, conn => at::gateways::find(conn, id))
    }

    /// The attempt at a message to this address that the gateway knows by its own id.
    pub async fn find_by_provider_id(
        &self,
        channel_id: &str,
        address: &str,
        provider_id: &str,
    ) -> Result<Option<AttemptToken>, Error> {
        let Some(contact_id) = self.find_contact(channel_id, address).await? else { return Ok(None) };
        let row = self.provider_row(contact_id, provider_id.to_owned()).await?;
        Ok(row.map(|(message, attempt)| AttemptToken { message, attempt }))
    }

    async fn provider_row(
        &self,
        contact_id: Uuid,
        provider_id: String,
    ) -> Result<Option<(Uuid, i64)>, Error> {
        on_pool!(self, conn => at::gateways::by_provider(conn, contact_id, provider_id))
    }
}
