//! Twilio: the signature of its webhooks, TwiML, and the REST API.
//!
//! Formats: Twilio, "Security" (signature of requests), "TwiML for Programmable Messaging", and
//! "Messages resource" of the API of 2010-04-01. The signature is proven with vectors that Twilio's
//! own library made (`tests/fixtures/twilio`).

mod rest;

use base64::Engine as _;
use hmac::Hmac;
use serde::Deserialize;
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::config::{Secret, Twilio};
use crate::domain::facts::sha256_hex;

/// The most keys that a form may have; Twilio sends about thirty.
pub const MOST_KEYS: usize = 256;

/// The pairs of a form or a query, decoded, or `None` where there are too many.
pub fn form_pairs(body: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut pairs = Vec::new();
    for part in body.split(|it| *it == b'&').filter(|it| !it.is_empty()) {
        if pairs.len() == MOST_KEYS {
            return None;
        }
        let mut sides = part.splitn(2, |it| *it == b'=');
        let name = decode(sides.next().unwrap_or_default());
        let value = decode(sides.next().unwrap_or_default());
        pairs.push((name, value));
    }
    Some(pairs)
}

fn decode(part: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = part.iter().map(|it| if *it == b'+' { b' ' } else { *it }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

/// What a webhook is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// HMAC-SHA1 with the account's token.
    Sha1,
    /// HMAC-SHA256 with a shared key.
    Sha256,
}

impl Scheme {
    /// Reads `X-Twilio-Webhooks-Signature-Settings` (`key=...,algorithm=HMAC_SHA256`); `None`: an
    /// algorithm that nobody knows.
    pub fn of(settings: &str) -> Option<Self> {
        let algorithm = settings
            .split(',')
            .filter_map(|it| it.split_once('='))
            .find(|(name, value)| name.trim() == "algorithm" && !value.trim().is_empty())
            .map_or("HMAC_SHA1", |(_, value)| value.trim());
        match algorithm.to_ascii_uppercase().as_str() {
            "HMAC_SHA1" => Some(Self::Sha1),
            "HMAC_SHA256" => Some(Self::Sha256),
            _ => None,
        }
    }
}

impl Twilio {
    /// The keys that may sign by this scheme: shared keys, where there are any, sign by SHA-256.
    pub fn signing_keys(&self, scheme: Scheme) -> Vec<&Secret> {
        let shared: Vec<&Secret> = self.shared_key.iter().chain(&self.secondary_shared_key).collect();
        if scheme == Scheme::Sha256 && !shared.is_empty() {
            return shared;
        }
        self.auth_token.iter().chain(&self.secondary_auth_token).collect()
    }
}

/// Checks that `signature`, the value of `X-Twilio-Signature`, was made by one of `keys` over
/// `url` and the pairs of the form: base64 of an HMAC over the URL and, for each name in order,
/// the name and each of its distinct values in order. Twilio may have signed the URL with or
/// without the scheme's own port, so both are tried; every try takes the same time.
pub fn signature_fits(
    scheme: Scheme,
    keys: &[&Secret],
    url: &str,
    pairs: &[(Vec<u8>, Vec<u8>)],
    signature: &[u8],
) -> bool {
    let Ok(given) = base64::engine::general_purpose::STANDARD.decode(signature) else { return false };
    let mut sorted: Vec<&(Vec<u8>, Vec<u8>)> = pairs.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut fits = false;
    for key in keys {
        for url in both_ports(url) {
            let parts = || {
                std::iter::once(url.as_bytes())
                    .chain(sorted.iter().flat_map(|(name, value)| [&name[..], value]))
            };
            fits |= match scheme {
                Scheme::Sha1 => verify::<Hmac<Sha1>>(key, parts(), &given),
                Scheme::Sha256 => verify::<Hmac<Sha256>>(key, parts(), &given),
            };
        }
    }
    fits
}

/// Whether `given` is the MAC of the parts, compared in constant time.
fn verify<'part, M: hmac::Mac + hmac::KeyInit>(
    key: &Secret,
    parts: impl Iterator<Item = &'part [u8]>,
    given: &[u8],
) -> bool {
    // A key of any length is taken, so this is never an error.
    let Ok(mut mac) = <M as hmac::KeyInit>::new_from_slice(key.reveal().as_bytes()) else { return false };
    parts.for_each(|it| mac.update(it));
    mac.verify_slice(given).is_ok()
}

/// The URL with and without its port, the scheme's own where it names none.
fn both_ports(url: &str) -> [String; 2] {
    let Some((scheme, rest)) = url.split_once("://") else { return [url.to_owned(), url.to_owned()] };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    // The last colon outside the brackets of an IPv6 address is the port's.
    let port_at = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    let other = if let Some(at) = port_at {
        format!("{scheme}://{}{tail}", &authority[..at])
    } else {
        let port = if scheme == "https" { 443 } else { 80 };
        format!("{scheme}://{authority}:{port}{tail}")
    };
    [url.to_owned(), other]
}

/// Checks that `body` is the one whose SHA-256 the signed query names as `bodySHA256`; `false`
/// where the query names none.
pub fn body_hash_fits(query: &str, body: &[u8]) -> bool {
    let Some(pairs) = form_pairs(query.as_bytes()) else { return false };
    let Some((_, expected)) = pairs.iter().find(|(name, _)| name == b"bodySHA256") else { return false };
    sha256_hex(body).as_bytes().ct_eq(&expected.to_ascii_lowercase()).into()
}

/// A message in, by the names of Twilio's parameters. `Debug` shows neither sender nor text.
#[derive(Default, Deserialize)]
pub struct Message {
    /// Sender.
    #[serde(rename = "From", default)]
    pub from: String,
    /// Text.
    #[serde(rename = "Body", default)]
    pub body: String,
    /// Twilio's id.
    #[serde(rename = "MessageSid", default)]
    pub sid: String,
    /// `STOP`, `START` or `HELP` where Twilio took the text for a word of its own and answers it itself
    /// (Advanced Opt-Out of a messaging service).
    #[serde(rename = "OptOutType", default)]
    pub opt_out: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Message {{ sid: {:?}, .. }}", self.sid)
    }
}

impl Message {
    /// From the pairs of a form.
    pub fn from_pairs(pairs: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let get = |name| text(pairs, name);
        Self { from: get("From"), body: get("Body"), sid: get("MessageSid"), opt_out: get("OptOutType") }
    }

    /// The stop or start word that Twilio itself took, as the dialogue knows it: the service that Twilio
    /// was given may have other words than ours.
    pub fn taken_by_twilio(&self) -> Option<&'static str> {
        match self.opt_out.trim().to_ascii_uppercase().as_str() {
            "STOP" => Some("STOP"),
            "START" => Some("START"),
            _ => None,
        }
    }
}

/// What became of a message of ours, by the names of Twilio's parameters.
#[derive(Debug, Default, Deserialize)]
pub struct Status {
    /// Twilio's id of it.
    #[serde(rename = "MessageSid", default)]
    pub sid: String,
    /// `queued`, `sent`, `delivered` and others.
    #[serde(rename = "MessageStatus", default)]
    pub status: String,
    /// Why it failed.
    #[serde(rename = "ErrorCode", default)]
    pub error_code: String,
}

impl Status {
    /// From the pairs of a form.
    pub fn from_pairs(pairs: &[(Vec<u8>, Vec<u8>)]) -> Self {
        Self {
            sid: text(pairs, "MessageSid"),
            status: text(pairs, "MessageStatus"),
            error_code: text(pairs, "ErrorCode"),
        }
    }
}

/// The first value of this name.
fn text(pairs: &[(Vec<u8>, Vec<u8>)], name: &str) -> String {
    pairs
        .iter()
        .find(|(key, _)| key == name.as_bytes())
        .map_or_else(String::new, |(_, value)| String::from_utf8_lossy(value).replace('\0', ""))
}

/// TwiML that answers with `texts`, one message each; without any it is silence.
pub fn twiml<'text>(texts: impl IntoIterator<Item = &'text str>) -> String {
    let mut inner = String::new();
    for text in texts {
        inner.push_str("<Message>");
        for letter in text.chars() {
            match letter {
                '&' => inner.push_str("&amp;"),
                '<' => inner.push_str("&lt;"),
                '>' => inner.push_str("&gt;"),
                '"' => inner.push_str("&quot;"),
                '\'' => inner.push_str("&apos;"),
                // XML 1.0 has no way to write other control characters, nor these two.
                '\t' | '\n' | '\r' => inner.push(letter),
                it if it.is_control() || matches!(it, '\u{fffe}' | '\u{ffff}') => {}
                it => inner.push(it),
            }
        }
        inner.push_str("</Message>");
    }
    let declaration = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    if inner.is_empty() {
        format!("{declaration}<Response/>")
    } else {
        format!("{declaration}<Response>{inner}</Response>")
    }
}

pub use rest::{Received, Sender};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twiml_escapes_once_and_drops_what_xml_has_not() {
        assert_eq!(twiml([]), r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#);
        assert!(twiml(["a & b < c > \"d\" 'e'\u{0}\u{1b}\u{fffe}\n¿ñ?"]).ends_with(
            "<Response><Message>a &amp; b &lt; c &gt; &quot;d&quot; &apos;e&apos;\n¿ñ?</Message></Response>"
        ));
        assert!(twiml(["1", "2"]).contains("<Message>1</Message><Message>2</Message>"));
    }

    #[test]
    fn the_port_is_added_and_taken() {
        assert_eq!(both_ports("https://a.example/b?c=d:e")[1], "https://a.example:443/b?c=d:e");
        assert_eq!(both_ports("http://a.example")[1], "http://a.example:80");
        assert_eq!(both_ports("https://a.example:8443/b")[1], "https://a.example/b");
        assert_eq!(both_ports("https://[2001:db8::1]/b")[1], "https://[2001:db8::1]:443/b");
    }
}
