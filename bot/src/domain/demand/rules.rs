//! What may happen to a demand, and when.

use serde::{Deserialize, Serialize};

use super::{DemandState, Support, Verdict};
use crate::domain::time::{DAY, HOUR, UnixMillis};

/// How many other people must confirm a demand before a moderator sees it.
pub const CONFIRMATIONS: u64 = 2;
/// How long it waits for them, in ms: as long as a draft lives.
pub const CONFIRM_WITHIN: i64 = 7 * DAY;
/// How long support is collected, in ms.
pub const COLLECT: i64 = 60 * DAY;
/// Working days within which the authority answers.
pub const ANSWER_DAYS: u32 = 20;
/// How long after its last step it is archived, in ms: twelve months.
pub const ARCHIVE: i64 = 365 * DAY;
/// How long an author waits between two messages to the supporters, in ms.
pub const MESSAGE_EVERY: i64 = 3 * DAY;
/// How long an author has to agree to a merge, in ms.
pub const CONSENT_WITHIN: i64 = 7 * DAY;
/// How long the code of a demand that is over is given to no other, in ms.
pub const CODE_RESTS: i64 = 365 * DAY;
/// Longest text of a demand, in characters: with its frame it takes one segment.
pub const LONGEST_TEXT: usize = 80;
/// Shortest text of a demand, in characters.
pub const SHORTEST_TEXT: usize = 10;
/// Longest message of an author to the supporters, in characters: with its frame it takes one segment.
pub const LONGEST_MESSAGE: usize = 110;
/// Longest reason of an answer, in characters: with verdict, cost and date it takes two segments.
pub const LONGEST_REASON: usize = 180;
/// Longest title of a promise or of one of its steps, in characters: with its frame it takes one segment.
pub const LONGEST_TITLE: usize = 60;
/// Longest name of who keeps a promise, in characters.
pub const LONGEST_OWNER: usize = 36;
/// Steps that a promise has at most.
pub const MOST_STEPS: usize = 20;
/// Most demands of one person that are not over.
pub const OPEN_PER_PERSON: u64 = 3;
/// Supports that are told together: who reads a total before and after one message learns nothing of it.
pub const TOLD_TOGETHER: i64 = 5;
/// How long fewer than these are not told, in ms.
pub const TOLD_AFTER: i64 = HOUR;
/// By how many the votes for an answer differ at least from those that were told, before they are told anew.
pub const VOTES_TOGETHER: i64 = 11;
/// Wrong codes of a contact in an hour, after which no draft is shown to it.
pub const TRIES: i64 = 5;

/// How much support a demand needs, as a pack says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Threshold {
    /// Of a thousand people of the last census.
    pub per_mille: u32,
    /// At least so many.
    pub floor: u32,
    /// At most so many.
    pub cap: u32,
}

impl Default for Threshold {
    fn default() -> Self {
        Self { per_mille: 10, floor: 25, cap: 1_000 }
    }
}

impl Threshold {
    /// What is needed where so many people live; the floor where nobody knows how many.
    pub fn of(&self, population: Option<u32>) -> u64 {
        let share = (u64::from(population.unwrap_or(0)) * u64::from(self.per_mille)).div_ceil(1_000);
        share.max(u64::from(self.floor)).min(u64::from(self.cap.max(self.floor)))
    }
}

/// How many are missing.
pub const fn missing(threshold: u64, support: &Support) -> u64 {
    threshold.saturating_sub(support.total())
}

/// Who moves a demand from one state to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mover {
    /// Its author.
    Author,
    /// People who confirm or support it.
    People,
    /// Staff.
    Staff,
    /// A clock.
    Clock,
}

/// Whether `mover` may move a demand from one state to the other.
pub const fn may_follow(from: DemandState, to: DemandState, mover: Mover) -> bool {
    use DemandState as S;
    match mover {
        Mover::Author => match to {
            S::Withdrawn => matches!(from, S::Confirming | S::Moderation | S::Collecting),
            // It is asked for by staff, and done by the author's yes.
            S::Merged => from.signable(),
            _ => false,
        },
        Mover::People => {
            matches!((from, to), (S::Confirming, S::Moderation) | (S::Collecting, S::Reached))
        }
        Mover::Staff => match to {
            S::Collecting => matches!(from, S::Moderation | S::Merged),
            S::Rejected => matches!(from, S::Moderation),
            // By clearing flags, and by taking a merge back.
            S::Reached => matches!(from, S::Collecting | S::Merged),
            S::WithAuthority => matches!(from, S::Reached | S::Merged),
            S::Answered => matches!(from, S::Reached | S::WithAuthority),
            S::Followed => matches!(from, S::Answered),
            S::Merged => from.signable(),
            _ => false,
        },
        Mover::Clock => match to {
            S::Expired => matches!(from, S::Confirming | S::Collecting),
            S::WithAuthority => matches!(from, S::Reached),
            S::Archived => matches!(from, S::WithAuthority | S::Answered | S::Followed),
            _ => false,
        },
    }
}

/// Whether an answer becomes a promise that is followed.
pub const fn promises(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Accepted | Verdict::Partly)
}

/// Why a message of an author can't go now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMessage {
    /// The last one is younger than three days: from this instant on.
    Before(UnixMillis),
    /// One waits for a moderator.
    Waiting,
}

/// Whether an author may send a message at `now`, after the `last` one that was not refused.
///
/// # Errors
/// Why not.
pub fn may_write(last: Option<UnixMillis>, waiting: bool, now: UnixMillis) -> Result<(), NoMessage> {
    if waiting {
        return Err(NoMessage::Waiting);
    }
    match last.map(|it| it.plus(MESSAGE_EVERY)) {
        Some(from) if now < from => Err(NoMessage::Before(from)),
        _ => Ok(()),
    }
}

/// Why two demands can't be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMerge {
    /// It is the same.
    Same,
    /// One of them collects no support any more.
    State,
    /// They are of different municipalities.
    Place,
    /// Others were merged into the one that would go.
    HoldsOthers,
}

impl NoMerge {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Same => "merge_same",
            Self::State => "merge_state",
            Self::Place => "merge_place",
            Self::HoldsOthers => "merge_holds_others",
        }
    }
}

/// What a merge needs to know of a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side<'a> {
    /// Its code.
    pub code: super::Code,
    /// Its state.
    pub state: DemandState,
    /// Its municipality.
    pub municipality: &'a str,
    /// Whether others were merged into it.
    pub holds_others: bool,
}

/// Whether `child` may go on in `parent`.
///
/// # Errors
/// Why not.
pub fn may_merge(child: &Side<'_>, parent: &Side<'_>) -> Result<(), NoMerge> {
    if child.code == parent.code {
        Err(NoMerge::Same)
    } else if !child.state.signable() || !parent.state.signable() {
        Err(NoMerge::State)
    } else if child.municipality != parent.municipality {
        Err(NoMerge::Place)
    } else if child.holds_others {
        Err(NoMerge::HoldsOthers)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::demand::Code;

    #[test]
    fn a_threshold_is_a_share_between_floor_and_cap() {
        let rule = Threshold::default();
        for (population, needed) in [
            (None, 25),
            (Some(0), 25),
            (Some(2_500), 25),
            (Some(2_501), 26),
            (Some(62_074), 621),
            (Some(9_000_000), 1_000),
        ] {
            assert_eq!(rule.of(population), needed, "{population:?}");
        }
        assert_eq!(Threshold { per_mille: 10, floor: 50, cap: 10 }.of(None), 50);
        let support = Support { phone: 580, verified: 4, flagged: 900, paper: 70, new_senders: 3 };
        assert_eq!((missing(621, &support), missing(5, &support)), (37, 0));
    }

    #[test]
    fn a_life_goes_one_way() {
        use DemandState as S;
        let life = [
            (S::Confirming, S::Moderation, Mover::People),
            (S::Moderation, S::Collecting, Mover::Staff),
            (S::Collecting, S::Reached, Mover::People),
            (S::Reached, S::WithAuthority, Mover::Clock),
            (S::WithAuthority, S::Answered, Mover::Staff),
            (S::Answered, S::Followed, Mover::Staff),
            (S::Followed, S::Archived, Mover::Clock),
        ];
        for (from, to, mover) in life {
            assert!(may_follow(from, to, mover), "{from} {to}");
            for it in [Mover::Author, Mover::People, Mover::Staff, Mover::Clock] {
                assert!(!may_follow(to, from, it), "{to} {from} {it:?}");
            }
        }
        for to in S::ALL {
            for mover in [Mover::Author, Mover::People, Mover::Staff, Mover::Clock] {
                for from in S::ALL.iter().filter(|it| it.over()) {
                    assert!(!may_follow(*from, *to, mover), "{from} {to}");
                }
            }
        }
        // Who supported a demand owns it with its author.
        assert!(may_follow(S::Collecting, S::Withdrawn, Mover::Author));
        assert!(!may_follow(S::Reached, S::Withdrawn, Mover::Author));
        assert!(!may_follow(S::Moderation, S::Collecting, Mover::People));
    }

    #[test]
    fn an_author_writes_once_in_three_days() {
        let now = UnixMillis(10 * DAY);
        assert_eq!(may_write(None, false, now), Ok(()));
        assert_eq!(may_write(None, true, now), Err(NoMessage::Waiting));
        assert_eq!(may_write(Some(now.plus(-MESSAGE_EVERY)), false, now), Ok(()));
        let last = now.plus(1 - MESSAGE_EVERY);
        assert_eq!(may_write(Some(last), false, now), Err(NoMessage::Before(now.plus(1))));
    }

    #[test]
    fn only_like_demands_are_merged() {
        let side = |code, state| Side {
            code: Code::new(code).expect("a code"),
            state,
            municipality: "12066",
            holds_others: false,
        };
        let (one, two) = (side(317, DemandState::Collecting), side(456, DemandState::Reached));
        assert_eq!(may_merge(&one, &two), Ok(()));
        assert_eq!(may_merge(&one, &one), Err(NoMerge::Same));
        assert_eq!(may_merge(&side(456, DemandState::Answered), &one), Err(NoMerge::State));
        let away = Side { municipality: "12012", ..two.clone() };
        assert_eq!(may_merge(&one, &away), Err(NoMerge::Place));
        let full = Side { holds_others: true, ..two.clone() };
        assert_eq!((may_merge(&full, &one), may_merge(&one, &full)), (Err(NoMerge::HoldsOthers), Ok(())));
    }

    proptest! {
        #[test]
        fn a_threshold_never_leaves_its_bounds(people in any::<u32>()) {
            let needed = Threshold::default().of(Some(people));
            prop_assert!((25..=1_000).contains(&needed));
        }
    }
}
