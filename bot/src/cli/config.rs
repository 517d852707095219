//! `cabildo config`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Failure, exit};
use crate::config::{Config, EXAMPLE};
use crate::store::Location;

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
            let what = if channels == 1 { "channel" } else { "channels" };
            writeln!(std::io::stdout(), "The configuration is good: {channels} {what}.")?;
            Ok(())
        }
    }
}

/// Refuses to work on a database that is not there: a command that looks, or ends something, makes none.
pub(super) fn database_is_there(config: &Config) -> Result<(), Failure> {
    match config.location().map_err(|problem| Failure::new(exit::CONFIG, problem.to_string()))? {
        Location::File(path) if !path.exists() => Err(Failure::new(
            exit::NO_INPUT,
            format!("There is no database at {}: nothing was served from there yet.", path.display()),
        )),
        _ => Ok(()),
    }
}

/// Reads the configuration from a file, where one is named, and this process's environment.
pub(super) fn load(file: Option<&Path>) -> Result<Config, Failure> {
    if let Some(file) = file.filter(|it| !it.exists()) {
        return Err(Failure::new(
            exit::NO_INPUT,
            format!("The configuration file {} is not there. Name another with --config.", file.display()),
        ));
    }
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
