//! Sending as the configuration describes it.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;

use super::super::call::call;
use super::super::gateway::{OutboundMessage, SendError};
use crate::config::generic::{Generic, Method, Send};
use crate::config::{Place, Secret};

/// Sends by a request that the configuration describes. A value is escaped for its place: percent-encoded
/// in a URL, one text in JSON, one field of a form, and only digits and tokens in a header.
#[derive(Debug)]
pub struct Sender {
    client: reqwest::Client,
    send: Send,
    from: String,
    secret: Option<Secret>,
}

impl Sender {
    /// The sender of a channel; `None` where its configuration describes no sending.
    pub fn new(client: reqwest::Client, config: &Generic) -> Option<Self> {
        Some(Self {
            client,
            send: config.send.clone()?,
            from: config.from.clone().unwrap_or_default(),
            secret: config.send_secret.clone(),
        })
    }

    fn value(&self, message: &OutboundMessage, place: Place) -> String {
        match place {
            Place::To => message.address.clone(),
            Place::ToDigits => message.address.trim_start_matches('+').to_owned(),
            Place::From => self.from.clone(),
            Place::Text => message.text.clone(),
            Place::Token => message.token().to_string(),
            Place::Secret => self.secret.as_ref().map_or_else(String::new, |it| it.reveal().to_owned()),
            // The configuration has these nowhere in what is sent.
            Place::Body | Place::Timestamp | Place::Url => String::new(),
        }
    }

    /// The request for a message; `None` where it can't be written.
    fn request(&self, message: &OutboundMessage) -> Option<reqwest::RequestBuilder> {
        let url = self
            .send
            .url
            .fill(|it| utf8_percent_encode(&self.value(message, it), NON_ALPHANUMERIC).to_string());
        let url = reqwest::Url::parse(&url).ok()?;
        let pairs: Vec<(&str, String)> = self
            .send
            .form
            .iter()
            .map(|(name, it)| (name.as_str(), it.fill(|place| self.value(message, place))))
            .collect();
        let mut request = match self.send.method {
            Method::Get => self.client.get(url).query(&pairs),
            Method::Post => self.client.post(url),
            Method::Put => self.client.put(url),
        };
        if self.send.method != Method::Get && !pairs.is_empty() {
            request = request.form(&pairs);
        }
        if let Some(json) = &self.send.json {
            request = request.json(&json.fill(&|place| self.value(message, place)));
        }
        for (name, template) in &self.send.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let mut value = HeaderValue::from_str(&template.fill(|it| self.value(message, it))).ok()?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        if let Some(user) = &self.send.username {
            request = request.basic_auth(user, self.secret.as_ref().map(Secret::reveal));
        }
        Some(request)
    }

    /// Sends one message; the answer is the gateway's id for it, where the configuration says where it
    /// stands.
    pub async fn send(&self, message: &OutboundMessage) -> Result<Option<String>, SendError> {
        let digits = message.address.strip_prefix('+').unwrap_or(&message.address);
        if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
            return Err(SendError::Permanent { reason: "no_number".to_owned() });
        }
        let Some(request) = self.request(message) else {
            return Err(SendError::Permanent { reason: "unwritable".to_owned() });
        };
        let answer = call(request).await?;
        let status = answer.status;
        let success = if self.send.success.is_empty() {
            (200..=299).contains(&status)
        } else {
            self.send.success.contains(&status)
        };
        if !success {
            return Err(match answer.refusal() {
                refused if !self.send.retry.contains(&status) => match refused {
                    // It is refused by its status, and the configuration does not call it passing.
                    SendError::Retry { reason, .. } if reason != "credentials" => {
                        SendError::Permanent { reason }
                    }
                    other => other,
                },
                _ => SendError::Retry { reason: format!("http_{status}"), after_ms: answer.after_ms },
            });
        }
        if answer.body.is_none() {
            return Err(SendError::Unknown);
        }
        if self.send.id.is_none() && self.send.success_when.is_empty() {
            return Ok(None);
        }
        // An answer that is not the promised JSON may be a proxy's.
        let Some(json) = answer.json::<Value>() else { return Err(SendError::Unknown) };
        for (pointer, values) in &self.send.success_when {
            match pointer.of(&json).and_then(written) {
                Some(it) if values.contains(&it) => {}
                Some(_) => return Err(SendError::Permanent { reason: "refused".to_owned() }),
                None => return Err(SendError::Unknown),
            }
        }
        match &self.send.id {
            None => Ok(None),
            Some(pointer) => pointer.of(&json).and_then(written).map(Some).ok_or(SendError::Unknown),
        }
    }
}

/// A value of JSON as the configuration writes it.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
