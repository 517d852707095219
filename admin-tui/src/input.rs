//! A line that takes letters. What is typed or pasted is made safe before it is in.

use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::EventHandler as _;
use tui_input::{Input, InputRequest};

use crate::paint::Paint;
use crate::safe::{SafeText, cluster_width, clusters};
use crate::theme::Role;

/// The longest line, characters.
const LONGEST: usize = 1_000;

/// A line that takes letters.
#[derive(Clone, Default)]
pub struct Line {
    input: Input,
    secret: bool,
}

/// Without what is typed.
impl std::fmt::Debug for Line {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Line(..)")
    }
}

impl Line {
    /// A line with something in it: the text itself, without the marks that the screen puts into it.
    pub fn with(text: &SafeText) -> Self {
        Self { input: Input::new(text.unmarked().one_line().as_str().to_owned()), secret: false }
    }

    /// A line that shows stars.
    pub fn secret() -> Self {
        Self { secret: true, ..Self::default() }
    }

    /// Takes a key; gives whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let changed = self.input.handle_event(&Event::Key(key)).is_some_and(|it| it.value);
        if changed {
            self.clean();
        }
        changed
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &SafeText) {
        for it in text.clone().one_line().as_str().chars().take(LONGEST) {
            self.input.handle(InputRequest::InsertChar(it));
        }
        self.clean();
    }

    /// A terminal can send any character as a key.
    fn clean(&mut self) {
        let clean = SafeText::typed(self.input.value()).one_line();
        if clean.as_str() != self.input.value() || clean.as_str().chars().count() > LONGEST {
            self.input = Input::new(clean.as_str().chars().take(LONGEST).collect());
        }
    }

    /// What is written.
    pub fn text(&self) -> SafeText {
        SafeText::typed(self.input.value()).one_line()
    }

    /// What is written into a field whose content is never shown.
    pub fn expose(&self) -> String {
        self.input.value().to_owned()
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.input.reset();
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.input.value().is_empty()
    }

    /// Draws it, with the cursor if it has it.
    pub fn draw(&self, paint: &mut Paint<'_>, x: u16, y: u16, width: u16, focused: bool) {
        let mut text = self.text();
        if self.secret {
            let stars = "*".repeat(self.input.value().chars().count());
            text = SafeText::typed(&stars);
        }
        let before: String = text.as_str().chars().take(self.input.cursor()).collect();
        let at: usize = clusters(&before).map(|it| cluster_width(it.1)).sum();
        // The end that is written at stays in sight.
        let skip = at.saturating_sub(usize::from(width.saturating_sub(1)));
        let mut from = 0;
        let mut skipped = 0;
        for (start, cluster) in clusters(text.as_str()) {
            if skipped >= skip {
                break;
            }
            skipped += cluster_width(cluster);
            from = start + cluster.len();
        }
        paint.part(x, y, width, &text, from..text.as_str().len(), Role::Plain);
        if focused {
            paint.show_cursor(x + (at.saturating_sub(skipped)) as u16, y);
        }
    }
}
