//! The list of erasures as a file that only grows: one line of JSON for each.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Erasure;

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    contact_id: Uuid,
    channel_id: String,
    address_key: String,
    key_version: i64,
    #[serde(default)]
    refusal_key: Option<String>,
    stopped_at: Option<i64>,
    erased_at: i64,
    #[serde(default)]
    with_cases: bool,
}

impl Erasure {
    fn line(&self) -> std::io::Result<String> {
        let line = Line {
            contact_id: self.contact_id,
            channel_id: self.channel_id.clone(),
            address_key: BASE64_STANDARD.encode(&self.address_key),
            key_version: self.key_version,
            refusal_key: Some(BASE64_STANDARD.encode(&self.refusal_key)),
            stopped_at: self.stopped_at,
            erased_at: self.erased_at,
            with_cases: self.with_cases,
        };
        serde_json::to_string(&line).map_err(std::io::Error::other)
    }

    /// Appends it to the list at `path`; it is on disk when this returns.
    ///
    /// # Errors
    /// It can't be written.
    pub fn append(&self, path: &Path) -> std::io::Result<()> {
        Self::append_all(std::slice::from_ref(self), path)
    }

    /// [`Erasure::append`] for several, flushed once.
    ///
    /// # Errors
    /// As there.
    pub fn append_all(all: &[Self], path: &Path) -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        // The break before the first ends a line that a crash cut.
        let mut text = String::from("\n");
        for it in all {
            text.push_str(&it.line()?);
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }
}

/// Reads a list; one that is not there is empty, and a line that a crash cut is left out.
///
/// # Errors
/// It can't be read.
pub fn read_list(path: &Path) -> std::io::Result<Vec<Erasure>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(problem) => return Err(problem),
    };
    let mut list = Vec::new();
    for line in BufReader::new(file).lines() {
        let Ok(line) = serde_json::from_str::<Line>(&line?) else { continue };
        let Ok(address_key) = BASE64_STANDARD.decode(&line.address_key) else { continue };
        let refusal_key = line.refusal_key.and_then(|it| BASE64_STANDARD.decode(it).ok());
        list.push(Erasure {
            contact_id: line.contact_id,
            channel_id: line.channel_id,
            refusal_key: refusal_key.unwrap_or_else(|| address_key.clone()),
            address_key,
            key_version: line.key_version,
            stopped_at: line.stopped_at,
            erased_at: line.erased_at,
            with_cases: line.with_cases,
        });
    }
    Ok(list)
}

/// Appends to the list at `to` what it lacks of `list`: a contact stands in it again where its first erasure
/// was never done.
///
/// # Errors
/// It can't be read or written.
pub fn merge_list(list: &[Erasure], to: &Path) -> std::io::Result<()> {
    let key = |it: &Erasure| (it.contact_id, it.erased_at);
    let there: std::collections::HashSet<(Uuid, i64)> = read_list(to)?.iter().map(key).collect();
    let lacking: Vec<Erasure> = list.iter().filter(|it| !there.contains(&key(it))).cloned().collect();
    if lacking.is_empty() { Ok(()) } else { Erasure::append_all(&lacking, to) }
}
