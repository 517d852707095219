//! The client over a real line: the feed resumes behind its cursor, and a write happens once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cabildo_admin_tui::api::{Act, Answer, Api, Ask, Link, follow};
use cabildo_admin_tui::event::Event;
use cabildo_admin_tui::safe::Code;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use uuid::Uuid;

/// Reads a request whole; gives it as text.
async fn request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut piece = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end].to_lowercase();
            let length =
                head.lines().find_map(|it| it.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if read.len() >= end + 4 + length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return text,
            Ok(count) => read.extend_from_slice(&piece[..count]),
        }
    }
}

fn event(seq: i64) -> String {
    format!(
        "id: {seq}\nevent: case_opened\ndata: {{\"seq\":{seq},\"kind\":\"case_opened\",\"created_at\":1}}\n\n"
    )
}

async fn serve(listener: &TcpListener, body: &str) -> String {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let asked = request(&mut stream).await;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("written");
    stream.shutdown().await.expect("closed");
    asked
}

#[tokio::test]
async fn the_feed_resumes_behind_the_last_event_and_drops_what_comes_twice() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let api = Api::new(&format!("http://{}", listener.local_addr().expect("an address"))).expect("a client");
    api.set_token(Some("token".to_owned()));
    let (tx, mut rx) = mpsc::channel(64);
    let following = tokio::spawn(follow(api, tx));
    let first = serve(&listener, &format!("{}{}", event(7), event(8))).await;
    assert!(first.starts_with("GET /staff/v1/events HTTP/1.1"), "{first}");
    assert!(first.to_lowercase().contains("authorization: bearer token"));
    // The line is cut; the next begins behind 8, and repeats it all the same.
    let second = serve(&listener, &format!("{}{}: here\nid: 12\n\n", event(8), event(9))).await;
    assert!(second.starts_with("GET /staff/v1/events?after=8 HTTP/1.1"), "{second}");
    // What may not be seen moves the cursor, too.
    let third = serve(&listener, "").await;
    assert!(third.starts_with("GET /staff/v1/events?after=12 HTTP/1.1"), "{third}");
    let mut seen = Vec::new();
    let mut links = Vec::new();
    while seen.len() < 3 || links.len() < 5 {
        match tokio::time::timeout(Duration::from_secs(10), rx.recv())
            .await
            .expect("in time")
            .expect("an event")
        {
            Event::Feed(event) => seen.push(event.seq),
            Event::Link(link) => links.push(link),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, [7, 8, 9]);
    assert!(
        matches!(links[..5], [Link::Live, Link::Down { .. }, Link::Live, Link::Down { .. }, Link::Live]),
        "{links:?}"
    );
    following.abort();
}

#[tokio::test]
async fn a_session_that_ended_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let api = Api::new(&format!("http://{}", listener.local_addr().expect("an address"))).expect("a client");
    let (tx, mut rx) = mpsc::channel(64);
    let following = tokio::spawn(follow(api, tx));
    let (mut stream, _) = listener.accept().await.expect("a connection");
    request(&mut stream).await;
    let body = "{\"type\":\"t\",\"title\":\"t\",\"status\":401,\"code\":\"not_signed_in\"}";
    let answer = format!("HTTP/1.1 401 Unauthorized\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).await.expect("written");
    let told = tokio::time::timeout(Duration::from_secs(10), rx.recv()).await.expect("in time");
    assert!(matches!(told, Some(Event::SignedOut)));
    following.await.expect("it ends");
}

#[tokio::test]
async fn an_act_whose_answer_is_lost_is_asked_again_under_the_same_key() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let api = Api::new(&format!("http://{}", listener.local_addr().expect("an address"))).expect("a client");
    let keys = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&keys);
    let server = tokio::spawn(async move {
        for tried in 0..2 {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let asked = request(&mut stream).await;
            let key = asked
                .to_lowercase()
                .lines()
                .find_map(|it| it.strip_prefix("idempotency-key: ").map(str::to_owned));
            kept.lock().expect("the keys").push(key);
            if tried == 0 {
                // It arrived, and nobody learns what came of it.
                drop(stream);
                continue;
            }
            let row = "{\"id\":\"00000000-0000-0000-0000-000000000001\",\"folio\":\"A\",\"kind\":\"complaint\",\"state\":\"received\",\
                       \"mark\":\"R\",\"version\":2,\"municipality\":\"12066\",\"municipality_name\":\"Tlapa\",\"category\":\"c\",\
                       \"office\":\"o\",\"priority\":\"high\",\"confidentiality\":\"open\",\"opened_at\":1,\"updated_at\":1,\
                       \"joined\":1,\"disputes\":0}";
            let body = format!("{{\"case\":{row}}}");
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.expect("written");
        }
    });
    let key = Uuid::from_u128(5);
    let ask = Ask::Act { case: Uuid::from_u128(1), act: Act::Priority(Code::new("high")), version: 1, key };
    let answer = api.ask(ask).await.expect("an answer");
    assert!(matches!(answer, Answer::Acted(it) if it.row.as_ref().is_some_and(|it| it.version == 2)));
    server.await.expect("served");
    let keys = keys.lock().expect("the keys").clone();
    assert_eq!(keys, [Some(key.to_string()), Some(key.to_string())]);
}

#[tokio::test]
async fn a_service_that_is_not_there_is_a_failure_with_a_code() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let api = Api::new(&format!("http://{address}")).expect("a client");
    let failure = api.ask(Ask::Queues).await.expect_err("nobody is there");
    assert!(failure.unreachable());
}
