//! Texts sealed at rest: self-describing strings in ordinary text columns.
//!
//! `\u{1}<key version>.<base64 of nonce and ciphertext>`, XChaCha20-Poly1305 with a key of the key
//! file; the row's id and the column are associated data, so a text that was changed or moved to
//! another row does not open. What does not look like that is a plain text of a release before and is
//! read as it is. An empty text stays empty.
//!
//! A confidential case has a data key of its own, wrapped with a key of the key file: `\u{1}k.<base64>`
//! is sealed under it, and no longer opens once the wrapped key is deleted.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use uuid::Uuid;

use super::Error;
use super::address::AddressKeys;
use crate::ids;

/// First character of a sealed text; no phone can write it.
pub const MARK: char = '\u{1}';

/// Length of the nonce that stands before the ciphertext.
pub(super) const NONCE: usize = 24;

/// What stands in the place of the version where the key is a case's own.
const OWN_KEY: &str = "k";

/// The key that the texts of one case are sealed with. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct CaseKey([u8; 32]);

impl fmt::Debug for CaseKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CaseKey([redacted])")
    }
}

/// Associated data: apart for each column and row, and from the other things that the keys seal.
fn context(part: &str, id: Uuid) -> Vec<u8> {
    [b"text\0", part.as_bytes(), b"\0", id.as_bytes()].concat()
}

fn damaged(id: Uuid) -> Error {
    Error::Other(format!("a sealed text of row {id} does not open: changed, moved, or its keys are gone"))
}

/// Seals bytes under a key: nonce and ciphertext.
pub(super) fn encrypt(key: &[u8; 32], context: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce = ids::random_bytes::<NONCE>()
        .map_err(|problem| Error::Unavailable(format!("no random bytes: {problem}")))?;
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: bytes, aad: context })
        .map_err(|_| Error::Other("bytes can't be sealed".to_owned()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`encrypt`] gave; `None`: changed, moved, or another key.
pub(super) fn decrypt(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_at_checked(NONCE)?;
    let payload = Payload { msg: text, aad: context };
    XChaCha20Poly1305::new(key.into()).decrypt(XNonce::from_slice(nonce), payload).ok()
}

/// What a stored text is.
enum Form<'a> {
    Plain,
    /// Sealed with this version of the key file.
    Master(i64, &'a str),
    /// Sealed with the key of its case.
    Own(&'a str),
}

fn form(stored: &str) -> Form<'_> {
    let Some((head, body)) = stored.strip_prefix(MARK).and_then(|it| it.split_once('.')) else {
        return Form::Plain;
    };
    let base64 = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'=');
    if !body.bytes().all(base64) {
        return Form::Plain;
    }
    match head.parse() {
        _ if head == OWN_KEY => Form::Own(body),
        Ok(version) => Form::Master(version, body),
        Err(_) => Form::Plain,
    }
}

fn write(head: &str, sealed: &[u8]) -> String {
    let mut text = String::with_capacity(head.len() + 2 + sealed.len().div_ceil(3) * 4);
    text.push(MARK);
    text.push_str(head);
    text.push('.');
    BASE64_STANDARD.encode_string(sealed, &mut text);
    text
}

/// The version of the key file that a stored text needs; `None`: none.
pub fn key_version(stored: &str) -> Option<i64> {
    match form(stored) {
        Form::Master(version, _) => Some(version),
        Form::Plain | Form::Own(_) => None,
    }
}

/// How a text begins that is sealed with this version.
pub fn prefix(version: i64) -> String {
    format!("{MARK}{version}.")
}

impl AddressKeys {
    /// Seals a text of the row `id` with the current keys.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn seal_text(&self, id: Uuid, text: &str) -> Result<String, Error> {
        self.seal_part("", id, text)
    }

    /// Opens a text of the row `id`; a plain one of a release before is given as it is.
    ///
    /// # Errors
    /// [`Error::Other`]: it was changed or moved, or its keys are gone.
    pub fn open_text(&self, id: Uuid, stored: &str) -> Result<String, Error> {
        self.open_part("", id, stored)
    }

    /// [`AddressKeys::seal_text`] for a row with several texts: `part` names the column.
    ///
    /// # Errors
    /// As there.
    pub fn seal_part(&self, part: &str, id: Uuid, text: &str) -> Result<String, Error> {
        if text.is_empty() {
            return Ok(String::new());
        }
        let (version, key) = self.current_seal()?;
        Ok(write(&version.to_string(), &encrypt(&key, &context(part, id), text.as_bytes())?))
    }

    /// Opens what [`AddressKeys::seal_part`] sealed.
    ///
    /// # Errors
    /// As [`AddressKeys::open_text`].
    pub fn open_part(&self, part: &str, id: Uuid, stored: &str) -> Result<String, Error> {
        match form(stored) {
            Form::Plain => Ok(stored.to_owned()),
            Form::Own(_) => Err(damaged(id)),
            Form::Master(version, body) => self.open_master(version, &context(part, id), id, body),
        }
    }

    fn open_master(&self, version: i64, context: &[u8], id: Uuid, body: &str) -> Result<String, Error> {
        let key = self.seal_of(version).map_err(|_| damaged(id))?;
        let sealed = BASE64_STANDARD.decode(body).map_err(|_| damaged(id))?;
        let plain = decrypt(&key, context, &sealed).ok_or_else(|| damaged(id))?;
        String::from_utf8(plain).map_err(|_| damaged(id))
    }

    /// A new key for the texts of a case, and the same wrapped, as it is stored.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn make_case_key(&self, case_id: Uuid) -> Result<(CaseKey, String), Error> {
        let key = ids::random_bytes::<32>()
            .map(CaseKey)
            .map_err(|problem| Error::Unavailable(format!("no random bytes: {problem}")))?;
        let wrapped = self.wrap_case_key(case_id, &key)?;
        Ok((key, wrapped))
    }

    /// Wraps a case's key with the current keys.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn wrap_case_key(&self, case_id: Uuid, key: &CaseKey) -> Result<String, Error> {
        self.seal_part("case key", case_id, &BASE64_STANDARD.encode(key.0))
    }

    /// Unwraps a case's key.
    ///
    /// # Errors
    /// [`Error::Other`]: it was changed, is of another case, or its keys are gone.
    pub fn open_case_key(&self, case_id: Uuid, wrapped: &str) -> Result<CaseKey, Error> {
        // A plain one was never written by any release.
        if key_version(wrapped).is_none() {
            return Err(damaged(case_id));
        }
        let key = BASE64_STANDARD.decode(self.open_part("case key", case_id, wrapped)?).ok();
        key.and_then(|it| it.try_into().ok()).map(CaseKey).ok_or_else(|| damaged(case_id))
    }
}

impl CaseKey {
    /// Seals a text of the row `id`: the case itself, or a message of its thread.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn seal(&self, id: Uuid, text: &str) -> Result<String, Error> {
        if text.is_empty() {
            return Ok(String::new());
        }
        Ok(write(OWN_KEY, &encrypt(&self.0, &context("", id), text.as_bytes())?))
    }

    /// Opens a text of the row `id`; a plain one, of a case that became confidential later, is given as
    /// it is.
    ///
    /// # Errors
    /// [`Error::Other`]: it was changed or moved, or is sealed with another key.
    pub fn open(&self, id: Uuid, stored: &str) -> Result<String, Error> {
        match form(stored) {
            Form::Plain => Ok(stored.to_owned()),
            Form::Master(..) => Err(damaged(id)),
            Form::Own(body) => {
                let sealed = BASE64_STANDARD.decode(body).map_err(|_| damaged(id))?;
                let plain = decrypt(&self.0, &context("", id), &sealed).ok_or_else(|| damaged(id))?;
                String::from_utf8(plain).map_err(|_| damaged(id))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid::from_u128(7);
    const OTHER: Uuid = Uuid::from_u128(8);
    const TEXT: &str = "no hay agua \u{1}1. 🙂";

    #[test]
    fn a_text_opens_only_unchanged_in_its_row_and_column() {
        let keys = AddressKeys::make().expect("keys");
        let sealed = keys.seal_text(ID, TEXT).expect("sealed");
        assert!(sealed.starts_with(&prefix(1)) && !sealed.contains("agua"), "{sealed}");
        assert_eq!(key_version(&sealed), Some(1));
        assert_eq!(keys.open_text(ID, &sealed).as_deref(), Ok(TEXT));
        assert_ne!(keys.seal_text(ID, TEXT).expect("sealed"), sealed, "a nonce is used once");
        assert!(keys.open_text(OTHER, &sealed).is_err());
        assert!(keys.open_part("payload", ID, &sealed).is_err());
        assert!(AddressKeys::make().expect("keys").open_text(ID, &sealed).is_err());
        let body = BASE64_STANDARD.decode(&sealed[3..]).expect("base64");
        for bit in 0..body.len() * 8 {
            let mut changed = body.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(keys.open_text(ID, &write("1", &changed)).is_err(), "bit {bit}");
        }
        for length in 0..body.len() {
            assert!(keys.open_text(ID, &write("1", &body[..length])).is_err(), "length {length}");
        }
    }

    #[test]
    fn plain_texts_are_read_as_they_are_and_sealing_keeps_what_looks_sealed() {
        let keys = AddressKeys::make().expect("keys");
        for plain in ["", "tlapa", "\u{1}", "\u{1}1", "\u{1}x.abc", "\u{1}1.no base64", "1.abc", "\u{1}.x"] {
            assert_eq!(keys.open_text(ID, plain).as_deref(), Ok(plain));
            let sealed = keys.seal_text(ID, plain).expect("sealed");
            assert_eq!(sealed.is_empty(), plain.is_empty());
            assert_eq!(keys.open_text(ID, &sealed).as_deref(), Ok(plain));
        }
        let forged = "\u{1}1.abcd";
        assert!(keys.open_text(ID, forged).is_err());
        let sealed = keys.seal_text(ID, forged).expect("sealed");
        assert_eq!(keys.open_text(ID, &sealed).as_deref(), Ok(forged));
    }

    #[test]
    fn a_text_opens_with_the_version_that_sealed_it() {
        let keys = AddressKeys::make().expect("keys");
        let old = keys.seal_text(ID, TEXT).expect("sealed");
        let newer = keys.rotated().expect("keys");
        let new = newer.seal_text(ID, TEXT).expect("sealed");
        assert_eq!((key_version(&old), key_version(&new)), (Some(1), Some(2)));
        assert_eq!(newer.open_text(ID, &old).as_deref(), Ok(TEXT));
        assert!(keys.open_text(ID, &new).is_err());
        assert!(newer.pruned(&[]).open_text(ID, &old).is_err());
    }

    #[test]
    fn a_case_has_a_key_of_its_own() {
        let keys = AddressKeys::make().expect("keys");
        let (key, wrapped) = keys.make_case_key(ID).expect("a key");
        let (another, _) = keys.make_case_key(ID).expect("a key");
        assert_eq!(keys.open_case_key(ID, &wrapped), Ok(key.clone()));
        assert!(keys.open_case_key(OTHER, &wrapped).is_err());
        assert!(keys.open_case_key(ID, "").is_err() && keys.open_case_key(ID, "AAAA").is_err());
        let sealed = key.seal(OTHER, TEXT).expect("sealed");
        assert_eq!(key.open(OTHER, &sealed).as_deref(), Ok(TEXT));
        assert_eq!(key.open(OTHER, "tlapa").as_deref(), Ok("tlapa"));
        assert!(key.open(ID, &sealed).is_err() && another.open(OTHER, &sealed).is_err());
        assert!(keys.open_text(OTHER, &sealed).is_err());
        assert!(key.open(OTHER, &keys.seal_text(OTHER, TEXT).expect("sealed")).is_err());
        assert!(!format!("{key:?}").contains(&format!("{:?}", key.0)));
        let newer = keys.rotated().expect("keys");
        let anew = newer.wrap_case_key(ID, &key).expect("wrapped");
        assert_eq!(key_version(&anew), Some(2));
        assert_eq!(newer.pruned(&[]).open_case_key(ID, &anew), Ok(key));
    }
}
