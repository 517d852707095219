//! Reports, questions and suggestions: how a message becomes a case, and what is said of it afterwards.
//!
//! What only the store knows comes in as [`CaseFacts`], asked for where [`needed`] says so: an ordinary
//! comparison costs nothing. What is to be kept goes out as [`CaseEffect`].

mod after;
mod draft;
mod feedback;
mod intake;
mod likely;
mod person;
mod reply;
mod steps;
mod urgent;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::conversation::{Conversation, Question, Then};
use super::interpret::{Intent, interpret, takes_words};
use super::keywords::{self, Keyword};
use super::topics;
use crate::domain::case::clock::Dues;
use crate::domain::case::{Anonymity, CaseKind, CaseState, Confidentiality, Folio, Pin};
use crate::domain::channel::ChannelKind;
use crate::domain::desk::{Category, Desk, OTHER};
use crate::domain::facts::Facts;
use crate::domain::fold::words;
use crate::domain::place::{Context, Decision};
use crate::domain::time::{DAY, MINUTE, UnixMillis};
pub use draft::{Intake, IntakeKind};
pub(super) use intake::after_words;
pub use likely::Likely;
pub use reply::{CaseReply, Day, Listed};
pub(super) use steps::Answer;

/// Version of the wording of the notice before a report.
pub const CONSENT_VERSION: u16 = 1;
/// How long a draft is kept, in ms.
pub const DRAFT_LASTS: i64 = 7 * DAY;
/// What is written this soon after a report is about it, in ms.
const AT_ONCE: i64 = 10 * MINUTE;
/// Options of a page.
const PAGE: usize = 5;
/// Words with which a text may tell what happens, without a keyword.
const TELLS: usize = 4;
/// Words that a folio stands beside, folded, and small ones between them.
const FOLIO: &[&str] = &["folio", "folios", "foleo"];
const BESIDE_FOLIO: &[&str] =
    &["numero", "num", "no", "clave", "pin", "con", "number", "reporte", "report", "caso", "case", "queja"];

/// Words of a person. `Debug` does not show them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(pub String);

impl std::fmt::Debug for Words {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Words(..)")
    }
}

/// Latitude and longitude in millionths of a degree: exact in JSON.
pub type Point = (i32, i32);

/// A case as the one who opened or joined it may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyCase {
    /// Its id.
    pub id: Uuid,
    /// Its public number.
    pub folio: Folio,
    /// What it is.
    pub kind: CaseKind,
    /// How far it got.
    pub state: CaseState,
    /// Whether the person took it back.
    pub withdrawn: bool,
    /// Key of the municipality.
    pub municipality: String,
    /// Code of its category.
    pub category: String,
    /// Code of the office that answers.
    pub office: String,
    /// How closed its text is.
    pub confidentiality: Confidentiality,
    /// Whether this person opened it; else joined.
    pub opener: bool,
    /// Whether other persons joined it.
    pub others: bool,
    /// Whether staff has opened it.
    pub seen: bool,
    /// Whether it waits for the person.
    pub waits: bool,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it was closed.
    pub closed_at: Option<UnixMillis>,
    /// When something is owed next.
    pub next_due: Option<UnixMillis>,
}

/// A question after a closing that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Its id.
    pub id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// The case's public number.
    pub folio: Folio,
    /// When it was asked.
    pub asked_at: UnixMillis,
    /// When the case was closed.
    pub closed_at: UnixMillis,
}

/// What the store says of a folio that was asked about with a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookedUp {
    /// The PIN is right.
    Right(Box<MyCase>),
    /// It is not, or there is no such folio.
    Wrong,
    /// Too many were wrong.
    TooMany,
}

/// What the dialogue can't know by itself.
#[derive(Clone, Debug)]
pub struct CaseFacts {
    /// Categories, offices and urgent words.
    pub desk: Arc<Desk>,
    /// A fresh folio and PIN, for a case that is opened now.
    pub fresh: (Folio, Pin),
    /// Cases of the person, the newest first: open ones, and those closed lately.
    pub mine: Vec<MyCase>,
    /// The question that waits for an answer.
    pub asked: Option<FollowUp>,
    /// The person's last message in a thread: its case, and when.
    pub last_written: Option<(Uuid, UnixMillis)>,
    /// What is known of the folio and PIN in the text.
    pub looked_up: Option<LookedUp>,
    /// People of the person's municipality who wait for a person, where [`line_needed`] asks for it.
    pub line: Option<u32>,
    /// A case that is likely the same as what the draft tells, or the one that was asked about, where it
    /// may still be joined.
    pub likely: Option<Likely>,
}

/// A case that is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its public number.
    pub folio: Folio,
    /// The PIN that goes with it.
    pub pin: Pin,
    /// What it is.
    pub kind: CaseKind,
    /// Key of the municipality.
    pub municipality: String,
    /// Code of its category.
    pub category: String,
    /// Code of the office that answers.
    pub office: String,
    /// Topic of the comparison that it came from.
    pub topic: Option<String>,
    /// What happens.
    pub text: Words,
    /// Colonia and reference.
    pub place: Option<Words>,
    /// Where, by a shared location.
    pub point: Option<Point>,
    /// Who may see who reported it.
    pub anonymity: Anonymity,
    /// How closed its text is.
    pub confidentiality: Confidentiality,
    /// Questions (codes) with what was answered.
    pub answers: Vec<(String, Words)>,
    /// What is owed.
    pub dues: Dues,
    /// An older case that this one follows.
    pub linked_to: Option<Uuid>,
    /// Emergency or violence.
    pub urgent: bool,
    /// When its dialogue began.
    pub began_at: UnixMillis,
}

/// What a person says about the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackKind {
    /// Something is proposed.
    Suggestion,
    /// Thanks, with words.
    Praise,
    /// How something went.
    Story,
}

/// Something to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseEffect {
    /// A case is opened.
    Opened(Box<Opening>),
    /// The person wants to talk to a person.
    HandedOver(Box<Opening>),
    /// The person joins somebody else's case.
    Joined {
        /// The case.
        case_id: Uuid,
        /// What she told.
        text: Words,
        /// When her dialogue began: her photos and voices since then belong to the case.
        began_at: UnixMillis,
    },
    /// A message joins the thread of a case.
    Written {
        /// The case.
        case_id: Uuid,
        /// What is written.
        text: Words,
    },
    /// The person takes it back.
    Withdrawn {
        /// The case.
        case_id: Uuid,
    },
    /// The person is told of it no more; it stays for the others who joined.
    Left {
        /// The case.
        case_id: Uuid,
    },
    /// The last message reads this instead.
    Corrected {
        /// The case.
        case_id: Uuid,
        /// The new text.
        text: Words,
    },
    /// It was not put right.
    Disputed {
        /// The case.
        case_id: Uuid,
        /// The question that is answered.
        question: Uuid,
    },
    /// It was put right.
    Confirmed {
        /// The case.
        case_id: Uuid,
        /// The question that is answered.
        question: Uuid,
    },
    /// How it was dealt with.
    Rated {
        /// The case.
        case_id: Uuid,
        /// 1 to 5.
        stars: u8,
    },
    /// Something for the queue of feedback.
    Feedback {
        /// What it is.
        kind: FeedbackKind,
        /// Key of the municipality.
        municipality: String,
        /// The words.
        text: Words,
    },
    /// The person agreed to the notice of this version.
    Consented {
        /// Version of its wording.
        version: u16,
    },
    /// The PIN of a folio was tried.
    Tried {
        /// The folio.
        folio: Folio,
        /// Whether the PIN was right.
        right: bool,
    },
}

/// A question of this part of the dialogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseQuestion {
    /// Does the person agree?
    Consent,
    /// What is it about?
    Category {
        /// Page, from 0.
        page: usize,
    },
    /// What happens?
    Text,
    /// Where?
    Where,
    /// Is the problem at that point?
    There {
        /// The point.
        point: Point,
    },
    /// A question of the category.
    Extra {
        /// Its number, from 0.
        index: usize,
    },
    /// Who may see it?
    Who,
    /// Under which name?
    Name,
    /// Go on with the draft?
    Resume,
    /// Is it this case that is there?
    Same {
        /// The case.
        case_id: Uuid,
    },
    /// Take the case back?
    Withdraw {
        /// The case.
        case_id: Uuid,
        /// Its public number.
        folio: Folio,
    },
    /// The corrected text?
    Correct {
        /// The case.
        case_id: Uuid,
    },
    /// Is this about that case?
    Join {
        /// The case.
        case_id: Uuid,
        /// Its public number.
        folio: Folio,
        /// What was written.
        text: Words,
    },
    /// How was it dealt with?
    Stars {
        /// The case.
        case_id: Uuid,
    },
    /// Where is what can't wait?
    UrgentWhere,
    /// Is it to be reported?
    Offer {
        /// What was written.
        text: Words,
    },
}

impl CaseQuestion {
    /// Whether it is a step of the draft.
    pub(super) fn is_step(&self) -> bool {
        !matches!(
            self,
            Self::Withdraw { .. }
                | Self::Correct { .. }
                | Self::Join { .. }
                | Self::Stars { .. }
                | Self::UrgentWhere
                | Self::Offer { .. }
        )
    }
}

/// A folio and a PIN that a text asks about; `None` where it does not. The service asks this before a
/// step, since only the store knows them.
pub fn status_asked(text: &str) -> Option<(Folio, Option<Pin>)> {
    let words = words(text);
    let rest = match keywords::leading(&words) {
        Some((Keyword::Status, count)) => words[count..].to_vec(),
        None => beside_folio(&words).unwrap_or(words),
        Some(_) => return None,
    };
    folio_and_pin(&rest)
}

/// What stands beside the word folio ("mi folio es 4F7K2X"); `None` where that word is not there.
fn beside_folio(words: &[String]) -> Option<Vec<String>> {
    let folio = |it: &String| FOLIO.contains(&it.as_str());
    let says = |it: &&String| !folio(it) && !BESIDE_FOLIO.contains(&it.as_str()) && !keywords::filler(it);
    words.iter().any(folio).then(|| words.iter().filter(says).cloned().collect())
}

fn folio_and_pin(rest: &[String]) -> Option<(Folio, Option<Pin>)> {
    let rest: Vec<&str> = rest.iter().map(String::as_str).filter(|it| !keywords::courtesy(it)).collect();
    if rest.is_empty() || rest.len() > 5 {
        return None;
    }
    if let Ok(folio) = Folio::parse(&rest.concat()) {
        return Some((folio, None));
    }
    let (pin, folio) = rest.split_last()?;
    Some((Folio::parse(&folio.concat()).ok()?, Some(Pin::parse(pin)?)))
}

/// Whether a message needs what the store knows of a person's cases.
pub fn needed(conversation: &Conversation, text: &str, facts: &Facts, desk: &Desk) -> bool {
    if !desk.is_open() {
        return false;
    }
    let words = words(text);
    let asked = conversation.pending.as_ref().map(|it| &it.question);
    let about_a_case = match asked {
        // The menu has reports.
        Some(Question::Case(_) | Question::Menu) => true,
        Some(Question::Which { then, .. } | Question::Place { then }) => *then == Then::Intake,
        _ => false,
    };
    if about_a_case
        || conversation.intake.is_some()
        || conversation.with_person.is_some()
        || desk.urgent(&words).is_some()
        || only_names(&words, "", facts, desk).is_some()
    {
        return true;
    }
    let alone = keywords::alone(&words);
    let leading = keywords::leading(&words).or_else(|| Some((keywords::leading_with_slip(&words)?, 1)));
    let taken = leading.is_some_and(|(it, count)| takes_words(it, &words[0], &words[count..]));
    match alone.or(leading.map(|it| it.0)) {
        Some(keyword) if keyword.about_cases() => return true,
        // They answer a question that was asked later than the one that waits.
        Some(Keyword::Yes | Keyword::No) => return true,
        Some(Keyword::Thanks) if words.iter().any(|it| it == "por" || it == "for") => return true,
        Some(Keyword::Trend) if words.len() > 6 => return true,
        Some(_) if alone.is_some() || taken => return false,
        // "buenas tardes" or "ya no" in front of a sentence says nothing of it.
        _ => {}
    }
    if words.len() == 1 && words[0].len() <= 2 && words[0].bytes().all(|it| it.is_ascii_digit()) {
        return asked.is_none() || conversation.has_cases;
    }
    let plain = speaks_plainly(&words, desk);
    let tells = conversation.has_cases || words.len() >= TELLS;
    let intent = (plain || tells).then(|| interpret(text, facts, Context::default()));
    status_asked(text).is_some()
        || plain && intent.as_ref().is_some_and(|it| it.may_mean_otherwise(&words))
        || tells && intent == Some(Intent::Unknown)
        || sounds_like_report(&words, desk)
        || conversation.has_cases && (words.len() > 2 || desk.addresses().begin(&words))
}

/// Whether a text without a keyword asks for something of this part of the dialogue all the same: it speaks
/// of reporting, of a folio, or of a person to talk to.
fn speaks_plainly(words: &[String], desk: &Desk) -> bool {
    desk.speaks_of_reporting(words) || desk.asks_for_person(words) || beside_folio(words).is_some()
}

/// Whether a text tells what happens where the person is.
fn sounds_like_report(words: &[String], desk: &Desk) -> bool {
    words.len() >= TELLS && desk.tells_of_own_place(words) && desk.find_category("", words).is_some()
}

/// The category of which a text is a word, a small one before it apart ("un bache"), and that is no keyword, topic
/// or place. A slip of one of those counts for nothing beside it, unless the topic is the category's own ("medicos").
fn only_names<'d>(words: &[String], cvegeo: &str, facts: &Facts, desk: &'d Desk) -> Option<&'d Category> {
    let named = match words {
        [first, rest @ ..] if keywords::filler(first) && !keywords::courtesy(first) => rest,
        _ => words,
    };
    let names = |it: &&Category| it.code != OTHER && it.phrases.iter().any(|it| it == words || it == named);
    let category = desk.menu(cvegeo).find(names)?;
    let command = keywords::alone(words).is_some()
        || keywords::leading(words).is_some_and(|(it, count)| takes_words(it, &words[0], &words[count..]));
    let own = |it: String| category.topics.contains(&it);
    let topic = topics::find(facts, words).is_some() || topics::with_slip(facts, words).is_some_and(own);
    let place = || facts.places.find_exact(&words.join(" "), Context::default()) != Decision::None;
    (!command && !topic && !place()).then_some(category)
}

/// Whether it must be known how many wait for a person.
pub fn line_needed(conversation: &Conversation, text: &str, desk: &Desk) -> bool {
    let words = words(text);
    let asks = keywords::leading(&words).is_some_and(|(keyword, _)| keyword == Keyword::Person);
    asks || desk.asks_for_person(&words)
        || conversation.intake.as_ref().is_some_and(|it| it.kind == IntakeKind::Person)
}

/// Whether a channel only claims who writes.
fn bare(channel: ChannelKind) -> bool {
    channel != ChannelKind::Telegram
}
