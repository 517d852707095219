//! What broadcasts ask of more than the store: whom they reach, who may still let them go, and whether it is a time
//! in which nothing goes to many.

use uuid::Uuid;

use super::Service;
use crate::channels::gateway::Gateway;
use crate::channels::render::{self, Rendered};
use crate::domain::broadcast::audience::municipalities;
use crate::domain::broadcast::{Draft, reaches, veda};
use crate::domain::channel::ChannelKind;
use crate::domain::highlight::card::stands;
use crate::domain::staff::{Act, Scope};
use crate::domain::time::UnixMillis;
use crate::store::broadcasts::{Broadcast, campaign};
use crate::store::staff::AccountState;
use crate::store::{Error, budgets};

impl Service {
    /// How many people a broadcast is for, at most: a language is asked for when they are written down.
    pub(crate) async fn count_audience(&self, draft: &Draft, areas: &[Scope]) -> Result<u64, Error> {
        if let Some(id) = draft.correction_of {
            return Ok(self.store.get_broadcast(id).await?.progress.sent);
        }
        if let Some(id) = draft.audience.demand {
            return self.store.count_reachable_supporters(id).await;
        }
        let keys = municipalities(&self.facts.load(), areas);
        self.store.count_askers(&keys, draft.audience.topic.as_deref()).await
    }

    /// Who let it go as it is and may still do so everywhere that it goes.
    pub(crate) async fn valid_approvers(&self, it: &Broadcast) -> Result<Vec<Uuid>, Error> {
        let mut valid = Vec::new();
        for approval in self.store.list_broadcast_approvals(it.id).await? {
            let account = self.store.find_account(approval.staff_id).await?;
            let may = account.is_some_and(|who| {
                who.state == AccountState::Active && reaches(&who.staff(), Act::Approve, &it.areas)
            });
            if may && approval.hash == it.hash {
                valid.push(approval.staff_id);
            }
        }
        Ok(valid)
    }

    /// Whether a published card says what the figures in use do not say any more.
    pub(crate) fn outdated(&self, card_id: Uuid) -> bool {
        self.cards.load().by_id(card_id).is_some_and(|it| !stands(&self.facts.load(), it))
    }

    /// Whether it is a time in which nothing may go to many in one of these areas.
    pub(crate) fn silent(&self, areas: &[Scope], at: UnixMillis) -> bool {
        let zone = self.facts.load().manifest.pack.time_zone.clone();
        veda::silent(&self.broadcasts.vedas(&zone), areas, at)
    }

    /// Whether all is spent that one broadcast may cost.
    pub(crate) async fn broadcast_spent(&self, id: Uuid) -> Result<bool, Error> {
        let cap = self.sending.caps(&self.facts.load(), self.clock.now()).campaign_money;
        if cap == 0 {
            return Ok(false);
        }
        // It runs over all days.
        Ok(self.store.used_budget(&budgets::campaign(&campaign(id)), 0).await? >= cap)
    }

    /// A broadcast's text in the words of a channel; `None` where there is no text, or it is too long.
    pub(crate) fn broadcast_words(
        &self,
        draft: &Draft,
        channel_id: &str,
        locale: Option<&str>,
        test: bool,
    ) -> Option<Rendered> {
        let facts = self.facts.load();
        let default = facts.manifest.pack.locale.as_str();
        // Without a text in her language she reads that of the country, its way out included.
        let locale = locale.filter(|it| draft.texts.contains_key(*it)).unwrap_or(default);
        let text = draft.text(Some(locale), default)?;
        let channel = self.gateways.get(channel_id).map_or(ChannelKind::Sms, Gateway::kind);
        let setting = render::Setting { facts: &facts, locale, channel, service: &self.name };
        let mut rendered = render::broadcast(text, test, setting)?;
        let cards = self.cards.load();
        if channel == ChannelKind::Telegram
            && let Some(card) = draft.highlight_id.and_then(|id| cards.by_id(id))
        {
            rendered.picture = render::highlight_picture(card, setting);
        }
        Some(rendered)
    }
}
