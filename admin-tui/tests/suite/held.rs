//! Answers that come while somebody does something else: they take no key, no text and no cursor away.

use cabildo_admin_tui::api::{Act, Answer, Ask, Link};
use cabildo_admin_tui::event::Event;
use cabildo_admin_tui::overlays::Overlay;
use cabildo_admin_tui::safe::SafeText;
use cabildo_admin_tui::session::{KeptDraft, Place};
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::shared::Owner;
use cabildo_admin_tui::theme::Theme;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::fake::{Console, Mood, id};

fn acts(it: &Ask) -> bool {
    matches!(it, Ask::Act { .. })
}

fn lists(it: &Ask) -> bool {
    matches!(it, Ask::Cases(_))
}

fn now(console: &mut Console, letter: char) {
    console.event(Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
}

#[test]
fn a_note_is_not_swapped_for_a_message_that_was_taken_back() {
    let mut console = Console::new();
    console.keys("c A Enter");
    console.hold = Some(acts);
    console.key("u");
    console.key("i");
    console.write("llamar a la ");
    let case = console.app.screen().target();
    assert_eq!(console.release(), 1);
    console.write("vecina");
    assert!(console.sees("NOTE AMONG STAFF") && console.sees("llamar a la vecina"), "{}", console.screen());
    assert!(console.sees("kept as the draft"), "{}", console.screen());
    assert_eq!(console.app.screen().target(), case);
    console.key("Ctrl-S");
    assert!(
        matches!(&console.acts.last().expect("an act").1, Act::Note(it) if it.as_str() == "llamar a la vecina")
    );
    let draft = &console.app.shared.drafts[&(id(1), false)].text;
    assert_eq!(draft.as_str(), "lo retirado");
}

#[test]
fn a_message_that_comes_back_does_not_overwrite_another_draft() {
    let mut console = Console::new();
    console.keys("c A Enter");
    console.app.shared.write_draft(id(1), false, SafeText::typed("lo mío"));
    console.key("u");
    let draft = &console.app.shared.drafts[&(id(1), false)].text;
    assert_eq!(draft.as_str(), "lo mío\n\nlo retirado");
    assert!(!console.sees("MESSAGE to") && console.sees("another draft"), "{}", console.screen());
}

#[test]
fn a_composer_that_comes_up_by_itself_drops_the_key_that_sends() {
    let mut console = Console::new();
    console.keys("c A Enter");
    console.hold = Some(acts);
    console.key("u");
    console.release();
    assert!(console.sees("MESSAGE to"));
    console.event(Event::Key(KeyEvent::new(KeyCode::Char('s'), KeyModifiers::CONTROL)));
    assert!(console.sees("MESSAGE to") && console.acts.len() == 2, "{}", console.screen());
}

#[test]
fn letters_stay_on_their_case_when_the_original_is_found() {
    let mut console = Console::new();
    console.key("Enter");
    console.keys("x 4");
    console.write("7QH3MP");
    console.hold = Some(lists);
    console.key("Enter");
    console.key("r");
    console.write("va");
    assert_eq!(console.release(), 1);
    console.write("aee");
    assert!(console.sees("vaaee") && console.sees("MESSAGE to"), "{}", console.screen());
    assert_eq!(console.app.screen().target(), Some(id(1)));
    assert!(console.acts.iter().all(|it| it.0 == id(1)) && console.acts.len() == 1, "{:?}", console.acts);
}

#[test]
fn a_conflict_waits_until_nobody_types() {
    let mut console = Console::new();
    console.mood = Mood::Taken;
    console.hold = Some(acts);
    console.key("a");
    console.mood = Mood::Well;
    console.key("i");
    console.write("ho");
    assert_eq!(console.release(), 1);
    assert!(console.sees("you see both sides after this"), "{}", console.screen());
    console.write("mkn");
    assert!(console.sees("homkn"), "{}", console.screen());
    assert!(console.acts.is_empty(), "{:?}", console.acts);
    console.key("Esc");
    assert!(matches!(console.app.overlays(), [Overlay::Conflict(_)]));
    // The key that was on its way was meant for something else.
    now(&mut console, 'm');
    assert!(matches!(console.app.overlays(), [Overlay::Conflict(_)]) && console.acts.is_empty());
    console.key("m");
    assert_eq!(console.acts.len(), 1);
}

#[test]
fn the_cursor_stays_where_keys_put_it_while_the_list_is_fetched() {
    let mut console = Console::new();
    console.hold = Some(lists);
    console.key("R");
    console.keys("j j");
    assert_eq!(console.release(), 1);
    assert_eq!(console.app.screen().target(), Some(id(3)));
}

#[test]
fn the_cursor_stays_on_its_case_when_the_line_is_back() {
    let mut console = Console::new();
    console.keys("j j j");
    // The case is no longer on the first page.
    let row = console.rows.remove(3);
    console.line(false);
    console.line(true);
    console.rest(2_000);
    assert_eq!(console.app.screen().target(), Some(row.id));
    assert!(console.sees(row.folio.as_str()), "{}", console.screen());
    console.event(Event::Link(Link::Live));
    assert_eq!(console.app.screen().target(), Some(row.id));
}

#[test]
fn a_reply_is_not_sent_twice_while_the_first_is_on_its_way() {
    let mut console = Console::new();
    console.hold = Some(acts);
    console.key("r");
    console.write("ya vamos");
    console.key("Ctrl-S");
    console.keys("K r Ctrl-S");
    assert!(console.sees("already on their way"), "{}", console.screen());
    console.release();
    assert_eq!(console.acts.len(), 1);
}

#[test]
fn a_draft_of_other_words_outlives_what_was_sent() {
    let mut console = Console::new();
    console.hold = Some(acts);
    console.keys("c A Enter k r");
    console.write("otra cosa");
    console.release();
    console.rest(3_000);
    assert_eq!(console.app.shared.drafts[&(id(1), false)].text.as_str(), "otra cosa");
    assert!(console.done.contains(&"draft reply otra cosa".to_owned()));
    // What failed does not overwrite it either.
    let mut console = Console::new();
    console.mood = Mood::Away;
    console.hold = Some(acts);
    console.keys("c A Enter k r");
    console.write("otra cosa");
    console.release();
    assert_eq!(console.app.shared.drafts[&(id(1), false)].text.as_str(), "otra cosa");
    assert!(console.app.shared.log.iter().any(|it| it.1.as_str().starts_with("Recibimos")));
}

#[test]
fn feedback_is_decided_about_the_entry_that_was_looked_at() {
    let mut console = Console::new();
    console.keys("g f j");
    console.first_feedback = 302;
    console.key("R");
    console.key("1");
    let done = console.done.join(" ");
    assert!(done.contains(&format!("{:?}", id(302))), "{done}");
    // The entry has gone: the key that was meant for it does nothing.
    let mut console = Console::new();
    console.keys("g f");
    console.hold = Some(|it| matches!(it, Ask::Feedback(..)));
    console.first_feedback = 302;
    console.key("R");
    console.release();
    now(&mut console, '1');
    assert!(!console.done.iter().any(|it| it.starts_with("deed")), "{:?}", console.done);
    console.key("1");
    assert!(console.done.iter().any(|it| it.starts_with("deed")), "{:?}", console.done);
}

#[test]
fn a_search_that_is_typed_fast_counts_and_one_that_is_left_does_not() {
    let mut console = Console::new();
    console.key("/");
    for letter in "clínica".chars() {
        now(&mut console, letter);
    }
    console.event(Event::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)));
    console.rest(500);
    assert_eq!(console.app.screen().target(), Some(id(4)), "{}", console.screen());
    let mut console = Console::new();
    console.keys("j j /");
    now(&mut console, 'z');
    console.event(Event::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)));
    console.rest(500);
    assert_eq!(console.app.screen().target(), Some(id(3)), "{}", console.screen());
}

#[test]
fn what_is_pasted_between_two_characters_that_belong_together_does_no_harm() {
    let mut console = Console::new();
    console.key("r");
    console.write("x\u{302}");
    for code in [KeyCode::Left, KeyCode::Home, KeyCode::Right] {
        console.event(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }
    console.event(Event::Paste(SafeText::typed("e")));
    assert!(console.sees("MESSAGE to"), "{}", console.screen());
    console.event(Event::Paste(SafeText::typed("ñ")));
    assert!(console.sees("ñ"), "{}", console.screen());
}

#[test]
fn who_signs_out_or_goes_away_leaves_no_token() {
    let mut console = Console::new();
    console.rest(cabildo_admin_tui::app::IDLE + 1_000);
    assert_eq!(console.done.last().map(String::as_str), Some("ForgetToken"), "{:?}", console.done);
}

#[test]
fn what_was_typed_for_a_decision_that_failed_is_in_the_log() {
    for away in [false, true] {
        let mut console = Console::new();
        console.keys("g t r");
        console.write("Pregunte en el registro civil");
        if away {
            console.line(false);
        }
        console.mood = Mood::Away;
        console.key("Enter");
        let log = &console.app.shared.log;
        assert!(log.iter().any(|it| it.1.as_str() == "Pregunte en el registro civil"), "{log:?}");
    }
    let mut console = Console::new();
    console.keys("x 3");
    console.write("no hay presupuesto");
    console.mood = Mood::Away;
    console.key("Enter");
    let log = &console.app.shared.log;
    assert!(log.iter().any(|it| it.1.as_str() == "no hay presupuesto"), "{log:?}");
}

#[test]
fn a_key_meant_for_the_case_as_it_was_is_dropped_when_it_changes_by_itself() {
    let mut console = Console::new();
    console.hold = Some(|it| matches!(it, Ask::Cases(_) | Ask::Case(_)));
    console.rows[0].version = 2;
    console.feed(1);
    console.rest(2_000);
    assert_eq!(console.release(), 2);
    now(&mut console, 'e');
    assert!(console.acts.is_empty() && console.sees("had just changed"), "{}", console.screen());
    console.key("e");
    assert_eq!(console.acts.len(), 1);
}

#[test]
fn the_console_waits_for_what_it_showed_as_done() {
    let mut console = Console::new();
    let gone = |console: &Console| console.done.iter().any(|it| it == "Quit");
    console.hold = Some(acts);
    console.keys("a q");
    assert!(!gone(&console) && console.sees("1 act(s)"), "{}", console.screen());
    console.release();
    assert!(gone(&console));

    // A second key forces; another one goes on.
    for (key, goes) in [("q", true), ("j", false)] {
        let mut console = Console::new();
        console.hold = Some(acts);
        console.keys("a q");
        console.key(key);
        assert_eq!(gone(&console), goes, "{key}");
        console.release();
        assert_eq!(gone(&console), goes, "{key}");
    }

    // What was not done, or is not answered, is told.
    let mut console = Console::new();
    console.mood = Mood::Taken;
    console.hold = Some(acts);
    console.keys("a q");
    console.release();
    assert!(!gone(&console) && matches!(console.app.overlays(), [Overlay::Conflict(_)]));
    let mut console = Console::new();
    console.hold = Some(acts);
    console.keys("a q");
    console.rest(11_000);
    assert!(!gone(&console) && console.sees("not confirmed"), "{}", console.screen());
}

#[test]
fn what_is_chosen_is_chosen_for_the_case_as_it_was_shown() {
    let mut console = Console::new();
    console.key("p");
    console.rows[0].version = 2;
    console.feed(1);
    console.rest(3_000);
    assert_eq!(console.app.shared.rows[&id(1)].version, 2);
    console.key("Enter");
    assert!(matches!(console.app.overlays(), [Overlay::Conflict(_)]), "{}", console.screen());
    assert!(console.acts.is_empty());
    // Mine on top of theirs is not refused again.
    console.key("m");
    assert_eq!(console.acts.len(), 1);
}

#[test]
fn taking_back_asks_first_where_somebody_else_was_there_since() {
    let mut console = Console::new();
    console.keys("j j a p Enter");
    assert_eq!(console.acts.len(), 2);
    // Ours alone: both are taken back.
    console.keys("u u");
    assert_eq!(console.acts.len(), 4);
    console.key("a");
    console.rows[2].version += 1;
    console.feed(3);
    console.rest(3_000);
    console.key("u");
    assert!(matches!(console.app.overlays(), [Overlay::Conflict(_)]), "{}", console.screen());
    assert_eq!(console.acts.len(), 5);
}

#[test]
fn the_next_person_finds_nothing_of_the_one_before() {
    let place = Place { filter: "state:open".to_owned(), name: "teresa".to_owned(), ..Place::default() };
    let draft = KeptDraft { case: id(1), note: false, text: SafeText::own("sigo aquí") };
    let mut console = Console::unsigned((80, 24), Theme::Mono, Settings::default(), place, vec![draft]);
    console.who.person.id = id(2_000);
    console.who.name = SafeText::own("luis");
    let effects = console.app.begin(true);
    console.perform(effects);
    console.event(Event::Link(Link::Live));
    console.rest(1_000);
    assert!(!console.sees("state:open") && console.sees("4F7K2X"), "{}", console.screen());
    assert!(console.app.shared.drafts.is_empty());
    console.keys("a r");
    console.write("de luis");
    let number = console.app.shared.ask(Owner::SignIn, Ask::Me);
    let me = Box::new(Ok(Answer::Me(Box::new(super::fake::me()))));
    console.event(Event::Answer(number, me));
    console.rest(1_000);
    assert!(!console.sees("de luis") && console.sees("Queue"), "{}", console.screen());
    let drafts = &console.app.shared.drafts;
    assert!(drafts.len() == 1 && drafts[&(id(1), false)].text.as_str() == "sigo aquí", "{drafts:?}");
    assert!(console.app.shared.log.is_empty(), "what was said to somebody else");
}
