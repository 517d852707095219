//! Texts of joining a phone and a Telegram chat.

use super::words::{Words, choices};
use super::{Draft, ReplyKind};
use crate::domain::channel::ChannelKind;
use crate::engine::link::LinkReply;

/// A text of joining. A code is written on the other channel than the one that shows it.
pub(super) fn link(words: &Words<'_>, reply: &LinkReply) -> Draft {
    let telegram = words.channel == ChannelKind::Telegram;
    let (kind, key, code) = match reply {
        LinkReply::Code { code } if telegram => (ReplyKind::Answer, "link-code-for-sms", code.as_str()),
        LinkReply::Code { code } => (ReplyKind::Answer, "link-code-for-telegram", code.as_str()),
        LinkReply::Back { code } => (ReplyKind::Answer, "link-back", code.as_str()),
        LinkReply::Ask => (ReplyKind::Question, "link-ask", ""),
        LinkReply::Done => (ReplyKind::Confirmation, "link-done", ""),
        LinkReply::Told => (ReplyKind::Notice, "link-told", ""),
        LinkReply::NotDone => (ReplyKind::Confirmation, "link-not-done", ""),
        LinkReply::Wrong => (ReplyKind::Error, "link-wrong", ""),
        LinkReply::TooMany => (ReplyKind::Error, "link-too-many", ""),
        LinkReply::Own => (ReplyKind::Error, "link-own", ""),
        LinkReply::How => (ReplyKind::Error, "link-how", ""),
        LinkReply::Parted => (ReplyKind::Confirmation, "link-parted", ""),
        LinkReply::NotLinked => (ReplyKind::Error, "link-not-linked", ""),
    };
    let text = words.text(key, &[("code", code), ("service", words.service)]);
    let choices = if *reply == LinkReply::Ask { choices(&["1", "2"]) } else { Vec::new() };
    Draft::new(kind, vec![text]).offering(choices)
}
