//! One of several: a hint letter takes it at once, `/` filters, arrows and Enter work, too.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Choice, Outcome, middle};
use crate::input::Line;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;

/// Letters in the order in which they are given out.
const HINTS: &str = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM";

/// One of them.
#[derive(Clone, Debug)]
pub struct Item {
    /// The letter that takes it.
    pub hint: char,
    /// What it is.
    pub text: SafeText,
    /// What choosing it does.
    pub choice: Choice,
    /// Whether it holds already.
    pub held: bool,
}

/// The list.
#[derive(Debug)]
pub struct State {
    title: SafeText,
    items: Vec<Item>,
    filter: Option<Line>,
    at: usize,
}

impl State {
    /// A list of choices.
    pub fn new(title: SafeText, items: impl IntoIterator<Item = (SafeText, Choice, bool)>) -> Self {
        let hints = HINTS.chars().chain(std::iter::repeat(' '));
        let items = items.into_iter().zip(hints);
        let items = items.map(|((text, choice, held), hint)| Item { hint, text, choice, held });
        Self { title, items: items.collect(), filter: None, at: 0 }
    }

    /// The same with hints of their own (the digits of macros).
    pub fn hinted(title: SafeText, items: Vec<Item>) -> Self {
        Self { title, items, filter: None, at: 0 }
    }

    /// The texts and what choosing each does, for the line mode.
    pub fn parts(self) -> (Vec<SafeText>, Vec<Choice>) {
        self.items.into_iter().map(|it| (it.text, it.choice)).unzip()
    }

    fn fitting(&self) -> Vec<&Item> {
        let wanted = self.filter.as_ref().map(|it| it.text().as_str().to_lowercase()).unwrap_or_default();
        self.items.iter().filter(|it| it.text.as_str().to_lowercase().contains(&wanted)).collect()
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        let last = self.fitting().len().saturating_sub(1);
        match key.code {
            KeyCode::Esc if self.filter.is_some() => {
                self.filter = None;
                self.at = 0;
            }
            KeyCode::Esc => return Outcome::Close,
            KeyCode::Down => self.at = (self.at + 1).min(last),
            KeyCode::Up => self.at = self.at.saturating_sub(1),
            KeyCode::Enter => {
                let chosen = self.fitting().get(self.at).map(|it| it.choice.clone());
                return chosen.map_or(Outcome::Stay, Outcome::Then);
            }
            KeyCode::Char('/') if self.filter.is_none() => self.filter = Some(Line::default()),
            KeyCode::Char(letter) if self.filter.is_none() => {
                let chosen = self.items.iter().find(|it| it.hint == letter);
                let Some(it) = chosen else { return super::unused(shared, "key-not-here") };
                return Outcome::Then(it.choice.clone());
            }
            _ => {
                if let Some(filter) = &mut self.filter
                    && filter.key(key)
                {
                    self.at = 0;
                }
            }
        }
        Outcome::Stay
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let items = self.fitting();
        let height = (self.items.len() as u16 + 3).clamp(5, 20);
        let inner = {
            let area = middle(paint, 60, height);
            paint.frame(area, &self.title, Role::Title)
        };
        let room = usize::from(inner.height.saturating_sub(1)).max(1);
        let top = (self.at + 1).saturating_sub(room);
        for (line, (at, item)) in items.iter().enumerate().skip(top).take(room).enumerate() {
            let y = inner.y + line as u16;
            paint.text(inner.x, y, 1, &SafeText::own(if at == self.at { ">" } else { " " }), Role::Key);
            if self.filter.is_none() {
                paint.text(inner.x + 2, y, 1, &SafeText::line(&item.hint.to_string()), Role::Key);
            }
            let mark = SafeText::own(if item.held { "*" } else { " " });
            paint.text(inner.x + 4, y, 1, &mark, Role::Marked);
            paint.text(inner.x + 6, y, inner.width.saturating_sub(6), &item.text, Role::Plain);
        }
        let y = inner.bottom().saturating_sub(1);
        match &self.filter {
            Some(filter) => {
                paint.text(inner.x, y, 1, &SafeText::own("/"), Role::Key);
                filter.draw(paint, inner.x + 1, y, inner.width.saturating_sub(1), true);
            }
            None => {
                paint.text(inner.x, y, inner.width, &shared.words.say("picker-foot"), Role::Quiet);
            }
        }
    }
}
