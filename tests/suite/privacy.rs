//! A person's rights over her data, from outside: a phone behind Kannel and a Telegram chat on one side,
//! staff over HTTP on the other.

use cabildo_bot::domain::case::CaseState;
use cabildo_bot::domain::time::{DAY, MINUTE};
use cabildo_bot::store::cases::{Act, Closing};
use cabildo_tests::bot_api::{BotApi, TOKEN};
use cabildo_tests::cases::{Town, officer};
use cabildo_tests::postgres;
use cabildo_tests::serving::{PATIENCE, Serving};
use cabildo_tests::staff::{Person, get, person, write};
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const PHONE: &str = "+525512345678";
const CANARY: &str = "canarioamarillo";

/// A service with a phone that can be written to, or one that can only be answered.
struct Setting {
    serving: Serving,
    smsbox: MockServer,
    sent: std::sync::atomic::AtomicUsize,
}

impl Setting {
    async fn start(push: bool, more: &str, url: Option<&str>) -> Self {
        let smsbox = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/cgi-bin/sendsms"))
            .respond_with(ResponseTemplate::new(202).set_body_string("0: Accepted for delivery"))
            .mount(&smsbox)
            .await;
        let sendsms = if push {
            format!(
                "sendsms_url = \"{}/cgi-bin/sendsms\"\nusername = \"u\"\npassword = \"p\"\n",
                smsbox.uri()
            )
        } else {
            String::new()
        };
        let database = url.map(|it| format!("[database]\nurl = \"{it}\"\n")).unwrap_or_default();
        // Town writes on the channel `kannel`.
        let toml = format!("{database}[channels.kannel]\ntype = \"kannel\"\n{sendsms}{more}");
        let serving = Serving::start(&toml).await;
        Self { serving, smsbox, sent: std::sync::atomic::AtomicUsize::new(0) }
    }

    /// What the phone writes and reads in the answer.
    async fn write(&self, text: &str) -> String {
        self.write_from("5512345678", text).await
    }

    /// What a Mexican number writes and reads in the answer.
    async fn write_from(&self, phone: &str, text: &str) -> String {
        let number = self.sent.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let text = text.replace(' ', "+");
        let path = format!("/webhooks/sms/kannel?from=%2B52{phone}&text={text}&id=p-{number}");
        let (status, _, body) = self.serving.get(&path).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// What was sent to the phone apart from answers.
    async fn pushed(&self) -> Vec<String> {
        let requests = self.smsbox.received_requests().await.unwrap_or_default();
        let text = |it: &wiremock::Request| {
            it.url.query_pairs().find(|(key, _)| key == "text").map(|it| it.1.into_owned())
        };
        requests.iter().filter_map(text).collect()
    }

    /// The `nth` code that came, from 1.
    async fn code(&self, nth: usize) -> String {
        let come = async {
            loop {
                let codes: Vec<String> = self.pushed().await.iter().filter_map(|it| digits(it)).collect();
                if let Some(code) = codes.get(nth - 1) {
                    return code.clone();
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, come).await.expect("a code in time")
    }

    /// What the service does each minute and each night, now.
    async fn night(&self) {
        self.serving.app.watch().end_what_is_due().await;
    }
}

/// Six digits in a text.
fn digits(text: &str) -> Option<String> {
    text.split(|it: char| !it.is_ascii_digit()).find(|it| it.len() == 6).map(str::to_owned)
}

/// Makes a test of a case for each engine; the phone can be written to.
macro_rules! on_both {
    ($name:ident, |$setting:ident| $case:block) => {
        mod $name {
            use super::*;

            async fn case($setting: &Setting) {
                $case
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let setting = Setting::start(true, "", None).await;
                case(&setting).await;
                setting.serving.app.shutdown().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let Some(database) = postgres::database().await else { return };
                let setting = Setting::start(true, "", Some(&database.url)).await;
                case(&setting).await;
                setting.serving.app.shutdown().await;
                database.drop().await;
            }
        }
    };
}

fn town(setting: &Setting) -> Town<'_> {
    let mut town = Town::new(&setting.serving.app.service().store);
    town.now = setting.serving.clock.now();
    town
}

async fn requests(setting: &Setting, who: &Person) -> Vec<Value> {
    let (status, body) = get(&setting.serving, "/staff/v1/privacy-requests", who).await;
    assert_eq!(status, 200, "{body}");
    body["items"].as_array().expect("rows").clone()
}

on_both!(who_proves_her_number_reads_what_is_kept, |setting| {
    setting.write("tlapa").await;
    let town = town(setting);
    town.open(PHONE, town.case(CANARY)).await;
    let asked = setting.write("MIS DATOS").await;
    assert!(asked.contains("clave de 6") && digits(&asked).is_none(), "{asked}");
    let code = setting.code(1).await;
    // Somebody who only claims the number guesses.
    for number in 0..2 {
        let wrong = format!("{:06}", (code.parse::<u32>().expect("digits") + 1 + number) % 1_000_000);
        let answer = setting.write(&wrong).await;
        assert!(answer.contains("no sirve"), "{answer}");
    }
    let kept = setting.write(&code).await;
    assert!(kept.contains("Guardo tu n") && kept.contains("Reportes: 1, abiertos 1"), "{kept}");
    let more = setting.write("MAS").await;
    assert!(more.contains("CORREGIR DATOS o BORRAR"), "{more}");
    // It is worth nothing a second time.
    assert!(!setting.write(&format!("MIS DATOS {code}")).await.contains("Guardo"));
    let clock = &setting.serving.clock;
    clock.advance(11 * MINUTE);
    setting.write("MIS DATOS").await;
    let second = setting.code(2).await;
    for number in 0..3 {
        let wrong = format!("{:06}", (second.parse::<u32>().expect("digits") + 1 + number) % 1_000_000);
        setting.write(&wrong).await;
    }
    let answer = setting.write(&second).await;
    assert!(answer.contains("3 claves equivocadas") && !answer.contains("Guardo"), "{answer}");
    // No text of a case, and no number, in anything that went out.
    for text in setting.pushed().await.iter().chain([&asked, &kept, &more, &answer]) {
        assert!(!text.contains(CANARY) && !text.contains("5512345678"), "{text}");
    }
});

on_both!(who_asks_for_it_is_erased_once_her_case_is_closed, |setting| {
    setting.write(&format!("tlapa {CANARY}")).await;
    let mut town = town(setting);
    let case = town.open(PHONE, town.case(CANARY)).await;
    let folio = town.full(case).await.folio.as_str().to_owned();
    assert!(setting.write("BORRAR").await.contains("clave de 6"));
    let code = setting.code(1).await;
    let question = setting.write(&code).await;
    assert!(question.contains(&folio) && question.contains("1 Si 2 No"), "{question}");
    assert!(setting.write("2").await.contains("no borro nada"));
    setting.serving.clock.advance(11 * MINUTE);
    setting.write("borrar").await;
    let code = setting.code(2).await;
    setting.write(&format!("BORRAR {code}")).await;
    let done = setting.write("si").await;
    assert!(done.contains("ya no te mando avisos") && done.contains("se cierren"), "{done}");
    let contact = town.contact(PHONE).await;
    let store = &setting.serving.app.service().store;
    assert!(store.get_contact(contact).await.expect("a contact").stopped_at.is_some());
    // That she asked is told to who proves the number, and with what it waits for.
    assert!(setting.write("BORRAR").await.contains("clave de 6"));
    let code = setting.code(3).await;
    assert!(setting.write(&code).await.contains("se cierren"));

    let admin = person(&setting.serving, &[("administrator", "country")]).await;
    let open = requests(setting, &admin).await;
    assert_eq!((open.len(), &open[0]["kind"], &open[0]["clock"]), (1, &json!("erasure"), &json!("in_time")));
    // Not while her case is open, neither by itself nor by staff.
    setting.serving.clock.advance(2 * DAY);
    setting.night().await;
    assert!(store.find_contact("kannel", PHONE).await.expect("read").is_some());
    let path = format!("/staff/v1/privacy-requests/{}/decide", open[0]["id"].as_str().expect("an id"));
    let yes = json!({ "version": 1, "decision": "done", "reason": "a la orden" });
    let admin = person(&setting.serving, &[("administrator", "country")]).await;
    let refused = write(&setting.serving, Method::POST, &path, &admin, &yes).await;
    assert_eq!((refused.0, &refused.1["code"]), (409, &json!("state_conflict")));
    town.now = setting.serving.clock.now();
    let with = Box::new(Closing { reason: Some("no se puede".to_owned()), ..Closing::default() });
    town.act(officer(1), case, Act::SetState { to: CaseState::ClosedUnfixed, with }).await.expect("closed");
    // Not before she could read what became of it.
    setting.night().await;
    setting.serving.clock.advance(DAY - 1);
    setting.night().await;
    assert!(store.find_contact("kannel", PHONE).await.expect("read").is_some());
    setting.serving.clock.advance(1);
    setting.night().await;
    assert_eq!(store.find_contact("kannel", PHONE).await, Ok(None));
    let thread = store.list_case_messages(case, None, 9, true).await.expect("a thread");
    assert!(thread.iter().all(|it| it.text.as_deref() == Some("")), "{thread:?}");
    let admin = person(&setting.serving, &[("administrator", "country")]).await;
    assert!(requests(setting, &admin).await.is_empty());
    let (_, done) = get(&setting.serving, "/staff/v1/privacy-requests?state=done", &admin).await;
    assert_eq!(done["items"][0]["kind"], "erasure");
    // Somebody new, who had refused what she did not ask for.
    setting.write("tlapa").await;
    let back = store.find_contact("kannel", PHONE).await.expect("read").expect("a contact");
    assert_ne!(back, contact);
    assert!(store.get_contact(back).await.expect("a contact").stopped_at.is_some());
    assert!(setting.write("ALTA").await.contains("otra vez"));
    assert!(store.get_contact(back).await.expect("a contact").stopped_at.is_none());
});

/// The day that an answer promises.
fn promised(text: &str) -> Option<String> {
    let rest = text.split("tardar el ").nth(1)?;
    Some(rest.split(' ').take(2).collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned())
}

on_both!(who_asks_twice_reads_the_same_day_and_nobody_else_does, |setting| {
    setting.write("tlapa").await;
    setting.write("BORRAR").await;
    let code = setting.code(1).await;
    // The right code from another number is worth nothing, and takes nothing from her.
    let other = setting.write_from("5598765432", &format!("BORRAR {code}")).await;
    assert!(other.contains("no sirve"), "{other}");
    assert!(setting.serving.app.service().store.find_contact("kannel", PHONE).await.expect("read").is_some());
    let first = promised(&setting.write(&code).await);
    assert!(first.is_some());
    setting.serving.clock.advance(11 * MINUTE);
    // Somebody who only claims the number learns nothing of it.
    let claimed = setting.write("BORRAR").await;
    assert!(claimed.contains("clave de 6") && promised(&claimed).is_none(), "{claimed}");
    let code = setting.code(2).await;
    let again = setting.write(&code).await;
    assert!(again.contains("sigue en curso"), "{again}");
    assert_eq!(promised(&again), first);
});

on_both!(what_was_kept_long_enough_ends_at_night, |setting| {
    setting.write("tlapa").await;
    let store = &setting.serving.app.service().store;
    let known = async || store.find_contact("kannel", PHONE).await.expect("read").is_some();
    // The first night only counts, however late it is.
    setting.night().await;
    setting.serving.clock.advance(91 * DAY);
    assert!(known().await);
    setting.night().await;
    assert!(!known().await);
    // Once a night: a second look on the same day does nothing.
    setting.write("tlapa").await;
    setting.night().await;
    assert!(known().await);
    setting.serving.app.watch().look().await;
    let health = setting.serving.inner("/health").await.1;
    assert!(!health.contains("\"code\":\"retention_late\""), "{health}");
    // An open case keeps her, whatever the night.
    let town = town(setting);
    let case = town.open(PHONE, town.case("no hay agua")).await;
    setting.serving.clock.advance(400 * DAY);
    setting.night().await;
    assert!(known().await);
    let full = store.find_case(case, true).await.expect("read").expect("a case");
    assert_eq!(full.place.as_deref(), Some("San José"));
});

on_both!(a_correction_waits_for_staff_by_the_clock_of_the_law, |setting| {
    setting.write("tlapa").await;
    setting.write("CORREGIR DATOS").await;
    let code = setting.code(1).await;
    let question = setting.write(&code).await;
    assert!(question.contains("dato"), "{question}");
    let noted = setting.write(&format!("mi colonia es {CANARY}")).await;
    // The request is of Monday, 2026-09-21: twenty working days without holidays end on Monday, October 19.
    assert!(noted.contains("19 oct"), "{noted}");
    let clock = &setting.serving.clock;
    let serving = &setting.serving;
    let admin = person(serving, &[("administrator", "municipality:12066")]).await;
    let other = person(serving, &[("administrator", "municipality:20570")]).await;
    let caseworker = person(serving, &[("caseworker", "country")]).await;
    assert!(requests(setting, &other).await.is_empty());
    assert_eq!(get(serving, "/staff/v1/privacy-requests", &caseworker).await.0, 403);
    let open = requests(setting, &admin).await;
    assert_eq!(open.len(), 1);
    assert!(!open[0].to_string().contains(CANARY), "{}", open[0]);
    let path = format!("/staff/v1/privacy-requests/{}", open[0]["id"].as_str().expect("an id"));
    assert_eq!(get(serving, &path, &other).await.0, 404);
    let (_, one) = get(serving, &path, &admin).await;
    assert_eq!(one["text"], json!(format!("mi colonia es {CANARY}")));

    // Sessions end, so somebody signs in each time.
    let clock_now = async |days: i64| {
        clock.advance(days * DAY);
        let admin = person(serving, &[("administrator", "municipality:12066")]).await;
        requests(setting, &admin).await[0]["clock"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(clock_now(13).await, "in_time");
    assert_eq!(clock_now(2).await, "day_10");
    assert_eq!(clock_now(7).await, "day_15");
    assert_eq!(clock_now(7).await, "overdue");
    serving.app.watch().look().await;
    let alarms = serving.inner("/health").await.1;
    assert!(alarms.contains("privacy_overdue"), "{alarms}");

    let admin = person(serving, &[("administrator", "municipality:12066")]).await;
    let decide = format!("{path}/decide");
    let bad = json!({ "version": 1, "decision": "open", "reason": "x" });
    assert_eq!(write(serving, Method::POST, &decide, &admin, &bad).await.0, 422);
    let stale = json!({ "version": 7, "decision": "done", "reason": "ya" });
    let answer = write(serving, Method::POST, &decide, &admin, &stale).await;
    assert_eq!((answer.0, &answer.1["code"]), (409, &json!("version_conflict")));
    let good = json!({ "version": 1, "decision": "done", "reason": "la colonia dice lo que pediste" });
    let (status, done) = write(serving, Method::POST, &decide, &admin, &good).await;
    assert_eq!((status, &done["request"]["state"]), (200, &json!("done")), "{done}");
    let again = json!({ "version": 2, "decision": "refused", "reason": "no" });
    assert_eq!(write(serving, Method::POST, &decide, &admin, &again).await.0, 409);
    let told = async {
        while !setting.pushed().await.iter().any(|it| it.contains("la colonia dice lo que pediste")) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, told).await.expect("she is told");
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_can_only_answer_says_so() {
    let setting = Setting::start(false, "", None).await;
    setting.write("tlapa").await;
    for text in ["MIS DATOS", "BORRAR", "CORREGIR DATOS", "BORRAR 123456"] {
        let answer = setting.write(text).await;
        let truthful = answer.contains("no se hizo nada") || answer.contains("no sirve");
        assert!(truthful && digits(&answer).is_none(), "{text}: {answer}");
    }
    assert!(setting.pushed().await.is_empty());
    setting.serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_is_its_person_and_says_yes_to_be_erased() {
    const CHAT: i64 = 714_004_002;
    let api = BotApi::start().await;
    let telegram = format!(
        "[channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n\
         poll_timeout_seconds = 1\n",
        api.url()
    );
    let setting = Setting::start(true, &telegram, None).await;
    api.write(CHAT, "MIS DATOS");
    let sent = api.wait_sent(CHAT, 1).await;
    assert!(sent.iter().any(|it| it.text.contains("Guardo tu chat cifrado")), "{sent:?}");
    api.write(CHAT, "BORRAR");
    let question = async {
        loop {
            if let Some(it) = api.sent(CHAT).into_iter().find(|it| it.text.contains("1 Sí 2 No")) {
                return it;
            }
            tokio::task::yield_now().await;
        }
    };
    let question = tokio::time::timeout(PATIENCE, question).await.expect("a question");
    let store = &setting.serving.app.service().store;
    assert!(store.due_erasures(setting.serving.clock.now().plus(9 * DAY), 9).await.expect("read").is_empty());
    api.press(CHAT, question.message_id, "1");
    let done = async {
        while store.due_erasures(setting.serving.clock.now().plus(9 * DAY), 9).await.expect("read").is_empty()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, done).await.expect("a request");
    setting.serving.clock.advance(2 * DAY);
    setting.night().await;
    assert_eq!(store.find_contact("telegram", &CHAT.to_string()).await, Ok(None));
    setting.serving.app.shutdown().await;
}
