//! Cards about what worked, broadcasts and the figures of charts as the console works with them, made safe straight
//! after they were read.

use cabildo_staff_api as wire;
use uuid::Uuid;

use crate::data::Person;
use crate::safe::{Code, SafeText};

/// An optional line.
fn line(it: Option<&String>) -> Option<SafeText> {
    it.map(|it| SafeText::line(it))
}

/// A text as it goes back: what the screen says of it is not part of it.
fn text(it: &SafeText) -> String {
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
    fn of_card(language: &str, it: &wire::act::PreviewChannel) -> Self {
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

/// A card as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HighlightRow {
    /// Its id.
    pub id: Uuid,
    /// The number by which people read it.
    pub code: SafeText,
    /// Code of the state.
    pub state: Code,
    /// Counts the changes.
    pub version: i64,
    /// Official key.
    pub municipality: Code,
    /// Its name.
    pub municipality_name: SafeText,
    /// Code of the theme.
    pub theme: Code,
    /// Topic whose figure moved.
    pub topic: Code,
    /// What it is called.
    pub title: SafeText,
    /// When it changed last, Unix ms.
    pub updated_at: i64,
}

impl From<wire::highlight::HighlightRow> for HighlightRow {
    fn from(it: wire::highlight::HighlightRow) -> Self {
        Self {
            id: it.id,
            code: SafeText::number(it.code),
            state: Code::new(&it.state),
            version: it.version,
            municipality: Code::new(&it.municipality),
            municipality_name: SafeText::line(&it.municipality_name),
            theme: Code::new(&it.theme),
            topic: Code::new(&it.topic),
            title: SafeText::line(&it.title),
            updated_at: it.updated_at,
        }
    }
}

/// The figure that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What it counts.
    pub label: SafeText,
    /// Its unit.
    pub unit: SafeText,
    /// The year before, and the figure.
    pub before: (i32, SafeText),
    /// The year after, and the figure.
    pub after: (i32, SafeText),
    /// The source.
    pub source: SafeText,
}

impl From<&wire::highlight::HighlightIndicator> for Moved {
    fn from(it: &wire::highlight::HighlightIndicator) -> Self {
        Self {
            label: SafeText::line(&it.label),
            unit: SafeText::line(&it.unit),
            before: (it.before_year, SafeText::line(&it.before)),
            after: (it.after_year, SafeText::line(&it.after)),
            source: SafeText::line(&it.source),
        }
    }
}

/// Who did something, and when (Unix ms).
pub type Sign = (Option<Person>, i64);

fn sign(it: wire::highlight::HighlightSign) -> Sign {
    (it.by.map(Person::from), it.at)
}

/// What is written of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardText {
    /// Code of the theme.
    pub theme: Code,
    /// What it is called.
    pub title: SafeText,
    /// What was done.
    pub done: SafeText,
    /// What it cost, in words.
    pub cost: SafeText,
    /// The office that can be asked.
    pub contact: SafeText,
    /// What went wrong or was learned.
    pub learned: SafeText,
    /// Links to evidence.
    pub evidence: Vec<SafeText>,
    /// Goal of sustainable development.
    pub sdg: Option<u8>,
}

impl From<wire::highlight::HighlightText> for CardText {
    fn from(it: wire::highlight::HighlightText) -> Self {
        Self {
            theme: Code::new(&it.theme),
            title: SafeText::line(&it.title),
            done: SafeText::new(&it.done),
            cost: SafeText::line(&it.cost),
            contact: SafeText::line(&it.contact),
            learned: SafeText::new(&it.learned),
            evidence: it.evidence.iter().map(|it| SafeText::line(it)).collect(),
            sdg: it.sdg,
        }
    }
}

impl From<&CardText> for wire::highlight::HighlightText {
    fn from(it: &CardText) -> Self {
        Self {
            theme: it.theme.as_str().to_owned(),
            title: text(&it.title),
            done: text(&it.done),
            cost: text(&it.cost),
            contact: text(&it.contact),
            learned: text(&it.learned),
            evidence: it.evidence.iter().map(text).collect(),
            sdg: it.sdg,
        }
    }
}

/// A municipality that took a practice over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// Its name.
    pub name: SafeText,
    /// The name of the one it learned it from.
    pub from: SafeText,
    /// Since when, ISO 8601.
    pub since: SafeText,
}

/// A card whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// What a list shows of it.
    pub row: HighlightRow,
    /// The figure that moved.
    pub figure: Option<Moved>,
    /// What is written of it.
    pub text: CardText,
    /// Whether who is signed in may edit and submit it now.
    pub editable: bool,
    /// Whether who is signed in may withdraw it now.
    pub withdrawable: bool,
    /// Whether who is signed in may approve or reject it now.
    pub approvable: bool,
    /// What an approval names.
    pub hash: SafeText,
    /// Who proposed it.
    pub author: Sign,
    /// Who edited it.
    pub editors: Vec<Sign>,
    /// Who approved it as it is.
    pub approvals: Vec<Sign>,
    /// Personal data that was found.
    pub findings: Vec<Finding>,
    /// Who looked at them.
    pub cleared: Option<Sign>,
    /// Why it was rejected or withdrawn.
    pub reason: Option<SafeText>,
    /// What it is on each channel.
    pub previews: Vec<Preview>,
    /// It helped, a little, did not; at least.
    pub feedback: [Option<u64>; 3],
    /// Municipalities that took it over.
    pub adoptions: Vec<Adoption>,
}

/// Personal data that was found: field, kind, and the piece of the text.
pub type Finding = (Code, Code, SafeText);

/// What was found in a text.
pub fn findings(
    text: &wire::highlight::HighlightText,
    found: &[wire::highlight::HighlightFinding],
) -> Vec<Finding> {
    found.iter().map(|it| (Code::new(&it.field), Code::new(&it.kind), piece(text, it))).collect()
}

/// The piece of a card's text that a finding is about.
fn piece(text: &wire::highlight::HighlightText, it: &wire::highlight::HighlightFinding) -> SafeText {
    let links = text.evidence.join("\n");
    let field = match it.field.as_str() {
        "title" => &text.title,
        "done" => &text.done,
        "cost" => &text.cost,
        "contact" => &text.contact,
        "learned" => &text.learned,
        "evidence" => &links,
        _ => return SafeText::default(),
    };
    let (start, end) = (it.start as usize, it.end as usize);
    let piece: String = field.chars().skip(start).take(end.saturating_sub(start)).collect();
    SafeText::line(&piece)
}

impl From<wire::highlight::Highlight> for Highlight {
    fn from(it: wire::highlight::Highlight) -> Self {
        let findings = findings(&it.text, &it.findings);
        let previews = it.previews.iter();
        let previews = previews
            .flat_map(|one| one.channels.iter().map(|channel| Preview::of_card(&one.language, channel)))
            .collect();
        let adoption = |it: wire::highlight::HighlightAdoption| Adoption {
            name: SafeText::line(&it.municipality_name),
            from: SafeText::line(&it.learned_from_name),
            since: SafeText::line(&it.adopted_on),
        };
        Self {
            row: it.row.into(),
            figure: it.indicator.as_ref().map(Moved::from),
            text: it.text.into(),
            editable: it.editable,
            withdrawable: it.withdrawable,
            approvable: it.approvable,
            hash: SafeText::line(&it.hash),
            author: sign(it.author),
            editors: it.editors.into_iter().map(sign).collect(),
            approvals: it.approvals.into_iter().map(sign).collect(),
            findings,
            cleared: it.cleared.map(sign),
            reason: it.reason.as_deref().map(SafeText::new),
            previews,
            feedback: [it.feedback.yes, it.feedback.half, it.feedback.no],
            adoptions: it.adoptions.into_iter().map(adoption).collect(),
        }
    }
}

/// A municipality that a story could be asked of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Official key.
    pub municipality: Code,
    /// Its name.
    pub municipality_name: SafeText,
    /// Topic of the figure.
    pub topic: Code,
    /// The figure.
    pub figure: Moved,
    /// The median change of its group.
    pub group_change: SafeText,
    /// Its rank in its group, and how many they are.
    pub rank: (u32, u32),
}

impl From<wire::highlight::HighlightCandidate> for Candidate {
    fn from(it: wire::highlight::HighlightCandidate) -> Self {
        Self {
            municipality: Code::new(&it.municipality),
            municipality_name: SafeText::line(&it.municipality_name),
            topic: Code::new(&it.topic),
            figure: Moved::from(&it.indicator),
            group_change: SafeText::line(&it.group_change),
            rank: (it.rank, it.size),
        }
    }
}

/// Whom a card is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardAudience {
    /// Names of the municipalities with their states.
    pub places: Vec<SafeText>,
    /// How many in them have news of the topic, rounded.
    pub subscribers: SafeText,
}

impl From<wire::highlight::HighlightAudience> for CardAudience {
    fn from(it: wire::highlight::HighlightAudience) -> Self {
        let place = |it: &wire::highlight::HighlightPlace| {
            SafeText::line(&it.municipality_name).with(", ").with(SafeText::line(&it.state_name))
        };
        Self {
            places: it.municipalities.iter().map(place).collect(),
            subscribers: SafeText::line(&it.subscribers),
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

/// A group of people who reported something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesPoint {
    /// Code of a category or office, or a day.
    pub key: Code,
    /// People, at least; `None`: too few to be told.
    pub people: Option<u64>,
    /// First answers that came in time, per cent of those that were owed.
    pub kept: Option<u64>,
    /// People who disputed a closing, at least.
    pub disputed: Option<u64>,
}

/// People who reported something in a municipality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Official key.
    pub municipality: Code,
    /// Its name.
    pub name: SafeText,
    /// People in all, at least.
    pub people: Option<u64>,
    /// The groups.
    pub points: Vec<SeriesPoint>,
    /// Whether there are people in groups that are not told.
    pub others: bool,
}

impl From<wire::report::CaseSeries> for Series {
    fn from(it: wire::report::CaseSeries) -> Self {
        let point = |it: wire::report::CasePoint| SeriesPoint {
            key: Code::new(&it.key),
            people: it.people,
            kept: it.kept_percent,
            disputed: it.disputed,
        };
        Self {
            municipality: Code::new(&it.municipality),
            name: SafeText::line(&it.name),
            people: it.people,
            points: it.points.into_iter().map(point).collect(),
            others: it.others,
        }
    }
}
