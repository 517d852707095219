//! `cabildo chat`.

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use super::Failure;
use crate::clock::Clock;
use crate::domain::channel::ChannelKind;
use crate::service::{NewInbound, Service};

/// Arguments of `cabildo chat`.
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs the command.
pub fn run(_arguments: &Arguments, _pack: Option<&Path>) -> Result<(), Failure> {
    Err(Failure::software("This command is not built yet."))
}

/// Longest line that is read, in bytes.
const LONGEST_LINE: u64 = 64 * 1024;

/// Plays a phone on the running service: each line of the standard input is a message, each reply a
/// line. The answer is whether there was any line before the end of the input.
pub async fn open_phone(service: &Arc<Service>, clock: &Clock) -> Result<bool, Failure> {
    let (sender, mut lines) = tokio::sync::mpsc::channel(1);
    // A read of the standard input can't be broken off, so it has a thread that nobody waits for.
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut line = Vec::new();
            match std::io::Read::take(&mut input, LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            if sender.blocking_send(String::from_utf8_lossy(&line).trim().to_owned()).is_err() {
                return;
            }
        }
    });
    let mut played = false;
    while let Some(text) = lines.recv().await {
        played = true;
        if text.is_empty() {
            continue;
        }
        let now = clock.now();
        let inbound = NewInbound {
            channel_id: "phone".to_owned(),
            kind: ChannelKind::Sms,
            external_id: Some(crate::ids::new_id(now).to_string()),
            address: "+520000000000".to_owned(),
            text,
            location: None,
            payload: None,
            provider_at: None,
            received_at: now,
        };
        let answer = service.answer(inbound).await.map_err(|problem| {
            Failure::new(super::exit::UNAVAILABLE, format!("The message could not be answered: {problem}."))
        })?;
        for reply in &answer.replies {
            writeln!(std::io::stdout(), "{}", reply.rendered.text)?;
        }
        // Nobody repeats a line of this phone, so the note has no use when it fails.
        let _ = service.answer_written(&answer).await;
    }
    Ok(played)
}
