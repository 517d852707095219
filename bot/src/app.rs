//! The whole service, built from its configuration in one place and in order: the channels in
//! `app/channels.rs`, what receives from the bots in `app/bots.rs`.

mod bots;
mod channels;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::channels::Built;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::domain::answer_limits::AnswerLimits;
use crate::domain::facts::Facts;
use crate::flood::FloodGate;
use crate::http::staff::StaffState;
use crate::http::{self, Limits, State};
use crate::jobs;
use crate::jobs::sending::Sending;
use crate::service::Service;
use crate::spool::{self, Spool, SpoolError};
use crate::store::guard::{check_private_folder, make_private_folder};
use crate::store::{OpenError, Store, audit, erasures};
use crate::telegram::{Fetcher, Status};
use crate::watch::{Places, Watch};

/// How long jobs may still work when the service stops.
const DRAIN: Duration = Duration::from_secs(15);

/// Connections of the staff console's listener at once; each console follows the feed on one.
const STAFF_CONNECTIONS: usize = 256;
/// Connections of the technician's listener at once.
const INNER_CONNECTIONS: usize = 16;

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder can't be made.
    #[error("The data folder can't be made: {0}. Name another with data.dir or CABILDO_DATA_DIR.")]
    Folder(std::io::Error),
    /// The data folder can be written by others.
    #[error("The data folder {0}.")]
    OpenFolder(String),
    /// The bound listener can't be used.
    #[error("The listening socket can't be used: {0}.")]
    Listener(std::io::Error),
    /// The database can't be used.
    #[error("The database can't be used: {0}")]
    Store(#[from] OpenError),
    /// The spool can't be used.
    #[error("The file in which messages are kept while the database is away can't be used: {0}.")]
    Spool(SpoolError),
    /// The HTTP client can't be made.
    #[error("The HTTP client for the gateways can't be made: {0}.")]
    Client(#[from] reqwest::Error),
}

/// The sockets that it serves, already bound. One alone is that of the webhooks.
#[derive(Debug)]
pub struct Listeners {
    /// For everybody: the webhooks and a bare `/health`.
    pub webhooks: TcpListener,
    /// For the technician: metrics, the detailed state, readiness.
    pub inner: Option<TcpListener>,
    /// For the staff console.
    pub staff: Option<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(webhooks: TcpListener) -> Self {
        Self { webhooks, inner: None, staff: None }
    }
}

/// The running service.
#[derive(Debug)]
pub struct App {
    address: SocketAddr,
    inner_address: Option<SocketAddr>,
    staff_address: Option<SocketAddr>,
    staff: Arc<StaffState>,
    service: Arc<Service>,
    watch: Arc<Watch>,
    stop: CancellationToken,
    receiving: TaskTracker,
    working: TaskTracker,
    jobs: CancellationToken,
}

impl App {
    /// Starts everything on listeners that are already bound: HTTP client, gateways, service, jobs,
    /// pollers, HTTP server, in this order.
    pub async fn start(
        config: &Config,
        facts: Arc<Facts>,
        clock: Clock,
        listeners: impl Into<Listeners>,
    ) -> Result<Self, StartError> {
        Self::start_with(config, facts, clock, listeners, |_| {}).await
    }

    /// Starts everything as [`App::start`] does, with a service that `change` was made to before its
    /// first message: other bounds, another dialogue.
    pub async fn start_with(
        config: &Config,
        facts: Arc<Facts>,
        clock: Clock,
        listeners: impl Into<Listeners>,
        change: impl FnOnce(&mut Service),
    ) -> Result<Self, StartError> {
        let Listeners { webhooks: listener, inner, staff: staff_listener } = listeners.into();
        let address = listener.local_addr().map_err(StartError::Listener)?;
        let inner_address =
            inner.as_ref().map(TcpListener::local_addr).transpose().map_err(StartError::Listener)?;
        let staff_address =
            staff_listener.as_ref().map(TcpListener::local_addr).transpose().map_err(StartError::Listener)?;
        let built = Built::from_config(config)?;

        let country = facts.manifest.pack.country.clone();
        let folder = config.data.folder()?;
        make_private_folder(&folder).map_err(StartError::Folder)?;
        check_private_folder(&folder, 0o022).map_err(StartError::OpenFolder)?;
        let (location, key_file) = (config.location()?, config.key_file()?);
        let store = Store::open(&location, &key_file, clock.now()).await?;
        // Before anything is served: an older backup may have brought back who was erased since.
        let list = folder.join(erasures::FILE_NAME);
        let erasures = erasures::read_list(&list).map_err(StartError::Folder)?;
        let again = store.apply_erasures(&erasures).await.map_err(OpenError::from)?;
        if again > 0 {
            tracing::warn!(again, "persons who had been erased were in the database again and are erased");
        }
        let sending = Sending::from_config(config, &facts);
        let mut service = Service::new(store, facts, clock.clone(), built.gateways);
        service.sending = sending;
        service.limits.answers = AnswerLimits {
            per_hour: i64::from(config.limits.answers_per_hour),
            per_day: i64::from(config.limits.answers_per_day),
        };
        if let Some(per_minute) = NonZeroU32::new(config.limits.fold_after_per_minute) {
            service.flood = FloodGate::new(per_minute, clock.clone());
        }
        let spool = Spool::open(&folder.join(spool::FILE_NAME), spool::SIZE, service.store.keys()).await;
        service.spool = Some(spool.map_err(StartError::Spool)?);
        service.name.clone_from(&config.service.name);
        service.retention.clone_from(&config.retention);
        service.broadcasts.clone_from(&config.broadcasts);
        change(&mut service);
        // The dialogue asks the store for no card: they are there before the first message is.
        service.refresh_highlights().await.map_err(OpenError::from)?;
        let service = Arc::new(service);

        let statuses: HashMap<String, Arc<Status>> =
            built.bots.iter().map(|bot| (bot.id.clone(), Arc::default())).collect();
        let heads = folder.join(audit::HEADS_FILE_NAME);
        let packs = folder.clone();
        let watch = Arc::new(Watch::new(
            Arc::clone(&service),
            clock.clone(),
            Places {
                location,
                folder,
                key_file,
                backup: config.backup.clone(),
                backup_folder: config.backup_folder()?,
                retention: config.retention.clone(),
                limits: config.limits.clone(),
                channels: config.channels.keys().cloned().collect(),
                telegram: statuses.clone(),
            },
        ));
        let read_timeout = Duration::from_secs(config.server.read_timeout_seconds);
        let stop = CancellationToken::new();
        let staff = StaffState::new(
            Arc::clone(&service),
            Arc::clone(&watch),
            clock.clone(),
            read_timeout,
            stop.clone(),
            heads,
        );
        let app = Self {
            address,
            inner_address,
            staff_address,
            staff: Arc::new(staff),
            service: Arc::clone(&service),
            watch,
            stop,
            receiving: TaskTracker::new(),
            working: TaskTracker::new(),
            jobs: CancellationToken::new(),
        };
        let (runner, jobs_stop) = (Arc::clone(&service), app.jobs.clone());
        app.working.spawn(jobs::run(runner, jobs_stop));
        let (sharer, sharing_stop) = (Arc::clone(&service), app.jobs.clone());
        app.working.spawn(async move { jobs::hints::run(&sharer, &sharing_stop).await });
        app.working.spawn(jobs::broadcasts::run(Arc::clone(&service), app.jobs.clone()));
        app.working.spawn(jobs::corrections::run(Arc::clone(&service), packs, app.jobs.clone()));
        app.working.spawn(Arc::clone(&service).run_spool(app.jobs.clone()));
        app.working.spawn(Arc::clone(&app.watch).run(app.stop.clone()));

        let (asker, asking_stop) = (Arc::clone(&service), app.stop.clone());
        app.receiving.spawn(jobs::missed_inbound::run(asker, country.clone(), asking_stop));

        let media_waits = Arc::new(tokio::sync::Notify::new());
        let fetcher = Fetcher {
            store: service.store.clone(),
            clock: clock.clone(),
            sources: built.files,
            waits: Arc::clone(&media_waits),
        };
        app.receiving.spawn(fetcher.run(app.stop.clone()));

        let mut telegram_hooks = HashMap::new();
        for bot in built.bots {
            let Some(status) = statuses.get(&bot.id).map(Arc::clone) else { continue };
            let id = bot.id.clone();
            if let Some(hook) = bots::receive(&app, config, bot, &clock, &media_waits, status)? {
                telegram_hooks.insert(id, hook);
            }
        }

        let state = Arc::new(State {
            service,
            sms: built.sms,
            watch: Arc::clone(&app.watch),
            telegram_hooks,
            country,
            clock,
            body_limit: config.server.webhook_body_limit,
            read_timeout,
            tasks: app.working.clone(),
        });
        let limits = Limits { connections: config.server.max_connections, read_timeout };
        if let Some(inner) = inner {
            let router = http::inner_router(Arc::clone(&state));
            let limits = Limits { connections: INNER_CONNECTIONS, read_timeout };
            app.receiving.spawn(http::serve(inner, router, limits, app.stop.clone()));
        }
        if let Some(listener) = staff_listener {
            let router = http::staff::router(&app.staff);
            let limits = Limits { connections: STAFF_CONNECTIONS, read_timeout };
            app.receiving.spawn(http::serve(listener, router, limits, app.stop.clone()));
        }
        app.working.spawn(Arc::clone(&app.staff).run());
        app.receiving.spawn(http::serve(listener, http::router(state), limits, app.stop.clone()));
        Ok(app)
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the technician's listener.
    pub fn inner_address(&self) -> Option<SocketAddr> {
        self.inner_address
    }

    /// The address of the staff console's listener.
    pub fn staff_address(&self) -> Option<SocketAddr> {
        self.staff_address
    }

    /// What the staff API works with.
    pub fn staff(&self) -> &Arc<StaffState> {
        &self.staff
    }

    /// What is watched.
    pub fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// The service inside, for the terminal phone and the tests.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Stops taking messages, finishes those at work, and ends; what is not finished in time is in
    /// the store and goes on after the next start.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.receiving.close();
        self.receiving.wait().await;
        self.jobs.cancel();
        self.working.close();
        if tokio::time::timeout(DRAIN, self.working.wait()).await.is_err() {
            tracing::warn!("some work did not end in time; it goes on after the next start");
        }
        self.service.store.close().await;
        tracing::info!("stopped");
    }
}
