//! Demands by key: moderated, merged and parted, answered after a look at what goes out, with actas and leaders.

use cabildo_admin_tui::api::Act;
use cabildo_admin_tui::safe::{Code, SafeText};

use super::fake::{Console, Mood, id};

fn done(console: &Console) -> String {
    console.done.iter().filter(|it| it.starts_with("deed")).cloned().collect::<Vec<_>>().join("\n")
}

#[test]
fn what_can_not_be_taken_back_asks_for_another_key() {
    let mut console = Console::new();
    console.keys("g d p Enter");
    assert_eq!(done(&console), "", "Enter alone confirms nothing");
    console.key("y");
    assert!(done(&console).contains("Publish") && done(&console).ends_with("on 3"), "{}", done(&console));
    assert!(console.sees("316 published") && !console.sees("Que arreglen la bomba"));
    console.keys("x");
    console.write("Habla de una persona");
    console.keys("Enter");
    assert!(console.sees("321 is refused"));
    console.key("Esc");
    assert_eq!(console.demands.rows[1].state, "moderation");
    console.keys("x");
    console.write("Habla de una persona");
    console.keys("Enter y");
    assert_eq!(console.demands.rows[1].state, "rejected");
}

#[test]
fn a_demand_is_merged_into_another_by_its_code_and_parted_with_undo() {
    let mut console = Console::new();
    console.keys("g d Tab j m");
    console.write("999");
    console.key("Enter");
    console.write("Es lo mismo");
    console.key("Enter");
    assert!(console.sees("There is no open demand 999"));
    assert_eq!(console.demands.rows[3].merged_into, None);
    console.key("m");
    console.write("317");
    console.key("Enter");
    console.write("Es lo mismo");
    console.keys("Enter Enter");
    assert_eq!(console.demands.rows[3].merged_into, None, "Enter alone confirms nothing");
    console.key("y");
    assert_eq!(console.demands.rows[3].merged_into, Some(id(3_103)));
    assert!(console.sees("318 goes on in 317"));
    console.key("u");
    assert_eq!(console.demands.rows[3].merged_into, None);
}

#[test]
fn an_answer_is_read_as_it_goes_out_before_it_goes() {
    let mut console = Console::new();
    console.keys("g d Tab Tab Tab r s");
    console.write("Desde enero pasa martes y viernes.");
    console.key("Enter");
    console.write("$12,000");
    console.key("Enter");
    console.write("2027-01-05");
    console.key("Enter");
    assert!(console.sees("Demanda 301: partly. Desde enero"));
    assert!(console.sees("At most 230") || console.sees("at most 230"));
    assert_eq!(done(&console), "");
    // Nothing goes with Enter, and the text can still be changed.
    console.keys("Enter Esc");
    console.write("0");
    console.key("Esc");
    assert!(console.sees("What you typed in this form is lost."), "{}", console.screen());
    console.keys("y r s");
    console.write("Otra vez");
    console.keys("Enter Enter Enter");
    console.key("y");
    assert_eq!(console.demands.rows[5].state, "answered");
    assert!(done(&console).contains("Answer"), "{}", done(&console));
}

#[test]
fn an_acta_with_a_number_that_makes_no_sense_is_not_entered() {
    let mut console = Console::new();
    console.keys("g d Tab a");
    console.write("A-18");
    console.key("Enter");
    console.write("muchas");
    console.key("Enter");
    console.write("2026-11-16");
    console.keys("Enter Enter");
    assert!(console.sees("number makes no sense"));
    assert_eq!(done(&console), "");
    console.keys("Esc y a");
    console.write("A-18");
    console.key("Enter");
    console.write("64");
    console.key("Enter");
    console.write("2026-11-16");
    console.keys("Enter Enter");
    assert_eq!(console.demands.rows[2].support.paper, 94);
    assert_eq!(console.demands.rows[2].support.total, 177, "paper is never mixed with the rest");
}

#[test]
fn a_leader_is_called_and_verified() {
    let mut console = Console::new();
    console.keys("g v 3");
    console.write("Para llamarle");
    console.key("Enter");
    assert!(console.sees("+52 757 100 0041"));
    console.key("1");
    assert!(!console.sees("+52 757 100 0041"), "a key hides the number");
    assert!(console.sees("You called her"));
    console.key("y");
    assert_eq!(console.demands.leaders[0].state, "verified");
    assert!(!console.sees("Rosa Cano"));
    console.key("2");
    console.write("No contesta");
    console.keys("Enter y");
    assert_eq!(console.demands.leaders[1].state, "refused");
}

#[test]
fn a_demand_is_opened_out_of_like_cases_with_five_keys() {
    let mut console = Console::new();
    let before = console.pressed;
    console.keys("g l o Enter y");
    assert!(console.pressed - before <= 5);
    let opened = console.demands.rows.last().expect("a demand");
    assert_eq!(opened.text.as_str(), "No hay agua en San José desde hace una semana");
    assert!(console.sees("demand opened"));
}

#[test]
fn somebody_who_was_first_is_shown_and_mine_is_done_on_what_there_is_now() {
    let mut console = Console::new();
    console.keys("g d p");
    console.mood = Mood::Taken;
    console.key("y");
    console.mood = Mood::Well;
    assert!(console.sees("State: to moderate -> withdrawn"));
    console.key("m");
    assert!(done(&console).ends_with("on 4"), "{}", done(&console));
}

#[test]
fn a_message_of_the_author_goes_after_a_look_at_it() {
    let mut console = Console::new();
    console.keys("g e Enter w a");
    assert!(console.sees("Nos vemos el s"));
    assert_eq!(done(&console), "");
    console.key("y");
    assert!(done(&console).contains("DecideMessage"), "{}", done(&console));
}

#[test]
fn an_acta_is_entered_from_the_photo_that_was_sent() {
    let mut console = Console::new();
    console.demands.pictures =
        vec![(id(3_701), console.now - 3_600_000), (id(3_702), console.now - 7_200_000)];
    console.keys("g d Tab Enter");
    assert!(console.sees("Photos of actas to enter: 2"), "{}", console.screen());
    console.keys("a s");
    console.write("A-9");
    console.key("Enter");
    console.write("64");
    console.key("Enter");
    console.write("2026-09-13");
    console.keys("Enter Enter");
    let done = done(&console);
    assert!(done.contains("AddActa") && done.contains(&format!("picture: Some({})", id(3_702))), "{done}");
    console.keys("a d");
    assert!(console.sees("Folio of the acta"), "{}", console.screen());
    console.keys("Esc a f");
    let kept = console.done.iter().any(|it| it.starts_with("picture acta-317-") && it.ends_with(".jpg 2"));
    assert!(kept, "{:?}", console.done);
}

#[test]
fn steps_of_a_promise_are_added_changed_marked_and_removed() {
    let mut console = Console::new();
    console.keys("g k e s");
    assert!(console.sees("A milestone of the promise of 290"), "{}", console.screen());
    console.write("Instalar los postes");
    console.key("Enter");
    console.write("2027-02-01");
    console.key("Enter");
    let steps = |console: &Console| -> Vec<String> {
        let text = |it: &(SafeText, Option<SafeText>, Code)| {
            let day = it.1.as_ref().map_or("-", |it| it.as_str());
            format!("{} {day} {}", it.0.as_str(), it.2.as_str())
        };
        console.demands.steps.0.iter().map(text).collect()
    };
    assert_eq!(
        steps(&console),
        ["Comprar el equipo - finished", "Instalar los postes 2027-02-01 not_started"]
    );
    assert!(console.sees("milestone added: Instalar los postes"), "{}", console.screen());
    // Marked, and taken back.
    console.keys("e s d");
    assert_eq!(steps(&console)[1], "Instalar los postes 2027-02-01 stuck");
    console.key("u");
    assert_eq!(steps(&console)[1], "Instalar los postes 2027-02-01 not_started");
    // Other words, on the demand's own screen.
    console.keys("Enter e s h");
    console.write(" nuevos");
    console.keys("Enter");
    assert_eq!(steps(&console)[1], "Instalar los postes nuevos 2027-02-01 not_started");
    console.keys("e a j");
    assert_eq!(steps(&console), ["Instalar los postes nuevos 2027-02-01 not_started"]);
    console.key("u");
    assert_eq!(steps(&console).len(), 2);
    // Somebody else was first.
    console.keys("R e s");
    console.demands.steps.1 += 1;
    console.key("s");
    assert!(console.sees("somebody else changed the promise first"), "{}", console.screen());
}

#[test]
fn a_case_is_closed_as_the_same_as_a_like_one_and_taken_back() {
    let mut console = Console::new();
    console.keys("j =");
    assert!(console.sees("82 %: words 90, place 100, time 70, 40 m"));
    console.key("m");
    assert_eq!(console.rows[1].state, "duplicate");
    console.key("u");
    assert_eq!(console.rows[1].state, "in_review");
    let acts: Vec<&Act> = console.acts.iter().map(|it| &it.1).collect();
    assert!(
        matches!(acts[..], [Act::State { original: Some(_), .. }, Act::TakeBack(_), Act::Part]),
        "{acts:?}"
    );
}

#[test]
fn a_case_is_linked_to_a_demand_and_unlinked_with_undo() {
    let mut console = Console::new();
    console.keys("d a");
    assert!(done(&console).contains("LinkCases"), "{}", done(&console));
    assert!(console.sees("4F7K2X linked to 317"));
    console.key("u");
    assert!(done(&console).contains("UnlinkCase"), "{}", done(&console));
}

#[test]
fn who_may_not_moderate_is_not_offered_it() {
    let mut console = Console::new();
    if let Some(me) = &mut console.app.shared.me {
        me.acts.retain(|it| it.as_str() != "moderate_demands");
    }
    console.keys("g d p");
    assert!(console.sees("Your role does not allow this."));
    assert!(!console.sees("p publish"));
}

#[test]
fn without_a_line_nothing_is_decided_and_what_was_typed_is_in_the_log() {
    let mut console = Console::new();
    console.keys("g d Tab a");
    console.write("A-18");
    console.key("Enter");
    console.write("64");
    console.key("Enter");
    console.write("2026-11-16");
    console.line(false);
    console.keys("Enter Enter");
    assert!(console.sees("Offline"));
    assert_eq!(done(&console), "");
    console.key(":");
    console.write("log");
    console.key("Enter");
    assert!(console.sees("A-18"));
}

#[test]
fn what_its_author_was_asked_is_not_taken_back_with_undo() {
    let mut console = Console::new();
    console.demands.asks = true;
    console.keys("g d Tab j m");
    console.write("317");
    console.key("Enter");
    console.write("Es lo mismo");
    console.keys("Enter y u");
    assert!(console.sees("There is nothing to take back."));
}
