//! `cabildo retention`: what ends by itself, now or only counted.

use std::io::Write as _;
use std::path::PathBuf;

use super::serve::runtime;
use super::{Failure, config, exit, staff};
use crate::clock::Clock;
use crate::config::ConfigError;
use crate::retention::Job;
use crate::store::erasures;

/// Arguments of `cabildo retention`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "CABILDO_CONFIG")]
    config: Option<PathBuf>,
    /// Only counts what would end.
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command; it works beside the service.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = config::load(arguments.config.as_deref())?;
    let wrong = |problem: ConfigError| Failure::new(exit::CONFIG, problem.to_string());
    let location = config.location().map_err(wrong)?;
    let list = config.data.folder().map_err(wrong)?.join(erasures::FILE_NAME);
    let folder = config.backup_folder().map_err(wrong)?;
    let ended = runtime()?.block_on(async {
        let store = staff::open_existing(&config).await?;
        let job = Job {
            store: &store,
            location: &location,
            rules: &config.retention,
            list: &list,
            backups: (&folder, config.backup.keep_days),
        };
        let ended = job.run(Clock::System.now(), arguments.dry_run).await;
        store.close().await;
        Ok::<_, Failure>(ended?)
    })?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", if arguments.dry_run { "Would end now:" } else { "Ended:" })?;
    for (what, count) in ended.lines() {
        writeln!(out, "{count:>9}  {what}")?;
    }
    Ok(())
}
