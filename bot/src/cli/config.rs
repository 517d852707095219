//! `cabildo config`.

use super::Failure;

/// Arguments of `cabildo config`.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs the command.
pub fn run(_arguments: &Arguments) -> Result<(), Failure> {
    Err(Failure::software("This command is not built yet."))
}
