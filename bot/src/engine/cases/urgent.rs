//! Emergency and violence: numbers to call at once, a restricted case, no public trace.

use super::reply::CaseReply;
use super::{CaseEffect, Intake, IntakeKind, MyCase, Words};
use crate::domain::time::DAY;
use crate::engine::keywords::{self, Keyword};
use crate::engine::{Effect, Turn};

impl Turn<'_> {
    /// Whether urgent words stand in a text: no guard holds such a message up.
    pub(in crate::engine) fn is_urgent(&self, words: &[String]) -> bool {
        self.case_facts().is_some_and(|it| it.desk.urgent(words).is_some())
    }

    /// Answers urgent words, whatever else the dialogue is about; `false` where there are none.
    pub(in crate::engine) fn urgent(&mut self, words: &[String]) -> bool {
        let Some(facts) = self.case_facts() else { return false };
        let Some(group) = facts.desk.urgent(words) else { return false };
        let numbers = facts.desk.numbers();
        self.case_reply(CaseReply::Urgent {
            group: group.code.clone(),
            emergency: numbers.emergency.clone(),
            anonymous: numbers.anonymous.clone(),
            line: group.line.clone(),
        });
        let strip = match keywords::leading(words) {
            Some((Keyword::Report, count)) => count,
            _ => 0,
        };
        let text = Words(super::intake::after_words(&self.inbound.text, strip));
        let now = self.inbound.at;
        // A number to call, alone, says nothing new: it goes on with whatever was urgent today.
        let number = |it: &String| it.bytes().all(|it| it.is_ascii_digit());
        let bare = words.iter().all(|it| number(it) || keywords::filler(it));
        let about = |it: &MyCase| {
            it.category == group.category
                || bare && facts.desk.urgent_groups().iter().any(|group| group.category == it.category)
        };
        let same = |it: &&MyCase| about(it) && it.state.open() && now.since(it.opened_at) <= DAY;
        if let Some(case) = facts.mine.iter().find(same) {
            self.case_effect(CaseEffect::Written { case_id: case.id, text });
            return true;
        }
        let draft = self.next.intake.take();
        let mut intake = Intake::new(IntakeKind::Urgent { category: group.category.clone() }, now);
        intake.municipality = self.next.place(now).map(str::to_owned);
        intake.text = Some(text);
        if let Some(draft) = draft.filter(|it| it.kind == IntakeKind::Complaint) {
            intake.municipality = draft.municipality.or(intake.municipality);
            intake.place = draft.place;
            intake.point = draft.point;
            intake.began_at = draft.began_at;
        }
        if intake.municipality.is_none() {
            // Nobody knows yet whose case it is, and a person must see it all the same.
            self.effects.push(Effect::Unknown);
        }
        self.next.intake = Some(Box::new(intake));
        self.go_on();
        true
    }
}
