//! The order in which a text is read as a name.

use std::collections::HashMap;

use super::exact::{Fit, Tier};
use super::slips::Nears;
use super::states::Reading;
use super::{Candidate, Context, Decision, PlaceIndex, Why, reader, spanish};

/// Up to this cost a whole name is a rival of a part of another name.
const RIVAL_COST: f32 = 1.0;

fn all(words: &[String]) -> Reading<'_> {
    Reading { words, states: Vec::new(), cost: 0.0 }
}

/// Without the words of a request around the place (`quiero saber de`, `municipio de`).
fn stripped(mut words: &[String]) -> &[String] {
    while let [first, rest @ ..] = words
        && !rest.is_empty()
        && spanish::is_lead(first)
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && !rest.is_empty()
        && spanish::is_trail(last)
    {
        words = rest;
    }
    words
}

impl PlaceIndex {
    /// Decides what words name, forgiving slips.
    pub(super) fn named(&self, words: &[String], context: Context) -> Decision {
        if words.is_empty() {
            return Decision::None;
        }
        let exact = self.exactly(words, context);
        if exact != Decision::None {
            return exact;
        }
        let stripped = stripped(words);
        for words in [words, stripped] {
            let state = self.whole_state(words, context);
            if state != Decision::None {
                return state;
            }
        }
        let readings = self.states.readings(stripped);
        let twice = self.with_country(&readings, context);
        if twice != Decision::None {
            return twice;
        }
        let parts = self.by_parts(words, stripped, &readings, context);
        match parts {
            Decision::Match(part) => {
                let rivals = self.slip_rivals(part, stripped, &readings, context);
                if rivals.is_empty() {
                    return Decision::Match(part);
                }
                Decision::Choose(std::iter::once(part).chain(rivals).collect())
            }
            Decision::Choose(_) => parts,
            Decision::None => self.nearly(words, stripped, &readings, context),
        }
    }

    /// Decides by whole names, with or without a state, a request around them, or a general word
    /// before them (`ciudad de`).
    pub(super) fn exactly(&self, words: &[String], context: Context) -> Decision {
        let stripped = stripped(words);
        let without = match stripped {
            [first, rest @ ..] if !rest.is_empty() && is_title(first) => Some(rest),
            _ => None,
        };
        let mut tried: Vec<&[String]> = Vec::new();
        for (words, title) in [(Some(words), false), (Some(stripped), false), (without, true)] {
            let Some(words) = words.filter(|it| !tried.contains(it)) else { continue };
            tried.push(words);
            let decision = self.exactly_these(words, title, context);
            if decision != Decision::None {
                return decision;
            }
        }
        Decision::None
    }

    fn exactly_these(&self, words: &[String], title: bool, context: Context) -> Decision {
        let lowered = |fits: Vec<Fit>| -> Vec<Fit> {
            if !title {
                return fits;
            }
            fits.into_iter().map(|it| Fit { tier: it.tier.max(Tier::Other), ..it }).collect()
        };
        let (_, bare) = reader::joined(words);
        let whole = lowered(self.whole(&all(words)));
        if whole.iter().any(|it| it.tier <= Tier::Other) {
            return self.decide(&whole, &bare, context);
        }
        let mut fits: Vec<Fit> =
            self.states.readings(words).iter().flat_map(|reading| lowered(self.whole(reading))).collect();
        // "Puebla Zaragoza" is Zaragoza in Puebla, and nearly Puebla de Zaragoza.
        let rivals = whole.iter().filter(|it| it.tier < Tier::Cut);
        let tier = fits.iter().map(|it| it.tier).min();
        fits.extend(rivals.map(|it| Fit { tier: tier.map_or(it.tier, |tier| tier.max(Tier::Other)), ..*it }));
        self.decide(&best_of(fits), &bare, context)
    }

    /// The municipalities that fit the reading, if one of them does by a whole name.
    pub(super) fn whole(&self, reading: &Reading<'_>) -> Vec<Fit> {
        let fits = self.fits(reading);
        if fits.iter().any(|it| it.tier < Tier::Cut) { fits } else { Vec::new() }
    }

    /// The most populous municipalities of a state, where its name is all there is.
    fn whole_state(&self, words: &[String], context: Context) -> Decision {
        let states = self.states.named(words);
        if states.is_empty() {
            return Decision::None;
        }
        let inside = (0..=u16::MAX)
            .map(super::MunicipalityId)
            .zip(&self.places)
            .filter(|(_, it)| states.contains(&it.state))
            .map(|(municipality, _)| (0, Candidate { municipality, score: 0.3, why: Why::Part }))
            .collect();
        Decision::Choose(self.ordered(inside, context))
    }

    /// Decides where two states are named and the first holds the place: the second is then the
    /// country of the same name (`Cancun, Quintana Roo, Mexico`).
    fn with_country(&self, readings: &[Reading<'_>], context: Context) -> Decision {
        let mut fits: Vec<Fit> = Vec::new();
        for reading in readings {
            for inner in self.states.readings(reading.words) {
                fits.extend(self.whole(&inner));
            }
        }
        self.decide(&best_of(fits), "", context)
    }

    fn by_parts(
        &self,
        words: &[String],
        stripped: &[String],
        readings: &[Reading<'_>],
        context: Context,
    ) -> Decision {
        let mut fits: Vec<Fit> = readings.iter().flat_map(|it| self.fits(it)).collect();
        fits.extend(self.fits(&all(stripped)));
        if fits.is_empty() && words.len() != stripped.len() {
            fits = self.fits(&all(words));
        }
        let (_, bare) = reader::joined(stripped);
        self.decide(&best_of(fits), &bare, context)
    }

    /// Whole names that are so near the words that a part of another name doesn't decide.
    fn slip_rivals(
        &self,
        part: Candidate,
        words: &[String],
        readings: &[Reading<'_>],
        context: Context,
    ) -> Vec<Candidate> {
        let mut nears = Nears::default();
        if readings.is_empty() {
            self.near(&all(words), &mut nears);
        }
        for reading in readings {
            self.near(reading, &mut nears);
        }
        self.near_whole(&nears, RIVAL_COST, context)
            .into_iter()
            .filter(|it| it.municipality != part.municipality)
            .collect()
    }

    fn nearly(
        &self,
        words: &[String],
        stripped: &[String],
        readings: &[Reading<'_>],
        context: Context,
    ) -> Decision {
        // With a state that is spelt right, what lies in it decides, unless more fits better.
        let mut inside = Nears::default();
        for reading in readings {
            self.near(reading, &mut inside);
        }
        let mut nears = Nears::default();
        self.near(&all(stripped), &mut nears);
        if stripped.len() != words.len() {
            self.near(&Reading { cost: 0.05, ..all(words) }, &mut nears);
        }
        let with_slip =
            if readings.is_empty() { self.states.readings_with_slip(stripped) } else { Vec::new() };
        for reading in &with_slip {
            self.near(reading, &mut nears);
        }
        let near = if nears.best_cost() < inside.best_cost() || inside.is_far() {
            nears.extend(inside);
            self.decide_near(&nears, context)
        } else {
            self.decide_near(&inside, context)
        };
        if matches!(near, Decision::Match(_)) {
            return near;
        }
        // A whole name with a state in which there is none of that name.
        let elsewhere: Vec<Fit> = readings.iter().flat_map(|it| self.whole(&all(it.words))).collect();
        match (self.decide(&best_of(elsewhere), "", context), near) {
            (Decision::None, near) => near,
            (Decision::Match(only), Decision::Choose(near)) => Decision::Choose(joined(vec![only], near)),
            (Decision::Match(only), _) => Decision::Choose(vec![only]),
            (Decision::Choose(known), Decision::Choose(near)) => Decision::Choose(joined(known, near)),
            (decision, _) => decision,
        }
    }
}

fn joined(mut first: Vec<Candidate>, then: Vec<Candidate>) -> Vec<Candidate> {
    for it in then {
        if first.iter().all(|known| known.municipality != it.municipality) {
            first.push(it);
        }
    }
    first
}

/// Each municipality once, as it fits best.
fn best_of(fits: Vec<Fit>) -> Vec<Fit> {
    let mut best: HashMap<super::MunicipalityId, Fit> = HashMap::new();
    for fit in fits {
        best.entry(fit.municipality)
            .and_modify(|it| {
                if fit.tier < it.tier {
                    *it = fit;
                }
            })
            .or_insert(fit);
    }
    best.into_values().collect()
}

/// Whether the word may stand before any name of a town.
fn is_title(word: &str) -> bool {
    matches!(
        spanish::in_full(word),
        "ciudad" | "villa" | "puerto" | "pueblo" | "heroica" | "heroico" | "h" | "comunidad" | "cabecera"
    )
}
