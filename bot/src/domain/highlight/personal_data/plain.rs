//! A text in plain small letters and digits, which knows where each of them stood.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::domain::csv_guard::unseen;

/// The first of the ten digits of scripts whose digits have no plain form of their own.
const ZEROS: [u32; 18] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50,
    0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810,
];
/// Letters that look like a Latin one, before that one.
const ALIKE: [(&str, char); 23] = [
    ("аАαΑ", 'a'),
    ("вВβΒ", 'b'),
    ("сСϲ", 'c'),
    ("ԁ", 'd'),
    ("еЕεΕ", 'e'),
    ("ɡ", 'g'),
    ("нНηΗһ", 'h'),
    ("іІιΙı", 'i'),
    ("јЈ", 'j'),
    ("кКκΚ", 'k'),
    ("ӏ", 'l'),
    ("мМμΜ", 'm'),
    ("Νո", 'n'),
    ("оОοΟ", 'o'),
    ("рРρΡ", 'p'),
    ("ԛ", 'q'),
    ("ѕЅ", 's'),
    ("тТτΤ", 't'),
    ("υ", 'u'),
    ("ν", 'v'),
    ("хХχΧ", 'x'),
    ("уУΥ", 'y'),
    ("ζΖ", 'z'),
];

/// The plain form of a text.
pub(super) struct Plain {
    /// Small letters without accents, digits, plain blanks and hyphens; what nobody sees is gone.
    pub text: String,
    /// For each byte of the plain form, the bytes of the text that it comes from.
    from: Vec<(usize, usize)>,
}

impl Plain {
    /// The plain form of `text`.
    pub fn of(text: &str) -> Self {
        let mut plain =
            Self { text: String::with_capacity(text.len()), from: Vec::with_capacity(text.len()) };
        for (start, character) in text.char_indices() {
            let end = start + character.len_utf8();
            if unseen(character) {
                continue;
            }
            for part in std::iter::once(character).nfkd().filter(|it| !is_combining_mark(*it)) {
                for small in written(part).to_lowercase() {
                    plain.text.push(small);
                    plain.from.resize(plain.text.len(), (start, end));
                }
            }
        }
        plain
    }

    /// Where in the text a range of the plain form stands.
    pub fn in_text(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.from.get(range.start).map_or(0, |it| it.0);
        let end = range.end.checked_sub(1).and_then(|it| self.from.get(it)).map_or(start, |it| it.1);
        start..end.max(start)
    }

    /// The plain text before a byte, `most` characters of it.
    pub fn before(&self, at: usize, most: usize) -> &str {
        let before = self.text.get(..at).unwrap_or_default();
        let start = before.char_indices().rev().nth(most.saturating_sub(1)).map_or(0, |it| it.0);
        &before[start..]
    }

    /// The plain text from a byte on.
    pub fn after(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }
}

/// A decomposed character as a typewriter has it.
fn written(character: char) -> char {
    if character.is_ascii() {
        return if character.is_ascii_whitespace() { ' ' } else { character };
    }
    let code = character as u32;
    if let Some(zero) = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)) {
        return char::from_digit(code - zero, 10).unwrap_or(character);
    }
    if let Some((_, latin)) = ALIKE.iter().find(|(alike, _)| alike.contains(character)) {
        return *latin;
    }
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' => '-',
        '\u{b7}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22c5}' | '\u{30fb}' | '\u{25cf}' => '.',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' => '"',
        _ if character.is_whitespace() => ' ',
        _ => character,
    }
}

/// The digit that a plain character is, or is taken for within a number.
pub(super) fn digit(character: char) -> Option<u32> {
    match character {
        'o' => Some(0),
        'i' | 'l' | '|' => Some(1),
        _ => character.to_digit(10),
    }
}
