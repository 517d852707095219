//! `cabildo demo` as somebody meets it who runs it for the first time: what a citizen writes on the terminal
//! phone is answered by an officer, and the answer reaches the phone.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// How long something may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(90);

/// The lines of a pipe as they come.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// The first line that holds this, and what came before it.
fn wait(lines: &Receiver<String>, needle: &str) -> String {
    let mut seen = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains(needle) => return line,
            Ok(line) => seen.push(line),
            Err(problem) => panic!("no {needle:?} ({problem}) in {seen:#?}"),
        }
    }
}

/// A demo that runs.
struct Demo {
    child: Child,
    phone: ChildStdin,
    said: Receiver<String>,
    told: Receiver<String>,
}

impl Demo {
    fn start(home: &Path) -> Self {
        let mut child = command(home).spawn().expect("the binary runs");
        let phone = child.stdin.take().expect("an input");
        let said = lines(child.stdout.take().expect("an output"));
        let told = lines(child.stderr.take().expect("an error output"));
        Self { child, phone, said, told }
    }

    fn write(&mut self, line: &str) {
        writeln!(self.phone, "{line}").expect("written");
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cabildo"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CABILDO_")) {
        command.env_remove(name);
    }
    let data = home.join("demo");
    command.args(["demo", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
    command.env("HOME", home).env("XDG_DATA_HOME", home.join("data")).current_dir(home);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// An officer at the staff API.
struct Officer {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Officer {
    /// Signs in by a code that the demo said.
    async fn sign_in(url: &str, code: &str) -> Option<Self> {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let body = json!({ "with": "demo_code", "code": code });
        let answer = client.post(format!("{url}/staff/v1/sessions")).json(&body).send().await;
        let signed: Value = answer.expect("an answer").json().await.expect("JSON");
        let token = signed["token"].as_str()?.to_owned();
        Some(Self { client, url: url.to_owned(), token })
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// Writes to the citizen of a case, as it is now: clocks may have changed it since it was listed.
    async fn reply(&self, case: &Value, text: &str) {
        let path = format!("{}/staff/v1/cases/{}/reply", self.url, case["id"].as_str().expect("an id"));
        let mut version = case["version"].clone();
        for attempt in 0..5_u128 {
            let body = json!({ "version": version, "text": text });
            let key = uuid::Uuid::from_u128((text.len() as u128) << 8 | attempt).to_string();
            let request = self.client.post(&path).bearer_auth(&self.token).json(&body);
            let answer = request.header("Idempotency-Key", key).send().await.expect("an answer");
            let status = answer.status().as_u16();
            let answer: Value = answer.json().await.expect("JSON");
            if status == 200 {
                return;
            }
            assert_eq!(status, 409, "{answer}");
            version = answer["current"]["version"].clone();
        }
        panic!("the case changes all the time");
    }

    /// What became of the newest message to the citizen of a case.
    async fn sent(&self, case: &Value) -> Option<String> {
        let thread = self.get(&format!("/staff/v1/cases/{}/thread", case["id"].as_str()?)).await;
        let newest = thread["items"].as_array()?.iter().rfind(|it| it["from"] == "staff")?;
        newest["send"]["state"].as_str().map(str::to_owned)
    }
}

/// The code in a line that the demo says.
fn code_in(line: &str) -> String {
    line.rsplit(' ').next().expect("a code").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_officers_reply_reaches_the_terminal_phone() {
    let home = tempfile::tempdir().expect("a folder");
    let mut demo = Demo::start(home.path());
    let console = wait(&demo.told, " --server http://");
    let url = console.rsplit(' ').next().expect("an address").to_owned();
    let first = code_in(&wait(&demo.told, "sign-in code"));
    demo.write("tlapa");
    wait(&demo.said, "pobreza 71.8%");
    demo.write("queja no hay agua en la col. San Jose desde el lunes");
    wait(&demo.said, "Solo la oficina");
    demo.write("1");
    let receipt = wait(&demo.said, "Recibido. Folio ");
    let folio = receipt.split(' ').nth(2).expect("a folio").trim_end_matches(',').to_owned();
    // A fresh code is asked for on the phone; the one before is worth nothing any more.
    demo.write(":codigo");
    let code = code_in(&wait(&demo.told, "sign-in code"));
    assert_ne!(code, first);
    assert!(Officer::sign_in(&url, &first).await.is_none());
    let officer = Officer::sign_in(&url, &code).await.expect("signed in");
    let cases = officer.get("/staff/v1/cases?limit=200").await;
    let cases = cases["items"].as_array().expect("cases");
    let hers = cases.iter().find(|it| it["folio"] == folio.as_str()).expect("her case");
    officer.reply(hers, "Va una pipa el viernes.").await;
    let bubble = wait(&demo.said, "Va una pipa");
    assert_eq!(bubble, format!("{folio}: Va una pipa el viernes."));
    // Somebody who is not there gets nothing, and nothing fails.
    let open = |it: &&Value| it["state"] == "received" && it["folio"] != folio.as_str();
    let somebody = cases.iter().find(open).expect("a case of somebody");
    officer.reply(somebody, "Ya lo vemos.").await;
    let until = tokio::time::Instant::now() + PATIENCE;
    let end = loop {
        let state = officer.sent(somebody).await.unwrap_or_default();
        if matches!(state.as_str(), "sent" | "failed") || tokio::time::Instant::now() > until {
            break state;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(end, "sent");
    // Its log is no part of the phone.
    let log = std::fs::read_to_string(home.path().join("demo").join("demo.log")).expect("a log");
    assert!(!log.contains("no gateway"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_asks_reads_every_message_in_the_answer() {
    let home = tempfile::tempdir().expect("a folder");
    let demo = Demo::start(home.path());
    let told = wait(&demo.told, "/webhooks/sms/demo");
    let url = told.split('\'').nth(1).expect("a URL").to_owned();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let said = client.get(url).send().await.expect("an answer").text().await.expect("a text");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains("pobreza 71.8%"), "{said}");
    assert!(lines[1].starts_with("Contesta Cabildo."), "{said}");
}

#[test]
fn a_second_demo_on_the_same_data_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let first = Demo::start(home.path());
    wait(&first.told, "sign-in code");
    let second = command(home.path()).stdin(Stdio::null()).output().expect("the binary runs");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(75), "{said}");
    assert!(
        said.contains("--data-dir") && said.contains("--listen") && !said.contains("staff.listen"),
        "{said}"
    );
    // Another folder is another demo, with a console of its own.
    let other = tempfile::tempdir().expect("a folder");
    let beside = Demo::start(other.path());
    wait(&beside.told, " --server http://127.0.0.1:");
    // What ends leaves no mark behind.
    drop(first);
    let again = Demo::start(home.path());
    wait(&again.told, "sign-in code");
}
