//! `ACTA 317` under a photo: the list of an assembly, for staff to enter.

use super::{DemandEffect, DemandReply, code_in};
use crate::domain::channel::ChannelKind;
use crate::domain::demand::Leadership;
use crate::engine::Turn;

impl Turn<'_> {
    /// Takes the photo that comes with the message. A list names people, so only its author and leaders that staff
    /// verified send one; the dialogue does not see the photo, and says so.
    pub(super) fn acta(&mut self, rest: &[String]) {
        let Some(code) = code_in(rest) else { return self.demand_reply(DemandReply::NeedsCode) };
        let Some(named) = self.named(code) else { return self.demand_reply(DemandReply::Unknown { code }) };
        if !self.can_be_signed(named) {
            return;
        }
        let leads = self.demand_facts().is_some_and(|it| it.mine.leadership == Some(Leadership::Verified));
        if !named.own && !leads {
            return self.demand_reply(DemandReply::ActaNotYours { code });
        }
        if self.inbound.channel != ChannelKind::Telegram {
            return self.demand_reply(DemandReply::ActaByTelegram { code });
        }
        let demand_id = named.root.as_ref().unwrap_or(&named.demand).id;
        self.demand_reply(DemandReply::ActaSent { code });
        self.demand_effect(DemandEffect::Pictured { demand_id });
    }
}
