//! A corrected figure: whether a text showed the wrong one, and the words that put it right.

use super::words::{Words, number};
use super::{Draft, Rendered, ReplyKind, Setting, worded};
use crate::domain::corrections::Correction;
use crate::domain::facts::Facts;
use crate::domain::figure::Figure;
use crate::domain::fold::fold;
use crate::domain::pack::{Series, Topic};

/// The topic by which people ask for a series.
fn topic_of<'a>(facts: &'a Facts, code: &str) -> Option<&'a Topic> {
    facts.manifest.topics.iter().find(|topic| topic.series.iter().any(|it| it == code))
}

/// A figure as answers write it, whatever the language.
fn written(series: &Series, figure: Figure) -> String {
    let number = number(series, figure);
    if series.unit == "%" { format!("{number}%") } else { number }
}

/// Whether people can see that the figure changed: answers show shares to one decimal.
pub fn is_seen(facts: &Facts, it: &Correction) -> bool {
    facts.series(&it.series).is_some_and(|series| written(series, it.was) != written(series, it.is))
}

/// Whether an answer about the municipality, in words as it was sent, showed the figure that was corrected:
/// its value, its year, and the topic by its label or a word for it, in any language.
pub fn showed(facts: &Facts, text: &str, it: &Correction) -> bool {
    let (Some(series), Some(topic)) = (facts.series(&it.series), topic_of(facts, &it.series)) else {
        return false;
    };
    if !holds(text, &written(series, it.was)) || !holds(text, &it.year.to_string()) {
        return false;
    }
    let folded = format!(" {} ", fold(text));
    let mut names = topic.label.values().chain(topic.words.values().flatten());
    names.any(|name| folded.contains(&format!(" {} ", fold(name))))
}

/// Whether a number stands in a text, and not only as a part of a longer one.
fn holds(text: &str, number: &str) -> bool {
    text.match_indices(number).any(|(at, _)| {
        let before = text[..at].trim_end_matches(['.', ',']).ends_with(|it: char| it.is_ascii_digit());
        let mut after = text[at + number.len()..].chars();
        let next = after.next();
        let goes_on = matches!(next, Some('.' | ',')) && after.next().is_some_and(|it| it.is_ascii_digit());
        !before && !goes_on && next.is_none_or(|it| !it.is_ascii_digit())
    })
}

/// The message to who was shown a figure that was corrected. `None` where the loaded release no longer
/// has the municipality or the series.
pub fn correction(it: &Correction, setting: Setting<'_>) -> Option<Rendered> {
    let words = Words::new(setting);
    let (id, municipality) = words.find(&it.municipality)?;
    let series = words.facts.series(&it.series)?;
    let topic = words.topic_word(topic_of(words.facts, &it.series)?);
    let (was, is, year) = (words.value(series, it.was), words.value(series, it.is), it.year.to_string());
    let wording = |key: &str, place: &str| {
        let args = [
            ("place", place),
            ("state", words.state(id)),
            ("topic", &*topic),
            ("year", &*year),
            ("was", &*was),
            ("is", &*is),
            ("source", series.tag.as_str()),
        ];
        words.text(key, &args)
    };
    let short = municipality.display_name();
    let wordings = words.wordings(&[
        &|| wording("correction", &municipality.name),
        &|| wording("correction", short),
        &|| wording("correction-short", short),
    ]);
    Some(worded(Draft::new(ReplyKind::Notice, wordings).about(&it.municipality), &words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::channel::ChannelKind;
    use crate::embedded;

    fn poverty() -> Correction {
        Correction {
            municipality: "12066".to_owned(),
            series: "coneval_pobreza".to_owned(),
            year: 2020,
            was: Figure::new(718, 1),
            is: Figure::new(1_000, 1),
        }
    }

    #[test]
    fn an_answer_that_showed_the_figure_is_known() {
        let facts = embedded::facts().expect("the embedded pack");
        for text in [
            "Tlapa de Comonfort, Gro: pobreza 71.8% (2020), 7 de 21 similares, mediana 78.3.",
            "<b>Tlapa</b>: 71.8% en pobreza (2020), 7 de 21 similares",
            "Tlapa, Gro: poverty 71.8% (2020), 7 of 21",
            "Tlapa, pobreza: 2010 80.1%, 2015 75.0%, 2020 71.8%.",
        ] {
            assert!(showed(&facts, text, &poverty()), "{text}");
        }
        for text in [
            "Tlapa: 38.3% sin buena alimentacion (2020), 17 de 21 similares",
            "Tlapa: 71.8% sin seguridad social (2020)",
            "Tlapa: 171.8% en pobreza (2020)",
            "Tlapa: 71.85% en pobreza (2020)",
            "Tlapa: 71.8% en pobreza (2015)",
            "Tu reporte de pobreza: lo recibimos.",
            "",
        ] {
            assert!(!showed(&facts, text, &poverty()), "{text}");
        }
        let same = Correction { is: Figure::new(71_801, 3), ..poverty() };
        assert!(is_seen(&facts, &poverty()) && !is_seen(&facts, &same));
    }

    #[test]
    fn every_correction_fits_one_segment_in_every_language() {
        let facts = embedded::facts().expect("the embedded pack");
        let longest = facts.manifest.topics.iter().filter(|topic| topic.main);
        let series: Vec<&String> = longest.filter_map(|topic| topic.series.first()).collect();
        for id in facts.ids().filter(|id| facts.municipality(*id).name.len() > 30) {
            for (locale, code) in
                ["es-MX", "en"].into_iter().flat_map(|it| series.iter().map(move |code| (it, *code)))
            {
                let municipality = facts.municipality(id).key.clone();
                let it = Correction { municipality, series: code.clone(), ..poverty() };
                let setting =
                    Setting { facts: &facts, locale, channel: ChannelKind::Sms, service: "Cabildo" };
                let message = correction(&it, setting).expect("a message");
                assert!(message.segments == 1 && message.text.contains("100.0%"), "{}", message.text);
            }
        }
    }
}
