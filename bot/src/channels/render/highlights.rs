//! Texts of cards about what worked.

use super::words::{Words, choices, choices_of, number, sentences};
use super::{Choice, Draft, Rendered, ReplyKind, Setting, charts, render};
use crate::domain::channel::ChannelKind;
use crate::domain::chart::Picture;
use crate::domain::highlight::card::{Card, moved};
use crate::engine::highlights::{HighlightReply, Listed, Shown, shown};
use crate::engine::reply::Reply;

fn say(words: &Words<'_>, kind: ReplyKind, key: &str, args: &[(&str, &str)]) -> Draft {
    let mut all = vec![("municipalities", words.municipalities_word())];
    all.extend_from_slice(args);
    Draft::new(kind, vec![words.text(key, &all)])
}

/// A button that shows a card.
pub(super) fn sees(words: &Words<'_>, code: u32) -> Choice {
    let key = words.text("highlight-item-short", &[("code", &code.to_string())]);
    Choice { label: key.clone(), key }
}

/// A municipality with its state, by the short name.
fn place(words: &Words<'_>, key: &str) -> String {
    let Some((id, municipality)) = words.find(key) else { return String::new() };
    let args = [("place", municipality.display_name()), ("state", words.state(id))];
    words.text("which-place", &args)
}

/// A text that ends as a sentence does.
fn sentence(text: &str) -> String {
    let ends = text.ends_with(['.', '!', '?', ':', ';']);
    if ends { text.to_owned() } else { format!("{text}.") }
}

/// The figure that moved, with its years and its source; nothing where the facts have it no more.
fn figure(words: &Words<'_>, key: &str, topic: &str) -> String {
    let found = words.find(key).zip(words.facts.topic(topic));
    let found = found.and_then(|((id, _), topic)| Some((topic, moved(words.facts, id, topic).ok()?)));
    let Some((topic, it)) = found else { return String::new() };
    let Some(series) = words.facts.series(&it.series) else { return String::new() };
    let (before, after) = (number(series, it.before.1), words.value(series, it.after.1));
    words.text(
        "highlight-moved",
        &[
            ("label", words.label(topic)),
            ("before", &before),
            ("after", &after),
            ("from", &it.before.0.to_string()),
            ("until", &it.after.0.to_string()),
            ("source", &series.tag),
        ],
    )
}

fn card(words: &Words<'_>, it: &Shown) -> Draft {
    let cost = match it.cost.0.as_str() {
        "" => String::new(),
        cost => words.text("highlight-cost", &[("cost", &sentence(cost))]),
    };
    let text = words.text(
        "highlight-card",
        &[
            ("code", &it.code.to_string()),
            ("title", &sentence(&it.title.0)),
            ("place", &place(words, &it.place)),
            ("done", &sentence(&it.done.0)),
        ],
    );
    let contact = words.text("highlight-contact", &[("contact", &sentence(&it.contact.0))]);
    let short = sentences(&[&text, &figure(words, &it.place, &it.topic), &cost, &contact]);
    let learned = match it.learned.0.as_str() {
        "" => String::new(),
        learned => words.text("highlight-learned", &[("learned", &sentence(learned))]),
    };
    let full = sentences(&[&short, &learned, &it.evidence.join(" ")]);
    let mut wordings = if full == short { vec![short] } else { vec![full, short] };
    if words.channel == ChannelKind::Ussd {
        // A screen has room for what it is called, the figure and whom to ask.
        let args = [
            ("code", &*it.code.to_string()),
            ("title", &sentence(&it.title.0)),
            ("place", &place(words, &it.place)),
            ("done", ""),
        ];
        let head = words.text("highlight-card", &args);
        wordings.push(sentences(&[head.trim_end(), &figure(words, &it.place, &it.topic), &contact]));
        wordings.push(sentences(&[head.trim_end(), &figure(words, &it.place, &it.topic)]));
    }
    Draft::new(ReplyKind::Answer, wordings).about(&it.place)
}

fn list(words: &Words<'_>, key: &str, items: &[Listed], more: bool) -> Draft {
    let item = |it: &Listed| {
        let topic = words.facts.topic(&it.topic).map_or_else(|| it.topic.clone(), |it| words.topic_word(it));
        let args = [("code", &*it.code.to_string()), ("place", &place(words, &it.place)), ("topic", &topic)];
        words.text("highlight-item", &args)
    };
    let short = |it: &Listed| words.text("highlight-item-short", &[("code", &it.code.to_string())]);
    let listed = items.iter().map(item).collect::<Vec<_>>().join("; ");
    let codes = items.iter().map(short).collect::<Vec<_>>().join(", ");
    let name = words.find(key).map_or("", |(_, it)| it.display_name());
    let more = if more { words.text("highlight-more", &[]) } else { String::new() };
    let wording = |key: &str, list: &str| {
        let args = [("municipalities", words.municipalities_word()), ("place", name), ("list", list)];
        sentences(&[&words.text(key, &args), &more])
    };
    let wordings = words.wordings(&[
        &|| wording("highlight-list", &listed),
        &|| wording("highlight-list-short", &listed),
        &|| wording("highlight-list-short", &codes),
    ]);
    let mut offered: Vec<Choice> = items.iter().map(|it| sees(words, it.code)).collect();
    offered.extend(choices_of(&more));
    Draft::new(ReplyKind::Answer, wordings).about(key).offering(offered)
}

/// A text about a card.
pub(super) fn highlight(words: &Words<'_>, reply: &HighlightReply) -> Draft {
    let answer = ReplyKind::Answer;
    match reply {
        HighlightReply::Show(it) => card(words, it),
        HighlightReply::AskHelped => {
            say(words, ReplyKind::Question, "highlight-ask-helped", &[]).offering(choices(&["1", "2", "3"]))
        }
        HighlightReply::Thanks => say(words, ReplyKind::Confirmation, "highlight-thanks", &[]),
        HighlightReply::List { place, items, more } => list(words, place, items, *more),
        HighlightReply::None { place: key } => {
            let name = words.find(key).map_or("", |(_, it)| it.display_name());
            say(words, answer, "highlight-none", &[("place", name)]).about(key)
        }
        HighlightReply::Unknown { code } => {
            say(words, ReplyKind::Error, "highlight-unknown", &[("code", &code.to_string())])
        }
    }
}

/// A card in words.
pub fn highlight_card(card: &Card, setting: Setting<'_>) -> Rendered {
    render(&Reply::Highlight(shown(card)), setting)
}

/// A card in plain words, as short as it is by SMS: for who writes to many.
pub fn highlight_text(card: &Card, setting: Setting<'_>) -> String {
    let draft = self::card(&Words::new(setting), &Shown::of(card));
    draft.wordings.into_iter().next_back().unwrap_or_default()
}

/// The picture of a card's figure.
pub fn highlight_picture(card: &Card, setting: Setting<'_>) -> Option<Picture> {
    charts::picture(&Reply::Highlight(shown(card)), &Words::new(setting))
}

/// The figure of a card in words, as a card says it; empty where the facts have it no more.
pub fn highlight_figure(card: &Card, setting: Setting<'_>) -> String {
    figure(&Words::new(setting), &card.municipality, &card.topic)
}
