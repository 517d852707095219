//! Broadcasts and what a message is on each channel as the console works with them, made safe straight after they were
//! read.

use cabildo_staff_api as wire;
use uuid::Uuid;

use crate::data::Person;
use crate::safe::{Code, SafeText};

/// An optional line.
fn line(it: Option<&String>) -> Option<SafeText> {
    it.map(|it| SafeText::line(it))
}

/// A text as it goes back: what the screen says of it is not part of it.
pub(crate) fn text(it: &SafeText) -> String {
    it.unmarked().as_str().to_owned()
}

/// What a message is on one channel in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The language.
    pub language: SafeText,
    /// Id of the channel.
    pub channel: SafeText,
    /// `sms`, `telegram` or `ussd`.
    pub kind: Code,
    /// `gsm7`, `ucs2` or `utf8`.
    pub encoding: Code,
    /// Its length in units of that encoding.
    pub units: u64,
    /// Its length in bytes as it is sent.
    pub bytes: u64,
    /// SMS segments.
    pub segments: u64,
    /// The first character that makes it dearer.
    pub offending: Option<SafeText>,
    /// What one message costs, thousandths of the currency's unit.
    pub price: i64,
    /// The text as it is sent.
    pub text: SafeText,
}

impl Preview {
    /// That of a card.
    pub(crate) fn of_card(language: &str, it: &wire::act::PreviewChannel) -> Self {
        let bytes = match it.encoding.as_str() {
            "gsm7" => (it.units * 7).div_ceil(8),
            "ucs2" => it.units * 2,
            _ => it.text.len() as u64,
        };
        Self {
            language: SafeText::line(language),
            channel: SafeText::line(&it.channel),
            kind: Code::new(&it.kind),
            encoding: Code::new(&it.encoding),
            units: it.units,
            bytes,
            segments: it.segments,
            offending: line(it.first_offending.as_ref()),
            price: it.price,
            text: SafeText::new(&it.text),
        }
    }
}

impl From<&wire::broadcast::BroadcastPreview> for Preview {
    fn from(it: &wire::broadcast::BroadcastPreview) -> Self {
        Self {
            language: SafeText::line(&it.language),
            channel: SafeText::line(&it.channel),
            kind: Code::new(&it.kind),
            encoding: Code::new(&it.encoding),
            units: it.units,
            bytes: it.bytes,
            segments: it.segments,
            offending: line(it.first_offending.as_ref()),
            price: it.price,
            text: SafeText::new(&it.text),
        }
    }
}

/// How many people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// The number.
    pub count: u64,
    /// Whether it is the very number.
    pub exact: bool,
    /// Whether there are fewer than eleven.
    pub few: bool,
}

/// A broadcast as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroadcastRow {
    /// Its id.
    pub id: Uuid,
    /// What staff calls it.
    pub title: SafeText,
    /// Code of the state.
    pub state: Code,
    /// Counts the changes.
    pub version: i64,
    /// Who began it.
    pub author: Person,
    /// Whether it corrects another one.
    pub correction: bool,
    /// Not before this, Unix ms.
    pub send_at: Option<i64>,
    /// Approvals, and those that it needs.
    pub approvals: (u64, u64),
    /// How many it is for.
    pub people: People,
    /// When it changed last, Unix ms.
    pub updated_at: i64,
}

impl From<wire::broadcast::BroadcastRow> for BroadcastRow {
    fn from(it: wire::broadcast::BroadcastRow) -> Self {
        Self {
            id: it.id,
            title: SafeText::line(&it.title),
            state: Code::new(&it.state),
            version: it.version,
            author: it.author.into(),
            correction: it.correction_of.is_some(),
            send_at: it.send_at,
            approvals: (it.approvals, it.approvals_needed),
            people: People { count: it.people.count, exact: it.people.exact, few: it.people.few },
            updated_at: it.updated_at,
        }
    }
}

/// Whom a broadcast is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// `country`, `state:12` or `municipality:12066`.
    pub places: Vec<SafeText>,
    /// Those that are like this municipality (official key).
    pub peers_of: Option<SafeText>,
    /// Who asked for news of this topic.
    pub topic: Option<SafeText>,
    /// Who uses this language.
    pub language: Option<SafeText>,
    /// Supporters of this demand.
    pub demand: Option<Uuid>,
}

/// What is written of a broadcast.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// What staff calls it.
    pub title: SafeText,
    /// Language and text.
    pub texts: Vec<(SafeText, SafeText)>,
    /// Whom it is for.
    pub audience: Audience,
    /// Ids of the channels.
    pub channels: Vec<SafeText>,
    /// Not before this, Unix ms.
    pub send_at: Option<i64>,
    /// What makes it sensitive.
    pub tags: Vec<Code>,
    /// The card that it tells of.
    pub highlight: Option<Uuid>,
}

impl Draft {
    /// The text in a language.
    pub fn text(&self, language: &str) -> SafeText {
        let found = self.texts.iter().find(|it| it.0.as_str() == language);
        found.map(|it| it.1.clone()).unwrap_or_default()
    }

    /// Not before this, where that is still to come: the service takes no instant that has passed, and it holds nothing
    /// back any more.
    pub fn ahead(&self, now: i64) -> Option<i64> {
        self.send_at.filter(|at| *at > now)
    }

    /// The same with another text in a language; an empty one takes it out.
    #[must_use]
    pub fn with_text(mut self, language: &str, text: SafeText) -> Self {
        match self.texts.iter().position(|it| it.0.as_str() == language) {
            Some(at) if text.is_empty() => {
                self.texts.remove(at);
            }
            Some(at) => self.texts[at].1 = text,
            None if text.is_empty() => {}
            None => self.texts.push((SafeText::line(language), text)),
        }
        self
    }
}

impl From<wire::broadcast::BroadcastDraft> for Draft {
    fn from(it: wire::broadcast::BroadcastDraft) -> Self {
        let audience = it.audience;
        Self {
            title: SafeText::line(&it.title),
            texts: it
                .texts
                .iter()
                .map(|it| (SafeText::line(&it.language), SafeText::new(&it.text)))
                .collect(),
            audience: Audience {
                places: audience.places.iter().map(|it| SafeText::line(it)).collect(),
                peers_of: line(audience.peers_of.as_ref()),
                topic: line(audience.topic.as_ref()),
                language: line(audience.language.as_ref()),
                demand: audience.demand,
            },
            channels: it.channels.iter().map(|it| SafeText::line(it)).collect(),
            send_at: it.send_at,
            tags: it.tags.iter().map(|it| Code::new(it)).collect(),
            highlight: it.highlight_id,
        }
    }
}

impl From<&Draft> for wire::broadcast::BroadcastDraft {
    fn from(it: &Draft) -> Self {
        let audience = &it.audience;
        let of = |(language, words): &(SafeText, SafeText)| wire::broadcast::BroadcastText {
            language: text(language),
            text: text(words),
        };
        Self {
            title: text(&it.title),
            texts: it.texts.iter().map(of).collect(),
            audience: wire::broadcast::BroadcastAudience {
                places: audience.places.iter().map(text).collect(),
                peers_of: audience.peers_of.as_ref().map(text),
                topic: audience.topic.as_ref().map(text),
                language: audience.language.as_ref().map(text),
                demand: audience.demand,
            },
            channels: it.channels.iter().map(text).collect(),
            send_at: it.send_at,
            tags: it.tags.iter().map(|it| it.as_str().to_owned()).collect(),
            highlight_id: it.highlight,
        }
    }
}

/// How far a broadcast is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Who was written down.
    pub people: u64,
    /// Nothing is queued for them yet.
    pub waiting: u64,
    /// Queued and not sent.
    pub queued: u64,
    /// A gateway took it, or may have.
    pub sent: u64,
    /// It could not be sent.
    pub failed: u64,
    /// Nothing goes to them.
    pub passed_over: u64,
    /// It was stopped before them.
    pub cancelled: u64,
}

/// A broadcast whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// What a list shows of it.
    pub row: BroadcastRow,
    /// What is written of it.
    pub draft: Draft,
    /// What an approval names.
    pub hash: SafeText,
    /// Who changed it.
    pub editors: Vec<Person>,
    /// Who let it go, and when (Unix ms).
    pub approvals: Vec<(Person, i64)>,
    /// Whether an approval names the number of people.
    pub type_people: bool,
    /// Municipalities that it reaches, by key.
    pub municipalities: Vec<SafeText>,
    /// What each message is.
    pub previews: Vec<Preview>,
    /// At most so much is spent, thousandths of the currency's unit.
    pub price: i64,
    /// The quiet hours, local.
    pub quiet: (u8, u8),
    /// What to look at.
    pub warnings: Vec<Code>,
    /// Why it was held or stopped.
    pub reason: Option<SafeText>,
    /// When sending may begin, Unix ms.
    pub begins_at: Option<i64>,
    /// How far it is.
    pub progress: Option<Progress>,
}

impl Broadcast {
    /// Whether it moves by itself at an instant: one that is approved begins at its own.
    pub fn runs(&self, now: i64) -> bool {
        match self.row.state.as_str() {
            "preparing" | "sending" => true,
            "approved" => self.begins_at.is_none_or(|it| it <= now),
            _ => false,
        }
    }
}

impl From<wire::broadcast::Broadcast> for Broadcast {
    fn from(it: wire::broadcast::Broadcast) -> Self {
        Self {
            row: it.row.into(),
            draft: it.draft.into(),
            hash: SafeText::line(&it.hash),
            editors: it.editors.into_iter().map(Person::from).collect(),
            approvals: it.approvals.into_iter().map(|it| (it.by.into(), it.at)).collect(),
            type_people: it.type_people,
            municipalities: it.municipalities.iter().map(|it| SafeText::line(it)).collect(),
            previews: it.previews.iter().map(Preview::from).collect(),
            price: it.price,
            quiet: it.quiet,
            warnings: it.warnings.iter().map(|it| Code::new(it)).collect(),
            reason: line(it.reason.as_ref()),
            begins_at: it.begins_at,
            progress: it.progress.map(|it| Progress {
                people: it.people,
                waiting: it.waiting,
                queued: it.queued,
                sent: it.sent,
                failed: it.failed,
                passed_over: it.passed_over,
                cancelled: it.cancelled,
            }),
        }
    }
}
