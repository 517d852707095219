//! Whether a request comes from the gateway.

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::HeaderMap;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::super::twilio::form_pairs;
use crate::config::generic::{Algorithm, Auth, By, Encoding, Generic};
use crate::config::{Place, Secret};
use crate::domain::time::UnixMillis;

/// What a request shows.
#[derive(Clone, Copy)]
pub struct Shown<'request> {
    /// Last part of the path, where it has one more than the channel's own.
    pub key: Option<&'request str>,
    /// The query, as it came.
    pub query: &'request str,
    /// The headers.
    pub headers: &'request HeaderMap,
    /// The body, as it came.
    pub body: &'request [u8],
    /// What the gateway calls, by our configuration.
    pub url: &'request str,
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Shown {{ body: {} bytes, .. }}", self.body.len())
    }
}

/// Whether the request shows the channel's secret, or the other valid one, or is signed with either,
/// at a time near `now`. All comparisons take the same time.
pub fn authentic(config: &Generic, shown: Shown<'_>, now: UnixMillis) -> bool {
    let secrets: Vec<&Secret> = config.secret.iter().chain(&config.secondary_secret).collect();
    let auth = &config.auth;
    // A secret in the path of a channel that has it elsewhere is a wrong path.
    if (auth.by == By::Path) != shown.key.is_some() {
        return false;
    }
    match auth.by {
        By::Path => same(shown.key.unwrap_or_default().as_bytes(), &secrets),
        By::Query => pair(shown.query.as_bytes(), &auth.name).is_some_and(|it| same(&it, &secrets)),
        By::Field => pair(shown.body, &auth.name).is_some_and(|it| same(&it, &secrets)),
        By::Header => header(shown.headers, &auth.name).is_some_and(|it| same(it, &secrets)),
        By::Basic => basic(shown.headers, &auth.name).is_some_and(|it| same(&it, &secrets)),
        By::Hmac => signed(auth, &secrets, shown, now),
    }
}

/// Compares in a time that tells nothing of either: hashing makes both the same length.
fn same(given: &[u8], secrets: &[&Secret]) -> bool {
    let given = Sha256::digest(given);
    secrets
        .iter()
        .fold(false, |fits, it| fits | bool::from(given.ct_eq(&Sha256::digest(it.reveal().as_bytes()))))
}

/// The one parameter of this name.
fn pair(text: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut found = form_pairs(text)?.into_iter().filter(|(key, _)| key == name.as_bytes());
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

/// The one header of this name.
fn header<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers [u8]> {
    let mut found = headers.get_all(name).iter();
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value.as_bytes()),
        _ => None,
    }
}

/// The password of HTTP Basic, where the user is this one.
fn basic(headers: &HeaderMap, user: &str) -> Option<Vec<u8>> {
    let value = header(headers, "authorization")?;
    let encoded = value.strip_prefix(b"Basic ").or_else(|| value.strip_prefix(b"basic "))?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    let at = decoded.iter().position(|it| *it == b':')?;
    (decoded[..at] == *user.as_bytes()).then(|| decoded[at + 1..].to_vec())
}

fn signed(auth: &Auth, secrets: &[&Secret], shown: Shown<'_>, now: UnixMillis) -> bool {
    let Some(given) =
        header(shown.headers, &auth.name).and_then(|it| it.strip_prefix(auth.prefix.as_bytes()))
    else {
        return false;
    };
    let given = match auth.encoding {
        // One form of each signature is enough.
        Encoding::Hex if given.iter().any(u8::is_ascii_uppercase) => return false,
        Encoding::Hex => hex::decode(given).ok(),
        Encoding::Base64 => base64::engine::general_purpose::STANDARD.decode(given).ok(),
    };
    let Some(given) = given else { return false };
    let timestamp = match &auth.timestamp_header {
        None => &[][..],
        Some(name) => match header(shown.headers, name) {
            Some(it) if in_window(it, auth.window_seconds, now) => it,
            _ => return false,
        },
    };
    let url =
        if shown.query.is_empty() { shown.url.to_owned() } else { format!("{}?{}", shown.url, shown.query) };
    let bytes = auth.signed.fill_bytes(|place| match place {
        Place::Body => shown.body,
        Place::Timestamp => timestamp,
        Place::Url => url.as_bytes(),
        _ => &[],
    });
    secrets.iter().fold(false, |fits, key| {
        fits | match auth.algorithm {
            Algorithm::Sha1 => verify::<Hmac<Sha1>>(key, &bytes, &given),
            Algorithm::Sha256 => verify::<Hmac<Sha256>>(key, &bytes, &given),
            Algorithm::Sha512 => verify::<Hmac<Sha512>>(key, &bytes, &given),
        }
    })
}

fn verify<M: Mac + KeyInit>(key: &Secret, bytes: &[u8], given: &[u8]) -> bool {
    // A key of any length is taken, so this is never an error.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key.reveal().as_bytes()) else { return false };
    mac.update(bytes);
    mac.verify_slice(given).is_ok()
}

fn in_window(timestamp: &[u8], seconds: u32, now: UnixMillis) -> bool {
    let text = std::str::from_utf8(timestamp).ok().filter(|it| !it.is_empty() && it.len() <= 12);
    let digits = text.filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
    digits
        .and_then(|it| it.parse::<i64>().ok())
        .is_some_and(|it| (it * 1_000 - now.0).abs() <= i64::from(seconds) * 1_000)
}
