//! Logs: one line an event to the standard error, without personal data.
//!
//! What is logged are ids, codes and counts; the code that logs never has a number, a name or a text
//! in a field, and no URL is logged because its query has them.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging for this process; a second start is left without effect.
pub fn start(config: &Log) {
    // The filter was checked with the configuration; libraries that print requests stay quiet.
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let filter =
        ["hyper=warn", "hyper_util=warn", "reqwest=warn", "sqlx=warn", "teloxide_core=off", "teloxide=off"]
            .into_iter()
            .filter_map(|it| it.parse().ok())
            .fold(filter, EnvFilter::add_directive);
    let json = match config.format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Text => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if json {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    // Tests of one process start it more than once; the first one stands.
    drop(started);
    std::panic::set_hook(Box::new(log_panic));
}

/// Logs where a panic happened. Its words are left out: those of a cut inside a letter quote the text
/// that was cut, which may be somebody's message.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let (file, line) = panic.location().map_or(("", 0), |it| (it.file(), it.line()));
    tracing::error!(file, line, "a panic: an error of ours");
}
