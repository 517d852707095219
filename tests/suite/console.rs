//! The staff console in front of the real service: real keys in, real cases out.

use std::time::Duration;

use cabildo_admin_tui::api::{Api, follow};
use cabildo_admin_tui::app::App;
use cabildo_admin_tui::event::{Effect, Event};
use cabildo_admin_tui::keymap::Keymap;
use cabildo_admin_tui::session::Place;
use cabildo_admin_tui::settings::Settings;
use cabildo_admin_tui::shared::{SETTLE, Shared};
use cabildo_admin_tui::theme::Theme;
use cabildo_admin_tui::words::Words;
use cabildo_tests::serving::Serving;
use cabildo_tests::staff::{Person, get, person, write};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;

const TLAPA: &str = "12066";

/// Settings with a channel that can send.
const SMS: &str = r#"
[channels.telco]
type = "kannel"
key = "0123456789abcdef0123456789abcdef"
sendsms_url = "http://127.0.0.1:9/cgi-bin/sendsms"
username = "cabildo"
password = "a-long-enough-password"
from = "5550"
"#;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A console without a terminal.
struct Desk {
    app: App,
    api: Api,
    now: i64,
    tx: mpsc::Sender<Event>,
    rx: mpsc::Receiver<Event>,
}

impl Desk {
    async fn open(serving: &Serving, who: &Person) -> Self {
        let address = serving.app.staff_address().expect("a listener");
        let api = Api::new(&format!("http://{address}")).expect("a client");
        api.set_token(Some(who.token.clone()));
        let now = serving.clock.now().0;
        let shared = Shared::new(Words::of("en"), Theme::Mono, Keymap::default(), Settings::default());
        let app = App::new(shared, Place::default(), now);
        let (tx, rx) = mpsc::channel(256);
        let mut desk = Self { app, api, now, tx, rx };
        let effects = desk.app.begin(true);
        desk.perform(effects);
        desk.sees(" live ").await;
        desk
    }

    fn perform(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(number, ask) => {
                    let (api, tx) = (self.api.clone(), self.tx.clone());
                    tokio::spawn(async move {
                        let answer = Box::new(api.ask(ask).await);
                        // The test may have ended.
                        let _ = tx.send(Event::Answer(number, answer)).await;
                    });
                }
                Effect::Follow => {
                    tokio::spawn(follow(self.api.clone(), self.tx.clone()));
                }
                _ => {}
            }
        }
    }

    fn event(&mut self, event: Event) {
        let effects = self.app.handle(event, self.now);
        self.perform(effects);
    }

    fn key(&mut self, code: KeyCode, modifiers: KeyModifiers) {
        // Nobody presses within the time that protects from a screen that changed by itself. The service's clock
        // stands, so what it holds for 10 s must not run out here by letters alone.
        self.now = self.now.max(self.app.shared.changed_at + SETTLE);
        self.event(Event::Key(KeyEvent::new(code, modifiers)));
    }

    fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            self.key(KeyCode::Char(key), KeyModifiers::NONE);
        }
    }

    fn screen(&mut self) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
        self.app.draw(&mut buffer);
        let lines = (0..40).map(|y| (0..120).map(|x| buffer[(x, y)].symbol().to_owned()).collect::<String>());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Takes what comes until the screen holds the text.
    async fn sees(&mut self, text: &str) {
        let wait = async {
            loop {
                if self.screen().contains(text) {
                    return;
                }
                // What is to be looked at again is looked at with every answer, and where none comes.
                let event = tokio::time::timeout(Duration::from_millis(100), self.rx.recv()).await;
                self.now += if event.is_ok() { 5 } else { 100 };
                self.event(event.ok().flatten().unwrap_or(Event::Tick));
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, wait).await.is_ok();
        assert!(in_time, "{text:?} did not come:\n{}", self.screen());
    }
}

async fn open_case(serving: &Serving, who: &Person, text: &str) -> Value {
    let new = json!({ "municipality": TLAPA, "kind": "complaint", "category": "water", "text": text,
        "place": "Col. San Jose", "phone": "+525512345678", "anonymity": "named", "consent": true });
    let (status, body) = write(serving, Method::POST, "/staff/v1/cases", who, &new).await;
    assert_eq!(status, 201, "{body}");
    body["case"].clone()
}

async fn worker(serving: &Serving) -> Person {
    person(serving, &[("caseworker", &format!("municipality:{TLAPA}"))]).await
}

async fn read(serving: &Serving, who: &Person, case: &Value) -> Value {
    let id = case["id"].as_str().expect("an id");
    get(serving, &format!("/staff/v1/cases/{id}"), who).await.1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_taken_answered_and_the_answer_taken_back() {
    let serving = Serving::start(SMS).await;
    let who = worker(&serving).await;
    let case = open_case(&serving, &who, "Tubo roto frente a la primaria").await;
    let folio = case["folio"].as_str().expect("a folio").to_owned();
    let mut desk = Desk::open(&serving, &who).await;
    desk.sees(&folio).await;
    desk.press("a");
    desk.sees("you took it").await;
    assert_eq!(read(&serving, &who, &case).await["row"]["assignee"]["id"], json!(who.id.to_string()));
    desk.press("r");
    desk.sees("MESSAGE to").await;
    desk.press("Ya va la cuadrilla");
    desk.sees("GSM-7").await;
    desk.key(KeyCode::Char('s'), KeyModifiers::CONTROL);
    // Before the service has confirmed it: it is taken back as soon as it has.
    desk.press("u");
    desk.sees("MESSAGE to").await;
    desk.sees("Ya va la cuadrilla").await;
    let id = case["id"].as_str().expect("an id");
    let (_, thread) = get(&serving, &format!("/staff/v1/cases/{id}/thread"), &who).await;
    let states: Vec<&Value> =
        thread["items"].as_array().expect("entries").iter().map(|it| &it["send"]["state"]).collect();
    assert!(states.contains(&&json!("taken_back")), "{states:?}");
    serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_do_arrives_and_a_conflict_shows_both_sides() {
    let serving = Serving::start(SMS).await;
    let (who, other) = (worker(&serving).await, worker(&serving).await);
    let case = open_case(&serving, &who, "Sin agua desde el lunes").await;
    let folio = case["folio"].as_str().expect("a folio").to_owned();
    let mut desk = Desk::open(&serving, &who).await;
    desk.sees(&folio).await;
    // One that comes in now waits behind a count.
    let late = open_case(&serving, &other, "Fuga en la calle").await;
    desk.sees("+1 new (R)").await;
    assert!(!desk.screen().contains(late["folio"].as_str().expect("a folio")));
    // The other one is faster, and the console has not heard of it yet.
    let id = case["id"].as_str().expect("an id");
    let body = json!({ "version": case["version"], "priority": "high" });
    let (status, _) =
        write(&serving, Method::POST, &format!("/staff/v1/cases/{id}/priority"), &other, &body).await;
    assert_eq!(status, 200);
    desk.press("e");
    desk.sees(&format!("Somebody else changed {folio} first")).await;
    assert!(desk.screen().contains("normal -> high"), "{}", desk.screen());
    desk.press("m");
    desk.sees("resolved. To").await;
    assert_eq!(read(&serving, &who, &case).await["row"]["state"], "resolved");
    serving.app.shutdown().await;
}
