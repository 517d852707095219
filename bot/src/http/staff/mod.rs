//! The staff API, `/staff/v1`, on its own listener.
//!
//! A resource is a file with its handlers and its lines of the table (`routes.rs`). Around every handler
//! stands a guard (`idempotency.rs`): it knows the caller, refuses what the roles don't allow, and gives a
//! repeated write the answer of the first.

mod acts;
mod audit;
pub mod auth;
mod benchmarks;
mod broadcast_acts;
mod broadcasts;
mod canned;
mod case;
mod cases;
mod charts;
mod commitments;
mod compose;
mod day;
mod demand_acts;
mod demand_open;
mod demands;
mod desk_act;
mod drafts;
mod events;
mod extract;
mod feed;
mod feedback;
mod health;
mod highlight_acts;
mod highlights;
mod idempotency;
mod keeper;
mod leaders;
mod notices;
mod numbers;
pub mod openapi;
mod outbox;
mod privacy;
pub mod problem;
pub mod routes;
mod series;
mod sessions;
mod setup;
mod sign_in;
mod similar;
mod told;
mod unknown;
mod users;
mod views;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::credentials::Hasher;
use crate::service::Service;
use crate::watch::Watch;

pub use feed::Feed;
pub use problem::Problem;
pub use sign_in::{DemoCode, DemoProblem};

/// Largest body, bytes.
pub const BODY_LIMIT: usize = 256 * 1024;

/// What the handlers of the staff API share.
#[derive(Debug)]
pub struct StaffState {
    /// The service.
    pub service: Arc<Service>,
    /// What is watched.
    pub watch: Arc<Watch>,
    /// The clock.
    pub clock: Clock,
    /// Time in which a body must have been read.
    pub read_timeout: Duration,
    /// Ends when the service stops.
    pub stop: CancellationToken,
    /// Hashes passwords, a few at once.
    pub hasher: Hasher,
    /// Tells of new events.
    pub feed: Feed,
    /// The one-time code of the demo.
    pub demo: Mutex<Option<DemoCode>>,
    /// The file of exported heads of the audit trail.
    pub heads: PathBuf,
    /// One check of the whole trail at a time.
    pub verifying: tokio::sync::Mutex<()>,
}

impl StaffState {
    /// The state of a service.
    pub fn new(
        service: Arc<Service>,
        watch: Arc<Watch>,
        clock: Clock,
        read_timeout: Duration,
        stop: CancellationToken,
        heads: PathBuf,
    ) -> Self {
        Self {
            service,
            watch,
            clock,
            read_timeout,
            stop,
            hasher: Hasher::default(),
            feed: Feed::default(),
            demo: Mutex::default(),
            heads,
            verifying: tokio::sync::Mutex::default(),
        }
    }

    /// Work beside the calls until the service stops: tells of new events, exports the head of the audit
    /// trail, removes what is over.
    pub async fn run(self: Arc<Self>) {
        tokio::join!(
            self.feed.run(&self.service.store, &self.stop),
            keeper::run(&self),
            self.service.run_desk(self.stop.clone()),
        );
    }
}

/// The routes.
pub fn router(state: &Arc<StaffState>) -> Router {
    routes::router(state)
}
