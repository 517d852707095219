//! The words of a pack by which complaints are told to be about the same.

use std::collections::{HashMap, HashSet};

use rust_stemmers::{Algorithm, Stemmer};
use serde::Deserialize;

use crate::domain::fold::{one_slip, words};
use crate::domain::place::sound;

/// Least letters of a word in which a slip is forgiven.
const SLIPS: usize = 5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    abbreviations: HashMap<String, String>,
    skipped: Vec<String>,
    noise: Vec<String>,
    units: Vec<String>,
    saints: Vec<String>,
    before: Vec<String>,
    joins: Vec<String>,
    address: Vec<String>,
    landmarks: Vec<String>,
    apart: Vec<Vec<String>>,
    concept: Vec<RawConcept>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConcept {
    code: String,
    #[serde(default = "one")]
    weight: f32,
    #[serde(default)]
    passing: bool,
    #[serde(default)]
    solved: bool,
    words: Vec<String>,
}

fn one() -> f32 {
    1.0
}

/// What several words say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Concept {
    /// Its number.
    pub at: usize,
    /// What it counts for.
    pub weight: f32,
    /// Whether it ends by itself.
    pub passing: bool,
    /// Whether it says that it is over.
    pub solved: bool,
}

impl PartialEq for Concept {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

/// A word as it is compared.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Word {
    /// How it sounds.
    pub exact: String,
    /// How its stem sounds.
    pub stem: String,
}

/// A word of a phrase.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece {
    Stem(String),
    Exact(String),
}

impl Piece {
    fn is(&self, word: &Word) -> bool {
        match self {
            Self::Stem(it) => *it == word.stem,
            Self::Exact(it) => *it == word.exact,
        }
    }
}

/// The words of a pack. The default has none: all words are names.
pub struct Lexicon {
    stemmer: Stemmer,
    abbreviations: HashMap<String, String>,
    skipped: HashSet<String>,
    noise: HashSet<String>,
    units: HashSet<String>,
    saints: HashSet<String>,
    before: HashSet<String>,
    joins: HashSet<String>,
    address: HashSet<String>,
    landmarks: HashSet<String>,
    apart: HashMap<String, Vec<(usize, usize)>>,
    concepts: Vec<Concept>,
    /// The longest first.
    phrases: Vec<(Vec<Piece>, usize)>,
    /// Places in `phrases` by the stem or sound of their first word.
    firsts: HashMap<String, Vec<usize>>,
}

impl Default for Lexicon {
    fn default() -> Self {
        Self {
            stemmer: Stemmer::create(Algorithm::Spanish),
            abbreviations: HashMap::new(),
            skipped: HashSet::new(),
            noise: HashSet::new(),
            units: HashSet::new(),
            saints: HashSet::new(),
            before: HashSet::new(),
            joins: HashSet::new(),
            address: HashSet::new(),
            landmarks: HashSet::new(),
            apart: HashMap::new(),
            concepts: Vec::new(),
            phrases: Vec::new(),
            firsts: HashMap::new(),
        }
    }
}

impl std::fmt::Debug for Lexicon {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Lexicon {{ concepts: {}, .. }}", self.concepts.len())
    }
}

impl Lexicon {
    /// Reads a lexicon from TOML.
    ///
    /// # Errors
    /// The text is malformed, or a concept is there twice.
    pub fn read(text: &str) -> Result<Self, String> {
        let raw: Raw = toml::from_str(text).map_err(|it| it.to_string())?;
        let sounds = |them: &[String]| -> HashSet<String> {
            them.iter().flat_map(|it| words(it)).map(|it| heard(&it)).collect()
        };
        let full = |(short, long): (String, String)| (words(&short).concat(), words(&long).join(" "));
        let mut it = Self {
            abbreviations: raw.abbreviations.into_iter().map(full).collect(),
            skipped: sounds(&raw.skipped),
            noise: sounds(&raw.noise),
            units: sounds(&raw.units),
            saints: sounds(&raw.saints),
            before: sounds(&raw.before),
            joins: sounds(&raw.joins),
            address: sounds(&raw.address),
            landmarks: sounds(&raw.landmarks),
            ..Self::default()
        };
        for (set, members) in raw.apart.iter().enumerate() {
            for (member, text) in members.iter().enumerate() {
                for word in words(text) {
                    let stem = it.word(&word).stem;
                    it.apart.entry(stem).or_default().push((set, member));
                }
            }
        }
        let mut codes = HashSet::new();
        for (at, concept) in raw.concept.into_iter().enumerate() {
            if !codes.insert(concept.code.clone()) {
                return Err(format!("the concept {} is there twice", concept.code));
            }
            it.concepts.push(Concept {
                at,
                weight: concept.weight,
                passing: concept.passing,
                solved: concept.solved,
            });
            for text in &concept.words {
                let exact = text.starts_with('=');
                let phrase: Vec<Piece> = words(text)
                    .iter()
                    .map(|word| it.word(word))
                    .filter(|word| !it.skipped.contains(&word.exact))
                    .map(|word| if exact { Piece::Exact(word.exact) } else { Piece::Stem(word.stem) })
                    .collect();
                if !phrase.is_empty() {
                    it.phrases.push((phrase, at));
                }
            }
        }
        it.phrases.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
        for (at, (phrase, _)) in it.phrases.iter().enumerate() {
            let (Piece::Stem(first) | Piece::Exact(first)) = &phrase[0];
            it.firsts.entry(first.clone()).or_default().push(at);
        }
        Ok(it)
    }

    /// What an abbreviation stands for; another word itself.
    pub(super) fn in_full<'a>(&'a self, word: &'a str) -> &'a str {
        self.abbreviations.get(word).map_or(word, String::as_str)
    }

    /// A folded word as it is compared.
    pub(super) fn word(&self, folded: &str) -> Word {
        Word { exact: heard(folded), stem: heard(&self.stemmer.stem(folded)) }
    }

    /// Whether it may stand between the words of a phrase.
    pub(super) fn skipped(&self, word: &Word) -> bool {
        self.skipped.contains(&word.exact)
    }

    /// Whether it tells neither what nor where.
    pub(super) fn noise(&self, word: &Word) -> bool {
        self.noise.contains(&word.exact)
    }

    /// Whether what a number counts before it tells no place.
    pub(super) fn unit(&self, word: &Word) -> bool {
        self.units.contains(&word.exact)
    }

    /// Whether a name follows it, even where that is an everyday word.
    pub(super) fn saint(&self, word: &Word) -> bool {
        self.saints.contains(&word.exact)
    }

    /// Whether a place may follow it.
    pub(super) fn before(&self, word: &Word) -> bool {
        self.before.contains(&word.exact)
    }

    /// Whether it stands between the names of two streets.
    pub(super) fn joins(&self, word: &Word) -> bool {
        self.joins.contains(&word.exact)
    }

    /// Whether it is a word of an address.
    pub(super) fn address(&self, word: &Word) -> bool {
        self.address.contains(&word.exact)
    }

    /// Whether a town has several of it.
    pub(super) fn landmark(&self, word: &Word) -> bool {
        self.landmarks.contains(&word.exact)
    }

    /// The sets of [`Told::marks`](super::Told) that it stands in, and its place there.
    pub(super) fn marks(&self, word: &Word) -> &[(usize, usize)] {
        self.apart.get(&word.stem).map_or(&[], Vec::as_slice)
    }

    /// The concept that begins a text, and how many words say it.
    pub(super) fn concept(&self, text: &[Word]) -> Option<(Concept, usize)> {
        let first = text.first()?;
        let by = |key: &String| self.firsts.get(key).into_iter().flatten().copied();
        let mut places: Vec<usize> = by(&first.stem).chain(by(&first.exact)).collect();
        places.sort_unstable();
        let fits = |at: &usize| {
            let phrase = &self.phrases[*at].0;
            phrase.len() <= text.len() && phrase.iter().zip(text).all(|(piece, word)| piece.is(word))
        };
        if let Some(at) = places.into_iter().find(fits) {
            let (phrase, concept) = &self.phrases[at];
            return Some((self.concepts[*concept], phrase.len()));
        }
        // A slip in a longer word that is not in another list.
        let known = self.noise(first) || self.address(first) || self.landmark(first) || self.before(first);
        if known || first.stem.len() < SLIPS || first.stem.bytes().any(|it| it.is_ascii_digit()) {
            return None;
        }
        let slip = |(phrase, _): &&(Vec<Piece>, usize)| matches!(&phrase[..], [Piece::Stem(it)] if it.len() >= SLIPS && one_slip(it, &first.stem));
        self.phrases.iter().find(slip).map(|(_, concept)| (self.concepts[*concept], 1))
    }
}

/// How a folded word sounds.
fn heard(folded: &str) -> String {
    sound(folded).into_iter().map(char::from).collect()
}
