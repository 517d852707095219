//! Numbers as official files print them.

use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;

use super::grid::Cell;

/// Marks of a figure that the source does not have (`n.d` is CONEVAL's, `n.a.` CONAPO's; -999
/// stands in tables made from their spreadsheets).
const MISSING: [&str; 7] = ["n.d", "n.d.", "n.a", "n.a.", "nd", "-999", "-999.0"];
/// Marks of a figure that the source has and withholds.
const SUPPRESSED: [&str; 2] = ["-888", "-888.0"];

/// The reading in a cell: exact where `scale` is absent, else rounded to `scale` decimals.
///
/// A spreadsheet holds binary fractions, and the published long tables were rounded from those: to
/// the nearest decimal of the binary value, an exact tie to the even digit (18.125 is 18.12). With
/// any other rule some 130 figures of the social backwardness index would differ from them in the
/// last digit.
///
/// The error is the end of a sentence about the cell.
pub fn reading(cell: &Cell, scale: Option<u8>) -> Result<Reading, String> {
    let text = match cell {
        Cell::Empty => return Err("the cell is empty, a figure or n.d is expected".to_owned()),
        Cell::Text(text) => text.trim().to_owned(),
        // The shortest decimal that gives this binary fraction: what the publisher typed.
        Cell::Number(number) => number.to_string(),
    };
    let lower = text.to_lowercase();
    if MISSING.contains(&lower.as_str()) {
        return Ok(Reading::Missing);
    }
    if SUPPRESSED.contains(&lower.as_str()) {
        return Ok(Reading::Suppressed);
    }
    let figure = match scale {
        None => decimal(&text),
        Some(scale) => plain(&text)
            .and_then(|it| it.parse::<f64>().ok())
            .and_then(|it| Figure::parse(&format!("{it:.*}", usize::from(scale)))),
    };
    figure.map(Reading::Value).ok_or_else(|| format!("`{}` is no number", shown(&text)))
}

/// Reads a decimal with or without thousands commas (`1,922,523`, `71.8`) as it stands, with at most
/// nine decimals.
pub fn decimal(text: &str) -> Option<Figure> {
    Figure::parse(&plain(text)?)
}

/// A decimal without thousands commas; none where the text is anything else.
fn plain(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, fraction),
        None => (digits, ""),
    };
    let whole = ungrouped(whole)?;
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(&whole) || !all_digits(fraction) {
        return None;
    }
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

/// The digits without thousands commas, which must stand where they belong.
fn ungrouped(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let mut out = first.to_owned();
    let mut grouped = false;
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        grouped = true;
        out.push_str(group);
    }
    (!grouped || (1..=3).contains(&first.len())).then_some(out)
}

/// A key of `digits` digits, with the leading zeros that spreadsheets drop (`1001` is `01001`).
pub fn key(cell: &Cell, digits: usize) -> Option<String> {
    let text = match cell {
        Cell::Empty => return None,
        Cell::Text(text) => text.trim().to_owned(),
        Cell::Number(number) => number.to_string(),
    };
    let plain = !text.is_empty() && text.len() <= digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| format!("{text:0>digits$}"))
}

/// The start of a text from a file, short and on one line, for a message.
pub fn shown(text: &str) -> String {
    let mut out: String = text.chars().take(40).map(|it| if it.is_control() { ' ' } else { it }).collect();
    if text.chars().count() > 40 {
        out.push_str("...");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, scale: Option<u8>) -> String {
        let reading = reading(&Cell::Text(text.to_owned()), scale);
        reading.ok().and_then(Reading::value).map_or_else(|| "-".to_owned(), |it| it.to_string())
    }

    #[test]
    fn thousands_commas_must_stand_where_they_belong() {
        assert_eq!(read("801,807", None), "801807");
        assert_eq!(read("1,922,523", None), "1922523");
        assert_eq!(read("71.8", None), "71.8");
        for wrong in ["1,92", "1922,523", ",123", "1,,234", "", "-", "7.", "7,8", "1e3", "NaN", "inf"] {
            assert_eq!(read(wrong, None), "-", "{wrong}");
            assert_eq!(read(wrong, Some(2)), "-", "{wrong}");
        }
    }

    #[test]
    fn rounds_as_the_published_tables_do() {
        assert_eq!(read("18.125", Some(2)), "18.12");
        assert_eq!(read("12.475", Some(2)), "12.47");
        assert_eq!(read("-1.168755", Some(5)), "-1.16875");
        assert_eq!(read("0.57409199999999994", Some(2)), "0.57");
        assert_eq!(read("1.64473777347411", Some(2)), "1.64");
        assert_eq!(read("99.996", Some(2)), "100.00");
        assert_eq!(read("7", Some(2)), "7.00");
        assert_eq!(read("-0.001", Some(2)), "0.00");
    }

    #[test]
    fn absent_is_not_zero() {
        for missing in ["n.d", "N.D.", "n.a.", "-999", " n.d "] {
            assert_eq!(reading(&Cell::Text(missing.to_owned()), None), Ok(Reading::Missing));
        }
        assert_eq!(reading(&Cell::Text("-888.0".to_owned()), None), Ok(Reading::Suppressed));
        assert_eq!(reading(&Cell::Number(-888.0), None), Ok(Reading::Suppressed));
        assert!(reading(&Cell::Empty, None).is_err());
        let binary = reading(&Cell::Number(1.642_183), Some(2)).expect("a number");
        assert_eq!(binary.value().map(|it| it.to_string()), Some("1.64".to_owned()));
    }

    #[test]
    fn keys_get_their_leading_zeros_back() {
        assert_eq!(key(&Cell::Text("1001".to_owned()), 5).as_deref(), Some("01001"));
        assert_eq!(key(&Cell::Number(12_066.0), 5).as_deref(), Some("12066"));
        assert_eq!(key(&Cell::Text("Tlapa".to_owned()), 5), None);
        assert_eq!(key(&Cell::Number(1.5), 5), None);
        assert_eq!(key(&Cell::Text("123456".to_owned()), 5), None);
    }
}
