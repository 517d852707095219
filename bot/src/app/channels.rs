//! What is made of the channels of the configuration, before anything is started: how each is sent
//! through, what its webhook expects, and the bots.

use std::collections::HashMap;
use std::time::Duration;

use crate::app::StartError;
use crate::channels::gateway::{Gateway, Gateways};
use crate::channels::{android, generic, http_client, kannel, telegram, twilio};
use crate::config::{self, ChannelConfig, Config, ConfigError};
use crate::http::SmsChannel;
use crate::telegram::media;

/// Longest time of one call to a gateway, from its first byte to its last.
const CALL: Duration = Duration::from_secs(20);

/// A bot that messages are received with.
pub(super) struct Bot {
    /// Id of the channel.
    pub id: String,
    /// The bot, with a client that waits as long as a poll does.
    pub bot: teloxide::Bot,
    /// Its section of the configuration.
    pub config: config::Telegram,
}

/// Everything that the channels of a configuration need, by the id of the channel.
#[derive(Default)]
pub(super) struct Built {
    /// How each is sent through.
    pub gateways: Gateways,
    /// What the webhooks of the SMS gateways expect.
    pub sms: HashMap<String, SmsChannel>,
    /// The bots.
    pub bots: Vec<Bot>,
    /// Where photos and voices are fetched from.
    pub files: HashMap<String, media::Source>,
}

impl Built {
    /// Builds all of them. Nothing is called yet.
    pub fn from_config(config: &Config) -> Result<Self, StartError> {
        let client = http_client(CALL)?;
        let mut built = Self::default();
        for (id, channel) in &config.channels {
            match channel {
                ChannelConfig::Kannel(kannel) => {
                    let sender = kannel::Sender::new(client.clone(), id, kannel);
                    built.sms(id, sender.map(Gateway::Kannel), SmsChannel::Kannel(kannel.clone()));
                }
                ChannelConfig::Twilio(twilio) => {
                    let url = webhook_url(config, id);
                    let sender = twilio::Sender::new(client.clone(), twilio, &url);
                    built.sms(id, sender.map(Gateway::Twilio), SmsChannel::Twilio(twilio.clone(), url));
                }
                ChannelConfig::Android(android) => {
                    let sender = android::Sender::new(client.clone(), android);
                    built.sms(id, sender.map(Gateway::Android), SmsChannel::Android(android.clone()));
                }
                ChannelConfig::Http(generic) => {
                    let sender = generic::Sender::new(client.clone(), generic);
                    let channel = SmsChannel::Http(generic.clone(), webhook_url(config, id));
                    built.sms(id, sender.map(Gateway::Http), channel);
                }
                ChannelConfig::Telegram(telegram) => built.telegram(id, telegram, &client)?,
            }
        }
        Ok(built)
    }

    /// An SMS gateway. One without `gateway` only answers.
    fn sms(&mut self, id: &str, gateway: Option<Gateway>, channel: SmsChannel) {
        if let Some(gateway) = gateway {
            self.gateways.insert(id.to_owned(), gateway);
        }
        self.sms.insert(id.to_owned(), channel);
    }

    fn telegram(
        &mut self,
        id: &str,
        config: &config::Telegram,
        client: &reqwest::Client,
    ) -> Result<(), StartError> {
        let token = config.token.as_ref().map(|it| it.reveal().to_owned()).unwrap_or_default();
        let url = reqwest::Url::parse(&config.api_url)
            .map_err(|_| ConfigError::key(&format!("channels.{id}.api_url"), "it is no URL."))?;
        let sending = teloxide::Bot::with_client(&token, client.clone()).set_api_url(url.clone());
        self.files.insert(id.to_owned(), media::Source { bot: sending.clone(), limits: config.media });
        self.gateways.insert(id.to_owned(), Gateway::Telegram(telegram::Sender::new(sending)));
        // A poll waits on purpose, so its client must wait longer.
        let seconds = u64::from(config.poll_timeout_seconds);
        let patient = http_client(CALL + Duration::from_secs(seconds))?;
        let bot = teloxide::Bot::with_client(&token, patient).set_api_url(url);
        self.bots.push(Bot { id: id.to_owned(), bot, config: config.clone() });
        Ok(())
    }
}

/// What gateways call a channel's webhook by.
fn webhook_url(config: &Config, id: &str) -> String {
    let base = config.server.public_url.as_deref().unwrap_or_default().trim_end_matches('/');
    format!("{base}/webhooks/sms/{id}")
}
