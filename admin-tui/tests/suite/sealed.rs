//! Confidential and restricted cases: nothing but Enter asks for their texts, since that is kept in the audit trail.

use cabildo_admin_tui::api::Act;
use cabildo_admin_tui::data::FeedEvent;
use cabildo_admin_tui::event::Event;
use cabildo_admin_tui::safe::Code;
use cabildo_admin_tui::session::Place;
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::theme::Theme;

use super::fake::{Console, entry, id};

const SECRET: &str = "el comandante me pidio dinero";
const COVER: &str = "The text is confidential. Enter opens it";

/// A console whose last case is sealed and has a text.
fn console(size: (u16, u16), place: Place) -> Console {
    let mut console = Console::unsigned(size, Theme::Mono, Settings::default(), place, Vec::new());
    console.entries.insert(6, vec![entry(60, "citizen", SECRET)]);
    let effects = console.app.begin(true);
    console.perform(effects);
    console.event(Event::Link(cabildo_admin_tui::api::Link::Live));
    console.rest(1_000);
    console
}

/// The last case is in front, covered, and stays so whatever comes from elsewhere.
fn covered(console: &mut Console, how: &str) {
    assert_eq!(console.app.screen().target(), Some(id(6)), "{how}: {}", console.screen());
    console.feed(6);
    console.rest(5_000);
    console.line(false);
    console.line(true);
    console.rest(5_000);
    console.key("R");
    console.rest(5_000);
    assert!(!console.read.contains(&id(6)), "{how}: it was read by itself");
    assert!(!console.sees(SECRET), "{how}: {}", console.screen());
}

/// The same, and Enter opens it.
fn covered_until_enter(console: &mut Console, how: &str) {
    covered(console, how);
    console.rest(10_000);
    assert!(console.sees(COVER), "{how}: {}", console.screen());
    console.key("Enter");
    assert!(console.read.contains(&id(6)), "{how}");
    assert!(console.sees(SECRET), "{how}: {}", console.screen());
}

#[test]
fn the_case_that_comes_up_by_itself_is_covered_until_enter() {
    for size in [(60, 16), (80, 24), (120, 40)] {
        for (how, keys) in [
            ("a reply", "r x Ctrl-S"),
            ("a canned reply", "c D Enter"),
            ("resolved", "e"),
            ("asleep", "w 2"),
            ("the next one", "J"),
        ] {
            let mut it = console(size, Place::default());
            it.keys("j j j j Enter");
            it.keys(keys);
            covered_until_enter(&mut it, how);
        }
    }
}

#[test]
fn the_case_before_and_the_one_that_an_undo_leads_to_are_covered() {
    let mut it = console((80, 24), Place::default());
    it.rows.swap(4, 5);
    it.keys("R G Enter K");
    covered_until_enter(&mut it, "the one before");

    let mut it = console((80, 24), Place::default());
    it.rows.swap(4, 5);
    it.keys("R G K e Enter");
    assert_eq!(it.app.screen().target(), Some(id(5)));
    it.key("u");
    covered_until_enter(&mut it, "an undo");

    // A reply that is taken back waits as a draft, and nothing is opened to go on with it.
    let mut it = console((80, 24), Place::default());
    it.rows.swap(4, 5);
    it.keys("R G K Enter r x Ctrl-S");
    assert_eq!(it.app.screen().target(), Some(id(5)));
    it.read.clear();
    it.key("u");
    covered_until_enter(&mut it, "a reply taken back");
    assert!(it.sees("there is a draft"), "{}", it.screen());
}

#[test]
fn in_the_queue_no_key_but_enter_asks_for_a_sealed_text() {
    let mut it = console((120, 40), Place::default());
    it.key("G");
    covered(&mut it, "the cursor");
    assert!(it.sees("The text is confidential."));
    it.key("c");
    assert!(it.app.overlays().is_empty() && it.sees("The text is confidential."), "{}", it.screen());
    covered(&mut it, "a canned reply");
    it.keys("y t");
    assert!(it.sees("not copied"), "{}", it.screen());
    it.key("r");
    covered(&mut it, "a reply");
    it.key("i");
    it.write("para el turno de la tarde");
    it.key("Ctrl-S");
    assert!(matches!(&it.acts[..], [(_, Act::Note(_), ..)]), "{:?}", it.acts.len());
    covered(&mut it, "a note is written without it");
    it.keys("Enter r");
    assert!(it.sees("MESSAGE to") && it.sees(SECRET), "{}", it.screen());
}

#[test]
fn a_list_shows_nothing_of_a_sealed_case_that_was_opened() {
    for size in [(80, 24), (120, 40)] {
        let mut it = console(size, Place::default());
        it.keys("G Enter");
        assert!(it.sees(SECRET));
        it.key("r");
        it.write("lo vemos hoy");
        it.keys("Ctrl-S q");
        let read = it.read.len();
        // What was done last is told with the number, for a while.
        it.rest(20_000);
        assert!(it.sees("CONFIDENTIAL") && it.sees("The text is confidential."), "{}", it.screen());
        assert!(!it.sees(SECRET) && !it.sees("+***-**-41"), "{}", it.screen());
        assert_eq!(it.read.len(), read);
    }
}

#[test]
fn where_nothing_says_what_enter_does_the_first_one_covers_the_case() {
    let mut it = console((60, 16), Place::default());
    it.keys("G Enter");
    covered_until_enter(&mut it, "a window without a preview");
}

#[test]
fn a_place_that_comes_back_is_covered() {
    let place = Place { case: Some(id(6)), open: true, name: "teresa".to_owned(), ..Place::default() };
    let mut it = console((80, 24), place);
    assert!(it.sees("Case 8TC2ZD"), "{}", it.screen());
    covered_until_enter(&mut it, "what was kept");
}

#[test]
fn a_notice_leads_to_a_covered_case() {
    let mut it = console((80, 24), Place::default());
    it.rows.swap(4, 5);
    it.keys("g n");
    assert!(it.sees("CONFIDENTIAL") && !it.read.contains(&id(6)), "{}", it.screen());
    it.key("Enter");
    covered_until_enter(&mut it, "a notice");
}

#[test]
fn a_case_that_is_closed_while_it_is_shown_is_covered_and_not_read_again() {
    for keys in ["", "Enter"] {
        let mut it = console((120, 40), Place::default());
        if !keys.is_empty() {
            it.keys(keys);
        }
        assert!(it.sees("Nadie viene desde las 6"), "{}", it.screen());
        it.rows[0].confidentiality = Code::new("confidential");
        it.rows[0].version += 1;
        it.rows[0].preview = None;
        it.rows[0].place = None;
        let read = it.read.len();
        let kind = Code::new("case_confidentiality");
        it.event(Event::Feed(FeedEvent { seq: 9, kind, case: Some(id(1)) }));
        it.rest(5_000);
        assert_eq!(it.read.len(), read, "nobody asked for it");
        assert!(it.sees("The text is confidential.") && !it.sees("Nadie viene"), "{}", it.screen());
    }
}

#[test]
fn after_a_sign_in_the_case_is_covered_again() {
    let mut it = console((80, 24), Place::default());
    it.keys("G Enter");
    assert!(it.sees(SECRET));
    it.rest(601_000);
    it.read.clear();
    it.write("una contraseña");
    it.key("Enter");
    it.write("123456");
    it.key("Enter");
    covered_until_enter(&mut it, "a sign-in");
}

#[test]
fn what_is_not_known_is_covered_too() {
    let mut it = console((80, 24), Place::default());
    // The outbox tells of a case that no list has shown.
    it.app.shared.rows.remove(&id(1));
    it.read.clear();
    it.keys("g o Enter");
    it.rest(5_000);
    assert!(it.read.is_empty() && it.sees("Enter opens the case"), "{}", it.screen());
    it.key("Enter");
    assert!(it.read.contains(&id(1)) && it.sees("Nadie viene"), "{}", it.screen());
}

#[test]
fn a_key_that_is_pressed_twice_opens_nothing_that_came_up_in_between() {
    let mut it = console((80, 24), Place::default());
    it.keys("j j j j c D");
    let enter = crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::Enter,
        crossterm::event::KeyModifiers::NONE,
    );
    it.rest(200);
    it.event(Event::Key(enter));
    it.rest(50);
    it.event(Event::Key(enter));
    covered(&mut it, "a double Enter");
    let replies = it.acts.iter().filter(|it| matches!(it.1, Act::Reply { .. })).count();
    assert_eq!(replies, 1);
}
