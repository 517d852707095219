//! Citizens of a running service: phones behind an SMS gateway that takes everything, and chats.

use std::sync::atomic::{AtomicU32, Ordering};

use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::bot_api::{BotApi, TOKEN};
use crate::serving::{PATIENCE, Serving};

const KEY: &str = "k0123456789abcdef";

/// A service with the SMS channels `telco` and `other` and the channel `telegram`, all without a pace,
/// and its clock at half past nine in the morning in Mexico.
#[derive(Debug)]
pub struct Phones {
    /// The service.
    pub serving: Serving,
    /// Telegram.
    pub api: BotApi,
    smsbox: MockServer,
    sent: AtomicU32,
}

impl Phones {
    /// Starts it, with more of the configuration.
    pub async fn start(more: &str) -> Self {
        let smsbox = MockServer::start().await;
        let taken = ResponseTemplate::new(202).set_body_string("0: Accepted for delivery");
        Mock::given(method("GET")).and(path("/sendsms")).respond_with(taken).mount(&smsbox).await;
        let api = BotApi::start().await;
        let kannel = |id: &str| {
            format!(
                "[channels.{id}]\ntype = \"kannel\"\nkey = \"{KEY}\"\nsendsms_url = \"{}/sendsms\"\n\
                 username = \"u\"\npassword = \"p\"\n[channels.{id}.sending]\nper_minute = 60000\n",
                smsbox.uri()
            )
        };
        let toml = format!(
            "{}{}[channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n\
             poll_timeout_seconds = 1\n[channels.telegram.sending]\ncontact_pause_seconds = 0\n{more}",
            kannel("telco"),
            kannel("other"),
            api.url()
        );
        let serving = Serving::start(&toml).await;
        serving.clock.advance(2 * 3_600_000);
        Self { serving, api, smsbox, sent: AtomicU32::new(0) }
    }

    /// A text of a sender, as a gateway names it; gives the answer in the body.
    pub async fn sms(&self, channel: &str, from: &str, text: &str) -> String {
        let encoded = |text: &str| text.bytes().fold(String::new(), |all, it| all + &format!("%{it:02X}"));
        let id = self.sent.fetch_add(1, Ordering::Relaxed);
        let (from, text) = (encoded(from), encoded(text));
        let query = format!("key={KEY}&from={from}&text={text}&id=s-{id}&charset=UTF-8&coding=0");
        let (status, _, body) = self.serving.get(&format!("/webhooks/sms/{channel}?{query}")).await;
        assert_eq!(status, 200, "{text}");
        body
    }

    /// Numbers and texts of all that was pushed, once nothing waits any more; ten seconds go by, in which
    /// staff may take back what they sent.
    pub async fn pushed(&self) -> Vec<(String, String)> {
        self.serving.clock.advance(10_000);
        let service = self.serving.app.service();
        let settled = async {
            loop {
                service.wake_senders();
                let states = service.store.count_outbound().await.expect("states");
                if states.iter().all(|it| !matches!(it.0.as_str(), "queued" | "claimed" | "dispatched")) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.expect("handed over in time");
        let requests = self.smsbox.received_requests().await.unwrap_or_default();
        let value = |it: &Request, name: &str| {
            it.url.query_pairs().find(|(key, _)| key == name).map(|it| it.1.into_owned()).unwrap_or_default()
        };
        requests.iter().map(|it| (value(it, "to"), value(it, "text"))).collect()
    }
}

/// Folio and PIN of a receipt in Spanish.
///
/// # Panics
/// It is none.
pub fn receipt(text: &str) -> (String, String) {
    let after = |sign: &str, length: usize| {
        let at = text.find(sign).unwrap_or_else(|| panic!("no {sign:?} in {text:?}")) + sign.len();
        text[at..at + length].to_owned()
    };
    let (folio, pin) = (after("Folio ", 6), after("clave ", 4));
    assert!(pin.bytes().all(|it| it.is_ascii_digit()), "{text}");
    (folio, pin)
}
