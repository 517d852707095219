//! Texts that stay for the statistics and must lead to nobody: numbers and addresses of the net are
//! masked. Names can't be told from other words, which is why what is erased on request is emptied.

/// What stands in the place of a number.
pub const MASK: char = '#';
/// Digits that make a number to call, or of a document.
const DIGITS: usize = 7;

/// The text with long numbers (also written in groups) and addresses of the net masked.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        let address = word.contains('@') || word.contains("://") || word.starts_with("www.");
        if address { out.push(MASK) } else { out.push_str(word) }
    }
    numbers(&out)
}

/// Whether a character may stand between groups of digits of one number.
pub(super) fn between_groups(character: char) -> bool {
    matches!(character, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}')
}

/// Masks runs of digits and what stands between their groups.
fn numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_numeric() {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let (mut end, mut digits, mut next) = (at, 0, at);
        while next < chars.len() {
            if chars[next].is_numeric() {
                digits += 1;
                end = next + 1;
            } else if next - end >= 3 || !between_groups(chars[next]) {
                break;
            }
            next += 1;
        }
        if digits >= DIGITS {
            out.push(MASK);
        } else {
            out.extend(&chars[at..end]);
        }
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_and_addresses_are_masked_and_words_stay() {
        for (text, left) in [
            ("No hay agua desde el lunes 5", "No hay agua desde el lunes 5"),
            ("llamen al 757 476 12 34 por favor", "llamen al # por favor"),
            ("mi cel es +52 (757) 476-1234.", "mi cel es +#."),
            ("calle 5 de mayo 123, cp 41300", "calle 5 de mayo 123, cp 41300"),
            ("escriban a ana.luz@example.mx ya", "escriban a # ya"),
            ("ver https://example.mx/x?tel=7574761234", "ver #"),
            ("\u{662}\u{663}\u{664}\u{665}\u{666}\u{667}\u{668}", "#"),
            ("", ""),
        ] {
            assert_eq!(redact(text), left, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_long_number_is_left(text: String) {
            let redacted = redact(&text);
            let mut run = 0;
            for it in redacted.chars() {
                run = if it.is_numeric() { run + 1 } else { 0 };
                prop_assert!(run < DIGITS);
            }
            prop_assert_eq!(redact(&redacted), redacted);
        }
    }
}
