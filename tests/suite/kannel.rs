//! A text message through a real Kannel and back.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Query, RawQuery, State};
use axum::http::header::{HeaderMap, HeaderValue};
use axum::response::IntoResponse;
use axum::routing::get;
use cabildo_tests::kannel::{Delivered, KannelStack, OUR_NUMBER, SENDSMS_PASSWORD, SENDSMS_USER};
use cabildo_tests::serving::Serving;
use cabildo_tests::skip_or_fail;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

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
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
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

const KEY: &str = "k0123456789abcdef";

/// What stands between Kannel and the service: where the service is, and what Kannel asked.
#[derive(Clone)]
struct Between {
    service: String,
    asked: mpsc::UnboundedSender<String>,
}

/// Passes a call on as it is and tells what it asked.
async fn pass_on(State(between): State<Between>, RawQuery(query): RawQuery) -> impl IntoResponse {
    let query = query.unwrap_or_default();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.get(format!("{}?{query}", between.service)).send().await.expect("an answer");
    let mut headers = HeaderMap::new();
    for name in ["content-type", "x-kannel-coding"] {
        if let Some(value) = answer.headers().get(name) {
            headers.insert(name, value.clone());
        }
    }
    let text = answer.text().await.expect("a text");
    between.asked.send(query).expect("the test listens");
    (headers, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_gets_the_true_figures_through_kannel() {
    if !KannelStack::installed() {
        skip_or_fail("kannel");
        return;
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let service = format!("http://{}/webhooks/sms/telco", listener.local_addr().expect("its address"));
    let between = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let (asked, mut asks) = mpsc::unbounded_channel();
    let passing = format!("http://{}/sms?key={KEY}", between.local_addr().expect("its address"));
    let router = Router::new().route("/sms", get(pass_on)).with_state(Between { service, asked });
    let passer = tokio::spawn(async { axum::serve(between, router).await });
    let kannel = tokio::task::block_in_place(|| KannelStack::start(&passing)).expect("a gateway");
    let toml = format!(
        "[channels.telco]\ntype = \"kannel\"\nkey = \"{KEY}\"\nsendsms_url = \"{}\"\n\
         username = \"{SENDSMS_USER}\"\npassword = \"{SENDSMS_PASSWORD}\"\n",
        kannel.sendsms()
    );
    let serving = Serving::start_on(listener, &toml).await;
    let exchange = |text: &str, expected| {
        let delivered = tokio::task::block_in_place(|| kannel.exchange(CITIZEN, text, expected));
        let delivered = delivered.expect("an exchange");
        for it in &delivered {
            assert_eq!((it.from.as_str(), it.to.as_str()), (OUR_NUMBER, CITIZEN), "{it:?}");
            assert_eq!((it.part, it.ucs2), (None, false), "one segment of GSM-7: {it:?}");
        }
        delivered.into_iter().map(|it| it.text).collect::<Vec<_>>()
    };

    // The answer first, then once the notice.
    assert_eq!(
        exchange("tlapa", 2),
        [
            "Tlapa de Comonfort, Gro: pobreza 71.8% (2020), 7 de 21 similares, mediana 78.3. \
             Mejor: escuela (4). Peor: comida (17). COMIDA, AGUA, QUEJA o AYUDA. CONEVAL",
            "Contesta Cabildo. Guardo tu numero cifrado y lo que escribes, para responderte. \
             PRIVACIDAD dice mas. BAJA: no recibir avisos."
        ]
    );
    assert_eq!(
        exchange("comida", 1),
        ["Tlapa: 38.3% sin buena alimentacion (2020), 17 de 21 similares, mediana 31.3. \
          Mejor: Yajalon, Chis 7.2. MAS, MEJORES, QUEJA. CONEVAL"]
    );
    assert_eq!(
        exchange("mejores", 1),
        ["Mejores de 21 similares en comida (2020): Yajalon, Chis 7.2%; Altamirano, Chis 20.4%; \
          Paracho, Mich 22.9%. Tlapa es el lugar 17. CONEVAL"]
    );
    assert!(exchange("Peñamiller", 1)[0].starts_with("Peñamiller, Qro: pobreza 56.5%"));
    assert!(exchange("san josé iturbide", 1)[0].starts_with("San José de Iturbide, Gto: pobreza 24.2%"));

    // Kannel repeats a message with its id when it is in doubt: silence, and the phone shows the
    // reply to the next message only.
    let mut last = String::new();
    while let Ok(query) = asks.try_recv() {
        last = query;
    }
    assert!(last.contains("&id=") && last.contains("iturbide"), "{last}");
    let mut silent = 0;
    while silent < 3 {
        let (status, _, body) = serving.get(&format!("/webhooks/sms/telco?{last}")).await;
        assert_eq!(status, 200);
        // Until it is noted that the answer was written, a repeat gets the same one.
        assert!(body.is_empty() || body.starts_with("San José de Iturbide"), "{body}");
        silent += u32::from(body.is_empty());
    }
    assert_eq!(
        exchange("STOP", 1),
        ["Listo: ya no recibiras avisos de Cabildo. Si preguntas algo, te contesto. ALTA para volver."]
    );
    assert_eq!(
        exchange("ALTA", 1),
        ["Listo: puedes recibir avisos otra vez. Escribe tu municipio. BAJA los detiene."]
    );
    serving.app.shutdown().await;
    passer.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_notice_is_reported_delivered_by_kannel() {
    if !KannelStack::installed() {
        skip_or_fail("kannel");
        return;
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("its address"));
    let service = format!("{base}/webhooks/sms/telco?key={KEY}");
    let kannel = tokio::task::block_in_place(|| KannelStack::start(&service)).expect("a gateway");
    let toml = format!(
        "[channels.telco]\ntype = \"kannel\"\nkey = \"{KEY}\"\nsendsms_url = \"{}\"\n\
         username = \"{SENDSMS_USER}\"\npassword = \"{SENDSMS_PASSWORD}\"\nreport_url = \"{base}\"\n",
        kannel.sendsms()
    );
    let serving = Serving::start_on(listener, &toml).await;
    // The answer in the body, and the notice by sendsms with a dlr-url.
    let delivered =
        tokio::task::block_in_place(|| kannel.exchange(CITIZEN, "tlapa", 2)).expect("an exchange");
    assert_eq!(delivered.len(), 2);
    let states = || async {
        let states = serving.app.service().store.count_outbound().await.expect("states");
        states.into_iter().map(|(state, count)| format!("{state} {count}")).collect::<Vec<_>>()
    };
    tokio::time::timeout(cabildo_tests::serving::PATIENCE, async {
        while states().await != ["accepted 1", "delivered 1"] {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("8, then 1 for the pushed notice");
    serving.app.shutdown().await;
}
