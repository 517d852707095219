//! Who answers what, by when: the categories, offices, working hours and urgent words of a country, and
//! what a municipality lays over them.

pub mod addresses;
mod calendar;
mod find;
mod load;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::case::Confidentiality;
use super::case::clock::{Clocks, Dues};
use super::pack::Localized;
use super::similar::Lexicon;
use super::time::UnixMillis;
use addresses::Addresses;
pub use calendar::{Holiday, HolidayDay, Hours, civil_day};
pub use find::Found;

/// Questions that a category may ask.
pub const QUESTIONS: usize = 3;
/// Code of the category that takes what no other does.
pub const OTHER: &str = "other";

/// What a category owes, in working days of the office that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockDays {
    /// Until a person has read it.
    pub receipt: u32,
    /// Until a person answers.
    pub first_answer: u32,
    /// Until each further news.
    pub update: u32,
    /// Until it is solved.
    pub solution: u32,
}

/// A question of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// Stable code, unique in its category.
    pub code: String,
    /// What is asked, by locale.
    pub text: Localized,
}

/// What people report and ask about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Stable code, the `service_code` of Open311.
    pub code: String,
    /// Its name, by locale; at most 24 characters.
    pub name: Localized,
    /// Words that people use for it, by locale.
    pub keywords: BTreeMap<String, Vec<String>>,
    /// What is asked besides what, where and who may see it.
    pub questions: Vec<Extra>,
    /// Code of the office that answers.
    pub office: String,
    /// What it owes.
    pub clocks: ClockDays,
    /// How closed its texts are.
    pub confidentiality: Confidentiality,
    /// Topics of the comparison after which a complaint is about this.
    pub topics: Vec<String>,
    /// Sustainable Development Goal target (`6.1`).
    pub sdg: Option<String>,
    /// Place in the menu, rising.
    pub order: u16,
    /// Kept out of the menu.
    pub hidden: bool,
    /// Whether it is asked where.
    pub asks_where: bool,
    /// The folded words of each keyword; filled in by the desk.
    #[serde(skip)]
    pub phrases: Vec<Vec<String>>,
}

/// Whose office it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The town hall's.
    Municipal,
    /// The state's.
    State,
    /// The country's.
    Federal,
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// Stable code.
    pub code: String,
    /// Its name, by locale; at most 36 characters.
    pub name: Localized,
    /// A public telephone, where one is known for certain.
    pub phone: Option<String>,
    /// Whose it is.
    pub level: Level,
    /// When it works.
    pub hours: Hours,
    /// Code of the municipal office that follows cases of another level; `None` for a municipal one.
    pub answers: Option<String>,
}

/// A group of words that can't wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrgentGroup {
    /// Stable code (`emergency`, `violence`, `self-harm`): the text that is answered.
    pub code: String,
    /// Code of the category of the case that is opened.
    pub category: String,
    /// A line that helps, beside the numbers for everything: its telephone and name.
    pub line: Option<(String, Localized)>,
}

/// Numbers that everybody may call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrgentNumbers {
    /// Emergencies.
    pub emergency: String,
    /// Anonymous reports of crimes.
    pub anonymous: String,
}

/// What one municipality lays over the country's desk.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// Categories of its own, and others in place of the country's, by code.
    pub categories: Vec<Category>,
    /// Codes of categories that it does not have.
    pub without: BTreeSet<String>,
    /// Offices of its own, and others in place of the country's, by code.
    pub offices: Vec<Office>,
    /// Days on which its offices do not work, besides those of the country and the state.
    pub holidays: Vec<Holiday>,
}

/// Categories and offices as one municipality has them.
#[derive(Clone, Debug, Default)]
struct Local {
    categories: Vec<Category>,
    offices: Vec<Office>,
    holidays: Vec<Holiday>,
}

/// The desk of a country. The default has none: nothing can be reported there.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    country: Local,
    local: HashMap<String, Local>,
    urgent: Vec<UrgentGroup>,
    numbers: UrgentNumbers,
    urgent_phrases: find::Phrases,
    /// Hours of offices that are not known by their code.
    fallback: Hours,
    likeness: Arc<Lexicon>,
    addresses: Arc<Addresses>,
    intents: Arc<Intents>,
}

/// What people write who know no keyword, folded.
#[derive(Debug, Default)]
struct Intents {
    /// Words that speak of reporting.
    report: BTreeSet<String>,
    /// Words around those that say nothing of what.
    around: BTreeSet<String>,
    /// Phrases of who wants to talk to a person.
    person: Vec<find::Pattern>,
    /// Phrases of a place of her own.
    own: Vec<find::Pattern>,
}

impl Desk {
    /// The desk with what municipalities lay over it, by their keys; what was laid before is gone.
    #[must_use]
    pub fn with(&self, overlays: impl IntoIterator<Item = (String, Overlay)>) -> Self {
        let local = overlays.into_iter().map(|(key, overlay)| (key, self.laid(overlay))).collect();
        Self { local, ..self.clone() }
    }

    fn laid(&self, overlay: Overlay) -> Local {
        let mut local = self.country.clone();
        local.categories.retain(|it| !overlay.without.contains(&it.code));
        for mut category in overlay.categories {
            category.phrases = find::phrases(category.keywords.values().flatten());
            local.categories.retain(|it| it.code != category.code);
            local.categories.push(category);
        }
        local.categories.sort_by_key(|it| it.order);
        for office in overlay.offices {
            local.offices.retain(|it| it.code != office.code);
            local.offices.push(office);
        }
        local.holidays.extend(overlay.holidays);
        local
    }

    /// Whether anything can be reported in this country.
    pub fn is_open(&self) -> bool {
        !self.country.categories.is_empty()
    }

    fn of(&self, cvegeo: &str) -> &Local {
        self.local.get(cvegeo).unwrap_or(&self.country)
    }

    /// All categories of a municipality, hidden ones too, in the order of the menu.
    pub fn categories(&self, cvegeo: &str) -> &[Category] {
        &self.of(cvegeo).categories
    }

    /// The categories of the menu.
    pub fn menu(&self, cvegeo: &str) -> impl Iterator<Item = &Category> {
        self.categories(cvegeo).iter().filter(|it| !it.hidden)
    }

    /// A category by its code.
    pub fn category(&self, cvegeo: &str, code: &str) -> Option<&Category> {
        self.categories(cvegeo).iter().find(|it| it.code == code)
    }

    /// The category that a complaint after a comparison on this topic is about.
    pub fn category_of_topic(&self, cvegeo: &str, topic: &str) -> Option<&Category> {
        self.menu(cvegeo).find(|it| it.topics.iter().any(|it| it == topic))
    }

    /// All offices of a municipality, and those of the other levels that answer there.
    pub fn offices(&self, cvegeo: &str) -> &[Office] {
        &self.of(cvegeo).offices
    }

    /// An office by its code.
    pub fn office(&self, cvegeo: &str, code: &str) -> Option<&Office> {
        self.offices(cvegeo).iter().find(|it| it.code == code)
    }

    /// The office here that answers for another: itself where it is municipal.
    pub fn answering(&self, cvegeo: &str, code: &str) -> Option<&Office> {
        let office = self.office(cvegeo, code)?;
        office.answers.as_deref().and_then(|it| self.office(cvegeo, it)).or(Some(office))
    }

    fn hours(&self, cvegeo: &str, office: &str) -> &Hours {
        self.answering(cvegeo, office).map_or(&self.fallback, |it| &it.hours)
    }

    /// When an office works, in the time zone of its municipality. A zone that is not known counts as
    /// the clock on the wall.
    pub fn calendar(&self, cvegeo: &str, office: &str, zone: &str, at: UnixMillis) -> Calendar {
        let holidays = calendar::days(&self.of(cvegeo).holidays, cvegeo, at);
        Calendar::new(zone, self.hours(cvegeo, office).week(), holidays)
            .unwrap_or_else(|_| Calendar::always())
    }

    /// The working days of the law in a municipality: from Monday to Friday without the holidays of the
    /// country, the state and the municipality, whole days. An empty key is the country.
    pub fn working_days(&self, cvegeo: &str, zone: &str, at: UnixMillis) -> Calendar {
        let day = || vec![crate::domain::calendar::Block { from: 0, to: 1_440 }];
        let week = [day(), day(), day(), day(), day(), Vec::new(), Vec::new()];
        let holidays = calendar::days(&self.of(cvegeo).holidays, cvegeo, at);
        Calendar::new(zone, week, holidays).unwrap_or_else(|_| Calendar::always())
    }

    /// What a category owes, in minutes of work of its office.
    pub fn clocks(&self, cvegeo: &str, category: &Category) -> Clocks {
        let day = self.hours(cvegeo, &category.office).minutes_a_day();
        let ClockDays { receipt, first_answer, update, solution } = category.clocks;
        let minutes = |days: u32| days.saturating_mul(day);
        Clocks {
            receipt: minutes(receipt),
            first_answer: minutes(first_answer),
            update: minutes(update),
            solution: minutes(solution),
        }
    }

    /// By when a case that is opened now owes what.
    pub fn dues(&self, cvegeo: &str, category: &Category, zone: &str, at: UnixMillis) -> Dues {
        let calendar = self.calendar(cvegeo, &category.office, zone, at);
        self.clocks(cvegeo, category).dues(&calendar, at)
    }

    /// The words by which two complaints are told to be about the same.
    pub fn likeness(&self) -> &Lexicon {
        &self.likeness
    }

    /// The words by which a sentence says where.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Numbers that everybody may call.
    pub fn numbers(&self) -> &UrgentNumbers {
        &self.numbers
    }

    /// The groups of urgent words.
    pub fn urgent_groups(&self) -> &[UrgentGroup] {
        &self.urgent
    }

    /// A group of urgent words by its code.
    pub fn urgent_group(&self, code: &str) -> Option<&UrgentGroup> {
        self.urgent.iter().find(|it| it.code == code)
    }
}

#[cfg(test)]
mod tests;
