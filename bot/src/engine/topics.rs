//! Topic words of the pack: which topic a text asks about.

use crate::domain::facts::Facts;
use crate::domain::fold::{fold, one_slip};
use crate::domain::pack::Topic;

/// A topic word found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Id of the topic.
    pub topic: String,
    /// First word of the phrase.
    pub start: usize,
    /// One past its last word.
    pub end: usize,
}

fn phrases(topic: &Topic) -> impl Iterator<Item = &String> {
    topic.words.values().flatten()
}

/// The longest topic phrase that stands in `words`; the first on a tie.
pub fn find(facts: &Facts, words: &[String]) -> Option<Found> {
    let mut best: Option<Found> = None;
    for topic in &facts.manifest.topics {
        for phrase in phrases(topic) {
            let phrase = fold(phrase);
            let count = phrase.split(' ').count();
            if count > words.len() || best.as_ref().is_some_and(|it| it.end - it.start > count) {
                continue;
            }
            let start = (0..=words.len() - count)
                .find(|start| phrase.split(' ').eq(words[*start..start + count].iter().map(String::as_str)));
            if let Some(start) = start {
                let better = best.as_ref().is_none_or(|it| {
                    it.end - it.start < count || (it.end - it.start == count && start < it.start)
                });
                if better {
                    best = Some(Found { topic: topic.id.clone(), start, end: start + count });
                }
            }
        }
    }
    best
}

/// The topic that the whole text names, exactly.
pub fn alone(facts: &Facts, words: &[String]) -> Option<String> {
    find(facts, words).filter(|found| found.start == 0 && found.end == words.len()).map(|found| found.topic)
}

/// The topic that the whole text names but for one slip, in words of five letters and more.
pub fn with_slip(facts: &Facts, words: &[String]) -> Option<String> {
    let text = words.join(" ");
    if text.chars().count() < 5 {
        return None;
    }
    let mut found = facts.manifest.topics.iter().filter(|topic| {
        phrases(topic).any(|phrase| phrase.chars().count() >= 5 && one_slip(&fold(phrase), &text))
    });
    // Two readings are no reading.
    let first = found.next()?;
    found.next().is_none().then(|| first.id.clone())
}

/// The series whose official name has every word of the text; the shortest such name.
pub fn series(facts: &Facts, words: &[String]) -> Option<String> {
    if words.is_empty() || words.iter().all(|word| super::keywords::filler(word)) {
        return None;
    }
    let meaningful: Vec<&String> = words.iter().filter(|word| !super::keywords::filler(word)).collect();
    facts
        .manifest
        .series
        .iter()
        .flat_map(|(code, series)| series.name.values().map(move |name| (code, fold(name))))
        .filter(|(_, name)| meaningful.iter().all(|word| name.split(' ').any(|it| it == word.as_str())))
        .min_by_key(|(_, name)| name.len())
        .map(|(code, _)| code.clone())
}
