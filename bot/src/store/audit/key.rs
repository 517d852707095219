//! The key of the audit trail: a file beside the address keys, never in the database.

use std::fmt;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::Entry;
use crate::ids;
use crate::store::guard::make_private_folder;
use crate::store::{Error, OpenError};

/// Name of the key file, beside that of the address keys.
pub const KEY_FILE_NAME: &str = "audit-key.toml";

/// The greatest size of the file, bytes.
const LIMIT: u64 = 4_096;

/// The 256-bit key of the chain.
pub struct AuditKey([u8; 32]);

impl fmt::Debug for AuditKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AuditKey([redacted])")
    }
}

/// The file, as written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    key: String,
}

impl AuditKey {
    /// A new key.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn make() -> Result<Self, OpenError> {
        ids::random_bytes()
            .map(Self)
            .map_err(|problem| OpenError::Keys(format!("no random bytes from the system: {problem}")))
    }

    /// Reads the file; `None` where it is not there.
    ///
    /// # Errors
    /// It can be read by others, or is damaged.
    pub fn load(path: &Path) -> Result<Option<Self>, OpenError> {
        let failed = |what: String| OpenError::Keys(format!("{} {what}", path.display()));
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(problem) if problem.kind() == ErrorKind::NotFound => return Ok(None),
            Err(problem) => return Err(failed(format!("can't be opened: {problem}"))),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = file.metadata().map_err(|it| failed(format!("can't be examined: {it}")))?;
            if mode.permissions().mode() & 0o077 != 0 {
                return Err(failed("can be read by other users. Run chmod 600 on it.".to_owned()));
            }
        }
        let mut text = String::new();
        file.take(LIMIT).read_to_string(&mut text).map_err(|it| failed(format!("can't be read: {it}")))?;
        // The error of the TOML reader quotes the line, hence is not shown.
        let key = toml::from_str::<KeyFile>(&text)
            .ok()
            .and_then(|it| BASE64_STANDARD.decode(it.key).ok())
            .and_then(|it| <[u8; 32]>::try_from(it).ok())
            .ok_or_else(|| failed("is damaged: it is no key file".to_owned()))?;
        Ok(Some(Self(key)))
    }

    /// Reads the file, or makes it (mode 0600, on disk before this returns).
    ///
    /// # Errors
    /// As [`AuditKey::load`], or it can't be written.
    pub fn load_or_make(path: &Path) -> Result<Self, OpenError> {
        if let Some(key) = Self::load(path)? {
            return Ok(key);
        }
        let key = Self::make()?;
        match key.write(path) {
            Ok(()) => Ok(key),
            // Another process made it in between.
            Err(problem) if problem.kind() == ErrorKind::AlreadyExists => {
                Self::load(path)?.ok_or_else(|| OpenError::Keys(format!("{} went away", path.display())))
            }
            Err(problem) => Err(OpenError::Keys(format!("{} can't be made: {problem}", path.display()))),
        }
    }

    /// Writes the file under another name first, so that a crash leaves all of it or nothing; one that
    /// is there stays and is an error.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let text = toml::to_string(&KeyFile { key: BASE64_STANDARD.encode(self.0) })
            .map_err(std::io::Error::other)?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        make_private_folder(folder)?;
        let unique = ids::random_bytes::<8>()?;
        let draft = path.with_extension(format!("new-{}", hex::encode(unique)));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(b"# Key of the audit trail. Keep a copy apart from the backups.\n")?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // A link does not replace a file that another process made in between.
        let linked = std::fs::hard_link(&draft, path);
        std::fs::remove_file(&draft)?;
        linked?;
        std::fs::File::open(folder)?.sync_all()
    }

    /// What a database keeps to recognise the key.
    pub(super) fn fingerprint(&self) -> Result<Vec<u8>, Error> {
        let mut mac = self.start()?;
        mac.update(b"fingerprint");
        Ok(mac.finalize().into_bytes().to_vec())
    }

    /// The code of an entry that follows one with the code `previous`.
    pub(super) fn mac(&self, previous: &[u8], entry: &Entry) -> Result<Vec<u8>, Error> {
        let mut mac = self.start()?;
        mac.update(b"entry");
        let actor = entry.actor_id.map(|it| *it.as_bytes());
        let parts: [&[u8]; 8] = [
            previous,
            &entry.seq.to_be_bytes(),
            &entry.at.to_be_bytes(),
            actor.as_ref().map_or(&[], |it| it.as_slice()),
            entry.act.as_bytes(),
            entry.target_kind.as_bytes(),
            entry.target_id.as_bytes(),
            entry.detail.as_bytes(),
        ];
        for part in parts {
            // Lengths keep ("ab", "c") and ("a", "bc") apart.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Ok(mac.finalize().into_bytes().to_vec())
    }

    /// The proof of where the trail begins, once old entries were removed.
    pub(super) fn proof(&self, seq: i64, mac_of_it: &[u8]) -> Result<Vec<u8>, Error> {
        let mut mac = self.start()?;
        mac.update(b"cut");
        mac.update(&seq.to_be_bytes());
        mac.update(mac_of_it);
        Ok(mac.finalize().into_bytes().to_vec())
    }

    fn start(&self) -> Result<Hmac<Sha256>, Error> {
        <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.0)
            .map_err(|_| Error::Other("the key of the audit trail has a wrong length".to_owned()))
    }
}
