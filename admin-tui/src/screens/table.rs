//! A list that is fetched page by page, with the entry under the cursor in full beside or under it: what most screens
//! besides Queue and Case are.

use ratatui::layout::Rect;

use super::queue_draw::AROUND;
use crate::api::{Answer, Ask, Failure};
use crate::event::Redraw;
use crate::keymap::Command;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::{Owner, Shared};
use crate::theme::Role;
use crate::{broadcast_data, demand_data, desk_data, highlight_data};

/// Rows that are left below the cursor when more are fetched.
const AHEAD: usize = 20;
/// Rows that are kept at most.
const KEPT: usize = 2_000;
/// The least time between two fetches that the feed caused, ms.
const PACE: i64 = 2_000;

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// One cell of a row: text, look, and width; the last takes what is left.
pub type Cell = (SafeText, Role, u16);

/// A row of such a list.
pub trait Listed: Clone + PartialEq {
    /// Whether both are the same entry, as it was and as it is.
    fn same(&self, other: &Self) -> bool;
}

macro_rules! listed {
    ($($row:ty, by $($field:ident),+);+ $(;)?) => {
        $(impl Listed for $row {
            fn same(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&+
            }
        })+
    };
}

listed! {
    desk_data::Feedback, by id;
    desk_data::Unknown, by id;
    desk_data::Sent, by id;
    desk_data::Notice, by id, kind;
    desk_data::Audit, by seq;
    desk_data::User, by id;
    desk_data::Part, by group, code, name;
    desk_data::Indicator, by label, year;
    demand_data::DemandRow, by id;
    demand_data::Leader, by id;
    demand_data::AuthorMessage, by id;
    demand_data::Commitment, by id;
    highlight_data::HighlightRow, by id;
    highlight_data::Candidate, by municipality, topic;
    broadcast_data::BroadcastRow, by id;
}

impl Listed for demand_data::Cluster {
    fn same(&self, other: &Self) -> bool {
        self.first() == other.first() && self.category == other.category
    }
}

/// The list.
#[derive(Debug)]
pub struct Table<T> {
    /// Rows.
    pub items: Vec<T>,
    /// The row under the cursor.
    pub at: usize,
    top: usize,
    next: Option<String>,
    asked: Option<(u64, bool)>,
    asked_at: Option<i64>,
    fetched_at: i64,
    dirty: bool,
    /// Whether it has come once.
    loaded: bool,
    /// Why there is nothing, where that is not since nothing is there.
    failed: Option<SafeText>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            at: 0,
            top: 0,
            next: None,
            asked: None,
            asked_at: None,
            fetched_at: 0,
            dirty: false,
            loaded: false,
            failed: None,
        }
    }
}

impl<T: Listed> Table<T> {
    /// The row under the cursor.
    pub fn here(&self) -> Option<&T> {
        self.items.get(self.at)
    }

    /// Fetches it anew; what is there stays until the rows are here.
    pub fn fetch(&mut self, shared: &mut Shared, ask: Ask) {
        self.dirty = false;
        self.fetched_at = shared.now;
        self.asked = Some((shared.ask(Owner::Screen, ask), false));
        self.asked_at = Some(shared.now);
        shared.wake_at(shared.now + 300);
    }

    /// Fetches more, where the cursor comes near the end.
    pub fn more(&mut self, shared: &mut Shared, ask: impl FnOnce(String) -> Ask) {
        if self.asked.is_none()
            && self.at + AHEAD >= self.items.len()
            && self.items.len() < KEPT
            && let Some(next) = self.next.clone()
        {
            self.asked = Some((shared.ask(Owner::Screen, ask(next)), true));
        }
    }

    /// Takes an answer that may be its own; `page` takes the rows out of it.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
        page: impl FnOnce(&Answer) -> Option<Page<T>>,
    ) -> Option<Redraw> {
        let (_, more) = self.asked.filter(|it| it.0 == number)?;
        // What it showed: nothing, a sentence, or the rows that it may show still.
        let same = |it: &Self, page: &Page<T>| {
            it.loaded && !more && it.failed.is_none() && it.items == page.items && it.next == page.next
        };
        let mut redraw = Redraw::Now;
        self.asked = None;
        self.asked_at = None;
        match answer {
            Ok(answer) => {
                if let Some(page) = page(answer) {
                    if same(self, &page) {
                        redraw = Redraw::Not;
                    }
                    if more {
                        self.items.extend(page.items);
                    } else {
                        let here = self.here().cloned();
                        self.items = page.items;
                        let found = here.as_ref().map(|here| self.items.iter().position(|it| it.same(here)));
                        match found {
                            Some(Some(at)) => self.at = at,
                            // Another entry is under the cursor than the one that was looked at.
                            Some(None) => shared.changed_at = shared.now,
                            None => {}
                        }
                    }
                    self.next = page.next;
                    self.at = self.at.min(self.items.len().saturating_sub(1));
                    self.keep_in_sight(shared);
                }
                self.failed = None;
                self.loaded = true;
            }
            Err(failure) => {
                let said = shared.explain(failure);
                self.failed = Some(said.clone());
                shared.complain(said);
            }
        }
        Some(redraw)
    }

    /// Nothing is there, for a reason that it says in place of it.
    pub fn fail(&mut self, why: SafeText) {
        self.asked = None;
        (self.items, self.at, self.failed) = (Vec::new(), 0, Some(why));
    }

    /// Whether this is the number under which it asked.
    pub fn waits_for(&self, number: u64) -> bool {
        self.asked.is_some_and(|it| it.0 == number)
    }

    /// The feed told of something that may change it.
    pub fn touch(&mut self, shared: &mut Shared) {
        self.dirty = true;
        shared.wake_at(shared.now.max(self.fetched_at + PACE));
    }

    /// Whether it is time to fetch what the feed told of.
    pub fn is_due(&self, shared: &mut Shared) -> bool {
        if !self.dirty || self.asked.is_some() || shared.offline() {
            return false;
        }
        let due = self.fetched_at + PACE;
        if due > shared.now {
            shared.wake_at(due);
        }
        due <= shared.now
    }

    /// Moves the cursor; gives whether the command was one that does.
    pub fn command(&mut self, shared: &Shared, command: Command) -> bool {
        let page = rows(shared).max(1);
        let at = match command {
            Command::Down => self.at + 1,
            Command::Up => self.at.saturating_sub(1),
            Command::First => 0,
            Command::Last => usize::MAX,
            Command::HalfDown => self.at + page / 2,
            Command::HalfUp => self.at.saturating_sub(page / 2),
            Command::PageDown => self.at + page,
            Command::PageUp => self.at.saturating_sub(page),
            _ => return false,
        };
        self.at = at.min(self.items.len().saturating_sub(1));
        self.keep_in_sight(shared);
        true
    }

    /// Puts the cursor on the first row that `wanted` holds for; gives whether there is one.
    pub fn find(&mut self, shared: &Shared, wanted: impl Fn(&T) -> bool) -> bool {
        let Some(at) = self.items.iter().position(wanted) else { return false };
        self.at = at;
        self.keep_in_sight(shared);
        true
    }

    fn keep_in_sight(&mut self, shared: &Shared) {
        let room = rows(shared).max(1);
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(room));
    }

    /// The right end of the second line.
    pub fn number(&self, shared: &Shared) -> SafeText {
        let row = if self.items.is_empty() { 0 } else { self.at + 1 };
        let total =
            SafeText::number(self.items.len() as u64).with(if self.next.is_some() { "+" } else { "" });
        shared.words.fill("list-row", &[("row", SafeText::number(row as u64)), ("total", total)])
    }

    /// Draws the rows, and under them the one under the cursor in full.
    pub fn draw(
        &self,
        paint: &mut Paint<'_>,
        shared: &Shared,
        empty: &SafeText,
        cells: impl Fn(&T) -> Vec<Cell>,
        full: impl Fn(&T) -> Vec<(SafeText, Role)>,
    ) {
        let width = shared.size.0;
        let height = rows(shared) as u16;
        if self.items.is_empty() {
            let text = match &self.failed {
                Some(failed) => failed.clone(),
                // What was empty stays so until it is known to be not.
                None if !self.loaded && self.asked_at.is_some() => shared.words.say("loading"),
                None => empty.clone(),
            };
            paint.block(Rect::new(1, 3, width.saturating_sub(2), 3), &text, Role::Plain);
            return;
        }
        for (line, (at, item)) in
            self.items.iter().enumerate().skip(self.top).take(usize::from(height)).enumerate()
        {
            let y = 2 + line as u16;
            let here = at == self.at;
            paint.text(0, y, 1, &SafeText::own(if here { ">" } else { " " }), Role::Key);
            let mut x = 1;
            let row = cells(item);
            let last = row.len().saturating_sub(1);
            for (at, (text, role, cell)) in row.into_iter().enumerate() {
                let left = width.saturating_sub(x + 1);
                let cell = if at == last { left } else { cell.min(left) };
                if cell == 0 {
                    continue;
                }
                paint.text(x, y, cell.saturating_sub(1), &text, role);
                x += cell;
            }
            if here {
                paint.tint(Rect::new(0, y, width, 1), Role::Cursor);
            }
        }
        let Some(item) = self.here() else { return };
        let mut y = 2 + height;
        let bottom = shared.size.1.saturating_sub(2);
        if y >= bottom {
            return;
        }
        paint.rule(0, y, width, None);
        y += 1;
        for (text, role) in full(item) {
            if y >= bottom {
                return;
            }
            y += paint.block(Rect::new(1, y, width.saturating_sub(2), bottom - y), &text, role);
        }
    }
}

/// Rows of the list: the entry in full takes the lower part, where the window has room for one.
fn rows(shared: &Shared) -> usize {
    let body = shared.size.1.saturating_sub(AROUND);
    let full = if shared.size.1 < 24 { 0 } else { (body * 2 / 5).max(8) };
    usize::from(body - full)
}
