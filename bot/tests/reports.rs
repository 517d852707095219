//! `cabildo recognise` and `cabildo report` as a person at a shell meets them.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the command in a home of its own, with these variables besides.
fn run(home: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cabildo"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CABILDO_")) {
        command.env_remove(name);
    }
    command.args(arguments).env("HOME", home).env("XDG_DATA_HOME", home.join("data")).current_dir(home);
    command.envs(variables.iter().copied()).output().expect("the binary runs")
}

fn printed(home: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = run(home, arguments, variables);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The numbers of a text, in its order.
fn numbers(text: &str) -> Vec<&str> {
    let parts = text.split(|it: char| !(it.is_ascii_digit() || matches!(it, '.' | '-')));
    parts.map(|it| it.trim_matches(['.', '-'])).filter(|it| !it.is_empty()).collect()
}

#[test]
fn the_list_is_the_same_with_any_number_of_threads_and_in_any_locale() {
    let home = tempfile::tempdir().expect("a folder");
    let one = printed(home.path(), &["recognise", "--threads", "1"], &[("LC_ALL", "C")]);
    for (threads, locale) in [("2", "es_MX.UTF-8"), ("1", "de_DE.UTF-8"), ("2", "tr_TR.UTF-8")] {
        let other = printed(home.path(), &["recognise", "--threads", threads], &[("LC_ALL", locale)]);
        assert_eq!(other, one, "{threads} {locale}");
    }
    // Where the service keeps its database does not matter: the list is of the figures alone.
    let url = [("CABILDO_DATABASE__URL", "postgres://nobody@127.0.0.1:9/none")];
    assert_eq!(printed(home.path(), &["recognise"], &url), one);
    let english = printed(home.path(), &["recognise", "--language", "en"], &[]);
    assert_ne!(english, one);
    assert_eq!(numbers(&english), numbers(&one));
    assert!(one.contains("recognition-1") && one.contains("MX-2020.1"), "{one}");
    assert!(
        one.contains(
            "Huixtán, Chis (07038): 63.5 (2010), 39.3 (2015), 17.7 (2020). Cambio -21.6; su familia -5.9"
        ),
        "{one}"
    );
}

#[test]
fn the_three_forms_hold_the_same_list() {
    let home = tempfile::tempdir().expect("a folder");
    let list = |format| printed(home.path(), &["recognise", "--series", "casa", "--format", format], &[]);
    let json: Value = serde_json::from_str(&list("json")).expect("JSON");
    assert_eq!((&json["rule"], &json["family"]["rule"]), (&"recognition-1".into(), &1.into()));
    let series = &json["series"][0];
    assert_eq!(
        (&series["series"], &series["year"], &series["earlier"]),
        (&"coneval_ic_cv".into(), &2020.into(), &2010.into())
    );
    let rows = series["municipalities"].as_array().expect("a list");
    assert!(rows.len() > 7);
    let csv = list("csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let lines: Vec<csv::StringRecord> = reader.records().map(|it| it.expect("a row")).collect();
    let text = list("text");
    assert_eq!(lines.len(), rows.len());
    for (row, line) in rows.iter().zip(&lines) {
        for (field, column) in [("municipality", 5), ("change", 14), ("family_change", 15)] {
            assert_eq!(row[field].as_str(), line.get(column));
        }
        assert!(text.contains(&format!("({}): ", &line[5])));
        assert!(line[14].parse::<f64>().expect("a figure") <= -5.0);
    }
}

#[test]
fn a_list_that_would_mislead_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    for (arguments, why) in [
        (vec!["recognise", "--series", "pobreza"], "can't be compared"),
        (vec!["recognise", "--series", "agua"], "no figures"),
        (vec!["recognise", "--series", "poblacion"], "only describes"),
        (vec!["recognise", "--series", "nothing-like-it"], "no topic"),
        (vec!["recognise", "--year", "1999"], "No series"),
    ] {
        let output = run(home.path(), &arguments, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(65), "{arguments:?} {said}");
        assert!(said.contains(why), "{said}");
    }
    let health = printed(home.path(), &["recognise", "--series", "salud"], &[]);
    assert!(health.contains("Seguro Popular"), "{health}");
    let before = printed(home.path(), &["recognise", "--series", "pobreza", "--year", "2015"], &[]);
    assert!(before.contains("2010 a 2015") && before.contains("año anterior comparable"), "{before}");
    assert_eq!(run(home.path(), &["recognise", "--language", "xx"], &[]).status.code(), Some(64));
}

#[test]
fn a_page_without_a_database_has_the_figures_and_says_so() {
    let home = tempfile::tempdir().expect("a folder");
    let page = printed(home.path(), &["report", "12066"], &[]);
    assert!(page.starts_with("# Tlapa de Comonfort, Guerrero (12066)\n"), "{page}");
    assert!(page.contains("71.8%") && page.contains("sin base de datos"), "{page}");
    assert!(!home.path().join("data").exists(), "a command that looks makes no database");
    let file = home.path().join("tlapa.html");
    let path = file.to_str().expect("UTF-8");
    let said = printed(
        home.path(),
        &["report", "tlapa", "--format", "html", "--language", "en", "--output", path],
        &[],
    );
    assert_eq!(said, "");
    let html = std::fs::read_to_string(&file).expect("the page");
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && html.contains("7 of 21"), "{html}");
    for part in ["<script", "<link", "<img", "src=", "href=", "url("] {
        assert!(!html.contains(part), "{part}");
    }
    assert_eq!(run(home.path(), &["report", "no such place at all"], &[]).status.code(), Some(65));
    assert_eq!(run(home.path(), &["report", "12066", "--output", "none/x"], &[]).status.code(), Some(73));
    let missing = run(home.path(), &["report", "12066", "--config", "none.toml"], &[]);
    assert_eq!(missing.status.code(), Some(66));
}
