//! Reads the files of a country's desk.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Deserialize;

use super::addresses::Addresses;
use super::calendar::{self, Holiday, HolidayDay, Hours};
use super::{
    Category, ClockDays, Desk, Extra, Intents, Level, Local, OTHER, Office, QUESTIONS, UrgentGroup,
    UrgentNumbers, find,
};
use crate::domain::case::Confidentiality;
use crate::domain::fold::fold;
use crate::domain::pack::{Localized, PackError};
use crate::domain::similar::Lexicon;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Categories {
    intent: RawIntents,
    clocks: ClockDays,
    category: Vec<RawCategory>,
}

/// By locale.
type Lists = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIntents {
    report: Lists,
    around: Lists,
    person: Lists,
    own: Lists,
}

impl RawIntents {
    fn read(self) -> Result<Intents, PackError> {
        let folded = |lists: Lists| lists.into_values().flatten().map(|it| fold(&it)).collect();
        let phrases = |lists: Lists| {
            let patterns = |it: String| {
                find::patterns(&it)
                    .ok_or_else(|| PackError::malformed("desk/categories.toml", &it, "is no phrase"))
            };
            let all: Result<Vec<_>, _> = lists.into_values().flatten().map(patterns).collect();
            Ok::<_, PackError>(all?.into_iter().flatten().collect())
        };
        Ok(Intents {
            report: folded(self.report),
            around: folded(self.around),
            person: phrases(self.person)?,
            own: phrases(self.own)?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCategory {
    code: String,
    name: Localized,
    #[serde(default)]
    keywords: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    questions: Vec<Extra>,
    office: String,
    #[serde(default)]
    topics: Vec<String>,
    sdg: Option<String>,
    #[serde(default)]
    confidentiality: Confidentiality,
    #[serde(default)]
    hidden: bool,
    #[serde(default = "yes", rename = "where")]
    asks_where: bool,
    receipt: Option<u32>,
    first_answer: Option<u32>,
    update: Option<u32>,
    solution: Option<u32>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Offices {
    office: Vec<RawOffice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOffice {
    code: String,
    level: Level,
    name: Localized,
    phone: Option<String>,
    hours: Hours,
    answers: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holidays {
    #[serde(default)]
    holiday: Vec<RawHoliday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHoliday {
    name: String,
    state: Option<String>,
    municipality: Option<String>,
    day: Option<String>,
    month: Option<i8>,
    weekday: Option<String>,
    nth: Option<i8>,
    every: Option<i16>,
    from: Option<i16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Urgent {
    numbers: UrgentNumbers,
    group: Vec<RawGroup>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGroup {
    code: String,
    category: String,
    words: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    except: Vec<String>,
    line: Option<RawLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLine {
    phone: String,
    name: Localized,
}

impl RawHoliday {
    fn read(self) -> Option<Holiday> {
        let day = match (self.day, self.month, self.weekday, self.nth) {
            (Some(day), None, None, None) => {
                let parts: Vec<i16> = day.split('-').map(|it| it.parse().ok()).collect::<Option<_>>()?;
                let small = |it: i16| i8::try_from(it).ok();
                match parts[..] {
                    [month, day] => HolidayDay::Fixed(small(month)?, small(day)?),
                    [year, month, day] => HolidayDay::Once(year, small(month)?, small(day)?),
                    _ => return None,
                }
            }
            (None, Some(month), Some(weekday), Some(nth)) => {
                HolidayDay::Nth(month, calendar::weekday(&weekday)?, nth)
            }
            _ => return None,
        };
        let every = match (self.every, self.from) {
            (None, None) => None,
            (Some(every), Some(from)) if every > 0 => Some((every, from)),
            _ => return None,
        };
        let holiday = Holiday { name: self.name, area: self.municipality.or(self.state), day, every };
        holiday.possible().then_some(holiday)
    }
}

impl Desk {
    /// Loads the desk of a pack; `file` gives the bytes of a file by its name (`desk/offices.toml`).
    ///
    /// # Errors
    /// A file is missing or malformed, or names something that there is not.
    pub fn load(file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Self, PackError> {
        fn read<T: serde::de::DeserializeOwned>(
            file: &impl Fn(&str) -> Option<Vec<u8>>,
            name: &str,
        ) -> Result<T, PackError> {
            let bytes = file(name).ok_or_else(|| PackError::NoFile(name.to_owned()))?;
            let text = String::from_utf8(bytes)
                .map_err(|_| PackError::malformed(name, "the file", "is not UTF-8"))?;
            toml::from_str(&text).map_err(|problem| PackError::malformed(name, "the file", problem))
        }
        /// What a country may do without.
        fn or_default<T: Default>(
            file: &impl Fn(&str) -> Option<Vec<u8>>,
            name: &str,
            read: impl Fn(&str) -> Result<T, String>,
        ) -> Result<T, PackError> {
            let Some(bytes) = file(name) else { return Ok(T::default()) };
            let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned());
            text.and_then(|it| read(&it)).map_err(|why| PackError::malformed(name, "the file", why))
        }
        // Without them names are compared only, and no sentence says where.
        let likeness = or_default(&file, "desk/likeness.toml", Lexicon::read)?;
        let addresses = or_default(&file, "desk/addresses.toml", Addresses::read)?;
        let offices: Offices = read(&file, "desk/offices.toml")?;
        let categories: Categories = read(&file, "desk/categories.toml")?;
        let holidays: Holidays = read(&file, "desk/holidays.toml")?;
        let urgent: Urgent = read(&file, "desk/urgent_words.toml")?;
        let offices: Vec<Office> = offices
            .office
            .into_iter()
            .map(|RawOffice { code, level, name, phone, hours, answers }| Office {
                code,
                name,
                phone,
                level,
                hours,
                answers,
            })
            .collect();
        let clocks = categories.clocks;
        let intents = categories.intent.read()?;
        let categories: Vec<Category> = categories
            .category
            .into_iter()
            .zip(0..)
            .map(|(raw, order)| Category {
                phrases: find::phrases(raw.keywords.values().flatten()),
                code: raw.code,
                name: raw.name,
                keywords: raw.keywords,
                questions: raw.questions,
                office: raw.office,
                clocks: ClockDays {
                    receipt: raw.receipt.unwrap_or(clocks.receipt),
                    first_answer: raw.first_answer.unwrap_or(clocks.first_answer),
                    update: raw.update.unwrap_or(clocks.update),
                    solution: raw.solution.unwrap_or(clocks.solution),
                },
                confidentiality: raw.confidentiality,
                topics: raw.topics,
                sdg: raw.sdg,
                order,
                hidden: raw.hidden,
                asks_where: raw.asks_where,
            })
            .collect();
        check(&categories, &offices, &urgent)?;
        let holidays = holidays
            .holiday
            .into_iter()
            .map(|raw| {
                let name = raw.name.clone();
                raw.read().ok_or_else(|| PackError::malformed("desk/holidays.toml", &name, "is no date"))
            })
            .collect::<Result<Vec<Holiday>, PackError>>()?;
        let mut urgent_phrases: find::Phrases = HashMap::new();
        for (index, group) in urgent.group.iter().enumerate() {
            let words = group.words.values().flatten().map(|it| (false, it));
            for (back, text) in words.chain(group.except.iter().map(|it| (true, it))) {
                let patterns = find::patterns(text)
                    .ok_or_else(|| PackError::malformed("desk/urgent_words.toml", text, "is no phrase"))?;
                for pattern in patterns {
                    for first in pattern.first().into_iter().flatten() {
                        let phrase = (index, back, Arc::clone(&pattern));
                        urgent_phrases.entry(first.clone()).or_default().push(phrase);
                    }
                }
            }
        }
        let groups = urgent.group.into_iter().map(|it| UrgentGroup {
            code: it.code,
            category: it.category,
            line: it.line.map(|line| (line.phone, line.name)),
        });
        let fallback = offices.first().map(|it| it.hours.clone()).unwrap_or_default();
        Ok(Self {
            urgent: groups.collect(),
            numbers: urgent.numbers,
            urgent_phrases,
            country: Local { categories, offices, holidays },
            local: HashMap::new(),
            fallback,
            likeness: Arc::new(likeness),
            addresses: Arc::new(addresses),
            intents: Arc::new(intents),
        })
    }
}

/// Everything that is named is there, once.
fn check(categories: &[Category], offices: &[Office], urgent: &Urgent) -> Result<(), PackError> {
    let known = |code: &str| offices.iter().any(|it| it.code == code);
    for (index, office) in offices.iter().enumerate() {
        let wrong = |why: &str| Err(PackError::malformed("desk/offices.toml", &office.code, why));
        if offices[..index].iter().any(|it| it.code == office.code) {
            return wrong("is there twice");
        }
        if office.answers.as_deref().is_some_and(|it| !known(it)) {
            return wrong("is answered for by an office that there is not");
        }
    }
    for (index, category) in categories.iter().enumerate() {
        let wrong = |why: &str| Err(PackError::malformed("desk/categories.toml", &category.code, why));
        if categories[..index].iter().any(|it| it.code == category.code) {
            return wrong("is there twice");
        }
        if !known(&category.office) {
            return wrong("is answered by an office that there is not");
        }
        if category.questions.len() > QUESTIONS {
            return wrong("asks too much");
        }
    }
    let category = |code: &str| categories.iter().any(|it| it.code == code);
    if !category(OTHER) {
        return Err(PackError::malformed("desk/categories.toml", OTHER, "is missing"));
    }
    match urgent.group.iter().find(|it| !category(&it.category)) {
        Some(group) => Err(PackError::malformed("desk/urgent_words.toml", &group.code, "has no category")),
        None => Ok(()),
    }
}
