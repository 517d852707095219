//! A text message through a real Kannel and back.

use std::collections::HashMap;

use axum::Router;
use axum::extract::Query;
use axum::http::header::{HeaderMap, HeaderValue};
use axum::response::IntoResponse;
use axum::routing::get;
use cabildo_tests::kannel::{Delivered, KannelStack, OUR_NUMBER, SENDSMS_PASSWORD, SENDSMS_USER};
use cabildo_tests::skip_or_fail;

const CITIZEN: &str = "+525500000001";

/// Answers as a service does: `largo` in three parts, `callado` with silence, else the text.
async fn answer(Query(query): Query<HashMap<String, String>>) -> impl IntoResponse {
    let asked = query.get("text").cloned().unwrap_or_default();
    let text = match asked.as_str() {
        "largo" => "Año con ñ y é. ".repeat(30),
        "callado" => String::new(),
        "quien" => format!("{} a {}", query["from"], query["to"]),
        other => format!("Recibí: {other}").replace('í', if other.is_ascii() { "i" } else { "í" }),
    };
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("text/plain; charset=utf-8"));
    if text.chars().any(|it| cabildo_bot::channels::sms::segments::septets(it).is_none()) {
        headers.insert("x-kannel-coding", HeaderValue::from_static("2"));
    }
    (headers, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_comes_back_in_its_alphabet() {
    if !KannelStack::installed() {
        skip_or_fail("kannel");
        return;
    }
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let service = format!("http://{}/sms", listener.local_addr().expect("its address"));
    let server =
        tokio::spawn(async { axum::serve(listener, Router::new().route("/sms", get(answer))).await });
    let kannel = tokio::task::block_in_place(|| KannelStack::start(&service)).expect("a gateway");
    let exchange = |text: &str, expected| {
        tokio::task::block_in_place(|| kannel.exchange(CITIZEN, text, expected)).expect("an exchange")
    };

    assert_eq!(
        exchange("Año ñ é 10%", 1),
        [Delivered {
            from: OUR_NUMBER.to_owned(),
            to: CITIZEN.to_owned(),
            text: "Recibí: Año ñ é 10%".to_owned(),
            ucs2: true,
            part: None
        }]
    );
    let plain = &exchange("ni una mas + 1", 1)[0];
    assert_eq!((plain.text.as_str(), plain.ucs2), ("Recibi: ni una mas + 1", false));
    assert_eq!(exchange("¿agua 😀?", 1)[0].text, "Recibí: ¿agua 😀?");
    assert_eq!(exchange("quien", 1)[0].text, format!("{CITIZEN} a {OUR_NUMBER}"));

    let parts = exchange("largo", 3);
    assert_eq!(parts.iter().map(|it| it.part).collect::<Vec<_>>(), [1, 2, 3].map(|it| Some((it, 3))));
    assert!(parts.iter().all(|it| !it.ucs2));
    let whole: String = parts.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(whole, "Año con ñ y é. ".repeat(30));

    // Silence is silence: the next reply is that to the next message.
    assert!(exchange("callado", 0).is_empty());
    assert_eq!(exchange("x", 1)[0].text, "Recibi: x");

    // A push waits in the gateway until the phone is there.
    let pushed = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client")
        .get(kannel.sendsms())
        .query(&[
            ("username", SENDSMS_USER),
            ("password", SENDSMS_PASSWORD),
            ("to", CITIZEN),
            ("text", "Aviso: mañana"),
            ("charset", "UTF-8"),
        ])
        .send()
        .await
        .expect("an answer");
    assert_eq!(pushed.status(), 202);
    let both = exchange("y", 2);
    assert!(both.iter().any(|it| it.text == "Aviso: mañana"), "{both:?}");
    server.abort();
}
