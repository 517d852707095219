//! A card: what a municipality did that moved a figure. What it holds, which figure moved, and its hash.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::personal_data::{Kind, find_personal_data};
use crate::domain::benchmark::{comparability, newest, order};
use crate::domain::facts::{Facts, sha256_hex};
use crate::domain::figure::Figure;
use crate::domain::municipality::MunicipalityId;
use crate::domain::pack::{Comparability, Direction, Topic};
use crate::domain::progress::{reaches, toward};
use crate::domain::public_text::public_text;
use crate::domain::time::UnixMillis;

/// The number of the first card: a digit alone is a choice.
pub const FIRST_CODE: u32 = 10;
/// Segments of a card as an SMS, at most.
pub const SEGMENTS: u32 = 2;
/// Shortest and longest texts, in characters: title, what was done, cost, contact, what was learned.
pub const TITLE: (usize, usize) = (3, 60);
/// See [`TITLE`].
pub const DONE: (usize, usize) = (10, 160);
/// See [`TITLE`].
pub const COST: (usize, usize) = (0, 40);
/// See [`TITLE`].
pub const CONTACT: (usize, usize) = (3, 60);
/// See [`TITLE`].
pub const LEARNED: (usize, usize) = (0, 400);
/// Links of a card, at most.
pub const LINKS: usize = 5;
/// Characters of a link, at most.
pub const LINK: usize = 200;

/// How far a card got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is written.
    Draft,
    /// It waits for somebody who did not write it.
    InReview,
    /// Everybody may read it.
    Published,
    /// Nobody is shown it any more.
    Withdrawn,
}

codes!(State, "state of a card", {
    Draft => "draft",
    InReview => "in_review",
    Published => "published",
    Withdrawn => "withdrawn",
});

/// What a card is about: the social rights, and how a town hall works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The right to education.
    Education,
    /// The right to health.
    Health,
    /// The right to social security.
    SocialSecurity,
    /// The right to housing.
    Housing,
    /// Water, drainage, light and fuel at home.
    Services,
    /// The right to food.
    Food,
    /// How people earn their living.
    Livelihoods,
    /// Where the money came from.
    Financing,
    /// Making things visible, and telling of them.
    Communication,
    /// Buying and contracting.
    Procurement,
}

codes!(Theme, "theme of a card", {
    Education => "education",
    Health => "health",
    SocialSecurity => "social_security",
    Housing => "housing",
    Services => "services",
    Food => "food",
    Livelihoods => "livelihoods",
    Financing => "financing",
    Communication => "communication",
    Procurement => "procurement",
});

/// Whether a card helped who read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Helped {
    /// Yes.
    Yes,
    /// A little.
    Half,
    /// No.
    No,
}

codes!(Helped, "answer about a card", { Yes => "yes", Half => "half", No => "no" });

/// What staff write. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The theme.
    pub theme: Theme,
    /// What it is called.
    pub title: String,
    /// What was done.
    pub done: String,
    /// What it cost; empty: nobody knows.
    pub cost: String,
    /// The office that can be asked.
    pub contact: String,
    /// What went wrong or was learned.
    pub learned: String,
    /// Links to evidence.
    pub evidence: Vec<String>,
    /// Goal of sustainable development, 1 to 17.
    pub sdg: Option<u8>,
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Text {{ theme: {}, .. }}", self.theme)
    }
}

/// A personal datum in a field of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The field.
    pub field: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Characters of the field, from and up to; of `evidence` those of its links, one below the other.
    pub chars: (usize, usize),
}

impl Text {
    /// The text in plain lines, as everybody may read them.
    ///
    /// # Errors
    /// The field that does not hold, and why.
    pub fn checked(mut self) -> Result<Self, (&'static str, String)> {
        let fields = [
            ("title", &mut self.title, TITLE),
            ("done", &mut self.done, DONE),
            ("cost", &mut self.cost, COST),
            ("contact", &mut self.contact, CONTACT),
            ("learned", &mut self.learned, LEARNED),
        ];
        for (field, text, (least, most)) in fields {
            *text = public_text(text);
            if !(least..=most).contains(&text.chars().count()) {
                return Err((field, format!("write {least} to {most} characters")));
            }
        }
        let link = |it: &String| {
            it.strip_prefix("https://").is_some_and(|rest| rest.len() > 3)
                && it.len() <= LINK
                && it.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"'`\\".contains(&byte))
        };
        if self.evidence.len() > LINKS || !self.evidence.iter().all(link) {
            return Err((
                "evidence",
                format!("at most {LINKS} links, each https and at most {LINK} characters"),
            ));
        }
        if self.sdg.is_some_and(|it| !(1..=17).contains(&it)) {
            return Err(("sdg", "1 to 17".to_owned()));
        }
        Ok(self)
    }

    /// Personal data in it, field by field.
    pub fn findings(&self) -> Vec<Finding> {
        let links = self.evidence.join("\n");
        let fields = [
            ("title", &self.title),
            ("done", &self.done),
            ("cost", &self.cost),
            ("contact", &self.contact),
            ("learned", &self.learned),
            ("evidence", &links),
        ];
        let of = |(field, text): (&'static str, &String)| {
            let chars = |bytes: usize| text.get(..bytes).map_or(0, |it| it.chars().count());
            find_personal_data(text)
                .into_iter()
                .map(|it| Finding {
                    field,
                    kind: it.kind,
                    chars: (chars(it.range.start), chars(it.range.end)),
                })
                .collect::<Vec<_>>()
        };
        fields.into_iter().flat_map(of).collect()
    }
}

/// A card. `Debug` shows no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its id.
    pub id: Uuid,
    /// The number by which people read it, from [`FIRST_CODE`].
    pub code: u32,
    /// How far it got.
    pub state: State,
    /// Counts the changes; what readers and other municipalities say of it is none.
    pub version: i64,
    /// Key of the municipality.
    pub municipality: String,
    /// Topic of the pack whose figure moved.
    pub topic: String,
    /// What is written.
    pub text: Text,
    /// Who proposed it.
    pub author_id: Uuid,
    /// Why it was rejected or withdrawn last.
    pub reason: Option<String>,
    /// The hash that was approved, until an edit.
    pub approved: Option<String>,
    /// When it was proposed.
    pub created_at: UnixMillis,
    /// When it changed last.
    pub updated_at: UnixMillis,
    /// When it was published.
    pub published_at: Option<UnixMillis>,
}

/// A figure that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Code of the series.
    pub series: String,
    /// Year and figure before.
    pub before: (u16, Figure),
    /// Year and figure after: the newest.
    pub after: (u16, Figure),
}

/// Why a figure tells of nothing that worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMoved {
    /// The newest figure, or one of an earlier year that can be compared with it, is not there.
    #[error("there are no two figures of it that can be compared")]
    NoFigures,
    /// It describes and does not judge.
    #[error("the figure describes, it does not judge")]
    NotJudged,
    /// It did not get better, or by less than is called a change.
    #[error("the figure did not clearly get better")]
    NotBetter,
}

/// The figure of a topic that moved for the better, from the last year that can be compared with the newest one as they
/// stand: a card has no room for the note of a warning.
///
/// # Errors
/// [`NotMoved`].
pub fn moved(facts: &Facts, id: MunicipalityId, topic: &Topic) -> Result<Moved, NotMoved> {
    let (code, series, year) = newest(facts, topic).ok_or(NotMoved::NoFigures)?;
    if series.direction == Direction::None {
        return Err(NotMoved::NotJudged);
    }
    let value = |year: u16| facts.reading(code, year, id).value();
    let after = value(year).ok_or(NotMoved::NoFigures)?;
    let comparable =
        |it: &u16| *it < year && comparability(facts, (code, *it), (code, year)).0 == Comparability::Yes;
    let mut earlier = facts.years(code).rev().filter(comparable);
    let before = earlier.find_map(|it| Some((it, value(it)?))).ok_or(NotMoved::NoFigures)?;
    let small = facts.municipality(id).population.is_some_and(|it| it < series.small_population);
    let least = if small { series.min_change_small } else { series.min_change };
    let change = toward(series.direction, after.minus(before.1));
    if order(series.direction, after, before.1).is_ge() || !reaches(change, least) {
        return Err(NotMoved::NotBetter);
    }
    Ok(Moved { series: code.to_owned(), before, after: (year, after) })
}

/// What an approval names: it changes with every word and every figure.
pub fn hash(card: &Card, moved: &Moved) -> String {
    let (before, after) = (moved.before, moved.after);
    let whole = serde_json::json!([
        card.id,
        card.code,
        card.municipality,
        card.topic,
        card.text,
        moved.series,
        [before.0.to_string(), before.1.to_string(), after.0.to_string(), after.1.to_string()],
    ]);
    sha256_hex(whole.to_string().as_bytes())
}

/// Whether a card is published and says what was approved: not once another release has other figures.
pub fn stands(facts: &Facts, card: &Card) -> bool {
    let moved = || {
        let (id, topic) = (facts.by_key(&card.municipality)?, facts.topic(&card.topic)?);
        moved(facts, id, topic).ok()
    };
    let approved = card.approved.as_ref().filter(|_| card.state == State::Published);
    approved.is_some_and(|approved| moved().is_some_and(|it| hash(card, &it) == *approved))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded;

    fn text() -> Text {
        Text {
            theme: Theme::Housing,
            title: "Piso firme por faenas".to_owned(),
            done: " 412 pisos con tequio\ny material del municipio. ".to_owned(),
            cost: "4.1 mdp".to_owned(),
            contact: "Obras Publicas de Huixtan".to_owned(),
            learned: String::new(),
            evidence: vec!["https://huixtan.gob.mx/pisos".to_owned()],
            sdg: Some(11),
        }
    }

    #[test]
    fn every_code_is_read_again() {
        for it in State::ALL {
            assert_eq!(it.code().parse(), Ok(*it));
        }
        for it in Theme::ALL {
            assert_eq!(it.code().parse(), Ok(*it));
            assert_eq!(serde_json::to_value(it).expect("a text"), it.code());
        }
        for it in Helped::ALL {
            assert_eq!(it.code().parse(), Ok(*it));
        }
    }

    #[test]
    fn a_text_that_does_not_hold_names_its_field() {
        type Change = fn(&mut Text);
        let checked = text().checked().expect("it holds");
        assert_eq!(checked.done, "412 pisos con tequio y material del municipio.");
        let wrong: [(&str, Change); 6] = [
            ("title", |it| it.title = "  a ".to_owned()),
            ("done", |it| it.done = "x".repeat(161)),
            ("title", |it| it.title = "\u{202e}\u{1f62d}".to_owned()),
            ("evidence", |it| it.evidence = vec!["http://huixtan.gob.mx".to_owned()]),
            ("evidence", |it| it.evidence = vec!["https://a.mx/\"><b>".to_owned()]),
            ("sdg", |it| it.sdg = Some(18)),
        ];
        for (field, change) in wrong {
            let mut text = text();
            change(&mut text);
            assert_eq!(text.checked().expect_err("it does not hold").0, field);
        }
    }

    #[test]
    fn a_finding_names_its_field_and_characters() {
        assert_eq!(text().findings(), []);
        let with = Text { contact: "¿Dudas? Llame al 55 1234 5678".to_owned(), ..text() };
        let found = with.findings();
        let [Finding { field: "contact", kind: Kind::Phone, chars: (start, end) }] = found[..] else {
            panic!("{found:?}")
        };
        let shown: String = with.contact.chars().skip(start).take(end - start).collect();
        assert_eq!(shown, "55 1234 5678");
    }

    #[test]
    fn the_figures_are_those_of_the_pack_and_got_better() {
        let facts = embedded::facts().expect("the embedded pack");
        let id = facts.by_key("07038").expect("Huixtán");
        let moved_on = |topic: &str| moved(&facts, id, facts.topic(topic).expect("a topic"));
        let casa = moved_on("casa").expect("it moved");
        assert_eq!((casa.series.as_str(), casa.before.0, casa.after.0), ("coneval_ic_cv", 2015, 2020));
        assert_eq!((casa.before.1.to_string(), casa.after.1.to_string()), ("39.3".into(), "17.7".into()));
        let better = facts.manifest.topics.iter().filter(|it| moved_on(&it.id).is_ok()).count();
        assert!((1..facts.manifest.topics.len()).contains(&better));
        // Nor with a note: a card has no room for it.
        assert_eq!(moved_on("escuela"), Err(NotMoved::NoFigures));
        // The years of DINERO are of two methods.
        assert_eq!(moved_on("dinero"), Err(NotMoved::NoFigures));
    }

    #[test]
    fn a_hash_changes_with_words_and_figures_and_not_with_the_state() {
        let moved = Moved {
            series: "coneval_ic_cv".to_owned(),
            before: (2015, Figure::new(393, 1)),
            after: (2020, Figure::new(177, 1)),
        };
        let now = UnixMillis(0);
        let card = Card {
            id: Uuid::nil(),
            code: 10,
            state: State::Draft,
            version: 1,
            municipality: "07038".to_owned(),
            topic: "casa".to_owned(),
            text: text(),
            author_id: Uuid::nil(),
            reason: None,
            approved: None,
            created_at: now,
            updated_at: now,
            published_at: None,
        };
        let first = hash(&card, &moved);
        assert_eq!(hash(&Card { state: State::InReview, version: 2, ..card.clone() }, &moved), first);
        let edited = Card { text: Text { cost: "4.2 mdp".to_owned(), ..text() }, ..card.clone() };
        assert_ne!(hash(&edited, &moved), first);
        assert_ne!(hash(&card, &Moved { after: (2020, Figure::new(178, 1)), ..moved }), first);
        // It is shown while the figures in use are those that were approved.
        let facts = embedded::facts().expect("the embedded pack");
        let published = Card { state: State::Published, approved: Some(first.clone()), ..card };
        assert!(stands(&facts, &published));
        assert!(!stands(&facts, &Card { approved: Some("0".repeat(64)), ..published.clone() }));
        assert!(!stands(&facts, &Card { state: State::Withdrawn, ..published.clone() }));
        assert!(!stands(&facts, &Card { topic: "dinero".to_owned(), ..published }));
    }
}
