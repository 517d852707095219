//! The staff console in a real terminal, as somebody sits at it: its binary in a window of tmux.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::skip_or_fail;

/// The longest that a screen is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks at the screen.
const LOOK: Duration = Duration::from_millis(15);
/// What it says of a key that it dropped.
const DROPPED: &str = "The screen had just changed: the key was not used.";
/// After which somebody presses a key again.
const LOST: Duration = Duration::from_secs(20);
/// The title of a question.
const ASKS: &str = "Are you sure?";
/// More than a question has.
const PAGES: usize = 20;
/// In which it did what a key asks for.
const ANSWERED: Duration = Duration::from_secs(5);
/// More than the console's own time for it.
const SETTLED: Duration = Duration::from_millis(250);
/// The window: the smallest that has a preview.
const SIZE: (&str, &str) = ("80", "24");
/// Without a line of its own, and without waiting for what may follow Esc.
const TMUX: &str = "set -g status off\nset -g remain-on-exit on\nset -s escape-time 0\n";

static WINDOWS: AtomicU32 = AtomicU32::new(0);

/// The console in a window.
#[derive(Debug)]
pub struct Console {
    folder: tempfile::TempDir,
    socket: String,
    /// Keys that were pressed.
    pub pressed: u32,
}

/// The console's binary, which cargo builds beside the folder of the tests.
///
/// # Panics
/// It was not built.
pub(crate) fn binary() -> PathBuf {
    let own = std::env::current_exe().expect("a path");
    let folder = own.parent().and_then(std::path::Path::parent).expect("the folder of the build");
    let path = folder.join("cabildo-admin");
    assert!(
        path.is_file(),
        "{} is missing: `cargo build --workspace --bins` makes it (`cargo test --workspace` does too)",
        path.display()
    );
    path
}

impl Console {
    /// Opens it on a server, with what is in `console.toml`: for somebody with this token, or nobody yet. `None`:
    /// there is no tmux.
    pub fn open(server: &str, settings: &str, token: Option<&str>) -> Option<Self> {
        if !Command::new("tmux").arg("-V").output().is_ok_and(|it| it.status.success()) {
            skip_or_fail("tmux");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join(".config/cabildo-admin");
        fs::create_dir_all(&config).expect("a folder");
        fs::write(config.join("console.toml"), settings).expect("written");
        if let Some(token) = token {
            let state = folder.path().join(".local/state/cabildo-admin/default");
            fs::create_dir_all(&state).expect("a folder");
            fs::write(state.join("token"), format!("{server}\n{token}\n")).expect("written");
        }
        fs::write(folder.path().join("tmux.conf"), TMUX).expect("written");
        let number = WINDOWS.fetch_add(1, Ordering::Relaxed);
        let socket = format!("cabildo-{}-{number}", std::process::id());
        let console = Self { folder, socket, pressed: 0 };
        let home = format!("HOME={}", console.folder.path().display());
        let path = format!("PATH={}", std::env::var("PATH").unwrap_or_default());
        let binary = binary();
        let program = binary.to_str().expect("a path in UTF-8");
        let mut start = vec!["new-session", "-d", "-s", "console", "-x", SIZE.0, "-y", SIZE.1, "--"];
        start.extend(["env", "-i", &home, &path, "LANG=en_US.UTF-8", "TERM=screen-256color", "NO_COLOR=1"]);
        start.extend([program, "--server", server]);
        console.tmux(&start);
        Some(console)
    }

    /// Presses keys, one for each word: a letter, `Enter`, `Escape`, `C-s`.
    pub fn keys(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.pressed += 1;
            self.tmux(&["send-keys", "-t", "console", key]);
        }
    }

    /// Presses a key at rest until the screen is as it should be. A list that comes in between makes the console drop
    /// a key that decides; then, as it says, the key is pressed again.
    ///
    /// # Panics
    /// It did not come.
    pub fn presses_until(&mut self, key: &str, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            self.rests();
            self.keys(key);
            let pressed = Instant::now();
            loop {
                let screen = self.screen();
                if fits(&screen) {
                    return screen;
                }
                assert!(Instant::now() < end, "{what} did not come after {key}:\n{screen}");
                // What it said of the key before stays for a while.
                if pressed.elapsed() > ANSWERED && screen.contains(DROPPED) {
                    break;
                }
                if pressed.elapsed() > LOST {
                    eprintln!("{key} is pressed again: {what} did not come\n{screen}");
                    break;
                }
                std::thread::sleep(LOOK);
            }
        }
    }

    /// The same until a text is on the screen.
    pub fn presses(&mut self, key: &str, text: &str) -> String {
        self.presses_until(key, &format!("{text:?}"), |it| it.contains(text))
    }

    /// Answers a question with yes, after it was read to its end where it does not fit.
    pub fn says_yes(&mut self, question: &str) {
        for _ in 0..PAGES {
            if !goes_on(&self.screen()) {
                break;
            }
            let before = self.screen();
            self.presses_until("Space", "more of the question", |it| it != before);
        }
        self.presses_until("y", "an end of the question", |it| !it.contains(question) && !it.contains(ASKS));
    }

    /// Types a text; its letters do not count as keys.
    pub fn types(&self, text: &str) {
        self.tmux(&["send-keys", "-t", "console", "-l", text]);
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.tmux(&["capture-pane", "-p", "-t", "console"]).stdout).into_owned()
    }

    /// Waits until the screen is as it should be; gives it.
    ///
    /// # Panics
    /// It did not come.
    pub fn until(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if fits(&screen) {
                return screen;
            }
            assert!(Instant::now() < end, "{what} did not come:\n{screen}");
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until a text is on the screen.
    pub fn sees(&self, text: &str) -> String {
        self.until(&format!("{text:?}"), |it| it.contains(text))
    }

    /// Waits until the cursor of the list is on the case with this number.
    pub fn stands_on(&self, folio: &str) -> String {
        self.until(&format!("the cursor on {folio}"), |it| cursor(it).is_some_and(|row| row.contains(folio)))
    }

    /// Waits until the screen rests: keys that reach a citizen are dropped for 150 ms after a list came that no key
    /// asked for, so that nothing is decided about what nobody has read yet.
    pub fn rests(&self) {
        let end = Instant::now() + PATIENCE;
        let mut seen = (self.screen(), Instant::now());
        while seen.1.elapsed() < SETTLED {
            std::thread::sleep(LOOK);
            let now = self.screen();
            assert!(Instant::now() < end, "it does not rest:\n{now}");
            if now != seen.0 {
                seen = (now, Instant::now());
            }
        }
    }

    /// Holds its process, or lets it go on.
    pub fn hold(&self, held: bool) {
        let answer = self.tmux(&["display-message", "-p", "-t", "console", "#{pane_pid}"]);
        let id = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        assert!(!id.is_empty() && id.bytes().all(|it| it.is_ascii_digit()), "{id:?}");
        let signal = if held { "-STOP" } else { "-CONT" };
        assert!(Command::new("kill").args([signal, &id]).status().is_ok_and(|it| it.success()));
    }

    fn tmux(&self, arguments: &[&str]) -> Output {
        let output = Command::new("tmux")
            .args(["-L", &self.socket, "-f"])
            .arg(self.folder.path().join("tmux.conf"))
            .args(arguments)
            .env_remove("TMUX")
            .output()
            .expect("tmux starts");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

/// Whether a question has lines under those that are on the screen.
fn goes_on(screen: &str) -> bool {
    let lines = screen.lines().find_map(|it| it.split_once("Lines ")?.1.split_once(": Space or j"));
    let shown = lines.and_then(|it| it.0.split_once(" to ")?.1.split_once(" of "));
    shown.is_some_and(|(until, count)| until != count)
}

/// The line of the list with the cursor.
fn cursor(screen: &str) -> Option<&str> {
    screen.lines().skip(2).find(|it| it.starts_with('>'))
}
