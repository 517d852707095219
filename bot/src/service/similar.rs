//! Cases that are likely the same as what a person tells.
//!
//! Only a whole draft says what it is about, so the dialogue runs first; where it would open a case, the
//! likely ones are looked up, and it runs again with the likeliest. It stays pure, and an ordinary message
//! costs nothing.

use uuid::Uuid;

use super::Service;
use super::cases::Opened;
use super::{Flow, Poison};
use crate::domain::case::{CaseKind, Folio};
use crate::domain::desk::Desk;
use crate::domain::similar::{Complaint, Likeness, Told, WINDOW, likeness, shared_colonia};
use crate::domain::time::UnixMillis;
use crate::engine;
use crate::engine::cases::{CaseQuestion, Likely, Words};
use crate::engine::conversation::{Conversation, Question};
use crate::store::cases::{self, NewCase, Similar};
use crate::store::inbox::{Change, Outcome};
use crate::store::{Error, Loaded};

/// The most open cases that a draft is compared with.
const COMPARED: u32 = 50;

impl Service {
    /// Runs the dialogue on a message ([`Service::work_out`]), with a likely duplicate where it would open
    /// a case that is one.
    pub(crate) async fn work_out_known(
        &self,
        inbox_id: Uuid,
        loaded: &Loaded,
        opened: Opened,
        message: &mut engine::Inbound,
        flow: Flow,
        pressed: bool,
    ) -> Result<Result<Outcome, Poison>, Error> {
        let again = message.cases.is_some().then(|| opened.clone());
        let worked = self.work_out(inbox_id, loaded, opened, message, flow, pressed);
        let (Some(again), Ok(outcome)) = (again, &worked) else { return Ok(worked) };
        let pending = again.conversation.pending.as_ref().map(|it| &it.question);
        if matches!(pending, Some(Question::Case(CaseQuestion::Same { .. }))) {
            // It was asked, and answered.
            return Ok(worked);
        }
        let Some(case) = new_complaint(&outcome.changes) else { return Ok(worked) };
        let likely = self.likeliest(case, message.at).await?;
        let (Some(likely), Some(facts)) = (likely, message.cases.as_mut()) else { return Ok(worked) };
        facts.likely = Some(likely);
        Ok(self.work_out(inbox_id, loaded, again, message, flow, pressed))
    }

    /// The case that is most like one that would be opened.
    async fn likeliest(&self, case: &NewCase, at: UnixMillis) -> Result<Option<Likely>, Error> {
        let since = at.plus(-WINDOW);
        let found = self.store.list_similar(&case.municipality, &case.category, since, COMPARED).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let desk = self.desk.load();
        let lexicon = desk.likeness();
        let complaint = Complaint {
            category: &case.category,
            text: &case.text,
            place: case.place.as_deref(),
            point: case.location,
            at,
        };
        let told = Told::new(&complaint, lexicon);
        let alike = |it: Similar| {
            let alike = likeness(&told, &told_of(&it, &desk));
            alike.likely().then_some((alike, it))
        };
        // Of two that are as like, the older one.
        let best =
            found.into_iter().filter_map(alike).fold(
                None,
                |best: Option<(Likeness, Similar)>, it| match best {
                    Some(best) if best.0.score > it.0.score => Some(best),
                    _ => Some(it),
                },
            );
        Ok(best.and_then(|(_, it)| offer(it, (case.text.as_str(), case.place.as_deref()), &desk)))
    }

    /// A case that was offered to somebody who tells of one, where it may still be joined.
    pub(super) async fn offered(
        &self,
        case_id: Uuid,
        conversation: &Conversation,
    ) -> Result<Option<Likely>, Error> {
        let draft = conversation.intake.as_deref();
        let text = draft.and_then(|it| it.text.as_ref()).map_or("", |it| it.0.as_str());
        let place = draft.and_then(|it| it.place.as_ref()).map(|it| it.0.as_str());
        let found = self.store.find_similar(case_id).await?;
        Ok(found.and_then(|it| offer(it, (text, place), &self.desk.load())))
    }
}

/// A complaint that a message would open and that others may join.
fn new_complaint(changes: &[Change]) -> Option<&NewCase> {
    changes.iter().find_map(|it| match it {
        Change::Case(change) => match &**change {
            cases::Change::Opened(case) => Some(&**case).filter(|it| {
                it.kind == CaseKind::Complaint
                    && !it.confidentiality.sealed()
                    && !it.urgent
                    && it.linked_to.is_none()
            }),
            _ => None,
        },
        _ => None,
    })
}

/// A case that is there, as it is compared.
pub(crate) fn told_of(it: &Similar, desk: &Desk) -> Told {
    let complaint = Complaint {
        category: &it.category,
        text: it.text.as_deref().unwrap_or_default(),
        place: it.place.as_deref(),
        point: it.latitude.zip(it.longitude),
        at: UnixMillis(it.opened_at),
    };
    Told::new(&complaint, desk.likeness())
}

/// A case as it is offered to who wrote this.
fn offer(it: Similar, hers: (&str, Option<&str>), desk: &Desk) -> Option<Likely> {
    let theirs = (it.text.as_deref().unwrap_or_default(), it.place.as_deref());
    Some(Likely {
        colonia: shared_colonia(theirs, hers, desk.addresses()).map(Words),
        case_id: it.id,
        folio: Folio::parse(&it.folio).ok()?,
        state: it.state.parse().ok()?,
        joined: u32::try_from(it.joined).unwrap_or(u32::MAX),
        municipality: it.municipality,
        category: it.category,
        opened_at: UnixMillis(it.opened_at),
    })
}
