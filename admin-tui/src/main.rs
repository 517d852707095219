//! `cabildo-admin`, the staff console.

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Nobody is left to tell if the terminal is gone.
    let _ = writeln!(std::io::stderr(), "{}", cabildo_admin_tui::NOT_OPEN_YET);
    ExitCode::from(cabildo_admin_tui::UNAVAILABLE)
}
