//! `cabildo backup` and `cabildo restore`.

use std::io::Write as _;
use std::path::PathBuf;

use super::serve::runtime;
use super::{Failure, config, exit};
use crate::backup::{self, Error, Plan};
use crate::clock::Clock;
use crate::store::{AddressKeys, Location, erasures};

/// Arguments of `cabildo backup`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "CABILDO_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the backup; default: that of the configuration.
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    /// Encrypts the address keys and the key of the audit trail too, each into a file of its own. Keep
    /// them apart from the backups.
    #[arg(long)]
    keys: bool,
    /// Makes a pair of keys for backups and nothing else: the private one into this new file, the public
    /// one is printed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["to", "keys"])]
    new_identity: Option<PathBuf>,
}

/// Runs `cabildo backup`. It works beside a running service.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    if let Some(file) = &arguments.new_identity {
        let public = backup::new_identity(file).map_err(|problem| failure(&problem))?;
        writeln!(out, "{public}")?;
        return Ok(());
    }
    let config = config::load(arguments.config.as_deref())?;
    let wrong = |problem: crate::config::ConfigError| Failure::new(exit::CONFIG, problem.to_string());
    let Location::File(database) = config.location().map_err(wrong)? else {
        return Err(Failure::usage(
            "This database is no SQLite file. PostgreSQL is backed up with its own tools: pg_dump, or \
             pg_basebackup with archived WAL; docs/operations/backup.md has the lines.",
        ));
    };
    if !database.exists() {
        return Err(Failure::new(exit::NO_INPUT, format!("{} is not there.", database.display())));
    }
    let key_file = config.key_file().map_err(wrong)?;
    let folder = match &arguments.to {
        Some(folder) => folder.clone(),
        None => config.backup_folder().map_err(wrong)?,
    };
    let fingerprints = AddressKeys::load_or_make(&key_file, false)?
        .fingerprints()
        .map_err(|problem| Failure::software(problem.to_string()))?;
    let list = config.data.folder().map_err(wrong)?.join(erasures::FILE_NAME);
    let plan = Plan {
        database: &database,
        folder: &folder,
        recipients: &config.backup.recipients,
        fingerprints: &fingerprints,
        erasures: Some(&list),
    };
    let now = Clock::System.now();
    let (file, manifest) =
        runtime()?.block_on(backup::take(plan, now)).map_err(|problem| failure(&problem))?;
    let rows: i64 = manifest.contents.rows.values().sum();
    writeln!(out, "{}: {rows} rows, last event {}", file.display(), manifest.contents.last_event)?;
    if arguments.keys {
        let audit_key = key_file.with_file_name(crate::store::audit::KEY_FILE_NAME);
        for (key_file, ending, what) in [
            (&key_file, backup::KEYS_ENDING, "the address keys"),
            (&audit_key, backup::AUDIT_KEY_ENDING, "the key of the audit trail"),
        ] {
            let file = backup::take_keys(key_file, ending, &folder, &config.backup.recipients, now)
                .map_err(|problem| failure(&problem))?;
            writeln!(out, "{}: {what}; keep it apart from the backups", file.display())?;
        }
    }
    Ok(())
}

/// Arguments of `cabildo restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArguments {
    /// The backup, `cabildo-….db.age`.
    file: PathBuf,
    /// Folder to restore into: a data folder without a database.
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// The private key, as `cabildo backup --new-identity` or age-keygen made it.
    #[arg(long, value_name = "FILE")]
    identity: PathBuf,
    /// A newer list of erasures than those beside the backup and in the folder; may be repeated.
    #[arg(long, value_name = "FILE")]
    erasures: Vec<PathBuf>,
}

/// Runs `cabildo restore`.
pub fn restore(arguments: &RestoreArguments) -> Result<(), Failure> {
    let RestoreArguments { file, into, identity, erasures } = arguments;
    for list in erasures {
        if !list.exists() {
            return Err(Failure::new(exit::NO_INPUT, format!("{} is not there.", list.display())));
        }
    }
    let restored = runtime()?
        .block_on(backup::restore(file, identity, into, erasures))
        .map_err(|problem| failure(&problem))?;
    let rows: i64 = restored.manifest.contents.rows.values().sum();
    writeln!(
        std::io::stdout(),
        "{}: {rows} rows, last event {}; sound. {} erased persons were in it and are erased again.\n\
         Put the address keys of that time ({}) and the key of its audit trail ({}) beside it before the \
         service starts.",
        restored.database.display(),
        restored.manifest.contents.last_event,
        restored.erased,
        crate::store::address::KEY_FILE_NAME,
        crate::store::audit::KEY_FILE_NAME,
    )?;
    Ok(())
}

fn failure(problem: &Error) -> Failure {
    let code = match problem {
        Error::File(_, problem) if problem.kind() == std::io::ErrorKind::NotFound => exit::NO_INPUT,
        Error::File(..) => exit::IO,
        Error::Store(_) => exit::UNAVAILABLE,
        Error::NoRecipients => exit::CONFIG,
        Error::Encrypt(_) => exit::SOFTWARE,
        Error::Decrypt(_) | Error::NoIdentity(_) | Error::Unsound(_) => exit::DATA,
        Error::Exists(_) => exit::CANT_CREATE,
    };
    Failure::new(code, problem.to_string())
}
