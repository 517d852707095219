//! What may happen to a case: which state follows which, what a state needs, disputes and questions
//! after a closing.

use super::CaseState;
use crate::domain::time::{DAY, HOUR, MINUTE, UnixMillis};

/// How long after a closing a no reopens the case; later it opens a linked new one.
pub const DISPUTE: i64 = 30 * DAY;
/// How long a question after a closing waits for its answer, unless the next one is asked.
pub const ASKED: i64 = 30 * DAY;
/// When it is asked whether it was put right, after the closing.
pub const FOLLOW_UPS: [i64; 3] = [0, 7 * DAY, 28 * DAY];
/// How long a citizen may take a report back that no staff has opened.
pub const WITHDRAW: i64 = DAY;
/// How long a citizen may correct her last message.
pub const CORRECT: i64 = 10 * MINUTE;
/// How long a message to a citizen is held, so that it can be taken back.
pub const HOLD: i64 = 10_000;
/// Wrong PINs of a contact, and of a folio, in [`TRIES_WITHIN`].
pub const TRIES: i64 = 5;
/// The time in which [`TRIES`] are counted.
pub const TRIES_WITHIN: i64 = HOUR;
/// Code of the category of those who want to talk to a person.
pub const PERSON: &str = "person";

/// What a state needs besides its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Why, in words that the citizen may read.
    pub reason: bool,
    /// Name and telephone of the office that answers.
    pub referral: bool,
    /// The case that is about the same.
    pub original: bool,
    /// The date of the work.
    pub date: bool,
}

/// What a state needs besides its name.
pub const fn needs(state: CaseState) -> Needs {
    Needs {
        reason: matches!(state, CaseState::ClosedUnfixed),
        referral: matches!(state, CaseState::NotOurs),
        original: matches!(state, CaseState::Duplicate),
        date: matches!(state, CaseState::Scheduled),
    }
}

/// Whether staff may move a case from one state to the other.
///
/// An open case may go to any state but back to `received`, or stay scheduled at another date. A closed
/// one is only looked at again (`in_review`): what follows is a decision of its own.
pub fn may_follow(from: CaseState, to: CaseState) -> bool {
    if !from.open() {
        return to == CaseState::InReview;
    }
    to != CaseState::Received && (from != to || to == CaseState::Scheduled)
}

/// What a no after a closing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispute {
    /// It opens the case again, for another officer.
    Reopens,
    /// It is late: a new case is opened that is linked to the old one.
    OpensLinked,
}

/// What a no does at `now` to a case that was closed at `closed_at`.
pub fn dispute(closed_at: UnixMillis, now: UnixMillis) -> Dispute {
    if now.since(closed_at) <= DISPUTE { Dispute::Reopens } else { Dispute::OpensLinked }
}

/// Whether it is asked after a closing in this state if it was put right. A duplicate is asked about by
/// its original.
pub const fn asks(state: CaseState) -> bool {
    matches!(state, CaseState::Resolved | CaseState::ClosedUnfixed | CaseState::NotOurs)
}

/// The fixed queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Nobody has it.
    Unassigned,
    /// An officer has it.
    Mine,
    /// Something is owed within reach, or overdue.
    Due,
    /// It waits for the citizen.
    Waiting,
    /// A no opened it again.
    Disputed,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Unassigned, Self::Mine, Self::Due, Self::Waiting, Self::Disputed];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unassigned => "unassigned",
            Self::Mine => "mine",
            Self::Due => "due",
            Self::Waiting => "waiting",
            Self::Disputed => "disputed",
        }
    }
}

impl std::str::FromStr for Queue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|it| it.code() == text).ok_or_else(|| format!("{text} is no queue"))
    }
}

/// What decides in which queues a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: CaseState,
    /// Whether an officer has it.
    pub assigned: bool,
    /// Whether it waits for the citizen.
    pub waiting: bool,
    /// Whether it sleeps until an instant.
    pub snoozed: bool,
    /// Whether something is owed within reach.
    pub due: bool,
    /// Whether a no opened it again.
    pub disputed: bool,
}

/// The queues that a case stands in. One that sleeps stands in none; one that waits for the citizen owes
/// nothing meanwhile.
pub fn queues(it: Standing) -> Vec<Queue> {
    if !it.state.open() || it.snoozed {
        return Vec::new();
    }
    if it.waiting {
        return vec![Queue::Waiting];
    }
    let mut queues = vec![if it.assigned { Queue::Mine } else { Queue::Unassigned }];
    if it.due {
        queues.push(Queue::Due);
    }
    if it.disputed {
        queues.push(Queue::Disputed);
    }
    queues
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_what_follows_what_is_complete() {
        // Rows: from; columns: to, both in the order of the letters REAPGSXCOD.
        const TABLE: [(&str, &str); 10] = [
            ("R", "-xxxxxxxxx"),
            ("E", "--xxxxxxxx"),
            ("A", "-x-xxxxxxx"),
            ("P", "-xx-xxxxxx"),
            ("G", "-xxxxxxxxx"),
            ("S", "-xxxx-xxxx"),
            ("X", "-x--------"),
            ("C", "-x--------"),
            ("O", "-x--------"),
            ("D", "-x--------"),
        ];
        for (from, (letter, row)) in CaseState::ALL.iter().zip(TABLE) {
            assert_eq!(from.mark().to_string(), letter);
            for (to, cell) in CaseState::ALL.iter().zip(row.chars()) {
                assert_eq!(may_follow(*from, *to), cell == 'x', "{from} -> {to}");
            }
        }
    }

    #[test]
    fn every_state_that_needs_words_says_which() {
        let mut all = Needs::default();
        for state in CaseState::ALL {
            let it = needs(*state);
            all.reason |= it.reason;
            all.referral |= it.referral;
            all.original |= it.original;
            all.date |= it.date;
            // Only a closing is asked about.
            assert!(!(asks(*state) && state.open()));
        }
        assert_eq!(all, Needs { reason: true, referral: true, original: true, date: true });
        assert!(needs(CaseState::ClosedUnfixed).reason && !needs(CaseState::Resolved).reason);
    }

    #[test]
    fn a_no_reopens_for_thirty_days() {
        let closed = UnixMillis(1_000);
        assert_eq!(dispute(closed, closed), Dispute::Reopens);
        assert_eq!(dispute(closed, closed.plus(DISPUTE)), Dispute::Reopens);
        assert_eq!(dispute(closed, closed.plus(DISPUTE + 1)), Dispute::OpensLinked);
        assert!(FOLLOW_UPS.is_sorted() && FOLLOW_UPS[2] < DISPUTE);
    }

    #[test]
    fn a_case_stands_in_the_queues_that_its_standing_says() {
        let it = Standing {
            state: CaseState::Received,
            assigned: false,
            waiting: false,
            snoozed: false,
            due: false,
            disputed: false,
        };
        assert_eq!(queues(it), [Queue::Unassigned]);
        assert_eq!(queues(Standing { assigned: true, due: true, ..it }), [Queue::Mine, Queue::Due]);
        assert_eq!(queues(Standing { disputed: true, ..it }), [Queue::Unassigned, Queue::Disputed]);
        assert_eq!(queues(Standing { waiting: true, due: true, disputed: true, ..it }), [Queue::Waiting]);
        assert_eq!(queues(Standing { snoozed: true, due: true, ..it }), []);
        assert_eq!(queues(Standing { state: CaseState::NotOurs, due: true, ..it }), []);
        for queue in Queue::ALL {
            assert_eq!(queue.code().parse(), Ok(queue));
        }
    }
}
