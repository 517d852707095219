//! Others who write to the same citizen, and who gets what is written: both are known before anything goes.

use cabildo_admin_tui::api::{Act, Ask};
use cabildo_admin_tui::event::Event;
use cabildo_admin_tui::overlays::Overlay;
use cabildo_admin_tui::safe::SafeText;
use cabildo_admin_tui::session::Place;
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::theme::Theme;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::fake::{Console, entry, id, person, row};

const ASKED: &str = "Luis Karam wrote here less than a minute ago";

/// Somebody else writes on every case, and the macros are set up.
fn crowded(size: (u16, u16)) -> Console {
    let file = "[macros.1]\ntitle = \"Agua\"\ndo = [{ assign = \"me\" }, { canned = \"A\" }]\n\
                [macros.2]\ntitle = \"Cerca\"\ndo = [{ assign = \"me\" }, { priority = \"high\" }]\n";
    let settings = Settings::read(file).expect("a sound file");
    let mut console = Console::with(size, Theme::Mono, settings, Place::default(), Vec::new());
    console.writers = vec![(person(2_000, "Luis Karam"), console.now + 100_000)];
    console.key("R");
    console.feed(1);
    console.rest(2_000);
    console
}

#[test]
fn whatever_tells_a_citizen_asks_once_where_somebody_else_writes() {
    for size in [(60, 16), (80, 24), (120, 40)] {
        for keys in ["c A Enter", "1", "0 1", "e", "x 2", "x 1 a", "x 3", "x 4", "s s"] {
            let mut console = crowded(size);
            console.keys(keys);
            match keys {
                "x 3" => console.write("No hay dinero"),
                "x 4" => console.write("7QH3MP"),
                _ => {}
            }
            if matches!(keys, "x 3" | "x 4") {
                console.key("Enter");
            }
            assert!(console.sees(ASKED), "{keys} at {size:?}: {}", console.screen());
            assert!(console.acts.is_empty(), "{keys}: {:?}", console.acts);
            assert_eq!(console.app.screen().target(), Some(id(1)), "{keys}");
            // Enter alone never confirms.
            console.key("Enter");
            assert!(console.acts.is_empty() && console.sees("Not a key of this window"), "{keys}");
            console.key("y");
            assert!(!console.acts.is_empty(), "{keys}: {}", console.screen());
            assert!(!console.sees(ASKED) && console.app.overlays().is_empty(), "{keys} asks once");
            assert!(console.acts.iter().any(|it| it.1.tells()), "{keys}: {:?}", console.acts);
        }
    }
}

#[test]
fn who_thinks_better_of_it_does_nothing_and_keeps_what_was_typed() {
    let mut console = crowded((80, 24));
    console.keys("e Esc");
    assert!(console.acts.is_empty() && console.app.overlays().is_empty());
    assert_eq!(console.app.screen().target(), Some(id(1)));
    console.keys("x 3");
    console.write("No hay dinero");
    console.keys("Enter n");
    assert!(console.acts.is_empty());
    let log = &console.app.shared.log;
    assert!(log.iter().any(|it| it.1.as_str() == "No hay dinero"), "{log:?}");
    // The next one asks again.
    console.key("e");
    assert!(console.sees(ASKED));
}

#[test]
fn what_no_citizen_reads_asks_nothing() {
    for keys in ["a", "2", "p Enter", "w 2"] {
        let mut console = crowded((80, 24));
        console.keys(keys);
        assert!(!console.sees(ASKED) && !console.acts.is_empty(), "{keys}: {}", console.screen());
    }
    let mut console = crowded((80, 24));
    console.key("i");
    console.write("hola");
    console.key("Ctrl-S");
    assert!(matches!(&console.acts[..], [(_, Act::Note(_), ..)]));
}

#[test]
fn without_the_service_nothing_is_asked_that_is_refused_anyway() {
    let mut console = crowded((80, 24));
    console.line(false);
    console.key("e");
    assert!(!console.sees(ASKED) && console.sees("was not done"), "{}", console.screen());
}

#[test]
fn who_gets_a_message_stands_over_it_or_it_is_not_sent() {
    let mut console = Console::new();
    console.hold = Some(|it| matches!(it, Ask::Case(_)));
    console.keys("j r");
    console.write("Ya va");
    assert!(console.sees("MESSAGE to … (who gets it is being looked up)"), "{}", console.screen());
    console.key("Ctrl-S");
    assert!(console.acts.is_empty() && console.sees("Who gets it is not known yet"), "{}", console.screen());
    assert!(console.release() > 0);
    assert!(console.sees("MESSAGE to telco +***-**-41 (es-MX)"), "{}", console.screen());
    console.key("Ctrl-S");
    assert!(matches!(&console.acts[..], [(_, Act::Reply { text, .. }, ..)] if text.as_str() == "Ya va"));
}

#[test]
fn who_gets_it_stays_over_the_message_whatever_else_is_read() {
    let mut console = Console::new();
    console.key("r");
    console.write("Ya va");
    for number in 0..300 {
        console.rows.push(row(5_000 + number, "MUCHOS", "Centro", "Algo"));
        if let Ok(cabildo_admin_tui::api::Answer::Case(case)) =
            console.service.answer(Ask::Case(id(5_000 + number)), 0)
        {
            console.app.shared.learn_case(*case);
        }
    }
    assert!(console.sees("MESSAGE to telco +***-**-41"), "{}", console.screen());
    assert!(console.app.shared.cases.len() <= 64, "{}", console.app.shared.cases.len());
}

#[test]
fn a_message_to_nobody_says_so() {
    let mut console = Console::new();
    console.alone = true;
    console.keys("j r");
    assert!(console.sees("MESSAGE to nobody"), "{}", console.screen());
}

#[test]
fn a_message_is_in_the_language_of_who_gets_it_though_it_was_begun_before_that_was_known() {
    let mut console = Console::new();
    console.locale = "en";
    console.hold = Some(|it| matches!(it, Ask::Case(_)));
    console.keys("j r");
    console.write("On it");
    console.release();
    assert!(console.sees("+***-**-41 (en)"), "{}", console.screen());
}

#[test]
fn a_key_that_does_nothing_over_a_screen_says_so() {
    let now = |console: &mut Console, letter| {
        console.event(Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
    };
    for size in [(60, 16), (80, 24), (200, 60)] {
        let mut console = Console::at(size, Theme::Mono);
        console.mood = super::fake::Mood::Taken;
        let key = KeyEvent::from(KeyCode::Char('e'));
        console.rest(1_000);
        console.event(Event::Key(key));
        assert!(matches!(console.app.overlays(), [Overlay::Conflict(_)]));
        // It has just come up.
        now(&mut console, 'k');
        assert!(console.sees("had just changed"), "{}", console.screen());
        for letter in ["d", "x", "Enter"] {
            console.rest(9_000);
            console.key(letter);
            assert!(console.sees("Not a key of this window"), "{letter} {size:?}: {}", console.screen());
            assert!(matches!(console.app.overlays(), [Overlay::Conflict(_)]));
        }
        let mut console = Console::at(size, Theme::Mono);
        for keys in ["! j", "s ~", "c Z"] {
            console.keys(keys);
            assert!(console.sees("Not a key of this window"), "{keys} {size:?}: {}", console.screen());
            console.key("Esc");
            console.rest(9_000);
        }
        console.keys("w 9");
        assert!(console.sees("does nothing here"), "{}", console.screen());
    }
}

/// A case with a long thread.
fn long() -> Console {
    let mut console = Console::new();
    let entries = (0..60).map(|it| entry(it, "citizen", &format!("Mensaje {it:02}")));
    console.entries.insert(1, entries.collect());
    console
}

#[test]
fn a_key_to_an_end_of_a_thread_counts_while_it_loads() {
    let threads = |it: &Ask| matches!(it, Ask::Thread(..));
    for (keys, shows, hides) in [
        ("g g", "Mensaje 00", "Mensaje 59"),
        ("g g j k", "Mensaje 00", "Mensaje 59"),
        ("G", "Mensaje 59", "Mensaje 00"),
        ("g g G", "Mensaje 59", "Mensaje 00"),
        ("j", "Mensaje 59", "Mensaje 00"),
    ] {
        let mut console = long();
        console.hold = Some(threads);
        console.key("Enter");
        console.keys(keys);
        assert!(console.release() > 0);
        assert!(console.sees(shows) && !console.sees(hides), "{keys}: {}", console.screen());
        // What is fetched again moves nothing.
        console.feed(1);
        console.rest(2_000);
        assert!(console.sees(shows) && !console.sees(hides), "{keys}: {}", console.screen());
    }
    // Between the two keys of one command as well.
    let mut console = long();
    console.hold = Some(threads);
    console.keys("Enter g");
    console.release();
    console.key("g");
    assert!(console.sees("Mensaje 00"), "{}", console.screen());
    let text = SafeText::own("Mensaje 59");
    assert!(!console.sees(text.as_str()), "{}", console.screen());
}

#[test]
fn a_view_is_narrowed_by_a_filter_and_a_search() {
    let mut console = Console::new();
    console.keys("F h");
    assert!(console.sees("list: Baches"), "{}", console.screen());
    console.key("f");
    console.write("state:open");
    console.key("Enter");
    console.key("/");
    console.write("luz");
    console.rest(500);
    console.key("Enter");
    assert!(
        console.sees("list: Baches") && console.sees("state:open") && console.sees("/luz"),
        "{}",
        console.screen()
    );
    let query = console.query.clone().expect("a list");
    assert_eq!(
        (query.view, query.search.as_deref(), query.state.as_deref()),
        (Some(id(70)), Some("luz"), Some("open"))
    );
    console.key("Esc");
    assert!(console.sees("list: Baches") && !console.sees("state:open"), "{}", console.screen());
}
