//! Every screen and state at four sizes, with and without colour.

use std::fmt::Write as _;

use cabildo_admin_tui::theme::Theme;
use ratatui::buffer::Buffer;

use super::fake::{Console, text_of};
use super::states::{STATES, reach};

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 60)];

/// Where which style stands.
fn styles(buffer: &Buffer) -> String {
    let area = buffer.area();
    let mut text = String::new();
    for y in 0..area.height {
        let mut runs: Vec<(String, u16, u16)> = Vec::new();
        for x in 0..area.width {
            let cell = &buffer[(x, y)];
            let style =
                format!("{:?} {:?}", cell.fg, cell.modifier).replace("Reset ", "").replace("NONE", "");
            match runs.last_mut() {
                Some(run) if run.0 == style => run.2 = x,
                _ => runs.push((style, x, x)),
            }
        }
        for (style, from, to) in runs.into_iter().filter(|it| !it.0.trim().is_empty()) {
            // Writing into a text does not fail.
            let _ = writeln!(text, "{y:>2} {from:>3}-{to:<3} {style}");
        }
    }
    text
}

fn shown(state: &str, size: (u16, u16), theme: Theme) -> Buffer {
    let mut console: Console = reach(state, size, theme);
    console.buffer()
}

#[test]
fn every_state_at_every_size() {
    for state in STATES {
        let mut all = String::new();
        for size in SIZES {
            let plain = shown(state, size, Theme::Mono);
            let text = text_of(&plain);
            let coloured = text_of(&shown(state, size, Theme::Ansi));
            assert_eq!(text, coloured, "{state} tells something by colour alone");
            let _ = writeln!(all, "== {}x{}\n{text}", size.0, size.1);
        }
        insta::assert_snapshot!(*state, all);
    }
}

#[test]
fn every_state_in_spanish() {
    super::fake::speak("es-MX");
    for state in STATES {
        let mut all = String::new();
        for size in &SIZES[..2] {
            let _ = writeln!(all, "== {}x{}\n{}", size.0, size.1, text_of(&shown(state, *size, Theme::Mono)));
        }
        insta::assert_snapshot!(format!("{state}_es"), all);
    }
}

#[test]
fn every_state_in_colour_and_without() {
    for state in STATES {
        let mut all = String::new();
        for (name, theme) in [("ansi", Theme::Ansi), ("light", Theme::Light), ("mono", Theme::Mono)] {
            let text = styles(&shown(state, (80, 24), theme));
            let _ = writeln!(all, "== {name}\n{text}");
            if theme == Theme::Mono {
                for word in ["Red", "Yellow", "Cyan", "Magenta", "Blue", "Green"] {
                    assert!(!text.contains(word), "{state} has {word} without colour");
                }
            }
        }
        insta::assert_snapshot!(format!("{state}_styles"), all);
    }
}

#[test]
fn a_window_that_is_too_small_says_so() {
    for size in [(59, 24), (80, 15), (20, 5), (1, 1)] {
        let text = text_of(&shown("queue", size, Theme::Mono));
        if size.0 > 19 {
            assert!(text.contains("window too small"), "{text}");
        }
    }
}
