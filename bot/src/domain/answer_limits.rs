//! How many answers one contact gets: up to a number in an hour and in a day, then one note, then
//! silence until the hour or the day ends. What is written is kept all the same.

use super::time::{DAY, HOUR, UnixMillis};

/// The most answers to one contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerLimits {
    /// In an hour of the clock (UTC).
    pub per_hour: i64,
    /// In a day (UTC).
    pub per_day: i64,
}

impl Default for AnswerLimits {
    fn default() -> Self {
        Self { per_hour: 60, per_day: 200 }
    }
}

/// How many answers a contact got; kept with it, so that a restart forgets nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// The hour that is counted, in hours since 1970.
    pub answers_hour: i64,
    /// Answers in it.
    pub answers_in_hour: i64,
    /// The day that is counted, in days since 1970.
    pub answers_day: i64,
    /// Answers in it.
    pub answers_in_day: i64,
}

/// What a message gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Its answer.
    Answer,
    /// The one note that there will be a pause.
    Note,
    /// Nothing.
    Silence,
}

impl Counters {
    /// The counters after one more message at `at`, and what that message gets.
    #[must_use]
    pub fn count(self, at: UnixMillis, limits: AnswerLimits) -> (Self, Turn) {
        let (hour, day) = (at.0.div_euclid(HOUR), at.0.div_euclid(DAY));
        let in_hour = if hour == self.answers_hour { self.answers_in_hour } else { 0 };
        let in_day = if day == self.answers_day { self.answers_in_day } else { 0 };
        let next = Self {
            answers_hour: hour,
            answers_in_hour: in_hour + 1,
            answers_day: day,
            answers_in_day: in_day + 1,
        };
        let turn = if in_hour < limits.per_hour && in_day < limits.per_day {
            Turn::Answer
        } else if (in_hour == limits.per_hour && in_day <= limits.per_day)
            || (in_day == limits.per_day && in_hour < limits.per_hour)
        {
            Turn::Note
        } else {
            Turn::Silence
        };
        (next, turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: AnswerLimits = AnswerLimits { per_hour: 3, per_day: 5 };

    fn play(counters: &mut Counters, at: i64, times: usize) -> Vec<Turn> {
        (0..times)
            .map(|_| {
                let (next, turn) = counters.count(UnixMillis(at), LIMITS);
                *counters = next;
                turn
            })
            .collect()
    }

    #[test]
    fn one_note_then_silence_until_the_hour_ends() {
        use Turn::{Answer, Note, Silence};
        let mut counters = Counters::default();
        let start = 100 * DAY;
        assert_eq!(play(&mut counters, start, 6), [Answer, Answer, Answer, Note, Silence, Silence]);
        // The silent ones count for the day, too, or a flood would be answered every hour.
        assert_eq!(play(&mut counters, start + HOUR, 2), [Silence, Silence]);
        assert_eq!(play(&mut counters, start + DAY, 4), [Answer, Answer, Answer, Note]);
    }

    #[test]
    fn the_day_has_its_own_note() {
        use Turn::{Answer, Note, Silence};
        let mut counters = Counters::default();
        let start = 100 * DAY;
        assert_eq!(play(&mut counters, start, 2), [Answer, Answer]);
        assert_eq!(play(&mut counters, start + HOUR, 3), [Answer, Answer, Answer]);
        assert_eq!(play(&mut counters, start + 2 * HOUR, 3), [Note, Silence, Silence]);
    }

    #[test]
    fn a_contact_gets_at_most_one_note_an_hour_whatever_it_does() {
        let mut counters = Counters::default();
        for hour in 0..48 {
            let notes = play(&mut counters, 50 * DAY + hour * HOUR, 9);
            assert!(notes.iter().filter(|it| **it == Turn::Note).count() <= 1);
        }
    }
}
