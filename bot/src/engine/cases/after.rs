//! What is asked about cases that are there: how far they are, corrections, disputes, further messages.

use uuid::Uuid;

use super::intake::after_words;
use super::reply::{CaseReply, Listed};
use super::{
    AT_ONCE, CaseEffect, CaseFacts, CaseQuestion, FollowUp, Intake, IntakeKind, LookedUp, MyCase, Words,
    bare, folio_and_pin,
};
use crate::domain::case::Confidentiality;
use crate::domain::case::Folio;
use crate::domain::case::folio::NoFolio;
use crate::domain::case::rules::{self, Dispute};
use crate::domain::time::UnixMillis;
use crate::engine::Turn;
use crate::engine::keywords::{self, Keyword};
use crate::engine::reply::Reply;

/// Cases on a page of the list.
const LISTED: usize = 4;
/// Letters of a text that may be about a case.
const TELLS: usize = 12;
/// Words behind a no that tell that nothing was put right.
const STILL: &[&str] = &[
    "sigue",
    "igual",
    "resolvio",
    "resolvieron",
    "arreglo",
    "arreglaron",
    "todavia",
    "aun",
    "still",
    "fixed",
];

impl<'a> Turn<'a> {
    /// Whether the channel may know of a case without its PIN.
    fn shows(&self, case: &MyCase) -> bool {
        !bare(self.inbound.channel) || case.confidentiality == Confidentiality::Open
    }

    /// `ESTADO`, with a folio, with a folio and its PIN, or alone.
    pub(in crate::engine) fn status(&mut self, rest: &[String]) {
        let Some(facts) = self.case_facts() else { return self.closed("status") };
        if rest.iter().all(|it| keywords::filler(it)) {
            return self.my_cases();
        }
        let Some((folio, pin)) = folio_and_pin(rest) else {
            let slip = Folio::parse(&rest[0]) == Err(NoFolio::Check)
                || Folio::parse(&rest.concat()) == Err(NoFolio::Check);
            return self.case_reply(if slip { CaseReply::FolioSlip } else { CaseReply::FolioHow });
        };
        let mine = facts.mine.iter().find(|it| it.folio == folio && self.shows(it));
        if let Some(case) = mine {
            return self.state(case);
        }
        match (&facts.looked_up, pin) {
            (Some(LookedUp::Right(case)), Some(_)) => {
                self.case_effect(CaseEffect::Tried { folio, right: true });
                self.state(case);
            }
            (Some(LookedUp::TooMany), Some(_)) => self.case_reply(CaseReply::FolioTries),
            (_, Some(_)) => {
                self.case_effect(CaseEffect::Tried { folio, right: false });
                self.case_reply(CaseReply::FolioUnknown);
            }
            // Whether there is such a folio is not said.
            (_, None) => self.case_reply(CaseReply::FolioUnknown),
        }
    }

    fn state(&mut self, case: &MyCase) {
        let by = if case.state.open() { self.day(&case.municipality, case.next_due) } else { None };
        self.case_reply(CaseReply::State {
            folio: case.folio,
            state: case.state,
            withdrawn: case.withdrawn,
            // What is overdue is not promised again.
            by: by.filter(|_| case.next_due.is_some_and(|it| it >= self.inbound.at)),
        });
    }

    /// `MIS CASOS`: folio and state of those that the channel may know of.
    pub(in crate::engine) fn my_cases(&mut self) {
        let Some(facts) = self.case_facts() else { return self.closed("my-cases") };
        let listed: Vec<Listed> = facts
            .mine
            .iter()
            .filter(|it| self.shows(it))
            .map(|it| Listed {
                folio: it.folio,
                state: it.state,
                withdrawn: it.withdrawn,
                // A number is only a claim of who writes: what it is about is said where that is known.
                about: facts
                    .desk
                    .category(&it.municipality, &it.category)
                    .filter(|_| !bare(self.inbound.channel))
                    .map(|it| it.name.clone()),
            })
            .collect();
        if listed.is_empty() {
            return self.case_reply(CaseReply::NoCases);
        }
        let pages = listed.len().div_ceil(LISTED);
        let page = |(index, cases): (usize, &[Listed])| {
            Reply::Case(CaseReply::Mine { cases: cases.to_vec(), more: index + 1 < pages })
        };
        self.pages(listed.chunks(LISTED).enumerate().map(page).collect());
    }

    /// Whether a report may be taken back: one of the last day that no staff has opened.
    fn may_withdraw(&self, case: &MyCase) -> bool {
        let fresh = self.inbound.at.since(case.opened_at) <= rules::WITHDRAW;
        case.opener && !case.seen && case.state.open() && fresh && self.shows(case)
    }

    /// `CANCELA` without a question: a report that may be taken back is offered.
    pub(in crate::engine) fn offer_withdrawal(&mut self) -> bool {
        let Some(facts) = self.case_facts() else { return false };
        let Some(case) = facts.mine.iter().find(|it| self.may_withdraw(it)) else { return false };
        self.case_reply(CaseReply::Withdraw { folio: case.folio, others: case.others });
        self.ask_case(CaseQuestion::Withdraw { case_id: case.id, folio: case.folio });
        true
    }

    /// Takes a report back as it is now, which may differ from when it was asked: others who joined keep
    /// it, and what staff has opened stays.
    pub(super) fn withdraw(&mut self, case_id: Uuid, folio: Folio) {
        let mine = self.case_facts().and_then(|it| it.mine.iter().find(|it| it.id == case_id));
        match mine.filter(|it| self.may_withdraw(it)).map(|it| it.others) {
            Some(true) => {
                self.case_reply(CaseReply::Left { folio });
                self.case_effect(CaseEffect::Left { case_id });
            }
            Some(false) => {
                self.case_reply(CaseReply::Withdrawn { folio });
                self.case_effect(CaseEffect::Withdrawn { case_id });
            }
            None => self.case_reply(CaseReply::WithdrawLate { folio }),
        }
    }

    /// `CORRIGE`, with the new text or without: the last message of a case, or the last step of a draft.
    pub(in crate::engine) fn fix(&mut self, count: usize) {
        let Some(facts) = self.case_facts() else { return self.closed("fix") };
        let text = after_words(&self.inbound.text, count);
        if let Some(intake) = &mut self.next.intake {
            intake.step_back();
            return self.go_on();
        }
        let Some((case_id, at)) = last_written(facts) else { return self.case_reply(CaseReply::CorrectNone) };
        if self.inbound.at.since(at) > rules::CORRECT {
            return self.case_reply(CaseReply::CorrectNone);
        }
        if text.is_empty() {
            self.case_reply(CaseReply::Correct);
            return self.ask_case(CaseQuestion::Correct { case_id });
        }
        self.correct(case_id, text);
    }

    pub(super) fn correct(&mut self, case_id: Uuid, text: String) {
        let last = self.case_facts().and_then(last_written);
        let now = self.inbound.at;
        match last {
            Some((id, at)) if id == case_id && now.since(at) <= rules::CORRECT => {
                self.case_reply(CaseReply::Corrected);
                self.case_effect(CaseEffect::Corrected { case_id, text: Words(text) });
            }
            Some((id, _)) if id == case_id => {
                self.case_reply(CaseReply::CorrectLate);
                self.case_effect(CaseEffect::Written { case_id, text: Words(text) });
            }
            _ => self.case_reply(CaseReply::CorrectNone),
        }
    }

    /// When it was asked last by a message of ours whether a case was settled, where that can be answered still.
    pub(in crate::engine) fn followed_up(&self) -> Option<UnixMillis> {
        let asked = self.case_facts()?.asked.as_ref()?;
        (self.inbound.at.since(asked.asked_at) <= rules::ASKED).then_some(asked.asked_at)
    }

    /// A yes or no to "was it put right?", where that was asked later than the question that waits.
    pub(in crate::engine) fn follow_up(&mut self, words: &[String], yes: bool, no: bool) -> bool {
        let Some(facts) = self.case_facts() else { return false };
        let Some(asked) = &facts.asked else { return false };
        let later = self.next.pending.as_ref().is_none_or(|it| it.at < asked.asked_at);
        if !later || self.inbound.at.since(asked.asked_at) > rules::ASKED {
            return false;
        }
        let still =
            words.first().is_some_and(|it| it == "no") && words.iter().any(|it| STILL.contains(&it.as_str()));
        if yes {
            self.case_reply(CaseReply::Stars);
            self.case_effect(CaseEffect::Confirmed { case_id: asked.case_id, question: asked.id });
            self.ask_case(CaseQuestion::Stars { case_id: asked.case_id });
        } else if no || still {
            self.next.pending = None;
            self.dispute(facts, asked);
        }
        yes || no || still
    }

    fn dispute(&mut self, facts: &'a CaseFacts, asked: &FollowUp) {
        let now = self.inbound.at;
        let old = facts.mine.iter().find(|it| it.id == asked.case_id);
        let late = rules::dispute(asked.closed_at, now) == Dispute::OpensLinked;
        let category = old.and_then(|it| facts.desk.category(&it.municipality, &it.category));
        let (true, Some(old), Some(category)) = (late, old, category) else {
            self.case_reply(CaseReply::Reopened { folio: asked.folio });
            return self.case_effect(CaseEffect::Disputed { case_id: asked.case_id, question: asked.id });
        };
        let mut intake = Intake::new(IntakeKind::Complaint, now);
        intake.municipality = Some(old.municipality.clone());
        intake.text = Some(Words(self.inbound.text.trim().to_owned()));
        let mut opening = self.opening(facts, intake, category);
        opening.kind = old.kind;
        opening.linked_to = Some(old.id);
        opening.confidentiality = opening.confidentiality.max(old.confidentiality);
        self.receipt(facts, &opening, Some(opening.anonymity));
        self.case_effect(CaseEffect::Opened(Box::new(opening)));
    }

    /// A text that nothing else understood, or that a case waits for: it joins the case where that is
    /// certain, else it is asked. `false` where no case is open.
    pub(in crate::engine) fn join(&mut self, words: &[String]) -> bool {
        let Some(facts) = self.case_facts() else { return false };
        let open = |it: &&MyCase| it.state.open() && it.category != rules::PERSON;
        let waits = facts.mine.iter().filter(open).find(|it| it.waits);
        let last =
            last_written(facts).and_then(|(id, _)| facts.mine.iter().filter(open).find(|it| it.id == id));
        let Some(case) = waits.or(last).or_else(|| facts.mine.iter().find(open)) else { return false };
        let tells = words.len() >= 3 || words.concat().chars().count() >= TELLS;
        let text = Words(self.inbound.text.trim().to_owned());
        let just_now =
            last_written(facts).is_some_and(|(id, at)| id == case.id && self.inbound.at.since(at) <= AT_ONCE);
        if case.waits || just_now && tells {
            let folio = Some(case.folio).filter(|_| self.shows(case));
            self.case_reply(CaseReply::Joined { folio });
            self.case_effect(CaseEffect::Written { case_id: case.id, text });
            return true;
        }
        if !tells || !self.shows(case) {
            return false;
        }
        self.ask_join(case, text);
        true
    }

    /// An address right after a report is where it is, and no municipality to compare.
    pub(in crate::engine) fn adds_place(&mut self, words: &[String]) -> bool {
        let Some(facts) = self.case_facts().filter(|it| it.desk.addresses().begin(words)) else {
            return false;
        };
        let just_now = last_written(facts).is_some_and(|(_, at)| self.inbound.at.since(at) <= AT_ONCE);
        just_now && self.next.intake.is_none() && self.join(words)
    }

    fn ask_join(&mut self, case: &MyCase, text: Words) {
        self.replies.push(Reply::Case(CaseReply::Join { folio: case.folio }));
        self.ask_case(CaseQuestion::Join { case_id: case.id, folio: case.folio, text });
    }

    /// After an answer that compared: where staff waits for the person, the text may have been meant for
    /// them, and it is asked.
    pub(in crate::engine) fn ask_whether_meant(&mut self) {
        let Some(facts) = self.case_facts() else { return };
        let waits = |it: &&MyCase| it.waits && it.state.open() && it.category != rules::PERSON;
        let Some(case) = facts.mine.iter().find(waits).filter(|it| self.shows(it)) else { return };
        if self.next.pending.is_none() && self.replies.len() == 1 {
            self.ask_join(case, Words(self.inbound.text.trim().to_owned()));
        }
    }

    /// A folio alone, or with its PIN: ESTADO was forgotten.
    pub(in crate::engine) fn bare_folio(&mut self) -> bool {
        let words = crate::domain::fold::words(&self.inbound.text);
        let digits = words.iter().any(|it| it.bytes().any(|byte| byte.is_ascii_digit()));
        let folio = digits && folio_and_pin(&words).is_some();
        if folio {
            self.status(&words);
        }
        folio
    }

    /// `QUEJA 4F7K2X ...`: more about a case that is there; `false` where it names none of hers.
    pub(in crate::engine) fn more_about(&mut self, rest: &[String]) -> bool {
        let Some(facts) = self.case_facts() else { return false };
        let Some(folio) = rest.first().and_then(|it| Folio::parse(it).ok()).filter(|_| rest.len() > 1) else {
            return false;
        };
        let Some(case) = facts.mine.iter().find(|it| it.folio == folio && self.shows(it)) else {
            return false;
        };
        let words = keywords::leading(&crate::domain::fold::words(&self.inbound.text)).map_or(1, |it| it.1);
        let text = after_words(&self.inbound.text, words + 1);
        self.case_reply(CaseReply::Joined { folio: Some(folio) });
        self.case_effect(CaseEffect::Written { case_id: case.id, text: Words(text) });
        true
    }
}

/// The last message of a person in a thread: what the store says, else the newest case's opening.
fn last_written(facts: &CaseFacts) -> Option<(Uuid, UnixMillis)> {
    let opened =
        facts.mine.iter().filter(|it| it.opener).map(|it| (it.id, it.opened_at)).max_by_key(|it| it.1);
    match (facts.last_written, opened) {
        (Some(written), Some(opened)) if opened.1 > written.1 => Some(opened),
        (written, opened) => written.or(opened),
    }
}

impl Keyword {
    /// Whether it is about cases: the store is asked before it.
    pub fn about_cases(self) -> bool {
        matches!(
            self,
            Self::Report
                | Self::Suggestion
                | Self::Question
                | Self::Status
                | Self::MyCases
                | Self::Fix
                | Self::Person
                | Self::Cancel
        )
    }
}
