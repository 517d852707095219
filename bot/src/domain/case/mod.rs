//! A case: what somebody is owed an answer to. Its words, its number, its rules and its clocks.

pub mod clock;
pub mod folio;
pub mod rules;

use serde::{Deserialize, Serialize};

pub use folio::{Folio, Pin};

/// What a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// Something is wrong and must be put right.
    Complaint,
    /// Something is asked.
    Question,
    /// Something is proposed.
    Suggestion,
}

codes!(CaseKind, "kind of case", {
    Complaint => "complaint",
    Question => "question",
    Suggestion => "suggestion",
});

/// How far a case got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// It came in.
    Received,
    /// Somebody looks at it.
    InReview,
    /// An officer has it.
    Assigned,
    /// Work goes on.
    InProgress,
    /// Work has a date.
    Scheduled,
    /// It was answered, and is not closed yet.
    Answered,
    /// Closed: put right.
    Resolved,
    /// Closed without being put right.
    ClosedUnfixed,
    /// Closed here: another office answers, whose name and telephone were given.
    NotOurs,
    /// Closed: another case is about the same.
    Duplicate,
}

codes!(CaseState, "state of a case", {
    Received => "received",
    InReview => "in_review",
    Assigned => "assigned",
    InProgress => "in_progress",
    Scheduled => "scheduled",
    Answered => "answered",
    Resolved => "resolved",
    ClosedUnfixed => "closed_unfixed",
    NotOurs => "not_ours",
    Duplicate => "duplicate",
});

impl CaseState {
    /// The letter that stands for it in a list.
    pub const fn mark(self) -> char {
        match self {
            Self::Received => 'R',
            Self::InReview => 'E',
            Self::Assigned => 'A',
            Self::InProgress => 'P',
            Self::Scheduled => 'G',
            Self::Answered => 'S',
            Self::Resolved => 'X',
            Self::ClosedUnfixed => 'C',
            Self::NotOurs => 'O',
            Self::Duplicate => 'D',
        }
    }

    /// Whether somebody here still owes something: clocks run and it stands in a queue.
    pub const fn open(self) -> bool {
        !matches!(self, Self::Resolved | Self::ClosedUnfixed | Self::NotOurs | Self::Duplicate)
    }
}

/// Who may see who reported it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anonymity {
    /// 1: staff sees it, the public does not.
    #[default]
    HiddenFromPublic = 1,
    /// 2: nobody sees it; the case is confidential.
    HiddenFromAll = 2,
    /// 3: with name.
    Named = 3,
}

codes!(Anonymity, "level of anonymity", {
    HiddenFromPublic => "hidden_from_public",
    HiddenFromAll => "hidden_from_all",
    Named => "named",
});

impl Anonymity {
    /// The digit that is answered for it.
    pub const fn digit(self) -> u8 {
        self as u8
    }

    /// The level of a digit.
    pub fn from_digit(digit: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.digit() == digit)
    }
}

/// How closed a case's text is. The order is from open to restricted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidentiality {
    /// Searchable.
    #[default]
    Open,
    /// Encrypted and left out of the search.
    Confidential,
    /// Confidential, and open only to staff with a grant.
    Restricted,
}

codes!(Confidentiality, "degree of confidentiality", {
    Open => "open",
    Confidential => "confidential",
    Restricted => "restricted",
});

impl Confidentiality {
    /// Whether its text is encrypted wherever it lies and found by no search.
    pub const fn sealed(self) -> bool {
        !matches!(self, Self::Open)
    }
}

/// How soon it wants a person. The order is from low to urgent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// It can wait.
    Low,
    /// As most.
    #[default]
    Normal,
    /// Before the others.
    High,
    /// Now.
    Urgent,
}

codes!(Priority, "priority", { Low => "low", Normal => "normal", High => "high", Urgent => "urgent" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_again_and_is_what_serde_writes() {
        macro_rules! check {
            ($($name:ident),+) => {$(
                for it in $name::ALL {
                    assert_eq!(it.code().parse(), Ok(*it));
                    assert_eq!(serde_json::to_value(it).expect("a text"), it.code());
                    assert_eq!(it.to_string(), it.code());
                }
                assert!("".parse::<$name>().is_err());
            )+};
        }
        check!(CaseKind, CaseState, Anonymity, Confidentiality, Priority);
    }

    #[test]
    fn each_state_has_a_letter_of_its_own() {
        let mut marks: Vec<char> = CaseState::ALL.iter().map(|it| it.mark()).collect();
        assert_eq!(marks.iter().collect::<String>(), "REAPGSXCOD");
        marks.sort_unstable();
        marks.dedup();
        assert_eq!(marks.len(), CaseState::ALL.len());
    }

    #[test]
    fn a_level_is_its_digit() {
        for it in Anonymity::ALL {
            assert_eq!(Anonymity::from_digit(it.digit()), Some(*it));
        }
        assert_eq!(Anonymity::from_digit(0), None);
        assert_eq!(Anonymity::default(), Anonymity::HiddenFromPublic);
    }
}
