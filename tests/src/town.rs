//! A town without a store, for the dialogue of reports: what would be known of a person's cases, and phones
//! that write and read.

use std::sync::{Arc, LazyLock};

use cabildo_bot::channels::render::{Rendered, Setting, render};
use cabildo_bot::channels::sms::segments::segment;
use cabildo_bot::domain::case::{CaseState, Folio, Pin};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::desk::Desk;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::similar::{Complaint, Told, likeness};
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::embedded;
use cabildo_bot::engine::cases::{
    CaseEffect, CaseFacts, CaseQuestion, FeedbackKind, FollowUp, Likely, LookedUp, MyCase, Opening, needed,
    status_asked,
};
use cabildo_bot::engine::conversation::{Conversation, Question};
use cabildo_bot::engine::{Effect, Inbound, step};
use uuid::Uuid;

/// The embedded data.
pub static FACTS: LazyLock<Facts> = LazyLock::new(|| embedded::facts().expect("the embedded pack"));
/// The desk of the country.
pub static DESK: LazyLock<Arc<Desk>> = LazyLock::new(|| Arc::new(embedded::desk().expect("the desk")));

/// Wednesday 2026-11-11, ten in the morning in Mexico.
const NOON: i64 = 1_794_412_800_000;

/// A case as the town keeps it.
pub struct Kept {
    /// Who opened it.
    pub owner: usize,
    /// As it was opened.
    pub opening: Opening,
    /// As it is now.
    pub case: MyCase,
    /// What was written.
    pub thread: Vec<String>,
    /// Who joined it, each once.
    pub joiners: Vec<usize>,
}

impl Kept {
    fn likely(&self) -> Likely {
        Likely {
            colonia: None,
            case_id: self.case.id,
            folio: self.case.folio,
            municipality: self.case.municipality.clone(),
            category: self.case.category.clone(),
            state: self.case.state,
            joined: u32::try_from(self.joiners.len()).unwrap_or(u32::MAX).saturating_add(1),
            opened_at: self.case.opened_at,
        }
    }
}

/// What a store would know.
#[derive(Default)]
pub struct Town {
    /// The cases.
    pub kept: Vec<Kept>,
    /// Questions after a closing, and who is asked.
    pub asked: Vec<(usize, FollowUp)>,
    /// Feedback with its municipality.
    pub feedback: Vec<(FeedbackKind, String, String)>,
    /// How it was dealt with.
    pub stars: Vec<u8>,
    /// Closings that were disputed.
    pub disputes: usize,
    drawn: u64,
    last: Vec<(usize, Uuid, UnixMillis)>,
    /// Wrong PINs.
    pub tries: usize,
    /// Whether a likely duplicate is offered.
    pub offers: bool,
}

impl Town {
    /// One where likely duplicates are offered.
    pub fn offering() -> Self {
        Self { offers: true, ..Self::default() }
    }

    /// The open case that is most like one that would be opened.
    fn likeliest(&self, opening: &Opening, at: UnixMillis) -> Option<Likely> {
        let told = |it: &Opening, at| {
            let (category, text) = (it.category.as_str(), it.text.0.as_str());
            let place = it.place.as_ref().map(|it| it.0.as_str());
            Told::new(&Complaint { category, text, place, point: None, at }, DESK.likeness())
        };
        let new = told(opening, at);
        let alike = |it: &&Kept| {
            let open = it.case.state.open() && !it.case.confidentiality.sealed() && !it.opening.urgent;
            let same = it.opening.category == opening.category
                && it.opening.municipality == opening.municipality
                && it.case.kind == opening.kind;
            open && same && likeness(&new, &told(&it.opening, it.case.opened_at)).likely()
        };
        self.kept.iter().find(alike).map(Kept::likely)
    }

    fn facts(&mut self, who: usize, text: &str, conversation: &Conversation) -> CaseFacts {
        self.drawn += 7_919;
        let mine = |it: &&Kept| it.owner == who || it.joiners.contains(&who);
        let asked = match conversation.pending.as_ref().map(|it| &it.question) {
            Some(Question::Case(CaseQuestion::Same { case_id })) => {
                self.kept.iter().find(|it| it.case.id == *case_id && it.case.state.open()).map(Kept::likely)
            }
            _ => None,
        };
        let looked_up = match status_asked(text) {
            Some((_, Some(_))) if self.tries >= 5 => Some(LookedUp::TooMany),
            Some((folio, Some(pin))) => {
                let found = self.kept.iter().find(|it| it.opening.folio == folio && it.opening.pin == pin);
                Some(found.map_or(LookedUp::Wrong, |it| LookedUp::Right(Box::new(it.case.clone()))))
            }
            _ => None,
        };
        CaseFacts {
            desk: Arc::clone(&DESK),
            fresh: (
                Folio::from_random((self.drawn * 104_729).to_be_bytes()),
                Pin::from_random((self.drawn * 31).to_be_bytes()),
            ),
            mine: self.kept.iter().rev().filter(mine).map(|it| it.case.clone()).collect(),
            asked: self.asked.iter().rev().find(|(owner, _)| *owner == who).map(|it| it.1.clone()),
            last_written: self.last.iter().rev().find(|it| it.0 == who).map(|it| (it.1, it.2)),
            looked_up,
            line: Some(0),
            likely: asked,
        }
    }

    /// A case.
    pub fn find(&mut self, id: Uuid) -> &mut Kept {
        self.kept.iter_mut().find(|it| it.case.id == id).expect("a case of the town")
    }

    /// Keeps what a message led to.
    pub fn apply(&mut self, who: usize, effect: &CaseEffect, now: UnixMillis) {
        match effect {
            CaseEffect::Opened(opening) | CaseEffect::HandedOver(opening) => {
                let opening = (**opening).clone();
                let id = Uuid::from_u128(u128::from(self.drawn) << 8 | who as u128);
                let case = MyCase {
                    id,
                    folio: opening.folio,
                    kind: opening.kind,
                    state: CaseState::Received,
                    withdrawn: false,
                    municipality: opening.municipality.clone(),
                    category: opening.category.clone(),
                    office: opening.office.clone(),
                    confidentiality: opening.confidentiality,
                    opener: true,
                    others: false,
                    seen: false,
                    waits: false,
                    opened_at: now,
                    closed_at: None,
                    next_due: opening.dues.next(false),
                };
                let thread = vec![opening.text.0.clone()];
                self.last.push((who, id, now));
                self.kept.push(Kept { owner: who, opening, case, thread, joiners: Vec::new() });
            }
            CaseEffect::Joined { case_id, text, .. } => {
                let kept = self.find(*case_id);
                assert!(kept.owner != who && !kept.joiners.contains(&who), "she is in it already");
                kept.joiners.push(who);
                kept.thread.push(text.0.clone());
                self.last.push((who, *case_id, now));
            }
            CaseEffect::Written { case_id, text } => {
                let kept = self.find(*case_id);
                assert!(kept.owner == who || kept.joiners.contains(&who), "somebody else's thread");
                self.find(*case_id).thread.push(text.0.clone());
                self.last.push((who, *case_id, now));
            }
            CaseEffect::Corrected { case_id, text } => {
                assert_eq!(self.find(*case_id).owner, who);
                self.find(*case_id).thread.last_mut().expect("a message").clone_from(&text.0);
            }
            CaseEffect::Withdrawn { case_id } => {
                assert_eq!(self.find(*case_id).owner, who);
                let case = &mut self.find(*case_id).case;
                (case.state, case.withdrawn) = (CaseState::ClosedUnfixed, true);
            }
            CaseEffect::Left { case_id } => {
                let kept = self.find(*case_id);
                assert!(kept.owner == who && kept.case.others, "she leaves it to others");
                // It is nobody's whom these tests know.
                kept.owner = usize::MAX;
            }
            CaseEffect::Disputed { case_id, .. } => {
                self.find(*case_id).case.state = CaseState::InReview;
                self.asked.retain(|it| it.1.case_id != *case_id);
                self.disputes += 1;
            }
            CaseEffect::Confirmed { case_id, .. } => self.asked.retain(|it| it.1.case_id != *case_id),
            CaseEffect::Rated { stars, .. } => self.stars.push(*stars),
            CaseEffect::Feedback { kind, municipality, text } => {
                self.feedback.push((*kind, municipality.clone(), text.0.clone()));
            }
            CaseEffect::Consented { .. } => {}
            CaseEffect::Tried { right, .. } => self.tries = if *right { 0 } else { self.tries + 1 },
        }
    }

    /// Staff closes a case, and it is asked whether it was put right.
    pub fn close(&mut self, id: Uuid, state: CaseState, at: UnixMillis) {
        let kept = self.find(id);
        (kept.case.state, kept.case.closed_at) = (state, Some(at));
        let (owner, folio) = (kept.owner, kept.case.folio);
        let asked = FollowUp { id: Uuid::from_u128(9), case_id: id, folio, asked_at: at, closed_at: at };
        self.asked.push((owner, asked));
    }
}

/// A phone in somebody's hand.
pub struct Phone {
    who: usize,
    /// What is remembered of it.
    pub conversation: Conversation,
    /// Its clock.
    pub now: UnixMillis,
    channel: ChannelKind,
    /// What the last message led to.
    pub effects: Vec<Effect>,
}

impl Phone {
    /// One that wrote before.
    pub fn new(who: usize) -> Self {
        let conversation = Conversation { notice: 1, ..Conversation::default() };
        Self { who, conversation, now: UnixMillis(NOON), channel: ChannelKind::Sms, effects: Vec::new() }
    }

    /// One whose owner agreed to the notice and lives in Tlapa.
    pub fn at_home(who: usize) -> Self {
        let mut phone = Self::new(who);
        phone.conversation.home = Some("12066".to_owned());
        phone.conversation.consent = 1;
        phone
    }

    /// The same on another channel.
    #[must_use]
    pub fn on(mut self, channel: ChannelKind) -> Self {
        self.channel = channel;
        self
    }

    /// Sends a message, and gives what comes back.
    pub fn message(&mut self, town: &mut Town, text: &str, location: Option<(f64, f64)>) -> Vec<Rendered> {
        self.now = self.now.plus(5_000);
        let asks = needed(&self.conversation, text, &FACTS, &DESK) || location.is_some();
        let inbound = Inbound {
            channel: self.channel,
            text: text.to_owned(),
            location,
            payload: None,
            at: self.now,
            link: None,
            cases: asks.then(|| town.facts(self.who, text, &self.conversation)),
            demands: cabildo_bot::engine::demands::Known::default(),
            cards: Arc::default(),
            privacy: None,
        };
        let mut inbound = inbound;
        let mut done = step(&self.conversation, &inbound, &FACTS);
        if town.offers && inbound.cases.as_ref().is_some_and(|it| it.likely.is_none()) {
            let opened = done.effects.iter().find_map(|it| match it {
                Effect::Case(CaseEffect::Opened(opening)) => Some(opening),
                _ => None,
            });
            let likely = opened.and_then(|it| town.likeliest(it, self.now));
            if let (Some(likely), Some(facts)) = (likely, inbound.cases.as_mut()) {
                facts.likely = Some(likely);
                done = step(&self.conversation, &inbound, &FACTS);
            }
        }
        // A restart in between changes nothing.
        let stored = serde_json::to_string(&done.next).expect("a conversation is JSON");
        self.conversation = serde_json::from_str(&stored).expect("our own JSON");
        assert_eq!(self.conversation, done.next);
        self.effects = done.effects;
        for effect in &self.effects {
            if let Effect::Case(effect) = effect {
                town.apply(self.who, effect, self.now);
            }
        }
        let locale = self.conversation.locale.clone().unwrap_or_else(|| "es-MX".to_owned());
        let setting = Setting { facts: &FACTS, locale: &locale, channel: self.channel, service: "Cabildo" };
        let replies: Vec<Rendered> = done.replies.iter().map(|reply| render(reply, setting)).collect();
        assert!(replies.len() <= 2, "{text:?}: {replies:?}");
        if self.channel == ChannelKind::Sms {
            assert!(replies.iter().all(|it| segment(&it.text).segments == 1), "{replies:?}");
        }
        replies
    }

    /// Writes, and reads all that comes back.
    pub fn says(&mut self, town: &mut Town, text: &str) -> String {
        self.message(town, text, None).into_iter().map(|it| it.text).collect::<Vec<_>>().join(" | ")
    }

    /// Time goes by, in ms.
    pub fn later(&mut self, millis: i64) -> &mut Self {
        self.now = self.now.plus(millis);
        self
    }

    /// A dialogue as a table: what is written, what the replies contain.
    pub fn talk(&mut self, town: &mut Town, lines: &[(&str, &str)]) {
        for (written, expected) in lines {
            let reply = self.says(town, written);
            let found = if expected.is_empty() { reply.is_empty() } else { reply.contains(expected) };
            assert!(found, "{written:?} got {reply:?}, not {expected:?}");
        }
    }

    /// Writes and reads; the town forgets what it led to.
    pub fn says_without_trace(&mut self, town: &mut Town, text: &str) -> String {
        let (kept, tries) = (town.kept.len(), town.tries);
        let states: Vec<MyCase> = town.kept.iter().map(|it| it.case.clone()).collect();
        let reply = self.says(town, text);
        town.kept.truncate(kept);
        for (it, case) in town.kept.iter_mut().zip(states) {
            it.case = case;
        }
        let known: Vec<Uuid> = town.kept.iter().map(|it| it.case.id).collect();
        town.last.retain(|it| known.contains(&it.1));
        town.tries = tries;
        reply
    }
}

/// A complaint in one message; its case.
pub fn one_go(town: &mut Town, phone: &mut Phone) -> Uuid {
    phone.talk(town, &[("QUEJA no hay agua en la col. San Jose desde el lunes", "Recibido. Folio ")]);
    town.kept.last().expect("a case").case.id
}
