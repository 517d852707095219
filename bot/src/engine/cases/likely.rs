//! Before the receipt: a case that is there already and likely the same is offered, so that one matter is
//! one case. What is said of it is public: nothing in the words of who reported it.

use uuid::Uuid;

use super::reply::CaseReply;
use super::steps::{Answer, Taken};
use super::{CaseEffect, CaseFacts, CaseQuestion, Intake, IntakeKind, Opening, Words};
use crate::domain::case::{CaseState, Folio};
use crate::domain::time::{DAY, UnixMillis};
use crate::engine::Turn;

/// An open case that is likely the same as what a person tells. It is neither urgent nor sealed, and holds
/// nobody's words but the person's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likely {
    /// Its id.
    pub case_id: Uuid,
    /// Its public number.
    pub folio: Folio,
    /// Key of the municipality.
    pub municipality: String,
    /// Code of its category.
    pub category: String,
    /// The colonia that both name, as the person wrote it.
    pub colonia: Option<Words>,
    /// How far it got.
    pub state: CaseState,
    /// How many stand behind it.
    pub joined: u32,
    /// When it was opened.
    pub opened_at: UnixMillis,
}

impl Turn<'_> {
    /// Offers a case that is likely the same as the draft, once; `false` where there is none.
    pub(super) fn offer_likely(&mut self, facts: &CaseFacts, intake: &Intake, opening: &Opening) -> bool {
        let Some(likely) = &facts.likely else { return false };
        // Who hides from everybody is no joiner of what others see.
        if intake.kind != IntakeKind::Complaint || intake.apart || opening.confidentiality.sealed() {
            return false;
        }
        let Some(reply) = self.likely_question(facts, likely) else { return false };
        self.case_reply(reply);
        self.next.intake = Some(Box::new(intake.clone()));
        self.ask_case(CaseQuestion::Same { case_id: likely.case_id });
        true
    }

    /// "Is it this one?", of a case that is there.
    fn likely_question(&self, facts: &CaseFacts, likely: &Likely) -> Option<CaseReply> {
        let category = facts.desk.category(&likely.municipality, &likely.category)?;
        Some(if own(facts, likely) {
            CaseReply::Join { folio: likely.folio }
        } else {
            CaseReply::Likely {
                place: likely.municipality.clone(),
                colonia: likely.colonia.clone(),
                category: category.name.clone(),
                days: u32::try_from(self.inbound.at.since(likely.opened_at) / DAY).unwrap_or(0),
                state: likely.state,
                joined: likely.joined,
            }
        })
    }

    /// The answer to whether it is this case.
    pub(super) fn same_answer(&mut self, intake: &mut Intake, case_id: Uuid, answer: Answer<'_>) -> Taken {
        if !answer.yes && !answer.no {
            if self.compares(answer) {
                return Taken::Other;
            }
            let again = self.case_facts().and_then(|facts| {
                let likely = facts.likely.as_ref().filter(|it| it.case_id == case_id)?;
                self.likely_question(facts, likely)
            });
            return again.map_or(Taken::Other, |it| self.again(it));
        }
        let likely = self.case_facts().and_then(|facts| {
            let likely = facts.likely.as_ref().filter(|it| it.case_id == case_id)?;
            Some((likely, own(facts, likely)))
        });
        // Where it was closed meanwhile, what is told opens a case of its own.
        let Some((likely, own)) = likely.filter(|_| answer.yes) else {
            intake.apart = true;
            return Taken::Answered;
        };
        let folio = likely.folio;
        let text = told(intake);
        if own {
            self.case_reply(CaseReply::Joined { folio: Some(folio) });
            self.case_effect(CaseEffect::Written { case_id, text });
        } else {
            let joined = likely.joined.saturating_add(1);
            self.case_reply(CaseReply::JoinedLikely { folio, joined });
            self.case_effect(CaseEffect::Joined { case_id, text, began_at: intake.began_at });
        }
        self.next.has_cases = true;
        self.next.pending = None;
        Taken::Gone
    }
}

/// Whether the person opened or joined it.
fn own(facts: &CaseFacts, likely: &Likely) -> bool {
    facts.mine.iter().any(|it| it.id == likely.case_id)
}

/// What a draft tells, for the thread of the case that it joins.
fn told(intake: &Intake) -> Words {
    let text = intake.text.clone().unwrap_or_default().0;
    match &intake.place {
        Some(place) if !text.contains(&place.0) => Words(format!("{text}\n{}", place.0)),
        _ => Words(text),
    }
}
