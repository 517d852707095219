//! Texts for people, by locale.
//!
//! Every text is a Fluent message in `<locale>/*.ftl`. `es-MX` is complete and stands in for what
//! another locale lacks, message by message. A locale is added by adding its folder.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast::Entry;
use unic_langid::LanguageIdentifier;

include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));

/// The locale that has every message.
pub const FALLBACK: &str = "es-MX";

/// A language that texts can be had in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 tag, as the folder is named (`es-MX`, `en`, `nah`).
    pub tag: &'static str,
    /// What its speakers call it.
    pub name: String,
    /// Whether it has every message that the fallback has.
    pub complete: bool,
}

struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    keys: Vec<String>,
    /// What is wrong with its files; empty for a sound catalogue.
    problems: Vec<String>,
}

static LOADED: LazyLock<BTreeMap<&'static str, Catalogue>> = LazyLock::new(|| {
    let mut loaded: BTreeMap<&'static str, Catalogue> = BTreeMap::new();
    for (locale, source) in CATALOGUES {
        let catalogue = loaded.entry(locale).or_insert_with(|| {
            let language: LanguageIdentifier = locale.parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![language]);
            // The isolating marks around arguments are outside GSM-7: one of them would make an SMS
            // of 160 septets one of 70 UCS-2 units.
            bundle.set_use_isolating(false);
            Catalogue { bundle, keys: Vec::new(), problems: Vec::new() }
        });
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                catalogue.problems.extend(errors.iter().map(ToString::to_string));
                resource
            }
        };
        catalogue.keys.extend(resource.entries().filter_map(|entry| match entry {
            Entry::Message(message) => Some(message.id.name.to_owned()),
            _ => None,
        }));
        if let Err(errors) = catalogue.bundle.add_resource(resource) {
            catalogue.problems.extend(errors.iter().map(ToString::to_string));
        }
    }
    loaded
});

/// The text of `key` in `locale`, or in the fallback where that locale lacks it.
///
/// `None` when no catalogue has the message or an argument of it is missing: a raw key or a
/// placeholder never reaches a person.
pub fn text(locale: &str, key: &str, args: &[(&str, &str)]) -> Option<String> {
    format(locale, key, args).or_else(|| format(FALLBACK, key, args))
}

fn format(locale: &str, key: &str, args: &[(&str, &str)]) -> Option<String> {
    let bundle = &LOADED.get(locale)?.bundle;
    let pattern = bundle.get_message(key)?.value()?;
    let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, *value)).collect();
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    errors.is_empty().then_some(text)
}

/// Whether `locale` itself has the message.
pub fn has(locale: &str, key: &str) -> bool {
    LOADED.get(locale).is_some_and(|it| it.bundle.has_message(key))
}

/// The keys of a locale, in the order of its files.
pub fn keys(locale: &str) -> Vec<String> {
    LOADED.get(locale).map(|it| it.keys.clone()).unwrap_or_default()
}

/// What is wrong with the files of a locale; empty for a sound one.
pub fn problems(locale: &str) -> Vec<String> {
    LOADED.get(locale).map(|it| it.problems.clone()).unwrap_or_default()
}

/// The languages, the fallback first.
pub fn languages() -> Vec<Language> {
    let complete: Vec<String> = keys(FALLBACK);
    let mut languages: Vec<Language> = LOADED
        .iter()
        .map(|(tag, catalogue)| Language {
            tag,
            name: format(tag, "language-name", &[]).unwrap_or_else(|| (*tag).to_owned()),
            complete: complete.iter().all(|key| catalogue.bundle.has_message(key)),
        })
        .collect();
    languages.sort_by_key(|language| (language.tag != FALLBACK, language.tag));
    languages
}

/// The loaded locale that serves a BCP 47 tag best: itself, one of the same language, or `None`.
pub fn best_locale(tag: &str) -> Option<&'static str> {
    let wanted = tag.to_ascii_lowercase();
    let language = wanted.split('-').next().unwrap_or_default();
    LOADED
        .keys()
        .find(|it| it.eq_ignore_ascii_case(&wanted))
        .or_else(|| {
            LOADED.keys().find(|it| {
                it.split('-').next().is_some_and(|it| it.eq_ignore_ascii_case(language))
                    && !language.is_empty()
            })
        })
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalogue_is_sound() {
        for language in languages() {
            assert_eq!(problems(language.tag), Vec::<String>::new(), "{}", language.tag);
        }
    }

    #[test]
    fn the_two_languages_are_complete() {
        for tag in ["es-MX", "en"] {
            let missing: Vec<String> = keys(FALLBACK).into_iter().filter(|key| !has(tag, key)).collect();
            assert_eq!(missing, Vec::<String>::new(), "{tag}");
            let extra: Vec<String> = keys(tag).into_iter().filter(|key| !has(FALLBACK, key)).collect();
            assert_eq!(extra, Vec::<String>::new(), "{tag}");
        }
    }

    #[test]
    fn an_unknown_locale_falls_back_and_an_unknown_key_is_no_text() {
        assert_eq!(text("nah", "language-name", &[]), text(FALLBACK, "language-name", &[]));
        assert_eq!(text(FALLBACK, "no-such-message", &[]), None);
    }

    #[test]
    fn a_missing_argument_is_no_text() {
        assert_eq!(text(FALLBACK, "value-percent", &[]), None);
        assert_eq!(text(FALLBACK, "value-percent", &[("number", "7.2")]).as_deref(), Some("7.2%"));
    }

    #[test]
    fn arguments_bring_no_invisible_marks() {
        let text = text(FALLBACK, "value-percent", &[("number", "7")]).unwrap_or_default();
        assert!(text.is_ascii(), "{text:?}");
    }

    #[test]
    fn a_locale_is_found_by_its_language() {
        assert_eq!(best_locale("es"), Some("es-MX"));
        assert_eq!(best_locale("EN-us"), Some("en"));
        assert_eq!(best_locale("de"), None);
        assert_eq!(best_locale(""), None);
    }
}
