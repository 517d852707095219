//! Cards about what worked, in the dialogue: `VER`, `VER 12`, whether one helped.
//!
//! The published ones are remembered in [`Cards`], so that reading them asks nothing of the store. What a person says
//! of one goes out as [`HighlightEffect`].

mod cards;
mod reply;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::conversation::{Pending, QUESTION_WAITS, Question, View};
use super::keywords::Keyword;
use super::reply::{Practice, Reply};
use super::{Effect, Turn};
use crate::domain::benchmark::benchmark;
use crate::domain::channel::ChannelKind;
use crate::domain::highlight::card::{Card, Helped, stands};
use crate::domain::municipality::MunicipalityId;
use crate::domain::peer_group::Family;
pub use cards::Cards;
pub use reply::{HighlightReply, Listed, Shown};

/// Cards on a page of a list.
const PAGE: usize = 4;

/// Something to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HighlightEffect {
    /// Somebody said whether a card helped.
    Judged {
        /// Which.
        highlight_id: Uuid,
        /// What.
        helped: Helped,
    },
}

/// A question about a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HighlightQuestion {
    /// Did it help?
    Helped {
        /// Which.
        highlight_id: Uuid,
        /// Its number.
        code: u32,
    },
}

/// A card as it is said.
pub fn shown(card: &Card) -> HighlightReply {
    HighlightReply::Show(Box::new(Shown::of(card)))
}

/// The number of a card behind the word.
pub(super) fn number(rest: &[String]) -> Option<u32> {
    let plain = |it: &String| it.len() <= 9 && it.bytes().all(|byte| byte.is_ascii_digit());
    rest.first().filter(|it| plain(it)).and_then(|it| it.parse().ok())
}

impl Turn<'_> {
    /// `VER`: those of municipalities like hers; `VER 12`: one of them.
    pub(super) fn see(&mut self, rest: &[String]) {
        if let Some(code) = number(rest) {
            return self.card(code);
        }
        self.show(View::Practices, None);
    }

    /// A card that everybody may read, as it was approved.
    fn standing(&self, code: u32) -> Option<&Card> {
        self.inbound.cards.find(code).filter(|it| stands(self.facts, it))
    }

    /// Those of a municipality.
    fn standing_in<'s>(&'s self, place: &'s str) -> impl Iterator<Item = &'s Card> {
        self.inbound.cards.of(place).filter(move |it| stands(self.facts, it))
    }

    fn card(&mut self, code: u32) {
        let Some(card) = self.standing(code).cloned() else {
            return self.reply(Reply::Highlight(HighlightReply::Unknown { code }));
        };
        self.reply(Reply::Highlight(shown(&card)));
        // A screen shows one text, and what was asked before goes on.
        let at = self.at();
        let waits = |it: &Pending| {
            at.since(it.at) <= QUESTION_WAITS && !matches!(it.question, Question::Highlight(_))
        };
        let other = self.next.pending.as_ref().is_some_and(waits);
        if self.inbound.channel != ChannelKind::Ussd && !other {
            self.replies.push(Reply::Highlight(HighlightReply::AskHelped));
            let question = HighlightQuestion::Helped { highlight_id: card.id, code };
            self.next.ask(Question::Highlight(question), self.inbound.at);
        }
    }

    /// Those of the municipalities like one, the nearest first; then of those that it is like.
    pub(super) fn practices(&mut self, id: MunicipalityId) {
        let facts = self.facts;
        let place = facts.municipality(id).key.clone();
        // Only those that have cards: whoever else is like it has nothing to show.
        let tellers = self.inbound.cards.municipalities().filter_map(|key| facts.by_key(key));
        let near = facts.peer_groups.similar(id, tellers);
        let near = near.iter().map(|it| facts.municipality(*it).key.as_str());
        let items: Vec<Listed> = near.flat_map(|key| self.standing_in(key)).map(Listed::of).collect();
        if items.is_empty() {
            return self.reply(Reply::Highlight(HighlightReply::None { place }));
        }
        let count = items.chunks(PAGE).len();
        let pages = items.chunks(PAGE).enumerate().map(|(page, items)| {
            let (place, items) = (place.clone(), items.to_vec());
            Reply::Highlight(HighlightReply::List { place, items, more: page + 1 < count })
        });
        self.pages(pages.collect());
    }

    /// The published practice of the best member of the group that has one, on the topic.
    pub(super) fn best_practice(&self, id: MunicipalityId, topic: &str, family: Family) -> Option<Practice> {
        if self.inbound.cards.is_empty() {
            return None;
        }
        let group = benchmark(self.facts, id, self.facts.topic(topic)?, family)?;
        // Those that do better.
        group.members.iter().take_while(|it| it.municipality != id).find_map(|member| {
            let key = self.facts.municipality(member.municipality).key.as_str();
            let card = self.standing_in(key).find(|it| it.topic == topic)?;
            Some(Practice { code: card.code, place: key.to_owned() })
        })
    }

    /// Takes the text as the answer to whether a card helped; `false` when it is none.
    pub(super) fn helped_answer(
        &mut self,
        question: &HighlightQuestion,
        digit: Option<usize>,
        keyword: Option<Keyword>,
    ) -> bool {
        let HighlightQuestion::Helped { highlight_id, code } = question;
        let helped = match (digit, keyword) {
            (Some(1), _) | (_, Some(Keyword::Yes)) => Helped::Yes,
            (Some(2), _) => Helped::Half,
            (Some(3), _) | (_, Some(Keyword::No)) => Helped::No,
            // Reserved words leave it waiting.
            (_, Some(_)) => return false,
            (_, None) => {
                self.next.pending = None;
                return false;
            }
        };
        self.next.pending = None;
        if self.inbound.cards.find(*code).is_none_or(|it| it.id != *highlight_id) {
            // It was withdrawn meanwhile: nothing is kept of it.
            self.reply(Reply::Highlight(HighlightReply::Unknown { code: *code }));
            return true;
        }
        self.reply(Reply::Highlight(HighlightReply::Thanks));
        self.effects.push(Effect::Highlight(HighlightEffect::Judged { highlight_id: *highlight_id, helped }));
        true
    }
}
