//! Cards and broadcasts by key: proposed, read on each channel, approved by somebody else, stopped; and charts.

use super::fake::{Console, Mood, NOW, id};
use cabildo_admin_tui::api::Failure;
use cabildo_admin_tui::safe::SafeText;

fn done(console: &Console) -> String {
    console.done.iter().filter(|it| it.starts_with("deed")).cloned().collect::<Vec<_>>().join("\n")
}

fn state(console: &Console, broadcast: u128) -> &str {
    let found = console.highlights.broadcasts.iter().find(|it| it.row.id == id(broadcast));
    found.expect("a broadcast").row.state.as_str()
}

#[test]
fn a_card_is_proposed_of_a_candidate_and_handed_in() {
    let mut console = Console::new();
    console.keys("g h n");
    assert!(console.sees("41.2 -> 12.9"), "{}", console.screen());
    console.keys("n f");
    for text in ["Pisos firmes", "Firmes de cemento casa por casa", "Obras Públicas", "", "", "", "99"] {
        console.write(text);
        console.key("Tab");
    }
    console.key("Enter");
    assert!(console.sees("number makes no sense"), "{}", console.screen());
    console.keys("Ctrl-U");
    console.write("11");
    console.key("Enter");
    let new = console.highlights.cards.last().expect("a card").clone();
    assert_eq!((new.text.theme.as_str(), new.text.sdg), ("housing", Some(11)));
    assert_eq!(new.text.done.as_str(), "Firmes de cemento casa por casa");
    assert!(console.sees("Card 15") && console.sees("41.2 (2010) -> 12.9 (2020)"), "{}", console.screen());
    console.key("s");
    assert_eq!(console.highlights.cards.last().expect("a card").row.state, "in_review");
}

#[test]
fn what_is_edited_is_the_text_and_not_what_the_screen_says_of_it() {
    let mut console = Console::new();
    let card = &mut console.highlights.cards[2];
    card.text.done = SafeText::new("Firmes\u{200b} de cemento casa por casa\u{202e}");
    console.keys("g h Tab Enter");
    assert!(console.sees("Firmes<U+200B removed> de cemento"), "{}", console.screen());
    console.keys("e f");
    assert!(console.sees("Firmes de cemento casa por casa"), "{}", console.screen());
    console.keys("Enter");
    let done = &console.highlights.cards[2].text.done;
    assert_eq!(done.as_str(), "Firmes de cemento casa por casa");
    let text = SafeText::new("El lunes\u{200b} no hay agua");
    console.highlights.broadcasts[0].draft.texts[0].1 = text;
    console.keys("Esc g r Enter e a Tab Tab Tab Tab Enter");
    let draft = &console.highlights.broadcasts[0].draft;
    assert_eq!(draft.text("es-MX").as_str(), "El lunes no hay agua");
}

#[test]
fn line_breaks_stay_in_a_text_that_nobody_typed_over() {
    let mut console = Console::new();
    console.highlights.cards[2].text.done = SafeText::own("Firmes de cemento\ncasa por casa");
    console.keys("g h Tab Enter e f Ctrl-U");
    console.write("Compras abiertas");
    console.key("Enter");
    let text = &console.highlights.cards[2].text;
    assert_eq!(
        (text.title.as_str(), text.done.as_str()),
        ("Compras abiertas", "Firmes de cemento\ncasa por casa")
    );
    console.highlights.broadcasts[0].draft.texts[0].1 = SafeText::own("El lunes\nno hay agua");
    console.keys("Esc g r Enter e a Tab Tab Tab Tab");
    console.write("health");
    console.key("Enter");
    let draft = &console.highlights.broadcasts[0].draft;
    assert_eq!((draft.text("es-MX").as_str(), draft.tags.len()), ("El lunes\nno hay agua", 1));
}

#[test]
fn personal_data_is_read_before_a_card_is_handed_in() {
    let mut console = Console::new();
    console.keys("g h Tab Enter e f Tab Tab Ctrl-U");
    console.write("757 100 0041");
    console.key("Enter");
    assert!(console.sees("PERSONAL DATA in contact: telephone \"757 100 0041\""), "{}", console.screen());
    assert_eq!(done(&console), "");
    // Back to the text, which is as it was.
    console.keys("Esc Enter");
    assert!(console.sees("PERSONAL DATA in contact"), "{}", console.screen());
    console.key("y");
    assert_eq!(console.highlights.cards[2].text.contact.as_str(), "757 100 0041");
}

#[test]
fn a_form_that_is_refused_comes_back_with_its_lines() {
    let mut console = Console::new();
    console.keys("g r n");
    for text in ["Corte del martes", "El martes no hay agua", "12066", "agua", "kannel", ""] {
        console.write(text);
        console.key("Tab");
    }
    let detail = SafeText::own("broadcast_long");
    console.highlights.refusal = Some(Failure { detail, ..Failure::new("state_conflict") });
    console.key("Enter");
    assert!(console.sees("too long for one of its channels"), "{}", console.screen());
    assert!(
        console.sees("Corte del martes") && console.sees("El martes no hay agua"),
        "{}",
        console.screen()
    );
    console.keys("Tab Tab Tab Tab Tab Tab Enter");
    let draft = &console.highlights.broadcasts.last().expect("a broadcast").draft;
    assert_eq!((draft.title.as_str(), draft.channels.len()), ("Corte del martes", 1));
    assert_eq!(draft.text("es-MX").as_str(), "El martes no hay agua");
}

#[test]
fn who_was_second_hands_the_lines_in_over_what_is_there_now() {
    let mut console = Console::new();
    console.keys("g h Tab Enter e f");
    console.keys("Ctrl-U");
    console.write("Compras abiertas");
    console.highlights.cards[2].row.version = 9;
    console.key("Enter");
    assert!(console.sees("changed it first") && console.sees("Compras abiertas"), "{}", console.screen());
    assert_eq!(console.highlights.cards[2].row.title.as_str(), "Compras a la vista de todos");
    console.key("Enter");
    assert_eq!(console.highlights.cards[2].row.title.as_str(), "Compras abiertas");
    assert_eq!(console.highlights.cards[2].row.version, 10);
}

#[test]
fn who_was_second_sees_what_is_there_now_before_it_is_overwritten() {
    let mut console = Console::new();
    console.keys("g h Tab Enter e f Ctrl-U");
    console.write("Compras abiertas");
    let card = &mut console.highlights.cards[2];
    card.text.learned = SafeText::new("Otra\u{202e} lección");
    card.row.version = 9;
    console.key("Enter");
    assert!(console.sees("there now: Compras a la vista de todos"), "{}", console.screen());
    console.key("Enter");
    // Nobody had come to the other line yet.
    assert!(console.sees("there now: Otra<U+202E removed> lección"), "{}", console.screen());
    assert_eq!(console.highlights.cards[2].row.version, 9);
    console.key("Enter");
    let text = &console.highlights.cards[2].text;
    let lines = (text.title.as_str(), text.learned.as_str());
    assert_eq!(lines, ("Compras abiertas", "Sin arena cerca el costo se duplica"));
}

#[test]
fn what_may_have_arrived_is_handed_in_again_under_its_key() {
    let mut console = Console::new();
    console.keys("g r n");
    for text in ["Corte del martes", "El martes no hay agua", "12066", "agua", "kannel", ""] {
        console.write(text);
        console.key("Tab");
    }
    let again = "Tab Tab Tab Tab Tab Tab Enter";
    console.mood = Mood::Away;
    console.key("Enter");
    assert!(console.sees("was not reached") && console.sees("Corte del martes"), "{}", console.screen());
    console.keys(again);
    console.write(" 2");
    console.keys(again);
    console.mood = Mood::Well;
    let detail = SafeText::own("broadcast_long");
    console.highlights.refusal = Some(Failure { detail, ..Failure::new("state_conflict") });
    console.keys(again);
    console.keys(again);
    let [first, second, other, refused, last] = console.under[..] else { panic!("{:?}", console.under) };
    assert_eq!(first, second, "nobody knows whether it arrived");
    assert_ne!(other, second, "other lines are another broadcast");
    assert_eq!(other, refused);
    assert_ne!(refused, last, "what was refused has not happened");
    assert!(console.sees("Broadcast: Corte del martes 2"), "{}", console.screen());
}

#[test]
fn a_form_stays_while_the_line_is_down() {
    let mut console = Console::new();
    console.keys("g h Tab Enter e f Ctrl-U");
    console.write("Compras abiertas");
    console.line(false);
    console.key("Enter");
    assert!(console.sees("Offline:") && console.sees("Compras abiertas"), "{}", console.screen());
    console.line(true);
    console.key("Enter");
    assert_eq!(console.highlights.cards[2].row.title.as_str(), "Compras abiertas");
}

#[test]
fn an_approval_shows_bytes_and_segments_and_names_the_hash() {
    let mut console = Console::new();
    console.keys("g h Enter");
    assert!(console.sees("> es-MX kannel: GSM-7") && console.sees("1 SMS"), "{}", console.screen());
    console.key("p");
    assert!(console.sees("> es-MX telegram:"), "{}", console.screen());
    console.keys("a Enter");
    assert_eq!(done(&console), "", "Enter alone confirms nothing");
    assert!(console.sees("Hash 3fa9c1d20b77") && console.sees("bytes"), "{}", console.screen());
    assert!(console.sees("| 12 Pisos firmes barrio por barrio"), "{}", console.screen());
    console.key("y");
    assert!(done(&console).contains("Approve("), "{}", done(&console));
    assert_eq!(console.highlights.cards[0].row.state, "published");
}

#[test]
fn a_text_that_does_not_fit_is_read_to_its_end_before_it_is_approved() {
    let mut console = Console::new();
    for preview in &mut console.highlights.broadcasts[0].previews {
        preview.text = SafeText::typed(&format!("{}FIN", "El lunes no hay agua\n".repeat(20)));
    }
    console.keys("g r Enter a");
    assert!(console.sees("Lines 1 to ") && !console.sees("| FIN"), "{}", console.screen());
    console.key("y");
    assert!(console.sees("Read on to the end"), "{}", console.screen());
    assert_eq!(state(&console, 4_201), "submitted");
    console.keys("Space");
    assert!(console.sees("| FIN"), "{}", console.screen());
    console.key("y");
    assert_eq!(state(&console, 4_201), "approved");
}

#[test]
fn what_the_check_found_is_cleared_by_key_and_who_wrote_it_approves_nothing() {
    let mut console = Console::new();
    console.keys("g h j Enter");
    assert!(console.sees("PERSONAL DATA in contact: telephone"), "{}", console.screen());
    console.key("a");
    assert!(console.sees("who wrote it does not"), "{}", console.screen());
    console.keys("c y");
    assert!(console.highlights.cards[1].cleared.is_some());
    assert!(console.sees("cleared by: Teresa"), "{}", console.screen());
}

#[test]
fn a_card_is_rejected_with_a_reason_and_a_published_one_goes_to_similar_ones() {
    let mut console = Console::new();
    console.keys("g h Enter x");
    console.write("Falta la evidencia");
    console.keys("Enter Enter");
    assert_eq!(console.highlights.cards[0].row.state, "in_review", "Enter alone confirms nothing");
    console.key("y");
    assert_eq!(console.highlights.cards[0].row.state, "draft");
    console.keys("Esc Tab Tab Enter A");
    assert!(console.sees("Similar municipalities: 1") && console.sees("40 people"), "{}", console.screen());
    console.keys("Esc m");
    assert!(console.sees("kannel, telegram"), "{}", console.screen());
    console.keys("Tab Enter");
    assert!(console.sees("Broadcast: Agua por tandeo publicado"), "{}", console.screen());
    assert_eq!(console.highlights.broadcasts.last().and_then(|it| it.draft.highlight), Some(id(4_104)));
}

#[test]
fn a_broadcast_is_written_given_an_audience_tested_and_handed_in() {
    let mut console = Console::new();
    console.keys("g r n");
    for text in ["Corte del martes", "El martes no hay agua en el Centro", "12066", "agua", "kannel"] {
        console.write(text);
        console.key("Tab");
    }
    console.key("Enter");
    console.key("Enter");
    assert!(console.sees("Broadcast: Corte del martes"), "{}", console.screen());
    assert!(console.sees("municipality:12066") && console.sees("<11"), "{}", console.screen());
    console.key("A");
    console.write(", 12");
    console.keys("Tab Tab Tab Enter");
    let draft = &console.highlights.broadcasts.last().expect("a broadcast").draft;
    let places: Vec<&str> = draft.audience.places.iter().map(SafeText::as_str).collect();
    assert_eq!(places, ["municipality:12066", "state:12"]);
    assert_eq!(draft.audience.topic.as_ref().map(SafeText::as_str), Some("agua"));
    assert_eq!(draft.text("es-MX").as_str(), "El martes no hay agua en el Centro");
    console.keys("T a");
    assert!(console.sees("Test: 2 queued, 1 addresses passed over"), "{}", console.screen());
    console.key("s");
    assert_eq!(state(&console, 4_299), "submitted");
}

#[test]
fn a_time_that_has_passed_is_not_handed_in_again() {
    let late = || {
        let mut console = Console::new();
        console.highlights.broadcasts[2].draft.send_at = Some(NOW - 60_000);
        console.keys("g r Tab Enter");
        console
    };
    let mut console = late();
    console.keys("e a Tab Tab Tab Tab Enter");
    assert!(done(&console).contains("Edit("), "{}", console.screen());
    assert_eq!(console.highlights.broadcasts[2].draft.send_at, None);
    let mut console = late();
    console.keys("A Tab Tab Tab");
    console.write("es-MX");
    console.key("Enter");
    assert!(done(&console).contains("Edit("), "{}", console.screen());
    assert_eq!(console.highlights.broadcasts[2].draft.send_at, None);
}

#[test]
fn above_ten_thousand_the_number_of_people_is_typed() {
    let mut console = Console::new();
    console.keys("g r j Enter a");
    assert!(console.sees("More than 10,000 people"), "{}", console.screen());
    console.write("24,000");
    console.keys("Enter y");
    assert_eq!(state(&console, 4_202), "submitted", "another number");
    console.key("a");
    console.write("24,500");
    console.keys("Enter Enter");
    assert_eq!(state(&console, 4_202), "submitted", "Enter alone confirms nothing");
    console.key("y");
    assert_eq!(state(&console, 4_202), "approved");
    assert!(done(&console).contains("Some(24500)"), "{}", done(&console));
}

#[test]
fn a_running_broadcast_is_stopped_with_three_keys() {
    let mut console = Console::new();
    console.keys("g r Tab Tab Tab Tab Enter");
    assert!(console.sees("Sent 477 of 1200"), "{}", console.screen());
    let before = console.pressed;
    console.keys("X Enter");
    assert_eq!(state(&console, 4_204), "sending", "it is asked before");
    console.key("y");
    assert!(console.pressed - before <= 3);
    assert_eq!(state(&console, 4_204), "stopped");
    assert!(done(&console).contains("Stop("), "{}", done(&console));
    assert!(console.sees("STOPPED") && console.sees("Stopped at the console"), "{}", console.screen());
}

#[test]
fn a_running_broadcast_is_looked_at_again_by_itself_and_one_that_rests_is_not() {
    let mut console = Console::new();
    console.keys("g r Tab Tab Tab Tab Enter");
    if let Some(progress) = &mut console.highlights.broadcasts[3].progress {
        progress.sent += 100;
        progress.waiting -= 100;
    }
    console.rest(5_000);
    assert!(console.sees("Sent 577 of 1200"), "{}", console.screen());
    console.keys("X Enter y");
    console.rest(3_000);
    let asked = console.asked;
    console.rest(30_000);
    assert_eq!(console.asked, asked, "nothing moves");
}

#[test]
fn a_broadcast_is_held_from_the_list_and_goes_on_after_a_look_at_it() {
    let mut console = Console::new();
    console.keys("g r Tab Tab Tab Tab H Enter Enter");
    assert_eq!(state(&console, 4_204), "sending", "Enter alone confirms nothing");
    console.key("y");
    assert_eq!(state(&console, 4_204), "held");
    console.key("u");
    assert_eq!(state(&console, 4_204), "held", "to let it go on is an approval");
    console.keys("Tab Enter r");
    assert!(console.sees("goes on") && console.sees("Hash b07a44e19c3d"), "{}", console.screen());
    console.keys("Enter y");
    assert_eq!(state(&console, 4_204), "sending");
}

#[test]
fn who_was_second_is_told_and_a_correction_is_drafted_of_one_that_is_done() {
    let mut console = Console::new();
    console.keys("g r Enter a");
    console.mood = Mood::Taken;
    console.key("y");
    console.mood = Mood::Well;
    assert!(console.sees("changed it first"), "{}", console.screen());
    console.keys("Esc Tab Tab Tab Tab Tab Tab Enter C");
    assert!(console.sees("Corrección: Horario"), "{}", console.screen());
    console.key("A");
    assert!(console.sees("who got the first one"), "{}", console.screen());
}

#[test]
fn a_demands_supporters_are_written_to_and_nobody_else() {
    let mut console = Console::new();
    console.keys("g d Tab Enter B");
    for text in ["Para quienes firman", "Tomorrow we meet at the court", "kannel", "", ""] {
        console.write(text);
        console.key("Tab");
    }
    console.key("Ctrl-U");
    console.write("nope");
    console.key("Enter");
    assert!(console.sees("no such language"), "{}", console.screen());
    console.key("Ctrl-U");
    console.write("en");
    console.key("Enter");
    let new = console.highlights.broadcasts.last().expect("a broadcast");
    assert_eq!(new.draft.audience.demand, Some(id(3_103)));
    assert!(!new.draft.text("en").is_empty(), "the language that was chosen");
    console.key("A");
    assert!(console.sees("the supporters of a demand"), "{}", console.screen());
}

#[test]
fn charts_change_their_range_and_group_and_show_no_small_group() {
    let mut console = Console::new();
    console.keys("g c");
    assert_eq!(console.highlights.charted, Some(("12066".to_owned(), "topic".to_owned(), 30)));
    assert!(console.sees(">=120") && console.sees("88 %") && console.sees("others (not shown)"));
    console.key("r");
    assert_eq!(console.highlights.charted.as_ref().map(|it| it.2), Some(90));
    console.highlights.charted = None;
    console.key("R");
    assert_eq!(console.highlights.charted.as_ref().map(|it| it.2), Some(90), "fetched again");
    console.keys("G G");
    assert_eq!(console.highlights.charted.as_ref().map(|it| it.1.as_str()), Some("day"));
    assert!(console.sees("2026-11-30"), "{}", console.screen());
    console.highlights.charted = None;
    console.keys("g f g c");
    assert_eq!(console.highlights.charted, None);
    assert!(console.sees("write the key of a municipality"), "{}", console.screen());
    console.keys("f Ctrl-U");
    console.write("12066");
    console.key("Enter");
    assert_eq!(console.highlights.charted, Some(("12066".to_owned(), "topic".to_owned(), 30)));
}

#[test]
fn a_municipality_that_there_is_not_is_named_as_that_and_asked_for_again() {
    for keys in ["g c", "g f g b"] {
        let mut console = Console::new();
        console.keys(keys);
        console.keys("f Ctrl-U");
        console.write("tlapa");
        console.key("Enter");
        assert!(console.sees("There is no municipality with that key."), "{keys}: {}", console.screen());
        console.keys("f Ctrl-U");
        console.write("12066");
        console.key("Enter");
        assert!(console.sees("Tlapa de Comonfort"), "{keys}: {}", console.screen());
    }
}

#[test]
fn a_chart_is_saved_in_a_file_that_is_named() {
    let mut console = Console::new();
    console.keys("g c w");
    assert_eq!(
        console.done.last().map(String::as_str),
        Some("chart cabildo-12066-times: cabildo-12066-times en")
    );
    assert!(console.sees("The chart is in /srv/ana/cabildo-12066-times.png."), "{}", console.screen());
    // Of an indicator it is asked which one.
    console.keys("g q Enter g b w");
    assert!(console.sees("Which chart is saved?") && console.sees("where it stands among its peers"));
    console.keys("Down Enter");
    let done = console.done.last().cloned().unwrap_or_default();
    assert!(done.starts_with("chart cabildo-12066-") && done.ends_with("-trend en"), "{done}");
    // Where nothing can be drawn it is said, and nothing is written.
    console.mood = Mood::Away;
    let before = console.done.clone();
    console.keys("w Enter");
    assert_eq!(console.done, before);
}

#[test]
fn who_may_neither_write_nor_approve_is_offered_neither() {
    let mut console = Console::new();
    if let Some(me) = &mut console.app.shared.me {
        me.acts.retain(|it| !matches!(it.as_str(), "write" | "approve"));
    }
    console.keys("g h");
    assert!(console.sees("Your role does not allow this."));
    console.keys("g r");
    assert!(console.sees("Your role does not allow this."));
}
