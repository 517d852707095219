//! A line that an act needs: a reason, a date, a number.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Choice, Outcome, Wanted, middle};
use crate::input::Line;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;

/// The line.
#[derive(Debug)]
pub struct State {
    wanted: Wanted,
    /// What is typed.
    pub input: Line,
}

impl State {
    /// Asks for something, with what is known already.
    pub fn new(wanted: Wanted, known: &SafeText) -> Self {
        Self { wanted, input: Line::with(known) }
    }

    /// What it asks for.
    pub fn wanted(self) -> Wanted {
        self.wanted
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Outcome {
        match key.code {
            KeyCode::Esc => Outcome::Close,
            KeyCode::Enter => {
                let text = self.input.text();
                if text.is_empty() && self.wanted != Wanted::Filter {
                    return Outcome::Stay;
                }
                Outcome::Then(Choice::Written(self.wanted.clone(), text))
            }
            _ => {
                self.input.key(key);
                Outcome::Stay
            }
        }
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let question = shared.words.say(self.wanted.key());
        let width = paint.area().width.min(76);
        // A question that the frame would cut stands in it.
        let fits = question.width() + 6 <= usize::from(width);
        let lines = if fits { 0 } else { question.wrap(usize::from(width - 4)).len() as u16 };
        let area = middle(paint, width, 5 + lines);
        let title = if fits { question.clone() } else { shared.words.say("prompt-title") };
        let mut inner = paint.frame(area, &title, Role::Title);
        if !fits {
            inner.y += paint.block(inner, &question, Role::Plain);
        }
        self.input.draw(paint, inner.x, inner.y, inner.width, true);
        let mut foot = SafeText::own("Enter ").with(shared.words.say("prompt-foot"));
        if !self.input.is_empty() {
            foot = foot.with("  ").with(shared.words.say("line-clear"));
        }
        paint.text(inner.x, inner.y + 2, inner.width, &foot, Role::Quiet);
    }
}
