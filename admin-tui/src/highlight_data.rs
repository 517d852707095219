//! Cards about what worked as the console works with them, made safe straight after they were read.

use cabildo_staff_api as wire;
use uuid::Uuid;

use crate::broadcast_data::{Preview, text};
use crate::data::Person;
use crate::safe::{Code, SafeText};

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
