//! What people write, what they are told and where a dialogue stands is not readable from the tables.

use std::sync::Arc;

use base64::Engine as _;
use cabildo_bot::channels::gateway::Gateways;
use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::clock::Clock;
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::jobs;
use cabildo_bot::service::Service;
use cabildo_bot::store::outbox::NewOutbound;
use cabildo_bot::store::{AddressKeys, Location};
use cabildo_tests::serving::facts;
use cabildo_tests::stores::{START, TestStore, inbound};
use uuid::Uuid;

const NUMBER: &str = "+525512345678";

fn service(test: &TestStore) -> Arc<Service> {
    Arc::new(Service::new(test.store.clone(), facts(), Clock::fixed(START), Gateways::new()))
}

/// All that the tables hold, as text: on `SQLite` the bytes of the files, else every row of every table.
async fn everything(test: &TestStore) -> Vec<u8> {
    let mut all = Vec::new();
    match &test.location {
        Location::File(path) => {
            for ending in ["", "-wal", "-shm"] {
                all.extend(std::fs::read(format!("{}{ending}", path.display())).unwrap_or_default());
            }
            let copy = test.folder().join("copy.db");
            test.texts(&format!("VACUUM INTO '{}'", copy.display())).await;
            all.extend(std::fs::read(copy).expect("a copy"));
        }
        _ => {
            let tables = "SELECT table_name::text FROM information_schema.tables \
                          WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";
            for table in test.texts(tables).await {
                for row in test.texts(&format!("SELECT t::text FROM \"{table}\" AS t")).await {
                    all.extend(row.into_bytes());
                    all.push(b'\n');
                }
            }
        }
    }
    all
}

/// A text in the forms in which it may lie somewhere: as it is, in hexadecimal, in base64 at each
/// alignment, in the two bytes a character of another encoding.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![text.as_bytes().to_vec(), hex::encode(text).into_bytes()];
    forms.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    // What is left of a short one stands in any base64.
    for pad in (0..3).filter(|_| text.len() > 8) {
        let padded = [vec![b'0'; pad], text.as_bytes().to_vec()].concat();
        let encoded = base64::prelude::BASE64_STANDARD_NO_PAD.encode(padded);
        // Without the ends, which depend on what stands beside it.
        forms.push(encoded.as_bytes()[if pad == 0 { 0 } else { 4 }..encoded.len() - 2].to_vec());
    }
    forms
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    // The search of the standard library is optimised in every build; a character a byte.
    let text = |bytes: &[u8]| bytes.iter().map(|it| char::from(*it)).collect::<String>();
    text(bytes).contains(&text(needle))
}

both!(no_text_is_in_the_tables, |test| {
    let service = service(&test);
    let mut message = inbound(NUMBER, "1", "canario en la mina");
    message.location = Some((17.512_345, -98.576_543));
    message.payload = Some("carga profunda".to_owned());
    service.accept(message).await.expect("kept");
    service.accept(inbound(NUMBER, "2", "tlapa canario")).await.expect("kept");
    jobs::process_all_jobs(&service).await.expect("handled");
    for (number, text) in [(3, "tlapa"), (4, "comida"), (5, "benito juarez")] {
        let answer = service.answer(inbound("+525598765432", &number.to_string(), text)).await.expect("kept");
        assert!(!answer.replies.is_empty());
    }
    let contact_id = test.store.find_contact("kannel", NUMBER).await.expect("found").expect("a contact");
    let outbound = NewOutbound {
        id: Uuid::from_u128(77),
        contact_id,
        purpose: Purpose::News,
        campaign: None,
        rendered: Rendered {
            kind: ReplyKind::Answer,
            text: "la respuesta del canario".to_owned(),
            municipality: None,
            choices: Vec::new(),
            edit: false,
            segments: 1,
            picture: None,
        },
        not_before: START,
        at: START,
    };
    assert_eq!(test.store.add_outbound(outbound).await, Ok(true));
    let all = everything(&test).await;
    assert!(holds(&all, b"kannel") && holds(&all, b"message_handled"), "this looks at the wrong bytes");
    let spoken = ["canario", "carga profunda", "Tlapa de Comonfort", "Yajalon", "Benito Juarez", "71.8%"];
    let places = ["17.512345", "-98.576543", "5512345678", "5598765432"];
    let talk = ["\"locale\"", "\"offered\"", "\"home\"", "\"pending\""];
    for canary in spoken.into_iter().chain(places).chain(talk) {
        for form in forms(canary) {
            assert!(!holds(&all, &form), "{canary}: {}", String::from_utf8_lossy(&form));
        }
    }
    // And yet it is all there for who has the keys.
    let texts = test.inbound_texts("SELECT id, text FROM inbox ORDER BY id").await;
    assert!(texts.contains(&"canario en la mina".to_owned()), "{texts:?}");
});

both!(a_location_and_a_payload_come_back, |test| {
    let mut message = inbound(NUMBER, "1", "");
    message.location = Some((17.512_345, -98.5));
    test.store.accept_inbound(message.clone(), Uuid::from_u128(1), Uuid::from_u128(9)).await.expect("kept");
    message.payload = Some("mun_12066,\u{1f}".to_owned());
    message.external_id = Some("2".to_owned());
    test.store.accept_inbound(message.clone(), Uuid::from_u128(2), Uuid::from_u128(9)).await.expect("kept");
    message.location = None;
    message.external_id = Some("3".to_owned());
    test.store.accept_inbound(message, Uuid::from_u128(3), Uuid::from_u128(9)).await.expect("kept");
    let pending = test.store.list_pending(10).await.expect("listed");
    let place = Some((17.512_345, -98.5));
    let payload = Some("mun_12066,\u{1f}");
    let found: Vec<_> =
        pending.iter().map(|it| (it.latitude.zip(it.longitude), it.payload.as_deref())).collect();
    assert_eq!(found, [(place, None), (place, payload), (None, payload)]);
    assert!(pending.iter().all(|it| !it.damaged));
});

both!(what_a_release_before_wrote_is_still_read, |test| {
    let service = service(&test);
    service.accept(inbound(NUMBER, "1", "x")).await.expect("kept");
    let plain = "UPDATE inbox SET text = 'tlapa', latitude = 17.5, longitude = -98.5, payload = NULL \
                 RETURNING text";
    assert_eq!(test.texts(plain).await, ["tlapa"]);
    let pending = test.store.list_pending(1).await.expect("listed");
    assert_eq!(pending[0].latitude.zip(pending[0].longitude), Some((17.5, -98.5)));
    test.texts("UPDATE inbox SET latitude = NULL, longitude = NULL RETURNING text").await;
    jobs::process_all_jobs(&service).await.expect("handled");
    let contact_id = test.store.find_contact("kannel", NUMBER).await.expect("found").expect("a contact");
    let state = test.store.find_conversation(contact_id).await.expect("found").state.expect("a state");
    assert!(state.contains("12066"), "{state}");
    let plain = "UPDATE conversations SET state = '{\"home\":\"12066\"}' RETURNING state";
    assert_eq!(test.texts(plain).await.len(), 1);
    let found = test.store.find_conversation(contact_id).await.expect("found").state;
    assert_eq!(found.as_deref(), Some("{\"home\":\"12066\"}"));
    let plain = "UPDATE outbox SET state = 'queued', body = 'hola', choices = '[]' RETURNING body";
    assert!(!test.texts(plain).await.is_empty());
    let claimed = test.store.claim_outbound("kannel", START, 9).await.expect("claimed");
    let (_, rendered) = claimed[0].content.clone().expect("its content");
    assert_eq!((rendered.text.as_str(), rendered.choices.len()), ("hola", 0));
});

both!(a_text_that_was_moved_stops_only_its_own_message, |test| {
    let service = service(&test);
    for (number, phone) in [(1, "+525500000001"), (2, "+525500000002"), (3, "+525500000003")] {
        service.accept(inbound(phone, &number.to_string(), "tlapa")).await.expect("kept");
    }
    // The first has the text of the second.
    let moved = "UPDATE inbox SET text = (SELECT text FROM inbox WHERE external_id = '2') \
                 WHERE external_id = '1' RETURNING text";
    assert_eq!(test.texts(moved).await.len(), 1);
    jobs::process_all_jobs(&service).await.expect("handled");
    assert_eq!(test.store.count_inbound("parked").await, Ok(1));
    assert_eq!(test.store.count_inbound("handled").await, Ok(2));
    // A dialogue that was moved is begun afresh.
    let moved = "UPDATE conversations SET state = (SELECT MIN(state) FROM conversations) RETURNING state";
    assert_eq!(test.texts(moved).await.len(), 2);
    let fresh = self::service(&test);
    for (number, phone) in [(4, "+525500000002"), (5, "+525500000003")] {
        service.store.load_contact("kannel", phone).await.expect("loaded");
        fresh.accept(inbound(phone, &number.to_string(), "comida")).await.expect("kept");
    }
    jobs::process_all_jobs(&fresh).await.expect("handled");
    assert_eq!(test.store.count_inbound("handled").await, Ok(4));
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'conversation_reset'").await, 1);
});

both!(a_version_of_the_keys_that_a_text_needs_is_known, |mut test| {
    let keep = async |test: &TestStore, number: u128| {
        let new = inbound(NUMBER, &number.to_string(), "tlapa");
        test.store.accept_inbound(new, Uuid::from_u128(number), Uuid::from_u128(99)).await.expect("kept");
    };
    assert_eq!(test.store.list_text_versions().await, Ok(vec![]));
    keep(&test, 1).await;
    let newer = AddressKeys::load_or_make(&test.key_file(), false).expect("keys").rotated().expect("keys");
    newer.replace_file(&test.key_file()).expect("written");
    test.reopen().await;
    keep(&test, 2).await;
    while test.store.reseal_addresses(10).await.expect("sealed anew") > 0 {}
    assert_eq!(test.store.list_key_versions().await, Ok(vec![2]));
    assert_eq!(test.store.list_text_versions().await, Ok(vec![1, 2]));
    let texts: Vec<_> =
        test.store.list_pending(9).await.expect("listed").into_iter().map(|it| it.text).collect();
    assert_eq!(texts, ["tlapa", "tlapa"]);
    // Once the old text is gone, so is its need.
    test.texts("UPDATE inbox SET text = '' WHERE external_id = '1' RETURNING text").await;
    assert_eq!(test.store.list_text_versions().await, Ok(vec![2]));
});
