//! Exported heads: lines in a file outside the database, so that a cut or an old copy shows.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Head;

/// Name of the file in the data folder.
pub const FILE_NAME: &str = "audit-heads.log";

/// One line.
#[derive(Serialize, Deserialize)]
struct Line {
    seq: i64,
    mac: String,
    at: i64,
}

/// Appends a head to the file; it is on disk when this returns.
///
/// # Errors
/// It can't be written.
pub fn append_head(path: &Path, head: &Head, at: i64) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let line = Line { seq: head.seq, mac: hex::encode(&head.mac), at };
    let line = serde_json::to_string(&line).map_err(std::io::Error::other)?;
    // The break before it ends a line that a crash cut.
    file.write_all(format!("\n{line}\n").as_bytes())?;
    file.sync_all()
}

/// Reads a file of heads; one that is not there is empty, and a line that a crash cut is left out.
///
/// # Errors
/// It can't be read.
pub fn read_heads(path: &Path) -> std::io::Result<Vec<Head>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(problem) => return Err(problem),
    };
    let mut heads = Vec::new();
    for line in BufReader::new(file).lines() {
        let Ok(line) = serde_json::from_str::<Line>(&line?) else { continue };
        let Ok(mac) = hex::decode(&line.mac) else { continue };
        if line.seq > 0 {
            heads.push(Head { seq: line.seq, mac });
        }
    }
    Ok(heads)
}
