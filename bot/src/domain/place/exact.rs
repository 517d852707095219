//! Readings without a slip: whole names, then parts of names.

use std::collections::HashMap;

use super::super::municipality::MunicipalityId;
use super::forms::{Form, Kind};
use super::sound::letters;
use super::states::Reading;
use super::{Candidate, Context, Decision, PlaceIndex, reader, spanish};

/// How well a municipality fits without a slip; the order is that of trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// The official name, letter by letter.
    Name,
    /// Another whole name, letter by letter.
    Other,
    /// The official name, articles aside.
    NameBare,
    /// Another whole name, articles aside.
    OtherBare,
    /// The name's beginning or its own words.
    Cut,
    /// Other words of the name.
    Part,
}

impl Tier {
    fn score(self) -> f32 {
        match self {
            Self::Name => 1.0,
            Self::Other => 0.97,
            Self::NameBare => 0.95,
            Self::OtherBare => 0.93,
            Self::Cut => 0.85,
            Self::Part => 0.75,
        }
    }
}

/// A municipality that fits without a slip.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    /// The municipality.
    pub municipality: MunicipalityId,
    /// How well.
    pub tier: Tier,
    /// By which of its forms.
    pub kind: Kind,
}

impl Fit {
    fn candidate(self) -> Candidate {
        Candidate { municipality: self.municipality, score: self.tier.score(), why: self.kind.why() }
    }
}

/// Candidates that are told; nobody reads on after so many.
const MOST: usize = 50;
/// A head town is a rival of a municipality of its name from this share of its people.
const PLAUSIBLE_SHARE: u32 = 100;
/// A part of another name is a rival of a head town or an alias from this share of its people.
const RIVAL_SHARE: u32 = 10;
/// Letters from which a part of a name says which place is meant.
const TELLING: usize = 4;

impl PlaceIndex {
    /// The municipalities that fit the reading, each once with its best form.
    pub(super) fn fits(&self, reading: &Reading<'_>) -> Vec<Fit> {
        let (full, bare) = reader::joined(reading.words);
        let (full, bare) = (letters(&full), letters(&bare));
        let allowed = |form: &Form| self.in_states(form.municipality, &reading.states);
        let mut best: HashMap<MunicipalityId, Fit> = HashMap::new();
        let mut take = |form: &Form, exact: bool| {
            let tier = match (form.kind, exact) {
                (Kind::Name, true) => Tier::Name,
                (Kind::Name, false) => Tier::NameBare,
                (Kind::Cut, _) => Tier::Cut,
                (Kind::Part, _) => Tier::Part,
                (_, true) => Tier::Other,
                (_, false) => Tier::OtherBare,
            };
            let fit = Fit { municipality: form.municipality, tier, kind: form.kind };
            best.entry(form.municipality)
                .and_modify(|it| {
                    if (fit.tier, fit.kind) < (it.tier, it.kind) {
                        *it = fit;
                    }
                })
                .or_insert(fit);
        };
        self.forms.with_full(&full).filter(|it| allowed(it)).for_each(|it| take(it, true));
        self.forms.with_bare(&bare).filter(|it| allowed(it)).for_each(|it| take(it, false));
        best.into_values().collect()
    }

    /// Whether the municipality lies in one of the states; any does where there are none.
    pub(super) fn in_states(&self, municipality: MunicipalityId, states: &[u16]) -> bool {
        states.is_empty() || self.place(municipality).is_some_and(|it| states.contains(&it.state))
    }

    /// Puts candidates in the order in which they are offered: by class, then the remembered
    /// state, then population, then key; a class stands for what has been found equally well.
    pub(super) fn ordered(&self, mut fits: Vec<(u8, Candidate)>, context: Context) -> Vec<Candidate> {
        fits.sort_by_key(|(class, it)| {
            let place = self.place(it.municipality);
            let home = context.state.is_some() && place.map(|it| it.state) == context.state;
            (*class, !home, std::cmp::Reverse(place.map_or(0, |it| it.population)), it.municipality)
        });
        let mut out: Vec<Candidate> = Vec::with_capacity(fits.len().min(MOST));
        for (_, candidate) in fits {
            if out.len() < MOST && out.iter().all(|it| it.municipality != candidate.municipality) {
                out.push(candidate);
            }
        }
        out
    }

    /// What follows from municipalities that fit without a slip; `None` where nothing does.
    pub(super) fn decide(&self, fits: &[Fit], bare: &str, context: Context) -> Decision {
        let Some(best) = fits.iter().map(|it| it.tier).min() else { return Decision::None };
        let people = |it: &Fit| self.place(it.municipality).map_or(0, |it| it.population);
        let most = fits.iter().filter(|it| it.tier == best).map(people).max().unwrap_or(0);
        let chosen: Vec<(u8, Candidate)> = match best {
            Tier::Name => fits
                .iter()
                .filter(|it| {
                    let plausible =
                        it.kind != Kind::HeadTown || people(it).saturating_mul(PLAUSIBLE_SHARE) > most;
                    it.tier == Tier::Name || (it.tier == Tier::Other && plausible)
                })
                .map(|it| (u8::from(it.tier == Tier::Other), it.candidate()))
                .collect(),
            Tier::Other | Tier::NameBare | Tier::OtherBare => fits
                .iter()
                .filter(|it| {
                    it.tier == best
                        || (best == Tier::Other && it.tier == Tier::NameBare)
                        || (best != Tier::NameBare
                            && it.tier == Tier::Cut
                            && people(it).saturating_mul(RIVAL_SHARE) > most)
                })
                .map(|it| (u8::from(it.tier != best), it.candidate()))
                .collect(),
            Tier::Cut | Tier::Part => {
                fits.iter().map(|it| (u8::from(it.tier == Tier::Part), it.candidate())).collect()
            }
        };
        let chosen = self.ordered(chosen, context);
        let telling = best < Tier::Cut || (bare.len() >= TELLING && !spanish::is_generic(bare));
        match chosen.as_slice() {
            [] => Decision::None,
            [only] if telling => Decision::Match(*only),
            _ => Decision::Choose(chosen),
        }
    }
}
