//! `AVISOS`, `BAJA` of one of them, `LIDER`.

use super::{Answer, DemandEffect, DemandQuestion, DemandReply, code_in};
use crate::domain::demand::{Leadership, SubscriptionKind};
use crate::domain::place::{Context, Decision};
use crate::engine::cases::{CONSENT_VERSION, CaseEffect, Words};
use crate::engine::conversation::Then;
use crate::engine::interpret::commands;
use crate::engine::{Effect, Turn, topics};

/// Characters of a leader's name and group.
const LONGEST: usize = 120;
/// Words that mean the weekly digest, folded.
const WEEK: &[&str] = &["semana", "semanal", "week", "weekly"];

/// Whether some words mean the weekly digest.
pub(in crate::engine) fn is_week(words: &[String]) -> bool {
    matches!(words, [it] if WEEK.contains(&it.as_str()))
}

impl Turn<'_> {
    /// `AVISOS agua`, `AVISOS SEMANA`, or what she has.
    pub(super) fn alerts(&mut self, rest: &[String]) {
        let topic = topics::find(self.facts, rest).map(|it| it.topic);
        if topic.is_none() && !is_week(rest) {
            let Some(facts) = self.demand_facts() else { return };
            let (topics, weekly) = (facts.mine.topics.clone(), facts.mine.weekly);
            return self.demand_reply(DemandReply::Alerts { topics, weekly });
        }
        // Nothing but a start word ends a stop.
        if self.next.stopped {
            return self.demand_reply(DemandReply::AlertsStopped);
        }
        match self.next.place(self.at()).map(str::to_owned) {
            Some(place) => self.ask_alerts(topic, &place),
            None => self.ask_place(Then::Alerts { topic }),
        }
    }

    /// A consent of its own.
    pub(super) fn ask_alerts(&mut self, topic: Option<String>, place: &str) {
        self.demand_reply(DemandReply::AskAlerts { topic: topic.clone(), place: place.to_owned() });
        self.ask_demand(DemandQuestion::Alerts { topic, place: place.to_owned() });
    }

    pub(super) fn subscribe(&mut self, topic: Option<&str>, place: &str) {
        let kind = if topic.is_some() { SubscriptionKind::Topic } else { SubscriptionKind::Week };
        self.demand_reply(DemandReply::AlertsSet {
            topic: topic.map(str::to_owned),
            place: place.to_owned(),
        });
        let topic = topic.unwrap_or_default().to_owned();
        self.demand_effect(DemandEffect::Subscribed { kind, topic, municipality: place.to_owned() });
    }

    /// `BAJA agua`, `BAJA SEMANA`, `BAJA 317`: what is said is the same where there was nothing.
    pub(in crate::engine) fn leave_one(&mut self, rest: &[String]) {
        if let Some(code) = code_in(rest) {
            let named = self.named(code).filter(|it| it.demand.state.public() || it.root.is_some());
            let Some(named) = named else { return self.demand_reply(DemandReply::Unknown { code }) };
            let demand_id = named.demand.id;
            self.demand_reply(DemandReply::Muted { code });
            return self.demand_effect(DemandEffect::Muted { demand_id });
        }
        let topic = topics::find(self.facts, rest).map(|it| it.topic);
        if topic.is_none() && !is_week(rest) {
            return self.demand_reply(DemandReply::NeedsCode);
        }
        let kind = if topic.is_some() { SubscriptionKind::Topic } else { SubscriptionKind::Week };
        self.demand_reply(DemandReply::AlertsLeft { topic: topic.clone() });
        self.demand_effect(DemandEffect::Unsubscribed { kind, topic: topic.unwrap_or_default() });
    }

    /// `LIDER`.
    pub(super) fn leader(&mut self) {
        let Some(facts) = self.demand_facts() else { return };
        match facts.mine.leadership {
            Some(Leadership::Verified) => return self.demand_reply(DemandReply::LeaderYes),
            Some(Leadership::Asked) => return self.demand_reply(DemandReply::LeaderWaits),
            Some(Leadership::Refused) | None => {}
        }
        if self.next.home.is_none() {
            return self.ask_place(Then::Leader);
        }
        self.demand_reply(DemandReply::LeaderAsk);
        self.ask_demand(DemandQuestion::Leader);
    }

    pub(super) fn leader_answer(&mut self, answer: Answer<'_>) -> bool {
        // A word that says something else wins, and the question waits.
        if commands(answer.words, self.facts) {
            return false;
        }
        self.next.pending = None;
        if self.is_compared(answer) {
            return false;
        }
        let text = answer.text.trim();
        if answer.yes || answer.no || answer.digit.is_some() || text.chars().count() < 3 {
            return false;
        }
        let Some(municipality) = self.next.home.clone() else { return false };
        // The question said what is kept and why: who answers it agrees.
        if self.next.consent < CONSENT_VERSION {
            self.next.consent = CONSENT_VERSION;
            self.effects.push(Effect::Case(CaseEffect::Consented { version: CONSENT_VERSION }));
        }
        let words = Words(text.chars().take(LONGEST).collect());
        self.demand_reply(DemandReply::LeaderKept);
        self.demand_effect(DemandEffect::Leading { municipality, words });
        true
    }

    /// Whether who was asked for her name wrote a topic, or one word that is a municipality and no other. Several
    /// words are a name, and so is one that many places have: "Guadalupe".
    fn is_compared(&self, answer: Answer<'_>) -> bool {
        let sure =
            || matches!(self.facts.places.find_exact(answer.text, Context::default()), Decision::Match(_));
        topics::alone(self.facts, answer.words).is_some() || answer.words.len() == 1 && sure()
    }
}
