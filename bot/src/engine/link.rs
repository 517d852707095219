//! `VINCULA`: joining a phone and a Telegram chat into one person.
//!
//! Whoever asks gets a code on the channel that asked; it is used on the other one. Who writes an
//! SMS only claims its number, so a code that comes by SMS proves nothing yet: a second one goes back
//! to that number, to be used in the chat that gave the first. Only a yes joins the two.

use serde::{Deserialize, Serialize};

use super::keywords::{self, Keyword};
use super::reply::Reply;
use super::{Effect, Turn};
use crate::domain::channel::ChannelKind;
use crate::domain::fold::words;
use crate::domain::time::{MINUTE, UnixMillis};

/// Digits of a code.
pub const DIGITS: usize = 6;
/// How long a code, and then the question, waits, ms.
pub const LASTS: i64 = 10 * MINUTE;
/// Wrong codes of a contact in [`LASTS`].
pub const TRIES: i64 = 3;

/// A one-time code. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code(pub String);

impl std::fmt::Debug for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Code(..)")
    }
}

/// What a text asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A code.
    New,
    /// To use this code.
    Use(Code),
    /// To be parted again.
    Part,
    /// Something that is no code.
    Other,
}

/// What the store says of a code that a contact wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is right and proves enough: the contact is asked.
    Right {
        /// Kind of the channel that it was asked for on.
        from: ChannelKind,
        /// Locale of who asked for it.
        locale: Option<String>,
    },
    /// It is right, but came by SMS: another code goes back to the number.
    SendBack,
    /// It is this contact's own.
    Own,
    /// It is not right, is used or is over.
    Wrong,
    /// Too many were wrong.
    TooMany,
}

/// What the dialogue can't know by itself when a text begins with `VINCULA`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFacts {
    /// Fresh random digits, for a code that is given now.
    pub fresh: Code,
    /// Whether the contact is joined with another one.
    pub linked: bool,
    /// What is known of the code in the text.
    pub checked: Option<Checked>,
}

/// Something to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEffect {
    /// This code was given to the contact.
    Given {
        /// The code.
        code: Code,
        /// Locale that the contact reads.
        locale: Option<String>,
    },
    /// The first code was right, and the second goes back to the number.
    SentBack {
        /// The code that was used.
        used: Code,
        /// The code that proves the number.
        code: Code,
        /// Locale that the contact reads.
        locale: Option<String>,
    },
    /// A code was wrong.
    Wrong,
    /// A right code was used: nobody else can use it.
    Used {
        /// The code.
        code: Code,
    },
    /// The contact said yes; the other one is told.
    Confirmed {
        /// Kind of the other one's channel.
        from: ChannelKind,
        /// Locale of the other one.
        locale: Option<String>,
    },
    /// The contact said no.
    Declined,
    /// The contact is parted from its person.
    Parted,
}

/// What is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkReply {
    /// The code, and where to write it.
    Code {
        /// The code.
        code: String,
    },
    /// The code that proves the number, and where to write it.
    Back {
        /// The code.
        code: String,
    },
    /// Join with whoever asked for the code?
    Ask,
    /// They are joined.
    Done,
    /// Told to the one who asked for the code: joined, and how to undo it.
    Told,
    /// Nothing was joined.
    NotDone,
    /// The code is wrong, used or over.
    Wrong,
    /// Too many wrong codes.
    TooMany,
    /// The code belongs to the other channel.
    Own,
    /// What to write.
    How,
    /// Parted.
    Parted,
    /// They were not joined.
    NotLinked,
}

impl LinkReply {
    /// Every one, for the tests.
    pub fn all() -> Vec<Self> {
        let code = "482913".to_owned();
        vec![
            Self::Code { code: code.clone() },
            Self::Back { code },
            Self::Ask,
            Self::Done,
            Self::Told,
            Self::NotDone,
            Self::Wrong,
            Self::TooMany,
            Self::Own,
            Self::How,
            Self::Parted,
            Self::NotLinked,
        ]
    }
}

/// What a text asks for that begins with `VINCULA`; `None` for every other text. The service asks
/// this before a step, since only the store knows codes.
pub fn asked(text: &str) -> Option<Asked> {
    let words = words(text);
    let (keyword, count) =
        keywords::leading(&words).or_else(|| Some((keywords::leading_with_slip(&words)?, 1)))?;
    if keyword != Keyword::Link {
        return None;
    }
    let rest: Vec<&String> = words[count..].iter().filter(|it| !keywords::courtesy(it)).collect();
    let digits: String = rest.iter().map(|it| it.as_str()).collect();
    Some(match rest[..] {
        [] => Asked::New,
        [word] if word == "no" => Asked::Part,
        // "482 913" is how people read it out.
        _ if digits.len() == DIGITS && digits.bytes().all(|it| it.is_ascii_digit()) => {
            Asked::Use(Code(digits))
        }
        _ => Asked::Other,
    })
}

impl Turn<'_> {
    /// `VINCULA` and what follows it.
    pub(super) fn link(&mut self) {
        let Some(facts) = self.inbound.link.clone() else {
            // A menu session or a channel without a store.
            return self.reply(Reply::NotOpen { feature: "link".to_owned() });
        };
        let locale = self.next.locale.clone();
        match (asked(&self.inbound.text), facts.checked) {
            (Some(Asked::New), _) => {
                let code = facts.fresh;
                self.reply(Reply::Link(LinkReply::Code { code: code.0.clone() }));
                self.effects.push(Effect::Link(LinkEffect::Given { code, locale }));
            }
            (Some(Asked::Use(code)), Some(checked)) => match checked {
                Checked::Right { from, locale } => {
                    self.reply(Reply::Link(LinkReply::Ask));
                    self.next.ask(super::conversation::Question::Link { from, locale }, self.inbound.at);
                    self.effects.push(Effect::Link(LinkEffect::Used { code }));
                }
                Checked::SendBack => {
                    let back = facts.fresh;
                    self.reply(Reply::Link(LinkReply::Back { code: back.0.clone() }));
                    self.effects.push(Effect::Link(LinkEffect::SentBack { used: code, code: back, locale }));
                }
                Checked::Own => self.reply(Reply::Link(LinkReply::Own)),
                Checked::Wrong => {
                    self.reply(Reply::Link(LinkReply::Wrong));
                    self.effects.push(Effect::Link(LinkEffect::Wrong));
                }
                Checked::TooMany => self.reply(Reply::Link(LinkReply::TooMany)),
            },
            (Some(Asked::Part), _) if facts.linked => {
                self.reply(Reply::Link(LinkReply::Parted));
                self.effects.push(Effect::Link(LinkEffect::Parted));
            }
            (Some(Asked::Part), _) => self.reply(Reply::Link(LinkReply::NotLinked)),
            _ => self.reply(Reply::Link(LinkReply::How)),
        }
    }

    /// The answer to "join?"; `false` when it is none. The question waits as long as a code.
    pub(super) fn link_answer(
        &mut self,
        asked_at: UnixMillis,
        yes: bool,
        no: bool,
        from: ChannelKind,
        locale: Option<String>,
    ) -> bool {
        if !yes && !no {
            return false;
        }
        self.next.pending = None;
        if yes && self.at().since(asked_at) <= LASTS {
            self.reply(Reply::Link(LinkReply::Done));
            self.effects.push(Effect::Link(LinkEffect::Confirmed { from, locale }));
        } else {
            self.reply(Reply::Link(if yes { LinkReply::Wrong } else { LinkReply::NotDone }));
            self.effects.push(Effect::Link(LinkEffect::Declined));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_behind_the_word() {
        let code = |text: &str| match asked(text) {
            Some(Asked::Use(code)) => Some(code.0),
            _ => None,
        };
        for text in ["VINCULA 482913", "vincula 482 913 por favor", "Link 482913", " vincula: 482913."] {
            assert_eq!(code(text).as_deref(), Some("482913"), "{text}");
        }
        for text in ["vincula 48291", "vincula 4829130", "vincula tlapa", "482913", "vincula 48291a"] {
            assert_eq!(code(text), None, "{text}");
        }
        assert_eq!(asked("vincula"), Some(Asked::New));
        assert_eq!(asked("VINCULA NO"), Some(Asked::Part));
        assert_eq!(asked("vincula mi casa"), Some(Asked::Other));
        assert_eq!(asked("tlapa"), None);
        assert!(!format!("{:?}", Code("482913".to_owned())).contains('4'));
    }
}
