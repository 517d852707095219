//! Helpers of the tests that cross crates; the tests themselves are in `suite/`.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};

pub mod bot_api;
pub mod broadcasts;
pub mod cases;
pub mod console;
pub mod demands;
pub mod fault;
pub mod history;
pub mod hostile;
pub mod kannel;
pub mod phones;
pub mod plain;
pub mod postgres;
pub mod power;
pub mod serving;
pub mod source;
pub mod staff;
pub mod stores;
pub mod town;
pub mod town_hall;

/// Tells that a part of the tests does not run on this machine: the caller then returns.
///
/// It panics where `CABILDO_REQUIRE_ALL=1` says that everything has to run, as in CI.
pub fn skip_or_fail(part: &str) {
    assert!(
        std::env::var("CABILDO_REQUIRE_ALL").as_deref() != Ok("1"),
        "{part} is missing, and CABILDO_REQUIRE_ALL=1 asks for every part of the tests"
    );
    // Written to the stream itself, since the harness shows nothing that a passing test prints.
    // Without a stream nobody is there to be told.
    let _ = writeln!(std::io::stderr(), "skipped: {part}");
}

/// Ports on the loopback that are free now, each another one.
///
/// Somebody else may take one before it is used: prefer binding port 0 where the program can say
/// which it got, and try again with new ones where it can't.
pub fn free_ports<const N: usize>() -> std::io::Result<[u16; N]> {
    // All are held until all are known, so that no two are the same.
    let held = (0..N)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<std::io::Result<Vec<TcpListener>>>()?;
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}
