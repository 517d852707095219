//! `cabildo doctor`: whether everything is there that the service needs. It changes nothing, sends
//! nothing, and works beside a running service.

mod checks;
mod gateways;

use std::io::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use super::serve::runtime;
use super::{Failure, config, exit};
use crate::clock::Clock;

/// Arguments of `cabildo doctor`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration file; `CABILDO_*` variables come on top of it.
    #[arg(long, value_name = "FILE", env = "CABILDO_CONFIG")]
    config: Option<PathBuf>,
    /// Prints one JSON object a line.
    #[arg(long)]
    json: bool,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Warn,
    Fail,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
struct Finding {
    check: String,
    level: Level,
    /// What was found and what it means.
    what: String,
    /// What to do; empty where nothing is.
    advice: String,
    #[serde(skip)]
    code: u8,
}

impl Finding {
    fn ok(check: &str, what: impl Into<String>) -> Self {
        Self { check: check.to_owned(), level: Level::Ok, what: what.into(), advice: String::new(), code: 0 }
    }

    fn warn(check: &str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Warn, advice: advice.into(), ..Self::ok(check, what) }
    }

    fn fail(check: &str, code: u8, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Fail, code, ..Self::warn(check, what, advice) }
    }
}

/// Runs the command. The exit code is 0 where nothing failed, else the first of 78 (something must be
/// changed), 69 (something is not reachable), 75 (it may pass) that a failed check has.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let findings = match config::load(arguments.config.as_deref()) {
        Err(problem) => {
            vec![Finding::fail("settings", exit::CONFIG, problem.message(), "Correct the configuration.")]
        }
        Ok(config) => runtime()?.block_on(async {
            let channels = config.channels.len();
            let mut all = vec![Finding::ok("settings", format!("channels: {channels}"))];
            all.extend(checks::all(&config, &Clock::System).await);
            all.extend(gateways::all(&config).await);
            all
        }),
    };
    let mut out = std::io::stdout();
    for it in &findings {
        if arguments.json {
            let line = serde_json::to_string(it).map_err(|problem| Failure::software(problem.to_string()))?;
            writeln!(out, "{line}")?;
        } else {
            let level = match it.level {
                Level::Ok => "ok",
                Level::Warn => "warn",
                Level::Fail => "FAIL",
            };
            let advice = if it.advice.is_empty() { String::new() } else { format!(" -> {}", it.advice) };
            writeln!(out, "{level:<5} {:<18} {}{advice}", it.check, it.what)?;
        }
    }
    let failed = findings.iter().filter(|it| it.level == Level::Fail);
    let codes: Vec<u8> = failed.map(|it| it.code).collect();
    let first = [exit::CONFIG, exit::UNAVAILABLE, exit::TRY_LATER].into_iter().find(|it| codes.contains(it));
    match first {
        None => Ok(()),
        Some(code) => {
            Err(Failure::new(code, format!("{} of {} checks failed.", codes.len(), findings.len())))
        }
    }
}
