//! What receives from a bot: a poller, or the webhook and what keeps it registered.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::app::channels::Bot;
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, TelegramMode};
use crate::http::TelegramHook;
use crate::telegram::{Poller, Receiver, Registrar, Status};

/// Starts what receives from a bot. With a webhook there is something for the router too.
pub(super) fn receive(
    app: &App,
    config: &Config,
    bot: Bot,
    clock: &Clock,
    media_waits: &Arc<Notify>,
    status: Arc<Status>,
) -> Result<Option<TelegramHook>, StartError> {
    let Bot { id, bot, config: telegram } = bot;
    let waits = Arc::clone(media_waits);
    let receiver = Receiver::new(bot, id.clone(), Arc::clone(&app.service), clock.clone(), waits);
    if let (TelegramMode::Webhook, Some(secret)) = (telegram.mode, telegram.webhook_secret) {
        let base = config.server.public_url.as_deref().unwrap_or_default().trim_end_matches('/');
        let url = reqwest::Url::parse(&format!("{base}/webhooks/telegram/{id}"))
            .map_err(|_| ConfigError::key("server.public_url", "it is no URL."))?;
        let receiver = Arc::new(receiver);
        let registrar = Registrar { receiver: Arc::clone(&receiver), url, secret: secret.clone(), status };
        app.receiving.spawn(registrar.run(app.stop.clone()));
        return Ok(Some(TelegramHook { receiver, secret }));
    }
    let poller = Poller { receiver, timeout_seconds: telegram.poll_timeout_seconds, status };
    app.receiving.spawn(poller.run(app.stop.clone()));
    Ok(None)
}
