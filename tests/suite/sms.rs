//! SMS gateways over real HTTP: Kannel's get-url and sendsms, hostile input. Twilio is in `twilio.rs`.

use cabildo_bot::channels::gateway::{OutboundMessage, SendError};
use cabildo_bot::channels::{http_client, kannel, twilio};
use cabildo_bot::config::{ChannelConfig, Config};
use cabildo_tests::serving::{RawClient, Serving};
use serde_json::Value;
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::twilio::{twilio_serving, vectors};

const KEY: &str = "k0123456789abcdef";

fn kannel_toml() -> String {
    format!("[channels.telco]\ntype = \"kannel\"\nkey = \"{KEY}\"\n")
}

fn webhook(query: &str) -> String {
    format!("/webhooks/sms/telco?key={KEY}&{query}")
}

#[tokio::test]
async fn kannel_reads_the_answer_in_the_body() {
    let serving = Serving::start(&kannel_toml()).await;
    let (status, headers, body) =
        serving.get(&webhook("from=%2B525512345678&to=55555&text=tlapa&id=a-1&charset=UTF-8&coding=0")).await;
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "text/plain; charset=UTF-8");
    assert!(body.to_lowercase().contains("tlapa"), "{body}");
    assert_eq!(headers.get("x-kannel-coding"), None, "a GSM-7 text: {body}");
    // The key may be a part of the path.
    let path = format!("/webhooks/sms/telco/{KEY}?from=%2B525512345679&text=tlapa&id=a-2");
    let (status, _, body) = serving.get(&path).await;
    assert_eq!((status, body.to_lowercase().contains("tlapa")), (200, true), "{body}");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let serving = Serving::start(&kannel_toml()).await;
    let text = "from=%2B525512345678&text=tlapa&id=w-1";
    for path in [
        format!("/webhooks/sms/telco?{text}"),
        format!("/webhooks/sms/telco?key=&{text}"),
        format!("/webhooks/sms/telco?key={}&{text}", KEY.to_uppercase()),
        format!("/webhooks/sms/telco?key={KEY}x&{text}"),
        format!("/webhooks/sms/telco?key={}&{text}", &KEY[1..]),
        format!("/webhooks/sms/telco/wrong?key={KEY}&{text}"),
        format!("/webhooks/sms/telco/dlr?message=x&state=1&{text}"),
    ] {
        assert_eq!(serving.get(&path).await.0, 403, "{path}");
    }
    assert_eq!(serving.get(&format!("/webhooks/sms/other?key={KEY}&{text}")).await.0, 404);
    // None of them was kept: the right call with the same id is new.
    assert!(!serving.get(&webhook(text)).await.2.is_empty());
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_repeat_gets_the_same_answer_until_it_was_written_and_then_silence() {
    let serving = Serving::start(&kannel_toml()).await;
    let call = webhook("from=%2B525512345678&text=tlapa&id=r-1");
    let first = serving.get(&call).await.2;
    assert!(!first.is_empty());
    let mut silent = false;
    for _ in 0..1_000 {
        let (status, _, body) = serving.get(&call).await;
        assert_eq!(status, 200);
        assert!(body.is_empty() || (!silent && body == first), "{body}");
        silent |= body.is_empty();
        if silent {
            break;
        }
    }
    assert!(silent, "a repeat was answered for ever");
    for _ in 0..100 {
        assert_eq!(serving.get(&call).await.2, "");
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn fifty_parallel_repeats_have_one_answer() {
    let serving = Serving::start(&kannel_toml()).await;
    let call = webhook("from=%2B525512345678&text=tlapa&id=p-1");
    let bodies = {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let request = serving.client.get(format!("http://{}{call}", serving.address()));
            tasks.spawn(async move {
                let response = request.send().await.expect("an answer");
                assert_eq!(response.status(), 200);
                response.text().await.expect("a text")
            });
        }
        tasks.join_all().await
    };
    let mut texts: Vec<&String> = bodies.iter().filter(|it| !it.is_empty()).collect();
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn nothing_that_a_citizen_writes_is_an_error_to_kannel() {
    let serving = Serving::start(&kannel_toml()).await;
    for (index, text) in [
        "text=a%F1o&charset=UTF-8&coding=0",
        "text=%FF%FE%00%80&charset=8-BIT&coding=1",
        "text=%00t%00l%00a%00p%00a&charset=UTF-16BE&coding=2",
        "text=%D8%3D%DC&coding=2",
        "text=%",
        "text=",
        "",
        "text=tlapa&text=ometepec&text=neza",
        "text=%E2%80%AE%1B%5B2J",
        "text='%3B+DROP+TABLE+contacts%3B--",
        "text=tlapa&udh=%05%00%03%01%02%01&binary=%00%FF&time=99999999999999999999&charset=%FF",
    ]
    .iter()
    .enumerate()
    {
        let (status, _, _) =
            serving.get(&webhook(&format!("from=%2B525512345678&id=h-{index}&{text}"))).await;
        assert_eq!(status, 200, "{text}");
    }
    // Without a sender there is nobody to answer, and nothing for Kannel to repeat.
    for from in ["", "from=", "from=%00", "from=+++", &format!("from={}", "9".repeat(500))] {
        let (status, _, body) = serving.get(&webhook(&format!("{from}&text=tlapa&id=s"))).await;
        assert_eq!((status, body.as_str()), (200, ""), "{from}");
    }
    let (status, _, body) = serving.get(&webhook("from=%2B525512345678&text=tlapa&id=last")).await;
    assert_eq!((status, body.is_empty()), (200, false));
    serving.app.shutdown().await;
}

#[tokio::test]
async fn further_replies_are_pushed_by_sendsms() {
    let smsbox = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/cgi-bin/sendsms"))
        .and(query_param("username", "u"))
        .and(query_param("password", "p&w"))
        .and(query_param("to", "+525512345678"))
        .and(query_param("dlr-mask", "31"))
        .respond_with(ResponseTemplate::new(202).set_body_string("0: Accepted for delivery"))
        .mount(&smsbox)
        .await;
    let toml = format!(
        "{}sendsms_url = \"{}/cgi-bin/sendsms\"\nusername = \"u\"\npassword = \"p&w\"\nfrom = \"55555\"\n\
         report_url = \"http://127.0.0.1:8080\"\n",
        kannel_toml(),
        smsbox.uri()
    );
    let serving = Serving::start(&toml).await;
    let (status, _, body) = serving.get(&webhook("from=%2B5215512345678&text=tlapa%7Caviso&id=m-1")).await;
    assert_eq!((status, body.is_empty()), (200, false));
    // The drain finishes what waits to be sent.
    serving.app.shutdown().await;
    let pushed = smsbox.received_requests().await.expect("recorded");
    assert!(!pushed.is_empty());
    let report = pushed[0].url.query_pairs().find(|it| it.0 == "dlr-url").expect("a dlr-url").1.into_owned();
    assert!(report.starts_with("http://127.0.0.1:8080/webhooks/sms/telco/dlr?message="), "{report}");
    assert!(report.contains("&state=%d&key="), "Kannel fills in %d: {report}");
}

/// A message to a number of Mexico.
pub fn outbound(text: &str) -> OutboundMessage {
    OutboundMessage {
        id: cabildo_bot::ids::new_id(cabildo_bot::domain::time::UnixMillis(1)),
        attempt: 1,
        address: "+525512345678".to_owned(),
        text: text.to_owned(),
        choices: Vec::new(),
        edits: None,
        picture: None,
    }
}

/// The client of the gateways.
pub fn client() -> reqwest::Client {
    http_client(std::time::Duration::from_secs(5)).expect("a client")
}

#[tokio::test]
async fn sendsms_chooses_the_coding_and_knows_its_answers() {
    let smsbox = MockServer::start().await;
    let toml = format!(
        "[channels.k]\ntype = \"kannel\"\nsendsms_url = \"{}/send\"\nusername = \"u\"\npassword = \"p\"\n",
        smsbox.uri()
    );
    let config = Config::from_toml(&toml).expect("a configuration");
    let Some(ChannelConfig::Kannel(config)) = config.channels.get("k") else { panic!("a channel") };
    let sender = kannel::Sender::new(client(), "k", config).expect("a sender");
    for (text, coding) in [("año ¿sí?".replace('í', "i"), "0"), ("agua á".to_owned(), "2")] {
        let guard = Mock::given(query_param("coding", coding))
            .and(query_param("charset", "UTF-8"))
            .and(query_param("text", text.as_str()))
            .respond_with(ResponseTemplate::new(202))
            .expect(1)
            .mount_as_scoped(&smsbox)
            .await;
        assert!(matches!(sender.send(&outbound(&text)).await, Ok(None)));
        drop(guard);
    }
    for (status, expected) in [(403, "retry"), (503, "retry"), (400, "permanent"), (500, "unknown")] {
        let guard = Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(status).insert_header("retry-after", "7"))
            .mount_as_scoped(&smsbox)
            .await;
        let result = match sender.send(&outbound("x")).await {
            Err(SendError::Retry { after_ms, .. }) => {
                assert_eq!(after_ms, Some(7_000));
                "retry"
            }
            Err(SendError::Permanent { .. }) => "permanent",
            Err(SendError::Unknown) => "unknown",
            other => panic!("{other:?}"),
        };
        assert_eq!(result, expected, "{status}");
        drop(guard);
    }
    let gone = Config::from_toml(
        "[channels.k]\ntype = \"kannel\"\nsendsms_url = \"http://127.0.0.1:1/\"\nusername = \"u\"\npassword = \"hunter2\"\n",
    )
    .expect("a configuration");
    let Some(ChannelConfig::Kannel(gone)) = gone.channels.get("k") else { panic!("a channel") };
    let problem = kannel::Sender::new(client(), "k", gone)
        .expect("a sender")
        .send(&outbound("x"))
        .await
        .expect_err("nobody there");
    assert!(matches!(problem, SendError::Retry { .. }));
    assert!(!format!("{problem} {problem:?}").contains("hunter2"));
}

#[tokio::test]
async fn sendsms_is_given_one_number_or_nothing() {
    let server = MockServer::start().await;
    let toml = format!(
        "[channels.k]\ntype = \"kannel\"\nsendsms_url = \"{}/send\"\nusername = \"u\"\npassword = \"p\"\n",
        server.uri()
    );
    let config = Config::from_toml(&toml).expect("a configuration");
    let Some(ChannelConfig::Kannel(config)) = config.channels.get("k") else { panic!("a channel") };
    let sender = kannel::Sender::new(client(), "k", config).expect("a sender");
    // Kannel reads several numbers where there are blanks, and nobody can answer a name.
    for address in ["x 5512345678", "Mi Banco", "TELCEL", ""] {
        let message = OutboundMessage { address: address.to_owned(), ..outbound("a") };
        let sent = sender.send(&message).await;
        assert!(matches!(sent, Err(SendError::Permanent { .. })), "{address}: {sent:?}");
    }
    assert_eq!(server.received_requests().await.map(|it| it.len()), Some(0));
}

#[test]
fn nothing_of_a_call_is_shown_by_debug() {
    let parameters = kannel::Parameters::parse("key=hunter2&from=5512345678&text=matar").expect("parameters");
    let pairs = twilio::form_pairs(b"From=5512345678&Body=matar&MessageSid=SM1").expect("pairs");
    let shown = format!("{parameters:?} {:?}", twilio::Message::from_pairs(&pairs));
    for hidden in ["hunter2", "5512345678", "matar"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[tokio::test]
async fn delivery_reports_are_taken() {
    let serving = Serving::start(&kannel_toml()).await;
    for state in ["1", "2", "4", "8", "16", "%25d", "x"] {
        let path = format!(
            "/webhooks/sms/telco/dlr?key={KEY}&message=0192f0c1234570008000000000000000-1&state={state}"
        );
        assert_eq!(serving.get(&path).await.0, 200, "{state}");
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_delivery_report_says_where_a_pushed_message_got() {
    let smsbox = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(202)).mount(&smsbox).await;
    let serving = Serving::start(&format!(
        "{}sendsms_url = \"{}/send\"\nusername = \"u\"\npassword = \"p\"\nreport_url = \"http://127.0.0.1\"\n",
        kannel_toml(),
        smsbox.uri()
    ))
    .await;
    // The notice for a new number does not fit into the answer and is pushed.
    serving.get(&webhook("from=%2B525512345678&text=tlapa&id=d-1")).await;
    let store = &serving.app.service().store;
    let states = || async {
        let states = store.count_outbound().await.expect("states");
        states.into_iter().map(|(state, count)| format!("{state} {count}")).collect::<Vec<_>>()
    };
    tokio::time::timeout(cabildo_tests::serving::PATIENCE, async {
        while states().await != ["accepted 2"] {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("both accepted in time");
    let pushed = smsbox.received_requests().await.expect("recorded");
    let report = pushed[0].url.query_pairs().find(|it| it.0 == "dlr-url").expect("a dlr-url").1.into_owned();
    let report = report.strip_prefix("http://127.0.0.1").expect("our address").to_owned();
    for (state, expected) in [
        ("8", &["accepted 2"][..]),
        ("4", &["accepted 2"]),
        ("16", &["accepted 1", "failed 1"]),
        ("1", &["accepted 1", "delivered 1"]),
        ("2", &["accepted 1", "delivered 1"]),
    ] {
        assert_eq!(serving.get(&report.replace("%d", state)).await.0, 200);
        assert_eq!(states().await, expected, "after state {state}");
    }
    serving.app.shutdown().await;
}

fn post(body_length: usize, more: &str) -> String {
    format!(
        "POST /webhooks/sms/twilio HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: AAAA\r\n{more}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {body_length}\r\n\r\n"
    )
}

#[tokio::test]
async fn hostile_sizes_are_refused_and_the_next_request_is_served() {
    let vectors = vectors();
    let serving = twilio_serving(&vectors).await;
    let send = async |request: Vec<u8>| {
        let mut client = RawClient::connect(serving.address()).await;
        client.write(&request).await;
        client.read().await.map(|it| it.0)
    };
    let keys = (0..10_000).map(|it| format!("{it}=")).collect::<Vec<_>>().join("&");
    assert_eq!(send([post(keys.len(), ""), keys].concat().into()).await, Some(413));
    let huge = "a=".to_owned() + &"x".repeat(64 * 1024);
    assert_eq!(send([post(huge.len(), ""), huge].concat().into()).await, Some(413));
    // A length that is only announced is refused as well, and nothing is allocated for it.
    let announced = send([post(4_000_000_000, ""), "a".repeat(70_000)].concat().into()).await;
    assert!(matches!(announced, Some(413) | None), "{announced:?}");
    let bomb = send(post(0, &format!("X-Bomb: {}\r\n", "b".repeat(100_000))).into()).await;
    assert!(matches!(bomb, Some(431) | None), "{bomb:?}");
    let many = (0..200).map(|it| format!("X-{it}: 1\r\n")).collect::<Vec<_>>().concat();
    let bomb = send(post(0, &many).into()).await;
    assert!(matches!(bomb, Some(431) | None), "{bomb:?}");
    let line = send(format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70_000)).into()).await;
    assert!(matches!(line, Some(414 | 431) | None), "{line:?}");
    for nonsense in
        [&b"\x00\x01\x02\r\n\r\n"[..], b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n"]
    {
        let status = send(nonsense.to_vec()).await;
        assert!(matches!(status, Some(400..=505) | None), "{status:?}");
    }
    let (status, _, body) = serving.get("/health").await;
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_str::<Value>(&body).expect("JSON")["ok"], true);
    serving.app.shutdown().await;
}

#[tokio::test]
async fn slow_clients_are_cut_and_cannot_hold_the_server() {
    let serving = Serving::start(
        "[server]\nread_timeout_seconds = 1\nmax_connections = 4\npublic_url = \"https://a.example\"\n\
         [channels.twilio]\ntype = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"t\"\n",
    )
    .await;
    let mut slow = Vec::new();
    for start in [
        "GET /hea".to_owned(),
        String::new(),
        "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ".to_owned(),
        post(1_000, "") + "From=",
    ] {
        let mut client = RawClient::connect(serving.address()).await;
        client.write(start.as_bytes()).await;
        slow.push(client);
    }
    // All places are taken; this one waits for a slow one to be cut.
    assert_eq!(serving.get("/health").await.0, 200);
    for client in &mut slow {
        client.closed().await;
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_stop_finishes_the_request_at_work_and_frees_the_port() {
    let serving = Serving::start(&kannel_toml()).await;
    let address = serving.address();
    let mut idle = RawClient::connect(address).await;
    assert_eq!(serving.get("/health").await.0, 200);
    serving.app.shutdown().await;
    idle.closed().await;
    tokio::net::TcpListener::bind(address).await.expect("the port is free");
}

#[tokio::test]
async fn two_keys_are_valid_while_one_is_replaced() {
    let toml = format!("{}secondary_key = \"another-key-0123456789\"\n", kannel_toml());
    let serving = Serving::start(&toml).await;
    for (key, status) in
        [(KEY, 200), ("another-key-0123456789", 200), ("another-key-0123456780", 403), ("", 403)]
    {
        let path = format!("/webhooks/sms/telco?key={key}&from=%2B525512345678&text=tlapa&id=k-{key}");
        assert_eq!(serving.get(&path).await.0, status, "{key}");
    }
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_text_of_many_parts_fits_into_a_request() {
    let serving = Serving::start(&kannel_toml()).await;
    // Ten parts of 67 units in UCS-2, as Kannel writes them: text, binary data and header, all encoded.
    let text = "%E6%B0%B4".repeat(670);
    let binary = "%6C%34".repeat(670);
    let query =
        format!("from=%2B525512345678&id=long&charset=UTF-8&coding=2&text={text}&udh=%05&binary={binary}");
    assert!(query.len() > 9_000);
    assert_eq!(serving.get(&webhook(&query)).await.0, 200);
    // Twice as many still fit.
    let query = format!("from=%2B525512345678&id=longer&coding=2&text={text}{text}&binary={binary}{binary}");
    assert!(query.len() > 20_000);
    assert_eq!(serving.get(&webhook(&query)).await.0, 200);
    serving.app.shutdown().await;
}
