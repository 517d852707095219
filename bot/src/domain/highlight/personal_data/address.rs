//! Houses: a street with a number, a block with a plot, a flat.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::plain::{Plain, digit};

/// Words that a street's name follows, folded. Roads are none: they have kilometres and numbers of their own.
const STREETS: [&str; 36] = [
    "calle",
    "c",
    "cll",
    "av",
    "ave",
    "avenida",
    "blvd",
    "boulevard",
    "bulevar",
    "calz",
    "calzada",
    "andador",
    "and",
    "privada",
    "priv",
    "pvda",
    "prol",
    "prolongacion",
    "callejon",
    "cjon",
    "cerrada",
    "cda",
    "retorno",
    "circuito",
    "camino",
    "periferico",
    "pasaje",
    "paseo",
    "libramiento",
    "glorieta",
    "plazuela",
    "rinconada",
    "vereda",
    "diagonal",
    "eje",
    "cto",
];
/// Those of them that are a word or a letter of something else unless a dot or a slash follows.
const SHORT: [&str; 3] = ["c", "and", "eje"];
/// Words before a house's number.
const MARKS: [&str; 7] = ["#", "no", "num", "numero", "n", "nro", "nº"];
/// Words that no street's name holds: behind them a number is another matter.
const OTHER: [&str; 34] = [
    "con", "en", "entre", "se", "desde", "hasta", "que", "para", "por", "donde", "hay", "tiene", "tienen",
    "sin", "quedo", "esta", "fue", "son", "es", "ya", "hoy", "ano", "cuesta", "costo", "mide", "hacia",
    "esquina", "desde", "durante", "programa", "etapa", "tramo", "ruta", "km",
];
/// Words behind a number that counts something and is no house's.
const UNITS: [&str; 52] = [
    "m",
    "m2",
    "m3",
    "mts",
    "mt",
    "ml",
    "metro",
    "metros",
    "km",
    "kms",
    "kilometro",
    "kilometros",
    "casas",
    "casa",
    "viviendas",
    "familias",
    "tomas",
    "lamparas",
    "luminarias",
    "focos",
    "personas",
    "habitantes",
    "vecinos",
    "tramos",
    "pesos",
    "mil",
    "millon",
    "millones",
    "dias",
    "semanas",
    "meses",
    "anos",
    "postes",
    "pozos",
    "arboles",
    "hectareas",
    "has",
    "litros",
    "horas",
    "hrs",
    "puntos",
    "veces",
    "obras",
    "talleres",
    "apoyos",
    "descargas",
    "registros",
    "banquetas",
    "mujeres",
    "ninos",
    "jornales",
    "escuelas",
];
/// Words of the place that follow a house's number.
const PLACES: [&str; 17] = [
    "col",
    "colonia",
    "barrio",
    "bo",
    "fracc",
    "fraccionamiento",
    "int",
    "interior",
    "depto",
    "departamento",
    "dpto",
    "cp",
    "esq",
    "unidad",
    "infonavit",
    "ejido",
    "ampliacion",
];
/// Words of what has a number of its own and is no home.
const BUILDINGS: [&str; 22] = [
    "escuela",
    "primaria",
    "secundaria",
    "preescolar",
    "telesecundaria",
    "kinder",
    "clinica",
    "hospital",
    "umf",
    "pozo",
    "tanque",
    "jardin",
    "preparatoria",
    "bachillerato",
    "folio",
    "oficio",
    "contrato",
    "ley",
    "decreto",
    "articulo",
    "zona",
    "seccion",
];
const MONTHS: [&str; 13] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "setiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
/// The most words of a street's name that are looked at.
const LONGEST: usize = 8;

static BLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let number = r"[ .-]{0,2}(?:no\.? ?|num\.? ?|numero |#)?(?:[0-9]{1,4}[a-z]?|[a-z])";
    let (block, plot) = ("(?:manzana|mza|mzna|mz)", "(?:lote|lte|lt)");
    let flat =
        r"(?:edificio|edif|torre)\.? [a-z0-9]{1,3}[ ,]{1,2}(?:departamento|depto|dpto)\.? ?#?[0-9]{1,4}";
    let expression = format!(
        r"\b(?:{block}{number}[ ,.-]{{1,3}}{plot}{number}|{plot}{number}[ ,.-]{{1,3}}{block}{number}|{flat}|(?:depto|dpto)\.? ?#?[0-9]{{1,4}})\b"
    );
    let compiled = Regex::new(&expression);
    debug_assert!(compiled.is_ok(), "{expression}");
    compiled.ok()
});

/// A word or a mark of the plain text.
struct Token<'a> {
    text: &'a str,
    range: Range<usize>,
}

impl Token<'_> {
    /// Whether it is a house's number: up to five digits, with a letter behind them at most.
    fn is_number(&self) -> bool {
        let bare = match self.text.strip_suffix(|it: char| ('a'..='h').contains(&it)) {
            Some(bare) if bare.contains(|it: char| it.is_ascii_digit()) => bare,
            _ => self.text,
        };
        (1..=5).contains(&bare.len())
            && bare.contains(|it: char| it.is_ascii_digit())
            && bare.chars().all(|it| digit(it).is_some())
    }

    fn is_year(&self) -> bool {
        self.text.parse().is_ok_and(|it: u32| (1900..2040).contains(&it))
    }
}

/// Words, numbers (also with decimals or thousands) and single marks.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        if first == ' ' {
            continue;
        }
        let mut end = start + first.len_utf8();
        if first.is_alphanumeric() {
            while let Some((at, next)) = chars.peek().copied() {
                let within = next.is_alphanumeric() || next == '|';
                // 1.2 and 1,200 are one number.
                let digit_at = |at: usize| text[at..].starts_with(|it: char| it.is_ascii_digit());
                let point = matches!(next, '.' | ',')
                    && digit_at(at + 1)
                    && text[..at].ends_with(|it: char| it.is_ascii_digit());
                if !within && !point {
                    break;
                }
                end = at + next.len_utf8();
                chars.next();
            }
        }
        tokens.push(Token { text: &text[start..end], range: start..end });
    }
    tokens
}

/// Houses.
pub(super) fn address(text: &str, plain: &Plain) -> Vec<Range<usize>> {
    let tokens = tokens(&plain.text);
    let mut found: Vec<Range<usize>> = Vec::new();
    if let Some(expression) = &*BLOCK {
        found.extend(expression.find_iter(&plain.text).map(|it| it.range()));
    }
    for at in 0..tokens.len() {
        let end = house_on_street(&tokens, at).or_else(|| house_before_place(text, plain, &tokens, at));
        if let Some(end) = end {
            found.push(tokens[at].range.start..tokens[end].range.end);
        }
    }
    found
}

/// The last token of a house whose street begins at a token.
fn house_on_street(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let street = tokens[at].text;
    if !STREETS.contains(&street) {
        return None;
    }
    let text = |at: usize| tokens.get(at).map_or("", |it| it.text);
    let mut next = at + 1;
    let marked = matches!(text(next), "." | "/");
    if SHORT.contains(&street) && !marked || street == "c" && text(next + 1) == "p" {
        return None;
    }
    if marked {
        next += 1;
    }
    let name = next;
    while next < tokens.len() && next < name + LONGEST {
        let token = &tokens[next];
        if (token.text == "s" || token.text == "sin") && (text(next + 1) == "/" || text(next + 1) == "numero")
        {
            return Some((next + 2).min(tokens.len() - 1)).filter(|_| next > name);
        }
        if let Some(number) = marked_number(tokens, next).filter(|_| next > name) {
            return Some(number);
        }
        let is_name = next == name || (text(next + 1) == "de" && MONTHS.contains(&text(next + 2)));
        if token.is_number() && !is_name {
            return is_house(tokens, next).then_some(next);
        }
        let is_mark = !token.text.starts_with(char::is_alphanumeric);
        // A dot behind a short word belongs to it, and a comma may stand before the number.
        let goes_on = match token.text {
            "." => tokens[next - 1].text.len() <= 4,
            "," => {
                next > name
                    && tokens.get(next + 1).is_some_and(|it| it.is_number() || MARKS.contains(&it.text))
            }
            "-" | "'" => true,
            _ => !is_mark,
        };
        let stops = OTHER.contains(&token.text)
            || (next > name && STREETS.contains(&token.text) && token.text.len() > 3);
        if !goes_on || stops || token.text.contains(['.', ',']) && token.text.len() > 1 {
            return None;
        }
        next += 1;
    }
    None
}

/// The number behind a mark at a token (`# 12`, `no. 12`).
fn marked_number(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    // The text may end before it.
    if !tokens.get(at).is_some_and(|it| MARKS.contains(&it.text)) {
        return None;
    }
    let dotted = tokens.get(at + 1).is_some_and(|it| matches!(it.text, "." | "°" | ":"));
    let number = at + 1 + usize::from(dotted);
    tokens.get(number).is_some_and(Token::is_number).then_some(number)
}

/// Whether a bare number is that of a house, by what follows it.
fn is_house(tokens: &[Token<'_>], at: usize) -> bool {
    let mut rest = tokens[at + 1..].iter().map(|it| it.text);
    let next = rest.next().unwrap_or_default();
    if UNITS.contains(&next) || matches!(next, "%" | ":" | "/" | "+") {
        return false;
    }
    let place = if next == "," { rest.next().unwrap_or_default() } else { next };
    !tokens[at].is_year() || PLACES.contains(&place)
}

/// The last token of a house that is named without the word for its street: a name at this token, a
/// number, and a place behind it.
fn house_before_place(text: &str, plain: &Plain, tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let token = &tokens[at];
    let capital = |token: &Token<'_>| {
        let range = plain.in_text(&token.range);
        text.get(range).is_some_and(|it| it.starts_with(char::is_uppercase))
    };
    let named = token.text.len() > 2 && token.text.chars().all(char::is_alphabetic) && capital(token);
    if !named || PLACES.contains(&token.text) || OTHER.contains(&token.text) {
        return None;
    }
    let before = &tokens[at.saturating_sub(4)..=at];
    if before.iter().any(|it| BUILDINGS.contains(&it.text)) {
        return None;
    }
    let number = match marked_number(tokens, at + 1) {
        Some(number) => number,
        None => at + 1,
    };
    if !tokens.get(number).is_some_and(Token::is_number) {
        return None;
    }
    let mut behind = tokens[number + 1..].iter().map(|it| it.text).filter(|it| *it != ",");
    let place = behind.next().unwrap_or_default();
    let postcode = place == "c" && behind.next() == Some(".") && behind.next() == Some("p");
    (PLACES.contains(&place) || postcode).then_some(number)
}
