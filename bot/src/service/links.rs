//! What stands between the dialogue and the store where contacts are joined.

use uuid::Uuid;

use super::Service;
use crate::channels::render;
use crate::domain::channel::ChannelKind;
use crate::domain::facts::Facts;
use crate::engine::link::{Asked, Code, DIGITS, LinkEffect, LinkFacts, LinkReply, asked};
use crate::engine::reply::Reply;
use crate::ids;
use crate::store::inbox::Change;
use crate::store::outbox::NewReply;
use crate::store::{Error, links};

impl Service {
    /// What the dialogue can't know by itself of a text that begins with `VINCULA`; `None` for every
    /// other text, which costs nothing.
    pub(crate) async fn link_facts(
        &self,
        contact: Option<Uuid>,
        channel: ChannelKind,
        text: &str,
    ) -> Result<Option<LinkFacts>, Error> {
        // A menu session shows its screens to whoever holds the phone for a moment.
        let Some(asked) = asked(text).filter(|_| channel != ChannelKind::Ussd) else { return Ok(None) };
        let now = self.clock.now();
        let checked = match &asked {
            Asked::Use(code) => Some(self.store.check_link(contact, channel, &code.0, now).await?),
            _ => None,
        };
        let linked = match contact {
            Some(contact) if asked == Asked::Part => self.store.linked(contact).await?,
            _ => false,
        };
        Ok(Some(LinkFacts { fresh: draw()?, linked, checked }))
    }

    /// An effect as the store takes it: codes hashed, the other side's text in words.
    pub(super) fn link_change(
        &self,
        effect: LinkEffect,
        channel: ChannelKind,
        facts: &Facts,
    ) -> Result<Change, Error> {
        let now = self.clock.now();
        let hash = |code: &Code| self.store.link_hash(&code.0);
        let given = |code: &Code, locale| {
            Ok::<_, Error>(links::Given { id: self.ids.id(now), key: hash(code)?, channel, locale })
        };
        Ok(Change::Link(Box::new(match effect {
            LinkEffect::Given { code, locale } => links::Change::Given(given(&code, locale)?),
            LinkEffect::SentBack { used, code, locale } => {
                links::Change::SentBack { used: hash(&used)?, given: given(&code, locale)? }
            }
            LinkEffect::Wrong => links::Change::Wrong,
            LinkEffect::Used { code } => links::Change::Used(hash(&code)?),
            LinkEffect::Confirmed { from, locale } => {
                let locale = locale.as_deref().unwrap_or(&facts.manifest.pack.locale);
                let setting = render::Setting { facts, locale, channel: from, service: &self.name };
                let rendered = render::render(&Reply::Link(LinkReply::Told), setting);
                let told = NewReply { id: self.ids.id(now), rendered };
                links::Change::Confirmed { person: self.ids.id(now), told }
            }
            LinkEffect::Declined => links::Change::Declined,
            LinkEffect::Parted => links::Change::Parted,
        })))
    }
}

/// Six random digits. The remainder of 64 bits favours none of them by more than one in 10^13.
pub(super) fn draw() -> Result<Code, Error> {
    let bytes = ids::random_bytes::<8>()
        .map_err(|problem| Error::Unavailable(format!("no random bytes: {problem}")))?;
    Ok(Code(format!("{:0width$}", u64::from_be_bytes(bytes) % 1_000_000, width = DIGITS)))
}
