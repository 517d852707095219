//! Releases of data packs on disk.
//!
//! `<data folder>/packs/<COUNTRY>/<release>/` holds one pack and is never changed once it is there;
//! `<data folder>/packs/current` names the one in use (`MX/2026.2`). Each release folder has a file
//! `replaces` with the name of the one before it, or `embedded`: that is where `--rollback` goes.
//! A release is written to a folder of its own, flushed to disk, renamed, and only then pointed to.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::domain::facts::{Facts, sha256_hex};
use crate::domain::pack::{Manifest, PackError};
use crate::domain::time::{DAY, UnixMillis};

use super::draft::{Files, POSTCODES};
use super::grid::MAX_FILE;

/// Name of the pack that the binary carries, in a file `replaces`.
const EMBEDDED: &str = "embedded";

/// Why releases can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// Reading or writing failed.
    #[error("{path}: {source}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A pack can't be read.
    #[error("release {name}: {source}")]
    Pack {
        /// `COUNTRY/release`.
        name: String,
        /// What is wrong with it.
        source: PackError,
    },
    /// A file that names a release is wrong.
    #[error(
        "{path} names no release: `{found}`; write COUNTRY/release into it, or remove it to use the embedded pack"
    )]
    Pointer {
        /// The file.
        path: PathBuf,
        /// What stands in it.
        found: String,
    },
    /// Another import has made a release since this one read what was in use.
    #[error("another import has put {now} into use meanwhile; run this one again, on top of it")]
    Overtaken {
        /// What is in use now.
        now: String,
    },
    /// There is nothing to go back to.
    #[error("no release is in use: the embedded pack serves, and there is nothing before it")]
    NothingBefore,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ReleaseError + use<'_> {
    move |source| ReleaseError::Io { path: path.to_owned(), source }
}

/// The service's data folder where no option names one: `CABILDO_DATA_DIR`, else the platform's
/// (`~/.local/share/cabildo` on Linux), else `cabildo-data` in the working folder.
pub fn default_data_dir() -> PathBuf {
    let named = std::env::var_os("CABILDO_DATA_DIR").filter(|it| !it.is_empty()).map(PathBuf::from);
    named.or_else(crate::config::platform_data_folder).unwrap_or_else(|| PathBuf::from("cabildo-data"))
}

/// Reads a file of at most [`MAX_FILE`] bytes; none where it is not there.
pub fn read_file(path: &Path) -> Result<Option<Vec<u8>>, io::Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(problem) => return Err(problem),
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, super::grid::too_large()));
    }
    Ok(Some(bytes))
}

/// The name (`COUNTRY/release`) of the release in use; none where the embedded pack serves.
pub fn current(data_dir: &Path) -> Result<Option<String>, ReleaseError> {
    named_in(&data_dir.join("packs").join("current"))
}

fn named_in(path: &Path) -> Result<Option<String>, ReleaseError> {
    let Some(bytes) = read_file(path).map_err(at(path))? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    let plain = |part: &str| {
        !part.is_empty()
            && part.len() <= 40
            && !part.starts_with('.')
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_'))
    };
    match text.split_once('/') {
        Some((country, release)) if plain(country) && plain(release) => Ok(Some(text)),
        _ => Err(ReleaseError::Pointer { path: path.to_owned(), found: super::number::shown(&text) }),
    }
}

/// The files of a release.
pub fn files(data_dir: &Path, name: &str) -> Result<Files, ReleaseError> {
    files_of(&data_dir.join("packs").join(name))
}

fn files_of(folder: &Path) -> Result<Files, ReleaseError> {
    let mut out = Files::new();
    for file in super::draft::FILES.into_iter().chain(["manifest.toml", POSTCODES]) {
        let path = folder.join(file);
        if let Some(bytes) = read_file(&path).map_err(at(&path))? {
            out.insert(file.to_owned(), bytes);
        }
    }
    Ok(out)
}

/// Loads the pack of a folder that somebody named.
pub fn load_folder(folder: &Path) -> Result<Facts, ReleaseError> {
    let files = files_of(folder)?;
    load(&files).map_err(|source| ReleaseError::Pack { name: folder.display().to_string(), source })
}

/// Loads a pack's files; its postcodes too are checked against the manifest's checksum.
pub fn load(files: &Files) -> Result<Facts, PackError> {
    let postcodes = files.get(POSTCODES);
    let facts = Facts::load(|name| files.get(name).cloned(), postcodes.map(Vec::as_slice))?;
    if let Some(bytes) = postcodes
        && facts.manifest.pack.checksums.get(POSTCODES) != Some(&sha256_hex(bytes))
    {
        return Err(PackError::malformed(POSTCODES, "the file", "does not have the manifest's checksum"));
    }
    Ok(facts)
}

/// Loads the release in use; none where there is none and the embedded pack serves.
pub fn load_current(data_dir: &Path) -> Result<Option<Facts>, ReleaseError> {
    let Some(name) = current(data_dir)? else { return Ok(None) };
    let files = files(data_dir, &name)?;
    load(&files).map(Some).map_err(|source| ReleaseError::Pack { name, source })
}

/// A release on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `COUNTRY/release`.
    pub name: String,
    /// Whether it is in use.
    pub current: bool,
    /// What it replaced.
    pub replaces: String,
}

/// Every release, by name.
pub fn list(data_dir: &Path) -> Result<Vec<Listed>, ReleaseError> {
    let current = current(data_dir)?;
    let packs = data_dir.join("packs");
    let mut out = Vec::new();
    for country in folders(&packs)? {
        for release in folders(&packs.join(&country))? {
            let name = format!("{country}/{release}");
            let replaces = named_in_or_embedded(&packs.join(&name).join("replaces"))?;
            out.push(Listed {
                current: current.as_ref() == Some(&name),
                replaces: replaces.unwrap_or_else(|| EMBEDDED.to_owned()),
                name,
            });
        }
    }
    out.sort_by_key(|it| order(&it.name));
    Ok(out)
}

/// Orders `MX/2026.10` after `MX/2026.9`.
fn order(name: &str) -> (String, Vec<u32>, String) {
    let (country, release) = name.split_once('/').unwrap_or((name, ""));
    let numbers = release.split('.').map(|it| it.parse().unwrap_or(0)).collect();
    (country.to_owned(), numbers, release.to_owned())
}

fn folders(path: &Path) -> Result<Vec<String>, ReleaseError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(problem) => return Err(at(path)(problem)),
    };
    let mut out = Vec::new();
    for entry in entries {
        let entry = entry.map_err(at(path))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') {
            out.push(name);
        }
    }
    Ok(out)
}

/// The release that a file `replaces` names; none where it names the embedded pack.
fn named_in_or_embedded(path: &Path) -> Result<Option<String>, ReleaseError> {
    match read_file(path).map_err(at(path))? {
        Some(bytes) if bytes.trim_ascii() == EMBEDDED.as_bytes() => Ok(None),
        Some(_) => named_in(path),
        None => Ok(None),
    }
}

/// The name of the next release: `year.number`, the number one more than any that is there or that
/// `before` bears.
pub fn next_name(
    data_dir: &Path,
    country: &str,
    before: Option<&str>,
    now: UnixMillis,
) -> Result<String, ReleaseError> {
    let year = year_of(now);
    let number = |release: &str| {
        release
            .split_once('.')
            .filter(|(it, _)| it.parse() == Ok(year))
            .and_then(|(_, it)| it.parse::<u32>().ok())
    };
    let there = folders(&data_dir.join("packs").join(country))?;
    let last = there.iter().map(String::as_str).chain(before).filter_map(number).max().unwrap_or(0);
    Ok(format!("{year}.{}", last.saturating_add(1)))
}

/// The year of an instant, UTC.
///
/// Formula: whole cycles of 400 years have 146,097 days; in a cycle that begins on 1 March the year
/// is (d - d/1460 + d/36524 - d/146096) / 365 (H. Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms").
fn year_of(at: UnixMillis) -> i64 {
    let days = at.0.div_euclid(DAY) + 719_468;
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    // January and February belong to the next civil year; 1 March is day 0, 1 January day 306.
    days.div_euclid(146_097) * 400 + year + i64::from(day_of_year >= 306)
}

/// Writes a release and points to it. `manifest` is that of `files`; `before` is the release in use
/// that it was made from, none for the embedded pack.
pub fn install(
    data_dir: &Path,
    files: &Files,
    manifest: &Manifest,
    before: Option<&str>,
) -> Result<String, ReleaseError> {
    let packs = data_dir.join("packs");
    let folder = packs.join(&manifest.pack.country);
    // The database and its keys may come to lie here too.
    crate::store::guard::make_private_folder(data_dir).map_err(at(data_dir))?;
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let _lock = lock(&packs)?;
    let name = format!("{}/{}", manifest.pack.country, manifest.pack.release);
    let now = current(data_dir)?;
    if now.as_deref() != before {
        return Err(ReleaseError::Overtaken { now: now.unwrap_or_else(|| EMBEDDED.to_owned()) });
    }
    let replaces = now.unwrap_or_else(|| EMBEDDED.to_owned());
    let target = packs.join(&name);
    let making = folder.join(format!(".{}.making", manifest.pack.release));
    // What an import that was cut short has left behind.
    match fs::remove_dir_all(&making) {
        Err(problem) if problem.kind() != io::ErrorKind::NotFound => return Err(at(&making)(problem)),
        _ => {}
    }
    if target.exists() {
        return Err(at(&target)(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "this release is there already",
        )));
    }
    fs::create_dir(&making).map_err(at(&making))?;
    for (file, bytes) in files {
        write_flushed(&making.join(file), bytes)?;
    }
    write_flushed(&making.join("replaces"), format!("{replaces}\n").as_bytes())?;
    flush_folder(&making)?;
    fs::rename(&making, &target).map_err(at(&target))?;
    flush_folder(&folder)?;
    point(&packs, Some(&name))?;
    Ok(name)
}

/// Goes back to what the release in use replaced; gives its name, none for the embedded pack.
pub fn rollback(data_dir: &Path) -> Result<Option<String>, ReleaseError> {
    let packs = data_dir.join("packs");
    if current(data_dir)?.is_none() {
        return Err(ReleaseError::NothingBefore);
    }
    let _lock = lock(&packs)?;
    let Some(name) = current(data_dir)? else { return Err(ReleaseError::NothingBefore) };
    let before = named_in_or_embedded(&packs.join(&name).join("replaces"))?;
    if let Some(before) = &before {
        // It must still be whole before it is pointed to.
        load(&files(data_dir, before)?)
            .map_err(|source| ReleaseError::Pack { name: before.clone(), source })?;
    }
    point(&packs, before.as_deref())?;
    Ok(before)
}

/// Holds off other imports until it is dropped; the system frees it if the process dies.
fn lock(packs: &Path) -> Result<File, ReleaseError> {
    let path = packs.join(".lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(at(&path))?;
    file.lock().map_err(at(&path))?;
    Ok(file)
}

fn point(packs: &Path, name: Option<&str>) -> Result<(), ReleaseError> {
    let pointer = packs.join("current");
    match name {
        Some(name) => {
            let making = packs.join(".current.making");
            write_flushed(&making, format!("{name}\n").as_bytes())?;
            fs::rename(&making, &pointer).map_err(at(&pointer))?;
        }
        None => fs::remove_file(&pointer).map_err(at(&pointer))?,
    }
    flush_folder(packs)
}

fn write_flushed(path: &Path, bytes: &[u8]) -> Result<(), ReleaseError> {
    let mut file = File::create(path).map_err(at(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(path))
}

/// Makes renames in a folder durable.
fn flush_folder(path: &Path) -> Result<(), ReleaseError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_turn_at_new_year() {
        assert_eq!(year_of(UnixMillis(0)), 1970);
        assert_eq!(year_of(UnixMillis(-1)), 1969);
        assert_eq!(year_of(UnixMillis(1_767_225_599_999)), 2025);
        assert_eq!(year_of(UnixMillis(1_767_225_600_000)), 2026);
        assert_eq!(year_of(UnixMillis(1_709_164_800_000)), 2024); // 29 February.
    }

    #[test]
    fn a_pointer_outside_the_folder_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let packs = folder.path().join("packs");
        fs::create_dir(&packs).expect("packs");
        for wrong in ["../../etc", "MX", "MX/../x", "/etc/x", "MX/", "", "MX/a/b"] {
            fs::write(packs.join("current"), wrong).expect("a pointer");
            assert!(current(folder.path()).is_err(), "{wrong}");
        }
        fs::write(packs.join("current"), "MX/2026.2\n").expect("a pointer");
        assert_eq!(current(folder.path()).expect("a name").as_deref(), Some("MX/2026.2"));
    }

    #[test]
    fn releases_are_numbered_within_the_year() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = UnixMillis(1_767_225_600_000);
        let name = |before| next_name(folder.path(), "MX", before, now).expect("a name");
        assert_eq!(name(None), "2026.1");
        assert_eq!(name(Some("2026.7")), "2026.8");
        assert_eq!(name(Some("2025.7")), "2026.1");
        fs::create_dir_all(folder.path().join("packs/MX/2026.10")).expect("a release");
        assert_eq!(name(Some("2026.7")), "2026.11");
    }
}
