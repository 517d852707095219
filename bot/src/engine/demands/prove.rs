//! What can't be taken back ends a public demand by a code that was sent to the number: who writes an SMS only
//! claims its number. A Telegram chat is the person.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{DemandEffect, DemandQuestion, DemandReply, Digits};
use crate::domain::channel::ChannelKind;
use crate::domain::demand::Code;
use crate::domain::fold::words;
use crate::engine::Turn;
use crate::engine::conversation::{Conversation, Question};
use crate::engine::link::DIGITS;
use crate::engine::privacy::{PrivacyReply, Proof};
use crate::engine::reply::Reply;

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvenAct {
    /// The whole demand is taken back.
    Withdraw,
    /// It goes on in another one.
    Merge {
        /// The merge.
        id: Uuid,
    },
}

/// How an author stands with the code that proves her number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFacts {
    /// Fresh random digits, for a code that is sent now; `None`: no other one may be sent today.
    pub fresh: Option<Digits>,
    /// Whether something can be sent to the number apart from the answer.
    pub can_push: bool,
    /// Whether she can write to the service on Telegram.
    pub telegram: bool,
    /// What the code is worth that was written.
    pub proof: Proof,
    /// Whether a code was sent that can still be used.
    pub waits: bool,
}

/// What is hashed of a code: it proves one act on one demand, and no other.
pub fn bound(code: Code, act: ProvenAct, digits: &Digits) -> String {
    match act {
        ProvenAct::Withdraw => format!("withdraw {code} {}", digits.0),
        ProvenAct::Merge { id } => format!("merge {id} {}", digits.0),
    }
}

/// The code that a text is, where one is asked for, bound to what it was asked for.
pub fn written(conversation: &Conversation, text: &str) -> Option<String> {
    let asked = conversation.pending.as_ref().map(|it| &it.question);
    let Some(Question::Demand(DemandQuestion::Prove { code, act })) = asked else { return None };
    let all = words(text).concat();
    let whole = all.len() == DIGITS && all.bytes().all(|it| it.is_ascii_digit());
    whole.then(|| bound(*code, *act, &Digits(all)))
}

impl Turn<'_> {
    /// Whether who writes is the person: a chat is. Else a code is sent to the number, and what it is for waits.
    pub(super) fn holds_number(&mut self, code: Code, act: ProvenAct) -> bool {
        if self.inbound.channel == ChannelKind::Telegram {
            return true;
        }
        let facts = self.demand_facts().and_then(|it| it.proof.clone());
        let telegram = facts.as_ref().is_some_and(|it| it.telegram);
        let sms = self.inbound.channel == ChannelKind::Sms;
        let Some(facts) = facts.filter(|it| it.can_push && sms) else {
            self.reply(Reply::Privacy(PrivacyReply::Elsewhere { telegram }));
            return false;
        };
        let question = DemandQuestion::Prove { code, act };
        let asked = self.next.pending.as_ref().map(|it| &it.question);
        if facts.waits && asked == Some(&Question::Demand(question.clone())) {
            self.reply(Reply::Privacy(PrivacyReply::CodeWaits));
            self.ask_demand(question);
        } else if let Some(digits) = facts.fresh {
            self.reply(Reply::Privacy(PrivacyReply::CodeSent));
            self.ask_demand(question);
            let locale = self.next.locale.clone();
            self.demand_effect(DemandEffect::CodeSent { code, act, digits, locale });
        } else {
            self.reply(Reply::Privacy(PrivacyReply::NoMoreCodes));
        }
        false
    }

    /// The code comes back.
    pub(super) fn prove_answer(&mut self, code: Code, act: ProvenAct) -> bool {
        self.next.pending = None;
        let Some(facts) = self.demand_facts().and_then(|it| it.proof.clone()) else { return false };
        match facts.proof {
            Proof::None => return false,
            Proof::Right => {
                self.demand_effect(DemandEffect::CodeUsed);
                match act {
                    ProvenAct::Withdraw => self.withdraw_demand(code),
                    ProvenAct::Merge { id } => self.merge_demand(id),
                }
            }
            Proof::TooMany => self.reply(Reply::Privacy(PrivacyReply::TooMany)),
            Proof::Wrong => {
                self.demand_reply(DemandReply::ProveWrong);
                self.demand_effect(DemandEffect::CodeWrong);
                // The right one may come still.
                if facts.waits {
                    self.ask_demand(DemandQuestion::Prove { code, act });
                }
            }
        }
        true
    }
}
