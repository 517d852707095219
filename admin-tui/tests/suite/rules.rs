//! Rules that the sources keep.

use std::fs;
use std::path::{Path, PathBuf};

fn sources() -> Vec<(PathBuf, String)> {
    fn read(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for file in fs::read_dir(folder).expect("a folder").flatten() {
            let path = file.path();
            if path.is_dir() {
                read(&path, found);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 20);
    found
}

/// The part of a file that is built into the binary.
fn built(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

#[test]
fn only_the_door_to_the_screen_knows_text_types_of_the_drawing_library() {
    let words = [
        "Span",
        "Line::from",
        "Paragraph",
        "set_string",
        "set_symbol",
        "set_line",
        "ratatui::text",
        "ratatui::widgets",
    ];
    for (path, text) in sources() {
        if path.ends_with("paint.rs") {
            continue;
        }
        for word in words {
            let found =
                built(&text).lines().find(|it| it.contains(word) && !it.trim_start().starts_with("//"));
            let found = found.filter(|it| !it.contains("jiff::Span"));
            assert_eq!(found, None, "{word} in {}", path.display());
        }
    }
}

#[test]
fn the_door_to_the_screen_takes_no_other_text() {
    let paint = sources().into_iter().find(|it| it.0.ends_with("paint.rs")).expect("the door").1;
    for line in paint.lines().filter(|it| it.contains("pub fn")) {
        assert!(!line.contains("str") && !line.contains("String"), "{line}");
    }
}

#[test]
fn wire_texts_stay_at_the_edge() {
    // What comes off the wire is made safe there; elsewhere wire types are only asked with.
    for (path, text) in sources() {
        let edge = path.ends_with("data.rs")
            || path.ends_with("desk_data.rs")
            || path.ends_with("demand_data.rs")
            || path.ends_with("highlight_data.rs")
            || path.ends_with("broadcast_data.rs")
            || path.ends_with("chart_data.rs")
            || path.components().any(|it| it.as_os_str() == "api");
        if edge {
            continue;
        }
        for word in ["wire::", "case::CaseRow", "ThreadEntry", "serde_json::from"] {
            if path.ends_with("session.rs") && word == "serde_json::from" {
                continue;
            }
            assert!(!built(&text).contains(word), "{word} in {}", path.display());
        }
    }
}

#[test]
fn every_word_that_is_said_is_in_both_catalogues() {
    let mut keys = Vec::new();
    for (_, text) in sources() {
        for start in ["say(\"", "fill(\"", "ask_for(\"", "veil(\"", "fill(\n            \"", "{ \"", "=> \""]
        {
            for part in text.split(start).skip(1) {
                let key = part.split('"').next().unwrap_or_default();
                let plain = matches!(start, "{ \"" | "=> \"");
                let shaped = !key.is_empty()
                    && key.bytes().all(|it| it.is_ascii_lowercase() || it == b'-' || it == b'_');
                if shaped && (!plain || cabildo_messages::has("en", &format!("console-{key}"))) {
                    keys.push(key.to_owned());
                }
            }
        }
    }
    for command in cabildo_admin_tui::keymap::Command::ALL {
        keys.push(format!("do-{}", command.name()));
    }
    for layer in cabildo_admin_tui::keymap::Layer::ALL {
        keys.extend(layer.footer().iter().map(|it| format!("key-{}", it.name())));
    }
    assert!(keys.len() > 150, "{}", keys.len());
    for key in keys {
        for locale in ["es-MX", "en"] {
            assert!(cabildo_messages::has(locale, &format!("console-{key}")), "{key} in {locale}");
        }
    }
}

#[test]
fn no_text_of_a_catalogue_brings_a_control_character() {
    for locale in ["es-MX", "en"] {
        for key in cabildo_messages::keys(locale).into_iter().filter(|it| it.starts_with("console-")) {
            if let Some(text) = cabildo_messages::text(locale, &key, &[]) {
                assert!(!text.chars().any(cabildo_admin_tui::safe::is_out), "{key} in {locale}");
            }
        }
    }
}

#[test]
fn what_a_demand_tells_its_people_is_said_in_words() {
    // Those of the service's own source, so that a new one is not forgotten here.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bot/src/store/demands/notices.rs");
    let source = fs::read_to_string(path).expect("the notices");
    let codes = source.split("codes!(NoticeKind").nth(1).and_then(|it| it.split("});").next());
    let codes: Vec<&str> = codes
        .expect("their codes")
        .lines()
        .filter_map(|it| it.split("=> \"").nth(1)?.split('"').next())
        .collect();
    assert!(codes.len() > 10, "{codes:?}");
    for code in codes {
        for locale in ["es-MX", "en"] {
            let key = format!("console-demand-notice-{code}");
            assert!(cabildo_messages::has(locale, &key), "{key} in {locale}");
        }
    }
}

#[test]
fn what_the_service_refuses_is_said_in_words() {
    // The codes are those of the service's own sources, so that a new one is not forgotten here.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bot/src");
    let problems = fs::read_to_string(root.join("http/staff/problem.rs")).expect("its problems");
    let codes =
        problems.split("const fn code(self)").nth(1).and_then(|it| it.split("const fn status").next());
    let codes: Vec<&str> = codes.expect("its codes").split('"').skip(1).step_by(2).collect();
    assert!(codes.len() > 15, "{codes:?}");
    for code in codes {
        let words = match code {
            "invalid_parameter" => "invalid",
            "sign_in_blocked" | "too_busy" | "unavailable" => "wait",
            other => other,
        };
        assert!(cabildo_messages::has("en", &format!("console-failed-{words}")), "{code}");
    }
    let mut found = Vec::new();
    refusals(&root.join("store"), &mut found);
    refusals(&root.join("http/staff"), &mut found);
    assert!(found.len() > 10, "{found:?}");
    for code in found {
        assert!(cabildo_messages::has("en", &format!("console-refused-{code}")), "{code}");
    }
}

#[test]
fn every_alarm_has_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bot/src");
    let alarms = fs::read_to_string(root.join("watch/alarms.rs")).expect("its alarms");
    let codes =
        alarms.split("pub const CODES").nth(1).and_then(|it| it.split("];").next()).expect("its codes");
    let codes: Vec<&str> = codes.split('"').skip(1).step_by(2).collect();
    assert!(codes.len() > 15, "{codes:?}");
    for code in codes {
        for locale in ["es-MX", "en"] {
            assert!(cabildo_messages::has(locale, &format!("console-alarm-{code}")), "{code} in {locale}");
        }
    }
}

/// Codes of what the rules of cases refuse.
fn refusals(folder: &Path, found: &mut Vec<String>) {
    for file in fs::read_dir(folder).expect("a folder").flatten() {
        if file.path().is_dir() {
            refusals(&file.path(), found);
            continue;
        }
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        for start in ["Refused(\"", "StateConflict, \""] {
            let parts = text.split(start).skip(1).filter_map(|it| it.split('"').next());
            let code = |it: &&str| it.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
            found.extend(parts.filter(code).map(str::to_owned));
        }
    }
}
