//! What Telegram refuses of a message.

use std::collections::HashMap;

use serde_json::Value;

/// What Telegram refuses in a text and its buttons.
pub(super) fn check(parameters: &Value) -> Result<(), String> {
    let text = parameters["text"].as_str().unwrap_or_default();
    let visible = match parameters["parse_mode"].as_str() {
        Some("HTML") => check_html(text)?,
        _ => text.to_owned(),
    };
    if visible.trim().is_empty() {
        return Err("Bad Request: message text is empty".to_owned());
    }
    if visible.encode_utf16().count() > 4_096 {
        return Err("Bad Request: message is too long".to_owned());
    }
    check_buttons(parameters)
}

/// What Telegram refuses of a picture, its caption and its buttons; else the picture, with its width and
/// height. The service sends PNG only, so anything else is refused here.
pub(super) fn check_photo(
    parameters: &Value,
    files: &HashMap<String, Vec<u8>>,
) -> Result<(Vec<u8>, (u32, u32)), String> {
    let caption = parameters["caption"].as_str().unwrap_or_default();
    let visible = match parameters["parse_mode"].as_str() {
        Some("HTML") => check_html(caption)?,
        _ => caption.to_owned(),
    };
    if visible.encode_utf16().count() > 1_024 {
        return Err("Bad Request: message caption is too long".to_owned());
    }
    check_buttons(parameters)?;
    let named = parameters["photo"].as_str().and_then(|it| it.strip_prefix("attach://")).unwrap_or("photo");
    let Some(file) = files.get(named) else {
        return Err("Bad Request: there is no photo in the request".to_owned());
    };
    if file.len() > 10 * 1_024 * 1_024 {
        return Err("Request Entity Too Large".to_owned());
    }
    let picture = image::load_from_memory_with_format(file, image::ImageFormat::Png)
        .map_err(|_| "Bad Request: IMAGE_PROCESS_FAILED".to_owned())?;
    let (width, height) = (picture.width(), picture.height());
    if width + height > 10_000 || width > height * 20 || height > width * 20 {
        return Err("Bad Request: PHOTO_INVALID_DIMENSIONS".to_owned());
    }
    Ok((file.clone(), (width, height)))
}

fn check_buttons(parameters: &Value) -> Result<(), String> {
    let rows = parameters["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
    for button in rows.iter().filter_map(Value::as_array).flatten() {
        let data = button["callback_data"].as_str().unwrap_or_default().len();
        if !(1..=64).contains(&data) || button["text"].as_str().is_none_or(str::is_empty) {
            return Err("Bad Request: BUTTON_DATA_INVALID".to_owned());
        }
    }
    Ok(())
}

/// The text that strict HTML shows: tags of Telegram only, closed in order, and `&` only as one of
/// its entities.
pub fn check_html(html: &str) -> Result<String, String> {
    const TAGS: [&str; 14] = [
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ins",
        "s",
        "strike",
        "del",
        "code",
        "pre",
        "tg-spoiler",
        "blockquote",
        "a",
    ];
    let fail =
        |what: &str, at: usize| Err(format!("Bad Request: can't parse entities: {what} at byte offset {at}"));
    let mut visible = String::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(first) = rest.chars().next() {
        let at = html.len() - rest.len();
        match first {
            '<' => {
                let Some(end) = rest.find('>') else { return fail("Unclosed start tag", at) };
                let tag = &rest[1..end];
                if let Some(name) = tag.strip_prefix('/') {
                    if open.pop() != Some(name) {
                        return fail("Unexpected end tag", at);
                    }
                } else {
                    let name = tag.split(' ').next().unwrap_or_default();
                    let plain =
                        tag == name || (name == "a" && tag.starts_with("a href=\"") && tag.ends_with('"'));
                    if !TAGS.contains(&name) || !plain {
                        return fail("Unsupported start tag", at);
                    }
                    open.push(name);
                }
                rest = &rest[end + 1..];
            }
            '&' => {
                let known = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
                let Some((entity, letter)) = known.into_iter().find(|(it, _)| rest.starts_with(it)) else {
                    return fail("Unknown entity", at);
                };
                visible.push(letter);
                rest = &rest[entity.len()..];
            }
            '>' => return fail("Unescaped sign", at),
            other => {
                visible.push(other);
                rest = &rest[other.len_utf8()..];
            }
        }
    }
    if open.is_empty() { Ok(visible) } else { fail("Can't find end tag", html.len()) }
}
