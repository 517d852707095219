//! Watches what a technician must know of: reads queues, files and gateways every few seconds, keeps
//! what it saw for `/health` and the metrics, and raises alarms. Also takes in a new key file, seals
//! addresses anew, and makes the hourly backup.

mod alarms;
mod keys;
mod retention;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

pub use alarms::{Alarm, CODES, meaning};

use crate::backup;
use crate::clock::Clock;
use crate::config::{Backup, Retention, SendingLimits};
use crate::domain::time::{HOUR, UnixMillis};
use crate::service::Service;
use crate::spool::Spool;
use crate::store::privacy::Waiting;
use crate::store::watched::{GatewayState, Watched};
use crate::store::{Location, erasures, snapshot};
use crate::telegram::{PollState, Status};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(5);

/// The size of the log of the database at which somebody should look, bytes.
pub const WAL_ALARM: u64 = 32 * 1024 * 1024;

/// Free bytes of the disk under which somebody should look: under a tenth of a small disk, and never
/// only because a large one is nine tenths full of something else.
const DISK_LOW: u64 = 2 * 1024 * 1024 * 1024;
/// Free bytes of the disk under which the service is not well: room for the database's log and a spool.
const DISK_FULL: u64 = 512 * 1024 * 1024;

/// Free room on a disk, as far as this account may use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Free part, in percent.
    pub percent: u64,
    /// Free bytes.
    pub bytes: u64,
}

impl Room {
    /// Whether somebody should make room. Where that is said already (`stands`), only a fifth more ends
    /// it: a disk at the limit would tell it again and again.
    pub fn low(self, stands: bool) -> bool {
        let more = |it: u64| if stands { it + it / 5 } else { it };
        self.percent < more(10) && self.bytes < more(DISK_LOW)
    }

    /// Whether so little is left that soon nothing can be kept.
    pub fn full(self) -> bool {
        self.percent < 3 && self.bytes < DISK_FULL
    }
}

/// Where things lie, and what else is looked at.
#[derive(Debug)]
pub struct Places {
    /// Where the database is.
    pub location: Location,
    /// The folder of the data.
    pub folder: PathBuf,
    /// The file of the address keys.
    pub key_file: PathBuf,
    /// The backups' settings.
    pub backup: Backup,
    /// The folder of the backups.
    pub backup_folder: PathBuf,
    /// How long things are kept.
    pub retention: Retention,
    /// The caps of budgets.
    pub limits: SendingLimits,
    /// Ids of all channels.
    pub channels: Vec<String>,
    /// What the pollers say of themselves.
    pub telegram: HashMap<String, Arc<Status>>,
}

/// What was seen last.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Seen {
    /// When, Unix ms.
    pub at: i64,
    /// Whether the database could be read then.
    pub database: bool,
    /// Messages that wait to be handled, and the age of the oldest, ms.
    pub waiting: Queue,
    /// Messages of ours that are due, and the age of the oldest, ms.
    pub queued: Queue,
    /// Messages that are parked.
    pub parked: i64,
    /// Attempts of which nobody knows the end, and the age of the oldest, ms.
    pub unknown: Queue,
    /// Part of the attempts to send that failed since the start, in percent.
    pub failed_percent: u64,
    /// What is known of gateways.
    pub gateways: Vec<GatewayState>,
    /// Today's budgets.
    pub budgets: BTreeMap<String, Budget>,
    /// Telegram's pollers by channel.
    pub telegram: BTreeMap<String, Poll>,
    /// Size of the log of the database, bytes.
    pub wal_bytes: u64,
    /// Messages in the spool, which the database could not take yet.
    pub spooled: u64,
    /// When the spool was last found smaller than before, or empty: whether it drains.
    pub spool_draining: bool,
    /// Settings of the database server by which a power cut could lose what was acknowledged.
    pub unsafe_settings: Vec<String>,
    /// Free part of the disk of the data, in percent.
    pub disk_free_percent: Option<u64>,
    /// Whether the disk of the data has little room.
    pub disk_low: bool,
    /// Whether it has next to none.
    pub disk_full: bool,
    /// When the newest backup was taken, Unix ms.
    pub backup_at: Option<i64>,
    /// Addresses that wait to be sealed with the new keys.
    pub old_addresses: i64,
    /// Requests of people about their data that are past the tenth and the fifteenth working day, and past
    /// the term.
    pub privacy: Waiting,
    /// Whether no run of the retention went to its end for two nights.
    pub retention_late: bool,
    /// Calls that were refused in the last minute.
    pub refused_last_minute: u64,
    /// Accounts that looked at many numbers within an hour.
    pub curious: Vec<uuid::Uuid>,
    /// Alarms that stand.
    pub alarms: Vec<Alarm>,
}

/// A queue.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Queue {
    /// How many.
    pub count: i64,
    /// How long the oldest has waited, ms.
    pub oldest_ms: Option<i64>,
}

/// A budget of today.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Budget {
    /// Used, in thousandths of the currency's unit or as a count.
    pub used: i64,
    /// The cap; absent: none.
    pub cap: Option<u64>,
}

/// What a poller says.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Poll {
    /// How it is.
    pub state: PollState,
    /// Milliseconds since the last poll that succeeded; absent before the first.
    pub last_poll_ms_ago: Option<i64>,
}

/// Looks, and keeps what it saw.
#[derive(Debug)]
pub struct Watch {
    service: Arc<Service>,
    clock: Clock,
    places: Places,
    started: UnixMillis,
    seen: RwLock<Arc<Seen>>,
    memory: tokio::sync::Mutex<alarms::Memory>,
}

impl Watch {
    /// A watch that has seen nothing yet.
    pub fn new(service: Arc<Service>, clock: Clock, places: Places) -> Self {
        let started = clock.now();
        Self {
            service,
            clock,
            places,
            started,
            seen: RwLock::default(),
            memory: tokio::sync::Mutex::default(),
        }
    }

    /// What was seen last.
    pub fn seen(&self) -> Arc<Seen> {
        self.seen.read().map_or_else(|_| Arc::default(), |it| Arc::clone(&it))
    }

    /// Where things lie.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Looks every few seconds until `stop`, and does what is due.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let looking = async {
            loop {
                self.look().await;
                tokio::time::sleep(EVERY).await;
            }
        };
        let rotating = keys::run(&self);
        let ending = retention::run(&self);
        let backing_up = async {
            loop {
                self.back_up_if_due().await;
                tokio::time::sleep(Duration::from_mins(1)).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = looking => {}
            () = rotating => {}
            () = backing_up => {}
            () = ending => {}
        }
    }

    /// Looks once.
    pub async fn look(&self) {
        let mut memory = self.memory.lock().await;
        let now = self.clock.now();
        let before = self.seen();
        let day = self.service.sending.caps(&self.service.facts.load(), now).day;
        let watched = self.service.store.watch(day, now).await;
        let database = watched.is_ok();
        let watched = watched.unwrap_or_default();
        let metrics = &self.service.metrics;
        let (all, taken) = metrics.sent_total(&self.places.channels);
        let wal_bytes = self.wal_bytes();
        if wal_bytes > WAL_ALARM
            && let Location::File(path) = &self.places.location
            && let Err(problem) = snapshot::checkpoint(path).await
        {
            tracing::debug!(%problem, "the log of the database could not be cut");
        }
        let spooled = self.service.spool.as_ref().map_or(0, Spool::kept);
        let room = disk_free(&self.places.folder);
        let told_low = before.alarms.iter().any(|it| it.code == "disk_low");
        let age = |since: Option<i64>| since.map(|it| (now.0 - it).max(0));
        let mut seen = Seen {
            at: now.0,
            database,
            waiting: Queue { count: watched.waiting, oldest_ms: age(watched.waiting_since) },
            queued: Queue {
                count: count_of(&watched, "queued"),
                oldest_ms: watched.due_since.filter(|it| *it <= now.0).map(|it| now.0 - it),
            },
            parked: watched.parked,
            unknown: Queue { count: count_of(&watched, "unknown"), oldest_ms: age(watched.unknown_since) },
            failed_percent: ((all - taken) * 100).checked_div(all).unwrap_or(0),
            budgets: self.budgets(&watched),
            telegram: self.polls(now),
            wal_bytes: self.wal_bytes(),
            spooled,
            spool_draining: spooled == 0 || spooled < before.spooled,
            unsafe_settings: self.service.store.unsafe_settings().to_vec(),
            disk_free_percent: room.map(|it| it.percent),
            disk_low: room.is_some_and(|it| it.low(told_low)),
            disk_full: room.is_some_and(Room::full),
            backup_at: backup::newest(&self.places.backup_folder),
            old_addresses: self.service.store.count_old_addresses().await.unwrap_or(0),
            refused_last_minute: memory.refused(now, metrics.refused_total(&self.refusable())),
            privacy: self.service.store.count_waiting_requests(now).await.unwrap_or(before.privacy),
            retention_late: retention::late(self, now).await,
            curious: watched.curious.clone(),
            gateways: watched.gateways.clone(),
            alarms: Vec::new(),
        };
        seen.alarms = alarms::judge(&seen, &self.places, self.started, now);
        self.publish(&seen, &watched, wal_bytes);
        memory.raise(&seen.alarms, now);
        if let Ok(mut place) = self.seen.write() {
            *place = Arc::new(seen);
        }
    }

    /// The channels that a refused call is counted for.
    fn refusable(&self) -> Vec<String> {
        let mut all = self.places.channels.clone();
        all.push("none".to_owned());
        all
    }

    fn publish(&self, seen: &Seen, watched: &Watched, wal_bytes: u64) {
        let metrics = &self.service.metrics;
        for (state, count) in &watched.outbox {
            metrics.set_outbox(state, *count);
        }
        metrics.set_inbox("received", seen.waiting.count);
        metrics.set_inbox("parked", seen.parked);
        for (what, queue) in [("received", seen.waiting), ("queued", seen.queued), ("unknown", seen.unknown)]
        {
            metrics.set_age(what, queue.oldest_ms.unwrap_or(0) / 1_000);
        }
        for (channel, poll) in &seen.telegram {
            metrics.set_age(&format!("poll:{channel}"), poll.last_poll_ms_ago.unwrap_or(-1_000) / 1_000);
        }
        if let Some(taken_at) = seen.backup_at {
            metrics.set_age("backup", (seen.at - taken_at) / 1_000);
        }
        metrics.set_bytes("wal", wal_bytes as i64);
        metrics.set_inbox("spooled", i64::try_from(seen.spooled).unwrap_or(i64::MAX));
        if let Some(percent) = seen.disk_free_percent {
            metrics.set_disk_free(percent as i64);
        }
        for (name, budget) in seen.budgets.iter().take(100) {
            metrics.set_budget(name, budget.used);
        }
        for gateway in &seen.gateways {
            metrics.set_gateway(&gateway.id, "score", gateway.score);
            for (what, value) in [("battery", gateway.battery), ("credit", gateway.credit)] {
                if let Some(value) = value {
                    metrics.set_gateway(&gateway.id, what, value);
                }
            }
        }
        for code in CODES {
            metrics.set_alarm(code, seen.alarms.iter().any(|it| it.code == *code));
        }
    }

    fn budgets(&self, watched: &Watched) -> BTreeMap<String, Budget> {
        let cap = |name: &str| match name {
            "money" => Some(self.places.limits.money_per_day).filter(|it| *it > 0),
            "unasked" => Some(self.places.limits.unasked_money_per_day).filter(|it| *it > 0),
            _ => None,
        };
        watched
            .budgets
            .iter()
            .map(|(name, used)| (name.clone(), Budget { used: *used, cap: cap(name) }))
            .collect()
    }

    /// What the pollers say now.
    pub fn polls(&self, now: UnixMillis) -> BTreeMap<String, Poll> {
        let poll = |status: &Status| Poll {
            state: status.state(),
            last_poll_ms_ago: status.last_poll().map(|it| now.since(it).max(0)),
        };
        self.places.telegram.iter().map(|(id, status)| (id.clone(), poll(status))).collect()
    }

    fn wal_bytes(&self) -> u64 {
        let Location::File(path) = &self.places.location else { return 0 };
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        std::fs::metadata(name).map_or(0, |it| it.len())
    }

    /// Makes a backup where the newest is too old, and deletes those that have expired.
    async fn back_up_if_due(&self) {
        let Places { location: Location::File(database), backup, backup_folder, .. } = &self.places else {
            return;
        };
        if backup.recipients.is_empty() || backup.every_hours == 0 {
            return;
        }
        let now = self.clock.now();
        let due = |taken_at: i64| now.0 - taken_at >= i64::from(backup.every_hours) * HOUR;
        if !backup::newest(backup_folder).is_none_or(due) {
            return;
        }
        let fingerprints = self.service.store.key_fingerprints().unwrap_or_default();
        let list = self.places.folder.join(erasures::FILE_NAME);
        let plan = backup::Plan {
            database,
            folder: backup_folder,
            recipients: &backup.recipients,
            fingerprints: &fingerprints,
            erasures: Some(&list),
        };
        match backup::take(plan, now).await {
            Ok((_, manifest)) => {
                tracing::info!(last_event = manifest.contents.last_event, "a backup was made");
            }
            Err(problem) => tracing::error!(%problem, "the backup failed; it is tried again in a minute"),
        }
        match backup::expire(backup_folder, backup.keep_days, now) {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "backups have expired and were deleted"),
            Err(problem) => tracing::error!(%problem, "old backups could not be deleted"),
        }
    }
}

fn count_of(watched: &Watched, state: &str) -> i64 {
    watched.outbox.iter().find(|(it, _)| *it == state).map_or(0, |(_, count)| *count)
}

/// Free room on the disk that holds `folder`; `None` where the system does not say.
pub fn disk_free(folder: &Path) -> Option<Room> {
    #[cfg(unix)]
    {
        let found = rustix::fs::statvfs(folder).ok()?;
        let percent = (found.f_bavail * 100).checked_div(found.f_blocks)?;
        Some(Room { percent, bytes: found.f_bavail.saturating_mul(found.f_frsize) })
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Room;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn a_disk_is_low_by_its_part_and_by_what_is_left() {
        let room = |percent, mib: u64| Room { percent, bytes: mib * MIB };
        // 25 GB of 252 are plenty, and so are 600 MB of a disk of one gigabyte.
        for (room, low, full) in [
            (room(9, 25_000), false, false),
            (room(60, 600), false, false),
            (room(9, 2_047), true, false),
            (room(10, 2_047), false, false),
            (room(9, 2_048), false, false),
            (room(2, 513), true, false),
            (room(2, 511), true, true),
            (room(3, 100), true, false),
        ] {
            assert_eq!((room.low(false), room.full()), (low, full), "{room:?}");
        }
        // What was said ends by a fifth more.
        assert!(room(10, 2_047).low(true) && room(11, 2_400).low(true));
        assert!(!room(12, 2_047).low(true) && !room(9, 2_458).low(true));
    }
}
