//! The console as a value: `handle(event) -> effects`, and how it is drawn. No terminal, no clock, no network.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use uuid::Uuid;

use crate::acts::{self, After, Kind as RunKind};
use crate::api::{Act, Answer, Ask, Failure, Link};
use crate::data::FeedEvent;
use crate::event::{Effect, Event};
use crate::keymap::{Command, Found, Key, Layer};
use crate::overlays::{Choice, Outcome, Overlay, Wanted, canned, commands, conflict, pager, prompt, sign_in, strip};
use crate::paint::Paint;
use crate::safe::{Code, SafeText};
use crate::screens::queue::{self, Source};
use crate::screens::{Kind, Screen, case, desk};
use crate::session::{KeptDraft, Place};
use crate::shared::{Draft, Owner, Shared};
use crate::theme::Role;
use crate::triage::{self, Means};

/// Without a key for so long, the screen is covered, ms.
pub const IDLE: i64 = 600_000;
/// The second Ctrl-C counts within this time, ms.
const TWICE: i64 = 2_000;
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
    place: Place,
    kept: Place,
    keep_at: Option<i64>,
    key_at: i64,
    interrupt_at: Option<i64>,
    followed: bool,
    leaving: bool,
    restored: bool,
}

impl App {
    /// The console as it was left, before anybody has signed in.
    pub fn new(mut shared: Shared, place: Place, drafts: Vec<KeptDraft>, now: i64) -> Self {
        shared.now = now;
        for draft in drafts {
            shared.drafts.insert((draft.case, draft.note), Draft { text: draft.text, changed_at: None });
        }
        let screens = vec![Screen::Queue(Box::new(queue::State::new(place.mine, &place)))];
        let kept = place.clone();
        Self {
            shared,
            screens,
            overlays: Vec::new(),
            place,
            kept,
            keep_at: None,
            key_at: now,
            interrupt_at: None,
            followed: false,
            leaving: false,
            restored: false,
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

    /// Takes what happened at an instant; gives what is to be done.
    pub fn handle(&mut self, event: Event, now: i64) -> Vec<Effect> {
        self.shared.now = now;
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => self.paste(&text),
            Event::Resize(width, height) => self.shared.size = (width, height),
            Event::Tick => {}
            Event::Feed(event) => self.feed(&[event]),
            Event::Link(link) => self.link(link),
            Event::SignedOut => self.signed_out(),
            Event::Answer(number, answer) => self.answer(number, *answer),
            Event::Edited(text) => self.edited(text),
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
                self.veil("sign-in-idle");
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
                Some(until) if until <= now => self.shared.status = None,
                // A count that runs down.
                Some(until) if status.undo_until.is_some() => self.shared.wake_at(until.min(now + 1_000)),
                Some(until) => self.shared.wake_at(until),
                None => {}
            }
        }
        // The clock of the first line, and of a line that is down.
        let beat = if self.shared.offline() { 1_000 } else { 60_000 - now.rem_euclid(60_000) };
        self.shared.wake_at(now + beat);
        self.keep_place();
        self.show_case();
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
            self.open(case, None);
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
                Screen::Desk(_) => {}
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
        self.key_at = self.shared.now;
        if self.shared.status.as_ref().is_some_and(|it| it.until.is_none()) {
            // What stayed until a key.
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
        if command.sends() && self.shared.too_soon() {
            let said = self.shared.words.say("key-too-soon");
            return self.shared.say(said);
        }
        let written = match self.screen() {
            Screen::Case(it) => it.composer.as_ref().filter(|it| !it.note).map(|it| it.case),
            Screen::Queue(_) | Screen::Desk(_) => None,
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
                self.shared.want(Effect::KeepToken);
            }
            Command::Veil => self.veil("sign-in-veiled"),
            Command::GoQueue => self.go(Kind::Queue),
            Command::GoMyWork => self.go(Kind::MyWork),
            Command::GoFeedback => self.go(Kind::Feedback),
            Command::GoUnknown => self.go(Kind::Unknown),
            Command::GoOutbox => self.go(Kind::Outbox),
            Command::GoHealth => self.go(Kind::Health),
            Command::GoAudit => self.go(Kind::Audit),
            Command::GoUsers => self.go(Kind::Users),
            Command::GoBenchmarks => self.go(Kind::Benchmarks),
            Command::Open => {
                let list = match self.screen() {
                    Screen::Queue(it) => it.ids.clone(),
                    Screen::Case(_) => return,
                    Screen::Desk(it) => it.case().into_iter().collect(),
                };
                let case = match self.screen() {
                    Screen::Desk(it) => it.case(),
                    other => other.target(),
                };
                if let Some(case) = case {
                    self.open(case, Some(list));
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
        let Some(case) = self.screen().target() else {
            let said = self.shared.words.say("no-case");
            return self.shared.say(said);
        };
        match triage::means(&mut self.shared, case, command) {
            Some(means) => self.mean(case, means),
            None => {
                let said = self.shared.words.say("key-unknown");
                self.shared.say(said);
            }
        }
    }

    fn mean(&mut self, case: Uuid, means: Means) {
        match means {
            Means::Acts(name, acts) => self.act(case, name, acts),
            Means::Over(overlay) => self.overlays.push(*overlay),
            Means::Compose(note) => self.compose(case, note),
            Means::Nothing => {}
        }
    }

    fn act(&mut self, case: Uuid, name: SafeText, acts: Vec<Act>) {
        let me = self.shared.me.as_ref().map(|it| it.person.id);
        let dealt = queue::deals_with(&acts, me);
        if acts::start(&mut self.shared, case, name, acts) && dealt {
            self.advance(case);
        }
    }

    fn advance(&mut self, case: Uuid) {
        for screen in &mut self.screens {
            screen.advance(&mut self.shared, case);
        }
    }

    fn compose(&mut self, case: Uuid, note: bool) {
        if !matches!(self.screen(), Screen::Case(it) if it.case == case) {
            let list = match self.screen() {
                Screen::Queue(it) => it.ids.clone(),
                Screen::Case(it) => it.list.clone(),
                Screen::Desk(_) => Vec::new(),
            };
            self.open(case, Some(list));
        }
        if let (Screen::Case(it), shared, _) = self.front() {
            it.compose(shared, note);
        }
    }

    fn open(&mut self, case: Uuid, list: Option<Vec<Uuid>>) {
        self.screens.retain(|it| it.kind() != Kind::Case);
        let list = list.unwrap_or_else(|| match self.screens.last() {
            Some(Screen::Queue(it)) => it.ids.clone(),
            _ => Vec::new(),
        });
        let state = case::State::new(&mut self.shared, case, list);
        self.screens.push(Screen::Case(Box::new(state)));
    }

    fn go(&mut self, kind: Kind) {
        // The indicators are those of the case's municipality.
        let row = self.screen().target().and_then(|it| self.shared.rows.get(&it));
        let municipality = row.map(|it| it.municipality.clone()).unwrap_or_default();
        self.screens.retain(|it| it.kind() != Kind::Case && !(kind == Kind::Benchmarks && it.kind() == kind));
        if let Some(at) = self.screens.iter().position(|it| it.kind() == kind) {
            let screen = self.screens.remove(at);
            self.screens.push(screen);
        } else if !matches!(kind, Kind::Queue | Kind::MyWork) {
            self.screens.push(Screen::Desk(Box::new(desk::State::new(kind, municipality))));
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
            if let (Some(Screen::Case(gone)), Some(Screen::Queue(it))) = (gone, self.screens.last_mut()) {
                it.find_case(&mut self.shared, gone.case);
            }
        } else if quit {
            self.leave();
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

    fn edited(&mut self, text: Option<SafeText>) {
        let Some(text) = text else {
            let said = self.shared.words.say("editor-failed");
            return self.shared.complain(said);
        };
        if let (Screen::Case(it), shared, _) = self.front()
            && let Some(composer) = &mut it.composer
        {
            composer.set(shared, &text);
        }
    }

    // -- Choices

    fn choose(&mut self, choice: Choice) {
        match choice {
            Choice::Run(command) => self.run(command),
            Choice::Acts(case, name, acts) => {
                let tells = acts.iter().any(Act::tells);
                let also = self.shared.also_writes(case).filter(|_| tells);
                if let Some(name_of) = also {
                    let note = self.shared.words.fill("also-writes", &[("name", name_of)]);
                    self.shared.note(note);
                }
                self.act(case, name, acts);
            }
            Choice::Ask(wanted) => {
                self.overlays.push(Overlay::Prompt(prompt::State::new(wanted, &SafeText::default())));
            }
            Choice::Written(Wanted::Filter, text) => {
                if let (Screen::Queue(it), shared, _) = self.front() {
                    it.set_filter(shared, text);
                }
            }
            Choice::Written(Wanted::Original(case), text) => {
                let query = cabildo_staff_api::case::CaseQuery {
                    search: Some(text.as_str().trim().to_owned()),
                    limit: Some(2),
                    ..Default::default()
                };
                self.shared.ask(Owner::Original(case), Ask::Cases(Box::new(query)));
            }
            Choice::Written(wanted @ (Wanted::Question(..) | Wanted::Answer(..) | Wanted::Category(..)), text) => {
                if let Some((name, deed, version, back)) = desk::written(&self.shared, &wanted, text) {
                    acts::decide(&mut self.shared, name, deed, version, back);
                }
            }
            Choice::Written(wanted, text) => {
                if let Some((case, name, acts)) = triage::written(&mut self.shared, &wanted, &text) {
                    self.act(case, name, acts);
                }
            }
            Choice::NotOurs(case, code) => {
                let known = self.shared.desk_of(case).and_then(|it| it.offices.iter().find(|it| it.code == code));
                let Some(office) = known.cloned() else { return };
                match office.phone.clone() {
                    Some(phone) => {
                        let (name, act) = triage::refer(&self.shared, &office, phone);
                        self.act(case, name, vec![act]);
                    }
                    None => self.choose(Choice::Ask(Wanted::Referral(case, code))),
                }
            }
            Choice::Queue(code) => self.list(Source::Queue(code)),
            Choice::View(id, name) => self.list(Source::View(id, name)),
            Choice::Language(tag) => {
                if let (Screen::Case(it), ..) = self.front()
                    && let Some(composer) = &mut it.composer
                {
                    composer.language = tag;
                }
            }
            Choice::SendAnyway => {
                if let (Screen::Case(it), shared, _) = self.front() {
                    let case = it.case;
                    it.send(shared);
                    if it.composer.is_none() {
                        self.advance(case);
                    }
                }
            }
            Choice::Insert(text) => {
                let Some(case) = self.screen().target() else { return };
                let open = matches!(self.screen(), Screen::Case(it) if it.composer.is_some());
                if !open {
                    self.compose(case, false);
                }
                if let (Screen::Case(it), shared, _) = self.front() {
                    it.paste(shared, &text);
                }
            }
            Choice::Macro(case, number) => {
                if let Some(row) = self.shared.rows.get(&case).cloned() {
                    let means = triage::macro_of(&mut self.shared, &row, number);
                    self.mean(case, means);
                }
            }
            Choice::Mine(run) => self.act(run.case, run.name.clone(), run.acts.clone()),
            Choice::Note(case) => self.compose(case, true),
            Choice::SignIn(with) => {
                self.shared.ask(Owner::SignIn, Ask::SignIn(*with));
            }
            Choice::SetUp(new) => {
                self.shared.ask(Owner::SignIn, Ask::SetUp(*new));
            }
            Choice::Deed(name, deed, version, back) => {
                acts::decide(&mut self.shared, name, *deed, version, back.map(|it| *it));
            }
        }
    }

    fn list(&mut self, source: Source) {
        if let (Screen::Queue(it), shared, _) = self.front() {
            it.set_source(shared, source);
        }
    }

    // -- The service

    fn feed(&mut self, events: &[FeedEvent]) {
        for screen in &mut self.screens {
            screen.feed(&mut self.shared, events);
        }
    }

    fn link(&mut self, link: Link) {
        let was = self.shared.link;
        self.shared.link = link;
        match link {
            Link::Down { retry } => {
                self.shared.down_since.get_or_insert(self.shared.now);
                self.shared.retry_at = self.shared.now + retry.as_millis() as i64;
            }
            Link::Live => {
                self.shared.down_since = None;
                // What happened meanwhile: the feed tells the rest from its cursor on.
                if was != Link::Live && self.shared.me.is_some() && was != Link::Starting {
                    for screen in &mut self.screens {
                        screen.fetch(&mut self.shared);
                    }
                    let said = self.shared.words.say("link-back");
                    self.shared.say(said);
                }
            }
            Link::Starting | Link::Closed => {}
        }
    }

    fn signed_out(&mut self) {
        if !self.veiled() {
            self.veil("sign-in-ended");
        }
        self.followed = false;
    }

    /// Covers the screen until somebody signs in; what is under it stays as it is.
    fn veil(&mut self, why: &str) {
        self.shared.keep_drafts(true);
        let name = match &self.shared.me {
            Some(me) => me.name.clone(),
            None => SafeText::line(&self.kept.name),
        };
        self.overlays.retain(|it| !matches!(it, Overlay::SignIn(_)));
        let form = sign_in::State::new(self.shared.words.say(why), &name);
        self.overlays.push(Overlay::SignIn(Box::new(form)));
        self.shared.changed_at = self.shared.now;
    }

    fn signed_in(&mut self, me: crate::data::Me) {
        let other = self.shared.me.as_ref().is_some_and(|it| it.person.id != me.person.id);
        if other {
            // Somebody else sits here now: nothing of the one before is shown or undone.
            self.shared.acts = acts::Acts::default();
            self.shared.drafts.clear();
            self.shared.cases.clear();
            self.screens = vec![Screen::Queue(Box::new(queue::State::new(false, &Place::default())))];
            self.overlays.clear();
        }
        self.kept.name = me.name.as_str().to_owned();
        self.shared.me = Some(me);
        self.key_at = self.shared.now;
        self.overlays.retain(|it| !matches!(it, Overlay::SignIn(_)));
        self.shared.want(Effect::KeepToken);
        self.shared.want(Effect::KeepPlace(Box::new(self.kept.clone())));
        if !self.followed {
            self.followed = true;
            self.shared.want(Effect::Follow);
        }
        self.shared.want(Effect::Title(SafeText::own("Cabildo")));
        for screen in &mut self.screens {
            screen.fetch(&mut self.shared);
        }
    }

    fn answer(&mut self, number: u64, answer: Result<Answer, Failure>) {
        let Some(owner) = self.shared.owner(number) else { return };
        if let Err(failure) = &answer
            && failure.code == "not_signed_in"
            && owner != Owner::SignIn
        {
            self.signed_out();
        }
        match owner {
            Owner::Nobody => {}
            Owner::SignIn => self.sign_in_answer(answer),
            Owner::Desk(municipality) => self.desk_answer(&municipality, answer),
            Owner::Act(case) => {
                let acted = answer.and_then(|it| match it {
                    Answer::Acted(acted) => Ok(*acted),
                    _ => Err(Failure::new("not_understood")),
                });
                let after = acts::answered(&mut self.shared, case, acted);
                self.after(after);
            }
            Owner::Deed(name, back) => {
                let answer = answer.and_then(|it| match it {
                    Answer::Deed(version) => Ok(version),
                    _ => Err(Failure::new("not_understood")),
                });
                acts::decided(&mut self.shared, name, back.map(|it| *it), answer);
                for screen in &mut self.screens {
                    if let Screen::Desk(it) = screen {
                        it.fetch(&mut self.shared);
                    }
                }
            }
            Owner::Original(case) => self.original(case, answer),
            Owner::Screen => {
                if self.overlays.iter_mut().any(|it| it.answer(number, &answer)) {
                    return;
                }
                for screen in &mut self.screens {
                    if screen.answer(&mut self.shared, number, &answer) {
                        return;
                    }
                }
            }
        }
    }

    fn sign_in_answer(&mut self, answer: Result<Answer, Failure>) {
        match answer {
            Ok(Answer::Me(me)) => self.signed_in(*me),
            Ok(Answer::SetUp(made)) => {
                if let Some(Overlay::SignIn(form)) = self.overlays.last_mut() {
                    form.busy = false;
                    form.made = Some(made);
                }
            }
            Ok(_) => {}
            Err(failure) => {
                if !self.veiled() {
                    self.veil("sign-in-first");
                }
                // A token that was kept and is no good is no failure of who sits here.
                let asked = self.overlays.iter().any(|it| matches!(it, Overlay::SignIn(form) if form.busy));
                if asked || failure.code != "not_signed_in" {
                    let why = self.shared.explain(&failure);
                    if let Some(Overlay::SignIn(form)) = self.overlays.last_mut() {
                        form.failed(why);
                    }
                }
            }
        }
    }

    fn desk_answer(&mut self, municipality: &Code, answer: Result<Answer, Failure>) {
        let desk = self.shared.desks.entry(municipality.clone()).or_default();
        match answer {
            Ok(Answer::Canned(items)) => desk.canned = items,
            Ok(Answer::Labels(items)) => desk.labels = items,
            Ok(Answer::Offices(items)) => desk.offices = items,
            Ok(Answer::People(items)) => self.shared.people = items,
            Ok(_) => {}
            Err(failure) => {
                // It is asked again with the next case.
                if failure.unreachable() {
                    self.shared.desks.remove(municipality);
                }
            }
        }
    }

    fn original(&mut self, case: Uuid, answer: Result<Answer, Failure>) {
        let words = self.shared.words;
        match answer {
            Ok(Answer::Cases(page)) => {
                let Some(found) = page.rows.iter().find(|it| it.id != case).filter(|_| page.rows.len() == 1) else {
                    let said = words.say("original-none");
                    return self.shared.complain(said);
                };
                let (name, act) = triage::duplicate(&self.shared, found);
                self.act(case, name, vec![act]);
            }
            Ok(_) => {}
            Err(failure) => {
                let said = self.shared.explain(&failure);
                self.shared.complain(said);
            }
        }
    }

    fn after(&mut self, after: After) {
        match after {
            After::Nothing => {}
            After::Done(case, kind, acts) => {
                for act in &acts {
                    match act {
                        Act::Reply { .. } => self.shared.write_draft(case, false, SafeText::default()),
                        Act::Note(_) => self.shared.write_draft(case, true, SafeText::default()),
                        _ => {}
                    }
                }
                if kind != RunKind::Fresh {
                    self.find(case);
                }
                self.reread(case);
            }
            After::Failed(case, acts) => {
                for act in acts {
                    match act {
                        Act::Reply { text, .. } => self.shared.write_draft(case, false, text),
                        Act::Note(text) => self.shared.write_draft(case, true, text),
                        _ => {}
                    }
                }
                self.reread(case);
            }
            After::Conflict(run, theirs) => {
                for act in &run.acts {
                    match act {
                        Act::Reply { text, .. } => self.shared.write_draft(run.case, false, text.clone()),
                        Act::Note(text) => self.shared.write_draft(run.case, true, text.clone()),
                        _ => {}
                    }
                }
                let at = self.overlays.iter().position(|it| matches!(it, Overlay::SignIn(_)));
                let view = Overlay::Conflict(conflict::State::new(run, theirs));
                self.overlays.insert(at.unwrap_or(self.overlays.len()), view);
            }
            After::TakenBack(case, text) => {
                self.shared.write_draft(case, false, text);
                self.find(case);
                self.compose(case, false);
            }
        }
    }

    /// Puts the cursor of the lists on a case.
    fn find(&mut self, case: Uuid) {
        for screen in &mut self.screens {
            if let Screen::Queue(it) = screen {
                it.find_case(&mut self.shared, case);
            }
        }
    }

    /// The screens that show a case read it again.
    fn reread(&mut self, case: Uuid) {
        let event = FeedEvent { seq: 0, kind: Code::new("case_changed"), case: Some(case) };
        self.feed(&[event]);
    }

    // -- Drawing

    /// Draws all of it; gives where the terminal's cursor is to stand.
    pub fn draw(&mut self, buffer: &mut Buffer) -> Option<Position> {
        let area = *buffer.area();
        self.shared.size = (area.width, area.height);
        let last = self.screens.len() - 1;
        self.screens[last].prepare(&self.shared);
        let mut paint = Paint::new(buffer, self.shared.theme);
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            paint.block(area, &self.shared.words.say("too-small"), Role::Plain);
            return None;
        }
        self.draw_lines(&mut paint, area);
        self.screen().draw(&mut paint, &self.shared);
        for overlay in &self.overlays {
            overlay.draw(&mut paint, &self.shared);
        }
        paint.cursor()
    }

    fn draw_lines(&self, paint: &mut Paint<'_>, area: Rect) {
        let shared = &self.shared;
        let words = shared.words;
        let width = area.width;
        let (live, role) = self.live();
        let name = shared.me.as_ref().map(|it| it.person.initials()).unwrap_or_default();
        let right = words.clock(shared.now).with(" ").with(name).with(" ");
        let right_width = (live.width() + 1 + right.width()) as u16;
        let (title, counts) = self.screen().headline(shared);
        let room = width.saturating_sub(right_width + 1);
        let used = paint.text(1, 0, room, &title, Role::Title);
        paint.parts(1 + used, 0, room.saturating_sub(used + 1), &counts);
        let x = width.saturating_sub(right_width);
        let used = paint.text(x, 0, right_width, &live, role);
        paint.text(x + used + 1, 0, right_width - used - 1, &right, Role::Plain);

        let (parts, end) = self.screen().second_line(shared);
        let end_width = end.width() as u16 + 2;
        paint.parts(0, 1, width.saturating_sub(end_width), &parts);
        paint.right(0, 1, width.saturating_sub(1), &end, Role::Quiet);

        let y = area.height - 2;
        if let Some(status) = &shared.status {
            let mut used = 1 + paint.text(1, y, width - 2, &status.text, status.role);
            if let Some(until) = status.undo_until.filter(|it| *it > shared.now) {
                let seconds = SafeText::number((until - shared.now + 999) / 1_000);
                let text = words.fill("undo-for", &[("seconds", seconds)]);
                used = used.min(width.saturating_sub(text.width() as u16 + 3));
                paint.text(used, y, 2, &SafeText::own("  "), Role::Plain);
                paint.text(used + 2, y, width.saturating_sub(used + 2), &text, Role::Key);
            }
        }
        self.draw_footer(paint, area.height - 1, width);
    }

    /// The keys that work now, as many as fit; palette and help at the end, always.
    fn draw_footer(&self, paint: &mut Paint<'_>, y: u16, width: u16) {
        let mut keys = self.footer();
        let fixed = if self.screen().layer().takes_letters() { 1 } else { 2 };
        let last = keys.split_off(keys.len().saturating_sub(fixed));
        let cells = |it: &(SafeText, SafeText)| (it.0.width() + it.1.width()) as u16 + 3;
        let mut left = width.saturating_sub(1 + last.iter().map(cells).sum::<u16>());
        let fitting = keys.into_iter().take_while(|it| {
            let fits = cells(it) <= left;
            left = left.saturating_sub(cells(it));
            fits
        });
        let mut x = 1;
        for (key, says) in fitting.collect::<Vec<_>>().into_iter().chain(last) {
            x += paint.text(x, y, width.saturating_sub(x), &key, Role::Key) + 1;
            x += paint.text(x, y, width.saturating_sub(x), &says, Role::Quiet) + 2;
        }
    }

    /// The keys of the footer and what they do.
    pub fn footer(&self) -> Vec<(SafeText, SafeText)> {
        let layer: Layer = self.screen().layer();
        let shared = &self.shared;
        let keys = layer.footer().iter().filter_map(|command| {
            let chord = shared.keymap.first(layer, *command)?;
            Some((chord.text(), shared.words.say(&format!("key-{}", command.name()))))
        });
        keys.collect()
    }

    /// The state of the line, in a word and a mark.
    fn live(&self) -> (SafeText, Role) {
        let shared = &self.shared;
        let words = shared.words;
        match shared.link {
            Link::Starting => (words.say("link-starting"), Role::Quiet),
            Link::Live => (words.say("link-live"), Role::Plain),
            Link::Closed => (words.say("link-closed"), Role::Quiet),
            Link::Down { .. } => {
                let down = shared.now - shared.down_since.unwrap_or(shared.now);
                let retry = SafeText::number((shared.retry_at - shared.now).max(0) / 1_000);
                let args = [("time", words.minutes(down)), ("retry", retry)];
                (words.fill("link-down", &args), Role::Breach)
            }
        }
    }
}
