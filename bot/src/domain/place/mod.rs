//! Finding the municipality that a person means.
//!
//! [`PlaceIndex::find`] reads a whole text in this order, and the first that decides is the
//! answer: a key or a postcode; a whole name, with or without a state; a part of a name; a name
//! with slips. What is exact decides even where a longer name contains it; homonyms, and slips
//! with two readings, ask.
//!
//! Names come from the pack. Only rules of the Spanish language are here (`spanish.rs`, `sound.rs`).

mod exact;
mod forms;
mod mention;
mod numbers;
mod postings;
mod reader;
mod slips;
mod sound;
mod spanish;
mod states;
mod steps;

use std::collections::HashMap;

use super::municipality::{Municipality, MunicipalityId, State};
use forms::Forms;
use states::States;

/// How a folded word sounds: Spanish spellings of one sound are the same.
pub(in crate::domain) fn sound(folded: &str) -> Vec<u8> {
    sound::sound(&sound::letters(folded))
}

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

impl Why {
    /// A stable code for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Postcode => "postcode",
            Self::Name => "name",
            Self::ShortName => "short_name",
            Self::Alias => "alias",
            Self::HeadTown => "head_town",
            Self::Part => "part",
            Self::Slip => "slip",
            Self::Location => "location",
        }
    }
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
    /// One or several that are likely, the likeliest first: ask.
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
    /// The name may be meant otherwise here: an everyday word (`victoria`, `centro`), a number, or
    /// the name of a street or a colony, with nothing beside it (`en`, `municipio de`, a state)
    /// that says that it is a place. It counts only where nothing else of the text is left.
    pub everyday: bool,
}

/// What ordering and filtering need to know of a municipality.
#[derive(Clone, Copy, Debug)]
struct Place {
    state: u16,
    population: u32,
    position: Option<(f64, f64)>,
}

/// Every name by which a municipality can be found.
#[derive(Debug)]
pub struct PlaceIndex {
    forms: Forms,
    states: States,
    places: Vec<Place>,
    by_key: HashMap<String, MunicipalityId>,
    key_digits: usize,
    /// By postcode, then municipality.
    postcodes: Vec<(u32, MunicipalityId)>,
    /// Words of names in the order of their letters.
    sorted_words: Vec<u16>,
}

/// Mean radius of the Earth in km (IUGG).
const EARTH_KM: f64 = 6_371.008_8;

impl PlaceIndex {
    /// Builds the index; done once for each data release.
    pub fn new(
        municipalities: &[Municipality],
        states: &[State],
        aliases: &[Alias],
        postcodes: &[(u32, MunicipalityId)],
    ) -> Self {
        let forms = Forms::new(municipalities, aliases);
        let mut sorted_words: Vec<u16> = (0..=u16::MAX).zip(&forms.words).map(|(id, _)| id).collect();
        sorted_words
            .sort_by(|a, b| forms.words[usize::from(*a)].letters.cmp(&forms.words[usize::from(*b)].letters));
        let mut postcodes = postcodes.to_vec();
        postcodes.sort_unstable();
        postcodes.dedup();
        Self {
            forms,
            states: States::new(states),
            places: municipalities
                .iter()
                .map(|it| Place {
                    state: it.state,
                    population: it.population.unwrap_or(0),
                    position: it.position,
                })
                .collect(),
            by_key: (0..=u16::MAX)
                .zip(municipalities)
                .map(|(id, it)| (it.key.clone(), MunicipalityId(id)))
                .collect(),
            key_digits: municipalities.first().map_or(5, |it| it.key.len()),
            postcodes,
            sorted_words,
        }
    }

    /// Decides which municipality the whole text names, forgiving slips.
    ///
    /// Any text may come; only its beginning is read.
    pub fn find(&self, text: &str, context: Context) -> Decision {
        let words = reader::read(text);
        if words.is_empty() {
            return Decision::None;
        }
        if let Some(decision) = self.number(&words) {
            return decision;
        }
        let is_number = |it: &String| it.len() >= 4 && it.bytes().all(|it| it.is_ascii_digit());
        let Some(number) = words.iter().find(|it| is_number(it)).cloned() else {
            return self.named(&words, context);
        };
        // A name beside a key or a postcode: the number decides between homonyms.
        let rest: Vec<String> = words.into_iter().filter(|it| !is_number(it)).collect();
        let by_number = self.by_digits(&number, false, false);
        match self.named(&rest, context) {
            Decision::Choose(named) => {
                let both: Vec<Candidate> = named
                    .iter()
                    .filter(|it| by_number.iter().any(|other| other.municipality == it.municipality))
                    .copied()
                    .collect();
                match both.as_slice() {
                    [only] => Decision::Match(*only),
                    _ => Decision::Choose(named),
                }
            }
            Decision::None if !by_number.is_empty() => Decision::Choose(by_number),
            decision => decision,
        }
    }

    /// Decides without forgiving a slip or a part of a name: exact names, aliases, head towns,
    /// short names, keys and postcodes, with or without a state.
    pub fn find_exact(&self, text: &str, context: Context) -> Decision {
        let words = reader::read(text);
        if words.is_empty() {
            return Decision::None;
        }
        self.number(&words).unwrap_or_else(|| self.exactly(&words, context))
    }

    /// The longest exact place name among folded `words` (with its state, where one stands beside
    /// it); the first on a tie. One that may be an everyday word comes after all others.
    pub fn mention(&self, words: &[String], context: Context) -> Option<Mention> {
        self.mentioned(words, context)
    }

    /// The municipality whose head town is nearest by great circle, and the distance in km
    /// (haversine formula on a sphere).
    pub fn nearest(&self, lat: f64, lon: f64) -> Option<(MunicipalityId, f64)> {
        if !(lat.abs() <= 90.0 && lon.abs() <= 180.0) {
            return None;
        }
        (0..=u16::MAX)
            .zip(&self.places)
            .filter_map(|(id, it)| it.position.map(|at| (MunicipalityId(id), great_circle(at, (lat, lon)))))
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
    }

    fn place(&self, id: MunicipalityId) -> Option<&Place> {
        self.places.get(id.index())
    }
}

/// Great-circle distance in km of two points in degrees.
fn great_circle((lat, lon): (f64, f64), (other_lat, other_lon): (f64, f64)) -> f64 {
    let (a, b) = (lat.to_radians(), other_lat.to_radians());
    let half_lat = ((b - a) / 2.0).sin();
    let half_lon = ((other_lon - lon).to_radians() / 2.0).sin();
    let chord = half_lat * half_lat + a.cos() * b.cos() * half_lon * half_lon;
    2.0 * EARTH_KM * chord.sqrt().min(1.0).asin()
}
