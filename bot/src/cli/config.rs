//! `cabildo config`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Failure, exit};
use crate::config::{Config, EXAMPLE};

/// Arguments of `cabildo config`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Prints a commented example of the configuration.
    Example,
    /// Reads the configuration as `serve` would and says what is wrong with it.
    Check {
        /// The configuration file.
        #[arg(long, value_name = "FILE", env = "CABILDO_CONFIG")]
        config: Option<PathBuf>,
    },
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.action {
        Action::Example => {
            std::io::stdout().write_all(EXAMPLE.as_bytes())?;
            Ok(())
        }
        Action::Check { config: file } => {
            let config = load(file.as_deref())?;
            let channels = config.channels.len();
            writeln!(std::io::stdout(), "The configuration is good: {channels} channels.")?;
            Ok(())
        }
    }
}

/// Reads the configuration from a file, where one is named, and this process's environment.
pub(super) fn load(file: Option<&Path>) -> Result<Config, Failure> {
    let mut variables = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|it| it.starts_with("CABILDO_")) else { continue };
        let value = value.into_string().map_err(|_| {
            Failure::new(exit::CONFIG, format!("The variable {name} holds no text in UTF-8; set it anew."))
        })?;
        variables.push((name.to_owned(), value));
    }
    Config::load(file, variables).map_err(|problem| Failure::new(exit::CONFIG, problem.to_string()))
}
