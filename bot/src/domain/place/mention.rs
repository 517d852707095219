//! A place named inside a longer text.

use super::exact::Tier;
use super::states::Reading;
use super::{Context, Decision, Mention, PlaceIndex, reader, spanish};

/// Words of a text in which a place is looked for.
const MOST_WORDS: usize = 60;
/// Most words of a name with its state.
const LONGEST: usize = 14;

impl PlaceIndex {
    /// The longest exact place name among `words` that isn't an everyday word there, else the
    /// longest everyday one; the first on a tie.
    pub(super) fn mentioned(&self, words: &[String], context: Context) -> Option<Mention> {
        let words = &words[..words.len().min(MOST_WORDS)];
        let mut best: Option<(bool, usize, Mention)> = None;
        for start in 0..words.len() {
            let Some(mention) = self.mention_at(words, start, context) else { continue };
            let rank = (!mention.everyday, mention.end - mention.start);
            if best.as_ref().is_none_or(|(real, length, _)| rank > (*real, *length)) {
                best = Some((rank.0, rank.1, mention));
            }
        }
        best.map(|(_, _, mention)| mention)
    }

    fn mention_at(&self, words: &[String], start: usize, context: Context) -> Option<Mention> {
        let first = words.get(start)?;
        if !self.forms.first_words.contains(spanish::in_full(first))
            && !self.states.may_begin_with(first)
            && !first.starts_with(|it: char| it.is_ascii_digit())
        {
            return None;
        }
        let longest = LONGEST.min(words.len() - start);
        (1..=longest).rev().find_map(|length| {
            let end = start + length;
            let span = &words[start..end];
            // A preposition at either end belongs to the sentence.
            let is_edge = |it: &String| matches!(it.as_str(), "de" | "en" | "y" | "e" | "d" | "al" | "h");
            if span.first().is_some_and(is_edge) || span.last().is_some_and(is_edge) {
                return None;
            }
            let before = start.checked_sub(1).and_then(|it| words.get(it)).map(String::as_str);
            if length == 1
                && span[0].len() == self.key_digits
                && span[0].bytes().all(|it| it.is_ascii_digit())
            {
                let said = before.is_some_and(|it| spanish::means_postcode(it) || spanish::means_key(it));
                let decision = self.number(&words[start - usize::from(said)..end])?;
                return (decision != Decision::None).then_some(Mention {
                    start,
                    end,
                    decision,
                    everyday: !said,
                });
            }
            if let Some(mention) = self.named_at(words, start, end, context) {
                return Some(mention);
            }
            // "tlapa gro", "guerrero tlapa"
            let mut readings = self.states.readings(span);
            readings.retain(|it| !it.words.is_empty());
            readings.into_iter().find_map(|reading| {
                let fits = self.whole(&reading);
                let (_, bare) = reader::joined(reading.words);
                match self.decide(&fits, &bare, context) {
                    Decision::None => None,
                    decision => Some(Mention { start, end, decision, everyday: false }),
                }
            })
        })
    }

    fn named_at(&self, words: &[String], start: usize, end: usize, context: Context) -> Option<Mention> {
        let span = &words[start..end];
        let reading = Reading { words: span, states: Vec::new(), cost: 0.0 };
        let (_, bare) = reader::joined(span);
        let mut fits = self.whole(&reading);
        let article = |it: Option<&String>| it.is_some_and(|it| spanish::is_stop_word(it));
        if span.len() == 1 || article(span.first()) || article(span.last()) {
            // In a sentence "paz" is no La Paz, and the article of "el centro" not the name's.
            fits.retain(|it| matches!(it.tier, Tier::Name | Tier::Other));
        }
        let decision = self.decide(&fits, &bare, context);
        if decision == Decision::None {
            return None;
        }
        let before: Vec<&str> = words[start.saturating_sub(3)..start].iter().map(String::as_str).collect();
        let street = before.iter().any(|it| spanish::names_a_street(it));
        let said = match before.as_slice() {
            [.., last] if spanish::place_follows(last) => true,
            [.., last, "de" | "del"] => spanish::place_follows(last),
            _ => false,
        };
        let everyday = street || (spanish::is_everyday(&bare) && !said);
        Some(Mention { start, end, decision, everyday })
    }
}
