//! Answers to the questions of this part of the dialogue.

use super::intake::after_words;
use super::reply::CaseReply;
use super::{AT_ONCE, CaseEffect, CaseQuestion, Intake, MyCase, PAGE, Point, Words};
use crate::domain::case::Anonymity;
use crate::domain::desk::OTHER;
use crate::domain::place::Decision;
use crate::engine::conversation::Question;
use crate::engine::keywords::{self, Keyword};
use crate::engine::reply::Say;
use crate::engine::{Turn, topics};

/// Words with which a text tells what happens, where a category was asked for.
const TELLING: usize = 4;
/// Characters of a name.
const LONGEST_NAME: usize = 60;

/// A text as an answer.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Answer<'t> {
    /// As it was written.
    pub text: &'t str,
    /// Its folded words.
    pub words: &'t [String],
    /// The digit that it is.
    pub digit: Option<usize>,
    /// The keyword that it is.
    pub keyword: Option<Keyword>,
    /// Whether it says yes.
    pub yes: bool,
    /// Whether it says no.
    pub no: bool,
}

impl Answer<'_> {
    /// Whether it is nothing but digits, a yes or a no: no words.
    pub(super) fn only_digits(&self) -> bool {
        matches!(self.keyword, Some(Keyword::Yes | Keyword::No))
            || self.words.iter().all(|it| it.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

impl Turn<'_> {
    /// The answer to a question; `false` when it is none: a reserved word, or something to compare.
    pub(in crate::engine) fn case_answer(&mut self, question: &CaseQuestion, answer: Answer<'_>) -> bool {
        let lists = matches!(question, CaseQuestion::Category { .. });
        let reserved = answer.keyword.is_some_and(|it| match it {
            Keyword::Yes | Keyword::No => false,
            Keyword::More => !lists,
            Keyword::Back => !lists && !matches!(question, CaseQuestion::Extra { .. }),
            _ => true,
        });
        if reserved || self.case_facts().is_none() || self.asks_something_else(answer.words) {
            return false;
        }
        if question.is_step() {
            let Some(intake) = self.next.intake.take() else {
                self.next.pending = None;
                return false;
            };
            let mut intake = *intake;
            let taken = self.step_answer(&mut intake, question, answer);
            // It may be gone meanwhile, or be put back by what it led to.
            if self.next.intake.is_none() && !matches!(taken, Taken::Gone) {
                self.next.intake = Some(Box::new(intake));
            }
            match taken {
                Taken::Answered => {
                    self.agree(matches!(question, CaseQuestion::Consent));
                    self.go_on();
                }
                Taken::Said | Taken::Gone => {}
                Taken::Other => return false,
            }
            return true;
        }
        self.after_answer(question, answer)
    }

    /// Whether a text that is no keyword alone is meant for something else all the same.
    fn asks_something_else(&self, words: &[String]) -> bool {
        let Some((keyword, count)) = keywords::leading(words) else { return false };
        let rest = &words[count..];
        match keyword {
            Keyword::Compare => {
                !rest.is_empty() && self.facts.places.find(&rest.join(" "), self.context()) != Decision::None
            }
            Keyword::Status => super::folio_and_pin(rest).is_some(),
            Keyword::Fix => true,
            Keyword::Person => words[0] == "hablar",
            _ => false,
        }
    }

    /// Whether a text is a name or a topic to be compared.
    pub(super) fn compares(&self, answer: Answer<'_>) -> bool {
        topics::alone(self.facts, answer.words).is_some()
            || self.facts.places.find_exact(answer.text, self.context()) != Decision::None
    }

    fn step_answer(&mut self, intake: &mut Intake, question: &CaseQuestion, answer: Answer<'_>) -> Taken {
        match question {
            CaseQuestion::Consent | CaseQuestion::Resume => {
                if answer.yes {
                    return Taken::Answered;
                }
                if answer.no {
                    self.drop_draft();
                    return Taken::Gone;
                }
                let asks = *question == CaseQuestion::Consent || answer.only_digits();
                if asks && !self.compares(answer) {
                    return self.again(self.question(intake, question));
                }
                Taken::Other
            }
            CaseQuestion::Category { page } => self.category_answer(intake, *page, answer),
            CaseQuestion::Text => {
                let strip = match keywords::leading(answer.words) {
                    Some((Keyword::Report | Keyword::Question | Keyword::Suggestion, count)) => count,
                    _ => 0,
                };
                if self.compares(answer) {
                    return Taken::Other;
                }
                if answer.only_digits() {
                    return self.in_words();
                }
                self.take_text(intake, &after_words(answer.text, strip));
                Taken::Answered
            }
            CaseQuestion::Where => {
                if answer.only_digits() {
                    return self.in_words();
                }
                intake.place = Some(Words(answer.text.trim().chars().take(200).collect()));
                Taken::Answered
            }
            CaseQuestion::There { point } => {
                if answer.yes {
                    intake.point = Some(*point);
                    return Taken::Answered;
                }
                if answer.no {
                    return Taken::Answered;
                }
                if answer.only_digits() {
                    return self.again(self.question(intake, question));
                }
                if self.compares(answer) {
                    return Taken::Other;
                }
                intake.place = Some(Words(answer.text.trim().chars().take(200).collect()));
                Taken::Answered
            }
            CaseQuestion::Extra { index } => {
                let key = intake.municipality.as_deref().unwrap_or_default();
                let code = self.case_facts().and_then(|facts| {
                    let category = facts.desk.category(key, intake.category.as_deref().unwrap_or(OTHER))?;
                    category.questions.get(*index).map(|it| it.code.clone())
                });
                let Some(code) = code else { return Taken::Answered };
                let skipped = answer.keyword == Some(Keyword::Back) || answer.words == ["no", "se"];
                let text = if skipped { "" } else { answer.text.trim() };
                intake.answers.push((code, Words(text.chars().take(200).collect())));
                Taken::Answered
            }
            CaseQuestion::Who => {
                let says = |them: &[&str]| answer.words.iter().any(|it| them.contains(&it.as_str()));
                let level = match answer.digit {
                    Some(digit) => u8::try_from(digit).ok().and_then(Anonymity::from_digit),
                    None if says(&["nadie", "anonimo", "anonima", "nobody", "anonymous"]) => {
                        Some(Anonymity::HiddenFromAll)
                    }
                    None if says(&["oficina", "office"]) => Some(Anonymity::HiddenFromPublic),
                    None if says(&["todos", "nombre", "everybody", "name"]) => Some(Anonymity::Named),
                    None => None,
                };
                match level {
                    Some(level) => {
                        intake.anonymity = Some(level);
                        Taken::Answered
                    }
                    None if self.compares(answer) => Taken::Other,
                    None => self.again(CaseReply::Who),
                }
            }
            CaseQuestion::Name => {
                if answer.only_digits() {
                    return self.in_words();
                }
                intake.name = Some(Words(answer.text.trim().chars().take(LONGEST_NAME).collect()));
                Taken::Answered
            }
            CaseQuestion::Same { case_id } => self.same_answer(intake, *case_id, answer),
            CaseQuestion::Withdraw { .. }
            | CaseQuestion::Correct { .. }
            | CaseQuestion::Join { .. }
            | CaseQuestion::Stars { .. }
            | CaseQuestion::UrgentWhere
            | CaseQuestion::Offer { .. } => Taken::Other,
        }
    }

    fn category_answer(&mut self, intake: &mut Intake, page: usize, answer: Answer<'_>) -> Taken {
        let Some(facts) = self.case_facts() else { return Taken::Other };
        let key = intake.municipality.clone().unwrap_or_default();
        let count = facts.desk.menu(&key).count();
        let turned = match answer.keyword {
            Some(Keyword::More) if (page + 1) * PAGE < count => Some(page + 1),
            Some(Keyword::Back) if page > 0 => Some(page - 1),
            Some(_) => return Taken::Other,
            None => None,
        };
        if let Some(page) = turned {
            let question = CaseQuestion::Category { page };
            let reply = self.question(intake, &question);
            self.case_reply(reply);
            self.ask_case(question);
            return Taken::Said;
        }
        if let Some(digit) = answer.digit {
            // Any number of the list that was shown so far counts, not only this page's.
            let chosen = digit.checked_sub(1).filter(|it| *it < (page + 1) * PAGE);
            let Some(category) = chosen.and_then(|it| facts.desk.menu(&key).nth(it)) else {
                return self.again(self.question(intake, &CaseQuestion::Category { page }));
            };
            intake.category = Some(category.code.clone());
            return Taken::Answered;
        }
        let found = facts.desk.find_category(&key, answer.words);
        if found.as_ref().is_none_or(|it| !it.whole) && self.compares(answer) {
            return Taken::Other;
        }
        match found {
            Some(found) => intake.category = Some(found.category),
            None if answer.words.len() >= TELLING => intake.category = Some(OTHER.to_owned()),
            None => return self.again(self.question(intake, &CaseQuestion::Category { page })),
        }
        if answer.words.len() >= TELLING && intake.text.is_none() {
            intake.place =
                intake.place.take().or_else(|| facts.desk.addresses().place_in(answer.text).map(Words));
            intake.text = Some(Words(answer.text.trim().chars().take(1_000).collect()));
        }
        Taken::Answered
    }

    fn in_words(&mut self) -> Taken {
        self.case_reply(CaseReply::InWords);
        Taken::Said
    }

    /// It was not understood: the step is asked again with its choices.
    pub(super) fn again(&mut self, question: CaseReply) -> Taken {
        self.case_reply(CaseReply::Again { question: Box::new(question) });
        Taken::Said
    }

    /// Answers to questions about a case that is there.
    fn after_answer(&mut self, question: &CaseQuestion, answer: Answer<'_>) -> bool {
        match question {
            CaseQuestion::Withdraw { case_id, folio } => {
                if answer.yes {
                    self.withdraw(*case_id, *folio);
                } else if answer.no {
                    self.case_reply(CaseReply::Kept { folio: *folio });
                }
                self.next.pending = None;
                answer.yes || answer.no
            }
            CaseQuestion::Correct { case_id } => {
                if answer.only_digits() {
                    self.case_reply(CaseReply::InWords);
                    return true;
                }
                if self.compares(answer) {
                    self.next.pending = None;
                    return false;
                }
                self.next.pending = None;
                self.correct(*case_id, answer.text.trim().to_owned());
                true
            }
            CaseQuestion::Join { case_id, folio, text } => {
                self.next.pending = None;
                if answer.yes {
                    self.case_reply(CaseReply::Joined { folio: Some(*folio) });
                    self.case_effect(CaseEffect::Written { case_id: *case_id, text: text.clone() });
                } else if answer.no {
                    self.case_reply(CaseReply::NotJoined);
                }
                answer.yes || answer.no
            }
            CaseQuestion::Stars { case_id } => {
                self.next.pending = None;
                let Some(stars @ 1..=5) = answer.digit.and_then(|it| u8::try_from(it).ok()) else {
                    return false;
                };
                self.case_reply(CaseReply::Rated);
                self.case_effect(CaseEffect::Rated { case_id: *case_id, stars });
                true
            }
            CaseQuestion::UrgentWhere => {
                self.next.pending = None;
                let topic = topics::alone(self.facts, answer.words).is_some();
                !answer.only_digits() && !topic && self.urgent_place(answer.text.trim().to_owned())
            }
            CaseQuestion::Offer { text } => {
                self.next.pending = None;
                if answer.yes || answer.no {
                    self.offer_answer(text, answer.yes);
                }
                answer.yes || answer.no
            }
            _ => false,
        }
    }

    /// Where what can't wait is: even a word that is also the name of a municipality far away. `false`
    /// where it was asked too long ago.
    fn urgent_place(&mut self, text: String) -> bool {
        let Some(facts) = self.case_facts() else { return false };
        let urgent = |category: &str| facts.desk.urgent_groups().iter().any(|it| it.category == category);
        let fresh = |it: &&MyCase| it.state.open() && self.inbound.at.since(it.opened_at) <= AT_ONCE;
        let Some(case) = facts.mine.iter().filter(|it| urgent(&it.category)).find(fresh) else {
            return false;
        };
        self.case_reply(CaseReply::Joined { folio: None });
        self.case_effect(CaseEffect::Written { case_id: case.id, text: Words(text) });
        true
    }

    /// A shared location inside a draft that asks where; `false` when none does.
    pub(in crate::engine) fn pin(&mut self, lat: f64, lon: f64) -> bool {
        let question = self.next.pending.as_ref().map(|it| &it.question);
        if question == Some(&Question::Case(CaseQuestion::UrgentWhere)) {
            self.next.pending = None;
            return lat.is_finite() && lon.is_finite() && self.urgent_place(format!("{lat:.6}, {lon:.6}"));
        }
        let asks = match self.next.pending.as_ref().map(|it| &it.question) {
            Some(Question::Case(CaseQuestion::Where | CaseQuestion::There { .. })) => true,
            Some(Question::Place { then }) => *then == crate::engine::conversation::Then::Intake,
            _ => false,
        };
        let sound = lat.is_finite() && lon.is_finite() && lat.abs() <= 90.0 && lon.abs() <= 180.0;
        let (true, true, Some(intake)) = (asks, sound, self.next.intake.as_mut()) else { return false };
        let Some((id, km)) = self.facts.places.nearest(lat, lon).filter(|(_, km)| *km <= 150.0) else {
            self.say(Say::FarAway);
            return true;
        };
        let _ = km;
        let key = self.facts.municipality(id).key.clone();
        if intake.municipality.is_none() {
            intake.municipality = Some(key.clone());
        }
        let millionths = |degrees: f64| (degrees * 1e6).round() as i32;
        let point: Point = (millionths(lat), millionths(lon));
        self.case_reply(CaseReply::There { place: key });
        self.ask_case(CaseQuestion::There { point });
        true
    }
}

/// What became of an answer to a step.
pub(super) enum Taken {
    /// The draft has it: on to the next step.
    Answered,
    /// It was answered, and the step is asked still.
    Said,
    /// The draft is gone.
    Gone,
    /// It is no answer.
    Other,
}
