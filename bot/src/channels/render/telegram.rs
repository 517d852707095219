//! A Telegram message: HTML, escaped once, with room for the fullest wording.

use super::Draft;
use super::words::Words;

/// Characters of a message.
const LIMIT: usize = 4_096;

/// The HTML of a reply. The name of the place, where the text begins with it, stands out.
pub(super) fn html(draft: &Draft, words: &Words<'_>) -> String {
    let text: String =
        draft.wordings.first().map(|it| it.chars().take(LIMIT / 5).collect()).unwrap_or_default();
    let name = draft.municipality.as_deref().and_then(|key| words.find(key)).and_then(|(_, municipality)| {
        [municipality.name.as_str(), municipality.display_name()]
            .into_iter()
            .find(|name| text.starts_with(name))
    });
    match name {
        Some(name) => format!("<b>{}</b>{}", escape(name), escape(&text[name.len()..])),
        None => escape(&text),
    }
}

/// Escapes what HTML mode reads as markup.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
