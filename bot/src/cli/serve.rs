//! `cabildo serve`.

use std::path::Path;

use super::Failure;

/// Arguments of `cabildo serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs the command.
pub fn run(_arguments: &Arguments, _pack: Option<&Path>) -> Result<(), Failure> {
    Err(Failure::software("This command is not built yet."))
}
