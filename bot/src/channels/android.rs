//! SMS Gateway for Android: the signature and events of its webhooks, and its API for sending.
//!
//! Formats: the app's documentation, "Webhooks", "Sending Messages", "Healthcheck" (sms-gate.app), and
//! the source of its server for the statuses of an answer.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use super::call::call;
use super::gateway::{Listed, OutboundMessage, SendError, Unsettled};
use crate::config::{Android, Secret};
use crate::domain::time::UnixMillis;

/// How far a webhook's time may be from ours, ms.
const WINDOW: i64 = 300_000;

/// Checks that `signature` (`X-Signature`) is the hexadecimal HMAC-SHA256 with one of `keys` over the
/// body as it came, followed by `timestamp` (`X-Timestamp`). Every try takes the same time.
pub fn signature_fits(keys: &[&Secret], body: &[u8], timestamp: &[u8], signature: &[u8]) -> bool {
    // The app writes small letters; one form of each signature is enough.
    if signature.iter().any(u8::is_ascii_uppercase) {
        return false;
    }
    let Ok(given) = hex::decode(signature) else { return false };
    let mut fits = false;
    for key in keys {
        // A key of any length is taken, so this is never an error.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()) else { return false };
        mac.update(body);
        mac.update(timestamp);
        fits |= mac.verify_slice(&given).is_ok();
    }
    fits
}

/// How many ms the time of a webhook is after ours; `None` where it is no time.
pub fn clock_difference(timestamp: &[u8], now: UnixMillis) -> Option<i64> {
    let text = std::str::from_utf8(timestamp).ok().filter(|it| !it.is_empty() && it.len() <= 12)?;
    if !text.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = text.parse().ok()?;
    Some(seconds * 1_000 - now.0)
}

/// Whether a webhook may be this many ms old or early.
pub fn in_window(difference: i64) -> bool {
    difference.abs() <= WINDOW
}

/// A webhook. `Debug` shows the event only.
#[derive(Deserialize)]
pub struct Event {
    /// The app's id of the event: the same when it is sent again. `messageId` of a message in is made of
    /// its content, so two equal ones share it.
    #[serde(default)]
    pub id: String,
    /// `sms:received` and others.
    pub event: String,
    /// What belongs to it.
    #[serde(default)]
    pub payload: Value,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Event {{ event: {:?}, .. }}", self.event)
    }
}

/// What a phone says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping {
    /// Battery in percent.
    pub battery: Option<i64>,
    /// Whether every message of the last hour failed: no credit, no network, or the SIM is blocked.
    pub failing: bool,
}

impl Event {
    /// A text of the payload.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = self.payload.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Who wrote; older versions of the app call it `phoneNumber`.
    pub fn sender(&self) -> Option<String> {
        self.text("sender").or_else(|| self.text("phoneNumber"))
    }

    /// What was written, as it is.
    pub fn message(&self) -> String {
        self.payload.get("message").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// When the phone got it.
    pub fn received_at(&self) -> Option<UnixMillis> {
        let at = chrono::DateTime::parse_from_rfc3339(&self.text("receivedAt")?).ok()?;
        Some(UnixMillis(at.timestamp_millis()))
    }

    /// What `system:ping` says.
    pub fn ping(&self) -> Ping {
        let check = |name: &str| self.payload.get("health")?.get("checks")?.get(name);
        let battery = check("battery:level")
            .and_then(|it| it.get("observedValue"))
            .and_then(Value::as_f64)
            .filter(|it| (0.0..=100.0).contains(it))
            .map(|it| it as i64);
        let failing = check("messages:failed").and_then(|it| it.get("status")).and_then(Value::as_str);
        Ping { battery, failing: failing == Some("fail") }
    }
}

/// Sends by the app's API.
#[derive(Debug)]
pub struct Sender {
    client: reqwest::Client,
    url: String,
    username: String,
    password: Secret,
    sim: Option<u32>,
    device: Option<String>,
    ttl: u32,
}

impl Sender {
    /// The sender of a channel.
    pub fn new(client: reqwest::Client, config: &Android) -> Option<Self> {
        Some(Self {
            client,
            url: format!("{}/messages", config.api_url.trim_end_matches('/')),
            username: config.username.clone(),
            password: config.password.clone()?,
            sim: config.sim,
            device: config.device.clone(),
            ttl: config.expires_after_seconds,
        })
    }

    /// Sends one message. Its id is our token: the app refuses a second one with the same id, and names
    /// it in its receipts.
    pub async fn send(&self, message: &OutboundMessage) -> Result<Option<String>, SendError> {
        let digits = message.address.strip_prefix('+').unwrap_or(&message.address);
        if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
            return Err(SendError::Permanent { reason: "no_number".to_owned() });
        }
        let token = message.token().to_string();
        let mut body = json!({
            "id": token,
            "textMessage": { "text": message.text },
            "phoneNumbers": [message.address],
            "withDeliveryReport": true,
            "ttl": self.ttl,
        });
        if let Some(sim) = self.sim {
            body["simNumber"] = sim.into();
        }
        if let Some(device) = &self.device {
            body["deviceId"] = device.as_str().into();
        }
        let request = self.client.post(&self.url).json(&body);
        let answer = call(request.basic_auth(&self.username, Some(self.password.reveal()))).await?;
        match answer.status {
            200..=299 => {
                // Without its id it may have been a proxy that answered.
                let has_it = answer.json::<Value>().is_some_and(|it| it["id"].as_str() == Some(&token));
                if has_it { Ok(Some(token)) } else { Err(SendError::Unknown) }
            }
            // It has a message with this id: ours, of a call whose answer was lost.
            409 => Ok(Some(token)),
            _ => Err(answer.refusal()),
        }
    }

    /// Looks an attempt up by its token.
    pub async fn find(&self, unsettled: &Unsettled) -> Listed {
        let token = unsettled.token.to_string();
        let request = self.client.get(format!("{}/{token}", self.url));
        let request = request.basic_auth(&self.username, Some(self.password.reveal()));
        let Ok(answer) = call(request).await else { return Listed::NotKnown };
        match answer.status {
            200 if answer.json::<Value>().is_some_and(|it| it["id"].as_str() == Some(&token)) => {
                Listed::Taken(Some(token))
            }
            404 if answer.body.is_some() => Listed::NotTaken,
            _ => Listed::NotKnown,
        }
    }
}
