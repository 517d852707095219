//! Walks by key, and that every key of a footer works.

use cabildo_admin_tui::api::Act;
use cabildo_admin_tui::event::Event;
use cabildo_admin_tui::overlays::Overlay;
use cabildo_admin_tui::safe::{Code, SafeText};
use cabildo_admin_tui::session::{KeptDraft, Place};
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::theme::Theme;

use super::fake::{Console, Mood, id, person};

fn acts(console: &Console) -> Vec<Act> {
    console.acts.iter().map(|it| it.1.clone()).collect()
}

#[test]
fn a_case_is_taken_with_one_key_and_given_back_with_another() {
    let mut console = Console::new();
    console.key("a");
    assert!(matches!(&acts(&console)[..], [Act::Assign { to: Some(it), .. }] if it.id == id(1_000)));
    assert!(console.sees("you took it") && console.sees("4F7K2X"), "{}", console.screen());
    console.key("u");
    assert!(matches!(&acts(&console)[1..], [Act::Assign { to: None, .. }]));
}

#[test]
fn a_canned_reply_is_three_keys_and_the_next_case_comes_up() {
    let mut console = Console::new();
    let before = console.pressed;
    console.keys("c D");
    assert!(console.sees("¿En qué calle") && console.sees("+***-**-41"), "recipient and text are shown once");
    console.key("Enter");
    assert_eq!(console.pressed - before, 3);
    assert!(
        matches!(&acts(&console)[..], [Act::Reply { text, .. }] if text.as_str().starts_with("¿En qué calle"))
    );
    assert_eq!(console.app.screen().target(), Some(id(2)));
    assert!(console.sees("u undo (10 s)"), "{}", console.screen());
}

#[test]
fn a_reply_with_a_hole_is_not_sent() {
    let mut console = Console::new();
    console.keys("c T Enter");
    assert_eq!(acts(&console), []);
    assert!(console.sees("Nothing is known for: phone"), "{}", console.screen());
}

#[test]
fn a_send_is_taken_back_and_goes_on_as_a_draft() {
    let mut console = Console::new();
    console.keys("c A Enter u");
    assert!(matches!(&acts(&console)[..], [Act::Reply { .. }, Act::TakeBack(_)]));
    assert!(console.sees("MESSAGE to") && console.sees("lo retirado"), "{}", console.screen());
    assert_eq!(console.app.screen().target(), Some(id(1)));
}

#[test]
fn what_is_written_is_priced_while_it_is_written_and_sent_with_one_key() {
    let mut console = Console::new();
    console.key("r");
    console.write("Ya va la cuadrilla");
    console.rest(500);
    assert!(console.sees("GSM-7 18 (142 left), 1 SMS, $0.350"), "{}", console.screen());
    console.key("Ctrl-S");
    assert!(
        matches!(&acts(&console)[..], [Act::Reply { text, .. }] if text.as_str() == "Ya va la cuadrilla")
    );
    console.rest(3_000);
    let drafts: Vec<&String> = console.done.iter().filter(|it| it.starts_with("draft")).collect();
    assert_eq!(drafts.last().map(|it| it.as_str()), Some("draft reply "), "the draft is gone");
}

#[test]
fn a_note_is_never_a_message() {
    let mut console = Console::new();
    console.key("i");
    assert!(console.sees("NOTE AMONG STAFF"));
    // `r` is a letter here, not another kind of text.
    console.write("r");
    console.write("evisar");
    console.key("Ctrl-S");
    assert!(matches!(&acts(&console)[..], [Act::Note(text)] if text.as_str() == "revisar"));
}

#[test]
fn a_conflict_shows_both_sides_and_each_way_out_works() {
    for (key, sent) in [("k", 0), ("m", 1)] {
        let mut console = Console::new();
        console.mood = Mood::Taken;
        console.key("e");
        console.mood = Mood::Well;
        let screen = console.screen();
        for text in
            ["Somebody else changed 4F7K2X first", "received -> in progress", "Luis Karam", "resolved"]
        {
            assert!(screen.contains(text), "{text}: {screen}");
        }
        console.key(key);
        assert_eq!(console.acts.len(), sent, "{key}");
        assert!(!console.sees("Somebody else changed"));
    }
    let mut console = Console::new();
    console.mood = Mood::Taken;
    console.key("e");
    console.mood = Mood::Well;
    console.key("n");
    assert!(console.sees("NOTE AMONG STAFF"));
}

#[test]
fn without_the_service_acts_are_refused_and_replies_stay_drafts() {
    let mut console = Console::new();
    console.line(false);
    console.key("a");
    assert_eq!(acts(&console), []);
    assert!(console.sees("was not done") && console.sees("OFFLINE 0:00 retry 7 s"), "{}", console.screen());
    console.key("r");
    console.write("mientras tanto");
    console.key("Ctrl-S");
    assert!(console.sees("mientras tanto") && console.sees("MESSAGE to"), "{}", console.screen());
    console.rest(3_000);
    assert!(console.done.contains(&"draft reply mientras tanto".to_owned()));
    console.line(true);
    assert_eq!(acts(&console), [], "nothing goes by itself");
    console.key("Ctrl-S");
    assert!(matches!(&acts(&console)[..], [Act::Reply { text, .. }] if text.as_str() == "mientras tanto"));
}

#[test]
fn a_reply_whose_answer_was_lost_is_sent_once() {
    let mut console = Console::new();
    console.key("r");
    console.write("una vez");
    // It arrives, and the answer does not.
    console.mood = Mood::Silent;
    console.rest(200);
    let key = crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::Char('s'),
        crossterm::event::KeyModifiers::CONTROL,
    );
    let effects = console.app.handle(Event::Key(key), console.now);
    let mut first = None;
    for effect in effects {
        if let cabildo_admin_tui::event::Effect::Ask(
            number,
            cabildo_admin_tui::api::Ask::Act { key, version, .. },
        ) = effect
        {
            first = Some((key, version));
            let lost = Box::new(Err(cabildo_admin_tui::api::Failure::new("unreachable")));
            let more = console.app.handle(Event::Answer(number, lost), console.now);
            console.perform(more);
        }
    }
    console.mood = Mood::Well;
    console.keys("K r");
    console.key("Ctrl-S");
    let (key, version) = first.expect("it was sent");
    let sent: Vec<_> = console.acts.iter().map(|it| (it.3, it.2)).collect();
    assert_eq!(sent, [(key, version)], "{}", console.screen());
}

#[test]
fn a_macro_does_its_acts_in_order_and_one_key_takes_them_back() {
    let file = "[macros.1]\ntitle = \"Agua\"\ndo = [{ assign = \"me\" }, { priority = \"high\" }, { canned = \"A\" }]\n";
    let settings = Settings::read(file).expect("a sound file");
    let mut console = Console::with((80, 24), Theme::Mono, settings, Place::default(), Vec::new());
    assert!(console.sees("1 Agua"));
    console.key("1");
    assert!(matches!(&acts(&console)[..], [Act::Assign { .. }, Act::Priority(_), Act::Reply { .. }]));
    assert_eq!(console.app.screen().target(), Some(id(2)), "the next case");
    console.key("u");
    let back = acts(&console).split_off(3);
    assert!(
        matches!(&back[..], [Act::TakeBack(_), Act::Priority(to), Act::Assign { to: None, .. }] if to.as_str() == "normal")
    );
    console.key("2");
    assert!(console.sees("Key 2 has no macro"));
}

#[test]
fn states_that_need_more_ask_for_it() {
    let mut console = Console::new();
    console.keys("x 3");
    console.write("No hay dinero");
    console.key("Enter");
    assert!(
        matches!(&acts(&console)[..], [Act::State { to, reason: Some(it), .. }] if *to == "closed_unfixed" && it.as_str() == "No hay dinero")
    );
    console.keys("x 1 s");
    console.write("757 000");
    console.key("Enter");
    let last = acts(&console).pop();
    assert!(
        matches!(&last, Some(Act::State { referral: Some(it), .. }) if it.office == "cfe" && it.phone.as_str() == "757 000"),
        "{last:?}"
    );
    console.keys("x 4");
    console.write("4F7K2X");
    console.key("Enter");
    let last = acts(&console).pop();
    assert!(matches!(&last, Some(Act::State { original: Some(it), .. }) if *it == id(1)), "{last:?}");
}

#[test]
fn enter_alone_never_confirms() {
    let mut console = Console::new();
    console.keys("! Enter Enter");
    assert_eq!(acts(&console), []);
    console.key("y");
    assert_eq!(acts(&console), [Act::Priority(Code::new("urgent"))]);
}

#[test]
fn a_prefix_waits_without_a_time_limit_and_esc_leaves_it() {
    let mut console = Console::new();
    console.key("w");
    console.rest(60_000);
    assert!(console.sees("sleep until tomorrow"));
    console.key("Esc");
    assert!(!console.sees("sleep until tomorrow"));
    console.keys("w 2");
    assert!(matches!(&acts(&console)[..], [Act::Snooze { until: Some(_), reply: false }]));
}

#[test]
fn new_rows_wait_and_the_cursor_stays_on_its_case() {
    let mut console = Console::new();
    console.keys("j j");
    let here = console.app.screen().target();
    let fresh = super::fake::row(50, "NEW001", "Centro", "Algo nuevo");
    console.rows.insert(0, fresh);
    console.feed(50);
    console.rest(2_000);
    assert_eq!(console.app.screen().target(), here);
    assert!(console.sees("+1 new (R)") && !console.sees("NEW001"), "{}", console.screen());
    console.key("R");
    assert!(console.sees("NEW001"));
    assert_eq!(console.app.screen().target(), here);
}

#[test]
fn a_row_that_left_the_view_stays_until_the_cursor_moves() {
    let mut console = Console::new();
    console.key("j");
    console.rows.remove(1);
    console.feed(2);
    console.rest(2_000);
    assert!(console.sees("7QH3MP"), "{}", console.screen());
    console.key("j");
    assert!(!console.sees("7QH3MP"), "{}", console.screen());
    assert_eq!(console.app.screen().target(), Some(id(3)));
}

#[test]
fn a_key_that_sends_right_after_the_screen_changed_by_itself_is_dropped() {
    let mut console = Console::new();
    console.key("R");
    let key = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char('e'));
    console.event(Event::Key(key));
    assert_eq!(acts(&console), []);
    assert!(console.sees("The screen had just changed"));
    console.key("e");
    assert_eq!(acts(&console).len(), 1);
}

#[test]
fn pasted_text_never_acts() {
    let mut console = Console::new();
    console.event(Event::Paste(SafeText::own("eeeaaa\nqq")));
    assert_eq!(acts(&console), []);
    assert!(console.sees("What you pasted was not used"));
    console.key("r");
    console.event(Event::Paste(SafeText::own("dos\nlíneas")));
    assert!(console.sees("líneas"));
    assert_eq!(acts(&console), []);
}

#[test]
fn somebody_else_who_writes_is_asked_about_once() {
    let mut console = Console::new();
    console.writers = vec![(person(2_000, "Luis Karam"), console.now - 5_000)];
    console.keys("Enter r");
    console.write("hola");
    console.writers = vec![(person(2_000, "Luis Karam"), console.now - 5_000)];
    console.key("Ctrl-S");
    assert!(console.sees("Luis Karam wrote here less than a minute ago"), "{}", console.screen());
    assert_eq!(acts(&console), []);
    console.key("y");
    assert_eq!(acts(&console).len(), 1);
}

#[test]
fn ten_minutes_without_a_key_cover_the_screen_and_the_same_row_comes_back() {
    let mut console = Console::new();
    console.keys("j j Enter r");
    console.write("a medias");
    console.rest(601_000);
    let screen = console.screen();
    assert!(screen.contains("Ten minutes without a key"), "{screen}");
    for text in ["9WD4TA", "Tampoco", "a medias"] {
        assert!(!screen.contains(text), "{text}: {screen}");
    }
    console.write("x");
    console.key("Enter");
    console.write("123456");
    console.key("Enter");
    assert!(console.sees("a medias") && console.sees("9WD4TA"), "{}", console.screen());
}

#[test]
fn what_was_left_comes_back() {
    let place = Place {
        queue: Some("due".to_owned()),
        case: Some(id(3)),
        open: true,
        name: "teresa".to_owned(),
        ..Place::default()
    };
    let draft = KeptDraft { case: id(3), note: false, text: SafeText::own("sigo aquí") };
    let mut console = Console::with((80, 24), Theme::Mono, Settings::default(), place, vec![draft]);
    assert!(console.sees("Case 9WD4TA") && console.sees("there is a draft"), "{}", console.screen());
    console.key("r");
    assert!(console.sees("sigo aquí"));
    console.keys("Esc Esc");
    assert_eq!(console.app.screen().target(), Some(id(3)));
    assert!(console.sees("list: Due"), "{}", console.screen());
}

#[test]
fn ctrl_c_twice_leaves_and_drafts_are_kept_first() {
    let mut console = Console::new();
    console.key("r");
    console.write("no perder");
    console.keys("Ctrl-C Ctrl-C");
    let draft = console.done.iter().position(|it| it == "draft reply no perder");
    let quit = console.done.iter().position(|it| it == "Quit");
    assert!(draft.is_some() && draft < quit, "{:?}", console.done);
}

#[test]
fn a_search_rests_before_it_is_asked_and_esc_clears_it() {
    let mut console = Console::new();
    console.key("/");
    console.write("luz");
    console.rest(200);
    assert!(console.sees("7QH3MP") && !console.sees("4F7K2X"), "{}", console.screen());
    console.key("Enter");
    assert!(
        console.sees("list: all") && console.sees("/luz"),
        "a queue is not searched: {}",
        console.screen()
    );
    console.key("Esc");
    console.rest(200);
    assert!(console.sees("4F7K2X") && console.sees("list: Unassigned"));
    console.key("f");
    console.write("colour:red");
    console.key("Enter");
    assert!(console.sees("There is no \"colour\" in a filter"));
}

#[test]
fn a_sealed_text_is_read_only_when_it_is_opened() {
    let mut console = Console::at((120, 40), Theme::Mono);
    console.key("G");
    console.rest(1_000);
    let before = console.asked;
    console.rest(5_000);
    assert_eq!(console.asked, before, "nothing of it is read");
    assert!(console.sees("The text is confidential."), "{}", console.screen());
}

#[test]
fn what_is_said_of_a_key_goes_with_the_next_one() {
    let mut console = Console::new();
    console.key("Z");
    assert!(console.sees("does nothing here"), "{}", console.screen());
    console.keys("g d");
    assert!(!console.sees("does nothing here"), "{}", console.screen());
}

#[test]
fn help_says_in_which_zone_times_are_written() {
    let mut console = Console::new();
    console.key("?");
    assert!(console.sees("(times of UTC)"), "{}", console.screen());
}

#[test]
fn a_search_without_a_hit_says_so_and_how_its_line_is_emptied() {
    let mut console = Console::new();
    console.key("/");
    console.write("helicóptero");
    console.rest(200);
    assert!(console.sees("Ctrl-U empties it"), "{}", console.screen());
    console.key("Enter");
    console.rest(200);
    assert!(!console.sees("Nothing new."), "{}", console.screen());
    console.keys("/ Ctrl-U");
    console.write("luz");
    console.key("Enter");
    console.rest(200);
    assert!(console.sees("7QH3MP"), "{}", console.screen());
}

#[test]
fn the_palette_finds_by_name_by_words_and_by_key() {
    for typed in ["take", "I take", "a"] {
        let mut console = Console::new();
        console.key(":");
        if typed == "I take" {
            console.write("take it");
        } else {
            console.write(typed);
        }
        console.key("Enter");
        assert_eq!(acts(&console).len(), 1, "{typed}: {}", console.screen());
    }
}

#[test]
fn a_notice_opens_its_case_and_goes_with_that_or_with_a_key() {
    let mut console = Console::new();
    console.rest(1_000);
    console.keys("g n");
    assert!(console.sees("given to you") && console.sees("by Luis Karam"), "{}", console.screen());
    assert!(console.sees("3 wait for you"), "{}", console.screen());
    let first = console.rows[4].id;
    console.key("Enter");
    assert_eq!(console.app.screen().target(), Some(first));
    // The cases of the other notices are a key away.
    console.key("J");
    assert_eq!(console.app.screen().target(), Some(console.rows[3].id));
    console.key("q");
    assert!(!console.sees("given to you"), "it was looked at: {}", console.screen());
    assert!(console.sees("1 wait for you"), "{}", console.screen());
    console.key("x");
    assert_eq!(console.seen, [id(603)]);
    assert!(console.sees("0 wait for you"), "{}", console.screen());
    // What happens to a case may lead to a new one.
    let before = console.asked;
    console.feed(1);
    console.rest(3_000);
    assert!(console.asked > before);
}

#[test]
fn a_case_leads_to_the_indicator_of_its_topic_and_back() {
    let mut console = Console::at((80, 24), Theme::Mono);
    console.topic = Some("BASURA".to_owned());
    console.keys("Enter R g b");
    let line = |console: &mut Console| {
        let screen = console.screen();
        screen.lines().find(|it| it.starts_with('>')).unwrap_or_default().to_owned()
    };
    assert!(line(&mut console).contains("recolección"), "{}", console.screen());
    // Back at the case; without a topic the list begins at its first.
    console.key("q");
    assert_eq!(console.app.screen().target(), Some(id(1)));
    console.topic = None;
    console.keys("R g b");
    assert!(line(&mut console).contains("Viviendas con agua"), "{}", console.screen());
    // A topic without an indicator there is said.
    console.key("q");
    console.topic = Some("SALUD".to_owned());
    console.keys("R g b");
    assert!(console.sees("no indicator of SALUD"), "{}", console.screen());
}

#[test]
fn a_case_is_given_to_a_colleague_of_its_municipality() {
    let mut console = Console::new();
    console.rest(1_000);
    console.keys("A");
    let screen = console.screen();
    assert!(screen.contains("Luis Karam") && screen.contains("Alma Ruiz"), "{screen}");
    console.key("/");
    console.write("alma");
    console.key("Enter");
    assert!(matches!(&acts(&console)[..], [Act::Assign { to: Some(it), .. }] if it.id == id(2_001)));
}

#[test]
fn every_key_of_a_footer_does_something() {
    for layer in [
        "queue",
        "my_work",
        "case",
        "composer",
        "feedback",
        "unknown",
        "notices",
        "outbox",
        "health",
        "audit",
        "users",
        "benchmarks",
        "demands",
        "demand",
        "leaders",
        "clusters",
        "author_messages",
        "commitments",
        "highlights",
        "highlight",
        "candidates",
        "broadcasts",
        "broadcast",
        "charts",
    ] {
        let footer = {
            let mut console = walk(layer);
            console.screen();
            console.app.footer()
        };
        assert!(footer.len() >= 4, "{layer}");
        for (key, says) in footer {
            let mut console = walk(layer);
            let before = (
                console.screen(),
                console.acts.len(),
                console.app.overlays().len(),
                console.done.len(),
                console.asked,
            );
            console.keys(key.as_str());
            let after = (
                console.screen(),
                console.acts.len(),
                console.app.overlays().len(),
                console.done.len(),
                console.asked,
            );
            assert_ne!(before, after, "{key} ({says}) on {layer} does nothing");
            assert!(!console.sees("does nothing here"), "{key} ({says}) on {layer}");
        }
    }
}

fn walk(layer: &str) -> Console {
    let mut console = Console::new();
    match layer {
        "queue" => {}
        "case" => console.key("Enter"),
        "feedback" => console.keys("g f"),
        "unknown" => console.keys("g t"),
        "notices" => console.keys("g n"),
        "outbox" => console.keys("g o"),
        "audit" => console.keys("g a"),
        "users" => console.keys("g u"),
        "my_work" => console.keys("g m"),
        "health" => console.keys("g w"),
        "benchmarks" => console.keys("Enter g b"),
        "demands" => console.keys("g d"),
        "demand" => console.keys("g d Enter"),
        "leaders" => console.keys("g v"),
        "clusters" => console.keys("g l"),
        "author_messages" => console.keys("g e"),
        "commitments" => console.keys("g k"),
        "highlights" => console.keys("g h"),
        "highlight" => console.keys("g h Enter"),
        "candidates" => console.keys("g h n"),
        "broadcasts" => console.keys("g r"),
        "broadcast" => console.keys("g r Enter"),
        "charts" => console.keys("g c"),
        _ => console.key("r"),
    }
    console.rest(9_000);
    console
}

#[test]
fn help_lists_the_keys_of_the_screen() {
    let mut console = Console::new();
    console.key("?");
    assert!(matches!(console.app.overlays(), [Overlay::Commands(_)]));
    console.write("sleep");
    assert!(console.sees("w 2") && console.sees("snooze-tomorrow"), "{}", console.screen());
}

#[test]
fn feedback_is_decided_with_a_digit_and_taken_back_with_u() {
    let mut console = Console::new();
    console.keys("g f 1");
    assert!(
        console.done.iter().any(|it| it.contains("decision: shown") && it.ends_with("on 3")),
        "{:?}",
        console.done
    );
    console.key("u");
    assert!(
        console.done.iter().any(|it| it.contains("decision: waiting") && it.ends_with("on 4")),
        "{:?}",
        console.done
    );
    console.keys("2 s");
    assert!(
        console.done.iter().any(|it| it.contains("decision: hidden") && it.contains("names_people")),
        "{:?}",
        console.done
    );
}

#[test]
fn a_text_that_was_not_understood_is_answered_by_hand() {
    let mut console = Console::new();
    console.keys("g t r");
    console.write("Pregunte en el registro civil");
    console.key("Enter");
    assert!(
        console.done.iter().any(|it| it.contains("act: answer") && it.ends_with("on 2")),
        "{:?}",
        console.done
    );
}

#[test]
fn the_case_of_a_message_is_opened_from_the_outbox() {
    let mut console = Console::new();
    console.keys("g o Enter");
    assert!(console.sees("Case 4F7K2X"), "{}", console.screen());
    console.keys("q q");
    assert!(console.sees("Queue"));
}

#[test]
fn what_a_role_may_not_is_not_offered_and_what_failed_is_not_called_empty() {
    let mut console = Console::new();
    let mut me = super::fake::me();
    me.acts.retain(|it| *it != "read_audit" && *it != "work_cases");
    console.app.shared.me = Some(me);
    assert!(!console.sees("take") && !console.sees("reply"), "{}", console.screen());
    console.key("g");
    assert!(console.sees("to the queue") && !console.sees("audit"), "{}", console.screen());
    console.key("a");
    assert!(console.sees("Your role does not allow this"), "{}", console.screen());
    console.key("a");
    assert_eq!(acts(&console), []);
    console.mood = Mood::Away;
    console.keys("g f");
    console.key("j");
    assert!(console.sees("The service was not reached"), "{}", console.screen());
    assert!(!console.sees("Nothing is in this list"));
}

#[test]
fn taking_back_on_a_case_shows_that_case_again() {
    let mut console = Console::new();
    console.keys("Enter e");
    assert!(console.sees("Case 7QH3MP"), "{}", console.screen());
    console.key("u");
    assert!(console.sees("Case 4F7K2X") && console.sees("taken back"), "{}", console.screen());
}

#[test]
fn the_draft_of_what_was_sent_is_gone_at_once() {
    let mut console = Console::new();
    console.key("r");
    console.write("hecho");
    console.rest(3_000);
    console.key("Ctrl-S");
    console.event(Event::Tick);
    let drafts: Vec<&String> = console.done.iter().filter(|it| it.starts_with("draft")).collect();
    assert_eq!(drafts.last().map(|it| it.as_str()), Some("draft reply "));
}

#[test]
fn the_price_is_asked_again_when_the_line_is_back() {
    let mut console = Console::new();
    console.line(false);
    console.key("r");
    console.write("hola");
    console.rest(1_000);
    assert!(!console.sees("GSM-7"));
    console.line(true);
    console.rest(1_000);
    assert!(console.sees("GSM-7 4"), "{}", console.screen());
}

#[test]
fn who_gets_a_canned_reply_is_shown_on_the_smallest_window_too() {
    let mut console = Console::at((60, 16), Theme::Mono);
    console.keys("c D");
    assert!(console.sees("Canned reply to +***-**-41"), "{}", console.screen());
    console.mood = Mood::Silent;
    console.keys("Esc j c D Enter");
    assert_eq!(acts(&console), [], "nothing goes before it was seen who gets it");
}

#[test]
fn two_hundred_messages_of_a_morning_take_three_keys_each_at_most() {
    let file = "[macros.1]\ntitle = \"Agua\"\ndo = [{ assign = \"me\" }, { canned = \"A\" }]\n";
    let settings = Settings::read(file).expect("a sound file");
    let mut console = Console::with((80, 24), Theme::Mono, settings, Place::default(), Vec::new());
    console.rows = (0..200)
        .map(|it| super::fake::row(1_000 + it, &format!("F{it:03}"), "Centro", "Algo de la mañana"))
        .collect();
    console.key("R");
    console.key("g");
    console.key("g");
    let before = console.pressed;
    // What a morning brings, in turn; each leaves the cursor on the next case by itself.
    let routine = ["c A Enter", "1", "e", "x 2", "w 2", "c D Enter"];
    for number in 0..200 {
        let here = console.app.screen().target();
        assert_eq!(here, Some(id(1_000 + number)), "the next case comes up by itself");
        console.keys(routine[number as usize % routine.len()]);
    }
    let cases: std::collections::BTreeSet<_> = console.acts.iter().map(|it| it.0).collect();
    assert_eq!(cases.len(), 200, "each was dealt with");
    let keys = console.pressed - before;
    assert!(keys <= 3 * 200, "{keys} keys");
}
