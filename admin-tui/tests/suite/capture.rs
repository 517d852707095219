//! Everything that the console writes to a terminal while a service gives it hostile text in every field: only
//! sequences that drawing itself needs, and no letter that drives a terminal.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use cabildo_admin_tui::safe::{MARKS, is_out};
use unicode_width::UnicodeWidthChar as _;
use vte::{Params, Parser, Perform};

use super::hostile_service::{MARK, Where, start, texts};
use super::terminal::{Terminal, restored};

/// The window.
const SIZE: (u16, u16) = (120, 40);

/// What a terminal makes of the bytes: the letters by place, and what was not allowed.
struct Screen {
    cells: Vec<Vec<String>>,
    /// Row and column, from 0.
    at: (usize, usize),
    /// Whether the console has the screen for itself.
    inside: bool,
    /// What came that drawing does not need.
    wrong: BTreeSet<String>,
    /// Combining marks on the last letter.
    marks: usize,
    titles: Vec<String>,
    copies: Vec<String>,
    /// How often the alternate screen was entered, left, and the screen cleared.
    switches: (usize, usize, usize),
}

impl Screen {
    fn new() -> Self {
        Self {
            cells: vec![vec![String::new(); usize::from(SIZE.0)]; usize::from(SIZE.1)],
            at: (0, 0),
            inside: false,
            wrong: BTreeSet::new(),
            marks: 0,
            titles: Vec::new(),
            copies: Vec::new(),
            switches: (0, 0, 0),
        }
    }

    fn row(&self, row: usize) -> String {
        self.cells[row].iter().map(|it| if it.is_empty() { " " } else { it.as_str() }).collect()
    }

    fn sees(&self, text: &str) -> bool {
        (0..self.cells.len()).any(|it| self.row(it).contains(text))
    }

    /// Whether the body shows hostile text, made harmless.
    fn marked(&self) -> bool {
        (2..self.cells.len() - 2).any(|it| self.row(it).contains(MARK))
    }

    /// Whether it is told why something was not done, with hostile text: a sentence above the footer, which may take
    /// lines of the body.
    fn told(&self) -> bool {
        let lines = self.cells.len() - 5..self.cells.len() - 1;
        let lines: Vec<String> = lines.map(|it| self.row(it)).collect();
        let first = lines.iter().position(|it| it.starts_with(" Not done:"));
        first.is_some_and(|it| lines[it..].iter().any(|it| it.contains(MARK)))
    }

    fn all(&self) -> String {
        (0..self.cells.len()).map(|it| self.row(it).trim_end().to_owned() + "\n").collect()
    }

    fn refuse(&mut self, what: String) {
        self.wrong.insert(what);
    }

    fn clear(&mut self) {
        self.cells.iter_mut().flatten().for_each(String::clear);
    }
}

impl Perform for Screen {
    fn print(&mut self, letter: char) {
        let emoji = matches!(letter, '\u{200d}' | '\u{fe0f}');
        let (row, column) = self.at;
        let before = column.checked_sub(1).and_then(|it| self.cells.get(row)?.get(it));
        let joins = emoji && before.is_some_and(|it| it.chars().any(|it| it >= '\u{2190}'));
        if is_out(letter) && !joins {
            self.refuse(format!("U+{:04X}", letter as u32));
        }
        match letter.width().unwrap_or_default() {
            0 => {
                self.marks += 1;
                if self.marks > MARKS {
                    self.refuse("a pile of marks".to_owned());
                }
            }
            width => {
                self.marks = 0;
                if let Some(cell) = self.cells.get_mut(row).and_then(|it| it.get_mut(column)) {
                    *cell = letter.to_string();
                }
                self.at.1 += width;
            }
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            // The line discipline's; the console draws without them.
            b'\r' => self.at.1 = 0,
            b'\n' => self.at.0 += 1,
            _ => self.refuse(format!("control {byte:02X}")),
        }
    }

    fn csi_dispatch(&mut self, params: &Params, between: &[u8], ignored: bool, action: char) {
        let all: Vec<Vec<u16>> = params.iter().map(<[u16]>::to_vec).collect();
        let flat: Vec<u16> = all.iter().flatten().copied().collect();
        let known = match (between, action) {
            ([], 'H') => {
                let row = flat.first().copied().unwrap_or(1).max(1);
                let column = flat.get(1).copied().unwrap_or(1).max(1);
                self.at = (usize::from(row) - 1, usize::from(column) - 1);
                row <= SIZE.1 && column <= SIZE.0
            }
            ([], 'J') => {
                self.switches.2 += 1;
                self.clear();
                flat == [2]
            }
            ([], 'm') => match &flat[..] {
                [38 | 48, 5, colour] => *colour < 16,
                [] => true,
                // Bold, dim, italic, underlined, reversed, and their ends.
                [one] => matches!(one, 0..=4 | 7 | 22..=24 | 27 | 39 | 49 | 59),
                [39, 49] | [39, 49, 0] => true,
                many => {
                    // A colour of each kind in one sequence.
                    matches!(many, [38, 5, front, 48, 5, back] if *front < 16 && *back < 16)
                        || matches!(many, [38, 5, front, 49] | [39, 48, 5, front] if *front < 16)
                }
            },
            ([b'?'], 'h' | 'l') => {
                match (&flat[..], action) {
                    ([1049], 'h') => {
                        self.switches.0 += 1;
                        self.inside = true;
                        self.clear();
                    }
                    ([1049], _) => {
                        self.switches.1 += 1;
                        self.inside = false;
                    }
                    _ => {}
                }
                matches!(&flat[..], [1049 | 2004 | 25])
            }
            _ => false,
        };
        if !known || ignored {
            self.refuse(format!("CSI {between:?} {flat:?} {action}"));
        }
    }

    fn esc_dispatch(&mut self, between: &[u8], _: bool, byte: u8) {
        // The end of a string that came before it.
        if !(between.is_empty() && byte == b'\\') {
            self.refuse(format!("ESC {between:?} {byte:02X}"));
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        let text =
            |at: usize| String::from_utf8_lossy(params.get(at).copied().unwrap_or_default()).into_owned();
        match (text(0).as_str(), params.len()) {
            ("0" | "2", 2) => self.titles.push(text(1)),
            ("52", 3) if text(1) == "c" => self.copies.push(decoded(&text(2))),
            _ => self.refuse(format!("OSC {}", text(0))),
        }
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        self.refuse(format!("DCS {action}"));
    }
}

/// Base 64 as text.
fn decoded(text: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|it| *it != b'=') {
        let value = alphabet.iter().position(|it| *it == letter).expect("a letter of base 64");
        bits = (bits << 6) | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// A console in a terminal, and what stands on it.
struct Seat {
    terminal: Terminal,
    parser: Parser,
    screen: Screen,
    /// How much was parsed.
    parsed: usize,
    /// The sentences of the line above the footer.
    said: Vec<String>,
}

impl Seat {
    fn sit(hostile: Where, arguments: &str) -> Option<Self> {
        let server = start(hostile);
        let line = format!("{arguments} --server {server}");
        let terminal = Terminal::begin(&line, SIZE, &|home| keep_token(home, &server))?;
        Some(Self { terminal, parser: Parser::new(), screen: Screen::new(), parsed: 0, said: Vec::new() })
    }

    fn take(&mut self) {
        let new = self.terminal.seen()[self.parsed..].to_vec();
        self.parsed += new.len();
        self.parser.advance(&mut self.screen, &new);
        let said = self.screen.row(usize::from(SIZE.1) - 2).trim().to_owned();
        if self.said.last() != Some(&said) {
            self.said.push(said);
        }
    }

    /// Presses keys and waits until the screen is as it must be.
    fn press(&mut self, keys: &str, what: &str, holds: impl Fn(&Screen) -> bool) {
        self.terminal.press(keys.as_bytes());
        self.until(&format!("{what} after {keys:?}"), holds);
    }

    /// Presses keys, again where the console said that it had just changed or did not know enough yet.
    fn insist(&mut self, keys: &str, what: &str, holds: impl Fn(&Screen) -> bool) {
        let status = usize::from(SIZE.1) - 2;
        let dropped = |it: &Screen| {
            let said = it.row(status);
            said.contains("had just changed")
                || said.contains("are not known")
                || said.contains("no case here")
        };
        loop {
            self.press(keys, what, |it| holds(it) || dropped(it));
            if holds(&self.screen) {
                return;
            }
            // Another sentence, so that the same one is seen to come again.
            self.press("Z", "another sentence", |it| it.row(status).contains("does nothing here"));
        }
    }

    /// Reads a question that does not fit to its end.
    fn reads_on(&mut self) {
        let left = |it: &Screen| {
            let all = it.all();
            let lines = all.split_once("Lines ")?.1.split_once(": Space or j")?.0.split_once(" to ")?.1;
            let (until, count) = lines.split_once(" of ")?;
            (until != count).then(|| until.to_owned())
        };
        while let Some(until) = left(&self.screen) {
            self.press(" ", "more of the question", |it| left(it).is_none_or(|it| it != until));
        }
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Screen) -> bool) {
        self.take();
        while !holds(&self.screen) {
            assert!(self.terminal.more(), "{what} did not come:\n{}{:?}", self.screen.all(), self.said);
            self.take();
        }
    }

    /// Goes to a screen and waits for its title and its rows.
    fn go(&mut self, keys: &str, title: &str) {
        self.press(keys, title, |it| it.row(0).contains(title) && it.marked());
    }

    /// Opens something over the screen, looks at it, and closes it.
    fn over(&mut self, keys: &str, shows: &str) {
        self.insist(keys, shows, |it| it.sees(shows));
        self.press("\u{1b}", "what is under it", |it| !it.sees(shows));
    }

    /// Leaves; nothing but drawing came, the terminal is as it was, and nothing more was written on it.
    fn leave(mut self) {
        assert_eq!(self.screen.switches.0, 1, "the screen is entered once");
        assert_eq!(self.screen.switches.1, 0, "and not left yet");
        assert!(self.screen.switches.2 <= 1, "and cleared by nobody else");
        self.terminal.press(b"\x03\x03");
        while self.terminal.more() {}
        self.take();
        let (output, well) = self.terminal.rest();
        assert!(well && restored(&output), "it left well");
        assert_eq!(self.screen.wrong, BTreeSet::new(), "what drawing does not need");
        assert_eq!((self.screen.switches.0, self.screen.switches.1), (1, 1));
        for text in self.screen.titles.iter().chain(&self.screen.copies) {
            assert!(!text.chars().any(|it| is_out(it) && it != '\n'), "{text:?}");
        }
        assert!(self.screen.titles.iter().all(|it| it == "Cabildo"), "{:?}", self.screen.titles);
    }
}

/// The token of a session that goes on.
fn keep_token(home: &Path, server: &str) {
    let folder = home.join(".local/state/cabildo-admin/default");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("token"), format!("{server}\ntoken\n")).expect("a token");
}

const SCREENS: [(&str, &str); 8] = [
    ("gf", "Feedback"),
    ("gt", "Unknown texts"),
    ("gn", "Notices"),
    ("go", "Outbox"),
    ("gw", "Health"),
    ("ga", "Audit"),
    ("gu", "Users and roles"),
    ("gm", "My work"),
];

#[test]
fn nothing_that_a_service_says_reaches_the_terminal_as_a_sequence() {
    let Some(mut seat) = Seat::sit(Where::Texts, "") else { return };
    seat.until("the queue", |it| it.row(0).contains("Queue") && it.sees("row 1/3") && it.marked());
    let picker = "letter picks  / filters  Esc";
    for keys in ["A", "t", "H", "s", "p", "F"] {
        seat.over(keys, picker);
    }
    seat.over("c", "letter picks  Enter sends");
    // What is refused is said with the words of the service.
    seat.insist("a", "why it was refused", Screen::told);
    seat.insist("e", "a conflict", |it| it.sees("Somebody else changed") && it.sees(MARK));
    // It came up by itself, so a key within 150 ms is not for it: the rest is what is waited for.
    std::thread::sleep(Duration::from_millis(300));
    seat.press("k", "the queue", |it| !it.sees("Somebody else changed"));
    seat.over(":log\r", "what was said and failed");
    // A case: thread with a line of a megabyte, whole text, photos, composer, clipboard.
    seat.insist("\r", "a case", |it| it.row(0).contains(&format!("Case {MARK}")) && it.marked());
    seat.press("yt", "the last text in the clipboard", |it| it.copies.len() == 1);
    assert!(seat.screen.copies[0].contains(MARK), "{:?}", seat.screen.copies);
    seat.until("the line of a megabyte", |it| it.sees("ñññññ"));
    seat.over("o", "photos and voices");
    seat.press("rx", "what it costs", |it| it.sees("MESSAGE to") && it.sees(&format!("$0.350 \"{MARK}")));
    seat.over("\x14", "letter picks  Enter inserts");
    let paste = format!("\u{1b}[200~{}\u{1b}[201~", texts()[2]);
    seat.press(&paste, "what was pasted", |it| it.sees("txet"));
    seat.press("\u{1b}", "the case without the composer", |it| !it.sees("MESSAGE to"));
    seat.press("gb", "indicators", |it| it.row(0).contains("Benchmarks") && it.marked() && it.sees("2/3"));
    for (keys, title) in SCREENS {
        seat.go(keys, title);
        if title == "Audit" {
            seat.press("V", "the chain", |it| it.row(1).contains("17"));
        }
        if title == "Feedback" {
            seat.insist("1", "why it was refused", Screen::told);
        }
    }
    seat.leave();
}

#[test]
fn nor_where_its_codes_are_hostile_too() {
    let Some(mut seat) = Seat::sit(Where::Everywhere, "") else { return };
    seat.until("the queue", |it| it.row(0).contains("Queue") && it.sees("row 1/3") && it.marked());
    seat.insist("\r", "a case", |it| it.row(0).contains(&format!("Case {MARK}")) && it.marked());
    seat.press("gb", "indicators", |it| it.row(0).contains("Benchmarks"));
    for (keys, title) in SCREENS {
        seat.press(keys, title, |it| it.row(0).contains(title));
    }
    seat.leave();
}

#[test]
fn nothing_in_demands_leaders_and_promises_reaches_the_terminal_as_a_sequence() {
    let Some(mut seat) = Seat::sit(Where::Texts, "") else { return };
    seat.until("the queue", |it| it.row(0).contains("Queue") && it.sees("row 1/3") && it.marked());
    let picker = "letter picks  / filters  Esc";
    // Of a case: demands that it may be linked to, and cases like it.
    seat.over("d", picker);
    seat.over("=", "words 80, place 70");
    seat.go("gd", "Demands");
    seat.over("c", picker);
    for (keys, shows) in [("m", "Code of the other demand"), ("a", "Folio of the acta")] {
        seat.over(keys, shows);
    }
    // The answer as it goes out.
    seat.press("j", "the second row", |it| it.row(1).contains("2/3"));
    seat.insist("r", picker, |it| it.sees(picker));
    seat.press("a", "the answer", |it| it.sees("Tab next"));
    seat.press("Hay dinero\r\r\r", "what goes out", |it| it.sees("This goes out") && it.sees(MARK));
    seat.press("\u{1b}", "the text", |it| !it.sees("This goes out"));
    seat.press("\u{1b}", "whether the text goes", |it| it.sees("Are you sure?"));
    seat.press("y", "the list", |it| !it.sees("Are you sure?"));
    // Somebody else was first: both sides.
    seat.press("j", "the third row", |it| it.row(1).contains("3/3"));
    seat.insist("p", "a question", |it| it.sees("Are you sure?"));
    std::thread::sleep(Duration::from_millis(300));
    seat.press("y", "both sides", |it| it.sees("k keep theirs") && it.sees(MARK));
    std::thread::sleep(Duration::from_millis(300));
    seat.press("k", "the list", |it| !it.sees("k keep theirs"));
    // One, whole, down to its end.
    seat.insist("\r", "a demand", |it| it.row(0).contains("Demand ") && it.marked());
    for _ in 0..3 {
        seat.press("\u{1b}[6~", "the rest", Screen::marked);
    }
    for keys in ["V", "C", "P", "w", "E", "X", "o", "e"] {
        seat.over(keys, picker);
    }
    seat.insist("e", picker, |it| it.sees(picker));
    seat.press("a", "what becomes of a milestone", |it| it.sees("Change its words"));
    seat.press("\u{1b}", "the demand", |it| !it.sees("Change its words"));
    // Refused by a rule that nobody knows.
    seat.insist("E", picker, |it| it.sees(picker));
    seat.press("a", "who signs", |it| it.sees("Tab next"));
    seat.press("Comite\r", "why it was refused", Screen::told);
    // The groups of like cases are those of the demand's municipality.
    for (keys, title) in
        [("gl", "Like cases"), ("gv", "Leaders"), ("ge", "Messages of authors"), ("gk", "Promises")]
    {
        seat.go(keys, title);
        match title {
            "Leaders" => {
                seat.over("1", "Are you sure?");
                seat.over("2", "Tab next");
            }
            "Promises" => seat.over("e", picker),
            "Like cases" => seat.over("o", "A demand out of these cases"),
            _ => {}
        }
    }
    seat.leave();
}

#[test]
fn nothing_in_cards_broadcasts_and_charts_reaches_the_terminal_as_a_sequence() {
    let Some(mut seat) = Seat::sit(Where::Texts, "") else { return };
    seat.until("the queue", |it| it.row(0).contains("Queue") && it.sees("row 1/3") && it.marked());
    let picker = "letter picks  / filters  Esc";
    seat.press("gc", "charts", |it| it.row(0).contains("Charts") && it.row(1).contains(MARK));
    seat.go("gh", "Highlights");
    seat.press("n", "candidates", |it| it.row(0).contains("Candidates") && it.sees("row 1/1"));
    seat.insist("n", picker, |it| it.sees(picker));
    seat.press("f", "a card about one", |it| it.sees("A card about") && it.sees(MARK));
    seat.press("\u{1b}", "the candidates", |it| !it.sees("A card about"));
    seat.press("gh", "the cards", |it| it.row(0).contains("Highlights") && it.sees("row 1/2"));
    seat.insist("\r", "a card", |it| it.row(0).contains("Card 12") && it.marked());
    seat.press("p", "the next channel", Screen::marked);
    seat.over("A", "Similar municipalities");
    seat.over("x", "Tab next");
    seat.over("e", picker);
    let asked = |it: &Screen| it.sees("is published as it was seen") && it.sees(MARK) && it.sees("y does it");
    seat.insist("a", "an approval", asked);
    std::thread::sleep(Duration::from_millis(300));
    seat.reads_on();
    seat.press("y", "why it was refused", |it| it.sees("Not done: \"card 12 approved\""));
    seat.press("gr", "broadcasts", |it| it.row(0).contains("Broadcasts") && it.sees("row 1/2"));
    seat.insist("\r", "a broadcast", |it| it.row(0).contains("Broadcast: ") && it.marked());
    seat.press("p", "the next channel", Screen::marked);
    for keys in ["e", "T"] {
        seat.over(keys, picker);
    }
    seat.over("A", "Tab next");
    seat.over("a", "The number of people");
    seat.leave();
}

#[test]
fn nor_where_the_codes_of_cards_and_broadcasts_are_hostile_too() {
    let Some(mut seat) = Seat::sit(Where::Everywhere, "") else { return };
    seat.until("the queue", |it| it.row(0).contains("Queue") && it.sees("row 1/3") && it.marked());
    seat.press("gc", "charts", |it| it.row(0).contains("Charts"));
    seat.press("gh", "cards", |it| it.row(0).contains("Highlights") && it.sees("row 1/2"));
    seat.insist("\r", "a card", |it| it.row(0).contains("Card 12") && it.marked());
    seat.press("gr", "broadcasts", |it| it.row(0).contains("Broadcasts") && it.sees("row 1/2"));
    seat.insist("\r", "a broadcast", |it| it.row(0).contains("Broadcast: ") && it.marked());
    seat.leave();
}

#[test]
fn nor_where_the_codes_of_demands_are_hostile_too() {
    let Some(mut seat) = Seat::sit(Where::Everywhere, "") else { return };
    seat.until("the queue", |it| it.row(0).contains("Queue") && it.sees("row 1/3") && it.marked());
    seat.press("gd", "demands", |it| it.row(0).contains("Demands") && it.marked());
    seat.insist("\r", "a demand", |it| it.row(0).contains("Demand ") && it.marked());
    seat.press("\u{1b}[6~", "the rest", Screen::marked);
    for (keys, title) in
        [("gv", "Leaders"), ("ge", "Messages of authors"), ("gk", "Promises"), ("gl", "Like cases")]
    {
        seat.press(keys, title, |it| it.row(0).contains(title));
    }
    seat.leave();
}

#[test]
fn the_line_mode_writes_hostile_text_without_a_control() {
    let Some(mut seat) = Seat::sit(Where::Texts, "--plain") else { return };
    let terminal = &mut seat.terminal;
    let choices = "A number opens;";
    let back = "A number, or Enter to go back:";
    terminal.sees(MARK);
    terminal.sees(choices);
    terminal.press(b"v\n");
    terminal.sees(back);
    terminal.press(b"\n");
    terminal.sees(choices);
    terminal.press(b"1\n");
    terminal.sees("ñññññ");
    terminal.sees(back);
    // To whom: colleagues by number.
    terminal.press(b"2\n");
    terminal.sees(MARK);
    terminal.sees(back);
    terminal.press(b"\n");
    terminal.sees(back);
    // Taking it is refused in words of the service.
    terminal.press(b"1\n");
    terminal.sees(MARK);
    terminal.sees(back);
    // Demands: the list, one read out, a rule that nobody knows, leaders, promises and messages.
    terminal.press(b"\n");
    terminal.sees(choices);
    let demands = "q goes to the cases";
    terminal.press(b"d\n");
    terminal.sees(MARK);
    terminal.sees(demands);
    terminal.press(b"v\n");
    terminal.sees(back);
    terminal.press(b"\n");
    terminal.sees(demands);
    terminal.press(b"1\n");
    terminal.sees(MARK);
    terminal.sees(back);
    terminal.press(b"\n");
    for list in [&b"l\n"[..], b"p\n", b"m\n"] {
        terminal.sees(demands);
        terminal.press(list);
        terminal.sees(MARK);
        terminal.sees(back);
        terminal.press(b"\n");
    }
    terminal.sees(demands);
    terminal.press(b"q\n");
    // Cards, broadcasts and charts: the list, one read out, the figures.
    for list in [&b"h\n"[..], b"b\n"] {
        terminal.sees(choices);
        terminal.press(list);
        terminal.sees(MARK);
        terminal.sees(demands);
        terminal.press(b"1\n");
        terminal.sees(MARK);
        terminal.sees(back);
        terminal.press(b"\n");
        terminal.sees(demands);
        terminal.press(b"q\n");
    }
    terminal.sees(choices);
    terminal.press(b"c\n");
    terminal.sees(MARK);
    terminal.sees(demands);
    terminal.press(b"q\n");
    terminal.sees(choices);
    terminal.press(b"\x04");
    let (output, _) = seat.terminal.rest();
    let hostile: BTreeSet<String> = output
        .chars()
        .filter(|it| is_out(*it) && !matches!(it, '\r' | '\n'))
        .map(|it| format!("U+{:04X}", it as u32))
        .collect();
    // The line discipline shows a typed Ctrl-D and takes it back.
    let hostile: Vec<&String> = hostile.iter().filter(|it| *it != "U+0008").collect();
    assert!(hostile.is_empty(), "{hostile:?}");
}

#[test]
fn the_line_mode_opens_no_sealed_case_before_it_was_asked() {
    // A confidentiality that nobody knows counts as one.
    let Some(mut seat) = Seat::sit(Where::Everywhere, "--plain") else { return };
    let terminal = &mut seat.terminal;
    let choices = "A number opens;";
    terminal.sees(choices);
    for other in [&b"n\n"[..], b"\n", b"1\n"] {
        terminal.press(b"1\n");
        terminal.sees("opening it is logged");
        terminal.sees("y does it");
        terminal.press(other);
        terminal.sees(choices);
    }
    let seen = String::from_utf8_lossy(terminal.seen()).into_owned();
    assert!(!seen.contains("ñññññ"), "its thread was read");
    terminal.press(b"1\n");
    terminal.sees("y does it");
    terminal.press(b"y\n");
    terminal.sees("ñññññ");
    terminal.press(b"\x04");
    drop(seat.terminal.rest());
}
