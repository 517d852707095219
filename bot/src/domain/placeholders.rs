//! Place-holders of texts that staff write once and send often: `{folio}`, `{office}`.

use std::collections::{BTreeMap, BTreeSet};

/// The names that there are.
pub const NAMES: [&str; 7] = ["folio", "municipality", "office", "phone", "date", "due", "place"];

/// Why a text can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// There is no such place-holder.
    #[error("there is no place-holder {{{0}}}")]
    Unknown(String),
    /// A brace that opens or closes nothing.
    #[error("a brace stands alone")]
    Brace,
}

/// A part of a text.
enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Takes a text apart. Braces have no other use: one of them costs two letters of an SMS.
fn parts(text: &str) -> Result<Vec<Part<'_>>, Wrong> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at(at);
        let (name, behind) = after.strip_prefix('{').and_then(|it| it.split_once('}')).ok_or(Wrong::Brace)?;
        if !NAMES.contains(&name) {
            let known_form = name.len() <= 32 && name.chars().all(|it| it.is_alphanumeric() || it == '_');
            return Err(if known_form { Wrong::Unknown(name.to_owned()) } else { Wrong::Brace });
        }
        parts.push(Part::Text(before));
        parts.push(Part::Name(name));
        rest = behind;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// The place-holders of a text.
///
/// # Errors
/// It has one that there is not, or a brace that stands alone.
pub fn names(text: &str) -> Result<BTreeSet<&str>, Wrong> {
    let names = parts(text)?.into_iter().filter_map(|it| match it {
        Part::Name(name) => Some(name),
        Part::Text(_) => None,
    });
    Ok(names.collect())
}

/// A text with its place-holders filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The text; what is not known stays as a place-holder.
    pub text: String,
    /// The place-holders that nothing is known for.
    pub missing: Vec<String>,
}

/// Fills in what is known. Values are taken as they are: a brace in one of them is no place-holder.
///
/// # Errors
/// As [`names`].
pub fn fill(text: &str, known: &BTreeMap<&str, String>) -> Result<Filled, Wrong> {
    let mut filled = Filled { text: String::with_capacity(text.len()), missing: Vec::new() };
    for part in parts(text)? {
        match part {
            Part::Text(text) => filled.text.push_str(text),
            Part::Name(name) => match known.get(name).filter(|it| !it.is_empty()) {
                Some(value) => filled.text.push_str(value),
                None => {
                    filled.text.extend(["{", name, "}"]);
                    if !filled.missing.iter().any(|it| it == name) {
                        filled.missing.push(name.to_owned());
                    }
                }
            },
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_in_and_the_rest_is_named() {
        let known = BTreeMap::from([("folio", "4F7K2X".to_owned()), ("office", "{date}".to_owned())]);
        let filled = fill("Folio {folio}: {office}, {date}, {date}.", &known).expect("a text");
        assert_eq!(filled.text, "Folio 4F7K2X: {date}, {date}, {date}.");
        assert_eq!(filled.missing, ["date"]);
        let empty = BTreeMap::from([("phone", String::new())]);
        assert_eq!(fill("{phone}", &empty).expect("a text").missing, ["phone"]);
    }

    #[test]
    fn a_slip_is_found_before_it_is_sent() {
        assert_eq!(names("{folio} {office} {folio}").map(|it| it.len()), Ok(2));
        assert_eq!(names("sin nada").map(|it| it.len()), Ok(0));
        for (text, wrong) in [
            ("{Folio}", Wrong::Unknown("Folio".to_owned())),
            ("{nombre}", Wrong::Unknown("nombre".to_owned())),
            ("{folio", Wrong::Brace),
            ("folio}", Wrong::Brace),
            ("{}{folio}", Wrong::Unknown(String::new())),
            ("{{folio}}", Wrong::Brace),
            ("{\u{202e}\u{1b}[31m}", Wrong::Brace),
        ] {
            assert_eq!(names(text), Err(wrong), "{text}");
        }
    }
}
