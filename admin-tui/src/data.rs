//! What the console works with: the wire types with every text made safe, straight after they were read.

use std::collections::BTreeMap;

use cabildo_staff_api as wire;
use uuid::Uuid;

use crate::safe::{Code, SafeText};

/// Cells of a name that is shown whole.
const SHORT: usize = 8;

/// An account, by its shown name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub id: Uuid,
    /// The shown name.
    pub name: SafeText,
}

impl From<wire::desk::Person> for Person {
    fn from(it: wire::desk::Person) -> Self {
        Self { id: it.id, name: SafeText::line(&it.name) }
    }
}

impl Person {
    /// The name where it is a short one, else its initials: a letter alone tells nobody who it is.
    pub fn short(&self) -> SafeText {
        if self.name.width() <= SHORT { self.name.clone() } else { self.initials() }
    }

    /// The first letters of the words of the name, two at most.
    pub fn initials(&self) -> SafeText {
        let letters = self.name.as_str().split_whitespace().filter_map(|it| it.chars().next()).take(2);
        SafeText::line(&letters.collect::<String>().to_uppercase())
    }
}

/// A number that is exact up to a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The number, or the limit.
    pub count: u64,
    /// Whether there are more.
    pub more: bool,
}

impl Count {
    /// As it is shown (`10000+`).
    pub fn text(self) -> SafeText {
        SafeText::number(self.count).with(if self.more { "+" } else { "" })
    }
}

impl From<wire::case::Count> for Count {
    fn from(it: wire::case::Count) -> Self {
        Self { count: it.count, more: it.more }
    }
}

/// A case as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// Its public number.
    pub folio: SafeText,
    /// `complaint`, `question` or `suggestion`.
    pub kind: Code,
    /// Code of the state.
    pub state: Code,
    /// Counts the changes.
    pub version: i64,
    /// Official key.
    pub municipality: Code,
    /// Its name.
    pub municipality_name: SafeText,
    /// Code of the category.
    pub category: Code,
    /// Code of the office that answers.
    pub office: Code,
    /// Emergency or violence.
    pub urgent: bool,
    /// A no opened it.
    pub disputed: bool,
    /// Where; absent where it is sealed.
    pub place: Option<SafeText>,
    /// Begin of the last message; absent where it is sealed.
    pub preview: Option<SafeText>,
    /// Code of the priority.
    pub priority: Code,
    /// `open`, `confidential` or `restricted`.
    pub confidentiality: Code,
    /// Who has it.
    pub assignee: Option<Person>,
    /// When it was opened, Unix ms.
    pub opened_at: i64,
    /// When it last changed, Unix ms.
    pub updated_at: i64,
    /// When the next thing is owed, Unix ms.
    pub due_at: Option<i64>,
    /// Since when it waits for the citizen, Unix ms.
    pub waiting_since: Option<i64>,
    /// Until when it sleeps, Unix ms.
    pub snoozed_until: Option<i64>,
    /// People behind it.
    pub joined: i64,
}

impl Row {
    /// The letter of the state.
    pub fn mark(&self) -> SafeText {
        SafeText::own(match self.state.as_str() {
            "received" => "R",
            "in_review" => "E",
            "assigned" => "A",
            "in_progress" => "P",
            "scheduled" => "G",
            "answered" => "S",
            "resolved" => "X",
            "closed_unfixed" => "C",
            "not_ours" => "O",
            "duplicate" => "D",
            _ => "?",
        })
    }

    /// Whether work on it goes on.
    pub fn open(&self) -> bool {
        !matches!(self.state.as_str(), "resolved" | "closed_unfixed" | "not_ours" | "duplicate")
    }

    /// Whether reading it is kept in the audit trail, so that it is only read when somebody asks.
    pub fn sealed(&self) -> bool {
        self.confidentiality != "open"
    }
}

impl From<wire::case::CaseRow> for Row {
    fn from(it: wire::case::CaseRow) -> Self {
        // A case that was opened tells more than its row: a list shows none of that.
        let open = it.confidentiality == "open";
        Self {
            id: it.id,
            folio: SafeText::line(&it.folio),
            kind: Code::new(&it.kind),
            state: Code::new(&it.state),
            version: it.version,
            municipality: Code::new(&it.municipality),
            municipality_name: SafeText::line(&it.municipality_name),
            category: Code::new(&it.category),
            office: Code::new(&it.office),
            urgent: it.urgent,
            disputed: it.disputed,
            place: it.place.as_deref().filter(|_| open).map(SafeText::line),
            preview: it.preview.as_deref().filter(|_| open).map(SafeText::line),
            priority: Code::new(&it.priority),
            confidentiality: Code::new(&it.confidentiality),
            assignee: it.assignee.map(Person::from),
            opened_at: it.opened_at,
            updated_at: it.updated_at,
            due_at: it.due_at,
            waiting_since: it.waiting_since,
            snoozed_until: it.snoozed_until,
            joined: it.joined,
        }
    }
}

/// A page of cases.
#[derive(Clone, Debug)]
pub struct CasePage {
    /// The rows.
    pub rows: Vec<Row>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// How many the filter finds.
    pub total: Count,
}

impl From<wire::case::CaseList> for CasePage {
    fn from(it: wire::case::CaseList) -> Self {
        let rows = it.items.into_iter().map(Row::from).collect();
        Self { rows, next: it.next, total: it.total.into() }
    }
}

/// Counts of queues and views.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    /// The fixed ones.
    pub queues: Vec<(Code, u64)>,
    /// The saved ones.
    pub views: Vec<(Uuid, SafeText, Count)>,
}

impl From<wire::case::Queues> for Queues {
    fn from(it: wire::case::Queues) -> Self {
        let queues = it.queues.into_iter().map(|it| (Code::new(&it.queue), it.count)).collect();
        let views = it.views.into_iter().map(|it| (it.view, SafeText::line(&it.name), it.count.into()));
        Self { queues, views: views.collect() }
    }
}

/// Somebody behind a case, masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citizen {
    /// `opener` or `joined`.
    pub role: Code,
    /// Her channel.
    pub channel: SafeText,
    /// Masked number, or an alias.
    pub shown: SafeText,
    /// Language that she reads.
    pub locale: Option<SafeText>,
    /// Whether a message reaches her.
    pub reachable: bool,
}

/// One case whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What the list shows.
    pub row: Row,
    /// Where, of a sealed one too.
    pub place: Option<SafeText>,
    /// Topic of the comparison that it came from.
    pub topic: Option<SafeText>,
    /// Labels.
    pub labels: Vec<SafeText>,
    /// The date of the work.
    pub scheduled_for: Option<SafeText>,
    /// Name and telephone of the office that it is passed on to.
    pub referral: Option<(SafeText, SafeText)>,
    /// What its citizen gave it, 1 to 5.
    pub rating: Option<i64>,
    /// Who may see who wrote it.
    pub anonymity: Code,
    /// Questions of the category and their answers.
    pub answers: Vec<(SafeText, SafeText)>,
    /// Who opened it and who joined.
    pub people: Vec<Citizen>,
    /// When the first answer is owed, Unix ms.
    pub first_answer_due: Option<i64>,
    /// When the solution is owed, Unix ms.
    pub solution_due: Option<i64>,
    /// Who else wrote lately, and when.
    pub writers: Vec<(Person, i64)>,
    /// Codes of the states that it may go to.
    pub next_states: Vec<Code>,
    /// Whether its text is sealed and this reading was logged.
    pub sealed: bool,
}

impl Case {
    /// Who opened it, who gets a reply.
    pub fn opener(&self) -> Option<&Citizen> {
        self.people.iter().find(|it| it.role == "opener").or_else(|| self.people.first())
    }
}

impl From<wire::case::Case> for Case {
    fn from(it: wire::case::Case) -> Self {
        let people = it.people.into_iter().map(|it| Citizen {
            role: Code::new(&it.role),
            channel: SafeText::line(&it.channel),
            shown: SafeText::line(&it.shown),
            locale: it.locale.as_deref().map(SafeText::line),
            reachable: it.reachable,
        });
        let place = it.row.place.as_deref().map(SafeText::line);
        Self {
            row: it.row.into(),
            place,
            topic: it.topic.as_deref().map(SafeText::line),
            labels: it.labels.iter().map(|it| SafeText::line(it)).collect(),
            scheduled_for: it.scheduled_for.as_deref().map(SafeText::line),
            referral: it.referral.map(|it| (SafeText::line(&it.name), SafeText::line(&it.phone))),
            rating: it.rating,
            anonymity: Code::new(&it.anonymity),
            answers: it
                .answers
                .iter()
                .map(|it| (SafeText::line(&it.question), SafeText::line(&it.answer)))
                .collect(),
            people: people.collect(),
            first_answer_due: it.clocks.first_answer_due.filter(|_| it.clocks.first_answer_at.is_none()),
            solution_due: it.clocks.solution_due,
            writers: it.writers.into_iter().map(|it| (it.person.into(), it.wrote_at)).collect(),
            next_states: it.next_states.iter().map(|it| Code::new(it)).collect(),
            sealed: it.sealed,
        }
    }
}

/// One message or note of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// `citizen`, `bot`, `staff` or `note`.
    pub from: Code,
    /// Which officer.
    pub author: Option<Person>,
    /// What it says, by pages; empty where it was erased.
    pub pages: Vec<SafeText>,
    /// When, Unix ms.
    pub at: i64,
    /// Photos and voices: kind, state, type, size.
    pub media: Vec<(Code, Code, SafeText, Option<i64>)>,
    /// How far a message to the citizen got.
    pub send: Option<Code>,
}

impl From<wire::case::ThreadEntry> for Entry {
    fn from(it: wire::case::ThreadEntry) -> Self {
        let media = it.media.into_iter().map(|it| {
            let mime = it.mime.as_deref().map(SafeText::line).unwrap_or_default();
            (Code::new(&it.kind), Code::new(&it.state), mime, it.size)
        });
        Self {
            id: it.id,
            from: Code::new(&it.from),
            author: it.author.map(Person::from),
            pages: it.text.as_deref().map(SafeText::pages).unwrap_or_default(),
            at: it.at,
            media: media.collect(),
            send: it.send.map(|it| Code::new(&it.state)),
        }
    }
}

/// A page of a thread.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The entries, the oldest first.
    pub entries: Vec<Entry>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

impl From<wire::case::Thread> for Thread {
    fn from(it: wire::case::Thread) -> Self {
        Self { entries: it.items.into_iter().map(Entry::from).collect(), next: it.next }
    }
}

/// What an act led to.
#[derive(Clone, Debug)]
pub struct Acted {
    /// The case as it is now; absent for a send of no case.
    pub row: Option<Row>,
    /// What goes out, held.
    pub send: Option<Held>,
    /// The text that was taken back, to go on writing.
    pub text: Option<SafeText>,
}

/// A message that can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Id of the send.
    pub id: Uuid,
    /// Until when, Unix ms.
    pub until: i64,
    /// How many get it.
    pub recipients: u64,
    /// SMS segments of all.
    pub segments: i64,
}

impl From<wire::act::ActResult> for Acted {
    fn from(it: wire::act::ActResult) -> Self {
        let send = it.send.map(|it| Held {
            id: it.id,
            until: it.until_at,
            recipients: it.recipients,
            segments: it.segments,
        });
        Self { row: Some(it.case.into()), send, text: None }
    }
}

impl From<wire::act::TakeBackResult> for Acted {
    fn from(it: wire::act::TakeBackResult) -> Self {
        Self { row: it.case.map(Row::from), send: None, text: it.text.as_deref().map(SafeText::typed) }
    }
}

/// What a text would be and cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// By channel of who gets it.
    pub channels: Vec<PreviewChannel>,
    /// Place-holders that nothing is known for.
    pub missing: Vec<SafeText>,
}

/// What a text is on one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewChannel {
    /// `sms`, `telegram` or `ussd`.
    pub kind: Code,
    /// The text as it is sent.
    pub text: SafeText,
    /// `gsm7`, `ucs2` or `utf8`.
    pub encoding: Code,
    /// Its length.
    pub units: u64,
    /// Units that still fit into the last segment.
    pub left: u64,
    /// SMS segments.
    pub segments: u64,
    /// The first character that makes it dearer.
    pub offending: Option<SafeText>,
    /// Thousandths of the currency's unit.
    pub price: i64,
}

impl From<wire::act::PreviewChannel> for PreviewChannel {
    fn from(it: wire::act::PreviewChannel) -> Self {
        Self {
            kind: Code::new(&it.kind),
            text: SafeText::new(&it.text),
            encoding: Code::new(&it.encoding),
            units: it.units,
            left: it.left,
            segments: it.segments,
            offending: it.first_offending.as_deref().map(SafeText::line),
            price: it.price,
        }
    }
}

impl From<wire::act::Preview> for Preview {
    fn from(it: wire::act::Preview) -> Self {
        Self {
            channels: it.channels.into_iter().map(PreviewChannel::from).collect(),
            missing: it.missing.iter().map(|it| SafeText::line(it)).collect(),
        }
    }
}

/// A reply that is written once.
#[derive(Clone, Debug)]
pub struct Canned {
    /// The letter that picks it.
    pub letter: SafeText,
    /// What it is called.
    pub title: SafeText,
    /// The text by language, place-holders as they stand.
    pub texts: BTreeMap<String, SafeText>,
}

impl Canned {
    /// The text in a language, or in the one that there is.
    pub fn text(&self, language: &str) -> Option<&SafeText> {
        let short = language.split('-').next().unwrap_or_default();
        let near = self.texts.iter().find(|(it, _)| it.split('-').next() == Some(short)).map(|it| it.1);
        self.texts.get(language).or(near).or_else(|| self.texts.values().next())
    }
}

impl From<wire::desk::CannedReply> for Canned {
    fn from(it: wire::desk::CannedReply) -> Self {
        Self {
            letter: SafeText::line(&it.letter),
            title: SafeText::line(&it.title),
            texts: it.texts.iter().map(|(key, text)| (key.clone(), SafeText::typed(text))).collect(),
        }
    }
}

/// What cases are about.
#[derive(Clone, Debug)]
pub struct Category {
    /// Its code.
    pub code: Code,
    /// Its name by language.
    pub name: BTreeMap<String, SafeText>,
}

impl Category {
    /// The name in a language, or in the one that there is.
    pub fn named(&self, language: &str) -> SafeText {
        let found = self.name.get(language).or_else(|| self.name.values().next());
        found.cloned().unwrap_or_else(|| self.code.text())
    }
}

impl From<wire::desk::Category> for Category {
    fn from(it: wire::desk::Category) -> Self {
        let name = it.name.iter().map(|(key, text)| (key.clone(), SafeText::line(text)));
        Self { code: Code::new(&it.code), name: name.collect() }
    }
}

/// An office.
#[derive(Clone, Debug)]
pub struct Office {
    /// Its code.
    pub code: Code,
    /// Its name by language.
    pub name: BTreeMap<String, SafeText>,
    /// Its public telephone.
    pub phone: Option<SafeText>,
}

impl Office {
    /// The name in a language, or in the one that there is.
    pub fn named(&self, language: &str) -> SafeText {
        let found = self.name.get(language).or_else(|| self.name.values().next());
        found.cloned().unwrap_or_else(|| self.code.text())
    }
}

impl From<wire::desk::Office> for Office {
    fn from(it: wire::desk::Office) -> Self {
        Self {
            code: Code::new(&it.code),
            name: it.name.iter().map(|(key, text)| (key.clone(), SafeText::line(text))).collect(),
            phone: it.phone.as_deref().map(SafeText::line),
        }
    }
}

/// Who is signed in, and what that allows.
#[derive(Clone, Debug)]
pub struct Me {
    /// The account.
    pub person: Person,
    /// Sign-in name.
    pub name: SafeText,
    /// Codes of what it may do somewhere.
    pub acts: Vec<Code>,
}

impl Me {
    /// Whether the account may do something somewhere.
    pub fn may(&self, act: &str) -> bool {
        self.acts.iter().any(|it| it.as_str() == act)
    }
}

impl From<wire::Me> for Me {
    fn from(it: wire::Me) -> Self {
        Self {
            person: Person { id: it.user.id, name: SafeText::line(&it.user.shown_name) },
            name: SafeText::line(&it.user.name),
            acts: it.acts.iter().map(|it| Code::new(it)).collect(),
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEvent {
    /// Its place in the feed.
    pub seq: i64,
    /// What happened.
    pub kind: Code,
    /// The case it is about.
    pub case: Option<Uuid>,
}

impl From<wire::Event> for FeedEvent {
    fn from(it: wire::Event) -> Self {
        Self { seq: it.seq, kind: Code::new(&it.kind), case: it.case_id }
    }
}

/// The second factor of a new account; shown once.
#[derive(Clone)]
pub struct SecondFactor {
    /// To be typed into an authenticator.
    pub secret: SafeText,
    /// Codes that stand in for it once each.
    pub recovery: Vec<SafeText>,
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SecondFactor(..)")
    }
}

impl From<wire::SecondFactor> for SecondFactor {
    fn from(it: wire::SecondFactor) -> Self {
        Self {
            secret: SafeText::line(&it.totp_secret),
            recovery: it.recovery_codes.iter().map(|it| SafeText::line(it)).collect(),
        }
    }
}
