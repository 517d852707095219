//! Peer groups: which municipalities one is compared with.
//!
//! The rules are published (`FAMILIA 1..5`), use no outcome that is compared, and are computed once
//! for each data release:
//!
//! 1. the nearest by Euclidean distance over the z-scores of the pack's traits (population mean and
//!    standard deviation over all municipalities that have every trait);
//! 2. every municipality of the state;
//! 3. the same class of rurality, and in it the nearest by ln population;
//! 4. the nearest by indigenous share, ties by ln population;
//! 5. the nearest by ln population.
//!
//! Remaining ties fall to the lowest key. The municipality itself belongs to its group.

use std::cmp::Ordering;
use std::sync::OnceLock;

use super::municipality::{Municipality, MunicipalityId};
use super::pack::{Columns, Manifest, Trait};

/// The number of a peer rule, 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Family(u8);

impl Default for Family {
    fn default() -> Self {
        Self::NEAREST
    }
}

impl Family {
    /// Nearest by all traits: the default.
    pub const NEAREST: Self = Self(1);
    /// The same state.
    pub const STATE: Self = Self(2);
    /// Similar rurality.
    pub const RURALITY: Self = Self(3);
    /// Similar indigenous share.
    pub const INDIGENOUS: Self = Self(4);
    /// Similar population.
    pub const POPULATION: Self = Self(5);
    /// All of them, in order.
    pub const ALL: [Self; 5] =
        [Self::NEAREST, Self::STATE, Self::RURALITY, Self::INDIGENOUS, Self::POPULATION];

    /// The family of this number, 1 to 5.
    pub fn new(number: u8) -> Option<Self> {
        (1..=5).contains(&number).then_some(Self(number))
    }

    /// Its number, 1 to 5.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// A member of a peer group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peer {
    /// The municipality.
    pub municipality: MunicipalityId,
    /// How far it is from the one compared, in the rule's own measure (standard deviations for
    /// family 1, percentage points for 4, difference of ln population for 3 and 5); 0 within a
    /// state, where all are equally near.
    pub distance: f64,
}

/// The peer groups of a release.
#[derive(Debug)]
pub struct PeerGroups {
    size: usize,
    /// Z-scores, a row of traits for each municipality; `None` where a trait is absent.
    scores: Vec<Option<Box<[f64]>>>,
    ln_population: Vec<Option<f64>>,
    rurality: Option<Vec<Option<usize>>>,
    indigenous: Option<Vec<Option<f64>>>,
    state: Vec<u16>,
    newer: Vec<bool>,
    nearest: Vec<OnceLock<Box<[Peer]>>>,
}

/// The value of a trait in every municipality.
fn trait_values(rule: &Trait, columns: &Columns, rows: usize) -> Vec<Option<f64>> {
    let newest = |code: &str| columns.iter().filter(|(series, _, _)| *series == code).last();
    let value = |code: &str, row: usize| {
        newest(code).and_then(|(_, _, column)| column.get(row).value()).map(super::figure::Figure::to_f64)
    };
    (0..rows)
        .map(|row| {
            let mut it = value(&rule.series, row)?;
            if let Some(denominator) = &rule.per {
                it /= value(denominator, row)?;
            }
            if rule.ln {
                it = it.ln();
            }
            it.is_finite().then_some(it)
        })
        .collect()
}

impl PeerGroups {
    /// Prepares the groups of a pack.
    pub fn new(manifest: &Manifest, municipalities: &[Municipality], columns: &Columns) -> Self {
        let rows = municipalities.len();
        let rules = &manifest.peers;
        let traits: Vec<Vec<Option<f64>>> =
            rules.traits.iter().map(|rule| trait_values(rule, columns, rows)).collect();
        let complete: Vec<bool> =
            (0..rows).map(|row| !traits.is_empty() && traits.iter().all(|it| it[row].is_some())).collect();
        let mut scores: Vec<Option<Vec<f64>>> =
            complete.iter().map(|it| it.then(|| Vec::with_capacity(traits.len()))).collect();
        for values in &traits {
            let used: Vec<f64> =
                values.iter().zip(&complete).filter(|(_, whole)| **whole).filter_map(|(it, _)| *it).collect();
            let count = used.len().max(1) as f64;
            let mean = used.iter().sum::<f64>() / count;
            let deviation = (used.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / count).sqrt();
            for (row, value) in scores.iter_mut().zip(values) {
                if let (Some(row), Some(value)) = (row, value) {
                    // A trait that is the same everywhere tells nobody apart.
                    row.push(if deviation > 0.0 { (value - mean) / deviation } else { 0.0 });
                }
            }
        }
        let of_trait = |id: &str| {
            rules.traits.iter().position(|rule| rule.id == id).map(|position| traits[position].clone())
        };
        let rurality = rules.rurality.as_ref().and_then(|classes| {
            let values = of_trait(&classes.trait_id)?;
            Some(
                values
                    .iter()
                    .map(|value| value.and_then(|it| classes.limits.iter().position(|limit| it >= *limit)))
                    .collect(),
            )
        });
        Self {
            size: usize::from(rules.size),
            scores: scores.into_iter().map(|it| it.map(Vec::into_boxed_slice)).collect(),
            ln_population: municipalities
                .iter()
                .map(|it| it.population.filter(|people| *people > 0).map(|people| f64::from(people).ln()))
                .collect(),
            rurality,
            indigenous: rules.indigenous.as_deref().and_then(of_trait),
            state: municipalities.iter().map(|it| it.state).collect(),
            newer: municipalities.iter().map(|it| it.newer_than_data).collect(),
            nearest: (0..rows).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The families that this pack has the traits for.
    pub fn offered(&self) -> Vec<Family> {
        Family::ALL
            .into_iter()
            .filter(|family| match *family {
                Family::RURALITY => self.rurality.is_some(),
                Family::INDIGENOUS => self.indigenous.is_some(),
                _ => true,
            })
            .collect()
    }

    /// The peers of a municipality by a rule, without itself, the nearest first. Empty for a
    /// municipality newer than the data, and where a trait that the rule needs is absent.
    pub fn peers(&self, id: MunicipalityId, family: Family) -> Vec<Peer> {
        let row = id.index();
        if self.newer.get(row).copied().unwrap_or(true) {
            return Vec::new();
        }
        match family {
            Family::STATE => {
                self.ids().filter(|it| self.same_state(*it, id)).map(|it| peer(it, 0.0)).collect()
            }
            Family::RURALITY => {
                let Some(classes) = &self.rurality else { return Vec::new() };
                let Some(class) = classes[row] else { return Vec::new() };
                self.by_population(id, |it| classes[it.index()] == Some(class))
            }
            Family::INDIGENOUS => self.by_indigenous_share(id),
            Family::POPULATION => self.by_population(id, |_| true),
            _ => self.nearest(id).to_vec(),
        }
    }

    /// Those `among` some that are like a municipality: either belongs to the nearest of the other. Its own come
    /// first, the nearest first; then those that have it among theirs, by key.
    ///
    /// Whom something is told because it comes from a place like hers is decided here and nowhere else. Nearness is
    /// not mutual, so one direction alone would send a card to who is not shown it, or show it to who is not sent it.
    pub fn similar(
        &self,
        id: MunicipalityId,
        among: impl IntoIterator<Item = MunicipalityId>,
    ) -> Vec<MunicipalityId> {
        let own = self.nearest(id);
        let place = |other: MunicipalityId| {
            let near = own.iter().position(|peer| peer.municipality == other);
            near.or_else(|| {
                self.nearest(other).iter().any(|peer| peer.municipality == id).then_some(own.len())
            })
        };
        let mut found: Vec<(usize, MunicipalityId)> =
            among.into_iter().filter_map(|other| Some((place(other)?, other))).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|(_, other)| other).collect()
    }

    /// The peers of [`Family::NEAREST`].
    fn nearest(&self, id: MunicipalityId) -> &[Peer] {
        let row = id.index();
        if self.newer.get(row).copied().unwrap_or(true) {
            return &[];
        }
        self.nearest[row].get_or_init(|| self.by_traits(id))
    }

    fn ids(&self) -> impl Iterator<Item = MunicipalityId> + use<> {
        (0..self.state.len() as u16).map(MunicipalityId)
    }

    fn same_state(&self, left: MunicipalityId, right: MunicipalityId) -> bool {
        left != right && self.state[left.index()] == self.state[right.index()] && !self.newer[left.index()]
    }

    fn by_traits(&self, id: MunicipalityId) -> Box<[Peer]> {
        let Some(own) = &self.scores[id.index()] else { return Box::default() };
        let all = self.ids().filter(|it| *it != id).filter_map(|it| {
            let scores = self.scores[it.index()].as_ref()?;
            let square: f64 = own.iter().zip(scores).map(|(a, b)| (a - b).powi(2)).sum();
            Some((peer(it, square.sqrt()), 0.0))
        });
        take_nearest(all.collect(), self.size).into_boxed_slice()
    }

    fn by_population(&self, id: MunicipalityId, belongs: impl Fn(MunicipalityId) -> bool) -> Vec<Peer> {
        let Some(own) = self.ln_population[id.index()] else { return Vec::new() };
        let all = self
            .ids()
            .filter(|it| *it != id && belongs(*it))
            .filter_map(|it| Some((peer(it, (self.ln_population[it.index()]? - own).abs()), 0.0)));
        take_nearest(all.collect(), self.size)
    }

    fn by_indigenous_share(&self, id: MunicipalityId) -> Vec<Peer> {
        let Some(shares) = &self.indigenous else { return Vec::new() };
        let (Some(own), Some(people)) = (shares[id.index()], self.ln_population[id.index()]) else {
            return Vec::new();
        };
        let all = self.ids().filter(|it| *it != id).filter_map(|it| {
            let share = (shares[it.index()]? - own).abs();
            Some((peer(it, share), (self.ln_population[it.index()]? - people).abs()))
        });
        take_nearest(all.collect(), self.size)
    }
}

fn peer(municipality: MunicipalityId, distance: f64) -> Peer {
    Peer { municipality, distance }
}

/// The first `size` by distance, then by the second measure, then by key (ids rise with keys).
fn take_nearest(mut all: Vec<(Peer, f64)>, size: usize) -> Vec<Peer> {
    let order = |(a, second_a): &(Peer, f64), (b, second_b): &(Peer, f64)| -> Ordering {
        (a.distance.total_cmp(&b.distance))
            .then(second_a.total_cmp(second_b))
            .then(a.municipality.cmp(&b.municipality))
    };
    if all.len() > size && size > 0 {
        all.select_nth_unstable_by(size - 1, order);
    }
    all.truncate(size);
    all.sort_unstable_by(order);
    all.into_iter().map(|(peer, _)| peer).collect()
}
