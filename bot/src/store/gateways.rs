//! What is known of gateways across restarts.

use super::{Error, Store, events};
use crate::domain::time::UnixMillis;

/// A gateway's row.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct GatewayRow {
    /// Its id: its channel's.
    pub id: String,
    /// 0 down, 100 well.
    pub score: i64,
    /// Since when others send for it, Unix ms.
    pub down_since: Option<i64>,
}

/// What changed besides the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Nothing.
    None,
    /// Another gateway sends now.
    Away,
    /// It sends again.
    Back,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const LIST: Statement =
        Statement::both("SELECT id, score, down_since FROM gateways ORDER BY id");
    pub(super) const UPDATE: Statement = Statement::both(
        "INSERT INTO gateways (id, score, down_since, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO UPDATE SET score = excluded.score, down_since = excluded.down_since, \
         updated_at = excluded.updated_at",
    );
    pub(in crate::store) const ALL: &[Statement] = &[LIST, UPDATE];
}

per_engine! {
    with at;
    use {
        use super::{GatewayRow, Switch, events, sql};
        use crate::store::Error;
    }

    /// All of them.
    pub(crate) async fn list(conn: &mut Conn) -> Result<Vec<GatewayRow>, Error> {
        Ok(sqlx::query_as(sql::LIST.on(ENGINE)).fetch_all(conn).await?)
    }

    /// Notes a gateway's health.
    pub(crate) async fn update(
        conn: &mut Conn,
        row: GatewayRow,
        switch: Switch,
        now: i64,
    ) -> Result<(), Error> {
        sqlx::query(sql::UPDATE.on(ENGINE))
            .bind(row.id)
            .bind(row.score)
            .bind(row.down_since)
            .bind(now)
            .execute(&mut *conn)
            .await?;
        let kind = match switch {
            Switch::None => return Ok(()),
            Switch::Away => "gateway_switched",
            Switch::Back => "gateway_returned",
        };
        at::events::add(conn, &[events::New { kind, at: now, ..events::New::default() }]).await
    }
}

impl Store {
    /// What is known of all gateways.
    pub async fn list_gateways(&self) -> Result<Vec<GatewayRow>, Error> {
        on_pool!(self, conn => at::gateways::list(conn))
    }

    /// Notes a gateway's health; a switch and a return have an event.
    pub async fn update_gateway(
        &self,
        row: GatewayRow,
        switch: Switch,
        now: UnixMillis,
    ) -> Result<(), Error> {
        in_write_tx!(self, conn => at::gateways::update(conn, row, switch, now.0))
    }
}
