//! Telephones and numbers of voters' credentials: digits in any grouping, also in words.

use std::ops::Range;

use super::plain::{Plain, digit};
use crate::domain::redact::between_groups;

/// How far before a number the words that explain it may stand, in characters.
const NEAR: usize = 28;
/// The most groups of digits that are looked at as one number.
const MOST_GROUPS: usize = 14;
/// Words of a telephone, folded: with one of them seven or eight digits are one.
const PHONE_WORDS: [&str; 12] = [
    "tel", "cel", "whats", "wats", "movil", "fono", "marcar", "marque", "marca", "llam", "informes",
    "contacto",
];
/// Words of numbers that belong to papers: with one of them just before it, a number is no telephone.
const PAPER_WORDS: [&str; 16] = [
    "folio",
    "expediente",
    "oficio",
    "contrato",
    "licitacion",
    "factura",
    "poliza",
    "cuenta",
    "partida",
    "acta",
    "clave",
    "obra",
    "convenio",
    "requisicion",
    "orden",
    "serie",
];
/// Words behind a number that counts something.
const COUNTED: [&str; 14] = [
    "pesos",
    "mdp",
    "millones",
    "mil ",
    "m.n",
    "habitantes",
    "personas",
    "litros",
    "metros",
    "m2",
    "m3",
    "registros",
    "%",
    "kg",
];
/// Words of a voter's credential.
const VOTER_WORDS: [&str; 8] =
    ["ine", "ife", "credencial", "elector", "ocr", "cic", "idmex", "identificacion"];

/// Number words, folded, with their digits.
const WORDS: [(&str, &str); 29] = [
    ("cero", "0"),
    ("uno", "1"),
    ("una", "1"),
    ("dos", "2"),
    ("tres", "3"),
    ("cuatro", "4"),
    ("cinco", "5"),
    ("seis", "6"),
    ("siete", "7"),
    ("ocho", "8"),
    ("nueve", "9"),
    ("diez", "10"),
    ("once", "11"),
    ("doce", "12"),
    ("trece", "13"),
    ("catorce", "14"),
    ("quince", "15"),
    ("dieciseis", "16"),
    ("diecisiete", "17"),
    ("dieciocho", "18"),
    ("diecinueve", "19"),
    ("veinte", "20"),
    ("treinta", "30"),
    ("cuarenta", "40"),
    ("cincuenta", "50"),
    ("sesenta", "60"),
    ("setenta", "70"),
    ("ochenta", "80"),
    ("noventa", "90"),
];

/// Digits that stand together.
struct Group {
    /// Only digits.
    digits: String,
    range: Range<usize>,
}

/// Groups of digits with nothing but blanks and marks between them.
struct Run {
    groups: Vec<Group>,
    /// What stands between each group and the next.
    gaps: Vec<String>,
    /// Whether a plus stands before it.
    plus: bool,
}

impl Run {
    fn digits(&self, groups: Range<usize>) -> String {
        self.groups[groups].iter().map(|it| it.digits.as_str()).collect()
    }

    fn range(&self, groups: &Range<usize>) -> Range<usize> {
        self.groups[groups.start].range.start..self.groups[groups.end - 1].range.end
    }
}

/// The groups of digits of a text: each is made of digits and of letters taken for digits, with at least
/// one digit, and no other letter touches it.
fn groups(text: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut word: Option<usize> = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (at, character) in ends {
        if character.is_alphanumeric() || character == '|' {
            word.get_or_insert(at);
            continue;
        }
        let Some(start) = word.take() else { continue };
        let written = &text[start..at];
        let digits: Option<String> =
            written.chars().map(|it| digit(it).and_then(|it| char::from_digit(it, 10))).collect();
        if let Some(digits) = digits.filter(|_| written.contains(|it: char| it.is_ascii_digit())) {
            groups.push(Group { digits, range: start..at });
        }
    }
    groups
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for group in groups(text) {
        let gap =
            runs.last().and_then(|run| run.groups.last()).map(|it| &text[it.range.end..group.range.start]);
        let joins = gap.filter(|gap| {
            (1..=4).contains(&gap.len()) && gap.chars().all(|it| between_groups(it) || "_+*".contains(it))
        });
        match (runs.last_mut(), joins) {
            (Some(run), Some(gap)) => {
                run.gaps.push(gap.to_owned());
                run.groups.push(group);
            }
            _ => {
                let before = text[..group.range.start].trim_end_matches(['(', ' ']);
                runs.push(Run { plus: before.ends_with('+'), groups: vec![group], gaps: Vec::new() });
            }
        }
    }
    runs
}

/// Whether digits are those of a whole telephone: ten, with what is dialled before them.
fn is_whole(digits: &str, plus: bool) -> bool {
    let national = |rest: &str| rest.len() == 10 && rest.starts_with(|it: char| ('2'..='9').contains(&it));
    let prefixed = ["", "52", "521", "0052", "00521", "01", "044", "045", "1"];
    prefixed.iter().any(|prefix| digits.strip_prefix(prefix).is_some_and(national))
        || (plus && (10..=15).contains(&digits.len()))
}

/// Whether groups are figures or dates one after the other rather than one number.
fn is_list(run: &Run, groups: &Range<usize>) -> bool {
    let lengths: Vec<usize> = run.groups[groups.clone()].iter().map(|it| it.digits.len()).collect();
    let gaps = &run.gaps[groups.start..groups.end - 1];
    // 71.8 78.3 62.5
    let decimals = gaps.len() >= 2
        && gaps.iter().enumerate().all(|(at, gap)| if at % 2 == 0 { gap == "." } else { gap == " " })
        && lengths.iter().skip(1).step_by(2).all(|it| *it <= 2);
    // 21 25 30 41 52: such numbers rise.
    let values: Vec<u32> =
        run.groups[groups.clone()].iter().filter_map(|it| it.digits.parse().ok()).collect();
    let rising = values.len() >= 4
        && values.len() == lengths.len()
        && lengths.iter().all(|it| *it <= 3)
        && values.windows(2).all(|it| it[0] < it[1])
        && gaps.iter().all(|it| it == " ");
    // 2015 2020, 12/03/2019 10.
    let year =
        |it: &Group| it.digits.len() == 4 && (it.digits.starts_with("19") || it.digits.starts_with("20"));
    let years = run.groups[groups.clone()].iter().filter(|it| year(it)).count();
    let date = run.groups[groups.clone()].windows(3).zip(gaps.windows(2)).any(|(it, gaps)| {
        gaps[0] == gaps[1]
            && matches!(gaps[0].as_str(), "/" | "-" | ".")
            && ((year(&it[2]) && it[0].digits.len() <= 2 && it[1].digits.len() <= 2)
                || (year(&it[0]) && it[1].digits.len() == 2 && it[2].digits.len() == 2))
    });
    decimals || rising || years >= 2 || date
}

/// What follows a number, without the blanks.
fn following<'a>(plain: &'a Plain, range: &Range<usize>) -> &'a str {
    plain.after(range.end).trim_start()
}

fn named(plain: &Plain, range: &Range<usize>, words: &[&str]) -> bool {
    let before = plain.before(range.start, NEAR);
    words.iter().any(|word| before.contains(word))
}

/// Telephones.
pub(super) fn phone(plain: &Plain) -> Vec<Range<usize>> {
    let mut found = in_words(&plain.text);
    for run in runs(&plain.text) {
        let mut start = 0;
        while start < run.groups.len() {
            // The longest first, so that what is dialled before a number belongs to it.
            let longest = run.groups.len().min(start + MOST_GROUPS);
            let end = (start + 1..=longest).rev().find(|end| is_phone(plain, &run, &(start..*end)));
            if let Some(end) = end {
                found.push(run.range(&(start..end)));
            }
            start = end.unwrap_or(start + 1);
        }
    }
    found
}

fn is_phone(plain: &Plain, run: &Run, groups: &Range<usize>) -> bool {
    let digits = run.digits(groups.clone());
    if digits.len() < 7 || digits.len() > 15 {
        return false;
    }
    let range = run.range(groups);
    let before = plain.before(range.start, NEAR);
    let called = named(plain, &range, &PHONE_WORDS);
    let follows = following(plain, &range);
    if before.trim_end().ends_with('$') || COUNTED.iter().any(|it| follows.starts_with(it)) {
        return false;
    }
    let plus = run.plus && groups.start == 0;
    let local = called && groups.len() == run.groups.len() && matches!(digits.len(), 7 | 8);
    if !local && !is_whole(&digits, plus) {
        return false;
    }
    if called || plus {
        return true;
    }
    // A reference of papers; and a part of a longer row of numbers only where it is grouped as
    // telephones are.
    let whole_run = groups.len() == run.groups.len();
    let lengths: Vec<usize> = run.groups[groups.clone()].iter().map(|it| it.digits.len()).collect();
    let usual =
        matches!(lengths.as_slice(), [10 | 12] | [3, 7] | [2, 8] | [3, 3, 4] | [2, 4, 4] | [3, 3, 2, 2]);
    !named(plain, &range, &PAPER_WORDS) && !is_list(run, groups) && (whole_run || usual)
}

/// Telephones that are written in words, or in words and digits.
fn in_words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut digits, mut spelt, mut range): (String, usize, Option<Range<usize>>) = (String::new(), 0, None);
    let mut close = |digits: &mut String, spelt: &mut usize, range: &mut Option<Range<usize>>| {
        if *spelt >= 4 && is_whole(digits, false) {
            found.extend(range.clone());
        }
        digits.clear();
        *spelt = 0;
        *range = None;
    };
    let mut tens = false;
    for (start, word) in words(text) {
        let end = start + word.len();
        let far = range.as_ref().is_some_and(|it| {
            let gap = &text[it.end..start];
            gap.len() > 3 || gap.contains([':', ';'])
        });
        if far && word != "y" {
            close(&mut digits, &mut spelt, &mut range);
            tens = false;
        }
        let value = spoken(word);
        match value {
            Some(value) => {
                let joins = tens && value.len() == 1 && value != "0" && digits.ends_with("0y");
                if joins {
                    digits.truncate(digits.len() - 2);
                }
                if digits.ends_with('y') {
                    digits.pop();
                }
                digits.push_str(&value);
                spelt += usize::from(!word.starts_with(|it: char| it.is_ascii_digit()));
                tens = value.len() == 2 && value.ends_with('0') && value != "10" && value != "20";
                let from = range.as_ref().map_or(start, |it| it.start);
                range = Some(from..end);
            }
            // Thirty and four.
            None if word == "y" && tens => {
                digits.push('y');
                if let Some(it) = range.as_mut() {
                    it.end = end;
                }
            }
            None => {
                close(&mut digits, &mut spelt, &mut range);
                tens = false;
            }
        }
    }
    close(&mut digits, &mut spelt, &mut range);
    found
}

/// The words of a text with where each begins.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = 0;
    for part in text.split_inclusive(|it: char| !it.is_alphanumeric()) {
        let word = part.trim_end_matches(|it: char| !it.is_alphanumeric());
        if !word.is_empty() {
            words.push((start, word));
        }
        start += part.len();
    }
    words
}

/// The digits that a word says.
fn spoken(word: &str) -> Option<String> {
    if word.bytes().all(|it| it.is_ascii_digit()) {
        return Some(word.to_owned());
    }
    if let Some((_, digits)) = WORDS.iter().find(|(known, _)| *known == word) {
        return Some((*digits).to_owned());
    }
    let unit = word.strip_prefix("veinti").and_then(|rest| WORDS.iter().find(|(known, _)| *known == rest))?;
    (unit.1.len() == 1).then(|| format!("2{}", unit.1))
}

/// Numbers of a voter's credential, where the text names it: nine digits, twelve or thirteen.
pub(super) fn voter_number(plain: &Plain) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for run in runs(&plain.text) {
        for start in 0..run.groups.len() {
            let before: String =
                plain.before(run.groups[start].range.start, NEAR).chars().filter(|it| *it != '.').collect();
            let mut words = before.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
            if !words.any(|word| VOTER_WORDS.contains(&word)) {
                continue;
            }
            let longest = run.groups.len().min(start + MOST_GROUPS);
            let end =
                (start + 1..=longest).rev().find(|end| matches!(run.digits(start..*end).len(), 9 | 12 | 13));
            if let Some(end) = end {
                found.push(run.range(&(start..end)));
                break;
            }
        }
    }
    found.extend(machine_line(&plain.text));
    found
}

/// The first line of the back of a credential, that machines read: `IDMEX` and ten digits.
fn machine_line(text: &str) -> Vec<Range<usize>> {
    let starts = text.match_indices("idmex").map(|it| it.0);
    starts
        .filter_map(|start| {
            let rest = &text[start + 5..];
            let length =
                rest.find(|it: char| !(it.is_ascii_digit() || "< ".contains(it))).unwrap_or(rest.len());
            let digits = rest[..length].chars().filter(char::is_ascii_digit).count();
            (digits >= 9).then(|| start..start + 5 + rest[..length].trim_end().len())
        })
        .collect()
}
