//! Personal data in a text that is about to be shown to many: telephones, CURP, RFC, keys of voters,
//! addresses of the net and of streets.
//!
//! The check looks at shapes and not at check digits: a CURP with a slip is a person's all the same. What
//! it misses a reader must see, so it finds rather too much: a second person clears what is found. How
//! much it finds is measured on `tests/fixtures/personal_data/labelled.csv`.

mod address;
mod keys;
mod net;
mod numbers;
mod plain;

use std::ops::Range;

use plain::Plain;

/// What kind of personal datum it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A telephone, of a line or mobile.
    Phone,
    /// The key of the register of people.
    Curp,
    /// The key of a taxpayer; of a company too where the text calls it so.
    Rfc,
    /// The key or a number of a voter's credential.
    VoterId,
    /// An address of the net.
    Email,
    /// A house: street and number, block and plot.
    Address,
}

codes!(Kind, "kind of personal datum", {
    Phone => "phone",
    Curp => "curp",
    Rfc => "rfc",
    VoterId => "ine",
    Email => "email",
    Address => "address",
});

/// A personal datum in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Where it is: bytes of the text, at the edges of characters.
    pub range: Range<usize>,
}

/// The personal data of a text, in its order; no two overlap.
pub fn find_personal_data(text: &str) -> Vec<Found> {
    let plain = Plain::of(text);
    let mut found: Vec<Found> = Vec::new();
    // What is surest comes first: of two that overlap it is kept.
    let all = [
        keys::curp(&plain),
        keys::voter_key(&plain),
        net::email(&plain),
        numbers::voter_number(&plain),
        keys::rfc(&plain),
        numbers::phone(&plain),
        address::address(text, &plain),
    ];
    let kinds =
        [Kind::Curp, Kind::VoterId, Kind::Email, Kind::VoterId, Kind::Rfc, Kind::Phone, Kind::Address];
    for (kind, places) in kinds.into_iter().zip(all) {
        for place in places {
            let range = plain.in_text(&place);
            if found.iter().all(|it| it.range.end <= range.start || range.end <= it.range.start) {
                found.push(Found { kind, range });
            }
        }
    }
    found.sort_by_key(|it| it.range.start);
    found
}

#[cfg(test)]
mod tests;
