//! What holds the dialogue back: floods, and more answers than a person needs.

use std::num::NonZeroU32;

use uuid::Uuid;

use super::Service;
use crate::channels::render::{self, Rendered};
use crate::domain::answer_limits::Turn;
use crate::domain::channel::ChannelKind;
use crate::engine;
use crate::engine::conversation::Conversation;
use crate::engine::reply::{Reply, Say};
use crate::flood::Flow;
use crate::store::Loaded;
use crate::store::inbox::{Charge, Outcome};
use crate::store::outbox::NewReply;

/// Messages of one contact in a minute that are answered one by one, unless it is configured.
pub(super) const FOLD_AFTER: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

impl Service {
    /// What becomes of a message of a contact (`None`: one that never wrote). Stop, start and help words
    /// are always heard.
    pub(crate) fn flow(&self, contact: Option<Uuid>, inbox_id: Uuid, text: &str) -> Flow {
        match contact {
            Some(contact) if !engine::always_heard(text) => self.flood.pass(contact, inbox_id),
            _ => Flow::Answer,
        }
    }

    /// Notes that a message was not kept under this id: no fold begins with it.
    pub(crate) fn not_kept(&self, contact: Option<Uuid>, inbox_id: Uuid) {
        if let Some(contact) = contact {
            self.flood.undo(contact, inbox_id);
        }
    }

    /// What a message leads to that is kept with a fold and not answered by the dialogue: the fold's
    /// reply where it begins the fold, else nothing.
    pub(super) fn folded(
        &self,
        inbox_id: Uuid,
        first: Uuid,
        loaded: &Loaded,
        message: &engine::Inbound,
    ) -> Outcome {
        let at = self.clock.now();
        let mut outcome = Outcome {
            state: String::new(),
            version: loaded.stored.version,
            changes: Vec::new(),
            replies: Vec::new(),
            at,
            counters: None,
            folded_into: Some(first),
        };
        if first == inbox_id {
            let state = loaded.stored.state.as_deref();
            let conversation = state.and_then(|it| serde_json::from_str::<Conversation>(it).ok());
            let locale = conversation.and_then(|it| it.locale);
            let rendered = self.fixed(Say::Folded, locale.as_deref(), message.channel);
            outcome.replies.push(NewReply { id: self.ids.id(at), rendered });
            self.limit(loaded, message, locale.as_deref(), &mut outcome);
        }
        self.metrics.folded();
        outcome
    }

    /// Counts the answer of an outcome, and takes it back where the contact had its share: one note,
    /// then silence until the hour or the day ends. What is asked of us by law and custom always has
    /// its answer.
    pub(super) fn limit(
        &self,
        loaded: &Loaded,
        message: &engine::Inbound,
        locale: Option<&str>,
        outcome: &mut Outcome,
    ) {
        if outcome.replies.is_empty() || engine::always_heard(&message.text) {
            return;
        }
        let (counters, turn) = loaded.counters.count(outcome.at, self.limits.answers);
        outcome.counters = Some(counters);
        match turn {
            Turn::Answer => {}
            Turn::Note => {
                let rendered = self.fixed(Say::Pause, locale, message.channel);
                outcome.replies = vec![NewReply { id: self.ids.id(outcome.at), rendered }];
            }
            Turn::Silence => outcome.replies.clear(),
        }
    }

    /// What the replies of an outcome cost that stand in an answer. Where the day's money is spent they
    /// are taken back: the message is kept, and nothing is said.
    pub(super) fn charge(&self, channel_id: &str, outcome: &mut Outcome) -> Option<Charge> {
        let price = |it: &NewReply| self.sending.answer_price(channel_id, it.rendered.segments);
        let amount: i64 = outcome.replies.iter().map(price).sum();
        if amount == 0 {
            return None;
        }
        if !self.sending.may_answer(amount) {
            outcome.replies.clear();
            return None;
        }
        Some(Charge { day: self.sending.caps(&self.facts.load(), outcome.at).day, amount })
    }

    /// A fixed text in a locale, else the pack's.
    fn fixed(&self, say: Say, locale: Option<&str>, channel: ChannelKind) -> Rendered {
        let facts = self.facts.load();
        let locale = locale.unwrap_or(&facts.manifest.pack.locale);
        let setting = render::Setting { facts: &facts, locale, channel, service: &self.name };
        render::render(&Reply::Say(say), setting)
    }
}
