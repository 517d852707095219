//! Queue and My work: a list of cases with a preview, triaged key by key.
//!
//! The list shows a window of what was loaded; more is loaded before the cursor comes to the end. What the feed tells
//! never moves the row under the cursor: changes show in place, new rows wait behind a count, rows that left the
//! view stay until the cursor moves.

mod pages;

use std::collections::HashSet;

use cabildo_staff_api::case::CaseQuery;
use uuid::Uuid;

use self::pages::Why;
use super::{filter, queue_draw};
use crate::api::{Act, Answer, Ask, Failure};
use crate::data::{Count, Entry, FeedEvent, Queues, Row};
use crate::event::Redraw;
use crate::input::Line;
use crate::keymap::Command;
use crate::overlays::{Choice, Overlay, Wanted, picker, prompt};
use crate::safe::{Code, SafeText};
use crate::session::Place;
use crate::shared::{Owner, Shared};

/// How long the cursor rests before the preview is fetched, ms.
const REST: i64 = 60;
/// How long the search rests before it is asked, ms.
const SEARCH_REST: i64 = 80;
/// The least time between two fetches that the feed caused, where a row on the screen is concerned, ms.
const PACE: i64 = 1_000;
/// The same where none is: counts, and how many new rows wait.
const FAR: i64 = 3_000;
/// The least time between two fetches of the case under the cursor that the feed caused, ms.
const PREVIEW_PACE: i64 = 500;
/// From when on it is told that the list is waited for, ms.
const LONG: i64 = 300;
/// Rows that are left below the cursor when more are fetched.
const AHEAD: usize = 50;
/// Rows that are kept at most; a filter finds the rest.
const KEPT: usize = 5_000;

/// What is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A fixed queue.
    Queue(Code),
    /// A saved view.
    View(Uuid, SafeText),
    /// All that the filter finds.
    All,
}

/// The screen.
#[derive(Debug)]
pub struct State {
    /// Whether it is My work.
    pub mine: bool,
    /// What is listed.
    pub source: Source,
    /// The filter as it is written.
    pub filter: SafeText,
    /// What is owed first comes first.
    pub due_first: bool,
    /// The search that is being typed.
    pub find: Option<Line>,
    /// Rows, by case: the list from its begin on, or its end.
    pub ids: Vec<Uuid>,
    /// Rows that are before them.
    pub above: u64,
    /// How many there are.
    pub total: Count,
    /// The row under the cursor.
    pub at: usize,
    /// The first row on the screen.
    pub top: usize,
    /// How many new ones wait.
    pub fresh: usize,
    /// Rows that left the view.
    pub gone: HashSet<Uuid>,
    /// Counts of queues.
    pub queues: Queues,
    /// The thread beside the list, and of which case.
    pub thread: Option<(Uuid, Vec<Entry>)>,
    /// Whether the list has come.
    pub loaded: bool,
    /// Since when the list is waited for.
    pub asked_at: Option<i64>,
    /// Why there is no list, where that is not since nothing is in it.
    pub failed: Option<SafeText>,
    search: SafeText,
    search_at: Option<i64>,
    next: Option<String>,
    /// Whether the rows are the list's end, and where what is before them goes on.
    from_end: bool,
    before: Option<String>,
    page: Option<(u64, Why)>,
    counts: Option<u64>,
    dirty: bool,
    /// Whether what changed is on the screen.
    near: bool,
    fetched_at: i64,
    /// The seconds of waiting that the last frame told.
    said_waiting: Option<i64>,
    previewed_at: i64,
    rest_at: Option<i64>,
    previewed: Option<Uuid>,
    preview: Option<u64>,
    messages: Option<(u64, Uuid)>,
    /// The case that the cursor is to find again.
    sought: Option<Uuid>,
}

impl State {
    /// The screen, as it stood.
    pub fn new(mine: bool, place: &Place) -> Self {
        let own = place.mine == mine;
        let source = match (mine, &place.queue, place.view) {
            (true, ..) => Source::Queue(Code::new("mine")),
            (false, _, Some(view)) if own => Source::View(view, SafeText::default()),
            (false, Some(queue), _) if own => Source::Queue(Code::new(queue)),
            (false, None, None) if own && !place.filter.is_empty() => Source::All,
            _ => Source::Queue(Code::new("unassigned")),
        };
        Self {
            mine,
            source,
            filter: if own { SafeText::line(&place.filter) } else { SafeText::default() },
            due_first: mine || (own && place.due_first),
            find: None,
            ids: Vec::new(),
            above: 0,
            total: Count::default(),
            at: 0,
            top: 0,
            fresh: 0,
            gone: HashSet::new(),
            queues: Queues::default(),
            thread: None,
            loaded: false,
            asked_at: None,
            failed: None,
            search: SafeText::default(),
            search_at: None,
            next: None,
            from_end: false,
            before: None,
            page: None,
            counts: None,
            dirty: false,
            near: false,
            fetched_at: 0,
            said_waiting: None,
            previewed_at: 0,
            rest_at: None,
            previewed: None,
            preview: None,
            messages: None,
            sought: place.case.filter(|_| own),
        }
    }

    /// Where it stands, to be kept.
    pub fn place(&self) -> Place {
        Place {
            mine: self.mine,
            queue: match &self.source {
                Source::Queue(code) => Some(code.as_str().to_owned()),
                _ => None,
            },
            view: match self.source {
                Source::View(id, _) => Some(id),
                _ => None,
            },
            filter: self.filter.as_str().to_owned(),
            due_first: self.due_first,
            case: self.target(),
            ..Place::default()
        }
    }

    /// The case under the cursor.
    pub fn target(&self) -> Option<Uuid> {
        self.ids.get(self.at).copied()
    }

    /// What was searched for, once it was typed.
    pub fn searched(&self) -> Option<&SafeText> {
        Some(&self.search).filter(|it| !it.is_empty())
    }

    fn query(&self) -> CaseQuery {
        let mut query = filter::read(&self.filter).unwrap_or_default();
        if let Some(words) = self.searched() {
            query.search = Some(words.as_str().to_owned());
        }
        if let Source::View(id, _) = &self.source {
            // What is looked for is looked for in the view.
            query.view = Some(*id);
            return query;
        }
        if query != CaseQuery::default() {
            // The service takes a queue alone: what is looked for is looked for among all cases, or all of one's own.
            if self.mine {
                query.assignee.get_or_insert_with(|| "me".to_owned());
                query.state.get_or_insert_with(|| "open".to_owned());
            }
            return query;
        }
        match &self.source {
            Source::Queue(code) => {
                query.queue = Some(code.as_str().to_owned());
                // Other lists have one order only.
                query.sort = Some(if self.due_first { "due" } else { "newest" }.to_owned());
            }
            Source::View(..) | Source::All => {}
        }
        query
    }

    /// Fetches the list anew; the rows that are there stay until it is here.
    pub fn fetch(&mut self, shared: &mut Shared) {
        if shared.me.is_none() {
            return;
        }
        self.ask(shared, Why::List, None);
        self.count(shared);
    }

    /// The line is back: what changed meanwhile shows in place, and the cursor stays.
    pub fn catch_up(&mut self, shared: &mut Shared) {
        if self.ids.is_empty() {
            return self.fetch(shared);
        }
        self.previewed = None;
        self.rest_at = Some(shared.now + REST);
        shared.wake_at(shared.now + REST);
        if shared.me.is_some() {
            self.ask(shared, Why::Changes, None);
            self.count(shared);
        }
    }

    /// Another list: the cursor begins on its first row.
    fn anew(&mut self, shared: &mut Shared) {
        self.sought = None;
        if shared.me.is_some() {
            self.ask(shared, Why::Anew, None);
        }
    }

    fn count(&mut self, shared: &mut Shared) {
        if self.counts.is_none() {
            self.counts = Some(shared.ask(Owner::Screen, Ask::Queues));
        }
    }

    /// What of the list is on the screen.
    fn shown(&self, shared: &Shared) -> impl PartialEq + use<> {
        let rows = self.in_sight(shared).map(|it| shared.rows.get(it).cloned());
        let numbers = (self.at, self.top, self.above, self.total, self.fresh);
        (rows.collect::<Vec<Option<Row>>>(), self.gone.clone(), numbers, self.failed.clone())
    }

    /// The cases that are on the screen.
    fn in_sight(&self, shared: &Shared) -> impl Iterator<Item = &Uuid> + use<'_> {
        self.ids.iter().skip(self.top).take(queue_draw::list_height(shared.size))
    }

    /// Takes an answer that may be its own; gives when what it changed is to be drawn.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
    ) -> Option<Redraw> {
        let when = |same: bool| Some(if same { Redraw::Not } else { Redraw::Soon });
        if self.counts == Some(number) {
            self.counts = None;
            let before = (self.queues.clone(), self.source.clone());
            if let Ok(Answer::Queues(queues)) = answer {
                self.queues = queues.clone();
                if let Source::View(id, name) = &mut self.source {
                    let known = self.queues.views.iter().find(|it| it.0 == *id);
                    *name = known.map(|it| it.1.clone()).unwrap_or_default();
                }
            }
            return when(before.0 == self.queues && before.1 == self.source);
        }
        if let Some((asked, why)) = self.page
            && asked == number
        {
            self.page = None;
            self.asked_at = None;
            let before = (why == Why::Changes).then(|| self.shown(shared));
            match answer {
                Ok(Answer::Cases(page)) => {
                    self.failed = None;
                    self.take(shared, why, page.clone());
                }
                Ok(_) => {}
                Err(failure) if matches!(why, Why::List | Why::Anew | Why::End) || !failure.unreachable() => {
                    let said = shared.explain(failure);
                    self.failed = Some(said.clone());
                    shared.complain(said);
                }
                // The line of state tells it.
                Err(_) => self.dirty = true,
            }
            return before.map_or(Some(Redraw::Now), |it| when(it == self.shown(shared)));
        }
        if self.preview == Some(number) {
            self.preview = None;
            let Ok(Answer::Case(case)) = answer else { return Some(Redraw::Not) };
            let known = shared.cases.get(&case.row.id);
            let first = known.is_none();
            let same = known == Some(&**case) && shared.rows.get(&case.row.id) == Some(&case.row);
            shared.learn_case((**case).clone());
            return if first { Some(Redraw::Now) } else { when(same) };
        }
        if let Some((asked, case)) = self.messages
            && asked == number
        {
            self.messages = None;
            let Ok(Answer::Thread(thread)) = answer else { return Some(Redraw::Not) };
            let before = self.thread.replace((case, thread.entries.clone()));
            let first = before.as_ref().is_none_or(|it| it.0 != case);
            return if first { Some(Redraw::Now) } else { when(before == self.thread) };
        }
        None
    }

    /// The cursor moved: rows that left go, more are fetched, the preview after a rest.
    fn moved(&mut self, shared: &mut Shared) {
        self.settle(self.target());
        let room = queue_draw::list_height(shared.size).max(1);
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(room));
        self.top = self.top.min(self.ids.len().saturating_sub(room));
        if self.page.is_none()
            && self.at + AHEAD >= self.ids.len()
            && self.ids.len() < KEPT
            && let Some(next) = self.next.clone()
        {
            self.ask(shared, Why::More, Some(next));
        }
        if self.page.is_none()
            && self.at < AHEAD
            && self.ids.len() < KEPT
            && let Some(before) = self.before.clone()
        {
            self.ask(shared, Why::Above, Some(before));
        }
        self.rest_at = Some(shared.now + REST);
        shared.wake_at(shared.now + REST);
        if let Some(row) = self.target().and_then(|it| shared.rows.get(&it)) {
            let municipality = row.municipality.clone();
            shared.want_desk(&municipality);
        }
    }

    fn go(&mut self, shared: &mut Shared, at: usize) {
        let at = at.min(self.ids.len().saturating_sub(1));
        if !self.ids.is_empty() {
            // Where the cursor was put counts, and no longer where it was to be.
            self.sought = None;
        }
        if at != self.at {
            self.at = at;
            self.moved(shared);
        }
    }

    /// The next case comes up after one was dealt with.
    pub fn advance(&mut self, shared: &mut Shared, case: Uuid) {
        if self.target() == Some(case) && self.at + 1 < self.ids.len() {
            self.go(shared, self.at + 1);
        }
    }

    /// Puts the cursor on a case, where it is listed.
    pub fn find_case(&mut self, shared: &mut Shared, case: Uuid) {
        if let Some(at) = self.ids.iter().position(|it| *it == case) {
            self.go(shared, at);
        }
    }

    /// Whether letters are typed here.
    pub fn typing(&self) -> bool {
        self.find.is_some()
    }

    /// Takes a key while letters are typed.
    pub fn typed(&mut self, shared: &mut Shared, key: crossterm::event::KeyEvent) {
        use crossterm::event::KeyCode;
        let Some(line) = &mut self.find else { return };
        match key.code {
            KeyCode::Enter => {
                let words = line.text();
                self.find = None;
                // What was typed last may not have rested yet.
                if self.search_at.take().is_some() {
                    self.search = words;
                    self.anew(shared);
                }
            }
            KeyCode::Esc => {
                self.find = None;
                self.search_at = None;
                if !self.search.is_empty() {
                    self.search = SafeText::default();
                    self.fetch(shared);
                }
            }
            _ => {
                if line.key(key) {
                    self.search_at = Some(shared.now + SEARCH_REST);
                    shared.wake_at(shared.now + SEARCH_REST);
                }
            }
        }
    }

    /// Takes pasted text while letters are typed.
    pub fn paste(&mut self, shared: &mut Shared, text: &SafeText) {
        if let Some(line) = &mut self.find {
            line.paste(text);
            self.search_at = Some(shared.now + SEARCH_REST);
            shared.wake_at(shared.now + SEARCH_REST);
        }
    }

    /// What somebody wrote as a filter.
    pub fn set_filter(&mut self, shared: &mut Shared, text: SafeText) {
        match filter::read(&text) {
            Ok(_) => {
                if !text.is_empty() && !self.mine && !matches!(self.source, Source::View(..)) {
                    self.source = Source::All;
                }
                self.filter = text;
                self.fetch(shared);
            }
            Err(word) => {
                let args = [("word", word), ("words", filter::fields())];
                let said = shared.words.fill("filter-unknown", &args);
                shared.complain(said);
            }
        }
    }

    /// Another queue or view.
    pub fn set_source(&mut self, shared: &mut Shared, source: Source) {
        self.source = source;
        self.filter = SafeText::default();
        self.search = SafeText::default();
        self.ids.clear();
        self.loaded = false;
        self.search_at = None;
        self.anew(shared);
        self.count(shared);
    }

    /// Time passed.
    pub fn tick(&mut self, shared: &mut Shared) {
        if let Some(at) = self.search_at {
            if at <= shared.now {
                self.search_at = None;
                if let Some(find) = &self.find {
                    self.search = find.text();
                }
                self.anew(shared);
                shared.redraw(Redraw::Soon);
            } else {
                shared.wake_at(at);
            }
        }
        if let Some(at) = self.rest_at {
            if at <= shared.now {
                self.rest_at = None;
                self.show_preview(shared);
            } else {
                shared.wake_at(at);
            }
        }
        if self.dirty && self.page.is_none() && !shared.offline() {
            let due = self.fetched_at + if self.near { PACE } else { FAR };
            if due <= shared.now {
                self.ask(shared, Why::Changes, None);
                self.count(shared);
            } else {
                shared.wake_at(due);
            }
        }
        self.tell_waiting(shared);
    }

    /// How long the list is waited for, to be told once it is long.
    pub fn waiting(&self, now: i64) -> Option<i64> {
        self.asked_at.map(|it| now - it).filter(|it| *it >= LONG).map(|it| it / 1_000)
    }

    fn tell_waiting(&mut self, shared: &mut Shared) {
        let said = self.waiting(shared.now);
        if said != self.said_waiting {
            self.said_waiting = said;
            shared.redraw(Redraw::Soon);
        }
        if let Some(since) = self.asked_at {
            shared.wake_at(since + said.map_or(LONG, |it| (it + 1) * 1_000));
        }
    }

    fn show_preview(&mut self, shared: &mut Shared) {
        let Some(case) = self.target() else { return };
        let Some(row) = shared.rows.get(&case) else { return };
        // Looking at a sealed text is kept in the audit trail: that is for who opens it.
        if row.sealed() || shared.offline() {
            return;
        }
        let version = row.version;
        let known = shared.cases.get(&case).is_some_and(|it| it.row.version == version);
        if !known || self.previewed != Some(case) {
            self.previewed = Some(case);
            self.previewed_at = shared.now;
            self.preview = Some(shared.ask(Owner::Screen, Ask::Case(case)));
            if queue_draw::panes(shared.size).preview.is_some() && shared.size.0 >= 100 {
                self.messages = Some((shared.ask(Owner::Screen, Ask::Thread(case, None)), case));
            }
        }
    }

    /// Events of the feed, a batch at a time.
    pub fn feed(&mut self, shared: &mut Shared, events: &[FeedEvent]) {
        if events.iter().any(|it| it.case.is_some() || it.kind.as_str().starts_with("case_")) {
            self.dirty = true;
            let near = self.in_sight(shared).any(|it| events.iter().any(|event| event.case == Some(*it)));
            self.near |= near;
            if let Some(case) = self.target()
                && events.iter().any(|it| it.case == Some(case))
            {
                self.previewed = None;
                let due = (shared.now + REST).max(self.previewed_at + PREVIEW_PACE);
                // A burst does not put it off.
                self.rest_at = Some(self.rest_at.map_or(due, |it| it.min(due)));
            }
        }
    }

    /// Does a command; gives whether it was one of its own.
    pub fn command(&mut self, shared: &mut Shared, overlays: &mut Vec<Overlay>, command: Command) -> bool {
        let page = queue_draw::list_height(shared.size).max(1);
        match command {
            Command::Down | Command::NextCase => self.go(shared, self.at + 1),
            Command::Up | Command::PreviousCase => self.go(shared, self.at.saturating_sub(1)),
            Command::First => {
                self.sought = None;
                self.wants_no_more(Why::End);
                if self.from_end {
                    self.anew(shared);
                } else {
                    self.go(shared, 0);
                }
            }
            // What was not read yet is not walked through: the end is asked for.
            Command::Last if self.next.is_some() && self.query().sort.as_deref() == Some("newest") => {
                self.ask(shared, Why::End, None);
            }
            Command::Last => {
                if self.from_end {
                    self.wants_no_more(Why::Anew);
                }
                self.go(shared, usize::MAX);
            }
            Command::HalfDown => self.go(shared, self.at + page / 2),
            Command::HalfUp => self.go(shared, self.at.saturating_sub(page / 2)),
            Command::PageDown => self.go(shared, self.at + page),
            Command::PageUp => self.go(shared, self.at.saturating_sub(page)),
            Command::NextPane | Command::PreviousPane => {
                self.next_queue(shared, command == Command::NextPane);
            }
            Command::Refresh => self.fetch(shared),
            Command::Find => self.find = Some(Line::with(&self.search)),
            Command::Filter => {
                overlays.push(Overlay::Prompt(prompt::State::new(Wanted::Filter, &self.filter)));
            }
            Command::Views => overlays.push(Overlay::Picker(self.views(shared))),
            Command::Sort => {
                self.due_first = !self.due_first;
                self.fetch(shared);
            }
            Command::Back => {
                if self.search.is_empty() && self.filter.is_empty() {
                    return false;
                }
                self.search = SafeText::default();
                self.filter = SafeText::default();
                if self.source == Source::All {
                    self.source = Source::Queue(Code::new("unassigned"));
                }
                self.fetch(shared);
            }
            _ => return false,
        }
        true
    }

    /// The queue beside this one.
    fn next_queue(&mut self, shared: &mut Shared, forward: bool) {
        if self.mine || self.queues.queues.is_empty() {
            return;
        }
        let codes: Vec<Code> = self.queues.queues.iter().map(|it| it.0.clone()).collect();
        let at = codes.iter().position(|it| self.source == Source::Queue(it.clone()));
        let count = codes.len();
        let next = match at {
            Some(at) if forward => (at + 1) % count,
            Some(at) => (at + count - 1) % count,
            None => 0,
        };
        self.set_source(shared, Source::Queue(codes[next].clone()));
    }

    fn views(&self, shared: &Shared) -> picker::State {
        let words = shared.words;
        let queues = self.queues.queues.iter().map(|(code, count)| {
            let text = words.code("queue", code).with(" ").with(SafeText::number(*count));
            (text, Choice::Queue(code.clone()), self.source == Source::Queue(code.clone()))
        });
        let views = self.queues.views.iter().map(|(id, name, count)| {
            let text = name.clone().with(" ").with(count.text());
            let held = matches!(self.source, Source::View(view, _) if view == *id);
            (text, Choice::View(*id, name.clone()), held)
        });
        picker::State::new(words.say("views-title"), queues.chain(views))
    }
}

/// Whether a case is dealt with by acts, so that the next one comes up.
pub fn deals_with(acts: &[Act], me: Option<Uuid>) -> bool {
    acts.iter().any(|it| match it {
        Act::State { .. } | Act::Reply { .. } | Act::Office { .. } => true,
        Act::Snooze { until, reply } => *reply || until.is_some(),
        Act::Assign { to, .. } => to.as_ref().is_some_and(|it| Some(it.id) != me),
        _ => false,
    })
}
