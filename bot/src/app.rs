//! The whole service, built from its configuration in one place and in order.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channels::gateway::{Gateway, Gateways};
use crate::channels::{http_client, kannel, telegram, twilio};
use crate::clock::Clock;
use crate::config::{ChannelConfig, Config, ConfigError};
use crate::domain::facts::Facts;
use crate::http::{self, Limits, SmsChannel, State};
use crate::jobs;
use crate::service::Service;
use crate::store::guard::{check_private_folder, make_private_folder};
use crate::store::{OpenError, Store, erasures};
use crate::telegram::{Poller, Status};
use crate::watch::{Places, Watch};

/// Longest time of one call to a gateway, from its first byte to its last.
const CALL: Duration = Duration::from_secs(20);
/// How long jobs may still work when the service stops.
const DRAIN: Duration = Duration::from_secs(15);

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
}

impl From<TcpListener> for Listeners {
    fn from(webhooks: TcpListener) -> Self {
        Self { webhooks, inner: None }
    }
}

/// The running service.
#[derive(Debug)]
pub struct App {
    address: SocketAddr,
    inner_address: Option<SocketAddr>,
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
        let Listeners { webhooks: listener, inner } = listeners.into();
        let address = listener.local_addr().map_err(StartError::Listener)?;
        let inner_address =
            inner.as_ref().map(TcpListener::local_addr).transpose().map_err(StartError::Listener)?;
        let client = http_client(CALL)?;
        let mut sms = HashMap::new();
        let mut gateways = Gateways::new();
        let mut bots = Vec::new();
        for (id, channel) in &config.channels {
            match channel {
                ChannelConfig::Kannel(kannel) => {
                    if let Some(sender) = kannel::Sender::new(client.clone(), id, kannel) {
                        gateways.insert(id.clone(), Gateway::Kannel(sender));
                    }
                    sms.insert(id.clone(), SmsChannel::Kannel(kannel.clone()));
                }
                ChannelConfig::Twilio(twilio) => {
                    if let Some(sender) = twilio::Sender::new(client.clone(), twilio) {
                        gateways.insert(id.clone(), Gateway::Twilio(sender));
                    }
                    let base = config.server.public_url.as_deref().unwrap_or_default().trim_end_matches('/');
                    let url = format!("{base}/webhooks/sms/{id}");
                    sms.insert(id.clone(), SmsChannel::Twilio(twilio.clone(), url));
                }
                ChannelConfig::Telegram(telegram) => {
                    let token = telegram.token.as_ref().map(|it| it.reveal().to_owned()).unwrap_or_default();
                    let url = reqwest::Url::parse(&telegram.api_url)
                        .map_err(|_| ConfigError::key(&format!("channels.{id}.api_url"), "it is no URL."))?;
                    let sending = teloxide::Bot::with_client(&token, client.clone()).set_api_url(url.clone());
                    gateways.insert(id.clone(), Gateway::Telegram(telegram::Sender::new(sending)));
                    // A poll waits on purpose, so its client must wait longer.
                    let seconds = u64::from(telegram.poll_timeout_seconds);
                    let patient = http_client(CALL + Duration::from_secs(seconds))?;
                    let bot = teloxide::Bot::with_client(&token, patient).set_api_url(url);
                    bots.push((id.clone(), bot, telegram.poll_timeout_seconds));
                }
            }
        }

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
        let mut service = Service::new(store, facts, clock.clone(), gateways);
        service.name.clone_from(&config.service.name);
        let service = Arc::new(service);

        let statuses: HashMap<String, Arc<Status>> =
            bots.iter().map(|(id, ..)| (id.clone(), Arc::default())).collect();
        let watch = Arc::new(Watch::new(
            Arc::clone(&service),
            clock.clone(),
            Places {
                location,
                folder,
                key_file,
                backup: config.backup.clone(),
                backup_folder: config.backup_folder()?,
                limits: config.limits.clone(),
                channels: config.channels.keys().cloned().collect(),
                telegram: statuses.clone(),
            },
        ));
        let app = Self {
            address,
            inner_address,
            service: Arc::clone(&service),
            watch,
            stop: CancellationToken::new(),
            receiving: TaskTracker::new(),
            working: TaskTracker::new(),
            jobs: CancellationToken::new(),
        };
        let (runner, jobs_stop) = (Arc::clone(&service), app.jobs.clone());
        app.working.spawn(jobs::run(runner, jobs_stop));
        app.working.spawn(Arc::clone(&app.watch).run(app.stop.clone()));

        for (id, bot, timeout_seconds) in bots {
            let Some(status) = statuses.get(&id).map(Arc::clone) else { continue };
            let poller = Poller {
                bot,
                channel_id: id,
                service: Arc::clone(&service),
                clock: clock.clone(),
                timeout_seconds,
                status,
            };
            app.receiving.spawn(poller.run(app.stop.clone()));
        }

        let read_timeout = Duration::from_secs(config.server.read_timeout_seconds);
        let state = Arc::new(State {
            service,
            sms,
            watch: Arc::clone(&app.watch),
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
