//! What can't be taken back asks for another key: `y`. Enter alone never confirms.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Choice, Outcome, middle};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;

/// The question.
#[derive(Debug)]
pub struct State {
    question: SafeText,
    yes: Choice,
}

impl State {
    /// Asks, and does it on `y`.
    pub fn new(question: SafeText, yes: Choice) -> Self {
        Self { question, yes }
    }

    /// The question.
    pub fn question(&self) -> SafeText {
        self.question.clone()
    }

    /// What a yes does.
    pub fn yes(self) -> Choice {
        self.yes
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        match key.code {
            KeyCode::Char('y' | 's') if shared.too_soon() => super::unused(shared, "key-too-soon"),
            KeyCode::Char('y' | 's') => Outcome::Then(self.yes.clone()),
            KeyCode::Esc | KeyCode::Char('n' | 'q') => Outcome::Close,
            _ => super::unused(shared, "key-not-here"),
        }
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let width = paint.area().width.min(66);
        let lines = self.question.wrap(usize::from(width.saturating_sub(4))).len() as u16;
        let area = middle(paint, width, lines + 4);
        let mut inner = paint.frame(area, &shared.words.say("confirm-title"), Role::Soon);
        let used = paint.block(inner, &self.question, Role::Plain);
        inner.y += used + 1;
        paint.text(inner.x, inner.y, inner.width, &shared.words.say("confirm-foot"), Role::Key);
    }
}
