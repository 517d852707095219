//! Acts on what a text asks for.

use super::cases::IntakeKind;
use super::conversation::{QUESTION_WAITS, Question, Then, View};
use super::interpret::{Intent, split_places, two_names};
use super::keywords::Keyword;
use super::reply::{Reply, Say};
use super::{Effect, Turn, topics};
use crate::domain::peer_group::Family;
use crate::domain::place::Decision;
use crate::domain::privacy::Right;

impl Turn<'_> {
    /// Does what was asked for.
    pub(super) fn act(&mut self, intent: Intent) {
        match intent {
            Intent::Keyword(keyword, rest) => self.keyword(keyword, &rest),
            Intent::Leave => {
                let words = crate::domain::fold::words(&self.inbound.text);
                let count = super::keywords::leading(&words).map_or(0, |it| it.1);
                self.leave_one(&words[count..]);
            }
            Intent::Place(decision, topic) => self.place(decision, Then::Compare { topic }),
            Intent::Topic(topic) => self.topic(topic),
            Intent::TwoTopics(decision, topics) => self.two_topics(decision, topics),
            Intent::Several(texts, topic) => self.several(Vec::new(), texts, topic),
            Intent::AlmostStop => self.ask_stop(),
            Intent::Digit(_) => {
                self.next.misses = self.next.misses.saturating_add(1);
                self.say(Say::NoSuchChoice);
            }
            Intent::Unknown => {
                if !self.offer_report() {
                    self.unknown();
                }
            }
        }
    }

    fn keyword(&mut self, keyword: Keyword, rest: &[String]) {
        match keyword {
            Keyword::Compare => self.compare_words(rest),
            Keyword::Trend => self.view(View::Trend, rest),
            Keyword::Best => self.view(View::Best, rest),
            Keyword::Behind => self.view(View::Behind, rest),
            Keyword::Family => self.family(rest),
            Keyword::Definition => self.definition(rest),
            Keyword::Source => self.source(rest),
            Keyword::Topics => self.topics_page(),
            Keyword::ChangeHome => self.change_home(rest),
            Keyword::Greeting => self.say(Say::Greeting),
            Keyword::Thanks => self.say(Say::Thanks),
            Keyword::Who => self.say(Say::Who),
            Keyword::Cost => self.say(Say::Cost),
            Keyword::Language => {
                if !self.named_language(rest) {
                    self.languages();
                }
            }
            Keyword::Privacy => self.pages(vec![Reply::Say(Say::Privacy), Reply::Say(Say::PrivacyMore)]),
            Keyword::More => self.more(),
            Keyword::Back | Keyword::Menu => self.menu(),
            Keyword::Cancel => self.cancel(),
            Keyword::Help => self.help(),
            Keyword::Stop => self.stop(),
            Keyword::Start => self.start(),
            // There is no question to answer.
            Keyword::Yes | Keyword::No => self.unknown(),
            Keyword::Link => self.link(),
            Keyword::Report => {
                if !self.more_about(rest) {
                    self.report(IntakeKind::Complaint, self.count(rest));
                }
            }
            Keyword::Question => self.report(IntakeKind::Question, self.count(rest)),
            Keyword::Suggestion => self.report(IntakeKind::Suggestion, self.count(rest)),
            Keyword::Status => self.status(rest),
            Keyword::MyCases => self.my_cases(),
            Keyword::Fix => self.fix(self.count(rest)),
            Keyword::Person => self.person(self.count(rest)),
            Keyword::MyData => self.right(Right::Access),
            Keyword::CorrectData => self.right(Right::Correction),
            Keyword::Erase => self.right(Right::Erasure),
            Keyword::Demand
            | Keyword::Demands
            | Keyword::MyDemands
            | Keyword::Sign
            | Keyword::Retire
            | Keyword::Confirm
            | Keyword::Leader
            | Keyword::Relay
            | Keyword::Commitment
            | Keyword::Kept
            | Keyword::Alerts
            | Keyword::Acta => self.demand_word(keyword, rest, self.count(rest)),
            Keyword::See => self.see(rest),
            Keyword::Closed(feature) => self.closed(feature),
        }
    }

    /// A word whose feature is not open: the truth, and what can be done instead.
    pub(super) fn closed(&mut self, feature: &str) {
        self.reply(Reply::NotOpen { feature: feature.to_owned() });
    }

    /// Two different hints, then the queue of a person; never more hints in a row.
    fn unknown(&mut self) {
        if self.named_language(&crate::domain::fold::words(&self.inbound.text)) {
            return;
        }
        self.next.misses = self.next.misses.saturating_add(1);
        match self.next.misses {
            1 => self.say(Say::Hint),
            2 => self.say(Say::SecondHint),
            _ => {
                self.effects.push(Effect::Unknown);
                self.say(Say::KeptForPerson);
            }
        }
    }

    /// Answers with the first page and keeps the others for MAS.
    pub(super) fn pages(&mut self, pages: Vec<Reply>) {
        let mut pages = pages.into_iter();
        if let Some(first) = pages.next() {
            self.reply(first);
        }
        self.next.more = pages.collect();
    }

    fn help(&mut self) {
        self.pages([Say::Help, Say::HelpMore, Say::HelpCompare].map(Reply::Say).into());
    }

    fn more(&mut self) {
        if self.next.more.is_empty() {
            return self.say(Say::NoMore);
        }
        let next = self.next.more.remove(0);
        self.replies.push(next);
    }

    pub(super) fn menu(&mut self) {
        self.say(Say::Menu);
        self.next.ask(Question::Menu, self.inbound.at);
    }

    fn cancel(&mut self) {
        if self.next.intake.is_some() {
            return self.drop_draft();
        }
        if self.drop_demand() {
            return;
        }
        let at = self.at();
        match self.next.pending.take().filter(|it| at.since(it.at) <= QUESTION_WAITS) {
            Some(_) => self.say(Say::Cancelled),
            None if self.offer_withdrawal() => {}
            None => self.ask_stop(),
        }
    }

    /// Words in front of `rest`: the keyword's, and courtesy before it.
    fn count(&self, rest: &[String]) -> usize {
        crate::domain::fold::words(&self.inbound.text).len().saturating_sub(rest.len())
    }

    pub(super) fn ask_stop(&mut self) {
        self.say(Say::AskStop);
        self.next.ask(Question::Stop, self.inbound.at);
    }

    pub(super) fn stop(&mut self) {
        // A report or a demand goes on: it is no broadcast.
        let goes_on = |it: &Question| matches!(it, Question::Case(_) | Question::Demand(_));
        self.next.pending = self.next.pending.take().filter(|it| goes_on(&it.question));
        if self.next.stopped {
            return self.say(Say::AlreadyStopped);
        }
        self.next.stopped = true;
        self.effects.push(Effect::OptOut);
        self.say(Say::Stopped);
    }

    fn start(&mut self) {
        if !self.next.stopped {
            // Somebody new may be one who was erased, and whose refusal outlived that.
            if self.next.notice == 0 {
                self.effects.push(Effect::OptIn);
            }
            // A first START is how many apps and people open a dialogue.
            return self.say(if self.next.notice == 0 { Say::Greeting } else { Say::AlreadyStarted });
        }
        self.next.stopped = false;
        self.effects.push(Effect::OptIn);
        self.say(Say::Started);
    }

    pub(super) fn languages(&mut self) {
        self.reply(Reply::Languages);
        self.next.ask(Question::Language, self.inbound.at);
    }

    /// The language's own name, its tag or its Spanish name sets it.
    pub(super) fn named_language(&mut self, words: &[String]) -> bool {
        let wanted = words.join(" ");
        let found = cabildo_messages::languages().into_iter().find(|language| {
            let other = cabildo_messages::text(language.tag, "language-other-names", &[]).unwrap_or_default();
            crate::domain::fold::fold(&language.name) == wanted
                || crate::domain::fold::fold(language.tag) == wanted
                || other.split(',').any(|name| crate::domain::fold::fold(name) == wanted)
        });
        match found {
            Some(language) if !wanted.is_empty() => {
                self.next.pending = None;
                self.set_language(language.tag);
                true
            }
            _ => false,
        }
    }

    pub(super) fn set_language(&mut self, tag: &str) {
        self.next.locale = Some(tag.to_owned());
        self.reply(Reply::LanguageSet { locale: tag.to_owned() });
    }

    /// `COMPARA ...`: one place with or without a topic, or several.
    fn compare_words(&mut self, rest: &[String]) {
        if rest.is_empty() {
            self.say(Say::CompareHow);
            return self.next.ask(Question::Place { then: Then::Compare { topic: None } }, self.inbound.at);
        }
        let (parts, topic) = split_places(rest, self.facts, self.context());
        let parts = match &parts[..] {
            [only] => two_names(only, self.facts, self.context()).map_or(parts, Vec::from),
            _ => parts,
        };
        match parts.len() {
            0 => match topic {
                Some(topic) => self.topic(topic),
                None => self.ask_place(Then::Compare { topic: None }),
            },
            1 => {
                let decision = self.facts.places.find(&parts[0], self.context());
                self.place(decision, Then::Compare { topic });
            }
            _ => self.several(Vec::new(), parts.into_iter().take(3).collect(), topic),
        }
    }

    /// `TENDENCIA`, `MEJORES`, `QUIEN`, with a place or a topic behind it or without.
    fn view(&mut self, view: View, rest: &[String]) {
        let (parts, topic) = split_places(rest, self.facts, self.context());
        if let Some(text) = parts.first() {
            let decision = self.facts.places.find(text, self.context());
            if decision != Decision::None {
                return self.place(decision, Then::Show { view, topic });
            }
        }
        if !rest.is_empty() && parts.iter().any(|part| !part.is_empty()) && topic.is_none() {
            return self.say(Say::NoSuchTopic);
        }
        self.show(view, topic);
    }

    fn family(&mut self, rest: &[String]) {
        let number = rest.iter().find_map(|word| word.parse::<u8>().ok());
        let Some(number) = number else {
            let place = self.next.place(self.inbound.at).map(str::to_owned);
            let first = match place {
                Some(place) => Reply::Peers { place, family: self.next.family, topic: self.talk_topic() },
                None => Reply::Families,
            };
            let second = if first == Reply::Families { None } else { Some(Reply::Families) };
            return self.pages(std::iter::once(first).chain(second).collect());
        };
        let offered = self.facts.peer_groups.offered();
        match Family::new(number).filter(|family| offered.contains(family)) {
            Some(family) => {
                self.next.family = family;
                self.show(View::Peers, None);
            }
            None => {
                self.say(Say::NoSuchFamily);
                self.next.more = vec![Reply::Families];
            }
        }
    }

    fn definition(&mut self, rest: &[String]) {
        let asked: Vec<&String> = rest.iter().filter(|word| !super::keywords::filler(word)).collect();
        let names = |word: &String| {
            let named = crate::domain::fold::words(word);
            named.iter().eq(rest) || named.iter().eq(asked.iter().copied())
        };
        let terms = &self.facts.manifest.terms;
        if let Some(term) = terms.iter().find(|it| it.words.values().flatten().any(names)) {
            return self.reply(Reply::Term { id: term.id.clone() });
        }
        let topic = if rest.is_empty() {
            Some(self.current_topic())
        } else {
            topics::find(self.facts, rest).map(|it| it.topic).or_else(|| topics::with_slip(self.facts, rest))
        };
        // An official name that says more than a topic word is meant as it stands.
        if let Some(topic) = topic {
            return self
                .pages(vec![Reply::Definition { topic: topic.clone() }, Reply::Source { topic, page: 0 }]);
        }
        match topics::series(self.facts, rest) {
            Some(series) => self.reply(Reply::SeriesDefinition { series }),
            None => self.say(Say::NoSuchTopic),
        }
    }

    fn source(&mut self, rest: &[String]) {
        let topic = topics::find(self.facts, rest).map(|it| it.topic);
        if topic.is_none() && !rest.iter().all(|word| super::keywords::filler(word)) {
            return self.say(Say::NoSuchTopic);
        }
        let topic = topic.unwrap_or_else(|| self.current_topic());
        self.pages((0..3).map(|page| Reply::Source { topic: topic.clone(), page }).collect());
    }

    fn topics_page(&mut self) {
        let pages = topics::pages(self.facts, self.inbound.channel).len();
        self.pages((0..pages).map(|page| Reply::Topics { page }).collect());
    }

    fn change_home(&mut self, rest: &[String]) {
        let rest: Vec<String> =
            rest.iter().skip_while(|word| super::keywords::filler(word)).cloned().collect();
        if rest.is_empty() {
            return self.ask_place(Then::Home);
        }
        let decision = self.facts.places.find(&rest.join(" "), self.context());
        self.place(decision, Then::Home);
    }
}
