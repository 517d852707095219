//! Keys that the state gives to people: CURP, RFC and the key of a voter. Their form is public.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::plain::{Plain, digit};

/// Codes of the places of birth in a CURP.
const PLACES: [&str; 33] = [
    "as", "bc", "bs", "cc", "cl", "cm", "cs", "ch", "df", "dg", "gt", "gr", "hg", "jc", "mc", "mn", "ms",
    "nt", "nl", "oc", "pl", "qt", "qr", "sp", "sl", "sr", "tc", "ts", "tl", "vz", "yn", "zs", "ne",
];
/// How far before a key its name may stand, in characters.
const NAMED: usize = 45;

/// What may stand between two characters of a key that is written in groups or one by one.
const GAP: &str = "[ ./_-]{0,2}";
/// A digit, or a letter that is taken for one.
const DIGIT: &str = "[0-9oil|]";

/// An expression of characters, each a class, with gaps between them.
fn spelt(classes: &[&str]) -> String {
    classes.join(GAP)
}

/// Compiles an expression of this file; a slip in one is found by the first test that runs.
fn compiled(expression: &str) -> Option<Regex> {
    let compiled = Regex::new(expression);
    debug_assert!(compiled.is_ok(), "{expression}");
    compiled.ok()
}

static CURP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let (letter, any) = ("[a-z]", "[a-z0-9]");
    let (d, l) = (DIGIT, letter);
    let key = spelt(&[l, l, l, l, d, d, d, d, d, d, "[hmx]", l, l, l, l, l, any, d]);
    compiled(&format!("(?:^|[^a-z0-9]|curp)({key})(?:$|[^a-z0-9])"))
});

static VOTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let (d, l) = (DIGIT, "[a-z]");
    let key = spelt(&[l, l, l, l, l, l, d, d, d, d, d, d, d, d, "[hm]", d, d, d]);
    compiled(&format!("(?:^|[^a-z0-9])({key})(?:$|[^a-z0-9])"))
});

static RFC: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let (d, l, any) = (DIGIT, "[a-z&]", "[a-z0-9]");
    let name = format!("(?:{l}{GAP})?{}", spelt(&[l, l, l]));
    let date = spelt(&[d, d, d, d, d, d]);
    let rest = spelt(&[any, any, "[0-9aoil|]"]);
    compiled(&format!("(?:^|[^a-z0-9]|rfc)({name}{GAP}{date}(?:{GAP}{rest})?)(?:$|[^a-z0-9])"))
});

/// Where an expression's first group stands, wherever `takes` likes it.
fn places(
    expression: &LazyLock<Option<Regex>>,
    plain: &Plain,
    takes: impl Fn(&str, Range<usize>) -> bool,
) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let Some(expression) = &**expression else { return found };
    let mut at = 0;
    while let Some(groups) = expression.captures_at(&plain.text, at) {
        let Some(key) = groups.get(1) else { break };
        let bare: String =
            key.as_str().chars().filter(|it| it.is_alphanumeric() || "&|".contains(*it)).collect();
        if takes(&bare, key.range()) {
            found.push(key.range());
            at = key.end();
        } else {
            // Another may begin within it: behind its first character.
            let first = key.as_str().chars().next().map_or(1, char::len_utf8);
            at = key.start() + first;
        }
    }
    found
}

/// Whether characters of a key are a date: year, month and day with two digits each.
fn is_date(written: &str) -> bool {
    let digits: Option<Vec<u32>> = written.chars().map(digit).collect();
    matches!(digits.as_deref(), Some([_, _, m1, m2, d1, d2])
        if (1..=12).contains(&(m1 * 10 + m2)) && (1..=31).contains(&(d1 * 10 + d2)))
}

/// Keys of the register of people.
pub(super) fn curp(plain: &Plain) -> Vec<Range<usize>> {
    places(&CURP, plain, |key, _| {
        key.get(4..10).is_some_and(is_date) && key.get(11..13).is_some_and(|it| PLACES.contains(&it))
    })
}

/// Keys of voters: consonants of the name, date and place of birth, sex, and three digits.
pub(super) fn voter_key(plain: &Plain) -> Vec<Range<usize>> {
    places(&VOTER, plain, |key, _| key.get(6..12).is_some_and(is_date))
}

/// Keys of taxpayers. One of a company, and one without its last three characters, only where the text
/// names it: plain references of files look alike.
pub(super) fn rfc(plain: &Plain) -> Vec<Range<usize>> {
    places(&RFC, plain, |key, range| {
        let before: String =
            plain.before(range.start, NAMED).chars().filter(|it| !". ".contains(*it)).collect();
        let named = before.contains("rfc") || before.contains("registrofederal");
        match key.len() {
            13 => key.get(4..10).is_some_and(is_date) && (named || of_a_name(key)),
            12 => key.get(3..9).is_some_and(is_date) && named,
            10 => key.get(4..10).is_some_and(is_date) && named,
            _ => false,
        }
    })
}

/// Whether the first letters can be those of a person's names: the second is the first vowel within the
/// surname, or X where it has none.
fn of_a_name(key: &str) -> bool {
    key.chars().nth(1).is_some_and(|it| "aeioux".contains(it))
}
