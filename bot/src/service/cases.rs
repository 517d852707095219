//! What stands between the dialogue and the store where cases are told of.

use uuid::Uuid;

use super::Service;
use crate::domain::case::{Folio, Pin};
use crate::engine::cases::{
    CaseEffect, CaseFacts, CaseQuestion, FeedbackKind, FollowUp, LookedUp, MyCase, Opening, Point,
    line_needed, needed, status_asked,
};
use crate::engine::conversation::{Conversation, Pending, Question};
use crate::ids;
use crate::store::inbox::Change;
use crate::store::{Error, Loaded, cases};

/// A conversation as a message meets it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opened {
    pub(super) conversation: Conversation,
    /// Whether the stored one could not be read.
    pub(super) reset: bool,
}

impl Service {
    /// The conversation that was loaded.
    pub(crate) fn open(inbox_id: Uuid, loaded: &Loaded) -> Opened {
        let stored = &loaded.stored;
        match stored.state.as_deref().map(serde_json::from_str::<Conversation>) {
            None => Opened::default(),
            // What the contact wished is kept apart: a gateway may have taken its stop word itself.
            Some(Ok(conversation)) => {
                let conversation = Conversation { stopped: stored.stopped, ..conversation };
                Opened { conversation, reset: false }
            }
            Some(Err(_)) => {
                // The error of the JSON reader may quote the text.
                tracing::warn!(%inbox_id, "a stored conversation can't be read and is begun afresh");
                let (stopped, notice) = (stored.stopped, stored.notice);
                Opened {
                    conversation: Conversation { stopped, notice, ..Conversation::default() },
                    reset: true,
                }
            }
        }
    }

    /// What the dialogue can't know by itself of a person's cases; `None` for a message that needs none of
    /// it, such as an ordinary comparison, which costs nothing.
    pub(crate) async fn case_facts(
        &self,
        contact: Option<Uuid>,
        opened: &Opened,
        text: &str,
        pinned: bool,
    ) -> Result<Option<CaseFacts>, Error> {
        let (desk, facts) = (self.desk.load_full(), self.facts.load());
        let conversation = &opened.conversation;
        let draft = pinned && conversation.intake.is_some();
        if !draft && !needed(conversation, text, &facts, &desk) {
            return Ok(None);
        }
        let now = self.clock.now();
        let known = match contact {
            Some(contact) => self.store.case_facts(contact, now).await?,
            None => cases::CaseFacts::default(),
        };
        let looked_up = match status_asked(text) {
            Some((folio, Some(pin))) => Some(self.look_up(contact, folio, &pin).await?),
            _ => None,
        };
        let line =
            match conversation.place(now).filter(|_| line_needed(conversation, text, &self.desk.load())) {
                Some(place) => Some(u32::try_from(self.store.count_line(place).await?).unwrap_or(u32::MAX)),
                None => None,
            };
        let likely = match &conversation.pending {
            Some(Pending { question: Question::Case(CaseQuestion::Same { case_id }), .. }) => {
                self.offered(*case_id, conversation).await?
            }
            _ => None,
        };
        let known_here = |it: &cases::MyCase| facts.by_key(&it.municipality).is_some();
        Ok(Some(CaseFacts {
            desk,
            fresh: (Folio::from_random(draw()?), Pin::from_random(draw()?)),
            mine: known.mine.into_iter().filter(known_here).map(mine).collect(),
            asked: known.asked.map(|it| FollowUp {
                id: it.id,
                case_id: it.case_id,
                folio: it.folio,
                asked_at: it.asked_at,
                closed_at: it.closed_at,
            }),
            last_written: known.last_written,
            looked_up,
            line,
            likely,
        }))
    }

    async fn look_up(&self, contact: Option<Uuid>, folio: Folio, pin: &Pin) -> Result<LookedUp, Error> {
        let found = self.store.find_case_by_folio(folio, Some(pin), contact, self.clock.now()).await?;
        Ok(match found {
            cases::LookedUp::Found { case, pin_right: Some(true), .. } => {
                LookedUp::Right(Box::new(mine(*case)))
            }
            cases::LookedUp::Found { .. } | cases::LookedUp::Unknown => LookedUp::Wrong,
            cases::LookedUp::TooMany => LookedUp::TooMany,
        })
    }

    /// An effect as the store takes it: PIN and folio hashed, ids drawn.
    pub(super) fn case_change(&self, effect: CaseEffect) -> Result<Change, Error> {
        Ok(Change::Case(Box::new(match effect {
            CaseEffect::Opened(opening) => cases::Change::Opened(Box::new(self.new_case(*opening)?)),
            CaseEffect::HandedOver(opening) => cases::Change::HandedOver(Box::new(self.new_case(*opening)?)),
            CaseEffect::Joined { case_id, text, began_at } => {
                cases::Change::Joined { case_id, text: Some(text.0), began_at: Some(began_at) }
            }
            CaseEffect::Written { case_id, text } => cases::Change::Written { case_id, text: text.0 },
            CaseEffect::Withdrawn { case_id } => cases::Change::Withdrawn { case_id },
            CaseEffect::Left { case_id } => cases::Change::Left { case_id },
            CaseEffect::Corrected { case_id, text } => cases::Change::Corrected { case_id, text: text.0 },
            CaseEffect::Disputed { case_id, question } => cases::Change::Disputed { case_id, question },
            CaseEffect::Confirmed { case_id, question } => cases::Change::Confirmed { case_id, question },
            CaseEffect::Rated { case_id, stars } => cases::Change::Rated { case_id, stars },
            CaseEffect::Feedback { kind, municipality, text } => {
                let kind = match kind {
                    FeedbackKind::Suggestion => cases::FeedbackKind::Suggestion,
                    FeedbackKind::Praise => cases::FeedbackKind::Praise,
                    FeedbackKind::Story => cases::FeedbackKind::Story,
                };
                cases::Change::Feedback { kind, municipality, text: text.0 }
            }
            CaseEffect::Consented { version } => cases::Change::Consented { version },
            CaseEffect::Tried { folio, right } => {
                cases::Change::Tried { folio_hash: self.store.folio_key(folio)?, right }
            }
        })))
    }

    fn new_case(&self, it: Opening) -> Result<cases::NewCase, Error> {
        let degrees = |(lat, lon): Point| (f64::from(lat) / 1e6, f64::from(lon) / 1e6);
        Ok(cases::NewCase {
            id: self.ids.id(self.clock.now()),
            pin_key: self.store.pin_key(it.folio, &it.pin)?,
            folio: it.folio,
            kind: it.kind,
            municipality: it.municipality,
            category: it.category,
            office: it.office,
            topic: it.topic,
            text: it.text.0,
            place: it.place.map(|place| place.0),
            location: it.point.map(degrees),
            anonymity: it.anonymity,
            confidentiality: it.confidentiality,
            answers: it.answers.into_iter().map(|(code, answer)| (code, answer.0)).collect(),
            dues: it.dues,
            linked_to: it.linked_to,
            urgent: it.urgent,
            began_at: Some(it.began_at),
        })
    }
}

fn mine(it: cases::MyCase) -> MyCase {
    MyCase {
        id: it.id,
        folio: it.folio,
        kind: it.kind,
        state: it.state,
        withdrawn: it.withdrawn,
        municipality: it.municipality,
        category: it.category,
        office: it.office,
        confidentiality: it.confidentiality,
        opener: it.opener,
        others: it.others,
        seen: it.seen,
        waits: it.waits,
        opened_at: it.opened_at,
        closed_at: it.closed_at,
        next_due: it.next_due,
    }
}

/// Eight random bytes.
fn draw() -> Result<[u8; 8], Error> {
    ids::random_bytes::<8>().map_err(|problem| Error::Unavailable(format!("no random bytes: {problem}")))
}
