//! Hostile text on every screen: no cell holds what could drive a terminal.

use cabildo_admin_tui::data::Row;
use cabildo_admin_tui::safe::{MARKS, SafeText, is_out};
use cabildo_admin_tui::theme::Theme;
use proptest::prelude::*;

use super::fake::{Console, entry, id, person};

/// What people send to break things.
fn texts() -> Vec<String> {
    vec![
        "\u{1b}]52;c;aGFjaw==\u{7}\u{1b}[2J\u{1b}[31mrojo\u{9b}1m".to_owned(),
        "\u{202e}txet desrever\u{202c}\u{2066}\u{2069}\u{61c}\u{200f}".to_owned(),
        "a\u{200b}b\u{200d}c\u{feff}d\u{2060}e\u{180e}f".to_owned(),
        "\u{e0041}\u{e0042}\u{e007f}etiquetas".to_owned(),
        format!("z{}", "\u{301}\u{489}".repeat(200)),
        "ñ".repeat(20_000),
        "\u{1100}".repeat(500),
        "שלום עולם".to_owned(),
        "\0\u{1}\u{7f}\u{85}\u{2028}fin".to_owned(),
        "👩‍🌾👨‍👩‍👧‍👦🏳️‍🌈".to_owned(),
    ]
}

fn loaded(text: &str, size: (u16, u16)) -> Console {
    let mut console = Console::at(size, Theme::Ansi);
    for it in &mut console.rows {
        *it = Row {
            folio: SafeText::line(text),
            place: Some(SafeText::line(text)),
            preview: Some(SafeText::line(text)),
            municipality_name: SafeText::line(text),
            assignee: Some(person(2_000, text)),
            version: 2,
            ..it.clone()
        };
    }
    console
        .entries
        .insert(1, ["citizen", "bot", "staff", "note"].iter().map(|it| entry(1, it, text)).collect());
    console.writers = vec![(person(2_000, text), console.now)];
    console.key("R");
    console.rest(1_000);
    console
}

fn check(console: &mut Console, what: &str) -> Result<(), TestCaseError> {
    let buffer = console.buffer();
    for cell in buffer.content() {
        let symbol = cell.symbol();
        let emoji = symbol.chars().any(|it| it >= '\u{2190}');
        for it in symbol.chars() {
            let joiner = emoji && matches!(it, '\u{200d}' | '\u{fe0f}');
            prop_assert!(joiner || !is_out(it), "{what}: U+{:04X}", it as u32);
        }
        let marks = symbol.chars().filter(|it| unicode_normalization::char::is_combining_mark(*it)).count();
        prop_assert!(marks <= MARKS, "{what}: {marks} marks");
    }
    Ok(())
}

fn walk(text: &str, size: (u16, u16)) -> Result<(), TestCaseError> {
    let mut console = loaded(text, size);
    check(&mut console, "queue")?;
    for (keys, what) in
        [("A", "people"), ("Esc c", "canned"), ("Esc Enter", "case"), ("v", "raw"), ("Esc r", "composer")]
    {
        console.keys(keys);
        check(&mut console, what)?;
    }
    console.event(cabildo_admin_tui::event::Event::Paste(SafeText::typed(text)));
    console.rest(500);
    check(&mut console, "pasted")?;
    console.keys("Esc a");
    check(&mut console, "status")?;
    console.demands.hostile = Some(text.to_owned());
    console.highlights.hostile = Some(text.to_owned());
    for (keys, what) in [
        ("g q j =", "similar"),
        ("Esc d", "link"),
        ("Esc g d Tab", "demands"),
        ("Enter", "demand"),
        ("PgDn", "demand below"),
        ("w", "author's message"),
        ("Esc E", "endorsements"),
        ("Esc H", "offices"),
        ("Esc g v", "leaders"),
        ("1", "a leader"),
        ("Esc g e", "messages"),
        ("g k", "promises"),
        ("g q g l", "clusters"),
        ("o", "a demand out of them"),
        ("Esc g h", "cards"),
        ("Enter", "a card"),
        ("a", "an approval"),
        ("Esc A", "whom it is for"),
        ("Esc g h n", "candidates"),
        ("n f", "a card's form"),
        ("Esc g r", "broadcasts"),
        ("Enter", "a broadcast"),
        ("a", "its approval"),
        ("Esc e a", "its form"),
        ("Esc g q g c", "charts"),
    ] {
        console.keys(keys);
        check(&mut console, what)?;
    }
    Ok(())
}

#[test]
fn no_screen_shows_what_could_drive_a_terminal() {
    for text in texts() {
        for size in [(60, 16), (80, 24), (120, 40)] {
            walk(&text, size).unwrap_or_else(|problem| panic!("{problem} with {size:?}"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_written_no_cell_is_hostile(text in "\\PC{0,60}", bad in prop::collection::vec(any::<char>(), 0..40)) {
        let text: String = text.chars().chain(bad).collect();
        walk(&text, (120, 40))?;
    }
}

#[test]
fn what_is_copied_is_clean() {
    let mut console = loaded("\u{1b}]52;c;aGFjaw==\u{7}\u{202e}x", (80, 24));
    console.keys("y t");
    let copied = console.done.iter().find(|it| it.starts_with("copy ")).cloned().expect("copied");
    assert!(!copied.chars().any(is_out), "{copied:?}");
    assert!(console.rows.iter().any(|it| it.id == id(1)));
}
