//! The published cards, remembered. They are some hundreds at most: somebody writes and somebody else reads each.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::highlight::card::{Card, State};

/// Published cards.
#[derive(Clone, Debug, Default)]
pub struct Cards {
    cards: BTreeMap<u32, Arc<Card>>,
    places: HashMap<String, Vec<u32>>,
}

impl Cards {
    /// These, changed by others, each by its id: what is not published any more goes, and what can't be read.
    #[must_use]
    pub fn with(&self, changed: impl IntoIterator<Item = (Uuid, Option<Card>)>) -> Self {
        let mut cards = self.cards.clone();
        for (id, card) in changed {
            cards.retain(|_, it| it.id != id);
            if let Some(card) = card.filter(|it| it.state == State::Published) {
                cards.insert(card.code, Arc::new(card));
            }
        }
        let mut places: HashMap<String, Vec<u32>> = HashMap::new();
        for (code, card) in cards.iter().rev() {
            places.entry(card.municipality.clone()).or_default().push(*code);
        }
        Self { cards, places }
    }

    /// One of them.
    pub fn find(&self, code: u32) -> Option<&Card> {
        self.cards.get(&code).map(AsRef::as_ref)
    }

    /// One of them, by its id.
    pub fn by_id(&self, id: Uuid) -> Option<&Card> {
        self.cards.values().map(AsRef::as_ref).find(|it| it.id == id)
    }

    /// Those of a municipality, the newest first.
    pub fn of(&self, place: &str) -> impl Iterator<Item = &Card> {
        let codes = self.places.get(place).map_or(&[][..], Vec::as_slice);
        codes.iter().filter_map(|it| self.find(*it))
    }

    /// The municipalities that have some, in no order.
    pub fn municipalities(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.cards.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }
}
