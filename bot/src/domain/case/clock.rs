//! The clocks of a case: by when a receipt, a first answer of a person, an update and a solution are owed.

use serde::{Deserialize, Serialize};

use crate::domain::calendar::Calendar;
use crate::domain::time::{HOUR, UnixMillis};

/// How long before it is owed a case comes into the queue of what is due, ms.
pub const REACH: i64 = 4 * HOUR;

/// What a category owes, in minutes of an office's working time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Until the receipt.
    pub receipt: u32,
    /// Until a person answers.
    pub first_answer: u32,
    /// Until each further news.
    pub update: u32,
    /// Until it is solved.
    pub solution: u32,
}

/// The instants by which something is owed; `None` where nothing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dues {
    /// A person answers.
    pub first_answer: Option<UnixMillis>,
    /// There is news.
    pub update: Option<UnixMillis>,
    /// It is solved.
    pub solution: Option<UnixMillis>,
}

impl Clocks {
    /// What is owed from `from` on.
    pub fn dues(&self, calendar: &Calendar, from: UnixMillis) -> Dues {
        Dues {
            first_answer: Some(calendar.add_working(from, self.first_answer)),
            update: Some(calendar.add_working(from, self.update)),
            solution: Some(calendar.add_working(from, self.solution)),
        }
    }

    /// By when the next news is owed after there was one.
    pub fn next_update(&self, calendar: &Calendar, from: UnixMillis) -> UnixMillis {
        calendar.add_working(from, self.update)
    }
}

impl Dues {
    /// The next that is owed; the first answer only until it was `answered`.
    pub fn next(&self, answered: bool) -> Option<UnixMillis> {
        let first = self.first_answer.filter(|_| !answered);
        [first, self.update, self.solution].into_iter().flatten().min()
    }

    /// What is owed after waiting for the citizen from `from` until `until`: the working time of the
    /// wait does not count.
    #[must_use]
    pub fn after_pause(&self, calendar: &Calendar, from: UnixMillis, until: UnixMillis) -> Self {
        let moved = |due: Option<UnixMillis>| {
            due.map(|due| match calendar.working_between(from, due) {
                // It was owed before the wait began, and stays overdue.
                0 if due <= from => due,
                left => calendar.add_working(until.max(from), left),
            })
        };
        Self {
            first_answer: moved(self.first_answer),
            update: moved(self.update),
            solution: moved(self.solution),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::calendar::Block;
    use crate::domain::time::{DAY, MINUTE};

    const CLOCKS: Clocks = Clocks { receipt: 0, first_answer: 480, update: 2_400, solution: 4_800 };

    fn calendar() -> Calendar {
        let day = vec![Block { from: 540, to: 1_020 }];
        let week = [day.clone(), day.clone(), day.clone(), day.clone(), day, Vec::new(), Vec::new()];
        Calendar::new("America/Mexico_City", week, []).expect("a calendar")
    }

    #[test]
    fn the_first_answer_is_owed_until_it_was_given() {
        // Monday 2026-01-05, 9:00 in Mexico.
        let from = UnixMillis(1_767_625_200_000);
        let dues = CLOCKS.dues(&calendar(), from);
        assert_eq!(dues.first_answer, Some(from.plus(8 * HOUR)));
        assert_eq!(dues.update, Some(from.plus(4 * DAY + 8 * HOUR)));
        assert_eq!(dues.next(false), dues.first_answer);
        assert_eq!(dues.next(true), dues.update);
        assert_eq!(Dues::default().next(false), None);
    }

    #[test]
    fn a_wait_for_the_citizen_does_not_count() {
        let from = UnixMillis(1_767_625_200_000);
        let dues = CLOCKS.dues(&calendar(), from);
        // It waits from noon until noon of the next day: a working day.
        let (begin, end) = (from.plus(3 * HOUR), from.plus(27 * HOUR));
        let after = dues.after_pause(&calendar(), begin, end);
        assert_eq!(after.first_answer, Some(from.plus(24 * HOUR + 8 * HOUR)));
        // Over a week-end only the hours of work are given back.
        let friday = from.plus(4 * DAY);
        let after = dues.after_pause(&calendar(), friday.plus(7 * HOUR), friday.plus(3 * DAY));
        assert_eq!(after.update, Some(friday.plus(3 * DAY + HOUR)));
    }

    #[test]
    fn what_was_overdue_stays_overdue() {
        let from = UnixMillis(1_767_625_200_000);
        let dues = Dues { first_answer: Some(from), ..Dues::default() };
        let after = dues.after_pause(&calendar(), from.plus(HOUR), from.plus(DAY));
        assert_eq!(after, dues);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_pause_leaves_the_working_time_that_was_left(
            begin in 0_i64..20_000,
            length in 0_i64..20_000,
            clock in 0_u32..10_000,
        ) {
            let calendar = calendar();
            let from = UnixMillis(1_767_625_200_000);
            let due = calendar.add_working(from, clock);
            let begin = from.plus(begin * MINUTE);
            let end = begin.plus(length * MINUTE);
            let dues = Dues { solution: Some(due), ..Dues::default() };
            let after = dues.after_pause(&calendar, begin, end).solution.expect("a due");
            if due > begin {
                prop_assert_eq!(calendar.working_between(end, after), calendar.working_between(begin, due));
                prop_assert!(after >= due);
            } else {
                prop_assert_eq!(after, due);
            }
        }
    }
}
