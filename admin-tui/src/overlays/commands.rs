//! The palette and the help: commands, their keys, and what they are called; both are written by the keymap.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Choice, Outcome, middle};
use crate::input::Line;
use crate::keymap::{Command, Layer};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;

/// Commands that have no key of their own.
const PALETTE_ONLY: &[Command] = &[Command::Log, Command::SignOut, Command::Veil];

/// One line of the list.
#[derive(Clone, Debug)]
struct Item {
    command: Command,
    keys: SafeText,
    says: SafeText,
}

/// The list.
#[derive(Debug)]
pub struct State {
    title: SafeText,
    /// What is typed.
    pub input: Line,
    items: Vec<Item>,
    at: usize,
}

impl State {
    /// Everything that works on a layer.
    pub fn new(shared: &Shared, layer: Layer, help: bool) -> Self {
        let words = shared.words;
        let mut items: Vec<Item> = Vec::new();
        let mut allowed: Vec<_> = shared.keymap.commands(layer);
        allowed.retain(|it| shared.allows(it.0));
        if help {
            // The screen's own keys first, those of its last line before the others, and then what works everywhere.
            let footer = layer.footer();
            allowed.sort_by_key(|(command, _)| {
                let own = !shared.keymap.chords(layer, *command).is_empty();
                let at = footer.iter().position(|it| it == command).unwrap_or(footer.len());
                (!own, at)
            });
        }
        for (command, chords) in allowed {
            let keys: Vec<SafeText> = chords.iter().map(crate::keymap::Chord::text).collect();
            let says = words.say(&format!("do-{}", command.name()));
            items.push(Item { command, keys: SafeText::join(&keys, ", "), says });
        }
        if !help && !layer.takes_letters() {
            for command in PALETTE_ONLY {
                let says = words.say(&format!("do-{}", command.name()));
                items.push(Item { command: *command, keys: SafeText::default(), says });
            }
        }
        let mut title = words.say(if help { "help-title" } else { "palette-title" });
        if help {
            // Quiet hours are the town's, and the clock is this machine's.
            let zone = [("zone", words.zone_name(shared.now))];
            title = title.with(" (").with(words.fill("help-zone", &zone)).with(")");
        }
        Self { title, input: Line::default(), items, at: 0 }
    }

    fn fitting(&self) -> Vec<&Item> {
        let text = self.input.text();
        let wanted = text.as_str().to_lowercase();
        if wanted.trim().is_empty() {
            return self.items.iter().collect();
        }
        // The key as it is typed comes first.
        let (mut exact, mut rest): (Vec<&Item>, Vec<&Item>) = (Vec::new(), Vec::new());
        for item in &self.items {
            let hit = |it: &SafeText| it.as_str().to_lowercase().contains(&wanted);
            if item.keys.as_str().split(", ").any(|it| it == text.as_str()) || item.command.name() == wanted {
                exact.push(item);
            } else if item.command.name().contains(&wanted) || hit(&item.says) || hit(&item.keys) {
                rest.push(item);
            }
        }
        exact.append(&mut rest);
        exact
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, _: &mut Shared) -> Outcome {
        let last = self.fitting().len().saturating_sub(1);
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Outcome::Close,
            KeyCode::Enter => {
                let chosen = self.fitting().get(self.at).map(|it| it.command);
                return chosen.map_or(Outcome::Stay, |it| Outcome::Then(Choice::Run(it)));
            }
            KeyCode::Down => self.at = (self.at + 1).min(last),
            KeyCode::Up => self.at = self.at.saturating_sub(1),
            KeyCode::PageDown => self.at = (self.at + 10).min(last),
            KeyCode::PageUp => self.at = self.at.saturating_sub(10),
            KeyCode::Char('n') if ctrl => self.at = (self.at + 1).min(last),
            KeyCode::Char('p') if ctrl => self.at = self.at.saturating_sub(1),
            _ => {
                if self.input.key(key) {
                    self.at = 0;
                }
            }
        }
        Outcome::Stay
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let area = middle(paint, 76, 22);
        let inner = paint.frame(area, &self.title, Role::Title);
        paint.text(inner.x, inner.y, 2, &SafeText::own(": "), Role::Key);
        self.input.draw(paint, inner.x + 2, inner.y, inner.width.saturating_sub(2), true);
        let items = self.fitting();
        let room = usize::from(inner.height.saturating_sub(2));
        let top = (self.at + 1).saturating_sub(room);
        let keys = (inner.width / 4).min(16);
        for (line, (at, item)) in items.iter().enumerate().skip(top).take(room).enumerate() {
            let y = inner.y + 1 + line as u16;
            paint.text(inner.x, y, 1, &SafeText::own(if at == self.at { ">" } else { " " }), Role::Key);
            paint.text(inner.x + 2, y, keys, &item.keys, Role::Key);
            let rest = inner.width.saturating_sub(keys + 3);
            let name = SafeText::own(item.command.name());
            let said = paint.text(inner.x + 3 + keys, y, rest, &item.says, Role::Plain);
            if said + 2 + (name.width() as u16) < rest {
                paint.right(inner.x + 3 + keys, y, rest, &name, Role::Quiet);
            }
        }
        let foot = shared.words.fill("list-count", &[("count", SafeText::number(items.len() as u64))]);
        paint.text(inner.x, inner.bottom().saturating_sub(1), inner.width, &foot, Role::Quiet);
    }
}
