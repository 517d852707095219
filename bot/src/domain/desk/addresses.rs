//! Where a sentence says that it is, by the words of the country.

use std::collections::HashSet;

use serde::Deserialize;

use crate::domain::fold::fold;

/// Words by which a sentence says where, folded: `desk/addresses.toml` of a pack. The default knows none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses {
    begin: HashSet<String>,
    references: Vec<String>,
    end: HashSet<String>,
    /// Words before the name of a colonia or of a small town.
    pub(in crate::domain) kinds: HashSet<String>,
    name_end: HashSet<String>,
    titles: HashSet<String>,
    /// Words before a name that are said with it.
    pub(in crate::domain) articles: HashSet<String>,
    particles: HashSet<String>,
}

impl Addresses {
    /// Reads them from TOML.
    ///
    /// # Errors
    /// Why the text is none, or which word is not folded and so would never be found.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let it: Self = toml::from_str(text).map_err(|problem| problem.to_string())?;
        let sets = [&it.begin, &it.end, &it.kinds, &it.name_end, &it.titles, &it.articles, &it.particles];
        let unfolded = |word: &&String| fold(word) != **word || word.is_empty();
        let wrong = sets.into_iter().flatten().chain(&it.references).find(unfolded).cloned();
        match wrong {
            Some(word) => Err(format!("\"{word}\" is not folded")),
            None => Ok(it),
        }
    }

    /// Whether a text begins as an address does: "colonia Centro", "calle 5 de mayo".
    pub fn begin(&self, words: &[String]) -> bool {
        words.len() > 1 && self.begin.contains(&words[0])
    }

    /// Whether a word tells nothing before a name.
    pub(in crate::domain) fn before_name(&self, word: &str) -> bool {
        self.articles.contains(word) || self.particles.contains(word)
    }

    /// Whether a word ends the name of a colonia, or stands before that of a person.
    pub(in crate::domain) fn ends_name(&self, word: &str) -> bool {
        self.name_end.contains(word) || self.titles.contains(word)
    }

    /// Where a sentence says that it is: from a word such as "colonia" to the end of the clause.
    pub fn place_in(&self, text: &str) -> Option<String> {
        let tokens: Vec<&str> = text.split_whitespace().collect();
        let folded: Vec<String> = tokens.iter().map(|it| fold(it)).collect();
        let refers = |at: usize, reference: &str| {
            let mut words = folded[at..].iter();
            reference.split(' ').all(|it| words.next().is_some_and(|word| word == it))
        };
        let starts = |at: &usize| {
            self.begin.contains(&folded[*at]) && at + 1 < folded.len()
                || self.references.iter().any(|it| refers(*at, it))
        };
        let start = (0..tokens.len()).find(starts)?;
        let mut end = start + 1;
        while end < tokens.len() {
            if self.end.contains(&folded[end]) {
                break;
            }
            end += 1;
            let last = tokens[end - 1];
            let abbreviation =
                folded[end - 1].chars().count() <= 4 && last.ends_with('.') && end < tokens.len();
            if last.ends_with([',', ';', '!', '?']) || last.ends_with('.') && !abbreviation {
                break;
            }
        }
        let place = tokens[start..end].join(" ");
        let place = place.trim_end_matches([',', ';', '.', '!', '?']);
        (end > start + 1).then(|| place.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Addresses;
    use crate::embedded;

    #[test]
    fn a_sentence_says_where() {
        let desk = embedded::desk().expect("a desk");
        for (text, place) in [
            ("no hay agua en la col. San Jose desde el lunes", Some("col. San Jose")),
            ("bache en calle Hidalgo, muy grande", Some("calle Hidalgo")),
            ("hay basura frente a la primaria Juárez", Some("frente a la primaria Juárez")),
            ("no hay luz en el centro desde ayer", Some("en el centro")),
            ("Colonia", None),
            ("no hay agua", None),
            ("", None),
        ] {
            assert_eq!(desk.addresses().place_in(text).as_deref(), place, "{text}");
        }
        assert_eq!(
            Addresses::default().place_in("agua en la colonia Centro"),
            None,
            "a country without words"
        );
    }
}
