//! Tells who was shown a figure that the loaded release corrects, once.
//!
//! What was shown is read from the answers of the last 90 days themselves, so no answer pays for it. They are
//! gone through by their keys, a page at a time; a mark in `cursors` says how far. A message has an id that
//! comes from release, contact and figure, so a page that is gone through twice queues nothing twice. Stopped
//! contacts get none, and all limits of what is not asked for hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::channels::gateway::Gateway;
use crate::channels::render::{Setting, correction};
use crate::domain::channel::ChannelKind;
use crate::domain::corrections::{Correction, corrections};
use crate::domain::facts::Facts;
use crate::domain::purpose::Purpose;
use crate::domain::time::{DAY, UnixMillis};
use crate::ids;
use crate::import::release::{self, ReleaseError};
use crate::service::Service;
use crate::store::Error;
use crate::store::outbox::{NewOutbound, SentAnswer};

/// How far back answers are looked at.
const WINDOW: i64 = 90 * DAY;
/// Messages of a page.
const PAGE: u32 = 500;
/// Who does it, where several processes share a database.
const LEAD: &str = "corrections";
/// How long it waits after a failure, or for the one who leads.
const AGAIN: Duration = Duration::from_mins(1);

/// What a release corrects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its name (`MX/2026.2`).
    pub name: String,
    /// The figures that people can see to be others.
    pub corrections: Vec<Correction>,
}

/// Reads what the release in use corrects of the one that it replaced; `None` where the embedded pack
/// serves, or another one than is in use.
pub fn read(folder: &Path, facts: &Facts) -> Result<Option<Release>, ReleaseError> {
    let Some(current) = release::list(folder)?.into_iter().find(|it| it.current) else { return Ok(None) };
    let pack = &facts.manifest.pack;
    if current.name != format!("{}/{}", pack.country, pack.release) {
        return Ok(None);
    }
    let pack = |name: &str, source| ReleaseError::Pack { name: name.to_owned(), source };
    let before = match current.replaces.as_str() {
        "embedded" => crate::embedded::facts().map_err(|source| pack("embedded", source))?,
        name => release::load(&release::files(folder, name)?).map_err(|source| pack(name, source))?,
    };
    let mut corrections = corrections(&before, facts);
    corrections.retain(|it| correction::is_seen(facts, it));
    Ok(Some(Release { name: current.name, corrections }))
}

/// Tells what is to be told, once, and ends.
pub async fn run(service: Arc<Service>, folder: PathBuf, stop: CancellationToken) {
    let holder = ids::new_id(service.clock.now());
    loop {
        let told = tokio::select! {
            told = attempt(&service, &folder, holder) => told,
            () = stop.cancelled() => return,
        };
        match told {
            Ok(true) => return,
            Ok(false) => {}
            Err(problem) => tracing::error!(%problem, "corrected figures could not be told; trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Whether nothing is left to do.
async fn attempt(service: &Service, folder: &Path, holder: Uuid) -> Result<bool, Error> {
    // What is done needs no second pack in memory.
    if let Ok(Some(name)) = release::current(folder)
        && let (place, first) = marks(&name)
        && let Some(seen) = service.store.find_cursor(&first).await?
        && service.store.find_cursor(&place).await?.is_some_and(|reached| reached >= seen)
    {
        return Ok(true);
    }
    let (folder, facts) = (folder.to_owned(), service.facts.load_full());
    let read = tokio::task::spawn_blocking(move || read(&folder, &facts)).await;
    let release = match read {
        Ok(Ok(Some(release))) => release,
        Ok(Ok(None)) => return Ok(true),
        // The release serves; only what it replaced can't be compared.
        Ok(Err(problem)) => {
            tracing::warn!(%problem, "the release before can't be read: nobody is told of corrected figures");
            return Ok(true);
        }
        Err(problem) => return Err(Error::Other(format!("a job broke off: {problem}"))),
    };
    tell(service, &release, holder).await
}

/// The marks of a release: how far the answers were gone through, and when it was seen first.
fn marks(name: &str) -> (String, String) {
    (format!("corrections/{name}"), format!("corrections/{name}/first"))
}

/// Goes through the answers up to the instant at which the release was seen first; `false`: another process
/// does it.
pub async fn tell(service: &Service, release: &Release, holder: Uuid) -> Result<bool, Error> {
    let store = &service.store;
    let (place, first) = marks(&release.name);
    let mut by_place: BTreeMap<&str, Vec<&Correction>> = BTreeMap::new();
    for it in &release.corrections {
        by_place.entry(&it.municipality).or_default().push(it);
    }
    let places: BTreeSet<String> = by_place.keys().map(|it| (*it).to_owned()).collect();
    let mut after = None;
    loop {
        let now = service.clock.now();
        if store.lead(LEAD, holder, now).await?.is_none() {
            return Ok(false);
        }
        let seen = match store.find_cursor(&first).await? {
            Some(seen) => seen,
            None => {
                store.update_cursor(&first, now.0, now).await?;
                now.0
            }
        };
        let until = UnixMillis(seen);
        let reached = store.find_cursor(&place).await?.unwrap_or(seen - WINDOW);
        if places.is_empty() {
            store.update_cursor(&place, seen, now).await?;
        }
        if reached >= seen || places.is_empty() {
            store.resign(LEAD, holder).await?;
            return Ok(true);
        }
        let (last, told) = store.list_answers((after, UnixMillis(reached)), until, &places, PAGE).await?;
        let messages = messages(service, release, &by_place, &told, until);
        if !messages.is_empty() && store.add_outbounds(&messages).await? > 0 {
            service.wake_senders();
        }
        // Others of the millisecond of the last one are gone through again after a restart.
        let reached = last.map_or(seen, made_at);
        store.update_cursor(&place, reached, now).await?;
        after = last;
    }
}

/// When an id was made, Unix ms.
fn made_at(id: Uuid) -> i64 {
    i64::try_from(id.as_u128() >> 80).unwrap_or(i64::MAX)
}

/// The messages to those who were shown a corrected figure: one for each contact and figure.
fn messages(
    service: &Service,
    release: &Release,
    by_place: &BTreeMap<&str, Vec<&Correction>>,
    told: &[SentAnswer],
    at: UnixMillis,
) -> Vec<NewOutbound> {
    let facts = service.facts.load();
    let now = service.clock.now();
    let mut messages: BTreeMap<Uuid, NewOutbound> = BTreeMap::new();
    for it in told {
        let here = by_place.get(it.municipality.as_str()).into_iter().flatten();
        for figure in here.filter(|figure| correction::showed(&facts, &it.text, figure)) {
            let id = ids::derived_id(at, seed(&release.name, it.contact_id, figure));
            // What can't be pushed stays in the queue, in the shortest form.
            let channel = service.gateways.get(&it.channel_id).map_or(ChannelKind::Sms, Gateway::kind);
            let locale = it.locale.as_deref().unwrap_or(&facts.manifest.pack.locale);
            let setting = Setting { facts: &facts, locale, channel, service: &service.name };
            let Some(rendered) = correction::correction(figure, setting) else { continue };
            let campaign = Some(format!("correction-{}", release.name));
            let (contact_id, purpose) = (it.contact_id, Purpose::Reminder);
            let message =
                NewOutbound { id, contact_id, purpose, campaign, rendered, not_before: now, at: now };
            messages.entry(id).or_insert(message);
        }
    }
    messages.into_values().collect()
}

/// What sets a message apart from all others of the release.
fn seed(release: &str, contact_id: Uuid, it: &Correction) -> [u8; 10] {
    let mut hash = Sha256::new();
    for part in [release, &it.municipality, &it.series, &it.year.to_string()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(contact_id.as_bytes());
    let digest = hash.finalize();
    let mut seed = [0; 10];
    seed.copy_from_slice(&digest[..10]);
    seed
}
