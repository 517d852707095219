//! What a text asks for.
//!
//! The order decides: a reserved word alone, a topic alone, an exact place name, a keyword in
//! front, a place or a topic inside the text, a keyword with a slip, a place with slips. An exact
//! place name so wins over a misspelt keyword, and the words of a place name are taken before
//! topics are read ("agua prieta agua").

use super::keywords::{self, Keyword};
use super::{PROSE, topics};
use crate::domain::case::Folio;
use crate::domain::case::folio::NoFolio;
use crate::domain::demand::Code;
use crate::domain::facts::Facts;
use crate::domain::fold;
use crate::domain::place::{Candidate, Context, Decision, Mention, Why};

/// Words that may be left over beside a place and a topic before the text counts as prose.
const LEFT_OVER: usize = 3;
/// Letters of a word that may have a slip.
const SLIP_LENGTH: usize = 5;
/// Letters from which a part of one name may be meant for it.
const TELLING: usize = 3;
/// Words that are read of a text.
const MAX_WORDS: usize = 60;

/// What a text asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// A keyword and the words behind it.
    Keyword(Keyword, Vec<String>),
    /// A stop word with the name of a topic or of a demand: leave that one only.
    Leave,
    /// A digit.
    Digit(usize),
    /// Compare a place, on a topic where one was named.
    Place(Decision, Option<String>),
    /// A topic of the place talked about.
    Topic(String),
    /// Two topics of a place, or of the one talked about.
    TwoTopics(Option<Decision>, [String; 2]),
    /// Compare two or three places, by their texts.
    Several(Vec<String>, Option<String>),
    /// One slip from a stop word.
    AlmostStop,
    /// Not understood.
    Unknown,
}

impl Intent {
    /// Whether a text may ask for something else than this: it was not understood, is like a place in some
    /// of its letters or words only, or is a sentence that names one.
    pub(super) fn may_mean_otherwise(&self, words: &[String]) -> bool {
        let guess = |it: &Candidate| matches!(it.why, Why::Slip | Why::Part);
        match self {
            Self::Unknown => true,
            Self::Place(Decision::Match(place), _) => guess(place) || words.len() >= PROSE,
            Self::Place(..) => self.is_guess() || words.len() >= PROSE,
            _ => false,
        }
    }

    /// Whether it is places that are like the text in some of their letters or words only.
    pub(super) fn is_guess(&self) -> bool {
        let guess = |it: &Candidate| matches!(it.why, Why::Slip | Why::Part);
        matches!(self, Self::Place(Decision::Choose(places), _) if places.iter().all(guess))
    }
}

/// Interprets a text.
pub fn interpret(text: &str, facts: &Facts, context: Context) -> Intent {
    let mut words = fold::words(text);
    words.truncate(MAX_WORDS);
    if words.is_empty() {
        return if text.contains('?') { Intent::Keyword(Keyword::Help, Vec::new()) } else { Intent::Unknown };
    }
    if let Some(digit) = digit(&words) {
        return digit;
    }
    if let Some(keyword) = keywords::alone(&words) {
        return Intent::Keyword(keyword, Vec::new());
    }
    if leaves_one(facts, &words) {
        return Intent::Leave;
    }
    if let Some(topic) = topics::alone(facts, &words) {
        return Intent::Topic(topic);
    }
    if words.iter().all(|word| keywords::courtesy(word)) {
        return Intent::Keyword(Keyword::Thanks, Vec::new());
    }
    let exact = facts.places.find_exact(text, context);
    // Five digits alone are a key or a postcode, even where nobody knows it.
    if exact == Decision::None && is_code(&words, facts) {
        return Intent::Place(Decision::None, None);
    }
    if exact != Decision::None {
        return Intent::Place(exact, None);
    }
    if let Some((keyword, count)) = keywords::leading(&words)
        && takes_words(keyword, &words[0], &words[count..])
    {
        return Intent::Keyword(keyword, words[count..].to_vec());
    }
    if let Some(several) = several(&words, facts, context) {
        return several;
    }
    if let Some(inside) = inside(&words, facts, context) {
        return inside;
    }
    if let Some(keyword) = keywords::leading_with_slip(&words)
        && !facts.vocabulary.is_region(&words.join(" "))
        && takes_words(keyword, &words[0], &words[1..])
    {
        return Intent::Keyword(keyword, words[1..].to_vec());
    }
    if let Some(topic) = topics::with_slip(facts, &words) {
        return Intent::Topic(topic);
    }
    with_slips(text, &words, facts, context)
}

fn digit(words: &[String]) -> Option<Intent> {
    let [word] = words else { return None };
    let short = word.len() <= 2 && word != "0";
    word.parse().ok().filter(|_| short).map(Intent::Digit)
}

fn is_code(words: &[String], facts: &Facts) -> bool {
    let pack = &facts.manifest.pack;
    let digits = [usize::from(pack.key_digits), usize::from(pack.postcode_digits)];
    matches!(words, [word] if digits.contains(&word.len()) && word.bytes().all(|it| it.is_ascii_digit()))
}

/// `BAJA agua`, `BAJA 317`: leaves one subscription, stops nothing else.
fn leaves_one(facts: &Facts, words: &[String]) -> bool {
    let Some((Keyword::Stop, count)) = keywords::leading(words) else { return false };
    let rest = &words[count..];
    let number = matches!(rest, [it] if it.len() <= 4 && it.bytes().all(|byte| byte.is_ascii_digit()));
    number || super::demands::is_week(rest) || topics::alone(facts, rest).is_some()
}

/// Whether a keyword in front of other words means what it means alone.
pub(super) fn takes_words(keyword: Keyword, first: &str, rest: &[String]) -> bool {
    let number = |it: &String| it.bytes().any(|byte| byte.is_ascii_digit());
    match keyword {
        // These say nothing about the words that follow: they are read without them.
        Keyword::Greeting | Keyword::Thanks | Keyword::Who | Keyword::Cost => false,
        // Alone or with courtesy words only; never in front of a sentence.
        Keyword::Stop | Keyword::Start | Keyword::Cancel | Keyword::Yes | Keyword::No => false,
        Keyword::More | Keyword::Back | Keyword::Menu | Keyword::Topics => rest.is_empty(),
        // ESTADO is a case only with a folio; POR and VER are everyday words.
        Keyword::Status => {
            let folio = |it: &String| !matches!(Folio::parse(it), Err(NoFolio::Form));
            rest.len() <= 5 && (rest.iter().any(number) || rest.first().is_some_and(folio))
        }
        // "una persona" or "persona mayor" asks for nobody.
        Keyword::Person => first != "persona" || rest.is_empty(),
        Keyword::Relay => rest.iter().any(number),
        Keyword::See => rest.is_empty() || rest.len() <= 3 && super::highlights::number(rest).is_some(),
        Keyword::Leader | Keyword::MyDemands => rest.is_empty(),
        // "retiro de escombro", "cumple tres meses", "confirmo que no hay agua" speak of no demand.
        Keyword::Sign | Keyword::Retire | Keyword::Confirm | Keyword::Commitment | Keyword::Kept => {
            rest.iter().take(4).any(|it| it.parse::<Code>().is_ok())
        }
        // "acta de nacimiento", "minutes ago": only with a code right behind it.
        Keyword::Acta => rest.len() <= 2 && rest.first().is_some_and(|it| it.parse::<Code>().is_ok()),
        Keyword::Demands | Keyword::Alerts => rest.len() <= 6,
        Keyword::Family => rest.iter().all(|it| number(it) || keywords::filler(it)),
        Keyword::Help | Keyword::Language | Keyword::Privacy => rest.len() <= 1,
        // "borrar mis datos", "borrar 482 913"; not a sentence about something else.
        Keyword::MyData | Keyword::Erase => rest.len() <= 3,
        _ => true,
    }
}

/// Whether a text is a keyword with what it needs (`FIRMO 948`, `TENDENCIA comida`), where the name of a person or
/// of a group is asked for: what may be such a name ("Historia Viva", "Ayuda Mutua") is none.
pub(super) fn commands(words: &[String], facts: &Facts) -> bool {
    if leaves_one(facts, words) {
        return true;
    }
    let Some((keyword, count)) = keywords::leading(words) else { return false };
    let rest = &words[count..];
    if rest.is_empty() || !takes_words(keyword, &words[0], rest) {
        return false;
    }
    let number = |it: &String| it.bytes().any(|byte| byte.is_ascii_digit());
    match keyword {
        Keyword::Help | Keyword::Language | Keyword::Privacy | Keyword::Closed(_) => false,
        Keyword::Link | Keyword::MyData | Keyword::Erase => {
            rest.iter().all(|it| number(it) || it == "no" || keywords::filler(it))
        }
        Keyword::Alerts if super::demands::is_week(rest) => true,
        Keyword::Compare
        | Keyword::Trend
        | Keyword::Best
        | Keyword::Behind
        | Keyword::Source
        | Keyword::ChangeHome
        | Keyword::Demands
        | Keyword::Alerts => names_exactly(rest, facts),
        _ => true,
    }
}

/// Whether words are nothing but places and topics.
fn names_exactly(words: &[String], facts: &Facts) -> bool {
    let context = Context::default();
    let (parts, topic) = split_places(words, facts, context);
    let known = |text: &String| {
        facts.places.find_exact(text, context) != Decision::None || two_names(text, facts, context).is_some()
    };
    (topic.is_some() || !parts.is_empty()) && parts.iter().all(known)
}

/// "tlapa con ometepec", "tlapa vs ometepec agua": two or three places.
fn several(words: &[String], facts: &Facts, context: Context) -> Option<Intent> {
    if !words.iter().any(|word| matches!(word.as_str(), "con" | "vs" | "contra" | "with" | "y" | "and")) {
        return None;
    }
    let (parts, topic) = split_places(words, facts, context);
    let found = parts.iter().filter(|part| facts.places.find_exact(part, context) != Decision::None).count();
    ((2..=3).contains(&parts.len()) && found == parts.len()).then_some(Intent::Several(parts, topic))
}

/// The texts of the places that are compared, and the topic. The words of exact place names are
/// taken before topics are read.
pub fn split_places(words: &[String], facts: &Facts, context: Context) -> (Vec<String>, Option<String>) {
    let hard = |word: &String| matches!(word.as_str(), "con" | "vs" | "contra" | "with");
    let soft = |word: &String| matches!(word.as_str(), "y" | "and");
    let known = |text: &str| facts.places.find_exact(text, context) != Decision::None;
    let mut topic = None;
    let mut parts = Vec::new();
    for part in words.split(|word| hard(word)) {
        let part = without_topic(part, facts, context, &mut topic);
        if part.iter().any(soft) && !known(&part.join(" ")) {
            for piece in part.split(|word| soft(word)) {
                let piece = without_topic(piece, facts, context, &mut topic);
                if !piece.is_empty() {
                    parts.push(piece.join(" "));
                }
            }
        } else if !part.is_empty() {
            parts.push(part.join(" "));
        }
    }
    (parts, topic)
}

/// The words without a topic at one of their ends, unless they name a place as they are.
fn without_topic(
    words: &[String],
    facts: &Facts,
    context: Context,
    topic: &mut Option<String>,
) -> Vec<String> {
    let known = |words: &[String]| facts.places.find_exact(&words.join(" "), context) != Decision::None;
    let mut words: Vec<String> = words.to_vec();
    while words.first().is_some_and(|word| keywords::filler(word)) && !known(&words) {
        words.remove(0);
    }
    if known(&words) {
        return words;
    }
    if let Some(found) = topics::find(facts, &words)
        && (found.start == 0 || found.end == words.len())
    {
        words.drain(found.start..found.end);
        *topic = Some(found.topic);
    }
    let edge =
        |word: &String| matches!(word.as_str(), "en" | "de" | "a" | "el" | "la" | "in" | "of" | "sobre");
    while words.last().is_some_and(edge) {
        words.pop();
    }
    while words.first().is_some_and(|word| keywords::filler(word)) && !known(&words) {
        words.remove(0);
    }
    words
}

/// A place or a topic, or both, inside a text of a few other words.
fn inside(words: &[String], facts: &Facts, context: Context) -> Option<Intent> {
    let mention = facts.places.mention(words, context);
    let state = state_span(words, facts);
    // "nuevo leon" is no Leon: the name of a state is not a place that it contains.
    let (start, end, decision, everyday) = match (mention, state) {
        (Some(it), Some((start, end)))
            if !(start <= it.start && it.end <= end && it.end - it.start < end - start) =>
        {
            (it.start, it.end, it.decision, it.everyday)
        }
        (_, Some((start, end))) => {
            (start, end, facts.places.find(&words[start..end].join(" "), context), false)
        }
        (Some(it), None) => (it.start, it.end, it.decision, it.everyday),
        (None, None) => (0, 0, Decision::None, false),
    };
    let mention = (decision != Decision::None).then_some(Mention { start, end, decision, everyday });
    let outside: Vec<(usize, &String)> = words
        .iter()
        .enumerate()
        .filter(|(index, _)| mention.as_ref().is_none_or(|it| *index < it.start || *index >= it.end))
        .collect();
    let around: Vec<String> = outside.iter().map(|(_, word)| (*word).clone()).collect();
    let topic = topics::find(facts, &around);
    let second = topic.as_ref().and_then(|first| topics::beside(facts, &around, first));
    let two = topic.as_ref().zip(second.as_ref()).map(|(first, second)| {
        let (one, two) = if first.start < second.start { (first, second) } else { (second, first) };
        [one.topic.clone(), two.topic.clone()]
    });
    let taken =
        |it: Option<&topics::Found>, index: usize| it.is_some_and(|it| index >= it.start && index < it.end);
    let left = around
        .iter()
        .enumerate()
        .filter(|(index, _)| !taken(topic.as_ref(), *index) && !taken(second.as_ref(), *index))
        .filter(|(_, word)| !keywords::filler(word) && word.as_str() != "no")
        .count();
    match (mention, topic) {
        (Some(mention), topic) if left <= LEFT_OVER => {
            if mention.everyday && left > 0 {
                return topic.filter(|_| left <= LEFT_OVER).map(|it| Intent::Topic(it.topic));
            }
            if let Some(two) = two {
                return Some(Intent::TwoTopics(Some(mention.decision), two));
            }
            // "tlpa" beside "el": a lone leftover may be part of a longer name that is misspelt.
            Some(Intent::Place(mention.decision, topic.map(|it| it.topic)))
        }
        (None, Some(topic)) if left == 0 => {
            Some(two.map_or(Intent::Topic(topic.topic), |two| Intent::TwoTopics(None, two)))
        }
        (None, Some(topic)) if left <= LEFT_OVER => {
            // A topic beside a place that is misspelt: "agua ometepek".
            let mut rest = around;
            rest.drain(topic.start..topic.end);
            let rest: Vec<String> = trimmed(&rest);
            // Of short words a slip makes too much: "luz cara" is no place.
            let long = |word: &String| word.chars().count() >= SLIP_LENGTH;
            if !rest.iter().any(long) && !facts.vocabulary.is_region(&rest.join(" ")) {
                return Some(Intent::Topic(topic.topic));
            }
            match facts.places.find(&rest.join(" "), context) {
                Decision::None => Some(Intent::Topic(topic.topic)),
                decision => Some(Intent::Place(decision, Some(topic.topic))),
            }
        }
        _ => None,
    }
}

/// Where the name of a state stands that has more than one word: its first word and one past its
/// last.
fn state_span(words: &[String], facts: &Facts) -> Option<(usize, usize)> {
    facts
        .vocabulary
        .state_names()
        .filter_map(|name| {
            let start = words.windows(name.len().max(2)).position(|it| it == name)?;
            Some((start, start + name.len()))
        })
        .max_by_key(|(start, end)| end - start)
}

/// Two exact place names in a row ("tlapa ometepec"), where the words are no name as they stand.
pub fn two_names(text: &str, facts: &Facts, context: Context) -> Option<[String; 2]> {
    let known = |text: &str| facts.places.find_exact(text, context) != Decision::None;
    let words: Vec<&str> = text.split(' ').collect();
    if known(text) {
        return None;
    }
    (1..words.len())
        .map(|at| [words[..at].join(" "), words[at..].join(" ")])
        .find(|pair| pair.iter().all(|it| known(it)))
}

/// The words without fillers at both ends.
fn trimmed(words: &[String]) -> Vec<String> {
    let first = words.iter().position(|word| !keywords::filler(word)).unwrap_or(words.len());
    let last = words.iter().rposition(|word| !keywords::filler(word)).map_or(first, |it| it + 1);
    words[first..last].to_vec()
}

/// A place with slips, or a text one slip from a stop word.
fn with_slips(text: &str, words: &[String], facts: &Facts, context: Context) -> Intent {
    let mut decision = facts.places.find(text, context);
    if decision == Decision::None {
        let rest = trimmed(words);
        if !rest.is_empty() && rest.len() < words.len() && rest.len() <= 6 {
            decision = facts.places.find(&rest.join(" "), context);
        }
    }
    let guess = |why: Why| matches!(why, Why::Slip | Why::Part);
    let is_guess = match &decision {
        Decision::Match(candidate) => guess(candidate.why),
        Decision::Choose(candidates) => candidates.iter().all(|it| guess(it.why)),
        Decision::None => true,
    };
    if is_guess && keywords::almost_stop(words) {
        return Intent::AlmostStop;
    }
    // "xx" is twenty in one name: of so few letters a choice of one is no question.
    let few = words.concat().chars().count() < TELLING;
    if is_guess && few && matches!(&decision, Decision::Choose(candidates) if candidates.len() == 1) {
        return Intent::Unknown;
    }
    match decision {
        Decision::None => Intent::Unknown,
        decision => Intent::Place(decision, None),
    }
}
