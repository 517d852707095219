//! The nightly run of the retention, and erasures that people asked for.

use std::time::Duration;

use super::Watch;
use crate::domain::time::{DAY, HOUR, UnixMillis};
use crate::retention::Job;
use crate::store::erasures;

/// How often it looks whether something is due.
const LOOK: Duration = Duration::from_mins(1);

/// Runs for ever.
pub(super) async fn run(watch: &Watch) {
    loop {
        watch.end_what_is_due().await;
        tokio::time::sleep(LOOK).await;
    }
}

impl Watch {
    /// Erases who asked for it, and ends once a night what was kept long enough. The first night only tells
    /// how much that is.
    pub async fn end_what_is_due(&self) {
        let list = self.places.folder.join(erasures::FILE_NAME);
        let store = &self.service.store;
        let job = Job {
            store,
            location: &self.places.location,
            rules: &self.places.retention,
            list: &list,
            backups: (&self.places.backup_folder, self.places.backup.keep_days),
        };
        let now = self.clock.now();
        match job.erase_requested(now, false).await {
            Ok(all) if all.done == 0 => {}
            Ok(all) => tracing::info!(done = all.done, "people who asked for it are erased"),
            Err(problem) => {
                tracing::error!(%problem, "no erasure could be done; it is tried again in a minute");
            }
        }
        let tonight = night(self, now);
        let first = match store.last_retention().await {
            Ok(day) if day < tonight => day == 0,
            // It was done, or can't be known: then the database is away.
            _ => return,
        };
        // The first night only tells what the next one will end, so that somebody can think again.
        let ended = match job.run(now, first).await {
            Ok(ended) => ended,
            Err(problem) => {
                tracing::error!(%problem, "the retention broke off; it goes on in a minute");
                return;
            }
        };
        if let Err(problem) = store.note_retention(tonight, now).await {
            tracing::error!(%problem, "it could not be noted that the retention was done");
            return;
        }
        tracing::info!(
            only_counted = first,
            requested = ended.requested,
            contacts = ended.kept.contacts,
            messages = ended.kept.messages_in + ended.kept.messages_out,
            cases = ended.kept.cases + ended.kept.confidential_cases,
            audit_entries = ended.kept.audit_entries,
            backups = ended.backups,
            "what was kept long enough was ended"
        );
    }
}

/// The number of the night that an instant belongs to: a day begins at the hour of the run, in the country's
/// time.
fn night(watch: &Watch, now: UnixMillis) -> i64 {
    let facts = watch.service.facts.load();
    let zone = jiff::tz::TimeZone::get(&facts.manifest.pack.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let offset = jiff::Timestamp::from_millisecond(now.0)
        .map_or(0, |it| i64::from(zone.to_offset(it).seconds()) * 1_000);
    (now.0 + offset - i64::from(watch.places.retention.hour) * HOUR).div_euclid(DAY)
}

/// Whether no run went to its end for two nights.
pub(super) async fn late(watch: &Watch, now: UnixMillis) -> bool {
    // A service that was just started has a minute for it, which is nothing beside two nights.
    let running = now.since(watch.started) > HOUR;
    let last = watch.service.store.last_retention().await.unwrap_or(i64::MAX);
    running && last < night(watch, now) - 1
}
