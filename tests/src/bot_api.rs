//! A Bot API server for tests: what the service uses of Telegram, over HTTP on the loopback
//! interface, with faults on demand and a memory of what was sent.
//!
//! Formats: Telegram Bot API ("Making requests", "getUpdates", "sendMessage", "sendPhoto", "HTML style"). Method
//! names are matched without regard to case, as Telegram does.

mod limits;
mod people;
mod strict;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::sync::watch;

use self::limits::Paces;
use self::strict::{check, check_photo};
use crate::serving::PATIENCE;

pub use self::strict::check_html;

/// The token that the server takes.
pub const TOKEN: &str = "123456:TEST-token_of_the_local_server";

/// When everything is written, Unix s.
pub const DATE: i64 = 1_790_000_000;

/// Something that goes wrong once.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// 429 with this `retry_after`, in seconds.
    TooManyRequests(u32),
    /// 403: the person blocked the bot.
    Blocked,
    /// 401: the token is not valid.
    Unauthorised,
    /// 400: the HTML can't be parsed.
    CantParse,
    /// 200 with something that is no JSON.
    NoJson,
    /// 500.
    Broken,
    /// 400: the picture is not taken.
    NoPicture,
}

/// A file that can be fetched.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its bytes.
    pub content: Vec<u8>,
    /// The status of each download, in order; afterwards 200.
    pub statuses: Vec<u16>,
    /// Whether the download ends in the middle, once.
    pub cut: bool,
    /// Whether the next download waits until [`BotApi::let_go`].
    pub slow: bool,
}

/// A message of the bot as its chat shows it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Telegram's id.
    pub message_id: i64,
    /// The chat.
    pub chat: i64,
    /// The text as it was sent.
    pub text: String,
    /// `HTML`, or nothing for plain text.
    pub parse_mode: Option<String>,
    /// Buttons by row: label and data.
    pub buttons: Vec<Vec<(String, String)>>,
    /// How often it was edited.
    pub edits: u32,
    /// The picture above the text, which is its caption then.
    pub picture: Option<Vec<u8>>,
    /// When it was taken, or edited last.
    pub at: Instant,
}

#[derive(Debug)]
struct Inner {
    pending: Vec<Value>,
    calls: Vec<(String, Value)>,
    sent: BTreeMap<i64, Sent>,
    faults: Vec<(String, Option<i64>, Fault)>,
    files: BTreeMap<String, Stored>,
    paces: Option<Paces>,
    go: bool,
    next_update: i64,
    next_message: i64,
    webhook: String,
}

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    changed: watch::Sender<u64>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, with: impl FnOnce(&mut Inner) -> T) -> T {
        let result = with(&mut self.lock());
        self.changed.send_modify(|it| *it += 1);
        result
    }
}

/// The server.
#[derive(Clone, Debug)]
pub struct BotApi {
    shared: Arc<Shared>,
    url: String,
}

impl BotApi {
    /// Starts the server on a free port.
    pub async fn start() -> Self {
        let inner = Inner {
            pending: Vec::new(),
            calls: Vec::new(),
            sent: BTreeMap::new(),
            faults: Vec::new(),
            files: BTreeMap::new(),
            paces: None,
            go: false,
            next_update: 1_000,
            next_message: 500,
            webhook: String::new(),
        };
        let shared = Arc::new(Shared { inner: Mutex::new(inner), changed: watch::channel(0).0 });
        let router = Router::new()
            .route("/{bot}/{method}", axum::routing::any(call))
            .route("/file/{bot}/{*path}", axum::routing::get(download))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { shared, url }
    }

    /// Base of its URLs.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until `found` finds something, at most [`PATIENCE`].
    async fn until<T>(&self, what: &str, found: impl Fn(&Inner) -> Option<T>) -> T {
        let mut changes = self.shared.changed.subscribe();
        let search = async {
            loop {
                if let Some(it) = found(&self.shared.lock()) {
                    return it;
                }
                changes.changed().await.expect("the server lives");
            }
        };
        let found = tokio::time::timeout(PATIENCE, search).await;
        found.unwrap_or_else(|_| panic!("no {what} in time; calls: {:?}", self.methods()))
    }

    /// The methods that were called, in order, in lower case.
    pub fn methods(&self) -> Vec<String> {
        self.shared.lock().calls.iter().map(|(method, _)| method.clone()).collect()
    }

    /// The parameters of all calls of a method.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let method = method.to_ascii_lowercase();
        self.shared.lock().calls.iter().filter(|it| it.0 == method).map(|it| it.1.clone()).collect()
    }

    /// Waits for `count` calls of a method and gives their parameters.
    pub async fn wait_calls(&self, method: &str, count: usize) -> Vec<Value> {
        let name = method.to_ascii_lowercase();
        self.until(&format!("{count} calls of {method}"), |inner| {
            let calls: Vec<Value> =
                inner.calls.iter().filter(|it| it.0 == name).map(|it| it.1.clone()).collect();
            (calls.len() >= count).then_some(calls)
        })
        .await
    }

    /// What a chat shows, in order.
    pub fn sent(&self, chat: i64) -> Vec<Sent> {
        self.shared.lock().sent.values().filter(|it| it.chat == chat).cloned().collect()
    }

    /// Waits until a chat shows `count` messages and gives them.
    pub async fn wait_sent(&self, chat: i64, count: usize) -> Vec<Sent> {
        self.until(&format!("{count} messages in the chat {chat}"), |inner| {
            let sent: Vec<Sent> = inner.sent.values().filter(|it| it.chat == chat).cloned().collect();
            (sent.len() >= count).then_some(sent)
        })
        .await
    }

    /// Waits until no update is waiting to be fetched and confirmed.
    pub async fn wait_confirmed(&self) {
        self.until("confirmation of every update", |inner| inner.pending.is_empty().then_some(())).await;
    }

    /// Makes the next call of a method fail, where given only for this chat.
    pub fn fail_next(&self, method: &str, chat: Option<i64>, fault: Fault) {
        let method = method.to_ascii_lowercase();
        self.shared.change(|inner| inner.faults.push((method, chat, fault)));
    }

    /// Enforces Telegram's limits from now on.
    pub fn limit(&self) {
        self.limit_at(1);
    }

    /// Enforces Telegram's limits from now on, on a time that runs `speed` times as fast as the clock.
    pub fn limit_at(&self, speed: u32) {
        self.shared.change(|inner| inner.paces = Some(Paces::at(speed)));
    }

    /// How many messages were refused by the limits.
    pub fn refused_by_limits(&self) -> u32 {
        self.shared.lock().paces.as_ref().map_or(0, |it| it.refused)
    }

    /// Keeps a file under this `file_id`.
    pub fn keep_file(&self, id: &str, content: Vec<u8>) {
        let stored = Stored { content, statuses: Vec::new(), cut: false, slow: false };
        self.shared.change(|inner| inner.files.insert(id.to_owned(), stored));
    }

    /// Changes how a file is given out.
    pub fn change_file(&self, id: &str, with: impl FnOnce(&mut Stored)) {
        self.shared.change(|inner| inner.files.get_mut(id).map(with));
    }

    /// Lets slow downloads go on.
    pub fn let_go(&self) {
        self.shared.change(|inner| inner.go = true);
    }

    /// The secret and the URL that the last `setWebhook` named.
    pub async fn wait_webhook(&self) -> (String, String) {
        let calls = self.wait_calls("setWebhook", 1).await;
        let text = |name: &str| calls[0][name].as_str().unwrap_or_default().to_owned();
        (text("url"), text("secret_token"))
    }

    /// Puts any update into the queue.
    pub fn inject(&self, update: Value) {
        self.shared.change(|inner| inner.pending.push(update));
    }

    /// Draws the next `update_id`.
    pub fn next_update_id(&self) -> i64 {
        let mut inner = self.shared.lock();
        inner.next_update += 1;
        inner.next_update
    }

    /// Whether an update still waits to be confirmed.
    pub fn waits(&self, update_id: i64) -> bool {
        self.shared.lock().pending.iter().any(|it| it["update_id"] == update_id)
    }

    /// How many messages with these words chats show.
    pub fn count_shown(&self, words: &str) -> usize {
        self.shared.lock().sent.values().filter(|it| it.text.contains(words)).count()
    }

    /// All messages that chats show, in the order in which they were taken.
    pub fn shown(&self) -> Vec<Sent> {
        self.shared.lock().sent.values().cloned().collect()
    }
}

fn person(id: i64) -> Value {
    json!({"id": id, "is_bot": false, "first_name": "Ana", "language_code": "es"})
}

fn private(id: i64) -> Value {
    json!({"id": id, "type": "private", "first_name": "Ana"})
}

fn message(id: i64, chat: &Value, content: &Value) -> Value {
    let mut message = json!({"message_id": id, "date": DATE, "chat": chat, "from": person(77)});
    if let (Some(message), Some(content)) = (message.as_object_mut(), content.as_object()) {
        message.extend(content.clone());
    }
    message
}

fn ok(result: &Value) -> Response {
    axum::Json(json!({"ok": true, "result": result})).into_response()
}

fn refused(code: u16, description: &str, parameters: Option<Value>) -> Response {
    let mut body = json!({"ok": false, "error_code": code, "description": description});
    if let Some(parameters) = parameters {
        body["parameters"] = parameters;
    }
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
    (status, axum::Json(body)).into_response()
}

async fn call(
    State(shared): State<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> Response {
    if bot.strip_prefix("bot") != Some(TOKEN) {
        return refused(401, "Unauthorized", None);
    }
    let method = method.to_ascii_lowercase();
    let kind = headers.get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let (parameters, files) = match kind.split_once("boundary=") {
        Some((_, boundary)) => form_data(boundary.trim_matches('"'), &body),
        None => (serde_json::from_slice(&body).unwrap_or_else(|_| json!({})), HashMap::new()),
    };
    let chat = parameters["chat_id"].as_i64().or_else(|| parameters["chat_id"].as_str()?.parse().ok());
    let fault = shared.change(|inner| {
        inner.calls.push((method.clone(), parameters.clone()));
        let at = inner
            .faults
            .iter()
            .position(|(name, only, _)| *name == method && only.is_none_or(|it| Some(it) == chat));
        at.map(|at| inner.faults.remove(at).2)
    });
    match fault {
        Some(Fault::TooManyRequests(seconds)) => {
            let parameters = json!({"retry_after": seconds});
            return refused(429, &format!("Too Many Requests: retry after {seconds}"), Some(parameters));
        }
        Some(Fault::Blocked) => return refused(403, "Forbidden: bot was blocked by the user", None),
        Some(Fault::Unauthorised) => return refused(401, "Unauthorized", None),
        Some(Fault::CantParse) => {
            return refused(400, "Bad Request: can't parse entities: Unsupported start tag", None);
        }
        Some(Fault::NoJson) => return "<html>502</html>".into_response(),
        Some(Fault::Broken) => return refused(500, "Internal Server Error", None),
        Some(Fault::NoPicture) => {
            return refused(400, "Bad Request: not enough rights to send photos to the chat", None);
        }
        None => {}
    }
    if let ("sendmessage" | "editmessagetext" | "sendphoto", Some(chat)) = (method.as_str(), chat) {
        let taken = shared.change(|inner| inner.paces.as_mut().map_or(Ok(()), |it| it.take(chat)));
        if let Err(seconds) = taken {
            let parameters = json!({"retry_after": seconds});
            return refused(429, &format!("Too Many Requests: retry after {seconds}"), Some(parameters));
        }
    }
    match method.as_str() {
        "getme" => ok(&json!({
            "id": 123_456, "is_bot": true, "first_name": "Cabildo", "username": "cabildo_bot",
            "can_join_groups": false, "can_read_all_group_messages": false,
            "supports_inline_queries": false, "can_connect_to_business": false, "has_main_web_app": false,
        })),
        "getupdates" => get_updates(&shared, &parameters).await,
        "sendmessage" => {
            let Some(chat) = chat else { return refused(400, "Bad Request: chat not found", None) };
            if let Err(description) = check(&parameters) {
                return refused(400, &description, None);
            }
            shared.change(|inner| {
                inner.next_message += 1;
                let sent = shown(inner.next_message, chat, &parameters, 0);
                let answer = ok(&answered(&sent));
                inner.sent.insert(sent.message_id, sent);
                answer
            })
        }
        "editmessagetext" | "editmessagereplymarkup" => edit(&shared, chat, &parameters),
        "deletemessage" => {
            let id = parameters["message_id"].as_i64().unwrap_or_default();
            match shared.change(|inner| inner.sent.remove(&id)) {
                Some(_) => ok(&json!(true)),
                None => refused(400, "Bad Request: message to delete not found", None),
            }
        }
        "answercallbackquery" => match parameters["callback_query_id"].as_str() {
            Some(id) if !id.is_empty() => ok(&json!(true)),
            _ => refused(
                400,
                "Bad Request: query is too old and response timeout expired or query id is invalid",
                None,
            ),
        },
        "setwebhook" => {
            let url = parameters["url"].as_str().unwrap_or_default().to_owned();
            shared.change(|inner| inner.webhook = url);
            ok(&json!(true))
        }
        "deletewebhook" => {
            shared.change(|inner| inner.webhook.clear());
            ok(&json!(true))
        }
        "getwebhookinfo" => {
            let inner = shared.lock();
            ok(
                &json!({"url": inner.webhook, "has_custom_certificate": false, "pending_update_count": inner.pending.len()}),
            )
        }
        "getfile" => {
            let id = parameters["file_id"].as_str().unwrap_or_default();
            match shared.lock().files.get(id) {
                Some(file) => ok(&json!({
                    "file_id": id, "file_unique_id": id, "file_size": file.content.len(),
                    "file_path": format!("photos/{id}"),
                })),
                None => {
                    refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable", None)
                }
            }
        }
        "sendphoto" => {
            let Some(chat) = chat else { return refused(400, "Bad Request: chat not found", None) };
            let (picture, side) = match check_photo(&parameters, &files) {
                Ok(it) => it,
                Err(description) => return refused(400, &description, None),
            };
            shared.change(|inner| {
                inner.next_message += 1;
                let mut sent = shown(inner.next_message, chat, &parameters, 0);
                parameters["caption"].as_str().unwrap_or_default().clone_into(&mut sent.text);
                sent.picture = Some(picture);
                let (width, height) = side;
                let photo = json!([{
                    "file_id": "f", "file_unique_id": "u", "width": width, "height": height, "file_size": 1,
                }]);
                let mut answer = message(sent.message_id, &private(chat), &json!({"photo": photo}));
                if !sent.text.is_empty() {
                    answer["caption"] = json!(sent.text);
                }
                answer["from"] = bot_user();
                inner.sent.insert(sent.message_id, sent);
                ok(&answer)
            })
        }
        _ => ok(&json!(true)),
    }
}

/// The texts of a form of `multipart/form-data`, of which JSON is read, and its files by the name of their
/// part.
fn form_data(boundary: &str, body: &[u8]) -> (Value, HashMap<String, Vec<u8>>) {
    let find = |text: &[u8], mark: &[u8]| text.windows(mark.len()).position(|it| it == mark);
    let (mut fields, mut files) = (serde_json::Map::new(), HashMap::new());
    let mark = format!("--{boundary}").into_bytes();
    let mut rest = body;
    while let Some(at) = find(rest, &mark) {
        rest = &rest[at + mark.len()..];
        let part = &rest[..find(rest, &mark).unwrap_or(rest.len())];
        let Some(end) = find(part, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&part[..end]).into_owned();
        let content = part[end + 4..].strip_suffix(b"\r\n").unwrap_or(&part[end + 4..]);
        let Some((_, name)) = head.split_once(" name=\"") else { continue };
        let name = name.split('"').next().unwrap_or_default().to_owned();
        if head.contains("filename=") {
            files.insert(name, content.to_vec());
            continue;
        }
        let content = String::from_utf8_lossy(content);
        let value = serde_json::from_str(&content).ok().filter(|it: &Value| it.is_array() || it.is_object());
        fields.insert(name, value.unwrap_or_else(|| json!(content)));
    }
    (Value::Object(fields), files)
}

async fn download(State(shared): State<Arc<Shared>>, Path((bot, path)): Path<(String, String)>) -> Response {
    let id = path.rsplit('/').next().unwrap_or_default().to_owned();
    if bot.strip_prefix("bot") != Some(TOKEN) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let found = shared.change(|inner| {
        inner.calls.push(("download".to_owned(), json!({"file_id": id})));
        inner.files.get_mut(&id).map(|file| {
            let given = file.clone();
            file.cut = false;
            file.slow = false;
            if !file.statuses.is_empty() {
                file.statuses.remove(0);
            }
            given
        })
    });
    let Some(mut file) = found else { return StatusCode::NOT_FOUND.into_response() };
    if let Some(status) = file.statuses.first() {
        return StatusCode::from_u16(*status).unwrap_or(StatusCode::NOT_FOUND).into_response();
    }
    if file.slow {
        let mut changes = shared.changed.subscribe();
        while !shared.lock().go && changes.changed().await.is_ok() {}
    }
    if file.cut {
        file.content.truncate(file.content.len() / 2);
    }
    file.content.into_response()
}

async fn get_updates(shared: &Shared, parameters: &Value) -> Response {
    let offset = parameters["offset"].as_i64().unwrap_or(0);
    let limit = parameters["limit"].as_u64().unwrap_or(100).clamp(1, 100) as usize;
    let wait = Duration::from_secs(parameters["timeout"].as_u64().unwrap_or(0));
    let mut changes = shared.changed.subscribe();
    if !shared.lock().webhook.is_empty() {
        let description = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
        return refused(409, description, None);
    }
    if offset > 0 {
        // What has no id can't be confirmed by one; it goes with the first confirmation.
        shared.change(|inner| {
            inner.pending.retain(|it| it["update_id"].as_i64().is_some_and(|id| id >= offset));
        });
    } else if offset < 0 {
        let keep = usize::try_from(-offset).unwrap_or(0);
        shared.change(|inner| {
            let drop = inner.pending.len().saturating_sub(keep);
            inner.pending.drain(..drop);
        });
    }
    let found = async {
        loop {
            let batch: Vec<Value> = shared.lock().pending.iter().take(limit).cloned().collect();
            if !batch.is_empty() || changes.changed().await.is_err() {
                return batch;
            }
        }
    };
    ok(&Value::Array(tokio::time::timeout(wait, found).await.unwrap_or_default()))
}

fn edit(shared: &Shared, chat: Option<i64>, parameters: &Value) -> Response {
    let id = parameters["message_id"].as_i64().unwrap_or_default();
    let of_picture = |it: &Sent| it.message_id == id && Some(it.chat) == chat && it.picture.is_some();
    if !parameters["text"].is_null() && shared.lock().sent.values().any(of_picture) {
        return refused(400, "Bad Request: there is no text in the message to edit", None);
    }
    if !parameters["text"].is_null()
        && let Err(description) = check(parameters)
    {
        return refused(400, &description, None);
    }
    shared.change(|inner| {
        let Some(sent) = inner.sent.get_mut(&id).filter(|it| Some(it.chat) == chat) else {
            return refused(400, "Bad Request: message to edit not found", None);
        };
        let mut changed = shown(id, sent.chat, parameters, sent.edits + 1);
        if parameters["text"].is_null() {
            changed.text.clone_from(&sent.text);
            changed.parse_mode.clone_from(&sent.parse_mode);
            changed.picture.clone_from(&sent.picture);
        }
        if (&changed.text, &changed.buttons) == (&sent.text, &sent.buttons) {
            return refused(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly \
                 the same as a current content and reply markup of the message",
                None,
            );
        }
        *sent = changed;
        ok(&answered(sent))
    })
}

fn shown(message_id: i64, chat: i64, parameters: &Value, edits: u32) -> Sent {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = parameters["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
    let buttons = rows
        .iter()
        .map(|row| {
            let row = row.as_array().cloned().unwrap_or_default();
            row.iter().map(|it| (text(&it["text"]), text(&it["callback_data"]))).collect()
        })
        .collect();
    let parse_mode = parameters["parse_mode"].as_str().map(ToOwned::to_owned);
    let (text, at) = (text(&parameters["text"]), Instant::now());
    Sent { message_id, chat, text, parse_mode, buttons, edits, picture: None, at }
}

fn answered(sent: &Sent) -> Value {
    let mut answer = message(sent.message_id, &private(sent.chat), &json!({"text": sent.text}));
    answer["from"] = bot_user();
    answer
}

fn bot_user() -> Value {
    json!({"id": 123_456, "is_bot": true, "first_name": "Cabildo", "username": "cabildo_bot"})
}
