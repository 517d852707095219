//! Logs: one line an event to the standard error, without personal data.
//!
//! What is logged are ids, codes and counts; the code that logs never has a number, a name or a text
//! in a field, and no URL is logged because its query has them.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// The filter of a configuration, which was checked with it; libraries that print requests stay quiet.
fn filter(text: &str) -> EnvFilter {
    let filter = EnvFilter::try_new(text).unwrap_or_else(|_| EnvFilter::new("info"));
    ["hyper=warn", "hyper_util=warn", "reqwest=warn", "sqlx=warn", "teloxide_core=off", "teloxide=off"]
        .into_iter()
        .filter_map(|it| it.parse().ok())
        .fold(filter, EnvFilter::add_directive)
}

/// Starts logging what needs a person into a file, where a person sits at the terminal.
pub fn start_in(file: std::fs::File) {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter("warn"))
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(file));
    drop(builder.try_init());
}

/// Starts logging for this process; a second start is left without effect.
pub fn start(config: &Log) {
    let json = match config.format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Text => false,
    };
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter(&config.filter)).with_writer(std::io::stderr);
    let started = if json {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    // Tests of one process start it more than once; the first one stands.
    drop(started);
}

/// From now on a panic is logged with its place in the code only: its message may quote what a
/// citizen wrote.
pub fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "unknown".to_owned(), ToString::to_string);
        tracing::error!(place, "a part of the program failed");
    }));
}
