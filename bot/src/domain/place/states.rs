//! The state that stands before or after a name.

use std::collections::{HashMap, HashSet};

use super::super::fold;
use super::super::municipality::State;
use super::spanish;

/// Most words that a state's name has (`Veracruz de Ignacio de la Llave`).
const MOST_WORDS: usize = 6;
/// Letters from which a state's name may have a slip.
const SLIP_FROM: usize = 5;

/// State names and abbreviations by their joined letters.
#[derive(Debug, Default)]
pub struct States {
    by_text: HashMap<String, Vec<u16>>,
    first_words: HashSet<String>,
}

/// One way of reading a text: which words name the place, and in which state.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    /// The words of the place's name.
    pub words: &'a [String],
    /// The states that the rest may name; empty where nothing is read as a state.
    pub states: Vec<u16>,
    /// What this way of reading costs beside others.
    pub cost: f32,
}

impl States {
    /// Collects the names.
    pub fn new(states: &[State]) -> Self {
        let mut by_text: HashMap<String, Vec<u16>> = HashMap::new();
        let mut first_words = HashSet::new();
        for (id, state) in (0_u16..).zip(states) {
            // "Región de Tarapacá" is also "Tarapacá".
            let words = fold::words(&state.name);
            let known = [&state.name, &state.abbreviation]
                .into_iter()
                .chain(&state.aliases)
                .map(|it| fold::words(it));
            let without = words.iter().position(|it| !spanish::means_state(it) && !spanish::is_stop_word(it));
            let without = without.map(|at| words[at..].to_vec());
            for words in known.chain(without) {
                let text = joined(&words);
                first_words.extend(words.into_iter().next());
                let ids = by_text.entry(text).or_default();
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        by_text.remove("");
        Self { by_text, first_words }
    }

    /// Whether a state's name may begin with the word.
    pub fn may_begin_with(&self, word: &str) -> bool {
        self.first_words.contains(word)
    }

    /// The states that these words name.
    pub fn named(&self, words: &[String]) -> &[u16] {
        if words.len() > MOST_WORDS {
            return &[];
        }
        self.by_text.get(&joined(words)).map_or(&[], Vec::as_slice)
    }

    fn nearly(&self, words: &[String]) -> Vec<u16> {
        let text = joined(words);
        if text.len() < SLIP_FROM {
            return Vec::new();
        }
        let mut found: Vec<u16> = self
            .by_text
            .iter()
            .filter(|(name, _)| name.len() >= SLIP_FROM && fold::one_slip(name, &text))
            .flat_map(|(_, ids)| ids.iter().copied())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The ways of reading `words` with a state after or before the name.
    pub fn readings<'a>(&self, words: &'a [String]) -> Vec<Reading<'a>> {
        let mut out = Vec::new();
        let count = words.len();
        for length in (1..=MOST_WORDS.min(count.saturating_sub(1))).rev() {
            let (rest, last) = words.split_at(count - length);
            let before = trimmed_end(rest);
            if before.len() < rest.len() {
                // Those words may belong to the name: San Juan del Estado, Oax.
                push(&mut out, rest, self.named(last).to_vec(), 0.0);
            }
            push(&mut out, before, self.named(last).to_vec(), 0.0);
            let (first, rest) = words.split_at(length);
            push(&mut out, trimmed_start(rest), self.named(first).to_vec(), 0.0);
        }
        out
    }

    /// The same with a slip in the state's name.
    pub fn readings_with_slip<'a>(&self, words: &'a [String]) -> Vec<Reading<'a>> {
        let mut out = Vec::new();
        let count = words.len();
        for length in 1..=3.min(count.saturating_sub(1)) {
            let (rest, last) = words.split_at(count - length);
            push(&mut out, trimmed_end(rest), self.nearly(last), 0.4);
            let (first, rest) = words.split_at(length);
            push(&mut out, trimmed_start(rest), self.nearly(first), 0.4);
        }
        out
    }
}

fn push<'a>(out: &mut Vec<Reading<'a>>, words: &'a [String], states: Vec<u16>, cost: f32) {
    if !words.is_empty() && !states.is_empty() {
        out.push(Reading { words, states, cost });
    }
}

fn joined(words: &[String]) -> String {
    words.iter().filter(|it| !matches!(it.as_str(), "de" | "del" | "la")).map(String::as_str).collect()
}

/// Without the words that lead over to the state (`tlapa del estado de` guerrero).
fn trimmed_end(mut words: &[String]) -> &[String] {
    while let [rest @ .., last] = words
        && (spanish::means_state(last) || matches!(last.as_str(), "de" | "del" | "en" | "el" | "d"))
    {
        words = rest;
    }
    words
}

fn trimmed_start(mut words: &[String]) -> &[String] {
    while let [first, rest @ ..] = words
        && (matches!(first.as_str(), "de" | "del" | "en" | "municipio" | "mpio" | "mun" | "mpo"))
        && !rest.is_empty()
    {
        words = rest;
    }
    words
}
