//! A person who was erased is nowhere any more, and stays so.

use std::sync::Arc;

use cabildo_bot::channels::gateway::Gateways;
use cabildo_bot::clock::Clock;
use cabildo_bot::jobs;
use cabildo_bot::service::Service;
use cabildo_bot::store::{AddressKeys, Error, Store, erasures};
use cabildo_tests::serving::facts;
use cabildo_tests::stores::{START, TestStore, inbound};
use uuid::Uuid;

const NUMBER: &str = "+525512345678";
const OTHER: &str = "+525598765432";

/// Two persons who wrote and were answered; the first one's id.
async fn with_two(test: &TestStore) -> Uuid {
    let service = Arc::new(Service::new(test.store.clone(), facts(), Clock::fixed(START), Gateways::new()));
    for (number, id) in [(NUMBER, "a"), (OTHER, "b")] {
        service.accept(inbound(number, id, "tlapa canario")).await.expect("kept");
        service.accept(inbound(number, &format!("{id}2"), "comida")).await.expect("kept");
    }
    jobs::process_all_jobs(&service).await.expect("handled");
    test.store.find_contact("kannel", NUMBER).await.expect("found").expect("a contact")
}

both!(an_erased_person_leaves_nothing_and_others_stay, |test| {
    let id = with_two(&test).await;
    let other = test.store.find_contact("kannel", OTHER).await.expect("found").expect("a contact");
    test.texts("UPDATE outbox SET state = 'queued' RETURNING state").await;
    // One that is not handled yet goes too.
    test.store
        .accept_inbound(inbound(NUMBER, "c", "otro canario"), Uuid::from_u128(7), Uuid::from_u128(8))
        .await
        .expect("kept");
    let list = test.folder().join(erasures::FILE_NAME);
    test.store.erase_contact(id, Some(&list), START.plus(5)).await.expect("erased");

    assert_eq!(test.store.find_contact("kannel", NUMBER).await, Ok(None));
    assert_eq!(test.texts("SELECT text FROM inbox WHERE contact_id IS NULL").await, ["", "", ""]);
    assert_eq!(test.texts("SELECT DISTINCT state FROM inbox").await, ["handled"]);
    let mine = test.texts("SELECT body || state FROM outbox WHERE body = ''").await;
    assert!(!mine.is_empty() && mine.iter().all(|it| it == "cancelled"), "{mine:?}");
    assert_eq!(test.texts("SELECT 'x' FROM conversations WHERE state <> '{}'").await.len(), 1);
    assert_eq!(test.texts("SELECT kind FROM events WHERE kind = 'contact_erased'").await.len(), 1);
    // The other one is as before.
    assert_eq!(test.store.find_contact("kannel", OTHER).await, Ok(Some(other)));
    let left = test.inbound_texts("SELECT id, text FROM inbox WHERE text <> '' ORDER BY id").await;
    assert_eq!(left, ["tlapa canario", "comida"]);
    assert!(!test.texts("SELECT body FROM outbox WHERE body <> '' AND state = 'queued'").await.is_empty());

    // The list names nobody.
    let text = std::fs::read_to_string(&list).expect("the list");
    assert!(!text.contains("5512345678") && !text.contains("canario"), "{text}");
    let listed = erasures::read_list(&list).expect("the list");
    assert_eq!(listed.iter().map(|it| it.contact_id).collect::<Vec<Uuid>>(), [id]);
    assert_eq!(test.store.list_erasures().await.expect("the list"), listed);

    // A second time does nothing; a repeat is still known; whoever writes again is somebody new.
    test.store.erase_contact(id, Some(&list), START.plus(9)).await.expect("nothing to do");
    assert_eq!(erasures::read_list(&list).expect("the list").len(), 1);
    let again = test
        .store
        .accept_inbound(inbound(NUMBER, "a", "tlapa"), Uuid::from_u128(9), Uuid::from_u128(10))
        .await;
    assert!(!again.expect("known").fresh);
    let mut new = inbound(NUMBER, "d", "hola");
    new.received_at = START.plus(10);
    test.store.accept_inbound(new, Uuid::from_u128(11), Uuid::from_u128(12)).await.expect("kept");
    assert_eq!(test.store.find_contact("kannel", NUMBER).await, Ok(Some(Uuid::from_u128(12))));
    // The list of erasures does not touch whoever came back.
    assert_eq!(test.store.apply_erasures(&listed).await, Ok(0));
    assert_eq!(test.store.find_contact("kannel", NUMBER).await, Ok(Some(Uuid::from_u128(12))));
    let nobody = test.store.erase_contact(Uuid::from_u128(99), None, START).await;
    assert_eq!(nobody, Err(Error::NotFound));
});

both!(photos_codes_and_what_joins_two_contacts_go_too, |test| {
    let id = with_two(&test).await;
    for sql in [
        "INSERT INTO media (id, inbox_id, channel_id, ordinal, kind, provider_ref, state, tries, not_before, \
         created_at, expires_at) SELECT id, id, channel_id, 0, 'photo', 'canary', 'wanted', 0, 0, 0, 0 \
         FROM inbox RETURNING kind",
        "INSERT INTO link_codes (id, code_key, contact_id, channel_kind, created_at, expires_at) \
         SELECT id, address_key, id, 'sms', 0, 0 FROM contacts RETURNING channel_kind",
        "INSERT INTO link_tries (contact_id, began_at, tries) SELECT id, 0, 1 FROM contacts \
         RETURNING CAST(tries AS TEXT)",
        "INSERT INTO folds (inbox_id, contact_id, messages, began_at, last_at) \
         SELECT id, contact_id, 1, 0, 0 FROM inbox RETURNING CAST(messages AS TEXT)",
        "INSERT INTO people (id, created_at) SELECT id, 0 FROM contacts RETURNING CAST(created_at AS TEXT)",
        "UPDATE contacts SET person_id = id, member_at = 1 RETURNING channel_id",
    ] {
        assert!(!test.texts(sql).await.is_empty(), "{sql}");
    }
    test.store.erase_contact(id, None, START.plus(5)).await.expect("erased");
    for (sql, left) in [
        ("SELECT COUNT(*) FROM media", 2),
        ("SELECT COUNT(*) FROM link_codes", 1),
        ("SELECT COUNT(*) FROM link_tries", 1),
        ("SELECT COUNT(*) FROM folds", 2),
        ("SELECT COUNT(*) FROM contacts WHERE person_id IS NOT NULL OR member_at IS NOT NULL", 1),
    ] {
        assert_eq!(test.number(sql).await, left, "{sql}");
    }
    // A code that only she may use names her too.
    let other = test.store.find_contact("kannel", OTHER).await.expect("found").expect("a contact");
    let swap = "UPDATE link_codes SET only_id = contact_id, \
                contact_id = (SELECT id FROM contacts WHERE key_version = 0) RETURNING channel_kind";
    assert_eq!(test.texts(swap).await.len(), 1);
    test.store.erase_contact(other, None, START.plus(6)).await.expect("erased");
    assert_eq!(test.number("SELECT COUNT(*) FROM link_codes").await, 0);
});

both!(a_process_that_remembers_an_erased_person_meets_somebody_new, |test| {
    let id = with_two(&test).await;
    let other = Store::open(&test.location, &test.key_file(), START).await.expect("another process");
    let service =
        |store: &Store| Service::new(store.clone(), facts(), Clock::fixed(START.plus(9)), Gateways::new());
    let (here, there) = (service(&test.store), service(&other));
    for (number, service) in [(1, &here), (2, &there), (3, &here), (4, &there)] {
        let answer = service.answer(inbound(NUMBER, &format!("r{number}"), "comida")).await.expect("kept");
        assert!(answer.fresh && !answer.replies.is_empty());
    }
    test.store.erase_contact(id, None, START.plus(5)).await.expect("erased");
    for (number, service) in [(5, &there), (6, &here)] {
        let mut message = inbound(NUMBER, &format!("r{number}"), "tlapa");
        message.received_at = START.plus(9);
        assert!(service.answer(message).await.expect("kept").fresh);
    }
    let new = test.store.find_contact("kannel", NUMBER).await.expect("found").expect("somebody");
    assert_ne!(new, id);
    // Nothing of it went to who was erased.
    let texts = test.inbound_texts("SELECT id, text FROM inbox ORDER BY id").await;
    assert_eq!(texts.iter().filter(|it| *it == "tlapa").count(), 2);
    assert_eq!(
        test.number(
            "SELECT COUNT(*) FROM inbox JOIN contacts ON contacts.id = inbox.contact_id WHERE key_version = 0"
        )
        .await,
        0
    );
    assert_eq!(
        test.number(
            "SELECT COUNT(*) FROM outbox JOIN contacts ON contacts.id = outbox.contact_id \
             WHERE key_version = 0 AND body <> ''"
        )
        .await,
        0
    );
    other.close().await;
});

both!(a_list_makes_a_database_forget_that_still_knows, |test| {
    let id = with_two(&test).await;
    let erasure = erasures::Erasure {
        contact_id: id,
        channel_id: "kannel".to_owned(),
        address_key: vec![1; 32],
        key_version: 1,
        refusal_key: vec![1; 32],
        stopped_at: None,
        erased_at: START.0 + 1,
        with_cases: true,
    };
    // Twice: the second time nobody is left.
    assert_eq!(test.store.apply_erasures(std::slice::from_ref(&erasure)).await, Ok(1));
    assert_eq!(test.store.find_contact("kannel", NUMBER).await, Ok(None));
    assert_eq!(test.store.apply_erasures(std::slice::from_ref(&erasure)).await, Ok(0));
    let texts = test.inbound_texts("SELECT id, text FROM inbox WHERE text <> ''").await;
    assert_eq!(texts.iter().filter(|it| it.contains("canario")).count(), 1);
});

both!(what_she_refused_last_outlives_her_and_the_keys, |mut test| {
    let say = async |test: &TestStore, number: &str, id: &str, text: &str| {
        let service = Service::new(test.store.clone(), facts(), Clock::fixed(START), Gateways::new());
        service.answer(inbound(number, id, text)).await.expect("kept");
    };
    let contact = async |test: &TestStore, number: &str| {
        let id = test.store.find_contact("kannel", number).await.expect("found").expect("a contact");
        test.store.get_contact(id).await.expect("a contact")
    };
    for number in [NUMBER, OTHER] {
        say(&test, number, &format!("{number}-a"), "BAJA").await;
        let it = contact(&test, number).await;
        assert!(it.stopped_at.is_some());
        assert_eq!(test.store.erase_contact(it.id, None, START.plus(5)).await, Ok(true));
    }
    let old = AddressKeys::load_or_make(&test.key_file(), false).expect("the keys");
    let newer = old.rotated().expect("new keys");
    newer.replace_file(&test.key_file()).expect("written");
    test.store.learn_keys(&newer, START).await.expect("learned");
    test.store.adopt_keys(&newer);
    // In the middle of the rotation a contact is made before its message.
    let message = inbound(OTHER, "middle", "tlapa");
    test.store.accept_inbound(message, Uuid::from_u128(71), Uuid::from_u128(72)).await.expect("kept");
    assert!(contact(&test, OTHER).await.stopped_at.is_some());
    while test.store.reseal_addresses(10).await.expect("sealed anew") > 0 {}
    let pruned = newer.pruned(&test.store.list_key_versions().await.expect("versions"));
    assert_eq!(pruned.list_versions(), [2]);
    pruned.replace_file(&test.key_file()).expect("written");
    test.reopen().await;

    say(&test, NUMBER, "b", "tlapa").await;
    assert!(contact(&test, NUMBER).await.stopped_at.is_some(), "the old key is gone");
    say(&test, NUMBER, "c", "ALTA").await;
    let it = contact(&test, NUMBER).await;
    assert_eq!(it.stopped_at, None);
    assert_eq!(test.store.erase_contact(it.id, None, START.plus(9)).await, Ok(true));
    say(&test, NUMBER, "d", "tlapa").await;
    assert_eq!(contact(&test, NUMBER).await.stopped_at, None, "she wanted it again");
});

#[test]
fn a_line_that_a_crash_cut_costs_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join(erasures::FILE_NAME);
    let erasure = |number| erasures::Erasure {
        contact_id: Uuid::from_u128(number),
        channel_id: "kannel".to_owned(),
        address_key: vec![7; 32],
        key_version: 1,
        refusal_key: vec![8; 32],
        stopped_at: Some(3),
        erased_at: 5,
        with_cases: number == 1,
    };
    erasure(1).append(&list).expect("written");
    let whole = std::fs::read(&list).expect("read");
    std::fs::write(&list, [whole.as_slice(), &whole[..whole.len() / 2]].concat()).expect("cut");
    erasure(2).append(&list).expect("written");
    assert_eq!(erasures::read_list(&list).expect("read"), [erasure(1), erasure(2)]);
    erasures::merge_list(&[erasure(2), erasure(3)], &list).expect("merged");
    assert_eq!(erasures::read_list(&list).expect("read").len(), 3);
}
