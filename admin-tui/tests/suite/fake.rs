//! A console in front of a service that is not there, and somebody who sits at it.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::ops::{Deref, DerefMut};

use cabildo_admin_tui::api::{Answer, Ask, Failure, Link};
use cabildo_admin_tui::app::App;
use cabildo_admin_tui::data::FeedEvent;
use cabildo_admin_tui::event::{Effect, Event, Redraw};
use cabildo_admin_tui::keymap::Keymap;
use cabildo_admin_tui::safe::{Code, SafeText};
use cabildo_admin_tui::session::{KeptDraft, Place};
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::shared::Shared;
use cabildo_admin_tui::theme::Theme;
use cabildo_admin_tui::words::{Words, Zone};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use uuid::Uuid;

pub use super::service::{Mood, NOW, Service, entry, id, me, person, row};

thread_local! {
    static SPEAKS: Cell<&'static str> = const { Cell::new("en") };
}

/// The language of the consoles that this test makes from now on.
pub fn speak(language: &'static str) {
    SPEAKS.set(language);
}

/// The console and what stands behind it.
pub struct Console {
    pub app: App,
    /// What stands behind it.
    pub service: Service,
    /// How much was asked.
    pub asked: usize,
    /// Effects other than questions.
    pub done: Vec<String>,
    pub now: i64,
    pub size: (u16, u16),
    /// The keys under which something was decided, whether it arrived or not.
    pub under: Vec<Uuid>,
    /// How often the screen was to be drawn anew.
    pub redrawn: usize,
    /// How many keys were pressed.
    pub pressed: usize,
    /// Which answers the service holds back until [`Console::release`].
    pub hold: Option<fn(&Ask) -> bool>,
    /// The drafts on disk, by account.
    pub drafts: BTreeMap<Uuid, Vec<KeptDraft>>,
    held: VecDeque<(u64, Box<Result<Answer, Failure>>)>,
}

impl Deref for Console {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl DerefMut for Console {
    fn deref_mut(&mut self) -> &mut Service {
        &mut self.service
    }
}

impl Console {
    /// Signed in, with the queue on the screen.
    pub fn new() -> Self {
        Self::at((80, 24), Theme::Mono)
    }

    pub fn at(size: (u16, u16), theme: Theme) -> Self {
        Self::with(size, theme, Settings::default(), Place::default(), Vec::new())
    }

    pub fn with(
        size: (u16, u16),
        theme: Theme,
        settings: Settings,
        place: Place,
        drafts: Vec<KeptDraft>,
    ) -> Self {
        let mut console = Self::unsigned(size, theme, settings, place, drafts);
        let effects = console.app.begin(true);
        console.perform(effects);
        console.event(Event::Link(Link::Live));
        console.rest(1_000);
        console
    }

    pub fn unsigned(
        size: (u16, u16),
        theme: Theme,
        settings: Settings,
        place: Place,
        drafts: Vec<KeptDraft>,
    ) -> Self {
        let mut shared =
            Shared::new(Words::of(SPEAKS.get()).within(Zone::Utc), theme, Keymap::default(), settings);
        shared.size = size;
        shared.server = SafeText::own("http://127.0.0.1:8090");
        Self {
            app: App::new(shared, place, NOW),
            service: Service::new(),
            asked: 0,
            done: Vec::new(),
            now: NOW,
            size,
            under: Vec::new(),
            redrawn: 0,
            pressed: 0,
            hold: None,
            drafts: BTreeMap::from([(me().person.id, drafts)]),
            held: VecDeque::new(),
        }
    }

    pub fn perform(&mut self, effects: Vec<Effect>) {
        let mut effects = effects;
        while !effects.is_empty() {
            let mut next = Vec::new();
            for effect in effects {
                match effect {
                    Effect::Ask(number, ask) => {
                        self.asked += 1;
                        if self.mood == Mood::Silent {
                            continue;
                        }
                        let held = self.hold.is_some_and(|it| it(&ask));
                        if let Ask::Deed { deed, version, key } = &ask {
                            self.under.push(*key);
                            if self.mood != Mood::Away {
                                self.done.push(format!("deed {deed:?} on {version}"));
                            }
                        }
                        let answer = Box::new(self.service.answer(ask, self.now));
                        if held {
                            self.held.push_back((number, answer));
                            continue;
                        }
                        next.extend(self.handle(Event::Answer(number, answer)));
                    }
                    Effect::Copy(text) => self.done.push(format!("copy {text}")),
                    Effect::ReadDrafts(owner) => {
                        let drafts = self.drafts.get(&owner).cloned().unwrap_or_default();
                        next.extend(self.handle(Event::Drafts(drafts)));
                    }
                    Effect::KeepPicture { name, picture } => {
                        self.done.push(format!("picture {name} {}", picture.0.len()));
                    }
                    Effect::KeepChart { name, picture } => {
                        let drawn = String::from_utf8_lossy(&picture.0).into_owned();
                        self.done.push(format!("chart {name}: {drawn}"));
                        let path = SafeText::line(&format!("/srv/ana/{name}.png"));
                        next.extend(self.handle(Event::ChartKept(path)));
                    }
                    Effect::KeepDraft { note, text, .. } => {
                        self.done.push(format!("draft {} {text}", if note { "note" } else { "reply" }));
                    }
                    other => {
                        let name = format!("{other:?}");
                        self.done.push(name.split(['(', ' ']).next().unwrap_or_default().to_owned());
                    }
                }
            }
            effects = next;
        }
    }

    /// The answers that were held back come, the oldest first; gives how many there were. From now on none is held.
    pub fn release(&mut self) -> usize {
        self.hold = None;
        let held = std::mem::take(&mut self.held);
        let count = held.len();
        for (number, answer) in held {
            self.event(Event::Answer(number, answer));
        }
        count
    }

    /// Something that happened.
    pub fn event(&mut self, event: Event) {
        let effects = self.handle(event);
        self.perform(effects);
    }

    /// Has it handled; where nothing is said to be drawn anew, nothing that is shown changed.
    fn handle(&mut self, event: Event) -> Vec<Effect> {
        self.app.shared.now = self.now;
        let before = self.buffer();
        let what =
            if let Event::Answer(_, answer) = &event { format!("{answer:?}") } else { format!("{event:?}") };
        let effects = self.app.handle(event, self.now);
        match self.app.take_redraw() {
            Redraw::Not => {
                let after = self.buffer();
                assert!(before == after, "{what} is not drawn:\n{}\n{}", text_of(&before), text_of(&after));
            }
            Redraw::Soon | Redraw::Now => self.redrawn += 1,
        }
        effects
    }

    /// Time passes, with all that is to be looked at meanwhile.
    pub fn rest(&mut self, millis: i64) {
        let end = self.now + millis;
        while let Some(at) = self.app.wake().filter(|it| *it <= end) {
            self.now = at.max(self.now + 1);
            self.event(Event::Tick);
        }
        self.now = self.now.max(end);
        self.event(Event::Tick);
    }

    /// One key by its name.
    pub fn key(&mut self, name: &str) {
        self.pressed += 1;
        let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
        let key = match name {
            "Enter" => plain(KeyCode::Enter),
            "Esc" => plain(KeyCode::Esc),
            "Tab" => plain(KeyCode::Tab),
            "Space" => plain(KeyCode::Char(' ')),
            "Down" => plain(KeyCode::Down),
            "PgDn" => plain(KeyCode::PageDown),
            other => match other.strip_prefix("Ctrl-") {
                Some(letter) => {
                    let letter = letter.chars().next().unwrap_or_default().to_ascii_lowercase();
                    KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
                }
                None => plain(KeyCode::Char(other.chars().next().unwrap_or_default())),
            },
        };
        // Nobody presses within the time that protects from a screen that changed by itself.
        self.rest(200);
        self.event(Event::Key(key));
    }

    /// Keys by their names.
    pub fn keys(&mut self, names: &str) {
        for name in names.split(' ') {
            self.key(name);
        }
    }

    /// Letters.
    pub fn write(&mut self, text: &str) {
        for letter in text.chars() {
            self.rest(10);
            self.event(Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
        }
    }

    /// The line goes down, or comes back.
    pub fn line(&mut self, up: bool) {
        self.mood = if up { Mood::Well } else { Mood::Away };
        let link = if up { Link::Live } else { Link::Down { retry: std::time::Duration::from_secs(8) } };
        self.event(Event::Link(link));
    }

    pub fn feed(&mut self, case: u128) {
        let event = FeedEvent { seq: 1, kind: Code::new("case_opened"), case: Some(id(case)) };
        self.event(Event::Feed(event));
    }

    /// A batch of events of the feed.
    pub fn burst(&mut self, events: &[FeedEvent]) {
        let effects = self.app.handle_feed(events, self.now);
        self.redrawn += usize::from(self.app.take_redraw() != Redraw::Not);
        self.perform(effects);
    }

    /// What is on the screen.
    pub fn buffer(&mut self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        self.app.draw(&mut buffer);
        buffer
    }

    /// The text of the screen.
    pub fn screen(&mut self) -> String {
        text_of(&self.buffer())
    }

    pub fn sees(&mut self, text: &str) -> bool {
        self.screen().contains(text)
    }
}

/// The text of a buffer, line by line.
pub fn text_of(buffer: &Buffer) -> String {
    let area = buffer.area();
    let lines = (0..area.height).map(|y| {
        let line: String = (0..area.width).map(|x| buffer[(x, y)].symbol().to_owned()).collect();
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}
