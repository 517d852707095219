//! Calls over HTTP.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use cabildo_staff_api as wire;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

use super::demands::Picture;
use super::{Act, Answer, Ask, Deed, Failure, broadcasts, highlights};
use crate::data::{Canned, Category, Office, Person};
use crate::safe::{Code, SafeText};
use crate::screens::table::Page;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(3);
/// How long a call may take.
const CALL: Duration = Duration::from_secs(15);
/// How often a write is tried where nobody knows whether it arrived; its key makes it happen once.
const TRIES: u32 = 3;
/// Rows of one page of a list.
pub const PAGE: u32 = 200;

/// The address is not one that a token may be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Insecure {
    /// It is no URL of a server.
    #[error("it is no URL such as http://127.0.0.1:8090")]
    NoUrl,
    /// A token would cross the network in clear.
    #[error("http is for this machine only: use https, or an SSH tunnel to the service")]
    Clear,
    /// The client could not be made.
    #[error("TLS could not be set up")]
    Tls,
}

/// The client. Clones share the session.
#[derive(Clone)]
pub struct Api {
    http: Client,
    base: Url,
    token: Arc<RwLock<Option<String>>>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Api({})", self.base.host_str().unwrap_or_default())
    }
}

impl Api {
    /// A client of the service at `server`.
    ///
    /// # Errors
    /// [`Insecure`].
    pub fn new(server: &str) -> Result<Self, Insecure> {
        let base = Url::parse(server).map_err(|_| Insecure::NoUrl)?;
        let host = base.host_str().ok_or(Insecure::NoUrl)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let here = bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback());
        match base.scheme() {
            "https" => {}
            "http" if here => {}
            "http" => return Err(Insecure::Clear),
            _ => return Err(Insecure::NoUrl),
        }
        let http = Client::builder()
            .connect_timeout(CONNECT)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| Insecure::Tls)?;
        Ok(Self { http, base, token: Arc::default() })
    }

    /// Where the service is, as a token is bound to it.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    /// The token of the session, to be kept in a file.
    pub fn token(&self) -> Option<String> {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on with a session.
    pub fn set_token(&self, token: Option<String>) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// Takes the session's token away: nothing is asked with it any more.
    pub fn take_token(&self) -> Option<String> {
        self.token.write().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Ends the session of a token that was taken.
    ///
    /// # Errors
    /// [`Failure`]: the service was not reached, or refused.
    pub async fn end(&self, token: Option<String>) -> Result<Answer, Failure> {
        let request = self.request_with(token, Method::DELETE, "sessions/current");
        self.send(request).await.map(|_| Answer::Done)
    }

    /// A request with the session's token.
    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_with(self.token(), method, path)
    }

    fn request_with(&self, token: Option<String>, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!("/staff/v1/{path}"));
        let request = self.http.request(method, url);
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// [`Failure`]: the service was not reached, or refused.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        match ask {
            Ask::SignIn(with) => {
                let signed: wire::SignedIn = self.post("sessions", &with, None).await?;
                self.set_token(Some(signed.token));
                let me: wire::Me = self.get("me", &[]).await?;
                Ok(Answer::Me(Box::new(me.into())))
            }
            Ask::SetUp(new) => {
                let made: wire::SecondFactor = self.post("set-up", &new, None).await?;
                Ok(Answer::SetUp(made.into()))
            }
            Ask::SignOut => {
                let token = self.take_token();
                self.end(token).await
            }
            Ask::Me => Ok(Answer::Me(Box::new(self.get::<wire::Me>("me", &[]).await?.into()))),
            Ask::Queues => Ok(Answer::Queues(self.get::<wire::case::Queues>("queues", &[]).await?.into())),
            Ask::Cases(mut query) => {
                query.limit.get_or_insert(PAGE);
                let request = self.request(Method::GET, "cases").query(&*query);
                let page: wire::case::CaseList = read(self.send(request).await?).await?;
                Ok(Answer::Cases(page.into()))
            }
            Ask::Case(id) => {
                let case: wire::case::Case = self.get(&format!("cases/{id}"), &[]).await?;
                Ok(Answer::Case(Box::new(case.into())))
            }
            Ask::Thread(id, after) => {
                let mut query = vec![("limit", PAGE.to_string())];
                query.extend(after.map(|it| ("after", it)));
                let thread: wire::case::Thread = self.get(&format!("cases/{id}/thread"), &query).await?;
                Ok(Answer::Thread(thread.into()))
            }
            Ask::Act { case, act, version, key } => self.act(case, &act, version, key).await,
            Ask::Preview(asked) => {
                let preview: wire::act::Preview = self.post("preview", &asked, None).await?;
                Ok(Answer::Preview(preview.into()))
            }
            Ask::Canned(municipality) => {
                let query = [("municipality", municipality.as_str().to_owned())];
                let found: wire::desk::CannedReplies = self.get("canned-replies", &query).await?;
                Ok(Answer::Canned(found.items.into_iter().map(Canned::from).collect()))
            }
            Ask::Labels(municipality) => {
                let query = [("municipality", municipality.as_str().to_owned())];
                let found: wire::desk::Labels = self.get("labels", &query).await?;
                Ok(Answer::Labels(found.items.iter().map(|it| SafeText::line(&it.label)).collect()))
            }
            Ask::Offices(municipality) => {
                let path = format!("municipalities/{}/offices", municipality.as_str());
                let found: wire::desk::Offices = self.get(&path, &[]).await?;
                Ok(Answer::Offices(found.items.into_iter().map(Office::from).collect()))
            }
            Ask::Categories(municipality) => {
                let path = format!("municipalities/{}/categories", municipality.as_str());
                let found: wire::desk::Categories = self.get(&path, &[]).await?;
                Ok(Answer::Categories(found.items.into_iter().map(Category::from).collect()))
            }
            Ask::Colleagues(municipality) => {
                let query = [("municipality", municipality.as_str().to_owned())];
                let found: wire::desk::Colleagues = self.get("colleagues", &query).await?;
                Ok(Answer::Colleagues(found.items.into_iter().map(Person::from).collect()))
            }
            Ask::Feedback(state, after) => {
                let found: wire::inbox::FeedbackList =
                    self.get("feedback", &part("state", &state, after)).await?;
                Ok(Answer::Feedback(page(found.items, found.next)))
            }
            Ask::Unknown(state, after) => {
                let query = part("state", &state, after);
                let found: wire::inbox::UnknownList = self.get("unknown-texts", &query).await?;
                Ok(Answer::Unknown(page(found.items, found.next)))
            }
            Ask::Outbox(which, after) => {
                let found: wire::outbox::OutboxList =
                    self.get("outbox", &part("part", &which, after)).await?;
                Ok(Answer::Outbox(page(found.items, found.next)))
            }
            Ask::Notices(after) => {
                let mut query = vec![("limit", "100".to_owned())];
                query.extend(after.map(|it| ("after", it)));
                let found: wire::notice::NoticeList = self.get("notices", &query).await?;
                let total = found.total.count;
                Ok(Answer::Notices(page(found.items, found.next.map(|it| it.to_string())), total))
            }
            Ask::Audit(before) => {
                let mut query = vec![("limit", "100".to_owned())];
                query.extend(before.map(|it| ("before", it)));
                let found: wire::AuditPage = self.get("audit", &query).await?;
                Ok(Answer::Audit(page(found.items, found.next.map(|it| it.to_string()))))
            }
            Ask::Verify => {
                let found: wire::AuditCheck =
                    self.post("audit/verify", &json!({}), Some(crate::ids::key())).await?;
                Ok(Answer::Chain(found.into()))
            }
            Ask::Users(after) => {
                let mut query = vec![("limit", "100".to_owned())];
                query.extend(after.map(|it| ("after", it)));
                let found: wire::UserPage = self.get("users", &query).await?;
                Ok(Answer::Users(page(found.items, found.next)))
            }
            Ask::Health => {
                let found: wire::report::Health = self.get("health", &[]).await?;
                Ok(Answer::Health(crate::desk_data::parts(&found)))
            }
            Ask::Figures(municipality, language) => {
                let path = format!("municipalities/{}/benchmarks", municipality.as_str());
                let found: wire::report::Benchmarks =
                    self.get(&path, &[("language", language.to_owned())]).await?;
                Ok(Answer::Figures(Box::new(found.into())))
            }
            Ask::Chart(chart, language) => {
                let path = format!("municipalities/{}/chart", chart.municipality.as_str());
                let mut query = vec![("kind", chart.kind.to_owned()), ("language", language.to_owned())];
                query.extend(chart.topic.map(|it| ("topic", it.as_str().to_owned())));
                Ok(Answer::Chart(self.picture(self.request(Method::GET, &path).query(&query)).await?))
            }
            Ask::Deed { deed, version, key } => self.deed(deed, version, key).await,
            Ask::Demands(ask) => Ok(Answer::Demands(Box::new(self.ask_demands(*ask).await?))),
            Ask::Highlights(ask) => Ok(Answer::Highlights(Box::new(self.ask_highlights(*ask).await?))),
            Ask::Broadcasts(ask) => Ok(Answer::Broadcasts(Box::new(self.ask_broadcasts(*ask).await?))),
            Ask::Series(municipality, group, days) => {
                let query = [
                    ("municipality", municipality.as_str().to_owned()),
                    ("group", group.as_str().to_owned()),
                    ("days", days.to_string()),
                ];
                let found: wire::report::CaseSeries = self.get("reports/cases", &query).await?;
                Ok(Answer::Series(Box::new(found.into())))
            }
            Ask::Draft { case, note, text, key } => {
                let kind = if note { "note" } else { "reply" };
                let body = wire::desk::DraftWrite { text: text.as_str().to_owned() };
                let request = self.request(Method::PUT, &format!("cases/{case}/drafts/{kind}"));
                self.send(request.json(&body).header("idempotency-key", key.to_string())).await?;
                Ok(Answer::Done)
            }
        }
    }

    async fn act(&self, case: Uuid, act: &Act, version: i64, key: Uuid) -> Result<Answer, Failure> {
        if let Act::TakeBack(send) = act {
            // Whatever happened on the case meanwhile, what is held can be taken back: the service says when not.
            let body = wire::act::TakeBackRequest { version: None };
            let done: wire::act::TakeBackResult =
                self.once(&format!("sends/{send}/take-back"), &body, key).await?;
            return Ok(Answer::Acted(Box::new(done.into())));
        }
        let (path, body) = body_of(act, version);
        let done: wire::act::ActResult = self.once(&format!("cases/{case}/{path}"), &body, key).await?;
        Ok(Answer::Acted(Box::new(done.into())))
    }

    async fn deed(&self, deed: Deed, version: i64, key: Uuid) -> Result<Answer, Failure> {
        let text = |it: SafeText| it.as_str().to_owned();
        let code = |it: Code| it.as_str().to_owned();
        match deed {
            Deed::Feedback { id, decision, reason, question, same } => {
                let body = wire::inbox::FeedbackDecision {
                    version,
                    decision: code(decision),
                    reason: reason.map(code),
                    question: question.map(text),
                    same,
                };
                let path = format!("feedback/{id}/decide");
                let done: wire::inbox::FeedbackDecided = self.once(&path, &body, key).await?;
                Ok(Answer::Deed(done.feedback.version))
            }
            Deed::Unknown { id, act, text: words, category } => {
                let body = wire::inbox::UnknownAct {
                    version,
                    act: code(act),
                    text: words.map(text),
                    municipality: None,
                    category: category.map(code),
                    kind: None,
                };
                let path = format!("unknown-texts/{id}/decide");
                let done: wire::inbox::UnknownDone = self.once(&path, &body, key).await?;
                Ok(Answer::Deed(done.group.version))
            }
            Deed::Seen(ids) => {
                let _: wire::notice::NoticesDone =
                    self.once("notices/seen", &wire::notice::NoticesSeen { ids }, key).await?;
                Ok(Answer::Deed(0))
            }
            Deed::Retry(id) => {
                let body = wire::outbox::RetryRequest { through: None };
                let _: wire::outbox::OutboxDone =
                    self.once(&format!("outbox/{id}/retry"), &body, key).await?;
                Ok(Answer::Deed(0))
            }
            Deed::Settle(id, arrived) => {
                let body = wire::outbox::SettleRequest { arrived };
                let _: wire::outbox::OutboxDone =
                    self.once(&format!("outbox/{id}/settle"), &body, key).await?;
                Ok(Answer::Deed(0))
            }
            Deed::Demand { id, act } => {
                let ask = super::demands::Ask::Act { demand: id, act: *act, version, key };
                self.decide_demand(ask).await
            }
            Deed::Leader { id, refused } => {
                self.decide_demand(super::demands::Ask::Decide { leader: id, refused, version, key }).await
            }
            Deed::Highlight(act) => {
                let begins = act.begins();
                match self.ask_highlights(highlights::Ask::Act { act: *act, version, key }).await? {
                    highlights::Answer::Done(_, version) if !begins => Ok(Answer::Deed(version)),
                    it => Ok(Answer::Highlights(Box::new(it))),
                }
            }
            Deed::Broadcast(act) => {
                let begins = act.begins();
                match self.ask_broadcasts(broadcasts::Ask::Act { act: *act, version, key }).await? {
                    broadcasts::Answer::Done(_, version) if !begins => Ok(Answer::Deed(version)),
                    it => Ok(Answer::Broadcasts(Box::new(it))),
                }
            }
            Deed::OpenDemand(new) => self.decide_demand(super::demands::Ask::Open(*new, key)).await,
        }
    }

    /// Decides something about demands; gives the version that it led to.
    async fn decide_demand(&self, ask: super::demands::Ask) -> Result<Answer, Failure> {
        // Whether a merge is done or its author is asked only is told by the state.
        let merges = matches!(ask, super::demands::Ask::Act { act: super::demands::Act::Merge(..), .. });
        match self.ask_demands(ask).await? {
            it @ super::demands::Answer::Done(_) if merges => Ok(Answer::Demands(Box::new(it))),
            super::demands::Answer::Done(it) => Ok(Answer::Deed(it.version)),
            super::demands::Answer::Decided(it) => Ok(Answer::Deed(it.version)),
            _ => Err(Failure::new("not_understood")),
        }
    }

    /// A write that happens once, however often it has to be tried.
    pub(super) async fn once<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        key: Uuid,
    ) -> Result<T, Failure> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.post(path, body, Some(key)).await {
                Err(failure) if failure.unreachable() && tried < TRIES => {
                    tokio::time::sleep(super::feed::pause(tried - 1, fastrand::f64())).await;
                }
                answer => return answer,
            }
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, Failure> {
        read(self.send(self.request(Method::GET, path).query(query)).await?).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        key: Option<Uuid>,
    ) -> Result<T, Failure> {
        let mut request = self.request(Method::POST, path).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key.to_string());
        }
        read(self.send(request).await?).await
    }

    /// A picture, whole.
    pub(super) async fn picture(&self, request: RequestBuilder) -> Result<Picture, Failure> {
        let bytes = self.send(request).await?.bytes().await;
        Ok(Picture(bytes.map_err(|_| Failure::new("unreachable"))?.to_vec()))
    }

    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request.timeout(CALL).send().await.map_err(|_| Failure::new("unreachable"))?;
        refuse(response).await
    }
}

/// The query of a part of a list.
pub(super) fn part(name: &'static str, which: &Code, after: Option<String>) -> Vec<(&'static str, String)> {
    let mut query = vec![(name, which.as_str().to_owned()), ("limit", "100".to_owned())];
    query.extend(after.map(|it| ("after", it)));
    query
}

/// A page with its rows made safe.
pub(super) fn page<W, T: From<W>>(items: Vec<W>, next: Option<String>) -> Page<T> {
    Page { items: items.into_iter().map(T::from).collect(), next }
}

/// A page of what is in a state.
pub(super) fn in_state(state: &Code, after: Option<String>) -> Vec<(&'static str, String)> {
    let mut query = vec![("limit", PAGE.to_string()), ("state", state.as_str().to_owned())];
    query.extend(after.map(|it| ("after", it)));
    query
}

/// A response that is an answer; else the failure that it tells of.
pub(super) async fn refuse(response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    match response.json::<wire::Problem>().await {
        Ok(problem) => Err(problem.into()),
        // A proxy between here and the service.
        Err(_) if matches!(status, StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT) => {
            Err(Failure::new("unreachable"))
        }
        Err(_) => Err(Failure::new("not_understood")),
    }
}

pub(super) async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    let body = response.bytes().await.map_err(|_| Failure::new("unreachable"))?;
    serde_json::from_slice(&body).map_err(|_| Failure::new("not_understood"))
}

/// Path and body of an act.
fn body_of(act: &Act, version: i64) -> (&'static str, serde_json::Value) {
    let text = |it: &SafeText| it.as_str().to_owned();
    match act {
        Act::Assign { to, note } => (
            "assign",
            json!(wire::act::AssignRequest {
                version,
                assignee: to.as_ref().map(|it| it.id),
                note: note.as_ref().map(text),
            }),
        ),
        Act::State { to, reason, original, referral, date } => (
            "state",
            json!(wire::act::StateRequest {
                version,
                state: to.as_str().to_owned(),
                reason: reason.as_ref().map(text),
                original: *original,
                referral: referral.as_ref().map(|it| wire::case::Referral {
                    office: (!it.office.as_str().is_empty()).then(|| it.office.as_str().to_owned()),
                    name: text(&it.name),
                    phone: text(&it.phone),
                }),
                date: date.as_ref().map(text),
                cost: None,
            }),
        ),
        Act::Part => ("merge", json!(wire::act::MergeRequest { version, into: None })),
        Act::Priority(to) => {
            ("priority", json!(wire::act::PriorityRequest { version, priority: to.as_str().to_owned() }))
        }
        Act::Labels { add, remove } => (
            "labels",
            json!(wire::act::LabelsRequest {
                version,
                add: add.iter().map(text).collect(),
                remove: remove.iter().map(text).collect(),
            }),
        ),
        Act::Snooze { until, reply } => {
            ("snooze", json!(wire::act::SnoozeRequest { version, until: *until, reply: *reply }))
        }
        Act::Office { to, note } => (
            "office",
            json!(wire::act::OfficeRequest { version, office: to.as_str().to_owned(), note: text(note) }),
        ),
        Act::Reply { text: words, language } => (
            "reply",
            json!(wire::act::ReplyRequest {
                version,
                text: text(words),
                language: language.clone(),
                state: None,
                wait: false,
            }),
        ),
        Act::Note(words) => ("note", json!(wire::act::NoteRequest { version, text: text(words) })),
        Act::TakeBack(_) => ("take-back", json!(wire::act::TakeBackRequest { version: None })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_in_clear_to_this_machine_only() {
        assert!(Api::new("http://127.0.0.1:8090").is_ok());
        assert!(Api::new("http://[::1]:8090").is_ok());
        assert!(Api::new("http://localhost:8090").is_ok());
        assert!(Api::new("https://cabildo.example").is_ok());
        assert_eq!(Api::new("http://cabildo.example").err(), Some(Insecure::Clear));
        assert_eq!(Api::new("ftp://127.0.0.1").err(), Some(Insecure::NoUrl));
        assert_eq!(Api::new("cabildo").err(), Some(Insecure::NoUrl));
    }

    #[test]
    fn an_act_names_the_version_that_was_seen() {
        let (path, body) = body_of(&Act::state("resolved"), 7);
        assert_eq!(path, "state");
        assert_eq!(body["version"], 7);
        assert_eq!(body["state"], "resolved");
        let (path, body) = body_of(&Act::Note(SafeText::typed("seen")), 3);
        assert_eq!((path, &body["text"]), ("note", &json!("seen")));
        let (_, body) = body_of(&Act::Priority(Code::new("high")), 1);
        assert_eq!(body["priority"], "high");
    }
}
