//! `cabildo serve`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Failure, config, exit};
use crate::app::{App, Listeners, StartError};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::domain::facts::Facts;
use crate::service::Service;
use crate::telemetry;

/// Arguments of `cabildo serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration file; `CABILDO_*` variables come on top of it.
    #[arg(long, value_name = "FILE", env = "CABILDO_CONFIG")]
    config: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let config = config::load(arguments.config.as_deref())?;
    telemetry::start(&config.log);
    telemetry::hide_panic_messages();
    let pack = pack.or(config.data.pack.as_deref());
    let facts = Arc::new(super::load_facts(pack, config.data.dir.as_deref())?);
    runtime()?.block_on(async {
        let (stop, webhooks) = (stop_on_signal()?, bind(&config, "server.listen").await?);
        let inner = bind_inner(&config).await?;
        let staff = bind_staff(&config).await?;
        let _running = running(&config)?;
        let listeners = Listeners { webhooks, inner, staff };
        let app = start(&config, facts, listeners, |_| {}).await?;
        if let Some(address) = app.inner_address() {
            tracing::info!(inner_address = %address, "metrics, health and readiness");
        }
        if let Some(address) = app.staff_address() {
            tracing::info!(staff_address = %address, "the staff API");
        }
        tracing::info!(address = %app.address(), channels = config.channels.len(), "serving");
        stop.cancelled().await;
        app.shutdown().await;
        Ok(())
    })
}

/// The runtime of a command that serves.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|problem| Failure::new(exit::UNAVAILABLE, format!("No threads can be started: {problem}.")))
}

/// Binds the configured address; `option` is where this command takes another one from.
pub(super) async fn bind(config: &Config, option: &str) -> Result<TcpListener, Failure> {
    let address =
        config.server.address().map_err(|problem| Failure::new(exit::CONFIG, problem.to_string()))?;
    TcpListener::bind(address).await.map_err(|problem| {
        let advice = match problem.kind() {
            std::io::ErrorKind::AddrInUse => "Another program listens there",
            std::io::ErrorKind::PermissionDenied => "This account may not listen there",
            _ => "It is not possible to listen there",
        };
        Failure::new(
            exit::UNAVAILABLE,
            format!("{address} is not free: {advice} ({problem}). Name another with {option}."),
        )
    })
}

/// Binds the technician's address. One that was asked for must be free; the default one may be taken
/// by another service of this machine, which must not keep this one from taking messages.
async fn bind_inner(config: &Config) -> Result<Option<TcpListener>, Failure> {
    let wrong = |problem: ConfigError| Failure::new(exit::CONFIG, problem.to_string());
    let Some(address) = config.metrics.address().map_err(wrong)? else { return Ok(None) };
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(problem) if config.metrics.listen.is_none() => {
            tracing::warn!(%address, %problem, "no metrics: the address is not free; name another with metrics.listen");
            Ok(None)
        }
        Err(problem) => Err(Failure::new(
            exit::UNAVAILABLE,
            format!("{address} is not free ({problem}). Name another with metrics.listen, or off."),
        )),
    }
}

/// Binds the address of the staff API, as [`bind_inner`] does.
async fn bind_staff(config: &Config) -> Result<Option<TcpListener>, Failure> {
    let wrong = |problem: ConfigError| Failure::new(exit::CONFIG, problem.to_string());
    let Some(address) = config.staff.address().map_err(wrong)? else { return Ok(None) };
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(problem) if config.staff.listen.is_none() => {
            tracing::warn!(%address, %problem, "no staff API: the address is not free; name another with staff.listen");
            Ok(None)
        }
        Err(problem) => Err(Failure::new(
            exit::UNAVAILABLE,
            format!("{address} is not free ({problem}). Name another with staff.listen, or off."),
        )),
    }
}

/// Marks the data folder as that of a running service, for commands that must not work beside one;
/// the mark ends with the process, however it ends.
fn running(config: &Config) -> Result<Option<std::fs::File>, Failure> {
    let folder = config.data.folder().map_err(|problem| Failure::new(exit::CONFIG, problem.to_string()))?;
    Ok(super::keys::mark_running(&folder))
}

/// Starts the service on a bound listener, with what `change` makes of it before its first message.
pub(super) async fn start(
    config: &Config,
    facts: Arc<Facts>,
    listeners: impl Into<Listeners>,
    change: impl FnOnce(&mut Service),
) -> Result<App, Failure> {
    App::start_with(config, facts, Clock::System, listeners, change).await.map_err(|problem| {
        let code = match &problem {
            StartError::Config(_) | StartError::OpenFolder(_) => exit::CONFIG,
            StartError::Store(problem) => problem.exit_code(),
            StartError::Folder(_) => exit::CANT_CREATE,
            StartError::Listener(_) | StartError::Client(_) => exit::UNAVAILABLE,
            StartError::Spool(_) => exit::CANT_CREATE,
        };
        Failure::new(code, problem.to_string())
    })
}

/// A token that Ctrl-C and SIGTERM cancel; a second signal ends the process at once.
pub(super) fn stop_on_signal() -> Result<CancellationToken, Failure> {
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    #[cfg(unix)]
    let mut interrupt = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::interrupt())?
    };
    tokio::spawn(async move {
        for asked in 0.. {
            #[cfg(unix)]
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            #[cfg(not(unix))]
            if tokio::signal::ctrl_c().await.is_err() {
                return;
            }
            if asked > 0 {
                // 128 + SIGINT, as shells report it; the store survives a cut at any point.
                std::process::exit(130);
            }
            cancel.cancel();
        }
    });
    Ok(stop)
}
