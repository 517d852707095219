//! What is remembered of a contact between two messages.

use serde::{Deserialize, Serialize};

use super::cases::{CaseQuestion, Intake};
use super::demands::{DemandDraft, DemandQuestion, Relay};
use super::highlights::HighlightQuestion;
use super::privacy::PrivacyQuestion;
use super::reply::Reply;
use crate::domain::case::Folio;
use crate::domain::channel::ChannelKind;
use crate::domain::demand::Code;
use crate::domain::peer_group::Family;
use crate::domain::time::{DAY, HOUR, MINUTE, UnixMillis};

/// How long a question waits for its answer, in ms; later it is asked again first.
pub const QUESTION_WAITS: i64 = DAY;
/// How long the place and the topic talked about are remembered, in ms.
const TALK_LASTS: i64 = DAY;
/// How long a thread that looks like an automatic answer is muted, in ms.
const MUTE_LASTS: i64 = HOUR;
/// Window in which repeated texts are counted, in ms.
const LOOP_WINDOW: i64 = 5 * MINUTE;
/// The same text may come this often in the window.
const LOOP_TEXTS: usize = 5;
/// A shorter text is never an automatic answer, in characters.
const LOOP_LENGTH: usize = 10;
/// This many identical replies in a row are a loop,
const LOOP_REPLIES: usize = 5;
/// where they were given within this time, in ms: a person may ask the same thing every month.
const LOOP_REPLIES_WINDOW: i64 = HOUR;

/// The state of one contact's dialogue; stored as JSON, so every field has a default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conversation {
    /// Key of the remembered home municipality.
    pub home: Option<String>,
    /// What is being talked about.
    pub talk: Option<Talk>,
    /// Peer rule in use.
    pub family: Family,
    /// Locale that the person chose; `None`: the pack's.
    pub locale: Option<String>,
    /// Whether broadcasts and prompts are stopped.
    pub stopped: bool,
    /// Version of the privacy notice that was given; 0: none.
    pub notice: u16,
    /// The question that waits for an answer.
    pub pending: Option<Pending>,
    /// What MAS gives next, in order.
    pub more: Vec<Reply>,
    /// Words that the last answer offered, for menus of digits.
    pub offered: Vec<String>,
    /// Texts in a row that were not understood.
    pub misses: u8,
    /// Guard against automatic answers.
    pub loop_guard: LoopGuard,
    /// Version of the notice before a report that the person agreed to; 0: none.
    pub consent: u16,
    /// Whether the person opened or joined a case here.
    pub has_cases: bool,
    /// Whether the last report was to be hidden from everybody.
    pub hidden: bool,
    /// The case of a talk with a person: the service keeps silent until it is closed.
    pub with_person: Option<Folio>,
    /// The draft of a report.
    pub intake: Option<Box<Intake>>,
    /// The draft of a demand.
    pub demand: Option<Box<DemandDraft>>,
    /// Whether the person opened a demand here.
    pub has_demands: bool,
    /// The code of somebody for whom the next act is.
    pub relay: Option<Relay>,
    /// Demands that were offered lately, and are not offered again.
    pub demands_offered: Vec<Code>,
}

/// The place and the topic talked about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Talk {
    /// Key of the municipality.
    pub place: String,
    /// Topic, where one was asked for.
    pub topic: Option<String>,
    /// When.
    pub at: UnixMillis,
}

/// A question and when it was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The question.
    pub question: Question,
    /// When it was asked.
    pub at: UnixMillis,
}

/// A question that waits for an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Which of these places?
    Which {
        /// Keys, likeliest first.
        places: Vec<String>,
        /// Number of the first one on the page that was shown, from 0.
        first: usize,
        /// What to do with the one chosen.
        then: Then,
    },
    /// Which municipality? In words.
    Place {
        /// What to do with it.
        then: Then,
    },
    /// Is it this place?
    IsIt {
        /// Key.
        place: String,
    },
    /// See one of the municipalities where these people were counted?
    Parent {
        /// Keys.
        places: Vec<String>,
        /// Topic asked for.
        topic: Option<String>,
    },
    /// Which language?
    Language,
    /// Stop messages?
    Stop,
    /// Join with the contact whose code was used?
    Link {
        /// Kind of the channel that the code was asked for on.
        from: ChannelKind,
        /// Locale of who asked for it.
        locale: Option<String>,
    },
    /// One of the main menu.
    Menu,
    /// One of a report.
    Case(CaseQuestion),
    /// One of a demand, or of news.
    Demand(DemandQuestion),
    /// One of a card.
    Highlight(HighlightQuestion),
    /// One of the person's own data.
    Privacy(PrivacyQuestion),
}

/// What to do with a place once it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Answer about it.
    Compare {
        /// Topic asked for; the headline without one.
        topic: Option<String>,
    },
    /// Act on it with a keyword of the comparing family.
    Show {
        /// What is asked for.
        view: View,
        /// Topic asked for.
        topic: Option<String>,
    },
    /// Compare it with others.
    Several {
        /// Keys of those already known.
        done: Vec<String>,
        /// Texts of those still to find.
        rest: Vec<String>,
        /// Topic asked for.
        topic: Option<String>,
    },
    /// Make it the home municipality.
    Home,
    /// Go on with the draft of a report there.
    Intake,
    /// Go on with the draft of a demand there.
    Demand,
    /// List the demands there.
    Demands {
        /// Topic asked for.
        topic: Option<String>,
    },
    /// Ask whether news of it are wanted.
    Alerts {
        /// Topic; `None`: the week.
        topic: Option<String>,
    },
    /// Go on with who asks to be known as a leader.
    Leader,
}

/// A way to look at a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// All years.
    Trend,
    /// The best of the peer group.
    Best,
    /// Who is furthest behind.
    Behind,
    /// The peer group.
    Peers,
    /// Cards of the peer group about what worked.
    Practices,
}

/// Remembers what an automatic answer would repeat.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoopGuard {
    /// Fingerprints of the last texts, and when they came.
    texts: Vec<(u64, UnixMillis)>,
    /// Fingerprints of our last replies, and when they were given.
    replies: Vec<(u64, UnixMillis)>,
    /// Until when the thread is muted.
    muted_until: Option<UnixMillis>,
}

impl LoopGuard {
    /// Whether the thread is muted.
    pub fn muted(&self, at: UnixMillis) -> bool {
        self.muted_until.is_some_and(|until| at < until)
    }

    /// Counts a text; whether the thread is to be muted now.
    pub fn count(&mut self, folded: &str, at: UnixMillis) -> bool {
        let text = fingerprint(folded);
        self.texts.retain(|(_, then)| at.since(*then) <= LOOP_WINDOW);
        let repeated = self.texts.iter().filter(|(other, _)| *other == text).count() >= LOOP_TEXTS;
        let long = folded.chars().count() >= LOOP_LENGTH;
        let first = self.replies.first().map(|(reply, _)| *reply);
        let same_replies = self.replies.len() >= LOOP_REPLIES
            && self
                .replies
                .iter()
                .all(|(reply, then)| Some(*reply) == first && at.since(*then) <= LOOP_REPLIES_WINDOW);
        if (long && repeated) || same_replies {
            self.muted_until = Some(at.plus(MUTE_LASTS));
            self.texts.clear();
            self.replies.clear();
            return true;
        }
        if long {
            self.texts.push((text, at));
            let extra = self.texts.len().saturating_sub(2 * LOOP_TEXTS);
            self.texts.drain(..extra);
        }
        false
    }

    /// Remembers a reply that was given to a text that counts.
    pub fn answered(&mut self, replies: &[Reply], at: UnixMillis) {
        if replies.is_empty() {
            return;
        }
        self.replies.push((fingerprint(&format!("{replies:?}")), at));
        let extra = self.replies.len().saturating_sub(LOOP_REPLIES);
        self.replies.drain(..extra);
    }
}

/// FNV-1a, 64 bits: tells texts apart, keeps none of them.
fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Conversation {
    /// The place and topic talked about lately.
    pub fn talk(&self, at: UnixMillis) -> Option<&Talk> {
        self.talk.as_ref().filter(|talk| at.since(talk.at) <= TALK_LASTS)
    }

    /// Key of the place that a topic word means now: the one talked about, else the home.
    pub fn place(&self, at: UnixMillis) -> Option<&str> {
        self.talk(at).map(|talk| talk.place.as_str()).or(self.home.as_deref())
    }

    /// Asks a question.
    pub fn ask(&mut self, question: Question, at: UnixMillis) {
        self.pending = Some(Pending { question, at });
    }
}
