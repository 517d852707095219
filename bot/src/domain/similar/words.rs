//! What a complaint tells, in words that can be compared.

use super::lexicon::{Concept, Lexicon, Word};
use super::{Complaint, WORDS};
use crate::domain::fold::fold;
use crate::domain::time::UnixMillis;

/// Characters of a text that are read.
const CHARACTERS: usize = 600;
/// Letters of a word that are compared.
const LETTERS: usize = 24;
/// What a word counts for where nothing says that it is a place.
const LOOSE: f32 = 0.5;
/// Least letters of a name in which slips are forgiven.
const SLIPS: usize = 5;

/// A name or number of a place, or a word that is in no list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    pub(super) word: Word,
    pub(super) weight: f32,
    pub(super) number: bool,
    /// Nothing before it says that it is a place.
    pub(super) bare: bool,
}

impl Name {
    /// How like another one it is, from 0 to 1.
    pub(super) fn like(&self, other: &Self) -> f32 {
        let (one, two) = (&self.word, &other.word);
        if one.exact == two.exact || one.stem == two.stem {
            return 1.0;
        }
        let (least, most) = (one.exact.len().min(two.exact.len()), one.exact.len().max(two.exact.len()));
        if self.number || other.number || least < SLIPS || most - least > 2 {
            return 0.0;
        }
        let slips = strsim::osa_distance(&one.exact, &two.exact);
        if slips <= 1 || slips == 2 && least >= 8 { 0.9 } else { 0.0 }
    }
}

/// A complaint as it is compared. `Debug` shows no words of the person.
#[derive(Clone)]
pub struct Told {
    pub(super) category: String,
    pub(super) concepts: Vec<Concept>,
    pub(super) names: Vec<Name>,
    /// Words that tell apart: their set and which of it.
    pub(super) marks: Vec<(usize, usize)>,
    pub(super) solved: bool,
    pub(super) point: Option<(f64, f64)>,
    pub(super) at: UnixMillis,
}

impl std::fmt::Debug for Told {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Told {{ category: {:?}, .. }}", self.category)
    }
}

impl Told {
    /// Reads a complaint.
    pub fn new(complaint: &Complaint<'_>, lexicon: &Lexicon) -> Self {
        let mut told = Self {
            category: complaint.category.to_owned(),
            concepts: Vec::new(),
            names: Vec::new(),
            marks: Vec::new(),
            solved: false,
            point: complaint.point.filter(|it| it.0.is_finite() && it.1.is_finite()),
            at: complaint.at,
        };
        told.read(complaint.text, false, lexicon);
        if let Some(place) = complaint.place {
            told.read(place, true, lexicon);
        }
        told
    }

    fn read(&mut self, text: &str, place: bool, lexicon: &Lexicon) {
        let text: String = text.chars().take(CHARACTERS).collect();
        let folded = fold(&text);
        let all: Vec<Word> = folded
            .split(' ')
            .filter(|it| !it.is_empty())
            .take(WORDS)
            .flat_map(|it| lexicon.in_full(it).split(' '))
            .map(|it| it.chars().take(LETTERS).collect::<String>())
            .map(|it| lexicon.word(&it))
            .filter(|it| !lexicon.skipped(it))
            .collect();
        let mut at = 0;
        // Whether what follows is a name: one of an address or of a place comes before it.
        let mut named = false;
        // Whether the word before was such a name: "Hidalgo y Allende".
        let mut names = false;
        while let Some(word) = all.get(at) {
            for mark in lexicon.marks(word) {
                if !self.marks.contains(mark) {
                    self.marks.push(*mark);
                }
            }
            if is_number(word) {
                if !counts(&all, at, lexicon) {
                    self.name(word, 0.8, true);
                }
                at += 1;
                continue;
            }
            let called = at.checked_sub(1).is_some_and(|it| lexicon.saint(&all[it]));
            let concept = if place || called { None } else { lexicon.concept(&all[at..]) };
            if let Some((concept, length)) = concept {
                self.solved |= concept.solved;
                if concept.weight > 0.0 && !self.concepts.contains(&concept) {
                    self.concepts.push(concept);
                }
                for word in all[at..at + length].iter().filter(|it| lexicon.landmark(it)) {
                    self.name(word, 0.4, false);
                }
                at += length;
                (named, names) = (false, false);
                continue;
            }
            if lexicon.address(word) || lexicon.before(word) || names && lexicon.joins(word) {
                (named, names) = (true, false);
            } else if lexicon.landmark(word) {
                self.name(word, 0.4, false);
                named = true;
            } else if called || !lexicon.noise(word) {
                names = place || named || called;
                self.name(word, if names { 1.0 } else { LOOSE }, false);
                named = false;
            }
            at += 1;
        }
    }

    fn name(&mut self, word: &Word, weight: f32, number: bool) {
        if self.names.len() < WORDS && word.exact.len() > usize::from(!number) {
            match self.names.iter_mut().find(|it| it.word == *word) {
                Some(name) => {
                    name.weight = name.weight.max(weight);
                    name.bare &= weight == LOOSE;
                }
                None => {
                    let bare = weight == LOOSE;
                    self.names.push(Name { word: word.clone(), weight, number, bare });
                }
            }
        }
    }
}

fn is_number(word: &Word) -> bool {
    word.exact.bytes().any(|it| it.is_ascii_digit())
}

/// Whether a number counts days, money or what there is of something rather than telling where.
fn counts(all: &[Word], at: usize, lexicon: &Lexicon) -> bool {
    all.get(at + 1).is_some_and(|it| lexicon.unit(it) || lexicon.concept(&all[at + 1..]).is_some())
}
