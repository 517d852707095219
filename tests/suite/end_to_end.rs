//! A complaint from a phone to its dispute: a real Kannel with its fake SMSC on one side, the Bot API
//! server of the test tree on another, staff who sign in over HTTP behind.

use cabildo_tests::bot_api::{BotApi, TOKEN};
use cabildo_tests::kannel::{KannelStack, SENDSMS_PASSWORD, SENDSMS_USER};
use cabildo_tests::phones::receipt;
use cabildo_tests::serving::{PATIENCE, Serving};
use cabildo_tests::skip_or_fail;
use cabildo_tests::staff::{Person, get, write};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::staff_api::join;

const KEY: &str = "k0123456789abcdef";
const CITIZEN: &str = "+525500000001";
const NEIGHBOUR: &str = "+525500000002";
const CHAT: i64 = 714_004_001;
const STRANGER: i64 = 714_004_009;

struct Town {
    serving: Serving,
    kannel: KannelStack,
    api: BotApi,
}

impl Town {
    async fn start() -> Option<Self> {
        if !KannelStack::installed() {
            skip_or_fail("kannel");
            return None;
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let service = format!("{base}/webhooks/sms/telco?key={KEY}");
        let kannel = tokio::task::block_in_place(|| KannelStack::start(&service)).expect("a gateway");
        let api = BotApi::start().await;
        let toml = format!(
            "[channels.telco]\ntype = \"kannel\"\nkey = \"{KEY}\"\nsendsms_url = \"{}\"\n\
             username = \"{SENDSMS_USER}\"\npassword = \"{SENDSMS_PASSWORD}\"\n\
             [channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n\
             poll_timeout_seconds = 1\n",
            kannel.sendsms(),
            api.url()
        );
        let serving = Serving::start_on(listener, &toml).await;
        // Half past nine in the morning there: no quiet hours.
        serving.clock.advance(2 * 3_600_000);
        Some(Self { serving, kannel, api })
    }

    /// Writes from a phone and reads the `count` messages that come to it.
    fn sms(&self, from: &str, text: &str, count: usize) -> Vec<String> {
        let came = tokio::task::block_in_place(|| self.kannel.exchange(from, text, count));
        let came = came.unwrap_or_else(|problem| panic!("{text:?}: {problem}"));
        for it in &came {
            assert_eq!((it.to.as_str(), it.ucs2, it.part), (from, false, None), "{it:?}");
        }
        came.into_iter().map(|it| it.text).collect()
    }

    /// Writes in a chat and reads what it shows then, where that is `count` messages more.
    async fn chat(&self, chat: i64, text: &str, count: usize) -> Vec<String> {
        let before = self.api.sent(chat).len();
        self.api.write(chat, text);
        let sent = self.api.wait_sent(chat, before + count).await;
        sent.into_iter().skip(before).map(|it| it.text).collect()
    }

    /// Lets the seconds go by in which staff may take a message back, until everything is handed over.
    async fn handed_over(&self) {
        self.serving.clock.advance(10_000);
        let service = self.serving.app.service();
        let done = async {
            loop {
                service.wake_senders();
                let states = service.store.count_outbound().await.expect("states");
                if states
                    .iter()
                    .all(|(state, _)| !matches!(state.as_str(), "queued" | "claimed" | "dispatched"))
                {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, done).await.expect("handed over in time");
    }

    /// Waits until it was asked whether a case was put right, and the question is handed over.
    async fn asked(&self, phone: &str) {
        let store = &self.serving.app.service().store;
        let contact = store.find_contact("telco", phone).await.expect("read").expect("a contact");
        let asked = async {
            loop {
                let facts = store.case_facts(contact, self.serving.clock.now()).await.expect("facts");
                if facts.asked.is_some() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.expect("asked in time");
        self.handed_over().await;
    }

    /// Waits until the clocks of a case go again.
    async fn owed(&self, phone: &str) {
        let store = &self.serving.app.service().store;
        let contact = store.find_contact("telco", phone).await.expect("read").expect("a contact");
        let owed = async {
            loop {
                let facts = store.case_facts(contact, self.serving.clock.now()).await.expect("facts");
                if facts.mine.iter().all(|it| it.next_due.is_some()) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, owed).await.expect("owed in time");
    }

    async fn act(&self, who: &Person, case: &Value, act: &str, mut body: Value) -> (u16, Value) {
        body["version"] = case["version"].clone();
        let path = format!("/staff/v1/cases/{}/{act}", case["id"].as_str().expect("an id"));
        write(&self.serving, Method::POST, &path, who, &body).await
    }

    async fn done(&self, who: &Person, case: &Value, act: &str, body: Value) -> Value {
        let (status, answer) = self.act(who, case, act, body).await;
        assert_eq!(status, 200, "{act}: {answer}");
        answer["case"].clone()
    }

    async fn find(&self, who: &Person, folio: &str) -> Value {
        let page = get(&self.serving, "/staff/v1/cases?limit=50", who).await.1;
        let items = page["items"].as_array().expect("cases");
        items.iter().find(|it| it["folio"] == folio).unwrap_or_else(|| panic!("{folio}: {page}")).clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complaint_is_answered_closed_and_disputed() {
    let Some(town) = Town::start().await else { return };
    let serving = &town.serving;

    // Five messages; the figure came first, and with it the notice.
    assert!(town.sms(CITIZEN, "tlapa", 2)[0].starts_with("Tlapa de Comonfort, Gro: pobreza 71.8%"));
    let begun = town.sms(CITIZEN, "QUEJA", 2);
    assert!(begun[0].contains("Si sigues, aceptas"), "{begun:?}");
    assert!(begun[1].starts_with("¿De qué se trata? 1 Agua"), "{begun:?}");
    assert!(town.sms(CITIZEN, "1", 1)[0].contains("Cuéntalo en un mensaje"));
    assert!(town.sms(CITIZEN, "No cae agua desde el lunes", 1)[0].starts_with("¿Donde es?"));
    let who = town.sms(CITIZEN, "Col. San Francisco, atras de la iglesia", 1);
    assert!(who[0].contains("1 Solo la oficina 2 Nadie 3 Todos"), "{who:?}");
    let told = town.sms(CITIZEN, "1", 1);
    let (folio, pin) = receipt(&told[0]);
    assert!(told[0].contains("Te contesta Agua Potable y Drenaje de Tlapa a mas tardar el "), "{told:?}");

    // The same in one go: what it says is not asked again.
    town.chat(CHAT, "tlapa", 2).await;
    let one = town.chat(CHAT, "QUEJA no hay agua en la col. San Jose desde el lunes", 2).await;
    assert!(one[0].contains("aceptas") && one[1].contains("1 Solo la oficina"), "{one:?}");
    let told = town.chat(CHAT, "1", 1).await;
    let (chat_folio, _) = receipt(&told[0]);
    assert_ne!(folio, chat_folio);

    // Staff sign in, find both, and answer hers.
    let roles = json!([{ "role": "caseworker", "scope": "municipality:12066" }]);
    let ana = join(serving, "ana", roles.clone()).await.sign_in(serving).await;
    let eva = join(serving, "eva", roles).await.sign_in(serving).await;
    let counts = get(serving, "/staff/v1/queues", &ana).await.1;
    assert_eq!(counts["queues"][0], json!({ "queue": "unassigned", "count": 2 }));
    assert_eq!(town.find(&ana, &chat_folio).await["category"], "water");
    let case = town.find(&ana, &folio).await;
    let thread = format!("/staff/v1/cases/{}/thread", case["id"].as_str().expect("an id"));
    let entries = get(serving, &thread, &ana).await.1;
    assert_eq!(entries["items"][0]["text"], "No cae agua desde el lunes", "{entries}");
    let case = town.done(&ana, &case, "assign", json!({ "assignee": ana.id })).await;
    let answer = json!({ "text": "Hoy a las 5 pasa la pipa por su calle.", "wait": false });
    let case = town.done(&ana, &case, "reply", answer).await;
    town.handed_over().await;
    // Two pushed messages waited at the gateway for her phone.
    let read = town.sms(CITIZEN, &format!("ESTADO {folio}"), 3);
    let pushed = format!("{folio}: Hoy a las 5 pasa la pipa por su calle.");
    assert_eq!(read.iter().filter(|it| **it == pushed).count(), 1, "{read:?}");
    let news = format!("Tu reporte {folio}: ya tiene quien lo atienda.");
    assert_eq!(read.iter().filter(|it| **it == news).count(), 1, "{read:?}");

    // It is closed; she is told and asked, and says no.
    let case = town.done(&ana, &case, "state", json!({ "state": "resolved" })).await;
    assert_eq!(case["state"], "resolved");
    town.asked(CITIZEN).await;
    let read = town.sms(CITIZEN, "MIS CASOS", 3);
    let told = format!("Tu reporte {folio}: la oficina dice que quedo resuelto.");
    let asked = format!("Sobre tu reporte {folio}: ¿ya se resolvio? 1 Si 2 No");
    assert!(read.contains(&told) && read.contains(&asked), "{read:?}");
    let listed = format!("Tus reportes: {folio} resuelto.");
    assert!(read.iter().any(|it| it.starts_with(&listed)), "{read:?}");
    let no = town.sms(CITIZEN, "NO", 1);
    assert!(no[0].starts_with("Lo abrimos otra vez y lo vera otra persona."), "{no:?}");

    // Another officer gets it, and it is counted once.
    let case = town.find(&ana, &folio).await;
    assert_eq!((&case["state"], &case["disputed"]), (&json!("in_review"), &json!(true)), "{case}");
    assert!(case["assignee"].is_null(), "{case}");
    let (status, problem) = town.act(&ana, &case, "assign", json!({ "assignee": ana.id })).await;
    assert_eq!((status, &problem["detail"]), (409, &json!("case_needs_another_officer")), "{problem}");
    let case = town.done(&eva, &case, "assign", json!({ "assignee": eva.id })).await;
    assert_eq!(case["assignee"]["id"], json!(eva.id));
    let report = get(serving, "/staff/v1/reports/day", &eva).await.1;
    let total = &report["total"];
    let figures = ["received", "answered", "closed", "disputed"].map(|it| total[it].as_i64());
    assert_eq!(figures, [Some(2), Some(1), Some(1), Some(1)], "{report}");
    let counts = get(serving, "/staff/v1/queues", &eva).await.1;
    let disputed = counts["queues"].as_array().expect("queues").iter().find(|it| it["queue"] == "disputed");
    assert_eq!(disputed.map(|it| &it["count"]), Some(&json!(1)), "{counts}");
    // A second no finds no question.
    town.handed_over().await;
    town.sms(CITIZEN, "NO", 2);
    let report = get(serving, "/staff/v1/reports/day", &eva).await.1;
    assert_eq!(report["total"]["disputed"], 1, "{report}");

    town.owed(CITIZEN).await;
    // From elsewhere: nothing without the PIN, state and date with it, and never a word of the case.
    let unknown = "No coincide. Escribe ESTADO, el folio y la clave de 4 numeros, como estan en tu recibo.";
    let first = town.sms(NEIGHBOUR, &format!("ESTADO {folio}"), 2);
    assert_eq!(first[0], unknown);
    let wrong = if pin == "0000" { "1111" } else { "0000" };
    assert_eq!(town.sms(NEIGHBOUR, &format!("estado {folio} {wrong}"), 1), [unknown]);
    let state = town.sms(NEIGHBOUR, &format!("estado {} {pin}", folio.to_lowercase()), 1);
    let known = format!("Tu reporte {folio}: ya tiene quien lo atienda. Hay noticias a mas tardar el ");
    assert!(state[0].starts_with(&known), "{state:?}");
    assert_eq!(town.sms(NEIGHBOUR, "MIS CASOS", 1).len(), 1);
    let other = town.chat(STRANGER, &format!("ESTADO {folio}"), 2).await;
    assert!(other[0].starts_with("No coincide."), "{other:?}");
    let other = town.chat(STRANGER, &format!("ESTADO {folio} {pin}"), 1).await;
    assert!(other[0].contains(&folio) && other[0].contains("ya tiene quien lo atienda"), "{other:?}");
    for text in first.iter().chain(&state).chain(&other) {
        for secret in ["pipa", "lunes", "Francisco", "iglesia", "5500000001", &pin] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    town.serving.app.shutdown().await;
}
