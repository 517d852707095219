//! `cabildo serve`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Failure, config, exit};
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::facts::Facts;
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
        let (stop, listener) = (stop_on_signal()?, bind(&config).await?);
        let app = start(&config, facts, listener).await?;
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

/// Binds the configured address.
pub(super) async fn bind(config: &Config) -> Result<TcpListener, Failure> {
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
            format!(
                "{address} is not free: {advice} ({problem}). Name another with --listen or server.listen."
            ),
        )
    })
}

/// Starts the service on a bound listener.
pub(super) async fn start(config: &Config, facts: Arc<Facts>, listener: TcpListener) -> Result<App, Failure> {
    App::start(config, facts, Clock::System, listener).await.map_err(|problem| {
        let code = match &problem {
            StartError::Config(_) => exit::CONFIG,
            StartError::Store(problem) => problem.exit_code(),
            StartError::Folder(_) => exit::CANT_CREATE,
            StartError::Listener(_) | StartError::Client(_) => exit::UNAVAILABLE,
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
