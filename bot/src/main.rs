//! The `cabildo` command.

use std::process::ExitCode;

/// A message makes and frees some hundreds of small values on two threads; glibc's allocator takes a
/// seventh of its time for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cabildo_bot::cli::main()
}
