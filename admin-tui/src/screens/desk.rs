//! The screens that are a list and an entry in full: feedback, unknown texts, notices, outbox, health, audit, users,
//! indicators, demands and what belongs to them, cards, broadcasts.

mod asks;
mod decide;

pub use decide::{decide_leader, written};

use uuid::Uuid;

use super::table::{Cell, Table};
use super::{
    Kind, broadcast_draw, charts, demand, demand_draw, desk_draw, highlight_draw, tells_of_highlights,
};
use crate::api::Ask;
use crate::broadcast_data::BroadcastRow;
use crate::data::FeedEvent;
use crate::demand_data::{AuthorMessage, Cluster, Commitment, DemandRow, Leader};
use crate::desk_data::{Audit, Chain, Feedback, Indicator, Notice, Part, Sent, Unknown, User};
use crate::highlight_data::{Candidate, HighlightRow};
use crate::keymap::{Command, Layer};
use crate::overlays::{Overlay, Wanted, prompt};
use crate::paint::Paint;
use crate::safe::{Code, SafeText};
use crate::shared::{Owner, Shared};
use crate::theme::Role;

/// The queues of demands, what waits for staff first.
const QUEUES: &[&str] = &[
    "moderation",
    "collecting",
    "reached",
    "with_authority",
    "answered",
    "followed",
    "silent",
    "flagged",
    "merged",
    "rejected",
    "expired",
    "archived",
];

/// States of cards, what waits first.
pub const CARDS: &[&str] = &["in_review", "draft", "published", "withdrawn"];

/// States of broadcasts, what waits or runs first.
pub const BROADCASTS: &[&str] =
    &["submitted", "draft", "preparing", "approved", "sending", "held", "done", "stopped", "withdrawn"];

/// What is listed.
#[derive(Debug)]
enum Body {
    Feedback(Table<Feedback>),
    Unknown(Table<Unknown>),
    Notices(Table<Notice>),
    Outbox(Table<Sent>),
    Health(Table<Part>),
    Audit(Table<Audit>),
    Users(Table<User>),
    Figures(Table<Indicator>),
    Demands(Table<DemandRow>),
    Leaders(Table<Leader>),
    Clusters(Table<Cluster>),
    Messages(Table<AuthorMessage>),
    Promises(Table<Commitment>),
    Highlights(Table<HighlightRow>),
    Candidates(Table<Candidate>),
    Broadcasts(Table<BroadcastRow>),
}

/// One of the screens.
#[derive(Debug)]
pub struct State {
    /// Which one.
    pub kind: Kind,
    body: Body,
    /// Which part of it is listed.
    part: usize,
    municipality: Code,
    /// Whose indicators they are.
    place: SafeText,
    /// The topic whose indicator the cursor goes to.
    topic: Option<SafeText>,
    /// How many notices wait in all.
    waiting: Option<u64>,
    chain: Option<Chain>,
    checking: Option<u64>,
    /// How many demands stand in each queue.
    counts: Vec<(Code, u64)>,
    counting: Option<u64>,
}

impl State {
    /// The screen, with nothing on it yet.
    pub fn new(kind: Kind, municipality: Code) -> Self {
        let body = match kind {
            Kind::Unknown => Body::Unknown(Table::default()),
            Kind::Notices => Body::Notices(Table::default()),
            Kind::Outbox => Body::Outbox(Table::default()),
            Kind::Health => Body::Health(Table::default()),
            Kind::Audit => Body::Audit(Table::default()),
            Kind::Users => Body::Users(Table::default()),
            Kind::Benchmarks => Body::Figures(Table::default()),
            Kind::Demands => Body::Demands(Table::default()),
            Kind::Leaders => Body::Leaders(Table::default()),
            Kind::Clusters => Body::Clusters(Table::default()),
            Kind::AuthorMessages => Body::Messages(Table::default()),
            Kind::Commitments => Body::Promises(Table::default()),
            Kind::Highlights => Body::Highlights(Table::default()),
            Kind::Candidates => Body::Candidates(Table::default()),
            Kind::Broadcasts => Body::Broadcasts(Table::default()),
            _ => Body::Feedback(Table::default()),
        };
        Self {
            kind,
            body,
            part: 0,
            municipality,
            place: SafeText::default(),
            topic: None,
            waiting: None,
            chain: None,
            checking: None,
            counts: Vec::new(),
            counting: None,
        }
    }

    /// The same, with the cursor on the indicator of a topic.
    #[must_use]
    pub fn about(mut self, topic: Option<SafeText>) -> Self {
        self.topic = topic;
        self
    }

    /// The layer whose keys work.
    pub fn layer(&self) -> Layer {
        match self.body {
            Body::Feedback(_) => Layer::Feedback,
            Body::Unknown(_) => Layer::Unknown,
            Body::Notices(_) => Layer::Notices,
            Body::Outbox(_) => Layer::Outbox,
            Body::Audit(_) => Layer::Audit,
            Body::Demands(_) => Layer::Demands,
            Body::Leaders(_) => Layer::Leaders,
            Body::Clusters(_) => Layer::Clusters,
            Body::Messages(_) => Layer::Followed,
            Body::Promises(_) => Layer::Promises,
            Body::Highlights(_) => Layer::Highlights,
            Body::Candidates(_) => Layer::Candidates,
            Body::Broadcasts(_) => Layer::Broadcasts,
            Body::Figures(_) => Layer::Indicators,
            Body::Health(_) | Body::Users(_) => Layer::Desk,
        }
    }

    /// Its name.
    pub fn title(&self, shared: &Shared) -> SafeText {
        let key = match self.body {
            Body::Feedback(_) => "screen-feedback",
            Body::Unknown(_) => "screen-unknown",
            Body::Notices(_) => "screen-notices",
            Body::Outbox(_) => "screen-outbox",
            Body::Health(_) => "screen-health",
            Body::Audit(_) => "screen-audit",
            Body::Users(_) => "screen-users",
            Body::Figures(_) => "screen-benchmarks",
            Body::Demands(_) => "screen-demands",
            Body::Leaders(_) => "screen-leaders",
            Body::Clusters(_) => "screen-clusters",
            Body::Messages(_) => "screen-author-messages",
            Body::Promises(_) => "screen-commitments",
            Body::Highlights(_) => "screen-highlights",
            Body::Candidates(_) => "screen-candidates",
            Body::Broadcasts(_) => "screen-broadcasts",
        };
        shared.words.say(key)
    }

    /// The parts that there are, by their codes.
    fn parts(&self) -> &'static [&'static str] {
        match self.body {
            Body::Feedback(_) => &["waiting", "asked", "shown", "hidden"],
            Body::Unknown(_) => &["waiting", "answered", "opened", "dismissed"],
            Body::Outbox(_) => &["held", "sent", "failed"],
            Body::Demands(_) => QUEUES,
            Body::Leaders(_) => &["asked", "verified", "refused"],
            Body::Highlights(_) => CARDS,
            Body::Broadcasts(_) => BROADCASTS,
            _ => &[],
        }
    }

    fn which(&self) -> Code {
        Code::new(self.parts().get(self.part).copied().unwrap_or_default())
    }

    /// The second line, and its right end.
    pub fn second_line(&self, shared: &Shared) -> (Vec<(SafeText, Role)>, SafeText) {
        let words = shared.words;
        let mut parts = vec![(SafeText::own(" "), Role::Plain)];
        // Where there are many the one that is listed comes first.
        let many = if matches!(self.body, Body::Demands(_) | Body::Broadcasts(_)) { self.part } else { 0 };
        let all = self.parts().iter().enumerate();
        for (at, code) in all.clone().skip(many).chain(all.take(many)) {
            let group = match self.body {
                Body::Demands(_) => "demand",
                Body::Leaders(_) => "leader",
                Body::Highlights(_) => "card-state",
                Body::Broadcasts(_) => "broadcast-state",
                _ => "part",
            };
            let mut text = words.code(group, &Code::new(code));
            if let Some((_, count)) = self.counts.iter().find(|it| it.0 == *code) {
                text = text.with(" ").with(SafeText::number(*count));
            }
            let text = if at == self.part { SafeText::own("[").with(text).with("]") } else { text };
            parts.push((text.with("  "), if at == self.part { Role::Title } else { Role::Quiet }));
        }
        if !self.place.is_empty() {
            parts.push((self.place.clone(), Role::Title));
        }
        if let Some(count) = self.waiting {
            parts.push((words.fill("notices-wait", &[("count", SafeText::number(count))]), Role::Title));
        }
        if self.checking.is_some() {
            parts.push((words.say("chain-checking"), Role::Quiet));
        } else if let Some(chain) = &self.chain {
            let entries = SafeText::number(chain.entries);
            match &chain.problem {
                None if chain.sound => {
                    parts.push((words.fill("chain-sound", &[("entries", entries)]), Role::Title));
                }
                problem => {
                    let (seq, code) = problem.clone().unwrap_or_default();
                    let args = [("seq", SafeText::number(seq)), ("problem", words.code("chain", &code))];
                    parts.push((words.fill("chain-broken", &args), Role::Breach));
                }
            }
        }
        let end = match &self.body {
            Body::Feedback(it) => it.number(shared),
            Body::Unknown(it) => it.number(shared),
            Body::Notices(it) => it.number(shared),
            Body::Outbox(it) => it.number(shared),
            Body::Health(it) => it.number(shared),
            Body::Audit(it) => it.number(shared),
            Body::Users(it) => it.number(shared),
            Body::Figures(it) => it.number(shared),
            Body::Demands(it) => it.number(shared),
            Body::Leaders(it) => it.number(shared),
            Body::Clusters(it) => it.number(shared),
            Body::Messages(it) => it.number(shared),
            Body::Promises(it) => it.number(shared),
            Body::Highlights(it) => it.number(shared),
            Body::Candidates(it) => it.number(shared),
            Body::Broadcasts(it) => it.number(shared),
        };
        (parts, end)
    }

    /// The demand that the entry under the cursor belongs to.
    pub fn demand(&self) -> Option<Uuid> {
        match &self.body {
            Body::Demands(it) => it.here().map(|it| it.id),
            Body::Messages(it) => it.here().map(|it| it.demand),
            Body::Promises(it) => it.here().map(|it| it.demand),
            _ => None,
        }
    }

    /// The card under the cursor.
    pub fn highlight(&self) -> Option<Uuid> {
        match &self.body {
            Body::Highlights(it) => it.here().map(|it| it.id),
            _ => None,
        }
    }

    /// The broadcast under the cursor.
    pub fn broadcast(&self) -> Option<Uuid> {
        match &self.body {
            Body::Broadcasts(it) => it.here().map(|it| it.id),
            _ => None,
        }
    }

    /// The municipality of the entry under the cursor.
    pub fn municipality(&self) -> Option<Code> {
        match &self.body {
            Body::Demands(it) => it.here().map(|it| it.municipality.clone()),
            Body::Highlights(it) => it.here().map(|it| it.municipality.clone()),
            Body::Candidates(it) => it.here().map(|it| it.municipality.clone()),
            _ => None,
        }
    }

    /// The case that the entry under the cursor belongs to.
    pub fn case(&self) -> Option<Uuid> {
        match &self.body {
            Body::Notices(it) => it.here().map(|it| it.row.id),
            Body::Outbox(it) => it.here().and_then(|it| it.case),
            Body::Clusters(it) => it.here().and_then(Cluster::first),
            Body::Audit(it) => {
                let entry = it.here().filter(|it| it.target_kind == "case")?;
                Uuid::try_parse(entry.target_id.as_str()).ok()
            }
            _ => None,
        }
    }

    /// The cases among which the next one comes up: those of the list, where all its entries have one.
    pub fn cases(&self) -> Vec<Uuid> {
        if let Body::Clusters(it) = &self.body {
            return it.here().map(|it| it.cases.iter().map(|it| it.id).collect()).unwrap_or_default();
        }
        let Body::Notices(it) = &self.body else { return self.case().into_iter().collect() };
        let mut cases = Vec::new();
        for case in it.items.iter().map(|it| it.row.id) {
            if !cases.contains(&case) {
                cases.push(case);
            }
        }
        cases
    }

    /// Events of the feed.
    pub fn feed(&mut self, shared: &mut Shared, events: &[FeedEvent]) {
        let touches = |start: &str| events.iter().any(|it| it.kind.as_str().contains(start));
        match &mut self.body {
            Body::Feedback(it) if touches("feedback") => it.touch(shared),
            Body::Unknown(it) if touches("unknown") => it.touch(shared),
            // What leads to a notice happens to a case.
            Body::Notices(it) if events.iter().any(|it| it.case.is_some()) => it.touch(shared),
            Body::Outbox(it) if touches("message") || touches("replied") || touches("send") => {
                it.touch(shared);
            }
            Body::Users(it) if touches("staff_") => it.touch(shared),
            Body::Demands(it) if about_them(events) => it.touch(shared),
            Body::Leaders(it) if about_them(events) => it.touch(shared),
            Body::Messages(it) if about_them(events) => it.touch(shared),
            Body::Promises(it) if about_them(events) => it.touch(shared),
            Body::Highlights(it) if tells_of_highlights(events) => it.touch(shared),
            Body::Broadcasts(it) if tells_of_highlights(events) => it.touch(shared),
            _ => {}
        }
    }

    /// Time passed.
    pub fn tick(&mut self, shared: &mut Shared) {
        let due = match &self.body {
            Body::Feedback(it) => it.is_due(shared),
            Body::Unknown(it) => it.is_due(shared),
            Body::Notices(it) => it.is_due(shared),
            Body::Outbox(it) => it.is_due(shared),
            Body::Users(it) => it.is_due(shared),
            Body::Demands(it) => it.is_due(shared),
            Body::Leaders(it) => it.is_due(shared),
            Body::Messages(it) => it.is_due(shared),
            Body::Promises(it) => it.is_due(shared),
            Body::Highlights(it) => it.is_due(shared),
            Body::Broadcasts(it) => it.is_due(shared),
            Body::Health(_) | Body::Audit(_) | Body::Figures(_) | Body::Clusters(_) | Body::Candidates(_) => {
                false
            }
        };
        if due {
            self.fetch(shared);
        }
    }

    /// Does a command; gives whether it was one of its own.
    pub fn command(&mut self, shared: &mut Shared, overlays: &mut Vec<Overlay>, command: Command) -> bool {
        let moved = match &mut self.body {
            Body::Feedback(it) => it.command(shared, command),
            Body::Unknown(it) => it.command(shared, command),
            Body::Notices(it) => it.command(shared, command),
            Body::Outbox(it) => it.command(shared, command),
            Body::Health(it) => it.command(shared, command),
            Body::Audit(it) => it.command(shared, command),
            Body::Users(it) => it.command(shared, command),
            Body::Figures(it) => it.command(shared, command),
            Body::Demands(it) => it.command(shared, command),
            Body::Leaders(it) => it.command(shared, command),
            Body::Clusters(it) => it.command(shared, command),
            Body::Messages(it) => it.command(shared, command),
            Body::Promises(it) => it.command(shared, command),
            Body::Highlights(it) => it.command(shared, command),
            Body::Candidates(it) => it.command(shared, command),
            Body::Broadcasts(it) => it.command(shared, command),
        };
        if moved {
            self.more(shared);
            return true;
        }
        match command {
            Command::NextPane | Command::PreviousPane => {
                let count = self.parts().len();
                if count == 0 {
                    return false;
                }
                let step = if command == Command::NextPane { 1 } else { count - 1 };
                let part = (self.part + step) % count;
                let counts = std::mem::take(&mut self.counts);
                *self = Self { part, counts, ..Self::new(self.kind, self.municipality.clone()) };
                self.fetch(shared);
                true
            }
            Command::Verify => {
                self.checking = Some(shared.ask(Owner::Screen, Ask::Verify));
                true
            }
            Command::Place if matches!(self.body, Body::Figures(_)) => {
                let prompt = prompt::State::new(Wanted::Municipality, &self.municipality.text());
                overlays.push(Overlay::Prompt(prompt));
                true
            }
            Command::SaveChart => {
                let Body::Figures(it) = &self.body else { return false };
                if let Some(here) = it.here() {
                    overlays.push(charts::pick(shared, &self.municipality, &here.topic));
                }
                true
            }
            other => self.decide(shared, overlays, other),
        }
    }

    /// Another municipality, by its official key.
    pub fn set_municipality(&mut self, shared: &mut Shared, municipality: Code) {
        *self = Self::new(self.kind, municipality);
        self.fetch(shared);
    }

    /// Draws the body.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let words = shared.words;
        let nothing = words.say(match self.kind {
            Kind::Benchmarks => "benchmarks-nowhere",
            Kind::Clusters if self.municipality.as_str().is_empty() => "clusters-nowhere",
            _ => "desk-empty",
        });
        macro_rules! table {
            ($table:expr, $cells:path, $full:path) => {
                $table.draw(
                    paint,
                    shared,
                    &nothing,
                    |it| -> Vec<Cell> { $cells(it, shared) },
                    |it| $full(it, shared),
                )
            };
        }
        match &self.body {
            Body::Feedback(it) => table!(it, desk_draw::feedback, desk_draw::feedback_full),
            Body::Unknown(it) => table!(it, desk_draw::unknown, desk_draw::unknown_full),
            Body::Notices(it) => table!(it, desk_draw::notice, desk_draw::notice_full),
            Body::Outbox(it) => table!(it, desk_draw::sent, desk_draw::sent_full),
            Body::Health(it) => table!(it, desk_draw::part, desk_draw::part_full),
            Body::Audit(it) => table!(it, desk_draw::audit, desk_draw::audit_full),
            Body::Users(it) => table!(it, desk_draw::user, desk_draw::user_full),
            Body::Figures(it) => table!(it, desk_draw::indicator, desk_draw::indicator_full),
            Body::Demands(it) => table!(it, demand_draw::row, demand_draw::row_full),
            Body::Leaders(it) => table!(it, demand_draw::leader, demand_draw::leader_full),
            Body::Clusters(it) => table!(it, demand_draw::cluster, demand_draw::cluster_full),
            Body::Messages(it) => table!(it, demand_draw::message, demand_draw::message_full),
            Body::Promises(it) => table!(it, demand_draw::promise, demand_draw::promise_full),
            Body::Highlights(it) => table!(it, highlight_draw::row, highlight_draw::row_full),
            Body::Candidates(it) => table!(it, highlight_draw::candidate, highlight_draw::candidate_full),
            Body::Broadcasts(it) => table!(it, broadcast_draw::row, broadcast_draw::row_full),
        }
    }
}

fn about_them(events: &[FeedEvent]) -> bool {
    events.iter().any(|it| demand::touches(&it.kind))
}
