//! `DEMANDA`: a demand is written in a few short steps; a second message of its author goes to the supporters.

use serde::{Deserialize, Serialize};

use super::{Answer, DRAFT_LASTS, DemandEffect, DemandOpening, DemandQuestion, DemandReply};
use crate::domain::demand::rules::{
    LONGEST_MESSAGE, LONGEST_TEXT, NoMessage, OPEN_PER_PERSON, SHORTEST_TEXT, may_write,
};
use crate::domain::demand::{Code, Demand, DemandState};
use crate::domain::public_text::public_text;
use crate::domain::redact::redact;
use crate::domain::time::UnixMillis;
use crate::engine::cases::{CONSENT_VERSION, CaseEffect, Words, after_words};
use crate::engine::conversation::Then;
use crate::engine::keywords::Keyword;
use crate::engine::reply::Say;
use crate::engine::{Effect, Turn, topics};

/// Topics on a page.
const PAGE: usize = 5;

/// A draft of a demand. `Debug` shows no words of the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemandDraft {
    /// Key of the municipality.
    pub municipality: Option<String>,
    /// Topic.
    pub topic: Option<String>,
    /// What is asked for.
    pub text: Option<Words>,
    /// When it was last worked on.
    pub touched_at: UnixMillis,
}

/// A text that fits into one segment with its frame, or why it is none.
fn checked(text: &str, limit: usize) -> Result<Words, DemandReply> {
    let text = public_text(text);
    let written = text.chars().count();
    if written > limit {
        return Err(DemandReply::TextLong { limit, written });
    }
    if written < SHORTEST_TEXT {
        return Err(DemandReply::TextShort);
    }
    // Everybody will read it.
    if redact(&text) != text {
        return Err(DemandReply::TextPersonal);
    }
    Ok(Words(text))
}

impl Turn<'_> {
    /// `DEMANDA`, with a text or a code behind it.
    pub(super) fn demand(&mut self, rest: &[String], count: usize) {
        // "DEMANDA 200 familias sin agua" begins with a number of people, unless the code is one of hers.
        let first = rest.first().and_then(|it| it.parse::<Code>().ok());
        let code = first.filter(|code| rest.len() == 1 || self.named(*code).is_some_and(|it| it.own));
        if let Some(code) = code {
            let text = after_words(&self.inbound.text, count + 1);
            return self.about(code, &text);
        }
        let Some(facts) = self.demand_facts() else { return };
        // One that went on in another is carried by that one's author. What a leader writes for somebody is not
        // hers, and of that person's own she learns nothing here: codes are few a day.
        let goes_on = |it: &&Demand| !it.state.over() && it.state != DemandState::Merged;
        let open = facts.mine.demands.iter().filter(goes_on).count();
        if open as u64 >= OPEN_PER_PERSON && !self.relays() {
            return self.demand_reply(DemandReply::TooMany);
        }
        let place = self.next.home.clone();
        let talk = self.next.talk(self.at());
        let topic = talk.and_then(|it| it.topic.clone()).filter(|_| rest.is_empty());
        let touched_at = self.at();
        self.next.demand = Some(Box::new(DemandDraft { municipality: place, topic, text: None, touched_at }));
        let text = after_words(&self.inbound.text, count);
        if !text.is_empty() {
            match checked(&text, LONGEST_TEXT) {
                Ok(text) => self.take_demand_text(text),
                Err(why) => {
                    self.demand_reply(why);
                    return self.ask_demand(DemandQuestion::Text);
                }
            }
        }
        self.go_on_with_demand();
    }

    /// What is asked for, and the topic that it says.
    fn take_demand_text(&mut self, text: Words) {
        let words = crate::domain::fold::words(&text.0);
        let topic = topics::find(self.facts, &words).map(|it| it.topic);
        if let Some(draft) = &mut self.next.demand {
            draft.topic = draft.topic.take().or(topic);
            draft.text = Some(text);
        }
    }

    /// The next step of the draft.
    pub(in crate::engine) fn go_on_with_demand(&mut self) {
        let now = self.at();
        let Some(draft) = self.next.demand.as_mut().filter(|it| now.since(it.touched_at) <= DRAFT_LASTS)
        else {
            self.next.demand = None;
            return self.demand_reply(DemandReply::Dropped);
        };
        draft.touched_at = now;
        let draft = draft.as_ref().clone();
        let agreed = self.next.consent.max(self.demand_facts().map_or(0, |it| it.mine.consent));
        if agreed < CONSENT_VERSION {
            self.demand_reply(DemandReply::Consent);
            return self.ask_demand(DemandQuestion::Consent);
        }
        let Some(text) = draft.text else {
            self.demand_reply(DemandReply::AskText { limit: LONGEST_TEXT });
            return self.ask_demand(DemandQuestion::Text);
        };
        let Some(place) = draft.municipality else { return self.ask_place(Then::Demand) };
        let Some(topic) = draft.topic else { return self.ask_topic(0) };
        self.demand_reply(DemandReply::Check { place, topic, text });
        self.ask_demand(DemandQuestion::Check);
    }

    /// The topics that one can ask for something about: those of the headline's choice first.
    fn demand_topics(&self) -> Vec<String> {
        let main = self.facts.manifest.topics.iter().filter(|it| it.main);
        main.map(|it| it.id.clone()).collect()
    }

    fn ask_topic(&mut self, page: usize) {
        let all = self.demand_topics();
        let first = page * PAGE;
        let topics: Vec<String> = all.iter().skip(first).take(PAGE).cloned().collect();
        let more = all.len() > first + PAGE;
        self.demand_reply(DemandReply::AskTopic { topics, first: first + 1, more });
        self.ask_demand(DemandQuestion::Topic { page });
    }

    pub(super) fn draft_answer(&mut self, question: &DemandQuestion, answer: Answer<'_>) -> bool {
        if self.next.demand.is_none() {
            self.next.pending = None;
            return false;
        }
        match question {
            DemandQuestion::Consent => {
                if answer.yes {
                    self.next.consent = CONSENT_VERSION;
                    self.effects.push(Effect::Case(CaseEffect::Consented { version: CONSENT_VERSION }));
                    self.go_on_with_demand();
                } else if answer.no {
                    self.drop_demand();
                }
                answer.yes || answer.no
            }
            DemandQuestion::Text => {
                if answer.yes || answer.no || answer.digit.is_some() {
                    self.demand_reply(DemandReply::TextShort);
                    return true;
                }
                match checked(answer.text, LONGEST_TEXT) {
                    Ok(text) => {
                        self.take_demand_text(text);
                        self.go_on_with_demand();
                    }
                    // It is asked still.
                    Err(why) => self.demand_reply(why),
                }
                true
            }
            DemandQuestion::Topic { page } => self.topic_answer(*page, answer),
            DemandQuestion::Check => {
                if answer.yes {
                    self.open_demand();
                } else if answer.no {
                    if let Some(draft) = &mut self.next.demand {
                        (draft.text, draft.topic) = (None, None);
                    }
                    self.go_on_with_demand();
                }
                answer.yes || answer.no
            }
            _ => false,
        }
    }

    fn topic_answer(&mut self, page: usize, answer: Answer<'_>) -> bool {
        let all = self.demand_topics();
        match answer.keyword {
            Some(Keyword::More) if (page + 1) * PAGE < all.len() => self.ask_topic(page + 1),
            Some(Keyword::Back) if page > 0 => self.ask_topic(page - 1),
            Some(_) => return false,
            None => {
                let chosen = match answer.digit {
                    Some(digit) => digit
                        .checked_sub(1)
                        .filter(|it| *it < (page + 1) * PAGE)
                        .and_then(|it| all.get(it))
                        .cloned(),
                    None => topics::find(self.facts, answer.words).map(|it| it.topic),
                };
                let Some(topic) = chosen else {
                    self.say(Say::NoSuchChoice);
                    return true;
                };
                if let Some(draft) = &mut self.next.demand {
                    draft.topic = Some(topic);
                }
                self.go_on_with_demand();
            }
        }
        true
    }

    fn open_demand(&mut self) {
        let Some(facts) = self.demand_facts() else { return };
        let Ok(for_code) = self.take_relay() else { return self.demand_reply(DemandReply::RelayWrong) };
        let Some(draft) = self.next.demand.take() else { return };
        let DemandDraft { municipality: Some(municipality), topic: Some(topic), text: Some(text), .. } =
            *draft
        else {
            return self.demand_reply(DemandReply::Dropped);
        };
        self.next.pending = None;
        let Some(code) = facts.fresh else { return self.demand_reply(DemandReply::TooMany) };
        self.next.has_demands = true;
        let people = self.facts.by_key(&municipality).and_then(|id| self.facts.municipality(id).population);
        let threshold = self.facts.manifest.demands.of(people);
        self.demand_reply(DemandReply::Opened { code });
        let opening = DemandOpening { code, municipality, topic, text, threshold, for_code };
        self.demand_effect(DemandEffect::Opened(opening));
    }

    /// Leaves the draft; `false` where there is none.
    pub(in crate::engine) fn drop_demand(&mut self) -> bool {
        let dropped = self.next.demand.take().is_some();
        if dropped {
            self.next.pending = None;
            self.demand_reply(DemandReply::Dropped);
        }
        dropped
    }

    /// `DEMANDA 317`: what it is; `DEMANDA 317 ...` of its author: a message to the supporters.
    fn about(&mut self, code: Code, text: &str) {
        let Some(named) = self.named(code) else { return self.demand_reply(DemandReply::Unknown { code }) };
        if text.is_empty() || !named.own {
            return self.show_demand(code);
        }
        let state = named.demand.state;
        if !state.public() || state.over() {
            return self.show_demand(code);
        }
        let text = match checked(text, LONGEST_MESSAGE) {
            Ok(text) => text,
            Err(why) => return self.demand_reply(why),
        };
        let (waits, last) = named.written;
        match may_write(last, waits, self.at()) {
            Ok(()) => {
                self.demand_reply(DemandReply::MessageKept { code });
                self.demand_effect(DemandEffect::Written { demand_id: named.demand.id, text });
            }
            Err(NoMessage::Waiting) => self.demand_reply(DemandReply::MessageWaits),
            Err(NoMessage::Before(from)) => {
                let day = self.demand_day(from);
                self.demand_reply(DemandReply::MessageFrom { day });
            }
        }
    }
}
