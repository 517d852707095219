//! Texts of a person's rights over her own data.

use super::cases::{day, staff_text};
use super::words::{Words, choices, sentences};
use super::{Draft, Rendered, ReplyKind, Setting};
use crate::domain::channel::ChannelKind;
use crate::engine::cases::Day;
use crate::engine::privacy::PrivacyReply;

fn date(words: &Words<'_>, on: Day, year: i16) -> String {
    words.text("date-year", &[("day", &day(words, on)), ("year", &year.to_string())])
}

/// What staff says of a request, with the words of who decided; `None` where it takes more than three
/// segments.
pub fn decided(done: bool, reason: &str, setting: Setting<'_>) -> Option<Rendered> {
    let key = if done { "privacy-done" } else { "privacy-refused" };
    let text = Words::new(setting).text(key, &[("text", reason.trim())]);
    staff_text(&text, None, setting)
}

/// A text about a person's own data.
pub(super) fn privacy(words: &Words<'_>, reply: &PrivacyReply) -> Draft {
    let plain = |kind, key: &str| Draft::new(kind, vec![words.text(key, &[])]);
    let by = |kind, key: &str, on: Day| Draft::new(kind, vec![words.text(key, &[("by", &day(words, on))])]);
    match reply {
        PrivacyReply::CodeSent => plain(ReplyKind::Question, "privacy-code-sent"),
        PrivacyReply::Code { right, code } => {
            let what = words.text(&format!("privacy-what-{}", right.code()), &[]);
            let text = words.text("privacy-code", &[("what", &what), ("code", code)]);
            Draft::new(ReplyKind::Notice, vec![text])
        }
        PrivacyReply::CodeWaits => plain(ReplyKind::Question, "privacy-code-waits"),
        PrivacyReply::NoMoreCodes => plain(ReplyKind::Error, "privacy-no-more-codes"),
        PrivacyReply::Wrong => plain(ReplyKind::Error, "privacy-wrong"),
        PrivacyReply::TooMany => plain(ReplyKind::Error, "privacy-too-many"),
        PrivacyReply::Elsewhere { telegram: true } => plain(ReplyKind::Error, "privacy-elsewhere"),
        PrivacyReply::Elsewhere { telegram: false } => plain(ReplyKind::Error, "privacy-elsewhere-person"),
        PrivacyReply::Kept { since, answers, cases } => {
            let chat = words.channel == ChannelKind::Telegram;
            let device = words.text(if chat { "case-none-chat" } else { "case-none-phone" }, &[]);
            let (all, open) = (cases.0.to_string(), cases.1.to_string());
            let text = words.text(
                "privacy-kept",
                &[
                    ("device", &device),
                    ("since", &date(words, since.0, since.1)),
                    ("answers", &answers.to_string()),
                    ("municipality", words.municipality_word()),
                    ("cases", &all),
                    ("open", &open),
                ],
            );
            Draft::new(ReplyKind::Answer, vec![text])
        }
        PrivacyReply::KeptMore { consent, stopped, feedback, joined } => {
            let consent = match consent {
                Some((version, on, year)) => words.text(
                    "privacy-consent",
                    &[("version", &version.to_string()), ("date", &date(words, *on, *year))],
                ),
                None => words.text("privacy-no-consent", &[]),
            };
            let joined = if *joined { words.text("privacy-joined", &[]) } else { String::new() };
            let stopped = words.text(if *stopped { "privacy-stopped" } else { "privacy-not-stopped" }, &[]);
            let feedback = words.text("privacy-feedback", &[("feedback", &feedback.to_string())]);
            let next = words.text("privacy-next", &[]);
            Draft::new(ReplyKind::Answer, vec![sentences(&[&feedback, &consent, &joined, &stopped, &next])])
        }
        PrivacyReply::KeptDemands { written, signed, alerts } => {
            let counts = [written, signed, alerts].map(u32::to_string);
            let [written, signed, alerts] = counts.each_ref().map(String::as_str);
            let args = [("written", written), ("signed", signed), ("alerts", alerts)];
            Draft::new(ReplyKind::Answer, vec![words.text("privacy-demands", &args)])
        }
        PrivacyReply::AskErase => {
            plain(ReplyKind::Question, "privacy-ask-erase").offering(choices(&["1", "2"]))
        }
        PrivacyReply::AskEraseLater { folios, more } => {
            let mut list = folios.join(", ");
            if *more > 0 {
                let key = if folios.is_empty() { "privacy-cases" } else { "privacy-and-more" };
                list.push_str(&words.text(key, &[("count", &more.to_string())]));
            }
            let text = words.text("privacy-ask-erase-later", &[("list", &list)]);
            Draft::new(ReplyKind::Question, vec![text]).offering(choices(&["1", "2"]))
        }
        PrivacyReply::Erasing { by: on } => by(ReplyKind::Confirmation, "privacy-erasing", *on),
        PrivacyReply::ErasingLater => plain(ReplyKind::Confirmation, "privacy-erasing-later"),
        PrivacyReply::NotErased => plain(ReplyKind::Confirmation, "privacy-not-erased"),
        PrivacyReply::AskWords => plain(ReplyKind::Question, "privacy-ask-words"),
        PrivacyReply::Noted { by: on } => by(ReplyKind::Confirmation, "privacy-noted", *on),
        PrivacyReply::Already { by: on } => by(ReplyKind::Answer, "privacy-already", *on),
        PrivacyReply::Over => plain(ReplyKind::Error, "privacy-over"),
    }
}
