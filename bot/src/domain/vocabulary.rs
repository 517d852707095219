//! The words of a pack, folded once: topic phrases and the names of states and of the country.

use std::collections::{HashMap, HashSet};

use super::fold::{fold, words};
use super::municipality::State;
use super::pack::Manifest;

/// A phrase that names a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Place of the topic in the manifest's list.
    pub topic: usize,
    /// Its folded words, at least one.
    pub words: Vec<String>,
}

/// What texts are searched for.
#[derive(Debug)]
pub struct Vocabulary {
    /// Topic phrases by their first word, in the order of the manifest.
    by_first_word: HashMap<String, Vec<Phrase>>,
    /// Each topic's phrases of five letters and more, folded; by place in the manifest.
    long_phrases: Vec<Vec<String>>,
    /// The folded words of each state's name.
    states: Vec<Vec<String>>,
    /// The folded names of states, their abbreviations and aliases, and the names of the country.
    regions: HashSet<String>,
}

impl Vocabulary {
    /// Folds the words of a pack.
    pub fn new(manifest: &Manifest, states: &[State]) -> Self {
        let mut by_first_word: HashMap<String, Vec<Phrase>> = HashMap::new();
        let mut long_phrases = Vec::with_capacity(manifest.topics.len());
        for (topic, it) in manifest.topics.iter().enumerate() {
            let phrases = || it.words.values().flatten();
            for phrase in phrases() {
                let words = words(phrase);
                if let Some(first) = words.first() {
                    by_first_word.entry(first.clone()).or_default().push(Phrase { topic, words });
                }
            }
            let long = phrases().filter(|it| it.chars().count() >= 5).map(|it| fold(it));
            long_phrases.push(long.collect());
        }
        let named = states
            .iter()
            .flat_map(|it| [&it.name, &it.abbreviation].into_iter().chain(&it.aliases))
            .chain(manifest.pack.name.values());
        let mut regions: HashSet<String> = named.map(|it| fold(it)).collect();
        regions.remove("");
        Self {
            by_first_word,
            long_phrases,
            states: states.iter().map(|state| words(&state.name)).collect(),
            regions,
        }
    }

    /// The topic phrases that begin with a folded word, in the order of the manifest.
    pub fn phrases_from(&self, word: &str) -> &[Phrase] {
        self.by_first_word.get(word).map_or(&[], Vec::as_slice)
    }

    /// The longer phrases of each topic, by place in the manifest.
    pub fn long_phrases(&self) -> impl Iterator<Item = &[String]> {
        self.long_phrases.iter().map(Vec::as_slice)
    }

    /// Whether a folded text is the name, an abbreviation or an alias of a state, or the name of the country.
    pub fn is_region(&self, text: &str) -> bool {
        self.regions.contains(text)
    }

    /// The folded words of each state's name.
    pub fn state_names(&self) -> impl Iterator<Item = &[String]> {
        self.states.iter().map(Vec::as_slice)
    }
}
