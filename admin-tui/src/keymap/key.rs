//! Keys, and how they are named.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::safe::SafeText;

/// One key, with Ctrl or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
}

impl Key {
    /// The key of an event; `None` with Alt and the like, which write letters in many layouts.
    pub fn of(event: KeyEvent) -> Option<Self> {
        let held = event.modifiers - KeyModifiers::SHIFT;
        let ctrl = held == KeyModifiers::CONTROL;
        if !ctrl && !held.is_empty() {
            return None;
        }
        let code = match event.code {
            KeyCode::Char(it) if ctrl => KeyCode::Char(it.to_ascii_lowercase()),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            other => other,
        };
        Some(Self { code, ctrl })
    }

    /// The key of a name (`a`, `Ctrl-S`, `F1`, `PgDn`).
    fn named(name: &str) -> Option<Self> {
        if let Some(it) = name.strip_prefix("Ctrl-") {
            let mut letters = it.chars();
            let letter = letters.next().filter(char::is_ascii_alphabetic)?.to_ascii_lowercase();
            // Those three are Tab, Enter and Backspace to a terminal.
            let fits = letters.next().is_none() && !matches!(letter, 'i' | 'm' | 'h');
            return fits.then_some(Self { code: KeyCode::Char(letter), ctrl: true });
        }
        let code = match name {
            "Space" => KeyCode::Char(' '),
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Tab" => KeyCode::Tab,
            "Shift-Tab" => KeyCode::BackTab,
            "Backspace" => KeyCode::Backspace,
            "Home" => KeyCode::Home,
            "End" => KeyCode::End,
            "PgUp" => KeyCode::PageUp,
            "PgDn" => KeyCode::PageDown,
            "Up" => KeyCode::Up,
            "Down" => KeyCode::Down,
            "Left" => KeyCode::Left,
            "Right" => KeyCode::Right,
            other => {
                let mut letters = other.chars();
                let first = letters.next()?;
                if letters.next().is_none() {
                    KeyCode::Char(first)
                } else {
                    let number: u8 = other.strip_prefix('F')?.parse().ok()?;
                    (1..=12).contains(&number).then_some(KeyCode::F(number))?
                }
            }
        };
        Some(Self { code, ctrl: false })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl
            && let KeyCode::Char(it) = self.code
        {
            return write!(out, "Ctrl-{}", it.to_ascii_uppercase());
        }
        match self.code {
            KeyCode::Char(' ') => out.write_str("Space"),
            KeyCode::Char(it) => write!(out, "{it}"),
            KeyCode::F(number) => write!(out, "F{number}"),
            KeyCode::PageUp => out.write_str("PgUp"),
            KeyCode::PageDown => out.write_str("PgDn"),
            KeyCode::BackTab => out.write_str("Shift-Tab"),
            other => write!(out, "{other:?}"),
        }
    }
}

/// One key, or a prefix and a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chord(pub(super) Vec<Key>);

impl Chord {
    pub(super) fn named(name: &str) -> Option<Self> {
        if name == " " {
            return None;
        }
        let keys: Option<Vec<Key>> = name.split(' ').map(Key::named).collect();
        keys.filter(|it| (1..=2).contains(&it.len())).map(Self)
    }

    /// As it is shown (`g q`).
    pub fn text(&self) -> SafeText {
        let keys: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        SafeText::line(&keys.join(" "))
    }

    /// The last key of it, as a hint strip shows it.
    pub fn last(&self) -> SafeText {
        SafeText::line(&self.0.last().map(ToString::to_string).unwrap_or_default())
    }

    /// The keys.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }
}
