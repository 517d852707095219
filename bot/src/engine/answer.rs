//! Answers to the question that waits.

use super::Turn;
use super::cases::Answer;
use super::conversation::{Pending, QUESTION_WAITS, Question, Then};
use super::interpret::{Intent, interpret};
use super::keywords::{self, Keyword};
use super::reply::{Reply, Say};
use crate::domain::channel::ChannelKind;
use crate::domain::fold::words;
use crate::domain::place::Decision;

/// Places shown on a page of a choice.
pub const PAGE: usize = 5;

impl Turn<'_> {
    /// Takes the text as the answer to the waiting question; `false` when it is none.
    ///
    /// Reserved words win over a question and leave it waiting, so that it can be answered after
    /// them; any other text that is no answer ends it.
    pub(super) fn answer_to_question(&mut self, text: &str) -> bool {
        let words = words(text);
        let digit = match &words[..] {
            [word] if word.len() <= 2 => word.parse::<usize>().ok(),
            _ => None,
        };
        let keyword = keywords::alone(&words);
        let no = digit == Some(2) || keyword == Some(Keyword::No);
        let yes = digit == Some(1) || keyword == Some(Keyword::Yes);
        let at = self.at();
        // Whether a card helped is not asked again, and is in the way of no older question.
        let over =
            |it: &Pending| matches!(it.question, Question::Highlight(_)) && at.since(it.at) > QUESTION_WAITS;
        self.next.pending = self.next.pending.take().filter(|it| !over(it));
        if self.merge_answer(yes, no, self.followed_up()) || self.follow_up(&words, yes, no) {
            return true;
        }
        let Some(pending) = self.next.pending.clone() else {
            return self.menu_digit(digit);
        };
        if self.at().since(pending.at) > QUESTION_WAITS {
            if matches!(pending.question, Question::Case(_)) {
                // The draft, where there is one, is offered again.
                self.next.pending = None;
                return false;
            }
            // An old question is asked again rather than answered by a digit that may mean
            // something else by now.
            return digit.is_some() && digit != Some(0) && self.ask_again(pending.question);
        }
        match pending.question {
            Question::Case(question) => {
                self.case_answer(&question, Answer { text, words: &words, digit, keyword, yes, no })
            }
            Question::Which { places, first, then } => {
                self.which_answer(&places, first, then, text, digit, keyword)
            }
            Question::Place { then } => self.place_answer(&then, text, keyword),
            Question::IsIt { place } => {
                if yes {
                    self.next.pending = None;
                    self.chosen(&place, Then::Compare { topic: None });
                } else if no {
                    self.say(Say::NotThere);
                    self.next.ask(Question::Place { then: Then::Compare { topic: None } }, self.inbound.at);
                }
                yes || no
            }
            Question::Parent { places, topic } => {
                let Some(place) = digit.and_then(|it| it.checked_sub(1)).and_then(|it| places.get(it)) else {
                    return false;
                };
                self.next.pending = None;
                self.chosen(place, Then::Compare { topic });
                true
            }
            Question::Language => self.language_answer(&words, digit),
            Question::Stop => {
                if yes {
                    self.next.pending = None;
                    self.stop();
                } else if no {
                    self.next.pending = None;
                    self.say(Say::NotStopped);
                } else {
                    // A digit that comes after something else is no stop word.
                    self.next.pending = None;
                }
                yes || no
            }
            Question::Link { from, locale } => self.link_answer(pending.at, yes, no, from, locale),
            Question::Menu => self.main_menu_answer(digit),
            Question::Demand(question) => {
                self.demand_answer(&question, Answer { text, words: &words, digit, keyword, yes, no })
            }
            Question::Highlight(question) => self.helped_answer(&question, digit, keyword),
            Question::Privacy(question) => {
                self.privacy_answer(pending.at, question, text, keyword, (yes, no))
            }
        }
    }

    /// On a channel that shows answers as menus, a digit means one of the words offered.
    fn menu_digit(&mut self, digit: Option<usize>) -> bool {
        if self.inbound.channel != ChannelKind::Ussd {
            return false;
        }
        let offered =
            digit.and_then(|it| it.checked_sub(1)).and_then(|it| self.next.offered.get(it)).cloned();
        let Some(word) = offered else { return false };
        let intent = interpret(&word, self.facts, self.context());
        self.act(intent);
        true
    }

    fn ask_again(&mut self, question: Question) -> bool {
        match question {
            Question::Which { places, then, .. } => self.which(places, 0, then),
            Question::Place { then } => self.ask_place(then),
            Question::IsIt { place } => {
                self.reply(Reply::Nearest { place: place.clone(), km: 0 });
                self.next.ask(Question::IsIt { place }, self.inbound.at);
            }
            Question::Parent { places, topic } => {
                self.reply(Reply::Which {
                    name: None,
                    same: 0,
                    places: places.clone(),
                    first: 1,
                    total: places.len(),
                });
                self.next.ask(Question::Parent { places, topic }, self.inbound.at);
            }
            Question::Language => self.languages(),
            Question::Stop => self.ask_stop(),
            // Its code is over.
            Question::Link { .. } => {
                self.next.pending = None;
                self.reply(Reply::Link(super::link::LinkReply::Wrong));
            }
            Question::Menu => self.menu(),
            Question::Privacy(_) => {
                self.next.pending = None;
                self.reply(Reply::Privacy(super::privacy::PrivacyReply::Over));
            }
            Question::Demand(_) => {
                self.next.pending = None;
                if self.next.demand.is_none() {
                    return false;
                }
                self.go_on_with_demand();
            }
            Question::Highlight(_) => {
                self.next.pending = None;
                return false;
            }
            Question::Case(_) => return false,
        }
        true
    }

    fn which_answer(
        &mut self,
        places: &[String],
        first: usize,
        then: Then,
        text: &str,
        digit: Option<usize>,
        keyword: Option<Keyword>,
    ) -> bool {
        if keyword == Some(Keyword::More) && first + PAGE < places.len() {
            self.which(places.to_vec(), first + PAGE, then);
            return true;
        }
        if keyword == Some(Keyword::Back) && first > 0 {
            self.which(places.to_vec(), first.saturating_sub(PAGE), then);
            return true;
        }
        if let Some(digit) = digit.filter(|it| *it > 0) {
            // Any number of the list that was shown so far counts, not only this page's.
            match places.get(digit - 1).filter(|_| digit <= first + PAGE) {
                Some(place) => {
                    self.next.pending = None;
                    self.chosen(place, then);
                }
                // A step of a report is asked again with its choices.
                None if then == Then::Intake => self.which(places.to_vec(), first, then),
                None => {
                    self.say(Say::NoSuchChoice);
                    self.next.pending = Some(Pending {
                        question: Question::Which { places: places.to_vec(), first, then },
                        at: self.inbound.at,
                    });
                }
            }
            return true;
        }
        // VER is a state, too.
        if keyword.is_some_and(|it| it != Keyword::See) {
            return false;
        }
        // The state's name or abbreviation is an answer too.
        let wanted = crate::domain::fold::fold(text);
        let of_state: Vec<&String> = places
            .iter()
            .filter(|key| {
                self.facts.by_key(key).is_some_and(|id| {
                    let state = self.facts.state_of(id);
                    std::iter::once(&state.name)
                        .chain(std::iter::once(&state.abbreviation))
                        .chain(&state.aliases)
                        .any(|name| crate::domain::fold::fold(name) == wanted)
                })
            })
            .collect();
        if let [place] = of_state[..] {
            let place = place.clone();
            self.next.pending = None;
            self.chosen(&place, then);
            return true;
        }
        if keyword.is_some() {
            return false;
        }
        if then == Then::Intake && self.told_instead(text, &interpret(text, self.facts, self.context())) {
            return true;
        }
        self.next.pending = None;
        false
    }

    fn place_answer(&mut self, asked: &Then, text: &str, keyword: Option<Keyword>) -> bool {
        if keyword.is_some() {
            return false;
        }
        let intent = interpret(text, self.facts, self.context());
        if *asked == Then::Intake && self.told_instead(text, &intent) {
            return true;
        }
        let then = |topic: Option<String>| match (asked, topic) {
            (Then::Compare { topic: None }, Some(topic)) => Then::Compare { topic: Some(topic) },
            (then, _) => then.clone(),
        };
        match intent {
            Intent::Place(Decision::Match(candidate), topic) => {
                self.next.pending = None;
                let key = self.facts.municipality(candidate.municipality).key.clone();
                self.chosen(&key, then(topic));
                true
            }
            Intent::Place(Decision::Choose(candidates), topic) => {
                let keys = self.keys(&candidates);
                self.which(keys, 0, then(topic));
                true
            }
            Intent::Unknown if *asked == Then::Intake || asked.is_of_demands() => {
                self.say(Say::NoSuchPlace);
                true
            }
            _ => {
                self.next.pending = None;
                false
            }
        }
    }

    fn language_answer(&mut self, words: &[String], digit: Option<usize>) -> bool {
        let languages = cabildo_messages::languages();
        let by_digit = digit.and_then(|it| it.checked_sub(1)).and_then(|it| languages.get(it));
        if let Some(language) = by_digit {
            self.next.pending = None;
            self.set_language(language.tag);
            return true;
        }
        if digit.is_some_and(|it| it > 0) {
            self.say(Say::NoSuchChoice);
            return true;
        }
        self.named_language(words)
    }

    fn main_menu_answer(&mut self, digit: Option<usize>) -> bool {
        let intent = match digit {
            Some(1) => {
                self.next.pending = None;
                match self.next.place(self.inbound.at).and_then(|key| self.facts.by_key(key)) {
                    Some(id) => self.compare(id, None),
                    None => self.ask_place(Then::Compare { topic: None }),
                }
                return true;
            }
            Some(2) => Keyword::Topics,
            Some(3) => Keyword::Report,
            Some(4) => Keyword::MyCases,
            Some(5) => Keyword::Help,
            _ => return false,
        };
        self.next.pending = None;
        self.act(Intent::Keyword(intent, Vec::new()));
        true
    }
}
