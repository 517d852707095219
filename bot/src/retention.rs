//! What ends by itself, at night or by `cabildo retention`, and what a person asked to have erased.

use std::path::Path;

use crate::backup;
use crate::config::Retention;
use crate::domain::time::UnixMillis;
use crate::store::audit::New as Audit;
use crate::store::privacy::DueErasure;
use crate::store::retention::Report;
use crate::store::{Error, Location, Store, snapshot};

/// Erasures that are done in one round.
const ROUND: u32 = 100;

/// What is ended, and where.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The database.
    pub store: &'a Store,
    /// Where it lies.
    pub location: &'a Location,
    /// How long things are kept.
    pub rules: &'a Retention,
    /// The list of erasures beside the database.
    pub list: &'a Path,
    /// The folder of the backups, and days after which they are deleted.
    pub backups: (&'a Path, u32),
}

/// What became of the erasures that people asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requested {
    /// Requests that were done.
    pub done: u64,
    /// Requests that failed, and why is in the log.
    pub failed: u64,
}

/// What a run ended, or would end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Ended {
    /// People who asked for it, and have no open case.
    pub requested: u64,
    /// People who asked for it, and could not be erased now: each is tried again in a minute.
    pub failed: u64,
    /// What was kept too long.
    #[serde(flatten)]
    pub kept: Report,
    /// Backups that are too old.
    pub backups: u64,
}

impl Ended {
    /// Each kind and how many, for a person.
    pub fn lines(&self) -> [(&'static str, u64); 12] {
        let kept = &self.kept;
        [
            ("people who asked to be erased", self.requested),
            ("people who asked to be erased, and could not be", self.failed),
            ("contacts that were silent for long", kept.contacts),
            ("messages in", kept.messages_in),
            ("messages out", kept.messages_out),
            ("closed cases, freed of numbers", kept.cases),
            ("closed confidential cases, emptied", kept.confidential_cases),
            ("decided requests about personal data, emptied", kept.requests),
            ("opinions, freed of numbers", kept.feedback),
            ("demands long over, freed of names", kept.demands),
            ("entries of the audit trail", kept.audit_entries),
            ("backups", self.backups),
        ]
    }

    /// How much it is in all.
    pub fn sum(&self) -> u64 {
        self.lines().iter().map(|it| it.1).sum()
    }
}

impl Job<'_> {
    /// Ends what is due; with `dry` it only counts. What was done stays done where it breaks off.
    ///
    /// # Errors
    /// The database, the list of erasures or the folder of backups can't be read or written.
    pub async fn run(&self, now: UnixMillis, dry: bool) -> Result<Ended, Error> {
        let Requested { done: requested, failed } = self.erase_requested(now, dry).await?;
        let list = Some(self.list).filter(|_| !dry);
        let kept = self.store.retain(&self.rules.limits(now), !dry, list).await?;
        let (folder, days) = self.backups;
        let backups =
            if dry { backup::count_expired(folder, days, now) } else { backup::expire(folder, days, now) };
        let backups =
            backups.map_err(|problem| Error::Unavailable(format!("the folder of backups: {problem}")))?;
        let ended = Ended { requested, failed, kept, backups: backups as u64 };
        if !dry && ended.sum() > 0 {
            self.store
                .add_audit(Audit {
                    actor_id: None,
                    act: "retention_run",
                    target_kind: "retention",
                    target_id: now.0.to_string(),
                    detail: serde_json::to_value(ended).unwrap_or_default(),
                    at: now,
                })
                .await?;
            self.cut_log().await;
        }
        Ok(ended)
    }

    /// Erases who asked for it, where no case of hers is open. One that fails keeps no other from it.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn erase_requested(&self, now: UnixMillis, dry: bool) -> Result<Requested, Error> {
        let mut all = Requested::default();
        if dry {
            all.done = self.store.due_erasures(now, u32::MAX).await?.len() as u64;
            return Ok(all);
        }
        self.store.finish_erasures().await?;
        for due in self.store.due_erasures(now, ROUND).await? {
            match self.erase_person(due, now).await {
                Ok(done) => all.done += u64::from(done),
                Err(problem) => {
                    tracing::error!(%problem, request = %due.id, "an erasure failed; it is tried again");
                    all.failed += 1;
                }
            }
        }
        if all.done > 0 {
            self.cut_log().await;
        }
        Ok(all)
    }

    /// `false`: she has an open case again.
    async fn erase_person(&self, due: DueErasure, now: UnixMillis) -> Result<bool, Error> {
        // By the one who asked the others are found, so it goes last.
        let mut contacts = self.store.contacts_of(due.contact_id).await?;
        contacts.sort_by_key(|it| *it == due.contact_id);
        for contact in contacts {
            if !self.store.erase_contact(contact, Some(self.list), now).await? {
                return Ok(false);
            }
        }
        let audit = self.store.prepare_audit(Audit {
            actor_id: None,
            act: "privacy_erased",
            target_kind: "privacy_request",
            target_id: due.id.to_string(),
            detail: serde_json::json!({}),
            at: now,
        });
        self.store.finish_request(due.id, Some(audit), now).await?;
        Ok(true)
    }

    /// The log of the database must not keep the old pages.
    async fn cut_log(&self) {
        if let Location::File(path) = self.location
            && let Err(problem) = snapshot::checkpoint(path).await
        {
            tracing::debug!(%problem, "the log of the database could not be cut");
        }
    }
}
