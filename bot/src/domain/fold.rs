//! Folding of text: what is left when case, accents and punctuation are forgiven.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Lower case without accents; anything but letters and digits becomes one space.
///
/// `ñ` becomes `n` too, since old phones and quick fingers drop the tilde; full-width and other
/// compatibility forms become plain ones (NFKD).
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        // What nearly every text consists of needs no tables.
        match character {
            'a'..='z' | '0'..='9' => out.push(character),
            'A'..='Z' => out.push(character.to_ascii_lowercase()),
            'á' | 'Á' => out.push('a'),
            'é' | 'É' => out.push('e'),
            'í' | 'Í' => out.push('i'),
            'ó' | 'Ó' => out.push('o'),
            'ú' | 'Ú' | 'ü' | 'Ü' => out.push('u'),
            'ñ' | 'Ñ' => out.push('n'),
            _ if character.is_ascii() => fold_plain(character, &mut out),
            // The order of marks, which only a whole text tells, does not matter: they go.
            _ => std::iter::once(character).nfkd().for_each(|it| fold_plain(it, &mut out)),
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// Folds a character that is decomposed already.
fn fold_plain(character: char, out: &mut String) {
    if is_combining_mark(character) {
        return;
    }
    if character.is_alphanumeric() {
        out.extend(character.to_lowercase().filter(|it| !is_combining_mark(*it)));
    } else if is_apostrophe(character) {
        // O'Higgins, Dzitbalche': the mark joins.
    } else if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// The folded words of a text.
pub fn words(text: &str) -> Vec<String> {
    fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}')
}

/// Whether two folded words are at most one slip apart: a letter changed, lost or added, or two
/// neighbours swapped.
pub fn one_slip(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return one_slip_in(left.as_bytes(), right.as_bytes());
    }
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    one_slip_in(&left, &right)
}

fn one_slip_in<T: PartialEq>(left: &[T], right: &[T]) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    if same == short.len() {
        return true;
    }
    if short.len() < long.len() {
        return short[same..] == long[same + 1..];
    }
    short[same + 1..] == long[same + 1..]
        || (same + 1 < short.len()
            && short[same] == long[same + 1]
            && short[same + 1] == long[same]
            && short[same + 2..] == long[same + 2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgives_case_accents_and_punctuation() {
        assert_eq!(fold("  ¿TLAPA, Gro.? "), "tlapa gro");
        assert_eq!(fold("Ñuu Savi"), "nuu savi");
        assert_eq!(fold("ＴＬＡＰＡ"), "tlapa");
        assert_eq!(fold("Q. Roo"), "q roo");
        assert_eq!(fold("O'Higgins"), "ohiggins");
        assert_eq!(fold("...!"), "");
    }

    #[test]
    fn the_short_way_folds_as_the_tables_say() {
        let by_tables = |text: &str| {
            let mut out = String::new();
            text.nfkd().for_each(|it| fold_plain(it, &mut out));
            out.truncate(out.trim_end_matches(' ').len());
            out
        };
        let all: Vec<char> = ('\0'..=char::MAX).collect();
        for part in all.chunks(97) {
            let text: String = part.iter().collect();
            assert_eq!(fold(&text), by_tables(&text));
        }
        // Marks before, between and behind letters, in an order that decomposing changes.
        for text in ["\u{301}a\u{323}\u{301}b\u{301}\u{323}", "Ñ\u{323}\u{301}e", "ệ\u{301} ´á`É"] {
            assert_eq!(fold(text), by_tables(text));
        }
    }

    #[test]
    fn one_slip_is_one_letter() {
        assert!(one_slip("comida", "comida"));
        assert!(one_slip("comida", "comda"));
        assert!(one_slip("comida", "comidaa"));
        assert!(one_slip("comida", "cómida".replace('ó', "u").as_str()));
        assert!(one_slip("comida", "ocmida"));
        assert!(!one_slip("comida", "cmdia"));
        assert!(!one_slip("comida", "com"));
    }
}
