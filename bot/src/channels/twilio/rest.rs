//! Twilio's REST API: sending, and what its own list of messages says.

use serde::Deserialize;

use super::super::call::{Answer, call, call_up_to};
use super::super::gateway::{Listed, OutboundMessage, SendError, Unsettled};
use crate::config::{Secret, Twilio};
use crate::domain::time::{MINUTE, UnixMillis};

/// Messages of one page of the list.
const PAGE: usize = 100;
/// The largest page that is read, in bytes: a message takes about 1 KiB.
const LARGEST_PAGE: usize = 512 * 1024;
/// The most pages that are read for one attempt.
const PAGES_OF_AN_ATTEMPT: usize = 3;
/// The most pages that are read for what came in.
const PAGES_RECEIVED: usize = 50;
/// A message of ours was made at Twilio no earlier than this before we called, ms: clocks differ.
const BEFORE: i64 = 2 * MINUTE;
/// And no later than this after it, ms.
const AFTER: i64 = 10 * MINUTE;

/// Sends by the REST API.
#[derive(Debug)]
pub struct Sender {
    client: reqwest::Client,
    url: reqwest::Url,
    account_sid: String,
    auth_token: Secret,
    from: String,
    callback: String,
}

/// A message as the list shows it.
#[derive(Deserialize)]
struct Item {
    sid: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Item>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

impl Item {
    fn created(&self) -> Option<UnixMillis> {
        let text = self.date_created.as_deref()?;
        chrono::DateTime::parse_from_rfc2822(text).ok().map(|it| UnixMillis(it.timestamp_millis()))
    }
}

/// A message that Twilio received, as its list shows it. `Debug` shows neither sender nor text.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Twilio's id.
    pub sid: String,
    /// Who wrote.
    pub from: String,
    /// What was written.
    pub body: String,
    /// When Twilio got it.
    pub at: UnixMillis,
}

impl std::fmt::Debug for Received {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Received {{ sid: {:?}, .. }}", self.sid)
    }
}

impl Sender {
    /// The sender of a channel whose webhook is at `webhook_url`; `None` where its configuration names
    /// no number to send from.
    pub fn new(client: reqwest::Client, config: &Twilio, webhook_url: &str) -> Option<Self> {
        let sid = &config.account_sid;
        let base = config.api_url.trim_end_matches('/');
        Some(Self {
            client,
            url: reqwest::Url::parse(&format!("{base}/2010-04-01/Accounts/{sid}/Messages.json")).ok()?,
            account_sid: sid.clone(),
            auth_token: config.auth_token.clone()?,
            from: config.from.clone()?,
            callback: format!("{webhook_url}/status?message="),
        })
    }

    /// Sends one message; the answer is Twilio's id for it.
    pub async fn send(&self, message: &OutboundMessage) -> Result<Option<String>, SendError> {
        #[derive(Deserialize)]
        struct Created {
            sid: String,
        }
        #[derive(Deserialize)]
        struct Refused {
            code: u32,
        }
        let sender = if self.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let callback = format!("{}{}", self.callback, message.token());
        let form = [
            ("To", message.address.as_str()),
            (sender, &self.from),
            ("Body", &message.text),
            ("StatusCallback", &callback),
        ];
        let request = self.client.post(self.url.clone());
        let request = request.basic_auth(&self.account_sid, Some(self.auth_token.reveal())).form(&form);
        let answer = call(request).await?;
        if (200..=299).contains(&answer.status) {
            // Without an id it may have been a proxy that answered.
            let created: Option<Created> = answer.json();
            return created.map(|it| Some(it.sid)).ok_or(SendError::Unknown);
        }
        let code = answer.json::<Refused>().map(|it| it.code);
        match (answer.status, code) {
            // "Attempt to send to unsubscribed recipient": the person wrote a stop word to Twilio.
            (400..=499, Some(21610)) => Err(SendError::Blocked),
            (401 | 403 | 429, _) => Err(answer.refusal()),
            (400..=499, Some(code)) => Err(SendError::Permanent { reason: format!("twilio_{code}") }),
            _ => Err(answer.refusal()),
        }
    }

    fn get(&self, url: reqwest::Url) -> reqwest::RequestBuilder {
        self.client.get(url).basic_auth(&self.account_sid, Some(self.auth_token.reveal()))
    }

    /// The page that follows, on the configured host whatever the answer says.
    fn next(&self, page: &Page) -> Option<reqwest::Url> {
        let next = page.next_page_uri.as_deref()?;
        let (path, query) = next.split_once('?')?;
        let mut url = self.url.clone();
        url.path().ends_with(path).then(|| url.set_query(Some(query)))?;
        Some(url)
    }

    async fn page(&self, url: reqwest::Url) -> Option<Page> {
        let answer: Answer = call_up_to(self.get(url), LARGEST_PAGE).await.ok()?;
        if answer.is_success() { answer.json() } else { None }
    }

    /// Looks an attempt up among the messages to its number: those with the same text that were made
    /// around the call. The list is not filtered by `DateSent`, since a message that waits to be sent has
    /// none and would seem never to have come.
    pub async fn find(&self, unsettled: &Unsettled) -> Listed {
        let (from, until) = (unsettled.dispatched_at.0 - BEFORE, unsettled.dispatched_at.0 + AFTER);
        let mut url = self.url.clone();
        url.query_pairs_mut()
            .append_pair("To", &unsettled.address)
            .append_pair("PageSize", &PAGE.to_string());
        let mut next = Some(url);
        let mut found: Vec<String> = Vec::new();
        for _ in 0..PAGES_OF_AN_ATTEMPT {
            let Some(url) = next else { break };
            let Some(page) = self.page(url).await else { return Listed::NotKnown };
            let mut whole = page.next_page_uri.is_none();
            for item in &page.messages {
                // A date that can't be read leaves open whether this is the one.
                let Some(created) = item.created() else { return Listed::NotKnown };
                // The newest come first.
                whole |= created.0 < from;
                let ours = item.direction.as_deref().is_some_and(|it| it.starts_with("outbound-api"));
                // A trial account writes a sentence of its own before each text.
                let same =
                    item.body.as_deref().is_some_and(|it| it.trim_end().ends_with(unsettled.text.trim_end()));
                let to = item.to.as_deref() == Some(unsettled.address.as_str());
                if ours && same && to && (from..=until).contains(&created.0) {
                    found.push(item.sid.clone());
                }
            }
            next = self.next(&page);
            if whole {
                return match found.len() {
                    0 => Listed::NotTaken,
                    1 => Listed::Taken(found.pop()),
                    _ => Listed::NotKnown,
                };
            }
        }
        Listed::NotKnown
    }

    /// What Twilio received since `from`, oldest first; `None` where the list could not be read to its
    /// end, so that nobody takes a part of it for the whole.
    pub async fn received_since(&self, from: UnixMillis) -> Option<Vec<Received>> {
        let since = chrono::DateTime::from_timestamp_millis(from.0)?;
        let mut url = self.url.clone();
        {
            let mut query = url.query_pairs_mut();
            if !self.from.starts_with("MG") {
                query.append_pair("To", &self.from);
            }
            query.append_pair("DateSent>", &since.format("%Y-%m-%dT%H:%M:%SZ").to_string());
            query.append_pair("PageSize", &PAGE.to_string());
        }
        let mut next = Some(url);
        let mut received = Vec::new();
        for _ in 0..PAGES_RECEIVED {
            let Some(url) = next else { break };
            let page = self.page(url).await?;
            for item in &page.messages {
                let Some(at) = item.created().filter(|at| at.0 >= from.0) else { continue };
                if item.direction.as_deref() == Some("inbound") {
                    received.push(Received {
                        sid: item.sid.clone(),
                        from: item.from.clone().unwrap_or_default(),
                        body: item.body.clone().unwrap_or_default(),
                        at,
                    });
                }
            }
            next = self.next(&page);
            if next.is_none() {
                if page.next_page_uri.is_some() {
                    return None;
                }
                received.sort_by_key(|it| it.at.0);
                return Some(received);
            }
        }
        None
    }
}
