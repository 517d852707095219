//! What was reported in a municipality, counted so that nobody is pointed at.
//!
//! People are counted, not cases: who reported ten things is one. Groups are shown as
//! [`crate::domain::small_numbers`] allows, a share or a time only of as many people as may be told.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::domain::case::CaseState;
use crate::domain::chart::OfficeTime;
use crate::domain::desk::Desk;
use crate::domain::pack::localized;
use crate::domain::small_numbers::{LEAST, STEP, Shown, shown};
use crate::domain::time::UnixMillis;

/// Of an office whose hours nobody knows.
const MINUTES_A_DAY: u32 = 1_440;

/// The cases of a municipality in a stretch of time, gathered one by one.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    people: BTreeSet<Uuid>,
    by_state: BTreeMap<CaseState, BTreeSet<Uuid>>,
    by_category: BTreeMap<String, BTreeSet<Uuid>>,
    /// How long first answers took, in ms.
    waits: Vec<i64>,
    answered: BTreeSet<Uuid>,
    /// Who was answered by each office, by its code.
    offices: BTreeMap<String, Answered>,
    /// First answers that were owed by now, and those of them that came in time.
    owed: u64,
    kept: u64,
    owed_to: BTreeSet<Uuid>,
    /// Whether there are more than were gathered.
    pub cut: bool,
}

/// The first answers of an office.
#[derive(Clone, Debug, Default)]
struct Answered {
    people: BTreeSet<Uuid>,
    categories: BTreeSet<String>,
    /// When each case was opened, and answered.
    cases: Vec<(UnixMillis, UnixMillis)>,
}

/// How long people waited for a first answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// Half of them at most, in ms.
    pub median: i64,
    /// Nine of ten at most, in ms.
    pub p90: i64,
}

impl Outcomes {
    /// Gathers a case. `who` is the contact who opened it, or the case itself where nobody is known.
    pub fn add(
        &mut self,
        (state, category, office, who): (CaseState, &str, &str, Uuid),
        opened_at: UnixMillis,
        (answered_at, owed_by): (Option<UnixMillis>, Option<UnixMillis>),
        now: UnixMillis,
    ) {
        // It is counted where it goes on.
        if state == CaseState::Duplicate {
            return;
        }
        self.people.insert(who);
        self.by_state.entry(state).or_default().insert(who);
        self.by_category.entry(category.to_owned()).or_default().insert(who);
        if let Some(at) = answered_at {
            self.waits.push(at.since(opened_at).max(0));
            self.answered.insert(who);
            let office = self.offices.entry(office.to_owned()).or_default();
            office.people.insert(who);
            office.categories.insert(category.to_owned());
            office.cases.push((opened_at, at));
        }
        if let Some(due) = owed_by
            && (answered_at.is_some() || due < now)
        {
            self.owed += 1;
            self.kept += u64::from(answered_at.is_some_and(|at| at <= due));
            self.owed_to.insert(who);
        }
    }

    /// How many people reported something, at least; `None` where so few did that it is not told.
    pub fn people(&self) -> Option<u64> {
        let people = self.people.len() as u64;
        (people >= STEP).then(|| people / STEP * STEP)
    }

    /// People by the state of what they reported.
    pub fn states(&self) -> Shown<CaseState> {
        shown(self.people.len() as u64, &sizes(&self.by_state))
    }

    /// People by the category, by its code, of what they reported.
    pub fn categories(&self) -> Shown<String> {
        shown(self.people.len() as u64, &sizes(&self.by_category))
    }

    /// How long people waited; `None` where so few were answered that it is not told.
    pub fn waits(&self) -> Option<Waits> {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        let at = |percent: usize| {
            let place = (waits.len() * percent).div_ceil(100).saturating_sub(1);
            waits.get(place).copied()
        };
        let enough = self.answered.len() as u64 >= LEAST;
        enough.then_some(Waits { median: at(50)?, p90: at(90)? })
    }

    /// How long the first answers of each office took, in working days of its own, the office first that answered most
    /// people; those are left out that answered so few that it is not told.
    pub fn times(&self, desk: &Desk, key: &str, zone: &str, locale: &str) -> Vec<OfficeTime> {
        // No total stands beside them from which a small one could be worked out.
        let mut told: Vec<(&String, &Answered, u64)> =
            self.offices.iter().map(|(code, it)| (code, it, it.people.len() as u64 / STEP * STEP)).collect();
        told.retain(|it| it.2 > 0);
        told.sort_by_key(|it| (std::cmp::Reverse(it.2), it.0));
        let times = told.into_iter().filter_map(|(code, answered, people)| {
            let office = desk.answering(key, code);
            let day = office.map_or(MINUTES_A_DAY, |it| it.hours.minutes_a_day());
            let last = answered.cases.iter().map(|it| it.1).max()?;
            let calendar = desk.calendar(key, code, zone, last);
            let mut minutes: Vec<u32> =
                answered.cases.iter().map(|(from, to)| calendar.working_between(*from, *to)).collect();
            minutes.sort_unstable();
            let median = minutes.get(minutes.len().div_ceil(2).saturating_sub(1))?;
            let terms: BTreeSet<u32> = answered
                .categories
                .iter()
                .filter_map(|it| Some(desk.category(key, it)?.clocks.first_answer))
                .collect();
            Some(OfficeTime {
                office: office.map_or(code.clone(), |it| localized(&it.name, locale).to_owned()),
                answered: people,
                median_tenths: median.saturating_mul(10).saturating_add(day / 2).checked_div(day),
                // Where its matters have several terms, none is that of the office.
                limit: terms.first().copied().filter(|_| terms.len() == 1),
            })
        });
        times.collect()
    }

    /// The share of first answers that came in time, in whole per cent, rounded down; `None` where so few
    /// were owed one that it is not told.
    pub fn kept(&self) -> Option<u64> {
        (self.owed_to.len() as u64 >= LEAST).then(|| (100 * self.kept).checked_div(self.owed).unwrap_or(0))
    }
}

fn sizes<K: Ord + Clone>(groups: &BTreeMap<K, BTreeSet<Uuid>>) -> Vec<(K, u64)> {
    groups.iter().map(|(key, people)| (key.clone(), people.len() as u64)).collect()
}
