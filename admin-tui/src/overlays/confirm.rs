//! What can't be taken back asks for another key: `y`. Enter alone never confirms, and what has not been shown to its
//! end is not agreed to.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Choice, Outcome, middle};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::screens::queue_draw::AROUND;
use crate::shared::Shared;
use crate::theme::Role;

/// Cells of the window at most.
const WIDEST: u16 = 66;
/// Lines of the window beside those of the question: its frame, the line that is left free, and the keys.
const BESIDE: u16 = 4;

/// The question.
#[derive(Debug)]
pub struct State {
    question: SafeText,
    yes: Choice,
    /// The first line that is shown.
    top: usize,
    /// How many of the lines were shown so far.
    shown: usize,
}

/// Lines that fit into a window of this height.
fn room(height: u16) -> usize {
    usize::from(height.saturating_sub(AROUND + BESIDE)).max(1)
}

impl State {
    /// Asks, and does it on `y`.
    pub fn new(question: SafeText, yes: Choice) -> Self {
        Self { question, yes, top: 0, shown: 0 }
    }

    /// The question.
    pub fn question(&self) -> SafeText {
        self.question.clone()
    }

    /// What a yes does.
    pub fn yes(self) -> Choice {
        self.yes
    }

    fn lines(&self, width: u16) -> usize {
        self.question.wrap(usize::from(width.min(WIDEST).saturating_sub(4))).len()
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        let (lines, room) = (self.lines(shared.size.0), room(shared.size.1));
        let last = lines.saturating_sub(room);
        // In a window that has grown since there is more to see.
        self.top = self.top.min(last);
        self.shown = self.shown.max(self.top + room);
        self.top = match key.code {
            KeyCode::Char('y' | 's') if shared.too_soon() => return super::unused(shared, "key-too-soon"),
            KeyCode::Char('y' | 's') if self.shown < lines => {
                return super::unused(shared, "confirm-read-on");
            }
            KeyCode::Char('y' | 's') => return Outcome::Then(self.yes.clone()),
            KeyCode::Esc | KeyCode::Char('n' | 'q') => return Outcome::Close,
            KeyCode::Down | KeyCode::Char('j') if last > 0 => self.top + 1,
            KeyCode::Up | KeyCode::Char('k') if last > 0 => self.top.saturating_sub(1),
            KeyCode::PageDown | KeyCode::Char(' ') if last > 0 => self.top + room,
            KeyCode::PageUp if last > 0 => self.top.saturating_sub(room),
            _ => return super::unused(shared, "key-not-here"),
        };
        self.top = self.top.min(last);
        self.shown = self.shown.max(self.top + room);
        Outcome::Stay
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let window = paint.area();
        let (width, room) = (window.width.min(WIDEST), room(window.height));
        let area = middle(paint, width, self.lines(window.width).min(room) as u16 + BESIDE);
        let inner = paint.frame(area, &shared.words.say("confirm-title"), Role::Soon);
        let lines = self.question.wrap(usize::from(inner.width));
        let top = self.top.min(lines.len().saturating_sub(room));
        let mut y = inner.y;
        for part in lines.iter().skip(top).take(room) {
            paint.part(inner.x, y, inner.width, &self.question, part.clone(), Role::Plain);
            y += 1;
        }
        if lines.len() > room {
            let number = |it: usize| SafeText::number(it as u64);
            let until = (top + room).min(lines.len());
            let args = [("from", number(top + 1)), ("until", number(until)), ("count", number(lines.len()))];
            paint.text(inner.x, y, inner.width, &shared.words.fill("confirm-lines", &args), Role::Soon);
        }
        paint.text(inner.x, y + 1, inner.width, &shared.words.say("confirm-foot"), Role::Key);
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
