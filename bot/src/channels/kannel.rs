//! Kannel: reading the parameters of a `get-url`, and `sendsms`.
//!
//! Formats: Kannel user guide 1.4.5, "SMS-service" (parameters of `get-url`) and "Using the HTTP
//! interface to send SMS messages".

use std::collections::BTreeMap;

use encoding_rs::{UTF_16BE, WINDOWS_1252};

use super::call::{call_failed, read_bounded, retry_after};
use super::gateway::{OutboundMessage, SendError};
use super::sms::segments::is_gsm7;
use crate::config::{Kannel, Secret};

/// The most parameters that a `get-url` may have.
const MOST_PARAMETERS: usize = 64;

/// The parameters of one call, decoded to bytes: the text's own encoding is told by another of them.
/// `Debug` shows their number only: key, sender and text are among them.
pub struct Parameters(BTreeMap<String, Vec<u8>>);

impl std::fmt::Debug for Parameters {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Parameters({})", self.0.len())
    }
}

impl Parameters {
    /// Splits a query; the first of two parameters of one name counts. `None`: too many.
    pub fn parse(query: &str) -> Option<Self> {
        let mut found = BTreeMap::new();
        for (index, part) in query.split('&').filter(|it| !it.is_empty()).enumerate() {
            if index == MOST_PARAMETERS {
                return None;
            }
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = String::from_utf8_lossy(&decode(name)).into_owned();
            found.entry(name).or_insert_with(|| decode(value));
        }
        Some(Self(found))
    }

    /// A parameter as bytes.
    pub fn bytes(&self, name: &str) -> &[u8] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// A parameter as text, with what is no UTF-8 replaced; empty and blank ones are `None`.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(self.bytes(name));
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The message itself, by what `charset` (`%C`) and `coding` (`%c`) say of it.
    pub fn message(&self) -> String {
        let charset = self.text("charset").unwrap_or_default().to_ascii_uppercase();
        decode_text(self.bytes("text"), &charset, self.text("coding").as_deref())
    }
}

/// Percent-decoding with `+` for a blank; a `%` without two digits stands for itself.
fn decode(text: &str) -> Vec<u8> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).collect()
}

/// Decodes a message; never fails. Bytes that are no UTF-8 are read as Windows-1252, which is what
/// phones and modems of the region send then: `a%F1o` is "año".
fn decode_text(bytes: &[u8], charset: &str, coding: Option<&str>) -> String {
    let wide = match charset {
        "" => coding == Some("2"),
        other => matches!(other, "UTF-16BE" | "UTF-16" | "UCS-2" | "UCS-2BE" | "UCS2"),
    };
    let text = if wide && bytes.len().is_multiple_of(2) {
        UTF_16BE.decode_without_bom_handling(bytes).0.into_owned()
    } else {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) if charset == "UTF-8" && bytes.iter().filter(|it| **it >= 0x80).count() > 2 => {
                // Mostly well-formed text with a cut character: keep what can be read.
                mostly_utf8(bytes)
            }
            Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        }
    };
    text.replace('\0', "")
}

/// Text with replacement characters where at least half of what is beyond ASCII is UTF-8, else
/// Windows-1252.
fn mostly_utf8(bytes: &[u8]) -> String {
    let lossy = String::from_utf8_lossy(bytes);
    let bad = lossy.chars().filter(|it| *it == char::REPLACEMENT_CHARACTER).count();
    let good = lossy.chars().filter(|it| !it.is_ascii()).count() - bad;
    if good >= bad {
        lossy.into_owned()
    } else {
        WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// What a delivery report says (`%d` of the `dlr-url`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// 1: on the handset.
    Delivered,
    /// 2: it will not arrive.
    Failed,
    /// 4: waiting at the centre.
    Buffered,
    /// 8: taken by the centre.
    Accepted,
    /// 16: refused by the centre.
    Rejected,
}

impl Report {
    /// Reads `%d`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "1" => Self::Delivered,
            "2" => Self::Failed,
            "4" => Self::Buffered,
            "8" => Self::Accepted,
            "16" => Self::Rejected,
            _ => return None,
        })
    }
}

/// Sends by `sendsms`.
#[derive(Debug)]
pub struct Sender {
    client: reqwest::Client,
    url: reqwest::Url,
    username: String,
    password: Secret,
    from: Option<String>,
    report: Option<ReportUrl>,
}

/// Where delivery reports go.
#[derive(Debug)]
struct ReportUrl {
    base: String,
    key: Option<Secret>,
}

impl Sender {
    /// The sender of a channel; `None` where its configuration names no `sendsms`.
    pub fn new(client: reqwest::Client, channel_id: &str, config: &Kannel) -> Option<Self> {
        let url = reqwest::Url::parse(config.sendsms_url.as_deref()?).ok()?;
        let report = config.report_url.as_ref().map(|base| ReportUrl {
            base: format!("{}/webhooks/sms/{channel_id}/dlr", base.trim_end_matches('/')),
            key: config.key.clone(),
        });
        Some(Self {
            client,
            url,
            username: config.username.clone()?,
            password: config.password.clone()?,
            from: config.from.clone(),
            report,
        })
    }

    fn request_url(&self, message: &OutboundMessage) -> reqwest::Url {
        let mut url = self.url.clone();
        let mut query = url.query_pairs_mut();
        query.append_pair("username", &self.username);
        query.append_pair("password", self.password.reveal());
        query.append_pair("to", &message.address);
        if let Some(from) = &self.from {
            query.append_pair("from", from);
        }
        query.append_pair("text", &message.text);
        query.append_pair("coding", if is_gsm7(&message.text) { "0" } else { "2" });
        query.append_pair("charset", "UTF-8");
        if let Some(report) = &self.report {
            let key = report.key.as_ref().map_or_else(String::new, |it| format!("&key={}", it.reveal()));
            query.append_pair("dlr-mask", "31");
            query.append_pair(
                "dlr-url",
                &format!("{}?message={}&state=%d{key}", report.base, message.token()),
            );
        }
        drop(query);
        url
    }

    /// Sends one message. Kannel gives no id back: a report names ours.
    pub async fn send(&self, message: &OutboundMessage) -> Result<Option<String>, SendError> {
        // Kannel reads several numbers where there are blanks, and a name can't be answered.
        let digits = message.address.strip_prefix('+').unwrap_or(&message.address);
        if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
            return Err(SendError::Permanent { reason: "no_number".to_owned() });
        }
        let response =
            self.client.get(self.request_url(message)).send().await.map_err(|it| call_failed(&it))?;
        let status = response.status().as_u16();
        let after_ms = retry_after(&response);
        // Read to the end so that the connection can be used again; the text of Kannel's answer
        // ("0: Accepted for delivery") says nothing that the status does not.
        read_bounded(response).await?;
        match status {
            200 | 202 => Ok(None),
            401 | 403 => Err(SendError::Retry { reason: "credentials".to_owned(), after_ms }),
            429 | 503 => Err(SendError::Retry { reason: format!("http_{status}"), after_ms }),
            400..=499 => Err(SendError::Permanent { reason: format!("http_{status}") }),
            _ => Err(SendError::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameters, Report};

    fn message(query: &str) -> String {
        Parameters::parse(query).expect("parameters").message()
    }

    #[test]
    fn texts_of_every_coding_are_read() {
        assert_eq!(message("text=agua+en+Tlapa"), "agua en Tlapa");
        assert_eq!(message("text=a%C3%B1o&charset=UTF-8&coding=0"), "año");
        assert_eq!(message("text=a%F1o&charset=UTF-8"), "año");
        assert_eq!(message("text=a%F1o&charset=8-BIT&coding=1"), "año");
        assert_eq!(message("text=%00a%00%F1%00o&charset=UTF-16BE&coding=2"), "año");
        assert_eq!(message("text=%00a%00%F1%00o&coding=2"), "año");
        // Kannel recodes wide text when mo-recode is on, and leaves the coding.
        assert_eq!(message("text=a%C3%B1o&charset=UTF-8&coding=2"), "año");
        assert_eq!(message("text=%D8%3D&charset=UTF-16BE"), "\u{fffd}");
        assert_eq!(message("text=100%"), "100%");
        assert_eq!(message("text=%zz%4"), "%zz%4");
        assert_eq!(message("text=a%00b"), "ab");
        assert_eq!(message(""), "");
    }

    #[test]
    fn any_bytes_are_read() {
        for byte in 0..=255_u8 {
            for charset in ["", "UTF-8", "8-BIT", "UTF-16BE", "nonsense"] {
                let text = message(&format!("text=%{byte:02X}&charset={charset}&coding=1"));
                assert!(text.chars().count() <= 1, "{byte} {charset}");
            }
        }
    }

    #[test]
    fn the_number_of_parameters_is_bounded() {
        assert!(Parameters::parse(&"a=1&".repeat(10_000)).is_none());
    }

    #[test]
    fn reports_are_known() {
        assert_eq!(Report::parse("1"), Some(Report::Delivered));
        assert_eq!(Report::parse("16"), Some(Report::Rejected));
        assert_eq!(Report::parse("%d"), None);
    }
}
