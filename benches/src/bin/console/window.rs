//! A program in a terminal of our own: what it writes, when, and what the screen then shows.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty};

use crate::Problem;

/// The variable that names the file for the times of frames: `admin-tui/src/frames.rs`.
const FRAMES: &str = "CABILDO_ADMIN_FRAMES";
/// Columns and rows.
pub const SIZE: (u16, u16) = (120, 40);

/// A program in a terminal.
pub struct Window {
    pty: Arc<Pty>,
    child: Child,
    output: Receiver<(Instant, Vec<u8>)>,
    parser: vt100::Parser,
    /// Before it was started.
    pub began: Instant,
}

/// What was written at a stretch.
#[derive(Clone, Copy, Debug)]
pub struct Burst {
    /// When its last byte came.
    pub last: Instant,
    /// How many there were.
    pub bytes: usize,
}

impl Window {
    /// Starts a program; its home and state are in `home`.
    ///
    /// # Errors
    /// There is no terminal, or no such program.
    pub fn open(program: &Path, arguments: &[&str], home: &Path) -> Result<Self, Problem> {
        let began = Instant::now();
        let (pty, pts) = pty_process::blocking::open()?;
        pty.resize(Size::new(SIZE.1, SIZE.0))?;
        let child = Command::new(program)
            .args(arguments)
            .env("HOME", home)
            .env("LANG", "en_US.UTF-8")
            .env("TERM", "xterm-256color")
            .env(FRAMES, home.join("frames"))
            .env_remove("LC_ALL")
            .env_remove("NO_COLOR")
            .env_remove("TMUX")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME")
            .spawn(pts)?;
        let pty = Arc::new(pty);
        let (tx, output) = channel();
        let reads = Arc::clone(&pty);
        std::thread::spawn(move || {
            let mut piece = vec![0; 1 << 16];
            // The end of the program is an error of the terminal.
            while let Ok(count @ 1..) = (&*reads).read(&mut piece) {
                if tx.send((Instant::now(), piece[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        let size = |it: u16| NonZeroU16::new(it).unwrap_or(NonZeroU16::MIN);
        let parser = vt100::Parser::new(size(SIZE.1), size(SIZE.0), 0);
        Ok(Self { pty, child, output, parser, began })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Presses keys; gives when.
    ///
    /// # Errors
    /// The program has ended.
    pub fn press(&mut self, keys: &str) -> Result<Instant, Problem> {
        let at = Instant::now();
        (&*self.pty).write_all(keys.as_bytes())?;
        Ok(at)
    }

    /// Lines of the screen.
    pub fn lines(&self) -> Vec<String> {
        self.parser.screen().rows(0, SIZE.0).collect()
    }

    /// Waits until the screen is as it should be; gives when the piece came that made it so.
    ///
    /// # Errors
    /// It did not come in time.
    pub fn until(
        &mut self,
        what: &str,
        limit: Duration,
        fits: impl Fn(&[String]) -> bool,
    ) -> Result<Instant, Problem> {
        let mut came = Instant::now();
        let end = came + limit;
        loop {
            if fits(&self.lines()) {
                return Ok(came);
            }
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok((at, piece)) => {
                    self.parser.process(&piece);
                    came = at;
                }
                Err(_) => return Err(format!("{what} did not come:\n{}", self.lines().join("\n")).into()),
            }
        }
    }

    /// What is written until nothing comes for `rest`, for `limit` at most; `None`: nothing.
    pub fn burst(&mut self, rest: Duration, limit: Duration) -> Option<Burst> {
        let end = Instant::now() + limit;
        let mut burst: Option<Burst> = None;
        loop {
            let wait = match burst {
                Some(it) => (it.last + rest).min(end),
                None => end,
            };
            match self.output.recv_timeout(wait.saturating_duration_since(Instant::now())) {
                Ok((last, piece)) => {
                    self.parser.process(&piece);
                    let bytes = burst.map_or(0, |it| it.bytes) + piece.len();
                    burst = Some(Burst { last, bytes });
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return burst,
            }
        }
    }

    /// Waits for its end after these keys.
    ///
    /// # Errors
    /// It does not end.
    pub fn close(mut self, keys: &str) -> Result<(), Problem> {
        self.press(keys)?;
        let end = Instant::now() + Duration::from_secs(10);
        while self.child.try_wait()?.is_none() {
            if Instant::now() > end {
                self.child.kill()?;
                return Err("it did not end".into());
            }
            // What it still writes is taken, so that it can end.
            self.burst(Duration::from_millis(5), Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // It has ended already unless something went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
