//! One case: its thread with citizen, bot, staff and notes told apart by word, its fields, and the composer.
//!
//! A confidential or restricted case is covered until Enter: reading it is kept in the audit trail, so nothing of it is
//! asked for before.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use uuid::Uuid;

use super::composer::Composer;
use super::queue_draw::AROUND;
use crate::api::{Act, Answer, Ask, Failure};
use crate::data::{Case, Entry, FeedEvent};
use crate::event::Redraw;
use crate::keymap::{Command, Layer};
use crate::overlays::{Choice, Overlay, confirm, pager};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::{Owner, Shared};
use crate::theme::Role;
use crate::widgets;

/// Pages of a thread that are fetched; who writes more than 2,000 messages is read elsewhere.
const PAGES: usize = 10;
/// The least time between two fetches that the feed caused, ms.
const PACE: i64 = 500;

/// One line of the thread as it is drawn.
#[derive(Clone, Debug)]
struct ThreadLine {
    text: SafeText,
    role: Role,
    /// The entry that it belongs to.
    entry: usize,
}

/// The screen.
#[derive(Debug)]
pub struct State {
    /// The case.
    pub case: Uuid,
    /// The cases before and after it, as the list had them.
    pub list: Vec<Uuid>,
    /// The text that is being written.
    pub composer: Option<Composer>,
    /// Whether Enter asked for it, so that it is shown whatever it is.
    opened: bool,
    entries: Vec<Entry>,
    lines: Vec<ThreadLine>,
    /// For which width the lines are.
    wrapped: u16,
    top: usize,
    /// Whether the end of the thread stays in sight.
    follows: bool,
    asked_case: Option<u64>,
    asked_thread: Option<u64>,
    /// Whether the thread has come once.
    loaded: bool,
    pages: usize,
    loading: Vec<Entry>,
    dirty: bool,
    fetched_at: i64,
    said_also: bool,
}

impl State {
    /// Shows a case out of a list; `opened` where somebody asked for its text and knew what that means.
    pub fn new(shared: &mut Shared, case: Uuid, list: Vec<Uuid>, opened: bool) -> Self {
        shared.open_case = Some(case);
        let mut state = Self {
            case,
            list,
            composer: None,
            // One that is sealed later on is covered then.
            opened: opened && shared.sealed(case),
            entries: Vec::new(),
            lines: Vec::new(),
            wrapped: 0,
            top: 0,
            follows: true,
            asked_case: None,
            asked_thread: None,
            loaded: false,
            pages: 0,
            loading: Vec::new(),
            dirty: false,
            fetched_at: 0,
            said_also: false,
        };
        state.fetch(shared);
        state
    }

    /// Whether its text is covered until Enter.
    pub fn covered(&self, shared: &Shared) -> bool {
        !self.opened && shared.sealed(self.case)
    }

    /// Covers a case that is sealed, as if nobody had opened it.
    pub fn cover(&mut self) {
        self.opened = false;
    }

    /// Fetches the case and its thread, unless they are covered.
    pub fn fetch(&mut self, shared: &mut Shared) {
        self.dirty = false;
        if shared.me.is_none() || self.covered(shared) {
            return;
        }
        self.fetched_at = shared.now;
        self.pages = 0;
        self.loading.clear();
        self.asked_case = Some(shared.ask(Owner::Screen, Ask::Case(self.case)));
        self.asked_thread = Some(shared.ask(Owner::Screen, Ask::Thread(self.case, None)));
        if let Some(row) = shared.rows.get(&self.case) {
            let municipality = row.municipality.clone();
            shared.want_desk(&municipality);
        }
    }

    /// The line is back: what is written is priced again, and all is fetched.
    pub fn catch_up(&mut self, shared: &mut Shared) {
        if let Some(composer) = &mut self.composer {
            composer.price(shared);
        }
        self.fetch(shared);
    }

    /// Takes an answer that may be its own; gives when what it changed is to be drawn.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
    ) -> Option<Redraw> {
        if self.asked_case == Some(number) {
            self.asked_case = None;
            match answer {
                Ok(Answer::Case(case)) => {
                    let municipality = case.row.municipality.clone();
                    shared.learn_case((**case).clone());
                    shared.want_desk(&municipality);
                    if let Some(composer) = &mut self.composer {
                        let language = shared.citizens_language(self.case);
                        composer.learn_language(shared, language);
                    }
                }
                Ok(_) => {}
                Err(failure) => {
                    let said = shared.explain(failure);
                    shared.complain(said);
                }
            }
            // What is known of the case in front is looked at where the answer is taken.
            return Some(Redraw::Not);
        }
        if self.asked_thread == Some(number) {
            self.asked_thread = None;
            let Ok(Answer::Thread(thread)) = answer else { return Some(Redraw::Now) };
            self.pages += 1;
            self.loading.extend(thread.entries.iter().cloned());
            if let Some(next) = thread.next.clone().filter(|_| self.pages < PAGES) {
                self.asked_thread = Some(shared.ask(Owner::Screen, Ask::Thread(self.case, Some(next))));
                return Some(Redraw::Not);
            }
            let entries = std::mem::take(&mut self.loading);
            let same = self.loaded && self.entries == entries;
            self.loaded = true;
            if same {
                return Some(Redraw::Not);
            }
            self.entries = entries;
            self.wrapped = 0;
            return Some(Redraw::Now);
        }
        let priced = self.composer.as_mut().is_some_and(|it| it.answer(shared, number, answer));
        priced.then_some(Redraw::Now)
    }

    /// Events of the feed.
    pub fn feed(&mut self, shared: &mut Shared, events: &[FeedEvent]) {
        if events.iter().any(|it| it.case == Some(self.case)) {
            self.dirty = true;
            shared.wake_at(shared.now.max(self.fetched_at + PACE));
        }
    }

    /// Time passed.
    pub fn tick(&mut self, shared: &mut Shared) {
        if let Some(composer) = &mut self.composer {
            composer.tick(shared);
        }
        if self.dirty && self.asked_thread.is_none() && !shared.offline() {
            if self.fetched_at + PACE > shared.now {
                return shared.wake_at(self.fetched_at + PACE);
            }
            self.fetch(shared);
            if !self.loaded {
                shared.redraw(Redraw::Soon);
            }
        }
    }

    /// The layer whose keys work.
    pub fn layer(&self) -> Layer {
        if self.composer.is_some() { Layer::Composer } else { Layer::Case }
    }

    /// Takes a key while text is written.
    pub fn typed(&mut self, shared: &mut Shared, key: KeyEvent) {
        if let Some(composer) = &mut self.composer {
            composer.key(shared, key);
        }
    }

    /// Takes pasted text while text is written.
    pub fn paste(&mut self, shared: &mut Shared, text: &SafeText) {
        if let Some(composer) = &mut self.composer {
            composer.insert(shared, text);
        }
    }

    /// Opens the composer.
    pub fn compose(&mut self, shared: &mut Shared, note: bool) {
        // Who gets a reply is known once the case was read.
        if !note && self.covered(shared) {
            let said = shared.cover_text(self.case);
            return shared.say(said);
        }
        if self.composer.as_ref().is_none_or(|it| it.note != note) {
            self.composer = Some(Composer::new(shared, self.case, note));
        }
        self.said_also = false;
        self.follows = true;
    }

    /// Another case of the list.
    fn turn(&mut self, shared: &mut Shared, forward: bool) {
        let Some(at) = self.list.iter().position(|it| *it == self.case) else { return };
        let next = if forward { at.checked_add(1) } else { at.checked_sub(1) };
        if let Some(case) = next.and_then(|it| self.list.get(it)).copied() {
            let list = std::mem::take(&mut self.list);
            *self = Self::new(shared, case, list, false);
        } else {
            let said = shared.words.say(if forward { "list-end" } else { "list-begin" });
            shared.say(said);
        }
    }

    /// The next case comes up after this one was dealt with.
    pub fn advance(&mut self, shared: &mut Shared, case: Uuid) {
        if self.case == case && self.list.last() != Some(&case) {
            self.turn(shared, true);
        }
    }

    fn room(shared: &Shared, composer: bool) -> usize {
        let body = shared.size.1.saturating_sub(AROUND);
        usize::from(
            body.saturating_sub(fields_height(shared) + if composer { composer_height(shared) } else { 0 }),
        )
    }

    fn scroll(&mut self, shared: &Shared, by: isize) {
        if !self.loaded {
            // Nothing is there to move over yet; which end is wanted is known.
            if by == isize::MIN || by == isize::MAX {
                self.follows = by == isize::MAX;
            }
            return;
        }
        let last = self.lines.len().saturating_sub(Self::room(shared, self.composer.is_some()));
        self.top = self.top.saturating_add_signed(by).min(last);
        self.follows = self.top == last;
    }

    /// Does a command; gives whether it was one of its own.
    pub fn command(&mut self, shared: &mut Shared, overlays: &mut Vec<Overlay>, command: Command) -> bool {
        let page = Self::room(shared, self.composer.is_some()).max(1) as isize;
        if self.composer.is_some() {
            return self.compose_command(shared, overlays, command);
        }
        let covered = self.covered(shared);
        match command {
            Command::Open if covered => {
                if shared.just_came_up() {
                    let said = shared.words.say("key-too-soon");
                    shared.say(said);
                } else {
                    self.opened = true;
                    self.fetch(shared);
                }
            }
            Command::Refresh | Command::Raw | Command::Media if covered => {
                let said = shared.cover_text(self.case);
                shared.say(said);
            }
            Command::Down => self.scroll(shared, 1),
            Command::Up => self.scroll(shared, -1),
            Command::First => self.scroll(shared, isize::MIN),
            Command::Last => self.scroll(shared, isize::MAX),
            Command::HalfDown => self.scroll(shared, page / 2),
            Command::HalfUp => self.scroll(shared, -page / 2),
            Command::PageDown => self.scroll(shared, page),
            Command::PageUp => self.scroll(shared, -page),
            Command::NextCase => self.turn(shared, true),
            Command::PreviousCase => self.turn(shared, false),
            Command::Refresh => self.fetch(shared),
            Command::Raw => {
                let at = (self.top + page as usize).min(self.lines.len()).saturating_sub(1);
                let entry = self.lines.get(at).map_or(0, |it| it.entry);
                if let Some(entry) = self.entries.get(entry) {
                    let title =
                        shared.words.code("from", &entry.from).with(" ").with(shared.words.day(entry.at));
                    overlays.push(Overlay::Pager(pager::State::new(title, entry.pages.clone())));
                }
            }
            Command::Media => {
                let lines =
                    self.entries.iter().flat_map(|it| it.media.iter().map(|media| media_line(shared, media)));
                let lines: Vec<SafeText> = lines.collect();
                let text = if lines.is_empty() {
                    shared.words.say("media-none")
                } else {
                    SafeText::join(&lines, "\n")
                };
                let title = shared.words.say("do-media");
                overlays.push(Overlay::Pager(pager::State::new(title, vec![text])));
            }
            _ => return false,
        }
        true
    }

    fn compose_command(
        &mut self,
        shared: &mut Shared,
        overlays: &mut Vec<Overlay>,
        command: Command,
    ) -> bool {
        match command {
            Command::Back => {
                self.composer = None;
                let kept = shared.drafts.contains_key(&(self.case, false))
                    || shared.drafts.contains_key(&(self.case, true));
                if kept {
                    let said = shared.words.say("draft-kept");
                    shared.say(said);
                }
            }
            Command::Send => {
                let also = shared.also_writes(self.case);
                let note = self.composer.as_ref().is_some_and(|it| it.note);
                if let (Some(name), false, false) = (also, note, self.said_also) {
                    self.said_also = true;
                    let question = shared.words.fill("also-writes", &[("name", name)]);
                    overlays.push(Overlay::Confirm(confirm::State::new(question, Choice::SendAnyway)));
                } else {
                    self.send(shared);
                }
            }
            Command::Edit => {
                if let Some(composer) = &self.composer {
                    shared.want(crate::event::Effect::Edit(composer.text()));
                }
            }
            _ => return false,
        }
        true
    }

    /// Sends what is written.
    pub fn send(&mut self, shared: &mut Shared) {
        let Some(composer) = &self.composer else { return };
        let text = composer.text();
        if text.is_empty() {
            let said = shared.words.say("compose-nothing");
            return shared.say(said);
        }
        if composer.cost.as_ref().is_some_and(|it| !it.missing.is_empty()) && !composer.waits() {
            let said = shared.words.say("compose-holes");
            return shared.complain(said);
        }
        if !composer.note && !shared.cases.contains_key(&self.case) && !shared.offline() {
            // Nothing goes before it was seen who gets it.
            if self.asked_case.is_none() {
                self.asked_case = Some(shared.ask(Owner::Screen, Ask::Case(self.case)));
            }
            let said = shared.words.say("compose-to-wait");
            return shared.say(said);
        }
        let (name, act) = if composer.note {
            (shared.words.say("act-note"), Act::Note(text))
        } else {
            let to = shared.cases.get(&self.case).and_then(Case::opener);
            let to = to.map(|it| it.shown.clone()).unwrap_or_default();
            let name =
                shared.words.fill("act-reply", &[("to", to), ("text", text.clone().one_line().cut(40))]);
            (name, Act::Reply { text, language: Some(composer.language.clone()) })
        };
        // Where it is refused the draft stays as it is.
        if crate::acts::start(shared, self.case, name, vec![act]) {
            self.composer = None;
        }
    }

    /// Lays the lines out for the width, once.
    pub fn prepare(&mut self, shared: &Shared) {
        let width = shared.size.0.saturating_sub(2);
        if self.wrapped != width || (self.lines.is_empty() && !self.entries.is_empty()) {
            self.wrapped = width;
            self.lines = lay_out(&self.entries, shared, width);
        }
        let room = Self::room(shared, self.composer.is_some());
        let last = self.lines.len().saturating_sub(room);
        self.top = if self.follows { last } else { self.top.min(last) };
    }

    /// Draws the body.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let (width, height) = shared.size;
        let fields = fields_height(shared);
        let covered = self.covered(shared);
        let known = shared.cases.get(&self.case).filter(|_| !covered);
        draw_fields(self.case, known, paint, shared, Rect::new(1, 2, width.saturating_sub(2), fields));
        let top = 2 + fields;
        let composer = if self.composer.is_some() { composer_height(shared) } else { 0 };
        let bottom = height.saturating_sub(2 + composer);
        if !covered && !self.loaded && self.asked_thread.is_some() {
            paint.text(1, top, width - 1, &shared.words.say("loading"), Role::Quiet);
        }
        let room = usize::from(bottom.saturating_sub(top));
        if covered {
            let area = Rect::new(1, top, width.saturating_sub(2), bottom.saturating_sub(top));
            paint.block(area, &shared.cover_text(self.case), Role::Soon);
        }
        let shown = if covered { 0 } else { room };
        for (at, line) in self.lines.iter().skip(self.top).take(shown).enumerate() {
            paint.text(1, top + at as u16, width.saturating_sub(2), &line.text, line.role);
        }
        if let Some(it) = &self.composer {
            it.draw(paint, shared, Rect::new(0, bottom, width, composer));
        }
    }
}

/// Lines of the fields above the thread, with the rule under them.
fn fields_height(shared: &Shared) -> u16 {
    if shared.size.1 >= 30 { 5 } else { 3 }
}

fn composer_height(shared: &Shared) -> u16 {
    (shared.size.1 / 3).clamp(6, 12)
}

/// The line of a photo or voice.
fn media_line(
    shared: &Shared,
    (kind, state, mime, size): &(crate::safe::Code, crate::safe::Code, SafeText, Option<i64>),
) -> SafeText {
    let words = shared.words;
    let kib = SafeText::number(size.unwrap_or_default() / 1_024);
    let args = [
        ("kind", words.code("media", kind)),
        ("mime", mime.clone()),
        ("size", kib),
        ("state", words.code("media-state", state)),
    ];
    words.fill("media-line", &args)
}

fn lay_out(entries: &[Entry], shared: &Shared, width: u16) -> Vec<ThreadLine> {
    let words = shared.words;
    let mut lines = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let role = match entry.from.as_str() {
            "note" => Role::Note,
            "citizen" => Role::Title,
            _ => Role::Quiet,
        };
        let mut head = words.code("from", &entry.from);
        if let Some(author) = &entry.author {
            head = head.with(" ").with(&author.name);
        }
        head = head.with("  ").with(words.day(entry.at));
        if let Some(send) = &entry.send {
            head = head.with("  ").with(words.code("send", send));
        }
        lines.push(ThreadLine { text: head, role, entry: at });
        let body = if entry.from == "note" { Role::Note } else { Role::Plain };
        match entry.pages.first() {
            None if entry.media.is_empty() => {
                lines.push(ThreadLine { text: words.say("erased"), role: Role::Quiet, entry: at });
            }
            None => {}
            Some(text) => {
                if text.right_to_left() {
                    lines.push(ThreadLine { text: words.say("right-to-left"), role: Role::Quiet, entry: at });
                }
                for part in text.wrap(usize::from(width.saturating_sub(2))) {
                    let text = SafeText::own("  ").with(text.slice(part));
                    lines.push(ThreadLine { text, role: body, entry: at });
                }
                if entry.pages.len() > 1 {
                    let more = SafeText::number(entry.pages.len() as u64 - 1);
                    let text = words.fill("pages-more", &[("count", more)]);
                    lines.push(ThreadLine { text, role: Role::Quiet, entry: at });
                }
            }
        }
        for media in &entry.media {
            let text = SafeText::own("  ").with(media_line(shared, media));
            lines.push(ThreadLine { text, role: Role::Quiet, entry: at });
        }
    }
    lines
}

fn draw_fields(id: Uuid, case: Option<&Case>, paint: &mut Paint<'_>, shared: &Shared, area: Rect) {
    let words = shared.words;
    let Some(row) = shared.rows.get(&id) else { return };
    let (due, role) = widgets::due(shared, row);
    let (who, who_role) = widgets::who(shared, row);
    let (urgency, urgent) = widgets::urgency(shared, row);
    let gap = || (SafeText::own("  "), Role::Plain);
    let mut first = vec![
        (words.code("state", &row.state), Role::Title),
        gap(),
        (urgency.with(" ").with(words.code("priority", &row.priority)), urgent),
        gap(),
        (words.say("field-who").with(" ").with(who), who_role),
        gap(),
        (due, role),
    ];
    if shared.acts.runs_on(id) {
        first.insert(0, (SafeText::own("~ "), Role::Pending));
    }
    if row.sealed() {
        first.push(gap());
        first.push((words.code("confidentiality", &row.confidentiality), Role::Soon));
    }
    paint.parts(area.x, area.y, area.width, &first);
    let citizen = case.and_then(Case::opener);
    let mut second: Vec<SafeText> =
        citizen.iter().map(|it| it.channel.clone().with(" ").with(&it.shown)).collect();
    second.extend(case.map_or_else(|| row.place.clone(), |it| it.place.clone()));
    second.push(row.municipality_name.clone());
    second.push(shared.office(&row.municipality, &row.office));
    second.push(shared.category(&row.municipality, &row.category));
    if let Some(case) = case.filter(|it| !it.labels.is_empty()) {
        second.push(words.fill("labels-are", &[("labels", SafeText::join(&case.labels, ", "))]));
    }
    paint.text(area.x, area.y + 1, area.width, &SafeText::join(&second, "  "), Role::Plain);
    let mut y = area.y + 2;
    if area.height > 3 {
        if let Some(case) = case {
            let mut third: Vec<SafeText> = Vec::new();
            third.extend(case.first_answer_due.map(|it| words.fill("due-answer", &[("at", words.day(it))])));
            third.extend(case.solution_due.map(|it| words.fill("due-solution", &[("at", words.day(it))])));
            third.extend(case.scheduled_for.clone().map(|it| words.fill("scheduled", &[("date", it)])));
            third.extend(case.rating.map(|it| words.fill("rating", &[("stars", SafeText::number(it))])));
            if row.joined > 1 {
                third.push(words.fill("people", &[("count", SafeText::number(row.joined))]));
            }
            paint.text(area.x, y, area.width, &SafeText::join(&third, "  "), Role::Quiet);
            let answers: Vec<SafeText> = case
                .answers
                .iter()
                .map(|(question, answer)| question.clone().with(": ").with(answer))
                .collect();
            paint.text(area.x, y + 1, area.width, &SafeText::join(&answers, "  "), Role::Quiet);
        }
        y += 2;
    }
    paint.rule(area.x - 1, y, area.width + 2, None);
}

/// What line 2 says: who else is here.
pub fn second_line(state: &State, shared: &Shared) -> (Vec<(SafeText, Role)>, SafeText) {
    let words = shared.words;
    let mut parts = vec![(SafeText::own(" "), Role::Plain)];
    if let Some((person, _)) = shared.cases.get(&state.case).and_then(|it| it.writers.first()) {
        parts.push((words.fill("also-here", &[("name", person.name.clone())]), Role::Soon));
    }
    let draft = |note| shared.drafts.get(&(state.case, note)).is_some_and(|it| !it.text.is_empty());
    if state.composer.is_none() && (draft(false) || draft(true)) {
        parts.push((words.say("draft-here"), Role::Soon));
    }
    let at = state.list.iter().position(|it| *it == state.case).map_or(0, |it| it + 1);
    let args = [("row", SafeText::number(at as u64)), ("total", SafeText::number(state.list.len() as u64))];
    (parts, words.fill("list-row", &args))
}
