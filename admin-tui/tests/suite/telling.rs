//! What a newcomer reads: words in place of codes, the keys that matter, and nothing that outlives its screen.

use cabildo_admin_tui::session::Place;
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::theme::Theme;

use super::fake::{Console, Mood, speak};

#[test]
fn what_a_case_is_about_has_a_name_and_no_code() {
    speak("es-MX");
    let mut console = Console::new();
    console.key("Enter");
    assert!(console.sees("Agua potable") && !console.sees("water"), "{}", console.screen());
    assert!(!console.sees("agua "), "its office has a name: {}", console.screen());
}

#[test]
fn alarms_failures_and_scopes_are_words() {
    speak("es-MX");
    let mut console = Console::at((120, 40), Theme::Mono);
    console.keys("g w");
    assert!(console.sees("disco está casi lleno") && !console.sees("disk_low"), "{}", console.screen());
    console.keys("g o Tab Tab");
    assert!(console.sees("lo rechazó la red") && !console.sees("rejected"), "{}", console.screen());
    console.keys("g u");
    assert!(console.sees("Tlapa de Comonfort") && !console.sees("municipality:"), "{}", console.screen());
}

#[test]
fn the_last_line_of_a_note_says_that_it_is_kept() {
    let mut console = Console::new();
    console.key("i");
    assert!(console.sees("Ctrl-S keep") && !console.sees("Ctrl-T"), "{}", console.screen());
}

#[test]
fn help_begins_with_the_keys_of_the_screen() {
    let mut console = Console::new();
    console.key("?");
    for own in ["take", "canned-reply", "reply", "resolve", "status"] {
        assert!(console.sees(own), "{own}: {}", console.screen());
    }
    assert!(!console.sees("half-page-down"), "{}", console.screen());
}

#[test]
fn a_code_is_typed_again_where_nobody_reads_it() {
    let mut console =
        Console::unsigned((80, 24), Theme::Mono, Settings::default(), Place::default(), Vec::new());
    let effects = console.app.begin(false);
    console.perform(effects);
    console.mood = Mood::Away;
    console.keys("Enter Enter");
    console.write("WRONG7");
    console.key("Enter");
    console.mood = Mood::Well;
    console.write("RIGHT8");
    assert!(!console.sees("RIGHT8") && !console.sees("WRONG7"), "{}", console.screen());
    console.key("Enter");
    assert!(console.sees("Queue"), "{}", console.screen());
}

#[test]
fn where_indicators_come_from_is_said_on_their_screen_alone() {
    let mut console = Console::new();
    console.rows.clear();
    console.keys("R g b");
    let says = "Open the indicators from a case";
    assert_eq!(console.screen().matches(says).count(), 1, "{}", console.screen());
    console.keys("g q");
    assert!(!console.sees(says), "{}", console.screen());
}

#[test]
fn what_is_left_does_not_look_like_a_clock_and_the_age_is_what_is_sorted_by() {
    let mut console = Console::new();
    let screen = console.screen();
    assert!(screen.contains("-0h26") && screen.contains("1h03") && !screen.contains("1:03"), "{screen}");
    // Opened an hour and some minutes ago, whatever was last said.
    assert!(screen.contains(" 1h   -"), "{screen}");
    assert!(screen.contains("live 09:06 TM"), "{screen}");
}
