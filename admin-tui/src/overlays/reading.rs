//! What is read before it is agreed to, in a window that may not hold all of it: the part that is shown, and whether
//! its end was.

use crossterm::event::KeyCode;

use super::middle;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::screens::queue_draw::AROUND;
use crate::shared::Shared;
use crate::theme::Role;

/// Lines of the window beside those of the text: its frame, the line that is left free, and the keys.
const BESIDE: u16 = 4;

/// How far it was read.
#[derive(Debug)]
pub struct Reading {
    /// Cells of the window at most.
    widest: u16,
    /// The first line that is shown.
    top: usize,
    /// How many of the lines were shown so far.
    shown: usize,
}

/// Texts, each with its look.
pub type Texts = [(SafeText, Role)];

/// Lines that fit into a window of this height.
fn room(height: u16) -> usize {
    usize::from(height.saturating_sub(AROUND + BESIDE)).max(1)
}

impl Reading {
    /// From its beginning, in a window of at most so many cells.
    pub const fn new(widest: u16) -> Self {
        Self { widest, top: 0, shown: 0 }
    }

    fn lines(&self, width: u16, texts: &Texts) -> usize {
        let width = usize::from(width.min(self.widest).saturating_sub(4));
        texts.iter().map(|it| it.0.wrap(width).len()).sum()
    }

    /// Notes what is in sight; gives whether all of it was by now.
    pub fn is_read(&mut self, texts: &Texts, size: (u16, u16)) -> bool {
        let (lines, room) = (self.lines(size.0, texts), room(size.1));
        // In a window that has grown since there is more to see.
        self.top = self.top.min(lines.saturating_sub(room));
        self.shown = self.shown.max(self.top + room);
        self.shown >= lines
    }

    /// Takes a key; gives whether it was one that reads on.
    pub fn key(&mut self, code: KeyCode, texts: &Texts, size: (u16, u16)) -> bool {
        let room = room(size.1);
        if self.lines(size.0, texts) <= room {
            return false;
        }
        self.top = match code {
            KeyCode::Down | KeyCode::Char('j') => self.top + 1,
            KeyCode::Up | KeyCode::Char('k') => self.top.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') => self.top + room,
            KeyCode::PageUp => self.top.saturating_sub(room),
            _ => return false,
        };
        self.is_read(texts, size);
        true
    }

    /// Draws it under a title, over its keys.
    pub fn draw(
        &self,
        paint: &mut Paint<'_>,
        shared: &Shared,
        title: &SafeText,
        texts: &Texts,
        foot: &SafeText,
    ) {
        let window = paint.area();
        let room = room(window.height);
        let count = self.lines(window.width, texts);
        let area = middle(paint, window.width.min(self.widest), count.min(room) as u16 + BESIDE);
        let inner = paint.frame(area, title, Role::Soon);
        let lines = texts
            .iter()
            .flat_map(|it| it.0.wrap(usize::from(inner.width)).into_iter().map(move |part| (it, part)));
        let top = self.top.min(count.saturating_sub(room));
        let mut y = inner.y;
        for ((text, role), part) in lines.skip(top).take(room) {
            paint.part(inner.x, y, inner.width, text, part, *role);
            y += 1;
        }
        if count > room {
            let number = |it: usize| SafeText::number(it as u64);
            let args = [
                ("from", number(top + 1)),
                ("until", number((top + room).min(count))),
                ("count", number(count)),
            ];
            paint.text(inner.x, y, inner.width, &shared.words.fill("confirm-lines", &args), Role::Soon);
        }
        paint.text(inner.x, y + 1, inner.width, foot, Role::Key);
    }
}
