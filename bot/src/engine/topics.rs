//! Topic words of the pack: which topic a text asks about.

use crate::domain::channel::ChannelKind;
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

/// Topics on a page of the list, so that their words fit one segment.
const PAGE: usize = 7;
/// Main topics on the first page.
const MAIN_PAGE: usize = 12;
/// Topics on a screen of five options, the last of which is the next page.
const SCREEN: usize = 4;

/// The topics one can ask about, in pages: the main ones first, then the others. Every topic is on
/// one of them.
pub fn pages(facts: &Facts, channel: ChannelKind) -> Vec<Vec<&Topic>> {
    let (main, others): (Vec<&Topic>, Vec<&Topic>) = facts.manifest.topics.iter().partition(|it| it.main);
    let (first, rest) = if channel == ChannelKind::Ussd { (SCREEN, SCREEN) } else { (MAIN_PAGE, PAGE) };
    main.chunks(first).chain(others.chunks(rest)).map(<[_]>::to_vec).collect()
}

/// A second main topic that stands right beside the first one ("agua y luz").
pub fn beside(facts: &Facts, words: &[String], first: &Found) -> Option<Found> {
    let joins = |word: &String| matches!(word.as_str(), "y" | "e" | "o" | "and" | "or");
    let main = |id: &str| facts.topic(id).is_some_and(|it| it.main);
    let other = |it: &Found| it.topic != first.topic && main(&it.topic) && main(&first.topic);
    let start = first.end + usize::from(words.get(first.end).is_some_and(joins));
    let after = find(facts, &words[start..]).filter(|it| it.start == 0 && other(it)).map(|it| Found {
        start: first.end,
        end: start + it.end,
        ..it
    });
    after.or_else(|| {
        let end = first.start.saturating_sub(1);
        let end = if words.get(end).is_some_and(joins) { end } else { first.start };
        find(facts, &words[..end])
            .filter(|it| it.end == end && other(it))
            .map(|it| Found { end: first.start, ..it })
    })
}

/// The longest topic phrase that stands in `words`; the first on a tie.
pub fn find(facts: &Facts, words: &[String]) -> Option<Found> {
    let mut best: Option<(usize, usize, usize)> = None;
    for start in 0..words.len() {
        for phrase in facts.vocabulary.phrases_from(&words[start]) {
            let end = start + phrase.words.len();
            let longer = best.is_none_or(|(_, start, end)| phrase.words.len() > end - start);
            if longer && words.get(start..end) == Some(phrase.words.as_slice()) {
                best = Some((phrase.topic, start, end));
            }
        }
    }
    let (topic, start, end) = best?;
    let topic = facts.manifest.topics.get(topic)?.id.clone();
    Some(Found { topic, start, end })
}

/// The topic that the whole text names, exactly.
pub fn alone(facts: &Facts, words: &[String]) -> Option<String> {
    find(facts, words).filter(|found| found.start == 0 && found.end == words.len()).map(|found| found.topic)
}

/// The topic that the whole text names but for one slip, in words of five letters and more.
pub fn with_slip(facts: &Facts, words: &[String]) -> Option<String> {
    let text = words.join(" ");
    // "mexico" is one letter from "medico", and is meant as it stands.
    if text.chars().count() < 5 || facts.vocabulary.is_region(&text) {
        return None;
    }
    let topics = facts.manifest.topics.iter().zip(facts.vocabulary.long_phrases());
    let mut found = topics.filter(|(_, phrases)| phrases.iter().any(|phrase| one_slip(phrase, &text)));
    // Two readings are no reading.
    let (first, _) = found.next()?;
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
