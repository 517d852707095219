//! What is said of cases.

use serde::{Deserialize, Serialize};

use super::{FeedbackKind, Words};
use crate::domain::case::{Anonymity, CaseKind, CaseState, Folio, Pin};
use crate::domain::desk::Hours;
use crate::domain::pack::Localized;

/// A day of a year: month and day, from 1.
pub type Day = (u8, u8);

/// A case in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its public number.
    pub folio: Folio,
    /// How far it got.
    pub state: CaseState,
    /// Whether the person took it back.
    pub withdrawn: bool,
    /// Name of its category, where it may be said.
    #[serde(default)]
    pub about: Option<Localized>,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseReply {
    /// What is kept, and that going on agrees to it.
    Notice,
    /// The same as a question.
    Consent,
    /// What is it about?
    Category {
        /// What it becomes.
        kind: CaseKind,
        /// Names of the categories on this page.
        names: Vec<Localized>,
        /// Number of the first one, from 1.
        first: usize,
        /// Whether there are more.
        more: bool,
    },
    /// What happens?
    Text {
        /// What it becomes.
        kind: CaseKind,
    },
    /// In words, please.
    InWords,
    /// It was not understood: the same question with its choices.
    Again {
        /// The question.
        question: Box<Self>,
    },
    /// What happens is noted; of which municipality is it?
    PlaceToo,
    /// Where?
    Where,
    /// Is the problem at that point?
    There {
        /// Key of the nearest municipality.
        place: String,
    },
    /// A question of the category.
    Extra {
        /// What is asked.
        question: Localized,
    },
    /// Who may see it?
    Who,
    /// Under which name?
    Name,
    /// Go on with the draft?
    Resume,
    /// The draft is gone.
    Dropped,
    /// The receipt.
    Receipt {
        /// The public number.
        folio: Folio,
        /// The PIN.
        pin: Pin,
        /// Name of the office that answers; `None`: not said.
        office: Option<Localized>,
        /// Key of its municipality, which is said with the office: it may have been remembered wrongly.
        place: String,
        /// By when.
        by: Option<Day>,
        /// Whether it follows an older case.
        linked: bool,
        /// Who may know who reported it, where nobody asked.
        #[serde(default)]
        unasked: Option<Anonymity>,
        /// Whether it asks where that is which can't wait.
        #[serde(default)]
        asks_where: bool,
    },
    /// It is for an office of another level.
    OtherOffice {
        /// Its name.
        office: Localized,
        /// Its telephone.
        phone: Option<String>,
        /// Name of the office here that follows it.
        here: Localized,
    },
    /// Numbers to call at once.
    Urgent {
        /// Code of the group of words.
        group: String,
        /// The number of emergencies.
        emergency: String,
        /// The number of anonymous reports.
        anonymous: String,
        /// A line that helps: telephone and name.
        line: Option<(String, Localized)>,
    },
    /// How far a case got.
    State {
        /// Its public number.
        folio: Folio,
        /// How far.
        state: CaseState,
        /// Whether the person took it back.
        withdrawn: bool,
        /// By when there is news.
        by: Option<Day>,
    },
    /// Cases of the person, a page of them.
    Mine {
        /// The cases.
        cases: Vec<Listed>,
        /// Whether there are more.
        more: bool,
    },
    /// There are none to show.
    NoCases,
    /// The check digit is wrong.
    FolioSlip,
    /// There is no such folio, or it does not go with the PIN.
    FolioUnknown,
    /// Too many wrong PINs.
    FolioTries,
    /// How to ask.
    FolioHow,
    /// It is opened again.
    Reopened {
        /// Its public number.
        folio: Folio,
    },
    /// How was it dealt with?
    Stars,
    /// It is noted.
    Rated,
    /// Take it back?
    Withdraw {
        /// Its public number.
        folio: Folio,
        /// Whether others joined it: it stays for them.
        others: bool,
    },
    /// It stays for the others, and the person is told of it no more.
    Left {
        /// Its public number.
        folio: Folio,
    },
    /// It can't be taken back any more.
    WithdrawLate {
        /// Its public number.
        folio: Folio,
    },
    /// It is taken back.
    Withdrawn {
        /// Its public number.
        folio: Folio,
    },
    /// It goes on.
    Kept {
        /// Its public number.
        folio: Folio,
    },
    /// The corrected text?
    Correct,
    /// It is corrected.
    Corrected,
    /// It is too late to correct it.
    CorrectLate,
    /// There is nothing to correct.
    CorrectNone,
    /// Is it about that case?
    Join {
        /// Its public number.
        folio: Folio,
    },
    /// It is added to that case.
    Joined {
        /// Its public number; `None`: not said.
        folio: Option<Folio>,
    },
    /// It is not added.
    NotJoined,
    /// Is it this case, which is there already?
    Likely {
        /// Key of its municipality.
        place: String,
        /// The colonia, where the person named it, too: in her words.
        #[serde(default)]
        colonia: Option<Words>,
        /// Name of its category.
        category: Localized,
        /// Days since it was opened.
        days: u32,
        /// How far it got.
        state: CaseState,
        /// How many stand behind it.
        joined: u32,
    },
    /// The person joined somebody else's case.
    JoinedLikely {
        /// Its public number.
        folio: Folio,
        /// How many stand behind it now.
        joined: u32,
    },
    /// Is it to be reported?
    Offer,
    /// It is not reported.
    NotReported,
    /// Thanks for it.
    Feedback {
        /// What it is.
        kind: FeedbackKind,
    },
    /// Staff opened a case for what the person wrote.
    OpenedFor {
        /// The public number.
        folio: Folio,
        /// The PIN.
        pin: Pin,
        /// By when it is answered.
        by: Option<Day>,
    },
    /// A person will answer.
    Person {
        /// When they work.
        hours: Hours,
        /// Place in line, from 1; `None`: nobody has counted.
        line: Option<u32>,
    },
    /// Folio and PIN of the talk with a person.
    PersonFolio {
        /// The public number.
        folio: Folio,
        /// The PIN.
        pin: Pin,
    },
    /// A person will answer: still in line.
    PersonWaits {
        /// When they work.
        hours: Hours,
        /// How many are in line.
        line: u32,
    },
    /// The service answers again.
    PersonOver {
        /// The public number.
        folio: Folio,
    },
    /// Was it put right?
    FollowUp {
        /// Its public number.
        folio: Folio,
    },
    /// It goes with another case from now on.
    Merged {
        /// Its public number.
        folio: Folio,
        /// That of the other one, under which news come.
        original: Folio,
    },
    /// News of a case.
    News {
        /// Its public number.
        folio: Folio,
        /// How far it got.
        state: CaseState,
        /// Whether nothing is said of the state, since it is confidential.
        closed: bool,
        /// Name and telephone of the office that it is for.
        referral: Option<(String, String)>,
        /// The date of the work.
        date: Option<Day>,
    },
}

impl CaseReply {
    /// Every one with its longest arguments, for the tests.
    pub fn all(place: &str, longest: &Localized, hours: &Hours) -> Vec<Self> {
        let Ok(folio) = Folio::parse("4F7K2X") else { return Vec::new() };
        let Some(pin) = Pin::parse("8888") else { return Vec::new() };
        let by = Some((12, 28));
        let name = longest.clone();
        let receipt = |office: Option<&Localized>, linked: bool, unasked, asks_where| Self::Receipt {
            folio,
            pin: pin.clone(),
            office: office.cloned(),
            place: place.to_owned(),
            by,
            linked,
            unasked,
            asks_where,
        };
        let (hidden, public) = (Some(Anonymity::HiddenFromAll), Some(Anonymity::HiddenFromPublic));
        let mut all = vec![
            Self::Notice,
            Self::Consent,
            Self::InWords,
            Self::Where,
            Self::There { place: place.to_owned() },
            Self::Who,
            Self::Name,
            Self::Resume,
            Self::Dropped,
            receipt(Some(&name), false, None, false),
            receipt(None, false, None, false),
            receipt(Some(&name), true, None, false),
            receipt(Some(&name), false, public, false),
            receipt(None, false, public, false),
            receipt(None, false, hidden, false),
            receipt(None, false, None, true),
            Self::PlaceToo,
            Self::OtherOffice {
                office: name.clone(),
                phone: Some("800 888 8888".to_owned()),
                here: name.clone(),
            },
            Self::NoCases,
            Self::FolioSlip,
            Self::FolioUnknown,
            Self::FolioTries,
            Self::FolioHow,
            Self::Reopened { folio },
            Self::Stars,
            Self::Rated,
            Self::Withdraw { folio, others: false },
            Self::Withdraw { folio, others: true },
            Self::Left { folio },
            Self::WithdrawLate { folio },
            Self::OpenedFor { folio, pin: pin.clone(), by },
            Self::Withdrawn { folio },
            Self::Kept { folio },
            Self::Correct,
            Self::Corrected,
            Self::CorrectLate,
            Self::CorrectNone,
            Self::Join { folio },
            Self::Joined { folio: Some(folio) },
            Self::Joined { folio: None },
            Self::NotJoined,
            Self::JoinedLikely { folio, joined: 9_999 },
            Self::Offer,
            Self::NotReported,
            Self::Person { hours: hours.clone(), line: Some(9_999) },
            Self::Person { hours: hours.clone(), line: None },
            Self::PersonFolio { folio, pin: pin.clone() },
            Self::PersonWaits { hours: hours.clone(), line: 9_999 },
            Self::PersonOver { folio },
            Self::FollowUp { folio },
            Self::Merged { folio, original: folio },
        ];
        for kind in CaseKind::ALL.iter().copied() {
            all.push(Self::Text { kind });
            all.push(Self::Category { kind, names: vec![name.clone(); 3], first: 16, more: true });
        }
        for kind in [FeedbackKind::Suggestion, FeedbackKind::Praise, FeedbackKind::Story] {
            all.push(Self::Feedback { kind });
        }
        for state in CaseState::ALL.iter().copied() {
            for (days, joined) in [(0, 1), (1, 2), (30, 9_999)] {
                let (place, category) = (place.to_owned(), name.clone());
                let colonia = (joined > 1).then(|| Words("M".repeat(28)));
                all.push(Self::Likely { place, colonia, category, days, state, joined });
            }
            for withdrawn in [false, true] {
                all.push(Self::State { folio, state, withdrawn, by });
                for about in [None, Some(name.clone())] {
                    let listed = Listed { folio, state, withdrawn, about };
                    all.push(Self::Mine { cases: vec![listed; 4], more: true });
                }
            }
            let news = |closed, referral, date| Self::News { folio, state, closed, referral, date };
            all.push(news(false, None, None));
            all.push(news(true, None, None));
            all.push(news(false, None, by));
            let office = name.values().next().cloned().unwrap_or_default();
            all.push(news(false, Some((office, "800 888 8888".to_owned())), None));
        }
        let asks = |it: &&Self| {
            matches!(
                it,
                Self::Consent
                    | Self::Category { .. }
                    | Self::There { .. }
                    | Self::Who
                    | Self::Resume
                    | Self::Join { .. }
                    | Self::Likely { .. }
            )
        };
        let again: Vec<Self> =
            all.iter().filter(asks).map(|it| Self::Again { question: Box::new(it.clone()) }).collect();
        all.extend(again);
        all
    }
}
