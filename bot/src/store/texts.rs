//! Where messages and dialogues are sealed on their way into the database, and opened on their way out.
//!
//! Nobody knows when a message arrives whether it opens a confidential case, so all are sealed alike.

use uuid::Uuid;

use super::batch::lookup::Loaded;
use super::inbox::{Change, NewInbound, Outcome, Pending};
use super::outbox::NewReply;
use super::{Error, Store, links, privacy};
use crate::channels::render::{Choice, Rendered};

/// What the texts of a row are told apart by, as associated data; the text of a message has none.
pub(crate) mod part {
    /// `inbox.payload`: a deep link's parameter and a shared location.
    pub(crate) const EXTRA: &str = "extra";
    /// `outbox.body`: what is said, and its choices.
    pub(crate) const BODY: &str = "body";
    /// `conversations.state`.
    pub(crate) const STATE: &str = "state";
    /// `media.provider_ref`.
    pub(crate) const REFERENCE: &str = "reference";
}

/// Stands between the two halves of a sealed text; JSON and numbers never have it.
const BETWEEN: char = '\u{1f}';

impl Store {
    /// Opens the text of a message in.
    ///
    /// # Errors
    /// [`Error::Other`]: it was changed or moved, or its keys are gone.
    pub fn open_inbound_text(&self, inbox_id: Uuid, stored: &str) -> Result<String, Error> {
        self.keys().open_text(inbox_id, stored)
    }

    /// Opens the body of a message out.
    ///
    /// # Errors
    /// As [`Store::open_inbound_text`].
    pub fn open_outbound_text(&self, outbox_id: Uuid, stored: &str) -> Result<String, Error> {
        Ok(open_body(self, outbox_id, stored)?.0)
    }

    /// Seals what a message says; a shared location lies with the deep link's parameter.
    pub(super) fn seal_inbound(&self, id: Uuid, inbound: &mut NewInbound) -> Result<(), Error> {
        let keys = self.keys();
        inbound.text = keys.seal_text(id, &inbound.text)?;
        let location = inbound.location.take().filter(|(lat, lon)| lat.is_finite() && lon.is_finite());
        if location.is_some() || inbound.payload.is_some() {
            let place = location.map(|(lat, lon)| format!("{lat:?},{lon:?}")).unwrap_or_default();
            let extra = format!("{place}{BETWEEN}{}", inbound.payload.as_deref().unwrap_or_default());
            inbound.payload = Some(keys.seal_part(part::EXTRA, id, &extra)?);
        }
        Ok(())
    }

    /// Opens a message that waits; one that does not open is marked, so that it holds up no other.
    pub(super) fn open_pending(&self, mut row: Pending) -> Pending {
        let keys = self.keys();
        let opened = keys.open_text(row.id, &row.text).and_then(|text| {
            let extra =
                row.payload.as_deref().map(|it| keys.open_part(part::EXTRA, row.id, it)).transpose()?;
            Ok((text, extra))
        });
        match opened {
            Ok((text, extra)) => {
                row.text = text;
                match extra.as_deref().and_then(|it| it.split_once(BETWEEN)) {
                    Some((place, payload)) => {
                        let place = place.split_once(',');
                        let place = place.and_then(|(lat, lon)| Some((lat.parse().ok()?, lon.parse().ok()?)));
                        (row.latitude, row.longitude) = place.unzip();
                        row.payload = (!payload.is_empty()).then(|| payload.to_owned());
                    }
                    // Of a release before.
                    None => row.payload = extra,
                }
            }
            Err(problem) => {
                tracing::error!(%problem, "a stored message can't be read");
                (row.text, row.payload) = (String::new(), None);
                row.damaged = true;
            }
        }
        row
    }

    /// Seals what a message leads to.
    pub(super) fn seal_outcome(&self, contact_id: Uuid, outcome: &mut Outcome) -> Result<(), Error> {
        if outcome.folded_into.is_none() {
            outcome.state = self.keys().seal_part(part::STATE, contact_id, &outcome.state)?;
        }
        for reply in &mut outcome.replies {
            self.seal_reply(reply)?;
        }
        for change in &mut outcome.changes {
            if let Change::Link(change) = change
                && let links::Change::Confirmed { told, .. } = change.as_mut()
            {
                self.seal_reply(told)?;
            }
            if let Change::Privacy(change) = change
                && let privacy::Change::CodeSent { told, .. } = change.as_mut()
            {
                self.seal_reply(told)?;
            }
        }
        Ok(())
    }

    /// Seals a reply; its choices lie with its text.
    pub(crate) fn seal_reply(&self, reply: &mut NewReply) -> Result<(), Error> {
        reply.rendered.text = self.seal_body(reply.id, &reply.rendered)?;
        reply.rendered.choices = Vec::new();
        Ok(())
    }

    /// What stands for a message in `outbox.body`.
    pub(crate) fn seal_body(&self, id: Uuid, rendered: &Rendered) -> Result<String, Error> {
        let mut body = rendered.text.clone();
        body.push(BETWEEN);
        if !rendered.choices.is_empty() {
            let unwritable = |_| Error::Other("choices can't be written as JSON".to_owned());
            body.push_str(&serde_json::to_string(&rendered.choices).map_err(unwritable)?);
        }
        self.keys().seal_part(part::BODY, id, &body)
    }

    /// Opens the conversation of what was loaded. One that does not open is as one that can't be read,
    /// and is begun afresh.
    pub(super) fn open_loaded(&self, mut loaded: Loaded) -> Loaded {
        if let (Some(id), Some(state)) = (loaded.contact_id, loaded.stored.state.as_deref()) {
            loaded.stored.state = Some(self.open_state(id, state));
        }
        loaded
    }

    /// Opens a conversation; see [`Store::open_loaded`].
    pub(super) fn open_state(&self, contact_id: Uuid, stored: &str) -> String {
        self.keys().open_part(part::STATE, contact_id, stored).unwrap_or_else(|problem| {
            tracing::error!(%problem, "a stored conversation can't be opened");
            String::new()
        })
    }
}

/// Opens a body: what is said, and the choices that lie with it.
pub(super) fn open_body(
    store: &Store,
    id: Uuid,
    stored: &str,
) -> Result<(String, Option<Vec<Choice>>), Error> {
    let body = store.keys().open_part(part::BODY, id, stored)?;
    let Some((text, choices)) = body.rsplit_once(BETWEEN) else { return Ok((body, None)) };
    if choices.is_empty() {
        return Ok((text.to_owned(), Some(Vec::new())));
    }
    match serde_json::from_str(choices) {
        Ok(choices) => Ok((text.to_owned(), Some(choices))),
        // A plain text of a release before that had the mark in it.
        Err(_) => Ok((body, None)),
    }
}
