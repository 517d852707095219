//! Folding of text: what is left when case, accents and punctuation are forgiven.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Lower case without accents; anything but letters and digits becomes one space.
///
/// `ñ` becomes `n` too, since old phones and quick fingers drop the tilde; full-width and other
/// compatibility forms become plain ones (NFKD).
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.nfkd().filter(|it| !is_combining_mark(*it)) {
        if character.is_alphanumeric() {
            out.extend(character.to_lowercase().filter(|it| !is_combining_mark(*it)));
        } else if is_apostrophe(character) {
            // O'Higgins, Dzitbalche': the mark joins.
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
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
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let (short, long) = if left.len() <= right.len() { (&left, &right) } else { (&right, &left) };
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
