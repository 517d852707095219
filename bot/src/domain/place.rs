//! Finding the municipality that a person means.

use super::municipality::{Municipality, MunicipalityId, State};

/// A name that people use besides the official one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The municipality.
    pub municipality: MunicipalityId,
    /// What people write.
    pub alias: String,
    /// What kind of name it is.
    pub kind: AliasKind,
}

/// Kinds of aliases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AliasKind {
    /// What people call it (`Neza`).
    Nickname,
    /// What it was called (`Solidaridad`).
    OldName,
    /// A known town in it that is not its head (`Puerto Escondido`).
    Town,
    /// A short form (`Tlapa`).
    Short,
}

/// What is already known about the person who writes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    /// State of the remembered home: breaks ties.
    pub state: Option<u16>,
}

/// Why a municipality is a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Official key.
    Key,
    /// Postcode.
    Postcode,
    /// Official name.
    Name,
    /// Short name or other form of the official name.
    ShortName,
    /// Nickname, old name or town from the alias table.
    Alias,
    /// Name of the head town.
    HeadTown,
    /// Part of the name.
    Part,
    /// A name with a slip.
    Slip,
    /// Nearest head town to a shared location.
    Location,
}

/// One reading of what was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The municipality.
    pub municipality: MunicipalityId,
    /// Likeness, 0 to 1 (1 is exact).
    pub score: f32,
    /// Why.
    pub why: Why,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// One municipality, beyond reasonable doubt.
    Match(Candidate),
    /// Several, the likeliest first: ask.
    Choose(Vec<Candidate>),
    /// Nothing like a place.
    None,
}

/// A place named inside a longer text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// First word, counted in the folded words given.
    pub start: usize,
    /// One past the last word.
    pub end: usize,
    /// Which place.
    pub decision: Decision,
    /// The name is also an everyday word (La Paz, Centro, Isla) and nothing in the text says that a
    /// place is meant.
    pub everyday: bool,
}

/// Every name by which a municipality can be found.
#[derive(Debug)]
pub struct PlaceIndex {}

impl PlaceIndex {
    /// Builds the index; done once for each data release.
    pub fn new(
        _municipalities: &[Municipality],
        _states: &[State],
        _aliases: &[Alias],
        _postcodes: &[(u32, MunicipalityId)],
    ) -> Self {
        Self {}
    }

    /// Decides which municipality the whole text names, forgiving slips.
    pub fn find(&self, _text: &str, _context: Context) -> Decision {
        Decision::None
    }

    /// Decides without forgiving a slip or a part of a name: exact names, aliases, head towns,
    /// short names, keys and postcodes, with or without a state.
    pub fn find_exact(&self, _text: &str, _context: Context) -> Decision {
        Decision::None
    }

    /// The longest exact place name among folded `words` (with its state, where one stands beside
    /// it); the first on a tie.
    pub fn mention(&self, _words: &[String], _context: Context) -> Option<Mention> {
        None
    }

    /// The municipality whose head town is nearest by great circle, and the distance in km.
    pub fn nearest(&self, _lat: f64, _lon: f64) -> Option<(MunicipalityId, f64)> {
        None
    }
}
