//! When the screen is drawn anew, and when the service is asked again: what nobody sees costs neither. That nothing
//! which changed is left undrawn is looked at by [`Console::event`], in every test.

use cabildo_admin_tui::api::Ask;
use cabildo_admin_tui::data::FeedEvent;
use cabildo_admin_tui::safe::{Code, SafeText};
use cabildo_admin_tui::theme::Theme;

use super::fake::{Console, Mood, id, row};

fn burst(console: &mut Console, case: u128, events: usize) {
    let event = FeedEvent { seq: 1, kind: Code::new("case_changed"), case: Some(id(case)) };
    console.burst(&vec![event; events]);
}

#[test]
fn events_of_cases_that_are_not_shown_draw_nothing() {
    for size in [(60, 16), (80, 24), (120, 40)] {
        let mut console = Console::at(size, Theme::Mono);
        console.rest(5_000);
        let (drawn, asked) = (console.redrawn, console.asked);
        // Five a second for half a minute; the minute does not turn.
        for _ in 0..150 {
            console.feed(99);
            console.rest(200);
        }
        assert_eq!(console.redrawn, drawn, "{size:?}");
        // List and counts, every three seconds.
        let asked = console.asked - asked;
        assert!((18..=22).contains(&asked), "{size:?}: {asked}");
    }
}

#[test]
fn events_behind_a_case_that_is_open_draw_nothing() {
    let mut console = Console::new();
    console.key("Enter");
    console.rest(9_000);
    let drawn = console.redrawn;
    console.rows[3].preview = Some(SafeText::own("otra cosa"));
    for _ in 0..50 {
        console.feed(4);
        console.rest(200);
    }
    assert_eq!(console.redrawn, drawn);
}

#[test]
fn a_change_on_the_screen_is_drawn_once() {
    let mut console = Console::new();
    console.rest(5_000);
    let drawn = console.redrawn;
    console.rows[2].preview = Some(SafeText::own("otra cosa"));
    console.rows[2].version = 2;
    console.feed(3);
    console.rest(1_500);
    assert!(console.sees("otra cosa"), "{}", console.screen());
    assert_eq!(console.redrawn - drawn, 1);
    // What nobody changed is fetched as well, and not drawn.
    console.feed(3);
    console.rest(5_000);
    assert_eq!(console.redrawn - drawn, 1);
}

#[test]
fn a_burst_asks_as_often_as_a_few_events_do() {
    let mut console = Console::at((120, 40), Theme::Mono);
    console.rest(5_000);
    let asked = console.asked;
    // Two thousand events of the case under the cursor in a second.
    for _ in 0..20 {
        burst(&mut console, 1, 100);
        console.rest(50);
    }
    console.rest(2_000);
    // List and counts at most once a second, the case and its thread twice.
    let asked = console.asked - asked;
    assert!((6..=16).contains(&asked), "{asked}");
}

#[test]
fn new_rows_show_within_three_seconds() {
    let mut console = Console::new();
    console.rows.insert(0, row(50, "NEW001", "Centro", "Algo nuevo"));
    console.feed(50);
    console.rest(3_000);
    assert!(console.sees("+1 new (R)"), "{}", console.screen());
}

#[test]
fn what_runs_down_is_drawn_each_second_and_the_clock_each_minute() {
    let mut console = Console::new();
    console.key("e");
    assert!(console.sees("u undo (10 s)"), "{}", console.screen());
    let drawn = console.redrawn;
    for left in (1..10).rev() {
        console.rest(1_000);
        assert!(console.sees(&format!("u undo ({left} s)")), "{left}: {}", console.screen());
    }
    let count = console.redrawn - drawn;
    assert!((9..=14).contains(&count), "{count}");
    console.rest(9_000);
    let drawn = console.redrawn;
    console.rest(180_000);
    assert_eq!(console.redrawn - drawn, 3);
    // How long the line is down runs as well.
    console.line(false);
    let drawn = console.redrawn;
    console.rest(10_000);
    assert_eq!(console.redrawn - drawn, 10);
}

#[test]
fn how_long_the_list_is_waited_for_is_told_each_second() {
    let mut console = Console::new();
    console.rest(5_000);
    console.mood = Mood::Silent;
    console.key("R");
    let drawn = console.redrawn;
    for seconds in 1..=5 {
        console.rest(1_000);
        assert!(console.sees(&format!("loading {seconds} s")), "{seconds}: {}", console.screen());
    }
    assert_eq!(console.redrawn - drawn, 6);
}

#[test]
fn a_case_that_changes_while_its_row_is_looked_at_is_fetched_again() {
    let mut console = Console::at((120, 40), Theme::Mono);
    console.rest(5_000);
    console.entries.insert(1, vec![super::fake::entry(1, "citizen", "Algo más pasó")]);
    for _ in 0..10 {
        // Events that keep coming do not put it off.
        console.feed(1);
        console.rest(50);
    }
    console.rest(200);
    assert!(console.sees("Algo más pasó"), "{}", console.screen());
}

#[test]
fn the_end_that_is_still_fetched_does_not_take_the_first_row_away() {
    let lists = |it: &Ask| matches!(it, Ask::Cases(_));
    let mut console = Console::new();
    console.page = 3;
    console.key("R");
    console.hold = Some(lists);
    console.keys("G g g");
    console.release();
    assert_eq!(console.app.screen().target(), Some(id(1)), "{}", console.screen());
    console.keys("G");
    assert_eq!(console.app.screen().target(), Some(id(6)), "{}", console.screen());
    console.hold = Some(lists);
    console.keys("g g G");
    console.release();
    assert_eq!(console.app.screen().target(), Some(id(6)), "{}", console.screen());
    console.keys("g g");
    assert_eq!(console.app.screen().target(), Some(id(1)), "{}", console.screen());
}
