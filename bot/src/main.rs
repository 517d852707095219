//! The `cabildo` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    cabildo_bot::cli::main()
}
