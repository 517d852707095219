//! Backups of a `SQLite` database: an online copy, encrypted with age, in one file.
//!
//! Inside the encryption the file is one line of JSON, the [`Manifest`], and then the database. It is
//! written under another name, brought to disk and renamed, so a file with the right name is whole.
//! The address keys are not in it: whoever has both can read every number.

mod restore;

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

pub use restore::{Restored, restore};

use crate::domain::time::{DAY, HOUR, UnixMillis};
use crate::store::snapshot::{self, Contents};
use crate::store::{self, erasures};

/// The greatest length of the manifest, bytes.
const LARGEST_MANIFEST: u64 = 64 * 1024;

/// End of the name of a backup.
const ENDING: &str = ".db.age";

/// End of the name of the copy in clear that is there while a backup is made.
const COPY: &str = ".copy";

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of this layout: 1.
    pub format: u32,
    /// Version of the program that made it.
    pub version: String,
    /// When the copy was taken, Unix ms.
    pub taken_at: i64,
    /// Fingerprints of the address keys in use, by version; not the keys.
    pub keys: Vec<(i64, String)>,
    /// What the database holds.
    pub contents: Contents,
}

/// Why there is no backup, or why it can't be restored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder can't be read or written.
    #[error("{0} can't be used: {1}.")]
    File(PathBuf, std::io::Error),
    /// The database can't be used.
    #[error("The database can't be used: {0}.")]
    Store(#[from] store::Error),
    /// Nobody could read it.
    #[error(
        "No recipient is configured, so nobody could read a backup. Make a pair of keys with \
         `cabildo backup --new-identity FILE` and write its public key into backup.recipients."
    )]
    NoRecipients,
    /// The backup can't be encrypted.
    #[error("The backup can't be encrypted: {0}.")]
    Encrypt(String),
    /// The identity does not open the backup, or it was changed.
    #[error("The backup can't be opened: {0}.")]
    Decrypt(String),
    /// The identity file holds no identity.
    #[error("{0} holds no identity of age (a line AGE-SECRET-KEY-...).")]
    NoIdentity(PathBuf),
    /// What is in the backup is not what it says.
    #[error("The backup is not sound: {0}. It was not restored.")]
    Unsound(String),
    /// There is a database already.
    #[error("{0} is there already and is never overwritten. Name an empty folder.")]
    Exists(PathBuf),
}

/// What a backup needs.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The database's file.
    pub database: &'a Path,
    /// Where to put the backup.
    pub folder: &'a Path,
    /// Public keys of age.
    pub recipients: &'a [String],
    /// Fingerprints of the address keys, by version.
    pub fingerprints: &'a [(i64, Vec<u8>)],
    /// The list of erasures to put beside it, if there is one.
    pub erasures: Option<&'a Path>,
}

/// Takes a copy of the database while it is written to, and gives the file and what it holds.
///
/// # Errors
/// See [`Error`]; nothing with the name of a backup is left.
pub async fn take(plan: Plan<'_>, now: UnixMillis) -> Result<(PathBuf, Manifest), Error> {
    let recipients = recipients(plan.recipients)?;
    store::guard::make_private_folder(plan.folder).map_err(at(plan.folder))?;
    let name = name(now);
    // Beside the database, so that nothing in clear ever lies where backups do.
    let beside = plan.database.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    remove_leftovers(beside, now).map_err(at(beside))?;
    let in_clear = beside.join(format!(".{name}{COPY}"));
    let draft = plan.folder.join(format!(".{name}.new"));
    let target = plan.folder.join(&name);
    // Whatever happens, no copy in clear stays.
    let _removed = Temporary::new(&in_clear).map_err(at(&in_clear))?;
    let made = Temporary::new(&draft).map_err(at(&draft))?;
    snapshot::copy(plan.database, &in_clear).await?;
    let keys = plan.fingerprints.iter().map(|(version, it)| (*version, BASE64_STANDARD.encode(it))).collect();
    let manifest = Manifest {
        format: 1,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at: now.0,
        keys,
        contents: snapshot::contents(&in_clear).await?,
    };
    let (head, from, to) = (manifest.clone(), in_clear.clone(), draft.clone());
    let sealed = tokio::task::spawn_blocking(move || seal(&recipients, Some(&head), &from, &to)).await;
    sealed.map_err(|problem| Error::Encrypt(problem.to_string()))??;
    std::fs::rename(&draft, &target).map_err(at(&target))?;
    made.keep();
    if let Some(list) = plan.erasures {
        let beside = plan.folder.join(erasures::FILE_NAME);
        let known = erasures::read_list(list).map_err(at(list))?;
        erasures::merge_list(&known, &beside).map_err(at(&beside))?;
    }
    sync(plan.folder).map_err(at(plan.folder))?;
    Ok((target, manifest))
}

/// Removes copies in clear that a process which was killed left an hour ago or earlier.
fn remove_leftovers(folder: &Path, now: UnixMillis) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        let made_at = name.strip_prefix('.').and_then(|it| it.strip_suffix(COPY)).and_then(taken_at);
        if made_at.is_some_and(|it| now.0 - it > HOUR) {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Ending of an encrypted file of address keys.
pub const KEYS_ENDING: &str = ".keys.age";
/// Ending of an encrypted key of the audit trail.
pub const AUDIT_KEY_ENDING: &str = ".audit-key.age";

/// Encrypts a key file by itself, to be kept apart from the backups; gives the file, which has this
/// ending.
///
/// # Errors
/// See [`Error`].
pub fn take_keys(
    key_file: &Path,
    ending: &str,
    folder: &Path,
    recipients: &[String],
    now: UnixMillis,
) -> Result<PathBuf, Error> {
    let recipients = self::recipients(recipients)?;
    store::guard::make_private_folder(folder).map_err(at(folder))?;
    let name = name(now).replace(ENDING, ending);
    let (draft, target) = (folder.join(format!(".{name}.new")), folder.join(name));
    let made = Temporary::new(&draft).map_err(at(&draft))?;
    seal(&recipients, None, key_file, &draft)?;
    std::fs::rename(&draft, &target).map_err(at(&target))?;
    made.keep();
    sync(folder).map_err(at(folder))?;
    Ok(target)
}

/// Deletes backups that are older than `days`; gives how many.
///
/// # Errors
/// The folder can't be read or written.
pub fn expire(folder: &Path, days: u32, now: UnixMillis) -> std::io::Result<usize> {
    let mut deleted = 0;
    for (path, taken_at) in list(folder)? {
        if now.0 - taken_at > i64::from(days) * DAY {
            std::fs::remove_file(path)?;
            deleted += 1;
        }
    }
    Ok(deleted)
}

/// How many backups are older than `days`.
///
/// # Errors
/// The folder can't be read.
pub fn count_expired(folder: &Path, days: u32, now: UnixMillis) -> std::io::Result<usize> {
    Ok(list(folder)?.iter().filter(|(_, taken_at)| now.0 - taken_at > i64::from(days) * DAY).count())
}

/// The backups of a folder, of databases and of keys, with the instants that their names say, oldest
/// first. A folder that is not there has none.
///
/// # Errors
/// The folder can't be read.
pub fn list(folder: &Path) -> std::io::Result<Vec<(PathBuf, i64)>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(problem) => return Err(problem),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if let Some(at) = path.file_name().and_then(|it| it.to_str()).and_then(taken_at) {
            found.push((path, at));
        }
    }
    found.sort_by_key(|(_, at)| *at);
    Ok(found)
}

/// When the newest backup of a database in a folder was taken, Unix ms.
pub fn newest(folder: &Path) -> Option<i64> {
    let found = list(folder).ok()?;
    found.iter().rev().find(|(path, _)| path.to_string_lossy().ends_with(ENDING)).map(|(_, at)| *at)
}

/// `cabildo-20261123T072500.123Z.db.age`.
fn name(now: UnixMillis) -> String {
    let time = chrono::DateTime::from_timestamp_millis(now.0).unwrap_or_default();
    format!("cabildo-{}{ENDING}", time.format("%Y%m%dT%H%M%S%.3fZ"))
}

fn taken_at(name: &str) -> Option<i64> {
    let rest = name.strip_prefix("cabildo-")?;
    let endings = [ENDING, KEYS_ENDING, AUDIT_KEY_ENDING];
    let time = endings.iter().find_map(|it| rest.strip_suffix(it))?;
    let time = chrono::NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%S%.3fZ").ok()?;
    Some(time.and_utc().timestamp_millis())
}

fn recipients(texts: &[String]) -> Result<Vec<age::x25519::Recipient>, Error> {
    if texts.is_empty() {
        return Err(Error::NoRecipients);
    }
    let parse =
        |it: &String| it.parse().map_err(|_| Error::Encrypt("a recipient is no key of age".to_owned()));
    texts.iter().map(parse).collect()
}

/// Encrypts the manifest and the file `from` into the file `to`, piece by piece.
fn seal(
    recipients: &[age::x25519::Recipient],
    manifest: Option<&Manifest>,
    from: &Path,
    to: &Path,
) -> Result<(), Error> {
    let encrypt = |problem: &dyn std::fmt::Display| Error::Encrypt(problem.to_string());
    let mut source = std::fs::File::open(from).map_err(at(from))?;
    let target = std::fs::OpenOptions::new().write(true).open(to).map_err(at(to))?;
    let encryptor = age::Encryptor::with_recipients(recipients.iter().map(|it| it as &dyn age::Recipient))
        .map_err(|problem| encrypt(&problem))?;
    let mut out = encryptor.wrap_output(&target).map_err(at(to))?;
    if let Some(manifest) = manifest {
        let line = serde_json::to_string(manifest).map_err(|problem| encrypt(&problem))?;
        out.write_all(format!("{line}\n").as_bytes()).map_err(at(to))?;
    }
    std::io::copy(&mut source, &mut out).map_err(at(to))?;
    out.finish().map_err(at(to))?;
    target.sync_all().map_err(at(to))
}

/// Opens a backup: its manifest, and a reader that is at the first byte of the database.
fn unseal(backup: &Path, identity: &Path) -> Result<(Manifest, impl Read), Error> {
    let decrypt = |problem: &dyn std::fmt::Display| Error::Decrypt(problem.to_string());
    let identities = identities(identity)?;
    let file = std::fs::File::open(backup).map_err(at(backup))?;
    let decryptor = age::Decryptor::new(BufReader::new(file)).map_err(|problem| decrypt(&problem))?;
    let stream = decryptor
        .decrypt(identities.iter().map(|it| it as &dyn age::Identity))
        .map_err(|problem| decrypt(&problem))?;
    let mut stream = BufReader::with_capacity(64 * 1024, stream);
    let mut line = Vec::new();
    stream
        .by_ref()
        .take(LARGEST_MANIFEST)
        .read_until(b'\n', &mut line)
        .map_err(|problem| decrypt(&problem))?;
    let manifest: Manifest =
        serde_json::from_slice(&line).map_err(|_| Error::Unsound("it has no manifest".to_owned()))?;
    if manifest.format != 1 {
        return Err(Error::Unsound("it was made by a newer release".to_owned()));
    }
    Ok((manifest, stream))
}

fn identities(path: &Path) -> Result<Vec<age::x25519::Identity>, Error> {
    let text = std::fs::read_to_string(path).map_err(at(path))?;
    let found: Vec<_> = text.lines().filter_map(|it| it.trim().parse().ok()).collect();
    if found.is_empty() { Err(Error::NoIdentity(path.to_owned())) } else { Ok(found) }
}

/// Makes a pair of keys: the private one goes into a new file, readable by this account only; the
/// public one is given.
///
/// # Errors
/// The file is there already or can't be written.
pub fn new_identity(path: &Path) -> Result<String, Error> {
    use age::secrecy::ExposeSecret as _;
    let identity = age::x25519::Identity::generate();
    let public = identity.to_public().to_string();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(at(path))?;
    let text = format!("# public key: {public}\n{}\n", identity.to_string().expose_secret());
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(at(path))?;
    Ok(public)
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |problem| Error::File(path, problem)
}

/// Brings a folder's names to disk.
fn sync(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// A file of this account alone that is removed unless it is kept.
struct Temporary(Option<PathBuf>);

impl Temporary {
    fn new(path: &Path) -> std::io::Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?;
        Ok(Self(Some(path.to_owned())))
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.0
            && let Err(problem) = std::fs::remove_file(path)
        {
            tracing::error!(%problem, "a file that a backup needed for a while could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_when_it_was_taken() {
        let now = UnixMillis(1_795_418_700_123);
        assert!(name(now).starts_with("cabildo-2026") && name(now).ends_with("Z.db.age"), "{}", name(now));
        assert_eq!(taken_at(&name(now)), Some(now.0));
        for other in ["cabildo.db", "cabildo-x.db.age", ".cabildo-20260101T000000.000Z.db.age.new"] {
            assert_eq!(taken_at(other), None);
        }
    }

    #[test]
    fn old_backups_expire_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = UnixMillis(1_795_418_700_123);
        let day = |days: i64| UnixMillis(now.0 - days * DAY);
        for it in [
            name(day(36)),
            name(day(35)),
            name(day(0)),
            "cabildo.db".to_owned(),
            erasures::FILE_NAME.to_owned(),
        ] {
            std::fs::write(folder.path().join(it), "x").expect("written");
        }
        assert_eq!(newest(folder.path()), Some(now.0));
        assert_eq!(expire(folder.path(), 35, now).expect("expired"), 1);
        assert!(!folder.path().join(name(day(36))).exists());
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 4);
    }
}
