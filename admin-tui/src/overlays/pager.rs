//! A long text over the screen: a message as it came, by pages, or the log.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;

use super::Outcome;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;

/// The text.
#[derive(Debug)]
pub struct State {
    title: SafeText,
    pages: Vec<SafeText>,
    page: usize,
    top: usize,
}

impl State {
    /// A text in pages.
    pub fn new(title: SafeText, pages: Vec<SafeText>) -> Self {
        Self { title, pages, page: 0, top: 0 }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &Shared) -> Outcome {
        let (width, height) = shared.size;
        let text = self.pages.get(self.page);
        let lines = text.map_or(0, |it| it.wrap(usize::from(width.saturating_sub(4))).len());
        let room = usize::from(height.saturating_sub(5)).max(1);
        let last = lines.saturating_sub(room);
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | 'v') => return Outcome::Close,
            KeyCode::Down | KeyCode::Char('j') => self.top = (self.top + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => self.top = self.top.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') if self.top < last => {
                self.top = (self.top + room).min(last);
            }
            KeyCode::PageDown | KeyCode::Char(' ' | 'n') if self.page + 1 < self.pages.len() => {
                self.page += 1;
                self.top = 0;
            }
            KeyCode::PageUp if self.top > 0 => self.top = self.top.saturating_sub(room),
            KeyCode::PageUp | KeyCode::Char('p') if self.page > 0 => {
                self.page -= 1;
                self.top = 0;
            }
            KeyCode::Char('G') | KeyCode::End => self.top = last,
            KeyCode::Char('g') | KeyCode::Home => self.top = 0,
            _ => {}
        }
        Outcome::Stay
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let area = paint.area();
        let number =
            SafeText::number(self.page as u64 + 1).with("/").with(SafeText::number(self.pages.len() as u64));
        let title = self.title.clone().with(" ").with(number);
        let inner =
            paint.frame(Rect::new(0, 1, area.width, area.height.saturating_sub(2)), &title, Role::Title);
        let foot = SafeText::own(" ").with(shared.words.say("pager-foot")).with(" ");
        paint.text(inner.x, inner.bottom(), inner.width, &foot, Role::Quiet);
        let Some(text) = self.pages.get(self.page) else { return };
        let lines = text.wrap(usize::from(inner.width));
        for (line, part) in lines.iter().skip(self.top).take(usize::from(inner.height)).enumerate() {
            paint.part(inner.x, inner.y + line as u16, inner.width, text, part.clone(), Role::Plain);
        }
    }
}
