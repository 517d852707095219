//! `FIRMO`, `RETIRO`, `CONFIRMO`.

use super::{DemandEffect, DemandQuestion, DemandReply, ProvenAct, code_in};
use crate::domain::demand::rules::{Mover, TRIES, may_follow, missing};
use crate::domain::demand::{Code, Demand, DemandState, Named, Support};
use crate::engine::Turn;
use crate::engine::cases::Words;

/// The demand in whose total a support of this one is.
fn root(named: &Named) -> &Demand {
    named.root.as_ref().unwrap_or(&named.demand)
}

impl Turn<'_> {
    /// `FIRMO 123`, or alone after a figure: the title is shown first where it is not the person's
    /// municipality, or where no code was written.
    pub(super) fn sign(&mut self, rest: &[String]) {
        match code_in(rest) {
            Some(code) => self.ask_sign(code, false),
            None => match self.demand_facts().and_then(|it| it.named.as_ref()) {
                Some(named) => self.ask_sign(named.demand.code, true),
                None => self.demand_reply(DemandReply::NeedsCode),
            },
        }
    }

    /// Signs, or asks first.
    pub(super) fn ask_sign(&mut self, code: Code, always: bool) {
        let Some(named) = self.named(code) else { return self.demand_reply(DemandReply::Unknown { code }) };
        if !self.can_be_signed(named) {
            return;
        }
        let demand = root(named);
        if always
            || self.next.relay.is_some()
            || self.next.home.as_deref() != Some(demand.municipality.as_str())
        {
            let (place, text) = (demand.municipality.clone(), Words(demand.text.clone()));
            self.demand_reply(DemandReply::AskSign { code: demand.code, place, text });
            return self.ask_demand(DemandQuestion::Sign { code });
        }
        self.signed(code);
    }

    /// Whether a demand can be supported; says why not.
    pub(super) fn can_be_signed(&mut self, named: &Named) -> bool {
        let (demand, code) = (root(named), root(named).code);
        let state = demand.state;
        if state.signable() {
            return true;
        }
        self.demand_reply(match state {
            // Its author may know that it is not public yet; nobody else learns that it is there.
            DemandState::Confirming if named.own => DemandReply::Own { code },
            DemandState::Moderation if named.own => DemandReply::Moderated { code },
            DemandState::Answered | DemandState::Followed => DemandReply::Late { code },
            DemandState::Archived | DemandState::Expired => DemandReply::Over { code },
            _ => DemandReply::Unknown { code: named.demand.code },
        });
        false
    }

    /// Signs: what is said is the same whether she did before.
    pub(super) fn signed(&mut self, code: Code) {
        let Some(named) = self.named(code) else { return self.demand_reply(DemandReply::Unknown { code }) };
        if !self.can_be_signed(named) {
            return;
        }
        let Ok(for_code) = self.take_relay() else { return self.demand_reply(DemandReply::RelayWrong) };
        let demand = root(named);
        // With hers, whether it was told already or will be; of whom she signs for nobody says so either.
        let support = Support { phone: demand.told.phone + 1, ..demand.told };
        let merged = named.root.as_ref().map(|_| code);
        let (total, missing) = (support.total(), missing(demand.threshold, &support));
        // Only she whose support it is can take it back.
        let code = demand.code;
        self.demand_reply(if for_code.is_some() {
            DemandReply::SignedFor { code, total, missing }
        } else {
            DemandReply::Signed { code, merged, total, missing }
        });
        let home = self.next.home.clone();
        self.demand_effect(DemandEffect::Signed { demand_id: named.demand.id, home, for_code });
    }

    /// `RETIRO 123`.
    pub(super) fn retire(&mut self, rest: &[String]) {
        let Some(code) = code_in(rest) else { return self.demand_reply(DemandReply::NeedsCode) };
        let Some(named) = self.named(code) else { return self.demand_reply(DemandReply::Unknown { code }) };
        let state = named.demand.state;
        if named.own && matches!(state, DemandState::Confirming | DemandState::Moderation) {
            return self.withdrawn(code);
        }
        if named.own && state == DemandState::Collecting {
            self.demand_reply(DemandReply::AskWithdraw { code });
            return self.ask_demand(DemandQuestion::Withdraw { code });
        }
        self.retired(code);
    }

    /// Takes the support back: what is said is the same whether there was one.
    pub(super) fn retired(&mut self, code: Code) {
        let Some(named) = self.named(code) else { return self.demand_reply(DemandReply::Unknown { code }) };
        // Who confirmed a draft may take that back; to her, too, it is not there, as to everybody.
        if matches!(named.demand.state, DemandState::Confirming | DemandState::Moderation) {
            self.demand_reply(DemandReply::Unknown { code });
            return self.demand_effect(DemandEffect::Retired { demand_id: named.demand.id });
        }
        if !self.can_be_signed(named) {
            return;
        }
        let demand = root(named);
        let total = demand.told.total();
        self.demand_reply(DemandReply::Retired { code: demand.code, total });
        self.demand_effect(DemandEffect::Retired { demand_id: named.demand.id });
    }

    /// The author takes the whole demand back.
    pub(super) fn withdrawn(&mut self, code: Code) {
        let Some(named) = self.named(code).filter(|it| it.own) else {
            return self.demand_reply(DemandReply::Unknown { code });
        };
        // It may have had enough, or gone on in another one, since she was asked.
        if !may_follow(named.demand.state, DemandState::Withdrawn, Mover::Author) {
            return self.demand_reply(DemandReply::NotWithdrawn { code });
        }
        // What only three know of is gone by a word; what many signed, by her who holds the number.
        if !named.demand.state.public() || self.holds_number(code, ProvenAct::Withdraw) {
            self.withdraw_demand(code);
        }
    }

    /// Takes a demand back: it is its author who writes.
    pub(super) fn withdraw_demand(&mut self, code: Code) {
        let Some(named) = self.named(code).filter(|it| it.own) else {
            return self.demand_reply(DemandReply::Unknown { code });
        };
        if !may_follow(named.demand.state, DemandState::Withdrawn, Mover::Author) {
            return self.demand_reply(DemandReply::NotWithdrawn { code });
        }
        self.demand_reply(DemandReply::Withdrawn { code });
        self.demand_effect(DemandEffect::Withdrawn { demand_id: named.demand.id });
    }

    /// `CONFIRMO 123`: a draft of somebody else is shown to who has its code; who tries codes sees none.
    pub(super) fn confirm(&mut self, rest: &[String]) {
        let Some(code) = code_in(rest) else { return self.demand_reply(DemandReply::NeedsCode) };
        let tries = self.demand_facts().map_or(0, |it| it.mine.tries);
        if tries >= TRIES {
            return self.demand_reply(DemandReply::Tries);
        }
        let named = self.named(code);
        match named.map(|it| (it, it.demand.state)) {
            Some((named, DemandState::Confirming)) if named.own => {
                self.demand_reply(DemandReply::Own { code });
            }
            Some((named, DemandState::Confirming)) => {
                self.demand_reply(DemandReply::Confirmed { code, text: Words(named.demand.text.clone()) });
                let home = self.next.home.clone();
                self.demand_effect(DemandEffect::Confirmed { demand_id: named.demand.id, home });
            }
            // Who has its code may know that others confirmed it, whether she was one of them or not.
            Some((_, DemandState::Moderation)) => self.demand_reply(DemandReply::Moderated { code }),
            Some((_, state)) if state.public() => self.demand_reply(DemandReply::Public { code }),
            _ => {
                self.demand_reply(DemandReply::Unknown { code });
                self.demand_effect(DemandEffect::Tried);
            }
        }
    }
}
