//! The words that the dialogue knows, folded: this is the only list of them.
//!
//! Topic words belong to the country and come from its pack.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::fold::one_slip;

/// What a word asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyword {
    /// Compare the places that follow.
    Compare,
    /// All years.
    Trend,
    /// The best of the peer group.
    Best,
    /// Who is furthest behind.
    Behind,
    /// Peer rule.
    Family,
    /// Definition.
    Definition,
    /// Source.
    Source,
    /// List of topics.
    Topics,
    /// Another home municipality.
    ChangeHome,
    /// Greeting.
    Greeting,
    /// Thanks.
    Thanks,
    /// Who answers?
    Who,
    /// What does it cost?
    Cost,
    /// Language.
    Language,
    /// Privacy.
    Privacy,
    /// The next page.
    More,
    /// Back.
    Back,
    /// Main menu.
    Menu,
    /// Leave the dialogue.
    Cancel,
    /// Help.
    Help,
    /// Stop broadcasts and prompts.
    Stop,
    /// Receive them again.
    Start,
    /// Yes.
    Yes,
    /// No.
    No,
    /// Join a phone and a Telegram chat.
    Link,
    /// A complaint.
    Report,
    /// A suggestion.
    Suggestion,
    /// A question.
    Question,
    /// How far a case got.
    Status,
    /// The person's cases.
    MyCases,
    /// Correct the last message.
    Fix,
    /// Talk to a person.
    Person,
    /// What is kept of the person.
    MyData,
    /// To have it put right.
    CorrectData,
    /// To have it erased.
    Erase,
    /// A demand.
    Demand,
    /// Demands near a place.
    Demands,
    /// Demands that the person wrote.
    MyDemands,
    /// Support a demand.
    Sign,
    /// Take that back.
    Retire,
    /// Confirm somebody's draft.
    Confirm,
    /// To be known as a leader.
    Leader,
    /// Write for somebody.
    Relay,
    /// What was promised.
    Commitment,
    /// Whether it was kept.
    Kept,
    /// A photo of a list of an assembly.
    Acta,
    /// Cards about what worked.
    See,
    /// News of a topic, or of the week.
    Alerts,
    /// A feature that is not open yet, by id.
    Closed(&'static str),
}

/// Every phrase and what it asks for; the canonical one of a meaning comes first.
pub const KEYWORDS: &[(&str, Keyword)] = &[
    ("compara", Keyword::Compare),
    ("comparar", Keyword::Compare),
    ("compare", Keyword::Compare),
    ("tendencia", Keyword::Trend),
    ("historia", Keyword::Trend),
    ("trend", Keyword::Trend),
    ("history", Keyword::Trend),
    ("mejores", Keyword::Best),
    ("mejor", Keyword::Best),
    ("best", Keyword::Best),
    ("quien eres", Keyword::Who),
    ("quienes son", Keyword::Who),
    ("who are you", Keyword::Who),
    ("quien", Keyword::Behind),
    ("quienes", Keyword::Behind),
    ("peor", Keyword::Behind),
    ("peores", Keyword::Behind),
    ("who", Keyword::Behind),
    ("worst", Keyword::Behind),
    ("familia", Keyword::Family),
    ("similares", Keyword::Family),
    ("group", Keyword::Family),
    ("que es", Keyword::Definition),
    ("que significa", Keyword::Definition),
    ("what is", Keyword::Definition),
    ("fuente", Keyword::Source),
    ("source", Keyword::Source),
    ("temas", Keyword::Topics),
    ("topics", Keyword::Topics),
    ("cambiar", Keyword::ChangeHome),
    ("cambiar municipio", Keyword::ChangeHome),
    ("change", Keyword::ChangeHome),
    ("hola", Keyword::Greeting),
    ("buenos dias", Keyword::Greeting),
    ("buenas tardes", Keyword::Greeting),
    ("buenas noches", Keyword::Greeting),
    ("buen dia", Keyword::Greeting),
    ("buenas", Keyword::Greeting),
    ("hello", Keyword::Greeting),
    ("hi", Keyword::Greeting),
    ("good morning", Keyword::Greeting),
    ("gracias", Keyword::Thanks),
    ("muchas gracias", Keyword::Thanks),
    ("thanks", Keyword::Thanks),
    ("thank you", Keyword::Thanks),
    ("cuanto cuesta", Keyword::Cost),
    ("es gratis", Keyword::Cost),
    ("how much", Keyword::Cost),
    ("idioma", Keyword::Language),
    ("lengua", Keyword::Language),
    ("language", Keyword::Language),
    ("privacidad", Keyword::Privacy),
    ("privacy", Keyword::Privacy),
    ("mas", Keyword::More),
    ("more", Keyword::More),
    ("0", Keyword::Back),
    ("menu", Keyword::Menu),
    ("cancela", Keyword::Cancel),
    ("cancelar", Keyword::Cancel),
    ("cancel", Keyword::Cancel),
    ("ayuda", Keyword::Help),
    ("info", Keyword::Help),
    ("help", Keyword::Help),
    ("settings", Keyword::Language),
    ("stop", Keyword::Stop),
    ("baja", Keyword::Stop),
    ("alto", Keyword::Stop),
    ("salir", Keyword::Stop),
    ("parar", Keyword::Stop),
    ("no mas", Keyword::Stop),
    ("ya no", Keyword::Stop),
    ("unsubscribe", Keyword::Stop),
    ("stopall", Keyword::Stop),
    ("quit", Keyword::Stop),
    ("end", Keyword::Stop),
    ("alta", Keyword::Start),
    ("inicio", Keyword::Start),
    ("volver", Keyword::Start),
    ("start", Keyword::Start),
    ("si", Keyword::Yes),
    ("yes", Keyword::Yes),
    ("no", Keyword::No),
    ("queja", Keyword::Report),
    // As many write it.
    ("keja", Keyword::Report),
    ("kueja", Keyword::Report),
    ("reporte", Keyword::Report),
    ("report", Keyword::Report),
    ("sugerencia", Keyword::Suggestion),
    ("suggestion", Keyword::Suggestion),
    ("pregunta", Keyword::Question),
    ("question", Keyword::Question),
    ("estado", Keyword::Status),
    ("status", Keyword::Status),
    ("mis casos", Keyword::MyCases),
    ("my cases", Keyword::MyCases),
    ("demanda", Keyword::Demand),
    ("demand", Keyword::Demand),
    ("demandas", Keyword::Demands),
    ("demands", Keyword::Demands),
    ("mis demandas", Keyword::MyDemands),
    ("firmo", Keyword::Sign),
    ("firmar", Keyword::Sign),
    ("sign", Keyword::Sign),
    ("retiro", Keyword::Retire),
    ("confirmo", Keyword::Confirm),
    ("lider", Keyword::Leader),
    ("leader", Keyword::Leader),
    ("por", Keyword::Relay),
    ("compromiso", Keyword::Commitment),
    ("promise", Keyword::Commitment),
    ("acta", Keyword::Acta),
    ("minutes", Keyword::Acta),
    ("cumple", Keyword::Kept),
    ("ver", Keyword::See),
    ("see", Keyword::See),
    ("tiempos", Keyword::Closed("times")),
    ("times", Keyword::Closed("times")),
    ("encuesta", Keyword::Closed("survey")),
    ("survey", Keyword::Closed("survey")),
    ("avisos", Keyword::Alerts),
    ("alerts", Keyword::Alerts),
    ("vincula", Keyword::Link),
    ("link", Keyword::Link),
    ("mis datos", Keyword::MyData),
    ("my data", Keyword::MyData),
    ("corregir datos", Keyword::CorrectData),
    ("borrar", Keyword::Erase),
    ("delete", Keyword::Erase),
    ("corrige", Keyword::Fix),
    ("fix", Keyword::Fix),
    ("hablar", Keyword::Person),
    ("persona", Keyword::Person),
    ("agent", Keyword::Person),
    ("apelo", Keyword::Person),
];

/// Phrases that are never matched with a slip: a wrong guess would stop, start, cancel, answer or
/// sign something.
fn exact_only(phrase: &str, keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::Stop
            | Keyword::Start
            | Keyword::Cancel
            | Keyword::Yes
            | Keyword::No
            | Keyword::Back
            | Keyword::Sign
            | Keyword::Retire
    ) || matches!(phrase, "borrar" | "delete")
}

/// Words of courtesy: beside a stop or start word they change nothing.
const COURTESY: &[&str] = &[
    "por", "favor", "porfavor", "porfa", "pls", "please", "gracias", "muchas", "hola", "buenas", "buenos",
    "buen", "dia", "dias", "tardes", "noches", "thanks", "thank", "you", "hi", "hello", "ok",
];

/// Words that carry no meaning of their own around a place or a topic.
const FILLERS: &[&str] = &[
    "a",
    "about",
    "al",
    "algo",
    "and",
    "aqui",
    "are",
    "ayuntamiento",
    "buena",
    "bueno",
    "cara",
    "caro",
    "como",
    "con",
    "contra",
    "cual",
    "cuales",
    "cuanta",
    "cuantas",
    "cuanto",
    "cuantos",
    "dame",
    "dato",
    "datos",
    "de",
    "del",
    "dime",
    "do",
    "does",
    "el",
    "en",
    "entre",
    "es",
    "esa",
    "ese",
    "esta",
    "estamos",
    "estan",
    "este",
    "falta",
    "for",
    "gente",
    "give",
    "hay",
    "how",
    "i",
    "in",
    "info",
    "informacion",
    "is",
    "know",
    "la",
    "las",
    "limpia",
    "llega",
    "lo",
    "los",
    "mal",
    "mala",
    "malo",
    "many",
    "me",
    "mi",
    "mis",
    "mpio",
    "much",
    "mucha",
    "mucho",
    "muestra",
    "municipality",
    "municipio",
    "muy",
    "my",
    "nada",
    "necesito",
    "nuestro",
    "nunca",
    "of",
    "on",
    "para",
    "poca",
    "poco",
    "porcentaje",
    "que",
    "quiero",
    "quisiera",
    "saber",
    "se",
    "show",
    "siempre",
    "sin",
    "sirve",
    "sobre",
    "son",
    "su",
    "sucia",
    "sucio",
    "sus",
    "tan",
    "tanta",
    "tanto",
    "te",
    "tell",
    "tema",
    "the",
    "there",
    "tiene",
    "tienen",
    "to",
    "tu",
    "un",
    "una",
    "ver",
    "viene",
    "vivo",
    "vs",
    "want",
    "we",
    "what",
    "y",
    "ya",
    "yo",
];

/// Whether a folded word is one of courtesy.
pub fn courtesy(word: &str) -> bool {
    COURTESY.contains(&word)
}

/// Whether a folded word says nothing beside a place or a topic.
pub fn filler(word: &str) -> bool {
    FILLERS.contains(&word) || courtesy(word)
}

/// A phrase by its words.
type Phrase = (Vec<&'static str>, Keyword);

/// The phrases by their first word.
static BY_FIRST_WORD: LazyLock<HashMap<&'static str, Vec<Phrase>>> = LazyLock::new(|| {
    let mut phrases: HashMap<_, Vec<_>> = HashMap::new();
    for (phrase, keyword) in KEYWORDS {
        let words: Vec<&str> = phrase.split(' ').collect();
        phrases.entry(words[0]).or_default().push((words, *keyword));
    }
    phrases
});

/// The keyword at the start of the words, exactly, and how many words it takes; the longest
/// phrase wins.
pub fn leading(words: &[String]) -> Option<(Keyword, usize)> {
    BY_FIRST_WORD
        .get(words.first()?.as_str())?
        .iter()
        .filter(|(phrase, _)| {
            words.len() >= phrase.len() && phrase.iter().zip(words).all(|(one, other)| one == other)
        })
        .map(|(phrase, keyword)| (*keyword, phrase.len()))
        .max_by_key(|(_, count)| *count)
}

/// The keyword that is the first word but for one slip, where that is allowed: phrases of one word
/// of five letters or more. A whole text that lost one of the five is still help or a report ("ayda").
pub fn leading_with_slip(words: &[String]) -> Option<Keyword> {
    let first = words.first()?;
    let short = match first.chars().count() {
        0..=3 => return None,
        4 if words.len() > 1 => return None,
        letters => letters == 4,
    };
    KEYWORDS
        .iter()
        .find(|(phrase, keyword)| {
            phrase.len() >= 5
                && (!short || matches!(keyword, Keyword::Help | Keyword::Report))
                && !phrase.contains(' ')
                && !exact_only(phrase, *keyword)
                && one_slip(first, phrase)
        })
        .map(|(_, keyword)| *keyword)
}

/// The keyword that the whole text is, courtesy apart.
pub fn alone(words: &[String]) -> Option<Keyword> {
    let whole =
        |words: &[String]| leading(words).filter(|(_, count)| *count == words.len()).map(|(it, _)| it);
    whole(words).or_else(|| {
        if !words.iter().any(|word| courtesy(word)) {
            return None;
        }
        let plain: Vec<String> = words.iter().filter(|word| !courtesy(word)).cloned().collect();
        whole(&plain)
    })
}

/// Whether the whole text is one slip away from a stop word of four letters or more.
pub fn almost_stop(words: &[String]) -> bool {
    let plain: Vec<&String> = words.iter().filter(|word| !courtesy(word)).collect();
    let [word] = plain[..] else { return false };
    word.chars().count() >= 4
        && KEYWORDS.iter().any(|(phrase, keyword)| {
            *keyword == Keyword::Stop && phrase.len() >= 4 && !phrase.contains(' ') && one_slip(word, phrase)
        })
}

/// Whether a text is a keyword, a digit or a page word: such a text never counts as an automatic
/// answer.
pub fn is_menu_word(words: &[String]) -> bool {
    words.is_empty()
        || words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
        || leading(words).is_some_and(|(_, count)| count == words.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fold::{fold, words};

    #[test]
    fn every_phrase_is_folded_and_unique() {
        for (index, (phrase, _)) in KEYWORDS.iter().enumerate() {
            assert_eq!(fold(phrase), *phrase);
            assert!(!KEYWORDS[..index].iter().any(|(other, _)| other == phrase), "{phrase} twice");
        }
    }

    #[test]
    fn stop_words_stop_with_courtesy_only() {
        for text in ["STOP", "baja", "Baja por favor", "¡ALTO!", "no mas gracias", "Ya no", "salir pls"] {
            assert_eq!(alone(&words(text)), Some(Keyword::Stop), "{text}");
        }
        for text in ["baja california", "baja el agua", "alto lucero", "no hay mas agua", "bajar"] {
            assert_ne!(alone(&words(text)), Some(Keyword::Stop), "{text}");
        }
    }

    #[test]
    fn stop_words_are_never_matched_with_a_slip() {
        for text in ["stpo", "bajas", "paras", "salri", "altar", "cancella", "firma", "borra"] {
            let keyword = leading_with_slip(&words(text));
            assert!(
                !matches!(keyword, Some(Keyword::Stop | Keyword::Start | Keyword::Cancel)),
                "{text} is taken for {keyword:?}"
            );
        }
        assert!(almost_stop(&words("stpo")));
        assert!(almost_stop(&words("salr por favor")));
        assert!(!almost_stop(&words("ed")));
    }
}
