//! The words and figures that texts are made of.

use super::{Choice, Setting};
use crate::channels::sms::segments;
use crate::domain::channel::ChannelKind;
use crate::domain::facts::Facts;
use crate::domain::figure::Figure;
use crate::domain::municipality::{Municipality, MunicipalityId};
use crate::domain::pack::{Labels, Series, Topic, localized};
use crate::domain::peer_group::Family;

/// Writes in one locale, about one pack.
pub(super) struct Words<'a> {
    pub(super) facts: &'a Facts,
    pub(super) locale: &'a str,
    pub(super) service: &'a str,
    pub(super) channel: ChannelKind,
}

impl<'a> Words<'a> {
    pub(super) fn new(setting: Setting<'a>) -> Self {
        Self {
            facts: setting.facts,
            locale: setting.locale,
            service: setting.service,
            channel: setting.channel,
        }
    }

    /// The text of a message. A message that no catalogue has is a defect that the tests find;
    /// should one slip through, a person reads nothing rather than a key.
    pub(super) fn text(&self, key: &str, args: &[(&str, &str)]) -> String {
        cabildo_messages::text(self.locale, key, args).unwrap_or_else(|| {
            tracing::error!(
                message.key = key,
                locale = self.locale,
                "a message is missing or lacks an argument"
            );
            String::new()
        })
    }

    /// Wordings from the fullest to the shortest, made only as far as the channel may need them:
    /// Telegram takes the first, an SMS the first that fits one segment.
    pub(super) fn wordings(&self, ways: &[&dyn Fn() -> String]) -> Vec<String> {
        let mut made = Vec::with_capacity(1);
        for way in ways {
            let text = way();
            let enough = match self.channel {
                ChannelKind::Telegram => true,
                ChannelKind::Sms => {
                    // What did not fit is passed over: the first that fits counts, else the last.
                    made.clear();
                    segments::segment(&segments::transliterate(&text)).segments <= 1
                }
                ChannelKind::Ussd => false,
            };
            made.push(text);
            if enough {
                break;
            }
        }
        made
    }

    pub(super) fn find(&self, key: &str) -> Option<(MunicipalityId, &'a Municipality)> {
        let id = self.facts.by_key(key)?;
        Some((id, self.facts.municipality(id)))
    }

    /// The state's abbreviation.
    pub(super) fn state(&self, id: MunicipalityId) -> &'a str {
        &self.facts.state_of(id).abbreviation
    }

    pub(super) fn labels(&self) -> Option<&'a Labels> {
        let labels = &self.facts.manifest.labels;
        labels.get(self.locale).or_else(|| labels.get("es-MX")).or_else(|| labels.values().next())
    }

    /// What the country calls a municipality.
    pub(super) fn municipality_word(&self) -> &'a str {
        self.labels().map_or("", |it| it.municipality.as_str())
    }

    /// The same for more than one.
    pub(super) fn municipalities_word(&self) -> &'a str {
        self.labels().map_or("", |it| it.municipalities.as_str())
    }

    /// What the country calls a state.
    pub(super) fn state_word(&self) -> &'a str {
        self.labels().map_or("", |it| it.state.as_str())
    }

    /// A topic's word as it is typed (`COMIDA`).
    pub(super) fn keyword(&self, topic: &'a Topic) -> &'a str {
        topic
            .words
            .get(self.locale)
            .or_else(|| topic.words.get("es-MX"))
            .or_else(|| topic.words.values().next())
            .and_then(|words| words.first())
            .map_or(topic.id.as_str(), String::as_str)
    }

    /// A topic's word inside a sentence (`comida`).
    pub(super) fn topic_word(&self, topic: &'a Topic) -> String {
        self.keyword(topic).to_lowercase()
    }

    /// A topic's word at the start of a sentence (`Comida`).
    pub(super) fn topic_title(&self, topic: &'a Topic) -> String {
        let word = self.topic_word(topic);
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    pub(super) fn label(&self, topic: &'a Topic) -> &'a str {
        localized(&topic.label, self.locale)
    }

    /// What the members of a peer group are called: with another rule than the default, the rule is
    /// named, or two different ranks would read alike.
    pub(super) fn peers(&self, family: Family) -> String {
        let key = match family {
            Family::NEAREST => "group-1",
            Family::STATE => "group-2",
            _ => "group-other",
        };
        self.text(key, &[("family", &family.number().to_string())])
    }

    /// A figure with its unit.
    pub(super) fn value(&self, series: &Series, figure: Figure) -> String {
        let key = if series.unit == "%" { "value-percent" } else { "value-plain" };
        self.text(key, &[("number", &number(series, figure))])
    }
}

/// Words to choose from, as typed.
pub(super) fn choices(keys: &[&str]) -> Vec<Choice> {
    keys.iter().map(|key| Choice { key: (*key).to_owned(), label: (*key).to_owned() }).collect()
}

/// The words that an options text offers: those in capitals.
pub(super) fn choices_of(options: &str) -> Vec<Choice> {
    let words =
        options.split([',', '.']).flat_map(|part| part.split(" o ")).flat_map(|part| part.split(" or "));
    let typed = |word: &&str| word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase);
    let words: Vec<&str> = words.map(str::trim).filter(typed).collect();
    choices(&words)
}

/// A figure without its unit: shares to one decimal, counts grouped.
pub(crate) fn number(series: &Series, figure: Figure) -> String {
    if series.unit == "%" {
        return figure.round(1).to_string();
    }
    if figure.scale() == 0 {
        return grouped(figure.mantissa());
    }
    figure.round(figure.scale().min(3)).to_string()
}

/// Digits in groups of three.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Sentences with a space between them; empty ones leave none.
pub(super) fn sentences(parts: &[&str]) -> String {
    let mut out = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}
