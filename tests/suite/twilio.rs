//! Twilio over real HTTP: the signed webhook, status callbacks, sending, and its own list.

use cabildo_bot::channels::gateway::SendError;
use cabildo_bot::channels::twilio;
use cabildo_bot::config::{ChannelConfig, Config};
use cabildo_tests::serving::{RawClient, Serving};
use serde_json::Value;
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::sms::{client, outbound};

#[tokio::test]
async fn twilio_rest_sends_and_knows_its_answers() {
    let api = MockServer::start().await;
    let toml = format!(
        "[server]\npublic_url = \"https://a.example\"\n[channels.t]\ntype = \"twilio\"\naccount_sid = \"AC1\"\n\
         auth_token = \"tok\"\nfrom = \"+525500000000\"\napi_url = \"{}\"\n",
        api.uri()
    );
    let config = Config::from_toml(&toml).expect("a configuration");
    let Some(ChannelConfig::Twilio(config)) = config.channels.get("t") else { panic!("a channel") };
    let sender = twilio::Sender::new(client(), config, "https://a.example/webhooks/sms/t").expect("a sender");
    let message = outbound("a&b");
    for (status, body, expected) in [
        (201, r#"{"sid":"SM7"}"#, "sent SM7"),
        (400, r#"{"code":21610}"#, "blocked"),
        (400, r#"{"code":21211}"#, "permanent twilio_21211"),
        (401, r#"{"code":20003}"#, "retry credentials"),
        (429, "", "retry http_429"),
        (500, "<html>", "unknown"),
    ] {
        let guard = Mock::given(method("POST"))
            .and(path("/2010-04-01/Accounts/AC1/Messages.json"))
            .and(wiremock::matchers::basic_auth("AC1", "tok"))
            .and(wiremock::matchers::body_string(format!(
                "To=%2B525512345678&From=%2B525500000000&Body=a%26b&StatusCallback=\
                 https%3A%2F%2Fa.example%2Fwebhooks%2Fsms%2Ft%2Fstatus%3Fmessage%3D{}",
                message.token()
            )))
            .respond_with(ResponseTemplate::new(status).set_body_string(body))
            .mount_as_scoped(&api)
            .await;
        let result = match sender.send(&message).await {
            Ok(id) => format!("sent {}", id.unwrap_or_default()),
            Err(SendError::Gone) => "gone".to_owned(),
            Err(SendError::Blocked) => "blocked".to_owned(),
            Err(SendError::Permanent { reason }) => format!("permanent {reason}"),
            Err(SendError::Retry { reason, .. }) => format!("retry {reason}"),
            Err(SendError::Busy { .. }) => "busy".to_owned(),
            Err(SendError::Unknown) => "unknown".to_owned(),
        };
        assert_eq!(result, expected);
        drop(guard);
    }
}

/// What Twilio's own library signed.
pub fn vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/twilio/vectors.json")).expect("the vectors")
}

/// A service with the channel that the vectors are for.
pub async fn twilio_serving(vectors: &Value) -> Serving {
    let text = |name: &str| vectors[name].as_str().expect("a text").to_owned();
    Serving::start(&format!(
        "[server]\npublic_url = \"{}\"\n[channels.twilio]\ntype = \"twilio\"\n\
         account_sid = \"AC00000000000000000000000000000000\"\nauth_token = \"{}\"\nsecondary_auth_token = \"{}\"\n\
         shared_key = \"{}\"\nsecondary_shared_key = \"{}\"\n",
        text("public_url"),
        text("token"),
        text("second_token"),
        text("shared_key"),
        text("second_shared_key")
    ))
    .await
}

/// A request of Twilio, byte for byte.
#[derive(Clone)]
struct Signed {
    target: Vec<u8>,
    content_type: String,
    settings: Option<String>,
    signature: Vec<u8>,
    body: Vec<u8>,
    status: u64,
}

impl Signed {
    fn of(vectors: &Value, vector: &Value) -> Self {
        let text = |name: &str| vector[name].as_str().expect("a text").to_owned();
        let base = vectors["public_url"].as_str().expect("a text");
        Self {
            target: text("url").strip_prefix(base).expect("our URL").into(),
            content_type: text("content_type"),
            settings: vector["settings"].as_str().map(ToOwned::to_owned),
            signature: text("signature").into(),
            body: text("body").into(),
            status: vector["status"].as_u64().expect("a status"),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"POST ".to_vec();
        bytes.extend(&self.target);
        // What the request says of its host must not matter.
        bytes.extend(b" HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nContent-Type: ");
        bytes.extend(self.content_type.as_bytes());
        if let Some(settings) = &self.settings {
            bytes.extend(format!("\r\nX-Twilio-Webhooks-Signature-Settings: {settings}").as_bytes());
        }
        bytes.extend(b"\r\nX-Twilio-Signature: ");
        bytes.extend(&self.signature);
        bytes.extend(format!("\r\nContent-Length: {}\r\n\r\n", self.body.len()).as_bytes());
        bytes.extend(&self.body);
        bytes
    }

    async fn send(&self, serving: &Serving) -> Option<(u16, String)> {
        let mut client = RawClient::connect(serving.address()).await;
        client.write(&self.bytes()).await;
        client.read().await
    }
}

#[tokio::test]
async fn what_twilios_own_library_signed_is_answered() {
    let vectors = vectors();
    for vector in vectors["vectors"].as_array().expect("vectors") {
        // A service for each, since the same words from one number again and again are an automatic
        // answer.
        let serving = twilio_serving(&vectors).await;
        let signed = Signed::of(&vectors, vector);
        let (status, body) = signed.send(&serving).await.expect("an answer");
        assert_eq!(u64::from(status), signed.status, "{}", vector["name"]);
        if status == 200 {
            assert!(body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response"), "{body}");
        }
        if vector["name"] == "stop word taken by Twilio" {
            assert!(body.ends_with("<Response/>"), "Twilio answers it itself: {body}");
            let store = &serving.app.service().store;
            let id = store.find_contact("twilio", "+525512345678").await.expect("read").expect("a contact");
            assert!(store.get_contact(id).await.expect("the contact").stopped_at.is_some(), "it is mirrored");
        }
        if status == 200 && vector["body"].as_str().is_some_and(|it| it.contains("tlapa")) {
            assert!(body.to_lowercase().contains("tlapa"), "{}: {body}", vector["name"]);
        }
        serving.app.shutdown().await;
    }
}

#[tokio::test]
async fn every_change_of_a_byte_is_refused_and_stores_nothing() {
    let vectors = vectors();
    let serving = twilio_serving(&vectors).await;
    let mut tried = 0_u32;
    for name in ["plain", "query", "json", "shared key"] {
        let vector = vectors["vectors"].as_array().expect("vectors").iter().find(|it| it["name"] == name);
        let signed = Signed::of(&vectors, vector.expect("the vector"));
        let mut mutants = Vec::new();
        for at in 0..signed.body.len() {
            let mut mutant = signed.clone();
            mutant.body[at] ^= 1;
            mutants.push(mutant);
        }
        for at in 0..signed.signature.len() {
            let mut mutant = signed.clone();
            mutant.signature[at] ^= 1;
            mutants.push(mutant);
        }
        for at in 1..signed.target.len() {
            let mut mutant = signed.clone();
            mutant.target[at] ^= 1;
            mutants.push(mutant);
        }
        for signature in [&b""[..], b"AAAA", b"=", "ñ".as_bytes(), &b"A".repeat(4_000)] {
            mutants.push(Signed { signature: signature.to_vec(), ..signed.clone() });
        }
        let mut doubled = signed.clone();
        doubled.signature.extend(b"\r\nX-Twilio-Signature: ");
        doubled.signature.extend(&signed.signature);
        mutants.push(doubled);
        // A body that is cut or longer, and an added query.
        mutants.push(Signed { body: signed.body[..signed.body.len() - 1].to_vec(), ..signed.clone() });
        mutants.push(Signed { body: [&signed.body[..], b"&a=b"].concat(), ..signed.clone() });
        mutants.push(Signed { target: [&signed.target[..], b"&a=b"].concat(), ..signed.clone() });
        mutants.push(Signed { target: [&signed.target[..], b"?a=b"].concat(), ..signed.clone() });
        // Another algorithm than the one that signed, one that nobody knows, and two that contradict.
        let other = if signed.settings.is_some() { "algorithm=HMAC_SHA1" } else { "algorithm=HMAC_SHA256" };
        for settings in
            [other, "algorithm=HMAC_MD5", "algorithm=none", "x\r\nX-Twilio-Webhooks-Signature-Settings: y"]
        {
            mutants.push(Signed { settings: Some(settings.to_owned()), ..signed.clone() });
        }
        for mutant in mutants {
            let status = mutant.send(&serving).await.map(|it| it.0);
            // 403, or no such path, or no HTTP at all.
            assert!(matches!(status, Some(400 | 403 | 404 | 405)), "{name}: {status:?}");
            tried += 1;
        }
        // Nothing of it was kept: the true one is still new, and is answered.
        let (status, body) = signed.send(&serving).await.expect("an answer");
        assert_eq!(status, 200);
        assert!(body.contains("<Message>"), "{name}: {body}");
    }
    assert!(tried > 500, "{tried}");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_replay_has_no_effect() {
    let vectors = vectors();
    let serving = twilio_serving(&vectors).await;
    let signed = Signed::of(&vectors, &vectors["vectors"][0]);
    let first = signed.send(&serving).await.expect("an answer").1;
    assert!(first.contains("<Message>"));
    let mut silent = false;
    for _ in 0..1_000 {
        let (status, body) = signed.send(&serving).await.expect("an answer");
        assert_eq!(status, 200);
        silent = body.ends_with("<Response/>");
        if silent {
            break;
        }
        assert_eq!(body, first);
    }
    assert!(silent);
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_status_callback_is_signed_like_a_message() {
    let vectors = vectors();
    let serving = twilio_serving(&vectors).await;
    for vector in vectors["status"].as_array().expect("vectors") {
        let signed = Signed::of(&vectors, vector);
        assert_eq!(signed.send(&serving).await.map(|it| it.0), Some(200), "{}", vector["name"]);
        for at in 0..signed.body.len() {
            let mut mutant = signed.clone();
            mutant.body[at] ^= 1;
            assert!(matches!(mutant.send(&serving).await, Some((403, _))), "body {at}");
        }
        for at in b"/webhooks/sms/twilio/status".len()..signed.target.len() {
            let mut mutant = signed.clone();
            mutant.target[at] ^= 1;
            let status = mutant.send(&serving).await.map(|it| it.0);
            assert!(matches!(status, Some(400 | 403 | 404)), "target {at}: {status:?}");
        }
    }
    serving.app.shutdown().await;
}

fn twilio_sender(api: &MockServer) -> twilio::Sender {
    let toml = format!(
        "[server]\npublic_url = \"https://a.example\"\n[channels.t]\ntype = \"twilio\"\naccount_sid = \"AC1\"\n\
         auth_token = \"tok\"\nfrom = \"+525500000000\"\napi_url = \"{}\"\n",
        api.uri()
    );
    let config = Config::from_toml(&toml).expect("a configuration");
    let Some(ChannelConfig::Twilio(config)) = config.channels.get("t") else { panic!("a channel") };
    twilio::Sender::new(client(), config, "https://a.example/webhooks/sms/t").expect("a sender")
}

fn listed(sid: &str, body: &str, direction: &str, created: &str) -> Value {
    serde_json::json!({
        "sid": sid, "to": "+525512345678", "from": "+525500000000", "body": body, "direction": direction,
        "date_created": created, "date_sent": null, "status": "queued"
    })
}

#[tokio::test]
async fn an_attempt_is_found_in_twilios_list() {
    use cabildo_bot::channels::gateway::{Listed, Unsettled};
    let api = MockServer::start().await;
    let sender = twilio_sender(&api);
    // 2026-09-21T14:13:20Z.
    let dispatched_at = cabildo_bot::domain::time::UnixMillis(1_790_000_000_000);
    let unsettled = Unsettled {
        token: outbound("x").token(),
        address: "+525512345678".to_owned(),
        text: "hola".to_owned(),
        dispatched_at,
    };
    let now = "Mon, 21 Sep 2026 14:13:20 +0000";
    let old = "Mon, 21 Sep 2026 10:00:00 +0000";
    let cases = [
        (vec![listed("SM1", "hola", "outbound-api", now)], Listed::Taken(Some("SM1".to_owned()))),
        (
            vec![listed("SM1", "Trial account - hola", "outbound-api", now)],
            Listed::Taken(Some("SM1".to_owned())),
        ),
        (vec![], Listed::NotTaken),
        (vec![listed("SM1", "otra", "outbound-api", now)], Listed::NotTaken),
        (vec![listed("SM1", "hola", "outbound-api", old)], Listed::NotTaken),
        (vec![listed("SM1", "hola", "inbound", now)], Listed::NotTaken),
        (
            vec![listed("SM1", "hola", "outbound-api", now), listed("SM2", "hola", "outbound-api", now)],
            Listed::NotKnown,
        ),
        (vec![listed("SM1", "hola", "outbound-api", "yesterday")], Listed::NotKnown),
    ];
    for (messages, expected) in cases {
        let page = serde_json::json!({ "messages": messages, "next_page_uri": null });
        let guard = Mock::given(method("GET"))
            .and(path("/2010-04-01/Accounts/AC1/Messages.json"))
            .and(query_param("To", "+525512345678"))
            .and(wiremock::matchers::basic_auth("AC1", "tok"))
            .respond_with(ResponseTemplate::new(200).set_body_json(&page))
            .mount_as_scoped(&api)
            .await;
        assert_eq!(sender.find(&unsettled).await, expected, "{page}");
        drop(guard);
    }
    // A list that goes on for ever, that is cut or that is none leaves it open; another host is never asked.
    let endless = serde_json::json!({
        "messages": [listed("SM1", "otra", "outbound-api", now)],
        "next_page_uri": "/2010-04-01/Accounts/AC1/Messages.json?Page=1"
    });
    let elsewhere = serde_json::json!({
        "messages": [listed("SM1", "otra", "outbound-api", now)], "next_page_uri": "http://evil.example/x?Page=1"
    });
    for (status, body) in [
        (200, endless.to_string()),
        (200, elsewhere.to_string()),
        (200, "{".to_owned()),
        (500, String::new()),
    ] {
        let guard = Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(status).set_body_string(body))
            .mount_as_scoped(&api)
            .await;
        assert_eq!(sender.find(&unsettled).await, Listed::NotKnown);
        drop(guard);
    }
}

#[tokio::test]
async fn what_twilio_could_not_hand_over_is_fetched_once() {
    use cabildo_bot::jobs::missed_inbound;
    let api = MockServer::start().await;
    let toml = format!(
        "[server]\npublic_url = \"https://a.example\"\n[channels.t]\ntype = \"twilio\"\naccount_sid = \"AC1\"\n\
         auth_token = \"tok\"\nfrom = \"+525500000000\"\napi_url = \"{}\"\n",
        api.uri()
    );
    let serving = Serving::start(&toml).await;
    let service = serving.app.service();
    tokio::time::timeout(cabildo_tests::serving::PATIENCE, async {
        // The first look only remembers when it was.
        while service.store.find_cursor("missed:t").await.expect("read").is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("asked in time");
    serving.clock.advance(30 * 60_000);
    let received = |sid: &str, from: &str, created: &str| {
        let mut item = listed(sid, "tlapa", "inbound", created);
        item["from"] = from.into();
        item
    };
    let page = serde_json::json!({ "next_page_uri": null, "messages": [
        received("SM3", "+5215512345678", "Mon, 21 Sep 2026 14:43:00 +0000"),
        received("SM2", "+5215512345678", "Mon, 21 Sep 2026 14:30:00 +0000"),
        received("SM1", "+525512345678", "Mon, 21 Sep 2026 14:00:00 +0000"),
        listed("SM9", "ours", "outbound-api", "Mon, 21 Sep 2026 14:30:00 +0000"),
    ]});
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_json(&page))
        .mount(&api)
        .await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(201).set_body_string(r#"{"sid":"SM77"}"#))
        .mount(&api)
        .await;
    // SM1 is older than the first start, SM3 may still come by itself.
    assert_eq!(missed_inbound::ask(service, "MX").await, Ok(1));
    assert_eq!(missed_inbound::ask(service, "MX").await, Ok(0));
    assert!(service.store.find_contact("t", "+525512345678").await.expect("read").is_some());
    serving.clock.advance(10 * 60_000);
    assert_eq!(missed_inbound::ask(service, "MX").await, Ok(1));
    serving.app.shutdown().await;
}
