use proptest::prelude::*;

use super::*;

/// One line of `vectors.json`: text, encoding, units, lengths of the parts in characters.
type Vector = (String, Encoding, usize, Vec<usize>);

#[derive(Deserialize)]
struct Vectors {
    alphabet: String,
    vectors: Vec<Vector>,
}

/// Made by another implementation: see `make.py` beside it.
fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../../../tests/fixtures/segments/vectors.json"))
        .expect("the vectors")
}

fn cost(text: &str) -> (Encoding, usize, usize) {
    let it = segment(text);
    (it.encoding, it.units, it.segments)
}

use Encoding::{Gsm7, Ucs2};

#[test]
fn the_alphabet_is_that_of_another_implementation() {
    let alphabet = vectors().alphabet;
    for character in '\0'..=char::MAX {
        assert_eq!(septets(character).is_some(), alphabet.contains(character), "{character:?}");
    }
    assert_eq!(alphabet.chars().filter(|&it| septets(it) == Some(2)).count(), 10);
}

#[test]
fn counts_and_cuts_are_those_of_another_implementation() {
    for (text, encoding, units, lengths) in vectors().vectors {
        assert_eq!(cost(&text), (encoding, units, lengths.len()), "{text:?}");
        // That one does not look at grapheme clusters: compare the cuts where there are none.
        if lengths.len() > 1 && text.graphemes(true).count() == text.chars().count() {
            let ours: Vec<usize> = parts(&text).iter().map(|it| it.chars().count()).collect();
            assert_eq!(ours, lengths, "{text:?}");
        }
    }
}

#[test]
fn one_part_ends_at_160_septets_and_two_at_306() {
    assert_eq!(cost(&"a".repeat(160)), (Gsm7, 160, 1));
    assert_eq!(cost(&"a".repeat(161)), (Gsm7, 161, 2));
    assert_eq!(cost(&"ñ".repeat(306)), (Gsm7, 306, 2));
    assert_eq!(cost(&"ñ".repeat(307)), (Gsm7, 307, 3));
    assert_eq!(parts(&"a".repeat(161)), ["a".repeat(153), "a".repeat(8)]);
}

#[test]
fn one_part_ends_at_70_units_and_two_at_134() {
    assert_eq!(cost(&"á".repeat(70)), (Ucs2, 70, 1));
    assert_eq!(cost(&"á".repeat(71)), (Ucs2, 71, 2));
    assert_eq!(cost(&"á".repeat(134)), (Ucs2, 134, 2));
    assert_eq!(cost(&"á".repeat(135)), (Ucs2, 135, 3));
    assert_eq!(parts(&"á".repeat(71)), ["á".repeat(67), "á".repeat(4)]);
}

#[test]
fn an_escape_pair_counts_two_and_is_not_divided() {
    assert_eq!(cost(&format!("{}€", "a".repeat(158))), (Gsm7, 160, 1));
    assert_eq!(cost(&format!("{}€", "a".repeat(159))), (Gsm7, 161, 2));
    let text = format!("{}€{}", "a".repeat(152), "b".repeat(151));
    assert_eq!(cost(&text), (Gsm7, 305, 2));
    assert_eq!(parts(&text), ["a".repeat(152), format!("€{}", "b".repeat(151))]);
    // The septet lost at the edge costs a part: 306 septets that take three.
    assert_eq!(cost(&format!("{text}b")), (Gsm7, 306, 3));
    assert_eq!(cost(&format!("{}€{}", "a".repeat(151), "b".repeat(153))), (Gsm7, 306, 2));
}

#[test]
fn a_surrogate_pair_counts_two_and_is_not_divided() {
    assert_eq!(cost(&"😀".repeat(35)), (Ucs2, 70, 1));
    assert_eq!(cost(&format!("{}😀", "a".repeat(69))), (Ucs2, 71, 2));
    let text = format!("{}😀{}", "a".repeat(66), "b".repeat(65));
    assert_eq!(cost(&text), (Ucs2, 133, 2));
    assert_eq!(parts(&text), ["a".repeat(66), format!("😀{}", "b".repeat(65))]);
    assert_eq!(cost(&format!("{text}b")), (Ucs2, 134, 3));
}

#[test]
fn the_first_character_that_costs_is_named() {
    assert_eq!(segment("años de agua").offending, None);
    assert_eq!(segment("población año ú").offending, Some('ó'));
    assert_eq!(segment("\u{1B}").offending, Some('\u{1B}'));
    assert_eq!(segment(""), Segmentation { encoding: Gsm7, units: 0, segments: 0, offending: None });
    assert!(parts("").is_empty());
}

#[test]
fn a_part_ends_between_grapheme_clusters_where_that_is_free() {
    let farmer = "👩\u{200D}🌾";
    let text = format!("{}{farmer} ya", "a".repeat(64));
    assert_eq!(segment(&text).segments, 2);
    assert_eq!(parts(&text), ["a".repeat(64), format!("{farmer} ya")]);
    // Where it would take a third part, the cluster is cut, never a surrogate pair.
    let full = format!("{}{farmer}{}", "a".repeat(64), "b".repeat(65));
    assert_eq!(segment(&full).segments, 2);
    assert_eq!(parts(&full)[0], format!("{}👩\u{200D}", "a".repeat(64)));
    // A cluster that is longer than a part.
    let tower = format!("a{}", "\u{301}".repeat(100));
    assert_eq!(parts(&tower).len(), 2);
}

#[test]
fn a_text_is_cut_between_grapheme_clusters() {
    assert_eq!(truncate_to_septets("Tlapa", 5), "Tlapa");
    assert_eq!(truncate_to_septets("Tlapa", 4), "Tlap");
    assert_eq!(truncate_to_septets("a€b", 2), "a");
    assert_eq!(truncate_to_septets("a\r\nb", 2), "a");
    assert_eq!(truncate_to_septets("🇲🇽🇲🇽", 16), "🇲🇽");
    assert_eq!(truncate_to_septets("x", 0), "");
    let long = "á".repeat(200);
    assert_eq!(segment(truncate_to_septets(&long, 160)), segment(&"á".repeat(70)));
}

#[test]
fn what_gsm_7_has_stays_and_the_rest_gets_a_plain_form() {
    for (text, plain) in [
        ("Población: ÁÍÓÚ áíóú", "Poblacion: AIOU aiou"),
        ("¿Año de Ñandú? ¡Sí, agüé! É", "¿Año de Ñandu? ¡Si, agüé! É"),
        ("n\u{303} e\u{301} u\u{308} o\u{301}", "ñ é ü o"),
        ("“hola” ‘y’ «adiós»", "\"hola\" 'y' \"adios\""),
        ("uno – dos — tres…", "uno - dos - tres..."),
        ("1ª y 2º", "1a y 2o"),
        ("10\u{A0}000\u{202F}%", "10 000 %"),
        ("in\u{AD}vi\u{200B}si\u{FEFF}ble", "invisible"),
        ("ＡＢＣ１２３", "ABC123"),
        ("Ñuu Saviꞌ", "Ñuu Savi'"),
        ("{x} [y] ~ ^ | € \\", "{x} [y] ~ ^ | € \\"),
    ] {
        assert_eq!(transliterate(text), plain);
        assert_eq!(segment(plain).encoding, Gsm7, "{plain}");
    }
}

#[test]
fn what_has_no_plain_form_stays_whole() {
    for text in ["agua 😀", "вода", "ç ã ê", "10²", "20°", "½", "👩\u{200D}🌾", "a\u{302}\u{323}"]
    {
        let nfc: String = text.nfc().collect();
        assert_eq!(transliterate(text), nfc);
        assert_eq!(segment(text).encoding, Ucs2);
    }
}

/// Texts made to meet the edges: the alphabets mixed, long, with clusters.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[ -Z_a-zñéü¿¡]{1,40}",
        2 => "[\\^{}€|~]{1,20}",
        1 => "[áíóúÁªº…“–]{1,5}",
        1 => Just("👩\u{200D}🌾🇲🇽".to_owned()),
        1 => "a[\u{300}-\u{310}]{1,4}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop_oneof![
        4 => prop::collection::vec(piece, 0..14).prop_map(|it| it.concat()),
        2 => "[ -Z_a-zñéü¿¡€{]{120,330}",
        1 => "[a😀á\u{301}]{60,200}",
        1 => any::<String>(),
    ]
}

proptest! {
    #[test]
    fn parts_joined_are_the_text_and_each_fits(text in texts()) {
        let it = segment(&text);
        let parts = parts(&text);
        prop_assert_eq!(parts.concat(), text.clone());
        prop_assert_eq!(parts.len(), it.segments);
        let room = if parts.len() == 1 { it.encoding.single() } else { it.encoding.concatenated() };
        for part in &parts {
            prop_assert!(!part.is_empty());
            prop_assert!(units(part, it.encoding) <= room);
        }
    }

    #[test]
    fn units_agree_with_an_independent_count(text in texts()) {
        let it = segment(&text);
        let extension = text.chars().filter(|it| "\u{0C}^{}\\[~]|€".contains(*it)).count();
        let expected = match it.encoding {
            Gsm7 => text.chars().count() + extension,
            Ucs2 => text.encode_utf16().count(),
        };
        prop_assert_eq!(it.units, expected);
        prop_assert_eq!(it.offending.is_some(), it.encoding == Ucs2);
        // No fewer messages than the bits need, and at most one unit of each lost.
        let per_part = it.encoding.concatenated();
        if it.segments > 1 {
            prop_assert!(it.units <= it.segments * per_part);
            prop_assert!(it.units > (it.segments - 1) * (per_part - 1));
        }
    }

    #[test]
    fn transliterating_twice_is_once_and_never_needs_a_larger_alphabet(text in texts()) {
        let once = transliterate(&text);
        prop_assert_eq!(transliterate(&once), once.clone());
        if segment(&text).encoding == Gsm7 {
            prop_assert_eq!(once, text);
        }
    }

    #[test]
    fn a_cut_text_is_a_start_that_fits(text in texts(), max in 0_usize..400) {
        let cut = truncate_to_septets(&text, max);
        prop_assert!(text.starts_with(cut));
        let room = if segment(&text).encoding == Gsm7 { max } else { max * 7 / 16 };
        prop_assert!(units(cut, segment(&text).encoding) <= room);
        prop_assert!(cut.is_empty() || text.grapheme_indices(true).any(|(at, it)| at + it.len() == cut.len()));
        // The next cluster would not have fitted.
        if let Some(next) = text[cut.len()..].graphemes(true).next() {
            let encoding = segment(&text).encoding;
            prop_assert!(units(cut, encoding) + units(next, encoding) > room);
        }
    }
}
