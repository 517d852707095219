//! Where messages and dialogues are sealed on their way into the database, and opened on their way out.
//!
//! Nobody knows when a message arrives whether it opens a confidential case, so all are sealed alike.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::batch::lookup::Loaded;
use super::inbox::{Change, NewInbound, Outcome, Pending};
use super::outbox::NewReply;
use super::{Error, Store, links, privacy};
use crate::channels::render::{Choice, Rendered};
use crate::domain::chart::Picture;

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
        Ok(open_body(self, outbox_id, stored)?.text)
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

    /// Seals a reply; its choices and its picture lie with its text.
    pub(crate) fn seal_reply(&self, reply: &mut NewReply) -> Result<(), Error> {
        reply.rendered.text = self.seal_body(reply.id, &reply.rendered)?;
        reply.rendered.choices = Vec::new();
        reply.rendered.picture = None;
        Ok(())
    }

    /// What stands for a message in `outbox.body`.
    pub(crate) fn seal_body(&self, id: Uuid, rendered: &Rendered) -> Result<String, Error> {
        let mut body = rendered.text.clone();
        body.push(BETWEEN);
        let unwritable = |_| Error::Other("choices can't be written as JSON".to_owned());
        if let Some(picture) = &rendered.picture {
            let beside = Beside { choices: &rendered.choices, picture };
            body.push_str(&serde_json::to_string(&beside).map_err(unwritable)?);
        } else if !rendered.choices.is_empty() {
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

/// A body as it was sealed.
pub(super) struct Body {
    /// What is said.
    pub text: String,
    /// The choices that lie with it; absent in one of a release that kept them elsewhere.
    pub choices: Option<Vec<Choice>>,
    /// The picture above it.
    pub picture: Option<Picture>,
}

/// What lies beside the text of a reply with a picture. One without has its choices alone, as a list.
#[derive(Serialize)]
struct Beside<'a> {
    choices: &'a [Choice],
    picture: &'a Picture,
}

/// The same as it is read: a chart of a newer release is none, and costs no text.
#[derive(Deserialize)]
struct Read {
    choices: Vec<Choice>,
    picture: serde_json::Value,
}

/// Opens a body: what is said, and what lies with it.
pub(super) fn open_body(store: &Store, id: Uuid, stored: &str) -> Result<Body, Error> {
    let body = store.keys().open_part(part::BODY, id, stored)?;
    Ok(parted(body))
}

/// Takes a body apart.
fn parted(body: String) -> Body {
    let Some((text, beside)) = body.rsplit_once(BETWEEN) else {
        return Body { text: body, choices: None, picture: None };
    };
    let whole = |choices: Vec<Choice>, picture: Option<Picture>| Body {
        text: text.to_owned(),
        choices: Some(choices),
        picture,
    };
    if beside.is_empty() {
        return whole(Vec::new(), None);
    }
    if let Ok(choices) = serde_json::from_str(beside) {
        return whole(choices, None);
    }
    match serde_json::from_str::<Read>(beside) {
        Ok(it) => whole(it.choices, serde_json::from_value(it.picture).ok()),
        // A plain text of a release before that had the mark in it.
        Err(_) => Body { text: body, choices: None, picture: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chart::ChartSpec;

    fn picture() -> Picture {
        let (release, place, topic) = ("r".to_owned(), "12066".to_owned(), "agua".to_owned());
        Picture { chart: ChartSpec::Trend { release, place, topic }, locale: "en".to_owned() }
    }

    #[test]
    fn bodies_of_every_release_are_taken_apart() {
        let choice = Choice { key: "1".to_owned(), label: "Q. Roo".to_owned() };
        let listed = serde_json::to_string(&[&choice]).expect("JSON");
        for (stored, text, choices, pictured) in [
            ("a text".to_owned(), "a text", None, false),
            (format!("a text{BETWEEN}"), "a text", Some(0), false),
            (format!("a{BETWEEN}b{BETWEEN}{listed}"), "a\u{1f}b", Some(1), false),
            (format!("a{BETWEEN}b"), "a\u{1f}b", None, false),
            (
                format!("a{BETWEEN}{{\"choices\":{listed},\"picture\":{}}}", serde_json::json!(picture())),
                "a",
                Some(1),
                true,
            ),
        ] {
            let body = parted(stored);
            assert_eq!((body.text.as_str(), body.choices.map(|it| it.len())), (text, choices));
            assert_eq!(body.picture, pictured.then(picture));
        }
    }

    #[test]
    fn a_kind_of_chart_that_this_release_does_not_know_costs_no_text() {
        let body = parted(format!(
            "a text{BETWEEN}{{\"choices\":[],\"picture\":{{\"chart\":{{\"chart\":\"pie\"}},\"locale\":\"en\"}}}}"
        ));
        assert_eq!((body.text.as_str(), body.picture), ("a text", None));
    }
}
