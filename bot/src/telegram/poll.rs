//! Long polling: an update is confirmed to Telegram only after it was stored.
//!
//! teloxide's dispatcher confirms updates when it has fetched them, so this loop calls
//! `getUpdates` itself. The offset lives in memory: Telegram keeps what was not confirmed, and the
//! store knows an update that comes again by its `update_id`. A call that confirms sends the
//! offset, and once it succeeded the next ones send none, because after a silent week Telegram
//! starts again at a random `update_id` that may be lower.

use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::{GetUpdatesSetters as _, SetMyCommandsSetters as _};
use teloxide::requests::Requester as _;
use teloxide::types::{Update, UpdateKind};
use teloxide::{ApiError, RequestError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::lead::Lead;
use super::receive::{ALLOWED, Receiver, Taken};
use super::{PollState, Status, commands};
use crate::domain::time::{HOUR, MINUTE};

/// First wait after a failure; it doubles up to [`LONGEST_WAIT`].
pub(super) const FIRST_WAIT: Duration = Duration::from_millis(250);
/// Longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A failing poll for this long is an alarm.
const ALARM_AFTER: i64 = 10 * MINUTE;
/// A failing poll for this long is a reason to wake somebody.
const PAGE_AFTER: i64 = 2 * HOUR;
/// Wait before what could not be stored is asked for again.
const STORE_WAIT: Duration = Duration::from_millis(250);

/// Polls one bot. `Debug` does not show the bot, which holds the token.
pub struct Poller {
    /// What takes the updates; the client of its bot must wait longer than one poll.
    pub receiver: Receiver,
    /// Seconds that one poll waits.
    pub timeout_seconds: u32,
    /// What is said of it.
    pub status: Arc<Status>,
}

impl std::fmt::Debug for Poller {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Poller {{ channel_id: {:?}, .. }}", self.receiver.channel_id)
    }
}

/// What one round of storing came to.
struct Round {
    /// The offset that confirms what was stored: the lowest update that was not, or one more than
    /// the highest.
    confirm: Option<i64>,
    /// Whether something could not be stored, so that the next poll gives it again at once.
    again: bool,
    /// Whether something can't be confirmed, so that every poll gives it again at once.
    stuck: bool,
    /// Whether the store is the reason.
    store_down: bool,
}

impl Poller {
    /// Polls until `stop`. What was fetched is stored before it returns.
    pub async fn run(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let started = self.receiver.clock.now();
        let lead = Lead::new(&self.receiver);
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => break,
                () = lead.take(&self.status) => {}
            }
            let polling = async {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.introduce(&tasks) => self.poll(&stop, &tasks, started).await,
                }
            };
            tokio::select! {
                () = polling => {}
                // What was fetched and is not stored yet is fetched again by the one that leads now.
                () = lead.keep() => {}
            }
        }
        lead.resign(&stop).await;
        self.status.set(PollState::Stopped);
        tasks.close();
        // Released buttons are a courtesy: they get a moment, no more.
        if tokio::time::timeout(Duration::from_secs(2), tasks.wait()).await.is_err() {
            tracing::debug!(channel = self.receiver.channel_id, "some buttons were not released");
        }
    }

    /// Asks who the bot is until Telegram answers, then sets the commands of its menu.
    async fn introduce(&self, tasks: &TaskTracker) {
        let mut told = false;
        let failed = |problem: &RequestError| self.failed(problem, &mut told);
        introduce(&self.receiver, tasks, failed).await;
    }

    async fn poll(
        &self,
        stop: &CancellationToken,
        tasks: &TaskTracker,
        started: crate::domain::time::UnixMillis,
    ) {
        let mut offset: Option<i64> = None;
        let mut wait = FIRST_WAIT;
        let mut told = false;
        loop {
            let fetched = tokio::select! {
                () = stop.cancelled() => return,
                fetched = self.fetch(offset) => fetched,
            };
            let (updates, whole) = match fetched {
                Ok(fetched) => fetched,
                Err(problem) => {
                    self.failed(&problem, &mut told);
                    self.alarm(started);
                    if has_webhook(&problem) {
                        self.drop_webhook().await;
                    }
                    let pause = pause(&problem, &mut wait);
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(pause) => continue,
                    }
                }
            };
            self.status.polled(self.receiver.clock.now());
            if std::mem::take(&mut told) {
                tracing::info!(channel = self.receiver.channel_id, "Telegram answers again");
            }
            // The offset that was sent is confirmed now.
            let mut round = self.store(&updates, tasks).await;
            round.stuck |= !whole && round.confirm.is_none();
            offset = round.confirm;
            if round.store_down {
                self.status.set(PollState::StoreDown);
            }
            if round.again || round.stuck {
                // What is stuck may wait; an update that can't be stored must not hold up those that
                // come behind it.
                let pause = if round.stuck { next_wait(&mut wait) } else { STORE_WAIT };
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
            } else {
                wait = FIRST_WAIT;
            }
        }
    }

    /// One call of `getUpdates`. An update that teloxide can't read costs itself only, even one
    /// whose `update_id` is no id; `false` with the updates says that there may be such ones.
    async fn fetch(&self, offset: Option<i64>) -> Result<(Vec<Update>, bool), RequestError> {
        let mut request =
            self.receiver.bot.get_updates().timeout(self.timeout_seconds).allowed_updates(ALLOWED);
        if let Some(offset) = offset.and_then(|it| i32::try_from(it).ok()) {
            request = request.offset(offset);
        }
        match request.await {
            Err(RequestError::InvalidJson { source, raw }) => {
                salvage(&raw).map(|it| (it, false)).ok_or(RequestError::InvalidJson { source, raw })
            }
            other => other.map(|it| (it, true)),
        }
    }

    /// Stores what was fetched, in the order of the ids.
    async fn store(&self, updates: &[Update], tasks: &TaskTracker) -> Round {
        let mut sorted: Vec<&Update> = updates.iter().collect();
        sorted.sort_by_key(|it| it.id);
        let mut unstored = Vec::new();
        let mut down = Vec::new();
        let mut stored = false;
        for update in &sorted {
            match self.receiver.take(update, tasks).await {
                Taken::Done => stored = true,
                Taken::LeftOut => {}
                Taken::Refused => unstored.push(update.id.0),
                Taken::StoreDown => down.push(update.id.0),
            }
        }
        if stored {
            // While others are stored, the one that can't be is the fault of the update, not of the store.
            unstored.extend(down.drain(..).filter(|id| self.receiver.count(*id) == Taken::Refused));
        }
        let store_down = !down.is_empty();
        unstored.append(&mut down);
        let highest = sorted.last().map(|it| i64::from(it.id.0) + 1);
        let confirm = unstored.iter().min().map(|it| i64::from(*it)).or(highest);
        // teloxide sends the offset as an i32; a higher one can't be confirmed.
        let stuck = confirm.is_some_and(|it| i32::try_from(it).is_err());
        Round { confirm, again: !unstored.is_empty(), stuck, store_down }
    }

    /// Another program set a webhook for this bot, which keeps polling out.
    async fn drop_webhook(&self) {
        tracing::warn!(
            channel = self.receiver.channel_id,
            "the bot had a webhook; it is removed, since updates are polled"
        );
        if let Err(problem) = self.receiver.bot.delete_webhook().await {
            let why = reason(&problem);
            tracing::warn!(channel = self.receiver.channel_id, why, "the webhook could not be removed");
        }
    }

    /// Shows a failure; the first of a row is logged.
    fn failed(&self, problem: &RequestError, told: &mut bool) {
        let state = match problem {
            RequestError::Api(ApiError::InvalidToken) => PollState::Refused,
            _ => PollState::Unreachable,
        };
        self.status.set(state);
        if !std::mem::replace(told, true) {
            let why = reason(problem);
            tracing::warn!(
                channel = self.receiver.channel_id,
                why,
                "Telegram could not be asked; it is tried again"
            );
        }
    }

    fn alarm(&self, started: crate::domain::time::UnixMillis) {
        let last = self.status.last_poll().unwrap_or(started);
        let silent_ms = self.receiver.clock.now().since(last);
        let channel = &self.receiver.channel_id;
        if silent_ms >= PAGE_AFTER {
            tracing::error!(
                channel,
                silent_ms,
                code = "telegram_silent_page",
                "no poll of Telegram has succeeded for two hours: somebody must look"
            );
        } else if silent_ms >= ALARM_AFTER {
            tracing::error!(
                channel,
                silent_ms,
                code = "telegram_silent",
                "no poll of Telegram has succeeded for long"
            );
        }
    }
}

/// Asks who the bot is until Telegram answers, then sets the commands of its menu.
pub(super) async fn introduce(
    receiver: &Receiver,
    tasks: &TaskTracker,
    mut failed: impl FnMut(&RequestError),
) {
    let mut wait = FIRST_WAIT;
    while let Err(problem) = receiver.bot.get_me().await {
        failed(&problem);
        tokio::time::sleep(pause(&problem, &mut wait)).await;
    }
    let bot = receiver.bot.clone();
    let channel = receiver.channel_id.clone();
    tasks.spawn(async move {
        for (locale, code) in commands::LANGUAGES {
            let mut request = bot.set_my_commands(commands::of(locale));
            if !code.is_empty() {
                request = request.language_code(code);
            }
            if let Err(problem) = request.await {
                let why = reason(&problem);
                tracing::warn!(channel, locale, why, "the bot's commands could not be set");
            }
        }
    });
}

/// The updates of an answer that can't be read as a whole: those that can't be read alone are kept
/// with their id as unreadable, so that they are confirmed; one without an id is dropped.
fn salvage(raw: &str) -> Option<Vec<Update>> {
    let answer: serde_json::Value = serde_json::from_str(raw).ok()?;
    let list = answer.get("ok")?.as_bool()?.then(|| answer.get("result")?.as_array())??;
    Some(list.iter().filter_map(one_update).collect())
}

/// One update; as unreadable where teloxide can't read it. `None`: it has no id.
pub(super) fn one_update(value: &serde_json::Value) -> Option<Update> {
    // teloxide reads an update from a text only: it borrows the names of the keys.
    serde_json::from_str(&value.to_string()).ok().or_else(|| {
        let id = u32::try_from(value.get("update_id")?.as_i64()?).ok()?;
        let kind = UpdateKind::Error(serde_json::Value::Null);
        Some(Update { id: teloxide::types::UpdateId(id), kind })
    })
}

/// Whether a webhook keeps polling out. teloxide knows an older sentence of Telegram's only.
fn has_webhook(problem: &RequestError) -> bool {
    match problem {
        RequestError::Api(ApiError::CantGetUpdates) => true,
        RequestError::Api(ApiError::Unknown(text)) => text.contains("while webhook is active"),
        _ => false,
    }
}

/// How long to wait after a failure.
pub(super) fn pause(problem: &RequestError, wait: &mut Duration) -> Duration {
    match problem {
        RequestError::RetryAfter(asked) => asked.duration(),
        _ => next_wait(wait),
    }
}

/// The next wait; it doubles.
pub(super) fn next_wait(wait: &mut Duration) -> Duration {
    let now = *wait;
    *wait = (now * 2).min(LONGEST_WAIT);
    now
}

/// A failure as a code: the text may hold the token or what somebody wrote.
pub(super) fn reason(problem: &RequestError) -> &'static str {
    match problem {
        RequestError::Api(ApiError::InvalidToken) => "token refused",
        RequestError::Api(ApiError::TerminatedByOtherGetUpdates) => "another program polls this bot",
        it if has_webhook(it) => "the bot has a webhook",
        RequestError::Api(_) => "refused",
        RequestError::MigrateToChatId(_) => "chat moved",
        RequestError::RetryAfter(_) => "asked to wait",
        RequestError::Network(it) if it.is_timeout() => "timeout",
        RequestError::Network(it) if it.is_connect() => "no connection",
        RequestError::Network(_) => "network",
        RequestError::InvalidJson { .. } => "answer can't be read",
        RequestError::Io(_) => "input or output",
    }
}

#[cfg(test)]
mod tests {
    use teloxide::types::UpdateKind;

    use super::salvage;

    #[test]
    fn a_poison_update_costs_itself_only() {
        let updates = salvage(
            r#"{"ok":true,"result":[{"update_id":"x"},{"update_id":-5},{"update_id":7,"message":3},17,
                {"update_id":8,"poll_answer":{"poll_id":"p","user":{"id":4,"is_bot":false,"first_name":"a"},"option_ids":[]}}]}"#,
        )
        .expect("a list");
        assert_eq!(updates.iter().map(|it| it.id.0).collect::<Vec<_>>(), [7, 8]);
        assert!(matches!(updates[0].kind, UpdateKind::Error(_)));
        assert!(matches!(updates[1].kind, UpdateKind::PollAnswer(_)));
        assert!(salvage(r#"{"ok":false}"#).is_none());
        assert!(salvage("<html>").is_none());
    }
}
