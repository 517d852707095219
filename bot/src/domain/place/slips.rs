//! Readings with slips: by how the whole name sounds, and word by word.

use std::collections::HashMap;

use super::super::municipality::MunicipalityId;
use super::forms::{Form, Kind, query_depth};
use super::postings::deletes;
use super::sound::{LONGEST, distance, letters, slips, sound};
use super::states::Reading;
use super::{Candidate, Context, Decision, PlaceIndex, Why, reader, spanish};

/// What a municipality's best form costs.
#[derive(Clone, Copy, Debug)]
pub struct Near {
    cost: f32,
    kind: Kind,
    length: usize,
    /// Whether every word was read that may name another place.
    whole: bool,
}

/// Municipalities with what their best form costs.
#[derive(Debug, Default)]
pub struct Nears(HashMap<MunicipalityId, Near>);

impl Nears {
    fn take(&mut self, form: &Form, cost: f32, whole: bool) {
        let near = Near { cost: cost + extra(form.kind), kind: form.kind, length: form.bare.len(), whole };
        self.put(form.municipality, near);
    }

    fn put(&mut self, municipality: MunicipalityId, near: Near) {
        self.0
            .entry(municipality)
            .and_modify(|it| {
                if near.cost < it.cost {
                    *it = near;
                }
            })
            .or_insert(near);
    }

    fn best(&self) -> Option<Near> {
        self.0.values().copied().min_by(|a, b| a.cost.total_cmp(&b.cost))
    }

    /// What the nearest costs; infinite where there is none.
    pub fn best_cost(&self) -> f32 {
        self.best().map_or(f32::INFINITY, |it| it.cost)
    }

    /// Whether nothing is near beyond doubt.
    pub fn is_far(&self) -> bool {
        self.best().is_none_or(|it| !it.is_sure())
    }

    /// Adds what others found.
    pub fn extend(&mut self, others: Self) {
        for (municipality, near) in others.0 {
            self.put(municipality, near);
        }
    }
}

/// Forms that are compared word by word, at most.
const MOST_FORMS: usize = 400;
/// Letters from which a part of a name may have a slip.
const PART_FROM: usize = 6;
/// Among so few forms, more slips are looked for than the index holds.
const FEW_FORMS: usize = 200;
/// Names in which a further word may stand to lead to more of them.
const RARE: usize = 60;
/// Names in which a word may stand to lead to them.
const COMMON: usize = 220;
/// Words of a reading that are compared.
const MOST_WORDS: usize = 10;
/// Names that begin like a shortened word.
const MOST_COMPLETIONS: usize = 24;

/// The highest cost at which a writing of so many sounds may still be a name.
fn limit(length: usize) -> f32 {
    match length {
        0..=2 => 0.0,
        3 => 0.35,
        4 => 1.0,
        5..=7 => 1.45,
        8..=10 => 2.3,
        11..=14 => 2.9,
        _ => 3.6,
    }
}

/// The highest cost at which the one nearest name is beyond reasonable doubt.
fn confident(length: usize) -> f32 {
    match length {
        0..=3 => 0.0,
        4 => 0.45,
        5 => 1.06,
        6..=7 => 1.16,
        8..=10 => 1.85,
        11..=14 => 2.5,
        _ => 3.2,
    }
}

impl Near {
    /// Whether it is beyond reasonable doubt where nothing else is near.
    fn is_sure(self) -> bool {
        let most = if self.kind.is_whole() { confident(self.length) } else { 0.6 * confident(self.length) };
        self.whole && self.cost <= most + extra(self.kind)
    }
}

/// How much farther another name must be.
fn margin(best: Near) -> f32 {
    match best.length {
        // It sounds the same: only what sounds nearly the same is a rival.
        6.. if best.cost <= 0.36 => 0.45,
        0..=7 => 0.75,
        _ => 0.9,
    }
}

fn extra(kind: Kind) -> f32 {
    match kind {
        Kind::Name => 0.0,
        Kind::Short | Kind::Alias => 0.1,
        Kind::HeadTown => 0.15,
        Kind::Cut => 0.5,
        Kind::Part => 0.8,
    }
}

/// A word of a reading with the words of names that it may be.
struct Heard {
    letters: Vec<u8>,
    found: Vec<(u16, f32)>,
    /// Number of names in which those words stand.
    standing: usize,
    /// What it costs to leave the word unread.
    unread: f32,
    /// Whether it may stay unread without a doubt: it is no name of its own.
    free: bool,
}

struct Spelt {
    letters: Vec<u8>,
    sound: Vec<u8>,
}

impl Spelt {
    fn new(text: &str) -> Self {
        let letters = letters(text);
        let sound = sound(&letters);
        Self { letters, sound }
    }

    fn cost(&self, letters: &[u8], sound: &[u8], limit: f32) -> Option<f32> {
        let heard = distance(&self.sound, sound, limit);
        let written = match heard {
            Some(heard) if heard < 0.5 => None,
            _ => distance(&self.letters, letters, limit),
        };
        let least = match (heard, written) {
            (Some(heard), Some(written)) => heard.min(written),
            (one, other) => one.or(other)?,
        };
        let cost = least + 0.1 * f32::from(slips(&self.letters, letters).min(5));
        (cost <= limit + 0.05 || least <= 0.36).then_some(cost)
    }
}

impl PlaceIndex {
    /// Adds the municipalities whose names sound nearly like the reading.
    pub(super) fn near(&self, reading: &Reading<'_>, nears: &mut Nears) {
        let (_, bare) = reader::joined(reading.words);
        let spelt = Spelt::new(&bare);
        let length = spelt.letters.len();
        let mut most = limit(length);
        if !reading.states.is_empty() {
            // The state says much already.
            most = (most + 0.3).max(1.1);
        }
        if !(2..=LONGEST).contains(&length) {
            return;
        }
        let mut numbers: Vec<u32> = Vec::new();
        let mut gather = |it| numbers.extend(self.forms.by_sound.get(it));
        deletes(&spelt.sound, query_depth(spelt.sound.len()), &mut gather);
        deletes(&spelt.letters, 1, &mut gather);
        numbers.sort_unstable();
        numbers.dedup();
        let mut clear = false;
        for form in numbers.iter().filter_map(|it| self.forms.all.get(*it as usize)) {
            if self.in_states(form.municipality, &reading.states)
                && let Some(cost) = spelt.cost(&form.bare, &form.sound, most)
                && (form.kind.is_whole() || cost <= 0.36 || length >= PART_FROM)
            {
                clear |= cost <= 0.5 && form.kind.is_whole();
                nears.take(form, cost + reading.cost, true);
            }
        }
        if !clear {
            self.near_by_words(reading, &spelt, most, nears);
        }
    }

    fn near_by_words(&self, reading: &Reading<'_>, spelt: &Spelt, most: f32, nears: &mut Nears) {
        let mut words = reader::significant_after(reading.words);
        words.truncate(MOST_WORDS);
        let hits: Vec<Heard> = words
            .iter()
            .map(|(word, after)| {
                let letters = letters(word);
                let found = self.word_hits(word);
                let standing: usize = found.iter().map(|(id, _)| self.standing(*id)).sum();
                let unread = if spanish::is_generic(word) || standing > COMMON {
                    0.5
                } else if *after {
                    0.12 * letters.len() as f32
                } else {
                    (0.35 * letters.len() as f32).max(0.6)
                };
                Heard { letters, found, standing, unread, free: *after || unread <= 0.6 }
            })
            .collect();
        let mut leading: Vec<(usize, usize)> = hits
            .iter()
            .enumerate()
            .map(|(index, it)| (it.standing, index))
            .filter(|(standing, _)| *standing > 0)
            .collect();
        leading.sort_unstable();
        let mut numbers: Vec<u32> = Vec::new();
        for (rank, (standing, index)) in leading.iter().enumerate() {
            if rank > 0 && (*standing > RARE || rank > 2) {
                break;
            }
            for (id, _) in &hits[*index].found {
                if let Some(word) = self.forms.words.get(usize::from(*id)) {
                    numbers.extend(&word.forms);
                }
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        let forms = numbers.iter().filter_map(|it| self.forms.all.get(*it as usize));
        for form in forms.filter(|it| self.in_states(it.municipality, &reading.states)).take(MOST_FORMS) {
            if let Some((cost, whole)) = self.aligned(&hits, form)
                && cost <= most
            {
                nears.take(form, cost + reading.cost, whole);
            } else if numbers.len() <= FEW_FORMS
                && let Some(cost) = spelt.cost(&form.bare, &form.sound, most)
            {
                nears.take(form, cost + reading.cost, true);
            }
        }
    }

    fn standing(&self, word: u16) -> usize {
        self.forms.words.get(usize::from(word)).map_or(0, |it| it.forms.len())
    }

    /// Words of names that this word may be, with what each costs.
    fn word_hits(&self, word: &str) -> Vec<(u16, f32)> {
        let spelt = Spelt::new(word);
        let most = match spelt.sound.len() {
            0..=3 => 0.35,
            4 => 0.9,
            5..=7 => 1.2,
            _ => 1.9,
        };
        let mut out: Vec<(u16, f32)> = Vec::new();
        let mut gather = |it| {
            for number in self.forms.words_by_sound.get(it) {
                let Some(found) = self.forms.words.get(number as usize) else { continue };
                if out.iter().all(|(id, _)| u32::from(*id) != number)
                    && let Some(cost) = spelt.cost(&found.letters, &found.sound, most)
                {
                    out.push((number as u16, cost));
                }
            }
        };
        deletes(&spelt.sound, query_depth(spelt.sound.len()), &mut gather);
        deletes(&spelt.letters, 1, &mut gather);
        if spelt.letters.len() >= 3 {
            let from =
                self.sorted_words.partition_point(|it| self.letters_of(*it) < spelt.letters.as_slice());
            for id in self.sorted_words[from..].iter().take(MOST_COMPLETIONS) {
                let full = self.letters_of(*id);
                if !full.starts_with(&spelt.letters) {
                    break;
                }
                let missing = full.len() - spelt.letters.len();
                if missing > 0 && out.iter().all(|(it, _)| it != id) {
                    out.push((*id, 0.4 + 0.05 * missing as f32));
                }
            }
        }
        out
    }

    fn letters_of(&self, word: u16) -> &[u8] {
        self.forms.words.get(usize::from(word)).map_or(&[], |it| &it.letters)
    }

    /// What it costs to read the words as the form, in order; `None` where no word of its own
    /// is there.
    fn aligned(&self, hits: &[Heard], form: &Form) -> Option<(f32, bool)> {
        let words = &form.words[..form.words.len().min(2 * MOST_WORDS)];
        let mut told = false;
        let mut row = [0.0_f32; 2 * MOST_WORDS + 1];
        for (column, word) in words.iter().enumerate() {
            row[column + 1] = row[column] + if self.is_generic(*word) { 0.3 } else { 0.5 };
        }
        let mut read = 0;
        let mut whole = true;
        let (mut letters, mut letters_read) = (0, 0);
        for Heard { letters: spelt, found, unread, free, .. } in hits {
            let mut next = [row[0] + unread; 2 * MOST_WORDS + 1];
            let mut known = false;
            for (column, word) in words.iter().enumerate() {
                let same = found.iter().find(|(id, _)| id == word).map(|(_, cost)| *cost).or_else(|| {
                    let initial = spelt.len() == 1 && self.letters_of(*word).first() == spelt.first();
                    initial.then_some(0.3)
                });
                told |= same.is_some_and(|_| spelt.len() > 2 && !self.is_generic(*word));
                known |= same.is_some();
                let skip = if self.is_generic(*word) { 0.3 } else { 0.5 };
                let mut price = (row[column + 1] + unread).min(next[column] + skip);
                if let Some(same) = same {
                    price = price.min(row[column] + same);
                }
                next[column + 1] = price;
            }
            row = next;
            read += usize::from(known);
            whole &= known || *free;
            letters += spelt.len();
            letters_read += if known { spelt.len() } else { 0 };
        }
        // Most of what was written must be the name.
        let enough = letters_read * 2 >= letters;
        (enough && (told || read >= words.len())).then_some((row[words.len()], whole))
    }

    fn is_generic(&self, word: u16) -> bool {
        self.forms.words.get(usize::from(word)).is_some_and(|it| it.generic)
    }

    /// What follows from municipalities that are near a writing.
    pub(super) fn decide_near(&self, nears: &Nears, context: Context) -> Decision {
        let mut all: Vec<(MunicipalityId, Near)> = nears.0.iter().map(|(id, it)| (*id, *it)).collect();
        all.sort_by(|(left, a), (right, b)| a.cost.total_cmp(&b.cost).then(left.cmp(right)));
        let Some((_, best)) = all.first().copied() else { return Decision::None };
        let rivals = all.iter().skip(1).any(|(_, it)| it.cost < best.cost + margin(best));
        let candidate = |id: MunicipalityId, near: Near| Candidate {
            municipality: id,
            score: (0.9 * (1.0 - near.cost / (near.length.max(4) as f32))).clamp(0.0, 0.9),
            why: if near.kind.is_whole() || near.cost > extra(near.kind) + 0.01 {
                Why::Slip
            } else {
                Why::Part
            },
        };
        if !rivals && best.is_sure() {
            return Decision::Match(candidate(all[0].0, best));
        }
        let offered = all
            .iter()
            .filter(|(_, it)| it.cost < best.cost + 1.2)
            .map(|(id, it)| (((it.cost - best.cost) / 0.1) as u8, candidate(*id, *it)))
            .collect();
        Decision::Choose(self.ordered(offered, context))
    }

    /// The municipalities with a whole name at most `cost` away, the nearest first.
    pub(super) fn near_whole(&self, nears: &Nears, cost: f32, context: Context) -> Vec<Candidate> {
        let near = nears.0.iter().filter(|(_, it)| it.kind.is_whole() && it.cost <= cost);
        let offered = near
            .map(|(id, it)| {
                let score = (0.9 * (1.0 - it.cost / (it.length.max(4) as f32))).clamp(0.0, 0.9);
                ((it.cost / 0.2) as u8, Candidate { municipality: *id, score, why: Why::Slip })
            })
            .collect();
        self.ordered(offered, context)
    }
}
