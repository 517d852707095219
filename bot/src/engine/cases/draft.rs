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
