//! Texts that need no figure.

use super::words::{Words, choices, sentences};
use super::{Choice, Draft, ReplyKind};
use crate::engine::reply::Say;

/// The topics that help and hints name (`AGUA, SALUD, COMIDA`).
pub(super) fn suggested(words: &Words<'_>) -> String {
    let headline = &words.facts.manifest.headline;
    let ids: Vec<&String> = if headline.suggested.is_empty() {
        headline.compared.iter().take(3).collect()
    } else {
        headline.suggested.iter().collect()
    };
    let keywords: Vec<&str> =
        ids.into_iter().filter_map(|id| words.facts.topic(id)).map(|topic| words.keyword(topic)).collect();
    keywords.join(", ")
}

/// A fixed text.
pub(super) fn say(words: &Words<'_>, say: Say) -> Draft {
    let kind = match say {
        Say::Notice | Say::KeptForPerson | Say::Folded | Say::Pause => ReplyKind::Notice,
        Say::Menu | Say::AskStop | Say::NotThere | Say::CompareHow => ReplyKind::Question,
        Say::Stopped
        | Say::AlreadyStopped
        | Say::Started
        | Say::AlreadyStarted
        | Say::NotStopped
        | Say::Cancelled => ReplyKind::Confirmation,
        Say::NoSuchChoice
        | Say::Hint
        | Say::SecondHint
        | Say::NoSuchPlace
        | Say::FarAway
        | Say::NoSuchFamily
        | Say::NoSuchTopic
        | Say::OnlyText => ReplyKind::Error,
        Say::Greeting
        | Say::Thanks
        | Say::Cost
        | Say::Who
        | Say::Help
        | Say::HelpMore
        | Say::HelpCompare
        | Say::Privacy
        | Say::PrivacyMore
        | Say::NoMore => ReplyKind::Answer,
    };
    let manifest = &words.facts.manifest;
    let first = words.facts.municipalities.first().map_or("", |it| it.display_name());
    let headline =
        words.facts.topic(&manifest.headline.topic).map(|it| words.topic_word(it)).unwrap_or_default();
    let text = words.text(
        say.key(),
        &[
            ("municipality", words.municipality_word()),
            ("stateword", words.state_word()),
            ("service", words.service),
            ("topics", &suggested(words)),
            ("headline", &headline),
            ("example", manifest.pack.example.as_deref().unwrap_or(first)),
        ],
    );
    let choices = match say {
        Say::Menu => choices(&["1", "2", "3", "4", "5"]),
        Say::AskStop => choices(&["1", "2"]),
        _ => Vec::new(),
    };
    Draft::new(kind, vec![text]).offering(choices)
}

/// A feature that is not open.
pub(super) fn not_open(words: &Words<'_>, feature: &str) -> Draft {
    let feature = words.text(&format!("feature-{feature}"), &[]);
    let text = words.text("not-open", &[("feature", &feature), ("municipality", words.municipality_word())]);
    Draft::new(ReplyKind::Notice, vec![text])
}

/// The languages to choose from.
pub(super) fn languages(words: &Words<'_>) -> Draft {
    let languages = cabildo_messages::languages();
    let choices: Vec<Choice> = languages
        .iter()
        .enumerate()
        .map(|(index, language)| Choice { key: (index + 1).to_string(), label: language.name.clone() })
        .collect();
    let list: Vec<String> = choices.iter().map(|it| format!("{} {}", it.key, it.label)).collect();
    Draft::new(ReplyKind::Question, vec![words.text("languages", &[("list", &list.join(" "))])])
        .offering(choices)
}

/// The language is now another one.
pub(super) fn language_set(words: &Words<'_>, locale: &str) -> Draft {
    let set = words.text("language-set", &[("municipality", words.municipality_word())]);
    let complete = cabildo_messages::languages().iter().any(|it| it.tag == locale && it.complete);
    let partial = if complete { String::new() } else { words.text("language-partial", &[]) };
    Draft::new(ReplyKind::Confirmation, vec![sentences(&[&set, &partial]), set])
}
