//! What is said about cards.

use serde::{Deserialize, Serialize};

use crate::domain::highlight::card::Card;
use crate::engine::cases::Words;

/// A card as it is said; its figures are read from the facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its number.
    pub code: u32,
    /// Key of its municipality.
    pub place: String,
    /// The topic whose figure moved.
    pub topic: String,
    /// What it is called.
    pub title: Words,
    /// What was done.
    pub done: Words,
    /// What it cost; empty: nobody knows.
    pub cost: Words,
    /// The office that can be asked.
    pub contact: Words,
    /// What went wrong or was learned; where there is room.
    pub learned: Words,
    /// Links to evidence; where there is room.
    pub evidence: Vec<String>,
}

impl Shown {
    /// A card as it is said.
    pub fn of(card: &Card) -> Self {
        let words = |text: &String| Words(text.clone());
        Self {
            code: card.code,
            place: card.municipality.clone(),
            topic: card.topic.clone(),
            title: words(&card.text.title),
            done: words(&card.text.done),
            cost: words(&card.text.cost),
            contact: words(&card.text.contact),
            learned: words(&card.text.learned),
            evidence: card.text.evidence.clone(),
        }
    }
}

/// A card as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its number.
    pub code: u32,
    /// Key of its municipality.
    pub place: String,
    /// The topic whose figure moved.
    pub topic: String,
}

impl Listed {
    /// A card as a list shows it.
    pub fn of(card: &Card) -> Self {
        Self { code: card.code, place: card.municipality.clone(), topic: card.topic.clone() }
    }
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HighlightReply {
    /// A card.
    Show(Box<Shown>),
    /// Did it help?
    AskHelped,
    /// What she said is kept.
    Thanks,
    /// Those of municipalities like one, a page of them.
    List {
        /// Key of the municipality.
        place: String,
        /// A page of them.
        items: Vec<Listed>,
        /// Whether MAS gives more.
        more: bool,
    },
    /// No municipality like it has one.
    None {
        /// Key of the municipality.
        place: String,
    },
    /// No published card has that number.
    Unknown {
        /// The number.
        code: u32,
    },
}
