//! `cabildo keys`: the address keys are replaced while the service runs.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::serve::runtime;
use super::{Failure, config, exit};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::time::DAY;
use crate::spool;
use crate::store::guard::make_private_folder;
use crate::store::rotation::TextPlace;
use crate::store::{AddressKeys, Store};

/// Name of the file that a running service holds locked.
const RUNNING: &str = "serve.lock";

/// Addresses sealed anew in one transaction.
const BATCH: u32 = 500;

/// Arguments of `cabildo keys`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "CABILDO_CONFIG", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Says which versions there are and how many addresses wait.
    Status,
    /// Adds a new version to the key file; a running service takes it in within a minute and seals
    /// all addresses anew.
    Rotate {
        /// Adds nothing; seals what is left, where the service does not run.
        #[arg(long = "continue")]
        go_on: bool,
    },
    /// Takes versions out of the key file that neither an address, a text nor the spool needs any more.
    Prune {
        /// Also where backups of that time, which need them, are not yet deleted.
        #[arg(long)]
        now: bool,
    },
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = config::load(arguments.config.as_deref())?;
    config::database_is_there(&config)?;
    let key_file = config.key_file().map_err(|problem| Failure::new(exit::CONFIG, problem.to_string()))?;
    match arguments.action {
        Action::Status => runtime()?.block_on(status(&config, &key_file)),
        Action::Rotate { go_on: false } => rotate(&key_file),
        Action::Rotate { go_on: true } => runtime()?.block_on(go_on(&config, &key_file)),
        Action::Prune { now } => runtime()?.block_on(prune(&config, &key_file, now)),
    }
}

/// Adds a version to the file. The service is not asked: it looks at the file by itself.
fn rotate(key_file: &Path) -> Result<(), Failure> {
    let keys = AddressKeys::load_or_make(key_file, false)?.rotated()?;
    keys.replace_file(key_file)?;
    writeln!(
        std::io::stdout(),
        "{} has version {} now. Keep a new copy of it apart from the backups.\n\
         A running service seals all addresses anew by itself: `cabildo keys status` says how many wait. \
         Where none runs: `cabildo keys rotate --continue`.",
        key_file.display(),
        keys.current()
    )?;
    Ok(())
}

async fn open(config: &Config, key_file: &Path) -> Result<Store, Failure> {
    let location = config.location().map_err(|problem| Failure::new(exit::CONFIG, problem.to_string()))?;
    Ok(Store::open(&location, key_file, Clock::System.now()).await?)
}

async fn status(config: &Config, key_file: &Path) -> Result<(), Failure> {
    let keys = AddressKeys::load_or_make(key_file, false)?;
    let versions: Vec<String> = keys.list_versions().iter().map(ToString::to_string).collect();
    let store = open(config, key_file).await?;
    let waiting = store.count_old_addresses().await.map_err(crate::store::OpenError::from)?;
    store.close().await;
    writeln!(
        std::io::stdout(),
        "current version {}, in the file {}; {waiting} addresses wait to be sealed anew",
        keys.current(),
        versions.join(", ")
    )?;
    Ok(())
}

async fn go_on(config: &Config, key_file: &Path) -> Result<(), Failure> {
    let folder = config.data.folder().map_err(|problem| Failure::new(exit::CONFIG, problem.to_string()))?;
    let Some(_alone) = lock(&folder, true) else {
        return Err(Failure::new(
            exit::TRY_LATER,
            "A service runs on this data folder and seals the addresses anew by itself; \
             `cabildo keys status` says how many wait.",
        ));
    };
    let store = open(config, key_file).await?;
    let mut done = 0;
    loop {
        match store.reseal_addresses(BATCH).await.map_err(crate::store::OpenError::from)? {
            0 => break,
            count => done += count,
        }
    }
    let (mut texts, mut place) = (0, TextPlace::default());
    while let Some(count) =
        store.reseal_texts(BATCH, &mut place).await.map_err(crate::store::OpenError::from)?
    {
        texts += count;
    }
    store.close().await;
    writeln!(
        std::io::stdout(),
        "{done} addresses were sealed anew, and {texts} keys of cases, drafts and requests; none is left"
    )?;
    Ok(())
}

async fn prune(config: &Config, key_file: &Path, at_once: bool) -> Result<(), Failure> {
    let keys = AddressKeys::load_or_make(key_file, false)?;
    let store = open(config, key_file).await?;
    let unavailable = |problem| Failure::from(crate::store::OpenError::Store(problem));
    let mut used = store.list_key_versions().await.map_err(unavailable)?;
    used.extend(store.list_text_versions().await.map_err(unavailable)?);
    let since = store.find_key_version(keys.current()).await.map_err(unavailable)?;
    store.close().await;
    // What waits in the spool is in no table yet.
    let folder = config.data.folder().map_err(|problem| Failure::new(exit::CONFIG, problem.to_string()))?;
    let spooled = spool::versions(&folder.join(spool::FILE_NAME), &keys)?;
    if spooled.unreadable {
        return Err(Failure::new(
            exit::TRY_LATER,
            "The spool holds messages that none of these keys opens; nothing was taken out. Start the service so \
             that it takes them in, or put back the key file that they were sealed with.",
        ));
    }
    used.extend(spooled.versions);
    let days = i64::from(config.backup.keep_days);
    let waited = since.is_some_and(|it| Clock::System.now().0 - it > days * DAY);
    let pruned = keys.pruned(&used);
    let left = keys.list_versions().len() - pruned.list_versions().len();
    if left == 0 {
        writeln!(
            std::io::stdout(),
            "Every version in the file is used by addresses, texts or the spool; nothing was taken out."
        )?;
        return Ok(());
    }
    if !waited && !at_once {
        return Err(Failure::new(
            exit::TRY_LATER,
            format!(
                "{left} versions are not used any more, but backups of the last {days} days may need them. \
                 Try again later, or add --now if those backups are gone."
            ),
        ));
    }
    pruned.replace_file(key_file)?;
    writeln!(std::io::stdout(), "{left} versions were taken out of {}.", key_file.display())?;
    Ok(())
}

/// Marks the data folder as that of a running service, as long as the file stays open. `None` where
/// that can't be done, which only takes a check away.
pub(super) fn mark_running(folder: &Path) -> Option<std::fs::File> {
    make_private_folder(folder).ok()?;
    lock(folder, false)
}

/// Marks the data folder as that of the one service that may run on it, as long as the file stays open.
/// `None` where another has it.
pub(super) fn mark_alone(folder: &Path) -> Option<std::fs::File> {
    lock(folder, true)
}

/// Locks the folder's mark: for itself alone, or beside others of the same kind.
fn lock(folder: &Path, alone: bool) -> Option<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(folder.join(RUNNING)).ok()?;
    let locked = if alone { file.try_lock() } else { file.try_lock_shared() };
    locked.is_ok().then_some(file)
}
