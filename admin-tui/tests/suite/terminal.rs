//! The binary in a real terminal, which `script` of util-linux makes: keys are seen at once, and the terminal is left
//! as it was found, however the console ends.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::hostile_service::{MARK, Service, Where};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Terminal {
    child: Child,
    output: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    /// How far it was looked at.
    read: usize,
    _home: tempfile::TempDir,
}

/// Nothing listens there.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed leaves no console behind; one that ended is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Terminal {
    /// The console in a terminal of 80x24; `None` where `script` is not installed.
    fn start(arguments: &str) -> Option<Self> {
        Self::begin(arguments, (80, 24), &|_| {})
    }

    /// The same in another size, with a home that `prepare` has put something into.
    pub fn begin(arguments: &str, (columns, rows): (u16, u16), prepare: &dyn Fn(&Path)) -> Option<Self> {
        let home = tempfile::tempdir().expect("a folder");
        prepare(home.path());
        let binary = env!("CARGO_BIN_EXE_cabildo-admin");
        let line = format!("{binary} {arguments}");
        Self::run(&line, (columns, rows), home)
    }

    /// A program in a terminal; how the terminal is set is told before it starts and after it ended.
    fn run(line: &str, (columns, rows): (u16, u16), home: tempfile::TempDir) -> Option<Self> {
        let there = Command::new("script").arg("--version").stdout(Stdio::null()).status();
        if !there.is_ok_and(|it| it.success()) {
            assert!(
                std::env::var_os("CABILDO_REQUIRE_ALL").is_none(),
                "script of util-linux is not installed"
            );
            // Nobody is left to tell if this fails.
            let _ = writeln!(std::io::stderr(), "skipped: script");
            return None;
        }
        let line = format!(
            "stty cols {columns} rows {rows}; echo BEFORE $(stty -a); echo TTY $(tty); sh -c 'echo PID $$; exec {line}'; \
             code=$?; echo AFTER $(stty -a); exit $code"
        );
        let mut child = Command::new("script")
            .args(["-qefc", &line, "/dev/null"])
            .env("HOME", home.path())
            .env("LANG", "en_US.UTF-8")
            .env("TERM", "xterm-256color")
            .env_remove("LC_ALL")
            .env_remove("XDG_STATE_HOME")
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script starts");
        let mut out = child.stdout.take().expect("its output");
        let (tx, output) = channel();
        std::thread::spawn(move || {
            let mut piece = vec![0; 65_536];
            while let Ok(count @ 1..) = out.read(&mut piece) {
                if tx.send(piece[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Some(Self { child, output, seen: Vec::new(), read: 0, _home: home })
    }

    pub fn press(&mut self, keys: &[u8]) {
        self.read = self.seen.len();
        let input = self.child.stdin.as_mut().expect("its input");
        input.write_all(keys).and_then(|()| input.flush()).expect("written");
    }

    /// Waits until the text has come, after what was waited for before.
    pub fn sees(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let new = &self.seen[self.read..];
            if let Some(at) = new.windows(text.len()).position(|it| it == text.as_bytes()) {
                self.read += at + text.len();
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            let Ok(piece) = self.output.recv_timeout(left) else {
                panic!("{text:?} did not come; this did: {:?}", String::from_utf8_lossy(new));
            };
            self.seen.extend(piece);
        }
    }

    /// All that came so far.
    pub fn seen(&self) -> &[u8] {
        &self.seen
    }

    /// Waits for more; nothing more comes where it has ended, or within the patience of a test.
    pub fn more(&mut self) -> bool {
        let Ok(piece) = self.output.recv_timeout(PATIENCE) else { return false };
        self.seen.extend(piece);
        true
    }

    /// Everything until it ends, and whether it ended well.
    pub fn rest(mut self) -> (String, bool) {
        let end = Instant::now() + PATIENCE;
        while let Ok(piece) = self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.seen.extend(piece);
        }
        let done = self.child.wait().expect("it ends").success();
        (String::from_utf8_lossy(&self.seen).into_owned(), done)
    }

    /// What was told before it began.
    fn told(&self, what: &str) -> String {
        let text = String::from_utf8_lossy(&self.seen).into_owned();
        let told = text.split(what).nth(1).and_then(|it| it.split_whitespace().next());
        told.expect("it was told").to_owned()
    }

    /// The number of the console itself.
    fn pid(&self) -> String {
        let pid = self.told("PID ");
        assert!(pid.bytes().all(|it| it.is_ascii_digit()), "{pid:?}");
        pid
    }

    /// Sends a signal to the console itself.
    fn signal(&mut self, name: &str) {
        let done = Command::new("kill").args([&format!("-{name}"), &self.pid()]).status().expect("kill");
        assert!(done.success());
    }

    /// Gives the window another size.
    fn resize(&self, (columns, rows): (u16, u16)) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let size = ["-F", &self.told("TTY "), "cols", &columns, "rows", &rows];
        assert!(Command::new("stty").args(size).status().expect("stty").success());
    }
}

/// Whether the terminal is set as it was, and the end of the output puts the screen back.
pub fn restored(output: &str) -> bool {
    let set = |what: &str| {
        let told = output.split(what).nth(1).and_then(|it| it.lines().next()).unwrap_or_default();
        // The size may have changed.
        told.split(';').filter(|it| !it.contains("rows") && !it.contains("columns")).collect::<Vec<_>>()
    };
    let same = set("BEFORE ") == set("AFTER ") && set("AFTER ").len() > 5;
    same && put_back(output)
}

fn put_back(output: &str) -> bool {
    let last = |it: &str| output.rfind(it);
    let left = last("\u{1b}[?1049l");
    left.is_some()
        && left > last("\u{1b}[?1049h")
        && last("\u{1b}[?2004l") > last("\u{1b}[?2004h")
        && last("\u{1b}[?25h") >= last("\u{1b}[?25l")
}

#[test]
fn every_key_is_seen_at_once() {
    let server = nowhere();
    let Some(mut terminal) = Terminal::start(&format!("--server {server}")) else { return };
    terminal.sees("Ctrl-N");
    // One at a time: a key that waits for the next one would never come.
    for letter in ["t", "e", "r", "z"] {
        terminal.press(letter.as_bytes());
        terminal.sees(letter);
    }
    terminal.press(b"\x03\x03");
    let (output, well) = terminal.rest();
    assert!(well && restored(&output));
}

#[test]
fn the_terminal_is_put_back_when_the_process_is_told_to_end() {
    for signal in ["TERM", "HUP"] {
        let server = nowhere();
        let Some(mut terminal) = Terminal::start(&format!("--server {server}")) else { return };
        terminal.sees("Ctrl-N");
        terminal.signal(signal);
        let (output, _) = terminal.rest();
        assert!(restored(&output), "{signal}");
    }
}

#[test]
fn the_terminal_is_put_back_when_the_console_stops_by_itself() {
    let own = std::env::current_exe().expect("a path");
    let line = format!("{} --exact terminal::a_console_that_stops --ignored --nocapture", own.display());
    let home = tempfile::tempdir().expect("a folder");
    let Some(terminal) = Terminal::run(&line, (80, 24), home) else { return };
    let (output, well) = terminal.rest();
    assert!(!well && restored(&output), "{output:?}");
    let after = &output[output.rfind("[?1049l").expect("it left")..];
    assert!(after.contains("cabildo-admin stopped at") && after.contains("terminal.rs"), "{after:?}");
    assert!(!output.contains("lo que dijo"), "{output:?}");
}

#[test]
#[ignore = "the other half of the test before it, which starts it in a terminal"]
fn a_console_that_stops() {
    cabildo_admin_tui::run::hook_panics();
    let _screen = cabildo_admin_tui::run::Screen::enter().expect("a terminal");
    panic!("lo que dijo alguien");
}

#[test]
fn a_storm_of_sizes_leaves_a_screen_that_works() {
    let server = nowhere();
    let Some(mut terminal) = Terminal::start(&format!("--server {server}")) else { return };
    terminal.sees("Ctrl-N");
    for turn in 0_u16..150 {
        terminal.resize(match turn % 5 {
            0 => (1, 1),
            1 => (200, 60),
            2 => (59, 15),
            3 => (60, 16),
            _ => (20 + turn, 5 + turn / 3),
        });
    }
    terminal.press(b"x");
    terminal.resize((80, 24));
    terminal.sees("Ctrl-N");
    terminal.press(b"yz");
    terminal.sees("z");
    terminal.press(b"\x03\x03");
    let (output, well) = terminal.rest();
    assert!(well && restored(&output), "{output:?}");
}

#[test]
fn a_console_whose_terminal_is_gone_ends() {
    let server = nowhere();
    let Some(mut terminal) = Terminal::start(&format!("--server {server}")) else { return };
    terminal.sees("Ctrl-N");
    let pid = terminal.pid();
    terminal.child.kill().expect("it was there");
    terminal.child.wait().expect("it has ended");
    let end = Instant::now() + PATIENCE;
    let running =
        || std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|it| !it.contains(") Z "));
    while running() {
        assert!(Instant::now() < end, "it runs on");
        std::thread::yield_now();
    }
}

#[test]
fn a_service_that_is_lost_leaves_a_console_that_can_be_left() {
    let server = Service::start(Where::Texts);
    let keep = |home: &Path| {
        let folder = home.join(".local/state/cabildo-admin/default");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("token"), format!("{}\ntoken\n", server.url)).expect("a token");
    };
    let line = format!("--server {}", server.url);
    let Some(mut terminal) = Terminal::begin(&line, (80, 24), &keep) else { return };
    terminal.sees(MARK);
    server.stop();
    terminal.press(b"R");
    terminal.sees("OFFLINE");
    terminal.press(b"\x03\x03");
    let (output, well) = terminal.rest();
    assert!(well && restored(&output), "{output:?}");
}

#[test]
fn the_line_mode_writes_no_escape_byte() {
    let server = nowhere();
    let Some(mut terminal) = Terminal::start(&format!("--plain --server {server}")) else { return };
    terminal.sees("Name (empty");
    terminal.press(b"\n");
    terminal.sees("Code:");
    terminal.press(b"ABCD\n");
    terminal.sees("The service was not reached");
    terminal.sees("Name (empty");
    terminal.press(b"\x04");
    let (output, well) = terminal.rest();
    assert!(well);
    assert!(!output.contains('\u{1b}'), "{output:?}");
    assert!(!output.contains("ABCD"), "what is secret is not shown");
}

#[test]
fn what_it_does_not_know_is_wrong_use() {
    for (argument, code) in [("--foo", 64), ("--help", 0)] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_cabildo-admin")).arg(argument).output().expect("it runs");
        assert_eq!(output.status.code(), Some(code), "{argument}");
    }
}

#[test]
fn a_wrong_server_or_configuration_is_a_sentence() {
    for (arguments, says) in [
        ("--server http://cabildo.example", "http is for this machine only"),
        ("--profile ../x", "a profile is letters"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_cabildo-admin"))
            .args(arguments.split(' '))
            .env("HOME", std::env::temp_dir())
            .output()
            .expect("it runs");
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(says) && said.lines().count() == 1, "{said}");
    }
}
