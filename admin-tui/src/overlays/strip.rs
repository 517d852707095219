//! What may follow a prefix key; it is there at once and acts at the next key.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;

use super::{Choice, Outcome};
use crate::keymap::{Found, Key, Layer};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;

/// A prefix that was pressed.
#[derive(Debug)]
pub struct State {
    layer: Layer,
    keys: Vec<Key>,
}

impl State {
    /// After these keys on a layer.
    pub fn new(layer: Layer, keys: Vec<Key>) -> Self {
        Self { layer, keys }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        if key.code == KeyCode::Esc {
            return Outcome::Close;
        }
        let Some(key) = Key::of(key) else { return Outcome::Close };
        let mut keys = self.keys.clone();
        keys.push(key);
        match shared.keymap.find(self.layer, &keys) {
            Found::Command(command) => Outcome::Then(Choice::Run(command)),
            Found::Prefix => {
                self.keys = keys;
                Outcome::Stay
            }
            Found::Nothing => {
                let said = shared.words.say("key-unknown");
                shared.say(said);
                Outcome::Close
            }
        }
    }

    /// Draws it over the last lines.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let area = paint.area();
        let hints = shared.keymap.after(self.layer, &self.keys);
        let mut texts: Vec<(SafeText, SafeText)> = hints
            .iter()
            .filter(|it| shared.allows(it.1))
            .map(|(chord, command)| (chord.last(), shared.words.say(&format!("do-{}", command.name()))))
            .collect();
        texts.push((SafeText::own("Esc"), shared.words.say("do-back")));
        // As many columns as fit.
        let widest = texts.iter().map(|it| it.0.width() + it.1.width() + 3).max().unwrap_or(1);
        let columns = (usize::from(area.width) / widest.max(1)).clamp(1, texts.len());
        let lines = texts.len().div_ceil(columns).min(usize::from(area.height.saturating_sub(2)));
        let top = area.bottom().saturating_sub(lines as u16);
        paint.clear(Rect::new(0, top.saturating_sub(1), area.width, lines as u16 + 1));
        paint.rule(0, top.saturating_sub(1), area.width, None);
        let width = area.width / columns as u16;
        for (at, (key, says)) in texts.iter().enumerate().take(lines * columns) {
            let (x, y) = ((at % columns) as u16 * width, top + (at / columns) as u16);
            let used = paint.text(x + 1, y, width - 1, key, Role::Key);
            paint.text(x + used + 2, y, width.saturating_sub(used + 3), says, Role::Plain);
        }
    }
}
