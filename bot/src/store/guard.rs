//! The start-up guard: a `SQLite` that could lose or leak data is refused before anything is served.

use std::path::Path;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteLockingMode, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Row as _};

use super::{Error, OpenError};

/// The oldest library that is used: before it, a checkpoint that meets a commit could damage a WAL
/// database (<https://www.sqlite.org/wal.html#walresetbug>).
const OLDEST: (u32, u32, u32) = (3, 51, 3);

/// How long a connection waits for a lock, ms.
const BUSY_TIMEOUT_MS: i64 = 5_000;

/// The size that the log of the database is cut to after a checkpoint, bytes.
const JOURNAL_LIMIT: &str = "33554432";

/// File systems that `SQLite`'s locks and its WAL do not work on.
const REMOTE: &[&str] =
    &["nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "afs", "fuse.sshfs", "davfs"];

/// The settings of every connection.
pub(super) fn options(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        .locking_mode(SqliteLockingMode::Normal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS as u64))
        .pragma("mmap_size", "0")
        // What a long reader let grow is given back by the next checkpoint that can.
        .pragma("journal_size_limit", JOURNAL_LIMIT)
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .statement_cache_capacity(256)
        .disable_statement_logging()
}

/// The settings of a connection beside the service's own, for copies and checks.
pub(super) fn reading(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS as u64))
        .pragma("mmap_size", "0")
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

/// Reads what the connection really does and refuses what breaks a promise.
///
/// # Errors
/// A sentence that names the setting, its value and the one that is needed.
pub async fn check(connection: &mut SqliteConnection, in_memory: bool) -> Result<(), OpenError> {
    let version = text(connection, "SELECT sqlite_version()").await?;
    check_version(&version).map_err(OpenError::Refused)?;
    let journal = text(connection, "PRAGMA journal_mode").await?;
    let expected = if in_memory { "memory" } else { "wal" };
    if journal != expected {
        return Err(wrong("journal_mode", &journal, expected));
    }
    for (name, pragma, needed) in [
        ("synchronous", "PRAGMA synchronous", 2),
        ("foreign_keys", "PRAGMA foreign_keys", 1),
        ("trusted_schema", "PRAGMA trusted_schema", 0),
        ("secure_delete", "PRAGMA secure_delete", 1),
    ] {
        let value = number(connection, pragma).await?;
        if value != Some(needed) {
            return Err(wrong(name, &shown(value), &needed.to_string()));
        }
    }
    // A database in memory has nothing to map and tells no size.
    let mapped = number(connection, "PRAGMA mmap_size").await?;
    if mapped.is_some_and(|size| size != 0) {
        return Err(wrong("mmap_size", &shown(mapped), "0"));
    }
    let timeout = number(connection, "PRAGMA busy_timeout").await?;
    if timeout.is_none_or(|it| it < BUSY_TIMEOUT_MS) {
        return Err(wrong("busy_timeout", &shown(timeout), "5000 or more"));
    }
    Ok(())
}

/// Whether a library's version is new enough.
fn check_version(version: &str) -> Result<(), String> {
    let mut parts = version.split('.').map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(format!("its SQLite calls itself {version:?}, which is no version."));
    };
    if (major, minor, patch) < OLDEST {
        let (x, y, z) = OLDEST;
        return Err(format!(
            "its SQLite is {version}, and {x}.{y}.{z} is the oldest that keeps data safe. \
             Use a build with the bundled SQLite."
        ));
    }
    Ok(())
}

/// Checks the place of a database file and makes the file, readable by this user only, if it is new.
///
/// # Errors
/// It lies on a file system of another machine, or can't be made.
pub(super) fn prepare_file(path: &Path) -> Result<(), OpenError> {
    let failed =
        |problem: std::io::Error| OpenError::Refused(format!("{} can't be made: {problem}.", path.display()));
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    make_private_folder(folder).map_err(failed)?;
    // Where the mounts can't be read (not Linux) the promise rests with the operator.
    if let (Ok(mounts), Ok(folder)) =
        (std::fs::read_to_string("/proc/self/mounts"), std::fs::canonicalize(folder))
        && let Some(kind) = file_system(&mounts, &folder)
        && REMOTE.contains(&kind)
    {
        return Err(OpenError::Refused(format!(
            "{} lies on {kind}, a file system of another machine, where SQLite's locks are not reliable. \
             Use a local disk, or PostgreSQL.",
            path.display()
        )));
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(problem) if problem.kind() == std::io::ErrorKind::AlreadyExists => close_to_others(path),
        Err(problem) => Err(failed(problem)),
    }
}

/// Takes the rights of other accounts from a database that is there, its log and its index: a copy
/// that somebody made may have them.
fn close_to_others(path: &Path) -> Result<(), OpenError> {
    #[cfg(unix)]
    for end in ["", "-wal", "-shm"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let file = Path::new(&name);
        let Ok(found) = std::fs::metadata(file) else { continue };
        let mode = found.permissions().mode();
        let for_others = mode & 0o077;
        if for_others == 0 {
            continue;
        }
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode & 0o700)).map_err(|problem| {
            OpenError::Refused(format!(
                "{} can be read by other accounts, and that can't be changed ({problem}). \
                 Run chmod 600 on it as its owner.",
                file.display()
            ))
        })?;
        tracing::warn!(end, "the database could be read by other accounts; it is mode 600 now");
    }
    Ok(())
}

/// Refuses a folder that gives other accounts any of the rights of `mask` (`0o077`: all of them).
///
/// # Errors
/// A sentence that says what to run.
pub fn check_private_folder(folder: &Path, mask: u32) -> Result<(), String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder).map_err(|problem| problem.to_string())?.permissions().mode();
        if mode & mask != 0 {
            return Err(format!(
                "{} is open to other accounts (mode {:o}). Run chmod 700 on it, or name a folder of its own",
                folder.display(),
                mode & 0o777
            ));
        }
    }
    Ok(())
}

/// Makes a folder, and those above it that are not there, for this account only. One that is there
/// stays as it is.
///
/// # Errors
/// It can't be made.
pub fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The kind of the file system that holds `folder`, by the lines of `/proc/self/mounts` (`device
/// mount-point kind options ...`): that of the longest mount point above it, the last one on a tie.
fn file_system<'m>(mounts: &'m str, folder: &Path) -> Option<&'m str> {
    mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            let (point, kind) = (fields.nth(1)?, fields.next()?);
            // Blanks in a mount point are written in octal.
            let point = point.replace("\\040", " ");
            folder.starts_with(&point).then_some((point.len(), kind))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, kind)| kind)
}

fn wrong(name: &str, value: &str, needed: &str) -> OpenError {
    OpenError::Refused(format!("its SQLite setting {name} is {value} and must be {needed}."))
}

fn shown(value: Option<i64>) -> String {
    value.map_or_else(|| "not known".to_owned(), |it| it.to_string())
}

async fn text(connection: &mut SqliteConnection, sql: &'static str) -> Result<String, Error> {
    let row = sqlx::query(sql).fetch_one(connection).await?;
    Ok(row.try_get(0)?)
}

async fn number(connection: &mut SqliteConnection, sql: &'static str) -> Result<Option<i64>, Error> {
    let row = sqlx::query(sql).fetch_optional(connection).await?;
    Ok(row.map(|it| it.try_get(0)).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn checked(change: &'static str) -> Result<(), OpenError> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("cabildo.db");
        let options = options(SqliteConnectOptions::new().filename(&path).create_if_missing(true));
        let mut connection = options.connect().await.expect("connection");
        sqlx::query(change).fetch_all(&mut connection).await.expect("pragma");
        check(&mut connection, false).await
    }

    #[tokio::test]
    async fn our_own_settings_pass() {
        assert!(checked("SELECT 1").await.is_ok());
    }

    #[tokio::test]
    async fn each_wrong_setting_is_named_and_refused_with_exit_code_78() {
        for (change, name) in [
            ("PRAGMA journal_mode = DELETE", "journal_mode"),
            ("PRAGMA synchronous = NORMAL", "synchronous"),
            ("PRAGMA foreign_keys = OFF", "foreign_keys"),
            ("PRAGMA trusted_schema = ON", "trusted_schema"),
            ("PRAGMA secure_delete = OFF", "secure_delete"),
            ("PRAGMA mmap_size = 1048576", "mmap_size"),
            ("PRAGMA busy_timeout = 4999", "busy_timeout"),
        ] {
            let problem = checked(change).await.expect_err(change);
            assert_eq!(problem.exit_code(), 78, "{change}");
            assert!(problem.to_string().contains(name), "{change}: {problem}");
        }
    }

    #[test]
    fn an_old_library_is_refused() {
        for good in ["3.51.3", "3.52.0", "4.0.0"] {
            assert_eq!(check_version(good), Ok(()));
        }
        for bad in ["3.51.2", "3.50.9", "2.99.99", "3.51", "", "new"] {
            assert!(check_version(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_file_system_is_that_of_the_longest_mount_point() {
        let mounts = "dev / ext4 rw 0 0\nhost:/x /srv/data nfs4 rw 0 0\nz /srv/my\\040disk xfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/srv")), Some("ext4"));
        assert_eq!(file_system(mounts, Path::new("/srv/data/cabildo")), Some("nfs4"));
        assert_eq!(file_system(mounts, Path::new("/srv/database")), Some("ext4"));
        assert_eq!(file_system(mounts, Path::new("/srv/my disk/a")), Some("xfs"));
    }
}
