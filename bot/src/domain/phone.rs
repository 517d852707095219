//! Phone numbers: one written form for one person.
//!
//! Gateways write the same sender in several ways; identity, limits and duplicates need one. It is
//! E.164 with the plus where the text is a phone number; short codes and the names of
//! alphanumeric senders stay as they are.

/// The longest address kept, in characters: alphanumeric senders have 11, E.164 16.
const LONGEST: usize = 32;

/// Writes the sender's address `raw` in its one form, reading national numbers as those of
/// `country` (ISO 3166 alpha-2, such as `MX`); `None` where nothing usable is left.
///
/// Mexico dropped the `1` after its country code in 2019 and some paths still send it:
/// `+521` and ten digits are the same line as `+52` and these ten.
pub fn normalise(raw: &str, country: &str) -> Option<String> {
    let text: String = raw.chars().filter(|it| !it.is_control()).collect();
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST {
        return None;
    }
    let numeric =
        text.chars().all(|it| it.is_ascii_digit() || matches!(it, '+' | ' ' | '-' | '(' | ')' | '.'));
    if !numeric {
        return Some(text.to_owned());
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return None;
    }
    let international = if text.starts_with('+') {
        Some(digits.clone())
    } else {
        digits.strip_prefix("00").map(ToOwned::to_owned)
    };
    if let Some(number) = international.filter(|it| (8..=15).contains(&it.len()) && !it.starts_with('0')) {
        return Some(format!("+{}", without_mobile_one(&number)));
    }
    // Up to six digits is a short code of the network.
    if digits.len() <= 6 {
        return Some(digits);
    }
    // Many gateways leave the plus of an international number out.
    if country == "MX" && matches!(digits.len(), 12 | 13) && digits.starts_with("52") {
        return Some(format!("+{}", without_mobile_one(&digits)));
    }
    // The plan of numbers is large and loaded at its first use, which is here only: most gateways
    // send the international form.
    let parsed = country.parse().ok().and_then(|it| phonenumber::parse(Some(it), &digits).ok());
    Some(match parsed.filter(phonenumber::is_valid) {
        Some(number) => {
            let written = number.format().mode(phonenumber::Mode::E164).to_string();
            format!("+{}", without_mobile_one(written.trim_start_matches('+')))
        }
        None => digits,
    })
}

/// Digits of an international number without the mobile 1 of Mexico.
fn without_mobile_one(digits: &str) -> String {
    match digits.strip_prefix("521") {
        Some(rest) if rest.len() == 10 => format!("52{rest}"),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn every_way_to_write_a_mexican_number_is_one_person() {
        for written in [
            "+525512345678",
            "+5215512345678",
            "5215512345678",
            "525512345678",
            "5512345678",
            "00525512345678",
            " +52 55 1234-5678 ",
            "+52 (1) 55 1234 5678",
        ] {
            assert_eq!(normalise(written, "MX").as_deref(), Some("+525512345678"), "{written}");
        }
    }

    #[test]
    fn other_countries_short_codes_and_names_stay() {
        for (written, kept) in [
            ("+56912345678", "+56912345678"),
            ("+15005550006", "+15005550006"),
            ("88888", "88888"),
            ("TELCEL", "TELCEL"),
            ("Mi Banco", "Mi Banco"),
        ] {
            assert_eq!(normalise(written, "MX").as_deref(), Some(kept), "{written}");
        }
        assert_eq!(normalise("221234567", "CL").as_deref(), Some("+56221234567"));
    }

    #[test]
    fn nothing_usable_is_nothing() {
        for written in ["", "   ", "\u{0}\u{7}", "+", "---", &"9".repeat(33), &"x".repeat(4_000)] {
            assert_eq!(normalise(written, "MX"), None, "{written:?}");
        }
    }

    #[test]
    fn hostile_digits_do_not_panic() {
        for written in [
            "+999999999999999",
            "0000000000",
            "1234567",
            "99999999999999999999",
            "+00000000",
            "1111111111111111",
        ] {
            assert!(normalise(written, "MX").is_some(), "{written}");
        }
    }
}
