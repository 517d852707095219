//! From a text of any content to the words that may name a place.

use std::borrow::Cow;

use super::super::fold;
use super::spanish;

/// Characters of a text that are read; a place is named before that.
const MOST_CHARACTERS: usize = 320;
/// Words of a text that are read.
const MOST_WORDS: usize = 24;
/// Letters of one word that are read.
const MOST_LETTERS: usize = 64;

/// The folded words of a text: its beginning only, with letters restored that a wrong encoding
/// spoilt, and [`super::sound::LOST`]'s letter (`ə`) where one was lost.
pub fn read(text: &str) -> Vec<String> {
    let head = match text.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => &text[..end],
        None => text,
    };
    let words: Vec<String> = fold::words(&mark_lost(&mended(head)))
        .into_iter()
        .take(MOST_WORDS)
        .map(|word| match word.char_indices().nth(MOST_LETTERS) {
            Some((end, _)) => word[..end].to_owned(),
            None => word,
        })
        .collect();
    if words.len() > 1 && words.iter().all(|it| it.chars().count() == 1) {
        // "S. L. P."
        return vec![words.concat()];
    }
    words
}

/// UTF-8 that was read as Windows-1252 (`MuÃ±oz`) set right.
fn mended(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{c3}', '\u{c2}']) {
        return Cow::Borrowed(text);
    }
    let (bytes, _, failed) = encoding_rs::WINDOWS_1252.encode(text);
    match std::str::from_utf8(&bytes) {
        Ok(right) if !failed => Cow::Owned(right.to_owned()),
        _ => Cow::Borrowed(text),
    }
}

/// A question mark between two letters, or a replacement character, stands where a letter was lost.
fn mark_lost(text: &str) -> Cow<'_, str> {
    if !text.contains(['?', '\u{fffd}']) {
        return Cow::Borrowed(text);
    }
    let all: Vec<char> = text.chars().collect();
    let is_letter = |index: usize| all.get(index).is_some_and(|it| it.is_alphabetic());
    let mut out = String::with_capacity(text.len());
    for (index, character) in all.iter().enumerate() {
        let lost = match character {
            '\u{fffd}' => true,
            '?' => index > 0 && is_letter(index - 1) && is_letter(index + 1),
            _ => false,
        };
        // The second half of a letter that was cut in two bytes is no other letter.
        let second = lost && index > 0 && matches!(all[index - 1], '\u{fffd}' | '\u{c3}');
        match (lost, second) {
            (true, true) => {}
            (true, false) => out.push('\u{259}'),
            _ if *character == '\u{c3}' && all.get(index + 1) == Some(&'\u{fffd}') => out.push('\u{259}'),
            _ => out.push(*character),
        }
    }
    Cow::Owned(out)
}

/// Words in full, joined: with articles and prepositions, and without.
///
/// A name that is nothing but articles keeps them.
pub fn joined(words: &[impl AsRef<str>]) -> (String, String) {
    let mut full = String::new();
    let mut bare = String::new();
    for word in words {
        let word = spanish::in_full(word.as_ref());
        full.push_str(word);
        if !spanish::is_stop_word(word) {
            bare.push_str(word);
        }
    }
    if bare.is_empty() {
        bare.clone_from(&full);
    }
    (full, bare)
}

/// The words that carry a name, in full, each with whether it stands after a `de` or `del` that
/// has a word before it.
pub fn significant_after(words: &[String]) -> Vec<(String, bool)> {
    let mut after = false;
    let mut out: Vec<(String, bool)> = Vec::new();
    for word in words {
        let word = spanish::in_full(word);
        if spanish::is_stop_word(word) {
            after |= !out.is_empty() && matches!(word, "de" | "del" | "d");
        } else {
            out.push((word.to_owned(), after));
        }
    }
    out
}

/// The words that carry a name, in full.
pub fn significant(words: &[impl AsRef<str>]) -> Vec<String> {
    words
        .iter()
        .map(|it| spanish::in_full(it.as_ref()))
        .filter(|it| !spanish::is_stop_word(it))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mends_what_a_wrong_encoding_spoilt() {
        assert_eq!(read("MuÃ±oz"), ["munoz"]);
        assert_eq!(read("Mu?oz"), ["mu\u{259}oz"]);
        assert_eq!(read("¿Tlapa?"), ["tlapa"]);
        assert_eq!(read("Yucat\u{fffd}n"), ["yucat\u{259}n"]);
    }

    #[test]
    fn abbreviations_are_written_out_and_articles_dropped() {
        assert_eq!(joined(&read("Sn. Juan de los Lagos")).1, "sanjuanlagos");
        assert_eq!(joined(&read("Sta. Ma. Huatulco")).0, "santamariahuatulco");
        assert_eq!(joined(&read("El")).1, "el");
    }

    #[test]
    fn long_input_is_cut() {
        assert_eq!(read(&"ab ".repeat(10_000)).len(), MOST_WORDS);
        assert_eq!(read(&"a".repeat(10_000))[0].len(), MOST_LETTERS);
    }
}
