//! The screens. Each has a file with its `State`, its commands, its answers and how it is drawn; this one only routes.
//! `admin-tui/README.md` says how a screen is added.

pub mod broadcast;
pub mod broadcast_draw;
pub mod case;
pub mod charts;
pub mod composer;
pub mod demand;
pub mod demand_draw;
pub mod desk;
pub mod desk_draw;
pub mod detail;
pub mod filter;
pub mod highlight;
pub mod highlight_draw;
pub mod queue;
pub mod queue_draw;
pub mod table;

use crossterm::event::KeyEvent;
use uuid::Uuid;

use crate::api::{Answer, Failure};
use crate::data::FeedEvent;
use crate::event::Redraw;
use crate::keymap::{Command, Layer};
use crate::overlays::Overlay;
use crate::paint::Paint;
use crate::safe::{Code, SafeText};
use crate::shared::Shared;
use crate::theme::Role;

/// One of the screens.
#[derive(Debug)]
pub enum Screen {
    /// Queue, and My work.
    Queue(Box<queue::State>),
    /// One case.
    Case(Box<case::State>),
    /// One of those that are a list and an entry in full.
    Desk(Box<desk::State>),
    /// One demand.
    Demand(Box<demand::State>),
    /// One card.
    Highlight(Box<highlight::State>),
    /// One broadcast.
    Broadcast(Box<broadcast::State>),
    /// Charts.
    Charts(Box<charts::State>),
}

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Queue.
    Queue,
    /// My work.
    MyWork,
    /// One case.
    Case,
    /// Feedback.
    Feedback,
    /// Texts that were not understood.
    Unknown,
    /// What waits for who is signed in.
    Notices,
    /// What staff sent.
    Outbox,
    /// The state of the service.
    Health,
    /// The audit trail.
    Audit,
    /// Users and roles.
    Users,
    /// The indicators of a municipality.
    Benchmarks,
    /// Demands.
    Demands,
    /// One demand.
    Demand,
    /// Those who asked to be known as leaders.
    Leaders,
    /// Groups of like cases.
    Clusters,
    /// Messages of authors that wait for a moderator.
    AuthorMessages,
    /// Promises.
    Commitments,
    /// Cards about what worked.
    Highlights,
    /// Whom such a story could be asked of.
    Candidates,
    /// Broadcasts.
    Broadcasts,
    /// One card.
    Highlight,
    /// One broadcast.
    Broadcast,
    /// Charts.
    Charts,
}

impl Screen {
    /// Which one it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Queue(it) if it.mine => Kind::MyWork,
            Self::Queue(_) => Kind::Queue,
            Self::Case(_) => Kind::Case,
            Self::Desk(it) => it.kind,
            Self::Demand(_) => Kind::Demand,
            Self::Highlight(_) => Kind::Highlight,
            Self::Broadcast(_) => Kind::Broadcast,
            Self::Charts(_) => Kind::Charts,
        }
    }

    /// The layer whose keys work.
    pub fn layer(&self) -> Layer {
        match self {
            Self::Queue(_) => Layer::Queue,
            Self::Case(it) => it.layer(),
            Self::Desk(it) => it.layer(),
            Self::Demand(_) => Layer::Demand,
            Self::Highlight(_) => Layer::Highlight,
            Self::Broadcast(_) => Layer::Broadcast,
            Self::Charts(_) => Layer::Charts,
        }
    }

    /// What stands first on the first line, and the counts after it.
    pub fn headline(&self, shared: &Shared) -> (SafeText, Vec<(SafeText, Role)>) {
        match self {
            Self::Queue(it) => {
                let name = shared.words.say(if it.mine { "screen-my-work" } else { "screen-queue" });
                (name, queue_draw::counts(it, shared))
            }
            Self::Case(it) => {
                let folio = shared.rows.get(&it.case).map(|it| it.folio.clone()).unwrap_or_default();
                (shared.words.fill("screen-case", &[("folio", folio)]), Vec::new())
            }
            Self::Desk(it) => (it.title(shared), Vec::new()),
            Self::Demand(it) => (it.title(shared), Vec::new()),
            Self::Highlight(it) => (it.title(shared), Vec::new()),
            Self::Broadcast(it) => (it.title(shared), Vec::new()),
            Self::Charts(_) => (shared.words.say("screen-charts"), Vec::new()),
        }
    }

    /// The second line, and its right end.
    pub fn second_line(&self, shared: &Shared) -> (Vec<(SafeText, Role)>, SafeText) {
        match self {
            Self::Queue(it) => queue_draw::second_line(it, shared),
            Self::Case(it) => case::second_line(it, shared),
            Self::Desk(it) => it.second_line(shared),
            Self::Demand(it) => it.second_line(shared),
            Self::Highlight(it) => it.second_line(shared),
            Self::Broadcast(it) => it.second_line(shared),
            Self::Charts(it) => it.second_line(shared),
        }
    }

    /// The case that acts are about.
    pub fn target(&self) -> Option<Uuid> {
        match self {
            Self::Queue(it) => it.target(),
            Self::Case(it) => Some(it.case),
            Self::Desk(_) | Self::Demand(_) | Self::Highlight(_) | Self::Broadcast(_) | Self::Charts(_) => {
                None
            }
        }
    }

    /// The municipality that it is about, where that is no case's.
    pub fn municipality(&self) -> Option<Code> {
        match self {
            Self::Demand(it) => it.row().map(|it| it.municipality.clone()),
            Self::Desk(it) => it.municipality(),
            Self::Highlight(it) => it.municipality(),
            Self::Charts(it) => it.municipality(),
            Self::Queue(_) | Self::Case(_) | Self::Broadcast(_) => None,
        }
    }

    /// Whether letters go to [`Screen::typed`] and not to the keymap.
    pub fn typing(&self) -> bool {
        match self {
            Self::Queue(it) => it.typing(),
            Self::Case(it) => it.composer.is_some(),
            Self::Desk(_) | Self::Demand(_) | Self::Highlight(_) | Self::Broadcast(_) | Self::Charts(_) => {
                false
            }
        }
    }

    /// Whether a note among staff is being written.
    pub fn notes(&self) -> bool {
        matches!(self, Self::Case(it) if it.composer.as_ref().is_some_and(|it| it.note))
    }

    /// Takes a key while letters are typed.
    pub fn typed(&mut self, shared: &mut Shared, key: KeyEvent) {
        match self {
            Self::Queue(it) => it.typed(shared, key),
            Self::Case(it) => it.typed(shared, key),
            Self::Desk(_) | Self::Demand(_) | Self::Highlight(_) | Self::Broadcast(_) | Self::Charts(_) => {}
        }
    }

    /// Takes pasted text.
    pub fn paste(&mut self, shared: &mut Shared, text: &SafeText) {
        match self {
            Self::Queue(it) => it.paste(shared, text),
            Self::Case(it) => it.paste(shared, text),
            Self::Desk(_) | Self::Demand(_) | Self::Highlight(_) | Self::Broadcast(_) | Self::Charts(_) => {}
        }
    }

    /// Does a command; gives whether it was one of its own.
    pub fn command(&mut self, shared: &mut Shared, overlays: &mut Vec<Overlay>, command: Command) -> bool {
        match self {
            Self::Queue(it) => it.command(shared, overlays, command),
            Self::Case(it) => it.command(shared, overlays, command),
            Self::Desk(it) => it.command(shared, overlays, command),
            Self::Demand(it) => it.command(shared, overlays, command),
            Self::Highlight(it) => it.command(shared, overlays, command),
            Self::Broadcast(it) => it.command(shared, overlays, command),
            Self::Charts(it) => it.command(shared, overlays, command),
        }
    }

    /// Takes an answer that may be its own; gives when what it changed is to be drawn, `None` where it is another's.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
    ) -> Option<Redraw> {
        match self {
            Self::Queue(it) => it.answer(shared, number, answer),
            Self::Case(it) => it.answer(shared, number, answer),
            Self::Desk(it) => it.answer(shared, number, answer),
            Self::Demand(it) => it.answer(shared, number, answer),
            Self::Highlight(it) => it.answer(shared, number, answer),
            Self::Broadcast(it) => it.answer(shared, number, answer),
            Self::Charts(it) => it.answer(shared, number, answer),
        }
    }

    /// Takes a batch of events of the feed.
    pub fn feed(&mut self, shared: &mut Shared, events: &[FeedEvent]) {
        match self {
            Self::Queue(it) => it.feed(shared, events),
            Self::Case(it) => it.feed(shared, events),
            Self::Desk(it) => it.feed(shared, events),
            Self::Demand(it) => it.feed(shared, events),
            Self::Highlight(it) => it.feed(shared, events),
            Self::Broadcast(it) => it.feed(shared, events),
            // It is looked at, not worked by: it is fetched anew by key.
            Self::Charts(_) => {}
        }
    }

    /// The line is back: what changed meanwhile is fetched.
    pub fn catch_up(&mut self, shared: &mut Shared) {
        match self {
            Self::Queue(it) => it.catch_up(shared),
            Self::Case(it) => it.catch_up(shared),
            Self::Desk(it) => it.fetch(shared),
            Self::Demand(it) => it.fetch(shared),
            Self::Highlight(it) => it.fetch(shared),
            Self::Broadcast(it) => it.fetch(shared),
            Self::Charts(it) => it.fetch(shared),
        }
    }

    /// Fetches all that it shows anew: after a sign-in.
    pub fn fetch(&mut self, shared: &mut Shared) {
        match self {
            Self::Queue(it) => it.fetch(shared),
            Self::Case(it) => it.fetch(shared),
            Self::Desk(it) => it.fetch(shared),
            Self::Demand(it) => it.fetch(shared),
            Self::Highlight(it) => it.fetch(shared),
            Self::Broadcast(it) => it.fetch(shared),
            Self::Charts(it) => it.fetch(shared),
        }
    }

    /// A case was dealt with: the next one comes up.
    pub fn advance(&mut self, shared: &mut Shared, case: Uuid) {
        match self {
            Self::Queue(it) => it.advance(shared, case),
            Self::Case(it) => it.advance(shared, case),
            Self::Desk(_) | Self::Demand(_) | Self::Highlight(_) | Self::Broadcast(_) | Self::Charts(_) => {}
        }
    }

    /// Time passed.
    pub fn tick(&mut self, shared: &mut Shared) {
        match self {
            Self::Queue(it) => it.tick(shared),
            Self::Case(it) => it.tick(shared),
            Self::Desk(it) => it.tick(shared),
            Self::Demand(it) => it.tick(shared),
            Self::Highlight(it) => it.tick(shared),
            Self::Broadcast(it) => it.tick(shared),
            Self::Charts(_) => {}
        }
    }

    /// Lays out what is dear to lay out, before it is drawn.
    pub fn prepare(&mut self, shared: &Shared) {
        if let Self::Case(it) = self {
            it.prepare(shared);
        }
    }

    /// Draws the body: all between the second line and the last two.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        match self {
            Self::Queue(it) => queue_draw::draw(it, paint, shared),
            Self::Case(it) => it.draw(paint, shared),
            Self::Desk(it) => it.draw(paint, shared),
            Self::Demand(it) => it.draw(paint, shared),
            Self::Highlight(it) => it.draw(paint, shared),
            Self::Broadcast(it) => it.draw(paint, shared),
            Self::Charts(it) => it.draw(paint, shared),
        }
    }
}

/// Whether events of the feed may change a card or a broadcast.
pub(crate) fn tells_of_highlights(events: &[FeedEvent]) -> bool {
    events.iter().any(|it| it.kind.as_str().contains("highlight") || it.kind.as_str().contains("broadcast"))
}
