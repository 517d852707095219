//! How long frames take, for measurements: where `CABILDO_ADMIN_FRAMES` names a file, it holds after the console left
//! a line a frame with two numbers, µs: building it, and all of it with what was written to the terminal.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

/// The variable.
const NAME: &str = "CABILDO_ADMIN_FRAMES";
/// Frames that are remembered; later ones are not.
const KEPT: usize = 100_000;

/// What is remembered.
#[derive(Debug, Default)]
pub struct Frames {
    path: Option<PathBuf>,
    took: Vec<(Duration, Duration)>,
}

impl Frames {
    /// Nothing yet; nothing ever where no file is named.
    pub fn begin() -> Self {
        Self { path: std::env::var_os(NAME).map(PathBuf::from), took: Vec::new() }
    }

    /// A frame was drawn.
    pub fn note(&mut self, build: Duration, all: Duration) {
        if self.path.is_some() && self.took.len() < KEPT {
            self.took.push((build, all));
        }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        let Some(path) = &self.path else { return };
        let text = self.took.iter().fold(String::new(), |mut all, (build, whole)| {
            // Writing to a string does not fail.
            let _ = writeln!(all, "{} {}", build.as_micros(), whole.as_micros());
            all
        });
        // A measurement that finds no file says so; the console has left already.
        let _ = std::fs::write(path, text);
    }
}
