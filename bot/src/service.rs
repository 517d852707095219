//! Placeholder of the service, in memory: the store's branch brings the real one with this interface.
//! It repeats what it was told.

#![expect(clippy::unused_async, reason = "the interface of the real one")]

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

/// A reply of an answer.
#[derive(Clone, Debug)]
pub struct StoredReply {
    /// Its id.
    pub id: uuid::Uuid,
    /// What it says.
    pub rendered: Rendered,
}

/// What is written in the answer of a webhook.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Our id of the message.
    pub inbox_id: uuid::Uuid,
    /// Whether it is new.
    pub fresh: bool,
    /// The texts; empty for silence.
    pub replies: Vec<StoredReply>,
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
    inbox_id: uuid::Uuid,
    address: String,
    replies: Vec<StoredReply>,
}

/// The service.
#[derive(Debug)]
pub struct Service {
    /// Ways out, by channel id.
    pub gateways: Gateways,
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
    text.split('|')
        .map(|text| Rendered {
            kind: ReplyKind::Answer,
            text: text.to_owned(),
            municipality: None,
            choices: vec![Choice { key: "COMIDA".to_owned(), label: "COMIDA".to_owned() }],
            edit: false,
        })
        .collect()
}

impl Service {
    /// A service in memory.
    pub async fn in_memory(gateways: Gateways, clock: Clock) -> Arc<Self> {
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
            let inbox_id = crate::ids::new_id(inbound.received_at);
            answers.insert(key, Stored { inbox_id, address: inbound.address.clone(), replies: Vec::new() });
        }
        self.queue.lock().map_err(|_| Error)?.push_back(inbound);
        self.wake.notify_one();
        Ok(Accepted { fresh: true })
    }

    /// Answers a message at once.
    pub async fn answer(&self, inbound: NewInbound) -> Result<Answer, Error> {
        let now = inbound.received_at;
        let id = inbound.external_id.clone().unwrap_or_else(|| crate::ids::new_id(now).to_string());
        let mut answers = self.answers.lock().map_err(|_| Error)?;
        let mut fresh = false;
        let stored = answers.entry((inbound.channel_id.clone(), id)).or_insert_with(|| {
            fresh = true;
            let replies = echo(&inbound)
                .into_iter()
                .map(|rendered| StoredReply { id: crate::ids::new_id(now), rendered })
                .collect();
            Stored { inbox_id: crate::ids::new_id(now), address: inbound.address.clone(), replies }
        });
        Ok(Answer { inbox_id: stored.inbox_id, fresh, replies: stored.replies.clone() })
    }

    /// The answer was written whole.
    pub async fn answer_written(&self, answer: &Answer) -> Result<(), Error> {
        self.answer_written_in_part(answer, answer.replies.len()).await
    }

    /// The first replies were written; the others are pushed.
    pub async fn answer_written_in_part(&self, answer: &Answer, written: usize) -> Result<(), Error> {
        let mut waiting = Vec::new();
        {
            let mut answers = self.answers.lock().map_err(|_| Error)?;
            for ((channel, _), stored) in answers.iter_mut() {
                if stored.inbox_id == answer.inbox_id {
                    for reply in stored.replies.drain(..).skip(written) {
                        waiting.push((channel.clone(), stored.address.clone(), reply));
                    }
                }
            }
        }
        for (channel, address, reply) in waiting {
            if let Some(gateway) = self.gateways.get(&channel) {
                let message = OutboundMessage {
                    id: reply.id,
                    address,
                    text: reply.rendered.text,
                    choices: Vec::new(),
                    edits: None,
                };
                // The placeholder forgets; the real one keeps the state of every message.
                let _ = gateway.send(&message).await;
            }
        }
        Ok(())
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
