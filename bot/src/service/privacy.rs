//! What stands between the dialogue and the store where a person's own data are told of.

use uuid::Uuid;

use super::{Opened, Service, links};
use crate::channels::render;
use crate::domain::channel::ChannelKind;
use crate::domain::facts::Facts;
use crate::domain::privacy::{Deadlines, ERASE_AFTER, ERASE_WITHIN, Right};
use crate::domain::time::UnixMillis;
use crate::engine::privacy::{KeptFacts, Needed, PrivacyEffect, PrivacyFacts, PrivacyReply, Proof, needed};
use crate::engine::reply::Reply;
use crate::store::inbox::Change;
use crate::store::outbox::NewReply;
use crate::store::{Error, privacy};

impl Service {
    /// What the dialogue can't know by itself of a person's data; `None` for a message that needs none of
    /// it, which costs nothing. Without a channel's id it is the contact's.
    pub(crate) async fn privacy_facts(
        &self,
        contact: Option<Uuid>,
        channel_id: Option<&str>,
        opened: &Opened,
        text: &str,
    ) -> Result<Option<PrivacyFacts>, Error> {
        let Some(Needed { right, code }) = needed(&opened.conversation, text) else { return Ok(None) };
        let now = self.clock.now();
        let code = code.map(|it| it.0);
        let standing = self.store.check_privacy_code(contact, code.as_deref(), now).await?;
        let (kept, open, requested) = match contact {
            Some(contact) => (
                self.store.kept_of(contact, self.retention.limits(now).closed).await?,
                self.store.open_folios(contact).await?,
                self.store.find_open_request(contact, right).await?,
            ),
            None => (privacy::Kept { since: now.0, ..privacy::Kept::default() }, Default::default(), None),
        };
        let can_push = match (channel_id, contact) {
            (Some(id), _) => self.gateways.contains_key(id),
            (None, Some(contact)) => {
                self.gateways.contains_key(&self.store.get_contact(contact).await?.channel_id)
            }
            (None, None) => false,
        };
        Ok(Some(PrivacyFacts {
            fresh: links::draw()?,
            can_push,
            telegram: self.gateways.values().any(|it| it.kind() == ChannelKind::Telegram),
            proof: match standing.right {
                _ if standing.too_many => Proof::TooMany,
                None => Proof::None,
                // One that was sent for something else opens nothing here.
                Some(fits) if fits && standing.waits == Some(right) => Proof::Right,
                Some(_) => Proof::Wrong,
            },
            waits: standing.waits,
            may_give: standing.may_give,
            kept: kept_facts(&kept, self.retention.limits(now).silent),
            open,
            requested: requested.map(|it| match right {
                // The day that she was told, and not one that is over since a case was open.
                Right::Erasure => UnixMillis(it.received_at).plus(ERASE_WITHIN).max(now.plus(ERASE_AFTER)),
                _ => UnixMillis(it.due_at),
            }),
            deadlines: self.deadlines(opened.conversation.place(now).unwrap_or_default(), now),
            erased_by: now.plus(ERASE_WITHIN),
        }))
    }

    /// The terms of a request of a person of this municipality (empty: not known).
    fn deadlines(&self, municipality: &str, now: UnixMillis) -> Deadlines {
        let facts = self.facts.load();
        let zone = facts
            .by_key(municipality)
            .map_or(facts.manifest.pack.time_zone.as_str(), |id| facts.municipality(id).time_zone.as_str());
        Deadlines::new(&self.desk.load().working_days(municipality, zone, now), now)
    }

    /// An effect as the store takes it: codes hashed, the message that brings one in words.
    pub(super) fn privacy_change(
        &self,
        effect: PrivacyEffect,
        channel: ChannelKind,
        facts: &Facts,
    ) -> Result<Change, Error> {
        let now = self.clock.now();
        Ok(Change::Privacy(Box::new(match effect {
            PrivacyEffect::CodeSent { right, code, locale } => {
                let key = self.store.privacy_hash(right, &code.0)?;
                let locale = locale.as_deref().unwrap_or(&facts.manifest.pack.locale);
                let setting = render::Setting { facts, locale, channel, service: &self.name };
                let reply = Reply::Privacy(PrivacyReply::Code { right, code: code.0 });
                let told = NewReply { id: self.ids.id(now), rendered: render::render(&reply, setting) };
                privacy::Change::CodeSent { right, key, told }
            }
            PrivacyEffect::CodeWrong => privacy::Change::CodeWrong,
            PrivacyEffect::CodeUsed => privacy::Change::CodeUsed,
            PrivacyEffect::Asked { right, text, municipality, locale } => {
                let municipality = municipality.unwrap_or_default();
                privacy::Change::Asked(privacy::NewRequest {
                    id: self.ids.id(now),
                    right,
                    channel: channel.code(),
                    deadlines: self.deadlines(&municipality, now),
                    municipality,
                    locale,
                    text: text.0,
                    answered: right == Right::Access,
                    erase_at: (right == Right::Erasure).then(|| now.plus(ERASE_AFTER)),
                })
            }
        })))
    }
}

/// Without a case that keeps them, messages from before `silent` are emptied.
fn kept_facts(kept: &privacy::Kept, silent: UnixMillis) -> KeptFacts {
    let count = |it: i64| u32::try_from(it).unwrap_or(u32::MAX);
    let consent = u16::try_from(kept.consent).ok().filter(|it| *it > 0);
    KeptFacts {
        since: if kept.held { UnixMillis(kept.since) } else { UnixMillis(kept.since).max(silent) },
        contacts: count(kept.contacts),
        answers: count(kept.answers),
        cases: (count(kept.cases), count(kept.open)),
        feedback: count(kept.feedback),
        demands: (count(kept.demands), count(kept.signed), count(kept.alerts)),
        consent: consent.zip(kept.consent_at.map(UnixMillis)),
        stopped: kept.stopped_at.is_some(),
    }
}
