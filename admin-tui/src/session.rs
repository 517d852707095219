//! What is kept on disk, each file readable by its owner only: the token, drafts, and where the console stood.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy as _, choose_base_strategy};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::safe::SafeText;

/// Where the console stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Whether it was My work.
    pub mine: bool,
    /// The queue.
    pub queue: Option<String>,
    /// The saved view.
    pub view: Option<Uuid>,
    /// The filter as it is written.
    pub filter: String,
    /// Whether what is owed first comes first.
    pub due_first: bool,
    /// The case under the cursor.
    pub case: Option<Uuid>,
    /// Whether it was open.
    pub open: bool,
    /// Sign-in name, so that only the rest has to be typed.
    pub name: String,
}

/// A draft on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDraft {
    /// The case.
    pub case: Uuid,
    /// Whether it is a note.
    pub note: bool,
    /// The text.
    pub text: SafeText,
}

/// The folder of a profile.
#[derive(Clone, Debug)]
pub struct Folder {
    state: PathBuf,
    config: PathBuf,
}

impl Folder {
    /// The folders of a profile under the home of who runs the console.
    ///
    /// # Errors
    /// There is no home, the name is none, or the folder can't be made.
    pub fn of(profile: &str) -> io::Result<Self> {
        let fits = !profile.is_empty()
            && profile.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'));
        if !fits {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a profile is letters, digits, - and _"));
        }
        let base = choose_base_strategy().map_err(io::Error::other)?;
        let state = base.state_dir().unwrap_or_else(|| base.data_dir());
        Self::at(&state.join("cabildo-admin").join(profile), &base.config_dir().join("cabildo-admin"))
    }

    /// Folders at other places.
    ///
    /// # Errors
    /// They can't be made.
    pub fn at(state: &Path, config: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(state.join("drafts"))?;
        Ok(Self { state: state.to_owned(), config: config.to_owned() })
    }

    /// `console.toml` or `keymap.toml`, where there is one.
    ///
    /// # Errors
    /// It can't be read.
    pub fn read_config(&self, name: &str) -> io::Result<Option<String>> {
        optional(fs::read_to_string(self.config.join(name)))
    }

    /// The token that was kept for a server; one of another server stays where it is.
    pub fn token(&self, origin: &str) -> Option<String> {
        let kept = fs::read_to_string(self.state.join("token")).ok()?;
        let (server, token) = kept.trim_end().split_once('\n')?;
        (server == origin).then(|| token.to_owned())
    }

    /// Keeps the token for a server, or removes it.
    ///
    /// # Errors
    /// It can't be written.
    pub fn keep_token(&self, origin: &str, token: Option<&str>) -> io::Result<()> {
        let path = self.state.join("token");
        match token {
            Some(token) => write(&path, &format!("{origin}\n{token}\n")),
            None => optional(fs::remove_file(path)).map(|_| ()),
        }
    }

    /// Where the console stood.
    pub fn place(&self) -> Place {
        let kept = fs::read_to_string(self.state.join("place.json")).unwrap_or_default();
        serde_json::from_str(&kept).unwrap_or_default()
    }

    /// Keeps where the console stands.
    ///
    /// # Errors
    /// It can't be written.
    pub fn keep_place(&self, place: &Place) -> io::Result<()> {
        write(&self.state.join("place.json"), &serde_json::to_string(place).map_err(io::Error::other)?)
    }

    /// The drafts of an account: whoever else sits here reads none of them.
    pub fn drafts(&self, owner: Uuid) -> Vec<KeptDraft> {
        let files = fs::read_dir(self.drafts_of(owner)).into_iter().flatten().flatten();
        let drafts = files.filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            let (case, kind) = name.split_once('.')?;
            let case = Uuid::try_parse(case).ok()?;
            let note = match kind {
                "reply" => false,
                "note" => true,
                _ => return None,
            };
            let text = SafeText::typed(&fs::read_to_string(file.path()).ok()?);
            Some(KeptDraft { case, note, text })
        });
        drafts.collect()
    }

    fn drafts_of(&self, owner: Uuid) -> PathBuf {
        self.state.join("drafts").join(owner.to_string())
    }

    /// Keeps a draft of an account; an empty one is removed.
    ///
    /// # Errors
    /// It can't be written.
    pub fn keep_draft(&self, owner: Uuid, case: Uuid, note: bool, text: &SafeText) -> io::Result<()> {
        let kind = if note { "note" } else { "reply" };
        let folder = self.drafts_of(owner);
        let path = folder.join(format!("{case}.{kind}"));
        if text.is_empty() {
            return optional(fs::remove_file(path)).map(|_| ());
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        write(&path, text.as_str())
    }

    /// Keeps a photo of a list in a file that nobody else reads; gives where.
    ///
    /// # Errors
    /// It can't be written.
    pub fn keep_picture(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let folder = self.state.join("pictures");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let path = folder.join(name);
        write_bytes(&path, bytes)?;
        Ok(path)
    }

    /// Removes all photos: they name people, and are for one session.
    ///
    /// # Errors
    /// They can't be removed.
    pub fn forget_pictures(&self) -> io::Result<()> {
        optional(fs::remove_dir_all(self.state.join("pictures"))).map(drop)
    }

    /// A new file for the editor outside, and nobody else.
    ///
    /// # Errors
    /// It can't be written.
    pub fn scratch(&self, text: &SafeText) -> io::Result<PathBuf> {
        let path = self.state.join(format!("message-{}.txt", crate::ids::key()));
        write(&path, text.as_str())?;
        Ok(path)
    }
}

/// Writes a chart into a new file of a folder, `name.png` or, where that is there, `name-2.png` and so on: what somebody
/// has is never written over. Gives its whole path.
///
/// # Errors
/// It can't be written.
pub fn keep_chart(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    const MOST: u32 = 1_000;
    let folder = fs::canonicalize(folder)?;
    for number in 1..=MOST {
        let path = match number {
            1 => folder.join(format!("{name}.png")),
            _ => folder.join(format!("{name}-{number}.png")),
        };
        match fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return whole(&path, file, bytes).map(|()| path),
            Err(problem) if problem.kind() == io::ErrorKind::AlreadyExists => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

/// Fills a new file. Of one that can't be written to its end nothing stays: it would be taken for the whole.
fn whole(path: &Path, mut file: fs::File, bytes: &[u8]) -> io::Result<()> {
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // What is told is why it was not written.
        let _ = fs::remove_file(path);
    }
    written
}

fn optional<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(it) => Ok(Some(it)),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Writes a file anew as a whole, readable by its owner only from its first byte.
fn write(path: &Path, text: &str) -> io::Result<()> {
    write_bytes(path, text.as_bytes())
}

fn write_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new~");
    optional(fs::remove_file(&fresh))?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn folder(at: &tempfile::TempDir) -> Folder {
        Folder::at(&at.path().join("state"), &at.path().join("config")).expect("folders")
    }

    #[test]
    fn a_chart_is_written_over_nothing() {
        let at = tempfile::tempdir().expect("a folder");
        let one = keep_chart(at.path(), "cabildo-12066-times", b"one").expect("written");
        let two = keep_chart(at.path(), "cabildo-12066-times", b"two").expect("written");
        assert_eq!(fs::read(&one).expect("there"), b"one");
        assert_eq!(fs::read(&two).expect("there"), b"two");
        assert!(two.ends_with("cabildo-12066-times-2.png"), "{two:?}");
        assert!(keep_chart(&at.path().join("none"), "x", b"").is_err());
    }

    #[test]
    fn a_chart_that_is_not_written_leaves_no_file() {
        let at = tempfile::tempdir().expect("a folder");
        let path = at.path().join("cabildo-12066-times.png");
        fs::write(&path, b"").expect("written");
        // A file that takes no bytes stands for a disk that is full.
        let file = fs::File::open(&path).expect("there");
        assert!(whole(&path, file, b"one").is_err());
        assert!(!path.exists());
    }

    #[test]
    fn a_token_is_for_its_server_and_its_owner() {
        let at = tempfile::tempdir().expect("a folder");
        let folder = folder(&at);
        folder.keep_token("http://127.0.0.1:8090", Some("secret")).expect("written");
        assert_eq!(folder.token("http://127.0.0.1:8090").as_deref(), Some("secret"));
        assert_eq!(folder.token("https://elsewhere.example"), None);
        let mode = fs::metadata(at.path().join("state/token")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        folder.keep_token("http://127.0.0.1:8090", None).expect("removed");
        folder.keep_token("http://127.0.0.1:8090", None).expect("nothing to remove");
        assert_eq!(folder.token("http://127.0.0.1:8090"), None);
    }

    #[test]
    fn drafts_come_back_and_are_the_owners() {
        let at = tempfile::tempdir().expect("a folder");
        let folder = folder(&at);
        let case = Uuid::from_u128(7);
        let (owner, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        folder.keep_draft(owner, case, true, &SafeText::typed("una nota\ncon dos líneas")).expect("written");
        assert_eq!(folder.drafts(other), [], "whoever else sits here");
        let kept = folder.drafts(owner);
        assert_eq!(kept.len(), 1);
        assert!(kept[0].note && kept[0].text.as_str() == "una nota\ncon dos líneas");
        let path = at.path().join("state/drafts").join(owner.to_string()).join(format!("{case}.note"));
        assert_eq!(fs::metadata(path).expect("there").permissions().mode() & 0o777, 0o600);
        folder.keep_draft(owner, case, true, &SafeText::default()).expect("removed");
        assert_eq!(folder.drafts(owner), []);
    }

    #[test]
    fn the_place_comes_back_and_a_broken_file_is_none() {
        let at = tempfile::tempdir().expect("a folder");
        let folder = folder(&at);
        let place =
            Place { filter: "state:open".to_owned(), case: Some(Uuid::from_u128(3)), ..Place::default() };
        folder.keep_place(&place).expect("written");
        assert_eq!(folder.place(), place);
        fs::write(at.path().join("state/place.json"), "{").expect("broken");
        assert_eq!(folder.place(), Place::default());
    }

    #[test]
    fn a_profile_is_no_path() {
        assert!(Folder::of("../x").is_err());
        assert!(Folder::of("").is_err());
    }
}
