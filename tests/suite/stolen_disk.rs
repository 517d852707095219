//! What must not be found by somebody who steals the disk: a real service is told numbers, passwords and
//! what happens in a restricted case, and is killed; then its database, the database's logs, its own log,
//! its metrics, a backup and the arguments of its process are searched for every one of them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use cabildo_bot::app::{App, Listeners};
use cabildo_bot::backup;
use cabildo_bot::clock::Clock;
use cabildo_bot::config::{Config, Log, LogFormat};
use cabildo_bot::credentials::Authenticator;
use cabildo_bot::domain::staff::Grant;
use cabildo_bot::store::{Location, Store};
use cabildo_tests::postgres::Cluster;
use cabildo_tests::serving::facts;
use cabildo_tests::staff::{base32, hire, key, sign_in};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::net::TcpListener;
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// Set in the process that serves.
const CHILD: &str = "CABILDO_TESTS_CANARY";
const READY: Duration = Duration::from_mins(2);
/// Until the held reply went.
const PATIENCE: Duration = Duration::from_mins(1);

const NUMBER: &str = "5512345678";
const PASSWORD: &str = "tortilla azul 1821";
/// Said by the citizen, twice, and by staff: a reply, a note, a draft, a reason.
const SECRETS: [&str; 6] =
    ["canariozafiro", "canariojade", "canariorubi", "canarioperla", "canarioambar", "canariotopacio"];
/// Said in a case that everybody may read: it is found by a search, hence must be in the index.
const OPEN: &str = "canarioabierto";

#[test]
#[ignore = "the service that the tests of this file kill; it runs as a process of its own"]
fn service_child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("settings");
    let (toml, folder): (String, PathBuf) = serde_json::from_str(&line).expect("settings");
    // As chatty as it gets.
    let log = Log { filter: "trace".to_owned(), format: LogFormat::Json };
    cabildo_bot::telemetry::start(&log);
    cabildo_bot::telemetry::hide_panic_messages();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("threads").block_on(async {
        let mut config = Config::from_toml(&toml).expect("a configuration");
        config.data.dir = Some(folder);
        let bind = || TcpListener::bind("127.0.0.1:0");
        let listeners = Listeners {
            webhooks: bind().await.expect("a port"),
            inner: Some(bind().await.expect("a port")),
            staff: Some(bind().await.expect("a port")),
        };
        let app = App::start(&config, facts(), Clock::System, listeners).await.expect("a start");
        let addresses = [Some(app.address()), app.inner_address(), app.staff_address()];
        let addresses = serde_json::to_string(&addresses).expect("addresses");
        let mut out = std::io::stdout();
        writeln!(out, "\nready {addresses}").and_then(|()| out.flush()).expect("told");
        std::future::pending::<()>().await;
    });
}

/// The service, killed with its owner.
struct Service {
    child: Child,
    client: Client,
    webhooks: SocketAddr,
    inner: SocketAddr,
    staff: SocketAddr,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Service {
    fn start(toml: &str, folder: &Path) -> Self {
        let log = std::fs::File::create(folder.join("server.log")).expect("a log");
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", "stolen_disk::service_child", "--ignored", "--nocapture"])
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary runs");
        let settings = serde_json::to_string(&(toml, folder.join("data"))).expect("settings");
        writeln!(child.stdin.as_mut().expect("a pipe"), "{settings}").expect("told");
        let out = child.stdout.take().expect("a pipe");
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Some(addresses) = line.strip_prefix("ready ") {
                    // Nobody waits any more.
                    let _ = tell.send(addresses.to_owned());
                }
            }
        });
        let client = Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().expect("a client");
        let mut service = Self {
            child,
            client,
            webhooks: SocketAddr::from(([127, 0, 0, 1], 0)),
            inner: SocketAddr::from(([127, 0, 0, 1], 0)),
            staff: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        let addresses = told.recv_timeout(READY).unwrap_or_else(|_| {
            panic!(
                "it did not start: {}",
                std::fs::read_to_string(folder.join("server.log")).unwrap_or_default()
            )
        });
        let [webhooks, inner, staff]: [SocketAddr; 3] =
            serde_json::from_str(&addresses).expect("three addresses");
        (service.webhooks, service.inner, service.staff) = (webhooks, inner, staff);
        service
    }

    /// A text of a phone; the reply.
    async fn text(&self, number: &str, text: &str, id: &str) -> String {
        let url = format!("http://{}/webhooks/sms/telco", self.webhooks);
        let (from, key) = (format!("+52{number}"), "k0123456789abcdef");
        let query = [("key", key), ("from", from.as_str()), ("text", text), ("id", id)];
        let answer = self.client.get(url).query(&query).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("a text")
    }

    async fn inner(&self, path: &str) -> String {
        let url = format!("http://{}{path}", self.inner);
        self.client.get(url).send().await.expect("an answer").text().await.expect("a text")
    }

    /// A call of the staff API that succeeds.
    async fn staff(&self, how: Method, path: &str, token: &str, body: &Value) -> Value {
        let url = format!("http://{}/staff/v1{path}", self.staff);
        let request = self.client.request(how, url).header("Idempotency-Key", key());
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let value: Value = answer.json().await.expect("JSON");
        assert!(status.is_success(), "{path}: {status} {value}");
        value
    }
}

/// A text in the forms in which it may lie somewhere: as it is, in small letters, backwards, in
/// hexadecimal, in two bytes a character, in base64 at each alignment.
fn forms(text: &str) -> Vec<String> {
    let reversed: String = text.chars().rev().collect();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = String::from_utf8(wide).expect("ASCII");
    let mut forms = vec![text.to_owned(), text.to_lowercase(), reversed, hex::encode(text), wide];
    for pad in 0..3 {
        let padded = [vec![b'0'; pad], text.as_bytes().to_vec()].concat();
        let encoded = base64::prelude::BASE64_STANDARD_NO_PAD.encode(padded);
        // Without the ends, which depend on what stands beside it.
        forms.push(encoded[if pad == 0 { 0 } else { 4 }..encoded.len() - 2].to_owned());
    }
    forms
}

/// All files under a folder, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return all };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            all.push((path.display().to_string(), bytes));
        }
    }
    all
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    // What is no UTF-8 is replaced and stands between; all that is looked for is.
    String::from_utf8_lossy(bytes).contains(needle)
}

/// What happened, and what nobody may find of it.
async fn live(service: &Service, admin: &str, gateway: &MockServer) -> Vec<String> {
    let opened = service.text(NUMBER, &format!("mi esposo me quiere matar {}", SECRETS[0]), "1").await;
    assert!(opened.contains("079") || opened.contains("Mujeres"), "{opened}");
    // She is asked where, in a message of its own.
    service.text(NUMBER, "tlapa", "2").await;
    service.text(NUMBER, &format!("me amenaza otra vez {}", SECRETS[1]), "3").await;
    // Beside it what is no secret, so that the search is known to look at the right bytes.
    service.text("5598765432", "tlapa", "4").await;

    let roles = json!([{ "role": "caseworker", "scope": "country" }]);
    let new = json!({ "name": "eva", "shown_name": "Eva", "roles": roles });
    let added = service.staff(Method::POST, "/users", admin, &new).await;
    let grant =
        json!({ "version": added["user"]["version"], "grants": ["restricted"], "reason": "su turno" });
    let path = format!("/users/{}/grants", added["user"]["id"].as_str().expect("an id"));
    service.staff(Method::POST, &path, admin, &grant).await;
    let chosen = json!({ "name": "eva", "setup_code": added["setup_code"], "password": PASSWORD });
    let shown = service.staff(Method::POST, "/set-up", "", &chosen).await;
    let secret = base32(shown["totp_secret"].as_str().expect("a secret"));
    let authenticator = Authenticator::of(secret, "eva").expect("one");
    let code = authenticator.digits(Clock::System.now().0 / 1_000);
    let body = json!({ "with": "password", "name": "eva", "password": PASSWORD, "totp": code });
    let signed = service.staff(Method::POST, "/sessions", "", &body).await;
    let eva = signed["token"].as_str().expect("a token").to_owned();

    let public = json!({ "municipality": "12066", "kind": "complaint", "category": "water",
        "text": format!("sin agua {OPEN}"), "phone": "5511112222", "anonymity": "named", "consent": true });
    service.staff(Method::POST, "/cases", &eva, &public).await;

    let list = service.staff(Method::GET, "/cases?limit=9", &eva, &Value::Null).await;
    let case =
        list["items"].as_array().expect("cases").iter().find(|it| it["confidentiality"] == "restricted");
    let case = case.unwrap_or_else(|| panic!("no restricted case after {opened:?} in {list}"));
    let id = case["id"].as_str().expect("an id").to_owned();
    let thread = service.staff(Method::GET, &format!("/cases/{id}/thread"), &eva, &Value::Null).await;
    for secret in &SECRETS[..2] {
        assert!(thread.to_string().contains(secret), "it is in the case: {thread}");
    }
    let act = async |name: &str, version: &Value, mut body: Value| {
        body["version"] = version.clone();
        service.staff(Method::POST, &format!("/cases/{id}/{name}"), &eva, &body).await
    };
    let body = json!({ "text": format!("La atiende Ana, {}", SECRETS[2]), "wait": false });
    let replied = act("reply", &case["version"], body).await;
    let body = json!({ "text": format!("hablar con la familia {}", SECRETS[3]) });
    let noted = act("note", &replied["case"]["version"], body).await;
    let body = json!({ "text": format!("borrador {}", SECRETS[4]) });
    service.staff(Method::PUT, &format!("/cases/{id}/drafts/note"), &eva, &body).await;
    let body = json!({ "state": "in_review", "reason": format!("motivo {}", SECRETS[5]) });
    let moved = act("state", &noted["case"]["version"], body).await;
    let whole = service.staff(Method::GET, &format!("/cases/{id}"), &eva, &Value::Null).await;
    let body = json!({ "contact": whole["people"][0]["contact"], "reason": "hay que llamarle" });
    let shown_number = act("reveal", &moved["case"]["version"], body).await;
    assert_eq!(shown_number["address"], format!("+52{NUMBER}"));
    let body = json!({ "phone": NUMBER, "reason": "llama por su caso" });
    service.staff(Method::POST, "/numbers/find", &eva, &body).await;
    // What can't be read is no reason to quote it.
    let url = format!("http://{}/staff/v1/cases/{id}/note", service.staff);
    let wrong = service.client.post(url).bearer_auth(&eva).header("Idempotency-Key", key());
    let wrong = wrong.header("content-type", "application/json").body(format!("{{\"text\": {}", SECRETS[3]));
    assert_eq!(wrong.send().await.expect("an answer").status(), 400);

    // The reply reaches the gateway, in clear as it must.
    let went = async {
        loop {
            let asked = gateway.received_requests().await.unwrap_or_default();
            if asked.iter().any(|it| it.url.as_str().contains(SECRETS[2])) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, went).await.expect("the reply went");
    let code = added["setup_code"].as_str().expect("a code").to_owned();
    let recovery = shown["recovery_codes"][0].as_str().expect("a code").to_owned();
    let totp = shown["totp_secret"].as_str().expect("a secret").to_owned();
    let mut needles: Vec<String> = SECRETS.iter().map(|it| (*it).to_owned()).collect();
    needles.extend([NUMBER, "5511112222", PASSWORD].map(str::to_owned));
    needles.extend([eva, admin.to_owned(), code, recovery, totp]);
    needles
}

/// What the database holds on its disk, after the service was killed, and a backup of it in clear.
async fn disk(location: &Location, folder: &Path) -> Vec<(String, Vec<u8>)> {
    match location {
        Location::File(database) => {
            let mut all = files(&folder.join("data"));
            for end in ["cabildo.db", "cabildo.db-wal", "cabildo.db-shm"] {
                assert!(all.iter().any(|(name, bytes)| name.ends_with(end) && !bytes.is_empty()), "no {end}");
            }
            let identity = folder.join("identity.txt");
            let public = backup::new_identity(&identity).expect("a pair of keys");
            let (kept, clear) = (folder.join("backups"), folder.join("clear"));
            let recipients = [public];
            let plan = backup::Plan {
                database,
                folder: &kept,
                recipients: &recipients,
                fingerprints: &[],
                erasures: None,
            };
            let (file, _) = backup::take(plan, Clock::System.now()).await.expect("a backup");
            backup::restore(&file, &identity, &clear, &[]).await.expect("restored");
            all.extend(files(&kept));
            let opened = files(&clear);
            assert!(opened.iter().any(|(_, bytes)| holds(bytes, OPEN)), "the backup in clear is one");
            all.extend(opened);
            all
        }
        Location::Postgres(url) => {
            let mut connection = PgConnection::connect(url).await.expect("a connection");
            connection.execute("CHECKPOINT").await.expect("written");
            connection.close().await.expect("closed");
            let place = url.split("host=").nth(1).expect("a folder");
            let mut all = files(&folder.join("data"));
            all.extend(files(&Path::new(place).join("data")));
            assert!(all.iter().any(|(name, _)| name.contains("/pg_wal/")), "no log of the database");
            all
        }
        Location::Memory => panic!("a test of a disk"),
    }
}

async fn nothing_secret_is_found(location: Location, folder: &Path) {
    let keys = folder.join("data").join("address-keys.toml");
    let store = Store::open(&location, &keys, Clock::System.now()).await.expect("a store");
    let now = Clock::System.now();
    let admin = hire(&store, &[("administrator", "country")], &[] as &[Grant], now).await;
    let admin = sign_in(&store, admin.id, now).await.token;
    store.close().await;
    let gateway = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(202)).mount(&gateway).await;
    let database = match &location {
        Location::Postgres(url) => format!("[database]\nurl = \"{url}\"\n"),
        _ => String::new(),
    };
    let toml = format!(
        "{database}[channels.telco]\ntype = \"kannel\"\nkey = \"k0123456789abcdef\"\n\
         sendsms_url = \"{}/cgi-bin/sendsms\"\nusername = \"cabildo\"\npassword = \"hunter2-hunter2\"\nfrom = \"5550\"\n",
        gateway.uri()
    );
    let service = Service::start(&toml, folder);
    let needles = live(&service, &admin, &gateway).await;
    let mut places = vec![
        ("the metrics".to_owned(), service.inner("/metrics").await.into_bytes()),
        ("the health".to_owned(), service.inner("/health").await.into_bytes()),
    ];
    for name in ["cmdline", "environ"] {
        let path = format!("/proc/{}/{name}", service.child.id());
        let bytes = std::fs::read(path).expect("what the system knows of the process");
        assert!(holds(&bytes, "service_child") || holds(&bytes, CHILD), "{name} is another's");
        places.push((name.to_owned(), bytes));
    }
    drop(service);
    let log = std::fs::read(folder.join("server.log")).expect("a log");
    assert!(holds(&log, "staff_address") || holds(&log, "\"level\""), "the log is one");
    places.push(("the log".to_owned(), log));
    let disk = disk(&location, folder).await;
    assert!(disk.iter().any(|(_, bytes)| holds(bytes, OPEN)), "this looks at the wrong bytes");
    places.extend(disk);
    let texts: Vec<(String, String)> = places
        .iter()
        .map(|(name, bytes)| (name.clone(), String::from_utf8_lossy(bytes).into_owned()))
        .collect();
    for (index, needle) in needles.iter().enumerate() {
        for form in forms(needle) {
            for (name, text) in &texts {
                assert!(!text.contains(&form), "secret {index} ({needle:.4}...) is in {name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_found_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("data").join("cabildo.db");
    nothing_secret_is_found(Location::File(database), folder.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_found_on_postgres() {
    let Some(cluster) = Cluster::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("data")).expect("a folder");
    nothing_secret_is_found(Location::Postgres(cluster.url.clone()), folder.path()).await;
}
