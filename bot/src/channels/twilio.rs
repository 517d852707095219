//! Twilio: the signature of its webhooks, TwiML, and the REST API.
//!
//! Formats: Twilio, "Security" (signature of requests), "TwiML for Programmable Messaging", and
//! "Messages resource" of the API of 2010-04-01. The signature is proven with vectors that Twilio's
//! own library made (`tests/fixtures/twilio`).

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use super::call::{call_failed, read_bounded, retry_after};
use super::gateway::{OutboundMessage, SendError};
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

/// Checks that `signature`, the value of `X-Twilio-Signature`, was made by one of `tokens` over
/// `url` and the pairs of the form: base64 of HMAC-SHA1 over the URL and, for each name in order,
/// the name and each of its distinct values in order. Twilio may have signed the URL with or
/// without the scheme's own port, so both are tried; every try takes the same time.
pub fn signature_fits(tokens: &[&Secret], url: &str, pairs: &[(Vec<u8>, Vec<u8>)], signature: &[u8]) -> bool {
    let Ok(given) = base64::engine::general_purpose::STANDARD.decode(signature) else { return false };
    let mut sorted: Vec<&(Vec<u8>, Vec<u8>)> = pairs.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut fits = false;
    for token in tokens {
        for url in both_ports(url) {
            // A key of any length is taken, so this is never an error.
            let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.reveal().as_bytes()) else { return false };
            mac.update(url.as_bytes());
            for (name, value) in &sorted {
                mac.update(name);
                mac.update(value);
            }
            fits |= mac.verify_slice(&given).is_ok();
        }
    }
    fits
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
}

impl std::fmt::Debug for Message {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Message {{ sid: {:?}, .. }}", self.sid)
    }
}

impl Message {
    /// From the pairs of a form.
    pub fn from_pairs(pairs: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let get = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name.as_bytes())
                .map_or_else(String::new, |(_, value)| String::from_utf8_lossy(value).replace('\0', ""))
        };
        Self { from: get("From"), body: get("Body"), sid: get("MessageSid") }
    }
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

/// Sends by the REST API.
#[derive(Debug)]
pub struct Sender {
    client: reqwest::Client,
    url: reqwest::Url,
    account_sid: String,
    auth_token: Secret,
    from: String,
}

impl Sender {
    /// The sender of a channel; `None` where its configuration names no number to send from.
    pub fn new(client: reqwest::Client, config: &Twilio) -> Option<Self> {
        let sid = &config.account_sid;
        let base = config.api_url.trim_end_matches('/');
        Some(Self {
            client,
            url: reqwest::Url::parse(&format!("{base}/2010-04-01/Accounts/{sid}/Messages.json")).ok()?,
            account_sid: sid.clone(),
            auth_token: config.auth_token.clone()?,
            from: config.from.clone()?,
        })
    }

    /// Sends one message; the answer is Twilio's id for it.
    pub async fn send(&self, message: &OutboundMessage) -> Result<Option<String>, SendError> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Created {
            sid: Option<String>,
            code: Option<u32>,
        }
        let sender = if self.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let form = [("To", message.address.as_str()), (sender, &self.from), ("Body", &message.text)];
        let response = self
            .client
            .post(self.url.clone())
            .basic_auth(&self.account_sid, Some(self.auth_token.reveal()))
            .form(&form)
            .send()
            .await
            .map_err(|it| call_failed(&it))?;
        let status = response.status().as_u16();
        let after_ms = retry_after(&response);
        let body = read_bounded(response).await?;
        // An answer without JSON has neither id nor code; the status decides then.
        let answer: Created = serde_json::from_slice(&body).unwrap_or_default();
        match (status, answer.code) {
            (200..=299, _) => Ok(answer.sid),
            // "Attempt to send to unsubscribed recipient": the person wrote a stop word to Twilio.
            (_, Some(21610)) => Err(SendError::Gone),
            (401 | 403, _) => Err(SendError::Retry { reason: "credentials".to_owned(), after_ms }),
            (429 | 503, _) => Err(SendError::Retry { reason: format!("http_{status}"), after_ms }),
            (400..=499, Some(code)) => Err(SendError::Permanent { reason: format!("twilio_{code}") }),
            (400..=499, None) => Err(SendError::Permanent { reason: format!("http_{status}") }),
            _ => Err(SendError::Unknown),
        }
    }
}

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
