//! The console as a value: `handle(event) -> effects`, and how it is drawn. No terminal, no clock, no network.

mod choices;
mod demands;
mod draw;
mod highlights;
mod service;

use std::collections::VecDeque;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use uuid::Uuid;

use crate::acts;
use crate::api::{Act, Ask};
use crate::data::FeedEvent;
use crate::event::{Edited, Effect, Event, Redraw};
use crate::keymap::{Command, Found, Key, Layer};
use crate::overlays::{
    Choice, Outcome, Overlay, canned, changed, commands, confirm, conflict, form, pager, similar, strip,
};
use crate::safe::SafeText;
use crate::screens::{Kind, Screen, case, charts, demand, desk};
use crate::screens::{queue, queue_draw};
use crate::session::Place;
use crate::shared::{Draft, Owner, Shared};
use crate::triage::{self, Means};

/// Without a key for so long, the screen is covered, ms.
pub const IDLE: i64 = 600_000;
/// The second Ctrl-C counts within this time, ms.
const TWICE: i64 = 2_000;
/// How long it is waited for acts that are not confirmed, before the console goes, ms.
const QUIT_WAIT: i64 = 10_000;
/// How long a place rests before it is kept, ms.
const PLACE_REST: i64 = 2_000;
/// The smallest window.
pub const SMALLEST: (u16, u16) = (60, 16);

/// The console.
#[derive(Debug)]
pub struct App {
    /// What all parts share.
    pub shared: Shared,
    screens: Vec<Screen>,
    overlays: Vec<Overlay>,
    /// Conflicts that wait until nobody types.
    conflicts: VecDeque<conflict::State>,
    /// The same of demands.
    changed: VecDeque<changed::State>,
    /// Forms that were refused, the same.
    refused: VecDeque<form::State>,
    place: Place,
    kept: Place,
    keep_at: Option<i64>,
    key_at: i64,
    interrupt_at: Option<i64>,
    followed: bool,
    leaving: bool,
    /// Until when it is waited for acts that are not confirmed, before the console goes.
    quit_at: Option<i64>,
    /// Whether the key before said that it goes.
    quit_again: bool,
    /// The case in front, and its version, when what lies over the screen was opened.
    looked: Option<(Uuid, i64)>,
    restored: bool,
    /// What the last frame said of the time: of the clock, and of how long something can be taken back.
    said: (i64, Option<i64>),
}

impl App {
    /// The console as it was left, before anybody has signed in.
    pub fn new(mut shared: Shared, place: Place, now: i64) -> Self {
        shared.now = now;
        let screens = vec![Screen::Queue(Box::new(queue::State::new(place.mine, &place)))];
        let kept = place.clone();
        Self {
            shared,
            screens,
            overlays: Vec::new(),
            conflicts: VecDeque::new(),
            changed: VecDeque::new(),
            refused: VecDeque::new(),
            place,
            kept,
            keep_at: None,
            key_at: now,
            interrupt_at: None,
            followed: false,
            leaving: false,
            quit_at: None,
            quit_again: false,
            looked: None,
            restored: false,
            said: (0, None),
        }
    }

    /// Begins: with a token that was kept it is asked whose it is, else somebody signs in.
    pub fn begin(&mut self, signed: bool) -> Vec<Effect> {
        if signed {
            self.shared.ask(Owner::SignIn, Ask::Me);
        } else {
            self.veil("sign-in-first");
        }
        self.shared.take_effects()
    }

    /// What is on top of the screen.
    pub fn overlays(&self) -> &[Overlay] {
        &self.overlays
    }

    /// The screen in front.
    pub fn screen(&self) -> &Screen {
        // There is always one.
        &self.screens[self.screens.len() - 1]
    }

    fn front(&mut self) -> (&mut Screen, &mut Shared, &mut Vec<Overlay>) {
        let last = self.screens.len() - 1;
        (&mut self.screens[last], &mut self.shared, &mut self.overlays)
    }

    /// When something is to be looked at again, Unix ms.
    pub fn wake(&self) -> Option<i64> {
        self.shared.wake
    }

    /// When the screen is to be drawn anew after what was handled; it is taken to be done then.
    pub fn take_redraw(&mut self) -> Redraw {
        self.shared.take_redraw()
    }

    /// Takes what happened at an instant; gives what is to be done.
    pub fn handle(&mut self, event: Event, now: i64) -> Vec<Effect> {
        self.shared.now = now;
        // What the feed tells shows once it was fetched; time and answers say themselves whether they show.
        if !matches!(event, Event::Tick | Event::Feed(_) | Event::Answer(..)) {
            self.shared.redraw(Redraw::Now);
        }
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => self.paste(&text),
            Event::Resize(width, height) => self.shared.size = (width, height),
            Event::Tick => {}
            Event::Feed(event) => self.feed(&[event]),
            Event::Link(link) => self.link(link),
            Event::SignedOut => self.signed_out(),
            Event::Answer(number, answer) => self.answer(number, *answer),
            Event::Edited(edited) => self.edited(edited),
            Event::Drafts(drafts) => {
                for draft in drafts {
                    let kept = Draft { text: draft.text, changed_at: None };
                    self.shared.drafts.entry((draft.case, draft.note)).or_insert(kept);
                }
            }
            Event::PictureKept(path) => {
                let said = self.shared.words.fill("picture-kept", &[("path", path)]);
                self.shared.note(said.clone());
                self.shared.tell(said);
            }
            Event::ChartKept(path) => {
                let said = self.shared.words.fill("chart-kept", &[("path", path)]);
                self.shared.note(said.clone());
                self.shared.tell(said);
            }
            Event::FileFailed(key) => {
                let said = self.shared.words.say(key);
                self.shared.complain(said);
            }
            Event::Terminate => self.leave(),
        }
        self.tick();
        self.shared.take_effects()
    }

    /// Takes a batch of events of the feed at once.
    pub fn handle_feed(&mut self, events: &[FeedEvent], now: i64) -> Vec<Effect> {
        self.shared.now = now;
        self.feed(events);
        self.tick();
        self.shared.take_effects()
    }

    fn tick(&mut self) {
        self.shared.wake = None;
        let now = self.shared.now;
        let signed = self.shared.me.is_some();
        if signed && !self.veiled() {
            if now - self.key_at >= IDLE {
                self.cover("sign-in-idle");
            } else {
                self.shared.wake_at(self.key_at + IDLE);
            }
        }
        for screen in &mut self.screens {
            screen.tick(&mut self.shared);
        }
        self.shared.keep_drafts(false);
        if let Some(status) = &self.shared.status {
            match status.until {
                Some(until) if until <= now => {
                    self.shared.status = None;
                    self.shared.redraw(Redraw::Soon);
                }
                Some(until) => self.shared.wake_at(until),
                None => {}
            }
        }
        self.tell_time();
        self.keep_place();
        self.show_case();
        self.show_conflict();
        self.quit_when_done();
    }

    /// The clock of the first line or of a line that is down, and a count that runs down: each is drawn when it
    /// says something else.
    fn tell_time(&mut self) {
        let now = self.shared.now;
        let beat = if self.shared.offline() { 1_000 } else { 60_000 };
        self.shared.wake_at(now - now.rem_euclid(beat) + beat);
        let left = self.shared.undo_left();
        if let (Some(left), Some(until)) = (left, self.shared.undo_until()) {
            self.shared.wake_at(until - (left - 1) * 1_000);
        }
        let says = (now.div_euclid(beat), left);
        if says != self.said {
            self.said = says;
            self.shared.redraw(Redraw::Soon);
        }
    }

    /// Goes, once all that was shown as done is confirmed.
    fn quit_when_done(&mut self) {
        let Some(at) = self.quit_at else { return };
        if self.shared.unconfirmed() == 0 {
            self.leave();
        } else if at <= self.shared.now {
            self.quit_at = None;
            let said = self.shared.words.say("quit-unconfirmed");
            self.shared.complain(said);
        } else {
            self.shared.wake_at(at);
        }
    }

    /// Fetches the case of a screen that has none yet: one that was opened from what was kept.
    fn show_case(&mut self) {
        if self.restored || self.shared.me.is_none() {
            return;
        }
        let Some(case) = self.place.case.filter(|_| self.place.open) else {
            self.restored = true;
            return;
        };
        if self.shared.rows.contains_key(&case) {
            self.restored = true;
            self.open(case, None, false);
        }
    }

    fn keep_place(&mut self) {
        let mut place = self.kept.clone();
        for screen in &self.screens {
            match screen {
                Screen::Queue(it) => {
                    let name = place.name.clone();
                    place = Place { open: false, name, ..it.place() };
                    // Before the list is here the cursor is still sought.
                    if it.ids.is_empty() {
                        place.case = self.place.case;
                        place.open = self.place.open;
                    }
                }
                Screen::Case(it) => (place.case, place.open) = (Some(it.case), true),
                Screen::Desk(_)
                | Screen::Demand(_)
                | Screen::Highlight(_)
                | Screen::Broadcast(_)
                | Screen::Charts(_) => {}
            }
        }
        if place == self.kept {
            return;
        }
        match self.keep_at {
            Some(at) if at <= self.shared.now => {
                self.keep_at = None;
                self.kept = place.clone();
                self.shared.want(Effect::KeepPlace(Box::new(place)));
            }
            Some(at) => self.shared.wake_at(at),
            None => {
                self.keep_at = Some(self.shared.now + PLACE_REST);
                self.shared.wake_at(self.shared.now + PLACE_REST);
            }
        }
    }

    // -- Keys

    fn veiled(&self) -> bool {
        matches!(self.overlays.last(), Some(Overlay::SignIn(_)))
    }

    fn key(&mut self, key: KeyEvent) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        self.quit_again = self.quit_at.take().is_some();
        let first = self.overlays.is_empty();
        let seen = self.seen().filter(|it| !self.shared.acts.runs_on(it.0));
        self.pressed(key);
        if self.overlays.is_empty() {
            self.looked = None;
        } else if first {
            self.looked = seen;
        }
    }

    fn pressed(&mut self, key: KeyEvent) {
        self.key_at = self.shared.now;
        // What stayed until a key, and what was said of the key before.
        let of_key = ["key-unknown", "key-not-here"].map(|it| self.shared.words.say(it));
        if self.shared.status.as_ref().is_some_and(|it| it.until.is_none() || of_key.contains(&it.text)) {
            self.shared.status = None;
        }
        if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
            return self.interrupt();
        }
        if let Some(mut overlay) = self.overlays.pop() {
            let depth = self.overlays.len();
            match overlay.key(key, &mut self.shared) {
                Outcome::Stay => self.overlays.insert(depth, overlay),
                Outcome::Close => {}
                Outcome::Then(choice) => self.choose(choice),
                Outcome::Also(choice) => {
                    self.overlays.insert(depth, overlay);
                    self.choose(choice);
                }
            }
            return;
        }
        let layer = self.screen().layer();
        let pressed = Key::of(key);
        let find = pressed.map_or(Found::Nothing, |it| self.shared.keymap.find(layer, &[it]));
        if self.screen().typing() && (!layer.takes_letters() || find == Found::Nothing) {
            let (screen, shared, _) = self.front();
            screen.typed(shared, key);
            return;
        }
        match find {
            Found::Command(command) => self.run(command),
            Found::Prefix => {
                let keys = pressed.into_iter().collect();
                self.overlays.push(Overlay::Strip(strip::State::new(layer, keys)));
            }
            Found::Nothing => {
                let said = self.shared.words.say("key-unknown");
                self.shared.say(said);
            }
        }
    }

    fn interrupt(&mut self) {
        if self.interrupt_at.is_some_and(|it| self.shared.now - it < TWICE) {
            return self.leave();
        }
        self.interrupt_at = Some(self.shared.now);
        let said = self.shared.words.say("interrupt-again");
        self.shared.say(said);
        if let Some(Overlay::SignIn(it)) = self.overlays.last_mut() {
            it.said = Some(self.shared.words.say("interrupt-again"));
        }
    }

    fn paste(&mut self, text: &SafeText) {
        self.key_at = self.shared.now;
        if let Some(overlay) = self.overlays.last_mut() {
            return overlay.paste(text);
        }
        let (screen, shared, _) = self.front();
        if screen.typing() {
            screen.paste(shared, text);
        } else {
            let said = shared.words.say("paste-nowhere");
            shared.say(said);
        }
    }

    // -- Commands

    fn run(&mut self, command: Command) {
        if !self.shared.allows(command) {
            let said = self.shared.words.say("failed-not_allowed");
            return self.shared.complain(said);
        }
        if command.sends() && self.shared.too_soon() {
            let said = self.shared.words.say("key-too-soon");
            return self.shared.say(said);
        }
        let written = match self.screen() {
            Screen::Case(it) => it.composer.as_ref().filter(|it| !it.note).map(|it| it.case),
            _ => None,
        };
        let (screen, shared, overlays) = self.front();
        if screen.command(shared, overlays, command) {
            let sent = command == Command::Send && screen.layer() != Layer::Composer;
            if let Some(case) = written.filter(|_| sent) {
                self.advance(case);
            }
            return;
        }
        let layer = screen.layer();
        match command {
            Command::Quit => self.close(true),
            Command::Back => self.close(false),
            Command::Help | Command::Palette => {
                let list = commands::State::new(&self.shared, layer, command == Command::Help);
                self.overlays.push(Overlay::Commands(list));
            }
            Command::Undo => acts::undo(&mut self.shared),
            Command::Redo => acts::redo(&mut self.shared),
            Command::Suspend => self.shared.want(Effect::Suspend),
            Command::Log => self.show_log(),
            Command::SignOut => {
                self.shared.ask(Owner::Nobody, Ask::SignOut);
                self.signed_out();
            }
            Command::Veil => self.cover("sign-in-veiled"),
            Command::GoQueue => self.go(Kind::Queue),
            Command::GoMyWork => self.go(Kind::MyWork),
            Command::GoFeedback => self.go(Kind::Feedback),
            Command::GoUnknown => self.go(Kind::Unknown),
            Command::GoNotices => self.go(Kind::Notices),
            Command::GoOutbox => self.go(Kind::Outbox),
            Command::GoHealth => self.go(Kind::Health),
            Command::GoAudit => self.go(Kind::Audit),
            Command::GoUsers => self.go(Kind::Users),
            Command::GoBenchmarks => self.go(Kind::Benchmarks),
            Command::GoDemands => self.go(Kind::Demands),
            Command::GoLeaders => self.go(Kind::Leaders),
            Command::GoClusters => self.go(Kind::Clusters),
            Command::GoAuthorMessages => self.go(Kind::AuthorMessages),
            Command::GoCommitments => self.go(Kind::Commitments),
            Command::GoHighlights => self.go(Kind::Highlights),
            Command::GoCandidates => self.go(Kind::Candidates),
            Command::GoBroadcasts => self.go(Kind::Broadcasts),
            Command::GoCharts => self.go(Kind::Charts),
            Command::WriteSupporters => self.write_supporters(),
            Command::Similar => {
                let Some(case) = self.screen().target() else { return self.no_case() };
                let list = similar::State::new(&mut self.shared, case);
                self.overlays.push(Overlay::Similar(list));
            }
            Command::LinkDemand => self.ask_demands_of_case(),
            Command::Open => {
                if let Screen::Desk(it) = self.screen()
                    && let Some(demand) = it.demand()
                {
                    return self.open_demand(demand);
                }
                if let Screen::Desk(it) = self.screen()
                    && let Some(card) = it.highlight()
                {
                    return self.open_highlight(card);
                }
                if let Screen::Desk(it) = self.screen()
                    && let Some(broadcast) = it.broadcast()
                {
                    return self.open_broadcast(broadcast);
                }
                let list = match self.screen() {
                    Screen::Queue(it) => it.ids.clone(),
                    Screen::Desk(it) => it.cases(),
                    _ => return,
                };
                let case = match self.screen() {
                    Screen::Desk(it) => it.case(),
                    other => other.target(),
                };
                if let Some(case) = case {
                    // A sealed one opens at once only where it was said what Enter does.
                    let told = matches!(self.screen(), Screen::Queue(_))
                        && queue_draw::panes(self.shared.size).preview.is_some();
                    if told && self.shared.sealed(case) && self.shared.just_came_up() {
                        let said = self.shared.words.say("key-too-soon");
                        return self.shared.say(said);
                    }
                    self.open(case, Some(list), told);
                }
            }
            Command::Insert => {
                let Some(case) = self.screen().target() else { return };
                let language = self.shared.citizens_language(case);
                let list = canned::State::new(&mut self.shared, case, language, true);
                self.overlays.push(Overlay::Canned(list));
            }
            Command::Refresh => {
                let (screen, shared, _) = self.front();
                screen.fetch(shared);
            }
            _ => self.work(command),
        }
    }

    /// A command on the case under the cursor.
    fn work(&mut self, command: Command) {
        let Some(case) = self.screen().target() else { return self.no_case() };
        match triage::means(&mut self.shared, case, command) {
            Some(means) => self.mean(case, means),
            None => {
                let said = self.shared.words.say("key-unknown");
                self.shared.say(said);
            }
        }
    }

    fn no_case(&mut self) {
        let said = self.shared.words.say("no-case");
        self.shared.say(said);
    }

    fn open_demand(&mut self, demand: Uuid) {
        self.screens.retain(|it| it.kind() != Kind::Demand);
        let state = demand::State::new(&mut self.shared, demand);
        self.screens.push(Screen::Demand(Box::new(state)));
    }

    fn mean(&mut self, case: Uuid, means: Means) {
        match means {
            Means::Acts(name, acts) => self.act(case, name, acts),
            Means::Over(overlay) => self.overlays.push(*overlay),
            Means::Compose(note) => self.compose(case, note),
            Means::Nothing => {}
        }
    }

    /// Does acts on a case; where a citizen is told with them and somebody else writes there, that is asked first.
    fn act(&mut self, case: Uuid, name: SafeText, acts: Vec<Act>) {
        if acts.iter().any(Act::tells)
            && self.asks_first(case, || Choice::Anyway(case, name.clone(), acts.clone()))
        {
            // What was typed for it can be read in the log, should it not be done.
            for text in acts.iter().filter_map(Act::typed) {
                self.shared.note(text.clone());
            }
            return;
        }
        self.act_anyway(case, name, acts);
    }

    /// Asks whether something is to be done though somebody else writes to the citizen; gives whether it was asked.
    fn asks_first(&mut self, case: Uuid, then: impl FnOnce() -> Choice) -> bool {
        // Where it would be refused there is nothing to ask.
        let Some(name) = self.shared.also_writes(case).filter(|_| !self.shared.offline()) else {
            return false;
        };
        let question = self.shared.words.fill("also-writes", &[("name", name)]);
        self.overlays.push(Overlay::Confirm(confirm::State::new(question, then())));
        true
    }

    fn act_anyway(&mut self, case: Uuid, name: SafeText, acts: Vec<Act>) {
        let me = self.shared.me.as_ref().map(|it| it.person.id);
        let dealt = queue::deals_with(&acts, me);
        // What was chosen over a case was chosen for it as it was when the choice came up.
        let version = self.looked.filter(|it| it.0 == case).map(|it| it.1);
        if acts::start_on(&mut self.shared, case, name, acts, version) && dealt {
            self.advance(case);
        }
    }

    fn advance(&mut self, case: Uuid) {
        // Letters that are typed for one case never become keys on another.
        if self.screens.iter().any(Screen::typing) {
            return;
        }
        for screen in &mut self.screens {
            screen.advance(&mut self.shared, case);
        }
        // A key that is pressed twice opens nothing that came up in between.
        if self.screen().target().is_some_and(|it| it != case && self.shared.sealed(it)) {
            self.shared.came_up_at = self.shared.now;
        }
    }

    fn compose(&mut self, case: Uuid, note: bool) {
        if !matches!(self.screen(), Screen::Case(it) if it.case == case) {
            let list = match self.screen() {
                Screen::Queue(it) => it.ids.clone(),
                Screen::Case(it) => it.list.clone(),
                _ => Vec::new(),
            };
            self.open(case, Some(list), false);
        }
        if let (Screen::Case(it), shared, _) = self.front() {
            it.compose(shared, note);
        }
    }

    /// Shows a case; a sealed one is covered, unless it was told what `opened` means.
    fn open(&mut self, case: Uuid, list: Option<Vec<Uuid>>, opened: bool) {
        let list = list.unwrap_or_else(|| match self.screen() {
            Screen::Queue(it) => it.ids.clone(),
            Screen::Case(it) => it.list.clone(),
            _ => Vec::new(),
        });
        self.screens.retain(|it| it.kind() != Kind::Case);
        let state = case::State::new(&mut self.shared, case, list, opened);
        self.screens.push(Screen::Case(Box::new(state)));
        self.shared.redraw(Redraw::Now);
    }

    fn go(&mut self, kind: Kind) {
        // The indicators are those of the case's municipality.
        let row = self.screen().target().and_then(|it| self.shared.rows.get(&it));
        let municipality = row.map(|it| it.municipality.clone()).or_else(|| self.screen().municipality());
        let municipality = municipality.unwrap_or_default();
        let case = self.screen().target().and_then(|it| self.shared.cases.get(&it));
        let topic = case.and_then(|it| it.topic.clone());
        let figures = kind == Kind::Benchmarks;
        // From the indicators one goes back to the case.
        self.screens.retain(|it| match it.kind() {
            Kind::Case | Kind::Demand | Kind::Highlight | Kind::Broadcast => figures,
            // Those of another municipality than before.
            Kind::Clusters | Kind::Charts => kind != it.kind(),
            other => !(figures && other == kind),
        });
        if let Some(at) = self.screens.iter().position(|it| it.kind() == kind) {
            let screen = self.screens.remove(at);
            self.screens.push(screen);
        } else if kind == Kind::Charts {
            let state = charts::State::new(&mut self.shared, municipality);
            return self.screens.push(Screen::Charts(Box::new(state)));
        } else if !matches!(kind, Kind::Queue | Kind::MyWork) {
            let state = desk::State::new(kind, municipality).about(topic);
            self.screens.push(Screen::Desk(Box::new(state)));
        } else {
            let place = Place { mine: kind == Kind::MyWork, ..Place::default() };
            self.screens.push(Screen::Queue(Box::new(queue::State::new(kind == Kind::MyWork, &place))));
        }
        let (screen, shared, _) = self.front();
        screen.fetch(shared);
    }

    /// Closes the screen in front; from the last one `q` leaves.
    fn close(&mut self, quit: bool) {
        if self.screens.len() > 1 {
            let gone = self.screens.pop();
            match (gone, self.screens.last_mut()) {
                (Some(Screen::Case(gone)), Some(Screen::Queue(it))) => {
                    it.find_case(&mut self.shared, gone.case);
                }
                // A look at a case ends its notices.
                (Some(Screen::Case(_)), Some(Screen::Desk(it))) if it.kind == Kind::Notices => {
                    it.fetch(&mut self.shared);
                }
                _ => {}
            }
        } else if quit {
            let open = self.shared.unconfirmed();
            if open == 0 || self.quit_again {
                return self.leave();
            }
            self.quit_at = Some(self.shared.now + QUIT_WAIT);
            let said = self.shared.words.fill("quit-waits", &[("acts", SafeText::number(open as u64))]);
            self.shared.tell(said);
        }
    }

    fn leave(&mut self) {
        if self.leaving {
            return;
        }
        self.leaving = true;
        self.shared.keep_drafts(true);
        self.keep_at = Some(0);
        self.keep_place();
        self.shared.want(Effect::Quit);
    }

    fn show_log(&mut self) {
        let words = self.shared.words;
        let lines: Vec<SafeText> =
            self.shared.log.iter().rev().map(|(at, text)| words.clock(*at).with(" ").with(text)).collect();
        let text = if lines.is_empty() { words.say("log-empty") } else { SafeText::join(&lines, "\n") };
        self.overlays.push(Overlay::Pager(pager::State::new(words.say("do-log"), vec![text])));
    }

    fn edited(&mut self, edited: Edited) {
        let text = match edited {
            Edited::Text(text) => text,
            Edited::Failed(None) => {
                let said = self.shared.words.say("editor-failed");
                return self.shared.complain(said);
            }
            Edited::Failed(Some(path)) => {
                let said = self.shared.words.fill("editor-kept", &[("path", path)]);
                return self.shared.complain(said);
            }
        };
        if let (Screen::Case(it), shared, _) = self.front()
            && let Some(composer) = &mut it.composer
        {
            composer.set(shared, &text);
        }
    }
}
