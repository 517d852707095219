//! The draft of a report: what is known of it so far.

use serde::{Deserialize, Serialize};

use super::{Point, Words};
use crate::domain::case::Anonymity;
use crate::domain::time::UnixMillis;

/// What a draft becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntakeKind {
    /// A complaint.
    Complaint,
    /// A question.
    Question,
    /// A suggestion, for the queue of feedback.
    Suggestion,
    /// Thanks with words, for the queue of feedback.
    Praise,
    /// How something went, for the queue of feedback.
    Story,
    /// A talk with a person.
    Person,
    /// Emergency or violence.
    Urgent {
        /// Code of the category.
        category: String,
    },
}

/// A draft. `Debug` shows no words of the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intake {
    /// What it becomes.
    pub kind: IntakeKind,
    /// Key of the municipality.
    pub municipality: Option<String>,
    /// Code of its category.
    pub category: Option<String>,
    /// Topic of the comparison before it.
    pub topic: Option<String>,
    /// What happens.
    pub text: Option<Words>,
    /// Colonia and reference.
    pub place: Option<Words>,
    /// A shared location.
    pub point: Option<Point>,
    /// Answers to the questions of the category.
    pub answers: Vec<(String, Words)>,
    /// Who may see it.
    pub anonymity: Option<Anonymity>,
    /// The name it is registered under.
    pub name: Option<Words>,
    /// Whether the notice was given: the next answer agrees to it.
    pub noticed: bool,
    /// Whether it said everything in its first message.
    pub at_once: bool,
    /// Whether it was asked lately whether to go on.
    pub offered: bool,
    /// Whether the person said that it is no other case that is there.
    #[serde(default)]
    pub apart: bool,
    /// When it began.
    pub began_at: UnixMillis,
    /// When it was last worked on.
    pub touched_at: UnixMillis,
}

impl Intake {
    /// An empty draft.
    pub fn new(kind: IntakeKind, at: UnixMillis) -> Self {
        Self {
            kind,
            municipality: None,
            category: None,
            topic: None,
            text: None,
            place: None,
            point: None,
            answers: Vec::new(),
            anonymity: None,
            name: None,
            noticed: false,
            at_once: false,
            offered: false,
            apart: false,
            began_at: at,
            touched_at: at,
        }
    }

    /// Forgets what was answered last, so that it is asked again.
    pub(super) fn step_back(&mut self) {
        if self.name.take().is_some() || self.anonymity.take().is_some() || self.answers.pop().is_some() {
            return;
        }
        if self.place.take().is_some() || self.point.take().is_some() || self.text.take().is_some() {
            return;
        }
        self.category = None;
    }
}

/// Words that begin a place in a sentence, folded.
const PLACES: &[&str] = &[
    "col",
    "colonia",
    "barrio",
    "calle",
    "av",
    "avenida",
    "fracc",
    "fraccionamiento",
    "ejido",
    "comunidad",
    "rancheria",
    "localidad",
    "boulevard",
    "blvd",
    "carretera",
    "callejon",
    "privada",
    "esquina",
    "andador",
    "unidad",
    "neighbourhood",
    "neighborhood",
    "street",
    "avenue",
];
/// Phrases that begin a reference, folded.
const REFERENCES: &[&[&str]] = &[
    &["frente", "a"],
    &["frente", "al"],
    &["junto", "a"],
    &["junto", "al"],
    &["atras", "de"],
    &["atras", "del"],
    &["a", "un", "lado"],
    &["cerca", "de"],
    &["cerca", "del"],
    &["afuera", "de"],
    &["en", "el", "centro"],
    &["in", "front", "of"],
    &["next", "to"],
    &["near", "the"],
];
/// Words that end a place, folded.
const ENDS: &[&str] =
    &["desde", "hace", "hay", "no", "ya", "y", "porque", "llevamos", "tenemos", "since", "because", "there"];

/// Whether a text begins as an address does: "colonia Centro", "calle 5 de mayo".
pub(super) fn begins_place(words: &[String]) -> bool {
    words.len() > 1 && PLACES.contains(&words[0].as_str())
}

/// Where a sentence says that it is: from a word such as "colonia" to the end of the clause.
pub(super) fn place_in(text: &str) -> Option<String> {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let folded: Vec<String> = tokens.iter().map(|it| crate::domain::fold::fold(it)).collect();
    let starts = |at: usize| {
        let word = folded[at].as_str();
        PLACES.contains(&word) && at + 1 < folded.len()
            || REFERENCES.iter().any(|it| {
                folded[at..].len() >= it.len()
                    && it.iter().zip(&folded[at..]).all(|(one, other)| one == other)
            })
    };
    let start = (0..tokens.len()).find(|at| starts(*at))?;
    let mut end = start + 1;
    while end < tokens.len() {
        if ENDS.contains(&folded[end].as_str()) {
            break;
        }
        end += 1;
        let last = tokens[end - 1];
        let abbreviation = folded[end - 1].chars().count() <= 4 && last.ends_with('.') && end < tokens.len();
        if last.ends_with([',', ';', '!', '?']) || last.ends_with('.') && !abbreviation {
            break;
        }
    }
    let place = tokens[start..end].join(" ");
    let place = place.trim_end_matches([',', ';', '.', '!', '?']);
    (end > start + 1).then(|| place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::place_in;

    #[test]
    fn a_sentence_says_where() {
        for (text, place) in [
            ("no hay agua en la col. San Jose desde el lunes", Some("col. San Jose")),
            ("bache en calle Hidalgo, muy grande", Some("calle Hidalgo")),
            ("hay basura frente a la primaria Juárez", Some("frente a la primaria Juárez")),
            ("no hay luz en el centro desde ayer", Some("en el centro")),
            ("Colonia", None),
            ("no hay agua", None),
            ("", None),
        ] {
            assert_eq!(place_in(text).as_deref(), place, "{text}");
        }
    }
}
