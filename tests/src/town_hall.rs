//! A town hall with people at its desks: a service on a clock that goes, which can be stopped and started again at the
//! same address, a gateway that takes everything, and officers who ask the service itself.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use cabildo_bot::app::{App, Listeners};
use cabildo_bot::clock::Clock;
use cabildo_bot::config::Config;
use cabildo_bot::seed::{self, Plan};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::cases::TLAPA;
use crate::serving::facts;
use crate::staff::{hire, key, send, sign_in};

/// The longest that anything is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A service that can be stopped and started again at the same address, and a gateway that takes everything.
pub struct Site {
    _folder: tempfile::TempDir,
    config: Config,
    smsbox: MockServer,
    /// The service.
    pub app: App,
}

impl Site {
    /// Opens it.
    pub async fn open() -> Self {
        let smsbox = MockServer::start().await;
        let taken = ResponseTemplate::new(202).set_body_string("0: Accepted for delivery");
        Mock::given(path("/sendsms")).respond_with(taken).mount(&smsbox).await;
        // The channel of seeded cases, so that what is written to them goes somewhere.
        let toml = format!(
            "[limits]\nquiet_from_hour = 0\nquiet_until_hour = 0\n[channels.{}]\ntype = \"kannel\"\n\
             sendsms_url = \"{}/sendsms\"\nusername = \"u\"\npassword = \"p\"\n[channels.{}.sending]\n\
             per_minute = 60000\nprefixes = []\n",
            seed::CHANNEL,
            smsbox.uri(),
            seed::CHANNEL
        );
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::from_toml(&toml).expect("a configuration");
        config.data.dir = Some(folder.path().to_owned());
        let app = Self::start(&config, ([127, 0, 0, 1], 0).into()).await;
        Self { _folder: folder, config, smsbox, app }
    }

    async fn start(config: &Config, staff: SocketAddr) -> App {
        let listeners = Listeners {
            webhooks: TcpListener::bind("127.0.0.1:0").await.expect("a port"),
            inner: None,
            staff: Some(TcpListener::bind(staff).await.expect("the address")),
        };
        App::start(config, facts(), Clock::System, listeners).await.expect("a start")
    }

    /// Where its staff API is.
    pub fn address(&self) -> SocketAddr {
        self.app.staff_address().expect("a listener")
    }

    /// The same as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Stops it, lets time pass as a test says, and starts it again.
    pub async fn away(mut self, meanwhile: impl AsyncFnOnce()) -> Self {
        let address = self.address();
        self.app.shutdown().await;
        meanwhile().await;
        self.app = Self::start(&self.config, address).await;
        self
    }

    /// Cases that nobody has looked at, from number `first` on.
    pub async fn seed(&self, first: u64, cases: u64) {
        let service = self.app.service();
        let plan = Plan {
            municipalities: vec![TLAPA.to_owned()],
            cases,
            first,
            officers: Vec::new(),
            days: 1,
            now: Clock::System.now(),
        };
        let (facts, desk) = (service.facts.load_full(), service.desk.load_full());
        seed::make(&service.store, &facts, &desk, &plan).await.expect("cases");
    }

    /// Somebody with every role of the town hall.
    pub async fn officer(&self) -> Officer {
        let store = &self.app.service().store;
        let now = Clock::System.now();
        let roles = [("caseworker", "country"), ("moderator", "country"), ("administrator", "country")];
        let account = hire(store, &roles, &[], now).await;
        self.officer_of(account.id).await
    }

    /// Somebody with an account, signed in anew.
    pub async fn officer_of(&self, account: Uuid) -> Officer {
        let person = sign_in(&self.app.service().store, account, Clock::System.now()).await;
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        Officer { client, base: format!("{}/staff/v1", self.url()), token: person.token, id: account }
    }

    /// Numbers and texts that the gateway got, of those that hold a text.
    pub async fn pushed(&self, holding: &str) -> Vec<(String, String)> {
        let requests = self.smsbox.received_requests().await.unwrap_or_default();
        let value = |it: &wiremock::Request, name: &str| {
            it.url.query_pairs().find(|(key, _)| key == name).map(|it| it.1.into_owned()).unwrap_or_default()
        };
        let all = requests.iter().map(|it| (value(it, "to"), value(it, "text")));
        all.filter(|it| it.1.contains(holding)).collect()
    }

    /// Waits until the gateway got as many that hold a text; gives them.
    pub async fn pushes(&self, holding: &str, count: usize) -> Vec<(String, String)> {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.pushed(holding).await;
            if found.len() >= count {
                return found;
            }
            assert!(Instant::now() < end, "{count} with {holding:?}: {found:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Somebody who asks the service itself.
pub struct Officer {
    client: Client,
    base: String,
    /// The token of the session.
    pub token: String,
    /// The account.
    pub id: Uuid,
}

impl Officer {
    /// Reads something that is there.
    pub async fn get(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let (status, body) = send(request).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Writes something that is taken.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let (status, answer) = send(request.header("Idempotency-Key", key()).json(body)).await;
        assert!(status == 200 || status == 201, "{path}: {status} {answer}");
        answer
    }

    /// Writes canned replies for everywhere: letter and text.
    pub async fn canned(&self, replies: &[(&str, &str)]) {
        for (letter, text) in replies {
            let reply = json!({ "version": 0, "municipality": "", "letter": letter, "title": letter,
                "texts": { "es-MX": text, "en": text } });
            self.post("/canned-replies", &reply).await;
        }
    }

    /// The cases that nobody has, as the console lists them.
    pub async fn unassigned(&self) -> Vec<Value> {
        let page = self.get("/cases?queue=unassigned&limit=200").await;
        page["items"].as_array().expect("cases").clone()
    }

    /// A case as lists show it now.
    pub async fn row(&self, case: &Value) -> Value {
        self.get(&format!("/cases/{}", id(case))).await["row"].clone()
    }

    /// Texts that staff wrote to the citizen, and how far each got.
    pub async fn written(&self, case: &Value) -> Vec<(String, String)> {
        let thread = self.get(&format!("/cases/{}/thread", id(case))).await;
        let entries = thread["items"].as_array().expect("entries").iter();
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        entries
            .filter(|it| it["from"] == "staff")
            .map(|it| (text(&it["text"]), text(&it["send"]["state"])))
            .collect()
    }

    /// Waits until something is so.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(Instant::now() < end, "{what} did not come");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}

/// The id of a case in JSON.
pub fn id(case: &Value) -> &str {
    case["id"].as_str().expect("an id")
}

/// Its public number.
pub fn folio(case: &Value) -> &str {
    case["folio"].as_str().expect("a folio")
}
