//! What a panic leaves in the log: its place, never its words, which may quote a message.

use std::process::Command;

use cabildo_bot::config::Log;
use cabildo_bot::telemetry;

const CHILD: &str = "PANIC_IN_CHILD";

/// Runs in a process of its own, since the hook is the whole process's.
#[test]
fn a_panic_is_logged_without_its_words() {
    if std::env::var_os(CHILD).is_some() {
        telemetry::start(&Log::default());
        let text = "canario mañana".to_owned();
        // A cut inside a letter: its sentence quotes the whole text.
        let cut = std::panic::catch_unwind(|| text[..11].len());
        assert!(cut.is_err());
        return;
    }
    let child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "panics::a_panic_is_logged_without_its_words", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .expect("it ran");
    let log = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{log}");
    assert!(!log.contains("canario"), "{log}");
    let line = log.lines().find(|it| it.contains("panics.rs")).expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(line["level"], "ERROR");
}
