//! A USSD screen: 160 plain characters after `CON` (it goes on) or `END` (it is over).

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation as _;

use super::{Draft, ReplyKind};

/// Characters of a screen after `CON ` or `END `.
const SCREEN: usize = 160;
/// Options on a screen.
const OPTIONS: usize = 5;

/// The screen of a reply. It goes on where something can be answered; then the last line is `0`.
pub(super) fn screen(draft: &Draft) -> String {
    let goes_on = draft.kind == ReplyKind::Question || !draft.choices.is_empty();
    let head = if goes_on { "CON " } else { "END " };
    // Questions list their options themselves; answers get a menu of the words they offer.
    let mut menu = String::new();
    if draft.kind != ReplyKind::Question {
        for (index, choice) in draft.choices.iter().take(OPTIONS).enumerate() {
            menu.push_str(&["\n", &(index + 1).to_string(), " ", &plain(&choice.label)].concat());
        }
    }
    let tail = if goes_on { format!("{menu}\n0 Menu") } else { menu };
    let room = SCREEN.saturating_sub(tail.chars().count());
    let fits = |text: &&String| plain(text).chars().count() <= room;
    let text =
        draft.wordings.iter().find(fits).or(draft.wordings.last()).map(|it| plain(it)).unwrap_or_default();
    format!("{head}{}{tail}", cut(&text, room))
}

/// Without accents or signs that a menu can't show.
fn plain(text: &str) -> String {
    text.nfkd()
        .filter(|it| !is_combining_mark(*it))
        .filter_map(|it| match it {
            '\u{a1}' | '\u{bf}' => None,
            '\n' => Some('\n'),
            it if it.is_ascii_graphic() || it == ' ' => Some(it),
            it if it.is_whitespace() => Some(' '),
            it if it.is_alphanumeric() => Some('?'),
            _ => None,
        })
        .collect()
}

/// At most `room` characters, cut between words where there is one to cut at.
fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let head: String = text.graphemes(true).take(room).collect();
    match head.rfind(' ') {
        Some(space) if space > room / 2 => head[..space].to_owned(),
        _ => head,
    }
}
