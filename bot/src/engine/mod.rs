//! The dialogue: a pure function of the conversation, one inbound message and the facts.
//!
//! [`step`] guards against automatic answers, answers a question that waits, else interprets the
//! text and acts on it. It reads no clock and does no I/O, so the same dialogue runs on every
//! channel and can be fuzzed.

mod act;
mod answer;
pub mod cases;
mod compare;
pub mod conversation;
pub mod demands;
pub mod highlights;
pub mod interpret;
pub mod keywords;
pub mod link;
pub mod privacy;
pub mod reply;
pub mod topics;

use std::sync::Arc;

use crate::domain::channel::ChannelKind;
use crate::domain::facts::Facts;
use crate::domain::fold::{fold, words};
use crate::domain::place::{Context, Decision};
use crate::domain::time::UnixMillis;
use conversation::{Conversation, QUESTION_WAITS};
use interpret::{Intent, interpret};
use keywords::Keyword;
use reply::{Reply, Say};

/// Words of a text that is a sentence sooner than the name of a place that nobody is sure of.
const PROSE: usize = 4;

/// Version of the privacy notice's wording.
pub const NOTICE_VERSION: u16 = 1;

/// One message of a person, as the dialogue sees it.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// Kind of the channel it came by.
    pub channel: ChannelKind,
    /// What was written; empty for a location alone.
    pub text: String,
    /// A shared location: latitude and longitude in degrees.
    pub location: Option<(f64, f64)>,
    /// The parameter of a deep link (`mun_12066`) where the message opened the dialogue by one.
    pub payload: Option<String>,
    /// When it was received.
    pub at: UnixMillis,
    /// What the store knows, for a text that begins with `VINCULA` ([`link::asked`]).
    pub link: Option<link::LinkFacts>,
    /// What the store knows of the person's cases, where [`cases::needed`] asks for it.
    pub cases: Option<cases::CaseFacts>,
    /// What is known of demands; the store was asked where [`demands::needed`] asks for it.
    pub demands: demands::Known,
    /// The published cards.
    pub cards: Arc<highlights::Cards>,
    /// What the store knows of the person's data, where [`privacy::needed`] asks for it.
    pub privacy: Option<privacy::PrivacyFacts>,
}

/// What one message leads to.
#[derive(Clone, Debug)]
pub struct Step {
    /// The conversation after it.
    pub next: Conversation,
    /// What is answered, in order; empty for silence.
    pub replies: Vec<Reply>,
    /// What is to be stored besides.
    pub effects: Vec<Effect>,
}

/// Something to be stored besides the conversation and the replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The contact stopped broadcasts and prompts.
    OptOut,
    /// The contact wants them again.
    OptIn,
    /// The privacy notice of this version was given.
    Notice {
        /// Version of its wording.
        version: u16,
    },
    /// Nobody understood the text: it goes to the queue of a person.
    Unknown,
    /// The thread was muted since it looks like an automatic answer.
    Muted,
    /// Something about joining two contacts.
    Link(link::LinkEffect),
    /// Something about a case.
    Case(cases::CaseEffect),
    /// Something about a demand, or news that the person asks for.
    Demand(demands::DemandEffect),
    /// What the person says of a card.
    Highlight(highlights::HighlightEffect),
    /// Something about the person's rights over her data.
    Privacy(privacy::PrivacyEffect),
}

/// A dialogue in the middle of a step: what the acts of one message work on.
struct Turn<'a> {
    facts: &'a Facts,
    inbound: &'a Inbound,
    next: Conversation,
    replies: Vec<Reply>,
    effects: Vec<Effect>,
}

impl Turn<'_> {
    fn at(&self) -> UnixMillis {
        self.inbound.at
    }

    /// Answers, and puts away what MAS would have given before.
    fn reply(&mut self, reply: Reply) {
        self.next.more.clear();
        self.replies.push(reply);
    }

    fn say(&mut self, say: Say) {
        self.reply(Reply::Say(say));
    }

    /// What is known about the person when a place is looked for.
    fn context(&self) -> Context {
        let home = self.next.home.as_deref().and_then(|key| self.facts.by_key(key));
        Context { state: home.map(|id| self.facts.municipality(id).state) }
    }
}

/// Whether a text is one that no limit holds up: a stop, start or help word alone.
pub fn always_heard(text: &str) -> bool {
    heard(&words(text))
}

fn heard(words: &[String]) -> bool {
    let keyword = keywords::alone(words);
    matches!(keyword, Some(Keyword::Stop | Keyword::Start | Keyword::Help))
}

/// Answers one message.
pub fn step(conversation: &Conversation, inbound: &Inbound, facts: &Facts) -> Step {
    let mut turn =
        Turn { facts, inbound, next: conversation.clone(), replies: Vec::new(), effects: Vec::new() };
    // A home that a new release no longer has is forgotten rather than answered wrongly.
    turn.next.home = turn.next.home.filter(|key| facts.by_key(key).is_some());
    turn.next.talk = turn.next.talk.filter(|talk| facts.by_key(&talk.place).is_some());
    let folded = fold(&inbound.text);
    let words: Vec<String> = folded.split(' ').filter(|it| !it.is_empty()).map(str::to_owned).collect();
    turn.next.intake = turn.next.intake.filter(|it| inbound.at.since(it.touched_at) <= cases::DRAFT_LASTS);
    let urgent = inbound.location.is_none() && turn.is_urgent(&words);
    let counts = !keywords::is_menu_word(&words);
    if urgent {
        // Who is in danger is no automatic answer: what she writes next is heard, too.
        turn.next.loop_guard = conversation::LoopGuard::default();
    }
    if !heard(&words) && !urgent {
        if turn.next.loop_guard.muted(inbound.at) {
            return turn.finish(false);
        }
        if counts && inbound.location.is_none() && turn.next.loop_guard.count(&folded, inbound.at) {
            turn.effects.push(Effect::Muted);
            return turn.finish(false);
        }
    }
    turn.take();
    turn.finish(counts)
}

impl Turn<'_> {
    /// Finds out what the message asks for and does it.
    fn take(&mut self) {
        if let Some((lat, lon)) = self.inbound.location {
            self.next.misses = 0;
            if self.pin(lat, lon) {
                return;
            }
            return self.nearest(lat, lon);
        }
        if let Some(payload) = self.inbound.payload.clone() {
            return self.deep_link(&payload);
        }
        let text = self.inbound.text.trim();
        let folded = words(text);
        if self.urgent(&folded) || self.silent(&folded) {
            self.next.misses = 0;
            return;
        }
        if text.is_empty() {
            return self.say(Say::OnlyText);
        }
        if self.answer_to_question(text) || self.told(&folded) {
            self.next.misses = 0;
            return;
        }
        if self.adds_place(&folded) {
            self.next.misses = 0;
            return;
        }
        let intent = match interpret(text, self.facts, self.context()) {
            // "y en ometepec?" goes on with the topic talked about.
            Intent::Place(decision, None) if fold(text).split(' ').next() == Some("y") => {
                Intent::Place(decision, self.talk_topic())
            }
            intent => intent,
        };
        if intent.may_mean_otherwise(&folded) && self.plainly(&folded) {
            self.next.misses = 0;
            return;
        }
        // A yes or no to no question is not understood either: its hints must not begin anew.
        let missed = matches!(
            intent,
            Intent::Unknown | Intent::Digit(_) | Intent::Keyword(Keyword::Yes | Keyword::No, _)
        );
        // After a day an answer to the draft may read like a place that is not certain.
        let doubtful = self.draft_rested() && matches!(intent, Intent::Place(Decision::Choose(_), None))
            || folded.len() >= PROSE && intent.is_guess();
        // Right after a report its word is about it, though some place has a name like that.
        let named =
            intent != Intent::AlmostStop && self.next.intake.is_none() && self.names_category(&folded);
        if (missed || doubtful || named) && self.answer_of_cases(&folded, &intent) {
            self.next.misses = 0;
            return;
        }
        let offered = named && self.offer_named();
        if offered || !missed {
            self.next.misses = 0;
        }
        if offered {
            return;
        }
        let compares = !matches!(intent, Intent::Keyword(..) | Intent::AlmostStop | Intent::Leave);
        self.act(intent);
        if compares {
            self.ask_whether_meant();
            self.ask_whether_report(&folded);
            self.offer_demand_after_figure();
        }
        self.offer_draft_after(compares);
    }

    /// Whether a draft waits longer than its question does.
    fn draft_rested(&self) -> bool {
        self.next.intake.as_ref().is_some_and(|it| self.at().since(it.touched_at) > QUESTION_WAITS)
    }

    /// What nothing else understood may go on with a draft, or be about a case.
    fn answer_of_cases(&mut self, folded: &[String], intent: &Intent) -> bool {
        if self.next.intake.is_some() && self.inbound.cases.is_some() {
            self.next.more.clear();
            self.offer_draft();
            return true;
        }
        let prose = *intent == Intent::Unknown || matches!(intent, Intent::Place(..));
        prose && (self.bare_folio() || self.join(folded))
    }

    /// After something else was answered, the draft is offered once.
    fn offer_draft_after(&mut self, compares: bool) {
        let waits = self.next.intake.as_ref().is_some_and(|it| !it.offered);
        let room = self.replies.len() == 1 && self.inbound.channel != ChannelKind::Ussd;
        if compares && waits && room && self.next.pending.is_none() && self.inbound.cases.is_some() {
            self.offer_draft();
        }
    }

    /// `t.me/bot?start=mun_12066`: a poster of a town opens its headline.
    fn deep_link(&mut self, payload: &str) {
        if self.demand_link(payload) {
            return;
        }
        let place = payload.strip_prefix("mun_").and_then(|key| self.facts.by_key(key));
        match place {
            Some(id) => self.compare(id, None),
            None => self.say(Say::Greeting),
        }
    }

    fn finish(mut self, counts: bool) -> Step {
        self.relay_report();
        self.offer_demand_after_report();
        if counts {
            self.next.loop_guard.answered(&self.replies, self.inbound.at);
        }
        let stop = self.replies.iter().any(|it| matches!(it, Reply::Say(Say::Stopped | Say::AlreadyStopped)));
        // Two messages are enough: the notice then comes with the next answer.
        let room = self.replies.len() < 2;
        if self.next.notice < NOTICE_VERSION && !self.replies.is_empty() && !stop && room {
            self.next.notice = NOTICE_VERSION;
            self.replies.push(Reply::Say(Say::Notice));
            self.effects.push(Effect::Notice { version: NOTICE_VERSION });
        }
        Step { next: self.next, replies: self.replies, effects: self.effects }
    }
}
