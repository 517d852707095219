//! Finding a category, or words that can't wait, in a text.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Category, Desk, UrgentGroup};
use crate::domain::fold::{fold, one_slip, words};

/// Letters of a keyword in which a slip is forgiven.
const SLIP_LENGTH: usize = 5;

/// A category that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its code.
    pub category: String,
    /// Words of the keyword that named it.
    pub words: usize,
    /// Whether the whole text is that keyword.
    pub whole: bool,
}

/// How well a category fits: words of its longest keyword in the text, exact before a slip, places where
/// one stands, and how early the first does.
type Fit = (usize, bool, usize, std::cmp::Reverse<usize>);

/// A phrase: for each place the folded words of which one stands there.
pub(super) type Pattern = Arc<[Vec<String>]>;

/// Phrases by the words that they may begin with: the group, whether it takes others back, the phrase.
pub(super) type Phrases = HashMap<String, Vec<(usize, bool, Pattern)>>;

/// What a written phrase stands for: `a|b` is either word, and an empty one (`a|`) none. `None` where an
/// alternative is no single word, or nothing is left of the phrase.
pub(super) fn patterns(text: &str) -> Option<Vec<Pattern>> {
    let mut all: Vec<Vec<Vec<String>>> = vec![Vec::new()];
    for place in text.split(' ').filter(|it| !it.is_empty()) {
        let (mut either, mut optional) = (Vec::new(), false);
        for word in place.split('|') {
            match fold(word) {
                it if it.is_empty() => optional = true,
                it if it.contains(' ') => return None,
                it => either.push(it),
            }
        }
        let without = if optional { all.clone() } else { Vec::new() };
        for it in &mut all {
            it.push(either.clone());
        }
        all.extend(without);
    }
    all.iter().all(|it| !it.is_empty()).then(|| all.into_iter().map(Arc::from).collect())
}

/// The folded words of each phrase.
pub(super) fn phrases<'a>(keywords: impl Iterator<Item = &'a String>) -> Vec<Vec<String>> {
    keywords.map(|it| words(it)).filter(|it| !it.is_empty()).collect()
}

impl Category {
    fn fit(&self, words: &[String]) -> Option<Fit> {
        let mut best: Option<(usize, bool)> = None;
        let mut places = Vec::new();
        for phrase in &self.phrases {
            let exact = words.windows(phrase.len()).position(|it| it == phrase.as_slice());
            let place = exact.or_else(|| {
                let [only] = &phrase[..] else { return None };
                let long = |it: &str| it.chars().count() >= SLIP_LENGTH;
                words.iter().position(|it| long(only) && long(it) && one_slip(it, only))
            });
            let Some(place) = place else { continue };
            best = best.max(Some((phrase.len(), exact.is_some())));
            // "mercado" and, with a slip, "mercados": one word says so once.
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let first = places.iter().min().copied().unwrap_or(usize::MAX);
        best.map(|(words, exact)| (words, exact, places.len(), std::cmp::Reverse(first)))
    }
}

/// Whether a phrase stands in a text.
fn stands(phrase: &Pattern, text: &[String]) -> bool {
    text.windows(phrase.len()).any(|it| fits(phrase, it))
}

fn fits(phrase: &Pattern, words: &[String]) -> bool {
    words.len() == phrase.len() && words.iter().zip(&**phrase).all(|(it, any)| any.contains(it))
}

impl Desk {
    /// Whether a text speaks of reporting something, wherever the word stands.
    pub fn speaks_of_reporting(&self, text: &[String]) -> bool {
        text.iter().any(|it| self.intents.report.contains(it))
    }

    /// Whether a word of such a text says nothing of what is reported.
    pub fn only_reports(&self, word: &str) -> bool {
        self.intents.report.contains(word) || self.intents.around.contains(word)
    }

    /// Whether a text asks for a person; a phrase of one word is the whole text.
    pub fn asks_for_person(&self, text: &[String]) -> bool {
        let asks = |it: &Pattern| if it.len() == 1 { fits(it, text) } else { stands(it, text) };
        self.intents.person.iter().any(asks)
    }

    /// Whether a text tells of a place of the person's own.
    pub fn tells_of_own_place(&self, text: &[String]) -> bool {
        self.intents.own.iter().any(|it| stands(it, text))
    }

    /// The category that a text is about; the one whose keywords fit best, the first of the menu on a
    /// tie. `None` where no keyword stands in it.
    pub fn find_category(&self, cvegeo: &str, text: &[String]) -> Option<Found> {
        let mut best: Option<(Fit, &Category)> = None;
        for category in self.menu(cvegeo) {
            if let Some(fit) = category.fit(text)
                && best.as_ref().is_none_or(|(other, _)| fit > *other)
            {
                best = Some((fit, category));
            }
        }
        let ((words, ..), category) = best?;
        Some(Found { category: category.code.clone(), words, whole: words == text.len() })
    }

    /// The group whose words stand in a text, the longest phrase first. A phrase that a longer one takes
    /// back counts for nothing.
    pub fn urgent(&self, text: &[String]) -> Option<&UrgentGroup> {
        let mut found: Option<(usize, usize)> = None;
        let mut taken_back: Vec<(usize, usize)> = Vec::new();
        let mut hits: Vec<(usize, usize, usize)> = Vec::new();
        for (start, word) in text.iter().enumerate() {
            for (group, back, phrase) in self.urgent_phrases.get(word).into_iter().flatten() {
                let end = start + phrase.len();
                if !text.get(start..end).is_some_and(|it| fits(phrase, it)) {
                    continue;
                }
                if *back {
                    taken_back.push((start, end));
                } else {
                    hits.push((*group, start, end));
                }
            }
        }
        for (group, start, end) in hits {
            let back = taken_back.iter().any(|(from, to)| *from <= start && end <= *to);
            if !back && found.is_none_or(|(_, length)| end - start > length) {
                found = Some((group, end - start));
            }
        }
        self.urgent.get(found?.0)
    }
}
