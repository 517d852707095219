//! Sealed addresses: a phone number or chat id is never readable from the database alone.
//!
//! `address_key` finds a contact: HMAC-SHA256 (RFC 2104) over the channel and the address with a
//! 256-bit pepper. `address_value` gives the address back: XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha-03) with the row's id as associated data, so a value moved to another
//! row does not open. Both keys lie in a file outside the database.
//!
//! The file may hold several versions of the keys: while they are being replaced (`rotation.rs`) a
//! contact is found under any of them, and what is written is written with the current one.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::sealed::{decrypt, encrypt};
use super::{Error, OpenError, Store};
use crate::domain::time::UnixMillis;
use crate::ids;

/// Name of the key file in the data folder.
pub const KEY_FILE_NAME: &str = "address-keys.toml";

/// The greatest size of a key file, bytes: two hundred versions.
const KEY_FILE_LIMIT: u64 = 64 * 1024;

/// The keys of one version.
#[derive(Clone)]
struct KeyPair {
    pepper: [u8; 32],
    seal: [u8; 32],
}

/// All versions at one time.
#[derive(Clone)]
struct Versions {
    current: i64,
    pairs: BTreeMap<i64, KeyPair>,
    /// Key of [`AddressKeys::message_hash`] and [`AddressKeys::refusal_key`], which no rotation changes: a repeat is known for ever.
    /// Absent before the first rotation: the first pepper.
    message: Option<[u8; 32]>,
}

/// The keys of addresses, by version; new addresses are sealed with the current one. A running
/// service takes newer versions in (`learn`, `adopt`).
pub struct AddressKeys(ArcSwap<Versions>);

impl fmt::Debug for AddressKeys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AddressKeys {{ current: {}, pairs: [redacted] }}", self.current())
    }
}

/// The key file, as written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    current: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    key: Vec<KeyEntry>,
}

/// One version in the key file; keys are base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyEntry {
    version: i64,
    pepper: String,
    seal: String,
}

/// An address as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Keyed hash that finds it.
    pub key: Vec<u8>,
    /// Nonce and ciphertext.
    pub value: Vec<u8>,
    /// Version of the keys.
    pub version: i64,
    /// [`AddressKeys::refusal_key`] of the address.
    pub refusal_key: Vec<u8>,
    /// The lookup keys that the same address has under the other versions, newest first: empty
    /// outside a rotation. A contact that is found under one of them must not be made anew.
    pub older: Vec<Vec<u8>>,
}

impl AddressKeys {
    /// New keys, version 1.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn make() -> Result<Self, OpenError> {
        Ok(Self::of(Versions { current: 1, pairs: BTreeMap::from([(1, draw_pair()?)]), message: None }))
    }

    fn of(versions: Versions) -> Self {
        Self(ArcSwap::from_pointee(versions))
    }

    /// These keys and one version more, which is the current one of what is given.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn rotated(&self) -> Result<Self, OpenError> {
        let mut versions = self.versions().as_ref().clone();
        let next = versions.pairs.keys().next_back().copied().unwrap_or(0) + 1;
        versions.message = Some(versions.message_key());
        versions.pairs.insert(next, draw_pair()?);
        versions.current = next;
        Ok(Self::of(versions))
    }

    /// These keys without the versions that are neither current nor in `used`.
    #[must_use]
    pub fn pruned(&self, used: &[i64]) -> Self {
        let mut versions = self.versions().as_ref().clone();
        versions.message = Some(versions.message_key());
        let current = versions.current;
        versions.pairs.retain(|version, _| *version == current || used.contains(version));
        Self::of(versions)
    }

    /// Knows the versions of `newer` besides its own from now on, and still writes with its own: what
    /// is at work with the old keys alone must end before [`AddressKeys::adopt`].
    pub fn learn(&self, newer: &Self) {
        let mut versions = newer.versions().as_ref().clone();
        let own = self.versions();
        for (version, pair) in &own.pairs {
            versions.pairs.entry(*version).or_insert_with(|| pair.clone());
        }
        versions.current = own.current;
        self.0.store(Arc::new(versions));
    }

    /// Is `newer` from now on.
    pub fn adopt(&self, newer: &Self) {
        self.0.store(newer.0.load_full());
    }

    /// Whether both hold the same versions with the same current one.
    pub fn same_versions(&self, other: &Self) -> bool {
        let (one, two) = (self.versions(), other.versions());
        one.current == two.current && one.pairs.keys().eq(two.pairs.keys())
    }

    /// All versions, oldest first.
    pub fn list_versions(&self) -> Vec<i64> {
        self.versions().pairs.keys().copied().collect()
    }

    fn versions(&self) -> Arc<Versions> {
        self.0.load_full()
    }

    /// Reads the key file, or makes it (mode 0600, on disk before this returns) where it is not
    /// there and `may_make` allows it: a database that exists needs the keys it was written with.
    ///
    /// # Errors
    /// The file is missing though the database is there, is open to others, or is damaged.
    pub fn load_or_make(path: &Path, may_make: bool) -> Result<Self, OpenError> {
        match std::fs::File::open(path) {
            Ok(file) => Self::read(file, path),
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound && may_make => {
                let keys = Self::make()?;
                keys.write(path)?;
                Ok(keys)
            }
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => Err(OpenError::Keys(format!(
                "{} is missing, and without it no stored address can be found or read. \
                 Put back the file that belongs to this database.",
                path.display()
            ))),
            Err(problem) => Err(OpenError::Keys(format!("{} can't be opened: {problem}", path.display()))),
        }
    }

    fn read(file: std::fs::File, path: &Path) -> Result<Self, OpenError> {
        let failed = |what: String| OpenError::Keys(format!("{} {what}", path.display()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = file.metadata().map_err(|it| failed(format!("can't be examined: {it}")))?;
            if mode.permissions().mode() & 0o077 != 0 {
                return Err(failed("can be read by other users. Run chmod 600 on it.".to_owned()));
            }
        }
        let mut text = String::new();
        file.take(KEY_FILE_LIMIT)
            .read_to_string(&mut text)
            .map_err(|it| failed(format!("can't be read: {it}")))?;
        // The error of the TOML reader quotes the line, hence is not shown.
        let file: KeyFile =
            toml::from_str(&text).map_err(|_| failed("is damaged: it is no key file".to_owned()))?;
        let mut pairs = BTreeMap::new();
        let key = |text: &str| {
            BASE64_STANDARD
                .decode(text)
                .ok()
                .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
                .ok_or_else(|| failed("is damaged: a key is not 32 bytes in base64".to_owned()))
        };
        for entry in &file.key {
            // 0 stands for an address that was erased.
            if entry.version < 1 {
                return Err(failed("is damaged: versions begin at 1".to_owned()));
            }
            pairs.insert(entry.version, KeyPair { pepper: key(&entry.pepper)?, seal: key(&entry.seal)? });
        }
        if !pairs.contains_key(&file.current) {
            return Err(failed("is damaged: the current version has no key".to_owned()));
        }
        let message = file.message.as_deref().map(key).transpose()?;
        Ok(Self::of(Versions { current: file.current, pairs, message }))
    }

    /// Writes a new file; one that is there stays and is an error.
    fn write(&self, path: &Path) -> Result<(), OpenError> {
        self.write_as(path, false)
    }

    /// Puts these keys in the place of the file that is there.
    ///
    /// # Errors
    /// It can't be written; the old file is then still whole.
    pub fn replace_file(&self, path: &Path) -> Result<(), OpenError> {
        self.write_as(path, true)
    }

    /// Writes the file under another name first, so that a crash leaves all of it or nothing.
    fn write_as(&self, path: &Path, replace: bool) -> Result<(), OpenError> {
        let failed =
            |problem: std::io::Error| OpenError::Keys(format!("{} can't be made: {problem}", path.display()));
        let versions = self.versions();
        let entries = versions.pairs.iter().map(|(version, pair)| KeyEntry {
            version: *version,
            pepper: BASE64_STANDARD.encode(pair.pepper),
            seal: BASE64_STANDARD.encode(pair.seal),
        });
        let message = versions.message.map(|it| BASE64_STANDARD.encode(it));
        let text = toml::to_string(&KeyFile { current: versions.current, message, key: entries.collect() })
            .map_err(|problem| failed(std::io::Error::other(problem)))?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        super::guard::make_private_folder(folder).map_err(failed)?;
        let draft = path.with_extension(format!("new-{}", std::process::id()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft).map_err(failed)?;
        file.write_all(b"# Keys of the addresses in the database. Keep a copy apart from its backups.\n")
            .and_then(|()| file.write_all(text.as_bytes()))
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        if replace {
            std::fs::rename(&draft, path).map_err(failed)?;
        } else {
            // A link does not replace a file that another process made in between.
            let linked = std::fs::hard_link(&draft, path);
            std::fs::remove_file(&draft).map_err(failed)?;
            linked.map_err(failed)?;
        }
        std::fs::File::open(folder).and_then(|it| it.sync_all()).map_err(failed)
    }

    /// Version that new addresses are sealed with.
    pub fn current(&self) -> i64 {
        self.versions().current
    }

    /// The lookup key of an address with the current pepper.
    pub fn lookup(&self, channel_id: &str, address: &str) -> Result<Vec<u8>, Error> {
        let versions = self.versions();
        versions.lookup(versions.current, channel_id, address)
    }

    /// The lookup keys under which the contact of an address may stand: the current one first, then
    /// the others, newest first. One outside a rotation.
    pub fn lookups(&self, channel_id: &str, address: &str) -> Result<Vec<Vec<u8>>, Error> {
        let versions = self.versions();
        let mut keys = vec![versions.lookup(versions.current, channel_id, address)?];
        keys.extend(versions.older(channel_id, address)?);
        Ok(keys)
    }

    /// Keyed hash of an address that no rotation changes: what she refused who was erased is found by it
    /// when she comes back.
    pub fn refusal_key(&self, channel_id: &str, address: &str) -> Result<Vec<u8>, Error> {
        self.versions().refusal_key(channel_id, address)
    }

    /// An id for a message whose gateway gives none: keyed, so it does not show the number or text.
    pub fn message_hash(&self, address: &str, text: &str, provider_at: &str) -> Result<String, Error> {
        let mac = mac(&self.versions().message_key(), "message", &[address, text, provider_at])?;
        Ok(BASE64_STANDARD.encode(mac))
    }

    /// What a database keeps to recognise these keys, by version.
    pub fn fingerprints(&self) -> Result<Vec<(i64, Vec<u8>)>, Error> {
        let versions = self.versions();
        let pairs = versions.pairs.iter();
        pairs.map(|(version, pair)| Ok((*version, mac(&pair.pepper, "fingerprint", &[])?))).collect()
    }

    /// Seals `address` for the contact row `id`.
    pub fn seal(&self, id: Uuid, channel_id: &str, address: &str) -> Result<Sealed, Error> {
        let versions = self.versions();
        let value = encrypt(&versions.pair(versions.current)?.seal, id.as_bytes(), address.as_bytes())?;
        Ok(Sealed {
            key: versions.lookup(versions.current, channel_id, address)?,
            value,
            version: versions.current,
            refusal_key: versions.refusal_key(channel_id, address)?,
            older: versions.older(channel_id, address)?,
        })
    }

    /// Seals any bytes; `context` must be the same when they are opened. The version of the keys
    /// (8 bytes, big-endian) and the nonce stand before the ciphertext.
    pub fn seal_bytes(&self, context: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let (version, key) = self.current_seal()?;
        Ok([version.to_be_bytes().as_slice(), &encrypt(&key, context, bytes)?].concat())
    }

    /// Opens what [`AddressKeys::seal_bytes`] sealed with the same context.
    pub fn open_bytes(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let damaged = || Error::Other("sealed bytes do not open: changed or moved".to_owned());
        let (version, rest) = sealed.split_first_chunk().ok_or_else(damaged)?;
        decrypt(&self.seal_of(i64::from_be_bytes(*version))?, context, rest).ok_or_else(damaged)
    }

    /// The version that seals now, and its key.
    pub(super) fn current_seal(&self) -> Result<(i64, [u8; 32]), Error> {
        let versions = self.versions();
        Ok((versions.current, versions.pair(versions.current)?.seal))
    }

    /// The key that a version seals with.
    pub(super) fn seal_of(&self, version: i64) -> Result<[u8; 32], Error> {
        Ok(self.versions().pair(version)?.seal)
    }

    /// The keyed hash of a one-time code.
    pub fn code_hash(&self, code: &str) -> Result<Vec<u8>, Error> {
        mac(&self.versions().message_key(), "link", &[code])
    }

    /// The keyed hash of something of the staff's: `what` keeps kinds apart. No rotation changes it.
    pub fn staff_hash(&self, what: &str, parts: &[&str]) -> Result<Vec<u8>, Error> {
        mac(&self.versions().message_key(), &format!("staff {what}"), parts)
    }

    /// Opens the sealed address of the contact row `id`.
    pub fn open(&self, id: Uuid, value: &[u8], version: i64) -> Result<String, Error> {
        let damaged = || Error::Other(format!("the address of contact {id} does not open: changed or moved"));
        let bytes = decrypt(&self.seal_of(version)?, id.as_bytes(), value).ok_or_else(damaged)?;
        String::from_utf8(bytes).map_err(|_| damaged())
    }
}

impl Versions {
    fn pair(&self, version: i64) -> Result<&KeyPair, Error> {
        self.pairs
            .get(&version)
            .ok_or_else(|| Error::Other(format!("the key file has no address keys of version {version}")))
    }

    fn lookup(&self, version: i64, channel_id: &str, address: &str) -> Result<Vec<u8>, Error> {
        mac(&self.pair(version)?.pepper, "address", &[channel_id, address])
    }

    fn older(&self, channel_id: &str, address: &str) -> Result<Vec<Vec<u8>>, Error> {
        let others = self.pairs.keys().rev().filter(|it| **it != self.current);
        others.map(|version| self.lookup(*version, channel_id, address)).collect()
    }

    fn refusal_key(&self, channel_id: &str, address: &str) -> Result<Vec<u8>, Error> {
        mac(&self.message_key(), "refused", &[channel_id, address])
    }

    fn message_key(&self) -> [u8; 32] {
        let first = || self.pairs.values().next().map_or([0; 32], |it| it.pepper);
        self.message.unwrap_or_else(first)
    }
}

/// A new pair of keys.
fn draw_pair() -> Result<KeyPair, OpenError> {
    let draw = || {
        ids::random_bytes::<32>()
            .map_err(|problem| OpenError::Keys(format!("no random bytes from the system: {problem}")))
    };
    Ok(KeyPair { pepper: draw()?, seal: draw()? })
}

/// HMAC-SHA256 of the parts, apart for each `domain`.
fn mac(pepper: &[u8; 32], domain: &str, parts: &[&str]) -> Result<Vec<u8>, Error> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(pepper)
        .map_err(|_| Error::Other("the pepper has a wrong length".to_owned()))?;
    mac.update(domain.as_bytes());
    for part in parts {
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    Ok(mac.finalize().into_bytes().to_vec())
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const FIND: Statement =
        Statement::both("SELECT fingerprint FROM address_keys WHERE version = $1");
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO address_keys (version, fingerprint, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (version) DO NOTHING",
    );
    pub(in crate::store) const ALL: &[Statement] = &[FIND, ADD];
}

per_engine! {
    use {
        use super::sql;
        use crate::store::Error;
    }

    /// Notes the fingerprint of a key version unless there is one, and gives the one that is kept.
    pub(crate) async fn note(
        conn: &mut Conn,
        version: i64,
        fingerprint: Vec<u8>,
        at: i64,
    ) -> Result<Vec<u8>, Error> {
        sqlx::query(sql::ADD.on(ENGINE)).bind(version).bind(fingerprint).bind(at).execute(&mut *conn).await?;
        let (kept,) = sqlx::query_as(sql::FIND.on(ENGINE)).bind(version).fetch_one(conn).await?;
        Ok(kept)
    }
}

impl Store {
    /// Refuses keys that are not those the database was written with, or that lack a version which
    /// an address of it needs.
    pub(super) async fn check_keys(&self, now: UnixMillis) -> Result<(), OpenError> {
        let keys = self.keys();
        for (version, fingerprint) in keys.fingerprints()? {
            if self.note_keys(version, fingerprint.clone(), now).await? != fingerprint {
                return Err(OpenError::Keys(format!(
                    "version {version} is not the one this database was written with. \
                     Put back the key file that belongs to it."
                )));
            }
        }
        let there = keys.list_versions();
        match self.list_key_versions().await?.into_iter().find(|it| !there.contains(it)) {
            None => Ok(()),
            Some(version) => Err(OpenError::Keys(format!(
                "addresses of this database are sealed with version {version}, which the key file lacks. \
                 Put back the key file that belongs to it."
            ))),
        }
    }

    pub(super) async fn note_keys(
        &self,
        version: i64,
        fingerprint: Vec<u8>,
        now: UnixMillis,
    ) -> Result<Vec<u8>, Error> {
        in_write_tx!(self, conn => at::address::note(conn, version, fingerprint, now.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid::from_u128(7);

    #[test]
    fn an_address_opens_only_unchanged_and_in_its_row() {
        let keys = AddressKeys::make().expect("keys");
        let sealed = keys.seal(ID, "kannel", "+525512345678").expect("sealed");
        assert_eq!(keys.open(ID, &sealed.value, sealed.version).as_deref(), Ok("+525512345678"));
        assert!(keys.open(Uuid::from_u128(8), &sealed.value, sealed.version).is_err());
        assert!(keys.open(ID, &sealed.value, 2).is_err());
        for bit in 0..sealed.value.len() * 8 {
            let mut changed = sealed.value.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(keys.open(ID, &changed, sealed.version).is_err(), "bit {bit}");
        }
        for length in 0..sealed.value.len() {
            assert!(keys.open(ID, &sealed.value[..length], sealed.version).is_err(), "length {length}");
        }
    }

    #[test]
    fn the_lookup_key_depends_on_pepper_channel_and_address() {
        let (one, other) = (AddressKeys::make().expect("keys"), AddressKeys::make().expect("keys"));
        let key = one.lookup("kannel", "+525512345678").expect("key");
        assert_eq!(key, one.lookup("kannel", "+525512345678").expect("key"));
        assert_ne!(key, one.lookup("twilio", "+525512345678").expect("key"));
        assert_ne!(key, one.lookup("kannel+", "525512345678").expect("key"));
        assert_ne!(key, other.lookup("kannel", "+525512345678").expect("key"));
    }

    #[test]
    fn the_key_file_is_private_made_once_and_never_shown() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("data").join(KEY_FILE_NAME);
        assert!(matches!(AddressKeys::load_or_make(&path, false), Err(OpenError::Keys(_))));
        let made = AddressKeys::load_or_make(&path, true).expect("made");
        let text = std::fs::read_to_string(&path).expect("text");
        let read = AddressKeys::load_or_make(&path, false).expect("read");
        assert_eq!(made.fingerprints(), read.fingerprints());
        assert_eq!(std::fs::read_dir(folder.path().join("data")).expect("folder").count(), 1);
        let secrets: Vec<&str> = text.lines().filter_map(|line| line.split('"').nth(1)).collect();
        assert_eq!(secrets.len(), 2);
        assert!(secrets.iter().all(|it| !format!("{made:?}").contains(it)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).expect("file").permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("mode");
            let problem = AddressKeys::load_or_make(&path, false).expect_err("open to others");
            assert_eq!(problem.exit_code(), 78);
        }
    }

    #[test]
    fn a_damaged_key_file_is_refused_without_showing_it() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join(KEY_FILE_NAME);
        AddressKeys::load_or_make(&path, true).expect("made");
        let text = std::fs::read_to_string(&path).expect("text");
        for damaged in
            [text.replace("pepper", "peper"), text.replace("current = 1", "current = 2"), "x".into()]
        {
            std::fs::write(&path, &damaged).expect("written");
            let problem = AddressKeys::load_or_make(&path, true).expect_err("damaged").to_string();
            assert!(problem.contains("damaged"), "{problem}");
        }
    }
}
