//! A phone behind Kannel and a Telegram chat become one person, over real HTTP on both sides.

use cabildo_tests::bot_api::{BotApi, TOKEN};
use cabildo_tests::serving::Serving;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const ANA: i64 = 714_004_001;

#[tokio::test]
async fn a_phone_and_a_chat_are_joined_over_kannel_and_telegram() {
    let api = BotApi::start().await;
    let smsbox = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/cgi-bin/sendsms"))
        .respond_with(ResponseTemplate::new(202).set_body_string("0: Accepted for delivery"))
        .mount(&smsbox)
        .await;
    let serving = Serving::start(&format!(
        "[channels.sms]\ntype = \"kannel\"\nsendsms_url = \"{}/cgi-bin/sendsms\"\nusername = \"u\"\n\
         password = \"p\"\n[channels.telegram]\ntype = \"telegram\"\ntoken = \"{TOKEN}\"\napi_url = \"{}\"\n\
         poll_timeout_seconds = 1\n",
        smsbox.uri(),
        api.url()
    ))
    .await;
    let ask = "/webhooks/sms/sms?from=%2B525512345678&text=VINCULA&id=l-1";
    let body = serving.get(ask).await.2;
    let code =
        body.split(|it: char| !it.is_ascii_digit()).find(|it| it.len() == 6).expect("a code").to_owned();
    api.write(ANA, &format!("VINCULA {code}"));
    // The question, and the notice to a new contact.
    let asked = api.wait_sent(ANA, 2).await;
    let question = asked.iter().find(|it| !it.buttons.is_empty()).expect("a question");
    assert!(question.text.contains("1 Sí 2 No"), "{question:?}");
    api.press(ANA, question.message_id, "1");
    let store = &serving.app.service().store;
    let joined = async {
        loop {
            let contact = store.find_contact("telegram", &ANA.to_string()).await.expect("a store");
            let contact = contact.expect("a contact");
            if let Some(person) = store.find_person(contact).await.expect("a store") {
                return person;
            }
            tokio::task::yield_now().await;
        }
    };
    let person = tokio::time::timeout(cabildo_tests::serving::PATIENCE, joined).await.expect("joined");
    let phone = store.find_contact("sms", "+525512345678").await.expect("a store").expect("a contact");
    assert_eq!(store.find_person(phone).await, Ok(Some(person)));
    serving.app.shutdown().await;
    let told = smsbox.received_requests().await.unwrap_or_default();
    let texts: Vec<String> = told
        .iter()
        .filter_map(|it| it.url.query_pairs().find(|(key, _)| key == "text").map(|it| it.1.into_owned()))
        .collect();
    assert_eq!(texts.iter().filter(|it| it.contains("VINCULA NO")).count(), 1, "{texts:?}");
    // Nothing but the phone's own messages knows its number, and nobody its chat.
    for text in api.sent(ANA).iter().map(|it| &it.text).chain(&texts) {
        assert!(
            !text.contains("5512345678") && !text.contains("714004001") && !text.contains("Ana"),
            "{text}"
        );
    }
}
