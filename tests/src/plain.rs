//! The staff console in line mode: its binary behind pipes, as a screen reader has it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::console::binary;

/// The longest that a sentence is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// The console.
#[derive(Debug)]
pub struct Plain {
    child: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    /// Where what it said since the last line begins.
    since: usize,
    _home: tempfile::TempDir,
}

impl Plain {
    /// Opens it in English on a server, for somebody with this token.
    ///
    /// # Panics
    /// It does not start.
    pub fn open(server: &str, token: &str) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let config = home.path().join(".config/cabildo-admin");
        let state = home.path().join(".local/state/cabildo-admin/default");
        for folder in [&config, &state] {
            fs::create_dir_all(folder).expect("a folder");
        }
        fs::write(config.join("console.toml"), "language = \"en\"\n").expect("written");
        fs::write(state.join("token"), format!("{server}\n{token}\n")).expect("written");
        let mut child = Command::new(binary())
            .args(["--plain", "--server", server])
            .env_clear()
            .env("HOME", home.path())
            .env("LANG", "en_US.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let input = child.stdin.take().expect("its input");
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
        Self { child, input, output, seen: Vec::new(), since: 0, _home: home }
    }

    /// All that it said.
    pub fn all(&self) -> &[u8] {
        &self.seen
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.seen[self.since..]).into_owned()
    }

    /// Waits until it said something since the last line; gives all that it said since.
    ///
    /// # Panics
    /// It did not come.
    pub fn sees(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let said = self.said();
            if said.contains(text) {
                return said;
            }
            let left = end.saturating_duration_since(Instant::now());
            let Ok(piece) = self.output.recv_timeout(left) else { panic!("{text:?} did not come:\n{said}") };
            self.seen.extend(piece);
        }
    }

    /// Writes a line.
    ///
    /// # Panics
    /// It is gone.
    pub fn writes(&mut self, line: &str) {
        self.since = self.seen.len();
        writeln!(self.input, "{line}").expect("it reads");
    }

    /// Chooses the entry of the last list that holds this text, once the list was asked about with `question`.
    ///
    /// # Panics
    /// There is none.
    pub fn chooses(&mut self, text: &str, question: &str) {
        let said = self.sees(question);
        let entry = |it: &&str| {
            let (number, rest) = it.split_once(' ').unwrap_or_default();
            number.parse::<usize>().is_ok() && rest.contains(text)
        };
        let line = said.lines().rfind(entry).unwrap_or_else(|| panic!("no {text:?}:\n{said}"));
        let number = line.split(' ').next().unwrap_or_default().to_owned();
        self.writes(&number);
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
