//! Demands, promises and leaders as the console works with them, made safe straight after they were read.

use cabildo_staff_api as wire;
use uuid::Uuid;

use crate::data::{Person, PreviewChannel, Row};
use crate::safe::{Code, SafeText};

/// An optional code; empty where there is none.
fn code(it: Option<&String>) -> Code {
    it.map(|it| Code::new(it)).unwrap_or_default()
}

/// An optional line.
fn line(it: Option<&String>) -> Option<SafeText> {
    it.map(|it| SafeText::line(it))
}

/// The support of a demand; its kinds are never mixed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Support {
    /// What counts for the threshold.
    pub total: u64,
    /// By phone, without an open flag.
    pub phone: u64,
    /// Verified.
    pub verified: u64,
    /// Heads on paper.
    pub paper: u64,
    /// With an open flag.
    pub flagged: u64,
    /// New senders.
    pub new_senders: u64,
}

/// A demand as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandRow {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: SafeText,
    /// Code of the state.
    pub state: Code,
    /// The letter of the state.
    pub mark: SafeText,
    /// Counts the changes.
    pub version: i64,
    /// Official key.
    pub municipality: Code,
    /// Its name.
    pub municipality_name: SafeText,
    /// Topic.
    pub topic: Code,
    /// Code of the office that owes the answer.
    pub office: Code,
    /// Its name.
    pub office_name: Option<SafeText>,
    /// What is asked for.
    pub text: SafeText,
    /// Whether its author was a verified leader.
    pub by_leader: bool,
    /// Its support.
    pub support: Support,
    /// How much it needs.
    pub threshold: u64,
    /// How many are missing.
    pub missing: u64,
    /// The one that it goes on in.
    pub merged_into: Option<Uuid>,
    /// When it was opened, Unix ms.
    pub created_at: i64,
    /// Until when it collects, Unix ms.
    pub collect_until: Option<i64>,
    /// By when the answer is owed, Unix ms.
    pub answer_due: Option<i64>,
    /// When the term was over without one, Unix ms.
    pub silent_at: Option<i64>,
    /// Why a moderator refused it.
    pub reason: Option<SafeText>,
}

impl From<wire::demand::DemandRow> for DemandRow {
    fn from(it: wire::demand::DemandRow) -> Self {
        Self {
            id: it.id,
            code: SafeText::line(&it.code),
            state: Code::new(&it.state),
            mark: SafeText::line(&it.mark),
            version: it.version,
            municipality: Code::new(&it.municipality),
            municipality_name: SafeText::line(&it.municipality_name),
            topic: Code::new(&it.topic),
            office: code(it.office.as_ref()),
            office_name: line(it.office_name.as_ref()),
            text: SafeText::line(&it.text),
            by_leader: it.by_leader,
            support: Support {
                total: it.support.total,
                phone: it.support.phone,
                verified: it.support.verified,
                paper: it.support.paper,
                flagged: it.support.flagged,
                new_senders: it.support.new_senders,
            },
            threshold: it.threshold,
            missing: it.missing,
            merged_into: it.merged_into,
            created_at: it.created_at,
            collect_until: it.collect_until,
            answer_due: it.answer_due,
            silent_at: it.silent_at,
            reason: line(it.reason.as_ref()),
        }
    }
}

/// A page of demands, and how many stand in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandPage {
    /// The rows.
    pub items: Vec<DemandRow>,
    /// Where the next page begins.
    pub next: Option<Uuid>,
    /// How many there are.
    pub total: u64,
}

impl From<wire::demand::DemandList> for DemandPage {
    fn from(it: wire::demand::DemandList) -> Self {
        Self { items: it.items.into_iter().map(DemandRow::from).collect(), next: it.next, total: it.total }
    }
}

/// Who wrote a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The contact.
    pub contact: Uuid,
    /// The masked number.
    pub shown: SafeText,
    /// Whether messages reach her.
    pub reachable: bool,
    /// Whether her number was checked.
    pub verified: bool,
    /// `asked`, `verified`, `refused`, or empty.
    pub leadership: Code,
}

/// The answer of the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// `accepted`, `partly` or `rejected`.
    pub verdict: Code,
    /// Why.
    pub reason: SafeText,
    /// Thousandths of the currency's unit.
    pub cost: Option<u64>,
    /// ISO 8601.
    pub due_on: Option<SafeText>,
    /// Who entered it.
    pub by: Option<Person>,
    /// When, Unix ms.
    pub at: i64,
}

/// A change of a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What, by code.
    pub kind: Code,
    /// When, Unix ms.
    pub at: i64,
    /// `citizen`, `staff` or `service`.
    pub by: Code,
    /// Who of staff.
    pub author: Option<Person>,
    /// What it was.
    pub was: Option<SafeText>,
    /// What it is.
    pub became: Option<SafeText>,
    /// Words of staff.
    pub detail: Option<SafeText>,
}

/// A list of an assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acta {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    pub folio: SafeText,
    /// Heads on it.
    pub heads: u32,
    /// The day, ISO 8601.
    pub held_on: SafeText,
    /// Where.
    pub place: Option<SafeText>,
    /// Whether there is a picture.
    pub picture: bool,
    /// How many were called back.
    pub called: u32,
    /// How many of them confirmed it.
    pub confirmed: u32,
    /// Whether it was a mistake.
    pub voided: bool,
}

/// A message of an author to the supporters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorMessage {
    /// Its id.
    pub id: Uuid,
    /// The demand.
    pub demand: Uuid,
    /// Official key.
    pub municipality: Code,
    /// What it says.
    pub text: SafeText,
    /// `waiting`, `sent` or `refused`.
    pub state: Code,
    /// Its own version.
    pub version: i64,
    /// When it was written, Unix ms.
    pub written_at: i64,
}

impl From<wire::demand::AuthorMessage> for AuthorMessage {
    fn from(it: wire::demand::AuthorMessage) -> Self {
        Self {
            id: it.id,
            demand: it.demand,
            municipality: Code::new(&it.municipality),
            text: SafeText::new(&it.text),
            state: Code::new(&it.state),
            version: it.version,
            written_at: it.written_at,
        }
    }
}

/// A merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The demand that goes.
    pub child: Uuid,
    /// The one that it goes on in.
    pub parent: Uuid,
    /// `asked`, `done`, `refused`, `lapsed` or `undone`.
    pub state: Code,
    /// Why.
    pub reason: SafeText,
    /// When it was asked, Unix ms.
    pub asked_at: i64,
}

/// A promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Its id.
    pub id: Uuid,
    /// The demand.
    pub demand: Uuid,
    /// Name of the municipality.
    pub municipality_name: SafeText,
    /// What is promised.
    pub title: SafeText,
    /// Who keeps it.
    pub owner: SafeText,
    /// By when, ISO 8601.
    pub due_on: Option<SafeText>,
    /// Code of its state.
    pub state: Code,
    /// How much of it is done.
    pub percent: u8,
    /// Its steps: what, by when, code of the state.
    pub steps: Vec<(SafeText, Option<SafeText>, Code)>,
    /// Yes, no and half.
    pub votes: (u64, u64, u64),
    /// Counts its changes.
    pub version: i64,
}

impl Commitment {
    /// What is promised, as it goes back.
    pub fn promise(&self) -> wire::commitment::Promise {
        let text = |it: &SafeText| it.unmarked().as_str().to_owned();
        let step =
            |(title, due_on, state): &(SafeText, Option<SafeText>, Code)| wire::commitment::PromiseStep {
                title: text(title),
                due_on: due_on.as_ref().map(text),
                state: state.as_str().to_owned(),
            };
        wire::commitment::Promise {
            title: text(&self.title),
            owner: text(&self.owner),
            due_on: self.due_on.as_ref().map(text),
            state: self.state.as_str().to_owned(),
            percent: self.percent,
            milestones: self.steps.iter().map(step).collect(),
        }
    }
}

impl From<wire::commitment::Commitment> for Commitment {
    fn from(it: wire::commitment::Commitment) -> Self {
        let step = |it: wire::commitment::PromiseStep| {
            (SafeText::line(&it.title), line(it.due_on.as_ref()), Code::new(&it.state))
        };
        Self {
            id: it.id,
            demand: it.demand,
            municipality_name: SafeText::line(&it.municipality_name),
            title: SafeText::line(&it.promise.title),
            owner: SafeText::line(&it.promise.owner),
            due_on: line(it.promise.due_on.as_ref()),
            state: Code::new(&it.promise.state),
            percent: it.promise.percent,
            steps: it.promise.milestones.into_iter().map(step).collect(),
            votes: (it.votes.yes, it.votes.no, it.votes.half),
            version: it.version,
        }
    }
}

/// A demand whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What a list shows of it.
    pub row: DemandRow,
    /// Who wrote it.
    pub author: Option<Author>,
    /// Open flags by rule: velocity, range, new senders.
    pub flags: (u64, u64, u64),
    /// The answer.
    pub answer: Option<Answered>,
    /// The promise.
    pub commitment: Option<Commitment>,
    /// Day (ISO 8601), signed, taken back; the newest first.
    pub days: Vec<(SafeText, u64, u64)>,
    /// Name of a municipality and how many are at least of it.
    pub regions: Vec<(SafeText, u64)>,
    /// Whether some are in none of them.
    pub others: bool,
    /// Linked cases.
    pub cases: Vec<Row>,
    /// How many are linked in all.
    pub linked: u64,
    /// Changes, the oldest first.
    pub changes: Vec<Change>,
    /// Lists of assemblies.
    pub actas: Vec<Acta>,
    /// Photos of lists that were sent and that nobody entered yet: their ids, and when, Unix ms.
    pub pictures: Vec<(Uuid, i64)>,
    /// Messages of the author.
    pub messages: Vec<AuthorMessage>,
    /// Merges.
    pub merges: Vec<Merge>,
    /// Organisations that sign in public.
    pub endorsements: Vec<SafeText>,
    /// Notices by code, and how many got each.
    pub notices: Vec<(Code, u64)>,
}

impl From<wire::demand::Demand> for Demand {
    fn from(it: wire::demand::Demand) -> Self {
        let change = |it: wire::demand::DemandChange| Change {
            kind: Code::new(&it.kind),
            at: it.at,
            by: Code::new(&it.by),
            author: it.author.map(Person::from),
            was: line(it.was.as_ref()),
            became: line(it.became.as_ref()),
            detail: it.detail.as_deref().map(SafeText::new),
        };
        let acta = |it: wire::demand::DemandActa| Acta {
            id: it.id,
            folio: SafeText::line(&it.folio),
            heads: it.heads,
            held_on: SafeText::line(&it.held_on),
            place: line(it.place.as_ref()),
            picture: it.picture,
            called: it.called,
            confirmed: it.confirmed,
            voided: it.voided_at.is_some(),
        };
        let merge = |it: wire::demand::DemandMerge| Merge {
            child: it.child,
            parent: it.parent,
            state: Code::new(&it.state),
            reason: SafeText::new(&it.reason),
            asked_at: it.asked_at,
        };
        Self {
            row: it.row.into(),
            author: it.author.map(|it| Author {
                contact: it.contact,
                shown: SafeText::line(&it.shown),
                reachable: it.reachable,
                verified: it.verified,
                leadership: code(it.leadership.as_ref()),
            }),
            flags: (it.flags.velocity, it.flags.range, it.flags.new_senders),
            answer: it.answer.map(|it| Answered {
                verdict: Code::new(&it.verdict),
                reason: SafeText::new(&it.reason),
                cost: it.cost,
                due_on: line(it.due_on.as_ref()),
                by: it.by.map(Person::from),
                at: it.at,
            }),
            commitment: it.commitment.map(Commitment::from),
            days: it.days.iter().map(|it| (SafeText::line(&it.date), it.signed, it.taken_back)).collect(),
            regions: it
                .regions
                .items
                .iter()
                .map(|it| (SafeText::line(&it.municipality_name), it.at_least))
                .collect(),
            others: it.regions.others,
            cases: it.cases.into_iter().map(Row::from).collect(),
            linked: it.linked,
            changes: it.changes.into_iter().map(change).collect(),
            actas: it.actas.into_iter().map(acta).collect(),
            pictures: it.pictures.iter().map(|it| (it.id, it.at)).collect(),
            messages: it.messages.into_iter().map(AuthorMessage::from).collect(),
            merges: it.merges.into_iter().map(merge).collect(),
            endorsements: it.endorsements.iter().map(|it| SafeText::line(it)).collect(),
            notices: it.notices.iter().map(|it| (Code::new(&it.kind), it.sent)).collect(),
        }
    }
}

/// Somebody who asked to be known as a leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leader {
    /// Id of the request.
    pub id: Uuid,
    /// The contact.
    pub contact: Uuid,
    /// Name of the municipality.
    pub municipality_name: SafeText,
    /// `asked`, `verified` or `refused`.
    pub state: Code,
    /// Name and group.
    pub words: SafeText,
    /// Why she was refused.
    pub reason: Option<SafeText>,
    /// Counts the changes.
    pub version: i64,
    /// When she asked, Unix ms.
    pub asked_at: i64,
}

impl From<wire::leader::Leader> for Leader {
    fn from(it: wire::leader::Leader) -> Self {
        Self {
            id: it.id,
            contact: it.contact,
            municipality_name: SafeText::line(&it.municipality_name),
            state: Code::new(&it.state),
            words: SafeText::line(&it.words),
            reason: line(it.reason.as_ref()),
            version: it.version,
            asked_at: it.asked_at,
        }
    }
}

/// How an office answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeRecord {
    /// Its name.
    pub name: SafeText,
    /// How many it answered.
    pub answered: u64,
    /// How many of them within the term.
    pub in_time: u64,
    /// Terms that were over without an answer.
    pub silent: u64,
}

impl From<wire::demand::OfficeRecord> for OfficeRecord {
    fn from(it: wire::demand::OfficeRecord) -> Self {
        Self {
            name: SafeText::line(&it.office_name),
            answered: it.answered,
            in_time: it.in_time,
            silent: it.silent,
        }
    }
}

/// What an answer would be and cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerPreview {
    /// By channel.
    pub channels: Vec<PreviewChannel>,
    /// At most so many get it.
    pub people: u64,
    /// At most so much, thousandths of the currency's unit.
    pub price: i64,
}

impl From<wire::demand_act::DemandAnswerPreview> for AnswerPreview {
    fn from(it: wire::demand_act::DemandAnswerPreview) -> Self {
        let channels = it.channels.into_iter().map(PreviewChannel::from).collect();
        Self { channels, people: it.people, price: it.price }
    }
}

/// What an act on a demand led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandDone {
    /// The demand.
    pub id: Uuid,
    /// Its version now.
    pub version: i64,
    /// Code of its state now.
    pub state: Code,
}

impl From<wire::demand_act::DemandDone> for DemandDone {
    fn from(it: wire::demand_act::DemandDone) -> Self {
        Self { id: it.id, version: it.version, state: Code::new(&it.state) }
    }
}

/// How like two cases are, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Likeness {
    /// In all.
    pub score: u64,
    /// Of the words.
    pub text: u64,
    /// Of the category.
    pub category: u64,
    /// Of the place.
    pub place: u64,
    /// Of the time.
    pub time: u64,
    /// Between their pins, metres.
    pub metres: Option<u64>,
}

impl From<wire::case::Likeness> for Likeness {
    fn from(it: wire::case::Likeness) -> Self {
        let part = |it: f64| (it.clamp(0.0, 1.0) * 100.0).round() as u64;
        Self {
            score: part(it.score),
            text: part(it.text),
            category: part(it.category),
            place: part(it.place),
            time: part(it.time),
            metres: it.metres.map(|it| it.max(0.0).round() as u64),
        }
    }
}

/// A case that is like another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Similar {
    /// The case.
    pub row: Row,
    /// How like it is.
    pub likeness: Likeness,
    /// Whether they are likely the same.
    pub likely: bool,
}

impl From<wire::case::SimilarCase> for Similar {
    fn from(it: wire::case::SimilarCase) -> Self {
        Self { row: it.case.into(), likeness: it.likeness.into(), likely: it.likely }
    }
}

/// Open cases that are about the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Official key.
    pub municipality: Code,
    /// Category.
    pub category: Code,
    /// Topic of the pack that the category stands for; empty where there is none.
    pub topic: Code,
    /// Those who stand behind its cases.
    pub joined: u64,
    /// How like each two of them are.
    pub likeness: Likeness,
    /// Its cases, the oldest first.
    pub cases: Vec<Row>,
}

impl Cluster {
    /// Its oldest case, by which it is known again.
    pub fn first(&self) -> Option<Uuid> {
        self.cases.first().map(|it| it.id)
    }
}

impl From<wire::case::Cluster> for Cluster {
    fn from(it: wire::case::Cluster) -> Self {
        Self {
            municipality: Code::new(&it.municipality),
            category: Code::new(&it.category),
            topic: code(it.topic.as_ref()),
            joined: it.joined,
            likeness: it.likeness.into(),
            cases: it.cases.into_iter().map(Row::from).collect(),
        }
    }
}
