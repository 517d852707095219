//! Telegram: sending and editing messages, and pictures with their words.
//!
//! Formats: Telegram Bot API, "sendMessage", "sendPhoto", "editMessageText", "Formatting options" (HTML style).

use std::sync::atomic::{AtomicU64, Ordering};

use teloxide::payloads::{EditMessageTextSetters as _, SendMessageSetters as _, SendPhotoSetters as _};
use teloxide::requests::Requester as _;
use teloxide::types::{
    ButtonRequest, ChatId, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, KeyboardButton,
    KeyboardMarkup, MessageId, ParseMode, ReplyMarkup,
};
use teloxide::{ApiError, Bot, RequestError};
use unicode_segmentation::UnicodeSegmentation as _;

use super::gateway::{OutboundMessage, SendError};
use super::render::Choice;

/// The longest text, in UTF-16 units as Telegram counts.
const LONGEST_TEXT: usize = 4_096;
/// The longest text of a picture, counted alike, after its marks were read.
const LONGEST_CAPTION: usize = 1_024;
/// What a picture is called where a phone keeps it.
const PICTURE_NAME: &str = "cabildo.png";
/// The longest `callback_data`, in bytes.
const LONGEST_DATA: usize = 64;
/// Buttons of at most this many characters share a row.
const SHORT_LABEL: usize = 12;
/// The most short buttons of a row.
const ROW: usize = 3;

/// Sends to Telegram chats. `Debug` does not show the bot, which holds the token.
pub struct Sender {
    bot: Bot,
    /// Pictures that were refused and of which nobody was told yet.
    refused: AtomicU64,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Sender { .. }")
    }
}

impl Sender {
    /// A sender for this bot.
    pub fn new(bot: Bot) -> Self {
        Self { bot, refused: AtomicU64::new(0) }
    }

    /// Pictures that Telegram refused since this was asked last.
    pub fn refused_pictures(&self) -> u64 {
        self.refused.swap(0, Ordering::Relaxed)
    }

    /// Sends one message, or edits the one that it replaces; the answer is Telegram's id for it.
    ///
    /// A text whose HTML Telegram can't parse goes again as plain text. A wait that Telegram asks
    /// for is given back at once, so that it holds up no other chat.
    pub async fn send(&self, message: &OutboundMessage) -> Result<Option<String>, SendError> {
        let chat = message
            .address
            .parse()
            .map(ChatId)
            .map_err(|_| SendError::Permanent { reason: "no_chat".to_owned() })?;
        let mut edited = message.edits.as_ref().and_then(|it| it.parse().ok()).map(MessageId);
        if let Some(picture) = &message.picture {
            match self.with_picture(chat, edited, message, picture).await? {
                Pictured::Whole(id) => return Ok(Some(id.to_string())),
                // Its words come after it, and not above it in place of the question.
                Pictured::Bare => edited = None,
                Pictured::Not => {}
            }
        }
        let first = self.attempt(chat, edited, &message.text, Some(ParseMode::Html), &message.choices).await;
        let result = match first {
            Err(RequestError::Api(ApiError::CantParseEntities(_))) => {
                tracing::warn!(message = %message.id, "Telegram could not parse a text; sent it as plain text");
                let plain = plain_text(&message.text);
                self.attempt(chat, edited, cut(&plain), None, &message.choices).await
            }
            Err(RequestError::Api(ApiError::MessageIsTooLong | ApiError::EditedMessageIsTooLong)) => {
                tracing::warn!(message = %message.id, "a text was too long for Telegram; sent its beginning");
                let plain = plain_text(&message.text);
                self.attempt(chat, edited, cut(&plain), None, &message.choices).await
            }
            other => other,
        };
        result.map(|id| Some(id.to_string())).map_err(classify)
    }

    /// Sends a picture with its words below it, where they fit, else by itself.
    ///
    /// A picture by itself goes with the first attempt only: where the words that follow it have to wait,
    /// a later attempt would show it again. What Telegram refuses of a picture costs no words; a call that
    /// was cut is never followed by another one, since it may have been taken.
    async fn with_picture(
        &self,
        chat: ChatId,
        edited: Option<MessageId>,
        message: &OutboundMessage,
        picture: &[u8],
    ) -> Result<Pictured, SendError> {
        let plain = plain_text(&message.text);
        let bare = plain.encode_utf16().count() > LONGEST_CAPTION;
        if bare && message.attempt > 1 {
            return Ok(Pictured::Not);
        }
        let mut caption = (!bare).then_some((message.text.as_str(), Some(ParseMode::Html)));
        let mut result = self.photo(chat, picture, caption, &message.choices).await;
        if let Err(RequestError::Api(ApiError::CantParseEntities(_))) = result {
            tracing::warn!(message = %message.id, "Telegram could not parse a text; sent it as plain text");
            caption = Some((plain.as_str(), None));
            result = self.photo(chat, picture, caption, &message.choices).await;
        }
        match result.map_err(classify) {
            Ok(_) if bare => Ok(Pictured::Bare),
            Ok(id) => {
                if let Some(edited) = edited {
                    // A question can't become a picture, so its buttons go: it is answered.
                    let cleared = self.bot.edit_message_reply_markup(chat, edited).await;
                    if cleared.is_err() {
                        tracing::debug!(message = %message.id, "the buttons of a question stay");
                    }
                }
                Ok(Pictured::Whole(id))
            }
            Err(SendError::Permanent { reason }) if reason == REFUSED => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(message = %message.id, "Telegram refused a picture; sent its words alone");
                Ok(Pictured::Not)
            }
            Err(problem) => Err(problem),
        }
    }

    async fn photo(
        &self,
        chat: ChatId,
        picture: &[u8],
        caption: Option<(&str, Option<ParseMode>)>,
        choices: &[Choice],
    ) -> Result<i32, RequestError> {
        let file = InputFile::memory(picture.to_vec()).file_name(PICTURE_NAME);
        let mut request = self.bot.send_photo(chat, file);
        if let Some((text, mode)) = caption {
            request = request.caption(text);
            request.parse_mode = mode;
            if let Some(markup) = markup(choices) {
                request = request.reply_markup(markup);
            }
        }
        Ok(request.await?.id.0)
    }

    async fn attempt(
        &self,
        chat: ChatId,
        edited: Option<MessageId>,
        text: &str,
        mode: Option<ParseMode>,
        choices: &[Choice],
    ) -> Result<i32, RequestError> {
        let buttons = keyboard(choices);
        // A keyboard that asks for the location comes with a new message only.
        let asks_location = choices.iter().any(|it| it.key.is_empty());
        if let Some(id) = edited.filter(|_| !asks_location) {
            let mut request =
                self.bot.edit_message_text(chat, id, text).reply_markup(buttons.clone().unwrap_or_default());
            request.parse_mode = mode;
            match request.await {
                Ok(_) | Err(RequestError::Api(ApiError::MessageNotModified)) => return Ok(id.0),
                // It was deleted, or is too old to be edited: say it anew.
                Err(RequestError::Api(
                    ApiError::MessageToEditNotFound
                    | ApiError::MessageCantBeEdited
                    | ApiError::MessageIdInvalid,
                )) => {}
                // It is a picture, which has words and no text.
                Err(RequestError::Api(ApiError::Unknown(text)))
                    if text.contains("no text in the message") => {}
                Err(problem) => return Err(problem),
            }
        }
        let mut request = self.bot.send_message(chat, text);
        request.parse_mode = mode;
        if let Some(markup) = markup(choices) {
            request = request.reply_markup(markup);
        }
        Ok(request.await?.id.0)
    }
}

/// What became of a picture.
enum Pictured {
    /// It was taken with its words, under this id.
    Whole(i32),
    /// It was taken, and its words are to follow.
    Bare,
    /// It was not taken: the words go alone.
    Not,
}

/// The keyboard of a new message.
fn markup(choices: &[Choice]) -> Option<ReplyMarkup> {
    if let Some(place) = choices.iter().find(|it| it.key.is_empty()) {
        // Only a keyboard of its own may ask for a location.
        let button = KeyboardButton::new(place.label.clone()).request(ButtonRequest::Location);
        let keyboard = KeyboardMarkup::new([[button]]).resize_keyboard().one_time_keyboard();
        return Some(ReplyMarkup::Keyboard(keyboard));
    }
    keyboard(choices).map(ReplyMarkup::InlineKeyboard)
}

/// The stable code of what Telegram refuses of a message itself.
const REFUSED: &str = "refused";

/// The inline keyboard of the choices: short labels share rows. A key that `callback_data` can't
/// hold gets no button; its digit or word still works.
fn keyboard(choices: &[Choice]) -> Option<InlineKeyboardMarkup> {
    let mut rows: Vec<Vec<InlineKeyboardButton>> = Vec::new();
    let mut shared = false;
    for choice in choices.iter().filter(|it| (1..=LONGEST_DATA).contains(&it.key.len())) {
        let label = if choice.label.trim().is_empty() { &choice.key } else { &choice.label };
        let short = label.chars().count() <= SHORT_LABEL;
        let button = InlineKeyboardButton::callback(label.clone(), choice.key.clone());
        match rows.last_mut() {
            Some(row) if short && shared && row.len() < ROW => row.push(button),
            _ => rows.push(vec![button]),
        }
        shared = short;
    }
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

/// What a failed call means. The descriptions may name people and the network's errors hold the
/// token, so nothing of either is kept.
fn classify(problem: RequestError) -> SendError {
    let retry = |reason: &str| SendError::Retry { reason: reason.to_owned(), after_ms: None };
    match problem {
        RequestError::RetryAfter(wait) => SendError::Retry {
            reason: "http_429".to_owned(),
            after_ms: Some(i64::from(wait.seconds()) * 1_000),
        },
        RequestError::Api(
            ApiError::BotBlocked
            | ApiError::UserDeactivated
            | ApiError::CantInitiateConversation
            | ApiError::CantTalkWithBots
            | ApiError::BotKicked
            | ApiError::BotKickedFromSupergroup
            | ApiError::BotKickedFromChannel,
        ) => SendError::Gone,
        RequestError::Api(ApiError::InvalidToken) => retry("credentials"),
        RequestError::Api(ApiError::Unknown(text)) if text.starts_with("Forbidden") => SendError::Gone,
        RequestError::Api(ApiError::Unknown(text)) if !text.starts_with("Bad Request") => retry("telegram"),
        RequestError::Api(ApiError::ChatNotFound | ApiError::UserNotFound)
        | RequestError::MigrateToChatId(_) => SendError::Permanent { reason: "no_chat".to_owned() },
        RequestError::Api(_) => SendError::Permanent { reason: REFUSED.to_owned() },
        RequestError::Network(problem) if problem.is_connect() => retry("unreachable"),
        RequestError::Network(_) | RequestError::InvalidJson { .. } | RequestError::Io(_) => {
            SendError::Unknown
        }
    }
}

/// The text that an HTML text shows: tags dropped, entities decoded once.
pub fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let named = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"')];
        if let Some((entity, letter)) = named.iter().find(|(entity, _)| rest.starts_with(entity)) {
            text.push(*letter);
            rest = &rest[entity.len()..];
        } else if let Some(end) = tag_end(rest) {
            rest = &rest[end..];
        } else {
            // A lone sign is text.
            text.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    text
}

/// Length of the tag at the start of `text`, where there is one.
fn tag_end(text: &str) -> Option<usize> {
    let after = text.strip_prefix('<')?;
    let named = after.trim_start_matches('/').starts_with(|it: char| it.is_ascii_alphabetic());
    if named { text.find('>').map(|at| at + 1) } else { None }
}

/// The beginning of a text that Telegram takes, cut between graphemes.
fn cut(text: &str) -> &str {
    let mut units = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        units += grapheme.encode_utf16().count();
        if units > LONGEST_TEXT {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_shows_what_html_shows() {
        assert_eq!(
            plain_text("<b>Tlapa</b>: 71.8&#37; &lt;b&gt; &amp;amp; \"x\""),
            "Tlapa: 71.8&#37; <b> &amp; \"x\""
        );
        assert_eq!(plain_text("2 < 3 & 4 > 1"), "2 < 3 & 4 > 1");
        assert_eq!(plain_text("<b"), "<b");
        assert_eq!(plain_text("ñ<i>é</i>"), "ñé");
    }

    #[test]
    fn a_cut_keeps_graphemes_whole() {
        let text = "👨‍👩‍👧".repeat(1_000);
        let kept = cut(&text);
        assert!(kept.encode_utf16().count() <= LONGEST_TEXT);
        assert_eq!(kept.len() % "👨‍👩‍👧".len(), 0);
        assert_eq!(cut("ñ"), "ñ");
    }

    #[test]
    fn buttons_hold_64_bytes() {
        let choice = |key: &str, label: &str| Choice { key: key.to_owned(), label: label.to_owned() };
        let markup = keyboard(&[
            choice("1", "Comida"),
            choice("2", "Agua"),
            choice(&"x".repeat(65), "too long"),
            choice("3", "Un nombre de municipio muy largo"),
            choice("4", ""),
        ])
        .expect("a keyboard");
        let shape: Vec<usize> = markup.inline_keyboard.iter().map(Vec::len).collect();
        assert_eq!(shape, [2, 1, 1]);
        assert!(keyboard(&[]).is_none());
    }
}
