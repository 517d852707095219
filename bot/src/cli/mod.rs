//! The command line: one file for each command.

mod audit;
mod backup;
mod chart;
mod chat;
mod compare;
mod config;
mod demo;
mod doctor;
mod exit;
pub(crate) mod import;
mod keys;
mod outbox;
mod recognise;
mod report;
mod retention;
mod seed;
mod serve;
mod staff;
mod r#where;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::domain::facts::Facts;
use crate::domain::peer_group::Family;
use crate::import::release;

pub use exit::Failure;

/// Public figures, complaints and demands by text message.
#[derive(Debug, Parser)]
#[command(name = "cabildo", version, disable_help_subcommand = true)]
struct Cli {
    /// Folder of a data pack to use instead of the embedded one.
    #[arg(long, global = true, value_name = "DIR", env = "CABILDO_PACK")]
    pack: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves on this machine with the embedded data and opens the terminal phone.
    Demo(demo::Arguments),
    /// Serves the gateways of the configuration.
    Serve(serve::Arguments),
    /// Plays a citizen's phone in the terminal.
    Chat(chat::Arguments),
    /// Compares a municipality with those like it.
    Compare(compare::Arguments),
    /// Draws a chart of a municipality's figures.
    Chart(chart::Arguments),
    /// Finds the municipality that each line of the standard input names.
    Where(r#where::Arguments),
    /// Lists who improved most in its family in a year.
    Recognise(recognise::Arguments),
    /// Writes the report of a municipality: figures, reports, demands, promises and practices.
    Report(report::Arguments),
    /// Reads an official file, checks it, shows what it changes, and makes a new data release.
    Import(Box<import::Arguments>),
    /// Lists messages that were not sent, sends them again or drops them.
    Outbox(outbox::Arguments),
    /// Accounts of people who work with the console.
    Staff(staff::Arguments),
    /// Checks the audit trail.
    Audit(audit::Arguments),
    /// Shows or checks the configuration.
    Config(config::Arguments),
    /// Looks whether everything is there that the service needs; works beside it.
    Doctor(doctor::Arguments),
    /// Makes an encrypted backup of a SQLite database; works beside the service.
    Backup(backup::Arguments),
    /// Restores a backup into a folder without a database.
    Restore(backup::RestoreArguments),
    /// Ends what was kept long enough, and erases who asked for it; the service does it each night.
    Retention(retention::Arguments),
    /// Makes cases of people who are not there, for tests of volume.
    Seed(seed::Arguments),
    /// Replaces the keys that phone numbers are sealed with.
    Keys(keys::Arguments),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(problem) => {
            let code = if problem.use_stderr() { exit::USAGE } else { 0 };
            // Nobody is left to tell if the terminal is gone.
            let _ = problem.print();
            return ExitCode::from(code);
        }
    };
    let pack = cli.pack.as_deref();
    let result = match cli.command {
        Command::Demo(arguments) => demo::run(&arguments, pack),
        Command::Serve(arguments) => serve::run(&arguments, pack),
        Command::Chat(arguments) => chat::run(&arguments, pack),
        Command::Compare(arguments) => compare::run(&arguments, pack),
        Command::Chart(arguments) => chart::run(&arguments, pack),
        Command::Where(arguments) => r#where::run(&arguments, pack),
        Command::Recognise(arguments) => recognise::run(&arguments, pack),
        Command::Report(arguments) => report::run(&arguments, pack),
        Command::Import(arguments) => import::run(&arguments, pack),
        Command::Outbox(arguments) => outbox::run(&arguments),
        Command::Staff(arguments) => staff::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Config(arguments) => config::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Restore(arguments) => backup::restore(&arguments),
        Command::Retention(arguments) => retention::run(&arguments),
        Command::Seed(arguments) => seed::run(&arguments, pack),
        Command::Keys(arguments) => keys::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// The facts of the pack folder that was named, else of the release in use in the service's data
/// folder, else of the embedded pack.
fn load_facts(pack: Option<&Path>, data_dir: Option<&Path>) -> Result<Facts, Failure> {
    if let Some(folder) = pack {
        return release::load_folder(folder)
            .map_err(|problem| Failure::data(format!("The data pack can't be used: {problem}.")));
    }
    let data_dir = data_dir.map_or_else(release::default_data_dir, Path::to_owned);
    let current = release::load_current(&data_dir)
        .map_err(|problem| Failure::data(format!("The data release in use can't be read: {problem}.")))?;
    match current {
        Some(facts) => Ok(facts),
        None => crate::embedded::facts().map_err(|problem| {
            Failure::software(format!("The embedded data pack can't be read: {problem}."))
        }),
    }
}

/// The language of what is printed: the one that is named, else the pack's own.
fn locale(facts: &Facts, named: Option<&str>) -> Result<&'static str, Failure> {
    let Some(tag) = named else {
        return Ok(
            cabildo_messages::best_locale(&facts.manifest.pack.locale).unwrap_or(cabildo_messages::FALLBACK)
        );
    };
    cabildo_messages::best_locale(tag).ok_or_else(|| {
        let tags: Vec<&str> = cabildo_messages::languages().iter().map(|it| it.tag).collect();
        Failure::usage(format!("There are no texts in {tag}: use one of {}.", tags.join(", ")))
    })
}

/// The peer rule of a number, where the pack has the traits for it.
fn family(facts: &Facts, number: u8) -> Result<Family, Failure> {
    let offered = facts.peer_groups.offered();
    offered.iter().copied().find(|it| it.number() == number).ok_or_else(|| {
        let numbers: Vec<String> = offered.iter().map(|it| it.number().to_string()).collect();
        Failure::data(format!(
            "This pack has no trait for family {number}: use one of {}.",
            numbers.join(", ")
        ))
    })
}

/// A text of the catalogue.
fn text(locale: &str, key: &str, args: &[(&str, &str)]) -> Result<String, Failure> {
    cabildo_messages::text(locale, key, args)
        .ok_or_else(|| Failure::software(format!("The text {key} is missing or lacks an argument.")))
}
