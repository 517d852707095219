//! `POR`: a verified leader writes for somebody, with the code that went to that number.
//!
//! What is done so counts as that person's own; both are kept for the audit, and the public sees one.

use serde::{Deserialize, Serialize};

use super::{DemandEffect, DemandReply, Digits};
use crate::domain::demand::Leadership;
use crate::domain::demand::rules::TRIES;
use crate::domain::time::{HOUR, UnixMillis};
use crate::engine::cases::{CaseEffect, Words};
use crate::engine::link::DIGITS;
use crate::engine::reply::Reply;
use crate::engine::{Effect, Turn};

/// How long a code serves after it was written, in ms.
const LASTS: i64 = HOUR;
/// How long somebody is told that it is over, before it is forgotten, in ms.
const FORGOTTEN: i64 = 2 * HOUR;

/// The code of somebody for whom the next act is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relay {
    /// The code.
    pub code: Digits,
    /// When it was written.
    pub at: UnixMillis,
}

/// The digits of some words, if they are nothing else.
fn digits(words: &[String]) -> Option<String> {
    let all = words.concat();
    all.bytes().all(|it| it.is_ascii_digit()).then_some(all)
}

/// The consent code in some words.
pub(super) fn code_in(words: &[String]) -> Option<Digits> {
    digits(words).filter(|it| it.len() == DIGITS).map(Digits)
}

impl Turn<'_> {
    /// `POR 7571234567` asks for somebody's code, `POR 482913` uses it.
    pub(super) fn relay(&mut self, rest: &[String]) {
        let Some(facts) = self.demand_facts() else { return };
        if facts.mine.leadership != Some(Leadership::Verified) {
            return self.demand_reply(DemandReply::RelayLeaders);
        }
        if let Some(code) = code_in(rest) {
            if facts.mine.tries >= TRIES {
                return self.demand_reply(DemandReply::Tries);
            }
            if facts.relay.right != Some(true) {
                self.demand_reply(DemandReply::RelayWrong);
                return self.demand_effect(DemandEffect::Tried);
            }
            let at = self.at();
            self.next.relay = Some(Relay { code, at });
            return self.demand_reply(DemandReply::RelayReady);
        }
        let Some(number) = digits(rest).filter(|it| (10..=15).contains(&it.len())) else {
            return self.demand_reply(DemandReply::RelayHow);
        };
        if !facts.relay.may_send {
            return self.demand_reply(DemandReply::RelayNot);
        }
        // Nothing says whether that number ever wrote.
        let code = facts.relay.fresh.clone();
        self.demand_reply(DemandReply::RelaySent);
        self.demand_effect(DemandEffect::RelayAsked { number: Words(number), code });
    }

    /// Whether what is written now is for somebody else.
    pub(super) fn relays(&self) -> bool {
        self.next.relay.as_ref().is_some_and(|it| self.at().since(it.at) <= LASTS)
    }

    /// The code that this act uses up; `Err`: it is over, and so nobody may write for that person. An act for
    /// somebody never becomes one of the leader.
    pub(super) fn take_relay(&mut self) -> Result<Option<Digits>, ()> {
        let now = self.at();
        let Some(it) = self.next.relay.take().filter(|it| now.since(it.at) <= FORGOTTEN) else {
            return Ok(None);
        };
        let right = self.demand_facts().is_some_and(|facts| facts.relay.right == Some(true));
        if now.since(it.at) <= LASTS && right { Ok(Some(it.code)) } else { Err(()) }
    }

    /// What was reported with a code was reported for whom it is.
    pub(in crate::engine) fn relay_report(&mut self) {
        let reports = |it: &Effect| match it {
            Effect::Case(CaseEffect::Opened(_)) => Some(None),
            Effect::Case(CaseEffect::Joined { case_id, .. }) => Some(Some(*case_id)),
            _ => None,
        };
        let Some(joined) = self.effects.iter().find_map(reports).filter(|_| self.next.relay.is_some()) else {
            return;
        };
        match self.take_relay() {
            Ok(Some(code)) => self.demand_effect(DemandEffect::RelayedReport { code, joined }),
            Ok(None) => {}
            Err(()) => self.replies.push(Reply::Demand(Box::new(DemandReply::RelayWrong))),
        }
    }
}
