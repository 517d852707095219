//! A figure that a new release corrects is told once to who was shown it, and never after a stop.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use cabildo_bot::channels::gateway::Gateway;
use cabildo_bot::clock::Clock;
use cabildo_bot::domain::corrections::Correction;
use cabildo_bot::domain::figure::Figure;
use cabildo_bot::domain::time::{DAY, HOUR};
use cabildo_bot::jobs;
use cabildo_bot::jobs::corrections::{Release, tell};
use cabildo_bot::service::Service;
use cabildo_bot::store::Store;
use cabildo_tests::stores::{START, TestStore, inbound};
use uuid::Uuid;

const ANA: &str = "+525500000001";
const BEA: &str = "+525500000002";
const EVA: &str = "+525500000003";
const HOLDER: Uuid = Uuid::from_u128(7);

fn service(store: &Store) -> Arc<Service> {
    let facts = Arc::new(cabildo_bot::embedded::facts().expect("the embedded pack"));
    let gateway = Gateway::Scripted {
        sent: Mutex::default(),
        answers: Mutex::new(VecDeque::new()),
        listed: Mutex::default(),
    };
    let gateways = HashMap::from([("kannel".to_owned(), gateway)]);
    Arc::new(Service::new(store.clone(), facts, Clock::fixed(START), gateways))
}

/// A phone writes and reads the answer.
async fn asks(service: &Service, phone: &str, texts: &[&str]) {
    for text in texts {
        let id = format!("{phone}{text}{}", service.clock.now().0);
        let message = cabildo_bot::store::inbox::NewInbound {
            received_at: service.clock.now(),
            ..inbound(phone, &id, text)
        };
        let answer = service.answer(message).await.expect("kept");
        service.answer_written(&answer).await.expect("noted");
        service.clock.advance(1_000);
    }
}

/// What the release before said of Tlapa: what the embedded pack says.
fn release(name: &str) -> Release {
    let correction = |series: &str, was, is| Correction {
        municipality: "12066".to_owned(),
        series: series.to_owned(),
        year: 2020,
        was: Figure::new(was, 1),
        is: Figure::new(is, 1),
    };
    let corrections = vec![correction("coneval_pobreza", 718, 705), correction("coneval_ic_ali", 383, 391)];
    Release { name: name.to_owned(), corrections }
}

async fn queued(test: &TestStore) -> i64 {
    test.number("SELECT COUNT(*) FROM outbox WHERE purpose = 'reminder'").await
}

both!(who_saw_a_corrected_figure_is_told_once, |test| {
    let service = service(&test.store);
    // Too long ago.
    asks(&service, "+525500000009", &["tlapa"]).await;
    service.clock.advance(91 * DAY + 6 * HOUR);
    // The headline shows one figure, the topic another; asked twice.
    asks(&service, ANA, &["tlapa", "comida", "tlapa"]).await;
    asks(&service, BEA, &["tlapa", "BAJA"]).await;
    asks(&service, EVA, &["ometepec", "tlapa agua"]).await;
    service.clock.advance(HOUR);
    assert_eq!(tell(&service, &release("MX/2026.2"), HOLDER).await, Ok(true));
    assert_eq!(queued(&test).await, 2);
    // Again, and by another process, and after a cut that lost the mark.
    assert_eq!(tell(&service, &release("MX/2026.2"), HOLDER).await, Ok(true));
    assert_eq!(tell(&service, &release("MX/2026.2"), Uuid::from_u128(8)).await, Ok(true));
    let lost = "DELETE FROM cursors WHERE name = 'corrections/MX/2026.2' RETURNING name";
    assert_eq!(test.texts(lost).await.len(), 1);
    assert_eq!(tell(&service, &release("MX/2026.2"), HOLDER).await, Ok(true));
    assert_eq!(queued(&test).await, 2);
    jobs::process_all_jobs(&service).await.expect("processed");
    let Gateway::Scripted { sent, .. } = &service.gateways["kannel"] else { panic!("a scripted gateway") };
    let mut sent: Vec<(String, String)> =
        sent.lock().expect("not poisoned").iter().map(|it| (it.address.clone(), it.text.clone())).collect();
    sent.sort();
    let texts: Vec<&str> = sent.iter().map(|it| it.1.as_str()).collect();
    assert!(sent.iter().all(|it| it.0 == ANA), "{texts:?}");
    assert_eq!(sent.len(), 2, "{texts:?}");
    assert!(texts.iter().any(|it| it.contains("pobreza 2020: 70.5%, no 71.8%")), "{texts:?}");
    assert!(texts.iter().any(|it| it.contains("comida 2020: 39.1%, no 38.3%")), "{texts:?}");
    // Another release is another correction; its figure before is not what she was shown lately.
    service.clock.advance(HOUR);
    let mut later = release("MX/2026.3");
    later.corrections[0].was = Figure::new(705, 1);
    later.corrections.truncate(1);
    assert_eq!(tell(&service, &later, HOLDER).await, Ok(true));
    assert_eq!(queued(&test).await, 2);
});

both!(nobody_is_told_after_a_stop_that_came_between, |test| {
    let service = service(&test.store);
    service.clock.advance(6 * HOUR);
    asks(&service, ANA, &["tlapa"]).await;
    service.clock.advance(HOUR);
    assert_eq!(tell(&service, &release("MX/2026.2"), HOLDER).await, Ok(true));
    assert_eq!(queued(&test).await, 1);
    asks(&service, ANA, &["BAJA"]).await;
    jobs::process_all_jobs(&service).await.expect("processed");
    let waiting = "SELECT COUNT(*) FROM outbox WHERE purpose = 'reminder' AND state <> 'cancelled'";
    assert_eq!(test.number(waiting).await, 0);
});

both!(what_was_told_is_gone_through_page_by_page, |test| {
    let service = service(&test.store);
    asks(&service, ANA, &["tlapa", "comida"]).await;
    asks(&service, BEA, &["ometepec"]).await;
    asks(&service, EVA, &["tlapa", "BAJA"]).await;
    let (store, until) = (&test.store, service.clock.now().plus(HOUR));
    let tlapa = BTreeSet::from(["12066".to_owned()]);
    let (mut after, mut told, mut pages) = (None, Vec::new(), 0);
    loop {
        let (last, page) = store.list_answers((after, START), until, &tlapa, 2).await.expect("a page");
        told.extend(page);
        pages += 1;
        let Some(last) = last else { break };
        assert!(after < Some(last));
        after = Some(last);
    }
    assert!(pages > 3);
    // The headline and the topic of the one who did not stop.
    assert_eq!(told.len(), 2);
    assert!(told[0].text.contains("71.8%") && told[1].text.contains("38.3%"));
    assert!(told.iter().all(|it| it.municipality == "12066" && it.channel_id == "kannel"));
    let before = store.list_answers((None, START), START, &tlapa, 9).await.expect("a page");
    assert_eq!(before, (None, Vec::new()));
});
