//! `MIS DATOS`, `CORREGIR DATOS`, `BORRAR`: a person's rights over her own data.
//!
//! Who writes an SMS only claims its number: a code is sent to the number first, apart from the answer, and
//! only who writes it back is answered. A Telegram chat is the person; to be erased it says yes.

use serde::{Deserialize, Serialize};

use super::cases::{Day, Words};
use super::conversation::Question;
use super::keywords::{self, Keyword};
use super::link::{Code, DIGITS};
use super::reply::Reply;
use super::{Conversation, Effect, Turn};
use crate::domain::channel::ChannelKind;
use crate::domain::desk::civil_day;
use crate::domain::fold::words;
use crate::domain::privacy::{ANSWER_LASTS, Deadlines, Right};
use crate::domain::time::UnixMillis;

/// The longest text that is kept of a person who has something put right, in characters.
const LONGEST: usize = 2_000;
/// Folios that fit an answer.
const FOLIOS: usize = 4;

/// What waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyQuestion {
    /// The code that was sent to the number.
    Code {
        /// What it is for.
        right: Right,
    },
    /// Erase?
    Erase,
    /// What is wrong, in her words.
    Words,
}

/// How the code stands that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// None was written.
    None,
    /// It is right.
    Right,
    /// It is wrong, was used or is over.
    Wrong,
    /// Too many were wrong.
    TooMany,
}

/// What is kept of a person, as kinds and counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptFacts {
    /// Since when.
    pub since: UnixMillis,
    /// Contacts joined as this person.
    pub contacts: u32,
    /// Messages of ours to her.
    pub answers: u32,
    /// Cases that she opened or joined, and how many of them are open.
    pub cases: (u32, u32),
    /// Suggestions, thanks and stories, and what she said of cards.
    pub feedback: u32,
    /// Demands that she wrote, those that she supports, and news that she asked for.
    pub demands: (u32, u32, u32),
    /// The notice that she agreed to, and when.
    pub consent: Option<(u16, UnixMillis)>,
    /// Whether she gets nothing that she did not ask for.
    pub stopped: bool,
}

/// What the dialogue can't know by itself where [`needed`] asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyFacts {
    /// Fresh random digits, for a code that is sent now.
    pub fresh: Code,
    /// Whether something can be sent to the number apart from the answer.
    pub can_push: bool,
    /// Whether she can write to the service on Telegram.
    pub telegram: bool,
    /// What the code is worth that was written.
    pub proof: Proof,
    /// What a code is for that was sent and can still be used.
    pub waits: Option<Right>,
    /// Whether another code may be sent today.
    pub may_give: bool,
    /// What is kept of her.
    pub kept: KeptFacts,
    /// Folios of her open cases, and how many more there are of which no folio is shown.
    pub open: (Vec<String>, usize),
    /// By when her open request of this kind is settled; `None`: there is none.
    pub requested: Option<UnixMillis>,
    /// The terms of a request that is made now.
    pub deadlines: Deadlines,
    /// At the latest an erasure that is asked for now is done then.
    pub erased_by: UnixMillis,
}

/// Something to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivacyEffect {
    /// This code goes to the number.
    CodeSent {
        /// What it is for.
        right: Right,
        /// The code.
        code: Code,
        /// Locale that the contact reads.
        locale: Option<String>,
    },
    /// A code was wrong.
    CodeWrong,
    /// The right code came.
    CodeUsed,
    /// Something is asked for.
    Asked {
        /// What.
        right: Right,
        /// Her words; empty where none are needed.
        text: Words,
        /// Key of her home municipality.
        municipality: Option<String>,
        /// Locale that she reads.
        locale: Option<String>,
    },
}

/// What is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyReply {
    /// A code goes to the number by a message of its own.
    CodeSent,
    /// That message.
    Code {
        /// What it is for.
        right: Right,
        /// The code.
        code: String,
    },
    /// A code was sent before and can still be used.
    CodeWaits,
    /// No more codes today.
    NoMoreCodes,
    /// The code is wrong or over.
    Wrong,
    /// Too many wrong ones.
    TooMany,
    /// Here a number can't be proved: what to do instead.
    Elsewhere {
        /// Whether there is a Telegram to do it on.
        telegram: bool,
    },
    /// What is kept, first page.
    Kept {
        /// Day and year since when.
        since: (Day, i16),
        /// Messages of ours.
        answers: u32,
        /// Cases, and open ones among them.
        cases: (u32, u32),
    },
    /// What is kept, second page.
    KeptMore {
        /// Version, day and year of the notice that she agreed to.
        consent: Option<(u16, Day, i16)>,
        /// Whether she gets nothing that she did not ask for.
        stopped: bool,
        /// Suggestions, thanks and stories.
        feedback: u32,
        /// Whether her phone and her chat are joined.
        joined: bool,
    },
    /// What is kept of demands, where there is something.
    KeptDemands {
        /// Those that she wrote.
        written: u32,
        /// Those that she supports.
        signed: u32,
        /// News that she asked for.
        alerts: u32,
    },
    /// Erase everything?
    AskErase,
    /// Erase everything, once these cases are closed?
    AskEraseLater {
        /// Folios.
        folios: Vec<String>,
        /// How many more.
        more: usize,
    },
    /// It is erased by this day.
    Erasing {
        /// Day.
        by: Day,
    },
    /// It is erased when the open cases are closed.
    ErasingLater,
    /// Nothing is erased.
    NotErased,
    /// What is wrong?
    AskWords,
    /// It was noted, and is answered by this day.
    Noted {
        /// Day.
        by: Day,
    },
    /// It was asked for before, and is answered by this day.
    Already {
        /// Day.
        by: Day,
    },
    /// The time to answer is over.
    Over,
}

impl PrivacyReply {
    /// Every one, with its longest arguments, for the tests.
    pub fn all() -> Vec<Self> {
        let by = (9, 28);
        let code = "482913".to_owned();
        let folios = vec!["4F7K2X".to_owned(); FOLIOS];
        let mut all: Vec<Self> =
            Right::ALL.into_iter().map(|right| Self::Code { right, code: code.clone() }).collect();
        for (consent, stopped, joined) in
            [(Some((12, by, 2026)), true, true), (None, false, false), (Some((1, by, 2026)), false, true)]
        {
            all.push(Self::KeptMore { consent, stopped, feedback: 1_234, joined });
        }
        all.extend([
            Self::CodeSent,
            Self::CodeWaits,
            Self::NoMoreCodes,
            Self::Wrong,
            Self::TooMany,
            Self::Elsewhere { telegram: true },
            Self::Elsewhere { telegram: false },
            Self::Kept { since: (by, 2026), answers: 123_456, cases: (1_234, 1_234) },
            Self::Kept { since: (by, 2026), answers: 0, cases: (0, 0) },
            Self::KeptDemands { written: 1_234, signed: 1_234, alerts: 1_234 },
            Self::AskErase,
            Self::AskEraseLater { folios, more: 0 },
            Self::AskEraseLater { folios: vec!["4F7K2X".to_owned(); FOLIOS], more: 99 },
            Self::AskEraseLater { folios: Vec::new(), more: 99 },
            Self::Erasing { by },
            Self::ErasingLater,
            Self::NotErased,
            Self::AskWords,
            Self::Noted { by },
            Self::Already { by },
            Self::Over,
        ]);
        all
    }
}

/// What a text is about, and the code in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// What is asked for.
    pub right: Right,
    /// The code that was written.
    pub code: Option<Code>,
}

/// The right that a keyword is for.
fn right_of(keyword: Keyword) -> Option<Right> {
    match keyword {
        Keyword::MyData => Some(Right::Access),
        Keyword::CorrectData => Some(Right::Correction),
        Keyword::Erase => Some(Right::Erasure),
        _ => None,
    }
}

/// The six digits that some words are.
fn digits(words: &[String]) -> Option<Code> {
    let rest: Vec<&String> = words.iter().filter(|it| !keywords::courtesy(it)).collect();
    let digits: String = rest.iter().map(|it| it.as_str()).collect();
    (digits.len() == DIGITS && digits.bytes().all(|it| it.is_ascii_digit())).then_some(Code(digits))
}

/// What the store must say before a step about this text; `None` for every other text, which costs nothing.
pub fn needed(conversation: &Conversation, text: &str) -> Option<Needed> {
    let words = words(text);
    if let Some((keyword, count)) = keywords::leading(&words)
        && let Some(right) = right_of(keyword)
    {
        return Some(Needed { right, code: digits(&words[count..]) });
    }
    let slip = keywords::leading_with_slip(&words).and_then(right_of);
    if let Some(right) = slip {
        return Some(Needed { right, code: None });
    }
    match conversation.pending.as_ref().map(|it| &it.question) {
        Some(Question::Privacy(PrivacyQuestion::Code { right })) => {
            digits(&words).map(|code| Needed { right: *right, code: Some(code) })
        }
        Some(Question::Privacy(PrivacyQuestion::Erase)) => Some(Needed { right: Right::Erasure, code: None }),
        Some(Question::Privacy(PrivacyQuestion::Words)) => {
            Some(Needed { right: Right::Correction, code: None })
        }
        _ => None,
    }
}

impl Turn<'_> {
    /// `MIS DATOS`, `CORREGIR DATOS`, `BORRAR`, with the code behind it or without.
    pub(super) fn right(&mut self, right: Right) {
        let Some(facts) = self.inbound.privacy.clone() else {
            // A channel without a store.
            return self.closed("my-data");
        };
        self.next.pending = None;
        match self.inbound.channel {
            ChannelKind::Telegram => self.proven(right, &facts),
            // Who holds the phone of a menu for a moment proves nothing.
            ChannelKind::Ussd => self.privacy_reply(PrivacyReply::Elsewhere { telegram: facts.telegram }),
            ChannelKind::Sms if facts.proof != Proof::None => self.proof(right, &facts),
            ChannelKind::Sms => self.send_code(right, facts),
        }
    }

    fn send_code(&mut self, right: Right, facts: PrivacyFacts) {
        let question = Question::Privacy(PrivacyQuestion::Code { right });
        if !facts.can_push {
            self.privacy_reply(PrivacyReply::Elsewhere { telegram: facts.telegram });
        } else if facts.waits == Some(right) {
            self.privacy_reply(PrivacyReply::CodeWaits);
            self.next.ask(question, self.inbound.at);
        } else if !facts.may_give {
            self.privacy_reply(PrivacyReply::NoMoreCodes);
        } else {
            self.privacy_reply(PrivacyReply::CodeSent);
            self.next.ask(question, self.inbound.at);
            let locale = self.next.locale.clone();
            self.effects.push(Effect::Privacy(PrivacyEffect::CodeSent { right, code: facts.fresh, locale }));
        }
    }

    /// A code was written.
    fn proof(&mut self, right: Right, facts: &PrivacyFacts) {
        match facts.proof {
            Proof::Right => {
                self.effects.push(Effect::Privacy(PrivacyEffect::CodeUsed));
                self.proven(right, facts);
            }
            Proof::TooMany => self.privacy_reply(PrivacyReply::TooMany),
            Proof::Wrong | Proof::None => {
                self.privacy_reply(PrivacyReply::Wrong);
                self.effects.push(Effect::Privacy(PrivacyEffect::CodeWrong));
                // The right one may come still.
                if facts.waits == Some(right) {
                    self.next.ask(Question::Privacy(PrivacyQuestion::Code { right }), self.inbound.at);
                }
            }
        }
    }

    /// It is the person who writes. What she asked for before is said to nobody else.
    fn proven(&mut self, right: Right, facts: &PrivacyFacts) {
        if let Some(by) = facts.requested {
            return self.already(right, by, facts);
        }
        match right {
            Right::Access => {
                let kept = &facts.kept;
                let day = |at: UnixMillis| (self.privacy_day(at), year(at));
                let (written, signed, alerts) = kept.demands;
                let demands = (kept.demands != (0, 0, 0)).then_some(PrivacyReply::KeptDemands {
                    written,
                    signed,
                    alerts,
                });
                let pages = [
                    PrivacyReply::Kept { since: day(kept.since), answers: kept.answers, cases: kept.cases },
                    PrivacyReply::KeptMore {
                        consent: kept.consent.map(|(version, at)| (version, day(at).0, day(at).1)),
                        stopped: kept.stopped,
                        feedback: kept.feedback,
                        joined: kept.contacts > 1,
                    },
                ];
                self.pages(pages.into_iter().chain(demands).map(Reply::Privacy).collect());
                self.asked(right, String::new());
            }
            Right::Correction => {
                self.privacy_reply(PrivacyReply::AskWords);
                self.next.ask(Question::Privacy(PrivacyQuestion::Words), self.inbound.at);
            }
            // A code that was sent for it is the yes, unless something is left to be said.
            Right::Erasure if self.inbound.channel == ChannelKind::Sms && nothing_open(facts) => {
                self.erase(facts);
            }
            Right::Erasure => {
                let (folios, more) = &facts.open;
                let reply = if nothing_open(facts) {
                    PrivacyReply::AskErase
                } else {
                    let shown: Vec<String> = folios.iter().take(FOLIOS).cloned().collect();
                    let more = more + folios.len() - shown.len();
                    PrivacyReply::AskEraseLater { folios: shown, more }
                };
                self.privacy_reply(reply);
                self.next.ask(Question::Privacy(PrivacyQuestion::Erase), self.inbound.at);
            }
        }
    }

    /// It was asked for before.
    fn already(&mut self, right: Right, by: UnixMillis, facts: &PrivacyFacts) {
        self.privacy_reply(if right == Right::Erasure && !nothing_open(facts) {
            PrivacyReply::ErasingLater
        } else {
            PrivacyReply::Already { by: self.privacy_day(by) }
        });
    }

    fn erase(&mut self, facts: &PrivacyFacts) {
        if !self.next.stopped {
            self.next.stopped = true;
            self.effects.push(Effect::OptOut);
        }
        self.privacy_reply(if nothing_open(facts) {
            PrivacyReply::Erasing { by: self.privacy_day(facts.erased_by) }
        } else {
            PrivacyReply::ErasingLater
        });
        self.asked(Right::Erasure, String::new());
    }

    fn asked(&mut self, right: Right, text: String) {
        let municipality = self.next.place(self.inbound.at).map(str::to_owned);
        let locale = self.next.locale.clone();
        let asked = PrivacyEffect::Asked { right, text: Words(text), municipality, locale };
        self.effects.push(Effect::Privacy(asked));
    }

    /// The answer to a question of this file; `false` when it is none.
    pub(super) fn privacy_answer(
        &mut self,
        asked_at: UnixMillis,
        question: PrivacyQuestion,
        text: &str,
        keyword: Option<Keyword>,
        (yes, no): (bool, bool),
    ) -> bool {
        let Some(facts) = self.inbound.privacy.clone() else { return false };
        let folded = words(text);
        match question {
            PrivacyQuestion::Code { right } => {
                if digits(&folded).is_none() {
                    return false;
                }
                self.next.pending = None;
                self.proof(right, &facts);
            }
            PrivacyQuestion::Erase => {
                if !yes && !no {
                    return false;
                }
                self.next.pending = None;
                if no {
                    self.privacy_reply(PrivacyReply::NotErased);
                } else if self.at().since(asked_at) > ANSWER_LASTS {
                    self.privacy_reply(PrivacyReply::Over);
                } else if let Some(by) = facts.requested {
                    self.already(Right::Erasure, by, &facts);
                } else {
                    self.erase(&facts);
                }
            }
            PrivacyQuestion::Words => {
                // A word that says something else wins, and the question waits.
                if keyword.is_some() || keywords::leading(&folded).is_some_and(|it| right_of(it.0).is_some())
                {
                    return false;
                }
                self.next.pending = None;
                if self.at().since(asked_at) > ANSWER_LASTS {
                    self.privacy_reply(PrivacyReply::Over);
                } else {
                    let by = self.privacy_day(facts.deadlines.due);
                    self.privacy_reply(PrivacyReply::Noted { by });
                    self.asked(Right::Correction, text.trim().chars().take(LONGEST).collect());
                }
            }
        }
        true
    }

    fn privacy_reply(&mut self, reply: PrivacyReply) {
        self.reply(Reply::Privacy(reply));
    }

    /// The day on which an instant lies at the person's home; the end of a day belongs to it.
    fn privacy_day(&self, at: UnixMillis) -> Day {
        let zone = self
            .next
            .place(self.inbound.at)
            .and_then(|key| self.facts.by_key(key))
            .map_or(self.facts.manifest.pack.time_zone.as_str(), |id| {
                self.facts.municipality(id).time_zone.as_str()
            });
        civil_day(at.plus(-1), zone).unwrap_or((1, 1))
    }
}

fn nothing_open(facts: &PrivacyFacts) -> bool {
    facts.open.0.is_empty() && facts.open.1 == 0
}

fn year(at: UnixMillis) -> i16 {
    jiff::Timestamp::from_millisecond(at.0).map_or(1_970, |it| it.to_zoned(jiff::tz::TimeZone::UTC).year())
}
