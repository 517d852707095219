//! What stands between the dialogue and the store where demands are written, supported and told of.

use std::sync::Arc;

use uuid::Uuid;

use super::Service;
use super::cases::Opened;
use crate::channels::render;
use crate::domain::channel::ChannelKind;
use crate::domain::demand::Code;
use crate::domain::phone::normalise;
use crate::domain::time::{MINUTE, UnixMillis};
use crate::engine::demands::{
    ALERTS_VERSION, DemandEffect, DemandFacts, DemandReply, Known, Need, ProofFacts, ProvenAct, RelayFacts,
    bound, needed, written,
};
use crate::engine::link::Code as Digits;
use crate::engine::privacy::Proof;
use crate::engine::reply::Reply;
use crate::ids;
use crate::store::inbox::Change;
use crate::store::outbox::NewReply;
use crate::store::{Error, demands, privacy};

/// Demands that are read again at once.
const PAGE: u32 = 500;
/// How far back it is read again what changed, since commits of other processes may come late.
const OVERLAP: i64 = MINUTE;
/// Codes of others that somebody may ask for in a day.
const RELAYS: i64 = 20;
/// Codes that are drawn before one that is free is given up.
const DRAWS: usize = 64;

impl Service {
    /// Reads the public demands again that changed since they were read last.
    pub async fn refresh_demands(&self) -> Result<(), Error> {
        let mut last = self.demands_read.lock().await;
        let mut after = (last.map_or(UnixMillis(i64::MIN), |it| it.plus(-OVERLAP)), Uuid::nil());
        loop {
            let changed = self.store.list_touched_demands(after, PAGE).await?;
            let Some((at, demand)) = changed.last() else { return Ok(()) };
            after = (*at, demand.id);
            *last = Some(last.map_or(*at, |it| it.max(*at)));
            let full = changed.len() < PAGE as usize;
            let demands: Vec<_> = changed.into_iter().map(|it| it.1).collect();
            let known = self.demands.load_full();
            // Of what is read again most did not change.
            let differs = |it: &demands::Demand| match known.find(it.code) {
                Some(known) => known != it,
                None => it.state.public() && !it.state.over(),
            };
            if demands.iter().any(differs) {
                self.demands.store(Arc::new(known.with(demands)));
            }
            if full {
                return Ok(());
            }
        }
    }

    /// What the dialogue can't know by itself of demands. An ordinary message costs nothing: it gets what is
    /// remembered of the public ones.
    pub(crate) async fn known_demands(
        &self,
        contact: Option<Uuid>,
        opened: &Opened,
        text: &str,
        payload: Option<&str>,
    ) -> Result<Known, Error> {
        let now = self.clock.now();
        let conversation = &opened.conversation;
        let open = self.demands.load_full();
        let Some(need) = needed(conversation, text, payload, &open, now) else {
            return Ok(Known { open, facts: None });
        };
        if need.merge_only {
            let asked = match contact {
                Some(contact) => self.store.find_asked_merge(contact, now).await?,
                None => None,
            };
            let Some(asked) = asked else { return Ok(Known { open, facts: None }) };
            let mine = demands::Mine { asked: Some(asked), ..demands::Mine::default() };
            let relay = RelayFacts { fresh: super::links::draw()?, may_send: false, right: None };
            let proof = self.proof_facts(contact, None, now).await?;
            return Ok(Known {
                open,
                facts: Some(DemandFacts { fresh: None, named: None, mine, relay, proof }),
            });
        }
        let named = match need.code {
            Some(code) => self.store.find_named_demand(code, contact).await?,
            None => None,
        };
        let mine = match contact {
            Some(contact) => self.store.demand_facts(contact, now).await?,
            None => demands::Mine::default(),
        };
        // Only who has a draft may open one now.
        let fresh = if conversation.demand.is_some() { self.draw_code(now).await? } else { None };
        let relay = self.relay_facts(contact, &need, now).await?;
        let ends =
            named.as_ref().is_some_and(|it| it.own && it.demand.state.public()) || mine.asked.is_some();
        let proof = if ends {
            self.proof_facts(contact, written(conversation, text).as_deref(), now).await?
        } else {
            None
        };
        Ok(Known { open, facts: Some(DemandFacts { fresh, named, mine, relay, proof }) })
    }

    /// What is known of writing for somebody.
    async fn relay_facts(
        &self,
        contact: Option<Uuid>,
        need: &Need,
        now: UnixMillis,
    ) -> Result<RelayFacts, Error> {
        let code = need.relay.as_ref();
        let (right, asked) = match contact.filter(|_| code.is_some() || need.asks_relay) {
            Some(contact) => self.store.check_relay(contact, code.map(|it| it.0.as_str()), now).await?,
            None => (false, 0),
        };
        let may_send = asked < RELAYS && self.relay_channel().is_some();
        Ok(RelayFacts { fresh: super::links::draw()?, may_send, right: code.map(|_| right) })
    }

    /// How an author stands with the code that proves her number.
    async fn proof_facts(
        &self,
        contact: Option<Uuid>,
        code: Option<&str>,
        now: UnixMillis,
    ) -> Result<Option<ProofFacts>, Error> {
        let Some(contact) = contact else { return Ok(None) };
        let standing = self.store.check_demand_code(contact, code, now).await?;
        let channel_id = self.store.get_contact(contact).await?.channel_id;
        Ok(Some(ProofFacts {
            fresh: standing.may_give.then(super::links::draw).transpose()?,
            can_push: self.gateways.contains_key(&channel_id),
            telegram: self.gateways.values().any(|it| it.kind() == ChannelKind::Telegram),
            proof: match standing.right {
                _ if standing.too_many => Proof::TooMany,
                None => Proof::None,
                Some(true) => Proof::Right,
                Some(false) => Proof::Wrong,
            },
            waits: standing.waits,
        }))
    }

    /// A code goes to the number of an author.
    fn prove(
        &self,
        code: Code,
        act: ProvenAct,
        digits: Digits,
        locale: Option<&str>,
    ) -> Result<Change, Error> {
        let facts = self.facts.load();
        let key = self.store.demand_code_hash(&bound(code, act, &digits))?;
        let locale = locale.unwrap_or(&facts.manifest.pack.locale);
        let setting =
            render::Setting { facts: &facts, locale, channel: ChannelKind::Sms, service: &self.name };
        let reply = Reply::Demand(Box::new(DemandReply::Prove { code, act, digits }));
        let told = NewReply { id: self.ids.id(self.clock.now()), rendered: render::render(&reply, setting) };
        Ok(Change::Privacy(Box::new(privacy::Change::DemandCodeSent { key, told })))
    }

    /// The channel by which a number is reached that did not write.
    fn relay_channel(&self) -> Option<String> {
        let sms = self.gateways.iter().filter(|it| it.1.kind() == ChannelKind::Sms);
        sms.map(|it| it.0.clone()).min()
    }

    fn relay_ask(&self, number: &str, code: &Digits) -> Result<demands::Change, Error> {
        let facts = self.facts.load();
        let refused = || Error::Refused("relay_number");
        let address = normalise(number, &facts.manifest.pack.country).ok_or_else(refused)?;
        let channel_id = self.relay_channel().ok_or_else(refused)?;
        let locale = facts.manifest.pack.locale.as_str();
        let setting =
            render::Setting { facts: &facts, locale, channel: ChannelKind::Sms, service: &self.name };
        let reply = Reply::Demand(Box::new(DemandReply::RelayCode { code: code.clone() }));
        let now = self.clock.now();
        Ok(demands::Change::RelayAsked(Box::new(demands::RelayAsk {
            ids: [self.ids.id(now), self.ids.id(now), self.ids.id(now)],
            key: self.store.relay_key(&code.0)?,
            channel_id,
            address,
            rendered: render::render(&reply, setting),
        })))
    }

    /// A code that is free.
    pub(crate) async fn draw_code(&self, now: UnixMillis) -> Result<Option<Code>, Error> {
        for _ in 0..DRAWS {
            let random = ids::random_bytes::<8>()
                .map_err(|problem| Error::Unavailable(format!("no random bytes: {problem}")))?;
            if let Some(code) = self.free_code(random, now).await? {
                return Ok(Some(code));
            }
        }
        tracing::error!("no code of a demand is free: the old ones must end first");
        Ok(None)
    }

    /// The code that random bytes make, where it is free, and no number to call in need: who signs "911" would be told
    /// to call it.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn free_code(&self, random: [u8; 8], now: UnixMillis) -> Result<Option<Code>, Error> {
        let code = self.store.draw_demand_code(random, now).await?;
        let desk = self.desk.load();
        Ok(code.filter(|it| desk.urgent(&[it.to_string()]).is_none()))
    }

    /// An effect as the store takes it.
    pub(super) fn demand_change(&self, effect: DemandEffect) -> Result<Change, Error> {
        use demands::Change as It;
        let key = |code: Option<Digits>| code.map(|it| self.store.relay_key(&it.0)).transpose();
        let effect = match effect {
            DemandEffect::CodeSent { code, act, digits, locale } => {
                return self.prove(code, act, digits, locale.as_deref());
            }
            DemandEffect::CodeWrong => return Ok(Change::Privacy(Box::new(privacy::Change::CodeWrong))),
            DemandEffect::CodeUsed => return Ok(Change::Privacy(Box::new(privacy::Change::CodeUsed))),
            effect => effect,
        };
        Ok(Change::Demand(Box::new(match effect {
            DemandEffect::Opened(it) => {
                let office = self
                    .desk
                    .load()
                    .category_of_topic(&it.municipality, &it.topic)
                    .map(|it| it.office.clone());
                let new = demands::NewDemand {
                    id: self.ids.id(self.clock.now()),
                    code: it.code,
                    municipality: it.municipality,
                    topic: it.topic,
                    office,
                    text: it.text.0,
                    threshold: it.threshold,
                };
                It::Opened(Box::new(new), key(it.for_code)?)
            }
            DemandEffect::RelayAsked { number, code } => self.relay_ask(&number.0, &code)?,
            DemandEffect::RelayedReport { code, joined } => {
                It::RelayedReport { key: self.store.relay_key(&code.0)?, joined }
            }
            DemandEffect::Confirmed { demand_id, home } => It::Confirmed { demand_id, home },
            DemandEffect::Signed { demand_id, home, for_code } => {
                It::Signed { demand_id, home, for_code: key(for_code)? }
            }
            DemandEffect::Retired { demand_id } => It::Retired { demand_id },
            DemandEffect::Withdrawn { demand_id } => It::Withdrawn { demand_id },
            DemandEffect::Written { demand_id, text } => It::Written { demand_id, text: text.0 },
            DemandEffect::MergeAnswered { merge_id, yes } => It::MergeAnswered { merge_id, yes },
            DemandEffect::MergeDropped { merge_id } => It::MergeDropped { merge_id },
            DemandEffect::Voted { demand_id, vote } => It::Voted { demand_id, vote },
            DemandEffect::Muted { demand_id } => It::Muted { demand_id },
            DemandEffect::Pictured { demand_id } => It::Pictured { demand_id },
            DemandEffect::Leading { municipality, words } => It::Leading { municipality, words: words.0 },
            DemandEffect::Subscribed { kind, topic, municipality } => {
                It::Subscribed { kind, topic, municipality, consent: ALERTS_VERSION }
            }
            DemandEffect::Unsubscribed { kind, topic } => It::Unsubscribed { kind, topic },
            DemandEffect::Tried
            | DemandEffect::CodeSent { .. }
            | DemandEffect::CodeWrong
            | DemandEffect::CodeUsed => It::Tried,
        })))
    }
}
