//! SMS Gateway for Android: webhooks over real HTTP, receipts, and its API for sending.

use cabildo_bot::channels::gateway::{Listed, OutboundMessage, SendError, Unsettled};
use cabildo_bot::channels::{android, http_client};
use cabildo_bot::config::{ChannelConfig, Config};
use cabildo_bot::domain::time::UnixMillis;
use cabildo_tests::serving::{PATIENCE, RawClient, Serving};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/android/vectors.json")).expect("the vectors")
}

fn toml(api: &str) -> String {
    let vectors = vectors();
    format!(
        "[channels.phone]\ntype = \"android\"\nsigning_key = {}\nsecondary_signing_key = {}\nusername = \"U\"\n\
         password = \"hunter2hunter2\"\napi_url = \"{api}\"\n",
        vectors["key"], vectors["second_key"]
    )
}

/// A webhook of the app, byte for byte.
#[derive(Clone)]
struct Signed {
    body: Vec<u8>,
    timestamp: Vec<u8>,
    signature: Vec<u8>,
}

impl Signed {
    fn of(vector: &Value) -> Self {
        let bytes = |name: &str| vector[name].as_str().expect("a text").as_bytes().to_vec();
        Self { body: bytes("body"), timestamp: bytes("timestamp"), signature: bytes("signature") }
    }

    /// Signs a body now, as the app does.
    fn now(serving: &Serving, body: &[u8]) -> Self {
        let timestamp = (serving.clock.now().0 / 1_000).to_string().into_bytes();
        let key = vectors()["key"].as_str().expect("a key").to_owned();
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
        mac.update(body);
        mac.update(&timestamp);
        let signature = hex::encode(mac.finalize().into_bytes()).into_bytes();
        Self { body: body.to_vec(), timestamp, signature }
    }

    async fn send(&self, serving: &Serving) -> Option<u16> {
        let mut bytes = b"POST /webhooks/sms/phone HTTP/1.1\r\nHost: evil.example\r\nX-Timestamp: ".to_vec();
        bytes.extend(&self.timestamp);
        bytes.extend(b"\r\nX-Signature: ");
        bytes.extend(&self.signature);
        bytes.extend(format!("\r\nContent-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        bytes.extend(&self.body);
        let mut client = RawClient::connect(serving.address()).await;
        client.write(&bytes).await;
        client.read().await.map(|it| it.0)
    }
}

async fn inbox(serving: &Serving) -> i64 {
    let store = &serving.app.service().store;
    // Once nothing moves any more: a message that is handled between two counts would be in both.
    let at_rest = async {
        while store.count_inbound("received").await != Ok(0) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, at_rest).await.expect("all handled");
    store.count_inbound("handled").await.expect("a count")
        + store.count_inbound("parked").await.expect("a count")
}

#[tokio::test]
async fn what_the_app_signs_is_taken() {
    let serving = Serving::start(&toml("http://127.0.0.1:1")).await;
    let vectors = vectors();
    for vector in vectors["vectors"].as_array().expect("vectors") {
        let status = Signed::of(vector).send(&serving).await;
        assert_eq!(status.map(u64::from), vector["status"].as_u64(), "{}", vector["name"]);
    }
    // Nine texts in, one of them with a NUL; both forms of the number are one person.
    assert_eq!(inbox(&serving).await, 9);
    let store = &serving.app.service().store;
    assert!(store.find_contact("phone", "+525512345678").await.expect("read").is_some());
    assert!(store.find_contact("phone", "+5215512345678").await.expect("read").is_none());
    let report = store.find_gateway_report("phone").await.expect("read").expect("a report");
    assert_eq!(report.battery, Some(11));
    serving.app.shutdown().await;
}

#[tokio::test]
async fn every_change_of_a_byte_is_refused_and_stores_nothing() {
    let serving = Serving::start(&toml("http://127.0.0.1:1")).await;
    let signed = Signed::of(&vectors()["vectors"][0]);
    let mut mutants = Vec::new();
    for at in 0..signed.body.len() {
        let mut mutant = signed.clone();
        mutant.body[at] ^= 1;
        mutants.push(mutant);
    }
    for at in 0..signed.signature.len() {
        for bit in [1, 32] {
            let mut mutant = signed.clone();
            mutant.signature[at] ^= bit;
            mutants.push(mutant);
        }
    }
    for at in 0..signed.timestamp.len() {
        let mut mutant = signed.clone();
        mutant.timestamp[at] ^= 1;
        mutants.push(mutant);
    }
    for signature in [&b""[..], b"00", b"zz", "ñ".as_bytes(), &b"a".repeat(4_000)] {
        mutants.push(Signed { signature: signature.to_vec(), ..signed.clone() });
    }
    for timestamp in [&b""[..], b"+1790000000", b"-1", b"1790000000.0", b"99999999999999999999"] {
        mutants.push(Signed { timestamp: timestamp.to_vec(), ..signed.clone() });
    }
    mutants.push(Signed { body: signed.body[..signed.body.len() - 1].to_vec(), ..signed.clone() });
    // What is signed is body and time in a row: a byte may not move from one to the other.
    let mut moved = signed.clone();
    moved.body.push(moved.timestamp.remove(0));
    mutants.push(moved);
    let mut doubled = signed.clone();
    doubled.signature.extend(b"\r\nX-Signature: ");
    doubled.signature.extend(&signed.signature);
    mutants.push(doubled);
    for (index, mutant) in mutants.iter().enumerate() {
        let status = mutant.send(&serving).await;
        assert!(matches!(status, Some(400 | 403)), "{index}: {status:?}");
    }
    assert_eq!(inbox(&serving).await, 0);
    assert_eq!(signed.send(&serving).await, Some(200));
    assert_eq!(inbox(&serving).await, 1);
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_replay_has_no_effect_within_the_window_and_after_it() {
    let serving = Serving::start(&toml("http://127.0.0.1:1")).await;
    let signed = Signed::of(&vectors()["vectors"][0]);
    for _ in 0..50 {
        assert_eq!(signed.send(&serving).await, Some(200));
    }
    serving.clock.advance(301_000);
    assert_eq!(signed.send(&serving).await, Some(403));
    // The app signs a retry anew; after a month it is still the same event.
    serving.clock.advance(30 * 86_400_000);
    assert_eq!(Signed::now(&serving, &signed.body).send(&serving).await, Some(200));
    assert_eq!(inbox(&serving).await, 1);
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_text_is_answered_by_the_phone_and_its_reports_are_heard() {
    let api = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/3rdparty/v1/messages"))
        .and(wiremock::matchers::basic_auth("U", "hunter2hunter2"))
        .respond_with(|request: &Request| {
            let asked: Value = serde_json::from_slice(&request.body).expect("JSON");
            ResponseTemplate::new(202).set_body_json(json!({ "id": asked["id"], "state": "Pending" }))
        })
        .mount(&api)
        .await;
    let serving = Serving::start(&toml(&format!("{}/3rdparty/v1", api.uri()))).await;
    assert_eq!(Signed::of(&vectors()["vectors"][3]).send(&serving).await, Some(200));
    let store = &serving.app.service().store;
    let states = || async {
        let states = store.count_outbound().await.expect("states");
        states.into_iter().map(|(state, count)| format!("{state} {count}")).collect::<Vec<_>>()
    };
    tokio::time::timeout(PATIENCE, async {
        while states().await != ["accepted 2"] {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("both accepted in time");
    let sent = api.received_requests().await.expect("recorded");
    let sent: Vec<Value> = sent.iter().map(|it| serde_json::from_slice(&it.body).expect("JSON")).collect();
    assert_eq!(sent[0]["phoneNumbers"], json!(["+525512345678"]));
    assert!(sent[0]["textMessage"]["text"].as_str().expect("a text").contains("Tlapa"), "{sent:?}");
    assert_eq!((&sent[0]["withDeliveryReport"], &sent[0]["ttl"]), (&json!(true), &json!(86_400)));
    let id = sent[0]["id"].as_str().expect("an id");
    assert!(id.len() <= 36, "the app's server takes 36 characters: {id}");
    let report = async |event: &str, id: &str, number: u32| {
        let body = json!({ "deviceId": "d", "event": event, "id": format!("r{number}"),
            "payload": { "messageId": id, "phoneNumber": "+525512345678", "reason": "RESULT_ERROR_LIMIT_EXCEEDED" } });
        Signed::now(&serving, body.to_string().as_bytes()).send(&serving).await
    };
    let other = sent[1]["id"].as_str().expect("an id");
    for (number, (event, id, expected)) in [
        ("sms:sent", id, &["accepted 2"][..]),
        // Delivered comes doubled, then a late failure and a late sent: nothing goes back.
        ("sms:delivered", id, &["accepted 1", "delivered 1"]),
        ("sms:delivered", id, &["accepted 1", "delivered 1"]),
        ("sms:failed", id, &["accepted 1", "delivered 1"]),
        ("sms:sent", id, &["accepted 1", "delivered 1"]),
        ("sms:failed", other, &["delivered 1", "failed 1"]),
        ("sms:sent", other, &["delivered 1", "failed 1"]),
        ("sms:delivered", "somebody-elses-message", &["delivered 1", "failed 1"]),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(report(event, id, number as u32).await, Some(200));
        assert_eq!(states().await, expected, "after {event}");
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_kept_is_asked_for_again() {
    let serving = Serving::start(&toml("http://127.0.0.1:1")).await;
    serving.app.service().store.close().await;
    assert_eq!(Signed::of(&vectors()["vectors"][0]).send(&serving).await, Some(503));
    serving.app.shutdown().await;
}

#[tokio::test]
async fn hostile_bodies_are_refused_or_kept_and_the_next_is_served() {
    let serving = Serving::start(&toml("http://127.0.0.1:1")).await;
    let keys = (0..10_000).map(|it| format!("\"{it}\":1,")).collect::<Vec<_>>().concat();
    for (body, statuses) in [
        ([&b"a="[..], &b"x".repeat(65_540)].concat(), &[413][..]),
        (format!("{{{keys}\"event\":\"sms:received\"}}").into_bytes(), &[200, 413]),
        (b"\xff\xfe\x00{".to_vec(), &[400]),
        (b"{\"event\":\"sms:received\",\"payload\":{\"sender\":\"\xff\"}}".to_vec(), &[400]),
        (b"{\"event\":\"sms:received\",\"id\":\"z\",\"payload\":{\"sender\":\"\\u0000+525512345678\",\"message\":\"\\u0000\"}}".to_vec(), &[200]),
        (b"".to_vec(), &[400]),
        ("[".repeat(60_000).into_bytes(), &[400]),
    ] {
        let status = Signed::now(&serving, &body).send(&serving).await;
        assert!(status.is_some_and(|it| statuses.contains(&it)), "{status:?}");
    }
    for (index, (name, text)) in cabildo_tests::hostile::texts().into_iter().enumerate() {
        let body = json!({ "event": "sms:received", "id": format!("h{index}"),
            "payload": { "sender": "+525512345678", "message": text } });
        let status = Signed::now(&serving, body.to_string().as_bytes()).send(&serving).await;
        assert!(matches!(status, Some(200 | 413)), "{name}: {status:?}");
    }
    let (status, ..) = serving.get("/webhooks/sms/phone").await;
    assert_eq!(status, 405);
    assert_eq!(serving.get("/health").await.0, 200);
    serving.app.shutdown().await;
}

fn sender(api: &str) -> android::Sender {
    let config = Config::from_toml(&toml(api)).expect("a configuration");
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("pT0kvBqz"), "{shown}");
    let Some(ChannelConfig::Android(config)) = config.channels.get("phone") else { panic!("a channel") };
    let sender =
        android::Sender::new(http_client(std::time::Duration::from_secs(5)).expect("a client"), config);
    let sender = sender.expect("a sender");
    assert!(!format!("{sender:?}").contains("hunter2"));
    sender
}

fn outbound(address: &str) -> OutboundMessage {
    OutboundMessage {
        id: cabildo_bot::ids::new_id(UnixMillis(1)),
        attempt: 1,
        address: address.to_owned(),
        text: "hola".to_owned(),
        choices: Vec::new(),
        edits: None,
        picture: None,
    }
}

#[tokio::test]
async fn the_apps_answers_are_known() {
    let api = MockServer::start().await;
    let sender = sender(&api.uri());
    let message = outbound("+525512345678");
    let token = message.token().to_string();
    for (status, body, expected) in [
        (202, json!({ "id": token }).to_string(), "taken"),
        (202, json!({ "id": "another" }).to_string(), "unknown"),
        (200, "<html>".to_owned(), "unknown"),
        (409, json!({ "message": "message already exists" }).to_string(), "taken"),
        (400, "{}".to_owned(), "permanent http_400"),
        (401, "{}".to_owned(), "retry credentials"),
        (429, "{}".to_owned(), "retry http_429"),
        (503, json!({ "error": "QueueLimitExceeded" }).to_string(), "retry http_503"),
        (500, "{}".to_owned(), "unknown"),
        (504, "{}".to_owned(), "unknown"),
        (302, String::new(), "unknown"),
    ] {
        let guard = Mock::given(method("POST"))
            .and(path("/messages"))
            .respond_with(ResponseTemplate::new(status).set_body_string(body))
            .mount_as_scoped(&api)
            .await;
        let result = match sender.send(&message).await {
            Ok(id) => {
                assert_eq!(id.as_deref(), Some(token.as_str()));
                "taken".to_owned()
            }
            Err(SendError::Permanent { reason }) => format!("permanent {reason}"),
            Err(SendError::Retry { reason, .. }) => format!("retry {reason}"),
            Err(SendError::Unknown) => "unknown".to_owned(),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(result, expected, "{status}");
        drop(guard);
    }
    for address in ["TELCEL", "", "+", "5512345678 x", "+52;rm"] {
        let sent = sender.send(&outbound(address)).await;
        assert!(matches!(sent, Err(SendError::Permanent { .. })), "{address}: {sent:?}");
    }
}

#[tokio::test]
async fn an_attempt_is_found_by_its_token() {
    let api = MockServer::start().await;
    let sender = sender(&api.uri());
    let message = outbound("+525512345678");
    let token = message.token().to_string();
    let unsettled = Unsettled {
        token: message.token(),
        address: message.address,
        text: message.text,
        dispatched_at: UnixMillis(1_790_000_000_000),
    };
    for (status, body, expected) in [
        (200, json!({ "id": token, "state": "Sent" }).to_string(), Listed::Taken(Some(token.clone()))),
        (200, json!({ "id": "another" }).to_string(), Listed::NotKnown),
        (200, "<html>".to_owned(), Listed::NotKnown),
        (404, json!({ "message": "message not found" }).to_string(), Listed::NotTaken),
        (401, String::new(), Listed::NotKnown),
        (500, String::new(), Listed::NotKnown),
    ] {
        let guard = Mock::given(method("GET"))
            .and(path(format!("/messages/{token}")))
            .respond_with(ResponseTemplate::new(status).set_body_string(body))
            .mount_as_scoped(&api)
            .await;
        assert_eq!(sender.find(&unsettled).await, expected, "{status}");
        drop(guard);
    }
}
