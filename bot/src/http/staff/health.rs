//! The state of the service, as the watch saw it last.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use cabildo_staff_api::report as wire;

use super::StaffState;
use super::auth::Rule;
use super::problem::Problem;
use super::routes::Route;
use crate::domain::staff::Act;
use crate::watch::{Queue, Seen};

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let summary = "Gateways, queues, budgets, alarms";
    vec![
        Route::new(Method::GET, "/staff/v1/health", Rule::May(Act::ReadHealth), "getHealth", summary, health)
            .gives::<wire::Health>(200),
    ]
}

fn queue(it: Queue) -> wire::HealthQueue {
    wire::HealthQueue { count: it.count, oldest_ms: it.oldest_ms }
}

async fn health(State(state): State<Arc<StaffState>>) -> Result<Json<wire::Health>, Problem> {
    let ok = state.service.health().await.ok;
    let seen: Arc<Seen> = state.watch.seen();
    let gateways = seen.gateways.iter().map(|it| wire::HealthGateway {
        id: it.id.clone(),
        score: it.score,
        down_since: it.down_since,
        battery: it.battery,
        credit: it.credit,
    });
    let budgets = seen.budgets.iter();
    let budgets =
        budgets.map(|(name, it)| wire::HealthBudget { name: name.clone(), used: it.used, cap: it.cap });
    let alarms = seen.alarms.iter();
    let alarms = alarms.map(|it| wire::HealthAlarm { code: it.code.to_owned(), subject: it.about.clone() });
    Ok(Json(wire::Health {
        ok,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: seen.at,
        database: seen.database,
        waiting: queue(seen.waiting),
        queued: queue(seen.queued),
        unknown: queue(seen.unknown),
        parked: seen.parked,
        failed_percent: seen.failed_percent,
        gateways: gateways.collect(),
        budgets: budgets.collect(),
        disk_free_percent: seen.disk_free_percent,
        backup_at: seen.backup_at,
        spooled: seen.spooled,
        alarms: alarms.collect(),
    }))
}
