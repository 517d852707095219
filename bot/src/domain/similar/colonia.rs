//! The colonia that two complaints name: what may be said of where a case is to somebody who tells the same.
//!
//! Nothing is said but what she wrote herself: the other complaint only decides whether it is said.

use crate::domain::desk::addresses::Addresses;
use crate::domain::fold::fold;

/// The most words of a name.
const MOST: usize = 4;
/// The most characters of one.
const LONGEST: usize = 30;
/// Words of a text that are read.
const READ: usize = 120;

/// A word as it is written, without what stands around it, and folded; and whether a clause ends behind it.
struct Token<'a> {
    written: &'a str,
    folded: String,
    ends: bool,
}

fn tokens<'a>(text: &'a str, by: &Addresses) -> Vec<Token<'a>> {
    let token = |it: &'a str| {
        let written = it.trim_matches(|it: char| !it.is_alphanumeric());
        let folded = fold(written);
        let short = by.kinds.contains(&folded);
        let ends = it.ends_with([',', ';', ':', '!', '?', ')']) || it.ends_with('.') && !short;
        Token { written, folded, ends }
    };
    text.split_whitespace().take(READ).map(token).collect()
}

/// The name that begins at a word.
fn name<'a, 'b>(all: &'b [Token<'a>], from: usize, by: &Addresses) -> &'b [Token<'a>] {
    let mut from = from;
    while all.get(from).is_some_and(|it| by.before_name(&it.folded) && !it.ends) {
        from += 1;
    }
    let mut to = from;
    while let Some(it) = all.get(to) {
        // A word of a name holds letters; its number may be one of another house.
        let fits = to - from < MOST
            && !by.ends_name(&it.folded)
            && !it.folded.is_empty()
            && it.folded.chars().all(|it| it.is_alphabetic() || it == ' ');
        if !fits {
            break;
        }
        to += 1;
        if it.ends {
            break;
        }
    }
    &all[from..to]
}

/// A name of a colonia, folded, and whether such a word says that it is one.
struct Named {
    words: Vec<String>,
    kind: bool,
}

/// The names of colonias in what a complaint tells: behind such a word, and what the answer to the question where
/// begins with.
fn names(text: &str, place: Option<&str>, by: &Addresses) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let mut add = |all: &[Token<'_>], from: usize, kind: bool| {
        let words: Vec<String> = name(all, from, by).iter().map(|it| it.folded.clone()).collect();
        if !words.is_empty() && found.len() < READ {
            found.push(Named { words, kind });
        }
    };
    let place = place.map(|it| tokens(it, by)).unwrap_or_default();
    for all in [&tokens(text, by), &place] {
        for (at, token) in all.iter().enumerate() {
            if by.kinds.contains(&token.folded) && !token.ends {
                add(all, at + 1, true);
            }
        }
    }
    add(&place, 0, false);
    found
}

/// The colonia that a complaint and somebody else's both name: in her words, without the rest of them. A word such as
/// colonia stands before it in one of them, or both begin with it where they were asked for the place.
pub fn shared_colonia(
    theirs: (&str, Option<&str>),
    hers: (&str, Option<&str>),
    by: &Addresses,
) -> Option<String> {
    let names = names(theirs.0, theirs.1, by);
    for (text, answer) in [(hers.1, true), (Some(hers.0), false)] {
        let all = tokens(text.unwrap_or_default(), by);
        for name in &names {
            let fits = |at: &usize| {
                let there = &all[*at..*at + name.words.len()];
                let before = all[..*at].iter().rev().find(|it| !by.before_name(&it.folded));
                let named =
                    name.kind || before.map_or(answer, |it| by.kinds.contains(&it.folded) && !it.ends);
                named && there.iter().zip(&name.words).all(|(one, other)| one.folded == *other)
            };
            let last = (all.len() + 1).saturating_sub(name.words.len());
            let Some(at) = (0..last).find(fits) else { continue };
            let said = all[..at].last().filter(|it| by.articles.contains(&it.folded));
            let words = said.into_iter().chain(&all[at..at + name.words.len()]);
            let written = words.map(|it| it.written).collect::<Vec<_>>().join(" ");
            if written.chars().count() <= LONGEST {
                return Some(written);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::embedded;

    fn shared_colonia(theirs: Told<'_>, hers: Told<'_>) -> Option<String> {
        super::shared_colonia(theirs, hers, embedded::desk().expect("a desk").addresses())
    }

    type Told<'a> = (&'a str, Option<&'a str>);

    #[test]
    fn a_colonia_is_named_where_both_name_it() {
        let cases: &[(Told<'_>, Told<'_>, Option<&str>)] = &[
            (
                ("no cae agua en la col. Mirasol junto a doña Cuca", None),
                ("llevamos 3 dias en la MIRASOL sin agua", None),
                Some("la MIRASOL"),
            ),
            (
                ("no hay agua", Some("San José, calle Hidalgo 4")),
                ("no ay agua col san jose desde ayer", None),
                Some("san jose"),
            ),
            (("no hay agua", Some("Mirasol")), ("sin agua", Some("Mirasol, junto al pozo")), Some("Mirasol")),
            (("colonia del Valle sin agua", None), ("aqui en del valle no hay", None), Some("del valle")),
            (
                ("se fue la luz, Barrio El Calvario.", None),
                ("barrio del Calvario sin luz", None),
                Some("del Calvario"),
            ),
            // What only one of them says is not said.
            (
                ("no hay agua en la col. Mirasol junto a doña Cuca", None),
                ("no hay agua en la calle Hidalgo", None),
                None,
            ),
            (("no hay agua en la col. Lomas del Sur", None), ("no hay agua en lomas", None), None),
            // Nor what is no colonia: people, houses, streets.
            (("no hay agua frente a doña Cuca", None), ("no hay agua, doña Cuca tampoco", None), None),
            (("no hay agua", Some("doña Cuca")), ("no hay agua", Some("doña Cuca")), None),
            (("no hay agua", Some("Cuca Perez")), ("Cuca Perez dice que no hay agua", None), None),
            (("no hay agua", Some("casa de Cuca Perez")), ("no hay agua", Some("Cuca Perez")), None),
            (("no hay agua", Some("calle Rosales 12")), ("no hay agua en calle Rosales", None), None),
            (("no hay agua en la col.", None), ("col.", None), None),
            (("", None), ("", None), None),
        ];
        for (theirs, hers, found) in cases {
            assert_eq!(shared_colonia(*theirs, *hers).as_deref(), *found, "{theirs:?} and {hers:?}");
        }
    }

    #[test]
    fn it_is_never_more_than_her_own_words() {
        let theirs = "no hay agua en la col. Lomas del Paraiso Escondido Norte junto a Juan";
        assert_eq!(
            shared_colonia((theirs, None), (theirs, None)).as_deref(),
            Some("Lomas del Paraiso Escondido")
        );
        for hostile in
            ["\u{1b}[31mMirasol", "Mi\u{202e}rasol", "Mirasol\u{0}", "<b>Mirasol</b>", "{ $place } Mirasol"]
        {
            let shown = shared_colonia(("col. Mirasol", None), (hostile, None));
            assert!(
                shown.as_deref().is_none_or(|it| it.chars().all(char::is_alphanumeric)),
                "{hostile:?}: {shown:?}"
            );
        }
        let long = format!("col. {}", "x".repeat(500));
        assert_eq!(shared_colonia((&long, None), (&long, None)), None);
        let (many, other) = ("col. x y ".repeat(10_000), "y x ".repeat(10_000));
        assert!(shared_colonia((&many, Some(&many)), (&other, Some(&other))).is_some_and(|it| it.len() < 10));
    }
}
