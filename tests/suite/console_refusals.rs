//! What the service refuses has a sentence in the console: every code of the staff API and every rule that the
//! service may name, read from its sources, so that none is forgotten.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cabildo_admin_tui::api::Failure;
use cabildo_admin_tui::keymap::Keymap;
use cabildo_admin_tui::safe::{Code, SafeText};
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::shared::Shared;
use cabildo_admin_tui::theme::Theme;
use cabildo_admin_tui::words::Words;
use cabildo_tests::source::{read, without_tests};

/// The only refusal that reaches no staff: a citizen relays for a number that can't be one.
const OF_CITIZENS: &str = "relay_number";

fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for it in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = it.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = std::fs::read_to_string(&path).expect("a text");
            found.push((path, without_tests(&text).to_owned()));
        }
    }
}

fn service() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../bot/src"), &mut found);
    found
}

fn of<'a>(all: &'a [(PathBuf, String)], name: &str) -> &'a str {
    &all.iter().find(|it| it.0.ends_with(name)).unwrap_or_else(|| panic!("{name}")).1
}

/// The literals that stand right behind a mark of the code.
fn behind<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    let after = text.match_indices(mark).map(|(at, _)| &text[at + mark.len()..]);
    after.filter_map(|it| it.trim_start().strip_prefix('"')?.split('"').next()).collect()
}

/// A function's text.
fn function<'a>(text: &'a str, name: &str) -> &'a str {
    let from = text.find(name).unwrap_or_else(|| panic!("{name}"));
    let rest = &text[from..];
    let ends = ["\n    }\n", "\n}\n"].into_iter().filter_map(|it| rest.find(it));
    &rest[..ends.min().expect("its end")]
}

/// The codes of problems.
fn codes(all: &[(PathBuf, String)]) -> BTreeSet<String> {
    let table = function(of(all, "http/staff/problem.rs"), "pub const fn code(");
    behind(table, "=>").into_iter().map(str::to_owned).collect()
}

/// The rules that a `state_conflict` names.
fn rules(all: &[(PathBuf, String)]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in all {
        let refused = behind(text, "Error::Refused(").into_iter();
        // Of opening the store, which no officer sees.
        let refused = refused.filter(|it| !it.contains(' ') || !path.ends_with("store/migrate.rs"));
        found.extend(refused.chain(behind(text, "Code::StateConflict,")).map(str::to_owned));
    }
    found.extend(
        behind(function(of(all, "demand/rules.rs"), "impl NoMerge"), "=>").into_iter().map(str::to_owned),
    );
    let ways = function(of(all, "http/staff/demand_acts.rs"), "const fn in_the_way");
    found.extend(behind(ways, "Some(").into_iter().map(str::to_owned));
    assert!(found.remove(OF_CITIZENS), "{OF_CITIZENS}");
    found
}

/// What the console says of a failure.
fn said(locale: &str, code: &str, detail: &str) -> String {
    let shared = Shared::new(Words::of(locale), Theme::Mono, Keymap::default(), Settings::default());
    let failure = Failure {
        code: Code::new(code),
        detail: SafeText::line(detail),
        field: Code::new("heads"),
        ..Failure::new("internal")
    };
    shared.explain(&failure).as_str().to_owned()
}

#[test]
fn the_codes_are_found_where_they_are_given() {
    let all = service();
    let (codes, rules) = (codes(&all), rules(&all));
    for code in ["malformed", "version_conflict", "roles_clash", "unavailable"] {
        assert!(codes.contains(code), "{code}: {codes:?}");
    }
    // One of each place: store, store of demands, domain, handlers.
    for rule in ["case_transition", "acta_form", "merge_place", "acta_folio_is_taken", "nobody_to_tell"] {
        assert!(rules.contains(rule), "{rule}: {rules:?}");
    }
    let source = read(of(&all, "http/staff/problem.rs")).code;
    let variants = function(&source, "pub enum Code").matches(",\n").count() + 1;
    assert_eq!(codes.len(), variants, "{codes:?}");
}

#[test]
fn every_refusal_has_a_sentence_in_the_console() {
    let all = service();
    let mut wrong = Vec::new();
    for locale in ["es-MX", "en"] {
        let keys = cabildo_messages::keys(locale);
        for code in codes(&all) {
            let said = said(locale, &code, "acta_form");
            if said.contains(&code) || !said.ends_with('.') && !said.ends_with('?') {
                wrong.push(format!("{locale}: {code} is told as {said:?}"));
            }
        }
        for rule in rules(&all) {
            let key = format!("console-refused-{rule}");
            let said = said(locale, "state_conflict", &rule);
            if said.contains(&rule) || !keys.contains(&key) {
                wrong.push(format!("{locale}: {rule} is told as {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_sentence_about_a_rule_is_of_one_that_the_service_names() {
    let named = rules(&service());
    // What the console itself refuses.
    let own = ["offline", "role"];
    for locale in ["es-MX", "en"] {
        let keys = cabildo_messages::keys(locale);
        let rules = keys.iter().filter_map(|it| it.strip_prefix("console-refused-"));
        let idle: Vec<&str> = rules.filter(|it| !own.contains(it) && !named.contains(*it)).collect();
        assert!(idle.is_empty(), "{locale}: {idle:?}");
    }
}
