//! Gateways that the configuration describes: the examples of the documents, hostile values and requests.

use cabildo_bot::channels::gateway::{OutboundMessage, SendError};
use cabildo_bot::channels::{generic, http_client};
use cabildo_bot::config::{ChannelConfig, Config};
use cabildo_bot::domain::time::UnixMillis;
use cabildo_tests::serving::{PATIENCE, Serving};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const SECRET: &str = "s0123456789abcdef";
const FORM: &str = "application/x-www-form-urlencoded";

/// The examples of the document, by channel, with secrets in place of their files.
fn examples() -> Vec<(String, String)> {
    let document = include_str!("../../docs/gateways/http.md");
    let blocks: Vec<&str> =
        document.split("```toml\n").skip(1).filter_map(|it| it.split("```").next()).collect();
    blocks
        .into_iter()
        .map(|block| {
            let name = block.trim_start().trim_start_matches("[channels.").split(']').next().expect("a name");
            let lines = block.lines().map(|line| match line.split_once("_file = ") {
                Some((key @ "secret", _)) => format!("{key} = \"{SECRET}\"\n"),
                Some((key, _)) => format!("{key} = \"hunter2\"\n"),
                None => format!("{line}\n"),
            });
            (name.to_owned(), lines.collect())
        })
        .collect()
}

fn example(name: &str, host: &str, api: &str) -> String {
    let (_, toml) = examples().into_iter().find(|it| it.0 == name).expect("the example");
    toml.replace(host, api)
}

fn sender(toml: &str, name: &str) -> generic::Sender {
    let config = Config::from_toml(toml).unwrap_or_else(|problem| panic!("{problem}"));
    let Some(ChannelConfig::Http(config)) = config.channels.get(name) else { panic!("a channel") };
    let client = http_client(std::time::Duration::from_secs(5)).expect("a client");
    generic::Sender::new(client, config).expect("a sender")
}

fn outbound(text: &str) -> OutboundMessage {
    OutboundMessage {
        id: cabildo_bot::ids::new_id(UnixMillis(1)),
        attempt: 1,
        address: "+525512345678".to_owned(),
        text: text.to_owned(),
        choices: Vec::new(),
        edits: None,
        picture: None,
    }
}

#[test]
fn every_example_of_the_document_loads_and_shows_no_secret() {
    let examples = examples();
    assert_eq!(examples.len(), 4);
    for (name, toml) in examples {
        let config = Config::from_toml(&toml).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let shown = format!("{config:?}");
        assert!(!shown.contains(SECRET) && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn a_description_that_cannot_work_is_refused_by_its_key() {
    let start = format!("[channels.x]\ntype = \"http\"\nsecret = \"{SECRET}\"\n");
    let auth = "[channels.x.auth]\nby = \"header\"\nname = \"x-key\"\n";
    let receive = "[channels.x.receive]\nsender = \"/a\"\ntext = \"/b\"\n";
    let send = |rest: &str| format!("{start}{auth}{receive}[channels.x.send]\n{rest}\n");
    let good = "url = \"https://a.example/s\"\nform = { to = \"{to}\", text = \"{text}\" }";
    Config::from_toml(&send(good)).expect("the good one");
    for (toml, key) in [
        (
            send("url = \"https://a.example/{hunter2}\"\nform = { to = \"{to}\", text = \"{text}\" }"),
            "channels.x",
        ),
        (send("url = \"https://a.example/{to}/{text}\""), "send.url"),
        (send("url = \"https://{to}.example/?t={text}\""), "send.url"),
        (send("url = \"https://a.example{to}/?t={text}\""), "send.url"),
        (send("url = \"{to}?{text}\""), "send.url"),
        (send("url = \"ftp://a.example/\"\nform = { to = \"{to}\", text = \"{text}\" }"), "send.url"),
        (send("url = \"https://a.example/s?to={to}\""), "send.url"),
        (send("url = \"https://a.example/?to={to}&t={text}#{token}\""), "send.url"),
        (send(&format!("{good}\nheaders = {{ x = \"{{text}}\" }}")), "send.headers"),
        (send(&format!("{good}\nheaders = {{ \"x y\" = \"1\" }}")), "send.headers"),
        (send(&format!("{good}\nheaders = {{ x = \"a\\r\\nb: c\" }}")), "send.headers"),
        (send(&format!("{good}\nheaders = {{ x = \"{{secret}}\" }}")), "send"),
        (send(&format!("{good}\njson = {{ a = \"{{from}}\" }}")), "send"),
        (send(&format!("{good}\nsuccess = [429]")), "send.retry"),
        (send(&format!("{good}\nid = \"messages\"")), "channels.x"),
        (send(&format!("{good}\nunknown = 1")), "channels.x"),
        (format!("{start}{auth}{receive}"), "receive.answer"),
        (format!("{start}{auth}"), "channels.x.receive"),
        (format!("{start}{receive}answer = \"reply\"\n"), "auth"),
        (format!("{start}{auth}{receive}answer = \"reply\"\nmessages = \"/r\"\n"), "receive.answer"),
        (
            format!("{start}{auth}[channels.x.receive]\nsender = \"/a\"\ntext = \"b\"\nanswer = \"reply\"\n"),
            "receive.sender",
        ),
        (format!("{start}{auth}{receive}answer = \"reply\"\nmethod = \"GET\"\n"), "receive.method"),
        (
            format!(
                "{start}[channels.x.auth]\nby = \"hmac\"\nname = \"x\"\nsigned = \"{{timestamp}}\"\n{receive}answer = \"reply\"\n"
            ),
            "auth.signed",
        ),
        (
            format!(
                "{start}[channels.x.auth]\nby = \"hmac\"\nname = \"x\"\nsigned = \"{{timestamp}}{{body}}\"\n{receive}answer = \"reply\"\n"
            ),
            "auth.timestamp_header",
        ),
        (format!("{start}[channels.x.auth]\nby = \"query\"\n{receive}answer = \"reply\"\n"), "auth.name"),
        (format!("[channels.x]\ntype = \"http\"\n{auth}{receive}answer = \"reply\"\n"), "channels.x.secret"),
        (
            format!("[channels.x]\ntype = \"http\"\nsecret = \"short\"\n{auth}{receive}answer = \"reply\"\n"),
            "channels.x.secret",
        ),
    ] {
        let problem = Config::from_toml(&toml).expect_err(&toml).to_string();
        assert!(problem.contains(key), "{toml}: {problem}");
        assert!(!problem.contains(SECRET) && !problem.contains("hunter2"), "{problem}");
    }
}

#[tokio::test]
async fn a_value_cannot_break_out_of_its_place() {
    let api = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(ResponseTemplate::new(200)).mount(&api).await;
    let start = format!(
        "[channels.x]\ntype = \"http\"\nsecret = \"{SECRET}\"\nsend_secret = \"a&b=c d\"\nfrom = \"Te&l\"\n\
         [channels.x.auth]\nby = \"path\"\n[channels.x.send]\n"
    );
    let url = format!(
        "{start}method = \"GET\"\nurl = \"{}/s/{{to}}?m={{text}}&k={{secret}}&f={{from}}\"\n",
        api.uri()
    );
    let form = format!(
        "{start}url = \"{}/f\"\nform = {{ to = \"{{to_digits}}\", m = \"<{{text}}>\" }}\n",
        api.uri()
    );
    let json = format!(
        "{start}url = \"{}/j\"\nheaders = {{ x-token = \"{{token}}\", x-to = \"{{to}}\" }}\n\
         json = {{ list = [{{ to = \"{{to}}\", text = \"{{text}}\", n = 1 }}] }}\n",
        api.uri()
    );
    let senders = [sender(&url, "x"), sender(&form, "x"), sender(&json, "x")];
    let mut texts: Vec<String> = cabildo_tests::hostile::texts().into_iter().map(|it| it.1).collect();
    texts.extend(
        [
            "&to=+1&m=x",
            "#",
            "?",
            "../../admin",
            "%2e%2e/",
            "\"},{\"to\":\"+1\"",
            "\\",
            "{to}",
            "{{secret}}",
            "a\r\nX: y",
        ]
        .map(ToOwned::to_owned),
    );
    // A URL bears less than a body; longer texts than an SMS of many parts are cut here.
    for text in texts.iter().map(|it| it.chars().take(1_000).collect::<String>()) {
        let message = outbound(&text);
        for sender in &senders {
            let sent = sender.send(&message).await;
            assert!(matches!(sent, Ok(None)), "{text:?}: {sent:?}");
        }
        let mut asked = api.received_requests().await.expect("recorded");
        api.reset().await;
        Mock::given(wiremock::matchers::any()).respond_with(ResponseTemplate::new(200)).mount(&api).await;
        assert_eq!(asked.len(), 3);
        let json: Request = asked.pop().expect("three");
        let form: Request = asked.pop().expect("three");
        let get: Request = asked.pop().expect("three");
        assert_eq!(get.url.path(), "/s/%2B525512345678");
        let pairs: Vec<(String, String)> = get.url.query_pairs().into_owned().collect();
        let expected = [("m", text.as_str()), ("k", "a&b=c d"), ("f", "Te&l")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let read = generic_pairs(&form.body);
        assert_eq!(
            read,
            [("m".to_owned(), format!("<{text}>")), ("to".to_owned(), "525512345678".to_owned())]
        );
        let body: Value = serde_json::from_slice(&json.body).expect("JSON");
        assert_eq!(body, json!({ "list": [{ "to": "+525512345678", "text": text, "n": 1 }] }));
        assert_eq!(json.headers["x-token"], message.token().to_string().as_str());
        assert_eq!(json.headers["x-to"], "+525512345678");
    }
    for address in ["TELCEL", "+52 1", "+52\r\nX: y", "../", ""] {
        let sent = senders[0].send(&OutboundMessage { address: address.to_owned(), ..outbound("a") }).await;
        assert!(matches!(sent, Err(SendError::Permanent { .. })), "{address}: {sent:?}");
    }
}

fn generic_pairs(body: &[u8]) -> Vec<(String, String)> {
    let pairs = cabildo_bot::channels::twilio::form_pairs(body).expect("pairs");
    let text = |it: Vec<u8>| String::from_utf8(it).expect("UTF-8");
    pairs.into_iter().map(|(name, value)| (text(name), text(value))).collect()
}

async fn post(serving: &Serving, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
    let request = serving.client.post(format!("http://{}{path}", serving.address()));
    let response = request.header("content-type", kind).body(body).send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("a text"))
}

async fn states(serving: &Serving) -> Vec<String> {
    let states = serving.app.service().store.count_outbound().await.expect("states");
    states.into_iter().map(|(state, count)| format!("{state} {count}")).collect()
}

async fn wait_for(serving: &Serving, expected: &[&str]) {
    tokio::time::timeout(PATIENCE, async {
        while states(serving).await != expected {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("{expected:?} in time"));
}

#[tokio::test]
async fn several_messages_a_request_are_each_answered_and_reported() {
    let api = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/sms/2/text/advanced"))
        .and(wiremock::matchers::header("authorization", "App hunter2"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({ "messages": [{ "messageId": "ib-1" }] })),
        )
        .mount(&api)
        .await;
    let serving = Serving::start(&example("infobip", "https://example.api.infobip.com", &api.uri())).await;
    let url = |path: &str| format!("http://{}/webhooks/sms/infobip{path}", serving.address());
    let both = json!({ "results": [
        { "messageId": "m-1", "from": "525512345678", "to": "1", "text": "tlapa", "receivedAt": "2026-09-21T14:00:00.000+0000" },
        { "messageId": "m-2", "from": "5215587654321", "to": "1", "text": "Peñamiller" },
        { "messageId": "m-3", "text": "nobody" },
    ], "messageCount": 3, "pendingMessageCount": 0 });
    for _ in 0..3 {
        let sent = serving.client.post(url("")).basic_auth("cabildo", Some(SECRET)).json(&both).send().await;
        assert_eq!(sent.expect("an answer").status(), 200);
    }
    wait_for(&serving, &["accepted 4"]).await;
    for (user, password) in [("cabildo", "wrong"), ("other", SECRET), ("", ""), ("cabildo", "")] {
        let sent = serving.client.post(url("")).basic_auth(user, Some(password)).json(&both).send().await;
        assert_eq!(sent.expect("an answer").status(), 403, "{user}");
    }
    let store = &serving.app.service().store;
    for number in ["+525512345678", "+525587654321"] {
        assert!(store.find_contact("infobip", number).await.expect("read").is_some(), "{number}");
    }
    let sent = api.received_requests().await.expect("recorded");
    let tokens: Vec<String> = sent
        .iter()
        .map(|it| serde_json::from_slice::<Value>(&it.body).expect("JSON"))
        .map(|it| it["messages"][0]["callbackData"].as_str().expect("a token").to_owned())
        .collect();
    assert_eq!(tokens.len(), 4);
    let report = |token: &str, state: &str| json!({ "messageId": "ib-1", "callbackData": token, "status": { "groupName": state } });
    let reports = json!({ "results": [
        report(&tokens[0], "DELIVERED"), report(&tokens[0], "PENDING"), report(&tokens[1], "REJECTED"),
        report(&tokens[2], "EXPIRED"), report(&tokens[3], "SOMETHING_NEW"), report("nonsense", "DELIVERED"),
    ]});
    for _ in 0..2 {
        let sent =
            serving.client.post(url("/dlr")).basic_auth("cabildo", Some(SECRET)).json(&reports).send().await;
        assert_eq!(sent.expect("an answer").status(), 200);
        assert_eq!(states(&serving).await, ["accepted 1", "delivered 1", "expired 1", "failed 1"]);
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_report_by_the_gateways_own_id_finds_its_message() {
    let api = MockServer::start().await;
    let count = std::sync::atomic::AtomicU32::new(0);
    Mock::given(method("POST"))
        .and(wiremock::matchers::header("apikey", "hunter2"))
        .respond_with(move |_: &Request| {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            ResponseTemplate::new(201).set_body_json(json!({ "SMSMessageData": { "Recipients": [
                { "status": "Success", "messageId": format!("ATX{number}") }
            ]}}))
        })
        .mount(&api)
        .await;
    let serving =
        Serving::start(&example("at", "https://api.africastalking.com", &api.uri()).replace("+254", "+52"))
            .await;
    let here = format!("/webhooks/sms/at/{SECRET}");
    let message = "from=%2B525512345678&to=22384&text=tlapa&date=2026-09-21&id=in-1&linkId=x";
    assert_eq!(post(&serving, &here, FORM, message).await, (200, String::new()));
    assert_eq!(post(&serving, "/webhooks/sms/at/wrong", FORM, message).await.0, 403);
    assert_eq!(post(&serving, "/webhooks/sms/at", FORM, message).await.0, 403);
    wait_for(&serving, &["accepted 2"]).await;
    let reports = format!("/webhooks/sms/at/dlr/{SECRET}");
    for (report, expected) in [
        ("id=ATX0&status=Sent&phoneNumber=%2B525512345678", &["accepted 2"][..]),
        ("id=ATX0&status=Success&phoneNumber=%2B525500000000", &["accepted 2"]),
        ("id=ATX0&status=Success&phoneNumber=%2B525512345678", &["accepted 1", "delivered 1"]),
        ("id=ATX1&status=Failed&phoneNumber=%2B525512345678", &["delivered 1", "failed 1"]),
        ("id=ATX0&status=Failed&phoneNumber=%2B525512345678", &["delivered 1", "failed 1"]),
    ] {
        assert_eq!(post(&serving, &reports, FORM, report).await.0, 200);
        assert_eq!(states(&serving).await, expected, "{report}");
    }
    assert_eq!(post(&serving, "/webhooks/sms/at/dlr/wrong", FORM, "id=ATX1&status=Success").await.0, 403);
    serving.app.shutdown().await;
}

#[tokio::test]
async fn smssync_reads_the_replies_in_the_answer() {
    let serving = Serving::start(&example("smssync", "", "")).await;
    let message = |secret: &str| {
        format!(
            "from=%2B5215512345678&message=tlapa&message_id=s-1&sent_to=1&secret={secret}&device_id=d&sent_timestamp=1790000000000"
        )
    };
    let (status, body) = post(&serving, "/webhooks/sms/smssync", FORM, message(SECRET)).await;
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((&answer["payload"]["success"], &answer["payload"]["task"]), (&json!(true), &json!("send")));
    let messages = answer["payload"]["messages"].as_array().expect("messages");
    assert!(messages[0]["message"].as_str().expect("a text").contains("Tlapa"), "{body}");
    assert!(messages.iter().all(|it| it["to"] == "+5215512345678"), "{body}");
    for wrong in ["", "wrong", &format!("{SECRET}&secret={SECRET}")] {
        assert_eq!(post(&serving, "/webhooks/sms/smssync", FORM, message(wrong)).await.0, 403, "{wrong}");
    }
    // A repeat gets the same answer until the first was written, then an empty list.
    let mut silent = false;
    for _ in 0..1_000 {
        let (status, body) = post(&serving, "/webhooks/sms/smssync", FORM, message(SECRET)).await;
        assert_eq!(status, 200);
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        silent = answer["payload"]["messages"] == json!([]);
        if silent {
            break;
        }
    }
    assert!(silent, "a repeat was answered for ever");
    assert!(
        serving.app.service().store.find_contact("smssync", "+525512345678").await.expect("read").is_some()
    );
    serving.app.shutdown().await;
}

#[tokio::test]
async fn an_event_that_is_no_message_is_taken_and_ignored() {
    let serving = Serving::start(&example("httpsms", "https://api.httpsms.com", "http://127.0.0.1:1")).await;
    let here = format!("/webhooks/sms/httpsms/{SECRET}");
    let event = |kind: &str| {
        json!({ "type": kind, "data": { "contact": "+525512345678", "content": "tlapa", "message_id": "h-1" } }).to_string()
    };
    assert_eq!(post(&serving, &here, "application/json", event("message.call.missed")).await.0, 200);
    let store = &serving.app.service().store;
    assert!(store.find_contact("httpsms", "+525512345678").await.expect("read").is_none());
    assert_eq!(post(&serving, &here, "application/json", event("message.phone.received")).await.0, 200);
    assert!(store.find_contact("httpsms", "+525512345678").await.expect("read").is_some());
    serving.app.shutdown().await;
}

fn signed_toml() -> String {
    format!(
        "[server]\npublic_url = \"https://cabildo.example.org\"\n[channels.s]\ntype = \"http\"\nsecret = \"{SECRET}\"\n\
         secondary_secret = \"another-secret-0\"\n[channels.s.auth]\nby = \"hmac\"\nname = \"x-sig\"\nprefix = \"sha256=\"\n\
         signed = \"{{timestamp}}.{{url}}.{{body}}\"\ntimestamp_header = \"x-time\"\n\
         [channels.s.receive]\nsender = \"/from\"\ntext = \"/text\"\nid = \"/id\"\nanswer = \"reply\"\n"
    )
}

fn sign(key: &str, time: &str, query: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(format!("{time}.https://cabildo.example.org/webhooks/sms/s{query}.{body}").as_bytes());
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_signed_request_is_taken_and_every_change_of_it_refused() {
    let serving = Serving::start(&signed_toml()).await;
    let body = json!({ "from": "+525512345678", "text": "tlapa", "id": "g-1" }).to_string();
    let send = async |query: &str, time: &str, signature: &str, body: &str| {
        let request = serving.client.post(format!("http://{}/webhooks/sms/s{query}", serving.address()));
        let request = request.header("x-time", time).header("x-sig", signature).body(body.to_owned());
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("a text"))
    };
    let now = "1790000000";
    let good = sign(SECRET, now, "", &body);
    for at in 0..body.len() {
        let mut bytes = body.clone().into_bytes();
        bytes[at] ^= 1;
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert_eq!(send("", now, &good, &changed).await.0, 403, "body {at}");
    }
    for at in 0..good.len() {
        for bit in [1_u8, 32] {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= bit;
            if bytes[at] < 32 || bytes[at] == 127 {
                continue;
            }
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(send("", now, &changed, &body).await.0, 403, "signature {at}");
        }
    }
    for (query, time) in [("?a=b", now), ("", "1790000001"), ("", "1789999999"), ("", "")] {
        assert_eq!(send(query, time, &good, &body).await.0, 403, "{query} {time}");
    }
    for time in ["1789999699", "1790000301"] {
        assert_eq!(send("", time, &sign(SECRET, time, "", &body), &body).await.0, 403, "outside the window");
    }
    assert_eq!(send("", now, &sign("wrong", now, "", &body), &body).await.0, 403);
    let (status, answer) = send("", now, &good, &body).await;
    assert_eq!((status, answer.contains("Tlapa")), (200, true), "nothing was kept before: {answer}");
    let other = body.replace("g-1", "g-2");
    let signature = sign("another-secret-0", "1789999800", "?x=1", &other);
    assert_eq!(send("?x=1", "1789999800", &signature, &other).await.0, 200);
    // Signed and hostile.
    for (hostile, expected) in [
        ("{".to_owned(), 400),
        ("[".repeat(2_000), 400),
        (format!("{{\"from\":{}1{}}}", "[".repeat(100), "]".repeat(100)), 400),
        ("\"x\"".to_owned(), 200),
        (json!({ "from": ["+52"], "text": {} }).to_string(), 200),
        (json!({ "from": "\u{0}", "text": "\u{0}" }).to_string(), 200),
        (json!({ "from": "+525512345678", "text": "a\u{0}b", "id": "n" }).to_string(), 200),
        ("x".repeat(65_600), 413),
    ] {
        let status = send("", now, &sign(SECRET, now, "", &hostile), &hostile).await.0;
        assert_eq!(status, expected, "{}", &hostile[..hostile.len().min(60)]);
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn hostile_forms_are_refused_and_the_next_is_served() {
    let serving = Serving::start(&example("smssync", "", "")).await;
    let keys = (0..10_000).map(|it| format!("{it}=")).collect::<Vec<_>>().join("&");
    assert_eq!(post(&serving, "/webhooks/sms/smssync", FORM, format!("secret={SECRET}&{keys}")).await.0, 403);
    let huge = format!("secret={SECRET}&message={}", "x".repeat(65_600));
    assert_eq!(post(&serving, "/webhooks/sms/smssync", FORM, huge).await.0, 413);
    for body in [
        format!("secret={SECRET}&from=%FF%FE&message=%C3%28"),
        format!("secret={SECRET}&from=%00&message=%00"),
        format!("secret={SECRET}"),
        format!("secret={SECRET}&from=%2B525512345678&message=%F0%9F&message_id=%00%FF"),
    ] {
        assert_eq!(post(&serving, "/webhooks/sms/smssync", FORM, body.clone()).await.0, 200, "{body}");
    }
    assert_eq!(serving.get("/webhooks/sms/smssync").await.0, 405);
    assert_eq!(post(&serving, "/webhooks/sms/smssync/dlr", FORM, "a=b").await.0, 404);
    assert_eq!(serving.get("/health").await.0, 200);
    serving.app.shutdown().await;
}

#[tokio::test]
async fn the_gateways_answers_are_known() {
    let api = MockServer::start().await;
    let toml = format!(
        "[channels.x]\ntype = \"http\"\nsecret = \"{SECRET}\"\n[channels.x.auth]\nby = \"path\"\n[channels.x.send]\n\
         url = \"{}/s\"\njson = {{ to = \"{{to}}\", text = \"{{text}}\" }}\nsuccess = [200, 202]\nretry = [503, 507]\n\
         id = \"/id\"\nsuccess_when = {{ \"/ok\" = [\"true\", \"1\"] }}\n",
        api.uri()
    );
    let sender = sender(&toml, "x");
    for (status, body, expected) in [
        (200, r#"{"ok":true,"id":7}"#, "taken 7"),
        (202, r#"{"ok":1,"id":"a"}"#, "taken a"),
        (200, r#"{"ok":false,"id":"a"}"#, "permanent refused"),
        (200, r#"{"id":"a"}"#, "unknown"),
        (200, r#"{"ok":true}"#, "unknown"),
        (200, r#"{"ok":true,"#, "unknown"),
        (200, "", "unknown"),
        (201, r#"{"ok":true,"id":"a"}"#, "unknown"),
        (400, "", "permanent http_400"),
        (401, "", "retry credentials"),
        (429, "", "permanent http_429"),
        (503, "", "retry http_503"),
        (507, "", "retry http_507"),
        (500, "", "unknown"),
    ] {
        let guard = Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(status).set_body_string(body))
            .mount_as_scoped(&api)
            .await;
        let result = match sender.send(&outbound("a")).await {
            Ok(id) => format!("taken {}", id.unwrap_or_default()),
            Err(SendError::Permanent { reason }) => format!("permanent {reason}"),
            Err(SendError::Retry { reason, .. }) => format!("retry {reason}"),
            Err(SendError::Unknown) => "unknown".to_owned(),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(result, expected, "{status} {body}");
        drop(guard);
    }
}
