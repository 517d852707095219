//! One thing in full: it is asked for, read again when something may have changed, and scrolled.

use super::queue_draw::AROUND;
use crate::api::{Answer, Ask, Failure};
use crate::event::Redraw;
use crate::keymap::Command;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::{Owner, Shared};
use crate::theme::Role;

/// The least time between two fetches that nobody's key caused, ms.
const PACE: i64 = 2_000;

/// Lines as they are drawn, each over as many lines of the screen as it takes.
pub type Full = Vec<(SafeText, Role)>;

/// Lines of the body.
pub fn room(shared: &Shared) -> usize {
    usize::from(shared.size.1.saturating_sub(AROUND))
}

/// Where a key that moves leads from a line; `None`: it is none.
pub fn moved(command: Command, top: usize, shared: &Shared) -> Option<usize> {
    let page = room(shared).max(1);
    Some(match command {
        Command::Down => top + 1,
        Command::Up => top.saturating_sub(1),
        Command::First => 0,
        Command::Last => usize::MAX,
        Command::HalfDown => top + page / 2,
        Command::HalfUp => top.saturating_sub(page / 2),
        Command::PageDown => top + page,
        Command::PageUp => top.saturating_sub(page),
        _ => return None,
    })
}

/// A key came before what it is about was known; gives whether it was one of the screen's own.
pub fn not_yet(own: bool, shared: &mut Shared) -> bool {
    if own {
        let said = shared.words.say("loading");
        shared.say(said);
    }
    own
}

/// It, as far as it is known.
#[derive(Debug)]
pub struct Detail<T> {
    /// As it was read last.
    pub whole: Option<Box<T>>,
    /// Why it could not be read.
    pub failed: Option<SafeText>,
    /// The first line that is shown.
    pub top: usize,
    asked: Option<u64>,
    fetched_at: i64,
    dirty: bool,
}

impl<T> Default for Detail<T> {
    fn default() -> Self {
        Self { whole: None, failed: None, top: 0, asked: None, fetched_at: 0, dirty: false }
    }
}

impl<T: PartialEq> Detail<T> {
    /// Asks for it.
    pub fn fetch(&mut self, shared: &mut Shared, ask: Ask) {
        if shared.me.is_none() {
            return;
        }
        self.dirty = false;
        self.fetched_at = shared.now;
        self.asked = Some(shared.ask(Owner::Screen, ask));
    }

    /// Whether it waits for this answer.
    pub fn waits_for(&self, number: u64) -> bool {
        self.asked == Some(number)
    }

    /// Takes an answer that may be its own. `of` finds it there, `version` counts its changes.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
        of: impl FnOnce(&Answer) -> Option<Box<T>>,
        version: impl Fn(&T) -> i64,
    ) -> Option<Redraw> {
        if !self.waits_for(number) {
            return None;
        }
        self.asked = None;
        match answer {
            Ok(answer) => {
                let Some(whole) = of(answer) else { return Some(Redraw::Not) };
                if self.whole.as_ref() == Some(&whole) && self.failed.is_none() {
                    return Some(Redraw::Not);
                }
                // Keys that were on their way were meant for what was there before.
                if self.whole.as_ref().is_some_and(|it| version(it) != version(&whole)) {
                    shared.changed_at = shared.now;
                }
                self.whole = Some(whole);
                self.failed = None;
            }
            Err(failure) => {
                let said = shared.explain(failure);
                self.failed = Some(said.clone());
                shared.complain(said);
            }
        }
        Some(Redraw::Now)
    }

    /// Something happened to it, or may have.
    pub fn touch(&mut self, shared: &mut Shared) {
        self.dirty = true;
        shared.wake_at(shared.now.max(self.fetched_at + PACE));
    }

    /// Whether it is to be fetched again: it was touched, or it moves by itself. What fails is not asked for again and
    /// again: a key or the feed does.
    pub fn is_due(&self, shared: &mut Shared, moves: bool) -> bool {
        if !(self.dirty || moves && self.failed.is_none())
            || self.asked.is_some()
            || shared.offline()
            || shared.me.is_none()
        {
            return false;
        }
        let due = self.fetched_at + PACE <= shared.now;
        if !due {
            shared.wake_at(self.fetched_at + PACE);
        }
        due
    }

    /// What stands where it is not known yet.
    pub fn nothing(&self, shared: &Shared) -> SafeText {
        self.failed.clone().unwrap_or_else(|| shared.words.say("loading"))
    }

    /// Shows it from a line on, or from the last one from which the body is full.
    pub fn show(&mut self, shared: &Shared, top: usize, lines: &[(SafeText, Role)]) {
        let width = usize::from(shared.size.0.saturating_sub(2));
        let count: usize = lines.iter().map(|it| it.0.wrap(width).len()).sum();
        self.top = top.min(count.saturating_sub(room(shared)));
    }

    /// Draws its lines.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared, lines: Full) {
        let width = shared.size.0.saturating_sub(2);
        let end = 2 + room(shared) as u16;
        let (mut skip, mut y) = (self.top, 2);
        for (text, role) in lines {
            let parts = text.wrap(usize::from(width));
            let count = parts.len();
            for part in parts.into_iter().skip(skip) {
                if y >= end {
                    return;
                }
                paint.part(1, y, width, &text, part, role);
                y += 1;
            }
            skip = skip.saturating_sub(count);
        }
    }
}
