//! What municipalities lay over the country's desk: read from the database after a write, and every
//! half minute for writes of other processes.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Service;
use crate::domain::desk::{Holiday, Overlay};
use crate::store::Error;
use crate::store::desk::entries::{Entry, Kind};

/// The code of a municipality's one calendar.
pub const CALENDAR: &str = "days";

/// How often it is looked for writes of others.
const EVERY: Duration = Duration::from_secs(30);

/// The days of a calendar's document; what can't be read has none.
pub fn read_holidays(body: &str) -> Vec<Holiday> {
    serde_json::from_str(body).unwrap_or_default()
}

/// Lays documents over each other, by municipality; one that can't be read is left out and told.
pub(crate) fn overlays(documents: HashMap<Kind, Vec<Entry>>) -> BTreeMap<String, Overlay> {
    let mut overlays: BTreeMap<String, Overlay> = BTreeMap::new();
    for (kind, entries) in documents {
        for entry in entries {
            let overlay = overlays.entry(entry.municipality).or_default();
            let read = match kind {
                Kind::Office => serde_json::from_str(&entry.body).map(|it| overlay.offices.push(it)),
                Kind::Category => serde_json::from_str(&entry.body).map(|it| overlay.categories.push(it)),
                Kind::Calendar => serde_json::from_str(&entry.body).map(|it| overlay.holidays = it),
                Kind::Canned | Kind::View => Ok(()),
            };
            if read.is_err() {
                tracing::error!(id = %entry.id, "a document of the desk can't be read and is left out");
            }
        }
    }
    overlays
}

impl Service {
    /// Lays what the database holds over the country's desk.
    pub async fn lay_desk(&self) -> Result<(), Error> {
        let mut documents = HashMap::new();
        for kind in [Kind::Office, Kind::Category, Kind::Calendar] {
            documents.insert(kind, self.store.list_entries(kind).await?);
        }
        self.desk.rcu(|desk| desk.with(overlays(documents.clone())));
        Ok(())
    }

    /// Looks for writes of other processes until `stop`.
    pub async fn run_desk(&self, stop: CancellationToken) {
        let mut seen = None;
        loop {
            let stamp = self.store.desk_stamp().await;
            if let Ok(stamp) = stamp
                && seen != Some(stamp)
                && self.lay_desk().await.is_ok()
            {
                seen = Some(stamp);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }
}
