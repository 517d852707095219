//! Fetches the photos and voices of messages, within limits, and deletes them when their time is
//! over. A file that can't be had is parked; it holds up neither a message nor another file.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use teloxide::requests::Requester as _;
use teloxide::types::FileId;
use teloxide::{Bot, RequestError};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::channels::media::{Cleaned, clean_photo, clean_voice};
use crate::clock::Clock;
use crate::config::MediaLimits;
use crate::domain::time::{HOUR, MINUTE};
use crate::store::media::{Fetched, MediaKind, Wanted};
use crate::store::{Error, Store};

/// Waits before the second to the last try, ms.
const WAITS: [i64; 4] = [30_000, 2 * MINUTE, 10 * MINUTE, HOUR];
/// Files fetched beside each other.
const AT_ONCE: u32 = 4;
/// Longest time of one download.
const DOWNLOAD: Duration = Duration::from_mins(1);
/// How often it looks for work nobody woke it for.
const LOOK: Duration = Duration::from_secs(5);
/// Rows deleted at once.
const EXPIRE: u32 = 500;

/// A bot that files are fetched by, and what is fetched.
#[derive(Clone)]
pub struct Source {
    /// The bot.
    pub bot: Bot,
    /// What is fetched.
    pub limits: MediaLimits,
}

/// Fetches files. `Debug` does not show the bots, which hold the tokens.
pub struct Fetcher {
    /// Where files are kept.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Where they come from, by channel id.
    pub sources: HashMap<String, Source>,
    /// Wakes it.
    pub waits: Arc<Notify>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Fetcher {{ sources: {}, .. }}", self.sources.len())
    }
}

/// Why a file was not had.
enum Miss {
    /// Another try won't help either.
    Never(&'static str),
    /// Another try may help.
    Later(&'static str),
}

impl Fetcher {
    /// Works until `stop`. What is not fetched then is fetched after the next start.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let work = async {
                match self.batch().await {
                    Ok(0) => {}
                    Ok(_) => return,
                    Err(problem) => tracing::error!(%problem, "files could not be fetched; trying again"),
                }
                tokio::select! {
                    () = self.waits.notified() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = work => {}
            }
        }
    }

    /// Deletes what is over and fetches what is due; gives how many files it tried.
    ///
    /// # Errors
    /// The store can't be used; the work is still there.
    pub async fn batch(&self) -> Result<usize, Error> {
        while self.store.expire_media(self.clock.now(), EXPIRE).await? > 0 {}
        let claimed = self.store.claim_media(self.clock.now(), AT_ONCE).await?;
        let count = claimed.len();
        let mut tasks = JoinSet::new();
        for wanted in claimed {
            let source = self.sources.get(&wanted.channel_id).cloned();
            tasks.spawn(async move { (fetch(source, &wanted).await, wanted) });
        }
        while let Some(done) = tasks.join_next().await {
            // A panic leaves the row claimed; its lease lapses and it counts as a try.
            let Ok((result, wanted)) = done else { continue };
            let now = self.clock.now();
            let fetched = match result {
                Ok(Cleaned { mime, sha256, content }) => Fetched::Kept { mime, sha256, content },
                Err(Miss::Never(reason)) => Fetched::Refused(reason),
                Err(Miss::Later(reason)) => match wait(&wanted) {
                    Some(wait) => Fetched::Again(now.plus(wait), reason),
                    None => Fetched::Failed(reason),
                },
            };
            if !matches!(fetched, Fetched::Kept { .. }) {
                tracing::warn!(media = %wanted.id, tries = wanted.tries, ?fetched, "a file was not kept");
            }
            self.store.settle_media(wanted.id, wanted.tries, fetched, now).await?;
        }
        Ok(count)
    }
}

/// How long to wait after a try, with a fifth of jitter drawn from the id; `None` after the last.
fn wait(wanted: &Wanted) -> Option<i64> {
    let base = *WAITS.get(usize::try_from(wanted.tries - 1).ok()?)?;
    let share = (wanted.id.as_u128() % 401) as i64;
    Some(base * 800 / 1_000 + base * share / 1_000)
}

async fn fetch(source: Option<Source>, wanted: &Wanted) -> Result<Cleaned, Miss> {
    if wanted.tries > WAITS.len() as i64 + 1 {
        return Err(Miss::Never("tries"));
    }
    let Some(Source { bot, limits }) = source else { return Err(Miss::Never("no_channel")) };
    let most = match wanted.kind {
        MediaKind::Photo => limits.photo_bytes,
        MediaKind::Voice => limits.voice_bytes,
    };
    if wanted.seconds.is_some_and(|it| it > limits.voice_seconds) {
        return Err(Miss::Never("too_long"));
    }
    // The largest one first: the first that fits is the best.
    let fits = wanted.sizes.iter().find(|(_, size)| *size <= most || *size == u32::MAX);
    let Some((file_id, _)) = fits else { return Err(Miss::Never("size")) };
    let file = bot.get_file(FileId(file_id.clone())).await.map_err(|it| missed(&it))?;
    if file.meta.size != u32::MAX && file.meta.size > most {
        return Err(Miss::Never("size"));
    }
    let body = tokio::time::timeout(DOWNLOAD, download(&bot, &file.path, most))
        .await
        .map_err(|_| Miss::Later("timeout"))??;
    if file.meta.size != u32::MAX && body.len() as u64 != u64::from(file.meta.size) {
        return Err(Miss::Later("cut"));
    }
    let (kind, seconds) = (wanted.kind, limits.voice_seconds);
    // Decoding takes a while, and a decoder that fails badly fails for this file only.
    let work = tokio::task::spawn_blocking(move || match kind {
        MediaKind::Photo => clean_photo(&body),
        MediaKind::Voice => clean_voice(&body, seconds),
    });
    work.await.map_err(|_| Miss::Never("damaged"))?.map_err(Miss::Never)
}

/// The bytes of a file, at most `most`. Neither the URL, which holds the token, nor the error of the
/// call, which holds the URL, is kept.
async fn download(bot: &Bot, path: &str, most: u32) -> Result<Vec<u8>, Miss> {
    let mut url = bot.api_url();
    let token = format!("bot{}", bot.token());
    let segments = ["file", &token].into_iter().chain(path.split('/'));
    // What is no plain way down is no path of Telegram's.
    if path.split('/').any(|it| it.is_empty() || it == "." || it == "..") {
        return Err(Miss::Never("path"));
    }
    url.path_segments_mut().map_err(|()| Miss::Never("path"))?.pop_if_empty().extend(segments);
    let later =
        |problem: reqwest::Error| Miss::Later(if problem.is_timeout() { "timeout" } else { "network" });
    let mut response = bot.client().get(url).send().await.map_err(later)?;
    match response.status().as_u16() {
        200 => {}
        400 | 403 | 404 | 410 => return Err(Miss::Never("not_there")),
        _ => return Err(Miss::Later("refused")),
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(later)? {
        if body.len() + chunk.len() > most as usize {
            return Err(Miss::Never("size"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What a failed `getFile` means. Telegram's descriptions are not kept.
fn missed(problem: &RequestError) -> Miss {
    match problem {
        RequestError::Api(teloxide::ApiError::InvalidToken) => Miss::Later("credentials"),
        RequestError::Api(_) => Miss::Never("not_there"),
        RequestError::RetryAfter(_) => Miss::Later("http_429"),
        RequestError::InvalidJson { .. } => Miss::Later("answer"),
        _ => Miss::Later("network"),
    }
}
