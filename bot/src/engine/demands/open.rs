//! The public demands, remembered: what the dialogue may offer without asking the store.
//!
//! Codes have four digits at most, so there are never more than some thousands.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::domain::demand::{Code, Demand};

/// Public demands that are not over.
#[derive(Clone, Debug, Default)]
pub struct Open {
    demands: BTreeMap<Code, Arc<Demand>>,
    places: HashMap<String, Vec<Code>>,
}

impl Open {
    /// These, changed by others: what is not public any more goes.
    #[must_use]
    pub fn with(&self, changed: impl IntoIterator<Item = Demand>) -> Self {
        let mut demands = self.demands.clone();
        for demand in changed {
            let shown = demand.state.public() && !demand.state.over();
            // The code of one that is over may be another's by now.
            let other = demands.get(&demand.code).is_some_and(|it| it.id != demand.id);
            if shown {
                demands.insert(demand.code, Arc::new(demand));
            } else if !other {
                demands.remove(&demand.code);
            }
        }
        let mut places: HashMap<String, Vec<Code>> = HashMap::new();
        for (code, demand) in &demands {
            places.entry(demand.municipality.clone()).or_default().push(*code);
        }
        Self { demands, places }
    }

    /// One of them.
    pub fn find(&self, code: Code) -> Option<&Demand> {
        self.demands.get(&code).map(AsRef::as_ref)
    }

    /// Those of a municipality, the one with most support first.
    pub fn of(&self, place: &str) -> Vec<&Demand> {
        let codes = self.places.get(place).map_or(&[][..], Vec::as_slice);
        let mut demands: Vec<&Demand> = codes.iter().filter_map(|it| self.find(*it)).collect();
        demands.sort_by_key(|it| (std::cmp::Reverse(it.told.total()), it.code));
        demands
    }

    /// Those of all municipalities whose key begins so, the one with most support first.
    pub fn near(&self, state: &str) -> Vec<&Demand> {
        let mut demands: Vec<&Demand> = self
            .demands
            .values()
            .map(AsRef::as_ref)
            .filter(|it| it.municipality.starts_with(state))
            .collect();
        demands.sort_by_key(|it| (std::cmp::Reverse(it.told.total()), it.code));
        demands
    }

    /// The one of a municipality and a topic that can be supported and has most support.
    pub fn top(&self, place: &str, topic: &str) -> Option<&Demand> {
        self.of(place).into_iter().find(|it| it.topic == topic && it.state.signable())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.demands.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.demands.is_empty()
    }
}
