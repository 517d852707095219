//! `cabildo seed`: cases of people who are not there, for tests of volume.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::serve::runtime;
use super::{Failure, config, exit, load_facts};
use crate::clock::Clock;
use crate::seed::{self, Plan};
use crate::store::{OpenError, Store};

/// Arguments of `cabildo seed`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "CABILDO_CONFIG")]
    config: Option<PathBuf>,
    /// How many cases.
    #[arg(long, value_name = "N")]
    cases: u64,
    /// The number of the first one; a later run goes on with a greater one. The same number gives the
    /// same case, once.
    #[arg(long, value_name = "N", default_value_t = 0)]
    first: u64,
    /// Official keys of the municipalities, with commas.
    #[arg(long, value_name = "KEYS", value_delimiter = ',', default_value = "12066")]
    municipalities: Vec<String>,
    /// The oldest was opened so many days ago.
    #[arg(long, value_name = "DAYS", default_value_t = 60)]
    days: u32,
}

/// Runs the command.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let config = config::load(arguments.config.as_deref())?;
    let wrong = |problem: crate::config::ConfigError| Failure::new(exit::CONFIG, problem.to_string());
    let (location, key_file) = (config.location().map_err(wrong)?, config.key_file().map_err(wrong)?);
    let facts = Arc::new(load_facts(pack, config.data.dir.as_deref())?);
    if let Some(unknown) = arguments.municipalities.iter().find(|it| facts.by_key(it).is_none()) {
        return Err(Failure::usage(format!("{unknown} is no key of a municipality.")));
    }
    let desk = crate::embedded::desk()
        .map_err(|problem| Failure::software(format!("The embedded desk can't be read: {problem}.")))?;
    runtime()?.block_on(async {
        let now = Clock::System.now();
        let store = Store::open(&location, &key_file, now).await?;
        let others = seed::count_others(&store).await.map_err(OpenError::from)?;
        if others > 0 {
            store.close().await;
            return Err(Failure::data(format!(
                "This database holds {others} cases of people. Seed an empty one: name another data folder."
            )));
        }
        let accounts = store.list_accounts("", 100).await.map_err(OpenError::from)?;
        let plan = Plan {
            municipalities: arguments.municipalities.clone(),
            cases: arguments.cases,
            first: arguments.first,
            officers: accounts.iter().map(|it| it.id).collect(),
            days: arguments.days,
            now,
        };
        let made = seed::make(&store, &facts, &Arc::new(desk), &plan).await.map_err(OpenError::from)?;
        store.close().await;
        writeln!(std::io::stdout(), "{made} cases, each with the label {}", seed::LABEL)?;
        Ok(())
    })
}
