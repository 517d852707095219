//! Segments of a text message: which alphabet it needs, how long it is, where it is cut.
//!
//! The alphabet is the GSM 7 bit default alphabet with its extension table (3GPP TS 23.038, 6.2.1
//! and 6.2.1.1, formerly GSM 03.38); whatever is not in it makes the whole message UCS-2 (the same,
//! 6.2.3), in practice UTF-16. A message carries 140 octets: 160 septets or 70 UTF-16 units. A
//! longer text is sent in parts whose concatenation header takes 6 octets (TS 23.040, 9.2.3.24.1),
//! which leaves 153 septets or 67 units. An escape pair of the extension table and a surrogate pair
//! are never divided between two parts, so a part may stay one unit short.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;
use unicode_segmentation::UnicodeSegmentation as _;

/// The GSM 7 bit default alphabet, by code; code 0x1B is the escape to the extension table and no
/// character, here U+FFFF, which is none either.
const DEFAULT_ALPHABET: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', //
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{FFFF}', 'Æ', 'æ', 'ß', 'É', //
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', //
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', //
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', //
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', //
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', //
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à', //
];

/// Code 0x1B of [`DEFAULT_ALPHABET`].
const ESCAPE: char = '\u{FFFF}';

/// The alphabet that a message needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The GSM 7 bit default alphabet with its extension table.
    Gsm7,
    /// UCS-2, in practice UTF-16.
    Ucs2,
}

impl Encoding {
    /// The stable code (`gsm7`, `ucs2`).
    pub fn code(self) -> &'static str {
        match self {
            Self::Gsm7 => "gsm7",
            Self::Ucs2 => "ucs2",
        }
    }

    /// Units that a message of one part holds.
    pub const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units that each part of a longer message holds.
    pub const fn concatenated(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Units that a character takes: septets, or UTF-16 units. A character outside the alphabet
    /// takes none of [`Encoding::Gsm7`]; [`segment`] never asks that.
    fn units(self, character: char) -> usize {
        match self {
            Self::Gsm7 => septets(character).unwrap_or(0),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// What a text costs as a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segmentation {
    /// The alphabet that it needs.
    pub encoding: Encoding,
    /// Its length: septets for GSM-7, UTF-16 units for UCS-2; without the units that parts leave
    /// empty.
    pub units: usize,
    /// Messages that it is sent in; 0 for an empty text, which is not sent.
    pub segments: usize,
    /// The first character that GSM-7 lacks.
    pub offending: Option<char>,
}

/// Septets that a character takes: 1 in the default alphabet, 2 (escape and code) in the extension
/// table, `None` in neither.
pub fn septets(character: char) -> Option<usize> {
    match character {
        ' '..='Z' | 'a'..='z' | '\n' | '\r' | '_' => Some(1),
        '\u{0C}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        ESCAPE => None,
        other if other.is_ascii() => None,
        other => DEFAULT_ALPHABET.contains(&other).then_some(1),
    }
}

/// Whether the text can be sent in GSM-7; what can't goes as UCS-2.
pub fn is_gsm7(text: &str) -> bool {
    text.chars().all(|it| septets(it).is_some())
}

/// Tells what `text` costs as it stands; see [`transliterate`] for making it cheaper first.
pub fn segment(text: &str) -> Segmentation {
    let offending = text.chars().find(|&it| septets(it).is_none());
    let encoding = if offending.is_none() { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let units = units(text, encoding);
    let segments = match units {
        0 => 0,
        _ if units <= encoding.single() => 1,
        _ => packed(text, encoding),
    };
    Segmentation { encoding, units, segments, offending }
}

/// Length of `text` in the units of `encoding`.
fn units(text: &str, encoding: Encoding) -> usize {
    text.chars().map(|it| encoding.units(it)).sum()
}

/// Parts that `text` takes when each is filled as far as whole characters go.
fn packed(text: &str, encoding: Encoding) -> usize {
    let mut parts = 0;
    let mut rest = text;
    while !rest.is_empty() {
        rest = &rest[fitting(rest, encoding, encoding.concatenated())..];
        parts += 1;
    }
    parts
}

/// Bytes of the longest start of `text` of whole characters that takes at most `room` units.
fn fitting(text: &str, encoding: Encoding, room: usize) -> usize {
    let mut used = 0;
    text.char_indices()
        .find(|&(_, it)| {
            used += encoding.units(it);
            used > room
        })
        .map_or(text.len(), |(at, _)| at)
}

/// Cuts `text` into the parts that are sent, as many as [`segment`] says; joined they are `text`.
///
/// A part ends between two characters that a reader sees (grapheme clusters) wherever that takes no
/// further part; else, and in a cluster longer than a part, between two characters of a cluster.
/// A surrogate pair or an escape pair is never divided.
pub fn parts(text: &str) -> Vec<String> {
    let Segmentation { encoding, segments, .. } = segment(text);
    if segments <= 1 {
        return if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    }
    let mut parts = Vec::with_capacity(segments);
    let mut rest = text;
    while !rest.is_empty() {
        let hard = fitting(rest, encoding, encoding.concatenated());
        let soft = grapheme_floor(rest, hard);
        // Filling each part is the least number of parts, so the hard cut always keeps within it.
        let left = segments.saturating_sub(parts.len() + 1);
        let cut = if soft > 0 && packed(&rest[soft..], encoding) <= left { soft } else { hard };
        parts.push(rest[..cut].to_owned());
        rest = &rest[cut..];
    }
    parts
}

/// The last boundary between grapheme clusters of `text` at or before the byte `limit`.
fn grapheme_floor(text: &str, limit: usize) -> usize {
    if limit >= text.len() {
        return text.len();
    }
    text.grapheme_indices(true).map(|(at, _)| at).take_while(|&at| at <= limit).last().unwrap_or(0)
}

/// The longest start of `text` that fits into `max` septets and does not cut a character that a
/// reader sees (a grapheme cluster).
///
/// A text that needs UCS-2 gets the same number of bits: `max * 7 / 16` UTF-16 units, thus 70 for
/// 160. Its alphabet is that of the whole text, so that a cut never makes what is left longer.
pub fn truncate_to_septets(text: &str, max: usize) -> &str {
    let (encoding, room) = match segment(text).encoding {
        Encoding::Gsm7 => (Encoding::Gsm7, max),
        Encoding::Ucs2 => (Encoding::Ucs2, max.saturating_mul(7) / 16),
    };
    &text[..grapheme_floor(text, fitting(text, encoding, room))]
}

/// Writes `text` with the letters and signs of GSM-7 where it loses nothing but a written accent.
///
/// For messages only: á í ó ú lose their accent since GSM-7 lacks them; ñ é ü ¿ ¡ and all else that
/// it has stay; typographic quotes, dashes, spaces, ellipses, ordinals and full-width forms get their
/// plain form; marks that nobody sees are left out. What has no plain form stays, and the
/// message goes as UCS-2: a wrong letter would be worse than a dearer message. Applying it twice is
/// the same as once.
pub fn transliterate(text: &str) -> String {
    // Below U+0300 there are no marks to compose with, so that each character stands for itself.
    if text.chars().all(|it| it < '\u{300}') {
        let mut out = String::with_capacity(text.len());
        for character in text.chars().filter(|&it| !is_invisible(it)) {
            match character {
                ' '..='_' | 'a'..='~' => out.push(character),
                _ => match plain(character) {
                    Some(form) => out.push_str(form),
                    None => out.push(character),
                },
            }
        }
        return out;
    }
    // Composed first: a keyboard may send n and a combining tilde for ñ.
    let mut characters = text.chars().filter(|&it| !is_invisible(it)).nfc().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        // With a further mark on it the character is another one, which GSM-7 lacks.
        let marked = characters.peek().is_some_and(|&it| canonical_combining_class(it) != 0);
        match plain(character) {
            Some(form) if !marked => out.push_str(form),
            _ => match full_width(character) {
                Some(form) if !marked => out.push(form),
                _ => out.push(character),
            },
        }
    }
    out
}

/// Marks without width that carry no meaning in plain text. The joiners are not among them: emoji
/// and some scripts need those.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
    )
}

/// The form in GSM-7 of a character that it lacks.
fn plain(character: char) -> Option<&'static str> {
    Some(match character {
        'á' | 'ª' => "a",
        'í' => "i",
        'ó' | 'º' => "o",
        'ú' => "u",
        'Á' => "A",
        'Í' => "I",
        'Ó' => "O",
        'Ú' => "U",
        // Single quotes, accents that stand alone, primes, and the letters for a glottal stop.
        '‘' | '’' | '‚' | '‛' | '‹' | '›' | '`' | '´' | '′' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | 'ˈ' | 'Ꞌ' | 'ꞌ' => {
            "'"
        }
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '〝' | '〞' => "\"",
        '\u{2010}'..='\u{2015}' | '−' | '⁃' | '﹘' | '﹣' | '•' | '▪' => "-",
        '…' => "...",
        '‥' => "..",
        '․' => ".",
        '⁄' | '∕' => "/",
        '×' => "x",
        '\t' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => " ",
        '\u{2028}' | '\u{2029}' | '\u{85}' => "\n",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        _ => return None,
    })
}

/// The ASCII character of a full-width form (U+FF01 to U+FF5E stand 0xFEE0 above theirs).
fn full_width(character: char) -> Option<char> {
    match character {
        '\u{FF40}' => Some('\''),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
