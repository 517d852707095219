//! Demands in the dialogue: writing one, supporting it, reading what became of it; news that a person asks for.
//!
//! What only the store knows comes in as [`DemandFacts`], where [`needed`] asks for it; what may be offered to
//! everybody is remembered in [`Open`]. What is to be kept goes out as [`DemandEffect`].

mod acta;
mod draft;
mod news;
mod open;
mod prove;
mod read;
mod relay;
mod reply;
mod sign;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cases::{Answer, CaseEffect, Words};
use super::conversation::{Conversation, Question, Then};
use super::interpret::takes_words;
use super::keywords::{self, Keyword};
use super::link::Code as Digits;
use super::reply::Reply;
use super::{Effect, Turn};
use crate::domain::benchmark::benchmark;
use crate::domain::channel::ChannelKind;
use crate::domain::demand::{Code, Mine, Named, SubscriptionKind, Vote};
use crate::domain::desk::civil_day;
use crate::domain::fold::words;
use crate::domain::time::{DAY, UnixMillis};
pub use draft::DemandDraft;
pub(super) use news::is_week;
pub use open::Open;
pub use prove::{ProofFacts, ProvenAct, bound, written};
pub use relay::Relay;
pub use reply::{DemandReply, Listed, News};

/// Version of the wording of the consent to news.
pub const ALERTS_VERSION: u16 = 1;
/// How long a draft is kept, in ms.
pub const DRAFT_LASTS: i64 = 7 * DAY;
/// Demands that are not offered again to the same person.
const OFFERED: usize = 5;
/// The prefix of a deep link that signs.
const SIGNS: &str = "firmo_";

/// What the dialogue can't know by itself.
#[derive(Clone, Debug)]
pub struct DemandFacts {
    /// A free code, for a demand that is opened now; `None`: none is free.
    pub fresh: Option<Code>,
    /// The demand that the message names.
    pub named: Option<Named>,
    /// What is known of the person.
    pub mine: Mine,
    /// What is known of writing for somebody.
    pub relay: RelayFacts,
    /// How she stands with the code that proves her number, where she may end or merge a demand.
    pub proof: Option<ProofFacts>,
}

/// What is known of demands when a message comes.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The public ones.
    pub open: Arc<Open>,
    /// What the store knows, where [`needed`] asks for it.
    pub facts: Option<DemandFacts>,
}

/// What the store is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The demand that the message is about.
    pub code: Option<Code>,
    /// The consent code of somebody: the one that is written, else the one by which the next act is hers.
    pub relay: Option<Digits>,
    /// Whether a code of somebody may be asked for.
    pub asks_relay: bool,
    /// Whether it may only be the answer to whether a demand may be merged: of most there is none to be merged.
    pub merge_only: bool,
}

impl Need {
    fn of(code: Option<Code>) -> Self {
        Self { code, relay: None, asks_relay: false, merge_only: false }
    }
}

/// What is known of writing for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayFacts {
    /// Fresh random digits, for a code that is sent now.
    pub fresh: Digits,
    /// Whether a code may be sent: there is a way, and few were sent today.
    pub may_send: bool,
    /// Whether the code that was written is right; `None`: none was.
    pub right: Option<bool>,
}

/// A demand that is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandOpening {
    /// Its code.
    pub code: Code,
    /// Its municipality.
    pub municipality: String,
    /// Its topic.
    pub topic: String,
    /// What is asked for.
    pub text: Words,
    /// How much support it needs.
    pub threshold: u64,
    /// The code of whom it is written for.
    pub for_code: Option<Digits>,
}

/// Something to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemandEffect {
    /// A demand is opened.
    Opened(DemandOpening),
    /// Somebody confirms one.
    Confirmed {
        /// Which.
        demand_id: Uuid,
        /// Key of her municipality.
        home: Option<String>,
    },
    /// Somebody supports one.
    Signed {
        /// Which.
        demand_id: Uuid,
        /// Key of her municipality.
        home: Option<String>,
        /// The code of whom it is signed for.
        for_code: Option<Digits>,
    },
    /// A code goes to a number: may this leader write for her?
    RelayAsked {
        /// The number, as it was written.
        number: Words,
        /// The code.
        code: Digits,
    },
    /// What was reported was reported for whom this code is.
    RelayedReport {
        /// The code.
        code: Digits,
        /// The case of somebody else that it joined; `None`: it is a case of its own.
        joined: Option<Uuid>,
    },
    /// Somebody takes her support back.
    Retired {
        /// Which.
        demand_id: Uuid,
    },
    /// The author takes it back.
    Withdrawn {
        /// Which.
        demand_id: Uuid,
    },
    /// The author writes to the supporters.
    Written {
        /// Which.
        demand_id: Uuid,
        /// What.
        text: Words,
    },
    /// The author answers whether it may be merged.
    MergeAnswered {
        /// The merge.
        merge_id: Uuid,
        /// Whether.
        yes: bool,
    },
    /// A code goes to the number of the author.
    CodeSent {
        /// The demand's code.
        code: Code,
        /// What it is for.
        act: ProvenAct,
        /// The code.
        digits: Digits,
        /// Locale that she reads.
        locale: Option<String>,
    },
    /// A code was wrong.
    CodeWrong,
    /// The right code came.
    CodeUsed,
    /// What the author was asked can't be done any more.
    MergeDropped {
        /// The merge.
        merge_id: Uuid,
    },
    /// Somebody says whether the promise was kept.
    Voted {
        /// Of which.
        demand_id: Uuid,
        /// What.
        vote: Vote,
    },
    /// Somebody wants no news of it.
    Muted {
        /// Which.
        demand_id: Uuid,
    },
    /// The photo of this message is one of a list of an assembly.
    Pictured {
        /// For which.
        demand_id: Uuid,
    },
    /// Somebody asks to be known as a leader.
    Leading {
        /// Key of her municipality.
        municipality: String,
        /// Name and group.
        words: Words,
    },
    /// Somebody wants news.
    Subscribed {
        /// Of what kind.
        kind: SubscriptionKind,
        /// Topic; empty for the week.
        topic: String,
        /// Key of the municipality.
        municipality: String,
    },
    /// Somebody wants it no more.
    Unsubscribed {
        /// Of what kind.
        kind: SubscriptionKind,
        /// Topic; empty for the week.
        topic: String,
    },
    /// A code led to no draft.
    Tried,
}

/// A question of this part of the dialogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemandQuestion {
    /// Sign it?
    Sign {
        /// Its code.
        code: Code,
    },
    /// Take back the support, or all of it?
    Withdraw {
        /// Its code.
        code: Code,
    },
    /// Was the promise kept?
    Vote {
        /// Its code.
        code: Code,
    },
    /// Does she agree to the notice before a draft?
    Consent,
    /// What is asked for?
    Text,
    /// Which topic?
    Topic {
        /// Page, from 0.
        page: usize,
    },
    /// Is the draft right?
    Check,
    /// Does she want that news?
    Alerts {
        /// Topic; `None`: the week.
        topic: Option<String>,
        /// Key of the municipality.
        place: String,
    },
    /// Who is she, as a leader?
    Leader,
    /// The code that was sent to the number of the author.
    Prove {
        /// The demand's code.
        code: Code,
        /// What it is for.
        act: ProvenAct,
    },
}

impl DemandQuestion {
    /// The demand that it is about.
    fn code(&self) -> Option<Code> {
        match self {
            Self::Sign { code }
            | Self::Withdraw { code }
            | Self::Vote { code }
            | Self::Prove { code, .. } => Some(*code),
            _ => None,
        }
    }
}

/// The first code in some words.
fn code_in(words: &[String]) -> Option<Code> {
    words.iter().find_map(|it| it.parse().ok())
}

/// The code in the parameter of a deep link.
fn linked(payload: &str) -> Option<Code> {
    payload.strip_prefix(SIGNS)?.parse().ok()
}

/// Whether a message needs what the store knows of demands, and of which one.
pub fn needed(
    conversation: &Conversation,
    text: &str,
    payload: Option<&str>,
    open: &Open,
    at: UnixMillis,
) -> Option<Need> {
    let need = said(conversation, text, payload, open, at);
    // What is written next, a report too, is somebody's whose code is remembered.
    let Some(relay) = &conversation.relay else { return need };
    let need = need.unwrap_or(Need::of(None));
    Some(Need { relay: need.relay.or_else(|| Some(relay.code.clone())), merge_only: false, ..need })
}

/// What the words of a message need.
fn said(
    conversation: &Conversation,
    text: &str,
    payload: Option<&str>,
    open: &Open,
    at: UnixMillis,
) -> Option<Need> {
    if let Some(payload) = payload {
        return linked(payload).map(|code| Need::of(Some(code)));
    }
    let words = words(text);
    let asked = conversation.pending.as_ref().map(|it| &it.question);
    let waits = match asked {
        Some(Question::Demand(question)) => Some(question.code()),
        Some(Question::Which { then, .. } | Question::Place { then }) if then.is_of_demands() => Some(None),
        _ => None,
    };
    let leading = keywords::leading(&words).or_else(|| Some((keywords::leading_with_slip(&words)?, 1)));
    let keyword = keywords::alone(&words).map(|it| (it, words.len())).or(leading);
    match keyword {
        Some((Keyword::Stop, count)) if code_in(&words[count..]).is_some() => {
            return Some(Need::of(code_in(&words[count..])));
        }
        Some((keyword, count)) if keyword.about_demands() => {
            let rest = &words[count..];
            if rest.is_empty() || takes_words(keyword, &words[0], rest) {
                let meant = || {
                    let place = conversation.place(at)?;
                    let topic = conversation.talk(at)?.topic.as_deref()?;
                    open.top(place, topic).map(|it| it.code)
                };
                let code = code_in(rest).or_else(|| (keyword == Keyword::Sign).then(meant).flatten());
                let relay = relay::code_in(rest).filter(|_| keyword == Keyword::Relay);
                let asks_relay = keyword == Keyword::Relay;
                return Some(Need { relay, asks_relay, ..Need::of(code) });
            }
        }
        _ => {}
    }
    if waits.is_some() {
        return waits.map(Need::of);
    }
    // An author is asked by a message of ours whether hers may be merged; the store knows who that is, since
    // another contact of hers may have written it, or a leader for her.
    let digit = matches!(&words[..], [it] if matches!(it.as_str(), "1" | "2"));
    let answer = digit || matches!(keyword, Some((Keyword::Yes | Keyword::No, _)));
    answer.then(|| Need { merge_only: true, ..Need::of(None) })
}

impl<'a> Turn<'a> {
    /// What the store knows; it was asked for by the words of the message.
    fn demand_facts(&self) -> Option<&'a DemandFacts> {
        self.inbound.demands.facts.as_ref()
    }

    /// The demand that the message names, where its code is this one.
    fn named(&self, code: Code) -> Option<&'a Named> {
        self.demand_facts()?.named.as_ref().filter(|it| it.demand.code == code)
    }

    fn demand_reply(&mut self, reply: DemandReply) {
        self.reply(Reply::Demand(Box::new(reply)));
    }

    fn demand_effect(&mut self, effect: DemandEffect) {
        self.effects.push(Effect::Demand(effect));
    }

    fn ask_demand(&mut self, question: DemandQuestion) {
        self.next.ask(Question::Demand(question), self.inbound.at);
    }

    /// Month and day of an instant where the service is.
    fn demand_day(&self, at: UnixMillis) -> super::cases::Day {
        civil_day(at, &self.facts.manifest.pack.time_zone).unwrap_or((1, 1))
    }

    /// Does what a word of this part asks for.
    pub(in crate::engine) fn demand_word(&mut self, keyword: Keyword, rest: &[String], count: usize) {
        if self.demand_facts().is_none() {
            return self.closed("demand");
        }
        match keyword {
            Keyword::Demand => self.demand(rest, count),
            Keyword::Demands => self.list_demands(rest),
            Keyword::MyDemands => self.my_demands(),
            Keyword::Sign => self.sign(rest),
            Keyword::Retire => self.retire(rest),
            Keyword::Confirm => self.confirm(rest),
            Keyword::Leader => self.leader(),
            Keyword::Relay => self.relay(rest),
            Keyword::Commitment => self.commitment(rest),
            Keyword::Kept => self.kept(rest),
            Keyword::Alerts => self.alerts(rest),
            Keyword::Acta => self.acta(rest),
            _ => self.closed("demand"),
        }
    }

    /// The answer to a question of this part; `false` when it is none.
    pub(in crate::engine) fn demand_answer(&mut self, question: &DemandQuestion, answer: Answer<'_>) -> bool {
        let lists = matches!(question, DemandQuestion::Topic { .. });
        let reserved = answer.keyword.is_some_and(|it| match it {
            Keyword::Yes | Keyword::No => false,
            Keyword::More | Keyword::Back => !lists,
            _ => true,
        });
        if reserved || self.demand_facts().is_none() {
            return false;
        }
        match question {
            DemandQuestion::Sign { code } => {
                self.next.pending = None;
                if answer.yes {
                    self.signed(*code);
                } else if answer.no {
                    self.demand_reply(DemandReply::NotSigned { code: *code });
                }
                answer.yes || answer.no
            }
            DemandQuestion::Withdraw { code } => {
                self.next.pending = None;
                if answer.yes {
                    self.retired(*code);
                } else if answer.no {
                    self.withdrawn(*code);
                }
                answer.yes || answer.no
            }
            DemandQuestion::Vote { code } => {
                self.next.pending = None;
                match vote_of(answer.words, answer.digit) {
                    Some(vote) => {
                        self.voted(*code, vote);
                        true
                    }
                    None => false,
                }
            }
            DemandQuestion::Alerts { topic, place } => {
                self.next.pending = None;
                if answer.yes {
                    self.subscribe(topic.as_deref(), place);
                } else if answer.no {
                    self.demand_reply(DemandReply::AlertsNot);
                }
                answer.yes || answer.no
            }
            DemandQuestion::Leader => self.leader_answer(answer),
            DemandQuestion::Prove { code, act } => self.prove_answer(*code, *act),
            DemandQuestion::Consent
            | DemandQuestion::Text
            | DemandQuestion::Topic { .. }
            | DemandQuestion::Check => self.draft_answer(question, answer),
        }
    }

    /// A yes or no to "may yours go on in the other?", where that was read later than the question that waits,
    /// and than another one that came by a message of ours `before`.
    pub(in crate::engine) fn merge_answer(
        &mut self,
        yes: bool,
        no: bool,
        before: Option<UnixMillis>,
    ) -> bool {
        let Some(asked) = self.demand_facts().and_then(|it| it.mine.asked.clone()) else { return false };
        // What waits in the outbox she can't have answered.
        let Some(read_at) = asked.read_at else { return false };
        let later = self.next.pending.as_ref().is_none_or(|it| it.at < read_at)
            && before.is_none_or(|it| it < read_at);
        if !later || !(yes || no) {
            return false;
        }
        self.next.pending = None;
        let (code, merge_id) = (asked.child, asked.id);
        if no {
            self.demand_reply(DemandReply::MergeRefused { code });
            self.demand_effect(if asked.open {
                DemandEffect::MergeAnswered { merge_id, yes: false }
            } else {
                DemandEffect::MergeDropped { merge_id }
            });
        } else if !asked.open || self.holds_number(code, ProvenAct::Merge { id: merge_id }) {
            self.merge_demand(merge_id);
        }
        true
    }

    /// Lets a demand go on in the other: it is its author who writes.
    pub(super) fn merge_demand(&mut self, merge_id: Uuid) {
        let asked = self.demand_facts().and_then(|it| it.mine.asked.clone()).filter(|it| it.id == merge_id);
        // She was asked something else meanwhile, or nothing any more.
        let Some(asked) = asked else { return self.demand_reply(DemandReply::ProveWrong) };
        let (code, parent) = (asked.child, asked.parent);
        if asked.open {
            self.demand_reply(DemandReply::MergeDone { code, parent });
            self.demand_effect(DemandEffect::MergeAnswered { merge_id, yes: true });
        } else {
            self.demand_reply(DemandReply::MergeOver { code, parent });
            self.demand_effect(DemandEffect::MergeDropped { merge_id });
        }
    }

    /// The parameter of a deep link that signs; `false` for another one.
    pub(in crate::engine) fn demand_link(&mut self, payload: &str) -> bool {
        let Some(code) = linked(payload).filter(|_| self.demand_facts().is_some()) else { return false };
        self.ask_sign(code, true);
        true
    }

    /// Goes on with a place that this part asked for.
    pub(in crate::engine) fn demand_place(&mut self, key: &str, then: &Then) {
        if self.next.home.is_none() {
            self.next.home = Some(key.to_owned());
        }
        self.next.pending = None;
        match then {
            Then::Demand => {
                if let Some(draft) = &mut self.next.demand {
                    draft.municipality = Some(key.to_owned());
                }
                self.go_on_with_demand();
            }
            Then::Demands { topic } => self.show_demands(key, topic.as_deref()),
            Then::Alerts { topic } => self.ask_alerts(topic.clone(), key),
            _ => self.leader(),
        }
    }

    /// After a bad figure of a topic: worse than the median of its group, or of most people.
    pub(in crate::engine) fn offer_demand_after_figure(&mut self) {
        let room = self.replies.len() == 1 && self.next.pending.is_none();
        if !room || self.inbound.channel == ChannelKind::Ussd || self.inbound.demands.open.is_empty() {
            return;
        }
        let Some(Reply::Topic { place, topic, family }) = self.replies.first().cloned() else { return };
        let (Some(id), Some(it)) = (self.facts.by_key(&place), self.facts.topic(&topic)) else { return };
        let Some(benchmark) = benchmark(self.facts, id, it, family) else { return };
        let worse = benchmark.place.is_some_and(|it| 2 * it.rank as usize > benchmark.size() + 1);
        if worse || benchmark.out_of_ten().is_some() {
            self.offer_demand(&place, &topic);
        }
    }

    /// After a complaint that everybody may know of.
    pub(in crate::engine) fn offer_demand_after_report(&mut self) {
        let opened = self.effects.iter().find_map(|it| match it {
            Effect::Case(CaseEffect::Opened(it)) => Some(it),
            _ => None,
        });
        let Some(opening) = opened else { return };
        let open = !opening.confidentiality.sealed() && !opening.urgent;
        if !open || self.replies.len() > 1 || self.inbound.channel == ChannelKind::Ussd {
            return;
        }
        let Some(cases) = self.inbound.cases.as_ref() else { return };
        let category = cases.desk.category(&opening.municipality, &opening.category);
        let topics: Vec<String> = opening
            .topic
            .iter()
            .cloned()
            .chain(category.map(|it| it.topics.clone()).unwrap_or_default())
            .collect();
        let place = opening.municipality.clone();
        for topic in topics {
            let before = self.replies.len();
            self.offer_demand(&place, &topic);
            if self.replies.len() > before {
                return;
            }
        }
    }

    /// The demand that others carry already where a figure is bad or something was reported; once.
    pub(in crate::engine) fn offer_demand(&mut self, place: &str, topic: &str) {
        let Some(demand) = self.inbound.demands.open.top(place, topic) else { return };
        let (code, total) = (demand.code, demand.told.total());
        if self.next.demands_offered.contains(&code) {
            return;
        }
        self.next.demands_offered.push(code);
        let extra = self.next.demands_offered.len().saturating_sub(OFFERED);
        self.next.demands_offered.drain(..extra);
        let topic = topic.to_owned();
        self.replies.push(Reply::Demand(Box::new(DemandReply::Offer { code, total, topic })));
    }
}

/// A vote as it is written: a digit, yes, no, or half.
fn vote_of(words: &[String], digit: Option<usize>) -> Option<Vote> {
    let says = |them: &[&str]| words.iter().any(|it| them.contains(&it.as_str()));
    match digit {
        Some(1) => Some(Vote::Yes),
        Some(2) => Some(Vote::No),
        Some(3) => Some(Vote::Half),
        Some(_) => None,
        None if says(&["medias", "mitad", "half"]) => Some(Vote::Half),
        None if says(&["no"]) => Some(Vote::No),
        None if says(&["si", "yes"]) => Some(Vote::Yes),
        None => None,
    }
}

impl Then {
    /// Whether this part asked for the place.
    pub(in crate::engine) const fn is_of_demands(&self) -> bool {
        matches!(self, Self::Demand | Self::Demands { .. } | Self::Alerts { .. } | Self::Leader)
    }
}

impl Keyword {
    /// Whether it is about demands or news: the store is asked before it.
    pub const fn about_demands(self) -> bool {
        matches!(
            self,
            Self::Demand
                | Self::Demands
                | Self::MyDemands
                | Self::Sign
                | Self::Retire
                | Self::Confirm
                | Self::Leader
                | Self::Relay
                | Self::Commitment
                | Self::Kept
                | Self::Alerts
                | Self::Acta
        )
    }
}
