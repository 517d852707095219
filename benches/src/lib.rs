//! What the timings share.

use cabildo_bot::domain::facts::Facts;

/// The embedded pack.
///
/// # Panics
/// When the embedded pack does not load: there is nothing to time then.
pub fn facts() -> Facts {
    match cabildo_bot::embedded::facts() {
        Ok(facts) => facts,
        Err(problem) => panic!("the embedded pack does not load: {problem}"),
    }
}

/// Names as people write them: exact, without accents, with a state, with a slip, a nickname, a
/// postcode, an ambiguous one and no place at all.
pub const WRITTEN: [(&str, &str); 8] = [
    ("exact", "Tlapa de Comonfort"),
    ("part", "tlapa"),
    ("state", "benito juarez qroo"),
    ("slip", "guadalajra"),
    ("nickname", "neza"),
    ("postcode", "41304"),
    ("ambiguous", "san juan"),
    ("none", "buenos dias señorita"),
];
