//! Turns an update of Telegram into a message in. No rule of the dialogue is here.

use teloxide::types::{
    CallbackQueryId, Chat, ChatMemberKind, MaybeInaccessibleMessage, Message, MessageKind, Update, UpdateKind,
};

use crate::domain::channel::ChannelKind;
use crate::domain::time::UnixMillis;
use crate::service::NewInbound;
use crate::store::media::{MediaKind, NewMedia};

/// What an update asks for.
#[derive(Debug)]
pub(super) enum Asked {
    /// Store this.
    Store {
        /// The message.
        inbound: Box<NewInbound>,
        /// The files that came with it.
        media: Vec<NewMedia>,
        /// The pressed button, where it was one: to be released after that.
        button: Option<CallbackQueryId>,
    },
    /// A person blocked the bot, or let it in again.
    Membership {
        /// The chat.
        address: String,
        /// Whether the person left.
        left: bool,
        /// When, by Telegram's clock.
        at: UnixMillis,
    },
    /// Only release the button: the chat is not served.
    Release(CallbackQueryId),
    /// Nothing: a group, an edit, a kind that is not served.
    Nothing,
}

/// Reads an update. Only private chats are served: in a group everybody would read the answers.
pub(super) fn read(update: &Update, channel_id: &str, now: UnixMillis) -> Asked {
    // After a silent week Telegram counts on from a random `update_id`, and another bot has its own
    // count: the id alone would take a new message for one of old, and nobody would answer it.
    let inbound = |chat: &Chat, text: String, at: Option<UnixMillis>, told_apart: &str| NewInbound {
        channel_id: channel_id.to_owned(),
        kind: ChannelKind::Telegram,
        external_id: Some(format!("{}-{told_apart}", update.id.0)),
        address: chat.id.to_string(),
        text: text.replace('\0', ""),
        location: None,
        payload: None,
        pressed: None,
        provider_at: at,
        received_at: now,
    };
    match &update.kind {
        UpdateKind::Message(message) => {
            // Service messages (a title changed, a message pinned) are nothing that a person said.
            if !message.chat.is_private() || !matches!(message.kind, MessageKind::Common(_)) {
                return Asked::Nothing;
            }
            let written = message.text().or_else(|| message.caption()).unwrap_or_default();
            let (text, payload) = command(written);
            let at = instant(message);
            let mut inbound = inbound(&message.chat, text, Some(at), &(at.0 / 1_000).to_string());
            inbound.payload = payload;
            inbound.location = message.location().map(|it| (it.latitude, it.longitude));
            Asked::Store { inbound: Box::new(inbound), media: media(message), button: None }
        }
        UpdateKind::CallbackQuery(query) => {
            let chat = query.message.as_ref().map(MaybeInaccessibleMessage::chat);
            match (chat, &query.data) {
                (Some(chat), Some(data)) if chat.is_private() => {
                    let mut inbound = inbound(chat, data.clone(), None, &query.id.0);
                    inbound.pressed = query.message.as_ref().map(|it| it.id().to_string());
                    let button = Some(query.id.clone());
                    Asked::Store { inbound: Box::new(inbound), media: Vec::new(), button }
                }
                _ => Asked::Release(query.id.clone()),
            }
        }
        UpdateKind::MyChatMember(change) if change.chat.is_private() => Asked::Membership {
            address: change.chat.id.to_string(),
            left: matches!(change.new_chat_member.kind, ChatMemberKind::Banned(_) | ChatMemberKind::Left),
            at: UnixMillis(change.date.timestamp_millis()),
        },
        _ => Asked::Nothing,
    }
}

/// The photo or voice of a message; of a photo's sizes all, the largest first. A document that says
/// it is a picture is a photo too; what it is, its bytes decide.
fn media(message: &Message) -> Vec<NewMedia> {
    if let Some(sizes) = message.photo() {
        let mut sizes: Vec<_> = sizes.iter().map(|it| (it.file.id.0.clone(), it.file.size)).collect();
        sizes.sort_by_key(|it| std::cmp::Reverse(it.1));
        return vec![NewMedia { kind: MediaKind::Photo, sizes, seconds: None }];
    }
    if let Some(voice) = message.voice() {
        let sizes = vec![(voice.file.id.0.clone(), voice.file.size)];
        return vec![NewMedia { kind: MediaKind::Voice, sizes, seconds: Some(voice.duration.seconds()) }];
    }
    match message.document() {
        Some(document) if document.mime_type.as_ref().is_some_and(|it| it.type_() == "image") => {
            let sizes = vec![(document.file.id.0.clone(), document.file.size)];
            vec![NewMedia { kind: MediaKind::Photo, sizes, seconds: None }]
        }
        _ => Vec::new(),
    }
}

fn instant(message: &Message) -> UnixMillis {
    UnixMillis(message.date.timestamp_millis())
}

/// A command as the words that it stands for: `/ayuda@bot x` is `ayuda x`. The parameter of
/// `/start` is the payload of a deep link.
fn command(text: &str) -> (String, Option<String>) {
    let Some(rest) =
        text.strip_prefix('/').filter(|it| it.starts_with(|it: char| it.is_ascii_alphanumeric()))
    else {
        return (text.to_owned(), None);
    };
    let (name, parameter) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let name = name.split('@').next().unwrap_or(name);
    let parameter = parameter.trim();
    if name.eq_ignore_ascii_case("start") && !parameter.is_empty() {
        return (name.to_owned(), Some(parameter.to_owned()));
    }
    let words = if parameter.is_empty() { name.to_owned() } else { format!("{name} {parameter}") };
    (words, None)
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn commands_are_words() {
        let words = |text: &str| command(text).0;
        assert_eq!(words("/ayuda"), "ayuda");
        assert_eq!(words("/ayuda@CabildoBot"), "ayuda");
        assert_eq!(words("/compara Tlapa agua"), "compara Tlapa agua");
        assert_eq!(words("/ start"), "/ start");
        assert_eq!(words("tlapa"), "tlapa");
        assert_eq!(words("/"), "/");
        assert_eq!(command("/start mun_12066"), ("start".to_owned(), Some("mun_12066".to_owned())));
        assert_eq!(command("/start"), ("start".to_owned(), None));
    }
}
