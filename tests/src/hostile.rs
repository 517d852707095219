//! Texts that nobody should send and somebody will: for everything that reads what people write.

/// The longest one, in characters.
pub const LONGEST: usize = 10_000;

/// Hostile texts, each with what it tries.
///
/// They are made here and not kept in files, since editors and version control mend such texts.
pub fn texts() -> Vec<(&'static str, String)> {
    let mut texts = vec![
        // Nothing, or nothing that is seen.
        ("empty", String::new()),
        ("spaces", " ".repeat(300)),
        ("line breaks", "\r\n".repeat(200)),
        ("no-break and ideographic spaces", "\u{A0}\u{2003}\u{3000}\u{202F}".repeat(20)),
        ("zero width only", "\u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}".repeat(10)),
        ("variation selectors only", "\u{FE0F}\u{FE0E}\u{E0100}".repeat(5)),
        ("tag characters", "\u{E0041}\u{E0042}\u{E007F}".to_owned()),
        // Control characters.
        ("NUL", "\0".to_owned()),
        ("NUL inside a word", "tla\0pa".to_owned()),
        ("escape sequences of a terminal", "\u{1B}[2J\u{1B}]0;tlapa\u{7}\u{1B}[31magua".to_owned()),
        ("C0 and C1 controls", ('\0'..' ').chain('\u{7F}'..'\u{A0}').collect()),
        ("substitute and replacement", "\u{1A}\u{FFFD}\u{FFFE}\u{FFFF}".to_owned()),
        ("backspaces over another word", "ALTA\u{8}\u{8}\u{8}\u{8}BAJA".to_owned()),
        // Direction.
        ("right-to-left override", "\u{202E}apalt\u{202C} agua".to_owned()),
        ("isolates that never end", "\u{2066}\u{2067}\u{2068}tlapa".to_owned()),
        ("Arabic and Hebrew", "مرحبا تلابا שלום טלפה".to_owned()),
        ("Arabic digits", "٤١٣٠٤ ۴۱۳۰۴".to_owned()),
        // What looks like one character and is not.
        ("lone combining mark", "\u{301}".to_owned()),
        ("combining marks first", "\u{301}\u{303}tlapa".to_owned()),
        ("a tower of combining marks", format!("a{}", "\u{334}\u{301}\u{489}".repeat(300))),
        ("decomposed accents", "Cua\u{301}utla, Men\u{303}a, Gu\u{308}e\u{301}mez".to_owned()),
        ("emoji with joiners", "👩\u{200D}🌾👨\u{200D}👩\u{200D}👧\u{200D}👦🏳\u{FE0F}\u{200D}🌈".to_owned()),
        ("flags and skin tones", "🇲🇽🇲🇽🇲👍🏽👍🏿".to_owned()),
        ("joiners without emoji", "tla\u{200D}pa agu\u{200C}a".to_owned()),
        ("characters of four bytes", "𝕋𝕝𝕒𝕡𝕒 𐐷𐐷 𠜎𠜱".to_owned()),
        ("ligatures and full width", "ﬁrmo ＡＧＵＡ ｔｌａｐａ １".to_owned()),
        ("letters that grow in lower or upper case", "İıßẞŉǰΐﬃİ".repeat(8)),
        ("conjoining jamo", "\u{1100}\u{1161}\u{11A8}".repeat(40)),
        // Words that look like keywords.
        ("homoglyph stop words", "ВАЈА АLТО SТОР ЅTOP ЅALIR".to_owned()),
        ("homoglyph alone", "ВАЈА".to_owned()),
        ("spaced stop word", "S T O P".to_owned()),
        ("stop word with zero width inside", "ST\u{200B}OP".to_owned()),
        ("stop word inside a place", "Baja California no tiene agua".to_owned()),
        ("near stop words", "STOPP PARAS ALTAR BACA ALTOS SALIRE BAJAS".to_owned()),
        (
            "every keyword at once",
            "STOP ALTA BAJA AYUDA MENU MAS 0 1 SI NO CANCELA FIRMO RETIRO BORRAR IDIOMA".to_owned(),
        ),
        ("stop word and more", "STOP tlapa".to_owned()),
        ("mixed case", "aYuDa tLaPa".to_owned()),
        ("punctuation round a keyword", "...¡¡¿¿AYUDA??!!...".to_owned()),
        // Numbers.
        ("digits with separators", "41,304 41.304 41 304 4-1-3-0-4 41_304".to_owned()),
        ("a number too large", "9".repeat(200)),
        ("signs and exponents", "-1 +1 1e999 0x41304 NaN inf -0 1/0".to_owned()),
        ("superscript and Roman digits", "¹²³ Ⅳ ⅷ ½ ①②③".to_owned()),
        ("leading zeros", "0000000000012066".to_owned()),
        ("a key of no municipality", "00000 99999 12999 33001".to_owned()),
        // Other languages' special forms.
        ("format strings", "%s%n%x%d %1$s {0} {} {:?} ${HOME} $(id) `id`".to_owned()),
        ("Fluent placeables", "{ $name } { -brand } {\"{\"} { agua } {$n -> [one] 1 *[other] 2}".to_owned()),
        ("template injections", "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {% raw %}".to_owned()),
        ("SQL", "'; DROP TABLE contacts; -- \" OR 1=1 /* \\' UNION SELECT".to_owned()),
        ("wildcards of LIKE and glob", "%_%[a-z]*?\\%".to_owned()),
        ("HTML and scripts", "<b>x</b><script>alert(1)</script>&lt;&amp;&#x41;<!--".to_owned()),
        ("TwiML", "</Message></Response><Response><Dial>+525500000000</Dial>]]>".to_owned()),
        ("headers", "tlapa\r\nX-Kannel-Coding: 2\r\n\r\nagua".to_owned()),
        ("paths", "../../../../etc/passwd\0.csv C:\\Windows file:///etc/passwd".to_owned()),
        ("a formula", "=HYPERLINK(\"http://example.org\",\"agua\") +1 @SUM(A1)".to_owned()),
        ("JSON and logs", "\",\"level\":\"ERROR\",\"msg\":\"\n{\"a\":1}".to_owned()),
        ("percent-encoded", "%00 %0d%0a %F1 %C3%B1 %25s a%2".to_owned()),
        ("a deep link", "/start mun_12066'; mun_99999 mun_ /start@bot -1".to_owned()),
        ("commands", "/ // /\u{0} /ayuda@otro_bot /start start=mun_12066".to_owned()),
        (
            "an automatic answer",
            "Auto: Estoy manejando, te llamo luego. Out of office. Autoreply.".to_owned(),
        ),
        // Length and repetition.
        ("one very long word", "x".repeat(5_000)),
        (
            "one letter with slips",
            "tlapaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
        ),
        ("many short words", "a ".repeat(LONGEST / 2)),
        ("many places", "tlapa agua neza ".repeat(300)),
        ("many ambiguous places", "san juan santa maria ".repeat(200)),
        ("ten thousand characters", "Á€😀ñ ".repeat(LONGEST / 5)),
        ("ten thousand marks", "\u{301}".repeat(LONGEST)),
        ("deep brackets", "([{<".repeat(1_000)),
        ("only signs", "¿¡?!.,;:-_*+~^'\"\\/|@#$%&=()[]{}<>€".repeat(10)),
    ];
    // Each edge of a message, in both alphabets.
    for length in [1, 69, 70, 71, 134, 135, 159, 160, 161, 306, 307, 459, 460] {
        texts.push(("an edge in GSM-7", "ñ".repeat(length)));
        texts.push(("an edge in UCS-2", "á".repeat(length)));
        texts.push(("an edge with pairs", format!("{}€😀", "b".repeat(length))));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use cabildo_bot::channels::sms::segments::{
        Encoding, parts, segment, transliterate, truncate_to_septets,
    };

    #[test]
    fn the_texts_differ_and_reach_the_length() {
        let texts = texts();
        let distinct: std::collections::HashSet<_> = texts.iter().map(|(_, it)| it).collect();
        assert_eq!(distinct.len(), texts.len());
        assert_eq!(texts.iter().map(|(_, it)| it.chars().count()).max(), Some(LONGEST));
    }

    #[test]
    fn segmentation_stands_them() {
        for (what, text) in texts() {
            let cost = segment(&text);
            let parts = parts(&text);
            assert_eq!(parts.concat(), text, "{what}");
            assert_eq!(parts.len(), cost.segments, "{what}");
            let plain = transliterate(&text);
            assert_eq!(transliterate(&plain), plain, "{what}");
            assert!(segment(truncate_to_septets(&plain, 160)).segments <= 1, "{what}");
            if cost.encoding == Encoding::Gsm7 {
                assert_eq!(plain, text, "{what}");
            }
        }
    }
}
