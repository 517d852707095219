//! Broadcasts: what goes to many. Types and rules; whom it reaches is in [`audience`].

pub mod audience;
pub mod veda;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::audience::Audience;
use super::facts::sha256_hex;
use super::staff::{Act, Scope, Staff};
use super::time::{MINUTE, UnixMillis};

/// How long an approved one waits at least, so that who notices a mistake can hold it, ms.
pub const HOLD: i64 = MINUTE;
/// Above so many people one approval is not enough.
pub const MANY: u64 = 1_000;
/// Above so many who approves types the number.
pub const TYPED: u64 = 10_000;
/// The longest text, in characters; that of an SMS is bound by its segments, too.
pub const LONGEST: usize = 480;
/// The longest title, in characters.
pub const LONGEST_TITLE: usize = 80;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It is written.
    Draft,
    /// It waits for approvals.
    Submitted,
    /// Approved: its people are written down.
    Preparing,
    /// It waits for its time.
    Approved,
    /// It goes out.
    Sending,
    /// Nothing goes out until somebody releases it.
    Held,
    /// It was ended before everybody had it.
    Stopped,
    /// Everybody has it who can.
    Done,
    /// It was given up before it was approved.
    Withdrawn,
}

codes!(State, "state of a broadcast", {
    Draft => "draft",
    Submitted => "submitted",
    Preparing => "preparing",
    Approved => "approved",
    Sending => "sending",
    Held => "held",
    Stopped => "stopped",
    Done => "done",
    Withdrawn => "withdrawn",
});

impl State {
    /// Whether it may still be written.
    pub const fn writable(self) -> bool {
        matches!(self, Self::Draft | Self::Submitted)
    }

    /// Whether it is approved and not over: it can be held and stopped.
    pub const fn running(self) -> bool {
        matches!(self, Self::Preparing | Self::Approved | Self::Sending | Self::Held)
    }
}

/// What makes one sensitive: it needs two approvals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// It has to do with elections, candidates or parties.
    Elections,
    /// It has to do with violence or crime.
    Violence,
    /// It tells people what to do about their health.
    Health,
    /// It offers or asks for money.
    Money,
    /// It has to do with children.
    Minors,
}

codes!(Tag, "sensitive tag", {
    Elections => "elections",
    Violence => "violence",
    Health => "health",
    Money => "money",
    Minors => "minors",
});

/// What is written of one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What staff calls it.
    pub title: String,
    /// Texts by language.
    pub texts: BTreeMap<String, String>,
    /// Whom it is for.
    pub audience: Audience,
    /// The channels that it may take, by id.
    pub channels: BTreeSet<String>,
    /// Not before this.
    pub send_at: Option<UnixMillis>,
    /// What makes it sensitive.
    pub tags: BTreeSet<Tag>,
    /// The card that it tells of.
    pub highlight_id: Option<Uuid>,
    /// The version of the card that it was written from: nothing goes out once there is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highlight_version: Option<i64>,
    /// The one that it corrects: it goes to those who got that.
    pub correction_of: Option<Uuid>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Draft {{ channels: {:?}, .. }}", self.channels)
    }
}

impl Draft {
    /// What an approval names: SHA-256 in hexadecimal over all that is written, and where it goes. Maps and sets
    /// are in order, so the same is always written the same way.
    pub fn hash(&self, areas: &[Scope]) -> String {
        let areas: Vec<String> = areas.iter().map(ToString::to_string).collect();
        let document = serde_json::json!({ "draft": self, "areas": areas }).to_string();
        sha256_hex(document.as_bytes())
    }

    /// The text for a language: its own, else that of `default`.
    pub fn text<'a>(&'a self, language: Option<&str>, default: &str) -> Option<&'a str> {
        let own = language.and_then(|it| self.texts.get(it));
        own.or_else(|| self.texts.get(default)).map(String::as_str)
    }

    /// How many approvals it needs for so many people.
    pub fn approvals_needed(&self, people: u64) -> u64 {
        if people > MANY || !self.tags.is_empty() { 2 } else { 1 }
    }

    /// Whether so few may be written to: a group of ten or fewer could be told apart, unless it is everybody who
    /// supports a demand or got what is corrected.
    pub fn may_reach(&self, people: u64) -> bool {
        let whole = self.correction_of.is_some()
            || (self.audience.demand.is_some() && self.audience.language.is_none());
        people >= super::small_numbers::LEAST || (whole && people > 0)
    }
}

/// Whether somebody may do `act` in all areas.
pub fn reaches(staff: &Staff, act: Act, areas: &[Scope]) -> bool {
    let reach = staff.reach(act);
    areas.iter().all(|area| match area {
        Scope::Country => reach.country,
        Scope::State(key) => reach.country || reach.states.contains(key),
        Scope::Municipality(key) => reach.holds(key),
    })
}

/// A number of people as it is shown before it is public: a multiple of five, `None` below eleven.
pub fn rounded(people: u64) -> Option<u64> {
    (people >= super::small_numbers::LEAST).then(|| (people + 2) / 5 * 5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::staff::{Assignment, Role};

    fn draft() -> Draft {
        Draft {
            title: "t".to_owned(),
            texts: BTreeMap::from([("es-MX".to_owned(), "Hola".to_owned())]),
            audience: Audience { places: vec![Scope::State("12".to_owned())], ..Audience::default() },
            channels: BTreeSet::from(["telco".to_owned()]),
            send_at: None,
            tags: BTreeSet::new(),
            highlight_id: None,
            highlight_version: None,
            correction_of: None,
        }
    }

    #[test]
    fn every_change_of_what_is_written_or_of_where_it_goes_has_another_hash() {
        let areas = [Scope::State("12".to_owned())];
        let first = draft().hash(&areas);
        assert_eq!(first, draft().hash(&areas));
        let mut others = vec![draft().hash(&[Scope::Country])];
        let changes: [fn(&mut Draft); 8] = [
            |it| {
                it.texts.insert("en".to_owned(), "Hello".to_owned());
            },
            |it| it.audience.topic = Some("agua".to_owned()),
            |it| it.audience.language = Some("en".to_owned()),
            |it| {
                it.channels.insert("tg".to_owned());
            },
            |it| it.send_at = Some(UnixMillis(1)),
            |it| {
                it.tags.insert(Tag::Money);
            },
            |it| it.highlight_id = Some(Uuid::nil()),
            |it| it.highlight_version = Some(4),
        ];
        for change in changes {
            let mut other = draft();
            change(&mut other);
            others.push(other.hash(&areas));
        }
        others.push(first);
        let different: BTreeSet<&String> = others.iter().collect();
        assert_eq!(different.len(), others.len());
    }

    #[test]
    fn many_people_and_sensitive_words_need_two() {
        let mut it = draft();
        assert_eq!((it.approvals_needed(1_000), it.approvals_needed(1_001)), (1, 2));
        it.tags.insert(Tag::Health);
        assert_eq!(it.approvals_needed(11), 2);
    }

    #[test]
    fn a_few_are_written_to_only_where_they_are_all_of_a_public_thing() {
        let mut it = draft();
        assert!(it.may_reach(11) && !it.may_reach(10));
        it.audience = Audience { demand: Some(Uuid::nil()), ..Audience::default() };
        assert!(it.may_reach(1) && !it.may_reach(0));
        it.audience.language = Some("en".to_owned());
        assert!(!it.may_reach(10));
        assert_eq!([10, 11, 12, 13, 1_002].map(rounded), [None, Some(10), Some(10), Some(15), Some(1_000)]);
    }

    #[test]
    fn who_writes_or_approves_reaches_every_area() {
        let role = |scope: &str| Assignment { role: Role::Editor, scope: scope.parse().expect("a scope") };
        let staff = |scopes: &[&str]| Staff {
            id: Uuid::nil(),
            roles: scopes.iter().map(|it| role(it)).collect(),
            grants: Vec::new(),
            office: None,
        };
        let areas =
            |texts: &[&str]| -> Vec<Scope> { texts.iter().map(|it| it.parse().expect("a scope")).collect() };
        let one = staff(&["state:12", "municipality:20001"]);
        assert!(reaches(&one, Act::Write, &areas(&["state:12", "municipality:12066", "municipality:20001"])));
        for other in ["country", "state:20", "municipality:20002"] {
            assert!(!reaches(&one, Act::Write, &areas(&["state:12", other])), "{other}");
        }
        assert!(!reaches(&one, Act::Approve, &areas(&["state:12"])));
        assert!(reaches(&staff(&["country"]), Act::Write, &areas(&["country", "state:20"])));
    }
}
