//! What can't be taken back asks for another key: `y`. Enter alone never confirms, and what has not been shown to its
//! end is not agreed to.

use crossterm::event::{KeyCode, KeyEvent};

use super::reading::Reading;
use super::{Choice, Outcome};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;

/// Cells of the window at most.
const WIDEST: u16 = 66;

/// The question.
#[derive(Debug)]
pub struct State {
    question: SafeText,
    yes: Choice,
    reading: Reading,
}

impl State {
    /// Asks, and does it on `y`.
    pub const fn new(question: SafeText, yes: Choice) -> Self {
        Self { question, yes, reading: Reading::new(WIDEST) }
    }

    /// The question.
    pub fn question(&self) -> SafeText {
        self.question.clone()
    }

    /// What a yes does.
    pub fn yes(self) -> Choice {
        self.yes
    }

    fn texts(&self) -> [(SafeText, Role); 1] {
        [(self.question.clone(), Role::Plain)]
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        let texts = self.texts();
        let read = self.reading.is_read(&texts, shared.size);
        match key.code {
            KeyCode::Char('y' | 's') if shared.too_soon() => super::unused(shared, "key-too-soon"),
            KeyCode::Char('y' | 's') if !read => super::unused(shared, "confirm-read-on"),
            KeyCode::Char('y' | 's') => Outcome::Then(self.yes.clone()),
            KeyCode::Esc | KeyCode::Char('n' | 'q') => Outcome::Close,
            code if self.reading.key(code, &texts, shared.size) => Outcome::Stay,
            _ => super::unused(shared, "key-not-here"),
        }
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let (title, foot) = (shared.words.say("confirm-title"), shared.words.say("confirm-foot"));
        self.reading.draw(paint, shared, &title, &self.texts(), &foot);
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;
    use crate::keymap::Command;

    fn press(asked: &mut State, code: KeyCode, shared: &mut Shared) -> bool {
        shared.now += 1_000;
        matches!(asked.key(KeyEvent::new(code, KeyModifiers::NONE), shared), Outcome::Then(_))
    }

    #[test]
    fn what_does_not_fit_is_agreed_to_at_its_end() {
        let mut shared = crate::tests::shared();
        shared.size = (80, 24);
        let lines = |count: usize| SafeText::typed(&vec!["una"; count].join("\n"));
        let mut asked = State::new(lines(16), Choice::Run(Command::Veil));
        assert!(press(&mut asked, KeyCode::Char('y'), &mut shared), "all of it is there");
        let mut asked = State::new(lines(40), Choice::Run(Command::Veil));
        assert!(!press(&mut asked, KeyCode::Char('y'), &mut shared));
        assert!(!press(&mut asked, KeyCode::PageDown, &mut shared));
        assert!(!press(&mut asked, KeyCode::Char('y'), &mut shared), "32 of 40");
        assert!(!press(&mut asked, KeyCode::PageDown, &mut shared));
        assert!(!press(&mut asked, KeyCode::Up, &mut shared));
        assert!(press(&mut asked, KeyCode::Char('y'), &mut shared), "all of it was there");
    }
}
