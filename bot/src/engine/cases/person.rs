//! `HABLAR`: a person answers, and the service keeps silent until that case is closed.

use super::intake::after_words;
use super::reply::CaseReply;
use super::{CaseEffect, CaseFacts, Intake, IntakeKind, MyCase, Words};
use crate::domain::case::rules::PERSON;
use crate::domain::desk::Hours;
use crate::engine::Turn;
use crate::engine::keywords::{self, Keyword};

impl Turn<'_> {
    /// `HABLAR`, `PERSONA`, `APELO`, with words behind it or without.
    pub(in crate::engine) fn person(&mut self, count: usize) {
        let Some(facts) = self.case_facts() else { return self.closed("person") };
        let open = |it: &&MyCase| it.category == PERSON && it.state.open() && it.opener;
        if let Some(case) = facts.mine.iter().find(open) {
            self.next.with_person = Some(case.folio);
            self.next.pending = None;
            let hours = person_hours(facts, &case.municipality);
            let line = facts.line.unwrap_or(1).max(1);
            return self.case_reply(CaseReply::PersonWaits { hours, line });
        }
        let text = after_words(&self.inbound.text, count);
        let mut intake = Intake::new(IntakeKind::Person, self.inbound.at);
        intake.municipality = self.next.place(self.inbound.at).map(str::to_owned);
        // What was being told goes with it.
        let told = self.next.intake.take().and_then(|it| it.text).map(|it| it.0);
        let text =
            if text.is_empty() { told.unwrap_or_else(|| self.inbound.text.trim().to_owned()) } else { text };
        intake.text = Some(Words(text));
        self.next.intake = Some(Box::new(intake));
        self.go_on();
    }

    pub(super) fn finish_person(&mut self, facts: &CaseFacts, intake: Intake) {
        let key = intake.municipality.clone().unwrap_or_default();
        let Some(category) = facts.desk.category(&key, PERSON) else { return self.closed("person") };
        let named_now = intake.began_at != self.inbound.at;
        let opening = self.opening(facts, intake, category);
        // Of a municipality that was named only now nobody has counted.
        let counted = self.next.place(self.inbound.at) == Some(key.as_str()) && !named_now;
        let line = facts.line.filter(|_| counted).map(|it| it.saturating_add(1));
        self.case_reply(CaseReply::Person { hours: person_hours(facts, &key), line });
        self.case_reply(CaseReply::PersonFolio { folio: opening.folio, pin: opening.pin.clone() });
        self.next.has_cases = true;
        self.next.with_person = Some(opening.folio);
        self.case_effect(CaseEffect::HandedOver(Box::new(opening)));
    }

    /// While a person answers: what is written joins that case, and nothing is said. `false` where the
    /// service answers: it is over, or a word that always has its answer.
    pub(in crate::engine) fn silent(&mut self, words: &[String]) -> bool {
        let (Some(folio), Some(facts)) = (self.next.with_person, self.case_facts()) else { return false };
        let Some(case) = facts.mine.iter().find(|it| it.folio == folio && it.state.open()) else {
            self.next.with_person = None;
            return false;
        };
        match keywords::alone(words) {
            Some(Keyword::Menu | Keyword::Back | Keyword::Cancel) => {
                self.next.with_person = None;
                self.case_reply(CaseReply::PersonOver { folio });
                true
            }
            Some(
                Keyword::Stop
                | Keyword::Start
                | Keyword::Help
                | Keyword::Privacy
                | Keyword::Person
                | Keyword::MyCases
                | Keyword::Fix,
            ) => false,
            _ if super::status_asked(&self.inbound.text).is_some() => false,
            _ => {
                let text = Words(self.inbound.text.trim().to_owned());
                if !text.0.is_empty() {
                    self.case_effect(CaseEffect::Written { case_id: case.id, text });
                }
                true
            }
        }
    }
}

fn person_hours(facts: &CaseFacts, key: &str) -> Hours {
    let category = facts.desk.category(key, PERSON);
    let office = category.and_then(|it| facts.desk.answering(key, &it.office));
    office.map(|it| it.hours.clone()).unwrap_or_default()
}
