//! The checks of this machine: folders, database, keys, disk, clock, budgets, backups.

use std::cmp::Ordering;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use super::super::exit;
use super::Finding;
use crate::backup;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::time::{DAY, HOUR, MINUTE, UnixMillis};
use crate::spool;
use crate::store::examine::{Examined, examine};
use crate::store::guard::check_private_folder;
use crate::store::{AddressKeys, Engine, Location, migrate};
use crate::watch::{WAL_ALARM, disk_free};

/// 2026-01-01, Unix ms: a clock before it was never set.
const EARLIEST: i64 = 1_767_225_600_000;

/// All of them.
pub(super) async fn all(config: &Config, clock: &Clock) -> Vec<Finding> {
    let now = clock.now();
    let (folder, location, key_file) = match (config.data.folder(), config.location(), config.key_file()) {
        (Ok(folder), Ok(location), Ok(key_file)) => (folder, location, key_file),
        (Err(problem), ..) | (_, Err(problem), _) | (.., Err(problem)) => {
            return vec![Finding::fail("data folder", exit::CONFIG, problem.to_string(), "Set data.dir.")];
        }
    };
    let mut all = vec![data_folder(&folder)];
    let (keys, finding) = key_file_check(&key_file, &location);
    all.push(finding);
    match examine(&location).await {
        Err(problem) => all.push(Finding::fail(
            "database",
            exit::UNAVAILABLE,
            problem.to_string(),
            "Start the database server, or see whether this account may read the file.",
        )),
        Ok(None) => all.push(Finding::ok("database", "there is none yet; the first start makes it")),
        Ok(Some(found)) => {
            all.extend(database(&location, &found));
            all.push(migrations(&location, &found));
            if let Some(keys) = &keys {
                all.push(fingerprints(keys, &found));
            }
            all.push(clock_check(now, found.newest));
            all.extend(spending(config, &found, now));
        }
    }
    all.push(disk(&folder));
    all.push(spool_check(&folder));
    all.push(synchronised());
    all.push(budgets(config));
    all.push(backups(config, &location, now));
    all
}

fn data_folder(folder: &Path) -> Finding {
    let check = "data folder";
    if !folder.exists() {
        return Finding::ok(check, format!("{} is made at the first start", folder.display()));
    }
    match check_private_folder(folder, 0o077) {
        Ok(()) => Finding::ok(check, format!("{}, for this account only", folder.display())),
        Err(problem) => {
            Finding::fail(check, exit::CONFIG, problem, format!("chmod 700 '{}'", folder.display()))
        }
    }
}

fn key_file_check(key_file: &Path, location: &Location) -> (Option<AddressKeys>, Finding) {
    let check = "address keys";
    let fresh = matches!(location, Location::File(path) if !path.exists());
    if fresh && !key_file.exists() {
        return (None, Finding::ok(check, "they are made at the first start"));
    }
    match AddressKeys::load_or_make(key_file, false) {
        Ok(keys) => {
            let versions = keys.list_versions().len();
            let what = format!("version {} of {versions}, for this account only", keys.current());
            let finding = if versions == 1 {
                Finding::ok(check, what)
            } else {
                let advice = "Once no address waits (`cabildo keys status`) and backups have expired: \
                              `cabildo keys prune`.";
                Finding::warn(check, format!("{what}; they are being replaced"), advice)
            };
            (Some(keys), finding)
        }
        Err(problem) => {
            (None, Finding::fail(check, exit::CONFIG, problem.to_string(), "See docs/operations/keys.md."))
        }
    }
}

fn database(location: &Location, found: &Examined) -> Vec<Finding> {
    let settings: Vec<String> =
        found.settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let mut all = vec![match found.complaints.first() {
        None => Finding::ok("database", settings.join(", ")),
        Some(problem) => Finding::fail(
            "database",
            exit::CONFIG,
            format!("{problem} ({})", settings.join(", ")),
            "Restore the last backup if it is damaged; correct the setting otherwise.",
        ),
    }];
    if let Location::File(path) = location {
        all.push(file_mode(path));
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let bytes = std::fs::metadata(log).map_or(0, |it| it.len());
        let what = format!("{bytes} bytes wait in the log");
        all.push(if bytes > WAL_ALARM {
            Finding::warn("database log", what, "Somebody keeps reading: end that program.")
        } else {
            Finding::ok("database log", what)
        });
    }
    all
}

fn file_mode(path: &Path) -> Finding {
    let check = "database file";
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map_or(0, |it| it.permissions().mode() & 0o777);
        if mode & 0o077 != 0 {
            let what = format!("other accounts can read it (mode {mode:o})");
            return Finding::fail(check, exit::CONFIG, what, format!("chmod 600 '{}'", path.display()));
        }
    }
    Finding::ok(check, format!("{}, for this account only", path.display()))
}

fn migrations(location: &Location, found: &Examined) -> Finding {
    let check = "migrations";
    let engine = if matches!(location, Location::Postgres(_)) { Engine::Postgres } else { Engine::Sqlite };
    let known = migrate::list(engine).last().map_or(0, |(number, _)| *number);
    let there = found.schema;
    match there.cmp(&known) {
        Ordering::Greater => {
            let what = format!("the database has {there}, and this program knows {known}");
            Finding::fail(check, exit::CONFIG, what, "Install the release that made it, or a newer one.")
        }
        Ordering::Less => Finding::warn(
            check,
            format!("the database has {there} of {known}"),
            "The next start of the service applies the rest.",
        ),
        Ordering::Equal => Finding::ok(check, format!("all {known}")),
    }
}

fn fingerprints(keys: &AddressKeys, found: &Examined) -> Finding {
    let check = "keys fit";
    let ours = keys.fingerprints().unwrap_or_default();
    let wrong = found.fingerprints.iter().find(|(version, theirs)| {
        ours.iter().any(|(it, fingerprint)| it == version && fingerprint != theirs)
    });
    match wrong {
        Some((version, _)) => Finding::fail(
            check,
            exit::CONFIG,
            format!("version {version} is not the one that the database was written with"),
            "Put back the key file that belongs to this database.",
        ),
        None => Finding::ok(check, "the key file belongs to this database"),
    }
}

fn clock_check(now: UnixMillis, newest: Option<i64>) -> Finding {
    let check = "clock";
    let advice = "Set the clock and keep it with NTP: timedatectl set-ntp true.";
    if now.0 < EARLIEST {
        return Finding::fail(check, exit::CONFIG, "it shows a year before 2026", advice);
    }
    match newest {
        Some(it) if it > now.0 + MINUTE => {
            let what = format!("the newest message is {} s in the future", (it - now.0) / 1_000);
            Finding::fail(check, exit::CONFIG, what, advice)
        }
        _ => Finding::ok(check, "no message is in the future"),
    }
}

/// Whether the clock is kept by NTP, where the system says.
fn synchronised() -> Finding {
    let check = "time service";
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        return Finding::ok(check, "the clock is synchronised");
    }
    let said = Command::new("timedatectl").args(["show", "-p", "NTPSynchronized", "--value"]).output();
    match said.map(|it| it.stdout.trim_ascii().to_owned()) {
        Ok(it) if it == b"yes" => Finding::ok(check, "the clock is synchronised"),
        Ok(it) if it == b"no" => Finding::warn(
            check,
            "the clock is not synchronised",
            "timedatectl set-ntp true, or install chrony.",
        ),
        _ => Finding::ok(check, "not known on this system"),
    }
}

fn disk(folder: &Path) -> Finding {
    let check = "disk";
    let there = folder.ancestors().find(|it| it.exists()).unwrap_or(Path::new("/"));
    match disk_free(there) {
        None => Finding::ok(check, "not known on this system"),
        Some(room) => {
            let what = format!("{} %, {} MiB, are free", room.percent, room.bytes / (1024 * 1024));
            let advice = "Make room: without it no message is acknowledged.";
            if room.full() {
                Finding::fail(check, exit::TRY_LATER, what, advice)
            } else if room.low(false) {
                Finding::warn(check, what, advice)
            } else {
                Finding::ok(check, what)
            }
        }
    }
}

fn budgets(config: &Config) -> Finding {
    let check = "budgets";
    let priced = config.channels.values().any(|it| it.sending().price > 0);
    match (config.limits.money_per_day, priced) {
        (0, true) => Finding::warn(
            check,
            "messages have a price, and no cap limits a day",
            "Set limits.money_per_day.",
        ),
        (0, false) => Finding::ok(check, "no price, no cap"),
        (cap, _) => Finding::ok(check, format!("{cap} thousandths a day")),
    }
}

/// What was spent since yesterday; nothing is said where nothing was.
fn spending(config: &Config, found: &Examined, now: UnixMillis) -> Option<Finding> {
    // The day is that of the service's time zone, which may be a day behind.
    let today = now.0.div_euclid(DAY);
    let (_, used, _) = found.spent.iter().find(|(name, _, day)| name == "money" && today - day <= 1)?;
    let what = format!("{used} thousandths on the last day");
    let cap = config.limits.money_per_day;
    let used = u64::try_from(*used).unwrap_or(0);
    Some(if cap > 0 && used.saturating_mul(100) >= cap.saturating_mul(80) {
        Finding::warn(
            "spending",
            format!("{what}, of {cap}"),
            "Raise limits.money_per_day, or find out what sends.",
        )
    } else {
        Finding::ok("spending", what)
    })
}

/// Whether messages wait in the file for those that the database could not take. A record begins with
/// its length, so the file is in use where its first bytes are not 0.
fn spool_check(folder: &Path) -> Finding {
    let check = "spool";
    let mut first = [0; 4];
    let read =
        std::fs::File::open(folder.join(spool::FILE_NAME)).and_then(|mut it| it.read_exact(&mut first));
    match read {
        Ok(()) if first == [0; 4] => Finding::ok(check, "empty"),
        Ok(()) => Finding::warn(
            check,
            "messages wait in it for the database",
            "Start the service; it stores them as soon as the database takes them.",
        ),
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => {
            Finding::ok(check, "it is made at the first start")
        }
        Err(problem) => Finding::fail(
            check,
            exit::CONFIG,
            format!("it can't be read: {}", problem.kind()),
            "See whether this account may read it.",
        ),
    }
}

fn backups(config: &Config, location: &Location, now: UnixMillis) -> Finding {
    let check = "backups";
    if !matches!(location, Location::File(_)) {
        return Finding::warn(
            check,
            "PostgreSQL is backed up by its own tools, which can't be seen from here",
            "docs/operations/backup.md has the lines.",
        );
    }
    if config.backup.recipients.is_empty() {
        return Finding::warn(
            check,
            "none are made: no recipient is configured",
            "cabildo backup --new-identity FILE, then set backup.recipients.",
        );
    }
    let newest = config.backup_folder().ok().and_then(|it| backup::newest(&it));
    match newest {
        None => Finding::warn(check, "there is none yet", "The running service makes one within a minute."),
        Some(taken_at) => {
            let hours = (now.0 - taken_at) / HOUR;
            let what = format!("the newest is {hours} h old");
            if hours >= 26 {
                let advice = "Look for `the backup failed` in the log; make one with cabildo backup.";
                Finding::fail(check, exit::TRY_LATER, what, advice)
            } else {
                Finding::ok(check, what)
            }
        }
    }
}
