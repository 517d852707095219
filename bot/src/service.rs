//! Placeholder of the service, in memory: the store's branch brings the real one with this interface.
//! It repeats what it was told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::channels::gateway::{Gateways, OutboundMessage};
use crate::channels::render::{Choice, Rendered, ReplyKind};
use crate::clock::Clock;
use crate::domain::channel::ChannelKind;
use crate::domain::time::UnixMillis;

/// A message that came in by a channel.
#[derive(Clone, Debug)]
pub struct NewInbound {
    /// Id of the channel in the configuration.
    pub channel_id: String,
    /// Its kind.
    pub kind: ChannelKind,
    /// The gateway's id of the message.
    pub external_id: Option<String>,
    /// Who wrote: a phone number or a chat id.
    pub address: String,
    /// What was written.
    pub text: String,
    /// A shared location, latitude and longitude in degrees.
    pub location: Option<(f64, f64)>,
    /// The parameter of a deep link.
    pub payload: Option<String>,
    /// When the gateway had it.
    pub provider_at: Option<UnixMillis>,
    /// When we had it.
    pub received_at: UnixMillis,
}

/// What became of a message that was handed over.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    /// Whether it was not there before.
    pub fresh: bool,
}

/// What is written in the answer of a webhook.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The texts; empty for silence.
    pub replies: Vec<Rendered>,
    key: Option<(String, String)>,
}

/// How the service is.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Health {
    /// Whether it can take messages.
    pub ok: bool,
}

/// Why a call of the store failed.
#[derive(Debug, thiserror::Error)]
#[error("the database is not available")]
pub struct Error;

#[derive(Debug)]
struct Stored {
    replies: Vec<Rendered>,
    written: bool,
}

/// The service.
#[derive(Debug)]
pub struct Service {
    gateways: Arc<Gateways>,
    clock: Clock,
    answers: Mutex<HashMap<(String, String), Stored>>,
    queue: Mutex<VecDeque<NewInbound>>,
    wake: Notify,
}

fn echo(inbound: &NewInbound) -> Vec<Rendered> {
    let text = inbound.payload.clone().unwrap_or_else(|| match inbound.location {
        Some((latitude, longitude)) => format!("{latitude} {longitude}"),
        None => inbound.text.clone(),
    });
    if text.is_empty() {
        return Vec::new();
    }
    vec![Rendered {
        kind: ReplyKind::Answer,
        text,
        municipality: None,
        choices: vec![Choice { key: "COMIDA".to_owned(), label: "COMIDA".to_owned() }],
        edit: false,
    }]
}

impl Service {
    /// A service in memory.
    pub fn in_memory(gateways: Arc<Gateways>, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            gateways,
            clock,
            answers: Mutex::default(),
            queue: Mutex::default(),
            wake: Notify::new(),
        })
    }

    /// Keeps a message for later.
    pub async fn accept(&self, inbound: NewInbound) -> Result<Accepted, Error> {
        let mut answers = self.answers.lock().map_err(|_| Error)?;
        if let Some(id) = &inbound.external_id {
            let key = (inbound.channel_id.clone(), id.clone());
            if answers.contains_key(&key) {
                return Ok(Accepted { fresh: false });
            }
            answers.insert(key, Stored { replies: Vec::new(), written: true });
        }
        self.queue.lock().map_err(|_| Error)?.push_back(inbound);
        self.wake.notify_one();
        Ok(Accepted { fresh: true })
    }

    /// Answers a message at once.
    pub async fn answer(&self, inbound: NewInbound) -> Result<Answer, Error> {
        let Some(id) = &inbound.external_id else { return Ok(Answer { replies: echo(&inbound), key: None }) };
        let key = (inbound.channel_id.clone(), id.clone());
        let mut answers = self.answers.lock().map_err(|_| Error)?;
        let stored =
            answers.entry(key.clone()).or_insert_with(|| Stored { replies: echo(&inbound), written: false });
        let replies = if stored.written { Vec::new() } else { stored.replies.clone() };
        Ok(Answer { replies, key: Some(key) })
    }

    /// The answer was written whole.
    pub async fn answer_written(&self, answer: &Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stored) = answer.key.as_ref().and_then(|it| answers.get_mut(it)) {
            stored.written = true;
        }
    }

    /// Does all that waits.
    pub async fn process_all_jobs(&self) {
        loop {
            let next = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(inbound) = next else { return };
            let Some(gateway) = self.gateways.get(&inbound.channel_id) else { continue };
            for reply in echo(&inbound) {
                let message = OutboundMessage {
                    id: crate::ids::new_id(self.clock.now()),
                    address: inbound.address.clone(),
                    text: reply.text,
                    choices: reply.choices,
                    edits: None,
                };
                // The placeholder forgets; the real one keeps the state of every message.
                let _ = gateway.send(&message).await;
            }
        }
    }

    /// Works until it is stopped.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            self.process_all_jobs().await;
            tokio::select! {
                () = self.wake.notified() => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// How it is.
    pub async fn health(&self) -> Health {
        Health { ok: true }
    }
}
