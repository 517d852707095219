//! `type = "http"`: any gateway that speaks HTTP, described by the configuration alone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::super::server::number;
use super::super::template::{Field, JsonTemplate, Place, Pointer, Template};
use super::super::{ConfigError, Secret, Sending, Server, secret};

/// A gateway described by the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generic {
    /// What the gateway shows or signs with.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// File that holds it.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
    /// The other valid one while one is being replaced.
    #[serde(default)]
    pub secondary_secret: Option<Secret>,
    /// File that holds the other one.
    #[serde(default)]
    pub secondary_secret_file: Option<PathBuf>,
    /// `{secret}` of what we send.
    #[serde(default)]
    pub send_secret: Option<Secret>,
    /// File that holds it.
    #[serde(default)]
    pub send_secret_file: Option<PathBuf>,
    /// `{from}`: our number.
    #[serde(default)]
    pub from: Option<String>,
    /// How the gateway proves that it is the gateway.
    pub auth: Auth,
    /// Messages in.
    #[serde(default)]
    pub receive: Option<Receive>,
    /// Messages out.
    #[serde(default)]
    pub send: Option<Send>,
    /// Delivery reports.
    #[serde(default)]
    pub receipts: Option<Receipts>,
    /// What it may send, and how fast.
    #[serde(default)]
    pub sending: Sending,
}

/// How a request shows that it comes from the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The secret is the last part of the path.
    Path,
    /// The secret is a parameter of the query, called `name`.
    Query,
    /// The secret is a field of the form, called `name`.
    Field,
    /// The secret is the header `name`.
    Header,
    /// The secret is the password of HTTP Basic, `name` the user.
    Basic,
    /// The header `name` is an HMAC with the secret.
    Hmac,
}

/// Hash of an HMAC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How an HMAC is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Hexadecimal, small letters.
    #[default]
    Hex,
    /// Base64 with padding.
    Base64,
}

/// `auth`: how a request shows that it comes from the gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// By what.
    pub by: By,
    /// Name of the parameter, field, header or user.
    #[serde(default)]
    pub name: String,
    /// Hash of the HMAC.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// How the HMAC is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// What stands before the HMAC in its header (`sha256=`).
    #[serde(default)]
    pub prefix: String,
    /// What is signed: `{body}`, `{timestamp}`, `{url}` and what stands between them.
    #[serde(default = "the_body")]
    pub signed: Template,
    /// Header with the time of the request in seconds since 1970.
    #[serde(default)]
    pub timestamp_header: Option<String>,
    /// How far that time may be from ours, in seconds.
    #[serde(default = "five_minutes", deserialize_with = "number")]
    pub window_seconds: u32,
}

/// Method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET: everything stands in the query.
    Get,
    /// POST.
    #[default]
    Post,
    /// PUT.
    Put,
}

impl Method {
    /// As HTTP writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// How a time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    /// `2026-01-31T12:00:00+00:00`.
    #[default]
    Rfc3339,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
}

/// What a message in is answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerStyle {
    /// 200 with nothing, or with `answer_text` or `answer_json`; replies are sent.
    #[default]
    Fixed,
    /// The reply is the body: as plain text, or in `answer_json`.
    Reply,
}

/// `receive`: messages in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receive {
    /// Method of the gateway's request.
    #[serde(default)]
    pub method: Method,
    /// Fields and the values that they must have; other requests are taken and ignored.
    #[serde(default)]
    pub when: BTreeMap<Field, String>,
    /// The list in the JSON that holds the messages; absent: one message a request.
    #[serde(default)]
    pub messages: Option<Pointer>,
    /// Who wrote.
    pub sender: Field,
    /// What was written.
    pub text: Field,
    /// The gateway's id of the message.
    #[serde(default)]
    pub id: Option<Field>,
    /// When it was sent.
    #[serde(default)]
    pub time: Option<Field>,
    /// How that is written.
    #[serde(default)]
    pub time_format: TimeFormat,
    /// What it is answered with.
    #[serde(default)]
    pub answer: AnswerStyle,
    /// The fixed answer as plain text.
    #[serde(default)]
    pub answer_text: Option<String>,
    /// The answer as JSON.
    #[serde(default)]
    pub answer_json: Option<JsonTemplate>,
    /// The list in `answer_json` whose one element is repeated for each reply.
    #[serde(default)]
    pub answer_messages: Option<Pointer>,
}

/// `send`: messages out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// Method of the request.
    #[serde(default)]
    pub method: Method,
    /// Where to; places only after the host, `{text}` only in the query.
    pub url: Template,
    /// Headers; `{text}` can't stand there.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// User of HTTP Basic; the password is the secret for sending.
    #[serde(default)]
    pub username: Option<String>,
    /// Fields of a form.
    #[serde(default)]
    pub form: BTreeMap<String, Template>,
    /// The body as JSON.
    #[serde(default)]
    pub json: Option<JsonTemplate>,
    /// Statuses that mean that the message was taken; absent: 200 to 299.
    #[serde(default)]
    pub success: Vec<u16>,
    /// What the JSON of such an answer must say besides; one of the values at each pointer.
    #[serde(default)]
    pub success_when: BTreeMap<Pointer, Vec<String>>,
    /// Statuses that mean that it was not taken and may be sent again later.
    #[serde(default = "later")]
    pub retry: Vec<u16>,
    /// The gateway's id of the message in the JSON of its answer.
    #[serde(default)]
    pub id: Option<Pointer>,
}

/// `receipts`: delivery reports.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipts {
    /// Method of the gateway's request.
    #[serde(default)]
    pub method: Method,
    /// Fields and the values that they must have; other requests are taken and ignored.
    #[serde(default)]
    pub when: BTreeMap<Field, String>,
    /// The list in the JSON that holds the reports; absent: one report a request.
    #[serde(default)]
    pub reports: Option<Pointer>,
    /// Our token.
    #[serde(default)]
    pub token: Option<Field>,
    /// The gateway's id of the message, where it does not give our token back.
    #[serde(default)]
    pub id: Option<Field>,
    /// The person's number, which goes with the gateway's id.
    #[serde(default)]
    pub to: Option<Field>,
    /// What became of it.
    pub state: Field,
    /// States that mean: taken, on its way.
    #[serde(default)]
    pub accepted: Vec<String>,
    /// States that mean: on the phone.
    #[serde(default)]
    pub delivered: Vec<String>,
    /// States that mean: it will not arrive.
    #[serde(default)]
    pub failed: Vec<String>,
    /// States that mean: it was not delivered in time.
    #[serde(default)]
    pub expired: Vec<String>,
}

fn the_body() -> Template {
    // The text is a template.
    Template::parse("{body}").unwrap_or_else(|_| unreachable!())
}

fn five_minutes() -> u32 {
    300
}

fn later() -> Vec<u16> {
    vec![429, 503]
}

/// Refuses a template with a place that has no value there, or must not stand there.
fn only(key: &str, places: impl IntoIterator<Item = Place>, allowed: &[Place]) -> Result<(), ConfigError> {
    if places.into_iter().all(|it| allowed.contains(&it)) {
        Ok(())
    } else {
        Err(ConfigError::key(key, "one of its places can't be filled there; see docs/gateways/http.md."))
    }
}

impl Generic {
    pub(super) fn read_secrets(&mut self, section: &str) -> Result<(), ConfigError> {
        secret::resolve(section, "secret", &mut self.secret, self.secret_file.as_deref())?;
        let file = self.secondary_secret_file.as_deref();
        secret::resolve(section, "secondary_secret", &mut self.secondary_secret, file)?;
        secret::resolve(section, "send_secret", &mut self.send_secret, self.send_secret_file.as_deref())
    }

    pub(super) fn validate(&self, section: &str, server: &Server) -> Result<(), ConfigError> {
        let wrong = |name: &str, why: &str| Err(ConfigError::key(&format!("{section}.{name}"), why));
        if self.secret.is_none() {
            return wrong("secret", "it is missing; anybody could send messages.");
        }
        for (name, key) in [("secret", &self.secret), ("secondary_secret", &self.secondary_secret)] {
            let Some(key) = key else { continue };
            if !(8..=256).contains(&key.reveal().len()) {
                return wrong(name, "use 8 to 256 characters.");
            }
            let plain = key.reveal().bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.~".contains(&it));
            if matches!(self.auth.by, By::Path | By::Query) && !(plain && key.reveal().len() >= 16) {
                return wrong(
                    name,
                    "use 16 or more letters, digits, and - _ . ~ only: it is a part of a URL.",
                );
            }
        }
        self.validate_auth(section, server)?;
        if self.receive.is_none() && self.send.is_none() {
            return wrong("receive", "neither this nor `send` is there: the channel would do nothing.");
        }
        if let Some(receive) = &self.receive {
            receive.validate(&format!("{section}.receive"), self)?;
        }
        if let Some(send) = &self.send {
            send.validate(&format!("{section}.send"), self)?;
        }
        if let Some(receipts) = &self.receipts {
            receipts.validate(&format!("{section}.receipts"))?;
        }
        Ok(())
    }

    fn validate_auth(&self, section: &str, server: &Server) -> Result<(), ConfigError> {
        let auth = &self.auth;
        let wrong = |name: &str, why: &str| Err(ConfigError::key(&format!("{section}.auth.{name}"), why));
        if auth.name.is_empty() != (auth.by == By::Path) {
            return wrong("name", "name the parameter, field, header or user; a path has none.");
        }
        let is_header = |it: &str| reqwest::header::HeaderName::from_bytes(it.as_bytes()).is_ok();
        if matches!(auth.by, By::Header | By::Hmac) && !is_header(&auth.name) {
            return wrong("name", "it is no name of a header.");
        }
        if auth.timestamp_header.as_deref().is_some_and(|it| !is_header(it)) {
            return wrong("timestamp_header", "it is no name of a header.");
        }
        if auth.by != By::Hmac {
            return Ok(());
        }
        let key = format!("{section}.auth.signed");
        only(&key, auth.signed.places(), &[Place::Body, Place::Timestamp, Place::Url])?;
        if !auth.signed.places().any(|it| it == Place::Body) {
            return wrong("signed", "{body} is missing: anybody could change what is signed.");
        }
        if auth.signed.places().any(|it| it == Place::Timestamp) != auth.timestamp_header.is_some() {
            return wrong("timestamp_header", "name the header of {timestamp}, and sign it.");
        }
        if auth.signed.places().any(|it| it == Place::Url) && server.public_url.is_none() {
            return Err(ConfigError::key("server.public_url", "it is missing; the URL is signed."));
        }
        if !(1..=86_400).contains(&auth.window_seconds) {
            return wrong("window_seconds", "it must be from 1 to 86400.");
        }
        Ok(())
    }

    /// Refuses a place whose value is nowhere.
    fn has_values(&self, key: &str, places: &[Place]) -> Result<(), ConfigError> {
        if places.contains(&Place::From) && self.from.is_none() {
            return Err(ConfigError::key(key, "it says {from}, and the channel has no `from`."));
        }
        if places.contains(&Place::Secret) && self.send_secret.is_none() {
            return Err(ConfigError::key(key, "it says {secret}, and the channel has no `send_secret`."));
        }
        Ok(())
    }
}

impl Receive {
    fn validate(&self, section: &str, channel: &Generic) -> Result<(), ConfigError> {
        let wrong = |name: &str, why: &str| Err(ConfigError::key(&format!("{section}.{name}"), why));
        let json = |it: &Field| matches!(it, Field::Json(_));
        let fields = [Some(&self.sender), Some(&self.text), self.id.as_ref(), self.time.as_ref()];
        let forms = fields.iter().flatten().any(|it| matches!(it, Field::Form(_)));
        let has_json = self.messages.is_some() || fields.iter().flatten().any(|it| json(it));
        if forms && has_json {
            return wrong("sender", "a body is a form or JSON: fields are /pointers, or names, not both.");
        }
        if has_json && self.method == Method::Get {
            return wrong("method", "a GET has no body to hold JSON.");
        }
        if self.answer == AnswerStyle::Reply && self.messages.is_some() {
            return wrong("answer", "several messages a request can't be answered in one answer.");
        }
        if self.answer == AnswerStyle::Reply && self.answer_text.is_some() {
            return wrong("answer_text", "the reply is the answer; leave this out.");
        }
        if self.answer == AnswerStyle::Fixed && channel.send.is_none() {
            return wrong("answer", "nothing could be answered: describe `send`, or answer with the reply.");
        }
        if self.answer_text.is_some() && self.answer_json.is_some() {
            return wrong("answer_text", "`answer_json` is set too; keep one.");
        }
        let Some(template) = &self.answer_json else {
            return match self.answer_messages {
                Some(_) => wrong("answer_messages", "there is no `answer_json`."),
                None => Ok(()),
            };
        };
        let allowed: &[Place] = match self.answer {
            AnswerStyle::Fixed => &[],
            AnswerStyle::Reply => {
                &[Place::To, Place::ToDigits, Place::From, Place::Text, Place::Token, Place::Secret]
            }
        };
        only(&format!("{section}.answer_json"), template.places(), allowed)?;
        channel.has_values(&format!("{section}.answer_json"), &template.places())?;
        match &self.answer_messages {
            None => Ok(()),
            Some(pointer) => match template.at(pointer) {
                Some(JsonTemplate::List(list)) if list.len() == 1 => Ok(()),
                _ => wrong("answer_messages", "it must point to a list of one element in `answer_json`."),
            },
        }
    }
}

impl Send {
    fn validate(&self, section: &str, channel: &Generic) -> Result<(), ConfigError> {
        let wrong = |name: &str, why: &str| Err(ConfigError::key(&format!("{section}.{name}"), why));
        only(&format!("{section}.url"), self.url.places(), &Place::OF_A_MESSAGE)?;
        // A value must never decide where a call goes, nor climb in the path.
        let start = self.url.beginning();
        let host_ends = start.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        if self.url.places().next().is_some() && !host_ends {
            return wrong("url", "places may stand only after the host and its slash.");
        }
        let split = self.url.fill(|it| if it == Place::Text { "\u{1}".to_owned() } else { "x".to_owned() });
        let text_in_path = split.split('?').next().is_some_and(|it| it.contains('\u{1}'));
        if text_in_path || split.contains('#') {
            return wrong("url", "{text} may stand only in the query, and there is no #.");
        }
        super::http_url(&format!("{section}.url"), &self.url.fill(|_| "x".to_owned()))?;
        let in_header = [Place::To, Place::ToDigits, Place::From, Place::Token, Place::Secret];
        let mut places: Vec<Place> = self.url.places().collect();
        for (name, template) in &self.headers {
            let key = format!("{section}.headers");
            if reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_err() {
                return Err(ConfigError::key(&key, "one of its names is no name of a header."));
            }
            let filled = template.fill(|_| "x".to_owned());
            if reqwest::header::HeaderValue::from_str(&filled).is_err() {
                return Err(ConfigError::key(&key, "one of its values can't stand in a header."));
            }
            only(&key, template.places(), &in_header)?;
            places.extend(template.places());
        }
        if self.json.is_some() && !self.form.is_empty() {
            return wrong("json", "`form` is set too; keep one.");
        }
        if self.json.is_some() && self.method == Method::Get {
            return wrong("method", "a GET has no body to hold JSON.");
        }
        for template in self.form.values() {
            only(&format!("{section}.form"), template.places(), &Place::OF_A_MESSAGE)?;
            places.extend(template.places());
        }
        if let Some(template) = &self.json {
            only(&format!("{section}.json"), template.places(), &Place::OF_A_MESSAGE)?;
            places.extend(template.places());
        }
        channel.has_values(section, &places)?;
        if !places.iter().any(|it| matches!(it, Place::To | Place::ToDigits))
            || !places.contains(&Place::Text)
        {
            return wrong(
                "url",
                "neither it nor the body says {to} and {text}: every message would be empty.",
            );
        }
        if self.username.is_some() && channel.send_secret.is_none() {
            return wrong("username", "its password is missing: set `send_secret` of the channel.");
        }
        let status = |it: &u16| (200..=599).contains(it);
        if !self.success.iter().chain(&self.retry).all(status) {
            return wrong("success", "a status is a number from 200 to 599.");
        }
        if self.success.iter().any(|it| self.retry.contains(it)) {
            return wrong("retry", "a status can't mean both.");
        }
        Ok(())
    }
}

impl Receipts {
    fn validate(&self, section: &str) -> Result<(), ConfigError> {
        let wrong = |name: &str, why: &str| Err(ConfigError::key(&format!("{section}.{name}"), why));
        match (&self.token, &self.id, &self.to) {
            (Some(_), _, _) | (None, Some(_), Some(_)) => {}
            _ => return wrong("token", "name the field with our token, or `id` and `to`."),
        }
        if self.delivered.is_empty() && self.failed.is_empty() {
            return wrong("delivered", "say which states mean delivered, and which failed.");
        }
        let fields = [self.token.as_ref(), self.id.as_ref(), self.to.as_ref(), Some(&self.state)];
        let forms = fields.iter().flatten().any(|it| matches!(it, Field::Form(_)));
        let json = self.reports.is_some() || fields.iter().flatten().any(|it| matches!(it, Field::Json(_)));
        if forms && json {
            return wrong("state", "a body is a form or JSON: fields are /pointers, or names, not both.");
        }
        if json && self.method == Method::Get {
            return wrong("method", "a GET has no body to hold JSON.");
        }
        Ok(())
    }
}
