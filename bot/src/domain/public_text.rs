//! Words of a citizen that everybody will read by SMS.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Signs that an SMS has, or gets a plain form of, at the price of one letter.
const SIGNS: &str = "¿¡£€¥§¤°ºª´‘’“”«»–—…·";
/// What an SMS writes as two: nobody needs it to ask for something.
const DEAR: &str = "^{}[]~\\|";

/// The text in one line, with letters of any language, digits and the usual signs only.
///
/// Emoji would make each message to each reader cost two or three; marks that nobody sees could hide or turn
/// what is written. Its author is shown what is left before it is sent. Letters that GSM-7 lacks stay: a name in
/// her language is worth the dearer message.
pub fn public_text(text: &str) -> String {
    // Variation selectors and keycaps go with the emoji that they belong to.
    let of_emoji = |it: char| matches!(it, '\u{fe00}'..='\u{fe0f}' | '\u{20d0}'..='\u{20ff}');
    let mark = |it: char| is_combining_mark(it) && !of_emoji(it);
    let usual = |it: char| {
        it.is_alphanumeric()
            || it.is_whitespace()
            || (it.is_ascii_graphic() && !DEAR.contains(it))
            || SIGNS.contains(it)
            || mark(it)
    };
    let kept: String = text.nfc().filter(|it| usual(*it)).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::public_text;

    #[test]
    fn what_costs_more_or_hides_goes_and_words_stay() {
        let cases = [
            ("Agua ya \u{1f62d}\u{1f62d}!!", "Agua ya !!"),
            ("\u{202e}Pozo\u{200b} {para} ~todos~ \u{2764}\u{fe0f}", "Pozo para todos"),
            ("Ñuu Savi: tsíkan ʼa, Tlahuël", "Ñuu Savi: tsíkan ʼa, Tlahuël"),
            ("n\u{303}andu\n\tal  lado", "ñandu al lado"),
            ("«Cancha» – 24 m² a $80…", "«Cancha» – 24 m² a $80…"),
            ("\u{1f468}\u{200d}\u{1f469}\u{e0067}", ""),
        ];
        for (text, left) in cases {
            assert_eq!(public_text(text), left);
            assert_eq!(public_text(left), left, "twice is once");
        }
    }
}
